"""Which facts tell of one event: pure functions from facts to clusters, and from clusters to permanent ids.

Facts are taken in the order of their publication, and each joins the first event that its family's rule lets it join,
or begins one. What a later text says therefore never changes how an earlier one was sorted: doing all at once and
doing it day by day come to the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from db.checks import TESTED, check_facts, related
from db.civil_dates import find_days
from db.ids import content_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from db.event_rules import Family

_MONTH = 31
_FARTHEST_YEARS, _EARLIEST = 25, 1850


class Text(NamedTuple):
    """The text that a fact stands in.

    Attributes:
        article_id: The article.
        source_id: Its source.
        owner: Who counts as its source: the owner of the outlet that had the article's story first.
        official: Whether an authority published it.
        story_id: The article's story.
        published: Day of publication, ISO; "" where unknown.
    """

    article_id: str
    source_id: str
    owner: str
    official: bool
    story_id: str
    published: str


class FactRow(NamedTuple):
    """A fact as events need it: columns of `facts`, whether a person confirmed it, whether its text says something else now, and how it was linked last."""

    fact_id: str
    version_id: str
    pathway_id: str
    attribute_id: str
    value: str
    value_num: float | None
    value_high: float | None
    unit: str | None
    comparator: str
    period: str | None
    modality: str
    scope: str | None
    rule: str
    score: float | None
    reviewed: int
    superseded: int
    event_id: str | None
    linked_by: str | None
    linked_as: str | None
    text: Text

    @property
    def role(self) -> str:
        """What the fact does for its event: support, background, denied or superseded."""
        return "superseded" if self.superseded else self.modality if self.modality in {"denied", "background"} else "support"


@dataclass
class Cluster:
    """Facts that tell of one event, each with the rule that tied it."""

    family: str
    pathway_id: str
    key: str
    draw_id: str | None = None
    facts: list[tuple[FactRow, str]] = field(default_factory=list)

    @property
    def dedupe_key(self) -> str:
        """What tells the event apart at the time it is minted."""
        return f"{self.family}|{self.pathway_id}|{self.key}"


def cluster_facts(family: Family, facts: Iterable[FactRow], draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None]) -> list[Cluster]:
    """The events that facts of one family on one pathway tell of.

    Args:
        family: The family.
        facts: Its facts on one pathway; superseded, denied and background ones too.
        draws: The official record, with `pathway_id`.
        parents: Pathway id to its parent's.

    Returns:
        The clusters, in order of their first fact. Facts without a usable date where one is needed are in none;
        denied ones only where somebody says the same.
    """
    ordered = sorted(facts, key=lambda fact: (fact.modality == "denied", fact.text.published or "9999", fact.text.article_id, fact.fact_id))
    find = {"day": _by_day, "date": _by_date, "period": _by_figure, "value": _by_figure, "list": _by_list}[family.told_apart_by]
    clusters = find(family, ordered, draws, parents)
    return [cluster for cluster in clusters if cluster.draw_id or any(fact.modality != "denied" for fact, _ in cluster.facts)]


# ---------------------------------------------------------------- draws


def _by_day(family: Family, facts: Sequence[FactRow], draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None]) -> list[Cluster]:
    official = find_official(facts, draws, parents, family.window)
    clusters: dict[tuple[str | None, str], Cluster] = {}
    for fact in facts:
        day = day_of(fact)
        if not is_plausible(day, fact.text.published):
            continue
        draw_id, rule = official.get(fact.fact_id, (None, "same-day"))
        key = (draw_id, "") if draw_id else (None, day)
        cluster = clusters.get(key)
        if cluster is None:
            if fact.modality == "denied" and not draw_id:
                continue
            cluster = clusters[key] = Cluster(family.id, fact.pathway_id, draw_id or day, draw_id)
            rule = rule if draw_id else "first"
        cluster.facts.append((fact, rule))
    return list(clusters.values())


def day_of(fact: FactRow) -> str:
    """The day, or days, of the draw that a fact is about; "" where it says none."""
    return (fact.value if fact.attribute_id == "draw_on" else fact.period) or ""


def find_official(facts: Sequence[FactRow], draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None], window: int) -> dict[str, tuple[str, str]]:
    """Fact id to the official draw that it is about and the rule that ties it; facts that no single draw fits have none.

    A draw more than `window` days from the day that the text gives is another one, however its figures fit.
    """
    by_day: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for draw in draws:
        by_day[draw["draw_date"]].append(draw)
    tested = [_as_row(fact) for fact in facts if fact.attribute_id in TESTED]
    held_on = {draw["draw_id"]: draw["draw_date"] for draw in draws}
    checked = {row["fact_id"]: row["draw_id"] for row in check_facts(tested, draws, parents) if row["draw_id"]} if draws else {}
    reports: dict[tuple[str, str, str], list[FactRow]] = defaultdict(list)
    for fact in facts:
        reports[fact.version_id, fact.pathway_id, day_of(fact)].append(fact)
    found: dict[str, tuple[str, str]] = {}
    for (_, pathway, day), members in reports.items():
        named = {checked[fact.fact_id] for fact in members if fact.fact_id in checked and _is_about(day, held_on[checked[fact.fact_id]], window)}
        if len(named) > 1:  # figures of several rounds: each goes with its own, the rest with none
            found |= {fact.fact_id: (checked[fact.fact_id], "official-figures") for fact in members if checked.get(fact.fact_id) in named}
        elif named:
            [draw_id] = named
            found |= {fact.fact_id: (draw_id, "official-figures" if checked.get(fact.fact_id) == draw_id else "official-report") for fact in members}
        elif parents.get(pathway):  # "Express Entry" alone names every round of a day
            held = [draw for draw in by_day.get(day, ()) if draw["pathway_id"] and related(pathway, draw["pathway_id"], parents)]
            if len(held) == 1:
                found |= {fact.fact_id: (held[0]["draw_id"], "official-day") for fact in members}
    return found


def _is_about(day: str, draw_date: str, window: int) -> bool:
    said, held = find_days(day), find_days(draw_date)
    return said is not None and held is not None and said[0] - window <= held[0] <= said[1] + window


def _as_row(fact: FactRow) -> dict[str, Any]:
    return {
        "fact_id": fact.fact_id, "version_id": fact.version_id, "pathway_id": fact.pathway_id, "attribute_id": fact.attribute_id, "value": fact.value,
        "value_num": fact.value_num, "value_high": fact.value_high, "comparator": fact.comparator, "period": fact.period, "published": fact.text.published,
        "source_id": fact.text.source_id,
    }


# ---------------------------------------------------------------- dates


@dataclass
class _Dated:
    """A cluster of dates: the day or month that others must be near to, and the part of the pathway that it is about."""

    cluster: Cluster
    days: tuple[int, int] | None
    scope: str | None


def _by_date(family: Family, facts: Sequence[FactRow], _draws: object, _parents: object) -> list[Cluster]:
    begun: list[_Dated] = []
    known: dict[tuple[str, str | None], _Dated] = {}
    for fact in facts:
        scope = spell_scope(fact.scope)
        if not is_plausible(fact.value, fact.text.published):
            continue
        dated, rule = known.get((fact.value, scope)), "same-date"
        if dated is None:
            dated, rule = _find_near(family, begun, fact.value, scope)
        if dated is None:
            if fact.modality == "denied":
                continue
            rule = "first"
            dated = _Dated(Cluster(family.id, fact.pathway_id, " ".join(filter(None, [fact.value, scope]))), find_days(fact.value), scope)
            begun.append(dated)
        known.setdefault((fact.value, scope), dated)
        dated.scope = dated.scope or scope
        dated.cluster.facts.append((fact, rule))
    return [dated.cluster for dated in begun]


def _find_near(family: Family, begun: Sequence[_Dated], value: str, scope: str | None) -> tuple[_Dated | None, str]:
    days = find_days(value)
    if days is None or days[1] - days[0] >= _MONTH:
        return None, ""
    near: list[tuple[int, _Dated, str]] = []
    for dated in begun:
        if dated.days is None or (dated.scope and scope and dated.scope != scope):
            continue
        low, high = dated.days
        if low == high and days[0] == days[1]:
            distance = abs(low - days[0])
            if distance <= family.window:
                near.append((distance, dated, "near-date" if distance else "same-date"))
        elif high - low < _MONTH and ((low <= days[0] and days[1] <= high) or (days[0] <= low and high <= days[1])):
            near.append((0, dated, "within-month"))
    near.sort(key=lambda one: one[0])
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):  # two would do: neither is sure
        return None, ""
    _, dated, rule = near[0]
    assert dated.days is not None
    if days[1] - days[0] < dated.days[1] - dated.days[0]:
        dated.days = days  # the day is known now: another day of the month is another event
    return dated, rule


# ---------------------------------------------------------------- figures


def _by_figure(family: Family, facts: Sequence[FactRow], _draws: object, _parents: object) -> list[Cluster]:
    clusters: dict[tuple[str | None, ...], list[tuple[Cluster, int | None]]] = defaultdict(list)
    for fact in facts:
        scope, period = spell_scope(fact.scope), fact.period if family.told_apart_by == "period" else None
        published = find_days(fact.text.published)
        day = published[0] if published else None
        figure = (fact.attribute_id, fact.value, fact.unit, scope)
        same: tuple[str | None, ...]
        parts: list[str | None]
        if period:
            if not is_plausible(period, fact.text.published):
                continue
            same, rule, parts = ("period", period, scope), "same-period", [period, scope]
        else:
            same, rule = ("figure", *figure), "same-figure" if family.told_apart_by == "period" else "same-value"
            parts = [*figure, fact.text.published if family.window else None]
        fits = [cluster for cluster, begun in clusters[same] if period or not family.window or (day is not None and begun is not None and abs(day - begun) <= family.window)]
        if fits:
            fits[0].facts.append((fact, rule))
        elif fact.modality != "denied":
            cluster = Cluster(family.id, fact.pathway_id, " ".join(filter(None, parts)), facts=[(fact, "first")])
            clusters[same].append((cluster, day))
    return [cluster for several in clusters.values() for cluster, _ in several]


# ---------------------------------------------------------------- lists


def _by_list(family: Family, facts: Sequence[FactRow], _draws: object, _parents: object) -> list[Cluster]:
    """Lists of codes. A text's whole list is compared with the first one of each event."""
    lists: dict[str, list[FactRow]] = defaultdict(list)
    for fact in facts:
        lists[fact.version_id].append(fact)
    begun: list[tuple[Cluster, frozenset[tuple[str, str]], int | None, set[str]]] = []
    for members in lists.values():
        codes = frozenset((fact.attribute_id, fact.value) for fact in members)
        text = members[0].text
        published = find_days(text.published)
        day = published[0] if published else None
        rule = "same-list"
        for found, first, start, articles in begun:
            near = text.article_id in articles or (day is not None and start is not None and abs(day - start) <= family.window)
            if near and len(codes & first) >= family.overlap * len(codes | first):
                articles.add(text.article_id)
                cluster = found
                break
        else:
            if all(fact.modality == "denied" for fact in members):
                continue
            rule = "first"
            cluster = Cluster(family.id, members[0].pathway_id, f"{text.published} {content_id(*sorted(codes))}")
            begun.append((cluster, codes, day, {text.article_id}))
        cluster.facts += [(fact, rule) for fact in members]
    return [cluster for cluster, *_ in begun]


