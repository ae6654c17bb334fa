"""Facts that sentences state: each value goes to the cue that claims it, then to its pathway, period and modality."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from extract.cues.assign import VALUES, Assignment, assign_values
from extract.cues.match import SLOTS, CueMatch, Item, make_items, match_cues, read_context_index, read_index
from extract.facts.accounts import DrawAccount
from extract.facts.carry import TAKES, Carry
from extract.facts.cases import find_cases, is_personal, is_told
from extract.facts.claims import (
    begins,
    claim_closing,
    claim_counts,
    claim_for_draw,
    claim_for_entry,
    claim_for_list,
    claim_parts,
    correct_counts,
    exceeds,
    specify_markers,
)
from extract.facts.draws import program_of
from extract.facts.entries import claim_entries, claim_names, claim_scores, is_led
from extract.facts.fact import (
    DATE_ATTRIBUTES,
    DRAW_ATTRIBUTES,
    Fact,
    currency_of,
    read_value,
)
from extract.facts.heads import SPENDING, is_of_file
from extract.facts.milestones import govern_dates, is_resumed, write_dates
from extract.facts.periods import find_period, find_term
from extract.facts.plans import PERSONS, PLANS, claim_plans, is_plan, name_counted
from extract.facts.reading import LONGEST_PASSAGE, Passage
from extract.facts.rules import fit_subjects, read_rules
from extract.facts.scopes import drop_inner, is_below
from extract.facts.subjects import GENERIC, NOMINATED, find_subjects, name_province, province_of
from extract.facts.timelines import claim_notes, claim_windows, dated_above
from extract.facts.units import find_unit
from extract.layout import split_clauses
from extract.vocabulary import load_pathways

if TYPE_CHECKING:
    from extract.facts.reading import Mention, Reading

MODALITIES = ("denied", "proposed", "forecast", "reported", "background", "announced")
SURE, HALF_SURE = 0.95, 0.5
LARGEST_FEE = 1_000_000
LONGEST_NAME = 90  # characters; a longer mention is a paraphrase that holds more than the name
TELLING = frozenset({"charge", "charges", "surcharge", "cap", "caps", "draw", "draws", "round", "rounds", "admissions", "quota", "lottery", "fee", "fees", "limit", "target",
                     "targets", "ceiling", "allocation", "threshold", "thresholds", "level"})
LIMITING = frozenset({"cap", "caps", "capped", "capping", "limit", "limits", "limited", "limiting", "ceiling", "quota", "maximum", "exceed"})
MAXIMUM = frozenset({"maximum", "most", "exceed"})
TOLD = frozenset({"announced_on", "effective_on", "opens_on", "closes_on"})  # dates that need a subject in their own sentence
FEES = frozenset({"fee", "fees", "charge", "charges", "surcharge", "levy", "application", "applications", "visa", "permit", "applicants", "processing", "biometrics", "pay", "pays", "position", "petition", "residence", "frais", "droits", "tarif", "tarifs", "coût", "coûte", "coûtent"})
PRICES = frozenset({"fees", "rates", "charges", "prices", "costs"})
CORRECTING = re.compile(r"(?i)correct|clarif|earlier version|first (?:given|published|reported)|error|regret|mistak|wrong|misstat|editor|apolog|note to")  # words of a note on the article, which may go on
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
        self.account = DrawAccount(reading, topic)
        self.carry = Carry(reading)
        self.cases = find_cases(reading)
        self.personal = is_personal(reading)
        self.shared: list[Fact] = []  # when new fees of no named pathway take effect
        self.siblings: dict[int, list[tuple[str, str]]] = {}  # by the lead of a list, what its items have told of and in what unit
        self.editorial = -1  # the block that speaks of the article itself, not of the world

    def read(self) -> list[Fact]:
        """All facts that sentences state."""
        facts: list[Fact] = []
        for passage in self.reading.passages:
            if passage.block in self.used:
                continue
            facts += self.read_passage(passage)
            lead = dated_above(self.reading, passage)
            if lead is not None and not self.is_case(passage):
                facts += self.read_row(passage, lead)
        for number, block in enumerate(self.reading.blocks):
            if block.kind == "row" and not block.header and number not in self.used:
                facts += self.read_row(Passage(block.start, min(block.end, block.start + LONGEST_PASSAGE), number))
        return facts + self.account.finish()

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
            if CORRECTING.search(reading.text, passage.start, passage.end):
                self.editorial = passage.block
            return []
        if "hypothetical" in context or self.editorial == passage.block or self.is_case(passage):
            return []
        self.account.enter_section(passage, names)
        facts = self.waive_fees(passage, items, context)
        if not spoken:
            if "draw" in context:
                self.account.rounds.turn_to(None, self.account.rounds.name([mention["id"] for mention in names]), figures=False)
            return facts
        matches = match_cues(items, read_index())
        told = "draw" in context or "selection" in context or bool(self.account.rounds.by_date or self.account.pending) or (reading.blocks[passage.block].kind == "item" and is_led(reading, passage.block))
        allowed = frozenset(read_rules()) - (frozenset() if told else DRAW_ATTRIBUTES)
        weighed = assign_values(items, matches, allowed)
        weighed += self.carry.complete(passage, items, weighed)
        asked = bool(items) and items[-1].word == "?"
        assigned = [item for item in weighed if item.category != "none" and not (asked and item.category in TAKES) and (
            item.category not in SPENDING or is_of_file(items, item))]
        if told:
            assigned = claim_entries(reading, passage, items, assigned + claim_counts(items, weighed))
            assigned = claim_scores(reading, passage, items, claim_names(items, assigned, weighed))
        assigned = correct_counts(items, assigned)
        assigned += claim_closing(items, assigned, matches)
        assigned = specify_markers(items, assigned, matches)
        assigned = claim_for_list(self.reading, passage, items, claim_for_draw(self.reading.text, items, assigned, weighed))
        assigned = claim_for_entry(self.reading, passage, items, assigned)
        if "draw" not in context:
            assigned = claim_windows(self.reading, passage, items, govern_dates(self.reading.text, items, assigned, weighed))
            assigned = claim_notes(self.reading, passage, items, assigned)
        if "temporary" in context:
            assigned = [Assignment(item.place, "opens_on", item.match, item.cost) if begins(items, item) else item for item in assigned]
        assigned = claim_parts(items, self.claim_sibling(passage, items, assigned), weighed)
        if not asked and "draw" not in context:
            assigned += claim_plans(reading, items, [*weighed, *assigned])
        if "supposed" in context:  # "the cap of 2,750 might fall to 2,000": what follows is guessed
            assigned = [item for item in assigned if item.place < context["supposed"][0].first]
        self.account.follow_round(items, assigned, names, context)
        for assignment in assigned:
            facts += self.make(passage, items, assignment, assigned, context)
        return facts

    def claim_sibling(self, passage: Passage, items: list[Item], assigned: list[Assignment]) -> list[Assignment]:
        """In a list of limits or targets, the one count of an item that nothing else tells of is such a one, too."""
        lead = self.reading.intros[passage.block] if self.reading.blocks[passage.block].kind == "item" else None
        if lead is None:
            return assigned
        counts = [place for place, item in enumerate(items) if item.slot == "n"]
        told = [item for item in assigned if item.category in {"cap", "target"}]
        if told:
            self.siblings.setdefault(lead, []).append((told[0].category, items[told[0].place].mention["unit"]))
        elif counts and not assigned and len(set(self.siblings.get(lead, ()))) == 1 < len(self.siblings[lead]):
            category, unit = self.siblings[lead][0]
            if items[counts[0]].mention["unit"] == unit and VALUES["limit"](items[counts[0]]):
                return [Assignment(counts[0], category, None, HALF_SURE)]
        return assigned

    def is_case(self, passage: Passage) -> bool:
        """True for a sentence about one person's case, true or made up."""
        if self.personal and is_told(self.reading.text[passage.start:passage.end]):
            return True
        return any(start <= passage.start < end for start, end in self.cases)

    def read_row(self, passage: Passage, lead: Mention | None = None) -> list[Fact]:
        """Milestones that the cells of a row tell in words, "Open since May 3", beside the stream's name, or a sentence under a bare date, `lead`."""
        reading = self.reading
        values: list[tuple[int, int, str, Any]] = [
            (mention["start"], mention["end"], "date", mention) for mention in reading.within("dates", passage.start, passage.end)]
        if not values and lead is None:
            return []
        values += [(mention["start"], mention["end"], "path", mention) for mention in reading.within("pathways", passage.start, passage.end)
                   if mention["alias_kind"] != "paraphrase"]
        values.sort(key=lambda value: (value[0], -value[1]))
        items = [item._replace(word=":") if item.word == "|" else item for item in make_items(reading.tokens, passage.start, passage.end, values)]
        if lead is not None:
            items = [Item("<date>", lead["start"], lead["end"], "date", lead), Item(":", lead["end"], lead["end"]), *items]
        context: dict[str, list[CueMatch]] = {}
        for match in match_cues(items, read_context_index()):
            context.setdefault(match.cue.category, []).append(match)
        if "draw" in context or (lead is not None and not context.keys().isdisjoint({"hypothetical", "editorial"})):
            return []
        weighed = assign_values(items, match_cues(items, read_index()), TOLD)
        assigned = govern_dates(reading.text, items, [item for item in weighed if item.category != "none"], weighed)
        return [fact for assignment in assigned if assignment.cost <= SURE_IN_ROW
                for fact in self.make(passage, items, assignment, assigned, context)]

    def make(self, passage: Passage, items: list[Item], assignment: Assignment, assigned: list[Assignment],
             context: dict[str, list[CueMatch]]) -> list[Fact]:
        """The facts of one value: one for each pathway that it is said of."""
        item = items[assignment.place]
        mention = item.mention
        attribute = assignment.category
        rule = read_rules()[attribute]
        subjects, how = find_subjects(self.reading, passage, item.start, item.end, self.topic, attribute)
        if any(each.word == "respectively" for each in items):
            subjects = self.pair_off(items, assignment, assigned) or subjects
        current = self.account.rounds.current.pathway
        if attribute.startswith("min_") and "draw" in context and current and len(subjects) == 1 and is_below(current, subjects[0]):
            subjects = [current]  # what invited candidates must show is asked by the round's category
        if assignment.place in self.carry.carried and how not in {"clause", "sentence"} and self.carry.subjects:
            subjects = self.carry.subjects
        if how not in {"clause", "sentence"}:
            subjects = fit_subjects(attribute, subjects)
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
        base = Fact("", attribute, "", "", "eq", None, self.modality(context), evidence, spans, f"{attribute}-{direction}", score,
                    cue=match.cue.id if match else "", found=how)
        if attribute in DRAW_ATTRIBUTES:
            return self.account.make_drawn(base, item, items, assigned, subjects, how)
        if attribute == "cap" and (subjects == ["ca-pnp"] or how in {"topic", "before", "", "heading"}) and mention["unit"] in {"nominations", "spaces", ""} and (
            all(subject == "ca-pnp" or is_below(subject, "ca-pnp") for subject in subjects) or not NOMINATED.isdisjoint(each.word for each in items)
        ):
            province = province_of(self.reading, passage, item.start, item.end) or name_province(self.reading, passage)
            subjects, how = ([province], "sentence") if province else (subjects, how)
        if attribute == "cap" and how in {"topic", "before"} and len(subjects) == 1 and not NOMINATED.isdisjoint(each.word for each in items):
            subjects = [program_of(subjects[0]) or subjects[0]]  # nominations are given to a province, not to a stream
        if attribute == "fee" and how in {"topic", "before"} and not self.is_official_fee(items) and not self.carry.asks_fee(passage):
            return []
        if attribute in {"cap", "target"}:
            base.attribute, subjects = self.settle_plan(items, assignment, subjects, how)
            attribute = base.attribute
            base.rule = f"{attribute}-{direction}"
            if attribute == "target" and subjects == ["ca-levels"] and (counted := name_counted(self.reading, item.end)):
                subjects = [counted]
        if attribute == "effective_on" and not subjects and not PRICES.isdisjoint(each.word for each in items):
            self.shared += write_dates(base, item, match, items)
        if attribute in TOLD and how in {"topic", "before"} and not is_resumed(self.reading, items, assignment, context):
            return []
        for subject in subjects:
            if how not in {"clause", "sentence", "list", "heading"} and subject in GENERIC and subject != self.topic and attribute != "target" and self.reading.topic_sure:
                continue
            fact = replace(base, pathway=subject, spans=list(spans))
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

    def settle_plan(self, items: list[Item], assignment: Assignment, subjects: list[str], how: str) -> tuple[str, list[str]]:
        """Whether a count is a cap or a target, and whose: what a plan of admissions has room for, it aims at."""
        attribute, match, mention = assignment.category, assignment.match, items[assignment.place].mention
        limited = match is not None and not LIMITING.isdisjoint(item.word for item in items[match.first:match.last])
        if attribute == "cap" and not limited and subjects == ["ca-levels"] and mention["comparator"] == "eq" and mention["kind"] == "number":
            attribute = "target"
        persons = not PERSONS.isdisjoint(item.word for item in items)
        if how not in {"clause", "sentence", "list", "heading"} and mention["kind"] == "number" and (
            (attribute == "target" and (mention["unit"] == "people" or (mention["unit"] == "" and (persons or self.topic in PLANS))))
            or (limited and mention["unit"] in {"people", ""} and persons and is_plan(self.reading, ()))
        ):
            subjects = self.plan_of(subjects)
        return attribute, subjects

    def plan_of(self, subjects: list[str]) -> list[str]:
        """The levels plan of the country that the text is about: planned arrivals of no named program are its target."""
        named = subjects or ([self.topic] if self.topic else [])
        country = named[0].partition("-")[0] if named else "ca"
        return {"ca": ["ca-levels"], "au": ["au-program"]}.get(country, subjects)

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
