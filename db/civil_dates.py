"""Civil dates as EDTF writes them: the first and the last day that a date can mean."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 12)}


@lru_cache(maxsize=65_536)
def find_days(edtf: str | None) -> tuple[int, int] | None:
    """First and last day of an EDTF date as ordinals of `datetime.date`; None where it names no year, or isn't one.

    Examples: 2026-03-04 (one day), 2026-03 (31 days), 2026, 2026-21 (spring), 2025/2026, 2025-07-01/.. (open to the
    end of time), 2026-03~ (about March). A time of day is left out.
    """
    if not edtf:
        return None
    if "/" in edtf:
        first, _, last = edtf.partition("/")
        low, high = find_days(first), find_days(last)
        if (low is None and first not in {"", ".."}) or (high is None and last not in {"", ".."}) or (low is None and high is None):
            return None
        return (low[0] if low else date.min.toordinal(), high[1] if high else date.max.toordinal())
    found = _DATE.fullmatch(edtf.partition("T")[0].strip("~?%"))
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        if month in _SEASONS and day is None:
            begin, end = _SEASONS[month]
            return date(year, begin, 1).toordinal(), date(year, end, monthrange(year, end)[1]).toordinal()
        if day is not None:
            only = date(year, month or 1, day).toordinal()
            return only, only
        if month is not None:
            return date(year, month, 1).toordinal(), date(year, month, monthrange(year, month)[1]).toordinal()
        return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    except ValueError:
        return None


def is_day(edtf: str | None) -> bool:
    """Whether a date names one day."""
    days = find_days(edtf)
    return days is not None and days[0] == days[1]
