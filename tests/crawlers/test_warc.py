"""WARC files: what is written can be read, by us and by warcio; nothing half-written is ever taken for whole."""

from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import io
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawlers import records, warc
from crawlers.warc import ArchiveError, Capture, Exchange, WarcFile, iterate_captures, mend_unfinished, read_payload

CRAWL = "20260807T101500123Z-harbour"
URL = "https://harbour.example/news/a?x=1"
BODY = "Ferry pilot: 1,200 places — “up to” 🍁".encode()


def exchange(body: bytes = BODY, *, url: str = URL, status: int = 200, headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"), ("ETag", '"v1"')),
             sent: tuple[tuple[str, str], ...] = (("User-Agent", "Landed/test"),), role: warc.Role = "article", fetched_at: str = "2026-08-07T10:15:01Z") -> Exchange:
    return Exchange("GET", url, sent, status, "OK" if status == 200 else "", headers, body, role, fetched_at, "harbour", CRAWL)


def open_file(folder: Path) -> WarcFile:
    return WarcFile(folder, CRAWL, "Landed/test")


def write(folder: Path, *exchanges: Exchange) -> list[Capture]:
    """A finished file of these exchanges, each told of the first one's capture where the address is the same."""
    captures: list[Capture] = []
    with closing(open_file(folder)) as file:
        for one in exchanges:
            earlier = next((capture for capture in captures if capture.url == one.url and capture.record_type == "response"), None)
            captures.append(file.write(one, earlier))
    return captures


@pytest.fixture
def sample(tmp_path) -> tuple[Path, list[Capture]]:
    """A file with a listing, an article, both kinds of revisit, an error page and bytes that are no text."""
    captures = write(
        tmp_path, exchange(b"<rss/>", url="https://harbour.example/feed", role="listing"), exchange(),
        exchange(b"", status=304, headers=(("ETag", '"v2"'),), fetched_at="2026-08-07T10:15:02Z"), exchange(fetched_at="2026-08-07T10:15:03Z"),
        exchange(b"gone", url="https://harbour.example/old", status=404), exchange(bytes(range(256)), url="https://harbour.example/image"),
    )
    return tmp_path / captures[0].file, captures


# ---------------------------------------------------------------- what is written


def test_what_is_written_is_read_again(sample):
    path, captures = sample
    read = list(iterate_captures(path))
    # A 304 without Content-Type has none, and the validators of the earlier answer are not in its record.
    own = {"etag", "last_modified"}
    for (found, _), written in zip(read, captures, strict=True):
        for name in Capture.__dataclass_fields__.keys() - (own if written.record_type == "revisit" else set()):
            assert getattr(found, name) == getattr(written, name), name
    assert [payload.body for _, payload in read] == [b"<rss/>", BODY, b"", b"", b"gone", bytes(range(256))]
    assert [capture.record_type for capture, _ in read] == ["response", "response", "revisit", "revisit", "response", "response"]


def test_offsets_and_lengths_cut_whole_gzip_members(sample):
    path, captures = sample
    data = path.read_bytes()
    for capture in captures:
        member = data[capture.offset:capture.offset + capture.length]
        inflater = zlib.decompressobj(wbits=31)
        assert inflater.decompress(member).startswith(b"WARC/1.1\r\n")
        assert inflater.eof
        assert inflater.unused_data == b""
        assert f"<urn:uuid:{capture.id}>".encode() in gzip.decompress(member)


def test_payloads_are_read_by_file_and_offset(sample):
    path, captures = sample
    for capture, body in zip(captures, [b"<rss/>", BODY, None, None, b"gone", bytes(range(256))], strict=True):
        if body is not None:
            payload = read_payload(path.parent, capture.file, capture.offset)
            assert (payload.body, payload.status) == (body, capture.status)
            assert hashlib.sha256(payload.body).hexdigest() == capture.payload_sha256


def test_warcios_own_check_finds_every_digest_right(sample, capsys):
    path, _ = sample
    checker = Checker(_Arguments([str(path)]))
    checker.process_all()
    assert checker.exit_value == 0
    output = capsys.readouterr().out
    assert output.count("digest pass") == 11  # the file's head, four responses, six requests
    assert "fail" not in output


