"""Calendar expressions: what is found, what is not, and what it resolves to."""

from __future__ import annotations

import pytest

from extract.dates.find import find_dates
from extract.dates.grammar import Pattern, read_patterns, read_rows
from extract.dates.resolve import DateMention, Surroundings, resolve_dates
from extract.layout import infer_blocks
from extract.tokens import split_tokens


def read(text: str, published: str | None = None) -> list[DateMention]:
    tokens = split_tokens(text)
    starts = [block.start for block in infer_blocks(text)] or [0]
    return resolve_dates(tokens, find_dates(tokens, starts), published, Surroundings(starts, [0] * len(starts)))


def values(text: str, published: str | None = None) -> list[str]:
    return [mention["edtf"] for mention in read(text, published)]


@pytest.mark.parametrize("pattern", read_patterns(), ids=lambda pattern: pattern.id)
def test_every_pattern_reads_its_example(pattern: Pattern) -> None:
    assert tuple(values(pattern.example, "2023-06-28")) == pattern.edtf


@pytest.mark.parametrize("row", read_rows("negatives.csv"), ids=lambda row: f"{row['side']}-{row['word']}")
def test_every_negative_keeps_its_example_free_of_dates(row: dict[str, str]) -> None:
    assert values(row["example"], "2023-06-28") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # whole dates need no publication date
        ("It opened on July 5, 2024.", ["2024-07-05"]),
        ("It opened on Friday, 5 July 2024.", ["2024-07-05"]),
        ("It opened on Sept. 10, 2019.", ["2019-09-10"]),
        ("Ouverture le 5 juillet 2024.", ["2024-07-05"]),
        ("It ran between November 16th, 2015 and January 3, 2016.", ["2015-11-16/2016-01-03"]),
        ("Open between noon on May 3, 2024, and noon on June 4, 2024.", ["2024-05-03/2024-06-04"]),
        ("Noon EST Friday, May 3, 2024 to 9 a.m. EDT Tuesday, June 4, 2024.", ["2024-05-03/2024-06-04"]),
        ("Reçues entre le 3 mai 2024 et le 4 juin 2024.", ["2024-05-03/2024-06-04"]),
        ("It opened at 9 a.m. on May 3, 2024, and at noon on June 4, 2024, it shut.", ["2024-05-03", "2024-06-04"]),
        ("It ran from December 5 to January 9, 2024.", ["2023-12-05/2024-01-09"]),
        ("It ran from June 1, 2021, to August 31, 2026.", ["2021-06-01/2026-08-31"]),
        ("It ran from Fiscal Year 2021 to Fiscal Year 2023.", ["2021/2023"]),
        ("The plan for 2024-2026 was tabled.", ["2024/2026"]),
        ("FY2025 and FY 2026-27 differ.", ["2025", "2026/2027"]),
        ("Draws were held on July 4, 5 and 11, 2024.", ["2024-07-04", "2024-07-05", "2024-07-11"]),
        # a day without a year stays open
        ("It opens on July 16.", ["XXXX-07-16"]),
        # the same day with its year elsewhere lends it
        ("It opens on July 16.\n\nJuly 16, 2023 is a Sunday.", ["2023-07-16", "2023-07-16"]),
        # a month without a year says too little
        ("It opens in July.", []),
        # figures only in an order that leaves no doubt
        ("Held 3/20/2026.", ["2026-03-20"]),
        ("Held 20/03/2026.", ["2026-03-20"]),
        ("Held 4/5/2026.", []),
        ("Held 3/20/2026 and 4/5/2026.", ["2026-03-20", "2026-04-05"]),
        # relative words need the document's date
        ("It was announced today and closes next year.", []),
        # impossible dates are none, and raise nothing
        ("It opens on June 31, 2024 or February 29, 2023 or 31/06/2024.", []),
        # no dates
        ("You may apply; the jobs of tomorrow march on for over a decade.", []),
        ("Call 613-555-2019 or see form 2024-17.", []),
        ("Articles: 6410", []),
        ("It took two weeks and three years.", []),
        ("May, the minister, may resign.", []),
    ],
)
def test_without_publication_date(text: str, expected: list[str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        # the year of publication, unless that lies too far ahead
        ("It opens on July 16.", "2023-06-28", ["2023-07-16"]),
        ("It was held on December 5.", "2023-01-24", ["2022-12-05"]),
        ("It will open on January 9.", "2023-12-20", ["2024-01-09"]),
        ("Since August, nothing moved.", "2022-12-20", ["2022-08"]),
        # weekdays and relative words
        ("The minister spoke on Thursday.", "2025-02-21", ["2025-02-20"]),
        ("She spoke last Thursday.", "2015-09-10", ["2015-09-03"]),
        ("The office is open Monday to Friday.", "2025-02-21", []),
        ("It rose last year and this month.", "2024-02-10", ["2023", "2024-02"]),
        ("It rose last month.", "2024-01", ["2023-12"]),
        ("It opened last September.", "2017-05-09", ["2016-09"]),
        ("In May 2021 it opened and in June of the same year it closed.", "2024-01-01", ["2021-05", "2021-06"]),
        ("It ends by the end of the year.", "2024-03-02", ["2024"]),
        ("It opens this fall.", "2023-06-28", ["2023-23"]),
        ("It opened ten years ago, more than 25 years ago for some.", "2016-11-30", ["2006"]),
        # a dateline in figures that is the publication date itself
        ("A statement\n\n09.10.15\n\nDear friends", "2015-09-10", ["2015-09-10"]),
        # a month near another year follows it
        ("In February 2022 the rule changed. In March we moved.", "2024-06-15", ["2022-02", "2022-03"]),
        # a month alone is enough to resolve a year but no day
        ("It opened today.", "2024-07", []),
        # what is no date of publication is ignored
        ("It opened today.", "soon", []),
        ("It opened today.", "2024-13-45", []),
    ],
)
def test_with_publication_date(text: str, published: str, expected: list[str]) -> None:
    assert values(text, published) == expected


def test_mention_says_words_place_basis_and_precision() -> None:
    text = "The pool opens on July 16 and the plan of 2025 holds."
    first, second = read(text, "2023-06-28")
    assert text[first["start"]:first["end"]] == first["text"] == "July 16"
    assert (first["basis"], first["precision"]) == ("inferred", "day")
    assert (second["basis"], second["precision"]) == ("stated", "year")


def test_no_date_spans_two_blocks() -> None:
    assert values("Opened in July\n\n2024 places were filled by May 3, 2024.") == ["2024-05-03"]
