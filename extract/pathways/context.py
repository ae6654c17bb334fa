"""Decide what an ambiguous name means: where the text is set, and which words stand around the name."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from extract.pathways.words import cut_name
from extract.vocabulary import Alias, load_jurisdictions, load_pathways
from extract.vocabulary.names import FEDERAL
from extract.vocabulary.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.pathways.names import Hit
    from extract.pathways.words import Words

BESIDE = 8  # words within which a place named in the same sentence decides
WINDOW = 60  # words to either side that count as the sentence of a name
LONGEST_HEADER = 400  # characters
LONG_NAME = 3  # words of a name that no other country will have by chance
REACH = 400  # words back to which a province named earlier still holds
RANKING = frozenset({"crs"})  # scores that only Express Entry gives
_CURRENCIES = {"£": "GB", "A$": "AU", "C$": "CA", "NZ$": "NZ"}
_HOSTS = {"ca": "CA", "uk": "GB", "au": "AU", "nz": "NZ", "gov": "US"}


def country_of(jurisdiction: str) -> str:
    """The country of a jurisdiction: CA-ON is in CA."""
    return load_jurisdictions()[jurisdiction].parent_id or jurisdiction


@lru_cache(maxsize=8192)
def cut_phrase(phrase: str) -> tuple[tuple[str, ...], bool]:
    """The words of a condition, and whether its last word is only the beginning of one ("invit*")."""
    return cut_name(phrase), phrase.endswith("*")


class Setting:
    """Where a text is set, word by word: the places that it names, and the country of the whole.

    `named` holds the pathways that the text names beyond doubt, not counting names within longer ones.
    """

    def __init__(self, words: Words, hits: Iterable[Hit], url: str | None) -> None:
        self.words = words
        self.around: dict[int, str] = {}
        self.headers: dict[int, str] | None = None  # where a row begins -> the words of its table's first line
        named: dict[int, tuple[str, int]] = {}
        words_of_place: set[int] = set()
        outermost: set[str] = set()
        covered = -1
        for hit in hits:
            place = next((name.entry for name in hit.names if isinstance(name.entry, Place)), None)
            if place:
                named.setdefault(hit.first, (place.jurisdiction, place.weight))
                words_of_place.add(hit.first)
            if hit.first > covered:
                alias = next((name.entry for name in hit.names if isinstance(name.entry, Alias)), None)
                if alias and alias.pathway_id and not alias.conditional:
                    named.setdefault(hit.first, (load_pathways()[alias.pathway_id].jurisdiction, 3))
                    outermost.add(alias.pathway_id)
                    covered = hit.last - 1
        self.indices = sorted(named)
        self.codes = [named[index][0] for index in self.indices]
        self.words_of_place = words_of_place
        weights: Counter[str] = Counter()
        for code, weight in named.values():
            weights[country_of(code)] += weight
        host = (urlsplit(url).hostname or "") if url else ""
        country = _HOSTS.get(host.rpartition(".")[2])
        if country:
            weights[country] += 3
        for sign, code in _CURRENCIES.items():
            weights[code] += min(words.text.count(sign), 3)
        weights["CA"] += not RANKING.isdisjoint(words.keys)
        self.weights = +weights
        self.provincial = sum(weight for code, weight in named.values() if "-" in code)
        federal = not RANKING.isdisjoint(words.keys) or any(name.startswith("ca-ee-") for name in outermost)
        self.named = frozenset(outermost | {"ca-ee"} if federal else outermost)

    def country(self) -> str | None:
        """The country that the text as a whole is about, or None where it names none."""
        top = self.weights.most_common(1)
        return top[0][0] if top else None

    def is_federal(self, first: int) -> bool:
        """Whether Canada is the country at word `first`, and no province is meant.

        None may stand beside it in the sentence, nor may provinces have most of the places and programmes of the text.
        """
        if self.country() != "CA" or self.provincial * 2 > self.weights["CA"]:
            return False
        words = self.words
        begin, end = words.sentence_bounds(words.sentence(words.starts[first]))
        number = bisect_left(self.indices, max(words.index_at(begin), first - BESIDE))
        while number < len(self.indices):
            index = self.indices[number]
            if index > first + BESIDE or words.starts[index] >= end:
                return True
            if "-" in self.codes[number]:
                return False
            number += 1
        return True

    def place_at(self, first: int, last: int, *, province: bool) -> tuple[str | None, bool]:
        """The province or country that holds for words `first` to `last`, and whether it stands close by."""
        words = self.words
        begin, end = words.sentence_bounds(words.sentence(words.starts[first]))
        place = bisect_left(self.indices, first)
        best: tuple[float, str] | None = None
        near = range(max(0, place - 6), min(len(self.indices), place + 6))
        for number in near:
            index, code = self.indices[number], self.codes[number]
            if not begin <= words.starts[index] < end or (province and "-" not in code):
                continue
            if not province and index not in self.words_of_place:
                continue  # a programme's name shows what the text is about, not where the words beside it are
            distance = float(first - index) if index < first else max(0, index - last + 1) * 1.5
            if (province or distance <= BESIDE) and (best is None or distance < best[0]):
                best = (distance, code)
        if best:
            return (best[1] if province else country_of(best[1])), True
        if not province:
            return self.country(), False
        for number in range(place - 1, -1, -1):
            if first - self.indices[number] > REACH:
                break
            if "-" in self.codes[number]:
                return self.codes[number], False
        provinces = Counter(code for code in self.codes if "-" in code)
        top = provinces.most_common(1)
        return (top[0][0], False) if top else (None, False)

    def has_near(self, phrases: Iterable[str], first: int) -> bool:
        """Whether one of the phrases stands in the sentence of word `first`, at most WINDOW words away."""
        around = self.around.get(first)
        if around is None:
            words = self.words
            begin, end = words.sentence_bounds(words.sentence(words.starts[first]))
            start = max(words.index_at(begin), first - WINDOW)
            stop = min(words.index_at(end), first + WINDOW)
            above = self.read_header(words.starts[first])
            around = self.around[first] = f" {' '.join(words.keys[start:stop])} {above} "
        return any(_form(phrase) in around for phrase in phrases)

    def read_header(self, offset: int) -> str:
        """The words of the first line of the table whose row holds an offset; empty outside of tables."""
        if self.headers is None:
            self.headers = {}
            at, header, length = 0, "", 0
            for line in self.words.text.split("\n"):
                length = length + 1 if " | " in line else 0
                if length == 1:
                    header = " ".join(cut_name(line[:LONGEST_HEADER]))
                if length:
                    self.headers[at] = header
                at += len(line) + 1
        return self.headers.get(self.words.text.rfind("\n", 0, offset) + 1, "") if self.headers else ""

    def has_before(self, phrases: Iterable[str], first: int) -> bool:
        """Whether one of the phrases stands directly before word `first`."""
        keys = self.words.keys
        if first > 1 and keys[first - 1] in {"a", "an", "the"} and self.has_before(phrases, first - 1):
            return True
        for phrase in phrases:
            wanted, _ = cut_phrase(phrase)
            if first >= len(wanted) and tuple(keys[first - len(wanted) : first]) == wanted:
                return True
        return False

    def has_after(self, phrases: Iterable[str], last: int) -> bool:
        """Whether one of the phrases stands directly after word `last` (excluded)."""
        keys = self.words.keys
        for phrase in phrases:
            wanted, open_end = cut_phrase(phrase)
            found = tuple(keys[last : last + len(wanted)])
            if found == wanted or (
                open_end and len(found) == len(wanted) and found[:-1] == wanted[:-1] and found[-1].startswith(wanted[-1])
            ):
                return True
        return False


@lru_cache(maxsize=8192)
def _form(phrase: str) -> str:
    wanted, open_end = cut_phrase(phrase)
    return " " + " ".join(wanted) + ("" if open_end else " ")


def holds(alias: Alias, hit: Hit, setting: Setting) -> tuple[bool, bool]:
    """Whether all conditions of an alias hold for a hit, and whether what decided stands close by."""
    certain = True
    if alias.before and not setting.has_before(alias.before, hit.first):
        return False, False
    if alias.after and not setting.has_after(alias.after, hit.last):
        return False, False
    if alias.near and not setting.has_near(alias.near, hit.first):
        return False, False
    if alias.unless and (
        setting.has_near(alias.unless, hit.first)
        or setting.has_before(alias.unless, hit.first)
        or setting.has_after(alias.unless, hit.last)
    ):
        return False, False
    if alias.with_:
        if setting.named.isdisjoint(alias.with_):
            return False, False
        certain = False
    if alias.place == (FEDERAL,):
        return setting.is_federal(hit.first), certain
    if alias.place:
        for province in {"-" in place for place in alias.place}:
            place, close = setting.place_at(hit.first, hit.last, province=province)
            if place in alias.place:
                return True, certain and close
        return is_telling(alias, hit, setting), False
    return True, certain


def is_telling(alias: Alias, hit: Hit, setting: Setting) -> bool:
    """Whether a name by itself tells its country: no other country has it, and the text names no country at all.

    In a text that names another country somewhere it must be a long name and written as one, with none spoken of beside it.
    """
    if any("-" in place for place in alias.place) or hit.last - hit.first == 1:
        return False
    countries = {country_of(load_pathways()[name.entry.pathway_id].jurisdiction)
                 for name in hit.names if isinstance(name.entry, Alias) and name.entry.pathway_id}
    if len(countries) > 1:
        return False
    if setting.country() is None:
        return True
    _, close = setting.place_at(hit.first, hit.last, province=False)
    words = setting.words
    capitals = sum(words.text[start].isupper() for start in words.starts[hit.first:hit.last])
    return not close and capitals >= LONG_NAME
