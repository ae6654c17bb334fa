"""Taking over WARC files: what is worth keeping of foreign ones is kept once, and nothing that they hold does harm."""

from __future__ import annotations

import contextlib
import io
from contextlib import closing
from dataclasses import replace

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.takeover import copy_own, is_own, take_over
from crawlers.warc import ArchiveError, Capture, WarcSeries, iterate_captures
from db.archive import Archive
from tests.commands import call, command
from tests.crawlers.test_replay import URL, exchange, page, source, write
from tests.crawlers.web_server import Host, article, feed, write_source

UTC_DAY = "2026-08-05T06:07:08Z"
ELSEWHERE = "https://elsewhere.example/express-entry"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
ONE = "<urn:uuid:00000000-0000-4000-8000-0000000000a1>"


def record(url: str = URL, body: bytes | None = None, *, date: str = UTC_DAY, headers=HTML, status: str = "200 OK", record_id: str = ONE, kind: str = "response"):
    """A foreign record, as a function of the writer; `record_id` "" leaves the id out."""
    def build(writer):
        names = {"WARC-Date": date, **({"WARC-Record-ID": record_id} if record_id else {})}
        content = page("Ferry pilot") if body is None else body
        made = writer.create_warc_record(url, kind, payload=io.BytesIO(content), length=len(content), http_headers=StatusAndHeaders(status, list(headers), protocol="HTTP/1.1"), warc_headers_dict=names)
        if not record_id:
            made.rec_headers.remove_header("WARC-Record-ID")
        return made

    return build


def headless(writer):
    return writer.create_warc_record(URL, "resource", payload=io.BytesIO(b"No head"), length=7, warc_content_type="text/html")


def write_foreign(path, *records, packed: bool = True):
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed, warc_version="WARC/1.0")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "another"}))
        for build in records:
            writer.write_record(build(writer))
    return path


@pytest.fixture
def store(tmp_path):
    with Archive(tmp_path / "archive.db", Capture) as archive:
        archive.keep_sources([source()])
        yield archive


def take(path, store, folder, name: str = "20260901T000000000Z-import"):
    with closing(WarcSeries(folder / "warc", name, "Landed/test")) as series:
        return [(done.url, done.outcome) for done in take_over(path, [source()], store, series, name, lambda text: "Express Entry" in text)]


@pytest.mark.parametrize("packed", [True, False])
def test_pages_of_known_sources_and_of_pathways_are_kept(tmp_path, store, packed):
    path = write_foreign(tmp_path / "foreign.warc.gz", record(), record(ELSEWHERE, page("Express Entry opens"), record_id=ONE.replace("a1", "a2")),
                         record("https://elsewhere.example/garden", page("Roses"), record_id=ONE.replace("a1", "a3")), packed=packed)
    assert take(path, store, tmp_path) == [(URL, "new"), (ELSEWHERE, "new"), ("https://elsewhere.example/garden", "left")]
    rows = store.rows("SELECT a.source_id, a.url, v.title, v.recorded_at FROM articles a JOIN article_versions v USING (version_id) ORDER BY url")
    assert rows == [{"source_id": "import-elsewhere-example", "url": ELSEWHERE, "title": "Express Entry opens", "recorded_at": UTC_DAY},
                    {"source_id": "harbour", "url": URL, "title": "Ferry pilot", "recorded_at": UTC_DAY}]
    # What was kept is archived anew, under the id and date of the foreign record.
    [own] = (tmp_path / "warc").iterdir()
    assert [(capture.id, capture.fetched_at) for capture, _ in iterate_captures(own)] == [(ONE[10:-1], UTC_DAY), (ONE[10:-1].replace("a1", "a2"), UTC_DAY)]
    assert is_own(own)
    assert not is_own(path)


