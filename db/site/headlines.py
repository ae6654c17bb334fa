"""Say in a line what happened: "Draw 430, 21 July 2026: 3,000 invitations, cut-off score 511".

An event's title in the database holds ids and ISO dates; people read its type, date and best supported values instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from db.site.wording import WORDS, say_attribute, say_date, say_value, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LISTED = 3  # values of one attribute that a headline names
# Federal rounds are numbered; a province's are known by their day.
_NUMBER = re.compile(r"\bDraw (\d+[a-z]?)$")
_OVER = {"in_effect", "ended"}


def say_event(event: Mapping[str, Any], values: Sequence[Mapping[str, Any]] = ()) -> str:
    """What happened, without the pathway: "Opened 16 July 2023", "Cap for 2026: 155,000 permits".

    Args:
        event: A row of `events`.
        values: Its rows of `event_values` that aren't deprecated, the best supported first.
    """
    words = WORDS["events"].get(event["event_type"])
    if words is None:
        return show(event["title"])
    what = words["past"] if event["status"] in _OVER and "past" in words else words["what"]
    if event["event_type"] == "draw" and (number := _NUMBER.search(event["title"])):
        what = f"{what} {number[1]}"
    elif words.get("of_value") and values:
        what = show(say_attribute(values[0]["attribute_id"])).capitalize()
    when = event["event_date"] or event["period"]
    if when:
        what += words["dated"].format(show(say_date(when)))
    figures = [] if words.get("dated_only") else say_figures(values)
    return f"{what}: {', '.join(figures)}" if figures else what


def say_figures(values: Sequence[Mapping[str, Any]]) -> list[str]:
    """The best value of each attribute, scope and unit in words; of values that hold side by side, such as codes, the first few."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for value in values:
        groups.setdefault((value["attribute_id"], value["scope"], value["unit"]), []).append(value)
    said = []
    for (attribute, scope, _), group in groups.items():
        if attribute == "draw_on":
            continue
        beside = [value for value in group if value["rank"] == "normal"] if group[0]["rank"] != "preferred" else []
        shown = beside[:LISTED] or group[:1]
        text = WORDS["figures"].get(attribute, "{}").format(", ".join(_say(value) for value in shown))
        more = (group[0].get("beside") or len(beside)) - len(shown)
        said.append(text + (f" and {more:,} more" if beside and more > 0 else "") + (f" ({show(scope)})" if scope else ""))
    return said if len(said) <= LISTED else [*said[:LISTED], f"{len(said) - LISTED} more figures"]


def _say(value: Mapping[str, Any]) -> str:
    unit = "" if value["attribute_id"] in WORDS["figures"] else value["unit"]
    return say_value(value["attribute_id"], value["value"], unit)


def say_support(event: Mapping[str, Any]) -> str:
    """Who stands behind an event: "told by 2 owners in 3 stories, on the official record"."""
    parts = []
    if event["owners"]:
        parts.append(f"told by {event['owners']:,} owner{'' if event['owners'] == 1 else 's'} in {event['stories']:,} stor{'y' if event['stories'] == 1 else 'ies'}")
    if event["draw_id"]:
        parts.append("on the official record")
    elif event["official"]:
        parts.append("an authority says so")
    return ", ".join(parts) or "no current text tells of it"


def say_rule(rule: str) -> str:
    """An extraction rule in words: "cap-inside" found a figure within the words of a cue."""
    return str(WORDS["rules"].get(rule.rpartition("-")[2], ""))
