"""Shards: which sources each of several machines crawls.

Sources are independent of each other, except that those on one host share its patience: only one machine may ask a
host, or its delay between requests is not kept. So hosts are dealt out, and a host's sources with them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawlers.source import Source

MOST = 1000
"""Shards at most; more than there can be hosts is a typing error."""

_SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})", re.ASCII)


class ShardError(ValueError):
    """What was given names no shard; the message says what does."""


def shard_of(key: str, count: int) -> int:
    """The shard, 1 to `count`, that a host belongs to: the same on every machine and in every version of Python."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8")).digest()[:8], "big") % count + 1


def select(sources: Sequence[Source], shard: str) -> list[Source]:
    """The sources of one shard, in the order given.

    Args:
        sources: All sources, those that are not crawled included: every machine must deal out the same ones.
        shard: `I/N`: the I-th of N shards, counted from 1.

    Raises:
        ShardError: `shard` is not of that form.
    """
    number, count = read_shard(shard)
    keys = _keys(sources)
    return [source for source in sources if shard_of(keys[source.id], count) == number]


def read_shard(shard: str) -> tuple[int, int]:
    """The two numbers of `I/N`.

    Raises:
        ShardError: `shard` is not of that form.
    """
    found = _SHARD.fullmatch(shard.strip())
    if found is None:
        raise ShardError(f"{shard!r} is no shard: write I/N, such as 1/3 for the first of three.")
    number, count = int(found[1]), int(found[2])
    if not 1 <= count <= MOST:
        raise ShardError(f"{shard!r}: there can be 1 to {MOST} shards, not {count}.")
    if not 1 <= number <= count:
        raise ShardError(f"{shard!r}: of {count} shards, the numbers are 1 to {count}.")
    return number, count


def _keys(sources: Iterable[Source]) -> dict[str, str]:
    """Source id to the host that stands for it: the first by name of all hosts that its own are tied to.

    A source that begins at two hosts ties them together, and so the other sources of both.
    """
    leader: dict[str, str] = {}

    def find(host: str) -> str:
        while leader.setdefault(host, host) != host:
            host = leader[host]
        return host

    first = {}
    for source in sources:
        first[source.id], *others = _hosts(source)
        for other in others:
            low, high = sorted((find(first[source.id]), find(other)))
            leader[high] = low
    return {source_id: find(host) for source_id, host in first.items()}


def _hosts(source: Source) -> list[str]:
    """Hosts and ports of the start addresses; the ports that http and https mean anyway are left out."""
    hosts = []
    for address in source.start:
        parts = urlsplit(address)
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        hosts.append(f"{parts.hostname}" + (f":{parts.port}" if parts.port not in {None, usual} else ""))
    return hosts
