"""The official record of Express Entry rounds: IRCC's JSON feed, loaded tolerantly.

https://www.canada.ca/content/dam/ircc/documents/json/ee_rounds_123_en.json (and ..._fr.json): {"rounds": [...]}, newest
first, every value a string. Its habits: zero for what is missing; numbers with commas (English) or spaces (French); round
numbers such as "91a"; times written in a dozen ways; the distribution of the pool with subtotals among its bands; history
edited in place.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from w3lib.html import remove_tags

from crawlers.article import MAX_BODY, PageRejected, clean_text
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.templates.dates import MONTHS
from crawlers.tree import parse_tree

MAX_ROUNDS = 10_000
_LONGEST_VALUE = 2_000

_BANDS: tuple[tuple[str, int, int, tuple[tuple[str, int, int], ...]], ...] = (
    # field, lowest and highest score, and the finer bands that it is the sum of
    ("dd1", 601, 1200, ()),
    ("dd2", 501, 600, ()),
    ("dd3", 451, 500, (
        ("dd4", 491, 500), ("dd5", 481, 490), ("dd6", 471, 480), ("dd7", 461, 470), ("dd8", 451, 460))),
    ("dd9", 401, 450, (
        ("dd10", 441, 450), ("dd11", 431, 440), ("dd12", 421, 430), ("dd13", 411, 420), ("dd14", 401, 410))),
    ("dd15", 351, 400, ()),
    ("dd16", 301, 350, ()),
    ("dd17", 0, 300, ()),
)
_TOTAL = "dd18"

_NUMBER = re.compile(r"\d{1,5}[a-z]?")
_COUNT = re.compile(r"\d{1,3}(?:[, ]\d{3}){1,3}|\d{1,9}")
_MOMENT = re.compile(
    r"(?:(?P<month_first>[^\W\d_]{3,9})[. ]{1,3}(?P<day_second>\d{1,2})(?:st|nd|rd|th)?"
    r"|(?P<day_first>\d{1,2})(?:er)? (?P<month_second>[^\W\d_]{3,9}))"
    r"[., ]{0,3}(?P<year>\d{4})?[, ]{0,3}(?:at|\xe0)?[ ]?(?P<iso>\d{4}-\d{2}-\d{2})?[ ]?"
    r"(?P<hour>\d{1,2})(?::| ?h ?)(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"[ ]?(?P<half>[AaPp]\.?[Mm]\.?)?[ ]?(?P<zone>UTC|TUC|GMT)?"
)


@dataclass(frozen=True, slots=True)
class Round:
    """One round of invitations.

    Attributes:
        number: As the feed writes it, "434" or "91a".
        date: ISO date of the round, the day in Canada.
        name: The round's name, "Transport Occupations, 2026-Version 2".
        program: The programs it covers.
        invitations: Invitations issued; None where the feed has none or 0.
        cutoff: CRS score of the lowest-ranked candidate invited; likewise.
        tie_break_raw: The tie-breaking moment as written.
        tie_break_at: The same, UTC, "2025-10-11T14:55:49Z"; None where it is absent or can't be told for sure.
        issued_at: When the invitations were issued, UTC; it may fall on the day after `date`.
        pool_as_of: ISO date of the pool's distribution; None where there is none.
        pool_total: Candidates in the pool.
        pool: (lowest score, highest score, candidates), from the highest scores down, without overlap.
        warnings: What was assumed or doesn't add up, for people.
        raw: The row, its values as text.
    """

    number: str
    date: str
    name: str
    program: str
    invitations: int | None
    cutoff: int | None
    tie_break_raw: str
    tie_break_at: str | None
    issued_at: str | None
    pool_as_of: str | None
    pool_total: int | None
    pool: tuple[tuple[int, int, int], ...]
    warnings: tuple[str, ...]
    raw: dict[str, str]


@dataclass(frozen=True, slots=True)
class RoundsFeed:
    """The feed: its rounds in its order, and a line on each row that is none."""

    rounds: tuple[Round, ...]
    problems: tuple[str, ...]


def read_rounds(body: bytes) -> RoundsFeed:
    """Read the feed.

    A row with a number and a date becomes a round, with a warning for whatever else is wrong with it; other rows, and
    a second row with the same number, are reported in `problems`.

    Raises:
        PageRejected: "empty" for an empty body or no rounds at all, "gone" for a page that says that there is no such
            file, "challenge" for any other page in place of the feed, "parse" for anything else that isn't the feed.
    """
    rows = _load(body)
    rounds: dict[str, Round] = {}
    problems: list[str] = []
    for at, row in enumerate(rows):
        if not isinstance(row, dict):
            problems.append(f"row {at}: not an object")
            continue
        raw = {str(key)[:100]: _as_text(value) for key, value in row.items()}
        number, day = clean_text(raw.get("drawNumber", "")).lower(), _read_day(raw.get("drawDate", ""))
        if not _NUMBER.fullmatch(number) or day is None:
            problems.append(f"row {at}: no number and date in {raw.get('drawNumber', '')!r}, {raw.get('drawDate', '')!r}")
        elif number in rounds:
            problems.append(f"row {at}: number {number} a second time")
        else:
            rounds[number] = _read_round(number, day, raw)
    if not rounds:
        raise PageRejected("parse" if rows else "empty", "no rounds in the feed")
    return RoundsFeed(tuple(rounds.values()), tuple(problems))


def _reject_page(text: str) -> NoReturn:
    """Raise for a page in place of the feed; only one that says that the file is gone is surely no bot check."""
    try:
        reject_unusable(parse_tree(text))
    except PageRejected as error:
        if error.kind == "gone":
            raise
    raise PageRejected("challenge", "a page in place of the feed")


def _load(body: bytes) -> list[object]:
    if not body.strip():
        raise PageRejected("empty", "no bytes")
    if len(body) > MAX_BODY:
        raise PageRejected("parse", f"over {MAX_BODY} bytes")
    # The French feed was Windows-1252 in September 2026 and UTF-8 in October, without a charset in its header.
    text = decode(body).text.strip()
    if text.startswith("<"):
        _reject_page(text)
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise PageRejected("parse", f"not JSON: {error}"[:200]) from error
    rows = feed.get("rounds") if isinstance(feed, dict) else None
    if not isinstance(rows, list):
        raise PageRejected("parse", "no list of rounds")
    if len(rows) > MAX_ROUNDS:
        raise PageRejected("parse", f"more than {MAX_ROUNDS} rounds")
    return rows


def _as_text(value: object) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return text[:_LONGEST_VALUE]


def _read_round(number: str, day: date, raw: dict[str, str]) -> Round:
    warnings: list[str] = []
    tie_break = raw.get("drawCutOff", "")
    issued_at = _read_moment(raw.get("drawDateTime", ""), "drawDateTime", warnings)
    if issued_at is not None and abs(datetime.fromisoformat(issued_at).date() - day) > timedelta(days=1):
        warnings.append(f"drawDateTime {issued_at} is not about drawDate {day}")
    stated = clean_text(raw.get("drawDateFull", ""))
    if stated and _read_worded_day(stated) != day:
        warnings.append(f"drawDateFull {stated!r} is not drawDate {day}")
    total = _read_count(raw, _TOTAL, warnings) or None
    pool = _read_pool(raw, total, warnings)
    return Round(
        number=number,
        date=day.isoformat(),
        name=_plain(raw.get("drawName", "")),
        program=_plain(raw.get("drawText2", "")),
        invitations=_read_count(raw, "drawSize", warnings) or None,
        cutoff=_read_count(raw, "drawCRS", warnings) or None,
        tie_break_raw=tie_break,
        tie_break_at=_read_moment(tie_break, "drawCutOff", warnings),
        issued_at=issued_at,
        pool_as_of=_read_pool_day(raw, warnings) if pool else None,
        pool_total=total,
        pool=pool,
        warnings=tuple(warnings),
        raw=raw,
    )


def _plain(text: str) -> str:
    return clean_text(html.unescape(remove_tags(text)))


def _read_count(raw: dict[str, str], field: str, warnings: list[str]) -> int | None:
    text = clean_text(raw.get(field, ""))
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        warnings.append(f"{field} {text[:100]!r} is no number")
        return None
    return int(text.replace(",", "").replace(" ", ""))


def _read_pool(raw: dict[str, str], total: int | None, warnings: list[str]) -> tuple[tuple[int, int, int], ...]:
    """Return the bands, finer ones in place of their subtotals where the feed has them.

    Without a total, zeros mean that the distribution is missing; beside a total they are counts.
    """
    bands: list[tuple[int, int, int]] = []
    stated = 0
    for field, low, high, finer in _BANDS:
        count = _read_count(raw, field, warnings)
        parts = [(lowest, highest, _read_count(raw, name, warnings)) for name, lowest, highest in finer]
        whole = [(lowest, highest, part) for lowest, highest, part in parts if part is not None]
        stated += count or 0
        if finer and len(whole) == len(finer) and (any(part for _, _, part in whole) or not count):
            bands.extend(whole)
            fine = sum(part for _, _, part in whole)
            if count is not None and fine != count:
                warnings.append(f"{field} is {count}, its parts sum to {fine}")
        elif count is not None:
            bands.append((low, high, count))
    if total is None and not any(count for _, _, count in bands):
        return ()
    if stated != total:
        warnings.append(f"{_TOTAL} is {total or 0}, the bands sum to {stated}")
    return tuple(bands)


def _read_day(text: str) -> date | None:
    text = clean_text(text)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if len(text) == 10 and day.year >= 2015 else None


def _read_pool_day(raw: dict[str, str], warnings: list[str]) -> str | None:
    text = clean_text(raw.get("drawDistributionAsOn", ""))
    day = _read_worded_day(text)
    if day is None and text:
        warnings.append(f"drawDistributionAsOn {text[:100]!r} is no date")
    return day.isoformat() if day is not None else None


def _read_worded_day(text: str) -> date | None:
    """Return the day in "August 3, 2026" or "3 juin 2026"."""
    found = _MOMENT.match(f"{text} 00:00")
    return _as_day(found) if found is not None else None


def _as_day(found: re.Match[str]) -> date | None:
    month = MONTHS.get((found["month_first"] or found["month_second"]).lower())
    if month is None or found["year"] is None:
        return None
    try:
        return date(int(found["year"]), month, int(found["day_second"] or found["day_first"]))
    except ValueError:
        return None


def _read_moment(raw: str, field: str, warnings: list[str]) -> str | None:
    """Return the moment in text such as "July 3rd 2026 at 21:35:13 UTC" as UTC; None where it isn't all there.

    Assumed with a warning: UTC where no zone is given; the clock of 24 hours where AM or PM contradicts it.
    """
    text = clean_text(raw)
    if not text:
        return None
    found = _MOMENT.fullmatch(text)
    day = _as_day(found) if found is not None else None
    hour = int(found["hour"]) if found is not None else 0
    if found is None or day is None or hour > 23 or int(found["minute"]) > 59 or int(found["second"] or 0) > 59:
        warnings.append(f"{field} {text[:100]!r} is no full date and time")
        return None
    if found["iso"] is not None and found["iso"] != day.isoformat():
        warnings.append(f"{field} {text[:100]!r} names two days")
        return None
    half = (found["half"] or "").lower().replace(".", "")
    if half and hour > 12:
        warnings.append(f"{field} {text[:100]!r}: {half} beside the clock of 24 hours, read as the latter")
    elif half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if found["zone"] is None:
        warnings.append(f"{field} {text[:100]!r} has no zone, read as UTC")
    moment = datetime(day.year, day.month, day.day, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
