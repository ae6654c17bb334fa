"""Page templates: bytes of a page to an article, by the template that was valid on the day of the capture.

A change of a site's design closes the old template with `valid_until` and adds the next version beside it, so that
pages from the archive still parse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from crawlers.article import MAX_BODY, Article, Page, PageRejected, Passage, assemble, clean_text
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.templates import canada_ca, generic, provincial, wordpress
from crawlers.templates.metadata import Metadata, cut_site_name, read_metadata
from crawlers.tree import parse_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bs4 import BeautifulSoup

    from crawlers.templates.draft import Draft

_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template.

    Attributes:
        name: As in a source's file: "canada-ca".
        version: From 1; the article says "canada-ca@1".
        read: The reader of the tree and the page's metadata.
        valid_from: First day of captures that it reads.
        valid_until: Last such day, None while it is in use.
    """

    name: str
    version: int
    read: Callable[[BeautifulSoup, Metadata], Draft]
    valid_from: date = date.min
    valid_until: date | None = None

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name}@{self.version}"


TEMPLATES: Mapping[str, tuple[Template, ...]] = {
    "canada-ca": (Template("canada-ca", 1, canada_ca.read),),
    "wordpress": (Template("wordpress", 1, wordpress.read),),
    "provincial": (Template("provincial", 1, provincial.read),),
    "generic": (Template("generic", 1, generic.read),),
}
"""The versions of each template by its name."""


def choose_template(name: str, day: date, templates: Mapping[str, tuple[Template, ...]] = TEMPLATES) -> Template:
    """Return the template of that name which reads captures of that day, the newest where several do.

    Raises:
        KeyError: If no template has that name.
        PageRejected: "parse", if none of that name reads that day.
    """
    if name not in templates:
        raise KeyError(f"no template is called {name}")
    valid = [
        template for template in templates[name]
        if template.valid_from <= day and (template.valid_until is None or day <= template.valid_until)
    ]
    if not valid:
        raise PageRejected("parse", f"no version of {name} reads pages of {day}")
    return max(valid, key=lambda template: template.version)


def parse_page(
    page: Page, template: str, *, language: str = "en", templates: Mapping[str, tuple[Template, ...]] = TEMPLATES
) -> Article:
    """Return the article of a page.

    Args:
        page: The page as fetched; nothing else is looked at.
        template: A template's name.
        language: The source's language, for pages that state none.
        templates: Where to look the template up.

    Raises:
        PageRejected: If the page holds no article; nothing else, whatever the page holds.
        KeyError: If no template has that name.
    """
    chosen = choose_template(template, page.fetched_at.astimezone(UTC).date(), templates)
    try:
        return _parse(page, chosen, language)
    except PageRejected:
        raise
    except Exception as error:
        # The page is a stranger's and the parsers are others': whatever they trip over is a verdict on the page.
        raise PageRejected("parse", f"{type(error).__name__}: {error}"[:300]) from error


def parse_articles(page: Page, template: str, *, language: str = "en") -> tuple[Article, ...]:
    """Return all articles of a page; arguments and errors as `parse_page`."""
    return (parse_page(page, template, language=language),)


def _parse(page: Page, template: Template, language: str) -> Article:
    if len(page.body) > MAX_BODY:
        raise PageRejected("parse", f"over {MAX_BODY} bytes")
    html = decode(page.body, page.content_type).text
    _reject_other_media(page, html)
    soup = parse_tree(html)
    reject_unusable(soup)
    metadata = read_metadata(soup, page.url)
    draft = template.read(soup, metadata)
    title = _choose_title(soup, draft, metadata)
    passages = draft.passages
    if passages and passages[0].kind == "heading" and passages[0].text.casefold() == title.casefold():
        passages = passages[1:]
    if not any(passage.text for passage in passages):
        raise PageRejected("empty", "a title without text")
    text, blocks = assemble([Passage("title", title), *passages])
    return Article(
        url=page.url,
        canonical_url=metadata.canonical_url or page.url,
        title=title,
        published=draft.published,
        modified=draft.modified,
        byline=draft.byline,
        language=metadata.language or language,
        text=text,
        blocks=blocks,
        template=template.label,
        correction_note=draft.correction_note,
    )


def _reject_other_media(page: Page, html: str) -> None:
    if not page.body.strip():
        raise PageRejected("empty", "no bytes")
    media = page.content_type.partition(";")[0].strip().lower()
    if media and not (media.startswith("text/") or "html" in media or media in {"application/xml", "application/octet-stream"}):
        raise PageRejected("parse", f"{media} is not a page")
    if page.body.startswith((b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff")) or "<" not in html:
        raise PageRejected("parse", "not HTML")


def _choose_title(soup: BeautifulSoup, draft: Draft, metadata: Metadata) -> str:
    """Return the draft's title, or that of the head, without the site's name.

    Raises:
        PageRejected: "parse", if there is none.
    """
    sites = (*metadata.site_names, *draft.site_names)
    head = clean_text(soup.title.get_text()) if soup.title is not None else ""
    for title in (draft.title, metadata.title, head):
        if title:
            return cut_site_name(title, sites)[:_LONGEST_TITLE].strip()
    raise PageRejected("parse", "no title")
