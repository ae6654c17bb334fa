"""All that the components before have found in one document, in plain data, with the layout around it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from extract.facts.scopes import is_below
from extract.layout import split_sentences

if TYPE_CHECKING:
    from extract.document import Block
    from extract.tokens import Tokens

STATING = (["of"], ["at"], ["on"])
STATED = frozenset({"as", "position", "status", "rates", "prices", "figures", "fees", "correct", "accurate", "current", "valid", "situation", "checked"})
LONGEST_LABEL = 90  # characters of a line that stands for a heading
Mention = dict[str, Any]
BARE = 12  # characters beside the day in a line that is hardly more than it
LONGEST_PASSAGE = 4000  # characters; what goes on without a stop for longer is no sentence, and is read in pieces


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, and the number of the block that it stands in."""

    start: int
    end: int
    block: int


@dataclass
class Reading:
    """A document as the facts component reads it. Mentions are dictionaries with `start` and `end`, in text order."""

    text: str
    tokens: Tokens
    blocks: tuple[Block, ...]
    pathways: list[Mention]
    dates: list[Mention]
    quantities: list[Mention]
    occupations: list[Mention]
    published: str | None = None
    passing: list[Mention] = field(default_factory=list)  # permits and the like that the text doesn't treat as a scheme
    topic: str | None = None
    topic_sure: bool = True  # the title names the topic, or the text hardly speaks of anything else
    named_headings: list[tuple[int, list[str]]] | None = None  # headings that name pathways, where they name several: filled by scopes
    set_aside: dict[int, tuple[bool, bool]] = field(default_factory=dict)  # by a name's place, whether persons have it, and whether it is only compared: filled by scopes
    _starts: dict[str, list[int]] = field(default_factory=dict)

    def within(self, kind: str, start: int, end: int) -> list[Mention]:
        """Mentions of a kind (an attribute's name) that begin within the offsets."""
        mentions: list[Mention] = getattr(self, kind)
        starts = self._starts.get(kind)
        if starts is None:
            starts = self._starts[kind] = [mention["start"] for mention in mentions]
        return mentions[bisect_left(starts, start):bisect_left(starts, end)]

    @cached_property
    def passages(self) -> list[Passage]:
        """Sentences of all blocks but table rows."""
        return [
            Passage(at, min(end, at + LONGEST_PASSAGE), number)
            for number, block in enumerate(self.blocks) if block.kind != "row"
            for start, end in split_sentences(self.text, block.start, block.end)
            for at in range(start, end, LONGEST_PASSAGE)
        ]

    @cached_property
    def passages_of(self) -> dict[int, list[Passage]]:
        """Sentences by the number of their block."""
        found: dict[int, list[Passage]] = {}
        for passage in self.passages:
            found.setdefault(passage.block, []).append(passage)
        return found

    @cached_property
    def runs(self) -> list[int]:
        """For each block the first of the blocks of its kind that follow one another up to it."""
        first: list[int] = []
        for number, block in enumerate(self.blocks):
            first.append(first[-1] if number and self.blocks[number - 1].kind == block.kind else number)
        return first

    @cached_property
    def block_starts(self) -> list[int]:
        """Where blocks begin."""
        return [block.start for block in self.blocks]

    def block_at(self, offset: int) -> int:
        """The number of the block at an offset."""
        return max(0, bisect_right(self.block_starts, offset) - 1)

    @cached_property
    def only_year(self) -> tuple[str, int, int] | None:
        """The first year (or span of years) that the text names, its place, and where another one follows."""
        return find_only([mention for mention in self.dates if mention["precision"] in {"year", "interval"}], len(self.text))

    @cached_property
    def only_state(self) -> tuple[str, int, int] | None:
        """The first date that the text gives its figures "as of" or "correct at", its place, and where another one follows."""
        stated = []
        for mention in self.dates:
            first, _ = self.tokens.range(mention["start"], mention["end"])
            before = self.tokens.lower[max(0, first - 2):first]
            if before[-1:] in STATING and before[:1] and before[0] in STATED and mention["precision"] in {"day", "month", "year"}:
                stated.append(mention)
        return find_only(stated, len(self.text))

    @cached_property
    def headings(self) -> list[int | None]:
        """For each block the number of the heading (or title) above it; a heading has the one above itself."""
        above: list[int | None] = []
        stack: list[int] = []
        for number, block in enumerate(self.blocks):
            if block.kind in {"title", "heading"}:
                while stack and self.blocks[stack[-1]].level >= block.level and self.blocks[stack[-1]].kind != "title":
                    stack.pop()
                above.append(stack[-1] if stack else None)
                stack.append(number)
            else:
                above.append(stack[-1] if stack else None)
        return above

    @cached_property
    def intros(self) -> list[int | None]:
        """For each item or row the number of the paragraph, item or heading that introduces its list or table."""
        found: list[int | None] = []
        lead: int | None = None
        for number, block in enumerate(self.blocks):
            if block.kind in {"item", "row"}:
                found.append(lead)
                if block.kind == "item" and self.text[block.end - 1] == ":":
                    lead = number
            else:
                found.append(None)
                lead = number
        return found

    @cached_property
    def federal(self) -> bool:
        """True where the text speaks of Express Entry."""
        return any(mention["id"] == "ca-ee" or mention["id"].startswith("ca-ee-") for mention in self.pathways)

    @cached_property
    def days_above(self) -> dict[int, Mention]:
        """The days that headings, or lines that stand for one, consist of, by their blocks."""
        found = {}
        for number, block in enumerate(self.blocks):
            days = [mention for mention in self.dates_of(number) if mention["precision"] == "day"]
            if len(days) == 1 and block.end - block.start <= days[0]["end"] - days[0]["start"] + BARE and (block.kind == "heading" or self.is_label(number)):
                found[number] = days[0]
        return found

    @cached_property
    def single(self) -> bool:
        """True where the text speaks of its topic only, of what it is part of and of its parts."""
        others = {mention["id"] for mention in self.pathways if mention["id"] != self.topic}
        return self.topic is not None and self.topic_sure and all(is_below(name, self.topic) or is_below(self.topic, name) for name in others)

    @cached_property
    def labels(self) -> list[int | None]:
        """For each block the number of the short line above it, under the same heading, that stands for a heading: an item or line without a stop before paragraphs."""
        found: list[int | None] = []
        label: int | None = None
        for number, block in enumerate(self.blocks):
            if block.kind in {"title", "heading"}:
                label = None
            if self.is_label(number):
                label = number
                found.append(None)
            else:
                found.append(label)
        return found

    def is_label(self, number: int) -> bool:
        """True for "Senior managers: September 16" above a paragraph, though the layout shows no heading."""
        block = self.blocks[number]
        if block.kind not in {"item", "paragraph"} or number + 1 == len(self.blocks) or block.end - block.start > LONGEST_LABEL:
            return False
        return self.text[block.end - 1] not in ".,;!" and self.blocks[number + 1].kind == "paragraph"

    def pathways_of(self, number: int | None) -> list[Mention]:
        """Pathways named in a block."""
        if number is None:
            return []
        block = self.blocks[number]
        return self.within("pathways", block.start, block.end)

    def dates_of(self, number: int | None) -> list[Mention]:
        """Dates named in a block."""
        if number is None:
            return []
        block = self.blocks[number]
        return self.within("dates", block.start, block.end)


def find_only(mentions: list[Mention], end: int) -> tuple[str, int, int] | None:
    """The value and the offset of the first date, and the offset of the first that differs from it (`end` where none does)."""
    if not mentions:
        return None
    value = str(mentions[0]["edtf"])
    return value, int(mentions[0]["start"]), next((int(mention["start"]) for mention in mentions if mention["edtf"] != value), end)
