"""How fast a crawl is beside a bare Scrapy spider, and how much memory it takes.

A server in a process of its own gives small articles over loopback. The same pages are fetched, delays off, by a bare
Scrapy spider that only downloads, and by a crawl of Landed's that archives, reads and keeps each of them; both in
processes of their own and one after the other, each as often as `ROUNDS` says, with the best time of each counted.

`LANDED_BENCH_PAGES=20000 make bench` runs the memory check in full.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = 2_000
MANY = int(os.environ.get("LANDED_BENCH_PAGES", "4000"))
ROUNDS = 2
AIM_RATIO = 0.5
AIM_MEMORY = 300
"""MB of a crawl's two processes at their largest."""
PER_SITEMAP = 1_000

_SUBJECTS = ("Ferry", "Bridge", "Harbour", "Lighthouse", "Quay", "Dock", "Pier", "Canal", "Lock", "Beacon")
_NAVIGATION = "".join(f'<li><a href="/section/{number}" title="Section {number}">Section {number}</a></li>' for number in range(25))


def write_article(number: int) -> bytes:
    """An article of about 8 KB, as a small news site gives it; each has its own text."""
    subject = f"{_SUBJECTS[number % len(_SUBJECTS)]} {number}"
    paragraphs = "".join(
        f"<p>The {subject.lower()} pilot takes up to {1_000 + number + at:,} people in its round {at}, the harbour office said on Thursday. "
        f'Whoever applied before the <a href="/terms/{at}">closing day</a> of that round keeps the place held until then, and all others are read in the '
        "order in which they came in. A fee is charged once and covers all members of a household who travel together.</p>" for at in range(14))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{subject} pilot opens | Harbour Post</title><meta name="description" content="On the {subject}">'
        f'<meta property="og:title" content="{subject} pilot opens"><meta property="og:site_name" content="Harbour Post">'
        f'<meta property="article:published_time" content="2026-08-{1 + number % 28:02}T09:00:00+00:00"><link rel="canonical" href="/news/{number}"><style>body{{margin:0}}</style></head>'
        f'<body><header><nav><ul>{_NAVIGATION}</ul></nav></header><main id="content"><article class="post"><h1 class="entry-title">{subject} pilot opens</h1>'
        f'<div class="entry-content">{paragraphs[:len(paragraphs) // 2]}<h2>Who may apply</h2>{paragraphs[len(paragraphs) // 2:]}<ul><li>Deckhands</li><li>Pilots</li></ul></div></article></main>'
        '<footer><p>Harbour Post, Pier 3. All rights reserved.</p></footer></body></html>').encode()


# ---------------------------------------------------------------- what runs in processes of their own


