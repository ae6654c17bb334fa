"""Finding elements by CSS selectors through an index: a selector is tried only on elements that can match it.

A template asks a page some sixty selectors; tried on every element, they took two thirds of the time of reading it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

import soupsieve
from bs4.element import Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALONE = re.compile(r"[.#]?[a-z][\w-]*", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([\w:-]+)[^\]]*\]")
_PSEUDO = re.compile(r":[\w-]+(?:\([^)]*\))?")


class Index:
    """The elements of a tree in document order, by name, id, class and attribute.

    It is built once: elements may be hidden later (`crawlers.tree.hide`), but not moved, renamed or taken out.

    Attributes:
        by_key: ("name", "h1"), ("id", "content"), ("class", "byline") or ("attribute", "itemprop") to the elements.
    """

    def __init__(self, tree: Tag) -> None:
        self.by_key: defaultdict[tuple[str, str], list[Tag]] = defaultdict(list)
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        open_tags: list[Tag] = []
        number, template = 0, 0
        for tag in tree.descendants:
            if not isinstance(tag, Tag):
                continue
            number += 1
            while open_tags and open_tags[-1] is not tag.parent:
                self._last[id(open_tags.pop())] = number
            # What stands in a template element is no part of the page, to CSS neither.
            template = template if len(open_tags) >= template else 0
            if not template:
                self._enter(tag)
            open_tags.append(tag)
            self._first[id(tag)] = number
            if tag.name == "template" and not template:
                template = len(open_tags)
        for tag in open_tags:
            self._last[id(tag)] = number + 1

    def _enter(self, tag: Tag) -> None:
        self.by_key["name", tag.name].append(tag)
        for name, value in tag.attrs.items():
            self.by_key["attribute", name].append(tag)
            if name == "id":
                self.by_key["id", str(value)].append(tag)
            elif name == "class":
                for word in dict.fromkeys(value.split() if isinstance(value, str) else value):
                    self.by_key["class", word].append(tag)

    def named(self, *names: str) -> list[Tag]:
        """Return the elements of one name; those of a second one follow, and so on."""
        return [tag for name in names for tag in self.by_key.get(("name", name), ())]

    def is_below(self, tag: Tag, root: Tag) -> bool:
        """Tell whether an element is within another one of the tree, or within the tree itself if `root` is its top."""
        first = self._first[id(tag)]
        return self._first.get(id(root), 0) < first < self._last.get(id(root), first + 1)

    def find(self, selector: str, root: Tag | None = None) -> Iterator[Tag]:
        """Yield the elements that a selector names, below `root` where one is given, in document order.

        Args:
            selector: One CSS selector, without commas, whose last part names an element, id, class or attribute. Each
                selector tried is kept compiled: they come from our code, never from a page.
            root: An element of the tree.
        """
        key, rest = _plan(selector)
        for tag in self.by_key.get(key, ()):
            if (rest is None or rest.match(tag)) and (root is None or self.is_below(tag, root)):
                yield tag


@lru_cache(maxsize=1_000)
def _plan(selector: str) -> tuple[tuple[str, str], soupsieve.SoupSieve | None]:
    """Return the key of the index that holds all elements a selector can name, and what else is to be tested on them."""
    subject = re.split(r"[\s>+~]+(?![^\[(]*[\])])", selector.strip())[-1]
    bare = _PSEUDO.sub("", subject)
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