def test_a_wrong_digest_would_be_found(sample, capsys):
    # The check above means something: a payload that was tampered with, gzip intact, fails it.
    path, captures = sample
    data, capture = path.read_bytes(), captures[1]
    member = gzip.decompress(data[capture.offset:capture.offset + capture.length]).replace(b"1,200", b"1,300")
    path.write_bytes(data[:capture.offset] + gzip.compress(member) + data[capture.offset + capture.length:])
    checker = Checker(_Arguments([str(path)]))
    checker.process_all()
    assert checker.exit_value == 1
    assert "digest failed" in capsys.readouterr().out


class _Arguments:
    def __init__(self, inputs):
        self.inputs, self.verbose = inputs, True


def test_repeated_header_lines_stay_repeated(tmp_path):
    [capture] = write(tmp_path, exchange(headers=(("Link", "<a>"), ("Content-Type", "text/html"), ("Link", "<b>"))))
    payload = read_payload(tmp_path, capture.file, capture.offset)
    assert [value for name, value in payload.headers if name == "Link"] == ["<a>", "<b>"]
    assert payload.header("link") == "<a>"
    assert payload.header("etag") == ""


@pytest.mark.parametrize("name", ["Cookie", "Authorization", "proxy-authorization", "Set-Cookie", "SET-COOKIE"])
def test_credentials_are_never_written(tmp_path, name):
    line = (name, "token=harbour-secret")
    [capture] = write(tmp_path, exchange(headers=(line, ("Content-Type", "text/html")), sent=(line, ("User-Agent", "Landed/test"))))
    content = gzip.decompress((tmp_path / capture.file).read_bytes())
    assert b"harbour-secret" not in content
    assert b"User-Agent: Landed/test" in content


def test_framing_of_the_connection_is_left_out(tmp_path):
    # The payload no longer is chunked, so a header that says so would make it unreadable to others.
    [capture] = write(tmp_path, exchange(headers=(("Transfer-Encoding", "chunked"), ("Content-Length", "3"), ("Content-Encoding", "gzip"))))
    names = {name for name, _ in read_payload(tmp_path, capture.file, capture.offset).headers}
    assert names == {"Content-Encoding"}


@pytest.mark.parametrize(("headers", "etag", "modified"), [
    ((), None, None),
    ((("ETag", 'W/"1"'), ("Last-Modified", "Thu, 06 Aug 2026 00:00:00 GMT")), 'W/"1"', "Thu, 06 Aug 2026 00:00:00 GMT"),
    ((("etag", '"first"'), ("ETag", '"second"')), '"first"', None),
])
def test_validators_are_kept(tmp_path, headers, etag, modified):
    [capture] = write(tmp_path, exchange(headers=headers))
    assert (capture.etag, capture.last_modified) == (etag, modified)
    [(found, _)] = iterate_captures(tmp_path / capture.file)
    assert (found.etag, found.last_modified) == (etag, modified)


# ---------------------------------------------------------------- revisits


@pytest.mark.parametrize(("second", "record_type", "profile"), [
    (exchange(b"", status=304), "revisit", "server-not-modified"),
    (exchange(), "revisit", "identical-payload-digest"),
    (exchange(BODY + b"!"), "response", None),  # other bytes
    (exchange(status=203), "response", None),  # the same bytes with another status say something else
    (exchange(b"", status=500), "response", None),
])
def test_what_repeats_an_earlier_payload_becomes_a_revisit(tmp_path, second, record_type, profile):
    first, capture = write(tmp_path, exchange(), second)
    assert capture.record_type == record_type
    with (tmp_path / capture.file).open("rb") as stream:
        records = [record.rec_headers for record in ArchiveIterator(stream) if record.rec_type in {"response", "revisit"}]
    if record_type == "revisit":
        assert (capture.refers_to, capture.payload_sha256) == (first.id, first.payload_sha256)
        assert capture.etag == '"v1"'
        assert records[1].get_header("WARC-Profile").endswith(profile)
        assert records[1].get_header("WARC-Refers-To") == f"<urn:uuid:{first.id}>"
        assert records[1].get_header("WARC-Refers-To-Target-URI") == URL
        assert records[1].get_header("WARC-Payload-Digest") == "sha256:" + base64.b32encode(hashlib.sha256(BODY).digest()).decode()
    else:
        assert capture.refers_to is None


