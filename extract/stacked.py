"""Tables that lost their rows: every cell stands in a line of its own, the names of the columns first."""

from __future__ import annotations

import re

Span = tuple[int, int]

MOST_COLUMNS = 6
FEWEST_ROWS = 2
WINDOW = (FEWEST_ROWS + 2) * MOST_COLUMNS  # lines by which such a table shows
LONGEST_NAME = 60  # characters of a column's name
LONGEST_CELL = 120
DAY = re.compile(r"(?:(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/]\d{1,2}[-/](?:19|20)\d\d|"
                 r"(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?(?: \d{1,2},?)?(?: (?:19|20)\d\d)?)\Z")
FIGURE = re.compile(r"(?:<|less than |fewer than |[$£€])? ?\d[\d,. ]{0,11}[%+]?\Z", re.IGNORECASE)
EMPTY = frozenset({"-", "\u2013", "\u2014", "n/a", "na", "not applicable", "tbd", "nil"})


def find_stacked(text: str, lines: list[Span], index: int) -> tuple[int, int]:
    """The number of columns of such a table whose first name stands in line `index`, and one past its last line; (0, index) for none.

    A table shows by rows of the same make, so many lines each: a day, words, figures. At least one column holds figures or codes, one doesn't.
    """
    names = 0
    while names < MOST_COLUMNS and index + names < len(lines) and is_name(text, lines[index + names]):
        names += 1
    for columns in range(names, 1, -1):
        first = [tell_kind(text, line) for line in lines[index + columns:index + 2 * columns]]
        if len(first) < columns or "figure" not in first or "" in first or len(set(first)) == 1:
            continue
        last = index + columns
        while last + columns <= len(lines) and all(
            fits(tell_kind(text, line), kind) for line, kind in zip(lines[last:last + columns], first, strict=True)
        ):
            last += columns
        if (last - index) // columns > FEWEST_ROWS:
            return columns, last
    return 0, index


def is_name(text: str, line: Span) -> bool:
    """True for a line that may name a column: short, without figures, no sentence."""
    name = text[line[0]:line[1]]
    return len(name) <= LONGEST_NAME and not any(map(str.isdigit, name)) and not name.endswith((".", ":", ";", ",", "!"))


def tell_kind(text: str, line: Span) -> str:
    """What a cell holds: "figure", "day", "empty", "words", or "" for what is no cell."""
    cell = text[line[0]:line[1]]
    if len(cell) > LONGEST_CELL or cell.endswith((".", ":", ";")):
        return ""
    if cell.lower() in EMPTY:
        return "empty"
    if FIGURE.match(cell):
        return "figure"
    return "day" if DAY.match(cell) else "words"


def fits(kind: str, wanted: str) -> bool:
    """True for a cell of a column's kind; a figure may be lacking."""
    return kind == wanted or (kind == "empty" and wanted == "figure")


def join_groups(text: str, groups: list[list[Span]]) -> list[list[Span]]:
    """Groups of lines, with those joined that are such a table though blank lines part its cells or its rows."""
    joined: list[list[Span]] = []
    at = 0
    while at < len(groups):
        size = len(groups[at])
        if size <= MOST_COLUMNS and is_name(text, groups[at][0]):
            columns, _ = find_stacked(text, join_alike(groups, at, at + WINDOW // size), 0)
            if columns and size in {1, columns}:
                lines = join_alike(groups, at, len(groups))
                _, end = find_stacked(text, lines, 0)
                joined.append(lines[:end])
                at += end // size
                continue
        joined.append(groups[at])
        at += 1
    return joined


def join_alike(groups: list[list[Span]], first: int, last: int) -> list[Span]:
    """The lines of the groups from `first` on, before `last`, that have as many lines each as the first."""
    lines: list[Span] = []
    for group in groups[first:last]:
        if len(group) != len(groups[first]):
            break
        lines += group
    return lines
