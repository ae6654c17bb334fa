"""What an occupation's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import SHOWN, Row, select

if TYPE_CHECKING:
    from datasette.database import Database


async def read_occupation(database: Database, noc_code: str) -> Row:
    """An occupation with the pathways that list it and its codes in the other edition."""
    found = await select(database, "SELECT * FROM occupations WHERE noc_code = ?", noc_code)
    return {
        "occupation": found[0] if found else {},
        "listed": await select(
            database,
            "SELECT f.pathway_id, p.name AS pathway, f.attribute_id, count(*) AS facts, max(f.published) AS published, max(f.fact_id) AS fact_id "
            "FROM facts f JOIN pathways p ON p.pathway_id = f.pathway_id WHERE f.noc_code = ? AND +f.status = 'current' "
            "GROUP BY f.pathway_id, f.attribute_id ORDER BY f.attribute_id, p.name LIMIT ?",
            noc_code, SHOWN,
        ),
        "predecessors": await select(
            database,
            "SELECT o.noc_code, o.title, c.change_type FROM occupation_changes c JOIN occupations o ON o.noc_code = c.noc_2016 WHERE c.noc_2021 = ?",
            noc_code,
        ),
        "successors": await select(
            database,
            "SELECT o.noc_code, o.title, c.change_type FROM occupation_changes c JOIN occupations o ON o.noc_code = c.noc_2021 WHERE c.noc_2016 = ?",
            noc_code,
        ),
    }
