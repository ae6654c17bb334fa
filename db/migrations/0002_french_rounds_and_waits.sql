ALTER TABLE "crawls" ADD COLUMN "left_alone_until" TEXT;

ALTER TABLE "draws" ADD COLUMN "name_fr" TEXT;

ALTER TABLE "draws" ADD COLUMN "program_fr" TEXT;

ALTER TABLE "draws" ADD COLUMN "differs_fr" TEXT;

ALTER TABLE "draws" ADD COLUMN "raw_fr" TEXT;

ALTER TABLE "draws" ADD COLUMN "figures_fr" TEXT;

ALTER TABLE "draws" ADD COLUMN "last_capture_id_fr" TEXT REFERENCES "captures"("capture_id");

CREATE INDEX "draws_last_capture_id_fr" ON "draws" ("last_capture_id_fr")
