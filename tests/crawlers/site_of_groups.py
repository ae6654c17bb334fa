"""A few sources on loopback hosts, in two groups, that several machines might share."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUPS = {"coast": ("harbour", "lighthouse"), "inland": ("prairie",)}
"""Group to its sources; each source is a host with a feed of two articles."""


class _Handler(BaseHTTPRequestHandler):
    server: ThreadingHTTPServer

    def do_GET(self) -> None:
        kind, body = "text/html; charset=utf-8", ""
        if self.path == "/feed":
            kind = "application/rss+xml"
            items = "".join(f"<item><title>Notice {n}</title><link>/notice-{n}</link><pubDate>Thu, 06 Aug 2026 09:00:00 GMT</pubDate></item>" for n in (1, 2))
            body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Notices</title>{items}</channel></rss>'
        elif self.path.startswith("/notice-"):
            place = f"{self.server.server_address[1]}{self.path}"
            body = (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Notice {place}</title></head><body><main><article><h1>Notice {place}</h1>"
                    f"<p>The office at {place} takes up to 1,200 applications this year and closes when that many have come in.</p>"
                    "<p>They are read in the order in which they come in, the office said.</p></article></main></body></html>")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serve_groups(folder: Path) -> Iterator[None]:
    """Serve each source at a port of its own, with its file in `folder`."""
    servers = []
    for name in sorted(name for ids in GROUPS.values() for name in ids):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        address = f"http://127.0.0.1:{server.server_address[1]}"
        (folder / f"{name}.toml").write_text(
            f'id = "{name}"\nname = "{name}"\npublisher = "Harbour"\nowner_group = "harbour"\nofficial = false\njurisdiction = "CA"\nlanguage = "en"\nkind = "feed"\n'
            f'start = {json.dumps([f"{address}/feed"])}\ntemplate = "generic"\nhome = "{address}/"\ncadence = "daily"\nlicence = "-"\ntext_policy = "excerpt"\n'
            'minimum = 1\nstale_after = 36500\nnote = ""\ndelay = 0\nnetwork = "loopback"\n', encoding="utf-8")
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
