"""The demo's web servers: every host of the demo site on a loopback port of its own.

    with DemoSite() as site:
        site.addresses["newsroom"]      # "http://127.0.0.1:40123"

`site/manifest.toml` lists each path that is answered, with a Last-Modified value that is the same in every checkout. In
text files `@newsroom@`, `@courier@` and so on stand for the hosts' addresses, and `@nonce@` for a value that differs in
each answer, as session tokens do on real pages. The host `offline` has an address, but nothing answers there.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import socket
import socketserver
import threading
import tomllib
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SITE = Path(__file__).parent / "site"
LOOPBACK = "127.0.0.1"
OFFLINE = "offline"
PHASES = (1, 2)

_TYPES = {
    ".html": "text/html; charset=UTF-8",
    ".atom": "application/atom+xml; charset=UTF-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=UTF-8",
}
_NOT_FOUND = b"<!DOCTYPE html><html lang=en><title>Page not found</title><h1>Page not found</h1><p>The demo has no such page.</p>"


class Request(NamedTuple):
    """One request that the demo answered; `path` is as asked, with its query."""

    host: str
    method: str
    path: str
    status: int


@dataclass(frozen=True)
class Resource:
    """What stands at one path of a host, as the manifest declares it."""

    file: str
    content_type: str
    etag: bool
    modified: datetime | None
    modified2: datetime | None


class DemoSite:
    """The demo site, served over loopback HTTP while the context is open.

    Args:
        ports: Port by host, for hosts that shall have a fixed one; the rest get free ports.
        phase: 1, or 2 for the site as it stands after an outlet's correction; `phase` may be set at any time.

    Raises:
        OSError: On entering, when a given port is taken.
    """

    def __init__(self, ports: Mapping[str, int] | None = None, *, phase: int = 1) -> None:
        self._ports = dict(ports or {})
        self._resources = read_manifest(SITE / "manifest.toml")
        if unknown := sorted(self._ports.keys() - self._resources.keys() - {OFFLINE}):
            raise ValueError(f"the demo has no host {unknown[0]!r}; its hosts are {', '.join([*self._resources, OFFLINE])}")
        self._servers: list[_HostServer] = []
        self._reserved: socket.socket | None = None
        self._nonces = itertools.count(1)
        self.addresses: dict[str, str] = {}
        self.requests: list[Request] = []
        self.phase = phase

    @property
    def phase(self) -> int:
        """Which of the two states of the site is served."""
        return self._phase

    @phase.setter
    def phase(self, phase: int) -> None:
        if phase not in PHASES:
            raise ValueError(f"phase is {phase!r}; the demo has the phases 1 and 2")
        self._phase = phase

    def __enter__(self) -> Self:
        try:
            for host in self._resources:
                server = _HostServer((LOOPBACK, self._ports.get(host, 0)), self, host)
                self._servers.append(server)
                self.addresses[host] = f"http://{LOOPBACK}:{server.server_address[1]}"
                threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"demo-{host}", daemon=True).start()
            # Bound, so that nobody else is given the port, but never listening: whoever connects is refused.
            self._reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._reserved.bind((LOOPBACK, self._ports.get(OFFLINE, 0)))
            self.addresses[OFFLINE] = f"http://{LOOPBACK}:{self._reserved.getsockname()[1]}"
        except OSError:
            self.close()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop all servers and free their ports; `addresses` and `requests` stay readable."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers.clear()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None

    def paths(self, host: str) -> list[str]:
        """All paths that a host answers, in the manifest's order."""
        return list(self._resources[host])

    def resource(self, host: str, path: str) -> Resource | None:
        """What stands at a path, query left out; None where the host has nothing."""
        return self._resources[host].get(urlsplit(path).path)

    def body(self, host: str, resource: Resource) -> bytes:
        """The bytes served for a resource in the present phase, placeholders filled."""
        changed = SITE / host / "phase2" / resource.file
        file = changed if self.phase == 2 and changed.is_file() else SITE / host / resource.file
        return self.fill(file.read_bytes())

    def fill(self, body: bytes) -> bytes:
        """Put the hosts' addresses in place of `@newsroom@` and its like, and a fresh value in place of `@nonce@`."""
        return re.sub(rb"@([a-z]+)@", self._fill_one, body)

    def _fill_one(self, match: re.Match[bytes]) -> bytes:
        name = match[1].decode("ascii")
        if name == "nonce":
            return f"{next(self._nonces):08x}".encode("ascii")
        return self.addresses[name].encode("ascii") if name in self.addresses else match[0]


def read_manifest(file: Path) -> dict[str, dict[str, Resource]]:
    """Resources by host and path, from the site's manifest, whose head describes its fields."""
    found: dict[str, dict[str, Resource]] = {}
    for host, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
        found[host] = {}
        for path, given in entry["pages"].items():
            name = given.get("file", path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
            found[host][path] = Resource(
                file=name,
                content_type=given.get("type") or _TYPES[Path(name).suffix],
                etag=entry["etag"],
                modified=given.get("modified"),
                modified2=given.get("modified2"),
            )
    return found


class _HostServer(ThreadingHTTPServer):
    """The server of one host."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], site: DemoSite, host: str) -> None:
        self.site = site
        self.host = host
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the reverse look-up of HTTPServer, which can hang for seconds on a machine without a network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, with 304 where the client's copy is current."""

    protocol_version = "HTTP/1.1"
    server_version = "LandedDemo/1"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's signature
        """Say nothing on standard error; requests are recorded in `DemoSite.requests`."""

    def _answer(self, *, with_body: bool) -> None:
        server = self.server
        assert isinstance(server, _HostServer)
        resource = server.site.resource(server.host, self.path)
        if resource is None:
            self._send(HTTPStatus.NOT_FOUND, {"Content-Type": _TYPES[".html"]}, _NOT_FOUND, with_body=with_body)
            return
        body = server.site.body(server.host, resource)
        headers = {"Content-Type": resource.content_type}
        modified = resource.modified2 if server.site.phase == 2 and resource.modified2 else resource.modified
        if modified is None:
            headers["Cache-Control"] = "no-store"
        else:
            headers["Last-Modified"] = format_datetime(modified, usegmt=True)
            if resource.etag:
                headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if modified is not None and self._is_current(headers.get("ETag"), modified):
            del headers["Content-Type"]
            self._send(HTTPStatus.NOT_MODIFIED, headers, None, with_body=with_body)
        else:
            self._send(HTTPStatus.OK, headers, body, with_body=with_body)

    def _is_current(self, etag: str | None, modified: datetime) -> bool:
        """Whether the client's validators match; an If-None-Match hides If-Modified-Since (RFC 9110, section 13.2.2)."""
        if (asked := self.headers.get("If-None-Match")) is not None:
            given = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
            return etag is not None and (etag in given or "*" in given)
        try:
            return modified <= parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except (TypeError, ValueError):  # no date, not a date, or one without a zone
            return False

    def _send(self, status: HTTPStatus, headers: dict[str, str], body: bytes | None, *, with_body: bool) -> None:
        server = self.server
        assert isinstance(server, _HostServer)
        # Recorded first, so that a client that has the answer always finds its request in the list.
        server.site.requests.append(Request(server.host, self.command, self.path, status.value))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if body is not None and with_body:
            self.wfile.write(body)
