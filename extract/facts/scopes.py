"""What a part of a text is about: headings, short lines that stand for headings, and the words by which they name a stream."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from extract.vocabulary import load_aliases, load_pathways

if TYPE_CHECKING:
    from extract.facts.reading import Mention, Reading

WORD = re.compile(r"[^\W\d_]+")
SECTION_WORDS = frozenset({"stream", "streams", "category", "categories", "pathway", "program", "programme", "programs", "the", "of", "and", "for", "a", "in", "visa",
                           "subcategory", "class", "draw", "draws", "invitations", "eligibility", "requirements", "criteria", "under", "express",
                           "entry", "provincial", "nominee", "immigrant", "immigration", "round", "rounds", "results", "on", "latest", "occupations",
                           "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
                           "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "first", "new", "candidates"})
LONGEST_SECTION = 6  # words of a heading that may be a stream's name
OPEN_PROGRAMS = frozenset({"ca-pnp", "ca-ee", "ca-imp", "ca-tfwp", "ca-ee-cbs", "us-eb"})  # too wide for a part of a name to tell
HOLDERS = frozenset({"holder", "holders"})  # "H-1B visa holders" speaks of persons: the pathway is rarely the subject
HOLDING = re.compile(r"(?i)\b(?:(?:hold|holds|held|holding|holders? of|possess\w*)(?: (?:an?|the|their|his|her|your|valid|current|both|either|open))*|"
                     r"(?:with|have|has|having|had|on|got|get|gets)(?: (?:an?|their|his|her|your))(?: (?:valid|current|active|existing|open))*|(?:switch\w*|mov\w+|com\w+|transfer\w*) from(?: (?:an?|the))?) $")
ASIDE = re.compile(r"(?i)\b(?:unlike|not under|than(?: (?:under|through|for|with|in|on))?|(?:compared|contrary|similar|close|opposed|alternative|in addition|contrast) (?:with|to)|rather than|instead of|in place of|in lieu of|besides|alongside|"
                   r"apart from|aside from|other than|on top of|separate from|different from|distinct from|former|(?:days?|weeks?|months?|hours) (?:after|before)|not to be confused with|much like|just like)(?: (?:for|under|in|the|an?|those|that|of|its|regular|ordinary|old|older|existing))* $")
NEAR_NAME = 60  # characters before a name in which the words stand that set it aside


@cache
def ancestors_of(pathway: str) -> tuple[str, ...]:
    """A pathway's parents, nearest first."""
    line: list[str] = []
    parent = load_pathways()[pathway].parent_id if pathway in load_pathways() else None
    while parent and parent not in line:
        line.append(parent)
        parent = load_pathways()[parent].parent_id
    return tuple(line)


def is_below(pathway: str, other: str) -> bool:
    """True where `pathway` is a descendant of `other`."""
    return other in ancestors_of(pathway)


def drop_inner(mentions: list[Mention]) -> list[Mention]:
    """Mentions without those that stand inside a longer one of another pathway."""
    kept: list[Mention] = []
    for mention in mentions:  # in order of start, then of end
        while kept and kept[-1]["start"] == mention["start"] and kept[-1]["end"] < mention["end"]:
            kept.pop()
        if not kept or mention["end"] > kept[-1]["end"]:
            kept.append(mention)
    return kept


def is_held(reading: Reading, mention: Mention) -> bool:
    """True for "H-1B visa holders", "PGWP holders": the name belongs to persons."""
    if mention.get("text", "").rpartition(" ")[2].lower() in HOLDERS:
        return True
    place, _ = reading.tokens.range(mention["end"], mention["end"])
    while place < len(reading.tokens) and reading.tokens.start[place] < mention["end"]:
        place += 1
    return not HOLDERS.isdisjoint(reading.tokens.lower[place:place + 3])


def is_aside(reading: Reading, mention: Mention) -> bool:
    """True for a pathway that a sentence only compares with another or tells whom it speaks of by: "unlike X", "those who hold an X"."""
    return is_held(reading, mention) or is_owned(reading, mention) or is_compared(reading, mention)


def is_owned(reading: Reading, mention: Mention) -> bool:
    """True for a pathway that persons are said to have: "those who hold an X", "nurses with an X profile"."""
    return read_words_before(reading, mention)[0]


def is_compared(reading: Reading, mention: Mention) -> bool:
    """True for a pathway that another is only compared with: "unlike X"."""
    return read_words_before(reading, mention)[1]


def read_words_before(reading: Reading, mention: Mention) -> tuple[bool, bool]:
    """Whether the words straight before a name say that persons have it, and whether they only compare it; each name is read once."""
    start = mention["start"]
    known = reading.set_aside.get(start)
    if known is None:
        first = max(0, start - NEAR_NAME)
        known = bool(HOLDING.search(reading.text, first, start)), bool(ASIDE.search(reading.text, first, start))
        reading.set_aside[start] = known
    return known


def heading_pathways(reading: Reading, block: int) -> list[str]:
    """Pathways of the nearest line above (a heading, or a short line that stands for one; not the title) that names any."""
    label = reading.labels[block]
    if label is not None:
        names = names_of(reading, label)
        if names:
            return names
    above = reading.headings[block]
    while above is not None and reading.blocks[above].kind != "title":
        names = names_of(reading, above)
        if names:
            return names
        above = reading.headings[above]
    return [] if reading.pathways_of(0) else section_pathways(reading, block)


