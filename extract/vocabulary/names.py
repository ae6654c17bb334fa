"""Pathways, their names, attributes and jurisdictions, as the vocabulary's files give them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from extract.vocabulary.reading import FOLDER, Row, VocabularyError, read_rows

if TYPE_CHECKING:
    from pathlib import Path

PATHWAY_COLUMNS = (
    "pathway_id", "parent_id", "jurisdiction", "kind", "name", "name_fr", "official_url", "valid_from", "valid_to",
)  # fmt: skip
ALIAS_COLUMNS = (
    "pathway_id", "alias", "lang", "kind", "case", "place", "near", "before", "after", "unless", "with", "scheme", "example",
)  # fmt: skip
KINDS = frozenset({"policy", "system", "program", "category", "stream", "pilot", "permit", "instrument"})
ALIAS_KINDS = frozenset({"official", "abbreviation", "news", "former", "feed"})
CASES = frozenset({"any", "title", "exact"})
LANGUAGES = frozenset({"en", "fr"})
_ID = re.compile(r"[a-z]{2}(?:-[a-z0-9]+)+")
_DAY = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_BRACES = re.compile(r"\{([^{}]*)\}")
MAX_EXPANSIONS = 400
FEDERAL = "federal"  # a place of aliases: Canada, and no province in the sentence or for most of the text


@dataclass(frozen=True, slots=True)
class Pathway:
    """One pathway. `valid_from` and `valid_to` are ISO dates (day, month or year), or None where not known."""

    id: str
    parent_id: str | None
    jurisdiction: str
    kind: str
    name: str
    name_fr: str | None = None
    official_url: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute that a fact may state, with the type and unit of its value."""

    id: str
    value_type: str
    unit: str
    cardinality: str
    definition: str


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A country, province or territory by its ISO 3166 code; `parent_id` is the country of a province."""

    id: str
    name_en: str
    name_fr: str
    level: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Alias:
    """One way of naming a pathway, with the context that an ambiguous name needs.

    `pathway_id` is None for a name that is none of ours and only keeps a shorter one from matching.
    `case`: "any"; "title" (each word but small ones begins with a capital or digit); "exact" (as written, plural s
    allowed). Conditions, all of which must hold: `place` jurisdictions (ISO codes, or FEDERAL), `near` one of the words in the
    same sentence, `before` and `after` one of the words directly beside the name, `unless` none of the words in
    the sentence or beside it, `with_` one of the pathways named anywhere in the document. A `weighed` name counts
    only in documents that treat it as a scheme (schemes.toml).
    """

    pathway_id: str | None
    alias: str
    lang: str
    kind: str
    case: str
    place: tuple[str, ...]
    near: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    unless: tuple[str, ...]
    with_: tuple[str, ...]
    weighed: bool
    example: str
    line: int

    @property
    def conditional(self) -> bool:
        """True where the name alone doesn't decide."""
        return bool(self.place or self.near or self.before or self.after or self.unless or self.with_)

    def spellings(self) -> list[str]:
        """The alias with each `{one|other}` written out: "{BC|B.C.} PNP" gives "BC PNP" and "B.C. PNP"."""
        parts = _BRACES.split(self.alias)
        choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
        return [" ".join("".join(choice).split()) for choice in product(*choices)]


@cache
def load_pathways(folder: Path = FOLDER) -> dict[str, Pathway]:
    """All pathways by id, in the file's order.

    Raises:
        VocabularyError: an id is malformed or twice there, a parent or jurisdiction unknown, a date no date.
    """
    places = load_jurisdictions(folder)
    pathways: dict[str, Pathway] = {}
    rows: list[Row] = []
    for row in read_rows("pathways.csv", PATHWAY_COLUMNS, folder):
        pathway_id = row.need("pathway_id")
        if not _ID.fullmatch(pathway_id):
            raise row.error(f"{pathway_id!r} is no pathway id (lower case, hyphens)")
        if pathway_id in pathways:
            raise row.error(f"{pathway_id} stands there twice")
        if row["jurisdiction"] not in places:
            raise row.error(f"jurisdiction {row['jurisdiction']!r} is not in jurisdictions.csv")
        for column in ("valid_from", "valid_to"):
            if row[column] and not _DAY.fullmatch(row[column]):
                raise row.error(f"{column} is {row[column]!r}, not an ISO date")
        if row["official_url"] and not row["official_url"].startswith("https://"):
            raise row.error("official_url does not begin with https://")
        pathways[pathway_id] = Pathway(
            pathway_id, row["parent_id"] or None, row["jurisdiction"], row.choose("kind", KINDS), row.need("name"),
            row["name_fr"] or None, row["official_url"] or None, row["valid_from"] or None, row["valid_to"] or None,
        )  # fmt: skip
        rows.append(row)
    for row in rows:
        _check_ancestors(row, pathways)
    return pathways


