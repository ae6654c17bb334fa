"""Events in the archive: built from facts, kept up to date by what changed, with ids that never vanish.

`settle_events` sorts facts into events (`db.linking`), notes which fact was tied to which event by which rule, and
describes each event whose facts changed (`db.event_rows`). Where little changed, only the blocks of facts are sorted
again that share a pathway, a kind and a date or value with what changed; the outcome is that of sorting all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from db.decisions import NEW, NOTE, RULE, read_decisions
from db.event_blocks import Reader, find_touched, list_pathways, mark_settled
from db.event_rows import derive_status, describe_event
from db.event_rules import load_rules
from db.history import note_before
from db.linking import Cluster, cluster_facts, name_clusters
from db.record_rows import find_planned, read_record
from db.rounds import EXPRESS_ENTRY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from db.archive import Archive
    from db.decisions import Decisions
    from db.event_blocks import Block
    from db.event_rows import Planned
    from db.event_rules import Rules
    from db.linking import FactRow


CACHE_KB = 131_072
"""Pages of the database that are kept in memory meanwhile."""


def settle_events(
    archive: Archive, pathway_parents: Mapping[str, str | None], at: str, pathway_of_round: Callable[[str, str], str | None] = lambda _name, _program: None, *, whole: bool = False,
) -> int:
    """Bring events up to date with facts, stories, sources, the official record and the rules. Run `settle_stories` first.

    Args:
        archive: The database.
        pathway_parents: Pathway id to its parent's.
        at: Now, UTC; the status of events is that of its day.
        pathway_of_round: The pathway that a round's name and programs stand for, or None.
        whole: Sort all facts again, whatever changed.

    Returns:
        How many events were described anew.
    """
    connection, rules = archive.db.conn, load_rules()
    connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")  # SQLite's 2 MB make it read the pages of hot facts again and again
    with archive.db.atomic():
        draws = read_draws(connection, pathway_of_round)
        planned = find_planned(read_record(connection), at[:10])
        touched = find_touched(connection, rules, draws, pathway_parents, planned, whole=whole)
        reader = Reader(connection, rules, pathway_parents, preload=touched.whole)
        events = set(touched.events) | _mint_draws(connection, draws, at)
        moves: dict[str, Counter[str]] = {}
        decisions = read_decisions(connection)
        for pathway_id, blocks in [(pathway, ()) for pathway in list_pathways(connection)] if touched.whole else touched.blocks.items():
            for event_id, went in _link_pathway(connection, reader, rules, decisions, pathway_id, blocks, draws, pathway_parents, at).items():
                moves.setdefault(event_id, Counter()).update(went)
        described = _describe(connection, reader, rules, None if touched.whole else events | set(moves), draws, planned, at)
        _redirect(connection, moves, decisions, at)
        _find_predecessors(connection, None if touched.whole else events | set(moves))
        refresh_statuses(connection, at[:10])
        mark_settled(connection, rules, draws, pathway_parents, planned)
    return described


def read_draws(connection: sqlite3.Connection, pathway_of_round: Callable[[str, str], str | None]) -> list[dict[str, Any]]:
    """The official record, by date, each draw with the pathway that its round's name stands for."""
    names = ("draw_id", "system", "number", "draw_date", "name", "program", "invitations", "invitations_comparator", "cutoff_score", "pathway_id")
    rows = connection.execute(f"SELECT {', '.join(names)} FROM draws ORDER BY draw_date, draw_id").fetchall()  # noqa: S608 - names of our own columns
    draws = [dict(zip(names, row, strict=True)) for row in rows]
    return [draw | {"pathway_id": pathway_of_round(draw["name"], draw["program"] or "")} if draw["system"] == EXPRESS_ENTRY else draw for draw in draws]


def refresh_statuses(connection: sqlite3.Connection, today: str) -> None:
    """Let what was scheduled be in effect or over where its day has come."""
    due = connection.execute(
        """SELECT event_id, stance, effective_date, end_date, status FROM events
           WHERE (status = 'scheduled' AND effective_date <= ?1) OR (status IN ('in_effect', 'announced', 'scheduled') AND end_date <= ?1)""",
        [today],
    ).fetchall()
    changes = [(new, event_id) for event_id, stance, effective, end, status in due if (new := derive_status(stance, effective, end, today)) != status]
    connection.executemany("UPDATE events SET status = ? WHERE event_id = ?", changes)


