"""Events: what merges and what doesn't, ids that stay, support that counts owners and stories, and day by day as all at once."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from db.civil_dates import find_days
from db.event_rows import derive_status, explain_link
from db.event_rules import load_rules
from db.events import restore_links, settle_events
from db.linking import FactRow, Text, cluster_facts
from db.schema_events import EVENT_TYPES
from db.stories import settle_stories
from tests.db.archive_sample import (
    extract,
    faults,
    make_article,
    make_capture,
    make_fact,
    make_record,
    make_round,
    make_source,
    open_archive,
    show,
)

RULES = load_rules()
PAIRS = tomllib.loads((Path(__file__).parent / "pairs.toml").read_text("utf-8"))["pair"]
KNOWN = {
    "ca-ee": None, "ca-ee-cbs": "ca-ee", "ca-ee-health": "ca-ee-cbs", "ca-ee-stem": "ca-ee-cbs", "ca-ee-cec": "ca-ee", "ca-ee-fsw": "ca-ee", "ca-pnp": None, "ca-on-oinp": "ca-pnp",
    "ca-mb-mpnp": "ca-pnp", "ca-ab-aaip": "ca-pnp", "ca-ab-aaip-aos": "ca-ab-aaip", "ca-ab-aaip-rrs": "ca-ab-aaip",
}
SOURCES = (
    make_source("harbour"), make_source("ledger", owner_group="ledger"), make_source("gazette", owner_group="harbour"), make_source("office", owner_group="crown", official=True),
)
AT = "2026-08-10T00:00:00Z"


def make_row(number: int, given: dict[str, Any]) -> list[FactRow]:
    """Facts of one article as events see them, from a pair's short form."""
    given = {"pathway": "ca-pgp", "published": "2026-03-06"} | given
    values = given["value"] if isinstance(given["value"], list) else [given["value"]]
    text = Text(f"article-{number}", f"source-{number}", f"owner-{number}", False, f"article-{number}", given["published"])
    return [
        FactRow(f"fact-{number}-{at}", f"version-{number}", given["pathway"], given["attribute"], value, float(value) if value.isdigit() else None, None, given.get("unit"), "eq", given.get("period"),
                given.get("modality", "asserted"), given.get("scope"), "r", 0.9, 0, 0, None, None, None, text)
        for at, value in enumerate(values)
    ]


def are_together(one: dict[str, Any], other: dict[str, Any], order: int = 1) -> bool:
    """Whether two articles' facts come to be one event, all of them."""
    groups: dict[tuple[str, str], list[FactRow]] = {}
    for fact in [*make_row(1, one), *make_row(2, other)][::order]:
        family = RULES.sort_fact(fact.attribute_id, fact.pathway_id, fact.period, KNOWN)
        assert family is not None
        groups.setdefault((family.id, fact.pathway_id), []).append(fact)
    clusters = [cluster for (family, _), facts in groups.items() for cluster in cluster_facts(RULES.family(family), facts, (), KNOWN)]
    return len(clusters) == 1 and len(clusters[0].facts) == sum(len(facts) for facts in groups.values())


# ---------------------------------------------------------------- what merges


def test_labelled_pairs_precision_is_one_and_recall_is_high():
    apart = [pair for pair in PAIRS if not pair["together"]]
    together = [pair for pair in PAIRS if pair["together"]]
    assert len(PAIRS) >= 60
    assert [pair for pair in apart if are_together(pair["one"], pair["other"])] == []
    found = [pair for pair in together if are_together(pair["one"], pair["other"])]
    print(f"pairs: {len(PAIRS)}, precision 1.000 ({len(found)} merged), recall {len(found) / len(together):.3f} ({len(found)} of {len(together)})")
    assert len(found) / len(together) >= 0.9
    assert [pair["note"] for pair in together if pair not in found] == [pair["note"] for pair in PAIRS[-3:]]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["note"])
def test_the_order_of_reports_doesnt_matter(pair):
    assert are_together(pair["one"], pair["other"]) == are_together(pair["one"], pair["other"], -1)


