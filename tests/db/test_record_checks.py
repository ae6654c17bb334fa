"""Targets against the levels plans and eligible occupations against lists: how each is tied to its row, and what never decides it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from db.checks import check_facts, compare
from db.record_checks import NOT_LISTED, check_occupations, check_targets, find_measures, load_measures
from db.record_rows import load_shipped
from tests.db.public_sample import build_sample
from tests.db.test_checks import PARENTS

RECORD = load_shipped()
SUCCESSORS = {"2131": ["21300"], "2173": ["21231", "21211"], "0011": ["00010"]}


def target(clause, words, *, period="2026", published="2026-02-01", pathway="ca-levels", **changes):
    number = int(words.replace(",", ""))
    given = {
        "fact_id": f"{clause}|{words}", "version_id": "v", "pathway_id": pathway, "attribute_id": "target", "value": str(number), "value_num": number, "value_high": None, "unit": "people",
        "comparator": "eq", "period": period, "modality": "asserted", "scope": None, "as_written": words, "evidence": clause, "published": published, "source_id": "s",
    }
    return given | changes


def code(value, *, pathway="ca-ee-stem", published="2026-06-01", **changes):
    return target("NOC", "1", period=None, published=published, pathway=pathway, attribute_id="eligible_noc", value=value, value_num=None, unit="NOC 2021") | {"fact_id": value} | changes


def told(*facts):
    return [(check["target_id"], check["official_value"], check["verdict"]) for check in check_targets(facts, RECORD["levels_targets"])]


def listed(*facts):
    return [(check["list_id"], check["official_value"], check["verdict"]) for check in check_occupations(facts, RECORD["occupation_lists"], RECORD["occupation_list_entries"], SUCCESSORS)]


class TestTargets:
    @pytest.mark.parametrize("measure", load_measures()[0], ids=lambda one: one.id)
    def test_each_class_finds_its_example(self, measure):
        before, words, after = measure.example.split("*")
        assert find_measures(target(before + words + after, words, pathway=measure.pathway)) == ((measure,), False)

    @pytest.mark.parametrize(("fact", "expected"), [
        (target("Canada will admit 380,000 permanent residents", "380,000"), [("2026-2028-pr-total-2026", "380000", "agree")]),
        (target("Canada will admit 390,000 permanent residents", "390,000"), [("2026-2028-pr-total-2026", "380000", "disagree")]),
        (target("about 385,000 permanent residents", "385,000", comparator="approx"), [("2026-2028-pr-total-2026", "380000", "near")]),
        (target("385,000 temporary residents", "385,000"), [("2026-2028-tr-total-2026", "385000", "agree")]),
        (target("155,000 international students are to arrive", "155,000", pathway="ca-study-permit"), [("2026-2028-tr-students-2026", "155000", "agree")]),
        (target("91,500 provincial nominees", "91,500", pathway="ca-pnp"), [("2026-2028-pr-pnp-2026", "91500", "agree")]),
        (target("375,000 to 395,000 temporary residents", "375,000", value="375000..395000", value_high=395000, comparator="range"), [("2026-2028-tr-total-2026", "385000", "agree")]),
        # the plan in force on the day of the article, or the one before where the words say so
        (target("395,000 permanent residents in 2025", "395,000", period="2025", published="2024-10-25"), [("2025-2027-pr-total-2025", "395000", "agree")]),
        (target("500,000 permanent residents in 2025", "500,000", period="2025", published="2024-10-20"), [("2024-2026-pr-total-2025", "500000", "agree")]),
        (target("500,000 permanent residents in 2025", "500,000", period="2025", published="2024-10-25"), [("2025-2027-pr-total-2025", "395000", "disagree")]),
        (target("395,000 permanent residents, down from 500,000 newcomers", "500,000", period="2025", published="2024-10-25"), [("2024-2026-pr-total-2025", "500000", "agree")]),
        # one number for all years of a plan
        (target("380,000 permanent residents a year", "380,000", period="2026/2028"), [("2026-2028-pr-total-2026", "380000", "agree")]),
        (target("385,000 temporary residents a year", "385,000", period="2026/2028"), [(None, None, "ambiguous")]),
    ])
    def test_a_target_is_compared_with_the_row_of_its_class_year_and_plan(self, fact, expected):
        assert told(fact) == expected

    @pytest.mark.parametrize("fact", [
        target("239,800 economic immigrants", "239,800"),  # a part of the total, which is not on record
        target("Canada plans 380,000 in all", "380,000"),  # no class named
        target("380,000 permanent residents", "380,000", period="2019"),  # no plan on record
        target("380,000 permanent residents", "380,000", period=None),
        target("380,000 permanent residents", "380,000", modality="proposed"),
        target("380,000 permanent residents", "380,000", published=None),
        target("380,000 permanent residents", "380,000", published="2023-01-01"),  # before any plan on record
        target("155,000 study permits with extensions", "155,000", pathway="ca-study-permit", unit="permits"),
    ])
    def test_what_the_record_says_nothing_of_has_no_check(self, fact):
        assert told(fact) == []

    def test_two_numbers_for_a_row_are_ambiguous_and_two_classes_beside_one_are_none(self):
        assert told(target("permanent residents 380,000 temporary residents", "380,000")) == []
        twice = [target("395,000 permanent residents in 2025", words, period="2025", evidence=f"{words} permanent residents in 2025", published="2025-01-05") for words in ("395,000", "500,000")]
        assert told(*(one | {"fact_id": one["value"]} for one in twice)) == [(None, None, "ambiguous")] * 2

    def test_the_number_never_chooses_its_row(self):
        numbers = [f"{number},000" for number in range(100, 700, 7)]
        rows = {told(target(f"Canada will admit {words} permanent residents", words))[0][0] for words in numbers}
        assert rows == {"2026-2028-pr-total-2026"}


class TestOccupations:
    @pytest.mark.parametrize(("fact", "expected"), [
        (code("21300"), [("ca-ee-stem-2026-02-18", "21300", "agree")]),
        (code("21231"), [("ca-ee-stem-2026-02-18", NOT_LISTED, "disagree")]),  # software engineers are off the list since 2025
        (code("21231", published="2024-03-01"), [("ca-ee-stem-2023-05-31", "21231", "agree")]),
        (code("2173", published="2024-03-01"), [("ca-ee-stem-2023-05-31", "21211, 21231", "near")]),  # a code of NOC 2016
        (code("21231", period="2023-07-05"), [("ca-ee-stem-2023-05-31", "21231", "agree")]),  # told of the past
        (code("21231", period="2023-07-05", modality="background"), [("ca-ee-stem-2023-05-31", "21231", "agree")]),
        (code("51120", pathway="ca-tfwp-gts"), [("ca-tfwp-gts-2022-12-22", "51120", "near")]),  # the list takes part of it
        # just after a new version, or in a year of two, either may be meant
        (code("22313", pathway="ca-ee-transport", published="2026-02-20"), [("ca-ee-transport-2026-02-18", "22313", "agree")]),
        (code("21230", pathway="ca-ee-agri", published="2024-03-01"), [("ca-ee-agri-2023-05-31", NOT_LISTED, "disagree")]),
    ])
    def test_a_code_is_compared_with_the_version_in_force(self, fact, expected):
        assert listed(fact) == expected

    @pytest.mark.parametrize("fact", [
        code("21231", published="2025-06-01"),  # a version whose occupations aren't known
        code("21231", published="2026-02-20"),  # two weeks after a new version the old one, not known, may be meant
        code("10010", pathway="ca-tfwp-gts"),  # a list that may have more codes than we know
        code("21231", pathway="ca-on-oinp"), code("21231", modality="proposed"), code("21231", modality="background"), code("21231", published=None),
        code("21231", published="2020-01-01"),  # before there was any
    ])
    def test_what_the_record_says_nothing_of_has_no_check(self, fact):
        assert listed(fact) == []

    def test_versions_that_differ_are_ambiguous(self):
        lists = [{"list_id": one, "pathway_id": "ca-ee-stem", "valid_from": first, "valid_to": last, "complete": 1} for one, first, last in
                 (("old", "2026-01-01", "2026-05-31"), ("new", "2026-06-01", None))]
        entries = [{"list_id": "old", "noc_code": "21231", "part": 0}, {"list_id": "new", "noc_code": "21300", "part": 0}]
        assert [(check["list_id"], check["verdict"]) for check in check_occupations([code("21231", published="2026-06-05")], lists, entries, {})] == [(None, "ambiguous")]
        assert [(check["list_id"], check["verdict"]) for check in check_occupations([code("21231", published="2026-07-05")], lists, entries, {})] == [("new", "disagree")]
        assert [(check["list_id"], check["verdict"]) for check in check_occupations([code("21231", period="2026")], lists, entries, {})] == [(None, "ambiguous")]


# ---------------------------------------------------------------- provinces' draws

PROVINCE = PARENTS | {"ca-pnp": None, "ca-bc-pnp": "ca-pnp", "ca-bc-pnp-sw": "ca-bc-pnp", "ca-bc-pnp-ei": "ca-bc-pnp", "ca-ab-aaip": "ca-pnp"}


def draw(draw_id="bc-1", day="2026-06-16", *, invitations=5, cutoff=110, comparator="lt", pathway="ca-bc-pnp-sw", system="ca-bc-pnp"):
    return {"draw_id": draw_id, "draw_date": day, "invitations": invitations, "invitations_comparator": comparator, "cutoff_score": cutoff, "pathway_id": pathway, "system": system}


def figure(attribute, value, *, pathway="ca-bc-pnp-sw", period="2026-06-16", published="2026-06-17", comparator="eq"):
    return target("c", "1", period=period, published=published, pathway=pathway, attribute_id=attribute, value=str(value), value_num=value if isinstance(value, int) else None,
                  comparator=comparator) | {"fact_id": f"{attribute}-{value}-{pathway}"}


def checked(facts, *draws):
    return {check["attribute_id"]: (check["draw_id"], check["official_value"], check["verdict"]) for check in check_facts(facts, draws, PROVINCE)}


def test_a_figure_on_a_provinces_draw_is_compared_with_its_record():
    assert checked([figure("invitations", 4), figure("cutoff_score", 110)], draw()) == {"invitations": ("bc-1", "< 5", "near"), "cutoff_score": ("bc-1", "110", "agree")}
    assert checked([figure("invitations", 5), figure("cutoff_score", 111)], draw()) == {"invitations": ("bc-1", "< 5", "disagree"), "cutoff_score": ("bc-1", "110", "disagree")}
    assert checked([figure("invitations", 5, comparator="lt")], draw()) == {"invitations": ("bc-1", "< 5", "agree")}


def test_a_report_on_another_system_never_means_it():
    assert checked([figure("invitations", 40, pathway="ca-ee-cec"), figure("cutoff_score", 110, pathway="ca-ee-cec")], draw(invitations=40, comparator="eq")) == {}
    assert checked([figure("invitations", 40, pathway="ca-ab-aaip"), figure("cutoff_score", 110, pathway="ca-ab-aaip")], draw(invitations=40, comparator="eq")) == {}
    express = draw("ca-ee-1", invitations=40, comparator="eq", pathway="ca-ee-cec", system="ca-ee")
    assert checked([figure("invitations", 40), figure("cutoff_score", 110)], express, draw("bc-2", invitations=99, cutoff=60, comparator="eq", pathway="ca-bc-pnp-ei")) == {}


def test_one_tie_alone_ties_no_provinces_draw():
    fresh = [figure("cutoff_score", 110, pathway="ca-bc-pnp", period=None), figure("invitations", 40, pathway="ca-bc-pnp", period=None)]
    assert checked(fresh, draw(invitations=40, comparator="eq")) == {}
    assert checked([one | {"period": "2026-06-16"} for one in fresh], draw(invitations=40, comparator="eq")).keys() == {"invitations", "cutoff_score"}


@pytest.mark.parametrize(("fact", "official", "verdict"), [
    (("eq", 4, None), ("lt", 5), "near"), (("eq", 5, None), ("lt", 5), "disagree"), (("lt", 5, None), ("lt", 5), "agree"), (("lt", 10, None), ("lt", 5), "near"), (("ge", 5, None), ("lt", 5), "disagree"),
    (("range", 3, 8), ("lt", 5), "near"), (("eq", 20, None), ("le", 20), "near"), (("eq", 30, None), ("ge", 20), "near"), (("eq", 10, None), ("gt", 20), "disagree"), (("eq", 101, None), ("approx", 100), "near"),
])
def test_an_official_limit_leaves_room(fact, official, verdict):
    comparator, low, high = fact
    assert compare({"value": str(low), "value_num": low, "value_high": high, "comparator": comparator}, official[1], official[0]) == verdict


# ---------------------------------------------------------------- views


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    with closing(sqlite3.connect(build_sample(tmp_path_factory.mktemp("sample") / "facts.db"))) as connection:
        yield connection


def test_the_lag_is_from_the_official_day_to_a_sources_first_report(sample):
    assert sample.execute("SELECT draw_id, source_id, first_report, days_after, place FROM v_reporting_lag ORDER BY draw_id").fetchall() == [
        ("ca-ee-430", "harbour-times", "2026-07-22", 1, 1), ("ca-ee-431", "harbour-times", "2026-07-23", 1, 1)]


def test_draws_that_no_outlet_reports_are_told_apart_from_those_before_our_time(sample):
    assert sample.execute("SELECT draw_id, watched FROM v_unreported_draws ORDER BY draw_id").fetchall() == [("ca-ee-434", 1), ("ca-ee-91a", 0)]


def test_eligible_occupations_by_day_name_the_list_or_the_fact(sample):
    query = "SELECT noc_code, basis, list_id IS NOT NULL, fact_id IS NOT NULL FROM v_eligible_on WHERE pathway_id = ? AND first_day <= ?2 AND (last_day IS NULL OR last_day >= ?2) ORDER BY basis"
    assert sample.execute(query, ["ca-ee-cbs", "2024-03-01"]).fetchall() == [("21231", "record", 1, 0)]
    assert sample.execute(query, ["ca-ee-cbs", "2025-03-01"]).fetchall() == [("00010", "record", 1, 0)]
    assert sample.execute(query, ["ca-ee-health", "2026-08-01"]).fetchall() == [("31301", "record", 1, 0), ("31301", "reported", 0, 1)]


def test_a_pathways_eligible_occupations_are_found_by_index(sample):
    for where in ("pathway_id = 'ca-ee-health'", "draw_id = 'ca-ee-430'"):
        view = "v_eligible_on" if "pathway" in where else "v_reporting_lag"
        plan = [row[3] for row in sample.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE {where}")]
        assert not [step for step in plan if step.startswith("SCAN f")], plan
