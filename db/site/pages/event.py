"""What an event's page shows, and the figures by which lists of events name them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from db.event_rows import explain_link
from db.event_rules import load_rules
from db.site.pages.rows import Row, select
from db.site.quotes import quote_fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from datasette.database import Database

FACTS = 60  # facts quoted on an event's page
VALUES = 100  # values in its table
BESIDE = 4  # events of the same pathway beside it

# An event as lists show it.
EVENT = """
SELECT e.event_id, e.event_type, e.pathway_id, e.title, e.event_date, e.effective_date, e.end_date, e.period, e.stance, e.status, e.draw_id, e.facts, e.articles, e.stories,
       e.owners, e.official, e.conflict, e.first_reported, e.last_reported, p.name AS pathway
FROM events e LEFT JOIN pathways p ON p.pathway_id = e.pathway_id
"""

# Facts of an event (of its first thousand, where it has more), with who says it and how it compares with the official record.
TELLING = """
SELECT l.role, l.link_rule, l.link_score, f.*, a.title AS article, a.url, a.story_id, s.name AS source, s.official, s.owner_group, o.title AS occupation,
       c.verdict, c.official_value, c.draw_id AS checked_draw
FROM (SELECT * FROM event_facts WHERE event_id = ? LIMIT 1000) l JOIN facts f ON f.fact_id = l.fact_id JOIN articles a ON a.article_id = f.article_id JOIN sources s ON s.source_id = f.source_id
LEFT JOIN occupations o ON o.noc_code = f.noc_code LEFT JOIN checks c ON c.fact_id = f.fact_id
"""
IN_ORDER = "l.role = 'support' DESC, s.official DESC, f.published, f.article_id, f.version_id, f.clause_start, f.attribute_id, f.value"


async def read_event(database: Database, event_id: str) -> Row:
    """An event with its values, the facts that tell of it by outlet, the record, its neighbours, and what was changed on it."""
    found = await select(
        database,
        "SELECT e.*, p.name AS pathway, d.name AS draw_name, d.draw_date, d.invitations, d.cutoff_score, r.new_event_id, r.reason, r.at AS redirected_at, r.note AS redirect_note "
        "FROM events e LEFT JOIN pathways p ON p.pathway_id = e.pathway_id LEFT JOIN draws d ON d.draw_id = e.draw_id "
        "LEFT JOIN event_redirects r ON r.old_event_id = e.event_id WHERE e.event_id = ?",
        event_id,
    )
    if not found:
        return {}
    event = found[0]
    facts = await select(database, f"{TELLING} ORDER BY {IN_ORDER} LIMIT {FACTS}", event_id)
    roles = await select(database, "SELECT role, count(*) AS facts FROM event_facts WHERE event_id = ? GROUP BY role", event_id)
    values = await select(
        database,
        "SELECT v.*, o.title AS occupation FROM event_values v LEFT JOIN occupations o ON v.attribute_id IN ('eligible_noc', 'excluded_noc') AND o.noc_code = v.value "  # noqa: S608 - marks and numbers of our own
        f"WHERE v.event_id = ? ORDER BY v.attribute_id, v.scope, v.unit, v.place LIMIT {VALUES}",
        event_id,
    )
    before, after = await _read_neighbours(database, event)
    beside = [*before, *after]
    return {
        "event": event,
        "values": values,
        "outlets": await quote_outlets(database, facts, event["event_type"]),
        "told": sum(row["facts"] for row in roles),
        "quoted": len(facts),
        "verdicts": {
            row["verdict"]: row["figures"]
            for row in await select(
                database,
                "SELECT c.verdict, count(*) AS figures FROM event_facts l JOIN checks c ON c.fact_id = l.fact_id WHERE l.event_id = ? AND +l.role = 'support' GROUP BY c.verdict",
                event_id,
            )
        },
        "records": await select(
            database,
            "SELECT DISTINCT c.target_id, c.list_id, t.title AS target, n.title AS list FROM event_facts l JOIN checks c ON c.fact_id = l.fact_id "
            "LEFT JOIN levels_targets t ON t.target_id = c.target_id LEFT JOIN occupation_lists n ON n.list_id = c.list_id "
            "WHERE l.event_id = ? AND +c.draw_id IS NULL AND coalesce(c.target_id, c.list_id) IS NOT NULL LIMIT 5",
            event_id,
        ),
        "figures": await read_figures(database, [event_id, *(other["event_id"] for other in beside)]),
        "before": before,
        "after": after,
        "publication": (await select(database, "SELECT * FROM publication"))[:1],
        "merged": await select(database, "SELECT old_event_id, reason, at, note FROM event_redirects WHERE new_event_id = ? ORDER BY at DESC LIMIT 10", event_id),
        "corrections": await select(
            database,
            "SELECT * FROM corrections WHERE target_id = ? UNION "
            "SELECT c.* FROM event_facts l JOIN corrections c ON c.fact_id = l.fact_id WHERE l.event_id = ? ORDER BY at DESC LIMIT 20",
            event_id, event_id,
        ),
        "reviews": await select(
            database,
            "SELECT * FROM reviews WHERE target_id = ? UNION "
            "SELECT r.* FROM event_facts l JOIN reviews r ON r.fact_id = l.fact_id WHERE l.event_id = ? ORDER BY reviewed_at DESC LIMIT 20",
            event_id, event_id,
        ),
    }  # fmt: skip


async def _read_neighbours(database: Database, event: Row) -> tuple[list[Row], list[Row]]:
    """The events of the same type on the same pathway before and after one, the nearest first."""
    if event["pathway_id"] is None:
        return [], []
    at = event["event_date"] or event["first_reported"] or ""
    query = f"{EVENT} WHERE e.pathway_id = ? AND e.event_type = ? AND e.retired_at IS NULL AND e.event_id <> ? AND coalesce(e.event_date, e.first_reported, '')"
    same = (event["pathway_id"], event["event_type"], event["event_id"], at)
    order = "coalesce(e.event_date, e.first_reported, '')"
    return (
        await select(database, f"{query} <= ? ORDER BY {order} DESC LIMIT {BESIDE}", *same),
        await select(database, f"{query} > ? ORDER BY {order} LIMIT {BESIDE}", *same),
    )


async def read_figures(database: Database, event_ids: Iterable[str]) -> dict[str, list[Row]]:
    """The best supported values of events, by event: what their headlines need."""
    ids = list(event_ids)
    rows = await select(
        database,
        "SELECT event_id, attribute_id, scope, unit, value, rank, best_fact_id, beside FROM (SELECT *, count(*) OVER (PARTITION BY event_id, attribute_id, scope, unit) AS beside "
        "FROM event_values WHERE event_id IN (SELECT value FROM json_each(?)) AND rank <> 'deprecated') WHERE place <= 4 ORDER BY event_id, attribute_id <> 'invitations', attribute_id, scope, unit, place",
        json.dumps(ids),
    )
    figures: dict[str, list[Row]] = {event_id: [] for event_id in ids}
    for row in rows:
        figures[row["event_id"]].append(row)
    return figures


async def count_verdicts(database: Database, draw_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How the figures that texts gave of official draws compare with the record: draw to verdict to number."""
    rows = await select(
        database,
        "SELECT c.draw_id, c.verdict, count(*) AS figures FROM checks c JOIN facts f ON f.fact_id = c.fact_id WHERE c.draw_id IN (SELECT value FROM json_each(?)) "
        "AND +f.status = 'current' GROUP BY c.draw_id, c.verdict",
        json.dumps(draw_ids),
    )
    counted: dict[str, dict[str, int]] = {}
    for row in rows:
        counted.setdefault(row["draw_id"], {})[row["verdict"]] = row["figures"]
    return counted


