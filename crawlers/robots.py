"""robots.txt: where it can't be had, nothing is fetched for now.

RFC 9309, 2.3.1: a site that answers 4xx has no rules; one that answers 5xx, or whose robots.txt can't be reached, is to
be left alone until it can. Scrapy's own middleware takes whatever comes for rules, and no answer for leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

UNREADABLE = "robots.txt can't be had"
"""How the refusal of a page begins whose host may have rules that can't be read."""
_TOO_MANY = 429
_TOO_LONG = "Ignored response <"
"""How Scrapy begins what it says of an answer that unpacks to more than the limit."""
_NO_HOST = (CannotResolveHostError, DownloadConnectionRefusedError)
"""Where nothing answers at all: that names the fault better than the file that couldn't be asked for."""


@dataclass(frozen=True)
class _Unreadable:
    """In the place of rules: why they can't be had."""

    error: Exception

    def refusal(self) -> Exception:
        """What a request is refused with."""
        words = str(self.error) or type(self.error).__name__
        return type(self.error)(words) if isinstance(self.error, _NO_HOST) else IgnoreRequest(f"{UNREADABLE}: {words}")


class ObeyRobots(RobotsTxtMiddleware):
    """Downloader middleware in the place of Scrapy's: obeys robots.txt, and fetches nothing where it can't be had.

    A 429 counts as "can't be had", too: it is no statement about rules. What is overridden here are Scrapy's
    internals; tests with real crawls cover them.
    """

    def process_request_2(self, rp: Any, request: Request) -> None:
        """Let the request pass.

        Raises:
            IgnoreRequest: The rules forbid it, or can't be had.
            CannotResolveHostError: The host has no address.
            DownloadConnectionRefusedError: Nothing listens there.
        """
        if isinstance(rp, _Unreadable):
            raise rp.refusal()
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == _TOO_MANY:
            self._settle(netloc, _Unreadable(IgnoreRequest(f"HTTP status {response.status}")))
        elif response.status >= 400:
            self._settle(netloc, None)  # no rules, whatever the page of the error says
        else:
            await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        # Else ignored are redirects without end and to addresses that must not be fetched: there is no such file then.
        missing = isinstance(exc, IgnoreRequest) and not str(exc).startswith(_TOO_LONG)
        self._settle(netloc, None if missing else _Unreadable(exc))

    def _settle(self, netloc: str, rules: _Unreadable | None) -> None:
        parsers: dict[str, Any] = self._parsers
        waiting, parsers[netloc] = parsers[netloc], rules
        waiting.callback(rules)
