"""Page templates by source: pages in the form of each source, API answers and data files among them, to golden articles."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.article import Article, Page, PageRejected
from crawlers.templates import parse_articles, parse_page
from crawlers.templates.canada_gazette import mend_address

PAGES = Path(__file__).parent / "pages" / "more"
GAZETTE = "https://gazette.gc.ca/rp-pr"
IRCC = "https://www.canada.ca/content/dam/ircc/documents"
MEDIA = {"html": "text/html; charset=utf-8", "json": "application/json", "xml": "application/xml"}

CASES = {
    # page: its address
    "canada-gazette/notices": f"{GAZETTE}/p1/2026/2026-03-14/html/notice-avis-eng.html",
    "canada-gazette/commissions": f"{GAZETTE}/p1/2026/2026-09-19/html/commis-fra.html@cs7",
    "canada-gazette/regulation": f"{GAZETTE}/p2/2024/2024-11-20/html/sor-dors219-eng.html",
    "canada-ca/notice": "https://www.canada.ca/en/immigration-refugees-citizenship/news/notices/study-permit-allocations-2026.html",
    "canada-ca/service": "https://www.canada.ca/en/immigration-refugees-citizenship/services/home-care.html",
    "gov-uk/news": "https://www.gov.uk/api/content/government/news/skilled-worker-salary-floor",
    "gov-uk/guide": "https://www.gov.uk/api/content/example-talent-visa",
    "federal-register/document": "https://www.federalregister.gov/api/v1/documents/2026-19876.json",
    "federal-register/search": "https://www.federalregister.gov/api/v1/documents.json?order=newest",
    "ircc-processing-times/by-country": f"{IRCC}/json/data-ptime-en.json",
    "ircc-processing-times/by-application": f"{IRCC}/json/data-ptime-non-country-en.json",
    "iec-rounds/season": f"{IRCC}/xml/iecrounds2023.xml",
    "provincial/bc": "https://www.welcomebc.ca/immigrate-to-b-c/invitations-to-apply",
    "provincial/ab": "https://www.alberta.ca/aaip-processing-information",
    "provincial/sk": "https://www.saskatchewan.ca/residents/moving-to-saskatchewan/sinp-processing-statistics",
    "provincial/mb": "https://immigratemanitoba.com/2026/09/expression-of-interest-draw-277/",
    "provincial/ns": "https://liveinnovascotia.com/eoi-selection",
    "provincial/nb": "https://www2.gnb.ca/content/gnb/en/corporate/promo/immigration/invitations-to-apply.html",
    "provincial/pe": "https://www.princeedwardisland.ca/en/information/office-of-immigration/expression-of-interest-draws",
    "wordpress/cic-news-2023": "https://www.cicnews.com/2023/02/global-talent-stream-0233001.html",
    "wordpress/cic-news-2025": "https://www.cicnews.com/2025/11/levels-plan-1161001.html",
    "wordpress/canadim": "https://www.canadim.com/news/draw/",
    "wordpress/moving2canada": "https://moving2canada.com/news/iec-season/",
    "wordpress/immigration-news-canada": "https://immigrationnewscanada.ca/pgwp-list/",
    "wordpress/canadavisa": "https://www.canadavisa.com/news/french-speakers.html",
}


def load(name: str) -> Page:
    file = next(PAGES.glob(f"{name}.page.*"))
    return Page(CASES[name], file.read_bytes(), MEDIA[file.suffix[1:]], datetime(2026, 10, 2, tzinfo=UTC))


def read(name: str) -> tuple[Article, ...]:
    return parse_articles(load(name), name.partition("/")[0])


def describe(article: Article) -> dict[str, object]:
    """An article as golden files hold it: fields, then each block as its kind, level and text; header rows with "th"."""
    fields = ("canonical_url", "title", "published", "modified", "byline", "language", "template", "correction_note")
    blocks = []
    for block in article.blocks:
        mark = f"{'th' if block.header else 'tr'}{block.table}.{block.row}" if block.kind == "row" else f"{block.kind}{block.level or ''}"
        cells = [article.text[start:end] for start, end in block.cells]
        blocks.append([mark, *(cells or [article.text[block.start:block.end]])])
    return {**{field: getattr(article, field) for field in fields}, "blocks": blocks}


@pytest.mark.parametrize("name", CASES)
def test_page_gives_the_articles_in_its_golden_file(name):
    golden = PAGES / f"{name}.golden.json"
    found = [describe(article) for article in read(name)]
    if not golden.exists():
        text = json.dumps(found, ensure_ascii=False, indent=1)
        golden.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written: review it and run again")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


def test_every_page_has_a_golden_file_and_a_case():
    names = {str(file.relative_to(PAGES)).partition(".")[0] for file in PAGES.rglob("*.*") if file.is_file()}
    assert names == set(CASES)
    assert len(list(PAGES.rglob("*.page.*"))) == len(list(PAGES.rglob("*.golden.json"))) == len(CASES)


@pytest.mark.parametrize("name", CASES)
def test_offsets_cut_the_text(name):
    for article in read(name):
        assert article.text[article.blocks[0].start:article.blocks[0].end] == article.title
        for block in article.blocks:
            words = article.text[block.start:block.end]
            assert words == words.strip() or block.kind == "row"
            assert not block.cells or " | ".join(article.text[start:end] for start, end in block.cells) == words


AROUND = (
    # what stands around the articles of these pages, and would be read as a fact
    "99 lawyers", "5,000", "12 years", "600,000", "480 points", "20,000 people", "120,000", "90 days", "15 years", "7,000", "17.95",
    "2 draws", "900 invited", "1,000 posts", "300 tools", "1 free", "42 invited", "9,000 jobs", "2,000 invited", "cookies", "Subscribe",
    "newsletter", "Share this", "About the author", "Related", "5,500", "137 pages", "Apply now",
)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith(("wordpress/", "provincial/", "canada-ca/", "gov-uk/"))])
def test_boilerplate_is_no_text(name):
    page = load(name)
    assert [words for article in read(name) for words in AROUND if re.search(rf"(?<!\d){re.escape(words)}", article.text)] == []
    assert [words for words in AROUND if words.encode() in page.body] or name in {
        "gov-uk/guide", "canada-ca/service", "provincial/ab", "provincial/ns", "provincial/nb", "provincial/pe", "wordpress/cic-news-2025"}


def at(body: str | bytes, template: str, url: str = "https://host.example/page", content_type: str = "") -> tuple[Article, ...]:
    return parse_articles(Page(url, body.encode() if isinstance(body, str) else body, content_type, datetime(2026, 10, 2, tzinfo=UTC)), template)


DATA_TEMPLATES = ("gov-uk", "federal-register", "ircc-processing-times", "iec-rounds")
WALL = "<html><head><title>Just a moment...</title></head><body><p>Verify you are human.</p></body></html>"
GONE = ("<!DOCTYPE html><html lang='en'><head><title>Error 404</title></head><body><main property='mainContentOfPage'>"
        "<h1>We couldn't find that Web page</h1><p>Error 404</p><p>We're sorry you ended up here.</p></main></body></html>")


@pytest.mark.parametrize("template", DATA_TEMPLATES)
@pytest.mark.parametrize(("body", "kind"), [
    (WALL, "challenge"), (GONE, "gone"), ("", "empty"), (" \n", "empty"), ("<html><body><p>Some page.</p></body></html>", "parse"),
    ("[1, 2", "parse"), ("[]", "parse"), ("null", "parse"), ("{}", "parse"), ('{"a": 5}', "parse"), ("[" * 100_000, "parse"),
    ("<a><b></a>", "empty"), ("%PDF-1.7", "parse"), ("a" * 100, "parse"),
    ('<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><temp><country location="&b;"/></temp>', "parse"),
    ('{"title": {"a": 1}, "details": [], "links": 5, "results": {}}', "parse"),
])
def test_what_is_no_data_is_rejected_by_its_kind(body, kind, template):
    with pytest.raises(PageRejected) as rejected:
        at(body, template)
    assert rejected.value.kind == kind


class TestMedia:
    """An answer's Content-Type must fit the template, in the widest sense that servers use."""

    NEWS = '{"title": "T", "details": {"body": "<p>It costs £5.</p>"}}'

    @pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "text/plain", "text/html", "application/octet-stream", ""])
    def test_json_under_any_of_its_names(self, content_type):
        assert at(self.NEWS, "gov-uk", content_type=content_type)[0].text == "T\n\nIt costs £5."

    @pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "application/zip"])
    def test_other_media(self, content_type):
        with pytest.raises(PageRejected, match="is not json"):
            at(self.NEWS, "gov-uk", content_type=content_type)

    def test_json_is_no_web_page(self):
        with pytest.raises(PageRejected, match="is not html"):
            at("<p>x</p>", "generic", content_type="application/json")


