"""No page, feed, calendar, query or search goes through a large table: every statement that it runs is looked at.

Plans are read from SQLite's own program for each statement (EXPLAIN), with the statistics of a database of a million
facts. `Rewind` and `Last` begin a pass over a table or an index, `Count` counts all of it.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing

import pytest

from db.metadata import load_queries
from db.schema import PUBLIC
from db.serve import build_app, close_app
from db.site.pages.rows_told import can_date, can_tell
from tests.db.large_statistics import pretend_large
from tests.db.public_sample import build_sample, fact_key

LARGE = {table.name for table in PUBLIC if table.large}
QUERIES = [f"/facts/{query.name}.json?" + "&".join(f"{each.name}={each.example}" for each in query.parameters) for query in load_queries()]
PATHS = (
    "/", "/facts", "/search", "/search?q=H-1B", "/search?q=express+entyr", "/search?q=21231", "/search?q=TEER+3", "/search?q=permit+holders", "/draws", "/health", "/query", "/feeds", "/feeds?of=pathways&id=ca-ee", "/data",
    "/robots.txt", "/sitemap.xml", "/llms.txt", "/feeds/events.atom", "/feeds/dates.ics",
    *(f"/feeds/{scope}{form}" for scope in ("pathways/ca-ee", "jurisdictions/CA", "occupations/21231") for form in (".atom", ".ics")),
    *(f"/facts/{table.name}" for table in PUBLIC), *(f"/facts/{table.name}{form}" for table in PUBLIC for form, can in ((".atom", can_tell), (".ics", can_date)) if can([column.name for column in table.columns])),
    f"/facts/facts/{fact_key('h1b-permit', 1, 'cap')}", f"/facts/facts/{fact_key('july-round', 1, 'invitations')}", "/facts/events/ev-ca-ee-430", "/facts/events/ev-0000000000000001", "/facts/events/ev-0000000000000004",
    "/facts/articles/july-round", "/facts/articles/hostile", "/facts/pathways/ca-ee", "/facts/pathways/ca-levels", "/facts/occupations/21231", "/facts/occupations/2173", "/facts/draws/ca-ee-430",
    "/facts/sources/harbour-times", "/facts/jurisdictions/CA", "/facts/attributes/cap", "/facts/stories/levels", "/facts/captures/urn-hostile-1", "/glossary", *QUERIES,
)  # fmt: skip


# Saved queries, and one page, that go through a whole table for their answer. Each has the time limit of a reader's own SQL; of the queries, three at most run at once.
ALLOWED = {
    "/health": {"checks"},  # counts all checks by source
    "/facts/accuracy_by_source.json": {"checks"},  # counts all checks
    "/facts/changed_passages.json": {"version_changes"},  # in the order of its key; without an article given
    "/facts/changes_since.json": {"events", "version_changes"},  # v_changes puts together what changed anywhere
    "/facts/conflicts.json": {"events"},  # in the order of its key, until 500 are found
    "/facts/copied_stories.json": {"stories"},  # from the most copied downwards, until 200 are found
    "/facts/events_on_one_word.json": {"events"},  # from the last recorded backwards, until 300 are found
    "/facts/pathways_on.json": {"events"},  # by an index that begins with the pathway
    "/facts/pathways_to_review.json": {"candidates"},  # counts all candidates
    "/facts/status_of_pathways.json": {"events"},  # by an index that begins with the pathway
}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = build_sample(tmp_path_factory.mktemp("plans") / "facts.db")
    with closing(sqlite3.connect(path)) as connection:
        pretend_large(connection)
    return path


@pytest.fixture(scope="module")
def asked(database):
    """The statements that each address runs."""
    app = build_app(database)
    statements, found = [], {}
    for connection in app.databases["facts"]._current.connections:
        connection.set_trace_callback(statements.append)

    async def ask_all():
        for path in PATHS:
            statements.clear()
            assert (await app.client.get(path)).status_code in {200, 302, 404}, path
            # Comments are what SQLite runs within a statement, for a full-text index.
            found[path] = [one for one in dict.fromkeys(statements) if one.lstrip("( \n").upper().startswith(("SELECT", "WITH"))]

    asyncio.run(ask_all())
    close_app(app)
    return found


def find_passes(connection, statement):
    """The large tables that a statement goes through to the end, each with the index that it reads ("" for the table itself)."""
    names = {row[0]: (row[1], "" if row[2] == "table" else row[3]) for row in connection.execute("SELECT rootpage, tbl_name, type, name FROM sqlite_schema WHERE rootpage > 0")}
    program = [row[:4] for row in connection.execute(f"EXPLAIN {statement}")]
    # Sorted by an index but for ties: ends where the LIMIT is reached and the last tie is read.
    sorts = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}") if "TEMP B-TREE" in row[3]]
    limited = "LIMIT" in statement.upper() and sorts and all(re.search(r" (LAST|RIGHT) ", one) for one in sorts)
    opened = {cursor: names[page] for _, code, cursor, page in program if code == "OpenRead" and page in names}
    passes = [opened[first] for _, code, first, _ in program if code == "Count"]
    for at, code, cursor, _ in program:
        if code in {"Rewind", "Last"} and cursor in opened and not limited:
            end, begin = next(((place, back) for place, step, moved, back in program if place > at and step in {"Next", "Prev"} and moved == cursor), (at, at))
            # A LIMIT, or the first row of a search for the least or greatest, leaves the loop.
            left = any(leap > end for _, step, _, leap in program[begin:end] if step == "DecrJumpZero") or (program[end - 1][1] == "Goto" and program[end - 1][3] > end)
            if end > at and not left:
                passes.append(opened[cursor])
    return [one for one in passes if one[0] in LARGE]


@pytest.mark.parametrize(("statement", "passes"), [
    ("SELECT count(*) FROM facts", ["facts"]),
    ("SELECT * FROM facts WHERE evidence LIKE '%x%'", ["facts"]),
    ("SELECT rule, count(*) FROM facts GROUP BY rule LIMIT 5", ["facts"]),
    ("SELECT * FROM facts ORDER BY score LIMIT 5", ["facts"]),
    ("SELECT a.title FROM articles a JOIN marks m ON m.quote = a.title WHERE a.article_id = 'levels'", ["marks"]),
    ("SELECT * FROM facts ORDER BY published DESC LIMIT 5", []),
    ("SELECT * FROM facts ORDER BY published DESC, fact_id LIMIT 5", []),
    ("SELECT max(published) FROM facts", []),
    ("SELECT * FROM facts WHERE pathway_id = 'ca-ee' ORDER BY published DESC LIMIT 5", []),
    ("SELECT count(*) FROM pathways", []),
])  # fmt: skip
def test_passes_are_found(database, statement, passes):
    with closing(sqlite3.connect(database)) as connection:
        assert [table for table, _ in find_passes(connection, statement)] == passes


@pytest.mark.parametrize("path", PATHS)
def test_no_large_table_is_gone_through(asked, database, path):
    allowed = ALLOWED.get(path.partition("?")[0], set())
    with closing(sqlite3.connect(database)) as connection:
        for statement in asked[path]:
            if re.fullmatch(r"select count\(\*\) from \w+ ", statement):
                continue  # a whole table's rows: counted once for each publication (`db.site.live`)
            found = find_passes(connection, statement)
            assert [one for one in found if one[0] not in allowed] == [], statement


def test_every_kind_of_page_was_asked(asked):
    assert sum(bool(statements) for statements in asked.values()) > 0.9 * len(PATHS)
