"""What there is to review: doubtful facts, figures that disagree, names that no pathway has; and whole articles of a sample."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.decisions import name_link
from db.quality import draw_sample
from db.reviews import name_candidate, standing_reviews

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from db.archive import Archive

CONTEXT = 240
"""Characters of text shown on either side of the evidence."""
LOW_SCORE = 0.6
"""Facts with a lower score are shown; what the extractor is surer of waits for a random sample."""

WEAK_LINK = 0.8
"""Links by rules with a lower score are shown where the event's reports differ."""


@dataclass(frozen=True)
class Case:
    """One thing to judge.

    Attributes:
        target_type: As in `reviews`: fact, link or candidate.
        target_id: Its id.
        why: Why it is shown, in words.
        summary: What is claimed, in one line.
        before: Text before the evidence.
        evidence: The words that the claim rests on.
        after: Text after them.
        url: Where the text stands.
        fact: Row of the fact, where it is about one.
    """

    target_type: str
    target_id: str
    why: str
    summary: str
    before: str
    evidence: str
    after: str
    url: str
    fact: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Sampled:
    """An article of a sample: its text, its facts as cases, and the ids of those that were judged in an earlier sitting."""

    article_id: str
    title: str
    url: str
    text: str
    pipeline: str
    facts: tuple[Case, ...]
    judged: tuple[str, ...] = ()


_FACTS = f"""SELECT f.*, a.url, v.title, substr(v.text, max(1, f.clause_start + 1 - {CONTEXT}), min({CONTEXT}, f.clause_start)) AS before,
    substr(v.text, f.clause_start + 1, f.clause_end - f.clause_start) AS evidence, substr(v.text, f.clause_end + 1, {CONTEXT}) AS after
    FROM facts f JOIN article_versions v USING (version_id) JOIN articles a ON a.version_id = v.version_id WHERE f.retired_at IS NULL AND v.held = 0"""  # noqa: S608 - a number
_FOUND = _FACTS.replace("f.retired_at IS NULL", "(f.retired_at IS NULL OR f.retired_reason = 'review_rejected') AND f.rule <> 'review'")
"""What the extractor found, whatever people said of it since: a sample measures the extractor."""


def list_cases(archive: Archive, public: Path | None = None) -> Iterator[Case]:
    """What is to be reviewed and wasn't yet, the gravest first: conflicts and disagreements, doubtful links, doubtful facts, then names.

    Args:
        archive: The archive database.
        public: The public database, which holds checks and events; without it there are none of these.
    """
    facts, links = standing_reviews(archive, "fact"), standing_reviews(archive, "link")
    shown = set(facts)
    for fact_id, why in _disputed(public):
        if fact_id not in shown and (row := archive.one(f"{_FACTS} AND f.fact_id = ?", [fact_id])):
            shown.add(fact_id)
            yield _describe(row, why)
    for check in _ambiguous(public):
        if check["check_id"] not in links and (row := archive.one(f"{_FACTS} AND f.fact_id = ?", [check["fact_id"]])):
            case = _describe(row, f"more than one official draw fits; tied by {check['linked_by']}")
            yield Case("link", check["check_id"], case.why, case.summary, case.before, case.evidence, case.after, case.url, row)
    for link in _weak_links(public):
        target = name_link(link["fact_id"], link["event_id"])
        if target not in links and (row := archive.one(f"{_FACTS} AND f.fact_id = ?", [link["fact_id"]])):
            case = _describe(row, f"tied to {link['event_id']} ({link['title']}) by the rule {link['link_rule']}, whose reports differ")
            yield Case("link", target, case.why, case.summary, case.before, case.evidence, case.after, case.url, row)
    for row in archive.rows(f"{_FACTS} AND f.score < ? AND f.basis = 'extracted' ORDER BY f.score, f.fact_id", [LOW_SCORE]):
        if row["fact_id"] not in shown:
            yield _describe(row, f"the extractor is not sure: score {row['score']:.2f}, rule {row['rule']}")
    yield from _names(archive)


