"""Read pages in a process of their own, beside the one that fetches them.

Reading a page takes longer than fetching it, and a stranger's page can make a parser run without end or take its
process down. Here it holds up no other source, and costs no more than itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pickle
import signal
import sys
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from crawlers.article import PageRejected
from crawlers.reading import Reading, read_page

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from crawlers.article import Page
    from crawlers.listings import Link
    from crawlers.source import Source
    from crawlers.warc import Role

LONGEST = 60.0
"""Seconds after which a page that is still being read is given up; a page of `MAX_BODY` takes a few."""
_AHEAD = 8
"""Pages that are handed over before the first of them has been read, so that the reader never waits for the next."""
_HEAD = 8
"""Bytes that give a message's length."""

_SWEEP_AFTER = 100_000
"""Bytes of pages after which the reading process clears away their trees."""


@dataclass
class _Asked:
    """A page that was handed over, and where what it says is waited for."""

    message: bytes
    answer: asyncio.Future[Reading]


class PageReader:
    """Reads pages one after the other, in a process that begins with the first page and lasts until `close`."""

    def __init__(self, longest: float = LONGEST) -> None:
        """Nothing begins yet.

        Args:
            longest: Seconds that reading one page may take.
        """
        self._longest = longest
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
            asked = _Asked(pickle.dumps((source, role, page, link), pickle.HIGHEST_PROTOCOL), asyncio.get_running_loop().create_future())
            self._asked.append(asked)
            self._waiting.set()
            if self._work is None:
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
        """Run reading processes: where one ends over a page, the next goes on with the page after it."""
        while True:
            # Python says which modules there are; not the main module, which would be run again by `multiprocessing`.
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from crawlers.readers import work; work()", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)})
            try:
                for asked in self._asked:
                    _send(process, asked)
                self._process = process
                await self._take_answers(process)
            finally:
                self._process = None
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def _take_answers(self, process: Process) -> None:
        """Pass what the process says to those who wait for it, until it ends or a page takes too long."""
        while True:
            await self._waiting.wait()
            try:
                async with asyncio.timeout(self._longest):
                    outcome: Reading | PageRejected = await _receive(process)
            except TimeoutError:
                outcome = PageRejected("parse", f"reading it took longer than {self._longest:g} seconds")
            except (asyncio.IncompleteReadError, ConnectionError):
                outcome = PageRejected("parse", "reading it ended the process that reads pages")
                await process.wait()
            else:
                self._answer(outcome)
                continue
            self._answer(outcome)
            return

    def _answer(self, outcome: Reading | PageRejected) -> None:
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
    process.stdin.write(len(asked.message).to_bytes(_HEAD) + asked.message)


async def _receive(process: Process) -> Reading | PageRejected:
    assert process.stdout is not None
    length = int.from_bytes(await process.stdout.readexactly(_HEAD))
    outcome = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - written by `work`
    return outcome if isinstance(outcome, Reading) else PageRejected(*outcome)


def work() -> None:
    """Read the pages that come on standard input, and write what they say to standard output, until there are no more."""
    for number in (signal.SIGINT, signal.SIGTERM):  # both go to a whole group of processes; the crawl ends this one when it is done
        signal.signal(number, signal.SIG_IGN)
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a parser prints gets among the answers
    # A page's tree is one heap of references to and fro, through which Python would go again and again while it grows.
    gc.freeze()
    gc.disable()
    read = 0
    with contextlib.suppress(BrokenPipeError):
        while message := _next_message(asked):
            try:
                outcome: Reading | tuple[str, str] = read_page(*pickle.loads(message))  # noqa: S301 - written by PageReader
            except PageRejected as error:
                outcome = (error.kind, error.detail)
            read += len(message)
            message = pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
            answers.write(len(message).to_bytes(_HEAD) + message)
            answers.flush()
            if read > _SWEEP_AFTER:
                del outcome
                gc.collect()
                read = 0


def _next_message(stream: BinaryIO) -> bytes:
    """The next message, empty where there is none or where it is cut off."""
    head = stream.read(_HEAD)
    length = int.from_bytes(head) if len(head) == _HEAD else 0
    message = stream.read(length)
    return message if len(message) == length else b""