@pytest.mark.parametrize("record_id", [ONE, ONE.upper().replace("URN:UUID", "urn:uuid"), "", "<urn:uuid:no-uuid>"])
def test_taken_over_twice_is_kept_once(tmp_path, store, record_id):
    path = write_foreign(tmp_path / "foreign.warc.gz", record(record_id=record_id))
    assert take(path, store, tmp_path) == [(URL, "new")]
    before = list(store.db.conn.iterdump())
    assert take(path, store, tmp_path, "20260902T000000000Z-import") == [(URL, "known")]
    assert list(store.db.conn.iterdump()) == before
    assert len(list((tmp_path / "warc").iterdir())) == 1


@pytest.mark.parametrize("bad", [
    headless, record("http://169.254.169.254/latest/"), record("http://127.0.0.1/admin"), record("file:///etc/passwd"), record("https://user:secret@harbour.example/a"), record("no address"),
    record(headers=(("Content-Type", "image/png"),)), record(headers=()), record(status="404 Not Found"), record(status="301 Moved"), record(status="nonsense"),
    record(date="2026-13-45T99:99:99Z"), record(date="yesterday"), record(date=""), record(date="2999-01-01T00:00:00Z"), record(date="0001-01-01T00:00:00+23:59"), record(kind="request"), record(kind="metadata"),
])
def test_what_is_no_page_is_passed_over_and_stops_nothing(tmp_path, store, bad):
    path = write_foreign(tmp_path / "foreign.warc.gz", bad, record(record_id=ONE.replace("a1", "b1")))
    assert take(path, store, tmp_path) == [(URL, "new")]
    assert store.one("SELECT count(*) AS n FROM captures") == {"n": 1}


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"<title>Just a moment...</title><body>Checking", b"%PDF-1.4"])
def test_pages_that_cant_be_read_are_named(tmp_path, store, body):
    path = write_foreign(tmp_path / "foreign.warc.gz", record(body=body), record(record_id=ONE.replace("a1", "b1")))
    assert take(path, store, tmp_path) == [(URL, "unreadable"), (URL, "new")]


@pytest.mark.parametrize("packed", [True, False])
def test_a_page_that_is_cut_off_is_not_taken_for_whole(tmp_path, store, packed):
    path = write_foreign(tmp_path / "foreign.warc.gz", record(), record(ELSEWHERE, page("Express Entry opens"), record_id=ONE.replace("a1", "a2")), packed=packed)
    path.write_bytes(path.read_bytes()[:-80])
    with pytest.raises(ArchiveError, match="foreign"):
        take(path, store, tmp_path)
    assert [row["title"] for row in store.rows("SELECT title FROM article_versions")] == ["Ferry pilot"]


def test_the_framing_of_the_connection_is_taken_off(tmp_path, store):
    body = page("Ferry pilot")
    framed = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (100, body[:100], len(body) - 100, body[100:])
    path = write_foreign(tmp_path / "foreign.warc.gz", record(body=framed, headers=(*HTML, ("Transfer-Encoding", "chunked"))))
    assert take(path, store, tmp_path) == [(URL, "new")]
    [(_, payload)] = iterate_captures(next((tmp_path / "warc").iterdir()))
    assert payload.body == body


def test_what_stands_before_a_record_that_is_none_is_kept(tmp_path, store):
    path = write_foreign(tmp_path / "foreign.warc.gz", record(), record("", record_id=ONE.replace("a1", "a2")))
    with pytest.raises(ArchiveError, match="foreign"):
        take(path, store, tmp_path)
    assert [row["title"] for row in store.rows("SELECT title FROM article_versions")] == ["Ferry pilot"]


@pytest.mark.parametrize("content", [b"", b"junk", b"\x1f\x8b\x08junk"])
def test_what_is_no_warc_is_named(tmp_path, content):
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(content)
    with contextlib.suppress(ArchiveError):
        assert not is_own(path)
    if content:
        with pytest.raises(ArchiveError, match="foreign"):
            is_own(path)


# ---------------------------------------------------------------- Landed's own files


