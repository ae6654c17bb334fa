"""JSON APIs that list articles: where the items are and what each says is told by JMESPath expressions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jmespath
from bs4 import BeautifulSoup
from jmespath.exceptions import JMESPathError

from crawlers.article import MAX_BODY, PageRejected
from crawlers.challenge import reject_unusable
from crawlers.encoding import decode
from crawlers.listings import Link, Listing, absolute_address, stated_time
from crawlers.tree import parse_tree

if TYPE_CHECKING:
    from crawlers.article import Page
    from crawlers.source import Discovery


def read_api(page: Page, discovery: Discovery) -> Listing:
    """The items of an API's answer as links, and the next page that it names.

    `discovery.items` finds the list of items, `url`, `caption` and `published` find each item's values, `address` is
    the address to fetch with `{url}` in the place of the item's (for APIs that give the page itself as JSON), `next`
    finds the address of the next page. A value that is HTML (canada.ca's news table) gives its first link's address
    or its text.

    Raises:
        PageRejected: It is no JSON, or has no list where the items should be.
    """
    answer = _load(page)
    try:
        items = jmespath.search(discovery.items, answer)
        if not isinstance(items, list):
            raise PageRejected("parse", f"no list at {discovery.items!r} in the answer")
        links = tuple(link for item in items if (link := _read_item(page, item, discovery)))
        more = absolute_address(page.url, _value(answer, discovery.next, "href"))
    except JMESPathError as error:
        raise PageRejected("parse", f"the items can't be found: {error}"[:300]) from error
    return Listing(links, (more,) if more else ())


def _read_item(page: Page, item: Any, discovery: Discovery) -> Link | None:
    given = _value(item, discovery.url, "href")
    target = discovery.address.replace("{url}", quote(given, safe="/:?=&%#._-~")) if discovery.address and given else given
    url = absolute_address(page.url, target)
    return Link(url, _value(item, discovery.caption, ""), stated_time(_value(item, discovery.published, ""))) if url else None


def _load(page: Page) -> Any:
    if not page.body.strip():
        raise PageRejected("empty", "no bytes")
    if len(page.body) > MAX_BODY:
        raise PageRejected("parse", f"over {MAX_BODY} bytes")
    text = decode(page.body, page.content_type).text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("<"):
            reject_unusable(parse_tree(text))
        raise PageRejected("parse", f"no JSON: {error}"[:300]) from error


def _value(item: Any, expression: str, attribute: str) -> str:
    """The text or number at an expression, on one line; of HTML the first link's address, or the words."""
    found = jmespath.search(expression, item) if expression else None
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        return ""
    if "<" not in found:
        return " ".join(found.split())
    tree = BeautifulSoup(found[:10_000], "lxml")
    anchor = tree.find("a", href=True)
    return str(anchor["href"]) if attribute and anchor else " ".join(tree.get_text(" ").split())
