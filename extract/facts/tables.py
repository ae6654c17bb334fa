"""Facts that tables state: columns under headers, and records whose rows are a label and a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from extract.cues.match import Item
from extract.facts.draws import Rounds, is_drawn
from extract.facts.fact import (
    DATE_ATTRIBUTES,
    DRAW_ATTRIBUTES,
    Fact,
    plain,
    read_value,
    split_interval,
)
from extract.facts.labels import LONGEST_LABEL, WORD, find_role, name_column, name_section_role
from extract.facts.periods import term_above, value_above
from extract.facts.reading import Passage
from extract.facts.rules import read_rules
from extract.facts.scopes import is_below
from extract.facts.subjects import find_subjects_around
from extract.facts.units import find_unit, is_nominee
from extract.pathways.rounds import pathway_of_round
from extract.quantities.grammar import read_nouns

if TYPE_CHECKING:
    from extract.document import Block
    from extract.facts.reading import Mention, Reading

COUNT_ATTRIBUTES = frozenset({"cap", "target", "invitations", "cutoff_score"})
KINDS = {"fee": "money", "min_wage": "money", "processing_time": "duration", "permit_validity": "duration", "min_experience": "duration",
         "min_language": "level"}
SCORE = 0.85
TOTAL = frozenset({"total", "totals"})
TWO_COLUMNS = 2
LONGEST_FIGURE = 9  # characters of a cell in the first column that may be a figure: what is longer names the row
LOWER, UPPER = frozenset({"low", "lowest", "lower"}), frozenset({"high", "highest", "upper"})
FIGURE_LABELS = frozenset({"number", "amount", "figure", "value", "total", "how", "many", "level", "time", "details", "requirement", "per", "year", "month",
                           "each", "annual", "annually", "range", "target", "applications", "people", "permits", "visas", "of", "principal", "applicants",
                           "current", "new", "cad", "usd"})


@dataclass
class Cells:
    """What is known of one row or record: a pathway, a date, and (role, cell) pairs for the rest."""

    evidence: tuple[int, int]
    pathways: list[Mention] = field(default_factory=list)
    date: Mention | None = None
    values: list[tuple[str, tuple[int, int], int]] = field(default_factory=list)  # role, cell, column
    labels: list[str] = field(default_factory=list)  # cells without a figure of their own
    ends: tuple[tuple[int, int], tuple[int, int]] | None = None  # the cells of the lower and the upper end of a planned range
    subjects: dict[int, str] = field(default_factory=dict)  # the pathway that a column's header names, by column


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
    columns = read_header(reading, header, body[0][0] if body else 0)
    ends = find_ends(reading, header) if any("target" in {column.role, column.said} for column in columns) else None
    facts: list[Fact] = []
    for number, block in body:
        cells = Cells((block.start, block.end))
        first = name_column(reading.text[slice(*block.cells[0])]) if block.cells else ""
        for place, (start, end) in enumerate(block.cells[:len(columns)]):
            column = columns[place]
            cells.pathways += reading.within("pathways", start, end)
            if column.role in {"", "pathway"} and end > start:
                cells.labels.append(reading.text[start:end])
            if column.role in {"date", "period"} or column.role in DATE_ATTRIBUTES or (not place and not column.role):
                dates = reading.within("dates", start, end)
                if dates and (column.role == "draw_on" or cells.date is None):
                    cells.date = dates[0]
            role = column.role
            if place and first in KINDS and role in {"", "pathway", *COUNT_ATTRIBUTES}:
                role = first
            elif role in {"", "pathway"} and (place or end - start < LONGEST_FIGURE):
                role = column.said
            if role in COUNT_ATTRIBUTES or role in KINDS or role in DATE_ATTRIBUTES:
                cells.values.append((role, (start, end), place))
            if column.subject:
                cells.subjects[place] = column.subject
        if cells.pathways and {"fee"} & {role for role, _, _ in cells.values} and columns[0].role != "permit_validity":
            cells.values.append(("permit_validity", block.cells[0], 0))  # "Visitor (6 months) | £100"
        if ends is not None and len(block.cells) > max(ends):
            cells.ends = (block.cells[ends[0]], block.cells[ends[1]])
        periods = {place: column.period for place, column in enumerate(columns) if column.period}
        if len(set(periods.values())) == 1:
            periods = dict.fromkeys(range(len(columns)), next(iter(periods.values())))
        total = bool(TOTAL & set(WORD.findall(reading.text[block.start:block.start + 40].lower())))
        facts += make_facts(reading, cells, number, topic, periods, total=total, header=header)
    return facts


def find_ends(reading: Reading, header: Block) -> tuple[int, int] | None:
    """The columns of the lower and the upper end of a planned range."""
    words = [set(WORD.findall(reading.text[start:end].lower())) for start, end in header.cells]
    low = [place for place, label in enumerate(words) if label & LOWER and not label & UPPER]
    high = [place for place, label in enumerate(words) if label & UPPER and not label & LOWER]
    return (low[0], high[0]) if len(low) == len(high) == 1 else None


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: its role by its own words, what the caption says of it (`said`), its pathway and its year."""

    role: str
    said: str
    subject: str | None
    period: str | None


