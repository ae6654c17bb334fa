"""Publish: build the public facts.db from the archive, beside the old file, and swap it in whole.

The file is complete, checked and closed before it takes its name, so a reader sees either the old database or the new
one. It is never in WAL mode: Datasette reads it as immutable and would not see rows that lie in a journal.
"""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.archive import Archive
from db.as_of import copy_archive, rewind
from db.changes import COPY_CHANGES, settle_changes
from db.checks import TESTED, check_facts
from db.digest import digest_all, digest_tables
from db.events import settle_events
from db.publish_events import COPY_STORIES, copy_events
from db.publish_reviews import COPY_REVIEWS, apply_links, fill_quality, mark_candidates
from db.record_checks import CHECKED, check_occupations, check_targets
from db.record_rows import fit_record, read_record
from db.rounds import EXPRESS_ENTRY
from db.schema import ARCHIVE_VIEWS, PUBLIC, PUBLIC_VIEWS, SCHEMA_VERSION
from db.stories import settle_stories
from db.tables import create_indexes, create_search, create_table, create_views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

CACHE_KB = 262_144
"""Pages of each of the two databases that are kept in memory while one is built from the other."""

_CHECKED = "fact_id, version_id, pathway_id, attribute_id, value, value_num, value_high, comparator, period, published, source_id"

_TOLD = f"""SELECT f.fact_id, f.version_id, f.pathway_id, f.attribute_id, f.value, f.value_num, f.value_high, f.unit, f.comparator, f.period, f.modality, f.scope, f.as_written,
    f.evidence, f.source_id, CASE WHEN s.official THEN coalesce(substr(v.modified, 1, 10), f.published) ELSE f.published END AS published
  FROM facts f JOIN article_versions v USING (version_id) JOIN sources s ON s.source_id = f.source_id
  WHERE f.status = 'current' AND f.attribute_id IN ({', '.join(f"'{name}'" for name in sorted(CHECKED))})"""  # noqa: S608 - names of our own
"""Facts that are checked against the hand-kept record. An authority's page is kept up to date: it speaks of the day of its last change."""

CONTEXT = 60
"""Characters of context on either side of a quoted clause."""


class PublishError(Exception):
    """The database would not be sound, so the old one stays; the message says what is wrong."""


@dataclass(frozen=True)
class Registry:
    """The vocabulary that facts refer to, as rows of the public tables of the same names.

    Attributes:
        jurisdictions: Rows of `jurisdictions`.
        pathways: Rows of `pathways`.
        pathway_aliases: Rows of `pathway_aliases`.
        attributes: Rows of `attributes`.
        occupations: Rows of `occupations`.
        occupation_changes: Rows of `occupation_changes`.
        pathway_of_round: The pathway that a round's name and programs stand for, or None.
        pipeline_version: Version of the extraction pipeline.
    """

    jurisdictions: Sequence[Mapping[str, Any]]
    pathways: Sequence[Mapping[str, Any]]
    pathway_aliases: Sequence[Mapping[str, Any]]
    attributes: Sequence[Mapping[str, Any]]
    occupations: Sequence[Mapping[str, Any]]
    occupation_changes: Sequence[Mapping[str, Any]]
    pathway_of_round: Callable[[str, str], str | None]
    pipeline_version: str


@dataclass(frozen=True)
class Publication:
    """What was published: rows per table, digest over all content, and the number of checks per verdict."""

    rows: Mapping[str, int]
    digest: str
    checks: Mapping[str, int]


def publish(archive: Path, target: Path, registry: Registry, published_at: str, as_of: str | None = None) -> Publication:
    """Build `target` from the archive database and swap it in.

    Args:
        archive: The archive database.
        target: The public database; the old one serves until the new one is complete.
        registry: The vocabulary.
        published_at: Now, UTC.
        as_of: Leave out what was learned after that time (see `db.as_of`); None for all that is known.

    Raises:
        PublishError: An integrity view or a foreign key shows a fault, or the archive is missing; the old file stays.
    """
    if not archive.exists():
        raise PublishError(f"{archive}: there is no archive database.")
    growing, then = target.with_name(target.name + ".new"), target.with_name(target.name + ".then")
    growing.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if as_of:
            go_back(archive, then, as_of, registry)
        return _publish(then if as_of else archive, growing, target, registry, published_at, as_of)
    finally:
        then.unlink(missing_ok=True)


