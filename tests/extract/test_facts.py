"""Facts: each row is a short text and all the facts that it states, or none."""

from __future__ import annotations

import pytest

from extract.cues.assign import VALUES, weigh
from extract.cues.grammar import CUE_FILES, Cue, parse_literal, read_alternatives, read_toml
from extract.cues.match import SLOTS, Item, build_index, make_items, match_cues, read_context_index
from extract.dates.find import find_dates
from extract.dates.resolve import Surroundings, resolve_dates
from extract.document import Document
from extract.facts.hints import signs_of, words_around
from extract.facts.labels import name_column, read_labels
from extract.facts.rules import read_rules
from extract.pipeline import annotate
from extract.quantities.find import find_quantities
from extract.tokens import split_tokens

Expected = tuple[str, str, object]


def states(text: str, published: str | None = None) -> set[Expected]:
    record = annotate(Document("a", text, None, published))
    return {
        (fact["pathway"], fact["attribute"], tuple(fact["value"]) if isinstance(fact["value"], list) else fact["value"])
        for fact in record["facts"]
    }


def iter_words(words: object) -> list[str]:
    assert isinstance(words, list)
    return [str(word) for word in words]


def find_items(text: str) -> list[Item]:
    tokens = split_tokens(text)
    dates = resolve_dates(tokens, find_dates(tokens, []), None, Surroundings([0], [0]))
    quantities = find_quantities(tokens, [], [(date["start"], date["end"]) for date in dates])
    values = [(date["start"], date["end"], "date", date) for date in dates]
    values += [(item["start"], item["end"], SLOTS[item["kind"]], item) for item in quantities]
    return make_items(tokens, 0, len(text), sorted(values, key=lambda value: value[0]))


@pytest.mark.parametrize("row", [row for name in CUE_FILES for row in read_toml(name, "cue")], ids=lambda row: f"{row['category']}-{row['direction']}-{row['value']}")
def test_every_group_of_cues_reaches_the_value_of_its_example(row: dict[str, object]) -> None:
    literals = row["literals"]
    assert isinstance(literals, list)
    cues = [Cue(literal, str(row["category"]), str(row["direction"]), str(row["value"]), int(str(row["scope"])), float(str(row["weight"])),
                parse_literal(literal)) for literal in literals]
    items = find_items(str(row["example"]))
    matches = match_cues(items, build_index(cues))
    assert any(
        VALUES[match.cue.value](item) and weigh(items, place, match) is not None for match in matches for place, item in enumerate(items)
    )


@pytest.mark.parametrize("row", read_toml("hints.toml", "hint"), ids=lambda row: f"{row['category']}-{row['value']}-{row['weight']}")
def test_every_hint_has_a_word_beside_the_value_of_its_example(row: dict[str, object]) -> None:
    items = find_items(str(row["example"]))
    words = read_alternatives("|".join(iter_words(row["words"])))
    places = [place for place, item in enumerate(items) if VALUES[str(row["value"])](item)]
    assert any(words & (words_around(items, place) | signs_of(items, place)) for place in places)


@pytest.mark.parametrize("row", read_toml("context.toml", "context"), ids=lambda row: row["category"])
def test_every_context_is_found_in_its_example(row: dict[str, str]) -> None:
    found = {match.cue.category for match in match_cues(find_items(row["example"]), read_context_index())}
    assert row["category"] in found


@pytest.mark.parametrize("attribute", read_rules())
def test_every_rule_gives_a_fact_of_its_attribute(attribute: str) -> None:
    assert attribute in {found for _, found, _ in states(read_rules()[attribute]["example"])}


