"""The site without a browser: every page answers, marks cut the right words, and hostile content stays text."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from html.parser import HTMLParser

import pytest

from db.metadata import load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.serve import SITE, build_app, close_app
from db.site.links import check_link, find_repeated, name_host
from db.site.quotes import cut_pieces, quote_fact
from db.site.wording import say_date, say_duration, say_fact, say_moment, say_number, say_value, show
from tests.db.public_sample import (
    FACTS,
    HOSTILE_CLAUSE,
    HOSTILE_OUTLET,
    HOSTILE_TITLE,
    LONG_WORD,
    build_sample,
    fact_key,
)

CAP = fact_key("h1b-permit", 1, "cap")
OLD = fact_key("july-round", 1, "invitations")
NEW = fact_key("july-round", 2, "invitations")
HOSTILE = fact_key("hostile", 1, "cap")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    built = build_app(build_sample(tmp_path_factory.mktemp("site") / "facts.db"))
    yield built
    close_app(built)


@pytest.fixture
def get(app):
    def get(path, status=200):
        response = asyncio.run(app.client.get(path))
        assert response.status_code == status, (path, response.text[:2000])
        return response

    return get


@pytest.fixture
def rows(get):
    return lambda table: get(f"/facts/{table}.json?_shape=array&_size=max").json()


class Reader(HTMLParser):
    """Elements with their attributes, and the text within `mark`, `main` and the rest."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.marks, self.within, self.text = [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "mark":
            self.marks.append([dict(attrs)["class"], ""])
        if tag in {"mark", "script", "style"}:
            self.within.append(tag)

    def handle_endtag(self, tag):
        if self.within and self.within[-1] == tag:
            self.within.pop()
        if tag in {"dt", "dd", "p", "li", "td", "th", "h1", "h2", "h3"}:
            self.text.append(" ")

    def handle_data(self, data):
        if self.within[-1:] == ["mark"]:
            self.marks[-1][1] += data
        if self.within[-1:] not in (["script"], ["style"]):
            self.text.append(data)

    @property
    def words(self):
        return " ".join("".join(self.text).split())


# ---------------------------------------------------------------- everything answers


@pytest.mark.parametrize("name", [thing.name for thing in (*PUBLIC, *PUBLIC_VIEWS)])
def test_tables_and_views_answer_in_every_format(get, name):
    page = get(f"/facts/{name}").text
    columns = get(f"/facts/{name}.json").json()["columns"]
    header = next(csv.reader(io.StringIO(get(f"/facts/{name}.csv").text)))
    assert header == columns
    assert '<details class="column-notes">' in page
    assert page.count('<dl class="column-descriptions">') == 1
    for column in columns:
        assert f'id="column-{column}"' in page


@pytest.mark.parametrize("table", [table for table in PUBLIC if table.facets], ids=lambda table: table.name)
def test_facets_answer(get, table):
    plain, asked = get(f"/facts/{table.name}.json").json()["facet_results"], "?" + "&".join(f"_facet={name}" for name in table.facets if table.large)
    assert set(plain) == (set() if table.large else set(table.facets))
    for name in table.facets if table.large else ():
        assert f'<a href="/facts/{table.name}?_facet={name}" rel="nofollow">{name}</a>' in get(f"/facts/{table.name}").text
    page, results = get(f"/facts/{table.name}{asked}").text, get(f"/facts/{table.name}.json{asked}").json()["facet_results"]
    assert set(results) == set(table.facets)
    for name in table.facets:
        assert f'id="facet-{name}"' in page
        for value in results[name]["results"]:
            narrowed = get(value["toggle_url"].removeprefix("http://localhost")).json()
            assert narrowed["filtered_table_rows_count"] == value["count"]
    assert "timed out" not in page


@pytest.mark.parametrize("table", [table for table in PUBLIC if len(table.key) == 1], ids=lambda table: table.name)
def test_every_row_page_answers(get, rows, table):
    found = rows(table.name)
    assert found
    for row in found:
        key = str(row[table.key[0]]).replace(":", "~3A")
        assert "<h1" in get(f"/facts/{table.name}/{key}").text
        assert get(f"/facts/{table.name}/{key}.json?_shape=array").json()[0][table.key[0]] == row[table.key[0]]


def test_rows_with_compound_keys_answer(get):
    assert "abbreviation" in get("/facts/pathway_aliases/ca-ee,EE,en").text
    assert get("/facts/occupation_changes/3012,31301.json?_shape=array").json()[0]["noc_2021"] == "31301"
    assert "Registered nurses" in get("/facts/occupation_changes").text


