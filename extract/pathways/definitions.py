"""Learn the abbreviations that a text defines itself: "the Rural Renewal Stream (RRS)"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPENING = "\"\u201c\u2018'"
_CLOSING = "\"\u201d\u2019'"
# After a name: optional head noun, then the abbreviation in brackets.
_AFTER = re.compile(
    r"\s{0,2}(?:program(?:me)?s?|streams?|pilots?|categor(?:y|ies)|class|pathways?|visas?|permits?|system|draws?)?"
    rf"\s{{0,2}}\(\s?(?:also known as |known as |called |the |or )?[{_OPENING}]?([A-Z][A-Za-z0-9&-]{{1,9}})s?[{_CLOSING}]?\s?\)",
)
_BRACKETED = re.compile(rf"\(\s?(?:the )?[{_OPENING}]?([A-Z][A-Z0-9-]{{1,7}})s?[{_CLOSING}]?\s?\)")
ABBREVIATION = re.compile(r"(?<![\w-])[A-Z][A-Za-z0-9&-]{1,10}(?!\w)")  # a word that may be a defined abbreviation
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*|\d+")
_SMALL = frozenset(["and", "of", "for", "the", "in", "to", "on", "de", "la", "et", "des", "du"])


def read_definition(text: str, end: int) -> str | None:
    """The abbreviation that is defined in brackets right after a name that ends at `end`, or None."""
    match = _AFTER.match(text, end, min(len(text), end + 60))
    if not match:
        return None
    abbreviation = match.group(1)
    capitals = sum(character.isupper() for character in abbreviation)
    return abbreviation if capitals >= 2 else None


def read_inner_definition(name: str) -> str | None:
    """The abbreviation with which a name itself ends in brackets: "electronic travel authorisation (ETA)"."""
    match = _BRACKETED.search(name, max(0, name.rfind("(")))
    return match.group(1) if match and match.end() == len(name) else None


def find_other_meanings(text: str, ours: Iterable[str]) -> set[str]:
    """Abbreviations that the text defines as something else than a pathway: "Construction Employers Council (CEC)".

    `ours` are the abbreviations that it defines right after a pathway's name. Only those are reported whose
    letters begin the words before the bracket.
    """
    known = set(ours)
    others: set[str] = set()
    for match in _BRACKETED.finditer(text):
        abbreviation = match.group(1)
        if abbreviation in known:
            continue
        before = text[max(0, match.start() - 120) : match.start()].rsplit("\n", 1)[-1]
        initials = "".join(word[0] for word in _WORD.findall(before) if word.lower() not in _SMALL).upper()
        if len(abbreviation) >= 2 and initials.endswith(abbreviation.replace("-", "")):
            others.add(abbreviation)
    return others
