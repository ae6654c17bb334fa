"""The unit of a value: as counted or paid, else as the sentence or the kind of pathway has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.facts.fact import currency_of, wage_unit
from extract.facts.scopes import is_below
from extract.quantities.grammar import read_nouns
from extract.vocabulary import load_pathways

if TYPE_CHECKING:
    from extract.cues.match import Item
    from extract.facts.reading import Mention

LIMITED = frozenset({"applications", "people", "permits", "nominations", "spaces", "visas", "employers"})
UNCOUNTED = frozenset({"invitations", "points", "jobs"})
PERMITS = frozenset({"ca-study-permit", "ca-work-permit", "ca-pgwp"})


def find_unit(attribute: str, mention: Mention, subject: str, items: list[Item], default: str) -> str:
    """The unit of a value of an attribute, said of a pathway in a sentence of these items."""
    if attribute == "min_wage":
        return wage_unit(mention, subject)
    if mention["kind"] == "money":
        return currency_of(mention, subject)
    counted = str(mention["unit"])
    if attribute == "target":
        if counted in {"permits", "applications"}:
            return counted
        return "permits" if subject in PERMITS and counted != "people" else default
    if counted and counted not in UNCOUNTED and not (counted == "spaces" and attribute == "cap"):
        return counted
    if attribute != "cap":
        return default
    return unit_of_limit(mention, subject, items, default)


def unit_of_limit(mention: Mention, subject: str, items: list[Item], default: str) -> str:
    """What a limit counts: a province's places are nominations, an American allotment visas, else the nearest counted noun."""
    if mention["unit"] == "spaces" and not is_nominee(subject):
        return "spaces"
    if is_nominee(subject):
        return "nominations"
    known = load_pathways().get(subject)
    if known is not None and known.jurisdiction == "US" and known.kind == "permit":
        return "visas"
    if known is not None and known.jurisdiction != "US" and not known.jurisdiction.startswith("CA"):
        default = "people"  # overseas ceilings count who may come, not who may ask
    if known is not None and known.kind == "pilot" and not mention["unit"]:
        return default  # a pilot's bare number counts applications, whoever makes them
    words = [(item.start, item.word if item.slot != "path" else item.mention["text"].split()[-1].lower()) for item in items]
    near = sorted((abs(start - mention["start"]), read_nouns()[word]) for start, word in words if word in read_nouns())
    return next((unit for _, unit in near if unit in LIMITED), default)


def is_nominee(pathway: str) -> bool:
    """True for the nominee programs and their streams."""
    return pathway == "ca-pnp" or is_below(pathway, "ca-pnp")
