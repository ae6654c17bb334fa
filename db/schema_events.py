"""Tables and views of stories and events, which `db.schema` splices into the two databases."""

from __future__ import annotations

from db.tables import Column, Table, View

EVENT_TYPES = ("draw", "opening", "closure", "cap_reached", "cap_set", "allocation", "target", "list_change", "requirement_change", "term_change", "fee_change", "launch", "announcement", "effective")
STANCES = ("proposed", "reported", "announced", "cancelled")
STATUSES = ("reported", "proposed", "announced", "scheduled", "in_effect", "ended", "cancelled")
RANKS = ("preferred", "normal", "deprecated")
BASES = ("official", "corroborated", "single", "reviewed")
ROLES = ("support", "background", "denied", "superseded")

_event_head = (
    Column("event_id", "TEXT", "Permanent id: ev- and the draw's id for draws on the official record, else ev- and a hash of what told the event apart when it was minted.", required=True),
    Column("event_type", "TEXT", "What happened.", required=True, values=EVENT_TYPES),
)
_event_columns = (
    Column("event_date", "TEXT", "The day or period that it is about, EDTF; NULL where no text says."),
    Column("announced_date", "TEXT", "When an authority is first known to have published it."),
    Column("effective_date", "TEXT", "First day on which it holds, EDTF."),
    Column("end_date", "TEXT", "Last day on which it holds, EDTF."),
    Column("period", "TEXT", "Period of a figure (a cap, a target), EDTF."),
    Column("stance", "TEXT", "How surely it is told: proposed, reported (news alone), announced (by an authority) or cancelled.", required=True, values=STANCES),
    Column("status", "TEXT", "What was so on the day when this was built: the stance, and for what is announced, by its dates, scheduled, in_effect or ended.", required=True, recorded=True, values=STATUSES),
)
_event_counts = (
    Column("dedupe_key", "TEXT", "What told the event apart when it was minted: its family, pathway, and date, period or value.", required=True),
    Column("facts", "INTEGER", "Current facts that support it; background, denials and superseded texts don't.", required=True),
    Column("articles", "INTEGER", "Articles with such facts.", required=True),
    Column("stories", "INTEGER", "Different stories among those articles; copies of one story count once.", required=True),
    Column("owners", "INTEGER", "Owners who had those stories first: this is how well it is corroborated.", required=True),
    Column("official", "INTEGER", "1 where an authority says so.", required=True),
    Column("conflict", "INTEGER", "1 where sources of different owners give values that leave no room for each other.", required=True),
    Column("first_reported", "TEXT", "Publication date of the first report."),
    Column("last_reported", "TEXT", "Publication date of the last report."),
    Column("recorded_at", "TEXT", "When the event was minted.", required=True, recorded=True),
    Column("retired_at", "TEXT", "Since when no current text tells of it; the id stays.", recorded=True),
)
_link_columns = (
    Column("role", "TEXT", "What the fact does for the event: support; background (told about the past), denied and superseded (the article says something else now) don't count.", required=True, values=ROLES),
    Column("link_rule", "TEXT", "Rule that tied it to the event, a row of db/event_rules.toml.", required=True),
    Column("link_score", "REAL", "Trust in that rule, 0 to 1.", required=True),
)
_value_rest = (
    Column("value_num", "REAL", "The value as a number."),
    Column("rank", "TEXT", "preferred (best supported), normal, or deprecated (only in superseded or denying texts).", required=True, values=RANKS),
    Column("place", "INTEGER", "Place among the event's values of this attribute, 1 first: record, authority, owners, stories.", required=True),
    Column("conflict", "INTEGER", "1 where owners give values of this attribute that leave no room for each other.", required=True),
    Column("basis", "TEXT", "What it rests on: official, corroborated (two owners or more), single (one) or reviewed (a person found it right).", required=True, values=BASES),
    Column("on_record", "INTEGER", "1 where the official record of draws gives it.", required=True),
    Column("facts", "INTEGER", "Current facts that give it.", required=True),
    Column("owners", "INTEGER", "Owners behind those facts.", required=True),
)
_reported = (
    Column("first_reported", "TEXT", "Publication date of the first text that gives it."),
    Column("last_reported", "TEXT", "Publication date of the last text that gives it."),
)
_value_key = (
    Column("attribute_id", "TEXT", "What is said.", required=True),
    Column("scope", "TEXT", "Part of the pathway that it is about, as written; empty for the whole.", required=True),
    Column("unit", "TEXT", "Unit of the value; empty where it has none.", required=True),
    Column("value", "TEXT", "The value in its canonical spelling.", required=True),
)
_redirect_rest = (
    Column("reason", "TEXT", "Why: merged (later texts showed that both were one) or on_record (the official record named the draw).", required=True, values=("merged", "on_record")),
    Column("at", "TEXT", "When.", required=True, recorded=True),
    Column("note", "TEXT", "What joined them, in words."),
)

