"""Limits, allocations and targets: each row of limits.csv is a short text and all that it states; allocations in many layouts.

In the table "\\n" stands for a line break, and a fact is "pathway attribute comparator value unit", with "@period" where there is one.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from extract.document import Document
from extract.pipeline import annotate

ROWS = list(csv.DictReader((Path(__file__).parent / "limits.csv").read_text(encoding="utf-8").splitlines()))
SHARES = {"Sudbury": 525, "Timmins": 150, "North Bay": 300, "Claresholm": 50}
HEAD = "Rural Community Immigration Pilot: community allocations for 2025\n\n"


def write_fact(fact: dict) -> str:
    value = ",".join(map(str, fact["value"])) if isinstance(fact["value"], list) else fact["value"]
    return f"{fact['pathway']} {fact['attribute']} {fact['comparator']} {value} {fact['unit']}" + (f" @{fact['period']}" if fact["period"] else "")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["body"][:60])
def test_states_the_limits_of_its_row(row: dict[str, str]) -> None:
    facts = annotate(Document("a", f"{row['title']}\n\n{row['body']}".replace("\\n", "\n"), None, row["published"]))["facts"]
    assert {write_fact(fact) for fact in facts} == {fact.strip() for fact in row["facts"].split(";") if fact}


@pytest.mark.parametrize(("lead", "line"), [
    ("Community | Spaces\n", "{} | {}"), ("| Community | Spaces |\n|---|---|\n", "| {} | {} |"), ("| Community | 2025 allocation |\n|---|---|\n", "| {} | {} |"),
    ("| Community | Recommendations |\n|---|---|\n", "| {} | {} |"), ("| Community | Allocation | Status |\n|---|---|---|\n", "| {} | {} | Open |"),
    ("| # | Community | Allocation |\n|---|---|---|\n", "| 1 | {} | {} |"), ("The allocations are:\n\n", "- {}: {}"),
    ("Each community has been given a number of spaces:\n\n", "- {} \u2013 {}"), ("Communities and their spaces:\n\n", "- {} ({})"),
    ("This is how many people each community may recommend:\n\n", "- {} may recommend {} people"), ("Here are the numbers.\n\n", "- {}: {} spaces"),
    ("Allocations\n\n", "- {}: {}"), ("", "- {}: {}"), ("Allocations:\n\n", "{}: {}"), ("Allocations by community:\n", "{} \u2013 {} spaces"),
    ("Community\tAllocation\n", "{}\t{}"), ("Community Allocation\n", "{} {}"), ("Community    Allocation\n", "{}    {}"), ("Community\nAllocation\n", "{}\n{}"),
    ("How the spaces are shared:\n\n", "{} | {}"), ("How many spaces does each community have?\n\n", "- {}: {}"), ("", "{} has an allocation of {}."),
    ("Table 1: Maximum number of recommendations by community\n\n| Community | 2025 |\n|---|---|\n", "| {} | {} |"),
])
def test_reads_allocations_in_any_layout(lead: str, line: str) -> None:
    text = HEAD + lead + "\n".join(line.format(name, share) for name, share in SHARES.items()) + "\n"
    facts = annotate(Document("a", text, None, "2025-03-01"))["facts"]
    assert {(fact["pathway"], fact["attribute"], fact["value"]) for fact in facts} == {("ca-rcip", "cap", share) for share in SHARES.values()}
