"""Read archived pages again with the templates of today: a better template mends what was read before.

An article gets a new version only where the text comes out differently; the version before stays on record, and its
facts are withdrawn as ours to correct, not as the publisher's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawlers.article import Page, PageRejected
from crawlers.packing import unpack
from crawlers.reading import read_page
from crawlers.warc import ArchiveError, read_payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from crawlers.context import Store
    from crawlers.source import Source
    from crawlers.warc import Capture


@dataclass(frozen=True)
class Reparsed:
    """What came of one capture: how many of its articles read differently now, or why it can't be read."""

    capture: Capture
    changed: int
    problem: str = ""


def reparse(captures: Iterable[Capture], sources: Mapping[str, Source], store: Store, warc_folder: Path) -> Iterator[Reparsed]:
    """Read the pages of captures again; what reads differently becomes a new version.

    Args:
        captures: Captures that hold articles, oldest first.
        sources: Source by id; captures of others are passed over.
        store: Where versions are kept.
        warc_folder: Folder of the WARC files.
    """
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for capture in captures:
        if source := sources.get(capture.source_id):
            try:
                payload = read_payload(warc_folder, capture.file, capture.offset)
                page = Page(capture.url, unpack(payload), capture.content_type, datetime.fromisoformat(capture.fetched_at))
                articles = read_page(source, "article", page).articles
            except (ArchiveError, PageRejected) as error:
                yield Reparsed(capture, 0, str(error))
            else:
                yield Reparsed(capture, sum(store.reread_article(capture, article, at) != "unchanged" for article in articles))
