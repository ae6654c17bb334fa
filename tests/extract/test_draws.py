"""Whose a figure is: draw stories with several rounds and streams, and values under headings, lists and provinces.

Each row of draws.csv, rounds.csv, subjects.csv and rivals.csv (which name two pathways or more) is a short text and all the facts that it states, written as in
statements.csv; "@" stands before a period, "~" before a comparator.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from extract.document import Document
from extract.pipeline import annotate
from tests.extract.test_statements import write_value

ROWS = [row for name in ("draws.csv", "rounds.csv", "subjects.csv", "rivals.csv")
        for row in csv.DictReader((Path(__file__).parent / name).read_text(encoding="utf-8").splitlines())]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["body"][:60])
def test_ties_figures_to_their_pathways(row: dict[str, str]) -> None:
    text = f"{row['title']}\n\n{row['body']}".replace("\\n", "\n")
    facts = annotate(Document("a", text, None, row["published"]))["facts"]
    found: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        found.setdefault(f"{fact['pathway']} {fact['attribute']} {write_value(fact['value'])}", []).append(fact)
    wanted = [re.fullmatch(r"([^@~]+?)(?: @(\S+))?(?: ~(\S+))?", fact.strip()) for fact in (row["facts"] or "").split(";") if fact.strip()]
    assert set(found) == {match[1] for match in wanted if match}
    for match in wanted:
        assert match
        assert not match[2] or match[2] in {fact["period"] for fact in found[match[1]]}
        assert not match[3] or match[3] in {fact["comparator"] for fact in found[match[1]]}


@pytest.mark.parametrize(
    ("text", "code", "attribute"),
    [
        ("The Global Talent Stream covers two codes: NOC 21300 and NOC 21310.", "21310", "eligible_noc"),
        ("Under the Global Talent Stream, employers may hire people in NOC 21211.", "21211", "eligible_noc"),
        ("Jobs under NOC 60030 are excluded from the Saskatchewan Immigrant Nominee Program.", "60030", "excluded_noc"),
    ],
)
def test_reads_codes_in_running_text(text: str, code: str, attribute: str) -> None:
    facts = annotate(Document("a", f"Occupations\n\n{text}"))["facts"]
    assert (attribute, code) in {(fact["attribute"], fact["value"]) for fact in facts}


def test_codes_of_an_example_are_on_no_list() -> None:
    text = "Francophone Mobility\n\nFrancophone Mobility is open to many occupations.\n\nAn example\n\nA company hires a data scientist (NOC 21211)."
    assert annotate(Document("a", text))["facts"] == []


def test_a_story_in_the_first_person_states_no_rule() -> None:
    told = "I came in 2019. I had my L-1 visa for two years. My wife and I paid $500 in fees. I lost my job, and I left. I miss my friends."
    assert annotate(Document("a", f"My L-1 visa story\n\n{told}"))["facts"] == []