ARCHIVE_EVENTS: tuple[Table, ...] = (
    Table(
        "text_signatures", "Text signatures", "MinHash of a version's text over its runs of five words, computed once.",
        (Column("version_id", "TEXT", "The version.", references="article_versions.version_id", required=True),
         Column("signature", "TEXT", "The hash values, eight hexadecimal digits each; empty for a text too short to compare.", required=True)),
        key=("version_id",), operational=True,
    ),
    Table(
        "text_bands", "Bands of signatures", "Parts of signatures: texts that share one may be copies, and are compared.",
        (Column("band", "INTEGER", "Hash of the part's number and values.", required=True),
         Column("article_id", "TEXT", "The article whose current text has it.", references="articles.article_id", required=True)),
        key=("band", "article_id"), operational=True,
    ),
    Table(
        "stories", "Stories", "Which story an article tells: near-duplicate and syndicated articles are one.",
        (Column("article_id", "TEXT", "The article.", references="articles.article_id", required=True),
         Column("story_id", "TEXT", "The story's first article, by publication date.", references="articles.article_id", required=True),
         Column("version_id", "TEXT", "The version that was compared.", references="article_versions.version_id", required=True),
         Column("similarity", "REAL", "Share of all runs of five words in this text and its nearest copy that are in both; NULL where there is none."),
         Column("recorded_at", "TEXT", "When this was found.", required=True)),
        key=("article_id",),
    ),
    Table(
        "unsettled_articles", "Unsettled articles", "Articles whose story changed since events were built.",
        (Column("article_id", "TEXT", "The article.", references="articles.article_id", required=True),), key=("article_id",), operational=True,
    ),
    Table(
        "settlements", "Settlements", "How far events are built: the last entry of each log that was taken in, and digests of what they rest on.",
        (Column("name", "TEXT", "What.", required=True), Column("value", "TEXT", "How far.", required=True)), key=("name",), operational=True,
    ),
    Table(
        "events", "Events", "What happened, as all texts tell of it: draws, openings, closures, caps, targets, changes.",
        (*_event_head,
         Column("pathway_id", "TEXT", "The pathway; NULL for a draw whose round the vocabulary doesn't know."),
         Column("title", "TEXT", "The event in a few words, without its pathway.", required=True),
         *_event_columns,
         Column("predecessor_id", "TEXT", "The previous event of this type on this pathway.", references="events.event_id"),
         Column("draw_id", "TEXT", "The draw on the official record.", references="draws.draw_id"),
         *_event_counts),
        key=("event_id",), unique=(("dedupe_key",),), indexes=(("pathway_id", "event_type"),),
    ),
    Table(
        "event_facts", "Facts of events", "Which event a fact tells of, and why.",
        (Column("fact_id", "TEXT", "The fact.", references="facts.fact_id", required=True),
         Column("event_id", "TEXT", "The event.", references="events.event_id", required=True),
         *_link_columns,
         Column("linked_at", "TEXT", "Since when.", required=True)),
        key=("fact_id",),
    ),
    Table(
        "event_link_log", "Former links", "Links that a fact had before: with them any day's events can be built again.",
        (Column("log_id", "INTEGER", "Running number.", required=True),
         Column("fact_id", "TEXT", "The fact.", references="facts.fact_id", required=True),
         Column("event_id", "TEXT", "The event that it was linked to.", references="events.event_id", required=True),
         Column("link_rule", "TEXT", "The rule.", required=True),
         Column("linked_at", "TEXT", "Since when.", required=True),
         Column("unlinked_at", "TEXT", "Until when.", required=True)),
        key=("log_id",), operational=True,
    ),
    Table(
        "event_values", "Values of events", "Every distinct value that texts or the record give for an event, ranked.",
        (Column("event_id", "TEXT", "The event.", references="events.event_id", required=True),
         *_value_key, *_value_rest,
         Column("best_fact_id", "TEXT", "The fact to cite.", references="facts.fact_id"),
         *_reported),
        key=("event_id", "attribute_id", "scope", "unit", "value"),
    ),
    Table(
        "event_redirects", "Redirects", "Events that turned out to be another one; their ids stay valid.",
        (Column("old_event_id", "TEXT", "The event that was.", references="events.event_id", required=True),
         Column("new_event_id", "TEXT", "The event that it is.", references="events.event_id", required=True),
         *_redirect_rest),
        key=("old_event_id",),
    ),
)