def test_every_column_is_named_by_its_example() -> None:
    import tomllib
    from importlib.resources import files

    rows = tomllib.loads((files("extract.facts") / "columns.toml").read_text(encoding="utf-8"))["column"]
    assert [name_column(row["example"]) for row in rows] == [column.role for column in read_labels("column")]


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        # a draw: date, number and score belong to the drawn category
        (("Draw\n\nOn May 31, 2024, IRCC issued 3,000 invitations to apply to provincial nominees in an Express Entry draw. "
         "The minimum CRS score was 676."), "2024-06-01",
         {("ca-ee-pnp", "invitations", 3000), ("ca-ee-pnp", "cutoff_score", 676), ("ca-ee-pnp", "draw_on", "2024-05-31")}),
        # the date of a draw is its weekday before publication
        (("Physicians invited\n\nThe department held another Express Entry draw on Thursday, inviting 391 candidates under the category for "
         "physicians with Canadian work experience. They needed a CRS score of at least 169."), "2026-02-20",
         {("ca-ee-physicians", "invitations", 391), ("ca-ee-physicians", "cutoff_score", 169),
          ("ca-ee-physicians", "draw_on", "2026-02-19")}),
        # two draws in one text keep their figures apart
        (("Two draws in one week\n\nOn July 7, 2025, Canada invited 356 Express Entry candidates through the Provincial Nominee Program with a "
         "cut-off of 750. On July 8, 2025, it invited 3,000 candidates in the Canadian Experience Class with a minimum CRS score of 518."),
         "2025-07-09",
         {("ca-ee-pnp", "invitations", 356), ("ca-ee-pnp", "cutoff_score", 750), ("ca-ee-pnp", "draw_on", "2025-07-07"),
          ("ca-ee-cec", "invitations", 3000), ("ca-ee-cec", "cutoff_score", 518), ("ca-ee-cec", "draw_on", "2025-07-08")}),
        # labelled lines under a heading, the date above
        (("Expression of Interest Draw\n\nMay 15, 2025\n\nSkilled Worker in Manitoba\n\nNumber of Letters of Advice to Apply issued: 55\n"
         "Ranking score of lowest-ranked candidate invited: 731"), "2025-05-15",
         {("ca-mb-mpnp-swm", "invitations", 55), ("ca-mb-mpnp-swm", "cutoff_score", 731), ("ca-mb-mpnp-swm", "draw_on", "2025-05-15")}),
        # a table of draws: each row has its own category
        (("Alberta Advantage Immigration Program draws\n\nDraw date | Stream | Minimum score | Number of invitations\n"
         "May 3, 2024 | Rural Renewal Stream | 51 | 60\nMay 9, 2024 | Alberta Opportunity Stream | 65 | Less than 10"), "2024-05-10",
         {("ca-ab-aaip-rrs", "draw_on", "2024-05-03"), ("ca-ab-aaip-rrs", "cutoff_score", 51), ("ca-ab-aaip-rrs", "invitations", 60),
          ("ca-ab-aaip-aos", "draw_on", "2024-05-09"), ("ca-ab-aaip-aos", "cutoff_score", 65), ("ca-ab-aaip-aos", "invitations", 10)}),
        # respectively
        (("Scores\n\nThe cut-off scores were 450 and 480 for the Canadian Experience Class and the Federal Skilled Worker Program "
         "respectively in the Express Entry draws."), None,
         {("ca-ee-cec", "cutoff_score", 450), ("ca-ee-fsw", "cutoff_score", 480)}),
        # an enumeration of targets, each with its year
        ("Levels\n\nThe Immigration Levels Plan sets targets of 395,000 permanent residents in 2025, 380,000 in 2026 and 365,000 in 2027.",
         None, {("ca-levels", "target", 395000), ("ca-levels", "target", 380000), ("ca-levels", "target", 365000)}),
        # a table whose columns are years
        ("The Immigration Levels Plan\n\nCategory | 2025 | 2026\nAll permanent residents | 395,000 | 380,000", None,
         {("ca-levels", "target", 395000), ("ca-levels", "target", 380000)}),
        # caps: applications, country allocations, percentages
        (("Caregivers\n\nThe Home Care Worker Immigration Pilots opened on March 31, 2025, and the cap of 2,750 applications was reached the "
         "same day. Applicants must have CLB 4 and six months of work experience."), "2025-04-02",
         {("ca-hcwip", "opens_on", "2025-03-31"), ("ca-hcwip", "cap_reached_on", "2025-03-31"), ("ca-hcwip", "cap", 2750), ("ca-hcwip", "min_language", 4),
          ("ca-hcwip", "min_experience", "P6M")}),
        (("Youth Mobility Scheme in 2025\n\nThe total allocation of places for nationals in the UK's Youth Mobility Scheme is as follows:\n"
         "- Andorra: 100 places\n- Iceland: 1,000 places"), None, {("gb-yms", "cap", 100), ("gb-yms", "cap", 1000)}),
        # a fee that rises has two values
        ("Start-up Visa fees\n\nThe processing fee for the Start-up Visa Program will increase from $2,140 to $2,210 on April 30, 2026.", None,
         {("ca-suv", "fee", 2140), ("ca-suv", "fee", 2210), ("ca-suv", "effective_on", "2026-04-30")}),
        # a salary threshold with its currency
        ("Skilled Worker visa\n\nFrom 22 July 2025, the general salary threshold for the UK's Skilled Worker visa rose from £38,700 to £41,700.",
         None, {("gb-skilled-worker", "min_wage", 38700), ("gb-skilled-worker", "min_wage", 41700),
                ("gb-skilled-worker", "effective_on", "2025-07-22")}),
        # opening and closing; the longer cue wins over the one inside it
        ("Start-up Visa\n\nThe department will stop accepting new applications under the Start-up Visa Program on December 31, 2025.", None,
         {("ca-suv", "closes_on", "2025-12-31")}),
        # a carried-over subject
        ("Agri-Food Pilot\n\nThe Agri-Food Pilot is for growers. The pilot closes on May 14, 2025.", None,
         {("ca-agri-food", "closes_on", "2025-05-14")}),
        # processing time and validity
        ("Super visa\n\nCanada's super visa is valid for up to ten years. Super visa applications are processed within 30 days.", None,
         {("ca-super-visa", "permit_validity", "P10Y"), ("ca-super-visa", "processing_time", "P30D")}),
        # lists of codes, wanted and unwanted
        (("OINP update\n\nOntario's OINP invited candidates in the following occupations:\n- 21231 Software engineers and designers\n"
         "- 21232 Software developers and programmers"), None,
         {("ca-on-oinp", "eligible_noc", "21231"), ("ca-on-oinp", "eligible_noc", "21232")}),
        (("SINP update\n\nThe following occupations are no longer eligible under the Saskatchewan Immigrant Nominee Program:\n"
         "- 62020 Food service supervisors"), None, {("ca-sk-sinp", "excluded_noc", "62020")}),
    ],
)
def test_states(text: str, published: str | None, expected: set[Expected]) -> None:
    assert states(text, published) == expected


