"""Checks against the hand-kept record: targets in the news against the levels plans, eligible occupations against the list in force.

A target is tied to a row of a plan by its year, by the class that its clause names and by the plan that was in force when
the article came out (or the one before, where the words say so); an occupation to a version of a list by its pathway and
by the day. Neither the number nor the code takes part in that.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.checks import compare
from db.civil_dates import find_days
from db.ids import content_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MEASURES_FILE = Path(__file__).parent / "levels_measures.toml"
CHECKED = frozenset({"target", "eligible_noc"})
"""Attributes of facts that are checked here."""
NOT_LISTED = "not on the list"

_UNSURE_DAYS = 14
"""After a new version of a list an article may still mean the old one."""
_PARTS = re.compile(r"[,;:|()]|\band\b|\bwhile\b|\bbut\b")
_YEARS = re.compile(r"(\d{4})(?:/(\d{4}))?")
_UNTOLD = frozenset({"denied", "proposed", "forecast"})


@dataclass(frozen=True)
class Measure:
    """A class of a levels plan and the words that name it, as in `levels_measures.toml`."""

    id: str
    pathway: str
    words: tuple[str, ...]
    unless: tuple[str, ...]
    example: str

    def is_named(self, text: str) -> bool:
        """Whether a piece of text, in lower case, names the class and no part of it."""
        return any(word in text for word in self.words) and not any(word in text for word in self.unless)


@cache
def load_measures(path: Path = MEASURES_FILE) -> tuple[tuple[Measure, ...], tuple[str, ...]]:
    """The classes, and the words that speak of an earlier plan; TypeError on an unknown or missing field."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = [{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()} for row in given["measure"]]
    measures = tuple(Measure(**row) for row in rows)
    return measures, tuple(given["earlier"])


