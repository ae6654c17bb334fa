"""US Federal Register: documents of its API, one (/api/v1/documents/NUMBER.json) or the results of a search.

What the API gives is the head of a document: agency, action, dates and summary, which the printed document opens with.
The full text (`body_html_url`) is not fetched. A document may be dated some days ahead, as it was filed for.
"""

from __future__ import annotations

from crawlers.article import PageRejected, Passage, join_cells
from crawlers.templates.data import read_line, read_names, read_text
from crawlers.templates.dates import read_date
from crawlers.templates.draft import Draft
from crawlers.templates.metadata import read_address

_ROWS = (
    # caption in the table, field
    ("Document number", "document_number"),
    ("Citation", "citation"),
    ("Type", "type"),
    ("Action", "action"),
    ("Publication date", "publication_date"),
    ("Effective date", "effective_on"),
    ("Comments close", "comments_close_on"),
)
_TEXTS = (("Summary", "abstract"), ("Dates", "dates"))
_LONGEST = 50_000
_SHORT = "https://www.federalregister.gov/d/"
"""Address of a document by its number, for answers that were asked for without `html_url`."""


def read(content: object, url: str) -> tuple[Draft, ...]:
    """Read a document, or each one of a search's results.

    Raises:
        PageRejected: "gone" where the API knows no such document, "parse" for anything else than documents.
    """
    if not isinstance(content, dict):
        raise PageRejected("parse", "not an object")
    if content.get("status") == 404:
        raise PageRejected("gone", f"the API says: {read_text(content.get('message')) or 404}")
    results = content.get("results")
    documents = [item for item in results if isinstance(item, dict)] if isinstance(results, list) else [content]
    drafts = tuple(_read_document(document, url) for document in documents if read_text(document.get("title")))
    if not drafts and (documents == [content] or results):
        raise PageRejected("parse", "no document of the Federal Register")
    return drafts


def _read_document(document: dict[str, object], url: str) -> Draft:
    number = "".join((read_text(document.get("document_number")) or "").split())
    agencies = read_names(document.get("agencies"), "name") or read_names(document.get("agencies"), "raw_name")
    rows = [(caption, read_text(document.get(field))) for caption, field in _ROWS]
    rows.insert(1, ("Agencies", agencies))
    pairs = [(caption, value) for caption, value in rows if value]
    passages = [
        Passage("row", join_cells(pair), table=0, row=number, cells=pair) for number, pair in enumerate(pairs)
    ]
    for caption, field in _TEXTS:
        value = document.get(field)
        text = read_line(value[:_LONGEST]) if isinstance(value, str) else ""
        if text:
            passages += [Passage("heading", caption, level=2), Passage("paragraph", text)]
    return Draft(
        passages=passages,
        title=read_line((read_text(document.get("title")) or "")[:_LONGEST]),
        published=read_date(read_text(document.get("publication_date")) or ""),
        byline=agencies,
        canonical_url=read_address(read_text(document.get("html_url"))) or (f"{_SHORT}{number}" if number else url),
        language="en",
    )
