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
REACH = 220  # characters on either side of a code in which its title is looked for
CHAIN = 80  # characters from a cue, or a code, to the next code of the same enumeration
_DASHES = "\u2013\u2014-"
_NUMBER = re.compile(r"(?<!\d)\d{4,6}(?!\d)")
_CUE = re.compile(
    r"\b(?:N\.?O\.?C\.?s?(?![a-z])|CNP|National Occupational Classification|Classification nationale des professions)",
)
# What may stand between a cue, or a code, and the next code of the same enumeration.
_LINK_WORDS = frozenset(
    ["noc", "cnp", "code", "codes", "number", "numbers", "no", "version", "v1", "teer", "and", "or", "et", "ou", "to", "either", "group", "groups", "unit", "is", "are", "was", "were", "its", "under", "following", "these", "the", "0", "1", "2", "3", "4", "5"],
) | EDITIONS
_LINK_PART = re.compile(rf"\w+|[\s()\[\]:;,/&#*+.|{_DASHES}]+|.")
_BEFORE_OTHERS = re.compile(
    r"(?:[$\u20ac\u00a3\u00a5#]|\b(?:CAD|USD|AUD|NZD|GBP|IMM|[Ff]orm|[Bb]ox|NAICS|SCIAN|ANZSCO|SOC|CIP|PD|SOR|"
    r"[Ss]ection|Room|Suite|Articles?:|Apprenticeship))[ -]?$",
)
_ZIP = re.compile(r"\b[A-Z]{2},? $")
_COUNTED = re.compile(
    r"\s(?:applicat|candidat|people|persons|invitat|places|spots|spaces|immigrants|newcomers|permits|visas|students|"
    r"points|days|hours|km|kilomet|miles|dollars|euros|pounds|jobs|residents|refugees|claims|approvals|nominat)",
    re.IGNORECASE,
)
_DIGITS_BEFORE = re.compile(r"(?<!\d{4})\d[ .,/-]$")
_DIGITS_AFTER = re.compile(r"[.,]\d|%|[ -]\d{3,4}\b|[ -]?(?:km|kg|m)\b")
_AFTER_CODE = re.compile(rf"(?:\s(?:TEER )?[0-5]\b)?[\s)\]:|{_DASHES}]*")
_TITLE_END = re.compile(r"\bNOC\b|\bCNP\b|\d{4,6}|;|\s\|\s|\.\s|\t|\s\(")
_CLOSING = re.compile(r"[^|;\n]{0,200}?\)")
_TITLE_START = re.compile(r"\s\|\s|\t|;|\d{4,6}\)?|[.:]\s|(?:^|\n)\s?[-\u2022*]\s")
_TITLE_WORD = re.compile(r",\s|\b(?:and|or|as|for|of|the|an?|hires?|are|is|occupations?|under)\s")
_OPENING_WORDS = re.compile(r"(?:(?:and|or|as|for|of|the|an?) ){1,3}")
_LABEL = re.compile(rf"[\s(\[:#|{_DASHES}]+$|\b(?:NOC|CNP|codes?|20(?:16|21))$")
_LETTERED = re.compile(r"(?:^|[\s(|,;])[ABCD] ?$")  # the skill level before a code of NOC 2016: "B 6331"
FEWEST_FITTING = 3  # so many codes beside their titles make a text one that speaks of the classification
_EDGE = f' \t\u00a0{_DASHES}:;,.|()[]*\u2022\u00b7#"\u201c\u201d'


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
    mentions = _read_codes(text, cues, spoken=bool(cues))
    return mentions if cues or len(mentions) < FEWEST_FITTING else _read_codes(text, cues, spoken=True)


def _read_codes(text: str, cues: list[int], *, spoken: bool) -> list[OccupationMention]:
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
        read = _read_number(text, line, code, start, linked=linked, spoken=spoken)
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
    """Whether nothing but marks and words like "code", "and" parts a cue, or a code, from the next number."""
    gap = text[chained:start]
    if len(gap) > CHAIN or "\n\n" in gap:
        return False
    return all(part.lower() in _LINK_WORDS or not part[0].isalnum() for part in _LINK_PART.findall(gap)) and not (
        set(gap) & set("$%?!")
    )


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
    if not spoken or (len(code) == 4 and not _LETTERED.search(text[max(line.start, start - 4) : start])) or _is_excluded(text, line, start, end):
        return None
    return _make(text, line, code, start, end, "text")


