"""WARC files: write one record per exchange, mend a file that a killed process left. `crawlers.records` reads them.

Every answer becomes a `response` record, or a `revisit` record where it repeats an earlier payload (304 Not Modified,
or the same bytes again), followed by its `request` record. Each record is a gzip member of its own, flushed when
written, so that a killed process can lose no more than the record it was writing. While a file grows it ends in
`.open`; it loses that ending when it is complete or mended.

The format is ISO 28500 (WARC/1.1), written with warcio.
"""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
import zlib
from typing import TYPE_CHECKING, Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.records import (
    UNFINISHED,
    ArchiveError,
    Capture,
    Exchange,
    Payload,
    Role,
    iterate_captures,
    measure_whole,
    read_payload,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["MAX_FILE", "ArchiveError", "Capture", "Exchange", "Payload", "Role", "WarcFile", "WarcSeries", "iterate_captures", "mend_unfinished", "read_payload"]

MAX_FILE = 1 << 30
"""Bytes after which a new file begins: large enough for few files, small enough to move around."""
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_SECRET = {"authorization", "cookie", "proxy-authorization", "set-cookie"}
_FRAMING = {"transfer-encoding", "content-length", "connection"}
_LEVEL = 6
"""Of compression: warcio's own is 9, which takes twice the time to save one part in a hundred."""


class WarcFile:
    """A WARC file that grows."""

    def __init__(self, folder: Path, name: str, software: str) -> None:
        """Open a new file, `name` without `.warc.gz`, and write its warcinfo record.

        Raises:
            FileExistsError: There is such a file already.
            OSError: The folder can't be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{name}.warc.gz"
        self._path = folder / self.name
        self._growing = folder / (self.name + UNFINISHED)
        self._file = self._growing.open("xb", buffering=0)
        self._make = WARCWriter(io.BytesIO(), gzip=True, warc_version="WARC/1.1")
        info = {"software": software, "format": "WARC file version 1.1", "isPartOf": name}
        try:
            self._append(_pack(self._make.create_warcinfo_record(self.name, info)))
        except OSError:
            self._file.close()
            self._growing.unlink()
            raise

    def write(self, exchange: Exchange, earlier: Capture | None = None) -> Capture:
        """Archive an exchange.

        Args:
            exchange: What went over the wire.
            earlier: The last capture of the same address with a payload, if any; where the answer says 304 or repeats
                its bytes, a revisit record that refers to it is written instead of the payload.

        Raises:
            OSError: The disk is full or the file can't be written; the capture doesn't count then.
        """
        digest = hashlib.sha256(exchange.body).hexdigest()
        repeats = earlier is not None and (exchange.status == 304 or (exchange.status == 200 and digest == earlier.payload_sha256))
        names = {name.lower(): value for name, value in reversed(exchange.headers)}
        record = self._revisit_record(exchange, earlier) if repeats and earlier else self._response_record(exchange, digest)
        record_id = str(record.rec_headers.get_header("WARC-Record-ID"))
        answer, request = _pack(record), _pack(self._request_record(exchange, record_id))
        offset = self._append(answer + request)
        return Capture(
            id=record_id.removeprefix("<urn:uuid:").removesuffix(">"),
            source_id=exchange.source_id,
            crawl_id=exchange.crawl_id,
            url=exchange.url,
            fetched_at=exchange.fetched_at,
            status=exchange.status,
            content_type=names.get("content-type", ""),
            role=exchange.role,
            record_type="revisit" if repeats else "response",
            payload_sha256=earlier.payload_sha256 if repeats and earlier else digest,
            refers_to=earlier.id if repeats and earlier else None,
            etag=names.get("etag") or (earlier.etag if repeats and earlier else None),
            last_modified=names.get("last-modified") or (earlier.last_modified if repeats and earlier else None),
            file=self.name,
            offset=offset,
            length=len(answer),
        )

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._file.tell()

    def close(self) -> None:
        """Finish the file: it loses its `.open` ending."""
        if not self._file.closed:
            self._file.close()
            self._growing.rename(self._path)

    def _append(self, records: bytes) -> int:
        """Write all of it or nothing, and return where it begins: what a full disk took in part is cut off again."""
        offset, rest = self._file.tell(), memoryview(records)
        try:
            while rest:
                rest = rest[self._file.write(rest):]
        except OSError:
            self._file.truncate(offset)
            self._file.seek(offset)
            raise
        return offset

    def _fields(self, exchange: Exchange) -> dict[str, str]:
        return {"WARC-Record-ID": f"<urn:uuid:{exchange.record_id or uuid.uuid4()}>", "WARC-Date": exchange.fetched_at, **_purpose(exchange)}

    def _response_record(self, exchange: Exchange, digest: str) -> Any:
        return self._make.create_warc_record(
            exchange.url, "response", payload=io.BytesIO(exchange.body), length=len(exchange.body),
            http_headers=_http_headers(exchange), warc_headers_dict=self._fields(exchange) | {"WARC-Payload-Digest": _labelled(digest)},
        )

    def _revisit_record(self, exchange: Exchange, earlier: Capture) -> Any:
        record = self._make.create_revisit_record(
            exchange.url, _labelled(earlier.payload_sha256 or ""), earlier.url, earlier.fetched_at,
            http_headers=_http_headers(exchange), warc_headers_dict=self._fields(exchange),
        )
        kind = "server-not-modified" if exchange.status == 304 else "identical-payload-digest"
        record.rec_headers.replace_header("WARC-Profile", _PROFILE + kind)
        record.rec_headers.add_header("WARC-Refers-To", f"<urn:uuid:{earlier.id}>")
        return record

    def _request_record(self, exchange: Exchange, response_id: str) -> Any:
        path = exchange.url.split("/", 3)
        line = f"{exchange.method} /{path[3] if len(path) > 3 else ''} HTTP/1.1"
        return self._make.create_warc_record(
            exchange.url, "request",
            http_headers=StatusAndHeaders(line, _public(exchange.request_headers), is_http_request=True),
            warc_headers_dict={"WARC-Date": exchange.fetched_at, "WARC-Concurrent-To": response_id},
        )


class WarcSeries:
    """The WARC files of one run and one group of sources: a new file begins where the last one is full."""

    def __init__(self, folder: Path, name: str, software: str, max_bytes: int = MAX_FILE) -> None:
        """Nothing is written before the first exchange; the files are called `name-00000.warc.gz` and so on."""
        self._folder = folder
        self._name = name
        self._software = software
        self._max_bytes = max_bytes
        self._files = 0
        self._file: WarcFile | None = None

    def write(self, exchange: Exchange, earlier: Capture | None = None) -> Capture:
        """Archive an exchange, see `WarcFile.write`."""
        if self._file is not None and self._file.size >= self._max_bytes:
            self.close()
        if self._file is None:
            self._file = WarcFile(self._folder, f"{self._name}-{self._files:05d}", self._software)
            self._files += 1
        return self._file.write(exchange, earlier)

    def close(self) -> None:
        """Finish the last file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def mend_unfinished(folder: Path) -> list[Path]:
    """Cut each file that a killed process left to its last whole record, and give it its final name.

    Returns:
        The mended files. A file without a single whole record is removed: it holds nothing.
    """
    mended = []
    for growing in sorted(folder.glob(f"*.warc.gz{UNFINISHED}")):
        whole = measure_whole(growing)
        if whole == 0:
            growing.unlink()
            continue
        with growing.open("r+b") as stream:
            stream.truncate(whole)
        final = growing.with_name(growing.name.removesuffix(UNFINISHED))
        growing.rename(final)
        mended.append(final)
    return mended


def _pack(record: Any) -> bytes:
    """A record as a gzip member of its own."""
    buffer = io.BytesIO()
    WARCWriter(buffer, gzip=False, warc_version="WARC/1.1").write_record(record)
    return zlib.compress(buffer.getvalue(), _LEVEL, wbits=31)


def _purpose(exchange: Exchange) -> dict[str, str]:
    return {"Landed-Role": exchange.role, "Landed-Source": exchange.source_id, "Landed-Crawl": exchange.crawl_id}


def _http_headers(exchange: Exchange) -> StatusAndHeaders:
    return StatusAndHeaders(f"{exchange.status} {exchange.reason}".rstrip(), _public(exchange.headers), protocol="HTTP/1.1")


def _public(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header lines without credentials and without the framing of the connection, which the payload no longer has."""
    return [(name, value) for name, value in headers if name.lower() not in _SECRET | _FRAMING]


def _labelled(digest: str) -> str:
    """A SHA-256 as WARC writes it: algorithm and base 32."""
    return "sha256:" + base64.b32encode(bytes.fromhex(digest)).decode("ascii")
