"""WARC files: write one record per exchange, read a record back by its place, mend a file that a killed process left.

Every answer becomes a `response` record, or a `revisit` record where it repeats an earlier payload (304 Not Modified,
or the same bytes again), followed by its `request` record. Each record is a gzip member of its own, flushed when
written, so that a killed process can lose no more than the record it was writing. While a file grows it ends in
`.open`; it loses that ending when it is complete or mended.

The format is ISO 28500 (WARC/1.1), written and read with warcio. Fields of our own say for which source,
crawl and purpose (listing, article, rounds, robots) the exchange was, so that the archive can be read again without
the crawl's state.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import uuid
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Role = Literal["listing", "article", "rounds", "robots", "other"]
_UNFINISHED = ".open"
MAX_FILE = 1 << 30
"""Bytes after which a new file begins: large enough for few files, small enough to move around."""
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_SECRET = {"authorization", "cookie", "proxy-authorization", "set-cookie"}
_FRAMING = {"transfer-encoding", "content-length", "connection"}
_CHUNK = 1 << 20
_LONGEST_RECORD = 64 << 20
"""Bytes of an unpacked record; no answer that is fetched comes near."""


@dataclass(frozen=True)
class Capture:
    """One archived exchange and where its record lies.

    Attributes:
        id: UUID of the WARC record.
        source_id: The source on whose behalf it was fetched.
        crawl_id: The crawl.
        url: Address asked for.
        fetched_at: UTC, `YYYY-MM-DDTHH:MM:SSZ`.
        status: HTTP status.
        content_type: Content-Type header, empty where there is none.
        role: What the exchange was for.
        record_type: `response` or `revisit`.
        payload_sha256: SHA-256 of the payload as sent (content encoding on), hexadecimal.
        refers_to: Id of the capture whose payload a revisit repeats.
        etag: ETag header.
        last_modified: Last-Modified header.
        file: Name of the WARC file, without `.open`.
        offset: Where the record's gzip member begins, bytes.
        length: Its length, bytes.
    """

    id: str
    source_id: str
    crawl_id: str
    url: str
    fetched_at: str
    status: int
    content_type: str
    role: Role
    record_type: Literal["response", "revisit"]
    payload_sha256: str | None
    refers_to: str | None
    etag: str | None
    last_modified: str | None
    file: str
    offset: int
    length: int


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, as they went over the wire.

    Attributes:
        method: HTTP method.
        url: Address asked for.
        request_headers: Header lines sent.
        status: HTTP status of the answer.
        reason: Its reason phrase.
        headers: Header lines of the answer; repeated names stay repeated.
        body: Payload as sent, content encoding on.
        role: What it was for.
        fetched_at: UTC, `YYYY-MM-DDTHH:MM:SSZ`.
        source_id: The source on whose behalf it was fetched.
        crawl_id: The crawl.
        record_id: UUID of the record, where it has one already (a foreign archive's); empty for a new one.
    """

    method: str
    url: str
    request_headers: Sequence[tuple[str, str]]
    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    role: Role
    fetched_at: str
    source_id: str
    crawl_id: str
    record_id: str = ""


@dataclass(frozen=True)
class Payload:
    """What a capture holds: the header lines of the answer and its payload as sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first header line of that name (lower case), "" where there is none."""
        return next((value for given, value in self.headers if given.lower() == name), "")


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
        self._growing = folder / (self.name + _UNFINISHED)
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


def read_payload(folder: Path, file: str, offset: int) -> Payload:
    """The payload of the response record at `offset` of `file`.

    Raises:
        ArchiveError: The file is missing or holds no response record there.
    """
    path = folder / file
    if not path.exists():
        path = folder / (file + _UNFINISHED)
    member = next(_read_members(path, offset), None)
    record = _parse(path, member) if member else None
    if record is not None and record.rec_type == "response":
        return _payload(record)
    raise ArchiveError(f"{path}: no response record at byte {offset}. Restore the file from a backup, or crawl again.")


