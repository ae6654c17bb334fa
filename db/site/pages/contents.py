"""What the page of the whole database lists, and what forms offer to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.metadata import load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from datasette.database import Database


def list_contents(sizes: dict[str, int | None]) -> Row:
    """The database's queries by group, its tables and its views, with titles and descriptions."""
    groups: dict[str, list[Any]] = {}
    for query in load_queries():
        groups.setdefault(query.group, []).append(query)
    return {
        "groups": groups,
        "policy_tables": [(table, sizes.get(table.name)) for table in PUBLIC if not table.operational and not table.hidden],
        "work_tables": [(table, sizes.get(table.name)) for table in PUBLIC if table.operational and not table.hidden],
        "shown_views": [view for view in PUBLIC_VIEWS if not view.hidden],
    }


async def list_choices(database: Database, kind: str) -> list[Row]:
    """Values worth offering for a query's parameter: ids with their names."""
    tables = {
        "pathways": "SELECT pathway_id AS value, name FROM pathways ORDER BY pathway_id",
        "attributes": "SELECT attribute_id AS value, attribute_id AS name FROM attributes ORDER BY attribute_id",
        "jurisdictions": "SELECT jurisdiction_id AS value, name FROM jurisdictions ORDER BY jurisdiction_id",
        "sources": "SELECT source_id AS value, name FROM sources ORDER BY source_id",
    }
    return await select(database, tables[kind])
