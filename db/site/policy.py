"""The Content-Security-Policy: scripts and styles come from files of this site, or stand word for word in a template.

Our own templates hold no inline script and no inline style. Those of Datasette and its plugins hold some: an inline
block without variables is allowed by its hash; a `style` attribute, and a style block that is made anew for each
page, is taken out of the template as it is loaded (what they do, our stylesheet does). Nothing that a page's content
could bring in gets a hash, since only templates are looked at, never the pages made from them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import BaseLoader, TemplateNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jinja2 import Environment

_OWN: Final = Path(__file__).parent / "templates"
_STYLE_ATTRIBUTE: Final = re.compile(r'\sstyle="(?:\{\{[^}]*\}\}|[^"{])*"')
_INLINE: Final = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)

CLOSED: Final = frozenset({"allow_debug", "messages_debug", "patterns", "permissions_debug", "logout"})
"""Templates of pages for developers of plugins, which this site doesn't serve."""


class PlainLoader(BaseLoader):
    """Loads templates as another loader does, without inline styles in those that are not Landed's own."""

    def __init__(self, inner: BaseLoader) -> None:
        self.inner = inner

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The template's text, file name, and whether it is still up to date."""
        source, name, is_fresh = self.inner.get_source(environment, template)
        return (source if _is_own(name) else strip_styles(source)), name, is_fresh

    def list_templates(self) -> list[str]:
        """Names of all templates."""
        return self.inner.list_templates()


def strip_styles(source: str) -> str:
    """A template without `style` attributes, and without style blocks that hold variables."""
    return _INLINE.sub(lambda found: "" if found[1] == "style" and _varies(found[3]) else found[0], _STYLE_ATTRIBUTE.sub("", source))


def write_policy(environment: Environment) -> str:
    """The header's value, with a hash for each inline block in a template that this site uses but didn't write."""
    hashes: dict[str, set[str]] = {"script": set(), "style": set()}
    for source in _foreign_templates(environment):
        for kind, attributes, content in _INLINE.findall(source):
            if "src=" not in attributes and content.strip() and not _varies(content):
                hashes[kind].add(_hash(content))
    allowed = {kind: " ".join(("'self'", *sorted(found))) for kind, found in hashes.items()}
    return (
        f"default-src 'none'; script-src {allowed['script']}; style-src {allowed['style']}; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _foreign_templates(environment: Environment) -> Iterator[str]:
    if environment.loader is None:
        return
    for name in environment.loader.list_templates():
        if name.removeprefix("default:").removesuffix(".html") in CLOSED or name.startswith("default:"):
            continue  # where a template of ours extends Datasette's, it replaces the blocks with scripts
        try:
            source, file, _ = environment.loader.get_source(environment, name)
        except TemplateNotFound:
            continue
        if name.endswith(".html") and not _is_own(file):
            yield source


def _is_own(name: str | None) -> bool:
    return name is not None and Path(name).is_relative_to(_OWN)


def _varies(content: str) -> bool:
    return "{{" in content or "{%" in content


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
