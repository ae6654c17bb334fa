"""What a draw's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import SHOWN, Row, select

if TYPE_CHECKING:
    from datasette.database import Database


async def read_draw(database: Database, draw_id: str) -> Row:
    """An official draw with the figures that texts gave of it."""
    found = await select(
        database,
        "SELECT d.*, p.name AS pathway, c.warc_file, c.warc_offset, c.fetched_at, c.url FROM draws d LEFT JOIN pathways p ON p.pathway_id = d.pathway_id "
        "JOIN captures c ON c.capture_id = d.capture_id WHERE d.draw_id = ?",
        draw_id,
    )
    return {
        "draw": found[0] if found else {},
        "checks": await select(
            database,
            "SELECT c.*, f.published, f.article_id, f.status, a.title AS article, s.name AS source FROM checks c JOIN facts f ON f.fact_id = c.fact_id "
            "JOIN articles a ON a.article_id = f.article_id JOIN sources s ON s.source_id = c.source_id "
            "WHERE c.draw_id = ? ORDER BY f.published, c.attribute_id LIMIT ?",
            draw_id, SHOWN,
        ),
        "revisions": await select(database, "SELECT * FROM draw_revisions WHERE draw_id = ? ORDER BY seen_at DESC", draw_id),
    }
