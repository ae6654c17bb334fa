"""The pipeline as one call: a document in, a record out.

The record is plain data (see `annotate`); offsets are code points into the document's text, ends excluded.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import spacy

import extract.components
import extract.facts.component
import extract.occupations.component
import extract.pathways.component
import extract.tokens  # noqa: F401  (registers the tokenizer)
from extract.shelf import fill_shelf

if TYPE_CHECKING:
    from spacy.language import Language

    from extract.document import Document

COMPONENTS = ("landed_layout", "landed_pathways", "landed_dates", "landed_quantities", "landed_occupations", "landed_cues", "landed_facts")
SURROGATE = re.compile("[\ud800-\udfff]")
LONGEST_TEXT = 50_000_000  # characters; spaCy's own limit guards models that the pipeline doesn't have


def compute_version() -> str:
    """A hash over the package's code and data: it changes whenever rules or vocabulary change."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".csv", ".toml"}:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


PIPELINE_VERSION = compute_version()


@cache
def load() -> Language:
    """The spaCy Language with all components; built once in a process."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "landed_tokenizer.v1"}}})
    nlp.max_length = LONGEST_TEXT
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


def annotate(document: Document) -> dict[str, Any]:
    """Everything that a document's text says, as plain data.

    Returns the keys id, language, pathways (sorted ids), dates and nocs (each value once), novel_pathways, facts, and
    mentions (all of them, by place). A text longer than 50 million characters raises ValueError.
    """
    nlp = load()
    if SURROGATE.search(document.text):  # half a character can't be written as UTF-8, and spaCy writes every word
        document = replace(document, text=SURROGATE.sub("\ufffd", document.text))
    doc = nlp.make_doc(document.text)
    fill_shelf(doc, document)
    for _, component in nlp.pipeline:
        doc = component(doc)
    pathways = doc._.pathways or []
    return build_record(document, doc._.landed, pathways, doc._.occupations or [])


def build_record(document: Document, landed: dict[str, Any], pathways: list[dict[str, Any]],
                 occupations: list[dict[str, Any]]) -> dict[str, Any]:
    """The record of a document from what the components found."""
    dates: dict[str, dict[str, Any]] = {}
    for mention in landed["dates"]:
        known = dates.setdefault(mention["edtf"], mention)
        if not known["role"] and mention["role"]:
            dates[mention["edtf"]] = mention
    nocs: dict[str, dict[str, Any]] = {}
    for mention in occupations:
        nocs.setdefault(mention["code"], {key: mention[key] for key in (
            "code", "edition", "start", "end", "title_printed", "title_official", "flags")})
    mentions = [
        *({"type": "pathway", "id": mention["id"], "value": None, "start": mention["start"], "end": mention["end"]} for mention in pathways),
        *({"type": "date", "id": mention["edtf"], "value": mention["edtf"], "start": mention["start"], "end": mention["end"]}
          for mention in landed["dates"]),
        *({"type": "quantity", "id": mention["kind"], "value": mention["value"], "start": mention["start"], "end": mention["end"]}
          for mention in landed["quantities"]),
        *({"type": "noc", "id": mention["code"], "value": mention["code"], "start": mention["start"], "end": mention["end"]}
          for mention in occupations),
        *({"type": "cue", "id": mention["category"], "value": None, "start": mention["start"], "end": mention["end"]}
          for mention in landed["cues"]),
        *({"type": "novel_pathway", "id": mention["name"], "value": None, "start": mention["start"], "end": mention["end"]}
          for mention in landed["novel_pathways"]),
    ]
    for mention in mentions:
        mention["text"] = document.text[mention["start"]:mention["end"]]
    mentions.sort(key=lambda mention: (mention["start"], mention["end"], mention["type"]))
    return {
        "id": document.id, "language": document.language or "en",
        "pathways": sorted({mention["id"] for mention in pathways}),
        "dates": list(dates.values()), "nocs": list(nocs.values()),
        "novel_pathways": list(dict.fromkeys(mention["name"] for mention in landed["novel_pathways"])),
        "facts": landed["facts"], "mentions": mentions,
    }
