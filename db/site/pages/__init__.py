"""What each kind of page shows: rows of the public database, read with a handful of indexed queries.

One module a page. `ROW_PAGES` names, by table, what reads the page of one of its rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.article import read_article
from db.site.pages.draw import read_draw
from db.site.pages.event import read_event
from db.site.pages.fact import read_fact
from db.site.pages.glossary import read_attribute
from db.site.pages.occupation import read_occupation
from db.site.pages.pathway import read_pathway

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from datasette.database import Database

    from db.site.pages.rows import Row

ROW_PAGES: dict[str, Callable[[Database, str], Awaitable[Row]]] = {
    "articles": read_article,
    "attributes": read_attribute,
    "draws": read_draw,
    "events": read_event,
    "facts": read_fact,
    "occupations": read_occupation,
    "pathways": read_pathway,
}
