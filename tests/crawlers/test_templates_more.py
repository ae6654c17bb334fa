"""Page templates by source: pages in the form of each source, API answers and data files among them, to golden articles."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.article import Article, Page
from crawlers.templates import parse_articles

PAGES = Path(__file__).parent / "pages" / "more"
GAZETTE = "https://gazette.gc.ca/rp-pr"
IRCC = "https://www.canada.ca/content/dam/ircc/documents"
MEDIA = {"html": "text/html; charset=utf-8", "json": "application/json", "xml": "application/xml"}

CASES = {
    # page: its address
    "canada-gazette/notices": f"{GAZETTE}/p1/2026/2026-03-14/html/notice-avis-eng.html",
    "canada-gazette/commissions": f"{GAZETTE}/p1/2026/2026-09-19/html/commis-fra.html@cs7",
    "canada-gazette/regulation": f"{GAZETTE}/p2/2024/2024-11-20/html/sor-dors219-eng.html",
    "canada-ca/notice": "https://www.canada.ca/en/immigration-refugees-citizenship/news/notices/study-permit-allocations-2026.html",
    "canada-ca/service": "https://www.canada.ca/en/immigration-refugees-citizenship/services/home-care.html",
    "gov-uk/news": "https://www.gov.uk/api/content/government/news/skilled-worker-salary-floor",
    "gov-uk/guide": "https://www.gov.uk/api/content/example-talent-visa",
    "federal-register/document": "https://www.federalregister.gov/api/v1/documents/2026-19876.json",
    "federal-register/search": "https://www.federalregister.gov/api/v1/documents.json?order=newest",
    "ircc-processing-times/by-country": f"{IRCC}/json/data-ptime-en.json",
    "ircc-processing-times/by-application": f"{IRCC}/json/data-ptime-non-country-en.json",
    "iec-rounds/season": f"{IRCC}/xml/iecrounds2023.xml",
    "provincial/bc": "https://www.welcomebc.ca/immigrate-to-b-c/invitations-to-apply",
    "provincial/ab": "https://www.alberta.ca/aaip-processing-information",
    "provincial/sk": "https://www.saskatchewan.ca/residents/moving-to-saskatchewan/sinp-processing-statistics",
    "provincial/mb": "https://immigratemanitoba.com/2026/09/expression-of-interest-draw-277/",
    "provincial/ns": "https://liveinnovascotia.com/eoi-selection",
    "provincial/nb": "https://www2.gnb.ca/content/gnb/en/corporate/promo/immigration/invitations-to-apply.html",
    "provincial/pe": "https://www.princeedwardisland.ca/en/information/office-of-immigration/expression-of-interest-draws",
    "wordpress/cic-news-2023": "https://www.cicnews.com/2023/02/global-talent-stream-0233001.html",
    "wordpress/cic-news-2025": "https://www.cicnews.com/2025/11/levels-plan-1161001.html",
    "wordpress/canadim": "https://www.canadim.com/news/draw/",
    "wordpress/moving2canada": "https://moving2canada.com/news/iec-season/",
    "wordpress/immigration-news-canada": "https://immigrationnewscanada.ca/pgwp-list/",
    "wordpress/canadavisa": "https://www.canadavisa.com/news/french-speakers.html",
}


def load(name: str) -> Page:
    file = next(PAGES.glob(f"{name}.page.*"))
    return Page(CASES[name], file.read_bytes(), MEDIA[file.suffix[1:]], datetime(2026, 10, 2, tzinfo=UTC))


def read(name: str) -> tuple[Article, ...]:
    return parse_articles(load(name), name.partition("/")[0])


def describe(article: Article) -> dict[str, object]:
    """An article as golden files hold it: fields, then each block as its kind, level and text; header rows with "th"."""
    fields = ("canonical_url", "title", "published", "modified", "byline", "language", "template", "correction_note")
    blocks = []
    for block in article.blocks:
        mark = f"{'th' if block.header else 'tr'}{block.table}.{block.row}" if block.kind == "row" else f"{block.kind}{block.level or ''}"
        cells = [article.text[start:end] for start, end in block.cells]
        blocks.append([mark, *(cells or [article.text[block.start:block.end]])])
    return {**{field: getattr(article, field) for field in fields}, "blocks": blocks}


@pytest.mark.parametrize("name", CASES)
def test_page_gives_the_articles_in_its_golden_file(name):
    golden = PAGES / f"{name}.golden.json"
    found = [describe(article) for article in read(name)]
    if not golden.exists():
        text = json.dumps(found, ensure_ascii=False, indent=1)
        golden.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written: review it and run again")
    assert found == json.loads(golden.read_text(encoding="utf-8"))
