"""Health: what can go wrong with a page, by name, and what a whole crawl means.

Scrapy's own exit code and finish reason say that a crawl ended, not that it worked: a challenge page, a moved feed or
an empty listing all end well. The verdict here is drawn from what came of the crawl and what was due.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError

from crawlers.article import PageRejected
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.politeness import LEFT_ALONE
from crawlers.robots import UNREADABLE
from crawlers.tree import parse_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawlers.source import Source

Verdict = Literal["ok", "quiet", "stale", "thin", "failing", "blocked", "gone"]

FAILURES: Mapping[str, str] = {
    "dns": "the host's name can't be resolved",
    "connect": "no connection, or it broke off",
    "cut": "the answer ends before its end: shorter than stated, or half a page",
    "http": "an HTTP status that means failure",
    "robots": "robots.txt doesn't allow the page, or can't be had; it was not fetched",
    "refused": "an address that must not be fetched (not http or https, or a private network)",
    "challenge": "a bot check or a suspended site instead of the page",
    "gone": "the page is no longer there (404, 410, or a page that says so)",
    "moved": "a start address that sends elsewhere for good; the page was read there",
    "empty": "an answer without content",
    "parse": "the page can't be read as what it should be",
    "oversize": "the answer is larger than the limit",
    "slow": "the answer took longer than the limit",
    "archive": "the exchange couldn't be archived, so nothing of it was kept",
    "repaired": "the page was read, but not as it declares itself (wrong charset, broken markup)",
}
HARMLESS = frozenset({"robots", "gone", "moved", "repaired"})
"""Kinds that need no operator: rules obeyed, articles that their publisher took down, pages read in spite of a fault."""
READ = frozenset({"moved", "repaired"})
"""Kinds of what is wrong with pages that were read."""
FOR_GOOD = frozenset({301, 308})
"""HTTP statuses that say that a page has moved for good."""

_BY_EXCEPTION: tuple[tuple[type[Exception], str], ...] = (
    (DownloadConnectionRefusedError, "connect"),
    (CannotResolveHostError, "dns"),
    (DownloadTimeoutError, "slow"),
    (DownloadCancelledError, "oversize"),
    (ResponseDataLossError, "cut"),
    (DownloadFailedError, "connect"),
    (UnsupportedURLSchemeError, "refused"),
    (IgnoreRequest, "refused"),
)
_BY_MESSAGE: tuple[tuple[str, str], ...] = (
    ("Forbidden by robots.txt", "robots"),
    (UNREADABLE, "robots"),
    ("max redirections reached", "http"),
    (LEFT_ALONE, "http"),
    ("Ignored response <", "oversize"),
)
"""How Scrapy words what it ignores for other reasons than an address: all of it comes as `IgnoreRequest`."""
_GONE = frozenset({404, 410})
_MAY_CHALLENGE = frozenset({401, 403, 503})
_REFUSALS = frozenset({"HTTP status 401", "HTTP status 403", "HTTP status 429"})


@dataclass(frozen=True)
class Failure:
    """A page that could not be had, read or kept.

    Attributes:
        url: Its address.
        kind: One of `FAILURES`.
        detail: What happened, in words.
        listing: Whether it was one of the source's start addresses.
    """

    url: str
    kind: str
    detail: str
    listing: bool = False


@dataclass
class Tally:
    """What came of one crawl so far; counts of pages, articles and draws.

    `stating` counts the articles that state a `published`, a `modified` and a `byline`; `left_alone_until` is the time
    (UTC, `YYYY-MM-DDTHH:MM:SSZ`) until which a site asked not to be crawled.
    """

    requests: int = 0
    pages: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    not_modified: int = 0
    newest_published: str | None = None
    articles: int = 0
    stating: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    left_alone_until: str | None = None

    def count(self, outcome: Literal["new", "changed", "unchanged"], published: str | None = None) -> None:
        """Count an article or draw; `published` is its date as the page states it (that of its last change, where it has no other)."""
        setattr(self, outcome, getattr(self, outcome) + 1)
        if published and (self.newest_published is None or published > self.newest_published):
            self.newest_published = published

    @property
    def errors_by_kind(self) -> dict[str, int]:
        """Failure kind to count, in the order of the names."""
        kinds = [failure.kind for failure in self.failures]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def name_failure(error: Exception) -> tuple[str, str]:
    """The failure kind and a sentence for an exception that a request or a page raised."""
    if isinstance(error, PageRejected):
        return error.kind, error.detail
    if isinstance(error, HttpError):
        response = error.response
        return name_status(response.status, response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"))
    if isinstance(error, IgnoreRequest):
        for words, kind in _BY_MESSAGE:
            if str(error).startswith(words):
                return kind, _words(error) if kind == "robots" else f"{FAILURES[kind]}: {_words(error)}"
    for kind_of_error, kind in _BY_EXCEPTION:
        if isinstance(error, kind_of_error):
            return kind, f"{FAILURES[kind]}: {_words(error)}"
    return "parse", f"{type(error).__name__}: {_words(error)}"


def name_status(status: int, body: bytes, content_type: str) -> tuple[str, str]:
    """The failure kind and a sentence for an HTTP status that means failure; a bot check may come with one, too.

    Args:
        status: The status.
        body: The answer's body, content encoding removed.
        content_type: Its Content-Type header.
    """
    detail = f"HTTP status {status}"
    if status in _GONE:
        return "gone", detail
    if status in _MAY_CHALLENGE and body.strip():
        try:
            reject_unusable(parse_tree(decode(body, content_type).text))
        except PageRejected as rejected:
            if rejected.kind == "challenge":
                return "challenge", f"{detail}, {rejected.detail}"
    return "http", detail


def judge(source: Source, tally: Tally, now: datetime) -> tuple[Verdict, str]:
    """The verdict on a finished crawl and the reason for it, in words.

    Args:
        source: What was crawled and what is due of it.
        tally: What came of it; `newest_published` may come from earlier crawls.
        now: The time of the crawl, aware.
    """
    at_start = [failure for failure in tally.failures if failure.listing]
    if len(at_start) == len(source.start):
        failure = at_start[0]
        if _refuses(failure) or (failure.kind == "robots" and not failure.detail.startswith(UNREADABLE)):
            return "blocked", f"{failure.url}: {failure.detail}"
        if failure.kind == "gone":
            return "gone", f"{failure.url}: {failure.detail}. Look for the page's new address."
        return "failing", f"{failure.url}: {failure.detail}"
    tried = tally.pages + sum(failure.kind not in READ for failure in tally.failures)
    refused = [failure for failure in tally.failures if _refuses(failure)]
    if len(refused) > tried / 2:
        return "blocked", f"{len(refused)} of {tried} pages were refused, as {refused[0].url}: {refused[0].detail}"
    if gap := find_gap(source, tally):
        return "thin", gap
    if tally.pages < source.minimum:
        return "thin", f"{tally.pages} pages where at least {source.minimum} are due"
    newest = _as_time(tally.newest_published)
    if newest and now - newest > timedelta(days=source.stale_after):
        return "stale", f"nothing newer than {tally.newest_published}; more than {source.stale_after} days"
    if tally.new or tally.changed:
        return "ok", f"{tally.new} new, {tally.changed} changed"
    return "quiet", "nothing new"


def _refuses(failure: Failure) -> bool:
    """Whether the site doesn't want the crawler, as opposed to a page that fails."""
    return failure.kind == "challenge" or (failure.kind == "http" and (failure.detail in _REFUSALS or LEFT_ALONE in failure.detail))


_FILL_WORDS = {"published": "when they were published", "modified": "when they were changed", "byline": "who wrote them"}
MIN_FOR_FILL = 3
"""Articles below which a share means nothing."""


def find_gap(source: Source, tally: Tally) -> str | None:
    """What too few of a crawl's articles state, in words; None where all shares that the source demands are met.

    A site that changes its markup still gives articles, but without dates or authors, or with half a text. What such
    a crawl read must not take the place of what was read before.
    """
    for name, share in source.fill.items():
        if tally.articles >= MIN_FOR_FILL and tally.stating[name] < share * tally.articles:
            return f"only {tally.stating[name]} of {tally.articles} articles state {_FILL_WORDS[name]}, {share:.0%} are due: has the markup changed?"
    return None


def _as_time(stated: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(stated or "")
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
