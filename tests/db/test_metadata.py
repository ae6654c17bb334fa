"""Metadata: complete, true to the database, and equal to the committed file; every canned query runs, and by index."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.metadata import (
    LICENCES,
    METADATA_FILE,
    build_metadata,
    describe_column,
    describe_table,
    load_queries,
    main,
    render_metadata,
)
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.site.wording import WORDS
from db.tables import Column
from tests.db.large_statistics import pretend_large
from tests.db.public_sample import build_sample

QUERIES = load_queries()
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = build_sample(tmp_path_factory.mktemp("sample") / "facts.db")
    with closing(sqlite3.connect(path)) as opened:
        yield opened


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The sample with the statistics of a million facts: its plans are those of a large database."""
    path = build_sample(tmp_path_factory.mktemp("large") / "facts.db")
    with closing(sqlite3.connect(path)) as opened:
        pretend_large(opened)
    with closing(sqlite3.connect(path)) as opened:
        yield opened


def entries():
    return build_metadata()["databases"]["facts"]["tables"]


def test_committed_file_is_the_generated_one():
    assert METADATA_FILE.read_text("utf-8") == render_metadata(), "run: python -m db.metadata"


def test_main_rewrites_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("db.metadata.METADATA_FILE", tmp_path / "metadata.json")
    main()
    assert json.loads((tmp_path / "metadata.json").read_text("utf-8")) == build_metadata()


def test_every_table_and_view_is_described_and_none_is_stale(connection):
    built = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE '%\\_fts%' ESCAPE '\\'")}
    assert set(entries()) == built


@pytest.mark.parametrize("name", sorted(entries()))
def test_every_column_is_described_and_none_is_stale(connection, name):
    columns = [row[1] for row in connection.execute(f'PRAGMA table_xinfo("{name}")')]
    entry = entries()[name]
    assert list(entry["columns"]) == columns
    assert all(re.search(r"\w.*[.)]$", text) for text in [*entry["columns"].values(), entry["description"]])
    assert entry["title"]
    assert entry["title"] != name


@pytest.mark.parametrize("table", PUBLIC, ids=lambda table: table.name)
def test_table_settings_name_real_and_indexed_columns(connection, table):
    entry = describe_table(table)
    columns = {column.name for column in table.columns}
    indexed = {
        connection.execute(f'PRAGMA index_info("{row[1]}")').fetchone()[2]
        for row in connection.execute(f'PRAGMA index_list("{table.name}")')
    }
    assert set(entry.get("facets", ())) <= indexed
    assert {entry.get("label_column", table.key[0]), entry.get("sort", table.key[0]), entry.get("sort_desc", table.key[0])} <= columns
    assert set(entry.get("facets", ())) <= columns
    assert entry["license"]
    assert entry["source"]


def test_tables_that_others_point_to_have_a_label():
    labels = {table.name: table.label for table in PUBLIC}
    targets = {column.references.split(".")[0] for table in PUBLIC for column in table.columns if column.references}
    assert {name for name in targets if not labels[name]} == set()


def test_licences_of_the_parts():
    found = entries()
    assert "CC BY 4.0" in found["facts"]["license"]
    assert "publishers'" in found["facts"]["license"]
    assert found["draws"]["license"].startswith("Open Government Licence")
    assert "Statistics Canada" in found["occupations"]["license"]
    assert all(licence.url.startswith("https://") for licence in LICENCES.values())


def test_hidden_tables_and_views_are_marked():
    hidden = {thing.name for thing in (*PUBLIC, *PUBLIC_VIEWS) if thing.hidden}
    assert {name for name, entry in entries().items() if entry.get("hidden")} == hidden


def test_units_and_values_stand_in_the_description():
    assert describe_column(Column("n", "INTEGER", "Bytes before it.", unit="bytes")).endswith("Unit: bytes.")
    assert describe_column(Column("n", "INTEGER", "Invitations issued.", unit="invitations")) == "Invitations issued. Unit: invitations."
    assert describe_column(Column("v", "TEXT", "Verdict.", values=("agree", "near"))) == "Verdict. One of: agree, near."
    assert describe_column(Column("v", "TEXT", "Either agree or near.", values=("agree", "near"))) == "Either agree or near."


