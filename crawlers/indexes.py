"""Index pages: HTML pages that list articles, with the links found by a CSS selector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.article import PageRejected
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.listings import Link, Listing, absolute_address
from crawlers.tree import attribute, parse_tree

if TYPE_CHECKING:
    from crawlers.article import Page
    from crawlers.source import Discovery


def read_index(page: Page, discovery: Discovery) -> Listing:
    """The links that `discovery.links` selects, and the next page that `discovery.next` selects.

    Raises:
        PageRejected: The page is a challenge, gone or empty, or the selector finds nothing on it: an index without a
            single link is a page that changed its markup, not a quiet week.
    """
    if not page.body.strip():
        raise PageRejected("empty", "no bytes")
    soup = parse_tree(decode(page.body, page.content_type).text)
    reject_unusable(soup)
    head = soup.select_one("base[href]")
    base = (absolute_address(page.url, attribute(head, "href")) if head else None) or page.url
    links = [
        Link(url, " ".join(anchor.get_text(" ").split()), None)
        for anchor in soup.select(discovery.links)
        if (url := absolute_address(base, attribute(anchor, "href"))) and url != page.url
    ]
    if not links:
        raise PageRejected("parse", f"no link at {discovery.links!r}: the page's markup has changed")
    following = soup.select_one(discovery.next) if discovery.next else None
    more = absolute_address(base, attribute(following, "href")) if following else None
    return Listing(tuple(links), (more,) if more else ())
