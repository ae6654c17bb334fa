"""Stories: copies count once, whatever was edited a little; unrelated texts stay apart; and only what changed is looked at."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from db.stories import THRESHOLD, cut_bands, cut_runs, group_stories, measure_likeness, settle_stories, sign
from tests.db.archive_sample import make_article, make_source, open_archive, show

GOLD = Path(__file__).parents[1] / "gold" / "articles.jsonl"
WORDS = ("harbour", "pilot", "permit", "lodge", "quota", "tide", "river", "score", "round", "spring", "ferry", "copper", "north", "island", "ledger", "maple")
OTHER = make_source("ledger", owner_group="ledger")


def write(seed: int, words: int = 200) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(words))


def stories(archive) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in archive.rows("SELECT s.story_id, a.url FROM stories s JOIN articles a USING (article_id)"):
        found.setdefault(row["story_id"], set()).add(row["url"].rsplit("/", 1)[1])
    return found


def groups(archive) -> set[frozenset[str]]:
    return {frozenset(urls) for urls in stories(archive).values()}


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source(), OTHER) as opened:
        yield opened


def keep(archive, name: str, text: str, *, published: str = "2026-08-01", source: str = "harbour", at: str = "2026-08-01T10:00:00Z") -> None:
    show(archive, make_article(text, url=f"https://{source}.example/{name}", published=published), at, source=source)


def test_a_copy_at_another_outlet_is_one_story_named_by_the_first(archive):
    keep(archive, "second", write(1), published="2026-08-02")
    keep(archive, "first", write(1), published="2026-08-01", source="ledger")
    keep(archive, "another", write(2))
    assert settle_stories(archive, "2026-08-03T00:00:00Z") == 3
    assert groups(archive) == {frozenset({"first", "second"}), frozenset({"another"})}
    [first] = archive.rows("SELECT article_id FROM articles WHERE url LIKE '%/first'")
    assert first["article_id"] in stories(archive)


@pytest.mark.parametrize(("edit", "one"), [
    (lambda text: text + " Reporting by our own staff.", True),
    (lambda text: text.upper(), True),
    (lambda text: " ".join(text.split()[:170]), True),  # cut at the end
    (lambda text: " ".join(text.split()[:40]) + " " + write(9, 160), False),  # one passage quoted
    (lambda text: " ".join(reversed(text.split())), False),  # the same words in another order
])
def test_small_edits_keep_a_story_one_and_quotes_do_not_make_one(archive, edit, one):
    text = write(1)
    keep(archive, "one", text)
    keep(archive, "other", edit(text), source="ledger")
    settle_stories(archive, "2026-08-03T00:00:00Z")
    assert (len(groups(archive)) == 1) == one


def test_a_text_that_returns_a_year_later_is_another_story(archive):
    keep(archive, "one", write(1), published="2025-08-01")
    keep(archive, "other", write(1), published="2026-08-01")
    settle_stories(archive, "2026-08-03T00:00:00Z")
    assert len(groups(archive)) == 2


def test_texts_too_short_to_compare_are_stories_of_their_own(archive):
    keep(archive, "one", "Closed today.")
    keep(archive, "other", "Closed today.", source="ledger")
    settle_stories(archive, "2026-08-03T00:00:00Z")
    assert len(groups(archive)) == 2


def test_a_second_settling_changes_nothing_and_signs_nothing_again(archive, monkeypatch):
    keep(archive, "one", write(1))
    settle_stories(archive, "2026-08-03T00:00:00Z")
    before = archive.rows("SELECT * FROM stories")
    monkeypatch.setattr("db.stories.sign", lambda _: pytest.fail("signed again"))
    assert settle_stories(archive, "2026-08-04T00:00:00Z") == 0
    assert archive.rows("SELECT * FROM stories") == before


def test_an_edited_text_leaves_its_story_and_the_rest_is_looked_at_again(archive):
    keep(archive, "one", write(1), published="2026-08-01")
    keep(archive, "two", write(1), published="2026-08-02", source="ledger")
    keep(archive, "three", write(1), published="2026-08-03")
    settle_stories(archive, "2026-08-03T00:00:00Z")
    assert len(groups(archive)) == 1
    keep(archive, "one", write(7), published="2026-08-01", at="2026-08-04T10:00:00Z")
    settle_stories(archive, "2026-08-05T00:00:00Z")
    assert groups(archive) == {frozenset({"one"}), frozenset({"two", "three"})}
    assert {row["article_id"] for row in archive.rows("SELECT article_id FROM unsettled_articles")} == {row["article_id"] for row in archive.rows("SELECT article_id FROM articles")}


def test_day_by_day_comes_to_the_same_as_all_at_once(tmp_path):
    chance = random.Random(3)
    texts = [(f"n{n}", write(n % 7), f"2026-08-{chance.randrange(1, 20):02}", chance.choice(["harbour", "ledger"])) for n in range(30)]
    found = []
    for batch in (1, 30):
        with open_archive(tmp_path / f"{batch}.db", make_source(), OTHER) as archive:
            for at in range(0, 30, batch):
                for name, text, day, source in texts[at:at + batch]:
                    keep(archive, name, text, published=day, source=source)
                settle_stories(archive, "2026-08-30T00:00:00Z")
            found.append(archive.rows("SELECT article_id, story_id, similarity FROM stories ORDER BY article_id"))
    assert found[0] == found[1]
    assert len({row["story_id"] for row in found[0]}) == 7


def test_chains_of_copies_are_one_story():
    texts = {name: frozenset(range(at, at + 100)) for name, at in (("a", 0), ("b", 30), ("c", 60))}
    assert measure_likeness(texts["a"], texts["c"]) < THRESHOLD
    found = group_stories(texts, {"a": "2026-08-01", "b": "2026-08-02", "c": "2026-08-03"}, [("a", "b"), ("b", "c"), ("a", "c")])
    assert {story for story, _ in found.values()} == {"a"}


def test_unrelated_texts_are_far_below_the_threshold():
    """The project's own annotated texts, each with each: none shares even a fifth of what the threshold asks for."""
    runs = [cut_runs(json.loads(line)["text"]) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    runs = [one for one in runs if len(one) >= 10]
    most = max(measure_likeness(one, other) for at, one in enumerate(runs) for other in runs[at + 1:])
    assert most < THRESHOLD / 5


def test_bands_find_copies_and_pass_over_the_unrelated():
    found = missed = 0
    for seed in range(60):
        text = write(seed).split()
        edited = " ".join(text[:170] + write(seed + 1000, 10).split())
        one, other = cut_runs(" ".join(text)), cut_runs(edited)
        assert measure_likeness(one, other) > 0.7
        shared = set(cut_bands(sign(one))) & set(cut_bands(sign(other)))
        found, missed = found + bool(shared), missed + (not shared)
        assert not set(cut_bands(sign(one))) & set(cut_bands(sign(cut_runs(write(seed + 500)))))
    assert missed == 0
    assert found == 60
