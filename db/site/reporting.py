"""Where readers report an error: an address of the operator's, with the id of what they looked at filled in."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit, urlunsplit

PLUGIN = "landed_pages"
SETTING = "report_to"


def check_address(text: str) -> str:
    """`text` where it is a mailto: or https: address that errors can be reported to; ValueError says what it must be."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise ValueError(_wrong(text)) from error
    plain = text.isprintable() and not any(sign in text for sign in " \"'<>\\")
    if plain and ((parts.scheme == "mailto" and "@" in parts.path) or (parts.scheme == "https" and parts.netloc)):
        return text
    raise ValueError(_wrong(text))


def report_link(report_to: object, kind: str, row_id: str, page: str) -> str:
    """The address with a subject and a text that name the row; "" where there is none, or none to be trusted.

    An https: address gets them as `title` and `body`, as GitHub's form for new issues takes them.
    """
    try:
        parts = urlsplit(check_address(str(report_to or "")))
    except ValueError:
        return ""
    title, body = f"Error in {kind} {row_id}", f"{kind.capitalize()} {row_id}\n{page}\n\nWhat is wrong, and how you know:\n"
    names = ("subject", "body") if parts.scheme == "mailto" else ("title", "body")
    filled = urlencode(dict(zip(names, (title, body), strict=True)), quote_via=quote)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, filled]))))


def _wrong(text: str) -> str:
    return f"{text!r}: errors are reported to a mailto: or https: address, such as mailto:editor@example.org"
