CREATE TABLE "sources" (
  "source_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "publisher" TEXT NOT NULL,
  "owner_group" TEXT NOT NULL,
  "official" INTEGER NOT NULL,
  "jurisdiction_id" TEXT NOT NULL,
  "language" TEXT NOT NULL,
  "home_url" TEXT,
  "cadence" TEXT NOT NULL,
  "licence" TEXT NOT NULL,
  "text_policy" TEXT NOT NULL CHECK ("text_policy" IN ('full', 'excerpt', 'metadata')),
  "note" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "minimum" INTEGER NOT NULL,
  "stale_after" INTEGER NOT NULL,
  "enabled" INTEGER NOT NULL,
  PRIMARY KEY ("source_id")
) STRICT;

CREATE TABLE "crawls" (
  "crawl_id" TEXT NOT NULL,
  "source_id" TEXT NOT NULL REFERENCES "sources"("source_id"),
  "started_at" TEXT NOT NULL,
  "finished_at" TEXT,
  "finish_reason" TEXT,
  "verdict" TEXT CHECK ("verdict" IN ('ok', 'quiet', 'stale', 'thin', 'failing', 'blocked', 'gone')),
  "reason" TEXT,
  "requests" INTEGER,
  "pages" INTEGER,
  "new" INTEGER,
  "changed" INTEGER,
  "unchanged" INTEGER,
  "not_modified" INTEGER,
  "errors" INTEGER,
  "errors_by_kind" TEXT,
  "newest_published" TEXT,
  "due_at" TEXT,
  PRIMARY KEY ("crawl_id")
) STRICT;

CREATE INDEX "crawls_source_id_started_at" ON "crawls" ("source_id", "started_at");

CREATE INDEX "crawls_source_id" ON "crawls" ("source_id");

CREATE TABLE "failures" (
  "failure_id" INTEGER NOT NULL,
  "crawl_id" TEXT NOT NULL REFERENCES "crawls"("crawl_id"),
  "url" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "detail" TEXT NOT NULL,
  "at" TEXT NOT NULL,
  PRIMARY KEY ("failure_id")
) STRICT;

CREATE INDEX "failures_crawl_id" ON "failures" ("crawl_id");

CREATE TABLE "captures" (
  "capture_id" TEXT NOT NULL,
  "source_id" TEXT NOT NULL REFERENCES "sources"("source_id"),
  "crawl_id" TEXT REFERENCES "crawls"("crawl_id"),
  "url" TEXT NOT NULL,
  "fetched_at" TEXT NOT NULL,
  "status" INTEGER NOT NULL,
  "content_type" TEXT,
  "role" TEXT NOT NULL,
  "record_type" TEXT NOT NULL CHECK ("record_type" IN ('response', 'revisit')),
  "payload_sha256" TEXT,
  "refers_to" TEXT,
  "etag" TEXT,
  "last_modified" TEXT,
  "warc_file" TEXT NOT NULL,
  "warc_offset" INTEGER NOT NULL,
  "warc_length" INTEGER NOT NULL,
  PRIMARY KEY ("capture_id")
) STRICT;

CREATE INDEX "captures_url_fetched_at" ON "captures" ("url", "fetched_at");

CREATE INDEX "captures_source_id" ON "captures" ("source_id");

CREATE INDEX "captures_crawl_id" ON "captures" ("crawl_id");

CREATE TABLE "articles" (
  "article_id" TEXT NOT NULL,
  "source_id" TEXT NOT NULL REFERENCES "sources"("source_id"),
  "url" TEXT NOT NULL,
  "version_id" TEXT NOT NULL,
  "first_seen_at" TEXT NOT NULL,
  "last_checked_at" TEXT NOT NULL,
  "gone_at" TEXT,
  PRIMARY KEY ("article_id"),
  UNIQUE ("source_id", "url")
) STRICT;

CREATE TABLE "article_versions" (
  "version_id" TEXT NOT NULL,
  "article_id" TEXT NOT NULL REFERENCES "articles"("article_id"),
  "version_no" INTEGER NOT NULL,
  "capture_id" TEXT NOT NULL REFERENCES "captures"("capture_id"),
  "title" TEXT NOT NULL,
  "byline" TEXT,
  "published" TEXT,
  "modified" TEXT,
  "language" TEXT NOT NULL,
  "text" TEXT NOT NULL,
  "text_sha256" TEXT NOT NULL,
  "template" TEXT NOT NULL,
  "change_kind" TEXT NOT NULL CHECK ("change_kind" IN ('first', 'edit', 'correction', 'reparse')),
  "correction_note" TEXT,
  "held" INTEGER NOT NULL DEFAULT 0,
  "recorded_at" TEXT NOT NULL,
  PRIMARY KEY ("version_id"),
  UNIQUE ("article_id", "version_no")
) STRICT;

CREATE INDEX "article_versions_capture_id" ON "article_versions" ("capture_id");

CREATE TABLE "article_blocks" (
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "block_no" INTEGER NOT NULL,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('title', 'heading', 'paragraph', 'item', 'row', 'caption')),
  "start_char" INTEGER NOT NULL,
  "end_char" INTEGER NOT NULL,
  "level" INTEGER NOT NULL,
  "table_no" INTEGER,
  "row_no" INTEGER,
  "header" INTEGER NOT NULL,
  "cells" TEXT NOT NULL,
  PRIMARY KEY ("version_id", "block_no")
) STRICT;

