"""Bring an archive database up to the present schema, one numbered step at a time.

Each step is a file of SQL in `db/migrations/` that is never edited once released; together they must give exactly what
`db.schema.ARCHIVE` declares, which a test checks. sqlite-utils runs each in a transaction and notes it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

FOLDER = Path(__file__).parent / "migrations"


class SchemaError(Exception):
    """The file is not an archive database that this version can use; the message says what to do."""


def migrate(db: Database, path: Path) -> None:
    """Apply the steps that `db` lacks.

    Raises:
        SchemaError: The file is no SQLite database, or was written by a later version.
    """
    steps = sorted(FOLDER.glob("[0-9]*.sql"))
    try:
        tables = set(db.table_names())
    except sqlite3.OperationalError:  # locked, or unreadable: that says nothing of what the file is
        raise
    except sqlite3.DatabaseError as error:
        raise SchemaError(f"{path}: not a SQLite database ({error}). Name another data folder with --data.") from error
    done = {row["name"] for row in db.table("_sqlite_migrations").rows} if "_sqlite_migrations" in tables else set()
    if tables and "_sqlite_migrations" not in tables:
        raise SchemaError(f"{path}: a database, but not one that Landed made. Name another data folder with --data.")
    if later := sorted(done - {step.stem for step in steps}):
        raise SchemaError(f"{path}: has the schema step {later[-1]!r}, which this version of Landed doesn't know. Upgrade Landed.")
    if len(done) == len(steps):
        return
    migrations = Migrations("landed")
    for step in steps:
        migrations(name=step.stem)(_run(step))
    migrations.apply(db)


def _run(step: Path) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        for statement in step.read_text(encoding="utf-8").split(";\n\n"):
            db.conn.execute(statement)

    run.__name__ = f"m{step.stem}"
    return run
