"""Which pathway a value is about: by grammar, by the list or heading that it stands under, or by the document's topic."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from extract.facts.reading import Passage
from extract.facts.rules import fit_subjects
from extract.facts.scopes import (
    acting_provinces,
    ancestors_of,
    drop_inner,
    heading_pathways,
    is_aside,
    is_below,
    is_compared,
    is_held,
    is_owned,
    name_list,
)
from extract.layout import split_clauses
from extract.vocabulary import load_pathways
from extract.vocabulary.places import load_places

if TYPE_CHECKING:
    from extract.facts.reading import Mention, Reading

# Pathways that texts name in passing: they are the subject only where nothing more particular is near.
GENERIC = frozenset({"ca-work-permit", "ca-study-permit", "ca-lmia", "ca-pnp", "ca-ee", "ca-imp", "ca-tfwp", "ca-citizenship", "ca-trv",
                     "ca-levels", "us-eb", "us-family", "us-naturalization", "gb-settlement", "au-program", "ca-ee-cbs", "ca-eta"})
GIVEN = 36  # characters between a number and the pathway that it is given to
GIVING = frozenset({"to", "for", "under", "through", "via", "in", "from"})
ARTICLES = frozenset({"the", "a", "an", "its", "canada's", "new"})
HELD = 250  # characters by which a pathway that persons hold counts as farther away
PARTED = 40  # characters by which a name behind the value counts as farther away where a comma or "and" stands between
PARTING = re.compile(r",\s|\band\b|\bbut\b|\bwhile\b")
BEHIND = 1.4  # a pathway after the value counts as so many times as far away
LISTED = re.compile(r"(?:,|\band|;)(?: and)? ?(?:about|some|up to|another|over|nearly)? ?\Z")
GIVEN_BEFORE = re.compile(r"[^,;.]{0,25}\b(?:for|to|in)\b", re.IGNORECASE)
CLAIMED = 60  # characters behind a number within which a name is taken for its own
PLACE_EDGE = re.compile(r"(?:['\u2019]s)?[^\w.]+")
COORDINATED = frozenset({",", "and", "or", "&", "/", "the", "under", "'s", "stream", "streams", "visa", "program", "programs", "as", "well", "both", "(", ")", "to", "for"})
JOINING = frozenset({",", "and", "or", "&", "/", "well", "under"})
LONGEST_KIND = 20  # characters between a program and its streams that are named behind it: "the PNP sub-categories A and B"
LONGEST_LINK = 5  # words and signs between two pathways that are named in one breath
COVERS = {  # a general name in a sentence that may stand for the particular pathway of the title
    "ca-work-permit": ("ca-imp", "ca-tfwp", "ca-hk-owp", "ca-iec", "ca-pgwp"), "ca-lmia": ("ca-tfwp-gts", "ca-tfwp-hw", "ca-tfwp-lw", "ca-tfwp-ag"), "ca-trv": ("ca-super-visa",),
    "ca-study-permit": ("ca-sds",), "ca-imp": (), "ca-ee": (), "ca-tfwp": (), "us-eb": (),
}
NEAR_WORD = 12  # characters
WITHIN = re.compile(r" (?:applications? )?(?:under|through|via|as part of) (?:the |an? |canada's )?", re.IGNORECASE)
LEADS = 4  # leads of lists within lists that are looked at
RELATIVE = re.compile(r"[ ,(]*(?:which|that)\b")
CONTRASTED = re.compile(r"(?i)\b(?:regular|ordinary|normal|standard|usual|other|unlike|instead of an?|simple)\s+$")  # words before a general name that speaks for itself
AGAIN = re.compile(r"(?i)\b(?:the|this) (stream|pilot|program|programme|visa|class|category|strategy|pathway|scheme|route|plan)\b(?! of|-)")
KINDS_CALLED = {"strategy": ("policy",), "plan": ("policy",), "visa": ("permit",), "route": ("permit",), "scheme": (), "class": (), "pathway": ()}  # kinds that a word stands for, though the name lacks it
OPENING = 60  # characters of a sentence in which it takes up what it speaks of
FARTHEST = 5000  # characters before a block in which a pathway named earlier may still be its subject
LEADING = 900  # characters from the beginning of a text that tell its topic
TITLE_WEIGHT = 4
SEVERAL = 2  # so many other streams of a program beside the title's: what is said of the program is said of all
NOMINATED = frozenset({"allocation", "allocations", "nominations", "nominees", "nomination"})
SURE_SHARE = 2.5  # a text is about a pathway that its title doesn't name if so many times its mentions outweigh all
MANY = frozenset({"both", "these", "all", "two", "three", "each"})
KINDS_OF_PATHWAY = frozenset({"categories", "streams", "pilots", "programs", "programmes", "pathways", "visas", "routes", "permits"})
OF_PERMITS = frozenset({"permit_validity", "fee", "processing_time"})  # what is told of permits in passing
KINDS = frozenset({"ca-work-permit", "ca-study-permit", "ca-lmia", "ca-trv"})  # "the permit" of a program that was named before


def find_topic(reading: Reading) -> str | None:
    """The pathway that the document is about: named in its title, at its beginning, or most often."""
    if not reading.pathways:
        return None
    weights: Counter[str] = Counter()
    title_end = reading.blocks[0].end if reading.blocks else 0
    in_title: set[str] = set()
    for mention in drop_inner(reading.pathways):
        name = str(mention["id"])
        weights[name] += 1
        if mention["start"] < title_end:
            in_title.add(name)
            weights[name] += TITLE_WEIGHT
        elif mention["start"] < LEADING:
            weights[name] += 1
    reading.topic_sure = bool(in_title) or (len(weights) == 1 and max(weights.values()) > 1)  # once, far down, is in passing
    if in_title:
        particular = [name for name in in_title if not any(is_below(other, name) for other in in_title)]
        return max(sorted(particular), key=lambda name: (name not in GENERIC, weights[name]))
    particular = [name for name in weights if name not in GENERIC] or list(weights)
    best = max(particular, key=lambda name: weights[name])
    family = sum(weight for name, weight in weights.items() if name == best or is_below(name, best))
    reading.topic_sure = reading.topic_sure or family * SURE_SHARE >= sum(weights.values())
    parent = ancestors_of(best)[:1]
    if parent and parent[0] in weights and parent[0] not in GENERIC and sum(is_below(name, parent[0]) for name in weights) > 1:
        return parent[0]  # several streams of one program: the text is about the program
    return best


@cache
def read_provinces() -> dict[str, str]:
    """Province -> its nominee program."""
    return {pathway.jurisdiction: name for name, pathway in load_pathways().items() if pathway.parent_id == "ca-pnp"}


@cache
def read_province_names() -> tuple[tuple[str, str], ...]:
    """Names of provinces and their cities with the nominee program of the province."""
    return tuple((place.name, read_provinces()[place.jurisdiction]) for place in load_places() if place.jurisdiction in read_provinces())


def name_province(reading: Reading, passage: Passage) -> str | None:
    """The nominee program of the one province that a sentence names: "Alberta's allocation is 6,403"."""
    words = PLACE_EDGE.sub(" ", f" {reading.text[passage.start:passage.end]} ")
    found = {program for name, program in read_province_names() if f" {name} " in words}
    return found.pop() if len(found) == 1 else None


def province_of(reading: Reading, passage: Passage, start: int, end: int) -> str | None:
    """The nominee program of the province that a number of a series goes with: "Ontario received 10,750 spaces, Alberta 4,875", "4,875 for Alberta"."""
    numbers = [mention for mention in reading.within("quantities", passage.start, passage.end) if mention["kind"] == "number"]
    before = max((mention["end"] for mention in numbers if mention["end"] <= start), default=passage.start)
    after = min((mention["start"] for mention in numbers if mention["start"] >= end), default=passage.end)
    named = name_province(reading, Passage(before, start, passage.block))
    if named and before > passage.start and GIVEN_BEFORE.match(reading.text, before, start):
        named = None  # it goes with the number before: "10,750 for Ontario and 4,875 for Alberta"
    return named or name_province(reading, Passage(end, after, passage.block))


def province_before(reading: Reading, passage: Passage) -> str | None:
    """The nominee program of the province whose nominations the sentence before in the same paragraph spoke of."""
    earlier = [each for each in reading.passages_of.get(passage.block, ()) if each.end <= passage.start]
    if not earlier or reading.within("pathways", earlier[-1].start, earlier[-1].end):
        return None
    first, last = reading.tokens.range(earlier[-1].start, earlier[-1].end)
    return None if NOMINATED.isdisjoint(reading.tokens.lower[first:last]) else name_province(reading, earlier[-1])


def choose_nearest(reading: Reading, candidates: list[Mention], start: int, end: int) -> list[str]:
    """The nearest of several mentions to a value, made more particular where the same words allow; coordinated ones together."""
    def distance(mention: Mention) -> float:
        between = reading.text[end:mention["start"]] if mention["start"] >= end else reading.text[mention["end"]:start]
        if 0 <= mention["start"] - end <= GIVEN and "," not in between and gives(between.lower().split()):
            return 0.0  # "8,500 places to the Parent stream"
        if 0 <= mention["start"] - end <= 1 and mention["id"] not in GENERIC:
            return 1.0  # "10,400 undertakings for couples"
        if mention["start"] < start and mention["end"] >= end:
            return GIVEN / 2  # a paraphrase that holds the value itself
        gap = float(start - mention["end"] if mention["start"] < start else (mention["start"] - end) * BEHIND)
        parted = PARTED if mention["start"] >= end and PARTING.search(between) else 0
        return gap + parted + (60 if mention["id"] in GENERIC else 0) + (HELD if is_aside(reading, mention) or is_foreign(reading, mention) else 0)

    candidates = drop_inner(candidates)
    nearest = min(candidates, key=distance)
    if nearest["id"] in KINDS:  # "work permits under the Global Skills Strategy"
        nearest = next((mention for mention in candidates if mention["start"] > nearest["end"] and WITHIN.fullmatch(reading.text, nearest["end"], mention["start"])), nearest)
    chosen = [nearest["id"]]
    below = [mention for mention in candidates if is_below(mention["id"], chosen[0])]
    if below and len({mention["id"] for mention in below if ancestors_of(mention["id"])[:1] == ancestors_of(below[-1]["id"])[:1]}) == 1:
        nearest = below[-1]
        chosen = [nearest["id"]]
    elif len(below) > 1 and 0 <= below[0]["start"] - nearest["end"] <= LONGEST_KIND and len(chain := list_chain(reading, below, below[-1])) == len(below):
        return list(dict.fromkeys(mention["id"] for mention in chain))  # "the Worker sub-categories A and B"
    if not is_aside(reading, nearest):
        candidates = [mention for mention in candidates if not is_aside(reading, mention)]
    candidates = [mention for mention in candidates if mention["id"] not in KINDS or mention["start"] >= nearest["start"] or not WITHIN.fullmatch(reading.text, mention["end"], nearest["start"])]
    for mention in list_chain(reading, candidates, nearest):
        if not any(mention["id"] == name or is_below(mention["id"], name) or is_below(name, mention["id"]) for name in chosen):
            chosen.append(mention["id"])
    return chosen


def is_foreign(reading: Reading, mention: Mention) -> bool:
    """True for another country's pathway in a text that is about one of this country: "for H-1B visa holders in Canada"."""
    if reading.topic is None or not reading.topic_sure:
        return False
    known = load_pathways()
    return known[mention["id"]].jurisdiction[:2] != known[reading.topic].jurisdiction[:2]


