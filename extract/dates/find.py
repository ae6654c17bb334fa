"""Find calendar expressions as partial values: nothing is resolved here, and nothing is invented.

Every token is given a class of one character (month, day number, year, "last", "to" ...); the patterns of patterns.csv
are regular expressions over the string of classes. A new way of writing a date is a row there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.dates.build import Found, Partial, build
from extract.dates.grammar import Pattern, read_negatives, read_patterns, read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.tokens import Tokens

FIRST_YEAR, LAST_YEAR = 1900, 2079
FIRST_OLD_YEAR = 1700  # from here on a number is a year only behind a preposition
NEEDS_CAPITAL = frozenset("MAWaw")
BREAK = "\n"
WHOLE = frozenset({"day", "days", "iso", "numeric"})
LOWER_CASE = frozenset({  # French writes months and weekdays small
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
})


def find_dates(tokens: Tokens, breaks: Sequence[int]) -> list[Found]:
    """Expressions in the order of the text. `breaks` are the offsets at which blocks begin: no date spans one."""
    classes, index = classify(tokens, breaks)
    taken: list[tuple[int, int, int, Pattern]] = []
    for order, pattern in enumerate(read_patterns()):
        taken += [(match.start(), -match.end(), order, pattern) for match in pattern.regex.finditer(classes)]
    taken.sort(key=lambda item: item[:3])
    found: list[Found] = []
    at = 0
    for start, minus_end, _, pattern in taken:
        if start < at:
            continue
        span = [index[place] for place in range(start, -minus_end)]
        made = build(tokens, classes[start:-minus_end], span, pattern)
        kept = [item for item in made if not is_negative(tokens, item, pattern.kind)]
        found += kept
        if kept or (not made and pattern.kind in WHOLE):  # the parts of an impossible date are no date either
            at = -minus_end
    return join_ranges(tokens, found, set(breaks))


def classify(tokens: Tokens, breaks: Sequence[int]) -> tuple[str, list[int]]:
    """The classes of the tokens as a string with a line break where a block begins, and each character's token."""
    words = read_words()
    text = tokens.text
    classes: list[str] = []
    index: list[int] = []
    coming = iter([*sorted(breaks), len(text) + 1])
    edge = next(coming)
    for place, lower in enumerate(tokens.lower):
        if tokens.start[place] >= edge:
            classes.append(BREAK)
            index.append(place)
            while tokens.start[place] >= edge:
                edge = next(coming)
        word = words.get(lower)
        if word is not None:
            kind = word.kind
            if (kind in NEEDS_CAPITAL and lower not in LOWER_CASE and not text[tokens.start[place]].isupper()) or (kind == "o" and not tokens.glued(place)):
                kind = "x"
        else:
            kind = classify_number(lower)
        classes.append(kind)
        index.append(place)
    return "".join(classes), index


def classify_number(word: str) -> str:
    """D for a day of the month, Y for a year, y for two other digits, N for another number, x for a word."""
    if not word[0].isdigit() or not word.isascii():
        return "x"
    if not word.isdigit():
        return "N"
    if len(word) <= 2:
        return "D" if 1 <= int(word) <= 31 else "y"
    if len(word) == 4 and FIRST_OLD_YEAR <= int(word) <= LAST_YEAR:
        return "Y" if int(word) >= FIRST_YEAR else "H"
    return "N"


def is_negative(tokens: Tokens, found: Found, kind: str) -> bool:
    """True where the neighbours say that a number is something else: an edition, a law, a count, part of a code."""
    first, last = found.first, found.last
    before = tokens.lower[first - 1] if first else ""
    after = tokens.lower[last] if last < len(tokens) else ""
    glued_before = tokens.glued(first)
    glued_after = last < len(tokens) and tokens.glued(last)
    number_first = tokens.lower[first][0].isdigit()
    if number_first and glued_before:
        if before.isalnum() or before in "$£€#._\u2212":
            return True
        if before in "-/" and first > 1 and tokens.glued(first - 1):
            return not (kind in {"year", "year-span"} and classify_number(tokens.lower[first - 2]) == "Y")
    if tokens.lower[last - 1][0].isdigit() and glued_after and (after.isalnum() or after in "%_"):
        return True
    if kind in {"year", "year-span"} and number_first:
        befores, afters = read_negatives()
        if before in {",", "(", '"'} and first > 1:
            law = tokens.lower[first - 2]
            if before == "," and law in {"act", "regulations", "regulation", "rules", "code"}:
                return True
        if before == ":" and first > 1 and tokens.lower[first - 2] in befores:
            return True
        if before in befores or after in afters:
            return True
        if glued_after and after in "/-." and last + 1 < len(tokens) and tokens.glued(last + 1) and tokens.lower[last + 1][0].isdigit():
            return not tokens.lower[last + 1].isdigit() or len(tokens.lower[last + 1]) != 4
    return False


