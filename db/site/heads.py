"""What machines read in a page's head: descriptions, cards for links (OpenGraph), and schema.org's Dataset as JSON-LD."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from db.metadata import DATABASE, DESCRIPTION, LICENCES, load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.site.pages.rows import Row, select
from db.site.wording import say_date, say_fact, say_number, show
from db.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from datasette.database import Database

    from db.tables import View

LENGTH = 300  # characters of a description; what shows cards cuts after about that many
KEYWORDS = ("immigration", "immigration policy", "Express Entry", "National Occupational Classification", "Canada", "fact checking", "news")
_THINGS: dict[str, Table | View] = {table.name: table for table in PUBLIC} | {view.name: view for view in PUBLIC_VIEWS}
_QUERIES = {query.name: query for query in load_queries()}

# One row of a table with what its description needs, by its primary key.
_ROWS = {
    "facts": "SELECT f.attribute_id, f.value, f.unit, f.comparator, f.evidence, f.published, p.name AS pathway, s.name AS source, o.title AS occupation FROM facts f "
    "JOIN pathways p ON p.pathway_id = f.pathway_id JOIN sources s ON s.source_id = f.source_id LEFT JOIN occupations o ON o.noc_code = f.noc_code WHERE f.fact_id = ?",
    "events": "SELECT title, event_date, owners, official FROM events WHERE event_id = ?",
    "pathways": "SELECT p.name, p.kind, j.name AS jurisdiction FROM pathways p JOIN jurisdictions j ON j.jurisdiction_id = p.jurisdiction_id WHERE p.pathway_id = ?",
    "occupations": "SELECT noc_code, edition, title, teer FROM occupations WHERE noc_code = ?",
    "articles": "SELECT a.title, a.published, a.facts, s.name AS source FROM articles a JOIN sources s ON s.source_id = a.source_id WHERE a.article_id = ?",
    "draws": "SELECT name, draw_date, invitations, cutoff_score FROM draws WHERE draw_id = ?",
}


async def describe_row(database: Database, table: str, row_id: str) -> str:
    """One or two sentences on a row's page; "" where the table has none, or no such row."""
    if table not in _ROWS:
        return ""
    found = await select(database, _ROWS[table], row_id)
    return _cut(_SAYINGS[table](found[0])) if found else ""


def _say_fact(row: Row) -> str:
    when = f", {say_date(row['published'])}" if row["published"] else ""
    return f"{row['pathway']}, {say_fact(row)}. “{row['evidence'][:LENGTH]}” {row['source']}{when}."


def _say_event(row: Row) -> str:
    when = f" ({say_date(row['event_date'])})" if row["event_date"] else ""
    owners = row["owners"]
    support = f" Told by {owners} independent owner{'' if owners == 1 else 's'}." if owners else ""
    return f"{row['title']}{when}.{' An authority says so.' if row['official'] else ''}{support} With every text that tells of it, word for word."


def _say_pathway(row: Row) -> str:
    return f"{row['name']} ({row['jurisdiction']}, {row['kind']}): what happened, caps, dates, fees, draws and eligible occupations, each with the words that say it."


def _say_occupation(row: Row) -> str:
    teer = f", TEER {row['teer']}" if row["teer"] is not None else ""
    return f"NOC {row['noc_code']} {row['title']} (NOC {row['edition']}{teer}): the immigration pathways that take or exclude it, by the texts that list it."


def _say_article(row: Row) -> str:
    facts = row["facts"]
    when = f", {say_date(row['published'])}" if row["published"] else ""
    return f"{row['title']} ({row['source']}{when}): {say_number(str(facts))} fact{'' if facts == 1 else 's'} on immigration pathways, each with the words that say it, and the versions of the text."


def _say_draw(row: Row) -> str:
    figures = [f"{say_number(str(row['invitations']))} invitations"] if row["invitations"] is not None else []
    figures += [f"cut-off score {row['cutoff_score']}"] if row["cutoff_score"] is not None else []
    return f"{row['name']}, {say_date(row['draw_date'])}: {', '.join(figures) or 'an official round'}. The official record, and the news figures checked against it."


_SAYINGS: dict[str, Callable[[Row], str]] = {
    "facts": _say_fact, "events": _say_event, "pathways": _say_pathway, "occupations": _say_occupation, "articles": _say_article, "draws": _say_draw,
}  # fmt: skip


_PAGES = {
    "/draws": "Every official round of invitations of Express Entry and provinces on record: lowest scores and invitations over time, by category, program and year.",
    "/health": "How fresh Landed is, which sources can be read, how often its figures agree with the official record, and what was measured with which n.",
}


