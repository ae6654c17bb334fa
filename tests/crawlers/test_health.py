"""Health: each failure by its name, each crawl by its verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
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
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from crawlers.article import PageRejected
from crawlers.health import FAILURES, HARMLESS, Failure, Tally, Verdict, judge, name_failure, name_status
from crawlers.source import Source
from db.schema import VERDICTS as KEPT_VERDICTS

NOW = datetime(2026, 8, 7, 12, tzinfo=UTC)
ONE, TWO = "https://harbour.example/feed", "https://harbour.example/feed2"


def source(**changes) -> Source:
    given = {
        "id": "harbour", "name": "Harbour Post", "publisher": "Harbour Media", "owner_group": "harbour", "official": False, "jurisdiction": "CA", "language": "en",
        "kind": "feed", "start": (ONE,), "template": "wordpress", "home": "https://harbour.example/", "cadence": "daily", "licence": "-", "text_policy": "excerpt",
        "minimum": 2, "stale_after": 14, "note": "",
    }
    return Source(**(given | changes))


def http(status: int) -> HttpError:
    return HttpError(Response(ONE, status=status), "Ignoring non-200 response")


@pytest.mark.parametrize(("error", "kind", "says"), [
    (DownloadConnectionRefusedError("refused"), "connect", "refused"),
    (CannotResolveHostError("no such host"), "dns", "no such host"),
    (DownloadTimeoutError("30 s"), "slow", "30 s"),
    (DownloadCancelledError("over 20 MB"), "oversize", "over 20 MB"),
    (ResponseDataLossError("lost"), "cut", "lost"),
    (DownloadFailedError("reset"), "connect", "reset"),
    (http(404), "gone", "404"), (http(410), "gone", "410"),
    (http(403), "http", "403"), (http(500), "http", "500"), (http(429), "http", "429"),
    (IgnoreRequest("Forbidden by robots.txt"), "robots", "Forbidden"),
    (IgnoreRequest("robots.txt can't be had: HTTP status 503"), "robots", "503"),
    (IgnoreRequest("10.0.0.1: not a public address"), "refused", "10.0.0.1"),
    (IgnoreRequest("https://harbour.example/robots.txt: no http or https address"), "refused", "no http"),  # only Scrapy's own words mean robots
    (IgnoreRequest("max redirections reached"), "http", "max redirections"),  # a loop of redirects
    (IgnoreRequest("Ignored response <200 https://x.example/> because its body exceeded DOWNLOAD_MAXSIZE"), "oversize", "DOWNLOAD_MAXSIZE"),  # a gzip bomb
    (UnsupportedURLSchemeError("gopher"), "refused", "gopher"),
    (PageRejected("challenge", "title says: just a moment"), "challenge", "just a moment"),
    (PageRejected("empty", "no bytes"), "empty", "no bytes"),
    (ValueError("odd"), "parse", "ValueError: odd"),  # what nobody foresaw still has a name
    (RuntimeError(), "parse", "RuntimeError"),
])
def test_each_failure_has_its_name(error, kind, says):
    named, detail = name_failure(error)
    assert named == kind
    assert says in detail
    assert kind in FAILURES


@pytest.mark.parametrize(("status", "body", "kind"), [
    (403, b"<title>Just a moment...</title><body>Checking</body>", "challenge"), (503, b"<title>Just a moment...</title><body>Checking</body>", "challenge"),
    (403, b"no", "http"), (403, b"", "http"), (500, b"<title>Just a moment...</title><body>Checking</body>", "http"), (503, b"<title>Site maintenance</title><body>Soon</body>", "http"),
    (404, b"<title>Just a moment...</title><body>Checking</body>", "gone"), (429, b"<title>Too many requests</title><body>Slow down</body>", "http"),
])
def test_a_bot_check_is_one_whatever_status_it_comes_with(status, body, kind):
    named, detail = name_status(status, body, "text/html")
    assert named == kind
    assert f"HTTP status {status}" in detail


def test_a_detail_is_one_short_line():
    _, detail = name_failure(DownloadFailedError("a\n b" * 1_000))
    assert "\n" not in detail
    assert len(detail) < 500


def test_harmless_kinds_are_kinds():
    assert FAILURES.keys() > HARMLESS


def tally(pages: int = 3, new: int = 0, changed: int = 0, newest: str | None = "2026-08-06", failures: tuple[Failure, ...] = ()) -> Tally:
    return Tally(pages=pages, new=new, changed=changed, newest_published=newest, failures=list(failures))


def at_start(kind: str, detail: str = "what happened", url: str = ONE) -> Failure:
    return Failure(url, kind, detail, listing=True)


@pytest.mark.parametrize(("verdict", "what", "of"), [
    ("ok", tally(new=1), {}),
    ("ok", tally(changed=1), {}),
    ("ok", tally(new=1, failures=(Failure(TWO, "http", "HTTP status 500"),)), {}),  # an article that fails is no verdict on the source
    ("quiet", tally(), {}),
    ("quiet", tally(pages=0, newest=None), {"minimum": 0}),  # nothing is due and nothing came
    ("thin", tally(pages=1, new=1), {}),  # fewer than the minimum, though one is new
    ("thin", tally(pages=0), {}),
    ("thin", tally(pages=1, failures=(at_start("http"),)), {"start": (ONE, TWO)}),  # one of two listings fails
    ("stale", tally(newest="2026-07-01"), {}),
    ("stale", tally(new=1, newest="2026-07-01T10:00:00-04:00"), {}),  # new to us, but old
    ("ok", tally(new=1, newest="2026-07-24T12:00:00Z"), {}),  # 14 days to the minute
    ("quiet", tally(newest="last summer"), {}),  # a date that can't be read is no proof of staleness
    ("quiet", tally(newest="2030-01-01"), {}),
    ("failing", tally(pages=0, failures=(at_start("connect"),)), {}),
    ("failing", tally(pages=0, failures=(at_start("http", "HTTP status 500"),)), {}),
    ("failing", tally(pages=0, failures=(at_start("parse"),)), {}),
    ("failing", tally(pages=0, failures=(at_start("dns"), at_start("dns", url=TWO))), {"start": (ONE, TWO)}),
    ("failing", tally(pages=0, failures=(at_start("archive"),)), {"minimum": 0}),  # even where nothing is due
    ("blocked", tally(pages=0, failures=(at_start("challenge"),)), {}),
    ("blocked", tally(pages=0, failures=(at_start("robots"),)), {}),
    ("blocked", tally(pages=0, failures=(at_start("http", "HTTP status 403"),)), {}),
    ("blocked", tally(pages=0, failures=(at_start("http", "HTTP status 429"),)), {}),
    ("failing", tally(pages=0, failures=(at_start("robots", "robots.txt can't be had: HTTP status 503"),)), {}),  # a fault of the site, not its wish
    ("blocked", tally(pages=1, new=1, failures=(Failure(TWO, "http", "HTTP status 429"), Failure(TWO, "challenge", "HTTP status 403, title says: just a moment"))), {"minimum": 1}),
    ("ok", tally(pages=2, new=1, failures=(Failure(TWO, "http", "HTTP status 429"), Failure(TWO, "challenge", "title says: just a moment"))), {}),  # half of them
    ("thin", tally(pages=1, failures=(Failure(TWO, "http", "HTTP status 500"),) * 4), {}),  # failing pages refuse nobody
    ("blocked", tally(pages=1, failures=(Failure(TWO, "http", "HTTP status 403"),) * 2 + (Failure(TWO, "repaired", "wrong charset"),) * 3), {}),  # what was read is no try of its own
    ("gone", tally(pages=0, failures=(at_start("gone", "HTTP status 404"),)), {}),
])
def test_each_crawl_has_its_verdict(verdict, what, of):
    given, why = judge(source(**of), what, NOW)
    assert given == verdict
    assert why


def test_a_failures_address_is_in_the_reason():
    assert ONE in judge(source(), tally(pages=0, failures=(at_start("connect"),)), NOW)[1]


def test_every_verdict_can_be_kept():
    assert get_args(Verdict) == KEPT_VERDICTS


def test_the_tally_counts_kinds_and_keeps_the_newest_date():
    counted = Tally(failures=[at_start("http"), at_start("gone"), at_start("http")])
    for published in ("2026-08-01", None, "2026-08-05", "2026-07-01"):
        counted.count("new", published)
    assert counted.errors_by_kind == {"gone": 1, "http": 2}
    assert (counted.new, counted.newest_published) == (4, "2026-08-05")
