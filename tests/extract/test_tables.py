"""Facts of tables and lists of many makes: what their columns hold, cells merged down, lost headers, parts of a total."""

from __future__ import annotations

import pytest

from extract.document import Document
from extract.layout import infer_blocks
from extract.pipeline import annotate

PEI = "PEI PNP windows of 2025\n\nPrince Edward Island Provincial Nominee Program: expressions of interest\n\n"
ALBERTA = "AAIP draws of spring\n\nAlberta Advantage Immigration Program\n\n"
ONTARIO = "OINP invitations of January 2024\n\n"
MANITOBA = "Manitoba draws\n\nThe Manitoba Provincial Nominee Program sent Letters of Advice to Apply in these draws.\n\n"


def read(text: str, published: str = "2025-06-01") -> set[tuple[str, str, object, str | None]]:
    """The facts of a text as (pathway, attribute, value, period)."""
    record = annotate(Document(id="t", text=text, title=text.partition("\n")[0], published=published))
    return {(fact["pathway"], fact["attribute"], fact["value"], fact["period"]) for fact in record["facts"]}


@pytest.mark.parametrize(("text", "expected"), [
    pytest.param(  # a cell merged down left a gap
        ONTARIO + "Date | Stream | ITAs | Score\nJanuary 9, 2024 | Masters Graduate | 654 | 45\n | PhD Graduate | 31 | 46\n",
        {("ca-on-oinp-phd", "invitations", 31, "2024-01-09"), ("ca-on-oinp-phd", "cutoff_score", 46, "2024-01-09"),
         ("ca-on-oinp-phd", "draw_on", "2024-01-09", None)}, id="merged"),
    pytest.param(  # the names of the columns have grown together
        ALBERTA + "DateStreamInvitationsLowest score\nApril 3, 2024 | Alberta Opportunity Stream | 40 | 61\nApril 10, 2024 | Rural Renewal Stream | 22 | 55\n",
        {("ca-ab-aaip-aos", "invitations", 40, "2024-04-03"), ("ca-ab-aaip-rrs", "cutoff_score", 55, "2024-04-10")}, id="grown"),
    pytest.param(  # or stand side by side
        ALBERTA + "Date Stream Invitations Lowest score\nApril 3, 2024 | Alberta Opportunity Stream | 40 | 61\nApril 10, 2024 | Rural Renewal Stream | 22 | 55\n",
        {("ca-ab-aaip-aos", "cutoff_score", 61, "2024-04-03"), ("ca-ab-aaip-rrs", "invitations", 22, "2024-04-10")}, id="side-by-side"),
    pytest.param(  # a column for each stream, one for them all, and two values in a cell
        MANITOBA + "Draw | Date | Skilled Worker in Manitoba | Skilled Worker Overseas | International Education | All\n"
        "190 | June 1, 2023 | 200 (score 609) | 15 | 40 | 255\n191 | June 15, 2023 | 180 | 12 | 35 | 227\n",
        {("ca-mb-mpnp-swm", "invitations", 200, "2023-06-01"), ("ca-mb-mpnp-swm", "cutoff_score", 609, "2023-06-01"),
         ("ca-mb-mpnp-swo", "invitations", 12, "2023-06-15"), ("ca-mb-mpnp", "invitations", 227, "2023-06-15"),
         ("ca-mb-mpnp-ies", "draw_on", "2023-06-15", None)}, id="streams"),
    pytest.param(  # a header that only its column of days explains
        PEI + "Intake | Opens | Closes | Draw\n1 | January 6, 2025 | January 10, 2025 | January 16, 2025\n2 | February 3, 2025 | February 7, 2025 | February 20, 2025\n",
        {("ca-pe-pnp", "opens_on", "2025-01-06", None), ("ca-pe-pnp", "closes_on", "2025-02-07", None), ("ca-pe-pnp", "draw_on", "2025-02-20", None)},
        id="days"),
    pytest.param(  # a range of days opens and closes something
        "Work and Holiday visa ballot 2025-26\n\nSubclass 462 visa\n\nCountry | Places | Registration period\n"
        "India | 1,100 | 2 June to 30 June 2025\nVietnam | 1,600 | 2 June to 13 June 2025\n",
        {("au-whm", "opens_on", "2025-06-02", None), ("au-whm", "closes_on", "2025-06-13", None), ("au-whm", "cap", 1100, "2025/2026")}, id="window"),
    pytest.param(  # terms that hold from a day on
        "UK visa fees\n\nRoute | Until 8 April 2025 | From 9 April 2025\nSkilled Worker | £700 | £750\nStudent | £480 | £520\n",
        {("gb-skilled-worker", "fee", 700, "../2025-04-08"), ("gb-student", "fee", 520, "2025-04-09/..")}, id="before-after"),
    pytest.param(  # an empty first cell of the header
        "Levels plan 2025-2027\n\n | 2025 | 2026\nProvincial Nominee Program | 55,000 | 56,000\nParents and Grandparents | 24,500 | 21,500\n",
        {("ca-pnp", "target", 56000, "2026"), ("ca-pgp", "target", 24500, "2025")}, id="empty-corner"),
    pytest.param(  # dots lead from provinces to their shares
        "Nominee spaces\n\nProvincial Nominee Program allocations for 2025:\n\nOntario ........ 10,750\nAlberta ........ 4,875\n",
        {("ca-on-oinp", "cap", 10750, "2025"), ("ca-ab-aaip", "cap", 4875, "2025")}, id="dots"),
    pytest.param(  # figures without a word of their own that add up to the limit told before
        "Agri-Food Pilot\n\nThe Agri-Food Pilot has a cap of 900 applications in 2024.\n\nShared out so:\n\nButchers | 500\nGreenhouse hands | 300\nFarm supervisors | 100\n",
        {("ca-agri-food", "cap", 500, "2024"), ("ca-agri-food", "cap", 300, "2024"), ("ca-agri-food", "cap", 100, "2024")}, id="shares"),
])
def test_tables_give_their_facts(text: str, expected: set[tuple[str, str, object, str | None]]) -> None:
    assert expected <= read(text)


@pytest.mark.parametrize("text", [
    pytest.param(ALBERTA + "City | Library branches | Swimming pools\nCalgary | 21 | 12\nEdmonton | 22 | 14\n", id="other-columns"),
    pytest.param("Agri-Food Pilot\n\nThe cap of the Agri-Food Pilot is 900 applications.\n\nWho wrote to us last week:\n\nButchers | 500\nGreenhouse hands | 300\n", id="no-sum"),
])
def test_columns_that_nothing_explains_stay_silent(text: str) -> None:
    assert {fact[1:3] for fact in read(text)} <= {("cap", 900)}


def test_dots_and_grown_figures_make_rows() -> None:
    text = "Shares\n\nWest ..... 1,200\nEast ..... 900\n\nWelders (NOC 7237)50\nRoofers (NOC 7291)120\nPlumbers (NOC 7251)75\n"
    cells = [[text[start:end] for start, end in block.cells] for block in infer_blocks(text) if block.kind == "row"]
    assert cells == [["West", "1,200"], ["East", "900"], ["Welders (NOC 7237)", "50"], ["Roofers (NOC 7291)", "120"], ["Plumbers (NOC 7251)", "75"]]


def test_coded_lines_below_a_heading_are_its_items() -> None:
    text = "New list\n\nTaken off\n\n72106 Welders\n73200 Installers\n"
    assert [block.kind for block in infer_blocks(text)] == ["title", "heading", "item", "item"]
