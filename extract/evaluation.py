"""Compare records with annotated ones: precision, recall and F1 by layer, group of attributes and attribute.

The layers pathways, dates and nocs are sets of values in each document; a fact is its pathway, attribute and value.
Counts are added up over documents before they are divided (micro-average). Over the facts that match, comparator,
unit, period and the overlap of the evidence are measured too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, TypedDict

from extract.vocabulary import load_attributes, load_pathways

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GROUPS = {
    "caps": ("cap", "target"),
    "draws": ("invitations", "cutoff_score", "draw_on"),
    "milestones": ("announced_on", "opens_on", "closes_on", "effective_on", "cap_reached_on"),
    "occupations": ("eligible_noc", "excluded_noc"),
    "terms": ("fee", "processing_time", "permit_validity", "min_wage", "min_language", "min_experience"),
}
THRESHOLDS = frozenset({"cutoff_score", "min_wage", "min_language", "min_experience"})  # bounds by nature: no comparator is compared
NUMBERS = frozenset({"cap", "target", "invitations", "cutoff_score", "fee", "min_wage", "min_language"})
LAYERS = ("pathways", "dates", "nocs", "facts")
DURATION = re.compile(
    r"P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(\d+)H|T)?"
)
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
DIGITS = 4  # of the measures

Key = tuple[Any, ...]
Record = dict[str, Any]


class Scores(TypedDict):
    """Measures of one layer, group or attribute."""

    precision: float
    recall: float
    f1: float
    gold: int
    predicted: int
    hits: int


class Report(TypedDict):
    """What `evaluate` returns. `errors` are (document, layer, "missed" or "false", key)."""

    layers: dict[str, Scores]
    groups: dict[str, Scores]
    attributes: dict[str, Scores]
    near: Scores
    mean_f1_of_groups: float | None
    matched: dict[str, float]
    false_facts_per_negative_document: float | None
    documents: dict[str, int]
    errors: list[tuple[str, str, str, Key]]


def normalize_value(value: Any) -> Any:
    """A hashable form in which equal values are equal: 10000 and "10,000", P2W and P14D, P12M and P1Y."""
    if isinstance(value, (list, tuple)):
        return tuple(normalize_value(item) for item in value)
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        return round(float(value), 6)
    text = str(value).strip()
    duration = DURATION.fullmatch(text)
    if duration and text != "P":
        years, months, weeks, days, hours = (float(part or 0) for part in duration.groups())
        return ("duration", years * 12 + months, weeks * 7 + days + hours / 24)
    return round(float(text.replace(",", "")), 6) if GROUPED.fullmatch(text) else text


def key_fact(fact: Record) -> Key:
    """What makes two facts the same: pathway, attribute and value."""
    attribute, value = fact.get("attribute", ""), fact.get("value")
    if attribute.endswith("_noc"):
        return fact.get("pathway"), attribute, str(value)
    if attribute in NUMBERS:
        try:
            numbers = [float(str(item).replace(",", "")) for item in (value if isinstance(value, list) else [value])]
        except ValueError:
            return fact.get("pathway"), attribute, normalize_value(value)
        return fact.get("pathway"), attribute, normalize_value(numbers if isinstance(value, list) else numbers[0])
    return fact.get("pathway"), attribute, normalize_value(value)


def list_keys(record: Record, layer: str) -> set[Key]:
    """The keys of one layer of a record."""
    if layer == "facts":
        return {key_fact(fact) for fact in record.get("facts", [])}
    if layer == "pathways":
        return {(pathway,) for pathway in record.get("pathways", [])}
    field = {"dates": "edtf", "nocs": "code"}[layer]
    return {(str(item[field]),) for item in record.get(layer, [])}


def measure(counts: Mapping[str, int]) -> Scores:
    """Precision, recall and F1 of counted hits; 0 where nothing was predicted or nothing is there to be found."""
    hits, predicted, gold = counts["hits"], counts["predicted"], counts["gold"]
    precision = hits / predicted if predicted else 0.0
    recall = hits / gold if gold else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Scores(precision=round(precision, DIGITS), recall=round(recall, DIGITS), f1=round(f1, DIGITS),
                  gold=gold, predicted=predicted, hits=hits)


def count_near(want: set[Key], got: set[Key]) -> int:
    """Facts that match where an ancestor or descendant of the pathway counts as the pathway; each gold fact once."""
    left = list(want - got)
    hits = len(want & got)
    for pathway, *rest in sorted(got - want, key=repr):
        for candidate in left:
            if list(candidate[1:]) == rest and are_related(candidate[0], pathway):
                left.remove(candidate)
                hits += 1
                break
    return hits


def are_related(one: str, other: str) -> bool:
    """True where one pathway is the other or one of its ancestors."""
    return one in list_line(other) or other in list_line(one)


def list_line(pathway: str | None) -> list[str]:
    """A pathway and its ancestors, nearest first."""
    line: list[str] = []
    while pathway and pathway not in line:
        line.append(pathway)
        known = load_pathways().get(pathway)
        pathway = known.parent_id if known else None
    return line


def shows(evidence: Mapping[str, int] | None, fact: Record, text: str | None) -> bool | None:
    """True where the evidence overlaps the gold fact's words; None where the gold fact has none to compare with."""
    if "start" in fact and "end" in fact:
        return overlap(evidence, fact["start"], fact["end"])
    quote = fact.get("quote")
    if not quote or not text or quote not in text:
        return None
    start = text.find(quote)
    while start >= 0:
        if overlap(evidence, start, start + len(quote)):
            return True
        start = text.find(quote, start + 1)
    return False


