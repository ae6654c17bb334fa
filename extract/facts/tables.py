"""Facts that tables state: columns under headers, and records whose rows are a label and a value."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from extract.facts.draws import Rounds, is_drawn
from extract.facts.fact import (
    DATE_ATTRIBUTES,
    DRAW_ATTRIBUTES,
    Fact,
    currency_of,
    read_value,
    split_interval,
    wage_unit,
)
from extract.facts.reading import Passage
from extract.facts.rules import read_rules
from extract.facts.subjects import find_subjects_around, is_below
from extract.pathways.rounds import pathway_of_round

if TYPE_CHECKING:
    from extract.document import Block
    from extract.facts.reading import Mention, Reading

WORD = re.compile(r"[a-z]+")
COUNT_ATTRIBUTES = frozenset({"cap", "target", "invitations", "cutoff_score"})
KINDS = {"fee": "money", "min_wage": "money", "processing_time": "duration", "permit_validity": "duration", "min_experience": "duration",
         "min_language": "level"}
SCORE = 0.85
LONGEST_LABEL = 160  # characters; a longer header is prose
TOTAL = frozenset({"total", "totals"})


@dataclass(frozen=True, slots=True)
class Column:
    """A row of columns.toml."""

    role: str
    words: tuple[frozenset[str], ...]
    without: tuple[frozenset[str], ...]


@cache
def read_columns() -> tuple[Column, ...]:
    """The rows of columns.toml in their order."""
    rows = tomllib.loads((files("extract.facts") / "columns.toml").read_text(encoding="utf-8"))["column"]
    return tuple(
        Column(row["role"], *(tuple(frozenset(words.split()) for words in row[key]) for key in ("words", "without"))) for row in rows
    )


def name_column(label: str) -> str:
    """What a column or labelled row holds, by the words of its header; empty where no row of columns.toml fits."""
    if len(label) > LONGEST_LABEL:
        return ""
    words = set(WORD.findall(label.lower().replace("-", " ")))
    for column in read_columns():
        if any(alternative <= words for alternative in column.words) and not any(barred <= words for barred in column.without):
            return column.role
    return ""


@dataclass
class Cells:
    """What is known of one row or record: a pathway, a date, and (role, cell) pairs for the rest."""

    evidence: tuple[int, int]
    pathways: list[Mention] = field(default_factory=list)
    date: Mention | None = None
    values: list[tuple[str, tuple[int, int], int]] = field(default_factory=list)  # role, cell, column
    labels: list[str] = field(default_factory=list)  # cells without a figure of their own


def read_tables(reading: Reading, topic: str | None) -> list[Fact]:
    """Facts of all tables, in the order of the text."""
    facts: list[Fact] = []
    numbered = [(number, block) for number, block in enumerate(reading.blocks) if block.kind == "row"]
    for _, group in groupby(numbered, key=lambda item: item[1].table):
        rows = list(group)
        headers = [block for _, block in rows if block.header]
        body = [(number, block) for number, block in rows if not block.header]
        if headers:
            facts += read_columns_of(reading, headers[-1], body, topic)
        elif all(len(block.cells) == 2 for _, block in rows):
            found = read_record(reading, body, topic)
            if not found and len(rows) > 1 and name_column(reading.text[slice(*rows[0][1].cells[1])]):
                found = read_columns_of(reading, rows[0][1], rows[1:], topic)  # a header that looks like a row
            facts += found
    return facts


def read_columns_of(reading: Reading, header: Block, body: list[tuple[int, Block]], topic: str | None) -> list[Fact]:
    """Facts of a table with a header row: one record for each row."""
    labels = [reading.text[start:end] for start, end in header.cells]
    roles = [name_column(label) for label in labels]
    years = [reading.within("dates", start, end) if not role else [] for role, (start, end) in zip(roles, header.cells, strict=True)]
    totals = {place for place, label in enumerate(labels) if roles[place] == "invitations" and TOTAL & set(WORD.findall(label.lower()))}
    if totals and sum(role == "invitations" for role in roles) > len(totals):
        roles = ["none" if role == "invitations" and place not in totals else role for place, role in enumerate(roles)]
    facts: list[Fact] = []
    for number, block in body:
        cells = Cells((block.start, block.end))
        for place, (start, end) in enumerate(block.cells[:len(roles)]):
            role = roles[place]
            cells.pathways += reading.within("pathways", start, end)
            if role in {"", "pathway"} and end > start:
                cells.labels.append(reading.text[start:end])
            if role in {"date", "period"} or role in DATE_ATTRIBUTES:
                dates = reading.within("dates", start, end)
                if dates and (role == "draw_on" or cells.date is None):
                    cells.date = dates[0]
            if role in COUNT_ATTRIBUTES or role in KINDS or role in DATE_ATTRIBUTES:
                cells.values.append((role, (start, end), place))
            elif not role and len(years[place]) == 1 and plan_speaks(reading, number, labels):
                cells.values.append(("target", (start, end), place))
        periods = {place: str(mentions[0]["edtf"]) for place, mentions in enumerate(years) if len(mentions) == 1}
        total = bool(TOTAL & set(WORD.findall(reading.text[block.start:block.start + 40].lower())))
        facts += make_facts(reading, cells, number, topic, periods, total=total, header=header)
    return facts


def plan_speaks(reading: Reading, number: int, labels: list[str]) -> bool:
    """True where a table with years as columns is one of planned admissions: its heading, lead or title says so."""
    around = [reading.headings[number], reading.intros[number], 0]
    text = " ".join(reading.text[reading.blocks[block].start:reading.blocks[block].end] for block in around if block is not None)
    words = set(WORD.findall((text + " " + " ".join(labels)).lower()))
    return bool(words & {"target", "targets", "plan", "levels", "admissions", "projected"})


LABEL = re.compile(r"([^\W\d_][^:.!?,;\n]{1,69}):[ \t]+(?=\S)")
LONGEST_VALUE = 60  # characters; what is longer is a sentence with a colon
DATE_LINES = frozenset({"heading", "title", "paragraph"})
DATE_REACH = 40  # blocks above in which the date of a record may stand
BARE_DATE = 12  # characters beside a date in a line that is hardly more than it


def read_labelled(reading: Reading, topic: str | None) -> tuple[list[Fact], set[int]]:
    """Facts of runs of lines "label: value", and the numbers of the blocks that they are made of."""
    facts: list[Fact] = []
    used: set[int] = set()
    run: list[tuple[int, tuple[int, int], tuple[int, int]]] = []
    for number in range(len(reading.blocks) + 1):
        line = read_label(reading, number) if number < len(reading.blocks) else None
        if line is not None:
            run.append(line)
            continue
        if len(run) > 1 or (run and name_column(reading.text[slice(*run[0][1])]) in DRAW_ATTRIBUTES):
            found = read_pairs(reading, run, topic)
            if found:
                facts += found
                used |= {each[0] for each in run}
        run = []
    return facts, used


def read_label(reading: Reading, number: int) -> tuple[int, tuple[int, int], tuple[int, int]] | None:
    """A block that is a label and a value, as (block, label, value)."""
    block = reading.blocks[number]
    if block.kind not in {"paragraph", "item"} or block.end - block.start > LONGEST_LABEL * 2:
        return None
    match = LABEL.match(reading.text, block.start, block.end)
    if match is None or block.end - match.end() > LONGEST_VALUE or not name_column(match.group(1)):
        return None
    return number, match.span(1), (match.end(), block.end)


def read_pairs(reading: Reading, pairs: list[tuple[int, tuple[int, int], tuple[int, int]]], topic: str | None) -> list[Fact]:
    """Facts of labels and values that together describe one thing; each fact's evidence is its own line."""
    first, last = pairs[0], pairs[-1]
    cells = Cells((first[1][0], last[2][1]))
    for number, label, (start, end) in pairs:
        role = name_column(reading.text[slice(*label)])
        if role == "pathway":
            cells.pathways += reading.within("pathways", start, end)
            cells.labels.append(reading.text[start:end])
        elif role in {"date", "draw_on"}:
            dates = reading.within("dates", start, end)
            cells.date = dates[0] if dates else cells.date
        if role in COUNT_ATTRIBUTES or role in KINDS or role in DATE_ATTRIBUTES:
            cells.values.append((role, (start, end), number))
    if cells.date is None:
        cells.date = date_above(reading, first[0])
    facts = make_facts(reading, cells, first[0], topic, {}, total=False, header=None)
    for fact in facts:
        value = next(a for role, a, _ in fact.spans if role == "value")
        for number, _, _ in pairs:
            block = reading.blocks[number]
            if block.start <= value < block.end:
                fact.evidence = (block.start, block.end)
                break
        else:
            block = reading.blocks[reading.block_at(value)]
            fact.evidence = (block.start, block.end)
    return facts


