"""What a fact's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.event import EVENT, IN_ORDER, TELLING, explain_tie, quote_outlets, read_figures
from db.site.pages.rows import BRIEF, Row, select
from db.site.pages.versions import read_versions
from db.site.quotes import quote_fact

if TYPE_CHECKING:
    from datasette.database import Database

BESIDE = 12  # facts of other articles on the same point of the event

_FACT = """
SELECT f.*, p.name AS pathway, s.name AS source, s.publisher, s.official, a.title AS article, a.url, a.gone_at, a.versions, a.facts AS facts_of_article,
       v.version_no, v.change_kind, v.correction_note, v.text_sha256, v.title AS version_title, v.modified,
       c.capture_id, c.warc_file, c.warc_offset, c.payload_sha256, c.fetched_at, c.url AS captured_url, o.title AS occupation
FROM facts f JOIN pathways p ON p.pathway_id = f.pathway_id JOIN sources s ON s.source_id = f.source_id
JOIN articles a ON a.article_id = f.article_id JOIN article_versions v ON v.version_id = f.version_id
JOIN captures c ON c.capture_id = v.capture_id LEFT JOIN occupations o ON o.noc_code = f.noc_code
"""


async def read_fact(database: Database, fact_id: str) -> Row:
    """A fact with its article, capture and quote, what was checked, and what other texts say on the same point."""
    found = await select(database, f"{_FACT} WHERE f.fact_id = ?", fact_id)
    if not found:
        return {}
    fact = found[0]
    marks = await select(database, "SELECT * FROM marks WHERE fact_id = ? ORDER BY start_char", fact_id)
    same_point = (fact["pathway_id"], fact["attribute_id"], fact["period"])
    event = await _read_event(database, fact)
    beside = {other["fact_id"] for outlet in event.get("outlets", ()) for clause in outlet["clauses"] for other in clause["facts"]}
    elsewhere = await select(
        database,
        f"{BRIEF} WHERE f.pathway_id = ? AND f.attribute_id = ? AND f.period IS ? AND +f.status = 'current' AND f.article_id <> ? "
        f"ORDER BY f.published DESC LIMIT {10 + len(beside)}",
        *same_point, fact["article_id"],
    )
    return {
        **event,
        "history": await read_versions(database, fact["article_id"]) if fact["versions"] > 1 else [],
        "changed": await select(database, "SELECT * FROM corrections WHERE fact_id = ? ORDER BY at DESC LIMIT 20", fact_id),
        "reviews": await select(database, "SELECT * FROM reviews WHERE fact_id = ? ORDER BY reviewed_at DESC LIMIT 20", fact_id),
        "fact": fact,
        "quote": quote_fact(fact, marks),
        "checks": await select(
            database,
            "SELECT c.*, d.draw_date, d.name AS draw, t.title AS target, t.basis AS target_basis, n.title AS list, n.basis AS list_basis FROM checks c "
            "LEFT JOIN draws d ON d.draw_id = c.draw_id LEFT JOIN levels_targets t ON t.target_id = c.target_id LEFT JOIN occupation_lists n ON n.list_id = c.list_id "
            "WHERE c.fact_id = ?",
            fact_id,
        ),
        # What the same article says on the same point in another version: after, or before, a correction.
        "other_versions": await select(
            database,
            f"{BRIEF} WHERE f.article_id = ? AND +f.pathway_id = ? AND +f.attribute_id = ? AND coalesce(f.period, '') = coalesce(?, '') "
            "AND f.version_id <> ? AND f.value <> ? ORDER BY f.recorded_at DESC LIMIT 10",
            fact["article_id"], *same_point, fact["version_id"], fact["value"],
        ),
        "elsewhere": [other for other in elsewhere if other["fact_id"] not in beside][:10],
    }  # fmt: skip


async def _read_event(database: Database, fact: Row) -> Row:
    """The event that a fact tells of, why it belongs there, and what other articles say on the same point of it, quoted; empty where it tells of none."""
    tied = await select(database, "SELECT * FROM event_facts WHERE fact_id = ?", fact["fact_id"])
    if not tied:
        return {}
    event_id = tied[0]["event_id"]
    event = (await select(database, f"{EVENT} WHERE e.event_id = ?", event_id))[0]
    others = await select(
        database,
        f"{TELLING} WHERE +f.attribute_id = ? AND f.article_id <> ? ORDER BY {IN_ORDER} LIMIT {BESIDE}",
        event_id, fact["attribute_id"], fact["article_id"],
    )
    return {
        "told_event": event,
        "tie": tied[0] | {"why": explain_tie(event["event_type"], tied[0]["link_rule"])},
        "figures": await read_figures(database, [event_id]),
        "outlets": await quote_outlets(database, others, event["event_type"]),
    }  # fmt: skip
