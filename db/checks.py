"""Checks: figures that articles give for draws, against the official record.

An article's figures on one draw (its date, size, score and category) are tied to an official draw by the figures
other than the one under test, so that a wrong figure can't choose the draw that proves it right. Rules and their
measured reliability: two of date, size, score and category are unique in at least 95 % of all rounds since 2015; the
size or score alone only within the week before the article. Where more than one draw fits equally, the only one in
that week is meant.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from db.ids import content_id
from db.rounds import EXPRESS_ENTRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Verdict = Literal["agree", "near", "disagree", "ambiguous"]

TESTED: Mapping[str, str] = {"draw_on": "draw_date", "invitations": "invitations", "cutoff_score": "cutoff_score"}
"""Attribute of a fact to the official column that it is compared with."""

SIGNS: Mapping[str, str] = {"lt": "<", "le": "\u2264", "gt": ">", "ge": "\u2265", "approx": "about"}
"""What stands before an official number that is only a limit."""

_ALONE_DAYS = 7
_NEAR = 0.05


@dataclass(frozen=True)
class Report:
    """What one article says of one draw.

    Attributes:
        version_id: The article's version.
        pathway_id: The category drawn.
        published: Day of publication, ISO; None where unknown.
        facts: The figures, by attribute; several values of one attribute mean that the draw isn't told apart.
    """

    version_id: str
    pathway_id: str
    published: str | None
    facts: Mapping[str, Sequence[Mapping[str, Any]]]


def check_facts(facts: Iterable[Mapping[str, Any]], draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Compare figures on draws with the official record.

    Args:
        facts: Rows of facts.db's `facts` with a tested attribute.
        draws: Rows of its `draws`.
        parents: Pathway id to its parent's.

    Returns:
        Rows of `checks`. Facts that no official draw fits have none: the record says nothing about them.
    """
    rows = []
    record = _Record(draws)
    systems = {_system(draw) for draw in draws}
    for report in group_reports(facts):
        near = [draw for draw in record.find_near(report) if _may_mean(report.pathway_id, _system(draw), systems, parents)]
        for attribute in TESTED:
            for fact in report.facts.get(attribute, ()):
                rows += _check(report, fact, near, parents)
    return sorted(rows, key=lambda row: str(row["check_id"]))


class _Record:
    """The official draws by the figures that tie a report to one; the category alone ties to none, so the others need no look."""

    def __init__(self, draws: Sequence[Mapping[str, Any]]) -> None:
        self._draws = draws
        self._by_day: dict[str, set[int]] = defaultdict(set)
        self._by_figure: dict[str, list[tuple[int, int]]] = {}
        for at, draw in enumerate(draws):
            self._by_day[draw["draw_date"]].add(at)
        for column in ("invitations", "cutoff_score"):
            self._by_figure[column] = sorted((draw[column], at) for at, draw in enumerate(draws) if draw[column] is not None)

    def find_near(self, report: Report) -> list[Mapping[str, Any]]:
        """The draws that bear out a figure of the report, in the order of the record."""
        found: set[int] = set()
        for attribute, facts in report.facts.items():
            for fact in facts:
                found |= self._by_day.get(fact["value"] if attribute == "draw_on" else fact["period"] or "", set())
                if fact["value_num"] is not None and attribute in self._by_figure:
                    found |= self._near(self._by_figure[attribute], fact)
        return [self._draws[at] for at in sorted(found)]

    @staticmethod
    def _near(figures: Sequence[tuple[int, int]], fact: Mapping[str, Any]) -> set[int]:
        low, high = fact["value_num"], fact["value_high"] if fact["value_high"] is not None else fact["value_num"]
        if fact["comparator"] not in {"eq", "range"}:
            low, high = low * (1 - 2 * _NEAR), high * (1 + 2 * _NEAR)
        return {at for _, at in figures[bisect_left(figures, (low, -1)):bisect_right(figures, (high, len(figures) + 1_000_000))]}


def group_reports(facts: Iterable[Mapping[str, Any]]) -> list[Report]:
    """The figures of each article and draw together: those of one version, pathway and draw date."""
    groups: dict[tuple[str, str, str | None], list[Mapping[str, Any]]] = defaultdict(list)
    for fact in facts:
        if fact["comparator"] == "delta":  # "300 more than last time" is no figure of the draw
            continue
        day = fact["value"] if fact["attribute_id"] == "draw_on" else fact["period"]
        groups[fact["version_id"], fact["pathway_id"], day].append(fact)
    reports = []
    for (version_id, pathway_id, _), members in sorted(groups.items(), key=str):
        by_attribute: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for fact in members:
            by_attribute[fact["attribute_id"]].append(fact)
        published = str(members[0]["published"])[:10] if members[0]["published"] else None
        reports.append(Report(version_id, pathway_id, published, by_attribute))
    return reports


