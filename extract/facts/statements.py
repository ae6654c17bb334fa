"""Facts that sentences state: each value goes to the cue that claims it, then to its pathway, period and modality."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from extract.cues.assign import Assignment, assign_values
from extract.cues.match import SLOTS, CueMatch, Item, make_items, match_cues, read_context_index, read_index
from extract.facts.carry import Carry
from extract.facts.cases import find_cases, is_personal, is_told
from extract.facts.claims import (
    begins,
    claim_closing,
    claim_counts,
    claim_for_draw,
    claim_for_entry,
    claim_for_list,
    correct_counts,
    exceeds,
    specify_markers,
)
from extract.facts.draws import COMPARING, Round, Rounds, is_drawn, is_fresh, program_of, share_dates
from extract.facts.fact import (
    DATE_ATTRIBUTES,
    DRAW_ATTRIBUTES,
    Fact,
    currency_of,
    read_value,
)
from extract.facts.milestones import claim_windows, govern_dates, is_resumed, write_dates
from extract.facts.periods import find_period, find_term
from extract.facts.reading import LONGEST_PASSAGE, Passage
from extract.facts.rules import read_rules
from extract.facts.scopes import acting_provinces, ancestors_of, drop_inner, is_below, names_of, tell_words
from extract.facts.subjects import GENERIC, find_subjects, name_province
from extract.facts.units import find_unit
from extract.layout import split_clauses
from extract.vocabulary import load_pathways

if TYPE_CHECKING:
    from extract.facts.reading import Mention, Reading

MODALITIES = ("denied", "proposed", "forecast", "reported", "background", "announced")
RELATIVE = ("which", "when", "where")  # a clause that begins so goes on with the one before
EXPRESS_STREAMS = {  # what a province's own text calls "Express Entry"
    "ca-sk-sinp": "ca-sk-sinp-isw-ee", "ca-ab-aaip": "ca-ab-aaip-aees", "ca-ns-nsnp": "ca-ns-nsnp-ee", "ca-nb-nbpnp": "ca-nb-nbpnp-ee",
    "ca-pe-pnp": "ca-pe-pnp-ee", "ca-nl-nlpnp": "ca-nl-nlpnp-ee", "ca-bc-pnp": "ca-bc-pnp-ee",
}
SURE, HALF_SURE = 0.95, 0.5
LARGEST_FEE = 1_000_000
LONGEST_NAME = 90  # characters; a longer mention is a paraphrase that holds more than the name
TELLING = frozenset({"charge", "charges", "surcharge", "cap", "caps", "draw", "draws", "round", "rounds", "admissions", "quota", "lottery", "fee", "fees", "limit", "target",
                     "targets", "ceiling", "allocation", "threshold", "thresholds", "level"})
MAXIMUM = frozenset({"maximum", "most", "exceed"})
TOLD = frozenset({"announced_on", "effective_on", "opens_on", "closes_on"})  # dates that need a subject in their own sentence
FEES = frozenset({"fee", "fees", "charge", "charges", "surcharge", "levy", "application", "applications", "visa", "permit", "applicants", "processing", "biometrics", "pay", "pays", "position", "petition", "residence"})
SENTENCE = 600  # characters to either side in which streams of the same program are looked for
SURE_IN_ROW = 2.0  # cost up to which the words of a cell tell of its date
LONGEST = {"min_experience": 10, "processing_time": 15, "permit_validity": 20}  # years; a longer time is something else


def trim_name(mention: Mention) -> int:
    """Where a name ends without a last word that is a cue of its own: "study permit cap", "Express Entry draw"."""
    head, _, last = str(mention["text"]).rpartition(" ")
    return int(mention["start"]) + len(head) if head and last.lower() in TELLING else int(mention["end"])


def head_name(mention: Mention) -> int:
    """Where a name begins without first words that are a cue of their own: "cap on study permits"."""
    words = str(mention["text"]).split(" ", 2)
    shift = len(words[0]) + len(words[1]) + 2 if len(words) == 3 and words[0].lower() in TELLING and words[1] in {"on", "of", "for"} else 0
    return int(mention["start"]) + shift


class Statements:
    """Reads the sentences of one document in order; what one says carries over to the next."""

    def __init__(self, reading: Reading, topic: str | None, used: set[int]) -> None:
        self.reading = reading
        self.used = used  # blocks that records are made of
        self.topic = topic
        federal = any(mention["id"] == "ca-ee" or mention["id"].startswith("ca-ee-") for mention in reading.pathways)
        self.rounds = Rounds(federal)
        self.carry = Carry(reading)
        if reading.blocks:
            self.rounds.title = self.rounds.name([mention["id"] for mention in reading.pathways_of(0)])
        self.cases = find_cases(reading)
        self.personal = is_personal(reading)
        self.editorial = -1  # the block that speaks of the article itself, not of the world
        self.before: Round | None = None  # the round before the one that the sentence compares it with
        self.pending: list[tuple[Fact, Round]] = []

    def read(self) -> list[Fact]:
        """All facts that sentences state."""
        facts: list[Fact] = []
        for passage in self.reading.passages:
            if passage.block in self.used:
                continue
            facts += self.read_passage(passage)
        for number, block in enumerate(self.reading.blocks):
            if block.kind == "row" and not block.header and number not in self.used:
                facts += self.read_row(Passage(block.start, min(block.end, block.start + LONGEST_PASSAGE), number))
        only = next(iter(self.rounds.by_date)) if len(self.rounds.by_date) == 1 else None
        streams: dict[str | None, set[str]] = {}
        for fact, item in self.pending:
            if fact.attribute != "draw_on" and not fact.period:
                fact.period = item.date or only
            if fact.pathway:
                streams.setdefault(fact.period, set()).add(fact.pathway)
        for fact, item in self.pending:
            fact.pathway = fact.pathway or self.share_total(fact, streams) or self.rounds.pathway_of(item, self.topic) or ""
            if fact.pathway:
                facts.append(fact)
        return facts

    def share_total(self, fact: Fact, streams: dict[str | None, set[str]]) -> str | None:
        """A number of invitations of no named stream, on a day on which several streams of one program drew, is the program's."""
        program = program_of(self.topic)
        drawn = {name for name in streams.get(fact.period, ()) if program and is_below(name, program)}
        return program if fact.attribute == "invitations" and len(drawn) > 1 else None

    def read_passage(self, passage: Passage) -> list[Fact]:
        """Facts of one sentence; figures of rounds are kept back until the whole text is read."""
        reading = self.reading
        values: list[tuple[int, int, str, Any]] = [
            (mention["start"], mention["end"], SLOTS[mention["kind"]], mention)
            for mention in reading.within("quantities", passage.start, passage.end)
        ]
        values += [(mention["start"], mention["end"], "date", mention) for mention in reading.within("dates", passage.start, passage.end)]
        names = reading.within("pathways", passage.start, passage.end)
        spoken = bool(values)
        values += [(head_name(mention), trim_name(mention), "path", mention) for mention in names
                   if mention["alias_kind"] != "paraphrase" and mention["end"] - mention["start"] <= LONGEST_NAME]
        values.sort(key=lambda value: (value[0], -value[1]))
        items = make_items(reading.tokens, passage.start, passage.end, values)
        context: dict[str, list[CueMatch]] = {}
        for match in match_cues(items, read_context_index()):
            context.setdefault(match.cue.category, []).append(match)
        if "editorial" in context or any(match.first == 0 for match in context.get("editorial_start", ())):
            self.editorial = passage.block
        if "hypothetical" in context or self.editorial == passage.block or self.is_case(passage):
            return []
        self.enter_section(passage, names)
        facts = self.waive_fees(passage, items, context)
        if not spoken:
            if "draw" in context:
                self.rounds.turn_to(None, self.rounds.name([mention["id"] for mention in names]), figures=False)
            return facts
        matches = match_cues(items, read_index())
        allowed = frozenset(read_rules()) - (DRAW_ATTRIBUTES if "draw" not in context and not self.rounds.by_date else frozenset())
        weighed = assign_values(items, matches, allowed)
        weighed += self.carry.complete(passage, items, weighed)
        assigned = [item for item in weighed if item.category != "none"]
        if "draw" in context or self.rounds.by_date:
            assigned += claim_counts(items, weighed)
        assigned = correct_counts(items, assigned)
        assigned += claim_closing(items, assigned, matches)
        assigned = specify_markers(items, assigned, matches)
        assigned = claim_for_list(self.reading, passage, items, claim_for_draw(self.reading.text, items, assigned))
        assigned = claim_for_entry(self.reading, passage, items, assigned)
        if "draw" not in context:
            assigned = claim_windows(self.reading, passage, items, govern_dates(self.reading.text, items, assigned, weighed))
        if "temporary" in context:
            assigned = [Assignment(item.place, "opens_on", item.match, item.cost) if begins(items, item) else item for item in assigned]
        self.follow_round(items, assigned, names, context)
        for assignment in assigned:
            facts += self.make(passage, items, assignment, assigned, context)
        return facts

    def is_case(self, passage: Passage) -> bool:
        """True for a sentence about one person's case, true or made up."""
        if self.personal and is_told(self.reading.text[passage.start:passage.end]):
            return True
        return any(start <= passage.start < end for start, end in self.cases)

    def read_row(self, passage: Passage) -> list[Fact]:
        """Milestones that the cells of a row tell in words: "Open since May 3", beside the stream's name."""
        reading = self.reading
        values: list[tuple[int, int, str, Any]] = [
            (mention["start"], mention["end"], "date", mention) for mention in reading.within("dates", passage.start, passage.end)]
        if not values:
            return []
        values += [(mention["start"], mention["end"], "path", mention) for mention in reading.within("pathways", passage.start, passage.end)
                   if mention["alias_kind"] != "paraphrase"]
        values.sort(key=lambda value: (value[0], -value[1]))
        items = make_items(reading.tokens, passage.start, passage.end, values)
        context: dict[str, list[CueMatch]] = {}
        for match in match_cues(items, read_context_index()):
            context.setdefault(match.cue.category, []).append(match)
        if "draw" in context:
            return []
        weighed = assign_values(items, match_cues(items, read_index()), TOLD)
        assigned = govern_dates(reading.text, items, [item for item in weighed if item.category != "none"], weighed)
        return [fact for assignment in assigned if assignment.cost <= SURE_IN_ROW
                for fact in self.make(passage, items, assignment, assigned, context)]

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
            if pathway is None and any(mention["id"] == "ca-ee" for mention in names) and program_of(self.topic) == "ca-ee":
                pathway = "ca-ee"  # the federal pool, not a province's
            before = self.rounds.current
            program = program_of(self.topic)
            if figures and pathway is None and program and before.pathway and is_below(before.pathway, program) and is_fresh(items):
                self.rounds.current = Round(before.date, program)
            self.rounds.turn_to(dates[0] if len(dates) == 1 else None, pathway, figures=figures)
            drawn = [items[item.place] for item in assigned if item.category == "draw_on"]
            self.before = before if len(drawn) == 1 and before.date and self.is_compared(items, drawn[0]) else None

    def is_compared(self, items: list[Item], value: Item) -> bool:
        """True for the date and figures of another round than the sentence's own: "663, down from 676 on May 30"."""
        compared = False
        for start, end in split_clauses(self.reading.text, items[0].start, items[-1].end):
            clause = self.reading.text[start:end].lower()
            compared = clause.startswith(COMPARING) or (compared and clause.startswith(RELATIVE))
            if start <= value.start < end:
                return compared
        return False

    def make(self, passage: Passage, items: list[Item], assignment: Assignment, assigned: list[Assignment],
             context: dict[str, list[CueMatch]]) -> list[Fact]:
        """The facts of one value: one for each pathway that it is said of."""
        item = items[assignment.place]
        mention = item.mention
        attribute = assignment.category
        rule = read_rules()[attribute]
        subjects, how = find_subjects(self.reading, passage, item.start, item.end, self.topic)
        if any(each.word == "respectively" for each in items):
            subjects = self.pair_off(items, assignment, assigned) or subjects
        current = self.rounds.current.pathway
        if attribute.startswith("min_") and "draw" in context and current and len(subjects) == 1 and is_below(current, subjects[0]):
            subjects = [current]  # what invited candidates must show is asked by the round's category
        if assignment.place in self.carry.carried and how not in {"clause", "sentence"} and self.carry.subjects:
            subjects = self.carry.subjects
        match = assignment.match
        evidence = self.find_evidence(passage, item, items, match)
        spans = [("value", item.start, item.end)]
        if match is not None and match.last > match.first:
            spans.append(("trigger", items[match.first].start, items[match.last - 1].end))
        spans += [("subject", name["start"], name["end"]) for name in self.reading.within("pathways", passage.start, passage.end)
                  if name["id"] in subjects]
        direction = match.cue.direction if match else "forward"
        score = max(HALF_SURE, SURE - 0.03 * max(0.0, assignment.cost)) - (0.1 if how in {"topic", "before"} else 0.0)
        if self.reading.blocks[passage.block].kind == "title" or mention.get("basis", "stated") != "stated":
            score -= 0.1  # the body, and a date in full, show a fact better
        made: list[Fact] = []
        base = Fact("", attribute, "", "", "eq", None, self.modality(context), evidence, spans, f"{attribute}-{direction}", score)
        if attribute in DRAW_ATTRIBUTES:
            return self.make_drawn(base, item, items, assigned, subjects, how)
        if attribute == "cap" and how in {"topic", "before", "", "heading"} and mention["unit"] in {"nominations", "spaces", ""}:
            province = name_province(self.reading, passage)
            subjects, how = ([province], "sentence") if province else (subjects, how)
        if attribute == "fee" and how in {"topic", "before"} and not self.is_official_fee(items) and not self.carry.asks_fee(passage):
            return []
        if attribute == "target" and how not in {"clause", "sentence", "list", "heading"} and mention["unit"] == "people":
            subjects = self.plan_of(subjects)
        if attribute in TOLD and how in {"topic", "before"} and not is_resumed(items, assignment, context):
            return []
        for subject in subjects:
            if how not in {"clause", "sentence", "list", "heading"} and subject in GENERIC and subject != self.topic and attribute != "target" and self.reading.topic_sure:
                continue
            fact = Fact(subject, attribute, "", "", "eq", None, base.modality, evidence, list(spans), base.rule, score)
            if attribute in DATE_ATTRIBUTES:
                if match is not None and items[match.first].word.startswith("launch") and load_pathways()[subject].kind == "policy":
                    fact.attribute, fact.rule = "announced_on", "announced_on-launch"  # a strategy is announced, a stream opens
                made += write_dates(fact, item, match, items)
                continue
            fact.value = read_value(mention)
            fact.comparator = mention["comparator"]
            if attribute == "cap" and fact.comparator == "eq" and self.is_listed_maximum(passage):
                fact.comparator = "le"
            fact.unit = find_unit(attribute, mention, subject, items, rule["unit"])
            if attribute == "fee" and isinstance(fact.value, (int, float)) and fact.value >= LARGEST_FEE:
                continue
            if attribute in LONGEST and exceeds(fact.value, LONGEST[attribute]):
                continue
            fact.period = (find_period if rule["period"] else find_term)(self.reading, passage, item, items)
            if mention["compared_from"] < mention["start"]:
                fact.spans.append(("comparator", mention["compared_from"], mention["start"]))
            made.append(fact)
            self.carry.subjects = [fact.pathway for fact in made]
        return made

    def pair_off(self, items: list[Item], assignment: Assignment, assigned: list[Assignment]) -> list[str]:
        """For "A and B for X and Y respectively": the pathway in the same place as the value, where there are as many of each."""
        same = [item.place for item in assigned if item.category == assignment.category]
        names = list(dict.fromkeys(item.mention["id"] for item in items if item.slot == "path" and item.mention["id"] not in GENERIC))
        if not names:  # "In 2024 they were X and Y respectively": the sentence before names them
            number = self.reading.block_at(items[0].start)
            before = [each for each in self.reading.passages_of.get(number, ()) if each.end <= items[0].start]
            names = list(dict.fromkeys(each["id"] for passage in before[-1:] for each in drop_inner(
                self.reading.within("pathways", passage.start, passage.end)) if each["id"] not in GENERIC))
        return [names[same.index(assignment.place)]] if len(names) == len(same) > 1 else []

    def is_official_fee(self, items: list[Item]) -> bool:
        """True where a sentence that names no pathway speaks of a fee, not of what anything else costs."""
        return any(item.word in FEES for item in items)

    def plan_of(self, subjects: list[str]) -> list[str]:
        """The levels plan of the country that the text is about: planned arrivals of no named program are its target."""
        named = subjects or ([self.topic] if self.topic else [])
        country = named[0].partition("-")[0] if named else "ca"
        return {"ca": ["ca-levels"], "au": ["au-program"]}.get(country, subjects)

    def make_drawn(self, fact: Fact, item: Item, items: list[Item], assigned: list[Assignment], subjects: list[str], how: str) -> list[Fact]:
        """A figure or date of a round; its category may only become clear later in the text."""
        mention = item.mention
        own = self.rounds.name(subjects) if how in {"clause", "sentence", "heading"} else None
        if how in {"clause", "sentence"} and subjects and own is None and not any(is_drawn(name) for name in subjects):
            return []
        if subjects == ["ca-ee"] and self.topic and is_below(self.topic, "ca-pnp"):
            own = EXPRESS_STREAMS.get(program_of(self.topic) or "") if fact.attribute == "invitations" else self.rounds.name(
                [name["id"] for name in self.reading.within("pathways", items[0].start, items[-1].end)])
            if own is None:
                return []  # how many of a province's candidates also had a federal profile
        if fact.attribute == "draw_on":
            fact.value = mention["edtf"]
            if own and self.rounds.name([name["id"] for name in self.reading.within("pathways", items[0].start, items[-1].end)]) is None:
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
            elif len(others) > 1:
                owners = share_dates(items, sorted(other.place for other in others))
                fact.period = items[owners[items.index(item)]].mention["edtf"]
                if own:
                    self.rounds.by_pathway.setdefault(own, Round(fact.period, own))
        if fact.attribute == "invitations" and len(subjects) > 1 and how in {"clause", "sentence"} and len({ancestors_of(name)[:1] for name in subjects}) == 1:
            own = next(iter(ancestors_of(subjects[0])), own)  # one number for two streams is their program's
        if own and fact.attribute != "cutoff_score":
            parent = ancestors_of(own)[:1]
            siblings = {name["id"] for name in self.reading.within("pathways", item.start - SENTENCE, item.end + SENTENCE)
                        if ancestors_of(name["id"])[:1] == parent and items[0].start <= name["start"] < items[-1].end}
            counts = sum(place.category == fact.attribute for place in assigned)
            if len(siblings) > max(1, counts) and parent and self.topic == parent[0]:
                own = self.topic
        fact.pathway = own or ""
        turned = self.before is not None and not self.is_compared(items, item)
        self.pending.append((fact, self.before if turned and self.before is not None else self.rounds.current))
        return []

    def waive_fees(self, passage: Passage, items: list[Item], context: dict[str, list[CueMatch]]) -> list[Fact]:
        """A fee of 0 where the sentence says that nothing is charged."""
        made = []
        for match in context.get("fee_none", [])[:1]:
            start, end = items[match.first].start, items[match.last - 1].end
            subjects, how = find_subjects(self.reading, passage, start, end, self.topic)
            made += [
                Fact(subject, "fee", 0, currency_of({"unit": "$"}, subject), "eq", None, self.modality(context),
                     (passage.start, passage.end), [("value", start, end)], "fee-waived", 0.7)
                for subject in subjects if subject not in GENERIC or how in {"clause", "sentence"}
            ]
        return made

    def find_evidence(self, passage: Passage, item: Item, items: list[Item], match: CueMatch | None) -> tuple[int, int]:
        """The clauses from the cue to the value."""
        start, end = item.start, item.end
        if match is not None and match.last > match.first:
            start, end = min(start, items[match.first].start), max(end, items[match.last - 1].end)
        clauses = [clause for clause in split_clauses(self.reading.text, passage.start, passage.end) if clause[1] > start and clause[0] < end]
        return (min(clauses)[0], max(clauses)[1]) if clauses else (passage.start, passage.end)

    def modality(self, context: dict[str, list[CueMatch]]) -> str:
        """How the sentence means what it says."""
        return next((name for name in MODALITIES if f"modality:{name}" in context), "asserted")

    def is_listed_maximum(self, passage: Passage) -> bool:
        """True for an item of a list whose lead speaks of a maximum."""
        lead = self.reading.intros[passage.block]
        if lead is None:
            return False
        block = self.reading.blocks[lead]
        first, last = self.reading.tokens.range(block.start, block.end)
        words = self.reading.tokens.lower[first:last]
        return not MAXIMUM.isdisjoint(words) or ("up", "to") in pairwise(words)
