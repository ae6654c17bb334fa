"""Reading archived pages again: new versions only where the text comes out differently, and facts that were ours to correct are withdrawn."""

from __future__ import annotations

import pytest

import landed
from crawlers import reading
from crawlers.reparse import reparse
from crawlers.templates import parse_articles
from tests.crawlers.test_gates import HOME, Newsroom, page

PITCH = "<p>IRCC invited 7,777 candidates in an Express Entry draw on August 6, 2026, as our newsletter told first.</p>"


def with_pitch(path: str, invited: int) -> bytes:
    return page(path, invited).replace(b"</article>", PITCH.encode() + b"</article>")


@pytest.fixture
def newsroom(tmp_path) -> Newsroom:
    newsroom = Newsroom(tmp_path)
    newsroom.crawl(a=page("/a", 1_000), b=with_pitch("/b", 2_000))
    return newsroom


@pytest.fixture
def better(monkeypatch):
    """A template that leaves the newsletter's pitch out, in the place of today's once it is called."""
    def parse(page, template, **options):
        return parse_articles(type(page)(page.url, page.body.replace(PITCH.encode(), b""), page.content_type, page.fetched_at), template, **options)

    return lambda: monkeypatch.setattr(reading, "parse_articles", parse)


def read_again(newsroom: Newsroom) -> list[tuple[str, int, str]]:
    sources, _ = newsroom.place.load()
    with newsroom.place.open_archive() as archive:
        done = list(reparse(archive.article_captures(), {source.id: source for source in sources}, archive, newsroom.place.warc))
    return [(result.capture.url.removeprefix(HOME), result.changed, result.problem) for result in done]


def versions(newsroom: Newsroom) -> list[tuple[object, ...]]:
    rows = newsroom.ask("SELECT a.url, v.version_no, v.change_kind, v.version_id = a.version_id AS current FROM article_versions v JOIN articles a USING (article_id) ORDER BY url, version_no")
    return [(row["url"].removeprefix(HOME), row["version_no"], row["change_kind"], row["current"]) for row in rows]


def test_the_same_template_gives_nothing_new(newsroom):
    before = newsroom.ask("SELECT * FROM article_versions ORDER BY version_id")
    assert read_again(newsroom) == [("/a", 0, ""), ("/b", 0, "")]
    assert newsroom.ask("SELECT * FROM article_versions ORDER BY version_id") == before


def test_a_better_template_gives_new_versions_only_where_the_text_changed(newsroom, better):
    better()
    assert read_again(newsroom) == [("/a", 0, ""), ("/b", 1, "")]
    assert versions(newsroom) == [("/a", 1, "first", 1), ("/b", 1, "first", 0), ("/b", 2, "reparse", 1)]
    assert [outcome[1] for outcome in read_again(newsroom)] == [0, 0]  # and again nothing
    assert len(versions(newsroom)) == 3


def test_facts_of_the_old_reading_are_withdrawn_and_all_others_stay(newsroom, better):
    def facts() -> dict[tuple[str, object], set[str]]:
        found: dict[tuple[str, object], set[str]] = {}
        for row in newsroom.ask("SELECT fact_id, value_num, status, url FROM facts JOIN articles USING (article_id) WHERE attribute_id = 'invitations'", "facts.db"):
            found.setdefault((row["url"].removeprefix(HOME), row["value_num"], row["status"]), set()).add(row["fact_id"])
        return found

    newsroom.publish()
    before = facts()
    assert before.keys() == {("/a", 1_000, "current"), ("/b", 2_000, "current"), ("/b", 7_777, "current")}
    better()
    read_again(newsroom)
    assert newsroom.publish()[1] == [1_000, 2_000]
    after = facts()
    assert after["/a", 1_000, "current"] == before["/a", 1_000, "current"]  # the same ids
    assert after["/b", 7_777, "withdrawn"] == before["/b", 7_777, "current"]  # not superseded: no publisher took it back
    assert ("/b", 2_000, "current") in after
    assert not [key for key in after if key[2] == "superseded"]


def test_a_text_that_its_publisher_has_changed_since_stays_current(newsroom, better):
    newsroom.crawl(a=page("/a", 1_000), b=with_pitch("/b", 3_000))
    better()
    read_again(newsroom)
    current = newsroom.ask("SELECT v.text FROM articles a JOIN article_versions v USING (version_id) WHERE url LIKE '%/b'")
    assert "3,000" in str(current)
    assert "7,777" not in str(current)
    assert newsroom.publish()[1] == [1_000, 3_000]


def test_a_file_that_cant_be_read_is_named_and_stops_no_other(newsroom, better):
    newsroom.crawl(c=with_pitch("/c", 4_000))
    better()
    first = min(newsroom.place.warc.iterdir())
    first.write_bytes(first.read_bytes()[:700])
    done = read_again(newsroom)
    assert [(url, changed) for url, changed, _ in done] == [("/a", 0), ("/b", 0), ("/c", 1)]
    assert all(str(first) in problem for _, _, problem in done[:2])
    assert versions(newsroom)[-1] == ("/c", 2, "reparse", 1)
    first.unlink()
    assert all(str(first) in problem for _, _, problem in read_again(newsroom)[:2])


def test_a_page_that_the_template_doesnt_read_any_more_keeps_its_text(newsroom, monkeypatch):
    def refuse(*_arguments, **_options):
        raise ValueError("no headline")

    monkeypatch.setattr(reading, "parse_articles", refuse)
    assert [problem for _, _, problem in read_again(newsroom)] == ["parse: ValueError: no headline"] * 2
    assert versions(newsroom) == [("/a", 1, "first", 1), ("/b", 1, "first", 1)]


def test_the_command_says_what_came_of_it(newsroom):
    from click.testing import CliRunner

    words = ["--data", str(newsroom.place.data), "--sources", str(newsroom.place.sources), "reparse"]
    done = CliRunner().invoke(landed.main, words)
    assert done.exit_code == 0, done.stderr
    assert "read 2 pages again: 0 articles read differently now, 0 pages can't be read" in done.stderr
    next(newsroom.place.warc.iterdir()).unlink()
    done = CliRunner().invoke(landed.main, words)
    assert done.exit_code == 1
    assert "No such file" in done.stderr
