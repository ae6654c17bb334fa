"""Discovery: from a listing (feed, sitemap, JSON API or index page) to the articles that it names.

How a source lists its articles is declared in its TOML file: the kind, and a `[discovery]` table where the kind needs
selectors. The readers only read; which links are followed, `select_links` decides for all of them alike.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from crawlers.apis import read_api
from crawlers.article import PageRejected
from crawlers.indexes import read_index
from crawlers.listings import MAX_LINKS, Link, Listing, read_feed
from crawlers.sitemaps import read_sitemap
from crawlers.templates import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawlers.article import Page
    from crawlers.source import Discovery, Source


def read_listing(source: Source, page: Page) -> Listing:
    """The articles that a listing names and the further listing pages it points to, those left out that aren't wanted.

    Raises:
        PageRejected: The page isn't a listing of the source's kind.
    """
    discovery = source.discovery
    if source.kind == "sitemap":
        listing = read_sitemap(page, discovery.since_days)
    elif source.kind == "api":
        listing = read_api(page, discovery)
    elif source.kind == "listing":
        listing = read_index(page, discovery)
    elif discovery.links:
        listing = _read_issues(page, discovery)
    else:
        listing = Listing(tuple(read_feed(page)))
    return replace(listing, links=tuple(select_links(source, _mend(source, listing.links))))


def _mend(source: Source, links: Iterable[Link]) -> Iterator[Link]:
    """The links with addresses as they were meant, where the source's template knows how its listings misprint them."""
    mend = next((version.mend for version in reversed(TEMPLATES.get(source.template, ())) if version.mend), None)
    for link in links:
        yield replace(link, url=urldefrag(mend(link.url)).url) if mend else link


def select_links(source: Source, links: Iterable[Link]) -> list[Link]:
    """The links to follow: each address once, wanted by its address and title, at most `MAX_LINKS`, in their order."""
    discovery = source.discovery
    chosen: dict[str, Link] = {}
    for link in links:
        wanted = _matches(link.url, discovery.include, discovery.exclude) and _matches(link.title, discovery.about, discovery.not_about)
        if wanted and link.url not in chosen and len(chosen) < MAX_LINKS:
            chosen[link.url] = link
    return list(chosen.values())


def _matches(text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> bool:
    return (not wanted or any(re.search(pattern, text) for pattern in wanted)) and not any(re.search(pattern, text) for pattern in unwanted)


def _read_issues(page: Page, discovery: Discovery) -> Listing:
    """The issues that a feed names, as further listings, or the articles that one of these issues links to."""
    try:
        issues = read_feed(page)
    except PageRejected as error:
        if error.kind != "parse":
            raise
        return read_index(page, discovery)
    return Listing(more=tuple(issue.url for issue in issues))
