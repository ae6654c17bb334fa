"""When a source's next crawl is due: its cadence, some jitter, and back-off after crawls that failed.

All of it is a function of what is on record and the time, so that a job started every ten minutes needs no state of
its own, and a clock that was set wrong can neither starve a source nor hammer it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from crawlers.health import HARMLESS
from crawlers.source import CADENCE_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawlers.source import Source

JITTER: Final = 0.1
"""Share of the cadence by which a crawl may be early, so that not all sources are due in the same minute.

Early and never late: a job that starts every ten minutes would miss an hourly source by seconds, and find it ten
minutes later, each hour.
"""
HISTORY: Final = 16
"""Crawls of a source that are looked at: more than the doublings from the shortest wait to the longest."""
LONGEST_ASKED: Final = timedelta(days=7)
"""How long a site can have itself left alone by one answer: a header that says a hundred years is a mistake."""
TOLERANCE: Final = timedelta(minutes=2)
"""How far ahead of the time a crawl's start may lie without its clock counting as wrong."""


@dataclass(frozen=True)
class Backoff:
    """How long to wait after crawls that failed in one way; the wait doubles with each further failure.

    Attributes:
        first: Wait after the first failure, as a share of the cadence.
        least: The shortest wait.
        most: The longest wait.
        patient: Whether the longest wait is the cadence where that is longer, so that in the end a site that fails is
            asked no more often than one that answers.
        why: Why so.
    """

    first: float
    least: timedelta
    most: timedelta
    patient: bool
    why: str


BACKOFF: Final[Mapping[str, Backoff]] = {
    "passing": Backoff(
        1 / 16, timedelta(minutes=10), timedelta(days=1), patient=False,
        why="dns, connect, cut, slow: mostly over within the hour and no answer was sent, so asking again costs the site nothing",
    ),
    "ours": Backoff(
        1 / 16, timedelta(minutes=10), timedelta(days=1), patient=False,
        why="a full disk, a killed process: the fault is on this side, and is mended without the source's doing",
    ),
    "failing": Backoff(
        1 / 4, timedelta(minutes=10), timedelta(days=2), patient=True,
        why="an error status or a page that can't be read: somebody has to mend it, there or here",
    ),
    "gone": Backoff(
        1 / 4, timedelta(minutes=10), timedelta(days=7), patient=True,
        why="the address answers 404 or 410: a faulty release of the site is over in hours, a moved page never",
    ),
    "blocked": Backoff(
        1, timedelta(hours=1), timedelta(days=7), patient=True,
        why="the site refuses the crawler: who is asked to stay away never comes more often than when welcome",
    ),
}
_BY_VERDICT: Final[Mapping[str, str | None]] = {
    "ok": None, "quiet": None,
    # The pages answer; what they lack, another look an hour later won't give.
    "thin": None, "stale": None,
    "failing": "failing", "gone": "gone", "blocked": "blocked",
}
_CUT_SHORT: Final = frozenset({"killed", "shutdown", "archive_failed"})
"""Finish reasons of crawls that ended early by our own doing, whatever verdict was drawn from what they had."""
_BY_KIND: Final[Mapping[str, str]] = {"dns": "passing", "connect": "passing", "slow": "passing", "cut": "passing", "archive": "ours"}
"""Failure kinds that tell more than the verdict `failing`."""


def due_at(source: Source, crawls: Iterable[Mapping[str, Any]], now: datetime) -> datetime | None:
    """When the next crawl of a source is due; None where it is disabled, and so never is.

    Args:
        source: What is crawled.
        crawls: Its last crawls in any order, `HISTORY` of them at least where there are as many, those that were
            killed included: mappings with `started_at` (`YYYY-MM-DDTHH:MM:SSZ`), `verdict` (None where it never
            ended), and, where known, `errors_by_kind` (JSON object of counts), `finish_reason` and `left_alone_until`
            (a time until which the site asked not to be crawled). Crawls of other sources (`source_id`) are left out.
        now: The time, aware. It is what a source never crawled is due at, and crawls that began later than that were
            dated by a wrong clock and don't count.
    """
    if not source.enabled:
        return None
    dated = sorted(((_started(row), row) for row in crawls if row.get("source_id", source.id) == source.id), key=lambda pair: pair[0], reverse=True)
    past = [(started, row) for started, row in dated if started <= now + TOLERANCE]
    if not past:
        return now
    last = past[0][0]
    cadence = timedelta(hours=CADENCE_HOURS[source.cadence])
    wait = _wait(cadence, [cause_of(row) for _, row in past])
    early = JITTER * min(wait, cadence) * _fraction(source.id, last)
    return max([last + wait - early, *(_asked_for(row, started) for started, row in past)])


def select_due(sources: Iterable[Source], crawls: Iterable[Mapping[str, Any]], now: datetime) -> list[Source]:
    """The sources that are due, the longest overdue first; `crawls` are those of all sources, as `due_at` takes them."""
    return [source for due, source in order_due(sources, crawls, now) if due <= now]


def order_due(sources: Iterable[Source], crawls: Iterable[Mapping[str, Any]], now: datetime) -> list[tuple[datetime, Source]]:
    """When the next crawl of each source is due, the earliest first; disabled ones are missing. `crawls` as for `select_due`."""
    by_source: dict[str, list[Mapping[str, Any]]] = {}
    for row in crawls:
        by_source.setdefault(row["source_id"], []).append(row)
    dues = [(due, source) for source in sources if (due := due_at(source, by_source.get(source.id, ()), now)) is not None]
    return sorted(dues, key=lambda pair: (pair[0], pair[1].id))


def cause_of(row: Mapping[str, Any]) -> str | None:
    """Which row of `BACKOFF` a crawl falls under; None where it went well enough to keep the cadence.

    Raises:
        ValueError: Its verdict is none that crawls have.
    """
    verdict = row["verdict"]
    if verdict is None or row.get("finish_reason") in _CUT_SHORT:
        return "ours"
    if verdict not in _BY_VERDICT:
        raise ValueError(f"{row.get('crawl_id')}: there is no verdict {verdict!r}")
    if verdict == "failing":
        kinds = {_BY_KIND.get(kind, "failing") for kind in json.loads(row.get("errors_by_kind") or "{}") if kind not in HARMLESS}
        if len(kinds) == 1:
            return kinds.pop()
    return _BY_VERDICT[verdict]


def _wait(cadence: timedelta, causes: Sequence[str | None]) -> timedelta:
    """How long to wait after the last of some crawls, whose causes are given newest first."""
    cause = causes[0]
    if cause is None:
        return cadence
    failures = next((number for number, earlier in enumerate(causes) if earlier is None), len(causes))
    rule = BACKOFF[cause]
    most = max(rule.most, cadence) if rule.patient else rule.most
    doublings = min(failures - 1, HISTORY)
    return min(max(rule.first * cadence, rule.least) * (1 << doublings), most)


def _asked_for(row: Mapping[str, Any], started: datetime) -> datetime:
    """The time until which a site asked, in one crawl, to be left alone; the crawl's own where it didn't."""
    asked = row.get("left_alone_until")
    return min(_as_time(asked), started + LONGEST_ASKED) if asked else started


def _fraction(source_id: str, day: datetime) -> float:
    """From 0 up to 1, the same all day for one source."""
    digest = hashlib.sha256(f"{source_id} {day.astimezone(UTC):%Y-%m-%d}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _started(row: Mapping[str, Any]) -> datetime:
    return _as_time(row["started_at"])


def _as_time(stated: str) -> datetime:
    time = datetime.fromisoformat(stated)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
