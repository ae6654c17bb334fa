"""The account of rounds that sentences give, from the first to the last: which round each figure and day belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.facts.draws import (
    COMPARING,
    EXPRESS_STREAMS,
    OPEN,
    Round,
    Rounds,
    find_bracket,
    is_drawn,
    is_fresh,
    program_of,
    share_dates,
)
from extract.facts.entries import EVENTS
from extract.facts.fact import DRAW_ATTRIBUTES, Fact, read_value
from extract.facts.labels import find_role
from extract.facts.scopes import (
    acting_provinces,
    ancestors_of,
    heading_pathways,
    is_below,
    names_of,
    read_categories,
    tell_words,
)
from extract.layout import split_clauses

if TYPE_CHECKING:
    from extract.cues.assign import Assignment
    from extract.cues.match import CueMatch, Item
    from extract.facts.reading import Mention, Passage, Reading

SECTOR_REACH = 7  # items around a figure in which the words tell whom it counts
COMPARED = re.compile(r"\b(?:lower|higher|fewer|more|less|smaller|larger|bigger|better) than (?:in|at|on|the|that) ")
RELATIVE = ("which", "when", "where")  # a clause that begins so goes on with the one before
PARTS = re.compile(r"\s[-\u2013\u2014]\s|[:|;,]")
LONGEST_LINE = 90  # characters of a line in whose parts a category may stand by itself
AIMING = frozenset({"for", "targeting", "targeted", "at", "toward", "towards", "inviting", "invited", "to"})  # before those whom a draw is held for
AIM_STOPS = frozenset({".", ";", ":", "(", "but", "while", "who", "which", "that"})
AIM_REACH = 8  # items behind such a word
LEADING_BLOCKS = 3  # the title and the first paragraphs, in which a story tells of when
BRACKETED = 12  # items before a bracket in which the name stands that its figures are about
WHOLES = {"ca-bc-pnp": ("ca-bc-pnp-skills",)}  # parts of programs under which rounds for sectors without a stream are held
SAME = re.compile(r"\b(?:in|of|for|under) (?:this|that|the same) (?:category|stream|class|program)\b")  # the round told of is of the last one's category
SENTENCE = 600  # characters to either side in which streams of the same program are looked for


def names_above(reading: Reading, offset: int) -> list[str]:
    """The pathways that the heading over an offset names."""
    return heading_pathways(reading, reading.block_at(offset))


class DrawAccount:
    """Follows the sentences of one document; figures of rounds are kept back until the whole text is read."""

    def __init__(self, reading: Reading, topic: str | None) -> None:
        self.reading = reading
        self.topic = topic
        self.rounds = Rounds(reading.federal)
        if reading.blocks:
            self.rounds.title = self.rounds.name([mention["id"] for mention in reading.pathways_of(0)])
        self.before: Round | None = None  # the round before the one that the sentence compares it with
        self.pending: list[tuple[Fact, Round]] = []
        self.sentences: dict[int, int] = {}  # of each fact kept back, by its identity, where its sentence begins

    def finish(self) -> list[Fact]:
        """The facts kept back, each with the day and the category of its round."""
        only = next(iter(self.rounds.by_date)) if len(self.rounds.by_date) == 1 else None
        if not self.rounds.by_date and any(fact.attribute == "invitations" for fact, _ in self.pending):
            only = self.find_day()
        streams: dict[str | None, set[str]] = {}
        for fact, item in self.pending:
            if fact.attribute != "draw_on" and not fact.period:
                fact.period = item.date or only
            if fact.pathway:
                streams.setdefault(fact.period, set()).add(fact.pathway)
        kinds = {each.pathway for each in self.rounds.by_date.values() if each.pathway and each.pathway != self.topic}
        sole = next(iter(kinds)) if len(kinds) == 1 and self.topic in OPEN and not self.rounds.title else None
        facts: list[Fact] = []
        told: dict[tuple[int, str | None], set[str]] = {}  # the streams whose figures a sentence gives, by the day
        for fact, _ in self.pending:
            if fact.attribute != "draw_on":
                told.setdefault((self.sentences[id(fact)], fact.period), set()).add(fact.pathway)
        total = len(kinds) > 1 and not self.rounds.title
        for fact, item in self.pending:
            if total and not fact.pathway and self.reading.blocks[0].end > fact.evidence[0] and fact.attribute == "invitations":
                fact.period = None  # the headline's sum of several rounds
            own = told.get((self.sentences[id(fact)], str(fact.value)), set()) if fact.attribute == "draw_on" and not fact.pathway else set()
            if len(own) == 1:
                fact.pathway = next(iter(own))
            fact.pathway = fact.pathway or self.share_total(fact, streams) or (sole if fact.period in self.rounds.by_date and not item.pathway else None) or self.rounds.pathway_of(item, self.topic) or ""
            if fact.pathway:
                facts.append(fact)
        return facts

    def find_day(self) -> str | None:
        """The one day that a draw story tells of at its beginning, where no sentence ties one to the round: "Ottawa turned to drivers on Wednesday"."""
        reading = self.reading
        blocks = [number for number, block in enumerate(reading.blocks) if block.kind in {"title", "paragraph"}][:LEADING_BLOCKS]
        days = {str(mention["edtf"]) for number in blocks for mention in reading.dates_of(number) if mention["precision"] == "day"}
        first = reading.blocks[0]
        low, high = reading.tokens.range(first.start, first.end)
        told = (self.topic is not None and is_drawn(self.topic)) or not EVENTS.isdisjoint(reading.tokens.lower[low:high])
        day = days.pop() if len(days) == 1 else None
        return day if day and told and reading.published and day <= reading.published else None

    def share_total(self, fact: Fact, streams: dict[str | None, set[str]]) -> str | None:
        """A number of invitations of no named stream, on a day on which several streams of one program drew, is the program's."""
        program = program_of(self.topic)
        drawn = {name for name in streams.get(fact.period, ()) if program and is_below(name, program)}
        return self.widen(program) if program and fact.attribute == "invitations" and len(drawn) > 1 else None

    def enter_section(self, passage: Passage, names: list[Mention]) -> None:
        """A heading, or a line that stands for one, that names a category or a day begins the account of another round."""
        if self.reading.blocks[passage.block].kind == "heading" or self.reading.is_label(passage.block):
            category = self.rounds.name([mention["id"] for mention in names] or names_of(self.reading, passage.block))
            days = {mention["edtf"] for mention in self.reading.dates_of(passage.block) if mention["precision"] == "day"}
            if category is not None or (len(days) == 1 and not tell_words(self.reading.text[passage.start:passage.end])):
                self.rounds.current = Round(days.pop() if len(days) == 1 else None, category)

    def follow_round(self, items: list[Item], assigned: list[Assignment], names: list[Mention], context: dict[str, list[CueMatch]]) -> None:
        """Tell from a sentence which round the figures that follow belong to."""
        dates = [items[item.place].mention["edtf"] for item in assigned if item.category == "draw_on"]
        figures = any(item.category in DRAW_ATTRIBUTES for item in assigned)
        if "draw" in context or figures:
            pathway = self.rounds.name([mention["id"] for mention in names + acting_provinces(self.reading, items[0].start, items[-1].end)])
            if pathway is None and any(mention["id"] == "ca-ee" for mention in names) and program_of(self.topic) == "ca-ee" and not (
                self.rounds.current.pathway in {None, self.rounds.title} and len(dates) < 2 and self.rounds.title and is_below(self.rounds.title, "ca-ee")):
                pathway = "ca-ee"  # the federal pool, not a province's
            if pathway in {None, "ca-ee"} and program_of(self.topic) == "ca-ee" and "draw" in context:
                pathway = self.name_part(items) or self.name_aim(items) or pathway
            before = self.rounds.current
            if pathway is None and SAME.search(self.reading.text, items[0].start, items[-1].end):
                pathway = before.pathway
            program = program_of(self.topic)
            if figures and pathway is None and program and before.pathway and is_below(before.pathway, program) and is_fresh(items):
                self.rounds.current = Round(before.date, self.widen(program))
            self.rounds.turn_to(dates[0] if len(dates) == 1 else None, pathway, figures=figures)
            drawn = [items[item.place] for item in assigned if item.category == "draw_on"]
            self.before = before if len(drawn) == 1 and before.date and self.is_compared(items, drawn[0]) else None

    def widen(self, program: str) -> str:
        """The part of a program that all rounds of the text belong to, where it is named: B.C.'s Skills Immigration."""
        named = {mention["id"] for mention in self.reading.pathways}
        return next((part for part in WHOLES.get(program, ()) if part in named), program)

    def is_compared(self, items: list[Item], value: Item) -> bool:
        """True for the date and figures of another round than the sentence's own: "663, down from 676 on May 30"."""
        mark = COMPARED.search(self.reading.text, items[0].start, items[-1].end)
        if mark and mark.start() < value.start:
            between = [item.word for item in items if mark.start() < item.start < value.start]
            if ";" not in between or ("(" in between and ")" not in between):
                return True
        compared = False
        for start, end in split_clauses(self.reading.text, items[0].start, items[-1].end):
            clause = self.reading.text[start:end].lower()
            compared = clause.startswith(COMPARING) or (compared and clause.startswith(RELATIVE))
            if start <= value.start < end:
                return compared
        return False

    def name_sector(self, value: Item, items: list[Item]) -> str | None:
        """The category of the program's rounds whose people the words around a figure speak of: "94 tech workers", "Tech 44 (score 126)"."""
        place = items.index(value)
        after = next((at for at in range(place + 1, len(items)) if items[at].slot in {"n", "date"} or items[at].word in {";", ","}), len(items))
        before = next((at for at in range(place - 1, -1, -1) if items[at].slot == "n" and items[at].mention["unit"] != "points"), -1)
        for first, last in ((place + 1, min(after, place + 1 + SECTOR_REACH)), (max(before + 1, place - SECTOR_REACH), place)):
            words = " ".join(item.word for item in items[first:last])
            named = find_role(words, "sector").split()
            fitting = [name for name in named if is_below(name, program_of(self.topic) or "")]
            if fitting:
                return fitting[0]
        return None

    def name_before(self, items: list[Item], place: int) -> str | None:
        """The category that a figure in brackets is about: the one named in them, else the last one before: "for nominees (300 invitations, cut-off 670)"."""
        bracket = find_bracket(items, place)
        if bracket is None:
            return None
        for span in (items[slice(*bracket)], items[:bracket[0]][-BRACKETED:]):
            names = [name for each in span if each.slot == "path" and (name := self.rounds.name([each.mention["id"]]))]
            if names:
                return names[-1]
            first = next((at for at in range(len(span) - 1, -1, -1) if span[at].word == ")" or span[at].slot == "date"), 0)
            sector = [name for name in find_role(" ".join(each.word for each in span[first:]), "sector").split() if is_below(name, program_of(self.topic) or "")]
            if sector:
                return sector[0]
        return None

    def name_part(self, items: list[Item]) -> str | None:
        """The category that a part of a line between dashes or colons consists of: "May 3 - General - 730 ITAs"."""
        text = self.reading.text[items[0].start:items[-1].end]
        if not self.reading.federal or len(text) > LONGEST_LINE:
            return None
        parts = [words for part in PARTS.split(text) if (words := tell_words(part))]
        return next((named for words in parts if (named := read_categories().get(words))), None) if len(parts) > 1 else None

    def name_aim(self, items: list[Item]) -> str | None:
        """The category of the federal rounds that a sentence says a draw is for: "a round for tradespeople", "aimed at people with Canadian experience"."""
        for place, item in enumerate(items):
            if item.word in AIMING and not any(each.slot in {"n", "date"} for each in items[place + 1:place + 2]):
                last = next((at for at in range(place + 1, min(len(items), place + 1 + AIM_REACH)) if items[at].word in AIM_STOPS or items[at].slot in {"n", "date"}), place + 1 + AIM_REACH)
                fitting = [name for name in find_role(" ".join(each.word for each in items[place + 1:last]), "sector").split() if is_below(name, "ca-ee")]
                if fitting and any(each.word in EVENTS for each in items[max(0, place - AIM_REACH):last]):
                    return fitting[0]
        return None

    def make_drawn(self, fact: Fact, item: Item, items: list[Item], assigned: list[Assignment], subjects: list[str], how: str) -> list[Fact]:
        """A figure or date of a round; its category may only become clear later in the text."""
        mention = item.mention
        own = self.rounds.name(subjects) if how in {"clause", "sentence", "heading"} else None
        own = self.name_before(items, items.index(item)) or own
        program = program_of(self.topic)
        sector = self.name_sector(item, items) if own in {None, program} and program and (not subjects or subjects[0] in {program, "ca-ee"}) else None
        own = sector or own
        if how in {"clause", "sentence"} and subjects and own is None and not any(is_drawn(name) for name in subjects):
            return []
        if subjects == ["ca-ee"] and self.topic and is_below(self.topic, "ca-pnp"):
            own = EXPRESS_STREAMS.get(program_of(self.topic) or "") if fact.attribute == "invitations" else self.rounds.name(
                [name["id"] for name in self.reading.within("pathways", items[0].start, items[-1].end)])
            section = self.rounds.current.pathway
            if section and is_below(section, program or "ca-pnp") and section in names_above(self.reading, item.start):
                own = section  # a stream's own section may call its candidates those of Express Entry
            if own is None:
                return []  # how many of a province's candidates also had a federal profile
        if fact.attribute == "draw_on":
            fact.value = mention["edtf"]
            if own and sector is None and self.rounds.name([name["id"] for name in self.reading.within("pathways", items[0].start, items[-1].end)]) is None:
                own = None  # only its province is named: the streams may follow
        else:
            fact.value = read_value(mention)
            fact.comparator = mention["comparator"]
            fact.unit = "points" if fact.attribute == "cutoff_score" else "invitations"
            if fact.attribute == "cutoff_score" and isinstance(fact.value, list):
                fact.value, fact.comparator = fact.value[0], "eq"
            others = [place for place in assigned if place.category == "draw_on"]
            dates = [each for each in items if each.slot == "date"]
            precision = dates[0].mention["precision"] if len(dates) == 1 else ""
            if not others and (precision in {"year", "interval"} or (precision == "month" and self.rounds.current.date is None)):
                fact.period = dates[0].mention["edtf"]
                if own is None and fact.attribute == "invitations":
                    own = program_of(self.topic)
            elif not others and len(dates) > 1 and {each.mention["precision"] for each in dates} == {"month", "year"}:
                fact.period = next(each.mention["edtf"] for each in dates if each.mention["precision"] == "year")  # "by August it had sent 3,299 letters in 2020"
                own = own or (program_of(self.topic) if fact.attribute == "invitations" else None)
            elif not others and len(dates) > 1 and all(each.mention["precision"] == "month" for each in dates):
                owners = share_dates(items, [items.index(each) for each in dates])
                fact.period = items[owners[items.index(item)]].mention["edtf"]
            elif len(others) > 1:
                owners = share_dates(items, sorted(other.place for other in others))
                fact.period = items[owners[items.index(item)]].mention["edtf"]
                if own:
                    self.rounds.by_pathway.setdefault(own, Round(fact.period, own))
        if fact.attribute == "invitations" and len(subjects) > 1 and how in {"clause", "sentence"} and len({ancestors_of(name)[:1] for name in subjects}) == 1:
            own = next(iter(ancestors_of(subjects[0])), own)  # one number for two streams is their program's
        if own and sector is None and fact.attribute != "cutoff_score":
            parent = ancestors_of(own)[:1]
            siblings = {name["id"] for name in self.reading.within("pathways", item.start - SENTENCE, item.end + SENTENCE)
                        if ancestors_of(name["id"])[:1] == parent and items[0].start <= name["start"] < items[-1].end}
            counts = sum(place.category == fact.attribute for place in assigned)
            if len(siblings) > max(1, counts) and parent and self.topic == parent[0]:
                own = self.topic
        fact.pathway = own or ""
        self.sentences[id(fact)] = items[0].start
        turned = self.before is not None and not self.is_compared(items, item)
        self.pending.append((fact, self.before if turned and self.before is not None else self.rounds.current))
        return []
