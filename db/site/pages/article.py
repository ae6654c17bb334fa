"""What an article's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import BRIEF, SHOWN, Row, select

if TYPE_CHECKING:
    from datasette.database import Database


async def read_article(database: Database, article_id: str) -> Row:
    """An article with its versions, corrected figures and facts."""
    found = await select(
        database,
        "SELECT a.*, s.name AS source, s.publisher FROM articles a JOIN sources s ON s.source_id = a.source_id WHERE a.article_id = ?",
        article_id,
    )
    return {
        "article": found[0] if found else {},
        "history": await select(
            database,
            "SELECT v.*, c.fetched_at, c.warc_file, c.warc_offset FROM article_versions v JOIN captures c ON c.capture_id = v.capture_id "
            "WHERE v.article_id = ? ORDER BY v.version_no DESC",
            article_id,
        ),
        "corrections": await select(database, "SELECT * FROM v_corrections WHERE article_id = ?", article_id),
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
    }
