"""The spaCy components for layout, dates, quantities and cues."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from spacy.language import Language

from extract.cues.match import make_items, match_cues, read_context_index, read_index
from extract.dates.find import find_dates
from extract.dates.resolve import Surroundings, resolve_dates
from extract.layout import infer_blocks
from extract.quantities.find import find_quantities
from extract.shelf import Shelf, read_shelf
from extract.tokens import split_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.tokens import Doc

YEAR_HEADING = re.compile(r"(?:19|20)\d\d")

@Language.factory("landed_layout", assigns=["doc._.landed"])
def make_layout(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component that puts tokens and blocks on the Doc; blocks are inferred where the page gave none."""
    del nlp, name
    return annotate_layout


def annotate_layout(doc: Doc) -> Doc:
    """Tokens and blocks."""
    shelf = read_shelf(doc)
    tokens = split_tokens(shelf.text)
    doc._.landed["tokens"] = [tokens.lower, tokens.start, tokens.end]
    if not shelf.blocks:
        doc._.landed["blocks"] = [asdict(block) for block in infer_blocks(shelf.text)]
    return doc


def read_edges(shelf: Shelf) -> list[int]:
    """Offsets over which no date or quantity may reach: where blocks and cells begin."""
    return sorted({block.start for block in shelf.blocks} | {start for block in shelf.blocks for start, _ in block.cells})


@Language.factory("landed_dates", assigns=["doc._.landed", "doc.spans"])
def make_dates(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component that finds and resolves calendar expressions."""
    del nlp, name
    return annotate_dates


def annotate_dates(doc: Doc) -> Doc:
    """Set doc._.landed["dates"] and doc.spans["dates"]."""
    shelf = read_shelf(doc)
    edges = read_edges(shelf)
    years: list[int] = []
    above = 0
    for block in shelf.blocks:
        if block.kind in {"heading", "title"}:
            match = YEAR_HEADING.fullmatch(shelf.text, block.start, block.end)
            above = int(match.group()) if match else 0
        years.append(above)
    around = Surroundings([block.start for block in shelf.blocks], years)
    mentions = resolve_dates(shelf.tokens, find_dates(shelf.tokens, edges), shelf.published, around)
    doc._.landed["dates"] = [dict(mention) for mention in mentions]
    set_spans(doc, "dates", [(mention["start"], mention["end"], mention["edtf"]) for mention in mentions])
    return doc


@Language.factory("landed_quantities", assigns=["doc._.landed", "doc.spans"])
def make_quantities(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component that finds numbers, money, durations, percentages and language levels."""
    del nlp, name
    return annotate_quantities


def annotate_quantities(doc: Doc) -> Doc:
    """Set doc._.landed["quantities"] and doc.spans["quantities"]."""
    shelf = read_shelf(doc)
    taken = [(mention["start"], mention["end"]) for mention in shelf.dates]
    mentions = find_quantities(shelf.tokens, read_edges(shelf), taken)
    doc._.landed["quantities"] = [dict(mention) for mention in mentions]
    set_spans(doc, "quantities", [(mention["start"], mention["end"], mention["kind"]) for mention in mentions])
    return doc


@Language.factory("landed_cues", assigns=["doc._.landed", "doc.spans"])
def make_cues(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component that records the cues of a text."""
    del nlp, name
    return annotate_cues


def annotate_cues(doc: Doc) -> Doc:
    """Set doc._.landed["cues"] and doc.spans["cues"]: cues that take a value, and words that colour a sentence."""
    shelf = read_shelf(doc)
    found: list[dict[str, Any]] = []
    for block in shelf.blocks:
        items = make_items(shelf.tokens, block.start, block.end, [])
        for index in (read_index(), read_context_index()):
            for match in match_cues(items, index):
                category = match.cue.category
                if category != "none" and match.last > match.first:
                    found.append({"category": category, "literal": match.cue.id, "start": items[match.first].start,
                                  "end": items[match.last - 1].end})
    doc._.landed["cues"] = found
    set_spans(doc, "cues", [(cue["start"], cue["end"], cue["category"]) for cue in found])
    return doc


def set_spans(doc: Doc, key: str, places: list[tuple[int, int, str]]) -> None:
    """Spans of whole tokens under doc.spans[key]; the plain data keeps the exact offsets."""
    spans = [doc.char_span(start, end, label=key.upper(), span_id=name, alignment_mode="expand") for start, end, name in places]
    doc.spans[key] = [span for span in spans if span is not None]
