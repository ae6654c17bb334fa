"""What the page of feeds and calendars shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from datasette.utils import tilde_encode

from db.metadata import load_queries
from db.site.pages.events_told import Scope, name_scope
from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from datasette.database import Database

KINDS = {"pathways": "a pathway", "jurisdictions": "a jurisdiction", "occupations": "an occupation"}


async def list_feeds(database: Database) -> Row:
    """The jurisdictions with pathways, the pathways with most events on record, and the saved queries by group."""
    groups: dict[str, list[Any]] = {}
    for query in load_queries():
        groups.setdefault(query.group, []).append(query)
    return {
        "kinds": KINDS,
        "groups": groups,
        "jurisdictions": await select(
            database, "SELECT jurisdiction_id, name FROM jurisdictions j WHERE EXISTS (SELECT 1 FROM pathways p WHERE p.jurisdiction_id = j.jurisdiction_id) ORDER BY name"
        ),
        "pathways": await select(database, "SELECT pathway_id, name FROM pathways ORDER BY name LIMIT 1000"),
    }


async def choose_feed(database: Database, kind: str, row_id: str) -> Row | None:
    """The feed and the calendar that a reader asked for; with no `path` where there is no such id; None where nothing was asked."""
    if kind not in KINDS or not row_id:
        return None
    name = await name_scope(database, cast("Scope", kind), row_id)
    return {"kind": kind, "id": row_id, "name": name, "path": f"/feeds/{kind}/{tilde_encode(row_id)}" if name else ""}
