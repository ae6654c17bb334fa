"""The process that reads pages: its answers are those of `read_page`, and no page can hold it up or take it down for good."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime

import pytest

from crawlers.article import Page, PageRejected
from crawlers.readers import PageReader
from crawlers.reading import read_page
from tests.crawlers.test_replay import URL, source
from tests.crawlers.test_replay import page as page_html

pytestmark = pytest.mark.engine


def page(body: bytes) -> Page:
    return Page(URL, body, "text/html; charset=utf-8", datetime(2026, 8, 7, tzinfo=UTC))


async def ask(reader: PageReader, *bodies: bytes) -> list:
    return await asyncio.gather(*(reader.read(source(), "article", page(body)) for body in bodies), return_exceptions=True)


def titles(outcomes) -> list[str]:
    return [outcome.detail if isinstance(outcome, PageRejected) else outcome.articles[0].title for outcome in outcomes]


def run(work):
    async def all_of_it():
        reader = PageReader(longest=3.0)
        try:
            return await work(reader)
        finally:
            await reader.close()

    return asyncio.run(all_of_it())


def test_pages_read_as_they_do_without_it():
    bodies = [page_html(f"Page {number}") for number in range(30)] + [b"", b"%PDF-1.4"]
    outcomes = run(lambda reader: ask(reader, *bodies))
    assert [outcome for outcome in outcomes if not isinstance(outcome, PageRejected)] == [read_page(source(), "article", page(body)) for body in bodies[:30]]
    assert [(outcome.kind, outcome.detail) for outcome in outcomes[30:]] == [("empty", "no bytes"), ("parse", "not html")]


@pytest.mark.parametrize(("blow", "says"), [(signal.SIGKILL, "ended the process"), (signal.SIGSTOP, "longer than 3 seconds")])
def test_a_page_that_stops_its_reader_costs_no_other_page(blow, says):
    async def work(reader):
        first = await ask(reader, page_html("First"))
        os.kill(reader._process.pid, signal.SIGSTOP)
        asked = asyncio.ensure_future(ask(reader, page_html("Guilty"), page_html("Second"), page_html("Third")))
        await asyncio.sleep(0.1)
        os.kill(reader._process.pid, blow)
        return first, await asked

    first, rest = run(work)
    assert titles(first) == ["First"]
    assert says in titles(rest)[0]
    assert titles(rest)[1:] == ["Second", "Third"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_lets_it_finish(number):
    async def work(reader):
        await ask(reader, page_html("First"))
        os.kill(reader._process.pid, number)
        return await ask(reader, page_html("Second"))

    assert titles(run(work)) == ["Second"]


def test_it_ends_with_the_reader():
    async def work(reader):
        await ask(reader, page_html("First"))
        return reader._process.pid

    number = run(work)
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
