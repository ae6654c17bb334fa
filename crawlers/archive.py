"""The extension that archives every exchange of a crawl, robots.txt and errors included, before anything reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from http.client import responses
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import signals

from crawlers.warc import Exchange

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Request, Response

    from crawlers.context import CrawlContext
    from crawlers.spiders import SourceSpider
    from crawlers.warc import Role

capture_archived = object()
"""Signal: an exchange was archived; handlers take `capture`."""


class WarcArchive:
    """Writes each answer to the run's WARC files as it comes off the wire, content encoding on.

    The capture goes into `request.meta["capture"]`. Where it can't be written (disk full), the meta has none, the
    crawl is closed, and nothing of the answer is kept: what can't be shown is not claimed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._broken = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the crawler's signals."""
        extension = cls(crawler)
        crawler.signals.connect(extension.write, signals.response_downloaded)
        return extension

    def write(self, response: Response, request: Request, spider: SourceSpider) -> None:
        """Archive one answer."""
        request.meta.pop("capture", None)
        context = spider.context
        if self._broken or context.archive is None:
            return
        try:
            capture = context.archive.write(_exchange(response, request, context), context.store.last_payload(context.source.id, request.url))
        except OSError as error:
            self._broken = True
            spider.logger.error("The archive can't be written, so the crawl ends here: %s", error)  # noqa: TRY400 - the reason is the message
            self._crawler.engine.close_spider(spider, "archive_failed")
            return
        request.meta["capture"] = capture
        self._crawler.signals.send_catch_log(capture_archived, capture=capture)


def _exchange(response: Response, request: Request, context: CrawlContext) -> Exchange:
    role: Role = request.meta.get("role", "robots" if urlsplit(request.url).path == "/robots.txt" else "other")
    return Exchange(
        method=request.method,
        url=request.url,
        request_headers=_pairs(request.headers),
        status=response.status,
        reason=responses.get(response.status, ""),
        headers=_pairs(response.headers),
        body=response.body,
        role=role,
        fetched_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        source_id=context.source.id,
        crawl_id=context.crawl_id,
    )


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]
