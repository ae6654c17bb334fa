"""Spiders, one per way of discovering pages. A spider only yields: requests, readings, failures.

`SPIDERS` maps a source's kind to its spider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.spiders.base import SourceSpider
from crawlers.spiders.listing import ListingSpider
from crawlers.spiders.page import PageSpider
from crawlers.spiders.rounds import RoundsSpider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawlers.source import Kind

SPIDERS: Mapping[Kind, type[SourceSpider]] = {
    "feed": ListingSpider, "sitemap": ListingSpider, "api": ListingSpider, "listing": ListingSpider, "page": PageSpider, "rounds": RoundsSpider,
}

__all__ = ["SPIDERS", "ListingSpider", "PageSpider", "RoundsSpider", "SourceSpider"]
