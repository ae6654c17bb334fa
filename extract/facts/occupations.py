"""Occupation codes as facts: which pathway's list a code stands in, and whether the list invites or excludes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from extract.cues.match import make_items
from extract.facts.cases import find_cases
from extract.facts.draws import EXPRESS_STREAMS, program_of
from extract.facts.fact import Fact
from extract.facts.polarity import ENDED, RECODED, judge_clause, judge_line, read_words
from extract.facts.reading import Passage
from extract.facts.scopes import drop_inner, heading_pathways, is_below
from extract.facts.subjects import GENERIC, choose_nearest, find_subjects_around
from extract.layout import split_clauses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.document import Block
    from extract.facts.polarity import Word
    from extract.facts.reading import Mention, Reading

SCORE = 0.85
RECEIVED = re.compile(r"\b(?:received|submitted|made|filed|applications?|profiles) (?:by us )?(on or after|from|since|before|prior to) ", re.IGNORECASE)
SINCE = frozenset({"on or after", "from", "since"})
LEADS = 4  # leads of lists within lists that are looked at
LONGEST_STATUS = 40  # characters of a cell that tells of the row's code
OPPOSITE = {"eligible_noc": "excluded_noc", "excluded_noc": "eligible_noc"}
LONGEST_LINE = 120  # characters of a line of such a list
SHORT_LEAD = 60  # characters of a lead that leaves it to the sentence before to say what becomes of the list
LONGEST_TITLE = 60  # characters of a cell that hardly holds more than a title and its code
GOVERNED = re.compile(r"\blist (?:\w+ ){0,6}(?:governs|covers|concerns|applies to|is for|holds for|of|for|affects|binds)\b", re.IGNORECASE)
# What is done to a list of occupations that are shut out: put on it (1), or taken off.
CHANGED = re.compile(r"\b(?:(put|placed|added|entered|newly|joining|goes|go|going|moved)|taken|removed|struck|deleted|dropped|comes?|came|coming) (?:on|onto|to|from|off|listed)\b|\b(?:(additions|new entries)|removals|deletions)\b", re.IGNORECASE)
SHUT_LIST = re.compile(r"\b(?:(?:excluded|ineligible|restricted|exclusion)(?: \w+){0,2} lists?|lists? of (?:excluded|ineligible|restricted))\b", re.IGNORECASE)
NEAR_LEAD = 3  # blocks before a list in which the words that introduce it may stand


class OccupationLists:
    """Reads the codes of one document in order."""

    def __init__(self, reading: Reading, topic: str | None) -> None:
        self.reading = reading
        self.topic = topic
        self.words: dict[tuple[int, int], list[Word]] = {}
        self.sections: dict[int, tuple[int, list[str]]] = {}  # for each heading how far was read below it, and the streams found
        self.groups: dict[int, int | None] = {}
        self.line_leads: dict[int, int | None] = {}
        self.cases = find_cases(reading)
        self.opening = (reading.blocks[0].start, reading.blocks[min(len(reading.blocks), NEAR_LEAD) - 1].end) if reading.blocks else (0, 0)

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
                    subject, kind, str(mention["code"]), f"NOC {mention['edition']}", "eq", self.find_period(passage, mention["start"]), "asserted",
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
        """eligible_noc, excluded_noc or "" by the words of the sentence, the lead of its list, and the headings above.

        A text names a code for the sake of a list; where nothing says that the list shuts it out, it lets it in.
        """
        block = self.reading.blocks[passage.block]
        places: list[tuple[int, int]] = [cell for cell in block.cells if cell[0] <= code < cell[1] and cell[1] - cell[0] > LONGEST_TITLE]
        if block.kind == "row":
            kind = self.name_row_kind(block, code)
            if kind:
                return kind
        else:
            own = self.name_change(passage.start, passage.end, [(passage.start, passage.end)]) or self.name_own_kind(passage, code)
            if own:
                return own if own != RECODED else ""
        if block.kind in {"row", "item"}:
            first = self.reading.runs[passage.block]
            for each in self.reading.blocks[max(0, first - NEAR_LEAD):first][::-1]:
                places.append((each.start, each.end))
                if each.kind == "heading":
                    break
        elif block.kind in {"paragraph", "heading"} and (line := self.find_line_lead(passage.block)) is not None:
            places.append((self.reading.blocks[line].start, self.reading.blocks[line].end))
        lead = self.reading.intros[passage.block]
        while lead is not None and len(places) <= LEADS:
            places.append((self.reading.blocks[lead].start, self.reading.blocks[lead].end))
            lead = self.reading.intros[lead]
        above = self.reading.headings[passage.block]
        while above is not None:
            places.append((self.reading.blocks[above].start, self.reading.blocks[above].end))
            above = self.reading.headings[above]
        if block.kind == "row":
            places += self.reading.blocks[self.reading.runs[passage.block]].cells  # cell by cell: lost markup may have glued the words together
        group = self.find_group(passage.block)
        if group is not None:
            places.append((self.reading.blocks[group].start, self.reading.blocks[group].end))
        for place, (start, end) in enumerate(places):
            first, last = self.last_sentence(start, end)
            kind = self.name_change(first, last, (*places[place:], self.opening)) or self.name_kind(first, last)
            if not kind and last - first <= SHORT_LEAD and first > start:  # "The stream takes no new cooks. Occupations affected:"
                before = self.last_sentence(start, end, before=1)
                kind = self.name_kind(*before) if self.reading.text[before[1] - 1] == "." else ""
            if kind:
                return kind
        return "eligible_noc"

    def name_change(self, start: int, end: int, places: Iterable[tuple[int, int]]) -> str:
        """What a sentence says that puts codes on a list of those shut out, or takes them off it; `places` may name that list."""
        change = CHANGED.search(self.reading.text, start, end)
        if change and any(SHUT_LIST.search(self.reading.text, *place) for place in places):
            return "excluded_noc" if change.group(1) or change.group(2) else "eligible_noc"
        return ""

    def name_row_kind(self, block: Block, code: int) -> str:
        """What a row's own cell says of its code, "Not eligible", or "No" below "Eligible?"; else what heads the code's column, where columns differ."""
        header = self.reading.blocks[self.reading.runs[self.reading.block_at(block.start)]]
        heads = [self.name_kind(*cell) for cell in header.cells] if header is not block else []
        kinds = []
        for place, (start, end) in enumerate(block.cells):
            if start <= code < end or end - start > LONGEST_STATUS or self.reading.within("occupations", start, end):
                continue
            head = heads[place] if place < len(heads) else ""
            answer = self.reading.text[start:end].strip(" .!*").lower()
            if head and answer in {"yes", "no", "\u2713", "\u2717", "x"}:
                kinds.append(head if answer in {"yes", "\u2713"} else OPPOSITE[head])
            elif not self.is_title(start, end):
                kinds.append(judge_line([word for word in self.find_words(start, end) if word.kind != "short"], make_items(self.reading.tokens, start, end, [])))
        kinds = [kind for kind in kinds if kind]
        if len(kinds) == 1:
            return kinds[0]
        column = next((place for place, (start, end) in enumerate(block.cells) if start <= code < end), len(heads))
        return heads[column] if column < len(heads) and len({head for head in heads if head}) > 1 else ""

    def is_title(self, start: int, end: int) -> bool:
        """True for a cell that is the title of an occupation whose code stands beside it."""
        return any(mention["title_printed"] and mention["title_start"] < end and mention["title_end"] > start for mention in self.reading.within(
            "occupations", start - LONGEST_LINE, end + LONGEST_LINE))

    def find_group(self, number: int) -> int | None:
        """The heading of a group of lists, where only headings and lists stand between: "Ineligible occupations", "Retail", a list, "Health", a list."""
        above = self.reading.headings[number]
        if above is None or self.reading.blocks[above].kind != "heading":
            return None
        if above not in self.groups:
            self.groups[above] = None
            before = above - 1
            while before > 0 and self.reading.headings[before] != before and self.reading.blocks[before].kind in {"item", "row"}:
                before -= 1
            if before > 0 and self.reading.blocks[before].kind == "heading" and not self.reading.pathways_of(above):
                block = self.reading.blocks[before]
                if self.name_kind(block.start, block.end):
                    self.groups[above] = before if before == above - 1 else None  # a heading with a list of its own heads no other
                else:
                    self.groups[above] = self.groups.get(before) or self.find_group(before + 1)
        return self.groups[above]

    def find_line_lead(self, number: int) -> int | None:
        """The sentence with a colon or question mark that lines with codes stand under, which bear no sign of a list."""
        if number not in self.line_leads:
            before = self.reading.blocks[number - 1] if number else None
            lead = None
            if before is not None and before.kind == "paragraph":
                if self.reading.text[before.end - 1] in ":?":
                    lead = number - 1
                elif before.end - before.start <= LONGEST_LINE and self.reading.within("occupations", before.start, before.end):
                    lead = self.line_leads.get(number - 1)
            self.line_leads[number] = lead
        return self.line_leads[number]

    def last_sentence(self, start: int, end: int, before: int = 0) -> tuple[int, int]:
        """The sentence that leads to what stands below a block, or the one so many `before` it."""
        passages = self.reading.passages_of.get(self.reading.block_at(start), [])
        if len(passages) <= before or start != self.reading.blocks[passages[-1].block].start:
            return start, end
        return passages[-1 - before].start, passages[-1 - before].end

    def find_words(self, start: int, end: int) -> list[Word]:
        """Words that let a list's codes in or shut them out."""
        if (start, end) not in self.words:
            found = read_words(make_items(self.reading.tokens, start, end, []))
            # "Occupations In-Demand" is a stream, "Home support workers, excluding housekeepers" an occupation.
            names = [(mention["start"], mention["end"]) for mention in self.reading.within("pathways", start, end)]
            names += [(mention["title_start"] + 1, mention["title_end"]) for mention in self.reading.within("occupations", start, end) if mention["title_printed"]]
            self.words[start, end] = [word for word in found if not any(a <= word.start and word.end <= b for a, b in names)]
        return self.words[start, end]

    def name_kind(self, start: int, end: int) -> str:
        """What a lead or heading says of the list below."""
        return judge_line(self.find_words(start, end), make_items(self.reading.tokens, start, end, []))

    def name_own_kind(self, passage: Passage, code: int) -> str:
        """What a sentence says of a code in it, by the word of its clause: the one before it, or behind where the codes come first."""
        words = self.find_words(passage.start, passage.end)
        if any(word.kind == RECODED for word in words):
            return RECODED
        colon = self.reading.text.rfind(":", passage.start, code)
        if colon > 0 and words and words[-1].start < colon and self.reading.within("occupations", passage.start, colon) == []:
            return self.name_kind(passage.start, colon + 1)
        clauses = split_clauses(self.reading.text, passage.start, passage.end)
        for place, (start, end) in enumerate((*clauses, (passage.start, passage.end))):
            if place == len(clauses) > 1:
                words = [word for word in words if word.kind != ENDED]
            if start <= code < end:
                first = next(mention["start"] for mention in self.reading.within("occupations", start, end))
                kind = judge_clause([word for word in words if start <= word.start < end], first, code)
                if kind:
                    return kind
        return ""

    def find_period(self, passage: Passage, code: int) -> str | None:
        """The time from which, or up to which, the codes of a sentence or of the list below its lead hold: "for applications received before May 3, 2025"."""
        lead = self.reading.intros[passage.block]
        places = [(passage.start, code), (code, passage.end)]
        if lead is not None and self.reading.blocks[lead].kind != "title":
            places.append((self.reading.blocks[lead].start, self.reading.blocks[lead].end))
        for start, end in places:
            days = [mention for mention in self.reading.within("dates", start, end) if mention["precision"] == "day"]
            match = RECEIVED.search(self.reading.text, start, days[0]["start"]) if len(days) == 1 else None
            if match and match.end() == days[0]["start"]:
                day = str(days[0]["edtf"])
                return f"{day}/.." if match.group(1).lower() in SINCE else f"../{date.fromisoformat(day) - timedelta(days=1)}"
        return None

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
            if particular and particular != [self.topic] and reading.blocks[lead].kind not in {"title", "heading"}:
                return particular
            lead = reading.intros[lead]
        names = heading_pathways(reading, passage.block)
        if names:
            return names[:1]
        return self.name_section_streams(passage) or self.name_governed(passage) or find_subjects_around(reading, passage, self.topic)[0][:1]

    def name_section_streams(self, passage: Passage) -> list[str]:
        """The streams of the topic that the first sentence below the heading to name any speaks of: "It concerns two streams, A and B"."""
        reading = self.reading
        above = reading.headings[passage.block]
        if above is None or self.topic is None or reading.blocks[above].kind == "title":
            return []
        start, streams = self.sections.get(above, (above + 1, []))
        if streams:
            return streams
        self.sections[above] = (max(start, passage.block), [])
        for number in range(start, passage.block):
            for sentence in reading.passages_of.get(number, ()):
                names = dict.fromkeys(self.translate(mention["id"]) for mention in drop_inner(reading.within("pathways", sentence.start, sentence.end)))
                streams = [name for name in names if is_below(name, self.topic) and not any(is_below(other, name) for other in names)]
                if streams:
                    self.sections[above] = (number, streams)
                    return streams
        return []

    def name_governed(self, passage: Passage) -> list[str]:
        """The streams of the topic that an earlier sentence says a list is for: "The list governs two categories, A and B"."""
        for number in range(1, passage.block):
            for sentence in self.reading.passages_of.get(number, ()):
                if self.topic and GOVERNED.search(self.reading.text, sentence.start, sentence.end):
                    names = dict.fromkeys(self.translate(mention["id"]) for mention in drop_inner(self.reading.within("pathways", sentence.start, sentence.end)))
                    streams = [name for name in names if is_below(name, self.topic) and not any(is_below(other, name) for other in names)]
                    if streams:
                        return streams
        return []

    def translate(self, name: str) -> str:
        """What a province's own text calls Express Entry is a stream of its program."""
        program = program_of(self.topic)
        return EXPRESS_STREAMS.get(program or "", name) if name == "ca-ee" else name
