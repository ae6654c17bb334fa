"""Facts of records: lines or rows of a label and a value, which together describe one thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.facts.columns import COUNT_ATTRIBUTES, KINDS
from extract.facts.fact import DATE_ATTRIBUTES, DRAW_ATTRIBUTES
from extract.facts.labels import LONGEST_LABEL, name_column
from extract.facts.rows import Cells, make_facts

if TYPE_CHECKING:
    from extract.document import Block
    from extract.facts.fact import Fact
    from extract.facts.reading import Mention, Reading

LABEL = re.compile(r"([^\W\d_][^:.!?,;\n]{1,69}):[ \t]+(?=\S)")
LONGEST_VALUE = 60  # characters; what is longer is a sentence with a colon
HEADING_ROLES = frozenset({"date", "draw_on", "pathway", "invitations", "cutoff_score"})  # of a label that a record has once
DATE_LINES = frozenset({"heading", "title", "paragraph"})
DATE_REACH = 40  # blocks above in which the date of a record may stand
BARE_DATE = 12  # characters beside a date in a line that is hardly more than it


def read_labelled(reading: Reading, topic: str | None) -> tuple[list[Fact], set[int]]:
    """Facts of runs of lines "label: value", and the numbers of the blocks that they are made of."""
    facts: list[Fact] = []
    used: set[int] = set()
    run: list[tuple[int, tuple[int, int], tuple[int, int]]] = []
    for number in range(len(reading.blocks) + 1):
        line = read_label(reading, number) if number < len(reading.blocks) else None
        if line is not None and not begins_anew(reading, run, line):
            run.append(line)
            continue
        if len(run) > 1 or (run and name_column(reading.text[slice(*run[0][1])]) in DRAW_ATTRIBUTES):
            found = read_pairs(reading, run, topic)
            if found:
                facts += found
                used |= {each[0] for each in run}
        run = [line] if line is not None else []
    return facts, used


def begins_anew(reading: Reading, run: list[tuple[int, tuple[int, int], tuple[int, int]]], line: tuple[int, tuple[int, int], tuple[int, int]]) -> bool:
    """True for a line whose label the run has had: another record of the same kind begins, "Date: ..." once more."""
    label = reading.text[slice(*line[1])].lower()
    return len(run) > 1 and any(reading.text[slice(*each[1])].lower() == label for each in run) and name_column(label) in HEADING_ROLES


def read_label(reading: Reading, number: int) -> tuple[int, tuple[int, int], tuple[int, int]] | None:
    """A block that is a label and a value, as (block, label, value)."""
    block = reading.blocks[number]
    if block.kind not in {"paragraph", "item", "heading"} or block.end - block.start > LONGEST_LABEL * 2:
        return None
    match = LABEL.match(reading.text, block.start, block.end)
    if match is None or block.end - match.end() > LONGEST_VALUE or not name_column(match.group(1)):
        return None
    if block.kind == "heading" and name_column(match.group(1)) != "pathway":
        return None
    return number, match.span(1), (match.end(), block.end)


def read_pairs(reading: Reading, pairs: list[tuple[int, tuple[int, int], tuple[int, int]]], topic: str | None) -> list[Fact]:
    """Facts of labels and values that together describe one thing; each fact's evidence is its own line."""
    first, last = pairs[0], pairs[-1]
    cells = Cells((first[1][0], last[2][1]))
    roles = [name_column(reading.text[slice(*label)]) for _, label, _ in pairs]
    if "cutoff_score" not in roles:
        roles = ["cutoff_score" if role == "score_range" else role for role in roles]
    for role, (number, label, (start, end)) in zip(roles, pairs, strict=True):
        if role == "pathway":
            cells.pathways += reading.within("pathways", start, end)
            cells.labels.append(reading.text[start:end])
            cells.names.append((start, end))
        elif role in {"date", "draw_on"}:
            dates = reading.within("dates", start, end)
            cells.date = dates[0] if dates and (dates[0]["precision"] != "interval" or cells.date is None) else cells.date
            cells.period = str(cells.date["edtf"]) if cells.date else None
        if role in COUNT_ATTRIBUTES or role in KINDS or role in DATE_ATTRIBUTES or role == "window":
            cells.values.append((role, (start, end), number))
        told = reading.within("dates", *label)
        if cells.date is None and len(told) == 1:  # "Round of May 3, 2024: 1,000 invitations"
            cells.date, cells.period = told[0], str(told[0]["edtf"])
    if cells.date is None:
        cells.date = date_above(reading, first[0])
    facts = make_facts(reading, cells, first[0], topic, {}, total=False, header=None)
    for fact in facts:
        value = next(a for role, a, _ in fact.spans if role == "value")
        for number, _, _ in pairs:
            block = reading.blocks[number]
            if block.start <= value < block.end:
                fact.evidence = (block.start, block.end)
                break
        else:
            block = reading.blocks[reading.block_at(value)]
            fact.evidence = (block.start, block.end)
    return facts


def date_above(reading: Reading, number: int) -> Mention | None:
    """The day that the nearest line above consists of, or that a heading or the title names."""
    for place in range(number - 1, max(-1, number - 1 - DATE_REACH), -1):
        block = reading.blocks[place]
        if block.kind not in DATE_LINES:
            continue
        dates = [mention for mention in reading.dates_of(place) if mention["precision"] == "day"]
        if dates and (block.kind != "paragraph" or block.end - block.start <= dates[0]["end"] - dates[0]["start"] + BARE_DATE):
            return dates[0]
    return None


def read_record(reading: Reading, rows: list[tuple[int, Block]], topic: str | None) -> list[Fact]:
    """Facts of rows of two cells, a label and a value, which together describe one thing."""
    return read_pairs(reading, [(number, block.cells[0], block.cells[1]) for number, block in rows], topic)