def check_targets(facts: Iterable[Mapping[str, Any]], targets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Compare targets in the news with the levels plans.

    Args:
        facts: Rows of facts.db's `facts` with the attribute `target`.
        targets: Rows of its `levels_targets`.

    Returns:
        Rows of `checks`. Facts whose class, year or plan no row of the record fits have none. Where one text gives
        several numbers for one row, or names several classes, the verdict is ambiguous.
    """
    by_class: dict[tuple[str, int], list[Mapping[str, Any]]] = defaultdict(list)
    for row in sorted(targets, key=lambda row: str(row["tabled_on"])):
        by_class[row["measure"], row["year"]].append(row)
    linked = [(fact, row) for fact in facts for row, named in [_find_target(fact, by_class)] if named]
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact, known in linked:
        if known:
            values[fact["version_id"], known["target_id"]].add(fact["value"])
    checks = []
    for fact, known in linked:
        row = known or {}
        sure = known is not None and len(values[fact["version_id"], row["target_id"]]) == 1
        checks.append(_row(fact, "class + year + plan") | {
            "target_id": row["target_id"] if sure else None, "official_value": str(row["target"]) if sure else None,
            "verdict": _judge_target(fact, row) if sure else "ambiguous",
        })
    return checks


def _find_target(fact: Mapping[str, Any], by_class: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]) -> tuple[Mapping[str, Any] | None, bool]:
    """The row that a fact is about, and whether the record says something of it; no row where more than one fits."""
    years = _YEARS.fullmatch(fact["period"] or "")
    if years is None or not fact["published"] or fact["modality"] in _UNTOLD or fact["comparator"] == "delta" or fact["unit"] not in {None, "people"}:
        return None, False
    measures, earlier = find_measures(fact)
    span = range(int(years[1]), int(years[2] or years[1]) + 1)
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for measure in measures:
        for year in span[:10]:
            tabled = [row for row in by_class.get((measure.id, year), ()) if row["tabled_on"] <= fact["published"]]
            chosen = tabled[-2:-1] if earlier else tabled[-1:]
            if chosen:
                rows.setdefault(measure.id, []).extend(chosen)
    if not rows:
        return None, False
    [*several] = rows.values()
    one = several[0]
    # A number for several years is that of each, so that it can be told only where the plan has one number for all.
    same = len(several) == 1 and len(one) == len(span) and len({row["target"] for row in one}) == 1
    return (one[0] if same else None), True


def find_measures(fact: Mapping[str, Any]) -> tuple[tuple[Measure, ...], bool]:
    """The classes that a fact's clause names, those beside its number where there are any; and whether that speaks of an earlier plan."""
    measures, earlier = load_measures()
    on = [measure for measure in measures if measure.pathway == fact["pathway_id"]]
    clause, scope = fact["evidence"].casefold(), (fact["scope"] or "").casefold()
    before, number, after = clause.partition(fact["as_written"].casefold())
    beside = f"{_PARTS.split(before)[-1]} {_PARTS.split(after)[0]}" if number else ""
    for text in filter(str.strip, (f"{beside} {scope}", clause)):
        if named := tuple(measure for measure in on if measure.is_named(text)):
            return named, any(word in beside for word in earlier)
    return (), False


def _judge_target(fact: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    if fact["comparator"] == "range" and row["range_low"] is not None and (fact["value_num"], fact["value_high"]) == (row["range_low"], row["range_high"]):
        return "agree"
    return compare(fact, row["target"])


def check_occupations(
    facts: Iterable[Mapping[str, Any]], lists: Iterable[Mapping[str, Any]], entries: Iterable[Mapping[str, Any]], successors: Mapping[str, Iterable[str]],
) -> list[dict[str, Any]]:
    """Compare occupations that the news call eligible with the version of the list that was in force.

    Args:
        facts: Rows of facts.db's `facts` with the attribute `eligible_noc`.
        lists: Rows of its `occupation_lists`.
        entries: Rows of its `occupation_list_entries`.
        successors: Code of NOC 2016 to those of NOC 2021 that took its place.

    Returns:
        Rows of `checks`: agree; near (the list takes part of the occupation, or has a successor of the code of 2016);
        disagree, only where the whole list is known; ambiguous where versions that may be meant differ. Nothing where
        no list is on record, or an incomplete one doesn't have the code.
    """
    versions: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in sorted(lists, key=lambda row: str(row["valid_from"])):
        versions[row["pathway_id"]].append(row)
    codes: dict[str, dict[str, bool]] = defaultdict(dict)
    for entry in entries:
        whole = codes[entry["list_id"]].get(entry["noc_code"], False)
        codes[entry["list_id"]][entry["noc_code"]] = whole or not entry["part"]
    checks = []
    for fact in facts:
        meant = _find_versions(fact, versions.get(fact["pathway_id"], ()))
        verdicts = {row["list_id"]: _judge_code(fact["value"], codes[row["list_id"]], successors, complete=bool(row["complete"])) for row in meant}
        if not verdicts or None in verdicts.values():
            continue
        current, (verdict, *others) = meant[-1]["list_id"], set(verdicts.values())
        checks.append(_row(fact, "category + date") | {
            "list_id": None if others else current, "verdict": "ambiguous" if others else verdict,
            "official_value": None if others else NOT_LISTED if verdict == "disagree" else _find_official(fact["value"], codes[current], successors),
        })
    return checks


def _find_versions(fact: Mapping[str, Any], versions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The versions that a fact may mean: those in force on its day or in its period, and the one before if that ended a few days ago."""
    days = find_days(fact["period"])
    if not versions or fact["modality"] in _UNTOLD or (days is None and (fact["modality"] == "background" or not fact["published"])):
        return []
    if days is None:
        published = find_days(fact["published"])
        if published is None:
            return []
        days = (published[0] - _UNSURE_DAYS, published[1])
    first, last = days
    return [row for row in versions if _ordinal(row["valid_from"]) <= last and (row["valid_to"] is None or _ordinal(row["valid_to"]) >= first)]


def _judge_code(code: str, codes: Mapping[str, bool], successors: Mapping[str, Iterable[str]], *, complete: bool) -> str | None:
    if code in codes:
        return "agree" if codes[code] else "near"
    if any(new in codes for new in successors.get(code, ())):
        return "near"
    return "disagree" if complete else None


def _find_official(code: str, codes: Mapping[str, bool], successors: Mapping[str, Iterable[str]]) -> str:
    return code if code in codes else ", ".join(sorted(new for new in successors.get(code, ()) if new in codes))


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _row(fact: Mapping[str, Any], linked_by: str) -> dict[str, Any]:
    return {
        "check_id": content_id("check", fact["fact_id"]), "fact_id": fact["fact_id"], "draw_id": None, "target_id": None, "list_id": None, "source_id": fact["source_id"],
        "attribute_id": fact["attribute_id"], "fact_value": fact["value"], "linked_by": linked_by,
    }
