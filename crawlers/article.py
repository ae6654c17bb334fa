"""What the crawlers hand on: a page as it was fetched, the article in it, and the article's text cut into blocks."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_BODY = 10 * 1024 * 1024
"""Bytes of a page that are read; the largest government page seen has under 1 MB."""
MAX_BLOCKS = 20_000
"""Blocks of one article; a page of 4,000 occupations in a table has about 4,000."""
MAX_TEXT = 5_000_000
"""Code points of one article's text, cells repeated by spans included."""

CELL_SEPARATOR = " | "

_C0_C1_CONTROLS = [*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0)]
# Hints for line breaking and writing direction: no reader sees them and they would split words for a search.
_HINTS = [0x00AD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF]
_UNSEEN: dict[int, str | None] = {
    **dict.fromkeys([*_C0_C1_CONTROLS, *_HINTS]),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}


class PageRejected(Exception):  # noqa: N818 - a verdict on a page, and the name all callers use
    """A page that holds no article to keep.

    Attributes:
        kind: "challenge" (a bot wall), "gone" (a not-found or suspended page), "empty" (nothing to read), "cut" (half a
            page) or "parse" (not a page this template can read, or one over the limits).
        detail: What was seen, for the log, in a few words.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a web server: all that a template may know.

    Attributes:
        url: The address that answered, after redirects.
        body: The bytes as received, transfer and content encodings undone.
        content_type: The Content-Type header, "" where there was none.
        fetched_at: When it was fetched, UTC and aware; it chooses the template's version.
    """

    url: str
    body: bytes
    content_type: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an article's text: `text[start:end]`, in code points, end excluded.

    Attributes:
        kind: "title", "heading", "paragraph", "item", "row" or "caption".
        start: First code point.
        end: First code point after it.
        level: Heading level 1 to 6, list depth from 1, else 0.
        table: Running number of the table on the page from 0, rows only.
        row: Number of the row in its table from 0, rows only.
        header: Whether the row names the columns.
        cells: Offsets of a row's cells; cell i is column i, since spans are expanded. A row that is one cell across
            the whole table has one cell.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    table: int | None = None
    row: int | None = None
    header: bool = False
    cells: tuple[tuple[int, int], ...] = ()

    def __reduce__(self) -> tuple[type[Block], tuple[object, ...]]:
        """Say how to pickle a block: what a dataclass with slots does by itself takes three times as long."""
        return Block, (self.kind, self.start, self.end, self.level, self.table, self.row, self.header, self.cells)


@dataclass(frozen=True, slots=True)
class Article:
    """The text of a page with what the page states about itself.

    Attributes:
        url: The page's address.
        canonical_url: The address the page gives as its own where that is absolute http(s), else `url`.
        title: The headline, without the site's name.
        published: ISO date, or datetime with the offset as given; None where the page states none.
        modified: Likewise, of the last change.
        byline: Who signs it, without "By".
        language: Two-letter code, "en" or "fr" for the most part.
        text: The blocks joined; free of markup.
        blocks: In the order of the text; the first is the title.
        template: Name and version of the template, "canada-ca@1".
        correction_note: The publisher's own words about a correction of this article.
        retraction_note: The publisher's own words where it took this article back.
    """

    url: str
    canonical_url: str
    title: str
    published: str | None
    modified: str | None
    byline: str | None
    language: str
    text: str
    blocks: tuple[Block, ...]
    template: str
    correction_note: str | None = None
    retraction_note: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A block before the text is put together; fields as in `Block`, its text clean (see `clean_text`).

    Attributes:
        anchor: The id by which the page's address leads to a heading.
    """

    kind: str
    text: str
    level: int = 0
    table: int | None = None
    row: int | None = None
    header: bool = False
    cells: tuple[str, ...] = ()
    anchor: str = ""


def clean_text(text: str) -> str:
    """Return the text in NFC, white space collapsed to single spaces, without ends, controls and invisible hints."""
    if not (text.isascii() and text.isprintable()):  # else there is nothing to compose or to leave out
        text = unicodedata.normalize("NFC", text.translate(_UNSEEN))
    return " ".join(text.split())


def join_cells(cells: Iterable[str]) -> str:
    """Return the text of a row."""
    return CELL_SEPARATOR.join(cells)


def assemble(passages: Iterable[Passage]) -> tuple[str, tuple[Block, ...]]:
    """Join passages into one text, and return it with the blocks that cut it.

    Passages stand an empty line apart; items of a list and rows of one table only a line.

    Raises:
        PageRejected: "parse", over `MAX_BLOCKS` or `MAX_TEXT`.
    """
    parts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for passage in passages:
        if not passage.text:
            continue
        if blocks:
            separator = "\n" if _run_on(blocks[-1], passage) else "\n\n"
            parts.append(separator)
            position += len(separator)
        block = _place(passage, position)
        blocks.append(block)
        parts.append(passage.text)
        position = block.end
        if len(blocks) > MAX_BLOCKS:
            raise PageRejected("parse", f"more than {MAX_BLOCKS} blocks")
        if position > MAX_TEXT:
            raise PageRejected("parse", f"text of more than {MAX_TEXT} characters")
    return "".join(parts), tuple(blocks)


def _run_on(before: Block, passage: Passage) -> bool:
    if before.kind != passage.kind:
        return False
    return passage.kind == "item" or (passage.kind == "row" and before.table == passage.table)


def _place(passage: Passage, position: int) -> Block:
    cells: list[tuple[int, int]] = []
    start = position
    for cell in passage.cells:
        cells.append((start, start + len(cell)))
        start += len(cell) + len(CELL_SEPARATOR)
    return Block(
        kind=passage.kind,
        start=position,
        end=position + len(passage.text),
        level=passage.level,
        table=passage.table,
        row=passage.row,
        header=passage.header,
        cells=tuple(cells),
    )
