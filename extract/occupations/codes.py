"""Find the NOC codes in a text, and the titles that are printed beside them.

Five digits are a code of NOC 2021, four digits one of NOC 2016 (or 2011, 2006). Not every such number is a code: a
number counts where a cue stands before it ("NOC 21231, 21232 and 21234"), where the title beside it fits the code,
or where it is a code that exists, stands in a text that speaks of the classification, and nothing says price, place,
telephone or count. Lost table markup may glue a code to its title, and the TEER digit to the code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.occupations.titles import FITS, load_known_titles, measure_fit, measure_likeness
from extract.vocabulary import official_title

if TYPE_CHECKING:
    from collections.abc import Iterator

EDITIONS = frozenset({"2006", "2011", "2016", "2021", "2026"})
MAX_LINE = 4000  # characters of a line that are looked at on either side of a number
_NUMBER = re.compile(r"(?<!\d)\d{4,6}(?!\d)")
_CUE = re.compile(
    r"\b(?:N\.?O\.?C\.?s?(?![a-z])|CNP|NOC(?=\d)|National Occupational Classification|"
    r"Classification nationale des professions)",
)
# From a cue, or a code, straight to the next code: editions, the word "code", brackets, marks, "and".
_LINK = re.compile(
    r"[\s()\[\]:;,/&#*+.–—|-]*(?:(?:(?:NOC|CNP|codes?|number|no|version|v1|20(?:06|11|16|21|26)|TEER(?: [0-5])?|and|or|et|ou|to"
    r"|either|group|unit|groups|is|are|was|were|its|under)\b)[\s()\[\]:;,/&#*+.–—|-]*){0,8}",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(?:[$€£¥#]|\b(?:CAD|USD|AUD|NZD|GBP|IMM|IMM-|form|Form|Box|box|NAICS|SCIAN|ANZSCO|SOC|CIP|PD|SOR|section|Room|Suite))[ -]?$")
_ZIP = re.compile(r"\b[A-Z]{2},? $")
_COUNTED = re.compile(
    r"\s(?:applicat|candidat|people|persons|invitat|places|spots|spaces|immigrants|newcomers|permits|visas|students|"
    r"points|days|hours|km|kilomet|miles|dollars|euros|pounds|jobs|residents|refugees|claims|approvals|nominat)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[.;!?](?:\s|$)|\s\|\s|\t")
_EDGE = " \t\u00a0-–—:;,.|()[]*•·#\"“”"


@dataclass(frozen=True, slots=True)
class OccupationMention:
    """A NOC code in a text, in code points: text[start:end] is the code as printed.

    `edition` is "2021" for five digits, "2016" for four. `title_printed` is the title beside the code, at
    `title_start` to `title_end`, or None. `title_official` is None for a code that doesn't exist. `flags` may hold
    "unknown_code" and "title_mismatch". `rule` says what made the number a code: "cue", "title" or "text".
    """

    code: str
    edition: str
    start: int
    end: int
    title_printed: str | None
    title_official: str | None
    title_start: int | None
    title_end: int | None
    flags: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    previous: tuple[int, int]
    following: tuple[int, int]


def find_occupations(text: str) -> list[OccupationMention]:
    """All NOC codes in a text, in order, each occurrence once."""
    cues = [match.end() for match in _CUE.finditer(text)]
    mentions: list[OccupationMention] = []
    chained = -1  # where the last code, or cue, of a chain ends
    cue = 0
    for line, number in _find_numbers(text):
        start, end = number.span()
        while cue < len(cues) and cues[cue] <= start:
            chained = max(chained, cues[cue])
            cue += 1
        code = number.group()
        linked = chained >= 0 and _is_link(text, chained, start)
        if code in EDITIONS:
            if linked:
                chained = end
            continue
        read = _read_number(text, line, code, start, linked=linked, spoken=bool(cues))
        if read:
            mentions.append(read)
            if linked or read.rule != "title":
                chained = read.end
    return mentions


def _find_numbers(text: str) -> Iterator[tuple[_Line, re.Match[str]]]:
    line: _Line | None = None
    for number in _NUMBER.finditer(text):
        start = number.start()
        if line is None or start >= line.end:
            begin = text.rfind("\n", 0, start) + 1
            stop = text.find("\n", start)
            stop = len(text) if stop < 0 else stop
            line = _Line(begin, stop, _previous_line(text, begin), _following_line(text, stop))
        yield line, number


def _previous_line(text: str, begin: int) -> tuple[int, int]:
    stop = begin - 1
    while stop > 0 and text[stop - 1] == "\n" and begin - stop < 4:
        stop -= 1
    return (text.rfind("\n", 0, stop) + 1, stop) if stop > 0 else (0, 0)


def _following_line(text: str, stop: int) -> tuple[int, int]:
    begin = stop + 1
    while begin < len(text) and text[begin] == "\n" and begin - stop < 4:
        begin += 1
    if begin >= len(text):
        return (len(text), len(text))
    end = text.find("\n", begin)
    return begin, len(text) if end < 0 else end


def _is_link(text: str, chained: int, start: int) -> bool:
    if start - chained > 80:
        return False
    match = _LINK.fullmatch(text, chained, start)
    return match is not None and "\n\n" not in text[chained:start]


def _read_number(
    text: str, line: _Line, digits: str, start: int, *, linked: bool, spoken: bool,
) -> OccupationMention | None:
    end = start + len(digits)
    before = text[start - 1] if start > line.start else " "
    glued = before.isalpha() or before == ")"
    code = digits
    if len(digits) == 6:
        code = digits[:5]
        if not glued or digits[5] != digits[1] or code not in load_known_titles():
            return None
        end -= 1
    known = code in load_known_titles()
    if linked:
        if not known and _is_excluded(text, line, start, end):
            return None
        return _make(text, line, code, start, end, "cue")
    if not known or (len(code) == 4 and not spoken):
        return None
    mention = _make(text, line, code, start, end, "title")
    if mention.title_printed and "title_mismatch" not in mention.flags:
        return mention
    if not spoken or len(code) == 4 or _is_excluded(text, line, start, end):
        return None
    return _make(text, line, code, start, end, "text")


def _is_excluded(text: str, line: _Line, start: int, end: int) -> bool:
    """Whether a price, form, post code, telephone number, decimal or count, not a code."""
    head = text[max(line.start, start - 16) : start]
    tail = text[end : min(line.end, end + 16)]
    if _MONEY.search(head) or _COUNTED.match(tail) or (_ZIP.search(head) and end - start == 5):
        return True
    if re.search(r"\d[ .,/-]$", head) and not re.search(r"\d{5}[ ,/-]$", head):
        return True
    return bool(re.match(r"[.,]\d|%|[ -]\d{3,4}\b(?!\d)|[ -]?(?:km|kg|m)\b", tail))


def _make(text: str, line: _Line, code: str, start: int, end: int, rule: str) -> OccupationMention:
    official = official_title(code)
    title = _find_printed(text, line, code, start, end)
    flags = []
    if official is None:
        flags.append("unknown_code")
    elif title and measure_fit(text[title[0] : title[1]], code) < FITS:
        flags.append("title_mismatch")
    return OccupationMention(
        code, "2021" if len(code) == 5 else "2016", start, end,
        text[title[0] : title[1]] if title else None, official,
        title[0] if title else None, title[1] if title else None, tuple(flags), rule,
    )  # fmt: skip


def _find_printed(text: str, line: _Line, code: str, start: int, end: int) -> tuple[int, int] | None:
    """The title beside a code: the stretch, of those around the code, that fits the official title best."""
    choices: list[tuple[int, int]] = []
    begin, stop = max(line.start, start - MAX_LINE), min(line.end, end + MAX_LINE)
    choices += _titles_after(text, end, stop)
    choices += _titles_before(text, begin, start)
    alone = not any(map(str.isalpha, text[line.start : start] + text[end : line.end]))
    if alone and line.end - line.start < 40:
        choices += [line.previous, line.following]
    trimmed = [_trim(text, *choice) for choice in choices]
    fitting = [(measure_fit(text[a:b], code), -(b - a), a, b) for a, b in trimmed if b - a > 2 and b - a < 200]
    if not fitting:
        return None
    good = [(measure_likeness(text[a:b], code), b - a, a, b) for fit, _, a, b in fitting if fit >= FITS]
    if good:
        _, _, first, last = max(good)
        return first, last
    return _plain_title(text, fitting, end)


def _plain_title(text: str, fitting: list[tuple[float, int, int, int]], end: int) -> tuple[int, int] | None:
    """A title that doesn't fit, where its place alone shows that it is one: "94123 – Bakers"."""
    for _, _, first, last in fitting:
        gap = text[end:first] if first >= end else ""
        if 0 <= first - end <= 4 and any(mark in gap for mark in "–—-|:") and text[first].isupper():
            return first, last
    return None


