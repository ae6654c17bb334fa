"""What may be kept by browsers and caches, and for how long; whether the reader has it already.

A page is the same as long as the publication, the program, the day (UTC; "next dates" depend on it) and the address
are the same. So its tag is known before anything is read, and an answer of 304 costs nothing. The tags are weak, since
the same page is sent with and without compression.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE: Final = "public, max-age=60"
"""New publications come every hour or so; a minute keeps a crowd away from the server."""
STATIC: Final = "public, max-age=3600"
VERSIONED: Final = "public, max-age=31536000, immutable"
REFUSED: Final = "no-store"

_STATIC_FILES: Final = Path(__file__).parent / "static"
_CODE: Final = Path(__file__).parent.parent
_STATIC_ROOTS: Final = ("/static/", "/-/static/", "/-/static-plugins/")


def is_static(path: str) -> bool:
    """Whether the path (below the base address) is that of a file that is served as it is."""
    return path.startswith(_STATIC_ROOTS) or path == "/favicon.ico"


def make_tag(*parts: str) -> str:
    """A weak entity tag of all that the answer depends on."""
    return f'W/"{hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def has_tag(header: str, tag: str) -> bool:
    """Whether the value of If-None-Match names the tag; weak comparison, as RFC 9110 asks for."""
    return any(part.strip().removeprefix("W/") == tag.removeprefix("W/") for part in header.split(","))


def today() -> str:
    """The present day, UTC."""
    return datetime.now(UTC).date().isoformat()


@cache
def identify_program() -> str:
    """A digest of the code, templates and packages that make the pages."""
    hasher = hashlib.sha256()
    files = (path for path in _CODE.rglob("*") if path.suffix in {".py", ".html", ".toml", ".sql"} and path.is_file())
    for path in sorted(files):
        hasher.update(f"{path.relative_to(_CODE)}\0".encode())
        hasher.update(path.read_bytes())
    versions = sorted(f"{found.name} {found.version}" for found in distributions() if found.name and found.name.lower().startswith(("datasette", "jinja2", "landed")))
    hasher.update("\n".join(versions).encode())
    return hasher.hexdigest()


def identify_settings(*settings: Any) -> str:
    """A digest of what the operator set."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()


def version_file(name: str) -> str:
    """The version of a file in `static`, for its address; "" where there is none."""
    path = (_STATIC_FILES / name).resolve()
    try:
        if not path.is_relative_to(_STATIC_FILES.resolve()):
            return ""
        found = path.stat()
        return _hash_file(path, found.st_mtime_ns, found.st_size)
    except OSError:
        return ""


@lru_cache(maxsize=256)
def _hash_file(path: Path, _changed: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def choose_age(path: str, query: str) -> str:
    """Cache-Control for an answer that went well. Only an address with a file's present version is for good."""
    if is_static(path):
        version = version_file(path.removeprefix("/static/")) if path.startswith("/static/") else ""
        return VERSIONED if version and query == f"v={version}" else STATIC
    return "no-cache" if path.startswith("/-/") else PAGE


def set_headers(headers: Iterable[tuple[bytes, bytes]], given: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """The headers with those of the same names replaced."""
    names = {name.encode() for name in given}
    return [*((name, value) for name, value in headers if name.lower() not in names), *((name.encode(), value.encode("latin-1")) for name, value in given.items())]
