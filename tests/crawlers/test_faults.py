"""Faults of servers and pages, each met by the real engine: none loses or doubles anything, and each is named.

One crawl over many small sources, each with a server of its own that does one thing wrong; then the same crawl again,
and a replay of what both archived.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import sys
import time
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawlers.article import MAX_BODY
from crawlers.crawl import SETTINGS
from crawlers.health import FAILURES
from crawlers.politeness import PublicResolver
from tests.commands import call
from tests.crawlers.web_server import (
    HTML,
    Answer,
    Asked,
    Connection,
    Host,
    article,
    feed,
    moved,
    page_html,
    read_database,
    say,
    write_feed,
    write_source,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TIMEOUT = 3
"""Seconds, in the place of the 30 of a real crawl."""
XML = "application/xml"


# ---------------------------------------------------------------- servers that do wrong


def head(status: int = 200, kind: str = HTML, length: int | None = None, *lines: str) -> bytes:
    stated = [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([f"HTTP/1.1 {status} -", f"Content-Type: {kind}", *stated, *lines, "", ""]).encode()


def sitemap(*links: str, index: bool = False) -> Answer:
    root, entry = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    entries = "".join(f"<{entry}><loc>{link}</loc><lastmod>2026-08-06</lastmod></{entry}>" for link in links)
    return say(f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'.encode(), kind=XML)


def die_in_the_body(to: Connection) -> None:
    body = page_html("Half")
    to.send(head(length=len(body)), body[:200])
    time.sleep(0.05)
    to.reset()


def die_in_the_head(to: Connection) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    to.end()


def die_in_a_chunk(to: Connection) -> None:
    to.send(head(200, HTML, None, "Transfer-Encoding: chunked"), b"ffff\r\n<html><body><p>Half")
    to.end()


def say_nothing(to: Connection) -> None:
    to.end()


def overstate(to: Connection) -> None:
    body = page_html("Overstated")
    to.send(head(length=len(body) + 500), body)
    to.end()


def understate(to: Connection, title: str = "Understated", *lines: str) -> None:
    """Half the page fits into the stated length; what follows looks like an answer to the next request."""
    body = page_html(title).replace(b"</body></html>", b"<p>" + b"More. " * 50 + b"</p></body></html>")
    smuggled = page_html("Smuggled")
    to.send(head(200, HTML, len(body) - 200, *lines), body, head(length=len(smuggled)), smuggled)


def give_halves(title: str, halves: range) -> Callable[[Connection], Answer | None]:
    """A page with validators that is given by half in some of its answers; who has it already is told so."""
    given: list[Connection] = []

    def answer(to: Connection) -> Answer | None:
        if to.asked.headers.get("if-none-match") == '"same"' and len(given) not in halves:
            return Answer(status=304, headers=(("ETag", '"same"'),))
        given.append(to)
        if len(given) - 1 not in halves:
            return say(page_html(title), ("ETag", '"same"'))
        understate(to, title, 'ETag: "same"')
        return None

    return answer


def pour(kind: str, start: bytes, more: bytes, bytes_in_all: int = 1 << 40, pause: float = 0.0) -> Callable[[Connection], None]:
    """A body in chunks that goes on and on."""
    def answer(to: Connection) -> None:
        to.send(head(200, kind, None, "Transfer-Encoding: chunked"), b"%x\r\n%s\r\n" % (len(start), start))
        for _ in range(bytes_in_all // len(more)):
            to.send(b"%x\r\n%s\r\n" % (len(more), more))
            time.sleep(pause)
        to.send(b"0\r\n\r\n")

    return answer


def ask_to_wait(seconds: int, then: Answer | None = None) -> Callable[[Connection], Answer]:
    """429 the first time, or each time."""
    asked: list[Connection] = []

    def answer(to: Connection) -> Answer:
        asked.append(to)
        return then if then and len(asked) > 1 else say(b"Slow down", ("Retry-After", str(seconds)), status=429)

    return answer


def packed(body: bytes, encoding: str = "gzip", *, kind: str = HTML) -> Answer:
    return say(body, ("Content-Encoding", encoding), kind=kind)


def news(items: list[str], following: str) -> Answer:
    return say(json.dumps({"results": [{"link": link, "title": "Item"} for link in items], "next": following}).encode(), kind="application/json")


ZIPPED = gzip.compress(page_html("Packed") + b" " * 3_000, mtime=0)
LISTED = tuple(f"/item/{number}" for number in range(10_000))
HOSTILE_CHARSETS = ("utf-7", "unicode_escape", "punycode", "../../etc/passwd", "x" * 5_000, "hex", "utf-16")
FIFTY = 50 << 20


def build_sites() -> dict[str, Host]:
    restyled = b"<!doctype html><html><body><main><div class=card onclick=go(1)>Ferry pilot opens</div><p>All the news of the harbour.</p></main></body></html>"
    return {name: Host(pages) for name, pages in {
        "dying": {"/feed": feed("/first", "/body", "/head", "/chunk", "/silent", "/last"), "/first": article("First"), "/last": article("Last"),
                  "/body": die_in_the_body, "/head": die_in_the_head, "/chunk": die_in_a_chunk, "/silent": say_nothing},
        "packed": {"/feed": feed("/whole", "/cut", "/members", "/cut-deflate", "/brotli"), "/whole": packed(ZIPPED), "/cut": packed(ZIPPED[:-60]),
                   "/members": packed(gzip.compress(page_html("Members")[:300]) + gzip.compress(page_html("Members")[300:])),
                   "/cut-deflate": packed(zlib.compress(page_html("Deflated"))[:-20], "deflate"), "/brotli": packed(b"\x1b\x03\x00\xf8", "br")},
        "packed-feed": {"/feed": packed(gzip.compress(write_feed(["/a"]))[:-30], kind="application/rss+xml"), "/a": article("Never reached")},
        "lengths": {"/feed": feed("/long", "/short", "/after"), "/long": overstate, "/short": understate, "/after": article("After")},
        "halves": {"/feed": feed("/once", "/now", "/later"), "/once": give_halves("Half at first", range(1)), "/now": give_halves("Half now", range(2)),
                   "/later": give_halves("Half later", range(1, 3))},
        "robots-failing": {"/robots.txt": say(b"User-agent: *\nAllow: /\n", kind="text/plain", status=503), "/feed": feed("/a"), "/a": article("Never asked for")},
        "robots-cut": {"/robots.txt": die_in_the_body, "/feed": feed("/a"), "/a": article("Never asked for")},
        "robots-slow": {"/robots.txt": pour("text/plain", b"User-agent: *\n", b"#\n", pause=0.1), "/feed": feed("/a"), "/a": article("Never asked for")},
        "robots-forbidden": {"/robots.txt": say(b"User-agent: *\nDisallow: /\n", kind="text/plain", status=403), "/feed": feed("/a"), "/a": article("No rules")},
        "refusing": {"/feed": feed("/fine", "/one", "/two"), "/fine": article("Let through"), **{name: say(b"Too many", status=429) for name in ("/one", "/two")}},
        "challenging": {"/feed": feed("/one", "/two"), **{name: say(b"<html><title>Just a moment...</title><body>Checking</body></html>", status=403) for name in ("/one", "/two")}},
        "waiting": {"/feed": feed("/one", "/two", "/three"), "/one": ask_to_wait(1, article("One")), "/two": article("Two"), "/three": article("Three")},
        "away": {"/feed": ask_to_wait(86_400)},
        "away-later": {"/feed": feed("/one", "/two", "/three"), "/one": ask_to_wait(86_400), "/two": article("Two"), "/three": article("Three")},
        "looping": {"/feed": moved("/feed/"), "/feed/": moved("/feed")},
        "bomb": {"/feed": packed(gzip.compress(b"\0" * (MAX_BODY + 1)), kind="application/rss+xml")},
        "huge": {"/feed": feed("/poured", "/stated", "/fine"), "/fine": article("Fine"), "/poured": pour(HTML, b"<html>", b"x" * (1 << 20), FIFTY),
                 "/stated": lambda to: to.send(head(length=FIFTY), *[b"x" * (1 << 20)] * 50)},
        "endless": {"/feed": pour("application/rss+xml", b"<rss><channel>", write_feed(["/a"]) * 2_000)},
        "trickling": {"/feed": pour("application/rss+xml", b"<rss><channel>", b"<item><link>/a</link></item>", pause=0.1)},
        "cyclic": {"/sitemap.xml": sitemap("/sitemap.xml", "/other.xml", "/pages.xml", index=True), "/other.xml": sitemap("/sitemap.xml", "/other.xml", index=True),
                   "/pages.xml": sitemap("/a", "/a"), "/a": article("Mapped")},
        "many-maps": {"/sitemap.xml": sitemap(*(f"/map-{number}.xml" for number in range(10_000)), index=True), **{f"/map-{number}.xml": sitemap(f"/{number}") for number in range(5)},
                      **{f"/{number}": article(f"Page {number}") for number in range(5)}},
        "broken-feed": {"/feed": say(write_feed(["/a", "/b"]).replace(b"</channel></rss>", b"<item><title>R & D <<") + b"\x00\x0b", kind="application/rss+xml"),
                        "/a": article("Above"), "/b": article("Below")},
        "no-feed": {"/feed": say(b"<<<>>> &&& \x00 nothing like a feed", kind="application/rss+xml")},
        "long-feed": {"/feed": feed(*LISTED), **{link: article(f"Item {link}") for link in LISTED if link.endswith("00")}},
        "charsets": {"/feed": feed(*(f"/{number}" for number in range(len(HOSTILE_CHARSETS)))), **{
            f"/{number}": say(page_html(f"Charset {number}"), kind=f"text/html; charset={name}") for number, name in enumerate(HOSTILE_CHARSETS)}},
        "api-itself": {"/api": news(["/a"], "/api"), "/a": article("By API")},
        "api-ring": {"/api": news(["/a"], "/api?2"), "/api?2": news(["/b"], "/api?3"), "/api?3": news(["/a"], "/api"), "/a": article("A"), "/b": article("B")},
        "restyled": {"/news": say(restyled)},
    }.items()}


SLOW = frozenset({"trickling", "robots-slow"})
"""Sources that take as long as the limit allows; once is enough."""
LISTINGS: Mapping[str, tuple[str, str, str]] = {
    "cyclic": ("sitemap", "/sitemap.xml", "[discovery]\npages = 5\n"),
    "many-maps": ("sitemap", "/sitemap.xml", "[discovery]\npages = 4\n"),
    "long-feed": ("feed", "/feed", '[discovery]\ninclude = ["/item/\\\\d*00$"]\n'),
    "api-itself": ("api", "/api", '[discovery]\nitems = "results"\nurl = "link"\nnext = "next"\npages = 9\n'),
    "api-ring": ("api", "/api", '[discovery]\nitems = "results"\nurl = "link"\nnext = "next"\npages = 9\n'),
    "restyled": ("listing", "/news", '[discovery]\nlinks = "main a.card"\n'),
}
"""Kind, start address and further lines of sources that are no plain feeds."""


def landed(folder: Path, *words: str | Path) -> Any:
    """The command line in a process of its own, with a shorter limit of time."""
    # All hosts at once, since most of them only wait.
    shorter = f"from crawlers import crawl; crawl.SETTINGS['DOWNLOAD_TIMEOUT'] = {TIMEOUT}; crawl.SIDE_BY_SIDE = 99; import landed; landed.main()"
    return call([sys.executable, "-c", shorter, "--data", str(folder), "--sources", str(folder.parent / "sources"), *map(str, words)])


@dataclass
class Crawled:
    """What came of a crawl: requests by source, and the database's tables as they were then."""

    asked: dict[str, list[Asked]]
    tables: dict[str, list[dict[str, Any]]]
    addresses: dict[str, str]
    took: float

    def titles(self, source: str) -> list[str]:
        return [row["title"] for row in self.tables["articles"] if row["source_id"] == source]

    def failures(self, source: str) -> dict[str, str]:
        last = self.crawl(source)["crawl_id"]
        return {row["url"].removeprefix(self.addresses[source]): row["kind"] for row in self.tables["failures"] if row["crawl_id"] == last}

    def crawl(self, source: str) -> dict[str, Any]:
        return [row for row in self.tables["crawls"] if row["source_id"] == source][-1]

    def paths(self, source: str) -> list[str]:
        return [asked.path for asked in self.asked[source]]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory) -> tuple[Crawled, Crawled, Crawled]:
    """The crawl, the same crawl again, and the replay of both."""
    folder, sites, came = tmp_path_factory.mktemp("faults"), build_sites(), []
    with contextlib.ExitStack() as stack:
        addresses = {name: stack.enter_context(site).address for name, site in sites.items()}
        addresses["closed"] = f"http://127.0.0.1:{free_port()}"
        for name, address in addresses.items():
            kind, start, more = LISTINGS.get(name, ("feed", "/feed", ""))
            write_source(folder / "sources", name, address, [start], kind, more)
        for words in ([], [name for name in addresses if name not in SLOW]):
            began = time.monotonic()
            done = landed(folder / "data", "crawl", *words)
            assert done.returncode == 1, done.stderr  # sources fail, and an operator is to look
            came.append(Crawled({name: list(site.asked) for name, site in sites.items()}, read_database(folder / "data" / "archive.db"), addresses, time.monotonic() - began))
            for site in sites.values():
                site.asked.clear()
    landed(folder / "replayed", "crawl", "--replay", *(folder / "data" / "warc").iterdir())
    came.append(Crawled({}, read_database(folder / "replayed" / "archive.db"), addresses, 0))
    return came[0], came[1], came[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def crawled(crawls) -> Crawled:
    return crawls[0]


# ---------------------------------------------------------------- what each fault came to

VERDICTS = {
    "dying": "ok", "packed": "ok", "packed-feed": "failing", "lengths": "ok", "waiting": "ok", "away": "blocked", "away-later": "blocked", "looping": "failing",
    "bomb": "failing", "huge": "ok", "endless": "failing", "trickling": "failing", "cyclic": "ok", "many-maps": "ok", "broken-feed": "ok", "no-feed": "failing",
    "long-feed": "ok", "charsets": "ok", "api-itself": "ok", "api-ring": "ok", "restyled": "failing", "closed": "failing",
    "halves": "ok", "robots-failing": "failing", "robots-cut": "failing", "robots-slow": "failing", "robots-forbidden": "ok", "refusing": "blocked", "challenging": "blocked",
}
FAULTS = {
    "dying": {"/body": "cut", "/head": "connect", "/chunk": "cut", "/silent": "connect"},
    "packed": {"/cut": "cut", "/cut-deflate": "cut", "/brotli": "parse"},
    "packed-feed": {"/feed": "cut"},
    "lengths": {"/long": "cut", "/short": "cut"},
    "halves": {"/now": "cut"},
    "robots-failing": {"/feed": "robots"}, "robots-cut": {"/feed": "robots"}, "robots-slow": {"/feed": "robots"}, "robots-forbidden": {},
    "refusing": {"/one": "http", "/two": "http"},
    "challenging": {"/one": "challenge", "/two": "challenge"},
    "waiting": {},
    "away": {"/feed": "http"},
    "away-later": {"/one": "http", "/two": "http", "/three": "http"},
    "bomb": {"/feed": "oversize"},
    "huge": {"/poured": "oversize", "/stated": "oversize"},
    "endless": {"/feed": "oversize"},
    "trickling": {"/feed": "slow"},
    "cyclic": {}, "many-maps": {}, "broken-feed": {}, "long-feed": {}, "api-itself": {}, "api-ring": {},
    "no-feed": {"/feed": "parse"},
    "restyled": {"/news": "parse"},
    "closed": {"/feed": "connect"},
}


@pytest.mark.engine
@pytest.mark.parametrize("source", VERDICTS)
def test_the_verdict_says_what_the_fault_means(crawled, source):
    row = crawled.crawl(source)
    assert (row["verdict"], row["finish_reason"]) == (VERDICTS[source], "finished"), row["reason"]


@pytest.mark.engine
@pytest.mark.parametrize("source", FAULTS)
def test_each_fault_is_named_by_its_kind(crawled, source):
    assert crawled.failures(source) == FAULTS[source]
    assert set(FAULTS[source].values()) <= FAILURES.keys()


@pytest.mark.engine
@pytest.mark.parametrize(("source", "titles"), [
    ("dying", ["First", "Last"]), ("packed", ["Members", "Packed"]), ("lengths", ["After"]), ("halves", ["Half at first", "Half later"]), ("robots-failing", []), ("robots-cut", []), ("robots-slow", []), ("robots-forbidden", ["No rules"]), ("waiting", ["One", "Three", "Two"]), ("huge", ["Fine"]), ("cyclic", ["Mapped"]),
    ("many-maps", ["Page 0", "Page 1", "Page 2"]), ("broken-feed", ["Above", "Below"]), ("api-itself", ["By API"]), ("api-ring", ["A", "B"]),
    ("away", []), ("away-later", []), ("packed-feed", []), ("endless", []),
])
def test_faults_cost_no_other_page(crawled, source, titles):
    assert sorted(crawled.titles(source)) == titles


@pytest.mark.engine
def test_a_second_crawl_loses_and_doubles_nothing(crawls):
    first, second, _ = crawls
    def texts(crawled):
        return [(row["source_id"], row["url"].removeprefix(crawled.addresses[row["source_id"]]), row["text"], row["version_no"]) for row in crawled.tables["articles"]]
    assert len(texts(first)) > 30
    assert [row for row in texts(second) if row[1] != "/now"] == texts(first)  # which was whole the second time
    ids = [row["capture_id"] for row in second.tables["captures"]]
    assert len(ids) == len(set(ids))
    assert [row["capture_id"] for row in second.tables["captures"]][:len(first.tables["captures"])] == [row["capture_id"] for row in first.tables["captures"]]
    for source, verdict in VERDICTS.items():
        if source == "halves" or source in SLOW:
            continue
        if verdict == "ok":
            assert (second.crawl(source)["new"], second.crawl(source)["changed"], second.crawl(source)["verdict"]) == (0, 0, "quiet"), source
        assert second.failures(source) == first.failures(source), source


@pytest.mark.engine
def test_a_replay_gives_what_both_crawls_gave(crawls):
    _, second, replayed = crawls
    for table in ("captures", "articles"):
        key = {"captures": "capture_id", "articles": "article_id"}[table]
        assert sorted(replayed.tables[table], key=lambda row: row[key]) == sorted(second.tables[table], key=lambda row: row[key])


@pytest.mark.engine
def test_a_host_that_asks_to_wait_is_waited_for_with_all_of_its_pages(crawled):
    times = [asked.at for asked in crawled.asked["waiting"] if asked.path not in {"/robots.txt", "/feed"}]
    paths = crawled.paths("waiting")
    assert paths[:3] == ["/robots.txt", "/feed", "/one"]
    assert sorted(paths[3:]) == ["/one", "/three", "/two"]
    assert times[1] - times[0] > 0.9  # whichever page came next, it came after the wait
    assert times[-1] - times[0] < 2.9  # and then the host's usual pace is back: each page would wait else


@pytest.mark.engine
def test_a_host_that_asks_for_too_long_is_left_alone(crawled):
    assert crawled.paths("away") == ["/robots.txt", "/feed"]
    assert crawled.paths("away-later") == ["/robots.txt", "/feed", "/one"]
    assert "HTTP status 429" in crawled.crawl("away")["reason"]


@pytest.mark.engine
def test_what_follows_a_stated_length_is_no_answer(crawled):
    assert "Smuggled" not in str(crawled.tables["articles"])
    [short] = [row for row in crawled.tables["failures"] if row["url"].endswith("/short")]
    assert "breaks off" in short["detail"]


@pytest.mark.engine
def test_half_a_page_is_asked_for_again_and_never_takes_the_place_of_the_whole(crawls):
    first, second, _ = crawls
    whole = {title: [row for row in second.tables["articles"] if row["title"] == title] for title in ("Half at first", "Half now", "Half later")}
    assert [len(rows) for rows in whole.values()] == [1, 1, 1]
    assert all(row["text"].endswith("in which they come in.") and row["version_no"] == 1 for [row] in whole.values())
    assert second.failures("halves") == {"/later": "cut"}
    assert [path for path in first.paths("halves") if path == "/once"] == ["/once"] * 2
    assert [path for path in first.paths("halves") if path == "/now"] == ["/now"] * 2
    # The validators of the half that is in the archive are no reason to be content with it.
    assert [asked.headers.get("if-none-match") for asked in second.asked["halves"] if asked.path == "/now"][-1] is None


@pytest.mark.engine
@pytest.mark.parametrize(("source", "says"), [("robots-failing", "HTTP status 503"), ("robots-cut", "robots.txt can't be had"), ("robots-slow", "longer")])
def test_where_robots_txt_cant_be_had_nothing_is_fetched(crawled, source, says):
    assert crawled.paths(source) == ["/robots.txt"] * 2  # asked once more, and no more
    assert "robots.txt can't be had" in crawled.crawl(source)["reason"]
    assert says in crawled.crawl(source)["reason"]


@pytest.mark.engine
def test_a_site_that_refuses_most_articles_is_blocked(crawled):
    assert "2 of 3 pages were refused" in crawled.crawl("refusing")["reason"]
    assert "HTTP status 429" in crawled.crawl("refusing")["reason"]
    assert "just a moment" in crawled.crawl("challenging")["reason"]


@pytest.mark.engine
@pytest.mark.parametrize("source", ["away", "away-later"])
def test_a_wait_longer_than_a_crawl_is_kept_to_by_the_next(crawled, source):
    row = crawled.crawl(source)
    started, until, due = (datetime.fromisoformat(row[name]) for name in ("started_at", "left_alone_until", "due_at"))
    assert timedelta(seconds=86_390) < until - started < timedelta(seconds=86_460)
    assert due >= until


@pytest.mark.engine
def test_an_answer_that_takes_too_long_is_called_slow(crawled):
    assert FAILURES["slow"] in crawled.crawl("trickling")["reason"]
    times = [asked.at for asked in crawled.asked["trickling"] if asked.path == "/feed"]
    assert times[1] - times[0] >= TIMEOUT - 0.1  # waited for, and asked once more


@pytest.mark.engine
def test_loops_and_cycles_end(crawled):
    assert len(crawled.paths("looping")) <= SETTINGS["REDIRECT_MAX_TIMES"] + 2
    assert list(crawled.failures("looping").values()) == ["http"]
    for source in ("cyclic", "api-itself", "api-ring"):
        paths = crawled.paths(source)
        assert len(paths) == len(set(paths)), source
    assert len([path for path in crawled.paths("api-ring") if path.startswith("/api")]) == 3


@pytest.mark.engine
def test_long_listings_are_bounded(crawled):
    assert [path for path in crawled.paths("many-maps") if "map" in path] == ["/sitemap.xml", "/map-0.xml", "/map-1.xml", "/map-2.xml"]
    assert crawled.crawl("long-feed")["pages"] == 9  # of the first thousand items, those that are wanted


@pytest.mark.engine
def test_no_charset_changes_what_a_page_says(crawled):
    assert sorted(crawled.titles("charsets")) == [f"Charset {number}" for number in range(len(HOSTILE_CHARSETS))]
    assert set(crawled.failures("charsets").values()) <= {"repaired"}


@pytest.mark.engine
def test_what_never_ends_is_ended(crawled):
    assert len(crawled.paths("trickling")) <= 3  # asked once more, and no more
    assert crawled.took < 60


# ---------------------------------------------------------------- names that lead into private networks


class _Resolver:
    """Resolves every name to the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    def resolveHostName(self, receiver, hostName, *_arguments, **_options):  # noqa: N802, N803 - Twisted's interface
        receiver.resolutionBegan(self)
        for address in self._addresses:
            receiver.addressResolved((IPv6Address if ip_address(address.partition("%")[0]).version == 6 else IPv4Address)("TCP", address, 0))
        receiver.resolutionComplete()
        return self


def resolve(host: str, *addresses: str) -> list[str]:
    found: list[str] = []
    ended: list[bool] = []
    receiver = SimpleNamespace(resolutionBegan=lambda _: None, addressResolved=lambda address: found.append(address.host), resolutionComplete=lambda: ended.append(True))
    PublicResolver(_Resolver(*addresses)).resolveHostName(receiver, host)
    assert ended == [True]
    return found


def test_a_name_gives_public_addresses_only():
    assert resolve("harbour.example", "10.0.0.1", "8.8.8.8", "2606:4700::1111", "::1") == ["8.8.8.8", "2606:4700::1111"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1"])
def test_a_public_name_leads_into_no_private_network(address):
    assert resolve("harbour.example", address) == []


def test_a_number_needs_no_resolver_and_was_judged_before():
    assert resolve("127.0.0.1", "127.0.0.1") == ["127.0.0.1"]
