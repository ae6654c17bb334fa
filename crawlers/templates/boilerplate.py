"""What stands on a page beside its article: elements, sections and lines that templates leave out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bs4.element import Tag

from crawlers.templates.dates import label_of, read_alone, read_date
from crawlers.tree import attribute, flatten, hide, index_of, measure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from bs4 import BeautifulSoup

    from crawlers.article import Passage

_ENOUGH = 200
"""Characters of a container that is surely more than a headline or a teaser."""
_MOST_PARAGRAPHS = 2_000
_BESIDE = frozenset({"aside", "nav", "footer", "form", "article", "figure", "li", "dl"})
"""What holds paragraphs of something else than the text that it stands beside: of other articles, too."""
_LONGEST_CUE = 60
_LINES = frozenset({"p", "div", "li", "h4", "h5", "h6"})
_INNER = frozenset({"p", "div", "ul", "table"})
"""An element of a line's name that holds one of these is a container."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading that begins boilerplate.

    Attributes:
        heading: Lower case, without a colon at the end.
        extent: "section" up to the next heading of its level or above, "list" only the list that follows it.
    """

    heading: str
    extent: str = "section"


SITE_SECTIONS = (
    Section("on this page", "list"),
    Section("sur cette page", "list"),
    Section("table of contents", "list"),
    Section("table des matières", "list"),
    Section("share this page"),
    Section("partagez cette page"),
)

_POINTERS = (
    # A line that is nothing but one of these and links to other articles: their headlines are no statement of this one.
    "related", "read more", "read also", "also read", "see also", "also see", "read next", "recommended", "more", "you may like",
    "you may also like", "you might also like", "recommended for you", "recommended reading", "don't miss", "must read",
    "in case you missed it", "related news", "related article", "related articles", "related story", "related stories",
    "à lire aussi", "lire aussi", "voir aussi",
)

_SIGNATURE = re.compile(
    r"(?:[Bb]y|Par|Written by|Posted by):? (?P<name>[^\W\d_a-z][\w.'\u2019-]{0,30}(?: (?:and |et |de )?[^\W\d_a-z][\w.'\u2019-]{0,30}){0,4})"
    r"(?: ?[,|\u00b7\u2022\u2013\u2014-] ?(?P<date>[\w,. ]{6,40}))?"
)
_LONGEST_SIGNATURE = 150
_TOP = 4
"""Passages among which an article is signed."""

CALLS = (
    # how a line that is nothing but a link begins where it sells something
    "apply now", "assess your", "book a", "check your", "check if you", "click here", "contact a", "contact us", "discover if",
    "discover your", "download", "explore your", "find out", "get a", "get help", "get in touch", "get your", "join our", "join us",
    "learn how we", "register for", "register now", "schedule a", "see if you", "sign up", "speak to", "speak with", "start your",
    "subscribe", "take the quiz", "take our", "talk to", "try our", "visit our",
)

_CORRECTIONS = (
    # how a publisher's correction begins                      an example
    "correction:",                  # Correction: The round was held on May 4, not May 5.
    "correction :",                 # Correction : la ronde a eu lieu le 4 mai.
    "correction, ",                 # Correction, May 6, 2026: ...
    "correction (",                 # Correction (May 6, 2026): ...
    "correction \u2013",            # Correction - with a dash
    "correction \u2014",
    "correction - ",
    "corrections:",                 # Corrections: Two figures were wrong.
    "corrected on",                 # Corrected on May 6, 2026: ...
    "correction notice",            # Correction notice: ...
    "clarification:",               # Clarification: The cap covers main applicants only.
    "erratum",                      # Erratum : ...
    "rectificatif",                 # Rectificatif : ...
    "an earlier version of this",   # An earlier version of this article gave the wrong date.
    "a previous version of this",   # A previous version of this story said 3,000.
    "this article has been corrected",
    "this story has been corrected",
    "this page has been corrected",
    "une version antérieure de",    # Une version antérieure de cet article indiquait ...
)


def drop_elements(root: Tag, selectors: Iterable[str]) -> None:
    """Leave out all elements below `root` that one of the CSS selectors names."""
    index = index_of(root)
    for selector in selectors:
        for tag in index.find(selector, root):
            hide(tag)


def drop_named(root: Tag, words: Collection[str]) -> None:
    """Leave out elements of which a class name or id has one of the words in it: "share" for "post-share-buttons".

    An element that holds most of the text is kept whatever it is called: themes name wrappers after what they may
    contain. Words are lower case.
    """
    sizes = measure(root)
    for tag in root.descendants:
        if not isinstance(tag, Tag) or not ("class" in tag.attrs or "id" in tag.attrs):
            continue
        names = re.split(r"[^a-z0-9]+", f"{attribute(tag, 'class')} {attribute(tag, 'id')}".lower()[:500])
        if any(name in words for name in names) and sizes.get(id(tag), 0) * 2 < sizes[id(root)]:
            hide(tag)


def drop_pointers(root: Tag, *, calls: bool = False) -> None:
    """Leave out lines that only point to other articles ("Related: ...") and links dressed as buttons.

    Args:
        root: Where.
        calls: Leave out lines too that are one link with a call to action: a government's service is such a link, an
            outlet's is an advertisement.
    """
    for tag in _lines_with_links(root):
        inner = [inner for inner in tag.descendants if isinstance(inner, Tag)]
        if any(element.name in _INNER for element in inner):
            continue
        links = [element for element in inner if element.name == "a"][:20]
        text = flatten(tag)
        for link in links:
            text = text.replace(flatten(link), "", 1)
        cue = text.strip(" :|,.;\u00bb\u2192>-").lower()
        if len(cue) > _LONGEST_CUE:
            continue
        is_call = calls and not cue and flatten(tag).lower().startswith(CALLS)
        if cue in _POINTERS or is_call or (not cue and all(_is_button(link) for link in links)):
            hide(tag)


def _lines_with_links(root: Tag) -> Iterator[Tag]:
    """Yield the elements below `root` that can be a line of text and hold a link, outer ones first."""
    index = index_of(root)
    seen = {id(root)}
    for link in index.named("a"):
        if not index.is_below(link, root):
            continue
        above: list[Tag] = []
        tag = link.parent
        while tag is not None and id(tag) not in seen:
            seen.add(id(tag))
            above.append(tag)
            tag = tag.parent
        yield from (tag for tag in reversed(above) if tag.name in _LINES)


def pick_container(soup: BeautifulSoup, selectors: Iterable[str]) -> Tag | None:
    """Return the element with the article: of the first selector that finds one with text, the longest.

    An element with less than a few lines may be a teaser, or a short post: one around it takes its place if that adds
    paragraphs which are not those of a column beside it. No other element does, however long.
    """
    best, longest = None, 0
    sizes = measure(soup)
    index = index_of(soup)
    for selector in selectors:
        found = [tag for tag in islice(index.find(selector), 20) if sizes.get(id(tag), 0) > longest]
        if best is not None:
            found = [tag for tag in found if index.is_below(best, tag) and _adds_text(best, tag, sizes)]
        if found:
            best = max(found, key=lambda tag: sizes[id(tag)])
            longest = sizes[id(best)]
        if longest >= _ENOUGH:
            break
    return best


def _adds_text(inner: Tag, outer: Tag, sizes: Mapping[int, int]) -> bool:
    """Tell whether an element around another has more than a few lines of paragraphs that belong to the same text."""
    index = index_of(outer)
    own = {id(tag) for tag in inner.parents} | {id(inner)}
    added = 0
    for paragraph in islice(index.named("p"), _MOST_PARAGRAPHS):
        if added >= _ENOUGH:
            break
        if index.is_below(paragraph, outer) and not index.is_below(paragraph, inner):
            beside = any(tag.name in _BESIDE for tag in paragraph.parents if id(tag) not in own)
            added += 0 if beside else sizes.get(id(paragraph), 0)
    return added >= _ENOUGH


def cut_sections(passages: list[Passage], sections: Iterable[Section]) -> list[Passage]:
    """Return the passages without the sections that the headings begin; headings match as a whole."""
    extents = {section.heading: section.extent for section in sections}
    kept: list[Passage] = []
    level, extent = 0, ""
    for passage in passages:
        if passage.kind == "heading":
            if not (extent == "section" and passage.level > level):
                extent = extents.get(passage.text.lower().rstrip(" :"), "")
                level = passage.level
        elif extent != "section" and passage.kind != "item":
            # A line in bold may do the work of a heading; it can't claim more than the list below it.
            extent = "list" if passage.kind == "paragraph" and passage.text.lower().rstrip(" :") in extents else ""
        if not extent:
            kept.append(passage)
    return kept


def cut_date_lines(passages: list[Passage]) -> list[Passage]:
    """Return the passages without lines that do nothing but date the page: they are metadata, not text."""
    return [passage for passage in passages if passage.kind not in {"paragraph", "item"} or label_of(passage.text) is None]


def cut_dateline(passages: list[Passage], day: str | None) -> list[Passage]:
    """Return the passages without a line among the first that is nothing but that day."""
    for at, passage in enumerate(passages[:_TOP]):
        if day and passage.kind == "paragraph" and read_alone(passage.text) == day:
            return [*passages[:at], *passages[at + 1:]]
    return passages


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs an article and when, where a line of it says so; None for what it doesn't say."""

    name: str | None = None
    date: str | None = None


