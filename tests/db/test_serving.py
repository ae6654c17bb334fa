"""What every answer goes through: headers, caching, limits, compression and the public address."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import sqlite3

import httpx
import pytest
from datasette.plugins import pm
from jinja2 import DictLoader, Environment

from db.serve import ServeError, build_app, close_app, read_public_url
from db.site import caching, limits
from db.site.limits import Gate, TooBusyError, classify
from db.site.policy import PlainLoader, strip_styles, write_policy
from tests.db.public_sample import build_sample

LATER = "2026-08-08T12:00:00Z"
PAGES = ("/", "/facts", "/facts/facts", "/facts/draws/ca-ee-430", "/facts/latest_facts?since=&source=&attribute=", "/facts?sql=select+1")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return build_sample(tmp_path_factory.mktemp("serving") / "facts.db")


@pytest.fixture(scope="module")
def app(database):
    built = build_app(database)
    yield built
    close_app(built)


@pytest.fixture
def get(app):
    return lambda path, **options: asyncio.run(app.client.get(path, **options))


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/facts?sql=selec", "/facts/facts.json", "/static/landed.css", "/-/patterns"])
def test_every_answer_has_the_safe_headers(get, path):
    headers = get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "server" not in headers


@pytest.mark.parametrize("path", [*PAGES, "/facts/facts?_search=x", "/nothing", "/facts?sql=selec"])
def test_pages_hold_no_inline_script_or_style(get, path):
    page = get(path).text
    for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert "src=" in attributes or 'type="application/' in attributes, content
    assert "<style" not in page
    assert not re.search(r"<[^>]*\s(style|on\w+)=", page)


def test_policy_needs_no_exception(app, get):
    policy = get("/").headers["content-security-policy"]
    assert isinstance(app.jinja_env.loader, PlainLoader)
    assert "script-src 'self'; style-src 'self';" in policy


def test_policy_allows_only_what_stands_in_a_plugins_template():
    foreign = {
        "plugin.html": "<script>start()</script><script src='/x.js'></script><style>p { q: r }</style><script>{{ given }}</script>",
        "default:table.html": "<script>other()</script>",
        "patterns.html": "<style>closed</style>",
        "plugin.txt": "<script>text</script>",
    }
    policy = write_policy(Environment(loader=DictLoader(foreign)))
    hashed = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"start()", b"p { q: r }")]
    assert f"script-src 'self' 'sha256-{hashed[0]}'; style-src 'self' 'sha256-{hashed[1]}';" in policy


def test_strip_styles():
    source = '<h1 style="color: #{{ c }}" class="a">x</h1><style>a { b: {{ c }} }</style><style>p { q: r }</style><script>{{ x }}</script>'
    assert strip_styles(source) == '<h1 class="a">x</h1><style>p { q: r }</style><script>{{ x }}</script>'
    assert strip_styles("""<textarea{% if a %} style="height: {{ q.split("\\n")|length }}em"{% endif %}>""") == "<textarea{% if a %}{% endif %}>"


@pytest.mark.parametrize(("path", "open_to_others"), [
    ("/facts/facts.json", True), ("/facts/facts.csv", True), ("/facts.db", True), ("/facts/facts", False), ("/", False), ("/static/landed.css", False),
])
def test_only_data_is_open_to_other_sites(get, path, open_to_others):
    headers = get(path, headers={"Origin": "https://example.org"}).headers
    assert headers.get("access-control-allow-origin") == ("*" if open_to_others else None)
    assert headers["cross-origin-resource-policy"] == ("cross-origin" if open_to_others else "same-origin")


# ---------------------------------------------------------------- caching


@pytest.mark.parametrize("path", [*PAGES, "/facts/facts.json", "/facts/facts.csv", "/facts/facts.csv?_stream=1", "/static/landed.css", "/-/static/table.js"])
def test_a_page_that_is_known_is_not_sent_again(get, path):
    first = get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert get(path).headers["etag"] == tag
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        again = get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert again.headers["content-security-policy"]
    assert get(path, headers={"If-None-Match": '"another"'}).status_code == 200


def test_tags_differ_by_address_and_query(get):
    paths = [*PAGES, "/facts/facts?_size=2", "/facts/facts.json", "/facts?sql=select+2"]
    assert len({get(path).headers["etag"] for path in paths}) == len(paths)


def test_tags_change_with_the_publication_and_the_day(tmp_path, monkeypatch):
    database = build_sample(tmp_path / "facts.db")
    app = build_app(database)
    try:
        check_changes(lambda path, **options: asyncio.run(app.client.get(path, **options)), database, monkeypatch)
    finally:
        close_app(app)


def check_changes(get, database, monkeypatch):
    tag, static = get("/").headers["etag"], get("/static/landed.css").headers["etag"]
    build_sample(database.with_suffix(".new"), published_at=LATER, draws=1).replace(database)
    other = get("/", headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["etag"] != tag
    assert get("/static/landed.css").headers["etag"] == static
    monkeypatch.setattr(pm.get_plugin("landed_serving.py"), "today", lambda: "2199-01-01")
    assert get("/", headers={"If-None-Match": other.headers["etag"]}).status_code == 200


def test_tags_change_with_the_settings(database):
    tags = set()
    for public_url in ("", "https://facts.example.org", "https://other.example.org"):
        app = build_app(database, public_url=public_url)
        tags.add(asyncio.run(app.client.get("/")).headers["etag"])
        close_app(app)
    assert len(tags) == 3


def test_personal_answers_are_not_shared(get):
    for header in ({"Cookie": "a=b"}, {"Authorization": "Bearer x"}):
        answer = get("/", headers=header)
        assert answer.headers["cache-control"] == "private, no-store"
        assert "etag" not in answer.headers


def test_ages(get):
    assert get("/").headers["cache-control"] == "public, max-age=60"
    assert get("/facts/facts.json?_ttl=99999").headers["cache-control"] == "public, max-age=60"
    assert get("/nothing").headers["cache-control"] == "no-store"
    assert get("/facts?sql=selec").headers["cache-control"] == "no-store"
    assert get("/-/versions.json").headers["cache-control"] == "no-cache"
    assert get("/static/landed.css").headers["cache-control"] == "public, max-age=3600"
    assert {"Accept-Encoding", "Cookie", "Authorization"} <= set(get("/").headers["vary"].split(", "))


def test_a_file_with_its_version_is_kept_for_good(get):
    address = re.search(r'href="(/static/landed\.css\?v=[0-9a-f]{16})"', get("/").text)[1]
    assert "immutable" in get(address).headers["cache-control"]
    for guessed in ("/static/landed.css?v=0000000000000000", "/static/nothing.css?v=", "/static/landed.css?v="):
        assert "immutable" not in get(guessed).headers["cache-control"]
    assert caching.version_file("../serve.py") == ""


# ---------------------------------------------------------------- compression


def test_pages_and_streams_are_compressed(get):
    for path in ("/facts/facts", "/facts/facts.csv?_stream=1", "/facts/facts.json?_shape=array"):
        plain = get(path, headers={"Accept-Encoding": "identity"})
        small = get(path, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert small.headers["content-encoding"] == "gzip"
        assert small.text == plain.text
        assert small.headers["etag"] == plain.headers["etag"]


def test_the_database_is_sent_as_it_is(get, database):
    answer = get("/facts.db", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.content == database.read_bytes()


# ---------------------------------------------------------------- limits


BUSY = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"


def test_costly_queries_wait_and_are_then_turned_away(app, get):
    async def run():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app.client.app), base_url="http://localhost", timeout=60) as client:
            costly = [asyncio.create_task(client.get("/facts.json", params={"sql": BUSY})) for _ in range(18)]
            await asyncio.sleep(0.2)
            page = await client.get("/facts/draws/ca-ee-430")
            return page, await asyncio.gather(*costly)

    page, answers = asyncio.run(run())
    assert page.status_code == 200, "a page is answered while queries wait"
    kinds = {answer.status_code for answer in answers}
    assert kinds == {400, 429}, "some ran into the time limit, the others were turned away"
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 3
    for answer in refused:
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["status"] == 429
    assert get("/facts?sql=select+1").status_code == 200, "the turns were given back"


def test_gate_gives_turns_back():
    async def run():
        gate = Gate(at_once=1, waiting=1, patience=0.05, longest=0.1)
        order = []

        async def hold(name, seconds):
            async with gate.turn():
                order.append(name)
                await asyncio.sleep(seconds)

        first = asyncio.create_task(hold("first", 0.02))
        await asyncio.sleep(0)
        second = asyncio.create_task(hold("second", 0.5))
        await asyncio.sleep(0)
        with pytest.raises(TooBusyError, match="try again in 1 seconds"):
            await hold("third", 0)
        await first
        with pytest.raises(TimeoutError):
            await second
        await hold("fourth", 0)
        return order

    assert asyncio.run(run()) == ["first", "second", "fourth"]


@pytest.mark.parametrize(("path", "query", "kind"), [
    ("/", "", "page"), ("/facts/facts", "", "page"), ("/facts/facts/abc", "", "page"), ("/facts/facts", "attribute_id=cap&_next=x", "page"), ("/static/x.css", "sql=1", "page"),
    ("/facts", "sql=select+1", "query"), ("/facts.json", "sql=select+1", "query"), ("/facts/latest_facts.csv", "", "query"), ("/facts/facts", "_where=1=1", "query"),
    ("/facts/facts", "_facet=unit", "query"), ("/facts/facts", "evidence__contains=x", "query"), ("/facts/facts", "_search=x", "query"), ("/search", "q=x", "query"), ("/search.json", "q=x", "query"),
    ("/facts/facts.csv", "_stream=1", "stream"), ("/facts.db", "", "stream"),
])
def test_what_requests_cost(path, query, kind):
    assert classify(path, query, {"latest_facts"}, "facts") == kind


@pytest.mark.parametrize("sql", [
    "select zeroblob(100000000)", "select group_concat(zeroblob(1000000)) from facts, facts", "select " + ",".join(["1"] * 300), "select 1 where 'a' like '" + "%a" * 2000 + "'",
    "select " + "(" * 300 + "1" + ")" * 300, "with recursive n(i) as (select 1 union all select i + 1 from n limit 900) select zeroblob(1000000) from n",
    "select '" + "x" * 60_000 + "'",
])
def test_queries_that_would_fill_the_memory(app, sql):
    with pytest.raises((sqlite3.Error, MemoryError)):
        asyncio.run(app.databases["facts"].execute(sql, truncate=True))


def test_results_are_bounded(get, monkeypatch):
    monkeypatch.setattr(limits, "RESULT_BYTES", 300)
    answer = get("/facts.json", params={"sql": "select evidence from facts"})
    assert answer.status_code == 400
    assert "fewer rows or columns" in answer.json()["error"]
    assert len(get("/facts.json", params={"sql": "select fact_id from facts limit 10"}).json()["rows"]) == 10


def test_requests_that_are_refused_at_once(app, get):
    assert asyncio.run(app.client.post("/facts", data={"a": "b"})).status_code == 405
    assert get("/facts.json?sql=" + "x" * 20_000).status_code == 414
    assert get("/facts/facts.json?" + "&".join(["_facet=unit"] * 7)).status_code == 400
    assert get("/facts/facts.json?" + "&".join(["_facet=unit"] * 6)).status_code == 200
    assert get("/", headers={"Host": 'evil.example"><script>'}).status_code == 400
    for path in ("/-/patterns", "/-/allow-debug", "/-/messages", "/-/threads.json", "/-/threads"):
        assert get(path).status_code == 404, path


# ---------------------------------------------------------------- public address


def test_absolute_addresses_use_the_public_one(database):
    app = build_app(database, public_url="https://facts.example.org/landed")
    try:
        forwarded = {"Host": "internal:8001", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp", "Forwarded": "host=evil.example"}
        answer = asyncio.run(app.client.get("/facts/facts.json?_size=2", headers=forwarded))
    finally:
        close_app(app)
    assert answer.json()["next_url"].startswith("https://facts.example.org/landed/facts/facts.json?")
    assert "evil" not in answer.text


def test_without_a_public_address_the_hosts_is_used(get):
    answer = get("/facts/facts.json?_size=2", headers={"Host": "127.0.0.1:8001", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert answer.json()["next_url"].startswith("http://127.0.0.1:8001/facts/facts.json?")


@pytest.mark.parametrize(("given", "read"), [
    ("https://facts.example.org", "https://facts.example.org/"), ("https://example.org:8443/a/b", "https://example.org:8443/a/b/"), ("http://[::1]:80/", "http://[::1]:80/"),
])
def test_public_addresses(given, read):
    assert read_public_url(given).geturl() == read


@pytest.mark.parametrize("given", ["facts.example.org", "ftp://a.org", "https://", "https://a.org/?q=1", "https://a.org/#x", "https://me:pw@a.org", "https://a.org:99999", "https://a b.org", "https://a.org/x y", "https://[x"])
def test_public_addresses_that_are_none(given):
    with pytest.raises(ServeError, match="public address"):
        read_public_url(given)
