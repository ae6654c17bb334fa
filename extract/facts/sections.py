"""What a column, a labelled line, a heading or the lead of a list says of the figures under it, told by its words."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.facts.reading import Reading

WORD = re.compile(r"[a-z]+")
LONGEST_LABEL = 160  # characters; a longer header is prose


@dataclass(frozen=True, slots=True)
class Column:
    """A row of columns.toml."""

    role: str
    words: tuple[frozenset[str], ...]
    without: tuple[frozenset[str], ...]


@cache
def read_columns(kind: str) -> tuple[Column, ...]:
    """The rows of columns.toml of a kind ("column" or "section") in their order."""
    rows = tomllib.loads((files("extract.facts") / "columns.toml").read_text(encoding="utf-8"))[kind]
    return tuple(
        Column(row["role"], *(tuple(frozenset(words.split()) for words in row[key]) for key in ("words", "without"))) for row in rows
    )


def name_column(label: str) -> str:
    """What a column or labelled row holds, by the words of its header; empty where no row of columns.toml fits."""
    return name_role(label, "column")


def name_section_role(reading: Reading, number: int) -> str:
    """What the figures below a heading or under the lead of a list are; empty where no row of columns.toml fits."""
    block = reading.blocks[number]
    return name_role(reading.text[block.start:block.end], "section")


def name_role(label: str, kind: str) -> str:
    """The role of the first row of a kind that fits a label."""
    if len(label) > LONGEST_LABEL:
        return ""
    words = set(WORD.findall(label.lower().replace("-", " ")))
    for column in read_columns(kind):
        if any(alternative <= words for alternative in column.words) and not any(barred <= words for barred in column.without):
            return column.role
    return ""
