"""The home page: what is new, what comes next, the last draws, and ways in."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from db.serve import build_app, close_app
from db.site.pages.front import OF_A_PATHWAY, _spread, read_front
from tests.db.public_sample import build_sample, fact_key
from tests.db.test_site import Reader

AHEAD = """INSERT INTO events (event_id, event_type, pathway_id, title, event_date, effective_date, stance, status, dedupe_key, facts, articles, stories, owners, official, conflict,
  first_reported, last_reported, recorded_at, retired_at) VALUES (?, ?, 'ca-imp-h1b', 'x', ?, ?, ?, ?, ?, 1, 1, 1, 1, 1, 0, '2026-08-01', '2026-08-01', '2026-08-01T00:00:00Z', ?)"""
DATES = (
    ("ev-a", "closure", "2026-09-30", "announced", "scheduled", None), ("ev-b", "opening", "2026-09", "proposed", "proposed", None),
    ("ev-c", "closure", "2026-10-31", "cancelled", "cancelled", None), ("ev-d", "closure", "2026-11-30", "announced", "scheduled", "2026-08-02T00:00:00Z"),
    ("ev-e", "effective", "2026-08", "announced", "in_effect", None),
)  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = build_sample(tmp_path_factory.mktemp("front") / "facts.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(AHEAD, [(name, kind, day, day, stance, status, name, retired) for name, kind, day, stance, status, retired in DATES])
    return path


@pytest.fixture(scope="module")
def page(database):
    app = build_app(database)
    text = asyncio.run(app.client.get("/")).text
    close_app(app)
    return text


def section(page, begins, ends):
    return Reader(page[page.index(begins) : page.index(ends)]).words


def test_new_events_are_named_with_figure_date_support_and_check(page):
    new = section(page, "What is new", "What comes next")
    assert "21 July 2026 · Canadian Experience Class Draw 430, 21 July 2026: 3,000 invitations, cut-off score 511" in new
    assert "told by 1 owner in 1 story, on the official record; figures of texts: 2 agree" in new
    assert "22 July 2026 · Express Entry: healthcare and social services occupations Draw 431" in new
    assert "Immigration Levels Plan Target for 2026: 380,000 to 395,000 people" in new
    assert new.index("Draw 434") < new.index("Draw 431") < new.index("Draw 430") < new.index("Target for 2026")
    assert "2023-07-17" not in new, "merged events aren't news"


def test_evidence_is_one_click_away(page):
    assert f'href="/facts/facts/{fact_key("july-round", 2, "cutoff_score")}"' in page or f'href="/facts/facts/{fact_key("july-round", 2, "invitations")}"' in page
    assert 'href="/facts/events/ev-ca-ee-430"' in page


def test_dates_ahead_are_listed_in_order(page):
    ahead = section(page, "What comes next", 'id="draws"')
    assert "September 2026 Opens September 2026 Open work permit for H-1B visa holders, proposed" in ahead
    assert ahead.index("Opens September 2026") < ahead.index("Closes 30 September 2026")
    for absent in ("October", "November", "August"):
        assert absent not in ahead


def test_latest_draws_stand_in_a_table(page):
    draws = section(page, 'id="draws"', "Ways in")
    assert "6 August 2026 434 A round of a new kind 2,500 401" in draws
    assert draws.index("434") < draws.index("91a")


def test_no_pathway_fills_the_list():
    events = [{"pathway_id": "ca-on", "event_id": str(n)} for n in range(5)] + [{"pathway_id": None, "event_id": name} for name in "xyz"]
    assert [event["event_id"] for event in _spread(events)] == ["0", "1", "x", "y", "z"]
    assert OF_A_PATHWAY == 2


def test_front_page_scans_no_large_table(database):
    asked = []

    class Recorder:
        async def execute(self, sql, values=()):
            asked.append((sql, values))
            return type("Results", (), {"rows": connection.execute(sql, values).fetchall()})()

        async def table_counts(self):
            return {}

    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        asyncio.run(read_front(Recorder()))
        assert len(asked) > 6
        for sql, values in asked:
            for *_, step in connection.execute("EXPLAIN QUERY PLAN " + sql, values):
                bare = step.startswith("SCAN ") and "USING" not in step
                assert not bare or step.split()[1] in {"source_health", "publication", "json_each"} or "subquery" in step, (step, sql)
                assert step != "USE TEMP B-TREE FOR ORDER BY" or "source_health" in sql or "event_values" in sql or "'ev-' || draw_id" in sql, sql
