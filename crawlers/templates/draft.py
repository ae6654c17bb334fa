"""What a template makes of a page, before the parts that all templates share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawlers.article import Passage


@dataclass(frozen=True, slots=True)
class Draft:
    """A template's reading of one article.

    Attributes:
        passages: The body without boilerplate; a heading that repeats the title may lead it.
        title: The headline.
        published: ISO date or datetime.
        modified: ISO date or datetime.
        byline: Who signs.
        correction_note: The publisher's words.
        retraction_note: The publisher's words where the page's data say that it was taken back.
        site_names: Names of sites that may end a title, beside those the page states.
        canonical_url: The article's own address where it isn't the page's: one of several on a page, or the page for
            people that an API's answer speaks of.
        language: Two-letter code where the template knows it.
    """

    passages: list[Passage]
    title: str | None = None
    published: str | None = None
    modified: str | None = None
    byline: str | None = None
    correction_note: str | None = None
    retraction_note: str | None = None
    site_names: tuple[str, ...] = ()
    canonical_url: str | None = None
    language: str | None = None
