"""Digests: equal knowledge gives equal digests, whenever and however often it was learned; other knowledge doesn't."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from db.digest import digest_all, digest_tables
from db.publish import publish
from db.schema import PUBLIC
from tests.db.archive_sample import (
    extract,
    make_article,
    make_capture,
    make_fact,
    make_record,
    make_registry,
    make_round,
    make_source,
    open_archive,
    show,
)

SOURCE = make_source(text_policy="full")
EMPTY = {"event_redirects", "reviews", "quality", "corrections"}  # tables that this sample has no row of


def find(text: str) -> dict:
    return make_record(*(make_fact(text, words, clause=f"up to {words} people") for words in ("1,200", "1,300") if words in text))


def build(folder, *, month: str = "08", texts: tuple[str, ...] = ("up to 1,200 people",), sizes: tuple[str, ...] = ("3,000", "3,100"), **changes) -> str:
    """The digest of a database that was built from scratch in that month."""
    with open_archive(folder / "archive.db", changes.pop("source", SOURCE)) as archive:
        for day, text in enumerate(texts, 1):
            show(archive, make_article(text), f"2026-{month}-0{day}T10:00:00Z")
        for day, size in enumerate(sizes, 1):
            capture = make_capture(f"2026-{month}-0{day}T10:00:00Z", role="rounds", url="https://harbour.example/rounds")
            archive.keep_capture(capture)
            archive.keep_round(capture, make_round(raw=make_round().raw | {"drawSize": size}))
        extract(archive, find, f"2026-{month}-09T11:00:00Z")
    return publish(folder / "archive.db", folder / "facts.db", make_registry(**changes), f"2026-{month}-09T12:00:00Z").digest


def folder(tmp_path, name: str):
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_built_again_at_another_time_from_other_captures_it_is_the_same(tmp_path):
    # A run that was killed and begun again fetched at other times.
    both = ("up to 1,200 people", "up to 1,300 people", "up to 1,200 people")
    assert build(folder(tmp_path, "a"), texts=both) == build(folder(tmp_path, "b"), texts=both, month="11")


@pytest.mark.parametrize("changes", [
    {"texts": ("up to 1,300 people",)}, {"texts": ("up to 1,200 people, at last",)}, {"texts": ("up to 1,200 people", "up to 1,300 people")},
    {"sizes": ("3,000",)}, {"sizes": ("3,000", "3,200")}, {"sizes": ()},
    {"source": make_source(text_policy="excerpt")}, {"source": make_source(text_policy="full", name="Renamed")},
    {"pathway_aliases": []},
])
def test_other_knowledge_has_another_digest(tmp_path, changes):
    assert build(folder(tmp_path, "a")) != build(folder(tmp_path, "b"), **changes)


def test_the_digest_is_that_of_the_file(tmp_path):
    digest = build(tmp_path)
    with closing(sqlite3.connect(tmp_path / "facts.db")) as connection:
        assert digest_all(digest_tables(connection)) == digest


@pytest.mark.parametrize("table", [table for table in PUBLIC if not table.operational and any(column.recorded for column in table.columns)], ids=lambda table: table.name)
def test_recorded_columns_dont_count(tmp_path, table):
    build(tmp_path, texts=("up to 1,200 people", "up to 1,300 people"))
    with closing(sqlite3.connect(tmp_path / "facts.db")) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        before = digest_tables(connection)
        for column in table.columns:
            if column.recorded:
                changed = connection.execute(f'UPDATE "{table.name}" SET "{column.name}" = \'another\'').rowcount
                assert (changed > 0) == (table.name not in EMPTY)
        assert digest_tables(connection) == before


@pytest.mark.parametrize(("table", "column"), [(table.name, column) for table in PUBLIC if table.name in {"facts", "articles", "draws", "sources"} for column in table.lasting
                                               if not table.column(column).generated and not table.column(column).values and table.column(column).type == "TEXT"])
def test_each_lasting_column_counts(tmp_path_factory, table, column):
    path = _sample(tmp_path_factory)
    with closing(sqlite3.connect(path)) as connection:
        before = digest_tables(connection)
        connection.execute(f'UPDATE "{table}" SET "{column}" = \'another\' || rowid')
        after = digest_tables(connection)
        connection.rollback()
    assert [name for name in before if before[name] != after[name]] == [table]


def _sample(factory, built=[]):  # noqa: B006 - built once for all cases
    if not built:
        folder = factory.mktemp("digest")
        build(folder)
        built.append(folder / "facts.db")
    return built[0]


def test_our_own_work_doesnt_count(tmp_path):
    build(tmp_path)
    with closing(sqlite3.connect(tmp_path / "facts.db")) as connection:
        names = set(digest_tables(connection))
    assert {"facts", "articles", "draws", "checks", "pathways"} <= names
    assert names.isdisjoint({"captures", "source_health", "publication"})
