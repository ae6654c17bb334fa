"""What holds for each attribute, as rows of rules.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_rules() -> dict[str, dict[str, Any]]:
    """Attribute -> its default unit and whether it holds for a period."""
    rows = tomllib.loads((files("extract.facts") / "rules.toml").read_text(encoding="utf-8"))
    return {row["attribute"]: row for row in rows["rule"]}
