"""Feeds and calendars: each is requested and valid, ids stay, days don't shift, and hostile content is text."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import feedparser
import icalendar
import pytest
from lxml import etree

from db.metadata import load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.serve import build_app, close_app
from db.site.atom import Entry, Feed, make_tag, say_plainly, spell_moment, write_feed
from db.site.calendars import Day, read_days, write_calendar
from db.site.pages import events_told
from db.site.pages.events_told import list_statements
from db.site.pages.rows_told import can_date, can_tell
from tests.db.feed_rules import ATOM, find_faults
from tests.db.large_statistics import pretend_large
from tests.db.public_sample import (
    HOSTILE_CLAUSE,
    HOSTILE_TITLE,
    JURISDICTIONS,
    LONG_WORD,
    OCCUPATIONS,
    PATHWAYS,
    build_sample,
)

NAMED = (
    "/feeds/events", *(f"/feeds/pathways/{row[0]}" for row in PATHWAYS), *(f"/feeds/jurisdictions/{row[0]}" for row in JURISDICTIONS),
    *(f"/feeds/occupations/{row[0]}" for row in OCCUPATIONS),
)  # fmt: skip
CALENDARS = tuple(path.replace("/events", "/dates") for path in NAMED)
BOTH = (*PUBLIC, *PUBLIC_VIEWS)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return build_sample(tmp_path_factory.mktemp("feeds") / "facts.db")


@pytest.fixture(scope="module")
def app(database):
    built = build_app(database)
    yield built
    close_app(built)


@pytest.fixture
def get(app):
    def get(path, status=200, **headers):
        response = asyncio.run(app.client.get(path, headers=headers))
        assert response.status_code == status, (path, response.text[:2000])
        return response

    return get


def read(response):
    """A feed that passes the check and the parser, by the parser's reading."""
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert find_faults(response.content) == []
    parsed = feedparser.parse(response.content, sanitize_html=False)
    assert parsed.bozo == 0, parsed.get("bozo_exception")
    return parsed


def read_calendar(response):
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    assert b"\n" not in response.content.replace(b"\r\n", b"")
    calendar = icalendar.Calendar.from_ical(response.content)
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    for event in calendar.walk("VEVENT"):
        assert event.errors == []
        assert type(event.decoded("DTSTART")) is date
        assert event["DTSTART"].params["VALUE"] == "DATE"
        assert event.decoded("DTEND") > event.decoded("DTSTART")
        assert event.decoded("DTSTAMP").tzinfo
    uids = [str(event["UID"]) for event in calendar.walk("VEVENT")]
    assert len(set(uids)) == len(uids)
    return calendar


# ---------------------------------------------------------------- every one is requested


@pytest.mark.parametrize("path", NAMED)
def test_named_feeds(get, path):
    feed = read(get(f"{path}.atom"))
    assert feed.feed.title.startswith("Landed: new events of ")
    assert all(entry.link.startswith("http://localhost/facts/events/ev-") for entry in feed.entries)
    for entry in feed.entries:
        get(entry.link.removeprefix("http://localhost"))


@pytest.mark.parametrize("path", CALENDARS)
def test_named_calendars(get, path):
    for event in read_calendar(get(f"{path}.ics")).walk("VEVENT"):
        get(str(event["URL"]).removeprefix("http://localhost"))


@pytest.mark.parametrize("query", load_queries(), ids=lambda query: query.name)
def test_every_saved_query_is_a_feed(get, query):
    asked = "?" + "&".join(f"{each.name}={each.example}" for each in query.parameters) if query.parameters else ""
    feed = read(get(f"/facts/{query.name}.atom{asked}"))
    assert feed.feed.title == f"Landed: {query.title}"
    assert len(feed.entries) == min(100, len(get(f"/facts/{query.name}.json{asked or '?'}&_shape=array").json()))
    assert f'href="/facts/{query.name}.atom{asked}"'.replace("&", "&amp;") in get(f"/facts/{query.name}{asked}").text


@pytest.mark.parametrize("thing", BOTH, ids=lambda thing: thing.name)
def test_tables_and_views_are_feeds_and_calendars_where_their_rows_allow_it(get, thing):
    columns = list(thing.columns) if isinstance(thing.columns, dict) else [column.name for column in thing.columns]
    feed, calendar = f"/facts/{thing.name}.atom", f"/facts/{thing.name}.ics"
    if can_tell(columns):
        assert read(get(feed)).entries
    else:
        assert "There is no feed of this" in get(feed, status=400).text.replace("&#39;", "'")
    if can_date(columns):
        read_calendar(get(calendar))
    else:
        assert "There is no calendar of this" in get(calendar, status=400).text


