"""Real crawls over loopback: what goes over the wire, what is archived, and how each fault is named.

One site with a host for each matter is crawled, crawled again after it changed, and replayed, all by the command line
in processes of their own; the tests look at what came of it.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import random
import string
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.crawl import SETTINGS
from crawlers.warc import iterate_captures, read_payload
from tests.commands import call, command
from tests.crawlers.web_server import (
    Answer,
    Asked,
    Connection,
    Host,
    article,
    feed,
    moved,
    page_html,
    read_database,
    write_source,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.engine

NONCES = itertools.count()
OVER = SETTINGS["DOWNLOAD_MAXSIZE"] + 1


# ---------------------------------------------------------------- a site of several hosts


def validated(answer: Answer, etag: str, modified: str = "Thu, 06 Aug 2026 09:00:00 GMT") -> Callable[[Connection], Answer]:
    """The answer with validators; a 304 where the client has both."""
    validators = (("ETag", etag), ("Last-Modified", modified))

    def respond(to: Connection) -> Answer:
        if (to.asked.headers.get("if-none-match"), to.asked.headers.get("if-modified-since")) == (etag, modified):
            return Answer(status=304, headers=validators)
        return Answer(answer.body, answer.status, answer.headers + validators)

    return respond


def zipped(answer: Answer) -> Answer:
    return Answer(gzip.compress(answer.body, mtime=0), answer.status, (*answer.headers, ("Content-Encoding", "gzip")))


def build_site(hosts: dict[str, Host], phase: int) -> None:
    """What stands on the hosts before (1) and after (2) the change between the two crawls."""
    hosts["manners"].pages = {
        "/robots.txt": Answer(b"User-agent: *\nCrawl-delay: 0.3\nDisallow: /closed/\n", headers=(("Content-Type", "text/plain"),)),
        "/feed": feed("/a", "/closed/b", "/c"), "/a": article("Ferry"), "/closed/b": article("Closed"), "/c": article("Bridge"),
    }
    hosts["validators"].pages = {
        "/feed": validated(feed("/known", "/later", "/known"), '"f1"'),
        "/known": validated(article("Known"), '"k1"'),
        # The first run can't have it; the feed doesn't change when it comes back.
        "/later": Answer(b"<title>later</title>", 503) if phase == 1 else article("Later"),
    }
    hosts["plain"].pages = {
        "/watched": lambda _: article("Watched", f"<meta name=csrf content={next(NONCES)}>"),
        "/edited": article("Edited, 1,200 places" if phase == 1 else "Edited, 1,300 places"),
    }
    hosts["zipped"].pages = {"/feed": zipped(feed("/a")), "/a": zipped(article("Packed"))}
    hosts["moved"].pages = {
        "/feed": moved("/feeds/all", 301), "/feeds/all": feed("/old", "/in", "/metadata", "/file", "/loop", "//user:secret@127.0.0.1/x"),
        "/old": moved("/new", 301), "/new": article("Moved"),
        "/in": moved("http://10.0.0.1/secret"), "/metadata": moved("http://169.254.169.254/latest/"), "/file": moved("file:///etc/passwd"), "/loop": moved("/loop?"), "/loop?": moved("/loop"),
    }
    hosts["faults"].pages = {
        "/feed": feed("/fine", "/big", "/bomb", "/cut", "/500", "/403", "/404", "/empty", "/wall", "/image", "/not-zipped"),
        "/fine": article("Fine"),
        "/big": Answer(b"x" * 1_000, promised=OVER),
        "/bomb": zipped(Answer(b"\0" * OVER)),
        "/cut": Answer(page_html("Cut"), promised=10_000),
        "/500": Answer(b"oops", 500), "/403": Answer(b"no", 403),
        "/empty": Answer(b""), "/wall": Answer(b"<title>Just a moment...</title><body>Checking</body>"),
        "/image": Answer(b"\x89PNG\r\n", headers=(("Content-Type", "image/png"),)),
        "/not-zipped": Answer(page_html("Not zipped"), headers=(("Content-Type", "text/html"), ("Content-Encoding", "gzip"))),
    }
    hosts["walled"].pages = {"/feed": Answer(b"<!doctype html><title>Just a moment...</title><body>Checking your browser before accessing the site.</body>")}
    hosts["closed"].pages = {"/robots.txt": Answer(b"User-agent: *\nDisallow: /\n", headers=(("Content-Type", "text/plain"),)), "/feed": feed("/a")}


STARTS = {"manners": ["/feed"], "validators": ["/feed"], "plain": ["/watched", "/edited"], "zipped": ["/feed"], "moved": ["/feed"], "faults": ["/feed"], "walled": ["/feed"], "closed": ["/feed"]}


@dataclass
class Run:
    """What one crawl came to: the process, the requests of each host, and the archive database as it was then."""

    done: subprocess.CompletedProcess[str]
    asked: dict[str, list[Asked]]
    data: Path
    hosts: dict[str, Host]
    _rows: dict[str, list[dict[str, Any]]]

    def rows(self, table: str, source: str) -> list[dict[str, Any]]:
        return [row for row in self._rows[table] if row["source_id"] == source]

    def paths(self, table: str, source: str) -> list[str]:
        return [row["url"].removeprefix(self.hosts[source].address) for row in self.rows(table, source)]

    def failures(self, source: str) -> dict[str, str]:
        """Path to the kind of the failure, of the last crawl of a source."""
        last = self.rows("crawls", source)[-1]["crawl_id"]
        return {row["url"].removeprefix(self.hosts[source].address): row["kind"] for row in self.rows("failures", source) if row["crawl_id"] == last}

    def crawl(self, source: str) -> dict[str, Any]:
        return self.rows("crawls", source)[-1]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> tuple[Run, Run, Run]:
    """The first crawl, the second one after the site changed, and the replay of both archives with the servers off."""
    folder = tmp_path_factory.mktemp("engine")
    crawled: list[Run] = []
    with contextlib.ExitStack() as stack:
        hosts = {name: stack.enter_context(Host()) for name in STARTS}
        for name, host in hosts.items():
            write_source(folder / "sources", name, host.address, STARTS[name], "page" if name == "plain" else "feed")
        for phase in (1, 2):
            build_site(hosts, phase)
            done = call(command("--data", folder / "data", "--sources", folder / "sources", "--contact", "desk@harbour.example", "crawl"), traced=True)
            asked = {name: list(host.asked) for name, host in hosts.items()}
            crawled.append(Run(done, asked, folder / "data", hosts, read_database(folder / "data" / "archive.db")))
            for host in hosts.values():
                host.asked.clear()
    done = call(command("--data", folder / "replayed", "--sources", folder / "sources", "crawl", "--replay", *(folder / "data" / "warc").glob("*.warc.gz")))
    replayed = Run(done, {}, folder / "replayed", hosts, read_database(folder / "replayed" / "archive.db"))
    return crawled[0], crawled[1], replayed


@pytest.fixture
def first(runs) -> Run:
    return runs[0]


@pytest.fixture
def second(runs) -> Run:
    return runs[1]


@pytest.fixture
def replayed(runs) -> Run:
    return runs[2]


# ---------------------------------------------------------------- manners


def test_robots_txt_is_asked_first_and_obeyed(first):
    paths = [asked.path for asked in first.asked["manners"]]
    assert paths[0] == "/robots.txt"
    assert sorted(paths[1:]) == ["/a", "/c", "/feed"]  # and never /closed/b
    assert first.failures("manners") == {"/closed/b": "robots"}


def test_crawl_delay_spaces_the_requests(first):
    times = [asked.at for asked in first.asked["manners"]]
    assert len(times) == 4
    # After robots.txt: two spaces of 0.3 s, less what a busy machine adds to the first of the three requests.
    assert times[3] - times[1] > 0.45


def test_the_crawler_says_who_it_is(first):
    agents = {asked.headers["user-agent"] for asked in first.asked["manners"]}
    assert len(agents) == 1
    assert agents.pop().startswith("Landed/")
    assert {asked.headers["user-agent"].partition("(+")[2] for asked in first.asked["plain"]} == {"desk@harbour.example)"}


def test_no_cookie_is_sent(first, second):
    assert not [asked for run in (first, second) for host in run.asked.values() for asked in host if "cookie" in asked.headers]


def test_a_source_that_robots_txt_closes_is_blocked(first):
    assert [asked.path for asked in first.asked["closed"]] == ["/robots.txt"]
    assert first.crawl("closed")["verdict"] == "blocked"


# ---------------------------------------------------------------- asking again


def test_the_second_crawl_sends_the_validators(second):
    sent = {asked.path: asked.headers for asked in second.asked["validators"]}
    assert (sent["/feed"]["if-none-match"], sent["/feed"]["if-modified-since"]) == ('"f1"', "Thu, 06 Aug 2026 09:00:00 GMT")
    assert sent["/known"]["if-none-match"] == '"k1"'
    assert sent["/feed"]["cache-control"] == "max-age=0"
    assert "if-none-match" not in sent["/later"]


def test_the_first_crawl_sends_none(first):
    assert not [asked for host in first.asked.values() for asked in host if "if-none-match" in asked.headers or "if-modified-since" in asked.headers]


def test_an_unchanged_feed_still_leads_to_what_an_earlier_run_could_not_fetch(first, second):
    assert first.failures("validators") == {"/later": "http"}
    assert first.paths("articles", "validators") == ["/known"]
    assert second.paths("articles", "validators") == ["/known", "/later"]
    crawl = second.crawl("validators")
    assert (crawl["new"], crawl["unchanged"], crawl["not_modified"], crawl["errors"], crawl["verdict"]) == (1, 1, 2, 0, "ok")


def test_a_304_updates_only_the_time_of_the_check(first, second):
    [before], [after, _] = first.rows("articles", "validators"), second.rows("articles", "validators")
    assert after["last_checked_at"] > before["last_checked_at"]
    assert {name: value for name, value in after.items() if name != "last_checked_at"} == {name: value for name, value in before.items() if name != "last_checked_at"}


def test_a_304_is_archived_as_a_revisit(second):
    revisits = [row for row in second.rows("captures", "validators") if row["status"] == 304]
    assert {row["record_type"] for row in revisits} == {"revisit"}
    assert len(revisits) == 2


def test_a_page_without_validators_is_known_by_its_text(first, second):
    crawl = second.crawl("plain")
    assert (crawl["new"], crawl["changed"], crawl["unchanged"], crawl["not_modified"]) == (0, 1, 1, 0)
    versions = {row["title"].split(",")[0]: row["version_no"] for row in second.rows("articles", "plain")}
    assert versions == {"Watched": 1, "Edited": 2}
    assert first.crawl("plain")["new"] == 2
    # Its bytes differ each time (a token in the head), so that each capture holds its own payload.
    assert len({row["payload_sha256"] for row in second.rows("captures", "plain") if row["url"].endswith("/watched")}) == 2


def test_the_same_bytes_again_are_archived_once(second):
    types = [row["record_type"] for row in second.rows("captures", "zipped") if row["url"].endswith("/a")]
    assert types == ["response", "revisit"]


# ---------------------------------------------------------------- what is archived


def test_encoded_answers_are_archived_as_sent_and_read(first):
    [kept] = first.rows("articles", "zipped")
    assert kept["title"] == "Packed"
    [capture] = [row for row in first.rows("captures", "zipped") if row["url"].endswith("/a")]
    payload = read_payload(first.data / "warc", capture["warc_file"], capture["warc_offset"])
    assert gzip.decompress(payload.body) == page_html("Packed")


def test_redirects_are_archived_and_followed(first):
    statuses = {row["url"].removeprefix(first.hosts["moved"].address): row["status"] for row in first.rows("captures", "moved")}
    assert {"/feed": 301, "/feeds/all": 200, "/old": 301, "/new": 200}.items() <= statuses.items()
    [kept] = first.rows("articles", "moved")
    assert kept["url"].endswith("/new")
    assert kept["published"] == "2026-08-06T09:00:00+00:00"  # what the feed says of the old address holds for the new one


def test_a_start_address_that_has_moved_for_good_is_named_and_read(first, replayed):
    for run in (first, replayed):
        [moved_to] = [row["detail"] for row in run.rows("failures", "moved") if row["kind"] == "moved"][:1]
        assert f"{first.hosts['moved'].address}/feeds/all" in moved_to
    assert first.failures("moved")["/feed"] == "moved"
    assert first.crawl("moved")["verdict"] == "ok"


def test_robots_txt_and_errors_are_archived_too(first):
    assert "robots" in {row["role"] for row in first.rows("captures", "manners")}
    statuses = {row["status"] for row in first.rows("captures", "faults")}
    assert {403, 404, 500} <= statuses


def test_no_file_stays_open(second):
    names = [path.name for path in (second.data / "warc").iterdir()]
    assert names
    assert [name for name in names if not name.endswith(".warc.gz")] == []


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(("path", "kind"), [
    ("/big", "oversize"),  # it says so before it is read
    ("/bomb", "oversize"),  # small on the wire, large when unpacked
    ("/cut", "cut"),  # the connection broke off
    ("/500", "http"), ("/403", "http"), ("/404", "gone"), ("/empty", "empty"), ("/wall", "challenge"), ("/image", "parse"), ("/not-zipped", "parse"),
])
def test_each_fault_is_named(first, path, kind):
    assert first.failures("faults").get(path) == kind


def test_faults_stop_no_other_page(first):
    assert first.paths("articles", "faults") == ["/fine"]
    assert first.crawl("faults")["verdict"] == "ok"
    assert first.crawl("faults")["errors"] == 10
    assert first.done.returncode == 1  # but an operator is to look


@pytest.mark.parametrize(("url", "kind"), [
    ("http://10.0.0.1/secret", "refused"), ("http://169.254.169.254/latest/", "refused"),  # into private networks
])
def test_redirects_into_private_networks_are_refused(first, url, kind):
    assert first.failures("moved")[url] == kind
    assert url not in {row["url"] for row in first.rows("captures", "moved")}


def test_a_loop_of_redirects_ends_and_is_named(first):
    assert [kind for path, kind in first.failures("moved").items() if "/loop" in path] == ["http"]
    assert len([asked for asked in first.asked["moved"] if "/loop" in asked.path]) <= SETTINGS["REDIRECT_MAX_TIMES"] + 1


def test_credentials_in_a_link_are_never_sent(first):
    assert not [asked for asked in first.asked["moved"] if "authorization" in asked.headers or asked.path == "/x"]
    assert "refused" in {kind for path, kind in first.failures("moved").items() if path.endswith("/x")}


def test_a_bot_check_at_the_start_is_no_quiet_source(first):
    crawl = first.crawl("walled")
    assert (crawl["verdict"], crawl["pages"]) == ("blocked", 0)
    assert first.failures("walled") == {"/feed": "challenge"}


# ---------------------------------------------------------------- replay


def test_a_replay_gives_what_the_crawls_gave(second, replayed):
    for source in STARTS:
        for table in ("captures", "articles"):
            assert replayed.rows(table, source) == second.rows(table, source), (source, table)


def test_a_replay_names_the_faults_that_the_archive_shows(first, replayed):
    shown = {row["url"].removeprefix(first.hosts["faults"].address): row["kind"] for row in replayed.rows("failures", "faults")}
    assert {path: shown.get(path) for path in ("/500", "/403", "/404", "/empty", "/wall", "/image", "/not-zipped")} == {
        path: first.failures("faults")[path] for path in ("/500", "/403", "/404", "/empty", "/wall", "/image", "/not-zipped")}


def test_a_replay_of_an_archive_with_faults_is_done(replayed):
    assert replayed.done.returncode == 0, replayed.done.stderr


# ---------------------------------------------------------------- the data folder


def test_the_second_of_two_runs_at_once_ends_and_names_the_folder(tmp_path):
    release = threading.Event()
    host = Host({"/feed": lambda _: (release.wait(20), feed("/a"))[1], "/a": article("Slow")})
    with host:
        write_source(tmp_path / "sources", "slow", host.address, ["/feed"])
        words = command("--data", tmp_path / "data", "--sources", tmp_path / "sources", "crawl")
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
            try:
                until = time.monotonic() + 20
                while "/feed" not in host.paths() and time.monotonic() < until:
                    time.sleep(0.02)
                other = call(words)
            finally:
                release.set()
            _, said = one.communicate(timeout=30)
    assert other.returncode == 1
    assert str(tmp_path / "data") in other.stderr
    assert "another run" in other.stderr
    assert one.returncode == 0, said  # the first is none the worse


def test_where_the_archive_cant_be_written_nothing_is_kept_without_evidence(tmp_path):
    letters = "".join(random.Random(1).choices(string.ascii_letters, k=4_000_000))  # packs to about three quarters
    host = Host({"/feed": feed("/small", "/large", "/after"), "/small": article("Small"), "/large": Answer(page_html("Large") + f"<!--{letters}-->".encode()), "/after": article("After")})
    with host:
        write_source(tmp_path / "sources", "full", host.address, ["/feed"])
        # A limit on the size of files stands for a full disk: the databases stay well below it, the WARC file doesn't.
        limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)); import landed; landed.main()"
        done = call([sys.executable, "-c", limited, "--data", str(tmp_path / "data"), "--sources", str(tmp_path / "sources"), "crawl"])
        found = Run(done, {}, tmp_path / "data", {"full": host}, read_database(tmp_path / "data" / "archive.db"))
    assert done.returncode == 1
    assert found.failures("full")["/large"] == "archive"
    assert "/large" not in found.paths("articles", "full")
    assert found.crawl("full")["finish_reason"] == "archive_failed"
    # What stands in the database stands in the archive, which is whole.
    [path] = (tmp_path / "data" / "warc").iterdir()
    archived = {capture.id for capture, _ in iterate_captures(path)}
    assert {row["capture_id"] for row in found.rows("captures", "full")} == archived
    assert path.name.endswith(".warc.gz")
