"""Any text, however hostile, gets an answer in linear time, and every offset cuts what it claims.

Texts are drawn from all code points, from the words and signs that rules look for, and from both mixed; what found a
fault once stands as an example.
"""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extract.document import Document
from extract.pipeline import annotate

PIECES = (
    "Express Entry", "the OINP", "Global Talent Stream", "H-1B", "ca", "NOC ", "21231", "2171", "up to ", "10,000", "$1,365", " per hour", "CLB 7", "two years", "six months",
    "May 3, 2024", "2023-24", "from ", " to ", "between ", " and ", "until ", "draw", "invited ", "candidates", "score of ", "cap of ", "opens on ", "closed", "fee", "The ", "respectively",
    "\n\n", "\n", " | ", "- ", "# ", ": ", "; ", ", ", ". ", "(", ")", "[", "]", "\u201c", "\u201d", "%", "1/2", "\u00bd", "\u2013", "0", "9" * 30, "1.2.3", "11:59 p.m.", "\u202e", "\ud800", "\x00",
    "e\u0301", "\U0001f341", "dix mille", "le 3 mai 2024", "plafond de ", "million", "per cent", "<b>", "&amp;", "{{ x }}",
)
texts = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
                  st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=40).map("".join))
days = st.one_of(st.none(), st.dates().map(str), st.sampled_from(["", "2024", "2024-13-45", "yesterday", "0001-01-01", "9999-12-31", "2024-05-03T10:00:00+14:00"]))


def check_offsets(text, record):
    text = "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in text)
    for mention in record["mentions"]:
        assert 0 <= mention["start"] < mention["end"] <= len(text)
        assert text[mention["start"]:mention["end"]] == mention["text"]
    for date in record["dates"]:
        assert text[date["start"]:date["end"]] == date["text"]
    for fact in record["facts"]:
        evidence = fact["evidence"]
        assert 0 <= evidence["start"] < evidence["end"] <= len(text)
        [value, *_] = [span for span in fact["spans"] if span["role"] == "value"]
        assert text[value["start"]:value["end"]] == fact["as_written"]
        assert all(0 <= span["start"] < span["end"] <= len(text) for span in fact["spans"])
    json.dumps(record).encode()


@given(text=texts, published=days)
@example(text="\ud800", published=None)
@example(text="(" * 300 + ")" * 300, published=None)
@example(text="May 3, 2024 " * 40, published="2024-05-03")
@example(text="Draw | Score\n1 | 2 | 3 | 4\n | \n", published="2024-05-03")
def test_any_text_gets_an_answer_whose_offsets_cut_what_they_claim(text, published):
    check_offsets(text, annotate(Document(id="x", text=text, published=published)))


HOSTILE = {
    "brackets": "([{" * 20_000, "closed brackets": "(" * 20_000 + ")" * 20_000, "digits": "1234567890" * 6_000, "digits and commas": "1,234," * 10_000, "one word": "a" * 60_000,
    "capitals": "Pilot Stream " * 5_000, "dates": "May 3, 2024, " * 5_000, "months": "May May " * 8_000, "numbers": "10,000 applications " * 3_000, "pathways": "Express Entry, OINP and H-1B " * 2_000,
    "facts": "The OINP invited up to 500 candidates with a score of 450 on May 3, 2024 and ", "rows": "a | b | c | 500 | May 3, 2024\n", "items": "- Express Entry opens on May 3, 2024\n",
    "codes": "Engineers21300 NOC 21231, ", "headings": "# Express Entry draw\n\n500\n\n", "bidi": "\u202e\u2066Express Entry\u2069 ", "accents": "e\u0301" * 20_000, "spaces": " " * 60_000, "lines": "\n" * 60_000,
    "money": "$5 to ", "caps": "cap of 10 ", "ranges": "between 1 and ", "bounds": "no more than ", "stops": ". A", "labels": "Date: May 3, 2024\n", "paragraphs": "x\n\n",
    "quotation marks": "\u201c" * 30_000, "every code point": "".join(map(chr, range(0x20, 0xD800, 1))),
}
SIZE = 40_000


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_only(name):
    text = (HOSTILE[name] * (SIZE // len(HOSTILE[name]) + 1))[:SIZE]
    took = []
    for part in (text[:SIZE // 4], text):
        began = time.process_time()
        record = annotate(Document(id=name, text=part, published="2024-05-03"))
        took.append(time.process_time() - began)
        check_offsets(part, record)
    assert took[1] < 12 * took[0] + 2  # four times the text; sixteen times the time would be quadratic
