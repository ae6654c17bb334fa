"""Rounds and occupation lists in every layout: tables, records, cells in lines of their own, lists, sentences."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from extract.document import Document
from extract.facts.labels import find_role
from extract.layout import infer_blocks
from extract.pipeline import annotate
from extract.stacked import find_stacked
from extract.vocabulary import load_pathways

WANTED = frozenset({"invitations", "cutoff_score", "draw_on", "eligible_noc", "excluded_noc"})

CASES = [
    pytest.param("""\
Draw results

EOI draw of 6 March 2025 for the Manitoba Provincial Nominee Program

Skilled Workers in Manitoba
Number of Letters of Advice to Apply issued: 58
Ranking score of lowest-ranked candidate invited: 785

International Education Stream
Number of Letters of Advice to Apply issued: 42

Skilled Workers Overseas
Number of Letters of Advice to Apply issued: 9
Ranking score of lowest-ranked candidate invited: 690""", None, {
        ("ca-mb-mpnp-swm", "invitations", "58"),
        ("ca-mb-mpnp-swm", "cutoff_score", "785"),
        ("ca-mb-mpnp-swm", "draw_on", "2025-03-06"),
        ("ca-mb-mpnp-ies", "invitations", "42"),
        ("ca-mb-mpnp-ies", "draw_on", "2025-03-06"),
        ("ca-mb-mpnp-swo", "invitations", "9"),
        ("ca-mb-mpnp-swo", "cutoff_score", "690"),
        ("ca-mb-mpnp-swo", "draw_on", "2025-03-06"),
    }, id="mb stack"),
    pytest.param("""\
OINP invitations to apply

Date issued | Stream | Number of invitations issued | Date profiles created | Score range | Notes
June 18, 2025 | Employer Job Offer: Foreign Worker stream | 340 | June 1, 2024 to June 18, 2025 | 45 and above | Health occupations
June 18, 2025 | Masters Graduate stream | 120 | June 1, 2024 to June 18, 2025 | 51 and above | -
June 2, 2025 | PhD Graduate stream | 17 | June 1, 2024 to June 2, 2025 | 46 and above | -""", None, {
        ("ca-on-oinp-ejo-fw", "invitations", "340"),
        ("ca-on-oinp-ejo-fw", "cutoff_score", "45"),
        ("ca-on-oinp-ejo-fw", "draw_on", "2025-06-18"),
        ("ca-on-oinp-masters", "invitations", "120"),
        ("ca-on-oinp-masters", "cutoff_score", "51"),
        ("ca-on-oinp-masters", "draw_on", "2025-06-18"),
        ("ca-on-oinp-phd", "invitations", "17"),
        ("ca-on-oinp-phd", "cutoff_score", "46"),
        ("ca-on-oinp-phd", "draw_on", "2025-06-02"),
    }, id="on table"),
    pytest.param("""\
Ontario invites tech workers

Ontario issued 412 notifications of interest on April 9, 2024, under the Human Capital Priorities stream. Candidates had CRS scores between 468 and 480.""", None, {
        ("ca-on-oinp-hcp", "invitations", "412"),
        ("ca-on-oinp-hcp", "cutoff_score", "468"),
        ("ca-on-oinp-hcp", "draw_on", "2024-04-09"),
    }, id="on range"),
    pytest.param("""\
BC PNP results

Invitations to apply issued on 4 March 2025

Stream | Invited | Minimum score
Skilled Worker | 87 | 129
International Graduate | 43 | 118
Entry Level and Semi-Skilled | <5 | 96""", None, {
        ("ca-bc-pnp-sw", "invitations", "87"),
        ("ca-bc-pnp-sw", "cutoff_score", "129"),
        ("ca-bc-pnp-sw", "draw_on", "2025-03-04"),
        ("ca-bc-pnp-ig", "invitations", "43"),
        ("ca-bc-pnp-ig", "cutoff_score", "118"),
        ("ca-bc-pnp-ig", "draw_on", "2025-03-04"),
        ("ca-bc-pnp-elss", "invitations", "5"),
        ("ca-bc-pnp-elss", "cutoff_score", "96"),
        ("ca-bc-pnp-elss", "draw_on", "2025-03-04"),
    }, id="caption date"),
    pytest.param("""\
Nova Scotia Nominee Program selections

March 2026

Stream | Selected
Skilled Worker | 131
Occupations in Demand | 24

February 2026

Stream | Selected
Skilled Worker | 99
Occupations in Demand | 12""", None, {
        ("ca-ns-nsnp-sw", "invitations", "131"),
        ("ca-ns-nsnp-sw", "draw_on", "2026-03"),
        ("ca-ns-nsnp-sw", "invitations", "99"),
        ("ca-ns-nsnp-sw", "draw_on", "2026-02"),
        ("ca-ns-nsnp-oid", "invitations", "24"),
        ("ca-ns-nsnp-oid", "draw_on", "2026-03"),
        ("ca-ns-nsnp-oid", "invitations", "12"),
        ("ca-ns-nsnp-oid", "draw_on", "2026-02"),
    }, id="month heading"),
    pytest.param("""\
