"""Pages that their publisher took back: each phrase has its example, and news of withdrawals retracts nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawlers.article import Page, Passage
from crawlers.templates import parse_page
from crawlers.templates.retraction import find_retraction, load_retractions

STORY = "<p>The stream takes up to 1,200 people this year, the province said on Monday, and the department agreed with it.</p>"


@pytest.mark.parametrize("row", load_retractions()["retraction"], ids=lambda row: row["begins"])
def test_each_phrase_is_found_in_its_example(row):
    assert row["begins"] == row["begins"].lower()
    assert find_retraction([Passage("paragraph", row["example"]), Passage("paragraph", "The rest.")]) == row["example"]


@pytest.mark.parametrize("text", load_retractions()["stands"]["examples"])
def test_what_only_looks_like_it_stands(text):
    assert find_retraction([Passage("title", text), Passage("paragraph", text)]) is None


def test_a_table_or_a_long_text_is_no_note():
    assert find_retraction([Passage("row", "Retraction: a"), Passage("paragraph", "Retraction: " + "a" * 3_000)]) is None


def read(html: str, kind: str = "generic"):
    return parse_page(Page("https://harbour.example/a", html.encode(), "text/html", datetime(2026, 8, 1, tzinfo=UTC)), kind)


@pytest.mark.parametrize("html", [
    f"<title>A stream</title><article><h1>A stream</h1><p>This article has been retracted.</p>{STORY}</article>",
    f"<title>RETRACTED: A stream</title><article><h1>RETRACTED: A stream</h1>{STORY}</article>",
])
def test_templates_hand_on_what_the_page_says(html):
    article = read(html)
    assert article.retraction_note in {"This article has been retracted.", "RETRACTED: A stream"}
    assert read(f"<title>A stream</title><article><h1>A stream</h1>{STORY}</article>").retraction_note is None


def test_a_withdrawn_page_of_the_content_api_is_taken_back():
    content = {"title": "Guidance", "base_path": "/guidance/a", "schema_name": "publication", "details": {"body": STORY},
               "withdrawn_notice": {"explanation": "<p>This guidance is wrong.</p>", "withdrawn_at": "2026-05-03T10:00:00Z"}}
    page = Page("https://www.gov.uk/api/content/guidance/a", json.dumps(content).encode(), "application/json", datetime(2026, 8, 1, tzinfo=UTC))
    assert parse_page(page, "gov-uk").retraction_note == "This guidance is wrong."
