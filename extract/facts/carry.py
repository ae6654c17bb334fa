"""Values whose word stands elsewhere: in the lead of their list, in the heading above, or in the sentence before."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from extract.cues.assign import TERMINATORS, VALUES, Assignment
from extract.facts.hints import doubts, hint_values
from extract.facts.labels import find_role, name_section_role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.cues.match import Item
    from extract.facts.reading import Passage, Reading

CARRIED_COST = 3.0
TAKES = {"fee": "fee", "min_wage": "wage", "processing_time": "duration", "permit_validity": "term", "min_experience": "tenure",
         "min_language": "level", "cap": "limit", "target": "target"}
PRONOUNS = frozenset({"it", "this", "that", "they", "these", "previously", "both"})
ARTICLES = frozenset({"the", "its", "their", "that", "this", "last", "a"})
FIGURES = frozenset({"figure", "figures", "number", "numbers", "amount", "total", "rate", "level", "sum", "price", "threshold", "minimum", "cost", "fee",
                     "charge", "limit", "cap", "target", "quota", "allocation", "wage", "salary", "maximum", "validity", "increase"})
PARTS = frozenset({"these", "them", "those", "which", "that"})
ADDING = frozenset({"more", "another", "further", "additional", "extra"})
LONGEST_LINE, MOST_LINES = 80, 30  # characters of a line of such a list, and lines
LONGEST_FRAGMENT = 8  # items of a sentence so short that its value is like the one before: "Until tonight £624."
LONGEST_MEMBER = 9  # items between two values of a series
LONGEST_OLD = 6  # items of a bracket before a former value
COUNTED = frozenset({"cap", "target", "min_language"})
SERIES = frozenset({",", ";", "and", "\u2013", "—"})
ENDING = frozenset({".", ",", ";", ")", "too", "each", "and", "also", "apiece"})
OLD = frozenset({"<date>", ":", "in", "a", "year", "years", "ago", "last", "was", "were", "before", "earlier", "previously", "formerly", "up", "down", "from", "then", "until", "now", "it"})
BEGINNING = 3  # items at the beginning of a sentence that refer back to the one before
HIGHEST_FEE = 20_000  # what costs more under a heading about costs is an investment or savings
LONGEST_QUESTION = 60  # characters
NEAR_HEADING = 3  # blocks below a heading that it may speak for
LABEL_REACH = 4  # items between a value and the colon of the label that it is part of: "2 years or more: ..."
LONGEST_ABOVE = 160  # last characters of a heading, lead or sentence whose words tell of what comes next
LONGEST_ANSWER = 30  # items of a sentence that may answer a heading


class Carry:
    """What the sentence before told of, for values that come without a word of their own."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.last: tuple[Assignment, Item, int] | None = None  # the last value told of, and its block
        self.carried: frozenset[int] = frozenset()  # places of the values of this sentence that are like the last of the one before
        self.subjects: list[str] = []  # whom the last fact was about
        self.leads: dict[int, tuple[Assignment, Item]] = {}  # the last value that a block told of, by its number

    def complete(self, passage: Passage, items: list[Item], weighed: list[Assignment]) -> list[Assignment]:
        """Assignments for values of a sentence that no cue speaks of; remembers what the sentence tells."""
        taken = {each.place for each in weighed}
        free = [place for place, item in enumerate(items) if item.slot and item.slot not in {"path", "date"} and place not in taken
                and not any(after.word == ":" for after in items[place + 1:place + 1 + LABEL_REACH])]
        self.carried = frozenset()
        found = [] if not free else self.from_shares(items, free, weighed) or from_series(items, free, weighed) or self.from_section(passage, items, free)
        more = [each.place for each in weighed if each.category == "none" and adds(items, each.place)]
        if (free or more) and not found:
            found = self.from_before(passage, items, [*free, *more])
            self.carried = frozenset(each.place for each in found)
        if free and not found:
            found = hint_values(items, free, self.words_above(passage), self.title_words())
        told = [each for each in (*weighed, *found) if each.category in TAKES]
        if told:
            last = max(told, key=lambda each: each.place)
            self.last = (last, items[last.place], passage.block)
            self.leads[passage.block] = (last, items[last.place])
        return found

    def from_shares(self, items: list[Item], free: Iterable[int], weighed: list[Assignment]) -> list[Assignment]:
        """"The spaces are split between the PNP (1,500) and the AIP (1,250)", "10% (20% for hospitals)": bracketed values are like the whole."""
        found = []
        for place in free:
            told = [each for each in weighed if each.category in TAKES and items[each.place].slot == items[place].slot and each.place < place]
            if not told or place < 2 or items[place].mention["unit"] not in {"", items[told[-1].place].mention["unit"]}:
                continue
            opening = items[place - 1].word
            if opening == "+" or is_old(items, place) or (opening == "(" and (items[place - 2].slot in {"path", items[place].slot} or not closes(items, place))):
                found.append(Assignment(place, told[-1].category, None, CARRIED_COST))
        return found

    def title_words(self) -> frozenset[str]:
        """The words of the title, which tell of sums and counts anywhere below."""
        block = self.reading.blocks[0]
        first, last = self.reading.tokens.range(block.start, min(block.end, block.start + LONGEST_ABOVE))
        return frozenset(self.reading.tokens.lower[first:last])

    def words_above(self, passage: Passage) -> frozenset[str]:
        """The words of the heading and the lead above a sentence, and of the sentence before it in its block."""
        reading, words = self.reading, set()
        above = {reading.headings[passage.block], reading.intros[passage.block], self.find_lead(passage.block)} - {None}
        spans = [(reading.blocks[number].start, reading.blocks[number].end) for number in above if number is not None]
        own = reading.passages_of[passage.block]
        place = bisect_left(own, passage.start, key=lambda each: each.start)
        spans += [(each.start, each.end) for each in own[max(0, place - 1):place]]
        for start, end in spans:
            first, last = reading.tokens.range(max(start, end - LONGEST_ABOVE), end)
            words |= set(reading.tokens.lower[first:last])
        return frozenset(words)

    def read_role(self, passage: Passage, lead: int | None) -> str:
        """What the words above a sentence say of its figures: a question straight before, the lead of its list, its heading."""
        reading, block = self.reading, self.reading.blocks[passage.block]
        heading = reading.headings[passage.block]
        role = self.ask(passage)
        if not role and lead is not None and reading.blocks[lead].kind == "paragraph":
            role = name_section_role(reading, lead)
        if not role and heading is not None and reading.blocks[heading].kind == "title" and reading.runs[passage.block] == heading + 1 and block.kind == "item":
            role = name_section_role(reading, heading)  # a list right below the title
        if not role and heading is not None and reading.blocks[heading].kind == "heading" and (
            block.kind == "item" or passage.block - heading <= NEAR_HEADING
        ):
            role = name_section_role(reading, heading)
        return role

    def from_section(self, passage: Passage, items: list[Item], free: Iterable[int]) -> list[Assignment]:
        """"The allocations are:", "Fees", "How long does it take?": the words above tell what the value is."""
        block = self.reading.blocks[passage.block]
        if block.kind not in {"item", "paragraph"} or len(items) > LONGEST_ANSWER:
            return []
        lead = self.reading.intros[passage.block] if block.kind == "item" else self.find_lead(passage.block)
        if lead in self.leads:
            told, value = self.leads[lead]
            parts = [place for place in free if is_alike(items[place], value)]
            if parts:
                return [Assignment(parts[0], told.category, None, CARRIED_COST)]
        role = self.read_role(passage, lead)
        if role not in TAKES or (role in {"cap", "target"} and block.kind != "item" and lead is None):
            return []
        fits = VALUES[TAKES[role]]
        fitting = [place for place in free if fits(items[place]) and not (role == "fee" and first_of(items[place]) > HIGHEST_FEE)]
        return [Assignment(place, role, None, CARRIED_COST) for place in (fitting[:1] if role in {"cap", "target"} else fitting)]

    def find_lead(self, number: int) -> int | None:
        """The paragraph that ends in a colon leads in the one behind it, and the short lines that follow without a sign of a list."""
        for place in range(number - 1, max(-1, number - 1 - MOST_LINES), -1):
            before = self.reading.blocks[place]
            if before.kind != "paragraph":
                return None
            if self.reading.text[before.end - 1] == ":":
                return place
            if before.end - before.start > LONGEST_LINE or self.reading.text[before.end - 1] in ".?!":
                return None
        return None

    def ask(self, passage: Passage) -> str:
        """What a short sentence or question straight before asks for: "And the bill? $1,000", "The wait: about three months"."""
        own = self.reading.passages_of[passage.block]
        place = bisect_left(own, passage.start, key=lambda each: each.start)
        before = own[max(0, place - 1):place]
        if not before and passage.block and self.reading.text[self.reading.blocks[passage.block - 1].end - 1] == "?":
            before = self.reading.passages_of.get(passage.block - 1, [])[-1:]
        if not before or before[0].end - before[0].start > LONGEST_QUESTION:
            return ""
        return find_role(self.reading.text[before[0].start:before[0].end], "section")

    def asks_fee(self, passage: Passage) -> bool:
        """True where the words above a sentence announce fees."""
        return self.read_role(passage, self.reading.intros[passage.block]) == "fee"

    def from_before(self, passage: Passage, items: list[Item], free: Iterable[int]) -> list[Assignment]:
        """"It was 5,000 the year before", "Of these, 2,000 are for nurses": the value is of the kind that the last sentence told."""
        if self.last is None or passage.block - self.last[2] > 1:
            return []
        told, value, block = self.last
        if not refers_back(items) and not (value.slot == "money" and len(items) <= LONGEST_FRAGMENT and block == passage.block):
            free = [place for place in free if adds(items, place)]
        return [Assignment(place, told.category, None, CARRIED_COST) for place in free if is_alike(items[place], value) or (
            adds(items, place) and items[place].mention["unit"] in {"", value.mention["unit"]} and items[place].slot == value.slot)]


