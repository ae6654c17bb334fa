"""Feeds: links absolute, clean and bounded, times as stated, and no feed told from an empty one."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.article import MAX_BODY, Page, PageRejected
from crawlers.listings import MAX_LINKS, read_feed

FEED = "https://harbour.example/news/feed.xml"


def page(body: str | bytes, content_type: str = "application/rss+xml") -> Page:
    return Page(FEED, body if isinstance(body, bytes) else body.encode(), content_type, datetime(2026, 8, 7, tzinfo=UTC))


def rss(items: str) -> Page:
    return page(f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>')


def atom(entries: str) -> Page:
    return page(f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>{entries}</feed>', "application/atom+xml")


def test_rss_and_atom_give_the_same_links():
    from_rss = read_feed(rss("<item><title> Ferry\n pilot </title><link>https://harbour.example/a</link><pubDate>Thu, 06 Aug 2026 09:30:00 -0400</pubDate></item>"))
    from_atom = read_feed(atom('<entry><title>Ferry pilot</title><link href="https://harbour.example/a"/><published>2026-08-06T09:30:00-04:00</published></entry>'))
    assert from_rss == from_atom
    assert (from_rss[0].url, from_rss[0].title, from_rss[0].published) == ("https://harbour.example/a", "Ferry pilot", "2026-08-06T09:30:00-04:00")


@pytest.mark.parametrize(("link", "url"), [
    ("/a", "https://harbour.example/a"),  # from the host's root
    ("a", "https://harbour.example/news/a"),  # from the feed's folder
    ("//other.example/a", "https://other.example/a"),  # the feed's scheme
    ("?p=1", "https://harbour.example/news/feed.xml?p=1"),
    ("https://harbour.example/a#comments", "https://harbour.example/a"),  # a fragment is no page of its own
    ("HTTPS://harbour.example/a", "https://harbour.example/a"),
    (" https://harbour.example/a ", "https://harbour.example/a"),
    ("https://harbour.example/a?x=1&amp;y=2", "https://harbour.example/a?x=1&y=2"),
])
def test_links_become_absolute(link, url):
    assert [entry.url for entry in read_feed(rss(f"<item><title>t</title><link>{link}</link></item>"))] == [url]


@pytest.mark.parametrize("item", [
    "<link>javascript:alert(1)</link>",
    "<link>mailto:desk@harbour.example</link>",
    "<link>data:text/html,hello</link>",
    "<link>file:///etc/passwd</link>",
    "<link>https://[harbour/</link>",  # a bracket that no address has
    "<link>https://harbour.example:port/</link>",
    "<link>https://harbour.example:999999/</link>",
    "<link>https://</link>",
    "<link></link>",
    "",  # without a link, the entry must not stand for the feed itself
    "<link>#top</link>",
    f"<link>{FEED}</link>",
])
def test_what_a_crawler_must_not_follow_is_dropped_and_the_rest_kept(item):
    feed = rss(f"<item><title>bad</title>{item}</item><item><title>good</title><link>/good</link></item>")
    assert [entry.title for entry in read_feed(feed)] == ["good"]


def test_each_address_comes_once_with_its_first_title():
    feed = rss("".join(f"<item><title>{title}</title><link>{link}</link></item>" for title, link in [("one", "/a"), ("two", "/a#x"), ("three", "/b"), ("four", "/a")]))
    assert [(entry.url[-2:], entry.title) for entry in read_feed(feed)] == [("/a", "one"), ("/b", "three")]


@pytest.mark.parametrize(("stated", "published"), [
    ("Thu, 06 Aug 26 10:00:00 EDT", "2026-08-06T10:00:00-04:00"),  # RFC 822: two digits of a year, a zone by name
    ("Thu, 06 Aug 2026 10:00:00 +0530", "2026-08-06T10:00:00+05:30"),  # the offset stays as stated
    ("Thu, 06 Aug 2026 23:30:00 GMT", "2026-08-06T23:30:00+00:00"),
    ("06 Aug 2026 10:00 GMT", "2026-08-06T10:00:00+00:00"),  # no weekday, no seconds
    ("2026-08-06T10:00:00Z", "2026-08-06T10:00:00+00:00"),  # ISO in RSS
    ("2026-08-06", "2026-08-06T00:00:00"),  # a day, without a zone
    ("yesterday", None),  # nothing is invented
    ("Thu, 99 Aug 2026 10:00:00 GMT", None),
    ("Thu, 06 Aug 2026 10:00:00 +99999999999999", None),  # an offset that overflows
    ("", None),
])
def test_times_are_kept_as_stated(stated, published):
    feed = rss(f"<item><title>t</title><link>/a</link><pubDate>{stated}</pubDate></item>")
    assert [entry.published for entry in read_feed(feed)] == [published]


def test_atom_without_published_gives_updated():
    feed = atom('<entry><title>t</title><link href="/a"/><updated>2026-08-06T09:30:00Z</updated></entry>')
    assert [entry.published for entry in read_feed(feed)] == ["2026-08-06T09:30:00+00:00"]


def test_a_feed_without_entries_is_a_feed():
    assert read_feed(rss("")) == []


@pytest.mark.parametrize(("body", "content_type", "kind"), [
    (b"", "application/rss+xml", "empty"),
    (b" \n ", "", "empty"),
    (b"<!doctype html><title>Just a moment...</title><body>Checking</body>", "text/html", "challenge"),  # a bot check with status 200
    (b"<html><title>Page not found</title><body><h1>Page not found</h1><p>Try the search.</p></body></html>", "text/html", "gone"),
    (b"<html><title>Harbour Post</title><body><h1>Welcome</h1><p>All the news of the bay.</p></body></html>", "text/html", "parse"),  # a page, no feed
    (b'{"items": []}', "application/json", "parse"),
    (b"%PDF-1.4", "application/pdf", "parse"),
    (b"\x00\xff" * 500, "application/octet-stream", "parse"),
    (b"<rss>" + b" " * MAX_BODY + b"</rss>", "application/rss+xml", "parse"),  # over the limit: not even looked at
])
def test_what_is_no_feed_is_rejected_by_its_kind(body, content_type, kind):
    with pytest.raises(PageRejected) as caught:
        read_feed(page(body, content_type))
    assert caught.value.kind == kind
    assert caught.value.detail


def test_an_entity_bomb_stays_small():
    lines = ['<!ENTITY a0 "haha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    bomb = page(f'<?xml version="1.0"?><!DOCTYPE rss [{"".join(lines)}]><rss version="2.0"><channel><title>&a9;</title><item><title>&a9;</title><link>/a</link></item></channel></rss>')
    started = process_time()
    try:
        links = read_feed(bomb)
    except PageRejected:
        links = []
    assert process_time() - started < 5
    assert sum(len(link.title) for link in links) < 1_000


def test_an_external_entity_is_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the harbour's own words")
    feed = page(f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss version="2.0"><channel><item><title>&x;</title><link>/a</link></item></channel></rss>')
    assert all("own words" not in link.title for link in read_feed(feed))


def test_ten_thousand_entries_give_as_many_as_are_wanted_in_the_feeds_order():
    started = process_time()
    links = read_feed(rss("".join(f"<item><title>{n}</title><link>/a/{n}</link></item>" for n in range(10_000))))
    assert [link.title for link in links] == [str(n) for n in range(MAX_LINKS)]
    assert process_time() - started < 15


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="<>/&;![]?\"'=-rsitemlnkfdaCDT:ph@%. \n", max_size=200).map(str.encode))
def test_whatever_stands_in_a_feed_it_is_read_or_rejected(junk):
    for body in (junk, b'<rss version="2.0"><channel><item><link>' + junk + b"</link></item></channel></rss>"):
        try:
            links = read_feed(page(body))
        except PageRejected:
            continue
        assert all(link.url.startswith(("http://", "https://")) for link in links)
