"""The health page: what it says is what the database holds, and it says so where nothing was measured."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from crawlers.health import FAILURES
from db.schema import VERDICTS as SCHEMA_VERDICTS
from db.serve import build_app, close_app
from db.site.pages import draws, health
from db.site.pages.health import VERDICTS
from db.site.wording import WORDS
from tests.db.public_sample import HEALTH, HOSTILE_OUTLET, build_sample


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return build_sample(tmp_path_factory.mktemp("health") / "facts.db")


@pytest.fixture(scope="module")
def ask(database):
    app = build_app(database)

    def ask(path):
        response = asyncio.run(app.client.get(path))
        assert response.status_code == 200
        return response

    yield ask
    close_app(app)


@pytest.fixture(scope="module")
def page(ask):
    return ask("/health").text


@pytest.fixture(scope="module")
def spelled(ask):
    return ask("/health.json").json()


def plain(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def section(page, name):
    return plain(page.partition(f'<h2 id="{name}">')[2].partition("<h2")[0])


def rows_of(database, sql):
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def test_every_source_with_its_verdict(page, spelled):
    assert {row["source_id"]: row["verdict"] for row in spelled["sources"]} == {row[0]: row[3] for row in HEALTH}
    assert spelled["verdicts"] == Counter(row[3] for row in HEALTH)
    assert spelled["sources"][0]["source_id"] == "hostile-gazette"
    said = section(page, "sources")
    assert "2 ok , 1 quiet , 1 failing ." in said
    assert "4 server" in said
    assert "7 August 2026" in said
    assert spelled["sources"][0]["errors_by_kind"] == {"server": 4}


def test_hostile_names_and_reasons_are_text(page):
    assert "<script>alert(5)" not in page
    assert "<img src=x" not in page
    assert HOSTILE_OUTLET[:20].replace("<", "&lt;") in page


def test_quality_with_n_and_interval(page, spelled):
    assert "90.0 % 59.6 % – 98.2 % 10 2" in section(page, "quality")
    assert spelled["extraction_quality"][0] | {"n": 10, "low": 0.5958, "high": 0.9821, "measure": "precision"} == spelled["extraction_quality"][0]
    assert spelled["reviews"] == [{"target_type": "fact", "verdict": "accept", "reviews": 1}]


def test_agreement_adds_up(database, page, spelled):
    checks = rows_of(database, "SELECT * FROM checks")
    counted = Counter(check["verdict"] for check in checks)
    whole = spelled["official_agreement"]["all"]
    assert {name: whole[name] for name in ("agree", "near", "disagree", "ambiguous")} == {name: counted[name] for name in ("agree", "near", "disagree", "ambiguous")}
    assert whole["checked"] == len(checks) - counted["ambiguous"]
    assert whole["share"] == round((counted["agree"] + counted["near"]) / whole["checked"], 4)
    for kind in ("by_source", "by_attribute"):
        for name in ("agree", "near", "disagree", "ambiguous", "checked"):
            assert sum(row[name] for row in spelled["official_agreement"][kind]) == whole[name]
    expected = {(row["source_id"], row["checked"], row["agreeing"]) for row in rows_of(database, "SELECT source_id, sum(checked) AS checked, sum(agreeing) AS agreeing FROM v_source_accuracy GROUP BY source_id")}
    assert {(row["source_id"], row["checked"], row["agree"] + row["near"]) for row in spelled["official_agreement"]["by_source"]} == expected
    assert f"Of {whole['checked']} figures" in section(page, "agreement")


def test_coverage_is_that_of_the_view(database, spelled):
    for row in spelled["coverage_of_draws"]:
        draws = rows_of(database, f"SELECT count(*) AS draws FROM draws WHERE system = '{row['system']}'")[0]["draws"]
        unreported = rows_of(database, f"SELECT watched FROM v_unreported_draws WHERE system = '{row['system']}'")
        assert (row["draws"], row["unreported"], row["missed"]) == (draws, len(unreported), sum(found["watched"] for found in unreported))


def test_lag_is_that_of_the_view(database, spelled):
    expected = {row["source_id"]: row for row in rows_of(database, "SELECT source_id, count(*) AS draws, max(days_after) AS longest, sum(place = 1) AS first FROM v_reporting_lag GROUP BY source_id")}
    assert {row["source_id"] for row in spelled["reporting_lag"]} == set(expected)
    for row in spelled["reporting_lag"]:
        assert (row["draws"], row["longest_days"], row["first"]) == tuple(expected[row["source_id"]][name] for name in ("draws", "longest", "first"))
        assert row["median_days"] <= row["longest_days"]


@pytest.mark.parametrize("sql", [health.SOURCES, health.AGREEMENT, health.BY_ATTRIBUTE, health.COVERAGE, health.LAGS, draws.SQL], ids=lambda sql: re.search(r"FROM (\S+)", sql)[1])
def test_no_large_table_is_read_from_end_to_end(database, sql):
    plan = [row["detail"] for row in rows_of(database, f"EXPLAIN QUERY PLAN {sql}")]
    assert plan
    # By the names that the statements and the view give them: facts, articles, event_facts, events.
    assert not [step for step in plan if re.match(r"SCAN (facts|f|articles|a|event_facts|l|events|e)\b(?!.*COVERING INDEX articles_published)", step)]


def test_versions(page, spelled):
    said = section(page, "versions")
    assert spelled["publication"]["digest"] in said
    assert "7 August 2026, 12:00 UTC" in said
    assert "2026.08.1" in said


def test_verdicts_and_failures_are_in_plain_words(page):
    assert list(WORDS["source_verdicts"]) == [verdict for verdict in WORDS["source_verdicts"] if f'verdict-{verdict}">{verdict}' in page]
    assert set(WORDS["source_verdicts"]) == set(VERDICTS) == set(SCHEMA_VERDICTS)
    assert set(WORDS["failures"]) == set(FAILURES)


def test_what_was_not_measured_is_said(tmp_path):
    path = build_sample(tmp_path / "facts.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for table in ("quality", "reviews", "checks", "event_facts", "source_health", "releases"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE publication SET as_of = '2026-08-01T00:00:00Z'")
    app = build_app(path)
    page, spelled = asyncio.run(app.client.get("/health")).text, asyncio.run(app.client.get("/health.json")).json()
    close_app(app)
    for name in ("quality", "agreement", "lag"):
        assert section(page, name).partition(" ")[0] in {"How", "Agreement", "Reporting"}
        assert "Not measured" in section(page, name)
    assert "4 not yet crawled" in section(page, "sources")
    assert "what was known at" in page
    assert spelled["official_agreement"]["all"]["share"] is None
    assert spelled["verdicts"] == {"not yet crawled": 4}


def test_broken_kinds_of_errors_are_left_out(tmp_path):
    path = build_sample(tmp_path / "facts.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE source_health SET errors_by_kind = CASE source_id WHEN 'ca-newsroom' THEN '[1' ELSE '[]' END")
    app = build_app(path)
    found = asyncio.run(app.client.get("/health.json")).json()
    close_app(app)
    assert all(row["errors_by_kind"] == {} for row in found["sources"])


def test_it_is_linked_from_home(ask):
    assert 'href="/health"' in ask("/").text
    assert "/health</loc>" in ask("/sitemap.xml").text
