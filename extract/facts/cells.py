"""What a table's cells hold: their kinds, several values in one of them, and which column a cell of a short row belongs to."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from extract.facts.columns import COUNT_ATTRIBUTES, KINDS
from extract.facts.labels import name_column
from extract.facts.scopes import drop_inner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.document import Block
    from extract.facts.reading import Mention, Reading

Span = tuple[int, int]
BESIDE = 3  # characters around a value that a cell may hold without being words: a sign, a bracket, a note's mark
OR = re.compile(r",? (?:or|ou) |/| / ")


def tell_kind(reading: Reading, cell: Span) -> str:
    """What a cell is: "day", "span" (of days), "number", "money", "duration" or the like; "words" for what is more than one value; "" for none."""
    start, end = cell
    if end <= start:
        return ""
    for mention in (*reading.within("dates", start, end)[:1], *reading.within("quantities", start, end)[:1]):
        if mention["end"] - mention["start"] + BESIDE >= end - start:
            return str(mention.get("kind") or ("span" if mention["precision"] == "interval" else "day"))
    return "words"


def tell_kinds(reading: Reading, body: Sequence[Block], columns: int) -> list[str]:
    """The kind that most cells of each column have, of the rows that fill all columns."""
    full = [block for block in body if len(block.cells) == columns]
    kinds = []
    for place in range(columns):
        counted = Counter(kind for block in full if (kind := tell_kind(reading, block.cells[place])))
        kinds.append(counted.most_common(1)[0][0] if counted else "")
    return kinds


def align(reading: Reading, block: Block, kinds: Sequence[str]) -> int:
    """How many columns the cells of a row that lacks some stand further right than they should: a cell merged down left a gap before them."""
    shift = len(kinds) - len(block.cells)
    if shift <= 0:
        return 0
    own = [tell_kind(reading, cell) for cell in block.cells]
    held = [{str(mention["kind"]) for mention in reading.within("quantities", *cell)} if kind == "words" else set() for kind, cell in zip(own, block.cells, strict=True)]

    def weigh(place: int, wanted: str) -> int:
        if own[place] == wanted:
            return 1 if wanted == "words" else 2
        return 2 if wanted in held[place] else 0

    def fit(first: int) -> int:
        return sum(weigh(place, wanted) for place, wanted in enumerate(kinds[first:first + len(own)]))

    return shift if fit(shift) > fit(0) else 0


def take_alternatives(reading: Reading, mentions: list[Mention]) -> list[Mention]:
    """The first value of a cell, and those that "or" joins to it: "$1,500 or $2,000"."""
    taken = mentions[:1]
    for mention in mentions[1:]:
        if OR.fullmatch(reading.text, taken[-1]["end"], mention["start"]) is None:
            break
        taken.append(mention)
    return taken


def split_cell(reading: Reading, role: str, cell: Span) -> list[tuple[str, Mention, str | None]]:
    """The values of a cell of a column: (role, value, stream): "171 (score 475)" has two roles, "Trades 433, STEM 491" two streams."""
    wanted = KINDS.get(role, "number")
    mentions = [mention for mention in reading.within("quantities", *cell) if mention["kind"] == wanted]
    if len(mentions) < 2 or wanted != "number":
        return [(role, mention, None) for mention in take_alternatives(reading, mentions)]
    names = drop_inner(reading.within("pathways", *cell))
    owned: list[tuple[str, Mention, str | None]] = []
    at = cell[0]
    for mention in mentions:
        owner = [name for name in names if at <= name["start"] and name["end"] <= mention["start"]]
        owned += [(role, mention, str(owner[-1]["id"]))] if owner else []
        at = mention["end"]
    if len(owned) == len(mentions):
        return owned
    found: list[tuple[str, Mention, str | None]] = [(role, mentions[0], None)]
    ends = [mention["start"] for mention in mentions[2:]] + [cell[1]]
    for (before, mention), end in zip(pairwise(mentions), ends, strict=True):
        label = name_column(reading.text[before["end"]:mention["start"]]) or name_column(reading.text[mention["end"]:end])
        if label in COUNT_ATTRIBUTES and all(label != each[0] for each in found):
            found.append((label, mention, None))
    bracketed = reading.text[mentions[0]["end"]:mentions[1]["start"]].strip() == "("  # "200 (609)": what stands before the bracket is the column's
    return found if len(found) > 1 or role == "cutoff_score" or bracketed else []