@pytest.mark.parametrize("family", RULES.families, ids=lambda family: family.id)
def test_each_rule_does_what_its_examples_say(family):
    pathway = {"pathway": "ca-on-oinp" if family.below else "ca-pgp"}
    first, second = ({**pathway, **fact} for fact in family.together)
    assert RULES.sort_fact(first["attribute"], first["pathway"], first.get("period"), KNOWN) == family
    assert are_together(first, second)
    first, second = ({**pathway, **fact} for fact in family.apart)
    assert not are_together(first, second)


def test_every_family_is_an_event_type_and_every_attribute_has_one():
    assert {family.id for family in RULES.families} | {"launch"} == set(EVENT_TYPES)
    with (Path(__file__).parents[2] / "extract" / "vocabulary" / "attributes.csv").open(encoding="utf-8") as file:
        attributes = [line.split(",")[0] for line in file][1:]
    assert [name for name in attributes if RULES.sort_fact(name, "ca-pgp", "2026-03-04", KNOWN) is None] == []


def test_a_month_that_two_days_would_fit_joins_neither():
    facts = [*make_row(1, {"attribute": "opens_on", "value": "2026-03-04"}), *make_row(2, {"attribute": "opens_on", "value": "2026-03-20"}),
             *make_row(3, {"attribute": "opens_on", "value": "2026-03", "published": "2026-03-30"})]
    assert len(cluster_facts(RULES.family("opening"), facts, (), KNOWN)) == 3


def test_a_day_tells_a_month_which_one_it_is():
    facts = [*make_row(1, {"attribute": "opens_on", "value": "2026-03"}), *make_row(2, {"attribute": "opens_on", "value": "2026-03-04", "published": "2026-03-07"}),
             *make_row(3, {"attribute": "opens_on", "value": "2026-03-20", "published": "2026-03-08"})]
    assert [len(cluster.facts) for cluster in cluster_facts(RULES.family("opening"), facts, (), KNOWN)] == [2, 1]


@pytest.mark.parametrize("value", ["2925-03-04", "1026-03-04", "2026-13-04", "soon"])
def test_a_misread_year_begins_no_event(value):
    assert cluster_facts(RULES.family("opening"), make_row(1, {"attribute": "opens_on", "value": value}), (), KNOWN) == []


@pytest.mark.parametrize(("edtf", "days"), [
    ("2026-03-04", 1), ("2026-02", 28), ("2026", 365), ("2026-21", 92), ("2025/2026", 730), ("2026-03~", 31), ("2026-03-04T10:00:00Z", 1),
    ("XXXX-03-04", None), ("", None), (None, None), ("2026-02-30", None), ("a/b", None), ("../..", None),
])
def test_dates_are_read_with_the_precision_that_they_have(edtf, days):
    found = find_days(edtf)
    assert (found and found[1] - found[0] + 1) == days


@pytest.mark.parametrize(("stance", "begins", "ends", "status"), [
    ("proposed", "2026-01-01", None, "proposed"), ("reported", "2026-01-01", None, "reported"), ("cancelled", None, None, "cancelled"), ("announced", None, None, "announced"),
    ("announced", "2026-08-11", None, "scheduled"), ("announced", "2026-08-10", None, "in_effect"), ("announced", "2026", "2026", "in_effect"), ("announced", "2025", "2025", "ended"),
    ("announced", "2026-08-09", "2026-08-09", "ended"), ("announced", "2027", "2027", "scheduled"),
])
def test_the_status_follows_from_stance_and_dates(stance, begins, ends, status):
    assert derive_status(stance, begins, ends, AT[:10]) == status


def test_links_are_explained_in_words():
    assert "at most 3 days" in explain_link(RULES, "opening", "near-date")
    assert all(explain_link(RULES, "draw", rule).endswith(".") for rule in RULES.links)


# ---------------------------------------------------------------- in the archive