def iterate_captures(path: Path) -> Iterator[tuple[Capture, Payload]]:
    """All response and revisit records of a WARC file in order, with their payloads (a revisit's is empty).

    Raises:
        ArchiveError: The file can't be read as WARC from some byte on; what stood before has been given.
    """
    for member in _read_members(path):
        record = _parse(path, member)
        fields = record.rec_headers
        if record.rec_type not in {"response", "revisit"}:
            continue
        payload = _payload(record)
        revisit = record.rec_type == "revisit"
        yield Capture(
            id=_uuid(fields.get_header("WARC-Record-ID")) or str(uuid.uuid4()),
            source_id=fields.get_header("Landed-Source") or "",
            crawl_id=fields.get_header("Landed-Crawl") or "",
            url=str(fields.get_header("WARC-Target-URI")),
            fetched_at=str(fields.get_header("WARC-Date")),
            status=payload.status,
            content_type=payload.header("content-type"),
            role=fields.get_header("Landed-Role") or "other",
            record_type="revisit" if revisit else "response",
            payload_sha256=_hexadecimal(fields.get_header("WARC-Payload-Digest")) if revisit else hashlib.sha256(payload.body).hexdigest(),
            refers_to=_uuid(fields.get_header("WARC-Refers-To")) if revisit else None,
            etag=payload.header("etag") or None,
            last_modified=payload.header("last-modified") or None,
            file=path.name.removesuffix(_UNFINISHED),
            offset=member.offset,
            length=member.length,
        ), payload


def mend_unfinished(folder: Path) -> list[Path]:
    """Cut each file that a killed process left to its last whole record, and give it its final name.

    Returns:
        The mended files. A file without a single whole record is removed: it holds nothing.
    """
    mended = []
    for growing in sorted(folder.glob(f"*.warc.gz{_UNFINISHED}")):
        whole = _length_of_whole_members(growing)
        if whole == 0:
            growing.unlink()
            continue
        with growing.open("r+b") as stream:
            stream.truncate(whole)
        final = growing.with_name(growing.name.removesuffix(_UNFINISHED))
        growing.rename(final)
        mended.append(final)
    return mended


class ArchiveError(Exception):
    """The archive can't give what it should hold; the message names the file and the byte."""


class _Member(NamedTuple):
    """A gzip member, which holds one record: where it begins, its length, and its content unpacked."""

    offset: int
    length: int
    content: bytes


def _read_members(path: Path, offset: int = 0) -> Iterator[_Member]:
    """The whole members of a file from `offset` on.

    warcio's own reader takes a cut-off member for a whole one, and so gives payloads that lack their end.

    Raises:
        ArchiveError: The file can't be read, or the member that begins at the named byte is cut off or damaged.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(_CHUNK)
            while data:
                inflater = zlib.decompressobj(wbits=31)
                content, length = bytearray(), 0
                while not inflater.eof:
                    if not data:
                        raise ArchiveError(f"{path}: the record at byte {offset} is cut off")
                    content += inflater.decompress(data, _LONGEST_RECORD + 1 - len(content))
                    if len(content) > _LONGEST_RECORD:
                        raise ArchiveError(f"{path}: the record at byte {offset} is longer than {_LONGEST_RECORD} bytes")
                    length += len(data) - len(inflater.unused_data)
                    data = inflater.unused_data or stream.read(_CHUNK)
                yield _Member(offset, length, bytes(content))
                offset += length
    except (OSError, zlib.error) as error:
        raise ArchiveError(f"{path}: can't read the record at byte {offset}: {error}") from error


def _parse(path: Path, member: _Member) -> Any:
    """The record in a member.

    Raises:
        ArchiveError: There is none.
    """
    try:
        return next(iter(ArchiveIterator(io.BytesIO(member.content))))
    except (ArchiveLoadFailed, StopIteration, EOFError, ValueError, AttributeError) as error:  # the last where a record has no header lines
        raise ArchiveError(f"{path}: no WARC record at byte {member.offset}: {error}") from error


def _pack(record: Any) -> bytes:
    """A record as a gzip member of its own."""
    buffer = io.BytesIO()
    WARCWriter(buffer, gzip=True, warc_version="WARC/1.1").write_record(record)
    return buffer.getvalue()


def _length_of_whole_members(path: Path) -> int:
    whole = 0
    with contextlib.suppress(ArchiveError):
        for member in _read_members(path):
            whole = member.offset + member.length
    return whole


def _payload(record: Any) -> Payload:
    head = record.http_headers
    body = record.raw_stream.read() if record.rec_type == "response" else b""
    status = int(head.get_statuscode()) if head and head.get_statuscode().isdigit() else 0
    return Payload(status, tuple(head.headers) if head else (), body)


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


def _hexadecimal(labelled: str | None) -> str | None:
    """A SHA-256 as `_labelled` writes it, hexadecimal; None for any other digest."""
    algorithm, _, value = (labelled or "").partition(":")
    try:
        return base64.b32decode(value).hex() if algorithm == "sha256" else None
    except ValueError:
        return None


def _uuid(record_id: str | None) -> str | None:
    return record_id.removeprefix("<urn:uuid:").removesuffix(">") if record_id else None
