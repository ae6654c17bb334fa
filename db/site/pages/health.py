"""What the health page shows: how the sources are, how right the facts are as far as somebody measured it, how fresh all is.

Figures come from the database alone; where nothing was measured, the page says so.
"""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from db.site.pages.rows import SHOWN, Row, select

if TYPE_CHECKING:
    from datasette.database import Database

VERDICTS: Final = ("blocked", "failing", "gone", "thin", "stale", "quiet", "ok")
"""The worst first."""

SOURCES: Final = """
SELECT s.source_id, s.name, s.official, s.kind, s.cadence, h.verdict, h.reason, h.last_crawl_at, h.last_success_at, h.due_at, h.newest_published, h.pages, h.new, h.changed, h.errors, h.errors_by_kind
FROM sources s LEFT JOIN source_health h ON h.source_id = s.source_id ORDER BY s.source_id LIMIT 1000"""
AGREEMENT: Final = """
SELECT c.source_id, s.name AS source, s.official, sum(c.verdict = 'agree') AS agree, sum(c.verdict = 'near') AS near, sum(c.verdict = 'disagree') AS disagree, sum(c.verdict = 'ambiguous') AS ambiguous
FROM checks c JOIN sources s ON s.source_id = c.source_id GROUP BY c.source_id ORDER BY count(*) DESC, c.source_id"""
BY_ATTRIBUTE: Final = """
SELECT attribute_id, sum(verdict = 'agree') AS agree, sum(verdict = 'near') AS near, sum(verdict = 'disagree') AS disagree, sum(verdict = 'ambiguous') AS ambiguous
FROM checks GROUP BY attribute_id ORDER BY count(*) DESC, attribute_id"""
COVERAGE: Final = """
SELECT system, coalesce(p.name, system) AS system_name, count(*) AS draws, sum(watched) AS watched, sum(unreported) AS unreported, sum(watched AND unreported) AS missed
FROM (SELECT d.system, d.draw_date >= (SELECT min(published) FROM articles) AS watched,
             NOT EXISTS (SELECT 1 FROM event_facts l CROSS JOIN facts f ON f.fact_id = l.fact_id JOIN sources s ON s.source_id = f.source_id
                         WHERE l.event_id = 'ev-' || d.draw_id AND l.role = 'support' AND s.official = 0) AS unreported
      FROM draws d ORDER BY d.draw_date DESC LIMIT 5000) LEFT JOIN pathways p ON p.pathway_id = system
GROUP BY system ORDER BY draws DESC, system"""

LAGS: Final = "SELECT source_id, source, official, days_after, place FROM v_reporting_lag LIMIT 20000"


async def read_health(database: Database) -> Row:
    """Everything on the page."""
    sources = [_complete(row) for row in await select(database, SOURCES)]
    sources.sort(key=lambda row: (VERDICTS.index(row["verdict"]) if row["verdict"] in VERDICTS else len(VERDICTS), row["source_id"]))
    publication = (await select(database, "SELECT * FROM publication") or [{}])[0]
    agreement = await select(database, AGREEMENT)
    return {
        "publication": publication,
        "last_release": next(iter(await select(database, "SELECT version, released_at FROM releases ORDER BY released_at DESC LIMIT 1")), None),
        "crawled_at": max((row["last_crawl_at"] for row in sources if row["last_crawl_at"]), default=None),
        "newest": max((row["newest_published"] for row in sources if row["newest_published"]), default=None),
        "sources": sources,
        "shown": sources[:SHOWN],
        "verdicts": [(verdict, sum(row["verdict"] == verdict for row in sources)) for verdict in (*reversed(VERDICTS), None) if any(row["verdict"] == verdict for row in sources)],
        "overdue": [row["source_id"] for row in sources if row["due_at"] and row["due_at"] < (publication.get("published_at") or "")],
        "quality": await select(database, "SELECT * FROM quality ORDER BY sample, attribute_id <> 'all', n DESC, attribute_id, measure LIMIT ?", SHOWN),
        "reviews": await select(database, "SELECT target_type, verdict, count(*) AS reviews FROM reviews GROUP BY target_type, verdict ORDER BY target_type, verdict"),
        "agreement": [_share(row) for row in agreement],
        "by_attribute": [_share(row) for row in await select(database, BY_ATTRIBUTE)],
        "agreement_all": _share({name: sum(row[name] for row in agreement) for name in ("agree", "near", "disagree", "ambiguous")}),
        "coverage": await select(database, COVERAGE),
        "lags": await _read_lags(database),
    }


def _complete(row: Row) -> Row:
    try:
        kinds = json.loads(row["errors_by_kind"] or "{}")
    except ValueError:
        kinds = {}
    return {**row, "errors_by_kind": kinds if isinstance(kinds, dict) else {}}


def _share(row: Row) -> Row:
    """With the number of figures that could be judged, and the share of them that agree."""
    judged = row["agree"] + row["near"] + row["disagree"]
    return {**row, "checked": judged, "share": round((row["agree"] + row["near"]) / judged, 4) if judged else None}


async def _read_lags(database: Database) -> list[Row]:
    """Per source: draws it reported, how often first, and the days from a draw to its report, middle and longest."""
    found: dict[str, Row] = {}
    for row in await select(database, LAGS):
        source = found.setdefault(row["source_id"], {"source_id": row["source_id"], "source": row["source"], "official": row["official"], "days": [], "first": 0})
        source["days"].append(row["days_after"])
        source["first"] += row["place"] == 1
    lags = [
        {**{name: row[name] for name in ("source_id", "source", "official", "first")}, "draws": len(row["days"]), "median_days": median(row["days"]), "longest_days": max(row["days"])}
        for row in found.values()
    ]
    return sorted(lags, key=lambda row: (-row["draws"], row["source_id"]))


def spell_health(page: Row) -> dict[str, Any]:
    """The page as JSON; each list under the name of what it measures."""
    return {
        "publication": page["publication"],
        "last_release": page["last_release"],
        "last_crawl_at": page["crawled_at"],
        "newest_article": page["newest"],
        "verdicts": {verdict or "not yet crawled": count for verdict, count in page["verdicts"]},
        "overdue": page["overdue"],
        "sources": page["sources"],
        "extraction_quality": page["quality"],
        "reviews": page["reviews"],
        "official_agreement": {"all": page["agreement_all"], "by_source": page["agreement"], "by_attribute": page["by_attribute"]},
        "coverage_of_draws": page["coverage"],
        "reporting_lag": page["lags"],
    }
