"""Where a text's blocks, sentences and clauses begin and end.

Pages that were parsed bring their blocks along. For plain text they are inferred from line breaks: headings, paragraphs,
list items, tables drawn with bars, and tables whose markup was lost so that titles and codes stand glued together.
"""

from __future__ import annotations

import re
from dataclasses import replace

from extract.document import Block
from extract.leaders import find_grown, find_led, holds_figure
from extract.stacked import find_stacked, join_groups

ITEM = re.compile(r"[ \t]*(?:[-*•‣▪◦·\u2013—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])[ \t]+(?=\S)")
NUMBERED = re.compile(r"[ \t]*\(?\d{1,3}[.)][ \t]+(?=\S)")
CODED = re.compile(r"(?:NOC )?\d{5} (?=[^\W\d_])")  # "72106 Welders": one of a list
CODE_LINE = re.compile(r"(?:(?:NOC|CNP) )?\d{5} *[:\u2013\u2014-] ?[^\W\d_].{0,110}\Z|[^\W\d_].{0,110}[ (](?:NOC )?\d{5}\)?\Z")  # "Welders \u2013 72106"
MARKDOWN_HEADING = re.compile(r"[ \t]*(#{1,6})[ \t]+(?=\S)")
MARKDOWN_RULE = re.compile(r"[ \t|:+=-]{3,}\Z")
GLUED_ROW = re.compile(r"[^\n]{0,200}?[^\W\d_)\]]?[a-z)\]](\d{4,5})\d?[ \t]*\Z")
GLUED_HEADER = re.compile(r"[a-z](?=[A-Z])")
SENTENCE_END = re.compile(r"[.!?…]+[\"'”\u2019)\]]*(?=\s+[\"'“\u2018(\[]?[A-Z0-9$£€])")
ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Hon|St|Ste|No|Nos|Sr|Jr|vs|etc|e\.g|i\.e|approx|Inc|Ltd|Co|Corp|Gov|Sen|Rep|Gen|Dept|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|s|ss|para|Art|cf|al|Que|Ont|Alta|Sask|Man)|\b[A-Z](?:\.[A-Z])*)\Z"
)
HOUR = re.compile(r"\d ?[ap]\.m\.\Z")
ZONE = re.compile(r"\s+\(?(?:[ECMPAN][SD]?T|NST|UTC|GMT|BST|Eastern|Central|Mountain|Pacific|Atlantic|Ottawa|local|\d{1,2}|"
                  r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d)\b")
CLAUSE_END = re.compile(
    r";[ \t]*|[ \t][\u2013—][ \t]|,[ \t]+(?=(?:but|while|whereas|although|though|compared|which|where|of whom|of which|dont|however|as opposed|up from|down from)\b)"
)
LABELLED = re.compile(r"[^\W\d_][^:.!?\n]{1,79}:[ \t]+[^\n]*\d")  # "Date: May 3": a record, not a heading
YEAR_CELL = re.compile(r"(?:19|20)\d\d(?:[-\u2013/]\d{2,4})?(?:\s|\Z|$|\|)")
YEAR_LABEL = re.compile(r"\A(?:19|20)\d\d(?:[-\u2013/]\d{2,4})?[ \t](?=[^\W\d_]{3})")  # "2026 target" heads a column
TIMED = re.compile(r"(?:from|until|since|before|after|as of|starting|effective|up to|now|new|old|to) ", re.IGNORECASE)  # "From May 3, 2025" heads a column
TERMINAL = (".", "!", "?", ";", ",")
INFERRED = 2  # level of a heading that shows only by its shape
FEWEST_LISTED = 5  # so many lines in a row that look like headings are a list
HEADING_WORDS = 16
HEADING_LENGTH = 130
WRAP_LENGTH = 55  # a line at least this long that ends without a stop may go on in the next
WINDOW = 12  # characters before a full stop that decide whether it ends an abbreviation

Span = tuple[int, int]