class TestSeveralArticles:
    def test_parse_page_gives_the_first(self):
        page = load("canada-gazette/notices")
        assert parse_page(page, "canada-gazette") == parse_articles(page, "canada-gazette")[0]

    def test_each_has_an_address_of_its_own(self):
        for name in CASES:
            articles = read(name)
            assert len({article.canonical_url for article in articles}) == len(articles), name

    def test_one_without_text_is_left_out_and_none_at_all_is_a_rejection(self):
        page = "<main><h1>T</h1><h2 id='ne1'>A</h2><h2 id='ne2'>B</h2>{}</main>"
        assert [article.title for article in at(page.format("<p>Words.</p>"), "canada-gazette")] == ["B"]
        with pytest.raises(PageRejected, match="empty"):
            at(page.format(""), "canada-gazette")

    def test_search_without_results_is_empty(self):
        with pytest.raises(PageRejected) as rejected:
            at('{"count": 0, "results": []}', "federal-register")
        assert rejected.value.kind == "empty"


class TestGazette:
    @pytest.mark.parametrize(("url", "expected"), [
        ("https://gazette.gc.ca/a/commis-eng.html@cs7", "https://gazette.gc.ca/a/commis-eng.html#cs7"),
        ("https://gazette.gc.ca/a/commis-eng.htmlcs10", "https://gazette.gc.ca/a/commis-eng.html#cs10"),
        ("https://gazette.gc.ca/a/avis-fra.html@na2", "https://gazette.gc.ca/a/avis-fra.html#na2"),
        ("https://gazette.gc.ca/a/commis-eng.html#cs7", "https://gazette.gc.ca/a/commis-eng.html#cs7"),
        ("https://gazette.gc.ca/a/commis-eng.html", "https://gazette.gc.ca/a/commis-eng.html"),
        ("https://gazette.gc.ca/a/commis-eng.html?a=b@cs7", "https://gazette.gc.ca/a/commis-eng.html?a=b@cs7"),
    ])
    def test_misprinted_addresses(self, url, expected):
        assert mend_address(url) == expected

    def test_missing_page_answered_with_200(self):
        with pytest.raises(PageRejected) as rejected:
            at(GONE, "canada-gazette")
        assert rejected.value.kind == "gone"

    def test_page_in_windows_1252_that_declares_utf_8(self):
        assert load("canada-gazette/notices").body.count(b"\xe9") == 2
        assert "Montréal" in read("canada-gazette/notices")[1].text

    @pytest.mark.parametrize(("page", "cut"), [
        ("notice-avis-eng.html", True), ("commis-eng.html", True), ("reg1-eng.html", False), ("sor-dors299-eng.html", False),
        ("si-tr27-eng.html", False), ("extra6-eng.html", False), ("parliament-parlement-eng.html", True),
    ])
    def test_only_pages_of_notices_are_cut(self, page, cut):
        html = "<main><h1>Canada Gazette, Part I, Volume 160, Number 7: X</h1><h2 id='e71'>A</h2><p>a</p><h2 id='e72'>B</h2><p>b</p></main>"
        assert len(at(html, "canada-gazette", f"{GAZETTE}/p1/2026/2026-08-24/html/{page}")) == (2 if cut else 1)

    def test_ids_that_begin_no_notice(self):
        html = "<main><h1>X</h1><h2 id='ne1'>A</h2><p>a</p><h2 id='fn1'>B</h2><p>b</p><h2 id='schedule'>C</h2><p>c</p><h5 id='ne2'>D</h5><p>d</p></main>"
        (article,) = at(html, "canada-gazette")
        assert article.text == "A\n\na\n\nB\n\nb\n\nC\n\nc\n\nD\n\nd"

    def test_date_of_a_signature_is_text_and_so_is_a_second_headline(self):
        html = "<main><h1>X</h1><p>March 14, 2026</p><h2 id='ne1'>A</h2><p>Ottawa, March 2, 2026</p><h1>Annex</h1><p>a</p></main>"
        (article,) = at(html, "canada-gazette")
        assert article.text == "A\n\nOttawa, March 2, 2026\n\nAnnex\n\na"
        assert article.published == "2026-03-14"

    def test_thousands_of_notices_under_one_department(self):
        html = "<main><h1>X</h1><h2>D</h2>" + "".join(f"<h3 id='cs{number}'>T{number}</h3><p>a</p>" for number in range(1, 900)) + "</main>"
        articles = at(html, "canada-gazette")
        assert len(articles) == 899
        assert {article.byline for article in articles} == {"D"}


