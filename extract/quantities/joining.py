"""Numbers that belong together: parts of one figure, and a second number that counts what the first counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.quantities.grammar import read_nouns
from extract.quantities.mention import Number, write_duration

if TYPE_CHECKING:
    from extract.quantities.mention import QuantityMention
    from extract.tokens import Tokens

THOUSANDS = re.compile(r"\d{3}")
SPACED = re.compile(r"\b[1-9]\d{0,2} \d{3}\b")
COMMAS = re.compile(r"\b\d{1,3},\d{3}\b")
BETWEEN_THOUSANDS = frozenset({"to", "à", "et", "$", "new", "nouveaux", "nouvelles", "demandes", "personnes", "candidats", "dollars"})
YEARS, MONTHS = re.compile(r"P\d+Y"), re.compile(r"P\d{1,2}M")
CONVERSION_SIGNS = frozenset({"(", "(about", "(around", "(roughly", "(approximately", "(~", "(approx."})
LONGEST_RESTATED = 60  # characters between a time and the same time in hours
ELLIPTIC = frozenset({"duration", "level", "percent"})
ELLIPSIS_ENDS = frozenset({"to", "or", "from", "than", "of", "not", "need", "for", "and", "by", "be", "was", "is"})
AFTER_ELLIPSIS = frozenset({"for", "in", "if", "from", "as", "under", "when", "on", "at", "and", "or", "to", "before", "by", "after", "with", "once", "until"})
LONGEST_ELLIPSIS = 9  # words between a value and a number that counts the same
HIGHEST_ELLIPSIS = 60  # a larger number goes on with another count


def join_thousands(tokens: Tokens, numbers: list[Number]) -> list[Number]:
    """"44 500 to 47 500 admissions": thousands that a space sets apart, where a counted noun or another such number follows.

    A text that never sets them apart by commas, but by spaces more than once, needs no such noun.
    """
    joined: list[Number] = []
    spaced = len(SPACED.findall(tokens.text)) > 1 and not COMMAS.search(tokens.text)
    for number in numbers:
        before = joined[-1] if joined else None
        if (
            before is not None and before.last == number.first and number.last - number.first == before.last - before.first == 1
            and before.value < 1000 and THOUSANDS.fullmatch(tokens.lower[number.first]) and tokens.lower[before.first].isdigit()
            and tokens.start[number.first] - tokens.end[before.first] == 1 and tokens.text[tokens.end[before.first]] != "\n"
            and (spaced or (number.last < len(tokens) and (tokens.lower[number.last] in read_nouns() or tokens.lower[number.last] in BETWEEN_THOUSANDS)))
        ):
            joined[-1] = Number(before.first, number.last, before.value * 1000 + number.value)
        else:
            joined.append(number)
    return joined


def add_months(tokens: Tokens, before: QuantityMention, mention: QuantityMention) -> bool:
    """"2 years and 9 months" is one duration: the second part is added to the first (P2Y9M)."""
    value, rest = before["value"], mention["value"]
    if not (isinstance(value, str) and isinstance(rest, str)) or tokens.text[before["end"]:mention["start"]].strip() not in {"and", ",", ""}:
        return False
    if not (YEARS.fullmatch(value) and MONTHS.fullmatch(rest)):
        return False
    before["value"], before["end"] = value + rest[1:], mention["end"]
    before["text"] = tokens.text[before["start"]:before["end"]]
    return True


def is_restated(tokens: Tokens, before: QuantityMention, mention: QuantityMention) -> bool:
    """True for "one year of full-time work (1,560 hours)": the same time in hours."""
    gap = tokens.text[before["end"]:mention["start"]] if mention["start"] - before["end"] <= LONGEST_RESTATED else ""
    return before["kind"] == mention["kind"] == "duration" and str(mention["value"]).startswith("PT") and (
        not str(before["value"]).startswith("PT") and "(" in gap and ")" not in gap)


def is_conversion(tokens: Tokens, before: QuantityMention, mention: QuantityMention) -> bool:
    """True for "£25,600 ($33,245)": the same money in another currency."""
    return before["kind"] == mention["kind"] == "money" and before["unit"] != mention["unit"] and (
        tokens.text[before["end"]:mention["start"]].strip() in CONVERSION_SIGNS and tokens.text[mention["end"]:mention["end"] + 1] == ")")


def complete_ellipsis(tokens: Tokens, mention: QuantityMention, before: QuantityMention | None) -> QuantityMention:
    """"From two years to one", "two years, not three", "from 6.0 to 6.5": the second number counts what the first counts."""
    if before is None or mention["kind"] != "number" or mention["noun"] or before["kind"] not in ELLIPTIC:
        return mention
    gap = tokens.text[before["end"]:mention["start"]].replace(",", " ").split()
    value, earlier = mention["value"], before["value"]
    if not gap or "\n" in tokens.text[before["end"]:mention["start"]] or len(gap) > LONGEST_ELLIPSIS or not isinstance(value, float) or value > HIGHEST_ELLIPSIS:
        return mention
    if gap not in (["to"], ["or"]) and not (ELLIPSIS_ENDS & {gap[-1].lower()} and ends_phrase(tokens, mention["end"])):
        return mention
    if before["kind"] == "level" and value >= 1:
        mention["kind"], mention["unit"] = "level", before["unit"]
    elif before["kind"] == "percent":
        mention["kind"], mention["unit"] = "percent", "percent"
    elif isinstance(earlier, str) and not earlier.startswith("PT"):
        mention["kind"], mention["unit"], mention["value"] = "duration", before["unit"], write_duration(value, earlier[-1])
    return mention


def ends_phrase(tokens: Tokens, end: int) -> bool:
    """True where what follows a number is no word that it may count."""
    first, _ = tokens.range(end, end + 1)
    while first < len(tokens) and tokens.start[first] < end:
        first += 1
    return first == len(tokens) or not tokens.lower[first].isalpha() or tokens.lower[first] in AFTER_ELLIPSIS or "\n" in tokens.text[end:tokens.start[first]]


def share_unit(tokens: Tokens, before: QuantityMention, mention: QuantityMention) -> None:
    """"2 or 3 years", "from 20 to 10 per cent", "from two to three years": the first number counts what the second counts."""
    value, later = before["value"], mention["value"]
    gap = tokens.text[before["end"]:mention["start"]].strip()
    if before["kind"] != "number" or not isinstance(value, float) or value > HIGHEST_ELLIPSIS * 2 or gap not in {"or", "to"}:
        return
    if mention["kind"] == "duration" and isinstance(later, str) and value <= HIGHEST_ELLIPSIS and not later.startswith("PT"):
        before["kind"], before["unit"], before["value"] = "duration", mention["unit"], write_duration(value, later[-1])
    elif mention["kind"] == "percent":
        before["kind"], before["unit"] = "percent", "percent"
