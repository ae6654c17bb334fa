"""Which facts must be sorted into events again, and reading them.

A block is a set of facts on one pathway that can only be one event with each other: those of a draw's day, of a cap's
period, of a fee's value, of dates near each other, or of all lists. What changed since the last time touches blocks.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from db.civil_dates import find_days
from db.decisions import list_targets
from db.linking import FactRow, Text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from db.event_rows import Planned
    from db.event_rules import Family, Rules

_MONTH = 31


class Block(NamedTuple):
    """Facts of one attribute on a pathway: all, those of no single day (undrawn), those with a value, a period, or a value and no period."""

    family: str
    attribute: str
    column: Literal["undrawn", "value", "period", "undated", "all"]
    key: str


@dataclass
class Touched:
    """What changed: everything, or blocks by pathway, and the events whose facts changed."""

    whole: bool = False
    blocks: Mapping[str, Sequence[Block]] = field(default_factory=dict)
    events: Iterable[str] = ()


_FACT = """f.fact_id, f.version_id, f.pathway_id, f.attribute_id, f.value, f.value_num, f.value_high, f.unit, f.comparator, f.period, f.modality, f.scope, f.rule, f.score, f.basis = 'reviewed',
  f.retired_at IS NOT NULL, l.event_id, l.link_rule, l.role, f.retired_at IS NULL OR f.retired_reason = 'article_changed' AND f.comparator <> 'delta'"""
_USABLE = "(f.retired_at IS NULL OR f.retired_reason = 'article_changed' OR l.event_id IS NOT NULL)"
_WHERE = {
    "all": "", "undrawn": " AND (f.period IS NULL OR f.period NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')", "value": " AND f.value = ?3", "period": " AND f.period = ?3", "undated": " AND f.value = ?3 AND f.period IS NULL",
}
_TEXT = """v.version_id, v.article_id, a.source_id, o.owner_group, s.official, coalesce(t.story_id, v.article_id), substr(coalesce(v.published, v.modified, ''), 1, 10), v.held = 0 AND s.text_policy <> 'metadata'
  FROM article_versions v JOIN articles a ON a.article_id = v.article_id JOIN sources s ON s.source_id = a.source_id LEFT JOIN stories t ON t.article_id = a.article_id
  JOIN articles b ON b.article_id = coalesce(t.story_id, a.article_id) JOIN sources o ON o.source_id = b.source_id"""


class Reader:
    """Reads facts with what events need to know of their texts. Facts that aren't published don't count for events."""

    def __init__(self, connection: sqlite3.Connection, rules: Rules, parents: Mapping[str, str | None], *, preload: bool) -> None:
        self._connection, self._rules, self._parents = connection, rules, parents
        self._texts: dict[str, Text | None] = {}
        self._families: dict[tuple[str, str, str | None], Family | None] = {}
        if preload:
            self._keep_texts(connection.execute(f"SELECT {_TEXT}"))

    def family_of(self, fact: FactRow) -> Family | None:
        """The family that a fact is sorted into."""
        key = (fact.attribute_id, fact.pathway_id, fact.period)
        if key not in self._families:
            self._families[key] = self._rules.sort_fact(*key, self._parents)
        return self._families[key]

    def read(self, pathway_id: str, blocks: Sequence[Block]) -> tuple[list[FactRow], list[FactRow]]:
        """The facts of some blocks of a pathway (all of it where none is given), and linked ones that don't count any more."""
        facts: dict[str, FactRow] = {}
        past: dict[str, FactRow] = {}
        join = "FROM facts f LEFT JOIN event_facts l ON l.fact_id = f.fact_id"
        everything: list[Block | None] = [None]
        for block in blocks or everything:
            if block is None:
                rows = self._connection.execute(f"SELECT {_FACT} {join} WHERE f.pathway_id = ? AND {_USABLE}", [pathway_id])
            else:
                given = [pathway_id, block.attribute, *([block.key] if block.key else [])]
                rows = self._connection.execute(f"SELECT {_FACT} {join} WHERE f.pathway_id = ?1 AND f.attribute_id = ?2{_WHERE[block.column]} AND {_USABLE}", given)
            for fact, counts in self._make(rows.fetchall()):
                if block is None or (family := self.family_of(fact)) is None or family.id == block.family:
                    (facts if counts else past)[fact.fact_id] = fact
        return list(facts.values()), [fact for fact in past.values() if fact.event_id]

    def read_events(self, event_ids: Sequence[str] | None) -> Iterator[tuple[str, list[FactRow]]]:
        """The linked facts of some events, or of all that have any, by event."""
        query = f"SELECT {_FACT} FROM event_facts l CROSS JOIN facts f ON f.fact_id = l.fact_id"  # noqa: S608 - constant
        if event_ids is None:
            event_id, members = "", list[FactRow]()
            for fact, _ in self._make(self._connection.execute(f"{query} ORDER BY l.event_id")):
                if fact.event_id != event_id:
                    if members:
                        yield event_id, members
                    event_id, members = fact.event_id or "", []
                members.append(fact)
            if members:
                yield event_id, members
            return
        for event_id in event_ids:
            yield event_id, [fact for fact, _ in self._make(self._connection.execute(f"{query} WHERE l.event_id = ?", [event_id]).fetchall())]

    def _make(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[FactRow, bool]]:
        for row in rows:
            version_id = row[1]
            if version_id not in self._texts:
                self._keep_texts(self._connection.execute(f"SELECT {_TEXT} WHERE v.version_id = ?", [version_id]))
            text = self._texts[version_id]
            yield FactRow._make((*row[:-1], text or _NO_TEXT)), bool(row[-1]) and text is not None

    def _keep_texts(self, rows: Iterable[tuple[Any, ...]]) -> None:
        for version_id, *text, published in rows:
            self._texts[version_id] = Text(text[0], text[1], text[2], bool(text[3]), text[4], text[5]) if published else None


