"""The hand-kept record: what ships is sound and is published whole; what can't be true is refused with its place; changed rows stay on record."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from db.publish import publish
from db.record_rows import (
    FOLDER,
    RecordError,
    find_planned,
    fit_record,
    keep_record,
    load_record,
    load_shipped,
    read_record,
)
from db.schema_record import PUBLIC_RECORD
from extract.vocabulary import load_pathways, load_unit_groups
from landed import make_registry
from tests.db.archive_sample import (
    extract,
    faults,
    make_article,
    make_fact,
    make_record,
    make_source,
    open_archive,
    show,
)

TABLES = [table.name for table in PUBLIC_RECORD]


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "record")


def edit(folder, table, change):
    """Write a table's file anew with what `change` makes of its rows."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = change(rows) or rows
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def find(rows, **wanted):
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


class TestWhatShips:
    def test_each_pathway_and_code_is_known(self):
        record = load_shipped()
        assert {row["pathway_id"] for table in ("levels_targets", "occupation_lists") for row in record[table]} <= set(load_pathways())
        assert {row["noc_code"] for row in record["occupation_list_entries"]} <= set(load_unit_groups())

    def test_the_counts_are_those_that_were_announced(self):
        record = load_shipped()
        codes = Counter(row["list_id"] for row in record["occupation_list_entries"])
        of_2023 = {row["list_id"]: codes[row["list_id"]] for row in record["occupation_lists"] if row["valid_from"] == "2023-05-31"}
        assert sum(of_2023.values()) == 82
        assert codes["ca-ee-trades-2026-02-18"] == 25
        assert len({row["item"] for row in record["occupation_list_entries"] if row["list_id"].startswith("ca-tfwp-gts")}) == 17

    def test_parts_of_a_plan_add_up_to_its_total(self):
        figures = {(row["plan"], row["year"], row["measure"]): row["target"] for row in load_shipped()["levels_targets"]}
        sums = [(plan, year) for plan, year, measure in figures if measure == "tr_workers" and (plan, year, "tr_students") in figures]
        assert len(sums) == 4
        for plan, year in sums:
            assert figures[plan, year, "tr_workers"] + figures[plan, year, "tr_students"] == figures[plan, year, "tr_total"]

    def test_what_rests_on_one_outlet_alone_says_so(self):
        for row in load_shipped()["levels_targets"]:
            if row["basis"] == "outlet":
                assert ";" not in row["source"]
            if row["range_low"] and row["plan"] == "2025-2027":
                assert "one outlet" in row["note"]

    def test_all_of_it_is_published_and_points_to_what_is_there(self, tmp_path):
        with open_archive(tmp_path / "archive.db") as archive:
            keep_record(archive, "2026-08-01T10:00:00Z")
            assert faults(archive) == {}
        publish(tmp_path / "archive.db", tmp_path / "facts.db", make_registry(), "2026-08-02T10:00:00Z")
        with closing(sqlite3.connect(tmp_path / "facts.db")) as public:
            for table in TABLES:
                assert public.execute(f"SELECT count(*) FROM {table}").fetchone() == (len(load_shipped()[table]),), table
            assert public.execute("PRAGMA foreign_key_check").fetchall() == []
            assert public.execute("SELECT count(*) FROM levels_targets WHERE pathway_id IS NULL").fetchone() == (0,)


def test_what_is_not_in_the_vocabulary_is_left_out_or_left_open():
    record = fit_record(load_shipped(), {"ca-ee-stem"}, {"21231", "21300"})
    assert {row["list_id"] for row in record["occupation_lists"]} == {f"ca-ee-stem-{day}" for day in ("2023-05-31", "2025-02-27", "2026-02-18")}
    assert [(row["list_id"], row["noc_code"]) for row in record["occupation_list_entries"]] == [
        ("ca-ee-stem-2023-05-31", "21231"), ("ca-ee-stem-2023-05-31", "21300"), ("ca-ee-stem-2026-02-18", "21300")]
    assert {row["pathway_id"] for row in record["levels_targets"]} == {None}


@pytest.mark.parametrize(("table", "changes", "said"), [
    ("levels_targets", {"target": "about 400,000"}, "no whole number"),
    ("levels_targets", {"basis": "hearsay"}, "must be one of"),
    ("levels_targets", {"tabled_on": "November 2023"}, "no day"),
    ("levels_targets", {"tabled_on": "2023-11-02"}, "on two days"),
    ("levels_targets", {"year": "2031"}, "not one of the plan's"),
    ("levels_targets", {"range_low": "490000", "range_high": "500000"}, "not in its range"),
    ("levels_targets", {"source": ""}, "source is empty"),
    ("occupation_lists", {"valid_to": "2025-02-27"}, "is in force when"),
    ("occupation_lists", {"valid_to": "2022-01-01"}, "ends before it begins"),
    ("occupation_lists", {"occupations_stated": "36"}, "has 35 occupations, not 36"),
    ("occupation_list_entries", {"list_id": "ca-ee-nothing"}, "no list is called"),
])
def test_what_cannot_be_true_is_refused(folder, table, changes, said):
    edit(folder, table, lambda rows: rows[0].update(changes))
    with pytest.raises(RecordError, match=said) as caught:
        load_record(folder)
    assert f"{table}.csv" in str(caught.value)


