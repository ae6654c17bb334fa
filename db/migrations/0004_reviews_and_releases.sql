CREATE TABLE "reviews" (
  "review_id" TEXT NOT NULL,
  "target_type" TEXT NOT NULL CHECK ("target_type" IN ('fact', 'event', 'link', 'candidate', 'article')),
  "target_id" TEXT NOT NULL,
  "reviewer" TEXT NOT NULL,
  "reviewed_at" TEXT NOT NULL,
  "sample" TEXT,
  "verdict" TEXT NOT NULL CHECK ("verdict" IN ('accept', 'correct', 'reject', 'judged')),
  "corrected_json" TEXT,
  "note" TEXT,
  "recorded_at" TEXT NOT NULL,
  PRIMARY KEY ("review_id")
) STRICT;

CREATE INDEX "reviews_target_type_target_id" ON "reviews" ("target_type", "target_id");

CREATE TABLE "corrections" (
  "correction_id" TEXT NOT NULL,
  "at" TEXT NOT NULL,
  "target_type" TEXT NOT NULL CHECK ("target_type" IN ('fact', 'draw', 'event')),
  "target_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('our_error', 'source_corrected', 'source_retracted', 'new_information', 'merge', 'split')),
  "before_json" TEXT,
  "after_json" TEXT,
  "explanation" TEXT NOT NULL,
  PRIMARY KEY ("correction_id")
) STRICT;

CREATE TABLE "releases" (
  "release_id" TEXT NOT NULL,
  "version" TEXT NOT NULL,
  "released_at" TEXT NOT NULL,
  "published_at" TEXT NOT NULL,
  "schema_version" INTEGER NOT NULL,
  "pipeline_version" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "facts" INTEGER NOT NULL,
  PRIMARY KEY ("release_id")
) STRICT;

CREATE TABLE "row_history" (
  "history_id" INTEGER NOT NULL,
  "table_name" TEXT NOT NULL CHECK ("table_name" IN ('facts', 'articles', 'article_versions', 'draws', 'events')),
  "row_id" TEXT NOT NULL,
  "at" TEXT NOT NULL,
  "before_json" TEXT NOT NULL,
  PRIMARY KEY ("history_id")
) STRICT;

CREATE INDEX "row_history_table_name_row_id" ON "row_history" ("table_name", "row_id");

PRAGMA defer_foreign_keys = ON;

CREATE TEMP TABLE facts_before AS SELECT * FROM facts;

DROP TABLE facts;

CREATE TABLE "facts" (
  "fact_id" TEXT NOT NULL,
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "pathway_id" TEXT NOT NULL,
  "attribute_id" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  "value_num" REAL,
  "value_high" REAL,
  "value_date" TEXT,
  "unit" TEXT,
  "comparator" TEXT NOT NULL CHECK ("comparator" IN ('eq', 'approx', 'lt', 'le', 'gt', 'ge', 'range', 'delta')),
  "period" TEXT,
  "modality" TEXT NOT NULL CHECK ("modality" IN ('asserted', 'announced', 'proposed', 'reported', 'forecast', 'denied', 'background')),
  "scope" TEXT,
  "as_written" TEXT NOT NULL,
  "title_printed" TEXT,
  "clause_start" INTEGER NOT NULL,
  "clause_end" INTEGER NOT NULL,
  "rule" TEXT NOT NULL,
  "score" REAL,
  "recorded_at" TEXT NOT NULL,
  "retired_at" TEXT,
  "retired_reason" TEXT CHECK ("retired_reason" IN ('not_reextracted', 'article_changed', 'reread', 'review_rejected')),
  "basis" TEXT NOT NULL DEFAULT 'extracted' CHECK ("basis" IN ('extracted', 'reviewed')),
  PRIMARY KEY ("fact_id"),
  CHECK (clause_end > clause_start)
) STRICT;

CREATE INDEX "facts_pathway_id_attribute_id_value" ON "facts" ("pathway_id", "attribute_id", "value");

CREATE INDEX "facts_pathway_id_attribute_id_period" ON "facts" ("pathway_id", "attribute_id", "period");

CREATE INDEX "facts_version_id" ON "facts" ("version_id");

INSERT INTO facts (fact_id, version_id, pathway_id, attribute_id, value, value_num, value_high, value_date, unit, comparator, period, modality, scope, as_written, title_printed, clause_start, clause_end, rule, score, recorded_at, retired_at, retired_reason)
SELECT fact_id, version_id, pathway_id, attribute_id, value, value_num, value_high, value_date, unit, comparator, period, modality, scope, as_written, title_printed, clause_start, clause_end, rule, score, recorded_at, retired_at, retired_reason FROM temp.facts_before;

DROP TABLE temp.facts_before;

INSERT INTO row_history (table_name, row_id, at, before_json)
SELECT 'articles', n.article_id, n.recorded_at, json_object('version_id', o.version_id, 'gone_at', NULL)
FROM article_versions n JOIN article_versions o ON o.article_id = n.article_id AND o.version_no = n.version_no - 1
WHERE n.held = 0 AND o.held = 0
ORDER BY n.recorded_at, n.version_id;

INSERT INTO row_history (table_name, row_id, at, before_json)
SELECT 'articles', article_id, gone_at, json_object('gone_at', NULL)
FROM articles
WHERE gone_at IS NOT NULL
ORDER BY gone_at, article_id;

INSERT INTO row_history (table_name, row_id, at, before_json)
SELECT 'draws', draw_id, seen_at, json_patch(
  json_object('last_capture_id', coalesce(
    (SELECT p.capture_id FROM draw_revisions p WHERE p.draw_id = r.draw_id AND p.seen_at < r.seen_at ORDER BY p.seen_at DESC LIMIT 1),
    (SELECT first_capture_id FROM draws d WHERE d.draw_id = r.draw_id))),
  CASE field
    WHEN 'drawSize' THEN json_object('invitations', nullif(CAST(replace(old_value, ',', '') AS INTEGER), 0))
    WHEN 'drawCRS' THEN json_object('cutoff_score', nullif(CAST(replace(old_value, ',', '') AS INTEGER), 0))
    WHEN 'drawName' THEN json_object('name', old_value)
    WHEN 'drawCutOff' THEN json_object('tie_break_raw', old_value)
    WHEN 'drawDateTime' THEN json_object('issued_at_raw', old_value)
    ELSE '{}'
  END)
FROM draw_revisions r
WHERE field NOT LIKE '% (French)'
ORDER BY seen_at, r.rowid;

CREATE VIEW "x_review_not_applied" AS
SELECT f.fact_id FROM reviews r JOIN facts f ON f.fact_id = r.target_id
WHERE r.target_type = 'fact' AND r.verdict IN ('reject', 'correct') AND f.retired_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM reviews n WHERE n.target_type = 'fact' AND n.target_id = r.target_id
                  AND (n.reviewed_at, n.review_id) > (r.reviewed_at, r.review_id));

CREATE VIEW "x_log_differs" AS
SELECT f.fact_id FROM facts f LEFT JOIN fact_log l ON l.log_id = (SELECT max(log_id) FROM fact_log WHERE fact_id = f.fact_id)
WHERE l.action IS NULL OR (l.action = 'retired') <> (f.retired_at IS NOT NULL)
