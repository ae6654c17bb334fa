"""International Experience Canada: IRCC's XML of the season's rounds, one element per country and category.

`<country location="Andorra" category="wh"><quota>25</quota><first>Week of January 9, 2023</first>...</country>`, with `<sub
txt="...">` for a part of a country's quota. Values are text in CDATA that may hold HTML references. Words in place of numbers
("Unlimited", "To be announced", "Not accepting applicants") stay as they are.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from crawlers.article import PageRejected, Passage, clean_text, join_cells
from crawlers.templates.dates import read_date
from crawlers.templates.draft import Draft

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TITLE = "International Experience Canada: rounds of invitations"
_CATEGORIES = {"wh": "Working Holiday", "yp": "Young Professionals", "coop": "International Co-op"}
_COLUMNS = (
    # caption, element
    ("Quota", "quota"),
    ("First round", "first"),
    ("Second round", "second"),
    ("Invitations issued", "invitations"),
    ("Candidates in the pool", "candidates"),
    ("Spots available", "spots"),
    ("Chances", "chances"),
)
_LONGEST = 500


def read(root: Element, url: str) -> Draft:
    """Read the rounds as a table: country, category and the columns of the feed.

    Raises:
        PageRejected: "parse", if there is no country in it.
    """
    rows: list[tuple[str, ...]] = [("Country", "Category", *(caption for caption, _ in _COLUMNS))]
    for country in root.iter("country"):
        code = clean_text(country.get("category", ""))
        place, category = clean_text(country.get("location", "")), _CATEGORIES.get(code, code)
        rows.append((place, category, *_read_values(country)))
        rows += [(place, f"{category}: {clean_text(part.get('txt', ''))}", *_read_values(part)) for part in country.findall("sub")]
    if len(rows) == 1:
        raise PageRejected("parse", "no country in the XML")
    season = re.search(r"20\d\d(?=[^/]{0,20}$)", url)
    return Draft(
        passages=[
            Passage("row", join_cells(cells), table=0, row=number, header=number == 0, cells=cells)
            for number, cells in enumerate(rows)
        ],
        title=f"{_TITLE} {season.group()}" if season is not None else _TITLE,
        modified=read_date(_read_value(root, "chancesdate")),
        canonical_url=url,
    )


def _read_values(element: Element) -> tuple[str, ...]:
    return tuple(_read_value(element, name) for _, name in _COLUMNS)


def _read_value(element: Element, name: str) -> str:
    return clean_text(html.unescape((element.findtext(name) or "")[:_LONGEST]))
