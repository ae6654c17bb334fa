"""A facts.db with a million facts, written straight into the public tables: what the site's benchmark is measured on.

Articles of 60 sources over ten years, ten facts each on one event of a pathway, two marks a fact; events with the facts
that tell of them; draws, checks, versions and what changed between them. The texts are made of invented words.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from db.schema import PUBLIC, PUBLIC_VIEWS, SCHEMA_VERSION
from db.tables import create_indexes, create_search, create_table, create_views
from landed import make_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_DAY = date(2016, 8, 1)
LAST_DAY = "2026-08-01"
NOW = f"{LAST_DAY}T00:00:00Z"
SOURCES = 60
OF_AN_EVENT = 5  # articles that tell of one event
WORDS = [f"{left}{right}" for left in ("pro", "con", "per", "sub", "trans", "inter", "re", "de", "im", "ex", "ad", "out") for right in ("gram", "vince", "mit", "ject", "fer", "view", "port", "cision", "tain", "late", "pose", "duct")]
KINDS = {
    "draw": ("draw_on", "invitations", "cutoff_score"), "cap_set": ("cap",), "opening": ("opens_on", "closes_on", "fee"), "list_change": ("eligible_noc",),
    "target": ("target",), "requirement_change": ("effective_on", "min_language", "processing_time", "min_wage"),
}  # fmt: skip
UNITS = {"invitations": "invitations", "cutoff_score": "points", "cap": "applications", "target": "people", "fee": "CAD", "min_language": "CLB", "min_wage": "CAD per hour", "eligible_noc": "NOC 2021"}


def key(*parts: object) -> str:
    """An id that looks like one of Landed's."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()[:16]


def identify_shape() -> str:
    """Changes with the tables, so that a file of an older shape isn't measured."""
    return hashlib.sha256("\n".join(one for table in PUBLIC for one in (create_table(table), *create_indexes(table), *create_search(table))).encode()).hexdigest()[:12]


def build_large(path: Path, articles: int) -> Path:
    """Write a facts.db with ten facts for each of `articles` to `path`, and return it."""
    growing = path.with_suffix(".new")
    growing.unlink(missing_ok=True)
    with closing(sqlite3.connect(growing, isolation_level=None)) as connection:
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        for table in PUBLIC:
            connection.execute(create_table(table))
        connection.execute("BEGIN")
        _fill(connection, articles)
        connection.execute("COMMIT")
        for table in PUBLIC:
            for statement in (*create_indexes(table), *create_search(table)):
                connection.execute(statement)
        for statement in create_views(PUBLIC_VIEWS):
            connection.execute(statement)
        connection.execute("ANALYZE")
        if lost := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise ValueError(f"{lost[0]} points to nothing in {lost[2]}")
    growing.replace(path)
    return path


