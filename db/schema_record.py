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
