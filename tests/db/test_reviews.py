"""Reviews: appended, applied after each extraction, exported and imported; and the session at a terminal."""

from __future__ import annotations

import json

import pytest

from db.corrections import compare_versions, settle_corrections
from db.publish import publish
from db.quality import draw_sample, measure_quality, wilson
from db.review_queue import list_cases, list_sample
from db.review_session import Session
from db.reviews import (
    Review,
    ReviewError,
    export_reviews,
    import_reviews,
    keep_reviews,
    name_candidate,
    replay_reviews,
)
from tests.commands import ask
from tests.db.archive_sample import (
    extract,
    faults,
    make_article,
    make_capture,
    make_fact,
    make_record,
    make_registry,
    make_round,
    open_archive,
    show,
)

TEXT = "The pilot takes up to 1,200 people. The Tidewater Pilot is planned."
NOW = "2026-08-05T12:00:00Z"


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db") as opened:
        show(opened, make_article(TEXT), "2026-08-01T10:00:00Z")
        extract(opened, find, "2026-08-01T11:00:00Z")
        yield opened


def find(text: str, score: float = 0.4) -> dict:
    at = text.find("Tidewater Pilot")
    novel = ({"type": "novel_pathway", "start": at, "end": at + 15, "text": "Tidewater Pilot"},) if at >= 0 else ()
    return make_record(*(make_fact(text, words, clause=words, score=score) for words in ("1,200", "1,300") if words in text), mentions=novel)


def the_fact(archive):
    return archive.one("SELECT * FROM facts ORDER BY rule = 'review', fact_id")


def judge(archive, verdict, at=NOW, target=None, **corrected):
    review = Review("fact", target or the_fact(archive)["fact_id"], "rae", at, verdict, corrected or None, "because")
    keep_reviews(archive, [review], at)
    return replay_reviews(archive, at)


def states(archive):
    return [(row["value"], row["retired_reason"], row["rule"], row["basis"]) for row in archive.rows("SELECT * FROM facts ORDER BY recorded_at, value")]


# ---------------------------------------------------------------- what a decision does


def test_a_rejected_fact_retires_with_a_correction_and_stays_so_when_it_is_found_again(archive):
    judge(archive, "reject")
    for number in (2, 3):
        extract(archive, find, f"2026-08-0{number + 4}T11:00:00Z", f"pipeline-{number}")
        assert not replay_reviews(archive, f"2026-08-0{number + 4}T11:30:00Z")
    assert states(archive) == [("1200", "review_rejected", "a-rule", "extracted")]
    [correction] = archive.rows("SELECT * FROM corrections")
    assert (correction["kind"], correction["at"], correction["after_json"], correction["explanation"]) == ("our_error", NOW, None, "because")
    assert json.loads(correction["before_json"])["value"] == "1200"
    assert [row["action"] for row in archive.rows("SELECT action FROM fact_log ORDER BY log_id")] == ["added", "retired"]
    assert faults(archive) == {}


def test_a_rejected_fact_that_was_not_found_for_a_while_is_still_rejected(archive):
    judge(archive, "reject")
    for number, look in ((2, lambda text: make_record()), (3, find)):
        extract(archive, look, f"2026-08-1{number}T11:00:00Z", f"pipeline-{number}")
        replay_reviews(archive, f"2026-08-1{number}T11:30:00Z")
        assert states(archive) == [("1200", "review_rejected", "a-rule", "extracted")]


def test_a_corrected_fact_makes_way_for_one_with_the_same_evidence_that_no_extraction_changes(archive):
    judge(archive, "correct", value="1,250", comparator="le")
    for number, look in ((2, find), (3, lambda text: make_record())):
        extract(archive, look, f"2026-08-1{number}T11:00:00Z", f"pipeline-{number}")
        replay_reviews(archive, f"2026-08-1{number}T11:30:00Z")
    assert states(archive) == [("1200", "review_rejected", "a-rule", "extracted"), ("1250", None, "review", "reviewed")]
    right = archive.one("SELECT * FROM facts WHERE rule = 'review'")
    wrong = archive.one("SELECT * FROM facts WHERE rule <> 'review'")
    assert (right["value_num"], right["comparator"], right["clause_start"], right["score"]) == (1250.0, "le", wrong["clause_start"], None)
    assert archive.rows("SELECT quote FROM fact_marks WHERE fact_id = ?", [right["fact_id"]]) == [{"quote": "1,200"}]
    assert json.loads(archive.one("SELECT after_json FROM corrections")["after_json"])["value"] == "1250"
    assert faults(archive) == {}


