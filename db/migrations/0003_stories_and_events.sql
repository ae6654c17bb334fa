CREATE TABLE "text_signatures" (
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "signature" TEXT NOT NULL,
  PRIMARY KEY ("version_id")
) STRICT;

CREATE TABLE "text_bands" (
  "band" INTEGER NOT NULL,
  "article_id" TEXT NOT NULL REFERENCES "articles"("article_id"),
  PRIMARY KEY ("band", "article_id")
) STRICT;

CREATE INDEX "text_bands_article_id" ON "text_bands" ("article_id");

CREATE TABLE "stories" (
  "article_id" TEXT NOT NULL REFERENCES "articles"("article_id"),
  "story_id" TEXT NOT NULL REFERENCES "articles"("article_id"),
  "version_id" TEXT NOT NULL REFERENCES "article_versions"("version_id"),
  "similarity" REAL,
  "recorded_at" TEXT NOT NULL,
  PRIMARY KEY ("article_id")
) STRICT;

CREATE INDEX "stories_story_id" ON "stories" ("story_id");

CREATE INDEX "stories_version_id" ON "stories" ("version_id");

CREATE TABLE "unsettled_articles" (
  "article_id" TEXT NOT NULL REFERENCES "articles"("article_id"),
  PRIMARY KEY ("article_id")
) STRICT;

CREATE TABLE "settlements" (
  "name" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("name")
) STRICT;

CREATE TABLE "events" (
  "event_id" TEXT NOT NULL,
  "event_type" TEXT NOT NULL CHECK ("event_type" IN ('draw', 'opening', 'closure', 'cap_reached', 'cap_set', 'allocation', 'target', 'list_change', 'requirement_change', 'term_change', 'fee_change', 'launch', 'announcement', 'effective')),
  "pathway_id" TEXT,
  "title" TEXT NOT NULL,
  "event_date" TEXT,
  "announced_date" TEXT,
  "effective_date" TEXT,
  "end_date" TEXT,
  "period" TEXT,
  "stance" TEXT NOT NULL CHECK ("stance" IN ('proposed', 'reported', 'announced', 'cancelled')),
  "status" TEXT NOT NULL CHECK ("status" IN ('reported', 'proposed', 'announced', 'scheduled', 'in_effect', 'ended', 'cancelled')),
  "predecessor_id" TEXT REFERENCES "events"("event_id"),
  "draw_id" TEXT REFERENCES "draws"("draw_id"),
  "dedupe_key" TEXT NOT NULL,
  "facts" INTEGER NOT NULL,
  "articles" INTEGER NOT NULL,
  "stories" INTEGER NOT NULL,
  "owners" INTEGER NOT NULL,
  "official" INTEGER NOT NULL,
  "conflict" INTEGER NOT NULL,
  "first_reported" TEXT,
  "last_reported" TEXT,
  "recorded_at" TEXT NOT NULL,
  "retired_at" TEXT,
  PRIMARY KEY ("event_id"),
  UNIQUE ("dedupe_key")
) STRICT;

CREATE INDEX "events_pathway_id_event_type" ON "events" ("pathway_id", "event_type");

CREATE INDEX "events_predecessor_id" ON "events" ("predecessor_id");

CREATE INDEX "events_draw_id" ON "events" ("draw_id");

CREATE TABLE "event_facts" (
  "fact_id" TEXT NOT NULL REFERENCES "facts"("fact_id"),
  "event_id" TEXT NOT NULL REFERENCES "events"("event_id"),
  "role" TEXT NOT NULL CHECK ("role" IN ('support', 'background', 'denied', 'superseded')),
  "link_rule" TEXT NOT NULL,
  "link_score" REAL NOT NULL,
  "linked_at" TEXT NOT NULL,
  PRIMARY KEY ("fact_id")
) STRICT;

CREATE INDEX "event_facts_event_id" ON "event_facts" ("event_id");