PEI draws

Results of Prince Edward Island PNP draws in 2025

Draw date | Labour & Express Entry | Business Impact | Lowest score, business
January 16, 2025 | 22 | 3 | 90
February 20, 2025 | 87 | Less than 10 | 105""", None, {
        ("ca-pe-pnp", "invitations", "22"),
        ("ca-pe-pnp", "invitations", "87"),
        ("ca-pe-pnp-business", "invitations", "3"),
        ("ca-pe-pnp-business", "invitations", "10"),
        ("ca-pe-pnp-business", "cutoff_score", "90"),
        ("ca-pe-pnp-business", "cutoff_score", "105"),
        ("ca-pe-pnp-business", "draw_on", "2025-01-16"),
        ("ca-pe-pnp-business", "draw_on", "2025-02-20"),
    }, id="streams as columns"),
    pytest.param("""\
Express Entry: three rounds in a week

Canada held three Express Entry rounds last week:

- May 5: 421 invitations to PNP candidates, cut-off 727
- May 6: 1,000 invitations to Canadian Experience Class candidates, cut-off 521
- May 8, 500 healthcare candidates with 474 points""", "2025-05-12", {
        ("ca-ee-pnp", "invitations", "421"),
        ("ca-ee-pnp", "cutoff_score", "727"),
        ("ca-ee-pnp", "draw_on", "2025-05-05"),
        ("ca-ee-cec", "invitations", "1000"),
        ("ca-ee-cec", "cutoff_score", "521"),
        ("ca-ee-cec", "draw_on", "2025-05-06"),
        ("ca-ee-health", "invitations", "500"),
        ("ca-ee-health", "cutoff_score", "474"),
        ("ca-ee-health", "draw_on", "2025-05-08"),
    }, id="ee list days"),
    pytest.param("""\
Express Entry draws in 2024

# | Date | Round | ITAs | CRS
295 | May 31, 2024 | Provincial Nominee Program | 2,985 | 676
296 | June 19, 2024 | Provincial Nominee Program | 1,499 | 663
297 | July 4, 2024 | Trade occupations | 1,800 | 436
298 | July 5, 2024 | Healthcare occupations | 3,750 | 445
299 | July 8, 2024 | French language proficiency | 3,200 | 420""", None, {
        ("ca-ee-pnp", "invitations", "2985"),
        ("ca-ee-pnp", "cutoff_score", "676"),
        ("ca-ee-pnp", "draw_on", "2024-05-31"),
        ("ca-ee-pnp", "invitations", "1499"),
        ("ca-ee-pnp", "cutoff_score", "663"),
        ("ca-ee-pnp", "draw_on", "2024-06-19"),
        ("ca-ee-trades", "invitations", "1800"),
        ("ca-ee-trades", "cutoff_score", "436"),
        ("ca-ee-trades", "draw_on", "2024-07-04"),
        ("ca-ee-health", "invitations", "3750"),
        ("ca-ee-health", "cutoff_score", "445"),
        ("ca-ee-health", "draw_on", "2024-07-05"),
        ("ca-ee-french", "invitations", "3200"),
        ("ca-ee-french", "cutoff_score", "420"),
        ("ca-ee-french", "draw_on", "2024-07-08"),
    }, id="ee table"),
    pytest.param("""\
Latest Express Entry draws

Draw date
Round type
ITAs issued
CRS cut-off
July 8, 2024
French language proficiency
3,200
420
July 5, 2024
Healthcare occupations
3,750
445
July 4, 2024
Trade occupations
1,800
436""", None, {
        ("ca-ee-trades", "invitations", "1800"),
        ("ca-ee-trades", "cutoff_score", "436"),
        ("ca-ee-trades", "draw_on", "2024-07-04"),
        ("ca-ee-health", "invitations", "3750"),
        ("ca-ee-health", "cutoff_score", "445"),
        ("ca-ee-health", "draw_on", "2024-07-05"),
        ("ca-ee-french", "invitations", "3200"),
        ("ca-ee-french", "cutoff_score", "420"),
        ("ca-ee-french", "draw_on", "2024-07-08"),
    }, id="ee noheader lines"),
    pytest.param("""\
SkillSelect invitation round: 7 November 2024

The table shows the number of invitations issued in the round of 7 November 2024.

