"""Scrapyd: what a job may say, and a real server that runs two groups whose archives become one."""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.deploy import runner
from crawlers.deploy.runner import Job, JobError, main, read_job
from crawlers.warc import iterate_captures
from tests.commands import call, command
from tests.crawlers.site_of_groups import GROUPS, serve_groups

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
needs_scrapyd = pytest.mark.skipif(find_spec("scrapyd") is None, reason="scrapyd is not installed here; `make test-scrapyd` installs it beside and runs this")


# ---------------------------------------------------------------- what a job may say


def job(*pairs: str) -> list[str]:
    """The arguments as Scrapyd gives them: settings, then spider arguments."""
    return ["crawl", "sources", "-s", "LOG_FILE=/logs/1.log", "-a", "_job=1", *(word for pair in pairs for word in ("-a", pair))]


@pytest.mark.parametrize(("pairs", "expected"), [
    # one source: the folder has its name
    (["source=cic-news"], Job("cic-news", ("crawl", "cic-news"), "/logs/1.log")),
    # several need a name for theirs
    (["source=cic-news, ircc-newsroom", "group=newsrooms"], Job("newsrooms", ("crawl", "cic-news", "ircc-newsroom"), "/logs/1.log")),
    # a shard names itself
    (["shard=02/4", "due=1", "limit=3"], Job("shard-2-of-4", ("crawl", "--due", "--limit", "3", "--shard", "2/4"), "/logs/1.log")),
    (["source=cic-news", "due=0"], Job("cic-news", ("crawl", "cic-news"), "/logs/1.log")),
])
def test_a_job_becomes_a_call_of_the_command_line(pairs, expected):
    assert read_job(job(*pairs)) == expected


@pytest.mark.parametrize(("given", "says"), [
    (job(), "either source="),
    (job("source=a", "shard=1/2"), "either source="),
    (job("source=a,b"), "need a name for their folder"),
    (job("source=--sources"), "no id of a source"),
    (job("source=a,", "group=g"), "no id of a source"),
    (job("source=a", "group=../../etc"), "a-z, 0-9 and - only"),
    (job("source=a", "group=/tmp/x"), "a-z, 0-9 and - only"),
    (job("shard=3/2"), "the numbers are 1 to 2"),
    (job("source=a", "due=yes"), "due is 'yes'"),
    (job("source=a", "limit=0"), "limit is '0'"),
    (job("source=a", "contact=x"), "no argument 'contact'"),
    (job("source=a", "_version=1"), "no argument '_version'"),
    # nobody switches robots.txt off from outside
    ([*job("source=a"), "-s", "ROBOTSTXT_OBEY=0"], "can't change settings"),
    ([*job("source=a"), "-x", "a=b"], "neither -a"),
    ([*job("source=a"), "-a"], "in pairs"),
    (["crawl", "cic-news"], "the only spider"),
    (["shell"], "the only spider"),
])
def test_a_job_that_can_not_be_understood_is_refused(given, says):
    with pytest.raises(JobError, match=says):
        read_job(given)


class Replaced(Exception):  # noqa: N818 - no error
    """The process became another."""


def test_a_job_runs_in_its_groups_folder_with_scrapyds_own_variables_removed(monkeypatch, tmp_path):
    def replace(path, words, environment):
        raise Replaced(path, words, environment)

    monkeypatch.setattr(runner.os, "execve", replace)
    environment = {"LANDED_DATA": str(tmp_path), "SCRAPY_PROJECT": "landed", "SCRAPYD_EGG_VERSION": "1", "PATH": "/bin"}
    with pytest.raises(Replaced) as became:
        main(["crawl", "sources", "-a", "source=cic-news"], environment)
    path, words, kept = became.value.args
    assert path == sys.executable
    assert words == [sys.executable, "-m", "landed", "--data", str(tmp_path / "groups" / "cic-news"), "crawl", "cic-news"]
    assert kept == {"LANDED_DATA": str(tmp_path), "PATH": "/bin"}


def test_what_a_job_writes_goes_to_scrapyds_log_and_its_exit_code_is_the_jobs(tmp_path):
    log = tmp_path / "job.log"
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.deploy.runner", "crawl", "sources", "-s", f"LOG_FILE={log}", "-a", "source=no-such-source"],
        capture_output=True, check=False, timeout=60, cwd=PROJECT, env=os.environ | {"LANDED_DATA": str(tmp_path / "data")},
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")
    assert "no source 'no-such-source'" in log.read_text(encoding="utf-8")


def test_the_spiders_are_named_and_a_wrong_job_is_wrong_usage(capsys):
    main(["list", "-s", "LOG_STDOUT=0"], {})
    assert capsys.readouterr().out == "sources\n"
    with pytest.raises(SystemExit) as ended:
        main(["crawl", "sources"], {})
    assert ended.value.code == 2
    assert "either source=" in capsys.readouterr().err


def test_scrapyds_configuration_is_local_runs_our_runner_and_takes_no_code():
    config = configparser.ConfigParser()
    config.read(PROJECT / "scrapy.cfg", encoding="utf-8")
    assert config["scrapyd"]["bind_address"] == "127.0.0.1"
    assert config["scrapyd"]["runner"] == runner.__name__
    assert config["scrapyd"]["max_proc"] == "1"
    assert [name for name, value in config["services"].items() if not value] == ["addversion.json", "delversion.json", "delproject.json"]


# ---------------------------------------------------------------- a real server


