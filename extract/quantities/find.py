"""Find quantities: every token gets a class of one character, and one regular expression over the classes finds numbers.

What follows or precedes a number makes it money, a percentage, a duration, a language level, or a count of something.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.quantities.compare import find_comparator, find_noun, find_rate
from extract.quantities.grammar import read_negatives, read_words
from extract.quantities.joining import (
    add_months,
    complete_ellipsis,
    is_conversion,
    is_restated,
    join_thousands,
    share_unit,
)
from extract.quantities.mention import Number, QuantityMention, write_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.tokens import Tokens

NUMBER = re.compile(
    r"Nk|NK|N|a(?=B?UO)"  # a year of
    r"|h(?:Oa|a|O)?K"  # half a million
    r"|(?:n-?n|n)H(?:&?n-?n|&?n)?K?|aHK?|(?:n-?n|n)K|aK|az|n-?n|n"
)
LEVEL_TESTS = {"clb": "CLB", "nclc": "NCLC", "benchmark": "CLB", "benchmarks": "CLB", "ielts": "IELTS", "tef": "TEF",
               "celpip": "CLB", "niveaux": "NCLC"}
BORDER = re.compile(r"\t|\n\s*\n")  # between a word and a number: the end of a cell or paragraph
LEVEL_REACH = 11  # tokens between the name of a scale and its level
HIGHEST_LEVEL = 12
BREAK = "\n"
RANGE_SIGNS = (["-"], ["\u2013"], ["\u2011"])
CHANGE_REACH = 14  # tokens before "from" in which a verb of change may stand
CHANGES = frozenset({
    "rise", "rises", "rose", "risen", "raise", "raised", "raises", "raising", "increase", "increases", "increased", "increasing", "lower",
    "lowered", "lowers", "lowering", "reduce", "reduced", "reduces", "reducing", "cut", "cuts", "drop", "dropped", "drops", "fell", "fall",
    "falls", "grew", "grow", "go", "goes", "went", "going", "extended", "extend", "shortened", "doubled", "expanded", "expand", "expanding",
    "jump", "jumps", "climb", "climbs", "hike", "hikes", "soar", "soars", "soared", "double", "doubles", "doubling", "triple", "triples",
    "move", "moves", "moved", "upped", "rising", "dropping", "cutting", "hiking", "growing", "decreases", "extending", "changing", "quadruples",
    "lift", "lifts", "lifted", "lifting", "slash", "slashed", "trim", "trimmed", "halved", "boost", "boosted", "bumped", "change", "changed", "changes", "hiked", "up", "down", "decreased", "decrease", "quadrupled", "tripled", "adjusted", "jumped", "climbed",
    "passe", "passent", "passer", "passera", "passeront", "augmente", "augmenter", "augmentera", "hausse", "baisse", "porté", "portée", "réduit", "relevé",
})


def find_quantities(tokens: Tokens, breaks: Sequence[int], taken: Sequence[tuple[int, int]]) -> list[QuantityMention]:
    """Quantities in the order of the text. `breaks` are offsets at which blocks begin, `taken` the offsets of dates."""
    classes, index = classify(tokens, breaks, taken)
    numbers = [
        number for match in NUMBER.finditer(classes)
        if (number := read_number(tokens, classes[match.start():match.end()], index[match.start():match.end()]))
    ]
    numbers = join_thousands(tokens, numbers)
    mentions: list[QuantityMention] = []
    place = 0
    while place < len(numbers):
        number = numbers[place]
        following = numbers[place + 1] if place + 1 < len(numbers) else None
        mention, used = measure(tokens, number, following)
        if mention is not None:
            if mentions and add_months(tokens, mentions[-1], mention):
                place += used
                continue
            if mentions and (is_conversion(tokens, mentions[-1], mention) or is_restated(tokens, mentions[-1], mention)):
                place += used
                continue
            if mentions:
                share_unit(tokens, mentions[-1], mention)
            mentions.append(complete_ellipsis(tokens, mention, mentions[-1] if mentions else None))
        place += used
    return mentions


def classify(tokens: Tokens, breaks: Sequence[int], taken: Sequence[tuple[int, int]]) -> tuple[str, list[int]]:
    """Classes of the tokens, a line break where a block begins, X over dates; and each character's token."""
    words = read_words()
    classes: list[str] = []
    index: list[int] = []
    edges = iter([*sorted(breaks), len(tokens.text) + 1])
    edge = next(edges)
    dates = iter([*taken, (len(tokens.text) + 1, len(tokens.text) + 1)])
    date_start, date_end = next(dates)
    for place, lower in enumerate(tokens.lower):
        start = tokens.start[place]
        if start >= edge:
            classes.append(BREAK)
            index.append(place)
            while start >= edge:
                edge = next(edges)
        while start >= date_end:
            date_start, date_end = next(dates)
        if date_start <= start:
            kind = "X"
        elif lower[0].isdigit() and lower.isascii():
            kind = "N"
        else:
            word = words.get(lower)
            kind = word.kind if word else "x"
            if kind == "k" and not tokens.glued(place):
                kind = "x"
        classes.append(kind)
        index.append(place)
    return "".join(classes), index


