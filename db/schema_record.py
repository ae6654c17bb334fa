"""Tables of the official record beyond single draws: targets of levels plans, lists of occupations by version, editions of the NOC.

Their rows are kept by hand in `db/record/*.csv` and checked by `db.record`. `db.schema` splices these declarations into
the two databases.
"""

from __future__ import annotations

from db.tables import Column, Table, View

RECORD_COMPARATORS = ("eq", "lt", "le", "gt", "ge", "approx")
RECORD_BASES = ("official", "outlets", "outlet", "derived")
CONFIDENCES = ("high", "medium", "low")
LEVELS_MEASURES = ("pr_total", "pr_pnp", "tr_total", "tr_workers", "tr_students")

_provenance = (
    Column("source", "TEXT", "Where it was found, in words.", required=True),
    Column("basis", "TEXT", "official (the authority's page was seen or is quoted), outlets (several outlets agree), outlet (one outlet alone) or derived (worked out from other rows).",
           required=True, values=RECORD_BASES),
    Column("confidence", "TEXT", "How sure it is: high, medium or low.", required=True, values=CONFIDENCES),
    Column("note", "TEXT", "What is uncertain, missing or contradictory."),
)

DRAW_COMPARATOR = Column(
    "invitations_comparator", "TEXT", "How the number of invitations is to be read: eq, or lt where the authority only says less than so many (it hides small numbers).",
    required=True, values=RECORD_COMPARATORS, default="'eq'")

ARCHIVE_RECORD: tuple[Table, ...] = (
    Table(
        "record_rows", "Rows of the record", "A row of the hand-kept official record (levels targets, lists of occupations, editions), and while which time it was part of it. Nothing is ever removed.",
        (Column("row_id", "TEXT", "Hash of the table's name and the row.", required=True),
         Column("table_name", "TEXT", "The public table that it is a row of.", required=True),
         Column("row_json", "TEXT", "The row as a JSON object.", required=True),
         Column("recorded_at", "TEXT", "Since when it is part of the record.", required=True, recorded=True),
         Column("retired_at", "TEXT", "Since when it no longer is.", recorded=True)),
        key=("row_id", "recorded_at"), indexes=(("table_name",),),
    ),
)

ARCHIVE_RECORD_VIEWS: tuple[View, ...] = (
    View(
        "x_record_twice", "Rows of the record that count twice", "Must be empty: rows that are current more than once.",
        """
SELECT row_id FROM record_rows WHERE retired_at IS NULL GROUP BY row_id HAVING count(*) > 1""",
        {"row_id": "The row."}, hidden=True,
    ),
)

