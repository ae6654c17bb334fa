"""The same tables of draws in every layout in which pages and their texts come: each must give the same facts."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from extract.document import Document
from extract.pipeline import annotate

Row = list[str]


class Table(NamedTuple):
    """A title, a lead, a header, rows, and for each row its pathway, day, number of invitations and lowest score (0: none given)."""

    title: str
    lead: str
    header: Row
    rows: list[Row]
    wanted: list[tuple[str, str, int, int]]


TABLES = {
    "ee": Table("Express Entry draws of 2024", "Below are the latest Express Entry rounds.", ["#", "Date", "Round type", "ITAs issued", "CRS cut-off"], [
        ["309", "August 15, 2024", "French language", "2,000", "394"],
        ["308", "August 14, 2024", "Canadian Experience Class", "3,200", "509"],
        ["307", "August 13, 2024", "Provincial Nominee Program", "763", "690"],
    ], [("ca-ee-french", "2024-08-15", 2000, 394), ("ca-ee-cec", "2024-08-14", 3200, 509), ("ca-ee-pnp", "2024-08-13", 763, 690)]),
    "on": Table("OINP draws in 2025", "Ontario's Expression of Interest draws:", ["Date", "Stream", "Invitations issued", "Score range"], [
        ["Sep 2, 2025", "Masters Graduate", "340", "50 and above"],
        ["Aug 27, 2025", "PhD Graduate", "52", "44 and above"],
        ["Aug 19, 2025", "Foreign Worker", "1,225", "38 and above"],
    ], [("ca-on-oinp-masters", "2025-09-02", 340, 50), ("ca-on-oinp-phd", "2025-08-27", 52, 44), ("ca-on-oinp-ejo-fw", "2025-08-19", 1225, 38)]),
    "ab": Table("AAIP draw results", "Alberta Advantage Immigration Program draws held in 2025", ["Draw date", "Stream or pathway", "Minimum score", "Number of invitations"], [
        ["September 4, 2025", "Rural Renewal Stream", "51", "42"],
        ["September 2, 2025", "Alberta Opportunity Stream", "63", "317"],
        ["August 28, 2025", "Tourism and Hospitality Stream", "60", "84"],
    ], [("ca-ab-aaip-rrs", "2025-09-04", 42, 51), ("ca-ab-aaip-aos", "2025-09-02", 317, 63), ("ca-ab-aaip-ths", "2025-08-28", 84, 60)]),
    "cec": Table("Canadian Experience Class: all Express Entry draws", "CEC draws", ["Date", "Invitations", "Minimum CRS", "Tie-break"], [
        ["January 8, 2025", "1,350", "542", "November 3, 2024"],
        ["January 23, 2025", "4,000", "527", "July 4, 2024"],
        ["February 5, 2025", "4,000", "521", "September 8, 2024"],
    ], [("ca-ee-cec", "2025-01-08", 1350, 542), ("ca-ee-cec", "2025-01-23", 4000, 527), ("ca-ee-cec", "2025-02-05", 4000, 521)]),
    "sk": Table("SINP EOI draws", "International Skilled Worker selections", ["Category", "Draw date", "Lowest score", "Invited"], [
        ["Express Entry", "2024-11-06", "86", "11"],
        ["Occupation In-Demand", "2024-11-06", "87", "46"],
        ["Express Entry", "2024-09-12", "84", "19"],
    ], [("ca-sk-sinp-isw-ee", "2024-11-06", 11, 86), ("ca-sk-sinp-isw-oid", "2024-11-06", 46, 87), ("ca-sk-sinp-isw-ee", "2024-09-12", 19, 84)]),
    "ns": Table("Nova Scotia draws", "Nova Scotia Nominee Program selections in 2026", ["Stream", "Selections", "Date"], [
        ["Skilled Worker", "61", "March 3, 2026"],
        ["Nova Scotia Experience: Express Entry", "35", "March 3, 2026"],
        ["Occupations in Demand", "19", "February 4, 2026"],
    ], [("ca-ns-nsnp-sw", "2026-03-03", 61, 0), ("ca-ns-nsnp-ee", "2026-03-03", 35, 0), ("ca-ns-nsnp-oid", "2026-02-04", 19, 0)]),
}
LINES = {"bars": " | ", "tabs": "\t", "cells in lines": "\n", "spaces": " ", "wide spaces": "  "}


def lay_out(table: Table, layout: str) -> str:
    """The table's header and rows as text."""
    rows = [table.header, *table.rows]
    if layout == "records":
        return "\n\n".join("\n".join(f"{name}: {cell}" for name, cell in zip(table.header, row, strict=True)) for row in table.rows)
    if layout == "rows apart":
        return "\n\n".join("\n".join(row) for row in rows)
    if layout == "cells apart":
        return "\n\n".join("\n\n".join(row) for row in rows)
    if layout == "markdown":
        return "\n".join(["| " + " | ".join(table.header) + " |", "|---" * len(table.header) + "|", *("| " + " | ".join(row) + " |" for row in table.rows)])
    return "\n".join(LINES[layout].join(row) for row in rows)


CASES = [(name, layout) for name in TABLES for layout in (*LINES, "records", "rows apart", "cells apart", "markdown")
         if (name, layout) not in {("ns", "spaces"), ("ns", "wide spaces")}]  # one figure in a line could be anything


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_reads_a_table_of_draws_in_every_layout(name: str, layout: str) -> None:
    table = TABLES[name]
    text = f"{table.title}\n\n{table.lead}\n\n{lay_out(table, layout)}\n"
    facts = annotate(Document("a", text, None, "2026-04-01"))["facts"]
    found = {(fact["pathway"], fact["attribute"], fact["value"], fact["period"]) for fact in facts}
    wanted: set[tuple[str, str, object, str | None]] = {(pathway, "draw_on", day, None) for pathway, day, _, _ in table.wanted}
    wanted |= {(pathway, "invitations", count, day) for pathway, day, count, _ in table.wanted}
    wanted |= {(pathway, "cutoff_score", score, day) for pathway, day, _, score in table.wanted if score}
    assert found == wanted


@pytest.mark.parametrize("text", ["Heads\n\n" * 20_000, "Name\n\n1\n\n" * 20_000, "One\nTwo\n\n" * 20_000])
def test_tables_that_blank_lines_part_take_linear_time(text: str) -> None:
    assert annotate(Document("a", text[:60_000]))["facts"] == []
