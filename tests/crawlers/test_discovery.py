"""Discovery: which links sitemaps, APIs, index pages and feeds give, which of them are followed, and what is no listing."""

from __future__ import annotations

import contextlib
import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.apis import read_api
from crawlers.article import MAX_BODY, Page, PageRejected
from crawlers.discovery import read_listing, select_links
from crawlers.indexes import read_index
from crawlers.listings import MAX_LINKS, Link
from crawlers.sitemaps import read_sitemap
from crawlers.source import Discovery, Source, SourceError, load_source
from tests.crawlers.crawl_page_sets import SOURCES

BASE = "https://harbour.example/news/"
SOURCE = Source(
    id="harbour", name="Harbour Post", publisher="Harbour Media", owner_group="harbour", official=False, jurisdiction="CA", language="en", kind="listing",
    start=(BASE,), template="generic", home="https://harbour.example/", cadence="daily", licence="-", text_policy="excerpt", minimum=1, stale_after=14, note="",
)


def page(body: str | bytes, url: str = BASE, content_type: str = "text/html; charset=utf-8") -> Page:
    return Page(url, body if isinstance(body, bytes) else body.encode(), content_type, datetime(2026, 8, 8, 12, tzinfo=UTC))


def source(kind: Any = "listing", **discovery: Any) -> Source:
    return replace(SOURCE, kind=kind, discovery=Discovery(**discovery))


def index(main: str) -> Page:
    return page(f"<!doctype html><html lang=en><head><title>News</title></head><body><nav><a href='/about'>About</a></nav><main><h1>News</h1>{main}</main></body></html>")


def sitemap(entries: str, root: str = "urlset") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</{root}>'


def urls(links: Any) -> list[str]:
    return [link.url for link in links]


# ---------------------------------------------------------------- sitemaps


class TestSitemaps:
    def test_the_newest_come_first_and_those_without_a_date_last(self):
        listing = read_sitemap(page(sitemap(
            "<url><loc>https://harbour.example/a</loc><lastmod>2026-08-01</lastmod></url>"
            "<url><loc>https://harbour.example/b</loc></url>"
            "<url><loc>https://harbour.example/c</loc><lastmod>2026-08-07T10:00:00-04:00</lastmod></url>")), None)
        assert urls(listing.links) == ["https://harbour.example/c", "https://harbour.example/a", "https://harbour.example/b"]
        assert listing.more == ()

    def test_entries_older_than_asked_for_are_left_out(self):
        text = sitemap("".join(f"<url><loc>https://harbour.example/{day}</loc><lastmod>2026-0{day}</lastmod></url>" for day in ("8-08", "7-09", "7-08", "1-01")) + "<url><loc>https://harbour.example/undated</loc></url>")
        assert urls(read_sitemap(page(text), 30).links) == ["https://harbour.example/8-08", "https://harbour.example/7-09", "https://harbour.example/undated"]
        assert len(read_sitemap(page(text), None).links) == 5

    def test_an_index_gives_further_listings(self):
        listing = read_sitemap(page(sitemap(
            "<sitemap><loc>https://harbour.example/2025.xml</loc><lastmod>2025-12-31</lastmod></sitemap>"
            "<sitemap><loc>https://harbour.example/2026.xml</loc><lastmod>2026-08-07</lastmod></sitemap>", "sitemapindex")), 30)
        assert (urls(listing.links), listing.more) == ([], ("https://harbour.example/2026.xml",))

    def test_a_news_sitemap_gives_title_and_date(self):
        [link] = read_sitemap(page(sitemap(
            "<url><loc>https://harbour.example/a</loc><news:news><news:publication><news:name>Harbour</news:name></news:publication>"
            "<news:publication_date>2026-08-07T09:00:00Z</news:publication_date><news:title>Ferry pilot opens</news:title></news:news></url>")), 30).links
        assert (link.url, link.title, link.published) == ("https://harbour.example/a", "Ferry pilot opens", "2026-08-07T09:00:00+00:00")

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://harbour.example/a", "", "https://[x/", "https://harbour.example:x/"])
    def test_addresses_that_cannot_be_fetched_are_left_out(self, link):
        assert read_sitemap(page(sitemap(f"<url><loc>{link}</loc></url>")), None).links == ()

    def test_gzip_is_unpacked(self):
        packed = gzip.compress(sitemap("<url><loc>https://harbour.example/a</loc></url>").encode())
        assert urls(read_sitemap(page(packed, content_type="application/gzip"), None).links) == ["https://harbour.example/a"]

    @pytest.mark.parametrize(("body", "says"), [
        (gzip.compress(b"<urlset/>", mtime=0)[:-12], "broken gzip"),
        (gzip.compress(b"<" * (MAX_BODY + 1), mtime=0), "over"),  # small on the wire, large when unpacked
        (b"\x1f\x8b", "gzip"),
        (b"<html><body>Not a sitemap</body></html>", "no sitemap"),
        (b"plain words", "no sitemap"),
        (b'<rss version="2.0"><channel><title>Harbour</title></channel></rss>', "no sitemap"),
    ])
    def test_what_is_no_sitemap_is_rejected(self, body, says):
        with pytest.raises(PageRejected, match=says) as caught:
            read_sitemap(page(body), None)
        assert caught.value.kind == "parse"

    @pytest.mark.parametrize(("body", "kind"), [
        (b"", "empty"), (b"<html><head><title>Just a moment...</title></head><body>x</body></html>", "challenge"), (b"<html><head><title>Page not found</title></head><body>x</body></html>", "gone"),
    ])
    def test_a_page_in_its_place_is_named(self, body, kind):
        with pytest.raises(PageRejected) as caught:
            read_sitemap(page(body), None)
        assert caught.value.kind == kind

    def test_entities_of_its_own_are_not_expanded(self):
        bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]><urlset><url><loc>https://harbour.example/&i;</loc></url></urlset>"
        start = process_time()
        links = read_sitemap(page(bomb), None).links
        assert process_time() - start < 2
        assert all(len(link.url) < 1_000 for link in links)

    def test_a_file_outside_is_not_read(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("hidden")
        text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]><urlset><url><loc>https://harbour.example/&s;</loc></url></urlset>'
        assert "hidden" not in str(read_sitemap(page(text), None).links)

    def test_50_000_entries_take_seconds_at_most(self):
        text = sitemap("".join(f"<url><loc>https://harbour.example/{number}</loc><lastmod>2026-08-0{number % 8 + 1}</lastmod></url>" for number in range(50_000)))
        start = process_time()
        listing = read_listing(source("sitemap"), page(text))
        assert process_time() - start < 8
        assert len(listing.links) == MAX_LINKS


