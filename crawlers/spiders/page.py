"""Watched pages: addresses whose text changes in place, as lists of occupations or provincial draws do."""

from __future__ import annotations

from typing import ClassVar

from crawlers.spiders.base import SourceSpider


class PageSpider(SourceSpider):
    """Fetches the pages themselves; each is an article whose versions are kept."""

    start_role: ClassVar = "article"
