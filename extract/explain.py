"""Show what was found in a text and why: the text cut into marked stretches, and each fact with its reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extract.vocabulary import load_pathways

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARKED = ("pathway", "novel_pathway", "noc", "date", "quantity")
SUBJECTS = {  # how a fact's pathway was found, in words
    "clause": "named in the same clause", "sentence": "named in the same sentence", "list": "named in the sentence that leads the list",
    "heading": "named in the heading above", "before": "named shortly before", "topic": "what the document is about",
    "round": "the round that the figures around belong to", "column": "named at the head of the table's column or row", "row": "named in the table's row",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the text. `kind` is a type of mention, or "" between mentions; `label` its id or value; `facts` number the facts whose value it is, from 1."""

    text: str
    kind: str = ""
    label: str = ""
    facts: tuple[int, ...] = ()


def mark_text(record: Mapping[str, Any], text: str) -> Iterator[Stretch]:
    """The whole text as stretches in order; where mentions overlap, the one that begins first is marked, of these the longest.

    `record` is what `extract.pipeline.annotate` gave for `text`.
    """
    values: dict[tuple[int, int], list[int]] = {}
    for number, fact in enumerate(record["facts"], 1):
        for span in fact["spans"]:
            if span["role"] == "value":
                values.setdefault((span["start"], span["end"]), []).append(number)
    mentions = sorted((mention for mention in record["mentions"] if mention["type"] in MARKED),
                      key=lambda mention: (mention["start"], -mention["end"], MARKED.index(mention["type"])))
    at = 0
    for mention in mentions:
        start, end = mention["start"], mention["end"]
        if start < at:
            continue
        if start > at:
            yield Stretch(text[at:start])
        facts = sorted({number for (low, high), numbers in values.items() if low < end and start < high for number in numbers})
        label = spell(mention["value"]) if mention["type"] == "quantity" else str(mention["id"])
        yield Stretch(text[start:end], mention["type"], label, tuple(facts))
        at = end
    if at < len(text):
        yield Stretch(text[at:])


def explain_fact(fact: Mapping[str, Any], text: str) -> list[tuple[str, str]]:
    """Why a fact of a record was found, as pairs of a name and words: its evidence, rule, cue, pathway, marks and score."""
    pathway = load_pathways()[fact["pathway"]]
    why = fact.get("why", {})
    found = SUBJECTS.get(why.get("subject", ""), "")
    value = spell(fact["value"])
    bounds = {"eq": "", "le": "up to ", "lt": "under ", "ge": "at least ", "gt": "over ", "approx": "about ", "range": "from "}
    lines = [
        ("fact", f"{fact['pathway']} · {fact['attribute']} · {bounds.get(fact['comparator'], '')}{value} {fact['unit'] or ''}".rstrip()
         + (f" · {fact['period']}" if fact["period"] else "") + (f" · {fact['modality']}" if fact["modality"] != "asserted" else "")),
        ("evidence", text[fact["evidence"]["start"]:fact["evidence"]["end"]]),
        ("pathway", pathway.name + (f": {found}" if found else "")),
        ("rule", fact["rule"] + (f", by the cue “{why['cue']}”" if why.get("cue") else "")),
        ("marks", ", ".join(f"{span['role']} “{text[span['start']:span['end']]}”" for span in fact["spans"])),
        ("score", f"{fact['score']:.2f}"),
    ]
    return [(name, words) for name, words in lines if words]


def spell(value: Any) -> str:
    """A value in words: 500, 12.5, 375000 to 395000, P2W."""
    if isinstance(value, list):
        return " to ".join(spell(part) for part in value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
