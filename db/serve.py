"""Serve `facts.db` with Datasette: the published facts as pages, JSON, CSV and SQL.

The file is served immutable, and a new publication is picked up without a restart (see `db.site.live`).
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import socket
import sqlite3
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm

from db.metadata import DATABASE, build_metadata
from db.site.live import LiveDatabase, SnapshotError

SITE = Path(__file__).parent / "site"
SETTINGS = {
    "default_page_size": 25,
    "max_returned_rows": 1000,
    "suggest_facets": False,
    "facet_time_limit_ms": 500,
    "sql_time_limit_ms": 1500,
    "max_csv_mb": 200,
    "default_cache_ttl": 5,
    "truncate_cells_html": 400,
}


class ServeError(Exception):
    """The site can't be served; the message says why and what to do."""


def build_app(database: Path, metadata: Path | None = None, *, base_url: str = "/") -> Datasette:
    """A Datasette of the facts in `database`, under the name `facts`.

    `metadata` is a JSON file in Datasette's form; without it, the metadata is generated. Raises ServeError. Close the
    result with `close_app`.
    """
    if not database.is_file():
        raise ServeError(f"There is no database at {database}. Build it with: landed publish")
    described = build_metadata() if metadata is None else _read_metadata(metadata)
    # Where rich is installed, 0.65 prints a page of local variables for every "404 Not Found".
    pm.get_plugin("datasette.handle_exception").rich = None
    app = Datasette(
        immutables=[str(database)],
        metadata=described,
        template_dir=str(SITE / "templates"),
        plugins_dir=str(SITE / "plugins"),
        static_mounts=[("static", str(SITE / "static"))],
        settings={**SETTINGS, "base_url": base_url},
        cors=True,
    )
    app.remove_database(database.stem)
    try:
        app.add_database(LiveDatabase(app, database.resolve()), name=DATABASE)
    except (SnapshotError, OSError, sqlite3.Error) as error:
        close_app(app)
        raise ServeError(str(error)) from error
    return app


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
    quiet: bool = False,
) -> None:
    """Serve the facts in `database` at `host` and `port` (0: any free one) until interrupted.

    Prints the address once it is bound, unless `quiet`. Raises ServeError where the database is missing or not one
    of Landed's, the metadata can't be read, or the port can't be had.
    """
    app = build_app(database, metadata, base_url=base_url)
    try:
        with _bind(host, port) as listening:
            if not quiet:
                print(f"Serving {database} at {_address(host, listening)}{base_url}  (Ctrl-C ends it)", flush=True)
            _run(app, listening)
    finally:
        close_app(app)


def _run(app: Datasette, listening: socket.socket) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app.app(), log_level="warning", lifespan="on", ws="none", timeout_graceful_shutdown=5, access_log=False
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
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
