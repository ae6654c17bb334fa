"""Decide for each value of a sentence which cue speaks of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from extract.cues.match import CueMatch, Item

TERMINATORS = frozenset({";", "but", "while", "whereas", "although", "|", "?", "however", "unlike", "versus"})
BACKWARD_STOPS = frozenset({".", ":", "which", "who"})
SUBORDINATING = frozenset({"before", "after", "when", "because", "unless", "if", "that", "once", "until"})  # a date before one isn't told of after it
CONDITIONAL = frozenset({"if", "unless", "who", "whose", "because", "where"})  # what follows is told of somebody's case
CONNECTING = frozenset({",", "and", "or", "in", "for", "to", "the", "&", "then", "another", "followed", "by", "at", "from", "with", "fiscal",
                        "on", "per", "hour", "year", "people", "("})
LINKING = CONNECTING | {"it", "will", "would", "be", "is", "was", "has", "had", "been", ";", "then", "falls", "rises", "goes", "drops", "climbs", "reaches",
                        "passes", "<date>", "falling", "rising", "further", "that", "still"}
SHARING = frozenset({"for", "in", "to", "from", "under", "through"})
LONGEST_MEMBER = 22  # items between two members of an enumeration whose members are built alike
ENUMERATED = 5  # items between a value and the one before it in an enumeration
LISTED = 3  # items between a sum of money and the one before it in a list of places or persons
LONGEST_PART = 7  # items between a whole and its part
PARTS = frozenset({"including", "comprising", "whom"})
YEARLY_PAY = 20_000
HIGHEST_SCORE = 1400
DAYS = frozenset({"D", "W"})  # no work experience is asked for in days or weeks
FEWEST = 10  # a smaller number is a limit or a count of invitations only in figures and with its noun
REACH = 30  # items between a value and the beginning of a cue that may speak of it: no scope is wider
OVERLAPPING = 12  # matches before and after one, in order of their place, that may share words with it
YEARS_ONLY = 9  # characters of an interval of years
NONE_COMMA = 1.5  # cost of a comma between a value and the words that make it something else
CROSSING = 2.0  # cost of passing another value of the same kind


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value's place among the items, its category, the cue that decided, and the cost (small is sure)."""

    place: int
    category: str
    match: CueMatch | None
    cost: float


def counts(item: Item, *units: str) -> bool:
    """A number whose counted noun is of one of the classes ("" for none)."""
    return item.slot == "n" and item.mention["unit"] in units


def is_day(item: Item) -> bool:
    """A date to the day."""
    return item.slot == "date" and item.mention["precision"] == "day"


def is_fine(item: Item) -> bool:
    """A date finer than a year: what opens or closes "in 2025" must say so beside the year."""
    return item.slot == "date" and item.mention["precision"] != "year" and (
        item.mention["precision"] != "interval" or len(item.mention["edtf"]) > YEARS_ONLY)


def is_interval(item: Item) -> bool:
    """A span of time with two ends to the day or month."""
    return item.slot == "date" and item.mention["precision"] == "interval" and len(item.mention["edtf"]) > YEARS_ONLY


def is_some(item: Item, *units: str) -> bool:
    """A count that may be a limit or a number of invitations: "two streams" and "one of" are none."""
    if not counts(item, *units):
        return False
    value = item.mention["value"]
    low = value[0] if isinstance(value, list) else value
    return isinstance(low, (int, float)) and (low >= FEWEST or (item.mention["text"][0].isdigit() and bool(item.mention["unit"])))


def is_score(item: Item) -> bool:
    """A number that may be a score: no noun or points, and not above any grid."""
    if item.slot != "n" or item.mention["unit"] not in {"", "points"}:
        return False
    value = item.mention["value"]
    low = value[0] if isinstance(value, list) else value
    return isinstance(low, (int, float)) and 5 <= low <= HIGHEST_SCORE


def is_rated(item: Item) -> bool:
    """Money paid per hour or year, or so much that only a year's pay can be meant."""
    value = item.mention["value"]
    return bool(item.mention["rate"]) or (value[0] if isinstance(value, list) else value) >= YEARLY_PAY


