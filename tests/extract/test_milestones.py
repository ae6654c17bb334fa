"""Milestones: which event governs a date, and what the date is by the event, the noun that it befalls and the mark before it.

milestones.csv holds short texts in the words of news and all the milestones that they state; the rows without facts are dates of something
else. In the table "\\n" stands for a line break.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from extract.cues.match import Item, make_items
from extract.dates.find import find_dates
from extract.dates.resolve import Surroundings, resolve_dates
from extract.document import Document
from extract.facts.events import find_events, opens_clause, read_events, read_mark
from extract.facts.fact import DATE_ATTRIBUTES, Fact
from extract.facts.find import share_fee_dates
from extract.pipeline import annotate
from extract.tokens import split_tokens

ROWS = list(csv.DictReader((Path(__file__).parent / "milestones.csv").read_text(encoding="utf-8").splitlines()))
DECISIONS = [row for row in read_events()["decide"]["rows"] if row["example"]]


def state_dates(text: str, published: str | None) -> set[str]:
    facts = annotate(Document("a", text, None, published))["facts"]
    return {f"{fact['pathway']} {fact['attribute']} {fact['value']}" for fact in facts if fact["attribute"] in DATE_ATTRIBUTES}


def find_items(text: str) -> list[Item]:
    tokens = split_tokens(text)
    dates = resolve_dates(tokens, find_dates(tokens, []), None, Surroundings([0], [0]))
    return make_items(tokens, 0, len(text), [(date["start"], date["end"], "date", date) for date in dates])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["body"][:60])
def test_states_the_milestones_of_its_row(row: dict[str, str]) -> None:
    text = f"{row['title']}\n\n{row['body']}".replace("\\n", "\n")
    assert state_dates(text, row["published"]) == {fact.strip() for fact in row["facts"].split(";") if fact}


@pytest.mark.parametrize("row", DECISIONS, ids=lambda row: row["example"][:60])
def test_every_decision_is_made_in_its_example(row: dict[str, str]) -> None:
    told = state_dates(f"News of the day\n\n{row['example']}", "2024-05-10")
    found = {fact.split()[1] for fact in told if fact.endswith("2024-05-03")}
    assert found == ({row["attribute"]} if row["attribute"] else set())


@pytest.mark.parametrize("row", read_events()["event"], ids=lambda row: row["kind"])
def test_every_kind_of_event_is_found_in_its_example(row: dict[str, str]) -> None:
    assert row["kind"] in {event.kind for event in find_events(find_items(row["example"]))}


@pytest.mark.parametrize(
    ("text", "mark", "led"),
    [
        ("It stays until 5 p.m. EDT on May 3, 2024.", "until", False),
        ("As of May 3, 2024, it is shut.", "from", True),
        ("Those who apply on or after May 3, 2024, pay more.", "from", False),
        ("It was extended to May 3, 2024.", "until", False),
        ("It opens at 9 a.m. Yukon Standard Time on May 3, 2024.", "", False),
        ("They said that on May 3, 2024, it shuts.", "", True),
        ("Send it no later than May 3, 2024.", "by", False),
        ("Send it on or before May 3, 2024.", "by", False),
    ],
)
def test_reads_the_mark_before_a_date(text: str, mark: str, led: bool) -> None:
    items = find_items(text)
    place = next(at for at, item in enumerate(items) if item.slot == "date")
    assert (read_mark(items, place)[0], opens_clause(items, place)) == (mark, led)


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        ("The pilot is now open, the minister announced Friday.", "2025-03-01", {"2025-02-28"}),
        ("The caps were unveiled Friday by the department.", "2025-03-01", {"2025-02-28"}),
        ("Its window is the same each autumn: it opens on 3 October and shuts on 2 November.", "2018-03-01", {"XXXX-10-03", "XXXX-11-02"}),
        ("The office is closed until Monday.", "2024-12-30", {"2025-01-06"}),
        ("The next intake opens in the spring.", "2024-12-30", {"2025-21"}),
        ("It will reopen before the summer.", "2024-10-30", {"2025-22"}),
        ("Both thresholds are indexed on 1 July each year.", "2024-12-07", {"XXXX-07-01"}),
        ("The rules change in the new year.", "2024-10-30", {"2025"}),
        ("Files came in February.\n\nThe next one opens soon.", "2024-12-30", {"2024-02"}),
        ("The minister spoke last night.", "2024-12-30", {"2024-12-29"}),
        ("The means test was doubled a month ago.", "2024-01-23", {"2023-12"}),
    ],
)
def test_dates_are_read_in_their_own_sentence(text: str, published: str, expected: set[str]) -> None:
    assert {date["edtf"] for date in annotate(Document("a", text, None, published))["dates"]} == expected


def test_new_fees_of_no_named_program_begin_for_each_that_the_text_charges() -> None:
    dated = Fact("", "effective_on", "2024-05-03", "", "eq", None, "asserted", (0, 30), [("value", 5, 16)], "effective_on-event", 0.9)
    fees = [Fact(name, "fee", 950, "CAD", "eq", None, "asserted", (40, 60), [], "fee-table", 0.85) for name in ("ca-aip", "ca-pgp", "ca-aip")]
    assert [(fact.pathway, fact.value) for fact in share_fee_dates([dated], fees)] == [("ca-aip", "2024-05-03"), ("ca-pgp", "2024-05-03")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It opened on May 3, 2024, and closed that night.", {"2024-05-03"}),
        ("It opened on May 3, 2024. On that date 40 people applied.", {"2024-05-03"}),
        ("It opened on May 3, 2024. That was a surprise.", {"2024-05-03"}),
    ],
)
def test_a_day_is_referred_back_to(text: str, expected: set[str]) -> None:
    found = annotate(Document("a", text, None, "2024-06-01"))["mentions"]
    days = [mention["value"] for mention in found if mention["type"] == "date"]
    assert set(days) == expected
    assert len(days) == 1 + ("that night" in text or "that date" in text)
