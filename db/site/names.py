"""Names of pathways and occupations, found by words, by the beginnings of words and in spite of typing errors.

All names of a publication (some 8,000) are kept in memory; a new publication gets new ones.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from datasette.database import Database

_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST_TYPO: Final = 4
"""Letters of the shortest query that is taken to have a typing error; three letters are like any other three."""
_RATIO: Final = 80
_PART: Final = 88
_ALL: Final = """
SELECT 'pathway' AS kind, pathway_id AS id, name AS text, 0 AS place FROM pathways
UNION ALL SELECT 'pathway', pathway_id, name_fr, 1 FROM pathways WHERE name_fr IS NOT NULL
UNION ALL SELECT 'pathway', pathway_id, pathway_id, 2 FROM pathways
UNION ALL SELECT 'pathway', pathway_id, alias, 3 FROM pathway_aliases
UNION ALL SELECT 'occupation', noc_code, title, CASE edition WHEN '2021' THEN 0 ELSE 1 END FROM occupations
ORDER BY 1, 2, 4, 3
"""


@dataclass(frozen=True)
class Name:
    """A name and what it stands for: `kind` is pathway or occupation, `place` 0 for the name that pages show."""

    kind: str
    id: str
    text: str
    place: int


@dataclass(frozen=True)
class Found:
    """A name that fits a query, with how well it does (0 to 100)."""

    name: Name
    score: float


@lru_cache(maxsize=4096)
def fold_word(word: str) -> str:
    """A word without capitals and accents, as the full-text index has it."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)) or word


def split_words(text: str) -> list[str]:
    """The folded words of a text: runs of letters and digits."""
    return [fold_word(word) for word in _WORD.findall(unicodedata.normalize("NFKC", text))]


class Names:
    """The names of one publication."""

    def __init__(self, names: Iterable[Name]) -> None:
        self.names: list[Name] = []
        self._words: list[list[str]] = []
        holders: dict[str, set[int]] = defaultdict(set)
        seen = set()
        for name in names:
            words = split_words(name.text)
            if not words or (name.kind, name.id, tuple(words)) in seen:
                continue
            seen.add((name.kind, name.id, tuple(words)))
            for word in words:
                holders[word].add(len(self.names))
            self.names.append(name)
            self._words.append(words)
        self._folded = [" ".join(words) for words in self._words]
        self._vocabulary = sorted(holders)
        self._holders = holders

    def find(self, words: Sequence[str]) -> list[Found]:
        """Names for the words of a query, the best first, each thing once."""
        if not words:
            return []
        query = " ".join(words)
        scores = self._with_all(words, query) | self._within(words, query)
        if not scores and len(query) >= _SHORTEST_TYPO:
            scores = self._alike(query)
        best: dict[tuple[str, str], Found] = {}
        for at, score in sorted(scores.items(), key=lambda item: (-item[1], self.names[item[0]].place, len(self._folded[item[0]]), item[0])):
            name = self.names[at]
            best.setdefault((name.kind, name.id), Found(name, score))
        return list(best.values())

    def _with_all(self, words: Sequence[str], query: str) -> dict[int, float]:
        """Names that hold every word of the query; a query's words may be the beginnings of theirs."""
        fitting: set[int] | None = None
        for word in words:
            holding = set().union(*(self._holders[known] for known in self._beginning_with(word)))
            fitting = holding if fitting is None else fitting & holding
            if not fitting:
                return {}
        found = {}
        for at in fitting or ():
            folded = self._folded[at]
            share = len(query) / max(len(folded), len(query))
            found[at] = 100.0 if folded == query else 80 + (6 if f" {query} " in f" {folded} " else 0) + 12 * share
        return found

    def _within(self, words: Sequence[str], query: str) -> dict[int, float]:
        """Names whose words all stand in the query, side by side."""
        touched = set().union(*(self._holders.get(word, set()) for word in words))
        return {
            at: 78 + 19 * len(self._folded[at]) / len(query) + (3 if self.names[at].place == 0 else 0)
            for at in touched
            if self._folded[at] != query and f" {self._folded[at]} " in f" {query} "
        }

    def _alike(self, query: str) -> dict[int, float]:
        """Names that differ from the query by a few letters, or have a part that does."""
        found = {at: 0.75 * score for _, score, at in process.extract(query, self._folded, scorer=fuzz.ratio, score_cutoff=_RATIO, limit=50)}
        for _, score, at in process.extract(query, self._folded, scorer=fuzz.partial_ratio, score_cutoff=_PART, limit=50):
            if len(self._folded[at]) >= 0.8 * len(query):
                found[at] = max(found.get(at, 0), 0.65 * score)
        return found

    def _beginning_with(self, word: str) -> list[str]:
        first = bisect_left(self._vocabulary, word)
        if len(word) < 3:  # a letter or two begin too many words
            return self._vocabulary[first : first + 1] if self._vocabulary[first : first + 1] == [word] else []
        last = bisect_left(self._vocabulary, f"{word}\U0010ffff")
        return self._vocabulary[first:last]


_read: WeakKeyDictionary[Database, tuple[Any, Names]] = WeakKeyDictionary()


async def read_names(database: Database) -> Names:
    """The names of the publication that is being read."""
    known = _read.get(database)
    if known is None or known[0] != database.hash:
        rows = (await database.execute(_ALL)).rows
        known = database.hash, Names(Name(row["kind"], row["id"], row["text"], row["place"]) for row in rows)
        _read[database] = known
    return known[1]