class TestGovUk:
    def answer(self, **fields: object) -> Article:
        return at(json.dumps({"title": "T", "details": {"body": "<p>x</p>"}, **fields}), "gov-uk")[0]

    @pytest.mark.parametrize(("fields", "said"), [
        ({"schema_name": "gone", "details": {}}, "gone"), ({"schema_name": "redirect", "title": "T"}, "redirect"), ({"error": "not found", "title": None}, "not found"),
    ])
    def test_pages_that_were_taken_down(self, fields, said):
        with pytest.raises(PageRejected, match=said) as rejected:
            self.answer(**fields)
        assert rejected.value.kind == "gone"

    @pytest.mark.parametrize(("note", "is_correction"), [
        ("Corrected the fee.", True), ("Fixed an error in the table.", True), ("Removed a typo.", True), ("Correction to the date.", True),
        ("Updated the fees.", False), ("First published.", False), ("Added the correctional services list.", False),
    ])
    def test_change_notes_that_are_corrections(self, note, is_correction):
        article = self.answer(details={"body": "<p>x</p>", "change_history": [{"note": f"<p>{note}</p>", "public_timestamp": "2026-03-01T09:00:00Z"}, None, {"note": None}]})
        assert article.correction_note == (f"2026-03-01: {note}" if is_correction else None)

    @pytest.mark.parametrize(("path", "expected"), [
        ("/x", "https://www.gov.uk/x"), ("//evil.example/x", "https://www.gov.uk//evil.example/x"), ("@evil.example/", "https://host.example/page"),
        (5, "https://host.example/page"), (None, "https://host.example/page"), ("/a b", "https://host.example/page"),
    ])
    def test_canonical_address_is_on_gov_uk_or_the_pages(self, path, expected):
        assert self.answer(base_path=path).canonical_url == expected

    def test_page_in_welsh(self):
        assert self.answer(locale="cy").language == "cy"