JOINERS = {"to", "until", "till", "through", "thru", "-", "\u2013", "—", "au"}
OPENERS = {"from", "between", "du", "entre"}
BETWEEN = {"between", "entre"}
HOURLY = {"on", "at", "noon", "midnight", "a", "p", "m", "am", "pm", ".", ":", "local", "time", "est", "edt", "et", "pst", "pdt", "mst", "mdt", "cst", "cdt", "utc", "gmt",
          "eastern", "pacific", "standard", "daylight", ","}  # what the hour of a day may consist of, digits aside
LONGEST_HOUR = 9  # tokens


def join_ranges(tokens: Tokens, found: list[Found], breaks: set[int]) -> list[Found]:
    """Make intervals of two expressions with only a joining word between them, and lend the first the year of the second."""
    joined: list[Found] = []
    for item in found:
        before = joined[-1] if joined else None
        link = link_between(tokens, before, item, breaks) if before else ""
        if before is None or not link:
            joined.append(item)
            continue
        first = lend_year(before.value, item.value)
        if link == "range" and before.until is None and item.until is None and same_grain(first, item.value):
            start = skip_hour(tokens, before.first)
            start = start - 1 if start and tokens.lower[start - 1] in OPENERS else before.first
            joined[-1] = Found(start, item.last, "range", first, item.value)
        else:
            joined[-1] = replace(before, value=first)
            joined.append(item)
    return joined


def link_between(tokens: Tokens, before: Found, item: Found, breaks: set[int]) -> str:
    """"range", "list" or "" for what stands between two expressions."""
    if item.first - before.last > LONGEST_HOUR or any(tokens.start[place] in breaks for place in range(before.last, item.first + 1)):
        return ""
    opening = skip_hour(tokens, before.first)
    opener = tokens.lower[opening - 1] if opening else ""
    begin = max(skip_hour(tokens, item.first), before.last)
    middle = [word for word in tokens.lower[before.last:begin] if word not in {",", "inclusive"}]
    if len(middle) == 1 and (middle[0] in JOINERS or (middle[0] in {"and", "et", "&"} and opener in BETWEEN)):
        return "range"
    middle = [word for word in tokens.lower[before.last:item.first] if word not in {",", "inclusive"}]
    return "list" if middle in ([], ["and"], ["or"], ["&"], ["et"]) else ""


def skip_hour(tokens: Tokens, first: int) -> int:
    """Where the hour before a date begins: "noon EST on", "9:00 a.m. Eastern Time,"; its own first token where there is none."""
    at = first
    while at and first - at < LONGEST_HOUR and (tokens.lower[at - 1] in HOURLY or (tokens.lower[at - 1].isdigit() and len(tokens.lower[at - 1]) <= 2)):
        at -= 1
    return at if any(word in {"noon", "midnight"} or word.isdigit() for word in tokens.lower[at:first]) else first


def lend_year(first: Partial, second: Partial) -> Partial:
    """"from April to June 2024": the first takes the year of the second, or the year before where it comes later in it."""
    if first.year is not None or first.relative or second.year is None or second.relative or first.month is None:
        return first
    if second.month is None or second.last_year is not None:
        return first
    later = (first.month, first.day or 0) > (second.month, second.day or 31)
    return replace(first, year=second.year - 1 if later else second.year)


def same_grain(first: Partial, second: Partial) -> bool:
    """True where two values can be the ends of one interval."""
    if first.relative in {"weekday", "day"} or second.relative in {"weekday", "day"}:
        return False
    if first.last_year is not None or second.last_year is not None:
        return False
    if first.month is None and second.month is None and first.code is None and second.code is None:
        return first.year is not None and second.year is not None and first.year < second.year
    return (first.month is None) == (second.month is None) and (first.code is None) == (second.code is None)
