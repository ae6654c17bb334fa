"""What all tests share."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from crawlers.demo.server import DemoSite
from tests.commands import call, on_demo

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator


# The same examples on each machine, and no example fails for being slow on a busy one.
settings.register_profile("landed", derandomize=True, deadline=None)
settings.load_profile("landed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that run whole processes: they take longest, and the others fit beside them."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material, a folder named `shared` beside the checkout; the test skips where there is none."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no reference material: the folder `shared` beside the checkout is missing")
    return folder


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


@pytest.fixture(scope="module")
def first(site: DemoSite, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, subprocess.CompletedProcess[str]]:
    """A data folder after one run on phase 1 (never changed by the tests; they copy it), the run's seconds and outcome."""
    data = tmp_path_factory.mktemp("first") / "data"
    site.phase = 1
    started = time.monotonic()
    done = call(on_demo(data, site.addresses, "run"))
    return data, time.monotonic() - started, done