# ---------------------------------------------------------------- APIs


def api(answer: Any, **discovery: Any) -> Any:
    given_fields = {"items": "results", "url": "link", "caption": "title", "published": "date"} | discovery
    return read_api(page(json.dumps(answer), content_type="application/json"), Discovery(**given_fields))


class TestApis:
    def test_items_give_address_title_and_date(self):
        listing = api({"results": [{"link": "/a", "title": " A  story ", "date": "2026-08-07T10:00:00Z"}]})
        assert listing.links == (Link("https://harbour.example/a", "A story", "2026-08-07T10:00:00+00:00"),)

    def test_html_in_a_value_gives_the_address_and_the_words_of_its_link(self):
        listing = api({"data": [{"TITLE": "<a href='https://harbour.example/a?x=1&amp;y=2'>Ferry <b>pilot</b> &amp; co</a>", "PUBDATE": "2026-08-07 10:20:00"}]},
                      items="data", url="TITLE", caption="TITLE", published="PUBDATE")
        assert listing.links == (Link("https://harbour.example/a?x=1&y=2", "Ferry pilot & co", "2026-08-07T10:20:00"),)

    def test_an_ampersand_in_a_plain_title_stays(self):
        [link] = api({"results": [{"link": "/a", "title": "Fees & charges: 3 < 4"}]}).links
        assert link.title == "Fees & charges: 3 < 4"

    def test_items_are_filtered_by_the_expression(self):
        answer = {"data": [{"u": "/a", "DEPT": "Ferries"}, {"u": "/b", "DEPT": "Ferries, Bridges"}, {"u": "/c", "DEPT": "Roads"}, {"u": "/d", "DEPT": None}, {"u": "/e"}]}
        assert urls(api(answer, items="data[?DEPT && contains(DEPT, 'Ferries')]", url="u").links) == ["https://harbour.example/a", "https://harbour.example/b"]

    def test_the_address_to_fetch_is_built_from_the_items(self):
        made = {"results": [{"link": "/government/news/a b"}, {"link": "/x?y=1"}]}
        assert urls(api(made, address="https://api.harbour.example/content{url}").links) == ["https://api.harbour.example/content/government/news/a%20b", "https://api.harbour.example/content/x?y=1"]
        [link] = api({"results": [{"link": "2026-14120"}]}, address="https://api.harbour.example/documents/{url}.json").links
        assert link.url == "https://api.harbour.example/documents/2026-14120.json"

    def test_a_number_can_be_an_address(self):
        [link] = api({"results": [{"link": 1216}]}, address="https://harbour.example/item?id={url}").links
        assert link.url == "https://harbour.example/item?id=1216"

    @pytest.mark.parametrize("value", [None, "", {}, [], False, "javascript:alert(1)", "https://[x/"])
    def test_an_item_without_an_address_is_left_out(self, value):
        assert api({"results": [{"link": value, "title": "t"}, {"title": "none"}, "text", None, 7]}).links == ()

    @pytest.mark.parametrize("value", [None, "", {}, [], False])
    def test_nothing_is_put_into_an_address_where_the_item_has_none(self, value):
        assert api({"results": [{"link": value}]}, address="https://harbour.example/documents/{url}.json").links == ()

    def test_the_next_page_is_named(self):
        assert api({"results": [], "next": "/news/?page=2"}, next="next").more == ("https://harbour.example/news/?page=2",)
        for last in (None, "", False, "javascript:alert(1)"):
            assert api({"results": [], "next": last}, next="next").more == ()

    def test_an_empty_list_is_a_list(self):
        assert api({"results": []}).links == ()

    @pytest.mark.parametrize("answer", [{}, {"results": None}, {"results": {}}, {"results": "none"}, [], None, 7, "text", {"error": "slow down"}])
    def test_an_answer_without_the_list_is_rejected(self, answer):
        with pytest.raises(PageRejected, match="no list at 'results'") as caught:
            api(answer)
        assert caught.value.kind == "parse"

    def test_an_expression_that_fails_on_an_answer_is_a_rejection(self):
        with pytest.raises(PageRejected, match="can't be found"):
            api({"results": [{"link": 7}]}, items="results[?contains(link, 'a')]")

    def test_an_expression_that_fails_on_an_item_is_a_rejection(self):
        with pytest.raises(PageRejected, match="can't be found"):
            api({"results": [{"link": 7}]}, url="join('', link)")

    @pytest.mark.parametrize(("body", "kind"), [
        ("", "empty"), ("{", "parse"), ("[" * 100_000, "parse"), ("plain", "parse"), ('{"results": [1', "parse"),
        ("<html><head><title>Just a moment...</title></head><body>x</body></html>", "challenge"), ("<html><head><title>404 Not Found</title></head><body>x</body></html>", "gone"),
        ("<html><body>Welcome to the API, its address has changed</body></html>", "parse"),
    ])
    def test_what_is_no_json_is_rejected(self, body, kind):
        with pytest.raises(PageRejected) as caught:
            read_api(page(body), Discovery(items="results", url="link"))
        assert caught.value.kind == kind

    def test_a_byte_order_mark_and_windows_1252_are_read(self):
        assert urls(read_api(page(b'\xef\xbb\xbf{"results": [{"link": "/a"}]}'), Discovery(items="results", url="link")).links) == ["https://harbour.example/a"]
        [link] = read_api(page(b'{"results": [{"link": "/a", "title": "Qu\xe9bec"}]}', content_type="application/json"), Discovery(items="results", url="link", caption="title")).links
        assert link.title == "Québec"

    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["results", "link", "title", "date", "next"]), inner, max_size=4), max_leaves=12))
    def test_whatever_comes_is_links_or_a_rejection(self, answer):
        with contextlib.suppress(PageRejected):
            listing = api({"results": answer, "next": answer}, next="next")
            assert all(url.startswith("http") for url in (*urls(listing.links), *listing.more))


