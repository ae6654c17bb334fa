"""What a pathway's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import BRIEF, SHOWN, Row, select

if TYPE_CHECKING:
    from datasette.database import Database


async def read_pathway(database: Database, pathway_id: str) -> Row:
    """A pathway with its names, relatives, current facts by attribute and latest draws."""
    facts = await select(
        database,
        f"{BRIEF} WHERE f.pathway_id = ? AND +f.status = 'current' ORDER BY f.attribute_id, coalesce(f.period, f.published) DESC LIMIT {SHOWN}",
        pathway_id,
    )
    by_attribute: dict[str, list[Row]] = {}
    for fact in facts:
        by_attribute.setdefault(fact["attribute_id"], []).append(fact)
    found = await select(
        database,
        "SELECT p.*, u.name AS parent, j.name AS jurisdiction FROM pathways p LEFT JOIN pathways u ON u.pathway_id = p.parent_id "
        "JOIN jurisdictions j ON j.jurisdiction_id = p.jurisdiction_id WHERE p.pathway_id = ?",
        pathway_id,
    )
    return {
        "pathway": found[0] if found else {},
        "by_attribute": by_attribute,
        "full_list": len(facts) == SHOWN,
        "aliases": await select(database, "SELECT * FROM pathway_aliases WHERE pathway_id = ? ORDER BY lang, kind, alias", pathway_id),
        "children": await select(database, "SELECT * FROM pathways WHERE parent_id = ? ORDER BY name", pathway_id),
        "draws": await select(database, "SELECT * FROM draws WHERE pathway_id = ? ORDER BY draw_date DESC LIMIT 12", pathway_id),
    }
