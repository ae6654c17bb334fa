"""Politeness: which addresses are refused. (That delays and refusals hold in a crawl, test_crawl_engine shows.)"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from scrapy.exceptions import IgnoreRequest

from crawlers.politeness import MAX_CRAWL_DELAY, AddressGuard, CrawlDelay, refuse_address

PUBLIC = [
    "https://harbour.example/news",
    "http://harbour.example:8080/",
    "https://HARBOUR.example./",  # a full stop at the end is the same host
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://xn--bcher-kva.example/",
    "https://harbour.example/@editor",
    "https://10.harbour.example/",  # begins with a number, but is a name
    "https://internal.example/",
    "https://mylocalhost.example/",
]
LOOPBACK = ["http://127.0.0.1/", "http://127.0.0.1:40123/x", "http://127.8.9.10/", "http://[::1]:8000/"]
NEVER = [
    "http://169.254.169.254/latest/meta-data/",  # the cloud's own metadata
    "http://10.0.0.1/", "http://172.16.3.4/", "http://192.168.1.1/", "http://100.64.0.1/",  # private networks
    "http://0.0.0.0/", "http://[::]/", "http://255.255.255.255/", "http://192.0.2.1/",
    "http://224.0.0.1/", "http://[ff02::1]/",  # multicast
    "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fd00::1]/",
    "http://[::ffff:10.0.0.1]/", "http://[::ffff:169.254.169.254]/", "http://[::ffff:a00:1]/", "http://[::ffff:127.0.0.1]/",  # IPv4 written as IPv6
    "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://[2001:0:a00:1::]/",  # IPv4 inside IPv6, for gateways
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/", "http://127.1/", "http://0/",  # other ways to write it
    "http://\uff11\uff10.0.0.1/", "http://10\u30020\u30020\u30021/",  # full-width digits, ideographic stops
    "http://localhost/", "http://localhost./", "http://LOCALHOST:80/", "http://a.localhost/", "http://localhost\u3002/",
    "http://printer.local/", "http://metadata.google.internal/", "http://metadata.google.internal./", "http://router.home.arpa/",
    "http://intranet/",  # a bare name is one of the operator's own network
    "file:///etc/passwd", "ftp://harbour.example/", "gopher://harbour.example/", "javascript:alert(1)", "data:text/plain,x", "//harbour.example/", "/a", "",
    "http:///a", "http://", "https://[harbour/", "https://]/", "http:\\\\10.0.0.1/",
    "https://user:secret@harbour.example/", "https://user@harbour.example/", "https://:secret@harbour.example/", "https://harbour.example@10.0.0.1/",  # credentials
]


@pytest.mark.parametrize("url", PUBLIC)
def test_public_addresses_may_be_fetched_and_by_the_demo_may_not(url):
    assert refuse_address(url, loopback=False) is None
    assert refuse_address(url, loopback=True)


@pytest.mark.parametrize("url", LOOPBACK)
def test_only_the_demo_may_reach_loopback(url):
    assert refuse_address(url, loopback=True) is None
    assert "not a public address" in (refuse_address(url, loopback=False) or "")


@pytest.mark.parametrize("url", NEVER)
def test_nobody_may_reach_these(url):
    assert refuse_address(url, loopback=False)
    assert refuse_address(url, loopback=True)


def test_the_reason_repeats_no_credentials_and_stays_short():
    assert "secret" not in str(refuse_address("https://user:secret@harbour.example/", loopback=False))
    assert len(refuse_address("gopher://" + "x" * 10_000, loopback=False) or "") < 300


@pytest.mark.parametrize(("network", "url", "passes"), [
    ("internet", "https://harbour.example/", True), ("internet", "http://127.0.0.1/", False),
    ("loopback", "http://127.0.0.1/", True), ("loopback", "https://harbour.example/", False),
])
def test_the_guard_goes_by_the_sources_network(network, url, passes):
    crawler = SimpleNamespace(spider=SimpleNamespace(context=SimpleNamespace(source=SimpleNamespace(network=network))))
    guard = AddressGuard(crawler)
    if passes:
        assert guard.process_request(SimpleNamespace(url=url)) is None
    else:
        with pytest.raises(IgnoreRequest):
            guard.process_request(SimpleNamespace(url=url))


@pytest.mark.parametrize(("asked", "ours", "delay"), [
    (5, 1.0, 5.0),  # the site asks for more
    (0.5, 2.0, 2.0),  # we are slower anyway
    (86_400, 1.0, MAX_CRAWL_DELAY),  # a day would stop the run
])
def test_crawl_delay_is_kept_within_bounds(asked, ours, delay):
    slot = SimpleNamespace(delay=ours, jitter=0.25)
    downloader = SimpleNamespace(get_slot_key=lambda request: "host", per_slot_settings={}, slots={"host": slot})
    settings = SimpleNamespace(getfloat=lambda name: ours, __getitem__=None)
    crawler = SimpleNamespace(settings=_Settings(settings), engine=SimpleNamespace(downloader=downloader))
    CrawlDelay(crawler).slow_down(None, SimpleNamespace(crawl_delay=lambda agent: asked))
    assert (slot.delay, slot.jitter) == (delay, 0)
    assert downloader.per_slot_settings["host"]["delay"] == delay


@pytest.mark.parametrize("asked", [None, 0])
def test_no_crawl_delay_leaves_the_slot_as_it_is(asked):
    CrawlDelay(SimpleNamespace(settings=_Settings(None), engine=None)).slow_down(None, SimpleNamespace(crawl_delay=lambda agent: asked))


class _Settings:
    def __init__(self, inner):
        self.getfloat = inner.getfloat if inner else None

    def __getitem__(self, name):
        return "Landed/test"
