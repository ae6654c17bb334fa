ALTER TABLE "draws" ADD COLUMN "pathway_id" TEXT;

ALTER TABLE "draws" ADD COLUMN "invitations_comparator" TEXT NOT NULL DEFAULT 'eq' CHECK ("invitations_comparator" IN ('eq', 'lt', 'le', 'gt', 'ge', 'approx'));

CREATE TABLE "record_rows" (
  "row_id" TEXT NOT NULL,
  "table_name" TEXT NOT NULL,
  "row_json" TEXT NOT NULL,
  "recorded_at" TEXT NOT NULL,
  "retired_at" TEXT,
  PRIMARY KEY ("row_id", "recorded_at")
) STRICT;

CREATE INDEX "record_rows_table_name" ON "record_rows" ("table_name");

CREATE VIEW "x_record_twice" AS
SELECT row_id FROM record_rows WHERE retired_at IS NULL GROUP BY row_id HAVING count(*) > 1
