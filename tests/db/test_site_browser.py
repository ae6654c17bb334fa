"""The site in a browser: nothing fails, nothing leaves the machine, nothing overflows, and it works without scripts."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe

from db.serve import build_app, close_app
from tests.db.public_sample import build_sample, fact_key

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CAP = fact_key("h1b-permit", 1, "cap")
HOSTILE = fact_key("hostile", 1, "cap")
PAGES = (
    "/", "/facts", "/facts/facts", "/facts/facts?_wide=1", "/facts/facts?attribute_id=cap", f"/facts/facts/{CAP}", f"/facts/facts/{HOSTILE}", "/facts/pathways",
    "/facts/pathways/ca-ee-cec", "/facts/pathways/ca-ee", "/facts/pathways/ca-imp-h1b", "/facts/pathways/ca-ee-health", "/facts/pathways/ca-levels", "/facts/occupations/3012", "/facts/draws/ca-ee-91a", "/facts/articles", "/facts/articles/hostile", "/facts/draws", "/facts/levels_targets", "/facts/occupation_lists", "/facts/occupation_list_entries", "/facts/sources", "/facts/pathways?_wide=1", "/facts/draws/ca-ee-430", "/facts/occupations/31301", "/facts/sources",
    "/facts/source_health/hostile-gazette", "/facts/v_facts", "/facts/events", "/facts/events/ev-ca-ee-430", "/facts/events/ev-0000000000000003", "/facts/events/ev-0000000000000004", "/facts/changes_since?since=2020-01-01", "/facts/articles/july-round", "/facts/facts_of_a_pathway?pathway=ca-ee&attribute=&parts=1", "/facts/figures_that_disagree",
    "/facts/figures_that_disagree?_show_sql=1", "/facts?sql=select+*+from+v_facts", "/draws", "/draws?system=all", "/health", "/feeds", "/feeds?of=pathways&id=ca-ee", "/query", "/data", "/glossary", "/facts/attributes/cap", "/facts/events.Notebook", "/facts/captures/urn-hostile-1",
)  # fmt: skip

HOSTILE_PLACES = (
    "/", f"/facts/facts/{HOSTILE}", "/facts/articles/hostile", "/facts/sources/hostile-gazette", "/facts/events/ev-0000000000000003", "/facts/source_health", "/facts/candidates", "/facts/levels_targets",
    "/facts/reviews", "/facts/corrections", "/facts/version_changes", "/facts/events", "/facts/facts?_search=4321", "/search?q=script", "/search?q=gazette", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E+%7B%7B7*7%7D%7D",
    "/facts/facts.Notebook?_search=%22%3Cscript%3E", "/health", "/draws", "/feeds?of=sources&id=%3Cscript%3E", "/facts/pathways/ca-levels",
)  # fmt: skip

pytestmark = pytest.mark.browser


@contextlib.contextmanager
def serving(database):
    """The address of a site that serves the database while the context lasts."""
    app = build_app(database)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app.app(), log_level="error", lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()
    close_app(app)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(build_sample(tmp_path_factory.mktemp("browser") / "facts.db")) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@contextlib.contextmanager
def open_page(browser, **options):
    """A page, and the list of what goes wrong on it."""
    context = browser.new_context(**options)
    page, problems = context.new_page(), []
    page.on("console", lambda message: problems.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: (problems.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(("http://127.0.0.1:", "data:image/svg")) else problems.append(request.url))
    yield page, problems
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages(browser, address, width, scheme):
    with open_page(browser, viewport={"width": width, "height": 844}, color_scheme=scheme) as (page, problems):
        for path in PAGES:
            assert page.goto(address + path).status == 200, path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is wider than {width} pixels"
            assert problems == [], path


# One page of each type. axe-core's own requests for stylesheets are off: it asks for addresses as they stand in other pages.
TYPES = (
    "/", "/facts", "/facts/facts?_facet=attribute_id&_facet=year", "/facts/events", f"/facts/facts/{HOSTILE}", "/facts/events/ev-ca-ee-430", "/facts/articles/july-round", "/facts/pathways/ca-ee",
    "/facts/occupations/31301", "/facts/draws/ca-ee-430", "/facts/source_health/hostile-gazette", "/facts/v_facts", "/facts/facts_of_a_pathway?pathway=ca-ee&attribute=&parts=1", "/facts?sql=select+*+from+v_facts",
    "/draws", "/health", "/search?q=permit", "/feeds", "/query", "/data", "/glossary", "/facts/events.Notebook",
)  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_no_serious_fault(browser, address, width, scheme):
    axe, faults = Axe(), []
    with open_page(browser, viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True) as (page, _):
        for path in TYPES:
            page.goto(address + path)
            found = axe.run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
            faults += [f"{path}: {one['id']} {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in {"serious", "critical"}]
    assert faults == []


def test_an_occupation_code_leads_to_its_pathways_in_one_click(browser, address):
    with open_page(browser) as (page, problems):
        page.goto(address)
        page.fill("#find-words", "31301")
        page.click("input[value=Search]")
        if "/search" in page.url:
            page.click("main a[href$='/facts/occupations/31301'] >> nth=0")
        assert page.locator("main a[href*='/facts/pathways/ca-ee-health']").count() >= 1
        assert problems == []


def test_menus_and_folds_open_by_keyboard(browser, address):
    with open_page(browser) as (page, problems):
        page.goto(f"{address}/facts/facts")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#content"
        page.focus(".facet-results summary")
        page.keyboard.press("Enter")
        assert page.locator(".facet-results a").first.is_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.facet-results') !== null")
        assert problems == []


def test_hostile_texts_make_no_elements(browser, address):
    """What pages say is shown as text: no handler runs, and no element or link comes of it."""
    with open_page(browser, viewport={"width": 390, "height": 844}) as (page, problems):
        for path in HOSTILE_PLACES:
            page.goto(address + path)
            made = page.evaluate("""[...document.querySelectorAll('main *')].filter((each) => ['B', 'IMG', 'IFRAME'].includes(each.tagName) && each.closest('.clause, h1, td, .says, blockquote')
                || [...each.attributes].some((one) => one.name.startsWith('on') || (['href', 'src', 'action'].includes(one.name) && /^\\s*(javascript|data|vbscript):/i.test(one.value)))).map((each) => each.outerHTML.slice(0, 200))""")
            assert made == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
            assert problems == [], path


def test_dark_scheme_is_dark(browser, address):
    grounds = {}
    for scheme in ("light", "dark"):
        with open_page(browser, color_scheme=scheme) as (page, _):
            page.goto(address)
            grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(252, 251, 248)", "dark": "rgb(21, 24, 27)"}


def test_marks_are_coloured_and_lie_in_the_clause(browser, address):
    with open_page(browser) as (page, _):
        page.goto(f"{address}/facts/facts/{CAP}")
        value = page.locator(".clause mark.role-value")
        assert value.all_inner_texts() == ["10,000"]
        colours = page.evaluate("[...document.querySelectorAll('.clause mark')].map((mark) => getComputedStyle(mark).backgroundColor)")
        assert len(set(colours)) >= 5
        assert page.locator(".clause").inner_text().startswith("As of July 16, 2023")


@pytest.mark.parametrize("table", ["facts", "events", "articles", "draws", "event_values", "v_facts", "source_health"])
def test_first_rows_are_above_the_fold(browser, address, table):
    with open_page(browser, viewport={"width": 1280, "height": 844}) as (page, _):
        page.goto(f"{address}/facts/{table}")
        assert page.locator("tbody tr").first.bounding_box()["y"] < 560


def test_menu_is_on_one_line(browser, address):
    with open_page(browser, viewport={"width": 1280, "height": 844}) as (page, _):
        page.goto(address)
        tops = page.evaluate("[...document.querySelectorAll('.masthead nav > a, .doors a')].map((door) => Math.round(door.getBoundingClientRect().bottom))")
        assert len(tops) == 9
        assert max(tops) - min(tops) < 6


def test_tables_scroll_within_the_page_on_a_phone(browser, address):
    with open_page(browser, viewport={"width": 390, "height": 844}) as (page, _):
        page.goto(f"{address}/facts/facts?_wide=1")
        wrapper = page.locator(".table-wrapper").first
        assert wrapper.evaluate("(element) => element.scrollWidth > element.clientWidth")
        assert page.locator("thead th").first.evaluate("(element) => getComputedStyle(element).display") == "table-cell"


def test_numbers_stand_right(browser, address):
    with open_page(browser) as (page, _):
        page.goto(f"{address}/facts/draws_by_category_and_year?year=&pathway=")
        cell = page.locator("td.col-invitations").first
        assert cell.evaluate("(element) => getComputedStyle(element).textAlign") == "right"


def test_without_scripts(browser, address):
    with open_page(browser, java_script_enabled=False) as (page, problems):
        page.goto(address)
        page.fill("#find-words", "3,000 candidates")
        page.click("input[value=Search]")
        page.click("#facts + .hits a >> nth=0")
        assert "invitations: 3,000" in page.inner_text("h1")
        page.goto(f"{address}/facts/facts")
        page.click(".column-notes summary")
        assert page.locator("#column-evidence").is_visible()
        page.goto(f"{address}/facts/pathways_for_an_occupation")
        page.fill("input[name=noc]", "21231")
        page.click("input[value=Ask]")
        assert "Open work permit" in page.inner_text("tbody")
        assert problems == []


def test_marked_evidence_is_two_clicks_from_home(browser, address):
    with open_page(browser) as (page, _):
        page.goto(address)
        page.click(".event-list a.says >> nth=1")
        assert page.locator(".outlet mark.role-value").count() >= 1
        page.click(".outlet .read a >> nth=0")
        assert page.locator(".evidence .clause mark.role-value").count() >= 1


def test_keyboard_reaches_the_content(browser, address):
    with open_page(browser) as (page, _):
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
