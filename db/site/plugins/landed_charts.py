# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""The explorer of draws, the health page, and what templates need for charts."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils import tilde_decode
from datasette.utils.asgi import Response

from db.metadata import DATABASE, load_queries
from db.site.charts import chart_draws, chart_query, say_chart
from db.site.links import row_path
from db.site.pages.draws import COLUMNS, explore, list_rows
from db.site.pages.health import read_health, spell_health

if TYPE_CHECKING:
    from collections.abc import Callable

    from datasette.app import Datasette
    from datasette.utils.asgi import Request
    from jinja2 import Environment

_QUERIES = {query.name: query for query in load_queries()}


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """What `_charts.html` calls."""
    env.globals.update(chart_draws=partial(chart_draws, page_of=partial(row_path, datasette)), say_chart=say_chart)


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def extra_template_vars(database: str | None, request: Request | None) -> dict[str, Any]:
    """`chart_rows` of a saved query that has a chart: columns and rows to what is drawn."""
    query = _QUERIES.get(tilde_decode(request.url_vars.get("table") or "")) if database == DATABASE and request is not None else None
    return {"chart_rows": partial(chart_query, query.chart)} if query is not None and query.chart is not None else {}


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def register_routes() -> list[tuple[str, Any]]:
    """The pages and their data."""
    return [
        (r"^/draws$", show_draws),
        (r"^/draws\.json$", give_draws_json),
        (r"^/draws\.csv$", give_draws_csv),
        (r"^/health$", show_health),
        (r"^/health\.json$", give_health),
    ]


async def show_draws(datasette: Datasette, request: Request) -> Response:
    """The explorer."""
    page = await explore(datasette.databases[DATABASE], request.args.get)
    return Response.html(await datasette.render_template("draws.html", {"page": page}, request=request))


async def give_draws_json(datasette: Datasette, request: Request) -> Response:
    """The draws of the explorer, all of them."""
    page = await explore(datasette.databases[DATABASE], request.args.get)
    return Response.json(list_rows(page["draws"], _address_of(datasette, request)))


async def give_draws_csv(datasette: Datasette, request: Request) -> Response:
    """The same as CSV."""
    page = await explore(datasette.databases[DATABASE], request.args.get)
    written = io.StringIO()
    writer = csv.DictWriter(written, [*COLUMNS, "url"])
    writer.writeheader()
    writer.writerows(list_rows(page["draws"], _address_of(datasette, request)))
    return Response(written.getvalue(), content_type="text/csv; charset=utf-8", headers={"content-disposition": 'attachment; filename="draws.csv"'})


async def show_health(datasette: Datasette, request: Request) -> Response:
    """The health page."""
    page = await read_health(datasette.databases[DATABASE])
    return Response.html(await datasette.render_template("health.html", {"page": page}, request=request))


async def give_health(datasette: Datasette) -> Response:
    """The same as JSON."""
    return Response.json(spell_health(await read_health(datasette.databases[DATABASE])))


def _address_of(datasette: Datasette, request: Request) -> Callable[[str, str], str]:
    return lambda table, row_id: str(datasette.absolute_url(request, row_path(datasette, table, row_id)))
