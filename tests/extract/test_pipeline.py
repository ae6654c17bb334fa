"""The pipeline as a whole: the record, its version, odd texts and several processes (test_fuzz.py has the hostile ones)."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys

import pytest

from extract.document import Block, Document
from extract.pipeline import COMPONENTS, PIPELINE_VERSION, annotate, compute_version, load

TEXT = (
    "Canada's pilot news\n\nThe Agri-Food Pilot opens on May 15, 2024. It has a cap of 2,750 applications and lists NOC 63201 Butchers. "
    "The Prairie Harvest Pilot is new."
)


def test_record_is_plain_data_with_all_keys() -> None:
    record = annotate(Document("a", TEXT, published="2024-05-01"))
    assert json.loads(json.dumps(record)) == record
    assert set(record) == {"id", "language", "pathways", "dates", "nocs", "novel_pathways", "facts", "mentions"}
    assert record["pathways"] == ["ca-agri-food"]
    assert [(date["edtf"], date["role"]) for date in record["dates"]] == [("2024-05-15", "opens_on")]
    assert [noc["code"] for noc in record["nocs"]] == ["63201"]
    assert record["novel_pathways"] == ["Prairie Harvest Pilot"]
    assert {fact["attribute"] for fact in record["facts"]} >= {"opens_on", "cap"}


def test_mentions_cut_their_words_in_order() -> None:
    record = annotate(Document("a", TEXT))
    assert {mention["type"] for mention in record["mentions"]} == {"pathway", "novel_pathway", "date", "quantity", "noc", "cue"}
    assert all(TEXT[mention["start"]:mention["end"]] == mention["text"] != "" for mention in record["mentions"])
    assert [mention["start"] for mention in record["mentions"]] == sorted(mention["start"] for mention in record["mentions"])


def test_given_blocks_are_used() -> None:
    text = "Agri-Food Pilot 2,750 Cap"
    cells = ((16, 21),)
    blocks = (Block("row", 22, 25, table=0, row=0, header=True, cells=((22, 25),)), Block("row", 16, 21, table=0, row=1, cells=cells))
    record = annotate(Document("a", text, blocks=(Block("title", 0, 15, level=1), *blocks)))
    assert [(fact["attribute"], fact["value"]) for fact in record["facts"]] == [("cap", 2750)]


def test_components_and_spans() -> None:
    nlp = load()
    assert nlp.pipe_names == list(COMPONENTS)
    doc = nlp(TEXT)
    assert doc.text == TEXT
    assert [span.text for span in doc.spans["dates"]] == ["May 15, 2024"]
    assert set(doc.spans) == {"pathways", "dates", "quantities", "occupations", "cues"}


def test_version_is_a_hash_that_stays() -> None:
    assert compute_version() == PIPELINE_VERSION
    assert len(PIPELINE_VERSION) == 16


def annotate_text(text: str) -> str:
    return json.dumps(annotate(Document("a", text)), sort_keys=True)


def test_processes_agree_with_each_other() -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        records = pool.map(annotate_text, [TEXT, TEXT])
    assert records == [annotate_text(TEXT)] * 2


@pytest.mark.parametrize(
    "text",
    ["", " \n\n ", "\x00\x01", "🍁" * 50, "é́" * 40, "\ud83d" * 3, "a\r\nb\r\n", "|" * 40, "- \n- \n", "1. \n", "NOC " * 60, "\u2028x\u2029y"],
)
def test_odd_texts_raise_nothing(text: str) -> None:
    assert annotate(Document("a", text))["facts"] == []


def test_start_takes_less_than_six_seconds_of_work() -> None:
    measure = "from extract.pipeline import load; load(); import time; print(time.process_time())"
    assert float(subprocess.run([sys.executable, "-c", measure], check=True, capture_output=True, text=True).stdout) < 6
