"""Where pages link to: other pages of the site by table and id, and other sites only by http and https."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from datasette.utils import tilde_encode

from db.metadata import DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datasette.app import Datasette
    from datasette.utils.asgi import Request

# Columns of views and queries that hold a row's id, and the table that has its page.
ID_TABLES = {
    "fact_id": "facts",
    "old_fact_id": "facts",
    "new_fact_id": "facts",
    "pathway_id": "pathways",
    "article_id": "articles",
    "version_id": "article_versions",
    "draw_id": "draws",
    "list_id": "occupation_lists",
    "noc_code": "occupations",
    "noc_2016": "occupations",
    "noc_2021": "occupations",
    "source_id": "sources",
    "attribute_id": "attributes",
    "jurisdiction_id": "jurisdictions",
    "capture_id": "captures",
    "event_id": "events",
    "old_event_id": "events",
    "new_event_id": "events",
    "next_event_id": "events",
    "predecessor_id": "events",
    "best_fact_id": "facts",
    "previous_id": "article_versions",
    "story_id": "stories",
}

# Columns that hold a row's name, and the column of the same row that holds its id.
NAMES = {"pathway": "pathway_id", "article": "article_id", "source": "source_id", "occupation": "noc_code", "event": "event_id"}


def check_link(url: object) -> str:
    """`url` where it is a plain http or https address, else "": nothing else that a page gave us becomes a link."""
    if not isinstance(url, str) or len(url) > 2000 or not url.isprintable() or " " in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def name_host(url: str) -> str:
    """The host of an address, without www."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def row_path(datasette: Datasette, table: str, row_id: object) -> str:
    """Path of the page of one row."""
    return str(datasette.urls.path(f"/{DATABASE}/{table}/{tilde_encode(str(row_id))}"))


def is_within(datasette: Datasette, request: Request | None, paths: Sequence[str], *, exactly: bool = False) -> bool:
    """Whether the request asks for the page at one of the paths, or, unless `exactly`, for one below it."""
    if request is None:
        return False
    asked = request.path
    pages = [str(datasette.urls.path(path)) for path in paths]
    return asked in pages or (not exactly and any(asked.startswith(f"{page}/") for page in pages))


def find_repeated(columns: Sequence[str]) -> list[str]:
    """Columns of a query's result that its page need not show.

    Values are written out with comparator and unit, and names link to what their ids stand for.
    """
    repeated = [identity for name, identity in NAMES.items() if name in columns and identity in columns]
    if "value" in columns and "attribute_id" in columns:
        repeated += [name for name in ("comparator", "unit") if name in columns]
    return repeated
