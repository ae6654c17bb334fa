"""Bytes of a page to text, whatever the server and the page declare."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import lru_cache

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

_SAMPLE = 65_536
_LIKELY = ["utf_8", "cp1252", "cp1250", "cp1251", "cp1256", "gb18030", "big5", "euc_kr", "shift_jis"]
"""Encodings that the detector may name: those of the languages of our sources and of immigrants' press."""

_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
"""What Python can decode and no browser does: notations that spell other text than the bytes show, some of them slowly."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how it was read.

    Attributes:
        text: The decoded text, without a byte order mark.
        encoding: Python's name of the encoding used, "utf-8" or "cp1252" for the most part.
        basis: What decided: "bom", "header", "meta", "valid" (UTF-8 by its bytes), "detected" or "repaired"
            (UTF-8 with stray Windows-1252 bytes, or a wrong declaration of UTF-8).
        declared: The encodings that the header and the page declare, in that order; empty where neither does.
    """

    text: str
    encoding: str
    basis: str
    declared: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def decode(body: bytes, content_type: str = "") -> Decoded:
    """Decode a page; never raises. The last page is remembered: its reader and those who check it ask one after the other.

    A byte order mark wins. A declared encoding is used if the bytes obey it, the header's before the page's, with one
    exception: bytes that are valid UTF-8 with at least one character outside ASCII are UTF-8, since other encodings
    practically never look so by accident while servers often declare a wrong default. Where UTF-8 is declared and
    broken, the bytes that break it are read as Windows-1252.
    """
    mark, mark_bytes = read_bom(body)
    if mark is not None and mark_bytes is not None:
        return Decoded(body[len(mark_bytes):].decode(mark, errors="replace"), _name(mark) or mark, "bom")
    header, meta = _declarations(body, content_type)
    declared = tuple(name for name in (header, meta) if name)
    utf8 = _try(body, "utf-8")
    for name, basis in ((header, "header"), (meta, "meta")):
        if name is None or (name.startswith(("utf-16", "utf-32")) and b"\0" not in body):  # markup in these has a zero byte in each letter
            continue
        if utf8 is not None and name != "utf-8" and not body.isascii():
            return Decoded(utf8, "utf-8", "valid", declared)
        text = _try(body, name)
        if text is not None:
            return Decoded(text, name, basis, declared)
    if utf8 is not None:
        return Decoded(utf8, "utf-8", "valid", declared)
    if "utf-8" in declared:
        return Decoded(body.decode("utf-8", errors=_AS_CP1252), "utf-8", "repaired", declared)
    detected = _detect(body)
    return Decoded(body.decode(detected, errors="replace"), detected, "detected", declared)


def _declarations(body: bytes, content_type: str) -> tuple[str | None, str | None]:
    header = _name(http_content_type_encoding(content_type))
    meta = _name(html_body_declared_encoding(body[:4096]))
    # A page whose meta element could be read byte by byte can't be UTF-16 (HTML standard, "prescan a byte stream").
    return header, "utf-8" if meta is not None and meta.startswith(("utf-16", "utf-32")) else meta


def _name(label: str | None) -> str | None:
    if label is None:
        return None
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    return None if name in _NO_CHARSETS else name


def _try(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _detect(body: bytes) -> str:
    first = next((at for at, byte in enumerate(body) if byte > 0x7F), 0)
    sample = body[max(0, first - 1024):first + _SAMPLE]
    # Windows-1252 first: nearly all pages of our sources are in English or French, and the detector is unsure of
    # texts that hold only a few accents.
    if _try(sample, "cp1252") is not None:
        return "cp1252"
    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    return best.encoding if best is not None else "cp1252"


def _read_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start:error.end]
    return wrong.decode("cp1252", errors="replace"), error.end


_AS_CP1252 = "landed-cp1252"
codecs.register_error(_AS_CP1252, _read_as_cp1252)