def _fill(connection: sqlite3.Connection, articles: int) -> None:
    registry, chance = make_registry(), random.Random(7)
    for name in ("jurisdictions", "pathways", "pathway_aliases", "attributes", "occupations", "occupation_changes"):
        _insert(connection, name, getattr(registry, name))
    pathways = [(row["pathway_id"], row["name"]) for row in registry.pathways if row["jurisdiction_id"].startswith("CA")]
    chance.shuffle(pathways)
    pathways.sort(key=lambda one: one[0] != "ca-ee")  # the largest of all
    codes = [row["noc_code"] for row in registry.occupations if row["edition"] == "2021"]
    _insert(connection, "sources", ({
        "source_id": f"s{n}", "name": f"Outlet {n}", "publisher": f"Publisher {n % 40}", "owner_group": f"owner{n % 40}", "official": int(n < 6), "jurisdiction_id": "CA", "language": "en",
        "home_url": f"https://outlet{n}.example/", "cadence": "daily", "licence": "All rights reserved", "text_policy": "excerpt", "note": "", "kind": "feed"} for n in range(SOURCES)))
    _insert(connection, "source_health", ({"source_id": f"s{n}", "last_crawl_at": NOW, "last_success_at": NOW, "verdict": "ok", "reason": "", "requests": 5, "pages": 4, "new": 1, "changed": 0,
                                           "unchanged": 3, "not_modified": 0, "errors": 0, "errors_by_kind": "{}", "newest_published": LAST_DAY, "due_at": NOW} for n in range(SOURCES)))
    events = _make_events(max(8, articles // OF_AN_EVENT), pathways, codes, chance)
    _insert(connection, "captures", [_capture("feed", "s0")])
    _insert(connection, "draws", ({
        "draw_id": event["draw_id"], "pathway_id": event["pathway"], "system": "ca-ee", "number": str(number), "draw_date": event["day"], "name": event["name"], "program": event["name"],
        "invitations": event["figure"], "cutoff_score": event["score"], "pool_as_of": event["day"], "pool_total": 230_000, "source_id": "s0", "capture_id": "feed", "first_seen_at": NOW}
        for number, event in enumerate(event for event in events if event["draw_id"])))
    # Articles in the order of their days, as `landed publish` writes them; so are facts and events.
    told = sorted((min((date.fromisoformat(event["day"]) + timedelta(days=step)).isoformat(), LAST_DAY), place) for place, event in enumerate(events) for step in range(OF_AN_EVENT))
    for start in range(0, articles, 4000):
        rows: dict[str, list[dict[str, Any]]] = {}
        for number, (day, place) in enumerate(told[start:min(start + 4000, articles)], start):
            for table, row in _tell(number, day, events[place], chance):
                rows.setdefault(table, []).append(row)
        for table, members in rows.items():
            _insert(connection, table, members)
    _finish_events(connection, events)
    _insert(connection, "publication", [{"published_at": NOW, "schema_version": SCHEMA_VERSION, "pipeline_version": "bench", "digest": key("publication", articles) * 4}])


def _make_events(count: int, pathways: list[tuple[str, str]], codes: list[str], chance: random.Random) -> list[dict[str, Any]]:
    """Events in the order of their days; the first pathway has about one in eight."""
    weights = [1 / (rank + 1.5) for rank in range(len(pathways))]
    events = []
    for number in range(count):
        kind = chance.choice(tuple(KINDS))
        pathway, name = chance.choices(pathways, weights)[0]
        day = (FIRST_DAY + timedelta(days=int(3700 * number / count))).isoformat()
        official = kind == "draw" and number % 10 == 0
        events.append({"id": f"ev-{key('event', number)}", "kind": kind, "pathway": pathway, "name": name, "day": day, "figure": chance.randrange(50, 9000), "score": chance.randrange(250, 560),
                       "codes": chance.sample(codes, 10), "draw_id": f"ca-ee-{number}" if official else None})
        if official:
            events[-1]["id"] = f"ev-ca-ee-{number}"
    return events


def _value(attribute: str, event: dict[str, Any], at: int) -> tuple[str, float | None, str | None]:
    """A fact's value, number and date."""
    if attribute.endswith("_on"):
        day = (date.fromisoformat(event["day"]) + timedelta(days=30 * at)).isoformat()
        return day, None, day
    if attribute == "eligible_noc":
        return event["codes"][at], None, None
    if attribute == "processing_time":
        return f"P{event['figure'] % 40 + 1 + at}D", None, None
    figure = event["score"] if attribute == "cutoff_score" else event["figure"] + at
    return str(figure), figure, None


def _capture(capture: str, source: str) -> dict[str, Any]:
    return {"capture_id": capture, "source_id": source, "url": f"https://outlet.example/{capture}", "fetched_at": NOW, "status": 200, "content_type": "text/html", "payload_sha256": "ab" * 32,
            "warc_file": "2026/bench.warc.gz", "warc_offset": 1}


def _tell(number: int, day: str, event: dict[str, Any], chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of one article on an event, each with its table."""
    article, source = key("article", number), f"s{chance.randrange(SOURCES)}"
    title = f"{event['name']}: {' '.join(chance.choices(WORDS, k=6))}"
    yield "stories", {"story_id": article, "title": title, "published": day, "articles": 1, "sources": 1, "owners": 1, "similarity": None}
    versions = 2 if number % 10 == 0 else 1
    yield "articles", {"article_id": article, "title": title, "source_id": source, "url": f"https://outlet.example/{number}", "published": day, "language": "en", "story_id": article,
                       "versions": versions, "facts": 10, "first_seen_at": f"{day}T12:00:00Z", "last_checked_at": NOW}
    for version in range(1, versions + 1):
        yield "captures", _capture(f"c-{article}-{version}", source)
        yield "article_versions", {
            "version_id": f"{article}{version}", "article_id": article, "version_no": version, "title": title, "published": day, "change_kind": "first" if version == 1 else "edit",
            "text_sha256": "cd" * 32, "template": "bench@1", "capture_id": f"c-{article}-{version}", "recorded_at": f"{day}T12:00:00Z"}
    if versions > 1:
        yield "version_changes", {"version_id": f"{article}2", "place": 1, "previous_id": f"{article}1", "article_id": article, "kind": "replaced", "context_before": "before ", "old_passage": "old",
                                  "new_passage": "new", "context_after": " after", "old_start": 7, "old_end": 10, "new_start": 7, "new_end": 10}
    for at in range(10):
        attribute = KINDS[event["kind"]][at % len(KINDS[event["kind"]])]
        value, figure, on = _value(attribute, event, at)
        fact, start = key("fact", number, at), 400 + 200 * at
        before, after = (" ".join(chance.choices(WORDS, k=8)) for _ in range(2))
        words = f"{event['name']} {' '.join(chance.choices(WORDS, k=9))} {value} {attribute}"
        withdrawn = at == 9 and number % 20 == 0
        yield "facts", {
            "fact_id": fact, "pathway_id": event["pathway"], "attribute_id": attribute, "value": value, "value_num": figure, "value_date": on, "unit": UNITS.get(attribute), "comparator": "eq",
            "period": event["day"] if event["kind"] == "draw" else event["day"][:4] if attribute in {"cap", "target"} else None, "modality": chance.choices(("asserted", "announced", "proposed"), (8, 2, 1))[0],
            "as_written": value, "noc_code": value if attribute == "eligible_noc" else None, "published": day, "source_id": source, "article_id": article, "version_id": f"{article}{versions}",
            "evidence_before": before, "evidence": words, "evidence_after": after, "clause_start": start, "clause_end": start + len(words), "rule": f"{attribute}-rule", "score": 0.9,
            "status": "withdrawn" if withdrawn else "current", "recorded_at": f"{day}T12:00:00Z", "retired_at": NOW if withdrawn else None}
        place = start + words.rindex(value)
        for role, first, quote in (("value", place, value), ("subject", start, event["name"])):
            yield "marks", {"fact_id": fact, "role": role, "start_char": first, "end_char": first + len(quote), "quote": quote}
        yield "fact_log", {"fact_id": fact, "at": f"{day}T12:00:00Z", "action": "added", "reason": None}
        yield "event_facts", {"fact_id": fact, "event_id": event["id"], "role": "support", "link_rule": "same-period", "link_score": 0.9}
        if event["draw_id"] and attribute in {"invitations", "cutoff_score"}:
            yield "checks", {"check_id": key("check", fact), "fact_id": fact, "draw_id": event["draw_id"], "source_id": source, "attribute_id": attribute, "fact_value": value, "official_value": value,
                             "verdict": "agree", "linked_by": "date, category"}


def _finish_events(connection: sqlite3.Connection, events: list[dict[str, Any]]) -> None:
    """The events, counted from their facts, and their values."""
    _insert(connection, "events", ({
        "event_id": event["id"], "event_type": event["kind"], "pathway_id": event["pathway"], "title": f"{event['name']}: {event['kind']} {event['day']}", "event_date": event["day"], "effective_date": event["day"],
        "stance": "announced", "status": "in_effect", "draw_id": event["draw_id"], "dedupe_key": f"{event['kind']}|{number}", "facts": 10 * OF_AN_EVENT, "articles": OF_AN_EVENT, "stories": OF_AN_EVENT, "owners": OF_AN_EVENT,
        "official": int(number % 3 == 0), "conflict": int(number % 10 == 0), "first_reported": min(event["day"], LAST_DAY), "last_reported": min(event["day"], LAST_DAY), "recorded_at": NOW}
        for number, event in enumerate(events)))
    connection.execute("CREATE INDEX told ON event_facts (event_id)")
    connection.execute("""INSERT INTO event_values (event_id, attribute_id, scope, unit, value, value_num, rank, place, conflict, basis, on_record, facts, owners, best_fact_id, first_reported, last_reported)
      SELECT t.event_id, f.attribute_id, '', coalesce(f.unit, ''), f.value, f.value_num, 'preferred', row_number() OVER (PARTITION BY t.event_id, f.attribute_id ORDER BY f.value), 0, 'single', 0, count(*), count(DISTINCT f.source_id),
             min(f.fact_id), min(f.published), max(f.published)
      FROM event_facts t JOIN facts f USING (fact_id) GROUP BY t.event_id, f.attribute_id, f.unit, f.value""")
    connection.execute("DROP INDEX told")


def _insert(connection: sqlite3.Connection, table: str, rows: Any) -> None:
    rows = list(rows)
    if rows:
        names = list(rows[0])
        connection.executemany(f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({", ".join("?" * len(names))})', [[row[name] for name in names] for row in rows])
