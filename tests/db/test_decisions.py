"""What people decide on events and links: applied, replayed after each re-extraction, and undone without a trace."""

from __future__ import annotations

import itertools
import random

import pytest

from db.as_of import end_of_day
from db.corrections import settle_corrections
from db.decisions import name_link, split_link
from db.events import settle_events
from db.publish import publish
from db.review_queue import list_cases
from db.review_session import Session
from db.reviews import Review, ReviewError, keep_reviews
from tests.commands import ask
from tests.db.archive_sample import extract, faults, make_registry
from tests.db.test_events import AT, KNOWN, archive, events, keep_round, read, settle, tell
from tests.db.test_reviews import Script

__all__ = ["archive"]
_minutes = itertools.count(1)


def judge(archive, target_type: str, target: str, verdict: str, at: str | None = None, **corrected: str) -> None:
    at = at or f"2026-08-11T10:{next(_minutes) % 60:02}:00Z"
    keep_reviews(archive, [Review(target_type, target, "rae", at, verdict, corrected or None, "because")], at)


def links(archive) -> dict[str, tuple[str, str]]:
    """Value of each linked fact with its event and rule."""
    return {row["value"]: (row["event_id"], row["link_rule"]) for row in archive.rows("SELECT f.value, l.event_id, l.link_rule FROM event_facts l JOIN facts f USING (fact_id)")}


def fact_of(archive, value: str) -> str:
    return archive.one("SELECT fact_id FROM facts WHERE value = ?", [value])["fact_id"]


def state(archive) -> list[tuple]:
    """Events, links, values and redirects, without the times at which they were made."""
    return [
        [tuple(row.values()) for row in archive.rows(sql)] for sql in (
            "SELECT event_id, title, facts, owners, conflict, retired_at IS NULL FROM events ORDER BY 1", "SELECT fact_id, event_id, role, link_rule FROM event_facts ORDER BY 1",
            "SELECT event_id, attribute_id, value, rank, facts FROM event_values ORDER BY 1, 2, 3", "SELECT old_event_id, new_event_id FROM event_redirects ORDER BY 1")
    ]


def twice(archive, at: str = AT) -> None:
    """Settle, and check that sorting everything anew gives the same."""
    settle(archive, at)
    before = state(archive)
    settle(archive, at, whole=True)
    assert state(archive) == before
    assert faults(archive) == {}


@pytest.fixture
def told(archive):
    """Two outlets whose dates two days apart are taken for one opening, and a cap."""
    tell(archive, "a", "ca-pgp opens_on 2026-03-04", "ca-pgp cap 500 period=2026")
    tell(archive, "b", "ca-pgp opens_on 2026-03-06", source="ledger", published="2026-08-02")
    twice(archive)
    return archive


def opening(archive) -> str:
    return archive.one("SELECT event_id FROM events WHERE event_type = 'opening' AND retired_at IS NULL ORDER BY facts DESC")["event_id"]


def test_links_are_named_by_both_ids():
    assert split_link(name_link("0123456789abcdef", "ev-ca-ee-434")) == ("0123456789abcdef", "ev-ca-ee-434")
    assert split_link("0123456789abcdef") is None


def test_a_rejected_link_ties_the_fact_to_no_event_and_an_accepted_one_to_it_again(told):
    before, event, fact = state(told), opening(told), fact_of(told, "2026-03-06")
    judge(told, "link", name_link(fact, event), "reject")
    twice(told)
    assert set(links(told)) == {"2026-03-04", "500"}
    assert [(row["facts"], row["conflict"]) for row in events(told) if row["event_id"] == event] == [(1, 0)]
    # The same facts found by another pipeline, and a new report of that day: what was decided holds for the one fact only.
    extract(told, read, AT, "pipeline-2", events=False)
    twice(told)
    assert set(links(told)) == {"2026-03-04", "500"}
    judge(told, "link", name_link(fact, event), "accept")
    twice(told)
    assert state(told) == before


