"""Draws in tables whose cells lost their borders: a line of column names, then lines that end in figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.facts.draws import EXPRESS_STREAMS, is_drawn, program_of
from extract.facts.fact import Fact
from extract.facts.scopes import ancestors_of, drop_inner, heading_pathways, is_below, read_names, tell_words
from extract.pathways.rounds import pathway_of_round

if TYPE_CHECKING:
    from extract.facts.reading import Reading

SCORE = 0.8
FIGURES = re.compile(r"(?:(?<=\s)|\A)(<? ?\d{1,3}(?:,\d{3})+|<? ?\d{1,5})(?:\s{1,3}(<? ?\d{1,3}(?:,\d{3})+|<? ?\d{1,5}))?\s{0,3}\Z")
NUMBER = re.compile(r"(?<![\w/.,-])(<? ?)(\d{1,3}(?:,\d{3})+|\d{1,5})(?:\s?(?:-|\u2013|to)\s?\d{1,5})?(?![\w/]|[.,-]\d)")
SCORED = ("score", "scores", "points", "crs", "cut-off", "cutoff", "minimum", "lowest", "mark")
COUNTED = ("invitations", "invited", "issued", "itas", "letters", "number", "selections", "selected", "invitees", "invites", "drawn")
DAYS_AND_SIGNS = re.compile(r"[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{4}-\d\d-\d\d|[#|\t]|\s\d+\s|\A\d+\s")
LONGEST_ROW = 160  # characters
LONGEST_HEADER = 120
NEAR_HEADER = 4  # blocks up from the end of a header in which what it stands under is named
WRAPPED = 2  # lines without figures over which the name of a row may run
HIGHEST_SCORE = 1200
FEWEST_SCORE = 20  # a lone figure below it is hardly a score


def read_flattened(reading: Reading, topic: str | None) -> tuple[list[Fact], set[int]]:
    """Facts of draws in such tables, and the numbers of the blocks that they are made of."""
    facts: list[Fact] = []
    used: set[int] = set()
    number = 0
    while number < len(reading.blocks):
        first, order = read_header(reading, number)
        if not order:
            number += 1
            continue
        number = first
        date: str | None = None
        program = section_of(reading, number - 1, topic)
        wrapped = 0
        while number < len(reading.blocks) and program:
            found, date = read_row(reading, number, order, date, program)
            wrapped = 0 if found else wrapped + 1
            if found is None or wrapped > WRAPPED:
                break
            facts += found
            used.add(number)
            number += 1
    return facts, used


def read_header(reading: Reading, number: int) -> tuple[int, tuple[str, str] | None]:
    """Where the rows below a header begin, and what their last two figures are; the header may run over three lines."""
    words: list[str] = []
    for place in range(number, min(number + 3, len(reading.blocks))):
        block = reading.blocks[place]
        text = reading.text[block.start:block.end]
        if block.kind in {"row", "title"} or block.end - block.start > LONGEST_HEADER or any(map(str.isdigit, text)) or text.endswith((".", ":")):
            return number, None
        words += text.lower().split()
        scores = [at for at, word in enumerate(words) if word in SCORED]
        counts = [at for at, word in enumerate(words) if word in COUNTED]
        after = place + 1
        if scores and counts and after < len(reading.blocks):
            below = reading.blocks[after]
            order = ("cutoff_score", "invitations") if max(scores) < max(counts) else ("invitations", "cutoff_score")
            if below.kind != "row" and (FIGURES.search(reading.text[below.start:below.end]) or read_numbers(reading, after, order)):
                return after, order
    return number, None


def read_numbers(reading: Reading, number: int, order: tuple[str, ...]) -> list[tuple[tuple[int, int], str]]:
    """The figures of a line beside its dates and names, with what is written, where there are as many as columns; a number of the round may lead the line."""
    block = reading.blocks[number]
    text = reading.text[block.start:block.end]
    for mention in (*reading.dates_of(number), *reading.pathways_of(number)):
        start, end = mention["start"] - block.start, min(mention["end"], block.end) - block.start
        text = text[:start] + "x" * (end - start) + text[end:]
    found = [((match.start(), match.end()), match.group(1) + match.group(2)) for match in NUMBER.finditer(text)]
    if len(found) == len(order) + 1 and not text[:found[0][0][0]].strip(" #"):
        found = found[1:]
    dated = any(mention["precision"] == "day" for mention in reading.dates_of(number))
    return found if len(found) == len(order) and dated and text.count("x") else []


def is_header(text: str) -> bool:
    """True where a line holds a name of a column."""
    words = text.lower().split()
    return not {*SCORED, *COUNTED}.isdisjoint(words)


def goes_on(reading: Reading, number: int) -> bool:
    """True where one of the next lines ends in figures, and no line between is the header of another table."""
    for block in reading.blocks[number + 1:number + 1 + WRAPPED]:
        text = reading.text[block.start:block.end]
        if FIGURES.search(text):
            return True
        if is_header(text):
            return False
    return False


def section_of(reading: Reading, number: int, topic: str | None) -> str | None:
    """The pathway that the table stands under: of its heading, or the one named last above it, or the text's topic."""
    names: list[str] = []
    for place in range(number, max(-1, number - NEAR_HEADER), -1):
        names = names or [str(mention["id"]) for mention in drop_inner(reading.pathways_of(place))]
    names = names or heading_pathways(reading, number)
    name = names[0] if names else topic
    return name if name and is_drawn(name) else None


