"""Second thoughts on what the cues of a sentence claim: draws claim their day, lists their numbers, openings their date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.cues.assign import VALUES, Assignment, weigh

if TYPE_CHECKING:
    from extract.cues.match import CueMatch, Item
    from extract.facts.fact import Value
    from extract.facts.reading import Passage, Reading

CLAIMED = frozenset({"effective_on", "announced_on", "opens_on"})  # what a draw's day is easily taken for
BARRED = -3.0  # at most this cost: words right beside say that a day is none of a draw, "Tie-break: May 3"
DRAWN, COUNTED, LISTED = 1.0, 3.0, 2.0  # costs of claims that no cue beside the value makes
LONGEST_ENTRY = 14  # items of a line that is hardly more than a name and a number
LONGEST_LINE = 80  # characters of such a line
LONGEST_LIST = 30  # lines without a sign of a list that are looked back over for the sentence that leads them
ALLOTTING = frozenset({"allocation", "allocations", "allocated", "quota", "quotas", "cap", "caps", "ceiling", "ceilings", "allotted",
                       "allotments", "limits", "maximum", "places", "spaces"})
AIMING = frozenset({"target", "targets", "admissions"})
FEWEST_HOURS = 100  # fewer are a working week, not experience
MARKERS = frozenset({"as", "of", "starting", "from", "beginning", "effective", "with", "effect", "on", "or", "and", "after", "commencing", "take",
                     "takes", "taking", "took", "came", "come", "comes", "into", "force", "in", "since"})
TOLD_OF = frozenset({"closes_on", "opens_on"})
ROUNDS = frozenset({"draw", "draws", "round", "rounds", "invitations", "selections", "itas"})
GIVEN_TO = frozenset({"to", "in", "under", "from", "went"})
NEAR_NAME = 4  # items from a number's "to" or "under" to the name that it is given to
DATELINE = 5  # items before the date of a dateline
FEW_WORDS = 7  # words of a line beside its day and its names
PARTING = frozenset({";", "but", "while", "whereas", "although", "which", "who", "before", "when", "because", "if", "unless"})
BEYOND = frozenset({"more", "fewer", "less", "higher", "lower", "above", "below", "up"})  # what stands behind a difference
SMALLEST_SUM = 12  # a smaller total may come about by chance
MOST_PARTS = 8
LONGEST_CLAUSE = 24  # items


def claim_counts(items: list[Item], weighed: list[Assignment]) -> list[Assignment]:
    """In a draw story a number of invitations needs no verb: "Skilled Worker: 15 invitations"."""
    claimed = {item.place for item in weighed}
    counted = any(item.category == "invitations" for item in weighed)
    return [Assignment(place, "invitations", None, COUNTED) for place, item in enumerate(items)
            if item.slot == "n" and place not in claimed and (item.mention["unit"] == "invitations" or (counted and is_given(items, place)))]


def is_given(items: list[Item], place: int) -> bool:
    """True for "433 under the PhD Graduate stream", "75 went to Labour Impact": a bare number and the stream that it is given to."""
    return items[place].mention["unit"] == "" and items[place + 1:place + 2] != [] and items[place + 1].word in GIVEN_TO and any(
        item.slot == "path" for item in items[place + 2:place + 2 + NEAR_NAME])


def claim_for_draw(text: str, items: list[Item], assigned: list[Assignment], weighed: list[Assignment]) -> list[Assignment]:
    """The day in a sentence that counts invitations is the day of the draw, unless a cue of its own stands right beside."""
    barred = {item.place for item in weighed if item.category == "none" and item.cost <= BARRED}
    if not any(item.category == "invitations" for item in assigned):
        return assigned
    taken = {item.place: item for item in assigned}
    days = [place for place, item in enumerate(items) if item.slot == "date" and item.mention["precision"] == "day"]
    if len(days) > 1 and days[0] <= DATELINE and text[items[days[0]].end:items[days[0]].end + 3].strip()[:1] in {"-", "\u2013", "\u2014"}:  # "OTTAWA, July 6 - ": when the story was filed
        taken.pop(days[0], None)
        days = days[1:]
    for place in days:
        before = taken.get(place)
        if place in barred:
            continue
        if before is None or before.category in CLAIMED:
            taken[place] = Assignment(place, "draw_on", before.match if before else None, DRAWN)
    return [taken[place] for place in sorted(taken)]


def correct_counts(items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
    """"60 with at least 120 points, 40 in childcare and 10 to nurses": a bare number that is given to a group counts it, and is no score."""
    changed = []
    for item in assigned:
        after = items[item.place + 1].word if item.place + 1 < len(items) else ""
        if item.category == "cutoff_score" and items[item.place].mention["unit"] == "" and after in GIVEN_TO and items[item.place - 1].word not in {"from", "to", "of"} and any(
            other is not item and other.match is item.match for other in assigned
        ) and any(other.category == "invitations" for other in assigned):
            item = Assignment(item.place, "invitations", None, COUNTED)  # noqa: PLW2901
        if item.category == "cutoff_score" and not VALUES["score"](items[item.place]):
            continue
        changed.append(item)
    return changed


def claim_closing(items: list[Item], assigned: list[Assignment], matches: list[CueMatch]) -> list[Assignment]:
    """"It closed on May 3, when the cap was reached" tells of a closing too."""
    return [
        Assignment(item.place, "closes_on", match, DRAWN)
        for item in assigned if item.category == "cap_reached_on"
        for match in matches if match.cue.category == "closes_on" and (cost := weigh(items, item.place, match)) is not None and cost <= 0
    ][:1]


def claim_for_list(reading: Reading, passage: Passage, items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
    """A line that is a name and a number, below a sentence that allots: the number is an allocation."""
    counts = [place for place, item in enumerate(items) if item.slot == "n"]
    if len(counts) != 1 or len(items) > LONGEST_ENTRY or any(item.place == counts[0] for item in assigned):
        return assigned
    lead = reading.intros[passage.block]
    if lead is None and passage.block:
        lead = passage.block - 1
        while lead and reading.blocks[lead].end - reading.blocks[lead].start < LONGEST_LINE and lead > passage.block - LONGEST_LIST:
            lead -= 1
    if lead is None or reading.text[reading.blocks[lead].end - 1] != ":" or not VALUES["limit"](items[counts[0]]):
        return assigned
    block = reading.blocks[lead]
    first, last = reading.tokens.range(block.start, block.end)
    lead_words = reading.tokens.lower[first:last]
    category = "cap" if not ALLOTTING.isdisjoint(lead_words) else "" if AIMING.isdisjoint(lead_words) else "target"
    return [*assigned, Assignment(counts[0], category, None, LISTED)] if category else assigned


def claim_for_entry(reading: Reading, passage: Passage, items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
    """A line that is a day and a category, where the text above tells of draws: "May 3, 2024: Rural Renewal Stream"."""
    if reading.blocks[passage.block].kind not in {"heading", "item"} and not reading.is_label(passage.block):
        return assigned
    days = [place for place, item in enumerate(items) if item.slot == "date" and item.mention["precision"] == "day"]
    words = [item for item in items if not item.slot and item.word.isalpha()]
    if len(days) != 1 or len(words) > FEW_WORDS or all(item.slot != "path" for item in items) or any(item.place == days[0] for item in assigned):
        return assigned
    above = [reading.intros[passage.block], reading.headings[passage.block], 0]
    for number in above:
        if number is not None:
            block = reading.blocks[number]
            first, last = reading.tokens.range(block.start, block.end)
            if not ROUNDS.isdisjoint(reading.tokens.lower[first:last]):
                return [*assigned, Assignment(days[0], "draw_on", None, LISTED)]
    return assigned


def begins(items: list[Item], item: Assignment) -> bool:
    """True where a measure comes into effect: a temporary one opens then."""
    return item.category == "effective_on" and item.match is not None and items[item.match.last - 1].word in {"effect", "force", "on", "from"}


def exceeds(value: Value, years: int) -> bool:
    """True for a duration of more than so many years, or of hours that are a working week rather than experience."""
    text = str(value[-1] if isinstance(value, list) else value)
    number = float(re.split("[YMWDH]", text.lstrip("PT"), maxsplit=1)[0] or 0)
    if text.endswith("H"):
        return number < FEWEST_HOURS
    return number * {"Y": 1.0, "M": 1 / 12, "W": 1 / 52, "D": 1 / 365}.get("Y" if "Y" in text else text[-1], 0.0) > years


def specify_markers(items: list[Item], assigned: list[Assignment], matches: list[CueMatch]) -> list[Assignment]:
    """"As of May 3, the stream is closed", "Starting May 3, nurses can apply": "as of" only marks the time of what the sentence tells."""
    changed = []
    for item in assigned:
        if item.category == "effective_on" and item.match is not None and (item.match.cue.direction == "start" or MARKERS.issuperset(
            each.word for each in items[item.match.first:item.match.last]
        )):
            others = {place for other in assigned if other is not item and other.match is not None and other.category in TOLD_OF
                      for place in range(other.match.first, other.match.last)}
            told = [match for match in matches if match.cue.category in TOLD_OF and match.cue.direction in {"backward", "both"}
                    and others.isdisjoint(range(match.first, match.last)) and is_one_clause(items, item.place, match)]
            if told:
                nearest = min(told, key=lambda match: (abs(match.first - item.place), match.first - match.last))
                item = Assignment(item.place, nearest.cue.category, nearest, item.cost)  # noqa: PLW2901
        changed.append(item)
    return changed


def is_one_clause(items: list[Item], place: int, match: CueMatch) -> bool:
    """True where nothing that parts clauses, and no other date, stands between a date and a cue."""
    gap = items[match.last:place] if match.first < place else items[place + 1:match.first]
    return len(gap) <= LONGEST_CLAUSE and not any(
        each.word in PARTING or (each.slot == "date" and each.mention["precision"] != "year") for each in gap)


def claim_parts(items: list[Item], assigned: list[Assignment], weighed: list[Assignment]) -> list[Assignment]:
    """"2,750 places: 2,610 for people in Canada and 140 for others": numbers of a sentence that add up to a limit told in it are its parts."""
    numbers = [place for place, item in enumerate(items) if item.slot == "n" and isinstance(item.mention["value"], float | int)]
    taken = {each.place: each for each in assigned}
    sure = {each.place for each in weighed if each.category == "none" and each.match is not None}
    for at, whole in enumerate(numbers):
        told = taken.get(whole)
        total = items[whole].mention["value"]
        if told is None or told.category not in {"cap", "target"} or total < SMALLEST_SUM:
            continue
        for chain in (numbers[at + 1:at + 1 + MOST_PARTS], numbers[max(0, at - MOST_PARTS):at][::-1]):
            parts: list[int] = []
            rest = total
            for place in chain:
                if items[place].mention["value"] > rest or items[place].mention["value"] <= 0:
                    break
                parts.append(place)
                rest -= items[place].mention["value"]
                if not rest:
                    break
            if not rest and len(parts) > 1:
                return [*assigned, *(Assignment(place, told.category, None, LISTED) for place in parts
                                     if place not in taken and place not in sure and items[place + 1:place + 2] and items[place + 1].word not in BEYOND)]
    return assigned