ARCHIVE_EVENT_VIEWS: tuple[View, ...] = (
    View(
        "x_stale_counts", "Events whose counts are wrong", "Must be empty: events whose counts aren't those of their facts.",
        """
SELECT e.event_id FROM events e LEFT JOIN (
  SELECT l.event_id, count(*) AS facts, count(DISTINCT v.article_id) AS articles, count(DISTINCT coalesce(s.story_id, v.article_id)) AS stories, sum(f.retired_at IS NOT NULL) AS gone
  FROM event_facts l JOIN facts f ON f.fact_id = l.fact_id JOIN article_versions v ON v.version_id = f.version_id LEFT JOIN stories s ON s.article_id = v.article_id
  WHERE l.role = 'support' GROUP BY l.event_id
) n ON n.event_id = e.event_id
WHERE (e.facts, e.articles, e.stories) <> (coalesce(n.facts, 0), coalesce(n.articles, 0), coalesce(n.stories, 0)) OR n.gone > 0""",
        {"event_id": "The event."}, hidden=True,
    ),
    View(
        "x_dangling_redirect", "Redirects to nothing", "Must be empty: redirects to an event that is itself redirected, and redirected events that still have facts.",
        """
SELECT r.old_event_id FROM event_redirects r JOIN event_redirects n ON n.old_event_id = r.new_event_id
UNION SELECT r.old_event_id FROM event_redirects r LEFT JOIN events e ON e.event_id = r.new_event_id WHERE e.event_id IS NULL
UNION SELECT r.old_event_id FROM event_redirects r JOIN event_facts l ON l.event_id = r.old_event_id""",
        {"old_event_id": "The redirected event."}, hidden=True,
    ),
    View(
        "x_backwards_dates", "Events that end before they begin", "Must be empty: events whose last day lies before their first.",
        """
SELECT event_id, effective_date, end_date FROM events
WHERE substr(effective_date, 1, length(end_date)) > end_date""",
        {"event_id": "The event.", "effective_date": "First day.", "end_date": "Last day."}, hidden=True,
    ),
    View(
        "x_far_future", "Events in a far future", "Must be empty: events whose date lies more than 30 years after their last report.",
        """
SELECT event_id, event_date, last_reported FROM events
WHERE CAST(substr(event_date, 1, 4) AS INTEGER) > CAST(substr(coalesce(last_reported, recorded_at), 1, 4) AS INTEGER) + 30""",
        {"event_id": "The event.", "event_date": "Its date.", "last_reported": "Its last report."}, hidden=True,
    ),
)

