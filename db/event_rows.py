"""What is on record of one event: a pure function from its linked facts to its row, its values with their ranks, and its status."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias

from db.civil_dates import find_days
from db.rounds import EXPRESS_ENTRY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from db.event_rules import Family, Rules
    from db.linking import FactRow

RECORD = "(official record)"
Planned: TypeAlias = "Mapping[tuple[str, str | None], Sequence[int]]"
"""Pathway and year to the targets that the levels plan in force has."""
_DRAW_COLUMNS = {"draw_on": ("draw_date", "EDTF"), "invitations": ("invitations", "invitations"), "cutoff_score": ("cutoff_score", "points")}
_APPROXIMATE = 0.05


@dataclass
class _Value:
    """A distinct value of an event and the facts that give it."""

    attribute: str
    scope: str
    unit: str
    value: str
    number: float | None
    facts: list[FactRow] = field(default_factory=list)
    support: list[FactRow] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    live: bool = False
    on_record: bool = False
    limit: str = "eq"

    def take(self, fact: FactRow) -> None:
        """Add a fact that gives the value."""
        self.facts.append(fact)
        role = fact.role
        self.live = self.live or role in {"support", "background"}
        if role == "support":
            self.support.append(fact)
            self.owners.add(fact.text.owner)

    def record(self, comparator: str = "eq") -> None:
        """Note that the official record gives the value, or gives it as a limit."""
        self.on_record = self.live = True
        self.limit = comparator
        self.owners.add(RECORD)

    def find_room(self) -> dict[str, set[tuple[float, float]]]:
        """Owner to the ranges that its words for the value leave room for."""
        room: dict[str, set[tuple[float, float]]] = defaultdict(set)
        for owner, comparator, number, high in {(fact.text.owner, fact.comparator, fact.value_num, fact.value_high) for fact in self.support}:
            room[owner].add(find_range(self.attribute, self.value, comparator, number, high))
        if self.on_record:
            room[RECORD].add(find_range(self.attribute, self.value, self.limit, self.number, None))
        return room

    def weigh(self) -> tuple[Any, ...]:
        """How much stands behind the value, for comparison: the record, an authority, owners, stories, exactness, recency."""
        support = self.support
        return (
            self.on_record, any(fact.text.official for fact in support), len(self.owners), len({fact.text.story_id for fact in support}), bool(support),
            any(fact.comparator == "eq" for fact in self.facts), max((fact.text.published for fact in self.facts), default=""), self.value,
        )


def describe_event(
    family: Family, facts: Sequence[FactRow], draw: Mapping[str, Any] | None, today: str, planned: Planned | None = None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of `events` that follow from an event's facts, and its rows of `event_values` without their ids.

    Args:
        family: The event's family.
        facts: All facts linked to it, whatever their role.
        draw: The official draw, where it is one.
        today: The civil date that the status is true of, ISO.
        planned: The numbers that the levels plan in force has.
    """
    values = list(_gather(family, facts, draw, planned or {}))
    support = [fact for fact in facts if fact.role == "support"]
    told = support or [fact for fact in facts if fact.role == "background"] or list(facts)
    rows = _rank(family, values)
    days = sorted(fact.text.published for fact in told if fact.text.published)
    official_days = sorted(fact.text.published for fact in support if fact.text.official and fact.text.published)
    stated = next((row["value"] for row in rows if row["attribute_id"].endswith("_on") and row["rank"] == "preferred"), None)
    period = next((fact.period for fact in told if fact.period and find_days(fact.period)), None)
    if family.told_apart_by == "day":
        event_date = draw["draw_date"] if draw else stated or period
    else:
        event_date = {"date": stated, "period": period}.get(family.told_apart_by)
    effective, end = _find_span(family, event_date)
    event_type = "launch" if family.launch and any(fact.rule.endswith(family.launch) for fact in told) else family.id
    stance = find_stance(facts, draw)
    row = {
        "event_type": event_type,
        "title": _title(family, event_date or (days[0] if days else None), rows, draw),
        "event_date": event_date,
        "announced_date": event_date if family.id == "announcement" else (official_days[0] if official_days else None),
        "effective_date": None if family.id == "announcement" else effective,
        "end_date": end,
        "period": period if family.told_apart_by == "period" else None,
        "stance": stance,
        "status": derive_status(stance, effective, end, today),
        "draw_id": draw["draw_id"] if draw else None,
        "facts": len(support),
        "articles": len({fact.text.article_id for fact in support}),
        "stories": len({fact.text.story_id for fact in support}),
        "owners": len({fact.text.owner for fact in support}),
        "official": int(draw is not None or any(fact.text.official for fact in support)),
        "conflict": int(any(row["conflict"] for row in rows)),
        "first_reported": days[0] if days else None,
        "last_reported": days[-1] if days else None,
    }
    return row, rows