def read_header(reading: Reading, header: Block, number: int) -> list[Column]:
    """The columns of a table whose first row of figures is block `number`."""
    labels = [reading.text[start:end] for start, end in header.cells]
    roles = [name_column(label) for label in labels]
    totals = {place for place, label in enumerate(labels) if roles[place] == "invitations" and TOTAL & set(WORD.findall(label.lower()))}
    if totals and sum(role == "invitations" for role in roles) > len(totals):
        roles = ["none" if role == "invitations" and place not in totals else role for place, role in enumerate(roles)]
    caption = read_caption(reading, number, labels)
    names = [[str(mention["id"]) for mention in reading.within("pathways", *cell)] for cell in header.cells]
    if caption == "target":
        names = [own or [name for name in [find_role(label, "row")] if name] for own, label in zip(names, labels, strict=True)]
    named = sum(bool(each) for each in names[1:]) > 1 or (len(names) == TWO_COLUMNS and bool(names[1]))  # a column for each pathway
    columns = []
    for place, (role, cell) in enumerate(zip(roles, header.cells, strict=True)):
        years = reading.within("dates", *cell)
        period = str(years[0]["edtf"]) if len(years) == 1 and not (role and role not in COUNT_ATTRIBUTES) else None
        subject = names[place][-1] if named and place and names[place] and role in {"", "pathway"} else None
        said = caption if (role == "" and caption in KINDS) or subject or period or (role == "" and set(WORD.findall(labels[place].lower())) <= FIGURE_LABELS) else ""
        columns.append(Column(role, said, subject, period))
    return columns


def read_caption(reading: Reading, number: int, labels: list[str]) -> str:
    """What the figures of a table are, by its lead, its heading, the title or the labels of its columns, the nearest first."""
    above = reading.headings[number]
    chain = [reading.intros[number], above]
    while above is not None and above != reading.headings[above]:
        above = reading.headings[above]
        chain.append(above)
    for block in (*chain, 0):
        role = name_section_role(reading, block) if block is not None else ""
        if role:
            return role
    return "target" if {"admissions", "levels", "projected"} & set(WORD.findall(" ".join(labels).lower())) else ""


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
    row_subject = find_row_subject(reading, cells, number, topic, drawn=drawn)
    if "target" in roles and not cells.pathways and not any(
        mention["id"] != "ca-levels" for block in (reading.intros[number], reading.headings[number], 0) for mention in reading.pathways_of(block)
    ):
        row_subject = find_plan(reading, topic, cells) or row_subject
    if row_subject is None and not cells.subjects:
        return []
    facts: list[Fact] = []
    date = cells.date
    if drawn and row_subject and date is not None and "draw_on" not in roles and roles & {"invitations", "cutoff_score"}:
        facts.append(make_fact(row_subject, "draw_on", str(date["edtf"]), cells, (date["start"], date["end"])))
    for role, (start, end), place in cells.values:
        subject = cells.subjects.get(place, row_subject)
        if subject is None:
            continue
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
        fact.unit = unit_of(role, mention, subject, reading, header, place, number)
        if role in DRAW_ATTRIBUTES:
            fact.period = str(date["edtf"]) if date is not None else year_of_header(reading, header, place) if total else None
        elif role in KINDS:
            fact.period = periods.get(place) or term_above(reading, number)
        elif role in {"cap", "target"}:
            fact.period = periods.get(place) or year_of_header(reading, header, place) or (str(date["edtf"]) if date else year_above(reading, number))
        facts.append(fact)
    if cells.ends is not None and row_subject is not None:
        facts += make_range(reading, cells, row_subject, next((fact.period for fact in facts if fact.attribute == "target"), None))
    return facts


