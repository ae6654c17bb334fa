"""canada.ca: news releases, notices, service pages.

Seen in pages of 2025 and 2026: `main[property=mainContentOfPage]` with the title in `h1[property~=name]#wb-cont`; the
date of change in `gcds-date-modified` within `section.pagedetails`, before that in `dl#wb-dtmd time`; dates of the
Dublin Core in meta elements. A news release has "From:" with the department, a hidden teaser that repeats the first
paragraph, and "Contacts" at the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawlers.article import PageRejected
from crawlers.blocks import read_passages
from crawlers.templates.boilerplate import (
    SITE_SECTIONS,
    Section,
    cut_date_lines,
    cut_sections,
    drop_elements,
    drop_pointers,
    find_correction,
    pick_container,
    read_element,
)
from crawlers.templates.dates import read_date
from crawlers.templates.draft import Draft
from crawlers.templates.metadata import clean_byline
from crawlers.tree import attribute, flatten, index_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from crawlers.article import Passage
    from crawlers.templates.metadata import Metadata

_TITLES = ('h1[property~="name"]#wb-cont', "h1#wb-cont", 'h1[property~="name"]', "main h1", "h1")
_CONTAINERS = ('main[property="mainContentOfPage"]', "main", "#news-release-container", "body")
_BYLINE = ".gc-byline"
_DATES_MODIFIED = ("gcds-date-modified", "#wb-dtmd time", ".pagedetails time", 'time[property="dateModified"]')
_BOILERPLATE = (
    ".pagedetails", "#wb-dtmd", "gcds-date-modified", "#wb-info", "footer",  # dates and the foot of the page
    ".gc-subway-wrapper", ".gc-subway", ".gc-document-nav", "hgroup > p", "#wb-bc", "gcds-breadcrumbs",  # ways through
    ".gc-pg-hlpfl", "#gc-pft", ".gc-pft", ".wb-share", ".followus", ".gc-followus", ".nwsltr",  # feedback, sharing
    ".gc-prtts", ".gc-features", ".gc-drmt", ".mwsalerts-ajax",  # teasers of other pages
    ".fn-lnk", ".fn-rtn",  # the marks of footnotes, which would run on with the number before them
    ".lnkbx", ".teaser", _BYLINE, ".experimental-banner", "dialog",
)
_SECTIONS = (
    *SITE_SECTIONS,
    Section("associated links"), Section("associated link"), Section("liens associés"), Section("lien associé"),
    Section("liens connexes"), Section("lien connexe"), Section("related links"),
    Section("related products"), Section("related product"), Section("produits connexes"), Section("produit connexe"),
    Section("contacts"), Section("contact"), Section("personnes-ressources"), Section("personne-ressource"),
    Section("page details"), Section("détails de la page"),
    Section("search for related information by keyword"), Section("recherche d'information connexe par mot clé"),
    Section("did you find what you were looking for?"), Section("avez-vous trouvé ce que vous cherchiez?"),
)
_DATELINE = re.compile(r"[^\u2013\u2014-]{8,40}(?=\s?[\u2013\u2014-])")
"""The date that opens a release: "March 20, 2025" in "March 20, 2025\u2014Ottawa\u2014 ..."."""


def read(soup: BeautifulSoup, metadata: Metadata) -> Draft:
    """Read a page of canada.ca.

    Raises:
        PageRejected: "parse", if it has no main part.
    """
    title = next((text for text in (read_element(soup, selector) for selector in _TITLES) if text), None)
    modified = next((date for date in (_read_time(soup, selector) for selector in _DATES_MODIFIED) if date), None)
    byline = clean_byline(read_element(soup, _BYLINE))
    container = pick_container(soup, _CONTAINERS)
    if container is None:
        raise PageRejected("parse", "no main part")
    index = index_of(soup)
    is_release = any(True for selector in ("#news-release-container", _BYLINE) for _ in index.find(selector))
    drop_elements(container, _BOILERPLATE)
    drop_pointers(container)
    passages = cut_date_lines(cut_sections(read_passages(container), _SECTIONS))
    return Draft(
        passages=passages,
        title=title or metadata.title,
        published=metadata.published or (_read_dateline(passages) if is_release else None),
        modified=modified or metadata.modified,
        byline=byline or metadata.byline,
        correction_note=find_correction(passages),
        site_names=("Canada.ca",),
    )


def _read_time(soup: BeautifulSoup, selector: str) -> str | None:
    tag = next(index_of(soup).find(selector), None)
    return read_date(attribute(tag, "datetime") or flatten(tag)) if tag is not None else None


def _read_dateline(passages: list[Passage]) -> str | None:
    first = next((passage.text for passage in passages if passage.kind == "paragraph"), "")
    found = _DATELINE.match(first)
    return read_date(found.group()) if found is not None else None
