"""The tables of date words, patterns and negatives, read once."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MACROS = {"<m>": r"[MAa]\.?", "<w>": r"(?:[Ww]\.?c?)"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word's class (one character, see words.csv) and what it stands for: a month, a weekday, an offset."""

    kind: str
    value: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression over the classes of successive tokens, one character a token."""

    id: str
    kind: str
    regex: re.Pattern[str]
    example: str
    edtf: tuple[str, ...]


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of one of the tables in this folder."""
    with (files("extract.dates") / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@cache
def read_words() -> dict[str, Word]:
    """Word -> class and value."""
    return {row["word"]: Word(row["class"], int(row["value"] or 0)) for row in read_rows("words.csv")}


@cache
def read_patterns() -> tuple[Pattern, ...]:
    """Patterns in the order of the table: of two that match the same tokens the earlier wins."""
    patterns = []
    for row in read_rows("patterns.csv"):
        source = row["pattern"]
        for name, expansion in MACROS.items():
            source = source.replace(name, expansion)
        patterns.append(Pattern(row["id"], row["kind"], re.compile(source), row["example"], tuple(row["edtf"].split())))
    return tuple(patterns)


@cache
def read_negatives() -> tuple[frozenset[str], frozenset[str]]:
    """Words before, and words after, which a number of four digits is no year."""
    rows = read_rows("negatives.csv")
    return (
        frozenset(row["word"] for row in rows if row["side"] == "before"),
        frozenset(row["word"] for row in rows if row["side"] == "after"),
    )
