"""Statements in the words of news: each row of statements.csv is a short text and all the facts that it states.

In the table "\\n" stands for a line break, and a fact is "pathway attribute value", with "@period" where a period is asked for.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from extract.document import Document
from extract.pipeline import annotate

ROWS = list(csv.DictReader((Path(__file__).parent / "statements.csv").read_text(encoding="utf-8").splitlines()))


def write_value(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["body"][:60])
def test_states_the_facts_of_its_row(row: dict[str, str]) -> None:
    text = f"{row['title']}\n\n{row['body']}".replace("\\n", "\n")
    facts = annotate(Document("a", text, None, row["published"]))["facts"]
    found = {f"{fact['pathway']} {fact['attribute']} {write_value(fact['value'])}": fact["period"] for fact in facts}
    wanted = dict(fact.strip().partition(" @")[::2] for fact in row["facts"].split(";") if fact)
    assert set(found) == set(wanted)
    assert {key: found[key] for key, period in wanted.items() if period} == {key: period for key, period in wanted.items() if period}


@pytest.mark.parametrize(
    "text",
    [
        "Correction, August 8, 2026: An earlier version of this article gave the number of Express Entry invitations as 5,500.",
        "Editor's note: This story was updated on August 8, 2026, to correct the cut-off of the Express Entry draw, first given as 500.",
        "Updated August 8, 2026: the Express Entry draw had 5,500 invitations in our first report.",
        "One website has claimed that the Express Entry portal with 16,500 spots would open on May 3, 2026.",
        "She would have been invited in the Express Entry draw with 14 points to spare.",
    ],
)
def test_states_nothing_about_the_article_or_a_made_up_case(text: str) -> None:
    assert annotate(Document("a", f"News\n\n{text}", None, "2026-08-09"))["facts"] == []
