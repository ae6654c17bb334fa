"""What a pathway's page shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from db.site.pages.event import EVENT, read_figures
from db.site.pages.limits import read_limits
from db.site.pages.rows import BRIEF, Row, read_today, select
from db.site.pages.taken import read_excluded, read_lists, read_reported
from db.site.pages.timeline import read_timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from datasette.database import Database

PARTS = 150  # streams and categories below a pathway
DRAWS = 12  # rows of its table of draws
CHARTED = 500  # draws in its charts
EACH = 3  # facts of one attribute
_COUNTED = 100  # facts of one attribute that are looked through for the latest, and counted
NEW = 5  # events under "What changed lately"
_CORRECTIONS = 500  # last corrections, among which are the pathway's
LISTED = {"eligible_noc", "excluded_noc"}
"""Attributes that have a section of their own."""
OF_DRAWS = {"draw_on", "invitations", "cutoff_score"}
"""Attributes of which the official draws tell better."""

_PARTS = f"""WITH RECURSIVE part(pathway_id) AS (SELECT ? UNION SELECT p.pathway_id FROM part JOIN pathways p ON p.parent_id = part.pathway_id LIMIT {PARTS})
SELECT pathway_id FROM part"""  # noqa: S608 - our own number

# Of each attribute its last facts by their period, found by one index; an authority's first where two are of one day.
_TOLD = f"""WITH found AS (
  SELECT f.fact_id, f.attribute_id, count(*) OVER (PARTITION BY f.attribute_id) AS counted,
         row_number() OVER (PARTITION BY f.attribute_id ORDER BY coalesce(f.period, f.value_date, f.published) DESC, s.official DESC, f.published DESC, f.fact_id) AS place
  FROM attributes kind CROSS JOIN facts f ON f.fact_id IN (
    SELECT fact_id FROM facts WHERE pathway_id = ? AND attribute_id = kind.attribute_id AND +status = 'current' ORDER BY period DESC LIMIT {_COUNTED + 1})
  JOIN sources s ON s.source_id = f.source_id
  WHERE kind.attribute_id NOT IN (SELECT value FROM json_each(?)))
