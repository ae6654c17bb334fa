"""The pipeline: what a spider yields is kept and counted, and a store that fails shows in the verdict."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import DropItem

from crawlers.context import CrawlContext, Kept
from crawlers.health import Failure
from crawlers.pipeline import KeepPipeline, finish_crawl
from crawlers.source import Source
from crawlers.warc import Capture

URL = "https://harbour.example/a"
SOURCE = Source(
    id="harbour", name="Harbour Post", publisher="Harbour Media", owner_group="harbour", official=False, jurisdiction="CA", language="en", kind="feed", start=("https://harbour.example/feed",),
    template="generic", home="https://harbour.example/", cadence="daily", licence="-", text_policy="excerpt", minimum=1, stale_after=14, note="")
CAPTURE = Capture("c", "harbour", "crawl", URL, "2026-08-07T10:00:00Z", 200, "text/html", "article", "response", "00", None, None, None, "x.warc.gz", 0, 1)


def article(published: str | None = "2026-08-06") -> SimpleNamespace:
    return SimpleNamespace(published=published, modified=None, byline=None)


ARTICLE = article()


class Store:
    """A store that writes down its calls; `fails` names methods that raise."""

    def __init__(self, *fails: str, outcome: str = "new", newest: str | None = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.fails, self.outcome, self.newest = fails, outcome, newest

    def __getattr__(self, name: str) -> Any:
        def method(*given: Any) -> Any:
            self.calls.append((name, *given))
            if name in self.fails:
                raise OSError("database or disk is full")
            return {"keep_article": self.outcome, "keep_round": self.outcome, "newest_published": self.newest, "recent_crawls": []}.get(name)

        return method

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [given for called, *given in self.calls if called == name]


def make(store: Store, tmp_path, source: Source = SOURCE) -> tuple[KeepPipeline, CrawlContext]:
    context = CrawlContext("crawl", source, store, tmp_path, "2026-08-07T10:00:00Z")
    return KeepPipeline(SimpleNamespace(spider=SimpleNamespace(context=context))), context


@pytest.mark.parametrize("outcome", ["new", "changed", "unchanged"])
def test_an_article_is_kept_and_counted(tmp_path, outcome):
    store = Store(outcome=outcome)
    pipeline, context = make(store, tmp_path)
    pipeline.process_item(Kept(CAPTURE, [ARTICLE]))
    assert store.called("keep_article") == [[CAPTURE, ARTICLE]]
    assert (context.tally.pages, getattr(context.tally, outcome), context.tally.newest_published) == (1, 1, "2026-08-06")


def test_each_round_is_counted_and_the_page_once(tmp_path):
    pipeline, context = make(Store(), tmp_path)
    pipeline.process_item(Kept(CAPTURE, rounds=[SimpleNamespace(date="2026-07-21"), SimpleNamespace(date="2026-08-04")]))
    assert (context.tally.pages, context.tally.new, context.tally.newest_published) == (1, 2, "2026-08-04")


@pytest.mark.parametrize(("kind", "gone"), [("gone", True), ("http", False), ("challenge", False)])
def test_a_failure_is_kept_and_only_a_page_that_is_gone_marks_its_article(tmp_path, kind, gone):
    store = Store()
    pipeline, context = make(store, tmp_path)
    failure = Failure(URL, kind, "what happened")
    pipeline.process_item(failure)
    assert context.tally.failures == [failure]
    assert len(store.called("keep_failure")) == 1
    assert bool(store.called("mark_gone")) == gone


@pytest.mark.parametrize("fails", [("keep_article",), ("keep_article", "keep_failure")])
def test_a_store_that_fails_is_a_failure_of_the_crawl(tmp_path, fails):
    # Scrapy would only log the exception, and the crawl would end as if nothing were new.
    pipeline, context = make(Store(*fails), tmp_path)
    try:
        pipeline.process_item(Kept(CAPTURE, [ARTICLE]))
    except OSError:
        assert "keep_failure" in fails
    assert context.tally.pages == 0
    [failure] = context.tally.failures
    assert (failure.kind, failure.url) == ("archive", URL)
    assert "disk is full" in failure.detail


def test_what_is_neither_is_dropped_by_name(tmp_path):
    pipeline, _ = make(Store(), tmp_path)
    with pytest.raises(DropItem, match="dict"):
        pipeline.process_item({"title": "x"})


@pytest.mark.parametrize(("status", "role", "counted"), [(304, "article", 1), (304, "listing", 1), (304, "robots", 0), (200, "article", 0)])
def test_answers_304_are_counted(tmp_path, status, role, counted):
    pipeline, context = make(Store(), tmp_path)
    pipeline.keep_capture(SimpleNamespace(status=status, role=role))
    assert context.tally.not_modified == counted


def test_a_crawl_is_begun_counted_and_ended(tmp_path):
    store = Store()
    pipeline, context = make(store, tmp_path)
    pipeline.begin()
    pipeline.count_request()
    pipeline.process_item(Kept(CAPTURE, [ARTICLE]))
    pipeline.finish("finished")
    assert store.called("begin_crawl") == [["crawl", "harbour", "2026-08-07T10:00:00Z"]]
    [(crawl, _, reason, tally, verdict, _, due)] = store.called("finish_crawl")
    assert (crawl, reason, tally.requests, verdict) == ("crawl", "finished", 1, "ok")
    # A day later, less up to a tenth by which sources are spread.
    assert "2026-08-08T07:36:00Z" <= due <= "2026-08-08T10:00:00Z"
    assert context.tally is tally


@pytest.mark.parametrize(("kept", "seen", "verdict"), [
    ("2026-08-05", None, "quiet"),  # nothing new, but an earlier crawl saw something of this week
    ("2026-06-01", None, "stale"),
    (None, None, "quiet"),
    ("2026-06-01", "2026-08-06", "quiet"),  # an unchanged article of this crawl is newer
])
def test_staleness_counts_what_earlier_crawls_kept(tmp_path, kept, seen, verdict):
    store = Store(outcome="unchanged", newest=kept)
    pipeline, context = make(store, tmp_path)
    pipeline.process_item(Kept(CAPTURE, [article(seen)]))
    finish_crawl(context, "finished")
    assert store.called("finish_crawl")[0][4] == verdict


@pytest.mark.parametrize(("stated", "held"), [("2026-08-06", False), (None, True)])
def test_texts_are_held_back_where_the_pages_state_too_little(tmp_path, stated, held):
    store = Store()
    pipeline, _ = make(store, tmp_path, replace(SOURCE, fill={"published": 0.9}))
    for _ in range(10):
        pipeline.process_item(Kept(CAPTURE, [article(stated)]))
    pipeline.finish("finished")
    assert bool(store.called("hold_versions")) == held
    assert bool(store.called("accept_versions")) != held