def test_a_corrected_fact_goes_and_comes_with_its_text(archive):
    judge(archive, "correct", value="1250")
    for day, text in ((6, "Nothing."), (7, TEXT)):
        show(archive, make_article(text), f"2026-08-0{day}T10:00:00Z")
        extract(archive, find, f"2026-08-0{day}T11:00:00Z")
        replay_reviews(archive, f"2026-08-0{day}T11:00:00Z")
        assert states(archive)[1][:2] == ("1250", "article_changed" if day == 6 else None)
        assert states(archive)[0][:2] == ("1200", "review_rejected")


def test_an_accepted_fact_is_reviewed_and_keeps_its_id_and_date(archive):
    before = the_fact(archive)
    assert judge(archive, "accept").confirmed == 1
    assert the_fact(archive) == before | {"basis": "reviewed"}
    extract(archive, lambda text: find(text, 0.9), "2026-08-06T11:00:00Z", "pipeline-2")
    assert the_fact(archive) == before | {"basis": "reviewed", "score": 0.9}


def test_a_later_decision_overturns_an_earlier_one_and_both_are_on_record(archive):
    judge(archive, "reject")
    assert judge(archive, "accept", "2026-08-06T12:00:00Z").revived == 1
    assert states(archive) == [("1200", None, "a-rule", "reviewed")]
    assert [row["action"] for row in archive.rows("SELECT action FROM fact_log ORDER BY log_id")] == ["added", "retired", "revived"]
    assert archive.one("SELECT count(*) AS n FROM corrections") == {"n": 2}
    assert archive.one("SELECT count(*) AS n FROM reviews") == {"n": 2}


def test_a_correction_that_is_withdrawn_takes_its_fact_along(archive):
    target = the_fact(archive)["fact_id"]
    judge(archive, "correct", value="1250")
    judge(archive, "accept", "2026-08-06T12:00:00Z", target)
    assert [row[:2] for row in states(archive)] == [("1200", None), ("1250", "not_reextracted")]


def test_replaying_twice_changes_nothing(archive):
    judge(archive, "correct", value="1250")
    before = list(archive.db.conn.iterdump())
    assert not replay_reviews(archive, "2026-08-09T12:00:00Z")
    assert list(archive.db.conn.iterdump()) == before


def test_a_decision_on_a_fact_that_is_not_here_waits_for_it(archive):
    other = the_fact(archive)["fact_id"][::-1]
    assert not judge(archive, "reject", target=other)
    assert states(archive)[0][1] is None


# ---------------------------------------------------------------- taking in and giving out


def test_what_is_exported_can_be_imported_once(archive, tmp_path):
    judge(archive, "correct", value="1250")
    lines = list(export_reviews(archive))
    with open_archive(tmp_path / "other.db") as other:
        assert import_reviews(other, lines, NOW) == 1
        assert import_reviews(other, lines, NOW) == 0
        assert list(export_reviews(other)) == lines


GIVEN = {"target_type": "fact", "target_id": "f", "reviewer": "rae", "reviewed_at": NOW, "verdict": "accept"}


@pytest.mark.parametrize(("changes", "why"), [
    ({"verdict": "maybe"}, "verdict"), ({"target_type": "planet"}, "target"), ({"reviewed_at": "yesterday"}, "2026-01-31T12:00:00Z"),
    ({"verdict": "correct"}, "what is right"), ({"verdict": "correct", "corrected": {"score": "1"}}, "score can't be corrected"),
    ({"verdict": "correct", "corrected": {"comparator": "ish"}}, "ish"), ({"verdict": "correct", "corrected": {"value": None}}, "value must be"),
    ({"verdict": "correct", "corrected": {"value": 5}}, "value must be"), ({"reviewer": " "}, "reviewer"), ({"mood": "good"}, "mood"), ({"corrected": []}, "object"), ({"note": 3}, "note"),
])
def test_a_decision_that_makes_no_sense_is_refused_by_its_line_and_none_is_taken_in(archive, changes, why):
    with pytest.raises(ReviewError, match=why) as caught:
        import_reviews(archive, [json.dumps(GIVEN), json.dumps(GIVEN | changes)], NOW)
    assert "line 2" in str(caught.value)
    assert archive.rows("SELECT * FROM reviews") == []


def test_a_line_that_is_no_object_is_refused(archive):
    with pytest.raises(ReviewError, match="line 1"):
        import_reviews(archive, ["[1, 2]"], NOW)


# ---------------------------------------------------------------- the session