SELECT b.*, n.counted FROM found n CROSS JOIN ({BRIEF}) b ON b.fact_id = n.fact_id WHERE n.place <= {EACH} ORDER BY b.attribute_id, n.place"""  # noqa: S608 - constants of our own


async def read_pathway(database: Database, pathway_id: str) -> Row:
    """A pathway with its names and relatives, its status, timeline, limits, draws, occupations, and facts by attribute."""
    found = await select(
        database,
        "SELECT p.*, u.name AS parent, j.name AS jurisdiction FROM pathways p LEFT JOIN pathways u ON u.pathway_id = p.parent_id "
        "JOIN jurisdictions j ON j.jurisdiction_id = p.jurisdiction_id WHERE p.pathway_id = ?",
        pathway_id,
    )
    if not found:
        return {}
    today = await read_today(database)
    parts = [row["pathway_id"] for row in await select(database, _PARTS, pathway_id)]
    draws = await read_draws(database, pathway_id, parts)
    told = await select(database, _TOLD, pathway_id, json.dumps(sorted(LISTED)))
    by_attribute: dict[str, list[Row]] = {}
    of_draws: dict[str, list[Row]] = {}
    for fact in told:
        (of_draws if fact["attribute_id"] in OF_DRAWS else by_attribute).setdefault(fact["attribute_id"], []).append(fact)
    return {
        "pathway": found[0],
        "today": today,
        "status": await read_status(database, found[0], draws, today),
        "aliases": await select(
            database,
            "SELECT alias, lang, kind FROM pathway_aliases WHERE pathway_id = ? "
            "ORDER BY kind = 'abbreviation' DESC, kind = 'official' DESC, kind = 'former' DESC, lang = 'en' DESC, length(alias), alias",
            pathway_id,
        ),
        "children": await read_children(database, pathway_id, today),
        "timeline": await read_timeline(database, pathway_id, parts, today),
        "limits": await read_limits(database, pathway_id, parts, today),
        "draws": draws[:DRAWS],
        "drawn": draws,
        "lists": await read_lists(database, pathway_id, today),
        "reported": await read_reported(database, pathway_id),
        "excluded": await read_excluded(database, pathway_id),
        "by_attribute": by_attribute,
        "of_draws": of_draws,
        "counted": _COUNTED,
        **await read_changed(database, pathway_id),
    }


# The order is that of v_pathway_status, which has the same for all pathways.
_TURN = f"""{EVENT} WHERE e.pathway_id = ? AND e.event_type IN ('opening', 'closure', 'cap_reached') AND e.retired_at IS NULL
AND e.stance NOT IN ('proposed', 'cancelled') AND e.effective_date <= ? ORDER BY e.effective_date DESC, e.event_type = 'opening', e.owners DESC, e.event_id LIMIT 1"""
_NEXT = f"""{EVENT} WHERE e.pathway_id = ? AND e.event_type IN ('opening', 'closure') AND e.retired_at IS NULL AND e.stance <> 'cancelled' AND e.effective_date > ?
ORDER BY e.effective_date, e.event_id LIMIT 3"""
_STATES = {"opening": "open", "cap_reached": "full", "closure": "closed"}


async def read_status(database: Database, pathway: Row, draws: Sequence[Row], today: str) -> Row:
    """Whether a pathway takes applications today.

    Gives `state` (open, full, closed, ended, draws where it invites by draws and nothing else is known, or unknown), `since`, the `event` that says so,
    a `fact` to quote, the `next` events and the `last_draw` of `draws`.
    """
    turns = await select(database, _TURN, pathway["pathway_id"], today)
    event = turns[0] if turns else None
    state, since = (_STATES[event["event_type"]], event["effective_date"]) if event else ("unknown", None)
    if pathway["valid_to"] and pathway["valid_to"] < today[: len(pathway["valid_to"])] and state in {"open", "unknown"}:
        state, since = "ended", pathway["valid_to"]
    last = next((draw for draw in draws if draw["draw_date"] <= today), None)
    if last and state == "unknown":
        state = "draws"
    following = await select(database, _NEXT, pathway["pathway_id"], today)
    return {
        "state": state,
        "since": since,
        "event": event,
        "fact": await _find_words(database, event["event_id"]) if event else None,
        "next": following,
        "next_figures": await read_figures(database, [row["event_id"] for row in following]),
        "last_draw": last,
    }


async def _find_words(database: Database, event_id: str) -> Row | None:
    """The fact that best says an opening or closing."""
    found = await select(
        database,
        f"{BRIEF} WHERE f.fact_id = coalesce((SELECT best_fact_id FROM event_values WHERE event_id = ?1 AND place = 1 AND attribute_id IN ('opens_on', 'closes_on', 'cap_reached_on')), "  # noqa: S608 - constants of our own
        "(SELECT fact_id FROM event_facts WHERE event_id = ?1 ORDER BY role = 'support' DESC, fact_id LIMIT 1))",
        event_id,
    )
    return found[0] if found else None


async def read_children(database: Database, pathway_id: str, today: str) -> list[Row]:
    """The pathways right below one, each with its last draw; those that have ended come last."""
    return await select(
        database,
        "SELECT p.pathway_id, p.name, p.kind, p.valid_to, coalesce(p.valid_to < substr(?, 1, length(p.valid_to)), 0) AS ended, "
        "(SELECT max(draw_date) FROM draws d WHERE d.pathway_id = p.pathway_id) AS last_draw FROM pathways p WHERE p.parent_id = ? ORDER BY ended, p.name LIMIT ?",
        today, pathway_id, PARTS,
    )  # fmt: skip


async def read_draws(database: Database, pathway_id: str, parts: Sequence[str]) -> list[Row]:
    """The last official draws of a pathway, of what is below it, or of the whole system that it is."""
    return await select(
        database,
        "SELECT d.draw_id, d.draw_date, d.number, d.name, d.program, d.pathway_id, d.invitations, d.invitations_comparator, d.cutoff_score, p.name AS pathway, d.system, s.name AS system_name "
        "FROM draws d LEFT JOIN pathways p ON p.pathway_id = d.pathway_id LEFT JOIN pathways s ON s.pathway_id = d.system WHERE d.draw_id IN ("
        "SELECT draw_id FROM draws WHERE pathway_id IN (SELECT value FROM json_each(?)) UNION SELECT draw_id FROM draws WHERE system = ?) "
        "ORDER BY d.draw_date DESC, d.draw_id DESC LIMIT ?",
        json.dumps(parts), pathway_id, CHARTED,
    )  # fmt: skip


async def read_changed(database: Database, pathway_id: str) -> Row:
    """What Landed learned last of a pathway: its `newest` events with `figures`, its `corrections`, and what the record `revised`."""
    newest = await select(
        database,
        f"{EVENT} WHERE e.event_id IN (SELECT event_id FROM events WHERE pathway_id = ? AND +retired_at IS NULL ORDER BY recorded_at DESC LIMIT {NEW})",  # noqa: S608 - our own number
        pathway_id,
    )
    return {
        "newest": await _stamp(database, newest),
        "figures": await read_figures(database, [event["event_id"] for event in newest]),
        "corrections": await select(
            database,
            f"SELECT lately.* FROM (SELECT * FROM corrections ORDER BY at DESC LIMIT {_CORRECTIONS}) lately CROSS JOIN facts f ON f.fact_id = lately.fact_id "  # noqa: S608 - our own number
            "WHERE f.pathway_id = ? ORDER BY lately.at DESC LIMIT 5",
            pathway_id,
        ),
        "revised": await select(
            database,
            "SELECT r.*, d.name, d.draw_date FROM draws d CROSS JOIN draw_revisions r ON r.draw_id = d.draw_id WHERE d.pathway_id = ? ORDER BY r.seen_at DESC LIMIT 5",
            pathway_id,
        ),
    }


async def _stamp(database: Database, events: Iterable[Row]) -> list[Row]:
    """Events with the moment at which each became known, the last first."""
    known = {event["event_id"]: event for event in events}
    stamps = await select(database, "SELECT event_id, recorded_at FROM events WHERE event_id IN (SELECT value FROM json_each(?))", json.dumps(list(known)))
    stamped = [known[row["event_id"]] | {"recorded_at": row["recorded_at"]} for row in stamps]
    return sorted(stamped, key=lambda event: (event["recorded_at"], event["event_date"] or "", event["event_id"]), reverse=True)