@pytest.mark.parametrize("query", load_queries(), ids=lambda query: query.name)
def test_canned_queries_answer_in_every_format(get, query):
    values = "&".join(f"{each.name}={each.example}" for each in query.parameters)
    page = get(f"/facts/{query.name}?{values}").text
    words = Reader(page).words
    assert f"Query {query.title} {query.description}" in words
    assert 'id="sql-query"' not in page
    for parameter in query.parameters:
        assert f'name="{parameter.name}"' in page
        assert parameter.hint in words
    answered = get(f"/facts/{query.name}.json?_shape=array&{values}").json()
    assert answered
    header = next(csv.reader(io.StringIO(get(f"/facts/{query.name}.csv?{values}").text)))
    assert header == list(answered[0])
    assert '<pre id="sql-query">' in get(f"/facts/{query.name}?{values}&_show_sql=1").text
    get(f"/facts/{query.name}")


def test_sql_is_open(get):
    assert get("/facts.json?sql=select+count(*)+as+n+from+facts&_shape=array").json() == [{"n": len(FACTS)}]
    assert "SQL query" in get("/facts?sql=select+1").text
    assert "no such table" in get("/facts?sql=select+*+from+nothing_here", status=400).text


def test_front_page(get):
    page = Reader(get("/").text)
    doors = {attributes.get("href") for tag, attributes in page.elements if tag == "a"}
    assert {"/facts/facts", "/facts/events", "/facts/pathways", "/draws", "/facts/occupations", "/facts/changes_since", "/facts/sources", "/facts#queries"} <= doors
    assert "2 ok, 1 failing, 1 quiet" in page.words
    assert "last crawl 7 August 2026, 11:30 UTC" in page.words
    assert "3,300" not in page.words


def test_database_page_lists_everything_with_its_description(get):
    page = Reader(get("/facts").text).words
    for thing in (*PUBLIC, *PUBLIC_VIEWS):
        assert thing.title in page
        assert " ".join(thing.description.split()) in page
    for query in load_queries():
        assert query.title in page


def test_pages_are_in_english_and_ask_no_other_host(get):
    for path in ("/", "/facts", "/facts/facts", f"/facts/facts/{CAP}", "/facts/latest_facts", "/facts?sql=select+1"):
        response = get(path)
        page = Reader(response.text)
        assert ("html", {"lang": "en"}) in page.elements
        loaded = [attributes.get("src") or attributes.get("href") for tag, attributes in page.elements if tag in {"script", "link", "img", "iframe"}]
        # The canonical address is this page's own, and nothing is fetched from it.
        assert all(address.startswith("/") or "json" in address or address == f"http://localhost{path}" for address in loaded if address)
        assert "default-src 'none'" in response.headers["content-security-policy"]


def test_missing_rows_and_pages(get):
    for path in ("/facts/facts/nope", "/facts/pathways/nope", "/facts/nothing", "/nowhere"):
        assert "nothing at this address" in get(path, status=404).text
    assert get("/facts/facts/nope.json", status=404).json()["ok"] is False


def test_static_files(get):
    assert "@layer" not in get("/static/landed.css").text
    assert get("/static/landed.svg").text.startswith("<svg")


# ---------------------------------------------------------------- a fact's page


def test_fact_page_reads_like_a_citation(get):
    response = get(f"/facts/facts/{CAP}")
    page = Reader(response.text)
    assert "Open work permit for H-1B visa holders — cap: up to 10,000 people" in page.words
    assert "16 July 2023 to 15 July 2024" in page.words
    for part in ("Federal newsroom", "10 July 2023", "1 of 1, as first seen", "urn-h1b-permit-1", "2026/ca-newsroom.warc.gz , 4,096".replace(" ,", ","),
                 "cap-rule", "score 0.90", "le 10000 people", "SHA-256"):
        assert part in page.words
    assert f"Fact {CAP}, http://localhost/facts/facts/{CAP}" in page.words
    assert ("a", {"href": "https://www.canada.ca/news/h1b", "rel": "nofollow noopener"}) in page.elements


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact[0]}-{fact[1]}-{fact[3]}")
def test_marks_cut_the_right_words(get, fact):
    """Accents, emoji of several code points and flags stand before the clause of the first article."""
    text = get(f"/facts/facts/{fact_key(fact[0], fact[1], fact[3])}").text
    page = Reader(text[text.index('<figure class="evidence">') : text.index("</figure>")])
    marked = {role: "" for role, _ in fact[15]}
    for css, words in page.marks:
        for role in marked:
            if f"role-{role}" in css.split() or f"also-{role}" in css.split():
                marked[role] += words
    for role, words in fact[15]:
        legend = " ".join(words.split())
        assert legend in page.words
        if role == "value":
            assert marked[role] == words
        assert marked[role] in words


