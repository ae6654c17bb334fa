"""Charts: rows as Vega-Lite specifications, which `static/charts.js` draws where a page has one (see `_charts.html`).

A specification names colours by the stylesheet's variables ("--chart-1"), so that light and dark are its business, and
rows by their set, which several charts of a page share. Each row gives one mark. Whatever comes from a page is data
here, never a part of a formula.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from db.site.wording import say_date, say_number, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from db.metadata import Chart

Spec = dict[str, Any]

MOST: Final = 1500
"""Rows of one chart; the newest, where there are more."""
NAMED: Final = 9
"""Categories with a colour of their own; the others share one."""
OTHERS: Final = "Other categories"

_COLOURS: Final = tuple(f"--chart-{number}" for number in range(1, NAMED + 1))
_SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left", "M-1,-.45L1,-.45L1,.45L-1,.45Z")
_DAY: Final = re.compile(r"\d{4}-\d\d(-\d\d)?", re.ASCII)
_LONGEST: Final = 60
_QUARTERS_FROM: Final = 4
_SYSTEM: Final = re.compile(r"^Express Entry:? (?=.)")


def chart_draws(rows: Iterable[Mapping[str, Any]], page_of: Callable[[str, str], str]) -> dict[str, Any]:
    """The charts of draws: the scores of each system, which have scales of their own, and the invitations.

    Args:
        rows: Draws with draw_id, draw_date, number, name, invitations and cutoff_score; with pathway (its name), system
            and system_name where they are known.
        page_of: Gives the address of a row's page.

    Returns:
        `rows`, what the marks stand for, and `charts`, each with id, title and spec; none where fewer than two draws have a figure.
    """
    draws = sorted(rows, key=lambda row: (row["draw_date"], row["draw_id"]), reverse=True)[:MOST]
    names = [name_category(row) for row in draws]
    domain = _rank(names)
    known = set(domain)
    marked = [
        {
            "date": row["draw_date"],
            "day": say_date(row["draw_date"]),
            "round": _cut(f"{row['name']}" if row["number"] == row["draw_date"] else f"{row['name']} ({row['number']})"),
            "category": name if name in known else OTHERS,
            "place": domain.index(name) if name in known else NAMED,
            "system": row.get("system") or "",
            "score": row["cutoff_score"],
            "invitations": row["invitations"],
            "url": page_of("draws", row["draw_id"]),
        }
        for row, name in zip(draws, names, strict=True)
    ]
    shown = [*domain, *([OTHERS] if len(set(names)) > len(domain) else [])]
    charts = []
    systems = {row.get("system") or "": row.get("system_name") or "" for row in draws}
    for number, (system, name) in enumerate(sorted(systems.items(), key=lambda pair: (pair[0] != "ca-ee", pair[1]))):
        scored = [row for row in marked if row["score"] is not None and row["system"] == system]
        if len(scored) > 1:
            title = "Lowest score invited" + (f", {_cut(name)}" if name and len(systems) > 1 else "")
            charts.append({"id": f"scores-{number}", "title": title, "rows": len(scored), "spec": _scores(_among(shown, scored), system if len(systems) > 1 else None)})
    sized = [row for row in marked if row["invitations"] is not None]
    if len(sized) > 1:
        charts.append({"id": "invitations", "title": f"Invitations by {_choose_unit(sized)[1]}", "rows": len(sized), "spec": _invitations(_among(shown, sized), _choose_unit(sized)[0])})
    return {"rows": marked if charts else [], "charts": charts}


def name_category(row: Mapping[str, Any]) -> str:
    """A draw's category: its pathway's name without the system's, or the round's own name."""
    return _cut(_capital(_SYSTEM.sub("", row.get("pathway") or row["name"])))


def chart_query(chart: Chart, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """The chart of a saved query's rows; without charts where fewer than two rows have both values."""
    places = {name: columns.index(name) for name in (chart.x, chart.y, chart.colour) if name and name in columns}
    if not {chart.x, chart.y} <= places.keys():
        return {"rows": [], "charts": []}
    found = [{name: _plain(row[at]) for name, at in places.items()} for row in rows]
    kept = [row for row in found if row[chart.x] is not None and row[chart.y] is not None][:MOST]
    if len(kept) < 2:
        return {"rows": [], "charts": []}
    named = ""
    if chart.colour:
        names = [_capital(_SYSTEM.sub("", str(row[chart.colour]))) for row in kept]
        domain = _rank(names)
        kept = [{**row, chart.colour: name if name in domain else OTHERS} for row, name in zip(kept, names, strict=True)]
        shown = [*domain, *([OTHERS] if any(row[chart.colour] == OTHERS for row in kept) else [])]
        named = chart.colour
    # The names of columns are the queries' own, yet Vega reads dots and brackets in a field's name as a path.
    x, y = _channel(chart.x, kept), _channel(chart.y, kept)
    encoding: Spec = {"x": x, "y": y, "tooltip": [{"field": name, "title": _title(name)} for name in places]}
    if named:
        encoding["color"] = {"field": named, "type": "nominal", "title": None, "scale": _scale(shown), "legend": {"symbolType": "circle"}}
    if chart.kind == "bar":
        mark: Spec = {"type": "bar", "color": "--chart-1", "cornerRadius": 1}
        flat = y["type"] == "nominal"
        (y if flat else x)["sort"] = None if flat else "ascending"
        if x["type"] == "temporal":
            x["timeUnit"] = "utcyearmonth"
        for channel in (x, y):
            if channel["type"] == "quantitative":
                channel["scale"] = {"zero": True}
        return _one(chart, kept, {"mark": mark, "encoding": encoding, "height": 26 * len(kept) + 10 if flat else 260})
    mark = {"type": "point", "filled": True, "size": 46, "color": "--chart-1"}
    return _one(chart, kept, {"mark": mark, "encoding": encoding, "height": 260})


