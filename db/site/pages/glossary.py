"""What the page of all terms shows, and that of one attribute."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.site.pages.rows import BRIEF, Row, select

if TYPE_CHECKING:
    from datasette.database import Database

EXAMPLES = 8  # facts on the page of an attribute
_LOOKED = 100  # facts of its last years, among which they are


@cache
def load_groups() -> list[dict[str, Any]]:
    """Groups of coded values: `title`, `about`, `columns` as table.column, and `terms`, each with its meaning."""
    groups: list[dict[str, Any]] = tomllib.loads((Path(__file__).parents[1] / "glossary.toml").read_text("utf-8"))["group"]
    return groups


async def list_terms(database: Database) -> Row:
    """All attributes and all groups."""
    return {"attributes": await select(database, "SELECT * FROM attributes ORDER BY value_type, attribute_id"), "groups": load_groups()}


async def read_attribute(database: Database, attribute_id: str) -> Row:
    """An attribute with some of its last facts, each of another pathway."""
    found = await select(database, "SELECT * FROM attributes WHERE attribute_id = ?", attribute_id)
    facts = await select(
        database,
        f"{BRIEF} WHERE f.fact_id IN (SELECT fact_id FROM facts WHERE attribute_id = ? AND +status = 'current' AND +modality IN ('asserted', 'announced') ORDER BY year DESC LIMIT {_LOOKED}) "  # noqa: S608 - our own number
        "ORDER BY f.published DESC, f.fact_id",
        attribute_id,
    )
    apart: dict[str, Row] = {}
    for fact in facts:
        apart.setdefault(fact["pathway_id"], fact)
    return {"attribute": found[0] if found else {}, "facts": list(apart.values())[:EXAMPLES]}
