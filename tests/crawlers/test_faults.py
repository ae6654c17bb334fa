"""Faults of servers and pages, each met by the real engine: none loses or doubles anything, and each is named.

One crawl over many small sources, each with a server of its own that does one thing wrong; then the same crawl again,
and a replay of what both archived.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import sys
import threading
import time
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawlers.article import MAX_BODY
from crawlers.crawl import SETTINGS
from crawlers.health import FAILURES
from crawlers.politeness import PublicResolver
from tests.commands import call
from tests.crawlers.test_crawl_engine import page_html, read_database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TIMEOUT = 4
"""Seconds, in the place of the 30 of a real crawl."""
HTML = "text/html; charset=utf-8"
XML = "application/xml"


# ---------------------------------------------------------------- servers that do wrong


@dataclass
class Site:
    """A web server on a free loopback port. A page is a function that writes a whole answer, head and all, to the connection."""

    pages: Mapping[str, Callable[[Connection], None]]
    asked: list[tuple[str, float]] = field(default_factory=list)

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                site.asked.append((self.path, time.monotonic()))
                with contextlib.suppress(OSError):
                    site.pages.get(self.path, say(b"<title>Not here</title>", status=404))(Connection(self))

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@dataclass
class Connection:
    """The connection that a request came by, and what it asked for."""

    handler: BaseHTTPRequestHandler

    def send(self, *data: bytes) -> None:
        for part in data:
            self.handler.wfile.write(part)
        self.handler.wfile.flush()

    def end(self) -> None:
        self.handler.close_connection = True

    def reset(self) -> None:
        """Break off without a farewell, as a server does that dies."""
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handler.connection.shutdown(socket.SHUT_RD)
        self.handler.connection.close()
        self.end()


def head(status: int = 200, kind: str = HTML, length: int | None = None, *lines: str) -> bytes:
    stated = [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([f"HTTP/1.1 {status} -", f"Content-Type: {kind}", *stated, *lines, "", ""]).encode()


def say(body: bytes, *lines: str, kind: str = HTML, status: int = 200) -> Callable[[Connection], None]:
    """An answer without fault."""
    return lambda to: to.send(head(status, kind, len(body), *lines), body)


def page(title: str) -> Callable[[Connection], None]:
    return say(page_html(title))


def feed(*links: str) -> Callable[[Connection], None]:
    return say(write_feed(links), kind="application/rss+xml")


def write_feed(links) -> bytes:
    items = "".join(f"<item><title>Item</title><link>{link}</link><pubDate>Thu, 06 Aug 2026 09:00:00 GMT</pubDate></item>" for link in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'.encode()


def sitemap(*links: str, index: bool = False) -> Callable[[Connection], None]:
    root, entry = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    entries = "".join(f"<{entry}><loc>{link}</loc><lastmod>2026-08-06</lastmod></{entry}>" for link in links)
    return say(f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'.encode(), kind=XML)


def redirect(to: str) -> Callable[[Connection], None]:
    return say(b"", f"Location: {to}", status=302)


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


def understate(to: Connection) -> None:
    """Half the page fits into the stated length; what follows looks like an answer to the next request."""
    body = page_html("Understated").replace(b"</body></html>", b"<p>" + b"More. " * 50 + b"</p></body></html>")
    smuggled = page_html("Smuggled")
    to.send(head(length=len(body) - 200), body, head(length=len(smuggled)), smuggled)


def pour(kind: str, start: bytes, more: bytes, bytes_in_all: int = 1 << 40, pause: float = 0.0) -> Callable[[Connection], None]:
    """A body in chunks that goes on and on."""
    def answer(to: Connection) -> None:
        to.send(head(200, kind, None, "Transfer-Encoding: chunked"), b"%x\r\n%s\r\n" % (len(start), start))
        for _ in range(bytes_in_all // len(more)):
            to.send(b"%x\r\n%s\r\n" % (len(more), more))
            time.sleep(pause)
        to.send(b"0\r\n\r\n")

    return answer


def ask_to_wait(seconds: int, then: Callable[[Connection], None] | None = None) -> Callable[[Connection], None]:
    """429 the first time, or each time."""
    asked: list[Connection] = []

    def answer(to: Connection) -> None:
        asked.append(to)
        if then is None or len(asked) == 1:
            say(b"Slow down", f"Retry-After: {seconds}", status=429)(to)
        else:
            then(to)

    return answer


def packed(body: bytes, encoding: str = "gzip", *, kind: str = HTML) -> Callable[[Connection], None]:
    return say(body, f"Content-Encoding: {encoding}", kind=kind)


def news(items: list[str], following: str) -> Callable[[Connection], None]:
    return say(json.dumps({"results": [{"link": link, "title": "Item"} for link in items], "next": following}).encode(), kind="application/json")


ZIPPED = gzip.compress(page_html("Packed") + b" " * 3_000, mtime=0)
LISTED = tuple(f"/item/{number}" for number in range(10_000))
HOSTILE_CHARSETS = ("utf-7", "unicode_escape", "punycode", "../../etc/passwd", "x" * 5_000, "hex", "utf-16")
FIFTY = 50 << 20


def build_sites() -> dict[str, Site]:
    restyled = b"<!doctype html><html><body><main><div class=card onclick=go(1)>Ferry pilot opens</div><p>All the news of the harbour.</p></main></body></html>"
    return {name: Site(pages) for name, pages in {
        "dying": {"/feed": feed("/first", "/body", "/head", "/chunk", "/silent", "/last"), "/first": page("First"), "/last": page("Last"),
                  "/body": die_in_the_body, "/head": die_in_the_head, "/chunk": die_in_a_chunk, "/silent": say_nothing},
        "packed": {"/feed": feed("/whole", "/cut", "/members", "/cut-deflate", "/brotli"), "/whole": packed(ZIPPED), "/cut": packed(ZIPPED[:-60]),
                   "/members": packed(gzip.compress(page_html("Members")[:300]) + gzip.compress(page_html("Members")[300:])),
                   "/cut-deflate": packed(zlib.compress(page_html("Deflated"))[:-20], "deflate"), "/brotli": packed(b"\x1b\x03\x00\xf8", "br")},
        "packed-feed": {"/feed": packed(gzip.compress(write_feed(["/a"]))[:-30], kind="application/rss+xml"), "/a": page("Never reached")},
        "lengths": {"/feed": feed("/long", "/short", "/after"), "/long": overstate, "/short": understate, "/after": page("After")},
        "waiting": {"/feed": feed("/one", "/two", "/three"), "/one": ask_to_wait(1, page("One")), "/two": page("Two"), "/three": page("Three")},
        "away": {"/feed": ask_to_wait(86_400)},
        "away-later": {"/feed": feed("/one", "/two", "/three"), "/one": ask_to_wait(86_400), "/two": page("Two"), "/three": page("Three")},
        "looping": {"/feed": redirect("/feed/"), "/feed/": redirect("/feed")},
        "bomb": {"/feed": packed(gzip.compress(b"\0" * (MAX_BODY + 1)), kind="application/rss+xml")},
        "huge": {"/feed": feed("/poured", "/stated", "/fine"), "/fine": page("Fine"), "/poured": pour(HTML, b"<html>", b"x" * (1 << 20), FIFTY),
                 "/stated": lambda to: to.send(head(length=FIFTY), *[b"x" * (1 << 20)] * 50)},
        "endless": {"/feed": pour("application/rss+xml", b"<rss><channel>", write_feed(["/a"]) * 2_000)},
        "trickling": {"/feed": pour("application/rss+xml", b"<rss><channel>", b"<item><link>/a</link></item>", pause=0.1)},
        "cyclic": {"/sitemap.xml": sitemap("/sitemap.xml", "/other.xml", "/pages.xml", index=True), "/other.xml": sitemap("/sitemap.xml", "/other.xml", index=True),
                   "/pages.xml": sitemap("/a", "/a"), "/a": page("Mapped")},
        "many-maps": {"/sitemap.xml": sitemap(*(f"/map-{number}.xml" for number in range(10_000)), index=True), **{f"/map-{number}.xml": sitemap(f"/{number}") for number in range(5)},
                      **{f"/{number}": page(f"Page {number}") for number in range(5)}},
        "broken-feed": {"/feed": say(write_feed(["/a", "/b"]).replace(b"</channel></rss>", b"<item><title>R & D <<") + b"\x00\x0b", kind="application/rss+xml"),
                        "/a": page("Above"), "/b": page("Below")},
        "no-feed": {"/feed": say(b"<<<>>> &&& \x00 nothing like a feed", kind="application/rss+xml")},
        "long-feed": {"/feed": feed(*LISTED), **{link: page(f"Item {link}") for link in LISTED if link.endswith("00")}},
        "charsets": {"/feed": feed(*(f"/{number}" for number in range(len(HOSTILE_CHARSETS)))), **{
            f"/{number}": say(page_html(f"Charset {number}"), kind=f"text/html; charset={name}") for number, name in enumerate(HOSTILE_CHARSETS)}},
        "api-itself": {"/api": news(["/a"], "/api"), "/a": page("By API")},
        "api-ring": {"/api": news(["/a"], "/api?2"), "/api?2": news(["/b"], "/api?3"), "/api?3": news(["/a"], "/api"), "/a": page("A"), "/b": page("B")},
        "restyled": {"/news": say(restyled)},
    }.items()}


FIELDS: Mapping[str, str] = {
    "cyclic": 'kind = "sitemap"\nstart = ["@/sitemap.xml"]\n[discovery]\npages = 5\n',
    "many-maps": 'kind = "sitemap"\nstart = ["@/sitemap.xml"]\n[discovery]\npages = 4\n',
    "long-feed": 'kind = "feed"\nstart = ["@/feed"]\n[discovery]\ninclude = ["/item/\\\\d*00$"]\n',
    "api-itself": 'kind = "api"\nstart = ["@/api"]\n[discovery]\nitems = "results"\nurl = "link"\nnext = "next"\npages = 9\n',
    "api-ring": 'kind = "api"\nstart = ["@/api"]\n[discovery]\nitems = "results"\nurl = "link"\nnext = "next"\npages = 9\n',
    "restyled": 'kind = "listing"\nstart = ["@/news"]\n[discovery]\nlinks = "main a.card"\n',
}


def write_source(folder: Path, name: str, address: str) -> None:
    folder.mkdir(exist_ok=True)
    fields = FIELDS.get(name, 'kind = "feed"\nstart = ["@/feed"]\n').replace("@/", f"{address}/")
    (folder / f"{name}.toml").write_text(
        f'id = "{name}"\nname = "{name}"\npublisher = "Harbour"\nowner_group = "harbour"\nofficial = false\njurisdiction = "CA"\nlanguage = "en"\ntemplate = "generic"\n'
        f'home = "{address}/"\ncadence = "daily"\nlicence = "-"\ntext_policy = "excerpt"\nminimum = 1\nstale_after = 36500\nnote = ""\ndelay = 0\nnetwork = "loopback"\n{fields}', encoding="utf-8")


def landed(folder: Path, *words: str | Path) -> Any:
    """The command line in a process of its own, with a shorter limit of time."""
    shorter = f"from crawlers.crawl import SETTINGS; SETTINGS['DOWNLOAD_TIMEOUT'] = {TIMEOUT}; import landed; landed.main()"
    return call([sys.executable, "-c", shorter, "--data", str(folder), "--sources", str(folder.parent / "sources"), *map(str, words)])


@dataclass
class Crawled:
    """What came of a crawl: requests by source, and the database's tables as they were then."""

    asked: dict[str, list[tuple[str, float]]]
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
        return [path for path, _ in self.asked[source]]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory) -> tuple[Crawled, Crawled, Crawled]:
    """The crawl, the same crawl again, and the replay of both."""
    folder, sites, came = tmp_path_factory.mktemp("faults"), build_sites(), []
    with contextlib.ExitStack() as stack:
        addresses = {name: stack.enter_context(site).address for name, site in sites.items()}
        addresses["closed"] = f"http://127.0.0.1:{free_port()}"
        for name, address in addresses.items():
            write_source(folder / "sources", name, address)
        for _ in range(2):
            began = time.monotonic()
            done = landed(folder / "data", "crawl")
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
    "dying": "ok", "packed": "ok", "packed-feed": "failing", "lengths": "ok", "waiting": "ok", "away": "blocked", "away-later": "thin", "looping": "failing",
    "bomb": "failing", "huge": "ok", "endless": "failing", "trickling": "failing", "cyclic": "ok", "many-maps": "ok", "broken-feed": "ok", "no-feed": "failing",
    "long-feed": "ok", "charsets": "ok", "api-itself": "ok", "api-ring": "ok", "restyled": "failing", "closed": "failing",
}
FAULTS = {
    "dying": {"/body": "connect", "/head": "connect", "/chunk": "connect", "/silent": "connect"},
    "packed": {"/cut": "parse", "/cut-deflate": "parse", "/brotli": "parse"},
    "packed-feed": {"/feed": "parse"},
    "lengths": {"/long": "connect", "/short": "repaired"},
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
    ("dying", ["First", "Last"]), ("packed", ["Members", "Packed"]), ("lengths", ["After", "Understated"]), ("waiting", ["One", "Three", "Two"]), ("huge", ["Fine"]), ("cyclic", ["Mapped"]),
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
    assert texts(second) == texts(first)
    ids = [row["capture_id"] for row in second.tables["captures"]]
    assert len(ids) == len(set(ids))
    assert [row["capture_id"] for row in second.tables["captures"]][:len(first.tables["captures"])] == [row["capture_id"] for row in first.tables["captures"]]
    for source, verdict in VERDICTS.items():
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
    times = [at for path, at in crawled.asked["waiting"] if path not in {"/robots.txt", "/feed"}]
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
