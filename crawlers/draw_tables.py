"""Official tables of draws on watched pages: rows of a province's table to draws, as the source's file says how to read them.

Provinces publish their rounds as tables, each with columns of its own; the `[draws]` table of a source's file names them.
Nothing is guessed: a stream that the file doesn't name has no pathway, and a number that can't be read is none. Rows of
one stream and day beside one cell of invitations are one draw; where they are of several streams, the number is that of
none of them. Each such case is told in the draw's warnings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from crawlers.article import clean_text
from crawlers.tables import Cell, Row, is_data_table, read_rows
from crawlers.templates.dates import EARLIEST_YEAR, LATEST_YEAR, read_alone
from crawlers.tree import find_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bs4 import BeautifulSoup
    from bs4.element import Tag

Layout = Literal["rows", "pairs"]
Dates = Literal["words", "month-first", "day-first"]
FIELDS = ("date", "name", "program", "score", "invitations")
HEADING = "Heading"
"""What a cell across the whole of a table of pairs counts as the value of."""
MAX_DRAWS = 5_000
_LONGEST_CELL = 500
_NOTHING = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "na", "not applicable", "not available", "not disclosed", "none", "tbd", "to be determined", "nil"})
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3}){1,2}|\d{1,7}")
_WORDED = re.compile(
    r"(?P<words>less than|fewer than|under|<|up to|at most|\u2264|at least|\u2265|more than|over|>|about|approximately)? ?(?P<number>\d{1,3}(?:,\d{3}){1,2}|\d{1,7})"
    r"(?P<plus>\+)?(?: (?:invitations?|itas?|points?|candidates?))?[*\u2020\u2021]{0,3}")
_COMPARATORS: Mapping[str, str] = {
    "less than": "lt", "fewer than": "lt", "under": "lt", "<": "lt", "up to": "le", "at most": "le", "\u2264": "le", "at least": "ge", "\u2265": "ge", "more than": "gt", "over": "gt", ">": "gt",
    "about": "approx", "approximately": "approx",
}
_RANGE = re.compile(r"(?P<low>\d{1,4}) ?(?:-|\u2013|to) ?(?P<high>\d{1,4})(?: points?)?")
_FIGURES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_SEVERAL_DAYS = re.compile(r"(?P<month>[^\W\d_]{3,9})\.? (?P<first>\d{1,2}) ?(?:and|to|&|-|\u2013) ?\d{1,2},? (?P<year>\d{4})")
_MARKS = re.compile(r"[*\u2020\u2021\u00b9\u00b2\u00b3]+$")


@dataclass(frozen=True)
class Series:
    """Draws of one stream where a row holds those of several: its name and the headers of its columns."""

    name: str
    invitations: tuple[str, ...]
    score: tuple[str, ...] = ()


@dataclass(frozen=True)
class DrawTables:
    """The `[draws]` table of a source's file: how its page's tables hold draws.

    Attributes:
        system: Pathway id of the program that holds the draws.
        columns: Field (date, name, program, score, invitations) to the headers, any of which its column's header
            begins with; upper and lower case count as the same. A table without a column of dates and one of
            invitations or scores holds no draws.
        layout: `rows`: a row is a draw, and a header row names the columns. `pairs`: a table is a draw, and each row
            holds a header and its value; what stands across the table is the value of `Heading`.
        dates: How dates in figures are to be read: `month-first` (6/18/2026), `day-first`, or not at all (`words`).
        streams: Name of a stream as the table has it to its pathway id; upper and lower case count as the same. A name
            that ends in `*` stands for all that begin so.
        name: What to call draws of tables that name no stream.
        series: Streams, where a row holds the draws of several.
    """

    system: str
    columns: Mapping[str, tuple[str, ...]]
    layout: Layout = "rows"
    dates: Dates = "words"
    streams: Mapping[str, str] | None = None
    name: str = ""
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class TableDraw:
    """One draw of a province.

    Attributes:
        system: Pathway id of the program that holds it.
        pathway: Pathway id of its stream; None where the source's file doesn't name the stream.
        date: ISO date.
        name: The stream, as the table names it.
        program: What it selected for, as the table words it; empty where there is no such column.
        invitations: Invitations; of "Less than 5" that 5, with the comparator `lt`. None where none can be read.
        comparator: How that number is to be read: eq, lt, le, gt, ge or approx.
        cutoff: Lowest score invited; of a range its lower end.
        warnings: What was irregular, for people.
        raw: Header to cell, as the table has them.
    """

    system: str
    pathway: str | None
    date: str
    name: str
    program: str
    invitations: int | None
    comparator: str
    cutoff: int | None
    warnings: tuple[str, ...]
    raw: dict[str, str]


@dataclass(frozen=True, slots=True)
class DrawPage:
    """The draws of a page in its order, and a line on each row that should be one and can't be read."""

    draws: tuple[TableDraw, ...]
    problems: tuple[str, ...]


