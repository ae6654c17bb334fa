"""What the columns of a table hold: told by their headers, by the caption, and by the pathways and years that they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.facts.draws import is_drawn, program_of
from extract.facts.labels import LONGEST_LABEL, WORD, find_role, name_column, name_section_role
from extract.facts.periods import mark_time
from extract.facts.scopes import ancestors_of, is_below, read_names, tell_words

if TYPE_CHECKING:
    from extract.document import Block
    from extract.facts.reading import Reading

COUNT_ATTRIBUTES = frozenset({"cap", "target", "invitations", "cutoff_score"})
KINDS = {"fee": "money", "min_wage": "money", "processing_time": "duration", "permit_validity": "duration", "min_experience": "duration",
         "min_language": "level"}
TELLING = frozenset({"business", "entrepreneur", "entrepreneurs", "labour", "overseas", "graduate", "graduates", "tech", "healthcare", "health"})
TOTAL = frozenset({"total", "totals"})
SUMS = frozenset({"total", "totals", "all", "overall", "sum", "together", "invitations", "laas", "itas", "letters", "streams"})
TWO_COLUMNS = 2
POINTING = frozenset({"below", "following", "table"})
ANNOUNCED = 6  # blocks above a table in which a paragraph may announce it
LINES = 12  # lines of a list without signs above which its lead may stand
LOWER, UPPER = frozenset({"low", "lowest", "lower"}), frozenset({"high", "highest", "upper"})
FIGURE_LABELS = frozenset({"number", "amount", "figure", "value", "total", "how", "many", "level", "time", "details", "requirement", "per", "year", "month",
                           "each", "annual", "annually", "range", "target", "applications", "people", "permits", "visas", "of", "principal", "applicants",
                           "current", "new", "cad", "recommendations", "endorsements", "newcomers", "candidates", "employers", "families", "arrivals", "admissions", "residents", "permanent", "temporary", "overall", "all",
                           "permitted", "persons", "usd", "old", "now", "before", "after", "previous", "former", "today"})


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
    label: str = ""
    named: bool = False  # the header names a pathway
    whole: str | None = None  # the pathway whose total the figures add up to


def read_header(reading: Reading, header: Block, number: int) -> list[Column]:
    """The columns of a table whose first row of figures is block `number`."""
    labels = [reading.text[start:end] for start, end in header.cells]
    roles = [name_column(label) for label in labels]
    totals = {place for place, label in enumerate(labels) if roles[place] == "invitations" and TOTAL & set(WORD.findall(label.lower()))}
    if totals and sum(role == "invitations" for role in roles) > len(totals):
        roles = ["none" if role == "invitations" and place not in totals else role for place, role in enumerate(roles)]
    if "invitations" in roles:
        roles = ["cutoff_score" if role == "score_range" else role for role in roles]
    caption = read_caption(reading, number, labels)
    names = [[str(mention["id"]) for mention in reading.within("pathways", *cell)] for cell in header.cells]
    if caption == "target":
        names = [own or [name for name in [find_role(label, "row")] if name] for own, label in zip(names, labels, strict=True)]
    program = program_of(reading.topic)
    if program and sum(not own and not role and bool(label) for own, role, label in zip(names, roles, labels, strict=True)) > 1:
        names = [own or [name for name in [name_stream(label, program)] if name and not role]
                 for own, role, label in zip(names, roles, labels, strict=True)]
    named = sum(bool(each) for each in names[1:]) > 1 or (len(names) == TWO_COLUMNS and bool(names[1]))  # a column for each pathway
    columns = []
    for place, (role, cell) in enumerate(zip(roles, header.cells, strict=True)):
        years = reading.within("dates", *cell)
        period = str(years[0]["edtf"]) if len(years) == 1 and not (role and role not in COUNT_ATTRIBUTES) else None
        if period and len(years) == 1 and caption in KINDS:
            before = WORD.findall(reading.text[cell[0]:years[0]["start"]].lower())
            period = mark_time(years[0], set(before[-2:])) or period
        subject = names[place][-1] if named and place and names[place] and role in {"", "pathway"} else None
        if place and (role in {"invitations", "cutoff_score"} or (subject and caption == "invitations")):
            subject = name_drawn_column(reading, cell, names[place])
        said = caption if (role == "" and caption in KINDS) or subject or period or (role == "" and set(WORD.findall(labels[place].lower())) <= FIGURE_LABELS) else ""
        bare = not WORD.search(labels[place].lower())
        if (said == "invitations" and not subject and (not place or bare)) or (said in COUNT_ATTRIBUTES and not place and bare and len(labels) > TWO_COLUMNS):
            said = ""  # "#", "No."
        if not said and not role and place and roles[0] == "period" and caption in {"cap", "target"} and not any(roles[1:]):
            said = caption  # a column for each place or group, a row for each year
        if named and place and program and caption == "invitations" and role in {"", "invitations"} and set(WORD.findall(labels[place].lower())) <= SUMS:
            subject, said = program, caption  # the sum of its streams
        columns.append(Column(role, said, subject, period, label=labels[place], named=bool(names[place])))
    return columns


def name_drawn_column(reading: Reading, cell: tuple[int, int], names: list[str]) -> str | None:
    """The stream whose rounds a column gives, by a name or a part of one; streams of one program stand for it."""
    streams = [name for name in dict.fromkeys(names) if is_drawn(name) and not any(is_below(other, name) for other in names)]
    program = program_of(reading.topic)
    if not streams and program:
        words = tell_words(reading.text[slice(*cell)]) - FIGURE_LABELS
        streams = [name for name, known in read_names(program) if any(word in known for word in words) and words & TELLING & known]
    parents = {ancestors_of(name)[:1] for name in streams}
    if len(streams) > 1:
        return next(iter(parents.pop()), None) if len(parents) == 1 else program
    return streams[0] if streams else None


def name_stream(label: str, program: str) -> str | None:
    """The stream of a program that a cell or header names by its sector or by a part of its name, where only one fits."""
    sector = [name for name in find_role(label, "sector").split() if is_below(name, program)]
    if sector:
        return sector[0]
    words = {word.removesuffix("s") for word in tell_words(label)} - FIGURE_LABELS
    fitting = [name for name, known in read_names(program) if words and words <= {word.removesuffix("s") for word in known}]
    return fitting[0] if len(fitting) == 1 else None


def read_caption(reading: Reading, number: int, labels: list[str]) -> str:
    """What the figures of a table are, by its lead, its heading, the title or the labels of its columns, the nearest first."""
    above = reading.headings[number]
    chain = [reading.intros[number] if reading.blocks[number].kind != "paragraph" else find_lead(reading, number), above]
    while above is not None and above != reading.headings[above]:
        above = reading.headings[above]
        chain.append(above)
    for block in (*chain, 0):
        role = name_section_role(reading, block) if block is not None else ""
        if role:
            return role
    told = announce_table(reading, number)
    if told:
        return told
    return "target" if {"admissions", "levels", "projected"} & set(WORD.findall(" ".join(labels).lower())) else ""


def find_lead(reading: Reading, number: int) -> int | None:
    """The line with a colon that a run of lines stands under."""
    before = reading.runs[number] if reading.blocks[number].kind == "paragraph" else number
    for place in range(number - 1, max(-1, before - 1, number - 1 - LINES), -1):
        if reading.text[reading.blocks[place].end - 1] == ":":
            return place
    return None


def announce_table(reading: Reading, number: int) -> str:
    """What a paragraph before says of the figures "below": "The fees below are due from May 1"."""
    for place in range(number - 1, max(0, number - 1 - ANNOUNCED), -1):
        block = reading.blocks[place]
        if block.kind == "paragraph":
            for passage in reading.passages_of.get(place, ()):
                text = reading.text[passage.start:passage.end]
                if POINTING & set(WORD.findall(text.lower())) and (role := find_role(text[-LONGEST_LABEL:], "section")):
                    return role
    return ""
