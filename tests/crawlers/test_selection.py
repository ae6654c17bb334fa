"""The index of a page's elements: the same answers as the CSS engine's, for each selector that templates use."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers import challenge
from crawlers.selection import Index
from crawlers.templates import canada_ca, canada_gazette, gov_uk, provincial, wordpress
from crawlers.tree import hide, index_of, parse_tree

PAGES = Path(__file__).parent / "pages"
MODULES = (challenge, canada_ca, canada_gazette, gov_uk, provincial, wordpress)
SELECTORS = sorted({
    selector
    for module in MODULES for name, value in vars(module).items()
    if name in {"_TITLES", "_CONTAINERS", "_BYLINES", "_NOTES", "_BOILERPLATE", "_DATES_MODIFIED", "_ALERTS"}
    for selector in value
} | {
    "link[rel~=canonical]", "main p", 'a[title="x > y"]', "p:not(.a)", "p:first-child", "ul > li a", ".a.b", "H1",
})
TREE = """<html><head><link rel="canonical nofollow" href="/x"></head><body><main role="main"><h1 id="wb-cont" property="name headline">T</h1>
<div class="a b a"><p class="a">1 <a title="x > y" rel="tag">2</a></p><p>3</p><ul><li><a>4</a></li></ul></div></main><footer class=""><p id="">5</p></footer></body></html>"""


@pytest.mark.parametrize("selector", SELECTORS)
def test_same_elements_as_the_css_engine(selector):
    pages = [TREE, *(file.read_text(encoding="utf-8", errors="replace") for file in sorted(PAGES.rglob("*.html")))]
    for html in pages:
        soup = parse_tree(html)
        assert [id(tag) for tag in index_of(soup).find(selector)] == [id(tag) for tag in soup.select(selector)]
        root = soup.find("main") or soup.body
        assert [id(tag) for tag in index_of(root).find(selector, root)] == [id(tag) for tag in root.select(selector)]


def test_index_is_built_once_and_knows_what_is_hidden_later():
    soup = parse_tree(TREE)
    first = index_of(soup)
    hide(soup.find("p"))
    assert index_of(soup.find("a")) is first
    assert [tag.get_text() for tag in first.named("p", "h1")] == ["1 2", "3", "5", "T"]


def test_element_outside_of_a_page_has_an_index_of_its_own():
    part = parse_tree(TREE).find("div").extract()
    assert [tag.get_text() for tag in index_of(part).find("p")] == ["1 2", "3"]


def test_below_is_within_and_not_beside_or_itself():
    soup = parse_tree(TREE)
    index = Index(soup)
    main, footer, link = soup.find("main"), soup.find("footer"), soup.find("a")
    assert [index.is_below(link, root) for root in (soup, soup.body, main, link, footer)] == [True, True, True, False, False]
