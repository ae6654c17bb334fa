"""Caps, targets, fees, times, wages and levels in many wordings: each row of terms.csv is a short text and all the facts that it states.

In the table "\\n" stands for a line break, and a fact is "pathway attribute value", with "@period" where a period is asked for.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from extract.document import Document
from extract.facts.labels import find_role, name_column
from extract.pipeline import annotate
from extract.quantities.find import find_quantities
from extract.tokens import split_tokens

ROWS = list(csv.DictReader((Path(__file__).parent / "terms.csv").read_text(encoding="utf-8").splitlines()))


def write_value(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["body"][:60])
def test_states_the_terms_of_its_row(row: dict[str, str]) -> None:
    text = f"{row['title']}\n\n{row['body']}".replace("\\n", "\n")
    facts = annotate(Document("a", text, None, "2025-01-15"))["facts"]
    found = {f"{fact['pathway']} {fact['attribute']} {write_value(fact['value'])}": fact["period"] for fact in facts}
    wanted = dict(fact.strip().partition(" @")[::2] for fact in row["facts"].split(";") if fact)
    assert set(found) == set(wanted)
    assert {key: found[key] for key, period in wanted.items() if period} == {key: period for key, period in wanted.items() if period}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # parts of one figure
        ("a stay of 2 years and 9 months", ["P2Y9M"]),
        ("raised to 310, 000 newcomers", [310000.0]),
        ("44 500 to 47 500 admissions", [[44500.0, 47500.0]]),
        ("from 5-6,000 people", [[5000.0, 6000.0]]),
        ("a salary of £25,600 ($33,245) a year", [25600.0]),
        ("44 500 and 47 500, then 50 000.", [44500.0, 47500.0, 50000.0]),
        ("de 44 500 à 47 500 admissions", [[44500.0, 47500.0]]),
        ("passe de 1 000 à 2 000 demandes", [1000.0, 2000.0]),
        ("1 an d'expérience, puis 18 mois", ["P1Y", "P18M"]),
        # a second number counts what the first counts
        ("five years per visit, instead of two.", ["P5Y", "P2Y"]),
        ("from 20 to 10 per cent", [20.0, 10.0]),
        ("CLB 7 for doctors; nurses need 5.", [7.0, 5.0]),
        ("a year of skilled work", ["P1Y"]),
        # no second number of the same kind
        ("a visa of three years\nLevels 4 to 6", ["P3Y"]),
        ("stage 500 250 of 1,000", [250.0, 1000.0]),
        ("for two years and 12 people", ["P2Y", 12.0]),
        ("a class of 12 and 500 people", [12.0, 500.0]),
    ],
)
def test_joins_numbers_that_belong_together(text: str, values: list[object]) -> None:
    found = [mention["value"] for mention in find_quantities(split_tokens(text), [], [])]
    assert found[:len(values)] == values or found == values


@pytest.mark.parametrize(
    ("text", "kind", "unit"),
    [("from 20 to 10 per cent", "percent", "percent"), ("CLB or NCLC 5", "level", "CLB"), ("NCLC 5", "level", "NCLC")],
)
def test_gives_shared_units(text: str, kind: str, unit: str) -> None:
    assert {(mention["kind"], mention["unit"]) for mention in find_quantities(split_tokens(text), [], [])} == {(kind, unit)}


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("How much does it cost?", "fee"), ("How long does it take?", "processing_time"), ("How long is it valid?", "permit_validity"),
        ("The allocations are:", "cap"), ("Planned admissions by category:", "target"), ("Proof of funds", "none"), ("Who can help", ""),
    ],
)
def test_sections_say_what_their_figures_are(label: str, role: str) -> None:
    assert find_role(label, "section") == role


@pytest.mark.parametrize(("label", "role"), [("Canadian Experience Class", "pathway"), ("Experience", "min_experience"), ("Upper age limit", "")])
def test_columns_are_told_apart(label: str, role: str) -> None:
    assert name_column(label) == role
