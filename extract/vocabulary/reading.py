"""Read the vocabulary's CSV files, and say exactly where one is wrong."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parent


class VocabularyError(ValueError):
    """A vocabulary file breaks a rule; the message names the file, the line and what is wrong."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}, line {line}: {what}")
        self.file = file
        self.line = line
        self.what = what


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a CSV file: its file, its line (the first line is 1) and its cells by column name."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def need(self, column: str) -> str:
        """The cell, which must not be empty. Raises VocabularyError if it is."""
        value = self.cells[column]
        if not value:
            raise self.error(f"column {column} is empty")
        return value

    def choose(self, column: str, allowed: frozenset[str]) -> str:
        """The cell, which must be one of `allowed`. Raises VocabularyError if it isn't."""
        value = self.cells[column]
        if value not in allowed:
            raise self.error(f"{column} is {value!r}, not one of {', '.join(sorted(allowed))}")
        return value

    def split(self, column: str) -> tuple[str, ...]:
        """The cell's parts between bars, without those that are empty."""
        return tuple(part.strip() for part in self.cells[column].split("|") if part.strip())

    def error(self, what: str) -> VocabularyError:
        """An error about this row, to be raised."""
        return VocabularyError(self.file, self.line, what)


def read_rows(name: str, columns: tuple[str, ...], folder: Path = FOLDER) -> Iterator[Row]:
    """Yield the rows of a CSV file whose header must be `columns`, in that order.

    Raises:
        VocabularyError: the file is absent, its header differs, or a row has too few or too many cells.
    """
    path = folder / name
    try:
        stream = path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise VocabularyError(name, 0, f"can't be read: {error}") from error
    with stream:
        reader = csv.reader(stream, strict=True)
        header = tuple(next(reader, []))
        if header != columns:
            raise VocabularyError(name, 1, f"the header is {', '.join(header)}; expected {', '.join(columns)}")
        start = 2
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not cells:
                continue
            if len(cells) != len(columns):
                raise VocabularyError(name, line, f"{len(cells)} cells, expected {len(columns)}")
            yield Row(name, line, dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
