"""Cut a fact's clause into pieces, each with the roles of the marks that cover it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from db.site.wording import WORDS, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROLES: tuple[str, ...] = tuple(WORDS["roles"])
CONTEXT = 60  # characters of context that the database keeps on either side of a clause

_BREAKS = re.compile(r"\n{2,}")
_PART_OF_WORD = re.compile(r"\S*\s*")


@dataclass(frozen=True)
class Piece:
    """Words of a quote and the roles that cover them, most telling first; no role for plain words."""

    text: str
    roles: tuple[str, ...] = ()

    @property
    def css(self) -> str:
        """Classes for `<mark>`: the first role colours the words, the second underlines them."""
        names = [f"role-{self.roles[0]}"] if self.roles else []
        return " ".join([*names, *(f"also-{role}" for role in self.roles[1:2])])

    @property
    def title(self) -> str:
        """The roles in words."""
        return ", ".join(WORDS["roles"][role] for role in self.roles)


@dataclass(frozen=True)
class Quote:
    """A clause with its surroundings.

    Attributes:
        before: Pieces in front of the clause.
        clause: Pieces of the clause itself.
        after: Pieces behind it.
        cut_before, cut_after: Whether text stands in front of `before`, or behind `after`.
        legend: Role, its name and the words that carry it, in the order of `words.toml`; words that stand elsewhere in
            the text (a heading, say) are here only.
    """

    before: tuple[Piece, ...]
    clause: tuple[Piece, ...]
    after: tuple[Piece, ...]
    cut_before: bool
    cut_after: bool
    legend: tuple[tuple[str, str, str], ...] = field(default=())


def quote_fact(fact: dict[str, Any], marks: Sequence[dict[str, Any]]) -> Quote:
    """The quote of a `facts` row and its `marks` rows.

    Offsets count code points of the version's text, as Python does. A mark whose offsets don't cut out its own words
    highlights nothing: better no highlight than a wrong one.
    """
    before, clause, after = (str(fact[name]) for name in ("evidence_before", "evidence", "evidence_after"))
    text, origin = before + clause + after, fact["clause_start"] - len(before)
    spans = [
        (mark["start_char"] - origin, mark["end_char"] - origin, mark["role"])
        for mark in marks
        if mark["start_char"] >= origin and text[mark["start_char"] - origin : mark["end_char"] - origin] == mark["quote"]
    ]
    first, last = len(before), len(before) + len(clause)
    cut_before, cut_after = origin > 0, len(after) >= CONTEXT
    low = _skip_part_of_word(before, spans) if cut_before else 0
    high = len(text) - (_skip_part_of_word(after[::-1], [(len(text) - end, len(text) - start, role) for start, end, role in spans]) if cut_after else 0)
    edges = (low, first, last, high)
    parts = [cut_pieces(text, start, end, spans) for start, end in pairwise(edges)]
    legend = tuple(
        (role, WORDS["roles"][role], show("; ".join(dict.fromkeys(mark["quote"] for mark in marks if mark["role"] == role))))
        for role in ROLES
        if any(mark["role"] == role for mark in marks)
    )
    return Quote(parts[0], parts[1], parts[2], cut_before=cut_before, cut_after=cut_after, legend=legend)


def _skip_part_of_word(context: str, spans: Iterable[tuple[int, int, str]]) -> int:
    """Characters at the start of `context` that are the rest of a word and belong to no mark."""
    found = _PART_OF_WORD.match(context)
    length = found.end() if found is not None else 0
    return 0 if length == len(context) or any(start < length for start, _, _ in spans) else length


def cut_pieces(text: str, start: int, end: int, spans: Iterable[tuple[int, int, str]]) -> tuple[Piece, ...]:
    """`text[start:end]` in pieces, cut wherever one of the `spans` (start, end, role) begins or ends."""
    inside = [(max(start, low), min(end, high), role) for low, high, role in spans if low < end and high > start]
    edges = sorted({start, end} | {edge for low, high, _ in inside for edge in (low, high)})
    pieces = []
    for low, high in pairwise(edges):
        covering = {role for first, last, role in inside if first <= low and high <= last}
        pieces.append(Piece(show(_BREAKS.sub("\n", text[low:high])), tuple(role for role in ROLES if role in covering)))
    return tuple(pieces)