def test_overlapping_marks_are_cut_at_every_edge():
    text = "up to 10,000 people in all"
    spans = [(0, 19, "trigger"), (0, 5, "comparator"), (6, 12, "value"), (6, 19, "unit")]
    pieces = cut_pieces(text, 0, len(text), spans)
    assert [(piece.text, piece.roles) for piece in pieces] == [
        ("up to", ("comparator", "trigger")), (" ", ("trigger",)), ("10,000", ("value", "unit", "trigger")),
        (" people", ("unit", "trigger")), (" in all", ()),
    ]  # fmt: skip
    assert "".join(piece.text for piece in pieces) == text
    assert pieces[2].css == "role-value also-unit"
    assert pieces[2].title == "value, unit, wording that shows the attribute"


def quoted(before, clause, after, start, *marks):
    fact = {"evidence_before": before, "evidence": clause, "evidence_after": after, "clause_start": start}
    return quote_fact(fact, [dict(zip(("role", "start_char", "end_char", "quote"), mark, strict=True)) for mark in marks])


def test_marks_count_code_points():
    quote = quoted("", "🍁é👩‍👧 cap 500", "", 0, ("value", 10, 13, "500"))
    assert [(piece.text, piece.roles) for piece in quote.clause] == [("🍁é👩‍👧 cap ", ()), ("500", ("value",))]


def test_a_mark_that_does_not_fit_highlights_nothing():
    quote = quoted("", "cap of 500", "", 100, ("value", 106, 109, "500"), ("date", 3, 7, "2026"))
    assert [piece.roles for piece in quote.clause] == [()]
    assert [(role, words) for role, _, words in quote.legend] == [("value", "500"), ("date", "2026")]


def test_context_begins_and_ends_with_whole_words():
    quote = quoted("ing of the year " * 3 + "and so it is", "the cap is 5", " as before" * 6, 500, ("value", 511, 512, "5"))
    assert quote.cut_before
    assert "".join(piece.text for piece in quote.before).startswith("of the year")
    assert quote.cut_after
    assert "".join(piece.text for piece in quote.after).endswith("before as")
    whole = quoted("The news: ", "the cap is 5", ", we hear.", 10, ("value", 21, 22, "5"))
    assert ("".join(piece.text for piece in whole.before), whole.cut_before, whole.cut_after) == ("The news: ", False, False)


def test_marks_in_the_context_are_shown():
    quote = quoted("Express Entry: ", "3,000 invited", "", 15, ("subject", 0, 13, "Express Entry"), ("value", 15, 20, "3,000"))
    assert [(piece.text, piece.roles) for piece in quote.before] == [("Express Entry", ("subject",)), (": ", ())]


def test_superseded_and_corrected_facts_point_to_each_other(get):
    old, new = get(f"/facts/facts/{OLD}").text, get(f"/facts/facts/{NEW}").text
    assert "The article no longer says this" in old
    assert f'href="/facts/facts/{NEW}"' in old
    assert "An earlier version of the article said" in new
    assert f'href="/facts/facts/{OLD}"' in new
    assert "gave the wrong number of invitations" in Reader(new).words
    assert "2 of 2, corrected by the publisher" in Reader(new).words


def test_official_check(get):
    disagree, agree = Reader(get(f"/facts/facts/{OLD}").text).words, Reader(get(f"/facts/facts/{NEW}").text).words
    assert "this figure disagrees with the official record" in disagree
    assert "The text has 3,300, the draw of 21 July 2026 has 3,000" in disagree
    assert "agrees with the official record" in agree
    assert 'href="/facts/draws/ca-ee-430"' in get(f"/facts/facts/{OLD}").text
    unsure = Reader(get(f"/facts/facts/{fact_key('health-round', 1, 'cutoff_score')}").text).words
    assert "fits no single official draw" in unsure


def test_others_on_the_same_point(get):
    page = Reader(get(f"/facts/facts/{fact_key('levels', 1, 'target')}").text).words
    assert "Others on the same point" in page
    assert "about 380,000 people" in page


# ---------------------------------------------------------------- other row pages