_NO_TEXT = Text("", "", "", False, "", "")


# ---------------------------------------------------------------- what changed


def find_touched(
    connection: sqlite3.Connection, rules: Rules, draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None], planned: Planned, *, whole: bool,
) -> Touched:
    """What changed since events were settled last."""
    before = dict(connection.execute("SELECT name, value FROM settlements").fetchall())
    now = _read_marks(connection, rules, draws, parents, planned)
    if whole or before.keys() != now.keys() or any(before[name] != now[name] for name in ("rules", "sources", "parents", "planned")):
        return Touched(whole=True)
    decided = list_targets(connection, int(before["review"]))
    _touch_facts(connection, before, decided[0])
    blocks: dict[str, set[Block]] = defaultdict(set)
    dates: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    touched = connection.execute("SELECT DISTINCT f.pathway_id, f.attribute_id, f.value, f.period FROM touched_facts t CROSS JOIN facts f ON f.fact_id = t.fact_id").fetchall()
    for pathway, attribute, value, period in touched:
        family = rules.sort_fact(attribute, pathway, period, parents)
        if family is None:
            continue
        if family.told_apart_by == "date":
            dates[pathway, attribute, family.id].add(value)
        else:
            blocks[pathway].update(_block(family, attribute, value, period))
    for (pathway, attribute, family_id), values in dates.items():
        near = _spread(connection, pathway, attribute, values, 2 * rules.family(family_id).window)
        blocks[pathway].update(Block(family_id, attribute, "value", value) for value in near)
    if before["draws"] != now["draws"]:
        for family in rules.families:
            if family.told_apart_by == "day":
                for pathway, attribute in connection.execute("SELECT DISTINCT pathway_id, attribute_id FROM facts").fetchall():
                    if attribute in family.attributes:
                        blocks[pathway].add(Block(family.id, attribute, "all", ""))
    events = {row[0] for row in connection.execute("SELECT DISTINCT l.event_id FROM touched_facts t CROSS JOIN event_facts l ON l.fact_id = t.fact_id")}
    events |= decided[1]
    if before["draws"] != now["draws"]:
        events.update(row[0] for row in connection.execute("SELECT event_id FROM events WHERE draw_id IS NOT NULL"))
    return Touched(blocks={pathway: sorted(found) for pathway, found in sorted(blocks.items())}, events=events)