def restore_links(connection: sqlite3.Connection, until: str) -> None:
    """Tie facts to events again as they were tied at a time, and forget what came later; then settle with `whole`.

    For a copy of the archive that is to be as it was. Ids minted later are gone, redirects made later are undone.
    """
    connection.execute("DELETE FROM event_facts WHERE linked_at > ?", [until])
    connection.execute("DELETE FROM event_link_log WHERE linked_at > ?", [until])
    connection.execute(
        """INSERT OR REPLACE INTO event_facts (fact_id, event_id, role, link_rule, link_score, linked_at)
           SELECT fact_id, event_id, 'support', link_rule, 0, linked_at FROM event_link_log WHERE unlinked_at > ?""", [until],
    )
    connection.execute("DELETE FROM event_link_log WHERE unlinked_at > ?", [until])
    connection.execute("DELETE FROM event_values WHERE event_id IN (SELECT event_id FROM events WHERE recorded_at > ?)", [until])
    connection.execute("DELETE FROM event_redirects WHERE at > ? OR new_event_id IN (SELECT event_id FROM events WHERE recorded_at > ?)", [until, until])
    connection.execute("UPDATE events SET predecessor_id = NULL")
    connection.execute("DELETE FROM events WHERE recorded_at > ?", [until])
    connection.execute("UPDATE events SET retired_at = NULL WHERE retired_at > ?", [until])


# ---------------------------------------------------------------- linking


def _link_pathway(
    connection: sqlite3.Connection, reader: Reader, rules: Rules, decisions: Decisions, pathway_id: str, blocks: Sequence[Block], draws: Sequence[Mapping[str, Any]],
    parents: Mapping[str, str | None], at: str,
) -> dict[str, Counter[str]]:
    """Sort a pathway's facts (those of some blocks, or all) into events.

    Returns:
        Event id to the events that its facts went to, for each event that gained or lost a fact.
    """
    facts, past = reader.read(pathway_id, blocks)
    families: dict[str, list[FactRow]] = defaultdict(list)
    alone: list[Cluster] = []
    for fact in facts:
        if family := reader.family_of(fact):
            if decisions.moved.get(fact.fact_id) == NEW:
                alone.append(Cluster(family.id, pathway_id, f"{RULE} {fact.fact_id}", facts=[(fact, RULE)]))
            else:
                families[family.id].append(fact)
    clusters: list[Cluster] = []
    for family in rules.families:
        if members := families.get(family.id):
            clusters += cluster_facts(family, members, draws, parents)
    clusters += alone
    minted = dict(connection.execute("SELECT dedupe_key, event_id FROM events WHERE pathway_id = ? AND draw_id IS NULL", [pathway_id]).fetchall())
    loose = {fact.fact_id: fact for fact in (*facts, *past) if fact.event_id}
    moves: dict[str, Counter[str]] = {}
    new, links, left, decided = [], [], [], decisions.any
    for cluster, event_id, key in name_clusters(clusters, minted, lambda fact: decisions.find_claim(fact.fact_id, fact.event_id, fact.linked_by)):
        placed = [(fact, *place) for fact, rule in cluster.facts if (place := decisions.place(fact.fact_id, event_id, rule) if decided else (event_id, rule))]
        if not cluster.draw_id and key not in minted and any(target == event_id for _, target, _ in placed):
            new.append((event_id, cluster.family, pathway_id, key, at))
        for fact, target, rule in placed:
            loose.pop(fact.fact_id, None)
            if (fact.event_id, fact.linked_by, fact.linked_as) != (target, rule, fact.role):
                links.append((fact.fact_id, target, fact.role, rule, rules.links[rule].score, at))
                moves.setdefault(target, Counter())
                if fact.event_id and fact.event_id != target:
                    left.append((at, fact.fact_id))
                    moves.setdefault(fact.event_id, Counter())[target] += 1
    for fact in loose.values():
        left.append((at, fact.fact_id))
        moves.setdefault(fact.event_id or "", Counter())
    connection.executemany(
        """INSERT INTO events (event_id, event_type, pathway_id, title, stance, status, dedupe_key, facts, articles, stories, owners, official, conflict, recorded_at)
           VALUES (?, ?, ?, '', 'reported', 'reported', ?, 0, 0, 0, 0, 0, 0, ?)""", new,
    )
    connection.executemany(
        """INSERT INTO event_link_log (fact_id, event_id, link_rule, linked_at, unlinked_at)
           SELECT fact_id, event_id, link_rule, linked_at, ?1 FROM event_facts WHERE fact_id = ?2""", left,
    )
    connection.executemany("DELETE FROM event_facts WHERE fact_id = ?", [(fact_id,) for fact_id in loose])
    connection.executemany(
        """INSERT INTO event_facts (fact_id, event_id, role, link_rule, link_score, linked_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (fact_id) DO UPDATE SET linked_at = CASE WHEN event_id = excluded.event_id THEN linked_at ELSE excluded.linked_at END,
             event_id = excluded.event_id, role = excluded.role, link_rule = excluded.link_rule, link_score = excluded.link_score""",
        links,
    )
    return moves


