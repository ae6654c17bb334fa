"""WARC records: what an archived exchange is, and reading it back, by its place or file by file.

The format is ISO 28500 (WARC/1.1), read with warcio, record by record: each is a gzip member of its own. Fields of our
own say for which source, crawl and purpose (listing, article, rounds, robots) the exchange was, so that the archive can
be read again without the crawl's state. How records are written, `crawlers.warc` knows.
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Role = Literal["listing", "article", "rounds", "robots", "other"]
UNFINISHED = ".open"
"""What the name of a file ends in while it grows."""
_CHUNK = 1 << 20
_LONGEST_RECORD = 64 << 20
"""Bytes of an unpacked record; no answer that is fetched comes near."""


class ArchiveError(Exception):
    """The archive can't give what it should hold; the message names the file and the byte."""


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


def read_payload(folder: Path, file: str, offset: int) -> Payload:
    """The payload of the response record at `offset` of `file`.

    Raises:
        ArchiveError: The file is missing or holds no response record there.
    """
    path = folder / file
    if not path.exists():
        path = folder / (file + UNFINISHED)
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
            file=path.name.removesuffix(UNFINISHED),
            offset=member.offset,
            length=member.length,
        ), payload


def measure_whole(path: Path) -> int:
    """Bytes of a file's records up to the last whole one."""
    whole = 0
    with contextlib.suppress(ArchiveError):
        for member in _read_members(path):
            whole = member.offset + member.length
    return whole


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


def _payload(record: Any) -> Payload:
    head = record.http_headers
    body = record.raw_stream.read() if record.rec_type == "response" else b""
    status = int(head.get_statuscode()) if head and head.get_statuscode().isdigit() else 0
    return Payload(status, tuple(head.headers) if head else (), body)


def _hexadecimal(labelled: str | None) -> str | None:
    """A SHA-256 as `_labelled` writes it, hexadecimal; None for any other digest."""
    algorithm, _, value = (labelled or "").partition(":")
    try:
        return base64.b32decode(value).hex() if algorithm == "sha256" else None
    except ValueError:
        return None


def _uuid(record_id: str | None) -> str | None:
    return record_id.removeprefix("<urn:uuid:").removesuffix(">") if record_id else None
