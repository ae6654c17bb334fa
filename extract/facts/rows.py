"""Facts of one row of a table, or of one record: whose they are, when they hold, in what unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extract.cues.match import Item
from extract.facts.cells import split_cell
from extract.facts.columns import KINDS, name_stream
from extract.facts.draws import EXPRESS_STREAMS, Rounds, is_drawn, program_of
from extract.facts.fact import (
    DATE_ATTRIBUTES,
    DRAW_ATTRIBUTES,
    Fact,
    plain,
    read_value,
    split_interval,
)
from extract.facts.labels import WORD, find_role
from extract.facts.periods import term_above, value_above
from extract.facts.reading import Passage
from extract.facts.rules import read_rules
from extract.facts.scopes import ancestors_of, heading_pathways, is_below
from extract.facts.subjects import find_subjects_around, read_province_names
from extract.facts.units import find_unit, is_nominee
from extract.pathways.rounds import pathway_of_round
from extract.quantities.grammar import read_nouns

if TYPE_CHECKING:
    from extract.document import Block
    from extract.facts.reading import Mention, Reading

SCORE = 0.85
LONGEST_SECTOR = 3  # words of a cell that names a sector
ROUND_DATES = frozenset({"day", "month"})


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
    names: list[tuple[int, int]] = field(default_factory=list)  # the cells of `labels`
    period: str | None = None  # the day or year that the row is for
    undated: bool = False  # the cell of the date says something else: "Every later one | monthly"
    since: str | None = None  # the time from which the row's terms hold: "From 1 May 2024 | $23.15"



def round_above(reading: Reading, number: int) -> Mention | None:
    """The one day, or else month, that the lead of a table, its heading or the title names."""
    for block in (reading.intros[number], reading.headings[number], 0):
        dates = {mention["edtf"]: mention for mention in reading.dates_of(block) if mention["precision"] in ROUND_DATES}
        if block is not None and dates:
            return dates.popitem()[1] if len(dates) == 1 else None
    return None


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
    if row_subject == "ca-pnp" and not cells.pathways and cells.labels:
        row_subject = dict(read_province_names()).get(cells.labels[0].strip(), row_subject)
    facts: list[Fact] = []
    date = cells.date or (round_above(reading, number) if drawn and not total and not cells.undated else None)
    for role, cell, place in cells.values:
        subject = cells.subjects.get(place, row_subject)
        if subject is None:
            continue
        if role in DATE_ATTRIBUTES or role == "window":
            facts += read_dates(reading, cells, subject, role, cell)
            continue
        for attribute, mention, stream in split_cell(reading, role, cell):
            fact = make_fact(stream or subject, attribute, "", cells, (mention["start"], mention["end"]))
            fact.value = read_value(mention)
            fact.comparator = mention["comparator"]
            if attribute == "cutoff_score" and isinstance(fact.value, list):
                fact.value, fact.comparator = fact.value[0], "eq"  # the lowest score of a range
            if (fact.value == 0 and attribute != "fee") or (isinstance(fact.value, list) and attribute in DRAW_ATTRIBUTES):
                continue
            fact.unit = unit_of(attribute, mention, fact.pathway, reading, header, place, number)
            if attribute in DRAW_ATTRIBUTES:
                fact.period = str(date["edtf"]) if cells.date is not None and date is not None else periods.get(place) or (
                    str(date["edtf"]) if date is not None else year_of_header(reading, header, place) if total else None)
            elif attribute in KINDS:
                fact.period = periods.get(place) or cells.since or term_above(reading, number)
            elif attribute in {"cap", "target"}:
                fact.period = periods.get(place) or year_of_header(reading, header, place) or cells.period or year_above(reading, number)
            facts.append(fact)
    if cells.since and cells.since.endswith("/..") and date is not None:
        charged = dict.fromkeys(fact.pathway for fact in facts if fact.attribute in KINDS)
        facts += [make_fact(subject, "effective_on", str(date["edtf"]), cells, (date["start"], date["end"])) for subject in charged]
    if date is not None and date["precision"] in ROUND_DATES and "draw_on" not in roles:
        drew = dict.fromkeys(fact.pathway for fact in facts if fact.attribute in DRAW_ATTRIBUTES)
        facts += [make_fact(subject, "draw_on", str(date["edtf"]), cells, (date["start"], date["end"])) for subject in drew]
    if cells.ends is not None and row_subject is not None:
        facts += make_range(reading, cells, row_subject, next((fact.period for fact in facts if fact.attribute == "target"), None))
    return facts


def read_dates(reading: Reading, cells: Cells, subject: str, role: str, cell: tuple[int, int]) -> list[Fact]:
    """The date of a cell; a window of days opens something and closes it."""
    facts = []
    for mention in reading.within("dates", *cell)[:1]:
        value, span = str(mention["edtf"]), (mention["start"], mention["end"])
        spans = mention["precision"] == "interval"
        if role == "draw_on" and mention["precision"] not in ROUND_DATES:
            continue
        if role == "window" or (spans and role == "opens_on"):
            ends = split_interval(value) if spans else ()
            facts += [make_fact(subject, attribute, end, cells, span)
                      for attribute, end in zip(("opens_on", "closes_on"), ends, strict=False) if end[:1].isdigit() and len(end) > len("2024")]
        else:
            facts.append(make_fact(subject, role, split_interval(value)[role == "closes_on"] if spans else value, cells, span))
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
        program = program_of(topic)
        if names == ["ca-ee"] and program in EXPRESS_STREAMS:
            return EXPRESS_STREAMS[program]
        rounds = Rounds(federal)
        sector = name_sector(cells, names, program)
        if sector:
            return sector
        own = name_together(reading, cells, names) or rounds.name(names) or next((rounds.translate(name) for name in names if is_drawn(name)), None)
        above = next((name for name in heading_pathways(reading, number) if is_drawn(name)), None)
        if not own and program:
            own = next((stream for root in dict.fromkeys((above or program, program)) for label in cells.labels if (stream := name_stream(label, root))), None)
        if own and above and program and is_section(above, own, program):
            return above
        if own and program and own != program:  # "Express Entry Stream: Law Enforcement"
            parts = {name for label in cells.labels for name in find_role(label, "sector").split() if is_below(name, own)}
            own = parts.pop() if len(parts) == 1 else own
        if own:
            return own
    particular = [name for name in names if not any(is_below(other, name) for other in names)]
    if particular:
        return particular[0]
    block = reading.blocks[number]
    found, how = find_subjects_around(reading, Passage(block.start, block.end, number), topic)
    if how == "before" and topic:  # what a sentence or the header happened to name last says little of a row
        found = [topic] if drawn or reading.topic_sure else []
    names = [str(name) for name in found if is_drawn(name)] if drawn else found
    return str(names[0]) if names else (topic if topic and (is_drawn(topic) if drawn else reading.topic_sure) else None)


def name_sector(cells: Cells, names: list[str], program: str | None) -> str | None:
    """The one round of a program that a cell names by its sector, "Healthcare", beside a cell of the several streams whose candidates it takes."""
    if program is None or len({name for name in names if is_below(name, program)}) < 2:
        return None
    found = {name for label in cells.labels if len(WORD.findall(label)) <= LONGEST_SECTOR for name in find_role(label, "sector").split() if is_below(name, program)}
    return found.pop() if len(found) == 1 else None


def is_section(above: str, own: str, program: str) -> bool:
    """True where a stream's own section calls its rounds by another's name: "Tech" under "Skilled Worker: past rounds"."""
    return (is_below(above, program) and is_below(own, program) and ancestors_of(above)[:1] != (program,)
            and above != own and not is_below(own, above) and not is_below(above, own))


def name_together(reading: Reading, cells: Cells, names: list[str]) -> str | None:
    """The program of several of its streams that one row names together: "Skilled Worker, International Graduate"."""
    streams = [name for name in dict.fromkeys(names) if is_drawn(name) and not any(is_below(other, name) for other in names)]
    parents = [parent for stream in streams for parent in ancestors_of(stream)[:1]]
    shared = [parent for parent in dict.fromkeys(parents) if parents.count(parent) > 1]
    return shared[0] if len(shared) == 1 and program_of(shared[0]) and any(
        sum(mention["id"] in streams for mention in reading.within("pathways", *cell)) > 1 for cell in (*cells.names, *(value[1] for value in cells.values))) else None
