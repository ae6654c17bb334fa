"""HTML tables and lists of terms to rows: spans expanded, so that cell i of a row stands in column i."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bs4.element import Tag

from crawlers.article import MAX_TEXT, PageRejected, Passage, join_cells
from crawlers.tree import find_named, flatten, is_hidden, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_COLUMNS = 60
MAX_SPAN = 2_000
LONGEST_DEFINITION = 300
"""Characters of a definition that still reads as a value beside its key."""

_NOT_PHRASING = ("p", "ul", "ol", "dl", "table", "div", "h2", "h3", "h4", "h5", "h6", "blockquote")


@dataclass(slots=True)
class Cell:
    """A cell as it stands in one row: its text, whether it is a header, reaches over several rows and began above, and how many rows are left of it."""

    text: str
    is_header: bool
    spans: bool = False
    from_above: bool = False
    rows_left: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds text: its cells by column, and whether it names the columns."""

    cells: tuple[Cell, ...]
    is_header: bool


def is_data_table(table: Tag) -> bool:
    """Tell a table of data from one that lays out the page: that holds a table itself, has one cell, or says so."""
    role = table.get("role")
    if role in {"presentation", "none"} or next(find_named(table, "table"), None) is not None:
        return False
    return len(list(islice(find_named(table, "td", "th"), 2))) > 1


def read_table(table: Tag) -> Iterator[Passage]:
    """Yield the caption of a table and its rows that hold text.

    A cell that spans rows or columns is repeated in each. The exception is a cell alone in its row: a heading or note
    across the table, which is given once. A header row is one of header cells only (but not a heading across
    the table below its first row), one in `thead`, or, in a table
    without any header cell, a first row that is bold throughout.

    Raises:
        PageRejected: "parse", if spans blow a row up beyond `MAX_TEXT`.
    """
    number = 0
    for row in read_rows(table):
        if isinstance(row, str):
            yield Passage("caption", row)
            continue
        yield _as_row([cell.text for cell in row.cells], number, header=row.is_header)
        number += 1


def read_rows(table: Tag) -> Iterator[Row | str]:
    """Yield what `read_table` does, but a caption as text and rows with their cells as such.

    Raises:
        PageRejected: As there.
    """
    carried: dict[int, Cell] = {}
    group = None
    number = 0
    may_be_bold_header = next(find_named(table, "th"), None) is None
    for event, row in walk(table, _is_row_or_caption):
        if event != "leaf" or isinstance(row, str):
            continue
        if row.name == "caption":
            text = flatten(row)
            if text:
                yield text
            continue
        if row.parent is not group:
            group, carried = row.parent, {}
        tags = [tag for tag in row.children if isinstance(tag, Tag) and tag.name in {"td", "th"} and not is_hidden(tag)]
        cells = _expand(tags, carried)
        if not any(cell.text for cell in cells):
            continue
        if sum(len(cell.text) for cell in cells) > MAX_TEXT:
            raise PageRejected("parse", "a row of a table is over the limit for a whole text")
        in_head = group is not None and group.name == "thead"
        is_bold = may_be_bold_header and number == 0 and len(tags) > 1 and all(_is_bold(tag) for tag in tags)
        names_columns = all(cell.is_header for cell in cells) and (len(cells) > 1 or number == 0)
        yield Row(tuple(cells), in_head or is_bold or names_columns)
        number += 1


def read_pairs(terms: Tag) -> Iterator[Passage]:
    """Yield a definition list as rows of two cells, or nothing if its definitions are longer than values.

    A term with several definitions is repeated.
    """
    pairs: list[tuple[str, str]] = []
    term = ""
    for event, tag in walk(terms, _is_term_or_definition):
        if event != "leaf" or isinstance(tag, str):
            continue
        if next(find_named(tag, *_NOT_PHRASING), None) is not None:
            return
        text = flatten(tag)
        if tag.name == "dt":
            term = text
        elif len(text) > LONGEST_DEFINITION:
            return
        elif text and term:
            pairs.append((term, text))
    for number, pair in enumerate(pairs):
        yield _as_row(list(pair), number, header=False)


def _as_row(cells: list[str], number: int, *, header: bool) -> Passage:
    return Passage("row", join_cells(cells), row=number, header=header, cells=tuple(cells), table=0)


def _expand(tags: list[Tag], carried: dict[int, Cell]) -> list[Cell]:
    """Return the cells of one row by column, and note in `carried` those that reach into the rows below."""
    cells: list[Cell] = []
    alone = len(tags) == 1 and not carried

    def take_carried() -> None:
        while (above := carried.get(len(cells))) is not None and len(cells) < MAX_COLUMNS:
            cells.append(above)
            above.rows_left -= 1
            if above.rows_left <= 0:
                del carried[len(cells) - 1]

    for tag in tags:
        take_carried()
        text, is_header = flatten(tag), tag.name == "th"
        rows = _span(tag, "rowspan", MAX_SPAN)
        columns = 1 if alone else min(_span(tag, "colspan", MAX_COLUMNS), MAX_COLUMNS - len(cells))
        for _ in range(columns):
            if rows > 1 and len(cells) not in carried:
                carried[len(cells)] = Cell(text, is_header, spans=True, from_above=True, rows_left=rows - 1)
            cells.append(Cell(text, is_header, spans=rows > 1))
    take_carried()
    return cells


def _span(tag: Tag, name: str, most: int) -> int:
    value = tag.get(name)
    digits = value.strip()[:6] if isinstance(value, str) else ""
    if not (digits.isascii() and digits.isdigit()):
        return 1
    # rowspan="0" means: to the end of the group of rows.
    number = int(digits) or (most if name == "rowspan" else 1)
    return min(number, most)


def _is_bold(cell: Tag) -> bool:
    text = flatten(cell)
    bold = " ".join(flatten(tag) for tag in find_named(cell, "strong", "b"))
    return bool(text) and bold == text



def _is_row_or_caption(tag: Tag) -> bool:
    return tag.name in {"tr", "caption"}


def _is_term_or_definition(tag: Tag) -> bool:
    return tag.name in {"dt", "dd"}