Visa subclass | Number
Skilled Independent visa (subclass 189) | 15,000
Skilled Work Regional (Provisional) visa (subclass 491) Family Sponsored | 1,200""", None, {
        ("au-189", "invitations", "15000"),
        ("au-189", "draw_on", "2024-11-07"),
        ("au-491", "invitations", "1200"),
        ("au-491", "draw_on", "2024-11-07"),
    }, id="au table"),
    pytest.param("""\
Newfoundland and Labrador issues 512 invitations in November

Newfoundland and Labrador invited 512 candidates in November 2025 under the NLPNP. In October 2025, 254 people had been invited.""", "2025-12-03", {
        ("ca-nl-nlpnp", "invitations", "512"),
        ("ca-nl-nlpnp", "invitations", "254"),
        ("ca-nl-nlpnp", "draw_on", "2025-11"),
        ("ca-nl-nlpnp", "draw_on", "2025-10"),
    }, id="nl month"),
    pytest.param("""\
SINP Expression of Interest selection results

Date of selection | Category | Lowest score | Number of candidates selected
September 3, 2024 | Express Entry | 87 | 12
September 3, 2024 | Occupations In-Demand | 89 | 31""", None, {
        ("ca-sk-sinp-isw-ee", "invitations", "12"),
        ("ca-sk-sinp-isw-ee", "cutoff_score", "87"),
        ("ca-sk-sinp-isw-ee", "draw_on", "2024-09-03"),
        ("ca-sk-sinp-isw-oid", "invitations", "31"),
        ("ca-sk-sinp-isw-oid", "cutoff_score", "89"),
        ("ca-sk-sinp-isw-oid", "draw_on", "2024-09-03"),
    }, id="sk table"),
    pytest.param("""\
CRS score falls as Canada invites 4,000 francophones

Immigration, Refugees and Citizenship Canada invited 4,000 French-speaking candidates in an Express Entry draw on October 6. The cut-off was 432 points, one point lower than in the previous French round of September 4, when 4,500 were invited at 446.""", "2025-10-07", {
        ("ca-ee-french", "invitations", "4000"),
        ("ca-ee-french", "cutoff_score", "432"),
        ("ca-ee-french", "draw_on", "2025-10-06"),
        ("ca-ee-french", "invitations", "4500"),
        ("ca-ee-french", "cutoff_score", "446"),
        ("ca-ee-french", "draw_on", "2025-09-04"),
    }, id="spells"),
    pytest.param("""\
Express Entry: latest round

Round type | Canadian Experience Class
Number of invitations issued | 1,000
Rank required | 1,000 or above
Date and time of round | October 28, 2025 at 13:08:43 UTC
CRS score of lowest-ranked candidate invited | 533
Tie-breaking rule | February 19, 2025 at 05:37:31 UTC""", None, {
        ("ca-ee-cec", "invitations", "1000"),
        ("ca-ee-cec", "cutoff_score", "533"),
        ("ca-ee-cec", "draw_on", "2025-10-28"),
    }, id="record table"),
    pytest.param("""\
BC PNP draws of the week

The BC PNP held two draws this week. On June 3 it invited 94 tech workers with at least 110 points. On June 5 it issued 25 invitations to health candidates; the minimum was 95.""", "2024-06-07", {
        ("ca-bc-pnp-tech", "invitations", "94"),
        ("ca-bc-pnp-tech", "cutoff_score", "110"),
        ("ca-bc-pnp-tech", "draw_on", "2024-06-03"),
        ("ca-bc-pnp-health", "invitations", "25"),
        ("ca-bc-pnp-health", "cutoff_score", "95"),
        ("ca-bc-pnp-health", "draw_on", "2024-06-05"),
    }, id="several same prog"),
    pytest.param("""\
Yukon pauses list

Occupations added to the Yukon Nominee Program's list of eligible occupations:

Cooks 63200
Bakers 63202
Butchers, meat cutters and fishmongers 63201""", None, {
        ("ca-yt-ynp", "eligible_noc", "63200"),
        ("ca-yt-ynp", "eligible_noc", "63202"),
        ("ca-yt-ynp", "eligible_noc", "63201"),
    }, id="occ title noc word"),
    pytest.param("""\
Rural Renewal Stream changes

As of May 1, 2025, candidates in NOC 60010, 62020 and 65100 are no longer eligible for the Rural Renewal Stream in Alberta. Applications with NOC 73300 are accepted.""", None, {
        ("ca-ab-aaip-rrs", "excluded_noc", "60010"),
        ("ca-ab-aaip-rrs", "excluded_noc", "62020"),
        ("ca-ab-aaip-rrs", "excluded_noc", "65100"),
        ("ca-ab-aaip-rrs", "eligible_noc", "73300"),
    }, id="occ sentence out"),
    pytest.param("""\
Agri-Food Pilot limits

The Agri-Food Pilot accepts a limited number of applications a year:

