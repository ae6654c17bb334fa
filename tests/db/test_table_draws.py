"""Draws of provinces' tables: permanent ids from what was drawn, each restated cell a revision, and nothing lost that leaves the page."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from tests.db.archive_sample import faults, make_capture, make_source, open_archive


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source("province")) as archive:
        yield archive


def draw(date="2026-06-16", name="Skilled Worker", program="Health", invitations=40, cutoff=110, comparator="eq", pathway="ca-bc-pnp-sw", **raw):
    cells = {"Date": date, "Stream": name, "Factors": program, "Minimum score": str(cutoff or ""), "Invitations": f"<{invitations}" if comparator == "lt" else str(invitations or "")}
    return SimpleNamespace(system="ca-bc-pnp", pathway=pathway, date=date, name=name, program=program, invitations=invitations, comparator=comparator, cutoff=cutoff, warnings=(),
                           raw=cells | raw)


def keep(archive, at, *draws):
    capture = make_capture(f"2026-06-{at:02}T10:00:00Z", source="province")
    archive.keep_capture(capture)
    return archive.keep_draws(capture, draws)


def rows(archive, columns="name, program, invitations, invitations_comparator, cutoff_score"):
    return [tuple(row.values()) for row in archive.rows(f"SELECT {columns} FROM draws ORDER BY draw_date, name, program")]


def revisions(archive):
    return [tuple(row.values()) for row in archive.rows("SELECT field, old_value, new_value FROM draw_revisions ORDER BY seen_at, field")]


def test_a_draw_has_a_permanent_id_of_what_was_drawn(archive):
    assert keep(archive, 17, draw(), draw(name="Entry Level")) == ["new", "new"]
    assert keep(archive, 18, draw(date="2026-06-17"), draw(name="Entry Level"), draw()) == ["new", "unchanged", "unchanged"]
    ids = [row["draw_id"] for row in archive.rows("SELECT draw_id, number, draw_date FROM draws")]
    assert len(set(ids)) == 3
    assert all(one.startswith("ca-bc-pnp-2026-06-1") and len(one) == len("ca-bc-pnp-2026-06-16-") + 8 for one in ids)
    assert {row["number"] for row in archive.rows("SELECT number FROM draws")} == {"2026-06-16", "2026-06-17"}
    assert revisions(archive) == []


def test_less_than_five_stays_less_than_five_until_it_is_a_number(archive):
    keep(archive, 17, draw(invitations=5, comparator="lt"))
    assert rows(archive) == [("Skilled Worker", "Health", 5, "lt", 110)]
    assert keep(archive, 18, draw(invitations=7)) == ["changed"]
    assert rows(archive) == [("Skilled Worker", "Health", 7, "eq", 110)]
    assert revisions(archive) == [("Invitations", "<5", "7")]


def test_each_restated_cell_is_a_revision_and_an_older_page_changes_nothing(archive):
    keep(archive, 17, draw(), draw(name="Entry Level"))
    assert keep(archive, 19, draw(invitations=41, cutoff=109), draw(name="Entry Level")) == ["changed", "unchanged"]
    assert revisions(archive) == [("Invitations", "40", "41"), ("Minimum score", "110", "109")]
    assert keep(archive, 18, draw(invitations=12), draw(name="Entry Level")) == ["unchanged", "unchanged"]
    assert rows(archive)[1] == ("Skilled Worker", "Health", 41, "eq", 109)


def test_a_row_that_is_worded_anew_is_the_same_draw(archive):
    keep(archive, 17, draw(), draw(name="Entry Level"))
    before = archive.rows("SELECT draw_id FROM draws ORDER BY draw_id")
    assert keep(archive, 18, draw(program="Health and care"), draw(name="Entry Level")) == ["changed", "unchanged"]
    assert keep(archive, 19, draw(program="Health and care"), draw(name="Entry Level")) == ["unchanged", "unchanged"]
    assert archive.rows("SELECT draw_id FROM draws ORDER BY draw_id") == before
    assert revisions(archive) == [("Factors", "Health", "Health and care")]


def test_where_two_rows_could_be_it_none_is_taken_for_another(archive):
    keep(archive, 17, draw(), draw(name="Entry Level"))
    assert keep(archive, 18, draw(name="A"), draw(name="B")) == ["new", "new"]
    assert len(rows(archive)) == 4


def test_equal_rows_of_a_day_are_draws_of_their_own_and_what_leaves_the_page_stays(archive):
    assert keep(archive, 17, draw(), draw()) == ["new", "new"]
    assert keep(archive, 18, draw(), draw()) == ["unchanged", "unchanged"]
    assert keep(archive, 19, draw(date="2026-06-18")) == ["new"]
    assert len(rows(archive)) == 3
    assert faults(archive) == {}


def test_a_stream_that_becomes_known_is_no_revision(archive):
    keep(archive, 17, draw(pathway=None))
    assert keep(archive, 18, draw()) == ["unchanged"]
    assert rows(archive, "pathway_id") == [("ca-bc-pnp-sw",)]
    assert revisions(archive) == []


def test_the_log_tells_exactly_what_differs_between_any_two_pages(archive):
    chance = random.Random(5)
    page = [draw(date=f"2026-05-{day:02}", name=f"Stream {stream}", invitations=chance.randrange(1, 200), cutoff=chance.randrange(50, 150)) for day in range(1, 9) for stream in "abc"]
    keep(archive, 1, *page)
    expected = set()
    changed = []
    for one in page:
        invitations, cutoff = chance.choice([one.invitations, one.invitations + 1]), chance.choice([one.cutoff, one.cutoff - 1])
        expected |= {(one.date, one.name, field, str(old), str(new)) for field, old, new in (("Invitations", one.invitations, invitations), ("Minimum score", one.cutoff, cutoff)) if old != new}
        changed.append(draw(date=one.date, name=one.name, invitations=invitations, cutoff=cutoff))
    chance.shuffle(changed)
    keep(archive, 2, *changed)
    told = archive.rows("SELECT d.draw_date, d.name, r.field, r.old_value, r.new_value FROM draw_revisions r JOIN draws d ON d.draw_id = r.draw_id")
    assert expected
    assert {tuple(row.values()) for row in told} == expected
    assert len(told) == len(expected)
