"""Read pages in a process of their own, beside the one that fetches them.

Reading a page takes longer than fetching it, and a stranger's page can make a parser run without end or take its
process down. Here that costs the page and nothing else: no other source waits, and the crawl goes on.

The process takes messages on standard input and answers them in that order on standard output; each is a length and a
pickle of so many bytes. It says once that it is ready. Pickles go only between the two processes of one program.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import pickle
import signal
import sys
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from crawlers.article import PageRejected
from crawlers.reading import Reading, read_page

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from crawlers.article import Page
    from crawlers.listings import Link
    from crawlers.source import Source
    from crawlers.warc import Role

    Task = tuple[Source, Role, Page, Link | None]

LONGEST = 60.0
"""Seconds after which a page that is still being read is given up; a page of `MAX_BODY` takes a few."""
_READY = "ready"
_LONGEST_START = 60.0
"""Seconds that the process may take to begin."""
_ENDED = "reading it ended the process that reads pages"
_TRIES = 2
"""Processes that must end over a page before it is the page's fault: a machine short of memory ends them as well."""
_AHEAD = 8
"""Pages that are handed over at a time, so that the process never waits for the next; all others wait in Scrapy's own
queue, which stops fetching at 5 MB (SCRAPER_SLOT_MAX_ACTIVE_SIZE)."""
_HEAD = 8
"""Bytes that give a message's length."""
_SWEEP_AFTER = 50_000
"""Bytes of pages after which the process clears away their trees: seldom costs more, since memory grows beyond the processor's cache."""

_logger = logging.getLogger(__name__)


@dataclass
class _Asked:
    """A page that was handed over, where what it says is waited for, and how many processes ended over it."""

    task: Task
    answer: asyncio.Future[Reading]
    tries: int = 0


class PageReader:
    """Reads pages one after the other, in a process that begins with the first page and lasts until `close`."""

    def __init__(self, longest: float = LONGEST, command: tuple[str, ...] = (sys.executable, "-c", "from crawlers.readers import work; work()")) -> None:
        """Nothing begins yet.

        Args:
            longest: Seconds that reading one page may take.
            command: What runs `work`. Not `multiprocessing`, which would run the program's main module again.
        """
        self._longest = longest
        self._command = command
        self._places = asyncio.Semaphore(_AHEAD)
        self._asked: deque[_Asked] = deque()
        self._waiting = asyncio.Event()
        self._process: Process | None = None
        self._work: asyncio.Task[None] | None = None

    async def read(self, source: Source, role: Role, page: Page, link: Link | None = None) -> Reading:
        """What a page says, see `crawlers.reading.read_page`.

        Raises:
            PageRejected: As there, and "parse" where reading the page took too long or took the reading process down.
        """
        async with self._places:
            asked = _Asked((source, role, page, link), asyncio.get_running_loop().create_future())
            self._asked.append(asked)
            self._waiting.set()
            if self._work is None or self._work.done():
                self._work = asyncio.create_task(self._keep_reading())
            elif self._process is not None:
                _send(self._process, asked)
            return await asked.answer

    async def close(self) -> None:
        """End the process."""
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work

    async def _keep_reading(self) -> None:
        """Answer all pages, whatever happens: one without an answer would hold up the crawl for good."""
        try:
            await self._run_processes()
            await self._read_here()
        except Exception as error:
            _logger.exception("The process that reads pages can't be used")
            while self._asked:
                self._answer(PageRejected("parse", f"{type(error).__name__}: {error}"[:300]))

    async def _run_processes(self) -> None:
        """Run reading processes: where one ends over a page, the next goes on; until none can begin."""
        while process := await self._begin():
            try:
                for asked in self._asked:
                    _send(process, asked)
                self._process = process
                await self._take_answers(process)
            finally:
                self._process = None
                await _end(process)

    async def _read_here(self) -> None:
        """Read pages in this process, but none over which another one ended."""
        while True:
            await self._waiting.wait()
            try:
                self._answer(PageRejected("parse", _ENDED) if self._asked[0].tries else read_page(*self._asked[0].task))
            except PageRejected as error:
                self._answer(error)
            await asyncio.sleep(0)

    async def _begin(self) -> Process | None:
        """A process that is ready; None where it can't be had."""
        try:
            # Python says which modules there are; a process begun from a program's folder would look for others.
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)})
        except OSError as error:
            _logger.warning("Pages are read in the crawling process, since one of their own can't begin: %s", error)
            return None
        try:
            async with asyncio.timeout(_LONGEST_START):
                if await _receive(process) == _READY:
                    return process
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            _logger.warning("Pages are read in the crawling process, since one of their own ended at its begin or took over %g seconds", _LONGEST_START)
        except asyncio.CancelledError:
            await _end(process)
            raise
        await _end(process)
        return None

    async def _take_answers(self, process: Process) -> None:
        """Pass what the process says to those who wait for it, until it ends or a page takes too long."""
        while True:
            await self._waiting.wait()
            try:
                async with asyncio.timeout(self._longest):
                    self._answer(await _receive(process))
            except TimeoutError:
                self._answer(PageRejected("parse", f"reading it took longer than {self._longest:g} seconds"))
                return
            except (asyncio.IncompleteReadError, ConnectionError):
                self._asked[0].tries += 1
                if self._asked[0].tries == _TRIES:
                    self._answer(PageRejected("parse", _ENDED))
                return

    def _answer(self, outcome: Reading | PageRejected) -> None:
        """Answer the page that was handed over first."""
        answer = self._asked.popleft().answer
        if not self._asked:
            self._waiting.clear()
        if answer.cancelled():
            return
        if isinstance(outcome, PageRejected):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)


def _send(process: Process, asked: _Asked) -> None:
    assert process.stdin is not None
    process.stdin.write(_frame(asked.task))


async def _receive(process: Process) -> Any:
    assert process.stdout is not None
    length = int.from_bytes(await process.stdout.readexactly(_HEAD))
    return pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - written by `work`


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    # The pipes' ends come after the process'; without them their transports would be closed with the loop, too late.
    await process.communicate()


def _frame(value: object) -> bytes:
    message = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(message).to_bytes(_HEAD) + message


def work() -> None:
    """Read the pages that come on standard input, and write what they say to standard output, until there are no more."""
    for number in (signal.SIGINT, signal.SIGTERM):  # both go to a whole group of processes; the crawl ends this one when it is done
        signal.signal(number, signal.SIG_IGN)
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a parser prints gets among the answers
    # A page's tree is one heap of references to and fro, through which Python would go again and again while it grows.
    gc.freeze()
    gc.disable()
    read = 0
    with contextlib.suppress(BrokenPipeError):
        answers.write(_frame(_READY))
        answers.flush()
        while message := _next_message(tasks):
            answers.write(_frame(_read(message)))
            answers.flush()
            read += len(message)
            if read > _SWEEP_AFTER:
                gc.collect()
                read = 0


def _read(message: bytes) -> Reading | PageRejected:
    try:
        return read_page(*pickle.loads(message))  # noqa: S301 - written by PageReader
    except PageRejected as error:
        return PageRejected(error.kind, error.detail)  # without the traceback, and with it the page's tree


def _next_message(stream: BinaryIO) -> bytes:
    """The next message, empty where there is none or where it is cut off."""
    head = stream.read(_HEAD)
    length = int.from_bytes(head) if len(head) == _HEAD else 0
    message = stream.read(length)
    return message if len(message) == length else b""
