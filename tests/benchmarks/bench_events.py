"""How long events take: built from many facts at once, kept up to date by a few, and published.

The archive is synthetic: articles of 40 outlets over ten years, each on one event of a pathway (a draw, a cap, dates, a
list of occupations), with ten facts each and a text that its figures make different from all others; some are copies of
another outlet's. Figures are printed; `LANDED_BENCH_ARTICLES` sets the number of articles (100,000 without it).
Each measure runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

ARTICLES = int(os.environ.get("LANDED_BENCH_ARTICLES", "100000"))
AIM_BUILD, AIM_MEMORY, AIM_INCREMENT, AIM_PUBLISH = 180, 1500, 2.0, 90
FIRST_DAY = date(2016, 8, 1)
MODALITIES = ("asserted", "announced", "background", "proposed")
PIPELINE, THEN, LATER = "bench", "2026-08-01T00:00:00Z", "2026-08-08T00:00:00Z"
WORDS = [f"{left}{right}" for left in ("pro", "con", "per", "sub", "trans", "inter", "re", "de") for right in ("gram", "vince", "mit", "ject", "fer", "view", "port", "cision", "tain", "late")]


def registry() -> Any:
    from landed import make_registry

    return make_registry()


def make_happenings(pathways: list[str], chance: random.Random) -> list[dict[str, Any]]:
    """What happened: about one event per 20 articles, so that most are told of more than once."""
    chance.shuffle(pathways)
    weights = [1 / (rank + 3) for rank in range(len(pathways))]  # the first is told of in 2 % of all articles
    happenings = []
    for _ in range(max(20, ARTICLES // 20)):
        day = FIRST_DAY + timedelta(days=chance.randrange(3650))
        happenings.append({
            "pathway": chance.choices(pathways, weights)[0], "day": day, "kind": chance.choice(["draw", "draw", "cap", "dates", "terms", "list"]),
            "figure": chance.randrange(50, 9000), "score": chance.randrange(250, 560), "codes": chance.sample(CODES, 9),
        })
    return sorted(happenings, key=lambda one: one["day"])


CODES: list[str] = []


def facts_of(event: dict[str, Any], chance: random.Random) -> list[tuple[str, str, float | None, str | None, str | None]]:
    """Ten facts on an event: attribute, value, number, unit, period; one article in twenty gets a figure wrong."""
    day, figure = event["day"].isoformat(), event["figure"] + (chance.randrange(1, 90) if chance.random() < 0.05 else 0)
    year = day[:4]
    if event["kind"] == "draw":
        return [("draw_on", day, None, "EDTF", None), ("invitations", str(figure), figure, "invitations", day), ("cutoff_score", str(event["score"]), event["score"], "points", day),
                *[("eligible_noc", code, None, "NOC 2021", day) for code in event["codes"][:7]]]
    if event["kind"] == "cap":
        return [("cap", str(figure + step), figure + step, "applications", str(int(year) + step)) for step in range(5)] + [
            ("target", str(figure * 10 + step), figure * 10 + step, "people", str(int(year) + step)) for step in range(5)]
    if event["kind"] == "dates":
        days = [(event["day"] + timedelta(days=30 * step)).isoformat() for step in range(10)]
        return [(name, value, None, "EDTF", None) for name, value in zip(["opens_on", "closes_on", "effective_on", "announced_on", "cap_reached_on"] * 2, days, strict=True)]
    if event["kind"] == "terms":
        return [("fee", str(figure + step), figure + step, "CAD", None) for step in range(5)] + [
            ("min_language", str(figure % 9 + 1), figure % 9 + 1, "CLB", None), ("min_experience", f"P{figure % 5 + 1}Y", None, None, None), ("processing_time", f"P{figure % 40 + 1}D", None, None, None),
            ("permit_validity", f"P{figure % 36 + 1}M", None, None, None), ("min_wage", str(figure), figure, "CAD per year", None)]
    return [("eligible_noc", code, None, "NOC 2021", None) for code in event["codes"]] + [("effective_on", day, None, "EDTF", None)]


def fill(data: Path, first: int, count: int, recorded_at: str) -> None:
    """Write articles `first` to `first + count` with their texts and facts straight into the archive's tables."""
    from db.archive import Archive

    chance = random.Random(7)
    vocabulary = registry()
    CODES[:] = [row["noc_code"] for row in vocabulary.occupations if row["edition"] == "2021"]
    happenings = make_happenings(sorted(row["pathway_id"] for row in vocabulary.pathways), chance)
    chance = random.Random(first + 1)
    with Archive(data / "archive.db") as archive:
        connection = archive.db.conn
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        with archive.db.atomic():
            if not first:
                connection.executemany("INSERT INTO sources VALUES (?, ?, 'P', ?, ?, 'CA', 'en', NULL, 'daily', '-', 'excerpt', '', 'feed', 1, 14, 1)",
                                       [(f"s{n}", f"Source {n}", f"owner{n % 30}", int(n < 4)) for n in range(40)])
                insert_draws(connection, happenings)
            for start in range(first, first + count, 2000):
                rows: dict[str, list[tuple[Any, ...]]] = {}
                for number in range(start, min(start + 2000, first + count)):
                    invent_article(rows, number, happenings, chance, recorded_at)
                for statement, values in rows.items():
                    connection.executemany(statement, values)


