"""Pages of events: what happened, who says so, and why each fact belongs there; how to cite them and to report an error."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from db.event_rules import load_rules
from db.schema_events import BASES, EVENT_TYPES, ROLES, STATUSES
from db.schema_reviews import CORRECTION_KINDS, REVIEW_VERDICTS
from db.serve import ServeError, build_app, close_app
from db.site.citing import cite_event, cite_fact
from db.site.headlines import say_event, say_figures, say_rule, say_support
from db.site.pages.article import read_article
from db.site.pages.event import explain_tie, read_event
from db.site.pages.fact import read_fact
from db.site.reporting import check_address, report_link
from db.site.wording import WORDS, is_iso_date, say_change, say_dates_within
from tests.db.public_sample import EVENTS, build_sample, fact_key
from tests.db.test_site import Reader

DRAW = "ev-ca-ee-430"
NEW = fact_key("july-round", 2, "invitations")
OLD = fact_key("july-round", 1, "invitations")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return build_sample(tmp_path_factory.mktemp("events") / "facts.db")


@pytest.fixture(scope="module")
def app(database):
    built = build_app(database)
    yield built
    close_app(built)


@pytest.fixture
def get(app):
    def get(path, status=200):
        response = asyncio.run(app.client.get(path))
        assert response.status_code == status, (path, response.text[:2000])
        return response

    return get


# ---------------------------------------------------------------- an event's page


def test_draw_page_names_figures_record_and_support(get):
    words = Reader(get(f"/facts/events/{DRAW}").text).words
    for part in (
        "Canadian Experience Class — Draw 430, 21 July 2026: 3,000 invitations, cut-off score 511", "told by 1 owner in 1 story, on the official record",
        "On the official record: Canadian Experience Class, 21 July 2026 , 3,000 invitations, cut-off score 511".replace(" ,", ","), "Figures of texts against it: 2 agree",
        "3,000 disputed the official record", "3,300 no longer said", "Draw 91a, 30 May 2018: 200 invitations", "Status over",
    ):  # fmt: skip
        assert part in words


def test_outlets_stand_beside_each_other_with_marked_words(get):
    text = get(f"/facts/events/{DRAW}").text
    page = Reader(text)
    values = [words for css, words in page.marks if "role-value" in css.split()]
    assert values == ["3,000", "511", "3,300"]
    for fact in (NEW, OLD, fact_key("july-round", 2, "cutoff_score")):
        assert f'href="/facts/facts/{fact}"' in text
    assert text.count('class="outlet"') == 1
    assert Reader(get("/facts/events/ev-0000000000000002").text).words.count("Immigration Levels Plan foresees") == 1
    assert get("/facts/events/ev-0000000000000002").text.count('class="outlet"') == 2
    assert "disagrees with the official record, which has 3,000" in page.words
    assert "the article says something else now, doesn't count" in page.words


def test_why_each_fact_belongs_to_its_event_is_said_in_words(get):
    page = Reader(get(f"/facts/events/{DRAW}").text).words
    assert page.count("The article's other figures on the draw are those of one official round") == 1
    assert "Trust in this rule: 0.90" in page
    both = Reader(get("/facts/events/ev-0000000000000002").text).words
    assert "The event was begun by this fact" in both
    assert "It is about the same period and the same part of the same pathway." in both


def test_corrections_and_reviews_of_its_facts_are_listed(get):
    page = Reader(get(f"/facts/events/{DRAW}").text).words
    assert "Corrected by the publisher, 7 August 2026, 12:00 UTC: 3,300, now 3,000." in page
    assert "Correction: an earlier version gave the wrong number." in page
    assert "rae <b> found it right. <i>seen</i>" in page


def test_merged_and_retired_events_say_so(get):
    merged = get("/facts/events/ev-0000000000000004").text
    assert "This turned out to be another event: later texts showed that both were one." in Reader(merged).words
    assert 'href="/facts/events/ev-0000000000000001"' in merged
    survivor = Reader(get("/facts/events/ev-0000000000000001").text).words
    assert "Opened 16 July 2023" in survivor
    assert "Also known as ev-0000000000000004" in survivor


def test_a_draw_of_an_unknown_pathway_has_a_page(get):
    page = Reader(get("/facts/events/ev-ca-ee-434").text).words
    assert "Draw 434, 6 August 2026: 2,500 invitations" in page
    assert "No text on record gives a figure that could be checked against it." in page


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event[0])
def test_each_event_page_cites_itself(get, event):
    text = get(f"/facts/events/{event[0]}").text
    words = Reader(text).words
    assert f"Event {event[0]}, http://localhost/facts/events/{event[0]}" in words
    assert f"@misc{{landed-event-{event[0]}," in words
    assert "as published 7 August 2026" in words
    assert "style=" not in text


def test_dates_are_given_to_machines_too(get):
    assert ("time", {"datetime": "2026-07-22"}) in Reader(get(f"/facts/events/{DRAW}").text).elements


def test_table_of_events_reads_as_sentences(get):
    text = get("/facts/events").text
    page = Reader(text).words
    for part in ("Draw 431, 22 July 2026: 1,000 invitations, cut-off score at least 475 disputed on record".replace("at least ", ""), "Opened 16 July 2023 official", "in effect"):
        assert part in page
    assert f'href="/facts/events/{DRAW}"' in text
    assert "dedupe_key" not in text[text.index("<table") :]
    wide = get("/facts/events?_wide=1").text
    assert "dedupe_key" in wide[wide.index("<table") :]


@pytest.mark.parametrize("path", ["/facts/events", "/facts/facts", "/facts/draws?_facet=year&year=2026", "/facts/v_timeline", "/facts/facts?_where=1%3D1"])
def test_table_pages_carry_no_inline_code(get, path):
    text = get(path).text
    assert not re.search(r"<script(?![^>]*(\ssrc=|ld\+json))|<style|\sstyle=", text)


def test_facets_are_folded_until_one_is_chosen(get):
    assert '<details class="facet-results">' in get("/facts/events").text
    assert '<details class="facet-results" open>' in get("/facts/events?_facet=event_type").text
    assert '<details class="facet-results" open>' in get("/facts/draws?year=2026").text


def test_menu_says_where_the_reader_is(get):
    doors = [(tag, attributes) for tag, attributes in Reader(get(f"/facts/events/{DRAW}").text).elements if "aria-current" in attributes]
    assert doors[0] == ("a", {"href": "/facts/events", "aria-current": "true"})
    assert 'href="/facts/events" aria-current="page"' in get("/facts/events").text


# ---------------------------------------------------------------- words


def test_every_code_has_words():
    assert set(WORDS["events"]) == set(WORDS["event_types"]) == set(EVENT_TYPES)
    assert set(WORDS["event_status"]) == set(STATUSES)
    assert set(WORDS["basis"]) == set(BASES)
    assert set(WORDS["support"]) == set(ROLES)
    assert set(WORDS["corrections"]) == set(CORRECTION_KINDS)
    assert set(WORDS["reviews"]) == set(REVIEW_VERDICTS)
    for kind in EVENT_TYPES:
        for rule in load_rules().links:
            assert explain_tie(kind, rule) != rule
    assert explain_tie("draw", "a-rule-of-tomorrow") == "a-rule-of-tomorrow"


def event(kind, day, status="announced", draw=None, title="A title"):
    return {"event_type": kind, "event_date": day, "period": None, "status": status, "draw_id": draw, "title": title}


def value(attribute, amount, unit="", rank="preferred", scope="", beside=1):
    return {"attribute_id": attribute, "value": amount, "unit": unit, "rank": rank, "scope": scope, "beside": beside}


@pytest.mark.parametrize(("happened", "values", "said"), [
    (event("draw", "2018-05-30", draw="ca-ee-91a", title="Canadian Experience Class: Draw 91a"), [value("invitations", "3250", "invitations")], "Draw 91a, 30 May 2018: 3,250 invitations"),
    (event("draw", "2026-07-22"), [], "Draw, 22 July 2026"),
    (event("draw", "2026-06-15", draw="ca-ab-aaip-2026-06-15-5f3f17c0", title="A stream: Draw 2026-06-15"), [], "Draw, 15 June 2026"),
    (event("opening", "2026-09"), [value("opens_on", "2026-09", "EDTF")], "Opens September 2026"),
    (event("opening", "2023-07-16", "in_effect"), [value("opens_on", "2023-07-16", "EDTF")], "Opened 16 July 2023"),
    (event("cap_set", "2026"), [value("cap", "155000", "permits")], "Cap for 2026: 155,000 permits"),
    (event("allocation", "2026"), [value("cap", "14119", "nominations", scope="Ontario")], "Allocation for 2026: 14,119 nominations (Ontario)"),
    (event("fee_change", None), [value("fee", "155", "CAD")], "Fee: CAD 155"),
    (event("requirement_change", None), [value("min_language", "7", "CLB")], "Minimum language level: CLB 7"),
    (event("term_change", None), [value("processing_time", "P6M", "ISO 8601 duration")], "Processing time: 6 months"),
    (event("list_change", None), [value("eligible_noc", code, "NOC 2021", "normal", beside=40) for code in ("31100", "31101", "31102", "31103")],
     "Occupations listed: NOC 31100, NOC 31101, NOC 31102 and 37 more"),
    (event("something_new", None, title="Something \u202enew"), [], "Something \ufffdnew"),
])  # fmt: skip
def test_say_event(happened, values, said):
    assert say_event(happened, values) == said


def test_headlines_name_few_figures():
    assert say_figures([value("cap", str(n), "people", scope=f"Part {n}") for n in range(9)])[-1] == "6 more figures"


def test_say_support():
    none = {"owners": 0, "stories": 0, "draw_id": None, "official": 0}
    assert say_support(none) == "no current text tells of it"
    assert say_support(none | {"owners": 2, "stories": 3, "official": 1}) == "told by 2 owners in 3 stories, an authority says so"


def test_say_rule():
    assert say_rule("cap_reached_on-inside") == "The value stands within the wording of a cue."
    assert say_rule("anything") == ""


def test_say_change():
    known = '{"attribute_id": "invitations", "value": "5500", "unit": "invitations"}'
    assert say_change({"before_json": known, "after_json": known.replace("5500", "5000")}) == "invitations: 5,500, now 5,000."
    assert say_change({"before_json": known, "after_json": None}) == "invitations: 5,500 is no longer on record."
    assert say_change({"before_json": "[1]", "after_json": "not json"}) == ""


def test_say_dates_within():
    assert say_dates_within("Draw 2026-05-21, of 2026-05 (2026-05-22)") == "Draw 21 May 2026, of 2026-05 (22 May 2026)"
    assert say_dates_within("2026-05-21/2026-05-22 x2026-05-21 2026-13-41") == "2026-05-21/2026-05-22 x2026-05-21 2026-13-41"


def test_changes_are_told_by_day(get):
    page = Reader(get("/facts/changes_since?since=2020-01-01").text).words
    assert "7 August 2026" in page
    assert "new event Canadian Experience Class: Draw 430 draw, over" in page
    assert "Draw 430" not in Reader(get("/facts/changes_since?since=2030-01-01").text).words
    assert "Nothing on record fits." in Reader(get("/facts/changes_since?since=2030-01-01").text).words


def test_is_iso_date():
    assert [is_iso_date(text) for text in ("2026", "2026-07", "2026-07-21", "2026-07-21T10:00:00Z")] == [True] * 4
    assert [is_iso_date(text) for text in ("2026/2027", "2026~", "../2026", "soon", None)] == [False] * 5


# ---------------------------------------------------------------- citing, reporting


def test_bibtex_escapes_what_tex_would_read():
    fact = {"pathway": "A & B_{c}", "attribute_id": "cap", "value": "10", "unit": "percent", "comparator": "eq", "source": "Gazette \\ 100%", "publisher": "Gazette \\ 100%",
            "version_title": "}} \\end{document} $x^2$ #1 ~", "published": "2026-07-21", "url": "javascript:alert(1)", "version_no": 2, "fact_id": "abc"}  # fmt: skip
    text, bibtex = cite_fact(fact, "https://example.org/facts/facts/abc")
    assert "javascript" not in text + bibtex
    assert bibtex.startswith("@misc{landed-fact-abc,\n  author = {{Gazette \\textbackslash{} 100\\%}},\n")
    assert "title = {{\\}\\} \\textbackslash{}end\\{document\\} \\$x\\textasciicircum{}2\\$ \\#1 \\textasciitilde{}}}" in bibtex
    assert "  year = {2026},\n  month = {7},\n  howpublished = {\\url{https://example.org/facts/facts/abc}},\n" in bibtex
    assert "A \\& B\\_\\{c\\} — cap: 10\\%" in bibtex


def test_bibtex_of_an_event_names_the_publication():
    happened = {**event("opening", "2026-09"), "pathway": None, "event_id": "ev-1"}
    text, bibtex = cite_event(happened, [], "https://example.org/e", "2026-08-07T12:00:00Z")
    assert text == "Landed, “Opens September 2026”, as published 7 August 2026. Event ev-1, https://example.org/e"
    assert "year = {2026}" in bibtex


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://example.org/", "mailto:", "https://", "data:text/html,x", "https://a.example/ x", 'https://a.example/"', "", "http://[::1"])
def test_reports_go_only_to_mail_and_https(address):
    with pytest.raises(ValueError, match=r"mailto: or https:"):
        check_address(address)
    assert report_link(address, "fact", "abc", "https://example.org/abc") == ""


def test_report_link_is_filled_in():
    mail = urlsplit(report_link("mailto:rae@example.org", "fact", "abc", "https://example.org/facts/facts/abc"))
    assert (mail.scheme, mail.path, parse_qs(mail.query)["subject"]) == ("mailto", "rae@example.org", ["Error in fact abc"])
    assert "+" not in mail.query
    form = urlsplit(report_link("https://tracker.example/new?labels=data", "event", "ev-1", "https://example.org/e"))
    asked = parse_qs(form.query)
    assert (asked["labels"], asked["title"]) == (["data"], ["Error in event ev-1"])
    assert "https://example.org/e" in asked["body"][0]


def test_pages_offer_the_operators_address(database, get):
    assert "Report an error" not in get(f"/facts/facts/{NEW}").text
    app = build_app(database, report_to="mailto:rae@example.org?cc=desk@example.org")
    try:
        for table, row, kind in (("facts", NEW, "fact"), ("events", DRAW, "event")):
            page = Reader(asyncio.run(app.client.get(f"/facts/{table}/{row}")).text)
            links = [attributes["href"] for tag, attributes in page.elements if tag == "a" and attributes.get("class") == "report"]
            assert links[0].startswith(f"mailto:rae@example.org?cc=desk@example.org&subject=Error%20in%20{kind}%20{row}&body=")
            assert f"Report an error in this {kind}" in page.words
    finally:
        close_app(app)


def test_an_address_that_leads_nowhere_is_refused(database):
    with pytest.raises(ServeError, match="javascript"):
        build_app(database, report_to="javascript:alert(1)")


# ---------------------------------------------------------------- facts and articles


def test_fact_page_shows_its_event_with_other_outlets(get):
    page = get(f"/facts/facts/{fact_key('levels', 1, 'target')}").text
    words = Reader(page).words
    assert "Its event Target for 2026: 380,000 to 395,000 people told by 2 owners in 1 story" in words
    assert "Why it belongs here: The event was begun by this fact: nothing on record was near enough to it. Trust in this rule: 0.90." in words
    assert "Others on the same point Harbour Times Plan sets lower figure, 2 November 2025" in words
    assert 'href="/facts/events/ev-0000000000000002"' in page
    assert page.count("about 380,000 people") == 1, "what the event's outlets say isn't listed again"


def test_fact_page_says_how_it_was_read(get, database):
    with closing(sqlite3.connect(database)) as connection, connection:
        known = {row[0] for row in connection.execute("SELECT DISTINCT rule FROM facts")}
    assert known
    words = Reader(get(f"/facts/facts/{NEW}").text).words
    assert "Cue “invited” shows that it is an invitations" not in words
    assert "Cue “invited”: wording that shows the attribute" in words
    assert "Checked by no person yet" in words


def test_fact_page_gives_bibtex(get):
    words = Reader(get(f"/facts/facts/{NEW}").text).words
    assert f"@misc{{landed-fact-{NEW}, author = {{{{Harbour Times}}}}, title = {{{{Ottawa invites thousands in July round}}}}, year = {{2026}}, month = {{7}}" in words


@pytest.mark.parametrize("path", [f"/facts/facts/{NEW}", "/facts/articles/july-round"])
def test_versions_show_what_changed(get, path):
    text = get(path).text
    assert "<del>3,300</del> <ins>3,000</ins>" in text
    words = Reader(text).words
    assert "Version 2 , corrected by the publisher".replace(" ,", ",") in words
    assert "Version 1, as first seen" in words


def test_fact_and_article_pages_list_corrections_and_reviews(get):
    for path in (f"/facts/facts/{OLD}", "/facts/articles/july-round"):
        words = Reader(get(path).text).words
        assert "Corrected by the publisher, 7 August 2026, 12:00 UTC: 3,300, now 3,000." in words
        assert "rae <b> found it right" in words


def test_article_page_names_its_events_and_copies(get):
    assert "What it tells of Canadian Experience Class Draw 430, 21 July 2026" in Reader(get("/facts/articles/july-round").text).words
    assert "The same story elsewhere" in Reader(get("/facts/articles/levels").text).words
    assert "Plan sets lower figure, Harbour Times, 2 November 2025" in Reader(get("/facts/articles/levels").text).words


def test_pages_name_the_plan_and_the_list_that_a_figure_was_checked_against(tmp_path):
    path, target, listed = build_sample(tmp_path / "facts.db"), fact_key("levels", 1, "target"), fact_key("health-round", 1, "eligible_noc")
    with closing(sqlite3.connect(path)) as connection, connection:
        plan, kept = (connection.execute(f"SELECT {name} FROM {table}").fetchone()[0] for name, table in (("target_id", "levels_targets"), ("list_id", "occupation_lists")))
        add = "INSERT INTO checks (check_id, fact_id, target_id, list_id, source_id, attribute_id, fact_value, official_value, verdict, linked_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'day')"
        connection.execute("DELETE FROM checks WHERE fact_id IN (?, ?)", [target, listed])
        connection.execute(add, ["x1", target, plan, None, "ca-newsroom", "target", "380000", "385000", "disagree"])
        connection.execute(add, ["x2", listed, None, kept, "harbour-times", "eligible_noc", "31301", "31301", "agree"])
    app = build_app(path)
    try:
        read = {row: Reader(asyncio.run(app.client.get(row)).text).words for row in
                (f"/facts/facts/{target}", f"/facts/facts/{listed}", "/facts/events/ev-0000000000000002", "/facts/events/ev-0000000000000003")}
    finally:
        close_app(app)
    told, listing, event, change = read.values()
    assert "this figure disagrees with the official record. The text has 380,000, the plan’s" in told
    assert "has 385,000" in told
    assert "this figure agrees with the official record. The list in force:" in listing
    assert "Against the official record" in event
    assert "1 differ." in event
    assert "1 agree." in change


# ---------------------------------------------------------------- speed


@pytest.mark.parametrize(("read", "row"), [(read_event, DRAW), (read_fact, NEW), (read_article, "july-round")], ids=["event", "fact", "article"])
def test_pages_scan_no_large_table(database, read, row):
    """Each statement that a page runs goes through an index: no step of its plan scans a table that grows with the facts."""
    asked = []

    class Recorder:
        async def execute(self, sql, values=()):
            asked.append((sql, values))
            return type("Results", (), {"rows": connection.execute(sql, values).fetchall()})()

    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        asyncio.run(read(Recorder(), row))
        assert len(asked) > 6
        for sql, values in asked:
            steps = [step for *_, step in connection.execute("EXPLAIN QUERY PLAN " + sql, values)]
            made = {step.split()[1] for step in steps if step.startswith(("MATERIALIZE ", "CO-ROUTINE "))}
            for step in steps:
                assert not step.startswith("SCAN ") or step.split()[1] in {"publication", "json_each"} | made or "subquery" in step, (step, sql)
