"""Datasette's metadata for `facts.db`, generated from the declarations in `db.schema` and the queries in `queries.toml`.

`metadata.json` in the root of the project is what `render_metadata` gives; `python -m db.metadata` rewrites it.
Everything stands in the one file that Datasette 0.65 reads with `-m`.

Units stand in the columns' descriptions and not under Datasette's `units`: 0.65 shortens such numbers (10000 people
become "10 kpeople") and reads an undefined unit as an error; 1.0 dropped them.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.schema import PUBLIC, PUBLIC_VIEWS
from db.tables import search_name

if TYPE_CHECKING:
    from db.tables import Column, Table, View

DATABASE = "facts"
TITLE = "Landed"
DESCRIPTION = (
    "What newsrooms, news outlets and government pages say about immigration pathways: who may come, how many, "
    "when and on what terms. Every fact opens to the words that say it."
)
METADATA_FILE = Path(__file__).parent.parent / "metadata.json"
QUERIES_FILE = Path(__file__).parent / "queries.toml"


@dataclass(frozen=True)
class Licence:
    """Terms of use, as Datasette shows them: what they are and where they are set out in full."""

    name: str
    url: str


LICENCES: dict[str, Licence] = {
    "facts": Licence("CC BY 4.0; quoted words remain their publishers'", "https://creativecommons.org/licenses/by/4.0/"),
    "links": Licence(
        "Links and dates: CC BY 4.0; titles and texts remain their publishers'",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    "record": Licence(
        "Open Government Licence \N{EN DASH} Canada for Express Entry; figures of provinces, as facts, CC BY 4.0",
        "https://open.canada.ca/en/open-government-licence-canada",
    ),
    "statcan": Licence("Statistics Canada Open Licence", "https://www.statcan.gc.ca/en/terms-conditions/open-licence"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a canned query.

    Attributes:
        name: Its name in the SQL, without the colon.
        hint: What to enter, in a few words.
        example: A value that is worth trying; the query's own default where it has one.
        choices: Where the possible values stand: `pathways`, `attributes`, `jurisdictions` or `sources`, else "".
    """

    name: str
    hint: str
    example: str
    choices: str = ""


@dataclass(frozen=True)
class Chart:
    """How the rows of a canned query look as a chart, each row one mark.

    Attributes:
        x: The column along the bottom: a day, a month, a year or a number; names stand in `y`.
        y: The column upwards.
        kind: `bar` or `point`.
        colour: The column whose values the colours stand for, or "".
    """

    x: str
    y: str
    kind: str
    colour: str = ""


@dataclass(frozen=True)
class Query:
    """A canned query: a question that researchers ask, as SQL with named parameters (an empty one means its default)."""

    name: str
    title: str
    description: str
    sql: str
    group: str
    parameters: tuple[Parameter, ...] = ()
    chart: Chart | None = None


def load_queries(path: Path = QUERIES_FILE) -> tuple[Query, ...]:
    """The canned queries of `path`, in its order; raises TypeError or KeyError on an unknown or missing field."""
    rows = tomllib.loads(path.read_text("utf-8"))["query"]
    return tuple(
        Query(**{**row, "parameters": tuple(Parameter(**each) for each in row.get("parameters", ())), "chart": Chart(**row["chart"]) if "chart" in row else None}) for row in rows
    )


def build_metadata() -> dict[str, Any]:
    """All of the metadata, as plain data in the form of Datasette's `metadata.json`."""
    licence = LICENCES["facts"]
    described = {
        "title": TITLE,
        "description": DESCRIPTION,
        "license": licence.name,
        "license_url": licence.url,
        "source": "News articles, government pages and official feeds, linked from every fact",
    }
    tables = {table.name: describe_table(table) for table in PUBLIC}
    tables.update({view.name: describe_view(view) for view in PUBLIC_VIEWS})
    return {
        **described,
        # The Markdown of a table has its schema and no rows: what pages said has no place in a guide for programs.
        "plugins": {"datasette-llms-txt": {"sample_rows": 0}},
        "databases": {
            DATABASE: {
                **described,
                "title": "Landed: facts",
                "tables": tables,
                "queries": {query.name: _describe_query(query) for query in load_queries()},
            }
        },
    }


