"""A small but rich facts.db for tests: every table filled, made by the schema's own DDL, hostile content included.

All texts are invented. Offsets are computed from the texts, so that a mark that cuts the wrong words is the site's fault.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from db.ids import content_id
from db.schema import PUBLIC, PUBLIC_VIEWS, SCHEMA_VERSION
from db.tables import create_search, create_statements

if TYPE_CHECKING:
    from pathlib import Path

NOON = "2026-08-07T12:00:00Z"
CONTEXT = 60
LONG_WORD = "A" * 10_000
HOSTILE_TITLE = '<script>alert("title")</script> {{ 7 * 7 }} {% raw %} "\' onmouseover=alert(1) \u202egnp.exe'
HOSTILE_OUTLET = '<img src=x onerror=alert("outlet")> Gazette & Söhne'
HOSTILE_CLAUSE = f'The cap is <b onclick="alert(2)">4,321</b> people \u202eesrever\u202c & "quoted" {{{{ config }}}} {LONG_WORD} in 2026.'

JURISDICTIONS = (
    ("CA", "Canada", "Canada", "country", None),
    ("CA-ON", "Ontario", "Ontario", "province", "CA"),
    ("GB", "United Kingdom", "Royaume-Uni", "country", None),
)
PATHWAYS = (
    ("ca-ee", "Express Entry", "Entrée express", None, "CA", "system", "https://www.canada.ca/express-entry", "2015-01-01", None),
    ("ca-ee-cbs", "Express Entry category-based selection", None, "ca-ee", "CA", "category", None, "2023-05-31", None),
    ("ca-ee-cec", "Canadian Experience Class", "Catégorie de l’expérience canadienne", "ca-ee", "CA", "program", "https://www.canada.ca/cec", "2008-09-17", None),
    ("ca-ee-health", "Express Entry: healthcare and social services occupations", None, "ca-ee-cbs", "CA", "category", None, "2023-06-28", None),
    ("ca-imp-h1b", "Open work permit for H-1B visa holders", None, None, "CA", "permit", "https://www.canada.ca/h1b", "2023-07-16", "2023-07-17"),
    ("ca-levels", "Immigration Levels Plan", "Plan des niveaux d’immigration", None, "CA", "policy", "javascript:alert(3)", None, None),
    ("ca-on-oinp", "Ontario Immigrant Nominee Program", None, None, "CA-ON", "program", "https://www.ontario.ca/oinp", None, None),
)
ALIASES = (
    ("ca-ee", "Express Entry", "en", "official"), ("ca-ee", "EE", "en", "abbreviation"), ("ca-ee", "Entrée express", "fr", "official"),
    ("ca-ee-cec", "Canadian Experience Class", "en", "feed"), ("ca-ee-cec", "CEC", "en", "abbreviation"),
    ("ca-imp-h1b", "H-1B open work permit", "en", "news"), ("ca-on-oinp", "OINP", "en", "abbreviation"),
)
ATTRIBUTES = (
    ("cap", "number", "applications | people | permits", "one", "A limit that an authority sets on a pathway."),
    ("target", "number", "people", "one", "A number that an authority plans to admit."),
    ("invitations", "number", "invitations", "one", "How many candidates one draw invited."),
    ("cutoff_score", "number", "points", "one", "The lowest score invited in one draw."),
    ("draw_on", "date", "EDTF", "many", "When a draw was held."),
    ("fee", "money", "ISO 4217 code", "many", "What an applicant pays."),
    ("processing_time", "duration", "ISO 8601 duration", "one", "How long the authority takes."),
    ("min_wage", "money", "ISO 4217 code per hour | year", "many", "A wage threshold."),
    ("min_language", "number", "CLB | NCLC | IELTS | TEF", "many", "The lowest language level."),
    ("opens_on", "date", "EDTF", "one", "When applications open."),
    ("closes_on", "date", "EDTF", "one", "When applications close."),
    ("cap_reached_on", "date", "EDTF", "one", "When the cap was reached."),
    ("effective_on", "date", "EDTF", "one", "When a changed rule takes effect."),
    ("eligible_noc", "code", "NOC 2021 | NOC 2016", "many", "An occupation that the text lists as eligible."),
    ("excluded_noc", "code", "NOC 2021 | NOC 2016", "many", "An occupation that the text lists as not eligible."),
)
OCCUPATIONS = (
    ("31301", "2021", "Registered nurses and registered psychiatric nurses", 1, 3),
    ("21231", "2021", "Software engineers and designers", 1, 2),
    ("00010", "2021", "Legislators", 0, 0),
    ("3012", "2016", "Registered nurses and registered psychiatric nurses", None, 3),
    ("2173", "2016", "Software engineers and designers", None, 2),
    ("0011", "2016", "Legislators", None, 0),
)
OCCUPATION_CHANGES = (
    ("3012", "31301", "VC1 - Code Change"), ("2173", "21231", "VC1 - Code Change"), ("0011", "00010", "VC1 - Code Change, VC2 - Name Change"),
)
SOURCES = (
    ("ca-newsroom", "Federal newsroom", "Government of Canada", "goc", 1, "CA", "en", "https://www.canada.ca/newsroom", "daily", "Open Government Licence – Canada", "full", "Verified.", "page"),
    ("ca-ee-rounds", "Express Entry rounds", "Government of Canada", "goc", 1, "CA", "en", "https://www.canada.ca/rounds", "daily", "Open Government Licence – Canada", "full", "Official feed.", "rounds"),
    ("harbour-times", "Harbour Times", "Harbour Media Ltd", "harbour", 0, "CA", "en", "https://harbour.example/", "hourly", "All rights reserved", "excerpt", "Corrects its figures openly.", "feed"),
    ("hostile-gazette", HOSTILE_OUTLET, HOSTILE_OUTLET, "hostile", 0, "CA", "en", "javascript:alert(4)", "daily", "<b>none</b>", "excerpt", "{{ config }}", "feed"),
)
HEALTH = (
    ("ca-newsroom", "2026-08-07T11:00:00Z", "2026-08-07T11:00:00Z", "ok", "3 pages, 1 new.", 5, 3, 1, 0, 2, 1, 0, "{}", "2026-08-06", "2026-08-08T11:00:00Z"),
    ("ca-ee-rounds", "2026-08-07T11:10:00Z", "2026-08-07T11:10:00Z", "quiet", "Nothing new.", 2, 1, 0, 0, 1, 0, 0, "{}", "2026-08-07", "2026-08-08T11:10:00Z"),
    ("harbour-times", "2026-08-07T11:20:00Z", "2026-08-07T11:20:00Z", "ok", "4 pages, 1 changed.", 6, 4, 0, 1, 3, 0, 0, "{}", "2026-08-07", "2026-08-07T12:20:00Z"),
    ("hostile-gazette", "2026-08-07T11:30:00Z", "2026-08-01T11:30:00Z", "failing", "<script>alert(5)</script>", 4, 0, 0, 0, 0, 0, 4, '{"server": 4}', None, "2026-08-08T11:30:00Z"),
)
DRAWS = (
    ("ca-ee-430", "ca-ee-cec", "430", "2026-07-21", "Canadian Experience Class", "Canadian Experience Class", 3000, 511, 234_567),
    ("ca-ee-431", "ca-ee-health", "431", "2026-07-22", "Healthcare and Social Services Occupations (Version 3)", "Healthcare", 1000, 475, 234_100),
    ("ca-ee-91a", "ca-ee-cec", "91a", "2018-05-30", "Canadian Experience Class", None, 200, 700, None),
    ("ca-ee-434", None, "434", "2026-08-06", "A round of a new kind", None, 2500, 401, 12_345),
)

# Articles: id, source, title, url, published, then the texts of the versions: (change kind, note, paragraphs).
ARTICLES = (
    ("h1b-permit", "ca-newsroom", "New work permit for H-1B visa holders", "https://www.canada.ca/news/h1b", "2023-07-10", (
        ("first", None, (
            "New work permit for H-1B visa holders",
            ("Émilie writes 🍁🇨🇦: l’été, naïve façade. 👩‍👩‍👧‍👦 As of July 16, 2023, the open work permit for H-1B visa holders will take up to "
             "10,000 people, the department said on Monday. It stays open for one year or until the cap is reached."),
            "The fee is $155. Processing takes 6 to 8 weeks; applicants in NOC 21231 may apply from September 2026.",
        )),)),
    ("july-round", "harbour-times", "Ottawa invites thousands in July round", "https://harbour.example/july-round?a=1&b=2", "2026-07-22", (
        ("first", None, (
            "Ottawa invites thousands in July round",
            "Canada invited 3,300 candidates of the Canadian Experience Class on July 21, with a cut-off score of 511.",
        )),
        ("correction", "Correction: an earlier version of this story gave the wrong number of invitations.", (
            "Ottawa invites thousands in July round",
            "Canada invited 3,000 candidates of the Canadian Experience Class on July 21, with a cut-off score of 511.",
            "Correction: an earlier version of this story gave the wrong number of invitations.",
        )))),
    ("health-round", "harbour-times", "Nurses among 1,100 invited", "https://harbour.example/health", "2026-07-23", (
        ("first", None, (
            "Nurses among 1,100 invited",
            "A healthcare round on July 22 asked 1,100 nurses and others with at least 475 points to apply.",
            "Registered nurses | NOC 31301 | eligible",
        )),)),
    ("levels", "ca-newsroom", "Levels plan", "https://www.canada.ca/news/levels", "2025-11-01", (
        ("first", None, (
            "Levels plan",
            ("The Immigration Levels Plan foresees 380,000 to 395,000 permanent residents in 2026. Express Entry closes to "
             "applications on 2025-12-31; Ontario's cap is 14,119 nominations in 2025."),
        )),)),
    ("levels-press", "harbour-times", "Plan sets lower figure", "https://harbour.example/levels", "2025-11-02", (
        ("first", None, ("Plan sets lower figure", "Under the Immigration Levels Plan, about 380,000 people are to come in 2026.")),)),
    ("hostile", "hostile-gazette", HOSTILE_TITLE, "javascript:alert(6)", "2026-01-05", (
        ("first", "<i>note</i>", (HOSTILE_TITLE, HOSTILE_CLAUSE)),)),
)

# Facts: article, version, pathway, attribute, value, number, high, date, unit, comparator, period, modality, scope, NOC, clause, marks.
FACTS = (
    ("h1b-permit", 1, "ca-imp-h1b", "cap", "10000", 10000, None, None, "people", "le", "2023-07-16/2024-07-15", "announced", None, None,
     "As of July 16, 2023, the open work permit for H-1B visa holders will take up to 10,000 people",
     (("date", "July 16, 2023"), ("subject", "open work permit for H-1B visa holders"), ("comparator", "up to"), ("value", "10,000"), ("unit", "people"),
      ("trigger", "take up to 10,000 people"))),
    ("h1b-permit", 1, "ca-imp-h1b", "opens_on", "2023-07-16", None, None, "2023-07-16", None, "eq", None, "announced", None, None,
     "As of July 16, 2023, the open work permit for H-1B visa holders will take up to 10,000 people",
     (("value", "July 16, 2023"), ("date", "July 16, 2023"), ("subject", "open work permit for H-1B visa holders"))),
    ("h1b-permit", 1, "ca-imp-h1b", "fee", "155", 155, None, None, "CAD", "eq", None, "asserted", None, None, "The fee is $155.", (("value", "$155"), ("trigger", "fee"))),
    ("h1b-permit", 1, "ca-imp-h1b", "processing_time", "P6W..P8W", None, None, None, None, "range", None, "asserted", None, None,
     "Processing takes 6 to 8 weeks", (("value", "6 to 8 weeks"), ("trigger", "Processing takes"))),
    ("h1b-permit", 1, "ca-imp-h1b", "eligible_noc", "21231", None, None, None, "NOC 2021", "eq", None, "asserted", None, "21231",
     "applicants in NOC 21231 may apply from September 2026", (("value", "21231"), ("trigger", "may apply"))),
    ("h1b-permit", 1, "ca-imp-h1b", "effective_on", "2026-09", None, None, "2026-09", None, "eq", None, "asserted", None, None,
     "applicants in NOC 21231 may apply from September 2026", (("value", "September 2026"),)),
    ("july-round", 1, "ca-ee-cec", "invitations", "3300", 3300, None, None, "invitations", "eq", "2026-07-21", "reported", None, None,
     "Canada invited 3,300 candidates of the Canadian Experience Class on July 21",
     (("value", "3,300"), ("subject", "Canadian Experience Class"), ("date", "July 21"), ("trigger", "invited"))),
    ("july-round", 2, "ca-ee-cec", "invitations", "3000", 3000, None, None, "invitations", "eq", "2026-07-21", "reported", None, None,
     "Canada invited 3,000 candidates of the Canadian Experience Class on July 21",
     (("value", "3,000"), ("subject", "Canadian Experience Class"), ("date", "July 21"), ("trigger", "invited"))),
    ("july-round", 2, "ca-ee-cec", "cutoff_score", "511", 511, None, None, "points", "eq", "2026-07-21", "reported", None, None,
     "with a cut-off score of 511", (("value", "511"), ("trigger", "cut-off score"), ("date", "July 21"))),
    ("health-round", 1, "ca-ee-health", "invitations", "1100", 1100, None, None, "invitations", "eq", "2026-07-22", "reported", None, None,
     "A healthcare round on July 22 asked 1,100 nurses and others", (("value", "1,100"), ("subject", "healthcare round"), ("date", "July 22"))),
    ("health-round", 1, "ca-ee-health", "cutoff_score", "475", 475, None, None, "points", "ge", "2026-07-22", "reported", None, None,
     "with at least 475 points", (("value", "475"), ("comparator", "at least"), ("unit", "points"), ("subject", "healthcare round"))),
    ("health-round", 1, "ca-ee-health", "eligible_noc", "31301", None, None, None, "NOC 2021", "eq", None, "reported", None, "31301",
     "Registered nurses | NOC 31301 | eligible", (("value", "31301"), ("trigger", "eligible"))),
    ("levels", 1, "ca-levels", "target", "380000..395000", 380000, 395000, None, "people", "range", "2026", "announced", None, None,
     "The Immigration Levels Plan foresees 380,000 to 395,000 permanent residents in 2026",
     (("value", "380,000 to 395,000"), ("subject", "Immigration Levels Plan"), ("date", "2026"))),
    ("levels", 1, "ca-ee", "closes_on", "2025-12-31", None, None, "2025-12-31", None, "eq", None, "announced", None, None,
     "Express Entry closes to applications on 2025-12-31", (("value", "2025-12-31"), ("subject", "Express Entry"), ("trigger", "closes"))),
    ("levels", 1, "ca-on-oinp", "cap", "14119", 14119, None, None, "nominations", "eq", "2025", "announced", "Ontario", None,
     "Ontario's cap is 14,119 nominations in 2025", (("value", "14,119"), ("scope", "Ontario"), ("date", "2025"))),
    ("levels-press", 1, "ca-levels", "target", "380000", 380000, None, None, "people", "approx", "2026", "reported", None, None,
     "Under the Immigration Levels Plan, about 380,000 people are to come in 2026", (("value", "380,000"), ("comparator", "about"), ("date", "2026"))),
    ("hostile", 1, "ca-ee", "cap", "4321", 4321, None, None, "people", "eq", "2026", "asserted", '"><script>alert(7)</script>', None,
     HOSTILE_CLAUSE, (("value", "4,321"), ("unit", "people"))),
)


STORY_OF = {"levels-press": "levels"}
"""Articles that are copies, by the article that had the story first."""

# Events: id, type, pathway, title, date, stance, status, predecessor, draw, conflict, then facts (article, version, attribute, role, rule).
EVENTS = (
    ("ev-ca-ee-430", "draw", "ca-ee-cec", "Canadian Experience Class: Draw 430", "2026-07-21", "announced", "ended", None, "ca-ee-430", 1,
     (("july-round", 2, "invitations", "support", "official-figures"), ("july-round", 2, "cutoff_score", "support", "official-figures"),
      ("july-round", 1, "invitations", "superseded", "official-figures"))),
    ("ev-ca-ee-431", "draw", "ca-ee-health", "Express Entry: healthcare and social services occupations: Draw 431", "2026-07-22", "announced", "ended", None, "ca-ee-431", 1,
     (("health-round", 1, "invitations", "support", "official-figures"), ("health-round", 1, "cutoff_score", "support", "official-figures"))),
    ("ev-ca-ee-91a", "draw", "ca-ee-cec", "Canadian Experience Class: Draw 91a", "2018-05-30", "announced", "ended", None, "ca-ee-91a", 0, ()),
    ("ev-ca-ee-434", "draw", None, "Draw 434", "2026-08-06", "announced", "ended", None, "ca-ee-434", 0, ()),
    ("ev-0000000000000001", "opening", "ca-imp-h1b", "Open work permit for H-1B visa holders: Opens 2023-07-16", "2023-07-16", "announced", "in_effect", None, None, 0,
     (("h1b-permit", 1, "opens_on", "support", "first"),)),
    ("ev-0000000000000002", "target", "ca-levels", "Immigration Levels Plan: Target 2026", "2026", "announced", "in_effect", None, None, 0,
     (("levels", 1, "target", "support", "first"), ("levels-press", 1, "target", "support", "same-period"))),
    ("ev-0000000000000003", "list_change", "ca-ee-health", HOSTILE_TITLE, None, "reported", "reported", None, None, 0, (("health-round", 1, "eligible_noc", "support", "first"),)),
    ("ev-0000000000000004", "opening", "ca-imp-h1b", "Open work permit for H-1B visa holders: Opens 2023-07-17", "2023-07-17", "reported", "reported", None, None, 0, ()),
)


def fact_key(article: str, version: int, attribute: str) -> str:
    """The id of a sample fact."""
    return content_id("fact", article, version, attribute)


def build_sample(path: Path, *, published_at: str = NOON, draws: int = 0) -> Path:
    """Write the sample to `path` and return it; `draws` adds that many further draws, to tell two builds apart."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        with connection:
            for statement in create_statements(PUBLIC, PUBLIC_VIEWS):
                connection.execute(statement)
            _fill(connection, published_at, draws)
            for table in PUBLIC:
                for statement in create_search(table):
                    connection.execute(statement)
        connection.execute("VACUUM")
    return path


