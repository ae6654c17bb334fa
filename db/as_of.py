"""As of: the archive as it was known at an earlier time, from which the ordinary publish then builds.

What a table gained later is taken out (`recorded_at` and its like), what was retired later is current again
(`fact_log`), and rows that were changed in place say again what they said (`row_history`). The vocabulary, the
declaration of sources and the names of candidate pathways are today's: they are work lists and keep no history here.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

from db.event_rules import load_rules
from db.events import restore_links
from db.history import restore_rows

if TYPE_CHECKING:
    from pathlib import Path

_GAINED = (
    ("fact_log", "at"), ("reviews", "recorded_at"), ("corrections", "at"), ("releases", "released_at"), ("draw_revisions", "seen_at"), ("draws", "first_seen_at"),
    ("extractions", "extracted_at"), ("article_versions", "recorded_at"), ("articles", "first_seen_at"), ("failures", "at"), ("crawls", "started_at"), ("captures", "fetched_at"), ("record_rows", "recorded_at"),
)
"""Tables with the column that says since when a row is there."""

_PARTS = (
    ("fact_marks", "fact_id", "facts"), ("article_blocks", "version_id", "article_versions"), ("mentions", "version_id", "article_versions"),
    ("version_changes", "version_id", "article_versions"), ("version_changes", "previous_id", "article_versions"), ("candidates", "version_id", "article_versions"), ("extractions", "version_id", "article_versions"), ("text_signatures", "version_id", "article_versions"),
    ("event_facts", "fact_id", "facts"), ("event_link_log", "fact_id", "facts"), ("event_facts", "event_id", "events"), ("event_values", "event_id", "events"),
)
"""Tables whose rows go with the row that they are part of: table, its column, and the table that has a key of that name."""

_DERIVED = ("stories", "text_bands", "unsettled_articles", "settlements")
"""Tables that are built again from the others."""


def end_of_day(day: str) -> str:
    """The last second of a day, UTC, as the databases write it; ValueError where it is no ISO date."""
    return f"{date.fromisoformat(day).isoformat()}T23:59:59Z"


def copy_archive(archive: Path, into: Path) -> None:
    """Copy the database as it is, also while another process writes to it."""
    into.unlink(missing_ok=True)
    with closing(sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)) as given, closing(sqlite3.connect(into)) as copy:
        given.backup(copy)


def rewind(connection: sqlite3.Connection, until: str) -> None:
    """Take everything out of an archive database that was learned after `until` (`YYYY-MM-DDTHH:MM:SSZ`).

    Stories are to be settled again afterwards, and events as a whole: both are conclusions from what is left. The connection is to a copy (`copy_archive`) of the present schema; on the archive itself this would lose all that is newer.
    """
    connection.execute("PRAGMA foreign_keys = OFF")
    with connection:
        restore_rows(connection, until)
        for table, column in _GAINED:
            connection.execute(f'DELETE FROM "{table}" WHERE "{column}" > ?', [until])  # noqa: S608 - our own names
        connection.execute("DELETE FROM facts WHERE fact_id NOT IN (SELECT fact_id FROM fact_log)")
        _restore_retirements(connection)
        connection.execute("UPDATE record_rows SET retired_at = NULL WHERE retired_at > ?", [until])
        restore_links(connection, until)
        connection.executemany("UPDATE event_facts SET link_score = ? WHERE link_rule = ?", [(link.score, name) for name, link in load_rules().links.items()])
        for table, column, whole in _PARTS:
            connection.execute(f'DELETE FROM "{table}" WHERE "{column}" NOT IN (SELECT "{column}" FROM "{whole}")')  # noqa: S608 - as above
        for table in _DERIVED:
            connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - as above
        connection.execute("UPDATE crawls SET finished_at = NULL, finish_reason = NULL, verdict = NULL WHERE finished_at > ?", [until])
        connection.execute(
            """UPDATE articles SET last_checked_at = coalesce((
                 SELECT max(c.fetched_at) FROM captures c WHERE c.source_id = articles.source_id AND c.status IN (200, 304) AND (c.url = articles.url OR c.url IN (
                   SELECT o.url FROM article_versions v JOIN captures o USING (capture_id) WHERE v.article_id = articles.article_id))), first_seen_at)
               WHERE last_checked_at > ?""", [until],
        )


def _restore_retirements(connection: sqlite3.Connection) -> None:
    """Give each fact the retirement that its log tells of: since the first entry after it was last current, for the reason of the last."""
    connection.execute("UPDATE facts SET retired_at = NULL, retired_reason = NULL WHERE retired_at IS NOT NULL")
    connection.execute("CREATE TEMP TABLE last_current AS SELECT fact_id, max(log_id) AS log_id FROM fact_log WHERE action <> 'retired' GROUP BY fact_id")
    connection.execute("CREATE UNIQUE INDEX temp.last_current_fact ON last_current (fact_id)")
    connection.execute(
        """CREATE TEMP TABLE retirement AS
           SELECT l.fact_id, min(l.log_id) AS first, max(l.log_id) AS last FROM fact_log l JOIN last_current c ON c.fact_id = l.fact_id AND l.log_id > c.log_id GROUP BY l.fact_id""",
    )
    connection.execute(
        """UPDATE facts SET retired_at = (SELECT l.at FROM fact_log l JOIN retirement r ON r.first = l.log_id WHERE r.fact_id = facts.fact_id),
             retired_reason = (SELECT l.reason FROM fact_log l JOIN retirement r ON r.last = l.log_id WHERE r.fact_id = facts.fact_id)
           WHERE fact_id IN (SELECT fact_id FROM retirement)""",
    )
    connection.execute("DROP TABLE temp.retirement")
    connection.execute("DROP TABLE temp.last_current")