def list_chain(reading: Reading, candidates: list[Mention], nearest: Mention) -> list[Mention]:
    """The mentions that are named in one breath with another: "the NLPNP and the Atlantic Immigration Program (AIP)"."""
    chain: list[Mention] = []
    for mention in candidates:
        if chain:
            low, high = reading.tokens.range(chain[-1]["end"], mention["start"])
            words = reading.tokens.lower[low:high]
            if not words or high - low > LONGEST_LINK or not COORDINATED.issuperset(words) or (
                words != ["("] and JOINING.isdisjoint(words) and mention["id"] != chain[-1]["id"]
            ):
                if nearest in chain:
                    break
                chain = []
        chain.append(mention)
    return chain if nearest in chain else []


def gives(words: list[str]) -> bool:
    """True where words between a number and a name end in one that gives the number to the name, an article aside."""
    while words and words[-1] in ARTICLES:
        words.pop()
    return bool(words) and words[-1] in GIVING


def covers(general: str, particular: str) -> bool:
    """True where a general name may stand for a particular pathway."""
    return is_below(particular, general) or any(
        particular == root or is_below(particular, root) for root in COVERS.get(general, ())
    )


def name_all(reading: Reading, start: int, end: int) -> list[Mention]:
    """Pathways that a stretch of text names, and the programs of provinces that draw or nominate in it."""
    return sorted([*reading.within("pathways", start, end), *acting_provinces(reading, start, end)], key=lambda mention: (mention["start"], mention["end"]))


