"""A number with its place, and a quantity with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


class QuantityMention(TypedDict):
    """A quantity: kind number | money | percent | duration | level; value a number, [low, high] or an ISO 8601 duration.

    `unit` is a currency ("$" where the country is open), "percent", a scale, or the class of the noun that is counted;
    `rate` is hour, week, month or year for money per time. Offsets cover the number with its unit, not the comparator.
    """

    text: str
    kind: str
    value: float | list[float] | str | list[str]
    unit: str
    noun: str
    comparator: str
    rate: str
    start: int
    end: int
    compared_from: int


@dataclass(frozen=True, slots=True)
class Number:
    """A number's tokens (first, one past the last) and value."""

    first: int
    last: int
    value: float


def write_duration(number: float, unit: str) -> str:
    """ISO 8601: P2W, P6M, P1.5Y, PT12H."""
    figure = f"{number:g}" if number < 1_000_000 else str(int(number))
    return f"PT{figure}H" if unit == "H" else f"P{figure}{unit}"
