"""Search: names in spite of typing errors, codes old and new, words with marks; any text at all is a query."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.schema import PUBLIC
from db.serve import build_app, close_app
from db.site.names import Name, Names, split_words
from db.site.pages.search import LONGEST, MOST_WORDS, cut_snippet, find_spans, rank_rows, read_query, search
from db.tables import search_name
from tests.db.public_sample import HOSTILE_TITLE, build_sample, fact_key

SEARCHED = [table for table in PUBLIC if table.search]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return build_sample(tmp_path_factory.mktemp("search") / "facts.db")


@pytest.fixture(scope="module")
def app(database):
    built = build_app(database)
    yield built
    close_app(built)


@pytest.fixture
def find(app):
    def find(words):
        answer = asyncio.run(app.client.get("/search.json", params={"q": words}))
        assert answer.status_code == 200
        return {key: group["rows"] for key, group in answer.json()["groups"].items()}

    return find


@pytest.fixture
def show(app):
    def show(words):
        answer = asyncio.run(app.client.get("/search", params={"q": words}))
        assert answer.status_code == 200
        return answer.text

    return show


# ---------------------------------------------------------------- what is found


@pytest.mark.parametrize(("words", "pathway"), [
    ("Express Entry", "ca-ee"), ("express entry", "ca-ee"), ("EE", "ca-ee"), ("ca-ee", "ca-ee"), ("entrée express", "ca-ee"), ("entree express", "ca-ee"), ("expres entri", "ca-ee"),
    ("H-1B", "ca-imp-h1b"), ("h1-b", None), ("H-1B open work permit", "ca-imp-h1b"), ("CEC", "ca-ee-cec"), ("canadian experiance class", "ca-ee-cec"), ("OINP", "ca-on-oinp"),
    ("ontario imigrant nominee", "ca-on-oinp"), ("catégorie de l'expérience canadienne", "ca-ee-cec"), ("niveaux d'immigration", "ca-levels"), ("OINP draw today", "ca-on-oinp"),
    ("EX", None), ("zzzz", None),
])
def test_pathways_by_name(find, words, pathway):
    found = [row["pathway_id"] for row in find(words).get("pathways", ())]
    assert found[:1] == ([pathway] if pathway else [])


@pytest.mark.parametrize(("words", "codes"), [
    ("21231", ["21231"]), ("NOC 21231", ["21231"]), ("noc21231", []), ("2123", ["21231"]), ("NOC 3012", ["3012"]), ("0011", ["0011"]), ("00010", ["00010"]), ("99999", []), ("9999", []),
    ("registered nurses", ["31301", "3012"]), ("registred nurses", ["31301", "3012"]), ("software enginers", ["21231", "2173"]), ("legislator", ["00010", "0011"]), ("TEER 1", ["21231", "31301"]),
    ("TEER 5", []), ("teer 0", ["00010"]),
])
def test_occupations_by_code_title_and_teer(find, words, codes):
    assert [row["noc_code"] for row in find(words).get("occupations", ())] == codes


def test_an_old_code_leads_to_the_new_one(find, show):
    assert find("3012")["occupations"][0]["became"] == ["31301"]
    assert re.search(r'became <a href="/facts/occupations/31301">31301</a>', show("3012"))


def test_facts_by_words_that_punctuation_joins(find):
    rows = find("H-1B")["facts"]
    assert fact_key("h1b-permit", 1, "cap") in {row["fact_id"] for row in rows}
    assert [rows[0]["snippet"][start:end] for start, end in rows[0]["marks"]] == ["H-1B"]
    assert "facts" not in find("1B-H")
    assert find('"open work permit"')["facts"]
    assert "facts" not in find('"permit work open"')


def test_one_clause_is_shown_once(find):
    rows = find("candidates of the Canadian Experience Class")["facts"]
    assert len({row["evidence"] for row in rows}) == len(rows)
    assert [row["status"] for row in rows] == sorted((row["status"] for row in rows), key=lambda status: status != "current")


def test_singular_plural_accents_and_beginnings(find):
    assert find("nurse")["facts"]
    assert find("holder")["facts"]
    assert find("permits")["facts"]
    assert find("applic")["facts"], "nothing holds the word, so it is taken for the beginning of one"
    assert find("ÉMILIE") == find("emilie")


def test_events_and_articles(find):
    found = find("july round")
    assert [row["article_id"] for row in found["articles"]] == ["july-round"]
    assert "ev-ca-ee-430" in {row["event_id"] for row in find("Canadian Experience Class draw")["events"]}
    assert "ev-0000000000000004" not in {row["event_id"] for row in find("H-1B")["events"]}, "it was merged into another"


def test_ranking():
    rows = [
        {"evidence": "Entry by express, in 2026", "published": "2026-03-01", "status": "current"},
        {"evidence": "Express Entry in 2020", "published": "2020-01-01", "status": "current"},
        {"evidence": "Express Entry in 2021", "published": "2021-01-01", "status": "superseded"},
        {"evidence": "An express for the entry of 2027", "published": None, "status": "current"},
        {"evidence": "Express Entry in 2022", "published": "2022-01-01", "status": "current"},
    ]
    assert [row["published"] for row in rank_rows(rows, "evidence", read_query("express entry"))] == ["2022-01-01", "2020-01-01", "2026-03-01", None, "2021-01-01"]
    assert [row["published"] for row in rank_rows(rows, "evidence", read_query("express"))] == ["2026-03-01", "2022-01-01", "2020-01-01", None, "2021-01-01"]


# ---------------------------------------------------------------- the page


def test_page(show):
    page = show("H-1B")
    order = [page.index(f'id="{key}"') for key in ("pathways", "events", "facts", "articles")]
    assert order == sorted(order)
    assert "<mark>H-1B</mark>" in page
    assert f'href="/facts/facts/{fact_key("h1b-permit", 1, "cap")}"' in page
    assert 'value="H-1B"' in page
    assert 'name="robots" content="noindex"' in page


def test_page_without_words_gives_examples(show):
    for page in (show(""), show("  "), show("?!")):
        assert "permis d&#39;études" in page or "Nothing on record" in page
    assert "Nothing on record has all of these words" in show("zebra crossing")
    assert 'q=zebra"' in show("zebra crossing")


def test_more_of_a_kind_leads_to_its_table(app, show):
    page = show("the")
    address = re.search(r'href="(/facts/facts\?_searchmode=raw&amp;_search=[^"]+)">All facts', page)[1].replace("&amp;", "&")
    answer = asyncio.run(app.client.get(address.replace("/facts/facts?", "/facts/facts.json?") + "&_shape=array"))
    assert answer.status_code == 200
    assert len(answer.json()) > 3


@pytest.mark.parametrize("words", [HOSTILE_TITLE, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "gazette", "esrever", "script alert title", "\u202egnp.exe"])
def test_hostile_words_and_texts_stay_text(show, words):
    page = show(words)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b onclick" not in page
    assert "49" not in re.sub(r"<[^>]*>", "", page).replace("{{ 7 * 7 }}", "")
    assert "\u202e" not in page


def test_long_queries_are_cut(find):
    query = read_query("word " * 10_000)
    assert len(query.text) <= LONGEST
    assert len(query.words) <= MOST_WORDS
    assert find("x" * 10_000) == {}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(['"', "AND", "OR", "NOT", "NEAR(", ")", "*", "^", ":", "-", "evidence:", "NOC", "TEER", "21231", "3", "9" * 30, "\x00", "'", "é", "\ud800", "٣", "²", "permits"]), max_size=9).map(" ".join),
))
def test_any_text_is_a_query(app, words):
    found = asyncio.run(search(app.databases["facts"], words))
    assert found["total"] >= 0
    for group in found["groups"]:
        for row in group["rows"]:
            for piece, _ in row.get("pieces", ()):
                assert piece


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=400), words=st.text(max_size=20))
def test_marks_lie_in_the_text(text, words):
    phrases = read_query(words).phrases
    spans = find_spans(text, phrases)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    shown = "".join(piece for piece, _ in cut_snippet(text, phrases))
    assert len(shown) <= 530


def test_snippet_of_a_long_text():
    text = "nothing " * 100 + "the cap is 500 here " + "more " * 100
    pieces = cut_snippet(text, [["cap"]])
    assert [piece for piece, mark in pieces if mark] == ["cap"]
    assert pieces[0][0] == "… "
    assert pieces[-1][0] == " …"
    assert cut_snippet("A" * 5000, [["b"]])[0][0] == "A" * 260


def test_names_with_typing_errors_only_where_nothing_fits():
    names = Names([Name("pathway", "a", "Express Entry", 0), Name("pathway", "b", "Express Entry Draws", 0), Name("pathway", "c", "Expres Entri", 0), Name("pathway", "d", "Été à l'école", 0)])
    assert [found.name.id for found in names.find(split_words("expres entri"))] == ["c"]
    assert [found.name.id for found in names.find(split_words("express entry"))] == ["a", "b"]
    assert [found.name.id for found in names.find(split_words("ete a l'ecole"))] == ["d"]
    assert [found.name.id for found in names.find(split_words("exprss entry"))][:1] == ["a"]
    assert names.find([]) == names.find(["q"]) == []


# ---------------------------------------------------------------- the index


@pytest.mark.parametrize("table", SEARCHED, ids=lambda table: table.name)
def test_index_fits_its_table(database, table):
    with closing(sqlite3.connect(database)) as connection:
        name = search_name(table)
        connection.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)")
        connection.rollback()
        rows = connection.execute(f"SELECT count(*) FROM {table.name} WHERE rowid IN (SELECT rowid FROM {name} WHERE {name} MATCH 'express OR canadian OR nurses')").fetchone()[0]
        assert rows > 0


@pytest.mark.parametrize("table", SEARCHED, ids=lambda table: table.name)
def test_tables_can_be_searched(app, table):
    page = asyncio.run(app.client.get(f"/facts/{table.name}?_search=express+OR")).text
    assert 'name="_search"' in page
    found = asyncio.run(app.client.get(f"/facts/{table.name}.json?_shape=array&_search=nurses")).json()
    assert all("nurses" in str(row).lower() for row in found)
    assert found or table.name in {"pathways", "events"}


def test_index_is_not_listed(app):
    tables = asyncio.run(app.client.get("/facts.json")).json()["tables"]
    assert not [table["name"] for table in tables if "_fts" in table["name"] and not table["hidden"]]
    assert "_fts" not in asyncio.run(app.client.get("/facts")).text


def test_queries_for_texts_use_the_index(database):
    with closing(sqlite3.connect(database)) as connection:
        plan = " / ".join(row[3] for row in connection.execute(
            "EXPLAIN QUERY PLAN SELECT f.fact_id FROM facts f WHERE f.rowid IN (SELECT rowid FROM facts_fts WHERE facts_fts MATCH 'express' ORDER BY rowid DESC LIMIT 100)"))
    assert "SCAN f " not in f"{plan} "
    assert "USE TEMP B-TREE" not in plan
