"""What the page of downloads shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.metadata import LICENCES
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from datasette.database import Database

RELEASES = 12  # on the page; the table has all


async def list_downloads(database: Database) -> Row:
    """The publication, its size, the tables with their rows and licences, the views, and the last releases."""
    sizes = await database.table_counts()
    publication = (await select(database, "SELECT * FROM publication"))[0]
    return {
        "publication": publication,
        "year": publication["published_at"][:4],
        "size": database.size,
        "tables": [(table, sizes.get(table.name) or 0, LICENCES[table.licence]) for table in PUBLIC if not table.hidden],
        "views": [view for view in PUBLIC_VIEWS if not view.hidden],
        "licences": list(LICENCES.values()),
        "releases": await select(database, "SELECT * FROM releases ORDER BY released_at DESC LIMIT ?", RELEASES),
    }
