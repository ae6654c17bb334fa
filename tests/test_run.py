"""The scheduled job over the demo site: what a second run, a changed page, a replay and a killed process leave behind."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.demo.story import read_story
from db.civil_dates import is_day
from tests.commands import ask, call, digests, on_demo

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from crawlers.demo.server import DemoSite

pytestmark = pytest.mark.engine


@pytest.fixture
def data(first: tuple[Path, float, Any], tmp_path: Path, site: DemoSite) -> Path:
    site.phase = 1
    shutil.copytree(first[0], tmp_path / "data")
    return tmp_path / "data"


def statuses(data: Path, site: DemoSite) -> dict[str, dict[str, Any]]:
    done = call(on_demo(data, site.addresses, "status", "--json"), traced=True)
    assert done.returncode == 0, done.stderr
    return {row["source_id"]: row for row in json.loads(done.stdout)}


def test_faults_are_named_and_stop_nothing(first: tuple[Path, float, subprocess.CompletedProcess[str]], site: DemoSite) -> None:
    data, _, done = first
    story = read_story(site.addresses)
    # A source that is down and a challenge page are something that failed.
    assert done.returncode == 1
    rows = statuses(data, site)
    for fault in story.faults:
        assert (fault.kind, fault.url) in {(failure["kind"], failure["url"]) for failure in rows[fault.source]["failures"]}
    assert rows["demo-offline"]["verdict"] == "failing"
    assert rows["demo-herald"]["errors_by_kind"] == {"challenge": 1, "repaired": 1}
    # The broken page was read all the same, and is named.
    assert story.broken.url in {failure["url"] for failure in rows["demo-herald"]["failures"] if failure["kind"] == "repaired"}
    # The rest of the run was completed and published.
    kept = {row[0] for row in ask(data / "facts.db", "SELECT url FROM articles")}
    assert kept == {url for urls in story.pages.values() for url in urls}
    assert ask(data / "facts.db", "SELECT system, count(*) FROM draws GROUP BY system ORDER BY system") == [("ca-ab-aaip", 23), ("ca-ee", 108)]
    # Each fault stands in the table for people, too.
    table = call(on_demo(data, site.addresses, "status"), traced=True).stdout
    assert all(fault.url in table for fault in story.faults)


def test_second_run_on_the_unchanged_site_learns_nothing(data: Path, site: DemoSite) -> None:
    before = digests(data)
    counts = ask(data / "archive.db", "SELECT (SELECT count(*) FROM article_versions), (SELECT count(*) FROM facts), (SELECT count(*) FROM fact_log)")
    call(on_demo(data, site.addresses, "run"))
    assert digests(data) == before
    assert ask(data / "archive.db", "SELECT (SELECT count(*) FROM article_versions), (SELECT count(*) FROM facts), (SELECT count(*) FROM fact_log)") == counts
    for row in statuses(data, site).values():
        assert (row["new"], row["changed"]) == (0, 0)
    # Sources with validators answer 304 for every page and listing; the province's page has none, and its text decides.
    rows = statuses(data, site)
    assert [rows[name]["not_modified"] for name in ("demo-newsroom", "demo-courier", "demo-herald", "demo-rounds", "demo-province")] == [7, 6, 5, 1, 0]
    assert rows["demo-province"]["unchanged"] == 24  # the page and the 23 draws of its table


def test_a_changed_page_is_the_only_new_version(data: Path, site: DemoSite) -> None:
    story = read_story(site.addresses)
    before = {row[0] for row in ask(data / "archive.db", "SELECT version_id FROM article_versions")}
    site.phase = 2
    call(on_demo(data, site.addresses, "run"))
    new = ask(data / "archive.db", "SELECT v.version_id, a.url, v.version_no, v.change_kind FROM article_versions v JOIN articles a USING (article_id)")
    assert [row[1:] for row in new if row[0] not in before] == [(story.correction.url, 2, "correction")]
    corrections = ask(data / "facts.db", "SELECT url, attribute_id, old_value, new_value FROM v_corrections")
    assert (story.correction.url, story.correction.attribute, str(story.correction.before), str(story.correction.after)) in corrections


def test_outlets_are_checked_against_the_official_record(first: tuple[Path, float, Any], site: DemoSite) -> None:
    clash = read_story(site.addresses).disagreement
    rows = ask(
        first[0] / "facts.db",
        f"SELECT c.source_id, c.fact_value, c.official_value, c.verdict FROM checks c WHERE c.draw_id = 'ca-ee-{clash.draw}' AND c.attribute_id = '{clash.attribute}'",
    )
    assert sorted(rows) == sorted([
        (clash.right.source, str(clash.right.value), str(clash.official), "agree"),
        (clash.wrong.source, str(clash.wrong.value), str(clash.official), "disagree"),
    ])


def test_the_syndicated_story_counts_once(first: tuple[Path, float, Any], site: DemoSite) -> None:
    copies = read_story(site.addresses).syndicated
    urls = f"('{copies.original}', '{copies.copy}')"
    [(stories, articles)] = ask(first[0] / "facts.db", f"SELECT count(DISTINCT story_id), count(*) FROM articles WHERE url IN {urls}")
    assert (stories, articles) == (1, 2)
    # No other two articles of the demo are one story.
    assert ask(first[0] / "facts.db", "SELECT articles, sources, owners FROM stories WHERE articles > 1") == [(2, 2, 2)]
    events = ask(
        first[0] / "facts.db",
        f"""SELECT DISTINCT e.articles, e.stories, e.owners FROM events e JOIN event_facts l USING (event_id) JOIN facts f USING (fact_id) JOIN articles a USING (article_id)
            WHERE a.url IN {urls} AND e.event_type = 'list_change'""",
    )
    assert events == [(2, 1, 1)]


def test_outlets_that_disagree_tell_of_one_event_and_the_official_value_comes_first(first: tuple[Path, float, Any], site: DemoSite) -> None:
    clash = read_story(site.addresses).disagreement
    event = f"ev-ca-ee-{clash.draw}"
    assert ask(first[0] / "facts.db", f"SELECT official, conflict, owners FROM events WHERE event_id = '{event}'") == [(1, 1, 2)]
    # Both outlets' figures are of this one event and of no other.
    for report in (clash.right, clash.wrong):
        told = ask(first[0] / "facts.db", f"SELECT DISTINCT l.event_id FROM facts f JOIN event_facts l USING (fact_id) JOIN articles a USING (article_id) WHERE a.url = '{report.url}' AND f.attribute_id = '{clash.attribute}' AND f.value_num = {report.value}")
        assert told == [(event,)]
    found = ask(first[0] / "facts.db", f"SELECT value, rank, basis FROM event_values WHERE event_id = '{event}' AND attribute_id = '{clash.attribute}' ORDER BY place")
    assert found == [(str(clash.official), "preferred", "official"), (str(clash.wrong.value), "normal", "single")]
    assert ask(first[0] / "facts.db", f"SELECT value FROM v_conflicts WHERE event_id = '{event}' ORDER BY place") == [(str(clash.official),), (str(clash.wrong.value),)]


def test_a_corrected_figure_shows_old_and_new_with_dates_on_its_event(data: Path, site: DemoSite) -> None:
    fix = read_story(site.addresses).correction
    before = ask(data / "facts.db", "SELECT event_id FROM events ORDER BY event_id")
    site.phase = 2
    call(on_demo(data, site.addresses, "run"))
    assert ask(data / "facts.db", "SELECT event_id FROM events ORDER BY event_id") == before  # no id is new, none is gone
    found = ask(data / "facts.db", f"SELECT value, rank, facts FROM event_values WHERE event_id = 'ev-ca-ee-{fix.draw}' AND attribute_id = '{fix.attribute}' ORDER BY place")
    assert found == [(str(fix.after), "preferred", 1), (str(fix.before), "deprecated", 0)]
    changes = ask(data / "facts.db", f"SELECT change, changed_at, event_id FROM v_changes WHERE kind = 'corrected figure' AND change LIKE '{fix.attribute}%'")
    assert [(change, event) for change, _, event in changes] == [(f"{fix.attribute}: {fix.before}, now {fix.after}", f"ev-ca-ee-{fix.draw}")]
    assert all(at for _, at, _ in changes)
    # Both with their dates: when each was first reported, and when the old one ceased to be so.
    dated = ask(data / "facts.db", f"SELECT value, first_reported, last_reported FROM event_values WHERE event_id = 'ev-ca-ee-{fix.draw}' AND attribute_id = '{fix.attribute}' ORDER BY place")
    assert all(is_day(first) and is_day(last) for _, first, last in dated)
    [(old_from, old_until, new_from, new_until, corrected_at, note)] = ask(
        data / "facts.db",
        f"""SELECT o.recorded_at, o.retired_at, n.recorded_at, n.retired_at, c.corrected_at, c.correction_note FROM v_corrections c JOIN facts o ON o.fact_id = c.old_fact_id JOIN facts n ON n.fact_id = c.new_fact_id
            WHERE c.url = '{fix.url}' AND c.attribute_id = '{fix.attribute}'""",
    )
    assert old_from < old_until
    assert old_until >= new_from == corrected_at
    assert (new_until, bool(note)) == (None, True)
    # And the text shows what was changed, word by word, with the publisher's note.
    passages = ask(data / "facts.db", f"SELECT c.old_passage, c.new_passage FROM version_changes c JOIN articles a USING (article_id) WHERE a.url = '{fix.url}' ORDER BY c.place")
    assert any(f"{fix.before:,}" in (old or "") and f"{fix.after:,}" in (new or "") for old, new in passages)
    assert [kind for (kind,) in ask(data / "facts.db", f"SELECT kind FROM v_changes v JOIN articles a USING (article_id) WHERE a.url = '{fix.url}' AND v.version_id IS NOT NULL AND kind = 'correction'")] == ["correction"]


def test_replay_with_the_servers_off_gives_the_same_facts(data: Path, site: DemoSite, tmp_path: Path) -> None:
    # Two crawls are in the archive, the second with a correction: replay must resolve its 304 answers.
    site.phase = 2
    call(on_demo(data, site.addresses, "run"))
    off = {name: address.rsplit(":", 1)[0] + ":9" for name, address in site.addresses.items()}
    again = tmp_path / "again"
    files = sorted((data / "warc").glob("*.warc.gz"))
    asked = len(site.requests)
    replayed = call(on_demo(again, off, "crawl", "--replay", *files), traced=True)
    assert replayed.returncode == 0, replayed.stderr
    assert call(on_demo(again, off, "extract")).returncode == 0
    assert call(on_demo(again, off, "publish")).returncode == 0
    assert len(site.requests) == asked
    lines = [(one, other) for one, other in zip(digests(data).splitlines(), digests(again).splitlines(), strict=True) if one != other]
    # What differs is where the sources live: the addresses that this test gave them.
    assert [one.split()[1] for one, _ in lines] == ["sources", "(all)"]


def test_replay_into_the_same_database_changes_nothing(data: Path, site: DemoSite) -> None:
    tables = "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM article_versions), (SELECT group_concat(verdict) FROM crawls)"
    before, counts = digests(data), ask(data / "archive.db", tables)
    assert call(on_demo(data, site.addresses, "crawl", "--replay", *sorted((data / "warc").glob("*.warc.gz")))).returncode == 0
    assert call(on_demo(data, site.addresses, "publish")).returncode == 0
    assert digests(data) == before
    assert ask(data / "archive.db", tables) == counts


def test_the_published_database_serves_while_sources_fail(data: Path, site: DemoSite) -> None:
    """All sources down: the run says so, and what was published before is still there, whole."""
    before = digests(data)
    down = dict.fromkeys(site.addresses, site.addresses["offline"])
    done = call(on_demo(data, down, "run"))
    assert done.returncode == 1
    assert [line for line in digests(data).splitlines() if not line.endswith(("  sources", "  (all)"))] == [
        line for line in before.splitlines() if not line.endswith(("  sources", "  (all)"))
    ]
    assert all(row["verdict"] == "failing" for row in statuses(data, site).values())
