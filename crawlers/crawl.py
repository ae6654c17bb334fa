"""Run crawls: one Scrapy engine per source, sources on one host one after the other, hosts side by side."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import defaultdict
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.reactor import install_reactor

from crawlers.article import MAX_BODY
from crawlers.context import CrawlContext
from crawlers.identity import SOFTWARE, user_agent
from crawlers.politeness import PublicResolver
from crawlers.probe import ProbeError, ProbeSpider, probe_context
from crawlers.readers import PageReader
from crawlers.spiders import SPIDERS
from crawlers.warc import WarcSeries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from crawlers.context import Store
    from crawlers.probe import Seen
    from crawlers.source import Network, Source

SIDE_BY_SIDE = 8
"""Hosts that are crawled at the same time."""
LEAST_DELAY = 0.001
"""Seconds between two requests of a source that declares none: without any delay Scrapy doesn't keep to one connection per host."""

SETTINGS: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "CONCURRENT_ITEMS": 1,  # keeping what a page says waits for nothing, and Scrapy starts so many tasks for each page
    "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",  # as listed, the newest first; Scrapy's own begins with the last
    "DOWNLOAD_DELAY_JITTER": 0.25,
    "DOWNLOAD_TIMEOUT": 30,
    "DOWNLOAD_MAXSIZE": MAX_BODY,  # no reader takes more
    "DOWNLOAD_WARNSIZE": 0,
    "REDIRECT_MAX_TIMES": 5,
    "METAREFRESH_ENABLED": False,  # an archived page must read the same without the network
    "RETRY_TIMES": 1,
    # What the archive's reader can unpack again.
    "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Encoding": "gzip, deflate"},
    "LOG_ENABLED": False,  # the command line sets logging up once for all sources
    # Both open a port that runs code sent to it; RemoteControl is on by default since Scrapy 2.19.
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "EXTENSIONS": {
        "crawlers.archive.WarcArchive": 100,
        "crawlers.politeness.CrawlDelay": 200,
        # What keeps count for Scrapy's own log, which nobody reads here, or writes Scrapy's own kind of file.
        "scrapy.extensions.corestats.CoreStats": None,
        "scrapy.extensions.feedexport.FeedExporter": None,
        "scrapy.extensions.logstats.LogStats": None,
    },
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "DOWNLOADER_STATS": False,
    "SPIDER_MIDDLEWARES": {
        # Without a limit of depth this only counts; the other looks for a mistake that spiders can make and these don't.
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
        "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "crawlers.politeness.AddressGuard": 50,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "crawlers.robots.ObeyRobots": 100,  # where Scrapy has its own
        "crawlers.politeness.RetryAfter": 560,  # before RetryMiddleware (550), which would not wait
        # Nearer to the network than HttpCompressionMiddleware (590), which then unpacks the archived payload too. Those below see payloads as sent.
        "crawlers.conditional.ConditionalRequests": 595,
        "crawlers.packing.WholeBodies": 600,
    },
    "ITEM_PIPELINES": {"crawlers.pipeline.KeepPipeline": 100},
}


def stamp(moment: datetime) -> str:
    """A moment (UTC) to the millisecond, as crawls and WARC files are named: 20260807T101500123Z."""
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z"


def make_context(
    source: Source, store: Store, warc_folder: Path, archive: WarcSeries, reader: PageReader, limit: int | None, *, dry_run: bool,
) -> CrawlContext:
    """A new crawl of a source, named by the millisecond in which it begins."""
    now = datetime.now(UTC)
    crawl_id = f"{stamp(now)}-{source.id}"
    return CrawlContext(crawl_id, source, store, warc_folder, now.strftime("%Y-%m-%dT%H:%M:%SZ"), archive, reader, limit, dry_run)


def crawl_sources(
    sources: Sequence[Source], store: Store, warc_folder: Path, *,
    limit: int | None = None, contact: str = "", dry_run: bool = False, on_done: Callable[[CrawlContext], None] = lambda _: None,
) -> list[CrawlContext]:
    """Crawl sources and keep what they say; one call in the life of a process, since a reactor can't start twice.

    Args:
        sources: What to crawl.
        store: Where results are kept.
        warc_folder: Where exchanges are archived.
        limit: At most this many articles of each listing.
        contact: Address that the user agent names.
        dry_run: Fetch listings, but no article: `CrawlContext.wanted` says which would be.
        on_done: Called with each crawl as it ends.

    Returns:
        The crawls in the order in which they ended. SIGINT and SIGTERM end the run early; crawls that had not begun
        are missing then.
    """
    by_host: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_host[source.host].append(source)
    done: list[CrawlContext] = []
    run_stamp = stamp(datetime.now(UTC))

    async def run_all() -> None:
        runner = AsyncCrawlerRunner()
        ending = False
        turns = asyncio.Semaphore(SIDE_BY_SIDE)

        def end() -> None:
            nonlocal ending
            ending = True
            stopping.append(asyncio.ensure_future(runner.stop()))

        stopping: list[asyncio.Future[None]] = []
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)

        async def run_host(of_host: list[Source]) -> None:
            archive = WarcSeries(warc_folder, f"{run_stamp}-{of_host[0].id}", SOFTWARE)
            async with turns, contextlib.AsyncExitStack() as stack:
                stack.callback(archive.close)
                for source in of_host:
                    if ending:
                        break
                    context = make_context(source, store, warc_folder, archive, reader, limit, dry_run=dry_run)
                    of_source = {"USER_AGENT": user_agent(contact), "DOWNLOAD_DELAY": max(source.delay, LEAST_DELAY)}
                    await runner.crawl(Crawler(SPIDERS[source.kind], SETTINGS | of_source), context=context)
                    done.append(context)
                    on_done(context)

        reader = PageReader()
        outcomes = await asyncio.gather(*(run_host(of_host) for of_host in by_host.values()), return_exceptions=True)
        await reader.close()
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome  # when all other hosts are done

    _run_reactor(run_all)
    return done


def probe(url: str, store: Store, warc_folder: Path, network: Network, contact: str = "") -> Seen:
    """Look at an address once, obeying its robots.txt; like `crawl_sources` one call in the life of a process.

    Raises:
        ProbeError: It can't be had, or is no page.
    """
    context = probe_context(url, store, warc_folder, network)
    crawler = Crawler(ProbeSpider, SETTINGS | {"USER_AGENT": user_agent(contact), "EXTENSIONS": {}, "ITEM_PIPELINES": {}})

    async def look() -> None:
        await AsyncCrawlerRunner().crawl(crawler, context=context)

    _run_reactor(look)
    spider = crawler.spider
    assert isinstance(spider, ProbeSpider)
    if spider.seen is None:
        raise ProbeError(f"{url}: {spider.problem or 'nothing came back'}")
    return spider.seen


def _run_reactor(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` to its end in a reactor, and raise what it raised."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    reactor: Any = import_module("twisted.internet.reactor")  # importing it earlier would install another one
    failed: list[BaseException] = []

    async def begin() -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the reactor would swallow it; it is raised again when it has stopped
            failed.append(error)
        finally:
            reactor.stop()

    reactor.installNameResolver(PublicResolver(reactor.nameResolver))
    reactor.callWhenRunning(lambda: deferred_from_coro(begin()))
    reactor.run(installSignalHandlers=False)
    if failed:
        raise failed[0]
