"""`landed review`, `landed release` and `landed publish --as-of`, as people call them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import landed
from tests.commands import ask
from tests.db.archive_sample import extract, make_article, make_fact, make_record, open_archive, show

if TYPE_CHECKING:
    import pathlib


@pytest.fixture
def data(tmp_path) -> pathlib.Path:
    """A data folder with one doubtful fact, published."""
    with open_archive(tmp_path / "data" / "archive.db") as archive:
        show(archive, make_article("It takes up to 1,200 people \x1b[2J."), "2026-08-01T10:00:00Z")
        extract(archive, lambda text: make_record(make_fact(text, "1,200", comparator="le", score=0.3)), "2026-08-01T11:00:00Z")
    assert call(tmp_path / "data", "publish").exit_code == 0
    return tmp_path / "data"


def call(data: pathlib.Path, *words: str, given: str = ""):
    return CliRunner().invoke(landed.main, ["--data", str(data), *words], input=given)


def current(path: pathlib.Path) -> list[tuple[str, str]]:
    return ask(path, "SELECT value, basis FROM facts WHERE status = 'current'")


def test_a_review_is_kept_applied_and_published(data):
    done = call(data, "review", "--reviewer", "rae", given="c\n\n\n1,250\n\n\n\n\nread again\n")
    assert done.exit_code == 0, done.output
    assert "1 correct" in done.output
    assert "\x1b[2J" not in done.output  # a page must not steer the terminal
    assert call(data, "publish").exit_code == 0
    assert current(data / "facts.db") == [("1250", "reviewed")]
    assert ask(data / "facts.db", "SELECT kind, explanation FROM corrections") == [("our_error", "read again")]


def test_decisions_travel_as_json_lines(data, tmp_path):
    assert call(data, "review", "--reviewer", "rae", given="r\n\n").exit_code == 0
    file = tmp_path / "reviews.jsonl"
    assert call(data, "review", "--export", str(file)).exit_code == 0
    [line] = file.read_text("utf-8").splitlines()
    assert (json.loads(line)["verdict"], json.loads(line)["reviewer"]) == ("reject", "rae")
    done = call(data, "review", "--import", str(file))
    assert (done.exit_code, "took in 0 decisions" in done.output) == (0, True)
    file.write_text(line.replace("reject", "perhaps"), "utf-8")
    done = call(data, "review", "--import", str(file))
    assert (done.exit_code, "line 1" in done.output) == (1, True)


def test_a_sample_is_judged_at_the_terminal(data):
    done = call(data, "review", "--sample", "5", "--seed", "3", given="a\n\nfee 1\n")
    assert done.exit_code == 0, done.output
    assert call(data, "publish").exit_code == 0
    assert ask(data / "facts.db", "SELECT measure, hits, n FROM quality WHERE attribute_id = 'all' ORDER BY 1") == [("precision", 1, 1), ("recall", 1, 2)]


def test_an_earlier_day_is_published_beside_the_present(data):
    assert call(data, "publish", "--as-of", "2026-07-31").exit_code == 0
    assert current(data / "facts-2026-07-31.db") == []
    assert current(data / "facts.db") == [("1200", "extracted")]
    assert call(data, "publish", "--as-of", "2026-08-01", "--into", str(data / "then.db")).exit_code == 0
    assert current(data / "then.db") == current(data / "facts.db")


@pytest.mark.parametrize("words", [("publish", "--as-of", "lately"), ("publish", "--into", "x.db"), ("release", "--date", "lately"), ("review", "--sample", "0")])
def test_wrong_usage_is_told(data, words):
    assert call(data, *words).exit_code == 2


def test_a_release_is_written_and_noted(data):
    pytest.importorskip("duckdb")
    done = call(data, "release", "--date", "2026-08-09")
    assert done.exit_code == 0, done.output
    assert (data / "releases" / "2026.08.1" / "parquet" / "facts_flat.parquet").exists()
    assert call(data, "publish").exit_code == 0
    assert ask(data / "facts.db", "SELECT release_id, version FROM releases") == [("2026-08-1", "2026.08.1")]


def test_without_an_archive_nothing_is_made(tmp_path):
    for command in ("review", "release"):
        done = call(tmp_path / "none", command)
        assert (done.exit_code, "landed crawl" in done.output) == (1, True)
