"""What RFC 4287 asks of an Atom feed, as a list of the faults that a document has.

The rules are those of sections 3 and 4 (with RFC 3339 for times and RFC 4151 for tag URIs): which elements an element
holds and how often, what their attributes and texts are. Extensions are faults here: our feeds have none.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"

# By element of a container: how often it must and may stand there (4.1.1, 4.1.2, 3.2).
FEED = {
    "author": (0, None), "category": (0, None), "contributor": (0, None), "generator": (0, 1), "icon": (0, 1), "id": (1, 1), "link": (0, None), "logo": (0, 1), "rights": (0, 1),
    "subtitle": (0, 1), "title": (1, 1), "updated": (1, 1), "entry": (0, None),
}
ENTRY = {
    "author": (0, None), "category": (0, None), "content": (0, 1), "contributor": (0, None), "id": (1, 1), "link": (0, None), "published": (0, 1), "rights": (0, 1), "source": (0, 1),
    "summary": (0, 1), "title": (1, 1), "updated": (1, 1),
}
PERSON = {"name": (1, 1), "uri": (0, 1), "email": (0, 1)}
COMMON = {f"{XML}base", f"{XML}lang"}
ATTRIBUTES = {
    "link": {"href", "rel", "type", "hreflang", "title", "length"}, "category": {"term", "scheme", "label"}, "content": {"type", "src"}, "generator": {"uri", "version"},
    "title": {"type"}, "subtitle": {"type"}, "rights": {"type"}, "summary": {"type"},
}
TEXTS = {"title", "subtitle", "rights", "summary", "content"}
# 3.3 with RFC 3339: T and Z are capitals, and a zone is always given.
MOMENT = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)")
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(;.*)?")
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*")
NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")


def find_faults(document: bytes) -> list[str]:
    """The faults of an Atom document; [] for a valid one."""
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        return [f"not XML: {error}"]
    if root.tag != f"{ATOM}feed":
        return [f"the root is {root.tag}"]
    if root.getroottree().docinfo.doctype:
        return ["a document type"]
    faults = list(_check_container(root, "feed", FEED))
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        faults += _check_container(entry, "entry", ENTRY)
        faults += _check_entry(entry)
    # 4.1.1: an author for the feed, or for each of its entries.
    if root.find(f"{ATOM}author") is None and not all(entry.find(f"{ATOM}author") is not None for entry in entries):
        faults.append("nobody is the author")
    # 4.1.1: entries of one id differ in their time of change; a feed should name its own address.
    versions = Counter((entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")) for entry in entries)
    faults += [f"{number} entries are {version}" for version, number in versions.items() if number > 1]
    if [link.get("rel") for link in root.findall(f"{ATOM}link")].count("self") != 1:
        faults.append("the feed doesn't say where it is")
    if (root.findtext(f"{ATOM}updated") or "") < max((entry.findtext(f"{ATOM}updated") or "" for entry in entries), default=""):
        faults.append("the feed is older than an entry")
    return faults


def _check_entry(entry: etree._Element):
    content, alternates = entry.find(f"{ATOM}content"), [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    if content is None and not alternates:
        yield "an entry with neither content nor a page"  # 4.1.2
    if content is not None and content.get("src") and entry.find(f"{ATOM}summary") is None:
        yield "content elsewhere, and no summary"


def _check_container(element: etree._Element, name: str, allowed: dict):
    yield from _check_attributes(element, name)
    counted = Counter(child.tag for child in element)
    for tag in counted:
        if not isinstance(tag, str) or tag.removeprefix(ATOM) not in allowed or not tag.startswith(ATOM):
            yield f"{tag} in {name}"
    for child, (least, most) in allowed.items():
        if not least <= counted[ATOM + child] <= (most or counted[ATOM + child]):
            yield f"{counted[ATOM + child]} times {child} in {name}"
    # 4.1.1, 4.1.2: one alternate page at most of each type and language.
    pages = Counter((link.get("type"), link.get("hreflang")) for link in element.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate")
    if any(number > 1 for number in pages.values()):
        yield f"two alternate pages of one type in {name}"
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        yield f"loose text in {name}"
    for child in element:
        yield from _check_child(child, str(child.tag).removeprefix(ATOM))


def _check_child(child: etree._Element, name: str):
    text = child.text or ""
    if name in {"author", "contributor"}:
        yield from _check_container(child, name, PERSON)
        return
    if name in {"entry", "source"}:
        return
    yield from _check_attributes(child, name)
    if name in TEXTS:
        kind = child.get("type", "text")
        if kind not in {"text", "html", "xhtml"} and not (name == "content" and MEDIA_TYPE.fullmatch(kind)):
            yield f"{name} of type {kind}"
        if kind in {"text", "html"} and len(child):
            yield f"markup in {name}"  # 3.1.1.1, 3.1.1.2: escaped text only
        if name == "title" and not text.strip():
            yield "an empty title"
    elif len(child):
        yield f"elements in {name}"
    if name in {"updated", "published"} and not MOMENT.fullmatch(text):
        yield f"{name} is {text!r}"
    if name in {"id", "icon", "logo", "uri"}:
        yield from _check_iri(text, name)
    if name == "id" and text.startswith("tag:") and not TAG.fullmatch(text):
        yield f"not a tag URI: {text!r}"
    if name == "link":
        yield from _check_iri(child.get("href") or "", "href")
        if child.get("type") and not MEDIA_TYPE.fullmatch(child.get("type")):
            yield f"a link of type {child.get('type')!r}"
        if text.strip():
            yield "text in a link"
    if name == "category" and not child.get("term"):
        yield "a category without a term"


def _check_attributes(element: etree._Element, name: str):
    for attribute in element.attrib:
        if attribute not in COMMON | ATTRIBUTES.get(name, set()):
            yield f"{attribute} of {name}"


def _check_iri(text: str, name: str):
    if not urlsplit(text).scheme or NO_IRI.search(text):
        yield f"{name} is {text[:200]!r}"
