"""Publishing: the new file is whole and sound or the old one stays, and no text is shown that isn't ours to show."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.health import Failure, Tally
from db.publish import CONTEXT, PublishError, publish
from db.schema import PUBLIC, SCHEMA_VERSION
from tests.db.archive_sample import (
    PIPELINE,
    extract,
    make_article,
    make_capture,
    make_fact,
    make_record,
    make_registry,
    make_round,
    make_source,
    open_archive,
    show,
)

if TYPE_CHECKING:
    from pathlib import Path

    from db.archive import Archive

NOON = "2026-08-09T12:00:00Z"
FULL, EXCERPT, METADATA = (make_source(policy, text_policy=policy) for policy in ("full", "excerpt", "metadata"))


def find(text: str) -> dict[str, Any]:
    """Caps of "up to N people", a figure on a draw, and one name that the vocabulary lacks."""
    found = [make_fact(text, words, clause=f"up to {words} people") for words in ("1,200", "1,300") if f"up to {words} people" in text]
    if "invited 3,000" in text:
        draw = {"pathway": "ca-ee-cec", "period": "2026-07-21", "unit": "invitations"}
        found += [make_fact(text, "3,000", clause="invited 3,000", attribute="invitations", **draw), make_fact(text, "511", clause="511", attribute="cutoff_score", **draw)]
    if "NOC 21231" in text:
        found += [make_fact(text, code, clause=f"NOC {code}", attribute="eligible_noc", value=code) for code in ("21231", "99999")]
    novel = [{"type": "novel_pathway", "start": text.index("Tidewater"), "end": text.index("Tidewater") + 15, "text": "Tidewater Pilot"}] if "Tidewater" in text else []
    return make_record(*found, mentions=tuple(novel))


def read(path: Path, sql: str, parameters: tuple[object, ...] = ()) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, parameters)]


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db", FULL, EXCERPT, METADATA) as opened:
        for source in ("full", "excerpt", "metadata"):
            url = f"https://harbour.example/{source}"
            show(opened, make_article("The Tidewater Pilot takes up to 1,200 people.", url=url), "2026-08-01T10:00:00Z", source=source)
        extract(opened, find, "2026-08-01T11:00:00Z")
        yield opened


@pytest.fixture
def target(tmp_path):
    return tmp_path / "public" / "facts.db"


def build(archive: Archive, target: Path, **changes: Any):
    return publish(archive.path, target, make_registry(**changes), NOON)


# ---------------------------------------------------------------- the file


def test_the_file_is_whole_and_in_no_journal(archive, target):
    done = build(archive, target)
    assert [path.name for path in target.parent.iterdir()] == ["facts.db"]
    assert read(target, "PRAGMA journal_mode") == [{"journal_mode": "delete"}]
    assert read(target, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert read(target, "PRAGMA foreign_key_check") == []
    assert done.rows == {table.name: read(target, f'SELECT count(*) AS n FROM "{table.name}"')[0]["n"] for table in PUBLIC}
    assert read(target, "SELECT * FROM publication") == [{"published_at": NOON, "schema_version": SCHEMA_VERSION, "pipeline_version": PIPELINE, "digest": done.digest, "as_of": None}]


def test_a_reader_of_the_old_file_keeps_it_while_the_new_one_takes_its_place(archive, target):
    build(archive, target)
    with closing(sqlite3.connect(target)) as reader:
        show(archive, make_article("Another.", url="https://harbour.example/b"), "2026-08-02T10:00:00Z", source="full")
        build(archive, target)
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (3,)
    assert read(target, "SELECT count(*) AS n FROM articles") == [{"n": 4}]


def test_what_an_interrupted_publication_left_is_no_hindrance(archive, target):
    target.parent.mkdir()
    (target.parent / "facts.db.new").write_bytes(b"half of a database")
    build(archive, target)
    assert [path.name for path in target.parent.iterdir()] == ["facts.db"]


def bad_span(archive: Archive) -> None:
    archive.db.execute("UPDATE fact_marks SET quote = 'other words'")


def no_evidence(archive: Archive) -> None:
    archive.db.execute("DELETE FROM fact_marks")


def lost_version(archive: Archive) -> None:
    archive.db.execute("UPDATE articles SET version_id = 'lost'")


def unknown_pathway(archive: Archive) -> None:
    archive.db.execute("UPDATE facts SET pathway_id = 'ca-none'")


def unknown_jurisdiction(archive: Archive) -> None:
    archive.db.execute("UPDATE sources SET jurisdiction_id = 'XX'")


@pytest.mark.parametrize(("damage", "says"), [
    (bad_span, "x_bad_span"), (no_evidence, "x_fact_without_evidence"), (lost_version, "x_wrong_current_version"),
    (unknown_pathway, "facts"), (unknown_jurisdiction, "sources"),  # rows that point to nothing
])
def test_a_faulty_archive_leaves_the_old_file_and_says_what_is_wrong(archive, target, damage, says):
    build(archive, target)
    before = target.read_bytes()
    damage(archive)
    archive.db.conn.commit()
    with pytest.raises(PublishError, match=says) as caught:
        build(archive, target)
    assert "old database stays" in str(caught.value)
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["facts.db"]


def test_a_vocabulary_with_a_fault_leaves_the_old_file(archive, target):
    build(archive, target)
    before = target.read_bytes()
    registry = make_registry()
    with pytest.raises(sqlite3.IntegrityError):
        build(archive, target, pathways=[*registry.pathways, registry.pathways[0]])  # one id twice
    assert target.read_bytes() == before


def test_a_missing_archive_is_named(tmp_path, target):
    with pytest.raises(PublishError, match="no archive database"):
        publish(tmp_path / "none.db", target, make_registry(), NOON)
    assert not target.exists()


def test_an_empty_archive_gives_an_empty_database_with_its_vocabulary(tmp_path, target):
    with open_archive(tmp_path / "archive.db") as archive:
        done = build(archive, target)
    assert (done.rows["facts"], done.rows["articles"], done.rows["sources"]) == (0, 0, 1)
    assert done.rows["pathways"] > 0


# ---------------------------------------------------------------- whose texts are shown


@pytest.mark.parametrize(("policy", "body", "quotes"), [("full", True, True), ("excerpt", False, True), ("metadata", False, False)])
def test_texts_are_shown_as_far_as_the_sources_policy_goes(archive, target, policy, body, quotes):
    build(archive, target)
    [version] = read(target, "SELECT v.* FROM article_versions v JOIN articles a USING (article_id) WHERE source_id = ?", (policy,))
    assert (version["text"] is not None) == body
    assert version["title"] == "Harbour pilot"
    text = "Harbour pilot\n\nThe Tidewater Pilot takes up to 1,200 people."
    assert version["text_sha256"] == hashlib.sha256(text.encode()).hexdigest()  # offsets stay checkable without the text
    facts = read(target, "SELECT * FROM facts WHERE source_id = ?", (policy,))
    assert bool(facts) == quotes
    assert bool(read(target, "SELECT * FROM marks JOIN facts USING (fact_id) WHERE source_id = ?", (policy,))) == quotes
    assert bool(read(target, "SELECT * FROM candidates JOIN articles USING (article_id) WHERE source_id = ?", (policy,))) == quotes
    assert read(target, "SELECT facts FROM articles WHERE source_id = ?", (policy,)) == [{"facts": int(quotes)}]


def test_a_source_of_metadata_gives_no_words_but_titles(tmp_path, target):
    with open_archive(tmp_path / "archive.db", METADATA) as archive:
        show(archive, make_article("The Tidewater Pilot takes up to 1,200 people.", note="Unquotable."), "2026-08-01T10:00:00Z", source="metadata")
        extract(archive, find, "2026-08-01T11:00:00Z")
        build(archive, target)
    content = target.read_bytes()
    assert b"Harbour pilot" in content
    assert b"takes up to" not in content
    assert b"Unquotable" not in content
    assert b"Tidewater" not in content


@pytest.mark.parametrize("filler", ["plain words ", "🍁🇨🇦 ", "l’été, naïve ", ""])
@pytest.mark.parametrize(("lead", "trail"), [(0, 0), (1, 1), (59, 59), (60, 60), (61, 61), (500, 500)])
def test_evidence_is_cut_exactly_with_sixty_characters_on_either_side(tmp_path, target, filler, lead, trail):
    before, after = (filler * 100)[:lead].strip(), (filler * 100)[:trail].strip()
    with open_archive(tmp_path / "archive.db", FULL) as archive:
        article = make_article(f"{before} up to 1,200 people {after}".strip(), title="T")
        show(archive, article, "2026-08-01T10:00:00Z", source="full")
        extract(archive, find, "2026-08-01T11:00:00Z")
        build(archive, target)
    [fact] = read(target, "SELECT f.*, v.text FROM facts f JOIN article_versions v USING (version_id)")
    text, start = article.text, article.text.index("up to 1,200 people")
    end = start + len("up to 1,200 people")
    assert (fact["clause_start"], fact["clause_end"], fact["evidence"]) == (start, end, "up to 1,200 people")
    assert fact["evidence_before"] == text[max(0, start - CONTEXT):start]
    assert fact["evidence_after"] == text[end:end + CONTEXT]
    assert fact["text"] == text


# ---------------------------------------------------------------- what facts become


def test_superseded_and_withdrawn_facts_stay_and_say_so(archive, target):
    url = "https://harbour.example/full"
    show(archive, make_article("The pilot takes up to 1,300 people.", url=url, note="Corrected."), "2026-08-02T10:00:00Z", source="full")
    extract(archive, find, "2026-08-02T11:00:00Z")
    extract(archive, lambda text: make_record() if "Tidewater" in text else find(text), "2026-08-03T11:00:00Z", "pipeline-2")
    build(archive, target)
    assert {(row["source_id"], row["value"], row["status"]) for row in read(target, "SELECT * FROM facts")} == {
        ("full", "1200", "withdrawn"), ("full", "1300", "current"), ("excerpt", "1200", "withdrawn")}
    assert read(target, "SELECT facts, versions FROM articles WHERE source_id = 'full'") == [{"facts": 1, "versions": 2}]


def test_a_corrected_figure_shows_old_and_new(archive, target):
    show(archive, make_article("The pilot takes up to 1,300 people.", url="https://harbour.example/full", note="Corrected."), "2026-08-02T10:00:00Z", source="full")
    extract(archive, find, "2026-08-02T11:00:00Z")
    build(archive, target)
    assert read(target, "SELECT old_value, new_value, correction_note FROM v_corrections") == [{"old_value": "1200", "new_value": "1300", "correction_note": "Corrected."}]


def test_occupations_are_linked_where_the_code_exists(archive, target):
    show(archive, make_article("Those in NOC 21231 or NOC 99999 may apply.", url="https://harbour.example/noc"), "2026-08-02T10:00:00Z", source="full")
    extract(archive, find, "2026-08-02T11:00:00Z")
    build(archive, target)
    assert read(target, "SELECT value, noc_code FROM facts WHERE attribute_id = 'eligible_noc' ORDER BY value") == [{"value": "21231", "noc_code": "21231"}, {"value": "99999", "noc_code": None}]


@pytest.mark.parametrize(("changes", "year"), [
    ({"period": "2025-03"}, 2025), ({"period": "XXXX-07-16"}, 2026), ({"period": None}, 2026), ({"attribute": "opens_on", "value": "2024-01-15", "period": "2023"}, 2024),
])
def test_a_fact_has_the_year_of_its_date_or_period_or_article(tmp_path, target, changes, year):
    with open_archive(tmp_path / "archive.db", FULL) as archive:
        show(archive, make_article("up to 1,200 people", published="2026-08-01"), "2026-08-01T10:00:00Z", source="full")
        extract(archive, lambda text: make_record(make_fact(text, "1,200", **changes)), "2026-08-01T11:00:00Z")
        build(archive, target)
    assert read(target, "SELECT year FROM facts") == [{"year": year}]


def test_figures_on_draws_are_checked_against_the_record(archive, target):
    capture = make_capture(source="full", role="rounds", url="https://harbour.example/rounds")
    archive.keep_capture(capture)
    archive.keep_round(capture, make_round())
    archive.keep_round(capture, make_round("431", name="A round of a new kind", invitations=None, raw={"drawNumber": "431"}))
    show(archive, make_article("Canada invited 3,000 candidates with 511 points.", url="https://harbour.example/draw", published="2026-07-22"), "2026-08-02T10:00:00Z", source="excerpt")
    extract(archive, find, "2026-08-02T11:00:00Z")
    done = build(archive, target)
    assert done.checks == {"agree": 2}
    assert {row["draw_id"] for row in read(target, "SELECT draw_id FROM checks")} == {"ca-ee-430"}
    assert read(target, "SELECT draw_id, pathway_id, year FROM draws ORDER BY 1") == [
        {"draw_id": "ca-ee-430", "pathway_id": "ca-ee-cec", "year": 2026}, {"draw_id": "ca-ee-431", "pathway_id": None, "year": 2026}]
    assert read(target, "SELECT checked, agreeing, share_agreeing FROM v_source_accuracy WHERE attribute_id = 'invitations'") == [{"checked": 1, "agreeing": 1, "share_agreeing": 1.0}]
    assert read(target, "SELECT articles, disagreements FROM v_draw_coverage WHERE draw_id = 'ca-ee-430'") == [{"articles": 1, "disagreements": 0}]


def test_a_denied_figure_is_not_checked(archive, target):
    capture = make_capture(source="full", role="rounds", url="https://harbour.example/rounds")
    archive.keep_capture(capture)
    archive.keep_round(capture, make_round())
    show(archive, make_article("Canada invited 3,000 candidates with 511 points.", url="https://harbour.example/draw"), "2026-08-02T10:00:00Z", source="excerpt")
    extract(archive, lambda text: make_record(*({**fact, "modality": "denied"} for fact in find(text)["facts"])), "2026-08-02T11:00:00Z")
    assert build(archive, target).checks == {}


def test_a_round_that_the_vocabulary_doesnt_know_by_its_pathway_is_still_published(archive, target):
    capture = make_capture(source="full", role="rounds", url="https://harbour.example/rounds")
    archive.keep_capture(capture)
    archive.keep_round(capture, make_round())
    build(archive, target, pathway_of_round=lambda name, program: "ca-unheard-of")
    assert read(target, "SELECT pathway_id FROM draws") == [{"pathway_id": None}]


def test_the_health_of_each_source_is_that_of_its_last_finished_crawl(archive, target):
    tally = Tally(pages=2, new=1, failures=[Failure("https://harbour.example/x", "http", "HTTP status 500")])
    archive.finish_crawl("crawl-full", "2026-08-01T09:05:00Z", "finished", tally, "ok", "1 new", "2026-08-02T09:00:00Z")
    archive.begin_crawl("killed", "full", "2026-08-02T09:00:00Z")
    build(archive, target)
    rows = {row["source_id"]: (row["last_crawl_at"], row["verdict"], row["errors_by_kind"]) for row in read(target, "SELECT * FROM source_health")}
    assert rows == {"full": ("2026-08-01T09:00:00Z", "ok", '{"http": 1}'), "excerpt": (None, None, None), "metadata": (None, None, None)}


def test_only_captures_that_something_rests_on_are_published(archive, target):
    archive.keep_capture(make_capture(source="full", url="https://harbour.example/robots.txt", role="robots"))
    assert build(archive, target).rows["captures"] == 3
