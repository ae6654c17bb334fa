"""Find every name of the vocabulary in a text: all candidates, before any of them is believed."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from extract.pathways.words import Words, cut_name, cut_words
from extract.vocabulary import Alias, load_aliases, load_pathways
from extract.vocabulary.places import Place, load_places

if TYPE_CHECKING:
    from collections.abc import Iterable

_HYPHENS = re.compile(r"(?<=\w)[-\u2010\u2011](?=\w)")
_SMALL_WORDS = frozenset(["a", "an", "and", "as", "at", "by", "de", "des", "du", "en", "et", "for", "from", "in", "la", "le", "les", "of", "on", "or", "the", "to", "with"])
# A name keeps its capitals where its head noun loses them: "the International Student stream".
_HEAD_NOUNS = frozenset(
    ["category", "categories", "class", "path", "pathway", "pathways", "permit", "permits", "pilot", "pilots", "program", "programs", "route", "routes", "scheme", "schemes", "stream", "streams", "sub", "subcategory", "system", "visa", "visas"],
)


class Name(NamedTuple):
    """A way of writing an alias or a place: `written` is compared letter by letter where `exact`."""

    entry: Alias | Place
    written: str


class Node:
    """A node of the tree of names: the words that may come next, and the names that end here."""

    __slots__ = ("names", "next")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.names: list[Name] = []


class Hit(NamedTuple):
    """Words `first` to `last` (excluded) of a text are a name of these entries."""

    first: int
    last: int
    names: tuple[Name, ...]


def write_plurals(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """The name itself, and with its last word in the plural."""
    yield words
    last = words[-1]
    if not last[-1].isalpha() or last.endswith("ss"):
        return
    if last.endswith("y") and len(last) > 3 and last[-2] not in "aeiou":
        yield (*words[:-1], last[:-1] + "ies")
    elif not last.endswith("s"):
        yield (*words[:-1], last + "s")


def write_hyphens(spelling: str) -> set[str]:
    """A spelling with its hyphens as they are, and with all of them closed up (Start-up, Startup)."""
    return {spelling, _HYPHENS.sub("", spelling)}


@cache
def load_tree() -> Node:
    """The tree of all names: pathways by their name and aliases, and places."""
    root = Node()
    entries: list[tuple[Alias | Place, list[str]]] = [(alias, alias.spellings()) for alias in load_aliases() if alias.kind != "feed"]
    entries += [(place, [place.name]) for place in load_places()]
    for entry, spellings in entries:
        for spelling in spellings:
            for written in write_hyphens(spelling):
                for words in write_plurals(cut_name(written)):
                    node = root
                    for word in words:
                        node = node.next.setdefault(word, Node())
                    if all(name.entry is not entry for name in node.names):
                        node.names.append(Name(entry, spelling))
    return root


class Names(NamedTuple):
    """A text cut into words, and all names in it."""

    words: Words
    hits: list[Hit]


@lru_cache(maxsize=1)  # several components ask for the names of one document, one after the other
def read_names(text: str) -> Names:
    """Cut a text into words and find all names in it, nested and overlapping ones too. The answer is shared: change nothing in it."""
    words = cut_words(text)
    return Names(words, find_hits(words))


def find_hits(words: Words) -> list[Hit]:
    """All names among the words, nested and overlapping ones too, the longest first at each place."""
    root = load_tree().next
    keys = words.keys
    hits: list[Hit] = []
    total = len(keys)
    for first, key in enumerate(keys):
        node = root.get(key)
        if node is None:
            continue
        found: list[Hit] = []
        last = first + 1
        while True:
            if node.names:
                fitting = tuple(name for name in node.names if fits_case(words, first, last, name))
                if fitting:
                    found.append(Hit(first, last, fitting))
            if last >= total or not node.next:
                break
            gap = words.gap(last - 1)
            if gap is None:
                break
            following: Node | None = node
            for mark in gap:
                following = following.next.get(mark) if following else None
            following = following.next.get(keys[last]) if following else None
            if following is None:
                break
            node = following
            last += 1
        hits.extend(reversed(found))
    return hits


def fits_case(words: Words, first: int, last: int, name: Name) -> bool:
    """Whether the name is written with the capitals that its entry asks for."""
    case = name.entry.case
    if case == "any":
        return True
    text = words.text
    if case == "title":
        for index in range(first, last):
            letter = text[words.starts[index]]
            free = words.keys[index] in _SMALL_WORDS or (index > first and words.keys[index] in _HEAD_NOUNS)
            if letter.islower() and not free:
                return False
        return True
    found = text[words.starts[first] : words.ends[last - 1]]
    plain, wanted = _strip(found), _strip(name.written)
    return plain == wanted or plain == wanted + "s"


def _strip(written: str) -> str:
    return "".join(character for character in written if character.isalnum())


@cache
def missing_names() -> tuple[str, ...]:
    """Ids of pathways that no alias leads to: each needs a row in aliases.csv."""
    named = {alias.pathway_id for alias in load_aliases()}
    return tuple(pathway for pathway in load_pathways() if pathway not in named)
