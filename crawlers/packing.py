"""Whole bodies: unpack a body, and refuse one that breaks off or isn't packed as it declares."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.retry import get_retry_request

from crawlers.article import MAX_BODY, PageRejected
from crawlers.warc import Payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from crawlers.warc import Role

_WINDOWS: Mapping[str, tuple[int, ...]] = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
"""What zlib calls each content encoding; servers send "deflate" with and without its header."""
_GZIP = b"\x1f\x8b"
HALF = "breaks off: what the page opens is there, what closes it isn't"
_ENDS = (b"</body", b"</html")
_TAIL = 2_048
"""Bytes at a page's end in which it mostly closes its body."""
_CLOSED = frozenset({b"div", b"main", b"article", b"section", b"table", b"ul", b"ol", b"form", b"script", b"style"})
_MOSTLY_CLOSED = frozenset({b"p", b"li", b"tr", b"td"})
"""Elements that need no end tag; but whoever closes one of them closes all."""
_TAG = re.compile(rb"</?(?:" + rb"|".join(sorted(_CLOSED | _MOSTLY_CLOSED)) + rb")\b")


def unpack(payload: Payload) -> bytes:
    """The body with its content encoding removed, at most `MAX_BODY` + 1 bytes of it.

    Raises:
        PageRejected: "parse", where the body isn't what its Content-Encoding says; "cut", where it breaks off.
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
            raise PageRejected("cut", "the body breaks off before the end of its packed stream")
        packed = inflater.unused_data
        if wbits != _WINDOWS["gzip"][0] or not packed.startswith(_GZIP):
            return body


def breaks_off(body: bytes) -> bool:
    """Whether a page of HTML ends before its end: its body isn't closed, and neither is something that it holds.

    So ends a page whose Content-Length is too small: nothing else shows that there was more. A page whose author left
    out only what HTML lets one leave out (the end tags of `html` and `body`, and all of those of `p`, say) is whole.
    """
    if any(end in body[-_TAIL:].lower() for end in _ENDS) or body.lstrip()[:1] != b"<":
        return False
    markup = body.lower()
    if b"<body" not in markup or any(end in markup for end in _ENDS):
        return False
    tags = Counter(found.group() for found in _TAG.finditer(markup))
    left_open = [name for name in _CLOSED | _MOSTLY_CLOSED if tags[b"<" + name] > tags[b"</" + name]]
    return any(name in _CLOSED or tags[b"</" + name] for name in left_open) or markup.rfind(b"<") > markup.rfind(b">")


def check_whole(payload: Payload, role: Role) -> None:
    """Pass what is whole.

    Raises:
        PageRejected: "parse", where the body isn't what its Content-Encoding says; "cut", where it breaks off, or is
            half an article. Half a listing still lists.
    """
    body = unpack(payload)
    if role == "article" and breaks_off(body):
        raise PageRejected("cut", HALF)


class WholeBodies:
    """Downloader middleware that refuses pages which break off, when a second try gave no more.

    Scrapy would give what it has, or what could be unpacked, as the whole page, and half a page would be kept as a new
    version of the article. It must stand nearer to the network than Scrapy's HttpCompressionMiddleware.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for a crawler."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Pass the answer on, or the request again.

        Raises:
            PageRejected: As `check_whole`.
        """
        if response.status != 200 or "role" not in request.meta:
            return response
        encoding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")
        try:
            check_whole(Payload(200, (("Content-Encoding", encoding),), response.body), request.meta["role"])
        except PageRejected as error:
            spider = self._crawler.spider
            again = get_retry_request(request, spider=spider, reason=error.detail) if error.kind == "cut" and spider else None
            if again is None:
                raise
            for name in ("If-None-Match", "If-Modified-Since"):
                again.headers.pop(name, None)
            again.meta["unconditional"] = True  # the archive holds no more than half of it
            return again
        return response
