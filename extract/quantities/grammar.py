"""The tables of number words, units, counted nouns, comparators and negatives, read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Word:
    """A word's class (one character, see words.csv), what it stands for, and its currency or note."""

    kind: str
    value: str
    note: str


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of one of the tables in this folder."""
    with (files("extract.quantities") / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@cache
def read_words() -> dict[str, Word]:
    """Word -> class and value."""
    return {row["word"]: Word(row["class"], row["value"], row["note"]) for row in read_rows("words.csv")}


@cache
def read_nouns() -> dict[str, str]:
    """Counted noun -> class: people, invitations, applications, permits, nominations, spaces, visas, employers, points."""
    return {row["noun"]: row["class"] for row in read_rows("nouns.csv")}


@cache
def read_comparators(side: str) -> dict[tuple[str, ...], str]:
    """Words that stand before or after a number -> comparator."""
    return {tuple(row["words"].split()): row["comparator"] for row in read_rows("comparators.csv") if row["side"] == side}


@cache
def read_negatives() -> frozenset[str]:
    """Words before which a number is a reference, not a quantity."""
    return frozenset(row["word"] for row in read_rows("negatives.csv"))
