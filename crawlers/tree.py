"""The tree of a page: parsing it, walking what of it is shown, and reading an element's text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from bs4.builder._lxml import LXMLTreeBuilder
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from crawlers.article import PageRejected, clean_text
from crawlers.selection import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MAX_MARKUP = 150_000
"""Tags of a page, open and close counted; the largest government page seen has 12,000."""
MAX_DEPTH = 2_000
"""Elements within each other. Browsers flatten a page from 512 on; CSS selectors take time with the depth."""

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})
"""Elements that begin and end a block; all others, unknown ones too, run on in their line."""
_UNREAD = frozenset({
    "audio", "button", "canvas", "datalist", "embed", "frame", "head", "iframe", "input", "map", "nav", "noscript",
    "object", "optgroup", "option", "rp", "rt", "script", "select", "style", "svg", "template", "textarea", "title",
    "video",
})
"""Elements that hold no text of the article: code, controls, media with their fallbacks, ways through the site."""
_HEAD = frozenset({"base", "bgsound", "link", "meta", "noscript", "script", "style", "template", "title"})
_TABLE_PARTS = frozenset({"caption", "thead", "tr", "th"})

_HIDING = frozenset({"hidden", "d-none", "hide", "invisible", "is-hidden", "nojs-show"})
"""Class names of common stylesheets (Bootstrap, WET, Tailwind, Drupal) that take an element off the screen."""
_SPOKEN = frozenset({"wb-inv", "sr-only", "visually-hidden", "screen-reader-text", "element-invisible"})
"""Class names for screen readers alone: directions about the page; in tables, the names of the columns."""
_SHOWN_AGAIN = re.compile(r"(?:sm|md|lg|xl|2xl):(?:block|flex|grid|inline|inline-block|table)|d-(?:sm|md|lg|xl|xxl)-[a-m]")
"""Class names that show a hidden element again on larger screens: "hidden md:block", "d-none d-md-block"."""
_HIDING_STYLE = re.compile(r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden", re.IGNORECASE)


class _Builder(LXMLTreeBuilder):
    """Beautiful Soup's builder without its care for XML namespaces, which HTML as libxml2 reads it doesn't have."""

    def start(self, tag: str | bytes, attrib: Mapping[str | bytes, str | bytes], nsmap: Mapping[str | None, str] = {}) -> None:  # type: ignore[override]
        if nsmap or (attrib and any(name[:1] == "{" for name in attrib)):
            super().start(tag, dict(attrib), dict(nsmap))  # type: ignore[arg-type]
        else:
            self.soup.handle_starttag(tag, None, None, self.attribute_dict_class(attrib), namespaces=self.active_namespace_prefixes[-1])  # type: ignore[union-attr, arg-type]

    def end(self, tag: str | bytes) -> None:
        if len(self.nsmaps) > 1:
            super().end(tag)
        else:
            self.soup.handle_endtag(tag)  # type: ignore[union-attr, arg-type]


class Tree(BeautifulSoup):
    """A page's tree with the index of its elements, built when it is first asked for."""

    elements: Index | None = None