def find_subjects(reading: Reading, passage: Passage, start: int, end: int, topic: str | None, attribute: str = "") -> tuple[list[str], str]:
    """Pathways that the value at the offsets is about, and how they were found: clause, sentence, list, heading, before, topic."""
    if attribute in OF_PERMITS and is_passing(reading, passage, start, topic):
        return [], "clause"
    edges = [mention["start"] for mention in acting_provinces(reading, passage.start, passage.end)]
    for low, high in split_clauses(reading.text, passage.start, passage.end):
        if low <= start < high:
            low = max([low, *(edge for edge in edges if edge <= start)])  # noqa: PLW2901
            high = min([high, *(edge for edge in edges if edge > start)])  # noqa: PLW2901
            candidates = drop_claimed(reading, drop_persons(reading, name_all(reading, low, high)), (start, end), passage.end) or referred_to(reading, passage.start, low)
            candidates = fit_mentions(attribute, candidates)
            if candidates:
                return refine(reading, choose_nearest(reading, candidates, start, end), passage, topic, start), "clause"
    if reading.text[passage.end - 1] == ":":
        listed = name_list(reading, passage.block)
        if listed:
            return listed, "list"
    candidates = drop_claimed(reading, drop_persons(reading, name_all(reading, passage.start, passage.end)), (start, end), passage.end)
    if candidates:
        return refine(reading, choose_nearest(reading, candidates, start, end), passage, topic, start), "sentence"
    several = name_several(reading, passage)
    if several:
        return several, "before"
    found, how = find_subjects_around(reading, passage, topic)
    return sharpen(reading, found, topic), how