async def quote_outlets(database: Database, facts: Sequence[Row], event_type: str) -> list[Row]:
    """Facts of an event by article, each clause quoted once with the marks of all of them, and why they belong to the event."""
    marks: dict[str, list[Row]] = {}
    for row in await select(
        database,
        "SELECT * FROM marks WHERE fact_id IN (SELECT value FROM json_each(?)) ORDER BY fact_id, start_char",
        json.dumps([fact["fact_id"] for fact in facts]),
    ):
        marks.setdefault(row["fact_id"], []).append(row)
    articles: dict[str, Row] = {}
    clauses: dict[tuple[Any, ...], list[Row]] = {}
    for fact in facts:
        article = articles.setdefault(fact["article_id"], {name: fact[name] for name in ("article_id", "article", "source_id", "source", "official", "published", "url")} | {"clauses": []})
        place = (fact["version_id"], fact["clause_start"], fact["clause_end"])
        if place not in clauses:
            clauses[place] = []
            article["clauses"].append({"facts": clauses[place]})
        clauses[place].append(fact)
    for article in articles.values():
        for clause in article["clauses"]:
            told = clause["facts"]
            clause["quote"] = quote_fact(told[0], [mark for fact in told for mark in marks.get(fact["fact_id"], ())])
            clause["why"] = list(dict.fromkeys((explain_tie(event_type, fact["link_rule"]), fact["link_score"]) for fact in told))
        # Said once where it is the same for all that the article says.
        reasons = list(dict.fromkeys(reason for clause in article["clauses"] for reason in clause["why"]))
        article["why"] = reasons if len(reasons) == 1 else []
    return list(articles.values())


def explain_tie(event_type: str, link_rule: str) -> str:
    """Why a fact was tied to an event of a type, in words; the rule's name where it is none of ours."""
    # A launch is an announcement by its family.
    family = "announcement" if event_type == "launch" else event_type
    try:
        return explain_link(load_rules(), family, link_rule)
    except KeyError:
        return link_rule
