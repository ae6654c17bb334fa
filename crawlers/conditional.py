"""Conditional requests: ask whether a page changed, and read the archived copy where it did not.

A 304 answer carries no page. It is replaced here by the archived payload that it confirms, so that the spider reads
the same page as before. That makes a crawl complete in itself: where an earlier run was killed between fetching a
feed and fetching its articles, the next run gets a 304 for the feed and still finds the articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from crawlers.article import PageRejected
from crawlers.packing import check_whole
from crawlers.warc import ArchiveError, read_payload

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from crawlers.context import CrawlContext
    from crawlers.warc import Payload, Role


class ConditionalRequests:
    """Downloader middleware; it must stand nearer to the network than the decompression of bodies."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for a crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Add the validators of the archived copy, and ask caches on the way to ask the origin."""
        if "role" not in request.meta or request.meta.get("unconditional"):
            return
        request.headers["Cache-Control"] = "max-age=0"
        earlier = self._context.store.last_payload(self._context.source.id, request.url)
        if earlier is None:
            return
        if earlier.etag:
            request.headers["If-None-Match"] = earlier.etag
        if earlier.last_modified:
            request.headers["If-Modified-Since"] = earlier.last_modified

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Put the archived payload in the place of a 304; where the archive has lost it or has half of it, ask again for all.

        Raises:
            IgnoreRequest: The server says 304 to an unconditional request.
        """
        if response.status != 304:
            return response
        try:
            payload = self._read_earlier(request.url, request.meta.get("role", "other"))
        except ArchiveError as error:
            if request.meta.get("unconditional"):
                raise IgnoreRequest(str(error)) from error
            again = request.replace(dont_filter=True)
            for name in ("If-None-Match", "If-Modified-Since"):
                again.headers.pop(name, None)
            again.meta["unconditional"] = True
            return again
        headers = Headers()
        for name, value in payload.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=payload.body[:5000])
        return kind(request.url, status=200, headers=headers, body=payload.body, request=request, flags=["not-modified"])

    def _read_earlier(self, url: str, role: Role) -> Payload:
        earlier = self._context.store.last_payload(self._context.source.id, url)
        if earlier is None:
            raise ArchiveError(f"{url}: 304 for a page that is not in the archive")
        payload = read_payload(self._context.warc_folder, earlier.file, earlier.offset)
        try:
            check_whole(payload, role)
        except PageRejected as error:  # validators came with half a page: they say nothing of the other half
            raise ArchiveError(f"{url}: {error.detail}") from error
        return payload

    @property
    def _context(self) -> CrawlContext:
        context: CrawlContext = self._crawler.spider.context  # type: ignore[union-attr]
        return context