PUBLIC_RECORD: tuple[Table, ...] = (
    Table(
        "levels_targets", "Levels plan targets", "How many people the federal government planned to admit, by plan, class and year, with the range that it gave. A later plan replaces an earlier one's figure for the same year.",
        (Column("target_id", "TEXT", "Permanent id: the plan's years, the measure and the year.", required=True),
         Column("title", "TEXT", "The figure in a few words.", required=True),
         Column("plan", "TEXT", "First and last year of the plan.", required=True),
         Column("tabled_on", "TEXT", "Day on which the plan was tabled.", required=True),
         Column("measure", "TEXT", "What is counted: pr_total and tr_total (permanent residents; new temporary residents), pr_pnp (permanent residents nominated by provinces), tr_workers, tr_students.", required=True, values=LEVELS_MEASURES),
         Column("pathway_id", "TEXT", "The pathway that the measure is about; NULL where it is a class without one.", references="pathways.pathway_id"),
         Column("year", "INTEGER", "Year of admission.", required=True),
         Column("target", "INTEGER", "The target.", required=True, unit="people"),
         Column("range_low", "INTEGER", "Lower end of the planned range.", unit="people"),
         Column("range_high", "INTEGER", "Upper end of the planned range.", unit="people"),
         *_provenance),
        key=("target_id",), unique=(("plan", "measure", "year"),), label="title", facets=("plan", "measure", "year", "basis"), sort="-tabled_on",
        source="Immigration levels plans of the Government of Canada, see each row's source",
    ),
    Table(
        "occupation_lists", "Lists of occupations", "The lists by which pathways take occupations (Express Entry categories, Global Talent Stream), one row per version with the days on which it was in force.",
        (Column("list_id", "TEXT", "Permanent id: the pathway and the first day.", required=True),
         Column("title", "TEXT", "The list and its version in a few words.", required=True),
         Column("pathway_id", "TEXT", "The pathway.", references="pathways.pathway_id", required=True),
         Column("version", "TEXT", "The version as the authority calls it, or the year.", required=True),
         Column("valid_from", "TEXT", "First day on which it was in force.", required=True),
         Column("valid_to", "TEXT", "Last day on which it was in force; NULL while no end is known."),
         Column("occupations_stated", "INTEGER", "How many occupations it is said to have; NULL where nobody says.", unit="occupations"),
         Column("complete", "INTEGER", "1 where all its occupations are in occupation_list_entries; 0 where some or all aren't known to us.", required=True),
         *_provenance),
        key=("list_id",), unique=(("pathway_id", "valid_from"),), label="title", facets=("pathway_id", "version", "complete"), sort="-valid_from",
        source="Ministerial instructions and program pages of the Government of Canada, see each row's source",
    ),
    Table(
        "occupation_list_entries", "Occupations on lists", "Which NOC codes each version of a list holds.",
        (Column("list_id", "TEXT", "The list.", references="occupation_lists.list_id", required=True),
         Column("noc_code", "TEXT", "The occupation, NOC 2021.", references="occupations.noc_code", required=True),
         Column("item", "TEXT", "The list's own item that it belongs to, as the list names it.", required=True),
         Column("noc_2016", "TEXT", "The code of NOC 2016 that the list printed, where it did.", references="occupations.noc_code"),
         Column("part", "INTEGER", "1 where the list takes only part of the occupation.", required=True),
         Column("source", "TEXT", "Where it was found, in words.", required=True),
         Column("note", "TEXT", "What the list asks besides, or what is uncertain.")),
        key=("list_id", "noc_code", "item"), facets=("list_id", "part"), sort="list_id",
        source="Ministerial instructions and program pages of the Government of Canada, see each row's list",
    ),
    Table(
        "noc_editions", "NOC editions", "The editions of the National Occupational Classification, and while which time immigration programs asked for each.",
        (Column("edition", "TEXT", "The edition, as in the column of that name in occupations.", required=True),
         Column("title", "TEXT", "Its name.", required=True),
         Column("released_on", "TEXT", "When Statistics Canada released it, EDTF."),
         Column("used_from", "TEXT", "First day on which immigration programs asked for it, EDTF; NULL where not known."),
         Column("used_to", "TEXT", "Last day on which they did; NULL while they do, or where not known."),
         Column("unit_groups", "INTEGER", "Occupations (unit groups) that it has.", unit="occupations"),
         *_provenance),
        key=("edition",), label="title", sort="-edition", licence="statcan", source="Statistics Canada, National Occupational Classification",
    ),
)

_DAY = "substr(CASE WHEN f.period GLOB '[0-9][0-9][0-9][0-9]*' THEN f.period ELSE f.published END, 1, 10)"

