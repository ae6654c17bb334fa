"""Events as feeds and calendars tell them: of everything, or of one pathway, jurisdiction or occupation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from db.site.atom import Entry, spell_moment
from db.site.calendars import Day, read_days
from db.site.pages.rows import Row, select
from db.site.wording import say_attribute, say_date, say_value, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from datasette.database import Database

Scope = Literal["all", "pathways", "jurisdictions", "occupations"]
RECENT = 50  # entries of a feed
DATES = 500  # entries of a calendar
EACH = 200  # of one pathway in it
MANY = 40  # pathways, from which on all events are gone through by date instead of each pathway's
DATED = ("opening", "closure", "cap_reached", "launch", "effective", "draw")
"""Types of events that have a day of their own; the others are about a period, or about what a text lists."""

# The pathways that a feed is about. An occupation's are those that take it by a current text.
_PARTS = {
    "pathways": """part(pathway_id) AS (
  SELECT :id UNION SELECT p.pathway_id FROM part JOIN pathways p ON p.parent_id = part.pathway_id)""",
    "jurisdictions": "part(pathway_id) AS (SELECT pathway_id FROM pathways WHERE jurisdiction_id = :id)",
    "occupations": """part(pathway_id) AS (
  SELECT DISTINCT pathway_id FROM facts WHERE noc_code = :id AND +attribute_id = 'eligible_noc' AND +status = 'current')""",
}
_COLUMNS = """e.event_id, e.event_type, e.title, e.event_date, e.stance, e.status, e.facts, e.owners, e.official, e.conflict, e.first_reported,
       e.recorded_at, e.pathway_id, p.name AS pathway"""

_NEW = f"""SELECT {_COLUMNS} FROM events e LEFT JOIN pathways p ON p.pathway_id = e.pathway_id
WHERE +e.retired_at IS NULL ORDER BY e.recorded_at DESC, e.event_id LIMIT :most"""  # noqa: S608 - constants of this module
_DATED = f"""SELECT {_COLUMNS} FROM events e LEFT JOIN pathways p ON p.pathway_id = e.pathway_id
WHERE e.event_date > '' AND +e.retired_at IS NULL AND +e.event_type IN {DATED} ORDER BY e.event_date DESC, e.event_id LIMIT :most"""  # noqa: S608

# Of each pathway its last few, each list by one index; all of a jurisdiction's events may be many thousand. They are
# put in order by their ids and dates alone, before the rest is read.
_OF = """WITH RECURSIVE {part},
chosen(event_id) AS (
  SELECT e.event_id FROM part CROSS JOIN events e ON e.event_id IN (
    SELECT event_id FROM events WHERE pathway_id = part.pathway_id AND +retired_at IS NULL {filter} ORDER BY {order} DESC LIMIT :each)
  ORDER BY e.{order} DESC, e.event_id LIMIT :most)
SELECT {columns} FROM chosen CROSS JOIN events e ON e.event_id = chosen.event_id LEFT JOIN pathways p ON p.pathway_id = e.pathway_id
ORDER BY e.{order} DESC, e.event_id"""
_OF_MANY = f"""WITH RECURSIVE {{part}}
SELECT {_COLUMNS} FROM events e INDEXED BY events_event_date LEFT JOIN pathways p ON p.pathway_id = e.pathway_id
WHERE e.event_date > '' AND +e.pathway_id IN (SELECT pathway_id FROM part) AND +e.retired_at IS NULL AND +e.event_type IN {DATED}
ORDER BY e.event_date DESC, e.event_id LIMIT :most"""  # noqa: S608 - constants of this module
_COUNT = "WITH RECURSIVE {part} SELECT count(*) AS n FROM part"
_NAMING = f"""SELECT {_COLUMNS} FROM events e LEFT JOIN pathways p ON p.pathway_id = e.pathway_id
WHERE e.event_id IN (SELECT l.event_id FROM facts f JOIN event_facts l ON l.fact_id = f.fact_id WHERE f.noc_code = :id AND +f.status = 'current')
  AND e.retired_at IS NULL"""  # noqa: S608

_NAMES = {
    "pathways": "SELECT name FROM pathways WHERE pathway_id = ?",
    "jurisdictions": "SELECT name FROM jurisdictions WHERE jurisdiction_id = ?",
    "occupations": "SELECT 'NOC ' || noc_code || ', ' || title AS name FROM occupations WHERE noc_code = ?",
}


@dataclass(frozen=True)
class Telling:
    """How events become entries: the site's addresses, and the time of publication."""

    address_of: Callable[[str, str], str]
    published_at: str


def list_statements() -> dict[str, str]:
    """All SQL of this module by name, for whoever checks how SQLite answers it."""
    found = {"new": _NEW, "dated": _DATED, "naming": _NAMING}
    for scope, part in _PARTS.items():
        found[f"new of {scope}"], found[f"dated of {scope}"] = _scoped(scope, dated=False), _scoped(scope, dated=True)
        found[f"dated of many {scope}"] = _OF_MANY.format(part=part)
    return found


def _scoped(scope: str, *, dated: bool) -> str:
    chosen = f"AND event_date > '' AND +event_type IN {DATED}" if dated else ""
    return _OF.format(part=_PARTS[scope], columns=_COLUMNS, filter=chosen, order="event_date" if dated else "recorded_at")


