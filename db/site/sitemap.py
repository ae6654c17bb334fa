"""The site's map for search engines (sitemaps.org), with the time of each page's last change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasette.utils import tilde_encode
from lxml import etree

from db.metadata import DATABASE, load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.site.atom import spell_moment
from db.site.pages.rows import select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from datasette.database import Database

MOST = 50_000  # addresses of one file, by the protocol
PART = 10_000  # rows of one file of a table
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = ("/", f"/{DATABASE}", "/draws", "/health", "/feeds", "/query", "/data", "/glossary")

# Tables whose rows have a page worth finding: the id of a row, and when what its page shows last changed.
SECTIONS = {
    "pathways": "SELECT pathway_id AS id, (SELECT max(e.recorded_at) FROM events e WHERE e.pathway_id = t.pathway_id) AS at",
    "events": "SELECT event_id AS id, coalesce(retired_at, recorded_at) AS at",
    "occupations": "SELECT noc_code AS id, (SELECT max(f.recorded_at) FROM facts f WHERE f.noc_code = t.noc_code) AS at",
    "draws": "SELECT draw_id AS id, first_seen_at AS at",
    "sources": "SELECT source_id AS id, NULL AS at",
    "articles": "SELECT article_id AS id, (SELECT max(v.recorded_at) FROM article_versions v WHERE v.article_id = t.article_id) AS at",
    "facts": "SELECT fact_id AS id, coalesce(retired_at, recorded_at) AS at",
}


@dataclass(frozen=True)
class Place:
    """A page of the site: its path, and when it last changed, RFC 3339 with a time zone."""

    path: str
    changed: str


def list_statements() -> dict[str, str]:
    """The SQL that reads a part of each section: `first` and `last` are numbers of rows."""
    return {name: f"{head} FROM {name} t WHERE t.rowid BETWEEN :first AND :last ORDER BY t.rowid" for name, head in SECTIONS.items()}


async def count_parts(database: Database) -> dict[str, int]:
    """How many files each section takes; 0 for an empty table."""
    sizes = {name: (await select(database, f"SELECT max(rowid) AS n FROM {name}"))[0]["n"] or 0 for name in SECTIONS}  # noqa: S608 - names of this module
    return {name: -(-size // PART) for name, size in sizes.items()}


async def count_pages(database: Database) -> int:
    """About how many pages there are."""
    sizes = [(await select(database, f"SELECT max(rowid) AS n FROM {name}"))[0]["n"] or 0 for name in SECTIONS]  # noqa: S608 - names of this module
    return sum(sizes) + len(list_pages(""))


def list_pages(published_at: str) -> list[Place]:
    """The pages that aren't of one row: all change with each publication."""
    names = [table.name for table in PUBLIC if not table.hidden] + [view.name for view in PUBLIC_VIEWS if not view.hidden]
    names += [query.name for query in load_queries()]
    return [Place(path, published_at) for path in (*PAGES, *(f"/{DATABASE}/{name}" for name in names))]


async def read_part(database: Database, section: str, number: int, published_at: str) -> list[Place]:
    """The pages of the part `number` (from 1) of a section."""
    bounds = {"first": (number - 1) * PART + 1, "last": number * PART}
    rows = (await database.execute(list_statements()[section], bounds)).rows
    return [Place(f"/{DATABASE}/{section}/{tilde_encode(str(row['id']))}", spell_moment(row["at"], published_at)) for row in rows]


def write_map(places: Iterable[Place], address_of: Callable[[str], str]) -> bytes:
    """The pages as a file of the map."""
    return _write("urlset", "url", ((address_of(place.path), place.changed) for place in places))


def write_index(parts: dict[str, int], changed: str, address_of: Callable[[str], str]) -> bytes:
    """The index of a map of several files."""
    files = ["/sitemap-pages-1.xml", *(f"/sitemap-{name}-{number}.xml" for name, count in parts.items() for number in range(1, count + 1))]
    return _write("sitemapindex", "sitemap", ((address_of(path), changed) for path in files))


def _write(root_name: str, name: str, rows: Iterable[tuple[str, str]]) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}{root_name}", nsmap={None: NAMESPACE})
    for address, changed in rows:
        element = etree.SubElement(root, f"{{{NAMESPACE}}}{name}")
        etree.SubElement(element, f"{{{NAMESPACE}}}loc").text = address
        etree.SubElement(element, f"{{{NAMESPACE}}}lastmod").text = changed
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))