def read_draw_tables(soup: BeautifulSoup, spec: DrawTables) -> DrawPage:
    """Read the draws of a page's tables; a page without any gives none, and a problem that says so."""
    draws: list[TableDraw] = []
    problems: list[str] = []
    for table in find_named(soup, "table"):
        if is_data_table(table):
            for found in _read_pairs(table, spec) if spec.layout == "pairs" else _read_rows(table, spec):
                if isinstance(found, str):
                    problems.append(found)
                elif len(draws) < MAX_DRAWS:
                    draws.append(found)
    if not draws:
        problems.append("no table of draws as the source's file describes it")
    return DrawPage(tuple(draws), tuple(problems))


def _read_rows(table: Tag, spec: DrawTables) -> Iterator[TableDraw | str]:
    headers: list[str] = []
    begun: list[Row] = []
    for row in read_rows(table):
        if isinstance(row, str):
            continue
        if begun and not _goes_on(headers, begun[0], row, spec):
            yield from _read_row(headers, begun, spec)
            begun = []
        if row.is_header:
            headers = [_plain(cell.text) for cell in row.cells]
        elif headers and len(row.cells) > 1:
            begun.append(row)
    if begun:
        yield from _read_row(headers, begun, spec)


def _goes_on(headers: Sequence[str], first: Row, row: Row, spec: DrawTables) -> bool:
    """Whether a row is of the same draw as one above it: beside the same cell of invitations, on the same day, of the same stream."""
    size = _find(headers, spec.columns.get("invitations", ()))
    if spec.series or size is None or size >= len(row.cells) or not row.cells[size].from_above:
        return False
    same = (_find(headers, spec.columns.get(field, ())) for field in ("date", "name"))
    return all(_text(first.cells, at) == _text(row.cells, at) for at in same)


def _read_pairs(table: Tag, spec: DrawTables) -> Iterator[TableDraw | str]:
    pairs = [(_plain(row.cells[0].text), row.cells[1]) if len(row.cells) > 1 else (HEADING, row.cells[0]) for row in read_rows(table) if isinstance(row, Row)]
    if pairs:
        yield from _read_row([header for header, _ in pairs], [Row(tuple(cell for _, cell in pairs), is_header=False)], spec)


def _read_row(headers: Sequence[str], rows: Sequence[Row], spec: DrawTables) -> Iterator[TableDraw | str]:
    """The draws of a row, or of several rows of one draw."""
    columns = {field: _find(headers, names) for field, names in spec.columns.items()}
    series = [(one, _find(headers, one.invitations), _find(headers, one.score)) for one in spec.series]
    sizes = [at for _, at, _ in series] if series else [columns.get("invitations"), columns.get("score")]
    on = columns.get("date")
    if on is None or all(at is None for at in sizes):
        return  # another table
    cells = rows[0].cells if len(rows) == 1 else _merge(rows)
    raw = {header: cell.text[:_LONGEST_CELL] for header, cell in zip(headers, cells, strict=False) if header}
    day, warnings = _read_day(_text(cells, on), spec.dates)
    if day is None:
        if any(_NUMBER.search(_text(cells, at)) for at in sizes) and not _text(cells, on).casefold().startswith("total"):
            yield f"no date in the row {' | '.join(cell.text for cell in cells)[:200]!r}"
        return
    if not series:
        yield _make(day, _text(cells, columns.get("name")) or spec.name, cells, columns, columns.get("invitations"), columns.get("score"), raw, spec, warnings)
    for one, size, score in series:
        if size is not None and _text(cells, size).casefold() not in _NOTHING | {"0"}:
            yield _make(day, one.name, cells, columns, size, score, raw, spec, warnings)