def _fill(connection: sqlite3.Connection, published_at: str, draws: int) -> None:
    def insert(table: str, *rows: dict[str, object]) -> None:
        for row in rows:
            names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
            connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))

    def insert_tuples(table: str, rows: tuple[tuple[object, ...], ...]) -> None:
        names = [column.name for column in next(t for t in PUBLIC if t.name == table).columns]
        insert(table, *(dict(zip(names, row, strict=True)) for row in rows))

    insert_tuples("jurisdictions", JURISDICTIONS)
    insert("pathways", *(
        dict(zip(("pathway_id", "name", "name_fr", "parent_id", "jurisdiction_id", "kind", "official_url", "valid_from", "valid_to"), row, strict=True))
        for row in PATHWAYS))
    insert_tuples("pathway_aliases", ALIASES)
    insert_tuples("attributes", ATTRIBUTES)
    insert_tuples("occupations", OCCUPATIONS)
    insert_tuples("occupation_changes", OCCUPATION_CHANGES)
    insert_tuples("sources", SOURCES)
    insert_tuples("source_health", HEALTH)
    _insert_draws(insert, draws)
    _insert_record(insert)
    texts = _insert_articles(insert)
    _insert_facts(insert, texts)
    _insert_events(insert)
    insert("checks",
           _check("july-round", 1, "invitations", "ca-ee-430", "3300", "3000", "disagree", "harbour-times"),
           _check("july-round", 2, "invitations", "ca-ee-430", "3000", "3000", "agree", "harbour-times"),
           _check("july-round", 2, "cutoff_score", "ca-ee-430", "511", "511", "agree", "harbour-times"),
           _check("health-round", 1, "invitations", "ca-ee-431", "1100", "1000", "disagree", "harbour-times"),
           _check("health-round", 1, "cutoff_score", None, "475", None, "ambiguous", "harbour-times"))
    insert("candidates", {"candidate_id": content_id("candidate", 1), "name": "Tidewater Pilot <em>", "article_id": "hostile",
                          "evidence_before": "the new ", "evidence_after": " opens"})
    rejected = fact_key("july-round", 1, "invitations")
    insert("reviews", {"review_id": content_id("review", 1), "target_type": "fact", "target_id": rejected, "reviewer": "rae <b>", "reviewed_at": NOON, "verdict": "accept", "note": "<i>seen</i>", "fact_id": rejected})
    insert("corrections", {"correction_id": content_id("correction", 1), "at": NOON, "target_type": "fact", "target_id": rejected, "kind": "source_corrected",
                           "before_json": '{"value": "3300"}', "after_json": '{"value": "3000"}', "explanation": "Correction: an earlier version gave the wrong number.", "fact_id": rejected})
    insert("quality", {"sample": "sample-1-2", "attribute_id": "all", "measure": "precision", "hits": 9, "n": 10, "share": 0.9, "low": 0.5958, "high": 0.9821, "articles": 2, "pipeline_version": "test"})
    insert("releases", {"release_id": "2026-08-1", "version": "2026.08.1", "released_at": NOON, "published_at": NOON, "schema_version": SCHEMA_VERSION, "pipeline_version": "test", "digest": "ab" * 32, "facts": 15})
    insert("publication", {"published_at": published_at, "schema_version": SCHEMA_VERSION, "pipeline_version": "test", "digest": hashlib.sha256(str(draws).encode()).hexdigest()})


