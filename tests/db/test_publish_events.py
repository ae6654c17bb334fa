"""Events in the public database: the views that researchers ask, and what was found there on a small archive."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from db.publish import PublishError, publish
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

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-08-10T00:00:00Z"
SOURCES = (make_source("harbour"), make_source("ledger", owner_group="ledger"), make_source("office", owner_group="crown", official=True))


def read(text: str) -> dict[str, Any]:
    """A fact for each clause such as "ca-imp-h1b opens_on 2026-03-04"."""
    facts = []
    for clause in [clause for clause in text.split("\n\n") if clause.startswith("fact ")]:
        _, pathway, attribute, value, *period = clause.split()
        facts.append(make_fact(text, value, clause=clause, attribute=attribute, value=int(value) if value.isdigit() else value, pathway=pathway, period=period[0] if period else None, unit=None))
    return make_record(*facts)


def tell(archive, name: str, *facts: str, source: str = "harbour", published: str = "2026-08-01", at: str = "2026-08-02T10:00:00Z") -> None:
    show(archive, make_article(*(f"fact {fact}" for fact in facts), url=f"https://{source}.example/{name}", published=published, title=name), at, source=source)
    extract(archive, read, at)


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db", *SOURCES) as opened:
        yield opened


def ask(archive, sql: str, *, at: str = AT) -> list[tuple[Any, ...]]:
    target: Path = archive.path.with_name("facts.db")
    publish(archive.path, target, make_registry(), at)
    with closing(sqlite3.connect(target)) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize(("facts", "status", "since"), [
    ((), "unknown", None),
    (("opens_on 2026-03-04",), "open", "2026-03-04"),
    (("opens_on 2026-03-04", "closes_on 2026-06-04"), "closed", "2026-06-04"),
    (("opens_on 2026-03-04", "cap_reached_on 2026-05-04"), "full", "2026-05-04"),
    (("closes_on 2026-03-04", "opens_on 2026-06-04"), "open", "2026-06-04"),
    (("opens_on 2026-03-04", "closes_on 2026-12-31"), "open", "2026-03-04"),  # not yet
    (("opens_on 2026-03-04", "cap_reached_on 2026-03-04"), "full", "2026-03-04"),  # on its first day
    (("opens_on 2026-03-04", "closes_on 2026-03-04"), "closed", "2026-03-04"),
])
def test_the_status_of_a_pathway_is_that_of_its_last_turn(archive, facts, status, since):
    for at, fact in enumerate(facts):
        tell(archive, f"n{at}", f"ca-imp-h1b {fact}")
    [(found, day, event, evidence, following)] = ask(archive, "SELECT status, since, event_id, best_fact_id, next_event_id FROM v_pathway_status WHERE pathway_id = 'ca-imp-h1b'")
    assert (found, day) == (status, since)
    assert (event is None) == (evidence is None) == (status == "unknown")
    assert (following is not None) == ("closes_on 2026-12-31" in facts)


def test_the_timeline_is_in_order_with_the_best_values(archive):
    tell(archive, "a", "ca-imp-h1b closes_on 2026-06-04", "ca-imp-h1b opens_on 2026-03-04", "ca-imp-h1b cap 500 2026")
    found = ask(archive, "SELECT at, event_type, best_values FROM v_timeline WHERE pathway_id = 'ca-imp-h1b'")
    assert found == [("2026", "cap_set", "cap 500"), ("2026-03-04", "opening", "opens_on 2026-03-04"), ("2026-06-04", "closure", "closes_on 2026-06-04")]


def test_titles_carry_the_pathways_name(archive):
    tell(archive, "a", "ca-imp-h1b opens_on 2026-03-04")
    assert ask(archive, "SELECT title FROM events") == [("Open work permit for H-1B visa holders: Opens 2026-03-04",)]


def test_what_changed_tells_of_new_texts_events_and_figures(archive):
    tell(archive, "a", "ca-imp-h1b cap 500 2026", "ca-imp-h1b opens_on 2026-03-04")
    tell(archive, "a", "ca-imp-h1b cap 50 2026", "ca-imp-h1b opens_on 2026-03-04", at="2026-08-05T10:00:00Z")
    found = ask(archive, "SELECT substr(changed_at, 1, 10), kind, change FROM v_changes ORDER BY 1, 2")
    assert ("2026-08-02", "new event", "cap_set, reported") in found
    assert ("2026-08-05", "corrected figure", "cap: 500, now 50") in found
    assert [row for row in found if row[1] == "fact retired"] == [("2026-08-05", "fact retired", "cap 500: the page says it no longer")]  # and not what it says still
    assert any((day, kind) == ("2026-08-05", "edit") for day, kind, _ in found)


def test_coverage_names_the_rounds_that_nobody_reported(archive):
    capture = make_capture("2026-08-02T09:00:00Z", source="office")
    archive.keep_capture(capture)
    for number, day in (("430", "2026-07-21"), ("431", "2026-07-28")):
        archive.keep_round(capture, make_round(number, date=day))
    tell(archive, "a", "ca-ee-cec invitations 3000 2026-07-21", "ca-ee-cec cutoff_score 511 2026-07-21", published="2026-07-23")
    assert ask(archive, "SELECT draw_id, event_id, articles, owners, days_after FROM v_draw_coverage ORDER BY 1") == [
        ("ca-ee-430", "ev-ca-ee-430", 1, 1, 2), ("ca-ee-431", "ev-ca-ee-431", 0, 0, None),
    ]


def test_support_names_fact_source_story_and_rule(archive):
    tell(archive, "a", "ca-imp-h1b opens_on 2026-03-04")
    tell(archive, "b", "ca-imp-h1b opens_on 2026-03-05", source="ledger", published="2026-08-03")
    assert ask(archive, "SELECT source_id, link_rule, value FROM v_event_support ORDER BY published") == [("harbour", "first", "2026-03-04"), ("ledger", "near-date", "2026-03-05")]


def test_statuses_are_those_of_the_day_of_publication(archive):
    tell(archive, "a", "ca-imp-h1b opens_on 2026-09-04", source="office")
    assert ask(archive, "SELECT status FROM events") == [("scheduled",)]
    assert ask(archive, "SELECT status FROM events", at="2026-09-05T00:00:00Z") == [("in_effect",)]


@pytest.mark.parametrize(("damage", "view"), [
    ("UPDATE events SET facts = 9", "x_stale_counts"), ("UPDATE events SET end_date = '2020'", "x_backwards_dates"), ("UPDATE events SET event_date = '2199'", "x_far_future"),
    ("INSERT INTO event_redirects SELECT event_id, event_id, 'merged', 't', NULL FROM events", "x_dangling_redirect"),
])
def test_faulty_events_are_not_published(archive, damage, view):
    tell(archive, "a", "ca-imp-h1b opens_on 2026-03-04")
    archive.db.execute(damage)
    archive.db.conn.commit()
    with pytest.raises(PublishError, match=view):
        ask(archive, "SELECT 1")
