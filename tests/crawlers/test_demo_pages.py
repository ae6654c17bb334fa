"""The demo site's pages, as its servers give them out, through the templates of its sources."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawlers.article import Article, Page, PageRejected
from crawlers.demo.server import SITE, DemoSite, read_manifest
from crawlers.rounds import read_rounds
from crawlers.templates import parse_page

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATES = {"newsroom": "canada-ca", "courier": "wordpress", "herald": "wordpress", "province": "provincial"}
WALL = ("herald", "/2026/05/in-canada-workers-initiative-explained/")
CORRECTED = ("courier", "/2026/08/french-round-follows-cec-draw/")
PAGES = [
    (host, path) for host, resources in read_manifest(SITE / "manifest.toml").items() for path, resource in resources.items()
    if resource.content_type.startswith("text/html")
]
AROUND = (
    "Sample page of the Landed demo", "Share this", "You may also like", "Related", "comments", "Sign up", "Never miss", "Friday letter",
    "Tagged", "About this site", "Contacts", "Associated links", "Date modified", "Skip to", "@",
)


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite() as running:
        yield running


def parse(site: DemoSite, host: str, path: str) -> Article:
    resource = site.resource(host, path)
    assert resource is not None
    page = Page(f"{site.addresses[host]}{path}", site.body(host, resource), resource.content_type, datetime(2026, 8, 10, tzinfo=UTC))
    return parse_page(page, TEMPLATES[host])


@pytest.mark.parametrize("phase", [1, 2])
@pytest.mark.parametrize(("host", "path"), [page for page in PAGES if page != WALL])
def test_page_is_read_without_what_stands_around_the_article(site, host, path, phase):
    site.phase = phase
    article = parse(site, host, path)
    assert article.canonical_url == article.url
    assert article.language == "en"
    assert article.published is not None
    assert article.modified is not None
    assert (article.byline is None) == (host == "province")
    assert len(article.blocks) >= 3
    assert [words for words in AROUND if words in article.text] == []
    for block in article.blocks:
        assert article.text[block.start:block.end].strip()


def test_wall_in_place_of_an_article_is_rejected(site):
    with pytest.raises(PageRejected) as rejected:
        parse(site, *WALL)
    assert rejected.value.kind == "challenge"


def test_correction_is_noted_in_the_publishers_words(site):
    site.phase = 1
    before = parse(site, *CORRECTED)
    site.phase = 2
    after = parse(site, *CORRECTED)
    assert before.correction_note is None
    assert after.correction_note is not None
    assert after.correction_note.startswith("Correction")
    assert (before.text == after.text, before.modified == after.modified, before.published == after.published) == (False, False, True)


def test_draw_table_of_the_province(site):
    site.phase = 1
    rows = [block for block in parse(site, "province", "/immigration/worker-draws-2026").blocks if block.kind == "row"]
    assert {len(block.cells) for block in rows} == {5}
    assert [block.header for block in rows] == [True] + [False] * (len(rows) - 1)


def test_rounds_of_the_demo_are_a_feed_without_problems(site):
    resource = site.resource("newsroom", "/content/dam/ircc/documents/json/ee_rounds_123_en.json")
    assert resource is not None
    feed = read_rounds(site.body("newsroom", resource))
    assert feed.problems == ()
    assert len(feed.rounds) > 100