PUBLIC_RECORD_VIEWS: tuple[View, ...] = (
    View(
        "v_eligible_on", "Eligible occupations by day", "Which occupations a pathway takes and while which time: by the lists on record, and by what texts say. Filter by pathway_id or noc_code, first_day and last_day.",
        f"""
SELECT l.pathway_id, p.name AS pathway, e.noc_code, o.title AS occupation, l.valid_from AS first_day, l.valid_to AS last_day, 'record' AS basis, max(e.part) AS part, l.confidence,
       l.list_id, NULL AS fact_id
FROM occupation_lists l JOIN occupation_list_entries e ON e.list_id = l.list_id JOIN pathways p ON p.pathway_id = l.pathway_id JOIN occupations o ON o.noc_code = e.noc_code
GROUP BY l.list_id, e.noc_code
UNION ALL
SELECT t.pathway_id, p.name, t.noc_code, o.title, t.first_day,
       (SELECT min({_DAY}) FROM facts f WHERE f.pathway_id = t.pathway_id AND f.attribute_id = 'excluded_noc' AND +f.noc_code = t.noc_code AND +f.status = 'current'
          AND f.modality NOT IN ('denied', 'proposed', 'forecast') AND {_DAY} > t.last_told),
       'reported', 0, NULL, NULL, t.fact_id
FROM (SELECT f.pathway_id, f.noc_code, min({_DAY}) AS first_day, max({_DAY}) AS last_told, max(f.fact_id) AS fact_id FROM facts f
      WHERE f.attribute_id = 'eligible_noc' AND +f.status = 'current' AND f.noc_code IS NOT NULL AND f.modality NOT IN ('denied', 'proposed', 'forecast') GROUP BY f.pathway_id, f.noc_code) t
JOIN pathways p ON p.pathway_id = t.pathway_id JOIN occupations o ON o.noc_code = t.noc_code""",  # noqa: S608 - our own expression
        {"pathway_id": "The pathway.", "pathway": "Its name.", "noc_code": "The occupation.", "occupation": "Its title.", "first_day": "First day on which the list was in force, or on which a text says so.",
         "last_day": "Last day; NULL while no end is known. Of what is reported the date, EDTF, from which a text says otherwise.", "basis": "record (a list on record) or reported (texts alone; where a whole list is on record for the day, it says better).",
         "part": "1 where only part of the occupation is taken.", "confidence": "How sure the record is.", "list_id": "The version of the list.", "fact_id": "A fact to cite."},
    ),
    View(
        "v_reporting_lag", "Reporting lag", "How many days after a draw each source first reported it, and in which place. Texts published before the draw (watched pages that are kept up to date) don't count.",
        """
SELECT r.*, rank() OVER (PARTITION BY r.draw_id ORDER BY r.first_report) AS place
FROM (
  SELECT f.source_id, s.name AS source, s.official, d.draw_id, d.system, d.pathway_id, d.draw_date, e.event_id, min(f.published) AS first_report,
         CAST(julianday(min(f.published)) - julianday(d.draw_date) AS INTEGER) AS days_after
  FROM draws d JOIN events e ON e.draw_id = d.draw_id CROSS JOIN event_facts l ON l.event_id = e.event_id CROSS JOIN facts f ON f.fact_id = l.fact_id JOIN sources s ON s.source_id = f.source_id
  WHERE l.role = 'support' AND f.published >= d.draw_date
  GROUP BY d.draw_id, f.source_id
) r""",
        {"source_id": "The source.", "source": "Its name.", "official": "1 where it is an authority.", "draw_id": "The draw.", "system": "Who held it.", "pathway_id": "The pathway drawn.", "draw_date": "Its day.",
         "event_id": "Its event.", "first_report": "Day of the source's first report.", "days_after": "Days from the draw to that report.", "place": "1 for the first source that reported it."},
    ),
    View(
        "v_unreported_draws", "Unreported draws", "Official draws that no source but authorities reports: what the watched outlets missed.",
        """
SELECT d.draw_id, d.system, d.pathway_id, d.draw_date, d.name, d.invitations, d.cutoff_score, coalesce(e.articles, 0) AS official_articles,
       d.draw_date >= (SELECT min(published) FROM articles) AS watched
FROM draws d LEFT JOIN events e ON e.draw_id = d.draw_id
WHERE NOT EXISTS (SELECT 1 FROM event_facts l CROSS JOIN facts f ON f.fact_id = l.fact_id JOIN sources s ON s.source_id = f.source_id
                  WHERE l.event_id = e.event_id AND l.role = 'support' AND s.official = 0)""",
        {"draw_id": "The draw.", "system": "Who held it.", "pathway_id": "The pathway drawn.", "draw_date": "Its day.", "name": "Round type or stream.", "invitations": "Invitations issued.",
         "cutoff_score": "Lowest score invited.", "official_articles": "Pages of authorities that tell of it.", "watched": "1 where it was held after the first article on record; an earlier one can't be expected."},
    ),
)
