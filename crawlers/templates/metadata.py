"""What a page says about itself for machines: JSON-LD, meta elements, microdata, link elements."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from bs4.element import Tag
from w3lib.html import remove_tags

from crawlers.article import clean_text
from crawlers.templates.dates import read_date
from crawlers.tree import attribute, first_named, index_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

ARTICLE_TYPES = frozenset({
    "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "AnalysisNewsArticle", "BackgroundNewsArticle",
    "OpinionNewsArticle", "LiveBlogPosting", "TechArticle", "Report", "SpecialAnnouncement",
})
_MAX_NODES = 2_000
_MAX_FIELD = 2_000

# Names in order of trust; each is a meta element's name, property or itemprop, lower case.
_TITLE = ("og:title", "dcterms.title", "dc.title", "twitter:title")
_PUBLISHED = ("article:published_time", "dcterms.issued", "datepublished", "dc.date.issued", "parsely-pub-date",
              "dcterms.created", "date")
_MODIFIED = ("article:modified_time", "dcterms.modified", "datemodified", "og:updated_time", "dc.date.modified")
_AUTHOR = ("author", "dcterms.creator", "dc.creator", "article:author", "parsely-author")
_SITE = ("og:site_name", "application-name", "dcterms.publisher")
_LANGUAGE = ("dcterms.language", "dc.language", "inlanguage", "og:locale")

_LANGUAGES = {"eng": "en", "fra": "fr", "fre": "fr", "english": "en", "french": "fr", "spa": "es"}
_SIGNED = re.compile(r"(?:(?:(?:written|posted|published) )?by ?:? |from ?: |par ?:? |de ?: )", re.IGNORECASE)
_SEPARATORS = (" | ", " \u2013 ", " \u2014 ", " - ", " :: ", " \u2022 ")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The machine-readable statements of a page; None where it makes none. Fields as in `Article`.

    Attributes:
        head_title: The title element, with the site's name.
        site_names: What the site is called.
    """

    url: str
    head_title: str | None
    title: str | None
    published: str | None
    modified: str | None
    byline: str | None
    language: str | None
    canonical_url: str | None
    correction_note: str | None
    site_names: tuple[str, ...]


def read_metadata(soup: BeautifulSoup, url: str) -> Metadata:
    """Read what a page states about itself. JSON-LD goes before meta elements, these before microdata."""
    title = first_named(soup, "title")
    nodes = _linked_data(soup)
    metas = _metas(soup)
    canonical = _canonical(soup)
    article = _pick_article(nodes, {url, canonical or url})
    by_id = {str(node.get("@id")): node for node in nodes if len(node) > 1}
    sites = [_name(article.get("publisher"), by_id)]
    sites += [_name(node, by_id) for node in nodes if "WebSite" in _types(node)]
    sites += [metas.get(name) for name in _SITE]
    return Metadata(
        url=url,
        head_title=(clean_text(title.get_text()) or None) if title is not None else None,
        title=_first(_text(article.get("headline")), *(metas.get(name) for name in _TITLE)),
        published=_first_date(article.get("datePublished"), *(metas.get(name) for name in _PUBLISHED),
                              _microdata(soup, "datePublished"), _entry_time(soup, "published")),
        modified=_first_date(article.get("dateModified"), *(metas.get(name) for name in _MODIFIED),
                             _microdata(soup, "dateModified"), _entry_time(soup, "updated")),
        byline=_first(*(clean_byline(name) for name in (
            _name(article.get("author"), by_id), *(metas.get(name) for name in _AUTHOR), _microdata(soup, "author")))),
        language=_first(read_language(_html_language(soup)), *(read_language(metas.get(name)) for name in _LANGUAGE),
                        read_language(_text(article.get("inLanguage")))),
        canonical_url=canonical or read_address(metas.get("og:url")),
        correction_note=_correction(article.get("correction")),
        site_names=tuple(dict.fromkeys(name for name in sites if name)),
    )


def read_address(text: str | None) -> str | None:
    """Return an absolute http(s) address without its fragment; None for anything else."""
    address = (text or "").strip()
    if not 0 < len(address) <= _MAX_FIELD or any(sign.isspace() or not sign.isprintable() for sign in address):
        return None
    try:
        parts = urlsplit(address)
        host, user = parts.hostname, parts.username
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or user is not None:
        return None
    return urldefrag(address).url


def clean_byline(text: str | None) -> str | None:
    """Return a name without "By"; None for an address or an empty one."""
    if not text:
        return None
    name = clean_text(text)
    signed = _SIGNED.match(name)
    name = name[signed.end():] if signed is not None else name
    name = name.strip(" ,;|-\u2013\u2014")
    return None if not name or name.lower().startswith(("http:", "https:", "www.")) else name[:300]


def cut_site_name(title: str, site_names: tuple[str, ...]) -> str:
    """Return a title without a site's name behind its last separator; the title as it is if that isn't the site's."""
    known = {name.casefold() for name in site_names}
    for separator in _SEPARATORS:
        head, found, tail = title.rpartition(separator)
        if found and head.strip() and tail.strip().casefold() in known:
            return head.strip()
    return title