def test_the_main_tables_are_both():
    columns = {table.name: [column.name for column in table.columns] for table in PUBLIC}
    assert {"events", "facts", "draws"} <= {name for name, names in columns.items() if can_tell(names) and can_date(names)}


@pytest.mark.parametrize("path", ["/feeds/pathways/nothing.atom", "/feeds/jurisdictions/XX.ics", "/feeds/occupations/99999.atom", "/feeds/pathways/.atom", "/feeds/other/ca-ee.atom"])
def test_no_feed_of_what_there_is_not(get, path):
    get(path, status=404)


def test_broken_sql_is_no_feed(get):
    get("/facts.atom?sql=select+nothing+at+all", status=400)
    get("/facts.atom?sql=select+1+as+n", status=400)
    assert read(get("/facts.atom?sql=select+event_id,+title,+recorded_at+from+events")).entries


# ---------------------------------------------------------------- what is in them


def identities(feed):
    return {entry.id for entry in feed.entries}


def test_a_pathway_comes_with_its_parts(get):
    parts = identities(read(get("/feeds/pathways/ca-ee.atom")))
    assert {f"tag:localhost,2026:facts/events/{name}" for name in ("ev-ca-ee-430", "ev-ca-ee-431", "ev-ca-ee-91a", "ev-0000000000000003")} == parts
    assert identities(read(get("/feeds/pathways/ca-ee-cec.atom"))) == {"tag:localhost,2026:facts/events/ev-ca-ee-430", "tag:localhost,2026:facts/events/ev-ca-ee-91a"}


def test_a_jurisdiction_has_its_own_pathways(get):
    assert identities(read(get("/feeds/jurisdictions/CA-ON.atom"))) == set()
    federal = identities(read(get("/feeds/jurisdictions/CA.atom")))
    assert {"tag:localhost,2026:facts/events/ev-ca-ee-430", "tag:localhost,2026:facts/events/ev-0000000000000002"} <= federal


def test_an_occupation_has_what_names_it_and_the_pathways_that_take_it(get):
    nurses = identities(read(get("/feeds/occupations/31301.atom")))
    assert nurses == {"tag:localhost,2026:facts/events/ev-0000000000000003", "tag:localhost,2026:facts/events/ev-ca-ee-431"}
    assert identities(read(get("/feeds/occupations/00010.atom"))) == set()


def test_events_that_are_no_longer_told_are_left_out(get):
    assert not any("ev-0000000000000004" in identity for identity in identities(read(get("/feeds/events.atom"))))


def test_an_entry_says_what_is_known(get):
    [entry] = [entry for entry in read(get("/feeds/events.atom")).entries if entry.id.endswith("ev-ca-ee-430")]
    assert entry.title == "Canadian Experience Class: Draw 430"
    for part in ("invitations: 3,000", "cut-off score: 511 points", "Date: 21 July 2026", "An authority says so.", "Sources disagree"):
        assert part in entry.content[0].value
    assert {tag.term for tag in entry.tags} == {"draw", "ca-ee-cec"}


def test_ids_outlive_port_scheme_and_publication(get, tmp_path):
    first = identities(read(get("/feeds/events.atom", host="landed.example:8001")))
    assert all(identity.startswith("tag:landed.example,2026:facts/events/") for identity in first)
    later = build_app(build_sample(tmp_path / "facts.db", published_at="2026-09-01T00:00:00Z", draws=2), base_url="/below/")
    try:
        response = asyncio.run(later.client.get("/feeds/events.atom", headers={"host": "landed.example"}))
        assert identities(read(response)) == first
        assert 'href="http://landed.example/below/facts/events/ev-ca-ee-430"' in response.text
    finally:
        close_app(later)


def test_a_hostile_host_names_nothing(get):
    refused = get("/feeds/events.atom", host='"><script>alert(1)</script>', status=400)
    assert b"<script" not in refused.content