async def name_scope(database: Database, scope: Scope, row_id: str) -> str | None:
    """What a feed of that scope is about, in words; None where there is no such pathway, jurisdiction or occupation."""
    if scope == "all":
        return "all pathways"
    found = await select(database, _NAMES[scope], row_id)
    return str(found[0]["name"]) if found else None


async def read_published_at(database: Database) -> str:
    """When the database was built."""
    return str((await select(database, "SELECT published_at FROM publication"))[0]["published_at"])


async def read_entries(database: Database, scope: Scope, row_id: str, telling: Telling) -> list[Entry]:
    """The newest events of a scope as entries of a feed, newest first."""
    events = await _read_events(database, scope, row_id, dated=False, most=RECENT)
    values, changes = await _read_values(database, events), await _read_changes(database, events)
    entries = []
    for event in events:
        published = spell_moment(event["recorded_at"], telling.published_at)
        updated = max(published, *(spell_moment(moment, telling.published_at) for moment in changes.get(event["event_id"], (published,))))
        entries.append(Entry(
            key=f"facts/events/{event['event_id']}",
            title=event["title"],
            updated=updated,
            published=published,
            link=telling.address_of("events", event["event_id"]),
            content="\n".join([*values.get(event["event_id"], []), *_say_standing(event)]),
            categories=(event["event_type"], *([event["pathway_id"]] if event["pathway_id"] else [])),
        ))
    return sorted(entries, key=lambda entry: entry.updated, reverse=True)


async def read_dates(database: Database, scope: Scope, row_id: str, telling: Telling) -> list[Day]:
    """Days ahead and past of a scope, as far as they are known to the day."""
    events = await _read_events(database, scope, row_id, dated=True, most=DATES)
    values = await _read_values(database, events)
    days = []
    for event in events:
        span = read_days(event["event_date"])
        if span is None:
            continue
        days.append(Day(
            key=f"facts/events/{event['event_id']}",
            title=event["title"],
            first=span[0],
            last=span[1],
            text="\n".join([*values.get(event["event_id"], []), *_say_standing(event)]),
            link=telling.address_of("events", event["event_id"]),
            updated=spell_moment(event["recorded_at"], telling.published_at),
            category=event["event_type"],
            status={"cancelled": "CANCELLED", "announced": "CONFIRMED"}.get(event["stance"], "TENTATIVE"),
        ))
    return days


async def _read_events(database: Database, scope: Scope, row_id: str, *, dated: bool, most: int) -> list[Row]:
    named = {"id": row_id, "most": most, "each": min(most, EACH)}
    if scope == "all":
        return await _ask(database, _DATED if dated else _NEW, named)
    many = dated and (await _ask(database, _COUNT.format(part=_PARTS[scope]), {"id": row_id}))[0]["n"] > MANY
    found = await _ask(database, _OF_MANY.format(part=_PARTS[scope]) if many else _scoped(scope, dated=dated), named)
    if scope == "occupations":
        order = "event_date" if dated else "recorded_at"
        naming = [row for row in await _ask(database, _NAMING, named) if not dated or (row["event_date"] and row["event_type"] in DATED)]
        merged = {row["event_id"]: row for row in (*found, *naming)}
        found = sorted(merged.values(), key=lambda row: (row[order], row["event_id"]), reverse=True)[:most]
    return found


async def _ask(database: Database, sql: str, named: dict[str, object]) -> list[Row]:
    return [dict(row) for row in (await database.execute(sql, named)).rows]


async def _read_values(database: Database, events: list[Row]) -> dict[str, list[str]]:
    """By event, its best supported values in words."""
    rows = await select(
        database,
        f"SELECT event_id, attribute_id, scope, unit, value FROM event_values WHERE place = 1 AND event_id IN ({_marks(events)}) ORDER BY event_id, attribute_id, scope",  # noqa: S608
        *(event["event_id"] for event in events),
    )
    said: dict[str, list[str]] = {}
    for row in rows:
        part = f" ({show(row['scope'])[:80]})" if row["scope"] else ""
        lines = said.setdefault(row["event_id"], [])
        if len(lines) < 12:
            lines.append(f"{say_attribute(row['attribute_id'])}{part}: {say_value(row['attribute_id'], row['value'][:200], row['unit'])}")
    return said


async def _read_changes(database: Database, events: list[Row]) -> dict[str, tuple[str, str]]:
    """By event, when a text last gave and last ceased to give one of its facts."""
    rows = await select(
        database,
        "SELECT l.event_id, max(f.recorded_at) AS told, max(f.retired_at) AS gone FROM event_facts l JOIN facts f ON f.fact_id = l.fact_id "  # noqa: S608 - question marks
        f"WHERE l.event_id IN ({_marks(events)}) GROUP BY l.event_id",
        *(event["event_id"] for event in events),
    )
    return {row["event_id"]: (row["told"], row["gone"] or row["told"]) for row in rows}


def _marks(rows: list[Row]) -> str:
    return ", ".join("?" * len(rows))


def _say_standing(event: Row) -> list[str]:
    """What is known of an event besides its values: its date, who says so, whether they agree."""
    lines = [f"Date: {say_date(event['event_date'])}"] if event["event_date"] else []
    if event["official"]:
        lines.append("An authority says so.")
    owners = event["owners"]
    if owners:
        lines.append(f"Reported by {owners} {'owner' if owners == 1 else 'independent owners'} of news sources or authorities.")
    if event["conflict"]:
        lines.append("Sources disagree on its figures.")
    lines.append(f"Status: {event['status'].replace('_', ' ')}.")
    return lines