class Script:
    """A terminal whose reviewer knows all answers beforehand."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.shown, self.asked = list(answers), [], []

    def show(self, text: str, style: str = "") -> None:
        self.shown.append(text)

    def ask(self, question: str) -> str:
        self.asked.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


def sit(archive, *answers, **given):
    terminal = Script(*answers)
    counts = Session(archive, terminal, "rae", lambda: NOW).review_queue(given.pop("public", None), **given)
    return terminal, dict(counts)


def test_a_doubtful_fact_and_a_new_name_are_shown_with_their_context_and_judged(archive):
    terminal, counts = sit(archive, "a", "sure", "r", "")
    assert counts == {"accept": 1, "reject": 1}
    assert any("The pilot takes up to [1,200] people." in text for text in terminal.shown)
    assert any("[Tidewater Pilot]" in text for text in terminal.shown)
    assert archive.rows("SELECT target_type, verdict, note, reviewer FROM reviews ORDER BY target_type") == [
        {"target_type": "candidate", "verdict": "reject", "note": None, "reviewer": "rae"}, {"target_type": "fact", "verdict": "accept", "note": "sure", "reviewer": "rae"}]
    assert list(list_cases(archive)) == []


def test_what_was_skipped_or_left_comes_again(archive):
    _, counts = sit(archive, "s", "q")
    assert counts == {"skip": 1}
    assert len(list(list_cases(archive))) == 2
    terminal, _ = sit(archive, "what?", "s", limit=1)
    assert len(terminal.asked) == 2  # an answer that is none is asked for again
    assert len(list(list_cases(archive))) == 2


def test_a_correction_asks_for_each_column_and_refuses_one_that_changes_nothing(archive):
    terminal, counts = sit(archive, "c", "", "", "1,200", "", "", "", "", "c", "", "", "1,250", "-", "", "", "", "seen")
    assert counts == {"correct": 1}
    assert "nothing was changed" in terminal.shown
    assert archive.one("SELECT value, unit FROM facts WHERE rule = 'review'") == {"value": "1250", "unit": None}


def test_a_figure_that_disagrees_with_the_record_comes_first(archive, tmp_path):
    capture = make_capture(role="rounds")
    archive.keep_capture(capture)
    archive.keep_round(capture, make_round())
    text = "Canada invited 3,300 candidates with 511 points."
    show(archive, make_article(text, url="https://harbour.example/draw", published="2026-07-22"), "2026-08-02T10:00:00Z")

    def look(given):
        draw = {"pathway": "ca-ee-cec", "period": "2026-07-21", "score": 0.95}
        return make_record(make_fact(given, "3,300", attribute="invitations", unit="invitations", **draw), make_fact(given, "511", attribute="cutoff_score", unit="points", **draw)) if "3,300" in given else find(given)

    extract(archive, look, "2026-08-02T11:00:00Z")
    publish(archive.path, tmp_path / "facts.db", make_registry(), NOW)
    first, *rest = list_cases(archive, tmp_path / "facts.db")
    assert (first.target_type, first.fact["value"]) == ("fact", "3300")
    assert "ca-ee-430 has 3000" in first.why
    assert [case.target_type for case in rest] == ["fact", "candidate"]


def test_a_link_and_a_name_are_published_as_a_person_decided(archive, tmp_path):
    capture = make_capture(role="rounds")
    archive.keep_capture(capture)
    for number in ("430", "431"):
        archive.keep_round(capture, make_round(number, raw={"drawNumber": number}))
    text = "Canada invited 3,000 candidates with 511 points."
    show(archive, make_article(text, url="https://harbour.example/draw", published="2026-07-22"), "2026-08-02T10:00:00Z")
    extract(archive, lambda given: make_record(
        make_fact(given, "3,000", attribute="invitations", pathway="ca-ee-cec", period="2026-07-21"),
        make_fact(given, "511", attribute="cutoff_score", pathway="ca-ee-cec", period="2026-07-21")) if "3,000" in given else find(given), "2026-08-02T11:00:00Z")
    public = tmp_path / "facts.db"
    publish(archive.path, public, make_registry(), NOW)
    links = [case for case in list_cases(archive, public) if case.target_type == "link"]
    assert len(links) == 2
    keep_reviews(archive, [
        Review("link", links[0].target_id, "rae", NOW, "correct", {"draw_id": "ca-ee-431"}), Review("link", links[1].target_id, "rae", NOW, "reject"),
        Review("candidate", name_candidate("TIDEWATER  pilot"), "rae", NOW, "correct", {"pathway_id": "ca-ee"}),
    ], NOW)
    publish(archive.path, public, make_registry(), NOW)
    assert ask(public, "SELECT check_id, draw_id, verdict, linked_by FROM checks") == [(links[0].target_id, "ca-ee-431", "agree", "review")]
    assert ask(public, "SELECT name, verdict, pathway_id FROM candidates") == [("Tidewater Pilot", "correct", "ca-ee")]


# ---------------------------------------------------------------- samples and what they measure


def test_a_sample_is_judged_article_by_article_and_its_quality_is_published(archive, tmp_path):
    for number in range(4):
        show(archive, make_article("It takes 1,200 or 1,300 people.", url=f"https://harbour.example/{number}"), "2026-08-02T10:00:00Z")
    extract(archive, find, "2026-08-02T11:00:00Z")
    assert len(draw_sample(["a", "b", "c"], 2, 1)) == 2
    wanted = [article.article_id for article in list_sample(archive, 2, 7, "sample-7-2")]
    facts = [len(article.facts) for article in list_sample(archive, 2, 7, "sample-7-2")]
    answers = [*["a", ""] * facts[0], "one", "cap 1, fee 2", *["s", "r", ""] * facts[1], ""]  # a fact of a sample can't be skipped
    first = Session(archive, Script(*answers[:-2 - 1]), "rae", lambda: NOW).review_sample(2, 7)
    terminal = Script(*answers[-3:])  # another sitting goes on where the first one ended
    second = Session(archive, terminal, "rae", lambda: NOW).review_sample(2, 7)
    assert dict(first + second) == {"accept": facts[0], "reject": facts[1]}
    assert [row["target_id"] for row in archive.rows("SELECT target_id FROM reviews WHERE target_type = 'article' ORDER BY rowid")] == wanted
    assert list(list_sample(archive, 2, 7, "sample-7-2")) == []
    extract(archive, find, NOW)  # settles what was decided
    publish(archive.path, tmp_path / "facts.db", make_registry(), NOW)
    rows = {(row[0], row[1]): row[2:] for row in ask(tmp_path / "facts.db", "SELECT attribute_id, measure, hits, n, articles, pipeline_version FROM quality")}
    assert rows["all", "precision"] == (facts[0], sum(facts), 2, "pipeline-1")
    assert rows["all", "recall"] == (facts[0], facts[0] + 3, 2, "pipeline-1")
    assert rows["fee", "recall"][:2] == (0, 2)
    assert ("fee", "precision") not in rows


@pytest.mark.parametrize(("hits", "n", "low", "high"), [
    (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 100, 0.7222, 0.8749), (1, 1, 0.2065, 1.0),  # figures of the published formula
])
def test_the_interval_is_wilsons(hits, n, low, high):
    assert wilson(hits, n) == pytest.approx((low, high), abs=2e-4)


def test_an_article_that_was_left_half_way_does_not_count():
    reviews = [{"sample": "s", "target_type": "fact", "target_id": "f", "verdict": "accept", "corrected_json": None}]
    assert measure_quality(reviews, {"f": "cap"}) == []


# ---------------------------------------------------------------- corrections by sources


def said(fact_id: str, value: str, **changes) -> dict:
    return {"fact_id": fact_id, "pathway_id": "p", "attribute_id": "cap", "comparator": "eq", "value": value, "unit": "people", "period": None, "scope": None, "as_written": value} | changes


@pytest.mark.parametrize(("older", "newer", "note", "expected"), [
    (["1"], ["1"], None, []),
    (["1"], ["2"], None, [("1", "source_corrected")]),
    (["1"], ["2"], "Correction: it is 2.", [("1", "source_corrected")]),
    (["1"], [], "Correction: there is no cap.", [("1", "source_retracted")]),
    (["1"], [], None, []),  # it may have been cut for length
    ([], ["2"], None, [("2", "new_information")]),
    (["1"], ["1", "2"], None, [("2", "new_information")]),
    (["1", "2"], ["3", "4"], None, [("3", "new_information"), ("4", "new_information")]),  # which took whose place isn't known
])
def test_what_a_new_version_says_otherwise(older, newer, note, expected):
    version = {"change_kind": "correction" if note else "edit", "correction_note": note}
    found = list(compare_versions([said(value, value) for value in older], [said(value, value) for value in newer], version))
    assert [row[:2] for row in found] == expected
    assert all(note in row[4] for row in found if note)


def test_corrections_of_texts_and_feeds_are_logged_once(archive):
    show(archive, make_article(TEXT.replace("1,200", "1,300"), note="Correction: 1,300, not 1,200."), "2026-08-03T10:00:00Z")
    extract(archive, find, "2026-08-03T11:00:00Z")
    for number, cutoff in enumerate(("511", "512"), 1):
        capture = make_capture(f"2026-08-0{number}T09:00:00Z", role="rounds")
        archive.keep_capture(capture)
        archive.keep_round(capture, make_round(cutoff=int(cutoff), raw={"drawCRS": cutoff}))
    assert settle_corrections(archive, NOW) == 2
    assert settle_corrections(archive, "2026-08-09T12:00:00Z") == 0
    rows = {row["target_type"]: row for row in archive.rows("SELECT * FROM corrections")}
    assert (json.loads(rows["fact"]["before_json"])["value"], json.loads(rows["fact"]["after_json"])["value"]) == ("1200", "1300")
    assert rows["fact"]["explanation"] == "Correction: 1,300, not 1,200."
    assert json.loads(rows["draw"]["after_json"]) == {"drawCRS": "512"}
