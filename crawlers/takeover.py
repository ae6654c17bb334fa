"""Take over WARC files that others wrote: from Common Crawl News, another archive, or another machine's Landed.

Of a foreign file, pages of known sources are kept, and pages whose text names a pathway; each is archived anew under
its own record id and date, so that taking a file over twice keeps nothing twice. A file of Landed's own is copied
whole and replayed.
"""

from __future__ import annotations

import filecmp
import hashlib
import re
import shutil
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from crawlers.article import MAX_BODY, Page, PageRejected
from crawlers.packing import unpack
from crawlers.politeness import refuse_address
from crawlers.reading import read_page
from crawlers.source import Source
from crawlers.warc import ArchiveError, Exchange, Payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from crawlers.context import Outcome, Store
    from crawlers.warc import WarcSeries

_UNREADABLE = (OSError, EOFError, ArchiveLoadFailed, ValueError, AttributeError)
"""What warcio raises; the last where a record has no address."""


@dataclass(frozen=True)
class TakenOver:
    """What came of one page of a foreign file.

    Attributes:
        url: Its address.
        outcome: new, changed or unchanged; known (its record is held already); left (no source's page, and it names no
            pathway); or unreadable.
        detail: Why it is unreadable.
    """

    url: str
    outcome: Outcome | str
    detail: str = ""


def is_own(path: Path) -> bool:
    """Whether Landed wrote the file.

    Raises:
        ArchiveError: It is no WARC file.
    """
    try:
        with path.open("rb") as stream:
            return any(record.rec_headers.get_header("Landed-Source") for _, record in zip(range(3), ArchiveIterator(stream), strict=False))
    except _UNREADABLE as error:
        raise ArchiveError(f"{path}: not a WARC file: {error}") from error


def copy_own(path: Path, warc_folder: Path) -> Path:
    """Copy a file of Landed's into the folder of WARC files; returns the copy, or the file itself where it lies there.

    Raises:
        ArchiveError: Another file of that name lies there.
    """
    target = warc_folder / path.name
    if target.exists():
        if target.samefile(path) or filecmp.cmp(target, path, shallow=False):
            return target
        raise ArchiveError(f"{target}: another file of this name lies here. Rename one of them.")
    warc_folder.mkdir(parents=True, exist_ok=True)
    growing = target.with_name(target.name + ".copying")
    shutil.copyfile(path, growing)
    growing.replace(target)
    return target


def take_over(path: Path, sources: Sequence[Source], store: Store, archive: WarcSeries, crawl_id: str, names_pathway: Callable[[str], bool]) -> Iterator[TakenOver]:
    """Keep what is worth keeping of a foreign WARC file.

    Args:
        path: The file, gzipped or not.
        sources: Known sources; a page is a source's if it lies on its host.
        store: Where articles are kept.
        archive: Where the kept exchanges are archived anew.
        crawl_id: Name of this take-over, which stands in the place of a crawl.
        names_pathway: Whether a text names a pathway.

    Raises:
        ArchiveError: The file can't be read from some record on; what stood before is kept.
    """
    by_host = {_host(address): source for source in sources if source.kind != "rounds" for address in (source.home, *source.start)}
    try:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response" and (exchange := _exchange(record, crawl_id)):
                    yield _keep(exchange, by_host, store, archive, names_pathway)
    except (ArchiveError, *_UNREADABLE) as error:
        raise ArchiveError(f"{path}: not readable as WARC: {error}") from error


def _keep(
    exchange: Exchange, by_host: Mapping[str, Source], store: Store, archive: WarcSeries, names_pathway: Callable[[str], bool],
) -> TakenOver:
    if store.has_capture(exchange.record_id):
        return TakenOver(exchange.url, "known")
    source = by_host.get(_host(exchange.url))
    try:
        payload = Payload(exchange.status, tuple(exchange.headers), exchange.body)
        page = Page(exchange.url, unpack(payload), payload.header("content-type"), datetime.fromisoformat(exchange.fetched_at))
        reading = read_page(source or _stand_in(exchange.url), "article", page)
    except (ArchiveError, PageRejected) as error:
        return TakenOver(exchange.url, "unreadable", str(error))
    if source is None and not any(names_pathway(article.text) for article in reading.articles):
        return TakenOver(exchange.url, "left")
    source = source or _stand_in(exchange.url)
    store.keep_sources([source])
    store.begin_crawl(f"{exchange.crawl_id}-{source.id}", source.id, exchange.fetched_at)
    capture = archive.write(replace(exchange, source_id=source.id, crawl_id=f"{exchange.crawl_id}-{source.id}"))
    store.keep_capture(capture)
    outcomes = [store.keep_article(capture, article) for article in reading.articles]
    return TakenOver(exchange.url, outcomes[0] if outcomes else "left")


def _exchange(record: Any, crawl_id: str) -> Exchange | None:
    """The exchange of a foreign response record, or None where it is no page that could be an article.

    Raises:
        ArchiveError: The record is cut off.
    """
    head = record.http_headers
    url, date = str(record.rec_headers.get_header("WARC-Target-URI") or ""), _date(str(record.rec_headers.get_header("WARC-Date") or ""))
    if head is None or head.get_statuscode() != "200" or refuse_address(url, loopback=False) or date is None:
        return None
    if not str(head.get_header("Content-Type") or "").lower().startswith(("text/html", "application/xhtml")):
        return None
    chunked = str(head.get_header("Transfer-Encoding") or "").lower() == "chunked"  # some archives keep the framing of the connection
    body = (ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream).read(MAX_BODY + 1)
    if record.raw_stream.limit > 0 and len(body) <= MAX_BODY and not chunked:
        raise ArchiveError(f"the record of {url} is cut off")
    # A record without an id gets one that it gets again, when it is taken over again.
    record_id = _stated_id(record) or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{date} {hashlib.sha256(body).hexdigest()} {url}"))
    return Exchange("GET", url, (), 200, "OK", tuple(head.headers), body, "article", date, "", crawl_id, record_id)


def _date(stated: str) -> str | None:
    """The time of a record to the second; None where it is none, or lies ahead, which would hide all that is fetched until then."""
    try:
        date = datetime.fromisoformat(stated)
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return date.strftime("%Y-%m-%dT%H:%M:%SZ") if datetime(1991, 1, 1, tzinfo=UTC) < date <= datetime.now(UTC) else None


def _stated_id(record: Any) -> str:
    stated = re.fullmatch(r"<urn:uuid:([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})>", str(record.rec_headers.get_header("WARC-Record-ID") or ""))
    return stated[1].lower() if stated else ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _stand_in(url: str) -> Source:
    """A source for a host that no file declares: never crawled, quotes only."""
    host = _host(url)
    return Source(
        id="import-" + re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-"), name=host, publisher=host, owner_group=host, official=False, jurisdiction="CA",
        language="en", kind="page", start=(f"https://{host}/",), template="generic", home=f"https://{host}/", cadence="monthly",
        licence="unknown; quotes only", text_policy="excerpt", minimum=0, stale_after=36_525, enabled=False,
        note="Stands for pages that were taken over from WARC files. Nothing is crawled here; write a source file for it if it should be.",
    )
