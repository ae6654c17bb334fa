"""Passages that tell of somebody's case, true or made up, and not of what holds for a pathway: examples, stories, letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.facts.scopes import WORD

if TYPE_CHECKING:
    from extract.facts.reading import Reading

# Headings above examples and stories; the words may stand anywhere in them.
EXAMPLE_HEADING = re.compile(
    r"\b(?:examples?|case stud(?:y|ies)|scenarios?|testimonials?|(?:success|client|personal|my|our|her|his|their) stor(?:y|ies)|what if (?:i|you|she|he|my))\b",
    re.IGNORECASE,
)
# Openings after which a paragraph goes on with a made-up or single case.
EXAMPLE_OPENING = re.compile(
    r"\b(?:imagine|suppose|let[\u2019']?s (?:say|take|assume|look at)|let us (?:say|take|assume)|as an example|to illustrate|for instance, (?:an?|if|imagine)\b"
    r"|for example, (?:an? [\w-]+ (?:[\w-]+ )?(?:with|who|from|applying|whose)|if|imagine|suppose)|take the case|consider the case|consider an? |picture an? |take [A-Z][a-z]+,|meet [A-Z][a-z]+[,.:])",
)
OWN = frozenset({"i", "me", "my", "mine", "myself"})
FEWEST_OWN = 6  # words of the first person from which on a text may be its writer's story
OWN_SHARE = 60  # at least one word in so many is of the first person
TELLERS = frozenset({"i", "we", "my", "our", "me", "us"})


def find_cases(reading: Reading) -> list[tuple[int, int]]:
    """Stretches of the text that tell of cases: below the heading of an example, after "imagine", or all that is told in the first person."""
    found: list[tuple[int, int]] = []
    inside = False
    for number, block in enumerate(reading.blocks):
        text = reading.text[block.start:block.end]
        if block.kind == "heading" or (number and reading.is_label(number)):
            inside = EXAMPLE_HEADING.search(text) is not None
        if inside:
            found.append((block.start, block.end))
            continue
        match = EXAMPLE_OPENING.search(text) or EXAMPLE_OPENING.search(text[:1].lower() + text[1:])
        if match and block.kind != "title":
            found.append((block.start + match.start(), block.end))
    return found


def is_personal(reading: Reading) -> bool:
    """True for a text that its writer tells of himself: there "we" and "our" sentences state no rule."""
    words = WORD.findall(reading.text.lower())
    own = sum(word in OWN for word in words)
    return own >= FEWEST_OWN and own * OWN_SHARE >= len(words)


def is_told(text: str) -> bool:
    """True for a sentence in the first person."""
    return not TELLERS.isdisjoint(WORD.findall(text.lower()))
