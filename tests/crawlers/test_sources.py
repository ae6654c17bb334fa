"""All sources that come with Landed: sound files, and a crawl of each against pages in its site's real format.

One process crawls them all against one loopback server (`crawl_page_sets`); what came of each source is compared with
its `sites/ID/expected.json`. Where that file is missing it is written and the test fails: review it and run again.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from crawlers.article import Page, PageRejected
from crawlers.crawl import SETTINGS
from crawlers.discovery import read_listing
from crawlers.reading import read_page
from crawlers.source import CADENCE_HOURS, Source, load_sources
from crawlers.spiders import SPIDERS
from tests.crawlers.crawl_page_sets import SOURCES
from tests.crawlers.page_sets import SITES, PageSetServer, read_page_set

LOADED, ERRORS = load_sources(SOURCES)
BY_ID = {source.id: source for source in LOADED}
JURISDICTIONS = {"CA", "US", "GB", "AU", "NZ", *(f"CA-{code}" for code in ("ON", "QC", "BC", "AB", "SK", "MB", "NS", "NB", "PE", "NL", "YT", "NT"))}
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>"
NOT_FOUND = b"<!DOCTYPE html><html lang=en><head><title>Page not found</title></head><body><h1>Page not found</h1><p>It may have moved.</p></body></html>"

each_source = pytest.mark.parametrize("source", LOADED, ids=lambda source: source.id)


# ---------------------------------------------------------------- the files


def test_all_files_load():
    assert [str(error) for error in ERRORS] == []
    assert len(LOADED) >= 40


@each_source
def test_addresses_are_those_of_the_public_web(source):
    assert source.network == "internet"
    for url in (*source.start, source.home):
        parts = urlsplit(url)
        assert parts.scheme == "https", url
        assert parts.username is None, url
        assert "." in str(parts.hostname), url
    assert len(set(source.start)) == len(source.start)


@each_source
def test_a_source_is_polite(source):
    assert 1 <= source.delay <= 60
    # Neither the settings of all crawls nor a source's file can switch robots.txt off: see also test_source.
    assert SETTINGS["ROBOTSTXT_OBEY"] is True
    assert SPIDERS[source.kind].custom_settings is None
    assert "robots" not in {name.partition("_")[0] for name in vars(source)}


@each_source
def test_identity_is_sound(source):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", source.id)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", source.owner_group)
    assert source.jurisdiction in JURISDICTIONS
    assert source.language in {"en", "fr"}


@each_source
def test_limits_fit_the_cadence(source):
    assert source.stale_after * 24 >= 2 * CADENCE_HOURS[source.cadence]
    if source.kind == "page":
        assert source.minimum == len(source.start)  # each watched page is due in each crawl


@each_source
def test_the_runbook_says_that_nothing_is_verified_live(source):
    assert "verified live" in source.note.replace("\n", " ")


@each_source
def test_a_disabled_source_says_why(source):
    if not source.enabled:
        assert re.search(r"disabled", source.note, re.IGNORECASE)


@each_source
def test_a_doubtful_address_starts_disabled(source):
    if re.search(r"starts\s+disabled", source.note):
        assert not source.enabled


def test_names_are_told_apart():
    assert max(Counter(source.name for source in LOADED).values()) == 1
    assert max(Counter(url for source in LOADED for url in source.start).values()) == 1


def test_publishers_of_one_owner_share_a_group():
    groups: dict[str, set[str]] = {}
    for source in LOADED:
        groups.setdefault(source.publisher, set()).add(source.owner_group)
    assert {publisher: owners for publisher, owners in groups.items() if len(owners) > 1} == {}
    assert {BY_ID[name].owner_group for name in ("ircc-newsroom", "ircc-newsroom-fr", "esdc-newsroom", "canada-gazette-part-1")} == {"government-of-canada"}
    assert BY_ID["cic-news"].owner_group == BY_ID["canadavisa"].owner_group
    # What an owner publishes is official or not, never both.
    assert {owner for owner in {source.owner_group for source in LOADED} if len({source.official for source in LOADED if source.owner_group == owner}) > 1} == set()


def test_outlets_texts_are_never_published_whole():
    assert {source.id for source in LOADED if not source.official and source.text_policy == "full"} == set()


def test_only_one_way_to_a_newsroom_is_enabled():
    ways = [("ircc-newsroom", "ircc-newsroom-json", "ircc-newsroom-table"), ("mpnp-news", "mpnp-draws"), ("uk-visas-and-immigration", "ukvi-news-atom")]
    for first, *others in ways:
        assert BY_ID[first].enabled
        assert not any(BY_ID[other].enabled for other in others)
        assert all(first in BY_ID[other].note for other in others)


def test_every_nominee_program_is_watched():
    assert {source.jurisdiction for source in LOADED if source.jurisdiction.startswith("CA-")} == {code for code in JURISDICTIONS if code.startswith("CA-")}


# ---------------------------------------------------------------- each against its page set


@pytest.fixture(scope="module")
def crawled(tmp_path_factory) -> dict[str, Any]:
    """What came of a crawl of all sources, by source."""
    folder = tmp_path_factory.mktemp("sites")
    answers: dict[str, Any] = {}
    for source in LOADED:
        if (SITES / source.id / "pages.toml").exists():
            answers |= read_page_set(source.id).answers
    with PageSetServer(answers) as server:
        words = [sys.executable, "-m", "tests.crawlers.crawl_page_sets", str(server.port), str(folder)]
        done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr[-3000:]
        came: dict[str, Any] = json.loads((folder / "crawled.json").read_text(encoding="utf-8"))
    came["asked"] = server.asked
    return came


@pytest.mark.engine
@each_source
def test_a_source_reads_its_site(source, crawled):
    came = crawled[source.id]
    expected = SITES / source.id / "expected.json"
    found = {"verdict": came["verdict"], "failures": came["failures"], "articles": came["articles"], "rounds": came["rounds"]}
    if not expected.exists():
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{source.id}/expected.json was missing and is written: review it and run again")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.engine
@each_source
def test_a_page_set_yields_what_it_says(source, crawled):
    """The same crawl against what `pages.toml` itself states, so that no expected file can be wrong unnoticed."""
    came, pages = crawled[source.id], read_page_set(source.id).pages
    assert came["verdict"] == "ok", came["why"]
    assert came["failures"] == {url: page["fault"] for url, page in pages.items() if "fault" in page}
    assert came["articles"] or came["rounds"]
    good = {url: page for url, page in pages.items() if "fault" not in page and "file" not in page}
    assert good.keys() == {article["url"] for article in came["articles"]} or source.kind in {"rounds", "page"}
    for article in came["articles"]:
        page = good.get(article["url"], {})
        if "title" in page and not page.get("many"):
            assert article["title"].startswith(page["title"])
        if source.kind in {"feed", "api", "listing"} and page.get("published") and not page.get("many"):
            assert (article["published"] or article["modified"])[:10] == str(page["published"])[:10]
        assert article["language"] == page.get("language", source.language)


@pytest.mark.engine
def test_nothing_was_fetched_that_a_source_leaves_out(crawled):
    lures = {unquote(url) for source in LOADED for url in read_page_set(source.id).lures}
    assert lures
    assert lures.isdisjoint(crawled["asked"])


@pytest.mark.engine
def test_robots_txt_of_every_host_was_asked(crawled):
    hosts = {urlsplit(url).netloc for source in LOADED for url in source.start}
    assert {f"https://{host}/robots.txt" for host in hosts} <= set(crawled["asked"])


def test_every_page_set_belongs_to_a_source_and_every_source_has_one():
    assert {folder.name for folder in SITES.iterdir()} - {"formats"} == BY_ID.keys()


def test_every_page_set_lists_something_to_leave_out_where_a_source_chooses():
    for source in LOADED:
        discovery = source.discovery
        if discovery.include or discovery.exclude or discovery.about or discovery.not_about:
            assert read_page_set(source.id).lures, f"{source.id} filters its listing, but nothing shows that"


# ---------------------------------------------------------------- pages that are none


def test_every_template_has_a_negative_page():
    templates = {source.template for source in LOADED if source.template}
    in_crawls = {source.template for source in LOADED if any("fault" in page for page in read_page_set(source.id).pages.values())}
    # The data files are watched pages, of which a set has one answer each: what is no page in their place is tested below.
    assert templates - in_crawls == {"ircc-processing-times", "iec-rounds"}


@each_source
@pytest.mark.parametrize(("body", "kinds"), [
    (CHALLENGE, {"challenge"}),
    (NOT_FOUND, {"gone"}),  # with status 200, as canada.ca and gazette.gc.ca answer
    (b"", {"empty", "parse"}),
    (b"<!DOCTYPE html><html lang=en><head><title>Home</title></head><body><div id=root></div></body></html>", {"empty", "parse"}),  # filled by JavaScript
    (b'{"error": "too many requests"}', {"empty", "parse", "gone"}),
], ids=["challenge", "soft 404", "no bytes", "an empty shell", "an API's error"])
def test_what_is_no_page_is_rejected_at_the_start(source, body, kinds):
    role = SPIDERS[source.kind].start_role
    page = Page(source.start[0], body, "text/html; charset=utf-8", datetime(2026, 8, 8, tzinfo=UTC))
    with pytest.raises(PageRejected) as caught:
        read_page(source, role, page)
    # The file of rounds is JSON: any page in its place that isn't surely gone counts as a bot check.
    assert caught.value.kind in kinds | ({"challenge"} if source.kind == "rounds" and kinds != {"gone"} else set())


@each_source
def test_what_is_no_article_is_rejected(source):
    if source.kind == "rounds":
        return
    for body, kind in ((CHALLENGE, "challenge"), (NOT_FOUND, "gone")):
        with pytest.raises(PageRejected) as caught:
            read_page(source, "article", Page("https://harbour.example/a", body, "text/html", datetime(2026, 8, 8, tzinfo=UTC)))
        assert caught.value.kind == kind


@pytest.mark.parametrize("source", [source for source in LOADED if source.kind in {"listing", "api", "feed"}], ids=lambda source: source.id)
def test_an_empty_list_is_no_list_of_articles(source):
    empty = {"listing": "<html><head><title>News</title></head><body><main><h1>News</h1><p>There is no news at present, or the page has changed.</p></main></body></html>",
             "api": json.dumps({"feed": {"entry": []}, "results": [], "data": []}),
             "feed": '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'}[source.kind]
    page = Page(source.start[0], empty.encode(), "text/html", datetime(2026, 8, 8, tzinfo=UTC))
    if source.kind == "listing":
        with pytest.raises(PageRejected, match="markup has changed"):
            read_listing(source, page)
    else:
        # A feed or an answer without entries is one; that articles were due, the minimum says.
        listing = read_listing(source, page)
        assert (listing.links, listing.more) == ((), ())


# ---------------------------------------------------------------- the real thing


def real(source_id: str, file: Path) -> tuple[Source, Page]:
    source = BY_ID[source_id]
    return source, Page(source.start[0], file.read_bytes(), "", datetime(2026, 8, 8, tzinfo=UTC))


@pytest.mark.shared
def test_the_real_news_table_gives_its_14_items(shared):
    listing = read_listing(*real("ircc-newsroom-table", shared / "samples" / "canada_ca" / "news.datatable.json"))
    assert len(listing.links) == 14
    assert all(re.match(r"https://www\.canada\.ca/en/immigration-refugees-citizenship/news/202[23]/\d\d/[a-z0-9-]+\.html$", link.url) for link in listing.links)
    assert [link.published for link in listing.links][:2] == ["2023-01-23T10:20:00", "2023-01-20T10:24:00"]
    assert all(link.title and "<" not in link.title for link in listing.links)


@pytest.mark.shared
def test_the_real_atom_form_gives_its_entries(shared):
    listing = read_listing(*real("ircc-newsroom", shared / "samples" / "canada_ca" / "ircc_atom_sample_2026-07.xml"))
    assert [link.published for link in listing.links] == ["2026-07-28T13:18:00-04:00", "2026-07-20T09:00:00-04:00"]


@pytest.mark.shared
@pytest.mark.parametrize(("day", "count"), [("2023-01-29", 239), ("2024-04-06", 292), ("2026-08-05", 433), ("2026-08-07", 435)])
def test_the_real_rounds_all_load(shared, day, count):
    source, page = real("ircc-express-entry-rounds", shared / "samples" / "express_entry" / f"ee_rounds_123_en.{day}.json")
    assert len(read_page(source, "rounds", page).rounds) == count


@pytest.mark.shared
@pytest.mark.parametrize(("source_id", "file", "rows"), [
    ("ircc-processing-times", "data-ptime-en.json", 500), ("ircc-processing-times", "data-ptime-non-country-en.json", 20), ("ircc-iec-rounds", "iecrounds2023.xml", 60),
])
def test_the_real_data_files_become_tables(shared, source_id, file, rows):
    source, page = real(source_id, shared / "samples" / "ircc" / file)
    [article] = read_page(source, "article", page).articles
    assert sum(block.kind == "row" and not block.header for block in article.blocks) >= rows


@pytest.mark.shared
@pytest.mark.parametrize(("source_id", "file"), [
    ("ircc-category-selection", "canada_ca/gcproto_category.html"), ("ircc-newsroom", "canada_ca/news_release_fixture_2025-03-20.html"),
    ("peipnp-draws", "provinces/pe_30bade.html"),
])
def test_real_pages_of_a_site_are_read_by_its_source(shared, source_id, file):
    source, page = real(source_id, shared / "samples" / file)
    [article] = read_page(source, "article", page).articles
    assert article.title
    assert len(article.blocks) > 3


@pytest.mark.shared
def test_a_real_soft_404_is_rejected(shared):
    source, page = real("peipnp-draws", shared / "samples" / "provinces" / "pe_fbdce7.html")
    with pytest.raises(PageRejected) as caught:
        read_page(source, "article", page)
    assert caught.value.kind == "gone"
