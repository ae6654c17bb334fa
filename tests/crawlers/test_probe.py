"""`landed source new`: what is seen at an address becomes a draft that loads, starts disabled and says what a person must check."""

from __future__ import annotations

import functools

import pytest

from crawlers.source import load_source
from tests.commands import call, command
from tests.crawlers.web_server import Answer, Host, feed, moved, page_html

pytestmark = pytest.mark.engine

FEED = '<link rel="alternate" type="application/rss+xml" title="%s" href="%s">'


def html(head: str = "", body: str = "<p>News of the harbour.</p>", language: str = "en") -> Answer:
    return Answer(f'<!doctype html><html lang="{language}"><head><meta charset=utf-8><title>Harbour Post</title>{head}</head><body><main>{body * 20}</main></body></html>'.encode())


PAGES = {
    "/feed": feed("/a", "/b", "/c"),
        "/names-feed": html(FEED % ("Comments", "/comments") + FEED % ("News", "/feed")),
    "/names-no-feed": html(FEED % ("News", "/gone")),
    "/names-foreign-feed": html(FEED % ("News", "http://169.254.169.254/feed")),
    "/wordpress": html('<meta property="og:site_name" content="Harbour Blog"><link rel="stylesheet" href="/wp-content/themes/x/style.css">' + FEED % ("News", "/feed")),
    "/canada": html('<meta name="dcterms.issued" content="2026-08-06">', '<h1 property="name" id="wb-cont">Ministerial instructions</h1><p>In force.</p>', "fr-CA"),
    "/plain": html(),
    "/moved": moved("/plain"),
    "/wall": Answer(b"<!doctype html><title>Just a moment...</title><body>Checking your browser before accessing the site.</body>"),
    "/empty": Answer(b""),
    "/loop": moved("/loop/"), "/loop/": moved("/loop"),
    "/hostile": Answer(page_html('Quote """ and \\ and [table]\n"x" = 1').replace(b"<title>", b'<meta property="og:site_name" content="A&quot;&quot;&quot; = \\n [x]"><title>')),
    "/closed/page": html(),
    "/robots.txt": Answer(b"User-agent: *\nDisallow: /closed/\n", headers=(("Content-Type", "text/plain"),)),
}


@pytest.fixture(scope="module")
def host():
    with Host(PAGES) as host:
        yield host


@pytest.fixture(scope="module")
def look(host, tmp_path_factory):
    """Look at a path, once for all tests; the call, the draft where there is one, and what the host was asked for."""
    @functools.cache
    def at(path: str):
        target = tmp_path_factory.mktemp("draft") / "127-0-0-1.toml"
        host.asked.clear()
        done = call(command("source", "new", host.address + path, "--loopback", "--output", target), traced=True)
        return done, load_source(target, {}) if target.exists() else None, host.paths()

    return at


@pytest.mark.parametrize(("path", "kind", "start", "template"), [
    ("/feed", "feed", "/feed", "generic"), ("/names-feed", "feed", "/feed", "generic"), ("/wordpress", "feed", "/feed", "wordpress"), ("/canada", "page", "/canada", "canada-ca"),
    ("/plain", "page", "/plain", "generic"), ("/moved", "page", "/plain", "generic"),
    ("/names-no-feed", "page", "/names-no-feed", "generic"), ("/names-foreign-feed", "page", "/names-foreign-feed", "generic"), ("/hostile", "page", "/hostile", "generic"),
])
def test_a_draft_loads_and_says_what_was_seen(look, host, path, kind, start, template):
    done, draft, _ = look(path)
    assert done.returncode == 0, done.stderr
    assert (draft.kind, draft.start, draft.template) == (kind, (host.address + start,), template)
    assert not draft.enabled
    assert host.address + ("/plain" if path == "/moved" else path) in draft.note
    assert draft.note in done.stdout
    assert (draft.text_policy, draft.network) == ("excerpt", "loopback")


def test_a_draft_takes_over_names_languages_and_counts(look):
    assert look("/canada")[1].language == "fr"


def test_a_feeds_entries_say_what_is_due(look):
    _, draft, _ = look("/names-feed")
    assert draft.minimum == 1
    assert "feed with 3 entries, the newest of 2026-08-06" in draft.note
    assert draft.name == "Harbour Post"


def test_the_site_names_itself(look):
    assert look("/wordpress")[1].publisher == "Harbour Blog"


@pytest.mark.parametrize(("path", "says"), [
    ("/wall", "challenge"), ("/nowhere", "404"), ("/closed/page", "robots.txt"), ("/empty", "empty"), ("/loop", "redirect"),
])
def test_what_cant_be_had_gives_no_draft_and_says_why(look, host, path, says):
    done, draft, _ = look(path)
    assert draft is None
    assert done.returncode == 1
    assert says in done.stderr
    assert host.address + path in done.stderr
    assert "Traceback" not in done.stderr


def test_robots_txt_is_obeyed(look):
    assert look("/closed/page")[2] == ["/robots.txt"]


def test_a_private_address_is_not_looked_at(host, tmp_path):
    done = call(command("source", "new", host.address + "/plain", "--output", tmp_path / "x.toml"))
    assert done.returncode == 1
    assert "not a public address" in done.stderr
    assert not (tmp_path / "x.toml").exists()


def test_a_draft_never_overwrites_a_file(host, tmp_path):
    (tmp_path / "mine.toml").write_text("mine")
    done = call(command("source", "new", host.address + "/plain", "--loopback", "--output", tmp_path / "mine.toml"))
    assert done.returncode == 1
    assert "exists" in done.stderr
    assert (tmp_path / "mine.toml").read_text() == "mine"
