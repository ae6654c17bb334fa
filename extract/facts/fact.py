"""A fact as it is being made, and how it is written out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extract.vocabulary import load_pathways

if TYPE_CHECKING:
    from extract.facts.reading import Mention

CURRENCIES = {"CA": "CAD", "US": "USD", "GB": "GBP", "AU": "AUD", "NZ": "NZD"}
HOURLY_LIMIT = 400  # a wage above this without "per hour" is a yearly one
DATE_ATTRIBUTES = frozenset({"announced_on", "opens_on", "closes_on", "effective_on", "draw_on", "cap_reached_on"})
DRAWN_UNITS = {"invitations": "invitations", "cutoff_score": "points"}  # whatever noun the row or the sentence counts
DRAW_ATTRIBUTES = frozenset({"invitations", "cutoff_score", "draw_on"})

Value = float | str | list[float] | list[str]


@dataclass
class Fact:
    """One fact. `spans` are (role, start, end); `scope` says whom it holds for where that isn't the whole pathway.

    `cue` is the literal of the cue that claimed the value, `found` how the pathway was found (clause, sentence, list,
    heading, before, topic); both are empty where a rule needs none, as in tables.
    """

    pathway: str
    attribute: str
    value: Value
    unit: str
    comparator: str
    period: str | None
    modality: str
    evidence: tuple[int, int]
    spans: list[tuple[str, int, int]]
    rule: str
    score: float
    scope: str | None = None
    titles: dict[str, str | None] = field(default_factory=dict)
    cue: str = ""
    found: str = ""

    def key(self) -> tuple[str, str, str, str]:
        """What makes two facts the same."""
        return self.pathway, self.attribute, repr(self.value), self.period or ""

    def write(self, text: str) -> dict[str, Any]:
        """The fact as a record's plain data."""
        start, end = self.evidence
        value_span = next(((a, b) for role, a, b in self.spans if role == "value"), self.evidence)
        return {
            "pathway": self.pathway, "attribute": self.attribute, "value": self.value,
            "unit": "EDTF" if self.attribute in DATE_ATTRIBUTES else DRAWN_UNITS.get(self.attribute, self.unit),
            "comparator": self.comparator, "period": self.period, "modality": self.modality, "scope": self.scope,
            "as_written": text[value_span[0]:value_span[1]],
            "evidence": {"start": start, "end": end},
            "spans": [{"role": role, "start": a, "end": b} for role, a, b in sorted(self.spans, key=lambda span: span[1:])],
            "rule": self.rule, "score": round(self.score, 3),
            "why": {name: words for name, words in (("cue", self.cue), ("subject", self.found)) if words}, **self.titles,
        }


def plain(number: float) -> float:
    """A whole number as an int, so that it is written without a point."""
    return int(number) if number == int(number) else number


def read_value(mention: Mention) -> Value:
    """The value of a quantity: a number, a duration, or the two ends of a range."""
    value: Any = mention["value"]
    if isinstance(value, list):
        return [plain(item) if isinstance(item, float) else item for item in value]
    return plain(value) if isinstance(value, float) else str(value)


def currency_of(mention: Mention, pathway: str) -> str:
    """The currency of money; the dollar is that of the country whose pathway it is about."""
    unit = str(mention["unit"])
    if unit != "$":
        return unit
    jurisdiction = load_pathways()[pathway].jurisdiction if pathway in load_pathways() else "CA"
    return CURRENCIES.get(jurisdiction.partition("-")[0], "CAD")


def wage_unit(mention: Mention, pathway: str) -> str:
    """CAD/hour or CAD/year, by the words or else by the size."""
    rate = str(mention["rate"])
    value = mention["value"]
    high = value[-1] if isinstance(value, list) else value
    if rate not in {"hour", "week", "month", "year"}:
        rate = "hour" if isinstance(high, float) and high < HOURLY_LIMIT else "year"
    return f"{currency_of(mention, pathway)}/{rate}"


def split_interval(edtf: str) -> tuple[str, str]:
    """The two ends of an interval; a plain date is both."""
    first, _, last = edtf.partition("/")
    return first, last or first