def _insert_draws(insert, draws: int) -> None:
    insert("captures", {"capture_id": "00000000-feed", "source_id": "ca-ee-rounds", "url": "https://www.canada.ca/rounds.json", "fetched_at": NOON, "status": 200,
                        "content_type": "application/json", "payload_sha256": "ab" * 32, "warc_file": "2026/rounds.warc.gz", "warc_offset": 1024})
    extra = tuple((f"ca-ee-x{n}", "ca-ee-cec", f"x{n}", "2019-01-01", "Canadian Experience Class", None, 1, 1, None) for n in range(draws))
    for draw, pathway, number, day, name, program, invitations, cutoff, pool in (*DRAWS, *extra):
        insert("draws", {"draw_id": draw, "pathway_id": pathway, "system": "ca-ee", "number": number, "draw_date": day, "name": name, "program": program,
                         "invitations": invitations, "cutoff_score": cutoff, "tie_break_raw": "May 1, 2026 at 01:02:03 UTC", "pool_as_of": day, "pool_total": pool,
                         "source_id": "ca-ee-rounds", "capture_id": "00000000-feed", "first_seen_at": NOON})
    insert("draw_revisions", {"revision_id": content_id("rev", 1), "draw_id": "ca-ee-430", "field": "drawCutOff", "old_value": "510", "new_value": "511", "seen_at": NOON})


