"""The spaCy component `landed_occupations`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc

from extract.occupations.codes import find_occupations
from extract.occupations.titles import find_titles
from extract.pathways.names import read_names
from extract.shelf import read_shelf

if TYPE_CHECKING:
    from collections.abc import Callable

if not Doc.has_extension("occupations"):
    Doc.set_extension("occupations", default=None)
    Doc.set_extension("occupation_titles", default=None)


@Language.factory("landed_occupations", assigns=["doc._.occupations", "doc._.occupation_titles", "doc.spans"])
def make_occupations(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component: NOC codes go to doc._.occupations as plain data, in order of their offsets."""
    del nlp, name
    return annotate_occupations


def annotate_occupations(doc: Doc) -> Doc:
    """Set doc._.occupations, doc._.occupation_titles (code, start, end) and doc.spans["occupations"].

    A code may be part of a token ("Engineers21300"); its span is widened to whole tokens, the plain data is exact.
    """
    text = read_shelf(doc).text
    mentions = find_occupations(text)
    doc._.occupations = [asdict(mention) | {"flags": list(mention.flags)} for mention in mentions]
    doc._.occupation_titles = [hit._asdict() for hit in find_titles(text, read_names(text).words)]
    spans = [
        doc.char_span(mention.start, mention.end, label="NOC", span_id=mention.code, alignment_mode="expand")
        for mention in mentions
    ]
    doc.spans["occupations"] = [span for span in spans if span is not None]
    return doc
