"""Resolve partial dates against the document: its publication date, its headings, and the dates stated beside them.

The second of two passes. What stays open is left out, save a day without a year, which is `XXXX-07-16`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypedDict

from extract.dates.build import Found, Partial, exists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.tokens import Tokens

PUBLISHED = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
FUTURE_WORDS = frozenset({"will", "starting", "beginning", "until", "till", "by", "next", "upcoming", "deadline", "expires", "expire",
                          "opens", "open", "launch", "launches", "scheduled", "expected", "effective", "takes", "comes",
                          "closes", "ends", "begin", "begins", "shall", "through", "before", "runs", "starts", "rises"})
STOPS = frozenset({".", "!", "?"})
TOLD = frozenset({"said", "told", "wrote", "began", "held", "gave", "took", "went", "came", "laid", "met", "spoke", "says"})
COMING = frozenset({"will", "to", "shall", "be", "until", "till", "by", "next", "before", "expected", "scheduled"})
RECURRING = 18  # words before a day in which "each year" may stand
YEARLY = frozenset({"year", "spring", "summer", "autumn", "fall", "winter"})
BESIDE = 3  # words beside a weekday that say whether it is past
PAST_LIMIT = 270  # days before publication in which a date without a year is taken as past
AHEAD_LIMIT = 75  # days after publication in which it is taken as coming without a word that says so
MIDDLES = {21: 4, 22: 7, 23: 10, 24: 13}  # months in the middle of spring, summer, autumn and winter
HALF_YEAR = 6
CLOSE = 45  # days from publication that outweigh another year in the same paragraph
DATELINE = re.compile(r" ?(?:\([A-Za-z .]{2,30}\) ?)?(?:[-\u2013\u2014]{1,2}) ?[A-Z]")  # behind the day of a story's filing: "OTTAWA, July 6 - Canada"
TOLD_OUTRIGHT = frozenset({"announced", "unveiled", "revealed", "published", "released", "introduced", "tabled", "issued", "posted", "proposed", "confirmed", "signed", "launched"})
COMPARED = frozenset({"since", "than"})  # before a day that is only the other end of a comparison
CLOSE_BY = 400  # characters within which "the same day" leans on a day spoken of
NEAR = 240  # characters within which a month spoken of lends its year
FISCAL_START = 4  # Canada's fiscal year begins in April


class DateMention(TypedDict):
    """A resolved expression: words, EDTF value, offsets, role, basis (stated, relative, inferred) and precision."""

    text: str
    edtf: str
    start: int
    end: int
    role: str
    basis: str
    precision: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The document's date: year, and month and day where they are known."""

    year: int
    month: int | None
    day: int | None

    @property
    def known(self) -> date | None:
        """The day, or None where only a month or a year is known."""
        return date(self.year, self.month, self.day) if self.month and self.day else None

    @property
    def middle(self) -> date:
        """A day to measure distances from."""
        return date(self.year, self.month or 7, self.day or 15)


