"""What each kind of page shows: rows of the public database, read with a handful of indexed queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.metadata import load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.site.quotes import quote_fact

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from datasette.database import Database

Row = dict[str, Any]

SHOWN = 200  # rows of one list on a page; the table behind it has them all

_FACT = """
SELECT f.*, p.name AS pathway, s.name AS source, s.publisher, s.official, a.title AS article, a.url, a.gone_at, a.versions, a.facts AS facts_of_article,
       v.version_no, v.change_kind, v.correction_note, v.text_sha256, v.title AS version_title, v.modified,
       c.capture_id, c.warc_file, c.warc_offset, c.payload_sha256, c.fetched_at, c.url AS captured_url, o.title AS occupation
FROM facts f JOIN pathways p ON p.pathway_id = f.pathway_id JOIN sources s ON s.source_id = f.source_id
JOIN articles a ON a.article_id = f.article_id JOIN article_versions v ON v.version_id = f.version_id
JOIN captures c ON c.capture_id = v.capture_id LEFT JOIN occupations o ON o.noc_code = f.noc_code
"""
_BRIEF = """
SELECT f.fact_id, f.pathway_id, f.attribute_id, f.value, f.unit, f.comparator, f.period, f.modality, f.scope, f.status, f.published, f.source_id, f.article_id,
       f.version_id, f.evidence, p.name AS pathway, s.name AS source, o.title AS occupation
