"""Extraction kept: ids are permanent, what isn't found any more is retired and never deleted, the log tells it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.extraction import keep_extraction, pending_versions, read_versions, spell_value
from tests.db.archive_sample import PIPELINE, extract, faults, make_article, make_fact, make_record, open_archive, show

if TYPE_CHECKING:
    from db.archive import Archive

CAP, OTHER = "The pilot takes up to 1,200 people.", "The pilot takes up to 1,300 people."


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db") as opened:
        yield opened


def find_caps(text: str) -> dict:
    """An extractor that finds each number of people."""
    return make_record(*(make_fact(text, words, clause=f"up to {words} people") for words in ("1,200", "1,300", "1,400") if words in text))


def find_nothing(text: str) -> dict:
    return make_record()


def facts(archive: Archive) -> dict[str, str | None]:
    """Value of each fact to the reason of its retirement."""
    return {row["value"]: row["retired_reason"] for row in archive.rows("SELECT * FROM facts ORDER BY value")}


def log(archive: Archive) -> list[tuple[str, str, str | None]]:
    return [(row["value"], row["action"], row["reason"]) for row in archive.rows("SELECT f.value, l.action, l.reason FROM fact_log l JOIN facts f USING (fact_id) ORDER BY log_id")]


# ---------------------------------------------------------------- what is kept


def test_a_fact_is_kept_with_its_words_and_marks(archive):
    show(archive, make_article(f"Émilie 🍁 writes. {CAP}"), "2026-08-01T10:00:00Z")
    assert extract(archive, find_caps, "2026-08-01T11:00:00Z") == 1
    [fact] = archive.rows("SELECT f.*, substr(v.text, clause_start + 1, clause_end - clause_start) AS clause FROM facts f JOIN article_versions v USING (version_id)")
    assert (fact["value"], fact["value_num"], fact["value_high"], fact["value_date"]) == ("1200", 1200.0, None, None)
    assert (fact["clause"], fact["as_written"], fact["recorded_at"]) == ("up to 1,200 people", "1,200", "2026-08-01T11:00:00Z")
    assert archive.rows("SELECT role, quote FROM fact_marks") == [{"role": "value", "quote": "1,200"}]
    assert faults(archive) == {}


@pytest.mark.parametrize(("value", "spelled"), [
    (10_000, "10000"), (10_000.0, "10000"), (12.5, "12.5"), (0, "0"),  # no difference of type makes another fact
    ([375_000, 395_000], "375000..395000"), ([1.0, 2.5], "1..2.5"),
    ("2023-07-16", "2023-07-16"), ("P2W", "P2W"), ("00010", "00010"),  # a NOC code keeps its zeros
])
def test_a_value_has_one_spelling(value, spelled):
    assert spell_value(value) == spelled


@pytest.mark.parametrize(("changes", "column", "kept"), [
    ({"value": [1200, 1300], "comparator": "range"}, "value_high", 1300.0),
    ({"value": 12.5}, "value_num", 12.5),
    ({"value": "2026-09", "attribute": "effective_on"}, "value_date", "2026-09"),
    ({"value": "2026-09", "attribute": "effective_on"}, "value_num", None),
    ({"value": "00010", "attribute": "eligible_noc"}, "value_num", None),  # a code is no number
    ({"modality": None}, "modality", "asserted"),
    ({"scope": "Ontario"}, "scope", "Ontario"),
])
def test_values_go_to_their_columns(archive, changes, column, kept):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    extract(archive, lambda text: make_record(make_fact(text, "1,200", **changes)), "2026-08-01T11:00:00Z")
    assert archive.one(f"SELECT {column} AS v FROM facts")["v"] == kept


@pytest.mark.parametrize("changes", [
    {"value": 1201}, {"unit": "permits"}, {"comparator": "le"}, {"period": "2026"}, {"scope": "Ontario"}, {"attribute": "target"}, {"pathway": "ca-ee"},
])
def test_what_is_said_makes_the_id(archive, changes):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    extract(archive, lambda text: make_record(make_fact(text, "1,200"), make_fact(text, "1,200", **changes)), "2026-08-01T11:00:00Z")
    assert archive.one("SELECT count(*) AS n FROM facts") == {"n": 2}


def test_how_it_was_found_makes_no_other_id(archive):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    both = [{"rule": "weak", "score": 0.2, "modality": "reported"}, {"rule": "strong", "score": 0.9}]
    extract(archive, lambda text: make_record(*(make_fact(text, "1,200", **how) for how in both)), "2026-08-01T11:00:00Z")
    assert archive.rows("SELECT rule, score FROM facts") == [{"rule": "strong", "score": 0.9}]  # the surer one is kept


def test_mentions_and_new_names_are_rebuilt(archive):
    show(archive, make_article("The Tidewater Pilot opens. The Tidewater Pilot takes 1,200."), "2026-08-01T10:00:00Z")

    def find(text):
        at = text.index("Tidewater Pilot")
        again = text.index("Tidewater Pilot", at + 1)
        novel = [{"type": "novel_pathway", "start": start, "end": start + 15, "text": "Tidewater Pilot"} for start in (at, again)]
        return make_record(mentions=(*novel, {"type": "quantity", "value": 1200.0, "start": 3, "end": 8, "text": text[3:8]}))

    for number in (1, 2):
        extract(archive, find, f"2026-08-0{number}T11:00:00Z", f"pipeline-{number}")
        assert archive.one("SELECT count(*) AS n FROM mentions") == {"n": 3}
        assert [row["name"] for row in archive.rows("SELECT name FROM candidates")] == ["Tidewater Pilot"]
    assert archive.one("SELECT value FROM mentions WHERE type = 'quantity'") == {"value": "1200"}
    extract(archive, find_nothing, "2026-08-03T11:00:00Z", "pipeline-3")
    assert archive.rows("SELECT * FROM candidates") == []


# ---------------------------------------------------------------- reading again


def test_a_version_is_read_once_by_each_pipeline(archive):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    [pending] = pending_versions(archive, PIPELINE)
    extract(archive, find_caps, "2026-08-01T11:00:00Z")
    assert pending_versions(archive, PIPELINE) == []
    assert pending_versions(archive, "pipeline-2") == [pending]


def test_versions_come_with_their_address_and_blocks(archive):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    [(version, blocks)] = read_versions(archive, pending_versions(archive, PIPELINE))
    assert (version["url"], version["jurisdiction_id"]) == ("https://harbour.example/a", "CA")
    assert [version["text"][block["start_char"]:block["end_char"]] for block in blocks] == ["Harbour pilot", CAP]


def test_the_same_findings_again_change_nothing(archive):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    extract(archive, find_caps, "2026-08-01T11:00:00Z")
    before = archive.rows("SELECT * FROM facts"), log(archive)
    assert extract(archive, find_caps, "2026-08-02T11:00:00Z", "pipeline-2") == 0
    assert (archive.rows("SELECT * FROM facts"), log(archive)) == before


def test_what_a_new_pipeline_doesnt_find_is_retired_and_may_come_back(archive):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    for number, find in enumerate((find_caps, find_nothing, find_caps), 1):
        extract(archive, find, f"2026-08-0{number}T11:00:00Z", f"pipeline-{number}")
    assert facts(archive) == {"1200": None}
    assert log(archive) == [("1200", "added", None), ("1200", "retired", "not_reextracted"), ("1200", "revived", "found again")]
    assert [row["at"] for row in archive.rows("SELECT at FROM fact_log")] == [f"2026-08-0{day}T11:00:00Z" for day in (1, 2, 3)]
    assert archive.one("SELECT recorded_at, retired_at FROM facts") == {"recorded_at": "2026-08-01T11:00:00Z", "retired_at": None}


def test_it_is_retired_once_however_often_it_isnt_found(archive):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    for number, find in enumerate((find_caps, find_nothing, find_nothing), 1):
        extract(archive, find, f"2026-08-0{number}T11:00:00Z", f"pipeline-{number}")
    assert archive.one("SELECT retired_at FROM facts") == {"retired_at": "2026-08-02T11:00:00Z"}
    assert len(log(archive)) == 2


def test_an_extraction_that_fails_keeps_the_earlier_facts_and_is_tried_by_the_next_pipeline(archive):
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    extract(archive, find_caps, "2026-08-01T11:00:00Z")
    extract(archive, lambda text: {"error": "ValueError: odd"}, "2026-08-02T11:00:00Z", "pipeline-2")
    assert facts(archive) == {"1200": None}
    assert archive.one("SELECT error, pipeline_version FROM extractions") == {"error": "ValueError: odd", "pipeline_version": "pipeline-2"}
    extract(archive, find_caps, "2026-08-03T11:00:00Z", "pipeline-3")
    assert archive.one("SELECT error FROM extractions") == {"error": None}


def test_a_record_that_cant_be_kept_leaves_nothing_of_itself(archive):
    # One transaction: the facts before the faulty one are not kept either, and the version stays pending.
    show(archive, make_article(CAP), "2026-08-01T10:00:00Z")
    [(version, _)] = read_versions(archive, pending_versions(archive, PIPELINE))
    faulty = make_fact(version["text"], "1,200", value=5) | {"score": 0.1, "evidence": {"start": 5, "end": 5}}
    with pytest.raises(Exception, match="CHECK constraint"):
        keep_extraction(archive, version, make_record(make_fact(version["text"], "1,200"), faulty), PIPELINE, "2026-08-01T11:00:00Z")
    assert facts(archive) == {}
    assert pending_versions(archive, PIPELINE) == [version["version_id"]]


# ---------------------------------------------------------------- articles that change


def crawl(archive: Archive, *texts: str, each: bool = True) -> None:
    """Show these texts on one day after the other; extract after each, or only at the end."""
    for day, text in enumerate(texts, 1):
        show(archive, make_article(text), f"2026-08-0{day}T10:00:00Z")
        if each:
            extract(archive, find_caps, f"2026-08-0{day}T11:00:00Z")
    extract(archive, find_caps, "2026-08-09T11:00:00Z")


def test_a_changed_article_supersedes_its_facts_when_landed_took_note(archive):
    crawl(archive, CAP, OTHER)
    assert facts(archive) == {"1200": "article_changed", "1300": None}
    assert archive.one("SELECT retired_at FROM facts WHERE value = '1200'") == {"retired_at": "2026-08-02T11:00:00Z"}
    assert ("1200", "retired", "article_changed") in log(archive)


def test_going_back_revives_the_old_facts_and_retires_the_newer(archive):
    crawl(archive, CAP, OTHER, CAP)
    assert facts(archive) == {"1200": None, "1300": "article_changed"}
    assert archive.one("SELECT retired_at FROM facts WHERE value = '1300'") == {"retired_at": "2026-08-03T11:00:00Z"}
    assert [(value, action) for value, action, _ in log(archive)] == [
        ("1200", "added"), ("1300", "added"), ("1200", "retired"), ("1300", "retired"), ("1200", "revived")]


@pytest.mark.parametrize("each", [True, False])
@pytest.mark.parametrize("texts", [(CAP, OTHER), (CAP, OTHER, CAP), (CAP, OTHER, CAP, OTHER), (CAP, OTHER, "The pilot takes up to 1,400 people.")])
def test_no_fact_is_retired_before_it_was_recorded(archive, texts, each):
    crawl(archive, *texts, each=each)
    assert archive.rows("SELECT value, recorded_at, retired_at FROM facts WHERE retired_at < recorded_at") == []
    # And what is current is what the article says now.
    now = archive.one("SELECT v.text FROM articles a JOIN article_versions v USING (version_id)")["text"]
    assert [value for value, reason in facts(archive).items() if reason is None] == [value for value in ("1200", "1300", "1400") if f"{value[0]},{value[1:]}" in now]


def test_settling_twice_changes_nothing(archive):
    crawl(archive, CAP, OTHER)
    before = list(archive.db.conn.iterdump())
    extract(archive, find_caps, "2026-08-09T12:00:00Z")
    assert list(archive.db.conn.iterdump()) == before


def test_a_fact_that_nothing_finds_any_more_doesnt_come_back_with_its_text(archive):
    crawl(archive, CAP, OTHER)
    extract(archive, find_nothing, "2026-08-10T11:00:00Z", "pipeline-2")
    assert facts(archive) == {"1200": "not_reextracted", "1300": "not_reextracted"}
    assert archive.one("SELECT retired_at FROM facts WHERE value = '1200'") == {"retired_at": "2026-08-02T11:00:00Z"}  # since when it is not current
    show(archive, make_article(CAP), "2026-08-11T10:00:00Z")
    extract(archive, find_nothing, "2026-08-11T11:00:00Z", "pipeline-2")
    assert facts(archive)["1200"] == "not_reextracted"


def test_a_gone_article_keeps_its_facts(archive):
    crawl(archive, CAP)
    archive.mark_gone("harbour", "https://harbour.example/a", "2026-08-05T10:00:00Z")
    extract(archive, find_caps, "2026-08-05T11:00:00Z")
    assert facts(archive) == {"1200": None}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([CAP, OTHER, "No figure.", "again", "nothing"]), min_size=1, max_size=7))
def test_whatever_happens_the_log_explains_every_fact(tmp_path_factory, steps):
    with open_archive(tmp_path_factory.mktemp("any") / "archive.db") as archive:
        for number, step in enumerate(steps, 1):
            at, find = f"2026-08-{number:02}", find_nothing if step == "nothing" else find_caps
            if step not in {"again", "nothing"}:
                show(archive, make_article(step), f"{at}T10:00:00Z")
            extract(archive, find, f"{at}T11:00:00Z", f"pipeline-{number}" if step in {"again", "nothing"} else PIPELINE)
        assert faults(archive) == {}
        for fact in archive.rows("SELECT * FROM facts"):
            actions = [row["action"] for row in archive.rows("SELECT action FROM fact_log WHERE fact_id = ? ORDER BY log_id", [fact["fact_id"]])]
            assert actions[0] == "added"
            assert (actions[-1] == "retired") == (fact["retired_at"] is not None)
            assert (fact["retired_at"] is None) == (fact["retired_reason"] is None)
