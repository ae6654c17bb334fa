"""What machines read of the site: heads, JSON-LD, the map, robots.txt, llms.txt; complete, valid, and safe from hostile texts."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser

import pytest
from lxml import etree

from db.metadata import load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.serve import build_app, close_app
from db.site import sitemap
from db.site.heads import describe_list, spell_data
from tests.db.feed_rules import MOMENT
from tests.db.public_sample import (
    EVENTS,
    FACTS,
    HOSTILE_TITLE,
    LONG_WORD,
    OCCUPATIONS,
    PATHWAYS,
    build_sample,
    fact_key,
)

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HOSTILE = fact_key("hostile", 1, "cap")
CAP = fact_key("h1b-permit", 1, "cap")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return build_sample(tmp_path_factory.mktemp("guides") / "facts.db")


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


class Head(HTMLParser):
    """The metas, links and data blocks of a page."""

    def __init__(self, page):
        super().__init__()
        self.metas, self.canonical, self.blocks, self.inside, self.title = {}, None, [], None, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "meta" and (attrs.get("name") or attrs.get("property")):
            assert (attrs.get("name") or attrs.get("property")) not in self.metas
            self.metas[attrs.get("name") or attrs.get("property")] = attrs["content"]
        if tag == "link" and attrs.get("rel") == "canonical":
            self.canonical = attrs["href"]
        self.inside = tag if tag == "title" or attrs.get("type") == "application/ld+json" else None

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "script":
            self.blocks.append(json.loads(data))
        elif self.inside == "title":
            self.title += data


# ---------------------------------------------------------------- heads

PAGES = (
    "/", "/facts", "/feeds", "/facts/facts", f"/facts/facts/{CAP}", f"/facts/facts/{HOSTILE}", "/facts/events/ev-0000000000000003", "/facts/events/ev-ca-ee-430",
    "/facts/pathways/ca-ee", "/facts/pathways/ca-levels", "/facts/occupations/21231", "/facts/occupations/3012", "/facts/articles/hostile", "/facts/articles/levels", "/facts/draws/ca-ee-430",
    "/facts/draws/ca-ee-434", "/facts/sources/hostile-gazette", "/facts/v_facts", "/facts/timeline?pathway=ca-ee",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_what_it_is(get, path):
    head = Head(get(path).text)
    for name in ("description", "og:title", "og:description", "og:type", "og:site_name", "twitter:card"):
        assert head.metas[name]
    assert head.metas["og:title"] == " ".join(head.title.split())[:120] or head.metas["og:title"].endswith("…")
    assert head.metas["description"] == head.metas["og:description"]
    assert 20 <= len(head.metas["description"]) <= 300
    assert "\u202e" not in "".join(head.metas.values())
    assert head.canonical == head.metas.get("og:url") == (None if "?" in path else f"http://localhost{path}")


def test_descriptions_tell_pages_apart(get):
    said = {path: Head(get(path).text).metas["description"] for path in PAGES if path.count("/") == 3}
    assert len(set(said.values())) == len(said)
    assert said[f"/facts/facts/{CAP}"].startswith("Open work permit for H-1B visa holders, cap: up to 10,000 people. “As of July 16, 2023")
    assert "3,000 invitations, cut-off score 511" in said["/facts/draws/ca-ee-430"]
    assert "TEER 1" in said["/facts/occupations/21231"]
    assert "TEER" not in said["/facts/occupations/3012"]
    assert said["/facts/articles/hostile"].startswith("<script>")


def test_what_is_not_there_has_a_plain_head(get):
    assert Head(get("/facts/facts/nothing", status=404).text).blocks == []
    assert Head(get("/no/such/page", status=404).text).blocks == []
    assert describe_list("nothing") == describe_list(None)


# ---------------------------------------------------------------- Dataset


def addresses(value):
    if isinstance(value, dict):
        for name, item in value.items():
            if name in {"contentUrl", "url"}:
                yield item
            yield from addresses(item)
    elif isinstance(value, list):
        for item in value:
            yield from addresses(item)


def test_home_page_describes_the_dataset(get):
    [data] = Head(get("/").text).blocks
    assert (data["@type"], data["@context"], data["@id"]) == ("Dataset", "https://schema.org", "http://localhost/#dataset")
    # What Google asks of a Dataset: https://developers.google.com/search/docs/appearance/structured-data/dataset
    assert data["name"]
    assert 50 <= len(data["description"]) <= 5000
    assert (data["temporalCoverage"], data["dateModified"], data["version"]) == ("2023-07-10/2026-07-23", "2026-08-07T12:00:00Z", "2026.08.1")
    assert data["license"].startswith("https://creativecommons.org/")
    assert {place["name"] for place in data["spatialCoverage"]} == {"Canada", "United Kingdom"}
    assert data["distribution"][0]["contentUrl"] == "http://localhost/facts.db"
    for address in addresses(data):
        get(address.removeprefix("http://localhost"))


@pytest.mark.parametrize("thing", [*PUBLIC, *PUBLIC_VIEWS], ids=lambda thing: thing.name)
def test_every_table_is_a_part_of_it(get, thing):
    [data] = Head(get(f"/facts/{thing.name}").text).blocks
    assert data["@type"] == "Dataset"
    assert data["isPartOf"]["@id"] == "http://localhost/#dataset"
    assert 50 <= len(data["description"]) <= 5000
    assert [variable["name"] for variable in data["variableMeasured"]] == get(f"/facts/{thing.name}.json").json()["columns"]
    for address in addresses(data["distribution"]):
        get(address.removeprefix("http://localhost"))


def test_rows_and_queries_are_no_datasets(get):
    assert Head(get(f"/facts/facts/{CAP}").text).blocks == []
    assert Head(get("/facts/timeline").text).blocks == []


@pytest.mark.parametrize("evil", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "&amp;</SCRIPT >", "\u2028\u2029", HOSTILE_TITLE, LONG_WORD, '"\\', "\ud800"])
def test_data_blocks_cannot_be_left(evil):
    spelled = str(spell_data({"name": evil, evil: [evil]}))
    assert not re.search("[<>&\u2028\u2029\ud800]", spelled)
    assert json.loads(spelled) == {"name": evil, evil: [evil]}


def test_hostile_names_in_the_data(tmp_path):
    path = build_sample(tmp_path / "facts.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE jurisdictions SET name = ? WHERE jurisdiction_id = 'CA'", ['</script><script>alert("place")</script>\u202e'])
        connection.execute("UPDATE releases SET version = ?", ["</script><img src=x onerror=alert(1)>"])
    other = build_app(path)
    try:
        page = asyncio.run(other.client.get("/")).text
    finally:
        close_app(other)
    assert '</script><script>alert("place")' not in page
    assert "onerror=alert(1)>" not in page
    [data] = Head(page).blocks
    assert '</script><script>alert("place")</script>\ufffd' in {place["name"] for place in data["spatialCoverage"]}


# ---------------------------------------------------------------- the map


def read_map(response):
    assert response.headers["content-type"] == "application/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    assert root.tag in {f"{MAP}urlset", f"{MAP}sitemapindex"}
    places = {}
    for element in root:
        assert [child.tag for child in element] == [f"{MAP}loc", f"{MAP}lastmod"]
        assert MOMENT.fullmatch(element[1].text)
        assert element[0].text.startswith("http://localhost/")
        places[element[0].text.removeprefix("http://localhost")] = element[1].text
    assert len(places) == len(root) <= 50_000
    return root.tag.removeprefix(MAP), places


def test_map_lists_pages_that_answer(get):
    kind, places = read_map(get("/sitemap.xml"))
    assert kind == "urlset"
    assert {"/", "/facts/facts", f"/facts/facts/{HOSTILE}", "/facts/events/ev-ca-ee-430", "/facts/timeline", "/feeds"} <= set(places)
    assert {f"/facts/pathways/{row[0]}" for row in PATHWAYS} | {f"/facts/occupations/{row[0]}" for row in OCCUPATIONS} <= set(places)
    assert len([path for path in places if path.startswith("/facts/facts/")]) == len(FACTS)
    assert len([path for path in places if path.startswith("/facts/events/")]) == len(EVENTS)
    for path in places:
        get(path)


def test_map_dates_pages_by_their_last_change(get):
    _, places = read_map(get("/sitemap.xml"))
    # Retired when the article was corrected; added; learned when its text was fetched.
    assert places[f"/facts/facts/{fact_key('july-round', 1, 'invitations')}"] == "2026-07-22T12:02:00Z"
    assert places[f"/facts/facts/{CAP}"] == "2023-07-10T12:01:00Z"
    assert places["/facts/occupations/31301"] == "2026-07-23T12:01:00Z"
    assert places["/facts/occupations/00010"] == places["/"] == "2026-08-07T12:00:00Z"


def test_large_map_is_an_index_of_parts(get, monkeypatch):
    whole = set(read_map(get("/sitemap.xml"))[1])
    monkeypatch.setattr(sitemap, "MOST", 20)
    monkeypatch.setattr(sitemap, "PART", 5)
    kind, files = read_map(get("/sitemap.xml?parted=1"))  # another address than the one whose answer is kept
    assert kind == "sitemapindex"
    assert {"/sitemap-pages-1.xml", "/sitemap-facts-1.xml", "/sitemap-facts-4.xml", "/sitemap-occupations-2.xml"} <= set(files)
    parts = [set(read_map(get(path))[1]) for path in files]
    assert set().union(*parts) == whole
    assert sum(len(part) for part in parts) == len(whole)
    for path in ("/sitemap-facts-5.xml", "/sitemap-pages-2.xml", "/sitemap-facts-0.xml", "/sitemap-marks-1.xml", "/sitemap-facts-99999999.xml"):
        get(path, status=404)


@pytest.mark.parametrize("section", sitemap.SECTIONS)
def test_parts_of_the_map_are_read_by_index(database, section):
    with closing(sqlite3.connect(database)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sitemap.list_statements()[section]}", {"first": 1, "last": 9})]
    assert not any(line.startswith("SCAN") or "TEMP B-TREE" in line for line in plan)


# ---------------------------------------------------------------- robots.txt, llms.txt


def test_robots(get):
    text = get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml\n" in text
    blocked = [re.escape(line.removeprefix("Disallow: ")).replace(r"\*", ".*").replace(r"\$", "$") for line in text.splitlines() if line.startswith("Disallow")]

    def closed(path):
        return any(re.match(pattern, path) for pattern in blocked)

    for path in ("/facts?sql=select+1", "/facts/facts?_facet=year", "/facts/facts?_next=1", "/facts.db", "/facts/facts.csv", "/facts/facts.Notebook", "/facts/timeline?pathway=x"):
        assert closed(path), path
    _, places = read_map(get("/sitemap.xml"))
    for path in (*places, "/sitemap.xml", "/llms.txt", "/feeds/events.atom", "/static/landed.css"):
        assert not closed(path), path


def test_llms_txt_is_ours_and_whole(get):
    text = get("/llms.txt").text
    assert text.startswith("# Landed\n\n> ")
    for query in load_queries():
        assert f"http://localhost/facts/{query.name}): {query.description}" in text
    for table in PUBLIC:
        assert f"(http://localhost/facts/{table.name}.md): " in text
    for address in re.findall(r"\((http://localhost[^)]+)\)", text):
        get(address.removeprefix("http://localhost"))


@pytest.mark.parametrize("path", ["/llms.txt", "/facts.md", "/facts/llms.txt", *(f"/facts/{table.name}.md" for table in PUBLIC)])
def test_guides_hold_nothing_that_pages_said(get, path):
    response = get(path)
    assert response.headers["content-type"].split(";")[0] in {"text/plain", "text/markdown"}
    assert response.headers["x-content-type-options"] == "nosniff"
    for part in ("alert(", "{{ 7 * 7 }}", "onerror", "Gazette", LONG_WORD[:50], "H-1B", "\u202e"):
        assert part not in response.text
