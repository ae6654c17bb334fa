"""Python alone: who said what the caps of 2025 are, in their own words."""

import sqlite3
import sys

database = sqlite3.connect(sys.argv[1] if len(sys.argv) > 1 else "facts.db")
rows = database.execute(
    """SELECT pathway, comparator, value, unit, source, published, evidence FROM v_facts
    WHERE attribute_id = 'cap' AND year = ? ORDER BY pathway, published DESC""",
    [2025],
)
for pathway, comparator, value, unit, source, published, evidence in rows:
    print(f"{pathway}: {comparator} {value} {unit} ({source}, {published})\n    {evidence[:200]}")
