"""Official draws: what the authority's feed or table says, and what it changed afterwards.

Of Express Entry the English feed is the record. The French one gives names; its figures are compared with the record and
never take its place, for one of the two is a translation that is edited by hand.

A province's table gives its draws no number, so that the day and what was drawn tell them apart. Where a row is worded
anew, it is still the same draw if nothing else of that day on the page can be it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from db.history import note_before
from db.ids import content_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from db.kept import KeptCapture, KeptDraw, KeptRound

Outcome = Literal["new", "changed", "unchanged"]
EXPRESS_ENTRY = "ca-ee"
"""The selection system whose rounds' names say which pathway was drawn."""
_NOT_SEEN = "{}"
"""Stands in `raw` for the English row of a round that only the French feed has named yet."""
_READ = frozenset({"pathway_id", "name", "program", "invitations", "invitations_comparator", "cutoff_score", "warnings"})
"""What is read out of a row of a feed or table, and may be read better later."""
_FIGURES = ("draw_date", "invitations", "cutoff_score", "tie_break_at", "pool_as_of", "pool_total")


def keep_round(db: Database, capture: KeptCapture, evidence: tuple[str, str], official: KeptRound, language: str, system: str) -> Outcome:
    """Keep a round; a field that differs from the last capture in its language is logged as a revision.

    A capture older than the one that last changed the round (archives replayed out of order) changes nothing. Call it
    in a transaction.

    Args:
        db: The archive database.
        capture: The capture that shows the round.
        evidence: Id and time of the capture that holds the payload.
        official: The round.
        language: Language of the feed, "en" or "fr".
        system: The selection system's pathway id.
    """
    row = _describe(official, system)
    known = _find_known(db, row["draw_id"])
    return _keep_french(db, capture, evidence, row, known) if language == "fr" else _keep_record(db, capture, evidence, row, known)


def keep_draws(db: Database, capture: KeptCapture, evidence: tuple[str, str], draws: Sequence[KeptDraw]) -> list[Outcome]:
    """Keep the draws of a page's tables; gives an outcome for each.

    A cell that differs from the last capture is logged as a revision. What isn't on the page any more stays: provinces
    move older draws elsewhere. Call it in a transaction.

    Args:
        db: The archive database.
        capture: The capture that shows the page.
        evidence: Id and time of the capture that holds the payload.
        draws: All draws of the page, in its order.
    """
    ids = _name_draws(db, capture.source_id, draws)
    outcomes = []
    for draw_id, draw in zip(ids, draws, strict=True):
        row = {
            "draw_id": draw_id, "system": draw.system, "number": draw.date, "draw_date": draw.date, "name": draw.name, "program": draw.program or None,
            "invitations": draw.invitations, "invitations_comparator": draw.comparator, "cutoff_score": draw.cutoff, "pathway_id": draw.pathway,
            "warnings": "; ".join(draw.warnings) or None, "raw": json.dumps(dict(draw.raw), ensure_ascii=False, sort_keys=True),
        }
        outcomes.append(_keep_record(db, capture, evidence, row, _find_known(db, draw_id)))
    return outcomes


def _name_draws(db: Database, source_id: str, draws: Sequence[KeptDraw]) -> list[str]:
    """The permanent id of each draw: of the system, the day and a hash of stream and selection; that of a draw on record where one was worded anew."""
    seen: dict[tuple[str, ...], int] = {}
    ids = []
    for draw in draws:
        key = (draw.system, draw.date, _fold(draw.name), _fold(draw.program))
        seen[key] = seen.get(key, 0) + 1
        ids.append(f"{draw.system}-{draw.date}-{content_id('draw', *key, seen[key])[:8]}")
    days = {(draw.system, draw.date) for draw in draws}
    for system, day in days:
        known = {row[0] for row in db.execute("SELECT draw_id FROM draws WHERE system = ? AND draw_date = ? AND source_id = ?", [system, day, source_id])}
        new = [at for at, draw in enumerate(draws) if (draw.system, draw.date) == (system, day) and ids[at] not in known]
        left = known - set(ids)
        if len(new) == len(left) == 1:
            ids[new[0]] = left.pop()
    return ids


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _find_known(db: Database, draw_id: str) -> dict[str, Any] | None:
    return next(iter(db.query(
        """SELECT d.*, c.fetched_at, f.fetched_at AS fetched_at_fr FROM draws d JOIN captures c ON c.capture_id = d.last_capture_id
           LEFT JOIN captures f ON f.capture_id = d.last_capture_id_fr WHERE d.draw_id = ?""", [draw_id])), None)


