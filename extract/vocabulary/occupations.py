"""The National Occupational Classification: unit groups of NOC 2021, their forerunners of NOC 2016, title variants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.vocabulary.reading import FOLDER, VocabularyError, read_rows

if TYPE_CHECKING:
    from pathlib import Path

UNIT_GROUPS_2021 = 516  # Statistics Canada, NOC 2021 version 1.0
_CODE_2021 = re.compile(r"\d{5}")
_CODE_2016 = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """A unit group of NOC 2021: five-digit code, title, TEER (second digit, "0" to "5"), broad category (first)."""

    code: str
    title: str
    teer: str
    broad_category: str


@dataclass(frozen=True, slots=True)
class Succession:
    """How (part of) a unit group of NOC 2016 continues in NOC 2021; a code that was split has several."""

    code_2016: str
    title_2016: str
    code_2021: str
    title_2021: str
    change: str
    notes: str


@dataclass(frozen=True, slots=True)
class TitleVariant:
    """A title that people print or say instead of the official one, and the code that it stands for."""

    title: str
    code: str
    edition: str


@cache
def load_unit_groups(folder: Path = FOLDER) -> dict[str, UnitGroup]:
    """The unit groups of NOC 2021 by code.

    Raises:
        VocabularyError: a code is malformed, twice there or at odds with its TEER, or there aren't 516 of them.
    """
    groups: dict[str, UnitGroup] = {}
    for row in read_rows("noc_2021.csv", ("code", "title", "teer", "broad_category"), folder):
        code = row.need("code")
        if not _CODE_2021.fullmatch(code):
            raise row.error(f"{code!r} is no five-digit code")
        if code in groups:
            raise row.error(f"{code} stands there twice")
        if row["teer"] != code[1] or row["broad_category"] != code[0]:
            raise row.error(f"TEER {row['teer']} and broad category {row['broad_category']} don't fit {code}")
        groups[code] = UnitGroup(code, row.need("title"), row["teer"], row["broad_category"])
    if len(groups) != UNIT_GROUPS_2021:
        raise VocabularyError("noc_2021.csv", 0, f"{len(groups)} unit groups, expected {UNIT_GROUPS_2021}")
    return groups


@cache
def load_successions(folder: Path = FOLDER) -> dict[str, tuple[Succession, ...]]:
    """What became of each unit group of NOC 2016, by its four-digit code.

    Raises:
        VocabularyError: a code is malformed, or leads to a code that NOC 2021 doesn't have.
    """
    groups = load_unit_groups(folder)
    found: dict[str, list[Succession]] = {}
    columns = ("noc_2016", "title_2016", "noc_2021", "title_2021", "change_type", "notes")
    for row in read_rows("noc_2016_to_2021.csv", columns, folder):
        old, new = row.need("noc_2016"), row.need("noc_2021")
        if not _CODE_2016.fullmatch(old):
            raise row.error(f"{old!r} is no four-digit code")
        if new not in groups:
            raise row.error(f"{new!r} is not in NOC 2021")
        found.setdefault(old, []).append(
            Succession(old, row.need("title_2016"), new, row.need("title_2021"), row["change_type"], row["notes"]),
        )
    return {code: tuple(successions) for code, successions in found.items()}


@cache
def load_title_variants(folder: Path = FOLDER) -> tuple[TitleVariant, ...]:
    """Titles other than the official ones. Raises VocabularyError on a code that its edition doesn't have."""
    known = {"2021": frozenset(load_unit_groups(folder)), "2016": frozenset(load_successions(folder))}
    variants: list[TitleVariant] = []
    seen: dict[tuple[str, str], int] = {}
    for row in read_rows("noc_variants.csv", ("title", "code", "edition"), folder):
        edition = row.choose("edition", frozenset(known))
        title, code = row.need("title"), row.need("code")
        if code not in known[edition]:
            raise row.error(f"{code!r} is not in NOC {edition}")
        if (title.lower(), edition) in seen:
            raise row.error(f"{title!r} stands in line {seen[title.lower(), edition]} already")
        seen[title.lower(), edition] = row.line
        variants.append(TitleVariant(title, code, edition))
    return tuple(variants)


def official_title(code: str, folder: Path = FOLDER) -> str | None:
    """The official title of a five-digit code (NOC 2021) or a four-digit one (NOC 2016); None if it doesn't exist."""
    if len(code) == len("21231"):
        group = load_unit_groups(folder).get(code)
        return group.title if group else None
    successions = load_successions(folder).get(code)
    return successions[0].title_2016 if successions else None
