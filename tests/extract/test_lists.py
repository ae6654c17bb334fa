"""Lists of occupation codes: which words and layouts let the codes in, and which shut them out.

Each row of lists.csv is a heading or the lead of a list, tried over lists of seven makes. Each row of codes.csv is a text
("\\n" stands for a line break) with the codes that it lets in and shuts out.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from extract.document import Document
from extract.pipeline import annotate

FOLDER = Path(__file__).parent
TITLE = "Saskatchewan Immigrant Nominee Program: the occupation list\n\nSaskatchewan has changed the rules of the SINP.\n\n"
LISTS = {
    "items": "- Cooks (NOC 63200)\n- Bakers (NOC 63202)", "coded": "63200 Cooks\n63202 Bakers", "numbered": "1. NOC 63200 \u2013 Cooks\n2. NOC 63202 \u2013 Bakers",
    "table": "NOC code | Occupation | TEER\n63200 | Cooks | 3\n63202 | Bakers | 3", "glued": "OccupationNOC code\nCooks63200\nBakers63202",
    "sentence": "NOC 63200, NOC 63202", "lines": "Cooks \u2013 63200\nBakers \u2013 63202",
}


def read_rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / name).read_text(encoding="utf-8").splitlines()))


def find_codes(text: str) -> set[tuple[str, str, str]]:
    facts = annotate(Document("a", text, None, "2025-06-01"))["facts"]
    return {(fact["pathway"], fact["attribute"], fact["value"]) for fact in facts if fact["attribute"].endswith("_noc")}


@pytest.mark.parametrize("row", read_rows("lists.csv"), ids=lambda row: f"{row['kind']}-{row['words'][:50]}")
def test_the_words_above_a_list_govern_it(row: dict[str, str]) -> None:
    for name, codes in LISTS.items():
        parted = " " if name == "sentence" and row["place"] == "lead" else "\n\n"
        assert find_codes(f"{TITLE}{row['words']}{parted}{codes}\n") == {("ca-sk-sinp", f"{row['kind']}_noc", code) for code in ("63200", "63202")}, name


@pytest.mark.parametrize("row", read_rows("codes.csv"), ids=lambda row: row["body"][:60])
def test_layout_and_sentences_part_the_codes(row: dict[str, str]) -> None:
    found = {fact[1:] for fact in find_codes("Saskatchewan Immigrant Nominee Program: new occupation rules\n\n" + row["body"].replace("\\n", "\n") + "\n")}
    assert found == {(f"{kind}_noc", code) for kind in ("eligible", "excluded") for code in row[kind].split()}
