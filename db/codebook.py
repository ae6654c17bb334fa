"""The codebook and the other texts of a release, generated from the schema and the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.metadata import DESCRIPTION, LICENCES, describe_column
from db.schema import PUBLIC, PUBLIC_VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from db.tables import Table, View

CONVENTIONS = """\
* An empty cell means unknown. It is never 0 and never "none". Text columns that are never unknown may be empty text
  (`evidence_before` of a clause at the start of a text).
* Columns that end in `_at` are UTC (`2026-01-31T12:00:00Z`) and say when Landed learned something. Other dates are civil
  dates of the issuing authority, as EDTF (ISO 8601-2), with only the precision that the text gives.
* Offsets count Unicode code points in the version's text, from 0, end excluded. JavaScript counts UTF-16 units instead.
* NOC codes are text: zeros in front count.
* A row of `facts` is one statement of one text. Several texts that report one thing are several rows.
* Ids are permanent. What is no longer current has another `status`; it is never removed.
"""


def write_codebook(version: str, attributes: Iterable[Mapping[str, Any]], flat: Sequence[View]) -> str:
    """CODEBOOK.md: what every table, column, attribute and allowed value means.

    Args:
        version: The release, as 2026.08.1.
        attributes: Rows of `attributes`.
        flat: The flat tables.
    """
    parts = [f"# Codebook of Landed {version}\n\n{DESCRIPTION}\n\n## Conventions\n\n{CONVENTIONS}"]
    rows = [f"| `{row['attribute_id']}` | {row['value_type']} | {_cell(row['unit'])} | {row['cardinality']} | {_cell(row['definition'])} |" for row in attributes]
    parts.append("\n## Attributes\n\nWhat a fact can state.\n\n| Attribute | Type | Units | Values at a time | Meaning |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n")
    parts.append("\n## Tables\n")
    parts += [_describe_table(table) for table in PUBLIC]
    parts.append("\n## Flat tables\n")
    parts += [_describe_view(view) for view in flat]
    parts.append("\n## Views\n\nIn `facts.db` only.\n")
    parts += [_describe_view(view) for view in PUBLIC_VIEWS if not view.hidden]
    return "".join(parts)


def _describe_table(table: Table) -> str:
    rows = [
        f"| `{column.name}` | {column.type.lower()} | {'never unknown' if column.required else ''} | {column.references and f'`{column.references}`'} | {_cell(describe_column(column))} |"
        for column in table.columns
    ]
    keys = ", ".join(f"`{name}`" for name in table.key)
    return (f"\n### {table.name}\n\n{table.description} Key: {keys}. Licence: {LICENCES[table.licence].name}. Source: {table.source}.\n\n"
            "| Column | Type | Unknown | Points to | Meaning |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n")


def _describe_view(view: View) -> str:
    rows = [f"| `{name}` | {_cell(text)} |" for name, text in view.columns.items()]
    return f"\n### {view.name}\n\n{view.description}\n\n| Column | Meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write_citation(version: str, day: str) -> str:
    """CITATION.cff (version 1.2.0 of the format)."""
    return f"""\
cff-version: 1.2.0
message: "If you use these data, please cite the release that you used."
type: dataset
title: "Landed: immigration pathways in the news and on record"
version: "{version}"
date-released: "{day}"
authors:
  - name: "The Landed contributors"
license: CC-BY-4.0
abstract: "{DESCRIPTION}"
keywords:
  - immigration
  - immigration policy
  - Canada
  - Express Entry
"""


def write_readme(version: str, day: str, previous: str | None, counts: Mapping[str, int]) -> str:
    """README.md of a release: what is in the folder, how to use and how to cite it."""
    tables = "\n".join(f"| `{name}` | {count} |" for name, count in counts.items())
    since = f"release {previous}" if previous else "the first release, so that there is nothing to compare with"
    return f"""\
# Landed {version}

{DESCRIPTION}

Released on {day}. Cite it with its version, {version}; `CITATION.cff` has the form. Facts are CC BY 4.0; quoted words
and titles remain their publishers'; official rounds and classifications are under the open licences that
`datapackage.json` names table by table.

| File | What it is |
|---|---|
| `facts.db` | everything, as a SQLite database |
| `csv/`, `parquet/` | each table as CSV (UTF-8, comma, first line names the columns) and as Parquet |
| `facts_flat`, `events_flat` | in both folders: with the names beside the ids, nothing to join |
| `csv/changes.csv` | facts that were added, retired or revived since {since} |
| `datapackage.json` | the CSV files described for machines (Data Package, version 2) |
| `CODEBOOK.md` | what each table, column and value means |
| `SHA256SUMS` | digests of all files: `sha256sum -c SHA256SUMS` |

Start with `facts_flat`. What was on record on a day is in `fact_log`: of each fact, the last entry up to that day says
`added` or `revived` if it was current then. `corrections` tells our errors from corrections by the sources.

| Table | Rows |
|---|---|
{tables}
"""
