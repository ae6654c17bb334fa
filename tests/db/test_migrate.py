"""Migrations: they give the declared schema, all or nothing, and refuse files that are not ours."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import migrate as module
from db.archive import Archive
from db.as_of import end_of_day
from db.migrate import FOLDER, SchemaError
from db.publish import publish
from db.schema import ARCHIVE, ARCHIVE_VIEWS
from db.tables import create_statements
from tests.db.archive_sample import (
    extract,
    faults,
    make_capture,
    make_fact,
    make_record,
    make_registry,
    make_round,
    open_archive,
)

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


FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("archive-*.sql"))


def load(dump: Path, path: Path) -> dict[str, list[dict[str, object]]]:
    """Write an archive as an earlier version left it, with rows in each table; gives them by table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
        connection.row_factory = sqlite3.Row
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'")]
        return {table: [dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')] for table in tables}


def test_there_is_an_archive_of_each_earlier_version():
    # Of a step that is new, too: write its dump before the next one comes.
    assert [path.stem.removeprefix("archive-") for path in FIXTURES] == [step.stem[:4] for step in STEPS[:len(FIXTURES)]]
    assert len(FIXTURES) >= 6


@pytest.mark.parametrize("dump", FIXTURES, ids=lambda path: path.stem)
class TestUpgrade:
    def test_nothing_is_lost(self, tmp_path, dump):
        before = load(dump, tmp_path / "archive.db")
        assert all(before.values())
        with Archive(tmp_path / "archive.db") as archive, closing(sqlite3.connect(":memory:")) as declared:
            for statement in create_statements(ARCHIVE, ARCHIVE_VIEWS):
                declared.execute(statement)
            assert structure(archive.db.conn) == structure(declared)
            for table, rows in before.items():
                after = archive.rows(f'SELECT * FROM "{table}"')
                assert [{name: row[name] for name in old} for row, old in zip(after, rows, strict=True)] == rows, table
            assert archive.rows("PRAGMA foreign_key_check") == []
            assert faults(archive) == {}

    def test_it_is_published_and_any_earlier_day_of_it(self, tmp_path, dump):
        load(dump, tmp_path / "archive.db")
        Archive(tmp_path / "archive.db").close()
        for day, values in (("2026-08-01", [("1200", "current")]), ("2026-08-02", [("1200", "superseded"), ("1300", "current")])):
            publish(tmp_path / "archive.db", tmp_path / "facts.db", make_registry(), "2026-08-09T12:00:00Z", end_of_day(day))
            with closing(sqlite3.connect(tmp_path / "facts.db")) as public:
                assert public.execute("SELECT value, status FROM facts ORDER BY value").fetchall() == values
                assert public.execute("SELECT cutoff_score, capture_id FROM draws").fetchall() == [(511, "capture-3") if day == "2026-08-01" else (512, "capture-4")]
                assert public.execute("SELECT count(*) FROM articles WHERE gone_at IS NOT NULL").fetchone() == ((1,) if day == "2026-08-02" else (0,))

    def test_work_goes_on_where_it_was(self, tmp_path, dump):
        load(dump, tmp_path / "archive.db")
        with Archive(tmp_path / "archive.db") as archive:
            capture = make_capture("2026-08-03T10:00:00Z", role="rounds", crawl_id=None)
            archive.keep_capture(capture)
            assert archive.keep_round(capture, make_round(raw={"drawNumber": "430", "drawSize": "3,000", "drawCRS": "512"})) == "unchanged"
            facts = archive.rows("SELECT * FROM facts ORDER BY fact_id")
            extract(archive, lambda text: make_record(*(make_fact(text, words, clause=text[15:], comparator="le", rule="cap-up-to-people") for words in ("1,200", "1,300") if words in text)),
                    "2026-08-03T11:00:00Z")
            assert archive.rows("SELECT * FROM facts ORDER BY fact_id") == facts
