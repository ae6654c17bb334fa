"""What an operator sets up: schedules, what is due, shards, and news of verdicts, by the command line."""

from __future__ import annotations

import fcntl
import json
import re
import shlex
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import landed
from crawlers.demo.server import DemoSite
from tests.commands import call, command, on_demo
from tests.crawlers.web_server import Host, article, feed, write_source

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine


def statuses(data: Path, site: DemoSite) -> dict[str, dict[str, Any]]:
    done = call(on_demo(data, site.addresses, "status", "--json"), traced=True)
    assert done.returncode == 0, done.stderr
    return {row["source_id"]: row for row in json.loads(done.stdout)}


def test_a_run_tells_once_of_bad_verdicts_and_crawls_again_only_what_is_due(tmp_path: Path) -> None:
    data, news = tmp_path / "data", tmp_path / "news"
    keep = f"{shlex.quote(sys.executable)} -c 'import sys; open(sys.argv[1], \"a\").write(sys.stdin.read() + chr(10))' {shlex.quote(str(news))}"
    with DemoSite() as site:
        call(on_demo(data, site.addresses, "run", "--notify-command", keep, "--label", "demo"), traced=True)
        (message,) = map(json.loads, news.read_text(encoding="utf-8").splitlines())
        first = statuses(data, site)
        bad = {source_id for source_id, row in first.items() if row["verdict"] not in {"ok", "quiet", None} and row["enabled"]}
        assert {change["source"] for change in message["changes"]} == bad
        assert "demo-offline" in bad
        assert message["text"].startswith("Landed (demo): ")

        # Nothing is due a moment later, and nothing is told again.
        again = call(on_demo(data, site.addresses, "run", "--due", "--notify-command", keep), traced=True)
        assert again.returncode == 0, again.stderr
        assert {source_id: row["crawl_id"] for source_id, row in statuses(data, site).items()} == {source_id: row["crawl_id"] for source_id, row in first.items()}
        assert len(news.read_text(encoding="utf-8").splitlines()) == 1

    # A server that is down is tried again long before its cadence is over.
    row = first["demo-offline"]
    wait = datetime.fromisoformat(row["due_at"]) - datetime.fromisoformat(row["started_at"])
    assert timedelta(minutes=9) <= wait <= timedelta(hours=2)
    for source_id, other in first.items():
        if other["verdict"] in {"ok", "quiet"}:
            assert datetime.fromisoformat(other["due_at"]) > datetime.now(UTC) + timedelta(minutes=30), source_id


def test_a_run_with_nothing_due_ends_at_once_and_says_when_something_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    words = ("--data", data, "--sources", tmp_path / "sources")
    with Host({"/feed": feed("/a"), "/a": article("Ferry")}) as host:
        write_source(tmp_path / "sources", "harbour", host.address, ["/feed"])
        for command_name in ("crawl", "publish"):
            assert call(command(*words, command_name)).returncode == 0
        asked, built = len(host.asked), (data / "facts.db").stat()
        done = call(command(*words, "run", "--due"), traced=True)
        assert done.returncode == 0, done.stderr
        assert re.search(r"^nothing is due; next is harbour at \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC$", done.stderr.strip()), done.stderr
        assert (len(host.asked), (data / "facts.db").stat().st_ino, (data / "facts.db").stat().st_mtime_ns) == (asked, built.st_ino, built.st_mtime_ns)
        place = landed.Workplace(data, tmp_path / "sources")
        assert landed.read_idle(place, None) == done.stderr.strip()
        # What a killed run crawled and didn't publish is to be published, though nothing is due.
        with place.open_archive() as archive:
            archive.db.execute("UPDATE crawls SET finished_at = '2100-01-01T00:00:00Z'")
            archive.db.conn.commit()
            assert landed.read_idle(place, None) == ""
            archive.db.execute("UPDATE crawls SET finished_at = started_at")
            archive.db.conn.commit()
        assert landed.read_idle(place, None)
        # A new source is due at once.
        write_source(tmp_path / "sources", "pier", host.address, ["/feed"])
        assert landed.read_idle(place, None) == ""


def test_a_run_of_what_is_due_leaves_the_folder_to_the_run_that_is_at_work(tmp_path: Path) -> None:
    write_source(tmp_path / "sources", "harbour", "http://127.0.0.1:9", ["/feed"])
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "landed.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        due, plain = (call(command("--data", tmp_path / "data", "--sources", tmp_path / "sources", "run", *options)) for options in (["--due"], []))
    assert (due.returncode, plain.returncode) == (0, 1)
    assert "another run is at work" in due.stderr
    assert "another run is at work" in plain.stderr
    assert not (tmp_path / "data" / "archive.db").exists()


def test_a_notification_that_fails_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    with DemoSite() as site:
        done = call(on_demo(tmp_path, site.addresses, "run", "--webhook", "http://127.0.0.1:9/s3cret"))
    assert done.returncode == 1
    assert "notification: the webhook at 127.0.0.1 can't be reached" in done.stderr
    assert "s3cret" not in done.stderr
    assert (tmp_path / "facts.db").exists()


def test_shards_share_the_sources_out(tmp_path: Path) -> None:
    with DemoSite() as site:
        crawled = []
        for number in (1, 2):
            call(on_demo(tmp_path / str(number), site.addresses, "crawl", "--shard", f"{number}/2", "--limit", "1"), traced=True)
            crawled.append({source_id for source_id, row in statuses(tmp_path / str(number), site).items() if row["crawl_id"]})
        enabled = {source_id for source_id, row in statuses(tmp_path / "1", site).items() if row["enabled"]}
    assert crawled[0] | crawled[1] == enabled
    assert not crawled[0] & crawled[1]


@pytest.mark.parametrize(("words", "says"), [
    (["crawl", "--shard", "3/2"], "the numbers are 1 to 2"),
    (["run", "--notify-command", "mail 'x"], "No closing quotation"),
    (["schedule", "cron", "--every", "7"], "every is 7 minutes"),
    (["schedule", "github-actions"], "inside the checkout"),
])
def test_wrong_options_are_wrong_usage(words: list[str], says: str, tmp_path: Path) -> None:
    done = call(command("--data", tmp_path, *words))
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())


def test_a_schedule_is_shown_or_written(tmp_path: Path) -> None:
    shown = call(command("--data", tmp_path / "a b", "schedule", "systemd"), traced=True)
    assert shown.returncode == 0
    assert f'--data" "{tmp_path}/a b"' in shown.stdout
    done = call(command("--data", tmp_path / "a b", "schedule", "systemd", "--into", tmp_path / "units"), traced=True)
    assert done.returncode == 0
    assert all((tmp_path / "units" / name).read_text(encoding="utf-8") in shown.stdout for name in ("landed.service", "landed.timer"))
    assert "run --due" in call(command("--data", tmp_path, "schedule", "cron")).stdout
    assert '"landed --data data run --due"' in call(command("--data", "data", "schedule", "github-actions")).stdout
