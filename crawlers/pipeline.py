"""The pipeline that hands what a crawl yields to the store, and keeps the tally.

This and the command line are the only places where crawlers and store meet.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import DropItem

from crawlers.archive import capture_archived
from crawlers.context import Kept
from crawlers.due import HISTORY, due_at
from crawlers.health import FAILURES, Failure, find_gap, judge

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.context import CrawlContext
    from crawlers.warc import Capture


class KeepPipeline:
    """Keeps captures, articles, rounds and failures, each in one transaction, and draws the crawl's verdict."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the crawler's signals."""
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.begin, signals.spider_opened)
        crawler.signals.connect(pipeline.count_request, signals.request_reached_downloader)
        crawler.signals.connect(pipeline.keep_capture, capture_archived)
        crawler.signals.connect(pipeline.finish, signals.spider_closed)
        return pipeline

    @property
    def _context(self) -> CrawlContext:
        context: CrawlContext = self._crawler.spider.context  # type: ignore[union-attr]
        return context

    def begin(self) -> None:
        """Note the crawl's begin."""
        context = self._context
        context.store.begin_crawl(context.crawl_id, context.source.id, context.started_at)

    def count_request(self) -> None:
        """Count a request, robots.txt included."""
        self._context.tally.requests += 1

    def keep_capture(self, capture: Capture) -> None:
        """Keep where an exchange is archived."""
        self._context.store.keep_capture(capture)
        if capture.status == 304 and capture.role != "robots":
            self._context.tally.not_modified += 1

    def process_item(self, item: Any) -> Any:
        """Keep what a spider yields.

        Raises:
            DropItem: Something else than a `Kept` or a `Failure` came; the message names it.
        """
        if isinstance(item, Kept):
            try:
                keep_reading(self._context, item)
            except Exception as error:  # noqa: BLE001 - a store that fails (full disk, broken file) must show in the verdict, not only in the log
                keep_failure(self._context, Failure(item.capture.url, "archive", f"{FAILURES['archive']}: {type(error).__name__}: {error}"[:300]))
        elif isinstance(item, Failure):
            keep_failure(self._context, item)
        else:
            raise DropItem(f"{type(item).__name__} is nothing that the store keeps")
        return item

    def finish(self, reason: str) -> None:
        """Draw the verdict and note the crawl's end."""
        finish_crawl(self._context, reason)


def keep_reading(context: CrawlContext, kept: Kept) -> None:
    """Keep the articles or rounds of a reading, and count them."""
    for article in kept.articles:
        context.tally.count(context.store.keep_article(kept.capture, article), article.published or article.modified)
        context.tally.articles += 1
        context.tally.stating.update(name for name in ("published", "modified", "byline") if getattr(article, name))
    for official in kept.rounds:
        context.tally.count(context.store.keep_round(kept.capture, official, context.source.language), official.date)
    if kept.draws:
        for draw, outcome in zip(kept.draws, context.store.keep_draws(kept.capture, kept.draws), strict=True):
            context.tally.count(outcome, draw.date)
    context.tally.pages += 1


def keep_failure(context: CrawlContext, failure: Failure, at: str | None = None) -> None:
    """Keep and count a failure that came about at that time, or now; an address that is gone marks its article so."""
    at = at or _now()
    context.tally.failures.append(failure)
    context.store.keep_failure(context.crawl_id, failure, at)
    if failure.kind == "gone":
        context.store.mark_gone(context.source.id, failure.url, at)


def finish_crawl(context: CrawlContext, reason: str) -> None:
    """Draw the verdict of a crawl that ended for `reason`, and keep it; hold its texts back where their markup is in doubt."""
    tally = context.tally
    if find_gap(context.source, tally):
        context.store.hold_versions(context.crawl_id)
    else:
        context.store.accept_versions(context.crawl_id)
    tally.newest_published = max(tally.newest_published or "", context.store.newest_published(context.source.id) or "") or None
    started = datetime.fromisoformat(context.started_at)
    verdict, why = judge(context.source, tally, started)
    context.verdict = verdict
    context.store.finish_crawl(context.crawl_id, _now(), reason, tally, verdict, why, _due_at(context, verdict, reason, started))


def _due_at(context: CrawlContext, verdict: str, reason: str, started: datetime) -> str | None:
    """When the next crawl of the source is due, this one counted; None where it is disabled."""
    this = {"started_at": context.started_at, "verdict": verdict, "errors_by_kind": json.dumps(context.tally.errors_by_kind), "finish_reason": reason,
            "left_alone_until": context.tally.left_alone_until}
    earlier = context.store.recent_crawls(context.started_at, HISTORY, context.source.id)
    due = due_at(context.source, [this, *(row for row in earlier if row["crawl_id"] != context.crawl_id)], started)
    return due.strftime("%Y-%m-%dT%H:%M:%SZ") if due else None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
