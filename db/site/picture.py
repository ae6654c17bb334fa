"""The tables in a picture: boxes with keys and references, and an arrow for each reference, drawn from the schema.

The picture stands in the page as SVG, so that it takes the page's colours, and its boxes lead to the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from db.tables import Column, Table

LINE = 17  # pixels of a line of text
HEAD = 24  # height of a box's title
LETTER = 7.4  # width of a letter, in titles and names of columns alike
GAP = 18  # between boxes of one column
LANE = 62  # between columns, for the arrows
EDGE = 4


@dataclass(frozen=True)
class Box:
    """A table as drawn: its corner, its size, and the columns that are shown."""

    table: Table
    x: float
    y: float
    width: float
    columns: tuple[Column, ...]

    @property
    def height(self) -> float:
        """Height in pixels."""
        return HEAD + LINE * len(self.columns) + 6

    def line(self, name: str) -> float:
        """Middle of a column's line."""
        return self.y + HEAD + LINE * ([column.name for column in self.columns].index(name) + 0.5) + 1


def draw_tables(tables: Sequence[Table], path_of: Callable[[str], str]) -> Markup:
    """The picture of `tables` as an SVG element; `path_of` gives the address of a table's page.

    Tables that point to nothing stand on the right; every other one stands to the left of all that it points to.
    """
    columns = [_place([table for table in tables if depth == _depth(table, tables)], tables) for depth in range(max(_depth(table, tables) for table in tables), -1, -1)]
    boxes, x = {}, EDGE
    tallest = max(sum(HEAD + LINE * len(_shown(table)) + 6 + GAP for table in column) for column in columns)
    for column in columns:
        width = max(LETTER * max(len(table.title), *(len(name.name) + 3 for name in _shown(table))) for table in column) + 16
        high = sum(HEAD + LINE * len(_shown(table)) + 6 + GAP for table in column)
        y = EDGE + (tallest - high) / 2
        for table in column:
            boxes[table.name] = Box(table, x, y, width, _shown(table))
            y += boxes[table.name].height + GAP
        x += int(width) + LANE
    size = (x - LANE + EDGE + 4, tallest)
    parts = [_draw_arrow(boxes[table.name], column, boxes[other]) for table in tables for column, other in _references(table, tables)]
    parts += [_draw_box(box, path_of(box.table.name)) for box in boxes.values()]
    return Markup('<svg class="er" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" role="group" aria-label="{2}">{3}</svg>').format(
        *size, f"{len(boxes)} tables and how they point to each other", Markup("").join(parts)
    )


def list_references(tables: Sequence[Table]) -> list[tuple[Table, list[tuple[str, str]]]]:
    """The same in words: each table with its references, (column, table pointed to)."""
    return [(table, [(column.name, column.references.split(".")[0]) for column in table.columns if column.references]) for table in tables]


def _shown(table: Table) -> tuple[Column, ...]:
    """The columns by which a table is joined; the others are described on its page."""
    return tuple(column for column in table.columns if column.name in table.key or column.references)


def _references(table: Table, tables: Sequence[Table]) -> list[tuple[Column, str]]:
    drawn = {other.name for other in tables} - {table.name}
    return [(column, other) for column in table.columns if column.references and (other := column.references.split(".")[0]) in drawn]


def _depth(table: Table, tables: Sequence[Table], above: tuple[str, ...] = ()) -> int:
    """The longest way to a table that points to nothing; references in a circle are followed once."""
    by_name = {other.name: other for other in tables}
    nexts = [by_name[other] for _, other in _references(table, tables) if other not in above]
    return 1 + max(_depth(other, tables, (*above, table.name)) for other in nexts) if nexts else 0


def _place(column: list[Table], tables: Sequence[Table]) -> list[Table]:
    """The tables of one column in the order of what they point to, so that fewer arrows cross."""
    order = {table.name: number for number, table in enumerate(tables)}

    def middle(table: Table) -> tuple[float, int]:
        places = [order[other] for _, other in _references(table, tables)] or [order[table.name]]
        return sum(places) / len(places), order[table.name]

    return sorted(column, key=middle)


def _draw_box(box: Box, path: str) -> Markup:
    lines = []
    for column in box.columns:
        key = "er-key" if column.name in box.table.key else "er-column"
        itself = " ↺" if column.references.split(".")[0] == box.table.name else ""
        lines.append(Markup('<text class="{}" x="{:.0f}" y="{:.0f}">{}{}</text>').format(key, box.x + 10, box.line(column.name) + 4, column.name, itself))
    return Markup(
        '<a href="{}"><title>{}</title><rect class="er-box" x="{:.0f}" y="{:.0f}" width="{:.0f}" height="{:.0f}" rx="4"/>'
        '<text class="er-title" x="{:.0f}" y="{:.0f}">{}</text></a>{}'
    ).format(path, box.table.description, box.x, box.y, box.width, box.height, box.x + 10, box.y + 17, box.table.title, Markup("").join(lines))


def _draw_arrow(box: Box, column: Column, other: Box) -> Markup:
    x, y, to_x, to_y = box.x + box.width, box.line(column.name), other.x, other.y + HEAD / 2
    if to_x <= x:  # to a box of an earlier column: out on the left, in on the right
        x, to_x = box.x, other.x + other.width
    bend = (to_x - x) / 2
    head = 6 if to_x > x else -6
    return Markup(
        '<path class="er-arrow" d="M{0:.0f} {1:.0f} C{2:.0f} {1:.0f} {3:.0f} {4:.0f} {5:.0f} {4:.0f}"/>'
        '<path class="er-head" d="M{5:.0f} {4:.0f} l{6} -4 v8 z"/>'
    ).format(x, y, x + bend, to_x - bend, to_y, to_x, -head)
