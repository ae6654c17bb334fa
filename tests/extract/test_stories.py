"""Short stories in the words of news, notices and blogs, each with all the facts that it states, and sentences that state none.

In stories.csv "\\n" stands for a line break; a fact is "pathway attribute value", with its unit, its comparator or "@period" behind it
where one is asked for, and a story without facts only reports, advises, asks or tells of persons. The sentences of unstated.csv hold
dates and figures of something else; each is read below titles that name a pathway, as the text's own topic. Each sentence of moments.csv
tells of one date, and of one milestone.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from extract.document import Document
from extract.pipeline import annotate

FOLDER = Path(__file__).parent
COMPARATORS = frozenset({"eq", "le", "ge", "lt", "gt", "approx", "range"})
MILESTONES = frozenset({"effective_on", "opens_on", "closes_on", "announced_on", "cap_reached_on"})
TITLES = ("Temporary Foreign Worker Program in the news", "PGWP: questions and answers", "Notes on the Agri-Food Pilot")


def read_rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / name).read_text(encoding="utf-8").splitlines()))


def write_value(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(write_value, value))
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def fits(fact: dict[str, Any], asked: str) -> bool:
    """Whether a fact has the period, comparator or unit that a row asks for."""
    if asked.startswith("@"):
        return bool(fact["period"] == asked[1:])
    return bool(fact["comparator" if asked in COMPARATORS else "unit"] == asked)


@pytest.mark.parametrize("row", read_rows("stories.csv"), ids=lambda row: row["title"])
def test_states_the_facts_of_its_story(row: dict[str, str]) -> None:
    text = f"{row['title']}\n\n{row['body']}".replace("\\n", "\n")
    facts = annotate(Document("a", text, None, row["published"] or None))["facts"]
    found = {f"{fact['pathway']} {fact['attribute']} {write_value(fact['value'])}": fact for fact in facts}
    wanted = {" ".join(words[:3]): words[3:] for fact in row["facts"].split(";") if (words := fact.split())}
    assert set(found) == set(wanted)
    assert [(key, each) for key, asked in wanted.items() for each in asked if not fits(found[key], each)] == []


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("row", read_rows("unstated.csv"), ids=lambda row: row["sentence"][:60])
def test_states_nothing_of_the_topic(row: dict[str, str], title: str) -> None:
    assert annotate(Document("a", f"{title}\n\n{row['sentence']}", None, "2024-06-10"))["facts"] == []


@pytest.mark.parametrize("row", read_rows("moments.csv"), ids=lambda row: row["sentence"][:60])
def test_tells_what_happens_on_a_date(row: dict[str, str]) -> None:
    facts = annotate(Document("a", f"News of the week\n\n{row['sentence']}", None, "2025-08-01"))["facts"]
    assert [fact["attribute"] for fact in facts if fact["attribute"] in MILESTONES] == [row["attribute"]]