def test_a_corrected_link_moves_the_fact_or_gives_it_an_event_of_its_own(told):
    before, event, fact = state(told), opening(told), fact_of(told, "2026-03-06")
    cap = links(told)["500"][0]
    judge(told, "link", name_link(fact, event), "correct", event_id="new")
    twice(told)
    own, rule = links(told)["2026-03-06"]
    assert (own != event, rule) == (True, "review")
    assert {(row["event_id"], row["event_date"], row["facts"]) for row in events(told) if row["event_type"] == "opening"} == {(event, "2026-03-04", 1), (own, "2026-03-06", 1)}
    # Another text of the new event's day is moved to it by its id.
    tell(told, "c", "ca-pgp opens_on 2026-03-05", source="gazette", published="2026-08-03")
    twice(told)
    assert links(told)["2026-03-05"][0] == event
    judge(told, "link", name_link(fact_of(told, "2026-03-05"), event), "correct", event_id=own)
    twice(told)
    assert links(told)["2026-03-05"] == (own, "review")
    judge(told, "link", name_link(fact_of(told, "2026-03-05"), event), "correct", event_id=cap)
    twice(told)
    assert links(told)["2026-03-05"] == (cap, "review")
    judge(told, "link", name_link(fact_of(told, "2026-03-05"), event), "accept")
    judge(told, "link", name_link(fact, event), "accept")
    twice(told)
    assert {value: link[0] for value, link in links(told).items()} == {"2026-03-04": event, "2026-03-05": event, "2026-03-06": event, "500": cap}
    assert len(before[0]) == len(events(told)) == 2


def test_a_rejected_event_retires_and_comes_back_with_the_decision(told):
    before, event = state(told), opening(told)
    judge(told, "event", event, "reject")
    twice(told)
    assert [row["event_type"] for row in events(told)] == ["cap_set"]
    assert set(links(told)) == {"500"}
    tell(told, "c", "ca-pgp opens_on 2026-03-04", source="gazette", published="2026-08-03")  # told again, it is still rejected
    twice(told)
    assert [row["event_type"] for row in events(told)] == ["cap_set"]
    settle_corrections(told, AT)
    assert told.rows("SELECT target_id, kind, after_json, explanation FROM corrections WHERE target_type = 'event'") == [{"target_id": event, "kind": "our_error", "after_json": None, "explanation": "because"}]
    judge(told, "event", event, "accept")
    twice(told)
    assert next(row for row in events(told) if row["event_id"] == event)["facts"] == 3
    assert [row[0] for row in before[0]] == [row[0] for row in state(told)[0]]


