# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""Give templates what they show: the rows behind a page, and words for ids and codes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils import path_with_added_args, tilde_decode

from db.metadata import DATABASE, describe_table, describe_view, load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.site import headlines, wording
from db.site.citing import cite_page
from db.site.links import check_link, find_repeated, is_within, name_host, row_path
from db.site.pages import ROW_PAGES
from db.site.pages.contents import list_choices, list_contents
from db.site.pages.event import read_figures
from db.site.pages.front import read_front
from db.site.reporting import PLUGIN, SETTING, report_link

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from datasette.app import Datasette
    from datasette.database import Database
    from datasette.utils.asgi import Request
    from jinja2 import Environment

    from db.metadata import Query

_QUERIES = {query.name: query for query in load_queries()}
_ENTRIES = {table.name: describe_table(table) for table in PUBLIC} | {view.name: describe_view(view) for view in PUBLIC_VIEWS}
_COUNTABLE = {table.name: table.facets for table in PUBLIC if table.large}


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Filters that put values into words, and functions that make links."""
    env.filters.update(
        show=wording.show,
        say_attribute=wording.say_attribute,
        say_date=wording.say_date,
        say_dates_within=wording.say_dates_within,
        say_moment=wording.say_moment,
        say_fact=wording.say_fact,
        say_number=lambda number: wording.say_number(str(number)),
        name_host=name_host,
    )
    env.globals.update(
        check_link=check_link,
        page_of=partial(row_path, datasette),
        words=wording.WORDS,
        say_value=wording.say_value,
        say_change=wording.say_change,
        say_event=headlines.say_event,
        say_support=headlines.say_support,
        say_rule=headlines.say_rule,
        is_iso_date=wording.is_iso_date,
        is_within=partial(is_within, datasette),
        find_repeated=find_repeated,
    )


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def extra_template_vars(
    datasette: Datasette, view_name: str, database: str | None, table: str | None, request: Request | None
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """The rows that the page shows, as `page`."""

    async def read() -> dict[str, Any]:
        facts = datasette.databases.get(DATABASE)
        if facts is None or request is None:
            return {}
        if view_name == "index":
            return {"page": await read_front(facts)}
        if database != DATABASE:
            return {}
        if view_name == "database":
            return {"page": list_contents(await facts.table_counts())}
        if view_name == "row" and table in ROW_PAGES:
            row_id = tilde_decode(request.url_vars["pks"])
            shown = await ROW_PAGES[table](facts, row_id)
            address = str(datasette.absolute_url(request, datasette.urls.path(request.path)))
            report_to = (datasette.plugin_config(PLUGIN) or {}).get(SETTING)
            return {
                "page": {
                    **shown,
                    "address": address,
                    "cited": cite_page(shown, address),
                    "report_link": report_link(report_to, table.removesuffix("s"), row_id, address),
                }
            }
        if table in _ENTRIES:
            # Without its columns, which Datasette's template would list above the rows; ours folds them.
            entry = dict(_ENTRIES[table])
            return {
                "column_notes": entry.pop("columns"),
                "metadata": entry,
                "figures_of": partial(_read_figures_of, facts),
                # Large tables don't count them unasked: each is a pass over all rows.
                "countable": {name: datasette.urls.path(path_with_added_args(request, {"_facet": name, "_next": None})) for name in _COUNTABLE.get(table, ())},
            }
        # A canned query has no table here; Datasette 0.65 routes it like one.
        query = _QUERIES.get(tilde_decode(request.url_vars.get("table") or ""))
        return await _describe_query(facts, query) if query else {}

    return read


async def _read_figures_of(facts: Database, rows: Iterable[Any]) -> dict[str, Any]:
    """The figures of the events that a table shows."""
    return await read_figures(facts, [row["event_id"] for row in rows])


async def _describe_query(facts: Database, query: Query) -> dict[str, Any]:
    kinds = sorted({parameter.choices for parameter in query.parameters if parameter.choices})
    return {
        "parameters": {parameter.name: parameter for parameter in query.parameters},
        "choices": {kind: await list_choices(facts, kind) for kind in kinds},
    }
