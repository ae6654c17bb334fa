"""What a value is, told by the words of its clause together where no single cue beside it tells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.cues.assign import TERMINATORS, VALUES, Assignment, continues
from extract.cues.grammar import read_alternatives, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.cues.match import Item

REACH = 14  # items to either side of a value whose words may tell of it
HEAVY = 2.0  # what the words of a clause must weigh together
AHEAD = 1.0  # by how much the heaviest category must outweigh the next
HINTED_COST = 6.0
LABELLING = frozenset({":", "\u2013", "—"})


@dataclass(frozen=True, slots=True)
class Hint:
    """A row of hints.toml."""

    category: str
    value: str
    weight: float
    words: frozenset[str]


@cache
def read_hints() -> tuple[Hint, ...]:
    """All rows of hints.toml."""
    return tuple(Hint(row["category"], row["value"], row["weight"], frozenset().union(*map(read_alternatives, row["words"])))
                 for row in read_toml("hints.toml", "hint"))


def hint_values(items: list[Item], free: Iterable[int], above: frozenset[str], title: frozenset[str]) -> list[Assignment]:
    """Assignments for the free values of a sentence by the words around each; `above` holds those of its heading or lead.

    The words of the title count as they do for sums and numbers only: it says too little about times.
    """
    found: list[Assignment] = []
    if items[-1].word == "?":
        return found
    for place in free:
        category = weigh_words(items[place], words_around(items, place) | signs_of(items, place), above if items[place].slot == "dur" else above | title)
        before = found[-1] if found else None
        if category == "none" and before and items[before.place].slot == items[place].slot and continues(items, before.place, place):
            category = before.category  # "Ontario $36.00 an hour; Alberta $37.50"
        if category != "none":
            found.append(Assignment(place, category, None, HINTED_COST))
    return found


def doubts(item: Item) -> frozenset[str]:
    """The words that make a value like this something that no attribute is about."""
    return frozenset().union(*(hint.words for hint in read_hints() if hint.category == "none" and VALUES[hint.value](item)))


def words_around(items: list[Item], place: int) -> frozenset[str]:
    """The words of the clause of a value."""
    first = last = place
    while first > 0 and place - first < REACH and items[first - 1].word not in TERMINATORS:
        first -= 1
    while last + 1 < len(items) and last - place < REACH and items[last + 1].word not in TERMINATORS:
        last += 1
    return frozenset(item.word for item in items[first:last + 1])


def signs_of(items: list[Item], place: int) -> frozenset[str]:
    """The value's own signs: its comparator, what it counts, its unit of time, what it is paid for, a pathway as its label."""
    mention = items[place].mention
    value = mention["value"]
    text = value[-1] if isinstance(value, list) else value
    signs = {f"<{mention['comparator']}>", f"<{mention['rate']}>", f"<{mention['unit']}>"}
    if mention["kind"] == "duration":
        signs.add(f"<{str(text)[-1]}>")
    if place > 1 and items[place - 1].word in LABELLING and items[place - 2].slot == "path":
        signs.add("<labelled>")
    return frozenset(signs)


def weigh_words(item: Item, words: frozenset[str], above: frozenset[str]) -> str:
    """The category whose rows weigh most, each row once; "none" where none is heavy enough or clearly ahead."""
    weights: dict[str, float] = {}
    for hint in read_hints():
        if VALUES[hint.value](item):
            if not hint.words.isdisjoint(words):
                weights[hint.category] = weights.get(hint.category, 0.0) + hint.weight
            elif hint.category != "none" and not hint.words.isdisjoint(above):
                weights[hint.category] = weights.get(hint.category, 0.0) + hint.weight / 2
    best, heaviest = max(weights.items(), key=lambda pair: pair[1], default=("none", 0.0))
    second = max((weight for name, weight in weights.items() if name != best), default=0.0)
    return best if heaviest >= HEAVY and heaviest - second >= AHEAD else "none"