def _insert_record(insert) -> None:
    """A levels plan, a list of occupations and the editions of the classification."""
    provenance = {"source": "Federal newsroom", "basis": "official", "confidence": "high", "note": None}
    insert("levels_targets",
           {"target_id": "2026-2028-pr-total-2026", "title": "Permanent residents 2026, plan 2026-2028", "plan": "2026-2028", "tabled_on": "2025-11-04", "measure": "pr_total",
            "pathway_id": "ca-levels", "year": 2026, "target": 380000, "range_low": 350000, "range_high": 420000} | provenance,
           {"target_id": "2026-2028-tr-workers-2026", "title": "Temporary workers 2026, plan 2026-2028", "plan": "2026-2028", "tabled_on": "2025-11-04", "measure": "tr_workers",
            "pathway_id": None, "year": 2026, "target": 230000, "range_low": None, "range_high": None} | provenance | {"basis": "outlet", "confidence": "medium", "note": HOSTILE_CLAUSE})
    insert("occupation_lists", {"list_id": "ca-ee-health-2026-02-18", "title": "Healthcare and social services occupations, 2026", "pathway_id": "ca-ee-health", "version": "2026",
                                "valid_from": "2026-02-18", "valid_to": None, "occupations_stated": 2, "complete": 0} | provenance)
    insert("occupation_lists", *(
        {"list_id": f"ca-ee-cbs-{first}", "title": f"All categories, {first[:4]}", "pathway_id": "ca-ee-cbs", "version": first[:4], "valid_from": first, "valid_to": last, "occupations_stated": 1,
         "complete": 1} | provenance for first, last in (("2023-05-31", "2025-02-26"), ("2025-02-27", None))))
    insert("occupation_list_entries", *(
        {"list_id": f"ca-ee-cbs-{first}", "noc_code": code, "item": "Software", "noc_2016": None, "part": 0, "source": "Federal newsroom", "note": None}
        for first, code in (("2023-05-31", "21231"), ("2025-02-27", "00010"))))
    insert("occupation_list_entries", {"list_id": "ca-ee-health-2026-02-18", "noc_code": "31301", "item": "Registered nurses", "noc_2016": "3012", "part": 0,
                                       "source": "Federal newsroom", "note": None})
    insert("noc_editions",
           {"edition": "2016", "title": "NOC 2016", "released_on": "2016", "used_from": None, "used_to": "2022-11-15", "unit_groups": 500} | provenance,
           {"edition": "2021", "title": "NOC 2021", "released_on": "2021", "used_from": "2022-11-16", "used_to": None, "unit_groups": 516} | provenance)


