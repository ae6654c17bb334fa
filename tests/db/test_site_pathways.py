"""The pages of pathways and draws: status with its words, timeline, limits, draws, occupations and facts."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from db.serve import build_app, close_app
from db.site.pages import ROW_PAGES
from db.site.pages.draw import compare_draws
from db.site.pages.limits import split_targets
from db.site.pages.pathway import read_status
from tests.db.large_statistics import pretend_large
from tests.db.public_sample import build_sample, fact_key
from tests.db.test_site import Reader

EVENT = """INSERT INTO events (event_id, event_type, pathway_id, title, event_date, effective_date, end_date, period, stance, status, dedupe_key, facts, articles, stories, owners, official, conflict,
  first_reported, last_reported, recorded_at, retired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'reported', ?, 1, 1, 1, 1, 1, 0, ?, ?, '2026-08-01T00:00:00Z', ?)"""
DRAW = """INSERT INTO draws (draw_id, pathway_id, system, number, draw_date, name, program, invitations, cutoff_score, source_id, capture_id, first_seen_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'ca-ee-rounds', '00000000-feed', '2026-08-07T12:00:00Z')"""
TARGET = """INSERT INTO levels_targets (target_id, title, plan, tabled_on, measure, pathway_id, year, target, source, basis, confidence)
  VALUES (?, ?, ?, ?, 'pr_total', 'ca-levels', ?, ?, 'Federal newsroom', 'official', 'high')"""
# Id, type, pathway, date, effective date, end, period, stance, first reported, retired.
EVENTS = (
    ("ev-full", "cap_reached", "ca-imp-h1b", "2023-07-17", "2023-07-17", "2023-07-17", None, "announced", "2023-07-18", None),
    ("ev-closed", "closure", "ca-on-oinp", "2026-07-31", "2026-07-31", None, None, "announced", "2026-07-01", None),
    ("ev-ahead", "opening", "ca-on-oinp", "2026-10-01", "2026-10-01", None, None, "announced", "2026-07-01", None),
    ("ev-denied", "opening", "ca-on-oinp", "2026-08-01", "2026-08-01", None, None, "cancelled", "2026-07-02", None),
    ("ev-gone", "opening", "ca-on-oinp", "2026-08-02", "2026-08-02", None, None, "announced", "2026-07-02", "2026-08-03T00:00:00Z"),
    ("ev-allocation", "allocation", "ca-on-oinp", "2026", "2026", "2026", "2026", "announced", "2026-01-10", None),
    ("ev-listed", "list_change", "ca-ee-cec", None, None, None, None, "reported", "2024-05-05", None),
)  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = build_sample(tmp_path_factory.mktemp("pathways") / "facts.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(EVENT, [(name, kind, pathway, "x", day, effective, end, period, stance, name, told, told, retired)
                                       for name, kind, pathway, day, effective, end, period, stance, told, retired in EVENTS])
        connection.execute("INSERT INTO event_values (event_id, attribute_id, scope, unit, value, value_num, rank, place, conflict, basis, on_record, facts, owners) "
                           "VALUES ('ev-allocation', 'cap', '', 'nominations', '400', 400, 'preferred', 1, 0, 'official', 0, 1, 1)")
        connection.execute("INSERT INTO event_facts (fact_id, event_id, role, link_rule, link_score) VALUES (?, 'ev-full', 'background', 'first', 1)", [fact_key("h1b-permit", 1, "processing_time")])
        connection.executemany(DRAW, [
            ("ca-on-oinp-1", "ca-on-oinp", "ca-on-oinp", "2026-03-01", "2026-03-01", "Foreign Worker", "Health", 60, 40),
            ("ca-on-oinp-2", "ca-on-oinp", "ca-on-oinp", "2026-04-01", "2026-04-01", "Foreign Worker", "Health", 40, 38),
            ("ca-on-oinp-3", "ca-on-oinp", "ca-on-oinp", "2026-04-02", "2026-04-02", "Foreign Worker", "Trades", None, 30),
            ("ca-on-oinp-0", "ca-on-oinp", "ca-on-oinp", "2025-04-01", "2025-04-01", "Foreign Worker", "Health", 5000, 20),
        ])  # fmt: skip
        connection.executemany(TARGET, [
            ("2025-2027-pr-total-2026", "Permanent residents 2026, plan 2025-2027", "2025-2027", "2024-10-24", 2026, 370000),
            ("2025-2027-pr-total-2025", "Permanent residents 2025, plan 2025-2027", "2025-2027", "2024-10-24", 2025, 395000),
            ("2027-2029-pr-total-2026", "Not yet tabled", "2027-2029", "2026-11-01", 2026, 1),
        ])  # fmt: skip
    return path


@pytest.fixture(scope="module")
def show(database):
    app = build_app(database)
    kept = {}

    def show(path):
        if path not in kept:
            response = asyncio.run(app.client.get(path))
            assert response.status_code == 200, (path, response.text[:2000])
            kept[path] = response.text
        return kept[path]

    yield show
    close_app(app)


def words(page, begins="<main", ends="</main"):
    start = page.index(begins)
    return Reader(page[start : page.index(ends, start)]).words


class Recorder:
    """A database that notes what it is asked."""

    def __init__(self, connection):
        connection.row_factory = sqlite3.Row
        self.connection, self.asked = connection, []

    async def execute(self, sql, values=()):
        self.asked.append((sql, values))
        return type("Results", (), {"rows": self.connection.execute(sql, values).fetchall()})()


class TestStatus:
    def test_it_names_the_event_and_quotes_it(self, show):
        page = words(show("/facts/pathways/ca-on-oinp"), "state state-closed", "</section>")
        assert "Closed since 31 July 2026" in page
        assert "Ahead: Opens 1 October 2026" in page
        full = show("/facts/pathways/ca-imp-h1b")
        assert "Full: its cap was reached since 17 July 2023" in words(full)
        assert f'href="/facts/facts/{fact_key("h1b-permit", 1, "processing_time")}"' in full
        assert "Processing takes 6 to 8 weeks" in words(full, "state state-full", "</section>")

    def test_pools_invite_by_draws_and_plans_have_none(self, show):
        assert "Invites by draws as of 7 August 2026 Last draw on record: 21 July 2026, 3,000 invitations, cut-off score 511" in words(show("/facts/pathways/ca-ee-cec"))
        assert 'class="state' not in show("/facts/pathways/ca-levels")

    def test_it_is_that_of_the_view(self, database):
        with closing(sqlite3.connect(database)) as connection:
            recorder = Recorder(connection)
            states = {}
            for row in connection.execute("SELECT v.*, p.valid_to FROM v_pathway_status v JOIN pathways p USING (pathway_id)").fetchall():
                status = asyncio.run(read_status(recorder, {"pathway_id": row["pathway_id"], "valid_to": None}, [], "2026-08-07"))
                assert (status["state"], status["since"], status["event"] and status["event"]["event_id"]) == (row["status"], row["since"], row["event_id"])
                states[row["pathway_id"]] = status["state"]
        assert {"closed", "full", "unknown"} <= set(states.values())

    def test_what_has_ended_isnt_open(self, database):
        with closing(sqlite3.connect(database)) as connection:
            status = asyncio.run(read_status(Recorder(connection), {"pathway_id": "ca-on-oinp", "valid_to": "2026-08"}, [], "2026-08-07"))
            assert status["state"] == "closed", "its month isn't over, and a text tells of a closing"
            status = asyncio.run(read_status(Recorder(connection), {"pathway_id": "ca-ee-cec", "valid_to": "2026-07"}, [], "2026-08-07"))
            assert (status["state"], status["since"]) == ("ended", "2026-07")


class TestNames:
    def test_names_relatives_and_links(self, show):
        page = show("/facts/pathways/ca-ee-cec")
        for part in ("Program · Canada", "Catégorie de l’expérience canadienne", "part of Express Entry", "Also called: CEC", "exists since 17 September 2008"):
            assert part in words(page)
        assert 'href="https://www.canada.ca/cec"' in page
        assert 'href="/feeds/pathways/ca-ee-cec.atom"' in page
        assert "javascript:" not in show("/facts/pathways/ca-levels")

    def test_parts_have_their_last_draw(self, show):
        parts = words(show("/facts/pathways/ca-ee"), 'id="parts"', "What changed lately")
        assert "Canadian Experience Class last draw 21 July 2026" in parts


class TestTimeline:
    def test_years_with_events_and_draws(self, show):
        page = words(show("/facts/pathways/ca-on-oinp"), 'id="timeline"', "</section>")
        assert page.index("2026 3 draws, at least 100 invitations, cut-off score 30 to 40; the last on 2 April 2026") < page.index("Opens 1 October 2026") < page.index("31 July 2026")
        assert "2025 1 draw" in page
        assert "2 August" not in page, "retired"

    def test_parts_stand_on_the_page_of_the_whole_and_undated_events_at_their_report(self, show):
        page = words(show("/facts/pathways/ca-ee"), 'id="timeline"', "</section>")
        assert "2024 1 event Canadian Experience Class — Occupations listed first reported 5 May 2024" in page
        assert "2026 3 draws" in page, "draw 434 has no pathway, but is one of the system"


class TestLimits:
    def test_targets_with_the_plan_before(self, show):
        page = show("/facts/pathways/ca-levels")
        assert "2026 Permanent residents 380,000 350,000 to 420,000 370,000 4 November 2025 the authority's own page" in words(page, 'id="limits"', "</section>")
        assert "2 targets of earlier years and plans" in words(page)
        assert "Not yet tabled" not in page

    def test_invitations_beside_the_limit(self, show):
        page = show("/facts/pathways/ca-on-oinp")
        assert "Draws in 2026 so far 3" in words(page)
        assert "Invitations in 2026 so far at least 100 Limit for 2026 400 nominations" in words(page, 'id="limits"', "</section>").replace("  ", " ")
        assert '<progress max="400" value="100"' in page
        assert "25% as many invitations as the limit has nominations" in words(page)
        assert "<progress" not in show("/facts/pathways/ca-ee-cec")

    def test_splitting(self):
        rows = [{"measure": "pr_total", "year": year, "target": target, "tabled_on": day} for year, day, target in ((2025, "2024", 1), (2026, "2025", 2), (2026, "2024", 3), (2026, "2023", 4))]
        planned, replaced = split_targets(rows, 2026)
        assert [(row["target"], row["before"]["target"]) for row in planned] == [(2, 3)]
        assert [row["target"] for row in replaced] == [1, 3, 4]


class TestOccupations:
    def test_the_list_in_force_comes_first(self, show):
        page = words(show("/facts/pathways/ca-ee-cbs"), 'id="occupations"', "</section>")
        assert "All categories, 2025, in force since 27 February 2025: 1 occupation." in page
        assert "00010 Legislators 0" in page
        assert "1 that All categories, 2023 had and this one hasn't" in page
        assert "21231 Software engineers and designers 1" in page[page.index("had and this one") :]

    def test_an_incomplete_list_says_so(self, show):
        page = words(show("/facts/pathways/ca-ee-health"), 'id="occupations"', "</section>")
        assert "in force since 18 February 2026: 1 of 2 occupations are on record." in page
        assert "31301 Registered nurses and registered psychiatric nurses 1" in page

    def test_texts_alone(self, show):
        page = words(show("/facts/pathways/ca-imp-h1b"), 'id="occupations"', "</section>")
        assert "By texts alone; no list is on record." in page
        assert "21231 Software engineers and designers 1 its words 1 source, an authority among them, 10 July 2023" in page


def test_facts_by_attribute_lead_to_the_table(show):
    page = show("/facts/pathways/ca-ee-cec")
    said = words(page, 'id="facts"', "</section>")
    assert "invitations: 3,000" in said
    assert "cut-off score: 511 points" in said
    assert "3,300" not in said
    assert "?pathway_id=ca-ee-cec&amp;attribute_id=invitations&amp;status=current" in page
    fee = words(show("/facts/pathways/ca-imp-h1b"), 'id="facts"', "</section>")
    assert "fee 1 fact fee: CAD 155 The fee is $155." in fee


def test_what_changed_lately(show):
    lately = words(show("/facts/pathways/ca-ee-cec"), "What changed lately", "</section>")
    assert "Corrected by the publisher" in lately
    assert "The record was revised" in lately
    assert "Draw 430, 21 July 2026" in lately


class TestDraws:
    def test_figures_source_and_verdicts(self, show):
        page = words(show("/facts/draws/ca-ee-430"))
        for part in ("Canadian Experience Class, 21 July 2026", "Invitations 3,000 +2,800 against the draw before", "Cut-off score (CRS) 511 −189 against", "Candidates in the pool, 21 July 2026 234,567",
                     "disagree", "510 became 511", "Event: told by 1 owner in 1 article"):
            assert part in page
        assert "No article on record" in words(show("/facts/draws/ca-ee-434"))

    def test_before_and_after_are_of_its_kind(self, show):
        page = words(show("/facts/draws/ca-on-oinp-2"), "Before and after it", "</section>")
        assert "1 April 2026 Foreign Worker 40 38 1 March 2026 Foreign Worker 60 40 1 April 2025 Foreign Worker 5,000 20" in page
        assert "2 April" not in page, "another program's"
        assert "No other draw of its kind" in words(show("/facts/draws/ca-ee-434"))

    def test_list_in_force(self, show):
        assert "List in force Healthcare and social services occupations, 2026, since 18 February 2026: 1 occupation known of 2" in words(show("/facts/draws/ca-ee-431"))

    def test_comparing(self):
        exact = {"invitations": 5, "cutoff_score": None, "invitations_comparator": "eq"}
        assert compare_draws(exact, exact | {"invitations": 7}) == {"invitations": -2}
        assert compare_draws(exact, exact | {"invitations_comparator": "lt"}) == {}


# Names of large tables in queries; what a limit has cut has others.
LARGE = {"facts", "events", "event_facts", "event_values", "articles", "marks", "checks", "fact_log", "f", "e", "a", "l", "v"}


@pytest.mark.parametrize("path", ["pathways/ca-ee", "pathways/ca-ee-cec", "pathways/ca-imp-h1b", "occupations/31301", "occupations/3012", "draws/ca-ee-430"])
def test_pages_scan_no_large_table(database, tmp_path, path):
    table, row_id = path.split("/")
    large = tmp_path / "large.db"
    large.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(large)) as connection:
        pretend_large(connection)
    with closing(sqlite3.connect(large)) as connection:
        recorder = Recorder(connection)
        asyncio.run(ROW_PAGES[table](recorder, row_id))
        assert len(recorder.asked) > 5
        for sql, values in recorder.asked:
            for *_, step in connection.execute("EXPLAIN QUERY PLAN " + sql, values):
                how, what = [*step.split(), ""][:2]
                assert not ((how == "SCAN" or "AUTOMATIC" in step) and what in LARGE), (step, sql)
