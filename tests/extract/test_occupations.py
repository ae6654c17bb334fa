"""NOC codes in text, their titles, and numbers that are none."""

from __future__ import annotations

import json
import time

import pytest

from extract.occupations import find_occupations, find_titles

# Texts, and in each the codes with the title printed beside them.
CODES = [
    # a cue before one code
    ("Apply under NOC 21231.", [("21231", None)]),
    # an enumeration after one cue
    ("NOC 21231, 21232 and 21234 are open.", [("21231", None), ("21232", None), ("21234", None)]),
    # slashes
    ("NOC 21231/21232", [("21231", None), ("21232", None)]),
    # the cue written out, and an edition that is no code
    ("National Occupational Classification (NOC) 2021 code 63200", [("63200", None)]),
    # four digits are an older edition
    ("Cooks (NOC 6322) may apply.", [("6322", "Cooks")]),
    # editions alone
    ("NOC 2016 was replaced by NOC 2021.", []),
    # a title in front, the code in brackets behind it
    ("We seek carpenters (NOC 72310) and welders (NOC 72106).", [("72310", "carpenters"), ("72106", "welders")]),
    # title behind a dash
    ("- NOC 31302 \u2013 Nurse practitioners", [("31302", "Nurse practitioners")]),
    # a list under a cue, four digits
    ("These NOC codes count:\n- 2173 Software engineers and designers\n- 2147 Computer engineers",
     [("2173", "Software engineers and designers"), ("2147", "Computer engineers")]),
    # rows of a table, TEER in a cell of its own
    ("Occupation | NOC code | TEER\nCivil engineers | 21300 | 1\nDentists | 31110 | 1",
     [("21300", "Civil engineers"), ("31110", "Dentists")]),
    # code first
    ("NOC | Title\n72200 | Electricians", [("72200", "Electricians")]),
    # glued to the title
    ("Mining engineers21330", [("21330", "Mining engineers")]),
    # glued to a bracket
    ("Computer engineers (except software engineers and designers)21311",
     [("21311", "Computer engineers (except software engineers and designers)")]),
    # glued on both sides: the sixth digit is the TEER
    ("Architecture and science managers200110", [("20011", "Architecture and science managers")]),
    # each cell on a line of its own
    ("Civil engineers\n21300\n1", [("21300", "Civil engineers")]),
    # a variant of the title
    ("Truck driver: NOC 73300", [("73300", "Truck driver")]),
    # French cue
    ("CNP 31301 \u2013 Infirmi\u00e8res", [("31301", "Infirmi\u00e8res")]),
    # leading zeros stay
    ("Legislators (NOC 00010)", [("00010", "Legislators")]),
    # in a text that speaks of the NOC, a code that exists counts without a title
    ("The NOC decides. Eligible since May: 63200.", [("63200", None)]),
]

# Texts with one code, and its flag.
FLAGS = [
    # a code that doesn't exist is still listed
    ("NOC 31320 is in the table.", "31320", "unknown_code"),
    # the printed title is another occupation's
    ("NOC 94123 \u2013 Industrial sewing machine operators", "94123", "title_mismatch"),
]

# Texts without a code.
NUMBERS = [
    # an author's count of articles
    "Articles: 6410",
    # TEER and skill levels
    "NOC 0, A and B, or TEER 0, 1, 2 and 3",
    # years, also beside the NOC
    "In 2021 the NOC changed, and again in 2026.",
    # a post code
    "Write to New York, NY 10022 about the NOC.",
    # a price and a count
    "The NOC page costs $21231 and 21232 applications came.",
    # a telephone number
    "NOC questions? Call 604 555 2171 or 555-2172.",
    # a number of a form
    "NOC letter with form IMM 5984",
    # five digits with no word of the classification and no title
    "Invitations reached 21231 in May.",
    # four digits with a title, but of another classification
    "SOC 2136 Programmers and software development professionals",
    # six digits that are no code with its TEER
    "NOC office 200117",
    # a distance
    "The NOC office is 2171 km away.",
    # a decimal
    "The NOC ratio of 21231.5 is meaningless.",
]


@pytest.mark.parametrize(("text", "expected"), CODES)
def test_finds_codes(text: str, expected: list[tuple[str, str | None]]) -> None:
    found = find_occupations(text)
    assert [(mention.code, mention.title_printed) for mention in found] == expected
    assert all(text[mention.start : mention.end] == mention.code for mention in found)
    assert all(mention.edition == ("2021" if len(mention.code) == 5 else "2016") for mention in found)
    assert all(mention.flags == () for mention in found)


@pytest.mark.parametrize("text", NUMBERS)
def test_other_numbers_are_no_codes(text: str) -> None:
    assert find_occupations(text) == []


@pytest.mark.parametrize(("text", "code", "flag"), FLAGS)
def test_flags(text: str, code: str, flag: str) -> None:
    (mention,) = find_occupations(text)
    assert (mention.code, mention.flags) == (code, (flag,))


def test_official_title_stands_beside_the_printed_one() -> None:
    (mention,) = find_occupations("Computer engineers (NOC 21311)")
    assert mention.title_printed == "Computer engineers"
    assert mention.title_official == "Computer engineers (except software engineers and designers)"


def test_titles_without_codes() -> None:
    text = "Employers look for registered nurses, Dentists and a truck driver."
    found = [(text[hit.start : hit.end], hit.code) for hit in find_titles(text)]
    assert found == [("Dentists", "31110"), ("truck driver", "73300")]


@pytest.mark.shared
def test_glued_table_of_a_seed(shared) -> None:
    text = (shared / "seeds" / "004_5effdc1268cb3375.txt").read_text(encoding="utf-8")
    found = find_occupations(text)
    assert [mention.code for mention in found] == ["21300", "21310", "21330", "21390", "21311"]
    assert all(mention.title_printed and mention.flags == () for mention in found)


def test_component_keeps_plain_data() -> None:
    import spacy

    import extract.occupations.component  # noqa: F401

    nlp = spacy.blank("en")
    nlp.add_pipe("landed_occupations")
    doc = nlp("Civil engineers21300")
    assert json.loads(json.dumps(doc._.occupations))[0]["code"] == "21300"
    assert [span.id_ for span in doc.spans["occupations"]] == ["21300"]


@pytest.mark.parametrize("unit", ["2", "21231 ", "NOC 2171, ", "(", "| 21231 "])
def test_time_grows_with_length(unit: str) -> None:
    short, long = unit * (20_000 // len(unit)), unit * (80_000 // len(unit))
    find_occupations(short)

    def measure(text: str) -> float:
        start = time.process_time()
        find_occupations(text)
        return time.process_time() - start

    # four times the text may take at most ten times as long: quadratic work would take sixteen times
    assert measure(long) < 10 * max(measure(short), 0.02)
