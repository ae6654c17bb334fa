"""The archive: every keep_* may be repeated, versions follow the text, and nothing that was seen is lost."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.article import Article, Passage, assemble
from crawlers.health import Failure, Tally
from crawlers.warc import Capture
from db.archive import Archive
from tests.db.archive_sample import (
    URL,
    faults,
    make_article,
    make_capture,
    make_round,
    make_source,
    open_archive,
    show,
)


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "data" / "archive.db") as opened:
        yield opened


def versions(archive: Archive) -> list[tuple[int, str, str]]:
    return [(row["version_no"], row["text"].rpartition("\n\n")[2], row["change_kind"]) for row in archive.rows("SELECT * FROM article_versions ORDER BY version_no")]


def current(archive: Archive) -> dict:
    return archive.one("SELECT a.*, v.version_no, v.text FROM articles a JOIN article_versions v USING (version_id)")


# ---------------------------------------------------------------- the file


def test_the_file_keeps_what_a_killed_process_wrote(archive):
    settings_ = {name: archive.one(f"PRAGMA {name}")[name] for name in ("journal_mode", "foreign_keys")}
    assert settings_ == {"journal_mode": "wal", "foreign_keys": 1}


def test_rows_point_to_rows(archive):
    with pytest.raises(sqlite3.IntegrityError):
        archive.keep_capture(make_capture(source="nobody"))


def test_a_second_process_reads_while_the_first_writes(archive):
    archive.keep_capture(make_capture())
    with Archive(archive.path, Capture) as other:
        assert other.one("SELECT count(*) AS n FROM captures") == {"n": 1}


# ---------------------------------------------------------------- sources and crawls


def test_sources_follow_their_files(archive):
    archive.keep_sources([make_source(name="Renamed", text_policy="metadata", note="  quirks \n"), make_source("second", enabled=False)])
    rows = {row["source_id"]: row for row in archive.rows("SELECT * FROM sources")}
    assert (rows["harbour"]["name"], rows["harbour"]["text_policy"], rows["harbour"]["note"]) == ("Renamed", "metadata", "quirks")
    assert rows["second"]["enabled"] == 0


def test_a_crawl_that_never_ended_is_marked_killed_by_the_next(archive):
    archive.begin_crawl("later", "harbour", "2026-08-02T09:00:00Z")
    archive.begin_crawl("later", "harbour", "2026-08-02T09:00:00Z")  # twice does no harm
    reasons = {row["crawl_id"]: (row["finish_reason"], row["finished_at"]) for row in archive.rows("SELECT * FROM crawls")}
    assert reasons == {"crawl-harbour": ("killed", None), "later": (None, None)}


def test_another_sources_crawl_is_none_of_its_business(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source("one"), make_source("two")) as archive:
        assert {row["finish_reason"] for row in archive.rows("SELECT * FROM crawls")} == {None}


def finish(archive: Archive, crawl: str, reason: str, tally: Tally, verdict: str = "ok") -> None:
    archive.finish_crawl(crawl, "2026-08-01T09:05:00Z", reason, tally, verdict, "why", "2026-08-02T09:00:00Z")


def test_a_crawls_end_is_kept_and_shown_with_its_source(archive):
    tally = Tally(requests=5, pages=3, new=1, changed=1, unchanged=1, not_modified=1, newest_published="2026-08-01", failures=[Failure(URL, "http", "HTTP status 500")])
    finish(archive, "crawl-harbour", "finished", tally)
    [row] = archive.last_crawls()
    assert (row["verdict"], row["pages"], row["errors"], json.loads(row["errors_by_kind"])) == ("ok", 3, 1, {"http": 1})
    assert (row["last_success_at"], row["due_at"]) == ("2026-08-01T09:00:00Z", "2026-08-02T09:00:00Z")


def test_a_replay_leaves_the_record_of_a_finished_crawl_and_ends_an_unfinished_one(archive):
    archive.begin_crawl("unfinished", "harbour", "2026-08-02T09:00:00Z")
    finish(archive, "crawl-harbour", "finished", Tally(pages=3))
    finish(archive, "crawl-harbour", "replayed", Tally(pages=0), "thin")
    finish(archive, "unfinished", "replayed", Tally(pages=2))
    rows = {row["crawl_id"]: (row["finish_reason"], row["pages"], row["verdict"]) for row in archive.rows("SELECT * FROM crawls")}
    assert rows == {"crawl-harbour": ("finished", 3, "ok"), "unfinished": ("replayed", 2, "ok")}


def test_a_source_that_was_never_crawled_is_listed(tmp_path):
    with Archive(tmp_path / "archive.db") as archive:
        archive.keep_sources([make_source()])
        [row] = archive.last_crawls()
    assert (row["source_id"], row["crawl_id"], row["verdict"]) == ("harbour", None, None)


def test_failures_are_kept_once_and_found_by_crawl(archive):
    for _ in range(2):
        archive.keep_failure("crawl-harbour", Failure(URL, "http", "HTTP status 500"), "2026-08-01T09:01:00Z")
    archive.keep_failure("crawl-harbour", Failure(URL, "http", "HTTP status 502"), "2026-08-01T09:02:00Z")  # another fault at the same page
    assert [failure["detail"] for failure in archive.failures_of(["crawl-harbour"])] == ["HTTP status 500", "HTTP status 502"]
    assert archive.failures_of([]) == []
    assert archive.failures_of(["another"]) == []


def test_recent_crawls_are_the_newest_of_each_source_killed_ones_too_but_nothing_taken_over(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source("one"), make_source("two")) as archive:
        for day in range(2, 6):
            archive.begin_crawl(f"2026080{day}T090000000Z-one", "one", f"2026-08-0{day}T09:00:00Z")
        archive.begin_crawl("20260809T090000000Z-import-one", "one", "2026-08-04T12:00:00Z")
        archive.finish_crawl("20260804T090000000Z-one", "2026-08-04T09:05:00Z", "finished", Tally(), "gone", "why", None)
        recent = archive.recent_crawls("2026-08-04T23:59:59Z", 2)
        assert [(row["source_id"], row["started_at"][:10], row["finish_reason"], row["verdict"]) for row in recent] == [
            ("one", "2026-08-04", "finished", "gone"), ("one", "2026-08-03", "killed", None), ("two", "2026-08-01", None, None),
        ]
        assert {row["source_id"] for row in archive.recent_crawls("2026-08-09T00:00:00Z", 9, "two")} == {"two"}
        assert archive.recent_crawls("2026-07-31T00:00:00Z", 9) == []


# ---------------------------------------------------------------- captures


def test_a_capture_is_kept_once(archive):
    capture = make_capture()
    assert [archive.keep_capture(capture), archive.keep_capture(capture)] == [True, False]
    assert archive.one("SELECT count(*) AS n FROM captures") == {"n": 1}


def test_the_last_payload_comes_back_as_it_was_kept(archive):
    capture = make_capture(etag='"1"', last_modified="Sat, 01 Aug 2026 10:00:00 GMT")
    archive.keep_capture(capture)
    assert archive.last_payload("harbour", URL) == capture


@pytest.mark.parametrize("changes", [
    {"status": 404}, {"status": 304, "record_type": "revisit"}, {"url": "https://harbour.example/b"},
])
def test_only_an_answer_200_with_its_payload_counts(archive, changes):
    capture = make_capture(**changes)
    archive.keep_capture(capture)
    assert archive.last_payload("harbour", URL) is None


def test_another_sources_payload_is_not_taken(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source("one"), make_source("two")) as archive:
        archive.keep_capture(make_capture(source="one"))
        assert archive.last_payload("two", URL) is None
        assert archive.last_payload("one", URL) is not None


def test_the_newest_payload_wins_in_whatever_order_captures_come(archive):
    newer, older = make_capture("2026-08-03T10:00:00Z"), make_capture("2026-08-02T10:00:00Z")
    archive.keep_capture(newer)
    archive.keep_capture(older)
    assert archive.last_payload("harbour", URL).id == newer.id


def test_a_revisit_brings_newer_validators(archive):
    first = make_capture(etag='"1"', last_modified="Sat, 01 Aug 2026 10:00:00 GMT")
    archive.keep_capture(first)
    for at, etag in (("2026-08-02T10:00:00Z", '"2"'), ("2026-08-03T10:00:00Z", '"3"')):
        archive.keep_capture(make_capture(at, status=304, record_type="revisit", refers_to=first.id, etag=etag))
    last = archive.last_payload("harbour", URL)
    assert (last.id, last.etag, last.last_modified) == (first.id, '"3"', "Sat, 01 Aug 2026 10:00:00 GMT")


# ---------------------------------------------------------------- articles


def test_a_text_is_new_then_unchanged_then_changed(archive):
    one, two = make_article("Up to 1,200 people."), make_article("Up to 1,300 people.")
    outcomes = [show(archive, article, f"2026-08-0{day}T10:00:00Z") for day, article in enumerate((one, one, two, two), 1)]
    assert outcomes == ["new", "unchanged", "changed", "unchanged"]
    assert versions(archive) == [(1, "Up to 1,200 people.", "first"), (2, "Up to 1,300 people.", "edit")]
    row = current(archive)
    assert (row["version_no"], row["first_seen_at"], row["last_checked_at"]) == (2, "2026-08-01T10:00:00Z", "2026-08-04T10:00:00Z")


def test_the_same_capture_twice_has_no_effect(archive):
    capture = make_capture()
    archive.keep_capture(capture)
    archive.keep_article(capture, make_article("Text."))
    before = list(archive.db.conn.iterdump())
    assert archive.keep_article(capture, make_article("Text.")) == "unchanged"
    assert list(archive.db.conn.iterdump()) == before


def test_a_publishers_note_makes_a_correction(archive):
    show(archive, make_article("1,200"), "2026-08-01T10:00:00Z")
    show(archive, make_article("1,300", note="We gave a wrong figure."), "2026-08-02T10:00:00Z")
    assert [kind for *_, kind in versions(archive)] == ["first", "correction"]


def test_a_note_on_the_first_text_seen_is_no_change(archive):
    show(archive, make_article("1,300", note="We gave a wrong figure."), "2026-08-01T10:00:00Z")
    assert [kind for *_, kind in versions(archive)] == ["first"]


def test_going_back_to_an_earlier_text_makes_no_third_version(archive):
    one, two = make_article("A"), make_article("B")
    for day, article in enumerate((one, two, one), 1):
        show(archive, article, f"2026-08-0{day}T10:00:00Z")
    assert len(versions(archive)) == 2
    assert (current(archive)["version_no"], current(archive)["last_checked_at"]) == (1, "2026-08-03T10:00:00Z")


def test_an_older_capture_that_comes_late_doesnt_become_current(archive):
    # Archives may be replayed in any order.
    show(archive, make_article("new"), "2026-08-03T10:00:00Z")
    show(archive, make_article("old"), "2026-08-01T10:00:00Z")
    assert current(archive)["text"].endswith("new")
    assert current(archive)["last_checked_at"] == "2026-08-03T10:00:00Z"
    assert len(versions(archive)) == 2


def test_what_a_revisit_shows_rests_on_the_capture_that_holds_the_payload(archive):
    first = make_capture("2026-08-01T10:00:00Z")
    again = make_capture("2026-08-02T10:00:00Z", status=304, record_type="revisit", refers_to=first.id)
    archive.keep_capture(first)
    archive.keep_capture(again)
    archive.keep_article(again, make_article("Text."))
    [version] = archive.rows("SELECT capture_id, recorded_at FROM article_versions")
    assert version == {"capture_id": first.id, "recorded_at": "2026-08-01T10:00:00Z"}


def test_one_address_at_two_sources_is_two_articles(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source("one"), make_source("two")) as archive:
        assert [show(archive, make_article("Text."), "2026-08-01T10:00:00Z", source=source) for source in ("one", "two")] == ["new", "new"]


def test_a_gone_address_is_marked_once_and_unmarked_when_it_answers_again(archive):
    show(archive, make_article("Text."), "2026-08-01T10:00:00Z")
    for day in (2, 3):
        archive.mark_gone("harbour", URL, f"2026-08-0{day}T10:00:00Z")
    assert current(archive)["gone_at"] == "2026-08-02T10:00:00Z"
    archive.mark_gone("harbour", "https://harbour.example/never-kept", "2026-08-03T10:00:00Z")  # nothing to mark
    show(archive, make_article("Text."), "2026-08-04T10:00:00Z")
    assert current(archive)["gone_at"] is None


def test_the_newest_date_comes_from_articles_or_draws(archive):
    assert archive.newest_published("harbour") is None
    show(archive, make_article("Text.", published="2026-07-01"), "2026-08-01T10:00:00Z")
    assert archive.newest_published("harbour") == "2026-07-01"
    capture = make_capture()
    archive.keep_capture(capture)
    archive.keep_round(capture, make_round())
    assert archive.newest_published("harbour") == "2026-07-21"


def test_blocks_keep_their_offsets_tables_and_cells(archive):
    text, blocks = assemble([
        Passage("title", "NOC list"), Passage("heading", "Eligible", level=2),
        Passage("row", "Code | Title", table=0, row=0, header=True, cells=("Code", "Title")), Passage("row", "21231 | Engineers 🍁", table=0, row=1, cells=("21231", "Engineers 🍁")),
        Passage("item", "one", level=1), Passage("caption", "A picture"),
    ])
    show(archive, Article(URL, URL, "NOC list", None, None, None, "en", text, blocks, "generic@1"), "2026-08-01T10:00:00Z")
    rows = archive.rows("SELECT b.*, substr(v.text, start_char + 1, end_char - start_char) AS words FROM article_blocks b JOIN article_versions v USING (version_id) ORDER BY block_no")
    assert [row["words"] for row in rows] == ["NOC list", "Eligible", "Code | Title", "21231 | Engineers 🍁", "one", "A picture"]
    assert [(row["table_no"], row["row_no"], row["header"]) for row in rows if row["kind"] == "row"] == [(0, 0, 1), (0, 1, 0)]
    assert [text[start:end] for start, end in json.loads(rows[3]["cells"])] == ["21231", "Engineers 🍁"]


words = st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "M")), min_size=1, max_size=20)


@settings(deadline=None, max_examples=40)
@given(st.lists(words, min_size=1, max_size=6))
def test_any_text_and_its_blocks_come_back_whole(paragraphs):
    article = make_article(*paragraphs)
    with open_archive(_memory()) as archive:
        show(archive, article, "2026-08-01T10:00:00Z")
        rows = archive.rows("SELECT v.text, substr(v.text, start_char + 1, end_char - start_char) AS words FROM article_blocks b JOIN article_versions v USING (version_id) ORDER BY block_no")
    assert rows[0]["text"] == article.text
    assert [row["words"] for row in rows] == ["Harbour pilot", *paragraphs]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 28), st.sampled_from("ABC"), st.booleans()), min_size=1, max_size=8))
def test_any_sequence_of_captures_leaves_the_archive_sound(seen):
    with open_archive(_memory()) as archive:
        for day, text, gone in seen:
            if gone:
                archive.mark_gone("harbour", URL, f"2026-08-{day:02}T10:00:00Z")
            else:
                show(archive, make_article(text), f"2026-08-{day:02}T10:00:00Z")
        shown = [(day, text) for day, text, gone in seen if not gone]
        if shown:
            newest = max(day for day, _ in shown)
            # The last capture of the newest day shows what is current.
            assert current(archive)["text"].rpartition("\n\n")[2] == [text for day, text in shown if day == newest][-1]
            numbers = [number for number, *_ in versions(archive)]
            assert numbers == list(range(1, len({text for _, text in shown}) + 1))
        assert faults(archive) == {}


class _memory:  # noqa: N801 - stands in the place of a path
    """A database that lives in memory: quick to make anew for each example."""

    parent = type("Folder", (), {"mkdir": staticmethod(lambda **_: None)})

    def __fspath__(self):
        return ":memory:"


# ---------------------------------------------------------------- official rounds


def keep(archive: Archive, at: str, **changes) -> str:
    capture = make_capture(at, role="rounds")
    archive.keep_capture(capture)
    return archive.keep_round(capture, make_round(**changes))


def raw(**changes: str) -> dict[str, str]:
    return make_round().raw | changes


def test_a_round_is_new_then_unchanged(archive):
    assert [keep(archive, "2026-08-01T10:00:00Z"), keep(archive, "2026-08-02T10:00:00Z")] == ["new", "unchanged"]
    [draw] = archive.rows("SELECT * FROM draws")
    assert (draw["draw_id"], draw["invitations"], draw["cutoff_score"], draw["pool_total"], draw["first_seen_at"]) == ("ca-ee-430", 3000, 511, None, "2026-08-01T10:00:00Z")
    assert archive.rows("SELECT * FROM draw_revisions") == []


def test_each_changed_field_is_a_revision_of_its_own(archive):
    keep(archive, "2026-08-01T10:00:00Z")
    assert keep(archive, "2026-08-02T10:00:00Z", invitations=3100, raw=raw(drawSize="3,100", drawCRS="511")) == "changed"
    revisions = archive.rows("SELECT field, old_value, new_value, seen_at FROM draw_revisions ORDER BY field")
    assert [(row["field"], row["old_value"], row["new_value"]) for row in revisions] == [("drawCRS", None, "511"), ("drawSize", "3,000", "3,100")]
    assert {row["seen_at"] for row in revisions} == {"2026-08-02T10:00:00Z"}
    assert archive.one("SELECT invitations FROM draws") == {"invitations": 3100}


def test_a_field_that_goes_to_and_fro_has_a_revision_for_each_change(archive):
    for day, size in enumerate(("3,000", "3,100", "3,000", "3,100"), 1):
        keep(archive, f"2026-08-0{day}T10:00:00Z", raw=raw(drawSize=size))
    assert [row["new_value"] for row in archive.rows("SELECT new_value FROM draw_revisions ORDER BY seen_at")] == ["3,100", "3,000", "3,100"]


def test_a_revisions_id_says_what_changed_and_not_which_capture_showed_it(tmp_path):
    # Two archives that saw the same change at different times know the same.
    ids = []
    for name, day in (("one", 2), ("two", 5)):
        with open_archive(tmp_path / f"{name}.db") as archive:
            keep(archive, "2026-08-01T10:00:00Z")
            keep(archive, f"2026-08-0{day}T10:00:00Z", raw=raw(drawSize="3,100"))
            ids.append([row["revision_id"] for row in archive.rows("SELECT revision_id FROM draw_revisions")])
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1


def test_an_older_capture_of_the_rounds_changes_nothing(archive):
    keep(archive, "2026-08-03T10:00:00Z", invitations=3100, raw=raw(drawSize="3,100"))
    assert keep(archive, "2026-08-01T10:00:00Z") == "unchanged"
    assert archive.one("SELECT invitations FROM draws") == {"invitations": 3100}
    assert archive.rows("SELECT * FROM draw_revisions") == []


def test_warnings_and_the_feeds_own_row_are_kept(archive):
    keep(archive, "2026-08-01T10:00:00Z", warnings=("the pool adds up to 12 more", "tie-break unreadable"))
    [draw] = archive.rows("SELECT warnings, raw, issued_at_raw FROM draws")
    assert draw["warnings"] == "the pool adds up to 12 more; tie-break unreadable"
    assert json.loads(draw["raw"]) == make_round().raw
    assert draw["issued_at_raw"] == "July 21, 2026 at 12:00:00 UTC"


def test_numbers_with_letters_are_draws_of_their_own(archive):
    for number in ("91a", "91b"):
        keep(archive, "2026-08-01T10:00:00Z", number=number)
    assert [row["draw_id"] for row in archive.rows("SELECT draw_id FROM draws ORDER BY 1")] == ["ca-ee-91a", "ca-ee-91b"]


def test_what_make_capture_makes_is_the_callers_business(tmp_path):
    with open_archive(tmp_path / "archive.db") as archive:
        capture = make_capture()
        archive.keep_capture(capture)
    with Archive(tmp_path / "archive.db") as archive:
        assert archive.last_payload("harbour", URL)["offset"] == capture.offset
    assert replace(capture, offset=0) != capture