def _mint_draws(connection: sqlite3.Connection, draws: Iterable[Mapping[str, Any]], at: str) -> set[str]:
    """Let every draw on record be an event, reported or not; gives the ids of the new ones."""
    known = dict(connection.execute("SELECT draw_id, pathway_id FROM events WHERE draw_id IS NOT NULL").fetchall())
    new = [draw for draw in draws if draw["draw_id"] not in known]
    connection.executemany(
        """INSERT INTO events (event_id, event_type, pathway_id, title, stance, status, draw_id, dedupe_key, facts, articles, stories, owners, official, conflict, recorded_at)
           VALUES ('ev-' || ?1, 'draw', ?2, '', 'announced', 'announced', ?1, 'draw|' || ?1, 0, 0, 0, 0, 1, 0, ?3)""",
        [(draw["draw_id"], draw["pathway_id"], at) for draw in new],
    )
    connection.executemany(
        "UPDATE events SET pathway_id = ? WHERE draw_id = ?",
        [(draw["pathway_id"], draw["draw_id"]) for draw in draws if draw["draw_id"] in known and known[draw["draw_id"]] != draw["pathway_id"]],
    )
    return {f"ev-{draw['draw_id']}" for draw in new}


# ---------------------------------------------------------------- describing


def _describe(connection: sqlite3.Connection, reader: Reader, rules: Rules, event_ids: set[str] | None, draws: Iterable[Mapping[str, Any]], planned: Planned, at: str) -> int:
    """Write the columns and values of some events, or of all, from their facts; gives how many."""
    by_id = {draw["draw_id"]: draw for draw in draws}
    wanted = None if event_ids is None else sorted(event_ids)
    rows = _read_heads(connection, wanted)
    done, updates, values, retired = 0, list[tuple[Any, ...]](), list[tuple[Any, ...]](), list[tuple[str, str]]()
    empty = dict(rows)

    def write() -> None:
        connection.executemany("DELETE FROM event_values WHERE event_id = ?", [(update[-1],) for update in (*updates, *retired)])
        connection.executemany(_RETIRE, retired)
        connection.executemany(_UPDATE, updates)
        connection.executemany(_INSERT_VALUE, values)
        updates.clear()
        values.clear()
        retired.clear()

    def take(event_id: str, facts: Sequence[FactRow]) -> None:
        dedupe_key, draw_id, retired_at = rows[event_id]
        if not facts and draw_id is None:
            retired.append((at, event_id))
            return
        event, ranked = describe_event(rules.family(dedupe_key.partition("|")[0]), facts, by_id.get(draw_id or ""), at[:10], planned)
        live = draw_id is not None or any(fact.role in {"support", "background"} for fact in facts)
        if live and retired_at:
            names = ("retired_at", *_COLUMNS)
            row = connection.execute(f"SELECT {', '.join(names)} FROM events WHERE event_id = ?", [event_id]).fetchone()  # noqa: S608 - names of our own columns
            note_before(connection, "events", event_id, at, dict(zip(names, row, strict=True)))
        updates.append((*(event[name] for name in _COLUMNS), None if live else retired_at or at, event_id))
        values.extend((event_id, *(row[name] for name in _VALUE_COLUMNS)) for row in ranked)

    for event_id, facts in reader.read_events(wanted):
        empty.pop(event_id, None)
        take(event_id, facts)
        done += 1
        if len(updates) >= _BATCH:
            write()
    for event_id in empty:
        take(event_id, [])
        done += 1
    write()
    return done


def _read_heads(connection: sqlite3.Connection, event_ids: Sequence[str] | None) -> dict[str, tuple[str, str | None, str | None]]:
    query = "SELECT event_id, dedupe_key, draw_id, retired_at FROM events"
    if event_ids is None:
        return {row[0]: row[1:] for row in connection.execute(query)}
    return {event_id: row[1:] for event_id in event_ids for row in connection.execute(f"{query} WHERE event_id = ?", [event_id])}