def _insert_articles(insert) -> dict[tuple[str, int], tuple[str, str]]:
    """Articles, versions and captures; gives the version id and text of each (article, version number)."""
    texts: dict[tuple[str, int], tuple[str, str]] = {}
    for article, source, title, url, published, versions in ARTICLES:
        facts = sum(1 for fact in FACTS if fact[0] == article and fact[1] == len(versions))
        story = STORY_OF.get(article, article)
        if story == article:
            copies = [one for one in ARTICLES if STORY_OF.get(one[0], one[0]) == article]
            insert("stories", {"story_id": article, "title": title, "published": published, "articles": len(copies), "sources": len({one[1] for one in copies}),
                               "owners": len({one[1] for one in copies}), "similarity": 0.94 if len(copies) > 1 else None})
        insert("articles", {"article_id": article, "title": title, "source_id": source, "url": url, "published": published, "modified": None,
                            "byline": "Émilie O’Neil", "language": "en", "story_id": story, "versions": len(versions), "facts": facts, "first_seen_at": f"{published}T12:00:00Z",
                            "last_checked_at": NOON, "gone_at": None})
        for number, (kind, note, paragraphs) in enumerate(versions, 1):
            text = "\n\n".join(paragraphs)
            version, capture = content_id("version", article, text), f"urn-{article}-{number}"
            insert("captures", {"capture_id": capture, "source_id": source, "url": url, "fetched_at": f"{published}T12:0{number}:00Z", "status": 200,
                                "content_type": "text/html; charset=utf-8", "payload_sha256": hashlib.sha256(text.encode()).hexdigest(),
                                "warc_file": f"2026/{source}.warc.gz", "warc_offset": 4096 * number})
            insert("article_versions", {"version_id": version, "article_id": article, "version_no": number, "title": title, "published": published, "modified": None,
                                        "change_kind": kind, "correction_note": note, "text": text if source == "ca-newsroom" else None,
                                        "text_sha256": hashlib.sha256(text.encode()).hexdigest(), "template": "sample@1", "capture_id": capture,
                                        "recorded_at": f"{published}T12:0{number}:00Z"})
            texts[article, number] = version, text
            if number > 1:
                before, old = texts[article, number - 1]
                for place, (kind_of_change, was, now) in enumerate((("replaced", "3,300", "3,000"), ("added", None, paragraphs[-1])), 1):
                    start, end = text.index(now), text.index(now) + len(now)
                    at = old.index(was) if was else len(old)
                    insert("version_changes", {"version_id": version, "place": place, "previous_id": before, "article_id": article, "kind": kind_of_change,
                                               "context_before": text[max(0, start - CONTEXT):start], "old_passage": was, "new_passage": now, "context_after": text[end:end + CONTEXT],
                                               "old_start": at, "old_end": at + len(was or ""), "new_start": start, "new_end": end})
    return texts


