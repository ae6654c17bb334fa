"""Run Landed's command line as a user does: in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

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


def call(words: list[str], given: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """Run a call to its end, with `given` on standard input."""
    data = given.encode("utf-8") if isinstance(given, str) else given
    done = subprocess.run(words, input=data, capture_output=True, check=False, timeout=120)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