_CONFIG = {"plugins", "allow", "allow_sql", "extra_css_urls", "extra_js_urls", "settings", "permissions"}
_CONFIG_OF_DATABASE = {"queries", "allow", "allow_sql", "plugins", "permissions"}
_CONFIG_OF_TABLE = {
    "hidden", "sort", "sort_desc", "size", "sortable_columns", "label_column", "facets", "fts_table", "fts_pk", "searchmode", "plugins", "allow", "permissions",
}  # fmt: skip


def split_metadata(described: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metadata in the form of Datasette 0.65 as the two that 1.0 wants: what is told of the data, and how it is served.

    1.0 ignores saved queries and `allow_sql` that stand in its metadata, without a word.
    """
    told, served = _part({key: value for key, value in described.items() if key != "databases"}, _CONFIG)
    told["databases"], served["databases"] = {}, {}
    for name, entry in described.get("databases", {}).items():
        database = _part({key: value for key, value in entry.items() if key != "tables"}, _CONFIG_OF_DATABASE)
        tables = {table: _part(given, _CONFIG_OF_TABLE) for table, given in entry.get("tables", {}).items()}
        for part, into in enumerate((told, served)):
            into["databases"][name] = {**database[part], "tables": {table: parts[part] for table, parts in tables.items()}}
    return told, served


def _part(entry: dict[str, Any], config: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {key: value for key, value in entry.items() if key not in config}, {key: value for key, value in entry.items() if key in config}


def describe_table(table: Table) -> dict[str, Any]:
    """One table's entry: texts, licence and source, columns, and how Datasette sorts, filters and names its rows."""
    licence = LICENCES[table.licence]
    entry: dict[str, Any] = {
        "title": table.title,
        "description": table.description,
        "license": licence.name,
        "license_url": licence.url,
        "source": table.source,
        "columns": {column.name: describe_column(column) for column in table.columns},
        "size": table.size,
    }
    if table.label:
        entry["label_column"] = table.label
    if table.facets and not table.large:
        entry["facets"] = list(table.facets)
    if table.sort:
        entry["sort_desc" if table.sort.startswith("-") else "sort"] = table.sort.removeprefix("-")
    if table.search:
        entry["fts_table"] = search_name(table)
    if table.hidden:
        entry["hidden"] = True
    return entry


def describe_view(view: View) -> dict[str, Any]:
    """One view's entry."""
    licence = LICENCES[view.licence]
    entry: dict[str, Any] = {
        "title": view.title,
        "description": view.description,
        "license": licence.name,
        "license_url": licence.url,
        "columns": dict(view.columns),
        "size": 25,
    }
    if view.hidden:
        entry["hidden"] = True
    return entry


def describe_column(column: Column) -> str:
    """A column's description with its unit and the values it allows, where the text doesn't name them already."""
    text = column.description
    if column.unit and column.unit not in text:
        text += f" Unit: {column.unit}."
    unnamed = [value for value in column.values if value not in text]
    if unnamed:
        text += f" One of: {', '.join(column.values)}."
    return text


def _describe_query(query: Query) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "title": query.title,
        "description": query.description,
        "sql": query.sql.strip(),
        "hide_sql": True,
    }
    if query.parameters:
        entry["params"] = [parameter.name for parameter in query.parameters]
    return entry


def render_metadata() -> str:
    """`metadata.json` as text."""
    return json.dumps(build_metadata(), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Rewrite `metadata.json`."""
    METADATA_FILE.write_text(render_metadata(), "utf-8")


if __name__ == "__main__":
    main()
