"""The explorer of draws, charts and the library that draws them."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import html
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest

from db.metadata import Chart, load_queries
from db.serve import build_app, close_app
from db.site import charts, vendored
from db.site.pages.draws import Wish, read_wish, split_programs, tabulate
from tests.db.public_sample import HOSTILE_TITLE, LONG_WORD, build_sample
from tests.db.test_site_browser import browser, open_page, serving  # noqa: F401

HOSTILE_ROUND = f"{HOSTILE_TITLE} </script><script>alert(8)</script>"


def add_draws(path):
    """Draws of several years and of a province, one of them hostile, one with a count given as a limit."""
    rows = [(f"ca-ee-2{number:02}", "ca-ee", "ca-ee-cec" if number % 2 else None, f"2{number:02}", f"20{20 + number // 12}-{number % 12 + 1:02}-03", "Canadian Experience Class" if number % 2 else "Category Nine",
             "Federal Skilled Worker, Canadian Experience Class and Provincial Nominee Program", 1000 + number, "eq", 450 + number) for number in range(30)]
    rows += [("ca-on-oinp-1", "ca-on-oinp", "ca-on-oinp", "2025-04-01", "2025-04-01", "Employer stream", "Technology", 5, "lt", 40),
             ("ca-on-oinp-2", "ca-on-oinp", "ca-on-oinp", "2025-05-01", "2025-05-01", HOSTILE_ROUND, LONG_WORD, None, "eq", 45)]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO draws (draw_id, system, pathway_id, number, draw_date, name, program, invitations, invitations_comparator, cutoff_score, source_id, capture_id, first_seen_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'ca-ee-rounds', '00000000-feed', '2026-08-07T12:00:00Z')", rows)
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return add_draws(build_sample(tmp_path_factory.mktemp("draws") / "facts.db"))


@pytest.fixture(scope="module")
def app(database):
    built = build_app(database)
    yield built
    close_app(built)


@pytest.fixture
def get(app):
    def get(path, status=200):
        response = asyncio.run(app.client.get(path))
        assert response.status_code == status, (path, response.text[:2000])
        return response

    return get


def blocks(page):
    """The charts of a page: rows of each set, and each chart's specification with the name of its rows."""
    rows = {found[1]: json.loads(found[2]) for found in re.finditer(r'<script type="application/json" id="(rows-[\w-]+)">(.*?)</script>', page, re.DOTALL)}
    specs = re.findall(r'<figure class="chart" id="([\w-]+)" data-rows="([\w-]+)".*?class="chart-spec">(.*?)</script>', page, re.DOTALL)
    return rows, {name: (of, json.loads(spec)) for name, of, spec in specs}


def rows_of(page):
    return re.findall(r"<tr>", page.partition('class="rows-and-columns draw-table"')[2].partition("</table>")[0])[1:]


# ---------------------------------------------------------------- what is asked for


CHOICES = (
    {}, {"system": "all"}, {"system": "ca-on-oinp"}, {"category": "ca-ee-cec"}, {"category": "none", "system": "all"}, {"from": "2021", "to": "2021"}, {"from": "2022"}, {"to": "2018"},
    {"program": "Provincial Nominee"}, {"program": "Canadian Experience Class", "from": "2020", "category": "ca-ee-cec"}, {"system": "all", "program": "Technology"},
)  # fmt: skip


@pytest.mark.parametrize("choice", CHOICES, ids=urlencode)
def test_page_table_charts_csv_and_json_show_the_same_draws(get, database, choice):
    query = urlencode(choice)
    page, rows = get(f"/draws?{query}").text, get(f"/draws.json?{query}").json()
    assert list(csv.DictReader(io.StringIO(get(f"/draws.csv?{query}").text))) == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    with closing(sqlite3.connect(database)) as connection:
        every = connection.execute("SELECT draw_id, system, pathway_id, program, year FROM draws ORDER BY draw_date DESC, draw_id DESC").fetchall()
    system = choice.get("system", "ca-ee")
    fitting = [
        draw for draw, of, category, program, year in every
        if system in {of, "all"} and choice.get("category", category or "none") == (category or "none") and choice.get("program", "") in (program or "")
        and int(choice.get("from", 0)) <= year <= int(choice.get("to", 9999))
    ]
    assert [row["draw_id"] for row in rows] == fitting
    assert fitting
    assert len(rows_of(page)) == len(fitting)
    drawn, specs = blocks(page)
    if len(fitting) > 1:
        assert [row["url"] for row in drawn["rows-draws"]] == [f"/facts/draws/{draw}" for draw in fitting]
        assert "draws-scores-0" in specs
    assert f"<strong>{len(fitting)}</strong> round" in page