def test_article_page(get):
    page = Reader(get("/facts/articles/july-round").text).words
    for part in ("Ottawa invites thousands in July round", "Corrected: invitations was 3,300, is now 3,000", "What it no longer says", "corrected by the publisher",
                 "2026/harbour-times.warc.gz", "Read it at harbour.example"):
        assert part in page


def test_other_row_pages_show_labels_and_whole_texts(get):
    page = get("/facts/captures/urn-hostile-1").text
    assert "2026/hostile-gazette.warc.gz" in page
    text = next(row["text"] for row in get("/facts/article_versions.json?_shape=array").json() if row["text"])
    version = next(row["version_id"] for row in get("/facts/article_versions.json?_shape=array").json() if row["text"] == text)
    assert " ".join(text.split()) in Reader(get(f"/facts/article_versions/{version}").text).words


# ---------------------------------------------------------------- hostile content

HOSTILE_PATHS = (
    "/", "/facts", "/facts/facts", "/facts/facts?_wide=1", f"/facts/facts/{HOSTILE}", "/facts/articles", "/facts/articles/hostile", "/facts/sources",
    "/facts/sources/hostile-gazette", "/facts/source_health", "/facts/source_health/hostile-gazette", "/facts/v_facts", "/facts/captures", "/facts/captures/urn-hostile-1",
    "/facts/article_versions", "/facts/candidates", "/facts/pathways", "/facts/pathways/ca-ee", "/facts/pathways/ca-levels", "/facts/marks",
    "/facts/latest_facts", "/facts/facts_of_a_pathway?pathway=ca-ee", "/facts/health_of_sources", "/facts/pathways_to_review", "/facts/facts_of_an_article?article=hostile",
    "/facts/search_evidence?words=%3Cscript%3Ealert(8)%3C/script%3E", "/facts?sql=select+title+from+articles", "/facts/facts?_search=%22%3E%3Cscript%3E",
    "/facts/facts?scope__contains=script", "/facts/%3Cscript%3Ealert(9)%3C~2Fscript%3E",
)  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_hostile_content_stays_text(app, path):
    response = asyncio.run(app.client.get(path, follow_redirects=True))
    assert response.status_code in {200, 404}
    text = response.text
    page = Reader(text)
    scripts = re.findall(r"<script\b[^>]*>(.*?)</script>", text, re.DOTALL)
    assert not any("alert(" in script for script in scripts)
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        for name in ("href", "src", "action", "formaction"):
            assert not (attributes.get(name) or "").strip().lower().startswith(("javascript:", "data:", "vbscript:"))
        assert tag not in {"iframe", "object", "embed", "base"}
        assert (tag, attributes.get("src")) != ("img", "x")


@pytest.mark.parametrize("path", [f"/facts/facts/{HOSTILE}", "/facts/articles/hostile", "/", "/facts/pathways/ca-ee", "/facts/latest_facts"])
def test_pages_show_no_bidi_controls(get, path):
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", get(path).text)


def test_hostile_words_are_shown_as_they_are(get):
    page = Reader(get(f"/facts/facts/{HOSTILE}").text).words
    assert " ".join(show(HOSTILE_TITLE).split()) in page
    assert HOSTILE_OUTLET in page
    assert " ".join(show(HOSTILE_CLAUSE).split()) in page
    assert LONG_WORD in page
    assert 'only for: "><script>alert(7)</script>' in page


def test_tables_shorten_what_is_long(get):
    assert LONG_WORD[:500] not in get("/facts/facts?_wide=1").text
    assert LONG_WORD[:500] not in get("/facts/v_facts").text
    assert LONG_WORD in get("/facts/facts.json?_shape=array&attribute_id=cap&_size=max").text


def test_only_columns_of_addresses_become_links(get):
    page = Reader(get("/facts?sql=select+%27https%3A%2F%2Fbad.example%2F%27+as+title,+%27https%3A%2F%2Fgood.example%2Fx%27+as+url,+%27javascript:alert(1)%27+as+home_url").text)
    linked = [attributes["href"] for tag, attributes in page.elements if tag == "a" and attributes.get("href", "").startswith("http")]
    assert linked == ["https://good.example/x", "https://datasette.io/"]
    assert "javascript:alert(1)" in page.words


@pytest.mark.parametrize(("url", "right"), [
    ("https://a.example/x?y=1&z=2", True), ("http://a.example", True), ("javascript:alert(1)", False), ("JaVaScRiPt:alert(1)", False),
    ("data:text/html,x", False), ("//a.example/x", False), ("https:///x", False), ("https://a.example/ x", False), ("https://a.example/\u202ex", False),
    (" https://a.example", False), ("java\nscript:alert(1)", False), ("http://[::1", False), ("", False), (None, False), ("https://a.example/" + "x" * 3000, False),
])  # fmt: skip
def test_check_link(url, right):
    assert check_link(url) == (url if right else "")


