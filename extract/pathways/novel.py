"""Find named programs, streams, pilots and visas that the vocabulary doesn't know.

A candidate is a run of capitalised words that ends in a head noun ("Prairie Harvest Pilot", "Green Coast stream"), a name
that the layout shows (`shown`: in quotes, behind "Stream:", as an item under "these streams:"), or a member of a series
before a plural head ("the Harvest, River Delta and Coast streams"). It overlaps no name that the vocabulary knows and is
more than generic words and places. What makes a head noun or a word generic is in the vocabulary's novel.toml.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.pathways.names import read_names
from extract.pathways.shown import find_shown
from extract.pathways.words import read_word
from extract.vocabulary.places import Place
from extract.vocabulary.reading import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from extract.pathways.find import PathwayMention
    from extract.pathways.names import Names
    from extract.pathways.words import Words

MAX_WORDS = 8  # of a name, head noun included
_SMALL = frozenset({"of", "and", "for", "in", "the", "to", "through", "with"})
_BEFORE_THE = frozenset({"of", "for"})
LONGEST_SERIES = 20  # words


@dataclass(frozen=True, slots=True)
class NovelPathway:
    """A named program without an id: text[start:end], in code points."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Words:
    sure: frozenset[str]
    open: frozenset[str]
    several: frozenset[str]
    firm: frozenset[str]
    subjects: tuple[str, ...]
    generic: frozenset[str]
    leading: frozenset[str]
    barred: frozenset[str]


@cache
def _load_words(folder: Path = FOLDER) -> _Words:
    with (folder / "novel.toml").open("rb") as stream:
        table = tomllib.load(stream)
    sets = {key: frozenset(map(read_word, table[key])) for key in ("sure", "open", "several", "firm", "generic", "leading", "barred")}
    return _Words(subjects=tuple(table["subjects"]), **sets)


def find_novel(
    text: str, mentions: Sequence[PathwayMention], *, names: Names | None = None,
) -> list[NovelPathway]:
    """Names of programs that the vocabulary lacks, each spelling once, in order of first appearance.

    `mentions` are the known pathways of the same text, from `find_pathways`. `names` saves work where the caller has
    read them already.
    """
    words, hits = names or read_names(text)
    known = _load_words()
    taken = bytearray(len(words.keys) + 1)
    for mention in mentions:
        if mention.alias_kind != "paraphrase":
            first, last = words.index_at(mention.start), words.index_at(mention.end)
            taken[first:last] = b"\1" * (last - first)
    places = bytearray(len(words.keys) + 1)
    for hit in hits:
        if any(isinstance(name.entry, Place) for name in hit.names):
            places[hit.first:hit.last] = b"\1" * (hit.last - hit.first)
    found: list[NovelPathway] = []
    for head, key in enumerate(words.keys):
        if (key in known.sure or key in known.open) and not taken[head]:
            found += _read_series(words, head, taken, known) if key in known.several else []
            name = _read_name(words, head, taken, places, known)
            if name:
                found.append(name)
    for start, end in find_shown(text):
        first, last = words.index_at(start), words.index_at(end)
        keys = words.keys[first:last]
        if keys and not any(taken[first:last]) and _tells(keys, known) and known.barred.isdisjoint(keys):
            found.append(NovelPathway(text[start:end], start, end))
    kept: dict[str, NovelPathway] = {}
    for name in sorted(found, key=lambda each: (each.start, -each.end)):
        kept.setdefault(name.text.lower(), name)
    return list(kept.values())


def _read_name(words: Words, head: int, taken: bytearray, places: bytearray, known: _Words) -> NovelPathway | None:
    """The name that ends in the head noun at word `head`, or None."""
    first = head
    several = words.keys[head] in known.several  # "the River and Lake streams" are two names, of which the last is read
    while first > 0 and head - first < MAX_WORDS - 1:
        before = first - 1
        if taken[before] or words.gap(before) != ():
            break
        if not _is_capital(words, before) and words.keys[before] not in _SMALL:
            break
        if several and words.keys[before] == "and":
            break
        if words.keys[before] == "the" and (before == 0 or words.keys[before - 1] not in _BEFORE_THE):
            break
        if words.keys[before + 1] in _SMALL and (words.keys[before] in known.sure or words.keys[before] in known.open):
            break  # "the Harvest Pilot and Coast stream": a head noun ends the name before
        first = before
    joined = first > 0 and bool(taken[first - 1]) and words.gap(first - 1) == () and _is_capital(words, first)
    while first < head and (words.keys[first] in known.leading or words.keys[first] in _SMALL):
        first += 1
        joined = False
    keys = words.keys[first:head]
    telling = [words.keys[index] for index in range(first, head) if not places[index]]
    if joined or not _tells(telling, known) or not known.barred.isdisjoint(keys):
        return None
    begins = first == 0 or words.starts[first] in words.sentence_starts
    if begins and not _is_capital(words, first + 1):
        return None  # one capital at the start of a sentence shows nothing
    if words.keys[head] in known.open:
        if not _is_capital(words, head) or not any(key.startswith(known.subjects) for key in keys):
            return None
    elif len(keys) == 1 and not _is_capital(words, head) and (several or words.keys[head] not in known.firm):
        return None
    if _goes_on(words, head):
        return None
    start, end = words.starts[first], words.ends[head]
    return NovelPathway(words.text[start:end], start, end)


def _read_series(words: Words, head: int, taken: bytearray, known: _Words) -> list[NovelPathway]:
    """The names of two words or more, the last aside, of a series before a plural: "the Harvest Work and Coast streams"."""
    found: list[NovelPathway] = []
    last = head - 1
    for at in range(head - 1, max(-2, head - LONGEST_SERIES), -1):
        listed = at >= 0 and words.gap(at) == (",",)
        joined = at >= 0 and words.keys[at] == "and"
        ends = at < 0 or not (joined or listed or (words.gap(at) == () and _is_capital(words, at)))
        if joined or listed or ends:
            first = at + 1
            while ends and first < last and words.keys[first] in known.leading:
                first += 1
            keys = words.keys[first:last + 1]
            if len(keys) > 1 and last < head - 1 and not any(taken[first:last + 1]) and _tells(keys, known) and known.barred.isdisjoint(keys):
                found.append(NovelPathway(words.text[words.starts[first]:words.ends[last]], words.starts[first], words.ends[last]))
            last = at if listed else at - 1
        if ends or (listed and not _is_capital(words, at)):
            break
    return found


def _tells(keys: Sequence[str], known: _Words) -> bool:
    """True where words hold one that is more than generic."""
    return any(key not in known.generic and key not in _SMALL and not key.isdigit() for key in keys)


def _goes_on(words: Words, head: int) -> bool:
    """True where a capitalised word follows on the same line, as in the name of a firm: "Sunrise Visa Consultants"."""
    after = head + 1
    return after < len(words.keys) and words.keys[head].startswith(("visa", "permit")) and words.gap(head) == () and _is_capital(words, after)


def _is_capital(words: Words, index: int) -> bool:
    return words.text[words.starts[index]].isupper()
