"""Find named programs, streams, pilots and visas that the vocabulary doesn't know.

A candidate is a run of capitalised words that ends in a head noun ("Prairie Harvest Pilot", "Green Coast stream"),
overlaps no name that the vocabulary knows, and is more than generic words. What makes a head noun or a word generic
is in the vocabulary's novel.toml. Precision goes first: a missed name costs less than a false one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.pathways.names import read_names
from extract.pathways.words import read_word
from extract.vocabulary import Alias
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
    subjects: tuple[str, ...]
    generic: frozenset[str]
    leading: frozenset[str]
    barred: frozenset[str]


@cache
def _load_words(folder: Path = FOLDER) -> _Words:
    with (folder / "novel.toml").open("rb") as stream:
        table = tomllib.load(stream)
    sets = {key: frozenset(map(read_word, table[key])) for key in ("sure", "open", "generic", "leading", "barred")}
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
    for hit in hits:
        if any(isinstance(name.entry, Alias) for name in hit.names):
            taken[hit.first : hit.last] = b"\1" * (hit.last - hit.first)
    for mention in mentions:
        first, last = words.index_at(mention.start), words.index_at(mention.end)
        taken[first:last] = b"\1" * (last - first)
    found: dict[str, NovelPathway] = {}
    for head, key in enumerate(words.keys):
        if (key in known.sure or key in known.open) and not taken[head]:
            name = _read_name(words, head, taken, known)
            if name:
                found.setdefault(name.text.lower(), name)
    return list(found.values())


def _read_name(words: Words, head: int, taken: bytearray, known: _Words) -> NovelPathway | None:
    """The name that ends in the head noun at word `head`, or None."""
    first = head
    several = words.keys[head].endswith("s")  # "the River and Lake streams" are two names, of which the last is read
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
    while first < head and (words.keys[first] in known.leading or words.keys[first] in _SMALL):
        first += 1
    keys = words.keys[first:head]
    telling = [key for key in keys if key not in known.generic and key not in _SMALL]
    if not telling or not known.barred.isdisjoint(keys) or all(key.isdigit() for key in telling):
        return None
    begins = first == 0 or words.starts[first] in words.sentence_starts
    if begins and not _is_capital(words, first + 1):
        return None  # one capital at the start of a sentence shows nothing
    if words.keys[head] in known.open:
        if not _is_capital(words, head) or not any(key.startswith(known.subjects) for key in keys):
            return None
    elif len(keys) == 1 and not _is_capital(words, head):
        return None
    start, end = words.starts[first], words.ends[head]
    return NovelPathway(words.text[start:end], start, end)


def _is_capital(words: Words, index: int) -> bool:
    return words.text[words.starts[index]].isupper()
