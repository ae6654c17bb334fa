"""Digests: do two databases say the same?

Recorded times, record ids and tables about our own work are left out (`Column.recorded`, `Table.operational`): a run
that was killed and begun again fetched at other times, but must come to know the same.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from db.schema import PUBLIC

if TYPE_CHECKING:
    import sqlite3


_BATCH = 1_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False)


def digest_tables(connection: sqlite3.Connection) -> dict[str, str]:
    """Table name to the SHA-256 (hexadecimal) of its lasting content, rows in the order of the primary key."""
    digests = {}
    for table in PUBLIC:
        if table.operational:
            continue
        columns = ", ".join(f'"{name}"' for name in table.lasting)
        order = ", ".join(f'"{name}"' for name in table.key)
        hasher = hashlib.sha256()
        cursor = connection.cursor()
        cursor.row_factory = None
        cursor.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {order}')  # noqa: S608 - names come from the schema
        while rows := cursor.fetchmany(_BATCH):  # a row at a time, most of the time would go into starting the encoder
            hasher.update(_ENCODER.encode(rows).encode("utf-8", "surrogatepass"))
        digests[table.name] = hasher.hexdigest()
    return digests


def digest_all(digests: dict[str, str]) -> str:
    """One digest over the digests of all tables."""
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
