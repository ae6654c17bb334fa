"""Keep what the extraction pipeline finds: mentions, facts with their marks, candidate pathways, and the log of facts.

A version is read again when the pipeline has changed. Facts found again keep their id and first date; facts not found
any more are retired, never deleted, and revived if a later pipeline finds them once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.history import note_before
from db.ids import content_id
from db.schema import MARK_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from db.archive import Archive


def pending_versions(archive: Archive, pipeline_version: str) -> list[str]:
    """Ids of the versions that the present pipeline hasn't read yet, oldest first; those held back wait until they count."""
    rows = archive.rows(
        """SELECT v.version_id FROM article_versions v LEFT JOIN extractions e USING (version_id)
           WHERE e.pipeline_version IS NOT ? AND v.held = 0 ORDER BY v.recorded_at, v.version_id""",
        [pipeline_version],
    )
    return [row["version_id"] for row in rows]


def read_versions(archive: Archive, version_ids: Sequence[str]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Versions (with their article's `url` and the source's `jurisdiction_id`) and their blocks in order."""
    for version_id in version_ids:
        version = archive.one(
            """SELECT v.*, a.url, s.jurisdiction_id FROM article_versions v JOIN articles a USING (article_id) JOIN sources s USING (source_id)
               WHERE v.version_id = ?""",
            [version_id],
        )
        assert version is not None
        yield version, archive.rows("SELECT * FROM article_blocks WHERE version_id = ? ORDER BY block_no", [version_id])


def keep_extraction(archive: Archive, version: Mapping[str, Any], record: Mapping[str, Any], pipeline_version: str, at: str) -> int:
    """Keep what the pipeline found in a version, in one transaction.

    Args:
        archive: The database.
        version: Row of `article_versions`.
        record: What `extract.pipeline.annotate` gave; with `error` where it failed, which keeps the earlier facts. Of a
            version that its publisher took back no facts are kept.
        pipeline_version: Version of the pipeline.
        at: Now, UTC.

    Returns:
        How many facts are new.
    """
    db, version_id = archive.db, version["version_id"]
    with db.atomic():
        db.table("extractions").upsert(
            {"version_id": version_id, "pipeline_version": pipeline_version, "extracted_at": at, "error": record.get("error")}, pk="version_id",
        )
        if record.get("error"):
            return 0
        db.table("mentions").delete_where("version_id = ?", [version_id])
        db.table("mentions").insert_all((_mention_row(version_id, mention) for mention in record["mentions"]), ignore=True)
        db.table("candidates").delete_where("version_id = ?", [version_id])
        db.table("candidates").insert_all(_candidate_rows(version_id, record), ignore=True)
        if version["change_kind"] == "retraction":  # its publisher says no longer what still stands there
            record = {**record, "facts": []}
        return _keep_facts(archive, version, record, at)


def settle_facts(archive: Archive, at: str) -> None:
    """Retire the facts of versions that are no longer current, and revive those of versions that are again.

    Both count from `at`, when we drew the conclusion, and not from the capture that showed the change: what was on
    record on a day, and published then, must not change afterwards.
    """
    db = archive.db
    current = "(SELECT a.version_id FROM articles a JOIN article_versions o USING (article_id) WHERE o.version_id = facts.version_id)"
    reason = """(SELECT CASE WHEN n.change_kind = 'reparse' AND n.capture_id = o.capture_id THEN 'reread' ELSE 'article_changed' END
        FROM article_versions o JOIN articles a USING (article_id) JOIN article_versions n ON n.version_id = a.version_id WHERE o.version_id = facts.version_id)"""
    outdated = f"retired_at IS NULL AND version_id <> {current}"
    back = f"retired_reason IN ('article_changed', 'reread') AND version_id = {current}"
    with db.atomic():
        db.execute(f"INSERT INTO fact_log (fact_id, at, action, reason) SELECT fact_id, :at, 'retired', {reason} FROM facts WHERE {outdated} ORDER BY fact_id", {"at": at})  # noqa: S608
        db.execute(f"UPDATE facts SET retired_at = :at, retired_reason = {reason} WHERE {outdated}", {"at": at})  # noqa: S608
        db.execute(f"INSERT INTO fact_log (fact_id, at, action, reason) SELECT fact_id, :at, 'revived', retired_reason FROM facts WHERE {back} ORDER BY fact_id", {"at": at})  # noqa: S608
        db.execute(f"UPDATE facts SET retired_at = NULL, retired_reason = NULL WHERE {back}")  # noqa: S608


def _keep_facts(archive: Archive, version: Mapping[str, Any], record: Mapping[str, Any], at: str) -> int:
    db, version_id = archive.db, version["version_id"]
    known = {row["fact_id"]: row for row in archive.rows("SELECT * FROM facts WHERE version_id = ?", [version_id])}
    known_marks: dict[str, list[list[Any]]] = {fact_id: [] for fact_id in known}
    for fact_id, *mark in db.execute("SELECT m.fact_id, role, start_char, end_char, quote FROM fact_marks m JOIN facts USING (fact_id) WHERE version_id = ? ORDER BY role, start_char", [version_id]):
        known_marks[fact_id].append(mark)
    rows: dict[str, dict[str, Any]] = {}
    marks: dict[str, list[list[Any]]] = {}
    for fact in sorted(record["facts"], key=lambda fact: -(fact.get("score") or 0)):
        row = _fact_row(version_id, fact)
        if row["fact_id"] not in rows:
            rows[row["fact_id"]] = row
            marks[row["fact_id"]] = _mark_rows(fact, version["text"])
    new = 0
    for fact_id, row in rows.items():
        if fact_id not in known:
            db.table("facts").insert(row | {"recorded_at": at})
            _keep_marks(archive, fact_id, marks[fact_id])
            _log(archive, fact_id, at, "added", None)
            new += 1
            continue
        before = known[fact_id]
        if before["rule"] == "review" and before["retired_at"] is None:
            continue  # a person wrote this row, and it stays as it is
        changed = {name: value for name, value in row.items() if before[name] != value}
        if changed or marks[fact_id] != known_marks[fact_id]:
            note_before(db.conn, "facts", fact_id, at, {name: before[name] for name in changed} | {"marks": known_marks[fact_id]})
            _keep_marks(archive, fact_id, marks[fact_id])
        if before["retired_reason"] == "not_reextracted":
            changed |= {"retired_at": None, "retired_reason": None}
            _log(archive, fact_id, at, "revived", "found again")
        if changed:
            db.table("facts").update(fact_id, changed)
    for fact_id, row in known.items():
        # Those of a superseded text too, or they would be revived with it although nothing finds them any more. What a
        # person rejected stays rejected, and what a person wrote is no finding of ours.
        if fact_id not in rows and row["retired_reason"] not in {"not_reextracted", "review_rejected"} and row["rule"] != "review":
            db.table("facts").update(fact_id, {"retired_at": row["retired_at"] or at, "retired_reason": "not_reextracted"})
            _log(archive, fact_id, at, "retired", "not_reextracted")
    return new


def _fact_row(version_id: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    value = spell_value(fact["value"])
    numbers = fact["value"] if isinstance(fact["value"], list) else [fact["value"]]
    numeric = all(isinstance(number, int | float) for number in numbers)
    return {
        "fact_id": name_fact(version_id, fact["pathway"], fact["attribute"], value, fact.get("unit"), fact["comparator"], fact.get("period"), fact.get("scope")),
        "version_id": version_id,
        "pathway_id": fact["pathway"],
        "attribute_id": fact["attribute"],
        "value": value,
        "value_num": float(numbers[0]) if numeric else None,
        "value_high": float(numbers[1]) if numeric and len(numbers) > 1 else None,
        "value_date": value if fact["attribute"].endswith("_on") else None,
        "unit": fact.get("unit"),
        "comparator": fact["comparator"],
        "period": fact.get("period"),
        "modality": fact.get("modality") or "asserted",
        "scope": fact.get("scope"),
        "as_written": fact["as_written"],
        "title_printed": fact.get("title_printed"),
        "clause_start": fact["evidence"]["start"],
        "clause_end": fact["evidence"]["end"],
        "rule": fact["rule"],
        "score": fact.get("score"),
    }


def name_fact(version_id: str, pathway: str, attribute: str, value: str, unit: str | None, comparator: str, period: str | None, scope: str | None) -> str:
    """The id of a fact: a hash of what is said and of the version that says it."""
    return content_id("fact", version_id, pathway, attribute, value, unit, comparator, period, scope)


def spell_value(value: Any) -> str:
    """A value in its one canonical spelling: 10000, 12.5, 375000..395000, 2023-07-16, P2W, 21300."""
    if isinstance(value, list):
        return "..".join(spell_value(part) for part in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _mark_rows(fact: Mapping[str, Any], text: str) -> list[list[Any]]:
    """Role, start, end and words of each mark, in the order of their key; of two with one role and start the first."""
    marks: dict[tuple[str, int], list[Any]] = {}
    for span in fact["spans"]:
        if span["role"] in MARK_ROLES:
            marks.setdefault((span["role"], span["start"]), [span["role"], span["start"], span["end"], text[span["start"]:span["end"]]])
    return [marks[key] for key in sorted(marks)]


def _keep_marks(archive: Archive, fact_id: str, marks: Sequence[Sequence[Any]]) -> None:
    archive.db.conn.execute("DELETE FROM fact_marks WHERE fact_id = ?", [fact_id])
    archive.db.conn.executemany("INSERT INTO fact_marks (fact_id, role, start_char, end_char, quote) VALUES (?, ?, ?, ?, ?)", [[fact_id, *mark] for mark in marks])


def _mention_row(version_id: str, mention: Mapping[str, Any]) -> dict[str, Any]:
    value = mention.get("id") or mention.get("value")
    value = None if value is None else spell_value(value)
    return {
        "mention_id": content_id(version_id, mention["type"], mention["start"], mention["end"], value), "version_id": version_id, "type": mention["type"],
        "start_char": mention["start"], "end_char": mention["end"], "quote": mention["text"], "value": value,
    }


def _candidate_rows(version_id: str, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    named: dict[str, dict[str, Any]] = {}
    for mention in record["mentions"]:
        if mention["type"] == "novel_pathway":
            named.setdefault(mention["text"], {"version_id": version_id, "name": mention["text"], "start_char": mention["start"], "end_char": mention["end"]})
    return list(named.values())


def _log(archive: Archive, fact_id: str, at: str, action: str, reason: str | None) -> None:
    archive.db.table("fact_log").insert({"fact_id": fact_id, "at": at, "action": action, "reason": reason})