def fit_mentions(attribute: str, mentions: list[Mention]) -> list[Mention]:
    """Mentions of pathways that a value of an attribute may be told of, where there are any."""
    return [mention for mention in mentions if not attribute or fit_subjects(attribute, [mention["id"]])] or mentions


def drop_persons(reading: Reading, mentions: list[Mention]) -> list[Mention]:
    """Mentions without those that others are only compared with, and those of another country that persons hold."""
    def is_of_persons(mention: Mention) -> bool:
        return is_owned(reading, mention) or (is_held(reading, mention) and not mention.get("text", "").endswith("holders"))

    return [mention for mention in mentions if not is_compared(reading, mention) and not (is_of_persons(mention) and is_foreign(reading, mention))]


def is_passing(reading: Reading, passage: Passage, start: int, topic: str | None) -> bool:
    """True for a value of a permit that is named in passing: a story of a program may say how long the worker's permit lasts."""
    for low, high in split_clauses(reading.text, passage.start, passage.end):
        if low <= start < high:
            passing = [mention for mention in reading.within("passing", passage.start, high) if not (topic and covers(mention["id"], topic))]
            return bool(passing) and all(is_compared(reading, mention) for mention in name_all(reading, low, high))
    return False


def referred_to(reading: Reading, start: int, low: int) -> list[Mention]:
    """The pathway that a clause goes on with, named straight before it: "a work permit, which costs $155"."""
    if not RELATIVE.match(reading.text, low):
        return []
    return [mention for mention in reading.within("pathways", start, low) if not reading.text[mention["end"]:low].strip(" ,(")][-1:]