def _check_ancestors(row: Row, pathways: dict[str, Pathway]) -> None:
    seen = {row["pathway_id"]}
    parent = row["parent_id"] or None
    while parent:
        if parent not in pathways:
            raise row.error(f"parent {parent!r} is no pathway")
        if parent in seen:
            raise row.error(f"{parent} is its own ancestor")
        seen.add(parent)
        parent = pathways[parent].parent_id


@cache
def load_attributes(folder: Path = FOLDER) -> dict[str, Attribute]:
    """All attributes by id. Raises VocabularyError if one stands there twice."""
    columns = ("attribute_id", "value_type", "unit", "cardinality", "definition")
    attributes: dict[str, Attribute] = {}
    for row in read_rows("attributes.csv", columns, folder):
        name = row.need("attribute_id")
        if name in attributes:
            raise row.error(f"{name} stands there twice")
        value_type = row.choose("value_type", frozenset({"number", "money", "duration", "date", "code"}))
        cardinality = row.choose("cardinality", frozenset({"one", "many"}))
        attributes[name] = Attribute(name, value_type, row.need("unit"), cardinality, row.need("definition"))
    return attributes


@cache
def load_jurisdictions(folder: Path = FOLDER) -> dict[str, Jurisdiction]:
    """All jurisdictions by ISO 3166 code. Raises VocabularyError on an unknown parent or a code twice there."""
    columns = ("jurisdiction_id", "name_en", "name_fr", "level", "parent_id")
    places: dict[str, Jurisdiction] = {}
    for row in read_rows("jurisdictions.csv", columns, folder):
        code = row.need("jurisdiction_id")
        if code in places:
            raise row.error(f"{code} stands there twice")
        level = row.choose("level", frozenset({"country", "province", "territory"}))
        parent = row["parent_id"] or None
        if (level == "country") == bool(parent) or (parent and parent not in places):
            raise row.error(f"parent {parent!r} of the {level} {code}: a country has none, others a country above them")
        places[code] = Jurisdiction(code, row.need("name_en"), row.need("name_fr"), level, parent)
    return places


@cache
def load_aliases(folder: Path = FOLDER) -> tuple[Alias, ...]:
    """All names of pathways, in the file's order; pathways.csv's own names are not among them.

    Raises:
        VocabularyError: a pathway, place or kind is unknown, braces are open, or a name stands twice for the same
            pathway under the same conditions.
    """
    pathways = load_pathways(folder)
    places = load_jurisdictions(folder)
    aliases: list[Alias] = []
    seen: dict[tuple[object, ...], int] = {}
    for row in read_rows("aliases.csv", ALIAS_COLUMNS, folder):
        pathway_id = row["pathway_id"] if row["pathway_id"] != "-" else None
        if pathway_id is not None and pathway_id not in pathways:
            raise row.error(f"{pathway_id!r} is no pathway")
        alias = Alias(
            pathway_id, row.need("alias"), row.choose("lang", LANGUAGES), row.choose("kind", ALIAS_KINDS),
            row.choose("case", CASES), row.split("place"), row.split("near"), row.split("before"), row.split("after"),
            row.split("unless"), row.split("with"), bool(row.choose("scheme", frozenset({"", "weigh"}))), row["example"],
            row.line,
        )  # fmt: skip
        if alias.alias.count("{") != alias.alias.count("}") or "{" in _BRACES.sub("", alias.alias):
            raise row.error(f"braces don't close in {alias.alias!r}")
        _check_conditions(row, alias, pathways, places)
        spellings = alias.spellings()
        if len(spellings) > MAX_EXPANSIONS:
            raise row.error(f"{alias.alias!r} has {len(spellings)} spellings, at most {MAX_EXPANSIONS} are allowed")
        key = (pathway_id, alias.alias, alias.kind == "feed", alias.place, alias.near, alias.before, alias.after, alias.with_)
        if key in seen:
            raise row.error(f"{alias.alias!r} for {pathway_id} stands in line {seen[key]} already")
        seen[key] = row.line
        aliases.append(alias)
    return tuple(aliases)


def _check_conditions(row: Row, alias: Alias, pathways: dict[str, Pathway], places: dict[str, Jurisdiction]) -> None:
    for place in alias.place:
        if place != FEDERAL and place not in places:
            raise row.error(f"place {place!r} is not in jurisdictions.csv")
    for pathway in alias.with_:
        if pathway not in pathways:
            raise row.error(f"with: {pathway!r} is no pathway")


@cache
def load_spellings(folder: Path = FOLDER) -> dict[str, str]:
    """Words that are spelled in two ways, each with the spelling that names are compared in (programme: program)."""
    spellings: dict[str, str] = {}
    for row in read_rows("spellings.csv", ("word", "compared_as", "note"), folder):
        word = row.need("word")
        if word in spellings:
            raise row.error(f"{word} stands there twice")
        spellings[word] = row.need("compared_as")
    for word, other in spellings.items():
        if other in spellings:
            raise VocabularyError("spellings.csv", 0, f"{word} leads to {other}, which itself leads on")
    return spellings
