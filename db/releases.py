"""Releases: a dated folder that researchers can download, cite and check.

Rows are ordered by key and the CSV writer's settings are fixed, so that equal data gives equal bytes; Parquet files hold
the same rows, but their bytes may differ between versions of the library that writes them. The folder gets its name
only when it is complete.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING, Any

from db.codebook import write_citation, write_codebook, write_readme
from db.datapackage import describe_package
from db.flat import column_type, flat_views
from db.schema import ARCHIVE_VIEWS, PUBLIC, PUBLIC_VIEWS, SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from db.archive import Archive

CHANGE_COLUMNS = {
    "log_id": "Running number in the log.", "at": "When.", "action": "added, retired or revived.", "reason": "Why.", "fact_id": "The fact.", "pathway_id": "Pathway id.",
    "attribute_id": "What is said.", "value": "Canonical value.", "unit": "Unit.", "period": "EDTF period in which it holds.", "article_id": "Article id.",
}
_CHANGES = """SELECT l.log_id, l.at, l.action, l.reason, f.fact_id, f.pathway_id, f.attribute_id, f.value, f.unit, f.period, f.article_id
    FROM fact_log l JOIN facts f USING (fact_id) WHERE l.at > ? ORDER BY l.log_id"""
_BIG = 1_000_000


class ReleaseError(Exception):
    """There is no release; the message says why and what to do."""


@dataclass(frozen=True)
class Release:
    """A release that was written: its version (2026.08.1), its folder, and the rows of each table."""

    version: str
    folder: Path
    rows: Mapping[str, int]


def release(archive: Archive, public: Path, into: Path, released_at: str, day: str, on_part: Callable[[str], None] = lambda _: None) -> Release:
    """Write a release of the public database.

    Args:
        archive: The archive, which notes the release.
        public: The public database, just published.
        into: Folder of the releases.
        released_at: Now, UTC.
        day: Date of the release, ISO; its month makes the release's number.
        on_part: Called with the name of each part that is done, see `list_parts`.

    Raises:
        ReleaseError: An integrity view isn't empty, the database is missing or of another schema, or duckdb is.
    """
    if find_spec("duckdb") is None:
        raise ReleaseError("Parquet files need duckdb: pip install 'landed[release]'.")
    if not public.exists():
        raise ReleaseError(f"{public}: there is no public database yet. Run `landed publish` first.")
    with closing(sqlite3.connect(f"{public.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        publication = _check(connection, archive)
        version = _number(archive, into, day)
        folder, growing = into / version, into / f"{version}.partial"
        shutil.rmtree(growing, ignore_errors=True)
        growing.mkdir(parents=True)
        previous = archive.one("SELECT * FROM releases ORDER BY released_at DESC, rowid DESC LIMIT 1")
        shutil.copyfile(public, growing / "facts.db")
        on_part("facts.db")
        rows = _write_tables(connection, growing, previous["published_at"] if previous else None, on_part)
        attributes = [dict(row) for row in connection.execute("SELECT * FROM attributes ORDER BY attribute_id")]
    texts = {
        "datapackage.json": json.dumps(describe_package(version, released_at, growing, flat_views(), CHANGE_COLUMNS), ensure_ascii=False, indent=2) + "\n",
        "CODEBOOK.md": write_codebook(version, attributes, flat_views()),
        "CITATION.cff": write_citation(version, day),
        "README.md": write_readme(version, day, previous["version"] if previous else None, rows),
    }
    for name, text in texts.items():
        (growing / name).write_text(text, encoding="utf-8", newline="\n")
    (growing / "SHA256SUMS").write_text(_sum(growing), encoding="utf-8", newline="\n")
    growing.rename(folder)
    facts = {"release_id": version.replace(".", "-"), "version": version, "released_at": released_at, "published_at": publication["published_at"], "schema_version": publication["schema_version"],
             "pipeline_version": publication["pipeline_version"], "digest": publication["digest"], "facts": publication["facts"]}
    with archive.db.atomic():
        archive.db.table("releases").insert(facts)
    on_part("sums")
    return Release(version, folder, rows)


def list_parts() -> list[str]:
    """The parts of a release in the order in which `on_part` tells of them."""
    return ["facts.db", *(table.name for table in PUBLIC), *(view.name for view in flat_views()), "changes", "sums"]


def _check(connection: sqlite3.Connection, archive: Archive) -> dict[str, Any]:
    """The row of `publication`, with the count of current facts; refuses a database that isn't sound."""
    try:
        publication = dict(connection.execute("SELECT *, (SELECT count(*) FROM facts WHERE status = 'current') AS facts FROM publication").fetchone())
    except (sqlite3.Error, TypeError) as error:
        raise ReleaseError(f"The public database isn't one that `landed publish` built ({error}).") from error
    if publication["schema_version"] != SCHEMA_VERSION:
        raise ReleaseError("The public database is of another schema. Run `landed publish` first.")
    if publication["as_of"]:
        raise ReleaseError(f"The public database shows what was known at {publication['as_of']}. Run `landed publish` first.")
    for view in (*ARCHIVE_VIEWS, *PUBLIC_VIEWS):
        if view.name.startswith("x_"):
            source = archive.db.conn if view in ARCHIVE_VIEWS else connection
            if fault := source.execute(f'SELECT * FROM "{view.name}" LIMIT 1').fetchone():  # noqa: S608 - a view of our schema
                raise ReleaseError(f"{view.name} isn't empty ({view.description} First: {tuple(fault)}). There is no release.")
    if orphans := connection.execute("PRAGMA foreign_key_check").fetchall():
        raise ReleaseError(f"{len(orphans)} rows of the public database point to nothing; the first is in {orphans[0][0]}. There is no release.")
    return publication


