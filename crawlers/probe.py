"""Look at a page or feed that nobody declared yet, and draft a source file for it.

The draft says what was seen (a feed, WordPress, the canada.ca template) and what a person has to decide. It starts
disabled, so that nothing is crawled before somebody has read it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import scrapy

from crawlers.article import Page, PageRejected
from crawlers.challenge import reject_unusable
from crawlers.context import CrawlContext
from crawlers.encoding import decode
from crawlers.health import name_failure
from crawlers.listings import Link, absolute_address, read_feed
from crawlers.source import Source
from crawlers.tree import attribute, parse_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bs4 import BeautifulSoup
    from scrapy.http import Request, Response
    from twisted.python.failure import Failure as TwistedFailure

    from crawlers.context import Store
    from crawlers.source import Network

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")

SIGNS: tuple[tuple[str, str, str], ...] = (
    # template, sign, where it was seen
    ("canada-ca", 'id="wb-cont"', "the heading of the Canada.ca template"),
    ("canada-ca", "dcterms.issued", "the metadata of the Canada.ca template"),
    ("wordpress", "/wp-content/", "addresses of WordPress files"),
    ("wordpress", "/wp-json/", "the address of the WordPress API"),
    ("wordpress", "wordpress.org/?v=", "WordPress as the feed's generator"),
)
"""What tells a template by the bytes of a page or feed."""


class ProbeError(Exception):
    """The address can't be looked at; the message says why."""


@dataclass(frozen=True)
class Seen:
    """What was seen at an address.

    Attributes:
        page: The page or feed asked for.
        feed: The feed: the page itself, or the first that it names, if that is one.
        links: What the feed lists.
    """

    page: Page
    feed: Page | None = None
    links: tuple[Link, ...] = ()


class ProbeSpider(scrapy.Spider):
    """Fetches an address, and the feed that its page names."""

    name = "probe"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context
        self.seen: Seen | None = None
        self.problem = ""

    async def start(self) -> AsyncIterator[Request]:
        """Yield the request for the address."""
        yield scrapy.Request(self.context.source.start[0], callback=self.look, errback=self.fail, dont_filter=True)  # see SourceSpider.ask

    def look(self, response: Response) -> Iterator[Request]:
        """Note what the page is, and ask for the feed that it names."""
        page = _page(response)
        try:
            self.seen = Seen(page, page, tuple(read_feed(page)))
        except PageRejected:
            soup = parse_tree(decode(page.body, page.content_type).text)
            try:
                reject_unusable(soup)
            except PageRejected as error:
                self.problem = str(error)
                return
            self.seen = Seen(page)
            if feed := find_feed(soup, page.url):
                yield scrapy.Request(feed, callback=self.look_at_feed, errback=lambda _: None, dont_filter=True)

    def look_at_feed(self, response: Response) -> None:
        """Read the feed that the page named."""
        assert self.seen is not None
        try:
            self.seen = Seen(self.seen.page, _page(response), tuple(read_feed(_page(response))))
        except PageRejected as error:
            self.logger.info("%s: %s", response.url, error)

    def fail(self, failure: TwistedFailure) -> None:
        """Note why the address can't be had."""
        error = failure.value
        self.problem = ": ".join(name_failure(error if isinstance(error, Exception) else RuntimeError(str(error))))


def probe_context(url: str, store: Store, warc_folder: Path, network: Network) -> CrawlContext:
    """A crawl of one address that keeps nothing."""
    return CrawlContext("probe", draft_source(Seen(Page(url, b"", "", datetime.now(UTC))), network=network), store, warc_folder, "")


def find_feed(soup: BeautifulSoup, url: str) -> str:
    """The first RSS or Atom feed that a page names in its head and that is none of comments; empty where there is none."""
    for link in soup.find_all("link", rel="alternate", type=FEED_TYPES, limit=20):
        address = absolute_address(url, attribute(link, "href"))
        if address and "comment" not in (attribute(link, "title") + address).lower():
            return address
    return ""


def draft_source(seen: Seen, *, network: Network = "internet") -> Source:
    """A source for what was seen, disabled, with guesses that a person has to check."""
    text = decode(seen.page.body, seen.page.content_type).text[:500_000]
    host = urlsplit(seen.page.url).hostname or ""
    soup = parse_tree(text) if text.strip() else None
    language = (attribute(soup.html, "lang")[:2].lower() if soup and soup.html else "") or "en"
    newest = max((link.published[:10] for link in seen.links if link.published), default="")
    feed_text = decode(seen.feed.body, seen.feed.content_type).text[:500_000] if seen.feed else ""
    template, sign = guess_template(text + feed_text)
    found = [f"feed with {len(seen.links)} entries, the newest of {newest or 'unknown date'}" if seen.links else "no feed that could be read", f"template {template}, guessed from {sign}"]
    return Source(
        id=re.sub(r"[^a-z0-9]+", "-", host.removeprefix("www.")).strip("-") or "source",
        name=_site_name(soup) or host, publisher=_site_name(soup) or host, owner_group=host.removeprefix("www."),
        official=host.endswith((".gc.ca", "canada.ca", ".gov", "gov.uk", ".gov.au", ".govt.nz", ".gouv.qc.ca")),
        jurisdiction="CA", language=language, kind="feed" if seen.feed else "page", start=((seen.feed or seen.page).url,), template=template,
        home=f"{urlsplit(seen.page.url).scheme}://{urlsplit(seen.page.url).netloc}/", cadence="daily", licence="to be found out; quotes only until then",
        text_policy="excerpt", minimum=max(1, len(seen.links) // 2), stale_after=14, enabled=False, delay=2.0, network=network,
        note=f"Drafted on {seen.page.fetched_at:%Y-%m-%d} from {seen.page.url}: {'; '.join(found)}. Check every field, then set enabled = true.",
    )


def guess_template(text: str) -> tuple[str, str]:
    """The template that the bytes of a page or feed point to, and the sign that told it."""
    for template, sign, words in SIGNS:
        if sign in text:
            return template, words
    return "generic", "no sign of any other"


def write_source(source: Source) -> str:
    """A source as the text of its TOML file."""
    lines = []
    for name in ("id", "name", "publisher", "owner_group", "official", "jurisdiction", "language", "kind", "start", "template", "home", "cadence",
                 "licence", "text_policy", "minimum", "stale_after", "enabled", "delay", "network", "note"):
        value = getattr(source, name)
        if name != "network" or value != "internet":
            # TOML's strings, numbers, booleans and arrays of strings are written as JSON's.
            lines.append(f"{name} = {json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _site_name(soup: BeautifulSoup | None) -> str:
    if soup is None:
        return ""
    named = soup.find("meta", property="og:site_name")
    title = attribute(named, "content") if named else (soup.title.get_text() if soup.title else "")
    return " ".join(title.split())[:100]


def _page(response: Response) -> Page:
    return Page(response.url, response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"), datetime.now(UTC))
