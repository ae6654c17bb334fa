"""Milestones that the layout tells: lines of a label and a span of time, lines of a change log, sentences under a bare date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.cues.assign import Assignment
from extract.facts.events import LEADS, find_events, kind_of, read_mark

if TYPE_CHECKING:
    from extract.cues.match import Item
    from extract.facts.reading import Mention, Passage, Reading

STAMP = re.compile(r" ?[\u2013\u2014-]{1,2} ?[A-Z][^\W\d_]+(?:[ ,.-]+[^\W\d_]+){0,4}\.? ?[\u2013\u2014-]{1,2}(?=\W*\w)")  # "May 3, 2024\u2014Ottawa, Ontario\u2014": a dateline
SURE_CUE = 1.0  # cost of a claim that a line's layout makes
NOTED = frozenset({"other", "announce", "hold"})  # kinds beside which a line tells of something else
LEADING = 3  # items before a date that leads its line, or behind one that ends it
LONGEST_LINE = 10  # items of a line that is hardly more than a label and a date
LONGEST_LABEL = 8  # items before the colon of a line's label
WINDOWS = frozenset({"window", "windows", "intake", "intakes", "registration", "registrations", "entries", "entry", "ballot", "rounds", "openings", "inscription", "inscriptions"})
SEVERAL = 2  # headings that are days


def claim_windows(reading: Reading, passage: Passage, items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
    """A line that is a label and a span of time, below a lead or heading that speaks of intakes: "Second: July 2 to July 9"."""
    block = reading.blocks[passage.block]
    dates = [place for place, item in enumerate(items) if item.slot == "date"]
    colon = next((place for place, item in enumerate(items[:LONGEST_LABEL]) if item.word == ":"), 0)
    if colon and not WINDOWS.isdisjoint(item.word for item in items[:colon]):  # "Earlier windows: July 2 to July 9; May 3 to May 10"
        claimed = {item.place for item in assigned}
        return [*assigned, *(Assignment(place, "opens_on", None, SURE_CUE) for place in dates
                             if place > colon and place not in claimed and items[place].mention["precision"] == "interval")]
    bracketed = [place for place in dates if place > 1 and items[place - 1].word == "(" and items[place - 2].slot == "path"
                 and items[place].mention["precision"] == "interval" and all(item.place != place for item in assigned)]
    if bracketed:  # "the Growers' Pilot (May 3, 2024, to May 14, 2026)"
        return [*assigned, *(Assignment(place, "opens_on", None, SURE_CUE) for place in bracketed)]
    if (block.kind != "item" and passage.end - passage.start < block.end - block.start) or len(items) > LONGEST_LINE or len(dates) != 1 or any(item.place == dates[0] for item in assigned) or (
        items[dates[0]].mention["precision"] != "interval"):
        return assigned
    for number in (reading.intros[passage.block], reading.labels[passage.block], reading.headings[passage.block]):
        if number is not None:
            first, last = reading.tokens.range(reading.blocks[number].start, reading.blocks[number].end)
            if not WINDOWS.isdisjoint(reading.tokens.lower[first:last]):
                return [*assigned, Assignment(dates[0], "opens_on", None, SURE_CUE)]
    return assigned


def dated_above(reading: Reading, passage: Passage) -> Mention | None:
    """The day that the heading above a sentence without a date consists of, in a text of several such headings: one alone is a stamp."""
    if len(reading.days_above) < SEVERAL or reading.within("dates", passage.start, passage.end):
        return None
    for number in (reading.labels[passage.block], reading.headings[passage.block]):
        if number in reading.days_above:
            return reading.days_above[number]
    return None


def claim_notes(reading: Reading, passage: Passage, items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
    """A line of a change log, "May 3, 2024: half of the fields are back", or a headline, "New hurdles from May 3", tells of a change without a verb for it."""
    dates = [place for place, item in enumerate(items) if item.slot == "date"]
    if len(dates) != 1 or items[dates[0]].mention["precision"] not in {"day", "month"} or any(item.place == dates[0] for item in assigned):
        return assigned
    place = dates[0]
    leading = place < LEADING and not STAMP.match(reading.text, items[place].end) and place + 1 < len(items) and items[place + 1].word in LEADS and len(items) > place + LEADING
    short = reading.text[passage.end - 1] not in ".!?:" and items[place - 1].word != "of" and read_mark(items, place)[0] == "from" and place + LEADING > len(items)
    nouns = {kind_of(items, at) for at in range(len(items))}
    if not (leading or short) or nouns.isdisjoint({"rule", "policy", "path", "intake"}) or "other" in nouns or not NOTED.isdisjoint(
            event.kind for event in find_events(items)):
        return assigned
    return [*assigned, Assignment(place, "effective_on", None, SURE_CUE)]
