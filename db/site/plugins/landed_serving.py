# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""What every answer goes through: one state of the database from beginning to end, limits, caching, safe headers.

From the outside in: the request is looked at and the safe headers are added; the answer is compressed; one publication
is pinned; a reader who has the page already is told so; what was answered within the last minute is answered again; a
costly request waits for its turn; then Datasette answers.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

from asgi_gzip import GZipMiddleware
from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db.metadata import DATABASE, load_queries
from db.site.answers import Answers
from db.site.caching import (
    REFUSED,
    choose_age,
    has_tag,
    identify_program,
    identify_settings,
    is_static,
    make_tag,
    set_headers,
    today,
    version_file,
)
from db.site.limits import Gate, TooBusyError, classify, is_greedy
from db.site.live import LiveDatabase
from db.site.policy import PlainLoader, write_policy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from datasette.app import Datasette
    from jinja2 import Environment

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_CLOSED_PATH = re.compile(r"/-/(allow-debug|auth-token|logout|messages|patterns|permissions|threads)(\.\w+)?")
_QUERIES = frozenset(query.name for query in load_queries())
_LONGEST_QUERY = 16_000
_environments: WeakKeyDictionary[Datasette, Environment] = WeakKeyDictionary()  # Datasette 1.0 doesn't show its own
_PAGE_TYPES = ("text/html", "text/css", "text/javascript", "application/javascript", "image/")
_SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Load templates without inline styles; `static_url` gives a file's address with its version."""
    if env.loader is not None:
        env.loader = PlainLoader(env.loader)

    def static_url(name: str) -> str:
        return f"{datasette.urls.path(f'/static/{name}')}?v={version_file(name)}"

    env.globals["static_url"] = static_url
    _environments[datasette] = env


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # datasette has no types
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """All of it, around Datasette and every other plugin."""

    def wrap(app: App) -> App:
        server = _Server(datasette, app)
        compressed = GZipMiddleware(server.answer_pinned, minimum_size=500, compresslevel=5)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
            elif refusal := server.refuse(scope):
                await server.send_refusal(refusal, scope, receive, server.with_headers(scope, send))
            else:
                # A database file and a picture are as small as they get, and compressing hundreds of megabytes takes minutes.
                inner = server.answer_pinned if scope["path"].endswith((".db", ".png", ".parquet", ".gz")) else compressed
                await inner(server.address(scope), receive, server.with_headers(scope, send))

        return answer

    return wrap