def read(text: str) -> dict[str, Any]:
    """Facts of sentences such as "ca-pgp opens_on 2026-03-04." with further words: period=..., unit=..., modality=..., comparator=..."""
    facts = []
    for sentence in text.split("\n\n")[1:]:
        clauses = [clause for clause in sentence.split(". ") if clause.startswith("fact ")]
        for clause in clauses:
            _, pathway, attribute, value, *rest = clause.rstrip(".").split()
            more = dict(word.split("=") for word in rest)
            facts.append(make_fact(text, value, clause=clause, attribute=attribute, value=int(value) if value.isdigit() and not attribute.endswith("noc") else value, pathway=pathway,
                                   **({"unit": None} | more)))
    return make_record(*facts)


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive.db", *SOURCES) as opened:
        yield opened


def tell(archive, name: str, *facts: str, source: str = "harbour", published: str = "2026-08-01", at: str = "2026-08-02T10:00:00Z") -> None:
    words = random.Random(name + source)
    filler = " ".join(words.choice(("tide", "ferry", "maple", "north", "ledger", "quota", "copper")) for _ in range(60))
    show(archive, make_article(filler, *(f"fact {fact}." for fact in facts), url=f"https://{source}.example/{name}", published=published, title=name), at, source=source)


def settle(archive, at: str = AT, *, whole: bool = False) -> int:
    extract(archive, read, at, events=False)
    settle_stories(archive, at)
    return settle_events(archive, KNOWN, at, lambda name, _: {"Canadian Experience Class": "ca-ee-cec"}.get(name), whole=whole)


def events(archive, where: str = "retired_at IS NULL") -> list[dict[str, Any]]:
    return archive.rows(f"SELECT * FROM events WHERE {where} ORDER BY event_type, event_date, event_id")


def values(archive, event_id: str, attribute: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in archive.rows("SELECT value, rank, basis, conflict, owners FROM event_values WHERE event_id = ? AND attribute_id = ? ORDER BY place", [event_id, attribute])]


def keep_round(archive, **changes) -> None:
    capture = make_capture("2026-08-02T09:00:00Z", source="office")
    archive.keep_capture(capture)
    archive.keep_round(capture, make_round(**changes), "ca-ee")