def test_a_304_without_an_earlier_payload_is_a_response(tmp_path):
    [capture] = write(tmp_path, exchange(b"", status=304))
    assert (capture.record_type, capture.refers_to) == ("response", None)


def test_a_revisit_may_bring_newer_validators(tmp_path):
    _, capture = write(tmp_path, exchange(), exchange(b"", status=304, headers=(("ETag", '"v2"'),)))
    assert capture.etag == '"v2"'


# ---------------------------------------------------------------- files that grow, break, and are mended


def test_a_file_ends_in_open_until_it_is_closed(tmp_path):
    file = open_file(tmp_path)
    capture = file.write(exchange())
    assert [path.name for path in tmp_path.iterdir()] == [f"{CRAWL}.warc.gz.open"]
    assert read_payload(tmp_path, capture.file, capture.offset).body == BODY  # readable while it grows
    file.close()
    file.close()  # twice does no harm
    assert [path.name for path in tmp_path.iterdir()] == [f"{CRAWL}.warc.gz"]


def test_one_crawl_has_one_file(tmp_path):
    with closing(open_file(tmp_path)), pytest.raises(FileExistsError):
        open_file(tmp_path)


def test_a_file_cut_at_any_byte_is_mended_to_its_whole_records(tmp_path, sample):
    path, captures = sample
    data = path.read_bytes()
    ends = find_ends(data)
    folder = tmp_path / "cut"
    folder.mkdir()
    for length in range(len(data) + 1):
        growing = folder / f"{CRAWL}.warc.gz.open"
        growing.write_bytes(data[:length])
        whole = max(end for end in ends if end <= length)
        final = folder / f"{CRAWL}.warc.gz"
        assert mend_unfinished(folder) == ([final] if whole else []), length
        assert not growing.exists()
        if whole:
            assert final.read_bytes() == data[:whole], length
            if length in ends:
                kept = [capture.id for capture, _ in iterate_captures(final)]
                assert kept == [capture.id for capture in captures if capture.offset + capture.length <= length], length
            final.unlink()


def test_mending_leaves_finished_files_and_an_empty_folder_alone(tmp_path, sample):
    path, _ = sample
    before = path.read_bytes()
    assert mend_unfinished(tmp_path) == []
    assert mend_unfinished(tmp_path / "none") == []
    assert path.read_bytes() == before


@pytest.mark.parametrize("tail", [b"\0" * 4_096, b"garbage", b"\x1f\x8b\x08 not gzip"])
def test_what_follows_the_last_whole_record_is_cut_off(tmp_path, sample, tail):
    path, _ = sample
    whole = path.read_bytes()
    path.rename(path.with_name(path.name + ".open")).write_bytes(whole + tail)
    assert [mended.read_bytes() for mended in mend_unfinished(tmp_path)] == [whole]


def test_a_cut_file_gives_what_stood_before_and_names_the_byte(tmp_path, sample):
    path, _ = sample
    data, full = path.read_bytes(), list(iterate_captures(path))
    ends = find_ends(data)
    cut = tmp_path / "cut" / path.name
    cut.parent.mkdir()
    for length in range(0, len(data), 7):
        cut.write_bytes(data[:length])
        got, error = read_all(cut)
        assert got == full[:len(got)], length  # never a payload without its end
        assert (error is None) == (length in ends), length
        if error:
            assert str(cut) in error
            assert "byte" in error


def test_a_damaged_byte_is_noticed_or_does_no_harm(tmp_path, sample):
    path, _ = sample
    data, full = path.read_bytes(), list(iterate_captures(path))
    damaged = tmp_path / "damaged" / path.name
    damaged.parent.mkdir()
    noticed = 0
    for at in range(0, len(data), 11):
        damaged.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:])
        got, error = read_all(damaged)
        assert got == full[:len(got)], at
        assert error or len(got) == len(full), at
        noticed += error is not None
    assert noticed > len(data) / 11 * 0.9  # all but the time stamps in the heads of the members


