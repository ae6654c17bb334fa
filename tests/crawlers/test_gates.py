"""The fill-rate gate: what a crawl read whose pages state too little is held back, and the last good data stays published."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

import landed
from tests.crawlers.test_replay import exchange, listing, write

HOME = "https://harbour.example"
PATHS = ("/a", "/b", "/c", "/d")
FIELDS = (
    'id = "harbour"\nname = "Harbour Post"\npublisher = "Harbour Media"\nowner_group = "harbour"\nofficial = false\njurisdiction = "CA"\nlanguage = "en"\nkind = "feed"\n'
    f'start = ["{HOME}/feed"]\ntemplate = "generic"\nhome = "{HOME}/"\ncadence = "daily"\nlicence = "-"\ntext_policy = "excerpt"\nminimum = 1\nstale_after = 36500\nnote = ""\n')


def page(path: str, invited: int, *, dated: bool = True) -> bytes:
    """A page on a draw; where the site has changed its markup, it states no date, and its text is another."""
    date = '<meta property="article:published_time" content="2026-08-06T09:00:00+00:00">' if dated else ""
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Draw {path[1:]}</title>{date}</head><body><main><article><h1>Draw {path[1:]}</h1>"
        f"<p>On August 6, 2026, IRCC invited {invited:,} candidates in an Express Entry draw for French-language proficiency.</p>"
        "<p>Those who were invited have sixty days to apply, the department said.</p></article></main></body></html>").encode()


class Newsroom:
    """A data folder into which crawls are replayed, one a day."""

    def __init__(self, folder, fill: str = "fill = { published = 0.9 }\n") -> None:
        (folder / "sources").mkdir()
        (folder / "sources" / "harbour.toml").write_text(FIELDS + fill, encoding="utf-8")
        self.place = landed.Workplace(folder / "data", folder / "sources")
        self.day = 6

    def crawl(self, **pages: bytes) -> dict[str, object]:
        """A day's crawl of these pages; what is on record of it."""
        self.day += 1
        plain = {f"/{name}": body for name, body in pages.items()}
        feed = listing(*plain).replace(b"<pubDate>Thu, 06 Aug 2026 09:00:00 GMT</pubDate>", b"")
        files = write(self.place.warc, exchange(f"{HOME}/feed", feed, role="listing", day=self.day), *(exchange(HOME + path, body, day=self.day) for path, body in plain.items()), day=self.day)
        assert landed.replay_files(self.place, [self.place.warc / files[0].file])
        return self.ask("SELECT verdict, reason, pages, new, changed FROM crawls ORDER BY started_at DESC LIMIT 1")[0]

    def ask(self, sql: str, database: str = "archive.db") -> list[dict[str, object]]:
        with contextlib.closing(sqlite3.connect(self.place.data / database)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]

    def publish(self) -> tuple[str, list[object]]:
        """The digest of what is published, and the figures that its facts give."""
        assert landed.understand(self.place)
        digest = landed.build(self.place).digest
        rows = self.ask("SELECT DISTINCT value_num AS value FROM facts WHERE attribute_id = 'invitations' AND status = 'current' ORDER BY 1", "facts.db")
        return digest, [row["value"] for row in rows]


@pytest.fixture
def newsroom(tmp_path) -> Newsroom:
    return Newsroom(tmp_path)


def good(invited: int, **others: bytes) -> dict[str, bytes]:
    return {path[1:]: page(path, invited + number) for number, path in enumerate(PATHS)} | others


def undated(invited: int) -> dict[str, bytes]:
    return {path[1:]: page(path, invited + number, dated=False) for number, path in enumerate(PATHS)}


def test_a_site_that_changes_its_markup_leaves_the_last_good_data_published(newsroom):
    assert newsroom.crawl(**good(1_000))["verdict"] == "ok"
    before = newsroom.publish()
    assert before[1] == [1_000, 1_001, 1_002, 1_003]
    crawl = newsroom.crawl(**undated(5_000), e=page("/e", 9_000, dated=False))
    assert crawl["verdict"] == "thin"
    assert crawl["reason"] == "only 0 of 5 articles state when they were published, 90% are due: has the markup changed?"
    assert newsroom.publish()[1] == before[1]
    held = newsroom.ask("SELECT a.url, v.version_no, v.version_id = a.version_id AS current FROM article_versions v JOIN articles a USING (article_id) WHERE held = 1 ORDER BY url")
    assert [(row["url"].removeprefix(HOME), row["version_no"], row["current"]) for row in held] == [("/a", 2, 0), ("/b", 2, 0), ("/c", 2, 0), ("/d", 2, 0), ("/e", 1, 1)]
    assert "5000" not in str(newsroom.ask("SELECT * FROM facts", "facts.db"))
    assert {row["url"] for row in newsroom.ask("SELECT url FROM articles", "facts.db")} == {HOME + path for path in PATHS}


def test_when_the_site_is_read_well_again_all_of_it_counts(newsroom):
    newsroom.crawl(**good(1_000))
    newsroom.crawl(**undated(5_000))
    # The same texts as those held back, with their dates again.
    assert newsroom.crawl(**good(5_000))["verdict"] in {"ok", "quiet"}
    assert newsroom.ask("SELECT count(*) AS n FROM article_versions WHERE held = 1") == [{"n": 0}]
    assert newsroom.publish()[1] == [5_000, 5_001, 5_002, 5_003]


def test_a_few_pages_without_a_date_hold_nothing_back(newsroom):
    newsroom.crawl(**good(1_000))
    pages = good(2_000) | {f"x{number}": page(f"/x{number}", 3_000 + number) for number in range(20)}
    assert newsroom.crawl(**pages | {"a": page("/a", 2_000, dated=False)})["verdict"] == "ok"
    assert newsroom.ask("SELECT count(*) AS n FROM article_versions WHERE held = 1") == [{"n": 0}]


def test_without_a_demand_nothing_is_held_back(tmp_path):
    newsroom = Newsroom(tmp_path, fill="")
    newsroom.crawl(**good(1_000))
    assert newsroom.crawl(**undated(5_000))["verdict"] == "ok"
    assert newsroom.publish()[1] == [5_000, 5_001, 5_002, 5_003]


def test_fewer_pages_than_due_take_nothing_away(tmp_path):
    newsroom = Newsroom(tmp_path)
    source = tmp_path / "sources" / "harbour.toml"
    source.write_text(source.read_text().replace("minimum = 1", "minimum = 3"), encoding="utf-8")
    newsroom.crawl(**good(1_000))
    before = newsroom.publish()
    crawl = newsroom.crawl(a=page("/a", 1_000))
    assert (crawl["verdict"], crawl["reason"]) == ("thin", "1 pages where at least 3 are due")
    assert newsroom.publish()[1] == before[1]