def test_a_changed_figure_changes_the_entry(app, tmp_path):
    path = build_sample(tmp_path / "facts.db", published_at="2026-12-01T00:00:00Z")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE facts SET retired_at = '2026-11-30T10:00:00Z', status = 'withdrawn' WHERE attribute_id = 'target' AND source_id = 'harbour-times'")
    other = build_app(path)
    try:
        feed = read(asyncio.run(other.client.get("/feeds/events.atom")))
    finally:
        close_app(other)
    assert feed.entries[0].id.endswith("ev-0000000000000002")
    assert feed.entries[0].updated == feed.feed.updated == "2026-11-30T10:00:00Z"
    assert feed.entries[0].published == "2026-08-07T12:00:00Z"


def test_empty_feed_has_the_time_of_publication(get):
    assert read(get("/feeds/jurisdictions/GB.atom")).feed.updated == "2026-08-07T12:00:00Z"


# ---------------------------------------------------------------- days


def shown_day(value, zone):
    """The local day on which a calendar program shows the start of an entry."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).date()
    return value


@pytest.mark.parametrize("zone", ["America/Vancouver", "America/St_Johns", "Pacific/Auckland"])
def test_days_are_the_same_everywhere(get, zone):
    days = {str(event["URL"]).rpartition("/")[2]: event for event in read_calendar(get("/feeds/dates.ics")).walk("VEVENT")}
    assert shown_day(days["ev-ca-ee-430"].decoded("DTSTART"), zone) == date(2026, 7, 21)
    assert shown_day(days["ev-0000000000000001"].decoded("DTSTART"), zone) == date(2023, 7, 16)
    assert days["ev-ca-ee-430"].decoded("DTEND") == date(2026, 7, 22)
    # Were it a time at midnight UTC, Canada would see it a day early: this test could tell.
    assert (shown_day(datetime(2026, 7, 21, tzinfo=ZoneInfo("UTC")), zone) == date(2026, 7, 21)) is (zone == "Pacific/Auckland")


def test_only_days_that_are_known_are_in_a_calendar(get):
    urls = {str(event["URL"]).rpartition("/")[2] for event in read_calendar(get("/feeds/dates.ics")).walk("VEVENT")}
    assert urls == {"ev-ca-ee-430", "ev-ca-ee-431", "ev-ca-ee-91a", "ev-ca-ee-434", "ev-0000000000000001"}


@pytest.mark.parametrize("path", ["/feeds/jurisdictions/CA.ics", "/feeds/pathways/ca-ee.ics", "/feeds/occupations/31301.ics"])
def test_calendars_of_many_pathways_are_the_same(get, monkeypatch, path):
    few = get(path).content
    monkeypatch.setattr(events_told, "MANY", 0)
    assert get(path).content == few
    assert few.count(b"BEGIN:VEVENT")


def test_days_of_a_filtered_table(get):
    calendar = read_calendar(get("/facts/draws.ics?pathway_id=ca-ee-cec"))
    assert {event.decoded("DTSTART") for event in calendar.walk("VEVENT")} == {date(2026, 7, 21), date(2018, 5, 30)}
    assert {str(event["UID"]) for event in calendar.walk("VEVENT")} == {"facts-draws-ca-ee-430@localhost", "facts-draws-ca-ee-91a@localhost"}


@pytest.mark.parametrize(("edtf", "span"), [
    ("2026-07-21", (date(2026, 7, 21), date(2026, 7, 21))), ("2026-12-31/2027-01-02", (date(2026, 12, 31), date(2027, 1, 2))),
    ("2024-02-29", (date(2024, 2, 29), date(2024, 2, 29))), ("2026-01-01/2028-01-01", (date(2026, 1, 1), date(2026, 1, 1))),
    ("2026-07-21/2026-07-01", (date(2026, 7, 21), date(2026, 7, 21))), ("2026-07-21/..", (date(2026, 7, 21), date(2026, 7, 21))),
    ("2026-07", None), ("2026", None), ("2026-07-21~", None), ("2025-02-29", None), ("../2026-07-21", None), ("XXXX-07-21", None), ("", None), (None, None),
])  # fmt: skip
def test_read_days(edtf, span):
    assert read_days(edtf) == span


def test_last_day_of_all(get):
    written = write_calendar("t", "d", "https://landed.example/x.ics", [
        Day("k", "End", date.max, date.max, "", "https://landed.example/", "2026-01-01T00:00:00Z"),
        Day("l", "Two", date(2026, 12, 31), date(2027, 1, 1), "", "https://landed.example/", "2026-01-01T00:00:00Z", status="CANCELLED"),
    ])  # fmt: skip
    end, two = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert (end.decoded("DTEND"), two.decoded("DTEND") - two.decoded("DTSTART")) == (date.max, timedelta(days=2))
    assert str(two["STATUS"]) == "CANCELLED"


# ---------------------------------------------------------------- hostile content


HOSTILE_FEEDS = (
    "/feeds/events.atom", "/feeds/pathways/ca-ee.atom", "/feeds/occupations/31301.atom", "/facts/events.atom", "/facts/facts.atom?_size=max", "/facts/articles.atom", "/facts/changes_since.atom?since=",
    "/facts/latest_facts.atom?since=&source=&attribute=", "/facts/source_health.atom", "/facts/v_facts.atom?_size=max",
)  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE_FEEDS)
def test_hostile_content_in_feeds(get, path):
    response = get(path)
    read(response)
    root = etree.fromstring(response.content)
    assert {element.tag for element in root.iter()} <= {ATOM + name for name in (
        "feed", "id", "title", "subtitle", "updated", "published", "author", "name", "link", "rights", "generator", "entry", "category", "content")}  # fmt: skip
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", response.text)
    assert all(link.get("href").startswith("http://localhost/") for link in root.iter(f"{ATOM}link"))
    assert all(len(element.text or "") <= 4000 for element in root.iter())


def test_hostile_words_are_in_the_feed_as_they_are(get):
    [title] = [entry.title for entry in read(get("/feeds/events.atom")).entries if entry.id.endswith("3") and "0000" in entry.id]
    assert title == say_plainly(HOSTILE_TITLE, 240)
    assert "<script>" in title


def test_hostile_content_in_calendars(tmp_path):
    evil = f"x\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:AUDIO {HOSTILE_TITLE} ; , \\ {HOSTILE_CLAUSE}"
    calendar = write_calendar(evil, evil, "https://landed.example/x.ics", [Day(evil[:60], evil, date(2026, 1, 1), date(2026, 1, 1), evil, "https://landed.example/", "2026-01-01T00:00:00Z", evil)])
    assert calendar.count(b"\nEND:VEVENT") == calendar.count(b"\nBEGIN:VEVENT") == 1
    assert not re.search(rb"\n(BEGIN:VALARM|ACTION)", calendar)
    assert all(len(line) <= 75 for line in calendar.split(b"\r\n"))
    [event] = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    assert "<script>" in str(event["SUMMARY"])
    assert LONG_WORD not in str(event["DESCRIPTION"])
    assert "\u202e" not in calendar.decode()


@pytest.mark.parametrize("evil", ["a\x00b", "\ud800", "\ufffe", "\x0b", "]]>", "&lt;", "<![CDATA[", "\u202e", "A" * 20_000, ""])
def test_what_xml_cannot_hold(evil):
    written = write_feed(
        Feed(evil, evil, evil, f"https://landed.example/{evil}", "https://landed.example/", "2026-01-01T00:00:00Z", evil),
        [Entry(evil, evil, "2026-01-01T00:00:00Z", f"https://landed.example/{evil}", evil, categories=(evil or "none",))],
    )
    faults = find_faults(written)
    assert [fault for fault in faults if fault != "an empty title"] == []


# ---------------------------------------------------------------- the page, and where programs find feeds


class Links(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.alternates, self.links = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "link" and attrs.get("rel") == "alternate":
            self.alternates.append((attrs["type"], attrs["href"]))
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])


@pytest.mark.parametrize(("page", "own"), [
    ("/", "/feeds/events"), ("/facts/events", "/feeds/events"), ("/facts/pathways/ca-ee", "/feeds/pathways/ca-ee"), ("/facts/occupations/31301", "/feeds/occupations/31301"),
    ("/facts/jurisdictions/CA-ON", "/feeds/jurisdictions/CA-ON"),
])  # fmt: skip
def test_programs_find_the_feeds(get, page, own):
    found = Links(get(page).text).alternates
    assert ("application/atom+xml", f"{own}.atom") in found
    assert ("text/calendar", f"{own}.ics".replace("events.ics", "dates.ics")) in found
    for kind, path in found:
        assert get(path.removeprefix("http://localhost")).headers["content-type"].startswith(kind.replace("+datasette", ""))


@pytest.mark.parametrize("page", ["/facts/pathways/ca-ee", "/facts/occupations/31301"])
def test_readers_find_the_feeds(get, page):
    assert {page.replace("/facts", "/feeds") + ".atom", page.replace("/facts", "/feeds") + ".ics", "/feeds"} <= set(Links(get(page).text).links)


def test_page_of_feeds_links_to_what_answers(get):
    page = Links(get("/feeds").text)
    own = [link for link in page.links if link.startswith("/") and "." in link]
    assert {"/feeds/events.atom", "/feeds/dates.ics", "/feeds/jurisdictions/CA-ON.ics"} <= set(own)
    assert {f"/facts/{query.name}.atom" for query in load_queries()} <= set(own)
    for link in own:
        get(link)


@pytest.mark.parametrize(("kind", "row_id"), [("pathways", "ca-ee-cec"), ("jurisdictions", "CA"), ("occupations", "31301")])
def test_form_builds_an_address(get, kind, row_id):
    page = get(f"/feeds?of={kind}&id={row_id}").text
    assert f"http://localhost/feeds/{kind}/{row_id}.atom" in page
    read(get(f"/feeds/{kind}/{row_id}.atom"))


def test_form_says_what_it_does_not_know(get):
    page = get("/feeds?of=pathways&id=%22%3E%3Cscript%3Ealert(1)%3C/script%3E\u202e").text
    assert "There is no pathway" in page
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "There is no" not in get("/feeds?of=nonsense&id=x").text


# ---------------------------------------------------------------- by index


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("name", list_statements())
def test_no_statement_reads_a_whole_table(tmp_path, name, large):
    path = build_sample(tmp_path / "facts.db")
    if large:
        with closing(sqlite3.connect(path)) as connection:
            pretend_large(connection)
    with closing(sqlite3.connect(path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {list_statements()[name]}", {"id": "x", "most": 5, "each": 5})]
    scans = [line for line in plan if re.match(r"SCAN (e|f|l|p|events|facts|event_facts)\b", line)]
    # The newest of all are read from the end of an index, as many as are wanted.
    assert scans == {"new": ["SCAN e USING INDEX events_recorded_at"]}.get(name, [])
    assert not any("AUTOMATIC" in line or "BLOOM" in line for line in plan)
    assert not any("TEMP B-TREE FOR ORDER BY" in line for line in plan) or name not in {"new", "dated"}


# ---------------------------------------------------------------- small things


@pytest.mark.parametrize(("said", "spelled"), [
    ("2026-07-21T10:00:00Z", "2026-07-21T10:00:00Z"), ("2026-07-21", "2026-07-21T00:00:00Z"), ("2026-07", "2026-07-01T00:00:00Z"), ("2026", "2026-01-01T00:00:00Z"),
    ("2026-07-21/2026-08-01", "2026-07-21T00:00:00Z"), ("2030-01-01", "2026-12-31T00:00:00Z"), ("soon", "2026-12-31T00:00:00Z"), (None, "2026-12-31T00:00:00Z"),
    ("2026-13-01", "2026-12-31T00:00:00Z"), ("2026-21", "2026-12-31T00:00:00Z"), (7, "2026-12-31T00:00:00Z"),
])  # fmt: skip
def test_spell_moment(said, spelled):
    assert spell_moment(said, "2026-12-31T00:00:00Z") == spelled


def test_make_tag():
    assert make_tag("https://Landed.Example:8443/feeds", "facts/events/é x") == "tag:landed.example,2026:facts/events/%C3%A9%20x"
    assert make_tag("not an address", "k") == "tag:localhost,2026:k"


@pytest.mark.parametrize(("broken", "fault"), [
    (b"<rss/>", "the root is rss"),
    (b"<feed", "not XML"),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'><id>tag:a,2026:x</id><title>t</title><updated>2026-01-01</updated></feed>", "updated is '2026-01-01'"),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'><id>x</id><updated>2026-01-01T00:00:00Z</updated></feed>", "0 times title in feed"),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'><title>a<b/></title></feed>", "markup in title"),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>", "nobody is the author"),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='a b'/></entry></feed>", "href is 'a b'"),
])  # fmt: skip
def test_the_check_finds_faults(broken, fault):
    assert any(found.startswith(fault) for found in find_faults(broken))
