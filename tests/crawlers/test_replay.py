"""Replay: archives are read in the order of their crawls, faults are named, and one bad file stops no other."""

from __future__ import annotations

import gzip
import zlib
from contextlib import closing
from dataclasses import replace

import pytest

from crawlers.article import MAX_BODY, PageRejected
from crawlers.replay import replay, unpack
from crawlers.source import Source
from crawlers.warc import ArchiveError, Capture, Exchange, Payload, WarcFile
from db.archive import Archive

START, URL = "https://harbour.example/feed", "https://harbour.example/a"
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def source(source_id: str = "harbour") -> Source:
    return Source(
        id=source_id, name="Harbour Post", publisher="Harbour Media", owner_group="harbour", official=False, jurisdiction="CA", language="en", kind="feed", start=(START,), template="generic",
        home="https://harbour.example/", cadence="daily", licence="-", text_policy="excerpt", minimum=1, stale_after=36_500, note="")


def page(text: str) -> bytes:
    return (f"<!doctype html><html lang=en><title>{text}</title><body><main><article><h1>{text}</h1><p>{text}. The pilot takes up to 1,200 people a year, the department said.</p>"
            "<p>Applications are read as they come in.</p></article></main></body></html>").encode()


def listing(*links: str) -> bytes:
    items = "".join(f"<item><title>t</title><link>{link}</link><pubDate>Thu, 06 Aug 2026 09:00:00 GMT</pubDate></item>" for link in links)
    return f'<rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'.encode()


def exchange(url: str, body: bytes = b"", *, role: str = "article", status: int = 200, headers=HTML, day: int = 7) -> Exchange:
    return Exchange("GET", url, (), status, "", headers, body, role, f"2026-08-{day:02}T10:15:01Z", "harbour", "")


def write(folder, *exchanges: Exchange, day: int = 7, earlier: Capture | None = None, source_id: str = "harbour") -> list[Capture]:
    """A file of one crawl; `earlier` is the capture that an answer of the same address may repeat."""
    crawl = f"202608{day:02}T101500123Z-{source_id}"
    with closing(WarcFile(folder, crawl, "Landed/test")) as file:
        return [file.write(replace(one, source_id=source_id, crawl_id=crawl), earlier if earlier and earlier.url == one.url else None) for one in exchanges]


@pytest.fixture
def store(tmp_path):
    with Archive(tmp_path / "archive.db", Capture) as archive:
        archive.keep_sources([source(), source("other")])
        yield archive


def play(folder, store, *names: str):
    files = [folder / name for name in names] or list(folder.glob("*.warc.gz*"))
    return list(replay(files, {"harbour": source(), "other": source("other")}, store))


def failures(context) -> dict[str, str]:
    return {failure.url: failure.kind for failure in context.tally.failures}


def test_an_archive_gives_what_its_crawl_gave(tmp_path, store):
    write(tmp_path, exchange("https://harbour.example/robots.txt", b"", role="robots"), exchange(START, listing(URL), role="listing"), exchange(URL, page("Pilot")))
    [context] = play(tmp_path, store)
    assert (context.crawl_id, context.started_at) == ("20260807T101500123Z-harbour", "2026-08-07T10:15:00Z")
    assert (context.tally.requests, context.tally.pages, context.tally.new, context.tally.failures) == (3, 1, 1, [])
    [row] = store.rows("SELECT a.url, v.title, v.published, v.recorded_at FROM articles a JOIN article_versions v USING (version_id)")
    assert row == {"url": URL, "title": "Pilot", "published": "2026-08-06T09:00:00+00:00", "recorded_at": "2026-08-07T10:15:01Z"}  # the date is the feed's
    assert store.one("SELECT finish_reason, verdict FROM crawls") == {"finish_reason": "replayed", "verdict": "ok"}


def test_files_are_read_in_the_order_of_their_crawls(tmp_path, store):
    for day, text in ((9, "Third"), (7, "First"), (8, "Second")):
        write(tmp_path, exchange(URL, page(text), day=day), day=day)
    contexts = play(tmp_path, store)
    assert [context.crawl_id[:8] for context in contexts] == ["20260807", "20260808", "20260809"]
    assert [row["title"] for row in store.rows("SELECT title FROM article_versions ORDER BY version_no")] == ["First", "Second", "Third"]


