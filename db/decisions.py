"""What people decided on events and on the links of facts to them, as linking applies it.

A rejected event is told by nobody; one that is another event leads to that one, with all its facts. A rejected link ties
the fact to no event; a corrected one ties it to the event that was named, or to one of its own (`new`). Facts are sorted
as ever before, and only then placed as people decided: a decision that is withdrawn leaves everything as it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

NEW = "new"
"""In the place of an event's id: an event of its own."""
RULE = "review"
"""The rule of links that a person made."""
NOTE = "A reviewer found that both are one."
_MARK = "-ev-"


def name_link(fact_id: str, event_id: str) -> str:
    """The id under which the link of a fact to its event is judged."""
    return f"{fact_id}-{event_id}"


def split_link(target_id: str) -> tuple[str, str] | None:
    """The fact and event of a link's id; None where it names another link, as of a check to a draw."""
    fact_id, mark, rest = target_id.partition(_MARK)
    return (fact_id, f"ev-{rest}") if mark else None


@dataclass
class Decisions:
    """The standing decisions.

    Attributes:
        dropped: Events that were rejected; official draws can't be.
        merged: Event to the event that it is.
        apart: Facts with the events that they don't tell of.
        moved: Fact to the event that it tells of, or `NEW`.
        claims: Fact to the event that linking tied it to, before a decision took it from there.
        undone: Events whose merging was withdrawn.
        redirects: Event to the one that it was found to be by later texts.
    """

    dropped: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)
    apart: set[tuple[str, str]] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    redirects: Mapping[str, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is one that changes where facts belong, or did."""
        return bool(self.dropped or self.merged or self.apart or self.moved or self.claims)

    def find_claim(self, fact_id: str, event_id: str | None, linked_by: str | None) -> str | None:
        """The event that linking, without decisions, tied a fact to last."""
        return self.claims.get(fact_id, event_id) if linked_by in {None, RULE} else event_id

    def place(self, fact_id: str, event_id: str, rule: str) -> tuple[str, str] | None:
        """The event that a fact belongs to and the rule that ties it, where linking found `event_id` by `rule`; None for no event."""
        wanted = self.moved.get(fact_id, event_id)
        target = self.resolve(event_id if wanted == NEW else wanted)
        if target in self.dropped or event_id in self.dropped or (wanted == event_id and {(fact_id, event_id), (fact_id, target)} & self.apart):
            return None
        return target, rule if target == event_id else RULE

    def resolve(self, event_id: str) -> str:
        """The event that an event is, after all decisions and redirects."""
        seen = {event_id}
        while (following := self.merged.get(event_id) or self.redirects.get(event_id)) and following not in seen:
            seen.add(following)
            event_id = following
        return event_id


def read_decisions(connection: sqlite3.Connection) -> Decisions:
    """The standing decisions on events and links."""
    standing: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    for target_type, target_id, verdict, corrected in connection.execute(
        "SELECT target_type, target_id, verdict, corrected_json FROM reviews WHERE target_type IN ('event', 'link') ORDER BY reviewed_at, review_id",
    ):
        standing.pop((target_type, target_id), None)  # the newest decision comes last
        standing[target_type, target_id] = verdict, json.loads(corrected or "{}")
    decisions, concerned = Decisions(), set[str]()
    for (target_type, target_id), (verdict, corrected) in standing.items():
        link = split_link(target_id) if target_type == "link" else None
        if link:
            concerned.add(link[1])
            _take_link(connection, decisions, *link, verdict, corrected.get("event_id"))
        elif target_type == "event":
            concerned.add(target_id)
            _take_event(connection, decisions, target_id, verdict, corrected.get("event_id"))
    if concerned:
        marks = ", ".join("?" * len(concerned))
        decisions.claims = dict(connection.execute(f"SELECT fact_id, event_id FROM event_link_log WHERE link_rule <> '{RULE}' AND event_id IN ({marks}) ORDER BY log_id", sorted(concerned)).fetchall())  # noqa: S608 - only question marks
        redirects = connection.execute("SELECT old_event_id, new_event_id FROM event_redirects").fetchall()
        decisions.redirects = {old: new for old, new in redirects if old not in concerned}
    return decisions


def _take_link(connection: sqlite3.Connection, decisions: Decisions, fact_id: str, event_id: str, verdict: str, wanted: str | None) -> None:
    if verdict == "reject":
        decisions.apart.add((fact_id, event_id))
    elif verdict == "correct" and wanted and (wanted == NEW or _exists(connection, wanted)):
        decisions.moved[fact_id] = wanted


def _take_event(connection: sqlite3.Connection, decisions: Decisions, event_id: str, verdict: str, wanted: str | None) -> None:
    row = connection.execute("SELECT draw_id FROM events WHERE event_id = ?", [event_id]).fetchone()
    if row is None or row[0]:  # not here, or on the official record: that isn't ours to take back
        return
    if verdict == "reject":
        decisions.dropped.add(event_id)
    elif verdict == "correct" and wanted and wanted != event_id and _exists(connection, wanted):
        at: str | None = wanted
        while at and (following := decisions.merged.get(at)):
            if following == event_id:  # an older decision says the opposite: the newer one stands
                del decisions.merged[at]
                break
            at = following
        decisions.merged[event_id] = wanted
    else:
        decisions.undone.add(event_id)


def _exists(connection: sqlite3.Connection, event_id: str) -> bool:
    return connection.execute("SELECT 1 FROM events WHERE event_id = ?", [event_id]).fetchone() is not None


def list_targets(connection: sqlite3.Connection, after: int) -> tuple[set[str], set[str]]:
    """Facts and events that decisions taken in after a row of `reviews` are about."""
    facts, events = set[str](), set[str]()
    for target_type, target_id in connection.execute("SELECT target_type, target_id FROM reviews WHERE rowid > ? AND target_type IN ('event', 'link')", [after]):
        link = split_link(target_id) if target_type == "link" else None
        if link:
            facts.add(link[0])
            events.add(link[1])
        elif target_type == "event":
            events.add(target_id)
    for event_id in sorted(events) if events else ():
        facts.update(row[0] for row in connection.execute("SELECT fact_id FROM event_facts WHERE event_id = ?1 UNION SELECT fact_id FROM event_link_log WHERE event_id = ?1", [event_id]))
    return facts, {event_id for event_id in events if _exists(connection, event_id)}
