# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""The search page, and the same as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from datasette import hookimpl
from datasette.utils.asgi import Response

from db.metadata import DATABASE
from db.site.links import row_path
from db.site.pages.search import COUNTED, EXAMPLES, LONGEST, search

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_KEYS = {"pathways": "pathway_id", "occupations": "noc_code", "events": "event_id", "facts": "fact_id", "articles": "article_id"}


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def register_routes() -> list[tuple[str, Any]]:
    """The page and its JSON."""
    return [(r"^/search$", show_page), (r"^/search\.json$", give_json)]


async def show_page(datasette: Datasette, request: Request) -> Response:
    """The page, with what was found for `q`."""
    found = await search(datasette.databases[DATABASE], request.args.get("q") or "")
    for group in found["groups"]:
        if group["count"] > len(group["rows"]):
            wanted = f"/{DATABASE}/{group['key']}?_searchmode=raw&_search={quote(group['match'])}" if "match" in group else group.get("more")
            group["all"] = wanted and datasette.urls.path(wanted)
    page = await datasette.render_template(
        "search.html", {"found": found, "examples": EXAMPLES, "longest": LONGEST, "counted": COUNTED, "keys": _KEYS, "asked": found["query"].text}, request=request
    )
    return Response.html(page)


async def give_json(datasette: Datasette, request: Request) -> Response:
    """What was found, group by group; the words that fit are marked by their place in the snippet."""
    found = await search(datasette.databases[DATABASE], request.args.get("q") or "")
    groups = {}
    for group in found["groups"]:
        rows = []
        for row in group["rows"]:
            given = {name: value for name, value in row.items() if name != "pieces"}
            if "pieces" in row:
                given["snippet"] = "".join(text for text, _ in row["pieces"])
                given["marks"] = _place_marks(row["pieces"])
            address = row_path(datasette, group["key"], row[_KEYS[group["key"]]])
            rows.append({**given, "url": str(datasette.absolute_url(request, address))})
        groups[group["key"]] = {"count": min(group["count"], COUNTED), "more": group["count"] > COUNTED, "rows": rows}
    return Response.json({"query": found["query"].text, "groups": groups})


def _place_marks(pieces: list[tuple[str, bool]]) -> list[list[int]]:
    marks, at = [], 0
    for text, marked in pieces:
        if marked:
            marks.append([at, at + len(text)])
        at += len(text)
    return marks
