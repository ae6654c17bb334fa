"""Values whose word stands elsewhere: in the lead of their list, in the heading above, or in the sentence before."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from extract.cues.assign import VALUES, Assignment
from extract.facts.labels import find_role, name_section_role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.cues.match import Item
    from extract.facts.reading import Passage, Reading

CARRIED_COST = 3.0
TAKES = {"fee": "fee", "min_wage": "wage", "processing_time": "duration", "permit_validity": "duration", "min_experience": "duration",
         "min_language": "level", "cap": "limit", "target": "target"}
PRONOUNS = frozenset({"it", "this", "that", "they", "these", "previously", "both"})
ARTICLES = frozenset({"the", "its", "their", "that", "this", "last", "a"})
FIGURES = frozenset({"figure", "figures", "number", "numbers", "amount", "total", "rate", "level", "sum", "price", "threshold", "minimum", "cost", "fee",
                     "charge", "limit", "cap", "target", "quota", "allocation", "wage", "salary", "maximum", "validity", "increase"})
PARTS = frozenset({"these", "them", "those", "which", "that"})
BEGINNING = 3  # items at the beginning of a sentence that refer back to the one before
HIGHEST_FEE = 20_000  # what costs more under a heading about costs is an investment or savings
LONGEST_QUESTION = 60  # characters
NEAR_HEADING = 3  # blocks below a heading that it may speak for
LABEL_REACH = 4  # items between a value and the colon of the label that it is part of: "2 years or more: ..."
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
        found = [] if not free else self.from_shares(items, free, weighed) or self.from_section(passage, items, free)
        if free and not found:
            found = self.from_before(passage, items, free)
            self.carried = frozenset(each.place for each in found)
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
            if opening == "+" or (opening == "(" and (items[place - 2].slot in {"path", items[place].slot} or not closes(items, place))):
                found.append(Assignment(place, told[-1].category, None, CARRIED_COST))
        return found

    def read_role(self, passage: Passage, lead: int | None) -> str:
        """What the words above a sentence say of its figures: a question straight before, the lead of its list, its heading."""
        reading, block = self.reading, self.reading.blocks[passage.block]
        heading = reading.headings[passage.block]
        role = self.ask(passage)
        if not role and lead is not None and reading.blocks[lead].kind == "paragraph":
            role = name_section_role(reading, lead)
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
        """The paragraph before another that ends in a colon leads it in."""
        before = self.reading.blocks[number - 1] if number else None
        return number - 1 if before is not None and before.kind == "paragraph" and self.reading.text[before.end - 1] == ":" else None

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
        if self.last is None or passage.block - self.last[2] > 1 or not refers_back(items):
            return []
        told, value, _ = self.last
        return [Assignment(place, told.category, None, CARRIED_COST) for place in free if is_alike(items[place], value)]


def closes(items: list[Item], place: int) -> bool:
    """True where a bracket closes right behind a value."""
    return place + 1 < len(items) and items[place + 1].word == ")"


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