def test_two_outlets_are_one_event_with_two_owners(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-03-04")
    tell(archive, "b", "ca-pgp opens_on 2026-03-05", source="ledger", published="2026-08-02")
    settle(archive)
    [event] = events(archive)
    assert (event["facts"], event["articles"], event["stories"], event["owners"], event["official"], event["conflict"]) == (2, 2, 2, 2, 0, 1)
    assert (event["first_reported"], event["last_reported"], event["status"]) == ("2026-08-01", "2026-08-02", "reported")
    assert faults(archive) == {}


def test_outlets_of_one_owner_count_once(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-03-04")
    tell(archive, "b", "ca-pgp opens_on 2026-03-04", source="gazette")
    settle(archive)
    [event] = events(archive)
    assert (event["articles"], event["stories"], event["owners"]) == (2, 2, 1)
    assert values(archive, event["event_id"], "opens_on") == [("2026-03-04", "preferred", "single", 0, 1)]


def test_a_copied_story_counts_once_whoever_prints_it(archive):
    for source in ("harbour", "ledger"):
        tell_copy = make_article("Ferry and maple went north with copper on the tide, the ledger said of this quota in the spring.", "fact ca-pgp opens_on 2026-03-04.",
                                 url=f"https://{source}.example/copy", title="Copy")
        show(archive, tell_copy, "2026-08-02T10:00:00Z", source=source)
    settle(archive)
    [event] = events(archive)
    assert (event["articles"], event["stories"], event["owners"]) == (2, 1, 1)


@pytest.mark.parametrize("modality", ["background", "denied"])
def test_background_and_denials_never_count(archive, modality):
    tell(archive, "a", "ca-pgp opens_on 2026-03-04")
    tell(archive, "b", f"ca-pgp opens_on 2026-03-04 modality={modality}", source="ledger", published="2026-07-30")
    settle(archive)
    [event] = events(archive)
    assert (event["facts"], event["owners"]) == (1, 1)
    assert {row["role"] for row in archive.rows("SELECT role FROM event_facts")} == {"support", modality}


def test_an_authoritys_denial_cancels(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-09-04")
    tell(archive, "b", "ca-pgp opens_on 2026-09-04 modality=denied", source="office")
    settle(archive)
    assert [event["status"] for event in events(archive)] == ["cancelled"]


def test_a_denial_alone_is_no_event(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-09-04 modality=denied")
    settle(archive)
    assert events(archive, "1") == []


@pytest.mark.parametrize(("fact", "source", "status"), [
    ("opens_on 2026-09-04", "office", "scheduled"), ("opens_on 2026-03-04", "office", "in_effect"), ("opens_on 2026-09-04 modality=announced", "harbour", "scheduled"),
    ("opens_on 2026-03-04", "harbour", "reported"), ("opens_on 2026-09-04 modality=proposed", "office", "proposed"), ("cap 500 unit=people period=2025", "office", "ended"),
    ("fee 500 unit=CAD", "office", "announced"),
])
def test_status_in_the_archive(archive, fact, source, status):
    tell(archive, "a", f"ca-pgp {fact}", source=source)
    settle(archive)
    assert [event["status"] for event in events(archive)] == [status]


def test_a_scheduled_event_comes_into_effect_with_its_day_though_nothing_else_happens(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-09-04", source="office")
    settle(archive)
    assert settle(archive, "2026-09-04T00:00:00Z") == 0
    assert [event["status"] for event in events(archive)] == ["in_effect"]


def test_draws_are_those_of_the_record_and_its_values_come_first(archive):
    keep_round(archive)
    tell(archive, "right", "ca-ee-cec invitations 3000 period=2026-07-21", "ca-ee-cec cutoff_score 511 period=2026-07-21")
    tell(archive, "wrong", "ca-ee-cec invitations 3300 period=2026-07-21", "ca-ee-cec cutoff_score 511 period=2026-07-21", source="ledger")
    tell(archive, "later", "ca-ee-cec draw_on 2026-07-21", source="gazette")
    settle(archive)
    [event] = events(archive)
    assert (event["event_id"], event["draw_id"], event["official"], event["conflict"], event["owners"], event["status"]) == ("ev-ca-ee-430", "ca-ee-430", 1, 1, 2, "ended")
    assert values(archive, event["event_id"], "invitations") == [("3000", "preferred", "official", 1, 1), ("3300", "normal", "single", 1, 1)]
    assert values(archive, event["event_id"], "cutoff_score") == [("511", "preferred", "official", 0, 2)]
    rules = {row["fact_id"]: row["link_rule"] for row in archive.rows("SELECT fact_id, link_rule FROM event_facts")}
    assert sorted(rules.values()) == ["official-day", *["official-figures"] * 4]


def test_a_draw_of_the_same_size_months_ago_is_not_meant(archive):
    keep_round(archive, date="2025-12-16")
    tell(archive, "a", "ca-ee-cec invitations 3000 period=2026-07-21", "ca-ee-cec cutoff_score 480 period=2026-07-21", "ca-ee-cec draw_on 2026-07-21")
    settle(archive)
    assert {event["draw_id"]: event["facts"] for event in events(archive)} == {"ca-ee-430": 0, None: 3}


def test_a_reported_draw_becomes_that_of_the_record_and_its_old_id_leads_there(archive):
    tell(archive, "a", "ca-ee-cec invitations 3000 period=2026-07-21", "ca-ee-cec cutoff_score 511 period=2026-07-21")
    settle(archive)
    [before] = events(archive)
    keep_round(archive)
    settle(archive, "2026-08-11T00:00:00Z")
    assert [event["event_id"] for event in events(archive)] == ["ev-ca-ee-430"]
    assert [(row["old_event_id"], row["new_event_id"], row["reason"]) for row in archive.rows("SELECT * FROM event_redirects")] == [(before["event_id"], "ev-ca-ee-430", "on_record")]
    assert faults(archive) == {}


def test_a_corrected_figure_keeps_its_event_and_the_old_value_is_deprecated(archive):
    tell(archive, "a", "ca-pgp cap 3000 unit=people period=2026")
    settle(archive)
    [before] = events(archive)
    tell(archive, "a", "ca-pgp cap 300 unit=people period=2026", at="2026-08-03T10:00:00Z")
    settle(archive, "2026-08-11T00:00:00Z")
    [event] = events(archive)
    assert event["event_id"] == before["event_id"]
    assert values(archive, event["event_id"], "cap") == [("300", "preferred", "single", 0, 1), ("3000", "deprecated", "single", 0, 0)]
    assert (event["facts"], event["conflict"]) == (1, 0)


def test_an_event_that_no_text_tells_of_any_more_is_retired_and_comes_back(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-03-04")
    settle(archive)
    [event] = events(archive)
    tell(archive, "a", "ca-pgp opens_on 2026-06-04", at="2026-08-03T10:00:00Z")
    settle(archive, "2026-08-11T00:00:00Z")
    assert [row["event_date"] for row in events(archive)] == ["2026-06-04"]
    [gone] = events(archive, "retired_at IS NOT NULL")
    assert (gone["event_id"], gone["facts"]) == (event["event_id"], 0)
    tell(archive, "b", "ca-pgp opens_on 2026-03-04", source="ledger", published="2026-08-12")
    settle(archive, "2026-08-13T00:00:00Z")
    assert event["event_id"] in {row["event_id"] for row in events(archive)}
    assert faults(archive) == {}


def test_an_earlier_report_joins_two_events_and_the_smaller_one_is_redirected(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-03-01", published="2026-08-02")
    tell(archive, "b", "ca-pgp opens_on 2026-03-06", source="ledger", published="2026-08-03")
    tell(archive, "c", "ca-pgp opens_on 2026-03-06", source="office", published="2026-08-03")
    settle(archive)
    assert len(events(archive)) == 2
    tell(archive, "d", "ca-pgp opens_on 2026-03-03", published="2026-07-01")  # published first, found last
    settle(archive, "2026-08-11T00:00:00Z")
    [event] = events(archive)
    [redirect] = archive.rows("SELECT * FROM event_redirects")
    assert (redirect["new_event_id"], redirect["reason"]) == (event["event_id"], "merged")
    assert event["facts"] == 4
    assert faults(archive) == {}
    # And back: the links of the day before can be restored.
    with archive.db.atomic():
        restore_links(archive.db.conn, AT)
    assert {row["event_id"] for row in archive.rows("SELECT event_id FROM events")} == {redirect["old_event_id"], event["event_id"]}
    assert archive.rows("SELECT event_id, count(*) AS n FROM event_facts GROUP BY 1 ORDER BY 2")[0]["n"] == 1
    assert archive.rows("SELECT * FROM event_redirects") == []


def test_predecessors_are_the_previous_events_of_the_type(archive):
    tell(archive, "a", "ca-pgp opens_on 2025-03-04", "ca-pgp opens_on 2026-03-04", "ca-pgp closes_on 2025-06-04")
    settle(archive)
    by_date = {(event["event_type"], event["event_date"]): event for event in events(archive)}
    assert by_date["opening", "2026-03-04"]["predecessor_id"] == by_date["opening", "2025-03-04"]["event_id"]
    assert by_date["opening", "2025-03-04"]["predecessor_id"] is by_date["closure", "2025-06-04"]["predecessor_id"] is None


def test_one_owner_may_give_several_values_without_a_conflict(archive):
    tell(archive, "a", "ca-levels target 380000 unit=people period=2027", "ca-levels target 230000 unit=people period=2027", source="office")
    tell(archive, "b", "ca-levels target 380000 unit=people period=2027", source="ledger")
    settle(archive)
    assert [(event["owners"], event["conflict"]) for event in events(archive)] == [(2, 0)]


@pytest.mark.parametrize(("comparator", "value", "conflict"), [("approx", 390000, 0), ("approx", 300000, 1), ("le", 400000, 0), ("ge", 380000, 0), ("gt", 395000, 1), ("eq", 380001, 1)])
def test_words_that_leave_room_are_no_conflict(archive, comparator, value, conflict):
    tell(archive, "a", "ca-levels target 380000 unit=people period=2027", source="office")
    tell(archive, "b", f"ca-levels target {value} unit=people period=2027 comparator={comparator}", source="ledger")
    settle(archive)
    assert [event["conflict"] for event in events(archive)] == [conflict]


def test_held_texts_and_sources_of_metadata_tell_of_nothing(tmp_path):
    with open_archive(tmp_path / "archive.db", make_source(text_policy="metadata")) as archive:
        tell(archive, "a", "ca-pgp opens_on 2026-03-04")
        settle(archive)
        assert events(archive, "1") == []


def test_the_integrity_views_find_their_faults(archive):
    tell(archive, "a", "ca-pgp opens_on 2026-03-04", "ca-pgp closes_on 2026-06-04")
    settle(archive)
    one, other = (event["event_id"] for event in events(archive))
    archive.db.execute("UPDATE events SET facts = 7, end_date = '2025-01-01', event_date = '2099' WHERE event_id = ?", [one])
    archive.db.execute("INSERT INTO event_redirects VALUES (?, ?, 'merged', 't', NULL)", [one, other])
    assert set(faults(archive)) == {"x_stale_counts", "x_backwards_dates", "x_far_future", "x_dangling_redirect"}


# ---------------------------------------------------------------- day by day


def invent(chance: random.Random) -> str:
    day = f"2026-0{chance.randrange(1, 4)}-{chance.randrange(1, 12):02}"
    pathway = chance.choice(["ca-pgp", "ca-ee-cec", "ca-on-oinp"])
    return pathway + " " + chance.choice([
        f"opens_on {day}", f"opens_on {day[:7]}", f"closes_on {day}", f"cap {chance.randrange(1, 4)}00 unit=people period={chance.choice(['2026', '2027'])}", f"cap {chance.randrange(1, 4)}00 unit=people",
        f"invitations {chance.randrange(1, 4)}000 period={day}", f"fee {chance.randrange(1, 4)}5 unit=CAD", f"eligible_noc 2123{chance.randrange(3)}", f"opens_on {day} modality=background",
    ])


@pytest.mark.parametrize("seed", range(12))
def test_day_by_day_comes_to_the_same_as_all_at_once(tmp_path, seed):
    """Small steps, with edits and new rounds between them, leave the links and values that sorting everything again gives."""
    chance = random.Random(seed)
    with open_archive(tmp_path / "archive.db", *SOURCES) as archive:
        for step in range(12):
            for _ in range(4):
                name = f"n{chance.randrange(14)}"
                tell(archive, name, *{invent(chance) for _ in range(3)}, source=chance.choice(["harbour", "ledger", "office"]), published=f"2026-08-{10 + int(name[1:]):02}",
                     at=f"2026-08-{step + 2:02}T10:00:00Z")
            if step == 6:
                keep_round(archive, date="2026-02-05", invitations=2000)
            settle(archive, f"2026-08-{step + 2:02}T12:00:00Z")
            assert faults(archive) == {}
        tables = ("SELECT fact_id, event_id, role, link_rule FROM event_facts ORDER BY 1", "SELECT * FROM event_values ORDER BY 1, 2, 3, 4, 5",
                  "SELECT event_id, facts, stories, owners, status, conflict, predecessor_id, retired_at IS NULL FROM events ORDER BY 1", "SELECT * FROM event_redirects ORDER BY 1")
        before = [archive.rows(sql) for sql in tables]
        settle(archive, "2026-08-13T12:00:00Z", whole=True)
        assert [archive.rows(sql) for sql in tables] == before
        assert settle(archive, "2026-08-13T12:00:00Z") == 0
