"""Pages that answer 200 and are none."""

from __future__ import annotations

import pytest

from crawlers.article import PageRejected
from crawlers.challenge import SIGNS, reject_unusable
from crawlers.tree import parse_tree

STORY = "<p>" + "The province invited 64 candidates in its June draw and named the occupations. " * 40 + "</p>"


def rejection(html: str) -> str | None:
    try:
        reject_unusable(parse_tree(html))
    except PageRejected as rejected:
        return rejected.kind
    return None


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.phrase)
def test_each_sign_recognises_its_example(sign):
    head, body = (sign.example, "<p>x</p>") if sign.example.startswith("<title>") else ("", sign.example + "<p>x</p>")
    with pytest.raises(PageRejected) as rejected:
        reject_unusable(parse_tree(f"<html><head>{head}</head><body>{body}</body></html>"))
    assert (rejected.value.kind, rejected.value.detail) == (sign.kind, f"{sign.where} says: {sign.phrase}")


@pytest.mark.parametrize("sign", [sign for sign in SIGNS if sign.where != "alert"], ids=lambda sign: sign.phrase)
def test_no_sign_rejects_an_article_that_holds_its_example(sign):
    """Sites put a wall's scripts into good pages too, and articles write about walls."""
    assert rejection(f"<html><head><title>June draw</title></head><body><h1>June draw</h1>{STORY}{sign.example}</body></html>") is None


def test_signs_are_data_in_one_form():
    assert len({(sign.where, sign.phrase) for sign in SIGNS}) == len(SIGNS)
    assert {sign.kind for sign in SIGNS} == {"challenge", "gone", "empty"}
    assert all(sign.phrase == sign.phrase.lower() for sign in SIGNS)


@pytest.mark.parametrize(("html", "kind"), [
    # a wall with the site's own header and menus around it
    ("<title>Access Denied | Example</title><header>" + STORY + "</header><p>Reference #18.2</p>", "challenge"),
    # a soft 404 amid search results
    (f"<div role='alert'>The page you requested does not exist. A search was performed.</div><h1>Search</h1>{STORY}", "gone"),
    ("<h1>We couldn\u2019t find that Web page (Error 404)</h1>" + STORY, "gone"),
    # a shell for scripts
    ("<title>App</title><div id='root'></div><script>render()</script>", "empty"),
    ("<title>App</title><noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div>", "empty"),
    ("", "empty"),
    # pages that only sound like it
    ("<title>Page not found in appeal: court sides with applicant</title><h1>Page not found in appeal</h1><p>The court ruled.</p>", None),
    ("<title>Security check delays</title><h1>Security check delays grow</h1><p>Files wait for 9 months.</p>", None),
    (f"<title>Access denied</title><h1>Access denied</h1>{STORY}", None),
    ("<title>Notice</title><h1>Notice</h1><p>The pilot is closed.</p>", None),
    (f"<div role='alert'>New rules apply from May 4.</div>{STORY}", None),
])
def test_pages(html, kind):
    assert rejection(html) == kind