def test_a_second_replay_changes_nothing(tmp_path, store):
    write(tmp_path, exchange(START, listing(URL), role="listing"), exchange(URL, page("Pilot")), exchange("https://harbour.example/old", status=404))
    play(tmp_path, store)
    before = list(store.db.conn.iterdump())
    [context] = play(tmp_path, store)
    assert list(store.db.conn.iterdump()) == before
    assert (context.tally.pages, context.tally.failures) == (0, [])


def test_a_revisit_shows_the_earlier_payload(tmp_path, store):
    [first] = write(tmp_path, exchange(URL, page("Pilot")))
    write(tmp_path, exchange(URL, status=304, headers=(), day=8), day=8, earlier=first)
    _, context = play(tmp_path, store)
    assert (context.tally.unchanged, context.tally.not_modified, context.tally.failures) == (1, 1, [])
    assert store.one("SELECT last_checked_at FROM articles") == {"last_checked_at": "2026-08-08T10:15:01Z"}


def test_a_revisit_without_its_earlier_file_is_named(tmp_path, store):
    [first] = write(tmp_path / "lost", exchange(URL, page("Pilot")))
    write(tmp_path, exchange(URL, status=304, headers=(), day=8), day=8, earlier=first)
    [context] = play(tmp_path, store)
    assert failures(context) == {URL: "archive"}
    assert store.rows("SELECT * FROM articles") == []


def test_a_revisit_never_shows_another_payload_than_the_one_it_repeats(tmp_path, store):
    # The file between was left out, and the database holds a later text: that is not what the revisit saw.
    [first] = write(tmp_path / "lost", exchange(URL, page("First")))
    write(tmp_path, exchange(URL, page("Third"), day=9), day=9)
    play(tmp_path, store)
    write(tmp_path, exchange(URL, status=304, headers=(), day=8), day=8, earlier=first)
    [context] = play(tmp_path, store, "20260808T101500123Z-harbour.warc.gz")
    assert failures(context) == {URL: "archive"}
    assert [row["title"] for row in store.rows("SELECT title FROM article_versions")] == ["Third"]


@pytest.mark.parametrize(("answer", "kind"), [
    (exchange(URL, b"oops", status=500), "http"), (exchange(URL, status=403), "http"), (exchange(URL, status=404), "gone"), (exchange(URL, status=410), "gone"),
    (exchange(URL, b""), "empty"), (exchange(URL, b"<title>Just a moment...</title><body>Checking"), "challenge"),
    (exchange(URL, b"%PDF-1.4", headers=(("Content-Type", "application/pdf"),)), "parse"),
    (exchange(URL, page("x"), headers=(*HTML, ("Content-Encoding", "gzip"))), "parse"),  # says that it is packed, and isn't
    (exchange(URL, page("x"), headers=(*HTML, ("Content-Encoding", "br"))), "parse"),  # nothing that was asked for
])
def test_faults_are_named_as_in_a_crawl(tmp_path, store, answer, kind):
    write(tmp_path, answer)
    [context] = play(tmp_path, store)
    assert failures(context) == {URL: kind}
    assert [failure["at"] for failure in store.failures_of([context.crawl_id])] == ["2026-08-07T10:15:01Z"]  # when it came about


def test_an_article_is_gone_since_the_capture_that_showed_it(tmp_path, store):
    write(tmp_path, exchange(URL, page("Pilot")))
    write(tmp_path, exchange(URL, status=410, day=9), day=9)
    play(tmp_path, store)
    assert store.one("SELECT gone_at FROM articles") == {"gone_at": "2026-08-09T10:15:01Z"}


def test_what_the_feed_says_of_an_address_holds_where_it_redirects(tmp_path, store):
    write(tmp_path, exchange(START, listing("/old"), role="listing"), exchange("https://harbour.example/old", status=301, headers=(("Location", "/a"),)), exchange(URL, page("Pilot")))
    play(tmp_path, store)
    assert store.rows("SELECT a.url, v.published FROM articles a JOIN article_versions v USING (version_id)") == [{"url": URL, "published": "2026-08-06T09:00:00+00:00"}]