def drop_claimed(reading: Reading, candidates: list[Mention], value: tuple[int, int], last: int) -> list[Mention]:
    """Candidates without names that stand behind the next number of a series: in "20,000 students, 8,000 under the PNP" the name is that number's."""
    end = value[1]
    claimed = next((mention for mention in reading.within("quantities", end, last) if mention["kind"] == "number"), None)
    if claimed is None or not reading.within("quantities", *value) or not LISTED.search(reading.text, end, claimed["start"]):
        return candidates
    own = [mention for mention in candidates if mention["start"] < claimed["end"]]
    return own if own or any(mention["start"] - claimed["end"] < CLAIMED for mention in candidates) else candidates


def name_several(reading: Reading, passage: Passage) -> list[str]:
    """Two pathways or more that "both categories", "these pilots" or "they" stand for: those last named in one breath, or the last two."""
    first, last = reading.tokens.range(passage.start, passage.end)
    words = reading.tokens.lower[first:last]
    counted = any(one in MANY and not KINDS_OF_PATHWAY.isdisjoint(words[place + 1:place + 4]) for place, one in enumerate(words))
    if not counted and (not words or words[0] not in {"they", "both"}):
        return []
    before = drop_inner(reading.within("pathways", max(0, passage.start - LEADING), passage.start))
    if not before:
        return []
    chain = list(dict.fromkeys(mention["id"] for mention in list_chain(reading, before, before[-1])))
    if len(chain) < 2 and "both" in words:
        chain = list(dict.fromkeys(mention["id"] for mention in before[::-1] if mention["id"] not in GENERIC))[1::-1]
    return chain if len(chain) > 1 and len({ancestors_of(name)[:1] for name in chain}) == 1 else []


def sharpen(reading: Reading, found: list[str], topic: str | None) -> list[str]:
    """A program that is carried over from elsewhere gives way to its stream that the title names."""
    if len(found) == 1 and topic and is_below(topic, found[0]) and any(mention["id"] == topic for mention in reading.pathways_of(0)):
        return [topic]
    return found


def refine(reading: Reading, chosen: list[str], passage: Passage, topic: str | None, before: int) -> list[str]:
    """A general name gives way to a particular one of the heading above or the title, where that is a kind of it.

    Three or more streams named together are spoken of as their common parent.
    """
    if len(chosen) > 2:
        parents = {ancestors_of(name)[:1] for name in chosen}
        common = parents.pop()
        return list(common) if not parents and common else chosen
    if len(chosen) == 1 and chosen[0] in COVERS and any(
            mention["id"] == chosen[0] and CONTRASTED.search(reading.text, max(passage.start, mention["start"] - NEAR_WORD), mention["start"])
            for mention in reading.within("pathways", passage.start, passage.end)):
        return chosen
    if len(chosen) == 1:
        for name in heading_pathways(reading, passage.block):
            if covers(chosen[0], name):
                return [name]
        if chosen[0] in KINDS:
            block = reading.blocks[passage.block]
            for mention in reading.within("pathways", block.start, before)[::-1]:
                if mention["id"] != chosen[0] and covers(chosen[0], mention["id"]):
                    return [mention["id"]]
        if chosen[0] in COVERS and topic and topic != chosen[0] and covers(chosen[0], topic) and any(
            mention["id"] == topic for mention in reading.pathways_of(0)
        ) and count_siblings(reading, topic) < SEVERAL:
            return [topic]
    return chosen