def date_above(reading: Reading, number: int) -> Mention | None:
    """The day that the nearest line above consists of, or that a heading or the title names."""
    for place in range(number - 1, max(-1, number - 1 - DATE_REACH), -1):
        block = reading.blocks[place]
        if block.kind not in DATE_LINES:
            continue
        dates = [mention for mention in reading.dates_of(place) if mention["precision"] == "day"]
        if dates and (block.kind != "paragraph" or block.end - block.start <= dates[0]["end"] - dates[0]["start"] + BARE_DATE):
            return dates[0]
    return None


def read_record(reading: Reading, rows: list[tuple[int, Block]], topic: str | None) -> list[Fact]:
    """Facts of rows of two cells, a label and a value, which together describe one thing."""
    return read_pairs(reading, [(number, block.cells[0], block.cells[1]) for number, block in rows], topic)


def make_facts(reading: Reading, cells: Cells, number: int, topic: str | None, periods: dict[int, str], *, total: bool,
               header: Block | None) -> list[Fact]:
    """The facts of one row or record, if its subject is known."""
    roles = {role for role, _, _ in cells.values}
    drawn = bool(roles & DRAW_ATTRIBUTES)
    subject = find_row_subject(reading, cells, number, topic, drawn=drawn)
    if subject is None:
        return []
    facts: list[Fact] = []
    date = cells.date
    if drawn and date is not None and "draw_on" not in roles and roles & {"invitations", "cutoff_score"}:
        facts.append(make_fact(subject, "draw_on", str(date["edtf"]), cells, (date["start"], date["end"])))
    for role, (start, end), place in cells.values:
        if role in DATE_ATTRIBUTES:
            for mention in reading.within("dates", start, end)[:1]:
                value = str(mention["edtf"])
                if role == "draw_on" and mention["precision"] != "day":
                    continue
                if mention["precision"] == "interval":
                    value = split_interval(value)[role == "closes_on"]
                facts.append(make_fact(subject, role, value, cells, (mention["start"], mention["end"])))
            continue
        wanted = KINDS.get(role, "number")
        mentions = [mention for mention in reading.within("quantities", start, end) if mention["kind"] == wanted]
        if not mentions or (wanted == "number" and len(mentions) > 1):
            continue
        mention = mentions[0]
        fact = make_fact(subject, role, "", cells, (mention["start"], mention["end"]))
        fact.value = read_value(mention)
        if (fact.value == 0 and role != "fee") or (isinstance(fact.value, list) and role in DRAW_ATTRIBUTES):
            continue
        fact.comparator = mention["comparator"]
        fact.unit = unit_of(role, mention, subject, reading, header, place)
        if role in DRAW_ATTRIBUTES:
            fact.period = str(date["edtf"]) if date is not None else year_of_header(reading, header, place) if total else None
        elif role in {"cap", "target"}:
            fact.period = periods.get(place) or year_of_header(reading, header, place) or (str(date["edtf"]) if date else year_above(reading, number))
        facts.append(fact)
    return facts


