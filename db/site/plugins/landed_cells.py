# ruff: noqa: INP001  Datasette loads this folder file by file; an __init__.py would be taken for a plugin.
"""How single values look in tables and in the results of queries; nothing from a page becomes markup or a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from markupsafe import Markup

from db.site.links import ID_TABLES, NAMES, check_link, name_host, row_path
from db.site.wording import say_moment, say_number, say_value, show

if TYPE_CHECKING:
    from datasette.app import Datasette

_VALUES = {"value", "fact_value", "official_value", "old_value", "new_value"}
_LINK = Markup('<a href="{}" rel="nofollow noopener" title="{}">{}</a>')
_ROW = Markup('<a class="{}" href="{}">{}</a>')
_NUMBER = Markup('<span class="num">{}</span>')
_SAID = Markup('<span title="{}">{}</span>')
_LONG = 280  # characters of a cell; the row page, JSON and CSV have all


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def render_cell(row: Any, value: Any, column: str, datasette: Datasette) -> Markup | str | None:
    """The value as markup, or None where Datasette's own way will do (labels of foreign keys, NULL)."""
    if value is None or isinstance(value, (dict, bytes)):
        return None
    if isinstance(value, (int, float)):
        return _NUMBER.format(_separate(value))
    text = str(value)
    if not text:
        return None
    if column == "url" or column.endswith("_url"):
        return _link_page(text)
    if column in NAMES and (row_id := _field(row, NAMES[column])):
        return _ROW.format("name", row_path(datasette, ID_TABLES[NAMES[column]], row_id), show(_shorten(text)))
    if column in ID_TABLES:
        return _ROW.format("id", row_path(datasette, ID_TABLES[column], text), show(text))
    if column in _VALUES:
        return _say(row, column, text)
    if column.endswith("_at") and text[10:11] == "T":
        return _SAID.format(text, say_moment(text))
    return Markup("{}").format(show(_shorten(text)))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONG else text[:_LONG] + "\N{HORIZONTAL ELLIPSIS}"


def _separate(value: float) -> str:
    """Thousands apart from five digits on, so that years and short codes stay as they are."""
    text = str(int(value)) if float(value).is_integer() else str(value)
    return say_number(text) if abs(value) >= 10_000 else text


def _link_page(text: str) -> Markup:
    url = check_link(text)
    return _LINK.format(url, url, name_host(url)) if url else Markup("{}").format(show(_shorten(text)))


def _say(row: Any, column: str, text: str) -> Markup:
    """A value in words where the row says what it is a value of; the canonical spelling stays in the title."""
    attribute = _field(row, "attribute_id")
    if not attribute:
        return Markup("{}").format(show(_shorten(text)))
    unit, comparator = (_field(row, "unit"), _field(row, "comparator")) if column == "value" else ("", "")
    return _SAID.format(" ".join(part for part in (comparator, _shorten(text), unit) if part), say_value(attribute, _shorten(text), unit, comparator or "eq"))


def _field(row: Any, name: str) -> str:
    try:
        found = row[name]
    except (KeyError, IndexError):
        return ""
    if isinstance(found, dict):  # an expanded foreign key: {"value": id, "label": name}
        found = found["value"]
    return "" if found is None else str(found)
