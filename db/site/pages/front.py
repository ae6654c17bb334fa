"""What the home page shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from db.metadata import load_queries
from db.site.pages.event import EVENT, count_verdicts, read_figures
from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from collections.abc import Iterable

    from datasette.database import Database

LATEST = 8  # events under "What is new"
UNREPORTED = 2  # draws among them that no text reports yet; the table of draws has all
AHEAD = 8  # dates under "What comes next"
DRAWS = 10  # rows of the table of draws
CHART_YEARS = 2  # years whose draws the charts show
CHARTED = 300  # draws in them at most
OF_A_PATHWAY = 2  # of one pathway among the latest, so that one long list doesn't push out the rest
_DRAWN = 20  # last draws, among which are those that no text reports
_CANDIDATES = 60  # events from which the latest are chosen


async def read_front(database: Database) -> Row:
    """What the home page shows: the latest events, the next dates, the last draws, sizes, and how the sources are."""
    publication = (await select(database, "SELECT * FROM publication") or [{}])[0]
    today = (publication.get("as_of") or publication.get("published_at") or "")[:10]
    latest = await _read_latest(database, today)
    # The day of a year or month that has begun lies before today, so that what is ahead compares as text.
    ahead = await select(
        database,
        f"{EVENT} WHERE e.effective_date > ? AND +e.retired_at IS NULL AND +e.stance <> 'cancelled' ORDER BY e.effective_date, e.event_id LIMIT {AHEAD}",
        today,
    )
    draws = await select(
        database,
        "SELECT d.draw_id, d.draw_date, d.number, d.name, d.pathway_id, d.invitations, d.cutoff_score, p.name AS pathway FROM draws d "  # noqa: S608 - our own number
        f"LEFT JOIN pathways p ON p.pathway_id = d.pathway_id WHERE +d.system = 'ca-ee' ORDER BY d.draw_date DESC, d.draw_id DESC LIMIT {CHARTED}",
    )
    since = f"{int(today[:4]) - CHART_YEARS}{today[4:]}" if today else ""
    return {
        "sizes": await database.table_counts(),
        "latest": latest,
        "ahead": ahead,
        "figures": await read_figures(database, [event["event_id"] for event in (*latest, *ahead)]),
        "record": await count_verdicts(database, [event["draw_id"] for event in latest if event["draw_id"]]),
        "draws": draws[:DRAWS],
        "drawn": [draw for draw in draws if draw["draw_date"] >= since],
        "verdicts": await select(database, "SELECT verdict, count(*) AS sources FROM source_health GROUP BY verdict ORDER BY count(*) DESC, verdict"),
        "crawled_at": (await select(database, "SELECT max(last_crawl_at) AS at FROM source_health"))[0]["at"],
        "publication": publication,
        "query_count": len(load_queries()),
    }


async def _read_latest(database: Database, today: str) -> list[Row]:
    """The events that became known last: by their first report, or by the day of a draw on the official record."""
    reported = await select(
        database, f"{EVENT} WHERE e.first_reported <= ? AND +e.retired_at IS NULL ORDER BY e.first_reported DESC, e.event_id LIMIT {_CANDIDATES}", today
    )
    drawn = await select(
        database,
        # By their ids: most events are no draws, and to SQLite the index of draw_id looks useless for that.
        f"{EVENT} WHERE e.event_id IN (SELECT 'ev-' || draw_id FROM draws WHERE draw_date <= ? ORDER BY draw_date DESC LIMIT {_DRAWN}) "  # noqa: S608 - our own number
        "AND +e.facts = 0 AND +e.retired_at IS NULL ORDER BY +e.event_date DESC, e.event_id",
        today,
    )
    known = {event["event_id"]: event | {"known_on": (event["draw_id"] and event["event_date"]) or event["first_reported"]} for event in (*drawn[:UNREPORTED], *reported)}
    return _spread(sorted(known.values(), key=lambda event: (event["known_on"], event["owners"], event["event_id"]), reverse=True))


def _spread(events: Iterable[Row]) -> list[Row]:
    """The first events of which no pathway has more than its share."""
    chosen: list[Row] = []
    seen: Counter[str] = Counter()
    for event in events:
        pathway = event["pathway_id"] or event["event_id"]
        seen[pathway] += 1
        if seen[pathway] <= OF_A_PATHWAY:
            chosen.append(event)
    return chosen[:LATEST]
