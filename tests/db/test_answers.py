"""Answers that the server keeps for a minute."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from db.serve import build_app, close_app
from db.site import answers
from db.site.answers import Answers
from tests.db.public_sample import build_sample


def test_an_answer_is_kept_for_its_time(monkeypatch):
    now = 100.0
    monkeypatch.setattr(answers.time, "monotonic", lambda: now)
    kept = Answers(age=60)
    kept.keep("a", ((b"x", b"y"),), b"page")
    now = 159.0
    assert kept.find("a").body == b"page"
    now = 161.0
    assert kept.find("a") is None
    assert kept.held == 0


def test_the_least_used_leave_first():
    kept = Answers(largest=4, room=10)
    for tag in "abc":
        kept.keep(tag, (), b"123")
    kept.find("a")
    kept.keep("d", (), b"456")
    assert [tag for tag in "abcd" if kept.find(tag)] == ["a", "c", "d"]
    kept.keep("e", (), b"12345")
    assert kept.find("e") is None
    kept.keep("a", (), b"1")
    assert kept.held == 7


@pytest.fixture
def app(tmp_path):
    app = build_app(build_sample(tmp_path / "facts.db"))
    yield app
    close_app(app)


def test_a_page_is_read_once_and_its_copy_is_the_same(app, monkeypatch):
    runs = []
    database = app.databases["facts"]
    execute = database.execute_fn

    async def count(function):
        runs.append(function)
        return await execute(function)

    monkeypatch.setattr(database, "execute_fn", count)

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app.app()), base_url="http://localhost") as client:
            first = await client.get("/facts/pathways/ca-ee")
            read = len(runs)
            second = await client.get("/facts/pathways/ca-ee")
            assert read > 0
            assert len(runs) == read
            assert (second.status_code, second.content, second.headers["etag"]) == (200, first.content, first.headers["etag"])
            assert {name for name in first.headers if name != "date"} == {name for name in second.headers if name != "date"}
            # another address, a reader with a cookie, and an error are answered anew
            await client.get("/facts/pathways/ca-ee?x=1")
            assert len(runs) > read
            read = len(runs)
            await client.get("/facts/pathways/ca-ee", headers={"cookie": "a=b"})
            assert len(runs) > read
            assert (await client.get("/facts/pathways/none-such")).status_code == 404
            assert (await client.get("/facts/pathways/none-such")).status_code == 404
            assert (await client.get("/facts/pathways/ca-ee", headers={"if-none-match": first.headers["etag"]})).status_code == 304

    asyncio.run(ask())
