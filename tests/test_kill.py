"""A process killed at any moment loses nothing: the next run makes it good."""

from __future__ import annotations

import contextlib
import random
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands import ask, call, digests, on_demo, untraced

if TYPE_CHECKING:
    from pathlib import Path

    from crawlers.demo.server import DemoSite

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("seed", range(4))
def test_killed_runs_are_made_good_by_the_next(seed: int, first: tuple[Path, float, Any], site: DemoSite, tmp_path: Path) -> None:
    """Five kills in a row at random moments of a run, four times over, and then one run to its end."""
    site.phase = 1
    chance = random.Random(seed)
    moments = []
    for _ in range(5):
        moment = chance.uniform(0.5, first[1])
        moments.append(round(moment, 2))
        running = subprocess.Popen(on_demo(tmp_path, site.addresses, "run"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=untraced())
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(timeout=moment)
        running.kill()
        running.wait()
    call(on_demo(tmp_path, site.addresses, "run"))
    assert digests(tmp_path) == digests(first[0]), f"killed after {moments} seconds"
    assert not list((tmp_path / "warc").glob("*.open"))
    faults = ["x_bad_span", "x_fact_without_evidence", "x_wrong_current_version"]
    assert [ask(tmp_path / "archive.db", f"SELECT count(*) FROM {view}") for view in faults] == [[(0,)]] * 3