def derive_status(stance: str, effective: str | None, end: str | None, today: str) -> str:
    """What is so on a day: proposed, reported and cancelled stay so; what is announced is scheduled, in effect or over by its dates.

    Args:
        stance: How surely it is told: proposed, reported, announced or cancelled.
        effective: First day, EDTF.
        end: Last day, EDTF.
        today: The day, ISO.
    """
    if stance != "announced":
        return stance
    now = date.fromisoformat(today).toordinal()
    begins, ends = find_days(effective), find_days(end)
    if ends and ends[1] < now:
        return "ended"
    if begins is None:
        return "announced"
    return "scheduled" if begins[0] > now else "in_effect"


def find_stance(facts: Iterable[FactRow], draw: Mapping[str, Any] | None) -> str:
    """How surely an event is told.

    announced: on the official record, published by an authority, or a text says that it was announced. proposed: all who
    tell of it call it a proposal or a forecast. cancelled: an authority denies it, or nobody tells of it after a denial.
    reported: news alone.
    """
    if draw is not None:
        return "announced"
    facts = list(facts)
    support = [fact for fact in facts if fact.role == "support"]
    denials = [fact for fact in facts if fact.role == "denied"]
    if denials and (any(fact.text.official for fact in denials) or max(fact.text.published for fact in denials) > max((fact.text.published for fact in support), default="")):
        return "cancelled"
    if support and all(fact.modality in {"proposed", "forecast"} for fact in support):
        return "proposed"
    if any(fact.text.official or fact.modality == "announced" for fact in support):
        return "announced"
    return "reported"


def find_range(attribute: str, value: str, comparator: str, number: float | None, high: float | None) -> tuple[float, float]:
    """Lowest and highest value that words leave room for: about 5,000 means 4,750 to 5,250, up to 900 all below it, March each of its days.

    Codes, durations and other values that are no numbers leave room for nothing: the range is empty.
    """
    if attribute.endswith("_on"):
        days = find_days(value)
        return days or (inf, -inf)
    if number is None:
        return inf, -inf
    top = number if high is None else high
    slack = _APPROXIMATE * abs(number)
    ranges = {"approx": (number - slack, top + slack), "ge": (number, inf), "gt": (number, inf), "le": (-inf, top), "lt": (-inf, top)}
    return ranges.get(comparator, (number, top))


def _gather(family: Family, facts: Sequence[FactRow], draw: Mapping[str, Any] | None, planned: Planned) -> Iterable[_Value]:
    values: dict[tuple[str, str, str, str], _Value] = {}
    for fact in facts:
        on_draw = family.told_apart_by == "day" and fact.attribute_id in _DRAW_COLUMNS
        scope, unit = ("", _DRAW_COLUMNS[fact.attribute_id][1]) if on_draw else (fact.scope or "", fact.unit or "")
        key = (fact.attribute_id, scope, unit, fact.value)
        values.setdefault(key, _Value(*key, fact.value_num)).take(fact)
    for attribute, (column, unit) in _DRAW_COLUMNS.items() if draw is not None else ():
        assert draw is not None
        if draw[column] is not None:
            key = (attribute, "", unit, str(draw[column]))
            number = float(draw[column]) if isinstance(draw[column], int) else None
            values.setdefault(key, _Value(*key, number)).record((draw.get("invitations_comparator") or "eq") if attribute == "invitations" else "eq")
    if family.id == "target":
        _record_planned(values, facts, planned)
    return values.values()


