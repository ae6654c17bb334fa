"""News and blogs on WordPress, of any theme.

Headline, dates and author come from JSON-LD, meta elements or microdata; the body from the element that themes call
entry-content, post-content and the like, without what plugins put into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.article import PageRejected
from crawlers.blocks import read_passages
from crawlers.templates.boilerplate import (
    CALLS,
    Section,
    cut_date_lines,
    cut_dateline,
    cut_sections,
    cut_signature,
    drop_elements,
    drop_named,
    drop_pointers,
    find_correction,
    may_correct,
    pick_container,
    read_element,
)
from crawlers.templates.dates import read_dateline, read_labelled_dates
from crawlers.templates.draft import Draft
from crawlers.templates.metadata import clean_byline
from crawlers.tree import first_named

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from crawlers.article import Passage
    from crawlers.templates.metadata import Metadata

_TITLES = (
    "h1 .entry-title-primary", "h1.entry-title", "h1[itemprop=headline]", "h1.post-title", "h1.article-title",
    "article h1", "main h1", "h1",
)
_CONTAINERS = (
    "[itemprop=articleBody]", ".entry-content", ".post-content", ".td-post-content", ".article-content",
    ".t-article_content", ".elementor-widget-theme-post-content", ".article-body", ".article__body", ".post-body", ".single-content", ".wp-block-post-content",
    "article", "main", "[role=main]", "#content", "body",
)
_BYLINES = (
    "[rel=author]", ".author_name", ".byline .author", ".entry-author-name", ".author.vcard", ".byline", ".entry-meta .author",
    ".post-meta .author", ".meta .author",
)
_NOTES = ("[itemprop=correction]", ".correction", ".correction-note", ".editors-note.correction")
_BOILERPLATE = (
    "footer", "aside", "form", "[role=complementary]", "[role=navigation]", "ins.adsbygoogle", "[data-ad-client]",
    "[itemprop=author]", "[itemprop=publisher]", ".entry-meta", ".post-meta", ".article-meta", ".entry-header .meta",
    "a[rel=tag]", ".wp-block-buttons", ".bottom-btn", "figure.wp-block-embed",
    ".author-box", ".about-author", ".author-info", ".post-author", ".saboxplugin-wrap", ".wp-block-post-comments",
)
_NAMES = frozenset({
    "ad", "ads", "advert", "adverts", "advertisement", "adsense", "sponsor", "sponsored", "cicnewsads", "promo",
    "related", "relatedposts", "yarpp", "crp", "recommended", "trending", "popular",
    "newsletter", "subscribe", "subscription", "signup", "optin", "mc4wp", "mailchimp", "mailpoet", "convertkit",
    "share", "sharing", "sharedaddy", "shares", "social", "addtoany", "a2a", "heateor",
    "comments", "comment", "respond", "disqus", "authorbox", "bio", "biography",
    "cta", "popup", "modal", "cookie", "cookies", "consent", "gdpr", "cmplz", "onetrust", "optinmonster", "mailmunch", "toc", "breadcrumb", "breadcrumbs", "tags", "tagcloud",
    "sidebar", "pagination", "paywall",
})
_HEADINGS = (
    "related posts", "related articles", "related news", "related stories", "related", "you may also like",
    "you might also like", "recommended", "recommended for you", "recommended reading", "trending now", "popular posts", "more from this author", "more news", "latest news",
    "read more", "read next", "also read", "share this", "share this article", "share this:", "share",
    "subscribe to our newsletter", "sign up for our newsletter", "newsletter", "stay up to date", "follow us",
    "about the author", "about author", "author", "comments", "leave a comment", "leave a reply", "tags",
    "articles similaires", "articles connexes", "à lire aussi", "partager", "partager cet article", "commentaires",
    "laisser un commentaire", "à propos de l'auteur", "infolettre", "abonnez-vous à notre infolettre",
)
_LISTS = ("table of contents", "in this article", "contents", "table des matières")
_SECTIONS = (*(Section(heading) for heading in _HEADINGS), *(Section(heading, "list") for heading in _LISTS))


def read(soup: BeautifulSoup, metadata: Metadata) -> Draft:
    """Read an article.

    Raises:
        PageRejected: "parse", if the page has no part with text.
    """
    titles = (read_element(soup, selector) for selector in _TITLES)
    title = next((text for text in titles if text and text not in metadata.site_names), None)
    byline = next((name for name in (clean_byline(read_element(soup, selector)) for selector in _BYLINES) if name), None)
    note = next((text for text in (read_element(soup, selector) for selector in _NOTES) if text), None)
    body = first_named(soup, "body")
    dates = read_labelled_dates(body) if body is not None else {}
    container = pick_container(soup, _CONTAINERS)
    if container is None:
        raise PageRejected("parse", "no part with text")
    drop_elements(container, _BOILERPLATE)
    drop_named(container, _NAMES)
    drop_pointers(container, calls=True)
    # A correction often stands beside the text, above or below it.
    around = next((tag for tag in container.parents if tag.name == "article"), container)
    drop_named(around, _NAMES)
    passages = cut_date_lines(cut_sections(read_passages(container), _SECTIONS))
    dateline = read_dateline(body, title) if body is not None else None
    passages, signature = cut_signature(cut_dateline(_cut_ends(passages, title), dateline))
    return Draft(
        passages=passages,
        title=title or metadata.title,
        published=metadata.published or dates.get("published") or signature.date or dateline,
        modified=metadata.modified or dates.get("modified"),
        byline=metadata.byline or byline or signature.name,
        correction_note=note or (find_correction(read_passages(around)) if may_correct(around) else None) or metadata.correction_note,
    )


def _cut_ends(passages: list[Passage], title: str | None) -> list[Passage]:
    """Return the passages without what stands above the headline and without calls to action as the last headings."""
    for at, passage in enumerate(passages):
        if title and passage.kind == "heading" and passage.level == 1 and passage.text.casefold() == title.casefold():
            passages = passages[at + 1:]
            break
    while passages and passages[-1].kind == "heading" and passages[-1].text.lower().startswith(CALLS):
        passages = passages[:-1]
    return passages