def test_a_choice_keeps_its_address(get):
    page = get("/draws?to=2020&from=2024&program=Provincial+Nominee&category=&x=1").text
    address = html.unescape(re.search(r'<a href="(/draws\?[^"]+)">link to this choice', page)[1])
    assert parse_qs(address.partition("?")[2]) == {"system": ["ca-ee"], "program": ["Provincial Nominee"], "from": ["2020"], "to": ["2024"]}
    assert [row["draw_id"] for row in get(address.replace("/draws?", "/draws.json?")).json()] == [row["draw_id"] for row in get("/draws.json?from=2020&to=2024&program=Provincial+Nominee").json()]
    for name, value in (("system", "ca-ee"), ("program", "Provincial Nominee"), ("from", "2020"), ("to", "2024")):
        select = page.partition(f'name="{name}"')[2].partition("</select>")[0]
        assert re.findall(r"<option(?: value=\"([^\"]*)\")? selected>(\d*)", select) in ([(value, "")], [("", value)])


def test_a_category_says_its_system(get):
    assert {row["system"] for row in get("/draws.json?system=ca-ee&category=ca-on-oinp").json()} == {"ca-on-oinp"}


@pytest.mark.parametrize("query", ["category=nothing", "system=%00", "program=%3Cscript%3Ealert(9)%3C/script%3E", "from=2090", "system=nothing&from=abc"])
def test_nothing_fits(get, query):
    page = get(f"/draws?{query}").text
    assert "No draw on record fits" in page
    assert "<script>alert" not in page
    assert get(f"/draws.json?{query}").json() == []


@pytest.mark.parametrize(("given", "years"), [({"from": "20O1", "to": "１９９９"}, (None, None)), ({"from": " 2020 "}, (2020, None)), ({"from": "2022", "to": "2020"}, (2020, 2022)), ({"to": "-2020"}, (None, None))])
def test_years(given, years):
    wish = read_wish(given.get, [])
    assert (wish.first, wish.last) == years
    assert wish.system == "all"


@pytest.mark.parametrize(("text", "programs"), [
    (None, ()), ("", ()), ("Provincial Nominee Program", ("Provincial Nominee",)), ("Priority Sectors (Construction and skilled trade)", ("Priority Sectors (Construction and skilled trade)",)),
    ("Federal Skilled Worker, Canadian Experience Class and Federal Skilled Trades Program", ("Federal Skilled Worker", "Canadian Experience Class", "Federal Skilled Trades")),
])  # fmt: skip
def test_programs(text, programs):
    assert split_programs(text) == programs


def test_totals(get):
    page = get("/draws?system=all").text
    rows = get("/draws.json?system=all").json()
    table = page.partition('class="rows-and-columns totals"')[2].partition("</table>")[0]
    whole = [cell.replace(",", "") for cell in re.findall(r">([^<]*)</td>", table.partition("<tfoot>")[2])]
    assert whole[0] == str(len(rows))
    assert whole[2] == f"≈ {sum(row['invitations'] or 0 for row in rows)}"
    assert "withheld" in page
    assert "fewer than 5" in page


