"""Serving: clear refusals, and a new publication picked up under load without a restart."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from db.serve import SETTINGS, ServeError, build_app, close_app, serve
from db.site.live import SnapshotError
from tests.db.public_sample import build_sample

LATER = "2026-08-08T12:00:00Z"
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path):
    return build_sample(tmp_path / "facts.db")


@pytest.fixture
def app(database):
    built = build_app(database)
    yield built
    close_app(built)


def get(app, path):
    return asyncio.run(app.client.get(path))


# ---------------------------------------------------------------- refusals


def change(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_missing_database(tmp_path):
    with pytest.raises(ServeError, match=r"no database at .*nothing\.db.*landed publish"):
        build_app(tmp_path / "nothing.db")


def test_a_directory_is_no_database(tmp_path):
    with pytest.raises(ServeError, match="landed publish"):
        build_app(tmp_path)


@pytest.mark.parametrize("content", [b"", b"<html>" * 100, b"SQLite format 3\x00\x10\x00\x01\x01" + b"\x00" * 400])
def test_not_a_database(tmp_path, content):
    path = tmp_path / "facts.db"
    path.write_bytes(content)
    with pytest.raises(ServeError, match="landed publish"):
        build_app(path)


def test_another_sqlite_database(tmp_path):
    path = tmp_path / "facts.db"
    change(path, "CREATE TABLE letters (letter TEXT)")
    with pytest.raises(ServeError, match=r"not a database of published facts.*landed publish"):
        build_app(path)


def test_another_schema_version(database):
    change(database, "UPDATE publication SET schema_version = 999")
    with pytest.raises(ServeError, match=r"schema version 999.*landed publish"):
        build_app(database)


def test_an_unfinished_publication(database):
    change(database, "DELETE FROM publication")
    with pytest.raises(ServeError, match=r"not finished.*landed publish"):
        build_app(database)


def test_wal_database_is_refused(database):
    change(database, "PRAGMA journal_mode = WAL")
    with pytest.raises(ServeError, match=r"WAL mode.*landed publish"):
        build_app(database)


def test_metadata_that_cannot_be_read(database, tmp_path):
    with pytest.raises(ServeError, match="can't be read"):
        build_app(database, tmp_path / "metadata.json")
    (tmp_path / "metadata.json").write_text("{")
    with pytest.raises(ServeError, match="not JSON"):
        build_app(database, tmp_path / "metadata.json")
    (tmp_path / "metadata.json").write_text("[]")
    with pytest.raises(ServeError, match="not a JSON object"):
        build_app(database, tmp_path / "metadata.json")


def test_port_taken(database):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=rf"Port {port} is taken.*--port {port + 1}"):
            serve(database, port=port, quiet=True)


@pytest.mark.parametrize(("host", "port"), [("203.0.113.7", 0), ("127.0.0.1", 99_999)])
def test_addresses_that_cannot_be_had(database, host, port):
    with pytest.raises(ServeError, match="Can't listen"):
        serve(database, host=host, port=port, quiet=True)


# ---------------------------------------------------------------- settings


def test_settings(app):
    found = get(app, "/-/settings.json").json()
    assert {name: found[name] for name in SETTINGS} == SETTINGS
    assert (found["suggest_facets"], found["default_page_size"], found["sql_time_limit_ms"]) == (False, 25, 1500)


def test_the_database_is_called_facts_whatever_its_file(tmp_path):
    app = build_app(build_sample(tmp_path / "release-2026.08.db"))
    try:
        found = get(app, "/-/databases.json").json()
    finally:
        close_app(app)
    assert [(each["name"], each["is_mutable"]) for each in found] == [("facts", False)]


def test_served_file_is_in_delete_mode(app):
    found = asyncio.run(app.databases["facts"].execute("PRAGMA journal_mode"))
    assert found.rows[0][0] == "delete"


def test_metadata_file_is_used(database, tmp_path):
    (tmp_path / "metadata.json").write_text(json.dumps({"databases": {"facts": {"queries": {"one": {"sql": "select 1 as n"}}}}}))
    app = build_app(database, tmp_path / "metadata.json")
    try:
        assert get(app, "/facts/one.json?_shape=array").json() == [{"n": 1}]
    finally:
        close_app(app)


def test_base_url_is_respected(database):
    app = build_app(database, base_url="/landed/")
    try:
        text = get(app, "/facts/facts").text
    finally:
        close_app(app)
    assert 'href="/landed/static/landed.css?v=' in text
    assert re.findall(r'(?:href|src|action)="/(?!landed/)[^"]*"', text) == []


# ---------------------------------------------------------------- a new publication


def publish(database, **changes):
    """Build another publication beside the file and swap it in, as `landed publish` does."""
    fresh = build_sample(database.with_suffix(".new"), **changes)
    fresh.replace(database)


def test_new_publication_is_picked_up(app, database):
    assert get(app, "/facts/draws.json?_shape=array&_size=max").json()[0]["draw_id"] == "ca-ee-434"
    before = get(app, "/-/databases.json").json()[0]["hash"]
    publish(database, published_at=LATER, draws=3)
    assert len(get(app, "/facts/draws.json?_shape=array&_size=max").json()) == 7
    assert get(app, "/facts/draws.json").json()["filtered_table_rows_count"] == 7
    assert get(app, "/-/databases.json").json()[0]["hash"] != before
    assert get(app, "/facts.db").content == database.read_bytes()


def test_counts_and_the_schema_are_asked_once_for_each_publication(app, database):
    def ask():
        statements = []
        for connection in app.databases["facts"]._current.connections:
            connection.set_trace_callback(statements.append)
        counted = get(app, "/facts/draws.json?system=ca-ee").json()["filtered_table_rows_count"]
        return counted, sum("count(*) from draws" in one for one in statements), sum("sqlite_master" in one or "PRAGMA table" in one for one in statements)

    get(app, "/facts/draws")
    first, again = ask(), ask()
    assert (first[0], first[1] > 0) == (4, True)
    assert again[:2] == (4, 0)
    assert again[2] <= 2  # of some 30
    publish(database, draws=3)
    get(app, "/facts.json")
    assert ask()[:2] == (7, first[1])


def test_what_was_asked_once_can_be_changed_by_who_asks(app):
    names = asyncio.run(app.databases["facts"].table_names())
    names.clear()
    assert "facts" in asyncio.run(app.databases["facts"].table_names())


def test_old_connections_are_closed(app, database):
    live = app.databases["facts"]
    old = live._current
    publish(database, draws=1)
    get(app, "/facts.json")
    assert live._current is not old
    assert old.users == 0
    for connection in old.connections:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_swaps_under_concurrent_requests(app, database):
    """Every page holds one publication: its time and its number of draws always belong together."""
    held = {"2026-08-07T12:00:00Z": 4}
    seen = []

    async def read(stop):
        while not stop.is_set():
            response = await app.client.get("/")
            published = re.search(r"published <time [^>]*>(\d+ \w+ \d+, \d\d:\d\d)", response.text)
            draws = re.search(r"<strong>Draws</strong> <span class=\"count\">(\d+)", response.text)
            seen.append((response.status_code, published and published[1], draws and int(draws[1])))

    async def swap(stop):
        for number in range(1, 9):
            published_at = f"2026-08-07T12:{number:02}:00Z"
            held[published_at] = 4 + number
            await asyncio.to_thread(publish, database, published_at=published_at, draws=number)
            await asyncio.sleep(0.05)
        stop.set()

    async def run():
        stop = asyncio.Event()
        await asyncio.gather(swap(stop), *(read(stop) for _ in range(4)))
        return await app.client.get("/facts/draws.json?_shape=array&_size=max")

    last = asyncio.run(run())
    right = {(200, f"7 August 2026, {moment[11:16]}", draws) for moment, draws in held.items()}
    assert set(seen) <= right
    assert len({each[1] for each in seen}) > 2, "the swaps fell between the requests"
    assert len(last.json()) == 12
    assert app.databases["facts"]._current.users == 0


def test_a_request_keeps_its_publication(app, database):
    """A long answer that began before a swap ends with the rows it began with."""
    live = app.databases["facts"]

    async def count():
        return (await live.execute("SELECT count(*) FROM draws")).rows[0][0]

    async def begin(begun, swapped):
        async with live.pin():
            before = await count()
            begun.set()
            await swapped.wait()
            return before, await count()

    async def run():
        begun, swapped = asyncio.Event(), asyncio.Event()
        long = asyncio.create_task(begin(begun, swapped))
        await begun.wait()
        await asyncio.to_thread(publish, database, draws=5)
        fresh = await app.client.get("/facts/draws.json?_shape=array&_size=max")
        swapped.set()
        return *(await long), len(fresh.json())

    assert asyncio.run(run()) == (4, 4, 9)


@pytest.mark.parametrize("broken", [b"", b"not a database", None])
def test_a_broken_new_file_leaves_the_old_one_serving(app, database, caplog, broken):
    if broken is None:
        database.unlink()
    else:
        other = database.with_suffix(".broken")
        other.write_bytes(broken)
        other.replace(database)
    for _ in range(3):
        assert len(get(app, "/facts/draws.json?_shape=array").json()) == 4
    warnings = [record for record in caplog.records if record.name == "db.site.live"]
    assert len(warnings) == (0 if broken is None else 1)
    publish(database, draws=2)
    assert len(get(app, "/facts/draws.json?_shape=array").json()) == 6


def test_file_replaced_while_it_is_opened_is_not_half_read(app, database, monkeypatch):
    live = app.databases["facts"]
    other = build_sample(database.with_suffix(".other"), draws=9)

    def replace(connection):
        if other.exists():
            other.replace(database)

    monkeypatch.setattr(app, "_prepare_connection", lambda connection, name: replace(connection))
    with pytest.raises(SnapshotError, match="replaced while"):
        live._open()
    live._open().close()


@pytest.mark.engine
def test_served_from_the_command_line(database, tmp_path):
    script = "import sys; from pathlib import Path; from db.serve import serve; serve(Path(sys.argv[1]), port=0)"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(database)], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]

        def count():
            with urllib.request.urlopen(f"{address}facts/draws.json?_shape=array&_size=max", timeout=10) as response:
                return len(json.load(response))

        assert count() == 4
        shutil.copy(database, tmp_path / "copy.db")
        publish(database, draws=2)
        assert count() == 6
    finally:
        process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + 15
        out, err = process.communicate(timeout=max(1, deadline - time.monotonic()))
    assert (process.returncode, out, err) == (0, "", "")