def find_ends(data: bytes) -> list[int]:
    """Where the members of a file end, and 0: a file cut there is whole as far as it goes."""
    ends = [0]
    while ends[-1] < len(data):
        inflater = zlib.decompressobj(wbits=31)
        inflater.decompress(data[ends[-1]:])
        ends.append(len(data) - len(inflater.unused_data))
    return ends


def read_all(path: Path) -> tuple[list[tuple[Capture, warc.Payload]], str | None]:
    got = []
    try:
        for pair in iterate_captures(path):
            got.append(pair)  # noqa: PERF402 - what came before the error counts
    except ArchiveError as error:
        return got, str(error)
    return got, None


@pytest.mark.parametrize("content", [b"hello", gzip.compress(b"hello", mtime=0), gzip.compress(b"", mtime=0)])
def test_what_is_no_warc_is_named(tmp_path, content):
    path = tmp_path / f"{CRAWL}.warc.gz"
    path.write_bytes(content)
    got, error = read_all(path)
    assert got == []
    assert error
    assert f"{path}" in error
    assert "byte 0" in error


def test_a_record_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "_LONGEST_RECORD", 100_000)
    path = tmp_path / f"{CRAWL}.warc.gz"
    path.write_bytes(gzip.compress(b"\0" * 10_000_000))
    _, error = read_all(path)
    assert "longer than 100000 bytes" in str(error)


@pytest.mark.parametrize(("file", "offset", "says"), [
    ("missing.warc.gz", 0, "No such file"),
    (f"{CRAWL}.warc.gz", 0, "no response record at byte 0"),  # the file's head
    (f"{CRAWL}.warc.gz", 5, "byte 5"),  # in the middle of a member
    (f"{CRAWL}.warc.gz", 10**9, f"byte {10**9}"),  # behind the end
])
def test_a_payload_that_isnt_there_is_named_by_file_and_byte(sample, file, offset, says):
    path, _ = sample
    with pytest.raises(ArchiveError) as caught:
        read_payload(path.parent, file, offset)
    assert str(path.parent / file) in str(caught.value)
    assert says in str(caught.value)


def test_a_revisit_holds_no_payload_to_read(sample):
    path, captures = sample
    with pytest.raises(ArchiveError, match="no response record"):
        read_payload(path.parent, captures[2].file, captures[2].offset)


class _FullDisk(io.FileIO):
    """A file on a disk with so many bytes left; a write takes what fits, the next one fails."""

    room = 10**9

    def write(self, data):
        if _FullDisk.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = super().write(bytes(data)[:_FullDisk.room])
        _FullDisk.room -= taken
        return taken


def test_a_full_disk_leaves_whole_records_only(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "open", lambda self, mode="r", **_: _FullDisk(self, mode))
    file = open_file(tmp_path)
    first = file.write(exchange())
    whole = (tmp_path / f"{CRAWL}.warc.gz.open").stat().st_size
    _FullDisk.room = 300  # enough for a part of the record
    with pytest.raises(OSError, match="No space left"):
        file.write(exchange(bytes(range(256)) * 40, url="https://harbour.example/b"))
    assert (tmp_path / f"{CRAWL}.warc.gz.open").stat().st_size == whole
    _FullDisk.room = 10**9  # somebody made room
    second = file.write(exchange(url="https://harbour.example/c"))
    file.close()
    monkeypatch.undo()
    assert [capture.id for capture, _ in iterate_captures(tmp_path / first.file)] == [first.id, second.id]
    assert second.offset == whole


def test_a_disk_that_is_full_from_the_start_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "open", lambda self, mode="r", **_: _FullDisk(self, mode))
    monkeypatch.setattr(_FullDisk, "room", 10)
    with pytest.raises(OSError, match="No space left"):
        open_file(tmp_path)
    assert list(tmp_path.iterdir()) == []
