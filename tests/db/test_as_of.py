"""As of a day: what was published then, from the archive of today; `test_history_properties` tries it on anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from db.as_of import end_of_day
from db.publish import go_back, publish
from tests.commands import ask
from tests.db.archive_sample import (
    extract,
    faults,
    make_article,
    make_capture,
    make_fact,
    make_record,
    make_registry,
    make_round,
    open_archive,
    show,
)

NOW = "2026-09-01T12:00:00Z"


@pytest.fixture
def archive(tmp_path):
    """A cap of 3,000 that is corrected to 300 on the second day, found no more on the third, and found again on the fourth."""
    with open_archive(tmp_path / "archive.db") as opened:
        for day, words, look in ((1, "3,000", find), (2, "300", find), (3, "300", lambda text: make_record()), (4, "300", find)):
            show(opened, make_article(f"The cap is {words}."), f"2026-08-0{day}T10:00:00Z")
            capture = make_capture(f"2026-08-0{day}T10:30:00Z", role="rounds")
            opened.keep_capture(capture)
            opened.keep_round(capture, make_round(cutoff=500 + day, raw={"drawCRS": str(500 + day)}))
            extract(opened, look, f"2026-08-0{day}T11:00:00Z", f"pipeline-{day}")
        yield opened


def find(text):
    words = "3,000" if "3,000" in text else "300"
    return make_record(make_fact(text, words))


def values_on(archive, folder, day):
    publish(archive.path, folder / "then.db", make_registry(), NOW, end_of_day(day))
    return [row[0] for row in ask(folder / "then.db", "SELECT value FROM facts WHERE status = 'current'")]


@pytest.mark.parametrize(("day", "values", "versions", "cutoff", "revisions"), [
    ("2026-07-31", [], 0, [], 0), ("2026-08-01", ["3000"], 1, [501], 0), ("2026-08-02", ["300"], 2, [502], 1), ("2026-08-03", [], 2, [503], 2), ("2026-08-04", ["300"], 2, [504], 3),
])
def test_each_day_has_its_own_facts_versions_and_draws(archive, tmp_path, day, values, versions, cutoff, revisions):
    assert values_on(archive, tmp_path, day) == values
    assert ask(tmp_path / "then.db", "SELECT count(*) FROM article_versions") == [(versions,)]
    assert [row[0] for row in ask(tmp_path / "then.db", "SELECT cutoff_score FROM draws")] == cutoff
    assert ask(tmp_path / "then.db", "SELECT count(*) FROM draw_revisions") == [(revisions,)]
    assert ask(tmp_path / "then.db", "SELECT as_of FROM publication") == [(f"{day}T23:59:59Z",)]


def test_the_archive_itself_is_left_as_it_was_and_no_copy_stays(archive, tmp_path):
    before = list(archive.db.conn.iterdump())
    values_on(archive, tmp_path, "2026-08-01")
    assert list(archive.db.conn.iterdump()) == before
    assert [path.name for path in tmp_path.glob("then.db*")] == ["then.db"]


def test_what_was_taken_back_leaves_nothing_pointing_to_it(archive, tmp_path):
    go_back(archive.path, tmp_path / "copy.db", end_of_day("2026-08-01"), make_registry())
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM row_history").fetchone() == (0,)
    with open_archive(tmp_path / "copy.db") as copy:
        assert faults(copy) == {}


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "", "2026-08-01T00:00:00Z"])
def test_what_is_no_day_is_refused(day):
    with pytest.raises(ValueError, match=r"isoformat|month"):
        end_of_day(day)
