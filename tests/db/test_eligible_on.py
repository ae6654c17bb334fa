"""Which occupations pathways took on a day: the saved queries against the files of the official record, row by row."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from db.metadata import load_queries
from db.record_rows import FOLDER, load_shipped
from tests.db.public_sample import build_sample, fact_key

QUERIES = {query.name: query.sql for query in load_queries()}
DAYS = ("2023-05-30", "2023-05-31", "2024-03-01", "2025-02-26", "2025-02-27", "2026-02-17", "2026-02-18", "")
TODAY = datetime.now(UTC).date().isoformat()


def read(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LISTS, ENTRIES = read("occupation_lists"), read("occupation_list_entries")
PATHWAYS = sorted({row["pathway_id"] for row in LISTS})


def in_force(day):
    """Pathway to the codes of its list in force, from the files alone."""
    lists = {row["list_id"]: row["pathway_id"] for row in LISTS if row["valid_from"] <= day and (not row["valid_to"] or row["valid_to"] >= day)}
    codes = {pathway: set() for pathway in lists.values()}
    for entry in ENTRIES:
        if entry["list_id"] in lists:
            codes[lists[entry["list_id"]]].add(entry["noc_code"])
    return codes


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = build_sample(tmp_path_factory.mktemp("eligible") / "facts.db")
    record = load_shipped()
    with closing(sqlite3.connect(path)) as connection:
        with connection:
            connection.execute("DELETE FROM occupation_list_entries")
            connection.execute("DELETE FROM occupation_lists")
            connection.executemany("INSERT OR IGNORE INTO pathways (pathway_id, name, jurisdiction_id, kind) VALUES (?, ?, 'CA', 'category')", [(name, name) for name in PATHWAYS])
            connection.executemany("INSERT OR IGNORE INTO occupations (noc_code, edition, title, teer) VALUES (?, '2021', ?, 1)", [(row["noc_code"], row["item"]) for row in ENTRIES])
            for table in ("occupation_lists", "occupation_list_entries"):
                for row in record[table]:
                    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
            # Texts: one of 2023 lists a wrong trade for agriculture and a nurse for transport; one of 2026 lists another for agriculture.
            names = [row[1] for row in connection.execute("PRAGMA table_info(facts)")]
            copied = ", ".join(name for name in names if name not in {"fact_id", "pathway_id", "noc_code", "value", "published"})
            for number, (pathway, code, published) in enumerate((("ca-ee-agri", "72310", "2023-05-31"), ("ca-ee-agri", "82030", "2026-06-01"), ("ca-ee-transport", "31301", "2026-06-01"))):
                connection.execute(f"INSERT INTO facts (fact_id, pathway_id, noc_code, value, published, {copied}) SELECT ?, ?, ?, ?, ?, {copied} FROM facts WHERE fact_id = ?",
                                   [f"00000000000000b{number}", pathway, code, code, published, fact_key("h1b-permit", 1, "eligible_noc")])
            connection.execute("INSERT OR IGNORE INTO occupations (noc_code, edition, title, teer) VALUES ('82030', '2021', 'Agricultural service contractors', 2)")
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.mark.parametrize("day", DAYS)
def test_occupations_of_each_pathway_are_those_of_its_list(database, day):
    expected = in_force(day or TODAY)
    for pathway in PATHWAYS:
        rows = database.execute(QUERIES["eligible_on"], {"pathway": pathway, "day": day}).fetchall()
        assert {row["noc_code"] for row in rows if row["basis"] == "record"} == expected.get(pathway, set()), (pathway, day)
        assert all(row["list_id"] and row["since"] <= (day or TODAY) for row in rows if row["basis"] == "record")


@pytest.mark.parametrize("day", DAYS)
def test_pathways_of_each_occupation_are_those_whose_list_has_it(database, day):
    lists = in_force(day or TODAY)
    for code in sorted({entry["noc_code"] for entry in ENTRIES}):
        rows = database.execute(QUERIES["pathways_on"], {"noc": code, "day": day}).fetchall()
        assert {row["pathway_id"] for row in rows if row["basis"] == "record"} == {pathway for pathway, codes in lists.items() if code in codes}, (code, day)


@pytest.mark.parametrize(("pathway", "day", "reported"), [
    ("ca-ee-agri", "2023-05-30", set()),
    ("ca-ee-agri", "2024-03-01", set()),  # a whole list is in force
    ("ca-ee-agri", "2025-06-01", set()),  # which occupations this list had isn't known, but what a text of 2023 said was of the list before
    ("ca-ee-agri", "2026-03-01", set()),  # the category is gone, and the text with it
    ("ca-ee-agri", "", {"82030"}),  # a text of after its end
    ("ca-ee-transport", "", set()),
])  # fmt: skip
def test_texts_count_where_no_whole_list_does_and_only_those_since_the_last(database, pathway, day, reported):
    rows = database.execute(QUERIES["eligible_on"], {"pathway": pathway, "day": day}).fetchall()
    assert {row["noc_code"] for row in rows if row["basis"] == "reported"} == reported
    for code in ("72310", "82030", "31301"):
        found = {row["pathway_id"] for row in database.execute(QUERIES["pathways_on"], {"noc": code, "day": day}) if row["basis"] == "reported"}
        assert (pathway in found) == (code in reported)


def test_the_files_hold_what_the_tests_rely_on():
    assert in_force("2024-03-01")["ca-ee-agri"] == {"63201", "82030", "82031"}
    assert len(in_force("2024-03-01")["ca-ee-health"]) == 35
    assert len(in_force("2026-08-01")["ca-ee-health"]) == 37
    assert "ca-ee-agri" not in in_force("2026-03-01")
    assert in_force("2025-06-01")["ca-ee-agri"] == set()
