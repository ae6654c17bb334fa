"""The time in which a cap or target holds: from its own clause, its paragraph, its list, or the heading above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.cues.match import Item
    from extract.facts.reading import Mention, Passage, Reading

SPANS = frozenset({"year", "interval", "month", "quarter", "season"})
YEARS = frozenset({"year", "interval"})
PERIOD_REACH = 12  # items behind a value in which the time that it holds for is named
MODIFIER = 5  # items between a year and the value of the noun that it modifies: "the 2025 issuance target of 437,000"
PARTING = frozenset({",", ";", "and", "to", "or", "from", "than", "but", "(", ")", ":", "while", "after", "that", "which", "when"})
TITLING = frozenset({"immigration", "levels", "plan", "<path>", "budget", "strategy", "report", "agreement", "form", "forms", "pool"})
TITLE_REACH = 3
FRAME = 4  # items at the beginning of a sentence in which a date frames all of it: "For 2025, ..."
NEXT = 4  # items behind a value in which a date belongs to it whatever frames the sentence
EFFECTIVE = frozenset({"from", "effective", "starting", "beginning", "since", "after"})
ENDING = frozenset({"until", "till", "through", "before"})
COMPARED = frozenset({"since", "compared", "before", "until"})


def find_period(reading: Reading, passage: Passage, item: Item, items: list[Item]) -> str | None:
    """The year or span in which a value holds: the nearest in the sentence, else of the paragraph, list, heading or title."""
    place = items.index(item)
    dates = [each for each in items if each.slot == "date" and each.mention["precision"] in SPANS]
    dates = [each for each in dates if not is_told(items, items.index(each))] or dates
    plain = [each for each in dates if not is_titling(items, items.index(each))]
    chosen = pair_years(items, item, plain) or choose_date(items, place, plain or dates)
    if chosen is not None:
        return str(chosen.mention["edtf"])
    block = reading.blocks[passage.block]
    if block.kind == "paragraph":
        near = {mention["edtf"] for mention in reading.within("dates", block.start, block.end) if mention["precision"] in YEARS}
        before = [mention["edtf"] for mention in reading.within("dates", block.start, passage.start) if mention["precision"] in YEARS]
        if len(near) == 1 or before:
            return str(before[-1] if before else near.pop())
    for around in (reading.intros[passage.block], reading.headings[passage.block], 0):
        years = {mention["edtf"] for mention in reading.dates_of(around) if mention["precision"] in YEARS}
        if len(years) == 1:
            return str(years.pop())
    above = passage.block - 1 if passage.block and reading.blocks[passage.block - 1].kind != "item" else None
    before = [mention["edtf"] for mention in reading.dates_of(above) if mention["precision"] in YEARS]
    return str(before[-1]) if before else value_above(reading.only_year, reading, passage.block)


def pair_years(items: list[Item], item: Item, dates: list[Item]) -> Item | None:
    """The year in the same place as a value, where a sentence first gives some years and then as many values, or the other way round."""
    values = [each for each in items if each.slot == item.slot and each.mention["unit"] in {item.mention["unit"], ""}]
    if not 1 < len(dates) == len(values) or item not in values:
        return None
    apart = dates[-1].start < values[0].start or values[-1].start < dates[0].start
    return dates[values.index(item)] if apart else None


def find_term(reading: Reading, passage: Passage, item: Item, items: list[Item]) -> str | None:
    """The time in which a fee, wage or other term holds, where its sentence, the lead of its list or the heading names it."""
    place = items.index(item)
    dates = [each for each in items if each.slot == "date"]
    for date in sorted(dates, key=lambda each: abs(items.index(each) - place)):
        before = items.index(date) - 1
        period = mark_time(date.mention, {each.word for each in items[max(0, before - 1):before + 1]})
        if period:
            return period
    if reading.blocks[passage.block].kind != "item":
        return None
    return term_above(reading, passage.block)


def term_above(reading: Reading, block: int) -> str | None:
    """The time that the lead of a list or table, or its heading, gives for the terms below: "as of April 2025", "from May 3, 2025"."""
    for around in (reading.intros[block], reading.headings[block]):
        dates = reading.dates_of(around)
        if len(dates) == 1:
            first, _ = reading.tokens.range(dates[0]["start"], dates[0]["end"])
            period = mark_time(dates[0], set(reading.tokens.lower[max(0, first - 2):first]))
            if period:
                return period
    return value_above(reading.only_state, reading, block) or day_above(reading, block)


def day_above(reading: Reading, block: int) -> str | None:
    """The one day that the label or heading over a list bears: "Skilled Worker (May 3, 2024)"."""
    for around in (reading.labels[block], reading.headings[block]):
        days = {mention["edtf"] for mention in reading.dates_of(around) if mention["precision"] == "day"}
        if around and len(days) == 1:
            return str(days.pop())
    return None


def value_above(only: tuple[str, int, int] | None, reading: Reading, block: int) -> str | None:
    """The one date of its kind that stands above a block."""
    return only[0] if only is not None and only[1] < reading.blocks[block].start <= only[2] else None


def mark_time(mention: Mention, words: set[str]) -> str | None:
    """A date with the words before it as the time that a term holds in: "2025-05-03/..", "../2025-05-03", "2025"."""
    edtf, precision = str(mention["edtf"]), mention["precision"]
    if precision in YEARS:
        return edtf if words & {"in", "for", "during", "of", "by"} else None
    if precision not in {"day", "month"}:
        return None
    if words & EFFECTIVE:
        return f"{edtf}/.."
    if words & ENDING:
        return f"../{edtf}"
    return edtf if {"as", "of"} <= words else None


def choose_date(items: list[Item], place: int, dates: list[Item]) -> Item | None:
    """The date that modifies the value's noun, else the one that follows at once, else the one before it, else the nearest."""
    value = items[place]
    before: Item
    for before in reversed(items[max(0, place - MODIFIER):place]):
        if before.word in PARTING or before.slot == value.slot:
            break
        if before in dates:
            return before
    frame = next((each for each in items[:FRAME] if each in dates), None) if items[0].word in {"in", "for", "by", "during"} else None
    for far, after in enumerate(items[place + 1:place + PERIOD_REACH]):
        if after.word in {",", ";"} or (after.slot == value.slot and after.slot != "path") or (frame is not None and far > NEXT):
            break
        if after in dates:
            return after
    if frame is not None and not any(each in dates for each in items[FRAME:place]):
        return frame
    earlier = [each for each in dates if each.start < value.start]
    if earlier:
        return earlier[-1]
    nearest: list[Item] = sorted(dates, key=lambda each: abs(each.start - value.start))
    return nearest[0] if nearest else None


def is_titling(items: list[Item], place: int) -> bool:
    """True for a year that is part of a title: "the 2021-2023 Immigration Levels Plan", "the 2020 form"."""
    return any(item.word in TITLING for item in items[place + 1:place + 1 + TITLE_REACH])


def is_told(items: list[Item], place: int) -> bool:
    """True for "since 2019", "compared with 2023": the value holds at another time."""
    return any(item.word in COMPARED for item in items[max(0, place - 2):place])
