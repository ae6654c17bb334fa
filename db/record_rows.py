"""The hand-kept official record: CSV files in `db/record/`, one per table of `db.schema_record`, and how they get into the databases.

A row that changes or goes is retired in the archive and the new one stands beside it, so that any earlier day can be
shown. What can't be true (a target outside its range, two versions of a list in force on one day, a list said to be
complete that has other than its stated number of occupations) is refused with the file and line named.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.ids import content_id
from db.schema_record import PUBLIC_RECORD

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from db.archive import Archive
    from db.tables import Column, Table

FOLDER = Path(__file__).parent / "record"

Row = dict[str, Any]
Record = dict[str, list[Row]]
"""Rows by table."""


class RecordError(ValueError):
    """A file of the record can't be true or can't be read; the message names file and line."""


@cache
def load_shipped() -> Record:
    """The record that comes with Landed; don't change what it returns."""
    return load_record(FOLDER)


def load_record(folder: Path) -> Record:
    """The record of a folder: one CSV file for each table, columns as declared; empty cells are NULL.

    Raises:
        RecordError: A file is missing, or a row is not as its table declares it or contradicts another.
    """
    record = {table.name: _read(folder, table) for table in PUBLIC_RECORD}
    for table in PUBLIC_RECORD:
        keys = Counter(tuple(row[name] for name in table.key) for row in record[table.name])
        if twice := [key for key, count in keys.items() if count > 1]:
            raise RecordError(f"{folder / table.name}.csv: {twice[0]} stands there twice.")
    _check_targets(folder, record["levels_targets"])
    _check_lists(folder, record["occupation_lists"], record["occupation_list_entries"])
    return record


def keep_record(archive: Archive, at: str, record: Record | None = None) -> int:
    """Bring the archive's record up to that of the files; gives how many rows came or went.

    Args:
        archive: The archive.
        at: Now, UTC.
        record: The record; that which comes with Landed where none is given.
    """
    rows = {content_id("record", table, coded): (table, coded)
            for table, members in (record if record is not None else load_shipped()).items()
            for row in members for coded in [json.dumps(row, ensure_ascii=False, sort_keys=True)]}
    known = {row["row_id"] for row in archive.rows("SELECT row_id FROM record_rows WHERE retired_at IS NULL")}
    new, gone = sorted(rows.keys() - known), sorted(known - rows.keys())
    with archive.db.atomic():
        connection = archive.db.conn
        connection.executemany("UPDATE record_rows SET retired_at = ? WHERE row_id = ? AND retired_at IS NULL", [(at, row_id) for row_id in gone])
        connection.executemany(
            """INSERT INTO record_rows (row_id, table_name, row_json, recorded_at) VALUES (?, ?, ?, ?)
               ON CONFLICT (row_id, recorded_at) DO UPDATE SET retired_at = NULL""", [(row_id, *rows[row_id], at) for row_id in new])
    return len(new) + len(gone)


def read_record(connection: sqlite3.Connection, schema: str = "main") -> Record:
    """The rows that are part of the record, as an archive database has them, in the order of their keys."""
    record: Record = {table.name: [] for table in PUBLIC_RECORD}
    for table, coded in connection.execute(f"SELECT table_name, row_json FROM {schema}.record_rows WHERE retired_at IS NULL"):  # noqa: S608 - our own name
        if table in record:
            record[table].append(json.loads(coded))
    for table in PUBLIC_RECORD:
        record[table.name].sort(key=lambda row: [str(row[name]) for name in table.key])
    return record


def fit_record(record: Record, pathways: Iterable[str], occupations: Iterable[str]) -> Record:
    """The record as far as a vocabulary has its pathways and occupations: a target without a known pathway stays, a list without one goes."""
    pathways, occupations = set(pathways), set(occupations)
    lists = [row for row in record["occupation_lists"] if row["pathway_id"] in pathways]
    known = {row["list_id"] for row in lists}
    return record | {
        "levels_targets": [row if row["pathway_id"] in pathways else row | {"pathway_id": None} for row in record["levels_targets"]],
        "occupation_lists": lists,
        "occupation_list_entries": [
            row if row["noc_2016"] in occupations else row | {"noc_2016": None}
            for row in record["occupation_list_entries"] if row["list_id"] in known and row["noc_code"] in occupations
        ],
    }


