"""Replay: read WARC files again, oldest first, as if their answers came now. No network is used.

A replay into an empty database gives what the crawls gave: the same captures, versions and draws. A replay into the
database that the crawls filled changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawlers.article import Page, PageRejected
from crawlers.context import CrawlContext, Kept
from crawlers.health import FOR_GOOD, Failure, name_status
from crawlers.packing import unpack
from crawlers.pipeline import finish_crawl, keep_failure, keep_reading
from crawlers.reading import read_page
from crawlers.warc import ArchiveError, iterate_captures, read_payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from crawlers.context import Store
    from crawlers.listings import Link
    from crawlers.source import Source
    from crawlers.warc import Capture, Payload


class UnknownSourceError(ArchiveError):
    """A record belongs to no source at hand; the message says what to do."""


def replay(files: Iterable[Path], sources: Mapping[str, Source], store: Store) -> Iterator[CrawlContext]:
    """Read WARC files again, in the order of their names (their runs' starting times), and keep what they say.

    Yields:
        One context per crawl as it is done; its tally says what came of it, unreadable records included.

    Raises:
        UnknownSourceError: A file was written for a source that `sources` doesn't have.
        ArchiveError: A file can't be read at all, and no crawl stands before it that could report it; all others are
            read before this is raised.
    """
    context: CrawlContext | None = None
    links: dict[str, Link] = {}
    unreadable: list[ArchiveError] = []
    for path in sorted(files, key=lambda path: path.name):
        try:
            for capture, payload in iterate_captures(path):
                if context is None or context.crawl_id != capture.crawl_id:
                    if context is not None:
                        yield _end(context)
                    context, links = _begin(path, capture, sources, store), {}
                if store.keep_capture(capture):
                    _read(context, capture, payload, links)
        except UnknownSourceError:
            raise
        except ArchiveError as error:
            if context is None:
                unreadable.append(error)
            else:
                keep_failure(context, Failure(path.name, "archive", str(error)))
    if context is not None:
        yield _end(context)
    if unreadable:
        raise unreadable[0]


def _begin(path: Path, capture: Capture, sources: Mapping[str, Source], store: Store) -> CrawlContext:
    if not capture.source_id:
        raise UnknownSourceError(f"{path}: not an archive of Landed's: its records name no source. Take it over with `landed import`.")
    if capture.source_id not in sources:
        raise UnknownSourceError(f"{path}: written for the source {capture.source_id!r}, which the folder of sources doesn't have. Name the right folder with --sources.")
    context = CrawlContext(capture.crawl_id, sources[capture.source_id], store, path.parent, _started(capture))
    store.begin_crawl(context.crawl_id, context.source.id, context.started_at)
    return context


def _started(capture: Capture) -> str:
    try:
        return datetime.strptime(capture.crawl_id[:15], "%Y%m%dT%H%M%S").strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - both are UTC
    except ValueError:
        return capture.fetched_at


def _end(context: CrawlContext) -> CrawlContext:
    if context.tally.requests:  # else all of it is known, and so is what came of it
        finish_crawl(context, "replayed")
    return context


def _read(context: CrawlContext, capture: Capture, payload: Payload, links: dict[str, Link]) -> None:
    context.tally.requests += 1
    if capture.role in {"robots", "other"}:
        return
    if 300 <= capture.status < 400 and capture.status != 304:
        target = urljoin(capture.url, payload.header("location"))
        if capture.url in links:
            links[target] = links[capture.url]
        if capture.url in context.source.start and capture.status in FOR_GOOD:
            keep_failure(context, Failure(capture.url, "moved", f"its address is {target} now: write that into the source's file"), capture.fetched_at)
        return
    start = capture.role != "article" or capture.url in context.source.start
    if capture.status not in {200, 304}:
        keep_failure(context, Failure(capture.url, *_name_status(capture, payload), listing=start), capture.fetched_at)
        return
    try:
        if capture.record_type == "revisit":
            context.tally.not_modified += capture.status == 304
            payload = _earlier_payload(context, capture)
        page = Page(capture.url, unpack(payload), capture.content_type or payload.header("content-type"), datetime.fromisoformat(capture.fetched_at))
        reading = read_page(context.source, capture.role, page, links.get(capture.url))
    except ArchiveError as error:
        keep_failure(context, Failure(capture.url, "archive", str(error), listing=start), capture.fetched_at)
        return
    except PageRejected as error:
        keep_failure(context, Failure(capture.url, error.kind, error.detail, listing=start), capture.fetched_at)
        return
    for remark in reading.remarks:
        keep_failure(context, Failure(capture.url, "repaired", remark), capture.fetched_at)
    links |= {link.url: link for link in reading.links}
    if reading.articles or reading.rounds:
        keep_reading(context, Kept(capture, reading.articles, reading.rounds, reading.draws))


def _name_status(capture: Capture, payload: Payload) -> tuple[str, str]:
    try:
        body = unpack(payload)
    except PageRejected:
        body = b""
    return name_status(capture.status, body, capture.content_type)


def _earlier_payload(context: CrawlContext, capture: Capture) -> Payload:
    earlier = context.store.last_payload(context.source.id, capture.url)
    if earlier is None or earlier.id != capture.refers_to:
        raise ArchiveError(f"{capture.url}: a revisit of {capture.refers_to}, which is not among the files. Replay all files of the source together.")
    return read_payload(context.warc_folder, earlier.file, earlier.offset)
