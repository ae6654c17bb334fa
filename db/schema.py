"""All tables and views of both databases, declared once.

`ARCHIVE` is the private `archive.db`: everything that was fetched, parsed and extracted, full texts included.
`PUBLIC` is `facts.db`, built from it by `landed publish`: facts with their evidence, no article bodies except where a
source's licence allows them. Rules that hold in both:

* Offsets are Unicode code points into the version's text, from 0, end excluded (SQLite's `substr` counts from 1).
* `*_at` is UTC, `YYYY-MM-DDTHH:MM:SSZ`: when we learned it. Civil dates are those of the issuing authority, as EDTF
  (ISO 8601-2), with only the precision that the text gives.
* NULL means unknown. It is never 0 and never "none".
* Ids of machine-made rows are hashes of their content (`db.ids`); NOC codes are text.
"""

from __future__ import annotations

from db.schema_events import ARCHIVE_EVENT_VIEWS, ARCHIVE_EVENTS, PUBLIC_EVENT_VIEWS, PUBLIC_EVENTS
from db.schema_record import ARCHIVE_RECORD, ARCHIVE_RECORD_VIEWS, DRAW_COMPARATOR, PUBLIC_RECORD, PUBLIC_RECORD_VIEWS
from db.schema_reviews import ARCHIVE_REVIEW_VIEWS, ARCHIVE_REVIEWS, PUBLIC_REVIEWS
from db.tables import Column, Table, View

MODALITIES = ("asserted", "announced", "proposed", "reported", "forecast", "denied", "background")
COMPARATORS = ("eq", "approx", "lt", "le", "gt", "ge", "range", "delta")
TEXT_POLICIES = ("full", "excerpt", "metadata")
VERDICTS = ("ok", "quiet", "stale", "thin", "failing", "blocked", "gone")
MARK_ROLES = ("value", "subject", "date", "unit", "comparator", "trigger", "scope")
BLOCK_KINDS = ("title", "heading", "paragraph", "item", "row", "caption")
RETIREMENTS = ("not_reextracted", "article_changed", "reread", "review_rejected")
BASES = ("extracted", "reviewed")
CHANGE_KINDS = ("first", "edit", "correction", "retraction", "reparse")
CHANGE_KINDS_MEAN = "first, edit, correction (the publisher says so), retraction (the publisher took it back: none of its facts is current), or reparse (we read the same page better)."

_source_columns = (
    Column("source_id", "TEXT", "Permanent name of the source, as in its TOML file.", required=True),
    Column("name", "TEXT", "The source's name for people.", required=True),
    Column("publisher", "TEXT", "Who publishes it.", required=True),
    Column("owner_group", "TEXT", "Publishers with one owner share this; they count once as support.", required=True),
    Column("official", "INTEGER", "1 where an authority publishes it, 0 otherwise.", required=True),
    Column("jurisdiction_id", "TEXT", "Whose policy it mostly reports, ISO 3166.", required=True),
    Column("language", "TEXT", "Main language, BCP 47.", required=True),
    Column("home_url", "TEXT", "Its home page."),
    Column("cadence", "TEXT", "How often it is crawled: hourly, daily, weekly or monthly.", required=True),
    Column("licence", "TEXT", "Licence or terms of its texts, in words.", required=True),
    Column("text_policy", "TEXT", "Whether whole texts may be shown (full), quotes only (excerpt) or neither (metadata).", required=True, values=TEXT_POLICIES),
    Column("note", "TEXT", "What an operator should know of it, and what has been verified on the live site.", required=True),
)

_source_kind = Column("kind", "TEXT", "How its pages are discovered: feed, rounds, or page (a single page is watched for changes).", required=True)

_health_columns = (
    Column("verdict", "TEXT", "What the last finished crawl means: ok, quiet (nothing new), stale (nothing new for too long), thin (fewer pages than due), failing, blocked or gone.", values=VERDICTS),
    Column("reason", "TEXT", "Why, in words."),
    Column("requests", "INTEGER", "Requests sent, robots.txt included."),
    Column("pages", "INTEGER", "Pages answered, parsed and kept or recognised as known."),
    Column("new", "INTEGER", "Articles or draws seen for the first time."),
    Column("changed", "INTEGER", "Articles with a new version, or draws with a changed field."),
    Column("unchanged", "INTEGER", "Pages that say what they said before (304 answers included)."),
    Column("not_modified", "INTEGER", "Pages answered 304 Not Modified."),
    Column("errors", "INTEGER", "Pages that could not be had or read."),
    Column("errors_by_kind", "TEXT", "JSON object: failure kind to count."),
    Column("newest_published", "TEXT", "Publication date of the newest article the crawl saw."),
)

_draw_columns = (
    Column("draw_id", "TEXT", "Permanent id: system and draw number, as ca-ee-91a; where draws have no number the day and a hash of what was drawn, as ca-bc-pnp-2026-06-16-0123abcd.", required=True),
    Column("system", "TEXT", "Pathway id of the selection system that held the draw: Express Entry, or a province's nominee program.", required=True),
    Column("number", "TEXT", "Number as the authority gives it; text, since 91a and 91b exist. The day where it gives none.", required=True),
    Column("draw_date", "TEXT", "Civil date of the draw.", required=True),
    Column("name", "TEXT", "Round type or stream as the authority names it.", required=True),
    Column("program", "TEXT", "Programs covered, or what was selected for, as the authority words it."),
    Column("invitations", "INTEGER", "Invitations to apply (ITAs) issued.", unit="invitations"),
    Column("cutoff_score", "INTEGER", "Lowest score invited: of Express Entry the Comprehensive Ranking System (CRS) score, of a province one on its own scale.", unit="points"),
    Column("tie_break_raw", "TEXT", "Tie-breaking rule as written in the feed."),
    Column("tie_break_at", "TEXT", "Tie-breaking rule as UTC time, where it can be read."),
    Column("issued_at_raw", "TEXT", "Date and time of the round as the feed gives it, UTC."),
    Column("pool_as_of", "TEXT", "Day on which the pool was counted."),
    Column("pool_total", "INTEGER", "Candidates in the pool on that day; NULL where the feed has none (it writes 0).", unit="people"),
    Column("warnings", "TEXT", "What was irregular in the feed's row, separated by '; '."),
)