def _check(report: Report, fact: Mapping[str, Any], draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None]) -> list[dict[str, Any]]:
    attribute = fact["attribute_id"]
    evidence = [(draw, _ties(report, attribute, draw, parents)) for draw in draws]
    strongest = max((len(ties) for _, ties in evidence), default=0)
    candidates = [(draw, ties) for draw, ties in evidence if len(ties) == strongest]
    fresh = [(draw, (*ties, "published")) for draw, ties in candidates if _in_week_before(report.published, draw["draw_date"])]
    if strongest == 1:
        candidates = [(draw, ties) for draw, ties in fresh if ties[0] in {"invitations", "cutoff_score"} and _system(draw) == EXPRESS_ENTRY]
    elif len(candidates) > 1 and len(fresh) == 1:
        candidates = fresh
    if strongest == 0 or not candidates:
        return []
    draw, ties = candidates[0]
    official = None if len(candidates) > 1 else draw[TESTED[attribute]]
    if len(candidates) == 1 and official is None:
        return []
    return [{
        "check_id": content_id("check", fact["fact_id"]),
        "fact_id": fact["fact_id"],
        "draw_id": draw["draw_id"] if len(candidates) == 1 else None,
        "source_id": fact["source_id"],
        "attribute_id": attribute,
        "fact_value": fact["value"],
        "official_value": None if official is None else say_official(draw, attribute),
        "verdict": "ambiguous" if official is None else judge(fact, draw),
        "linked_by": " + ".join(ties),
    }]


def judge(fact: Mapping[str, Any], draw: Mapping[str, Any]) -> Verdict:
    """What a figure means beside that of a draw which has it."""
    attribute = fact["attribute_id"]
    return compare(fact, draw[TESTED[attribute]], _comparator(draw, attribute))


def say_official(draw: Mapping[str, Any], attribute: str) -> str:
    """A draw's figure as `checks` gives it: "391", or "< 5"."""
    return " ".join(filter(None, [SIGNS.get(_comparator(draw, attribute)), str(draw[TESTED[attribute]])]))


def _comparator(draw: Mapping[str, Any], attribute: str) -> str:
    return (draw.get("invitations_comparator") or "eq") if attribute == "invitations" else "eq"


def _system(draw: Mapping[str, Any]) -> str:
    return str(draw.get("system") or EXPRESS_ENTRY)


def _may_mean(pathway: str, system: str, systems: Iterable[str], parents: Mapping[str, str | None]) -> bool:
    """Whether a report on a pathway can mean a draw of a system: not if it is on another one; a province's only if it is on that province or all of them."""
    if related(pathway, system, parents):
        return True
    line = _line(pathway, parents)
    return system == EXPRESS_ENTRY and not any(other in line for other in systems)


def _ties(report: Report, under_test: str, draw: Mapping[str, Any], parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Names of the report's other figures that this draw bears out."""
    ties = []
    for attribute, column in TESTED.items():
        stated = report.facts.get(attribute, ())
        if attribute != under_test and len(stated) == 1 and draw[column] is not None and judge(stated[0], draw) in {"agree", "near"}:
            ties.append(attribute)
    # Figures without a draw_on fact of their own still carry the draw's day as their period.
    period = {fact["period"] for facts in report.facts.values() for fact in facts if fact["period"]}
    if under_test != "draw_on" and "draw_on" not in ties and draw["draw_date"] in period:
        ties.append("draw_on")
    # "Express Entry" alone names every round, so it ties a report to none; nor does a province's program.
    if draw["pathway_id"] and parents.get(report.pathway_id) and report.pathway_id not in _line(_system(draw), parents) and related(report.pathway_id, draw["pathway_id"], parents):
        ties.append("category")
    return tuple(ties)


def compare(fact: Mapping[str, Any], official: str | int, comparator: str = "eq") -> Verdict:
    """What a fact's value means beside the official one, given the comparators of both.

    `near` means that the words leave room for the official value (approximate, at least, up to) and it lies within
    5 % or on the right side; it counts as right, but not as exact. The same where the official one is only a limit
    ("less than 5") and the fact's lies within.
    """
    if isinstance(official, str):
        return "agree" if fact["value"] == official else "disagree"
    low = fact["value_num"]
    if low is None:
        return "disagree"
    high = fact["value_high"] if fact["value_high"] is not None else low
    if comparator != "eq":
        if (fact["comparator"], low) == (comparator, official):
            return "agree"
        least = 0.0 if fact["comparator"] in {"lt", "le"} else low
        most = float("inf") if fact["comparator"] in {"gt", "ge"} else high
        fits = {"lt": least < official, "le": least <= official, "gt": most > official, "ge": most >= official, "approx": abs(low - official) <= _NEAR * official}
        return "near" if fits.get(comparator, False) else "disagree"
    if low == high == official:
        return "agree"
    close = abs(official - low) <= _NEAR * official
    leaves_room: Mapping[str, bool] = {
        "approx": close, "range": low <= official <= high, "ge": low <= official and close, "gt": low < official and close,
        "le": low >= official and close, "lt": low > official and close,
    }
    return "near" if leaves_room.get(fact["comparator"], False) else "disagree"


def related(one: str, other: str, parents: Mapping[str, str | None]) -> bool:
    """Whether two pathways are the same, or one is part of the other."""
    return one == other or other in _line(one, parents) or one in _line(other, parents)


def _line(pathway: str | None, parents: Mapping[str, str | None]) -> list[str]:
    line: list[str] = []
    while pathway and pathway not in line:
        line.append(pathway)
        pathway = parents.get(pathway)
    return line


def _in_week_before(published: str | None, draw_date: str) -> bool:
    try:
        return 0 <= (date.fromisoformat(published or "") - date.fromisoformat(draw_date)).days <= _ALONE_DAYS
    except ValueError:
        return False
