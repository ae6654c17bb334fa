"""The command line: help, exit codes, and what a stranger is told when something is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import landed
from crawlers.demo.story import SOURCES
from tests.commands import call, command

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Express Entry\n\nOn August 6, 2026, IRCC invited 5,000 candidates in an Express Entry draw for French-language proficiency."


def invoke(*words: str | Path, given: str | bytes | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(landed.main, [str(word) for word in words], input=given)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("name", sorted(landed.main.commands))
def test_each_command_has_help_with_an_example(name: str) -> None:
    code, shown, _ = invoke(name, "--help")
    assert code == 0
    assert f"Example: landed {name}" in shown


def test_annotate_finds_facts_with_their_evidence() -> None:
    code, shown, _ = invoke("annotate", given=json.dumps({"id": "a", "text": TEXT, "published": "2026-08-07"}) + "\n")
    record = json.loads(shown)
    assert code == 0
    assert record["id"] == "a"
    found = {(fact["attribute"], fact["value"]): fact for fact in record["facts"]}
    evidence = found["invitations", 5000]["evidence"]
    assert "invited 5,000 candidates" in TEXT[evidence["start"]:evidence["end"]]
    assert found["draw_on", "2026-08-06"]["pathway"] == "ca-ee-french"


def test_explain_prints_the_marked_text_and_the_reasons(tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text("Alberta opens a stream\n\nThe Rural Renewal Stream of the AAIP opens today. It takes up to 500 applications.", encoding="utf-8")
    code, shown, _ = invoke("explain", story, "--published", "2024-05-03")
    assert code == 0
    assert "Rural Renewal Stream[ca-ab-aaip-rrs]" in shown
    assert "today[2024-05-03 #1]" in shown
    assert "#1  fact      ca-ab-aaip-rrs \N{MIDDLE DOT} opens_on \N{MIDDLE DOT} 2024-05-03" in shown
    assert "pathway   Alberta Rural Renewal Stream: named in the same clause" in shown
    assert invoke("explain", story, "--facts-only")[1].startswith("\nstory.txt: ")


def test_explain_reads_pages_and_json_lines_and_names_what_it_cannot_read(tmp_path: Path) -> None:
    page, lines = tmp_path / "page.html", tmp_path / "lines.jsonl"
    page.write_text("<html><head><title>H-1B</title></head><body><main><h1>H-1B cap</h1><p>The H-1B program has a cap of 85,000 visas for the year 2026, the agency said.</p></main></body></html>", encoding="utf-8")
    lines.write_text('not json\n{"id": "b", "text": "Nothing here."}\n', encoding="utf-8")
    code, shown, _ = invoke("explain", page)
    assert code == 0
    assert "us-h1b \N{MIDDLE DOT} cap" in shown
    code, shown, said = invoke("explain", lines)
    assert code == 1
    assert "b: 0 facts" in shown
    assert "line 1" in said
    assert lines.name in said


def test_explain_lets_no_text_steer_the_terminal(tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_bytes(b"Express Entry \x1b[31mdraw\x1b]0;title\x07 \xff")
    code, shown, _ = invoke("explain", story)
    assert code == 0
    assert "Express Entry" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_annotate_reads_html_and_keeps_tables() -> None:
    page = (
        "<html lang=en><title>Eligible occupations</title><body><main><h1>Global Talent Stream occupations</h1>"
        "<p>These occupations are eligible for the Global Talent Stream.</p>"
        "<table><tr><th>NOC code</th><th>Title</th></tr><tr><td>21300</td><td>Civil engineers</td></tr></table></main></body></html>"
    )
    code, shown, _ = invoke("annotate", given=json.dumps({"id": "b", "html": page}))
    assert code == 0
    assert [noc["code"] for noc in json.loads(shown)["nocs"]] == ["21300"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "JSONDecodeError"),  # broken JSON
        ("[1, 2]", "not a JSON object"),  # JSON, but no record
        ('{"id": "c"}', "either 'text' or 'html'"),  # nothing to read
        ('{"id": "c", "text": "x", "html": "y"}', "either 'text' or 'html'"),  # both
        ('{"id": "c", "text": 5}', "'text' must be a string"),  # wrong type
        ('{"id": "c", "html": ""}', "empty"),  # a page without content
        ('{"id": "c", "text": "\xff"}'.encode("latin-1"), "UnicodeDecodeError"),  # not UTF-8
    ],
)
def test_annotate_names_a_bad_line_and_reads_the_others(line: str | bytes, reason: str) -> None:
    good = json.dumps({"id": "good", "text": TEXT}).encode()
    given = line if isinstance(line, bytes) else line.encode()
    code, shown, _ = invoke("annotate", given=given + b"\n\n" + good + b"\n")
    bad, fine = [json.loads(answer) for answer in shown.splitlines()]
    assert code == 1
    assert reason in bad["error"]
    assert bad["line"] == 1
    assert fine["id"] == "good"
    assert "error" not in fine


def test_annotate_answers_nothing_to_nothing() -> None:
    assert invoke("annotate", given="") == (0, "", "")


def test_annotate_replaces_half_a_surrogate_pair() -> None:
    code, shown, _ = invoke("annotate", given='{"id": "half \\ud83d", "text": "Express Entry \\ud83d draw"}')
    assert code == 0
    assert json.loads(shown)["id"] == "half \ufffd"


def test_annotate_answers_a_huge_line() -> None:
    code, shown, _ = invoke("annotate", given=json.dumps({"id": "huge", "text": "((((" * 20_000 + " 2 1 3 0 0 " * 5_000}))
    assert code == 0
    assert json.loads(shown)["facts"] == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["crawl", "no-such-source"], 2, "no source 'no-such-source'"),
        (["crawl", "--replay"], 2, "--replay needs the WARC files"),
        (["status"], 1, "Run `landed crawl` first"),
        (["extract"], 1, "Run `landed crawl` first"),
        (["publish"], 1, "Run `landed crawl` first"),
        (["serve"], 1, "landed publish"),
        (["nonsense"], 2, "No such command"),
        (["crawl", "--limit", "0"], 2, "--limit"),
    ],
)
def test_wrong_calls_are_told_what_to_do(words: list[str], code: int, told: str, tmp_path: Path) -> None:
    given, shown, errors = invoke("--data", tmp_path / "nothing", *words)
    assert given == code
    assert told in " ".join((shown + errors).split())


def test_a_broken_source_file_is_named_and_the_others_stay(tmp_path: Path) -> None:
    for file in SOURCES.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8").replace("@", ""), encoding="utf-8")
    (tmp_path / "broken.toml").write_text('id = "broken"\nkind = 5\n', encoding="utf-8")
    place = landed.Workplace(tmp_path / "data", tmp_path)
    sources, broken = place.load()
    # With the hosts' names gone, the addresses are none: every file is wrong, and each is counted.
    assert (len(sources), broken) == (0, 8)


def test_the_demo_leaves_a_folder_alone_that_no_demo_made(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    code, _, errors = invoke("--data", tmp_path, "demo", "--no-serve")
    assert code == 1
    assert "left alone" in errors
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.engine
def test_the_demo_plays_out_as_written(tmp_path: Path) -> None:
    done = call(command("--data", tmp_path / "demo", "demo", "--no-serve"), traced=True)
    assert done.returncode == 0, done.stderr
    assert "NOT as expected" not in done.stderr
    for title in ("sources", "pages", "versions", "facts", "by attribute", "official draws", "checks", "faults met", "seconds"):
        assert f"\n{title} " in done.stderr


def test_evaluate_measures_and_compares(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    fact = {"pathway": "ca-ee-french", "attribute": "invitations", "value": 5000, "comparator": "eq", "unit": "invitations", "quote": "invited 5,000 candidates"}
    wrong = fact | {"value": 4000}
    record = {"id": "a", "text": TEXT, "published": "2026-08-07", "pathways": ["ca-ee", "ca-ee-french"], "dates": [], "nocs": [], "facts": [fact, wrong]}
    gold.write_text(json.dumps(record) + "\n", encoding="utf-8")
    code, shown, _ = invoke("evaluate", gold, "--errors", "9", "--save", tmp_path / "scores.json")
    assert code == 0
    scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    # One of two invitations is in the text: the other one is missed, and named.
    assert (scores["invitations"]["hits"], scores["invitations"]["gold"]) == (1, 2)
    assert "missed" in shown
    scores["invitations"]["f1"] = 1.0
    (tmp_path / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    _, shown, _ = invoke("evaluate", gold, "--against", tmp_path / "scores.json")
    loss = next(line for line in shown.splitlines() if line.startswith("invitations"))
    assert "-0." in loss
    gold.write_text(json.dumps(record | {"part": "exam9"}) + "\n", encoding="utf-8")
    _, blind, _ = invoke("evaluate", gold, "--part", "exam9", "--errors", "9")
    assert "invitations" in blind
    assert "missed" not in blind
