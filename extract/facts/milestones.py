"""What each date of a sentence is: the event that governs it decides, by rows of events.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from extract.cues.assign import REACH, Assignment
from extract.cues.grammar import read_class
from extract.facts.conditions import bounds_case, find_conditions, is_others_deadline, parts_from
from extract.facts.events import (
    BOUND,
    DETERMINERS,
    FROM,
    NOUN_REACH,
    TRAILING,
    UNTIL,
    Event,
    find_events,
    find_telling,
    is_announced,
    is_negated,
    kind_of,
    name_noun,
    opens_clause,
    read_events,
    read_mark,
    read_nouns_of_events,
    skip_hour,
    weigh_event,
)
from extract.facts.fact import Fact, split_interval
from extract.facts.heads import befalls_policy, find_head
from extract.facts.leads import is_lead

if TYPE_CHECKING:
    from extract.cues.match import CueMatch, Item
    from extract.facts.reading import Reading

TOLD_OF = frozenset({"announced_on", "opens_on", "closes_on", "effective_on"})
SURE_CUE = 1.0  # a cue that costs no more stands right beside the date, and needs no second opinion
FARTHEST = 7.5  # cost above which no event governs
FREE = frozenset({"can", "may", "could", "able", "allowed", "invited", "eligible", "will", "be", "sont", "seront", "peuvent", "pourront"})
MARKS = UNTIL | FROM | frozenset({"as", "of", "on", "or", "after", "and", "with", "in", "to", "up", "for"})
DATELINE = re.compile(r"(?: ?\([A-Za-z .]{2,30}\))? ?[-\u2013\u2014]{1,2} ")
EXPIRING = frozenset({"expire", "expires", "expired", "expiring", "expiry", "out", "valid", "extended"})
HOLDING = frozenset({"hold", "holds", "held", "holding", "holder", "holders", "his", "her", "my", "your", "whose", "their", "who", "students"})
TENSED = frozenset({"will", "is", "are", "was", "were", "has", "have", "program", "programme", "policy", "stream"})
PAPER = re.compile(r"(?i)permits?\b|visas?\b|pgwps?\b|status\b")
PAPERS = frozenset({"permit", "permits", "visa", "visas", "pgwp", "pgwps", "status", "card", "work", "study"})
AMONG = re.compile(r",? or (?:later|earlier|after|before)\b")
RESUMED_BY = frozenset({"it", "they", "this", "these", "those", "their", "its"})
RESUMED = frozenset({"intake", "rule", "policy", "halt"})
RESUMING = frozenset({"the", "this", "these", "its", "new", "first", "next", "second", "third", "current", "both", "all", "a", "an"})
RESUMED_REACH = 4  # items before a noun in which its determiner may stand
FRAMING = frozenset({"in", "en", "from", "de", "since", "to"})
FISCAL = re.compile(r"(?i)(?:the )?(?:fy|fiscal)")
FOR_REACH = 4  # items before a year in which the "for" of "for the 2025 cap" may stand
FOUNDING = frozenset({"begin", "create"})  # kinds that may be told of a whole year
TURNS = frozenset({"@open", "@shut", "opening", "{become~} {available|operational}"})  # other events that may
BESIDE = 3  # items between two events of which one date is told
LISTING = frozenset({"and", ",", "is", "was", "are", "were", "has", "have", "been", "now", "so", "it", "then", "therefore"})
NEVER = frozenset({"no", "not", "never", "nobody", "none"})
COARSE = 3.0  # cost of a year for them
FINE = frozenset({"day", "month", "season", "quarter", "interval"})
SHUT = frozenset({"pause", "paused", "pausing", "not", "suspended", "suspension", "suspend", "no", "closed", "shut", "stop", "stopped"})
NEAR_ANAPHOR = 12  # words
TOLD_BESIDE = 1.5  # cost up to which an event tells of the one pathway that a text is about
DIRECT = 0.0  # at most this cost: the cue stands right beside the date
YEAR = 4  # characters
TEXTS = frozenset({"text", "texts", "instructions", "those", "decision", "version", "versions", "letter", "judgment", "ruling"})
NEAR_BEGINNING, FILED = 3, 1.5  # items before the day of a dateline, and the cost of that day
LONGEST_SHARE = 7  # items between two days of one event
LISTED = 3  # items from one date to the next of a list
RECEIVED = frozenset({"received", "submitted", "filed", "lodged", "made", "applied"})
FINAL = frozenset({"deadline", "date", "day", "limite", "chance"})
EXTENDING = ("exten", "renew", "prolong", "designat", "redesignat")
VALUED = frozenset({"dur", "money", "pct", "level"})


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of events.toml: what a date is if all of its conditions hold. An empty set of kinds, nouns or marks holds for any."""

    kinds: frozenset[str]
    nouns: frozenset[str]
    marks: frozenset[str]
    signs: frozenset[str]
    attribute: str