# ---------------------------------------------------------------- index pages


class TestIndexes:
    def test_links_are_those_that_the_selector_names(self):
        listing = read_index(index("<ul><li><a class=item href='/a'>One\n <b>story</b></a></li><li><a class=item href='b'>Two</a></li></ul><a href='/other'>Other</a>"), Discovery(links="main a.item"))
        assert listing.links == (Link("https://harbour.example/a", "One story", None), Link("https://harbour.example/news/b", "Two", None))

    def test_the_next_page_is_named(self):
        main = "<a class=item href='/a'>One</a><nav><a rel=next href='?page=2'>Next</a></nav>"
        assert read_index(index(main), Discovery(links="a.item", next="a[rel=next]")).more == ("https://harbour.example/news/?page=2",)
        assert read_index(index(main), Discovery(links="a.item")).more == ()
        assert read_index(index("<a class=item href='/a'>One</a>"), Discovery(links="a.item", next="a[rel=next]")).more == ()

    @pytest.mark.parametrize(("base", "folder"), [("https://harbour.example/archive/", "archive"), ("/old/", "old"), ("", "news"), ("https://[x/", "news"), ("javascript:0", "news")])
    def test_links_are_relative_to_the_base_that_the_page_names(self, base, folder):
        html = f"<html><head><title>News</title><base href='{base}'></head><body><main><a href='a'>One story of the harbour</a></main></body></html>"
        assert urls(read_index(page(html), Discovery(links="main a")).links) == [f"https://harbour.example/{folder}/a"]

    def test_anchors_of_the_page_itself_are_no_articles(self):
        main = "<a href='#top'>Top</a><a href=''>Here</a><a>No address</a><a href='/news/#b'>Also here</a><a href='mailto:x@harbour.example'>Mail</a><a href='/a#part'>A</a>"
        assert urls(read_index(index(main), Discovery(links="main a")).links) == ["https://harbour.example/a"]

    @pytest.mark.parametrize("main", ["<p>There is no news at present, or somebody has changed the page.</p>", "<div class=items></div><p>Filled by a script.</p>", "<a class=item>no address</a>"])
    def test_an_index_without_a_link_has_changed_its_markup(self, main):
        with pytest.raises(PageRejected, match="markup has changed") as caught:
            read_index(index(main), Discovery(links="a.item"))
        assert caught.value.kind == "parse"

    @pytest.mark.parametrize(("html", "kind"), [
        ("", "empty"), (" \n", "empty"), ("<html><head><title>Just a moment...</title></head><body>x</body></html>", "challenge"),
        ("<html><head><title>Page not found</title></head><body><a class=item href='/'>Home</a></body></html>", "gone"),
    ])
    def test_what_is_no_index_is_rejected(self, html, kind):
        with pytest.raises(PageRejected) as caught:
            read_index(page(html), Discovery(links="a.item"))
        assert caught.value.kind == kind

    def test_20_000_links_take_seconds_at_most(self):
        start = process_time()
        listing = read_listing(source(links="main a"), index("".join(f"<a href='/{number}'>Story {number}</a>" for number in range(20_000))))
        assert process_time() - start < 15
        assert len(listing.links) == MAX_LINKS


