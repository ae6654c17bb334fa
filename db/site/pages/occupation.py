"""What an occupation's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import Row, read_today, select
from db.site.pages.taken import read_inviting, read_naming, read_takers

if TYPE_CHECKING:
    from datasette.database import Database

INVITING = 8  # draws on the page


async def read_occupation(database: Database, noc_code: str) -> Row:
    """An occupation with the pathways that take it, now and before, the draws that invited it, articles, and its codes in the other edition.

    A code of NOC 2016 has the pathways that take its successors, as `successors`, each with `takers`.
    """
    found = await select(database, "SELECT o.*, n.title AS edition_title, n.used_from, n.used_to FROM occupations o LEFT JOIN noc_editions n ON n.edition = o.edition WHERE o.noc_code = ?", noc_code)
    if not found:
        return {}
    today = await read_today(database)
    successors = await select(
        database,
        "SELECT o.noc_code, o.title, o.teer, c.change_type FROM occupation_changes c JOIN occupations o ON o.noc_code = c.noc_2021 WHERE c.noc_2016 = ? ORDER BY o.noc_code",
        noc_code,
    )
    for row in successors:
        row["takers"] = await read_takers(database, row["noc_code"], today)
    inviting = await read_inviting(database, noc_code)
    return {
        "occupation": found[0],
        "today": today,
        "takers": await read_takers(database, noc_code, today),
        "inviting": inviting[:INVITING],
        "more_inviting": len(inviting) > INVITING,
        "naming": await read_naming(database, noc_code),
        "predecessors": await select(
            database,
            "SELECT o.noc_code, o.title, c.change_type FROM occupation_changes c JOIN occupations o ON o.noc_code = c.noc_2016 WHERE c.noc_2021 = ? ORDER BY o.noc_code",
            noc_code,
        ),
        "successors": successors,
    }
