"""DuckDB, on the Parquet files of a release: invitations by year, without a database."""

import sys

import duckdb

release = sys.argv[1] if len(sys.argv) > 1 else "."
print(
    duckdb.sql(
        f"""SELECT year, count(*) AS rounds, sum(invitations) AS invitations, min(cutoff_score) AS lowest_cutoff
        FROM '{release}/parquet/draws.parquet' GROUP BY year ORDER BY year DESC"""
    )
)
