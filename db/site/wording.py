"""Put values, dates and ids into words: "le 10000 people" is "up to 10,000 people".

Every function takes what stands in the database and never fails on it: what it can't read it gives back as it is.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# EDTF sub-year groupings, Library of Congress EDTF specification, level 1 (seasons) and level 2 (quarters).
SEASONS = {
    "21": "spring", "22": "summer", "23": "autumn", "24": "winter",
    "33": "first quarter", "34": "second quarter", "35": "third quarter", "36": "fourth quarter",
}  # fmt: skip
DURATION_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day", "h": "hour", "m": "minute"}

_DATE = re.compile(r"(\d{4}|XXXX)(?:-(\d\d|XX))?(?:-(\d\d|XX))?([~?%])?")
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_DAY_WITHIN = re.compile(r"(?<![\w/-])\d{4}-\d\d-\d\d(?![\w/-])")
_ISO = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\dZ)?)?)?")
_NUMBER = re.compile(r"(-?)(\d+)(\.\d+)?")
_MONEY = re.compile(r"([A-Z]{3})(?: per (\w+))?")
# Directions of writing and other invisible controls, by which a text could pretend to say something else.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def show(text: object) -> str:
    """`text` with each invisible control character replaced by U+FFFD, one for one, so that offsets still hold."""
    return "" if text is None else _CONTROLS.sub("\ufffd", str(text))


def say_attribute(attribute: str) -> str:
    """The attribute's name for people: `cutoff_score` is "cut-off score"."""
    known = WORDS["attributes"].get(attribute)
    return str(known["label"]) if known else attribute.replace("_", " ")


def say_value(attribute: str, value: str, unit: str | None = None, comparator: str = "eq") -> str:
    """A fact's value with its unit and comparator: "up to 10,000 people", "31 July 2023", "6 to 8 weeks"."""
    kind = WORDS["attributes"].get(attribute, {}).get("type", "number")
    low, between, high = value.partition("..")
    if kind == "date":
        said = say_date(value)
    elif kind == "duration":
        said = _join_range(say_duration(low), say_duration(high)) if between and high else say_duration(value)
    elif kind == "code":
        return show(f"NOC {value}" if not unit or unit == "NOC 2021" else f"{unit} {value}")
    elif between and high:
        said = _with_unit(f"{say_number(low)} to {say_number(high)}", value, unit, attribute)
    else:
        said = _with_unit(say_number(value), value, unit, attribute)
    pattern = WORDS["comparators"].get(kind, {}).get(comparator, "{}")
    return show(pattern.format(said) if pattern != "{}" else said)


def say_number(text: str) -> str:
    """A number with separators between thousands: "10,000"; anything else as it is."""
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > 30:
        return text
    sign, whole, fraction = found.groups()
    fraction = "" if fraction is None or not fraction.strip(".0") else fraction
    minus = "\N{MINUS SIGN}" if sign else ""
    return f"{minus}{int(whole):,}{fraction}"


def _with_unit(number: str, value: str, unit: str | None, attribute: str) -> str:
    if not unit or unit == say_attribute(attribute):
        return number
    money = _MONEY.fullmatch(unit)
    if unit == "percent":
        return f"{number}%"
    if unit in WORDS["scales"]["names"]:
        return f"{unit} {number}"
    if money:
        return f"{money[1]} {number}" + (f" per {money[2]}" if money[2] else "")
    return f"{number} {WORDS['singular'].get(unit, unit) if value == '1' else unit}"


def _join_range(low: str, high: str) -> str:
    """One range of two durations: "6 weeks" and "8 weeks" are "6 to 8 weeks"."""
    first, second = low.split(" "), high.split(" ")
    if len(first) == len(second) == 2 and first[1].rstrip("s") == second[1].rstrip("s"):
        return f"{first[0]} to {high}"
    return f"{low} to {high}"


def say_duration(text: str) -> str:
    """An ISO 8601 duration: "P1Y6M" is "1 year 6 months"."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return text
    parts = [(number, name) for number, name in zip(found.groups(), DURATION_UNITS.values(), strict=True) if number]
    return " ".join(f"{number} {name}{'' if int(number) == 1 else 's'}" for number, name in parts)


def say_date(text: str) -> str:
    """An EDTF date or interval: "2023-07-16" is "16 July 2023", "2023-07/2023-09" is "July 2023 to September 2023".

    Of a date with a time, the civil date as stated.
    """
    start, between, end = text.partition("/")
    if not between:
        return _say_day(text)
    if start in {"", ".."}:
        return f"until {_say_day(end)}"
    if end in {"", ".."}:
        return f"from {_say_day(start)}"
    return f"{_say_day(start)} to {_say_day(end)}"


def say_dates_within(text: str) -> str:
    """A text with its ISO days in words: "Draw 2026-05-21" is "Draw 21 May 2026"."""
    return _DAY_WITHIN.sub(lambda found: _say_day(found[0]), text)


def _say_day(text: str) -> str:
    found = _DATE.fullmatch(text[:10] if text[10:11] == "T" else text)
    if found is None:
        return text
    year, month, day, doubt = found.groups()
    name = SEASONS.get(month or "") or (MONTHS[int(month) - 1] if month and month.isdigit() and 1 <= int(month) <= 12 else "")
    if month and not name and month != "XX":
        return text
    parts = [str(int(day)) if day and day.isdigit() else "", name, year if year.isdigit() else "(year not given)"]
    said = " ".join(part for part in parts if part)
    return f"about {said}" if doubt else said


def say_moment(text: str | None) -> str:
    """A UTC timestamp: "2026-08-07T11:30:00Z" is "7 August 2026, 11:30 UTC"."""
    if not text or len(text) < 16 or text[10] != "T":
        return show(text)
    return f"{_say_day(text[:10])}, {show(text[11:16])} UTC"


def say_fact(fact: dict[str, Any]) -> str:
    """What a fact says after its pathway's name: "cap: up to 10,000 people", "eligible occupation: NOC 21231, Software engineers"."""
    said = say_value(fact["attribute_id"], fact["value"], fact["unit"], fact["comparator"])
    kind = WORDS["attributes"].get(fact["attribute_id"], {}).get("type")
    label = say_attribute(fact["attribute_id"])
    occupation = fact.get("occupation")
    if kind == "code" and occupation:
        said = f"{said}, {show(occupation)}"
    return f"{show(label)}: {said}"


def say_change(correction: dict[str, Any]) -> str:
    """What a row of `corrections` replaced: "invitations: 5,500, now 5,000"; "" where it names no value."""
    before, after = (_read_json(correction[name]) for name in ("before_json", "after_json"))
    attribute = str((before or after).get("attribute_id") or "")
    old, new = (say_value(attribute, str(row["value"]), str(row.get("unit") or ""), str(row.get("comparator") or "eq")) if "value" in row else "" for row in (before, after))
    label = f"{show(say_attribute(attribute))}: " if attribute else ""
    if old and new:
        return f"{label}{old}, now {new}."
    return f"{label}{old} is no longer on record." if old else f"{label}{new}." if new else ""


def _read_json(text: str | None) -> dict[str, Any]:
    try:
        read = json.loads(text or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def is_iso_date(text: object) -> bool:
    """Whether HTML's `datetime` takes the text: a year, month or day, or a UTC moment, and no interval."""
    return isinstance(text, str) and _ISO.fullmatch(text) is not None
