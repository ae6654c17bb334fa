"""What an article's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.event import EVENT, read_figures
from db.site.pages.rows import BRIEF, SHOWN, Row, select
from db.site.pages.versions import read_versions

if TYPE_CHECKING:
    from datasette.database import Database

EVENTS = 20  # events that the article tells of


async def read_article(database: Database, article_id: str) -> Row:
    """An article with its versions and what they changed, corrections and reviews, the events it tells of, and its facts."""
    found = await select(
        database,
        "SELECT a.*, s.name AS source, s.publisher, s.official FROM articles a JOIN sources s ON s.source_id = a.source_id WHERE a.article_id = ?",
        article_id,
    )
    events = await select(
        database,
        f"{EVENT} WHERE e.event_id IN (SELECT l.event_id FROM facts f JOIN event_facts l ON l.fact_id = f.fact_id WHERE f.article_id = ? AND +f.status = 'current') "  # noqa: S608 - marks and numbers of our own
        f"ORDER BY coalesce(e.event_date, e.first_reported) DESC, e.event_id LIMIT {EVENTS}",
        article_id,
    )
    return {
        "article": found[0] if found else {},
        "history": await read_versions(database, article_id),
        "corrections": await select(database, "SELECT * FROM v_corrections WHERE article_id = ?", article_id),
        "events": events,
        "figures": await read_figures(database, [event["event_id"] for event in events]),
        "copies": await select(
            database,
            "SELECT a.article_id, a.title, a.published, a.source_id, s.name AS source FROM articles a JOIN sources s ON s.source_id = a.source_id "
            "WHERE a.story_id = ? AND a.article_id <> ? ORDER BY a.published, a.article_id LIMIT 10",
            found[0]["story_id"], article_id,
        ) if found else [],
        "changed": await select(
            database,
            "SELECT c.* FROM facts f JOIN corrections c ON c.fact_id = f.fact_id WHERE f.article_id = ? ORDER BY c.at DESC LIMIT 20",
            article_id,
        ),
        "reviews": await select(
            database,
            "SELECT * FROM reviews WHERE target_id = ? UNION SELECT r.* FROM facts f JOIN reviews r ON r.fact_id = f.fact_id WHERE f.article_id = ? ORDER BY reviewed_at DESC LIMIT 20",
            article_id, article_id,
        ),
        "facts": await select(
            database,
            f"{BRIEF} WHERE f.article_id = ? AND +f.status = 'current' ORDER BY f.clause_start, f.attribute_id LIMIT {SHOWN}",
            article_id,
        ),
        "earlier": await select(
            database,
            f"{BRIEF} WHERE f.article_id = ? AND +f.status <> 'current' ORDER BY f.clause_start, f.attribute_id LIMIT {SHOWN}",
            article_id,
        ),
    }  # fmt: skip
