"""The rules of events: which facts tell of which kind of event, and when two of them tell of the same one.

The rows stand in `event_rules.toml`, each with an example of facts that are one event and of facts that are two.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from db.civil_dates import is_day

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES_FILE = Path(__file__).parent / "event_rules.toml"


@dataclass(frozen=True)
class Family:
    """A kind of event; the head of `event_rules.toml` says what the fields mean."""

    id: str
    title: str
    attributes: tuple[str, ...]
    told_apart_by: Literal["day", "date", "period", "value", "list"]
    together: tuple[Mapping[str, str], ...]
    apart: tuple[Mapping[str, str], ...]
    window: int = 0
    overlap: float = 0.0
    single: frozenset[str] = frozenset()
    lasts: bool = True
    launch: str = ""
    dated: frozenset[str] = frozenset()
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """Why a fact was tied to its event: a name, how far that can be trusted (0 to 1), and the words for people."""

    id: str
    score: float
    words: str


@dataclass(frozen=True)
class Rules:
    """All rules: families in order of precedence, links by id, and a digest that changes with the file."""

    families: tuple[Family, ...]
    links: Mapping[str, Link]
    digest: str

    def family(self, family_id: str) -> Family:
        """The family of that id; KeyError where there is none."""
        for family in self.families:
            if family.id == family_id:
                return family
        raise KeyError(family_id)

    def sort_fact(self, attribute: str, pathway: str, period: str | None, parents: Mapping[str, str | None]) -> Family | None:
        """The family of a fact, or None where facts of its kind tell of no event."""
        for family in self.families:
            if attribute not in family.attributes:
                continue
            if attribute in family.dated and (period is None or not is_day(period)):
                continue
            if family.below and not _is_below(pathway, family.below, parents):
                continue
            return family
        return None


@cache
def load_rules(path: Path = RULES_FILE) -> Rules:
    """The rules of a file; TypeError on an unknown or missing field."""
    content = path.read_bytes()
    given: dict[str, list[dict[str, Any]]] = tomllib.loads(content.decode())
    families = tuple(Family(**{name: _freeze(name, value) for name, value in row.items()}) for row in given["family"])
    return Rules(families, {row["id"]: Link(**row) for row in given["link"]}, hashlib.sha256(content).hexdigest())


def _freeze(name: str, value: Any) -> Any:
    if name in {"single", "dated"}:
        return frozenset(value)
    return tuple(value) if isinstance(value, list) else value


def _is_below(pathway: str | None, roots: tuple[str, ...], parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    while pathway and pathway not in seen:
        seen.add(pathway)
        pathway = parents.get(pathway)
        if pathway in roots:
            return True
    return False