class TestFederalRegister:
    def test_unknown_document(self):
        with pytest.raises(PageRejected, match="Record Not Found") as rejected:
            at('{"status": 404, "message": "Record Not Found"}', "federal-register")
        assert rejected.value.kind == "gone"

    def test_publication_in_the_future_is_kept(self):
        (article,) = read("federal-register/document")
        assert article.published == "2026-10-09"
        assert article.published > load("federal-register/document").fetched_at.date().isoformat()


@pytest.mark.parametrize(("line", "name", "date"), [
    ("By Jane Roe", "Jane Roe", None),
    ("By Jane Roe - 22 February, 2023", "Jane Roe", "2023-02-22"),
    ("By: Jane Roe and John O'Neil | Feb. 3, 2026", "Jane Roe and John O'Neil", "2026-02-03"),
    ("Par Anne-Marie Roy", "Anne-Marie Roy", None),
])
def test_line_that_only_signs(line, name, date):
    (article,) = at(f"<title>T</title><article><h1>T</h1><p>{line}</p><p>The fee is $5.</p></article>", "wordpress")
    assert (article.byline, article.published, article.text) == (name, date, "T\n\nThe fee is $5.")


@pytest.mark.parametrize("line", [
    "By 2028 the share falls to 5 per cent.", "By law, fees rise.", "By Ontario, 14,119 were nominated.", "By Jane Roe - the lawyer", "Par exemple, 5 places.",
    "By Canada Day the pool will hold 235,695 candidates.",
])
def test_sentence_that_looks_like_a_signature(line):
    (article,) = at(f"<title>T</title><article><h1>T</h1><p>{line}</p><p>The fee is $5.</p></article>", "wordpress")
    assert line in article.text


