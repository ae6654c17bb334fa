"""Did the demo play out as written? Each demand of the story in words, and whether it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from crawlers.demo.story import Correction, Disagreement, Story


def check_story(story: Story, facts: sqlite3.Connection, failures: Iterable[Mapping[str, Any]]) -> dict[str, bool]:
    """What the story demands, in words, and whether it came about.

    Args:
        story: The story.
        facts: The public database.
        failures: The failures of each source's last crawl, with `source_id`, `kind` and `url`.
    """
    met = {(failure["source_id"], failure["kind"], failure["url"]) for failure in failures}
    due = {(fault.source, fault.kind, fault.url) for fault in story.faults}
    broken = (story.broken.source, "repaired", story.broken.url)
    kept = {row[0] for row in facts.execute("SELECT url FROM articles")}
    return {
        **{f"{fault.source} met the fault {fault.kind!r}: {fault.why}": (fault.source, fault.kind, fault.url) in met for fault in story.faults},
        "no other page failed": met <= due | {broken},
        f"{story.broken.source}'s page in broken HTML and the wrong charset was read, and is named": broken in met,
        "every page due was kept": {url for urls in story.pages.values() for url in urls} <= kept,
        **_check_correction(story.correction, facts),
        **_check_disagreement(story.disagreement, facts),
    }


def _check_correction(fix: Correction, facts: sqlite3.Connection) -> dict[str, bool]:
    found = facts.execute("SELECT old_value, new_value FROM v_corrections WHERE url = ? AND attribute_id = ?", [fix.url, fix.attribute]).fetchall()
    return {f"the corrected figure shows old and new: {fix.before}, then {fix.after}": (str(fix.before), str(fix.after)) in found}


def _check_disagreement(clash: Disagreement, facts: sqlite3.Connection) -> dict[str, bool]:
    findings = {}
    for report, verdict in ((clash.right, "agree"), (clash.wrong, "disagree")):
        found = facts.execute(
            "SELECT c.verdict FROM checks c JOIN facts f USING (fact_id) JOIN articles a USING (article_id) WHERE a.url = ? AND c.attribute_id = ? AND f.value_num = ?",
            [report.url, clash.attribute, report.value],
        ).fetchall()
        findings[f"{report.source}'s {report.value} and the official {clash.official} {verdict}"] = found == [(verdict,)]
    return findings
