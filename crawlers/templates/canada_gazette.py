"""Canada Gazette: pages of an issue that hold many notices, each at an anchor, and pages of one regulation.

Seen in pages of 2012 to 2026: `h1#wb-cont` "Canada Gazette, Part I, Volume 158, Number 6: GOVERNMENT NOTICES", the
issue's date below it, then for each notice `h2[id=ne1]` with the department, h3 with the act, h4 with the title; a notice
may go on with h2 that have no id, so only an id begins a notice. Commissions have cs1, extra editions e71. Footnotes of
all notices stand at the end. A regulation's page (sor-dors219, si-tr27, reg1) has its title in h1 and "Registration" below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from crawlers.article import PageRejected
from crawlers.blocks import read_passages
from crawlers.templates.boilerplate import drop_elements, pick_container
from crawlers.templates.dates import read_date
from crawlers.templates.draft import Draft

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from crawlers.article import Passage
    from crawlers.templates.metadata import Metadata

_CONTAINERS = ('main[property="mainContentOfPage"]', "main", "#content", "body")
_BOILERPLATE = (
    ".wb-fnote", ".fn-lnk",  # footnotes: the acts' citations, and their marks in the text
    ".pagedetails", "#wb-dtmd", "gcds-date-modified", "#wb-bc", "footer", "#archived", ".wb-overlay",
)
_ALONE = re.compile(r"/(?:reg|sor-dors|si-tr|extra|order|decret)[\w-]{0,20}-(?:eng|fra)\.(?:html|php)$", re.ASCII)
_ANCHOR = re.compile(r"(?!fn|wb|h\d)[a-z]{1,4}\d{1,3}[a-z]?(?:-\d{1,3})?", re.ASCII)
_DEEPEST_NOTICE = 4
_MISPRINTED = re.compile(r"(-(?:eng|fra)\.html)(?:@|(?=[a-z]{1,4}\d{1,3}$))", re.ASCII)
_ISSUE = re.compile(
    r"(?:Canada Gazette, Part [IVX0-9]{1,4}|Gazette du Canada, Partie [IVX0-9]{1,4}), "
    r"Volume \d{1,4}(?:, (?:Number|Num\xe9ro) [\w ]{1,20})?(?P<colon> ?: ?)?", re.IGNORECASE
)
_DATE = re.compile(r"(?:Le )?(?:[^\W\d_]{3,9} \d{1,2}, \d{4}|\d{1,2}(?:er)? [^\W\d_]{3,9} \d{4})", re.IGNORECASE)
_TOP = 5
"""Lines of a page among which the issue's name and date stand."""


def mend_address(url: str) -> str:
    """Return an address of the Gazette whose own index misprints it: ".html@cs7" and ".htmlcs10" for ".html#cs7"."""
    return _MISPRINTED.sub(r"\1#", url, count=1)


def read(soup: BeautifulSoup, metadata: Metadata) -> tuple[Draft, ...]:
    """Read the notices of a page, or its one regulation.

    Raises:
        PageRejected: "parse", if it has no main part.
    """
    container = pick_container(soup, _CONTAINERS)
    if container is None:
        raise PageRejected("parse", "no main part")
    drop_elements(container, _BOILERPLATE)
    passages = read_passages(container)
    headline = next((at for at, passage in enumerate(passages) if passage.kind == "heading" and passage.level == 1), None)
    title = passages[headline].text if headline is not None else metadata.title or ""
    url = urldefrag(mend_address(metadata.url)).url
    lines = [passage.text for passage in passages[:_TOP] if _dates_issue(passage)]
    published = metadata.published or (read_date(lines[0]) if lines else None)
    body = [passage for at, passage in enumerate(passages) if at != headline and not (at < _TOP and _heads_issue(passage))]
    starts = [] if _ALONE.search(url) else [at for at, passage in enumerate(body) if _is_notice(passage)]
    notices = _cut(body, starts)
    drafts: list[Draft] = []
    for notice in notices:
        headings = notice.headings
        drafts.append(Draft(
            passages=[*headings[:-1], *notice.text],
            title=headings[-1].text if headings else _cut_issue(title),
            published=published,
            modified=metadata.modified,
            byline=headings[0].text if len(headings) > 1 else None,
            canonical_url=f"{url}#{notice.anchor}" if notice.anchor else url,
        ))
    return tuple(drafts)


@dataclass(frozen=True, slots=True)
class _Notice:
    """A notice: the headings that lead to its title, the title last, and what stands below them."""

    anchor: str
    headings: list[Passage]
    text: list[Passage]


def _cut(body: list[Passage], starts: list[int]) -> list[_Notice]:
    """Return what stands before the first notice, if it is text, and each notice."""
    begins = [*(_step_back(body, start) for start in starts), len(body)]
    notices = []
    before = body[:begins[0]]
    if any(passage.kind != "heading" for passage in before):
        notices.append(_Notice("", [], before))
    above = _headings_above(body, set(begins))
    used: dict[str, int] = {}
    for start, begin, end in zip(starts, begins, begins[1:], strict=False):
        anchor = body[start].anchor
        used[anchor] = used.get(anchor, 0) + 1
        # An anchor printed twice leads to its first notice; the second still needs an address of its own.
        anchor = anchor if used[anchor] == 1 else f"{anchor}.{used[anchor]}"
        run = _descend(body[begin:end])
        notices.append(_Notice(anchor, above[begin] + run, body[begin + len(run):end]))
    return notices


def _step_back(body: list[Passage], start: int) -> int:
    """Return where a notice begins: at the headings right above the one with its anchor, if they are above it in rank."""
    level = body[start].level
    while start and body[start - 1].kind == "heading" and not _is_notice(body[start - 1]) and body[start - 1].level < level:
        start -= 1
        level = body[start].level
    return start


def _headings_above(body: list[Passage], begins: set[int]) -> dict[int, list[Passage]]:
    """Return the headings of higher rank that each notice stands under: the department, where each act has an anchor."""
    above: dict[int, list[Passage]] = {}
    path: list[Passage] = []
    for at, passage in enumerate(body):
        if passage.kind == "heading":
            path = [heading for heading in path if heading.level < passage.level]
            if at in begins:
                above[at] = path
            path = [*path, passage]
    return above


def _descend(passages: list[Passage]) -> list[Passage]:
    """Return the headings that passages begin with, each of lower rank than the one before."""
    run: list[Passage] = []
    for passage in passages:
        if passage.kind != "heading" or (run and passage.level <= run[-1].level):
            break
        run.append(passage)
    return run


def _is_notice(passage: Passage) -> bool:
    return 1 < passage.level <= _DEEPEST_NOTICE and passage.kind == "heading" and _ANCHOR.fullmatch(passage.anchor) is not None


def _heads_issue(passage: Passage) -> bool:
    found = _ISSUE.match(passage.text)
    return _dates_issue(passage) or (passage.kind == "paragraph" and found is not None and found.end() == len(passage.text))


def _dates_issue(passage: Passage) -> bool:
    # Not "SOR/2026-101 May 15, 2026", the number and day of a regulation's registration.
    return passage.kind == "paragraph" and _DATE.fullmatch(passage.text) is not None and read_date(passage.text) is not None


def _cut_issue(title: str) -> str:
    """Return a title without the issue's name before its colon: "GOVERNMENT NOTICES"."""
    found = _ISSUE.match(title)
    return title[found.end():] if found is not None and found["colon"] and found.end() < len(title) else title
