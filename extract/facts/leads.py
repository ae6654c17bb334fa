"""What the first sentences of a text tell of belongs to what its title is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.cues.match import Item
    from extract.facts.reading import Reading

LEADING_BLOCKS = 3  # the first paragraphs of a text
MEASURES = frozenset({"pathway", "plan", "rules", "rule", "changes", "change", "package", "measure", "measures", "order", "proclamation", "cap", "limit", "policy", "program", "programme",
                      "pilot", "stream", "pathways", "extension", "fee", "fees", "increase", "cut", "cuts", "reform", "reforms", "bill", "list", "notice"})


def is_lead(reading: Reading, items: list[Item], place: int) -> bool:
    """True for the sentence at the beginning of a text that tells when what its title is about was announced: "The minister made the pathway public on May 3"."""
    number = reading.block_at(items[0].start)
    return reading.topic_sure and 0 < number <= LEADING_BLOCKS and items[place].mention["precision"] == "day" and not MEASURES.isdisjoint(
        item.word for item in items)
