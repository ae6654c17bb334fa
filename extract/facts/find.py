"""Find the facts of a document: statements, tables and lists, then each fact once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.facts.draws import is_drawn
from extract.facts.flattened import read_flattened
from extract.facts.occupations import OccupationLists
from extract.facts.scopes import is_below
from extract.facts.statements import Statements
from extract.facts.subjects import find_topic
from extract.facts.tables import read_labelled, read_tables

if TYPE_CHECKING:
    from extract.facts.fact import Fact
    from extract.facts.reading import Reading


DAY_LENGTH = 10  # characters of a day in EDTF; a round is dated to the day


def find_facts(reading: Reading) -> list[Fact]:
    """All facts of a document, each (pathway, attribute, value, period) once, in the order of their evidence."""
    topic = reading.topic = find_topic(reading)
    labelled, used = read_labelled(reading, topic)
    flattened, lines = read_flattened(reading, topic)
    facts = [*Statements(reading, topic, used | lines).read(), *labelled, *flattened, *read_tables(reading, topic)]
    facts += date_rounds(reading, facts)
    drawn = {fact.pathway for fact in facts if fact.attribute == "draw_on"}
    if len(drawn) == 1 and topic and is_below(next(iter(drawn)), topic):
        topic = next(iter(drawn))  # the codes of a draw story are those of the drawn category
    facts += OccupationLists(reading, topic).read()
    facts = [fact for fact in facts if fact.modality != "denied"]
    date_lists(facts)
    facts.sort(key=lambda fact: (fact.evidence[0], -fact.score))
    kept: dict[tuple[str, str, str, str], Fact] = {}
    for fact in facts:
        before = kept.get(fact.key())
        if before is None or (fact.comparator != "eq", fact.score) > (before.comparator != "eq", before.score):
            kept[fact.key()] = fact
    dated = {(fact.pathway, fact.attribute, repr(fact.value)) for fact in kept.values() if fact.period}
    return [fact for fact in kept.values() if fact.period or (fact.pathway, fact.attribute, repr(fact.value)) not in dated]


def date_rounds(reading: Reading, facts: list[Fact]) -> list[Fact]:
    """The day of each round whose figures the text gives: a stream's round is held on the day of its program's.

    The mark of the value is the nearest place that names the day; the evidence stays the clause with the figures.
    """
    known = {(fact.pathway, fact.value) for fact in facts if fact.attribute == "draw_on"}
    made: list[Fact] = []
    for fact in facts:
        if fact.attribute in {"invitations", "cutoff_score"} and fact.period and len(fact.period) == DAY_LENGTH and (fact.pathway, fact.period) not in known:
            named = [mention for mention in reading.dates if mention["edtf"] == fact.period]
            if not named:
                continue
            known.add((fact.pathway, fact.period))
            nearest = min(named, key=lambda mention: abs(mention["start"] - fact.evidence[0]))
            spans = [("value", nearest["start"], nearest["end"]), *(span for span in fact.spans if span[0] == "subject")]
            made.append(replace(fact, attribute="draw_on", value=fact.period, unit="", comparator="eq", period=None, rule="draw_on-figures", spans=spans))
    return made


def date_lists(facts: list[Fact]) -> None:
    """Give the codes of a round's list the date of the round, where the text speaks of only one of that pathway."""
    rounds: dict[str, set[str]] = {}
    for fact in facts:
        if fact.attribute == "draw_on":
            rounds.setdefault(fact.pathway, set()).add(str(fact.value))
    every = set().union(*rounds.values()) if rounds else set()
    for fact in facts:
        if fact.attribute == "eligible_noc" and fact.period is None:
            dates = rounds.get(fact.pathway, every)
            if len(dates) == 1 and is_drawn(fact.pathway):
                fact.period = next(iter(dates))
