"""Listings: the links that an RSS or Atom feed gives, with what it says of each article.

feedparser reads all forms of feeds; here its answer becomes `Link`s, bounded in number and cleaned of addresses that
a crawler must not follow.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

import feedparser

from crawlers.article import MAX_BODY, PageRejected
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.tree import parse_tree

if TYPE_CHECKING:
    from crawlers.article import Page

MAX_LINKS = 1_000


@dataclass(frozen=True)
class Link:
    """An article that a listing names.

    Attributes:
        url: Its address, absolute, http or https, without fragment.
        title: Its title in the listing.
        published: Publication time as ISO 8601, with the offset that the listing states; None where it states none.
    """

    url: str
    title: str
    published: str | None


@dataclass(frozen=True)
class Listing:
    """What a listing says.

    Attributes:
        links: The articles that it names, in its order.
        more: Addresses of further listings: the next page, or the sitemaps of an index.
    """

    links: tuple[Link, ...] = ()
    more: tuple[str, ...] = ()


def read_feed(page: Page) -> list[Link]:
    """The links of an RSS or Atom feed in its own order, each address once, at most `MAX_LINKS`.

    Raises:
        PageRejected: The page is no feed: a challenge, or something that can't be parsed as one. A feed without
            entries is a feed; whether that is a fault, the source's minimum says.
    """
    if not page.body.strip():
        raise PageRejected("empty", "no bytes")
    if len(page.body) > MAX_BODY:
        raise PageRejected("parse", f"over {MAX_BODY} bytes")
    try:
        feed = feedparser.parse(io.BytesIO(page.body), response_headers={"content-type": page.content_type, "content-location": page.url})
    except Exception as error:
        # The feed is a stranger's and the parser is another's: whatever it trips over is a verdict on the feed.
        raise PageRejected("parse", f"no RSS or Atom feed: {type(error).__name__}: {error}"[:300]) from error
    if not feed.version and not feed.entries:
        reject_unusable(parse_tree(decode(page.body, page.content_type).text))
        raise PageRejected("parse", f"no RSS or Atom feed: {_reason(feed)}")
    links: dict[str, Link] = {}
    for entry in feed.entries:
        url = absolute_address(page.url, str(entry.get("link", "")).strip())
        if url and url not in links and len(links) < MAX_LINKS:
            links[url] = Link(url, " ".join(str(entry.get("title", "")).split()), _stated_time(entry))
    return list(links.values())


def absolute_address(base: str, link: str) -> str | None:
    """The absolute address of a link, or None where it is none that can be fetched, or the listing itself."""
    try:
        url = urldefrag(urljoin(base, link)).url
        parts = urlsplit(url)
        fetchable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return None
    return url if link and fetchable and url != urldefrag(base).url else None


def stated_time(stated: str) -> str | None:
    """A time as a listing writes it (ISO 8601 or RFC 822) in ISO 8601, its offset kept; None where it is none."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(stated.strip()).isoformat()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _stated_time(entry: Any) -> str | None:
    # Not by `get`, which gives one for the other with a warning.
    stated = (str(entry[name]) for name in ("published", "updated") if name in entry)
    return next((time for time in map(stated_time, stated) if time), None)


def _reason(feed: Any) -> str:
    return " ".join(str(feed.get("bozo_exception", "nothing like a feed in it")).split())[:200]