def _describe(official: KeptRound, system: str) -> dict[str, Any]:
    return {
        "draw_id": f"{system}-{official.number}", "system": system, "number": official.number, "draw_date": official.date, "name": official.name,
        "program": official.program, "invitations": official.invitations, "cutoff_score": official.cutoff, "tie_break_raw": official.tie_break_raw,
        "tie_break_at": official.tie_break_at, "issued_at_raw": official.raw.get("drawDateTime"), "pool_as_of": official.pool_as_of,
        "pool_total": official.pool_total, "warnings": "; ".join(official.warnings) or None, "raw": json.dumps(dict(official.raw), ensure_ascii=False, sort_keys=True),
    }


def _keep_record(db: Database, capture: KeptCapture, evidence: tuple[str, str], row: dict[str, Any], known: Mapping[str, Any] | None) -> Outcome:
    capture_id, seen_at = evidence
    if known is None:
        db.table("draws").insert(row | {"source_id": capture.source_id, "first_capture_id": capture_id, "last_capture_id": capture_id, "first_seen_at": seen_at})
        return "new"
    first = known["raw"] == _NOT_SEEN
    if not first and capture.fetched_at < known["fetched_at"]:
        return "unchanged"
    if known["raw"] == row["raw"]:
        if any(known[name] != row[name] for name in _READ & row.keys()):  # the authority says the same; it is read better
            _update(db, known, {name: row[name] for name in _READ & row.keys()}, seen_at)
        return "unchanged"
    if not first:
        _log(db, row["draw_id"], known["raw"], row["raw"], evidence)
    figures = json.loads(known["figures_fr"]) if known["figures_fr"] else {}
    _update(db, known, {name: value for name, value in row.items() if name != "draw_id"}
            | {"source_id": capture.source_id, "last_capture_id": capture_id, "differs_fr": _compare(row, figures)}, seen_at)
    return "new" if first else "changed"


def _keep_french(db: Database, capture: KeptCapture, evidence: tuple[str, str], row: dict[str, Any], known: Mapping[str, Any] | None) -> Outcome:
    capture_id, seen_at = evidence
    figures = {name: row[name] for name in _FIGURES}
    french = {
        "name_fr": row["name"], "program_fr": row["program"], "raw_fr": row["raw"], "figures_fr": json.dumps(figures, sort_keys=True), "last_capture_id_fr": capture_id,
    }
    if known is None:
        db.table("draws").insert(
            row | french | {"raw": _NOT_SEEN, "source_id": capture.source_id, "first_capture_id": capture_id, "last_capture_id": capture_id, "first_seen_at": seen_at})
        return "new"
    if known["raw_fr"] == row["raw"] or (known["fetched_at_fr"] and capture.fetched_at < known["fetched_at_fr"]):
        return "unchanged"
    if known["raw_fr"]:
        _log(db, row["draw_id"], known["raw_fr"], row["raw"], evidence, " (French)")
    alone = known["raw"] == _NOT_SEEN
    # Until the record has the round, what the French feed says stands in its place.
    shown = {name: value for name, value in row.items() if name not in {"draw_id", "raw"}} | {"last_capture_id": capture_id} if alone else {"differs_fr": _compare(known, figures)}
    _update(db, known, french | shown, seen_at)
    return "changed" if known["raw_fr"] else "new"


def _update(db: Database, known: Mapping[str, Any], shown: Mapping[str, Any], at: str) -> None:
    changed = {name: value for name, value in shown.items() if known[name] != value}
    note_before(db.conn, "draws", known["draw_id"], at, {name: known[name] for name in changed})
    db.table("draws").update(known["draw_id"], changed)


def _log(db: Database, draw_id: str, known: str, shown: str, evidence: tuple[str, str], language: str = "") -> None:
    """Log each field in which two rows of a feed differ."""
    before, after = json.loads(known), json.loads(shown)
    capture_id, seen_at = evidence
    for field in sorted(before.keys() | after.keys()):
        if before.get(field) != after.get(field):
            named = field + language
            # Numbered, since a field may change to and fro; not named by its capture, whose id differs between archives.
            number = db.table("draw_revisions").count_where("draw_id = ? AND field = ?", [draw_id, named])
            db.table("draw_revisions").insert(
                {"revision_id": content_id("revision", draw_id, named, number, before.get(field), after.get(field)), "draw_id": draw_id, "field": named,
                 "old_value": before.get(field), "new_value": after.get(field), "seen_at": seen_at, "capture_id": capture_id},
            )


def _compare(record: Mapping[str, Any], french: Mapping[str, Any]) -> str | None:
    """The figures that both feeds have and that differ, in words; None where there are none."""
    pairs = ((name, record[name], french.get(name)) for name in _FIGURES if french)
    return "; ".join(f"{name} is {other} in French, {own} in English" for name, own, other in pairs if None not in {own, other} and own != other) or None
