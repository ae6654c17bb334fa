"""Kinds of texts and sentences in which figures announce nothing: judgments, letters, talk of a forum, what one person paid."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from extract.facts.scopes import is_below

if TYPE_CHECKING:
    from extract.facts.fact import Fact
    from extract.facts.reading import Reading

OPENING = 400  # characters from the beginning of a text in which it says what it is
NEAR = 2  # blocks between a pathway named in passing and what may still be said of it
PASSING = frozenset({"opens_on", "closes_on", "min_wage"})  # what anything else may have as well: museums open, shops pay
ALL = "*"  # stands for every attribute


@dataclass(frozen=True, slots=True)
class Genre:
    """A kind of text, or of sentence (`within` is "sentence"), by its signs, and the attributes that it doesn't state."""

    kind: str
    within: str
    sign: re.Pattern[str]
    unless: re.Pattern[str] | None
    least: int
    drops: frozenset[str]
    example: str

    def covers(self, attribute: str) -> bool:
        """True for an attribute that such a text or sentence doesn't state."""
        return attribute in self.drops or ALL in self.drops

    def fits(self, text: str) -> bool:
        """True for a text, or a part of one, that has enough of the signs."""
        if self.unless is not None and self.unless.search(text):
            return False
        return any(found == self.least for found, _ in enumerate(self.sign.finditer(text), start=1))


@cache
def read_genres() -> tuple[Genre, ...]:
    """All kinds of genres.toml, in the file's order."""
    rows = tomllib.loads((files("extract.facts") / "genres.toml").read_text(encoding="utf-8"))
    flags = re.IGNORECASE | re.MULTILINE
    return tuple(
        Genre(
            row["kind"], row.get("within", "sentence"), re.compile(row["sign"], flags), re.compile(row["unless"], flags) if "unless" in row else None,
            row.get("least", 1), frozenset(row["drops"]), row["example"],
        )
        for section in ("text", "sentence") for row in rows[section]
    )


def drop_untold(reading: Reading, facts: list[Fact]) -> list[Fact]:
    """The facts but those that a text of its kind, or their own sentence, doesn't state."""
    if not facts:
        return facts
    title = reading.blocks[0].end if reading.blocks else 0
    parts = {"title": reading.text[:title], "opening": reading.text[:max(title, OPENING)], "text": reading.text}
    kinds = [genre for genre in read_genres() if genre.within in parts and genre.fits(parts[genre.within])]
    dropped: dict[tuple[str, int], bool] = {}
    kept = []
    for fact in facts:
        value = next((start for role, start, _ in fact.spans if role == "value"), fact.evidence[0])
        if any(genre.covers(fact.attribute) for genre in kinds) or (fact.attribute in PASSING and is_passing(reading, fact.pathway, value, title)):
            continue
        at = (fact.attribute, value)
        if at not in dropped:
            sentence = read_sentence(reading, value)
            dropped[at] = any(genre.within == "sentence" and genre.covers(fact.attribute) and genre.fits(sentence) for genre in read_genres())
        if not dropped[at]:
            kept.append(fact)
    return kept


def is_passing(reading: Reading, pathway: str, offset: int, title: int) -> bool:
    """True for a pathway that the text names but once, neither in its title nor in a heading, in another paragraph than the value's."""
    family = [mention for mention in reading.pathways if mention["id"] == pathway or is_below(mention["id"], pathway) or is_below(pathway, mention["id"])]
    if len(family) != 1 or family[0]["start"] < title:
        return False
    number = reading.block_at(family[0]["start"])
    return reading.blocks[number].kind == "paragraph" and number > 1 and not reading.is_label(number) and abs(number - reading.block_at(offset)) > NEAR


def read_sentence(reading: Reading, offset: int) -> str:
    """The sentence, or else the line, that holds an offset."""
    number = reading.block_at(offset)
    for passage in reading.passages_of.get(number, ()):
        if passage.start <= offset < passage.end:
            return reading.text[passage.start:passage.end]
    block = reading.blocks[number]
    return reading.text[block.start:min(block.end, block.start + OPENING)]
