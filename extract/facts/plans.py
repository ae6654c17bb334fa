"""Planned admissions: counts of newcomers that a plan's text gives with a year to come, however the sentence words it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.cues.assign import Assignment
from extract.facts.labels import find_role
from extract.facts.periods import choose_date, pair_years

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.cues.match import Item
    from extract.facts.reading import Reading

PLANNED = 5.0  # cost of a claim that the kind of text and the year make
FEWEST = 250  # fewer people are hardly planned for a country
PLANS = frozenset({"ca-levels", "au-program"})
NAMED = frozenset({"plan", "plans", "planned", "target", "targets", "levels"})
PERSONS = frozenset({"admissions", "arrivals", "landings", "newcomers", "immigrants", "residents", "refugees", "students", "workers", "persons", "people", "spaces", "places",
                     "francophones", "intake", "entries", "immigration", "resident", "family", "economic", "candidates", "nominees", "caregivers", "entrants", "arrival"})
PLANNING = frozenset({"plan", "plans", "planned", "planning", "target", "targets", "targeted", "targeting", "goal", "goals", "levels", "aim", "aims", "aiming", "objective", "projected",
                      "projects", "pencilled", "foresees", "envisions", "envisages", "calls", "expects", "expected", "set", "sets", "intends", "wants", "will", "would", "to"})
COUNTED = frozenset({"backlog", "applied", "applications", "received", "approved", "approvals", "refused", "population", "waiting", "survey", "pool", "inventory", "unemployed",
                     "employers", "claims", "expire", "expires", "expired", "leave", "left", "jobs", "homes", "housing", "since", "ago", "estimated", "estimates", "invited",
                     "invitations", "poll", "respondents", "score", "points", "billion", "million", "deaths", "fewer", "less", "more"})
CHANGES = frozenset({"cut", "difference", "drop", "reduction", "increase", "rise", "decrease"})
PAST = frozenset({"admitted", "welcomed", "landed", "arrived", "came", "issued", "granted", "settled", "resettled"})
MODAL = frozenset({"will", "would", "to", "be", "being"})
BEFORE = 3  # items before a count whose words make it no planned one: "a cut of 105,000"
YEAR = re.compile(r"\d{4}")
NOUN_REACH = 60  # characters behind a count in which those counted are named
NOUN_END = re.compile(r"[,;.:()]|\b(?:and|in|for|by|while|to|from|down|up|next|this)\b|\d")


def is_plan(reading: Reading, items: Sequence[Item]) -> bool:
    """True where a sentence speaks of a plan, or its text of a plan of admissions."""
    title = reading.blocks[0]
    first, last = reading.tokens.range(title.start, title.end)
    return any(item.word in NAMED for item in items) or not NAMED.isdisjoint(reading.tokens.lower[first:last]) or any(mention["id"] in PLANS for mention in reading.pathways)


def claim_plans(reading: Reading, items: list[Item], told: Sequence[Assignment]) -> list[Assignment]:
    """Targets for the free counts of a sentence of a plan, each with a year that is not past when the text appears."""
    words = {item.word for item in items}
    taken = {each.place for each in told}
    limited = "cap" in {each.category for each in told} and "target" not in {each.category for each in told}
    if not reading.published or PERSONS.isdisjoint(words) or PLANNING.isdisjoint(words) or not is_plan(reading, items) or (
        not PAST.isdisjoint(words) and MODAL.isdisjoint(words)
    ):
        return []
    dates = [item for item in items if item.slot == "date" and item.mention["precision"] in {"year", "interval"}]
    found = []
    for place, item in enumerate(items):
        if item.slot != "n" or place in taken or item.mention["unit"] not in {"", "people", "spaces"} or not counts_many(item):
            continue
        near = {each.word for each in (*items[max(0, place - BEFORE):place], *items[place + 1:place + 1 + BEFORE])}
        before = [each.word for each in items[max(0, place - 2):place]]
        if not COUNTED.isdisjoint(near) or before[-1:] == ["by"] or (before[-1:] == ["of"] and before[0] in CHANGES):
            continue
        paired = pair_years(items, item, dates)
        date = paired or choose_date(items, place, dates)
        if date is not None and is_coming(date, reading.published):
            found.append(Assignment(place, "cap" if limited else "target", None, PLANNED))
    return found


def counts_many(item: Item) -> bool:
    """True for a number large enough to be planned for a country."""
    value = item.mention["value"]
    return isinstance(value, (int, float)) and value >= FEWEST


def is_coming(date: Item, published: str) -> bool:
    """True for a year that is not over when the text appears."""
    years = YEAR.findall(str(date.mention["edtf"]))
    return bool(years) and years[-1] >= published[:4]


def name_counted(reading: Reading, end: int) -> str:
    """The pathway of those whom a planned count is of, by the noun behind it: "155,000 new students"."""
    stop = NOUN_END.search(reading.text, end, end + NOUN_REACH)
    return find_role(reading.text[end:stop.start() if stop else end + NOUN_REACH], "row")
