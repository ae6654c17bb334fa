"""Builders for tests of the archive: sources, captures, articles, rounds, extraction records and a vocabulary, all invented."""

from __future__ import annotations

import hashlib
import itertools
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from crawlers.article import Article, Passage, assemble
from crawlers.source import Source
from crawlers.warc import Capture
from db.archive import Archive
from db.events import settle_events
from db.extraction import keep_extraction, pending_versions, read_versions, settle_facts
from db.publish import Registry
from db.stories import settle_stories
from tests.db.public_sample import ALIASES, ATTRIBUTES, JURISDICTIONS, OCCUPATION_CHANGES, OCCUPATIONS, PATHWAYS

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "harbour"
URL = "https://harbour.example/a"
PIPELINE = "pipeline-1"
_numbers = itertools.count(1)


def make_source(source_id: str = SOURCE, **changes: Any) -> Source:
    given = {
        "id": source_id, "name": source_id.title(), "publisher": "Harbour Media", "owner_group": "harbour", "official": False, "jurisdiction": "CA", "language": "en",
        "kind": "feed", "start": ("https://harbour.example/feed",), "template": "generic", "home": "https://harbour.example/", "cadence": "daily", "licence": "-",
        "text_policy": "excerpt", "minimum": 1, "stale_after": 14, "note": "",
    }
    return Source(**(given | changes))


def make_capture(at: str = "2026-08-01T10:00:00Z", *, url: str = URL, source: str = SOURCE, **changes: Any) -> Capture:
    number = next(_numbers)
    given = {
        "id": f"capture-{number}", "source_id": source, "crawl_id": f"crawl-{source}", "url": url, "fetched_at": at, "status": 200, "content_type": "text/html",
        "role": "article", "record_type": "response", "payload_sha256": hashlib.sha256(str(number).encode()).hexdigest(), "refers_to": None, "etag": None,
        "last_modified": None, "file": "x.warc.gz", "offset": 100 * number, "length": 90,
    }
    return Capture(**(given | changes))


def make_article(*paragraphs: str, url: str = URL, title: str = "Harbour pilot", published: str | None = "2026-08-01", note: str | None = None) -> Article:
    text, blocks = assemble([Passage("title", title), *(Passage("paragraph", paragraph) for paragraph in paragraphs)])
    return Article(url=url, canonical_url=url, title=title, published=published, modified=None, byline=None, language="en", text=text, blocks=blocks, template="generic@1", correction_note=note)


def make_round(number: str = "430", **changes: Any) -> SimpleNamespace:
    given = {
        "number": number, "date": "2026-07-21", "name": "Canadian Experience Class", "program": "", "invitations": 3000, "cutoff": 511, "tie_break_raw": "", "tie_break_at": None,
        "issued_at": None, "pool_as_of": None, "pool_total": None, "warnings": (), "raw": {"drawNumber": number, "drawSize": "3,000", "drawDateTime": "July 21, 2026 at 12:00:00 UTC"},
    }
    return SimpleNamespace(**(given | changes))


def make_fact(text: str, words: str, *, clause: str | None = None, attribute: str = "cap", value: Any = None, pathway: str = "ca-imp-h1b", **changes: Any) -> dict[str, Any]:
    """A fact as the extractor gives it, its value at `words` and its evidence at `clause` (the whole text where there is none)."""
    start = text.index(words)
    at = text.index(clause) if clause else 0
    given = {
        "pathway": pathway, "attribute": attribute, "value": value if value is not None else int(words.replace(",", "")), "unit": "people", "comparator": "eq", "period": None,
        "modality": "asserted", "scope": None, "as_written": words, "evidence": {"start": at, "end": at + len(clause or text)},
        "spans": [{"role": "value", "start": start, "end": start + len(words)}], "rule": "a-rule", "score": 0.9,
    }
    return given | changes


def make_record(*facts: dict[str, Any], mentions: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"facts": list(facts), "mentions": list(mentions)}


def open_archive(path: Path, *sources: Source) -> Archive:
    """An archive with its sources (one where none is given), each with one crawl that has begun."""
    archive = Archive(path, Capture)
    archive.keep_sources(sources or [make_source()])
    for source in sources or [make_source()]:
        archive.begin_crawl(f"crawl-{source.id}", source.id, "2026-08-01T09:00:00Z")
    return archive


def show(archive: Archive, article: Article, at: str, *, source: str = SOURCE) -> str:
    """Keep a capture at a time that shows the article; gives the outcome."""
    capture = make_capture(at, url=article.url, source=source)
    archive.keep_capture(capture)
    return archive.keep_article(capture, article)


def extract(archive: Archive, find: Any, at: str, pipeline: str = PIPELINE, *, events: bool = True) -> int:
    """Read all pending versions with `find` (text to record) and settle facts, and, if wanted, stories and events; gives how many facts are new."""
    new = 0
    for version, _ in read_versions(archive, pending_versions(archive, pipeline)):
        new += keep_extraction(archive, version, find(version["text"]), pipeline, at)
    settle_facts(archive, at)
    if events:
        registry = make_registry()
        settle_stories(archive, at)
        settle_events(archive, {row["pathway_id"]: row["parent_id"] for row in registry.pathways}, at, registry.pathway_of_round)
    return new


def faults(archive: Archive) -> dict[str, list[dict[str, Any]]]:
    """The rows of each integrity view that isn't empty."""
    names = [row["name"] for row in archive.rows("SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'x\\_%' ESCAPE '\\'")]
    assert names
    return {name: rows for name in names if (rows := archive.rows(f'SELECT * FROM "{name}"'))}


def make_registry(**changes: Any) -> Registry:
    """A small vocabulary, the same as that of the sample of the public database."""

    def rows(names: str, values: tuple[tuple[Any, ...], ...]) -> list[dict[str, Any]]:
        return [dict(zip(names.split(), value, strict=True)) for value in values]

    given = {
        "jurisdictions": rows("jurisdiction_id name name_fr level parent_id", JURISDICTIONS),
        "pathways": rows("pathway_id name name_fr parent_id jurisdiction_id kind official_url valid_from valid_to", PATHWAYS),
        "pathway_aliases": rows("pathway_id alias lang kind", ALIASES),
        "attributes": rows("attribute_id value_type unit cardinality definition", ATTRIBUTES),
        "occupations": rows("noc_code edition title teer broad_category", OCCUPATIONS),
        "occupation_changes": rows("noc_2016 noc_2021 change_type", OCCUPATION_CHANGES),
        "pathway_of_round": lambda name, program: {"Canadian Experience Class": "ca-ee-cec"}.get(name),
        "pipeline_version": PIPELINE,
    }
    return Registry(**(given | changes))