_french_columns = (
    Column("name_fr", "TEXT", "Round type as the French feed names it."),
    Column("program_fr", "TEXT", "Programs covered, as the French feed words them."),
    Column("differs_fr", "TEXT", "Figures that the French feed gives differently, separated by '; '; those of the English one stand in the columns."),
)

_revision_columns = (
    Column("revision_id", "TEXT", "Hash of the revision.", required=True),
    Column("draw_id", "TEXT", "The draw.", references="draws.draw_id", required=True),
    Column("field", "TEXT", "Field of the feed that changed; of the French feed where it says so.", required=True),
    Column("old_value", "TEXT", "What it said before."),
    Column("new_value", "TEXT", "What it says since."),
    Column("seen_at", "TEXT", "When the change was fetched.", required=True, recorded=True),
)

_value_columns = (
    Column("value", "TEXT", "The value in one canonical spelling: a number, low..high, an EDTF date, an ISO 8601 duration or a NOC code.", required=True),
    Column("value_num", "REAL", "The value as a number, or the lower end of a range."),
    Column("value_high", "REAL", "The upper end of a range."),
    Column("value_date", "TEXT", "The value as an EDTF date."),
    Column("unit", "TEXT", "Unit of the value; see the attribute's definition."),
    Column("comparator", "TEXT", "eq, le (up to), ge (at least), lt, gt, approx, range or delta.", required=True, values=COMPARATORS),
    Column("period", "TEXT", "EDTF period in which the value holds: the day of a draw, the year of a target."),
    Column("modality", "TEXT", "How the text puts it: asserted, announced, proposed, reported, forecast, denied, or background (told about the past).", required=True, values=MODALITIES),
    Column("scope", "TEXT", "Part of the pathway that the value is about, as written (a province, a group)."),
    Column("as_written", "TEXT", "The value as the text writes it.", required=True),
    Column("title_printed", "TEXT", "Occupation title printed beside a NOC code."),
)

_basis = Column("basis", "TEXT", "extracted, or reviewed where a person confirmed or corrected it.", required=True, values=BASES, default="'extracted'")

_change_columns = (
    Column("place", "INTEGER", "Order in the text, from 1.", required=True),
    Column("kind", "TEXT", "replaced, added, removed, more (further changes, not told one by one) or layout (the same words, arranged otherwise).", required=True, values=("replaced", "added", "removed", "more", "layout")),
    Column("old_start", "INTEGER", "Start offset in the text before.", required=True),
    Column("old_end", "INTEGER", "End offset in the text before.", required=True),
    Column("new_start", "INTEGER", "Start offset in this text.", required=True),
    Column("new_end", "INTEGER", "End offset in this text.", required=True),
)

# ---------------------------------------------------------------- archive.db