def describe_list(name: str | None) -> str:
    """The description of a table, view or saved query; the site's own for any other page."""
    if name in _PAGES:
        return _PAGES[name]
    if name in _THINGS:
        return _cut(_THINGS[name].description)
    return _cut(_QUERIES[name].description if name in _QUERIES else DESCRIPTION)


def _cut(text: str) -> str:
    clean = " ".join(show(text).split())
    return clean if len(clean) <= LENGTH else clean[: LENGTH - 1] + "\N{HORIZONTAL ELLIPSIS}"


async def describe_dataset(database: Database, address_of: Callable[[str], str]) -> dict[str, Any]:
    """The whole database as schema.org's Dataset; `address_of` makes an absolute address of a path of the site."""
    found = await select(
        database,
        "SELECT published_at, (SELECT min(published) FROM articles) AS first, (SELECT max(published) FROM articles) AS last, "
        "(SELECT version FROM releases ORDER BY released_at DESC LIMIT 1) AS version FROM publication",
    )
    publication = found[0]
    places = await select(database, "SELECT name FROM jurisdictions WHERE level = 'country' ORDER BY name")
    described: dict[str, Any] = {
        **_describe("Landed: immigration policy as facts", f"{DESCRIPTION} Facts, events, official draws, occupations and sources as one SQLite database, and as CSV and JSON."),
        "@context": "https://schema.org",
        "@id": address_of("/") + "#dataset",
        "url": address_of("/"),
        "license": LICENCES["facts"].url,
        "dateModified": publication["published_at"],
        "spatialCoverage": [{"@type": "Country", "name": show(row["name"])} for row in places],
        "measurementTechnique": "Web archiving, rule-based information extraction, and checks against the official record",
        "distribution": [
            {"@type": "DataDownload", "name": "The whole database", "encodingFormat": "application/vnd.sqlite3", "contentUrl": address_of(f"/{DATABASE}.db")},
            *(part for table in PUBLIC if not table.operational and not table.hidden for part in _distribute(table.name, table.title, address_of)),
        ],
    }
    if publication["first"]:
        described["temporalCoverage"] = f"{publication['first']}/{publication['last']}"
    if publication["version"]:
        described["version"] = show(publication["version"])
    return described


def describe_part(name: str, published_at: str, address_of: Callable[[str], str]) -> dict[str, Any]:
    """One table or view as schema.org's Dataset, a part of the whole; KeyError where there is none of that name."""
    thing = _THINGS[name]
    columns = {column.name: column for column in thing.columns} if isinstance(thing, Table) else {}
    notes = {key: column.description for key, column in columns.items()} if isinstance(thing, Table) else thing.columns
    variables = [{"@type": "PropertyValue", "name": key, "description": note} | ({"unitText": columns[key].unit} if key in columns and columns[key].unit else {}) for key, note in notes.items()]
    page = address_of(f"/{DATABASE}/{name}")
    return {
        **_describe(f"Landed: {thing.title}", f"{thing.description} A table of Landed, which reads what news outlets and authorities say about immigration pathways."),
        "@context": "https://schema.org",
        "@id": page + "#dataset",
        "url": page,
        "license": LICENCES[thing.licence].url,
        "dateModified": published_at,
        "isPartOf": {"@type": "Dataset", "@id": address_of("/") + "#dataset", "name": "Landed: immigration policy as facts", "description": DESCRIPTION, "url": address_of("/")},
        "variableMeasured": variables,
        "distribution": _distribute(name, thing.title, address_of),
    }


def has_part(name: str | None) -> bool:
    """Whether there is a table or view of that name."""
    return name in _THINGS


def _describe(name: str, description: str) -> dict[str, Any]:
    return {
        "@type": "Dataset", "name": name, "description": description, "creator": {"@type": "Organization", "name": "The Landed contributors"},
        "keywords": list(KEYWORDS), "inLanguage": "en", "isAccessibleForFree": True,
    }  # fmt: skip


def _distribute(name: str, title: str, address_of: Callable[[str], str]) -> list[dict[str, str]]:
    address = address_of(f"/{DATABASE}/{name}")
    return [
        {"@type": "DataDownload", "name": f"{title}, CSV", "encodingFormat": "text/csv", "contentUrl": f"{address}.csv?_stream=on"},
        {"@type": "DataDownload", "name": f"{title}, JSON", "encodingFormat": "application/json", "contentUrl": f"{address}.json?_shape=array"},
    ]


def spell_data(value: Mapping[str, Any]) -> Markup:
    """JSON for a `<script type="application/ld+json">`: nothing in it can end the element or begin another."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - made safe above

