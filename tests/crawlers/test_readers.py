"""The process that reads pages: its answers are those of `read_page`, and no page can hold it up or take it down for good."""

from __future__ import annotations

import json
import pickle
import sys
from datetime import UTC, datetime

import pytest

from crawlers.article import Page
from crawlers.reading import read_page
from tests.commands import call
from tests.crawlers.test_replay import source
from tests.crawlers.web_server import Host, article, feed, page_html, write_source

pytestmark = pytest.mark.engine
ENDED = "parse: reading it ended the process that reads pages"
TOO_LONG = "parse: reading it took longer than 5 seconds"


def run(task: str, *words: object):
    done = call([sys.executable, "-m", "tests.crawlers.read_hostile_pages", task, *map(str, words)], traced=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_page_costs_no_other_page(tmp_path):
    cases = [
        # title               what comes of it
        ("Once", "Once"),          # its process was ended for another reason, as by a machine short of memory: it is read again
        ("Deadly", ENDED),         # it ends each process
        ("Chatty", "Chatty"),      # its parser prints
        ("Endless", TOO_LONG),
        *((title, title) for title in map(str, range(30))),  # more pages than are handed over at a time
        ("", "empty: no bytes"),   # no page
        ("Last", "Last"),
    ]
    assert run("read", tmp_path, *(title for title, _ in cases)) == [outcome for _, outcome in cases]


@pytest.mark.parametrize("words", [("/no/such/program",), (sys.executable, "-c", "raise SystemExit(1)")])
def test_without_a_process_pages_are_read_all_the_same(words):
    assert run("read_with", *words) == ["First", "empty: no bytes", "Second"]


def test_it_outlives_signals_to_the_whole_group_and_ends_with_its_reader():
    assert run("signal_and_end") == ["First", "Second", "Third", "ended"]


def test_a_reading_comes_through_the_pipe_unchanged():
    body = page_html("Table").replace(b"</article>", b"<h2>Caps</h2><ul><li>One</ul><table><tr><th>Year<th>Cap<tr><td>2026<td>1,200</table></article>")
    page = Page("https://harbour.example/a", body, "text/html", datetime(2026, 8, 7, tzinfo=UTC))
    reading = read_page(source(), "article", page)
    assert {"title", "item", "row", "heading"} <= {block.kind for block in reading.articles[0].blocks}
    assert pickle.loads(pickle.dumps(reading, pickle.HIGHEST_PROTOCOL)) == reading


def test_a_crawl_goes_on_over_pages_that_end_or_hold_up_their_reader(tmp_path):
    names = ["First", "Deadly", "Endless", "Last"]
    pages = {f"/{name}": article(name) for name in names}
    with Host(pages | {"/feed": lambda to: feed(*(f"http://{to.asked.headers['host']}/{name}" for name in names))}) as host:
        write_source(tmp_path / "sources", "harbour", host.address, ["/feed"])
        came = run("crawl", tmp_path)
    assert came == {
        "titles": ["First", "Last"], "captures": 4,
        "failures": [["Deadly", *ENDED.split(": ", 1)], ["Endless", *TOO_LONG.split(": ", 1)]],
    }
