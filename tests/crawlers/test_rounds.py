"""The Express Entry feed: its regular rows, its irregular ones, and what is no feed."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import ClassVar

import pytest

from crawlers.article import PageRejected
from crawlers.rounds import Round, read_rounds

BANDS = {
    "dd1": "500", "dd2": "19,700", "dd3": "150", "dd4": "10", "dd5": "20", "dd6": "30", "dd7": "40", "dd8": "50",
    "dd9": "1,500", "dd10": "100", "dd11": "200", "dd12": "300", "dd13": "400", "dd14": "500", "dd15": "5",
    "dd16": "6", "dd17": "7", "dd18": "21,868",
}
NO_BANDS = dict.fromkeys(BANDS, "0")


def row(**fields: object) -> dict[str, object]:
    return {
        "drawNumber": "901", "drawNumberURL": "<a href='/x?q=901'>901</a>", "drawDate": "2026-05-04", "drawDateFull": "May 4, 2026",
        "drawName": "Dock Occupations (Version 1)", "drawSize": "1,250", "drawCRS": "431", "drawText2": "Federal Skilled Worker",
        "drawDateTime": "May 4, 2026 at 14:05:09 UTC", "drawCutOff": "April 30, 2025 at 03:04:05 UTC",
        "drawDistributionAsOn": "May 3, 2026", **BANDS, **fields,
    }


def feed(*rows: object, encoding: str = "utf-8") -> bytes:
    return json.dumps({"classes": "wb-tables", "rounds": list(rows)}, ensure_ascii=False).encode(encoding)


def one(**fields: object) -> Round:
    (found,) = read_rounds(feed(row(**fields))).rounds
    return found


def test_a_regular_row():
    found = one()
    assert (found.number, found.date, found.name, found.program) == ("901", "2026-05-04", "Dock Occupations (Version 1)", "Federal Skilled Worker")
    assert (found.invitations, found.cutoff) == (1250, 431)
    assert (found.tie_break_raw, found.tie_break_at) == ("April 30, 2025 at 03:04:05 UTC", "2025-04-30T03:04:05Z")
    assert (found.issued_at, found.pool_as_of, found.pool_total) == ("2026-05-04T14:05:09Z", "2026-05-03", 21868)
    assert found.pool == (
        (601, 1200, 500), (501, 600, 19700), (491, 500, 10), (481, 490, 20), (471, 480, 30), (461, 470, 40), (451, 460, 50),
        (441, 450, 100), (431, 440, 200), (421, 430, 300), (411, 420, 400), (401, 410, 500), (351, 400, 5), (301, 350, 6), (0, 300, 7),
    )
    assert found.warnings == ()
    assert found.raw["drawSize"] == "1,250"


@pytest.mark.parametrize(("written", "expected", "warns"), [
    # the regular form, and white space
    ("July 3, 2026 at 21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    (" July 3, 2026  at\u00a0 21:35:13 UTC ", "2026-07-03T21:35:13Z", False),
    # the day
    ("July 3rd 2026 at 21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    ("July 03. 2026 at 21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    ("July 3,2026 21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    ("July 3, 2026, at 21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    ("July 3, 2026 at21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    ("July 3, 2026 at 2026-07-03 21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    ("3 juillet 2026 à 21:35:13 UTC", "2026-07-03T21:35:13Z", False),
    ("le 1er août 2026", None, True),
    # the clock
    ("July 3, 2026 at 1:35:13 UTC", "2026-07-03T01:35:13Z", False),
    ("July 3, 2026 at 04:22:17 AM UTC", "2026-07-03T04:22:17Z", False),
    ("July 3, 2026 at 04:22:17 PM UTC", "2026-07-03T16:22:17Z", False),
    ("July 3, 2026 at 12:22:17 AM UTC", "2026-07-03T00:22:17Z", False),
    ("July 3, 2026 at 20:19:59 PM UTC", "2026-07-03T20:19:59Z", True),
    ("July 3, 2026 at 15:48:39 AM UTC", "2026-07-03T15:48:39Z", True),
    ("July 3, 2026 at 21:35:13", "2026-07-03T21:35:13Z", True),
    # not all there, or not possible: kept as written
    ("October 7 at 16:38:21 UTC", None, True),
    ("July 32, 2026 at 10:00:00 UTC", None, True),
    ("Smarch 3, 2026 at 10:00:00 UTC", None, True),
    ("July 3, 2026 at 25:00:00 UTC", None, True),
    ("July 3, 2026 at 2026-07-04 21:35:13 UTC", None, True),
    ("not applicable", None, True),
    ("", None, False),
])
def test_tie_break(written, expected, warns):
    found = one(drawCutOff=written)
    assert (found.tie_break_raw, found.tie_break_at, bool(found.warnings)) == (written, expected, warns)


@pytest.mark.parametrize(("written", "expected"), [
    ("5,000", 5000), ("20 784", 20784), ("20\u00a0784", 20784), ("20\u202f784", 20784), ("27,332", 27332), ("4", 4), ("0", None), ("", None),
    ("about 500", None), ("-5", None), ("1,2", None), (500, 500), (None, None),
])
def test_counts(written, expected):
    found = one(drawSize=written)
    assert found.invitations == expected
    assert bool(found.warnings) == (written in {"about 500", "-5", "1,2"})


class TestPool:
    def test_zeros_are_no_pool(self):
        found = one(**NO_BANDS)
        assert (found.pool, found.pool_total, found.pool_as_of, found.warnings) == ((), None, None, ())

    def test_zero_beside_a_total_is_a_count(self):
        found = one(**{**BANDS, "dd1": "0", "dd18": "21,368"})
        assert found.pool[0] == (601, 1200, 0)
        assert found.warnings == ()

    def test_subtotal_that_is_not_the_sum_of_its_parts(self):
        found = one(**{**BANDS, "dd3": "250", "dd18": "21,968"})
        assert found.warnings == ("dd3 is 250, its parts sum to 150",)
        assert (491, 500, 10) in found.pool

    def test_subtotal_alone_stands_for_its_parts(self):
        found = one(**BANDS | dict.fromkeys(["dd4", "dd5", "dd6", "dd7", "dd8"], "0"))
        assert found.pool[2] == (451, 500, 150)
        assert found.warnings == ()

    def test_total_that_is_not_the_sum(self):
        assert one(**{**BANDS, "dd18": "30,000"}).warnings == ("dd18 is 30000, the bands sum to 21868",)

    def test_bands_without_a_total(self):
        found = one(**{**BANDS, "dd18": "0"})
        assert (found.pool_total, len(found.pool)) == (None, 15)
        assert found.warnings == ("dd18 is 0, the bands sum to 21868",)

    def test_bands_do_not_overlap(self):
        bands = one().pool
        assert all(above[0] == below[1] + 1 for above, below in pairwise(bands))


def test_days_that_disagree_are_told():
    found = one(drawDateTime="May 14, 2026 at 14:05:09 UTC", drawDateFull="May 5, 2026")
    assert found.date == "2026-05-04"
    assert found.warnings == ("drawDateTime 2026-05-14T14:05:09Z is not about drawDate 2026-05-04", "drawDateFull 'May 5, 2026' is not drawDate 2026-05-04")


def test_round_may_be_issued_after_midnight_utc():
    assert one(drawDateTime="May 5, 2026 at 00:30:00 UTC").warnings == ()


def test_names_lose_markup():
    assert one(drawName="<b>Docks</b> &amp;\u00a0Harbours").name == "Docks & Harbours"


def test_rows_without_number_or_date_are_problems_and_others_stay():
    found = read_rounds(feed(
        row(), "text", row(drawNumber=""), row(drawNumber="902", drawDate="May 4"), row(drawNumber="91A"), row(), {"drawNumber": "7", "drawDate": "2015-03-01"},
    ))
    assert [item.number for item in found.rounds] == ["901", "91a", "7"]
    assert [problem.split(":")[0] for problem in found.problems] == ["row 1", "row 2", "row 3", "row 5"]
    assert (found.rounds[2].name, found.rounds[2].invitations, found.rounds[2].pool) == ("", None, ())


@pytest.mark.parametrize(("body", "kind"), [
    (b"", "empty"), (b" \n", "empty"), (b'{"rounds": []}', "empty"), (b"<html><body>Access Denied</body></html>", "challenge"),
    (b"\xef\xbb\xbf<!doctype html>", "challenge"), (b"[]", "parse"), (b'{"classes": "x"}', "parse"), (b'{"rounds": {}}', "parse"),
    (b'{"rounds": [', "parse"), (b"[" * 100_000, "parse"), (b'{"rounds": [1, 2]}', "parse"), (b"\xff\xfe\x00", "parse"),
    (b'{"rounds": [' + b"1," * 10_001 + b"1]}", "parse"),
])
def test_what_is_no_feed(body, kind):
    with pytest.raises(PageRejected) as rejected:
        read_rounds(body)
    assert rejected.value.kind == kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_french_feed_in_each_encoding(encoding):
    fields = {"drawName": "Maîtrise du français", "drawSize": "20\u00a0784", "drawDateFull": "4 mai 2026", "drawDistributionAsOn": "3 mai 2026",
              "drawDateTime": "4 mai 2026 à 14:05:09 UTC", "drawCutOff": "30 avril 2025 à 03 h 04 UTC"}
    (found,) = read_rounds(feed(row(**fields), encoding=encoding)).rounds
    assert (found.name, found.invitations, found.pool_as_of) == ("Maîtrise du français", 20784, "2026-05-03")
    assert (found.issued_at, found.tie_break_at, found.warnings) == ("2026-05-04T14:05:09Z", "2025-04-30T03:04:00Z", ())


@pytest.mark.shared
class TestRealFeed:
    """The feed as it stood on four days."""

    TOTALS: ClassVar = {
        "2015": (31063, 23), "2016": (33782, 27), "2017": (86023, 30), "2018": (89800, 28), "2019": (85300, 26), "2020": (107350, 37),
        "2021": (114224, 42), "2022": (46539, 24), "2023": (110266, 42), "2024": (98903, 52), "2025": (113998, 58), "2026": (113423, 46),
    }

    @pytest.mark.parametrize(("day", "count", "warned", "without_pool"), [
        ("2023-01-29", 239, 3, 218), ("2024-04-06", 292, 7, 214), ("2026-08-05", 433, 8, 218), ("2026-08-07", 435, 8, 218),
    ])
    def test_all_rounds_are_read(self, shared, day, count, warned, without_pool):
        found = read_rounds((shared / f"samples/express_entry/ee_rounds_123_en.{day}.json").read_bytes())
        assert (len(found.rounds), found.problems) == (count, ())
        assert sum(bool(item.warnings) for item in found.rounds) == warned
        assert sum(not item.pool for item in found.rounds) == without_pool

    def test_newest_capture_adds_up(self, shared):
        rounds = read_rounds((shared / "samples/express_entry/ee_rounds_123_en.2026-08-07.json").read_bytes()).rounds
        by_number = {item.number: item for item in rounds}
        assert by_number["91a"].date == by_number["91b"].date == "2018-05-30"
        totals = {year: (sum(item.invitations or 0 for item in rounds if item.date[:4] == year), sum(item.date[:4] == year for item in rounds))
                  for year in self.TOTALS}
        assert totals == self.TOTALS
        with_pool = [item for item in rounds if item.pool]
        assert len(with_pool) == 217
        assert {item.number for item in with_pool if sum(count for _, _, count in item.pool) != item.pool_total} == {"247"}
        assert all(len(item.pool) == 15 for item in with_pool)
        assert {item.number for item in rounds if item.tie_break_raw.strip() and item.tie_break_at is None} == {"208"}
        assert sum(not item.tie_break_raw.strip() for item in rounds) == 76
        assert all(item.invitations and item.cutoff and item.issued_at and item.name and item.program for item in rounds)
        assert {item.number for item in rounds if item.warnings} == {"383", "357", "270", "258", "247", "210", "208", "6"}
