# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""What every answer gets: one state of the database from beginning to end, and headers that keep pages to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from db.metadata import DATABASE
from db.site.live import LiveDatabase

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from datasette.app import Datasette

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Datasette's own pages need inline scripts and styles; nothing needs another host.
POLICY = (
    b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Pin each request to one publication and add the headers."""

    def wrap(app: App) -> App:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return

            async def send_with_headers(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
                await send(message)

            database = datasette.databases.get(DATABASE)
            if isinstance(database, LiveDatabase):
                async with database.pin():
                    await app(scope, receive, send_with_headers)
            else:
                await app(scope, receive, send_with_headers)

        return answer

    return wrap
