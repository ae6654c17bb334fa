# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""Feeds and calendars: named ones under /feeds, and `.atom` and `.ics` of any table or query whose rows allow it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast, get_args

from datasette import hookimpl
from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import BadRequest, NotFound, Response

from db.metadata import DATABASE, LICENCES, load_queries
from db.schema import PUBLIC
from db.site import atom, calendars
from db.site.pages.events_told import Scope, Telling, name_scope, read_dates, read_entries, read_published_at
from db.site.pages.feeds import choose_feed, list_feeds
from db.site.pages.rows_told import can_date, can_tell, date_rows, tell_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_KEYS = {table.name: table.key for table in PUBLIC}
_QUERIES = {query.name: query for query in load_queries()}
_TITLES = {table.name: table.title for table in PUBLIC}
_SCOPES = "|".join(scope for scope in get_args(Scope) if scope != "all")


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def register_routes() -> list[tuple[str, Any]]:
    """The page of feeds, and the named ones."""
    return [
        (r"^/feeds$", show_feeds),
        (r"^/feeds/(?P<name>events)\.(?P<form>atom)$", give_named),
        (r"^/feeds/(?P<name>dates)\.(?P<form>ics)$", give_named),
        (rf"^/feeds/(?P<scope>{_SCOPES})/(?P<id>[^/]{{1,200}})\.(?P<form>atom|ics)$", give_named),
    ]


