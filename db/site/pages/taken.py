"""Which occupations pathways take: by the versions of lists on record, and by what texts say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.site.pages.rows import Row, select

if TYPE_CHECKING:
    from datasette.database import Database

SHOWN = 300  # occupations that texts list, on a pathway's page
_DRAWS = 8  # draws on an occupation's page
_ARTICLES = 10  # articles on an occupation's page
_LOOKED = 600  # last facts that name an occupation
_READ = 1500  # facts of a pathway that list occupations

_LISTS = """SELECT l.*, (SELECT count(DISTINCT noc_code) FROM occupation_list_entries e WHERE e.list_id = l.list_id) AS known,
  l.valid_from <= ?1 AND (l.valid_to IS NULL OR l.valid_to >= ?1) AS in_force
FROM occupation_lists l WHERE l.pathway_id = ?2 ORDER BY l.valid_from DESC"""

# Where one code stands twice on a list (whole and in part, or under two items), one row.
_ENTRIES = """SELECT e.noc_code, min(o.title) AS title, min(o.teer) AS teer, min(e.part) AS part, group_concat(DISTINCT e.note) AS note,
  (SELECT group_concat(version_year, ', ') FROM (SELECT substr(l.valid_from, 1, 4) AS version_year FROM occupation_list_entries b JOIN occupation_lists l ON l.list_id = b.list_id
   WHERE b.noc_code = e.noc_code AND l.pathway_id = ?2 AND l.list_id <> ?1 AND l.valid_from < ?3 GROUP BY l.list_id ORDER BY l.valid_from)) AS earlier
FROM occupation_list_entries e JOIN occupations o ON o.noc_code = e.noc_code WHERE e.list_id = ?1 GROUP BY e.noc_code ORDER BY e.noc_code"""

_SAID = f"""SELECT told.noc_code, o.title, o.teer, o.edition, min(told.published) AS first, max(told.published) AS last, count(DISTINCT told.source_id) AS sources, max(s.official) AS official, max(told.fact_id) AS fact_id
FROM (SELECT fact_id, noc_code, published, source_id FROM facts WHERE pathway_id = ? AND attribute_id = ? AND +status = 'current' AND noc_code IS NOT NULL AND modality NOT IN ('denied', 'proposed', 'forecast') ORDER BY period DESC LIMIT {_READ}) told
JOIN occupations o ON o.noc_code = told.noc_code JOIN sources s ON s.source_id = told.source_id GROUP BY told.noc_code ORDER BY o.edition DESC, told.noc_code LIMIT ?"""  # noqa: S608 - our own number


async def read_lists(database: Database, pathway_id: str, today: str) -> Row:
    """A pathway's lists: the one in force `today`, or None, with its `entries`; the `earlier` and `later` ones; and what the last one that was known whole had and this one has `dropped`."""
    lists = await select(database, _LISTS, today, pathway_id)
    force = next((row for row in lists if row["in_force"]), None)
    if force is None:
        return {"today": None, "entries": [], "dropped": [], "earlier": [row for row in lists if row["valid_from"] <= today], "later": [row for row in lists if row["valid_from"] > today]}
    earlier = [row for row in lists if row["valid_from"] < force["valid_from"]]
    entries = await select(database, _ENTRIES, force["list_id"], pathway_id, force["valid_from"])
    return {
        "today": force,
        "entries": entries,
        "earlier": earlier,
        "later": [row for row in lists if row["valid_from"] > today],
        "dropped": await _read_dropped(database, force, earlier),
    }


async def _read_dropped(database: Database, force: Row, earlier: list[Row]) -> list[Row]:
    """Occupations of the last earlier list that is known whole which a list known whole doesn't have."""
    before = next((row for row in earlier if row["complete"]), None)
    if before is None or not force["complete"]:
        return []
    return await select(
        database,
        "SELECT DISTINCT e.noc_code, o.title, o.teer, l.list_id, l.title AS list FROM occupation_list_entries e JOIN occupation_lists l ON l.list_id = e.list_id JOIN occupations o ON o.noc_code = e.noc_code "
        "WHERE e.list_id = ? AND e.noc_code NOT IN (SELECT noc_code FROM occupation_list_entries WHERE list_id = ?) ORDER BY e.noc_code",
        before["list_id"], force["list_id"],
    )  # fmt: skip


async def read_reported(database: Database, pathway_id: str) -> list[Row]:
    """Occupations that current texts say the pathway takes."""
    return await select(database, _SAID, pathway_id, "eligible_noc", SHOWN)


async def read_excluded(database: Database, pathway_id: str) -> list[Row]:
    """Occupations that current texts say the pathway doesn't take."""
    return await select(database, _SAID, pathway_id, "excluded_noc", SHOWN)


# ---------------------------------------------------------------- of one occupation