PUBLIC_EVENTS: tuple[Table, ...] = (
    Table(
        "events", "Events", "What happened to a pathway, as all texts together tell it: draws, openings, closures, caps, targets, changes. One row per event, however many report it.",
        (*_event_head,
         Column("pathway_id", "TEXT", "The pathway; NULL for a draw whose round the vocabulary doesn't know.", references="pathways.pathway_id"),
         Column("title", "TEXT", "The event in a few words.", required=True),
         *_event_columns,
         Column("year", "INTEGER", "Year of the event's date, else of its first report.",
                generated="CAST(substr(CASE WHEN event_date GLOB '[0-9][0-9][0-9][0-9]*' THEN event_date ELSE first_reported END, 1, 4) AS INTEGER)"),
         Column("predecessor_id", "TEXT", "The previous event of this type on this pathway.", references="events.event_id"),
         Column("draw_id", "TEXT", "The draw on the official record.", references="draws.draw_id"),
         *_event_counts),
        key=("event_id",), large=True, unique=(("dedupe_key",),), label="title",
        indexes=(("pathway_id", "event_type", "event_date"), ("recorded_at",), ("pathway_id", "recorded_at"), ("pathway_id", "event_date"), ("effective_date",), ("first_reported",)),
        facets=("event_type", "status", "year", "official", "conflict"), sort="-event_date", source="All sources together", search=("title",),
    ),
    Table(
        "event_facts", "Facts of events", "Which event a fact tells of, and by which rule it was tied to it.",
        (Column("fact_id", "TEXT", "The fact.", references="facts.fact_id", required=True),
         Column("event_id", "TEXT", "The event.", references="events.event_id", required=True),
         *_link_columns),
        key=("fact_id",), large=True, facets=("role", "link_rule"), source="Landed's rules",
    ),
    Table(
        "event_values", "Values of events", "Every distinct value that texts or the official record give for an event, the best supported first.",
        (Column("event_id", "TEXT", "The event.", references="events.event_id", required=True),
         Column("attribute_id", "TEXT", "What is said.", references="attributes.attribute_id", required=True), *_value_key[1:], *_value_rest,
         Column("best_fact_id", "TEXT", "The fact to cite.", references="facts.fact_id"),
         *_reported),
        key=("event_id", "attribute_id", "scope", "unit", "value"), large=True, indexes=(("attribute_id", "value"),), facets=("rank", "basis"), source="All sources together",
    ),
    Table(
        "event_redirects", "Redirects of events", "Events that turned out to be another one; their ids stay valid for ever.",
        (Column("old_event_id", "TEXT", "The event that was.", references="events.event_id", required=True),
         Column("new_event_id", "TEXT", "The event that it is.", references="events.event_id", required=True),
         *_redirect_rest),
        key=("old_event_id",), facets=("reason",),
    ),
    Table(
        "stories", "Stories", "News told in more than one place: articles that are copies of each other, or nearly. Their first one names the story.",
        (Column("story_id", "TEXT", "Id of the story's first article.", required=True),
         Column("title", "TEXT", "Title of that article.", required=True),
         Column("published", "TEXT", "When it was published."),
         Column("articles", "INTEGER", "Articles that tell it.", required=True),
         Column("sources", "INTEGER", "Sources that carry it.", required=True),
         Column("owners", "INTEGER", "Owners of those sources.", required=True),
         Column("similarity", "REAL", "Lowest likeness of a copy: share of all runs of five words in it and its nearest copy that are in both; NULL where there is one article.")),
        key=("story_id",), large=True, label="title", facets=("articles",), sort="-published", licence="links", source="The articles' publishers",
    ),
)

