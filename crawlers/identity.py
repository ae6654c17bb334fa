"""Who the crawler says it is."""

from __future__ import annotations

from importlib.metadata import version

SOFTWARE = f"Landed/{version('landed')}"


def user_agent(contact: str) -> str:
    """The User-Agent header: product, version, and where its operator can be reached."""
    return f"{SOFTWARE} (+{contact})" if contact else SOFTWARE