ARCHIVE: tuple[Table, ...] = (
    Table(
        "sources", "Sources", "A newsroom, outlet, feed or page that Landed watches, as its TOML file declares it.",
        (*_source_columns,
         _source_kind,
         Column("minimum", "INTEGER", "Pages due in each crawl; fewer is a fault.", required=True),
         Column("stale_after", "INTEGER", "Days without a new article after which the source counts as stale.", required=True, unit="days"),
         Column("enabled", "INTEGER", "0 where the source is not crawled.", required=True)),
        key=("source_id",), label="name",
    ),
    Table(
        "crawls", "Crawls", "One pass over one source.",
        (Column("crawl_id", "TEXT", "Start time and source.", required=True),
         Column("source_id", "TEXT", "The source.", references="sources.source_id", required=True),
         Column("started_at", "TEXT", "When it began.", required=True),
         Column("finished_at", "TEXT", "When it ended; NULL while running or where the process was killed."),
         Column("finish_reason", "TEXT", "Why it ended, in Scrapy's words, or killed or replayed."),
         *_health_columns,
         Column("due_at", "TEXT", "When the next crawl of the source is due."),
         Column("left_alone_until", "TEXT", "Until when the site asked not to be crawled, by a Retry-After longer than a crawl.")),
        key=("crawl_id",), indexes=(("source_id", "started_at"),), operational=True,
    ),
    Table(
        "failures", "Failures", "A page that could not be had, read or kept, with the reason named.",
        (Column("failure_id", "INTEGER", "Running number.", required=True),
         Column("crawl_id", "TEXT", "The crawl.", references="crawls.crawl_id", required=True),
         Column("url", "TEXT", "Address of the page.", required=True),
         Column("kind", "TEXT", "Failure kind, see crawlers.health.FAILURES.", required=True),
         Column("detail", "TEXT", "What happened, in words.", required=True),
         Column("at", "TEXT", "When.", required=True)),
        key=("failure_id",), operational=True,
    ),
    Table(
        "captures", "Captures", "One archived HTTP exchange: where its WARC record lies.",
        (Column("capture_id", "TEXT", "UUID of the WARC response or revisit record.", required=True),
         Column("source_id", "TEXT", "The source on whose behalf it was fetched.", references="sources.source_id", required=True),
         Column("crawl_id", "TEXT", "The crawl.", references="crawls.crawl_id"),
         Column("url", "TEXT", "Address asked for.", required=True),
         Column("fetched_at", "TEXT", "When the answer came.", required=True),
         Column("status", "INTEGER", "HTTP status.", required=True),
         Column("content_type", "TEXT", "Content-Type header."),
         Column("role", "TEXT", "What the exchange was for: listing, article, rounds, robots or other.", required=True),
         Column("record_type", "TEXT", "WARC record type: response or revisit.", required=True, values=("response", "revisit")),
         Column("payload_sha256", "TEXT", "SHA-256 of the payload as sent, hexadecimal; for a revisit that of the capture it refers to."),
         Column("refers_to", "TEXT", "Capture whose payload a revisit repeats."),
         Column("etag", "TEXT", "ETag header."),
         Column("last_modified", "TEXT", "Last-Modified header."),
         Column("warc_file", "TEXT", "File name in data/warc.", required=True),
         Column("warc_offset", "INTEGER", "Offset of the record's gzip member.", required=True, unit="bytes"),
         Column("warc_length", "INTEGER", "Length of the gzip member.", required=True, unit="bytes")),
        key=("capture_id",), indexes=(("url", "fetched_at"),),
    ),
    Table(
        "articles", "Articles", "One page, whatever its versions.",
        (Column("article_id", "TEXT", "Hash of source and canonical address.", required=True),
         Column("source_id", "TEXT", "The source.", references="sources.source_id", required=True),
         Column("url", "TEXT", "Canonical address.", required=True),
         Column("version_id", "TEXT", "The version that the last capture showed.", required=True),
         Column("first_seen_at", "TEXT", "First capture.", required=True),
         Column("last_checked_at", "TEXT", "Last capture that showed it, a 304 included.", required=True),
         Column("gone_at", "TEXT", "Since when the address answers 404 or 410; its facts stay.")),
        key=("article_id",), unique=(("source_id", "url"),),
    ),
    Table(
        "article_versions", "Article versions", "The text of an article as one or more captures show it; a new row only when the text changes.",
        (Column("version_id", "TEXT", "Hash of article and text.", required=True),
         Column("article_id", "TEXT", "The article.", references="articles.article_id", required=True),
         Column("version_no", "INTEGER", "1 for the first text seen, then counting.", required=True),
         Column("capture_id", "TEXT", "First capture of this text.", references="captures.capture_id", required=True),
         Column("title", "TEXT", "Title.", required=True),
         Column("byline", "TEXT", "Author as printed."),
         Column("published", "TEXT", "Publication date or time as the page states it."),
         Column("modified", "TEXT", "Date of last change as the page states it."),
         Column("language", "TEXT", "Language of the text, BCP 47.", required=True),
         Column("text", "TEXT", "Title and body as plain text; offsets refer to it.", required=True),
         Column("text_sha256", "TEXT", "SHA-256 of the text in UTF-8, hexadecimal.", required=True),
         Column("template", "TEXT", "Page template and version that read it.", required=True),
         Column("change_kind", "TEXT", CHANGE_KINDS_MEAN, required=True, values=CHANGE_KINDS),
         Column("correction_note", "TEXT", "The publisher's own words on a correction or retraction."),
         Column("held", "INTEGER", "1 where the crawl that read it failed its fill rates; it isn't published then.", required=True, default="0"),
         Column("recorded_at", "TEXT", "When this text was first fetched.", required=True)),
        key=("version_id",), unique=(("article_id", "version_no"),), indexes=(("version_id", "article_id"),),
    ),
    Table(
        "version_changes", "Changes of versions", "A passage of a version that differs from the published version before it, by its offsets in both.",
        (Column("version_id", "TEXT", "The version.", references="article_versions.version_id", required=True),
         *_change_columns[:1],
         Column("previous_id", "TEXT", "The version before it.", references="article_versions.version_id", required=True),
         *_change_columns[1:]),
        key=("version_id", "place"),
    ),
    Table(
        "article_blocks", "Blocks", "A heading, paragraph, list item or table row of a version.",
        (Column("version_id", "TEXT", "The version.", references="article_versions.version_id", required=True),
         Column("block_no", "INTEGER", "Order in the text, from 0.", required=True),
         Column("kind", "TEXT", "What it is.", required=True, values=BLOCK_KINDS),
         Column("start_char", "INTEGER", "Start offset.", required=True),
         Column("end_char", "INTEGER", "End offset.", required=True),
         Column("level", "INTEGER", "Heading level or list depth.", required=True),
         Column("table_no", "INTEGER", "Number of the table on the page."),
         Column("row_no", "INTEGER", "Row in the table, from 0."),
         Column("header", "INTEGER", "1 for a header row.", required=True),
         Column("cells", "TEXT", "JSON list of [start, end] offsets of a row's cells.", required=True)),
        key=("version_id", "block_no"),
    ),
    Table(
        "extractions", "Extractions", "Which pipeline last read a version.",
        (Column("version_id", "TEXT", "The version.", references="article_versions.version_id", required=True),
         Column("pipeline_version", "TEXT", "Version of the extraction pipeline: a hash over its rules, vocabulary and code.", required=True),
         Column("extracted_at", "TEXT", "When.", required=True),
         Column("error", "TEXT", "Why nothing could be extracted, if so.")),
        key=("version_id",),
    ),
    Table(
        "mentions", "Mentions", "A span of a text that names a pathway, date, quantity or occupation. Rebuilt by each extraction.",
        (Column("mention_id", "TEXT", "Hash of version, type, span and value.", required=True),
         Column("version_id", "TEXT", "The version.", references="article_versions.version_id", required=True),
         Column("type", "TEXT", "pathway, novel_pathway, date, quantity, noc or cue.", required=True),
         Column("start_char", "INTEGER", "Start offset.", required=True),
         Column("end_char", "INTEGER", "End offset.", required=True),
         Column("quote", "TEXT", "The words.", required=True),
         Column("value", "TEXT", "Id or canonical value.")),
        key=("mention_id",), indexes=(("type", "value"),), checks=("end_char > start_char",),
    ),
    Table(
        "facts", "Facts", "A version of an article says that a pathway's attribute has a value.",
        (Column("fact_id", "TEXT", "Hash of version, pathway, attribute, value, unit, comparator, period and scope.", required=True),
         Column("version_id", "TEXT", "The version that says it.", references="article_versions.version_id", required=True),
         Column("pathway_id", "TEXT", "The pathway.", required=True),
         Column("attribute_id", "TEXT", "What is said of it.", required=True),
         *_value_columns,
         Column("clause_start", "INTEGER", "Start offset of the clause or row that shows the fact.", required=True),
         Column("clause_end", "INTEGER", "End offset of that clause.", required=True),
         Column("rule", "TEXT", "Rule that found it.", required=True),
         Column("score", "REAL", "The extractor's confidence, 0 to 1."),
         Column("recorded_at", "TEXT", "When it was first extracted.", required=True),
         Column("retired_at", "TEXT", "Since when it is no longer current."),
         Column("retired_reason", "TEXT", "Why: not_reextracted (our extraction changed), article_changed (the article says something else now), reread (we read the same page better) or review_rejected (a person said that it is wrong).", values=RETIREMENTS),
         _basis),
        key=("fact_id",), indexes=(("pathway_id", "attribute_id", "value"), ("pathway_id", "attribute_id", "period")), checks=("clause_end > clause_start",),
    ),
    Table(
        "fact_marks", "Marks", "A span inside a fact's clause that carries one part of it.",
        (Column("fact_id", "TEXT", "The fact.", references="facts.fact_id", required=True),
         Column("role", "TEXT", "Which part.", required=True, values=MARK_ROLES),
         Column("start_char", "INTEGER", "Start offset.", required=True),
         Column("end_char", "INTEGER", "End offset.", required=True),
         Column("quote", "TEXT", "The words.", required=True)),
        key=("fact_id", "role", "start_char"),
    ),
    Table(
        "fact_log", "Fact log", "Every time a fact was added, retired or revived. Nothing is ever removed from it.",
        (Column("log_id", "INTEGER", "Running number.", required=True),
         Column("fact_id", "TEXT", "The fact.", references="facts.fact_id", required=True),
         Column("at", "TEXT", "When.", required=True),
         Column("action", "TEXT", "What happened.", required=True, values=("added", "retired", "revived")),
         Column("reason", "TEXT", "Why.")),
        key=("log_id",), operational=True,
    ),
    Table(
        "candidates", "Candidate pathways", "A named program, stream, pilot or visa that the vocabulary doesn't hold yet.",
        (Column("version_id", "TEXT", "The version that names it.", references="article_versions.version_id", required=True),
         Column("name", "TEXT", "As written.", required=True),
         Column("start_char", "INTEGER", "Start offset of the first mention.", required=True),
         Column("end_char", "INTEGER", "End offset of the first mention.", required=True)),
        key=("version_id", "name"),
    ),
    Table(
        "draws", "Draws", "Official rounds of invitations, as the authority's feed or table gives them.",
        (*_draw_columns,
         Column("raw", "TEXT", "The row of the feed or table as JSON; {} where only the French feed has the round yet.", required=True),
         Column("source_id", "TEXT", "The source.", references="sources.source_id", required=True),
         Column("first_capture_id", "TEXT", "First capture that held it.", references="captures.capture_id", required=True),
         Column("last_capture_id", "TEXT", "Last capture that changed it.", references="captures.capture_id", required=True),
         Column("first_seen_at", "TEXT", "When it was first fetched.", required=True),
         *_french_columns,
         Column("raw_fr", "TEXT", "The French feed's row as JSON."),
         Column("figures_fr", "TEXT", "The French feed's figures as JSON, as they were read."),
         Column("last_capture_id_fr", "TEXT", "Last capture of the French feed that changed it.", references="captures.capture_id"),
         Column("pathway_id", "TEXT", "The pathway drawn, where the source's file says what the table's streams are. NULL for Express Entry, where the round's name is read anew each time."),
         DRAW_COMPARATOR),
        key=("draw_id",),
    ),
    Table(
        "draw_revisions", "Revisions of draws", "A field of an official round that the authority changed afterwards.",
        (*_revision_columns, Column("capture_id", "TEXT", "The capture that showed it.", references="captures.capture_id", required=True)),
        key=("revision_id",),
    ),
    *ARCHIVE_EVENTS,
    *ARCHIVE_REVIEWS,
    *ARCHIVE_RECORD,
)

