"""The real Express Entry feed: all rounds load, and a later snapshot logs exactly the fields that IRCC changed."""

from __future__ import annotations

import json

import pytest

from crawlers.rounds import read_rounds
from tests.db.archive_sample import faults, make_capture, make_source, open_archive

pytestmark = pytest.mark.shared
SNAPSHOTS = ("2024-04-06", "2026-08-07")


@pytest.fixture(scope="module")
def feeds(shared):
    bodies = {day: shared / "samples" / "express_entry" / f"ee_rounds_123_en.{day}.json" for day in SNAPSHOTS}
    if missing := [path.name for path in bodies.values() if not path.exists()]:
        pytest.skip(f"no snapshot of the feed: {missing[0]} is missing in the reference material")
    return {day: path.read_bytes() for day, path in bodies.items()}


def load(archive, body, day):
    capture = make_capture(f"{day}T10:00:00Z", source="rounds", role="rounds")
    archive.keep_capture(capture)
    feed = read_rounds(body)
    assert feed.problems == ()
    return [archive.keep_round(capture, official) for official in feed.rounds]


def raw_rows(body):
    """The feed's rows as it has them, by number: what a brute-force comparison goes by."""
    return {row["drawNumber"].strip().lower(): {name: "" if value is None else str(value) for name, value in row.items()} for row in json.loads(body.decode("utf-8-sig"))["rounds"]}


def test_all_rounds_load(tmp_path, feeds):
    with open_archive(tmp_path / "archive.db", make_source("rounds")) as archive:
        assert load(archive, feeds["2026-08-07"], "2026-08-07") == ["new"] * 435
        [counts] = archive.rows("""SELECT count(*) AS draws, sum(pool_total IS NULL) AS no_pool, sum(pool_total = 0 OR invitations = 0 OR cutoff_score = 0) AS zeros, count(DISTINCT draw_id) AS ids,
                                   min(draw_date) AS first, max(draw_date) AS last, sum(invitations_comparator <> 'eq') AS limits FROM draws""")
        assert counts == {"draws": 435, "no_pool": 218, "zeros": 0, "ids": 435, "first": "2015-01-31", "last": "2026-08-07", "limits": 0}
        by_year = {row["year"]: (row["invitations"], row["rounds"]) for row in archive.rows(
            "SELECT substr(draw_date, 1, 4) AS year, sum(invitations) AS invitations, count(*) AS rounds FROM draws GROUP BY year")}
        assert {year: by_year[year] for year in ("2015", "2019", "2023", "2026")} == {"2015": (31063, 23), "2019": (85300, 26), "2023": (110266, 42), "2026": (113423, 46)}
        assert archive.rows("SELECT * FROM draw_revisions") == []
        assert faults(archive) == {}


def test_the_later_snapshot_logs_exactly_the_fields_that_differ(tmp_path, feeds):
    before, after = (raw_rows(feeds[day]) for day in SNAPSHOTS)
    expected = {
        (number, field, row.get(field), after[number].get(field))
        for number, row in before.items() if number in after for field in row.keys() | after[number].keys() if row.get(field) != after[number].get(field)
    }
    assert len(before) == 292
    assert expected
    with open_archive(tmp_path / "archive.db", make_source("rounds")) as archive:
        assert load(archive, feeds["2024-04-06"], "2024-04-06") == ["new"] * 292
        outcomes = load(archive, feeds["2026-08-07"], "2026-08-07")
        assert (outcomes.count("new"), outcomes.count("changed")) == (435 - 292, len({number for number, *_ in expected}))
        told = archive.rows("SELECT d.number, r.field, r.old_value, r.new_value FROM draw_revisions r JOIN draws d ON d.draw_id = r.draw_id")
        assert {tuple(row.values()) for row in told} == expected
        assert len(told) == len(expected)
        # Loading either once more changes nothing.
        assert set(load(archive, feeds["2026-08-07"], "2026-08-08")) == {"unchanged"}
        assert set(load(archive, feeds["2024-04-06"], "2024-04-06")) == {"unchanged"}
        assert archive.one("SELECT count(*) AS n FROM draw_revisions")["n"] == len(expected)
        assert archive.one("SELECT count(*) AS n FROM draws")["n"] == 435
        assert faults(archive) == {}