def go_back(archive: Path, then: Path, as_of: str, registry: Registry) -> None:
    """Copy the archive as it was at a time to the file `then`."""
    copy_archive(archive, then)
    with closing(sqlite3.connect(then)) as connection:
        rewind(connection, as_of)
    with Archive(then) as opened:
        settle_changes(opened)
        settle_stories(opened, as_of)
        settle_events(opened, {row["pathway_id"]: row["parent_id"] for row in registry.pathways}, as_of, registry.pathway_of_round, whole=True)


def _publish(archive: Path, growing: Path, target: Path, registry: Registry, published_at: str, as_of: str | None) -> Publication:
    connection = sqlite3.connect(growing, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("ATTACH ? AS archive", [str(archive)])
        for schema in ("main", "archive"):
            connection.execute(f"PRAGMA {schema}.cache_size = -{CACHE_KB}")
        publication = _build_checked(connection, archive, registry, published_at, as_of)
        connection.execute("DETACH archive")
        connection.execute("ANALYZE")
        connection.execute("VACUUM")
    except BaseException:
        connection.close()
        growing.unlink(missing_ok=True)
        raise
    connection.close()
    _sync(growing)
    growing.replace(target)
    return publication


def _build_checked(connection: sqlite3.Connection, archive: Path, registry: Registry, published_at: str, as_of: str | None) -> Publication:
    """Build, and look at the archive's integrity views meanwhile: each is a pass over all facts, in a thread of its own."""
    with ThreadPoolExecutor(max_workers=1) as apart:
        fault = apart.submit(_find_fault, archive)
        try:
            publication = _build(connection, registry, published_at, as_of)
        except (PublishError, sqlite3.Error) as error:
            if words := fault.result():  # what is wrong with the archive explains what went wrong here
                raise PublishError(words) from error
            raise
        if words := fault.result():
            raise PublishError(words)
    return publication


def _build(connection: sqlite3.Connection, registry: Registry, published_at: str, as_of: str | None) -> Publication:
    for table in PUBLIC:
        connection.execute(create_table(table))
    connection.execute("BEGIN")
    for name in ("jurisdictions", "pathways", "pathway_aliases", "attributes", "occupations", "occupation_changes"):
        _insert(connection, name, getattr(registry, name))
    for statement in (*_COPY, *COPY_CHANGES, *COPY_STORIES, *COPY_REVIEWS):
        connection.execute(statement)
    record = fit_record(read_record(connection, "archive"), (row["pathway_id"] for row in registry.pathways), (row["noc_code"] for row in registry.occupations))
    for name, members in record.items():
        _insert(connection, name, members)
    _map_rounds(connection, registry)
    copy_events(connection, (as_of or published_at)[:10])
    parents = {row["pathway_id"]: row["parent_id"] for row in registry.pathways}
    facts = _read(connection, f"SELECT {_CHECKED} FROM facts WHERE status = 'current' AND modality <> 'denied' AND attribute_id IN ({_quoted(TESTED)})")  # noqa: S608
    draws = _read(connection, "SELECT * FROM draws ORDER BY draw_date, draw_id")
    checks = [{"target_id": None, "list_id": None} | check for check in check_facts(facts, draws, parents)]
    told = _read(connection, _TOLD)
    checks += check_targets((fact for fact in told if fact["attribute_id"] == "target"), record["levels_targets"])
    successors: dict[str, list[str]] = {}
    for change in registry.occupation_changes:
        successors.setdefault(change["noc_2016"], []).append(change["noc_2021"])
    listed = (fact for fact in told if fact["attribute_id"] == "eligible_noc")
    checks += check_occupations(listed, record["occupation_lists"], record["occupation_list_entries"], successors)
    _insert(connection, "checks", apply_links(connection, sorted(checks, key=lambda check: str(check["check_id"])), facts, draws))
    fill_quality(connection)
    mark_candidates(connection)
    connection.execute("COMMIT")
    for table in PUBLIC:
        for statement in create_indexes(table):
            connection.execute(statement)
        for statement in create_search(table):
            connection.execute(statement)
    for statement in create_views(PUBLIC_VIEWS):
        connection.execute(statement)
    if orphans := connection.execute("PRAGMA foreign_key_check").fetchall():
        first = orphans[0]
        raise PublishError(f"{len(orphans)} rows point to nothing; the first is row {first[1]} of {first[0]}, which points to {first[2]}. The old database stays.")
    digest = digest_all(digest_tables(connection))
    _insert(connection, "publication", [{"published_at": published_at, "schema_version": SCHEMA_VERSION, "pipeline_version": registry.pipeline_version, "digest": digest, "as_of": as_of}])
    rows = {table.name: connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0] for table in PUBLIC}  # noqa: S608
    verdicts = connection.execute("SELECT verdict, count(*) FROM checks GROUP BY verdict ORDER BY verdict").fetchall()
    return Publication(rows, digest, {row[0]: row[1] for row in verdicts})