def serve(pages: int) -> None:
    """Serve robots.txt, an index of sitemaps, the sitemaps and the pages, until standard input ends."""
    answers = {f"/news/{number}": ("text/html; charset=utf-8", write_article(number)) for number in range(pages)}
    answers["/robots.txt"] = ("text/plain", b"User-agent: *\nAllow: /\n")

    async def run() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client has closed the connection
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    kind, body = answers.get(head.split(b" ", 2)[1].decode(), ("text/plain", b""))
                    writer.write(f"HTTP/1.1 {200 if body else 404} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        maps = range(0, pages, PER_SITEMAP)
        answers["/sitemap.xml"] = ("application/xml", _sitemap("sitemapindex", "sitemap", [f"{address}/sitemap-{first}.xml" for first in maps]))
        for first in maps:
            answers[f"/sitemap-{first}.xml"] = ("application/xml", _sitemap("urlset", "url", [f"{address}/news/{at}" for at in range(first, min(pages, first + PER_SITEMAP))]))
        print(address, flush=True)
        await asyncio.to_thread(sys.stdin.read)
        os._exit(0)

    asyncio.run(run())


def _sitemap(root: str, entry: str, addresses: list[str]) -> bytes:
    entries = "".join(f"<{entry}><loc>{address}</loc></{entry}>" for address in addresses)
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'.encode()


def crawl(address: str, pages: int, folder: Path) -> Measured:
    """Crawl the site as Landed does, with archive, reading and store."""
    from crawlers.crawl import crawl_sources
    from crawlers.source import Discovery, Source
    from crawlers.warc import Capture
    from db.archive import Archive

    source = Source(
        id="harbour", name="Harbour Post", publisher="Harbour Media", owner_group="harbour", official=False, jurisdiction="CA", language="en", kind="sitemap",
        start=(f"{address}/sitemap.xml",), template="wordpress", home=f"{address}/", cadence="daily", licence="-", text_policy="excerpt", minimum=pages, stale_after=36_525, note="",
        delay=0.0, network="loopback", discovery=Discovery(pages=1 + pages // PER_SITEMAP + 1))
    with Archive(folder / "archive.db", Capture) as archive:
        archive.keep_sources([source])
        began = time.perf_counter()
        [context] = crawl_sources([source], archive, folder / "warc")
        took = time.perf_counter() - began
        kept = archive.one("SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM captures WHERE role = 'article') AS captures")
    assert kept == {"articles": pages, "captures": pages}, kept
    assert (context.verdict, context.tally.failures) == ("ok", [])
    return Measured(pages, took, _largest(resource.RUSAGE_SELF), _largest(resource.RUSAGE_CHILDREN))


def download(address: str, pages: int) -> Measured:
    """Download the same pages with a spider that does nothing with them."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"
        seen = 0

        async def start(self):
            for number in range(pages):
                yield scrapy.Request(f"{address}/news/{number}")

        def parse(self, response):
            Bare.seen += 1

    process = AsyncCrawlerProcess({"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False, "ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0})
    process.crawl(Bare)
    began = time.perf_counter()
    process.start()
    took = time.perf_counter() - began
    assert Bare.seen == pages, Bare.seen
    return Measured(pages, took, _largest(resource.RUSAGE_SELF))


@dataclass(frozen=True)
class Measured:
    """What a run came to: pages, seconds, and MB of memory at the most, of its own process and of the one that reads pages."""

    pages: int
    seconds: float
    memory: float
    reader: float = 0.0

    @property
    def speed(self) -> float:
        """Pages per second."""
        return self.pages / self.seconds


def _largest(whose: int) -> float:
    """MB of this process, or of the largest that it began, at its largest."""
    return resource.getrusage(whose).ru_maxrss / 1024


# ---------------------------------------------------------------- the measurements


def run(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "tests.benchmarks.bench_crawl", *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


@contextmanager
def served(pages: int) -> Iterator[str]:
    with run("serve", pages) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.communicate()


def measure(*words: object) -> Measured:
    with run(*words) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    return Measured(**json.loads(said))


def measure_crawl(address: str, pages: int) -> Measured:
    with TemporaryDirectory() as folder:
        return measure("crawl", address, pages, folder)


def measure_site(pages: int) -> Measured:
    with served(pages) as address:
        return measure_crawl(address, pages)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served(PAGES) as address:
        yield address


def test_speed_beside_a_bare_spider(site):
    crawled, bare = [], []
    for _ in range(ROUNDS):  # in turn, so that whatever else the machine does meets both
        crawled.append(measure_crawl(site, PAGES).speed)
        bare.append(measure("download", site, PAGES).speed)
    ratio = max(crawled) / max(bare)
    print(f"\n{PAGES} pages: bare spider {_spread(bare)} pages/s; Landed {_spread(crawled)} pages/s; ratio of the best {ratio:.2f} (aim: {AIM_RATIO})")
    assert ratio > 0


def test_memory_of_many_pages():
    few, many = (measure_site(pages) for pages in (MANY // 4, MANY))
    figures = (f"{run.memory:.0f} + {run.reader:.0f} MB over {run.pages} pages" for run in (few, many))
    print(f"\npeak memory, fetching + reading process: {', '.join(figures)} ({many.speed:.0f} pages/s; aim: under {AIM_MEMORY} MB together)")
    assert many.pages > few.pages


def _spread(speeds: list[float]) -> str:
    return f"{max(speeds):.0f} ({', '.join(f'{speed:.0f}' for speed in speeds)})"


def main(task: str, *words: str) -> None:
    """Do one of the tasks above, and print what it came to."""
    if task == "serve":
        serve(int(words[0]))
    else:
        done: Any = crawl(words[0], int(words[1]), Path(words[2])) if task == "crawl" else download(words[0], int(words[1]))
        print(json.dumps(vars(done)))


if __name__ == "__main__":
    main(*sys.argv[1:])
