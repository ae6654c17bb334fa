"""Find calendar expressions as partial values: nothing is resolved here, and nothing is invented.

Every token is given a class of one character (month, day number, year, "last", "to" ...); the patterns of patterns.csv
are regular expressions over the string of classes. A new way of writing a date is a row there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.dates.grammar import Pattern, read_negatives, read_patterns, read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from extract.tokens import Tokens

FIRST_YEAR, LAST_YEAR = 1900, 2079
FIRST_OLD_YEAR = 1700  # from here on a number is a year only behind a preposition
NEEDS_CAPITAL = frozenset("MAWaw")
BREAK = "\n"
LOWER_CASE = frozenset({  # French writes months and weekdays small
    "janvier", "février", "avril", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
})


@dataclass(frozen=True, slots=True)
class Partial:
    """What an expression says by itself. `code` is an EDTF season (21-24) or quarter (33-36).

    `relative` names what the numbers are relative to the document's date, with `offset` steps: "year", "month", "day",
    "weekday", "month-name", "season", "fiscal", or "same-year" (the year last spoken of).
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    code: int | None = None
    last_year: int | None = None
    relative: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """An expression: its tokens (first, one past the last), pattern, value, and the end of an interval if it is one."""

    first: int
    last: int
    pattern: str
    value: Partial
    until: Partial | None = None


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
        if kept:
            found += kept
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
        if before in befores or after in afters:
            return True
        if glued_after and after in "/-." and last + 1 < len(tokens) and tokens.glued(last + 1) and tokens.lower[last + 1][0].isdigit():
            return not tokens.lower[last + 1].isdigit() or len(tokens.lower[last + 1]) != 4
    return False


def build(tokens: Tokens, classes: str, span: list[int], pattern: Pattern) -> list[Found]:
    """The values of a match; empty where its numbers make no date (31 June, 2025-80)."""
    return BUILDERS[pattern.kind](Match(tokens, classes, span, pattern.id))


@dataclass(frozen=True, slots=True)
class Match:
    """A match of a pattern: the classes of its tokens and their places."""

    tokens: Tokens
    classes: str
    span: list[int]
    pattern: str

    def places(self, kinds: str) -> list[int]:
        """Tokens of the given classes."""
        return [place for kind, place in zip(self.classes, self.span, strict=True) if kind in kinds]

    def value(self, kinds: str) -> int | None:
        """The value of the first token of the given classes."""
        for place in self.places(kinds):
            word = read_words().get(self.tokens.lower[place])
            return word.value if word else int(self.tokens.lower[place])
        return None

    def numbers(self, kinds: str) -> list[int]:
        """The numbers of all tokens of the given classes."""
        return [int(self.tokens.lower[place]) for place in self.places(kinds)]

    def found(self, value: Partial, until: Partial | None = None, places: tuple[int, int] | None = None) -> Found:
        """The expression, by default over all tokens of the match."""
        first, last = places or (self.span[0], self.span[-1] + 1)
        return Found(first, last, self.pattern, value, until)


def exists(month: int | None, day: int | None, year: int | None = None) -> bool:
    """True where the month has such a day (29 February unless the year is known to have none)."""
    if month is None or not 1 <= month <= 12:
        return False
    if day is None:
        return True
    leap = year is None or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= day <= days[month - 1]


def build_day(match: Match) -> list[Found]:
    """One day; the year is open or "this year" where none is written."""
    month, day, year = match.value("MAa"), match.value("D"), match.value("Y")
    if not exists(month, day, year):
        return []
    relative = "year" if "r" in match.classes else None
    return [match.found(Partial(year, month, day, relative=relative, offset=match.value("r") or 0))]


def build_days(match: Match) -> list[Found]:
    """From one day to another of the same month."""
    month, year = match.value("MAa"), match.value("Y")
    first, last = match.numbers("D")[:2]
    if not (exists(month, first, year) and exists(month, last, year)) or first >= last:
        return []
    return [match.found(Partial(year, month, first), Partial(year, month, last))]


def build_list(match: Match) -> list[Found]:
    """Several days of one month, each a date of its own over its own number (the first or last with the month)."""
    month, year = match.value("MAa"), match.value("Y")
    days = match.places("D")
    numbers = [int(match.tokens.lower[place]) for place in days]
    if not all(exists(month, day, year) for day in numbers):
        return []
    found = []
    for number, (place, day) in enumerate(zip(days, numbers, strict=True)):
        first = match.span[0] if number == 0 else place
        last = match.span[-1] + 1 if number == len(days) - 1 else place + 1
        found.append(match.found(Partial(year, month, day), places=(first, last)))
    return found


def build_iso(match: Match) -> list[Found]:
    """Year, month, day in figures."""
    year = match.numbers("Y")[0]
    month, day = match.numbers("D")[:2]
    return [match.found(Partial(year, month, day))] if exists(month, day, year) else []


def build_numeric(match: Match) -> list[Found]:
    """Three figures; the order is told later where both orders make a date (`relative` "numeric")."""
    numbers = match.numbers("DYy")
    first, second, year = numbers[0], numbers[1], numbers[2]
    written = match.tokens.lower[match.places("DYy")[2]]
    if len(written) == 2:
        year += 2000  # a century is taken only with the document's date beside it: see resolve
    month_first, day_first = exists(first, second, year), exists(second, first, year)
    if len(written) == 2:
        if not month_first and not day_first:
            return []
        return [match.found(Partial(year, first, second, relative="numeric-short"))]
    if month_first and day_first and first != second:
        return [match.found(Partial(year, first, second, relative="numeric"))]
    if month_first:
        return [match.found(Partial(year, first, second, relative="numeric-month-first"))]
    return [match.found(Partial(year, second, first, relative="numeric-day-first"))] if day_first else []


