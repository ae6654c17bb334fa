"""Facts that tables state: columns under headers, and records whose rows are a label and a value."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from extract.document import Block
from extract.facts.cells import align, tell_kinds
from extract.facts.columns import COUNT_ATTRIBUTES, KINDS, TOTAL, TWO_COLUMNS, Column, find_ends, read_header
from extract.facts.fact import DATE_ATTRIBUTES, DRAW_ATTRIBUTES
from extract.facts.headers import find_header
from extract.facts.labels import WORD, find_role, name_column
from extract.facts.periods import mark_time
from extract.facts.records import read_record
from extract.facts.rows import Cells, make_facts
from extract.facts.shares import find_total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.facts.fact import Fact
    from extract.facts.reading import Mention, Reading

LONGEST_FIGURE = 9  # characters of a cell in the first column that may be a figure: what is longer names the row
DATED = frozenset({"date", "draw_on"})
FLOOR = frozenset({"median", "national", "adult", "general", "statutory", "minimum", "wage"})
SINCE = re.compile(r"(?:now|until now)?[ (,]*(from|since|effective|starting|as of|until|before)\b", re.IGNORECASE)


def read_tables(reading: Reading, topic: str | None, told: Sequence[Fact]) -> list[Fact]:
    """Facts of all tables, in the order of the text; `told` are those of the text's sentences."""
    facts: list[Fact] = []
    numbered = [(number, block) for number, block in enumerate(reading.blocks) if block.kind == "row"]
    before: Block | None = None  # the header of the last table
    for _, group in groupby(numbered, key=lambda item: item[1].table):
        rows = list(group)
        headers = [block for _, block in rows if block.header]
        body = [(number, block) for number, block in rows if not block.header]
        lost = find_header(reading, rows[0][0], [block for _, block in body], before) if body and not headers else None
        if headers and is_record(reading, rows):
            facts += read_record(reading, rows, topic)
        elif headers:
            facts += read_columns_of(reading, headers[-1], body, topic, told)
            before = headers[-1]
        elif lost is not None:
            facts += read_columns_of(reading, lost, body, topic, told)
            before = lost
        elif all(len(block.cells) == 2 for _, block in rows):
            found = read_record(reading, body, topic)
            if not found and len(rows) > 1 and name_column(reading.text[slice(*rows[0][1].cells[1])]):
                found = read_columns_of(reading, rows[0][1], rows[1:], topic, told)  # a header that looks like a row
            facts += found or read_bare(reading, rows, topic, told)
        elif sum(bool(name_column(reading.text[slice(*cell)])) for cell in rows[0][1].cells) > 1:
            facts += read_columns_of(reading, rows[0][1], rows[1:], topic, told)
    return facts


def is_record(reading: Reading, rows: list[tuple[int, Block]]) -> bool:
    """True for rows of two cells of which most first ones are labels, of several kinds: "Round type | ...", "Invitations | ..."."""
    if any(len(block.cells) != TWO_COLUMNS for _, block in rows) or (
        name_column(reading.text[slice(*rows[0][1].cells[1])]) not in {"", "pathway"}
    ):
        return False
    roles = [name_column(reading.text[slice(*block.cells[0])]) for _, block in rows]
    return sum(map(bool, roles)) * 2 > len(rows) and len(set(roles) & DRAW_ATTRIBUTES) > 1


