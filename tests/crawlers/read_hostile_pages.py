"""What `test_readers` asks: pages read by a process of its own, some of which end or hold up that process.

Each task runs in a process of its own, since it kills others:

    python -m tests.crawlers.read_hostile_pages TASK [ARGUMENT...]      prints its outcome as JSON
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from crawlers import readers
from crawlers.article import Page, PageRejected
from crawlers.readers import PageReader
from crawlers.source import Source, load_sources
from tests.crawlers.web_server import page_html

LONGEST = 5.0


def work_on_hostile_pages(folder: str) -> None:
    """The reading process, with a parser that a page's words can end, hold up, or make print."""
    read_page = readers.read_page

    def read_hostile(source, role, page, link=None):
        once = Path(folder, "once")
        if b"<h1>Deadly" in page.body or (b"<h1>Once" in page.body and not once.exists()):
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if b"<h1>Endless" in page.body:
            signal.pause()
        if b"<h1>Chatty" in page.body:
            os.write(1, b"\0" * 100)
        return read_page(source, role, page, link)

    readers.read_page = read_hostile
    readers.work()


def hostile_reader(folder: str) -> PageReader:
    return PageReader(LONGEST, (sys.executable, "-m", __spec__.name, "work_on_hostile_pages", folder))


async def ask(reader: PageReader, *titles: str) -> list[str]:
    """The titles that were read, or why a page was rejected."""
    source = Source(
        id="harbour", name="-", publisher="-", owner_group="-", official=False, jurisdiction="CA", language="en", kind="feed", start=(), template="generic",
        home="-", cadence="daily", licence="-", text_policy="excerpt", minimum=1, stale_after=1, note="")
    pages = [Page("https://harbour.example/a", page_html(title) if title else b"", "text/html", datetime(2026, 8, 7, tzinfo=UTC)) for title in titles]
    outcomes = await asyncio.gather(*(reader.read(source, "article", page) for page in pages), return_exceptions=True)
    return [str(outcome) if isinstance(outcome, PageRejected) else outcome.articles[0].title for outcome in outcomes]


def read(folder: str, *titles: str) -> list[str]:
    async def work() -> list[str]:
        reader = hostile_reader(folder)
        try:
            return await ask(reader, *titles)
        finally:
            await reader.close()

    return asyncio.run(work())


def read_with(*words: str) -> list[str]:
    """Read with a command that is no reading process."""
    async def work() -> list[str]:
        reader = PageReader(LONGEST, words)
        try:
            return await ask(reader, "First", "", "Second")
        finally:
            await reader.close()

    return asyncio.run(work())


def signal_and_end() -> list[object]:
    """Signal the process while it idles, kill it, and close the reader: what is read then, and whether a process is left."""
    async def work() -> list[object]:
        reader = PageReader()
        read = await ask(reader, "First")
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(reader._process.pid, number)
        read += await ask(reader, "Second")
        os.kill(reader._process.pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
        read += await ask(reader, "Third")
        last = reader._process.pid
        await reader.close()
        try:
            os.kill(last, 0)
        except ProcessLookupError:
            return [*read, "ended"]
        return [*read, "left"]

    return asyncio.run(work())


def crawl(folder: str) -> dict[str, object]:
    """Crawl the sources of a folder with a reading process that hostile pages end."""
    import crawlers.crawl  # not above, since the reading process would wait for all of it
    from crawlers.warc import Capture
    from db.archive import Archive

    crawlers.crawl.PageReader = partial(hostile_reader, folder)
    sources, _ = load_sources(Path(folder, "sources"))
    with Archive(Path(folder, "archive.db"), Capture) as store:
        store.keep_sources(sources)
        [context] = crawlers.crawl.crawl_sources(sources, store, Path(folder, "warc"))
        return {
            "titles": sorted(row["title"] for row in store.rows("SELECT title FROM article_versions")),
            "captures": store.one("SELECT count(*) AS n FROM captures WHERE role = 'article'")["n"],
            "failures": sorted([failure.url.rpartition("/")[2], failure.kind, failure.detail] for failure in context.tally.failures),
        }


if __name__ == "__main__":
    outcome = globals()[sys.argv[1]](*sys.argv[2:])
    if outcome is not None:
        print(json.dumps(outcome))
