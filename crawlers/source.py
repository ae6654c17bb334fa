"""Sources: what Landed watches, each declared in one TOML file.

A source's file says who publishes it, how its pages are discovered, which page template reads them, how often it is
crawled and what a healthy crawl yields. `load_sources` reads a folder of them and checks each field, so that a typing
error is named with its file and field before anything is fetched.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from crawlers.draw_tables import FIELDS, Dates, DrawTables, Layout, Series
from crawlers.templates import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Kind = Literal["feed", "sitemap", "api", "listing", "page", "rounds"]
Cadence = Literal["hourly", "daily", "weekly", "monthly"]
TextPolicy = Literal["full", "excerpt", "metadata"]
Network = Literal["internet", "loopback"]

CADENCE_HOURS: Mapping[Cadence, int] = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 30 * 24}


class SourceError(ValueError):
    """A source's file can't be used; the message names the file, the field and what to do."""


@dataclass(frozen=True)
class Discovery:
    """The `[discovery]` table of a source's file: how its listing names its articles.

    Attributes:
        include: Regular expressions, one of which an article's address must match; all do where there is none.
        exclude: Regular expressions, none of which it may match.
        about: Likewise of its title in the listing: one of these must match, where there are any.
        not_about: None of these may match its title.
        pages: Listing pages that are read at most, the first included.
        since_days: Of a sitemap, only entries changed in so many days.
        links: Of an index page, the CSS selector of the articles' links. A feed may have it too: its entries are then
            index pages themselves (the issues of a gazette), and the articles are what they link to.
        next: Of an index page, the CSS selector of the link to the next one; of an API, the JMESPath of its address.
        items: Of an API, the JMESPath of its list of items.
        url: Of an API, the JMESPath of an item's address.
        caption: Likewise of its title.
        published: Likewise of its date.
        address: Of an API, the address to fetch for an item, with `{url}` where the item's goes; empty for the item's.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    not_about: tuple[str, ...] = ()
    pages: int = 1
    since_days: int | None = None
    links: str = ""
    next: str = ""
    items: str = ""
    url: str = ""
    caption: str = ""
    published: str = ""
    address: str = ""


@dataclass(frozen=True)
class Source:
    """A source as its TOML file declares it.

    Attributes:
        id: Permanent name, equal to the file's name without `.toml`.
        name: Name for people.
        publisher: Who publishes it.
        owner_group: Shared by publishers of one owner, who count once as support of a fact.
        official: Whether an authority publishes it.
        jurisdiction: ISO 3166 code of the jurisdiction that it mostly reports on.
        language: BCP 47 code of its main language.
        kind: How its pages are discovered: `feed` (RSS or Atom), `sitemap`, `api` (JSON), `listing` (an HTML page of
            links), `page` (watched pages), `rounds` (the Express Entry JSON).
        start: Addresses to begin with, http or https.
        template: Page template that reads its articles; empty for rounds.
        home: Address of its home page.
        cadence: How often it is crawled.
        licence: Licence or terms of its texts, in words.
        text_policy: What may be published of its texts.
        minimum: Pages due in each crawl; fewer is a fault.
        stale_after: Days without a new article after which it counts as stale.
        note: Runbook: quirks, and what was verified on the live site.
        enabled: False keeps it out of crawls.
        delay: Seconds between two requests.
        network: `loopback` only for the demo; all else may never reach private or loopback addresses.
        discovery: How its listing names its articles, where the kind alone doesn't say it.
        fill: Share of the articles of a crawl, 0 to 1, that must have a `published`, `modified` or `byline`; fewer is
            a fault, since it means that the page's markup changed.
        draws: Of an official page, how its tables hold draws; None where they don't.
    """

    id: str
    name: str
    publisher: str
    owner_group: str
    official: bool
    jurisdiction: str
    language: str
    kind: Kind
    start: tuple[str, ...]
    template: str
    home: str
    cadence: Cadence
    licence: str
    text_policy: TextPolicy
    minimum: int
    stale_after: int
    note: str
    enabled: bool = True
    delay: float = 1.0
    network: Network = "internet"
    discovery: Discovery = Discovery()
    fill: Mapping[str, float] = field(default_factory=dict)
    draws: DrawTables | None = None

    @property
    def host(self) -> str:
        """Host and port of the first start address; sources that share it are crawled one after the other."""
        return urlsplit(self.start[0]).netloc


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": get_args(Kind),
    "cadence": get_args(Cadence),
    "text_policy": get_args(TextPolicy),
    "network": get_args(Network),
}
_TYPES: Mapping[str, type | tuple[type, ...]] = {"official": bool, "enabled": bool, "minimum": int, "stale_after": int, "delay": (int, float)}
_RANGES: Mapping[str, tuple[int, int]] = {"minimum": (0, 10_000), "stale_after": (1, 36_525), "delay": (0, 3_600)}
_OPTIONAL = {"template", "enabled", "delay", "network", "discovery", "fill", "draws"}


