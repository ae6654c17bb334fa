"""Crawl all sources against the server of the page sets, in a process of its own (a reactor can't start twice).

The sources stand as they come with Landed, addresses and all; only their delay is 0, the minimum what a page set can
meet, and pages of 2026 never stale. One download handler takes every request to the loopback server, so that robots,
address guard, archive, templates and store work as on the internet.

    python -m tests.crawlers.crawl_page_sets PORT FOLDER      writes FOLDER/crawled.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

from crawlers.crawl import SETTINGS, crawl_sources
from crawlers.source import load_sources
from crawlers.warc import Capture
from db.archive import Archive

if TYPE_CHECKING:
    from scrapy.http import Request, Response

    from crawlers.article import Article

SOURCES = Path(__file__).parents[2] / "crawlers" / "sources"


class LoopbackHandler(HTTP11DownloadHandler):
    """Fetches every address from the server of the page sets."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        port = self._crawler.settings.getint("PAGE_SETS_PORT")
        response = await super().download_request(request.replace(url=f"http://127.0.0.1:{port}/{request.url}"))
        return response.replace(url=request.url)


class Recorder(Archive):
    """The real store, which also notes each source's articles and rounds as it is given them."""

    articles: dict[str, list[dict[str, Any]]]
    rounds: dict[str, list[dict[str, Any]]]

    def keep_article(self, capture: Any, article: Any) -> Any:
        self.articles[capture.source_id].append(describe(article))
        return super().keep_article(capture, article)

    def keep_round(self, capture: Any, official: Any, *arguments: Any) -> Any:
        self.rounds[capture.source_id].append({"number": official.number, "date": official.date, "name": official.name, "invitations": official.invitations, "cutoff": official.cutoff})
        return super().keep_round(capture, official, *arguments)


def describe(article: Article) -> dict[str, Any]:
    """An article as expected.json has it: what it states, how its text below the title begins and ends, and its blocks by kind."""
    words = article.text[article.blocks[0].end:].split()
    kinds = Counter(block.kind for block in article.blocks)
    return {
        "url": article.url, "canonical_url": article.canonical_url, "title": article.title, "published": article.published, "modified": article.modified, "byline": article.byline,
        "language": article.language, "template": article.template.partition("@")[0], "first": " ".join(words[:8]), "last": " ".join(words[-8:]), "blocks": dict(sorted(kinds.items())),
    }


def crawl(port: int, folder: Path) -> None:
    """Crawl all sources, disabled ones too, and write what came of each."""
    SETTINGS["PAGE_SETS_PORT"] = port
    SETTINGS["DOWNLOAD_HANDLERS"] = {"http": LoopbackHandler, "https": LoopbackHandler}
    sources = [replace(source, delay=0, minimum=min(source.minimum, 1), stale_after=36_500) for source in load_sources(SOURCES)[0]]
    with Recorder(folder / "archive.db", Capture) as store:
        store.articles, store.rounds = defaultdict(list), defaultdict(list)
        store.keep_sources(sources)
        crawl_sources(sources, store, folder / "warc")
        crawls = {row["source_id"]: row for row in store.rows("SELECT source_id, verdict, reason AS why FROM crawls")}
        failures: dict[str, dict[str, str]] = defaultdict(dict)
        for row in store.rows("SELECT source_id, url, kind FROM failures JOIN crawls USING (crawl_id)"):
            failures[row["source_id"]][row["url"]] = row["kind"]
        came = {
            source.id: {
                "verdict": crawls[source.id]["verdict"], "why": crawls[source.id]["why"], "failures": dict(sorted(failures[source.id].items())),
                "articles": sorted(store.articles[source.id], key=lambda article: (article["canonical_url"], article["first"])), "rounds": store.rounds[source.id],
            }
            for source in sources if source.id in crawls
        }
    (folder / "crawled.json").write_text(json.dumps(came, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    crawl(int(sys.argv[1]), Path(sys.argv[2]))