def test_totals_by_category_and_year():
    def draw(pathway, year, invitations, score):
        return {"pathway_id": pathway, "pathway": pathway, "name": "Round", "system_name": "S", "year": year, "draw_date": f"{year}-01-01", "invitations": invitations, "invitations_comparator": "eq", "cutoff_score": score}

    found = tabulate([draw("b", 2024, 10, 500), draw("b", 2023, None, 480), draw("a", 2023, 7, None), draw(None, 2023, 1, 1)])
    assert found["years"] == [2024, 2023]
    assert [(row["pathway_id"], row["draws"], row["total"]["invitations"], row["total"]["inexact"], row["total"]["lowest"], row["total"]["highest"]) for row in found["rows"]] == [
        ("b", 2, 10, True, 480, 500), ("", 1, 1, False, 1, 1), ("a", 1, 7, False, None, None)]
    assert [cell and cell["invitations"] for cell in found["rows"][0]["years"]] == [10, None]
    assert [cell["draws"] for cell in found["whole"]] == [1, 3]
    assert tabulate([]) == {"years": [], "rows": [], "whole": []}


def test_one_round_has_a_table_and_no_chart(get):
    page = get("/draws?from=2018&to=2018").text
    assert len(rows_of(page)) == 1
    assert "<figure" not in page


def test_long_lists_are_cut_and_say_so(tmp_path):
    app = build_app(build_sample(tmp_path / "facts.db", draws=1700))
    page = asyncio.run(app.client.get("/draws")).text
    found = asyncio.run(app.client.get("/draws.json")).json()
    close_app(app)
    assert len(rows_of(page)) == 100
    assert "The newest 100 of 1,704; all of them as" in page
    assert len(found) == 1704
    assert len(blocks(page)[0]["rows-draws"]) == charts.MOST


def test_wish_spells_the_same_for_the_same():
    assert Wish("ca-ee", "", "A & B", 2020, None).spell() == "system=ca-ee&program=A+%26+B&from=2020"


# ---------------------------------------------------------------- charts


def test_home_shows_two_years_of_express_entry(get):
    drawn, specs = blocks(get("/").text)
    assert {row["system"] for row in drawn["rows-draws"]} <= {"", "ca-ee"}
    assert min(row["date"] for row in drawn["rows-draws"]) >= "2024-08-07"
    assert set(specs) == {"draws-scores-0", "draws-invitations"}


def test_pathway_shows_all_its_draws(get, database):
    with closing(sqlite3.connect(database)) as connection:
        expected = [row[0] for row in connection.execute("SELECT draw_id FROM draws WHERE pathway_id = 'ca-ee-cec' ORDER BY draw_date DESC, draw_id DESC")]
    drawn, _ = blocks(get("/facts/pathways/ca-ee-cec").text)
    assert [row["url"].rpartition("/")[2] for row in drawn["rows-draws"]] == expected
    assert len(expected) > 12


def test_hostile_names_are_data(get):
    page = get("/draws?system=all").text
    drawn, specs = blocks(page)
    assert any("</script>" in row["round"] for row in drawn["rows-draws"])
    assert "<script>alert" not in page
    assert all(len(row["round"]) <= 80 for row in drawn["rows-draws"])
    assert not re.search(r'"(expr|signal|calculate)"', json.dumps([spec for _, spec in specs.values()]))


def test_every_chart_has_words_and_a_table(get):
    for path in ("/", "/draws", "/draws?system=all", "/facts/pathways/ca-ee", "/facts/invitations_by_month?since="):
        page = get(path).text
        assert page.count("<figure") == page.count("<figcaption") == page.count('role="img" aria-label="') == page.count("<noscript>") > 0
        assert "<table" in page
        assert 'type="module" src="/static/charts.js?v=' in page


def test_pages_without_a_chart_load_nothing_for_it(get):
    for path in ("/health", "/facts/draws", "/facts/draws/ca-ee-430", "/facts/latest_facts?since=&source=&attribute="):
        assert "vega" not in get(path).text


QUERIES = [query for query in load_queries() if query.chart]


