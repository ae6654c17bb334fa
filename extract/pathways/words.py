"""Cut a text into words that names can be compared by, with exact offsets.

Names are compared word by word, in a form without case, accents, possessives, dots in initials and British or US
spelling. What stands between two words decides whether they can belong to one name: blanks, quotation marks and
all sorts of hyphens and dashes join; a comma, colon, slash or bracket must be in the name itself; a line break,
a full stop and the rest part.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from extract.vocabulary import load_spellings

_APOSTROPHES = "'\u2019\u02bc\u2018"
_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb`' + _APOSTROPHES
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_BLANKS = " \t\u00a0\u2009\u202f\u00ad\u200b"
# Initials with dots (U.S., P.E.I.), or letters and digits, with a possessive 's.
_WORD = re.compile(rf"(?<![^\W_])(?:[A-Za-z]\.){{2,4}}(?![^\W_])|[^\W_]+(?:[{_APOSTROPHES}]s(?![^\W_]))?|&")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}]s$")
_JOINING = frozenset(_BLANKS + _QUOTES + _DASHES)
_NAMED = {":": ":", ",": ",", "(": "(", ")": ")", "/": "/"}
_SENTENCE_END = re.compile(rf"[.!?\u2026][{_QUOTES})\]]{{0,4}}[ \t\u00a0]+(?=[{_QUOTES}(\[]?[A-Z\u00c0-\u00dd0-9])|\n")
MAX_GAP = 12  # characters between two words of one name


class Words(NamedTuple):
    """The words of a text: `keys[i]` is compared, `starts[i]` and `ends[i]` are its code points in the text.

    A possessive 's lies beyond `ends[i]`, within `full_ends[i]`.
    """

    text: str
    keys: list[str]
    starts: list[int]
    ends: list[int]
    full_ends: list[int]
    sentence_starts: list[int]

    def gap(self, index: int) -> tuple[str, ...] | None:
        """What parts word `index` from the one after it: see `read_gap`."""
        end = self.full_ends[index]
        return read_gap(self.text[end : min(self.starts[index + 1], end + MAX_GAP + 1)])

    def sentence(self, offset: int) -> int:
        """The running number of the sentence that the character at `offset` stands in."""
        return bisect_right(self.sentence_starts, offset) - 1

    def sentence_bounds(self, number: int) -> tuple[int, int]:
        """The first and last (excluded) character of a sentence."""
        last = len(self.sentence_starts) - 1
        return self.sentence_starts[number], self.sentence_starts[number + 1] if number < last else len(self.text)

    def index_at(self, offset: int) -> int:
        """The number of words that begin before `offset`: the index of the first word at or after it."""
        return bisect_right(self.starts, offset - 1)


@lru_cache(maxsize=4096)
def read_gap(gap: str) -> tuple[str, ...] | None:
    """The punctuation between two words that a name would have to contain, or None where no name goes on.

    >>> read_gap(" "), read_gap(", "), read_gap(". ")
    ((), (',',), None)
    """
    if len(gap) > MAX_GAP:
        return None
    marks = []
    for character in gap:
        if character in _JOINING:
            continue
        mark = _NAMED.get(character)
        if mark is None:
            return None
        marks.append(mark)
    return tuple(marks)


@lru_cache(maxsize=65536)
def read_word(word: str) -> str:
    """The form in which a word is compared.

    >>> read_word("Canada's"), read_word("Québec"), read_word("B.C."), read_word("programme")
    ('canada', 'quebec', 'bc', 'program')
    """
    if word == "&":
        return "and"
    key = _POSSESSIVE.sub("", word).replace(".", "").lower()
    if not key.isascii():
        key = "".join(mark for mark in unicodedata.normalize("NFD", key) if not unicodedata.combining(mark))
    return load_spellings().get(key, key)


def cut_words(text: str) -> Words:
    """Cut `text` into words and sentences. Linear in the length of the text."""
    keys: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    full_ends: list[int] = []
    for match in _WORD.finditer(text):
        word = match.group()
        start, end = match.span()
        keys.append(read_word(word) if len(word) <= 64 else "")
        starts.append(start)
        ends.append(end - 2 if len(word) > 2 and word[-2] in _APOSTROPHES else end)
        full_ends.append(end)
    sentences = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    return Words(text, keys, starts, ends, full_ends, sentences)


def cut_name(name: str) -> tuple[str, ...]:
    """The words of a name, with the punctuation that it contains, in the form in which names are compared.

    >>> cut_name("Express Entry: Human Capital Priorities")
    ('express', 'entry', ':', 'human', 'capital', 'priorities')
    """
    words = cut_words(name)
    parts: list[str] = []
    for index, key in enumerate(words.keys):
        parts.append(key)
        if index + 1 < len(words.keys):
            parts.extend(words.gap(index) or ())
    return tuple(parts)
