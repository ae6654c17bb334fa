"""What a draw's page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import SHOWN, Row, select

if TYPE_CHECKING:
    from datasette.database import Database

BESIDE = 4  # draws of the same kind before and after it

# Of one kind are the draws of one pathway; those of no known pathway, by their name.
_SAME = """SELECT draw_id, number, name, draw_date, invitations, invitations_comparator, cutoff_score FROM draws d
WHERE d.system = ?1 AND d.pathway_id IS ?2 AND (?2 IS NOT NULL OR d.name = ?3) AND coalesce(?4, '') = CASE WHEN ?1 = 'ca-ee' THEN coalesce(?4, '') ELSE coalesce(d.program, '') END AND d.draw_id <> ?5"""


async def read_draw(database: Database, draw_id: str) -> Row:
    """An official draw with those of its kind before and after, its event, the list of occupations in force, the figures that texts gave, and revisions."""
    found = await select(
        database,
        "SELECT d.*, p.name AS pathway, s.name AS system_name, c.warc_file, c.warc_offset, c.fetched_at, c.url, o.name AS source FROM draws d LEFT JOIN pathways p ON p.pathway_id = d.pathway_id "
        "LEFT JOIN pathways s ON s.pathway_id = d.system JOIN captures c ON c.capture_id = d.capture_id JOIN sources o ON o.source_id = d.source_id WHERE d.draw_id = ?",
        draw_id,
    )
    if not found:
        return {}
    draw = found[0]
    kind = (draw["system"], draw["pathway_id"], draw["name"], draw["program"], draw_id)
    before = await select(database, f"{_SAME} AND (d.draw_date, d.draw_id) < (?6, ?5) ORDER BY d.draw_date DESC, d.draw_id DESC LIMIT {BESIDE}", *kind, draw["draw_date"])
    after = await select(database, f"{_SAME} AND (d.draw_date, d.draw_id) > (?6, ?5) ORDER BY d.draw_date, d.draw_id LIMIT {BESIDE}", *kind, draw["draw_date"])
    return {
        "draw": draw,
        "before": before,
        "after": after[::-1],
        "changes": compare_draws(draw, before[0]) if before else {},
        "events": await select(database, "SELECT event_id, facts, articles, owners, stories FROM events WHERE draw_id = ? AND retired_at IS NULL LIMIT 3", draw_id),
        "lists": await select(
            database,
            "SELECT l.*, (SELECT count(DISTINCT noc_code) FROM occupation_list_entries e WHERE e.list_id = l.list_id) AS known FROM occupation_lists l "
            "WHERE l.pathway_id = ? AND ? BETWEEN l.valid_from AND coalesce(l.valid_to, '9999') ORDER BY l.valid_from DESC",
            draw["pathway_id"], draw["draw_date"],
        ) if draw["pathway_id"] else [],
        "checks": await select(
            database,
            "SELECT c.*, f.published, f.article_id, f.status, f.unit, a.title AS article, s.name AS source FROM checks c JOIN facts f ON f.fact_id = c.fact_id "
            "JOIN articles a ON a.article_id = f.article_id JOIN sources s ON s.source_id = c.source_id "
            "WHERE c.draw_id = ? ORDER BY f.published, f.article_id, c.attribute_id LIMIT ?",
            draw_id, SHOWN,
        ),
        "revisions": await select(database, "SELECT * FROM draw_revisions WHERE draw_id = ? ORDER BY seen_at DESC LIMIT ?", draw_id, SHOWN),
    }  # fmt: skip


def compare_draws(draw: Row, before: Row) -> dict[str, int]:
    """By how much each figure is higher (lower: below 0) than that of the draw before, where both are known exactly."""
    known = ["cutoff_score"]
    if draw["invitations_comparator"] == before["invitations_comparator"] == "eq":
        known.append("invitations")
    return {name: draw[name] - before[name] for name in known if draw[name] is not None and before[name] is not None}
