"""Facts that sentences state: each value goes to the cue that claims it, then to its pathway, period and modality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.cues.assign import Assignment, assign_values
from extract.cues.match import SLOTS, CueMatch, Item, make_items, match_cues, read_context_index, read_index
from extract.facts.claims import (
    begins,
    claim_closing,
    claim_counts,
    claim_for_draw,
    claim_for_list,
    exceeds,
    specify_markers,
)
from extract.facts.draws import COMPARING, Round, Rounds, is_drawn, program_of, share_dates
from extract.facts.fact import (
    DATE_ATTRIBUTES,
    DRAW_ATTRIBUTES,
    Fact,
    currency_of,
    read_value,
    split_interval,
    wage_unit,
)
from extract.facts.rules import read_rules
from extract.facts.subjects import GENERIC, ancestors_of, find_subjects, is_below, name_province
from extract.layout import split_clauses
from extract.quantities.grammar import read_nouns
from extract.vocabulary import load_pathways

if TYPE_CHECKING:
    from extract.facts.reading import Mention, Passage, Reading

SHUT = frozenset({"pause", "paused", "pausing", "not", "suspended", "suspension", "suspend", "no", "closed", "shut", "stop", "stopped"})
MODALITIES = ("denied", "proposed", "forecast", "reported", "background", "announced")
SURE, HALF_SURE = 0.95, 0.5
LARGEST_FEE = 1_000_000
LONGEST_NAME = 90  # characters; a longer mention is a paraphrase that holds more than the name
LIMITED = frozenset({"applications", "people", "permits", "nominations", "spaces", "visas", "employers"})
TELLING = frozenset({"charge", "charges", "surcharge", "cap", "caps", "draw", "draws", "round", "rounds", "admissions", "quota", "lottery", "fee", "fees", "limit", "target",
                     "targets", "ceiling", "allocation"})
MAXIMUM = frozenset({"maximum", "most", "exceed"})
TOLD = frozenset({"announced_on", "effective_on", "opens_on", "closes_on"})  # dates that need a subject in their own sentence
SPANS = frozenset({"year", "interval", "month", "quarter", "season"})
PERIOD_REACH = 12  # items behind a value in which the time that it holds for is named
FEES = frozenset({"fee", "fees", "charge", "charges", "surcharge", "levy", "application", "applications", "visa", "permit", "applicants", "processing", "biometrics", "pay", "pays", "position", "petition", "residence"})
SENTENCE = 600  # characters to either side in which streams of the same program are looked for
NEAR_ANAPHOR = 12  # words
DIRECT = 0.0  # at most this cost: the cue stands right beside the date
LONGEST = {"min_experience": 10, "processing_time": 15, "permit_validity": 20}  # years; a longer time is something else


def trim_name(mention: Mention) -> int:
    """Where a name ends without a last word that is a cue of its own: "study permit cap", "Express Entry draw"."""
    head, _, last = str(mention["text"]).rpartition(" ")
    return int(mention["start"]) + len(head) if head and last.lower() in TELLING else int(mention["end"])


def choose_period(items: list[Item], place: int, dates: list[Item]) -> Item:
    """The date that says when a value holds: the one that follows it at once, else the one before it in the sentence, else the nearest."""
    value = items[place]
    for after in items[place + 1:place + PERIOD_REACH]:
        if after.word in {",", ";"} or (after.slot == value.slot and after.slot != "path"):
            break
        if after in dates:
            return after
    before = [each for each in dates if each.start < value.start]
    return before[-1] if before else min(dates, key=lambda each: abs(each.start - value.start))


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
        if reading.blocks:
            self.rounds.title = self.rounds.name([mention["id"] for mention in reading.pathways_of(0)])
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
        for fact, item in self.pending:
            fact.pathway = fact.pathway or self.rounds.pathway_of(item, self.topic) or ""
            if fact.attribute != "draw_on" and not fact.period:
                fact.period = item.date or (next(iter(self.rounds.by_date)) if len(self.rounds.by_date) == 1 else None)
            if fact.pathway:
                facts.append(fact)
        return facts

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
        if "hypothetical" in context or self.editorial == passage.block:
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
        assigned = [item for item in weighed if item.category != "none"]
        if "draw" in context or self.rounds.by_date:
            assigned += claim_counts(items, weighed)
        assigned += claim_closing(items, assigned, matches)
        assigned = specify_markers(items, assigned, matches)
        if "temporary" in context:
            assigned = [Assignment(item.place, "opens_on", item.match, item.cost) if begins(item) else item for item in assigned]
        assigned = claim_for_list(self.reading, passage, items, claim_for_draw(items, assigned))
        self.follow_round(items, assigned, names, context)
        for assignment in assigned:
            facts += self.make(passage, items, assignment, assigned, context)
        return facts

    def enter_section(self, passage: Passage, names: list[Mention]) -> None:
        """A heading that names a category begins the account of another round."""
        if self.reading.blocks[passage.block].kind == "heading":
            category = self.rounds.name([mention["id"] for mention in names])
            if category is not None:
                self.rounds.current = Round(None, category)

    def follow_round(self, items: list[Item], assigned: list[Assignment], names: list[Mention], context: dict[str, list[CueMatch]]) -> None:
        """Tell from a sentence which round the figures that follow belong to."""
        dates = [items[item.place].mention["edtf"] for item in assigned if item.category == "draw_on"]
        figures = any(item.category in DRAW_ATTRIBUTES for item in assigned)
        if "draw" in context or figures:
            pathway = self.rounds.name([mention["id"] for mention in names])
            before = self.rounds.current
            self.rounds.turn_to(dates[0] if len(dates) == 1 else None, pathway, figures=figures)
            drawn = [items[item.place] for item in assigned if item.category == "draw_on"]
            self.before = before if len(drawn) == 1 and before.date and self.is_compared(items, drawn[0]) else None

    def is_compared(self, items: list[Item], date: Item) -> bool:
        """True for "663, down from 676 on May 30": the date is that of another round than the sentence's own."""
        for start, end in split_clauses(self.reading.text, items[0].start, items[-1].end):
            if start <= date.start < end:
                return self.reading.text[start:end].lower().startswith(COMPARING)
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
        if attribute == "fee" and how in {"topic", "before"} and not self.is_official_fee(items):
            return []
        if attribute == "target" and how not in {"clause", "sentence", "list", "heading"} and mention["unit"] == "people":
            subjects = self.plan_of(subjects)
        if attribute in TOLD and how in {"topic", "before"} and not self.is_resumed(assignment, context):
            return []
        for subject in subjects:
            if how not in {"clause", "sentence", "list", "heading"} and subject in GENERIC and subject != self.topic and attribute != "target":
                continue
            fact = Fact(subject, attribute, "", "", "eq", None, base.modality, evidence, list(spans), base.rule, score)
            if attribute in DATE_ATTRIBUTES:
                if match is not None and match.cue.id.startswith("launch") and load_pathways()[subject].kind == "policy":
                    fact.attribute, fact.rule = "announced_on", "announced_on-launch"  # a strategy is announced, a stream opens
                made += self.make_dated(fact, item, match, items)
                continue
            fact.value = read_value(mention)
            fact.comparator = mention["comparator"]
            if attribute == "cap" and fact.comparator == "eq" and self.is_listed_maximum(passage):
                fact.comparator = "le"
            fact.unit = self.unit_of(attribute, mention, subject, items, rule["unit"])
            if attribute == "fee" and isinstance(fact.value, (int, float)) and fact.value >= LARGEST_FEE:
                continue
            if attribute in LONGEST and exceeds(fact.value, LONGEST[attribute]):
                continue
            fact.period = self.period_of(passage, item, items) if rule["period"] else None
            if mention["compared_from"] < mention["start"]:
                fact.spans.append(("comparator", mention["compared_from"], mention["start"]))
            made.append(fact)
        return made

    def is_resumed(self, assignment: Assignment, context: dict[str, list[CueMatch]]) -> bool:
        """True where "the stream", "applications" or the like stands near the words that tell of a date, or these stand right beside it."""
        match = assignment.match
        if match is None:
            return True
        if assignment.cost <= DIRECT and match.cue.category != "announced_on":
            return True
        return any(match.first - NEAR_ANAPHOR <= anaphor.first <= match.last + NEAR_ANAPHOR for anaphor in context.get("anaphor", ()))

    def pair_off(self, items: list[Item], assignment: Assignment, assigned: list[Assignment]) -> list[str]:
        """For "A and B for X and Y respectively": the pathway in the same place as the value, where there are as many of each."""
        same = [item.place for item in assigned if item.category == assignment.category]
        names = list(dict.fromkeys(item.mention["id"] for item in items if item.slot == "path" and item.mention["id"] not in GENERIC))
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
            names = self.reading.within("pathways", items[0].start, items[-1].end)
            own = self.rounds.name([name["id"] for name in names])
        if subjects == ["ca-ee"] and own is None and self.topic and is_below(self.topic, "ca-pnp"):
            return []  # how many of a province's candidates also had a federal profile
        if fact.attribute == "draw_on":
            fact.value = mention["edtf"]
        else:
            fact.value = read_value(mention)
            fact.comparator = mention["comparator"]
            fact.unit = "points" if fact.attribute == "cutoff_score" else "invitations"
            if fact.attribute == "cutoff_score" and isinstance(fact.value, list):
                fact.value, fact.comparator = fact.value[0], "eq"
            others = [place for place in assigned if place.category == "draw_on"]
            dates = [each for each in items if each.slot == "date"]
            if not others and len(dates) == 1 and self.rounds.current.date is None and dates[0].mention["precision"] in {"year", "month", "interval"}:
                fact.period = dates[0].mention["edtf"]
                if own is None and fact.attribute == "invitations":
                    own = program_of(self.topic)
            elif len(others) > 1:
                owners = share_dates(items, sorted(other.place for other in others))
                fact.period = items[owners[items.index(item)]].mention["edtf"]
        if own and fact.attribute != "cutoff_score":
            parent = ancestors_of(own)[:1]
            siblings = {name["id"] for name in self.reading.within("pathways", item.start - SENTENCE, item.end + SENTENCE)
                        if ancestors_of(name["id"])[:1] == parent and items[0].start <= name["start"] < items[-1].end}
            if len(siblings) > 1 and parent and self.topic == parent[0]:
                own = self.topic
        fact.pathway = own or ""
        turned = self.before is not None and not any(
            start <= item.start < end and self.reading.text[start:end].lower().startswith(COMPARING)
            for start, end in split_clauses(self.reading.text, items[0].start, items[-1].end))
        self.pending.append((fact, self.before if turned and self.before is not None else self.rounds.current))
        return []

    def make_dated(self, fact: Fact, item: Item, match: CueMatch | None, items: list[Item]) -> list[Fact]:
        """A date of a measure; an interval gives its opening and its closing."""
        edtf = item.mention["edtf"]
        first, last = split_interval(edtf)
        fact.value = edtf
        if item.mention["precision"] != "interval":
            return [fact]
        words = {each.word for each in items[match.first:match.last]} if match else set()
        if fact.attribute == "closes_on":
            fact.value = first if words & SHUT else last
            return [fact]
        if fact.attribute in {"opens_on", "effective_on"} and len(first) > 4:
            fact.attribute, fact.value = "opens_on", first
            until = Fact(fact.pathway, "closes_on", last, "", "eq", None, fact.modality, fact.evidence, list(fact.spans),
                         "closes_on-interval", fact.score)
            return [fact, until]
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

    def unit_of(self, attribute: str, mention: Mention, subject: str, items: list[Item], default: str) -> str:
        """The unit: as counted, as paid, or as the rule says."""
        if attribute == "min_wage":
            return wage_unit(mention, subject)
        if mention["kind"] == "money":
            return currency_of(mention, subject)
        if attribute == "target":
            return str(mention["unit"]) if mention["unit"] in {"permits", "applications"} else default
        if mention["unit"] and mention["unit"] not in {"invitations", "points", "jobs"}:
            return str(mention["unit"])
        if attribute == "cap":
            words = [(item.start, item.word if item.slot != "path" else item.mention["text"].split()[-1].lower()) for item in items]
            near = sorted((abs(start - mention["start"]), read_nouns()[word]) for start, word in words if word in read_nouns())
            return next((unit for _, unit in near if unit in LIMITED), default)
        return default

    def is_listed_maximum(self, passage: Passage) -> bool:
        """True for an item of a list whose lead speaks of a maximum."""
        lead = self.reading.intros[passage.block]
        if lead is None:
            return False
        block = self.reading.blocks[lead]
        first, last = self.reading.tokens.range(block.start, block.end)
        return not MAXIMUM.isdisjoint(self.reading.tokens.lower[first:last])

    def period_of(self, passage: Passage, item: Item, items: list[Item]) -> str | None:
        """The year or span in which a cap or target holds: the nearest in the sentence, else of the list, heading or title."""
        dates = [each for each in items if each.slot == "date" and each.mention["precision"] in SPANS]
        if dates:
            return str(choose_period(items, items.index(item), dates).mention["edtf"])
        own = self.reading.blocks[passage.block]
        near = {mention["edtf"] for mention in self.reading.within("dates", own.start, own.end) if mention["precision"] in {"year", "interval"}}
        if len(near) == 1 and own.kind == "paragraph":
            return str(near.pop())
        around = [self.reading.intros[passage.block], self.reading.headings[passage.block], 0]
        for block in around:
            years = {mention["edtf"] for mention in self.reading.dates_of(block) if mention["precision"] in {"year", "interval"}}
            if len(years) == 1:
                return str(years.pop())
        return None
