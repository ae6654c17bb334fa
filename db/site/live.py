"""A database that is replaced while it is served.

Datasette 0.65 keeps one connection per thread and database name for good (datasette/database.py), so a file swapped in
by `os.replace` would never be read. `LiveDatabase` holds a `Snapshot` of the file instead: as many connections as there
are SQL threads, all opened together on the same inode. Each request looks at the file's state first; a new file gets a
new snapshot, and the old one is closed when the last request that uses it is done. One request reads one snapshot from
beginning to end, so no page mixes two publications.

A snapshot never changes, so what Datasette asks for every page is found out once: names of tables, their columns and
keys, and how many rows a table or a facet's value has.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import logging
import queue
import re
import sqlite3
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from datasette.database import Database

from db.schema import SCHEMA_VERSION
from db.site.caching import today
from db.site.limits import BoundedConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    from datasette.app import Datasette

Signature = tuple[int, int, int, int]
Result = TypeVar("Result")

_logger = logging.getLogger(__name__)
_pinned: ContextVar[Snapshot | None] = ContextVar("pinned", default=None)

_MAGIC = b"SQLite format 3\x00"
# As Datasette counts a table's rows, and those of each value of a facet.
_COUNTING = re.compile(r"\s*select (count\(\*\)|\S+ as value, count\(\*\) as count) from\s")
_ASKED_OF_SCHEMA = (
    "table_exists", "view_exists", "table_names", "view_names", "hidden_table_names", "table_columns", "table_column_details", "primary_keys", "fts_table", "label_column_for_table",
    "foreign_keys_for_table", "get_all_foreign_keys", "get_table_definition", "get_view_definition",
)  # fmt: skip
_KNOWN = 2000  # answers that a snapshot remembers
_ROWS_KNOWN = 100  # of each at most
_NEEDED = {"facts", "facts_fts", "marks", "articles", "publication"}


class SnapshotError(Exception):
    """The file is not a database that Landed published; the message says what to do."""


class Snapshot:
    """Open connections to one state of the database file, and what is known of that state."""

    def __init__(self, path: Path, size: int, prepare: Callable[[sqlite3.Connection], None]) -> None:
        """Open `size` connections to the file at `path`; raises SnapshotError or OSError.

        Raises SnapshotError too where the file was replaced while they were opened: the connections would differ.
        """
        self.users = 0
        self.retired = False
        self.known: dict[tuple[Any, ...], Any] = {}
        self.connections: list[sqlite3.Connection] = []
        self.signature = signature(path)
        try:
            with path.open("rb") as file:
                _check_header(path, file.read(20))
            for _ in range(size):
                address = f"file:{quote(str(path))}?immutable=1"
                self.connections.append(sqlite3.connect(address, uri=True, check_same_thread=False, factory=BoundedConnection))
            self.digest, self.counts = _check_content(path, self.connections[0])
            for connection in self.connections:
                prepare(connection)
            _check_unchanged(path, self.signature)
        except (SnapshotError, OSError, sqlite3.Error):
            self.close()
            raise
        self.idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        for connection in self.connections:
            self.idle.put(connection)

    def run(self, function: Callable[[sqlite3.Connection], Result]) -> Result:
        """Call `function` with a connection that no other thread uses; waits for one where all are busy."""
        connection = self.idle.get()
        try:
            return function(connection)
        finally:
            self.idle.put(connection)

    def close(self) -> None:
        """Close all connections; nothing may be running."""
        for connection in self.connections:
            connection.close()


class LiveDatabase(Database):  # type: ignore[misc]  # datasette has no types
    """Datasette's `Database` on a file that may be replaced at any time by another publication."""

    def __init__(self, datasette: Datasette, path: Path) -> None:
        """Open the file at `path`; raises SnapshotError or OSError with a message for people."""
        super().__init__(datasette, path=str(path), is_mutable=False)
        self._file = path
        self._swap = threading.Lock()
        self._opening = threading.Lock()
        self._refused: Signature | None = None
        self._current = self._open()

    def _open(self) -> Snapshot:
        size = max(1, self.ds.setting("num_sql_threads"))
        return Snapshot(self._file, size, lambda connection: self.ds._prepare_connection(connection, self.name))  # noqa: SLF001

    @property
    def hash(self) -> str:
        """Identifies the publication; Datasette's own would read the whole file to hash it."""
        return self._in_use().digest

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._in_use().signature[2]

    @property
    def cached_table_counts(self) -> dict[str, int]:
        """Rows of each table, counted when the snapshot was opened."""
        return self._in_use().counts

    def _in_use(self) -> Snapshot:
        return _pinned.get() or self._current

    async def execute(self, sql: str, params: Any = None, *arguments: Any, **options: Any) -> Any:
        """Datasette's `execute`; what only counts is counted once a day, since a condition may name the present day."""
        key = ("count", today(), sql, repr(params))
        known = self._in_use().known
        if key in known:
            return known[key]
        results = await super().execute(sql, params, *arguments, **options)
        if _COUNTING.match(sql) and len(results) <= _ROWS_KNOWN:
            _remember(known, key, results)
        return results

    async def execute_fn(self, function: Callable[[sqlite3.Connection], Result]) -> Result:
        """Call `function` with a connection of the request's snapshot, in one of Datasette's SQL threads."""
        with self._use() as snapshot:
            if self.ds.executor is None:
                return snapshot.run(function)
            return await asyncio.get_running_loop().run_in_executor(self.ds.executor, snapshot.run, function)

    _execute_fn = execute_fn  # Datasette 1.0 calls this one

    @contextlib.contextmanager
    def _use(self) -> Iterator[Snapshot]:
        with self._swap:
            snapshot = self._in_use()
            snapshot.users += 1
        try:
            yield snapshot
        finally:
            self._release(snapshot)

    def _release(self, snapshot: Snapshot) -> None:
        with self._swap:
            snapshot.users -= 1
            done = snapshot.retired and snapshot.users == 0
        if done:
            snapshot.close()

    @contextlib.asynccontextmanager
    async def pin(self) -> AsyncIterator[None]:
        """Let everything within read one snapshot: the newest that can be opened."""
        await self.refresh()
        with self._use() as snapshot:
            token = _pinned.set(snapshot)
            try:
                yield
            finally:
                _pinned.reset(token)

    async def refresh(self) -> None:
        """Open the file anew where it was replaced; a file that can't be served leaves the old snapshot serving.

        Only one caller opens it; the others go on with the old snapshot meanwhile.
        """
        try:
            found = signature(self._file)
        except OSError:
            return
        if found in {self._current.signature, self._refused} or not self._opening.acquire(blocking=False):
            return
        try:
            fresh = await asyncio.to_thread(self._open)
        except (SnapshotError, OSError, sqlite3.Error) as error:
            self._refused = found
            _logger.warning("The new %s is not served, the old one still is: %s", self._file, error)
            return
        finally:
            self._opening.release()
        with self._swap:
            old, self._current = self._current, fresh
            old.retired = True
            unused = old.users == 0
        if unused:
            old.close()

    def close(self) -> None:
        """Close the connections; nothing may be running."""
        self._current.close()


