"""What the words of a column's header, a labelled row, a heading or the lead of a list say of the figures beside or below them."""

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
class Label:
    """A row of columns.toml."""

    role: str
    words: tuple[frozenset[str], ...]
    without: tuple[frozenset[str], ...]


@cache
def read_labels(kind: str) -> tuple[Label, ...]:
    """The rows of columns.toml of one kind ("column" or "section"), in their order."""
    rows = tomllib.loads((files("extract.facts") / "columns.toml").read_text(encoding="utf-8"))[kind]
    return tuple(
        Label(row["role"], *(tuple(frozenset(words.split()) for words in row[key]) for key in ("words", "without"))) for row in rows
    )


def find_role(label: str, kind: str) -> str:
    """The role of the first row that fits the words of a label; empty where none does."""
    if len(label) > LONGEST_LABEL:
        return ""
    words = set(WORD.findall(label.lower().replace("-", " ")))
    for row in read_labels(kind):
        if any(alternative <= words for alternative in row.words) and not any(barred <= words for barred in row.without):
            return row.role
    return ""


def name_column(label: str) -> str:
    """What a column or labelled row holds, by the words of its header; empty where no row of columns.toml fits."""
    return find_role(label, "column")


def name_section_role(reading: Reading, number: int) -> str:
    """What the figures below a heading or a lead are: the last sentence of the block tells, a question too."""
    passages = reading.passages_of.get(number)
    block = reading.blocks[number]
    return find_role(reading.text[passages[-1].start if passages else block.start:block.end], "section")
