"""Entries of a round: streams with their figures, one after the other in a sentence or one to an item, without a verb."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.cues.assign import VALUES, Assignment
from extract.facts.draws import is_drawn

if TYPE_CHECKING:
    from extract.cues.match import Item
    from extract.facts.reading import Passage, Reading

ENTERED = 2.5  # cost of a claim that only the place of a number makes
COUNTING = frozenset({"", "people", "invitations"})
PARTING = frozenset({"(", ":", ",", "-", "\u2013", "\u2014", "stream", "category", "candidates", "pathway", "draw", "[", "was", "got", "had", "took"})
RATING = frozenset({"score", "scores", "crs", "cut", "cutoff", "off", "points", "least", "minimum", "lowest", "above", "than", "ranked", "clb", "nclc", "teer", "noc", "draw",
                    "#", "no", "number", "round", "rank", "between", "from", "at", "subclass", "section", "and", "to"})
CHOOSING = frozenset({"take", "takes", "took", "taken", "taking", "ask", "asked", "asks", "asking", "call", "called", "calls", "pick", "picked", "picks", "select", "selected", "selects", "choose", "chose",
                      "chosen", "draw", "drew", "drawn", "draws", "invite", "invited", "invites", "inviting", "welcome", "welcomed", "target", "targeted", "tap", "tapped", "pull", "pulled", "to", "went", "for"})
CHOOSING_REACH = 5  # items before a number in which a verb of choosing may stand
ADJECTIVES = 2  # items behind a number within which the name follows: "249 new nominees"
SCORED = frozenset({"crs", "score", "scores", "cutoff", "off", "points", "minimum", "lowest"})
ASKED = re.compile(r"(?i)cut-?\s?off|\bscores?\b|\bpoints\b|\bcrs\b")
LONGEST_ANSWER = 4  # items of a sentence that only answers what score it was
GAP = 4  # items between a name and the number that goes with it
FEWEST_ENTRIES = 2
LONGEST_LEAD = 60  # words at the end of a lead or heading that are looked at
EVENTS = frozenset({"draw", "draws", "round", "rounds", "invited", "invitations", "invitation", "itas", "ita", "laas", "lois", "nois", "letters", "selections", "selected",
                    "selection", "invites", "drawn", "notifications", "issued"})


def claim_entries(reading: Reading, passage: Passage, items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
    """Numbers that stand right behind a stream's name, several in a sentence or one in an item below words of a draw, count its invitations."""
    listed = reading.blocks[passage.block].kind == "item" and is_led(reading, passage.block)
    taken = {item.place: item for item in assigned}
    entries = [place for place, item in enumerate(items) if item.slot == "n" and item.mention["unit"] in COUNTING and is_entry(items, place)]
    if not listed and len(entries) < FEWEST_ENTRIES:
        return assigned
    if listed and not entries and not any(item.category == "invitations" for item in assigned):
        entries = [place for place, item in enumerate(items) if item.slot == "n" and item.mention["unit"] in {"people", "invitations"} and place not in taken][:1]
    for place in entries:
        if place not in taken or taken[place].category in {"cutoff_score", "cap", "target"}:
            taken[place] = Assignment(place, "invitations", None, ENTERED)
    return [taken[place] for place in sorted(taken)]


def claim_names(items: list[Item], assigned: list[Assignment], weighed: list[Assignment]) -> list[Assignment]:
    """"It had taken 249 provincial nominees": a number before a drawn pathway's name, behind a verb of choosing, counts the invited."""
    claimed = {each.place for each in (*assigned, *weighed)}
    found = [Assignment(place, "invitations", None, ENTERED) for place, item in enumerate(items)
             if item.slot == "n" and place not in claimed and item.mention["unit"] in COUNTING and place + 1 < len(items)
             and any(after.slot == "path" and is_drawn(after.mention["id"]) for after in items[place + 1:place + 1 + ADJECTIVES])
             and not CHOOSING.isdisjoint(before.word for before in items[max(0, place - CHOOSING_REACH):place])]
    if any(each.category == "invitations" for each in (*assigned, *found)):  # "1,000 invitations, 534 points"
        found += [Assignment(place, "cutoff_score", None, ENTERED) for place, item in enumerate(items)
                  if item.slot == "n" and place not in claimed and item.mention["unit"] == "points" and VALUES["score"](item)]
    return sorted([*assigned, *found], key=lambda each: each.place)


def claim_scores(reading: Reading, passage: Passage, items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
    """"2,095 invited, CRS 529", "(scores 433 to 534)", "The cut-off? 521.": a bare number behind the word for a score is one, beside a count of invitations."""
    if any(each.category == "invitations" for each in assigned):
        scores = [place for place, item in enumerate(items) if place and is_bare_score(item) and items[place - 1].word in SCORED]
        scores = [place for place in scores if any(each.category == "invitations" and each.place != place for each in assigned)]
    else:
        own = reading.passages_of[passage.block]
        at = own.index(passage)
        earlier = own[:at] or reading.passages_of.get(passage.block - 1, [])
        before = earlier[-1] if earlier else None
        scores = [place for place, item in enumerate(items) if is_bare_score(item)] if len(items) <= LONGEST_ANSWER and before is not None and (
            reading.text[before.end - 1] == "?" and ASKED.search(reading.text, before.start, before.end)) else []
    if not scores:
        return assigned
    return sorted([*(each for each in assigned if each.place not in scores), *(Assignment(place, "cutoff_score", None, ENTERED) for place in scores)],
                  key=lambda each: each.place)


def is_bare_score(item: Item) -> bool:
    """True for a number that may be a score, and no number of one or two persons."""
    return item.slot == "n" and VALUES["score"](item)


def is_entry(items: list[Item], place: int) -> bool:
    """True for a number behind a name, with no more than marks and "stream" between: "Skilled Worker stream (87", "Skilled Worker: 87"."""
    for before in reversed(items[max(0, place - GAP):place]):
        if before.slot == "path":
            return True
        if before.slot or before.word not in PARTING or before.word in RATING:
            return False
    return False


def is_led(reading: Reading, number: int) -> bool:
    """True for an item whose lead or heading, or the title, speaks of a draw."""
    for above in (reading.intros[number], reading.headings[number], 0):
        if above is not None:
            block = reading.blocks[above]
            first, last = reading.tokens.range(block.start, block.end)
            if not EVENTS.isdisjoint(reading.tokens.lower[max(first, last - LONGEST_LEAD):last]):
                return True
    return False
