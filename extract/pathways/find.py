"""Find the pathways that a text names, each with its place in the text.

Three steps. Find: every name of the vocabulary, whatever it may mean (`names`). Filter and resolve: an ambiguous name
is believed only where a row of the vocabulary says so for its surroundings (`context`), the longest believed name
wins, and abbreviations are read as the text itself defines them (`definitions`). Last, wordings that are no name but
unmistakable (`paraphrases`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.pathways.context import Setting, holds
from extract.pathways.definitions import ABBREVIATION, find_other_meanings, read_definition, read_inner_definition
from extract.pathways.names import read_names
from extract.pathways.paraphrases import find_paraphrases
from extract.pathways.schemes import is_scheme
from extract.vocabulary import Alias, load_pathways

if TYPE_CHECKING:
    from extract.pathways.names import Hit, Names
    from extract.pathways.words import Words


KINDS_OF_PROGRAM = frozenset({"ca-pnp"})  # "Provincial Nominee Program" in a province's own name is only the kind


@dataclass(frozen=True, slots=True)
class PathwayMention:
    """A pathway named in a text: text[start:end], in code points.

    `alias_kind`: official, abbreviation, news, former, feed, or paraphrase. `certain` is False where only the
    setting of the whole document, not the words around it, decided between two meanings. `rule` names what decided:
    "name", "context", "nested" (the programme in the longer name of its stream), "defined" (an abbreviation that the
    text defines) or the id of a paraphrase.
    """

    id: str
    start: int
    end: int
    text: str
    alias_kind: str
    certain: bool
    rule: str


def find_pathways(text: str, *, url: str | None = None, names: Names | None = None) -> list[PathwayMention]:
    """All mentions of pathways in `text`, in order; only paraphrases and nested names overlap others."""
    return find_mentions(text, url=url, names=names)[0]


def find_mentions(text: str, *, url: str | None = None, names: Names | None = None) -> tuple[list[PathwayMention], list[PathwayMention]]:
    """All mentions of pathways in `text`, in order, and those in passing, which the text doesn't treat as a scheme.

    `url` is the page's address, whose ending helps to tell the country. `names` saves work where the caller has read
    them already.
    """
    words, hits = names or read_names(text)
    setting = Setting(words, hits, url)
    mentions, passing = _resolve(words, hits, setting)
    mentions = _apply_definitions(text, mentions)
    taken = [(mention.start, mention.end, mention.id) for mention in mentions]
    for found in find_paraphrases(words, setting):
        if not any(start < found.end and found.start < end and name == found.id for start, end, name in taken):
            mentions.append(
                PathwayMention(
                    found.id, found.start, found.end, text[found.start : found.end], "paraphrase", found.certain, found.rule
                )
            )
    return sorted(mentions, key=lambda mention: (mention.start, mention.end, mention.id)), passing


CLOSED = re.compile("[\"'\u201d\u2019]\\)")  # the end of an abbreviation that stands in brackets and quotation marks


def _resolve(words: Words, hits: list[Hit], setting: Setting) -> tuple[list[PathwayMention], list[PathwayMention]]:
    mentions: list[PathwayMention] = []
    passing: list[PathwayMention] = []
    weighed: dict[str, list[Hit]] = {}
    doubtful: dict[str, list[PathwayMention]] = {}
    free = 0
    for number, hit in enumerate(hits):
        if hit.first < free:
            continue
        chosen = _choose(hit, setting)
        if chosen is None:
            continue
        alias, certain = chosen
        free = hit.last
        if alias.pathway_id is None:
            continue
        start, end = words.starts[hit.first], words.ends[hit.last - 1]
        if words.text[start:end].count("(") > words.text[start:end].count(")"):  # "the Agri-Food Pilot ("AFP")"
            end += 2 if CLOSED.match(words.text, end) else words.text[end : end + 1] == ")"
        rule = "context" if alias.conditional else "name"
        mention = PathwayMention(alias.pathway_id, start, end, words.text[start:end], alias.kind, certain, rule)
        mentions.extend(_find_nested(words, hits, number, alias.pathway_id))
        if alias.weighed:
            weighed.setdefault(alias.pathway_id, []).append(hit)
            doubtful.setdefault(alias.pathway_id, []).append(mention)
        else:
            mentions.append(mention)
    sure = {mention.id for mention in mentions}
    for pathway, found in doubtful.items():
        if pathway in sure or is_scheme(pathway, weighed[pathway], setting):
            mentions.extend(found)
        else:
            passing.extend(found)
    return sorted(mentions, key=lambda mention: mention.start), sorted(passing, key=lambda mention: mention.start)


def _find_nested(words: Words, hits: list[Hit], number: int, pathway_id: str) -> list[PathwayMention]:
    """The system or programme that a longer name contains by its own name: "OINP Skilled Trades stream".

    So is another country's pathway, as in "open work permits for H-1B visa holders" in Canada. A name that ends like its programme's general name ("Ontario Provincial Nominee Program") doesn't contain it.
    """
    outer = hits[number]
    above = ancestors_of(pathway_id)
    found: list[PathwayMention] = []
    free = outer.first
    for hit in hits[number + 1 : number + 40]:
        if hit.first >= outer.last:
            break
        if hit.first < free or hit.last > outer.last or (hit.first == outer.first and hit.last == outer.last):
            continue
        alias = next(
            (name.entry for name in hit.names if isinstance(name.entry, Alias) and not name.entry.conditional), None,
        )
        if alias is None or alias.pathway_id in {None, pathway_id}:
            continue
        free = hit.last
        inner = load_pathways()[alias.pathway_id]
        programme = inner.kind == "system" or (inner.kind == "program" and hit.last < outer.last)
        foreign = inner.jurisdiction[:2] != load_pathways()[pathway_id].jurisdiction[:2]
        if foreign or (programme and inner.id in above and inner.id not in KINDS_OF_PROGRAM):
            start, end = words.starts[hit.first], words.ends[hit.last - 1]
            found.append(
                PathwayMention(alias.pathway_id, start, end, words.text[start:end], alias.kind, True, "nested"),
            )
    return found


@cache
def ancestors_of(pathway_id: str) -> frozenset[str]:
    """The pathways above a pathway."""
    pathways = load_pathways()
    above: set[str] = set()
    parent = pathways[pathway_id].parent_id
    while parent:
        above.add(parent)
        parent = pathways[parent].parent_id
    return frozenset(above)


def _choose(hit: Hit, setting: Setting) -> tuple[Alias, bool] | None:
    best: tuple[Alias, bool] | None = None
    weight = -1
    for name in hit.names:
        alias = name.entry
        if not isinstance(alias, Alias):
            continue
        conditions = sum(
            map(bool, (alias.place, alias.near, alias.before, alias.after, alias.unless, alias.with_)),
        )
        if conditions <= weight:
            continue
        true, certain = holds(alias, hit, setting)
        if true:
            best, weight = (alias, certain), conditions
    return best


def _apply_definitions(text: str, mentions: list[PathwayMention]) -> list[PathwayMention]:
    defined: dict[str, str] = {}
    for mention in mentions:
        if mention.alias_kind != "abbreviation":
            abbreviation = read_definition(text, mention.end) or read_inner_definition(mention.text)
            if abbreviation:
                defined.setdefault(abbreviation, mention.id)
    others = find_other_meanings(text, defined)
    if others:
        mentions = [
            mention for mention in mentions
            if mention.alias_kind != "abbreviation" or mention.text.rstrip("s") not in others
        ]
    if not defined:
        return mentions
    kept = [
        mention for mention in mentions
        if mention.alias_kind != "abbreviation" or defined.get(mention.text.rstrip("s"), mention.id) == mention.id
    ]
    taken = sorted((mention.start, mention.end) for mention in kept)
    position = 0
    for match in ABBREVIATION.finditer(text):
        word = match.group()
        if word not in defined and word.removesuffix("s") not in defined:
            word = word.partition("-")[0]  # "RRS-nominated"
        pathway = defined.get(word) or defined.get(word.removesuffix("s"))
        if pathway is None:
            continue
        end = match.start() + len(word)
        while position < len(taken) and taken[position][1] <= match.start():
            position += 1
        if position < len(taken) and taken[position][0] < end:
            continue
        kept.append(PathwayMention(pathway, match.start(), end, word, "abbreviation", True, "defined"))
    return kept