# ---------------------------------------------------------------- dates that may be, and ids


def is_plausible(edtf: str, published: str) -> bool:
    """Whether a date can be meant: after 1850 and at most 25 years after the text was published. A misread year begins no event."""
    days, today = find_days(edtf), find_days(published)
    if days is None:
        return False
    latest = (today[0] if today else days[0]) + int(365.25 * _FARTHEST_YEARS)
    return days[0] >= int(365.25 * _EARLIEST) and days[0] <= latest


def spell_scope(scope: str | None) -> str | None:
    """A scope so that its spellings are alike: lower case, without "the"."""
    return " ".join(scope.casefold().removeprefix("the ").split()) if scope else None


def name_clusters(clusters: Sequence[Cluster], minted: Mapping[str, str], find_claim: Callable[[FactRow], str | None] = lambda fact: fact.event_id) -> Iterator[tuple[Cluster, str, str]]:
    """Each cluster with its event's permanent id and the key that it was, or is now, minted under.

    A cluster keeps the id that most of its facts had before; of two with equal claim the one with more facts gets it.
    Draws on the official record have the record's id. All others are minted from what tells them apart.

    Args:
        clusters: Clusters of one pathway.
        minted: Key to id of the events minted for that pathway so far, other than draws on record.
        find_claim: The event that a fact was sorted into before.
    """
    keys = {event_id: key for key, event_id in minted.items()}
    claims = []
    for at, cluster in enumerate(clusters):
        if not cluster.draw_id:
            before = Counter(claim for fact, _ in cluster.facts if (claim := find_claim(fact)) in keys)
            claims += [(-count, event_id or "", at) for event_id, count in before.items()]
    owned: dict[int, str] = {}
    taken: set[str] = set()
    for _, event_id, at in sorted(claims):
        if at not in owned and event_id not in taken and keys[event_id].split("|")[0] == clusters[at].family:
            owned[at] = event_id
            taken.add(event_id)
    for at, cluster in enumerate(clusters):
        if cluster.draw_id:
            yield cluster, f"ev-{cluster.draw_id}", f"draw|{cluster.draw_id}"
            continue
        if at in owned:
            yield cluster, owned[at], keys[owned[at]]
            continue
        key, number = cluster.dedupe_key, 1
        while (event_id := minted.get(key) or f"ev-{content_id('event', key)}") in taken:
            number += 1
            key = f"{cluster.dedupe_key}#{number}"
        taken.add(event_id)
        yield cluster, event_id, key