def _find_fault(archive: Path) -> str:
    """What an integrity view of the archive shows, in words; "" where all are empty."""
    with closing(sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB // 2}")
        for view in ARCHIVE_VIEWS:
            faults = connection.execute(f'SELECT * FROM "{view.name}" LIMIT 1').fetchall()  # noqa: S608
            if faults:
                return f"{view.name} isn't empty ({view.description} First: {dict(faults[0])}). The old database stays."
    return ""


def _map_rounds(connection: sqlite3.Connection, registry: Registry) -> None:
    known = {row["pathway_id"] for row in registry.pathways}
    for row in _read(connection, f"SELECT draw_id, name, program FROM draws WHERE system = '{EXPRESS_ENTRY}'"):  # noqa: S608 - our own name
        pathway = registry.pathway_of_round(row["name"], row["program"] or "")
        if pathway in known:
            connection.execute("UPDATE draws SET pathway_id = ? WHERE draw_id = ?", [pathway, row["draw_id"]])


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    if rows:
        names = list(rows[0])
        columns = ", ".join(f'"{name}"' for name in names)
        connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join("?" * len(names))})', [[row[name] for name in names] for row in rows])  # noqa: S608


def _read(connection: sqlite3.Connection, sql: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sql)]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


_SOURCE_COLUMNS = "source_id, name, publisher, owner_group, official, jurisdiction_id, language, home_url, cadence, licence, text_policy, note, kind"
_HEALTH_COLUMNS = "verdict, reason, requests, pages, new, changed, unchanged, not_modified, errors, errors_by_kind, newest_published"

