"""The cues as data, and the little language in which their literals are written."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

CUE_FILES = ("draws.toml", "caps.toml", "milestones.toml", "terms.toml", "french.toml", "none.toml")
DROPPED = frozenset({"-", "\u2011", '"', "“", "”", "'", "\u2018", "\u2019", "'s", "*"})  # signs that no literal counts as words
PIECE = re.compile(r"\[[^\]\[]*\]|\{[^{}]*\}|<[a-z:]+>|_\d|[^\s\[\]{}]+")
TOKEN = re.compile(r"[a-zà-ÿ]+~?|\d+|'s|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a literal: any of some words, a typed slot (of one unit only, if given), or a gap of up to `gap` items."""

    words: frozenset[str]
    slot: str = ""
    gap: int = 0
    optional: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """A row of one of the files of cues for one of its literals."""

    id: str
    category: str
    direction: str
    value: str
    scope: int
    weight: float
    elements: tuple[Element, ...]


def inflect_verb(word: str) -> frozenset[str]:
    """The forms of a verb; the noun's plural comes along, and the past of those that words.toml lists as irregular.

    >>> sorted(inflect_verb("close"))
    ['close', 'closed', 'closes', 'closing']
    """
    return inflect_regular(word) | frozenset(read_terms("irregular").get(word, ()))


def inflect_regular(word: str) -> frozenset[str]:
    """The forms that spelling alone gives."""
    if word.endswith("e"):
        return frozenset({word, word + "s", word + "d", word[:-1] + "ing"})
    if word.endswith("y") and word[-2] not in "aeiou":
        return frozenset({word, word[:-1] + "ies", word[:-1] + "ied", word + "ing"})
    forms = {word, word + "s", word + "es", word + "ed", word + "ing"}
    if word[-1] in "ptnlrg" and word[-2] in "aeiou":
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return frozenset(forms | {word + "e", word + "ion", word + "ies"} if len(word) > 4 else forms)


def read_alternatives(choice: str) -> frozenset[str]:
    """All the words that a choice "a|b~|@class" stands for; raises ValueError for an alternative of several words, which could never match."""
    words: set[str] = set()
    for name in choice.split("|"):
        if " " in name.strip():
            message = f"an alternative is one word, not {name!r}: write a literal of its own for it"
            raise ValueError(message)
        if name.startswith("@"):
            words |= read_class(name[1:])
        else:
            words |= inflect_verb(name[:-1]) if name.endswith("~") else {name}
    return frozenset(words)


@cache
def read_class(name: str) -> frozenset[str]:
    """The words of a class of words.toml."""
    return read_alternatives("|".join(read_terms("classes")[name]))


@cache
def read_terms(key: str) -> dict[str, list[str]]:
    """One of the tables of words.toml."""
    terms: dict[str, list[str]] = tomllib.loads((files("extract.cues") / "words.toml").read_text(encoding="utf-8"))[key]
    return terms


@cache
def parse_literal(literal: str) -> tuple[Element, ...]:
    """Elements of a literal."""
    elements: list[Element] = []
    for piece in PIECE.findall(literal):
        if piece.startswith("<"):
            slot, _, unit = piece[1:-1].partition(":")
            elements.append(Element(frozenset(), slot=slot, unit=unit))
        elif piece.startswith("_"):
            elements.append(Element(frozenset(), gap=int(piece[1:])))
        elif piece.startswith("["):
            elements.append(Element(read_alternatives(piece[1:-1]), optional=True))
        elif piece.startswith("{"):
            elements.append(Element(read_alternatives(piece[1:-1])))
        elif piece.startswith("@"):
            elements.append(Element(read_class(piece[1:])))
        else:
            elements += [
                Element(inflect_verb(word[:-1]) if word.endswith("~") else frozenset({word}))
                for word in TOKEN.findall(piece.lower()) if word not in DROPPED
            ]
    return tuple(elements)


def read_toml(name: str, key: str) -> list[dict[str, Any]]:
    """Tables of one of the files in this folder."""
    rows: list[dict[str, Any]] = tomllib.loads((files("extract.cues") / name).read_text(encoding="utf-8"))[key]
    return rows


@cache
def read_cues() -> tuple[Cue, ...]:
    """All cues, one for each literal."""
    return tuple(
        Cue(literal, row["category"], row["direction"], row["value"], row["scope"], row["weight"], parse_literal(literal))
        for name in CUE_FILES for row in read_toml(name, "cue") for literal in row["literals"]
    )


@cache
def read_context() -> tuple[Cue, ...]:
    """Cues of whole clauses, as rows without a value."""
    return tuple(
        Cue(literal, row["category"], "context", "", 0, 0.0, parse_literal(literal))
        for row in read_toml("context.toml", "context") for literal in row["literals"]
    )
