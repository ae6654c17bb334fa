"""Pages without a template of ours: trafilatura finds the main text (https://trafilatura.readthedocs.io/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trafilatura

from crawlers.article import PageRejected
from crawlers.blocks import read_passages
from crawlers.templates.boilerplate import cut_date_lines, cut_dateline, find_correction, read_element
from crawlers.templates.dates import read_dateline, read_labelled_dates
from crawlers.templates.draft import Draft
from crawlers.tree import flatten, parse_tree

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import Tag

    from crawlers.templates.metadata import Metadata

_MOST_ATTRIBUTES = 100
_TITLES = ("article h1", "main h1", "h1")


def read(soup: BeautifulSoup, metadata: Metadata) -> Draft:
    """Read a page of unknown design. Its dates are those the page states; trafilatura's guesses are not used.

    Raises:
        PageRejected: "empty", if no main text is found.
    """
    for tag in soup.find_all(_has_many_attributes):
        # trafilatura takes quadratic time with the attributes of an element.
        tag.attrs.clear()
    found = trafilatura.extract(
        str(soup), output_format="html", include_tables=True, include_comments=False, include_links=False,
        include_formatting=False, with_metadata=False,
    )
    body = parse_tree(found).body if found else None
    if body is None:
        raise PageRejected("empty", "no main text found")
    _restore_tables(body, soup)
    titles = (read_element(soup, selector) for selector in _TITLES)
    title = next((text for text in titles if text and text not in metadata.site_names), None) or metadata.title
    dateline = read_dateline(soup.body, title) if soup.body is not None else None
    passages = cut_dateline(cut_date_lines(read_passages(body)), dateline)
    dates = read_labelled_dates(soup.body) if soup.body is not None else {}
    return Draft(
        passages=passages,
        title=title,
        published=metadata.published or dates.get("published") or dateline,
        modified=metadata.modified or dates.get("modified"),
        byline=metadata.byline,
        correction_note=find_correction(passages) or metadata.correction_note,
    )


def _restore_tables(body: Tag, soup: BeautifulSoup) -> None:
    """Put the page's own tables where the extracted text has copies of them.

    The copies have lost spans and columns' names, and their caption has become a row.
    """
    originals = {_letters(table): table for table in soup.find_all("table")}
    for copy in body.find_all("table"):
        original = originals.pop(_letters(copy), None)
        if original is not None:
            copy.replace_with(original)


def _has_many_attributes(tag: Tag) -> bool:
    return len(tag.attrs) > _MOST_ATTRIBUTES


def _letters(table: Tag) -> str:
    return "".join(flatten(table).split())