CREATE TABLE "extractions" (
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "pipeline_version" TEXT NOT NULL,
  "extracted_at" TEXT NOT NULL,
  "error" TEXT,
  PRIMARY KEY ("version_id")
) STRICT;

CREATE TABLE "mentions" (
  "mention_id" TEXT NOT NULL,
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "type" TEXT NOT NULL,
  "start_char" INTEGER NOT NULL,
  "end_char" INTEGER NOT NULL,
  "quote" TEXT NOT NULL,
  "value" TEXT,
  PRIMARY KEY ("mention_id"),
  CHECK (end_char > start_char)
) STRICT;

CREATE INDEX "mentions_type_value" ON "mentions" ("type", "value");

CREATE INDEX "mentions_version_id" ON "mentions" ("version_id");

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
  "retired_reason" TEXT CHECK ("retired_reason" IN ('not_reextracted', 'article_changed', 'reread')),
  PRIMARY KEY ("fact_id"),
  CHECK (clause_end > clause_start)
) STRICT;

CREATE INDEX "facts_pathway_id_attribute_id" ON "facts" ("pathway_id", "attribute_id");

CREATE INDEX "facts_version_id" ON "facts" ("version_id");

CREATE TABLE "fact_marks" (
  "fact_id" TEXT NOT NULL REFERENCES "facts"("fact_id"),
  "role" TEXT NOT NULL CHECK ("role" IN ('value', 'subject', 'date', 'unit', 'comparator', 'trigger', 'scope')),
  "start_char" INTEGER NOT NULL,
  "end_char" INTEGER NOT NULL,
  "quote" TEXT NOT NULL,
  PRIMARY KEY ("fact_id", "role", "start_char")
) STRICT;

CREATE TABLE "fact_log" (
  "log_id" INTEGER NOT NULL,
  "fact_id" TEXT NOT NULL REFERENCES "facts"("fact_id"),
  "at" TEXT NOT NULL,
  "action" TEXT NOT NULL CHECK ("action" IN ('added', 'retired', 'revived')),
  "reason" TEXT,
  PRIMARY KEY ("log_id")
) STRICT;

CREATE INDEX "fact_log_fact_id" ON "fact_log" ("fact_id");

CREATE TABLE "candidates" (
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "name" TEXT NOT NULL,
  "start_char" INTEGER NOT NULL,
  "end_char" INTEGER NOT NULL,
  PRIMARY KEY ("version_id", "name")
) STRICT;

CREATE TABLE "draws" (
  "draw_id" TEXT NOT NULL,
  "system" TEXT NOT NULL,
  "number" TEXT NOT NULL,
  "draw_date" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "program" TEXT,
  "invitations" INTEGER,
  "cutoff_score" INTEGER,
  "tie_break_raw" TEXT,
  "tie_break_at" TEXT,
  "issued_at_raw" TEXT,
  "pool_as_of" TEXT,
  "pool_total" INTEGER,
  "warnings" TEXT,
  "raw" TEXT NOT NULL,
  "source_id" TEXT NOT NULL REFERENCES "sources"("source_id"),
  "first_capture_id" TEXT NOT NULL REFERENCES "captures"("capture_id"),
  "last_capture_id" TEXT NOT NULL REFERENCES "captures"("capture_id"),
  "first_seen_at" TEXT NOT NULL,
  PRIMARY KEY ("draw_id")
) STRICT;

CREATE INDEX "draws_source_id" ON "draws" ("source_id");

CREATE INDEX "draws_first_capture_id" ON "draws" ("first_capture_id");

CREATE INDEX "draws_last_capture_id" ON "draws" ("last_capture_id");

CREATE TABLE "draw_revisions" (
  "revision_id" TEXT NOT NULL,
  "draw_id" TEXT NOT NULL REFERENCES "draws"("draw_id"),
  "field" TEXT NOT NULL,
  "old_value" TEXT,
  "new_value" TEXT,
  "seen_at" TEXT NOT NULL,
  "capture_id" TEXT NOT NULL REFERENCES "captures"("capture_id"),
  PRIMARY KEY ("revision_id")
) STRICT;

CREATE INDEX "draw_revisions_draw_id" ON "draw_revisions" ("draw_id");

CREATE INDEX "draw_revisions_capture_id" ON "draw_revisions" ("capture_id");

CREATE VIEW "x_bad_span" AS
SELECT m.fact_id, m.role, m.quote, substr(v.text, m.start_char + 1, m.end_char - m.start_char) AS found
FROM fact_marks m JOIN facts f USING (fact_id) JOIN article_versions v USING (version_id)
WHERE found <> m.quote;

CREATE VIEW "x_fact_without_evidence" AS
SELECT f.fact_id FROM facts f JOIN article_versions v USING (version_id)
WHERE f.clause_end > length(v.text) OR f.fact_id NOT IN (SELECT fact_id FROM fact_marks WHERE role = 'value');

CREATE VIEW "x_wrong_current_version" AS
SELECT a.article_id FROM articles a LEFT JOIN article_versions v ON v.version_id = a.version_id AND v.article_id = a.article_id
WHERE v.version_id IS NULL