# ---------------------------------------------------------------- which links are followed


LINKS = [Link(f"https://harbour.example{path}", title, None) for path, title in (
    ("/news/2026/a", "Ferry pilot opens"), ("/news/2026/b", "Two sentenced for fraud"), ("/about", "About"), ("/news/2026/a", "Ferry pilot, again"), ("/fr/news/2026/c", "Le pilote"), ("/news/archive", "Older news"))]


@pytest.mark.parametrize(("discovery", "paths"), [
    ({}, ["/news/2026/a", "/news/2026/b", "/about", "/fr/news/2026/c", "/news/archive"]),  # each address once
    ({"include": (r"/news/\d{4}/",)}, ["/news/2026/a", "/news/2026/b", "/fr/news/2026/c"]),
    ({"include": (r"/news/\d{4}/",), "exclude": ("/fr/",)}, ["/news/2026/a", "/news/2026/b"]),
    ({"include": ("/about$", "/archive$")}, ["/about", "/news/archive"]),  # one of several is enough
    ({"exclude": ("/about", "/archive", "/fr/")}, ["/news/2026/a", "/news/2026/b"]),
    ({"about": ("(?i)PILOT",)}, ["/news/2026/a"]),  # by title, which is case-sensitive like any pattern
    ({"not_about": ("sentenced", "Older")}, ["/news/2026/a", "/about", "/fr/news/2026/c"]),
    ({"about": ("pilot",), "exclude": ("/fr/",)}, ["/news/2026/a"]),
    ({"include": ("^/news",)}, []),  # patterns see the whole address
])
def test_links_are_chosen_by_address_and_title(discovery, paths):
    expected = [*paths, "/fr/news/2026/c"] if discovery.get("about") == ("(?i)PILOT",) else paths
    assert urls(select_links(source(**discovery), LINKS)) == [f"https://harbour.example{path}" for path in expected]


