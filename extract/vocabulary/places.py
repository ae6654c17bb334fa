"""Words that show which country or province a text is about: names, peoples, capitals, authorities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.vocabulary.names import CASES, load_jurisdictions
from extract.vocabulary.reading import FOLDER, read_rows

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """One word that points to a jurisdiction; `weight` says how strongly (a name 1, an immigration authority 3)."""

    name: str
    jurisdiction: str
    case: str
    weight: int


@cache
def load_places(folder: Path = FOLDER) -> tuple[Place, ...]:
    """All place words. Raises VocabularyError on an unknown jurisdiction or a weight that is no number."""
    known = load_jurisdictions(folder)
    places: list[Place] = []
    for row in read_rows("places.csv", ("name", "jurisdiction", "case", "weight"), folder):
        if row["jurisdiction"] not in known:
            raise row.error(f"jurisdiction {row['jurisdiction']!r} is not in jurisdictions.csv")
        if not row["weight"].isdigit():
            raise row.error(f"weight {row['weight']!r} is no number")
        places.append(
            Place(row.need("name"), row["jurisdiction"], row.choose("case", CASES), int(row["weight"])),
        )
    return tuple(places)