def _is_excluded(text: str, line: _Line, start: int, end: int) -> bool:
    """Whether the number is a price, form, post code, telephone number, decimal or count."""
    head = text[max(line.start, start - 16) : start]
    tail = text[end : min(line.end, end + 16)]
    return bool(
        _BEFORE_OTHERS.search(head)
        or _COUNTED.match(tail)
        or (_ZIP.search(head) and end - start == 5)
        or _DIGITS_BEFORE.search(head)
        or _DIGITS_AFTER.match(tail),
    )


def _make(text: str, line: _Line, code: str, start: int, end: int, rule: str) -> OccupationMention:
    official = official_title(code)
    title = _find_printed(text, line, code, start, end)
    flags = []
    if official is None:
        flags.append("unknown_code")
    elif title and "CNP" not in text[max(line.start, start - 12) : start] and _is_other(text, title, code):
        flags.append("title_mismatch")
    return OccupationMention(
        code, "2021" if len(code) == 5 else "2016", start, end,
        text[title[0] : title[1]] if title else None, official,
        title[0] if title else None, title[1] if title else None, tuple(flags), rule,
    )  # fmt: skip


def _is_other(text: str, title: tuple[int, int], code: str) -> bool:
    """Whether a printed title is another occupation's; those beside the French CNP can't be judged."""
    return measure_fit(text[title[0] : title[1]], code) < FITS


def _find_printed(text: str, line: _Line, code: str, start: int, end: int) -> tuple[int, int] | None:
    """The title beside a code: the stretch, of those around the code, that fits the official title best."""
    choices = list(_titles_after(text, end, min(line.end, end + REACH)))
    choices += _titles_before(text, max(line.start, start - REACH), start)
    if line.end - line.start < 40 and not any(map(str.isalpha, text[line.start : line.end])):
        choices += [line.previous, line.following]  # a table that lost its rows: each cell has a line of its own
    trimmed = [_trim(text, *choice) for choice in choices]
    fitting = [(measure_fit(text[a:b], code), -(b - a), a, b) for a, b in trimmed if b - a > 2 and b - a < 200]
    if not fitting:
        return None
    good = [(measure_likeness(text[a:b], code), b - a, a, b) for fit, _, a, b in fitting if fit >= FITS]
    if good:
        likeness, _, first, last = max(good)
        return (_drop_words(text, code, likeness, first, last), last) if last <= start else (first, last)
    return _plain_title(text, fitting, end)


def _drop_words(text: str, code: str, likeness: float, first: int, last: int) -> int:
    """Where the title begins once words in front of it are dropped, as "we seek" is in front of "carpenters"."""
    best = first
    position = text.find(" ", first, last)
    while position > 0 and likeness < 1:
        found = measure_likeness(text[position + 1 : last], code)
        if found > likeness:
            likeness, best = found, position + 1
        position = text.find(" ", position + 1, last)
    return best


def _plain_title(text: str, fitting: list[tuple[float, int, int, int]], end: int) -> tuple[int, int] | None:
    """A title that doesn't fit, where its place alone shows that it is one: a dash after the code."""
    for _, _, first, last in fitting:
        gap = text[end:first] if first >= end else ""
        said = {word.lower() for word in text[first:last].split()}
        if said <= _LINK_WORDS:
            continue
        if 0 <= first - end <= 4 and any(mark in gap for mark in _DASHES + "|:") and text[first].isupper():
            return first, last
    return None


def _titles_after(text: str, end: int, stop: int) -> Iterator[tuple[int, int]]:
    if end >= stop or text[end : end + 2] in {"),", ");", ")."}:
        return
    match = _AFTER_CODE.match(text, end, min(stop, end + 20))
    first = match.end() if match else end
    limit = _TITLE_END.search(text, first, stop)
    last = limit.start() if limit else stop
    yield first, last
    bracket = _CLOSING.match(text, first, stop)
    if bracket and "(" in bracket.group():
        yield first, bracket.end()
    comma = text.find(",", first, last)
    if comma > 0:
        yield first, comma


def _titles_before(text: str, begin: int, start: int) -> Iterator[tuple[int, int]]:
    last = start
    while label := _LABEL.search(text[begin:last]):
        last = begin + label.start()
    cut = text[begin:last]
    floor = max((mark.end() for mark in _TITLE_START.finditer(cut)), default=0)
    yield begin + floor, last
    for mark in _TITLE_WORD.finditer(cut, floor):
        yield begin + mark.end(), last


def _trim(text: str, first: int, last: int) -> tuple[int, int]:
    while first < last and text[first] in _EDGE:
        first += 1
    while last > first and text[last - 1] in _EDGE and not (text[last - 1] == ")" and "(" in text[first:last]):
        last -= 1
    opening = _OPENING_WORDS.match(text, first, last)
    return (opening.end() if opening else first), last
