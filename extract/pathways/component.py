"""The spaCy component `landed_pathways`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc

from extract.pathways.find import find_mentions
from extract.pathways.names import read_names
from extract.pathways.novel import find_novel
from extract.shelf import read_shelf

if TYPE_CHECKING:
    from collections.abc import Callable

if not Doc.has_extension("pathways"):
    Doc.set_extension("pathways", default=None)


@Language.factory("landed_pathways", assigns=["doc._.pathways", "doc.spans"])
def make_pathways(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component: mentions of pathways go to doc._.pathways as plain data, in order of their offsets."""
    del nlp, name
    return annotate_pathways


def annotate_pathways(doc: Doc) -> Doc:
    """Set doc._.pathways (see PathwayMention) and doc.spans["pathways"], whose spans carry the pathway as `id_`.

    Names of programs that the vocabulary lacks go to doc._.landed["novel_pathways"] (name, start, end), names in passing to
    doc._.landed["passing"]. Spans are
    widened to whole tokens; the plain data is exact.
    """
    shelf = read_shelf(doc)
    names = read_names(shelf.text)
    mentions, passing = find_mentions(shelf.text, url=doc._.landed["url"], names=names)
    doc._.pathways = [asdict(mention) for mention in mentions]
    doc._.landed["passing"] = [asdict(mention) for mention in passing]
    doc._.landed["novel_pathways"] = [
        {"name": novel.text, "start": novel.start, "end": novel.end}
        for novel in find_novel(shelf.text, mentions, names=names)
    ]
    spans = [
        doc.char_span(mention.start, mention.end, label="PATHWAY", span_id=mention.id, alignment_mode="expand")
        for mention in mentions
    ]
    doc.spans["pathways"] = [span for span in spans if span is not None]
    return doc