def _number(archive: Archive, into: Path, day: str) -> str:
    year, month, _ = day.split("-")
    taken = {row["version"] for row in archive.rows("SELECT version FROM releases")} | {path.name for path in into.glob("*")}
    return next(name for number in count(1) if (name := f"{year}.{month}.{number}") not in taken)


def _write_tables(connection: sqlite3.Connection, folder: Path, since: str | None, on_part: Callable[[str], None]) -> dict[str, int]:
    """Write all CSV and Parquet files; rows by table."""
    (folder / "csv").mkdir()
    (folder / "parquet").mkdir()
    rows = {}
    for table in PUBLIC:
        names, order = (", ".join(f'"{name}"' for name in columns) for columns in (tuple(column.name for column in table.columns), table.key))
        cursor = connection.execute(f'SELECT {names} FROM "{table.name}" ORDER BY {order}')  # noqa: S608 - names of our schema
        rows[table.name] = write_csv(folder / "csv" / f"{table.name}.csv", [column.name for column in table.columns], cursor)
        types = {column.name: column.type for column in table.columns}
        write_parquet(folder, table.name, types, {column.name for column in table.columns if column.required and column.type == "TEXT"})
        on_part(table.name)
    for view in flat_views():
        rows[view.name] = write_csv(folder / "csv" / f"{view.name}.csv", list(view.columns), connection.execute(view.sql))
        write_parquet(folder, view.name, {name: column_type(name) for name in view.columns}, set())
        on_part(view.name)
    # Nothing came before the first release, so that all would be a change.
    rows["changes"] = write_csv(folder / "csv" / "changes.csv", list(CHANGE_COLUMNS), connection.execute(_CHANGES, [since or "9999"]))
    write_parquet(folder, "changes", {name: column_type(name) for name in CHANGE_COLUMNS}, set())
    on_part("changes")
    return rows


def write_csv(path: Path, names: list[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write rows as CSV: UTF-8, commas, line feeds, quotes only where they are needed, NULL as nothing. Gives how many."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([_spell(value) for value in row])
            written += 1
    return written


def _spell(value: Any) -> Any:
    """Whole numbers without a fraction, others in the shortest form that gives the same number."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _BIG * _BIG else repr(value)
    return value


def write_parquet(folder: Path, name: str, types: Mapping[str, str], never_null: set[str]) -> None:
    """Write `parquet/NAME.parquet` from `csv/NAME.csv`; in columns of `never_null`, nothing is an empty text."""
    import duckdb  # noqa: PLC0415 - an optional requirement

    columns = ", ".join(f"{_quote(column)}: '{ {'TEXT': 'VARCHAR', 'INTEGER': 'BIGINT', 'REAL': 'DOUBLE'}[kind] }'" for column, kind in types.items())
    filled = ", ".join(_quote(column) for column in sorted(never_null))
    options = "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', auto_detect = false, parallel = false, max_line_size = 67108864"
    options += f", force_not_null = [{filled}]" if filled else ""
    with duckdb.connect() as connection:
        connection.execute("SET autoinstall_known_extensions = false; SET threads = 1")
        connection.execute(
            f"COPY (SELECT * FROM read_csv({_quote(str(folder / 'csv' / f'{name}.csv'))}, columns = {{{columns}}}, {options})) "  # noqa: S608 - our own names
            f"TO {_quote(str(folder / 'parquet' / f'{name}.parquet'))} (FORMAT parquet, COMPRESSION zstd)",
        )


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sum(folder: Path) -> str:
    """The lines of SHA256SUMS, in the form that `sha256sum -c` reads."""
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines)
