"""Official rounds: the Express Entry rounds of invitations, published as one JSON file."""

from __future__ import annotations

from typing import ClassVar

from crawlers.spiders.base import SourceSpider


class RoundsSpider(SourceSpider):
    """Fetches the file that holds all rounds."""

    start_role: ClassVar = "rounds"