def infer_blocks(text: str) -> tuple[Block, ...]:
    """Blocks of a plain text; the first line is its title. Offsets leave out list signs, hashes and outer bars."""
    blocks: list[Block] = []
    table = 0
    for group in join_groups(text, read_groups(text)):
        rows = read_table(text, group, table)
        if rows:
            table += 1
            blocks += rows
            continue
        blocks += read_lines(text, group, table)
        table = max([table, *(block.table + 1 for block in blocks[-len(group):] if block.table is not None)])
    list_runs(text, blocks)
    for place in range(2, len(blocks)):
        if blocks[place].kind == blocks[place - 1].kind == "heading" and blocks[place].level == blocks[place - 1].level == 2:
            blocks[place] = replace(blocks[place], level=3)  # a heading straight under another is its part
    if blocks and blocks[0].kind in {"heading", "paragraph"}:
        blocks[0] = replace(blocks[0], kind="title", level=1)
    return tuple(blocks)


def list_runs(text: str, blocks: list[Block]) -> None:
    """Short lines that follow one another in great number head nothing: they are a list without signs."""
    first = 1
    while first < len(blocks):
        last = first
        while last < len(blocks) and blocks[last].kind == "heading" and blocks[last].level == INFERRED:
            last += 1
        ends = last
        if last < len(blocks) and blocks[last].kind == "paragraph":  # the last may head the paragraph, unless that closes the list
            closes = text[blocks[last - 1].end:blocks[last].start].count("\n") == 1 and looks_like_heading(text[blocks[last].start:blocks[last].end])
            ends = last = last + 1 if closes else last
            ends -= not closes
        if last - first >= FEWEST_LISTED:
            for place in range(first, ends):
                blocks[place] = replace(blocks[place], kind="item", level=1)
        first = max(last, first + 1)


def read_groups(text: str) -> list[list[Span]]:
    """Lines without outer white space, in groups that blank lines part."""
    groups: list[list[Span]] = [[]]
    at = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            start = at + len(line) - len(line.lstrip())
            groups[-1].append((start, start + len(stripped)))
        elif groups[-1]:
            groups.append([])
        at += len(line)
    return [group for group in groups if group]


def read_table(text: str, lines: list[Span], number: int) -> list[Block]:
    """Rows of a group in which every line is a row; empty where it isn't a table."""
    if all("|" in text[start:end] or "\t" in text[start:end] for start, end in lines):
        return read_bars(text, lines, number)
    return []


def read_bars(text: str, lines: list[Span], number: int) -> list[Block]:
    """Rows of a table drawn with bars or tabs. The first is a header if a ruler follows it or it alone has no figures."""
    rows: list[Block] = []
    ruled = False
    sign = "|" if any("|" in text[start:end] for start, end in lines) else "\t"
    outer = all(text[start] == sign for start, end in lines)  # else a bar at the beginning parts an empty cell from the next
    for start, end in lines:
        line = text[start:end]
        if MARKDOWN_RULE.match(line):
            ruled = ruled or len(rows) == 1
            continue
        cells = split_cells(text, start, end, outer=outer)
        if cells:
            rows.append(Block("row", cells[0][0], cells[-1][1], table=number, row=len(rows), cells=cells))
    if len(rows) > 1 and (ruled or is_header(text, rows)):
        rows[0] = replace(rows[0], header=True)
    return rows


def split_cells(text: str, start: int, end: int, *, outer: bool = True) -> tuple[Span, ...]:
    """Cells of a line, empty ones included where they stand between others."""
    sign = "|" if "|" in text[start:end] else "\t"
    if text[start] == sign and outer:
        start += 1
    if end > start and text[end - 1] == sign:
        end -= 1
    cells: list[Span] = []
    at = start
    for part in text[start:end].split(sign):
        stripped = part.strip()
        left = at + (len(part) - len(part.lstrip()) if stripped else 0)
        cells.append((left, left + len(stripped)))
        at += len(part) + 1
    return tuple(cells) if any(a < b for a, b in cells) else ()


