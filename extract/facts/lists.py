"""Runs of lines that are a name and a figure, "Skilled Worker: 313", that add up to a total: rows of a table without a header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.document import Block
from extract.facts.tables import read_bare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.facts.fact import Fact
    from extract.facts.reading import Reading

LONGEST_LINE = 120  # characters
LONGEST_TAIL = 14  # characters behind the figure: "313 letters", "313)"
SIGNS = ":=\u2013\u2014-("


def read_lists(reading: Reading, topic: str | None, told: Sequence[Fact], used: set[int]) -> list[Fact]:
    """Facts of such runs, of blocks that nothing else was made of."""
    facts: list[Fact] = []
    run: list[tuple[int, Block]] = []
    for number in range(len(reading.blocks) + 1):
        row = split_line(reading, number) if number < len(reading.blocks) and number not in used else None
        if row is not None and (not run or adjoins(reading, number)):
            run.append((number, row))
            continue
        if len(run) > 1 and all(reading.within("pathways", *row.cells[0]) for _, row in run) and not any(run[0][1].start <= fact.evidence[0] < run[-1][1].end for fact in told):
            facts += read_bare(reading, run, topic, told, summed=True)
        run = [(number, row)] if row is not None else []
    return facts


def adjoins(reading: Reading, number: int) -> bool:
    """True for a line straight below one of its own kind."""
    before, block = reading.blocks[number - 1], reading.blocks[number]
    return before.kind == block.kind and (block.kind == "item" or reading.text[before.end:block.start].count("\n") == 1)


def split_line(reading: Reading, number: int) -> Block | None:
    """A line as a row of two cells, the name and the figure, where a sign parts them."""
    block = reading.blocks[number]
    if block.kind not in {"paragraph", "item"} or block.end - block.start > LONGEST_LINE:
        return None
    mentions = [mention for mention in reading.within("quantities", block.start, block.end) if mention["kind"] == "number"]
    if len(mentions) != 1 or block.end - mentions[0]["end"] > LONGEST_TAIL or reading.within("dates", block.start, block.end):
        return None
    start, end = mentions[0]["start"], mentions[0]["end"]
    before = reading.text[block.start:start].rstrip()
    name = before.rstrip(SIGNS + " ")
    if len(before) == len(name) or not any(map(str.isalpha, name)):
        return None
    return Block("row", block.start, block.end, cells=((block.start, block.start + len(name)), (start, end)))
