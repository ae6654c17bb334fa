"""Which pathway a value is about: by grammar, by the list or heading that it stands under, or by the document's topic."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from extract.layout import split_clauses
from extract.vocabulary import load_pathways
from extract.vocabulary.places import load_places

if TYPE_CHECKING:
    from extract.facts.reading import Mention, Passage, Reading

# Pathways that texts name in passing: they are the subject only where nothing more particular is near.
GENERIC = frozenset({"ca-work-permit", "ca-study-permit", "ca-lmia", "ca-pnp", "ca-ee", "ca-imp", "ca-tfwp", "ca-citizenship", "ca-trv",
                     "ca-levels", "us-eb", "us-family", "us-naturalization", "gb-settlement", "au-program", "ca-ee-cbs", "ca-eta"})
GIVEN = 36  # characters between a number and the pathway that it is given to
GIVING = frozenset({"to", "for", "under", "through", "via"})
ARTICLES = frozenset({"the", "a", "an", "its", "canada's", "new"})
HELD = 250  # characters by which a pathway that persons hold counts as farther away
BEHIND = 1.4  # a pathway after the value counts as so many times as far away
PLACE_EDGE = re.compile(r"(?:['\u2019]s)?[^\w.]+")
WORD = re.compile(r"[^\W\d_]+")
SECTION_WORDS = frozenset({"stream", "streams", "category", "pathway", "program", "programme", "the", "of", "and", "for", "a", "in", "visa",
                           "subcategory", "class", "draw", "draws", "invitations", "eligibility", "requirements", "criteria", "under", "express",
                           "entry", "provincial", "nominee", "immigrant", "immigration"})
LONGEST_SECTION = 6  # words of a heading that may be a stream's name
OPEN_PROGRAMS = frozenset({"ca-pnp", "ca-ee", "ca-imp", "ca-tfwp", "ca-ee-cbs", "us-eb"})  # too wide for a part of a name to tell
COORDINATED = frozenset({",", "and", "or", "&", "/", "the", "under", "'s", "stream", "streams", "visa", "program"})
HOLDERS = frozenset({"holder", "holders"})  # "H-1B visa holders" speaks of persons: the pathway is rarely the subject
COVERS = {  # a general name in a sentence that may stand for the particular pathway of the title
    "ca-work-permit": ("ca-imp", "ca-tfwp", "ca-hk-owp", "ca-iec", "ca-pgwp"), "ca-lmia": ("ca-tfwp-gts", "ca-tfwp-hw", "ca-tfwp-lw", "ca-tfwp-ag"), "ca-trv": ("ca-super-visa",),
    "ca-study-permit": ("ca-sds",), "ca-imp": (), "ca-pnp": (), "ca-ee": (), "ca-tfwp": (), "us-eb": (),
}
LEADS = 4  # leads of lists within lists that are looked at
FARTHEST = 5000  # characters before a block in which a pathway named earlier may still be its subject
LEADING = 900  # characters from the beginning of a text that tell its topic
TITLE_WEIGHT = 4


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


def find_topic(reading: Reading) -> str | None:
    """The pathway that the document is about: named in its title, at its beginning, or most often."""
    if not reading.pathways:
        return None
    weights: Counter[str] = Counter()
    title_end = reading.blocks[0].end if reading.blocks else 0
    in_title: set[str] = set()
    for mention in drop_inner(reading.pathways):
        name = str(mention["id"])
        weights[name] += 1
        if mention["start"] < title_end:
            in_title.add(name)
            weights[name] += TITLE_WEIGHT
        elif mention["start"] < LEADING:
            weights[name] += 1
    if in_title:
        particular = [name for name in in_title if not any(is_below(other, name) for other in in_title)]
        return max(sorted(particular), key=lambda name: (name not in GENERIC, weights[name]))
    particular = [name for name in weights if name not in GENERIC] or list(weights)
    best = max(particular, key=lambda name: weights[name])
    parent = ancestors_of(best)[:1]
    if parent and parent[0] in weights and parent[0] not in GENERIC and sum(is_below(name, parent[0]) for name in weights) > 1:
        return parent[0]  # several streams of one program: the text is about the program
    return best


@cache
def read_provinces() -> dict[str, str]:
    """Province -> its nominee program."""
    return {pathway.jurisdiction: name for name, pathway in load_pathways().items() if pathway.parent_id == "ca-pnp"}


@cache
def read_province_names() -> tuple[tuple[str, str], ...]:
    """Names of provinces and their cities with the nominee program of the province."""
    return tuple((place.name, read_provinces()[place.jurisdiction]) for place in load_places() if place.jurisdiction in read_provinces())


def name_province(reading: Reading, passage: Passage) -> str | None:
    """The nominee program of the one province that a sentence names: "Alberta's allocation is 6,403"."""
    words = PLACE_EDGE.sub(" ", f" {reading.text[passage.start:passage.end]} ")
    found = {program for name, program in read_province_names() if f" {name} " in words}
    return found.pop() if len(found) == 1 else None


def drop_inner(mentions: list[Mention]) -> list[Mention]:
    """Mentions without those that stand inside a longer one of another pathway."""
    kept: list[Mention] = []
    for mention in mentions:  # in order of start, then of end
        while kept and kept[-1]["start"] == mention["start"] and kept[-1]["end"] < mention["end"]:
            kept.pop()
        if not kept or mention["end"] > kept[-1]["end"]:
            kept.append(mention)
    return kept


def choose_nearest(reading: Reading, candidates: list[Mention], start: int, end: int) -> list[str]:
    """The nearest of several mentions to a value, made more particular where the same words allow; coordinated ones together."""
    def distance(mention: Mention) -> float:
        if 0 <= mention["start"] - end <= GIVEN and gives(reading.text[end:mention["start"]].lower().split()):
            return 0.0  # "8,500 places to the Parent stream"
        if mention["start"] < start and mention["end"] >= end:
            return GIVEN / 2  # a paraphrase that holds the value itself
        gap = float(start - mention["end"] if mention["start"] < start else (mention["start"] - end) * BEHIND)
        return gap + (60 if mention["id"] in GENERIC else 0) + (HELD if is_held(reading, mention) else 0)

    candidates = drop_inner(candidates)
    nearest = min(candidates, key=distance)
    chosen = [nearest["id"]]
    for mention in candidates:
        if is_below(mention["id"], chosen[0]):
            chosen = [mention["id"]]
            nearest = mention
    for mention in candidates:
        if mention["id"] in chosen or is_below(mention["id"], chosen[0]) or is_below(chosen[0], mention["id"]):
            continue
        first, second = sorted((nearest, mention), key=lambda item: item["start"])
        low, high = reading.tokens.range(first["end"], second["start"])
        if high - low <= 3 and high > low and all(word in COORDINATED for word in reading.tokens.lower[low:high]):
            chosen.append(mention["id"])
    return chosen


def gives(words: list[str]) -> bool:
    """True where words between a number and a name end in one that gives the number to the name, an article aside."""
    while words and words[-1] in ARTICLES:
        words.pop()
    return bool(words) and words[-1] in GIVING


def is_held(reading: Reading, mention: Mention) -> bool:
    """True for "H-1B visa holders", "PGWP holders": the name belongs to persons."""
    place, _ = reading.tokens.range(mention["end"], mention["end"])
    while place < len(reading.tokens) and reading.tokens.start[place] < mention["end"]:
        place += 1
    return not HOLDERS.isdisjoint(reading.tokens.lower[place:place + 3])


def covers(general: str, particular: str) -> bool:
    """True where a general name may stand for a particular pathway."""
    return is_below(particular, general) or any(
        particular == root or is_below(particular, root) for root in COVERS.get(general, ())
    )


def find_subjects(reading: Reading, passage: Passage, start: int, end: int, topic: str | None) -> tuple[list[str], str]:
    """Pathways that the value at the offsets is about, and how they were found: clause, sentence, list, heading, before, topic."""
    for low, high in split_clauses(reading.text, passage.start, passage.end):
        if low <= start < high:
            candidates = reading.within("pathways", low, high)
            if candidates:
                return refine(reading, choose_nearest(reading, candidates, start, end), passage, topic), "clause"
    candidates = reading.within("pathways", passage.start, passage.end)
    if candidates:
        return refine(reading, choose_nearest(reading, candidates, start, end), passage, topic), "sentence"
    return find_subjects_around(reading, passage, topic)


def refine(reading: Reading, chosen: list[str], passage: Passage, topic: str | None) -> list[str]:
    """A general name gives way to a particular one of the heading above or the title, where that is a kind of it.

    Three or more streams named together are spoken of as their common parent.
    """
    if len(chosen) > 2:
        parents = {ancestors_of(name)[:1] for name in chosen}
        common = parents.pop()
        return list(common) if not parents and common else chosen
    if len(chosen) == 1:
        for name in heading_pathways(reading, passage.block):
            if covers(chosen[0], name):
                return [name]
        if chosen[0] in COVERS and topic and topic != chosen[0] and covers(chosen[0], topic) and any(
            mention["id"] == topic for mention in reading.pathways_of(0)
        ):
            return [topic]
    return chosen


def heading_pathways(reading: Reading, block: int) -> list[str]:
    """Pathways of the nearest heading above (not the title) that names any."""
    above = reading.headings[block]
    while above is not None and reading.blocks[above].kind != "title":
        names = {mention["id"]: None for mention in reading.pathways_of(above)
                 if mention["id"] == reading.topic or not is_held(reading, mention)}
        named = name_section(reading, above)
        if named and named not in names:
            return [named]
        if names:
            return [name for name in names if not any(is_below(other, name) for other in names)]
        above = reading.headings[above]
    return []


@cache
def read_names(program: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The pathways below a program with the words of their names."""
    return tuple(
        (name, frozenset(word for word in WORD.findall(pathway.name.lower()) if word not in SECTION_WORDS))
        for name, pathway in load_pathways().items() if is_below(name, program)
    )