def test_a_damaged_file_gives_what_stood_before_and_stops_no_other(tmp_path, store):
    first, second = write(tmp_path, exchange(URL, page("Whole")), exchange("https://harbour.example/b", page("Cut")))
    path = tmp_path / first.file
    path.write_bytes(path.read_bytes()[:second.offset + 20])
    write(tmp_path, exchange("https://harbour.example/c", page("Later"), day=8), day=8)
    damaged, sound = play(tmp_path, store)
    assert failures(damaged) == {first.file: "archive"}
    assert f"byte {second.offset}" in damaged.tally.failures[0].detail
    assert (damaged.tally.new, sound.tally.new) == (1, 1)


@pytest.mark.parametrize("content", [b"junk", gzip.compress(b"junk", mtime=0)])
@pytest.mark.parametrize("name", ["20260801T101500123Z-harbour.warc.gz", "20260809T101500123Z-harbour.warc.gz"])
def test_a_file_without_a_single_record_is_named_and_stops_no_other(tmp_path, store, content, name):
    (tmp_path / name).write_bytes(content)
    write(tmp_path, exchange(URL, page("Pilot")))
    said = ""
    try:
        said = " ".join(failure.detail for context in play(tmp_path, store) for failure in context.tally.failures)
    except ArchiveError as error:
        said = str(error)
    assert str(tmp_path / name) in said
    assert "byte 0" in said
    assert [row["title"] for row in store.rows("SELECT title FROM article_versions")] == ["Pilot"]


def test_an_empty_file_says_nothing(tmp_path, store):
    (tmp_path / "20260801T101500123Z-harbour.warc.gz").write_bytes(b"")
    write(tmp_path, exchange(URL, page("Pilot")))
    [context] = play(tmp_path, store)
    assert (context.tally.new, context.tally.failures) == (1, [])


def test_a_file_that_still_grows_can_be_read(tmp_path, store):
    [capture] = write(tmp_path, exchange(URL, page("Pilot")))
    (tmp_path / capture.file).rename(tmp_path / f"{capture.file}.open")
    [context] = play(tmp_path, store)
    assert context.tally.new == 1


def test_a_file_that_belongs_to_no_source_is_named(tmp_path, store):
    [capture] = write(tmp_path, exchange(URL, page("Pilot")), source_id="unheard-of")
    with pytest.raises(ArchiveError, match="unheard-of") as caught:
        play(tmp_path, store)
    assert str(tmp_path / capture.file) in str(caught.value)
    assert store.rows("SELECT * FROM captures") == []


def test_a_missing_file_is_named(tmp_path, store):
    with pytest.raises(ArchiveError, match=r"none\.warc\.gz"):
        play(tmp_path, store, "none.warc.gz")


def test_a_files_source_is_the_one_that_it_was_written_for(tmp_path, store):
    [capture] = write(tmp_path, exchange(URL, page("Pilot")), source_id="other")
    (tmp_path / capture.file).rename(tmp_path / "20260807T101500123Z-harbour.warc.gz")
    [context] = play(tmp_path, store)
    assert context.source.id == "other"


BODY = page("Packed") * 200


@pytest.mark.parametrize(("encoding", "body"), [
    ("", BODY), ("identity", BODY), ("gzip", gzip.compress(BODY, mtime=0)), ("GZIP ", gzip.compress(BODY, mtime=0)), ("x-gzip", gzip.compress(BODY, mtime=0)),
    ("deflate", zlib.compress(BODY)), ("deflate", zlib.compress(BODY)[2:-4]),  # with and without its header: servers send both
])
def test_bodies_are_unpacked_as_they_declare(encoding, body):
    assert unpack(Payload(200, (("Content-Encoding", encoding),), body)) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "\u2603"])
def test_a_body_that_is_not_what_it_declares_is_rejected(encoding):
    with pytest.raises(PageRejected) as caught:
        unpack(Payload(200, (("Content-Encoding", encoding),), b"<html>plain</html>"))
    assert caught.value.kind == "parse"


def test_a_bomb_is_unpacked_no_further_than_the_limit():
    bomb = gzip.compress(b"\0" * (3 * MAX_BODY))
    assert len(bomb) < 100_000
    assert len(unpack(Payload(200, (("Content-Encoding", "gzip"),), bomb))) == MAX_BODY + 1
