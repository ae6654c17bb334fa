"""Shards: every source in exactly one, the same one everywhere, and a host's sources together."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.shards import ShardError, select, shard_of
from crawlers.source import Source


def source(name: str, *starts: str) -> Source:
    return Source(
        id=name, name=name, publisher="Harbour", owner_group="harbour", official=False, jurisdiction="CA", language="en", kind="feed", start=starts,
        template="wordpress", home=starts[0], cadence="daily", licence="-", text_policy="excerpt", minimum=1, stale_after=14, note="",
    )


@pytest.mark.parametrize(("host", "count", "expected"), [
    # written down once: a change of these moves sources between machines that are not updated in the same minute
    # (reckoned with sha256sum: the first 16 hexadecimal digits, modulo the count, plus 1)
    ("www.canada.ca", 1, 1), ("www.canada.ca", 2, 1), ("www.canada.ca", 3, 1), ("www.canada.ca", 16, 11),
    ("www.cicnews.com", 2, 1), ("www.cicnews.com", 3, 2), ("harbour.example", 7, 4), ("127.0.0.1:8000", 5, 5),
])
def test_a_hosts_shard_is_the_same_everywhere(host, count, expected):
    assert shard_of(host, count) == expected


HOSTS = st.sampled_from([f"{name}.example" for name in ("a", "b", "c", "d", "e", "f", "g")])
FOLDERS = st.lists(st.lists(HOSTS, min_size=1, max_size=3), max_size=12).map(
    lambda all_hosts: [source(f"s{number}", *(f"https://{host}/feed" for host in hosts)) for number, hosts in enumerate(all_hosts)],
)


@given(FOLDERS, st.integers(1, 9))
def test_the_shards_hold_each_source_once_and_no_host_twice(sources, count):
    parts = [select(sources, f"{number}/{count}") for number in range(1, count + 1)]
    assert sorted(found.id for part in parts for found in part) == sorted(found.id for found in sources)
    for part in parts:
        assert [found.id for found in part] == [found.id for found in sources if found in part]  # in the order given
        elsewhere = {urlsplit(url).netloc for other in parts if other is not part for found in other for url in found.start}
        assert not elsewhere & {urlsplit(url).netloc for found in part for url in found.start}


@given(FOLDERS, st.randoms())
def test_the_order_of_the_sources_does_not_matter(sources, randomly):
    mixed = sorted(sources, key=lambda _: randomly.random())
    assert {found.id for found in select(mixed, "1/2")} == {found.id for found in select(sources, "1/2")}


def test_one_host_written_in_several_ways_is_one_host():
    sources = [
        source("a", "https://Harbour.example/feed"), source("b", "https://harbour.example:443/x"), source("c", "http://harbour.example:80/"),
        # another port is another server
        source("d", "https://harbour.example:8443/"),
    ]
    together = [{found.id for found in select(sources, f"{number}/97")} for number in range(1, 98)]
    assert {"a", "b", "c"} in together
    assert {"d"} in together


def test_hosts_are_spread_over_the_shards():
    sources = [source(f"s{number}", f"https://host-{number}.example/") for number in range(400)]
    sizes = [len(select(sources, f"{number}/4")) for number in range(1, 5)]
    assert min(sizes) > 70, sizes


@pytest.mark.parametrize(("shard", "says"), [
    ("", "write I/N"), ("1", "write I/N"), ("1/", "write I/N"), ("a/b", "write I/N"), ("1/2/3", "write I/N"), ("-1/2", "write I/N"), ("1.0/2", "write I/N"), ("\u0661/2", "write I/N"),
    ("0/2", "the numbers are 1 to 2"), ("3/2", "the numbers are 1 to 2"), ("1/0", "there can be 1 to 1000"), ("1/1001", "there can be 1 to 1000"),
])
def test_what_is_no_shard_is_refused_with_the_reason(shard, says):
    with pytest.raises(ShardError, match=says):
        select([], shard)
