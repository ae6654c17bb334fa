"""What the pipeline reads: a text, what is known about it, and the blocks it is made of."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK_KINDS = ("title", "heading", "paragraph", "item", "row", "caption")


@dataclass(frozen=True)
class Block:
    """One stretch of a text that stands by itself on the page.

    `start` and `end` are code points into the document's text, `end` excluded. `level` is the level of a heading
    (1 to 6) or the depth of a list item (from 1), else 0. Rows of one table share `table`, a running number on the
    page; `row` counts from 0, and `cells` holds the offsets of the cells, cell i standing in column i.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    table: int | None = None
    row: int | None = None
    header: bool = False
    cells: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Document:
    """A text with what is known about it from outside.

    `published` is an ISO date or datetime, or None where the page states none: relative dates stay unresolved then.
    An empty `blocks` asks the pipeline to infer the layout from the text.
    """

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    blocks: tuple[Block, ...] = ()
