"""The demo's story: what a crawl of the demo site has to find, so that the demo can say so and tests can check it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

STORY = Path(__file__).parent / "STORY.toml"
SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True)
class Fault:
    """A fault that a source's crawl has to report: its kind, the address it happens at, and why."""

    source: str
    kind: str
    url: str
    why: str


@dataclass(frozen=True)
class Correction:
    """A figure that an article gets wrong in phase 1 and corrects in phase 2; `draw` and `field` name the official one."""

    source: str
    url: str
    pathway: str
    attribute: str
    period: str
    draw: str
    field: str
    before: int
    after: int


@dataclass(frozen=True)
class Syndicated:
    """Addresses of an article and of its copy at another outlet."""

    original: str
    copy: str


@dataclass(frozen=True)
class Report:
    """What one outlet's article says."""

    source: str
    url: str
    value: int


@dataclass(frozen=True)
class Disagreement:
    """Two articles that give different figures for one official draw."""

    pathway: str
    attribute: str
    period: str
    draw: str
    field: str
    official: int
    right: Report
    wrong: Report


@dataclass(frozen=True)
class Broken:
    """An article in broken HTML that names one encoding and is written in another."""

    source: str
    url: str
    says: str
    really: str


@dataclass(frozen=True)
class Story:
    """All of it. `pages` holds the addresses of the pages due from each source, by the source's id."""

    pages: Mapping[str, tuple[str, ...]]
    faults: tuple[Fault, ...]
    correction: Correction
    syndicated: Syndicated
    disagreement: Disagreement
    broken: Broken


def read_story(addresses: Mapping[str, str]) -> Story:
    """The story, with the hosts' addresses in place of `@newsroom@` and its like (see `DemoSite.addresses`)."""
    text = re.sub(r"@([a-z]+)@", lambda match: addresses.get(match[1], match[0]), STORY.read_text(encoding="utf-8"))
    given: dict[str, Any] = tomllib.loads(text)
    clash = given["disagreement"]
    return Story(
        pages={source: tuple(urls) for source, urls in given["pages"].items()},
        faults=tuple(Fault(**fault) for fault in given["faults"]),
        correction=Correction(**given["correction"]),
        syndicated=Syndicated(**given["syndicated"]),
        disagreement=Disagreement(**{**clash, "right": Report(**clash["right"]), "wrong": Report(**clash["wrong"])}),
        broken=Broken(**given["broken"]),
    )
