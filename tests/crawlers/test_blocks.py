"""From HTML to blocks: kinds, levels, tables, what isn't shown, and offsets that cut the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.article import MAX_BLOCKS, Block, PageRejected, Passage, assemble, clean_text
from crawlers.blocks import read_passages
from crawlers.tree import flatten, measure, parse_tree


def read(html: str) -> list[Passage]:
    body = parse_tree(f"<html><body>{html}</body></html>").body
    assert body is not None
    return read_passages(body)


def outline(html: str) -> list[tuple[str, int, str]]:
    return [(passage.kind, passage.level, passage.text) for passage in read(html)]


def rows(html: str) -> list[list[str]]:
    return [list(passage.cells) for passage in read(html) if passage.kind == "row"]


@pytest.mark.parametrize(("html", "expected"), [
    # text in containers and inline elements
    ("loose <b>text</b> here", [("paragraph", 0, "loose text here")]),
    ("<div>one<div>two</div>three</div>", [("paragraph", 0, "one"), ("paragraph", 0, "two"), ("paragraph", 0, "three")]),
    ("<p>a<br>b<br/>c</p>", [("paragraph", 0, "a b c")]),
    ("<p>a</p><hr><p>b</p>", [("paragraph", 0, "a"), ("paragraph", 0, "b")]),
    ("<p>Engineers<b>21300</b></p>", [("paragraph", 0, "Engineers21300")]),
    ("<p>one<p>two", [("paragraph", 0, "one"), ("paragraph", 0, "two")]),
    # white space, entities, hints that no one sees
    ("<p>\n a \t b&nbsp;c&#8239;d\u2009e </p>", [("paragraph", 0, "a b c d e")]),
    ("<p>im&shy;mi\u200bgration &amp; caf\u0065\u0301</p>", [("paragraph", 0, "immigration & caf\u00e9")]),
    # headings
    ("<h1>a</h1><h4><span>b</span> c</h4><p>d</p>", [("heading", 1, "a"), ("heading", 4, "b c"), ("paragraph", 0, "d")]),
    ("<h2><div>a</div></h2>", [("heading", 2, "a")]),
    # lists
    ("<ul><li>a<ul><li>b</li></ul>c</li></ul><ol><li>d</ol>",
     [("item", 1, "a"), ("item", 2, "b"), ("item", 1, "c"), ("item", 1, "d")]),
    ("<ul><li><p>a</p><p>b</p></li></ul>", [("item", 1, "a"), ("item", 1, "b")]),
    ("<ul><li>a<li>b</ul>", [("item", 1, "a"), ("item", 1, "b")]),
    ("<li>stray</li>", [("item", 1, "stray")]),
    ("<ul><li><h3>a</h3>b</li></ul>", [("heading", 3, "a"), ("item", 1, "b")]),
    # quotations, captions
    ("<blockquote><p>a</p><footer>b</footer></blockquote>", [("paragraph", 0, "a"), ("paragraph", 0, "b")]),
    ("<figure><img alt='x'><figcaption>a</figcaption></figure>", [("caption", 0, "a")]),
    # collapsible sections
    ("<h2>a</h2><details><summary>b</summary><p>c</p><details><summary>d</summary></details></details>",
     [("heading", 2, "a"), ("heading", 3, "b"), ("paragraph", 0, "c"), ("heading", 4, "d")]),
    ("<details><summary><h4>b</h4></summary>c</details>", [("heading", 4, "b"), ("paragraph", 0, "c")]),
    # definition lists of long or built-up definitions
    ("<dl><dt>a</dt><dd><p>b</p><p>c</p></dd></dl>", [("item", 1, "a"), ("item", 2, "b"), ("item", 2, "c")]),
    ("<dl><dt>a</dt><dd>" + "long " * 80 + "</dd></dl>", [("item", 1, "a"), ("item", 2, ("long " * 80).strip())]),
])
def test_kinds_and_levels(html, expected):
    assert outline(html) == expected


@pytest.mark.parametrize("html", [
    "<script>var a = 'x';</script>", "<style>x{}</style>", "<template><p>x</p></template>", "<noscript>x</noscript>",
    "<!-- x -->", "<nav>x</nav>", "<button>x</button>", "<select><option>x</option></select>", "<textarea>x</textarea>",
    "<svg><text>x</text></svg>", "<video>x</video>", "<iframe>x</iframe>", "<dialog>x</dialog>", "<?php x ?>",
    "<p hidden>x</p>", "<p aria-hidden='true'>x</p>", "<p class='teaser hidden'>x</p>", "<p class=d-none>x</p>",
    "<p style='color:red; DISPLAY : none'>x</p>", "<p style='visibility:hidden'>x</p>", "<p class='sr-only'>x</p>",
    "<div hidden><p><b>x</b></p></div>", "<table><tr hidden><td>x</td><td>x</td></tr></table>",
])
def test_what_is_not_shown_is_no_text(html):
    assert outline(f"<p>a</p>{html}<p>b</p>") == [("paragraph", 0, "a"), ("paragraph", 0, "b")]


@pytest.mark.parametrize("html", [
    "<p class='hidden md:block'>x</p>", "<p class='d-none d-md-block'>x</p>", "<dialog open>x</dialog>",
    "<p class='hidden-gems'>x</p>", "<p style='display:block'>x</p>", "<p aria-hidden='false'>x</p>", "<form><p>x</p></form>",
    "<label>x</label>", "<gcds-text>x</gcds-text>",
])
def test_what_only_looks_hidden_is_text(html):
    assert [text for _, _, text in outline(html)] == ["x"]


class TestTables:
    def test_rowspan_and_colspan_repeat_the_text(self):
        html = ("<table><tr><th>A<th>B<th>C<th>D</tr><tr><td rowspan=3>1<td colspan=2>2<td>3</tr>"
                "<tr><td>4<td rowspan=2>5<td>6</tr><tr><td>7<td>8</tr></table>")
        assert rows(html) == [["A", "B", "C", "D"], ["1", "2", "2", "3"], ["1", "4", "5", "6"], ["1", "7", "5", "8"]]

    def test_block_of_spans(self):
        html = "<table><tr><td rowspan=2 colspan=2>a<td>b</tr><tr><td>c</tr></table>"
        assert rows(html) == [["a", "a", "b"], ["a", "a", "c"]]

    def test_rowspan_ends_with_its_group_of_rows(self):
        html = "<table><tbody><tr><td rowspan=0>a<td>b</tr><tr><td>c</tr></tbody><tbody><tr><td>d<td>e</tr></tbody></table>"
        assert rows(html) == [["a", "b"], ["a", "c"], ["d", "e"]]

    def test_cell_across_the_table_is_given_once(self):
        html = "<table><tr><td>a<td>b</tr><tr><th colspan=2>Health</tr><tr><td>c<td>d</tr></table>"
        assert rows(html) == [["a", "b"], ["Health"], ["c", "d"]]

    @pytest.mark.parametrize("span", ["-1", "x", "", "1e9", "\u0663"])
    def test_span_that_is_no_number_is_one(self, span):
        assert rows(f"<table><tr><td colspan='{span}'>a<td>b</tr></table>") == [["a", "b"]]

    def test_span_is_bounded(self):
        assert len(rows("<table><tr><td colspan=99999>a<td>b</tr></table>")[0]) <= 61

    def test_rows_blown_up_by_spans_are_rejected(self):
        with pytest.raises(PageRejected, match="limit"):
            read(f"<table><tr><td colspan=60>{'a' * 200_000}<td>b</tr></table>")

    def test_many_rows_blown_up_by_spans_are_rejected(self):
        with pytest.raises(PageRejected, match="more than"):
            read(f"<table><tr><td rowspan=2000>{'a' * 20_000}<td>b</tr>" + "<tr><td>c</tr>" * 1_000 + "</table>")

    @pytest.mark.parametrize(("html", "header"), [
        ("<tr><th>A<th>B</tr><tr><td>1<td>2</tr>", [True, False]),
        ("<thead><tr><td>A<td>B</tr></thead><tr><td>1<td>2</tr>", [True, False]),
        ("<tr><th scope=row>A<td>1</tr><tr><th scope=row>B<td>2</tr>", [False, False]),
        ("<tr><td><b>A</b><td><p><strong>B</strong></p></tr><tr><td>1<td>2</tr>", [True, False]),
        ("<tr><td><b>A</b><td>1</tr><tr><td><b>B</b><td>2</tr>", [False, False]),
        ("<tr><td><b>A</b><td><b>B</b></tr><tr><th>C<td>2</tr>", [False, False]),
    ])
    def test_header_rows(self, html, header):
        assert [passage.header for passage in read(f"<table>{html}</table>") if passage.kind == "row"] == header

    def test_columns_named_for_screen_readers_are_kept(self):
        html = ("<table><thead class='wb-inv'><tr><th>A<th><span class='sr-only'>sort</span>B</tr></thead>"
                "<tr><td>1<td class='hidden'>x<td>2</tr></table>")
        assert rows(html) == [["A", "B"], ["1", "2"]]

    def test_caption_comes_first_and_lists_in_cells_are_one_line(self):
        html = "<table><caption>Cap <b>2026</b></caption><tr><td>a<td><ul><li>NOC 1</li><li>NOC 2</li></ul></tr></table>"
        assert outline(html) == [("caption", 0, "Cap 2026"), ("row", 0, "a | NOC 1 NOC 2")]

    def test_empty_cells_hold_their_column_and_empty_rows_are_dropped(self):
        html = "<table><tr><td>a<td><td>b</tr><tr><td> <td>&nbsp;<td></tr><tr><td>c<td>d<td></tr></table>"
        assert rows(html) == [["a", "", "b"], ["c", "d", ""]]
        assert [passage.row for passage in read(html)] == [0, 1]

    @pytest.mark.parametrize("html", [
        "<table><tr><td><p>a</p></td></tr></table>",
        "<table role='presentation'><tr><td>a</td></tr><tr><td></td></tr></table>",
    ])
    def test_table_for_layout_is_read_as_its_contents(self, html):
        assert outline(html) == [("paragraph", 0, "a")]

    def test_table_in_a_table(self):
        html = "<table><tr><td><h2>T</h2><table><tr><td>a<td>b</tr></table></td><td>side</td></tr></table>"
        assert outline(html) == [("heading", 2, "T"), ("row", 0, "a | b"), ("paragraph", 0, "side")]

    def test_tables_are_numbered_and_lists_of_terms_count_as_tables(self):
        html = ("<table><tr><td>a<td>b</tr></table><table><tr><td></td><td></td></tr></table>"
                "<dl><dt>k</dt><dd>v</dd><dd>w</dd></dl><table><tr><td>c<td>d</tr></table>")
        assert [(passage.table, passage.row, passage.text) for passage in read(html)] == [
            (0, 0, "a | b"), (1, 0, "k | v"), (1, 1, "k | w"), (2, 0, "c | d"),
        ]


class TestAssembly:
    def test_separators(self):
        passages = [
            Passage("title", "T"), Passage("paragraph", "a"), Passage("item", "b", 1), Passage("item", "c", 2),
            Passage("row", "d", table=0, row=0, cells=("d",)), Passage("row", "e", table=0, row=1, cells=("e",)),
            Passage("row", "f", table=1, row=0, cells=("f",)), Passage("paragraph", ""), Passage("paragraph", "g"),
        ]
        text, blocks = assemble(passages)
        assert text == "T\n\na\n\nb\nc\n\nd\ne\n\nf\n\ng"
        assert [text[block.start:block.end] for block in blocks] == list("Tabcdefg")

    def test_cells_are_offsets_in_code_points(self):
        text, blocks = assemble([Passage("title", "🇨🇦 T"), Passage("row", "é |  | 😀b", table=0, row=0, cells=("é", "", "😀b"))])
        assert [text[start:end] for start, end in blocks[1].cells] == ["é", "", "😀b"]

    def test_nothing(self):
        assert assemble([]) == ("", ())

    def test_too_many_blocks(self):
        with pytest.raises(PageRejected, match="blocks"):
            assemble(Passage("paragraph", "a") for _ in range(MAX_BLOCKS + 1))

    def test_too_many_blocks_are_noticed_while_reading(self):
        with pytest.raises(PageRejected, match="blocks"):
            read("<p>a</p>" * (MAX_BLOCKS + 1))

    def test_block_defaults(self):
        assert Block("paragraph", 0, 1) == Block("paragraph", 0, 1, level=0, table=None, row=None, header=False, cells=())


def test_clean_text_is_stable_and_single_spaced():
    assert clean_text(" a\x00\u200b\x85b\u2028c\ud800 ") == "a b c\ufffd"


def test_head_left_open_does_not_swallow_the_body():
    soup = parse_tree("<title>T</title><main><p>a</p></main><p>b</p>")
    assert soup.body is not None
    assert [passage.text for passage in read_passages(soup.body)] == ["a", "b"]


TEXTS = st.text("ab é\u00a0\u200b\n|<&😀\u0301", max_size=8)
NAMES = st.sampled_from([
    "p", "div", "b", "br", "h2", "ul", "ol", "li", "table", "tr", "td", "th", "thead", "caption", "dl", "dt", "dd",
    "details", "summary", "blockquote", "script", "template", "figcaption", "nav", "span",
])
ATTRIBUTES = st.sampled_from(["", " hidden", " class='hidden'", " rowspan=2", " colspan=3", " rowspan=0", " class='wb-inv'"])


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


TREES = st.recursive(
    TEXTS.map(escape),
    lambda inner: st.tuples(NAMES, ATTRIBUTES, st.lists(inner, max_size=4)).map(
        lambda parts: f"<{parts[0]}{parts[1]}>{''.join(parts[2])}</{parts[0]}>"),
    max_leaves=25,
)


@given(TREES)
def test_blocks_cut_the_text_whatever_the_tree(html):
    passages = [Passage("title", "T"), *read(html)]
    text, blocks = assemble(passages)
    kept = [passage for passage in passages if passage.text]
    assert len(blocks) == len(kept)
    end = 0
    for block, passage in zip(blocks, kept, strict=True):
        assert text[block.start:block.end] == passage.text
        assert text[end:block.start].strip() == ""
        assert [text[start:stop] for start, stop in block.cells] == list(passage.cells)
        assert (block.kind == "row") == (block.row is not None) == (block.table is not None) == bool(block.cells)
        end = block.end
        if block.kind != "row":
            assert clean_text(passage.text) == passage.text
        assert "\u00a0" not in passage.text
        assert "\u200b" not in passage.text
    assert end == len(text)


@given(TREES)
def test_an_element_has_a_size_if_it_shows_text(html):
    body = parse_tree(f"<html><body>{html}</body></html>").body
    assert body is not None
    sizes = measure(body)
    for tag in (body, *body.find_all("p")):
        # Elements within something hidden have no size at all; invisible hints count, though they are no text.
        assert sizes.get(id(tag), 0) or not flatten(tag) or id(tag) not in sizes