_BATCH = 5_000
_COLUMNS = (
    "event_type", "title", "event_date", "announced_date", "effective_date", "end_date", "period", "stance", "status", "facts", "articles", "stories",
    "owners", "official", "conflict", "first_reported", "last_reported",
)
_UPDATE = f"UPDATE events SET {', '.join(f'{name} = ?' for name in _COLUMNS)}, retired_at = ? WHERE event_id = ?"  # noqa: S608 - names of our own columns
_RETIRE = """UPDATE events SET facts = 0, articles = 0, stories = 0, owners = 0, official = 0, conflict = 0, predecessor_id = NULL, retired_at = coalesce(retired_at, ?)
  WHERE event_id = ?"""
_VALUE_COLUMNS = (
    "attribute_id", "scope", "unit", "value", "value_num", "rank", "place", "conflict", "basis", "on_record", "facts", "owners", "best_fact_id", "first_reported", "last_reported",
)
_INSERT_VALUE = f"INSERT INTO event_values (event_id, {', '.join(_VALUE_COLUMNS)}) VALUES ({', '.join('?' * (len(_VALUE_COLUMNS) + 1))})"  # noqa: S608 - as above


# ---------------------------------------------------------------- between events


def _redirect(connection: sqlite3.Connection, moves: Mapping[str, Counter[str]], decisions: Decisions, at: str) -> None:
    """Lead ids of events that lost all their facts to the event that has most of them now; ids that have facts again lead nowhere."""
    for old, went in sorted(moves.items()):
        if _has_facts(connection, old):
            connection.execute("DELETE FROM event_redirects WHERE old_event_id = ?", [old])
            continue
        if not went or old in decisions.dropped or old in decisions.merged or connection.execute("SELECT draw_id FROM events WHERE event_id = ?", [old]).fetchone()[0]:
            continue
        new = min(went, key=lambda event_id: (-went[event_id], event_id))
        [(draw_id, title)] = connection.execute("SELECT draw_id, title FROM events WHERE event_id = ?", [new])
        _lead(connection, old, new, "on_record" if draw_id else "merged", at, f"{went[new]} of its facts are tied to {title!r} now.")
    for old in sorted(decisions.dropped):
        connection.execute("DELETE FROM event_redirects WHERE old_event_id = ?", [old])
    for old in sorted(decisions.undone):
        connection.execute("DELETE FROM event_redirects WHERE old_event_id = ? AND note = ?", [old, NOTE])
    for old in sorted(decisions.merged):
        new = decisions.resolve(old)
        if new != old and new not in decisions.dropped and not _has_facts(connection, old):
            _lead(connection, old, new, "merged", at, NOTE)


def _has_facts(connection: sqlite3.Connection, event_id: str) -> bool:
    return connection.execute("SELECT 1 FROM event_facts WHERE event_id = ? LIMIT 1", [event_id]).fetchone() is not None


def _lead(connection: sqlite3.Connection, old: str, new: str, reason: str, at: str, note: str) -> None:
    """Let an event's id lead to another one, and what led to it, too."""
    connection.execute("DELETE FROM event_redirects WHERE old_event_id = ?", [new])
    connection.execute("UPDATE event_redirects SET new_event_id = ? WHERE new_event_id = ?", [new, old])
    connection.execute(
        """INSERT INTO event_redirects (old_event_id, new_event_id, reason, at, note) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (old_event_id) DO UPDATE SET reason = excluded.reason, note = excluded.note, new_event_id = excluded.new_event_id,
             at = CASE WHEN new_event_id = excluded.new_event_id THEN at ELSE excluded.at END""",
        [old, new, reason, at, note],
    )


def _find_predecessors(connection: sqlite3.Connection, event_ids: Iterable[str] | None) -> None:
    """Name for each event the one of its type and pathway before it, where some of them changed."""
    update = """UPDATE events SET predecessor_id = p.before FROM (
        SELECT event_id, lag(event_id) OVER (PARTITION BY pathway_id, event_type ORDER BY coalesce(event_date, first_reported, ''), event_id) AS before
        FROM events WHERE retired_at IS NULL AND pathway_id IS NOT NULL{}) p
      WHERE events.event_id = p.event_id AND events.predecessor_id IS NOT p.before"""
    connection.execute("UPDATE events SET predecessor_id = NULL WHERE retired_at IS NOT NULL AND predecessor_id IS NOT NULL")
    if event_ids is None:
        connection.execute(update.format(""))
        return
    touched = {row for event_id in event_ids for row in connection.execute("SELECT pathway_id, event_type FROM events WHERE event_id = ?", [event_id])}
    for pathway_id, event_type in sorted(touched, key=str):
        connection.execute(update.format(" AND pathway_id = ? AND event_type = ?"), [pathway_id, event_type])