def _record_planned(values: dict[tuple[str, str, str, str], _Value], facts: Sequence[FactRow], planned: Planned) -> None:
    """Note what the levels plan has for the pathway and year of a target.

    A pathway may stand for several classes of the plan. Then its numbers only count where a text gives one of them:
    else nobody can tell which class the event is about.
    """
    years = {(fact.pathway_id, fact.period) for fact in facts if fact.period}
    numbers = sorted({number for key in years for number in planned.get(key, ())}) if len(years) == 1 else []
    keys = [("target", "", "people", str(number)) for number in numbers]
    if len(keys) == 1 or any(key in values and values[key].support for key in keys):
        for key in keys:
            values.setdefault(key, _Value(*key, float(key[-1]))).record()


def _rank(family: Family, values: Sequence[_Value]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str, str], list[_Value]] = defaultdict(list)
    for value in values:
        groups[value.attribute, value.scope, value.unit].append(value)
    rows = []
    for _, group in sorted(groups.items()):
        group.sort(key=lambda value: (value.live, value.weigh()), reverse=True)
        rivals = [value for value in group if value.on_record or value.support] if group[0].attribute in family.single else []
        conflict = len(rivals) > 1 and _differ(rivals)
        for at, value in enumerate(group):
            first = at == 0 and (value.attribute in family.single or len(group) == 1)
            rows.append(_value_row(value, "deprecated" if not value.live else "preferred" if first else "normal", at + 1) | {"conflict": int(conflict and value.live)})
    return rows


def _value_row(value: _Value, rank: str, place: int) -> dict[str, Any]:
    support = value.support
    told = support or value.facts
    best = min(told, key=lambda fact: (not fact.text.official, fact.comparator != "eq", fact.text.published or "9999", -(fact.score or 0), fact.fact_id), default=None)
    days = sorted(fact.text.published for fact in told if fact.text.published)
    if value.on_record or any(fact.text.official for fact in support):
        basis = "official"
    elif any(fact.reviewed for fact in value.facts):
        basis = "reviewed"
    else:
        basis = "corroborated" if len(value.owners) > 1 else "single"
    return {
        "attribute_id": value.attribute, "scope": value.scope, "unit": value.unit, "value": value.value, "value_num": value.number, "rank": rank, "place": place,
        "basis": basis, "on_record": int(value.on_record), "facts": len(support), "owners": len({fact.text.owner for fact in support}),
        "best_fact_id": best.fact_id if best else None, "first_reported": days[0] if days else None, "last_reported": days[-1] if days else None,
    }


def _differ(group: Sequence[_Value]) -> bool:
    """Whether two owners give values that leave no room for each other. One owner may give several."""
    given: dict[str, set[str]] = defaultdict(set)
    room: dict[str, set[tuple[float, float]]] = defaultdict(set)
    for value in group:
        for owner, ranges in value.find_room().items():
            given[owner].add(value.value)
            room[owner] |= ranges
    return any(given[one].isdisjoint(given[other]) and not _overlap(room[one], room[other]) for one, other in combinations(given, 2))


def _overlap(some: Iterable[tuple[float, float]], others: Collection[tuple[float, float]]) -> bool:
    return any(low <= most and least <= high for low, high in some for least, most in others)


def _find_span(family: Family, event_date: str | None) -> tuple[str | None, str | None]:
    if event_date is None:
        return None, None
    first, slash, last = event_date.partition("/")
    days = find_days(event_date)
    if slash and (days is None or days[0] > days[1]):
        return None, None
    begins, ends = (None if part in {"", ".."} else part for part in ((first, last) if slash else (event_date, event_date)))
    return begins, ends if not family.lasts or family.told_apart_by == "period" else None


def _title(family: Family, event_date: str | None, rows: Sequence[Mapping[str, Any]], draw: Mapping[str, Any] | None) -> str:
    if draw is not None:
        unknown = draw.get("system") not in {None, EXPRESS_ENTRY} and not draw.get("pathway_id")
        return f"Draw {draw['number']}" + (f", {draw['name']}" if unknown else "")
    first = next((row for row in rows if row["rank"] == "preferred"), rows[0])
    value = " ".join(filter(None, [first["value"], first["unit"] if first["unit"] != "ISO 8601 duration" else ""]))
    return family.title.format(date=event_date or "", period=event_date or "", value=value, attribute=first["attribute_id"].replace("_", " ").capitalize()).strip()


def explain_link(rules: Rules, family_id: str, link_rule: str) -> str:
    """Why a fact was tied to its event, in words."""
    family, link = rules.family(family_id), rules.links[link_rule]
    return link.words.format(window=family.window, overlap=f"{family.overlap:.0%}")