def make_range(reading: Reading, cells: Cells, subject: str, period: str | None) -> list[Fact]:
    """The planned range of a row whose ends stand in two columns."""
    ends = [reading.within("quantities", *cell) for cell in cells.ends or ()]
    if any(len(mentions) != 1 or mentions[0]["kind"] != "number" for mentions in ends):
        return []
    low, high = (mentions[0] for mentions in ends)
    fact = make_fact(subject, "target", "", cells, (low["start"], high["end"]) if low["start"] < high["start"] else (high["start"], low["end"]))
    fact.value, fact.comparator, fact.period = [plain(low["value"]), plain(high["value"])], "range", period
    return [fact]


def find_plan(reading: Reading, topic: str | None, cells: Cells) -> str | None:
    """Whose planned admissions a row gives that names no program: those that its label is about, else Canada's levels plan."""
    names = {str(mention["id"]) for mention in reading.pathways} | ({topic} if topic else set())
    if not names or not all(name.startswith("ca-") for name in names):
        return None
    return find_role(" ".join(cells.labels), "row") or "ca-levels"


def unit_of(role: str, mention: Mention, subject: str, reading: Reading, header: Block | None, place: int, number: int) -> str:
    """The unit of a cell: its own, the noun of its header, lead or heading, or what the pathway's limits count."""
    own = header is not None and not reading.within("pathways", *header.cells[place])
    labels = [(header.cells[place] if header is not None and own else (0, 0))] + [
        (reading.blocks[block].start, reading.blocks[block].end) for block in (reading.intros[number], reading.headings[number]) if block is not None]
    items = [Item(word, mention["start"], mention["end"]) for start, end in labels[:1 if is_nominee(subject) else 3]
             for word in WORD.findall(reading.text[start:end].lower()) if word in read_nouns()][:1]
    return find_unit(role, mention, subject, items, str(read_rules()[role]["unit"]))


def year_of_header(reading: Reading, header: Block | None, place: int) -> str | None:
    """The year that a column's header or the table's caption names."""
    if header is None:
        return None
    dates = reading.within("dates", *header.cells[place])
    return str(dates[0]["edtf"]) if len(dates) == 1 else None


def year_above(reading: Reading, number: int) -> str | None:
    """The one year that the table's lead, its heading, the title or all the text above names, the nearest first."""
    for block in (reading.intros[number], reading.headings[number], 0):
        years = {str(mention["edtf"]) for mention in reading.dates_of(block) if mention["precision"] in {"year", "interval"}}
        if len(years) == 1:
            return years.pop()
    return value_above(reading.only_year, reading, number)


def make_fact(subject: str, attribute: str, value: str, cells: Cells, span: tuple[int, int]) -> Fact:
    """A fact with the row as its evidence."""
    spans = [("value", *span)] + [("subject", mention["start"], mention["end"]) for mention in cells.pathways if mention["id"] == subject]
    return Fact(subject, attribute, value, str(read_rules()[attribute]["unit"]), "eq", None, "asserted", cells.evidence, spans,
                f"{attribute}-table", SCORE)


def find_row_subject(reading: Reading, cells: Cells, number: int, topic: str | None, *, drawn: bool) -> str | None:
    """The most particular pathway of a row, or what the table stands under."""
    names = [str(mention["id"]) for mention in cells.pathways]
    if drawn:
        federal = reading.federal and not (topic and is_below(topic, "ca-pnp"))
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