@cache
def read_decisions() -> tuple[Decision, ...]:
    """The rows in their order."""
    def split(words: str) -> frozenset[str]:
        return frozenset() if words == "*" else frozenset("" if word == "-" else word for word in words.split())

    return tuple(Decision(split(row["kind"]), split(row["nouns"]), split(row["marks"]), frozenset(row["signs"].split()), row["attribute"])
                 for row in read_events()["decide"]["rows"])


def decide(kind: str, noun: str, mark: str, signs: frozenset[str]) -> str:
    """The attribute of a date, by the event's kind, the noun that it befalls, the mark before the date, and further signs; empty for none."""
    for row in read_decisions():
        if (kind in row.kinds or not row.kinds) and (noun in row.nouns or not row.nouns) and (mark in row.marks or not row.marks) and all(
            sign[1:] not in signs if sign[0] == "!" else sign in signs for sign in row.signs
        ):
            return row.attribute
    return ""


def read_signs(items: list[Item], place: int, event: Event, events: list[Event], *, led: bool) -> frozenset[str]:
    """The further signs by which a date is decided; see events.toml."""
    first, last = event.match.first, event.match.last
    words = {item.word for item in items[first:last]}
    told = {
        "led": led,
        "span": items[place].mention["precision"] == "interval",
        "free": is_free(items, event.match),
        "modal": not (BOUND | FREE).isdisjoint(item.word for item in items[max(0, first - 3):last]),
        "official": not words.isdisjoint(read_class("authority")),
        "fine": items[place].mention["precision"] != "year",
        "refused": "longer" in words if event.kind == "close" else any(
            other.kind == "close" and "longer" not in {item.word for item in items[other.match.first:other.match.last]} for other in events),
        "extended": any(word.startswith(EXTENDING) for word in words),
        "final": not FINAL.isdisjoint(words),
        "beside": skip_hour(items, last, place) == last,
        "valued": any(item.slot in VALUED for item in items[last:last + NOUN_REACH]),
    }
    return frozenset(sign for sign, holds in told.items() if holds)


@cache
def read_soft() -> frozenset[str]:
    """Literals of cues that say that a date is something else, and that an event outweighs."""
    return frozenset(read_events()["marks"]["soft"])


def is_free(items: list[Item], match: CueMatch) -> bool:
    """True for "can apply", "may be filed"; false for "must be submitted", "submit"."""
    words = {item.word for item in items[max(0, match.first - 3):match.last]}
    return not words.isdisjoint(FREE) and words.isdisjoint(BOUND) and all(item.word != "only" for item in items[max(0, match.first - 12):match.first])


