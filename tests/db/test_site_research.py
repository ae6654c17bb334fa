"""For people who query: the page how to, the picture, downloads, notebooks, and examples that run as they stand."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from db.metadata import LICENCES, load_queries
from db.releases import write_csv, write_parquet
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.serve import build_app, close_app
from db.site.pages.examples import FOLDER, LANGUAGES, list_programs, list_sql
from db.site.picture import draw_tables, list_references
from tests.db.public_sample import DRAWS, build_sample

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return build_sample(tmp_path_factory.mktemp("research") / "facts.db")


@pytest.fixture(scope="module")
def app(database):
    built = build_app(database)
    yield built
    close_app(built)


@pytest.fixture
def get(app):
    def get(path, status=200):
        response = asyncio.run(app.client.get(path))
        assert response.status_code == status, (path, response.text[:2000])
        return response

    return get


def links(page):
    """Addresses on this site that the content of a page links to."""
    found = re.findall(r'<a [^>]*href="([^"]+)"', page.partition("<main")[2].partition("</main>")[0])
    return [html.unescape(address).partition("#")[0] for address in found if address.startswith("/")]


# ---------------------------------------------------------------- examples


def run(*command, **variables):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **variables}, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_every_example_has_a_test_and_its_place():
    assert {path.name for path in FOLDER.iterdir() if path.is_file()} == {*LANGUAGES, *(example.file for example in list_sql())}
    assert set(LANGUAGES.values()) == {"Python", "pandas", "DuckDB", "R"}


def test_python(database):
    shown = run(sys.executable, str(FOLDER / "caps.py"), str(database))
    assert "Ontario Immigrant Nominee Program: eq 14119 nominations (Federal newsroom, 2025-11-01)" in shown
    assert "Ontario's cap is 14,119 nominations in 2025" in shown


def test_pandas(database):
    shown = run(sys.executable, str(FOLDER / "cutoffs.py"), str(database), COLUMNS="200")
    assert re.search(r"Canadian Experience Class\s+700.0\s+511.0", shown)


def test_duckdb(database, tmp_path):
    for name in ("csv", "parquet"):
        (tmp_path / name).mkdir()
    [table] = [table for table in PUBLIC if table.name == "draws"]
    names = [column.name for column in table.columns]
    with closing(sqlite3.connect(database)) as connection:
        write_csv(tmp_path / "csv" / "draws.csv", names, connection.execute(f"SELECT {', '.join(names)} FROM draws"))
    write_parquet(tmp_path, "draws", {column.name: column.type for column in table.columns}, set())
    shown = run(sys.executable, str(FOLDER / "invitations.py"), str(tmp_path))
    this_year = [draw for draw in DRAWS if draw[3].startswith("2026")]
    assert re.search(rf"2026\D+{len(this_year)}\D+{sum(draw[6] for draw in this_year)}\D+401", shown)


def test_r(database):
    found = shutil.which("Rscript")
    if not found:
        pytest.skip("no Rscript; on Debian: apt-get install r-base-core r-cran-rsqlite")
    there = subprocess.run([found, "-e", "quit(status = !requireNamespace('RSQLite', quietly = TRUE))"], capture_output=True, timeout=60, check=False)
    if there.returncode:
        pytest.skip("R has no RSQLite; on Debian: apt-get install r-cran-rsqlite")
    shown = run(found, str(FOLDER / "occupations.R"), str(database))
    assert re.search(r"healthcare and social services occupations\s+1\b", shown)
    assert "2026-07-23" in shown


@pytest.mark.parametrize("example", list_sql(), ids=lambda example: example.file)
def test_sql(database, get, example):
    assert example.says.endswith(".")
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(example.code).fetchall()
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {example.code}")]
    assert rows
    assert not [line for line in plan if re.match(r"SCAN (f|e|l|v|m|a|facts|marks|events|event_facts|event_values|articles)\b", line)]
    [address] = [address for address in links(get("/query").text) if parse_qs(urlsplit(address).query).get("sql") == [example.code]]
    assert len(get(address.replace("/facts?", "/facts.json?_shape=array&")).json()) == len(rows)


@pytest.mark.parametrize("example", list_programs(), ids=lambda example: example.file)
def test_readme_and_page_show_the_programs_that_are_tested(get, example):
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert "\n".join(f"    {line}" if line else "" for line in example.code.splitlines()) in readme
    assert example.code in html.unescape(get("/query").text)


# ---------------------------------------------------------------- how to query


def test_page_links_to_what_answers(get):
    found = set(links(get("/query").text))
    assert {"/facts/events", "/facts/v_facts", "/facts/draws", "/feeds", "/data", "/facts.db"} <= found
    for address in found:
        get(address)


def test_addresses_of_the_page_answer(get):
    shown = re.findall(r"<dt><code>http://localhost([^<]+)</code>", get("/query").text)
    assert len(shown) >= 6
    for address in shown:
        get(html.unescape(address).replace("select+…", "select+1"))


def test_picture_has_every_table_and_reference():
    drawn = [table for table in PUBLIC if not table.operational and not table.hidden]
    picture = etree.fromstring(str(draw_tables(drawn, lambda name: f"/facts/{name}")))
    titles = [element.text for element in picture.iter("text") if element.get("class") == "er-title"]
    assert sorted(titles) == sorted(table.title for table in drawn)
    assert {element.get("href") for element in picture.iter("a")} == {f"/facts/{table.name}" for table in drawn}
    names = {table.name for table in drawn}
    wanted = sum(1 for table, references in list_references(drawn) for _, other in references if other in names and other != table.name)
    assert len([path for path in picture.iter("path") if path.get("class") == "er-arrow"]) == wanted > 25
    # Nothing lies outside the frame or over something else.
    _, _, width, height = (float(part) for part in picture.get("viewBox").split())
    boxes = [tuple(float(box.get(name)) for name in ("x", "y", "width", "height")) for box in picture.iter("rect")]
    assert all(x >= 0 and y >= 0 and x + wide <= width and y + high <= height for x, y, wide, high in boxes)
    for number, (x, y, wide, high) in enumerate(boxes):
        assert not any(x < other_x + other_wide and other_x < x + wide and y < other_y + other_high and other_y < y + high for other_x, other_y, other_wide, other_high in boxes[number + 1 :])


def test_picture_follows_references_in_a_circle_once():
    from db.tables import Column, Table

    ring = tuple(Table(name, name, name, (Column(f"{name}_id", "TEXT", "Id.", references=f"{other}.x"),), key=(f"{name}_id",)) for name, other in (("a", "b"), ("b", "a"), ("c", "c")))
    picture = etree.fromstring(str(draw_tables(ring, lambda name: name)))
    assert len([path for path in picture.iter("path") if path.get("class") == "er-arrow"]) == 2
    assert [text.text for text in picture.iter("text") if text.text == "c_id ↺"]


def test_picture_has_no_style_or_script(get):
    page = get("/query").text
    assert "style=" not in page
    assert "<style" not in page
    assert page.count("<svg") == 1


# ---------------------------------------------------------------- downloads


def test_downloads(get):
    page = get("/data").text
    found = set(links(page))
    for table in PUBLIC:
        assert {f"/facts/{table.name}", f"/facts/{table.name}.csv?_stream=on", f"/facts/{table.name}.json?_shape=objects"} <= found
    for view in PUBLIC_VIEWS:
        assert view.hidden or f"/facts/{view.name}.csv?_stream=on" in found
    for address in found:
        get(address)
    assert "2026.08.1" in page
    assert "@misc{landed2026," in page
    assert "url    = {http://localhost/data}" in page
    assert all(html.escape(licence.name, quote=False) in html.unescape(page) for licence in LICENCES.values())


def test_whole_database_is_the_file(get, database):
    assert get("/facts.db").content == database.read_bytes()


# ---------------------------------------------------------------- notebooks


@pytest.mark.parametrize("path", ["/facts/events", "/facts/v_facts", "/facts/timeline", "/facts"])
def test_notebook_lines_lead_to_the_rows(get, path):
    asked = {"/facts/timeline": "?pathway=ca-ee-cec", "/facts": "?sql=select+*+from+draws"}.get(path, "")
    page = get(f"{path}.Notebook{asked}").text
    assert "<script" not in page.replace('<script src="', "")
    address = html.unescape(re.search(r"pandas.read_json\(\s+(\S+)\s+\)", page)[1])
    rows = get(json.loads(address).removeprefix("http://localhost")).json()
    assert isinstance(rows, list)
    assert rows
    assert not any(isinstance(value, dict) for row in rows for value in row.values())
    linked = [link for link in links(get(f"{path}{asked}").text) if link.startswith(f"{path}.Notebook")]
    assert linked
    for link in linked:
        assert "_labels" not in re.search(r"pandas.read_json\(\s+(\S+)", get(link).text)[1]


def test_notebook_of_a_large_table_streams_all(get):
    page = html.unescape(get("/facts/facts.Notebook?_size=2").text)
    address = re.search(r'"(http://localhost/facts/facts\.csv[^"]*_stream=on)"', page)[1]
    assert len(get(address.removeprefix("http://localhost")).text.splitlines()) > 10
    assert "17 rows" in page


def test_hostile_addresses_in_a_notebook(get):
    page = get('/facts/facts.Notebook?scope__contains=%3C/pre%3E%3Cscript%3Ealert(1)%3C/script%3E"').text
    assert "<script>alert" not in page


# ---------------------------------------------------------------- saved queries


def test_there_are_many_saved_queries():
    assert len(load_queries()) >= 20
