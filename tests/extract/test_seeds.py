"""The two articles that the project began with: what they state, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extract.document import Document
from extract.pipeline import annotate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared


def read_seed(shared: Path, name: str) -> str:
    (path,) = (shared / "seeds").glob(f"{name}_*.txt")
    return path.read_text(encoding="utf-8")


def list_facts(record: dict[str, Any]) -> list[tuple[Any, ...]]:
    return sorted((fact["pathway"], fact["attribute"], fact["value"], fact["comparator"], fact["unit"], fact["period"])
                  for fact in record["facts"])


@pytest.mark.parametrize(("published", "opening"), [(None, "XXXX-07-16"), ("2023-06-28", "2023-07-16")])
def test_talent_strategy(shared: Path, published: str | None, opening: str) -> None:
    text = read_seed(shared, "000")
    record = annotate(Document("000", text, published=published))
    assert set(record["pathways"]) >= {"ca-tts", "us-h1b", "ca-imp-h1b", "ca-levels"}
    assert list_facts(record) == [
        ("ca-imp-h1b", "cap", 10000, "le", "people", None),
        ("ca-imp-h1b", "opens_on", opening, "eq", "EDTF", None),
        ("ca-levels", "target", 1450000, "eq", "people", "2025"),
    ]
    assert {date["edtf"] for date in record["dates"]} == {opening, "2025"}
    cut = {fact["attribute"]: text[fact["evidence"]["start"]:fact["evidence"]["end"]] for fact in record["facts"]}
    assert "up to 10,000 H-1B visa holders" in cut["cap"]
    assert "July 16" in cut["opens_on"]
    assert "1.45 million immigrants by 2025" in cut["target"]


def test_five_pathways(shared: Path) -> None:
    text = read_seed(shared, "004")
    record = annotate(Document("004", text))
    codes = ["21300", "21310", "21311", "21330", "21390"]
    assert list_facts(record) == [
        *(("ca-tfwp-gts", "eligible_noc", code, "eq", "NOC 2021", None) for code in codes),
        ("ca-tfwp-gts", "processing_time", "P2W", "le", "ISO 8601 duration", None),
    ]
    titles = {fact["value"]: (fact["title_printed"], fact["title_official"]) for fact in record["facts"] if fact["value"] in codes}
    assert titles["21300"] == ("Civil Engineers", "Civil engineers")
    assert titles["21310"] == ("Electrical and electronics engineer", "Electrical and electronics engineers")
    assert {date["edtf"] for date in record["dates"]} == {"2023", "2020"}
    for fact in record["facts"]:
        cut = text[fact["evidence"]["start"]:fact["evidence"]["end"]]
        assert fact["as_written"] in cut
        assert fact["attribute"] != "eligible_noc" or fact["title_printed"] in cut


def test_the_byline_is_nothing(shared: Path) -> None:
    text = read_seed(shared, "004")
    byline = text.index("6410")
    record = annotate(Document("004", text))
    assert not [mention for mention in record["mentions"] if mention["start"] <= byline < mention["end"] and mention["type"] != "quantity"]