def govern_dates(text: str, items: list[Item], assigned: list[Assignment], weighed: list[Assignment]) -> list[Assignment]:
    """Give each date that no cue beside it claims to the event that governs it; take away what befalls something else."""
    soft = read_soft()
    settled = {item.place for item in weighed if item.category == "none" and (item.match is None or item.match.cue.id not in soft)}
    others = [item for item in assigned if item.category not in TOLD_OF]
    settled |= {item.place for item in others}
    taken = {item.place: item for item in assigned if item.category in TOLD_OF}
    events: list[Event] | None = None
    offers: list[tuple[float, int, int]] = []
    marks: dict[int, tuple[str, bool]] = {}
    parts = find_conditions(items)
    telling = find_telling(items)
    for place, item in enumerate(items):
        own = taken.get(place)
        if item.slot != "date" or place in settled:
            continue
        (mark, marked), led = read_mark(items, place), opens_clause(items, place)
        if (parts and bounds_case(items, parts, place, mark)) or (mark in {"until", "by", "before"} and is_others_deadline(items, place)):
            taken.pop(place, None)
            continue
        if own is not None and own.match is not None and not mark and own.category != "announced_on" and is_announced(items, own.match, telling):
            del taken[place]
            own = None
        if own is not None and own.match is not None and own.category == "closes_on" and mark not in {"until", "by"} and widens(items, own.match, place):
            del taken[place]
            own = None
        if own is not None and own.match is not None and parts_from(parts, (own.match.first, own.match.last), place):
            del taken[place]
            own = None
        if place > 1 and items[place - 1].word == "of" and items[place - 2].word in TEXTS:
            taken.pop(place, None)  # "the text of May 3"
            continue
        if own is not None and own.match is not None and (
            is_held_paper(items, own.match) or AMONG.match(text, item.end)):
            del taken[place]
            continue
        if own is not None and own.match is not None and name_noun(items, own.match) == "other":
            del taken[place]
            own = None
        if own is not None and is_beside_the_point(items, place, own):
            del taken[place]
            own = None
        if own is not None and own.category == "opens_on" and own.match is not None and own.match.cue.direction != "inside" and is_negated(items, own.match):
            del taken[place]
            own = None
        if own is not None and mark == "until" and led and any(each.word in NEVER for each in items[place:]):
            del taken[place]  # "Until May 3 no round had been held"
            own = None
        if own is not None and is_sure(items, own, mark, span=item.mention["precision"] == "interval"):
            continue
        if led and items[place - 2:place - 1] != [] and items[place - 2].word == "as" and any(item.slot == "n" for item in items[place + 1:place + BESIDE]):
            taken.pop(place, None)  # "As of May 3, 500 files were waiting"
            continue
        marks[place] = mark, led
        coarse = item.mention["precision"] not in FINE and mark not in {"until", "by", "from"}
        dateline = DATELINE.match(text, item.end)
        if (coarse and not is_framed(items, place)) or (dateline and place > NEAR_BEGINNING) or AMONG.match(text, item.end):
            continue
        if events is None:
            events = find_events(items)
        if dateline and own is not None and own.category != "announced_on":
            del taken[place]
        if dateline:  # the day of a story tells when what is "now in the Gazette" was published
            offers += [(event.weight + FILED, place, number) for number, event in enumerate(events)
                       if event.kind == "announce" and any(each.word in {"now", "today"} for each in items[max(0, event.match.first - 3):event.match.last + 2])]
            continue
        offers += [(weigh_event(items, place, event, mark, led=led) + COARSE * coarse, place, number) for number, event in enumerate(events)
                   if (not coarse or event.kind in FOUNDING or event.match.cue.id in TURNS) and event.match.last - REACH <= place <= event.match.first + REACH
                   and not (event.match.first == marked and event.match.last == marked + 1) and not parts_from(parts, (event.match.first, event.match.last), place)
                   and not (not mark and telling and event.kind != "announce" and is_announced(items, event.match, telling))]
    spent: set[int] = set()
    done: set[int] = set()
    confirmed: set[int] = set()
    agreed: set[int] = set()
    for cost, place, number in sorted(offers):
        if cost > FARTHEST:
            break
        event = (events or [])[number]
        words = range(event.match.first, event.match.last)
        if place in done or (not spent.isdisjoint(words) and not any(is_listed(items, other, place) for other in done if abs(other - place) <= LISTED)):
            continue
        done.add(place)
        spent.update(words)
        mark, led = marks[place]
        noun = name_noun(items, event.match)
        confirmed.add(place)
        if event.kind == "announce" and mark == "by" and items[place].mention["precision"] != "day":
            continue  # "had finished 5,700 by the end of October"
        category = decide(event.kind, noun, mark, read_signs(items, place, event, events or [], led=led))
        own = taken.get(place)
        if own is not None and own.category == category:
            agreed.add(place)
        if own is not None and (own.category == category or (own.category == "announced_on" and event.kind in {"change", "open", "move", "create"} and cost > own.cost - TRAILING) or (
                is_told_first(place, own, event, led=led))):
            continue
        if category == "effective_on" and not led and items[place].mention["text"].lower() == "today":
            continue  # "three are needed today"
        if category:
            taken[place] = Assignment(place, category, event.match, max(cost, SURE_CUE))
        elif own is not None and ("other" in {event.kind, noun} or noun == "halt" or (
            mark == "until" if is_mark(items, own.match) else own.category == "effective_on"
        )):
            del taken[place]
    for place, (mark, led) in marks.items():
        own = taken.get(place)
        if own is not None and place not in confirmed and own.match is not None and own.match.cue.direction == "both" and own.category == "effective_on":
            del taken[place]  # a change somewhere in the sentence, which no event ties to the date
            continue
        if own is not None and place not in confirmed and own.category == "closes_on" and is_mark(items, own.match) and all(
                kind_of(items, at) not in {"path", "intake", "policy"} for at in range(len(items))):
            del taken[place]  # "Until tonight $624"
            continue
        if own is not None and place not in confirmed and led and is_mark(items, own.match) and any(item.slot == "n" for item in items[place + 1:place + BESIDE]):
            del taken[place]  # "As of May 3, 500 files were waiting"
            continue
        if own is not None and place not in agreed and not led and mark != "until" and own.match is not None and own.match.cue.direction != "event" and is_mark(items, own.match):
            del taken[place]  # "living here as of May 3" tells of no event
    share_event(items, taken, settled)
    found = [*others, *taken.values()]
    return sorted([*found, *fill_closed(items, found)], key=lambda item: item.place)


