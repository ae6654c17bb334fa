"""Listings of articles: feeds, sitemaps, JSON APIs and index pages. How each is read, `crawlers.discovery` knows."""

from __future__ import annotations

from typing import ClassVar

from crawlers.spiders.base import SourceSpider


class ListingSpider(SourceSpider):
    """Fetches a listing, the further listings that it points to, and each article that they name."""

    start_role: ClassVar = "listing"
