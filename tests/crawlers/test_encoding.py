"""Bytes to text, with right, wrong and missing declarations."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.encoding import decode

TEXT = "Québec – l\u2019été à Montréal \u20ac5"
META = '<meta charset="{}">'


@pytest.mark.parametrize(("body", "content_type", "text", "encoding", "basis"), [
    # declared rightly
    (TEXT.encode(), "text/html; charset=UTF-8", TEXT, "utf-8", "header"),
    (TEXT.encode("cp1252"), "text/html; charset=windows-1252", TEXT, "cp1252", "header"),
    (TEXT.encode("cp1252"), 'text/html; charset="ISO-8859-1"', TEXT, "cp1252", "header"),
    ((META.format("utf-8") + TEXT).encode(), "text/html", META.format("utf-8") + TEXT, "utf-8", "meta"),
    ((META.format("latin1") + TEXT).encode("cp1252"), "", META.format("latin1") + TEXT, "cp1252", "meta"),
    ("中文".encode("gb18030"), "text/html; charset=gb2312", "中文", "gb18030", "header"),
    # a byte order mark wins over everything
    (codecs.BOM_UTF8 + TEXT.encode(), "text/html; charset=windows-1252", TEXT, "utf-8", "bom"),
    (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "", TEXT, "utf-16-le", "bom"),
    # UTF-8 declared, Windows-1252 sent
    (TEXT.encode("cp1252"), "text/html; charset=utf-8", TEXT, "utf-8", "repaired"),
    # UTF-8 with a stray quotation mark pasted in from a word processor
    ("Québec ".encode() + b"\x93x\x94", "text/html; charset=utf-8", "Québec \u201cx\u201d", "utf-8", "repaired"),
    # Windows-1252 declared, UTF-8 sent
    (TEXT.encode(), "text/html; charset=iso-8859-1", TEXT, "utf-8", "valid"),
    # the header is wrong and the page right
    ((META.format("utf-8") + TEXT).encode(), "text/html; charset=ascii", META.format("utf-8") + TEXT, "utf-8", "valid"),
    ((META.format("cp1252") + TEXT).encode("cp1252"), "text/html; charset=us-ascii", META.format("cp1252") + TEXT, "cp1252", "header"),
    # nothing declared, or nonsense
    (TEXT.encode(), "", TEXT, "utf-8", "valid"),
    (TEXT.encode("cp1252"), "text/html", TEXT, "cp1252", "detected"),
    (TEXT.encode(), "text/html; charset=none-such", TEXT, "utf-8", "valid"),
    (b"plain", "text/html; charset=windows-1252", "plain", "cp1252", "header"),
    ((META.format("utf-16") + "é").encode(), "", META.format("utf-16") + "é", "utf-8", "meta"),
    (b"", "", "", "utf-8", "valid"),
])
def test_decode(body, content_type, text, encoding, basis):
    decoded = decode(body, content_type)
    assert (decoded.text, decoded.encoding, decoded.basis) == (text, encoding, basis)


def test_declarations_are_told():
    assert decode((META.format("utf-8") + TEXT).encode(), "text/html; charset=latin1").declared == ("cp1252", "utf-8")


def test_other_scripts_are_detected_where_windows_1252_has_no_such_byte():
    text = "Иммиграция в Канаду: новая программа для рабочих, Рѝ. " * 30
    decoded = decode(text.replace("ѝ", "Н").encode("cp1251") + b"\x81\x8d")
    assert decoded.basis == "detected"
    assert "Канаду" in decoded.text


@given(st.binary(max_size=200), st.sampled_from(["", "text/html; charset=utf-8", "text/html; charset=utf-16", "x; charset=big5", "charset=\xff"]))
def test_never_raises(body, content_type):
    decoded = decode(body, content_type)
    assert codecs.lookup(decoded.encoding)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_utf8_is_read_as_such_however_it_is_declared(text):
    if text.isascii() or text.startswith("\ufeff"):
        return
    assert decode(text.encode(), "text/html; charset=windows-1252").text == text