def widens(items: list[Item], match: CueMatch, place: int) -> bool:
    """True for what is extended to more than a date: "extended to more jobs on May 3"."""
    return items[match.first].word.startswith("exten") and items[match.last - 1].word == "to" and any(not each.slot and each.word.isalpha() for each in items[match.last:place])


def share_event(items: list[Item], taken: dict[int, Assignment], settled: set[int]) -> None:
    """"It opened to firms on May 3 and to workers on July 4": the second day is told of the first one's event."""
    days = [place for place, item in enumerate(items) if item.slot == "date" and item.mention["precision"] in FINE]
    for one, other in pairwise(days):
        gap = [item.word for item in items[one + 1:other]]
        if one in taken and other not in taken and other not in settled and BESIDE <= len(gap) <= LONGEST_SHARE and gap[0] in {"and", ","} and (
            gap[gap[1:2] == ["and"]:][1:2] != [] and gap[gap[1:2] == ["and"]:][1] in {"to", "for", "in"}) and gap[-1] in {"on", "from", "in", "starting"} and not find_events(items[one + 1:other]):
            taken[other] = Assignment(other, taken[one].category, taken[one].match, taken[one].cost)


def is_told_first(place: int, own: Assignment, event: Event, *, led: bool) -> bool:
    """True for "On May 3 the minister announced the end of the pilot": the verb stands between the date and what is only announced."""
    return own.category == "announced_on" and own.match is not None and led and place < own.match.first < own.match.last <= event.match.first


def fill_closed(items: list[Item], found: list[Assignment]) -> list[Assignment]:
    """"Full and closed on May 3" tells of the cap too."""
    told = [item for item in found if item.category in {"closes_on", "cap_reached_on"} and item.match is not None]
    if len(told) != 1 or told[0].match is None:
        return []
    match, wanted = told[0].match, "full" if told[0].category == "closes_on" else "close"
    for event in find_events(items):
        gap = items[event.match.last:match.first] if event.match.first < match.first else items[match.last:event.match.first]
        if event.kind == wanted and len(gap) <= BESIDE and LISTING.issuperset(each.word for each in gap):
            return [Assignment(told[0].place, "cap_reached_on" if wanted == "full" else "closes_on", event.match, told[0].cost)]
    return []


def is_beside_the_point(items: list[Item], place: int, own: Assignment) -> bool:
    """True for the year that something is for, "opens for the FY 2025 cap", and for what is still to be announced."""
    mention = items[place].mention
    if own.category in {"opens_on", "closes_on"} and mention["precision"] == "year" and (
        FISCAL.match(mention["text"]) or any(item.word == "for" for item in items[max(0, place - FOR_REACH):place])):
        return True
    return own.category == "announced_on" and own.match is not None and [
        item.word for item in items[max(0, own.match.first - 2):own.match.first]] in (["will", "be"], ["to", "be"])


def is_framed(items: list[Item], place: int) -> bool:
    """True for a year that is said to be the time of something: "in 2019", "back in 2019", "dates from 2019"."""
    return items[place].mention["precision"] == "year" and place > 0 and items[place - 1].word in FRAMING


def is_sure(items: list[Item], own: Assignment, mark: str, *, span: bool) -> bool:
    """True where a date's own cue stands right beside it, and neither the mark before the date nor the noun speaks against it."""
    if own.match is None or own.cost > SURE_CUE + (own.category == "announced_on") or is_mark(items, own.match):
        return False
    if own.category == "announced_on" or own.match.cue.direction == "inside":
        return True
    noun = name_noun(items, own.match)
    if noun == "halt" or (noun in {"rule", "policy"} and own.category == "opens_on"):
        return False
    if own.category == "closes_on":
        return True
    return not span and mark != "until" and RECEIVED.isdisjoint(item.word for item in items[own.match.first:own.match.last])


