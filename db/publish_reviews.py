"""What people decided and what was corrected, as it goes into the public database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from db.checks import TESTED, judge, say_official
from db.quality import measure_quality
from db.reviews import name_candidate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

COPY_REVIEWS = (
    """INSERT INTO fact_log (log_id, fact_id, at, action, reason)
       SELECT log_id, fact_id, at, action, reason FROM archive.fact_log WHERE fact_id IN (SELECT fact_id FROM facts)""",
    """INSERT INTO reviews (review_id, target_type, target_id, reviewer, reviewed_at, sample, verdict, corrected_json, note, fact_id)
       SELECT review_id, target_type, target_id, reviewer, reviewed_at, sample, verdict, corrected_json, note, (SELECT fact_id FROM facts WHERE fact_id = target_id)
       FROM archive.reviews WHERE target_type <> 'fact' OR target_id IN (SELECT fact_id FROM facts)""",
    """INSERT INTO corrections (correction_id, at, target_type, target_id, kind, before_json, after_json, explanation, fact_id)
       SELECT correction_id, at, target_type, target_id, kind, before_json, after_json, explanation, (SELECT fact_id FROM facts WHERE fact_id = target_id)
       FROM archive.corrections WHERE target_type <> 'fact' OR target_id IN (SELECT fact_id FROM facts)""",
    """INSERT INTO releases (release_id, version, released_at, published_at, schema_version, pipeline_version, digest, facts)
       SELECT release_id, version, released_at, published_at, schema_version, pipeline_version, digest, facts FROM archive.releases""",
)
"""Copies the tables of that name from the archive, once `facts` is filled."""

_QUALITY = ("sample", "attribute_id", "measure", "hits", "n", "share", "low", "high", "articles", "pipeline_version")


def fill_quality(connection: sqlite3.Connection) -> None:
    """Fill `quality` from the archive's reviews."""
    reviews = [dict(row) for row in connection.execute("SELECT * FROM archive.reviews WHERE sample IS NOT NULL ORDER BY reviewed_at, review_id")]
    attributes = {row[0]: row[1] for row in connection.execute(
        "SELECT fact_id, attribute_id FROM archive.facts WHERE fact_id IN (SELECT target_id FROM archive.reviews WHERE sample IS NOT NULL AND target_type = 'fact')")}
    rows = measure_quality(reviews, attributes)
    connection.executemany(
        f"INSERT INTO quality ({', '.join(_QUALITY)}) VALUES ({', '.join('?' * len(_QUALITY))})",  # noqa: S608 - our own names
        [[row[name] for name in _QUALITY] for row in rows],
    )


def mark_candidates(connection: sqlite3.Connection) -> None:
    """Write beside each candidate pathway what a person said of its name."""
    standing = _standing(connection, "candidate")
    if not standing:
        return
    known = {row[0] for row in connection.execute("SELECT pathway_id FROM pathways")}
    for candidate_id, name in connection.execute("SELECT candidate_id, name FROM candidates").fetchall():
        if review := standing.get(name_candidate(name)):
            pathway = json.loads(review["corrected_json"] or "{}").get("pathway_id")
            connection.execute("UPDATE candidates SET verdict = ?, pathway_id = ? WHERE candidate_id = ?", [review["verdict"], pathway if pathway in known else None, candidate_id])


def apply_links(connection: sqlite3.Connection, checks: Iterable[Mapping[str, Any]], facts: Iterable[Mapping[str, Any]], draws: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The checks as people linked them: a rejected link goes, a corrected one compares the figure with the draw that was named."""
    standing = _standing(connection, "link")
    by_id = {fact["fact_id"]: fact for fact in facts} if standing else {}
    named = {draw["draw_id"]: draw for draw in draws} if standing else {}
    for check in checks:
        review = standing.get(check["check_id"])
        if review is None or review["verdict"] == "accept":
            yield dict(check)
        elif review["verdict"] == "correct" and check["attribute_id"] in TESTED:
            draw = named.get(json.loads(review["corrected_json"]).get("draw_id"))
            if draw and draw[TESTED[check["attribute_id"]]] is not None:
                yield dict(check) | {"draw_id": draw["draw_id"], "official_value": say_official(draw, check["attribute_id"]), "verdict": judge(by_id[check["fact_id"]], draw),
                                     "linked_by": "review"}


def _standing(connection: sqlite3.Connection, target_type: str) -> dict[str, dict[str, Any]]:
    rows = connection.execute("SELECT * FROM archive.reviews WHERE target_type = ? ORDER BY reviewed_at, review_id", [target_type])
    return {row["target_id"]: dict(row) for row in rows}
