"""The spaCy component `landed_facts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacy.language import Language

from extract.facts.fact import DATE_ATTRIBUTES
from extract.facts.find import find_facts
from extract.facts.reading import Reading
from extract.shelf import read_shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.tokens import Doc


@Language.factory("landed_facts", assigns=["doc._.landed"])
def make_facts(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component: facts go to doc._.landed["facts"] as plain data."""
    del nlp, name
    return annotate_facts


def annotate_facts(doc: Doc) -> Doc:
    """Tie values to pathways."""
    shelf = read_shelf(doc)
    codes = doc._.occupations or []
    coded = {place for code in codes for place in range(code["start"], code["end"])}
    quantities = [mention for mention in shelf.quantities if mention["start"] not in coded]  # an occupation's code counts nothing
    reading = Reading(shelf.text, shelf.tokens, shelf.blocks, doc._.pathways or [], shelf.dates, quantities, codes, shelf.published,
                      passing=doc._.landed["passing"])
    facts = find_facts(reading)
    doc._.landed["facts"] = [fact.write(shelf.text) for fact in facts]
    roles = {start: fact.attribute for fact in facts if fact.attribute in DATE_ATTRIBUTES for role, start, _ in fact.spans if role == "value"}
    for mention in doc._.landed["dates"]:
        mention["role"] = roles.get(mention["start"], "")
    return doc
