"""Texts that announce nothing, and the kinds of texts and sentences that figures in them are no facts of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extract.document import Document
from extract.facts.genres import OPENING, Genre, read_genres
from extract.pipeline import annotate

NEGATIVES = [json.loads(line) for line in (Path(__file__).parent / "negatives.jsonl").read_text(encoding="utf-8").splitlines()]

# Sentences that a kind must leave alone: they state what holds for everybody.
STATED = [
    ("The minister said she would raise the fee of the Global Talent Stream to $1,200 on May 3, 2025.", "fee"),
    ("Under the Start-up Visa Program an applicant needs CLB 5 and pays $2,140 for herself.", "fee"),
    ("The Parents and Grandparents Program will accept up to 15,000 applications in 2025.", "cap"),
]


@pytest.mark.parametrize("row", NEGATIVES, ids=lambda row: row["kind"])
def test_finds_nothing_where_nothing_is_announced(row: dict[str, str]) -> None:
    record = annotate(Document(id=row["kind"], text=row["text"], title=row["title"], published="2024-06-15"))
    assert [(fact["pathway"], fact["attribute"], fact["value"]) for fact in record["facts"]] == []


@pytest.mark.parametrize("genre", read_genres(), ids=lambda genre: genre.kind)
def test_every_kind_fits_its_example(genre: Genre) -> None:
    assert len(genre.example) <= OPENING
    assert genre.fits(genre.example)
    assert genre.within in {"title", "opening", "text", "sentence"}


@pytest.mark.parametrize(("text", "attribute"), STATED)
def test_keeps_what_holds_for_everybody(text: str, attribute: str) -> None:
    record = annotate(Document(id="s", text=text, published="2024-06-15"))
    assert attribute in {fact["attribute"] for fact in record["facts"]}


def test_codes_taken_off_an_excluded_list_are_eligible() -> None:
    text = (
        "Excluded Occupation List changed\n\nThe new Excluded Occupation List governs two sub-categories of the Saskatchewan Immigrant Nominee Program, "
        "Occupations In-Demand and Saskatchewan Express Entry.\n\nTaken off the list\n21330 Mining engineers\n\nPut on the list\n73200 Residential and commercial installers and servicers\n"
    )
    record = annotate(Document(id="l", text=text))
    found = {(fact["pathway"], fact["attribute"], fact["value"]) for fact in record["facts"] if fact["attribute"].endswith("_noc")}
    assert found == {
        (stream, attribute, code) for stream in ("ca-sk-sinp-isw-ee", "ca-sk-sinp-isw-oid")
        for attribute, code in (("eligible_noc", "21330"), ("excluded_noc", "73200"))
    }


def test_codes_hold_for_applications_before_or_from_a_day() -> None:
    text = (
        "Low-wage stream: seasonal cap exemption\n\nThe eligible occupations of the TFWP Low-Wage Stream are:\n"
        "- NOC 9463, if the application is received before May 3, 2023\n- NOC 94142, if the application is received on or after May 3, 2023\n"
    )
    record = annotate(Document(id="p", text=text))
    assert {fact["value"]: fact["period"] for fact in record["facts"] if fact["attribute"] == "eligible_noc"} == {"9463": "../2023-05-02", "94142": "2023-05-03/.."}