def ends_of(item: Item) -> set[str]:
    """The unit of a duration, or of both its ends: D, W, M, Y, H."""
    value = item.mention["value"]
    return {str(end)[-1] for end in (value if isinstance(value, list) else [value])}


VALUES: dict[str, Callable[[Item], bool]] = {
    "score": is_score,
    "interval": is_interval,
    "invited": lambda item: is_some(item, "", "people", "invitations", "applications"),
    "limit": lambda item: is_some(item, "", "people", "applications", "permits", "nominations", "spaces", "visas", "employers",
                                 "invitations"),
    "target": lambda item: is_some(item, "", "people", "permits", "spaces", "visas"),
    "count": lambda item: item.slot == "n" and item.mention["unit"] not in {"spaces", "nominations"},
    "percent": lambda item: item.slot == "pct",
    "fee": lambda item: item.slot == "money" and item.mention["rate"] not in {"hour", "week"},
    "wage": lambda item: item.slot == "money",
    "rated": lambda item: item.slot == "money" and is_rated(item),
    "duration": lambda item: item.slot == "dur",
    "tenure": lambda item: item.slot == "dur" and not DAYS.issuperset(ends_of(item)),
    "term": lambda item: item.slot == "dur" and item.mention["comparator"] != "ge",  # "a permit with at least 16 months left" is a condition
    "level": lambda item: item.slot == "level" and item.mention["text"][0].isdigit(),
    "day": is_day,
    "fine": is_fine,
    "grants": lambda item: counts(item, "nominations", "permits", "visas"),
    "date": lambda item: item.slot == "date",
}


def assign_values(items: Sequence[Item], matches: Sequence[CueMatch], allowed: frozenset[str]) -> list[Assignment]:
    """The cheapest category for each value that any cue reaches; "none" where a cue says that it is something else.

    `allowed` names the categories that may be given in this passage.
    """
    matches = drop_shorter(matches)
    offers: list[tuple[float, int, int]] = []
    firsts = [match.first for match in matches]
    for place, item in enumerate(items):
        if item.slot and item.slot != "path":
            for number in range(bisect_left(firsts, place - REACH), bisect_right(firsts, place + REACH)):
                match = matches[number]
                if (match.cue.category in allowed or match.cue.category == "none") and VALUES[match.cue.value](item):
                    cost = weigh(items, place, match)
                    if cost is not None:
                        offers.append((cost, place, number))
    chosen: dict[int, Assignment] = {}
    spent: set[int] = set()
    for cost, place, number in sorted(offers):  # the surest first; a milestone's cue speaks of one date only
        match = matches[number]
        words = range(match.first, match.last)
        told = match.cue.category in MILESTONES and match.cue.direction != "inside"
        if place in chosen or (told and not spent.isdisjoint(words)):
            continue
        chosen[place] = Assignment(place, match.cue.category, match, cost)
        if told:
            spent.update(words)
    found: list[Assignment] = []
    for place, item in enumerate(items):
        best = chosen.get(place)
        before = found[-1] if found else None
        if before and before.category != "none" and item.slot not in {"", "path"} and items[before.place].slot == item.slot and (
            best is None or best.cost > ENUMERATED or (before.cost < best.cost and is_part(items, before.place, place))
        ) and continues(items, before.place, place) and same_unit(items[before.place], item):
            best = Assignment(place, before.category, before.match, before.cost + 1)
        if best is not None:
            found.append(best)
    return pair_changes(items, found)


