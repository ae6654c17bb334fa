"""The private archive database: what was fetched, parsed, recorded officially, and how each crawl went.

One `Archive` is one open `archive.db`. Each `keep_*` method is one transaction and may be repeated without effect, so
that a process killed at any moment leaves whole rows, and the next run goes on from there. What the methods take is
described by protocols: whatever has these attributes will do.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any, Literal, Self

from sqlite_utils import Database

from db.history import note_before
from db.ids import content_id
from db.migrate import migrate
from db.rounds import keep_draws, keep_round

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from db.kept import KeptArticle, KeptCapture, KeptDraw, KeptFailure, KeptRound, KeptSource, KeptTally

Outcome = Literal["new", "changed", "unchanged"]
_LAST_FETCH = "coalesce((SELECT max(fetched_at) FROM captures WHERE crawl_id = :crawl), (SELECT started_at FROM crawls WHERE crawl_id = :crawl), '')"
"""When a crawl learned last what it knows at its end."""


class Archive:
    """One open `archive.db`, brought up to the present schema."""

    def __init__(self, path: Path, make_capture: Callable[..., Any] = dict) -> None:
        """Open or create the database.

        Args:
            path: The file; its folder is made where it is missing.
            make_capture: What `last_payload` returns its values in; called with the field names of `KeptCapture`.

        Raises:
            db.migrate.SchemaError: The file is no archive database, or one of a later version.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._make_capture = make_capture
        connection = sqlite3.connect(path, timeout=30)
        self.db = Database(connection)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(self.db, path)
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query, as dictionaries."""
        cursor = self.db.execute(sql, parameters)  # `query` would set a savepoint and release it around each
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row of a query, if there is one."""
        cursor = self.db.execute(sql, parameters)
        row = cursor.fetchone()
        return None if row is None else dict(zip((column[0] for column in cursor.description), row, strict=True))

    # ------------------------------------------------------------ sources and crawls

    def keep_sources(self, sources: Iterable[KeptSource]) -> None:
        """Keep what the sources' files declare now."""
        with self.db.atomic():
            self.db.table("sources").upsert_all(
                (
                    {
                        "source_id": source.id, "name": source.name, "publisher": source.publisher, "owner_group": source.owner_group,
                        "official": int(source.official), "jurisdiction_id": source.jurisdiction, "language": source.language,
                        "home_url": source.home, "cadence": source.cadence, "licence": source.licence, "text_policy": source.text_policy,
                        "note": source.note.strip(), "kind": source.kind, "minimum": source.minimum, "stale_after": source.stale_after,
                        "enabled": int(source.enabled),
                    }
                    for source in sources
                ),
                pk="source_id",
            )

    def begin_crawl(self, crawl_id: str, source_id: str, started_at: str) -> None:
        """Note that a crawl began; an earlier crawl of the source that never ended was killed, and is marked so."""
        with self.db.atomic():
            self.db.execute("UPDATE crawls SET finish_reason = 'killed' WHERE source_id = ? AND finished_at IS NULL AND crawl_id <> ?", [source_id, crawl_id])
            self.db.table("crawls").insert({"crawl_id": crawl_id, "source_id": source_id, "started_at": started_at}, ignore=True)

    def finish_crawl(self, crawl_id: str, finished_at: str, reason: str, tally: KeptTally, verdict: str, why: str, due_at: str | None) -> None:
        """Note how a crawl ended. Replaying an archive doesn't change what is on record of a crawl that ended by itself."""
        if reason == "replayed" and self.one("SELECT 1 FROM crawls WHERE crawl_id = ? AND finished_at IS NOT NULL", [crawl_id]):
            return
        with self.db.atomic():
            self.db.table("crawls").update(
                crawl_id,
                {
                    "finished_at": finished_at, "finish_reason": reason, "verdict": verdict, "reason": why, "requests": tally.requests,
                    "pages": tally.pages, "new": tally.new, "changed": tally.changed, "unchanged": tally.unchanged,
                    "not_modified": tally.not_modified, "errors": len(tally.failures), "errors_by_kind": json.dumps(tally.errors_by_kind),
                    "newest_published": tally.newest_published, "due_at": due_at, "left_alone_until": tally.left_alone_until,
                },
            )

    def keep_failure(self, crawl_id: str, failure: KeptFailure, at: str) -> None:
        """Keep a failure of a crawl, once however often it is told."""
        with self.db.atomic():
            self.db.execute(
                """INSERT INTO failures (crawl_id, url, kind, detail, at) SELECT :crawl, :url, :kind, :detail, :at
                   WHERE NOT EXISTS (SELECT 1 FROM failures WHERE crawl_id = :crawl AND url = :url AND kind = :kind AND detail = :detail)""",
                {"crawl": crawl_id, "url": failure.url, "kind": failure.kind, "detail": failure.detail, "at": at},
            )

    def newest_published(self, source_id: str) -> str | None:
        """Publication date of the newest article of a source, or date of its newest draw."""
        row = self.one(
            """SELECT max(d) AS newest FROM (
                 SELECT coalesce(v.published, v.modified) AS d FROM article_versions v JOIN articles a USING (article_id) WHERE a.source_id = ?
                 UNION ALL SELECT draw_date FROM draws WHERE source_id = ?)""",
            [source_id, source_id],
        )
        return row["newest"] if row else None

    # ------------------------------------------------------------ captures

    def keep_capture(self, capture: KeptCapture) -> bool:
        """Keep where an exchange is archived; False where it is known already."""
        with self.db.atomic():
            cursor = self.db.execute(
                """INSERT OR IGNORE INTO captures (capture_id, source_id, crawl_id, url, fetched_at, status, content_type, role, record_type,
                     payload_sha256, refers_to, etag, last_modified, warc_file, warc_offset, warc_length) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)""",
                [capture.id, capture.source_id, capture.crawl_id, capture.url, capture.fetched_at, capture.status, capture.content_type, capture.role,
                 capture.record_type, capture.payload_sha256, capture.refers_to, capture.etag, capture.last_modified, capture.file, capture.offset, capture.length],
            )
            return cursor.rowcount == 1

    def has_capture(self, capture_id: str) -> bool:
        """Whether an exchange is archived already."""
        return self.one("SELECT 1 FROM captures WHERE capture_id = ?", [capture_id]) is not None

    def article_captures(self) -> list[Any]:
        """The captures that article versions rest on, oldest first, made like those of `last_payload`."""
        rows = self.rows("SELECT * FROM captures WHERE capture_id IN (SELECT capture_id FROM article_versions) ORDER BY fetched_at, rowid")
        return [self._capture(row) for row in rows]

    def last_payload(self, source_id: str, url: str) -> Any | None:
        """The newest capture of an address that holds a payload with status 200, or None.

        Its validators are the newest that the server gave for that payload: a revisit may have brought newer ones.
        """
        row = self.one(
            "SELECT * FROM captures WHERE url = ? AND source_id = ? AND status = 200 AND record_type = 'response' ORDER BY fetched_at DESC, rowid DESC LIMIT 1",
            [url, source_id],
        )
        if row is None:
            return None
        newer = self.one(
            "SELECT etag, last_modified FROM captures WHERE url = ? AND refers_to = ? ORDER BY fetched_at DESC, rowid DESC LIMIT 1", [url, row["capture_id"]],
        )
        row |= {name: value for name, value in (newer or {}).items() if value}
        return self._capture(row)

    def _capture(self, row: Mapping[str, Any]) -> Any:
        names = {"id": "capture_id", "file": "warc_file", "offset": "warc_offset", "length": "warc_length"}
        fields = ("id", "source_id", "crawl_id", "url", "fetched_at", "status", "content_type", "role", "record_type", "payload_sha256",
                  "refers_to", "etag", "last_modified", "file", "offset", "length")
        return self._make_capture(**{field: row[names.get(field, field)] for field in fields})

    def _evidence(self, capture: KeptCapture) -> tuple[str, str]:
        """Id and time of the capture that holds the payload: the capture itself, or the one that a revisit repeats."""
        earlier = self.one("SELECT capture_id, fetched_at FROM captures WHERE capture_id = ?", [capture.refers_to]) if capture.refers_to else None
        return (earlier["capture_id"], earlier["fetched_at"]) if earlier else (capture.id, capture.fetched_at)

    # ------------------------------------------------------------ articles

    def keep_article(self, capture: KeptCapture, article: KeptArticle) -> Outcome:
        """Keep an article as a capture shows it: a new version where the text is new, else only the time of the check."""
        article_id, version_id, text_sha256 = _name(capture, article)
        with self.db.atomic():
            known = self.one("SELECT version_id, last_checked_at, gone_at FROM articles WHERE article_id = ?", [article_id])
            if self.one("SELECT 1 FROM article_versions WHERE version_id = ?", [version_id]) is None:
                self._insert_version(article_id, version_id, text_sha256, capture, article, known)
            if known is None:
                return "new"
            if capture.fetched_at >= known["last_checked_at"]:
                if known["version_id"] != version_id or known["gone_at"]:
                    note_before(self.db.conn, "articles", article_id, capture.fetched_at, {"version_id": known["version_id"], "gone_at": known["gone_at"]})
                self.db.execute(
                    "UPDATE articles SET version_id = ?, last_checked_at = ?, gone_at = NULL WHERE article_id = ?", [version_id, capture.fetched_at, article_id],
                )
            return "unchanged" if version_id == known["version_id"] else "changed"

    def _insert_version(self, article_id: str, version_id: str, text_sha256: str, capture: KeptCapture, article: KeptArticle, known: Mapping[str, Any] | None, change: str = "", at: str | None = None) -> None:
        capture_id, recorded_at = self._evidence(capture)
        number = self.one("SELECT count(*) AS n FROM article_versions WHERE article_id = ?", [article_id])
        assert number is not None
        if known is None:
            self._insert("articles", [{"article_id": article_id, "source_id": capture.source_id, "url": article.canonical_url, "version_id": version_id,
                                       "first_seen_at": recorded_at, "last_checked_at": capture.fetched_at}])
        if article.retraction_note:
            change = "retraction"
        elif not change:
            change = "first" if number["n"] == 0 else "correction" if self._is_corrected(article_id, article) else "edit"
        notes = [note for note in (article.retraction_note, article.correction_note) if note]
        self._insert("article_versions", [
            {"version_id": version_id, "article_id": article_id, "version_no": number["n"] + 1, "capture_id": capture_id, "title": article.title,
             "byline": article.byline, "published": article.published, "modified": article.modified, "language": article.language,
             "text": article.text, "text_sha256": text_sha256, "template": article.template, "change_kind": change,
             "correction_note": "\n".join(dict.fromkeys(notes)) or None, "recorded_at": at or recorded_at},
        ])
        self._insert("article_blocks", [
            {"version_id": version_id, "block_no": number_in_text, "kind": block.kind, "start_char": block.start, "end_char": block.end, "level": block.level,
             "table_no": block.table, "row_no": block.row, "header": int(block.header), "cells": json.dumps(block.cells)}
            for number_in_text, block in enumerate(article.blocks)
        ])

    def _is_corrected(self, article_id: str, article: KeptArticle) -> bool:
        """Whether an article has a note of correction that its last version didn't have: notes stay, and later edits are no corrections."""
        before = self.one("SELECT correction_note FROM article_versions WHERE article_id = ? ORDER BY version_no DESC LIMIT 1", [article_id])
        return bool(article.correction_note) and (before is None or before["correction_note"] != article.correction_note)

    def _insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of one shape; sqlite-utils would look at the table's columns and keys first, each time."""
        if rows:
            names = ", ".join(rows[0])
            marks = ", ".join("?" * len(rows[0]))
            self.db.conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row.values()) for row in rows])  # noqa: S608 - names of our own tables and columns

    def reread_article(self, capture: KeptCapture, article: KeptArticle, at: str | None = None) -> Outcome:
        """Keep an article as a capture reads now (`at`, UTC; the capture's own time where none is given).

        Where the text differs from how that capture was read before, it is a new version of kind `reparse`, and
        current if the other one was.
        """
        article_id, version_id, text_sha256 = _name(capture, article)
        with self.db.atomic():
            known = self.one("SELECT a.version_id, v.capture_id FROM articles a JOIN article_versions v USING (version_id) WHERE a.article_id = ?", [article_id])
            if known is None:
                return self.keep_article(capture, article)
            if self.one("SELECT 1 FROM article_versions WHERE version_id = ?", [version_id]) is None:
                self._insert_version(article_id, version_id, text_sha256, capture, article, known, "reparse", at)
            elif known["version_id"] == version_id or known["capture_id"] != capture.id:
                return "unchanged"
            if known["capture_id"] == capture.id:
                note_before(self.db.conn, "articles", article_id, at or capture.fetched_at, {"version_id": known["version_id"]})
                self.db.execute("UPDATE articles SET version_id = ? WHERE article_id = ?", [version_id, article_id])
            return "changed"

    def hold_versions(self, crawl_id: str) -> None:
        """Hold back the versions that a crawl read first: the version before stays current, and none of theirs is published.

        What crawls of the source read that were killed before their end is held with it.
        """
        with self.db.atomic():
            self._change_held(
                crawl_id, 1,
                """held = 0 AND capture_id IN (
                     SELECT p.capture_id FROM captures p JOIN crawls c USING (crawl_id)
                     WHERE c.crawl_id = :crawl OR (c.source_id = (SELECT source_id FROM crawls WHERE crawl_id = :crawl) AND c.finished_at IS NULL))""",
            )
            before = """(SELECT g.version_id FROM article_versions g WHERE g.article_id = articles.article_id AND g.held = 0 ORDER BY g.version_no DESC LIMIT 1)"""
            changed = f"version_id IN (SELECT version_id FROM article_versions WHERE held = 1) AND {before} IS NOT NULL"  # noqa: S608 - no value of theirs
            self.db.execute(
                f"""INSERT INTO row_history (table_name, row_id, at, before_json)
                    SELECT 'articles', article_id, {_LAST_FETCH}, json_object('version_id', version_id) FROM articles WHERE {changed}""",  # noqa: S608 - no value of theirs
                {"crawl": crawl_id},
            )
            self.db.execute(f"UPDATE articles SET version_id = {before} WHERE {changed}")  # noqa: S608 - as above

    def accept_versions(self, crawl_id: str) -> None:
        """Let the versions count that are current since a crawl, also those held back before."""
        with self.db.atomic():
            self._change_held(
                crawl_id, 0,
                """held = 1 AND version_id IN (
                     SELECT a.version_id FROM articles a JOIN crawls c ON c.crawl_id = :crawl AND a.source_id = c.source_id AND a.last_checked_at >= c.started_at)""",
            )

    def _change_held(self, crawl_id: str, held: int, which: str) -> None:
        self.db.execute(
            f"""INSERT INTO row_history (table_name, row_id, at, before_json)
                SELECT 'article_versions', version_id, {_LAST_FETCH}, json_object('held', held) FROM article_versions WHERE {which}""",  # noqa: S608 - our own conditions
            {"crawl": crawl_id},
        )
        self.db.execute(f"UPDATE article_versions SET held = {held} WHERE {which}", {"crawl": crawl_id})  # noqa: S608 - as above

    def mark_gone(self, source_id: str, url: str, at: str) -> None:
        """Note since when an article's address answers 404 or 410; its facts stay, since the captures do."""
        which = """gone_at IS NULL AND source_id = :source AND (url = :url OR article_id IN (
                     SELECT v.article_id FROM article_versions v JOIN captures c USING (capture_id) WHERE c.url = :url))"""
        given = {"at": at, "source": source_id, "url": url}
        with self.db.atomic():
            self.db.execute(f"INSERT INTO row_history (table_name, row_id, at, before_json) SELECT 'articles', article_id, :at, json_object('gone_at', NULL) FROM articles WHERE {which}", given)  # noqa: S608
            self.db.execute(f"UPDATE articles SET gone_at = :at WHERE {which}", given)  # noqa: S608 - our own condition

    # ------------------------------------------------------------ official rounds

    def keep_round(self, capture: KeptCapture, official: KeptRound, language: str = "en", system: str = "ca-ee") -> Outcome:
        """Keep an official round as a capture shows it, see `db.rounds.keep_round`."""
        with self.db.atomic():
            return keep_round(self.db, capture, self._evidence(capture), official, language, system)

    def keep_draws(self, capture: KeptCapture, draws: Sequence[KeptDraw]) -> list[Outcome]:
        """Keep the draws of an official page's tables as a capture shows them, see `db.rounds.keep_draws`."""
        with self.db.atomic():
            return keep_draws(self.db, capture, self._evidence(capture), draws)

    # ------------------------------------------------------------ health

    def last_crawls(self) -> list[dict[str, Any]]:
        """Each source with its last crawl that ended, newest facts of its health beside it; sources never crawled have NULLs."""
        return self.rows(
            """SELECT s.source_id, s.name, s.enabled, c.crawl_id, c.started_at, c.finished_at, c.finish_reason, c.verdict, c.reason, c.requests, c.pages, c.new,
                      c.changed, c.unchanged, c.not_modified, c.errors, c.errors_by_kind, c.newest_published, c.due_at,
                      (SELECT max(g.started_at) FROM crawls g WHERE g.source_id = s.source_id AND g.verdict IN ('ok', 'quiet')) AS last_success_at
               FROM sources s LEFT JOIN crawls c ON c.crawl_id = (
                 SELECT crawl_id FROM crawls l WHERE l.source_id = s.source_id AND l.finished_at IS NOT NULL ORDER BY l.started_at DESC, l.crawl_id DESC LIMIT 1)
               ORDER BY s.source_id""",
        )

    def recent_crawls(self, until: str, each: int, source_id: str | None = None) -> list[dict[str, Any]]:
        """The last crawls of each source, or of one, newest first: those that were killed too, but no archives taken over.

        Args:
            until: Crawls that began later than that (`YYYY-MM-DDTHH:MM:SSZ`) are left out.
            each: Crawls of a source at most.
            source_id: The source, or None for all.
        """
        return self.rows(
            """SELECT source_id, crawl_id, started_at, finish_reason, verdict, errors_by_kind, left_alone_until FROM (
                 SELECT *, row_number() OVER (PARTITION BY source_id ORDER BY started_at DESC, crawl_id DESC) AS place FROM crawls
                 WHERE started_at <= :until AND (:source IS NULL OR source_id = :source)
                   AND crawl_id = substr(crawl_id, 1, instr(crawl_id, '-')) || source_id)
               WHERE place <= :each ORDER BY source_id, place""",
            {"until": until, "each": each, "source": source_id},
        )

    def last_finished(self) -> str | None:
        """When the last crawl ended, None where none has."""
        row = self.one("SELECT max(finished_at) AS at FROM crawls")
        return row["at"] if row else None

    def failures_of(self, crawl_ids: Iterable[str]) -> list[dict[str, Any]]:
        """The failures of some crawls, with their source's id."""
        ids = list(crawl_ids)
        marks = ",".join("?" * len(ids))
        return self.rows(
            f"SELECT c.source_id, f.url, f.kind, f.detail, f.at FROM failures f JOIN crawls c USING (crawl_id) WHERE f.crawl_id IN ({marks}) ORDER BY f.failure_id",  # noqa: S608 - only question marks go in
            ids,
        )


def _name(capture: KeptCapture, article: KeptArticle) -> tuple[str, str, str]:
    """The ids of an article and of its version, and the digest of its text."""
    article_id = content_id("article", capture.source_id, article.canonical_url)
    text_sha256 = hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()
    return article_id, content_id("version", article_id, text_sha256), text_sha256
