"""Rows of any table or query as entries of a feed, or as days of a calendar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from datasette.utils import tilde_encode

from db.metadata import DATABASE
from db.site.atom import Entry, say_plainly, spell_moment
from db.site.calendars import Day, read_days
from db.site.wording import say_fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from db.site.pages.rows import Row

ENTRIES = 100
DAYS = 1000

# The column that names a row, by the table whose page it leads to; the first that a row has counts.
IDENTITIES = {
    "event_id": "events", "fact_id": "facts", "new_fact_id": "facts", "article_id": "articles", "draw_id": "draws", "pathway_id": "pathways",
    "noc_code": "occupations", "source_id": "sources",
}  # fmt: skip
# When a row was last changed, the surest first.
MOMENTS = (
    "changed_at", "corrected_at", "recorded_at", "at", "reviewed_at", "seen_at", "released_at", "last_crawl_at", "published", "last_published", "first_reported",
    "draw_date", "last_draw",
)  # fmt: skip
DATES = ("event_date", "value_date", "draw_date", "effective_date", "day")
_NAMES = ("pathway", "event", "title", "what", "article", "occupation", "category", "source", "name", "change")
_OF_A_KEY = re.compile(r".*_id|noc_\w+|value|period|scope|unit|year|month|kind|place|version_no|name")


def can_tell(columns: Sequence[str]) -> bool:
    """Whether rows with these columns make entries of a feed that can be told apart and put in order."""
    return any(name in columns for name in IDENTITIES) and any(name in columns for name in MOMENTS)


def can_date(columns: Sequence[str]) -> bool:
    """Whether rows with these columns make days of a calendar."""
    return any(name in columns for name in IDENTITIES) and any(name in columns for name in DATES)


def tell_rows(place: str, key: Sequence[str], rows: Iterable[Any], address_of: Callable[[str, str], str], page: str, published_at: str) -> list[Entry]:
    """Entries for rows.

    Args:
        place: The table or query that gave the rows.
        key: Names of the table's primary key; () for a view or query, whose rows are told apart by all their ids.
        rows: The rows, with names.
        address_of: Gives the address of the page of a table's row.
        page: Address of the table or query, to which rows without a page of their own lead.
        published_at: When the database was built.
    """
    entries = []
    for row in _first(rows, ENTRIES):
        moment = next((row[name] for name in MOMENTS if row.get(name)), None)
        entries.append(Entry(
            key=_key(place, key, row), title=_title(row), updated=spell_moment(moment, published_at), link=_page(place, key, row, address_of) or page,
            content="\n".join(f"{name}: {say_plainly(value, 600)}" for name, value in row.items() if value not in {None, ""}),
        ))
    return entries


def date_rows(place: str, key: Sequence[str], rows: Iterable[Any], address_of: Callable[[str, str], str], page: str, published_at: str) -> list[Day]:
    """Days for those rows whose date is known to the day; the arguments are those of `tell_rows`."""
    days: dict[str, Day] = {}
    for row in _first(rows, DAYS):
        span = next((found for name in DATES if (found := read_days(row.get(name)))), None)
        if span is None:
            continue
        moment = next((row[name] for name in MOMENTS if row.get(name)), None)
        identity = _key(place, key, row)
        days.setdefault(identity, Day(
            key=identity, title=_title(row), first=span[0], last=span[1], updated=spell_moment(moment, published_at),
            text=say_plainly(row.get("evidence") or row.get("best_values") or "", 600), link=_page(place, key, row, address_of) or page,
        ))
    return list(days.values())


def _first(rows: Iterable[Any], most: int) -> Iterable[Row]:
    for number, row in enumerate(rows):
        if number == most:
            return
        found = dict(row)
        # Datasette expands a foreign key to {"value": id, "label": name}.
        yield {name: value["value"] if isinstance(value, dict) and "value" in value else value for name, value in found.items()}


def _key(place: str, key: Sequence[str], row: Row) -> str:
    values = [row.get(name) for name in key] or [value for name, value in row.items() if _OF_A_KEY.fullmatch(name)]
    return "/".join([DATABASE, place, *(tilde_encode(str(value)[:200]) for value in values if value is not None)])


def _page(place: str, key: Sequence[str], row: Row, address_of: Callable[[str, str], str]) -> str:
    if key:
        return address_of(place, ",".join(tilde_encode(str(row.get(name))) for name in key))
    for name, table in IDENTITIES.items():
        if row.get(name):
            return address_of(table, tilde_encode(str(row[name])))
    return ""


def _title(row: Row) -> str:
    parts = [say_plainly(row[name], 120) for name in (*_NAMES, "pathway_id") if row.get(name)][:2]
    if row.get("attribute_id") and row.get("value"):
        parts.append(say_fact({"unit": None, "comparator": "eq", **row}))
    elif not parts:
        parts = [say_plainly(value, 80) for value in row.values() if value not in {None, ""}][:3]
    return ", ".join(parts)
