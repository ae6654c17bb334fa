"""Changes of texts: which passages differ, told readably and in bounded time, kept once, and quoted only as far as a source's texts may be."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.as_of import end_of_day
from db.changes import CONTEXT, LONGEST_QUOTE, MOST_QUOTED, settle_changes
from db.corrections import settle_corrections
from db.differences import MOST_BLOCKS, MOST_PASSAGES, MOST_WORDS, find_differences
from db.publish import publish
from tests.commands import ask
from tests.db.archive_sample import (
    URL,
    extract,
    faults,
    make_article,
    make_capture,
    make_fact,
    make_record,
    make_registry,
    make_source,
    open_archive,
    show,
)

NOW = "2026-08-09T12:00:00Z"
INTRO = "The stream opened in March, and employers in the north of the province have used it most since then."
RULES = "It takes up to 1,200 people a year. The fee is $155, and language results of level 5 are asked for."


def join(*blocks: str) -> tuple[str, list[tuple[int, int]]]:
    text, spans = "", []
    for block in blocks:
        text += "\n\n" if text else ""
        spans.append((len(text), len(text) + len(block)))
        text += block
    return text, spans


def compare(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Kind, old words and new words of each difference."""
    (before, before_spans), (after, after_spans) = join(*old), join(*new)
    return [(one.kind, before[one.old_start:one.old_end], after[one.new_start:one.new_end]) for one in find_differences(before, before_spans, after, after_spans)]


# ---------------------------------------------------------------- what is told


@pytest.mark.parametrize(("old", "new", "told"), [
    ((INTRO, RULES), (INTRO, RULES.replace("1,200", "1,250")), [("replaced", "1,200", "1,250")]),
    ((INTRO, RULES), (INTRO, RULES.replace("1,200", "1,250").replace("level 5", "level 7")), [("replaced", "1,200", "1,250"), ("replaced", "5", "7")]),
    ((INTRO, RULES), (INTRO, RULES, "It is full."), [("added", "", "It is full.")]),
    ((INTRO, RULES), (RULES,), [("removed", INTRO, "")]),
    ((INTRO, RULES), (INTRO, RULES.replace(" a year", "")), [("removed", "a year", "")]),
    ((INTRO,), (INTRO.replace("in March", "in March and closed in June"),), [("added", "", "and closed in June")]),
    ((INTRO,), ("Nothing of it is left here today.",), [("replaced", INTRO, "Nothing of it is left here today.")]),
    ((INTRO, "31301 | Nurses"), (INTRO, "31301 | Nurses", "21231 | Engineers"), [("added", "", "21231 | Engineers")]),
    ((RULES, INTRO), (RULES.replace("$155", "$165"), "New: " + INTRO), [("replaced", "155", "165"), ("added", "", "New:")]),
    ((INTRO, RULES), (INTRO, RULES), []),
    ((), ("All new.",), [("added", "", "All new.")]),
    (("All gone.",), (), [("removed", "All gone.", "")]),
])
def test_changes_are_told_by_their_words(old, new, told):
    assert compare(old, new) == told


def test_the_same_words_in_other_lines_are_another_layout():
    (old, spans), new = join(INTRO, RULES), INTRO + "\n" + RULES
    [found] = find_differences(old, spans, new, [(0, len(INTRO)), (len(INTRO) + 1, len(new))])
    assert found.kind == "layout"


def test_what_lies_outside_of_the_blocks_is_compared_too():
    old, new = f"Title\n\n{RULES}", f"Title\n\n{RULES.replace('1,200', '1,250')}"
    [found] = find_differences(old, [(0, 5)], new, [(0, 5)])
    assert (old[found.old_start:found.old_end], new[found.new_start:found.new_end]) == ("1,200", "1,250")


def rebuild(old: str, new: str, found: list) -> str:
    """The new text as the old one with its changes made; white space between words aside."""
    parts, at = [], 0
    for one in found:
        parts += [old[at:one.old_start], " ", new[one.new_start:one.new_end], " "]
        at = one.old_end
    return "".join("".join([*parts, old[at:]]).split())


_blocks = st.lists(st.sampled_from([INTRO, RULES, RULES.replace("5", "7"), "It is full.", "a b", "a b c", "x", "31301 | Nurses"]), max_size=7)


@given(_blocks, _blocks)
def test_the_changes_lead_from_the_old_text_to_the_new(old, new):
    (before, before_spans), (after, after_spans) = join(*old), join(*new)
    found = find_differences(before, before_spans, after, after_spans)
    if any(one.kind == "layout" for one in found):
        assert "".join(before.split()) == "".join(after.split())
        return
    assert rebuild(before, after, found) == "".join(after.split())
    for one in found:
        empty_old, empty_new = one.old_start == one.old_end, one.new_start == one.new_end
        assert (one.kind == "added", one.kind == "removed") == (empty_old, empty_new)


