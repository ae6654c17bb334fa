"""Official rounds in two languages: the English feed is the record, the French one gives names and is compared."""

from __future__ import annotations

import json

import pytest

from tests.db.archive_sample import make_capture, make_round, make_source, open_archive

FRENCH = {"name": "Catégorie de l'expérience canadienne", "program": "Toutes"}
COLUMNS = "name, name_fr, program_fr, differs_fr, invitations, cutoff_score, source_id"


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source("rounds"), make_source("rounds-fr")) as archive:
        yield archive


def keep(archive, language, at, number="430", **changes):
    source = "rounds-fr" if language == "fr" else "rounds"
    capture = make_capture(at, role="rounds", source=source)
    archive.keep_capture(capture)
    given = {"raw": {"drawNumber": number, "drawSize": "3 000", "drawName": FRENCH["name"]}} | FRENCH if language == "fr" else {}
    return archive.keep_round(capture, make_round(number, **(given | changes)), language)


def draw(archive):
    [row] = archive.rows(f"SELECT {COLUMNS} FROM draws")
    return row


@pytest.mark.parametrize("order", ["en fr", "fr en"])
def test_both_names_stand_beside_each_other_whichever_came_first(archive, order):
    outcomes = [keep(archive, language, f"2026-08-0{day}T10:00:00Z") for day, language in enumerate(order.split(), 1)]
    assert outcomes == ["new", "new"]  # each feed says it for the first time
    assert draw(archive) == {"name": "Canadian Experience Class", "name_fr": FRENCH["name"], "program_fr": "Toutes", "differs_fr": None, "invitations": 3000, "cutoff_score": 511,
                             "source_id": "rounds"}
    assert archive.rows("SELECT * FROM draw_revisions") == []
    assert [keep(archive, language, "2026-08-05T10:00:00Z") for language in ("en", "fr")] == ["unchanged", "unchanged"]


def test_a_round_that_only_the_french_feed_has_is_not_lost(archive):
    keep(archive, "fr", "2026-08-01T10:00:00Z")
    assert draw(archive)["name"] == FRENCH["name"]
    assert keep(archive, "fr", "2026-08-02T10:00:00Z", invitations=3100, raw={"drawNumber": "430", "drawSize": "3 100"}) == "changed"
    assert draw(archive)["invitations"] == 3100


@pytest.mark.parametrize("order", ["en fr", "fr en"])
def test_figures_that_differ_are_said_and_never_taken(archive, order):
    for day, language in enumerate(order.split(), 1):
        keep(archive, language, f"2026-08-0{day}T10:00:00Z", **({"invitations": 646, "cutoff": 511} if language == "fr" else {}))
    assert (draw(archive)["invitations"], draw(archive)["differs_fr"]) == (3000, "invitations is 646 in French, 3000 in English")
    # When one of the two is put right, there is nothing to say any more.
    assert keep(archive, "en", "2026-08-03T10:00:00Z", invitations=646, raw=make_round().raw | {"drawSize": "646"}) == "changed"
    assert (draw(archive)["invitations"], draw(archive)["differs_fr"]) == (646, None)


def test_a_figure_that_one_feed_lacks_is_no_difference(archive):
    keep(archive, "en", "2026-08-01T10:00:00Z", pool_total=200_000)
    keep(archive, "fr", "2026-08-01T10:00:00Z", cutoff=None)
    assert draw(archive)["differs_fr"] is None


def test_a_french_change_is_a_revision_that_says_so(archive):
    keep(archive, "en", "2026-08-01T10:00:00Z")
    keep(archive, "fr", "2026-08-01T10:00:00Z")
    assert keep(archive, "fr", "2026-08-02T10:00:00Z", name="CEC", raw={"drawNumber": "430", "drawSize": "3 000", "drawName": "CEC"}) == "changed"
    assert archive.rows("SELECT field, old_value, new_value FROM draw_revisions") == [{"field": "drawName (French)", "old_value": FRENCH["name"], "new_value": "CEC"}]
    assert (draw(archive)["name"], draw(archive)["name_fr"]) == ("Canadian Experience Class", "CEC")


def test_an_older_capture_of_the_french_feed_changes_nothing(archive):
    keep(archive, "en", "2026-08-01T10:00:00Z")
    keep(archive, "fr", "2026-08-03T10:00:00Z")
    assert keep(archive, "fr", "2026-08-02T10:00:00Z", raw={"drawNumber": "430", "drawSize": "1"}) == "unchanged"
    assert json.loads(archive.one("SELECT raw_fr FROM draws")["raw_fr"])["drawSize"] == "3 000"
