"""Whole bodies: which pages break off, and which only leave out what HTML lets one leave out."""

from __future__ import annotations

import gzip
from time import process_time

import pytest

from crawlers.article import PageRejected
from crawlers.packing import breaks_off, check_whole
from crawlers.warc import Payload
from tests.crawlers.web_server import page_html

WHOLE = page_html("Ferry")


@pytest.mark.parametrize("page", [
    WHOLE,
    WHOLE.replace(b"</body>", b""), WHOLE.replace(b"</html>", b""), WHOLE.upper(),
    WHOLE.replace(b"</body></html>", b""),  # what it holds is closed
    b"<!doctype html><title>T</title><body class=news><div><p>One<p>Two<ul><li>Three<li>Four</ul></div>",  # no optional end tag at all
    b"<!doctype html><title>T</title><p>One",  # no body's tag either
    WHOLE + b"<!-- served in 3 ms -->" * 100,
    b'{"body": "<body><div>"}', b"", b"   ",
])
def test_pages_that_are_whole(page):
    assert not breaks_off(page)


@pytest.mark.parametrize("page", [
    WHOLE[:-30],  # in the tags at the end
    WHOLE[:WHOLE.index(b"Applications")], WHOLE[:WHOLE.index(b"<p>Applications") + 2],
    b"<html><body><p>One.</p><p>Two, and then",  # a paragraph open where others are closed
    b"<html><body><p>One.</p><a href='/tw",  # within a tag
])
def test_pages_that_break_off(page):
    assert breaks_off(page)


def test_half_a_listing_lists_and_half_an_article_is_none():
    half = Payload(200, (("Content-Encoding", "gzip"),), gzip.compress(WHOLE[:-60]))
    check_whole(half, "listing")
    with pytest.raises(PageRejected) as caught:
        check_whole(half, "article")
    assert caught.value.kind == "cut"


@pytest.mark.parametrize("unit", [b"<body", b"<div", b"</p", b"<!--", b"<"])
def test_time_grows_no_faster_than_the_page(unit):
    def measure(times: int) -> float:
        began = process_time()
        breaks_off(b"<body>" + unit * times)
        return process_time() - began

    measure(1_000)
    assert measure(400_000) < 40 * max(measure(40_000), 0.005)
