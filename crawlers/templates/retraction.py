"""Pages that their publisher took back: how they say so stands in `retractions.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawlers.article import Passage

RETRACTIONS = Path(__file__).parent / "retractions.toml"
_KINDS = frozenset({"title", "heading", "paragraph", "item", "caption"})
_LONGEST = 2_000
"""Characters of a note; a longer paragraph is an article about retractions."""


@cache
def load_retractions() -> dict[str, Any]:
    """The rows of `retractions.toml`."""
    return tomllib.loads(RETRACTIONS.read_text(encoding="utf-8"))


@cache
def _beginnings() -> tuple[str, ...]:
    return tuple(row["begins"] for row in load_retractions()["retraction"])


def find_retraction(passages: Iterable[Passage]) -> str | None:
    """Return the words by which a publisher takes its page back, several joined by a line break; None where there are none."""
    notes = [
        passage.text for passage in passages
        if passage.kind in _KINDS and len(passage.text) <= _LONGEST and passage.text.lower().replace("\u2019", "'").startswith(_beginnings())
    ]
    return "\n".join(dict.fromkeys(notes)) or None