def parse_tree(html: str) -> Tree:
    """Parse a page's text into a tree, however broken its markup is.

    Raises:
        PageRejected: "parse", over `MAX_MARKUP` tags or `MAX_DEPTH` elements within each other.
    """
    tags = html.count("<")
    if tags > MAX_MARKUP:
        raise PageRejected("parse", f"more than {MAX_MARKUP} tags")
    # libxml2 ends a text at NUL and refuses lone surrogates.
    soup = Tree(html.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8"), builder=_Builder())
    if tags > MAX_DEPTH and _depth(soup) > MAX_DEPTH:
        raise PageRejected("parse", f"more than {MAX_DEPTH} elements within each other")
    _end_head(soup)
    return soup


def _end_head(soup: BeautifulSoup) -> None:
    """Move out of the head what can't stand there: pages may leave out `</head><body>`, and libxml2 doesn't see the end."""
    head = soup.head
    first = next((child for child in head.children if _ends_head(child)), None) if head is not None else None
    if head is None or first is None:
        return
    body = soup.body
    if body is None:
        body = soup.new_tag("body")
        head.insert_after(body)
    for at, child in enumerate([first, *first.next_siblings]):
        body.insert(at, child)


def _ends_head(child: PageElement) -> bool:
    if isinstance(child, Tag):
        return child.name not in _HEAD
    return isinstance(child, NavigableString) and not isinstance(child, PreformattedString) and bool(child.strip())


def _depth(root: Tag) -> int:
    deepest = 0
    stack = [iter(root.children)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif isinstance(child, Tag):
            stack.append(iter(child.children))
            deepest = max(deepest, len(stack))
    return deepest


def index_of(tag: Tag) -> Index:
    """Return the index of the tree that an element is in."""
    top = tag
    while top.parent is not None:
        top = top.parent
    if not isinstance(top, Tree):
        return Index(top)
    if top.elements is None:
        top.elements = Index(top)
    return top.elements


def find_named(root: Tag, *names: str) -> Iterator[Tag]:
    """Yield the elements below `root` that have one of the names; as Beautiful Soup's `find_all`, in a third of its time."""
    return (tag for tag in root.descendants if isinstance(tag, Tag) and tag.name in names)


def first_named(soup: Tag, name: str) -> Tag | None:
    """Return the first element of a tree that has the name."""
    return next(iter(index_of(soup).named(name)), None)


def attribute(tag: Tag, name: str) -> str:
    """Return an attribute's value, "" where it is missing."""
    value = tag.get(name)
    if value is None:
        return ""
    return value if isinstance(value, str) else " ".join(value)


def is_hidden(tag: Tag) -> bool:
    """Tell whether the element itself says that it isn't shown."""
    attributes = tag.attrs
    if tag.name == "dialog" and "open" not in attributes:
        return True
    if not attributes:
        return False
    if "hidden" in attributes or ("aria-hidden" in attributes and attribute(tag, "aria-hidden").lower() == "true"):
        return True
    if "style" in attributes and _HIDING_STYLE.search(attribute(tag, "style")[:500]):
        return True
    if "class" not in attributes:
        return False
    classes = attribute(tag, "class").lower().split()
    if any(name in _HIDING for name in classes):
        return not any(_SHOWN_AGAIN.match(name[:40]) for name in classes)
    return tag.name not in _TABLE_PARTS and any(name in _SPOKEN for name in classes)


def hide(tag: Tag) -> None:
    """Leave an element out of all that is read from now on; cheaper than taking it out of the tree."""
    tag["hidden"] = ""


def walk(root: Tag, prune: Callable[[Tag], bool] | None = None) -> Iterator[tuple[str, Tag | str]]:
    """Yield what is shown below an element, in order, without recursion (pages nest as deep as they like).

    Yields:
        ("text", str), ("open", Tag) and ("close", Tag); ("leaf", Tag) for an element that `prune` says not to enter.
    """
    stack: list[tuple[Tag, Iterator[object]]] = [(root, iter(root.contents))]
    while stack:
        tag, children = stack[-1]
        for child in children:
            if isinstance(child, Tag):
                if child.name in _UNREAD or is_hidden(child):
                    continue
                if prune is not None and prune(child):
                    yield "leaf", child
                else:
                    yield "open", child
                    stack.append((child, iter(child.contents)))
                    break
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                yield "text", str(child)
        else:
            stack.pop()
            if stack:
                yield "close", tag


def flatten(root: Tag) -> str:
    """Return an element's text on one line; its blocks are set apart by a space."""
    parts: list[str] = []
    for event, value in walk(root):
        if isinstance(value, str):
            parts.append(value)
        elif value.name in BLOCKS or (event == "open" and value.name == "br"):
            parts.append(" ")
    return clean_text("".join(parts))


def shows_text(root: Tag) -> bool:
    """Tell whether an element shows any text."""
    return any(isinstance(value, str) and value.strip() for _, value in walk(root))


def measure(root: Tag) -> dict[int, int]:
    """Return for each shown element, by `id()`, how many characters of text other than white space it shows."""
    sizes: dict[int, int] = {}
    sums = [0]
    for event, value in walk(root):
        if isinstance(value, str):
            sums[-1] += len("".join(value.split()))
        elif event == "open":
            sums.append(0)
        else:
            sizes[id(value)] = sums.pop()
            sums[-1] += sizes[id(value)]
    sizes[id(root)] = sums[0]
    return sizes
