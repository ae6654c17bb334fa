"""Tables of draws on official pages: each layout, what small or odd cells say, and what is never made up."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from crawlers.draw_tables import DrawTables, Series, read_draw_tables
from crawlers.source import SourceError, load_source, load_sources
from crawlers.tree import parse_tree
from extract.vocabulary import load_pathways
from tests.crawlers.test_source import write

FOLDER = Path(__file__).parents[2] / "crawlers" / "sources"
PAGES = Path(__file__).parent / "pages" / "more" / "provincial"
SPEC = DrawTables(
    "ca-bc-pnp", {"date": ("Date",), "name": ("Stream",), "program": ("Factors",), "score": ("Minimum score",), "invitations": ("Invitations",)},
    streams={"Skilled Worker": "ca-bc-pnp-sw", "Entrepreneur*": "ca-bc-pnp-ei"})
HEAD = "<tr><th>Date</th><th>Stream</th><th>Factors</th><th>Minimum score</th><th>Invitations*</th></tr>"


def read(table: str, spec: DrawTables = SPEC):
    return read_draw_tables(parse_tree(f"<html><body><main><table>{table}</table></main></body></html>"), spec)


def one(*cells: str, spec: DrawTables = SPEC):
    [draw] = read(f"{HEAD}<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>", spec).draws
    return draw


def of_source(name: str, page: str):
    spec = load_source(FOLDER / f"{name}.toml", {}).draws
    assert spec is not None
    return read_draw_tables(parse_tree((PAGES / page).read_text("utf-8")), spec)


def shortly(draws):
    return [(draw.date, draw.name, draw.pathway, draw.comparator, draw.invitations, draw.cutoff) for draw in draws]


class TestPagesInTheFormatsOfProvinces:
    def test_british_columbia_spans_cells_over_the_rows_of_a_draw(self):
        found = of_source("bc-pnp-invitations", "bc.page.html")
        assert shortly(found.draws) == [
            ("2026-09-10", "High economic impact", "ca-bc-pnp-skills", "eq", 143, 138), ("2026-09-10", "Health", "ca-bc-pnp-health", "lt", 5, 110),
            ("2026-08-06", "Entrepreneur – Base", "ca-bc-pnp-ei", "eq", 12, 115)]
        assert found.draws[0].program == "NOC TEER 0 or 1 and at least $70 an hour | Registration score"
        assert found.problems == ()

    def test_alberta_has_stream_and_parameters_in_one_cell_and_other_tables_beside(self):
        found = of_source("aaip-processing", "ab.page.html")
        assert shortly(found.draws) == [("2026-06-09", found.draws[0].name, "ca-ab-aaip-aees", "eq", 54, 62)]
        assert found.draws[0].name.startswith("Alberta Express Entry Stream")

    def test_prince_edward_island_has_two_categories_in_a_row_and_dates_in_figures(self):
        found = of_source("peipnp-draws", "pe.page.html")
        assert shortly(found.draws) == [
            ("2026-09-17", "Labour and Express Entry", "ca-pe-pnp", "eq", 131, None), ("2026-08-20", "Labour and Express Entry", "ca-pe-pnp", "eq", 166, None),
            ("2026-08-20", "Business Work Permit Entrepreneur", "ca-pe-pnp-business", "eq", 2, 97)]

    def test_new_brunswick_has_a_table_for_each_draw(self):
        found = of_source("nbpnp-invitations", "nb.page.html")
        assert shortly(found.draws) == [
            ("2026-09-08", "New Brunswick Experience", None, "eq", 181, 67), ("2026-08-11", "Selection of the program", "ca-nb-nbpnp", "lt", 10, None)]
        assert found.draws[0].warnings == ("held on several days: 'September 8 and 9, 2026'", "stream 'New Brunswick Experience' has no pathway in the source's file")

    def test_new_brunswick_may_head_a_table_with_its_stream(self):
        spec = load_source(FOLDER / "nbpnp-invitations.toml", {}).draws
        found = read("<tr><th colspan='2'>NB Skilled Worker Stream</th></tr><tr><td>Date</td><td>May 20 to 22, 2026</td></tr><tr><td>Pathway</td><td>Priority</td></tr>"
                     "<tr><td>Invitations</td><td>214</td></tr>", spec)
        assert shortly(found.draws) == [("2026-05-20", "NB Skilled Worker Stream", "ca-nb-nbpnp-sw", "eq", 214, None)]
        assert found.draws[0].program == "Priority"

    def test_real_pages_of_a_province_read_without_a_fault(self, shared):
        spec = load_source(FOLDER / "peipnp-draws.toml", {}).draws
        pages = sorted((shared / "samples" / "provinces").glob("pe_*.html"))
        assert pages
        for page in pages:  # they hold no table of draws, and none is made up
            found = read_draw_tables(parse_tree(page.read_text("utf-8")), spec)
            assert (found.draws, len(found.problems)) == ((), 1)


@pytest.mark.parametrize(("cell", "comparator", "number"), [
    ("1,205", "eq", 1205), ("54", "eq", 54), ("Less than 5", "lt", 5), ("&lt;5", "lt", 5), ("&lt; 5", "lt", 5), ("Fewer than 10", "lt", 10), ("Up to 20", "le", 20), ("About 300", "approx", 300),
    ("more than 1,000 invitations", "gt", 1000), ("56*", "eq", 56), ("120+", "ge", 120),
    ("N/A", "eq", None), ("", "eq", None), ("–", "eq", None), ("TBD", "eq", None), ("Not disclosed", "eq", None),
    ("five", "eq", None), ("12 or 13", "eq", None), ("1,23", "eq", None), ("-5", "eq", None), ("9" * 50, "eq", None),
])
def test_what_a_cell_of_invitations_says(cell, comparator, number):
    draw = one("June 4, 2026", "Skilled Worker", "", "110", cell)
    assert (draw.comparator, draw.invitations) == (comparator, number)
    unread = {"five", "12 or 13", "1,23", "-5", "9" * 50}
    assert (draw.warnings != ()) == (cell in unread)


@pytest.mark.parametrize(("cell", "score", "warns"), [
    ("110", 110, False), ("110 points", 110, False), ("61-65", 61, False), ("61 to 65", 61, False), ("138+", 138, False), ("N/A", None, False), ("$70 an hour", None, True), ("under 50", None, True),
])
def test_what_a_cell_of_scores_says(cell, score, warns):
    draw = one("June 4, 2026", "Skilled Worker", "", cell, "12")
    assert (draw.cutoff, draw.warnings != ()) == (score, warns)


@pytest.mark.parametrize(("cell", "dates", "day"), [
    ("June 4, 2026", "words", "2026-06-04"), ("November 20 2024", "words", "2024-11-20"), ("2026-06-04", "words", "2026-06-04"), ("4 June 2026*", "words", "2026-06-04"),
    ("6/18/2026", "month-first", "2026-06-18"), ("18/6/2026", "day-first", "2026-06-18"), ("June 8-9, 2026", "words", "2026-06-08"),
])
def test_dates_as_provinces_write_them(cell, dates, day):
    assert one(cell, "Skilled Worker", "", "110", "12", spec=dataclasses.replace(SPEC, dates=dates)).date == day


@pytest.mark.parametrize(("cell", "dates"), [("6/7/2026", "words"), ("18/6/2026", "month-first"), ("June 2026", "words"), ("soon", "words"), ("June 31, 2026", "words")])
def test_a_row_without_a_day_is_told_and_is_no_draw(cell, dates):
    found = read(f"{HEAD}<tr><td>{cell}</td><td>Skilled Worker</td><td></td><td>110</td><td>12</td></tr>", dataclasses.replace(SPEC, dates=dates))
    assert found.draws == ()
    assert cell in found.problems[0]


def test_totals_and_notes_across_the_table_are_no_draws():
    found = read(f"{HEAD}<tr><td>June 4, 2026</td><td>Skilled Worker</td><td></td><td>110</td><td>12</td></tr><tr><td>Total</td><td></td><td></td><td></td><td>12</td></tr>"
                 "<tr><td colspan='5'>Numbers below 5 are not shown.</td></tr>")
    assert (len(found.draws), found.problems) == (1, ())


def test_one_number_beside_several_streams_is_that_of_none_of_them():
    found = read(f"{HEAD}<tr><td rowspan='2'>June 4, 2026</td><td>Skilled Worker</td><td></td><td>110</td><td rowspan='2'>17</td></tr><tr><td>Entrepreneur - Base</td><td></td><td>95</td></tr>")
    assert shortly(found.draws) == [("2026-06-04", "Skilled Worker", "ca-bc-pnp-sw", "eq", None, 110), ("2026-06-04", "Entrepreneur - Base", "ca-bc-pnp-ei", "eq", None, 95)]
    assert all("several rows together" in draw.warnings[0] for draw in found.draws)
    assert found.draws[1].raw["Invitations"] == "17"


def test_a_stream_that_the_file_does_not_name_has_no_pathway():
    draw = one("June 4, 2026", "Orchard Workers", "", "110", "12")
    assert (draw.pathway, draw.warnings) == (None, ("stream 'Orchard Workers' has no pathway in the source's file",))
    assert one("June 4, 2026", "SKILLED  worker*", "", "110", "12").pathway == "ca-bc-pnp-sw"


def test_another_table_holds_no_draws():
    assert read("<tr><th>Stream</th><th>Issued</th></tr><tr><td>Skilled Worker</td><td>12</td></tr>").problems == ("no table of draws as the source's file describes it",)


def test_a_page_of_many_rows_is_read_up_to_a_limit():
    rows = "".join(f"<tr><td>June {1 + n % 28}, 2026</td><td>S{n}</td><td></td><td>1</td><td>2</td></tr>" for n in range(5_100))
    assert len(read(HEAD + rows).draws) == 5_000


def test_series_without_a_number_are_no_draws():
    spec = DrawTables("ca-pe-pnp", {"date": ("Date",)}, series=(Series("Labour", ("Labour",)), Series("Business", ("Business",), ("Minimum",))))
    found = read("<tr><th>Date</th><th>Labour</th><th>Business</th><th>Minimum</th></tr><tr><td>June 4, 2026</td><td>10</td><td>-</td><td></td></tr>", spec)
    assert [(draw.name, draw.invitations) for draw in found.draws] == [("Labour", 10)]


def test_all_pathways_of_the_sources_are_known():
    sources, errors = load_sources(FOLDER)
    assert errors == []
    specs = [source.draws for source in sources if source.draws]
    assert len(specs) >= 4
    for spec in specs:
        assert {spec.system, *(spec.streams or {}).values()} <= set(load_pathways())


GOOD = '{ system = "ca-bc-pnp", columns = { date = ["Date"], invitations = ["Invitations"] } }'


@pytest.mark.parametrize(("draws", "says"), [
    ('"yes"', "must be a table"), ('{ system = "ca-bc-pnp" }', "columns is missing"), ('{ columns = { date = ["Date"] } }', "system is missing"),
    (GOOD.replace("system", "sistem"), "unknown field 'sistem'"), (GOOD.replace("date =", "day ="), "date is needed"), (GOOD.replace('["Date"]', '"Date"'), "lists of headers"),
    (GOOD.replace('["Date"]', "[]"), "lists of headers"), (GOOD.replace("{ system", '{ layout = "columns", system'), "rows, pairs"), (GOOD.replace("{ system", '{ dates = "american", system'), "month-first"),
    (GOOD.replace("{ system", "{ streams = { a = 1 }, system"), "pathway id"), (GOOD.replace("{ system", '{ series = [{ name = "a" }], system'), "series"), (GOOD.replace("{ system", "{ series = 1, system"), "series"),
    (GOOD.replace("{ system", "{ name = 1, system"), "not the value"),
])
def test_each_mistake_in_a_file_is_named(tmp_path, draws, says):
    file = write(tmp_path, kind='"page"', official="true", template='"provincial"', draws=draws)
    with pytest.raises(SourceError, match=says) as caught:
        load_source(file, {})
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("changes", [{"official": "false"}, {"kind": '"feed"'}, {"language": '"fr"'}])
def test_only_official_pages_hold_draws(tmp_path, changes):
    good = {"kind": '"page"', "official": "true", "template": '"provincial"', "draws": GOOD}
    assert load_source(write(tmp_path, **good), {}).draws is not None
    with pytest.raises(SourceError, match="official source of kind 'page'"):
        load_source(write(tmp_path, **(good | changes)), {})