def insert_draws(connection: Any, happenings: list[dict[str, Any]]) -> None:
    """435 official rounds, among them many that articles tell of."""
    connection.execute("INSERT INTO captures VALUES ('feed', 's0', NULL, 'u', ?, 200, 'x', 'rounds', 'response', NULL, NULL, NULL, NULL, 'w', 0, 1)", [THEN])
    draws = [one for one in happenings if one["kind"] == "draw" and one["pathway"].startswith("ca-ee")][:435]
    connection.executemany(
        "INSERT INTO draws (draw_id, system, number, draw_date, name, program, invitations, cutoff_score, raw, source_id, first_capture_id, last_capture_id, first_seen_at) VALUES (?, 'ca-ee', ?, ?, ?, '', ?, ?, '{}', 's0', 'feed', 'feed', ?)",
        [(f"ca-ee-{n}", str(n), one["day"].isoformat(), "Canadian Experience Class", one["figure"], one["score"], THEN) for n, one in enumerate(draws)])


def invent_article(rows: dict[str, list[tuple[Any, ...]]], number: int, happenings: list[dict[str, Any]], chance: random.Random, recorded_at: str) -> None:
    """Add an article with its version, text and facts to the rows of each table."""
    event = happenings[chance.randrange(len(happenings) - 60, len(happenings))] if recorded_at != THEN else chance.choice(happenings)
    published = event["day"] + timedelta(days=chance.randrange(0, 6))
    article, version, source = f"a{number:07}", f"v{number:07}", f"s{chance.randrange(40)}"
    facts = facts_of(event, chance)
    wording = random.Random(number - number % 2 if number % 20 < 2 else number)  # one article in ten is half of a syndicated pair
    text = f"{event['pathway']} {published} {' '.join(wording.choices(WORDS, k=250))} " + " ".join(value for _, value, *_ in facts)

    def add(statement: str, *values: Any) -> None:
        rows.setdefault(statement, []).append(values)

    add("INSERT INTO captures VALUES (?, ?, NULL, ?, ?, 200, 'text/html', 'article', 'response', NULL, NULL, NULL, NULL, 'w', 0, 1)", f"c{number}", source, f"u{number}", recorded_at)
    add("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, NULL)", article, source, f"https://bench.example/{number}", version, recorded_at, recorded_at)
    add("""INSERT INTO article_versions (version_id, article_id, version_no, capture_id, title, published, language, text, text_sha256, template, change_kind, held, recorded_at)
           VALUES (?, ?, 1, ?, ?, ?, 'en', ?, 'x', 'x', 'first', 0, ?)""", version, article, f"c{number}", f"Article {number}", published.isoformat(), text, recorded_at)
    add("INSERT INTO extractions VALUES (?, ?, ?, NULL)", version, PIPELINE, recorded_at)
    for at, (attribute, value, figure, unit, period) in enumerate(facts):
        start, fact = text.rindex(value), f"f{number:07}{at:02}"
        add("""INSERT INTO facts (fact_id, version_id, pathway_id, attribute_id, value, value_num, value_date, unit, comparator, period, modality, as_written, clause_start, clause_end, rule, score, recorded_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'eq', ?, ?, ?, ?, ?, 'r', 0.9, ?)""",
            fact, version, event["pathway"], attribute, value, figure, value if attribute.endswith("_on") else None, unit, period,
            chance.choices(MODALITIES, [80, 12, 5, 3])[0], value, max(0, start - 40), start + len(value), recorded_at)
        add("INSERT INTO fact_marks VALUES (?, 'value', ?, ?, ?)", fact, start, start + len(value), value)
        add("INSERT INTO fact_log (fact_id, at, action) VALUES (?, ?, 'added')", fact, recorded_at)


def run_stage(stage: str, data: Path) -> dict[str, float]:
    """One measure, in this process: seconds and, in MB, the most memory that it took."""
    from db.archive import Archive
    from db.events import settle_events
    from db.publish import publish
    from db.stories import settle_stories

    vocabulary = registry()
    parents = {row["pathway_id"]: row["parent_id"] for row in vocabulary.pathways}
    at = LATER if stage == "increment" else THEN
    figures: dict[str, float] = {}
    if stage == "publish":
        started = time.monotonic()
        publish(data / "archive.db", data / "facts.db", vocabulary, LATER)
        figures["seconds"] = time.monotonic() - started
    else:
        with Archive(data / "archive.db") as archive:
            if stage in {"stories", "increment"}:
                started = time.monotonic()
                settle_stories(archive, at)
                figures["stories"] = figures["seconds"] = time.monotonic() - started
            if stage in {"events", "increment"}:
                started = time.monotonic()
                figures["events described"] = settle_events(archive, parents, at, vocabulary.pathway_of_round)
                figures["seconds"] = figures.get("stories", 0) + time.monotonic() - started
            figures["events on record"] = archive.rows("SELECT count(*) AS n FROM events")[0]["n"]
    return figures | {"MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measure(stage: str, data: Path) -> dict[str, float]:
    """The figures of a stage, run in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "tests.benchmarks.bench_events", stage, str(data)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures: dict[str, float] = json.loads(done.stdout)
    print(stage + ": " + ", ".join(f"{name} {value:,.1f}" for name, value in figures.items()), flush=True)
    return figures


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    fill(folder, 0, ARTICLES, THEN)
    return folder


def test_events_of_a_million_facts_and_of_a_few_more(data: Path) -> None:
    measure("stories", data)
    built = measure("events", data)
    fill(data, ARTICLES, 100, LATER)
    more = measure("increment", data)
    published = measure("publish", data)
    assert built["seconds"] < AIM_BUILD
    assert built["MB"] < AIM_MEMORY
    assert more["seconds"] < AIM_INCREMENT
    assert published["seconds"] < AIM_PUBLISH


if __name__ == "__main__":
    print(json.dumps(run_stage(sys.argv[1], Path(sys.argv[2]))))
