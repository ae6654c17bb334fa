"""Sitemaps, news sitemaps and indexes of sitemaps (sitemaps.org), gzipped or not."""

from __future__ import annotations

import gzip
import io
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

from scrapy.utils.sitemap import Sitemap

from crawlers.article import MAX_BODY, PageRejected
from crawlers.listings import Link, Listing, absolute_address, stated_time

if TYPE_CHECKING:
    from crawlers.article import Page


def read_sitemap(page: Page, since_days: int | None) -> Listing:
    """The pages of a sitemap, or the sitemaps of an index, as links or further listings, the newest first.

    Args:
        page: The sitemap.
        since_days: Leave out entries whose stated change is older than this, counted from the page's capture.

    Raises:
        PageRejected: It is no sitemap.
    """
    sitemap = _parse(_unzip(page.body))
    oldest = (page.fetched_at - timedelta(days=since_days)).date().isoformat() if since_days else ""
    found: list[tuple[str, Link]] = []
    for entry in sitemap:
        url = absolute_address(page.url, str(entry.get("loc") or ""))
        changed = stated_time(str(entry.get("lastmod") or "")) or ""
        if url and not (changed and changed[:10] < oldest):
            found.append((changed, Link(url, "", None)))
    found.sort(key=lambda pair: pair[0], reverse=True)
    links = tuple(link for _, link in found)
    return Listing(more=tuple(link.url for link in links)) if sitemap.type == "sitemapindex" else Listing(links)


def _unzip(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            return stream.read(MAX_BODY + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise PageRejected("parse", f"no sitemap: broken gzip: {error}") from error


def _parse(body: bytes) -> Sitemap:
    if len(body) > MAX_BODY:
        raise PageRejected("parse", f"over {MAX_BODY} bytes")
    try:
        sitemap = Sitemap(body)
    except Exception as error:
        raise PageRejected("parse", f"no sitemap: {type(error).__name__}: {error}"[:300]) from error
    if sitemap.type not in {"urlset", "sitemapindex"}:
        raise PageRejected("parse", f"no sitemap: the root element is {sitemap.type!r}")
    return sitemap