PUBLIC_EVENT_VIEWS: tuple[View, ...] = (
    View(
        "v_timeline", "Timeline", "The events of each pathway in order, with what is best supported on each: filter by pathway_id.",
        """
SELECT e.pathway_id, p.name AS pathway, coalesce(e.event_date, e.first_reported) AS at, e.event_id, e.event_type, e.title, e.status, e.event_date, e.first_reported,
       (SELECT group_concat(v.attribute_id || ' ' || v.value || CASE WHEN v.unit IN ('', 'EDTF', 'ISO 8601 duration') THEN '' ELSE ' ' || v.unit END, '; ')
        FROM event_values v WHERE v.event_id = e.event_id AND v.rank = 'preferred') AS best_values,
       e.owners, e.stories, e.official, e.conflict, e.predecessor_id, e.draw_id
FROM events e JOIN pathways p ON p.pathway_id = e.pathway_id
WHERE e.retired_at IS NULL
ORDER BY e.pathway_id, at, e.event_id""",
        {"pathway_id": "The pathway.", "pathway": "Its name.", "at": "The event's date, or that of its first report.", "event_id": "The event.", "event_type": "What happened.",
         "title": "In a few words.", "status": "What is so today.", "event_date": "Its date, EDTF.", "first_reported": "First report.", "best_values": "Best supported values.",
         "owners": "Owners behind it.", "stories": "Different stories.", "official": "1 where an authority says so.", "conflict": "1 where sources disagree.",
         "predecessor_id": "The one before it of its type.", "draw_id": "The official draw."},
    ),
    View(
        "v_event_support", "Support of events", "Who says that an event happened: each current fact with its source, its story, and the rule that tied it to the event.",
        """
SELECT l.event_id, e.title AS event, l.fact_id, l.role, f.attribute_id, f.comparator, f.value, f.unit, f.modality, f.published, f.source_id, s.name AS source, s.owner_group,
       s.official, a.story_id, a.title AS article, a.url, l.link_rule, l.link_score, f.evidence
FROM event_facts l JOIN events e ON e.event_id = l.event_id JOIN facts f ON f.fact_id = l.fact_id JOIN sources s ON s.source_id = f.source_id
JOIN articles a ON a.article_id = f.article_id""",
        {"event_id": "The event.", "event": "Its title.", "fact_id": "The fact.", "role": "support, background, denied or superseded.", "attribute_id": "What is said.",
         "comparator": "How exact.", "value": "The value.", "unit": "Its unit.", "modality": "How the text puts it.", "published": "When it was published.", "source_id": "Who says it.",
         "source": "Name of the source.", "owner_group": "Who owns it.", "official": "1 where it is an authority.", "story_id": "The article's story.", "article": "The article's title.",
         "url": "Link.", "link_rule": "Rule that tied it.", "link_score": "Trust in that rule.", "evidence": "The clause that says it."},
    ),
    View(
        "v_conflicts", "Conflicts", "Events on which sources of different owners disagree: every value that is not deprecated, the best supported first.",
        """
SELECT e.event_id, e.title AS event, e.pathway_id, v.attribute_id, v.scope, v.unit, v.place, v.value, v.rank, v.basis, v.owners, v.facts, v.first_reported, v.best_fact_id, f.source_id
FROM events e JOIN event_values v ON v.event_id = e.event_id LEFT JOIN facts f ON f.fact_id = v.best_fact_id
WHERE e.conflict = 1 AND e.retired_at IS NULL AND v.conflict = 1
ORDER BY e.event_id, v.attribute_id, v.scope, v.unit, v.place""",
        {"event_id": "The event.", "event": "Its title.", "pathway_id": "The pathway.", "attribute_id": "What they disagree on.", "scope": "Part of the pathway.", "unit": "Unit.",
         "place": "1 for the best supported.", "value": "A value.", "rank": "preferred or normal.", "basis": "What it rests on.", "owners": "Owners behind it.", "facts": "Facts that give it.",
         "first_reported": "First report of it.", "best_fact_id": "The fact to cite.", "source_id": "Source of that fact."},
    ),
    View(
        "v_draw_coverage", "Draws and their reports", "Each official draw with the articles that report it, how long after it the first one came, and its conflicts; those with 0 articles nobody reported.",
        """
SELECT d.draw_id, d.draw_date, d.pathway_id, d.name, d.invitations, d.cutoff_score, e.event_id, coalesce(e.articles, 0) AS articles, coalesce(e.stories, 0) AS stories,
       coalesce(e.owners, 0) AS owners, e.first_reported AS first_report, CAST(julianday(e.first_reported) - julianday(d.draw_date) AS INTEGER) AS days_after,
       (SELECT count(*) FROM checks c WHERE c.draw_id = d.draw_id AND c.verdict = 'disagree') AS disagreements
FROM draws d LEFT JOIN events e ON e.draw_id = d.draw_id""",
        {"draw_id": "The draw.", "draw_date": "Its date.", "pathway_id": "The pathway drawn.", "name": "Round type in the feed.", "invitations": "Invitations issued.", "cutoff_score": "Lowest score invited.",
         "event_id": "Its event.", "articles": "Articles that report it.", "stories": "Different stories among them.", "owners": "Owners behind them.", "first_report": "Date of the first report.",
         "days_after": "Days from the draw to that report.", "disagreements": "Figures that disagree with the record."},
    ),
    View(
        "v_changes", "What changed", "What became known and when, for one week or any: edits of watched pages and articles with what was changed, corrections, retractions, new and merged events, facts that don't hold any more, and figures that the record revised. Filter by changed_at.",
        """
SELECT v.recorded_at AS changed_at, CASE WHEN v.change_kind <> 'edit' THEN v.change_kind WHEN s.kind = 'page' AND s.official THEN 'policy page changed' ELSE 'edit' END AS kind,
       NULL AS pathway_id, v.title AS what,
       trim(coalesce(v.correction_note || ' ', '')
         || CASE WHEN c.new_passage IS NULL AND c.old_passage IS NULL THEN CASE c.kind WHEN 'layout' THEN 'The same words, arranged otherwise.' ELSE 'Text ' || v.version_no || ' of this page.' END
              WHEN c.old_passage IS NULL THEN 'Added: ' || c.new_passage WHEN c.new_passage IS NULL THEN 'Removed: ' || c.old_passage ELSE 'Was: ' || c.old_passage || ' Now: ' || c.new_passage END
         || CASE WHEN n.passages > 1 THEN ' (' || (n.passages - 1) || ' more)' ELSE '' END) AS change,
       NULL AS event_id, v.article_id, NULL AS draw_id, v.version_id
FROM article_versions v JOIN articles a ON a.article_id = v.article_id JOIN sources s ON s.source_id = a.source_id
LEFT JOIN version_changes c ON c.version_id = v.version_id AND c.place = 1
LEFT JOIN (SELECT version_id, count(*) AS passages FROM version_changes GROUP BY version_id) n ON n.version_id = v.version_id
WHERE v.change_kind IN ('edit', 'correction', 'retraction')
UNION ALL
SELECT e.recorded_at, 'new event', e.pathway_id, e.title, e.event_type || ', ' || e.status, e.event_id, NULL, e.draw_id, NULL FROM events e
UNION ALL
SELECT e.retired_at, 'event no longer told', e.pathway_id, e.title, e.event_type, e.event_id, NULL, e.draw_id, NULL FROM events e WHERE e.retired_at IS NOT NULL
UNION ALL
SELECT r.at, 'events merged', e.pathway_id, e.title, coalesce(r.note, r.reason), r.new_event_id, NULL, e.draw_id, NULL FROM event_redirects r JOIN events e ON e.event_id = r.new_event_id
UNION ALL
SELECT c.corrected_at, 'corrected figure', c.pathway_id, c.article, c.attribute_id || ': ' || c.old_value || ', now ' || c.new_value, l.event_id, c.article_id, NULL, (SELECT f.version_id FROM facts f WHERE f.fact_id = c.new_fact_id)
FROM v_corrections c LEFT JOIN event_facts l ON l.fact_id = c.new_fact_id
UNION ALL
SELECT f.retired_at, 'fact retired', f.pathway_id, a.title, f.attribute_id || ' ' || f.value || CASE WHEN f.unit IN ('EDTF', 'ISO 8601 duration') THEN '' ELSE coalesce(' ' || f.unit, '') END || CASE f.status WHEN 'superseded' THEN ': the page says it no longer' ELSE ': withdrawn by Landed' END,
       l.event_id, f.article_id, NULL, f.version_id
FROM facts f JOIN articles a ON a.article_id = f.article_id LEFT JOIN event_facts l ON l.fact_id = f.fact_id
WHERE f.retired_at > ''
  AND NOT EXISTS (SELECT 1 FROM facts same WHERE same.article_id = f.article_id AND +same.status = 'current' AND +same.pathway_id = f.pathway_id
                  AND +same.attribute_id = f.attribute_id AND same.value = f.value AND coalesce(same.period, '') = coalesce(f.period, '') AND coalesce(same.scope, '') = coalesce(f.scope, ''))
UNION ALL
SELECT n.seen_at, 'record revised', d.pathway_id, d.draw_id, n.field || ': ' || coalesce(n.old_value, 'nothing') || ', now ' || coalesce(n.new_value, 'nothing'), e.event_id, NULL, d.draw_id, NULL
FROM draw_revisions n JOIN draws d ON d.draw_id = n.draw_id LEFT JOIN events e ON e.draw_id = d.draw_id""",
        {"changed_at": "When Landed learned it, UTC.", "kind": "policy page changed, edit, correction, retraction, new event, event no longer told, events merged, corrected figure, fact retired or record revised.",
         "pathway_id": "The pathway.", "what": "The article, event or draw.", "change": "What changed, in words.", "event_id": "The event.", "article_id": "The article.", "draw_id": "The draw.",
         "version_id": "The version of the article; its changed passages are in version_changes."},
    ),
    View(
        "v_pathway_status", "Status of pathways", "Whether each pathway takes applications, as far as its last opening or closing that has come about says, with that event as evidence; what is announced next beside it. What opened and filled up on one day is full.",
        """
WITH turns AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.pathway_id ORDER BY e.effective_date DESC, e.event_type = 'opening', e.owners DESC, e.event_id) AS place
  FROM events e
  WHERE e.retired_at IS NULL AND e.event_type IN ('opening', 'closure', 'cap_reached') AND e.stance NOT IN ('proposed', 'cancelled')
    AND e.effective_date <= (SELECT substr(published_at, 1, 10) FROM publication)
)
SELECT p.pathway_id, p.name AS pathway, p.jurisdiction_id,
       CASE WHEN t.event_type = 'opening' THEN 'open' WHEN t.event_type = 'cap_reached' THEN 'full' WHEN t.event_type = 'closure' THEN 'closed' ELSE 'unknown' END AS status,
       t.effective_date AS since, t.event_id, t.title AS event, t.stance, t.owners, t.official,
       (SELECT v.best_fact_id FROM event_values v WHERE v.event_id = t.event_id AND v.place = 1 AND v.attribute_id IN ('opens_on', 'closes_on', 'cap_reached_on')) AS best_fact_id,
       (SELECT n.event_id FROM events n WHERE n.pathway_id = p.pathway_id AND n.retired_at IS NULL AND n.event_type IN ('opening', 'closure') AND n.stance <> 'cancelled'
          AND n.effective_date > (SELECT substr(published_at, 1, 10) FROM publication) ORDER BY n.effective_date LIMIT 1) AS next_event_id
FROM pathways p LEFT JOIN turns t ON t.pathway_id = p.pathway_id AND t.place = 1""",
        {"pathway_id": "The pathway.", "pathway": "Its name.", "jurisdiction_id": "Its jurisdiction.", "status": "open, closed, full (its cap was reached) or unknown.", "since": "Since when, EDTF.",
         "event_id": "The event that says so.", "event": "Its title.", "stance": "How surely it is told.", "owners": "Owners behind it.", "official": "1 where an authority says so.",
         "best_fact_id": "The fact to cite.", "next_event_id": "The next opening or closing that is on record."},
    ),
)
