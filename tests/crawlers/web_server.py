"""A web server on loopback for tests: answers by path, without fault or with one, and notes what was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

HTML = "text/html; charset=utf-8"
FEED = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A request: path, header lines (names in lower case) and the time on the monotonic clock."""

    path: str
    headers: dict[str, str]
    at: float


@dataclass(frozen=True)
class Connection:
    """The connection that a request came by, and the request."""

    handler: BaseHTTPRequestHandler
    asked: Asked

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


@dataclass(frozen=True)
class Answer:
    """What a host answers; `promised` states another length than the body has, which ends with the connection then."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", HTML),)
    promised: int | None = None

    def give(self, to: Connection) -> None:
        length = len(self.body) if self.promised is None else self.promised
        stated = () if self.status == 304 else (("Content-Length", str(length)),)
        lines = [f"{name}: {value}" for name, value in (*self.headers, *stated)]
        to.send("\r\n".join([f"HTTP/1.1 {self.status} -", *lines, "", ""]).encode(), self.body)
        if self.promised is not None:
            to.end()


@dataclass
class Host:
    """A web server on a free loopback port.

    `pages` answers by path: an Answer, or a function of the connection that gives one or writes to the connection itself.
    """

    pages: Mapping[str, Answer | Callable[[Connection], Answer | None]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, time.monotonic())
                host.asked.append(asked)
                page, to = host.pages.get(self.path, Answer(b"<title>Not here</title>", 404)), Connection(self, asked)
                with contextlib.suppress(OSError):
                    answer = page(to) if callable(page) else page
                    if answer is not None:
                        answer.give(to)

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
        return [asked.path for asked in self.asked]


# ---------------------------------------------------------------- pages


def page_html(text: str, head: str = "") -> bytes:
    return (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{text}</title>{head}</head><body><main><article><h1>{text}</h1>"
            f"<p>{text}. The harbour pilot takes up to 1,200 people a year, the department said, and stays open until the cap is reached.</p>"
            f"<p>Applications are read in the order in which they come in.</p></article></main></body></html>").encode()


def article(text: str, head: str = "") -> Answer:
    return Answer(page_html(text, head))


def write_feed(links: Sequence[str]) -> bytes:
    items = "".join(f"<item><title>Item {number}</title><link>{link}</link><pubDate>Thu, 06 Aug 2026 09:00:00 GMT</pubDate></item>" for number, link in enumerate(links))
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'.encode()


def feed(*links: str) -> Answer:
    return say(write_feed(links), kind=FEED)


def say(body: bytes, *lines: tuple[str, str], kind: str = HTML, status: int = 200) -> Answer:
    return Answer(body, status, (("Content-Type", kind), *lines))


def moved(to: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=(("Location", to),))


# ---------------------------------------------------------------- what a crawl works with and leaves


def write_source(folder: Path, name: str, address: str, starts: Sequence[str], kind: str = "feed", more: str = "") -> None:
    """A source's file; `more` are further lines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(
        f'id = "{name}"\nname = "{name}"\npublisher = "Harbour"\nowner_group = "harbour"\nofficial = false\njurisdiction = "CA"\nlanguage = "en"\nkind = "{kind}"\n'
        f'start = {json.dumps([address + path for path in starts])}\ntemplate = "generic"\nhome = "{address}/"\ncadence = "daily"\nlicence = "-"\ntext_policy = "excerpt"\n'
        f'minimum = 1\nstale_after = 36500\nnote = ""\ndelay = 0\nnetwork = "loopback"\n{more}', encoding="utf-8")


QUERIES = {
    "captures": "SELECT * FROM captures ORDER BY rowid",
    "articles": "SELECT a.*, v.title, v.published, v.text, v.version_no FROM articles a JOIN article_versions v USING (version_id) ORDER BY url",
    "crawls": "SELECT * FROM crawls ORDER BY started_at, crawl_id",
    "failures": "SELECT f.*, c.source_id FROM failures f JOIN crawls c USING (crawl_id) ORDER BY failure_id",
}


def read_database(path: Path) -> dict[str, list[dict[str, Any]]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {name: [dict(row) for row in connection.execute(sql)] for name, sql in QUERIES.items()}
