"""Pages of provincial and territorial governments, of no one design.

Their draw tables, tables of keys and values and lists are read as they stand; dates come from meta elements
(article:modified_time at princeedwardisland.ca) or from a visible line ("Last updated: June 16, 2026" at alberta.ca).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.article import PageRejected
from crawlers.blocks import read_passages
from crawlers.templates.boilerplate import (
    SITE_SECTIONS,
    Section,
    cut_date_lines,
    cut_sections,
    drop_elements,
    drop_named,
    find_correction,
    pick_container,
    read_element,
)
from crawlers.templates.dates import read_labelled_dates
from crawlers.templates.draft import Draft
from crawlers.tree import first_named

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from crawlers.templates.metadata import Metadata

_TITLES = ("main h1", "[role=main] h1", "article h1", "h1")
_CONTAINERS = (
    "main article", "main", "[role=main]", "article.node", "article", "#main-content", "#content", "#main",
    ".layout-content", ".main-content", "body",
)
_BOILERPLATE = (
    "footer", 'aside:not([class*="callout"])', "[role=navigation]", "[role=search]", "[role=complementary]",
    ".general-header-section .date", ".general-header-section .tagline",  # PE: dates and section above the text
    ".post-meta", ".entry-meta", ".post-navigation",  # MB and NS: WordPress
    ".ew-card-quicklink-listing", ".gpei-blue-block",  # PE: links and the office's address beside the text
)
_NAMES = frozenset({
    "breadcrumb", "breadcrumbs", "share", "sharing", "addtoany", "a2a", "social", "feedback", "skip", "newsletter",
    "cookie", "cookies", "pager", "pagination", "backtotop", "toc", "rating", "survey",
})
_SECTIONS = (
    *SITE_SECTIONS,
    Section("was this page helpful?"), Section("did you find what you were looking for?"), Section("feedback"),
    Section("related links"), Section("related information"), Section("related pages"), Section("additional links"),
    Section("contact us"), Section("contact"), Section("general inquiries"), Section("sidebar"),
)


def read(soup: BeautifulSoup, metadata: Metadata) -> Draft:
    """Read a government's page.

    Raises:
        PageRejected: "parse", if it has no main part.
    """
    title = next((text for text in (read_element(soup, selector) for selector in _TITLES) if text), None)
    body = first_named(soup, "body")
    dates = read_labelled_dates(body) if body is not None else {}
    container = pick_container(soup, _CONTAINERS)
    if container is None:
        raise PageRejected("parse", "no main part")
    drop_elements(container, _BOILERPLATE)
    drop_named(container, _NAMES)
    passages = cut_date_lines(cut_sections(read_passages(container), _SECTIONS))
    return Draft(
        passages=passages,
        title=title or metadata.title,
        published=metadata.published or dates.get("published"),
        modified=metadata.modified or dates.get("modified"),
        byline=metadata.byline,
        correction_note=find_correction(passages),
    )