def _titles_after(text: str, end: int, stop: int) -> Iterator[tuple[int, int]]:
    if end >= stop:
        return
    if text[end] == ")" and end + 1 < stop and text[end + 1] in ",;.":
        return
    match = re.compile(r"(?:\s(?:TEER )?[0-5]\b)?[\s)\]:–—|-]*").match(text, end, min(stop, end + 20))
    first = match.end() if match else end
    limit = re.compile(r"\bNOC\b|\d{4,6}|;|\s\|\s|\.\s|\t| \(NOC| \(").search(text, first, stop)
    last = limit.start() if limit else stop
    yield first, last
    bracket = re.compile(r"[^|;\n]{0,200}?\)").match(text, first, stop)
    if bracket and "(" in text[first : bracket.end()]:
        yield first, bracket.end()
    comma = text.find(",", first, last)
    if comma > 0:
        yield first, comma


def _titles_before(text: str, begin: int, start: int) -> Iterator[tuple[int, int]]:
    head = text[max(begin, start - 220) : start]
    offset = start - len(head)
    cut = re.sub(r"(?:[\s(\[:#–—|-]|\bNOC\b|\bCNP\b|\bcodes?\b|\b20(?:16|21)\b)+$", lambda match: "", head)
    last = offset + len(cut)
    floor = 0
    for mark in re.finditer(r"\s\|\s|\t|;|\d{4,6}\)?|[.:]\s|^\s*[-•*]\s", cut):
        floor = mark.end()
    yield offset + floor, last
    for mark in re.finditer(r",\s|\band\s|\bor\s|\bas\s|\bfor\s|\bof\s|\bthe\s|\ba\s|\ban\s", cut[floor:]):
        yield offset + floor + mark.end(), last


def _trim(text: str, first: int, last: int) -> tuple[int, int]:
    while first < last and text[first] in _EDGE:
        first += 1
    while last > first and text[last - 1] in _EDGE and not (text[last - 1] == ")" and "(" in text[first:last]):
        last -= 1
    return first, last
