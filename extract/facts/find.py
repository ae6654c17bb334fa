"""Find the facts of a document: statements, tables and lists, then each fact once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.facts.draws import is_drawn
from extract.facts.flattened import read_flattened
from extract.facts.genres import drop_untold
from extract.facts.lists import read_lists
from extract.facts.occupations import OccupationLists
from extract.facts.records import read_labelled
from extract.facts.scopes import is_below
from extract.facts.statements import Statements
from extract.facts.subjects import find_topic
from extract.facts.tables import read_tables

if TYPE_CHECKING:
    from extract.facts.fact import Fact
    from extract.facts.reading import Reading


FIGURES = frozenset({"invitations", "cutoff_score"})
DAY_LENGTH, MONTH_LENGTH = 10, 7  # characters of a day and a month in EDTF; a round is dated to the day, or else to the month


def find_facts(reading: Reading) -> list[Fact]:
    """All facts of a document, each (pathway, attribute, value, period) once, in the order of their evidence."""
    topic = reading.topic = find_topic(reading)
    labelled, used = read_labelled(reading, topic)
    flattened, lines = read_flattened(reading, topic)
    statements = Statements(reading, topic, used | lines)
    facts = [*statements.read(), *labelled, *flattened]
    facts += [*read_tables(reading, topic, facts), *read_lists(reading, topic, facts, used | lines)]
    facts = drop_general(reading, facts)
    date_figures(facts)
    facts += date_rounds(reading, facts)
    facts += share_fee_dates(statements.shared, facts)
    drawn = {fact.pathway for fact in facts if fact.attribute == "draw_on"}
    if len(drawn) == 1 and topic and is_below(next(iter(drawn)), topic):
        topic = next(iter(drawn))  # the codes of a draw story are those of the drawn category
    facts += OccupationLists(reading, topic).read()
    facts = drop_untold(reading, [fact for fact in facts if fact.modality != "denied"])
    date_lists(facts)
    facts.sort(key=lambda fact: (fact.evidence[0], -fact.score))
    kept: dict[tuple[str, str, str, str], Fact] = {}
    for fact in facts:
        before = kept.get(fact.key())
        if before is None or (fact.comparator != "eq", fact.score) > (before.comparator != "eq", before.score):
            kept[fact.key()] = fact
    dated = {(fact.pathway, fact.attribute, repr(fact.value)) for fact in kept.values() if fact.period}
    return [fact for fact in kept.values() if fact.period or (fact.pathway, fact.attribute, repr(fact.value)) not in dated]


def drop_general(reading: Reading, facts: list[Fact]) -> list[Fact]:
    """Facts without those figures of a program that the text gives to one of its streams too, for the same round or in the headline: "OINP invites 1,200"."""
    end = reading.blocks[0].end if reading.blocks else 0
    named: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        if fact.attribute in FIGURES:
            named.setdefault((fact.attribute, repr(fact.value)), []).append(fact)
    return [fact for fact in facts if not any(
        is_below(other.pathway, fact.pathway) and (fact.evidence[0] < end or (fact.period is not None and other.period == fact.period))
        for other in named.get((fact.attribute, repr(fact.value)), ()))]


def share_fee_dates(shared: list[Fact], facts: list[Fact]) -> list[Fact]:
    """"The new rates kick in on May 3", beside a table of many programs' fees: they do for each of them."""
    charged = dict.fromkeys(fact.pathway for fact in facts if fact.attribute == "fee")
    return [replace(fact, pathway=pathway, spans=list(fact.spans)) for fact in shared for pathway in charged]


def date_figures(facts: list[Fact]) -> None:
    """Give figures of a round without a day of their own the only one that the text tells for the pathway's family."""
    rounds = [(str(fact.value), fact.pathway) for fact in facts if fact.attribute == "draw_on"]
    for fact in facts:
        if fact.attribute in FIGURES and fact.period is None:
            days = {day for day, name in rounds if name == fact.pathway or is_below(name, fact.pathway) or is_below(fact.pathway, name)}
            if len(days) == 1:
                fact.period = days.pop()


def date_rounds(reading: Reading, facts: list[Fact]) -> list[Fact]:
    """The day of each round whose figures the text gives: a stream's round is held on the day of its program's.

    The mark of the value is the nearest place that names the day; the evidence stays the clause with the figures.
    """
    known = {(fact.pathway, str(fact.value)) for fact in facts if fact.attribute == "draw_on"}
    made: list[Fact] = []
    for fact in sorted(facts, key=lambda each: -len(each.period or "")):  # days first: a month with a day in it has no round of its own
        if fact.attribute in {"invitations", "cutoff_score"} and fact.period and (fact.pathway, fact.period) not in known and (
            len(fact.period) == DAY_LENGTH or (len(fact.period) == MONTH_LENGTH and not any(
                day.startswith(fact.period) and (name == fact.pathway or is_below(name, fact.pathway)) for name, day in known))
        ):
            named = [mention for mention in reading.dates if mention["edtf"] == fact.period]
            if not named:
                continue
            known.add((fact.pathway, fact.period))
            nearest = min(named, key=lambda mention: abs(mention["start"] - fact.evidence[0]))
            spans = [("value", nearest["start"], nearest["end"]), *(span for span in fact.spans if span[0] == "subject")]
            made.append(replace(fact, attribute="draw_on", value=fact.period, unit="", comparator="eq", period=None, rule="draw_on-figures", spans=spans))
    return made


def date_lists(facts: list[Fact]) -> None:
    """Give the codes of a round's list the date of the round: the pathway's only one, or the last of which the text told before the list."""
    rounds = sorted((fact.evidence[0], str(fact.value), fact.pathway) for fact in facts if fact.attribute == "draw_on")
    for fact in facts:
        if fact.attribute != "eligible_noc" or fact.period is not None or not is_drawn(fact.pathway) or is_below(fact.pathway, "ca-ee"):
            continue  # a federal category's list outlasts its rounds
        own = [one for one in rounds if one[2] == fact.pathway] or [
            one for one in rounds if is_below(one[2], fact.pathway) or is_below(fact.pathway, one[2])] or rounds
        days = {day for _, day, _ in own}
        before = [day for start, day, _ in own if start <= fact.evidence[0]]
        if len(days) == 1 or before:
            fact.period = days.pop() if len(days) == 1 else before[-1]