def read_number(tokens: Tokens, kinds: str, span: list[int]) -> Number | None:
    """The value of a match; None where the neighbours say that it is a reference or part of a name."""
    first, last = span[0], span[-1] + 1
    if kinds[0] == "N" and is_reference(tokens, first, last):
        return None
    total, current = 0.0, 0.0
    for kind, place in zip(kinds, span, strict=True):
        if kind == "N":
            current = float(tokens.lower[place].replace(",", "")[:18])
        elif kind in "nah":
            current += float(read_words()[tokens.lower[place]].value) if kind != "a" or len(kinds) == 2 or place == first else 0.0
        elif kind in "Hz":
            current = (current or 1.0) * float(read_words()[tokens.lower[place]].value)
        elif kind in "kK":
            total += (current or 1.0) * float(read_words()[tokens.lower[place]].value)
            current = 0.0
    return Number(first, last, round(total + current, 6))


def is_reference(tokens: Tokens, first: int, last: int) -> bool:
    """True for section 25.2, C-10, R205, 16th, 11:59, a telephone number, NOC 31100."""
    before = tokens.lower[first - 1] if first and "\n" not in tokens.text[tokens.end[first - 1]:tokens.start[first]] else ""
    after = tokens.lower[last] if last < len(tokens) else ""
    if first and tokens.glued(first):
        if before.isalpha() and before not in {"us", "cad", "can", "aud", "nzd", "gbp", "usd"}:
            return True
        if before in "-\u2011:./_#" and first > 1 and tokens.glued(first - 1) and (before != "-" or not tokens.lower[first - 2].isdigit()):
            return True
    if last < len(tokens) and tokens.glued(last):
        if after in {"st", "nd", "rd", "th", "er", "ème"}:
            return True
        if after.isalpha() and read_words().get(after) is None:
            return True
        if after in ":/_" and last + 1 < len(tokens) and tokens.glued(last + 1) and tokens.lower[last + 1][0].isdigit():
            return True
        if after == "." and last + 1 < len(tokens) and tokens.glued(last + 1):
            return True
    if last - first == 1 and count_linked(tokens, first) > 2:
        return True  # 613-555-0100
    if before == "level" and read_level(tokens, first, float(tokens.lower[first].replace(",", "")[:9]) if last - first == 1 else 0.0):
        return False
    return before in read_negatives() and not (first and BORDER.search(tokens.text, tokens.end[first - 1], tokens.start[first]))


def count_linked(tokens: Tokens, place: int) -> int:
    """How many numbers hang together with a number by hyphens without white space, up to four each way."""
    count = 1
    for step in (-1, 1):
        at = place
        for _ in range(4):
            if not 0 <= at + 2 * step < len(tokens) or tokens.lower[at + step] not in {"-", "\u2011"}:
                break
            if not tokens.lower[at + 2 * step][0].isdigit() or not tokens.glued(max(at, at + step)) or not tokens.glued(
                max(at + step, at + 2 * step)
            ):
                break
            at += 2 * step
            count += 1
    return count


def measure(tokens: Tokens, number: Number, following: Number | None) -> tuple[QuantityMention | None, int]:
    """The quantity that begins with a number, and how many numbers it uses (a range uses two)."""
    lower = tokens.lower
    length = len(lower)
    low, high, last, used = number.value, None, number.last, 1
    currency, first = read_currency(tokens, number.first)
    if following is not None:
        second_currency, second_first = read_currency(tokens, following.first)
        gap = lower[number.last:second_first]
        opener = lower[first - 1] if first else ""
        if gap == [","] and lower[following.first] == "000" and low < 1000 and number.last - number.first == 1:
            low, number, used = low * 1000, Number(number.first, following.last, low * 1000), 2  # 330, 000
            last, gap = number.last, []
        unit_between = "" if len(gap) != 2 or gap[1] not in {"to", "-", "\u2013"} else gap[0]
        joined = gap in (["to"], ["à"], ["-"], ["\u2013"], ["—"]) or (gap == ["and"] and opener == "between") or (gap == ["et"] and opener == "entre") or (
            unit_between and read_words().get(unit_between) is not None and read_words()[unit_between].kind in "U%"
        )
        scaled = following.value if following.value >= low else None
        if gap == ["("] and following.last < length and lower[following.last] == ")" and following.value == low:
            last, used = following.last + 1, 2  # two (2) years
        elif joined and opener in {"from", "by", "de"} and is_change(tokens, first):
            pass  # "rose from A to B", "rose by A to B" are two values, not a range
        elif joined and not (second_currency and not currency) and scaled is not None:
            if low < 1000 <= scaled and lower[following.last - 1] in {"million", "billion", "thousand"} and number.last - number.first == 1:
                low *= float(read_words()[lower[following.last - 1]].value)
            if low < 1000 <= scaled and scaled % 1000 == 0 and low < scaled / 1000 and gap in RANGE_SIGNS and number.last - number.first == 1:
                low *= 1000  # 5-6,000
            high, last, used = scaled, following.last, 2
    kind, unit, value, end = read_unit(tokens, low, high, last, currency)
    rate = ""
    if kind == "money":
        if not currency and unit == "":
            unit = "$"
        rate, end = find_rate(tokens, end)
    noun = ""
    if kind == "number":
        level = read_level(tokens, number.first, low)
        if level:
            kind, unit = "level", level
        else:
            noun, unit = find_noun(tokens, end)
    comparator, compared_from = find_comparator(tokens, first, end)
    if high is not None:
        comparator = "range"
    start = tokens.start[first]
    return QuantityMention(
        text=tokens.text[start:tokens.end[end - 1]], kind=kind, value=value, unit=unit, noun=noun, comparator=comparator,
        rate=rate, start=start, end=tokens.end[end - 1], compared_from=tokens.start[compared_from],
    ), used