Occupation | Code | Annual limit
Retail butchers | NOC B 6331 | 1,470
Farm supervisors | NOC B 8252 | 50
General farm workers | NOC C 8431 | 200""", None, {
        ("ca-agri-food", "eligible_noc", "6331"),
        ("ca-agri-food", "eligible_noc", "8252"),
        ("ca-agri-food", "eligible_noc", "8431"),
    }, id="occ limit table"),
    pytest.param("""\
IRCC drops six occupations from the health category

IRCC changed the Express Entry health category in 2025. It removed medical laboratory technicians (33101) and added social workers (41300) and therapists in counselling (41301).""", None, {
        ("ca-ee-health", "excluded_noc", "33101"),
        ("ca-ee-health", "eligible_noc", "41300"),
        ("ca-ee-health", "eligible_noc", "41301"),
    }, id="occ removed"),
    pytest.param("""\
Changes to the trades category of Express Entry

Added occupations
Cooks (NOC 63200)
Construction managers (NOC 70010)

Removed occupations
Machinists (NOC 72100)
Drillers and blasters (NOC 73402)""", None, {
        ("ca-ee-trades", "eligible_noc", "63200"),
        ("ca-ee-trades", "eligible_noc", "70010"),
        ("ca-ee-trades", "excluded_noc", "72100"),
        ("ca-ee-trades", "excluded_noc", "73402"),
    }, id="occ sections"),
    pytest.param("""\
Skilled worker visa

The UK salary list covers SOC 5212 and 5214. Employers in NAICS 23611 and 11251, and ANZSCO 233211, are not affected. Write to PO Box 63200, Beverly Hills, CA 90210.""", None, set(), id="occ notnoc"),
    pytest.param("""\
TEER 4 jobs

The following NOC codes will not be accepted under the Atlantic Immigration Program: 65200, 65201 and 75201. Employers may still hire under 33102 and 44101.""", None, {
        ("ca-aip", "excluded_noc", "65200"),
        ("ca-aip", "excluded_noc", "65201"),
        ("ca-aip", "excluded_noc", "75201"),
        ("ca-aip", "eligible_noc", "33102"),
        ("ca-aip", "eligible_noc", "44101"),
    }, id="occ not accepted"),
    pytest.param("""\
RCIP in Thunder Bay

Priority occupations in the Rural Community Immigration Pilot

Sector: Health care
31301 Registered nurses and registered psychiatric nurses
32101 Licensed practical nurses
Sector: Trades
72410 Automotive service technicians""", None, {
        ("ca-rcip", "eligible_noc", "31301"),
        ("ca-rcip", "eligible_noc", "32101"),
        ("ca-rcip", "eligible_noc", "72410"),
    }, id="occ rcip"),
]


@pytest.mark.parametrize(("text", "published", "expected"), CASES)
def test_rounds_and_lists_are_read_in_every_layout(text: str, published: str | None, expected: set[tuple[str, str, str]]) -> None:
    facts = annotate(Document(id="round", text=text, published=published))["facts"]
    found = {(fact["pathway"], fact["attribute"], str(fact["value"])) for fact in facts if fact["attribute"] in WANTED}
    assert expected <= found
    assert {each for each in found - expected if each[1] != "draw_on"} == set()


def test_cells_in_lines_of_their_own_become_rows() -> None:
    text = "Results\n\nDay\nStream\nInvited\nMay 3, 2024\nGraduates\n<5\nMay 9, 2024\nNurses\n12\n"
    rows = [[text[start:end] for start, end in block.cells] for block in infer_blocks(text) if block.kind == "row"]
    assert rows == [["Day", "Stream", "Invited"], ["May 3, 2024", "Graduates", "<5"], ["May 9, 2024", "Nurses", "12"]]


def test_lines_of_unlike_make_are_no_table() -> None:
    text = "Day\nStream\nInvited\nMay 3, 2024\nGraduates\n5\nNurses\nMay 9, 2024\n12"
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    assert find_stacked(text, lines, 0) == (0, 0)


@pytest.mark.parametrize("row", tomllib.loads((files("extract.facts") / "columns.toml").read_text(encoding="utf-8"))["sector"], ids=lambda row: row["example"])
def test_sectors_are_told_by_their_words(row: dict[str, str]) -> None:
    assert find_role(row["example"], "sector") == row["role"]
    assert set(row["role"].split()) <= set(load_pathways())


def test_a_sector_is_the_category_of_its_own_program() -> None:
    text = "BC PNP draw\n\nOn May 3, 2024, the BC PNP invited 94 tech workers and 25 health workers."
    facts = annotate(Document(id="sector", text=text))["facts"]
    assert {("ca-bc-pnp-tech", 94), ("ca-bc-pnp-health", 25)} <= {(fact["pathway"], fact["value"]) for fact in facts}
