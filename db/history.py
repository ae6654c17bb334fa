"""What rows said before they were changed in place: with it, the archive can be shown as it was on any day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

KEYS: Mapping[str, str] = {"facts": "fact_id", "articles": "article_id", "article_versions": "version_id", "draws": "draw_id", "events": "event_id"}
"""Tables whose rows are followed, with their keys. What they gain or retire is in their own columns and in `fact_log`."""


def note_before(connection: sqlite3.Connection, table: str, row_id: str, at: str, before: Mapping[str, Any]) -> None:
    """Note what some columns of a row said until `at`. Call it in the transaction that changes them."""
    connection.execute(
        "INSERT INTO row_history (table_name, row_id, at, before_json) VALUES (?, ?, ?, ?)",
        [table, row_id, at, json.dumps(before, ensure_ascii=False, sort_keys=True)],
    )


def restore_rows(connection: sqlite3.Connection, until: str) -> None:
    """Make each followed row say again what it said at `until`, and forget what was noted later."""
    for table, row_id, before_json in connection.execute(
        """SELECT table_name, row_id, before_json FROM row_history WHERE at > ? ORDER BY history_id DESC""", [until],
    ).fetchall():  # the newest first, so that of each column the oldest note is the last to be written
        before = json.loads(before_json)
        marks = before.pop("marks", None)
        if before:
            columns = ", ".join(f'"{name}" = ?' for name in before)
            connection.execute(f'UPDATE "{table}" SET {columns} WHERE "{KEYS[table]}" = ?', [*before.values(), row_id])  # noqa: S608 - names of our own schema
        if marks is not None:
            connection.execute("DELETE FROM fact_marks WHERE fact_id = ?", [row_id])
            connection.executemany("INSERT INTO fact_marks (fact_id, role, start_char, end_char, quote) VALUES (?, ?, ?, ?, ?)", [[row_id, *mark] for mark in marks])
    connection.execute("DELETE FROM row_history WHERE at > ?", [until])