def test_there_is_wording_for_every_attribute_of_the_vocabulary():
    with (REPOSITORY / "extract" / "vocabulary" / "attributes.csv").open(encoding="utf-8") as file:
        types = {row["attribute_id"]: row["value_type"].replace("money", "number") for row in csv.DictReader(file)}
    assert {name: entry["type"] for name, entry in WORDS["attributes"].items()} == types


def test_there_is_wording_for_every_value_that_the_schema_allows():
    facts = next(table for table in PUBLIC if table.name == "facts")
    marks = next(table for table in PUBLIC if table.name == "marks")
    checks = next(table for table in PUBLIC if table.name == "checks")
    assert set(facts.column("modality").values) == set(WORDS["modality"])
    assert set(facts.column("status").values) == set(WORDS["status"])
    assert set(marks.column("role").values) == set(WORDS["roles"])
    assert set(checks.column("verdict").values) == set(WORDS["verdicts"])


# ---------------------------------------------------------------- canned queries


def test_queries_are_many_and_well_described():
    assert len(QUERIES) >= 20
    assert len({query.name for query in QUERIES}) == len({query.title for query in QUERIES}) == len(QUERIES)
    assert all(re.fullmatch(r"[a-z_]+", query.name) for query in QUERIES)
    assert all("?" in query.description and query.description[0].isupper() for query in QUERIES)
    described = build_metadata()["databases"]["facts"]["queries"]
    assert all(entry["hide_sql"] and entry["title"] and entry["description"] for entry in described.values())


def test_no_query_hides_a_table():
    assert {query.name for query in QUERIES} & set(entries()) == set()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
class TestQuery:
    def test_parameters_are_those_of_the_sql(self, query):
        named = set(re.findall(r"(?<![:\w]):([a-z_]+)", re.sub(r"'[^']*'", "", query.sql)))
        assert {parameter.name for parameter in query.parameters} == named
        assert {parameter.choices for parameter in query.parameters} <= {"", "pathways", "attributes", "jurisdictions", "sources"}

    def test_finds_something_with_its_examples(self, connection, query):
        rows = connection.execute(query.sql, {each.name: each.example for each in query.parameters}).fetchall()
        assert rows

    def test_runs_with_empty_parameters(self, connection, query):
        cursor = connection.execute(query.sql, {each.name: "" for each in query.parameters})
        assert len({column[0] for column in cursor.description}) == len(cursor.description)

    @pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
    def test_never_reads_a_large_table_from_end_to_end(self, connection, large, query, filled):
        values = {each.name: each.example if filled else "" for each in query.parameters}
        plan = [row for opened in (connection, large) for row in opened.execute(f"EXPLAIN QUERY PLAN {query.sql}", values)]
        large_names = find_names(query.sql, {"facts", "marks", "event_facts", "event_values", "articles"})
        scans = [row[3] for row in plan if (found := re.match(r"SCAN (\w+)", row[3])) and found[1] in large_names]
        # Ordered by an index and cut short: the newest row is the first one read.
        assert set(scans) <= {"SCAN articles USING INDEX articles_published", "SCAN facts USING INDEX facts_published"}
        assert not scans or "DESC LIMIT 1)" in query.sql
        # An index or a filter that SQLite builds for this one query reads the whole table, too.
        built = [row[3] for row in plan if (found := re.match(r"(?:SEARCH|BLOOM FILTER ON) (\w+) .*", row[3])) and found[1] in large_names and ("AUTOMATIC" in row[3] or "BLOOM" in row[3])]
        assert built == []


def find_names(sql, tables):
    """The names that an SQL text, or a view that it reads, gives to any of these tables."""
    views = "\n".join(view.sql for view in PUBLIC_VIEWS if re.search(rf"\b{view.name}\b", sql))
    found = re.findall(r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+(?:AS\s+)?(?!ON\b|WHERE\b|JOIN\b|LEFT\b|USING\b|ORDER\b|GROUP\b|WINDOW\b|LIMIT\b)(\w+))?", f"{sql}\n{views}")
    return {alias or table for table, alias in found if table in tables} | {table for table, _ in found if table in tables}


def answer(connection, name, **values):
    query = next(query for query in QUERIES if query.name == name)
    cursor = connection.execute(query.sql, {each.name: values.get(each.name, "") for each in query.parameters})
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def test_facts_of_a_pathway_include_its_parts_on_request(connection):
    alone = {row["pathway_id"] for row in answer(connection, "facts_of_a_pathway", pathway="ca-ee")}
    parts = {row["pathway_id"] for row in answer(connection, "facts_of_a_pathway", pathway="ca-ee", parts="1")}
    assert alone == {"ca-ee"}
    assert parts == {"ca-ee", "ca-ee-cec", "ca-ee-health"}


