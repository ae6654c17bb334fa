"""IRCC's processing times: JSON files by country (data-ptime-en.json) and by kind of application (data-ptime-non-country-en.json).

`{"study": {"AF": "9 weeks", ..., "lastupdated": "January 25, 2023"}, "refugees_private": {"AF": {"sponsor": ..., "refugee":
...}}, "default-update": {"lastupdated": ...}}`. "No processing time available" and "Not enough data" are answers and stay.
The names of countries are those of data-country-name-en.json beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.article import PageRejected, Passage, join_cells
from crawlers.templates.countries import COUNTRIES
from crawlers.templates.data import read_text
from crawlers.templates.dates import read_date
from crawlers.templates.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

_TITLE = "Processing times for immigration and citizenship applications"
_UPDATED = "lastupdated"
_DEEPEST = 3
_MOST_ROWS = 15_000

_CATEGORIES = {
    "visitor-outside-canada": "Visitor visa from outside Canada",
    "visitor-inside-canada": "Visitor visa from inside Canada",
    "visitor_extension": "Visitor extension",
    "supervisa": "Super visa",
    "study": "Study permit",
    "study_permit_outside": "Study permit from outside Canada",
    "study_extension": "Study permit extension",
    "work": "Work permit",
    "work_extension_new_employer": "Work permit extension or new employer",
    "iec": "International Experience Canada",
    "eta": "Electronic travel authorization",
    "sawp": "Seasonal Agricultural Worker Program",
    "child_dependent": "Dependent child",
    "child_adopted": "Adopted child",
    "spouse_can": "Spouse or partner in Canada",
    "spouse_int": "Spouse or partner outside Canada",
    "parent_grandparent_forward": "Parents and grandparents",
    "refugees_gov": "Government-assisted refugees",
    "refugees_private": "Privately sponsored refugees",
    "refugees_protected_back": "Protected persons",
    "humanitarian_compassionate_back": "Humanitarian and compassionate cases",
    "atlantic_immigration": "Atlantic Immigration Program",
    "cec": "Canadian Experience Class",
    "fed_skilled_workers": "Federal Skilled Worker Program",
    "fed_skilled_trades": "Federal Skilled Trades Program",
    "provincial_nominees_back": "Provincial Nominee Program",
    "quebec_business": "Quebec business class",
    "skilled_workers_quebec": "Quebec-selected skilled workers",
    "self_employed_federal": "Self-Employed Persons Program",
    "startup_back": "Start-Up Visa",
    "caregivers": "Caregivers",
    "pr_card": "Permanent resident card",
    "rep_documents": "Replacement and amendment of documents",
}
"""The file's categories in words; one that isn't here stands as the file has it."""


def read(content: object, url: str) -> Draft:
    """Read a file as one table per category, each row whole: category, country or kind of application, time.

    Raises:
        PageRejected: "parse" for a JSON text of another form.
    """
    if not isinstance(content, dict):
        raise PageRejected("parse", "not an object")
    passages: list[Passage] = []
    dates: set[str] = set()
    table = 0
    for category, times in content.items():
        if not isinstance(times, dict):
            raise PageRejected("parse", f"no times under {category[:100]!r}")
        dates.update(date for date in [read_date(read_text(times.get(_UPDATED)) or "")] if date)
        rows = [(_name(category), _place(category, path), time) for path, time in _walk(times, ())]
        if not rows:
            continue
        by_country = sum(key in COUNTRIES for key in times) * 2 > len(times.keys() - {_UPDATED})
        header = ("Category", "Country" if by_country else "Application", "Processing time")
        passages.append(Passage("heading", _name(category), level=2))
        passages += [
            Passage("row", join_cells(cells), table=table, row=number, header=number == 0, cells=cells)
            for number, cells in enumerate([header, *rows])
        ]
        table += 1
        if len(passages) > _MOST_ROWS:
            raise PageRejected("parse", f"more than {_MOST_ROWS} rows")
    if not passages or not dates:
        raise PageRejected("parse", "no processing times with the day of their last update")
    return Draft(passages=passages, title=_TITLE, modified=max(dates, default=None), canonical_url=url)


def _walk(times: dict[str, object], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each time with the keys that lead to it."""
    for key, value in times.items():
        if isinstance(value, dict) and len(path) < _DEEPEST:
            yield from _walk(value, (*path, key))
        elif key != _UPDATED and isinstance(value, str):
            text = read_text(value)
            if text:
                yield (*path, key), text


def _name(category: str) -> str:
    return _CATEGORIES.get(category, _as_words(category))


def _place(category: str, path: tuple[str, ...]) -> str:
    """Return the country and what else leads to a time, "Syria: sponsor"; nothing where it only repeats the category."""
    return ": ".join(COUNTRIES.get(key, _as_words(key)) for key in path if key != category)


def _as_words(key: str) -> str:
    return " ".join(key[:200].replace("_", " ").replace("-", " ").split())