def from_series(items: list[Item], free: Iterable[int], weighed: list[Assignment]) -> list[Assignment]:
    """"Nurses have 2,750 places, other carers 3,000": a value that ends a short member of a series is of the kind of the one before."""
    found: list[Assignment] = []
    before = {each.place: each for each in weighed}
    last: dict[str, Assignment] = {}  # by the kind of value
    for place in sorted({*free, *before}):
        slot = items[place].slot
        told = last.get(slot)
        if place in before:
            last[slot] = before[place]
            continue
        if told is None or told.category not in COUNTED or not is_alike(items[place], items[told.place]):
            continue
        gap = [item.word for item in items[told.place + 1:place]]
        following = items[place + 1].word if place + 1 < len(items) else "."
        if not 0 < len(gap) <= LONGEST_MEMBER or following not in ENDING or SERIES.isdisjoint(gap) or not TERMINATORS.isdisjoint(word for word in gap[:-1] if word != ";") or not doubts(items[place]).isdisjoint(gap):
            continue
        last[slot] = Assignment(place, told.category, None, CARRIED_COST)
        found.append(last[slot])
    return found


def is_old(items: list[Item], place: int) -> bool:
    """True for a former value in brackets: "(2024: 430)", "(a year ago: 5,000)", "(was £470)"."""
    before = [item.word for item in items[max(0, place - LONGEST_OLD):place]]
    return "(" in before and before[-1] != "(" and OLD.issuperset(before[len(before) - 1 - before[::-1].index("(") + 1:])


