"""Whatever is crawled, edited, extracted again and reviewed: any day can be shown as it was, and nothing is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawlers.health import Tally
from db.as_of import end_of_day
from db.changes import settle_changes
from db.corrections import settle_corrections
from db.events import settle_events
from db.extraction import settle_facts
from db.metadata import load_queries
from db.publish import publish
from db.reviews import Review, keep_reviews, replay_reviews
from db.schema import PUBLIC
from db.stories import settle_stories
from tests.db.archive_sample import (
    extract,
    faults,
    make_article,
    make_capture,
    make_fact,
    make_record,
    make_registry,
    make_round,
    make_source,
    open_archive,
)

if TYPE_CHECKING:
    from pathlib import Path

    from db.archive import Archive

TEXTS = (
    "The pilot takes up to 1,200 people.", "The pilot takes up to 1,300 people.", "The pilot takes 1,200 people, and later 1,400 people.", "The pilot is there.",
)
COMPARED = [table for table in PUBLIC if table.name not in {"publication", "source_health"}]


def find(variant: int):
    """An extractor; variants find other figures, and find them otherwise."""

    def look(text: str) -> dict[str, Any]:
        wanted = (("1,200", "1,300", "1,400"), ("1,200", "1,400"), (), ("1,200", "1,300"))[variant]
        how = {"score": 0.5 + variant / 10, "modality": "reported" if variant == 3 else "asserted", "rule": f"rule-{variant}"}
        return make_record(*(make_fact(text, words, clause=words if variant == 1 else None, **how) for words in wanted if words in text))

    return look


crawls = st.tuples(st.just("crawl"), st.integers(0, 1), st.integers(0, len(TEXTS) - 1), st.sampled_from([False, False, False, True]))
edits = st.tuples(st.just("correct"), st.integers(0, 1), st.integers(0, len(TEXTS) - 1), st.just(False))
extractions = st.tuples(st.just("extract"), st.integers(0, 3))
reviews = st.tuples(st.just("review"), st.integers(0, 5), st.sampled_from(["accept", "reject", "1300", "1400", "9999"]))
draws = st.tuples(st.just("draw"), st.integers(430, 431), st.integers(500, 502))
french = st.tuples(st.just("french"), st.integers(430, 431), st.integers(500, 502))
gone = st.tuples(st.just("gone"), st.integers(0, 1))
steps = st.lists(st.tuples(st.integers(0, 1), st.one_of(crawls, crawls, edits, extractions, extractions, reviews, reviews, draws, french, gone)), min_size=1, max_size=12)


def date_steps(given) -> list[tuple[str, tuple[Any, ...]]]:
    """The steps with their times: the number before each is how many days later it comes than the one before."""
    day, dated = 1, []
    for number, (later, step) in enumerate(given):
        day += later
        dated.append((f"2026-08-{day:02}T{number + 1:02}:00:00Z", step))
    return dated


def run(path: Path, dated) -> Archive:
    """An archive in which all of that has happened."""
    archive = open_archive(path, make_source(), make_source("rounds"))
    variant = 0
    for number, (at, (kind, *rest)) in enumerate(dated):
        if kind in {"crawl", "correct"}:
            crawl_one(archive, f"{number}", at, *rest, note="Correction: the figure was wrong." if kind == "correct" else None)
        elif kind == "extract":
            variant = rest[0]
            extract(archive, find(variant), at, f"pipeline-{variant}")
        elif kind == "review":
            facts = archive.rows("SELECT fact_id FROM facts ORDER BY fact_id")
            if facts:
                verdict = rest[1] if rest[1] in {"accept", "reject"} else "correct"
                corrected = {"value": rest[1]} if verdict == "correct" else None
                keep_reviews(archive, [Review("fact", facts[rest[0] % len(facts)]["fact_id"], "rae", at, verdict, corrected)], at)
        elif kind == "gone":
            archive.mark_gone("harbour", f"https://harbour.example/{rest[0]}", at)
        else:
            capture = make_capture(at, id=f"capture-{number}", offset=number, payload_sha256=f"{number}", source="rounds", url="https://harbour.example/rounds", role="rounds")
            archive.keep_capture(capture)
            official = make_round(str(rest[0]), cutoff=rest[1], raw={"drawNumber": str(rest[0]), "drawCRS": str(rest[1])})
            archive.keep_round(capture, official, "fr" if kind == "french" else "en")
        settle(archive, at)
    return archive


def settle(archive: Archive, at: str) -> None:
    """What a scheduled run does after each crawl, read or not."""
    registry = make_registry()
    settle_changes(archive)
    settle_facts(archive, at)
    replay_reviews(archive, at)
    settle_stories(archive, at)
    settle_events(archive, {row["pathway_id"]: row["parent_id"] for row in registry.pathways}, at, registry.pathway_of_round)
    settle_corrections(archive, at)


def crawl_one(archive: Archive, number: str, at: str, article: int, text: int, held: bool, note: str | None) -> None:
    """A crawl that sees one article, and whose texts are held back where its markup is in doubt."""
    capture = make_capture(at, id=f"capture-{number}", offset=int(number), payload_sha256=number, crawl_id=f"crawl-{number}", url=f"https://harbour.example/{article}")
    archive.begin_crawl(capture.crawl_id, capture.source_id, at)
    archive.keep_capture(capture)
    archive.keep_article(capture, make_article(TEXTS[text], url=capture.url, note=note))
    (archive.hold_versions if held else archive.accept_versions)(capture.crawl_id)
    archive.finish_crawl(capture.crawl_id, at, "finished", Tally(), "ok", "", None)


def read(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a public database, recorded times included; what tells of our own work is left out."""
    with closing(sqlite3.connect(path)) as connection:
        return {table.name: sorted(connection.execute(f'SELECT * FROM "{table.name}"'), key=repr) for table in COMPARED}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(steps)
