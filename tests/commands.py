"""Run Landed's command line as a user does: in a process of its own."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from crawlers.demo.story import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def command(*arguments: str | Path) -> list[str]:
    """The words of a call."""
    return [sys.executable, "-m", "landed", *map(str, arguments)]


def on_demo(data: Path, addresses: Mapping[str, str], *arguments: str | Path) -> list[str]:
    """The words of a call that works on the demo's sources."""
    return command("--data", data, "--sources", SOURCES, *(f"--address={name}={address}" for name, address in addresses.items()), *arguments)


def untraced() -> dict[str, str]:
    """The environment without what makes a process measure its line coverage."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


def call(words: list[str], given: str | bytes = "", *, traced: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a call to its end, with `given` on standard input; `traced` measures its line coverage, which takes time."""
    data = given.encode("utf-8") if isinstance(given, str) else given
    done = subprocess.run(words, input=data, capture_output=True, check=False, timeout=120, env=None if traced else untraced())
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def digests(data: Path) -> str:
    """The digest of each table of a data folder's public database, a line each."""
    done = call(on_demo(data, {}, "digest"))
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()
