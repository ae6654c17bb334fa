"""A public database in a few lines: how much of what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_COUNTS = (
    ("sources", "SELECT count(*) FROM sources"),
    ("pages", "SELECT count(*) FROM articles"),
    ("versions", "SELECT count(*) FROM article_versions"),
    ("facts", "SELECT count(*) FROM facts WHERE status = 'current'"),
    ("by attribute", "SELECT attribute_id, count(*) FROM facts WHERE status = 'current' GROUP BY attribute_id ORDER BY 2 DESC, 1"),
    ("official draws", "SELECT count(*) FROM draws"),
    ("checks", "SELECT verdict, count(*) FROM checks GROUP BY verdict ORDER BY verdict"),
    ("faults met", "SELECT source_id || ' ' || key, value FROM source_health, json_each(errors_by_kind) ORDER BY 1"),
)


def summarise(facts: sqlite3.Connection) -> list[tuple[str, str]]:
    """Names and counts, for people; a count of several kinds as in "agree 33, disagree 1"."""
    lines = []
    for name, sql in _COUNTS:
        rows = facts.execute(sql).fetchall()
        lines.append((name, ", ".join(" ".join(str(value) for value in row) for row in rows) or "none"))
    return lines
