"""Pages that answer 200 and are no article: bot walls, suspended hosts, "page not found", empty shells.

Such answers look like "nothing new" to whoever counts only status codes. Each sign is a row with an example.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from crawlers.article import PageRejected, clean_text
from crawlers.tree import attribute, find_named, first_named, flatten, index_of, shows_text, walk

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import Tag

_SHORT = 1_500
"""Characters other than white space outside header, footer and menus; a wall or an error says less."""
_LONGEST_ALERT = 400


@dataclass(frozen=True, slots=True)
class Sign:
    """How to recognise a page that is no article.

    Attributes:
        kind: What the page is rejected as: "challenge", "gone" or "empty".
        where: "title": the whole title or first heading, site's name aside, on a short page; "text": within the visible
            text of a short page; "markup": within scripts, addresses and ids of a short page; "alert": within an alert
            or first heading of a page of any length.
        phrase: Lower case.
        example: Words or markup that the sign recognises.
    """

    kind: str
    where: str
    phrase: str
    example: str


SIGNS = (
    Sign("challenge", "title", "just a moment...", "<title>Just a moment...</title>"),
    Sign("challenge", "title", "attention required!", "<title>Attention Required! | Cloudflare</title>"),
    Sign("challenge", "title", "access denied", "<title>Access Denied</title>"),
    Sign("challenge", "title", "request rejected", "<title>Request Rejected</title>"),
    Sign("challenge", "title", "radware captcha page", "<title>Radware Captcha Page</title>"),
    Sign("challenge", "title", "radware bot manager captcha", "<title>Radware Bot Manager Captcha</title>"),
    Sign("challenge", "title", "pardon our interruption", "<title>Pardon Our Interruption</title>"),
    Sign("challenge", "title", "robot or human?", "<title>Robot or human?</title>"),
    Sign("challenge", "title", "are you a robot?", "<title>Are you a robot?</title>"),
    Sign("challenge", "title", "security check", "<title>Security check</title>"),
    Sign("challenge", "title", "human verification", "<title>Human Verification</title>"),
    Sign("challenge", "title", "ddos-guard", "<title>DDoS-Guard</title>"),
    Sign("challenge", "title", "403 forbidden", "<title>403 Forbidden</title>"),
    Sign("challenge", "title", "too many requests", "<title>Too many requests</title>"),
    Sign("challenge", "text", "checking your browser before accessing", "<p>Checking your browser before accessing example.org.</p>"),
    Sign("challenge", "text", "verify you are human", "<p>Verify you are human by completing the action below.</p>"),
    Sign("challenge", "text", "verify that you are not a robot", "<p>Please verify that you are not a robot.</p>"),
    Sign("challenge", "text", "enable javascript and cookies to continue", "<p>Enable JavaScript and cookies to continue</p>"),
    Sign("challenge", "text", "unusual traffic from your", "<p>We have seen unusual traffic from your network.</p>"),
    Sign("challenge", "text", "you don't have permission to access", "<p>You don't have permission to access this page on this server.</p>"),
    Sign("challenge", "text", "the requested url was rejected", "<p>The requested URL was rejected. Please consult with your administrator.</p>"),
    Sign("challenge", "text", "why have i been blocked", "<h2>Why have I been blocked?</h2>"),
    Sign("challenge", "text", "press & hold to confirm", "<p>Press & hold to confirm you are a person.</p>"),
    Sign("challenge", "markup", "challenges.cloudflare.com", "<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script>"),
    Sign("challenge", "markup", "window._cf_chl_opt", "<script>window._cf_chl_opt = {}</script>"),
    Sign("challenge", "markup", "perfdrive.com", "<script src='https://cdn.perfdrive.com/aperture/aperture.js'></script>"),
    Sign("challenge", "markup", "_incapsula_resource", "<iframe src='/_Incapsula_Resource?SWUDNSAI=9'></iframe>"),
    Sign("challenge", "markup", "px-captcha", "<div id='px-captcha'></div>"),
    Sign("challenge", "markup", "geo.captcha-delivery.com", "<script src='https://geo.captcha-delivery.com/captcha/'></script>"),
    Sign("challenge", "markup", "sucuri_cloudproxy_js", "<script>sucuri_cloudproxy_js = '';</script>"),
    Sign("challenge", "markup", "awswafintegration", "<script>AwsWafIntegration.saveReferrer()</script>"),
    Sign("gone", "title", "account suspended", "<title>Account Suspended</title>"),
    Sign("gone", "title", "this account has been suspended", "<h1>This Account has been suspended.</h1>"),
    Sign("gone", "title", "website suspended", "<title>Website Suspended</title>"),
    Sign("gone", "title", "404 not found", "<title>404 Not Found</title>"),
    Sign("gone", "title", "error 404", "<title>Error 404 - Example</title>"),
    Sign("gone", "title", "404 error", "<h1>404 error</h1>"),
    Sign("gone", "title", "not found", "<title>Not Found</title>"),
    Sign("gone", "title", "page not found", "<title>Page not found | Example</title>"),
    Sign("gone", "title", "404: page not found", "<h1>404: Page not found</h1>"),
    Sign("gone", "title", "page introuvable", "<title>Page introuvable</title>"),
    Sign("gone", "title", "erreur 404", "<title>Erreur 404</title>"),
    Sign("gone", "title", "index of /", "<title>Index of /</title>"),
    Sign("gone", "title", "domain for sale", "<title>Domain for sale</title>"),
    Sign("gone", "title", "domain default page", "<title>Domain Default page</title>"),
    Sign("gone", "title", "welcome to nginx!", "<title>Welcome to nginx!</title>"),
    Sign("empty", "title", "site maintenance", "<title>Site maintenance</title>"),
    Sign("gone", "alert", "we couldn't find that web page", "<h1>We couldn't find that Web page (Error 404)</h1>"),
    Sign("gone", "alert", "nous ne pouvons trouver cette page web", "<h1>Nous ne pouvons trouver cette page Web (Erreur 404)</h1>"),
    Sign("gone", "alert", "the page you requested does not exist", "<div role='alert'>The page you requested does not exist.</div>"),
    Sign("gone", "alert", "the requested page could not be found", "<div class='messages--error'>The requested page could not be found.</div>"),
    Sign("gone", "alert", "that page can't be found", "<h1>Oops! That page can't be found.</h1>"),
    Sign("gone", "text", "the page you are looking for could not be found", "<p>The page you are looking for could not be found.</p>"),
    Sign("gone", "text", "the page you are looking for does not exist", "<p>The page you are looking for does not exist.</p>"),
    Sign("gone", "text", "this account has been suspended", "<p>This account has been suspended. Contact your hosting provider.</p>"),
    Sign("empty", "text", "down for maintenance", "<p>The site is down for maintenance.</p>"),
    Sign("empty", "text", "you need to enable javascript to run this app", "<noscript>You need to enable JavaScript to run this app.</noscript>"),
    Sign("empty", "text", "this site requires javascript", "<p>This site requires JavaScript.</p>"),
    Sign("empty", "text", "please enable javascript to view", "<p>Please enable JavaScript to view this page.</p>"),
)
"""In the order of trial: the first that matches names the kind."""

_ALERTS = ("[role=alert]", ".messages--error", ".alert-danger", ".error-message", "h1")
_MOST_ALERTS = 20
_AROUND = ("header", "footer")


def reject_unusable(soup: BeautifulSoup) -> None:
    """Raise if a parsed page is no article.

    Raises:
        PageRejected: "challenge", "gone" or "empty" with the sign that told.
    """
    places = _read_places(soup)
    for sign in SIGNS:
        if _shows(sign, places[sign.where]):
            raise PageRejected(sign.kind, f"{sign.where} says: {sign.phrase}")
    body = first_named(soup, "body")
    if body is None or not shows_text(body):
        raise PageRejected("empty", "no visible text")


def _shows(sign: Sign, texts: list[str]) -> bool:
    if sign.where == "title":
        return any(text == sign.phrase for text in texts)
    return any(sign.phrase in text for text in texts)


def _read_places(soup: BeautifulSoup) -> dict[str, list[str]]:
    """Return lower-case texts by the places where signs look."""
    places: dict[str, list[str]] = {"title": [], "text": [], "markup": [], "alert": []}
    index = index_of(soup)
    alerts = [tag for selector in _ALERTS for tag in islice(index.find(selector), _MOST_ALERTS)]
    places["alert"] = [_plain(tag) for tag in alerts]
    places["alert"] = [text for text in places["alert"] if len(text) <= _LONGEST_ALERT]
    text = _main_text(soup)
    if len("".join(text.split())) > _SHORT:
        return places
    title = first_named(soup, "title")
    heads = [clean_text(title.get_text()).lower()] if title is not None else []
    heads += [_plain(tag) for tag in islice(find_named(soup, "h1"), 3)]
    for head in heads:
        places["title"] += [part for whole in _split_title(head) for part in (whole, whole.rstrip(" ."))]
    fallbacks = " ".join(clean_text(tag.get_text(" ")) for tag in islice(find_named(soup, "noscript"), 5))
    places["text"] = [f"{text} {fallbacks}".lower().replace("\u2019", "'")]
    places["markup"] = [_markup(soup)]
    return places


def _split_title(text: str) -> list[str]:
    """Return a title as it stands and its parts between separators: the site's name may lead or follow."""
    return [text, *(part.strip() for part in re.split(r" [|\u2013\u2014:-] ", text[:300]))]


def _plain(tag: Tag) -> str:
    return flatten(tag).lower().replace("\u2019", "'")


def _main_text(soup: BeautifulSoup) -> str:
    """Return the visible text outside header and footer, cut well above what counts as short."""
    parts: list[str] = []
    size = 0
    body = first_named(soup, "body")
    if body is None:
        return ""
    for _, value in walk(body, lambda tag: tag.name in _AROUND):
        if isinstance(value, str):
            parts.append(value)
            size += len(value.strip())
            if size > 4 * _SHORT:
                break
    return clean_text(" ".join(parts))


def _markup(soup: BeautifulSoup) -> str:
    parts: list[str] = []
    for tag in islice(find_named(soup, "script", "iframe", "div", "form", "link"), 500):
        parts += [attribute(tag, name)[:500] for name in ("src", "href", "id", "action")]
        if tag.name == "script":
            parts.append(tag.get_text()[:20_000])
    return " ".join(part for part in parts if part).lower()
