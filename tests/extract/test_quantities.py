"""Numbers, money, durations, percentages and language levels."""

from __future__ import annotations

import pytest

from extract.quantities.find import QuantityMention, find_quantities
from extract.quantities.grammar import read_rows
from extract.tokens import split_tokens


def read(text: str) -> list[QuantityMention]:
    return find_quantities(split_tokens(text), [], [])


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit", "comparator"),
    [
        # digits, words and scales
        ("They took 10,000 nurses.", "number", 10000.0, "people", "eq"),
        ("They took 1.45 million immigrants.", "number", 1450000.0, "people", "eq"),
        ("They took half a million newcomers.", "number", 500000.0, "people", "eq"),
        ("They took 3.5K spots.", "number", 3500.0, "spaces", "eq"),
        ("They took one hundred and twenty refugees.", "number", 120.0, "people", "eq"),
        # comparators before and after
        ("They took up to 500 bakers.", "number", 500.0, "", "le"),
        ("They took up to, but no more than, a total of 500 visas.", "number", 500.0, "visas", "le"),
        ("They took at least 500 people.", "number", 500.0, "people", "ge"),
        ("They took fewer than 500 people.", "number", 500.0, "people", "lt"),
        ("They took nearly 500 people.", "number", 500.0, "people", "approx"),
        ("They took 500 or more people.", "number", 500.0, "people", "ge"),
        # a fee that goes up to a sum has no upper bound
        ("It goes up to $500.", "money", 500.0, "$", "eq"),
        # ranges
        ("They took between 464 and 467 points.", "number", [464.0, 467.0], "points", "range"),
        ("It lasts 18 to 24 months.", "duration", ["P18M", "P24M"], "ISO 8601 duration", "range"),
        # money
        ("It costs CAN$7.", "money", 7.0, "CAD", "eq"),
        ("It costs US$185.50.", "money", 185.5, "USD", "eq"),
        ("It costs £1,035.", "money", 1035.0, "GBP", "eq"),
        ("It costs NZD 770.", "money", 770.0, "NZD", "eq"),
        ("It costs two million dollars.", "money", 2000000.0, "$", "eq"),
        # durations
        ("It takes two (2) years.", "duration", "P2Y", "ISO 8601 duration", "eq"),
        ("It takes 10 business days.", "duration", "P10D", "ISO 8601 duration", "eq"),
        ("It is done within a 60-day term.", "duration", "P60D", "ISO 8601 duration", "le"),
        ("It has a full 3-year maximum.", "duration", "P3Y", "ISO 8601 duration", "le"),
        ("It takes 1,560 hours.", "duration", "PT1560H", "ISO 8601 duration", "eq"),
        # per cent and language levels
        ("It has 35 per cent of them.", "percent", 35.0, "percent", "eq"),
        ("It asks for a CLB level of at least 7.", "level", 7.0, "CLB", "ge"),
        ("It asks for NCLC 5.", "level", 5.0, "NCLC", "eq"),
    ],
)
def test_one_quantity(text: str, kind: str, value: object, unit: str, comparator: str) -> None:
    found = read(text)
    assert [(item["kind"], item["value"], item["unit"], item["comparator"]) for item in found] == [(kind, value, unit, comparator)]
    assert text[found[0]["start"]:found[0]["end"]] == found[0]["text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a change has two values, a range is one
        ("The wage rose from £30,000 to £38,700.", [30000.0, 38700.0]),
        ("The wage is from £30,000 to £38,700.", [[30000.0, 38700.0]]),
        ("They took 395,000 in one year, 380,000 in another.", [395000.0, "P1Y", 380000.0]),
        # no quantities: codes, sections, forms, ordinals, times, telephones, versions
        ("See section 25.2, form 1295, C-10, R205, H-1B and COVID-19.", []),
        ("On the 16th at 11:59, call 613-555-0100.", []),
        ("NOC 21300 and TEER 4 differ.", []),
        ("It has paragraph 200 and step 3.", []),
    ],
)
def test_values(text: str, expected: list[object]) -> None:
    assert [item["value"] for item in read(text)] == expected


@pytest.mark.parametrize(
    ("text", "rate"),
    [("It pays $38.50 per hour.", "hour"), ("It pays £38,700 a year.", "year"), ("It pays $900/week.", "week"), ("It pays $9.", "")],
)
def test_rate_of_pay(text: str, rate: str) -> None:
    assert [item["rate"] for item in read(text)] == [rate]


@pytest.mark.parametrize("row", [row for row in read_rows("comparators.csv") if row["comparator"] != "eq"], ids=lambda row: row["words"])
def test_every_comparator_reads_its_example(row: dict[str, str]) -> None:
    assert [item["comparator"] for item in read(row["example"])][:1] == [row["comparator"]]


@pytest.mark.parametrize("row", read_rows("negatives.csv"), ids=lambda row: row["word"])
def test_every_negative_keeps_its_example_free_of_numbers(row: dict[str, str]) -> None:
    assert read(row["example"]) == []


def test_dates_and_blocks_are_left_alone() -> None:
    text = "In 2024 and 300 more"
    found = find_quantities(split_tokens(text), [12], [(3, 7)])
    assert [item["value"] for item in found] == [300.0]