# Articles and facts are written in the order of their dates: searches read them by rowid, the newest first.
_COPY = (
    f"INSERT INTO sources ({_SOURCE_COLUMNS}) SELECT {_SOURCE_COLUMNS} FROM archive.sources",  # noqa: S608
    f"""INSERT INTO source_health (source_id, last_crawl_at, last_success_at, {_HEALTH_COLUMNS}, due_at)
        SELECT s.source_id, c.started_at,
               (SELECT max(g.started_at) FROM archive.crawls g WHERE g.source_id = s.source_id AND g.verdict IN ('ok', 'quiet')), {_HEALTH_COLUMNS}, c.due_at
        FROM archive.sources s LEFT JOIN archive.crawls c ON c.crawl_id = (
          SELECT crawl_id FROM archive.crawls l WHERE l.source_id = s.source_id AND l.finished_at IS NOT NULL ORDER BY l.started_at DESC, l.crawl_id DESC LIMIT 1)""",  # noqa: S608
    """INSERT INTO captures (capture_id, source_id, url, fetched_at, status, content_type, payload_sha256, warc_file, warc_offset)
       SELECT capture_id, source_id, url, fetched_at, status, content_type, payload_sha256, warc_file, warc_offset FROM archive.captures
       WHERE capture_id IN (SELECT capture_id FROM archive.article_versions UNION SELECT last_capture_id FROM archive.draws)""",
    """INSERT INTO articles (article_id, title, source_id, url, published, modified, byline, language, story_id, versions, facts, first_seen_at, last_checked_at, gone_at)
       SELECT a.article_id, v.title, a.source_id, a.url, substr(v.published, 1, 10), substr(v.modified, 1, 10), v.byline, v.language, coalesce((SELECT t.story_id FROM archive.stories t WHERE t.article_id = a.article_id), a.article_id),
              (SELECT count(*) FROM archive.article_versions n WHERE n.article_id = a.article_id),
              CASE s.text_policy WHEN 'metadata' THEN 0 ELSE (SELECT count(*) FROM archive.facts f WHERE f.version_id = a.version_id AND f.retired_at IS NULL) END,
              a.first_seen_at, a.last_checked_at, a.gone_at
       FROM archive.articles a JOIN archive.article_versions v ON v.version_id = a.version_id JOIN archive.sources s ON s.source_id = a.source_id
       WHERE v.held = 0 ORDER BY v.published, a.article_id""",
    """INSERT INTO article_versions (version_id, article_id, version_no, title, published, modified, change_kind, correction_note, text, text_sha256, template, capture_id, recorded_at)
       SELECT v.version_id, v.article_id, v.version_no, v.title, v.published, v.modified, v.change_kind,
              CASE s.text_policy WHEN 'metadata' THEN NULL ELSE v.correction_note END, CASE s.text_policy WHEN 'full' THEN v.text END, v.text_sha256, v.template, v.capture_id, v.recorded_at
       FROM archive.article_versions v JOIN archive.articles a USING (article_id) JOIN archive.sources s USING (source_id) WHERE v.held = 0""",
    f"""INSERT INTO facts (fact_id, pathway_id, attribute_id, value, value_num, value_high, value_date, unit, comparator, period, modality, scope, as_written,
              title_printed, noc_code, published, source_id, article_id, version_id, evidence_before, evidence, evidence_after, clause_start, clause_end, rule, score,
              status, recorded_at, retired_at, basis)
       SELECT f.fact_id, f.pathway_id, f.attribute_id, f.value, f.value_num, f.value_high, f.value_date, f.unit, f.comparator, f.period, f.modality, f.scope, f.as_written,
              f.title_printed, o.noc_code, substr(v.published, 1, 10), a.source_id, a.article_id, f.version_id,
              substr(v.text, max(1, f.clause_start + 1 - {CONTEXT}), min({CONTEXT}, f.clause_start)),
              substr(v.text, f.clause_start + 1, f.clause_end - f.clause_start),
              substr(v.text, f.clause_end + 1, {CONTEXT}),
              f.clause_start, f.clause_end, f.rule, f.score,
              CASE f.retired_reason WHEN 'article_changed' THEN 'superseded' WHEN 'not_reextracted' THEN 'withdrawn' WHEN 'reread' THEN 'withdrawn'
                WHEN 'review_rejected' THEN 'withdrawn' ELSE 'current' END, f.recorded_at, f.retired_at, f.basis
       FROM archive.facts f JOIN archive.article_versions v USING (version_id) JOIN archive.articles a USING (article_id) JOIN archive.sources s USING (source_id)
            LEFT JOIN occupations o ON o.noc_code = f.value AND f.attribute_id IN ('eligible_noc', 'excluded_noc')
       WHERE s.text_policy <> 'metadata' AND v.held = 0 ORDER BY v.published, f.fact_id""",  # noqa: S608
    "INSERT INTO marks (fact_id, role, start_char, end_char, quote) SELECT fact_id, role, start_char, end_char, quote FROM archive.fact_marks WHERE fact_id IN (SELECT fact_id FROM facts)",
    f"""INSERT INTO candidates (candidate_id, name, article_id, evidence_before, evidence_after)
       SELECT c.version_id || '-' || c.start_char || '-' || c.end_char, c.name, v.article_id, substr(v.text, max(1, c.start_char + 1 - {CONTEXT}), min({CONTEXT}, c.start_char)),
              substr(v.text, c.end_char + 1, {CONTEXT})
       FROM archive.candidates c JOIN archive.article_versions v USING (version_id) JOIN archive.articles a ON a.version_id = v.version_id JOIN archive.sources s USING (source_id)
       WHERE s.text_policy <> 'metadata' AND v.held = 0""",  # noqa: S608
    """INSERT INTO draws (draw_id, pathway_id, system, number, draw_date, name, program, invitations, invitations_comparator, cutoff_score, tie_break_raw, tie_break_at,
              issued_at_raw, pool_as_of, pool_total, warnings, name_fr, program_fr, differs_fr, source_id, capture_id, first_seen_at)
       SELECT d.draw_id, p.pathway_id, d.system, d.number, d.draw_date, d.name, d.program, d.invitations, d.invitations_comparator, d.cutoff_score, d.tie_break_raw, d.tie_break_at,
              d.issued_at_raw, d.pool_as_of, d.pool_total, d.warnings, d.name_fr, d.program_fr, d.differs_fr, d.source_id, d.last_capture_id, d.first_seen_at
       FROM archive.draws d LEFT JOIN pathways p ON p.pathway_id = d.pathway_id""",
    """INSERT INTO draw_revisions (revision_id, draw_id, field, old_value, new_value, seen_at)
       SELECT revision_id, draw_id, field, old_value, new_value, seen_at FROM archive.draw_revisions""",
)
