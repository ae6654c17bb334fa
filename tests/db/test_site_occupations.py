"""The pages of occupations: who takes one now and before, by lists and by texts, and where an old code went."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from db.serve import build_app, close_app
from db.site.wording import WORDS
from tests.db.public_sample import build_sample, fact_key
from tests.db.test_site_pathways import words


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    path = build_sample(tmp_path_factory.mktemp("occupations") / "facts.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        # Health listed software engineers once, for a while; a text still says so, and another leaves them out of Express Entry.
        connection.execute("INSERT INTO occupation_lists SELECT 'ca-ee-health-2024', 'Health, 2024', pathway_id, '2024', '2024-01-01', '2024-12-31', 1, 1, source, basis, confidence, NULL "
                           "FROM occupation_lists WHERE list_id = 'ca-ee-health-2026-02-18'")
        connection.execute("UPDATE occupation_lists SET complete = 1 WHERE list_id = 'ca-ee-health-2026-02-18'")
        connection.execute("INSERT INTO occupation_list_entries VALUES ('ca-ee-health-2024', '21231', 'Software', NULL, 0, 'x', NULL)")
        names = [row[1] for row in connection.execute("PRAGMA table_info(facts)")]
        copied = ", ".join(f'"{name}"' for name in names if name not in {"fact_id", "pathway_id", "attribute_id"})
        for fact, pathway, attribute in (("00000000000000a1", "ca-ee-health", "eligible_noc"), ("00000000000000a2", "ca-ee", "excluded_noc")):
            connection.execute(f"INSERT INTO facts (fact_id, pathway_id, attribute_id, {copied}) SELECT ?, ?, ?, {copied} FROM facts WHERE fact_id = ?",
                               [fact, pathway, attribute, fact_key("h1b-permit", 1, "eligible_noc")])
    app = build_app(path)
    yield lambda path: asyncio.run(app.client.get(path)).text
    close_app(app)


def test_heading_says_what_the_code_means(show):
    page = words(show("/facts/occupations/31301"))
    for part in ("TEER 1 · Health", "31301 Registered nurses", "In NOC 2016: 3012", "asked for since 16 November 2022", "usually a university degree"):
        assert part in page
    assert set(WORDS["teer"]) == set("012345")
    assert set(WORDS["broad_categories"]) == set("0123456789")


def test_lists_come_before_texts(show):
    page = words(show("/facts/occupations/31301"), 'id="pathways"', "</section>")
    assert "Express Entry: healthcare and social services occupations the list on record since 18 February 2026 Healthcare and social services occupations, 2026" in page
    assert "texts alone" not in page, "the list of the same pathway says it"


def test_texts_alone_before_and_doubtful(show):
    text = show("/facts/occupations/21231")
    page = words(text, 'id="pathways"', "</section>")
    assert "Open work permit for H-1B visa holders texts alone 10 July 2023 its words 1 source, an authority among them" in page
    before = page[page.index("Took it before") :]
    assert "Express Entry category-based selection, 31 May 2023 to 26 February 2025, by All categories, 2023; the list after it hasn't it" in before
    assert "Express Entry: healthcare and social services occupations, 1 January 2024 to 31 December 2024" in before
    assert "1 pathway that texts name, and a list on record doesn't bear out today" in page
    assert "the list in force hasn't it" in page
    assert "Pathways that don't take it, by what texts say Express Entry: its words" in page
    assert f"/facts/facts/{fact_key('h1b-permit', 1, 'eligible_noc')}" in text


def test_draws_of_the_days_on_which_the_list_had_it(show):
    page = words(show("/facts/occupations/31301"), 'id="draws"', "</section>")
    assert "22 July 2026 Express Entry: healthcare and social services occupations 1,000 475 Healthcare and social services occupations, 2026" in page
    assert 'id="draws"' not in show("/facts/occupations/21231")


def test_articles_that_name_it(show):
    assert "Nurses among 1,100 invited Harbour Times, 23 July 2026 · its words" in words(show("/facts/occupations/31301"), 'id="articles"', "</section>")


def test_an_old_code_leads_to_the_new_one_and_its_pathways(show):
    page = show("/facts/occupations/3012")
    assert 'href="/facts/occupations/31301"' in page
    assert "asked for until 15 November 2022" in words(page)
    assert "Express Entry: healthcare and social services occupations the list on record" in words(page)
    assert 'id="pathways"' not in page


def test_zeros_in_front_stay(show):
    page = show("/facts/occupations/00010")
    assert "00010 Legislators" in words(page)
    assert "TEER 0 · Legislative and senior management" in words(page)
    assert "Express Entry category-based selection the list on record since 27 February 2025" in words(page)
    assert 'href="/facts/pathways_on?noc=00010&amp;day="' in page
