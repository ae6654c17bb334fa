"""HTML elements to passages: headings, paragraphs, list items, table rows and captions, nothing hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawlers.article import MAX_BLOCKS, MAX_TEXT, PageRejected, Passage, clean_text
from crawlers.tables import is_data_table, read_pairs, read_table
from crawlers.tree import BLOCKS, attribute, find_named, walk

if TYPE_CHECKING:
    from bs4.element import Tag

_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(slots=True)
class _Context:
    """What text at one place of the tree becomes."""

    kind: str = "paragraph"
    level: int = 0
    lists: int = 0
    details: int = 0
    anchor: str = ""


def read_passages(root: Tag) -> list[Passage]:
    """Return the passages of an element in the order of reading.

    Text directly in a container is a paragraph. A list item's paragraphs are items of its depth, its nested lists items
    one deeper. Quotations are paragraphs. The summary of a collapsible section is a heading one below the heading it
    stands under. A table that only lays out the page (it holds another table, or one cell) is read as its contents.
    A definition list is a table of two columns where its definitions are short, else items of depth 1 and 2.

    Raises:
        PageRejected: "parse", over `MAX_BLOCKS` or `MAX_TEXT`.
    """
    return _Reader().read(root)


class _Reader:
    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.size = 0
        self.tables = 0
        self.heading = 1
        self.line: list[str] = []

    def read(self, root: Tag) -> list[Passage]:
        contexts = [_Context()]
        for event, value in walk(root, _reads_whole):
            if isinstance(value, str):
                self.line.append(value)
            elif event == "leaf":
                self.flush(contexts[-1])
                self.add_table(value)
            elif value.name == "br":
                self.line.append(" ")
            elif value.name in BLOCKS:
                self.flush(contexts[-1])
                if event == "open":
                    contexts.append(self.enter(value, contexts[-1]))
                else:
                    contexts.pop()
        self.flush(contexts[-1])
        return self.passages

    def enter(self, tag: Tag, outer: _Context) -> _Context:
        name = tag.name
        if name in _HEADINGS:
            return _Context("heading", _HEADINGS[name], outer.lists, outer.details, _anchor(tag))
        if name == "summary":
            return _Context("heading", min(6, self.heading + max(1, outer.details)), outer.lists, outer.details)
        if name == "details":
            return _Context(outer.kind, outer.level, outer.lists, outer.details + 1)
        if name in {"ul", "ol", "menu", "dir"}:
            return _Context(outer.kind, outer.level, outer.lists + 1, outer.details)
        if name == "li":
            return _Context("item", max(1, outer.lists), outer.lists, outer.details)
        if name in {"dt", "dd"}:
            depth = outer.lists + (1 if name == "dt" else 2)
            return _Context("item", depth, depth, outer.details)
        if name in {"caption", "figcaption"}:
            return _Context("caption", 0, outer.lists, outer.details)
        return outer

    def flush(self, context: _Context) -> None:
        text = clean_text("".join(self.line))
        self.line.clear()
        if not text:
            return
        if context.kind == "heading" and not context.details:
            self.heading = context.level
        self.add(Passage(context.kind, text, level=context.level, anchor=context.anchor))

    def add_table(self, tag: Tag) -> None:
        rows = read_pairs(tag) if tag.name == "dl" else read_table(tag)
        has_rows = False
        for passage in rows:
            if passage.kind == "row":
                has_rows = True
                self.add(Passage("row", passage.text, 0, self.tables, passage.row, passage.header, passage.cells))
            else:
                self.add(passage)
        self.tables += has_rows

    def add(self, passage: Passage) -> None:
        self.passages.append(passage)
        self.size += len(passage.text)
        if len(self.passages) > MAX_BLOCKS:
            raise PageRejected("parse", f"more than {MAX_BLOCKS} blocks")
        if self.size > MAX_TEXT:
            raise PageRejected("parse", f"text of more than {MAX_TEXT} characters")


def _anchor(heading: Tag) -> str:
    """Return the id of a heading, or of an anchor element within it: `<h2><a name="cs9"></a>Notice</h2>`."""
    inner = next(find_named(heading, "a"), None)
    tags = (heading, inner) if inner is not None else (heading,)
    return next((found for tag in tags for name in ("id", "name") if (found := attribute(tag, name))), "")[:100]


def _reads_whole(tag: Tag) -> bool:
    if tag.name == "table":
        return is_data_table(tag)
    return tag.name == "dl" and next(iter(read_pairs(tag)), None) is not None
