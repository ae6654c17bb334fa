"""From declarations to SQL: constraints, generated columns, and one index for each need."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from db.tables import Column, Table, View, create_indexes, create_statements, create_table

KINDS = Table(
    "kinds", "Kinds", "A kind.",
    (Column("kind_id", "TEXT", "Its id.", required=True), Column("name", "TEXT", "Its name.", required=True)), key=("kind_id",), label="name")
THINGS = Table(
    "things", "Things", "A thing.",
    (Column("thing_id", "TEXT", "Its id.", required=True), Column("kind_id", "TEXT", "Its kind.", references="kinds.kind_id", required=True),
     Column("colour", "TEXT", "Its colour.", values=("red", "blue")), Column("weight", "REAL", "Its weight.", unit="kg", default="1.5"),
     Column("made_on", "TEXT", "Its day."), Column("year", "INTEGER", "Its year.", generated="CAST(substr(made_on, 1, 4) AS INTEGER)"),
     Column("seen_at", "TEXT", "When we saw it.", recorded=True)),
    key=("thing_id", "made_on"), unique=(("colour", "year"),), indexes=(("made_on", "colour"),), facets=("year", "colour", "kind_id"), sort="-made_on", checks=("weight > 0",))


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        heavy = View("heavy", "Heavy things", "Things over 2 kg.", "SELECT thing_id FROM things WHERE weight > 2", {"thing_id": "Its id."})
        for statement in create_statements((KINDS, THINGS), (heavy,)):
            opened.execute(statement)
        opened.execute("INSERT INTO kinds VALUES ('k', 'Kind')")
        yield opened


@pytest.mark.parametrize(("values", "fault"), [
    ("('a', NULL, 'red', 1, '2026-01-01')", "NOT NULL"),
    ("('a', 'none', 'red', 1, '2026-01-01')", "FOREIGN KEY"),
    ("('a', 'k', 'green', 1, '2026-01-01')", "CHECK"),  # not among the values
    ("('a', 'k', 'red', -1, '2026-01-01')", "CHECK"),  # the table's own check
    ("('a', 'k', 'red', 'heavy', '2026-01-01')", "cannot store TEXT"),  # types are strict
])
def test_what_breaks_a_declaration_is_refused(connection, values, fault):
    with pytest.raises(sqlite3.IntegrityError, match=fault):
        connection.execute(f"INSERT INTO things (thing_id, kind_id, colour, weight, made_on) VALUES {values}")


def test_what_keeps_to_it_is_stored_with_defaults_and_generated_columns(connection):
    connection.execute("INSERT INTO things (thing_id, kind_id, colour, made_on) VALUES ('a', 'k', NULL, '2026-01-01')")
    assert connection.execute("SELECT weight, year, colour, seen_at FROM things").fetchone() == (1.5, 2026, None, None)


@pytest.mark.parametrize("second", ["('a', 'k', 'blue', '2026-01-01')", "('b', 'k', 'red', '2026-12-31')"])
def test_keys_and_unique_sets_hold(connection, second):
    connection.execute("INSERT INTO things (thing_id, kind_id, colour, made_on) VALUES ('a', 'k', 'red', '2026-01-01')")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        connection.execute(f"INSERT INTO things (thing_id, kind_id, colour, made_on) VALUES {second}")


def test_each_set_of_columns_is_indexed_once_and_none_that_a_key_leads():
    # colour is led by the unique set, thing_id by the key; the foreign key is a facet, too.
    assert [statement.split('"')[1] for statement in create_indexes(THINGS)] == ["things_made_on_colour", "things_kind_id", "things_year", "things_made_on"]
    assert create_indexes(KINDS) == []
    # Of a large table, one that another begins with is left out.
    assert [statement.split('"')[1] for statement in create_indexes(replace(THINGS, large=True))] == ["things_made_on_colour", "things_kind_id", "things_year"]


def test_a_foreign_key_names_its_column():
    assert 'REFERENCES "kinds"("kind_id")' in create_table(THINGS)


def test_columns_are_found_by_name():
    assert THINGS.column("weight").unit == "kg"
    with pytest.raises(KeyError, match=r"things\.length"):
        THINGS.column("length")


def test_lasting_columns_say_what_is_so():
    assert "seen_at" not in THINGS.lasting
    assert len(THINGS.lasting) == len(THINGS.columns) - 1
