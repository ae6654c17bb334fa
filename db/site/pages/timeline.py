"""What happened to a pathway and what is below it, year by year."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from db.site.pages.event import EVENT, read_figures
from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datasette.database import Database

SHOWN = 60  # events of a timeline; the table has all
OPEN_YEARS = 1  # years before this one that are unfolded

# Official draws are counted by year beside; thousands of them would bury the rest.
_DATED = f"""WITH chosen(event_id) AS (
  SELECT e.event_id FROM json_each(?) part CROSS JOIN events e ON e.event_id IN (
    SELECT event_id FROM events WHERE pathway_id = part.value AND event_date > '' AND +retired_at IS NULL AND +draw_id IS NULL ORDER BY event_date DESC LIMIT {SHOWN})
  ORDER BY e.event_date DESC, e.event_id LIMIT {SHOWN})
SELECT * FROM chosen n CROSS JOIN ({EVENT}) e ON e.event_id = n.event_id"""  # noqa: S608 - constants of our own
_UNDATED = f"""WITH chosen(event_id) AS (
  SELECT e.event_id FROM json_each(?) part CROSS JOIN events e ON e.event_id IN (
    SELECT event_id FROM events WHERE pathway_id = part.value AND event_date IS NULL AND +retired_at IS NULL AND first_reported > '' LIMIT {SHOWN})
  ORDER BY e.first_reported DESC, e.event_id LIMIT {SHOWN})
SELECT * FROM chosen n CROSS JOIN ({EVENT}) e ON e.event_id = n.event_id"""  # noqa: S608 - constants of our own
_DRAWN = """SELECT year, count(*) AS draws, sum(invitations) AS invitations, min(cutoff_score) AS lowest, max(cutoff_score) AS highest, max(draw_date) AS last,
  max(invitations_comparator <> 'eq' OR invitations IS NULL) AS inexact
FROM draws WHERE draw_id IN (SELECT draw_id FROM draws WHERE pathway_id IN (SELECT value FROM json_each(?)) UNION SELECT draw_id FROM draws WHERE system = ?)
GROUP BY year ORDER BY year DESC"""


async def read_timeline(database: Database, pathway_id: str, parts: Sequence[str], today: str) -> Row:
    """Events by year, the newest first, each year with its official draws counted.

    Gives `years` (each with `year`, `events`, `drawn`, and whether it is `open`), the events' `figures`, and whether the table has `more`.
    An event without a date of its own stands where it was first reported.
    """
    dated, undated = await select(database, _DATED, json.dumps(parts)), await select(database, _UNDATED, json.dumps(parts))
    events = sorted(
        [event | {"at": event["event_date"] or event["first_reported"], "dated": bool(event["event_date"])} for event in (*dated, *undated)],
        key=lambda event: (event["at"], event["event_id"]), reverse=True,
    )  # fmt: skip
    drawn = {str(row["year"]): row for row in await select(database, _DRAWN, json.dumps(parts), pathway_id)}
    years: dict[str, list[Row]] = {year: [] for year in drawn}
    for event in events[:SHOWN]:
        years.setdefault(event["at"][:4], []).append(event)
    return {
        "years": [
            {"year": year, "events": years[year], "drawn": drawn.get(year), "open": year == max(years) or year >= str(int(today[:4]) - OPEN_YEARS)}
            for year in sorted(years, reverse=True)
        ],
        "figures": await read_figures(database, [event["event_id"] for event in events[:SHOWN]]),
        "more": len(events) > SHOWN or len(dated) == SHOWN or len(undated) == SHOWN,
    }
