"""datapackage.json: the CSV files of a release, described for machines (Data Package, version 2)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from db.flat import column_type
from db.metadata import DESCRIPTION, LICENCES, TITLE, describe_column
from db.schema import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from db.tables import Column, Table, View

PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {"TEXT": "string", "INTEGER": "integer", "REAL": "number"}
_OPEN_DEFINITION = {"facts": "CC-BY-4.0", "links": "CC-BY-4.0", "record": "OGL-Canada-2.0", "statcan": "StatCan-Open-Licence"}


def describe_package(version: str, created: str, folder: Path, flat: Sequence[View], changes: Mapping[str, str]) -> dict[str, Any]:
    """The descriptor of a release whose CSV files stand in `folder`/csv.

    Args:
        version: The release, as 2026.08.1.
        created: When it was made, UTC.
        folder: Its folder.
        flat: The flat tables.
        changes: Column of `changes.csv` to its meaning.
    """
    resources = [_resource(folder, table.name, table.title, table.description, _table_schema(table), table.licence) for table in PUBLIC]
    resources += [_resource(folder, view.name, view.title, view.description, _plain_schema(view.columns, view.name.removesuffix("s_flat") + "_id"), view.licence) for view in flat]
    resources.append(_resource(folder, "changes", "Changes since the last release", "Facts that were added, retired or revived.", _plain_schema(changes, "log_id"), "facts"))
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": "landed",
        "id": f"landed-{version}",
        "title": TITLE,
        "description": DESCRIPTION,
        "version": version,
        "created": created,
        "licenses": [_licence("facts")],
        "contributors": [{"title": "The Landed contributors", "roles": ["creator"]}],
        "sources": [{"title": "News articles, government pages and official feeds, linked from every fact"}],
        "keywords": ["immigration", "immigration policy", "Canada", "Express Entry"],
        "resources": resources,
    }


def _resource(folder: Path, name: str, title: str, description: str, schema: dict[str, Any], licence: str) -> dict[str, Any]:
    path = folder / "csv" / f"{name}.csv"
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "name": name, "type": "table", "path": f"csv/{name}.csv", "title": title, "description": description, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        "bytes": path.stat().st_size, "hash": f"sha256:{digest}", "licenses": [_licence(licence)], "schema": schema,
    }


def _licence(key: str) -> dict[str, str]:
    return {"name": _OPEN_DEFINITION[key], "title": LICENCES[key].name, "path": LICENCES[key].url}


def _table_schema(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json", "fields": [_field(table, column) for column in table.columns], "missingValues": [""], "primaryKey": list(table.key),
    }
    keys = [
        {"fields": [column.name], "reference": {"resource": "" if parent == table.name else parent, "fields": [field]}}
        for column in table.columns if column.references for parent, field in [column.references.split(".")]
    ]
    return schema | ({"foreignKeys": keys} if keys else {})


def _field(table: Table, column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    # Empty text reads as missing, and a part of a longer key may be empty, so that only whole keys and numbers can be required.
    if (column.name,) == table.key or (column.required and column.type != "TEXT"):
        constraints["required"] = True
    if column.values:
        constraints["enum"] = list(column.values)
    field: dict[str, Any] = {"name": column.name, "type": _TYPES[column.type], "description": describe_column(column)}
    return field | ({"constraints": constraints} if constraints else {})


def _plain_schema(columns: Mapping[str, str], key: str) -> dict[str, Any]:
    return {
        "$schema": f"{PROFILES}/tableschema.json", "missingValues": [""], "primaryKey": [key],
        "fields": [{"name": name, "type": _TYPES[column_type(name)], "description": text} for name, text in columns.items()],
    }
