"""The marked text is the whole text, and each fact's reasons name its words, rule and pathway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extract.document import Document
from extract.explain import Stretch, explain_fact, mark_text, spell
from extract.pipeline import annotate

GOLD = Path(__file__).resolve().parents[1] / "gold" / "articles.jsonl"
TEXT = ("Alberta opens a stream\n\nThe Rural Renewal Stream of the AAIP opens on May 3, 2024, and takes up to 500 applications. "
        "NOC 21231 is eligible. The Kootenay Orchard Pilot is next.")


@pytest.fixture(scope="module")
def record():
    return annotate(Document(id="x", text=TEXT, published="2024-05-01"))


@pytest.mark.parametrize("line", GOLD.read_text(encoding="utf-8").splitlines()[:40])
def test_the_stretches_are_the_text(line):
    gold = json.loads(line)
    found = annotate(Document(id=gold["id"], text=gold["text"], title=gold["title"], published=gold["published"]))
    assert "".join(stretch.text for stretch in mark_text(found, gold["text"])) == gold["text"]


def test_marks_name_what_was_found_and_number_the_facts(record):
    marked = {stretch.text: stretch for stretch in mark_text(record, TEXT) if stretch.kind}
    numbers = {fact["attribute"]: number for number, fact in enumerate(record["facts"], 1)}
    assert marked["Rural Renewal Stream"] == Stretch("Rural Renewal Stream", "pathway", "ca-ab-aaip-rrs")
    assert marked["May 3, 2024"] == Stretch("May 3, 2024", "date", "2024-05-03", (numbers["opens_on"],))
    assert marked["500"] == Stretch("500", "quantity", "500", (numbers["cap"],))
    assert marked["21231"].kind == "noc"
    assert marked["Kootenay Orchard Pilot"].kind == "novel_pathway"


def test_a_fact_is_explained_by_its_words_rule_cue_and_pathway(record):
    fact = next(fact for fact in record["facts"] if fact["attribute"] == "cap")
    lines = dict(explain_fact(fact, TEXT))
    assert lines["fact"] == "ca-ab-aaip-rrs · cap · up to 500 applications"
    assert "takes up to 500 applications" in lines["evidence"]
    assert lines["pathway"] == "Alberta Rural Renewal Stream: named in the same clause"
    assert fact["rule"] in lines["rule"]
    assert "by the cue" in lines["rule"]
    assert "value “500”" in lines["marks"]


@pytest.mark.parametrize(("value", "words"), [(500.0, "500"), (12.5, "12.5"), ([1, 2.0], "1 to 2"), ("P2W", "P2W")])
def test_spelling(value, words):
    assert spell(value) == words
