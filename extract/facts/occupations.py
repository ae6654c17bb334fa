"""Occupation codes as facts: which pathway's list a code stands in, and whether the list invites or excludes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.cues.match import make_items, match_cues, read_context_index
from extract.facts.cases import find_cases
from extract.facts.fact import Fact
from extract.facts.reading import Passage
from extract.facts.scopes import heading_pathways, is_below
from extract.facts.subjects import GENERIC, choose_nearest, find_subjects_around

if TYPE_CHECKING:
    from extract.facts.reading import Mention, Reading

SCORE = 0.85
LEADS = 4  # leads of lists within lists that are looked at
LONGEST_TITLE = 60  # characters of a cell that hardly holds more than a title and its code
NEAR_LEAD = 3  # blocks before a list in which the words that introduce it may stand


class OccupationLists:
    """Reads the codes of one document in order."""

    def __init__(self, reading: Reading, topic: str | None) -> None:
        self.reading = reading
        self.topic = topic
        self.kinds: dict[int, str] = {}
        self.cases = find_cases(reading)

    def read(self) -> list[Fact]:
        """A fact for each code that stands in a list of a pathway."""
        facts: list[Fact] = []
        for mention in self.reading.occupations:
            number = self.reading.block_at(mention["start"])
            if any(start <= mention["start"] < end for start, end in self.cases):
                continue
            passage = self.find_passage(number, mention)
            kind = self.find_kind(passage, mention["start"])
            if not kind:
                continue
            facts += [
                Fact(
                    subject, kind, str(mention["code"]), f"NOC {mention['edition']}", "eq", None, "asserted",
                    (passage.start, passage.end), [("value", mention["start"], mention["end"])], f"{kind}-list", SCORE,
                    titles={"title_printed": mention["title_printed"], "title_official": mention["title_official"]},
                )
                for subject in self.find_list_subjects(passage, mention)
            ]
        return facts

    def find_passage(self, number: int, mention: Mention) -> Passage:
        """The row, item or sentence that holds a code."""
        block = self.reading.blocks[number]
        if block.kind == "row":
            return Passage(block.start, block.end, number)
        for passage in self.reading.passages_of.get(number, []):
            if passage.start <= mention["start"] < passage.end:
                return passage
        return Passage(block.start, block.end, number)

    def find_kind(self, passage: Passage, code: int) -> str:
        """eligible_noc, excluded_noc or "" by the words of the sentence, the lead of its list, and the headings above."""
        block = self.reading.blocks[passage.block]
        places: list[tuple[int, int]] = [cell for cell in block.cells if cell[0] <= code < cell[1] and cell[1] - cell[0] > LONGEST_TITLE]
        if block.kind != "row":
            own = self.name_kind(passage.start, passage.end)
            if own == "recoded":
                return ""
            if own == "listing":
                return "eligible_noc"
            places.append((passage.start, passage.end))
        lead = self.reading.intros[passage.block]
        while lead is not None and len(places) <= LEADS:
            places.append((self.reading.blocks[lead].start, self.reading.blocks[lead].end))
            lead = self.reading.intros[lead]
        above = self.reading.headings[passage.block]
        while above is not None:
            places.append((self.reading.blocks[above].start, self.reading.blocks[above].end))
            above = self.reading.headings[above]
        if block.kind in {"row", "item"}:
            first = self.reading.runs[passage.block]
            places[1:1] = [(each.start, each.end) for each in self.reading.blocks[max(0, first - NEAR_LEAD):first][::-1]]
            if block.kind == "row":
                places += self.reading.blocks[first].cells  # cell by cell: lost markup may have glued the words together
        for start, end in places:
            kind = self.name_kind(start, end)
            if kind in {"eligible_noc", "excluded_noc"}:
                return kind
        listed = block.kind in {"row", "item"} and any(self.name_kind(start, end) == "named" for start, end in places)
        return "eligible_noc" if listed else ""  # a bare list of occupations on a pathway's page is its list

    def name_kind(self, start: int, end: int) -> str:
        """What a stretch of text says of a list."""
        if start not in self.kinds:
            found = {match.cue.category for match in match_cues(make_items(self.reading.tokens, start, end, []), read_context_index())}
            self.kinds[start] = (
                "recoded" if "recoded" in found else "excluded_noc" if "excluded_list" in found else "eligible_noc" if "eligible_list" in found
                else "listing" if "eligible_codes" in found
                else "named" if "occupation_list" in found else ""
            )
        return self.kinds[start]

    def find_list_subjects(self, passage: Passage, mention: Mention) -> list[str]:
        """Whose list it is: pathways in the row or sentence, in the lead of the list, in headings, or the topic."""
        reading = self.reading
        own = reading.within("pathways", passage.start, passage.end)
        if own:
            return choose_nearest(reading, own, mention["start"], mention["end"])
        lead = reading.intros[passage.block]
        for _ in range(LEADS):
            if lead is None:
                break
            names = list(dict.fromkeys(each["id"] for each in reading.pathways_of(lead)))
            particular = [name for name in names if name not in GENERIC and not any(is_below(other, name) for other in names)]
            if particular and reading.blocks[lead].kind not in {"title", "heading"}:
                return particular
            lead = reading.intros[lead]
        names = heading_pathways(reading, passage.block)
        if names:
            return names[:1]
        found, _ = find_subjects_around(reading, passage, self.topic)
        return found[:1]
