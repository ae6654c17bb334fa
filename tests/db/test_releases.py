"""Releases: whole, checked, the same bytes from the same data, and readable by others' tools."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import warnings

import pytest

from db import releases
from db.codebook import write_codebook
from db.flat import flat_views
from db.publish import publish
from db.releases import ReleaseError, list_parts, release
from db.schema import PUBLIC, PUBLIC_VIEWS
from tests.commands import ask
from tests.db.archive_sample import (
    extract,
    make_article,
    make_fact,
    make_record,
    make_registry,
    open_archive,
    show,
)

duckdb = pytest.importorskip("duckdb")
NOW, DAY = "2026-08-09T12:00:00Z", "2026-08-09"
TEXT = 'The pilot, "Harbour", takes 1,200 people | or 12.5 a day.'


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db") as opened:
        show(opened, make_article(TEXT), "2026-08-01T10:00:00Z")
        extract(opened, find, "2026-08-01T11:00:00Z")
        publish(opened.path, tmp_path / "facts.db", make_registry(), NOW)
        yield opened


def find(text):
    return make_record(*(make_fact(text, words, value=float(words.replace(",", "")), clause=text[text.index("The pilot"):]) for words in ("1,200", "12.5", "1,300") if words in text))


def make(archive, tmp_path, into="releases", **given):
    return release(archive, tmp_path / "facts.db", tmp_path / into, NOW, DAY, **given)


def test_a_release_is_whole_and_adds_up(archive, tmp_path):
    parts = []
    done = make(archive, tmp_path, on_part=parts.append)
    assert done.version == "2026.08.1"
    assert parts == list_parts()
    names = {table.name for table in PUBLIC} | {view.name for view in flat_views()} | {"changes"}
    assert {path.stem for path in (done.folder / "csv").iterdir()} == {path.stem for path in (done.folder / "parquet").iterdir()} == names
    assert {path.name for path in done.folder.iterdir() if path.is_file()} == {"facts.db", "datapackage.json", "CODEBOOK.md", "CITATION.cff", "README.md", "SHA256SUMS"}
    sums = dict(reversed(line.split("  ")) for line in (done.folder / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(done.folder).as_posix(): path for path in done.folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"}
    assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert [path.name for path in (tmp_path / "releases").iterdir()] == ["2026.08.1"]


def test_frictionless_finds_the_package_valid(archive, tmp_path):
    done = make(archive, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # frictionless itself uses what its requirements have deprecated
        from frictionless import Package

        report = Package(str(done.folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "message", "note"])
    assert {task.name for task in report.tasks} == set(done.rows)
    package = json.loads((done.folder / "datapackage.json").read_text("utf-8"))
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert (package["version"], {resource["type"] for resource in package["resources"]}) == ("2026.08.1", {"table"})
    for resource in package["resources"]:
        data = (done.folder / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        assert resource["schema"]["primaryKey"]
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_frictionless_would_notice_a_wrong_value(archive, tmp_path):
    done = make(archive, tmp_path)
    path = done.folder / "csv" / "facts.csv"
    path.write_text(path.read_text("utf-8").replace(",1200,1200,", ",1200,many,"), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frictionless import Package

        assert not Package(str(done.folder / "datapackage.json")).validate().valid


def test_equal_data_gives_equal_csv_bytes(archive, tmp_path):
    first = make(archive, tmp_path)
    publish(archive.path, tmp_path / "facts.db", make_registry(), NOW)
    second = make(archive, tmp_path, "elsewhere")
    apart = {"releases"}  # the second knows of the first
    for path in sorted((first.folder / "csv").iterdir()):
        if path.stem not in apart:
            assert path.read_bytes() == (second.folder / "csv" / path.name).read_bytes(), path.name
    assert (second.version, first.version) == ("2026.08.2", "2026.08.1")


def test_csv_and_parquet_hold_what_the_database_holds(archive, tmp_path):
    done = make(archive, tmp_path)
    for table in PUBLIC:
        names = [column.name for column in table.columns]
        rows = ask(done.folder / "facts.db", f'SELECT {", ".join(names)} FROM "{table.name}" ORDER BY {", ".join(table.key)}')
        parquet = duckdb.sql(f"SELECT * FROM '{done.folder}/parquet/{table.name}.parquet'")
        assert parquet.columns == names
        assert parquet.fetchall() == rows, table.name
        with (done.folder / "csv" / f"{table.name}.csv").open(encoding="utf-8", newline="") as stream:
            header, *lines = csv.reader(stream)
        assert header == names
        assert lines == [["" if value is None else str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in row] for row in rows]
    raw = (done.folder / "csv" / "facts.csv").read_bytes()
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")


def test_flat_facts_need_no_join(archive, tmp_path):
    done = make(archive, tmp_path)
    rows = duckdb.sql(f"SELECT pathway, source, article, value_num, official FROM '{done.folder}/parquet/facts_flat.parquet' ORDER BY value_num").fetchall()
    assert rows == [("Open work permit for H-1B visa holders", "Harbour", "Harbour pilot", 12.5, 0), ("Open work permit for H-1B visa holders", "Harbour", "Harbour pilot", 1200.0, 0)]


def test_changes_are_those_since_the_last_release(archive, tmp_path):
    assert make(archive, tmp_path).rows["changes"] == 0  # nothing came before
    show(archive, make_article("The pilot takes 1,300 people."), "2026-08-10T10:00:00Z")
    extract(archive, find, "2026-08-10T11:00:00Z")
    publish(archive.path, tmp_path / "facts.db", make_registry(), "2026-08-10T12:00:00Z")
    done = release(archive, tmp_path / "facts.db", tmp_path / "releases", "2026-09-01T12:00:00Z", "2026-09-01")
    assert done.version == "2026.09.1"
    with (done.folder / "csv" / "changes.csv").open(encoding="utf-8") as stream:
        assert sorted((row["action"], row["value"], row["reason"]) for row in csv.DictReader(stream)) == [
            ("added", "1300", ""), ("retired", "12.5", "article_changed"), ("retired", "1200", "article_changed")]
    assert "2026.08.1" in (done.folder / "README.md").read_text("utf-8")
    assert archive.rows("SELECT release_id, version FROM releases ORDER BY 1") == [
        {"release_id": "2026-08-1", "version": "2026.08.1"}, {"release_id": "2026-09-1", "version": "2026.09.1"}]


@pytest.mark.parametrize(("harm", "why"), [
    ("UPDATE fact_marks SET quote = 'other'", "x_bad_span"), ("DELETE FROM fact_log", "x_log_differs"),
    ("INSERT INTO reviews SELECT 'r', 'fact', fact_id, 'rae', '2026-08-02T00:00:00Z', NULL, 'reject', NULL, NULL, '2026-08-02T00:00:00Z' FROM facts LIMIT 1", "x_review_not_applied"),
])
def test_an_archive_that_is_not_sound_is_not_released(archive, tmp_path, harm, why):
    archive.db.execute(harm)
    with pytest.raises(ReleaseError, match=why):
        make(archive, tmp_path)
    assert not (tmp_path / "releases").exists()
    assert archive.rows("SELECT * FROM releases") == []


def test_what_can_not_be_released_is_told_with_what_to_do(archive, tmp_path, monkeypatch):
    with pytest.raises(ReleaseError, match="landed publish"):
        release(archive, tmp_path / "none.db", tmp_path / "releases", NOW, DAY)
    (tmp_path / "odd.db").write_bytes(b"")
    with pytest.raises(ReleaseError, match="landed publish"):
        release(archive, tmp_path / "odd.db", tmp_path / "releases", NOW, DAY)
    publish(archive.path, tmp_path / "then.db", make_registry(), NOW, "2026-08-01T23:59:59Z")
    with pytest.raises(ReleaseError, match="2026-08-01"):
        release(archive, tmp_path / "then.db", tmp_path / "releases", NOW, DAY)
    monkeypatch.setattr(releases, "find_spec", lambda name: None)
    with pytest.raises(ReleaseError, match=re.escape("landed[release]")):
        make(archive, tmp_path)


def test_a_release_that_broke_off_is_made_anew(archive, tmp_path):
    left = tmp_path / "releases" / "2026.08.1.partial"
    left.mkdir(parents=True)
    (left / "half").touch()
    done = make(archive, tmp_path)
    assert done.version == "2026.08.1"
    assert not (done.folder / "half").exists()


def test_the_codebook_explains_every_table_column_and_attribute():
    book = write_codebook("2026.08.1", make_registry().attributes, flat_views())
    for thing in (*PUBLIC, *flat_views(), *(view for view in PUBLIC_VIEWS if not view.hidden)):
        section = book.split(f"\n### {thing.name}\n", 1)[1].split("\n###", 1)[0]
        columns = thing.columns if isinstance(thing.columns, dict) else [column.name for column in thing.columns]
        assert all(f"| `{name}` |" in section for name in columns), thing.name
    assert all(f"`{row['attribute_id']}`" in book for row in make_registry().attributes)