def pair_changes(items: Sequence[Item], found: list[Assignment]) -> list[Assignment]:
    """"From $10 to $16", "to $16 from $10", "$16, up from $10": what holds for one of the two values holds for the other."""
    taken = {item.place: item for item in found}
    places = [place for place, item in enumerate(items) if item.slot in PAIRED]
    for one, other in pairwise(places):
        if items[one].slot != items[other].slot or (one and items[one - 1].word == "by") or not is_pair(items, one, other):
            continue
        first, second = taken.get(one), taken.get(other)
        if any(each is not None and each.category == "none" and each.cost <= SURELY_NONE for each in (first, second)):
            taken |= {place: Assignment(place, "none", None, SURELY_NONE) for place in (one, other)}
            continue
        told = first if first and first.category not in {"none", "invitations", "cutoff_score"} else second
        if told and told.category not in {"none", "invitations", "cutoff_score"} and same_unit(items[one], items[other]):
            for place in (one, other):
                if place not in taken or taken[place].category in {"none", told.category} or taken[place].cost > told.cost:
                    taken[place] = Assignment(place, told.category, told.match, told.cost + (place != told.place))
    return [taken[place] for place in sorted(taken)]


def is_pair(items: Sequence[Item], one: int, other: int) -> bool:
    """True where the words between two values make them the old and the new one."""
    gap = [item.word for item in items[one + 1:other]]
    if gap[-2:] in (["up", "from"], ["down", "from"]) and len(gap) <= LONGEST_MEMBER:
        return True
    if not gap or len(gap) > PAIR_GAP or not PAIR_STOPS.isdisjoint(gap):
        return False
    if gap == ["to"] or (gap[0] == "in" and gap[-1] == "to" and len(gap) == DATED_TO) or tuple(gap[-2:]) in TURNS:
        return True
    if gap[-1] == "to":
        return not TURNING.isdisjoint(gap[-3:])
    return (gap[-1] == "from" and (COMPARED.issuperset(gap) or not TURNED.isdisjoint(gap[-3:]) or (one > 0 and items[one - 1].word == "to"))) or (
        gap[-1] == "against" and COMPARED.issuperset(gap[:-1]))


PAIRED = frozenset({"n", "money", "dur", "level", "pct"})
COMPARED = frozenset({",", "up", "down", "an", "a", "increase", "instead", "of", "rise", "reduction", "cut", "from", "(", "in", "for", "<date>"})
PAIR_GAP = 10
SURELY_NONE = -5.0  # at most this cost: words say outright that a value is something else
DATED_TO = 3  # "485,000 in 2024 to 395,000"
PAIR_STOPS = frozenset({"who", "which", "applicants", "candidates", "said", "received", "approved", ";", ".", "but", "while"})
TURNS = frozenset({("rather", "than"), ("instead", "of"), ("compared", "with"), ("compared", "to"), ("then", "to"), ("to", "be")})
TURNING = frozenset({"falling", "rising", "dropping", "growing", "climbing", "rise", "fall", "drop", "decline", "declining", "increase", "increasing", "going",
                     "decreasing", "reaching", "jumping"})
TURNED = frozenset({"up", "down", "restored", "reduced", "raised", "lowered", "increased", "cut", "decreased", "increase", "decrease", "reduction", "drop",
                    "slashed", "trimmed", "hiked", "changed", "fell", "rose", "jump"})
MILESTONES = frozenset({"opens_on", "closes_on", "effective_on", "announced_on"})
YEAR_WORDS = frozenset({"in", "by", "since", "during", "of", "until", "late", "early", "mid", "end", "from"})


KIND = {name: kind for kind, names in {
    "date": ("date", "fine", "day", "interval"), "number": ("score", "invited", "limit", "target", "count", "grants"),
    "money": ("fee", "wage", "rated"), "duration": ("duration", "tenure", "term"), "percent": ("percent",), "level": ("level",),
}.items() for name in names}


def drop_shorter(matches: Sequence[CueMatch]) -> list[CueMatch]:
    """Matches that no earlier or longer one holds: "stop accepting" outweighs "accepting"."""
    return [
        match for place, match in enumerate(matches) if not any(
            other.first <= match.first < other.last and not other.slots and not match.slots
            and other.cue.category != match.cue.category and KIND[other.cue.value] == KIND[match.cue.value] and (other.first < match.first or other.last > match.last) for other in matches[max(0, place - OVERLAPPING):place + OVERLAPPING]
        )
    ]