def test_an_own_file_is_copied_once_and_never_over_another(tmp_path):
    [capture] = write(tmp_path / "there", exchange(URL, page("Pilot")))
    path = tmp_path / "there" / capture.file
    copied = copy_own(path, tmp_path / "here")
    assert copied == tmp_path / "here" / capture.file
    assert copied.read_bytes() == path.read_bytes()
    assert copy_own(path, tmp_path / "here") == copied
    assert copy_own(copied, tmp_path / "here") == copied
    copied.write_bytes(b"another")
    with pytest.raises(ArchiveError, match="another file of this name"):
        copy_own(path, tmp_path / "here")
    assert copied.read_bytes() == b"another"


def test_a_file_of_the_same_name_and_length_is_another_where_its_bytes_differ(tmp_path):
    [capture] = write(tmp_path / "there", exchange(URL, page("Pilot")))
    path = tmp_path / "there" / capture.file
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / capture.file).write_bytes(bytes(len(path.read_bytes())))
    with pytest.raises(ArchiveError, match="another file of this name"):
        copy_own(path, tmp_path / "here")


FACTS = "Express Entry: the department invited 1,500 candidates on August 6, 2026, and the lowest score was 531"


@pytest.fixture(scope="module")
def merged(tmp_path_factory):
    """Two data folders crawled apart and merged by import, and one folder crawled together: what `landed digest` says of each."""
    folder = tmp_path_factory.mktemp("machines")
    sites = {"east": {"/feed": feed("/a", "/b"), "/a": article(FACTS), "/b": article("Ferry")}, "west": {"/feed": feed("/a"), "/a": article(f"{FACTS}. West")}}
    def landed(data, *words):
        done = call(command("--data", folder / data, "--sources", folder / "sources", *words), traced=words[0] == "import")
        assert done.returncode == 0, done.stderr
        return done
    with contextlib.ExitStack() as stack:
        for name, pages in sites.items():
            write_source(folder / "sources", name, stack.enter_context(Host(pages)).address, ["/feed"])
        landed("east", "crawl", "east")
        landed("west", "crawl", "west")
        landed("together", "crawl")
    files = [*(folder / "west" / "warc").iterdir()]
    landed("east", "import", *files)
    with Archive(folder / "east" / "archive.db", Capture) as archive:
        before = list(archive.db.conn.iterdump())
    again = landed("east", "import", *files)
    with Archive(folder / "east" / "archive.db", Capture) as archive:
        after = list(archive.db.conn.iterdump())
    for data in ("east", "together"):
        landed(data, "extract")
        landed(data, "publish")
    return {"digests": [landed(data, "digest").stdout for data in ("east", "together")], "dumps": (before, after), "again": again, "warc": sorted(path.name for path in (folder / "east" / "warc").iterdir())}


@pytest.mark.engine
def test_two_machines_archives_merge_into_what_one_would_have(merged):
    apart, together = merged["digests"]
    assert apart == together
    assert "facts" in apart
    assert len(merged["warc"]) == 2


@pytest.mark.engine
def test_an_own_file_imported_twice_changes_nothing(merged):
    before, after = merged["dumps"]
    assert after == before
    assert 'INSERT INTO "articles"' in "\n".join(before)


def test_a_source_that_was_imported_is_replayed_with_its_pages(tmp_path, store):
    # What was taken over stands in own files, too, and these can be read again.
    path = write_foreign(tmp_path / "foreign.warc.gz", record())
    take(path, store, tmp_path)
    from crawlers.replay import replay

    with Archive(tmp_path / "other.db", Capture) as other:
        other.keep_sources([source()])
        [context] = replay((tmp_path / "warc").iterdir(), {"harbour": replace(source(), start=("https://harbour.example/feed",))}, other)
        assert (context.tally.new, context.tally.failures) == (1, [])
        assert other.rows("SELECT url FROM articles") == store.rows("SELECT url FROM articles")