def test_there_are_charts_of_queries():
    assert len(QUERIES) >= 5


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_chart_of_a_query_names_its_columns(database, query):
    with closing(sqlite3.connect(database)) as connection:
        cursor = connection.execute(query.sql, {each.name: each.example for each in query.parameters})
        columns, rows = [column[0] for column in cursor.description], cursor.fetchall()
    assert {query.chart.x, query.chart.y, query.chart.colour} - {""} <= set(columns)
    assert query.chart.kind in {"bar", "point"}
    found = charts.chart_query(query.chart, columns, rows)
    drawable = [row for row in rows if row[columns.index(query.chart.x)] is not None and row[columns.index(query.chart.y)] is not None]
    assert len(found["rows"]) == (len(drawable) if len(drawable) > 1 else 0)


def test_chart_of_a_query_without_its_columns():
    assert charts.chart_query(Chart("a", "b", "bar"), ["a"], [(1,), (2,)]) == {"rows": [], "charts": []}
    assert charts.chart_query(Chart("a", "b", "bar"), ["a", "b"], [(1, None), (2, 3)]) == {"rows": [], "charts": []}


def test_many_categories_share_a_colour():
    rows = [{"draw_id": f"d{number}", "draw_date": f"2026-01-{number % 28 + 1:02}", "number": str(number), "name": f"Kind {min(number // 2, 14)}", "invitations": number, "cutoff_score": 1} for number in range(40)]
    found = charts.chart_draws(rows, lambda table, row_id: f"/{table}/{row_id}")
    scale = found["charts"][0]["spec"]["encoding"]["color"]["scale"]
    assert len(scale["domain"]) == len(set(scale["range"])) == charts.NAMED + 1
    assert scale["domain"][-1] == charts.OTHERS
    assert scale["domain"][0] == "Kind 14"
    assert {row["category"] for row in found["rows"]} == set(scale["domain"])


@pytest.mark.parametrize(("pathway", "name", "said"), [("Express Entry: trade occupations", "x", "Trade occupations"), ("Express Entry", "x", "Express Entry"), (None, "round of a kind", "Round of a kind"), ("Express Entry rounds for nominees", "x", "Rounds for nominees")])
def test_categories(pathway, name, said):
    assert charts.name_category({"pathway": pathway, "name": name}) == said


# ---------------------------------------------------------------- the library


def test_files_match_their_sums():
    sums = vendored.read_sums()
    assert set(sums) == {path.name for path in vendored.FOLDER.glob("*.js")} == {Path(package.file).name for package in vendored.PACKAGES}
    for name, expected in sums.items():
        assert hashlib.sha256((vendored.FOLDER / name).read_bytes()).hexdigest() == expected


def test_readme_is_what_the_script_writes():
    files = {path.name: path.read_bytes() for path in vendored.FOLDER.glob("*.js")}
    assert vendored.TABLE.read_text("utf-8") == vendored.write_table(files)


def test_every_package_has_its_licence_and_version():
    for package in vendored.PACKAGES:
        assert "Redistribution and use" in (vendored.FOLDER / f"{package.name}.LICENSE").read_text("utf-8")
        assert f'"{package.version}"' in (vendored.FOLDER / Path(package.file).name).read_text("utf-8")


def test_other_content_is_not_taken(monkeypatch, capsys):
    monkeypatch.setattr(vendored, "fetch", lambda package: {Path(package.file).name: b"other", f"{package.name}.LICENSE": b""})
    before = vendored.TABLE.read_text("utf-8")
    assert vendored.main([]) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert vendored.TABLE.read_text("utf-8") == before


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def address(database):
    with serving(database) as address:
        yield address


MARKS = "(figure) => figure.querySelectorAll('.mark-symbol.role-mark path, .mark-rect.role-mark path').length"