def read_row(reading: Reading, number: int, order: tuple[str, str], date: str | None, program: str) -> tuple[list[Fact] | None, str | None]:
    """The facts of a line and the day that holds for the next; None where the line is none of the table's."""
    block = reading.blocks[number]
    text = reading.text[block.start:block.end]
    if block.kind in {"row", "title"} or len(text) > LONGEST_ROW or text.endswith((".", ":", "?")):
        return None, date
    days = [mention for mention in reading.dates_of(number) if mention["precision"] == "day"]
    date = str(days[0]["edtf"]) if days else date
    start = days[0]["end"] - block.start if days and days[0]["start"] == block.start else 0
    match = FIGURES.search(text, start)
    values = read_numbers(reading, number, order)
    if match is None and not values:
        return ([], date) if len(text) < LONGEST_HEADER and not is_header(text) and goes_on(reading, number) else (None, date)
    if not values and match is not None:
        values = [(match.span(group), match.group(group)) for group in (1, 2) if match.group(group)]
    label = text[start:values[0][0][0]] if start < values[0][0][0] else ""
    subject = subject_of(reading, number, label, program)
    facts = []
    for attribute, (span, written) in zip(order if len(values) > 1 else ("cutoff_score",), values, strict=True):
        value = int(re.sub(r"\D", "", written))
        if attribute == "cutoff_score" and not (FEWEST_SCORE <= value <= HIGHEST_SCORE):
            continue
        facts.append(Fact(subject, attribute, value, "points" if attribute == "cutoff_score" else "invitations", "lt" if written.startswith("<") else "eq", date,
                          "asserted", (block.start, block.end), [("value", block.start + span[0], block.start + span[1])], f"{attribute}-line", SCORE))
    return facts, date


def subject_of(reading: Reading, number: int, label: str, program: str) -> str:
    """The stream that a line names; several streams stand for their program, and so does a sector that no stream is named for."""
    names = [str(mention["id"]) for mention in drop_inner(reading.pathways_of(number)) if is_drawn(mention["id"])]
    if names == ["ca-ee"] and program_of(program) in EXPRESS_STREAMS:
        return EXPRESS_STREAMS[str(program_of(program))]
    named = pathway_of_round(DAYS_AND_SIGNS.sub(" ", label).strip()) if program_of(program) == "ca-ee" else None
    if named:
        return named
    names = [name for name in dict.fromkeys(names) if not any(is_below(other, name) for other in names)]
    if len(names) == 1:
        return names[0]
    if len(names) > 1:
        parents = {ancestors_of(name)[0] for name in names if ancestors_of(name)}
        return program if program in parents or len(parents) != 1 else parents.pop()
    words = tell_words(label)
    line = [program, *ancestors_of(program)]
    root = next((name for place, name in enumerate(line) if line[place + 1:place + 2] in (["ca-pnp"], ["ca-ee"])), program)
    fitting = [name for name, known in read_names(root) if words and words <= known]
    return fitting[0] if len(fitting) == 1 else program