def test_superseded_facts_are_left_out_where_the_present_is_asked_for(connection):
    found = answer(connection, "facts_of_a_pathway", pathway="ca-ee-cec", attribute="invitations")
    assert [row["value"] for row in found] == ["3000"]


def test_facts_as_of_a_day_before_the_correction(connection):
    # Both versions were recorded on one day in the sample, the first at 12:01 and the second at 12:02.
    assert answer(connection, "facts_as_of", pathway="ca-ee-cec", day="2026-07-21") == []
    then = answer(connection, "facts_as_of", pathway="ca-ee-cec", day="2026-07-22")
    assert [row["value"] for row in then if row["attribute_id"] == "invitations"] == ["3000"]


def test_upcoming_dates_keep_dates_of_lower_precision(connection):
    found = answer(connection, "upcoming_dates", since="2026-09-15", days="30")
    assert [row["value_date"] for row in found] == ["2026-09"]
    assert answer(connection, "upcoming_dates", since="2026-10-01", days="30") == []


def test_searched_words_are_no_patterns(connection):
    assert [answer(connection, "search_evidence", words=words) for words in ("%", '"', 'a"b OR c', "NEAR(", "*", "evidence:x")] == [[]] * 6
    assert len(answer(connection, "search_evidence", words="NURSES and")) == 1


def test_draws_that_nobody_reported(connection):
    assert [row["draw_id"] for row in answer(connection, "draws_nobody_reported")] == ["ca-ee-434"]
    assert "ca-ee-91a" in {row["draw_id"] for row in answer(connection, "draws_nobody_reported", since="2015-01-01")}


def test_accuracy_counts_what_could_be_checked(connection):
    assert answer(connection, "accuracy_by_source") == [
        {"source_id": "harbour-times", "source": "Harbour Times", "checked": 4, "agreeing": 2, "disagreeing": 2, "share_agreeing": 0.5}
    ]


def test_figures_that_differ(connection):
    found = answer(connection, "conflicting_figures", pathway="ca-levels")
    assert [(row["attribute_id"], row["period"], row["different_values"], row["owners"]) for row in found] == [("target", "2026", 2, 2)]


def test_occupations_on_a_day_are_those_of_the_lists_then(connection):
    assert [row["noc_code"] for row in answer(connection, "eligible_on", pathway="ca-ee-health", day="2026-07-23")] == ["31301"]
    assert [(row["noc_code"], row["basis"], row["list_id"]) for row in answer(connection, "eligible_on", pathway="ca-ee-health", day="2026-07-22")] == [("31301", "record", "ca-ee-health-2026-02-18")]
    assert answer(connection, "eligible_on", pathway="ca-ee-health", day="2026-02-17") == []
    assert [row["noc_code"] for row in answer(connection, "eligible_on", pathway="ca-ee-cbs", day="2024-03-01")] == ["21231"]
    assert [row["noc_code"] for row in answer(connection, "eligible_on", pathway="ca-ee-cbs", day="2025-02-27")] == ["00010"]


def test_pathways_of_an_occupation_on_a_day_leave_closed_ones_out(connection):
    assert [row["pathway_id"] for row in answer(connection, "pathways_on", noc="21231", day="2023-07-12")] == ["ca-ee-cbs", "ca-imp-h1b"]
    # The pathway ended on 2023-07-17.
    assert [(row["pathway_id"], row["basis"]) for row in answer(connection, "pathways_on", noc="21231", day="2023-07-18")] == [("ca-ee-cbs", "record")]
    assert answer(connection, "pathways_on", noc="21231", day="2025-02-27") == []  # off the list since that day


def test_a_merged_event_leads_to_the_one_that_it_is(connection):
    [found] = answer(connection, "resolve_event", event="ev-0000000000000004")
    assert (found["event_id"], found["reason"]) == ("ev-0000000000000001", "merged")
    [found] = answer(connection, "resolve_event", event="ev-ca-ee-430")
    assert (found["event_id"], found["reason"]) == ("ev-ca-ee-430", None)


def test_only_disagreeing_attributes_are_conflicts(connection):
    found = answer(connection, "conflicts")
    assert found
    assert {row["event_id"] for row in found} <= {"ev-ca-ee-430", "ev-ca-ee-431"}