FROM facts f JOIN pathways p ON p.pathway_id = f.pathway_id JOIN sources s ON s.source_id = f.source_id
LEFT JOIN occupations o ON o.noc_code = f.noc_code
"""


async def select(database: Database, sql: str, *values: object) -> list[Row]:
    """The rows of a query."""
    return [dict(row) for row in (await database.execute(sql, values)).rows]


async def read_fact(database: Database, fact_id: str) -> Row:
    """A fact with its article, capture and quote, what was checked, and what other texts say on the same point."""
    found = await select(database, f"{_FACT} WHERE f.fact_id = ?", fact_id)
    if not found:
        return {}
    fact = found[0]
    marks = await select(database, "SELECT * FROM marks WHERE fact_id = ? ORDER BY start_char", fact_id)
    same_point = (fact["pathway_id"], fact["attribute_id"], fact["period"])
    return {
        "fact": fact,
        "quote": quote_fact(fact, marks),
        "checks": await select(
            database,
            "SELECT c.*, d.draw_date, d.name AS draw FROM checks c LEFT JOIN draws d ON d.draw_id = c.draw_id WHERE c.fact_id = ?",
            fact_id,
        ),
        # What the same article says on the same point in another version: after, or before, a correction.
        "other_versions": await select(
            database,
            f"{_BRIEF} WHERE f.article_id = ? AND +f.pathway_id = ? AND +f.attribute_id = ? AND coalesce(f.period, '') = coalesce(?, '') "
            "AND f.version_id <> ? AND f.value <> ? ORDER BY f.recorded_at DESC LIMIT 10",
            fact["article_id"], *same_point, fact["version_id"], fact["value"],
        ),
        "elsewhere": await select(
            database,
            f"{_BRIEF} WHERE f.pathway_id = ? AND f.attribute_id = ? AND f.period IS ? AND +f.status = 'current' AND f.article_id <> ? "
            "ORDER BY f.published DESC LIMIT 10",
            *same_point, fact["article_id"],
        ),
    }  # fmt: skip


async def read_pathway(database: Database, pathway_id: str) -> Row:
    """A pathway with its names, relatives, current facts by attribute and latest draws."""
    facts = await select(
        database,
        f"{_BRIEF} WHERE f.pathway_id = ? AND +f.status = 'current' ORDER BY f.attribute_id, coalesce(f.period, f.published) DESC LIMIT {SHOWN}",
        pathway_id,
    )
    by_attribute: dict[str, list[Row]] = {}
    for fact in facts:
        by_attribute.setdefault(fact["attribute_id"], []).append(fact)
    found = await select(
        database,
        "SELECT p.*, u.name AS parent, j.name AS jurisdiction FROM pathways p LEFT JOIN pathways u ON u.pathway_id = p.parent_id "
        "JOIN jurisdictions j ON j.jurisdiction_id = p.jurisdiction_id WHERE p.pathway_id = ?",
        pathway_id,
    )
    return {
        "pathway": found[0] if found else {},
        "by_attribute": by_attribute,
        "full_list": len(facts) == SHOWN,
        "aliases": await select(database, "SELECT * FROM pathway_aliases WHERE pathway_id = ? ORDER BY lang, kind, alias", pathway_id),
        "children": await select(database, "SELECT * FROM pathways WHERE parent_id = ? ORDER BY name", pathway_id),
        "draws": await select(database, "SELECT * FROM draws WHERE pathway_id = ? ORDER BY draw_date DESC LIMIT 12", pathway_id),
    }


async def read_article(database: Database, article_id: str) -> Row:
    """An article with its versions, corrected figures and facts."""
    found = await select(
        database,
        "SELECT a.*, s.name AS source, s.publisher FROM articles a JOIN sources s ON s.source_id = a.source_id WHERE a.article_id = ?",
        article_id,
    )
    return {
        "article": found[0] if found else {},
        "history": await select(
            database,
            "SELECT v.*, c.fetched_at, c.warc_file, c.warc_offset FROM article_versions v JOIN captures c ON c.capture_id = v.capture_id "
            "WHERE v.article_id = ? ORDER BY v.version_no DESC",
            article_id,
        ),
        "corrections": await select(database, "SELECT * FROM v_corrections WHERE article_id = ?", article_id),
        "facts": await select(
            database,
            f"{_BRIEF} WHERE f.article_id = ? AND +f.status = 'current' ORDER BY f.clause_start, f.attribute_id LIMIT {SHOWN}",
            article_id,
        ),
        "earlier": await select(
            database,
            f"{_BRIEF} WHERE f.article_id = ? AND +f.status <> 'current' ORDER BY f.clause_start, f.attribute_id LIMIT {SHOWN}",
            article_id,
        ),
    }


async def read_draw(database: Database, draw_id: str) -> Row:
    """An official draw with the figures that texts gave of it."""
    found = await select(
        database,
        "SELECT d.*, p.name AS pathway, c.warc_file, c.warc_offset, c.fetched_at, c.url FROM draws d LEFT JOIN pathways p ON p.pathway_id = d.pathway_id "
        "JOIN captures c ON c.capture_id = d.capture_id WHERE d.draw_id = ?",
        draw_id,
    )
    return {
        "draw": found[0] if found else {},
        "checks": await select(
            database,
            "SELECT c.*, f.published, f.article_id, f.status, a.title AS article, s.name AS source FROM checks c JOIN facts f ON f.fact_id = c.fact_id "
            "JOIN articles a ON a.article_id = f.article_id JOIN sources s ON s.source_id = c.source_id "
            "WHERE c.draw_id = ? ORDER BY f.published, c.attribute_id LIMIT ?",
            draw_id, SHOWN,
        ),
        "revisions": await select(database, "SELECT * FROM draw_revisions WHERE draw_id = ? ORDER BY seen_at DESC", draw_id),
    }


async def read_occupation(database: Database, noc_code: str) -> Row:
    """An occupation with the pathways that list it and its codes in the other edition."""
    found = await select(database, "SELECT * FROM occupations WHERE noc_code = ?", noc_code)
    return {
        "occupation": found[0] if found else {},
        "listed": await select(
            database,
            "SELECT f.pathway_id, p.name AS pathway, f.attribute_id, count(*) AS facts, max(f.published) AS published, max(f.fact_id) AS fact_id "
            "FROM facts f JOIN pathways p ON p.pathway_id = f.pathway_id WHERE f.noc_code = ? AND +f.status = 'current' "
            "GROUP BY f.pathway_id, f.attribute_id ORDER BY f.attribute_id, p.name LIMIT ?",
            noc_code, SHOWN,
        ),
        "predecessors": await select(
            database,
            "SELECT o.noc_code, o.title, c.change_type FROM occupation_changes c JOIN occupations o ON o.noc_code = c.noc_2016 WHERE c.noc_2021 = ?",
            noc_code,
        ),
        "successors": await select(
            database,
            "SELECT o.noc_code, o.title, c.change_type FROM occupation_changes c JOIN occupations o ON o.noc_code = c.noc_2021 WHERE c.noc_2016 = ?",
            noc_code,
        ),
    }


ROW_PAGES: dict[str, Callable[[Database, str], Awaitable[Row]]] = {
    "facts": read_fact,
    "pathways": read_pathway,
    "articles": read_article,
    "draws": read_draw,
    "occupations": read_occupation,
}


async def read_front(database: Database) -> Row:
    """What the home page shows: sizes, the latest facts and how the sources are."""
    verdicts = await select(
        database, "SELECT verdict, count(*) AS sources FROM source_health GROUP BY verdict ORDER BY count(*) DESC, verdict"
    )
    crawled = await select(database, "SELECT max(last_crawl_at) AS at FROM source_health")
    publication = await select(database, "SELECT * FROM publication")
    return {
        "sizes": await database.table_counts(),
        "latest": await select(
            database,
            f"{_BRIEF} WHERE f.published > '' AND +f.status = 'current' AND f.modality <> 'background' ORDER BY f.published DESC, f.fact_id LIMIT 8",
        ),
        "verdicts": verdicts,
        "crawled_at": crawled[0]["at"],
        "publication": publication[0] if publication else {},
        "query_count": len(load_queries()),
    }


def list_contents(sizes: dict[str, int | None]) -> Row:
    """The database's queries by group, its tables and its views, with titles and descriptions."""
    groups: dict[str, list[Any]] = {}
    for query in load_queries():
        groups.setdefault(query.group, []).append(query)
    return {
        "groups": groups,
        "policy_tables": [(table, sizes.get(table.name)) for table in PUBLIC if not table.operational and not table.hidden],
        "work_tables": [(table, sizes.get(table.name)) for table in PUBLIC if table.operational and not table.hidden],
        "shown_views": [view for view in PUBLIC_VIEWS if not view.hidden],
    }


async def list_choices(database: Database, kind: str) -> list[Row]:
    """Values worth offering for a query's parameter: ids with their names."""
    tables = {
        "pathways": "SELECT pathway_id AS value, name FROM pathways ORDER BY pathway_id",
        "attributes": "SELECT attribute_id AS value, attribute_id AS name FROM attributes ORDER BY attribute_id",
        "sources": "SELECT source_id AS value, name FROM sources ORDER BY source_id",
    }
    return await select(database, tables[kind])
