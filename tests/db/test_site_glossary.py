"""The glossary and the pages of attributes: every coded value of the public tables has its meaning there."""

from __future__ import annotations

import asyncio

import pytest

from db.schema import PUBLIC
from db.serve import build_app, close_app
from db.site.pages.glossary import load_groups
from db.site.wording import WORDS
from tests.db.public_sample import ATTRIBUTES, PATHWAYS, build_sample
from tests.db.test_site import Reader

CODED = {f"{table.name}.{column.name}": set(column.values) for table in PUBLIC for column in table.columns if column.values}


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    app = build_app(build_sample(tmp_path_factory.mktemp("glossary") / "facts.db"))
    yield lambda path: asyncio.run(app.client.get(path)).text
    close_app(app)


def test_every_coded_value_is_defined_once():
    columns = [column for group in load_groups() for column in group["columns"]]
    assert sorted(columns) == sorted(CODED)
    for group in load_groups():
        assert set(group["terms"]) == set().union(*(CODED[column] for column in group["columns"])), group["title"]
        for meaning in group["terms"].values():
            assert meaning.endswith(".")
            assert len(meaning) > 6


def test_kinds_of_pathways_are_defined():
    assert {row[5] for row in PATHWAYS} <= set(WORDS["pathway_kinds"])


def test_page_has_them_all(show):
    page = show("/glossary")
    words = Reader(page).words
    for name, _, _, _, definition in ATTRIBUTES:
        assert f'href="/facts/attributes/{name}"' in page
        assert definition in words
    assert "approx About this." in words
    assert "single One owner alone says it." in words
    assert 'href="/glossary"' in show("/facts/facts")
    assert 'href="/glossary"' in show("/query")


def test_an_attribute_has_definition_unit_and_facts(show):
    words = Reader(show("/facts/attributes/cap")).words
    assert "Cap A limit that an authority sets on a pathway." in words
    assert "applications, people, permits" in words
    assert "cap: 14,119 nominations" in words
    assert "No current fact states it." in Reader(show("/facts/attributes/min_wage")).words


def test_tables_have_a_short_form_and_a_whole_one(show):
    page = Reader(show("/facts/occupation_lists")).words
    assert "Short form. Show all 12 columns" in page
    assert "All categories, 2025" in page
    assert "27 February 2025" in page
    assert "Express Entry category-based selection" in page
    whole = show("/facts/occupation_lists?_wide=1")
    assert "Short form" not in whole
    assert "ca-ee-cbs-2025-02-27" in Reader(whole).words
    entries = Reader(show("/facts/occupation_list_entries")).words
    assert "00010" in entries, "the code stands beside the title"
    assert "3,000 511 234,567 430" in Reader(show("/facts/draws")).words