@pytest.mark.parametrize(("old", "new"), [
    ([f"row {n}" for n in range(20_000)], [f"row {n}" for n in range(20_000, 40_000)]),
    (["row"] * 20_000, [f"row {n % 7}" for n in range(20_000)]),
    (["a b " * 20_000], ["b a c " * 20_000]),
    (["row"] * MOST_BLOCKS, ["row", "line"] * (MOST_BLOCKS // 2)),
    (["a b " * (MOST_WORDS // 2)], ["b c a " * (MOST_WORDS // 3)]),
    ([f"w{n} " * 40 for n in range(1_400)], [f"w{n} " * 39 for n in range(1_400)]),
])
def test_long_texts_take_no_long_time_and_no_long_list(old, new):
    (before, before_spans), (after, after_spans) = join(*old), join(*new)
    started = time.process_time()
    found = find_differences(before, before_spans, after, after_spans)
    assert time.process_time() - started < 5
    assert 0 < len(found) <= MOST_PASSAGES
    assert len(found) < MOST_PASSAGES or found[-1].kind == "more"


# ---------------------------------------------------------------- kept and published


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source(), make_source("office", owner_group="crown", official=True, kind="page", text_policy="full"), make_source("secret", text_policy="metadata")) as opened:
        yield opened


def read(archive, sql: str, as_of: str | None = None):
    target = archive.path.with_name("facts.db")
    publish(archive.path, target, make_registry(), NOW, as_of)
    return ask(target, sql)


PASSAGES = "SELECT kind, context_before, old_passage, new_passage, context_after FROM version_changes ORDER BY version_id, place"


def test_a_changed_passage_is_published_with_its_surroundings(archive):
    for day, number in ((1, "1,200"), (2, "1,250")):
        show(archive, make_article(INTRO, RULES.replace("1,200", number)), f"2026-08-0{day}T10:00:00Z")
    assert settle_changes(archive) == 1
    assert settle_changes(archive) == 0
    [(kind, before, old, new, after)] = read(archive, PASSAGES)
    assert (kind, old, new) == ("replaced", "1,200", "1,250")
    assert before.endswith("It takes up to ")
    assert len(before) == CONTEXT
    assert after == RULES.partition("1,200")[2][:CONTEXT]
    assert faults(archive) == {}


def test_long_changes_are_cut_where_texts_are_not_free_and_whole_where_they_are(archive):
    long = " ".join(f"word{n}" for n in range(400))
    many = [f"Paragraph {n} of many " + "and more " * 20 for n in range(60)]
    for source in ("harbour", "office", "secret"):
        url = f"https://{source}.example/p"
        show(archive, make_article(INTRO, url=url), "2026-08-01T10:00:00Z", source=source)
        show(archive, make_article(INTRO, long, *many, url=url), "2026-08-02T10:00:00Z", source=source)
    settle_changes(archive)
    rows = read(archive, "SELECT a.source_id, c.new_passage, c.context_after FROM version_changes c JOIN articles a USING (article_id) ORDER BY a.source_id, c.place")
    assert {row[0] for row in rows} == {"harbour", "office"}
    whole = [row[1] for row in rows if row[0] == "office"]
    cut = [row for row in rows if row[0] == "harbour"]
    assert whole == [long, *many]
    assert cut[0][1] == long[:LONGEST_QUOTE] + "…"
    assert len(cut) == 61
    assert cut[-1][1:] == (None, "")  # that it was changed is told, and where; the words aren't
    assert sum(len(row[1] or "") + len(row[2]) for row in cut) <= MOST_QUOTED + LONGEST_QUOTE


def test_a_watched_policy_page_gives_a_change_record_with_the_passage(archive):
    url = "https://office.example/p"
    show(archive, make_article(INTRO, RULES, url=url), "2026-08-01T10:00:00Z", source="office")
    show(archive, make_article(INTRO, RULES.replace("$155", "$165"), "It is full.", url=url), "2026-08-08T10:00:00Z", source="office")
    show(archive, make_article(INTRO), "2026-08-01T10:00:00Z")
    show(archive, make_article(RULES), "2026-08-08T10:00:00Z")
    settle_changes(archive)
    changes = read(archive, "SELECT changed_at, kind, what, change FROM v_changes ORDER BY kind")
    assert changes == [
        ("2026-08-08T10:00:00Z", "edit", "Harbour pilot", f"Was: {INTRO} Now: {RULES}"),
        ("2026-08-08T10:00:00Z", "policy page changed", "Harbour pilot", "Was: 155 Now: 165 (1 more)"),
    ]


def test_the_version_before_is_the_last_that_was_published(archive):
    for day, number in ((1, "1,200"), (2, "9,999"), (3, "1,300")):
        show(archive, make_article(RULES.replace("1,200", number)), f"2026-08-0{day}T10:00:00Z")
    settle_changes(archive)
    archive.db.execute("UPDATE article_versions SET held = 1 WHERE version_no = 2")
    archive.db.conn.commit()
    assert settle_changes(archive) == 1
    assert [row[2:4] for row in read(archive, PASSAGES)] == [("1,200", "1,300")]


def test_an_earlier_day_has_the_changes_of_its_texts(archive):
    for day, number in ((1, "1,200"), (2, "1,250"), (5, "1,300")):
        show(archive, make_article(RULES.replace("1,200", number)), f"2026-08-0{day}T10:00:00Z")
    settle_changes(archive)
    assert {row[2:4] for row in read(archive, PASSAGES)} == {("1,200", "1,250"), ("1,250", "1,300")}
    assert [row[2:4] for row in read(archive, PASSAGES, end_of_day("2026-08-03"))] == [("1,200", "1,250")]
    assert read(archive, PASSAGES, end_of_day("2026-08-01")) == []


# ---------------------------------------------------------------- corrections, retractions and pages that are gone


def find(text: str) -> dict:
    return make_record(*(make_fact(text, words, clause=words) for words in ("1,200", "1,300") if words in text))


def kinds(archive) -> list[tuple[str, str | None]]:
    return [(row["change_kind"], row["correction_note"]) for row in archive.rows("SELECT * FROM article_versions ORDER BY version_no")]


def test_a_correction_is_one_once_and_later_edits_are_edits(archive):
    note = "Correction: it takes 1,300."
    for day, (text, words) in enumerate([("It takes 1,200.", None), ("It takes 1,300.", note), ("It takes 1,300. It is full.", note), ("It takes 1,300 or so.", note + " Twice.")], 1):
        show(archive, make_article(text, note=words), f"2026-08-0{day}T10:00:00Z")
    assert kinds(archive) == [("first", None), ("correction", note), ("edit", note), ("correction", note + " Twice.")]


def retract(article, note: str):
    from dataclasses import replace

    return replace(article, retraction_note=note)


def test_a_retraction_takes_the_facts_along_even_where_the_text_still_stands(archive):
    text, note = "It takes up to 1,200 people.", "This article has been retracted."
    show(archive, make_article(text), "2026-08-01T10:00:00Z")
    extract(archive, find, "2026-08-01T11:00:00Z")
    show(archive, retract(make_article(note, text), note), "2026-08-02T10:00:00Z")
    extract(archive, find, "2026-08-02T11:00:00Z")
    settle_changes(archive)
    settle_corrections(archive, NOW)
    assert kinds(archive) == [("first", None), ("retraction", note)]
    assert archive.rows("SELECT value, retired_reason FROM facts") == [{"value": "1200", "retired_reason": "article_changed"}]
    assert archive.rows("SELECT kind, explanation FROM corrections") == [{"kind": "source_retracted", "explanation": note}]
    assert ("retraction", f"{note} Added: {note}") in read(archive, "SELECT kind, change FROM v_changes")
    assert read(archive, "SELECT status FROM facts") == [("superseded",)]
    assert read(archive, "SELECT rank, facts FROM event_values") == [("deprecated", 0)]
    # A later pipeline finds nothing in it either, and a text that stands again speaks again.
    extract(archive, find, "2026-08-03T11:00:00Z", "pipeline-2")
    assert archive.one("SELECT count(*) AS n FROM facts WHERE retired_at IS NULL") == {"n": 0}
    show(archive, make_article(text), "2026-08-04T10:00:00Z")
    extract(archive, find, "2026-08-04T11:00:00Z", "pipeline-2")
    assert archive.rows("SELECT value, retired_reason FROM facts") == [{"value": "1200", "retired_reason": None}]
    assert faults(archive) == {}


def test_a_page_that_is_gone_retires_nothing(archive):
    show(archive, make_article("It takes up to 1,200 people."), "2026-08-01T10:00:00Z")
    extract(archive, find, "2026-08-01T11:00:00Z")
    before = archive.rows("SELECT * FROM facts"), archive.rows("SELECT * FROM fact_log"), archive.rows("SELECT event_id, retired_at, facts FROM events")
    archive.mark_gone("harbour", URL, "2026-08-02T10:00:00Z")
    extract(archive, find, "2026-08-02T11:00:00Z")
    extract(archive, find, "2026-08-03T11:00:00Z", "pipeline-2")
    assert (archive.rows("SELECT * FROM facts"), archive.rows("SELECT * FROM fact_log"), archive.rows("SELECT event_id, retired_at, facts FROM events")) == before
    assert read(archive, "SELECT gone_at, facts FROM articles") == [("2026-08-02T10:00:00Z", 1)]
    assert read(archive, "SELECT value, status FROM facts") == [("1200", "current")]


def test_a_text_that_was_read_again_as_retracted_counts_as_that(archive):
    text, note = "It takes up to 1,200 people.", "This article has been retracted."
    capture = make_capture()
    archive.keep_capture(capture)
    archive.keep_article(capture, make_article(text))
    archive.reread_article(capture, retract(make_article(note, text), note), NOW)
    assert [kind for kind, _ in kinds(archive)] == ["first", "retraction"]