def cut_signature(passages: list[Passage]) -> tuple[list[Passage], Signature]:
    """Return the passages without a line among the first that only signs: "By Jane Roe - 22 February, 2023"."""
    for at, passage in enumerate(passages[:_TOP]):
        found = _SIGNATURE.fullmatch(passage.text) if passage.kind == "paragraph" and len(passage.text) <= _LONGEST_SIGNATURE else None
        if found is None:
            continue
        date = read_date(found["date"] or "")
        if (date is None) == (found["date"] is None):
            return [*passages[:at], *passages[at + 1:]], Signature(found["name"].strip(), date)
    return passages, Signature()


def may_correct(root: Tag) -> bool:
    """Tell whether an element may hold a line that `find_correction` finds; far cheaper than reading its passages."""
    text = flatten(root).lower()
    return any(words in text for words in _CORRECTIONS)


def find_correction(passages: Iterable[Passage]) -> str | None:
    """Return the publisher's own words of a visible correction, several joined by a line break."""
    notes = [
        passage.text for passage in passages
        if passage.kind in {"paragraph", "item"} and passage.text.lower().startswith(_CORRECTIONS)
    ]
    return "\n".join(notes) or None


def read_element(soup: Tag, selector: str) -> str | None:
    """Return the text of the first element that a CSS selector finds, None where there is none or it is empty."""
    tag = next(index_of(soup).find(selector, soup), None)
    return (flatten(tag) or None) if tag is not None else None


def _is_button(link: Tag) -> bool:
    names = re.split(r"[^a-z0-9]+", attribute(link, "class").lower()[:500])
    return "btn" in names or "button" in names
