"""The annotated articles: the set is sound, and the extractor stays above its floors on them."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from extract.document import Document
from extract.evaluation import Report, evaluate, key_fact
from extract.pipeline import annotate
from extract.vocabulary import load_attributes, load_pathways

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the grammar of edtf warns of its own parser library
    from edtf import EDTFParseException, parse_edtf

FOLDER = Path(__file__).resolve().parents[1] / "gold"
RECORDS: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
FLOORS: dict[str, dict[str, float]] = tomllib.loads((FOLDER / "floors.toml").read_text(encoding="utf-8"))
GENRES = {"wire", "blog", "release", "service", "instructions", "register", "province", "draws", "table", "questions",
          "opinion", "statistics", "court", "lifestyle", "rumour"}
COMPARATORS = {"eq", "le", "ge", "lt", "gt", "approx", "range"}
MONEY = re.compile(r"[A-Z]{3}")
WAGE = re.compile(r"[A-Z]{3}/(?:hour|year)")
DURATION = re.compile(r"P(?:[1-9]\d*[YMWD]|[1-9]\d*Y[1-9]\d*M)")  # six months, or two years and nine months

each_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])


@pytest.fixture(scope="module")
def report() -> Report:
    known = [record for record in RECORDS if record["part"] != "exam2"]  # the blind part has no floor
    predicted = [annotate(Document(id=record["id"], text=record["text"], title=record["title"], published=record["published"]))
                 for record in known]
    return evaluate(known, predicted)


def is_edtf(value: object) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return parse_edtf(value) is not None
        except EDTFParseException:
            return False


def is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def is_range(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(is_amount(end) for end in value) and value[0] < value[1]


def is_well_formed(fact: dict[str, Any]) -> bool:
    attribute = load_attributes()[fact["attribute"]]
    value, unit = fact["value"], fact["unit"]
    match attribute.value_type:
        case "number":
            is_number = is_range if fact["comparator"] == "range" else is_amount
            return is_number(value) and unit in attribute.unit.split(" | ")
        case "money":
            pattern = MONEY if fact["attribute"] == "fee" else WAGE
            return is_amount(value) and bool(pattern.fullmatch(unit))
        case "date":
            return unit == "EDTF" and is_edtf(value)
        case "duration":
            return unit == "ISO 8601 duration" and bool(DURATION.fullmatch(value))
        case "code":
            return unit == {5: "NOC 2021", 4: "NOC 2016"}.get(len(value))
    return False


def test_size_and_parts() -> None:
    assert len(RECORDS) >= 60
    assert [record["id"] for record in RECORDS] == [f"L{number:03d}" for number in range(1, len(RECORDS) + 1)]
    parts = Counter(record["part"] for record in RECORDS)
    assert set(parts) == {"main", "aside", "seen", "exam2"}
    assert parts["aside"] >= (len(RECORDS) - parts["exam2"]) / 4
    assert {record["id"] for record in RECORDS if record["part"] == "exam2"} == {f"L{number}" for number in range(325, 361)}
    assert len({record["text"] for record in RECORDS}) == len(RECORDS)


def test_genres_and_negatives() -> None:
    assert {record["genre"] for record in RECORDS} == GENRES
    assert sum(not record["facts"] for record in RECORDS) >= 12
    lengths = [len(record["text"].split()) for record in RECORDS]
    assert 50 <= min(lengths) < 100
    assert 600 < max(lengths) <= 900


def test_each_attribute_is_annotated_often_enough() -> None:
    counts = Counter(fact["attribute"] for record in RECORDS for fact in record["facts"])
    rare = {"cap_reached_on": 4, "excluded_noc": 3}
    assert counts.keys() == load_attributes().keys()
    assert {name: count for name, count in counts.items() if count < rare.get(name, 10)} == {}


def test_jurisdictions() -> None:
    pathways = load_pathways()
    named = {pathways[fact["pathway"]].jurisdiction for record in RECORDS for fact in record["facts"]}
    assert named >= {"CA", "US", "GB", "AU", "NZ", "CA-ON", "CA-BC", "CA-AB", "CA-SK", "CA-MB", "CA-NS", "CA-NB", "CA-PE", "CA-NL", "CA-YT",
                     "CA-NT", "CA-QC"}


@each_record
def test_everything_stands_in_the_text(record: dict[str, Any]) -> None:
    text = record["text"]
    assert text.startswith(record["title"])
    assert record["published"] is None or re.fullmatch(r"\d{4}-\d\d(?:-\d\d)?", record["published"])
    shown = [*(fact["quote"] for fact in record["facts"]), *(date["text"] for date in record["dates"]),
             *(noc["code"] for noc in record["nocs"]), *record["novel_pathways"]]
    assert [words for words in shown if not words or words not in text] == []


@each_record
def test_ids_are_in_the_vocabulary(record: dict[str, Any]) -> None:
    assert set(record["pathways"]) <= load_pathways().keys()
    assert len(set(record["pathways"])) == len(record["pathways"])
    assert {fact["pathway"] for fact in record["facts"]} <= set(record["pathways"])
    assert {fact["value"] for fact in record["facts"] if fact["attribute"].endswith("_noc")} <= {noc["code"] for noc in record["nocs"]}
    assert all(noc["edition"] == {5: "2021", 4: "2016"}[len(noc["code"])] for noc in record["nocs"])


@each_record
def test_values_are_well_formed(record: dict[str, Any]) -> None:
    values = [date["edtf"] for date in record["dates"]]
    assert len(set(values)) == len(values)
    assert [value for value in values if not is_edtf(value)] == []
    assert [fact for fact in record["facts"] if not is_well_formed(fact)] == []
    assert [fact for fact in record["facts"] if fact["comparator"] not in COMPARATORS] == []
    assert [fact for fact in record["facts"] if fact["period"] is not None and not is_edtf(fact["period"])] == []
    keys = [(key_fact(fact), fact["period"]) for fact in record["facts"]]
    assert len(set(keys)) == len(keys)


def test_is_edtf_refuses_what_is_none() -> None:
    assert is_edtf("2023-07-16/..")
    assert not is_edtf("2023-13-40x")


@pytest.mark.parametrize("name", FLOORS["layers"])
def test_floor_of_layer(report: Report, name: str) -> None:
    assert report["layers"][name]["f1"] >= FLOORS["layers"][name]


@pytest.mark.parametrize("name", FLOORS["groups"])
def test_floor_of_group(report: Report, name: str) -> None:
    assert report["groups"][name]["f1"] >= FLOORS["groups"][name]


def test_every_layer_and_group_has_a_floor(report: Report) -> None:
    assert FLOORS["layers"].keys() == report["layers"].keys()
    assert FLOORS["groups"].keys() == report["groups"].keys()


def test_false_facts_on_articles_without_facts(report: Report) -> None:
    assert (report["false_facts_per_negative_document"] or 0) <= FLOORS["ceilings"]["false_facts_per_negative_document"]
