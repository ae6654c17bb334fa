"""GOV.UK: answers of its content API, https://www.gov.uk/api/content/PATH (news, guidance, publications, guides).

The body is HTML in `details`, in a field that depends on the format; a guide has parts. Migrated pages bear the day of
their migration as first publication, so a day after the last change is not believed. `change_history` is the
publisher's log; most of its notes tell of changes, and only those that own up to a mistake are corrections.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from crawlers.article import PageRejected, Passage
from crawlers.templates.data import read_line, read_markup, read_names, read_text
from crawlers.templates.dates import read_date
from crawlers.templates.draft import Draft
from crawlers.templates.metadata import read_address, read_language

_SITE = "https://www.gov.uk"
_BODIES = ("introduction", "introductory_paragraph", "summary", "body", "more_information")
"""Fields of `details` that hold the text, in the order of the page."""
_MOST_PARTS = 100
_BOILERPLATE = (
    ".attachment", ".gem-c-attachment", ".attachment-thumb", ".call-to-action .button", ".govuk-button", ".js-hidden",
    ".contents-list", ".gem-c-contents-list", "[role=navigation]",
)
_MISTAKES = re.compile(r"\b(?:correct(?:ed|s|ion|ions|ing)|mistakes?|errors?|typos?|inaccura(?:te|cy)|wrong(?:ly)?|erratum)\b", re.IGNORECASE)
"""Words of a change note that owns up to a mistake: "Corrected the fee in the table." """


def read(content: object, url: str) -> Draft:
    """Read an answer of the content API.

    Raises:
        PageRejected: "gone" for a page that was taken down, moved or never there, "empty" for one without text, "parse"
            for anything else than a page.
    """
    if not isinstance(content, dict):
        raise PageRejected("parse", "not an object")
    schema = read_text(content.get("schema_name")) or read_text(content.get("document_type")) or ""
    if schema in {"gone", "redirect", "vanish"} or (content.get("error") and not content.get("title")):
        raise PageRejected("gone", f"the content API says: {schema or read_text(content['error']) or 'error'}")
    stated = content.get("details")
    details = stated if isinstance(stated, dict) else {}
    withdrawal = _read_withdrawal(content)
    changed = read_date(read_text(content.get("public_updated_at")) or "")
    return Draft(
        passages=withdrawal + _read_lead(content) + _read_details(details),
        title=read_text(content.get("title")),
        published=_read_published(content, details, changed),
        modified=changed,
        byline=_read_publisher(content.get("links")),
        correction_note=_read_corrections(details.get("change_history")),
        retraction_note="\n".join(passage.text for passage in withdrawal) or None,
        canonical_url=_read_canonical(content.get("base_path")) or url,
        language=read_language(read_text(content.get("locale"))),
    )


def _read_withdrawal(content: dict[str, object]) -> list[Passage]:
    """Return why a page no longer holds: whoever reads on must know."""
    notice = content.get("withdrawn_notice")
    explanation = notice.get("explanation") if isinstance(notice, dict) else None
    return read_markup(explanation) if isinstance(explanation, str) else []


def _read_lead(content: dict[str, object]) -> list[Passage]:
    lead = read_text(content.get("description"))
    return [Passage("paragraph", lead)] if lead else []


def _read_details(details: dict[str, object]) -> list[Passage]:
    passages = [passage for field in _BODIES for passage in _read_html(details.get(field))]
    parts = details.get("parts")
    for part in parts[:_MOST_PARTS] if isinstance(parts, list) else []:
        if not isinstance(part, dict):
            continue
        caption = read_text(part.get("title"))
        within = _read_html(part.get("body"))
        passages += [Passage("heading", caption, level=2)] if caption and within else []
        passages += [replace(passage, level=min(6, passage.level + 1)) if passage.kind == "heading" else passage for passage in within]
    return _number_tables(passages)


def _number_tables(passages: list[Passage]) -> list[Passage]:
    """Return passages read from several pieces of a page with their tables numbered throughout."""
    numbered: list[Passage] = []
    table = -1
    for passage in passages:
        table += passage.row == 0
        numbered.append(replace(passage, table=table) if passage.kind == "row" else passage)
    return numbered


def _read_html(value: object) -> list[Passage]:
    """Return the passages of a field: HTML, or one text in several media types of which HTML is one."""
    if isinstance(value, list):
        media = {item.get("content_type"): item.get("content") for item in value if isinstance(item, dict)}
        value = media.get("text/html")
    return read_markup(value, _BOILERPLATE) if isinstance(value, str) else []


def _read_published(content: dict[str, object], details: dict[str, object], changed: str | None) -> str | None:
    stated = [read_date(read_text(place.get(name)) or "") for place, name in (
        (details, "first_public_at"), (content, "first_published_at"))]
    stated += [read_date(read_text(change.get("public_timestamp")) or "") for change in _changes(details.get("change_history"))]
    first = min((date for date in stated if date), key=_moment, default=None)
    return first if first and (changed is None or _moment(first) <= _moment(changed)) else None


def _moment(date: str) -> datetime:
    moment = datetime.fromisoformat(date)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _changes(history: object) -> list[dict[str, object]]:
    return [change for change in history if isinstance(change, dict)] if isinstance(history, list) else []


def _read_corrections(history: object) -> str | None:
    """Return the notes about mistakes with their days, the newest first."""
    notes: list[str] = []
    for change in _changes(history):
        note = read_line(str(change.get("note") or "")[:2_000])
        day = read_date(read_text(change.get("public_timestamp")) or "")
        if _MISTAKES.search(note):
            notes.append(f"{day[:10]}: {note}" if day else note)
    return "\n".join(sorted(notes, reverse=True)) or None


def _read_publisher(links: object) -> str | None:
    places = links if isinstance(links, dict) else {}
    return next((names for field in ("organisations", "primary_publishing_organisation") if (names := read_names(places.get(field), "title"))), None)


def _read_canonical(path: object) -> str | None:
    return read_address(f"{_SITE}{path}") if isinstance(path, str) and path.startswith("/") else None
