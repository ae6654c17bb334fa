"""Migrations: they give the declared schema, all or nothing, and refuse files that are not ours."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import migrate as module
from db.archive import Archive
from db.migrate import FOLDER, SchemaError
from db.schema import ARCHIVE, ARCHIVE_VIEWS
from db.tables import create_statements
from tests.db.archive_sample import make_capture, make_round, open_archive

STEPS = sorted(FOLDER.glob("[0-9]*.sql"))


def structure(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Kind, name and SQL of all that is in a database, white space aside; the notes of migrations left out."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE '%sqlite_migrations%'")
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows}


def test_the_migrations_give_what_the_schema_declares(tmp_path):
    with Archive(tmp_path / "archive.db") as archive, closing(sqlite3.connect(":memory:")) as declared:
        for statement in create_statements(ARCHIVE, ARCHIVE_VIEWS):
            declared.execute(statement)
        assert structure(archive.db.conn) == structure(declared)


def test_a_second_opening_changes_nothing(tmp_path):
    with open_archive(tmp_path / "archive.db") as archive:
        before = list(archive.db.conn.iterdump())
    with Archive(tmp_path / "archive.db") as archive:
        assert list(archive.db.conn.iterdump()) == before
        assert [row["name"] for row in archive.rows("SELECT name FROM _sqlite_migrations")] == [step.stem for step in STEPS]


@pytest.mark.parametrize("content", [b"not a database at all, but longer than the head of one" * 20, b"\x1f\x8b\x08" + b"\0" * 5_000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "archive.db"
    path.write_bytes(content)
    with pytest.raises(SchemaError, match="--data") as caught:
        Archive(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_anothers_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE sources (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(SchemaError, match="--data"):
        Archive(path)
    assert path.read_bytes() == before


def test_a_later_versions_database_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "archive.db"
    with open_archive(path) as archive:
        archive.db.table("_sqlite_migrations").insert({"migration_set": "landed", "name": "9999_later", "applied_at": "2027-01-01"})
    with pytest.raises(SchemaError, match="Upgrade Landed") as caught:
        Archive(path)
    assert "9999_later" in str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_an_error_and_no_crash(tmp_path):
    (tmp_path / "archive.db").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        Archive(tmp_path / "archive.db")


def test_a_step_that_fails_leaves_no_half_of_itself_and_is_tried_again(tmp_path, monkeypatch):
    folder = tmp_path / "migrations"
    folder.mkdir()
    for step in STEPS:
        (folder / step.name).write_bytes(step.read_bytes())
    broken = folder / "9000_broken.sql"
    broken.write_text("CREATE TABLE halfway (a TEXT);\n\nCREATE TABLE halfway (a TEXT)", encoding="utf-8")
    monkeypatch.setattr(module, "FOLDER", folder)
    path = tmp_path / "archive.db"
    with pytest.raises(sqlite3.OperationalError, match="halfway"):
        Archive(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'halfway'").fetchone() == (0,)
        assert connection.execute("SELECT name FROM _sqlite_migrations").fetchall() == [(step.stem,) for step in STEPS]
    broken.write_text("CREATE TABLE halfway (a TEXT)", encoding="utf-8")
    with Archive(path) as archive:
        assert archive.rows("SELECT * FROM halfway") == []


def test_an_empty_file_becomes_an_archive(tmp_path):
    Path(tmp_path / "archive.db").touch()
    with Archive(tmp_path / "archive.db") as archive:
        assert archive.rows("SELECT * FROM sources") == []


def test_an_archive_of_the_first_version_keeps_all_of_its_rows(tmp_path, monkeypatch):
    path, folder = tmp_path / "archive.db", tmp_path / "first"
    folder.mkdir()
    (folder / STEPS[0].name).write_bytes(STEPS[0].read_bytes())
    monkeypatch.setattr(module, "FOLDER", folder)
    with open_archive(path) as archive:  # begins a crawl
        capture = make_capture(role="rounds")
        archive.keep_capture(capture)
        archive.db.execute(
            """INSERT INTO draws (draw_id, system, number, draw_date, name, invitations, raw, source_id, first_capture_id, last_capture_id, first_seen_at)
               VALUES ('ca-ee-430', 'ca-ee', '430', '2026-07-21', 'Canadian Experience Class', 3000, '{"drawSize": "3,000"}', 'harbour', :id, :id, '2026-08-01T10:00:00Z')""", {"id": capture.id})
        archive.db.conn.commit()
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'")]
        before = {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}
    monkeypatch.undo()
    with Archive(path) as archive, closing(sqlite3.connect(":memory:")) as declared:
        for statement in create_statements(ARCHIVE, ARCHIVE_VIEWS):
            declared.execute(statement)
        assert structure(archive.db.conn) == structure(declared)
        for table, rows in before.items():
            after = archive.db.execute(f'SELECT * FROM "{table}"').fetchall()
            assert [row[:len(old)] for row, old in zip(after, rows, strict=True)] == rows, table
            assert {value for row, old in zip(after, rows, strict=True) for value in row[len(old):]} <= {None}, table
        assert len(before["draws"]) == len(before["crawls"]) == 1
        assert archive.keep_round(capture, make_round(raw={"drawSize": "3,000"})) == "unchanged"
