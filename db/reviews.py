"""Reviews: what people decide on facts, events, links and new pathway names, and how it is applied to facts (to events: `db.decisions`).

Decisions are appended and never changed; of several on one target the newest stands. They are keyed to permanent ids,
so that they hold after each re-extraction: `replay_reviews` makes the facts agree with them again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db.corrections import describe_fact, keep_correction
from db.extraction import name_fact, settle_facts, spell_value
from db.history import note_before
from db.ids import content_id
from db.schema import COMPARATORS
from db.schema_reviews import REVIEW_TARGETS, REVIEW_VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from db.archive import Archive

CORRECTABLE = ("pathway_id", "attribute_id", "value", "unit", "comparator", "period", "scope")
"""Columns of a fact that a correction may change: those that make its id."""
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class ReviewError(ValueError):
    """A decision that can't be taken in; the message says why."""


@dataclass(frozen=True)
class Review:
    """One decision, with the fields of the table `reviews`; checked when it is made.

    Raises:
        ReviewError: A field has a value that the table doesn't take.
    """

    target_type: str
    target_id: str
    reviewer: str
    reviewed_at: str
    verdict: str
    corrected: Mapping[str, Any] | None = None
    note: str | None = None
    sample: str | None = None
    id: str = field(init=False)

    def __post_init__(self) -> None:
        for name in ("target_type", "target_id", "reviewer", "reviewed_at", "verdict"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ReviewError(f"{name} must be some text")
        for name in ("note", "sample"):
            if getattr(self, name) is not None and not isinstance(getattr(self, name), str):
                raise ReviewError(f"{name} must be text or nothing")
        if self.target_type not in REVIEW_TARGETS or self.verdict not in REVIEW_VERDICTS:
            raise ReviewError(f"{self.target_type} {self.verdict}: a target is one of {', '.join(REVIEW_TARGETS)}, a verdict one of {', '.join(REVIEW_VERDICTS)}")
        if not _STAMP.fullmatch(self.reviewed_at):
            raise ReviewError(f"reviewed_at is {self.reviewed_at!r}, not as 2026-01-31T12:00:00Z")
        if (self.corrected is not None and not isinstance(self.corrected, dict)) or (self.verdict == "correct" and not self.corrected):
            raise ReviewError("corrected must be an object that says what is right")
        if self.target_type == "fact" and self.corrected:
            self._check_correction(self.corrected)
        if self.verdict == "correct" and self.target_type == "event" and not isinstance((self.corrected or {}).get("event_id"), str):
            raise ReviewError("corrected must name the event that it is, as event_id")
        object.__setattr__(self, "id", content_id("review", *(getattr(self, name) for name in ("target_type", "target_id", "reviewer", "reviewed_at", "sample", "verdict")), self.corrected_json, self.note))

    def _check_correction(self, corrected: Mapping[str, Any]) -> None:
        if unknown := sorted(corrected.keys() - set(CORRECTABLE)):
            raise ReviewError(f"{unknown[0]} can't be corrected; what can is {', '.join(CORRECTABLE)}")
        if corrected.get("comparator", "eq") not in COMPARATORS:
            raise ReviewError(f"comparator is {corrected['comparator']!r}, not one of {', '.join(COMPARATORS)}")
        for name, value in corrected.items():
            optional = name in {"unit", "period", "scope"}
            if not ((isinstance(value, str) and value.strip()) or (optional and value is None)):
                raise ReviewError(f"{name} must be some text" + (" or null" if optional else ""))

    @property
    def corrected_json(self) -> str | None:
        """`corrected` as JSON."""
        return None if self.corrected is None else json.dumps(self.corrected, ensure_ascii=False, sort_keys=True)


@dataclass
class Applied:
    """What a replay changed: facts rejected, put in the place of others, confirmed, and brought back."""

    rejected: int = 0
    corrected: int = 0
    confirmed: int = 0
    revived: int = 0

    def __bool__(self) -> bool:
        return any((self.rejected, self.corrected, self.confirmed, self.revived))


def keep_reviews(archive: Archive, reviews: Iterable[Review], at: str) -> int:
    """Append decisions; those that are known already are passed over. Gives how many are new."""
    with archive.db.atomic():
        return sum(
            archive.db.conn.execute(
                """INSERT OR IGNORE INTO reviews (review_id, target_type, target_id, reviewer, reviewed_at, sample, verdict, corrected_json, note, recorded_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                [review.id, review.target_type, review.target_id, review.reviewer, review.reviewed_at, review.sample, review.verdict, review.corrected_json, review.note, at],
            ).rowcount
            for review in reviews
        )


def export_reviews(archive: Archive) -> Iterator[str]:
    """All decisions as JSON Lines, oldest first; `import_reviews` takes them in elsewhere."""
    for row in archive.rows("SELECT * FROM reviews ORDER BY reviewed_at, review_id"):
        given = {name: row[name] for name in ("target_type", "target_id", "reviewer", "reviewed_at", "sample", "verdict", "note")}
        yield json.dumps(given | {"corrected": json.loads(row["corrected_json"]) if row["corrected_json"] else None}, ensure_ascii=False)


def import_reviews(archive: Archive, lines: Iterable[str], at: str) -> int:
    """Take in decisions from JSON Lines, all or none. Gives how many are new.

    Raises:
        ReviewError: A line is no decision; the message names it.
    """
    reviews = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                given = json.loads(line)
                reviews.append(Review(**given))
            except (ValueError, TypeError) as error:
                raise ReviewError(f"line {number}: {error}") from error
    return keep_reviews(archive, reviews, at)


def standing_reviews(archive: Archive, target_type: str) -> dict[str, Review]:
    """The newest decision on each target of a type, by target, in the order in which they were made."""
    rows = archive.rows("SELECT * FROM reviews WHERE target_type = ? ORDER BY reviewed_at, review_id", [target_type])
    return {row["target_id"]: _read(row) for row in rows}


def _read(row: Mapping[str, Any]) -> Review:
    names = ("target_type", "target_id", "reviewer", "reviewed_at", "verdict", "note", "sample")
    return Review(**{name: row[name] for name in names}, corrected=json.loads(row["corrected_json"]) if row["corrected_json"] else None)


def name_candidate(name: str) -> str:
    """The id under which a new pathway's name is judged: one for all texts that name it."""
    return content_id("candidate", " ".join(name.casefold().split()))


def replay_reviews(archive: Archive, at: str) -> Applied:
    """Make the facts agree with the standing decisions, in one transaction; doing so twice changes nothing.

    A rejected fact retires (`review_rejected`), with a row in `corrections`. A corrected one does too, and a row of
    rule `review` with the same evidence takes its place, which no extraction changes. An accepted one has the basis
    `reviewed`, and comes back if it had been rejected before.
    """
    applied = Applied()
    with archive.db.atomic():
        standing = standing_reviews(archive, "fact")
        if not standing:
            return applied
        known = {target: fact for target in standing if (fact := archive.one("SELECT * FROM facts WHERE fact_id = ?", [target]))}
        products = {target: correct_fact(known[target], review.corrected or {}) for target, review in standing.items() if target in known and review.verdict == "correct"}
        wrong = {target for target, review in standing.items() if review.verdict in {"reject", "correct"}}
        wanted = {row["fact_id"] for row in products.values()} - wrong
        for target, fact in known.items():
            review = standing[target]
            if review.verdict == "accept":
                _accept(archive, fact, review, at, applied)
            elif fact["retired_reason"] != "review_rejected":
                _retire(archive, fact, at, "review_rejected")
                after = describe_fact(products[target]) if target in products else None
                keep_correction(archive, at, "fact", target, "our_error", describe_fact(fact), after, review.note or "A reviewer found our reading wrong.", review.id)
                applied.rejected += 1
        for target, row in products.items():
            if row["fact_id"] in wanted:
                _put_in_place(archive, target, row, at, applied)
        for fact in archive.rows("SELECT * FROM facts WHERE rule = 'review' AND coalesce(retired_reason, '') NOT IN ('not_reextracted', 'review_rejected')"):
            if fact["fact_id"] not in wanted:  # its correction was withdrawn
                _retire(archive, fact, at, "not_reextracted")
                applied.rejected += 1
        if applied:
            settle_facts(archive, at)
    return applied


def _accept(archive: Archive, fact: Mapping[str, Any], review: Review, at: str, applied: Applied) -> None:
    if fact["basis"] != "reviewed":
        _change(archive, fact, {"basis": "reviewed"}, at)
        applied.confirmed += 1
    if fact["retired_reason"] == "review_rejected":
        _revive(archive, fact["fact_id"], at)
        keep_correction(archive, at, "fact", fact["fact_id"], "our_error", None, describe_fact(fact), review.note or "A later review found that the rejected reading was right.", review.id)
        applied.revived += 1


def correct_fact(fact: Mapping[str, Any], corrected: Mapping[str, Any]) -> dict[str, Any]:
    """The row that a fact should have been; its id is the fact's own where the correction says nothing else."""
    row = dict(fact) | dict(corrected)
    row["value"], row["value_num"], row["value_high"] = _read_value(str(row["value"]), numeric=fact["value_num"] is not None)
    row["value_date"] = row["value"] if str(row["attribute_id"]).endswith("_on") else None
    row["fact_id"] = name_fact(row["version_id"], row["pathway_id"], row["attribute_id"], row["value"], row["unit"], row["comparator"], row["period"], row["scope"])
    return row | {"rule": "review", "score": None, "basis": "reviewed", "retired_at": None, "retired_reason": None}


def _read_value(value: str, *, numeric: bool) -> tuple[str, float | None, float | None]:
    """A value as a person writes it ("1,200", "300..400"): its canonical spelling, and its number or range."""
    plain = value.strip().replace(",", "").split("..")
    if not numeric or not all(_NUMBER.fullmatch(part) for part in plain):
        return value.strip(), None, None
    numbers = [float(part) for part in plain[:2]]
    return spell_value(numbers if len(numbers) > 1 else numbers[0]), numbers[0], numbers[1] if len(numbers) > 1 else None


def _put_in_place(archive: Archive, target: str, row: dict[str, Any], at: str, applied: Applied) -> None:
    known = archive.one("SELECT * FROM facts WHERE fact_id = ?", [row["fact_id"]])
    if known is None:
        archive.db.table("facts").insert(row | {"recorded_at": at})
        archive.db.execute(
            "INSERT INTO fact_marks (fact_id, role, start_char, end_char, quote) SELECT ?, role, start_char, end_char, quote FROM fact_marks WHERE fact_id = ?", [row["fact_id"], target],
        )
        _log(archive, row["fact_id"], at, "added", "review")
        applied.corrected += 1
        return
    if known["rule"] != "review":  # found by ourselves, too: from now on a person vouches for it
        _change(archive, known, {"rule": "review", "score": None, "basis": "reviewed"}, at)
        applied.confirmed += 1
    if known["retired_reason"] in {"not_reextracted", "review_rejected"}:
        _revive(archive, row["fact_id"], at)
        applied.revived += 1


def _change(archive: Archive, fact: Mapping[str, Any], changes: dict[str, Any], at: str) -> None:
    note_before(archive.db.conn, "facts", fact["fact_id"], at, {name: fact[name] for name in changes})
    archive.db.table("facts").update(fact["fact_id"], changes)


def _retire(archive: Archive, fact: Mapping[str, Any], at: str, reason: str) -> None:
    archive.db.table("facts").update(fact["fact_id"], {"retired_at": fact["retired_at"] or at, "retired_reason": reason})
    _log(archive, fact["fact_id"], at, "retired", reason)


def _revive(archive: Archive, fact_id: str, at: str) -> None:
    archive.db.table("facts").update(fact_id, {"retired_at": None, "retired_reason": None})
    _log(archive, fact_id, at, "revived", "review")


def _log(archive: Archive, fact_id: str, at: str, action: str, reason: str) -> None:
    archive.db.table("fact_log").insert({"fact_id": fact_id, "at": at, "action": action, "reason": reason})
