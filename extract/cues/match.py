"""Match the literals of cues over a sentence in which every value is one item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from extract.cues.grammar import DROPPED, Cue, Element, read_context, read_cues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.tokens import Tokens


class Item(NamedTuple):
    """A word, or a value: `slot` is "" for a word, else n, money, pct, dur, level, date or path."""

    word: str
    start: int
    end: int
    slot: str = ""
    mention: Any = None


@dataclass(frozen=True, slots=True)
class CueMatch:
    """A cue over items first..last (excluded); `slots` are the places of values that it holds."""

    cue: Cue
    first: int
    last: int
    slots: tuple[int, ...] = ()


GAP_STOPS = frozenset({";", ".", "|"})
SLOTS = {"number": "n", "money": "money", "percent": "pct", "duration": "dur", "level": "level"}


def make_items(tokens: Tokens, start: int, end: int, values: Sequence[tuple[int, int, str, Any]]) -> list[Item]:
    """Items between two offsets. `values` are (start, end, slot, mention) in order; the longest at a place comes first."""
    first, last = tokens.range(start, end)
    items: list[Item] = []
    coming = iter(values)
    value = next(coming, None)
    place = first
    while place < last:
        at = tokens.start[place]
        while value is not None and value[0] < at:
            value = next(coming, None)
        if value is not None and value[0] == at:
            items.append(Item(f"<{value[2]}>", value[0], value[1], value[2], value[3]))
            edge = value[1]
            while place < last and tokens.start[place] < edge:
                place += 1
            continue
        word = tokens.lower[place]
        if word not in DROPPED and not (word == "." and is_abbreviating(tokens, place, last)):
            items.append(Item(word, at, tokens.end[place]))
        place += 1
    return items


def is_abbreviating(tokens: Tokens, place: int, last: int) -> bool:
    """True for a full stop within "p.m. on" or "U.S.": behind one letter, or before a word that begins small."""
    following = place + 1
    return (place > 0 and len(tokens.lower[place - 1]) == 1) or (
        following < last and (tokens.glued(following) or tokens.text[tokens.start[following]].islower()))


@dataclass(slots=True)
class Heads:
    """The cues that may begin with one word: by the word behind it, where a plain word must come second, else the rest."""

    rest: list[Cue]
    by_second: dict[str, list[Cue]]


Index = dict[str, Heads]


def build_index(cues: Sequence[Cue]) -> Index:
    """Cues by each word or slot that may come first; those with the same beginning stay in their order."""
    heads: dict[str, list[tuple[Cue, frozenset[str]]]] = {}
    for cue in cues:
        head = cue.elements[0]
        keys = {f"<{head.slot}>"} if head.slot else head.words
        second = cue.elements[1] if len(cue.elements) > 1 else None
        following = second.words if second and not (second.slot or second.gap or second.optional or head.optional) else frozenset()
        for key in keys:
            heads.setdefault(key, []).append((cue, following))
    return {
        key: Heads(
            [cue for cue, following in begun if not following],
            {word: [cue for cue, following in begun if not following or word in following] for word in frozenset().union(*(each for _, each in begun))},
        ) for key, begun in heads.items()
    }


@cache
def read_index() -> Index:
    """The index of the cues that take a value."""
    return build_index(read_cues())


@cache
def read_context_index() -> Index:
    """The index of the context cues."""
    return build_index(read_context())


def match_cues(items: Sequence[Item], index: Index) -> list[CueMatch]:
    """All matches, in order of their place."""
    found: list[CueMatch] = []
    words = [item.word for item in items]
    words.append("")
    for place in range(len(items)):
        heads = index.get(words[place])
        if heads is None:
            continue
        for cue in heads.by_second.get(words[place + 1], heads.rest):
            ended = follow(items, place, cue.elements, 0, ())
            if ended:
                found.append(CueMatch(cue, place, ended[0], ended[1]))
    return found


def follow(items: Sequence[Item], place: int, elements: tuple[Element, ...], number: int,
           slots: tuple[int, ...]) -> tuple[int, tuple[int, ...]] | None:
    """Where a literal ends if its elements from `number` on match from `place` on, with the slots met."""
    while number < len(elements):
        element = elements[number]
        if element.gap:
            wanted = elements[number + 1] if number + 1 < len(elements) else None
            for skip in range(element.gap + 1):
                if place + skip > len(items) or (skip and items[place + skip - 1].word in GAP_STOPS):
                    return None
                if wanted is not None and not wanted.optional and not wanted.gap and (place + skip == len(items) or not fits(items[place + skip], wanted)):
                    continue
                ended = follow(items, place + skip, elements, number + 1, slots)
                if ended:
                    return ended
            return None
        if place < len(items) and fits(items[place], element):
            if element.optional:
                ended = follow(items, place + 1, elements, number + 1, slots)
                if ended:
                    return ended
                number += 1
                continue
            if element.slot:
                slots = (*slots, place)
            place += 1
        elif not element.optional:
            return None
        number += 1
    return place, slots


def fits(item: Item, element: Element) -> bool:
    """True where an item is one of the words, or a value of the slot's type."""
    if not element.slot:
        return item.word in element.words
    return item.slot == element.slot and (not element.unit or (item.mention is not None and item.mention["unit"] == element.unit))
