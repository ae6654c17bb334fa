"""Page templates: whole pages in their real designs, and each rule of the parts they share."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from crawlers.article import MAX_BODY, Article, Page, PageRejected
from crawlers.templates import TEMPLATES, Template, choose_template, parse_page
from crawlers.templates.boilerplate import Section, cut_sections, find_correction
from crawlers.templates.dates import label_of, read_date
from crawlers.templates.metadata import clean_byline, cut_site_name, read_language

PAGES = Path(__file__).parent / "pages"
URL = "https://news.example/2026/story/"
BODY = "<p>The intake of the pilot opens on March 3, 2026, for 275 workers.</p>"


def page(html: str | bytes, url: str = URL, content_type: str = "text/html; charset=utf-8") -> Page:
    body = html.encode() if isinstance(html, str) else html
    return Page(url, body, content_type, datetime(2026, 9, 1, tzinfo=UTC))


def parse(html: str | bytes, template: str = "wordpress") -> Article:
    return parse_page(page(html), template)


def wordpress(head: str = "", body: str = BODY, lang: str = "en") -> Article:
    return parse(f"<html lang='{lang}'><head><title>A story</title>{head}</head><body><article><h1>A story</h1>"
                 f"<div class='entry-content'>{body}</div></article></body></html>")


def attempt(html: bytes, template: str) -> str:
    """What became of a page: "read: " and its title, or the kind of its rejection."""
    try:
        article = parse(html, template)
    except PageRejected as rejected:
        return rejected.kind
    return f"read: {article.title}" if article.text.startswith(article.title) else "the title doesn't lead the text"


def texts(article: Article) -> list[str]:
    return [article.text[block.start:block.end] for block in article.blocks]


def describe(article: Article) -> dict[str, object]:
    """An article as golden files hold it: blocks by their text, so that a change can be read."""
    blocks = [
        {
            "kind": block.kind,
            "text": article.text[block.start:block.end],
            **({"level": block.level} if block.level else {}),
            **({"table": block.table, "row": block.row, "header": block.header,
                "cells": [article.text[start:end] for start, end in block.cells]} if block.kind == "row" else {}),
        }
        for block in article.blocks
    ]
    fields = ("canonical_url", "title", "published", "modified", "byline", "language", "template", "correction_note")
    return {**{field: getattr(article, field) for field in fields}, "blocks": blocks}


GOLDEN = {"canada-ca-release": "canada-ca", "wordpress-article": "wordpress", "provincial-draws": "provincial"}


@pytest.mark.parametrize("name", GOLDEN)
def test_page_gives_the_article_in_its_golden_file(name):
    article = parse_page(page((PAGES / f"{name}.html").read_bytes()), GOLDEN[name])
    golden = PAGES / f"{name}.json"
    found = describe(article)
    if not golden.exists():
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written: review it and run again")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


def test_every_recorded_page_has_a_test():
    assert {file.stem for file in PAGES.glob("*.html")} == set(GOLDEN)


class TestChoice:
    """The template's version is that of the capture's day."""

    VERSIONS: ClassVar = {
        "site": (
            Template("site", 1, lambda soup, metadata: pytest.fail("old"), valid_until=date(2024, 5, 31)),
            Template("site", 2, TEMPLATES["generic"][0].read, valid_from=date(2024, 6, 1)),
        )
    }

    @pytest.mark.parametrize(("day", "version"), [("2023-01-01", 1), ("2024-05-31", 1), ("2024-06-01", 2), ("2026-01-01", 2)])
    def test_version_by_day(self, day, version):
        assert choose_template("site", date.fromisoformat(day), self.VERSIONS).version == version

    def test_newest_wins_where_several_are_valid(self):
        first = TEMPLATES["generic"][0]
        versions = {"generic": (replace(first, version=3), first, replace(first, version=2))}
        assert choose_template("generic", date(2026, 1, 1), versions).label == "generic@3"

    def test_no_version_for_the_day_is_a_rejection(self):
        closed = {"site": self.VERSIONS["site"][:1]}
        with pytest.raises(PageRejected, match="no version of site") as rejected:
            choose_template("site", date(2026, 1, 1), closed)
        assert rejected.value.kind == "parse"

    def test_unknown_name_is_an_error_of_the_caller(self):
        with pytest.raises(KeyError, match="no template is called nothing"):
            parse_page(page(BODY), "nothing")

    def test_article_names_the_version_that_read_it(self):
        old = page(f"<title>T</title><main><h1>T</h1>{BODY}</main>")
        assert parse_page(old, "provincial").template == "provincial@1"

    def test_capture_day_is_counted_in_utc(self):
        late = datetime.fromisoformat("2024-05-31T22:00:00-05:00")
        captured = replace(page(f"<title>T</title><main><h1>T</h1>{BODY * 3}</main>"), fetched_at=late)
        assert parse_page(captured, "site", templates=self.VERSIONS).template == "site@2"


class TestRejection:
    def test_page_over_the_size_limit(self):
        with pytest.raises(PageRejected, match="parse: over"):
            parse("<p>" + "a" * MAX_BODY)

    @pytest.mark.parametrize("body", [b"", b"  \n ", b"<html><body></body></html>", b"<title>T</title><h1>T</h1>"])
    def test_nothing_to_read(self, body):
        with pytest.raises(PageRejected) as rejected:
            parse(body)
        assert rejected.value.kind == "empty"

    @pytest.mark.parametrize(("body", "content_type"), [
        (b"%PDF-1.7 <x>", "text/html"), (b"<p>x</p>", "application/pdf"), (b'{"a": 1}', "text/html"), (b"PK\x03\x04<", ""),
    ])
    def test_other_media(self, body, content_type):
        with pytest.raises(PageRejected) as rejected:
            parse_page(page(body, content_type=content_type), "generic")
        assert rejected.value.kind == "parse"

    @pytest.mark.parametrize(("template", "depth"), [("generic", 50_000), *((template, 5_000) for template in TEMPLATES)])
    def test_thousands_of_elements_within_each_other(self, template, depth):
        html = "<title>T</title><main>" + "<div>" * depth + BODY + "</div>" * depth + "</main>"
        with pytest.raises(PageRejected, match="within each other"):
            parse(html, template)

    @pytest.mark.parametrize("template", ["wordpress", "canada-ca", "provincial"])
    def test_1500_elements_within_each_other_are_read(self, template):
        html = "<title>T</title><main>" + "<div>" * 1_500 + BODY + "</div>" * 1_500 + "</main>"
        assert texts(parse(html, template))[1].startswith("The intake of the pilot")

    def test_more_tags_than_any_page_has(self):
        with pytest.raises(PageRejected, match="tags"):
            parse("<b>" * 150_001)

    @pytest.mark.parametrize("template", TEMPLATES)
    @pytest.mark.parametrize("html", [
        b"<", b"<<<<>>>>", b"\x00<p>\x00", b"<![if foo]><p>x", b"<!DOCTYPE html [ <!ENTITY a 'b'> ]><p>&a;",
        b"<html lang='" + b"x" * 5000 + b"'><title></title><p>y", b"<p>&#xD800;&#1114112;&#0;</p><h1>x</h1>",
        b"<link rel=canonical href='http://[::1'><h1>a</h1><p>b", b"<time datetime='9999999'><h1>\xff\xfe</h1>",
        b"<script type='application/ld+json'>" + b"[" * 20_000 + b"</script><h1>a</h1><p>b</p>",
        b"""<script type="application/ld+json">{"@graph": [1, null, {"@type": {}}, {"@type": "Article", "author": [[]],
        "headline": 5, "publisher": 7}]}</script><h1>a</h1><p>b</p>""",
        b"<table><tr><td colspan=99999 rowspan=99999>x</td><td>y</td></tr></table><h1>z</h1>",
    ])
    def test_broken_markup_is_read_or_rejected(self, html, template):
        outcome = attempt(html, template)
        assert outcome in {"empty", "parse"} or outcome.startswith("read: ")

    def test_error_of_a_parser_is_a_rejection(self):
        def fail(soup, metadata):
            raise RecursionError("too deep")
        templates = {"site": (Template("site", 1, fail),)}
        with pytest.raises(PageRejected, match="RecursionError: too deep") as rejected:
            parse_page(page(f"<h1>T</h1>{BODY}"), "site", templates=templates)
        assert rejected.value.kind == "parse"


class TestCanadaCa:
    def service(self, dates: str, body: str = BODY) -> Article:
        return parse(f"<html lang='en'><head><title>A page - Canada.ca</title></head><body><main property='mainContentOfPage'>"
                     f"<h1 property='name' id='wb-cont'>A page</h1>{body}{dates}</main></body></html>", "canada-ca")

    @pytest.mark.parametrize("dates", [
        "<section class='pagedetails'><gcds-date-modified>\n\t2026-05-04\n</gcds-date-modified></section>",
        "<dl id='wb-dtmd'><dt>Date modified:</dt><dd><time property='dateModified'>2026-05-04</time></dd></dl>",
        "<div class='pagedetails'><time datetime='2026-05-04'>May 4</time></div>",
        "<gcds-date-modified><template><p>Date modified: <slot></slot></p></template> 2026-05-04</gcds-date-modified>",
    ])
    def test_date_modified_in_each_form(self, dates):
        article = self.service(dates)
        assert article.modified == "2026-05-04"
        assert "2026-05-04" not in article.text

    def test_date_of_a_release_without_metas_is_its_dateline(self):
        html = ("<div id='news-release-container'><h1 property='name headline' id='wb-cont'>Title</h1>"
                "<p class='gc-byline'><strong>From: <a href='/x'>Example Department</a></strong></p>"
                "<div class='cmp-text'><p><strong>March 2, 2026</strong> - <strong>Ottawa</strong> - The pilot opens.</p></div></div>")
        article = parse(html, "canada-ca")
        assert (article.published, article.byline) == ("2026-03-02", "Example Department")

    def test_date_that_opens_a_service_page_is_no_publication(self):
        assert self.service("", "<p>March 2, 2026—the day the pilot opens.</p>").published is None

    def test_sections_about_the_site_are_left_out_and_sections_of_the_page_stay(self):
        article = self.service("", "<h2 class='h3'>On this page</h2><ul><li><a href='#a'>Who</a></li></ul><h2>Who</h2>" + BODY +
                               "<h2>Related products</h2><ul><li>x</li></ul><h3>Below it</h3><p>y</p><h2>Fees</h2><p>$300</p>")
        assert texts(article) == ["A page", "Who", "The intake of the pilot opens on March 3, 2026, for 275 workers.", "Fees", "$300"]

    def test_step_navigation_and_its_title_are_left_out(self):
        article = self.service("", "<nav class='gc-subway'><h1 id='gc-document-nav'>Express Entry</h1><ul><li>x</li></ul></nav>" + BODY)
        assert article.title == "A page"
        assert "Express Entry" not in article.text

    def test_french_page(self):
        html = ("<html lang='fr'><title>Avis - Canada.ca</title><main property='mainContentOfPage'>"
                "<h1 property='name' id='wb-cont'>Avis</h1><p class='gc-byline'><strong>De : <a>Ministère Exemple</a></strong></p>"
                "<div class='cmp-text'><p>Le 3 mars 2026 – Ottawa – Le programme pilote ouvre.</p></div>"
                "<h2>Personnes-ressources</h2><p>613</p></main>")
        article = parse(html, "canada-ca")
        assert (article.language, article.byline, article.published) == ("fr", "Ministère Exemple", "2026-03-03")
        assert "613" not in article.text


class TestWordpress:
    def test_article_may_have_only_microdata(self):
        article = parse("<html><title>A story | Paper</title><body itemscope itemtype='https://schema.org/NewsArticle'>"
                        "<h1 itemprop='headline'>A story</h1><span itemprop='author'><span itemprop='name'>Jane Roe</span></span>"
                        "<time itemprop='datePublished' datetime='2026-03-01T08:00:00Z'>1 March</time>"
                        f"<div itemprop='articleBody'>{BODY}</div></body></html>")
        assert (article.byline, article.published, article.modified) == ("Jane Roe", "2026-03-01T08:00:00Z", None)

    def test_article_may_have_only_meta_elements(self):
        article = wordpress("<meta property='article:published_time' content='2026-03-01T08:00:00+01:00'>"
                            "<meta property='article:modified_time' content='2026-03-02'><meta name='author' content='Jane Roe'>")
        assert (article.published, article.modified, article.byline) == ("2026-03-01T08:00:00+01:00", "2026-03-02", "Jane Roe")

    def test_article_may_have_only_visible_dates(self):
        article = wordpress(body="<p>Published on February 10th, 2026  at 03:48pm EST</p><p>Last Updated On 16 March 2026, 11:43 AM EST</p>" + BODY)
        assert (article.published, article.modified) == ("2026-02-10", "2026-03-16")
        assert "Updated" not in article.text

    @pytest.mark.parametrize(("above", "below"), [
        ("", "<i>22 February, 2023</i>"), ("", "<p class=section>News</p><span>By Jane Roe</span><div>Wednesday, February 22, 2023</div>"), ("<span>February 22, 2023</span>", ""),
        ("", "<p><time datetime='2023-02-22'>Feb 22, 2023</time></p>"),
    ])
    def test_a_date_alone_beside_the_headline_is_that_of_publication(self, above, below):
        for container in ("div class=entry-content", "div"):
            article = parse(f"<html><title>A story</title><body><main>{above}<h1>A <em>story</em></h1><{container}>{below}{BODY}</div></main></body></html>")
            assert article.published == "2023-02-22"
            assert "2023" not in article.text
            assert "March 3, 2026" in article.text

    @pytest.mark.parametrize("line", ["<p>Issued February 22, 2023 in Ottawa</p>", "<p>One</p><p>Two</p><p>Three</p><p>Four</p><p>February 22, 2023</p>", "<p>02/03/2023</p>", "<p>February 2023</p>"])
    def test_another_date_near_the_headline_is_none_of_publication(self, line):
        assert wordpress(body=line + BODY).published is None

    def test_a_short_post_is_not_lost_to_what_stands_beside_it(self):
        post = "<div class=entry-content><p>The pilot is full. No further applications are taken.</p></div>"
        teasers = "".join(f"<article class=card><h3>Other {number}</h3><p>{'Another story of the harbour goes on here. ' * 6}</p></article>" for number in range(3))
        sidebar = f"<div class=rail><ul>{''.join(f'<li>Latest headline number {number} of the week</li>' for number in range(20))}</ul></div>"
        for around in (f"<main><article><h1>A story</h1>{post}</article>{teasers}</main>{sidebar}", f"<main><h1>A story</h1>{post}{sidebar}</main><aside>{teasers}</aside>"):
            article = parse(f"<html><title>A story</title><body>{around}</body></html>")
            assert texts(article) == ["A story", "The pilot is full. No further applications are taken."]

    def test_a_teaser_is_no_short_post(self):
        rest = "<p>The intake opens for 275 workers, and the department reads what comes in by its day.</p>" * 4
        article = parse(f"<html><title>A story</title><body><article><h1>A story</h1><div class=article-content><p>The pilot opens.</p></div><div class=text>{rest}</div></article></body></html>")
        assert article.text.count("275 workers") == 4
        assert "The pilot opens." in article.text

    def test_nothing_is_invented(self):
        article = wordpress()
        assert (article.published, article.modified, article.byline, article.correction_note) == (None, None, None, None)
        assert article.canonical_url == URL

    @pytest.mark.parametrize("linked", [
        '{"@type": "NewsArticle", "author": "By Jane Roe"}',
        '[{"@type": "WebSite"}, {"@type": ["Article", "Report"], "author": [{"name": "Jane Roe"}, {"name": "Jane Roe"}]}]',
        '{"@graph": {"@type": "BlogPosting", "author": {"@type": "Person", "name": "Jane\\nRoe"}}}',
    ])
    def test_author_in_each_form_of_json_ld(self, linked):
        assert wordpress(f"<script type='application/ld+json'>{linked}</script>").byline == "Jane Roe"

    @pytest.mark.parametrize("href", ["/relative/", "//host/x", "javascript:alert(1)", "ftp://a.example/", "http://", "https://u:p@a.example/", "http://[bad", "https://a.example/ b", ""])
    def test_canonical_address_that_is_none(self, href):
        assert wordpress(f'<link rel="canonical" href="{href}">').canonical_url == URL

    def test_canonical_address_loses_its_fragment(self):
        assert wordpress('<link rel="canonical" href="https://a.example/x?p=1#top">').canonical_url == "https://a.example/x?p=1"

    def test_language_is_the_pages_own_or_the_sources(self):
        html = f"<title>T</title><article><h1>T</h1>{BODY}</article>"
        assert wordpress(lang="fr-CA").language == "fr"
        assert parse_page(page(html), "wordpress", language="fr").language == "fr"
        assert parse_page(page(html), "wordpress").language == "en"

    @pytest.mark.parametrize("line", [
        "Correction: The round was held on May 4.", "Correction (May 6, 2026): It was 500.", "Corrections: Two figures.",
        "An earlier version of this story gave the wrong date.", "Clarification: The cap covers main applicants only.",
    ])
    def test_visible_correction(self, line):
        assert wordpress(body=f"{BODY}<p><em>{line}</em></p>").correction_note == line

    @pytest.mark.parametrize("line", ["Correctional officers are NOC 43201.", "The correction: prices fell.", "Corrections staff were invited."])
    def test_what_only_looks_like_a_correction(self, line):
        assert wordpress(body=f"{BODY}<p>{line}</p>").correction_note is None

    def test_correction_of_schema_org(self):
        linked = '{"@type": "NewsArticle", "correction": {"@type": "CorrectionComment", "text": "It was 500, not 5,000."}}'
        assert wordpress(f"<script type='application/ld+json'>{linked}</script>").correction_note == "It was 500, not 5,000."

    def test_wrapper_named_after_a_plugin_is_kept(self):
        article = wordpress(body=f"<div class='share-container'>{BODY}</div><div class='share'>Share</div>")
        assert texts(article)[1:] == ["The intake of the pilot opens on March 3, 2026, for 275 workers."]

    @pytest.mark.parametrize("html", [
        "<p>Read more: <a href='/x'>5,000 invited in Alberta</a></p>", "<p><a class='btn' href='/x'>Check your score</a></p>",
        "<div class='ad-slot-3'>5,000 invited</div>", "<div id='jp-relatedposts'>5,000 invited</div>", "<form><p>5,000 invited</p></form>",
        "<h3>Related posts</h3><ul><li>5,000 invited</li></ul>", "<aside>5,000 invited</aside>",
    ])
    def test_boilerplate_of_plugins(self, html):
        assert texts(wordpress(body=BODY + html))[1:] == ["The intake of the pilot opens on March 3, 2026, for 275 workers."]

    @pytest.mark.parametrize("html", [
        "<div class='elementor-widget elementor-widget-text-editor'><p>Fees rise.</p></div>", "<div class='callout'><p>Fees rise.</p></div>",
        "<div class='wp-block-group has-background'><p>Fees rise.</p></div>", "<div id='adaptation'><p>Fees rise.</p></div>",
        "<details><summary>Fees rise.</summary></details>",
    ])
    def test_boxes_of_the_article_stay(self, html):
        assert texts(wordpress(body=BODY * 3 + html))[-1] == "Fees rise."

    def test_a_link_in_a_sentence_stays(self):
        assert "Read more about it in the guide." in wordpress(body=f"{BODY}<p>Read more about it in <a href='/x'>the guide</a>.</p>").text


class TestProvincial:
    def test_meta_elements_go_before_visible_dates(self):
        html = ("<meta property='article:modified_time' content='2026-01-13T16:35:56-04:00'><title>T</title>"
                f"<main><h1>T</h1><p>Published date: January 14, 2026</p>{BODY}<p>Last updated: June 16, 2026</p></main>")
        article = parse(html, "provincial")
        assert (article.published, article.modified) == ("2026-01-14", "2026-01-13T16:35:56-04:00")


    def test_notes_beside_the_text_stay_and_sidebars_go(self):
        html = (f"<title>T</title><main><h1>T</h1>{BODY}<aside class='ontario-callout'><p>Fees rise.</p></aside>"
                "<aside class='sidebar'><p>Popular pages</p></aside></main>")
        assert texts(parse(html, "provincial"))[2:] == ["Fees rise."]


class TestGeneric:
    def test_tables_keep_their_spans_and_headers(self):
        html = ("<html><head><title>Places | Paper</title><meta property='og:site_name' content='Paper'></head><body><nav>Menu</nav>"
                f"<article><h1>Places</h1><p>{'The pilot has places left in two streams. ' * 8}</p>"
                "<table><caption>By stream</caption><tr><th>Stream</th><th>Role</th><th>Places</th></tr><tr><td rowspan=2>Docks</td><td>Crane</td>"
                "<td>40</td></tr><tr><td>Rigger</td><td>9</td></tr></table></article></body></html>")
        article = parse(html, "generic")
        rows = [text for text, block in zip(texts(article), article.blocks, strict=True) if block.kind == "row"]
        assert rows == ["Stream | Role | Places", "Docks | Crane | 40", "Docks | Rigger | 9"]
        assert article.title == "Places"
        assert [block.header for block in article.blocks if block.kind == "row"] == [True, False, False]

    def test_element_of_many_attributes_is_read(self):
        many = " ".join(f"a{number}=1" for number in range(20_000))
        assert texts(parse(f"<title>T</title><article><h1>T</h1><div {many}>{BODY * 4}</div></article>", "generic"))[0] == "T"

    @pytest.mark.parametrize("date", [
        "<div><div>Release Date</div><div><time datetime='2026-08-05T12:00:00Z'>08/05/2026</time></div></div>", "<p>Release Date: August 5, 2026</p>", "<p><b>Release Date</b> August 5, 2026</p>",
    ])
    def test_a_release_date_is_that_of_publication(self, date):
        html = f"<title>T</title><main><h1>Fees change</h1>{date}<p>{'In 2019 the fee was raised, and it is raised again in the fall. ' * 8}</p></main>"
        assert parse(html, "generic").published[:10] == "2026-08-05"

    def test_a_dateline_is_read_on_pages_of_any_design(self):
        html = f"<title>T</title><main><h1>Fees change</h1><p>August 5, 2026</p><p>{'In 2019 the fee was raised, and it is raised again in the fall. ' * 8}</p></main>"
        article = parse(html, "generic")
        assert article.published == "2026-08-05"
        assert "2026" not in article.text

    def test_dates_are_those_stated_not_guessed(self):
        html = f"<title>T</title><article><h1>T</h1><p>{'In 2019 the pilot began on June 3, 2019, at the docks. ' * 8}</p></article>"
        assert parse(html, "generic").published is None


@pytest.mark.parametrize(("text", "expected"), [
    # ISO, as it stands
    ("2026-01-13", "2026-01-13"),
    ("2026-01-13T16:35:56-04:00", "2026-01-13T16:35:56-04:00"),
    ("2026-01-13T16:35:56.000Z", "2026-01-13T16:35:56.000Z"),
    ("2026-01-13 16:35:56", "2026-01-13T16:35:56"),
    # in words
    ("June 16, 2026", "2026-06-16"),
    ("Sept. 3, 2025", "2025-09-03"),
    ("February 10th, 2023  at 03:48pm EST", "2023-02-10"),
    ("22 February, 2023", "2023-02-22"),
    ("le 1er août 2026", "2026-08-01"),
    # none, or no telling
    ("3/4/2026", None),
    ("June 2026", None),
    ("June 31, 2026", None),
    ("2026-13-01", None),
    ("1970-01-01T00:00:00Z", None),
    ("0001-01-01", None),
    ("", None),
])
def test_read_date(text, expected):
    assert read_date(text) == expected


@pytest.mark.parametrize(("line", "field"), [
    ("Last updated: June 16, 2026", "modified"),
    ("Dernière mise à jour : 3 mars 2026", "modified"),
    ("Published on August 6, 2026 by Jane Roe of the news desk", "published"),
    ("Posted on February 11, 2026", "published"),
    ("Published on June 1, 2026, the new regulations cap the intake at 500.", None),
    ("Last updated by the department after a review that ended on June 16, 2026", None),
    ("The list was last updated on June 16, 2026", None),
])
def test_lines_that_only_date_the_page(line, field):
    assert label_of(line) == field


@pytest.mark.parametrize(("name", "expected"), [
    ("By Jane Roe", "Jane Roe"), ("by: Jane Roe |", "Jane Roe"), ("Written by Jane Roe", "Jane Roe"), ("Par Anne Roy", "Anne Roy"),
    ("From: Example Department", "Example Department"), ("De Souza, Ana", "De Souza, Ana"), ("Byron Lee", "Byron Lee"),
    ("https://www.facebook.com/paper", None), ("  ", None), (None, None),
])
def test_byline(name, expected):
    assert clean_byline(name) == expected


@pytest.mark.parametrize(("title", "expected"), [
    ("Draw results | Paper", "Draw results"), ("Draw results - PAPER", "Draw results"), ("Draw - results - Paper", "Draw - results"),
    ("Draw results - another thing", "Draw results - another thing"), ("Paper", "Paper"), ("NOC 31301 – Nurses", "NOC 31301 – Nurses"),
])
def test_title_loses_only_the_sites_name(title, expected):
    assert cut_site_name(title, ("Paper", "The Paper")) == expected


@pytest.mark.parametrize(("text", "expected"), [("en-CA", "en"), ("fr_CA", "fr"), ("eng", "en"), ("fra", "fr"), ("xx-klingon", "xx"), ("englisch", None), ("", None), (None, None)])
def test_language(text, expected):
    assert read_language(text) == expected


def test_sections_end_at_a_heading_of_their_level():
    article = wordpress(body=BODY + "<h2>Share</h2><p>a</p><h3>b</h3><p>c</p><h2>Fees</h2><p>d</p>")
    assert texts(article)[-2:] == ["Fees", "d"]
    assert cut_sections([], (Section("x"),)) == []
    assert find_correction([]) is None


@pytest.mark.shared
class TestRealPages:
    """Pages as their sites served them: title, dates, language, and the body without what stands around it."""

    CANADA_CA: ClassVar = {
        # file: title or words of it, published, modified, byline, kinds of blocks
        "canadaca_half-masting_en": ("National Flag of Canada half-masting notices", "2018-05-03", "2025-03-14", "Canadian Heritage",
                                     {"title": 1, "paragraph": 1, "row": 435}),
        "gcproto_cec": ("Canadian Experience Class", None, "2025-10-07", None, {"title": 1, "heading": 9, "paragraph": 18, "item": 28}),
        "gcproto_category": ("Category-based selection", None, "2021-11-30", None,
                             {"title": 1, "heading": 12, "paragraph": 22, "item": 51, "row": 87}),
        "gcproto_ee_rounds": ("Rounds of invitations", None, "2025-08-21", None,
                              {"title": 1, "heading": 12, "paragraph": 21, "item": 20, "row": 19}),
        "news_release_fixture_2025-03-20": (
            "more than $9.3 million", "2025-03-20", None, "Immigration, Refugees and Citizenship Canada", {"title": 1, "heading": 3, "paragraph": 3, "item": 1}),
    }
    AROUND = ("Skip to main content", "Search Canada.ca", "Date modified", "Page details", "Did you find what you were looking for",
              "Give feedback", "About this site", "Terms and conditions", "Contacts for media", "Document navigation", "On this page",
              "You will not receive a reply", "function", "{")

    @staticmethod
    def kinds(article: Article) -> dict[str, int]:
        return dict(Counter(block.kind for block in article.blocks))

    @pytest.mark.parametrize("name", CANADA_CA)
    def test_canada_ca(self, shared, name):
        article = parse((shared / f"samples/canada_ca/{name}.html").read_bytes(), "canada-ca")
        title, published, modified, byline, kinds = self.CANADA_CA[name]
        assert title in article.title
        assert article.title == article.title.strip()
        assert (article.published, article.modified, article.byline) == (published, modified, byline)
        assert article.language == "en"
        assert self.kinds(article) == kinds
        assert [words for words in self.AROUND if words in article.text] == []

    def test_occupation_tables(self, shared):
        article = parse((shared / "samples/canada_ca/gcproto_category.html").read_bytes(), "canada-ca")
        rows = [[article.text[start:end] for start, end in block.cells] for block in article.blocks if block.kind == "row"]
        headers = [block.header for block in article.blocks if block.kind == "row"]
        assert [cells for cells, header in zip(rows, headers, strict=True) if header] == [["Occupation", "2021 NOC code", "2021 TEER category"]] * 5
        per_table = Counter(block.table for block in article.blocks if block.kind == "row" and not block.header)
        assert list(per_table.values()) == [35, 24, 10, 10, 3]
        codes = [cells[1] for cells, header in zip(rows, headers, strict=True) if not header]
        assert all(len(code) == 5 and code.isdigit() for code in codes)

    def test_pool_table(self, shared):
        article = parse((shared / "samples/canada_ca/gcproto_ee_rounds.html").read_bytes(), "canada-ca")
        rows = [[article.text[start:end] for start, end in block.cells] for block in article.blocks if block.kind == "row"]
        assert rows[0] == ["CRS score range", "Number of candidates"]
        assert rows[-1] == ["Total", "235,695"]

    def test_prince_edward_island(self, shared):
        article = parse((shared / "samples/provinces/pe_30bade.html").read_bytes(), "provincial")
        assert article.title == "Skilled Workers in PEI"
        assert (article.published, article.modified) == ("2017-11-30T12:37:00-04:00", "2026-01-13T16:35:56-04:00")
        assert article.canonical_url == "https://www.princeedwardisland.ca/en/information/office-of-immigration/skilled-workers-in-pei"
        assert self.kinds(article) == {"title": 1, "heading": 6, "paragraph": 16, "item": 13}
        around = ("Share this page", "Feedback", "Published date", "Resources", "Additional Links", "General Inquiries", "Home")
        assert [words for words in around if words in article.text] == []

    def test_prince_edward_islands_search_page_in_place_of_a_missing_one(self, shared):
        with pytest.raises(PageRejected) as rejected:
            parse((shared / "samples/provinces/pe_fbdce7.html").read_bytes(), "provincial")
        assert rejected.value.kind == "gone"

    @pytest.mark.parametrize("name", ["canada_ca/gcproto_cec", "canada_ca/gcproto_category", "provinces/pe_30bade"])
    def test_the_fallback_reads_real_pages_too(self, shared, name):
        article = parse((shared / f"samples/{name}.html").read_bytes(), "generic")
        assert len(article.text) > 3_000
        assert [words for words in ("Skip to main content", "Terms and conditions", "{") if words in article.text] == []
