"""What holds for each attribute, as rows of rules.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from extract.facts.scopes import ancestors_of
from extract.vocabulary import load_pathways


@cache
def read_rules() -> dict[str, dict[str, Any]]:
    """Attribute -> its default unit, whether it holds for a period, and the pathways that it is rarely told of."""
    rows = tomllib.loads((files("extract.facts") / "rules.toml").read_text(encoding="utf-8"))
    return {row["attribute"]: row for row in rows["rule"]}


def fit_subjects(attribute: str, subjects: list[str]) -> list[str]:
    """The pathways that a value of an attribute may be told of where its sentence names none."""
    rule = read_rules()[attribute]
    unfit = set(rule.get("unfit", ()))
    fitting = [name for name in subjects if unfit.isdisjoint((name, *ancestors_of(name)))]
    return [system_of(name) for name in fitting] if rule.get("of_system") else fitting


def system_of(name: str) -> str:
    """The system that a category of rounds belongs to; any other pathway itself."""
    known = load_pathways()
    above = [each for each in ancestors_of(name) if known[each].kind == "system"]
    return above[0] if above and known[name].kind == "category" else name
