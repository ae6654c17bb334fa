"""Calendars (iCalendar, RFC 5545) of days: openings, closings, dates of effect, draws.

Every entry is an all-day one (`DTSTART;VALUE=DATE`), which has no time zone: the day is the same in Vancouver and in
St. John's. A time at midnight UTC would show as the evening before everywhere in the Americas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event
from icalendar.prop import vDDDTypes, vText

from db.site.atom import name_authority, say_plainly

CONTENT_TYPE = "text/calendar; charset=utf-8"
SPAN = 92  # days; a longer one would cover every page of a reader's calendar, so only its first day is written
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Day:
    """One entry: a day, or the days from `first` to `last`, both included; `status` is CONFIRMED, TENTATIVE or CANCELLED."""

    key: str
    title: str
    first: date
    last: date
    text: str
    link: str
    updated: str
    category: str = ""
    status: str = "CONFIRMED"


def read_days(edtf: object) -> tuple[date, date] | None:
    """First and last day of an EDTF date or interval that is known to the day; None for any other."""
    start, _, end = str(edtf or "").partition("/")
    first, last = _read_day(start), _read_day(end or start)
    if first is None:
        return None
    if last is None or not timedelta() <= last - first <= timedelta(days=SPAN):
        last = first
    return first, last


def _read_day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def write_calendar(title: str, description: str, address: str, days: list[Day]) -> bytes:
    """The calendar as text in UTF-8, lines folded and ended as RFC 5545 wants."""
    calendar = Calendar()
    calendar.add("prodid", "-//Landed//Dates of immigration pathways//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    # NAME and REFRESH-INTERVAL are RFC 7986; the X- names are what calendar programs of before read.
    for name in ("name", "x-wr-calname"):
        calendar.add(name, vText(say_plainly(title, 200)))
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, vText(say_plainly(description, 1000)))
    calendar.add("refresh-interval", vDDDTypes(timedelta(hours=12)), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vText("PT12H"))
    for day in days:
        calendar.add_component(_write_day(day, address))
    return bytes(calendar.to_ical())


def _write_day(day: Day, address: str) -> Event:
    event = Event()
    event.add("uid", vText(f"{day.key.replace('/', '-')}@{name_authority(address)}"))
    stamp = datetime.fromisoformat(day.updated).astimezone(UTC)
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("dtstart", day.first)
    event.add("dtend", _add_day(day.last))
    event.add("summary", vText(say_plainly(day.title, 240)))
    event.add("description", vText(say_plainly(f"{day.text}\n{day.link}", 2000)))
    event.add("url", day.link)
    event.add("status", vText(day.status))
    event.add("transp", vText("TRANSPARENT"))
    if day.category:
        event.add("categories", [say_plainly(day.category, 100)])
    return event


def _add_day(day: date) -> date:
    """The day after: the end of an all-day entry is the first day that isn't part of it."""
    return day + timedelta(days=1) if day < date.max else day
