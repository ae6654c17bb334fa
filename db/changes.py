"""Changes of versions: which passages of each text differ from the text that the article had before.

The archive keeps offsets only, computed once for each pair of texts; publishing cuts the passages out, as far as the
source's text policy lets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.differences import find_differences

if TYPE_CHECKING:
    import sqlite3

    from db.archive import Archive

CONTEXT = 60
"""Characters of context on either side of a changed passage."""
LONGEST_QUOTE = 300
"""Characters of a changed passage that are quoted where a source's texts aren't free; the rest is left out."""
MOST_QUOTED = 3_000
"""Characters that are quoted of all changes of such a version; the passages after them are named by their offsets only."""

_PAIRS = """SELECT v.version_id, (SELECT p.version_id FROM article_versions p WHERE p.article_id = v.article_id AND p.version_no < v.version_no AND p.held = 0 ORDER BY p.version_no DESC LIMIT 1) AS previous_id
  FROM (SELECT article_id, version_no FROM article_versions WHERE version_no > 1) n JOIN article_versions v ON v.article_id = n.article_id AND v.version_no = n.version_no WHERE v.held = 0"""


def settle_changes(archive: Archive) -> int:
    """Compare each published version with the published one before it, where that isn't done yet. Gives how many were compared.

    It depends on the versions on record and not on when it runs.
    """
    connection = archive.db.conn
    with archive.db.atomic():
        pending = connection.execute(
            f"""SELECT n.version_id, n.previous_id FROM ({_PAIRS}) n WHERE n.previous_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM version_changes c WHERE c.version_id = n.version_id AND c.previous_id = n.previous_id)""",  # noqa: S608 - constant
        ).fetchall()
        for version_id, previous_id in pending:
            (old, old_blocks), (new, new_blocks) = _read(connection, previous_id), _read(connection, version_id)
            connection.execute("DELETE FROM version_changes WHERE version_id = ?", [version_id])
            connection.executemany(
                "INSERT INTO version_changes (version_id, place, previous_id, kind, old_start, old_end, new_start, new_end) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(version_id, place, previous_id, one.kind, one.old_start, one.old_end, one.new_start, one.new_end)
                 for place, one in enumerate(find_differences(old, old_blocks, new, new_blocks), 1)],
            )
    return len(pending)


def _read(connection: sqlite3.Connection, version_id: str) -> tuple[str, list[tuple[int, int]]]:
    [(text,)] = connection.execute("SELECT text FROM article_versions WHERE version_id = ?", [version_id])
    return text, connection.execute("SELECT start_char, end_char FROM article_blocks WHERE version_id = ? ORDER BY block_no", [version_id]).fetchall()


def _quote(text: str, start: str, end: str) -> str:
    """SQL of a passage as it may be quoted, NULL where it is empty, further changes, or more than may be."""
    cut = f"substr({text}, {start} + 1, min({end} - {start}, {LONGEST_QUOTE})) || CASE WHEN {end} - {start} > {LONGEST_QUOTE} THEN '\u2026' ELSE '' END"
    return f"""CASE WHEN {end} = {start} OR c.kind = 'more' THEN NULL WHEN c.text_policy = 'full' THEN substr({text}, {start} + 1, {end} - {start})
         WHEN c.quoted <= {MOST_QUOTED} THEN {cut} END"""


COPY_CHANGES = (
    f"""INSERT INTO version_changes (version_id, place, previous_id, article_id, kind, context_before, old_passage, new_passage, context_after, old_start, old_end, new_start, new_end)
        SELECT c.version_id, c.place, c.previous_id, c.article_id, c.kind,
               CASE WHEN c.kind IN ('replaced', 'added', 'removed') AND (c.text_policy = 'full' OR c.quoted <= {MOST_QUOTED}) THEN substr(c.new_text, max(1, c.new_start + 1 - {CONTEXT}), min({CONTEXT}, c.new_start)) ELSE '' END,
               {_quote("c.old_text", "c.old_start", "c.old_end")}, {_quote("c.new_text", "c.new_start", "c.new_end")},
               CASE WHEN c.kind IN ('replaced', 'added', 'removed') AND (c.text_policy = 'full' OR c.quoted <= {MOST_QUOTED}) THEN substr(c.new_text, c.new_end + 1, {CONTEXT}) ELSE '' END,
               c.old_start, c.old_end, c.new_start, c.new_end
        FROM (SELECT d.*, v.article_id, v.text AS new_text, o.text AS old_text, s.text_policy,
                     sum(2 * {CONTEXT} + min(d.old_end - d.old_start, {LONGEST_QUOTE}) + min(d.new_end - d.new_start, {LONGEST_QUOTE})) OVER (PARTITION BY d.version_id ORDER BY d.place) AS quoted
              FROM archive.version_changes d JOIN article_versions p ON p.version_id = d.version_id JOIN article_versions q ON q.version_id = d.previous_id
                   JOIN archive.article_versions v ON v.version_id = d.version_id JOIN archive.article_versions o ON o.version_id = d.previous_id
                   JOIN archive.articles a ON a.article_id = v.article_id JOIN archive.sources s ON s.source_id = a.source_id
              WHERE s.text_policy <> 'metadata') c""",  # noqa: S608 - numbers and names of our own columns
)
"""Copies the changes from the archive, once `article_versions` is filled."""
