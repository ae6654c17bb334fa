"""How much work readers may ask for at one time, and how large an answer to a query may become.

Every statement ends after `sql_time_limit_ms` (see `db.serve`). Besides, only a few costly requests run at once: a
request beyond that waits a moment for its turn, and is then told to come back (429). Pages that rest on indexes have
threads left to them whatever else goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

RESULT_BYTES: Final = 20_000_000
"""Bytes of text and blobs in one answer; 1,000 rows of facts have less than one million."""
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: 4_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_PATH: Final = re.compile(r"/(?P<database>[^/.]+)(?:/(?P<table>[^/.]+))?(?:\.\w+)?/?")
_COSTLY: Final = ("sql", "_where", "_through", "_search", "_facet", "_sort")
_FACETS: Final = 6


class TooBusyError(Exception):
    """No turn came; `after` is the number of seconds after which another try makes sense."""

    def __init__(self, after: int) -> None:
        super().__init__(f"Too many queries at the same time. Please try again in {after} seconds.")
        self.after = after


class Gate:
    """Lets a few requests through at once; a few more wait for a turn."""

    def __init__(self, at_once: int, waiting: int, patience: float, longest: float) -> None:
        """Admit `at_once` requests, let `waiting` more wait `patience` seconds, and end what takes more than `longest` seconds."""
        self.patience = patience
        self.longest = longest
        self._turns = asyncio.Semaphore(at_once)
        self._places = waiting
        self._waiting = 0

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold a turn; raises TooBusyError where none came, TimeoutError where what runs within took too long."""
        if self._turns.locked():
            await self._wait()
        else:
            await self._turns.acquire()
        try:
            async with asyncio.timeout(self.longest):
                yield
        finally:
            self._turns.release()

    async def _wait(self) -> None:
        after = max(1, round(self.patience))
        if self._waiting >= self._places:
            raise TooBusyError(after)
        self._waiting += 1
        try:
            async with asyncio.timeout(self.patience):
                await self._turns.acquire()
        except TimeoutError:
            raise TooBusyError(after) from None
        finally:
            self._waiting -= 1


def classify(path: str, query: str, queries: Collection[str], database: str) -> str:
    """What a request costs: "stream" (a whole table), "query" (SQL of the reader's, or a canned query) or "page"."""
    found = _PATH.fullmatch(path.replace("/-/query", "", 1))  # where Datasette 1.0 asks in SQL
    if not found or found["database"] != database:
        return "query" if path in {"/search", "/search.json"} else "page"
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if path.endswith(".db") or "_stream" in names:
        return "stream"
    if found["table"] in queries or any(name.startswith(_COSTLY) or "__" in name for name in names):
        return "query"
    return "page"


def count_facets(query: str) -> int:
    """How many facets the reader asks for beyond those that a table shows anyway."""
    return sum(name.startswith("_facet") and name != "_facet_size" for name, _ in parse_qsl(query, keep_blank_values=True))


def is_greedy(query: str) -> bool:
    """Whether a page would count more facets than it may."""
    return count_facets(query) > _FACETS


class BoundedConnection(sqlite3.Connection):
    """A connection whose values and results can't fill the memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for category, limit in _LIMITS.items():
            self.setlimit(category, limit)

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that refuses results of more than `RESULT_BYTES`."""
        return super().cursor(factory or BoundedCursor)


class BoundedCursor(sqlite3.Cursor):
    """A cursor that reads at most `RESULT_BYTES` of text and blobs at a time."""

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows; raises sqlite3.OperationalError where they are too large."""
        rows: list[Any] = []
        left = RESULT_BYTES
        for _ in range(self.arraysize if size is None else size):
            row = self.fetchone()
            if row is None:
                break
            left -= sum(len(value) for value in row if isinstance(value, str | bytes))
            if left < 0:
                raise sqlite3.OperationalError(f"the answer is larger than {RESULT_BYTES // 1_000_000} MB; ask for fewer rows or columns")
            rows.append(row)
        return rows