class Scrapyd:
    """A Scrapyd on a free loopback port, in a folder of its own with the project's scrapy.cfg."""

    def __init__(self, folder: Path, data: Path, sources: Path) -> None:
        shutil.copy(PROJECT / "scrapy.cfg", folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._log = (folder / "scrapyd.log").open("wb")
        self.log = folder / "scrapyd.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scrapyd"], cwd=folder, stdout=self._log, stderr=self._log,
            env=os.environ | {"SCRAPYD_HTTP_PORT": str(port), "LANDED_DATA": str(data), "LANDED_SOURCES": str(sources), "LANDED_CONTACT": "https://harbour.example/bot"},
        )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._log.close()

    def ask(self, service: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        with urllib.request.urlopen(f"{self.address}/{service}", data=data, timeout=20) as answer:
            return json.load(answer)

    def wait_until_up(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                assert self.ask("daemonstatus.json")["status"] == "ok"
                return
            time.sleep(0.1)
        pytest.fail(f"scrapyd didn't start:\n{self.log.read_text()}")

    def schedule(self, **fields: str) -> str:
        answer = self.ask("schedule.json", {"project": "landed", "spider": "sources"} | fields)
        assert answer["status"] == "ok", answer
        return answer["jobid"]

    def wait_for(self, *jobs: str) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if {row["id"] for row in self.ask("listjobs.json?project=landed")["finished"]} >= set(jobs):
                return
            time.sleep(0.2)
        pytest.fail(f"the jobs didn't end:\n{self.log.read_text()}")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sources")
    with serve_groups(folder):
        yield folder


@pytest.fixture(scope="module")
def crawled(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scrapyd, Path]]:
    """A server that ran a job for each group, and the data folder."""
    folder = tmp_path_factory.mktemp("scrapyd")
    server = Scrapyd(folder, folder / "data", sources)
    try:
        server.wait_until_up()
        server.wait_for(*(server.schedule(source=",".join(ids), group=group) for group, ids in GROUPS.items()))
        yield server, folder / "data"
    finally:
        server.stop()


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


TEXTS = "SELECT a.source_id, a.url, v.version_no, v.text_sha256 FROM articles a JOIN article_versions v USING (article_id) ORDER BY 1, 2, 3"
CAPTURES = "SELECT capture_id, url, warc_file, warc_offset FROM captures ORDER BY 1"


def merge(parts: list[Path], into: Path, sources: Path) -> None:
    """Bring the archives of several data folders into one, as the README says."""
    done = call(command("--data", into, "--sources", sources, "import", *(file for part in parts for file in sorted((part / "warc").glob("*.warc.gz")))))
    assert done.returncode == 0, done.stderr


@pytest.mark.engine
@needs_scrapyd
def test_each_group_is_crawled_into_an_archive_of_its_own(crawled: tuple[Scrapyd, Path]) -> None:
    server, data = crawled
    assert server.ask("listspiders.json?project=landed")["spiders"] == ["sources"]
    for group, ids in GROUPS.items():
        own = data / "groups" / group
        assert {row[0] for row in ask(own / "archive.db", "SELECT DISTINCT source_id FROM crawls WHERE verdict = 'ok'")} == set(ids)
        assert {row[0] for row in ask(own / "archive.db", TEXTS)} == set(ids)
        captured = [capture for file in (own / "warc").glob("*.warc.gz") for capture, _ in iterate_captures(file)]
        assert {capture.source_id for capture in captured} == set(ids)
        assert not list((own / "warc").glob("*.open"))


@pytest.mark.engine
@needs_scrapyd
def test_the_groups_archives_merge_into_one_without_duplicates(crawled: tuple[Scrapyd, Path], sources: Path, tmp_path: Path) -> None:
    _, data = crawled
    parts = [data / "groups" / group for group in GROUPS]
    merge(parts, tmp_path / "one", sources)
    archive = tmp_path / "one" / "archive.db"
    assert ask(archive, TEXTS) == sorted(row for part in parts for row in ask(part / "archive.db", TEXTS))
    assert ask(archive, CAPTURES) == sorted(row for part in parts for row in ask(part / "archive.db", CAPTURES))
    # Merged again, nothing is added.
    before = ask(archive, TEXTS), ask(archive, CAPTURES)
    merge(parts, tmp_path / "one", sources)
    assert (ask(archive, TEXTS), ask(archive, CAPTURES)) == before
    # One crawl of all sources finds the same.
    done = call(command("--data", tmp_path / "whole", "--sources", sources, "crawl"))
    assert done.returncode == 0, done.stderr
    assert ask(tmp_path / "whole" / "archive.db", TEXTS) == before[0]


@pytest.mark.engine
@needs_scrapyd
def test_shards_are_jobs_too_and_crawl_what_is_due(crawled: tuple[Scrapyd, Path]) -> None:
    server, data = crawled
    for _ in range(2):
        server.wait_for(*(server.schedule(shard=f"{number}/2", due="1") for number in (1, 2)))
    crawls = [row[0] for number in (1, 2) for row in ask(data / "groups" / f"shard-{number}-of-2" / "archive.db", "SELECT source_id FROM crawls")]
    # Each source by one of the shards; the second time, none was due.
    assert sorted(crawls) == sorted(name for ids in GROUPS.values() for name in ids)


@pytest.mark.engine
@needs_scrapyd
def test_the_server_refuses_code_settings_and_jobs_it_does_not_know(crawled: tuple[Scrapyd, Path]) -> None:
    server, data = crawled
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.ask("addversion.json", {"project": "landed", "version": "1", "egg": "x"})
    refused.value.close()
    assert refused.value.code == 404
    before = sorted(path.name for path in (data / "groups").iterdir())
    server.wait_for(
        server.schedule(source="harbour", setting="ROBOTSTXT_OBEY=0"),
        server.schedule(source="harbour", group="../elsewhere"),
    )
    assert sorted(path.name for path in (data / "groups").iterdir()) == before
    log = server.log.read_text()
    assert "can't change settings" in log
    assert log.count("Process died: exitstatus=2") == 2
