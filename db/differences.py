"""What differs between two versions of a text: a list of passages that were replaced, added or removed, for people to read.

Blocks (paragraphs, items, rows) are compared first, and the words of those that changed. Both are bounded, so that a
long page that was written anew takes no longer than a short one: it is then told block by block, or in one passage.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Span = tuple[int, int]
Kind = Literal["replaced", "added", "removed", "more", "layout"]

MOST_BLOCKS = 1_500
"""Blocks of either text, those that both begin or end with left out, that are compared in order; more are compared as heaps."""
MOST_PAIRS = 20_000
"""Pairs of equal blocks, one of either text: where many blocks are alike, comparing them in order takes long and tells little."""
MOST_WORDS = 1_500
"""Words of either side of a changed stretch that are compared one by one."""
MOST_PASSAGES = 100
"""Passages that are told one by one; the rest is one passage of kind `more`."""
_LIKE = 0.4
"""Share of words in common from which on two stretches are versions of each other, and not one in the place of another."""
_NEAR = 2
"""Words between two changes that are told with them as one."""

_WORD = re.compile(r"\w+(?:[.,'\u2019:/-]\w+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One passage: `old[old_start:old_end]` was replaced by `new[new_start:new_end]`; one of them is empty where words were added or removed.

    Of kind `more`, further changes lie between the offsets; of kind `layout`, all words are as they were.
    """

    kind: Kind
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def find_differences(old: str, old_blocks: Sequence[Span], new: str, new_blocks: Sequence[Span]) -> list[Difference]:
    """The passages that differ, in the order of the new text.

    Args:
        old: The earlier text.
        old_blocks: Offsets of its blocks, in order.
        new: The later text.
        new_blocks: Offsets of its blocks.
    """
    found = list(_compare_blocks(old, old_blocks or [(0, len(old))] * bool(old), new, new_blocks or [(0, len(new))] * bool(new)))
    if not found and old.split() != new.split():  # blocks that leave out some of the text
        found = list(_compare_blocks(old, [(0, len(old))], new, [(0, len(new))]))
    if not found:
        return [Difference("layout", 0, 0, 0, 0)] if old != new else []
    if len(found) > MOST_PASSAGES:
        rest = found[MOST_PASSAGES - 1:]
        old_starts, new_starts = min(one.old_start for one in rest), min(one.new_start for one in rest)
        found[MOST_PASSAGES - 1:] = [Difference("more", old_starts, max(one.old_end for one in rest), new_starts, max(one.new_end for one in rest))]
    return found


def _compare_blocks(old: str, old_blocks: Sequence[Span], new: str, new_blocks: Sequence[Span]) -> Iterator[Difference]:
    before, after = [old[start:end] for start, end in old_blocks], [new[start:end] for start, end in new_blocks]
    head, tail = _count_common(before, after)
    left, right = before[head:len(before) - tail], after[head:len(after) - tail]
    if max(len(left), len(right)) > MOST_BLOCKS or _count_pairs(left, right) > MOST_PAIRS:
        yield from _compare_heaps(left, old_blocks[head:], right, new_blocks[head:], len(old), len(new))
        return
    for tag, first, last, begin, stop in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        gone, come = old_blocks[head + first:head + last], new_blocks[head + begin:head + stop]
        if tag == "replace":
            yield from _compare_stretches(old, gone, new, come)
        elif tag == "delete":
            at = new_blocks[head + begin][0] if head + begin < len(new_blocks) else len(new)
            yield from (Difference("removed", start, end, at, at) for start, end in gone)
        elif tag == "insert":
            at = old_blocks[head + first][0] if head + first < len(old_blocks) else len(old)
            yield from (Difference("added", at, at, start, end) for start, end in come)


def _compare_heaps(left: Sequence[str], old_blocks: Sequence[Span], right: Sequence[str], new_blocks: Sequence[Span], old_end: int, new_end: int) -> Iterator[Difference]:
    """Blocks that only one of two long texts has, wherever they stand."""
    missing, extra = Counter(left) - Counter(right), Counter(right) - Counter(left)
    for text, (start, end) in zip(left, old_blocks, strict=False):
        if missing[text] > 0:
            missing[text] -= 1
            yield Difference("removed", start, end, new_end, new_end)
    for text, (start, end) in zip(right, new_blocks, strict=False):
        if extra[text] > 0:
            extra[text] -= 1
            yield Difference("added", old_end, old_end, start, end)


def _compare_stretches(old: str, gone: Sequence[Span], new: str, come: Sequence[Span]) -> Iterator[Difference]:
    """Differences of changed blocks by words; block against block where they have little in common."""
    old_words, new_words = list(_cut_words(old, gone)), list(_cut_words(new, come))
    if max(len(old_words), len(new_words)) <= MOST_WORDS:
        changes = _compare_words(old, old_words, new, new_words)
        if changes is not None:
            yield from changes
            return
    if len(gone) == len(come) == 1:
        yield Difference("replaced", *gone[0], *come[0])
        return
    pairs = min(len(gone), len(come))
    for one, other in zip(gone[:pairs], come[:pairs], strict=True):
        yield from _compare_stretches(old, [one], new, [other])
    yield from (Difference("removed", start, end, come[-1][1], come[-1][1]) for start, end in gone[pairs:])
    yield from (Difference("added", gone[-1][1], gone[-1][1], start, end) for start, end in come[pairs:])


def _cut_words(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    for start, end in blocks:
        yield from (word.span() for word in _WORD.finditer(text, start, end))


def _compare_words(old: str, old_words: Sequence[Span], new: str, new_words: Sequence[Span]) -> list[Difference] | None:
    """Runs of words that differ; None where the texts have too little in common to be told so."""
    before, after = [old[start:end] for start, end in old_words], [new[start:end] for start, end in new_words]
    head, tail = _count_common(before, after)
    matcher = SequenceMatcher(None, before[head:len(before) - tail], after[head:len(after) - tail])
    codes = [(tag, first + head, last + head, begin + head, stop + head) for tag, first, last, begin, stop in matcher.get_opcodes()]
    same = head + tail + sum(last - first for tag, first, last, _, _ in codes if tag == "equal")
    if 2 * same < _LIKE * (len(before) + len(after)):
        return None
    runs: list[list[int]] = []
    for tag, first, last, begin, stop in codes:
        if tag != "equal":
            if runs and first - runs[-1][1] <= _NEAR:
                runs[-1][1], runs[-1][3] = last, stop
            else:
                runs.append([first, last, begin, stop])
    found = []
    for first, last, begin, stop in runs:
        (old_start, old_end), (new_start, new_end) = _span(old_words, first, last, len(old)), _span(new_words, begin, stop, len(new))
        found.append(Difference("replaced" if first < last and begin < stop else "removed" if first < last else "added", old_start, old_end, new_start, new_end))
    return found


def _span(words: Sequence[Span], first: int, last: int, end: int) -> Span:
    """Offsets of the words from `first` to `last`; where there are none, those of the place between them."""
    if first < last:
        return words[first][0], words[last - 1][1]
    at = words[first][0] if first < len(words) else words[-1][1] if words else end
    return at, at


def _count_pairs(one: Sequence[str], other: Sequence[str]) -> int:
    counts = Counter(other)
    return sum(counts[item] for item in one)


def _count_common(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many items both begin with, and how many of the rest both end with."""
    most = min(len(one), len(other))
    head = next((at for at in range(most) if one[at] != other[at]), most)
    tail = next((at for at in range(most - head) if one[-1 - at] != other[-1 - at]), most - head)
    return head, tail