def build_month(match: Match) -> list[Found]:
    """A month, with its year where one is written."""
    relative = "year" if "r" in match.classes else "same-year" if "s" in match.classes else None
    return [match.found(Partial(match.value("Y"), match.value("MAa"), relative=relative, offset=match.value("r") or 0))]


def build_short_year(match: Match) -> list[Found]:
    """FY26, written as one word or two: the two figures are of the present century."""
    place = match.places("Dy")[0]
    if match.tokens.lower[place - 1] != "fy" or len(match.tokens.lower[place]) != 2:
        return []
    return [match.found(Partial(2000 + int(match.tokens.lower[place])))]


def build_year_span(match: Match) -> list[Found]:
    """2025-26: a fiscal or academic year. 2023-07 is a month where the second figure begins with 0."""
    year = match.numbers("Y")[0]
    place = match.places("Dy")[-1]
    written = match.tokens.lower[place]
    number = int(written)
    if len(written) != 2:
        return []
    if written[0] == "0" and 1 <= number <= 12 and number != (year + 1) % 100:
        return [match.found(Partial(year, number))]
    last = year - year % 100 + number
    if last <= year:
        last += 100
    return [match.found(Partial(year, last_year=last))] if 0 < last - year <= 10 else []


def build_season(match: Match) -> list[Found]:
    """A season of a year; "winter 2024-25" is the winter that begins in 2024."""
    if match.tokens.lower[match.places("S")[0]] == "fall" and "c" in match.classes:
        return []
    return [match.found(Partial(match.numbers("Y")[0], code=match.value("S")))]


def build_quarter(match: Match) -> list[Found]:
    """A quarter, with its year where one is written."""
    number = match.value("1") if "1" in match.classes else match.value("D")
    if number is None or not 1 <= number <= 4:
        return []
    relative = "year" if "r" in match.classes else None
    return [match.found(Partial(match.value("Y"), code=32 + number, relative=relative, offset=match.value("r") or 0))]


def build_quarters(match: Match) -> list[Found]:
    """The first so many quarters of a year."""
    number = match.value("#") or 0
    relative = "year" if "r" in match.classes else None
    year, offset = match.value("Y"), match.value("r") or 0
    if not 2 <= number <= 4:
        return []
    return [match.found(Partial(year, code=33, relative=relative, offset=offset),
                        Partial(year, code=32 + number, relative=relative, offset=offset))]


def relative_builder(name: str, kinds: str, part: str) -> Callable[[Match], list[Found]]:
    """A builder of values relative to the document's date: `kinds` give the offset, `part` the month, weekday or season."""

    def build_relative(match: Match) -> list[Found]:
        return [match.found(Partial(
            month=match.value("MA") if part == "month" else None,
            day=match.value("W") if part == "weekday" else None,
            code=match.value("S") if part == "season" else None,
            relative=name, offset=(match.value(kinds) or 0) if kinds else 0,
        ))]

    return build_relative


def build_ago(match: Match) -> list[Found]:
    """So many days, months or years before the document; "more than 25 years ago" names no year."""
    before = match.tokens.lower[match.span[0] - 1] if match.span[0] else ""
    if before in {"than", "about", "over", "nearly", "almost", "around", "least", "approximately"}:
        return []
    number = match.value("D#%") or 0
    unit = "month" if "Z" in match.classes else "day" if "J" in match.classes else "year"
    return [match.found(Partial(relative=unit, offset=-number))]


BUILDERS: dict[str, Callable[[Match], list[Found]]] = {
    "day": build_day,
    "days": build_days,
    "list": build_list,
    "iso": build_iso,
    "numeric": build_numeric,
    "month": build_month,
    "year": lambda match: [match.found(Partial(match.numbers("YH")[0]))],
    "short-year": build_short_year,
    "year-span": build_year_span,
    "season": build_season,
    "quarter": build_quarter,
    "quarters": build_quarters,
    "relative-year": relative_builder("year", "r", ""),
    "relative-fiscal": relative_builder("fiscal", "r", ""),
    "relative-month-unit": relative_builder("month", "r", ""),
    "relative-month": relative_builder("month-name", "r", "month"),
    "relative-season": relative_builder("season", "r", "season"),
    "relative-weekday": relative_builder("weekday", "r", "weekday"),
    "weekday": relative_builder("weekday", "", "weekday"),
    "relative-day": relative_builder("day", "t", ""),
    "ago": build_ago,
}

JOINERS = {"to", "until", "till", "through", "thru", "-", "\u2013", "—", "au"}
OPENERS = {"from", "between", "du"}


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
            start = before.first - 1 if before.first and tokens.lower[before.first - 1] in OPENERS else before.first
            joined[-1] = Found(start, item.last, "range", first, item.value)
        else:
            joined[-1] = replace(before, value=first)
            joined.append(item)
    return joined


def link_between(tokens: Tokens, before: Found, item: Found, breaks: set[int]) -> str:
    """"range", "list" or "" for what stands between two expressions."""
    middle = [word for word in tokens.lower[before.last:item.first] if word not in {",", "inclusive"}]
    if item.first - before.last > 3 or any(tokens.start[place] in breaks for place in range(before.last, item.first + 1)):
        return ""
    opener = tokens.lower[before.first - 1] if before.first else ""
    if len(middle) == 1 and (middle[0] in JOINERS or (middle[0] in {"and", "et", "&"} and opener == "between")):
        return "range"
    return "list" if middle in ([], ["and"], ["or"], ["&"], ["et"]) else ""


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
