"""Tables of what people decide and what changes after publication: reviews, corrections, releases, and the history of rows.

`db.schema` splices these into the two databases.
"""

from __future__ import annotations

from db.tables import Column, Table, View

REVIEW_TARGETS = ("fact", "event", "link", "candidate", "article")
REVIEW_VERDICTS = ("accept", "correct", "reject", "judged")
CORRECTION_KINDS = ("our_error", "source_corrected", "source_retracted", "new_information", "merge", "split")
FOLLOWED = ("facts", "articles", "article_versions", "draws", "events")

_review_columns = (
    Column("review_id", "TEXT", "Hash of the decision: who decided what on what, and when.", required=True),
    Column("target_type", "TEXT", "What was judged: fact, event, link (of a check to a draw, or of a fact to its event: then both ids with a hyphen between them), candidate (a new pathway name) or article (all of one, in a sample).", required=True, values=REVIEW_TARGETS),
    Column("target_id", "TEXT", "Its permanent id.", required=True),
    Column("reviewer", "TEXT", "Who judged, as they call themselves.", required=True),
    Column("reviewed_at", "TEXT", "When it was judged.", required=True, recorded=True),
    Column("sample", "TEXT", "The random sample that it belongs to, NULL outside of samples."),
    Column("verdict", "TEXT", "accept, correct, reject, or judged (an article of a sample is done).", required=True, values=REVIEW_VERDICTS),
    Column("corrected_json", "TEXT", "What is right instead, as a JSON object: the fact's changed columns, the draw or event of a link (new for an event of its own), the event that an event is, the pathway of a candidate; of an article its missed facts by attribute."),
    Column("note", "TEXT", "The reviewer's words."),
)

_correction_columns = (
    Column("correction_id", "TEXT", "Hash of the correction.", required=True),
    Column("at", "TEXT", "When Landed took it in.", required=True, recorded=True),
    Column("target_type", "TEXT", "What was corrected: fact, draw or event.", required=True, values=("fact", "draw", "event")),
    Column("target_id", "TEXT", "Its permanent id: that of the row before the correction, where there is one.", required=True),
    Column("kind", "TEXT", "our_error (our reading was wrong), source_corrected, source_retracted, new_information (a text was added to), merge or split (of events).", required=True, values=CORRECTION_KINDS),
    Column("before_json", "TEXT", "What was on record, as a JSON object."),
    Column("after_json", "TEXT", "What is on record instead, as a JSON object; NULL where nothing is."),
    Column("explanation", "TEXT", "Why, in words; the publisher's own where it gave some.", required=True),
)

_release_columns = (
    Column("release_id", "TEXT", "Permanent id: the version with hyphens, as 2026-08-1.", required=True),
    Column("version", "TEXT", "Year, month and running number in it, as 2026.08.1: what to cite, and the folder's name.", required=True),
    Column("released_at", "TEXT", "When it was written.", required=True, recorded=True),
    Column("published_at", "TEXT", "When the public database in it was built.", required=True, recorded=True),
    Column("schema_version", "INTEGER", "Version of the schema.", required=True),
    Column("pipeline_version", "TEXT", "Version of the extraction pipeline.", required=True),
    Column("digest", "TEXT", "Digest of the database, as `landed digest` gives it.", required=True),
    Column("facts", "INTEGER", "Current facts in it.", required=True),
)

ARCHIVE_REVIEWS: tuple[Table, ...] = (
    Table(
        "reviews", "Reviews", "A person's decision. Nothing is ever changed or removed here; the newest decision on a target counts.",
        (*_review_columns, Column("recorded_at", "TEXT", "When it was taken into this database.", required=True, recorded=True)),
        key=("review_id",), indexes=(("target_type", "target_id"),),
    ),
    Table(
        "corrections", "Corrections", "What was on record and turned out otherwise, and whose correction it is. Nothing is ever removed from it.",
        _correction_columns, key=("correction_id",),
    ),
    Table("releases", "Releases", "The dated releases that were made of this archive.", _release_columns, key=("release_id",), operational=True),
    Table(
        "row_history", "History of rows", "What a row said before it was changed in place, so that any day can be restored. Nothing is ever removed from it.",
        (Column("history_id", "INTEGER", "Running number.", required=True),
         Column("table_name", "TEXT", "The row's table.", required=True, values=FOLLOWED),
         Column("row_id", "TEXT", "The row's id.", required=True),
         Column("at", "TEXT", "When it ceased to say so.", required=True, recorded=True),
         Column("before_json", "TEXT", "JSON object of the changed columns as they were; of a fact also its marks.", required=True)),
        key=("history_id",), indexes=(("table_name", "row_id"),), operational=True,
    ),
)