def load_sources(folder: Path, addresses: Mapping[str, str] | None = None) -> tuple[list[Source], list[SourceError]]:
    """All sources of a folder, sorted by id, and an error for each file that can't be used: one never stops the others.

    Args:
        folder: Folder of TOML files, one source each.
        addresses: What `@name@` stands for in start and home addresses (the demo's hosts have no fixed ports).

    Raises:
        SourceError: There is no file at all.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise SourceError(f"{folder}: no source files (*.toml) here. Name a folder of sources with --sources.")
    sources, errors = [], []
    for file in files:
        try:
            sources.append(load_source(file, addresses or {}))
        except SourceError as error:
            errors.append(error)
    return sources, errors


def load_source(file: Path, addresses: Mapping[str, str]) -> Source:
    """One source from its file.

    Raises:
        SourceError: The file can't be read, or a field is missing, unknown or wrong.
    """
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{file}: not a readable TOML file: {error}") from error
    known = {known.name for known in fields(Source)}
    if unknown := sorted(given.keys() - known):
        raise SourceError(f"{file}: unknown field {unknown[0]!r}; the fields are {', '.join(sorted(known))}.")
    if missing := sorted(known - given.keys() - _OPTIONAL):
        raise SourceError(f"{file}: field {missing[0]!r} is missing.")
    given.setdefault("template", "")
    given["discovery"] = _read_discovery(file, given.get("kind"), given.pop("discovery", {}))
    given["fill"] = _read_fill(file, given.pop("fill", {}))
    given["draws"] = _read_draws(file, given, given.pop("draws", None))
    _check_types(file, given)
    given["start"] = tuple(_expand(file, "start", address, addresses) for address in given["start"])
    given["home"] = _expand(file, "home", given["home"], addresses)
    if given["id"] != file.stem:
        raise SourceError(f"{file}: id is {given['id']!r}, but the file is called {file.stem!r}; make them equal.")
    if given["kind"] != "rounds" and given["template"] not in TEMPLATES:
        raise SourceError(f"{file}: template is {given['template']!r}; it must be one of {', '.join(sorted(TEMPLATES))}.")
    return Source(**given)


_PATTERNS = frozenset({"include", "exclude", "about", "not_about"})
_NEEDS: Mapping[str, tuple[str, ...]] = {"listing": ("links",), "api": ("items", "url")}
"""Fields of `[discovery]` without which a kind can't work."""


def _read_discovery(file: Path, kind: object, given: Any) -> Discovery:
    if not isinstance(given, dict):
        raise SourceError(f"{file}: discovery must be a table: [discovery].")
    known = {known.name for known in fields(Discovery)}
    for name, value in given.items():
        if name not in known:
            raise SourceError(f"{file}: unknown field {name!r} in [discovery]; the fields are {', '.join(sorted(known))}.")
        wanted: type = int if name in {"pages", "since_days"} else list if name in _PATTERNS else str
        if not isinstance(value, wanted) or isinstance(value, bool) or (isinstance(value, int) and not 1 <= value <= 10_000):
            raise SourceError(f"{file}: {name} in [discovery] is {value!r}; that is not the value it needs.")
        if isinstance(value, list):
            for pattern in value:
                _check_pattern(file, name, pattern)
    if missing := [name for name in _NEEDS.get(str(kind), ()) if not given.get(name)]:
        raise SourceError(f"{file}: a source of kind {kind!r} needs {missing[0]!r} in [discovery].")
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return Discovery(**values)


def _check_pattern(file: Path, name: str, pattern: object) -> None:
    try:
        re.compile(str(pattern))
    except re.error as error:
        raise SourceError(f"{file}: {name} in [discovery]: {pattern!r} is no regular expression: {error}.") from error


