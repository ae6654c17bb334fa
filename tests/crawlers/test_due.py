"""When sources are due: cadence and jitter, back-off by cause, and clocks that were set wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.due import BACKOFF, HISTORY, JITTER, cause_of, due_at, order_due, select_due
from crawlers.health import FAILURES, Verdict
from crawlers.source import CADENCE_HOURS, Source

NOW = datetime(2026, 8, 7, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def source(name: str = "harbour", cadence: str = "daily", *, enabled: bool = True) -> Source:
    return Source(
        id=name, name=name, publisher="Harbour", owner_group="harbour", official=False, jurisdiction="CA", language="en", kind="feed", start=("https://harbour.example/",),
        template="wordpress", home="https://harbour.example/", cadence=cadence, licence="-", text_policy="excerpt", minimum=1, stale_after=14, note="", enabled=enabled,
    )


def crawl(started: datetime, verdict: str | None = "ok", *kinds: str, name: str = "harbour", reason: str = "finished") -> dict[str, Any]:
    return {"source_id": name, "crawl_id": f"{started:%Y%m%dT%H%M%S}000Z-{name}", "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"), "verdict": verdict,
            "finish_reason": reason, "errors_by_kind": json.dumps(dict.fromkeys(kinds, 1)) if verdict else None}


def wait(cadence: str, *crawls: dict[str, Any]) -> timedelta:
    """From the newest crawl to the next, at a time long after."""
    due = due_at(source(cadence=cadence), crawls, NOW + 365 * DAY)
    assert due is not None
    return due - max(datetime.fromisoformat(row["started_at"]) for row in crawls)


CADENCES = st.sampled_from(sorted(CADENCE_HOURS))
VERDICTS = st.sampled_from([*get_args(Verdict), None])
MOMENTS = st.integers(0, 12 * 365 * 86_400).map(lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
HISTORIES = st.lists(st.tuples(MOMENTS, VERDICTS, st.sampled_from([*FAILURES, None])), max_size=HISTORY).map(
    lambda rows: [crawl(moment, verdict, *([kind] if kind else [])) for moment, verdict, kind in rows],
)


# ---------------------------------------------------------------- cadence and jitter


@given(CADENCES, MOMENTS, st.sampled_from(["ok", "quiet", "thin", "stale"]), st.text(min_size=1, max_size=20))
def test_a_healthy_source_is_due_after_its_cadence_and_at_most_a_tenth_early(cadence, moment, verdict, name):
    whole = timedelta(hours=CADENCE_HOURS[cadence])
    due = due_at(source(name, cadence), [crawl(moment, verdict, name=name)], moment + 10 * whole)
    assert due is not None
    assert moment + whole * (1 - JITTER) <= due <= moment + whole


def test_jitter_is_the_same_all_day_and_differs_between_sources_and_days():
    def early(name: str, started: datetime) -> timedelta:
        due = due_at(source(name), [crawl(started, name=name)], NOW)
        assert due is not None
        return started + DAY - due

    morning, evening = NOW.replace(hour=1), NOW.replace(hour=11)
    assert early("harbour", morning) == early("harbour", evening)
    assert early("harbour", morning) != early("harbour", morning - DAY)
    spread = sorted(early(f"source-{number}", morning) for number in range(200))
    assert spread[0] < 0.1 * HOUR < 2.3 * HOUR < spread[-1]
    assert abs(spread[100] - 1.2 * HOUR) < 0.4 * HOUR
    # Reckoned with sha256sum, so that another version or machine would be noticed.
    assert abs(early("harbour", morning) - timedelta(seconds=8035.239)) < timedelta(seconds=0.001)


def test_an_hourly_source_is_crawled_hourly_by_a_job_that_starts_every_ten_minutes():
    hourly, rows, ticks = source(cadence="hourly"), [], 0
    for number in range(24 * 6):
        moment = NOW + number * timedelta(minutes=10)
        if select_due([hourly], rows[-HISTORY:], moment):
            ticks += 1
            rows.append(crawl(moment + timedelta(seconds=3)))
    assert ticks == 24


# ---------------------------------------------------------------- what is never and always due


@given(HISTORIES, MOMENTS)
def test_a_disabled_source_is_never_due(rows, now):
    assert due_at(source(enabled=False), rows, now) is None
    assert select_due([source(enabled=False)], rows, now) == []


def test_a_source_never_crawled_is_due_now_and_other_sources_crawls_are_not_its_own():
    assert due_at(source(), [], NOW) == NOW
    assert due_at(source(), [crawl(NOW - HOUR, name="prairie")], NOW) == NOW


def test_the_longest_overdue_comes_first():
    sources = [source(name) for name in ("a", "b", "c", "d")]
    rows = [crawl(NOW - age, name=name) for name, age in (("a", 2 * DAY), ("b", 9 * DAY), ("c", HOUR))]
    assert [found.id for found in select_due(sources, rows, NOW)] == ["b", "a", "d"]


# ---------------------------------------------------------------- back-off


@pytest.mark.parametrize(("cadence", "verdict", "kinds", "waits"), [
    # a site that can't be reached is tried again soon, and daily in the end
    ("daily", "failing", ["connect"], [1.5, 3, 6, 12, 24, 24]),
    ("daily", "failing", ["dns"], [1.5, 3]),
    ("daily", "failing", ["slow", "connect"], [1.5, 3]),
    ("weekly", "failing", ["dns"], [10.5, 21, 24, 24]),
    ("hourly", "failing", ["connect"], [1 / 6, 1 / 3, 2 / 3]),
    # a disk that is full is nothing the site can do about
    ("daily", "failing", ["archive"], [1.5, 3]),
    # errors and pages that can't be read wait longer
    ("daily", "failing", ["http"], [6, 12, 24, 48, 48]),
    ("daily", "failing", ["parse"], [6, 12]),
    ("daily", "failing", ["connect", "http"], [6, 12]),
    # what was harmless doesn't hide the cause
    ("daily", "failing", ["connect", "repaired"], [1.5, 3]),
    ("daily", "failing", [], [6, 12]),
    # gone and blocked: up to a week
    ("daily", "gone", ["gone"], [6, 12, 24, 48, 96, 168, 168]),
    ("daily", "blocked", ["challenge"], [24, 48, 96, 168, 168]),
    ("hourly", "blocked", ["http"], [1, 2, 4]),
    # never more often than a healthy crawl, in the end
    ("monthly", "gone", ["gone"], [180, 360, 720, 720]),
    ("monthly", "blocked", ["challenge"], [720, 720]),
    ("weekly", "failing", ["http"], [42, 84, 168, 168]),
])
def test_waits_grow_with_each_failure_by_cause(cadence, verdict, kinds, waits):
    healthy = crawl(NOW - 400 * DAY)
    for failures, hours in enumerate(waits, 1):
        rows = [crawl(NOW - number * DAY, verdict, *kinds) for number in range(failures)]
        waited = wait(cadence, *rows, healthy)
        assert hours * HOUR * (1 - JITTER) <= waited <= hours * HOUR, f"after {failures} failures: {waited}"


def test_killed_and_interrupted_crawls_are_made_up_for_soon():
    for row in (crawl(NOW, None), crawl(NOW, "thin", reason="shutdown"), crawl(NOW, "ok", reason="killed"), crawl(NOW, "thin", reason="archive_failed")):
        assert wait("daily", row) <= 1.5 * HOUR


def test_one_good_crawl_ends_the_back_off():
    failed = [crawl(NOW - number * DAY, "gone", "gone") for number in range(1, 9)]
    assert wait("daily", crawl(NOW), *failed) <= DAY
    # and the count begins anew
    assert wait("daily", crawl(NOW, "gone", "gone"), crawl(NOW - HOUR), *failed) <= 6 * HOUR


@given(CADENCES, st.lists(st.sampled_from(["failing", "gone", "blocked", None]), min_size=1, max_size=HISTORY), st.sampled_from(sorted(FAILURES)))
def test_no_wait_is_shorter_than_nine_minutes_or_longer_than_the_table_says(cadence, verdicts, kind):
    rows = [crawl(NOW - number * DAY, verdict, kind) for number, verdict in enumerate(verdicts)]
    whole = timedelta(hours=CADENCE_HOURS[cadence])
    longest = max(*(rule.most for rule in BACKOFF.values()), whole)
    assert timedelta(minutes=9) <= wait(cadence, *rows) <= longest


@given(CADENCES, st.sampled_from(["failing", "gone", "blocked"]), st.integers(1, HISTORY - 1), st.sampled_from(sorted(FAILURES)))
def test_one_more_failure_never_shortens_the_wait(cadence, verdict, failures, kind):
    rows = [crawl(NOW - number * timedelta(seconds=1), verdict, kind) for number in range(failures + 1)]
    assert wait(cadence, *rows[:failures]) <= wait(cadence, *rows)


def test_each_verdict_has_its_cause_and_each_cause_its_reason():
    assert {verdict: cause_of(crawl(NOW, verdict)) for verdict in get_args(Verdict)} == {
        "ok": None, "quiet": None, "thin": None, "stale": None, "failing": "failing", "blocked": "blocked", "gone": "gone",
    }
    assert all(len(rule.why) > 20 and rule.least <= rule.most for rule in BACKOFF.values())
    with pytest.raises(ValueError, match="no verdict 'odd'"):
        cause_of(crawl(NOW, "odd"))


# ---------------------------------------------------------------- clocks


@given(CADENCES, HISTORIES, MOMENTS)
def test_no_history_and_no_clock_starves_a_source(cadence, rows, now):
    due = due_at(source(cadence=cadence), rows, now)
    assert due is not None
    # At most one wait away from now, wherever the clock was in between.
    assert due <= now + max(7 * DAY, timedelta(hours=CADENCE_HOURS[cadence])) + timedelta(minutes=2)


@given(CADENCES, HISTORIES, MOMENTS)
def test_no_history_and_no_clock_makes_a_crawl_follow_the_last_at_once(cadence, rows, now):
    crawled = [*rows, crawl(now)]
    due = due_at(source(cadence=cadence), crawled, now + timedelta(minutes=1))
    assert due is not None
    assert due >= now + timedelta(minutes=8)


def test_crawls_dated_in_the_future_do_not_count():
    ahead = [crawl(NOW + number * DAY) for number in range(1, 5)]
    assert due_at(source(), ahead, NOW) == NOW
    due = due_at(source(), [*ahead, crawl(NOW - HOUR)], NOW)
    assert due is not None
    assert NOW + 20 * HOUR < due < NOW + 23 * HOUR


@given(HISTORIES, MOMENTS, st.randoms())
def test_the_order_of_the_crawls_does_not_matter(rows, now, randomly):
    rows = list({row["started_at"]: row for row in rows}.values())
    assert due_at(source(), sorted(rows, key=lambda _: randomly.random()), now) == due_at(source(), rows, now)


# ---------------------------------------------------------------- sites that ask to be left alone


@pytest.mark.parametrize(("asked", "expected"), [
    (timedelta(hours=30), timedelta(hours=30)),  # longer than its cadence
    (timedelta(days=3650), timedelta(days=7)),  # no site is given up for a header
    (timedelta(minutes=5), None), (timedelta(0), None),  # its cadence is longer anyway
])
def test_a_wait_that_a_site_asked_for_is_kept_to(asked, expected):
    row = crawl(NOW, "ok") | {"left_alone_until": (NOW + asked).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert wait("daily", row) == (expected or wait("daily", crawl(NOW, "ok")))


def test_a_wait_outlives_a_crawl_that_was_started_by_hand_and_killed():
    asked = crawl(NOW, "blocked", "http") | {"left_alone_until": "2026-08-10T12:00:00Z"}
    due = due_at(source(), [asked, crawl(NOW + HOUR, None)], NOW + 2 * HOUR)
    assert due == datetime(2026, 8, 10, 12, tzinfo=UTC)


def test_the_next_due_comes_first_and_disabled_sources_never():
    crawls = [crawl(NOW, name="daily"), crawl(NOW - 3 * HOUR, name="earlier")]
    dues = order_due([source("daily"), source("earlier"), source("off", enabled=False)], crawls, NOW)
    assert [found.id for _, found in dues] == ["earlier", "daily"]
    assert all(due > NOW for due, _ in dues)
