"""How many a pathway takes: planned numbers on record, limits that texts tell of, and how far this year's draws have come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from db.site.pages.event import EVENT, read_figures
from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from datasette.database import Database

TOLD = 8  # limits that texts tell of
INVITING = {"invitations", "nominations", "spaces", "applications"}
"""Units of a limit beside which invitations can be put."""


async def read_limits(database: Database, pathway_id: str, parts: Sequence[str], today: str) -> Row:
    """`planned` (official targets of this year and later), `replaced` (earlier years, and what earlier plans had), `told` (events) with `figures`, and `drawn` this year."""
    year = today[:4]
    targets = await select(database, "SELECT * FROM levels_targets WHERE pathway_id = ? AND tabled_on <= ? ORDER BY measure, year, tabled_on DESC", pathway_id, today)
    planned, replaced = split_targets(targets, int(year))
    told = await select(
        database,
        f"{EVENT} WHERE e.pathway_id = ? AND e.event_type IN ('cap_set', 'allocation', 'target') AND e.retired_at IS NULL AND e.stance <> 'cancelled' "
        f"AND (e.end_date >= ? OR e.period IS NULL) ORDER BY coalesce(e.period, e.first_reported), e.official DESC, e.owners DESC, e.event_id LIMIT {TOLD + 1}",
        pathway_id, year,
    )  # fmt: skip
    reached = await select(
        database,
        f"{EVENT} WHERE e.pathway_id = ? AND e.event_type = 'cap_reached' AND e.retired_at IS NULL AND e.stance NOT IN ('proposed', 'cancelled') AND e.effective_date BETWEEN ? AND ? "
        "ORDER BY e.effective_date DESC LIMIT 3",
        pathway_id, year, today,
    )  # fmt: skip
    drawn = await select(
        database,
        "SELECT count(*) AS draws, sum(invitations) AS invitations, max(draw_date) AS last, max(invitations_comparator <> 'eq' OR invitations IS NULL) AS inexact FROM draws WHERE draw_id IN ("
        "SELECT draw_id FROM draws WHERE pathway_id IN (SELECT value FROM json_each(?)) UNION SELECT draw_id FROM draws WHERE system = ?) AND draw_date BETWEEN ? AND ?",
        json.dumps(parts), pathway_id, f"{year}-01-01", today,
    )  # fmt: skip
    figures = await read_figures(database, [event["event_id"] for event in told[:TOLD]])
    return {
        "year": year,
        "planned": planned,
        "replaced": replaced,
        "told": told[:TOLD],
        "figures": figures,
        "more": len(told) > TOLD,
        "reached": reached,
        "drawn": drawn[0] if drawn[0]["draws"] else None,
        "limit": find_limit((event for event in told if event["period"] == year), figures),
    }


def split_targets(targets: Iterable[Row], year: int) -> tuple[list[Row], list[Row]]:
    """Of targets by measure and year, the last tabled first: what now counts for `year` and later, with the plan before it as `before`; and all the others."""
    planned: dict[tuple[str, int], Row] = {}
    replaced = []
    for row in targets:
        key = (row["measure"], row["year"])
        if row["year"] >= year and key not in planned:
            planned[key] = row | {"before": None}
            continue
        if key in planned and planned[key]["before"] is None:
            planned[key]["before"] = row
        replaced.append(row)
    return sorted(planned.values(), key=lambda row: (row["measure"] not in {"pr_total", "pr_pnp"}, row["measure"], row["year"])), replaced


def find_limit(events: Iterable[Row], figures: dict[str, list[Row]]) -> Row | None:
    """The limit of this year beside which invitations can be put: its `value`, `unit` and `event_id`."""
    for event in events:
        for value in figures.get(event["event_id"], []):
            number = value["value"]
            if value["unit"] in INVITING and not value["scope"] and number.isascii() and number.isdigit() and int(number) > 0:
                return {"value": int(number), "unit": value["unit"], "event_id": event["event_id"]}
    return None
