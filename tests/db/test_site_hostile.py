"""Every text that comes from a page is hostile at once: no surface of the site makes anything but text of it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import sqlite3
from contextlib import closing

import icalendar
import pytest
from lxml import etree, html

from db.metadata import load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.serve import build_app, close_app
from tests.db.public_sample import LONG_WORD, build_sample, fact_key

EVIL = f"""=1+1 <script>alert(1)</script> "' onmouseover=alert(1) <img src=x onerror=alert(1)> [x](javascript:alert(1)) {{{{ 7 * 7 }}}} {{% raw %}} ]]> --> \x00\r\nEND:VEVENT\r\nX-EVIL: 1 \u202eexe.gnp {LONG_WORD}"""
# What pages, feeds and people's notes say, by table.
TEXTS = {
    "events": ("title",), "articles": ("title", "byline"), "article_versions": ("title", "correction_note"), "stories": ("title",), "candidates": ("name", "evidence_before", "evidence_after"), "facts": ("scope", "title_printed"),
    "version_changes": ("context_before", "old_passage", "new_passage", "context_after"), "corrections": ("explanation", "before_json", "after_json"), "reviews": ("reviewer", "note"), "draws": ("name", "program", "tie_break_raw"),
    "draw_revisions": ("old_value", "new_value"), "sources": ("name", "publisher", "note", "licence"), "source_health": ("reason",), "captures": ("url", "content_type"), "event_redirects": ("note",), "levels_targets": ("title", "note"),
    "occupation_lists": ("title", "note"), "occupation_list_entries": ("note",), "checks": ("official_value",), "event_values": ("value",),
}  # fmt: skip
LINKS = {"articles": "url", "sources": "home_url", "pathways": "official_url"}
ROWS = (
    f"/facts/facts/{fact_key('hostile', 1, 'cap')}", f"/facts/facts/{fact_key('july-round', 1, 'invitations')}", f"/facts/facts/{fact_key('h1b-permit', 1, 'cap')}", "/facts/events/ev-ca-ee-430", "/facts/events/ev-0000000000000002",
    "/facts/articles/hostile", "/facts/articles/july-round", "/facts/pathways/ca-ee", "/facts/pathways/ca-ee-cec", "/facts/pathways/ca-levels", "/facts/occupations/31301", "/facts/draws/ca-ee-430", "/facts/sources/harbour-times",
    "/facts/source_health/harbour-times", "/facts/stories/levels", "/facts/captures/urn-hostile-1", "/facts/attributes/cap",
)  # fmt: skip
QUERIES = [(query.name, "&".join(f"{each.name}={each.example}" for each in query.parameters)) for query in load_queries()]
TABLES = [one.name for one in (*PUBLIC, *PUBLIC_VIEWS)]
PAGES = (
    "/", "/facts", "/search?q=script", "/search?q=alert", "/draws", "/health", "/feeds", "/query", "/data", "/glossary", "/facts/events.Notebook", *ROWS, *(f"/facts/{name}" for name in TABLES),
    *(f"/facts/{name}?{arguments}" for name, arguments in QUERIES),
)  # fmt: skip
DATA = (
    *(f"/facts/{name}.{form}" for name in TABLES for form in ("json", "csv")), *(f"/facts/{name}.{form}?{arguments}" for name, arguments in QUERIES for form in ("json", "csv")), *(f"{row}.json" for row in ROWS),
    "/feeds/events.atom", "/feeds/dates.ics", "/feeds/pathways/ca-ee-cec.atom", "/feeds/pathways/ca-ee-cec.ics", "/feeds/jurisdictions/CA.atom", "/facts/events.atom", "/facts/events.ics", "/facts/articles.atom", "/facts/facts.atom",
    "/facts/draws.atom", "/facts/draws.ics", "/facts/changes_since.atom?since=2020-01-01", "/sitemap.xml", "/llms.txt", "/robots.txt", "/search.json?q=script",
)  # fmt: skip


@pytest.fixture(scope="module")
def get(tmp_path_factory):
    path = build_sample(tmp_path_factory.mktemp("hostile") / "facts.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, columns in TEXTS.items():
            for column in columns:
                same = f"rowid || {column}" if (table, column) == ("event_values", "value") else f"{column}"
                connection.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE {same} IS NOT NULL', [EVIL])
        for table, column in LINKS.items():
            connection.execute(f'UPDATE "{table}" SET "{column}" = ?', ["javascript:alert(1)//\r\nx"])
        for table in PUBLIC:
            if table.search:
                connection.execute(f'INSERT INTO "{table.name}_fts" ("{table.name}_fts") VALUES (\'rebuild\')')
    app = build_app(path)

    def get(path):
        response = asyncio.run(app.client.get(path, follow_redirects=True))
        assert response.status_code == 200, path
        return response

    yield get
    close_app(app)


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_element_of_theirs(get, path):
    page = html.fromstring(get(path).text)
    for each in page.iter(etree.Element):
        assert not [name for name in each.attrib if name.startswith("on")], etree.tostring(each)[:300]
        for name in ("href", "src", "action", "formaction"):
            assert not re.match(r"\s*(javascript|data|vbscript):", each.get(name, ""), re.IGNORECASE), etree.tostring(each)[:300]
        assert (each.tag, each.get("src")) != ("img", "x")
        if each.tag == "script" and each.text and each.text.strip():
            json.loads(each.text)  # only data: JSON-LD, and the rows of a chart
    for each in page.iter("meta"):
        assert len(each.get("content", "")) < 1000


@pytest.mark.parametrize("path", ["/", "/facts/events", "/facts/events/ev-ca-ee-430", "/facts/articles", "/facts/articles/july-round", "/facts/candidates", "/facts/corrections", "/facts/draws/ca-ee-430"])
def test_pages_show_the_words_as_they_are(get, path):
    words = html.fromstring(get(path).text).text_content()
    assert "<script>alert(1)</script>" in words
    assert "{{ 7 * 7 }} {% raw %}" in words


def test_tables_as_csv_give_texts_as_they_are(get):
    """CSV is data: a text that a spreadsheet would take for a formula isn't changed, and is never sent as a spreadsheet."""
    response = get("/facts/candidates.csv")
    [row] = csv.DictReader(io.StringIO(response.text, newline=""))
    assert row["name"].startswith("=1+1 <script>")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", DATA)
def test_data_keep_their_form(get, path):
    response = get(path)
    kind = response.headers["content-type"]
    assert response.headers["x-content-type-options"] == "nosniff"
    if "json" in kind:
        response.json()
    elif "csv" in kind:
        rows = list(csv.reader(io.StringIO(response.text, newline="")))
        assert len({len(row) for row in rows if row}) <= 1
    elif "xml" in kind:
        root = etree.fromstring(response.content)
        assert not [each for each in root.iter(etree.Element) if etree.QName(each).localname in {"script", "img"}]
    elif "calendar" in kind:
        calendar = icalendar.Calendar.from_ical(response.content)
        assert all("X-EVIL" not in event for event in calendar.walk("VEVENT"))
        assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    else:
        assert kind.startswith("text/plain")