ARCHIVE_VIEWS: tuple[View, ...] = (
    View(
        "x_bad_span", "Marks that don't cut their words", "Must be empty: marks whose offsets don't cut their quote out of the text.",
        """
SELECT m.fact_id, m.role, m.quote, substr(v.text, m.start_char + 1, m.end_char - m.start_char) AS found
FROM fact_marks m JOIN facts f USING (fact_id) JOIN article_versions v USING (version_id)
WHERE found <> m.quote""",
        {"fact_id": "The fact.", "role": "Part of the fact.", "quote": "Words on record.", "found": "Words at the offsets."}, hidden=True,
    ),
    View(
        "x_fact_without_evidence", "Facts without evidence", "Must be empty: facts with no mark of the value, or with a clause outside the text.",
        """
SELECT f.fact_id FROM facts f JOIN article_versions v USING (version_id)
WHERE f.clause_end > length(v.text) OR f.fact_id NOT IN (SELECT fact_id FROM fact_marks WHERE role = 'value')""",
        {"fact_id": "The fact."}, hidden=True,
    ),
    View(
        "x_wrong_current_version", "Articles whose current version is missing", "Must be empty: articles that point to no version of theirs.",
        """
SELECT a.article_id FROM articles a LEFT JOIN article_versions v ON v.version_id = a.version_id AND v.article_id = a.article_id
WHERE v.version_id IS NULL""",
        {"article_id": "The article."}, hidden=True,
    ),
    *ARCHIVE_EVENT_VIEWS,
    *ARCHIVE_REVIEW_VIEWS,
    *ARCHIVE_RECORD_VIEWS,
)

