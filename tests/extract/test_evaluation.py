"""Records against annotated records."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from extract.evaluation import evaluate, key_fact, normalize_value

if TYPE_CHECKING:
    from pathlib import Path

GOLD: dict[str, Any] = {
    "id": "a", "text": "The cap is 500 places in 2024. Opens May 3.", "pathways": ["ca-ee", "ca-suv"], "dates": [{"edtf": "2024"}],
    "nocs": [{"code": "21300"}],
    "facts": [
        {"pathway": "ca-ee-stem", "attribute": "cap", "value": 500, "unit": "spaces", "comparator": "eq", "period": "2024",
         "quote": "cap is 500 places"},
        {"pathway": "ca-suv", "attribute": "processing_time", "value": "P14D", "unit": "ISO 8601 duration", "comparator": "le"},
    ],
}


def predict(**changes: Any) -> dict[str, Any]:
    fact = {"pathway": "ca-ee-stem", "attribute": "cap", "value": "500", "unit": "spaces", "comparator": "eq", "period": "2024",
            "evidence": {"start": 0, "end": 30}} | changes
    return {"id": "a", "pathways": ["ca-ee"], "dates": [{"edtf": "2024"}], "nocs": [], "facts": [fact]}


@pytest.mark.parametrize(
    ("one", "other"),
    [(10000, "10,000"), ("P2W", "P14D"), ("P12M", "P1Y"), ([1, 2], (1.0, 2.0)), (None, "None")],
)
def test_equal_values_are_equal(one: object, other: object) -> None:
    assert normalize_value(one) == normalize_value(other)


@pytest.mark.parametrize(("one", "other"), [("P1M", "P30D"), ("2024", 2024), ("2024-05", "2024")])
def test_different_values_are_different(one: object, other: object) -> None:
    assert normalize_value(one) != normalize_value(other)


def test_codes_are_compared_as_text() -> None:
    assert key_fact({"pathway": "p", "attribute": "eligible_noc", "value": "0213"}) != key_fact(
        {"pathway": "p", "attribute": "eligible_noc", "value": "213"})


def test_layers_groups_and_attributes() -> None:
    report = evaluate([GOLD], [predict()])
    assert report["layers"]["pathways"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "gold": 2, "predicted": 1, "hits": 1}
    assert report["layers"]["dates"]["f1"] == 1.0
    assert report["layers"]["nocs"]["f1"] == 0.0
    assert (report["groups"]["caps"]["f1"], report["groups"]["terms"]["f1"]) == (1.0, 0.0)
    assert report["mean_f1_of_groups"] == 0.5
    assert report["attributes"]["cap"]["hits"] == 1
    assert report["matched"] == {"comparator": 1.0, "unit": 1.0, "period": 1.0, "evidence": 1.0}
    assert ("a", "facts", "missed", ("ca-suv", "processing_time", ("duration", 0.0, 14.0))) in report["errors"]


def test_what_stands_beside_the_value_is_measured() -> None:
    report = evaluate([GOLD], [predict(comparator="le", unit="people", period=None, evidence={"start": 31, "end": 40})])
    assert report["matched"] == {"comparator": 0.0, "unit": 0.0, "period": 0.0, "evidence": 0.0}


def test_a_related_pathway_is_near() -> None:
    report = evaluate([GOLD], [predict(pathway="ca-ee")])
    assert (report["layers"]["facts"]["hits"], report["near"]["hits"]) == (0, 1)


def test_false_facts_on_documents_without_facts() -> None:
    report = evaluate([{"id": "a"}, {"id": "b"}], [predict()])
    assert report["false_facts_per_negative_document"] == 0.5
    assert report["mean_f1_of_groups"] is None
    assert report["documents"] == {"gold": 2, "answered": 1}


def test_record_without_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        evaluate([{"facts": []}], [])


@pytest.mark.shared
def test_agrees_with_the_reference_program(shared: Path, tmp_path: Path) -> None:
    gold = [json.loads(line) for line in (shared / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()][:12]
    texts = {record["id"]: json.loads((shared / "gold" / "texts" / f"{record['id']}.json").read_text(encoding="utf-8"))["text"]
             for record in gold}
    predicted = [record | {"facts": record["facts"][::2], "dates": record["dates"][1:]} for record in gold]
    paths = [tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"]
    for path, records in zip(paths, (gold, predicted), strict=True):
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    program = shared / "gold" / "score.py"
    run = subprocess.run([sys.executable, program, *paths, "--texts", shared / "gold" / "texts", "--json"], check=True, capture_output=True)
    theirs, ours = json.loads(run.stdout), evaluate(gold, predicted, texts)
    for layer, scores in ours["layers"].items():
        assert {key: theirs[layer][key] for key in ("p", "r", "f1")} == {
            "p": scores["precision"], "r": scores["recall"], "f1": scores["f1"]}
    assert ours["mean_f1_of_groups"] == theirs["side"]["facts, mean F1 of groups"]
