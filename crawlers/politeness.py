"""Politeness: keep to Crawl-delay and Retry-After, and never follow an address into a private network."""

from __future__ import annotations

import ipaddress
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MAX_WAIT = 60.0
"""Seconds that a Retry-After may ask for within one crawl."""
LEFT_ALONE = "the host asked to be left alone"
"""How the refusal of a request begins that a host doesn't want for now."""
_LONGEST_NOTED = 366 * 24 * 3600.0
"""Seconds of a Retry-After that are noted: more would be no date."""
MAX_CRAWL_DELAY = 60.0
"""Seconds; a robots.txt may ask for hours, which would be a way to stop a whole run."""


_EMBEDDING = tuple(ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 networks whose addresses carry an IPv4 address, which a gateway may reach: NAT64, 6to4, Teredo."""


class CrawlDelay:
    """Extension that makes the host's download slot wait as long as its robots.txt asks.

    Scrapy reads Crawl-delay but doesn't keep to it: https://github.com/scrapy/scrapy/issues/892. The slot's attributes
    are Scrapy's internals; a test with a real crawl covers them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the signal that Scrapy sends with each parsed robots.txt."""
        extension = cls(crawler)
        crawler.signals.connect(extension.slow_down, signals.robots_parsed)
        return extension

    def slow_down(self, request: Request, robotparser: Any) -> None:
        """Set the delay of the host's slot, at least to what the source asks for."""
        asked = robotparser.crawl_delay(self._crawler.settings["USER_AGENT"])
        if not asked:
            return
        downloader = self._crawler.engine.downloader
        key = downloader.get_slot_key(request)
        delay = max(self._crawler.settings.getfloat("DOWNLOAD_DELAY"), min(float(asked), MAX_CRAWL_DELAY))
        downloader.per_slot_settings[key] = {"concurrency": 1, "delay": delay, "jitter": 0}
        if slot := downloader.slots.get(key):
            slot.delay, slot.jitter = delay, 0


class RetryAfter:
    """Downloader middleware that waits as long as a 429 or 503 answer asks, and then asks once more.

    The whole host waits, since its download slot does. Where a host asks for more than `MAX_WAIT`, it is left alone for
    the rest of the crawl: the answer is a failure like any other, and so is each request that isn't made any more. The
    slots' attributes are Scrapy's internals, as in `CrawlDelay`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._usual: dict[str, tuple[float, float]] = {}
        self._left_alone: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the signal that comes before the slot sends its next request; a middleware's turn comes after that."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.heed, signals.response_downloaded)
        return middleware

    def heed(self, response: Response, request: Request) -> None:
        """Set the host's slot to wait, or back to its usual pace; refuse what is queued where the host is left alone."""
        downloader = self._crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slot, wait = downloader.slots[key], _asked_wait(response)
        if wait is not None and _is_worth_waiting(wait, request):
            self._usual.setdefault(key, (slot.delay, slot.jitter))
            slot.delay, slot.jitter, slot.lastseen = wait, 0.0, monotonic()
        elif key in self._usual:
            slot.delay, slot.jitter = self._usual.pop(key)
        if wait is not None and wait > MAX_WAIT:
            self._note(request, wait)
            self._left_alone[key] = f"{LEFT_ALONE}: it asked for {wait:.0f} seconds"
            while slot.queue:
                slot.queue.popleft()[1].errback(IgnoreRequest(self._left_alone[key]))

    def _note(self, request: Request, wait: float) -> None:
        """Note until when the source's own host is to be left alone, so that the next crawl waits for it, too."""
        context = self._crawler.spider.context  # type: ignore[union-attr]
        if urlsplit(request.url).hostname != urlsplit(context.source.start[0]).hostname:
            return
        until = datetime.now(UTC) + timedelta(seconds=min(wait, _LONGEST_NOTED))
        context.tally.left_alone_until = max(context.tally.left_alone_until or "", until.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def process_request(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            IgnoreRequest: The host asked for a longer wait than a crawl lasts.
        """
        if reason := self._left_alone.get(self._crawler.engine.downloader.get_slot_key(request)):
            raise IgnoreRequest(reason)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Pass the answer on, or the request again where the server asks to wait."""
        wait = _asked_wait(response)
        if wait is not None and _is_worth_waiting(wait, request):
            return request.replace(dont_filter=True, meta={**request.meta, "waited": True})
        if wait is not None:
            request.meta["dont_retry"] = True  # Scrapy's own middleware would, at once
        return response


def _is_worth_waiting(wait: float, request: Request) -> bool:
    return wait <= MAX_WAIT and not request.meta.get("waited")


def _asked_wait(response: Response) -> float | None:
    """Seconds that a 429 or 503 answer asks for, as a number or a date; None where it says neither."""
    header = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if response.status not in {429, 503}:
        return None
    if header.isdigit() and len(header) < 10:
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@implementer(IHostnameResolver)
class PublicResolver:
    """Name resolver that gives only public addresses, so that a public name can't lead into a private network.

    Numeric hosts pass: `AddressGuard` has judged them already.
    """

    def __init__(self, resolver: Any) -> None:
        self._resolver = resolver

    def resolveHostName(self, receiver: Any, hostName: str, *arguments: Any, **options: Any) -> Any:  # noqa: N802, N803 - Twisted's interface
        """Resolve a name, and leave out addresses that aren't public."""
        try:
            ipaddress.ip_address(hostName)
        except ValueError:
            receiver = _PublicOnly(receiver)
        return self._resolver.resolveHostName(receiver, hostName, *arguments, **options)


@implementer(IResolutionReceiver)
class _PublicOnly:
    def __init__(self, receiver: Any) -> None:
        self._receiver = receiver

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if _is_public(ipaddress.ip_address(address.host.partition("%")[0])):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


class AddressGuard:
    """Downloader middleware that refuses addresses which are not http or https, or which name a private network.

    A page or a redirect could otherwise make the crawler fetch addresses inside the operator's network. Only sources
    that declare `network = "loopback"` (the demo) may reach loopback.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for a crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            IgnoreRequest: The address must not be fetched.
        """
        reason = refuse_address(request.url, loopback=self._crawler.spider.context.source.network == "loopback")  # type: ignore[union-attr]
        if reason:
            raise IgnoreRequest(reason)


def refuse_address(url: str, *, loopback: bool) -> str | None:
    """Why an address must not be fetched, or None. With `loopback`, loopback addresses and nothing else may be."""
    try:
        parts = urlsplit(url)
        # Full-width letters and the ideographic full stop are the same host to a resolver.
        host = unicodedata.normalize("NFKC", parts.hostname or "").replace("\u3002", ".").rstrip(".").lower()
    except ValueError:
        return f"{url[:200]}: no http or https address"
    if parts.scheme not in {"http", "https"} or not host:
        return f"{url[:200]}: no http or https address"
    if parts.username is not None or parts.password is not None:
        return f"{host}: an address with a user name or password"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        local = "." not in host or host.endswith((".localhost", ".local", ".internal", ".home.arpa")) or _looks_like_ip(host)
        return f"{host}: a name for this machine or network" if local or loopback else None
    if loopback:
        return None if address.is_loopback else f"{host}: this source may only reach loopback"
    return None if _is_public(address) else f"{host}: not a public address"


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in network for network in _EMBEDDING)


def _looks_like_ip(host: str) -> bool:
    """Whether a resolver might read the host as a number: 127.1, 0x7f000001, 2130706433."""
    last = host.rsplit(".", 1)[-1]
    return last.isdigit() or last.startswith("0x")