def _insert_facts(insert, texts: dict[tuple[str, int], tuple[str, str]]) -> None:
    articles = {article[0]: article for article in ARTICLES}
    for (article, number, pathway, attribute, value, num, high, date, unit, comparator, period, modality, scope, noc, clause, marks) in FACTS:
        version, text = texts[article, number]
        start = text.index(clause)
        end = start + len(clause)
        fact, superseded = fact_key(article, number, attribute), number < len(articles[article][5])
        insert("facts", {"fact_id": fact, "pathway_id": pathway, "attribute_id": attribute, "value": value, "value_num": num, "value_high": high, "value_date": date,
                         "unit": unit, "comparator": comparator, "period": period, "modality": modality, "scope": scope, "as_written": next(words for role, words in marks if role == "value"),
                         "title_printed": "Software people" if noc == "21231" else None, "noc_code": noc, "published": articles[article][4],
                         "source_id": articles[article][1], "article_id": article, "version_id": version, "evidence_before": text[max(0, start - CONTEXT):start],
                         "evidence": clause, "evidence_after": text[end:end + CONTEXT], "clause_start": start, "clause_end": end, "rule": f"{attribute}-rule",
                         "score": 0.9, "status": "superseded" if superseded else "current", "recorded_at": f"{articles[article][4]}T12:0{number}:00Z",
                         "retired_at": f"{articles[article][4]}T12:02:00Z" if superseded else None})
        insert("fact_log", {"fact_id": fact, "at": f"{articles[article][4]}T12:0{number}:00Z", "action": "added", "reason": None})
        if superseded:
            insert("fact_log", {"fact_id": fact, "at": f"{articles[article][4]}T12:02:00Z", "action": "retired", "reason": "article_changed"})
        for role, words in marks:
            inside = text.find(words, start, end)
            at = inside if inside >= 0 else text.index(words)
            insert("marks", {"fact_id": fact, "role": role, "start_char": at, "end_char": at + len(words), "quote": words})


