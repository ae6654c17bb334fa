"""Weigh names that are also everyday words: a document treats them as a scheme, or mentions them in passing."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.vocabulary import VocabularyError, load_pathways
from extract.vocabulary.reading import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from extract.pathways.context import Setting
    from extract.pathways.names import Hit

FILE = "schemes.toml"
STRONG = 3  # weight of a mention beside a word that shows a scheme
ENOUGH = 3  # weight from which a document treats the name as a scheme


@dataclass(frozen=True, slots=True)
class Scheme:
    """The words beside a name that show a scheme, or a mention in passing."""

    pathway_id: str
    strong_after: tuple[str, ...]
    strong_before: tuple[str, ...]
    passing_after: tuple[str, ...]
    passing_before: tuple[str, ...]
    passing_near: tuple[str, ...]
    weak: int


@cache
def load_schemes(folder: Path = FOLDER) -> dict[str, Scheme]:
    """The schemes by pathway. Raises VocabularyError on an unknown pathway or key."""
    with (folder / FILE).open("rb") as stream:
        table = tomllib.load(stream)
    lists = ("strong_after", "strong_before", "passing_after", "passing_before", "passing_near")
    schemes: dict[str, Scheme] = {}
    for number, row in enumerate(table["scheme"], 1):
        if row["pathway"] not in load_pathways():
            raise VocabularyError(FILE, number, f"{row['pathway']!r} is no pathway")
        unknown = row.keys() - {"pathway", "example", "weak", *lists}
        if unknown:
            raise VocabularyError(FILE, number, f"unknown keys {', '.join(sorted(unknown))}")
        schemes[row["pathway"]] = Scheme(
            row["pathway"], weak=int(row.get("weak", 1)), **{key: tuple(row.get(key, ())) for key in lists},
        )
    return schemes


def weigh_mention(scheme: Scheme, hit: Hit, setting: Setting) -> int:
    """What one mention weighs: 3 beside a word that shows a scheme, 0 in passing, else `weak`."""
    if setting.has_after(scheme.passing_after, hit.last) or setting.has_before(scheme.passing_before, hit.first):
        return 0
    if setting.has_near(scheme.passing_near, hit.first):
        return 0
    if setting.has_after(scheme.strong_after, hit.last) or setting.has_before(scheme.strong_before, hit.first):
        return STRONG
    return scheme.weak


def is_scheme(pathway_id: str, hits: Iterable[Hit], setting: Setting) -> bool:
    """Whether the mentions of a pathway together show that the document treats it as a scheme."""
    scheme = load_schemes().get(pathway_id)
    if scheme is None:
        return True
    weight = 0
    for hit in hits:
        weight += weigh_mention(scheme, hit, setting)
        if weight >= ENOUGH:
            return True
    return False
