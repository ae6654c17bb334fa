"""Serve `facts.db` with Datasette: the published facts as pages, JSON, CSV and SQL.

The file is served immutable, and a new publication is picked up without a restart (see `db.site.live`).
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import inspect
import json
import logging
import os
import re
import socket
import sqlite3
import sys
import urllib.request
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm

from db.metadata import DATABASE, build_metadata, split_metadata
from db.site.live import LiveDatabase, SnapshotError
from db.site.reporting import PLUGIN, SETTING, check_address

SITE = Path(__file__).parent / "site"
SETTINGS = {
    "default_page_size": 25,
    "max_returned_rows": 1000,
    "suggest_facets": False,
    "facet_time_limit_ms": 500,
    "sql_time_limit_ms": 1500,
    "max_csv_mb": 200,
    "default_cache_ttl": 60,
    "num_sql_threads": 5,
    "truncate_cells_html": 400,
}
CONNECTIONS = 512
"""Connections at one time; more are answered 503 at once."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/")


class ServeError(Exception):
    """The site can't be served; the message says why and what to do."""


def build_app(database: Path, metadata: Path | None = None, *, base_url: str = "/", public_url: str = "", report_to: str = "") -> Datasette:
    """A Datasette of the facts in `database`, under the name `facts`.

    `metadata` is a JSON file in Datasette's form; without it, the metadata is generated. `public_url` is the address
    at which readers find the site, for addresses in feeds, sitemaps and citations; its path is the base address.
    Without it, those have the host that each request names. `report_to` is the mailto: or https: address to which pages
    send those who report an error. Raises ServeError. Close the result with `close_app`.
    """
    public = read_public_url(public_url) if public_url else None
    base_url = public.path if public else base_url
    if not database.is_file():
        raise ServeError(f"There is no database at {database}. Build it with: landed publish")
    described = build_metadata() if metadata is None else _read_metadata(metadata)
    if public:
        described = _configure(described, "landed_serving", "public_url", public.geturl())
    if report_to:
        try:
            described = _configure(described, PLUGIN, SETTING, check_address(report_to))
        except ValueError as error:
            raise ServeError(str(error)) from error
    # Where rich is installed, 0.65 prints a page of local variables for every "404 Not Found".
    pm.get_plugin("datasette.handle_exception").rich = None
    app = Datasette(
        immutables=[str(database)],
        **_shape(described),
        template_dir=str(SITE / "templates"),
        plugins_dir=str(SITE / "plugins"),
        static_mounts=[("static", str(SITE / "static"))],
        settings={**SETTINGS, "base_url": base_url},
        cors=True,
    )
    if hasattr(app, "_table_permission_allows"):
        # 0.65 copies all metadata whenever it looks at who may see a table: 70 times for the home page. Here it never changes.
        app._table_permission_allows = lru_cache(maxsize=1000)(app._table_permission_allows)  # noqa: SLF001
    app.remove_database(database.stem)
    try:
        app.add_database(LiveDatabase(app, database.resolve()), name=DATABASE)
    except (SnapshotError, OSError, sqlite3.Error) as error:
        close_app(app)
        raise ServeError(str(error)) from error
    return app


def _shape(described: dict[str, Any]) -> dict[str, Any]:
    """What this version of Datasette wants to be told: 1.0 reads queries and plugins' settings from a configuration."""
    if "config" not in inspect.signature(Datasette).parameters:
        return {"metadata": described}
    told, served = split_metadata(described)
    return {"metadata": told, "config": served}


def _configure(described: dict[str, Any], plugin: str, name: str, value: str) -> dict[str, Any]:
    """The metadata with one setting of a plugin."""
    plugins = described.get("plugins", {})
    return {**described, "plugins": {**plugins, plugin: {**plugins.get(plugin, {}), name: value}}}


def read_public_url(text: str) -> SplitResult:
    """The parts of a public address, its path with a slash at the end; raises ServeError."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise ServeError(f"The public address {text!r} can't be read: {error}.") from error
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or parts.username is not None or parts.query or parts.fragment or not _PATH.fullmatch(path):
        raise ServeError(f"The public address {text!r} must have the form https://facts.example.org or https://example.org/landed/.")
    return SplitResult(parts.scheme, host if port is None else f"{host}:{port}", path, "", "")


def close_app(app: Datasette) -> None:
    """End the threads and close the connections of what `build_app` gave."""
    if app.executor is not None:
        app.executor.shutdown()
    for database in app.databases.values():
        database.close()


def serve(
    database: Path,
    metadata: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8001,
    *,
    base_url: str = "/",
    public_url: str = "",
    report_to: str = "",
    quiet: bool = False,
) -> None:
    """Serve the facts in `database` at `host` and `port` (0: any free one) until interrupted.

    Prints the address once it is bound, unless `quiet`. Raises ServeError where the database is missing or not one
    of Landed's, the metadata can't be read, or the port can't be had.
    """
    app = build_app(database, metadata, base_url=base_url, public_url=public_url, report_to=report_to)
    try:
        with _bind(host, port) as listening:
            if not quiet:
                print(f"Serving {database} at {_address(host, listening)}{app.setting('base_url')}  (Ctrl-C ends it)", flush=True)
            _run(app, listening)
    finally:
        close_app(app)


def _run(app: Datasette, listening: socket.socket) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app.app(),
        log_level="warning",
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=5,
        access_log=False,
        server_header=False,
        # The site's address comes from --public-url: anyone can send X-Forwarded-Host, and the defaults trust loopback.
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=15,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns off Nagle's algorithm only for sockets that say their protocol; with it, each answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise ServeError(f"Port {port} is taken. Stop what uses it, or choose another: --port {port + 1}") from error
        raise ServeError(f"Can't listen at {host}, port {port}: {error}") from error
    return listening


def _address(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


def _read_metadata(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ServeError(f"The metadata in {path} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise ServeError(f"The metadata in {path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ServeError(f"The metadata in {path} is not a JSON object.")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Serve, or check that a site answers, with nothing of Landed but this package; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m db.serve", description=__doc__)
    parser.add_argument("database", type=Path, nargs="?", help="facts.db")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--public-url", default=os.environ.get("LANDED_PUBLIC_URL", ""))
    parser.add_argument("--report-to", default=os.environ.get("LANDED_REPORT_TO", ""))
    parser.add_argument("--check", metavar="ADDRESS", help="ask for ADDRESS, say nothing, and exit 0 where it answers")
    given = parser.parse_args(arguments)
    if given.check:
        return 0 if _answers(given.check) else 1
    if given.database is None:
        parser.error("name the database, as data/facts.db")
    try:
        serve(given.database, host=given.host, port=given.port, public_url=given.public_url, report_to=given.report_to)
    except ServeError as error:
        print(f"landed: {error}", file=sys.stderr)
        return 1
    return 0


def _answers(address: str) -> bool:
    if not address.startswith(("http://", "https://")):
        return False
    try:
        with urllib.request.urlopen(address, timeout=4) as response:  # noqa: S310 - the scheme was checked
            return bool(response.status == HTTPStatus.OK)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
