"""Corrections: what was on record and turned out otherwise, and whose correction it is.

Three things look alike and are kept apart: we misread a text (`our_error`, from reviews), a source corrected or took
back what it had said (`source_corrected`, `source_retracted`), and a text was added to (`new_information`). What the
world changed is no correction but an event. Merged and split events are here too, since their ids redirect.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from db.decisions import NEW, split_link
from db.ids import content_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from db.archive import Archive

_SAID = ("pathway_id", "attribute_id", "comparator", "value", "unit", "period", "scope", "as_written")


def describe_fact(fact: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact says, without what is unknown."""
    return {name: fact[name] for name in _SAID if fact[name] is not None}


def keep_correction(
    archive: Archive, at: str, target_type: str, target_id: str, kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, explanation: str, cause: str = "",
) -> bool:
    """Append a correction; False where it is known. `cause` tells apart what else would be the same (a review's id)."""
    texts = [None if said is None else json.dumps(said, ensure_ascii=False, sort_keys=True) for said in (before, after)]
    correction_id = content_id("correction", kind, target_id, *texts, cause)
    return archive.db.conn.execute(
        "INSERT OR IGNORE INTO corrections (correction_id, at, target_type, target_id, kind, before_json, after_json, explanation) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [correction_id, at, target_type, target_id, kind, *texts, explanation],
    ).rowcount == 1


def settle_corrections(archive: Archive, at: str) -> int:
    """Append the corrections that sources made to their texts and feeds, and merges and splits of events. Gives how many are new.

    It depends on the versions and facts on record and not on when it runs: each version is compared with the one before it.
    """
    new = 0
    with archive.db.atomic():
        for older, newer, version in _changed_versions(archive):
            new += sum(keep_correction(archive, at, "fact", *row) for row in compare_versions(older, newer, version))
        for row in archive.rows("SELECT * FROM draw_revisions ORDER BY seen_at, revision_id"):
            new += keep_correction(archive, at, "draw", row["draw_id"], "source_corrected", {row["field"]: row["old_value"]}, {row["field"]: row["new_value"]},
                                   "The authority changed its feed.", row["revision_id"])
        if "event_redirects" in archive.db.table_names():
            for row in archive.rows("SELECT * FROM event_redirects ORDER BY old_event_id"):
                kind = "split" if "split" in (row["reason"] or "") else "merge"
                new += keep_correction(archive, at, "event", row["old_event_id"], kind, {"event_id": row["old_event_id"]}, row["new_event_id"] and {"event_id": row["new_event_id"]},
                                       row["note"] or row["reason"])
        new += _settle_decisions(archive, at)
    return new


def _settle_decisions(archive: Archive, at: str) -> int:
    """Append what people took back of our events and links: rejected events, and facts that were tied to the wrong one."""
    new = 0
    said: dict[str, dict[str, Any] | None] = {}
    for row in archive.rows("SELECT * FROM reviews WHERE target_type IN ('event', 'link') ORDER BY reviewed_at, review_id"):
        link = split_link(row["target_id"]) if row["target_type"] == "link" else None
        if row["target_type"] == "link" and link is None:
            continue
        fact_id, event_id = link or (None, row["target_id"])
        if archive.one("SELECT 1 FROM events WHERE event_id = ?", [event_id]) is None or (row["target_type"] == "event" and row["verdict"] == "correct"):
            continue  # not here; or a merge, which its redirect tells of
        before = said.get(row["target_id"], {"event_id": event_id})
        wanted = json.loads(row["corrected_json"] or "{}").get("event_id")
        after = {"event_id": event_id} if row["verdict"] == "accept" else {"event_id": wanted} if wanted else None
        said[row["target_id"]] = after
        if before != after:
            new += keep_correction(archive, at, "fact" if fact_id else "event", fact_id or event_id, "split" if wanted == NEW else "our_error", before, after,
                                   row["note"] or "A reviewer found that our reading of what happened was wrong.", row["review_id"])
    return new


def compare_versions(older: Sequence[Mapping[str, Any]], newer: Sequence[Mapping[str, Any]], version: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any] | None, dict[str, Any] | None, str]]:
    """The corrections between two versions' facts: target id, kind, before, after, explanation.

    Args:
        older: Facts of the version before.
        newer: Facts of the version after.
        version: The later version's `change_kind` and `correction_note`.

    A figure counts as replaced where exactly one value of its pathway, attribute, period and scope went and one came. What
    went without another in its place was retracted if the publisher wrote a correction; else its absence says nothing.
    """
    groups: dict[tuple[Any, ...], tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]] = defaultdict(lambda: ([], []))
    for side, facts in enumerate((older, newer)):
        for fact in facts:
            groups[fact["pathway_id"], fact["attribute_id"], fact["period"], fact["scope"]][side].append(fact)
    note = version["correction_note"]
    for before, after in groups.values():
        said, says = {fact["value"] for fact in before}, {fact["value"] for fact in after}
        gone = [fact for fact in before if fact["value"] not in says]
        come = [fact for fact in after if fact["value"] not in said]
        if len(gone) == len(come) == 1:
            yield gone[0]["fact_id"], "source_corrected", describe_fact(gone[0]), describe_fact(come[0]), note or "The publisher changed the text and wrote no correction."
            continue
        if note:
            for fact in gone:
                yield fact["fact_id"], "source_retracted", describe_fact(fact), None, note
        for fact in come:
            yield fact["fact_id"], "new_information", None, describe_fact(fact), "The publisher added it to the text."


def _changed_versions(archive: Archive) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]]:
    versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in archive.rows(
        """SELECT article_id, version_id, change_kind, correction_note FROM article_versions
           WHERE held = 0 AND article_id IN (SELECT article_id FROM article_versions WHERE version_no > 1) ORDER BY article_id, version_no""",
    ):
        versions[row["article_id"]].append(row)
    for each in versions.values():
        for before, after in pairwise(each):
            if after["change_kind"] != "reparse":
                yield _stated(archive, before["version_id"]), _stated(archive, after["version_id"]), after


def _stated(archive: Archive, version_id: str) -> list[dict[str, Any]]:
    """The facts of a version that our reading stands by."""
    return archive.rows("SELECT * FROM facts WHERE version_id = ? AND coalesce(retired_reason, 'article_changed') = 'article_changed' ORDER BY fact_id", [version_id])
