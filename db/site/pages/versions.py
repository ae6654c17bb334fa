"""The texts that an article has had, each with what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from datasette.database import Database

VERSIONS = 30  # versions on a page
PASSAGES = 60  # changed passages on a page


async def read_versions(database: Database, article_id: str) -> list[Row]:
    """The article's versions, newest first, with their captures and, as `changes`, the passages that each one changed."""
    versions = await select(
        database,
        "SELECT v.*, c.fetched_at, c.warc_file, c.warc_offset FROM article_versions v JOIN captures c ON c.capture_id = v.capture_id "  # noqa: S608 - marks and numbers of our own
        f"WHERE v.article_id = ? ORDER BY v.version_no DESC LIMIT {VERSIONS}",
        article_id,
    )
    changes: dict[str, list[Row]] = {}
    if len(versions) > 1:
        for row in await select(database, f"SELECT * FROM version_changes WHERE article_id = ? ORDER BY version_id, place LIMIT {PASSAGES}", article_id):  # noqa: S608 - our own number
            changes.setdefault(row["version_id"], []).append(row)
    return [version | {"changes": changes.get(version["version_id"], [])} for version in versions]
