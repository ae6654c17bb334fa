"""The schema: every key can be followed, every word is explained, and each view gives what it declares."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import get_args

import pytest

from crawlers.source import TextPolicy
from db.schema import ARCHIVE, ARCHIVE_VIEWS, PUBLIC, PUBLIC_VIEWS, TEXT_POLICIES
from db.tables import create_statements

DATABASES = {"archive": (ARCHIVE, ARCHIVE_VIEWS), "facts": (PUBLIC, PUBLIC_VIEWS)}
TABLES = [(database, table) for database, (tables, _) in DATABASES.items() for table in tables]
VIEWS = [(database, view) for database, (_, views) in DATABASES.items() for view in views]
KEYS = [(database, table, column) for database, table in TABLES for column in table.columns if column.references]


def named(row) -> str:
    return ".".join(part if isinstance(part, str) else part.name for part in row)


@pytest.fixture(scope="module")
def databases():
    opened = {}
    for name, (tables, views) in DATABASES.items():
        opened[name] = sqlite3.connect(":memory:")
        for statement in create_statements(tables, views):
            opened[name].execute(statement)
    yield opened
    for connection in opened.values():
        connection.close()


@pytest.mark.parametrize(("database", "table"), TABLES, ids=map(named, TABLES))
def test_a_table_has_its_declared_columns_and_is_strict(databases, database, table):
    columns = {row[1]: row[2] for row in databases[database].execute(f'PRAGMA table_xinfo("{table.name}")')}
    assert columns == {column.name: column.type for column in table.columns}
    assert databases[database].execute("SELECT strict FROM pragma_table_list WHERE name = ?", [table.name]).fetchone() == (1,)


@pytest.mark.parametrize(("database", "table"), TABLES, ids=map(named, TABLES))
def test_everything_is_explained(database, table):
    assert table.title.strip()
    assert table.description.strip().endswith(".")
    assert [column.name for column in table.columns if not column.description.strip()] == []
    names = {column.name for column in table.columns}
    assert {*table.key, *table.facets, *([table.label] if table.label else []), *([table.sort.removeprefix("-")] if table.sort else [])} <= names
    assert all(table.column(name).required for name in table.key)


@pytest.mark.parametrize(("database", "table", "column"), KEYS, ids=map(named, KEYS))
def test_a_foreign_key_names_a_column_that_is_there_and_unique(databases, database, table, column):
    parent, parent_column = column.references.split(".")
    keys = [row for row in databases[database].execute(f'PRAGMA foreign_key_list("{table.name}")') if row[3] == column.name]
    assert [(row[2], row[4]) for row in keys] == [(parent, parent_column)]
    [declared] = [other for other in DATABASES[database][0] if other.name == parent]
    assert declared.key == (parent_column,)


@pytest.mark.parametrize(("database", "table", "column"), KEYS, ids=map(named, KEYS))
def test_a_foreign_key_is_indexed(databases, database, table, column):
    connection = databases[database]
    leading = {connection.execute(f'PRAGMA index_info("{index[1]}")').fetchone()[2] for index in connection.execute(f'PRAGMA index_list("{table.name}")')}
    assert column.name in leading


@pytest.mark.parametrize(("database", "table", "column"), [row for row in KEYS if row[0] == "facts"], ids=[named(row) for row in KEYS if row[0] == "facts"])
def test_what_a_public_key_points_to_has_a_label(database, table, column):
    # Or Datasette shows bare ids.
    [parent] = [other for other in PUBLIC if other.name == column.references.split(".")[0]]
    assert parent.label


@pytest.mark.parametrize("table", [table for table in PUBLIC if table.facets], ids=lambda table: table.name)
def test_what_datasette_filters_by_is_indexed(databases, table):
    leading = {databases["facts"].execute(f'PRAGMA index_info("{index[1]}")').fetchone()[2] for index in databases["facts"].execute(f'PRAGMA index_list("{table.name}")')}
    assert set(table.facets) <= leading


@pytest.mark.parametrize(("database", "view"), VIEWS, ids=map(named, VIEWS))
def test_a_view_runs_and_gives_its_declared_columns(databases, database, view):
    cursor = databases[database].execute(f'SELECT * FROM "{view.name}"')
    assert [column[0] for column in cursor.description] == list(view.columns)
    assert cursor.fetchall() == []
    assert view.title.strip()
    assert view.description.strip().endswith(".")
    assert all(description.strip() for description in view.columns.values())


@pytest.mark.parametrize("view", ARCHIVE_VIEWS, ids=lambda view: view.name)
def test_integrity_views_say_that_they_must_be_empty(view):
    assert view.name.startswith("x_")
    assert "Must be empty" in view.description


def test_recorded_times_are_marked_so():
    # Else two databases that know the same would have different digests.
    unmarked = [f"{table.name}.{column.name}" for table in PUBLIC if not table.operational for column in table.columns if column.name.endswith("_at") and not column.recorded]
    assert [name for name in unmarked if name != "draws.tie_break_at"] == []  # that one is the authority's time


def test_no_column_of_the_public_database_holds_a_body_but_one():
    assert [(table.name, column.name) for table in PUBLIC for column in table.columns if column.name in {"text", "body", "raw", "html"}] == [("article_versions", "text")]


def test_the_packages_mean_the_same_by_their_words():
    # db knows nothing of crawlers, so that the words are written twice.
    assert get_args(TextPolicy) == TEXT_POLICIES


def test_each_integrity_view_finds_its_fault():
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in create_statements(ARCHIVE, ARCHIVE_VIEWS):
            connection.execute(statement)
        source = dict.fromkeys((column.name for column in ARCHIVE[0].columns), "x") | {"text_policy": "full", "official": 0, "minimum": 0, "stale_after": 1, "enabled": 1}
        put(connection, ARCHIVE[0].name, source)
        put(connection, "articles", {"article_id": "a", "source_id": "x", "url": "u", "version_id": "missing", "first_seen_at": "t", "last_checked_at": "t"})
        put(connection, "article_versions", {"version_id": "v", "article_id": "a", "version_no": 1, "capture_id": "c", "title": "t", "language": "en", "text": "Up to 1,200 🍁 people",
                                             "text_sha256": "s", "template": "t", "change_kind": "first", "recorded_at": "t"})
        fact = {"version_id": "v", "pathway_id": "p", "attribute_id": "cap", "value": "1200", "comparator": "eq", "modality": "asserted", "as_written": "1,200", "clause_start": 0, "clause_end": 5,
                "rule": "r", "recorded_at": "t"}
        for number, changes in enumerate(({}, {"clause_end": 500}, {}, {})):
            put(connection, "facts", fact | {"fact_id": f"f{number}"} | changes)
        mark = {"role": "value", "start_char": 6, "end_char": 11, "quote": "1,200"}
        put(connection, "fact_marks", mark | {"fact_id": "f0"})  # sound
        put(connection, "fact_marks", mark | {"fact_id": "f1"})  # sound, but the clause ends behind the text
        put(connection, "fact_marks", mark | {"fact_id": "f2", "start_char": 7, "end_char": 12})  # one character off
        put(connection, "fact_marks", mark | {"fact_id": "f3", "role": "unit"})  # no mark of the value
        assert [row[0] for row in connection.execute("SELECT fact_id FROM x_bad_span")] == ["f2"]
        assert sorted(row[0] for row in connection.execute("SELECT fact_id FROM x_fact_without_evidence")) == ["f1", "f3"]
        assert connection.execute("SELECT * FROM x_wrong_current_version").fetchall() == [("a",)]


def put(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
