"""The events of a sentence, the marks before its dates, and what an event befalls."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from extract.cues.assign import OVERLAPPING, TERMINATORS
from extract.cues.grammar import Cue, parse_literal, read_alternatives
from extract.cues.match import CueMatch, Index, build_index, match_cues

if TYPE_CHECKING:
    from extract.cues.match import Item

DETERMINERS = frozenset({"the", "a", "an", "its", "this", "these", "new", "their", "all", "some", "canada"})
LINKING = frozenset({"on", "of", "for", "to", "in", "under", "into"})
OWNED = 4  # items between a preposition and its noun: "of New Zealand's"
STEP, COMMA = 0.4, 0.5  # cost of a word, and of a comma
BEHIND, TRAILING = 0.3, 2.0  # cost of an event that comes after the date, and after a date that doesn't open its clause
OTHER_DATE, PARTED, SUBORDINATE = 3.0, 6.0, 2.5  # cost of another date, of a clause's end, and of a subordinating word between
UNMARKED = {"submit": 5.0, "oblige": 3.0, "hold": 6.0}  # kinds that rarely tell of a day without a mark before it
MARKED = {"announce": 5.0, "other": 2.0}  # kinds that rarely tell of a time from or until a date
UNTIL = frozenset({"until", "till", "til", "through", "thru", "jusqu"})
LASTING = frozenset({"runs", "run", "running", "lasts", "last", "open", "valid", "continues", "stays", "remains"})  # "to" behind them is "until"
FILED = frozenset({"no", "each", "every", "any"})  # words before a petition that an employer files
TOLD_LATER = frozenset({"will", "shall", "to"})
STARTING = frozenset({"start", "starting", "employment", "travel", "joining", "birth"})
FROM = frozenset({"from", "starting", "come", "beginning", "commencing", "effective", "since", "depuis", "dès", "compter", "partir"})
FILLING = frozenset({"on", "at", "the", "end", "of", "mid", "early", "late", "least", "noon", "midnight", "a", "p", "m", "am", "pm", ".", ":", "et", "est", "edt",
                     "pt", "eastern", "pacific", "time", "local", "standard", "daylight", "hours", "about", "around", "in", ",", "and", "or", "including", "as", "to",
                     "au", "le", "du", "fin"})
MARK_REACH = 10  # items before a date in which its mark may stand
CLAUSAL = frozenset({",", "and", "or", "that", "while", "but", ":", "then", "third", "second", "first", "also", "note"})
NEGATED = 4  # items before an event in which it may be negated
STAGES = frozenset({"at", "during"})  # before a noun that is only where something happens
NEGATIONS = frozenset({"nobody", "not", "n't", "'t", "never", "postponed", "delayed", "cancelled"})
NAMED = 3.0  # cost of an event that is only aimed at
SUBORDINATING = frozenset({"which", "who", "before", "after", "when", "because", "unless", "if", "once", "that", "where"})
EXTENDED = 9  # items from "extended" to the "to" of its new end
HOUR_REACH = 10  # items between an hour and its date: "9 a.m. Yukon Standard Time (YST) on"
NOUN_REACH = 8  # items beside an event in which the noun that it befalls may stand
STOPS = frozenset({".", ";", ":", "|", "?"})
MODAL = frozenset({"can", "may", "could", "will", "be"})
BOUND = frozenset({"must", "shall", "need", "needs", "have", "has", "required", "only"})
LEADS = frozenset({":", "-", "\u2013", "\u2014", "|"})  # signs between a date that leads a line and the line
DRAFTS = frozenset({"bill", "legislation", "motion", "amendment"})
APPLYING = frozenset({"to", "must", "can", "may", "could", "who", "you", "they", "should", "applicants", "candidates", "workers", "students", "employers"})
BEING = frozenset({"is", "are", "be", "become", "becomes", "became", "was", "were", "being", "been"})
DATED = frozenset({"date", "dates"})
TELLING = read_alternatives("announce~|unveil~|reveal~|table~|propose~|outline~|publish~|release~|confirm~|present~|detail~")  # verbs whose object may be an event
OBJECT_REACH = 7  # items from a telling verb to the event that is its object
OBJECTS = frozenset({"a", "an", "the", "its", "their", "new", "further", "more", "major", "of", "plans", "another", "several", "two", "three", "temporary", "significant"})
CLAUSES = frozenset({"that", "which", "who", "will", "would", "is", "are", "has", "have", "was", "were", "it", "they", "and", ";", ".", ":", "when", "after", "before", "because"})
AUXILIARY = frozenset({"will", "would", "is", "are", "be", "been", "was", "were", "has", "have", "had", "it", "they"})
HOUR = re.compile(r"\d{1,2}(?::\d\d)?")


@dataclass(frozen=True, slots=True)
class Event:
    """A match of an event, its kind, and what it costs by itself."""

    match: CueMatch
    kind: str
    weight: float


@cache
def read_events() -> dict[str, Any]:
    """The tables of events.toml."""
    tables: dict[str, Any] = tomllib.loads((files("extract.cues") / "events.toml").read_text(encoding="utf-8"))
    return tables


@cache
def read_event_index() -> Index:
    """Events by the words that they may begin with."""
    return build_index([Cue(literal, row["kind"], "event", "date", 0, float(row["weight"]), parse_literal(literal))
                        for row in read_events()["event"] for literal in row["literals"]])


@cache
def read_nouns_of_events() -> dict[str, str]:
    """Noun -> what kind of thing it is."""
    return {word: kind for kind, words in read_events()["nouns"].items() for word in read_alternatives("|".join(words))}


def find_events(items: list[Item]) -> list[Event]:
    """Events of a sentence; one inside a longer one is dropped."""
    matches = match_cues(items, read_event_index())
    kept = [match for number, match in enumerate(matches) if not any(
        (other.first <= match.first and match.last <= other.last and other.last - other.first > match.last - match.first)
        or (other.cue.category == "close" and other.first < match.first < other.last)
        for other in matches[max(0, number - OVERLAPPING):number + OVERLAPPING])]
    return [event for match in kept if (event := read_event(items, match)) is not None]


def read_event(items: list[Item], match: CueMatch) -> Event | None:
    """An event as its neighbours colour it: turned round by a negation, weakened where it is only named ("to expand", "the end of")."""
    kind, weight = match.cue.category, match.cue.weight - 0.2 * (match.last - match.first)
    words = {item.word for item in items[match.first:match.last]}
    before = [item.word for item in items[max(0, match.first - NEGATED):match.first]]
    if kind == "window" and before[-1:] != [] and before[-1] in STARTING:
        return None  # "start dates: May 3"
    if kind in {"open", "begin"} and before[-1:] != [] and before[-1] in STARTING and not DATED.isdisjoint(words):
        return None  # "an employment start date of May 3"
    if kind == "announce" and before[-1:] == ["be"] and not TOLD_LATER.isdisjoint(before):
        return Event(match, "other", weight)  # "will be announced on May 3"
    if kind == "cutover" and not (BOUND | MODAL).isdisjoint(words):
        return None
    if kind == "cutover" and "no" in before:
        return Event(match, "close", weight)
    if kind in {"open", "begin"} and is_negated(items, match):
        return Event(match, "other", weight)
    if kind == "other" and not STAGES.isdisjoint(before[-3:]) and not words.isdisjoint(read_alternatives("|".join(read_events()["nouns"]["other"]))):
        return None  # "at a conference on May 3 the minister launched" tells of the launch
    if kind == "force" and before[-1:] != [] and before[-1] in APPLYING and not words.isdisjoint({"apply", "applies", "applied"}):
        return None  # "must apply to the program" tells of no rule that applies
    if kind == "other" and words == {"added"} and [item.word for item in items[match.last:match.last + 1]] not in (["that"], [","], ["."], []):
        return None  # "Ottawa added butchers"
    if kind == "create" and any(item.word in DRAFTS for item in items):
        return None  # a bill that is introduced is no law
    if kind == "submit" and is_negated(items, match):
        return Event(match, "oblige", weight)
    if (before[-1:] == ["year"] and words == {"end"}) or (kind == "close" and words == {"dropped"}) or (
        kind == "lift" and name_noun(items, match) != "halt"):
        return None
    if kind in {"close", "change", "lift", "move"} and before[-1:] in (["the"], ["an"]) and match.last < len(items) and items[match.last].word in {"of", "in", "to"} and (
            kind != "close" or any(item.slot == "date" for item in items[match.last:match.last + OWNED])):
        return None  # "the end of 2026", "the rise in applications"
    if kind in {"change", "close", "move"} and before[-1:] == ["to"] and before[-2:-1] not in (["set"], ["going"], ["due"], ["scheduled"], ["expected"], ["is"], ["are"]):
        weight += NAMED
    return Event(match, kind, weight)


def read_mark(items: list[Item], place: int) -> tuple[str, int]:
    """The mark before a date, "until", "from", "by", "before" or nothing, and where it stands."""
    if items[place].mention["precision"] == "interval":
        return "from", place
    for at in range(place - 1, max(-1, place - 1 - MARK_REACH), -1):
        word = items[at].word
        before = items[at - 1].word if at else ""
        if word in UNTIL or (word == "to" and before in LASTING) or (word == "to" and any(each.word.startswith("exten") for each in items[max(0, at - EXTENDED):at])):
            return "until", at
        if (word in FROM and not (before in BEING and word == "effective")) or (word in {"of", "as"} and before == "as") or (word == "after" and before in {"or", "and"}):
            return "from", at
        if word == "than" and before == "later":
            return "by", at
        if word in {"by", "before", "after"}:
            return "by" if word == "before" and before == "or" else word, at
        if word not in FILLING and not is_hour(items, at):
            break
    return "", place


def is_hour(items: list[Item], place: int) -> bool:
    """True for an item that is the hour of a day."""
    item = items[place]
    return item.word in {"noon", "midnight"} or (item.slot == "n" and HOUR.fullmatch(item.mention["text"]) is not None) or item.word.isdigit()


def skip_hour(items: list[Item], first: int, place: int) -> int:
    """Where the hour that stands before a date begins, if one does after `first`: "at 9 a.m. local time on May 3"."""
    for at in range(place - 1, max(first, place - HOUR_REACH) - 1, -1):
        if is_hour(items, at):
            begin = at
            while begin > first and (is_hour(items, begin - 1) or items[begin - 1].word in {":", "at"}):
                begin -= 1
            return begin
    return place


def opens_clause(items: list[Item], place: int) -> bool:
    """True where a date, its mark and the hour aside, is the first that its clause says."""
    at = skip_hour(items, max(0, place - HOUR_REACH), place) - 1
    while at >= 0 and (items[at].word in FILLING - CLAUSAL or items[at].word in FROM | UNTIL or is_hour(items, at)):
        at -= 1
    return at < 0 or items[at].slot == "date" or items[at].word in CLAUSAL | STOPS | TERMINATORS


def weigh_event(items: list[Item], place: int, event: Event, mark: str, *, led: bool) -> float:
    """The cost of letting an event govern a date."""
    first, last = event.match.first, event.match.last
    cost = event.weight
    if place >= last:
        end = skip_hour(items, last, place)
        gap = items[last:end - (end > last and items[end - 1].word == ":")]  # "Expiry of the program: May 3"
    elif place < first:
        gap = items[skip_lead(items, place):first]
        cost += (BEHIND if led else TRAILING) + (TRAILING if event.kind == "announce" and not led else 0.0)
    else:
        gap = []
    cost += UNMARKED.get(event.kind, 0.0) if not mark else MARKED.get(event.kind, 0.0) if mark != "by" else 0.0
    for item in gap:
        cost += 0.0 if item.word in FILLING else STEP
        if item.slot == "date":
            cost += OTHER_DATE
        elif item.word in TERMINATORS or item.word in STOPS:
            cost += PARTED
        elif item.word in SUBORDINATING:
            cost += SUBORDINATE
        elif item.word == ",":
            cost += COMMA
    return cost


def skip_lead(items: list[Item], place: int) -> int:
    """Where what is told of a date begins: behind the colon or dash in "May 3, 2024: ...", "May 3 | ..."."""
    behind = place + 1
    return behind + 1 if behind < len(items) and items[behind].word in LEADS and opens_clause(items, place) else behind


def name_noun(items: list[Item], match: CueMatch) -> str:
    """What an event befalls: the nearest telling noun before it, else the nearest behind it; "path" for a pathway by name."""
    before = range(match.first - 1, max(-1, match.first - 1 - NOUN_REACH), -1)
    behind = range(match.last, min(len(items), match.last + NOUN_REACH))
    within = range(match.first, match.last if match.cue.category != "force" else match.first)  # "take hold" is no halt
    for places in (before, within, behind):
        for place in places:
            if items[place].word in STOPS:
                break
            noun = kind_of(items, place)
            if noun and places is behind and place + 1 < len(items):
                following = kind_of(items, place + 1)  # "the visa fee" is a fee
                noun = following if following == "rule" or (following and not items[place].slot) else noun
            if noun and match.cue.category == "close" and items[place].word == "it":
                return ""  # "it no longer accepts": an authority, or a pathway
            if noun:
                return head_of(items, place, noun, match)
    return ""


def kind_of(items: list[Item], place: int) -> str:
    """The kind of thing that a word names; empty for none."""
    if items[place].slot == "path":
        return "path"
    noun = read_nouns_of_events().get(items[place].word, "")
    if items[place].word == "petition" and place and items[place - 1].word in FILED:
        return "intake"  # "no petition will be received" is none that citizens sign
    return "" if noun == "other" and not STAGES.isdisjoint(item.word for item in items[max(0, place - 3):place]) else noun


def head_of(items: list[Item], place: int, noun: str, match: CueMatch) -> str:
    """"The pause on the stream", "a consultation on the program": the head of a noun's phrase where that is telling too."""
    at = place - 1
    while at > max(0, place - OWNED) and items[at].word not in LINKING and items[at].slot in {"", "path"} and items[at].word not in STOPS:
        at -= 1
    if at > 0 and items[at].word in LINKING and not match.first < at <= match.last:
        return kind_of(items, at - 1) or noun
    return noun


def is_negated(items: list[Item], match: CueMatch) -> bool:
    """True for "will not be opening", "no longer able to apply", "can no longer apply"."""
    before = [item.word for item in items[max(0, match.first - NEGATED):match.last - 1]]
    return not NEGATIONS.isdisjoint(before) or "longer" in before


def find_telling(items: list[Item]) -> list[CueMatch]:
    """Where a sentence tells that something was announced."""
    if TELLING.isdisjoint(item.word for item in items):
        return []
    return [event.match for event in find_events(items) if event.kind == "announce"]


def is_announced(items: list[Item], match: CueMatch, telling: list[CueMatch]) -> bool:
    """True for an event that is only the object of a telling verb: "announced the end of the pilot", "unveiled changes to"."""
    if match.first and items[match.first - 1].word in AUXILIARY:
        return False
    told = [each for each in telling if each.last <= match.first and match.first - each.last <= OBJECT_REACH]
    if not told:
        return False
    gap = [item.word for item in items[max(each.last for each in told):match.first]]
    return CLAUSES.isdisjoint(gap) and (not gap or not OBJECTS.isdisjoint(gap))