# ---------------------------------------------------------------- facts.db

_jurisdiction = Column("jurisdiction_id", "TEXT", "Authority's jurisdiction, ISO 3166.", references="jurisdictions.jurisdiction_id", required=True)

PUBLIC: tuple[Table, ...] = (
    Table(
        "facts", "Facts", "What an article or official page says of a pathway: one row per pathway, attribute and value, with the clause that says it. Start here.",
        (Column("fact_id", "TEXT", "Permanent id: a hash of what is said and of the text that says it.", required=True),
         Column("pathway_id", "TEXT", "The pathway (program, stream, category, permit or plan).", references="pathways.pathway_id", required=True),
         Column("attribute_id", "TEXT", "What is said of it.", references="attributes.attribute_id", required=True),
         *_value_columns,
         Column("noc_code", "TEXT", "The occupation, for facts on occupations, where the code exists.", references="occupations.noc_code"),
         Column("year", "INTEGER", "Year of the value's date or period, else of the article.",
                generated="CAST(substr(CASE WHEN value_date GLOB '[0-9][0-9][0-9][0-9]*' THEN value_date WHEN period GLOB '[0-9][0-9][0-9][0-9]*' THEN period ELSE published END, 1, 4) AS INTEGER)"),
         Column("published", "TEXT", "Publication date of the article." ),
         Column("source_id", "TEXT", "Who says it.", references="sources.source_id", required=True),
         Column("article_id", "TEXT", "Where it is said.", references="articles.article_id", required=True),
         Column("version_id", "TEXT", "The version of the article that says it.", references="article_versions.version_id", required=True),
         Column("evidence_before", "TEXT", "Up to 60 characters before the clause.", required=True),
         Column("evidence", "TEXT", "The clause, list item or table row that shows the fact, word for word.", required=True),
         Column("evidence_after", "TEXT", "Up to 60 characters after the clause.", required=True),
         Column("clause_start", "INTEGER", "Start offset of the clause in the version's text.", required=True),
         Column("clause_end", "INTEGER", "End offset of the clause.", required=True),
         Column("rule", "TEXT", "Extraction rule that found it.", required=True),
         Column("score", "REAL", "The extractor's confidence, 0 to 1."),
         Column("status", "TEXT", "current; superseded (the article says something else now); or withdrawn (our extraction no longer finds it, or a person rejected it).", required=True, values=("current", "superseded", "withdrawn")),
         Column("recorded_at", "TEXT", "When Landed first held it.", required=True, recorded=True),
         Column("retired_at", "TEXT", "When it ceased to be current.", recorded=True),
         _basis),
        # Narrowed by one of these, facts are shown the newest first; the last column lets a facet be counted from the index alone.
        key=("fact_id",), large=True,
        indexes=(("pathway_id", "attribute_id", "period"), ("pathway_id", "published", "year"), ("attribute_id", "published", "status"), ("year", "published", "status"), ("source_id", "published"),
                 ("status", "published"), ("retired_at",), ("noc_code", "recorded_at"), ("attribute_id", "year")),
        facets=("attribute_id", "year", "status"),
        label="value", sort="-published", source="News articles and government pages, see the fact's article", search=("evidence",),
    ),
    Table(
        "marks", "Marks", "Which words of a fact's clause carry the value, the pathway, the date and so on.",
        (Column("fact_id", "TEXT", "The fact.", references="facts.fact_id", required=True),
         Column("role", "TEXT", "Part of the fact.", required=True, values=MARK_ROLES),
         Column("start_char", "INTEGER", "Start offset in the version's text.", required=True),
         Column("end_char", "INTEGER", "End offset.", required=True),
         Column("quote", "TEXT", "The words.", required=True)),
        key=("fact_id", "role", "start_char"), large=True, source="News articles and government pages, see the fact's article",
    ),
    Table(
        "pathways", "Pathways", "Programs, streams, categories, permits, pilots and plans by which people immigrate, with permanent ids.",
        (Column("pathway_id", "TEXT", "Permanent id, minted once and never reused.", required=True),
         Column("name", "TEXT", "Name in English.", required=True),
         Column("name_fr", "TEXT", "Name in French."),
         Column("parent_id", "TEXT", "The pathway it is part of.", references="pathways.pathway_id"),
         _jurisdiction,
         Column("kind", "TEXT", "system, program, stream, category, pilot, permit, policy or instrument.", required=True),
         Column("official_url", "TEXT", "Official page."),
         Column("valid_from", "TEXT", "First day it existed, EDTF, where known."),
         Column("valid_to", "TEXT", "Last day it existed, EDTF, where known.")),
        key=("pathway_id",), label="name", facets=("jurisdiction_id", "kind"), sort="pathway_id", source="Landed's vocabulary", search=("name", "name_fr"),
    ),
    Table(
        "pathway_aliases", "Pathway names", "All names by which texts call a pathway.",
        (Column("pathway_id", "TEXT", "The pathway.", references="pathways.pathway_id", required=True),
         Column("alias", "TEXT", "The name.", required=True),
         Column("lang", "TEXT", "Language of the name.", required=True),
         Column("kind", "TEXT", "official, abbreviation, news, former or feed.", required=True)),
        key=("pathway_id", "alias", "lang"), facets=("kind", "lang"), source="Landed's vocabulary",
    ),
    Table(
        "attributes", "Attributes", "What a fact can state, with the type and unit of its values.",
        (Column("attribute_id", "TEXT", "Name of the attribute.", required=True),
         Column("value_type", "TEXT", "number, money, duration, date or code.", required=True),
         Column("unit", "TEXT", "Units that its values take.", required=True),
         Column("cardinality", "TEXT", "one where a pathway has one value at a time, else many.", required=True),
         Column("definition", "TEXT", "What it means.", required=True)),
        key=("attribute_id",), label="attribute_id", source="Landed's vocabulary",
    ),
    Table(
        "jurisdictions", "Jurisdictions", "Countries, provinces and territories.",
        (Column("jurisdiction_id", "TEXT", "ISO 3166 code.", required=True),
         Column("name", "TEXT", "Name in English.", required=True),
         Column("name_fr", "TEXT", "Name in French."),
         Column("level", "TEXT", "country, province or territory.", required=True),
         Column("parent_id", "TEXT", "The country.", references="jurisdictions.jurisdiction_id")),
        key=("jurisdiction_id",), label="name", source="Landed's vocabulary",
    ),
    Table(
        "occupations", "Occupations", "Unit groups of the National Occupational Classification: all of NOC 2021 (five digits), and NOC 2016 (four digits).",
        (Column("noc_code", "TEXT", "The code; text, since zeros in front count.", required=True),
         Column("edition", "TEXT", "2021 or 2016.", required=True),
         Column("title", "TEXT", "Official English title.", required=True),
         Column("teer", "INTEGER", "TEER category 0 to 5: training, education, experience and responsibilities (NOC 2021 only)."),
         Column("broad_category", "INTEGER", "First digit: broad occupational category.")),
        key=("noc_code",), label="title", facets=("edition", "teer", "broad_category"), sort="noc_code", search=("noc_code", "title"),
        licence="statcan", source="Statistics Canada, National Occupational Classification",
    ),
    Table(
        "occupation_changes", "NOC 2016 to 2021", "Statistics Canada's concordance: which 2016 unit group went where in 2021.",
        (Column("noc_2016", "TEXT", "Four-digit code.", references="occupations.noc_code", required=True),
         Column("noc_2021", "TEXT", "Five-digit code.", references="occupations.noc_code", required=True),
         Column("change_type", "TEXT", "Kind of change, in Statistics Canada's words.")),
        key=("noc_2016", "noc_2021"), licence="statcan", source="Statistics Canada, concordance NOC 2016 V1.3 to NOC 2021 V1.0",
    ),
    Table(
        "articles", "Articles", "News articles and government pages: title, link and dates. Texts stay with their publishers.",
        (Column("article_id", "TEXT", "Permanent id.", required=True),
         Column("title", "TEXT", "Title as of the current version.", required=True),
         Column("source_id", "TEXT", "The source.", references="sources.source_id", required=True),
         Column("url", "TEXT", "Link to the page.", required=True),
         Column("published", "TEXT", "Publication date as the page states it."),
         Column("modified", "TEXT", "Date of last change as the page states it."),
         Column("byline", "TEXT", "Author as printed."),
         Column("language", "TEXT", "Language, BCP 47.", required=True),
         Column("story_id", "TEXT", "The story that it tells; copies at several outlets have the same.", references="stories.story_id", required=True),
         Column("versions", "INTEGER", "How many different texts were seen.", required=True),
         Column("facts", "INTEGER", "Current facts found in it.", required=True),
         Column("first_seen_at", "TEXT", "First capture.", required=True, recorded=True),
         Column("last_checked_at", "TEXT", "Last capture that showed it.", required=True, recorded=True),
         Column("gone_at", "TEXT", "Since when the address answers 404 or 410; what it said stays on record.", recorded=True)),
        key=("article_id",), large=True, indexes=(("url",),), label="title", facets=("language",), sort="-published", licence="links", source="The articles' publishers", search=("title",),
    ),
    Table(
        "article_versions", "Article versions", "Each text that an article has had, by digest; the text itself only where its licence allows.",
        (Column("version_id", "TEXT", "Permanent id: a hash of article and text.", required=True),
         Column("article_id", "TEXT", "The article.", references="articles.article_id", required=True),
         Column("version_no", "INTEGER", "1 for the first text seen, then counting.", required=True),
         Column("title", "TEXT", "Title.", required=True),
         Column("published", "TEXT", "Publication date as the page stated it then."),
         Column("modified", "TEXT", "Date of last change as the page stated it then."),
         Column("change_kind", "TEXT", CHANGE_KINDS_MEAN, required=True),
         Column("correction_note", "TEXT", "The publisher's own words on a correction or retraction."),
         Column("text", "TEXT", "The text, where the source's licence allows it."),
         Column("text_sha256", "TEXT", "SHA-256 of the text in UTF-8, hexadecimal: offsets count in exactly this text.", required=True),
         Column("template", "TEXT", "Page template and version that read the page.", required=True),
         Column("capture_id", "TEXT", "First archived capture of this text.", references="captures.capture_id", required=True, recorded=True),
         Column("recorded_at", "TEXT", "When this text was first fetched.", required=True, recorded=True)),
        key=("version_id",), large=True, label="title", facets=("change_kind",), licence="links", source="The articles' publishers",
    ),
    Table(
        "version_changes", "Changes of texts", "What an article or policy page says otherwise than before: each changed passage of a version, old and new, in the order of the text. At least the offsets are given; words only as far as the source's licence allows.",
        (Column("version_id", "TEXT", "The version that says it.", references="article_versions.version_id", required=True),
         *_change_columns[:1],
         Column("previous_id", "TEXT", "The version before it.", references="article_versions.version_id", required=True),
         Column("article_id", "TEXT", "The article.", references="articles.article_id", required=True),
         _change_columns[1],
         Column("context_before", "TEXT", "Up to 60 characters before the passage, in the new text.", required=True),
         Column("old_passage", "TEXT", "The words that were; NULL where words were only added."),
         Column("new_passage", "TEXT", "The words that are; NULL where words were only removed."),
         Column("context_after", "TEXT", "Up to 60 characters after the passage, in the new text.", required=True),
         *_change_columns[2:]),
        key=("version_id", "place"), large=True, facets=("kind",), licence="links", source="The articles' publishers",
    ),
    Table(
        "captures", "Captures", "Archived HTTP exchanges on which versions and draws rest: which WARC record holds them.",
        (Column("capture_id", "TEXT", "WARC-Record-ID (a UUID).", required=True),
         Column("source_id", "TEXT", "The source.", references="sources.source_id", required=True),
         Column("url", "TEXT", "Address asked for.", required=True),
         Column("fetched_at", "TEXT", "When the answer came.", required=True),
         Column("status", "INTEGER", "HTTP status.", required=True),
         Column("content_type", "TEXT", "Content-Type header."),
         Column("payload_sha256", "TEXT", "SHA-256 of the payload as sent, hexadecimal."),
         Column("warc_file", "TEXT", "WARC file in the archive.", required=True),
         Column("warc_offset", "INTEGER", "Offset of the record in that file.", required=True, unit="bytes")),
        key=("capture_id",), large=True, label="capture_id", sort="-fetched_at", operational=True,
    ),
    Table(
        "sources", "Sources", "The newsrooms, outlets, feeds and pages that Landed watches.",
        (*_source_columns[:5],
         Column("jurisdiction_id", "TEXT", "Whose policy it mostly reports.", references="jurisdictions.jurisdiction_id", required=True),
         *_source_columns[6:],
         _source_kind),
        key=("source_id",), label="name", facets=("official", "jurisdiction_id"), sort="source_id",
    ),
    Table(
        "source_health", "Source health", "How the last finished crawl of each source went.",
        (Column("source_id", "TEXT", "The source.", references="sources.source_id", required=True),
         Column("last_crawl_at", "TEXT", "When the last finished crawl began."),
         Column("last_success_at", "TEXT", "When the last crawl with the verdict ok or quiet began."),
         *_health_columns,
         Column("due_at", "TEXT", "When the next crawl is due.")),
        key=("source_id",), facets=("verdict",), operational=True,
    ),
    Table(
        "draws", "Draws", "Official rounds of invitations, from the authority's own feed (Express Entry) or table (provinces).",
        (*_draw_columns[:1],
         Column("pathway_id", "TEXT", "The pathway that was drawn, read from the round's name; NULL where the name isn't known.", references="pathways.pathway_id"),
         *_draw_columns[1:],
         DRAW_COMPARATOR,
         *_french_columns,
         Column("year", "INTEGER", "Year of the draw.", generated="CAST(substr(draw_date, 1, 4) AS INTEGER)"),
         Column("source_id", "TEXT", "The source.", references="sources.source_id", required=True),
         Column("capture_id", "TEXT", "Last archived capture that changed the row.", references="captures.capture_id", required=True, recorded=True),
         Column("first_seen_at", "TEXT", "When it was first fetched.", required=True, recorded=True)),
        key=("draw_id",), label="draw_id", facets=("system", "pathway_id", "year"), sort="-draw_date",
        licence="record", source="Immigration, Refugees and Citizenship Canada, Express Entry rounds of invitations; provinces' tables of draws, see each row's source",
    ),
    Table(
        "draw_revisions", "Revisions of draws", "Fields of official rounds that the authority changed afterwards.",
        _revision_columns, key=("revision_id",),
        licence="record", source="Immigration, Refugees and Citizenship Canada, Express Entry rounds of invitations; provinces' tables of draws",
    ),
    Table(
        "checks", "Checks", "News figures (on draws, levels targets and eligible occupations) against the official record. A check is linked by other figures than the one it tests.",
        (Column("check_id", "TEXT", "Hash of the fact: each figure is checked against one row of the record at most.", required=True),
         Column("fact_id", "TEXT", "The figure under test.", references="facts.fact_id", required=True),
         Column("draw_id", "TEXT", "The official draw; NULL where more than one fits.", references="draws.draw_id"),
         Column("target_id", "TEXT", "The target in a levels plan.", references="levels_targets.target_id"),
         Column("list_id", "TEXT", "The version of the list of occupations that was in force.", references="occupation_lists.list_id"),
         Column("source_id", "TEXT", "Who reported the figure.", references="sources.source_id", required=True),
         Column("attribute_id", "TEXT", "What is compared.", references="attributes.attribute_id", required=True),
         Column("fact_value", "TEXT", "Value in the text.", required=True),
         Column("official_value", "TEXT", "Value on record."),
         Column("verdict", "TEXT", "agree, near (rounded or approximate figures that fit), disagree, or ambiguous (no single row of the record fits).", required=True, values=("agree", "near", "disagree", "ambiguous")),
         Column("linked_by", "TEXT", "The figures that tie the text to that row.", required=True)),
        key=("check_id",), large=True, facets=("verdict", "attribute_id", "source_id"),
    ),
    Table(
        "candidates", "Candidate pathways", "Named programs, streams, pilots and visas that the vocabulary doesn't hold yet, for review.",
        (Column("candidate_id", "TEXT", "Version and offsets of the name.", required=True),
         Column("name", "TEXT", "As written.", required=True),
         Column("article_id", "TEXT", "The article that names it.", references="articles.article_id", required=True),
         Column("evidence_before", "TEXT", "Up to 60 characters before it.", required=True),
         Column("evidence_after", "TEXT", "Up to 60 characters after it.", required=True),
         Column("verdict", "TEXT", "What a person said of the name: accept (it is one), reject (it is none) or correct (it names a pathway that is known).", values=("accept", "reject", "correct")),
         Column("pathway_id", "TEXT", "The known pathway that it names, where a person said so.", references="pathways.pathway_id")),
        key=("candidate_id",), large=True, label="name", facets=("verdict",),
    ),
    *PUBLIC_EVENTS,
    *PUBLIC_REVIEWS,
    *PUBLIC_RECORD,
    Table(
        "publication", "Publication", "How and when this database was built. One row.",
        (Column("published_at", "TEXT", "When it was built.", required=True),
         Column("schema_version", "INTEGER", "Version of the schema.", required=True),
         Column("pipeline_version", "TEXT", "Version of the extraction pipeline.", required=True),
         Column("digest", "TEXT", "SHA-256 over the content of all tables, recorded times left out: equal knowledge gives an equal digest.", required=True),
         Column("as_of", "TEXT", "Where it shows what was known at an earlier time: that time.")),
        key=("published_at",), operational=True,
    ),
)

