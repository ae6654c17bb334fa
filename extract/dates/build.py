"""Build partial values from the tokens that a pattern matched: one builder for each kind of pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.dates.grammar import Pattern, read_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.tokens import Tokens


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
    unit = "month" if not {"Z", "n"}.isdisjoint(match.classes) else "day" if "J" in match.classes else "year"
    return [match.found(Partial(relative=unit, offset=-number))]


def build_context_day(match: Match) -> list[Found]:
    """The same day as the one last spoken of, the next, the one before, or so many days later or earlier."""
    words = [match.tokens.lower[place] for place in match.span]
    if "same" in words or words[0] == "that":
        steps = 0
    elif words[1] in {"next", "last"}:
        steps = 1
    else:
        steps = match.value("#%") or 1
    if words[1] == "last":
        return []
    back = words[-1] in {"earlier", "before"}
    return [match.found(Partial(relative="context-day", offset=-steps if back else steps))] if words[-1] in DAY_ENDS else []


DAY_ENDS = frozenset({"later", "earlier", "before", "day", "date", "night", "evening", "afternoon", "morning"})
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
    "near-season": relative_builder("near-season", "", "season"),
    "relative-night": relative_builder("day", "r", ""),
    "new-year": lambda match: [match.found(Partial(relative="year", offset=1))],
    "relative-weekday": relative_builder("weekday", "r", "weekday"),
    "weekday": relative_builder("weekday", "", "weekday"),
    "relative-day": relative_builder("day", "t", ""),
    "ago": build_ago,
    "context-day": build_context_day,
}
