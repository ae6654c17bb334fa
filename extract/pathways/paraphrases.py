"""Wordings that name a pathway without any of its names, as the vocabulary's paraphrases.toml describes them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.vocabulary import VocabularyError, load_jurisdictions, load_pathways
from extract.vocabulary.reading import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from extract.pathways.context import Setting
    from extract.pathways.words import Words

FILE = "paraphrases.toml"


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """One wording: found only in texts that contain the `keyword`, which keeps the search fast."""

    id: str
    pathway_id: str
    keyword: tuple[str, ...]
    pattern: re.Pattern[str]
    place: tuple[str, ...]
    with_: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Found:
    """A wording found in a text, in code points."""

    id: str
    start: int
    end: int
    certain: bool
    rule: str


@cache
def load_paraphrases(folder: Path = FOLDER) -> tuple[Paraphrase, ...]:
    """All wordings. Raises VocabularyError on an unknown pathway or place, a bad pattern, or an example it misses."""
    with (folder / FILE).open("rb") as stream:
        table = tomllib.load(stream)
    found = []
    for number, row in enumerate(table["paraphrase"], 1):
        if row["pathway"] not in load_pathways():
            raise VocabularyError(FILE, number, f"{row['pathway']!r} is no pathway")
        for place in row.get("place", ()):
            if place not in load_jurisdictions():
                raise VocabularyError(FILE, number, f"{place!r} is not in jurisdictions.csv")
        try:
            pattern = re.compile(" ".join(row["pattern"].split()), re.IGNORECASE)
        except re.error as error:
            raise VocabularyError(FILE, number, f"{row['id']}: {error}") from error
        if not pattern.search(row["example"]):
            raise VocabularyError(FILE, number, f"{row['id']} does not find its own example")
        found.append(
            Paraphrase(
                row["id"], row["pathway"], tuple(row["keyword"]), pattern, tuple(row.get("place", ())),
                tuple(row.get("with", ())), row["example"],
            ),
        )
    return tuple(found)


def find_paraphrases(words: Words, setting: Setting) -> list[Found]:
    """All wordings of paraphrases.toml in the text."""
    text = words.text
    present = set(words.keys)
    found: list[Found] = []
    for paraphrase in load_paraphrases():
        if present.isdisjoint(paraphrase.keyword):
            continue
        if paraphrase.with_ and setting.named.isdisjoint(paraphrase.with_):
            continue
        for match in paraphrase.pattern.finditer(text):
            certain = True
            if paraphrase.place:
                first = words.index_at(match.start())
                last = words.index_at(match.end())
                place, certain = setting.place_at(first, max(last, first + 1), province=False)
                if place not in paraphrase.place:
                    # "American visa holders may work here": the text's own country counts too
                    certain = False
                    if setting.country() not in paraphrase.place:
                        continue
            found.append(Found(paraphrase.pathway_id, match.start(), match.end(), certain, paraphrase.id))
    return found