PUBLIC_VIEWS: tuple[View, ...] = (
    View(
        "v_facts", "Facts with names", "Current facts with the names of pathway, attribute, source and article beside the ids: one flat table for people who don't join.",
        """
SELECT f.fact_id, f.pathway_id, p.name AS pathway, p.jurisdiction_id, f.attribute_id, f.comparator, f.value, f.value_num, f.unit, f.period,
       f.modality, f.as_written, f.noc_code, o.title AS occupation, f.published, f.year, s.name AS source, s.official, a.title AS article, a.url, f.evidence
FROM facts f JOIN pathways p USING (pathway_id) JOIN sources s USING (source_id) JOIN articles a USING (article_id)
LEFT JOIN occupations o USING (noc_code)
WHERE f.status = 'current'""",
        {"fact_id": "The fact; its page is /facts/facts/ID.", "pathway_id": "Pathway id.", "pathway": "Pathway name.", "jurisdiction_id": "Jurisdiction of the pathway.",
         "attribute_id": "What is said.", "comparator": "eq, le, ge, lt, gt, approx, range or delta.", "value": "Canonical value.", "value_num": "The value as a number.",
         "unit": "Unit.", "period": "EDTF period in which it holds.", "modality": "How the text puts it.", "as_written": "As the text writes it.", "noc_code": "NOC code.",
         "occupation": "Official title of the occupation.", "published": "Publication date.", "year": "Year of the value or article.", "source": "Who says it.",
         "official": "1 where the source is an authority.", "article": "Title of the article.", "url": "Link to the article.", "evidence": "The clause that says it."},
    ),
    View(
        "v_corrections", "Corrected figures", "Figures that an article gave and later replaced: old and new value side by side.",
        # The unary plus keeps SQLite from indexes of few values: the article's few facts are the way in. INDEXED BY and CROSS JOIN have it begin with
        # the superseded facts, which are few; by the statistics alone it takes them for a third of all.
        """
SELECT a.article_id, a.title AS article, a.url, old.pathway_id, old.attribute_id, old.value AS old_value, new.value AS new_value,
       old.fact_id AS old_fact_id, new.fact_id AS new_fact_id, v.correction_note, new.recorded_at AS corrected_at
FROM facts old INDEXED BY facts_status_published CROSS JOIN facts new ON new.article_id = old.article_id AND +new.pathway_id = old.pathway_id AND +new.attribute_id = old.attribute_id
  AND coalesce(new.period, '') = coalesce(old.period, '') AND +new.status = 'current' AND new.value <> old.value
JOIN articles a ON a.article_id = old.article_id JOIN article_versions v ON v.version_id = new.version_id
WHERE old.status = 'superseded'
  AND NOT EXISTS (SELECT 1 FROM facts same WHERE same.article_id = old.article_id AND +same.status = 'current' AND +same.pathway_id = old.pathway_id
                  AND +same.attribute_id = old.attribute_id AND same.value = old.value AND coalesce(same.period, '') = coalesce(old.period, ''))
  AND NOT EXISTS (SELECT 1 FROM facts same WHERE same.article_id = new.article_id AND +same.status = 'superseded' AND +same.pathway_id = new.pathway_id
                  AND +same.attribute_id = new.attribute_id AND same.value = new.value AND coalesce(same.period, '') = coalesce(new.period, ''))""",
        {"article_id": "The article.", "article": "Its title.", "url": "Link.", "pathway_id": "Pathway.", "attribute_id": "What is said.", "old_value": "Value before.",
         "new_value": "Value now.", "old_fact_id": "Superseded fact.", "new_fact_id": "Current fact.", "correction_note": "The publisher's words.", "corrected_at": "When Landed saw the change."},
    ),
    View(
        "v_source_accuracy", "Accuracy by source", "How often each source's figures (on draws, levels targets and eligible occupations) agree with the official record, attribute by attribute.",
        """
SELECT c.source_id, s.name AS source, c.attribute_id, count(*) AS checked, sum(c.verdict IN ('agree', 'near')) AS agreeing, sum(c.verdict = 'disagree') AS disagreeing,
       round(1.0 * sum(c.verdict IN ('agree', 'near')) / count(*), 3) AS share_agreeing
FROM checks c JOIN sources s USING (source_id) WHERE c.verdict <> 'ambiguous' GROUP BY c.source_id, c.attribute_id""",
        {"source_id": "The source.", "source": "Its name.", "attribute_id": "What was compared.", "checked": "Figures checked.", "agreeing": "Figures that agree, near ones included.",
         "disagreeing": "Figures that disagree.", "share_agreeing": "Share that agrees."},
    ),
    *PUBLIC_EVENT_VIEWS,
    *PUBLIC_RECORD_VIEWS,
)

SCHEMA_VERSION = 4