def list_sample(archive: Archive, size: int, seed: int, sample: str) -> Iterator[Sampled]:
    """The articles of a random sample that weren't judged to their end yet, with what was found in them."""
    done = {row["target_id"] for row in archive.rows("SELECT target_id FROM reviews WHERE sample = ?", [sample])}
    ids = [row["article_id"] for row in archive.rows("SELECT a.article_id FROM articles a JOIN article_versions v USING (version_id) WHERE v.held = 0")]
    for article_id in draw_sample(ids, size, seed):
        if article_id not in done:
            version = archive.one(
                "SELECT a.url, v.*, e.pipeline_version FROM articles a JOIN article_versions v USING (version_id) LEFT JOIN extractions e USING (version_id) WHERE a.article_id = ?", [article_id])
            assert version is not None
            rows = archive.rows(f"{_FOUND} AND f.version_id = ? ORDER BY f.clause_start, f.fact_id", [version["version_id"]])
            cases = tuple(_describe(row, f"sample {sample}") for row in rows if row["fact_id"] not in done)
            judged = tuple(row["fact_id"] for row in rows if row["fact_id"] in done)
            yield Sampled(article_id, version["title"], version["url"], version["text"], version["pipeline_version"] or "none", cases, judged)


def describe_claim(fact: Mapping[str, Any]) -> str:
    """A fact in one line."""
    parts = (fact["pathway_id"], fact["attribute_id"], fact["comparator"], fact["value"], fact["unit"], fact["period"] and f"in {fact['period']}", fact["scope"] and f"for {fact['scope']}", f"({fact['modality']})")
    return " ".join(str(part) for part in parts if part)


def _describe(row: Mapping[str, Any], why: str) -> Case:
    return Case("fact", row["fact_id"], why, describe_claim(row), row["before"], row["evidence"], row["after"], row["url"], row)


def _names(archive: Archive) -> Iterator[Case]:
    known = set(standing_reviews(archive, "candidate"))
    for row in archive.rows(
        f"""SELECT c.name, a.url, substr(v.text, max(1, c.start_char + 1 - {CONTEXT}), min({CONTEXT}, c.start_char)) AS before, substr(v.text, c.end_char + 1, {CONTEXT}) AS after
            FROM candidates c JOIN article_versions v USING (version_id) JOIN articles a ON a.version_id = v.version_id WHERE v.held = 0 ORDER BY c.name, v.version_id""",  # noqa: S608 - a number
    ):
        target = name_candidate(row["name"])
        if target not in known:
            known.add(target)
            yield Case("candidate", target, "no pathway of the vocabulary has this name", row["name"], row["before"], row["name"], row["after"], row["url"])


def _disputed(public: Path | None) -> list[tuple[str, str]]:
    """Facts in conflict with others or with the record, by id, with the reason."""
    checks = _ask(public, "checks", "SELECT fact_id, fact_value, official_value, draw_id FROM checks WHERE verdict = 'disagree' ORDER BY fact_id")
    events = _ask(public, "events", """SELECT DISTINCT ef.fact_id, e.event_id, e.title FROM events e JOIN event_values v USING (event_id) JOIN event_facts ef USING (event_id)
        JOIN facts f USING (fact_id) WHERE v.conflict = 1 AND f.attribute_id = v.attribute_id AND ef.role = 'support' ORDER BY e.event_id, ef.fact_id""")
    return [
        *((row["fact_id"], f"the official record of {row['draw_id']} has {row['official_value']}, not {row['fact_value']}") for row in checks),
        *((row["fact_id"], f"reports of {row['event_id']} ({row['title']}) give different values") for row in events),
    ]


def _weak_links(public: Path | None) -> list[dict[str, Any]]:
    """Facts that may tell of another event than that which they are tied to: by a weak rule, and others give other values."""
    return _ask(public, "events", f"""SELECT l.fact_id, l.event_id, l.link_rule, e.title FROM events e JOIN event_facts l USING (event_id)
        WHERE e.conflict = 1 AND e.retired_at IS NULL AND l.role = 'support' AND l.link_score < {WEAK_LINK} ORDER BY l.link_score, l.fact_id""")  # noqa: S608 - a number


def _ambiguous(public: Path | None) -> list[dict[str, Any]]:
    return _ask(public, "checks", "SELECT check_id, fact_id, linked_by FROM checks WHERE verdict = 'ambiguous' ORDER BY check_id")


def _ask(public: Path | None, table: str, sql: str) -> list[dict[str, Any]]:
    """The rows of a query on the public database; none where it or the table is missing."""
    if public is None or not public.exists():
        return []
    with closing(sqlite3.connect(f"{public.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone() is None:
            return []
        return [dict(row) for row in connection.execute(sql)]