def weigh(items: Sequence[Item], place: int, match: CueMatch) -> float | None:
    """The cost of tying a value to a cue; None where the cue doesn't reach it."""
    cue = match.cue
    if cue.direction == "inside":
        return cue.weight if place in match.slots else None
    if match.first <= place < match.last:
        return None
    forward = place >= match.last
    gap = items[match.last:place] if forward else items[place + 1:match.first]
    if len(gap) > cue.scope or (forward and cue.direction == "backward") or (not forward and cue.direction in {"forward", "start"}):
        return None
    if cue.direction == "start" and match.first != 0 and items[match.first - 1].word not in {",", ":", "that", "and", "(", "\u2013", "—"}:
        return None
    if cue.category in MILESTONES and items[place].slot == "date" and items[place].mention["precision"] == "year" and (
        place == 0 or items[place - 1].word not in YEAR_WORDS
    ) and items[place].mention["text"][0].isdigit() and not (forward and not gap):
        return None
    cost = cue.weight + len(gap) * 0.5 - (match.last - match.first) * 0.25
    for item in gap:
        if item.word in TERMINATORS or (not forward and item.word in BACKWARD_STOPS):
            return None
        if forward and item.word in CONDITIONAL and cue.category in MILESTONES:
            return None
        if item.word == "." or (not forward and item.word in SUBORDINATING and cue.category in MILESTONES):
            return None
        if item.slot == items[place].slot and item.slot != "path":
            cost += CROSSING
        if item.word == ",":
            cost += 0.5 if cue.category != "none" else NONE_COMMA
    return cost


def continues(items: Sequence[Item], before: int, place: int) -> bool:
    """True where only connecting words and other kinds of values stand between two values: "395,000 in 2025, 380,000"."""
    gap = items[skip_noun(items, before):place]
    shared = place + 1 < len(items) and items[place + 1].word in SHARING and any(item.word == items[place + 1].word for item in gap)
    if shared and len(gap) <= LONGEST_MEMBER and gap[-1].word in {",", "and", "or", "with", ";", "another", "plus"}:
        return True  # "20,000 for graduates of these schools and 5,000 for others"
    if is_part(items, before, place):
        return True
    if items[before].slot in {"pct", "money", "dur"} and gap and gap[-1].word == "or" and len(gap) <= LONGEST_MEMBER and not any(
        item.word in TERMINATORS for item in gap
    ):
        return True  # "10 per cent of the staff at a site, or 20 per cent in construction"
    if len(gap) <= LONGEST_PART and any(item.slot == "date" for item in gap) and LINKING.issuperset(item.word for item in gap):
        return True  # "301,250 in 2025; in 2026 it will be 310,000"
    if items[before].slot == "money" and 0 < len(gap) <= LISTED and gap[0].word in {",", ";"}:
        return True  # "Nova Scotia $31.96 an hour; British Columbia $38.40"
    return len(gap) <= ENUMERATED and sum(item.word not in CONNECTING and not item.slot for item in gap) <= 1 and any(
        item.word in {",", "and", "or", "with"} for item in gap
    )


def skip_noun(items: Sequence[Item], place: int) -> int:
    """The place past a value and the noun that it counts: "395,000 permanent residents next year"."""
    noun = items[place].mention.get("noun") if items[place].slot == "n" else None
    return next((at + 1 for at in range(place + 1, min(len(items), place + 1 + ENUMERATED)) if noun and items[at].word == noun), place + 1)


def is_part(items: Sequence[Item], before: int, place: int) -> bool:
    """True for "673,650 arrivals, of whom 305,900 are students"."""
    gap = items[before + 1:place]
    return len(gap) <= LONGEST_PART and not PARTS.isdisjoint(item.word for item in gap)


def same_unit(one: Item, other: Item) -> bool:
    """True where two values can be members of one enumeration."""
    if one.slot == "date":
        return False
    return one.mention["unit"] == other.mention["unit"] or not other.mention["unit"]