@example([(0, ("crawl", 0, 0, False)), (0, ("extract", 0)), (1, ("crawl", 0, 1, False)), (0, ("extract", 1)), (1, ("crawl", 0, 0, False)), (0, ("extract", 3))])
@example([(0, ("crawl", 0, 2, False)), (0, ("extract", 0)), (1, ("review", 0, "reject")), (1, ("extract", 2)), (1, ("extract", 0)), (1, ("review", 0, "accept"))])
@example([(0, ("crawl", 0, 2, False)), (0, ("extract", 0)), (1, ("review", 0, "9999")), (1, ("extract", 2)), (1, ("crawl", 0, 1, False)), (1, ("extract", 0)), (1, ("crawl", 0, 2, False))])
@example([(0, ("french", 430, 500)), (1, ("draw", 430, 501)), (1, ("draw", 430, 502)), (1, ("french", 430, 502))])
@example([(0, ("crawl", 0, 0, True)), (0, ("extract", 0)), (1, ("crawl", 0, 0, False)), (1, ("extract", 0)), (1, ("crawl", 0, 1, True)), (1, ("gone", 0)), (1, ("crawl", 0, 1, False))])
def test_any_day_is_shown_as_it_was_published_then(tmp_path_factory, given):
    folder = tmp_path_factory.mktemp("history")
    dated = date_steps(given)
    [as_of_query] = [query for query in load_queries() if query.name == "facts_as_of"]
    with run(folder / "archive.db", dated) as archive:
        assert faults(archive) == {}
        publish(archive.path, folder / "facts.db", make_registry(), "2026-09-01T00:00:00Z")
        for day in sorted({at[:10] for at, _ in dated}):
            with run(folder / f"{day}.db", [step for step in dated if step[0][:10] <= day]) as then:
                publish(then.path, folder / "then.db", make_registry(), "2026-09-01T00:00:00Z")
            publish(archive.path, folder / "as-of.db", make_registry(), "2026-09-01T00:00:00Z", end_of_day(day))
            published, rewound = read(folder / "then.db"), read(folder / "as-of.db")
            for name, rows in published.items():
                assert rewound[name] == rows, (day, name)
            with closing(sqlite3.connect(folder / "facts.db")) as now, closing(sqlite3.connect(folder / "then.db")) as once:
                asked = {row[0] for row in now.execute(as_of_query.sql, {"day": day, "pathway": "ca-imp-h1b"})}
                assert asked == {row[0] for row in once.execute("SELECT fact_id FROM facts WHERE status = 'current'")}, day


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None, max_examples=6)
@given(steps)
def test_nothing_is_lost_and_ids_and_dates_stay(tmp_path_factory, given):
    folder = tmp_path_factory.mktemp("kept")
    seen: dict[str, tuple[str, str]] = {}
    logged: list[dict[str, Any]] = []
    dated = date_steps(given)
    with run(folder / "whole.db", dated) as archive:
        whole = archive.rows("SELECT fact_id, recorded_at, value FROM facts")
    for number in range(1, len(dated) + 1):
        with run(folder / f"{number}.db", dated[:number]) as archive:
            now = {row["fact_id"]: (row["recorded_at"], row["value"]) for row in archive.rows("SELECT * FROM facts")}
            log = archive.rows("SELECT * FROM fact_log ORDER BY log_id")
            assert {name: now.get(name) for name in seen} == seen
            assert log[:len(logged)] == logged
            assert archive.rows("SELECT fact_id FROM facts WHERE retired_at < recorded_at") == []
            seen, logged = now, log
    assert {row["fact_id"]: (row["recorded_at"], row["value"]) for row in whole} == seen
    by_fact: dict[str, list[str]] = {}
    for entry in logged:
        by_fact.setdefault(entry["fact_id"], []).append(entry["action"])
    for actions in by_fact.values():
        assert actions[0] == "added"
        assert "added" not in actions[1:]
        assert all(before != "added" or after != "revived" for before, after in pairwise(actions))  # only what was retired comes back