def overlap(evidence: Mapping[str, int] | None, start: int, end: int) -> bool:
    """True where a stretch shares a character with another."""
    return bool(evidence) and evidence["start"] < end and start < evidence["end"]  # type: ignore[index]


class Tally:
    """Counts while documents are compared."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.matched: Counter[str] = Counter()
        self.negative: Counter[str] = Counter()
        self.errors: list[tuple[str, str, str, Key]] = []

    def add(self, kind: str, name: str, want: set[Key], got: set[Key]) -> None:
        """Count two sets of keys."""
        self.counts[kind, name] += Counter(hits=len(want & got), predicted=len(got), gold=len(want))

    def compare(self, document: str, gold: Record, guess: Record, text: str | None) -> None:
        """Count one document."""
        for layer in LAYERS:
            want, got = list_keys(gold, layer), list_keys(guess, layer)
            self.add("layer", layer, want, got)
            self.errors += [(document, layer, "missed", key) for key in sorted(want - got, key=repr)]
            self.errors += [(document, layer, "false", key) for key in sorted(got - want, key=repr)]
        self.counts["near", "facts"] += Counter(hits=count_near(want, got), predicted=len(got), gold=len(want))
        for kind, names in (("group", GROUPS), ("attribute", {name: (name,) for name in load_attributes()})):
            for name, attributes in names.items():
                self.add(kind, name, *({key for key in keys if key[1] in attributes} for keys in (want, got)))
        self.compare_matched(gold, guess, text)
        if not gold.get("facts"):
            self.negative += Counter(documents=1, facts=len(guess.get("facts", [])))

    def compare_matched(self, gold: Record, guess: Record, text: str | None) -> None:
        """Count how the matched facts agree in what stands beside the value."""
        index = {key_fact(fact): fact for fact in gold.get("facts", [])}
        for fact in guess.get("facts", []):
            match = index.get(key_fact(fact))
            if match is None:
                continue
            for field in ("comparator", "unit", "period"):
                if match.get(field) in {None, ""} or (field == "comparator" and match["attribute"] in THRESHOLDS):
                    continue
                self.matched[f"{field} of"] += 1
                self.matched[field] += match[field] == fact.get(field)
            shown = shows(fact.get("evidence"), match, text)
            if shown is not None:
                self.matched["evidence of"] += 1
                self.matched["evidence"] += shown

    def measure_all(self, kind: str) -> dict[str, Scores]:
        """The measures of one kind, by name."""
        return {name: measure(counts) for (each, name), counts in self.counts.items() if each == kind}


def evaluate(gold: Iterable[Record], predicted: Iterable[Record], texts: Mapping[str, str] | None = None) -> Report:
    """Compare predicted records with gold records of the same `id`; a document without a prediction counts as empty.

    `texts` maps ids to texts, in which a gold fact's quote is looked up. A record without `id` raises KeyError.
    """
    guesses = {record["id"]: record for record in predicted}
    wanted = {record["id"]: record for record in gold}
    tally = Tally()
    for document, record in wanted.items():
        text = record.get("text") or (texts or {}).get(document)
        tally.compare(document, record, guesses.get(document, {}), text)
    groups = tally.measure_all("group")
    present = [scores["f1"] for scores in groups.values() if scores["gold"]]
    negative = tally.negative
    return Report(
        layers=tally.measure_all("layer"), groups=groups, attributes=tally.measure_all("attribute"),
        near=measure(tally.counts["near", "facts"]),
        mean_f1_of_groups=round(sum(present) / len(present), DIGITS) if present else None,
        matched={field: round(tally.matched[field] / tally.matched[f"{field} of"], DIGITS)
                 for field in ("comparator", "unit", "period", "evidence") if tally.matched[f"{field} of"]},
        false_facts_per_negative_document=round(negative["facts"] / negative["documents"], DIGITS) if negative["documents"] else None,
        documents={"gold": len(wanted), "answered": len(wanted.keys() & guesses.keys())}, errors=tally.errors,
    )
