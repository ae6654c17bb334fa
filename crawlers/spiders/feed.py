"""Feeds: RSS or Atom listings of articles."""

from __future__ import annotations

from typing import ClassVar

from crawlers.spiders.base import SourceSpider


class FeedSpider(SourceSpider):
    """Fetches a feed and each article that it lists."""

    start_role: ClassVar = "listing"