def _insert_events(insert) -> None:
    facts = {(fact[0], fact[1], fact[3]): fact for fact in FACTS}
    articles = {article[0]: article for article in ARTICLES}
    for event, kind, pathway, title, day, stance, status, before, draw, conflict, members in EVENTS:
        support = [member for member in members if member[3] == "support"]
        told = sorted(articles[member[0]][4] for member in members)
        insert("events", {"event_id": event, "event_type": kind, "pathway_id": pathway, "title": title, "event_date": day, "announced_date": told[0] if told and kind == "opening" else None, "effective_date": day, "end_date": day if kind == "draw" else None,
                          "period": day if kind == "target" else None, "stance": stance, "status": status, "predecessor_id": before, "draw_id": draw, "dedupe_key": f"{kind}|{pathway}|{event}",
                          "facts": len(support), "articles": len({member[0] for member in support}), "stories": len({STORY_OF.get(member[0], member[0]) for member in support}),
                          "owners": len({articles[member[0]][1] for member in support}), "official": int(draw is not None or kind == "opening"), "conflict": conflict,
                          "first_reported": told[0] if told else None, "last_reported": told[-1] if told else None, "recorded_at": NOON, "retired_at": NOON if event.endswith("4") and not draw else None})
        seen: dict[str, int] = {}
        for article, version, attribute, role, rule in members:
            fact = facts[article, version, attribute]
            seen[attribute] = seen.get(attribute, 1 if draw and attribute != "cutoff_score" else 0) + 1
            insert("event_facts", {"fact_id": fact_key(article, version, attribute), "event_id": event, "role": role, "link_rule": rule, "link_score": 0.9})
            if (draw, fact[4]) == ("ca-ee-430", "3000"):  # the record's own value, below
                continue
            insert("event_values", {"event_id": event, "attribute_id": attribute, "scope": "", "unit": fact[8] or "", "value": fact[4], "value_num": fact[5],
                                    "rank": "deprecated" if role == "superseded" else "normal" if seen[attribute] > 1 else "preferred", "place": seen[attribute], "conflict": conflict,
                                    "basis": "single", "on_record": 0, "facts": int(role == "support"), "owners": int(role == "support"),
                                    "best_fact_id": fact_key(article, version, attribute), "first_reported": told[0], "last_reported": told[-1]})
    for draw, pathway, _, day, _, _, invitations, _, _ in DRAWS:
        insert("event_values", {"event_id": f"ev-{draw}", "attribute_id": "invitations", "scope": "", "unit": "invitations", "value": str(invitations), "value_num": invitations, "rank": "preferred", "place": 1,
                                "conflict": int(pathway in {"ca-ee-cec", "ca-ee-health"} and day > "2026"), "basis": "official", "on_record": 1, "facts": int(draw == "ca-ee-430"), "owners": int(draw == "ca-ee-430"),
                                "best_fact_id": None, "first_reported": None, "last_reported": None})
    insert("event_redirects", {"old_event_id": "ev-0000000000000004", "new_event_id": "ev-0000000000000001", "reason": "merged", "at": NOON, "note": "1 of its facts is tied to the other now."})


def _check(article: str, version: int, attribute: str, draw: str | None, said: str, official: str | None, verdict: str, source: str) -> dict[str, object]:
    return {"check_id": content_id("check", article, version, attribute), "fact_id": fact_key(article, version, attribute), "draw_id": draw, "source_id": source,
            "attribute_id": attribute, "fact_value": said, "official_value": official, "verdict": verdict, "linked_by": "date, category"}