def unit_of(role: str, mention: Mention, subject: str, reading: Reading, header: Block | None, place: int) -> str:
    """The unit of a cell: its own, the header's noun, or the rule's."""
    if role == "min_wage":
        return wage_unit(mention, subject)
    if mention["kind"] == "money":
        return currency_of(mention, subject)
    if role == "cap" and header is not None:
        words = set(WORD.findall(reading.text[slice(*header.cells[place])].lower()))
        for noun, unit in (("nominations", "nominations"), ("nomination", "nominations"), ("spaces", "spaces"), ("places", "spaces"),
                           ("applications", "applications"), ("visas", "visas"), ("permits", "permits")):
            if noun in words:
                return unit
    return str(read_rules()[role]["unit"])


def year_of_header(reading: Reading, header: Block | None, place: int) -> str | None:
    """The year that a column's header or the table's caption names."""
    if header is None:
        return None
    dates = reading.within("dates", *header.cells[place])
    return str(dates[0]["edtf"]) if len(dates) == 1 else None


def year_above(reading: Reading, number: int) -> str | None:
    """The one year that the table's lead, its heading or the title names, the nearest first."""
    for block in (reading.intros[number], reading.headings[number], 0):
        years = {str(mention["edtf"]) for mention in reading.dates_of(block) if mention["precision"] in {"year", "interval"}}
        if len(years) == 1:
            return years.pop()
    return None


def make_fact(subject: str, attribute: str, value: str, cells: Cells, span: tuple[int, int]) -> Fact:
    """A fact with the row as its evidence."""
    spans = [("value", *span)] + [("subject", mention["start"], mention["end"]) for mention in cells.pathways if mention["id"] == subject]
    return Fact(subject, attribute, value, str(read_rules()[attribute]["unit"]), "eq", None, "asserted", cells.evidence, spans,
                f"{attribute}-table", SCORE)


def find_row_subject(reading: Reading, cells: Cells, number: int, topic: str | None, *, drawn: bool) -> str | None:
    """The most particular pathway of a row, or what the table stands under."""
    names = [str(mention["id"]) for mention in cells.pathways]
    if drawn:
        federal = any(mention["id"].startswith("ca-ee") for mention in reading.pathways)
        named = next((name for label in cells.labels if (name := pathway_of_round(label))), None) if federal else None
        if named:
            return named
        rounds = Rounds(federal)
        own = rounds.name(names) or next((rounds.translate(name) for name in names if is_drawn(name)), None)
        if own:
            return own
    particular = [name for name in names if not any(is_below(other, name) for other in names)]
    if particular:
        return particular[0]
    block = reading.blocks[number]
    found, how = find_subjects_around(reading, Passage(block.start, block.end, number), topic)
    if how == "before" and topic:  # what a sentence or the header happened to name last says little of a row
        found = [topic]
    names = [name for name in found if is_drawn(name)] if drawn else found
    return str(names[0]) if names else (topic if topic and (not drawn or is_drawn(topic)) else None)