def _read_fill(file: Path, given: object) -> Mapping[str, float]:
    if not isinstance(given, dict) or not given.keys() <= {"published", "modified", "byline"}:
        raise SourceError(f"{file}: fill must be a table of shares for published, modified or byline.")
    for name, share in given.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise SourceError(f"{file}: fill.{name} is {share!r}; it must be a share from 0 to 1.")
    return given


def _read_draws(file: Path, source: Mapping[str, Any], given: object) -> DrawTables | None:
    """The `[draws]` table, see `crawlers.draw_tables.DrawTables`."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise SourceError(f"{file}: draws must be a table: [draws].")
    known = {known.name for known in fields(DrawTables)}
    if unknown := sorted(given.keys() - known):
        raise SourceError(f"{file}: unknown field {unknown[0]!r} in [draws]; the fields are {', '.join(sorted(known))}.")
    if missing := sorted({"system", "columns"} - given.keys()):
        raise SourceError(f"{file}: {missing[0]} is missing in [draws].")
    if source.get("kind") != "page" or source.get("official") is not True or source.get("language") == "fr":
        raise SourceError(f"{file}: only an official source of kind 'page' that isn't the French twin of another can have [draws].")
    columns, streams = given["columns"], given.get("streams", {})
    if not isinstance(columns, dict) or not columns.keys() <= set(FIELDS) or "date" not in columns or not all(_is_words(names) for names in columns.values()):
        raise SourceError(f"{file}: columns in [draws] must give lists of headers for {', '.join(FIELDS)}; date is needed.")
    if not isinstance(streams, dict) or not all(isinstance(pathway, str) for pathway in streams.values()):
        raise SourceError(f"{file}: streams in [draws] must give a pathway id for each name.")
    for name, allowed in (("layout", get_args(Layout)), ("dates", get_args(Dates))):
        if given.get(name, allowed[0]) not in allowed:
            raise SourceError(f"{file}: {name} in [draws] is {given[name]!r}; it must be one of {', '.join(allowed)}.")
    for name in ("system", "name"):
        if not isinstance(given.get(name, ""), str):
            raise SourceError(f"{file}: {name} in [draws] is {given[name]!r}; that is not the value it needs.")
    return DrawTables(**(given | {"columns": {field: tuple(names) for field, names in columns.items()}, "series": _read_series(file, given.get("series", []))}))


def _read_series(file: Path, given: object) -> tuple[Series, ...]:
    series = []
    for one in given if isinstance(given, list) else [None]:
        if not isinstance(one, dict) or not {"name", "invitations"} <= one.keys() <= {"name", "invitations", "score"} \
                or not isinstance(one["name"], str) or not _is_words(one["invitations"]) or not _is_words(one.get("score", ["-"])):
            raise SourceError(f"{file}: each of [[draws.series]] must have a name and a list of headers for its invitations, and may have one for its score.")
        series.append(Series(one["name"], tuple(one["invitations"]), tuple(one.get("score", ()))))
    return tuple(series)


def _is_words(given: object) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(name, str) and name.strip() for name in given)


def _check_types(file: Path, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if name in {"discovery", "fill", "draws"}:
            continue
        wanted = _TYPES.get(name, str)
        if name == "start":
            if not (isinstance(value, list) and value and all(isinstance(item, str) for item in value)):
                raise SourceError(f"{file}: start must be a list of at least one address.")
        elif not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise SourceError(f"{file}: {name} is {value!r}; that is not the type it needs.")
        elif isinstance(value, str) and not value.strip() and name not in {"template", "note"}:
            raise SourceError(f"{file}: {name} is empty.")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise SourceError(f"{file}: {name} is {value!r}; it must be one of {', '.join(_CHOICES[name])}.")
    for name, (least, most) in _RANGES.items():
        if not least <= given.get(name, least) <= most:
            raise SourceError(f"{file}: {name} is {given[name]}; it must be from {least} to {most}.")


def _expand(file: Path, field: str, address: str, addresses: Mapping[str, str]) -> str:
    for name, base in addresses.items():
        address = address.replace(f"@{name}@", base)
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise SourceError(f"{file}: {field} {address!r} is no address: {error}.") from error
    if "@" in parts.netloc or address.startswith("@"):
        raise SourceError(f"{file}: {field} {address!r} names a demo host (@name@), but no --address was given for it.")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SourceError(f"{file}: {field} {address!r} is no http or https address.")
    return address