def _one(chart: Chart, kept: list[Spec], spec: Spec) -> dict[str, Any]:
    said, by = (chart.x, chart.y) if spec["encoding"]["y"]["type"] == "nominal" else (chart.y, chart.x)
    title = f"{_title(said)} by {' and '.join(_title(name).lower() for name in (by, chart.colour) if name)}"
    return {"rows": kept, "charts": [{"id": "result", "title": title, "rows": len(kept), "spec": spec}]}


def _scores(shown: Sequence[str], system: str | None) -> Spec:
    tests: list[Any] = [{"field": "score", "valid": True}, *([{"field": "system", "equal": system}] if system is not None else [])]
    return {
        "height": 300,
        "transform": [{"filter": test} for test in tests],
        "params": _pick(shown),
        "mark": {"type": "point", "filled": True, "size": 44, "cursor": "pointer"},
        "encoding": {
            "x": _time("date"),
            "y": {"field": "score", "type": "quantitative", "title": None, "scale": {"zero": False, "nice": True}, "axis": {"format": "d"}},
            **_by_category(shown),
            "shape": {"field": "category", "type": "nominal", "title": None, "scale": {"domain": list(shown), "range": [_shape(name, place) for place, name in enumerate(shown)]}},
            **_of_draw(),
        },
    }


def _invitations(shown: Sequence[str], unit: str) -> Spec:
    return {
        "height": 260,
        "transform": [{"filter": {"field": "invitations", "valid": True}}],
        "params": _pick(shown),
        "mark": {"type": "bar", "cursor": "pointer"},
        "encoding": {
            "x": {**_time("date"), "timeUnit": unit, **({"axis": {"format": "%Y", "tickCount": "year", "labelOverlap": True}} if unit == "utcyearquarter" else {})},
            "y": {"field": "invitations", "type": "quantitative", "title": None, "stack": "zero", "axis": {"format": ",d"}},
            "order": {"field": "place", "type": "quantitative"},
            **_by_category(shown),
            **_of_draw(),
        },
    }


def _pick(shown: Sequence[str]) -> list[Spec]:
    """A click on a category in the legend shows it alone."""
    return [{"name": "pick", "select": {"type": "point", "fields": ["category"]}, "bind": "legend"}] if len(shown) > 1 else []


def _by_category(shown: Sequence[str]) -> Spec:
    colour = {"field": "category", "type": "nominal", "title": None, "scale": _scale(shown), "legend": {"symbolOpacity": 1} if len(shown) > 1 else None}
    fade = {"opacity": {"condition": {"param": "pick", "value": 0.9}, "value": 0.08}} if len(shown) > 1 else {"opacity": {"value": 0.9}}
    return {"color": colour, **fade}


def _of_draw() -> Spec:
    said = (("day", "Date"), ("round", "Round"), ("category", "Category"), ("score", "Lowest score"), ("invitations", "Invitations"))
    numbers = {"score": "d", "invitations": ",d"}
    return {
        "href": {"field": "url", "type": "nominal"},
        "tooltip": [{"field": name, "title": title, **({"type": "quantitative", "format": numbers[name]} if name in numbers else {"type": "nominal"})} for name, title in said],
    }


def _time(field: str) -> Spec:
    return {"field": field, "type": "temporal", "title": None, "scale": {"type": "utc"}, "axis": {"labelOverlap": True, "labelFlush": True}}


def _channel(name: str, rows: Sequence[Spec]) -> Spec:
    values = [row[name] for row in rows]
    if all(isinstance(value, (int, float)) for value in values):
        if name in {"year", "teer", "place"}:
            return {"field": name, "type": "ordinal", "title": _title(name), "axis": {"labelAngle": 0, "labelOverlap": True}}
        return {"field": name, "type": "quantitative", "title": _title(name), "scale": {"zero": False}, "axis": {"format": "%" if name.startswith("share_") else ",~r", "tickMinStep": 0.1 if name.startswith("share_") else 1}}
    if all(_DAY.fullmatch(str(value)) for value in values):
        return {**_time(name), "title": None}
    return {"field": name, "type": "nominal", "title": None, "axis": {"labelLimit": 190}}


def _choose_unit(rows: Sequence[Spec]) -> tuple[str, str]:
    """By month, or where years are many by quarter, so that bars stay broad enough to point at."""
    years = int(rows[0]["date"][:4]) - int(rows[-1]["date"][:4])
    return ("utcyearquarter", "quarter") if years >= _QUARTERS_FROM else ("utcyearmonth", "month")


def _rank(names: Sequence[str]) -> list[str]:
    """The names that get a colour: all, or the most frequent."""
    return [name for name, _ in sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED]]


def _among(shown: Sequence[str], rows: Iterable[Spec]) -> list[str]:
    present = {row["category"] for row in rows}
    return [name for name in shown if name in present]


def _scale(shown: Sequence[str]) -> Spec:
    return {"domain": list(shown), "range": ["--chart-others" if name == OTHERS else _COLOURS[place % NAMED] for place, name in enumerate(shown)]}


def _shape(name: str, place: int) -> str:
    return "circle" if name == OTHERS else _SHAPES[place % len(_SHAPES)]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float)) else _cut(str(value))


def _title(name: str) -> str:
    return _capital(name.replace("_", " "))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str) -> str:
    clean = " ".join(show(text).split())
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def say_chart(chart: Mapping[str, Any]) -> str:
    """What a chart is, for those who don't see it."""
    return f"{chart['title']}: {say_number(str(chart['rows']))} marks. The table beside it has the same figures."