def mark_settled(connection: sqlite3.Connection, rules: Rules, draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None], planned: Planned) -> None:
    """Note that events are up to date with all that is on record."""
    marks = _read_marks(connection, rules, draws, parents, planned)
    connection.executemany("INSERT INTO settlements (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", list(marks.items()))
    connection.execute("DELETE FROM unsettled_articles")


def list_pathways(connection: sqlite3.Connection) -> list[str]:
    """All pathways that facts are about."""
    return [row[0] for row in connection.execute("SELECT DISTINCT pathway_id FROM facts ORDER BY pathway_id")]


def _read_marks(connection: sqlite3.Connection, rules: Rules, draws: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None], planned: Planned) -> dict[str, str]:
    sources = connection.execute("SELECT source_id, owner_group, official, text_policy FROM sources ORDER BY source_id").fetchall()
    [(log_id, history_id, review)] = connection.execute(
        "SELECT (SELECT coalesce(max(log_id), 0) FROM fact_log), (SELECT coalesce(max(history_id), 0) FROM row_history), (SELECT coalesce(max(rowid), 0) FROM reviews)",
    )
    return {
        "rules": rules.digest, "sources": _digest(sources), "parents": _digest(sorted(parents.items())), "draws": _digest([list(draw.values()) for draw in draws]),
        "planned": _digest(sorted((list(key), numbers) for key, numbers in planned.items())),
        "log": str(log_id), "history": str(history_id), "review": str(review),
    }


def _digest(rows: Any) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _touch_facts(connection: sqlite3.Connection, before: Mapping[str, str], decided: Iterable[str]) -> None:
    """Collect the facts that were added, retired, revived, changed in place or decided on, or whose text or story counts otherwise now."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS touched_facts (fact_id TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.execute("DELETE FROM touched_facts")
    connection.execute("INSERT OR IGNORE INTO touched_facts SELECT fact_id FROM fact_log WHERE log_id > ?", [int(before["log"])])
    connection.execute("INSERT OR IGNORE INTO touched_facts SELECT target_id FROM reviews WHERE rowid > ? AND target_type = 'fact'", [int(before["review"])])
    connection.execute("INSERT OR IGNORE INTO touched_facts SELECT row_id FROM row_history WHERE history_id > ? AND table_name = 'facts'", [int(before["history"])])
    connection.executemany("INSERT OR IGNORE INTO touched_facts VALUES (?)", [(fact_id,) for fact_id in decided])
    versions = {row[0] for row in connection.execute("SELECT row_id FROM row_history WHERE history_id > ? AND table_name = 'article_versions'", [int(before["history"])])}
    versions |= {row[0] for row in connection.execute("SELECT v.version_id FROM unsettled_articles u JOIN article_versions v ON v.article_id = u.article_id")}
    connection.executemany("INSERT OR IGNORE INTO touched_facts SELECT fact_id FROM facts WHERE version_id = ?", [(version_id,) for version_id in versions])


def _block(family: Family, attribute: str, value: str, period: str | None) -> list[Block]:
    if family.told_apart_by == "list":
        return [Block(family.id, name, "undrawn", "") for name in family.attributes]
    if family.told_apart_by == "day":
        day = value if attribute == "draw_on" else period
        return [Block(family.id, name, "value" if name == "draw_on" else "period", day) for name in family.attributes] if day else []
    if family.told_apart_by == "period":
        return [Block(family.id, attribute, "period", period) if period else Block(family.id, attribute, "undated", value)]
    return [Block(family.id, attribute, "value", value)]


def _spread(connection: sqlite3.Connection, pathway: str, attribute: str, values: set[str], gap: int) -> set[str]:
    """The values of dates that may be one event with some, directly or by way of others between them."""
    rows = connection.execute("SELECT DISTINCT value FROM facts WHERE pathway_id = ? AND attribute_id = ?", [pathway, attribute])
    spans = sorted((days, row[0]) for row in rows if (days := find_days(row[0])) and days[1] - days[0] < _MONTH)
    near = set(values)
    chain: list[str] = []
    end = 0
    for (low, high), value in spans:
        if chain and low > end + gap:
            near |= set(chain) if near & set(chain) else set()
            chain = []
        end = max(end, high) if chain else high
        chain.append(value)
    return near | (set(chain) if near & set(chain) else set())