def test_no_more_links_than_the_limit_are_followed():
    many = [Link(f"https://harbour.example/{number}", "", None) for number in range(MAX_LINKS + 5)]
    assert len(select_links(source(), many)) == MAX_LINKS
    # Links that aren't wanted don't use the limit up.
    assert urls(select_links(source(include=(f"/{MAX_LINKS + 2}$",)), many)) == [f"https://harbour.example/{MAX_LINKS + 2}"]


@pytest.mark.parametrize("field", ["include", "exclude", "about", "not_about"])
@pytest.mark.parametrize(("value", "says"), [('["("]', "no regular expression"), ('"news"', "not the value"), ("3", "not the value")])
def test_a_pattern_that_is_none_is_named_with_its_file(tmp_path, field, value, says):
    file = tmp_path / "harbour.toml"
    sample = (SOURCES / "mpnp-news.toml").read_text(encoding="utf-8").partition("[discovery]")[0].replace("mpnp-news", "harbour")
    file.write_text(f"{sample}[discovery]\n{field} = {value}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=says) as caught:
        load_source(file, {})
    assert str(file) in str(caught.value)
    assert field in str(caught.value)


class TestIssues:
    """A feed of issues: each entry is an index page, and the articles are what the issue links to."""

    SOURCE = source("feed", links="main a", include=(r"/2026-04-11/[a-z-]+\.html$",))
    FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title><item><link>https://harbour.example/2026-04-11/index.html</link></item><item><link>https://harbour.example/2026-04-04/index.html</link></item></channel></rss>'

    def test_the_feed_gives_further_listings(self):
        listing = read_listing(self.SOURCE, page(self.FEED))
        assert (listing.links, listing.more) == ((), ("https://harbour.example/2026-04-11/index.html", "https://harbour.example/2026-04-04/index.html"))

    def test_an_issue_gives_the_articles_that_it_links_to(self):
        issue = page("<html><head><title>Issue</title></head><body><main><h1>Issue</h1><a href='notices.html#n1'>A notice</a><a href='notices.html#n2'>Another</a><a href='/contact.html'>Contact</a></main></body></html>", "https://harbour.example/2026-04-11/index.html")
        listing = read_listing(self.SOURCE, issue)
        assert (urls(listing.links), listing.more) == (["https://harbour.example/2026-04-11/notices.html"], ())

    @pytest.mark.parametrize(("body", "kind"), [
        ("", "empty"), ("<html><head><title>Just a moment...</title></head><body>x</body></html>", "challenge"), ("<html><head><title>Page not found</title></head><body>x</body></html>", "gone"),
        ("<html><head><title>Issue</title></head><body><main><p>The issue will be here on Saturday.</p></main></body></html>", "parse"),
    ])
    def test_what_is_neither_is_rejected(self, body, kind):
        with pytest.raises(PageRejected) as caught:
            read_listing(self.SOURCE, page(body))
        assert caught.value.kind == kind

    def test_addresses_that_an_issue_of_the_gazette_misprints_lead_where_they_should(self):
        gazette = replace(source("feed", links="main a", include=(r"/commis-eng\.html$",)), template="canada-gazette")
        issue = page("<html><head><title>Issue</title></head><body><main><h1>Issue</h1><a href='commis-eng.html@cs7'>One</a><a href='commis-eng.htmlcs10'>Another</a>"
                     "<a href='commis-eng.html#cs1'>A third</a></main></body></html>", "https://harbour.example/html/index-eng.html")
        assert urls(read_listing(gazette, issue).links) == ["https://harbour.example/html/commis-eng.html"]
        assert urls(read_listing(replace(gazette, template="generic"), issue).links) == ["https://harbour.example/html/commis-eng.html"]  # the third alone

    def test_without_a_selector_a_feed_gives_articles(self):
        assert len(read_listing(source("feed"), page(self.FEED)).links) == 2


def test_each_kind_has_its_reader():
    assert urls(read_listing(source("sitemap"), page(sitemap("<url><loc>https://harbour.example/a</loc></url>"))).links) == ["https://harbour.example/a"]
    assert urls(read_listing(source("api", items="results", url="link"), page('{"results": [{"link": "/a"}]}')).links) == ["https://harbour.example/a"]
    assert urls(read_listing(source("listing", links="main a"), index("<a href='/a'>One story</a>")).links) == ["https://harbour.example/a"]
