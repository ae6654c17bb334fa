"""Rows of a label and a figure that no bar parts: dots lead from one to the other, or the two have grown together."""

from __future__ import annotations

import re

Span = tuple[int, int]

LEADER = re.compile(r"[ \t]*(?:\.{3,}|(?:\. ){3,}|\u2026+|_{3,})[ \t.]*")
GROWN = re.compile(r"[^\n]{1,120}?[a-z)\]](\d{1,3}(?:,\d{3})+|\d{1,6})\Z")
LONGEST_ROW = 125  # characters
LONGEST_CELL = 40  # characters of what the dots lead to
FEWEST_LED = 2
FEWEST_GROWN = 3
CODE_LENGTH = 4  # digits from which a figure may be a code


def find_led(text: str, lines: list[Span], index: int) -> list[tuple[Span, Span]]:
    """The cells of lines from `index` on in which dots lead from a label to a figure or date: "Africa ..... 25,000"; names of columns may come first."""
    rows: list[tuple[Span, Span]] = []
    for place in range(index, len(lines)):
        start, end = lines[place]
        row = split_led(text, start, end)
        if row is None or (rows and not holds_figure(text, row[1])):
            break
        rows.append(row)
    return rows if sum(holds_figure(text, row[1]) for row in rows) >= FEWEST_LED else []


def split_led(text: str, start: int, end: int) -> tuple[Span, Span] | None:
    """A line's label and what its dots lead to."""
    if end - start > LONGEST_ROW:
        return None
    match = LEADER.search(text, start, end)
    if match is None or match.start() == start or match.end() == end or end - match.end() > LONGEST_CELL or LEADER.search(text, match.end(), end):
        return None
    return (start, match.start()), (match.end(), end)


def find_grown(text: str, lines: list[Span], index: int) -> list[tuple[Span, Span]]:
    """The cells of lines from `index` on that end in a figure grown to the word before: "Roofers (NOC 7291)50". Not all can be codes."""
    rows: list[tuple[Span, Span]] = []
    short = False
    for place in range(index, len(lines)):
        start, end = lines[place]
        match = GROWN.match(text[start:end]) if end - start <= LONGEST_ROW else None
        if match is None:
            break
        short = short or len(match.group(1)) < CODE_LENGTH or "," in match.group(1)
        rows.append(((start, start + match.start(1)), (start + match.start(1), end)))
    return rows if short and len(rows) >= FEWEST_GROWN else []


def holds_figure(text: str, span: Span) -> bool:
    """True for a cell with a digit."""
    return any(map(str.isdigit, text[slice(*span)]))