def name_section(reading: Reading, number: int) -> str | None:
    """The stream of the document's program that a heading names by a part of its name: "Skilled Worker Stream"."""
    block = reading.blocks[number]
    words = frozenset(WORD.findall(reading.text[block.start:block.end].lower())) - SECTION_WORDS
    if not words or len(words) > LONGEST_SECTION:
        return None
    named = {mention["id"] for mention in reading.pathways_of(0)} or ({reading.topic} if reading.topic else set())
    for program in sorted({name for each in named for name in (each, *ancestors_of(each))} - OPEN_PROGRAMS):
        fitting = [name for name, known in read_names(program) if words <= known]
        if len(fitting) == 1:
            return fitting[0]
    return None


def find_subjects_around(reading: Reading, passage: Passage, topic: str | None) -> tuple[list[str], str]:
    """Pathways for a sentence that names none."""
    block = reading.blocks[passage.block]
    names_above = heading_pathways(reading, passage.block)
    before = [mention for mention in reading.within("pathways", block.start, passage.start) if not is_held(reading, mention)]
    if before:
        name = before[-1]["id"]
        if names_above and is_below(names_above[0], name):
            return names_above[:2], "heading"
        if name not in GENERIC or topic is None or topic in GENERIC:
            return [name], "before"
    lead = reading.intros[passage.block]
    for _ in range(LEADS):
        if lead is None:
            break
        names = reading.pathways_of(lead)
        if names_above and all(mention["id"] in GENERIC or is_below(names_above[0], mention["id"]) for mention in names):
            break
        if names and reading.blocks[lead].kind != "title":
            return choose_nearest(reading, names, reading.blocks[lead].end, reading.blocks[lead].end), "list"
        lead = reading.intros[lead]
    if names_above and not (topic and topic not in GENERIC and all(name in GENERIC and not is_below(topic, name) for name in names_above)):
        return names_above[:2], "heading"
    above = reading.headings[passage.block]
    section = max(reading.blocks[above].end if above is not None else 0, block.start - FARTHEST)
    earlier = [mention for mention in reading.within("pathways", section, block.start)
               if mention["id"] not in GENERIC or mention["id"] == topic]
    if topic is not None and topic not in GENERIC:
        lead = reading.intros[passage.block]
        if lead is None:
            return [topic], "topic"
        near = [mention for mention in earlier if is_below(mention["id"], topic)]
        return ([near[-1]["id"]], "before") if near and reading.blocks[lead].start - near[-1]["end"] < LEADING else ([topic], "topic")
    if earlier and block.start - earlier[-1]["end"] < LEADING:
        return [earlier[-1]["id"]], "before"
    return ([topic], "topic") if topic else ([], "")
