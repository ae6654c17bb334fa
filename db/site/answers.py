"""Answers that are kept for a minute, so that a crowd at one page costs one reading of the database.

An answer is kept under its entity tag (`db.site.caching`): publication, program, settings, day and address. It is kept as
long as the site lets any other cache keep a page, and within a bound of memory, the least used leaving first.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

AGE: Final = 60.0  # seconds, as in caching.PAGE: a facet that ran out of time is tried again then
LARGEST: Final = 500_000  # bytes of one answer
ROOM: Final = 24_000_000  # bytes of all answers


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200: its headers and its whole body, not compressed."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    made_at: float


class Answers:
    """The answers that are kept."""

    def __init__(self, age: float = AGE, largest: int = LARGEST, room: int = ROOM) -> None:
        self.age, self.largest, self.room = age, largest, room
        self.held = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def find(self, tag: str) -> Answer | None:
        """The answer of a tag, where one is kept and not too old."""
        found = self._answers.get(tag)
        if found is None:
            return None
        if time.monotonic() - found.made_at > self.age:
            self._drop(tag)
            return None
        self._answers.move_to_end(tag)
        return found

    def keep(self, tag: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
        """Keep an answer, unless it is too large."""
        if len(body) > self.largest:
            return
        if tag in self._answers:
            self._drop(tag)
        self._answers[tag] = Answer(headers, body, time.monotonic())
        self.held += len(body)
        while self.held > self.room:
            self._drop(next(iter(self._answers)))

    def _drop(self, tag: str) -> None:
        self.held -= len(self._answers.pop(tag).body)
