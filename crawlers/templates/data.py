"""Answers of APIs and data files, JSON or XML, to values; web pages in their place are told from broken data."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from crawlers.article import PageRejected, clean_text
from crawlers.blocks import read_passages
from crawlers.challenge import reject_unusable
from crawlers.templates.boilerplate import drop_elements, drop_pointers
from crawlers.tree import MAX_MARKUP, flatten, parse_tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from crawlers.article import Passage

_MOST_NAMES = 50
_DECLARES = re.compile("<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_json(text: str) -> object:
    """Return the value of a JSON text.

    Raises:
        PageRejected: As its words say where a web page came instead ("challenge", "gone", "empty"), else "parse".
    """
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        _reject_web_page(text)
        raise PageRejected("parse", f"not JSON: {error}"[:200]) from error


def parse_xml(text: str) -> Element:
    """Return the root element of an XML text without a document type.

    Raises:
        PageRejected: As `parse_json`.
    """
    if text.count("<") > MAX_MARKUP:
        raise PageRejected("parse", f"more than {MAX_MARKUP} tags")
    if _DECLARES.search(text) is not None:
        _reject_web_page(text)
        raise PageRejected("parse", "a document type; the data that we read has none")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a document type there are no entities to blow it up
    except ET.ParseError as error:
        _reject_web_page(text)
        raise PageRejected("parse", f"not XML: {error}"[:200]) from error
    if root.tag.rpartition("}")[2].lower() == "html":
        _reject_web_page(text)
        raise PageRejected("parse", "a web page in place of XML")
    return root


def read_text(value: object) -> str | None:
    """Return a value's text on one line, None for an empty one or what isn't text."""
    return (clean_text(value) or None) if isinstance(value, str) else None


def read_names(value: object, field: str) -> str | None:
    """Return the texts of one field in a list of objects, joined by commas, each once."""
    items = value[:_MOST_NAMES] if isinstance(value, list) else []
    names = [read_text(item.get(field)) for item in items if isinstance(item, dict)]
    return ", ".join(dict.fromkeys(name for name in names if name)) or None


def read_line(html: str) -> str:
    """Return the text of a short piece of HTML on one line."""
    if "<" not in html and "&" not in html:
        return clean_text(html)
    body = parse_tree(html).body
    return flatten(body) if body is not None else ""


def read_markup(html: str, boilerplate: Iterable[str] = ()) -> list[Passage]:
    """Return the passages of a piece of HTML, without the elements that CSS selectors name and without pointers.

    Raises:
        PageRejected: "parse", over the limits of a page.
    """
    body = parse_tree(html).body
    if body is None:
        return []
    drop_elements(body, boilerplate)
    drop_pointers(body)
    return read_passages(body)


def _reject_web_page(text: str) -> None:
    """Raise if the text is a web page that says that it is no article."""
    if "<" in text:
        reject_unusable(parse_tree(text))