def wait_for_charts(page):
    """Bring each chart into view and wait until it is drawn. (The page's policy forbids what Playwright's own wait would run.)"""
    figures = page.locator("figure.chart")
    for number in range(figures.count()):
        figures.nth(number).scroll_into_view_if_needed()
        for _ in range(150):
            if figures.nth(number).get_attribute("data-drawn"):
                break
            page.wait_for_timeout(100)
        assert figures.nth(number).get_attribute("data-drawn") == "yes"
    return figures


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_each_row_is_a_mark(browser, address, width, scheme):  # noqa: F811
    with open_page(browser, viewport={"width": width, "height": 844}, color_scheme=scheme) as (page, problems):
        for path in ("/", "/draws", "/draws?system=all", "/draws?from=2020&to=2020", "/facts/pathways/ca-ee-cec", "/facts/pathways/ca-on-oinp"):
            page.goto(address + path)
            rows = page.evaluate("JSON.parse(document.getElementById('rows-draws').textContent)")
            figures = wait_for_charts(page)
            assert figures.count() >= 1
            for figure in figures.all():
                name = figure.get_attribute("id")
                expected = [row for row in rows if row["invitations"] is not None] if name == "draws-invitations" else [row for row in rows if row["score"] is not None]
                systems = sorted({row["system"] for row in rows}, key=lambda system: system != "ca-ee")
                if name != "draws-invitations":
                    expected = [row for row in expected if row["system"] == systems[int(name[-1])]]
                assert figure.evaluate(MARKS) == len(expected), (path, name)
                box = figure.locator("svg").bounding_box()
                assert box["width"] <= width
                assert box["height"] > 200
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert problems == [], path


@pytest.mark.browser
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_charts_of_queries_are_drawn(browser, address, query):  # noqa: F811
    with open_page(browser) as (page, problems):
        page.goto(f"{address}/facts/{query.name}?{urlencode({each.name: each.example for each in query.parameters})}")
        figures = wait_for_charts(page)
        if figures.count():
            rows = page.evaluate("JSON.parse(document.getElementById('rows-query').textContent)")
            assert figures.first.evaluate(MARKS) == len(rows)
        assert problems == []


@pytest.mark.browser
def test_colours_follow_the_scheme(browser, address):  # noqa: F811
    with open_page(browser, color_scheme="light") as (page, problems):
        page.goto(f"{address}/draws")
        figure = wait_for_charts(page).first
        paints = "(figure) => [...new Set([...figure.querySelectorAll('.mark-symbol.role-mark path')].map((mark) => mark.getAttribute('fill')))]"
        light = figure.evaluate(paints)
        page.emulate_media(color_scheme="dark")
        for _ in range(50):
            page.wait_for_timeout(100)
            if figure.evaluate(paints) != light:
                break
        assert not set(light) & set(figure.evaluate(paints))
        assert problems == []


@pytest.mark.browser
def test_a_mark_says_what_it_is_and_opens_its_draw(browser, address):  # noqa: F811
    with open_page(browser, viewport={"width": 1280, "height": 900}) as (page, problems):
        page.goto(f"{address}/draws?system=ca-on-oinp")
        figure = wait_for_charts(page).first
        mark = figure.locator(".mark-symbol.role-mark path").first
        box = mark.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(300)
        tip = page.locator("#vg-tooltip-element")
        assert tip.is_visible()
        assert "1 May 2025" in tip.inner_text()
        assert "<script>" in tip.inner_text()
        assert tip.locator("script, img, b").count() == 0
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_url("**/facts/draws/ca-on-oinp-2")
        assert problems == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_have_no_serious_fault_of_accessibility(browser, address, scheme):  # noqa: F811
    from axe_playwright_python.sync_playwright import Axe

    with open_page(browser, color_scheme=scheme, bypass_csp=True) as (page, _):  # axe is put into the page, which the policy forbids
        for path in ("/draws?system=all", "/health", "/facts/invitations_by_month?since="):
            page.goto(address + path)
            wait_for_charts(page)
            faults = [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in Axe().run(page).response["violations"] if fault["impact"] in {"serious", "critical"}]
            assert faults == [], path


@pytest.mark.browser
def test_explorer_works_without_scripts(browser, address):  # noqa: F811
    with open_page(browser, java_script_enabled=False, viewport={"width": 390, "height": 844}) as (page, problems):
        page.goto(f"{address}/draws")
        page.select_option("#draws-from", "2021")
        page.select_option("#draws-to", "2021")
        page.click("input[value=Show]")
        assert page.locator(".draw-table tbody tr").count() == 12
        assert page.locator("figure noscript").first.is_visible()
        assert page.locator(".chart-view").first.bounding_box()["height"] < 100
        assert problems == []