def test_a_row_twice_is_refused(folder):
    edit(folder, "levels_targets", lambda rows: [*rows, rows[0]])
    with pytest.raises(RecordError, match="stands there twice"):
        load_record(folder)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"target_id,title\na,b\n"])
def test_a_file_that_is_none_is_refused(folder, content):
    (folder / "levels_targets.csv").write_bytes(content)
    if content:
        with pytest.raises(RecordError, match=r"levels_targets\.csv"):
            load_record(folder)
    else:
        assert load_record(folder)["levels_targets"] == []


def test_a_missing_file_is_refused(folder):
    (folder / "noc_editions.csv").unlink()
    with pytest.raises(RecordError, match=r"noc_editions\.csv"):
        load_record(folder)


def test_keeping_it_again_changes_nothing_and_a_changed_row_stays_on_record(tmp_path, folder):
    with open_archive(tmp_path / "archive.db") as archive:
        whole = sum(len(rows) for rows in load_shipped().values())
        assert keep_record(archive, "2026-08-01T10:00:00Z") == whole
        assert keep_record(archive, "2026-08-02T10:00:00Z") == 0
        edit(folder, "noc_editions", lambda rows: find(rows, edition="2026")[0].update({"released_on": "2026-12-01", "note": ""}))
        assert keep_record(archive, "2026-12-02T10:00:00Z", load_record(folder)) == 2
        assert find(read_record(archive.db.conn)["noc_editions"], edition="2026")[0]["released_on"] == "2026-12-01"
        assert archive.rows("SELECT recorded_at, retired_at FROM record_rows WHERE row_json LIKE '%version 1.0%' AND row_json LIKE '%\"2026\"%' ORDER BY recorded_at") == [
            {"recorded_at": "2026-08-01T10:00:00Z", "retired_at": "2026-12-02T10:00:00Z"}, {"recorded_at": "2026-12-02T10:00:00Z", "retired_at": None}]
        # What went may come back: the gap stays on record.
        assert keep_record(archive, "2026-12-03T10:00:00Z") == 2
        assert archive.one("SELECT count(*) AS n FROM record_rows")["n"] == whole + 2
        assert faults(archive) == {}


@pytest.mark.parametrize(("day", "released"), [("2026-07-31", None), ("2026-08-01", "2026-12"), ("2026-12-02", "2026-12-01")])
def test_an_earlier_day_shows_the_record_of_then(tmp_path, folder, day, released):
    with open_archive(tmp_path / "archive.db") as archive:
        keep_record(archive, "2026-08-01T10:00:00Z")
        edit(folder, "noc_editions", lambda rows: find(rows, edition="2026")[0].update({"released_on": "2026-12-01"}))
        keep_record(archive, "2026-12-02T10:00:00Z", load_record(folder))
    publish(tmp_path / "archive.db", tmp_path / "facts.db", make_registry(), "2026-12-09T12:00:00Z", f"{day}T23:59:59Z")
    with closing(sqlite3.connect(tmp_path / "facts.db")) as public:
        assert public.execute("SELECT released_on FROM noc_editions WHERE edition = '2026'").fetchall() == ([(released,)] if released else [])


# ---------------------------------------------------------------- in events


def test_the_number_of_the_plan_in_force_ranks_first_in_an_event(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source(), make_source("other", owner_group="other")) as archive:
        keep_record(archive, "2026-08-01T09:00:00Z")
        for source, words in (("harbour", "390,000"), ("other", "380,000"), ("harbour", "390,000")):
            text = make_article(f"Canada will admit {words} permanent residents in 2026.", url=f"https://{source}.example/{words}", title=f"Plan {words}")
            show(archive, text, "2026-08-01T10:00:00Z", source=source)

        def find(text):
            words = "390,000" if "390,000" in text else "380,000"
            return make_record(make_fact(text, words, clause=text[text.index("Canada"):], attribute="target", pathway="ca-levels", period="2026")
                               | {"spans": [{"role": "value", "start": text.rindex(words), "end": text.rindex(words) + 7}]})

        extract(archive, find, "2026-08-01T11:00:00Z")
        values = archive.rows("SELECT value, rank, place, basis, on_record, conflict, facts FROM event_values WHERE attribute_id = 'target' ORDER BY place")
        assert values[0] | {"conflict": 0} == {"value": "380000", "rank": "preferred", "place": 1, "basis": "official", "on_record": 1, "conflict": 0, "facts": 1}
        assert [value["on_record"] for value in values if value["value"] == "390000"] == [0]
        assert archive.rows("SELECT conflict FROM events WHERE event_type = 'target'") == [{"conflict": 1}]
        assert faults(archive) == {}
    publish(tmp_path / "archive.db", tmp_path / "facts.db", make_registry(), "2026-08-02T10:00:00Z")
    with closing(sqlite3.connect(tmp_path / "facts.db")) as public:
        assert public.execute("SELECT fact_value, official_value, verdict, target_id FROM checks ORDER BY fact_value").fetchall() == [
            ("380000", "380000", "agree", "2026-2028-pr-total-2026"), ("390000", "380000", "disagree", "2026-2028-pr-total-2026")]


def test_the_last_plan_tabled_by_a_day_is_in_force():
    assert find_planned(load_shipped(), "2025-11-03")["ca-levels", "2026"] == [380000, 516600, 210700]
    assert sorted(find_planned(load_shipped(), "2025-11-04")["ca-levels", "2026"]) == [230000, 380000, 385000]
    assert find_planned(load_shipped(), "2023-01-01") == {}
