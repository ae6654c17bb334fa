"""Sitemaps, news sitemaps and indexes of sitemaps (sitemaps.org), gzipped or not."""

from __future__ import annotations

import gzip
import io
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

from lxml import etree

from crawlers.article import MAX_BODY, PageRejected
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.listings import Link, Listing, absolute_address, stated_time
from crawlers.tree import parse_tree

if TYPE_CHECKING:
    from crawlers.article import Page

_FIELDS = frozenset({"loc", "lastmod", "publication_date", "title"})
"""Elements of an entry that are read; the last two stand in the `news:news` of a news sitemap
(https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap)."""


def read_sitemap(page: Page, since_days: int | None) -> Listing:
    """The pages of a sitemap, or the sitemaps of an index, as links or further listings, the newest first.

    Args:
        page: The sitemap.
        since_days: Leave out entries whose stated change is older than this, counted from the page's capture.

    Raises:
        PageRejected: It is no sitemap: no bytes, a challenge or a page that is gone, or something else.
    """
    root = _parse(_unzip(page.body), page)
    oldest = (page.fetched_at - timedelta(days=since_days)).date().isoformat() if since_days else ""
    found: list[tuple[str, Link]] = []
    for entry in root:
        fields = _read_entry(entry)
        published = stated_time(fields.get("publication_date", ""))
        changed = stated_time(fields.get("lastmod", "")) or published or ""
        url = absolute_address(page.url, fields.get("loc", ""))
        if url and not (changed and changed[:10] < oldest):
            found.append((changed, Link(url, " ".join(fields.get("title", "").split()), published)))
    found.sort(key=lambda pair: pair[0], reverse=True)
    links = tuple(link for _, link in found)
    return Listing(more=tuple(link.url for link in links)) if _name(root) == "sitemapindex" else Listing(links)


def _read_entry(entry: etree._Element) -> dict[str, str]:
    """The first text of each field at any depth: those of the news stand one level below."""
    fields: dict[str, str] = {}
    for element in entry.iter():
        if (name := _name(element)) in _FIELDS and element.text and element.text.strip():
            fields.setdefault(name, element.text.strip())
    return fields


def _name(element: etree._Element) -> str:
    """The name without its namespace, which many sites get wrong; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _unzip(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            return stream.read(MAX_BODY + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise PageRejected("parse", f"no sitemap: broken gzip: {error}") from error


def _parse(body: bytes, page: Page) -> etree._Element:
    if not body.strip():
        raise PageRejected("empty", "no bytes")
    if len(body) > MAX_BODY:
        raise PageRejected("parse", f"over {MAX_BODY} bytes")
    # Sitemaps with a bare & or a cut-off end are common; what stands before the fault is read.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body.lstrip(), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PageRejected("parse", f"no sitemap: {error}"[:300]) from error
    if root is None or _name(root) not in {"urlset", "sitemapindex"}:
        if root is not None and _name(root) == "html":
            reject_unusable(parse_tree(decode(body, page.content_type).text))
        raise PageRejected("parse", f"no sitemap: the root element is {'none' if root is None else _name(root)!r}"[:300])
    return root
