"""Blocks, sentences and clauses of plain text."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from extract.layout import infer_blocks, split_clauses, split_sentences


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start:block.end]) for block in infer_blocks(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the first line is the title, a short line alone is a heading, the rest a paragraph
        ("New pilot opens\n\nWho can apply\n\nNurses can apply from Monday.",
         [("title", "New pilot opens"), ("heading", "Who can apply"), ("paragraph", "Nurses can apply from Monday.")]),
        # list signs are no part of the items
        ("Title here.\n\nYou need:\n- a job offer\n* a permit\n3) a form",
         [("title", "Title here."), ("paragraph", "You need:"), ("item", "a job offer"), ("item", "a permit"), ("item", "a form")]),
        # a numbered line that stands alone is a heading, with its number
        ("Title here.\n\n2. Harvest Stream\n\nIt is for growers.",
         [("title", "Title here."), ("heading", "2. Harvest Stream"), ("paragraph", "It is for growers.")]),
        # a hash makes a heading
        ("Title here.\n\n## Fees\nThey rise.", [("title", "Title here."), ("heading", "Fees"), ("paragraph", "They rise.")]),
        # a line break inside a sentence joins two lines
        ("Title here.\n\nThe department will accept applications from growers in every province\nuntil the end of May.",
         [("title", "Title here."),
          ("paragraph", "The department will accept applications from growers in every province\nuntil the end of May.")]),
        # a label with a figure is a record's line, not a heading
        ("Title here.\n\nInvitations issued: 300\nLowest score: 70",
         [("title", "Title here."), ("paragraph", "Invitations issued: 300"), ("paragraph", "Lowest score: 70")]),
        # nothing at all
        ("", []),
        ("\n \n", []),
    ],
)
def test_blocks(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_table_with_bars_has_header_cells_and_rows() -> None:
    text = "Title here.\n\nDraw date | Score | Invitations\nMay 3, 2024 | 70 | 300\nMay 9, 2024 | 71 | 280"
    rows = [block for block in infer_blocks(text) if block.kind == "row"]
    assert [(row.table, row.row, row.header) for row in rows] == [(0, 0, True), (0, 1, False), (0, 2, False)]
    assert [text[start:end] for start, end in rows[2].cells] == ["May 9, 2024", "71", "280"]


def test_markdown_ruler_marks_the_header_and_is_no_row() -> None:
    text = "Title here.\n\n| Stream | Fee |\n|---|---|\n| Harvest | free |"
    rows = [block for block in infer_blocks(text) if block.kind == "row"]
    assert [(text[row.start:row.end], row.header) for row in rows] == [("Stream | Fee", True), ("Harvest | free", False)]


def test_years_make_a_header() -> None:
    rows = [block for block in infer_blocks("Title here.\n\nClass | 2025 | 2026\nAll | 395 | 380") if block.kind == "row"]
    assert [row.header for row in rows] == [True, False]


def test_record_of_labels_and_values_has_no_header() -> None:
    rows = [block for block in infer_blocks("Title here.\n\nDate of draw | May 3, 2024\nIssued | 40") if block.kind == "row"]
    assert [row.header for row in rows] == [False, False]


def test_table_that_lost_its_markup() -> None:
    text = "Title here.\n\nOccupationNOC code\nBakers63202\nRoofers (shinglers too)73110\n\n2. Next part\n\nMore."
    blocks = infer_blocks(text)
    rows = [block for block in blocks if block.kind == "row"]
    assert [[text[start:end] for start, end in row.cells] for row in rows] == [
        ["Occupation", "NOC code"], ["Bakers", "63202"], ["Roofers (shinglers too)", "73110"],
    ]
    assert rows[0].header
    assert [block.kind for block in blocks[-2:]] == ["heading", "paragraph"]


def test_heading_straight_under_a_heading_is_its_part() -> None:
    blocks = infer_blocks("Title here.\n\nFees: visitors\n\nHow to pay\n\nPay online.")
    assert [(block.kind, block.level) for block in blocks[1:3]] == [("heading", 2), ("heading", 3)]


def test_offsets_cut_the_blocks_and_never_overlap() -> None:
    text = "A title\n\n- one\n- two\n\na | b\n1 | 2\n\nLast words."
    blocks = infer_blocks(text)
    assert all(first.end <= second.start for first, second in pairwise(blocks))
    assert all(text[block.start:block.end].strip() == text[block.start:block.end] != "" for block in blocks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It opens in May. It closes in June.", ["It opens in May.", "It closes in June."]),
        # abbreviations and initials end no sentence
        ("Mr. Roy spoke in the U.S. Senate on Sept. 5. He left.", ["Mr. Roy spoke in the U.S. Senate on Sept. 5.", "He left."]),
        # a decimal point ends none
        ("The fee is $7.50 a head. Pay it.", ["The fee is $7.50 a head.", "Pay it."]),
        ("Is it open? Yes!", ["Is it open?", "Yes!"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text, 0, len(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cap is 50; the fee is $10", ["The cap is 50", "the fee is $10"]),
        ("The cap is 50, while the fee is $10", ["The cap is 50", "while the fee is $10"]),
        ("Nurses, cooks and bakers may apply", ["Nurses, cooks and bakers may apply"]),
    ],
)
def test_clauses(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_clauses(text, 0, len(text))] == expected


@pytest.mark.parametrize("text", ["a" * 300_000, "1" * 300_000, "(" * 300_000, "- " * 150_000, "a|" * 150_000, "x\n" * 150_000, ". A" * 100_000])
def test_hostile_texts_take_linear_time(text: str) -> None:
    began = time.process_time()
    for block in infer_blocks(text)[:1000]:
        split_sentences(text, block.start, min(block.end, block.start + 100_000))
    assert time.process_time() - began < 20
