"""Parts of a total: figures of a list or column that add up to a number which the text has told of before are of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extract.facts.fact import Fact

SHARED = frozenset({"cap", "target", "invitations"})
REACH = 700  # characters before the parts in which the total may stand
FEWEST = 2
SMALLEST = 12  # a smaller total may come about by chance


def find_total(told: Iterable[Fact], parts: Sequence[float], start: int) -> Fact | None:
    """The fact told before an offset, the nearest first, whose value is the sum of the parts."""
    total = sum(parts)
    if len(parts) < FEWEST or total < SMALLEST or any(part <= 0 for part in parts):
        return None
    fitting = [fact for fact in told if fact.attribute in SHARED and fact.value == total and start - REACH <= fact.evidence[0] <= start]
    return max(fitting, key=lambda fact: fact.evidence[0], default=None)