# Last, so that it counts where another plugin has a renderer of the same name (datasette-atom, where it is installed).
@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # datasette has no types
def register_output_renderer() -> list[dict[str, Any]]:
    """`.atom` and `.ics` of tables, views and queries."""
    return [
        {"extension": "atom", "render": render_atom, "can_render": can_render_atom},
        {"extension": "ics", "render": render_ics, "can_render": can_render_ics},
    ]


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def extra_template_vars(datasette: Datasette, view_name: str, database: str | None, table: str | None, request: Request | None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """The feeds and calendars that tell of what a page shows, as `feeds`: (title, path, media type)."""

    async def find() -> dict[str, Any]:
        facts = datasette.databases.get(DATABASE)
        if facts is None or request is None:
            return {}
        found = [("New events", "/feeds/events.atom", "application/atom+xml"), ("Dates", "/feeds/dates.ics", "text/calendar")]
        if view_name == "row" and database == DATABASE and table in _SCOPES.split("|"):
            row_id = tilde_decode(request.url_vars["pks"])
            name = await name_scope(facts, cast("Scope", table), row_id)
            if name:
                own = f"/feeds/{table}/{tilde_encode(row_id)}"
                found = [(f"New events: {name}", f"{own}.atom", "application/atom+xml"), (f"Dates: {name}", f"{own}.ics", "text/calendar"), *found]
        query = _QUERIES.get(tilde_decode(request.url_vars.get("table") or "")) if database == DATABASE else None
        if query is not None:
            asked = f"?{request.query_string}" if request.query_string else ""
            found.insert(0, (query.title, f"/{DATABASE}/{query.name}.atom{asked}", "application/atom+xml"))
        return {"feeds": [(title, datasette.urls.path(path), kind) for title, path, kind in found]}

    return find


async def show_feeds(datasette: Datasette, request: Request) -> Response:
    """The page that lists all feeds and calendars, and builds one."""
    facts = datasette.databases[DATABASE]
    page = {**await list_feeds(facts), "chosen": await choose_feed(facts, request.args.get("of") or "", (request.args.get("id") or "").strip()[:200])}
    page["root"] = str(datasette.absolute_url(request, datasette.urls.path("/"))).rstrip("/")
    return Response.html(await datasette.render_template("feeds.html", {"page": page}, request=request))


async def give_named(datasette: Datasette, request: Request) -> Response:
    """The feed or calendar of everything, or of one pathway, jurisdiction or occupation."""
    facts = datasette.databases[DATABASE]
    scope = cast("Scope", request.url_vars.get("scope") or "all")
    row_id = tilde_decode(request.url_vars.get("id") or "")
    name = await name_scope(facts, scope, row_id)
    if name is None:
        raise NotFound(f"There is no feed of {row_id!r}: no such id among the {scope}.")
    telling = Telling(_address_of(datasette, request), await read_published_at(facts))
    address = str(datasette.absolute_url(request, datasette.urls.path(request.path)))
    page = str(datasette.absolute_url(request, datasette.urls.path(f"/{DATABASE}/{scope}/{tilde_encode(row_id)}" if row_id else "/feeds")))
    if request.url_vars["form"] == "ics":
        days = await read_dates(facts, scope, row_id, telling)
        described = f"Openings, closings, dates of effect and draws of {name}, as far as they are known to the day. From {page}"
        written = await asyncio.to_thread(calendars.write_calendar, f"Landed: dates of {name}", described, address, days)
        return _answer(written, calendars.CONTENT_TYPE)
    feed = atom.Feed(
        key=f"feeds/{scope}/{row_id}".rstrip("/"), title=f"Landed: new events of {name}", subtitle="What happened to immigration pathways, each event once, with what is best supported on it.",
        address=address, page=page, updated=telling.published_at, rights=LICENCES["facts"].name,
    )
    return _answer(atom.write_feed(feed, await read_entries(facts, scope, row_id, telling)), atom.CONTENT_TYPE)


def can_render_atom(columns: Sequence[str], query_name: str | None, database: str) -> bool:
    """Any saved query gives a feed, and whatever else has ids and dates."""
    return database == DATABASE and (query_name is not None or can_tell(columns))


def can_render_ics(columns: Sequence[str], database: str) -> bool:
    """What has ids and days gives a calendar."""
    return database == DATABASE and can_date(columns)


async def render_atom(
    datasette: Datasette, columns: Sequence[str], rows: Sequence[Any], query_name: str | None, database: str, table: str | None, request: Request
) -> Response:
    """The rows as a feed."""
    if not can_render_atom(columns, query_name, database):
        raise BadRequest("There is no feed of this: its rows don't have both an id and a date, or it gave none.")
    place, page, published_at = await _place(datasette, request, query_name, table, ".atom")
    address = str(datasette.absolute_url(request, datasette.urls.path(request.full_path)))
    title = _QUERIES[query_name].title if query_name in _QUERIES else _TITLES.get(table or "", "A query")
    feed = atom.Feed(
        key=f"feeds{request.full_path}", title=f"Landed: {title}", subtitle=_QUERIES[query_name].description if query_name in _QUERIES else title, address=address, page=page,
        updated=published_at, rights=LICENCES["facts"].name,
    )
    entries = tell_rows(place, _KEYS.get(table or "", ()), rows, _address_of(datasette, request), page, published_at)
    return _answer(atom.write_feed(feed, entries), atom.CONTENT_TYPE)


async def render_ics(
    datasette: Datasette, columns: Sequence[str], rows: Sequence[Any], query_name: str | None, database: str, table: str | None, request: Request
) -> Response:
    """The rows as a calendar."""
    if not can_render_ics(columns, database):
        raise BadRequest("There is no calendar of this: its rows don't have both an id and a day, or it gave none.")
    place, page, published_at = await _place(datasette, request, query_name, table, ".ics")
    days = date_rows(place, _KEYS.get(table or "", ()), rows, _address_of(datasette, request), page, published_at)
    title = _QUERIES[query_name].title if query_name in _QUERIES else _TITLES.get(table or "", "A query")
    address = str(datasette.absolute_url(request, datasette.urls.path(request.full_path)))
    return _answer(await asyncio.to_thread(calendars.write_calendar, f"Landed: {title}", f"From {page}", address, days), calendars.CONTENT_TYPE)


async def _place(datasette: Datasette, request: Request, query_name: str | None, table: str | None, extension: str) -> tuple[str, str, str]:
    """What gave the rows, the address of its page, and when the database was built."""
    page = request.path.removesuffix(extension) + (f"?{request.query_string}" if request.query_string else "")
    return query_name or table or "sql", str(datasette.absolute_url(request, datasette.urls.path(page))), await read_published_at(datasette.databases[DATABASE])


def _address_of(datasette: Datasette, request: Request) -> Callable[[str, str], str]:
    return lambda table, row_id: str(datasette.absolute_url(request, datasette.urls.path(f"/{DATABASE}/{table}/{row_id}")))


def _answer(body: bytes, content_type: str) -> Response:
    return Response(body, content_type=content_type)
