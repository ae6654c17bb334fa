"""Page templates: bytes of a page to its articles, by the template that was valid on the day of the capture.

A change of a site's design closes the old template with `valid_until` and adds the next version beside it, so that
pages from the archive still parse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from crawlers.article import MAX_BODY, Article, Page, PageRejected, Passage, assemble
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.templates import (
    canada_ca,
    canada_gazette,
    federal_register,
    generic,
    gov_uk,
    iec,
    processing_times,
    provincial,
    wordpress,
)
from crawlers.templates.data import parse_json, parse_xml
from crawlers.templates.draft import Draft
from crawlers.templates.metadata import Metadata, cut_site_name, read_metadata
from crawlers.templates.retraction import find_retraction
from crawlers.tree import parse_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST_TITLE = 500
MAX_ARTICLES = 1_000
"""Articles of one page: the most results that the Federal Register's API gives at once."""

_MEDIA: Mapping[str, tuple[str, ...]] = {
    "html": ("html", "application/xml", "octet-stream"),
    "json": ("json", "html", "octet-stream", "javascript"),
    "xml": ("xml", "html", "octet-stream"),
}
"""What the Content-Type of a medium may hold, beside text/..."""


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template.

    Attributes:
        name: As in a source's file: "canada-ca".
        version: From 1; the article says "canada-ca@1".
        read: The reader: of the tree and the page's metadata (html), of the value and the address (json), or of the
            root element and the address (xml); it gives one draft or several.
        valid_from: First day of captures that it reads.
        valid_until: Last such day, None while it is in use.
        media: What the pages are: "html", "json" or "xml".
        mend: Puts right an address that the site's own listings misprint; None where they don't.
    """

    name: str
    version: int
    read: Callable[..., Draft | tuple[Draft, ...]]
    valid_from: date = date.min
    valid_until: date | None = None
    media: str = "html"
    mend: Callable[[str], str] | None = None

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name}@{self.version}"


TEMPLATES: Mapping[str, tuple[Template, ...]] = {
    "canada-ca": (Template("canada-ca", 1, canada_ca.read),),
    "wordpress": (Template("wordpress", 1, wordpress.read),),
    "provincial": (Template("provincial", 1, provincial.read),),
    "generic": (Template("generic", 1, generic.read),),
    "canada-gazette": (Template("canada-gazette", 1, canada_gazette.read, mend=canada_gazette.mend_address),),
    "gov-uk": (Template("gov-uk", 1, gov_uk.read, media="json"),),
    "federal-register": (Template("federal-register", 1, federal_register.read, media="json"),),
    "ircc-processing-times": (Template("ircc-processing-times", 1, processing_times.read, media="json"),),
    "iec-rounds": (Template("iec-rounds", 1, iec.read, media="xml"),),
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
    """Return the article of a page, the first where it holds several; arguments and errors as `parse_articles`."""
    return parse_articles(page, template, language=language, templates=templates)[0]


def parse_articles(
    page: Page, template: str, *, language: str = "en", templates: Mapping[str, tuple[Template, ...]] = TEMPLATES
) -> tuple[Article, ...]:
    """Return the articles of a page in its order, at least one; each has a canonical address of its own.

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


def _parse(page: Page, template: Template, language: str) -> tuple[Article, ...]:
    if len(page.body) > MAX_BODY:
        raise PageRejected("parse", f"over {MAX_BODY} bytes")
    text = decode(page.body, page.content_type).text
    _reject_other_media(page, text, template.media)
    metadata = None
    if template.media == "html":
        soup = parse_tree(text)
        reject_unusable(soup)
        metadata = read_metadata(soup, page.url)
        drafts = template.read(soup, metadata)
    else:
        drafts = template.read(parse_json(text) if template.media == "json" else parse_xml(text), page.url)
    drafts = (drafts,) if isinstance(drafts, Draft) else drafts
    articles: dict[str, Article] = {}
    empty: PageRejected | None = None
    for draft in drafts[:MAX_ARTICLES]:
        try:
            article = _complete(page, draft, metadata, template, language)
        except PageRejected as rejected:
            if rejected.kind != "empty":
                raise
            empty = rejected
        else:
            articles.setdefault(article.canonical_url, article)
    if not articles:
        raise empty or PageRejected("empty", "no article on the page")
    return tuple(articles.values())


def _complete(page: Page, draft: Draft, metadata: Metadata | None, template: Template, language: str) -> Article:
    title = _choose_title(draft, metadata)
    passages = draft.passages
    if passages and passages[0].kind == "heading" and passages[0].text.casefold() == title.casefold():
        passages = passages[1:]
    if not any(passage.text for passage in passages):
        raise PageRejected("empty", "a title without text")
    text, blocks = assemble([Passage("title", title), *passages])
    return Article(
        url=page.url,
        canonical_url=draft.canonical_url or (metadata.canonical_url if metadata is not None else None) or page.url,
        title=title,
        published=draft.published,
        modified=draft.modified,
        byline=draft.byline,
        language=draft.language or (metadata.language if metadata is not None else None) or language,
        text=text,
        blocks=blocks,
        template=template.label,
        correction_note=draft.correction_note,
        retraction_note=draft.retraction_note or find_retraction([Passage("title", title), *passages, *(Passage("paragraph", line) for line in (draft.correction_note or "").splitlines())]),
    )


def _reject_other_media(page: Page, text: str, media: str) -> None:
    if not page.body.strip():
        raise PageRejected("empty", "no bytes")
    stated = page.content_type.partition(";")[0].strip().lower()
    if stated and not (stated.startswith("text/") or any(name in stated for name in _MEDIA[media])):
        raise PageRejected("parse", f"{stated} is not {media}")
    if page.body.startswith((b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff")):
        raise PageRejected("parse", f"not {media}")
    if media == "html" and "<" not in text:
        raise PageRejected("parse", "not HTML")


def _choose_title(draft: Draft, metadata: Metadata | None) -> str:
    """Return the draft's title, or that of the head, without the site's name.

    Raises:
        PageRejected: "parse", if there is none.
    """
    sites, heads = draft.site_names, [draft.title]
    if metadata is not None:
        sites = (*metadata.site_names, *sites)
        heads += [metadata.title, metadata.head_title]
    for title in heads:
        if title:
            return cut_site_name(title, sites)[:_LONGEST_TITLE].strip()
    raise PageRejected("parse", "no title")
