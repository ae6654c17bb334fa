"""Reading: from an archived answer to what it says, without the network.

The same functions serve the spiders (answers that just came) and replay (answers from WARC files), so that an archive
replayed gives what the crawl gave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawlers.article import PageRejected
from crawlers.discovery import read_listing
from crawlers.draw_tables import read_draw_tables
from crawlers.encoding import decode
from crawlers.packing import HALF, breaks_off
from crawlers.rounds import read_rounds
from crawlers.templates import parse_articles
from crawlers.tree import parse_tree

if TYPE_CHECKING:
    from crawlers.article import Article, Page
    from crawlers.draw_tables import TableDraw
    from crawlers.listings import Link
    from crawlers.rounds import Round
    from crawlers.source import Source
    from crawlers.warc import Role


_MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Reading:
    """What one answer says.

    Attributes:
        articles: The articles on the page: one on most, many on an issue of a gazette.
        rounds: Official rounds.
        draws: Draws in the tables of an official page.
        links: Articles that the page lists.
        more: Further listings that the page points to.
        remarks: What was wrong with the page, though it could be read.
    """

    articles: tuple[Article, ...] = ()
    rounds: tuple[Round, ...] = ()
    draws: tuple[TableDraw, ...] = ()
    links: tuple[Link, ...] = ()
    more: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def read_page(source: Source, role: Role, page: Page, link: Link | None = None) -> Reading:
    """What a page says, read as `role` demands.

    Args:
        source: Whose page it is; its template reads articles.
        role: What the page was fetched for.
        page: The answer, content encoding removed.
        link: What the listing said of the page, if one named it.

    Raises:
        PageRejected: The page is not what it should be; nothing else, whatever it holds.
    """
    try:
        return _read(source, role, page, link)
    except PageRejected:
        raise
    except Exception as error:
        # A page is a stranger's: what a reader trips over is a fault of that page, and must be counted as one.
        raise PageRejected("parse", f"{type(error).__name__}: {error}"[:300]) from error


def _read(source: Source, role: Role, page: Page, link: Link | None) -> Reading:
    if role == "listing":
        listing = read_listing(source, page)
        return Reading(links=listing.links, more=listing.more)
    if role == "rounds":
        feed = read_rounds(page.body)
        return Reading(rounds=feed.rounds, remarks=feed.problems)
    if breaks_off(page.body):
        raise PageRejected("cut", HALF)
    articles = parse_articles(page, source.template, language=source.language)
    remarks: tuple[str, ...] = _remarks(page)
    draws: tuple[TableDraw, ...] = ()
    if source.draws is not None:
        found = read_draw_tables(parse_tree(decode(page.body, page.content_type).text), source.draws)
        remarks, draws = (*remarks, *(f"draws: {problem}" for problem in found.problems[:_MOST_PROBLEMS])), found.draws
    return Reading(articles=tuple(_settle(article, page, link) for article in articles), draws=draws, remarks=remarks)


def _settle(article: Article, page: Page, link: Link | None) -> Article:
    if urlsplit(article.canonical_url).netloc != urlsplit(page.url).netloc:
        # A syndicated copy names the original as canonical, but it is a page of its own that can change by itself.
        article = replace(article, canonical_url=page.url)
    if link and not article.published:
        article = replace(article, published=link.published)
    return article


def _remarks(page: Page) -> tuple[str, ...]:
    remarks = []
    decoded = decode(page.body, page.content_type)
    if decoded.basis == "repaired":
        remarks.append("declares UTF-8 but holds Windows-1252 bytes; those were read as what they are")
    elif decoded.declared and decoded.encoding not in decoded.declared:
        remarks.append(f"declares {' and '.join(decoded.declared)}, but was read as {decoded.encoding}")
    return tuple(remarks)