def is_change(tokens: Tokens, first: int) -> bool:
    """True where "from A to B" tells of a change, not of a range: a verb of change stands before it."""
    return not CHANGES.isdisjoint(tokens.lower[max(0, first - CHANGE_REACH):first])


def read_currency(tokens: Tokens, first: int) -> tuple[str, int]:
    """The currency written before a number, "$" where the sign leaves the country open, and the first token of it."""
    if not first or tokens.lower[first - 1] not in {"$", "£", "€", "₹"}:
        word = read_words().get(tokens.lower[first - 1]) if first else None
        if word and word.kind == "C" and tokens.lower[first - 1] in {"cad", "usd", "aud", "nzd", "gbp", "eur", "inr"}:
            return word.note, first - 1
        return "", first
    sign = tokens.lower[first - 1]
    if sign != "$":
        return {"£": "GBP", "€": "EUR", "₹": "INR"}[sign], first - 1
    if first > 1:
        code = tokens.lower[first - 2]
        word = read_words().get(code)
        if word and word.kind == "C" and (tokens.glued(first - 1) or len(code) == 3):
            return word.note, first - 2
        if code == "a" and tokens.glued(first - 1):
            return "AUD", first - 2
    return "$", first - 1


def read_unit(tokens: Tokens, low: float, high: float | None, last: int,
              currency: str) -> tuple[str, str, float | list[float] | str | list[str], int]:
    """Kind, unit, value and the token past the quantity, from what follows the number."""
    lower = tokens.lower
    words = read_words()
    numbers: float | list[float] = [low, high] if high is not None else low
    after = words.get(lower[last]) if last < len(lower) else None
    if currency:
        if after and after.kind == "C" and after.note in {"CAD", "USD", "AUD", "NZD", "GBP", "EUR"} and len(lower[last]) == 3:
            return "money", after.note, numbers, last + 1
        return "money", currency, numbers, last
    if after and after.kind == "%":
        return "percent", "percent", numbers, last + 1
    if lower[last:last + 2] == ["per", "cent"]:
        return "percent", "percent", numbers, last + 2
    if after and after.kind == "$" and not (last + 1 < len(lower) and tokens.glued(last + 1) and lower[last + 1][0].isdigit()):
        return "money", after.note.split()[0] if after.note.isupper() else "$", numbers, last + 1  # 155 $, as French has it
    if after and after.kind == "D":
        return "money", after.note or "$", numbers, last + 1
    if after and after.kind == "C" and len(lower[last]) == 3:
        return "money", after.note, numbers, last + 1
    at = last
    if at < len(lower) and lower[at] in {"-", "\u2011", "\u2013"}:
        at += 1
    while at < len(lower) and at < last + 3 and words.get(lower[at], words["to"]).kind == "B":
        at += 1
    unit = words.get("ans" if lower[at] == "an" and low == 1 else lower[at]) if at < len(lower) else None  # "1 an d'expérience"
    if unit and unit.kind == "U":
        ends = [write_duration(end, unit.value) for end in ([low] if high is None else [low, high])]
        return "duration", "ISO 8601 duration", ends[0] if high is None else ends, at + 1
    return "number", "", numbers, last


def read_level(tokens: Tokens, first: int, value: float) -> str:
    """The scale of a language level: CLB 7, CLB level 7, Canadian Language Benchmark (CLB) of at least 5, IELTS 6.5."""
    if not 1 <= value <= HIGHEST_LEVEL:
        return ""
    for place in range(first - 1, max(-1, first - 1 - LEVEL_REACH), -1):
        word = tokens.lower[place]
        if word in LEVEL_TESTS:
            other = tokens.lower[place - 2] if place > 1 and tokens.lower[place - 1] in {"or", "/", "and"} else ""
            return LEVEL_TESTS.get(other, LEVEL_TESTS[word])  # "CLB or NCLC 5" is told by its first name
        if word in {".", ";", "|", "and", "or"} or word[0].isdigit() or word in {"year", "years", "hours"}:
            break
    if first and (tokens.lower[first - 1] in {"level", "levels"} or tokens.lower[max(0, first - 3):first] == ["minimum", "score", "of"]):
        for word in tokens.lower[first + 1:first + 26]:
            if word in LEVEL_TESTS:
                return LEVEL_TESTS[word]
    return ""
