"""What the page of all draws shows: the official rounds that a reader asks for, their totals, and what else can be asked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from db.site.charts import name_category
from db.site.pages.rows import Row, select
from db.site.wording import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from datasette.database import Database

MOST: Final = 10_000
"""Draws that are read, newest first: the record has a few hundred."""
SHOWN: Final = 100
"""Rows of the table on the page; CSV and JSON have all."""
MAIN: Final = "ca-ee"
"""The system that is shown where nothing is asked for."""
ALL: Final = "all"
COLUMNS: Final = (
    "draw_id", "draw_date", "system", "system_name", "number", "name", "pathway_id", "pathway", "program", "invitations", "invitations_comparator", "cutoff_score", "pool_total",
)

SQL: Final = f"""
SELECT d.draw_id, d.draw_date, d.year, d.system, coalesce(s.name, d.system) AS system_name, d.number, d.name, d.pathway_id, p.name AS pathway, d.program,
       d.invitations, d.invitations_comparator, d.cutoff_score, d.pool_total
FROM draws d LEFT JOIN pathways p ON p.pathway_id = d.pathway_id LEFT JOIN pathways s ON s.pathway_id = d.system
ORDER BY d.draw_date DESC, d.draw_id DESC LIMIT {MOST}"""  # noqa: S608 - our own number
_JOINTS: Final = re.compile(r",\s+| and (?=[A-Z])")
_YEAR: Final = re.compile(r"[12][0-9]{3}", re.ASCII)
_UNKNOWN: Final = "none"
_LONGEST: Final = 200


@dataclass(frozen=True)
class Wish:
    """What a reader asks for: ids, the name of a program, and the first and last year; "" and None for any."""

    system: str = ""
    category: str = ""
    program: str = ""
    first: int | None = None
    last: int | None = None

    def fits(self, draw: Row) -> bool:
        """Whether it asks for the draw."""
        return (
            self.system in {"", ALL, draw["system"]}
            and self.category in {"", draw["pathway_id"] or _UNKNOWN}
            and (not self.program or self.program in split_programs(draw["program"]))
            and (self.first is None or draw["year"] >= self.first)
            and (self.last is None or draw["year"] <= self.last)
        )

    def spell(self) -> str:
        """As the query of an address, the same for the same wish."""
        named = (("system", self.system), ("category", self.category), ("program", self.program), ("from", self.first), ("to", self.last))
        return urlencode([(name, value) for name, value in named if value])


def read_wish(get: Callable[[str], str | None], draws: Sequence[Row]) -> Wish:
    """What the parameters ask for; years in the wrong order are turned round, and a category says its system."""
    system, category, program = ((get(name) or "").strip()[:_LONGEST] for name in ("system", "category", "program"))
    years = sorted(year for year in (_read_year(get("from")), _read_year(get("to"))) if year is not None)
    first, last = years if len(years) == 2 else (_read_year(get("from")), _read_year(get("to")))
    systems = {draw["system"] for draw in draws}
    if category and category != _UNKNOWN:
        of_category = {draw["system"] for draw in draws if draw["pathway_id"] == category}
        system = system if system == ALL or system in of_category or not of_category else min(of_category)
    if not system:
        system = MAIN if MAIN in systems else ALL
    return Wish(system, category, program, first, last)


def _read_year(text: str | None) -> int | None:
    return int(text.strip()) if text and _YEAR.fullmatch(text.strip()) else None


def split_programs(text: str | None) -> tuple[str, ...]:
    """The programs of a draw one by one; a feed names the same one with "Program" behind it and without."""
    return tuple(part.removesuffix(" Program") for part in _JOINTS.split(text.strip()) if part) if text else ()


async def read_draws(database: Database) -> list[Row]:
    """All draws, newest first."""
    return await select(database, SQL)


async def explore(database: Database, get: Callable[[str], str | None]) -> Row:
    """The draws that the parameters ask for, newest first, with totals and with what can be chosen."""
    every = await read_draws(database)
    wish = read_wish(get, every)
    draws = [draw for draw in every if wish.fits(draw)]
    return {
        "wish": wish,
        "query": wish.spell(),
        "draws": draws,
        "shown": draws[:SHOWN],
        "many_systems": len({draw["system"] for draw in draws}) > 1,
        "totals": {"draws": len(draws), **_count(draws)},
        "by_year": tabulate(draws),
        "choices": _list_choices(every, wish),
        "all": len(every),
    }


def tabulate(draws: Sequence[Row]) -> Row:
    """Invitations, draws and the range of scores by category and year, the category with most draws first, and by year over all."""
    cells: dict[tuple[str, str, str], dict[int | str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for draw in draws:
        for key in ((draw["pathway_id"] or "", name_category(draw), draw["system_name"]), ("", "", "")):
            for year in (draw["year"], "all"):
                cells[key][year].append(draw)
    whole = cells.pop(("", "", ""), {})
    years = sorted((year for year in whole if isinstance(year, int)), reverse=True)
    rows = [
        {"pathway_id": key[0], "category": key[1], "system": key[2], "draws": len(found["all"]), "total": _count(found["all"]), "years": [_count(found[year]) if year in found else None for year in years]}
        for key, found in sorted(cells.items(), key=lambda pair: (-len(pair[1]["all"]), pair[0]))
    ]
    return {"years": years, "rows": rows, "whole": [_count(whole[year]) for year in years]}


def _count(draws: Iterable[Row]) -> Row:
    found = list(draws)
    sizes = [draw["invitations"] for draw in found if draw["invitations"] is not None]
    scores = [draw["cutoff_score"] for draw in found if draw["cutoff_score"] is not None]
    return {
        "draws": len(found),
        "invitations": sum(sizes) if sizes else None,
        "inexact": any(draw["invitations_comparator"] != "eq" or draw["invitations"] is None for draw in found),
        "lowest": min(scores, default=None),
        "highest": max(scores, default=None),
        "first": found[-1]["draw_date"] if found else None,
        "last": found[0]["draw_date"] if found else None,
    }


def _list_choices(every: Sequence[Row], wish: Wish) -> Row:
    systems = Counter((draw["system"], draw["system_name"]) for draw in every)
    categories: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for draw in every:
        key = (draw["pathway_id"], name_category(draw)) if draw["pathway_id"] else (_UNKNOWN, "Not in the vocabulary yet")
        categories[draw["system_name"]][key] += 1
    programs = Counter(program for draw in every if wish.system in {ALL, draw["system"]} for program in split_programs(draw["program"]))
    years = [draw["year"] for draw in every]
    return {
        "systems": sorted(((system, name, count) for (system, name), count in systems.items()), key=lambda each: (each[0] != MAIN, each[1])),
        "categories": {name: sorted((key, label, count) for (key, label), count in found.items()) for name, found in sorted(categories.items())},
        "programs": sorted(programs.items()),
        "years": list(range(max(years), min(years) - 1, -1)) if years else [],
    }


def list_rows(draws: Iterable[Row], page_of: Callable[[str, str], str]) -> list[dict[str, Any]]:
    """The draws as JSON and CSV give them, each with its page's address."""
    return [{**{name: show(draw[name]) if isinstance(draw[name], str) else draw[name] for name in COLUMNS}, "url": page_of("draws", draw["draw_id"])} for draw in draws]
