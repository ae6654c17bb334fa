"""How fast the site answers with a million facts, and how much memory it takes.

Four connections ask the server, in one run, for pages of each kind, drawn at random from a fixed sample of rows; the same
connections ask plain Datasette, without anything of Landed's, for its own table page of the same file. Printed are the
median and the 95th percentile of each page, and both as ratios to plain Datasette's. Validators are never sent, so that
no answer is "304 Not Modified".

`LANDED_BENCH_ARTICLES` sets the number of articles (100,000 without it; ten facts each), `LANDED_BENCH_FILES` a folder
that keeps the database for the next run, `LANDED_BENCH_REQUESTS` the requests per kind of page (200 without it).
"""

from __future__ import annotations

import http.client
import itertools
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.large_facts import build_large, identify_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLES = int(os.environ.get("LANDED_BENCH_ARTICLES", "100000"))
REQUESTS = int(os.environ.get("LANDED_BENCH_REQUESTS", "200"))
CONNECTIONS = 4
# Milliseconds at the 95th percentile.
AIMS = {
    "home": 150, "pathway": 150, "largest pathway": 150, "occupation": 150, "fact": 150, "event": 150, "facts table": 150, "facts table, two facets": 300, "search": 200,
    "feed": 150, "draws explorer": 150, "health": 150,
}  # fmt: skip
AIM_MEMORY = 250
PLAIN, BARE = "plain Datasette's table", "the same, suggesting no facets"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("LANDED_BENCH_FILES")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("site")
    path = folder / f"facts-{ARTICLES}-{identify_shape()}.db"
    if not path.exists():
        started = time.monotonic()
        build_large(path, ARTICLES)
        print(f"\nbuilt {path} in {time.monotonic() - started:,.0f} s", flush=True)
    return path


def sample_addresses(database: Path) -> dict[str, list[str]]:
    """Addresses of each kind of page."""
    chance = random.Random(11)
    with closing(sqlite3.connect(f"file:{database}?immutable=1", uri=True)) as connection:
        def pick(table: str, key: str, count: int) -> list[str]:
            last = connection.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]
            places = sorted(chance.sample(range(1, last + 1), min(count, last)))
            return [row[0] for place in places for row in connection.execute(f"SELECT {key} FROM {table} WHERE rowid = ?", [place])]

        facts, events = pick("facts", "fact_id", 200), pick("events", "event_id", 200)
        pathways, occupations = pick("pathways", "pathway_id", 100), [row[0] for row in connection.execute("SELECT noc_code FROM occupations WHERE edition = '2021' ORDER BY noc_code")][::8]
        words = [row[0].split()[-4] for fact in facts[:40] for row in connection.execute("SELECT evidence FROM facts WHERE fact_id = ?", [fact])]
        names = [row[0] for pathway in pathways[:20] for row in connection.execute("SELECT name FROM pathways WHERE pathway_id = ?", [pathway])]
    asked = ["H-1B", "NOC 21231", "21231", "TEER 3", "express entry", "expres entyr", "nurses", *names, *words, *(f"{first} {second}" for first, second in itertools.pairwise(words))]
    return {
        "home": ["/"],
        "pathway": [f"/facts/pathways/{one}" for one in pathways],
        "largest pathway": ["/facts/pathways/ca-ee"],
        "occupation": [f"/facts/occupations/{one}" for one in occupations],
        "fact": [f"/facts/facts/{one}" for one in facts],
        "event": [f"/facts/events/{one}" for one in events],
        "facts table": ["/facts/facts", *(f"/facts/facts?pathway_id={one}" for one in pathways)],
        "facts table, two facets": [f"/facts/facts?_facet=attribute_id&_facet=year{narrowed}" for narrowed in ("", *(f"&pathway_id={one}" for one in pathways[:50]), "&status=current", "&attribute_id=cap", "&year=2024")],
        "search": ["/search?q=" + one.replace(" ", "+") for one in asked if one.isascii()],
        "feed": ["/feeds/events.atom", "/feeds/dates.ics", *(f"/feeds/pathways/{one}.atom" for one in pathways[:30]), *(f"/feeds/occupations/{one}.atom" for one in occupations[:30])],
        "draws explorer": ["/draws"],
        "health": ["/health"],
    }


@contextmanager
def serving(*command: str) -> Iterator[tuple[int, int]]:
    """A server of its own: its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with subprocess.Popen([sys.executable, "-m", *command, "--port", str(port)], stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                    try:
                        connection.request("GET", "/-/versions.json")
                        connection.getresponse().read()
                        break
                    except OSError:
                        time.sleep(0.2)
            yield port, server.pid
        finally:
            server.terminate()


def ask(port: int, addresses: list[str], seed: int, taken: list[float], wrong: list[str]) -> None:
    """Ask for addresses over one connection, one after the other; adds the milliseconds of each."""
    chance = random.Random(seed)
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for _ in range(REQUESTS // CONNECTIONS):
            address = chance.choice(addresses)
            started = time.perf_counter()
            connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            response.read()
            taken.append((time.perf_counter() - started) * 1000)
            if response.status != 200:
                wrong.append(f"{response.status} {address}")


def measure(port: int, addresses: list[str]) -> tuple[float, float, list[str]]:
    """Median and 95th percentile, in milliseconds, over all connections at once, and what wasn't answered well."""
    taken: list[float] = []
    wrong: list[str] = []
    askers = [threading.Thread(target=ask, args=(port, addresses, seed, taken, wrong)) for seed in range(CONNECTIONS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1], wrong


def memory(process: int) -> float:
    """MB that a process has in memory."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_the_site_with_a_million_facts(database: Path) -> None:
    addresses = sample_addresses(database)
    figures: dict[str, tuple[float, float]] = {}
    faults: list[str] = []
    with serving("datasette", "serve", str(database), "--setting", "default_page_size", "25") as (port, _):
        figures[PLAIN] = measure(port, [f"/{database.stem}/facts"])[:2]
    with serving("datasette", "serve", str(database), "--setting", "default_page_size", "25", "--setting", "suggest_facets", "off") as (port, _):
        figures[BARE] = measure(port, [f"/{database.stem}/facts"])[:2]
    with serving("db.serve", str(database)) as (port, process):
        for kind, places in addresses.items():
            middle, high, wrong = measure(port, places)
            figures[kind] = middle, high
            faults += wrong
        used = memory(process)
    print(f"\n{ARTICLES * 10:,} facts, {database.stat().st_size / 1e9:.1f} GB, {CONNECTIONS} connections, {REQUESTS} requests a row, load {os.getloadavg()[0]:.1f}; ratios to {PLAIN}")
    print(f"{'':32}{'p50 ms':>9}{'p95 ms':>9}{'p50':>8}{'p95':>8}{'aim p95':>9}")
    for kind, (middle, high) in figures.items():
        print(f"{kind:32}{middle:9,.0f}{high:9,.0f}{middle / figures[PLAIN][0]:8.2f}{high / figures[PLAIN][1]:8.2f}{AIMS.get(kind, ''):>9}")
    print(f"memory of the server: {used:,.0f} MB (aim: {AIM_MEMORY})", flush=True)
    assert faults == []
    assert {kind: round(figures[kind][1]) for kind, aim in AIMS.items() if figures[kind][1] >= aim} == {}
    assert used < AIM_MEMORY
