"""What SQLite's ANALYZE says of a database with a million facts, so that plans can be looked at without building one.

A plan on a small database proves little: with a million facts SQLite takes other ways, and may build an index of its own
for one query, which takes seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

ROWS = {
    "facts": 1_000_000, "marks": 3_000_000, "fact_log": 1_050_000, "event_facts": 1_000_000, "event_values": 400_000, "events": 200_000, "articles": 100_000, "article_versions": 110_000,
    "stories": 80_000, "captures": 110_000, "checks": 60_000, "candidates": 5_000, "version_changes": 20_000, "draws": 2_000, "pathways": 300, "pathway_aliases": 7_000, "occupations": 1_016, "occupation_changes": 585, "sources": 60,
    "jurisdictions": 20, "attributes": 20,
}  # fmt: skip
# Different values of a column where they are far fewer than its table's rows.
DISTINCT = {
    "pathway_id": 200, "attribute_id": 18, "status": 3, "noc_code": 800, "source_id": 60, "year": 12, "article_id": 100_000, "event_type": 14, "official": 2, "conflict": 2, "published": 4_200,
    "event_date": 4_200, "draw_date": 1_500, "edition": 2, "teer": 6, "jurisdiction_id": 20, "parent_id": 60, "role": 4, "rank": 3, "basis": 4, "kind": 6, "verdict": 4, "language": 3,
    "broad_category": 10, "lang": 2, "link_rule": 12, "change_kind": 4, "retired_at": 50,
}  # fmt: skip


def pretend_large(connection: sqlite3.Connection) -> None:
    """Write the statistics of a large database into `connection`'s; plans count from the next connection on."""
    with connection:
        connection.execute("ANALYZE")
        connection.execute("DELETE FROM sqlite_stat1")
        for table, rows in ROWS.items():
            for _, index, *_ in connection.execute(f'PRAGMA index_list("{table}")').fetchall():
                names, different, figures = [row[2] for row in connection.execute(f'PRAGMA index_info("{index}")')], 1, [rows]
                for name in names:
                    different = min(rows, different * DISTINCT.get(name, rows))
                    figures.append(max(1, rows // different))
                if index.startswith("sqlite_autoindex"):
                    figures[-1] = 1
                connection.execute("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", [table, index, " ".join(str(figure) for figure in figures)])