_LISTING = """SELECT l.list_id, l.title AS list, l.pathway_id, p.name AS pathway, l.valid_from, l.valid_to, l.source, l.confidence, min(e.part) AS part, group_concat(DISTINCT e.note) AS note,
  l.valid_from <= ?1 AND (l.valid_to IS NULL OR l.valid_to >= ?1) AS in_force,
  (SELECT n.complete FROM occupation_lists n WHERE n.pathway_id = l.pathway_id AND n.valid_from > l.valid_from ORDER BY n.valid_from LIMIT 1) AS next_complete
FROM occupation_list_entries e JOIN occupation_lists l ON l.list_id = e.list_id JOIN pathways p ON p.pathway_id = l.pathway_id
WHERE e.noc_code = ?2 GROUP BY l.list_id ORDER BY l.valid_from DESC, p.name"""
_TOLD = f"""SELECT told.pathway_id, p.name AS pathway, told.attribute_id, count(*) AS facts, count(DISTINCT told.source_id) AS sources, max(s.official) AS official, min(told.published) AS first, max(told.published) AS last,
  max(told.fact_id) AS fact_id, (SELECT max(l.complete AND l.valid_from <= ?1 AND (l.valid_to IS NULL OR l.valid_to >= ?1)) FROM occupation_lists l WHERE l.pathway_id = told.pathway_id) AS decided,
  (SELECT max(l.valid_to) FROM occupation_lists l WHERE l.pathway_id = told.pathway_id AND l.valid_to < ?1) AS ended
FROM (SELECT fact_id, pathway_id, attribute_id, published, source_id FROM facts WHERE noc_code = ?2 AND +status = 'current' AND modality NOT IN ('denied', 'proposed', 'forecast') ORDER BY recorded_at DESC LIMIT {_LOOKED}) told
JOIN pathways p ON p.pathway_id = told.pathway_id JOIN sources s ON s.source_id = told.source_id WHERE told.attribute_id IN ('eligible_noc', 'excluded_noc')
GROUP BY told.pathway_id, told.attribute_id ORDER BY p.name"""  # noqa: S608 - our own number
_DRAWN = f"""SELECT d.draw_id, d.draw_date, d.name, d.invitations, d.cutoff_score, d.pathway_id, p.name AS pathway, l.list_id, l.title AS list
FROM occupation_list_entries e CROSS JOIN occupation_lists l ON l.list_id = e.list_id CROSS JOIN draws d ON d.pathway_id = l.pathway_id AND d.draw_date BETWEEN l.valid_from AND coalesce(l.valid_to, '9999')
JOIN pathways p ON p.pathway_id = d.pathway_id WHERE e.noc_code = ? GROUP BY d.draw_id ORDER BY d.draw_date DESC, d.draw_id LIMIT {_DRAWS + 1}"""  # noqa: S608 - our own number
_NAMED = f"""SELECT a.article_id, a.title, a.published, s.name AS source, s.official, max(told.fact_id) AS fact_id
FROM (SELECT fact_id, article_id FROM facts WHERE noc_code = ? AND +status = 'current' ORDER BY recorded_at DESC LIMIT {_LOOKED}) told JOIN articles a ON a.article_id = told.article_id JOIN sources s ON s.source_id = a.source_id
GROUP BY a.article_id ORDER BY a.published DESC, a.article_id LIMIT {_ARTICLES}"""  # noqa: S608 - our own number


async def read_takers(database: Database, noc_code: str, today: str) -> Row:
    """Which pathways take an occupation.

    Gives `now` (lists in force today), `said` (texts alone, where no whole list is in force and the texts are younger than the last one),
    `before` (lists no longer in force, of pathways that aren't among `now`), `outdated` (texts that a list decides against or that are older than one that ended),
    and `excluding` (texts that exclude it).
    """
    listing = await select(database, _LISTING, today, noc_code)
    now = [row for row in listing if row["in_force"]]
    taking = {row["pathway_id"] for row in now}
    before: dict[str, Row] = {}
    for row in listing:
        if row["valid_to"] and not row["in_force"] and row["pathway_id"] not in taking:
            before.setdefault(row["pathway_id"], row)
    for row in now:
        row["earlier"] = [other for other in listing if other["pathway_id"] == row["pathway_id"] and other["valid_from"] < row["valid_from"]]
    told = await select(database, _TOLD, today, noc_code)
    eligible = [row for row in told if row["attribute_id"] == "eligible_noc" and row["pathway_id"] not in taking]
    said = [row for row in eligible if not row["decided"] and (not row["ended"] or (row["last"] or "") > row["ended"])]
    return {
        "now": now,
        "said": said,
        "before": list(before.values()),
        "outdated": [row for row in eligible if row not in said],
        "excluding": [row for row in told if row["attribute_id"] == "excluded_noc"],
    }


async def read_inviting(database: Database, noc_code: str) -> list[Row]:
    """The last draws of categories whose list on record had the occupation on that day."""
    return await select(database, _DRAWN, noc_code)


async def read_naming(database: Database, noc_code: str) -> list[Row]:
    """The last articles that name the occupation, each with a fact that does."""
    return await select(database, _NAMED, noc_code)