def read_columns_of(reading: Reading, header: Block, body: list[tuple[int, Block]], topic: str | None, told: Sequence[Fact]) -> list[Fact]:
    """Facts of a table with a header row: one record for each row."""
    columns = read_header(reading, header, body[0][0] if body else 0)
    ends = find_ends(reading, header) if any("target" in {column.role, column.said} for column in columns) else None
    facts: list[Fact] = []
    kinds = tell_kinds(reading, [block for _, block in body], len(columns))
    columns = [replace(column, role=find_role(column.label, "day") or column.role)
               if kind == "day" and column.role not in DATED | DATE_ATTRIBUTES | {"period", "none"} else column for kind, column in zip(kinds, drop_general(columns), strict=True)]
    if {"fee", "min_wage"} & {each for column in columns for each in (column.role, column.said)}:  # "From | Fee": new terms take effect, nothing opens
        columns = [replace(column, role="effective_on") if column.role == "opens_on" else column for column in columns]
    columns = [sum_column(reading, column, [block for _, block in body], place, told) if kinds[place] == "number" else column
               for place, column in enumerate(columns)]
    merged: Mention | None = None  # the date of a cell that is merged down over the rows below
    for number, block in body:
        cells = Cells((block.start, block.end))
        shift = align(reading, block, kinds)
        first = name_column(reading.text[slice(*block.cells[0])]) if block.cells and not reading.within("pathways", *block.cells[0]) else ""
        for place, (start, end) in enumerate(block.cells[:len(columns) - shift], start=shift):
            column = columns[place]
            cells.pathways += reading.within("pathways", start, end)
            if column.role in {"", "pathway"} and end > start:
                cells.labels.append(reading.text[start:end])
                cells.names.append((start, end))
            if column.role in {"date", "period"} or column.role in DATE_ATTRIBUTES or (place <= shift and column.role in {"", "pathway"}):
                dates = reading.within("dates", start, end)
                if dates and (column.role == "draw_on" or cells.date is None):
                    cells.date = dates[0]
                if dates and column.role not in DATE_ATTRIBUTES:
                    cells.period = str(dates[0]["edtf"])
            role = column.role
            if place and first in KINDS and role in {"", "pathway", *COUNT_ATTRIBUTES}:
                role = first
            elif role in {"", "pathway"} and (place or end - start < LONGEST_FIGURE):
                role = column.said
            if role in COUNT_ATTRIBUTES or role in KINDS or role in DATE_ATTRIBUTES or role == "window":
                cells.values.append((role, (start, end), place))
            if column.whole and not cells.pathways:
                cells.subjects[place] = column.whole
            if column.subject:
                cells.subjects[place] = column.subject
        if columns and columns[0].role in DATED and len(body) > 1:
            merged = cells.date = cells.date or (merged if shift or not reading.text[slice(*block.cells[0])] else None)
        cells.since = tell_since(reading, block, cells.date)
        if cells.pathways and {"fee"} & {role for role, _, _ in cells.values} and columns[0].role != "permit_validity":
            cells.values.append(("permit_validity", block.cells[0], 0))  # "Visitor (6 months) | £100"
        if ends is not None and len(block.cells) > max(ends):
            cells.ends = (block.cells[ends[0]], block.cells[ends[1]])
        periods = {place: column.period for place, column in enumerate(columns) if column.period}
        if len(set(periods.values())) == 1:
            periods = dict.fromkeys(range(len(columns)), next(iter(periods.values())))
        total = bool(TOTAL & set(WORD.findall(reading.text[block.start:block.start + 40].lower())))
        cells.undated = any(column.role in DATED and shift <= place < len(block.cells) + shift and kinds[place] == "day" and cells.date is None
                            for place, column in enumerate(columns))
        facts += make_facts(reading, cells, number, topic, periods, total=total, header=header)
    return facts


def tell_since(reading: Reading, block: Block, date: Mention | None) -> str | None:
    """The time for which a row's terms hold, where its first cell says since when or until when: "From 1 May 2024"."""
    if date is None:
        return None
    match = SINCE.match(reading.text, *block.cells[0])
    return mark_time(date, set(match.group(1).lower().split())) if match else None


def read_bare(reading: Reading, rows: list[tuple[int, Block]], topic: str | None, told: Sequence[Fact], *, summed: bool = False) -> list[Fact]:
    """Facts of rows of a name and a figure that no header names: what stands above them tells, or (`summed`: only) a total that they add up to."""
    kinds = tell_kinds(reading, [block for _, block in rows], TWO_COLUMNS)
    if len(rows) < TWO_COLUMNS or kinds.count("words") != 1 or not {"number", "money", "duration"} & set(kinds):
        return []
    start = rows[0][1].start
    if summed and all(find_sum(reading, [block for _, block in rows], place, told) is None for place in range(TWO_COLUMNS)):
        return []
    return read_columns_of(reading, Block("row", start, start, header=True, cells=((start, start), (start, start))), rows, topic, told)


def find_sum(reading: Reading, body: list[Block], place: int, told: Sequence[Fact]) -> Fact | None:
    """The total that the figures of a column add up to."""
    found = [mention for block in body if place < len(block.cells) for mention in reading.within("quantities", *block.cells[place])[:1]]
    parts = [float(mention["value"]) for mention in found if mention["kind"] == "number" and isinstance(mention["value"], float)]
    return find_total(told, parts, body[0].start) if len(parts) == len(body) else None


def sum_column(reading: Reading, column: Column, body: list[Block], place: int, told: Sequence[Fact]) -> Column:
    """A column whose figures nothing names, but add up to a total that the text has told of."""
    if column.role or column.said in {"cap", "target", "invitations"} or not body:
        return column
    total = find_sum(reading, body, place, told)
    return column if total is None else replace(column, said=total.attribute, subject=column.subject, period=column.period or total.period, whole=total.pathway)


def drop_general(columns: list[Column]) -> list[Column]:
    """Columns without that of a country's general floor, beside one of the pathway's own: "Minimum wage | Scheme rate"."""
    floors = [column for column in columns if "min_wage" in {column.role, column.said}]
    return [replace(column, role="none", said="") if len(floors) > 1 and set(WORD.findall(column.label.lower())) <= FLOOR else column for column in columns]
