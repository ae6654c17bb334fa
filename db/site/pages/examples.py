"""Worked examples: the files in `examples`, which the page shows, the README repeats and the tests run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "examples"
LANGUAGES = {"caps.py": "Python", "cutoffs.py": "pandas", "invitations.py": "DuckDB", "occupations.R": "R"}


@dataclass(frozen=True)
class Example:
    """One example: its file's name, what it is called, what it shows, and its code."""

    file: str
    title: str
    says: str
    code: str


@cache
def list_sql() -> tuple[Example, ...]:
    """The examples in SQL: the first line of comment is the title, the others say what to learn from it."""
    return tuple(_read_sql(path) for path in sorted(FOLDER.glob("*.sql")))


def _read_sql(path: Path) -> Example:
    lines = path.read_text("utf-8").splitlines()
    comments = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
    code = "\n".join(line for line in lines if not line.startswith("-- "))
    return Example(path.name, comments[0], " ".join(comments[1:]), code)


@cache
def list_programs() -> tuple[Example, ...]:
    """The examples in Python and R, whole as they can be run: `python caps.py facts.db`."""
    found = []
    for name, language in LANGUAGES.items():
        code = (FOLDER / name).read_text("utf-8").rstrip()
        says = code.splitlines()[0].strip('"# ')
        found.append(Example(name, language, _begin(says.partition(": ")[2]), code))
    return tuple(found)


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]