def is_listed(items: list[Item], one: int, other: int) -> bool:
    """True for two dates with nothing but "and" or a comma between them."""
    first, last = sorted((one, other))
    return all(item.word in {",", "and", "or", "&"} for item in items[first + 1:last])


def is_held_paper(items: list[Item], match: CueMatch) -> bool:
    """True where somebody's own paper runs out: "holds a work permit that expires on", "whose PGWP is valid until"."""
    if EXPIRING.isdisjoint(item.word for item in items[match.first:match.last]):
        return False
    near = range(max(0, match.first - NOUN_REACH), min(len(items), match.last + NOUN_REACH))
    if any(items[at].word in PAPERS and items[at - 1].word in HOLDING for at in range(max(1, match.first - NOUN_REACH), match.first)):
        return True
    return any(item.slot == "path" and PAPER.search(item.mention["text"]) for item in (items[at] for at in near)) and (
        not HOLDING.isdisjoint(item.word for item in items[:match.last]) or (next((item.slot for item in items if item.word not in DETERMINERS | {"valid"}), "") == "path"
        and not TENSED.intersection(item.word for item in items)))


def resumes(items: list[Item], match: CueMatch) -> bool:
    """True where an event befalls what was spoken of before, or what there is only one of: "the stream", "these rules", "applications"."""
    reach = range(max(0, match.first - NOUN_REACH), min(len(items), match.last + NOUN_REACH))
    nouns = read_nouns_of_events()
    return any(
        nouns.get(items[at].word) in RESUMED and (items[at].word.endswith("s") or not RESUMING.isdisjoint(
            item.word for item in items[max(0, at - RESUMED_REACH):at]))
        for at in reach)


def is_mark(items: list[Item], match: CueMatch | None) -> bool:
    """True where a cue is no more than the mark before a date: "until", "as of"."""
    if match is None:
        return False
    words = {item.word for item in items[match.first:match.last]}
    return words <= MARKS and not words.isdisjoint(FROM | UNTIL | {"as"})


def is_resumed(reading: Reading, items: list[Item], assignment: Assignment, context: dict[str, list[CueMatch]]) -> bool:
    """True where "the stream", "applications" or the like stands near the words that tell of a date, or these stand right beside it.

    A text that speaks of one pathway only needs no such words, nor does a sentence that begins with "it" or "they".
    """
    match = assignment.match
    if assignment.category == "announced_on" and is_lead(reading, items, assignment.place):
        return True
    if match is not None and not MARKS.issuperset(item.word for item in items[match.first:match.last]) and not befalls_policy(items, match, single=reading.single):
        return False
    if match is None or (assignment.cost <= DIRECT and match.cue.category != "announced_on"):
        return True
    if match.cue.category != "announced_on" and (reading.single or not RESUMED_BY.isdisjoint((items[0].word, find_head(items, match.first)))):
        return True
    if match.cue.direction == "event" and (resumes(items, match) or (
        reading.topic_sure and assignment.cost <= TOLD_BESIDE and items[assignment.place].mention["precision"] != "year")):
        return True
    return any(match.first - NEAR_ANAPHOR <= anaphor.first <= match.last + NEAR_ANAPHOR for anaphor in context.get("anaphor", ()))


def write_dates(fact: Fact, item: Item, match: CueMatch | None, items: list[Item]) -> list[Fact]:
    """The facts of a date: one, or the two ends of an interval; of an interval in which something is shut, when that began."""
    edtf = item.mention["edtf"]
    first, last = split_interval(edtf)
    fact.value = edtf
    if item.mention["precision"] != "interval":
        return [fact]
    if first.endswith("-01-01") and last == f"{first[:YEAR]}-12-31" and fact.attribute != "effective_on":
        return []  # a calendar year
    words = {each.word for each in items[match.first:match.last]} if match else set()
    if fact.attribute == "closes_on":
        fact.value = first if words & SHUT else last
        return [fact]
    if fact.attribute in {"opens_on", "effective_on"} and len(first) > YEAR:
        fact.value = first
        until = Fact(fact.pathway, "closes_on", last, "", "eq", None, fact.modality, fact.evidence, list(fact.spans),
                     "closes_on-interval", fact.score)
        return [fact, until]
    return []
