"""What one crawl of one source works with: the source, the archive file's folder, and the store that keeps the results.

The store is whatever has the methods of `Store`; the packages meet only here and in the pipeline that calls it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from crawlers.health import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from crawlers.article import Article
    from crawlers.draw_tables import TableDraw
    from crawlers.health import Failure, Verdict
    from crawlers.listings import Link
    from crawlers.readers import PageReader
    from crawlers.rounds import Round
    from crawlers.source import Source
    from crawlers.warc import Capture, WarcSeries

Outcome = Literal["new", "changed", "unchanged"]


class Store(Protocol):
    """Where a crawl's results are kept. Each method is one transaction and may be repeated."""

    def keep_sources(self, sources: Iterable[Source]) -> None:
        """Keep what the sources' files declare."""

    def begin_crawl(self, crawl_id: str, source_id: str, started_at: str) -> None:
        """Note that a crawl began."""

    def keep_capture(self, capture: Capture) -> bool:
        """Keep where an exchange is archived; False where it is known already."""

    def has_capture(self, capture_id: str) -> bool:
        """Whether an exchange is archived already."""

    def last_payload(self, source_id: str, url: str) -> Capture | None:
        """The newest capture of an address that holds a payload with status 200."""

    def keep_article(self, capture: Capture, article: Article) -> Outcome:
        """Keep an article as a capture shows it."""

    def reread_article(self, capture: Capture, article: Article, at: str | None = None) -> Outcome:
        """Keep an article as a capture reads now, which may differ from how it was read before."""

    def keep_round(self, capture: Capture, official: Round, language: str) -> Outcome:
        """Keep an official round as a capture of the feed in a language shows it."""

    def keep_draws(self, capture: Capture, draws: Sequence[TableDraw]) -> Sequence[Outcome]:
        """Keep the draws of an official page's tables as a capture shows them; an outcome for each."""

    def mark_gone(self, source_id: str, url: str, at: str) -> None:
        """Note that an article's address answers 404 or 410."""

    def keep_failure(self, crawl_id: str, failure: Failure, at: str) -> None:
        """Keep a failure of a crawl."""

    def hold_versions(self, crawl_id: str) -> None:
        """Let earlier texts stay current instead of those that a crawl read first; its markup is in doubt."""

    def accept_versions(self, crawl_id: str) -> None:
        """Let the texts that a crawl saw count, also those held back before."""

    def newest_published(self, source_id: str) -> str | None:
        """Publication date of the newest article or draw of a source."""

    def finish_crawl(self, crawl_id: str, finished_at: str, reason: str, tally: Tally, verdict: Verdict, why: str, due_at: str | None) -> None:
        """Note how a crawl ended, and when the next is due."""

    def recent_crawls(self, until: str, each: int, source_id: str | None = None) -> Sequence[Mapping[str, Any]]:
        """The last crawls of a source that began no later than `until`, as `crawlers.due` takes them."""


@dataclass
class CrawlContext:
    """One crawl of one source.

    Attributes:
        crawl_id: Start time and source.
        source: The source.
        store: Where results go.
        warc_folder: Folder of the WARC files.
        archive: Where exchanges are archived; None in a replay, which archives nothing.
        reader: What reads the pages; None in a replay, which reads them itself.
        started_at: UTC, `YYYY-MM-DDTHH:MM:SSZ`.
        limit: Fetch at most this many articles of each listing; None for all.
        dry_run: Whether articles are only listed in `wanted`, not fetched.
        tally: What came of it so far.
        verdict: What it means, when it has ended and been kept; None before, or where keeping it failed.
        wanted: In a dry run, the articles that would be fetched.
    """

    crawl_id: str
    source: Source
    store: Store
    warc_folder: Path
    started_at: str
    archive: WarcSeries | None = None
    reader: PageReader | None = None
    limit: int | None = None
    dry_run: bool = False
    tally: Tally = field(default_factory=Tally)
    verdict: Verdict | None = None
    wanted: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """What a spider hands to the pipeline: a reading and the capture that it rests on.

    Attributes:
        capture: The archived exchange.
        articles: The articles that it shows.
        rounds: The official rounds that it holds, if any.
        draws: The draws in its tables, if any.
    """

    capture: Capture
    articles: Sequence[Article] = ()
    rounds: Sequence[Round] = ()
    draws: Sequence[TableDraw] = ()