def test_an_event_that_is_another_leads_to_it_until_that_is_withdrawn(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-03-04")
    tell(archive, "b", "ca-pgp opens_on 2026-04-20", source="ledger", published="2026-08-02")
    tell(archive, "c", "ca-pgp opens_on 2026-04-20", source="gazette", published="2026-08-03")
    twice(archive)
    before = state(archive)
    one, other = (next(row["event_id"] for row in events(archive) if row["event_date"] == day) for day in ("2026-03-04", "2026-04-20"))
    judge(archive, "event", other, "correct", event_id=one)  # the one with more facts becomes the other
    twice(archive)
    assert {event for event, _ in links(archive).values()} == {one}
    assert archive.rows("SELECT old_event_id, new_event_id, reason FROM event_redirects") == [{"old_event_id": other, "new_event_id": one, "reason": "merged"}]
    tell(archive, "d", "ca-pgp opens_on 2026-04-21", source="office", published="2026-08-04")  # later reports of it go the same way
    twice(archive)
    assert links(archive)["2026-04-21"] == (one, "review")
    settle_corrections(archive, AT)
    assert archive.one("SELECT kind FROM corrections WHERE target_id = ?", [other]) == {"kind": "merge"}
    judge(archive, "event", other, "accept")
    twice(archive)
    assert {value: event for value, (event, _) in links(archive).items()} == {"2026-03-04": one, "2026-04-20": other, "2026-04-21": other}
    assert [row[0] for row in state(archive)[0]] == [row[0] for row in before[0]]
    assert state(archive)[3] == []


def test_of_two_opposite_decisions_the_newer_stands(archive):
    for day, source in (("2026-03-04", "harbour"), ("2026-04-20", "ledger")):
        tell(archive, day, f"ca-pgp opens_on {day}", source=source)
    twice(archive)
    one, other = (row["event_id"] for row in events(archive))
    judge(archive, "event", other, "correct", event_id=one)
    judge(archive, "event", one, "correct", event_id=other)
    twice(archive)
    assert {event for event, _ in links(archive).values()} == {other}


def test_an_official_draw_is_not_ours_to_reject_but_a_report_of_it_may_be_cut(archive):
    keep_round(archive)
    tell(archive, "a", "ca-ee-cec invitations 3000 period=2026-07-21", "ca-ee-cec cutoff_score 511 period=2026-07-21", published="2026-07-22")
    twice(archive)
    judge(archive, "event", "ev-ca-ee-430", "reject")
    twice(archive)
    assert [(row["event_id"], row["facts"]) for row in events(archive)] == [("ev-ca-ee-430", 2)]
    judge(archive, "link", name_link(fact_of(archive, "3000"), "ev-ca-ee-430"), "reject")
    twice(archive)
    assert [(row["event_id"], row["facts"]) for row in events(archive)] == [("ev-ca-ee-430", 1)]


@pytest.mark.parametrize(("target_type", "target", "corrected"), [("event", "ev-0000000000000000", {"event_id": "ev-1"}), ("link", "0123456789abcdef-ev-0000000000000000", {"event_id": "ev-1"})])
def test_a_decision_on_what_is_not_here_waits(told, target_type, target, corrected):
    before = state(told)
    judge(told, target_type, target, "correct", **corrected)
    judge(told, target_type, target[::-1] if target_type == "event" else target, "reject")
    twice(told)
    settle_corrections(told, AT)
    assert state(told) == before


def test_a_decision_on_an_event_names_the_event_that_it_is():
    with pytest.raises(ReviewError, match="event_id"):
        Review("event", "ev-1", "rae", "2026-08-01T00:00:00Z", "correct", {"draw_id": "x"})


def test_any_day_shows_the_decisions_of_that_day(told, tmp_path):
    event, fact = opening(told), fact_of(told, "2026-03-06")
    judge(told, "link", name_link(fact, event), "reject", "2026-08-12T10:00:00Z")
    settle(told, "2026-08-12T11:00:00Z")
    judge(told, "link", name_link(fact, event), "accept", "2026-08-14T10:00:00Z")
    judge(told, "event", event, "reject", "2026-08-14T10:00:00Z")
    settle(told, "2026-08-14T11:00:00Z")
    found = []
    registry = make_registry()
    registry = make_registry(pathways=[*registry.pathways, registry.pathways[0] | {"pathway_id": "ca-pgp", "parent_id": None}])
    for day in ("2026-08-11", "2026-08-12", "2026-08-14"):
        publish(told.path, tmp_path / "facts.db", registry, "2026-08-20T00:00:00Z", end_of_day(day))
        found.append(ask(tmp_path / "facts.db", f"SELECT facts, retired_at FROM events WHERE event_id = '{event}'"))
    assert found == [[(2, None)], [(1, None)], [(0, "2026-08-14T11:00:00Z")]]


def test_weak_links_are_shown_and_corrected_at_the_terminal(told, tmp_path):
    registry = make_registry()
    publish(told.path, tmp_path / "facts.db", make_registry(pathways=[*registry.pathways, registry.pathways[0] | {"pathway_id": "ca-pgp", "parent_id": None}]), AT)
    [case] = [case for case in list_cases(told, tmp_path / "facts.db") if case.target_type == "link"]
    assert (split_link(case.target_id), "near-date" in case.why) == ((fact_of(told, "2026-03-06"), opening(told)), True)
    terminal = Script("s", "s", "c", "new", "", "q")  # both values of the conflict come first
    assert Session(told, terminal, "rae", lambda: AT).review_queue(tmp_path / "facts.db") == {"skip": 2, "correct": 1}
    assert told.rows("SELECT target_id, verdict, corrected_json FROM reviews") == [{"target_id": case.target_id, "verdict": "correct", "corrected_json": '{"event_id": "new"}'}]
    assert not [case for case in list_cases(told, tmp_path / "facts.db") if case.target_type == "link"]


def test_decisions_in_any_order_come_to_the_same_as_sorting_everything(archive):
    chance = random.Random(5)
    for number in range(12):
        day = f"2026-03-{chance.randrange(1, 28):02}"
        tell(archive, f"n{number}", f"ca-pgp opens_on {day}", source=chance.choice(["harbour", "ledger", "gazette"]), published=f"2026-08-{number + 1:02}")
    settle(archive)
    for number in range(40):
        ids = [row["event_id"] for row in archive.rows("SELECT event_id FROM events ORDER BY event_id")]
        facts = [row["fact_id"] for row in archive.rows("SELECT fact_id FROM facts ORDER BY fact_id")]
        verdict = chance.choice(["reject", "correct", "accept"])
        event = chance.choice(ids)
        corrected = {"event_id": chance.choice([*ids, "new"])} if verdict == "correct" else {}
        if chance.random() < 0.5:
            if corrected.get("event_id") == "new":
                corrected = {"event_id": ids[0]}
            judge(archive, "event", event, verdict, f"2026-08-11T10:00:{number:02}Z", **corrected)
        else:
            judge(archive, "link", name_link(chance.choice(facts), event), verdict, f"2026-08-11T10:00:{number:02}Z", **corrected)
        settle(archive)
        assert faults(archive) == {}
    before = state(archive)
    settle_events(archive, KNOWN, AT, whole=True)
    assert state(archive) == before