class _Server:
    """One Datasette with the gates that its requests go through."""

    def __init__(self, datasette: Datasette, app: App) -> None:
        settings = datasette.plugin_config("landed_serving") or {}
        self.datasette, self.app = datasette, app
        self.base = str(datasette.setting("base_url"))
        self.public = urlsplit(str(settings.get("public_url") or ""))
        self.identity = identify_program() + identify_settings(settings, self.base)
        self.gates = {"query": Gate(at_once=3, waiting=12, patience=3, longest=60), "stream": Gate(at_once=4, waiting=4, patience=5, longest=900)}
        self.answers = Answers()
        self._policy = ""

    def path(self, scope: Scope) -> str:
        """The path below the base address, as Datasette routes it."""
        path = str((scope.get("raw_path") or scope["path"].encode()).decode("latin-1")).partition("?")[0]
        return "/" + path[len(self.base):] if self.base != "/" and path.startswith(self.base) else path

    def refuse(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason, where a request is not answered at all."""
        if scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            return 405, "This site is read only."
        if len(scope.get("query_string") or b"") > _LONGEST_QUERY:
            return 414, f"The address has more than {_LONGEST_QUERY:,} characters."
        if not self.public.netloc and not _HOST.fullmatch(_header(scope, b"host") or "localhost"):
            return 400, "The request's Host is not the name of a host."
        if is_greedy((scope.get("query_string") or b"").decode("latin-1")):
            return 400, "A page counts at most 6 facets at a time."
        return (404, "There is nothing at this address.") if _CLOSED_PATH.fullmatch(self.path(scope)) else None

    def address(self, scope: Scope) -> Scope:
        """The request as Datasette is to see it: at the public address, where the operator gave one, below the base address.

        Proxies may leave the base in the path or take it off; Datasette's own addresses would have it twice in the first case.
        """
        if self.base != "/":
            path = self.path(scope)
            scope = {**scope, "path": unquote(path), "raw_path": path.encode("latin-1")}
        if not self.public.netloc:
            return scope
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        return {**scope, "scheme": self.public.scheme, "headers": [(b"host", self.public.netloc.encode()), *headers]}

    def with_headers(self, scope: Scope, send: Send) -> Send:
        """Sends with the headers that every answer has."""
        path, query = self.path(scope), (scope.get("query_string") or b"").decode("latin-1")

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._complete(message, path, query)}
            await send(message)

        return send_on

    def _complete(self, message: Message, path: str, query: str) -> list[tuple[bytes, bytes]]:
        headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", [])]
        known = {name.lower(): value.decode("latin-1") for name, value in headers}
        page = message["status"] != 304 and known.get(b"content-type", "").startswith(_PAGE_TYPES)
        given = {**_SAFE, "content-security-policy": self.policy, "cross-origin-resource-policy": "same-origin" if page else "cross-origin"}
        age = known.get(b"cache-control", "")
        if "private" not in age and "public" not in age:
            given["cache-control"] = choose_age(path, query) if message["status"] in {200, 304} else REFUSED
        vary = [name.strip() for name in known.get(b"vary", "").split(",") if name.strip()]
        if not is_static(path) and "accept-encoding" not in {name.lower() for name in vary}:
            given["vary"] = ", ".join(("Accept-Encoding", *vary))
        if page:
            headers = [(name, value) for name, value in headers if not name.lower().startswith(b"access-control-")]
        elif message["status"] == 200:
            given["access-control-allow-origin"] = "*"
        return set_headers(headers, given)

    @property
    def policy(self) -> str:
        """The Content-Security-Policy."""
        if not self._policy:
            self._policy = write_policy(_environments.get(self.datasette) or self.datasette.jinja_env)
        return self._policy

    async def answer_pinned(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from one publication."""
        database = self.datasette.databases.get(DATABASE)
        if not isinstance(database, LiveDatabase):
            await self.app(scope, receive, send)
            return
        async with database.pin():
            await self._answer_if_new(database, scope, receive, send)

    async def _answer_if_new(self, database: LiveDatabase, scope: Scope, receive: Receive, send: Send) -> None:
        path = self.path(scope)
        if _header(scope, b"cookie") or _header(scope, b"authorization") or (path.startswith("/-/") and not is_static(path)):
            await self._answer_in_turn(scope, receive, send)
            return
        query = (scope.get("query_string") or b"").decode("latin-1")
        host = "" if self.public.netloc else f"{scope.get('scheme')} {_header(scope, b'host')}"
        state = (version_file(path.removeprefix("/static/")),) if is_static(path) else (database.hash, today(), host)
        tag = make_tag(self.identity, *state, path, query)
        if has_tag(_header(scope, b"if-none-match"), tag):
            await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", tag.encode()), (b"vary", b"Accept-Encoding, Cookie, Authorization")]})
            await send({"type": "http.response.body", "body": b""})
            return

        whole = scope["method"] == "GET" and not is_static(path)
        if whole and (kept := self.answers.find(tag)):
            await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
            await send({"type": "http.response.body", "body": kept.body})
            return
        headers: tuple[tuple[bytes, bytes], ...] = ()
        body: bytearray | None = bytearray() if whole else None  # None: not to be kept

        async def send_tagged(message: Message) -> None:
            nonlocal headers, body
            if message["type"] == "http.response.start":
                if message["status"] == 200:
                    message = {**message, "headers": set_headers(message.get("headers", []), {"etag": tag})}
                    headers = tuple((bytes(name).lower(), bytes(value)) for name, value in message["headers"])
                if message["status"] != 200 or any(name == b"set-cookie" or (name == b"cache-control" and b"private" in value) for name, value in headers):
                    body = None
            elif body is not None:
                body += message.get("body", b"")
                if len(body) > self.answers.largest:
                    body = None
                elif not message.get("more_body"):
                    self.answers.keep(tag, headers, bytes(body))
            await send(message)

        await self._answer_in_turn(scope, receive, send_tagged)

    async def _answer_in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        gate = self.gates.get(classify(self.path(scope), (scope.get("query_string") or b"").decode("latin-1"), _QUERIES, DATABASE))
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with gate.turn() if gate else contextlib.nullcontext():
                await self.app(scope, receive, send_on)
        except TooBusyError as busy:
            await self.send_refusal((429, str(busy)), scope, receive, send, {"Retry-After": str(busy.after)})
        except TimeoutError:
            if begun:
                raise  # the connection is cut, so that nobody takes half a table for the whole
            await self.send_refusal((503, "The answer took too long."), scope, receive, send, {"Retry-After": "60"})

    async def send_refusal(self, refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send, headers: dict[str, str] | None = None) -> None:
        """Send an error in the form that was asked for: JSON, plain text or a page."""
        status, reason = refusal
        path = scope["path"]
        if path.endswith(".json"):
            response = Response.json({"ok": False, "error": reason, "status": status, "title": None}, status=status, headers=headers)
        elif "." in path.rpartition("/")[2]:
            response = Response.text(f"{reason}\n", status=status, headers=headers)
        else:
            await self.datasette.invoke_startup()  # a refusal may be the first answer of all, before the templates are set up
            request = Request({**scope, "csrftoken": str}, receive)
            template = "404.html" if status == 404 else "error.html"
            page = await self.datasette.render_template(template, {"ok": False, "error": reason, "status": status, "title": None}, request=request)
            response = Response.html(page, status=status, headers=headers)
        await response.asgi_send(send)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope.get("headers") or () if key == name), "")