def read_anchor(published: str | None) -> Anchor | None:
    """The anchor of an ISO date or datetime, a month or a year; None for anything else."""
    match = PUBLISHED.match(published or "")
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or year < 1 or (month is not None and not exists(month, day, year)):
        return None
    return Anchor(year, month, day)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where blocks begin, and the year that the heading above a block consists of (0 for none)."""

    starts: Sequence[int]
    heading_years: Sequence[int]

    def block(self, offset: int) -> int:
        """The number of the block at an offset."""
        return max(0, bisect_right(self.starts, offset) - 1)


def resolve_dates(tokens: Tokens, found: list[Found], published: str | None, around: Surroundings) -> list[DateMention]:
    """Mentions with EDTF values, in the order of the text. A value that stays open is left out."""
    anchor = read_anchor(published)
    month_first = any(item.value.relative == "numeric-month-first" for item in found)
    day_first = any(item.value.relative == "numeric-day-first" for item in found)
    stated: dict[tuple[int | None, int | None], int | None] = {(item.value.month, item.value.day): item.value.year for item in found
              if item.value.year and item.value.day and not item.value.relative}
    mentions: list[DateMention] = []
    spoken: tuple[date, int] | None = None  # the day last spoken of, and its offset
    told: tuple[date, int] | None = None  # the same, but no day that something is only compared with
    context: tuple[int, int, int, int] | None = None  # block, year, month and offset of the last full expression
    for item in found:
        block = around.block(tokens.start[item.first])
        year_above = around.heading_years[block] if around.heading_years else 0
        near = context is not None and context[0] == block and context[2] > 0 and tokens.start[item.first] - context[3] < NEAR
        beside = (context[1], context[2]) if context and near else (year_above, 0) if year_above else None
        close = spoken is not None and tokens.start[item.first] - spoken[1] < CLOSE_BY
        leaning = told if item.value.relative == "context-day" and item.value.offset else spoken
        view = View(tokens, item, anchor, beside, stated, context[1] if context else None, leaning[0] if leaning and close else None)
        value, basis = resolve_value(item.value, view, month_first=month_first, day_first=day_first)
        if value is None:
            continue
        edtf, precision = write_edtf(value)
        if item.until is not None:
            until, basis_until = resolve_value(item.until, view, month_first=month_first, day_first=day_first)
            if until is None:
                continue
            if value.year and until.year and (value.year, value.month or 0) > (until.year, until.month or 12):
                until = replace(until, year=value.year + (1 if (until.month or 12) < (value.month or 0) else 0))
            edtf, precision = f"{edtf}/{write_edtf(until)[0]}", "interval"
            basis = basis if basis_until == "stated" else basis_until
        start, end = tokens.start[item.first], tokens.end[item.last - 1]
        if edtf:
            mentions.append(DateMention(text=tokens.text[start:end], edtf=edtf, start=start, end=end, role="", basis=basis,
                                        precision=precision))
        if value.year and value.month and value.day and (basis != "relative" or not close or item.value.relative == "context-day") and not (
                len(mentions) < 2 and DATELINE.match(tokens.text, end)):
            spoken = (date(value.year, value.month, value.day), start)
            told = told if tokens.lower[max(0, item.first - 1)] in COMPARED else spoken
        if value.year:
            context = (block, value.year, value.month or 0, tokens.start[item.first])
    return mentions


@dataclass(frozen=True, slots=True)
class View:
    """What a value may lean on."""

    tokens: Tokens
    item: Found
    anchor: Anchor | None
    beside: tuple[int, int] | None
    stated: dict[tuple[int | None, int | None], int | None]
    last_year: int | None
    last_day: date | None = None

    def looks_ahead(self) -> bool:
        """True where a word close by speaks of what is to come."""
        first, last = self.sentence()
        around = self.tokens.lower[max(first, self.item.first - 8):min(last, self.item.last + 4)]
        return not FUTURE_WORDS.isdisjoint(around)

    def sentence(self, reach: int = 8) -> tuple[int, int]:
        """The tokens beside the expression up to the nearest stop or line break, at most `reach` to either side."""
        lower, text = self.tokens.lower, self.tokens.text
        first, last = self.item.first, self.item.last
        while first and first > self.item.first - reach and lower[first - 1] not in STOPS and "\n" not in text[self.tokens.end[first - 1]:self.tokens.start[first]]:
            first -= 1
        while last < len(lower) and last < self.item.last + reach and lower[last] not in STOPS and "\n" not in text[self.tokens.end[last - 1]:self.tokens.start[last]]:
            last += 1
        return first, last

    def looks_back(self) -> bool:
        """True where what is told right beside a weekday is past: "announced Friday", "on Friday unveiled"."""
        first, last = self.sentence()
        before = self.tokens.lower[max(first, self.item.first - BESIDE):self.item.first]
        behind = self.tokens.lower[self.item.last:min(last, self.item.last + BESIDE)]
        if before[-1:] and (before[-1] in TOLD or before[-1] in TOLD_OUTRIGHT):
            return True  # "the measure, announced Monday, will"
        coming = not COMING.isdisjoint(before) or not (COMING - {"by"}).isdisjoint(behind)  # "unveiled Friday by the minister"
        return not coming and any(word in TOLD or word.endswith("ed") for word in (*before, *behind))

    def recurs(self) -> bool:
        """True for "1 July each year"."""
        after = self.tokens.lower[self.item.last:self.item.last + 3]
        first, _ = self.sentence(RECURRING)
        before = self.tokens.lower[first:self.item.first]
        if any(one in {"each", "every"} and other in YEARLY for one, other in pairwise(before)):
            return True  # "the window is the same each autumn: it opens on 1 July"
        return after[:2] in (["each", "year"], ["every", "year"]) or after in (["of", "each", "year"], ["of", "every", "year"]) or after[:1] == ["annually"]


def resolve_value(value: Partial, view: View, *, month_first: bool, day_first: bool) -> tuple[Partial | None, str]:
    """The value with its gaps filled, and the basis on which that was done; None where it stays open."""
    if value.relative and value.relative.startswith("numeric"):
        return resolve_numeric(value, view.anchor, month_first=month_first, day_first=day_first), "stated"
    if value.relative:
        return resolve_relative(value, view), "relative"
    if value.year is not None:
        return value, "stated"
    if value.month is None:
        return (replace(value, year=view.anchor.year), "inferred") if view.anchor and value.code else (None, "")
    year = None if value.day and view.recurs() else infer_year(value, view)
    if year is None:
        return (value, "stated") if value.day else (None, "")
    return (replace(value, year=year), "inferred") if exists(value.month, value.day, year) else (None, "")


def resolve_numeric(value: Partial, anchor: Anchor | None, *, month_first: bool, day_first: bool) -> Partial | None:
    """Three figures: the order that alone makes a date, that the document uses elsewhere, or that gives its own date."""
    year, month, day = value.year, value.month, value.day
    if year is None or month is None or day is None:
        return None
    swapped = exists(day, month, year)
    straight = exists(month, day, year)
    if value.relative in {"numeric-month-first", "numeric-day-first"}:
        return Partial(year, month, day)
    if anchor and anchor.known:
        if straight and date(year, month, day) == anchor.known:
            return Partial(year, month, day)
        if swapped and date(year, day, month) == anchor.known:
            return Partial(year, day, month)
    if value.relative == "numeric-short":  # "11.17.15" alone may as well be a number of a section
        return None
    if straight and (month_first or month == day) and not day_first:
        return Partial(year, month, day)
    if swapped and day_first and not month_first:
        return Partial(year, day, month)
    return None


def resolve_relative(value: Partial, view: View) -> Partial | None:
    """Last Tuesday, this fall, 10 years ago: only where the document's date is known finely enough."""
    if value.relative == "same-year":
        return replace(value, year=view.last_year, relative=None) if view.last_year else None
    if value.relative == "context-day":
        if view.last_day is None:
            return None
        day = view.last_day + timedelta(days=value.offset)
        return Partial(day.year, day.month, day.day)
    anchor = view.anchor
    if anchor is None:
        return None
    if value.relative == "year":
        return replace(value, year=anchor.year + value.offset, relative=None, offset=0)
    if anchor.month is None:
        return None
    if value.relative == "fiscal":
        first = anchor.year - (anchor.month < FISCAL_START) + value.offset
        return Partial(first, last_year=first + 1)
    if value.relative == "month":
        months = anchor.year * 12 + anchor.month - 1 + value.offset
        return Partial(months // 12, months % 12 + 1)
    if value.relative == "month-name" and value.month:
        behind = value.month >= anchor.month
        year = anchor.year - 1 if value.offset < 0 and behind else anchor.year
        year = anchor.year + 1 if value.offset > 0 and value.month <= anchor.month else year
        return Partial(year, value.month)
    if value.relative == "near-season" and value.code:
        return nearest_season(value.code, anchor, view)
    if value.relative == "season" and value.code:
        return resolve_season(value, anchor)
    known = anchor.known
    if known is None:
        return None
    if value.relative == "day":
        day = known + timedelta(days=value.offset)
        return Partial(day.year, day.month, day.day)
    if value.relative == "weekday":
        return resolve_weekday(value, view, known)
    return None


def nearest_season(code: int, anchor: Anchor, view: View) -> Partial:
    """The season of that name nearest to a month, or the coming one: "the spring" in December, "before the summer" in October."""
    month = anchor.month or 7
    distance = MIDDLES[code] - month
    coming = view.looks_ahead() or view.tokens.lower[view.item.first - 1] in {"by", "before", "until"}
    return Partial(anchor.year + (distance < (-1 if coming else -HALF_YEAR)) - (distance > HALF_YEAR and not coming), code=code)


def resolve_season(value: Partial, anchor: Anchor) -> Partial:
    """The season before, around or after a month: "this fall" in June is the coming one, "last fall" the one before."""
    middle = MIDDLES[value.code or 21]
    month = anchor.month or 7
    year = anchor.year
    if value.code == 24 and month <= 2:
        year -= 1
    if value.offset < 0 and middle + 1 >= month and not (value.code == 24 and month <= 2):
        year -= 1
    if value.offset > 0 and month >= middle - 1:
        year += 1
    return Partial(year, code=value.code)


def resolve_weekday(value: Partial, view: View, known: date) -> Partial | None:
    """The day of that name before the document's date ("last"), on it or before, or after it where the words look ahead."""
    lower = view.tokens.lower
    before = lower[view.item.first - 1] if view.item.first else ""
    after = lower[view.item.last] if view.item.last < len(lower) else ""
    plain = view.item.last - view.item.first == 1
    if (plain and (before in {"every", "each", "to", "-", "\u2013", "through", "or"} or after in {"to", "-", "\u2013", "through"})) or value.day is None:
        return None
    back = (known.weekday() - value.day) % 7
    last = value.offset < 0 or "last" in lower[view.item.first:view.item.last]
    if last:
        day = known - timedelta(days=back or 7)
    elif value.offset > 0 or (not back and before in {"until", "till"}) or (back and view.looks_ahead() and not view.looks_back()):
        day = known + timedelta(days=7 - back)
    else:
        day = known - timedelta(days=back)
    return Partial(day.year, day.month, day.day)


def infer_year(value: Partial, view: View) -> int | None:
    """The year of a day or month that has none: the same day elsewhere, the publication, or the year spoken of beside it."""
    same = view.stated.get((value.month, value.day)) if value.day else None
    guess = guess_year(value, view)
    if guess is not None and view.anchor is not None:
        if view.beside and view.beside[0] and view.beside[0] != guess:
            distance = abs((date(guess, value.month or 1, min(value.day or 15, 28)) - view.anchor.middle).days)
            if distance > CLOSE:
                return follow_year(value, view.beside)
        return guess
    if same:
        return same
    return follow_year(value, view.beside) if view.beside and view.beside[1] else view.beside[0] if view.beside else None


def follow_year(value: Partial, beside: tuple[int, int]) -> int:
    """The year beside, or the next one for a month early in the year after one late in it."""
    year, month = beside
    return year + 1 if month >= 11 and (value.month or 0) <= 2 else year


def guess_year(value: Partial, view: View) -> int | None:
    """The year nearest to publication: rather past than to come, unless a word close by looks ahead."""
    if view.anchor is None:
        return None
    year = view.anchor.year
    there = date(year, value.month or 1, min(value.day or 15, 28))
    ahead = (there - view.anchor.middle).days
    if view.anchor.month is None:
        return year
    if ahead > AHEAD_LIMIT and not view.looks_ahead():
        return year - 1
    if ahead > PAST_LIMIT and not view.looks_ahead():
        return year - 1
    if ahead < -PAST_LIMIT and view.looks_ahead():
        return year + 1
    return year


def write_edtf(value: Partial) -> tuple[str, str]:
    """A value as EDTF, and its precision: day, month, season, quarter, year or interval."""
    if value.last_year is not None:
        return f"{value.year:04d}/{value.last_year:04d}", "interval"
    if value.code is not None:
        return f"{value.year:04d}-{value.code}", "quarter" if value.code >= 33 else "season"
    if value.month is None:
        return f"{value.year:04d}", "year"
    year = f"{value.year:04d}" if value.year is not None else "XXXX"
    if value.day is None:
        return f"{year}-{value.month:02d}", "month"
    return f"{year}-{value.month:02d}-{value.day:02d}", "day"