def _merge(rows: Sequence[Row]) -> tuple[Cell, ...]:
    """One row of several: of each column what the rows say, what they have in common once."""
    columns = zip(*(row.cells for row in rows), strict=False)
    return tuple(Cell(" | ".join(dict.fromkeys(cell.text for cell in column if cell.text)), column[0].is_header) for column in columns)


def _make(
    day: str, name: str, cells: Sequence[Cell], columns: Mapping[str, int | None], size_at: int | None, score_at: int | None, raw: dict[str, str], spec: DrawTables,
    noted: Sequence[str],
) -> TableDraw:
    warnings = list(noted)
    invitations, comparator = _read_size(cells, size_at, warnings)
    pathway = _find_stream(name, spec.streams or {})
    if pathway is None:
        warnings.append(f"stream {name[:100]!r} has no pathway in the source's file")
    return TableDraw(
        system=spec.system, pathway=pathway, date=day, name=name, program=_text(cells, columns.get("program")), invitations=invitations, comparator=comparator,
        cutoff=_read_score(_text(cells, score_at), warnings), warnings=tuple(warnings), raw=raw,
    )


def _find_stream(name: str, streams: Mapping[str, str]) -> str | None:
    folded = _fold(name)
    begins = {}
    for stream, pathway in streams.items():
        if _fold(stream) == folded:
            return pathway
        if stream.endswith("*") and folded.startswith(_fold(stream.removesuffix("*"))):
            begins[len(stream)] = pathway
    return begins[max(begins)] if begins else None


def _find(headers: Sequence[str], names: Sequence[str]) -> int | None:
    """The column whose header begins with one of some names; the first name that fits any column counts."""
    for name in names:
        for at, header in enumerate(headers):
            if header.casefold().startswith(name.casefold()):
                return at
    return None


def _text(cells: Sequence[Cell], at: int | None) -> str:
    return clean_text(cells[at].text)[:_LONGEST_CELL] if at is not None and at < len(cells) else ""


def _plain(text: str) -> str:
    """A header without the marks of footnotes at its end."""
    return _MARKS.sub("", clean_text(text)[:_LONGEST_CELL]).strip()


def _fold(text: str) -> str:
    return _plain(text).casefold().replace("\u2013", "-").replace("\u2014", "-")


def _read_day(text: str, dates: Dates) -> tuple[str | None, tuple[str, ...]]:
    """The ISO date of a cell, and a warning where the draw took several days: then it is the first of them."""
    if several := _SEVERAL_DAYS.fullmatch(_plain(text)):
        day = read_alone(f"{several['month']} {several['first']}, {several['year']}")
        return day, (f"held on several days: {text[:100]!r}",)
    found = _FIGURES.fullmatch(text)
    if found is None:
        day = read_alone(_plain(text))
        return day[:10] if day else None, ()
    if dates == "words":
        return None, ()
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    month, day_of_month = (first, second) if dates == "month-first" else (second, first)
    try:
        moment = date(year, month, day_of_month)
    except ValueError:
        return None, ()
    return moment.isoformat() if EARLIEST_YEAR <= year <= LATEST_YEAR else None, ()


def _read_size(cells: Sequence[Cell], at: int | None, warnings: list[str]) -> tuple[int | None, str]:
    text = _text(cells, at)
    if text.casefold() in _NOTHING:
        return None, "eq"
    found = _WORDED.fullmatch(text.casefold())
    if found is None:
        warnings.append(f"invitations {text[:100]!r} are no number")
        return None, "eq"
    if at is not None and cells[at].spans:
        warnings.append(f"invitations {text[:100]!r} are those of several rows together")
        return None, "eq"
    return int(found["number"].replace(",", "")), "ge" if found["plus"] else _COMPARATORS.get(found["words"] or "", "eq")


def _read_score(text: str, warnings: list[str]) -> int | None:
    stated = [part for part in text.split(" | ") if part.casefold() not in _NOTHING]
    if not stated:
        return None
    text = stated[0] if len(stated) == 1 else text
    if found := _RANGE.fullmatch(text.casefold()):
        return int(found["low"]) if int(found["low"]) <= int(found["high"]) else None
    found = _WORDED.fullmatch(text.casefold())
    if found is None or found["words"] in {"less than", "fewer than", "under", "<", "up to", "at most", "\u2264"}:
        warnings.append(f"score {text[:100]!r} is no number")
        return None
    return int(found["number"].replace(",", ""))