def _remember(known: dict[tuple[Any, ...], Any], key: tuple[Any, ...], answer: Any) -> None:
    if len(known) >= _KNOWN:
        known.clear()
    known[key] = answer


def _ask_once(name: str) -> Callable[..., Awaitable[Any]]:
    """Datasette's method of that name, asked once of each snapshot; gives a copy, so that a caller may change it."""
    method = getattr(Database, name)

    @functools.wraps(method)
    async def ask(self: LiveDatabase, *arguments: str) -> Any:
        known = self._in_use().known
        key = (name, *arguments)
        if key not in known:
            _remember(known, key, await method(self, *arguments))
        return copy.deepcopy(known[key])

    return ask


for _name in _ASKED_OF_SCHEMA:
    if hasattr(Database, _name):  # Datasette 0.65 and 1.0 differ in these
        setattr(LiveDatabase, _name, _ask_once(_name))


def signature(path: Path) -> Signature:
    """Device, inode, size and time of change of the file; differs after every `os.replace`."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _check_unchanged(path: Path, before: Signature) -> None:
    if signature(path) != before:
        raise SnapshotError(f"{path} was replaced while it was being opened.")


def _check_header(path: Path, header: bytes) -> None:
    if len(header) < 20 or not header.startswith(_MAGIC):
        raise SnapshotError(f"{path} is not a SQLite database. Build one with: landed publish")
    if header[18:20] != b"\x01\x01":
        # An immutable WAL database is read without its -wal file: rows that stand only there are silently missing.
        raise SnapshotError(f"{path} is in WAL mode and can't be served as it is. Build it anew with: landed publish")


def _check_content(path: Path, connection: sqlite3.Connection) -> tuple[str, dict[str, int]]:
    """The publication's digest with its time, and the number of rows of each table."""
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if not set(names) >= _NEEDED:
            raise SnapshotError(f"{path} is not a database of published facts. Build one with: landed publish")
        row = connection.execute("SELECT schema_version, digest, published_at FROM publication").fetchone()
        counted = [name for name in names if "_fts" not in name]  # not what a full-text index is made of
        counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in counted}  # noqa: S608
    except sqlite3.DatabaseError as error:
        raise SnapshotError(f"{path} can't be read ({error}). Build it anew with: landed publish") from error
    if row is None:
        raise SnapshotError(f"{path} was not finished. Build it anew with: landed publish")
    if row[0] != SCHEMA_VERSION:
        raise SnapshotError(
            f"{path} has schema version {row[0]}, this program needs {SCHEMA_VERSION}. Build it anew with: landed publish"
        )
    return f"{row[1][:40]}{_digits(row[2])}", counts


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
