# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""Pages for people who work with the data: how to query it, what its terms mean, and what to download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from datasette import hookimpl
from datasette.utils.asgi import Response

from db.metadata import DATABASE, load_queries
from db.schema import PUBLIC
from db.site.pages.downloads import list_downloads
from db.site.pages.examples import list_programs, list_sql
from db.site.pages.glossary import list_terms
from db.site.picture import draw_tables, list_references

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_DRAWN = [table for table in PUBLIC if not table.operational and not table.hidden]


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def register_routes() -> list[tuple[str, Any]]:
    """The pages."""
    return [(r"^/query$", show_how_to_query), (r"^/data$", show_downloads), (r"^/glossary$", show_glossary)]


async def show_how_to_query(datasette: Datasette, request: Request) -> Response:
    """How to query: the tables in a picture, what to know of values, and examples that can be run."""
    page = {
        "picture": draw_tables(_DRAWN, lambda name: str(datasette.urls.table(DATABASE, name))),
        "references": list_references(_DRAWN),
        "examples": [(example, f"{datasette.urls.database(DATABASE)}?sql={quote_plus(example.code)}") for example in list_sql()],
        "programs": list_programs(),
        "query_count": len(load_queries()),
        "root": _root(datasette, request),
        "limits": {name: datasette.setting(name) for name in ("max_returned_rows", "sql_time_limit_ms")},
    }
    return Response.html(await datasette.render_template("how_to_query.html", {"page": page}, request=request))


async def show_downloads(datasette: Datasette, request: Request) -> Response:
    """What to download, under which licence, and how to cite it."""
    page = {**await list_downloads(datasette.databases[DATABASE]), "root": _root(datasette, request), "allowed": datasette.setting("allow_download")}
    return Response.html(await datasette.render_template("downloads.html", {"page": page}, request=request))


async def show_glossary(datasette: Datasette, request: Request) -> Response:
    """What attributes and coded values mean."""
    page = await list_terms(datasette.databases[DATABASE])
    return Response.html(await datasette.render_template("glossary.html", {"page": page}, request=request))


def _root(datasette: Datasette, request: Request) -> str:
    return str(datasette.absolute_url(request, datasette.urls.path("/"))).rstrip("/")
