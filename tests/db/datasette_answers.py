"""What the site answers under the Datasette that runs this, as JSON on standard output: python -m tests.db.datasette_answers FOLDER."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path

from db.metadata import load_queries
from db.schema import PUBLIC, PUBLIC_VIEWS
from db.serve import build_app, close_app
from tests.db.public_sample import build_sample, fact_key

QUERIES = [f"/facts/{query.name}{form}?_shape=array&" + "&".join(f"{each.name}={each.example}" for each in query.parameters) for query in load_queries() for form in ("", ".json")]
PATHS = (
    "/", "/facts", *(f"/facts/{one.name}{form}" for one in (*PUBLIC, *PUBLIC_VIEWS) for form in ("", ".csv", ".json?_shape=array")), *QUERIES,
    f"/facts/facts/{fact_key('h1b-permit', 1, 'cap')}", "/facts/pathways/ca-ee", "/facts/articles/hostile", "/facts/draws/ca-ee-430", "/facts/occupations/21231", "/facts/events/ev-ca-ee-430",
    "/facts/facts?_search=permit", "/facts/facts.atom", "/facts/facts.Notebook", "/facts?sql=select+1", "/facts.json?sql=select+1&_shape=array", "/facts.json", "/facts/facts.json", "/facts.db",
    "/search?q=H-1B", "/search.json?q=express", "/feeds", "/feeds/events.atom", "/feeds/dates.ics", "/query", "/data", "/robots.txt", "/sitemap.xml", "/llms.txt", "/-/metadata.json",
    "/-/settings.json", "/-/databases.json", "/static/landed.css", "/nothing",
)  # fmt: skip


async def ask(app, path):
    answer = await app.client.get(path)
    moved = []
    while answer.status_code in {301, 302} and len(moved) < 3:
        moved.append(answer.headers["location"])
        answer = await app.client.get(answer.headers["location"].removeprefix("http://localhost"))
    kind = answer.headers.get("content-type", "").partition(";")[0]
    given = {"status": answer.status_code, "type": kind, "moved": moved, "tag": "etag" in answer.headers, "safe": "'unsafe" not in answer.headers.get("content-security-policy", "'unsafe"), "ours": "Skip to the content" in answer.text}
    if kind in {"application/json", "text/csv"}:
        given["content"] = answer.json() if kind == "application/json" else answer.text
    return given


def main(folder):
    database = build_sample(folder / "facts.db")
    app = build_app(database)
    answers = {path: asyncio.run(ask(app, path)) for path in PATHS}
    build_sample(folder / "facts.new", published_at="2026-08-09T12:00:00Z", draws=3).replace(database)
    swapped = len(asyncio.run(ask(app, "/facts/draws.json?_shape=array&_size=max"))["content"])
    close_app(app)
    json.dump({"version": version("datasette"), "answers": answers, "draws after a swap": swapped}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
