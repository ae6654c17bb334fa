"""Page sets: for each source, pages in its site's real format, and one server that answers for all of their hosts.

`sites/ID/pages.toml` holds a source's own words: `[[pages]]` with address, format, title, date and body, `[[lures]]` that
a listing names but that must not be followed, and `[[listings]]` that name all of these. `sites/formats/` holds the
formats, one file for all sources that share one. In a format `$title` stands for a page's value, escaped as the format
needs; `$body` for markup, taken as it is; `$items` for the listing's items, each in the format `NAME.item`.

The words are the project's own. Many figures are real, but those of single draws and regulations are partly invented:
nothing here is a record of what a site said.
"""

from __future__ import annotations

import html
import json
import threading
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SITES = Path(__file__).parent / "sites"
FORMATS = SITES / "formats"

_TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json", ".xml": "application/xml", ".rss": "application/rss+xml; charset=UTF-8", ".atom": "application/atom+xml"}
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_MOIS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]
_MARKUP = frozenset({"body", "items", "facts"})
"""Values that are markup themselves."""


@dataclass(frozen=True)
class Answer:
    """What the server answers to one address."""

    content_type: str
    body: bytes


@dataclass(frozen=True)
class PageSet:
    """A source's pages.

    Attributes:
        answers: Answer by address.
        pages: What `pages.toml` says of each page, by address.
        lures: Addresses that a listing names and that must not be fetched.
    """

    answers: Mapping[str, Answer]
    pages: Mapping[str, Mapping[str, Any]]
    lures: tuple[str, ...]


def read_page_set(source_id: str) -> PageSet:
    """The page set of a source; OSError where it has none."""
    folder = SITES / source_id
    given = tomllib.loads((folder / "pages.toml").read_text(encoding="utf-8"))
    pages, lures = given.get("pages", []), given.get("lures", [])
    answers = {page["url"]: _answer(folder, page) for page in pages}
    for listing in given.get("listings", []):
        named = [item for item in [*pages, *lures, *given.get("listings", [])] if item["url"] in listing["names"]] if "names" in listing else [*pages, *lures]
        answers[listing["url"]] = _answer(folder, listing, named)
    return PageSet(answers, {page["url"]: page for page in pages}, tuple(lure["url"] for lure in lures))


def _answer(folder: Path, page: Mapping[str, Any], named: Iterable[Mapping[str, Any]] = ()) -> Answer:
    if "file" in page:
        file = folder / page["file"]
        return Answer(_TYPES[file.suffix], file.read_bytes())
    name = str(page["format"])
    suffix = Path(name).suffix
    text = (FORMATS / name).read_text(encoding="utf-8")
    if suffix == ".json":
        item = json.loads((FORMATS / f"{name}.item").read_text(encoding="utf-8")) if named else None
        items = [_fill_tree(item, _values(one)) for one in named]
        tree = _fill_tree(json.loads(text), {**_values(page), "items": items})
        return Answer(_TYPES[suffix], json.dumps(tree, ensure_ascii=False).encode())
    rows = "".join(_fill((FORMATS / f"{name}.item").read_text(encoding="utf-8"), _values(one)) for one in named)
    return Answer(page.get("type", _TYPES[suffix]), _fill(text, {**_values(page), "items": rows}).encode(page.get("charset", "utf-8")))


def _fill(text: str, values: Mapping[str, str]) -> str:
    return Template(text).substitute({name: value if name in _MARKUP else html.escape(value, quote=True) for name, value in values.items()})


def _fill_tree(tree: Any, values: Mapping[str, Any]) -> Any:
    """A JSON value with the placeholders in its strings filled; a string that is nothing but "$items" becomes the list."""
    if isinstance(tree, dict):
        return {name: _fill_tree(value, values) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_fill_tree(value, values) for value in tree]
    if tree == "$items":
        return values["items"]
    return Template(tree).substitute(values) if isinstance(tree, str) else tree


def _values(page: Mapping[str, Any]) -> dict[str, str]:
    """A page's values and the forms of its date that formats write."""
    values = {"title": "", "body": "", "facts": "", "summary": "", "author": "", "place": "", "kind": "", "path": str(page["url"]).partition("//")[2].partition("/")[2]}
    values |= {name: str(value) for name, value in page.items()}
    published = datetime.fromisoformat(str(page.get("published", "2026-08-06T09:30:00-04:00")))
    published = published if published.tzinfo else published.replace(tzinfo=UTC)
    month = published.month - 1
    values |= {
        "published": published.isoformat(), "day": published.date().isoformat(), "space": published.strftime("%Y-%m-%d %H:%M:%S"),
        "rfc822": format_datetime(published), "rfc822_short": published.strftime("%a, %d %b %y %H:%M:%S %z"),
        "words": f"{_MONTHS[month]} {published.day}, {published.year}", "mots": f"{published.day} {_MOIS[month]} {published.year}",
        "day_first": f"{published.day} {_MONTHS[month]}, {published.year}",
    }
    values.setdefault("modified", values["day"])
    return values


class PageSetServer:
    """A web server on a free loopback port whose paths are whole addresses: `/https://www.canada.ca/en/news.html`."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        # By their unquoted form: Scrapy quotes brackets and spaces, which is the same address to a server.
        self._answers = {unquote(url): answer for url, answer in answers.items()}
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = unquote(self.path[1:])
                server.asked.append(url)
                answer = server._answers.get(url)
                robots = Answer("text/plain", b"User-agent: *\nAllow: /\n") if url.endswith("/robots.txt") else Answer("text/html", b"<title>Not found</title>")
                found = answer or robots
                self.send_response(200 if answer or url.endswith("/robots.txt") else 404)
                self.send_header("Content-Type", found.content_type)
                self.send_header("Content-Length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
