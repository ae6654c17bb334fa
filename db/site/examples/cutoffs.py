"""pandas: the lowest score invited, by category and year."""

import sqlite3
import sys

import pandas as pd

database = sqlite3.connect(sys.argv[1] if len(sys.argv) > 1 else "facts.db")
draws = pd.read_sql_query(
    """SELECT coalesce(p.name, d.name) AS category, d.year, d.cutoff_score
    FROM draws d LEFT JOIN pathways p ON p.pathway_id = d.pathway_id""",
    database,
)
print(draws.pivot_table(index="category", columns="year", values="cutoff_score", aggfunc="min"))
