"""What the home page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.metadata import load_queries
from db.site.pages.rows import BRIEF, Row, select

if TYPE_CHECKING:
    from datasette.database import Database


async def read_front(database: Database) -> Row:
    """What the home page shows: sizes, the latest facts and how the sources are."""
    verdicts = await select(
        database, "SELECT verdict, count(*) AS sources FROM source_health GROUP BY verdict ORDER BY count(*) DESC, verdict"
    )
    crawled = await select(database, "SELECT max(last_crawl_at) AS at FROM source_health")
    publication = await select(database, "SELECT * FROM publication")
    return {
        "sizes": await database.table_counts(),
        "latest": await select(
            database,
            f"{BRIEF} WHERE f.published > '' AND +f.status = 'current' AND f.modality <> 'background' ORDER BY f.published DESC, f.fact_id LIMIT 8",
        ),
        "verdicts": verdicts,
        "crawled_at": crawled[0]["at"],
        "publication": publication[0] if publication else {},
        "query_count": len(load_queries()),
    }