ARCHIVE_REVIEW_VIEWS: tuple[View, ...] = (
    View(
        "x_review_not_applied", "Reviews without effect", "Must be empty: current facts whose last review rejects or corrects them, and events and links of facts to them that are rejected and still there.",
        """
WITH standing AS (
  SELECT r.target_type, r.target_id, r.verdict FROM reviews r
  WHERE r.target_type IN ('fact', 'event', 'link') AND r.verdict IN ('reject', 'correct')
    AND NOT EXISTS (SELECT 1 FROM reviews n WHERE n.target_type = r.target_type AND n.target_id = r.target_id AND (n.reviewed_at, n.review_id) > (r.reviewed_at, r.review_id))
)
SELECT f.fact_id AS target_id FROM standing r JOIN facts f ON f.fact_id = r.target_id WHERE r.target_type = 'fact' AND f.retired_at IS NULL
UNION ALL
SELECT e.event_id FROM standing r JOIN events e ON e.event_id = r.target_id WHERE r.target_type = 'event' AND r.verdict = 'reject' AND e.draw_id IS NULL AND e.retired_at IS NULL
UNION ALL
SELECT r.target_id FROM standing r JOIN event_facts l ON l.fact_id = substr(r.target_id, 1, 16) AND l.event_id = substr(r.target_id, 18)
WHERE r.target_type = 'link' AND r.verdict = 'reject'""",
        {"target_id": "The fact, the event, or the fact and event of the link."}, hidden=True,
    ),
    View(
        "x_log_differs", "Facts that the log doesn't explain", "Must be empty: facts whose last entry in the log says otherwise than their row.",
        """
SELECT f.fact_id FROM facts f LEFT JOIN fact_log l ON l.log_id = (SELECT max(log_id) FROM fact_log WHERE fact_id = f.fact_id)
WHERE l.action IS NULL OR (l.action = 'retired') <> (f.retired_at IS NOT NULL)""",
        {"fact_id": "The fact."}, hidden=True,
    ),
)

_reviewed_fact = Column("fact_id", "TEXT", "The fact, where it is about one that is published.", references="facts.fact_id")

PUBLIC_REVIEWS: tuple[Table, ...] = (
    Table(
        "fact_log", "Fact log", "Every time a fact was added, retired or revived: with it, what was on record on any day is one query.",
        (Column("log_id", "INTEGER", "Running number.", required=True),
         Column("fact_id", "TEXT", "The fact.", references="facts.fact_id", required=True),
         Column("at", "TEXT", "When.", required=True, recorded=True),
         Column("action", "TEXT", "What happened.", required=True, values=("added", "retired", "revived")),
         Column("reason", "TEXT", "Why: of what is retired article_changed, not_reextracted (our extraction changed), reread (we read the page better) or review_rejected.")),
        key=("log_id",), large=True, sort="-log_id", operational=True,
    ),
    Table(
        "reviews", "Reviews", "What people decided on facts, links to draws and new pathway names; the newest decision on a target counts.",
        (*_review_columns, _reviewed_fact), key=("review_id",), indexes=(("target_id",),), facets=("verdict", "target_type"), sort="-reviewed_at",
    ),
    Table(
        "corrections", "Corrections", "What was on record and turned out otherwise: our error, the source's correction, or news.",
        (*_correction_columns, _reviewed_fact), key=("correction_id",), indexes=(("target_id",),), facets=("kind",), sort="-at",
    ),
    Table(
        "quality", "Quality", "How right and how complete the facts are, judged by people on articles drawn at random. The interval takes facts as independent, which those of one article aren't quite.",
        (Column("sample", "TEXT", "The random sample.", required=True),
         Column("attribute_id", "TEXT", "What was said, or all.", required=True),
         Column("measure", "TEXT", "precision (share of found facts that are right) or recall (share of stated facts that were found).", required=True, values=("precision", "recall")),
         Column("hits", "INTEGER", "Facts that were found and are right.", required=True, unit="facts"),
         Column("n", "INTEGER", "Facts found (precision) or stated (recall).", required=True, unit="facts"),
         Column("share", "REAL", "hits / n.", required=True),
         Column("low", "REAL", "Lower end of the Wilson interval of 95 %.", required=True),
         Column("high", "REAL", "Upper end of the interval.", required=True),
         Column("articles", "INTEGER", "Articles judged in the sample.", required=True, unit="articles"),
         Column("pipeline_version", "TEXT", "Version of the extraction pipeline that was judged; several are separated by commas.", required=True)),
        key=("sample", "attribute_id", "measure"), facets=("measure",), sort="attribute_id",
    ),
    Table("releases", "Releases", "The dated releases of this database: cite one of them.", _release_columns, key=("release_id",), label="version", sort="-released_at", operational=True),
)
