"""Checks: a figure is tied to a draw by the other figures, and then compared as its words allow."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from db.checks import TESTED, check_facts, compare, group_reports

PARENTS = {"ca-ee": None, "ca-ee-cec": "ca-ee", "ca-ee-cbs": "ca-ee", "ca-ee-health": "ca-ee-cbs", "ca-ee-french": "ca-ee-cbs", "ca-on-oinp": None}
CEC = {"draw_id": "ca-ee-430", "pathway_id": "ca-ee-cec", "draw_date": "2026-07-21", "invitations": 3000, "cutoff_score": 511}
HEALTH = {"draw_id": "ca-ee-431", "pathway_id": "ca-ee-health", "draw_date": "2026-07-22", "invitations": 1000, "cutoff_score": 475}
OLD_CEC = {"draw_id": "ca-ee-300", "pathway_id": "ca-ee-cec", "draw_date": "2024-05-31", "invitations": 3000, "cutoff_score": 522}
DRAWS = [CEC, HEALTH, OLD_CEC]
_ids = itertools.count()


def fact(attribute: str, value: Any, *, pathway: str = "ca-ee-cec", period: str | None = "2026-07-21", published: str | None = "2026-07-22", comparator: str = "eq",
         high: float | None = None, version: str = "v1") -> dict[str, Any]:
    number = value if isinstance(value, int | float) else None
    return {"fact_id": f"fact-{next(_ids)}", "version_id": version, "pathway_id": pathway, "attribute_id": attribute, "value": str(value), "value_num": number, "value_high": high,
            "comparator": comparator, "period": None if attribute == "draw_on" else period, "published": published, "source_id": "harbour"}


def verdicts(facts: list[dict[str, Any]], draws: list[dict[str, Any]] = DRAWS) -> dict[str, tuple[str, str | None, str]]:
    """Attribute to verdict, draw, and what linked them."""
    return {row["attribute_id"]: (row["verdict"], row["draw_id"], row["linked_by"]) for row in check_facts(facts, draws, PARENTS)}


# ---------------------------------------------------------------- which draw is meant


def test_a_right_report_agrees_in_every_figure():
    found = verdicts([fact("draw_on", "2026-07-21"), fact("invitations", 3000), fact("cutoff_score", 511)])
    assert {attribute: row[:2] for attribute, row in found.items()} == dict.fromkeys(TESTED, ("agree", "ca-ee-430"))


@pytest.mark.parametrize(("attribute", "wrong"), [("invitations", 3300), ("cutoff_score", 475)])
def test_one_wrong_figure_disagrees_and_the_others_still_agree(attribute, wrong):
    right = {"draw_on": "2026-07-21", "invitations": 3000, "cutoff_score": 511}
    found = verdicts([fact(name, value) for name, value in (right | {attribute: wrong}).items()])
    assert found[attribute][:2] == ("disagree", "ca-ee-430")
    assert {row[0] for name, row in found.items() if name != attribute} == {"agree"}


def test_a_wrong_date_disagrees_with_the_draw_that_the_figures_name():
    found = verdicts([fact("draw_on", "2026-07-20"), *(fact(name, value, period="2026-07-20") for name, value in (("invitations", 3000), ("cutoff_score", 511)))])
    assert found["draw_on"][:2] == ("disagree", "ca-ee-430")


@pytest.mark.parametrize("attribute", sorted(TESTED))
@pytest.mark.parametrize("value", [3000, 1000, 511, 475, 999, "2026-07-21", "2026-07-22", "2024-05-31", "1999-01-01"])
def test_the_figure_under_test_never_decides_the_draw(attribute, value):
    # Whatever the figure says, the draw is the one that the others name: else a wrong figure could prove itself right.
    # (For a date, the others carry none of their own.)
    others = {"draw_on": "2026-07-21", "invitations": 3000, "cutoff_score": 511}
    period = None if attribute == "draw_on" else "2026-07-21"
    report = [fact(name, other, period=period) for name, other in others.items() if name != attribute]
    tested = fact(attribute, value, period=period)
    for one in report:
        if attribute == "draw_on":
            one["period"] = str(value)  # reports are grouped by the day that they give
    for row in check_facts([*report, tested], DRAWS, PARENTS):
        if row["fact_id"] == tested["fact_id"]:
            assert row["draw_id"] == "ca-ee-430"
            assert attribute not in row["linked_by"].split(" + ")


def test_a_date_is_not_linked_by_itself():
    # No figure but the date: the category alone names a dozen draws a year.
    assert verdicts([fact("draw_on", "2026-07-21")]) == {}


@pytest.mark.parametrize(("published", "checked"), [
    ("2026-07-21", True), ("2026-07-22T09:00:00-04:00", True), ("2026-07-28", True),  # on the day, and up to a week after it
    ("2026-07-29", False), ("2026-07-20", False), (None, False), ("July 2026", False),  # later, before it, and unknown
])
def test_a_size_or_score_alone_counts_only_within_a_week(published, checked):
    # "Express Entry" ties to no category; without a date, only the size ties the score to a draw.
    report = [fact(name, value, pathway="ca-ee", period=None, published=published) for name, value in (("invitations", 3000), ("cutoff_score", 511))]
    assert ("cutoff_score" in verdicts(report)) == checked


def test_a_category_alone_links_nothing():
    assert verdicts([fact("invitations", 3000, period=None)]) == {}


def test_a_date_alone_links_nothing():
    # Of a pathway outside Express Entry, nothing but the day is the same.
    assert verdicts([fact("invitations", 3000, pathway="ca-on-oinp")]) == {}


def test_two_draws_that_fit_alike_are_ambiguous():
    twin = HEALTH | {"draw_id": "ca-ee-432", "pathway_id": "ca-ee-cec", "draw_date": "2026-07-21", "cutoff_score": 480}
    found = verdicts([fact("invitations", 3000)], [CEC, twin])
    assert found["invitations"] == ("ambiguous", None, "draw_on + category")


def test_of_two_that_fit_alike_the_one_in_the_week_before_is_meant():
    # Size and category are those of a draw in 2024, too.
    found = verdicts([fact("invitations", 3000, period=None), fact("cutoff_score", 999, period=None)])
    assert found["cutoff_score"][:2] == ("disagree", "ca-ee-430")
    assert found["cutoff_score"][2].endswith("published")


@pytest.mark.parametrize(("pathway", "draw", "related"), [
    ("ca-ee-health", HEALTH, True), ("ca-ee-cbs", HEALTH, True),  # a parent names its child's draw
    ("ca-ee-french", HEALTH, False), ("ca-ee-cec", HEALTH, False),  # a sibling doesn't
    ("ca-ee", HEALTH, False),  # and "Express Entry" alone names every draw
])
def test_categories_tie_along_the_line_of_parents(pathway, draw, related):
    found = verdicts([fact("cutoff_score", 475, pathway=pathway, period="2026-07-22", published=None)], [draw])
    assert ("cutoff_score" in found) == related


def test_parents_that_run_in_a_circle_end():
    assert check_facts([fact("invitations", 3000, pathway="a")], DRAWS, {"a": "b", "b": "a"}) == []


def test_a_draw_without_the_figure_or_the_category_gives_no_check():
    assert verdicts([fact("invitations", 3000), fact("cutoff_score", 511)], [CEC | {"invitations": None, "pathway_id": None}]) == {}


def test_no_draws_no_checks():
    assert check_facts([fact("invitations", 3000)], [], PARENTS) == []
    assert check_facts([], DRAWS, PARENTS) == []


def test_articles_are_judged_apart():
    rows = check_facts([fact("invitations", 3000, version="v1"), fact("invitations", 3300, version="v2")], DRAWS, PARENTS)
    assert sorted(row["verdict"] for row in rows) == ["agree", "disagree"]


def test_draws_of_one_article_are_told_apart_by_their_day():
    reports = group_reports([
        fact("draw_on", "2026-07-21"), fact("invitations", 3000), fact("draw_on", "2026-07-22", pathway="ca-ee-health"), fact("invitations", 1000, pathway="ca-ee-health", period="2026-07-22")])
    assert sorted((report.pathway_id, sorted(report.facts)) for report in reports) == [("ca-ee-cec", ["draw_on", "invitations"]), ("ca-ee-health", ["draw_on", "invitations"])]


def test_two_values_of_one_figure_tie_to_nothing():
    # "3,000, after 1,000": which of them belongs to the draw isn't told, so neither ties the score to one.
    found = verdicts([fact("invitations", 3000, pathway="ca-ee", period=None), fact("invitations", 1000, pathway="ca-ee", period=None), fact("cutoff_score", 511, pathway="ca-ee", period=None)])
    assert "cutoff_score" not in found


def test_a_difference_is_no_figure_of_a_draw():
    # "300 more than last time"
    assert "invitations" not in verdicts([fact("invitations", 300, comparator="delta"), fact("cutoff_score", 511)])


def test_ids_are_the_facts_own():
    facts = [fact("invitations", 3000), fact("cutoff_score", 511)]
    one, two = check_facts(facts, DRAWS, PARENTS), check_facts(facts[::-1], DRAWS[::-1], PARENTS)
    assert one == two


# ---------------------------------------------------------------- what the words mean


@pytest.mark.parametrize(("comparator", "value", "high", "official", "verdict"), [
    ("eq", 3000, None, 3000, "agree"), ("eq", 3001, None, 3000, "disagree"),
    ("approx", 3000, None, 3100, "near"), ("approx", 3000, None, 2900, "near"), ("approx", 3000, None, 3300, "disagree"), ("approx", 3000, None, 3000, "agree"),
    ("ge", 3000, None, 3100, "near"), ("ge", 3000, None, 2999, "disagree"), ("ge", 3000, None, 4000, "disagree"),  # at least 3,000 of 4,000 says too little
    ("gt", 3000, None, 3100, "near"), ("gt", 3000, None, 2900, "disagree"),
    ("le", 3000, None, 2900, "near"), ("le", 3000, None, 3001, "disagree"), ("le", 3000, None, 2000, "disagree"),
    ("lt", 3000, None, 2900, "near"), ("lt", 3000, None, 3100, "disagree"),
    ("range", 2900, 3100, 3000, "near"), ("range", 2900, 3100, 3101, "disagree"), ("range", 2900, 3100, 2900, "near"),  # a range is not exact
    ("approx", 3000, None, 3158, "disagree"), ("approx", 3000, None, 3157, "near"),  # 5 % of the official figure
])
def test_numbers_compare_as_their_words_allow(comparator, value, high, official, verdict):
    assert compare(fact("invitations", value, comparator=comparator, high=high), official) == verdict


@pytest.mark.parametrize(("value", "verdict"), [("2026-07-21", "agree"), ("2026-07-22", "disagree"), ("2026-07", "disagree")])
def test_dates_compare_to_the_day(value, verdict):
    assert compare(fact("draw_on", value), "2026-07-21") == verdict


def test_what_is_no_number_doesnt_agree_with_one():
    assert compare(fact("invitations", "several thousand"), 3000) == "disagree"