@pytest.mark.parametrize(
    "text",
    [
        # statistics of what happened
        "Backlog\n\nIRCC processed 91,300 Express Entry applications in May and approved 500,000 files last year.",
        # what somebody denies
        "Rumour\n\nThe minister denied that the Start-up Visa Program will close on June 30, 2025.",
        # made-up cases
        "Points\n\nSuppose a candidate has a CRS score of 480 in an Express Entry draw.",
        # a candidate's deadline is no processing time
        "How to apply\n\nYou have 60 days to submit your application after you are invited under Express Entry.",
        # a person's experience and a byline
        "The author\n\nShe is a lawyer with over 20 years of experience in Express Entry cases.\n\nArticles: 6410",
        # how many people stand in the pool at which score
        "Express Entry pool\n\nCRS score range | Number of candidates\n601-1200 | 385\n501-600 | 14,512",
        # streams and rounds are counted, not limited
        "Express Entry\n\nTwo draws were held, and there are three programs under Express Entry.",
    ],
)
def test_states_nothing(text: str) -> None:
    assert states(text, "2025-05-01") == set()


def test_fact_opens_to_its_words() -> None:
    text = "Pilot news\n\nWe are glad. The Agri-Food Pilot accepts a maximum of 2,750 applications in 2024, while others wait."
    (fact,) = annotate(Document("a", text))["facts"]
    evidence = fact["evidence"]
    assert text[evidence["start"]:evidence["end"]] == "The Agri-Food Pilot accepts a maximum of 2,750 applications in 2024"
    assert {(span["role"], text[span["start"]:span["end"]]) for span in fact["spans"]} >= {
        ("value", "2,750"), ("subject", "Agri-Food Pilot"), ("comparator", "maximum of "),
    }
    assert (fact["comparator"], fact["unit"], fact["period"], fact["as_written"]) == ("le", "applications", "2024", "2,750")
    assert fact["rule"].startswith("cap-")
    assert 0 < fact["score"] <= 1


@pytest.mark.parametrize(
    ("words", "modality"),
    [("will close", "announced"), ("closes", "asserted"), ("is expected to close", "forecast"), ("would close", "proposed")],
)
def test_modality(words: str, modality: str) -> None:
    facts = annotate(Document("a", f"News\n\nThe Agri-Food Pilot {words} on May 14, 2025."))["facts"]
    assert [fact["modality"] for fact in facts] == [modality]


def test_occupation_fact_has_both_titles() -> None:
    text = "Canada's Global Talent Stream\n\nOccupationNOC code\nCivil Engineers21300\nMining engineers21330"
    facts = annotate(Document("a", text))["facts"]
    assert [(fact["value"], fact["title_printed"], fact["title_official"]) for fact in facts] == [
        ("21300", "Civil Engineers", "Civil engineers"), ("21330", "Mining engineers", "Mining engineers"),
    ]


@pytest.mark.parametrize("literal", ["{open|put on hold} on", "closed [up to|until]"])
def test_a_choice_of_several_words_is_refused_when_it_is_read(literal: str) -> None:
    with pytest.raises(ValueError, match="an alternative is one word"):
        parse_literal(literal)
