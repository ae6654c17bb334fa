"""The same configuration under an alpha of Datasette 1.0: it starts and answers, and what differs is written down.

`make test-datasette-1` sets up an environment for it. An alpha may break this at any time, so that CI goes on when it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.metadata import split_metadata

REPOSITORY = Path(__file__).parents[2]
ALPHA = os.environ.get("LANDED_DATASETTE_1", "")
GONE = {"/-/metadata.json"}


def collect(python, folder):
    folder.mkdir()
    done = subprocess.run([python, "-m", "tests.db.datasette_answers", str(folder)], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def tell_differences(stable, alpha):
    """Lines: path, what differs, both values."""
    lines = []
    for path, before in stable["answers"].items():
        after = alpha["answers"][path]
        lines += [f"{path}: {key} {before[key]!r} -> {after[key]!r}" for key in ("status", "type", "moved", "tag", "safe", "ours") if before[key] != after[key]]
        if before.get("content") != after.get("content"):
            shapes = [f"object of {', '.join(content)}" if isinstance(content, dict) else f"{type(content).__name__} of {len(content)}" for content in (before.get("content") or "", after.get("content") or "")]
            lines.append(f"{path}: content {shapes[0]} -> {shapes[1]}")
    return lines


def test_the_same_configuration_starts_and_answers(tmp_path):
    if not ALPHA:
        pytest.skip("no Datasette 1.0 here: make test-datasette-1 sets it up")
    stable, alpha = collect(sys.executable, tmp_path / "stable"), collect(ALPHA, tmp_path / "alpha")
    lines = tell_differences(stable, alpha)
    report = REPOSITORY / "build" / "datasette-1-differences.txt"
    report.parent.mkdir(exist_ok=True)
    report.write_text("\n".join([f"Datasette {stable['version']} -> {alpha['version']}", *lines, ""]), encoding="utf-8")
    print(report.read_text("utf-8"))
    assert alpha["version"].startswith("1.")
    assert alpha["draws after a swap"] == stable["draws after a swap"] == 7
    for path, before in stable["answers"].items():
        after = alpha["answers"][path]
        assert after["safe"], path
        if path not in GONE:
            assert after["status"] == before["status"], path
            assert after["ours"] == before["ours"], path
        if "_shape=array" in path and "content" in before:
            assert after["content"] == before["content"], path


def test_split_metadata():
    described = {
        "title": "T", "plugins": {"p": {"a": 1}},
        "databases": {"facts": {"title": "F", "allow_sql": False, "queries": {"q": {"sql": "select 1"}}, "tables": {"facts": {"title": "Facts", "sort": "id", "fts_table": "facts_fts", "columns": {"id": "The id."}}}}},
    }
    told, served = split_metadata(described)
    assert told == {"title": "T", "databases": {"facts": {"title": "F", "tables": {"facts": {"title": "Facts", "columns": {"id": "The id."}}}}}}
    assert served == {
        "plugins": {"p": {"a": 1}},
        "databases": {"facts": {"allow_sql": False, "queries": {"q": {"sql": "select 1"}}, "tables": {"facts": {"sort": "id", "fts_table": "facts_fts"}}}},
    }


def test_differences_are_told():
    one = {"status": 200, "type": "application/json", "moved": [], "tag": True, "safe": True, "ours": False}
    stable, alpha = ({"answers": {"/a": {**one, "content": content}, "/b": {**one, "status": status}}} for content, status in (([1], 200), ({"rows": [1]}, 404)))
    assert tell_differences(stable, stable) == []
    assert tell_differences(stable, alpha) == ["/a: content list of 1 -> object of rows", "/b: status 200 -> 404"]