CREATE TABLE "event_link_log" (
  "log_id" INTEGER NOT NULL,
  "fact_id" TEXT NOT NULL REFERENCES "facts"("fact_id"),
  "event_id" TEXT NOT NULL REFERENCES "events"("event_id"),
  "link_rule" TEXT NOT NULL,
  "linked_at" TEXT NOT NULL,
  "unlinked_at" TEXT NOT NULL,
  PRIMARY KEY ("log_id")
) STRICT;

CREATE INDEX "event_link_log_fact_id" ON "event_link_log" ("fact_id");

CREATE INDEX "event_link_log_event_id" ON "event_link_log" ("event_id");

CREATE TABLE "event_values" (
  "event_id" TEXT NOT NULL REFERENCES "events"("event_id"),
  "attribute_id" TEXT NOT NULL,
  "scope" TEXT NOT NULL,
  "unit" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  "value_num" REAL,
  "rank" TEXT NOT NULL CHECK ("rank" IN ('preferred', 'normal', 'deprecated')),
  "place" INTEGER NOT NULL,
  "conflict" INTEGER NOT NULL,
  "basis" TEXT NOT NULL CHECK ("basis" IN ('official', 'corroborated', 'single', 'reviewed')),
  "on_record" INTEGER NOT NULL,
  "facts" INTEGER NOT NULL,
  "owners" INTEGER NOT NULL,
  "best_fact_id" TEXT REFERENCES "facts"("fact_id"),
  "first_reported" TEXT,
  "last_reported" TEXT,
  PRIMARY KEY ("event_id", "attribute_id", "scope", "unit", "value")
) STRICT;

CREATE INDEX "event_values_best_fact_id" ON "event_values" ("best_fact_id");

CREATE TABLE "event_redirects" (
  "old_event_id" TEXT NOT NULL REFERENCES "events"("event_id"),
  "new_event_id" TEXT NOT NULL REFERENCES "events"("event_id"),
  "reason" TEXT NOT NULL CHECK ("reason" IN ('merged', 'on_record')),
  "at" TEXT NOT NULL,
  "note" TEXT,
  PRIMARY KEY ("old_event_id")
) STRICT;

CREATE INDEX "event_redirects_new_event_id" ON "event_redirects" ("new_event_id");

CREATE VIEW "x_stale_counts" AS
SELECT e.event_id FROM events e LEFT JOIN (
  SELECT l.event_id, count(*) AS facts, count(DISTINCT v.article_id) AS articles, count(DISTINCT coalesce(s.story_id, v.article_id)) AS stories, sum(f.retired_at IS NOT NULL) AS gone
  FROM event_facts l JOIN facts f ON f.fact_id = l.fact_id JOIN article_versions v ON v.version_id = f.version_id LEFT JOIN stories s ON s.article_id = v.article_id
  WHERE l.role = 'support' GROUP BY l.event_id
) n ON n.event_id = e.event_id
WHERE (e.facts, e.articles, e.stories) <> (coalesce(n.facts, 0), coalesce(n.articles, 0), coalesce(n.stories, 0)) OR n.gone > 0;

CREATE VIEW "x_dangling_redirect" AS
SELECT r.old_event_id FROM event_redirects r JOIN event_redirects n ON n.old_event_id = r.new_event_id
UNION SELECT r.old_event_id FROM event_redirects r LEFT JOIN events e ON e.event_id = r.new_event_id WHERE e.event_id IS NULL
UNION SELECT r.old_event_id FROM event_redirects r JOIN event_facts l ON l.event_id = r.old_event_id;

CREATE VIEW "x_backwards_dates" AS
SELECT event_id, effective_date, end_date FROM events
WHERE substr(effective_date, 1, length(end_date)) > end_date;

CREATE VIEW "x_far_future" AS
SELECT event_id, event_date, last_reported FROM events
WHERE CAST(substr(event_date, 1, 4) AS INTEGER) > CAST(substr(coalesce(last_reported, recorded_at), 1, 4) AS INTEGER) + 30
