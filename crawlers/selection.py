"""Finding elements by CSS selectors through an index: a selector is tried only on elements that can match it.

A template asks a page some sixty selectors; tried on every element, they took two thirds of the time of reading it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import soupsieve
from bs4.element import Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALONE = re.compile(r"[.#]?[a-z][\w-]*", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([\w:-]+)[^\]]*\]")
_PARENTHESES = re.compile(r":[\w-]+\([^)]*\)")


class Index:
    """The elements of a tree in document order, by name, id, class and attribute.

    It is built once: elements may be hidden later (`crawlers.tree.hide`), but not moved, renamed or taken out.

    Attributes:
        by_key: ("name", "h1"), ("id", "content"), ("class", "byline") or ("attribute", "itemprop") to the elements.
    """

    def __init__(self, tree: Tag) -> None:
        self.by_key: dict[tuple[str, str], list[Tag]] = {}
        for tag in tree.descendants:
            if not isinstance(tag, Tag):
                continue
            self._add("name", tag.name, tag)
            for name, value in tag.attrs.items():
                self._add("attribute", name, tag)
                if name == "id":
                    self._add("id", str(value), tag)
                elif name == "class":
                    for word in set(value.split() if isinstance(value, str) else value):
                        self._add("class", word, tag)

    def _add(self, kind: str, value: str, tag: Tag) -> None:
        self.by_key.setdefault((kind, value), []).append(tag)

    def find(self, selector: str, root: Tag | None = None) -> Iterator[Tag]:
        """Yield the elements that a selector names, below `root` where one is given, in document order.

        Args:
            selector: One CSS selector, without commas. Each selector tried is kept compiled: they come from our
                code, never from a page.
            root: An element of the tree.
        """
        key, rest = _plan(selector)
        for tag in self.by_key.get(key, ()):
            if (rest is None or rest.match(tag)) and (root is None or _is_below(tag, root)):
                yield tag


@lru_cache(maxsize=1_000)
def _plan(selector: str) -> tuple[tuple[str, str], soupsieve.SoupSieve | None]:
    """Return the key of the index that holds all elements a selector can name, and what else is to be tested on them."""
    subject = re.split(r"[\s>+~]+(?![^\[(]*[\])])", selector.strip())[-1]
    bare = _PARENTHESES.sub("", subject)
    attributes = _BRACKETS.findall(bare)
    plain = _BRACKETS.sub("", bare)
    ids, classes = re.findall(r"#([\w-]+)", plain), re.findall(r"\.([\w-]+)", plain)
    if ids:
        key = ("id", ids[0])
    elif classes:
        key = ("class", classes[0])
    elif attributes:
        key = ("attribute", attributes[0].lower())
    else:
        key = ("name", plain.lower())
    return key, None if _ALONE.fullmatch(selector) else soupsieve.compile(selector)


def _is_below(tag: Tag, root: Tag) -> bool:
    above = tag.parent
    while above is not None:
        if above is root:
            return True
        above = above.parent
    return False
