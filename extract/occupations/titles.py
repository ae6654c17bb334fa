"""Compare a title that is printed beside a code with the official one, and find titles that stand alone."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from extract.pathways.words import Words, cut_name, cut_words
from extract.vocabulary import load_successions, load_title_variants, load_unit_groups

_SMALL = frozenset(
    ["a", "an", "and", "as", "at", "by", "except", "excluding", "for", "from", "in", "including", "n", "e", "c", "nec", "of", "on", "or", "other", "related", "the", "to", "with", "not", "elsewhere", "classified", "occupations", "occupation", "workers", "worker"],
)
FITS = 0.5  # share of the shorter title's words that the two must have in common to be one title
STEM = 5  # letters of a word that are compared: engineer, engineers, engineering


class TitleHit(NamedTuple):
    """An official title or a variant in a text, in code points, with its code of NOC 2021."""

    start: int
    end: int
    code: str


@lru_cache(maxsize=16384)
def stem_title(title: str) -> frozenset[str]:
    """The telling words of a title, each cut to its first letters."""
    words = [word for word in cut_name(title) if word.isalnum() and not word.isdigit()]
    telling = [word for word in words if word not in _SMALL] or words
    return frozenset(word.rstrip("s")[:STEM] for word in telling)


@cache
def load_known_titles() -> dict[str, tuple[str, ...]]:
    """All titles of a code, the official one first, then its variants; codes of both editions."""
    titles: dict[str, list[str]] = {code: [group.title] for code, group in load_unit_groups().items()}
    for code, successions in load_successions().items():
        titles[code] = [successions[0].title_2016]
    for variant in load_title_variants():
        titles[variant.code].append(variant.title)
    return {code: tuple(found) for code, found in titles.items()}


def measure_fit(printed: str, code: str) -> float:
    """How well a printed title fits a code's official title or a variant: 0 (no word in common) to 1.

    The measure is the share of the shorter title's words that both have, so "Computer engineers" fits "Computer
    engineers (except software engineers and designers)".
    """
    words = stem_title(printed)
    if not words:
        return 0.0
    return max((len(words & official) / min(len(words), len(official)) for official in _stem_known(code)), default=0.0)


def measure_likeness(printed: str, code: str) -> float:
    """How much of both titles is the same, 0 to 1: words too many or too few lower it (the F1 of their words)."""
    words = stem_title(printed)
    return max((2 * len(words & known) / (len(words) + len(known)) for known in _stem_known(code)), default=0.0)


@cache
def _stem_known(code: str) -> tuple[frozenset[str], ...]:
    return tuple(stem_title(title) for title in load_known_titles().get(code, ()))


@cache
def _load_title_tree() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    tree: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    titles = [(group.title, code) for code, group in load_unit_groups().items()]
    titles += [(variant.title, variant.code) for variant in load_title_variants() if variant.edition == "2021"]
    for title, code in titles:
        words = cut_name(title)
        tree.setdefault(words[0], []).append((words, code))
    for rows in tree.values():
        rows.sort(key=lambda row: -len(row[0]))
    return tree


def find_titles(text: str, words: Words | None = None) -> list[TitleHit]:
    """Official titles and variants in a text, the longest at each place, none overlapping another."""
    words = words or cut_words(text)
    tree = _load_title_tree()
    hits: list[TitleHit] = []
    free = 0
    for first, key in enumerate(words.keys):
        rows = tree.get(key)
        if rows is None or first < free:
            continue
        for title, code in rows:
            last = _match_title(words, first, title)
            if last:
                hits.append(TitleHit(words.starts[first], words.ends[last - 1], code))
                free = last
                break
    return hits


def _match_title(words: Words, first: int, title: tuple[str, ...]) -> int | None:
    index = first
    position = 0
    while True:
        if words.keys[index] != title[position]:
            return None
        index += 1
        position += 1
        if position == len(title):
            return index
        if index == len(words.keys):
            return None
        gap = words.gap(index - 1)
        if gap is None or title[position : position + len(gap)] != gap:
            return None
        position += len(gap)
        if position == len(title):
            return None