def is_header(text: str, rows: list[Block]) -> bool:
    """True where no cell of the first row is a figure or date, and some cell of the second is (or is a long text)."""
    first, second = rows[0], rows[1]
    if len(first.cells) < 2 or len(second.cells) < 2:
        return False
    figures = [is_figure(YEAR_LABEL.sub("", text[a:b])) and not TIMED.match(text, a, b) for a, b in first.cells]
    below = [is_figure(text[a:b]) for a, b in second.cells]
    if len(first.cells) == 2 and not any(below):
        return False
    if YEAR_CELL.match(text, *first.cells[-1]) and not figures[0]:
        return all(YEAR_CELL.match(text, *cell) for cell in first.cells[2:])
    # Two columns whose first row pairs a label with a figure are a record, not a table with a header.
    return not any(figures) and any(below)


def is_figure(cell: str) -> bool:
    """True where at least a third of a cell's characters are digits."""
    return bool(cell) and 3 * sum(map(str.isdigit, cell)) >= len(cell)


def read_lines(text: str, lines: list[Span], table: int) -> list[Block]:
    """Blocks of a group of lines that isn't a table as a whole."""
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        led = find_led(text, lines, index) or find_grown(text, lines, index)
        if led:
            blocks += [Block("row", one[0], other[1], table=table, row=row, header=not row and not holds_figure(text, other), cells=(one, other))
                       for row, (one, other) in enumerate(led)]
            table += 1
            index += len(led)
            continue
        run = glued_run(text, lines, index)
        if run > index:
            blocks += read_glued(text, lines[index:run], table)
            table += 1
            index = run
            continue
        run = bar_run(text, lines, index)
        if run > index + 1:
            blocks += read_bars(text, lines[index:run], table)
            table += 1
            index = run
            continue
        columns, run = find_stacked(text, lines, index)
        if columns:
            blocks += [Block("row", row[0][0], row[-1][1], table=table, row=number, header=not number, cells=tuple(row))
                       for number, row in enumerate(lines[at:at + columns] for at in range(index, run, columns))]
            table += 1
            index = run
            continue
        start, end = lines[index]
        block = read_line(text, start, end, alone=len(lines) == 1, last=index == len(lines) - 1)
        if block.kind != "item" and is_code_line(text, lines[index]) and any(is_code_line(text, near) for near in lines[max(0, index - 1):index + 2] if near != lines[index]):
            block = replace(block, kind="item", level=1)
        if block.kind == "item" and heads_section(text, lines, index):
            block = replace(block, kind="heading", level=INFERRED)
        if block.kind == "heading" and index + 1 < len(lines) and text[lines[index + 1][0]].islower():
            block = replace(block, kind="paragraph", level=0)  # the sentence goes on
        if block.kind == "paragraph" and blocks and continues(text, blocks[-1], block):
            blocks[-1] = replace(blocks[-1], end=end)
        else:
            blocks.append(block)
        index += 1
    return blocks


def heads_section(text: str, lines: list[Span], index: int) -> bool:
    """True for a numbered line that neither follows nor precedes another: "2. Skilled Worker stream", over lines of its own."""
    near = lines[max(0, index - 1):index + 2]
    match = NUMBERED.match(text[lines[index][0]:lines[index][1]])
    return match is not None and index + 1 < len(lines) and looks_like_heading(text[lines[index][0] + match.end():lines[index][1]]) and not any(
        NUMBERED.match(text[start:end]) for start, end in near if (start, end) != lines[index])


def is_code_line(text: str, line: Span) -> bool:
    """True for a line that is hardly more than a title and its code, either one first."""
    return CODE_LINE.match(text[line[0]:line[1]]) is not None


def bar_run(text: str, lines: list[Span], index: int) -> int:
    """One past the last of the lines with bars from `index` on."""
    while index < len(lines):
        line = text[lines[index][0]:lines[index][1]]
        if " | " not in line and not ("|" in line and MARKDOWN_RULE.match(line)):
            break
        index += 1
    return index


