"""The vocabulary's files: complete, sound, and clear about errors."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from extract import vocabulary
from extract.vocabulary import VocabularyError
from extract.vocabulary.places import load_places

FOLDER = Path(vocabulary.__file__).parent


@pytest.fixture
def copy(tmp_path):
    for path in FOLDER.glob("*.*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def append(folder: Path, name: str, line: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


@pytest.mark.shared
def test_ids_are_those_of_the_shared_vocabulary(shared) -> None:
    with (shared / "vocabulary" / "pathways.csv").open(encoding="utf-8") as stream:
        wanted = {row["pathway_id"]: row["parent_id"] or None for row in csv.DictReader(stream)}
    ours = vocabulary.load_pathways()
    assert {name: ours[name].parent_id for name in wanted if name in ours} == wanted


def test_files_load_whole() -> None:
    assert len(vocabulary.load_pathways()) >= 230
    assert len(vocabulary.load_unit_groups()) == 516
    assert len(vocabulary.load_successions()) == 500
    assert len(vocabulary.load_attributes()) == 18
    assert {place.level for place in vocabulary.load_jurisdictions().values()} == {"country", "province", "territory"}
    assert any(place.jurisdiction == "NZ" for place in load_places())
    assert vocabulary.load_spellings()["programme"] == "program"
    assert vocabulary.load_title_variants()


def test_official_titles_of_both_editions() -> None:
    assert vocabulary.official_title("21231") == "Software engineers and designers"
    assert vocabulary.official_title("6322") == "Cooks"
    assert vocabulary.official_title("31320") is None
    assert vocabulary.official_title("2016") is None


def test_braces_are_written_out() -> None:
    alias = next(alias for alias in vocabulary.load_aliases() if "{" in alias.alias)
    assert len(alias.spellings()) > 1
    assert not any(mark in spelling for spelling in alias.spellings() for mark in "{}|")


# A file, a line appended to it, and words of the error.
BROKEN = [
    # a parent that isn't there
    ("pathways.csv", "ca-new,ca-nowhere,CA,program,New,,,,", "parent 'ca-nowhere'"),
    # an id twice
    ("pathways.csv", "ca-ee,,CA,system,Express Entry,,,,", "twice"),
    # a malformed id
    ("pathways.csv", "CA EE,,CA,system,Express Entry,,,,", "no pathway id"),
    # an unknown jurisdiction
    ("pathways.csv", "xx-new,,XX,program,New,,,,", "jurisdiction 'XX'"),
    # a date that is none
    ("pathways.csv", "ca-new,,CA,program,New,,,yesterday,", "valid_from"),
    # an address without https
    ("pathways.csv", "ca-new,,CA,program,New,,http://example.org,,", "https"),
    # too few cells
    ("pathways.csv", "ca-new,,CA", "3 cells, expected 9"),
    # a pathway that isn't there
    ("aliases.csv", "ca-nowhere,Nowhere,en,official,any,,,,,,,,", "'ca-nowhere' is no pathway"),
    # a kind that isn't there
    ("aliases.csv", "ca-ee,Fast Lane,en,slang,any,,,,,,,,", "kind is 'slang'"),
    # braces left open
    ("aliases.csv", "ca-ee,Fast {Lane,en,news,any,,,,,,,,", "braces"),
    # an unknown place
    ("aliases.csv", "ca-ee,Fast Lane,en,news,any,XX,,,,,,,", "place 'XX'"),
    # a code with another TEER
    ("noc_2021.csv", "99999,Nobody,1,9", "don't fit"),
    # one code too many
    ("noc_2021.csv", "99999,Nobody,9,9", "expected 516"),
    # a variant for a code that isn't there
    ("noc_variants.csv", "Nobody,99999,2021", "not in NOC 2021"),
    # a place in no jurisdiction
    ("places.csv", "Atlantis,XX,title,1", "jurisdiction 'XX'"),
]
LOADERS = {
    "pathways.csv": vocabulary.load_pathways,
    "aliases.csv": vocabulary.load_aliases,
    "noc_2021.csv": vocabulary.load_unit_groups,
    "noc_variants.csv": vocabulary.load_title_variants,
    "places.csv": load_places,
}


@pytest.mark.parametrize(("name", "line", "words"), BROKEN)
def test_errors_name_file_and_line(copy, name: str, line: str, words: str) -> None:
    append(copy, name, line)
    with pytest.raises(VocabularyError, match=words) as caught:
        LOADERS[name](copy)
    assert caught.value.file == name
    assert str(caught.value).startswith(name)


def test_absent_file_is_named(tmp_path) -> None:
    with pytest.raises(VocabularyError, match=r"jurisdictions\.csv"):
        vocabulary.load_pathways(tmp_path)
