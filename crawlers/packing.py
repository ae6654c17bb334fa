"""Content encodings: unpack a body, and refuse one that breaks off or isn't packed as it declares."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from crawlers.article import MAX_BODY, PageRejected
from crawlers.warc import Payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.http import Request, Response

_WINDOWS: Mapping[str, tuple[int, ...]] = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
"""What zlib calls each content encoding; servers send "deflate" with and without its header."""
_GZIP = b"\x1f\x8b"


def unpack(payload: Payload) -> bytes:
    """The body with its content encoding removed, at most `MAX_BODY` + 1 bytes of it.

    Raises:
        PageRejected: "parse", where the body isn't what its Content-Encoding says, or breaks off.
    """
    encoding = payload.header("content-encoding").strip().lower()
    if encoding in {"", "identity"} or not payload.body:
        return payload.body
    for wbits in _WINDOWS.get(encoding, ()):
        try:
            return _inflate(payload.body, wbits)
        except zlib.error:
            continue
    raise PageRejected("parse", f"the body is not in the content encoding {encoding!r} that it declares")


def _inflate(packed: bytes, wbits: int) -> bytes:
    """All gzip members, or the one stream, that `packed` holds; what follows them is not looked at."""
    body = b""
    while True:
        inflater = zlib.decompressobj(wbits)
        body += inflater.decompress(packed, MAX_BODY + 1 - len(body))
        if len(body) > MAX_BODY:
            return body
        if not inflater.eof:
            raise PageRejected("parse", "the body breaks off before the end of its packed stream")
        packed = inflater.unused_data
        if wbits != _WINDOWS["gzip"][0] or not packed.startswith(_GZIP):
            return body


class WholeBodies:
    """Downloader middleware that refuses pages whose packed body breaks off.

    Scrapy would give what could be unpacked as the whole page, and half a page would be kept as a new version of the
    article. It must stand nearer to the network than Scrapy's HttpCompressionMiddleware.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass the answer on.

        Raises:
            PageRejected: The body isn't what its Content-Encoding says, or breaks off.
        """
        if response.status == 200 and "role" in request.meta:
            unpack(Payload(200, (("Content-Encoding", (response.headers.get("Content-Encoding") or b"").decode("latin-1")),), response.body))
        return response
