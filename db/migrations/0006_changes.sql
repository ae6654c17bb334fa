CREATE TABLE "version_changes" (
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "place" INTEGER NOT NULL,
  "previous_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "kind" TEXT NOT NULL CHECK ("kind" IN ('replaced', 'added', 'removed', 'more', 'layout')),
  "old_start" INTEGER NOT NULL,
  "old_end" INTEGER NOT NULL,
  "new_start" INTEGER NOT NULL,
  "new_end" INTEGER NOT NULL,
  PRIMARY KEY ("version_id", "place")
) STRICT;

CREATE INDEX "version_changes_previous_id" ON "version_changes" ("previous_id");

CREATE INDEX "article_versions_version_id_article_id" ON "article_versions" ("version_id", "article_id");

PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(sql, '(''first'', ''edit'', ''correction'', ''reparse'')', '(''first'', ''edit'', ''correction'', ''retraction'', ''reparse'')')
WHERE type = 'table' AND name = 'article_versions';

PRAGMA writable_schema = RESET;

DROP VIEW "x_review_not_applied";

CREATE VIEW "x_review_not_applied" AS
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
WHERE r.target_type = 'link' AND r.verdict = 'reject'