def count_siblings(reading: Reading, topic: str) -> int:
    """How many other pathways of the topic's parent the text names beside it."""
    parent = ancestors_of(topic)[:1]
    return len({mention["id"] for mention in reading.pathways if parent and mention["id"] != topic and ancestors_of(mention["id"])[:1] == parent})


def named_again(reading: Reading, passage: Passage, end: int) -> str | None:
    """The pathway that "the stream", "this pilot" or the like takes up: the last named before that is of such a kind, by its name or what it is."""
    for match in AGAIN.finditer(reading.text, passage.start, end):
        noun = match.group(1).lower().replace("programme", "program")
        earlier = drop_inner(reading.within("pathways", max(0, passage.start - LEADING), passage.start))
        for mention in earlier[::-1]:
            pathway = load_pathways()[mention["id"]]
            if (noun == pathway.kind or noun in pathway.name.lower().split() or mention["text"].lower().endswith(noun) or pathway.kind in KINDS_CALLED.get(noun, ())) and not is_aside(reading, mention):
                return str(mention["id"])
    return None


def find_subjects_around(reading: Reading, passage: Passage, topic: str | None) -> tuple[list[str], str]:
    """Pathways for a sentence that names none."""
    block = reading.blocks[passage.block]
    names_above = heading_pathways(reading, passage.block)
    again = named_again(reading, passage, min(passage.end, passage.start + OPENING))
    if again is not None and (not names_above or is_below(again, names_above[0])):
        return [again], "before"
    before = next((mention for mention in reversed(reading.within("pathways", block.start, passage.start)) if not is_held(reading, mention) and not is_compared(reading, mention)), None)
    if before is not None:
        name = before["id"]
        if names_above and is_below(names_above[0], name):
            return names_above[:2], "heading"
        if name not in GENERIC or topic is None or topic in GENERIC or not reading.topic_sure:
            return [name], "before"
    province = province_before(reading, passage)
    if province:
        return [province], "before"
    lead = reading.intros[passage.block]
    for _ in range(LEADS):
        if lead is None:
            break
        names = reading.pathways_of(lead)
        if names_above and all(mention["id"] in GENERIC or is_below(names_above[0], mention["id"]) for mention in names):
            break
        if names and reading.blocks[lead].kind != "title":
            return choose_nearest(reading, names, reading.blocks[lead].end, reading.blocks[lead].end), "list"
        lead = reading.intros[lead]
    if names_above and not (topic and topic not in GENERIC and all(name in GENERIC and not is_below(topic, name) for name in names_above)):
        return names_above[:2], "heading"
    above = reading.headings[passage.block]
    section = max(reading.blocks[above].end if above is not None else 0, block.start - FARTHEST)
    earlier = [mention for mention in reading.within("pathways", section, block.start)
               if mention["id"] not in GENERIC or mention["id"] == topic or not reading.topic_sure]
    if topic is not None and topic not in GENERIC and reading.topic_sure:
        lead = reading.intros[passage.block]
        if lead is None:
            return [topic], "topic"
        near = [mention for mention in earlier if is_below(mention["id"], topic)]
        return ([near[-1]["id"]], "before") if near and reading.blocks[lead].start - near[-1]["end"] < LEADING else ([topic], "topic")
    if earlier and block.start - earlier[-1]["end"] < LEADING:
        return [earlier[-1]["id"]], "before"
    if topic and reading.topic_sure:
        return [topic], "topic"
    return [], ""