@pytest.mark.parametrize("html", [
    "<p><strong><a href='/x'>Schedule a consultation with 3 lawyers</a></strong></p>", "<p><a href='/x'>Find out if you are one of 5,000</a></p>",
    "<p><b>You may also like:</b></p><ul><li>5,000 invited</li></ul>", "<p><strong>Related articles</strong></p><ul><li>5,000 invited</li></ul>",
    "<p>Related story: <a href='/x'>5,000 invited</a></p>", "<div class='cookie-consent'>5,000 cookies</div>", "<div class='author-box'><p>12 years</p></div>",
])
def test_calls_and_pointers_of_outlets(html):
    body = "<p>The intake of the pilot opens on March 3, 2026, for 275 workers.</p>"
    (article,) = at(f"<title>T</title><article><h1>T</h1><div class='entry-content'>{body}{html}{body}</div></article>", "wordpress")
    assert article.text.count("\n\n") == 2


def test_governments_service_behind_a_link_stays():
    html = "<main property='mainContentOfPage'><h1 id='wb-cont'>T</h1><p>Fees: $5.</p><ul><li><a href='/x'>Find out if you're eligible</a></li></ul></main>"
    assert "Find out if you're eligible" in at(html, "canada-ca")[0].text


@pytest.mark.shared
class TestRealData:
    def read(self, shared: Path, file: str, template: str) -> Article:
        return at((shared / "samples/ircc" / file).read_bytes(), template, f"{IRCC}/{file}")[0]

    def test_processing_times_by_country(self, shared):
        article = self.read(shared, "data-ptime-en.json", "ircc-processing-times")
        rows = [[article.text[start:end] for start, end in block.cells] for block in article.blocks if block.kind == "row" and not block.header]
        assert article.modified == "2023-01-25"
        assert len(rows) == 210 + 6 * 211 + 2 * 211
        assert ["Visitor visa from outside Canada", "Afghanistan", "276 days"] in rows
        assert sum(row[2] == "No processing time available" for row in rows) > 100
        assert not any(len(place.partition(":")[0]) == 2 for _, place, _ in rows)

    def test_processing_times_by_application(self, shared):
        article = self.read(shared, "data-ptime-non-country-en.json", "ircc-processing-times")
        assert "Visitor visa from inside Canada | online | 17 days" in article.text
        assert sum(block.header for block in article.blocks) == 26

    def test_names_of_countries_are_no_times(self, shared):
        with pytest.raises(PageRejected, match="no processing times"):
            self.read(shared, "data-country-name-en.json", "ircc-processing-times")

    def test_rounds_of_international_experience(self, shared):
        article = self.read(shared, "iecrounds2023.xml", "iec-rounds")
        assert (article.modified, len(article.blocks)) == ("2023-02-17", 1 + 1 + 89 + 2)
        assert "France | Young Professionals: Volontariat international en entreprise (VIE) | 550 |" in article.text
