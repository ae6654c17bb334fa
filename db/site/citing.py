"""Cite a fact or an event: as a line of text and as BibTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from db.site.headlines import say_event
from db.site.links import check_link
from db.site.wording import say_date, say_fact, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST = 300  # characters of a title in a citation
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
_TO_ESCAPE = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")
# An address stands in \url{}, where nothing needs escaping but what would end it or the field.
_IN_ADDRESS = re.compile(r"[{}\\\s]")


def cite_fact(fact: Mapping[str, Any], address: str) -> tuple[str, str]:
    """Text and BibTeX of a fact: who said it where and when, and that Landed recorded it.

    `fact` is a row of `facts` with its pathway, source, publisher, url, version_title and version_no.
    """
    claim = f"{show(fact['pathway'])} — {say_fact(dict(fact))}"
    author = show(fact["source"]) + (f" ({show(fact['publisher'])})" if fact["publisher"] != fact["source"] else "")
    title = _shorten(show(fact["version_title"]))
    url = check_link(fact["url"])
    text = (
        f"{author}, “{title}”{', ' + show(say_date(fact['published'])) if fact['published'] else ''}{', ' + url if url else ''}, version {fact['version_no']}, "
        f"as recorded by Landed: {claim}. Fact {show(fact['fact_id'])}, {address}"
    )
    note = f"{claim}. Said in version {fact['version_no']} of the article{' at ' + url if url else ''}; fact {show(fact['fact_id'])} of Landed"
    return text, _bibtex("fact", fact["fact_id"], fact["source"], title, fact["published"], address, note)


def cite_event(event: Mapping[str, Any], values: Sequence[Mapping[str, Any]], address: str, published_at: str) -> tuple[str, str]:
    """Text and BibTeX of an event as Landed's publication of that time tells it."""
    headline = say_event(event, values)
    title = f"{show(event['pathway'])} — {headline}" if event["pathway"] else headline
    text = f"Landed, “{title}”, as published {show(say_date(published_at[:10]))}. Event {show(event['event_id'])}, {address}"
    return text, _bibtex("event", event["event_id"], "Landed", title, published_at[:10], address, f"Event {show(event['event_id'])} of Landed")


def cite_page(page: Mapping[str, Any], address: str) -> tuple[str, str] | None:
    """The citation of what a page shows, where that is a fact or an event."""
    if page.get("fact"):
        return cite_fact(page["fact"], address)
    if page.get("event"):
        event = page["event"]
        published_at = next((row["published_at"] for row in page["publication"]), event["recorded_at"])
        return cite_event(event, page["figures"][event["event_id"]], address, published_at)
    return None


def _bibtex(kind: str, row_id: str, author: str, title: str, published: str | None, address: str, note: str) -> str:
    fields = {"author": f"{{{_escape(author)}}}", "title": f"{{{_escape(title)}}}"}
    if published and published[:4].isdigit():
        fields["year"] = published[:4]
        if published[5:7].isdigit():
            fields["month"] = str(int(published[5:7]))
    fields |= {"howpublished": f"\\url{{{_IN_ADDRESS.sub('', address)}}}", "note": _escape(note)}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{landed-{kind}-{re.sub('[^A-Za-z0-9-]', '-', row_id)},\n{lines}}}"


def _escape(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _SPECIAL[found[0]], " ".join(show(text).split()))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