def find_planned(record: Record, today: str) -> dict[tuple[str, str | None], list[int]]:
    """Pathway and year to the targets that the last plan tabled by `today` has for it, each class once."""
    last: dict[tuple[str, int], Row] = {}
    for row in sorted(record["levels_targets"], key=lambda row: str(row["tabled_on"])):
        if row["tabled_on"] <= today:
            last[row["measure"], row["year"]] = row
    planned: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for row in last.values():
        if row["pathway_id"]:
            planned[row["pathway_id"], str(row["year"])].append(row["target"])
    return planned


# ---------------------------------------------------------------- reading and checking


def _read(folder: Path, table: Table) -> list[Row]:
    path = folder / f"{table.name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordError(f"{path}: not a readable CSV file: {error}") from error
    names = [column.name for column in table.columns]
    rows = []
    for number, line in enumerate(lines, 2):
        if list(line) != names:
            raise RecordError(f"{path}, line {number}: the columns must be {', '.join(names)}.")
        rows.append({column.name: _value(path, number, column, line[column.name]) for column in table.columns})
    return rows


def _value(path: Path, number: int, column: Column, text: str | None) -> Any:
    if not text:
        if column.required:
            raise RecordError(f"{path}, line {number}: {column.name} is empty.")
        return None
    if column.values and text not in column.values:
        raise RecordError(f"{path}, line {number}: {column.name} is {text!r}; it must be one of {', '.join(column.values)}.")
    if column.type == "INTEGER":
        if not (text.isascii() and text.isdigit()):
            raise RecordError(f"{path}, line {number}: {column.name} is {text!r}, which is no whole number.")
        return int(text)
    if column.name in {"tabled_on", "valid_from", "valid_to"} and not _is_day(text):
        raise RecordError(f"{path}, line {number}: {column.name} is {text!r}, which is no day (YYYY-MM-DD).")
    return text


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_targets(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    tabled: dict[str, str] = {}
    for row in rows:
        name = f"{folder / 'levels_targets.csv'}: {row['target_id']}"
        low, high = row["range_low"], row["range_high"]
        if (low is None) != (high is None) or (low is not None and not low <= row["target"] <= high):
            raise RecordError(f"{name}: the target {row['target']} is not in its range.")
        first, _, last = row["plan"].partition("-")
        if not first <= str(row["year"]) <= last:
            raise RecordError(f"{name}: the year is not one of the plan's.")
        if tabled.setdefault(row["plan"], row["tabled_on"]) != row["tabled_on"]:
            raise RecordError(f"{name}: the plan was tabled on two days.")


def _check_lists(folder: Path, lists: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]]) -> None:
    versions: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in lists:
        versions[row["pathway_id"]].append(row)
    for members in versions.values():
        members.sort(key=lambda row: row["valid_from"])
        for before, after in pairwise(members):
            if before["valid_to"] is None or before["valid_to"] >= after["valid_from"]:
                raise RecordError(f"{folder / 'occupation_lists.csv'}: {before['list_id']} is in force when {after['list_id']} begins.")
    codes: dict[str, set[str]] = defaultdict(set)
    for row in entries:
        codes[row["list_id"]].add(row["noc_code"])
    if unknown := sorted(codes.keys() - {row["list_id"] for row in lists}):
        raise RecordError(f"{folder / 'occupation_list_entries.csv'}: no list is called {unknown[0]}.")
    for row in lists:
        if row["valid_to"] is not None and row["valid_to"] < row["valid_from"]:
            raise RecordError(f"{folder / 'occupation_lists.csv'}: {row['list_id']} ends before it begins.")
        if row["complete"] and len(codes[row["list_id"]]) != row["occupations_stated"]:
            raise RecordError(f"{folder / 'occupation_lists.csv'}: {row['list_id']} is complete, but has {len(codes[row['list_id']])} occupations, not {row['occupations_stated']}.")
