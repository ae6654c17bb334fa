"""Rows of the public database, as every page reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasette.database import Database

Row = dict[str, Any]

SHOWN = 200  # rows of one list on a page; the table behind it has them all

# A fact as lists show it.
BRIEF = """
SELECT f.fact_id, f.pathway_id, f.attribute_id, f.value, f.unit, f.comparator, f.period, f.modality, f.scope, f.status, f.published, f.source_id, f.article_id,
       f.version_id, f.evidence, p.name AS pathway, s.name AS source, o.title AS occupation
FROM facts f JOIN pathways p ON p.pathway_id = f.pathway_id JOIN sources s ON s.source_id = f.source_id
LEFT JOIN occupations o ON o.noc_code = f.noc_code
"""


async def select(database: Database, sql: str, *values: object) -> list[Row]:
    """The rows of a query."""
    return [dict(row) for row in (await database.execute(sql, values)).rows]


async def read_today(database: Database) -> str:
    """The day that the publication speaks of, ISO."""
    publication = await select(database, "SELECT substr(coalesce(as_of, published_at), 1, 10) AS day FROM publication")
    return str(publication[0]["day"])