def section_pathways(reading: Reading, block: int) -> list[str]:
    """Pathways of the last heading before, of whatever level, that names any, in a text whose headings name several and whose title none."""
    if reading.named_headings is None:
        named = [(number, names) for number, each in enumerate(reading.blocks) if each.kind == "heading" and (names := names_of(reading, number))]
        reading.named_headings = named if len({name for _, names in named for name in names}) > 1 else []
    place = bisect_left(reading.named_headings, block, key=itemgetter(0))
    return reading.named_headings[place - 1][1] if place else []


def names_of(reading: Reading, number: int) -> list[str]:
    """The most particular pathways that a heading names, by a name or by a part of one."""
    names = {mention["id"]: None for mention in drop_inner(reading.pathways_of(number))
             if mention["id"] == reading.topic or not is_held(reading, mention)}
    named = name_section(reading, number)
    if named and named not in names:
        return [named]
    return [name for name in names if not any(is_below(other, name) for other in names)]


@cache
def read_names(program: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The pathways below a program with the words of their names."""
    return tuple((name, tell_words(pathway.name)) for name, pathway in load_pathways().items() if is_below(name, program))


@cache
def read_categories() -> dict[frozenset[str], str]:
    """Words that name an Express Entry category in a heading, where they are all that it says, without a plural's "s": "Trade occupations", "French speakers"."""
    found: dict[frozenset[str], str] = {}
    for alias in load_aliases():
        if alias.pathway_id and is_below(alias.pathway_id, "ca-ee"):
            for spelling in alias.spellings():
                words = frozenset(word.removesuffix("s") for word in tell_words(spelling))
                if words and found.setdefault(words, alias.pathway_id) != alias.pathway_id:
                    found[words] = ""  # two categories share it
    return found


def tell_words(text: str) -> frozenset[str]:
    """The words of a name or heading that tell it from others."""
    return frozenset(WORD.findall(text.lower())) - SECTION_WORDS


def name_section(reading: Reading, number: int) -> str | None:
    """The stream of the document's program that a heading names by a part of its name: "Skilled Worker Stream"."""
    block = reading.blocks[number]
    words = tell_words(reading.text[block.start:block.end])
    if not words or len(words) > LONGEST_SECTION:
        return None
    bare = frozenset(word.removesuffix("s") for word in words)
    if reading.federal and bare in read_categories():
        return read_categories()[bare] or None
    named = {mention["id"] for mention in reading.pathways_of(0)} or ({reading.topic} if reading.topic else set())
    for program in sorted({name for each in named for name in (each, *ancestors_of(each))} - OPEN_PROGRAMS):
        fitting = [name for name, known in read_names(program) if words <= known]
        if len(fitting) == 1:
            return fitting[0]
    return None


def name_list(reading: Reading, number: int) -> list[str]:
    """The pathways that the items after a lead name, one each, where most of them do: "These streams close today:"."""
    names: dict[str, None] = {}
    items = bare = 0
    for block in reading.blocks[number + 1:number + 1 + LONGEST_LIST]:
        if block.kind != "item":
            break
        items += 1
        mentions = [mention for mention in drop_inner(reading.within("pathways", block.start, block.end)) if mention["start"] - block.start <= NEAR_START and block.end - mention["end"] <= mention["end"] - block.start + BESIDE_NAME]
        if mentions:
            names[mentions[0]["id"]] = None
        else:
            bare += 1
    return list(names) if items > 1 and bare * 3 <= items else []


PROVINCES = {
    "Ontario": "ca-on-oinp", "British Columbia": "ca-bc-pnp", "B.C.": "ca-bc-pnp", "BC": "ca-bc-pnp", "Alberta": "ca-ab-aaip", "Saskatchewan": "ca-sk-sinp",
    "Manitoba": "ca-mb-mpnp", "Nova Scotia": "ca-ns-nsnp", "New Brunswick": "ca-nb-nbpnp", "N.B.": "ca-nb-nbpnp", "Prince Edward Island": "ca-pe-pnp",
    "P.E.I.": "ca-pe-pnp", "PEI": "ca-pe-pnp", "Newfoundland and Labrador": "ca-nl-nlpnp", "Newfoundland": "ca-nl-nlpnp", "Yukon": "ca-yt-ynp",
    "Northwest Territories": "ca-nt-ntnp",
}
ACTING = re.compile(
    r"(?<![\w.])(" + "|".join(re.escape(name) for name in sorted(PROVINCES, key=len, reverse=True)) + r")(?:['\u2019]s)? (?:(?:has|had|also|then|first|last|latest|"
    r"next|most recent|recent|own|already|again|just|will|federal|annual|total|new|\d{4}) ){0,3}"
    r"(?:invit|issu|held|hold|sent|send|drew|draw|round|select|conduct|mail|follow|nominat|allocation|quota|allotment|picked|chose)"
)


def acting_provinces(reading: Reading, start: int, end: int) -> list[Mention]:
    """Provinces that draw or nominate in a stretch of text, as mentions of their nominee programs: "Manitoba followed with 148 letters"."""
    named = reading.within("pathways", start, end)
    return [
        {"id": PROVINCES[match.group(1)], "start": match.start(), "end": match.end(1)}
        for match in ACTING.finditer(reading.text, start, end)
        if not any(each["start"] <= match.start() < each["end"] for each in named)
    ]


LONGEST_LIST = 30  # items
BESIDE_NAME = 30  # characters behind the name, beyond as many as up to its end, in an item that is hardly more than a name
NEAR_START = 25  # characters before the name in an item that is about it
