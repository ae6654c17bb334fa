"""The header of a table that none is marked in: a line above it whose columns ran together, or the header of the table before."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from extract.document import Block
from extract.facts.cells import tell_kinds
from extract.facts.columns import KINDS
from extract.facts.labels import name_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.facts.reading import Reading

Span = tuple[int, int]
SEAM = re.compile(r"(?<=[a-z)])(?=[A-Z])")
TOKEN = re.compile(r"\S+")
LONGEST_HEADER = 200
MOST_WORDS = 12
MOST_COLUMNS = 8
FITTING = {"draw_on": {"day", "words"}, "date": {"day", "words"}, "opens_on": {"day"}, "closes_on": {"day"}, "effective_on": {"day"}, "pathway": {"words"},
           "period": {"day", "words"}} | {role: {kind} for role, kind in KINDS.items()} | {key: {"number"} for key in ("invitations", "cutoff_score", "cap", "target")}


def find_header(reading: Reading, number: int, body: Sequence[Block], before: Block | None) -> Block | None:
    """The header of the table of rows `body`, the first being block `number`; `before` is the header of the table before it."""
    columns = max(len(block.cells) for block in body)
    kinds = tell_kinds(reading, body, columns)
    if number:
        line = reading.blocks[number - 1]
        text = reading.text[line.start:line.end]
        if line.kind in {"heading", "paragraph"} and len(text) <= LONGEST_HEADER and not any(map(str.isdigit, text)) and not text.endswith((".", ":", "!", "?")):
            cells = split_line(text, line.start, columns, kinds)
            if cells:
                return Block("row", line.start, line.end, header=True, cells=cells)
    if before is not None and 1 < columns < len(before.cells):
        shift = len(before.cells) - columns
        roles = [name_column(reading.text[slice(*cell)]) for cell in before.cells]
        if all(kind in FITTING.get(role, {kind}) for role, kind in zip(roles[shift:], kinds, strict=True)) and sum(map(bool, roles[shift:])) > 1:
            return Block("row", before.start, before.end, header=True, cells=before.cells[shift:])
    return None


def split_line(text: str, start: int, columns: int, kinds: Sequence[str]) -> tuple[Span, ...]:
    """The names of columns in a line: parted where a small letter meets a capital, else so that most names fit what the columns hold."""
    seams = [0, *(match.start() for match in SEAM.finditer(text)), len(text)]
    if len(seams) == columns + 1:
        return tuple((start + one, start + other) for one, other in pairwise(seams))
    words = [match.span() for match in TOKEN.finditer(text)]
    if not 1 < columns <= len(words) <= MOST_WORDS or columns > MOST_COLUMNS:
        return ()
    roles = {(one[0], other[1]): name_column(text[one[0]:other[1]]) for place, one in enumerate(words) for other in words[place:]}
    best: tuple[int, tuple[Span, ...]] = (0, ())
    for cuts in combinations(range(1, len(words)), columns - 1):
        edges = (0, *cuts, len(words))
        spans = [(words[one][0], words[other - 1][1]) for one, other in pairwise(edges)]
        fitting = sum(bool(roles[span]) and kind in FITTING.get(roles[span], ()) for span, kind in zip(spans, kinds, strict=True))
        if fitting > best[0]:
            best = (fitting, tuple((start + one, start + other) for one, other in spans))
    return best[1] if best[0] * 2 > columns else ()
