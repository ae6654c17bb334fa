"""Source files: each mistake is named with its file and field, and all that come with Landed load."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from crawlers.demo.server import SITE, read_manifest
from crawlers.demo.story import SOURCES as DEMO_SOURCES
from crawlers.source import Source, SourceError, load_source, load_sources

SOURCES = Path(__file__).parents[2] / "crawlers" / "sources"
DEMO_ADDRESSES = {host: f"http://127.0.0.1:{40_000 + number}" for number, host in enumerate([*read_manifest(SITE / "manifest.toml"), "offline"])}

GOOD = {
    "id": '"harbour"', "name": '"Harbour Post"', "publisher": '"Harbour Media"', "owner_group": '"harbour"', "official": "false", "jurisdiction": '"CA"',
    "language": '"en"', "kind": '"feed"', "start": '["https://harbour.example/feed"]', "template": '"wordpress"', "home": '"https://harbour.example/"',
    "cadence": '"daily"', "licence": '"All rights reserved"', "text_policy": '"excerpt"', "minimum": "1", "stale_after": "14", "note": '""',
}


def write(folder: Path, name: str = "harbour", /, **changes: str | None) -> Path:
    """A source's file with some fields changed; None leaves a field out."""
    file = folder / f"{name}.toml"
    file.write_text("".join(f"{key} = {value}\n" for key, value in (GOOD | changes).items() if value is not None), encoding="utf-8")
    return file


def test_a_good_file_gives_its_source_with_defaults(tmp_path):
    source = load_source(write(tmp_path), {})
    assert (source.id, source.kind, source.start, source.official) == ("harbour", "feed", ("https://harbour.example/feed",), False)
    assert (source.enabled, source.delay, source.network) == (True, 1.0, "internet")
    assert source.host == "harbour.example"


@pytest.mark.parametrize(("field", "value", "says"), [
    ("kind", '"rss"', "feed, "),  # a choice that there isn't: the message lists those there are
    ("cadence", '"yearly"', "hourly, daily, weekly, monthly"),
    ("text_policy", '"all"', "full, excerpt, metadata"),
    ("network", '"lan"', "internet, loopback"),
    ("template", '"drupal"', "canada-ca"),  # no such template
    ("template", '""', "wordpress"),  # only rounds need none
    ("official", '"yes"', "type"),  # text for a flag
    ("official", "1", "type"),  # a number is no flag
    ("minimum", "true", "type"),  # and a flag no number
    ("minimum", "1.5", "type"),
    ("minimum", "-1", "from 0"),
    ("stale_after", "0", "from 1"),  # would be stale at once
    ("stale_after", "1000000000000", "to 36525"),  # more days than a date can hold
    ("delay", "-0.5", "from 0"),
    ("delay", "inf", "to 3600"),  # would wait for ever
    ("delay", "nan", "from 0"),
    ("name", '"  "', "empty"),
    ("owner_group", '""', "empty"),  # would count all such publishers as one
    ("start", '"https://harbour.example/feed"', "list"),  # one address not in a list
    ("start", "[]", "at least one"),
    ("start", "[1]", "list"),
    ("start", '["ftp://harbour.example/feed"]', "http or https"),
    ("start", '["file:///etc/passwd"]', "http or https"),
    ("start", '["harbour.example/feed"]', "http or https"),  # the scheme is missing
    ("start", '["https://[harbour/feed"]', "no address"),  # a bracket that no address has
    ("home", '"/"', "http or https"),
    ("home", '"https://[x/"', "no address"),
    ("start", '["@newsroom@/feed"]', "--address"),  # a demo host that nobody named
    ("home", '"http://@newsroom@/"', "--address"),
    ("id", '"other"', "'harbour'"),  # unlike the file's name
])
def test_each_wrong_field_is_named_with_its_file(tmp_path, field, value, says):
    file = write(tmp_path, **{field: value})
    with pytest.raises(SourceError) as caught:
        load_source(file, {})
    message = str(caught.value)
    assert str(file) in message
    assert field in message
    assert says in message


@pytest.mark.parametrize("field", sorted(GOOD.keys() - {"template"}))
def test_each_missing_field_is_named(tmp_path, field):
    file = write(tmp_path, **{field: None})
    with pytest.raises(SourceError, match=f"'{field}' is missing") as caught:
        load_source(file, {})
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("content", [
    b'id = "harbour"\nname = ',  # cut off
    b"\xff\xfe not text",
    b"[[", b"",
])
def test_a_file_that_is_no_source_is_named(tmp_path, content):
    file = tmp_path / "harbour.toml"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=r"harbour\.toml"):
        load_source(file, {})


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "harbour.toml").mkdir()
    sources, errors = load_sources(tmp_path)
    assert sources == []
    assert "harbour.toml" in str(errors[0])


def test_one_broken_file_stops_no_other(tmp_path):
    write(tmp_path, "a", id='"a"')
    write(tmp_path, "b", id='"b"', kind='"rss"')
    write(tmp_path, "c", id='"c"', start='["https://[x/"]')
    write(tmp_path, "d", id='"d"')
    sources, errors = load_sources(tmp_path)
    assert [source.id for source in sources] == ["a", "d"]
    assert [str(error).split(":")[0] for error in errors] == [str(tmp_path / "b.toml"), str(tmp_path / "c.toml")]


def test_a_folder_without_sources_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(SourceError, match="--sources"):
        load_sources(tmp_path)


def test_placeholders_are_filled_in_start_and_home(tmp_path):
    file = write(tmp_path, start='["@newsroom@/a", "@newsroom@/b"]', home='"@newsroom@/"', network='"loopback"')
    source = load_source(file, {"newsroom": "http://127.0.0.1:8002"})
    assert source.start == ("http://127.0.0.1:8002/a", "http://127.0.0.1:8002/b")
    assert (source.home, source.host) == ("http://127.0.0.1:8002/", "127.0.0.1:8002")


def test_no_placeholder_is_seen_in_a_path(tmp_path):
    # Author pages of some sites have an @ in their path.
    assert load_source(write(tmp_path, home='"https://harbour.example/@editor"'), {}).home.endswith("/@editor")


@pytest.mark.parametrize("switch", ["robots", "obey_robots", "ROBOTSTXT_OBEY", "user_agent", "verify"])
def test_there_is_no_switch_for_robots_or_disguise(tmp_path, switch):
    with pytest.raises(SourceError, match=f"unknown field '{switch}'"):
        load_source(write(tmp_path, **{switch: "false"}), {})
    assert switch not in {field.name for field in fields(Source)}


def test_all_sources_that_come_with_landed_load():
    sources, errors = load_sources(SOURCES)
    assert errors == []
    assert {"ircc-newsroom", "ircc-express-entry-rounds"} <= {source.id for source in sources}


@pytest.mark.parametrize("source", load_sources(SOURCES)[0], ids=lambda source: source.id)
def test_a_real_source_stays_on_the_internet_and_is_polite(source):
    assert source.network == "internet"
    assert source.delay >= 1
    assert all(url.startswith("https://") and "@" not in url for url in (*source.start, source.home))
    assert source.note.strip(), "the runbook is empty"


def test_all_demo_sources_load_and_stay_on_loopback():
    sources, errors = load_sources(DEMO_SOURCES, DEMO_ADDRESSES)
    assert errors == []
    assert sources
    assert {source.network for source in sources} == {"loopback"}
    assert all(url.startswith("http://127.0.0.1:") for source in sources for url in (*source.start, source.home))
