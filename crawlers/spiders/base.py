"""What all spiders share: begin at the source's addresses, read each answer, name each failure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import scrapy

from crawlers.article import Page, PageRejected
from crawlers.context import CrawlContext, Kept
from crawlers.health import FAILURES, FOR_GOOD, Failure, name_failure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from scrapy.http import Request, Response
    from twisted.python.failure import Failure as TwistedFailure

    from crawlers.listings import Link
    from crawlers.warc import Capture, Role


class SourceSpider(scrapy.Spider):
    """Crawls one source.

    Attributes:
        start_role: What the source's start addresses are fetched for.
        context: The crawl that the spider works for.
    """

    name = "source"
    start_role: ClassVar[Role]
    context: CrawlContext

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(name=context.source.id, **kwargs)
        self.context = context
        self._listings = set(context.source.start)
        self._listed: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Yield a request for each start address."""
        for url in self.context.source.start:
            yield self.ask(url, self.start_role)

    def ask(self, url: str, role: Role, link: Link | None = None, *, start: bool | None = None) -> Request:
        """A request whose answer or failure comes back to this spider.

        Scrapy's own filter of duplicates stays off: it drops a redirect to an address seen before, and so a page that
        redirects to itself, without a word to anybody.
        """
        meta = {"role": role, "link": link, "start": link is None if start is None else start}
        return scrapy.Request(url, callback=self.read, errback=self.fail, meta=meta, dont_filter=True)

    async def read(self, response: Response) -> AsyncIterator[Request | Kept | Failure]:
        """Read an answer, and yield what it says and the requests that it asks for."""
        capture: Capture | None = response.meta.get("capture")
        if capture is None:
            yield self._failure(response.url, response.meta, "archive", FAILURES["archive"])
            return
        page = Page(response.url, response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"), datetime.fromisoformat(capture.fetched_at))
        assert self.context.reader is not None
        try:
            reading = await self.context.reader.read(self.context.source, response.meta["role"], page, response.meta["link"])
        except PageRejected as error:
            yield self._failure(response.url, response.meta, error.kind, error.detail)
            return
        for remark in reading.remarks:
            yield Failure(response.url, "repaired", remark)
        reasons = response.meta.get("redirect_reasons")
        if response.meta["start"] and reasons and reasons[0] in FOR_GOOD:
            yield Failure(response.meta["redirect_urls"][0], "moved", f"its address is {response.url} now: write that into the source's file")
        if reading.articles or reading.rounds:
            yield Kept(capture, reading.articles, reading.rounds, reading.draws)
        for link in reading.links[: self.context.limit]:
            if link.url not in self._listed:
                self._listed.add(link.url)
                if self.context.dry_run:
                    self.context.wanted.append(link)
                else:
                    yield self.ask(link.url, "article", link)
        for request in self._ask_for_more(reading.more):
            yield request

    def _ask_for_more(self, listings: Sequence[str]) -> Iterator[Request]:
        """Requests for further listings, as many as the source's `pages` allows, each address once."""
        for url in listings:
            if url not in self._listings and len(self._listings) < self.context.source.discovery.pages:
                self._listings.add(url)
                yield self.ask(url, "listing", start=False)

    def fail(self, failure: TwistedFailure) -> Iterator[Failure]:
        """Name what went wrong with a request."""
        request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        yield self._failure(request.url, request.meta, *name_failure(error if isinstance(error, Exception) else RuntimeError(str(error))))

    def _failure(self, url: str, meta: dict[str, Any], kind: str, detail: str) -> Failure:
        return Failure(url, kind, detail, listing=bool(meta.get("start")))
