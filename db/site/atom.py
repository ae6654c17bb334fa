"""Atom feeds (RFC 4287), written with lxml: whatever a text holds, it stays text.

Titles and contents have the type `text`, so that readers show a tag in them as it is written. Ids are tag URIs
(RFC 4151) of the site's host and the row's permanent id: they outlive a change of paths, ports or from http to https.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from lxml import etree

from db.site.wording import show

NAMESPACE = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
TITLE_LENGTH = 240  # characters
CONTENT_LENGTH = 4000

# What XML 1.0 can't hold and `show` leaves in place: halves of surrogate pairs and the two noncharacters.
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True)
class Entry:
    """One entry of a feed.

    Attributes:
        key: What names it for good, as `facts/events/ev-ca-ee-430`; becomes part of its id.
        title: Its title.
        updated: When it last changed, RFC 3339 with a time zone.
        link: Absolute address of its page.
        content: What it says, as plain text.
        published: When it was first known, RFC 3339; "" where that isn't on record.
        categories: Terms by which readers can filter.
    """

    key: str
    title: str
    updated: str
    link: str
    content: str
    published: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """A feed without its entries; `address` is that of the feed itself, `page` that of what it is a feed of."""

    key: str
    title: str
    subtitle: str
    address: str
    page: str
    updated: str
    rights: str


def name_authority(address: str) -> str:
    """The host of `address` without its port; "localhost" where it has none that could be a name."""
    host = urlsplit(address).hostname or ""
    return host if _HOST.fullmatch(host) else "localhost"


def make_tag(address: str, key: str) -> str:
    """A tag URI for `key` at the host of `address`, as `tag:landed.example,2026:facts/events/ev-ca-ee-430`."""
    return f"tag:{name_authority(address)},2026:{quote(say_plainly(key, 2000), safe='/,-._~')}"


def say_plainly(text: object, length: int) -> str:
    """`text` as XML can hold it, without invisible controls, cut to `length` characters."""
    clean = _NO_XML.sub("\ufffd", show(text))
    return clean if len(clean) <= length else clean[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def write_feed(feed: Feed, entries: list[Entry]) -> bytes:
    """The feed as an XML document in UTF-8; of entries with one id only the first is written."""
    root = etree.Element(f"{{{NAMESPACE}}}feed", nsmap={None: NAMESPACE})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    _add(root, "id", make_tag(feed.address, feed.key))
    _add(root, "title", say_plainly(feed.title, TITLE_LENGTH), type="text")
    _add(root, "subtitle", say_plainly(feed.subtitle, CONTENT_LENGTH), type="text")
    _add(root, "updated", max((entry.updated for entry in entries), default=feed.updated))
    _add(_add(root, "author"), "name", "Landed")
    _add(root, "link", rel="self", type="application/atom+xml", href=_spell_address(feed.address))
    _add(root, "link", rel="alternate", type="text/html", href=_spell_address(feed.page))
    _add(root, "rights", say_plainly(feed.rights, TITLE_LENGTH), type="text")
    _add(root, "generator", "Landed")
    written = set()
    for entry in entries:
        identity = make_tag(feed.address, entry.key)
        if identity not in written:
            written.add(identity)
            _write_entry(root, entry, identity)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _write_entry(root: etree._Element, entry: Entry, identity: str) -> None:
    parent = _add(root, "entry")
    _add(parent, "id", identity)
    _add(parent, "title", say_plainly(entry.title, TITLE_LENGTH) or "Without a title", type="text")
    _add(parent, "updated", entry.updated)
    if entry.published:
        _add(parent, "published", entry.published)
    _add(parent, "link", rel="alternate", type="text/html", href=_spell_address(entry.link))
    for term in entry.categories:
        _add(parent, "category", term=say_plainly(term, TITLE_LENGTH))
    _add(parent, "content", say_plainly(entry.content, CONTENT_LENGTH), type="text")


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    if text:
        child.text = text
    return child


def _spell_address(address: str) -> str:
    """An address with nothing in it that an IRI can't have (RFC 3987); what is quoted already stays."""
    return quote(say_plainly(address, 8000), safe="%/:?#[]@!$&'()*+,;=-._~")


_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?![\d-])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def spell_moment(text: object, latest: str) -> str:
    """A date or time of the database with a time zone, as RFC 3339 has it: a day is its beginning in UTC.

    What is no date, or lies after `latest` (the time of publication), becomes `latest`.
    """
    said = str(text or "")
    found = _DAY.match(said)
    if _MOMENT.fullmatch(said):
        moment = said
    elif found and "01" <= (found[2] or "01") <= "12" and "01" <= (found[3] or "01") <= "31":
        moment = f"{found[1]}-{found[2] or '01'}-{found[3] or '01'}T00:00:00Z"
    else:
        return latest
    return min(moment, latest)