def test_name_host():
    assert name_host("https://www.canada.ca/news") == "canada.ca"


# ---------------------------------------------------------------- looks

ROLES = ("value", "subject", "date", "unit", "comparator", "scope", "trigger")
PAIRS = (
    *((ink, ground) for ink in ("ink", "soft", "link", "visited", "good", "bad", "warn") for ground in ("paper", "panel")),
    *(("ink", role) for role in ROLES), ("ink", "field"), ("soft", "field"), ("on-accent", "accent"),
)  # fmt: skip


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_contrast_is_enough_to_read(scheme, pair):
    sheet = (SITE / "static" / "landed.css").read_text("utf-8")
    block = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    lighter, darker = sorted((luminance(colours[name]) for name in pair), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(("attribute", "value", "unit", "comparator", "said"), [
    ("cap", "10000", "people", "le", "up to 10,000 people"),
    ("cap", "1", "employers", "eq", "1 employer"),
    ("cap", "10", "percent", "eq", "10%"),
    ("cap", "-500", "permits", "delta", "change of \N{MINUS SIGN}500 permits"),
    ("target", "380000..395000", "people", "range", "380,000 to 395,000 people"),
    ("invitations", "3000", "invitations", "eq", "3,000"),
    ("cutoff_score", "511", "points", "ge", "at least 511 points"),
    ("fee", "1365", "CAD", "eq", "CAD 1,365"),
    ("min_wage", "30.50", "CAD per hour", "ge", "at least CAD 30.50 per hour"),
    ("min_language", "7", "CLB", "ge", "at least CLB 7"),
    ("processing_time", "P6W..P8W", None, "range", "6 to 8 weeks"),
    ("processing_time", "P6M..P1Y", None, "range", "6 months to 1 year"),
    ("permit_validity", "P1Y6M", None, "le", "up to 1 year 6 months"),
    ("opens_on", "2026-07-16", None, "eq", "16 July 2026"),
    ("closes_on", "2026-09", None, "le", "by September 2026"),
    ("eligible_noc", "21231", "NOC 2021", "eq", "NOC 21231"),
    ("eligible_noc", "2173", "NOC 2016", "eq", "NOC 2016 2173"),
    ("some_new_thing", "12 apples", None, "eq", "12 apples"),
    ("cap", "9" * 400, "people", "eq", "9" * 400 + " people"),
])  # fmt: skip
def test_say_value(attribute, value, unit, comparator, said):
    assert say_value(attribute, value, unit, comparator) == said


@pytest.mark.parametrize(("edtf", "said"), [
    ("2026", "2026"), ("2026-07", "July 2026"), ("2026-07-01", "1 July 2026"), ("2026-07-01/2026-08", "1 July 2026 to August 2026"), ("../2026", "until 2026"),
    ("2026-07/..", "from July 2026"), ("XXXX-07-16", "16 July (year not given)"), ("2026-XX", "2026"), ("2026~", "about 2026"), ("2026-21", "spring 2026"),
    ("2026-34", "second quarter 2026"), ("2026-13-01", "2026-13-01"), ("soon", "soon"), ("2026-06-16T23:30:00-06:00", "16 June 2026"),
])  # fmt: skip
def test_say_date(edtf, said):
    assert say_date(edtf) == said


def test_say_other_things():
    assert say_number("1234567.50") == "1,234,567.50"
    assert say_number("12.0") == "12"
    assert say_duration("P") == "P"
    assert say_duration("P1D") == "1 day"
    assert say_moment("2026-08-07T11:30:00Z") == "7 August 2026, 11:30 UTC"
    assert say_moment(None) == ""
    assert say_moment("yesterday") == "yesterday"
    assert show("a\u202eb\x00c") == "a\ufffdb\ufffdc"
    fact = {"attribute_id": "eligible_noc", "value": "31301", "unit": "NOC 2021", "comparator": "eq", "occupation": "Nurses"}
    assert say_fact(fact) == "eligible occupation: NOC 31301, Nurses"


def test_find_repeated():
    assert find_repeated(["pathway_id", "pathway", "attribute_id", "value", "unit"]) == ["pathway_id", "unit"]
    assert find_repeated(["pathway_id", "value", "unit"]) == []
