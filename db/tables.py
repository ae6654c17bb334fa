"""What a table is, and how it becomes SQL.

`Table` and `Column` hold everything that anybody needs to know of a table: its columns' types and meanings, its
keys and indexes, how Datasette shows it and where its rows come from. `db.schema` declares the tables with them;
the DDL (`create_statements`), Datasette's metadata (`db.metadata`) and the codebook are generated from the same
declarations, so that none of them can say something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Type = Literal["TEXT", "INTEGER", "REAL"]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: The column's name; `_at` ends a UTC timestamp (recorded time), `_on` or `_date` a local civil date.
        type: SQLite's strict type.
        description: What a value means, for people; shown by Datasette.
        references: `table.column` that the value points to; the column is always named (Datasette 0.65 needs it).
        required: NOT NULL.
        unit: The unit of a number, where it is the same in every row.
        recorded: True where the value says when or by which exchange we learned something, and not what is so. Two
            databases with the same knowledge may differ here; `db.digest` leaves such columns out.
        values: The only values allowed (a CHECK).
        default: SQL of the default.
        generated: SQL of a stored generated column.
    """

    name: str
    type: Type
    description: str
    references: str = ""
    required: bool = False
    unit: str = ""
    recorded: bool = False
    values: tuple[str, ...] = ()
    default: str = ""
    generated: str = ""


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: The table's name.
        title: What people call it.
        description: One or two sentences on what a row is and when to use the table.
        columns: Its columns, in order.
        key: Names of the primary key's columns.
        unique: Further sets of columns that identify a row.
        indexes: Sets of columns to index; every foreign key gets an index of its own besides.
        label: The column whose text stands for a row where another table points to it.
        facets: Columns by which Datasette offers to filter; each is indexed.
        large: True where rows come with every article: values of facets are counted only when a reader asks for them,
            and no page may go through the whole table.
        sort: Column to sort by at first, with a leading `-` for newest or largest first.
        operational: True where the rows tell of our own work (crawls, errors) and not of immigration policy.
        hidden: True where Datasette doesn't list it.
        search: Columns that a full-text index holds (`create_search`); in facts.db only.
        licence: Licence of the rows, as a key of `db.metadata.LICENCES`.
        source: Where the rows come from, for people.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    label: str = ""
    facets: tuple[str, ...] = ()
    large: bool = False
    sort: str = ""
    operational: bool = False
    hidden: bool = False
    licence: str = "facts"
    source: str = "Landed"
    size: int = 25
    search: tuple[str, ...] = ()
    checks: tuple[str, ...] = field(default=())

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def lasting(self) -> tuple[str, ...]:
        """Names of the columns that say what is so, as opposed to when we recorded it."""
        return tuple(column.name for column in self.columns if not column.recorded)


@dataclass(frozen=True)
class View:
    """A named query: `sql` is its SELECT, `columns` describes each column that it gives."""

    name: str
    title: str
    description: str
    sql: str
    columns: dict[str, str]
    hidden: bool = False
    licence: str = "facts"


def create_statements(tables: tuple[Table, ...], views: tuple[View, ...] = ()) -> list[str]:
    """The SQL statements that create `tables`, their indexes, and `views`."""
    statements: list[str] = []
    for table in tables:
        statements += [create_table(table), *create_indexes(table)]
    return statements + create_views(views)


def create_views(views: tuple[View, ...]) -> list[str]:
    """The SQL statements that create `views`."""
    return [f'CREATE VIEW "{view.name}" AS\n{view.sql.strip()}' for view in views]


def create_table(table: Table) -> str:
    """The SQL statement that creates `table`, without its indexes."""
    lines = [_column_sql(column) for column in table.columns]
    lines.append(f"PRIMARY KEY ({_names(table.key)})")
    lines.extend(f"UNIQUE ({_names(columns)})" for columns in table.unique)
    lines.extend(f"CHECK ({check})" for check in table.checks)
    body = ",\n  ".join(lines)
    return f'CREATE TABLE "{table.name}" (\n  {body}\n) STRICT'


def _column_sql(column: Column) -> str:
    parts = [f'"{column.name}" {column.type}']
    if column.generated:
        parts.append(f"GENERATED ALWAYS AS ({column.generated}) STORED")
    if column.required:
        parts.append("NOT NULL")
    if column.default:
        parts.append(f"DEFAULT {column.default}")
    if column.values:
        allowed = ", ".join(f"'{value}'" for value in column.values)
        parts.append(f'CHECK ("{column.name}" IN ({allowed}))')
    if column.references:
        other, other_column = column.references.split(".")
        parts.append(f'REFERENCES "{other}"("{other_column}")')
    return " ".join(parts)


def create_indexes(table: Table) -> list[str]:
    """The SQL statements that create the table's indexes: bulk loads run them last."""
    wanted = [*table.indexes]
    wanted += [(column.name,) for column in table.columns if column.references]
    wanted += [(name,) for name in table.facets]
    if table.sort:
        wanted.append((table.sort.removeprefix("-"),))
    led_by_a_key = {table.key[:n] for n in range(1, len(table.key) + 1)} | {
        columns[:n] for columns in table.unique for n in range(1, len(columns) + 1)
    }
    indexes: dict[tuple[str, ...], str] = {}
    # Of a large table, an index that another one begins with takes place and time for nothing.
    for columns in wanted:
        if columns not in led_by_a_key and not (table.large and any(other[:len(columns)] == columns != other for other in wanted)):
            indexes[columns] = f'CREATE INDEX "{table.name}_{"_".join(columns)}" ON "{table.name}" ({_names(columns)})'
    return list(indexes.values())


def search_name(table: Table) -> str:
    """Name of the table's full-text index."""
    return f"{table.name}_fts"


def create_search(table: Table) -> list[str]:
    """The SQL statements that create and fill the table's full-text index (FTS5), where it has one; run them last.

    The index holds no text of its own: it points to the table's rows by rowid. It keeps the places of words, so that
    "H-1B" is found as two words side by side, but not their number in each row, since results are not ordered by it.
    """
    if not table.search:
        return []
    name = search_name(table)
    return [
        f"CREATE VIRTUAL TABLE \"{name}\" USING fts5({_names(table.search)}, content='{table.name}', columnsize=0, tokenize='unicode61 remove_diacritics 2')",
        f"INSERT INTO \"{name}\" (\"{name}\", rank) VALUES ('pgsz', 8000)",  # noqa: S608
        f"INSERT INTO \"{name}\" (\"{name}\") VALUES ('rebuild')",  # noqa: S608
        f"INSERT INTO \"{name}\" (\"{name}\") VALUES ('optimize')",  # noqa: S608
    ]


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
