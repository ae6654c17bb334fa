"""Dates as pages state them, in ISO form; nothing is guessed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from crawlers.article import clean_text
from crawlers.tree import attribute, flatten, walk

if TYPE_CHECKING:
    from bs4.element import Tag

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
"""Years outside are placeholders of content management systems: 0001-01-01, 1970-01-01, 9999-12-31."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "janvier"),
            ("february", "feb", "février", "fevrier"),
            ("march", "mar", "mars"),
            ("april", "apr", "avril"),
            ("may", "mai"),
            ("june", "jun", "juin"),
            ("july", "jul", "juillet"),
            ("august", "aug", "août", "aout"),
            ("september", "sep", "sept", "septembre"),
            ("october", "oct", "octobre"),
            ("november", "nov", "novembre"),
            ("december", "dec", "décembre", "decembre"),
        ),
        start=1,
    )
    for name in names
}
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?", re.ASCII
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?:, ?| )(\d{4})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})(?:er|st|nd|rd|th)? ([^\W\d_]{3,9})\.?,? (\d{4})(?!\d)")
_WEEKDAYS = frozenset({
    "", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "le",
})
_LONGEST_DATE = 40
_BELOW, _ABOVE = 4, 2
"""Texts below and above a headline among which its date may stand: an author and a section stand there, too."""
_LONGEST_LABELLED = 120
_LONGEST_GAP = 12
_LONGEST_REST = 25
_REMARK = re.compile(r"\([^()]{1,30}\)$")
"""A remark about the clock: "11:43 AM EST (Toronto Time)"."""

_LABELS: tuple[tuple[str, str], ...] = (
    # what a visible line starts with, lower case        what its date is
    ("last updated", "modified"),      # Last updated: June 16, 2026
    ("updated:", "modified"),          # Updated: March 3, 2026
    ("updated on", "modified"),        # Updated on March 3, 2026
    ("date modified", "modified"),     # Date modified: 2026-03-03
    ("last modified", "modified"),     # Last modified 3 March 2026
    ("page updated", "modified"),      # Page updated: March 3, 2026
    ("dernière mise à jour", "modified"),   # Dernière mise à jour : 3 mars 2026
    ("mis à jour", "modified"),        # Mis à jour le 3 mars 2026
    ("date de modification", "modified"),   # Date de modification : 2026-03-03
    ("published on", "published"),     # Published on February 10th, 2023 at 03:48pm EST
    ("published:", "published"),       # Published: November 4, 2025
    ("published date", "published"),   # Published date: January 13, 2026
    ("date published", "published"),   # Date published: January 13, 2026
    ("posted on", "published"),        # Posted on February 11, 2026
    ("posted:", "published"),          # Posted: February 11, 2026
    ("release date", "published"),     # Release Date: August 5, 2026
    ("publié le", "published"),        # Publié le 3 mars 2026
)
_LABEL_WORDS = tuple(label for label, _ in _LABELS)


def read_date(text: str) -> str | None:
    """Return the first date of a short text as an ISO date, or an ISO datetime as it stands; None if there is none.

    Read are ISO dates and datetimes (a space for the T is mended, the offset stays as given or absent) and dates with
    the month in English or French words. All-number dates such as 3/4/2026 are ambiguous and stay unread, and so does
    the clock beside a date in words, since its zone is rarely clear.
    """
    found = _find_date(clean_text(text[:400]))
    return found[0] if found is not None else None


def _find_date(text: str) -> tuple[str, int, int] | None:
    """Return the first date in ISO form and where it stands."""
    found = _ISO.search(text)
    if found is not None:
        date = _check_iso(found.group())
        return None if date is None else (date, *found.span())
    for pattern, month_at, day_at in ((_MONTH_FIRST, 1, 2), (_DAY_FIRST, 2, 1)):
        for match in pattern.finditer(text):
            month = MONTHS.get(match.group(month_at).lower())
            if month is not None:
                date = _check_iso(f"{match.group(3)}-{month:02}-{int(match.group(day_at)):02}")
                return None if date is None else (date, *match.span())
    return None


def _check_iso(text: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    return text[:10] if len(text) == 10 else f"{text[:10]}T{text[11:].replace(' ', '')}"


def read_alone(text: str) -> str | None:
    """Return the date of a line that is nothing but one, its weekday aside, as an ISO date or datetime; else None."""
    found = _find_date(text) if len(text) <= _LONGEST_DATE else None
    if found is None:
        return None
    date, start, end = found
    return date if (text[:start] + text[end:]).strip(" ,.|-\u2013\u2014\u00b7\u2022").lower() in _WEEKDAYS else None


def read_dateline(root: Tag, title: str | None) -> str | None:
    """Return the date that stands alone in a text of its own right below a page's headline, or right above it."""
    texts: list[str] = []
    begin, end = 0, None
    for event, value in walk(root):
        if isinstance(value, str):
            texts += [text] if (text := clean_text(value)) else []
            if end is not None and len(texts) >= end + _BELOW:
                break
        elif value.name == "h1" and end is None:
            if event == "open":
                begin = len(texts)
            elif title and flatten(value).casefold() == title.casefold():
                end = len(texts)
    if end is None:
        return None
    near = (*texts[end:end + _BELOW], *reversed(texts[max(0, begin - _ABOVE):begin]))
    return next((date for date in map(read_alone, near) if date), None)


def label_of(text: str) -> str | None:
    """Return "published" or "modified" if a short line does nothing but state that date, else None.

    A clock, or "by" and a name, may follow the date.
    """
    lowered = text.lower() if len(text) <= _LONGEST_LABELLED else ""
    if not lowered.startswith(_LABEL_WORDS):
        return None
    found = _find_date(text)
    if found is None:
        return None
    _, start, end = found
    rest = _REMARK.sub("", text[end:]).lower()
    if len(rest) > _LONGEST_REST and not rest.lstrip(" ,|").startswith(("by ", "par ")):
        return None
    return next(
        (field for label, field in _LABELS if lowered.startswith(label) and start - len(label) <= _LONGEST_GAP), None
    )


def read_labelled_dates(root: Tag) -> dict[str, str]:
    """Return the dates that visible short lines state, by field: {"published": ..., "modified": ...}; the first wins.

    A label and its date may stand in neighbouring texts ("Last updated:" and "June 16, 2026" in elements of their own).
    """
    dates: dict[str, str] = {}
    before = ""
    stated = ""
    for event, value in walk(root):
        if not isinstance(value, str):
            if value.name == "time":
                # What it shows may be numbers that can't be told apart: "08/05/2026".
                stated = attribute(value, "datetime")[:_LONGEST_DATE] if event == "open" else ""
            continue
        text = clean_text(value)
        if text and stated and read_date(stated):
            text = stated
        if not text:
            continue
        lines = (text, f"{before} {text}") if len(text) <= _LONGEST_LABELLED else ()
        for line in lines:
            field = label_of(line)
            date = read_date(line) if field else None
            if field and date:
                dates.setdefault(field, date)
                break
        before = text
    return dates