def closes(items: list[Item], place: int) -> bool:
    """True where a bracket closes right behind a value."""
    return place + 1 < len(items) and items[place + 1].word == ")"


def adds(items: list[Item], place: int) -> bool:
    """True for "67 more", "another 67", "a further 67": a count beyond the one told before."""
    around = [item.word for item in (*items[max(0, place - 1):place], *items[place + 1:place + 2])]
    return items[place].slot == "n" and not ADDING.isdisjoint(around) and not (place and items[place - 1].word == "than")


def refers_back(items: list[Item]) -> bool:
    """True where a sentence begins with "it", "the figure", "of these" or the like."""
    words = [item.word for item in items[:BEGINNING]]
    if not words:
        return False
    return words[0] in PRONOUNS or (words[0] == "of" and not PARTS.isdisjoint(words[1:2])) or (
        words[0] in ARTICLES and not FIGURES.isdisjoint(words[1:])) or (
        words[0] in {"in", "for", "by"} and [item.slot for item in items[1:2]] == ["date"] and any(
            item.word in PRONOUNS or item.word in FIGURES for item in items[2:5]))


def is_alike(item: Item, value: Item) -> bool:
    """True for two values that count, pay or last in the same manner."""
    if item.slot != value.slot:
        return False
    if item.slot == "money":
        return bool(item.mention["unit"] == value.mention["unit"] and item.mention["rate"] == value.mention["rate"])
    if item.slot == "n":
        small = isinstance(item.mention["value"], float) and item.mention["value"] < 100 <= first_of(value)
        return item.mention["unit"] in {"", value.mention["unit"]} and not small
    return True


def first_of(item: Item) -> float:
    """The number of a value, or the lower end of a range."""
    value = item.mention["value"]
    return float(value[0] if isinstance(value, list) else value)