def glued_run(text: str, lines: list[Span], index: int) -> int:
    """One past the last line of a table that lost its markup, if one begins at `index` (with or without a header)."""
    first = index + 1 if is_glued_header(text[lines[index][0]:lines[index][1]]) else index
    last = first
    while last < len(lines) and lines[last][1] - lines[last][0] < HEADING_LENGTH and GLUED_ROW.match(
        text[lines[last][0]:lines[last][1]]
    ):
        last += 1
    return last if last - first >= (1 if first > index else 2) else index


def is_glued_header(line: str) -> bool:
    """True for "OccupationNOC code": short, no digits at its end, two words grown together."""
    return len(line) < HEADING_LENGTH and not line[-1].isdigit() and GLUED_HEADER.search(line) is not None and (
        "NOC" in line or "ode" in line or "TEER" in line
    )


def read_glued(text: str, lines: list[Span], number: int) -> list[Block]:
    """Rows of a table that lost its markup: a title and a code each."""
    rows: list[Block] = []
    for row, (start, end) in enumerate(lines):
        match = GLUED_ROW.match(text[start:end])
        if match:
            middle = start + match.start(1)
            cells = ((start, middle), (middle, start + match.end(1)))
        else:
            seam = GLUED_HEADER.search(text[start:end])
            middle = start + (seam.end() if seam else 0)
            cells = ((start, middle), (middle, end))
        rows.append(Block("row", start, end, table=number, row=row, header=match is None, cells=cells))
    return rows


def read_line(text: str, start: int, end: int, *, alone: bool, last: bool) -> Block:
    """One line as heading, item or paragraph."""
    line = text[start:end]
    hashes = MARKDOWN_HEADING.match(line)
    if hashes:
        return Block("heading", start + hashes.end(), end, level=len(hashes.group(1)))
    item = ITEM.match(line)
    if item and not (alone and NUMBERED.match(line) and looks_like_heading(line[item.end():])):
        return Block("item", start + item.end(), end, level=1)
    if CODED.match(line) and looks_like_heading(line):
        return Block("item", start, end, level=1)
    if (alone or not last) and looks_like_heading(line):
        return Block("heading", start, end, level=2)
    return Block("paragraph", start, end)


def looks_like_heading(line: str) -> bool:
    """True for a short line that begins like a title and has no stop at its end."""
    return (
        len(line) <= HEADING_LENGTH
        and len(line.split()) <= HEADING_WORDS
        and not line.endswith(TERMINAL)
        and not line.endswith(":")
        and any(map(str.isalnum, line))
        and not line[0].islower()
        and not LABELLED.match(line)
    )


def continues(text: str, before: Block, block: Block) -> bool:
    """True where a line break fell inside a sentence: a long line without a stop, then a line that begins in lower case."""
    tail = text[before.start:before.end].rsplit("\n", 1)[-1]
    return (
        before.kind in {"paragraph", "item"}
        and len(tail) >= WRAP_LENGTH
        and not tail.endswith((".", "!", "?", ":"))
        and text[block.start].islower()
    )


def split_sentences(text: str, start: int, end: int) -> list[Span]:
    """Sentences of a stretch, without outer white space; a stop after an abbreviation or an initial ends none."""
    spans: list[Span] = []
    at = start
    for match in SENTENCE_END.finditer(text, start, end):
        stop = match.start()
        if text[stop] == "." and (ABBREVIATION.search(text, max(at, stop - WINDOW), stop) or (
            HOUR.search(text, max(at, stop - WINDOW), stop + 1) and ZONE.match(text, match.end()))):
            continue
        spans.append((at, match.end()))
        at = match.end()
        while at < end and text[at].isspace():
            at += 1
    if at < end:
        spans.append((at, end))
    return spans


def split_clauses(text: str, start: int, end: int) -> list[Span]:
    """Clauses of a sentence: it parts at semicolons, spaced dashes, and commas before a contrasting or relative word."""
    spans: list[Span] = []
    at = start
    for match in CLAUSE_END.finditer(text, start, end):
        if match.start() > at:
            spans.append((at, match.start()))
        at = match.end()
    if at < end:
        spans.append((at, end))
    return spans