def read_language(text: str | None) -> str | None:
    """Return the two-letter code of "en-CA", "eng", "fr_CA", "French"; None for what isn't a language."""
    word = re.split(r"[-_ ;,]", (text or "").strip().lower(), maxsplit=1)[0]
    if word in _LANGUAGES:
        return _LANGUAGES[word]
    return word if len(word) == 2 and word.isascii() and word.isalpha() else None


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)


def _first_date(*values: object) -> str | None:
    return _first(*(read_date(value) for value in values if isinstance(value, str)))


def _text(value: object) -> str | None:
    """Return text of a JSON-LD value, which may be a list, hold markup or escape it."""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    if not isinstance(value, str):
        return None
    return clean_text(html.unescape(remove_tags(html.unescape(value[:_MAX_FIELD])))) or None


def _types(node: dict[str, object]) -> set[str]:
    kind = node.get("@type")
    return {str(item) for item in kind} if isinstance(kind, list) else {str(kind)}


def _linked_data(soup: BeautifulSoup) -> list[dict[str, object]]:
    """Return the nodes of all JSON-LD scripts, members of lists and of @graph as nodes of their own."""
    nodes: list[dict[str, object]] = []
    scripts = [tag for tag in index_of(soup).named("script") if attribute(tag, "type") == "application/ld+json"]
    for script in scripts[:50]:
        try:
            waiting: list[object] = [json.loads(script.string or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and len(nodes) < _MAX_NODES:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting.extend(value[:_MAX_NODES])
            elif isinstance(value, dict):
                nodes.append(value)
                graph = value.get("@graph")
                if isinstance(graph, list):
                    waiting.extend(graph[:_MAX_NODES])
                elif isinstance(graph, dict):
                    waiting.append(graph)
    return nodes


def _pick_article(nodes: list[dict[str, object]], addresses: set[str]) -> dict[str, object]:
    """Return the node about this page's article: the one that names the page's address, else the first."""
    articles = [node for node in nodes if _types(node) & ARTICLE_TYPES]
    for node in articles:
        page = node.get("mainEntityOfPage")
        page = page.get("@id") if isinstance(page, dict) else page
        stated = {str(value).partition("#")[0] for value in (node.get("url"), node.get("@id"), page) if value}
        if stated & addresses:
            return node
    return articles[0] if articles else {}


def _name(value: object, by_id: dict[str, dict[str, object]]) -> str | None:
    """Return the name in a JSON-LD value: text, an object with a name, a reference to one, or a list of these."""
    names: list[str] = []
    for item in value[:10] if isinstance(value, list) else [value]:
        node = item
        if isinstance(node, dict) and "name" not in node:
            node = by_id.get(str(node.get("@id")), node)
        name = _text(node.get("name") if isinstance(node, dict) else node)
        if name and name not in names:
            names.append(name)
    return ", ".join(names) or None


def _correction(value: object) -> str | None:
    """Return schema.org correction: text, or a CorrectionComment (https://schema.org/correction); an address is none."""
    if isinstance(value, list):
        value = next(iter(value), None)
    text = _text(value.get("text") if isinstance(value, dict) else value)
    return None if text is None or text.startswith(("http:", "https:")) else text


def _metas(soup: BeautifulSoup) -> dict[str, str]:
    metas: dict[str, str] = {}
    for meta in index_of(soup).named("meta")[:_MAX_NODES]:
        content = clean_text(attribute(meta, "content")[:_MAX_FIELD])
        for kind in ("name", "property", "itemprop"):
            name = attribute(meta, kind).lower()
            if name and content:
                metas.setdefault(name, content)
    return metas


def _microdata(soup: BeautifulSoup, name: str) -> str | None:
    named = index_of(soup).by_key.get(("attribute", "itemprop"), ())
    tag = next((tag for tag in named if name in attribute(tag, "itemprop").split()), None)
    if tag is None:
        return None
    inner = tag.find(itemprop="name")
    tag = inner if isinstance(inner, Tag) else tag
    return attribute(tag, "content") or attribute(tag, "datetime") or clean_text(tag.get_text(" ")[:_MAX_FIELD])


def _entry_time(soup: BeautifulSoup, name: str) -> str | None:
    """Return the datetime of WordPress' own `<time class="entry-date published">` or `<time class="updated">`."""
    for tag in index_of(soup).named("time")[:20]:
        if name in attribute(tag, "class").split() and tag.has_attr("datetime"):
            return attribute(tag, "datetime")
    return None


def _html_language(soup: BeautifulSoup) -> str | None:
    root = first_named(soup, "html")
    return attribute(root, "lang") or attribute(root, "xml:lang") if root is not None else None


def _canonical(soup: BeautifulSoup) -> str | None:
    link = next(index_of(soup).find("link[rel~=canonical]"), None)
    return read_address(attribute(link, "href")) if link is not None else None
