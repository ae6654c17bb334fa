"""Parts of a sentence that say whose case is meant: "those whose permit ran out by May 3", "if your profile was created before".

A date in such a part is a condition on an applicant's case, and what happens there happens to persons and papers. The exception are
the days on which people apply or begin: those after which they must apply in another way are days of a changed rule.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.cues.match import Item

PERSONS = frozenset({"anyone", "everyone", "someone", "anybody", "everybody", "person", "applicant", "candidate", "worker", "student", "holder", "national", "graduate", "one",
                     "people", "employer", "spouse", "visitor", "sponsor", "women", "men", "children", "couple", "family", "foreigner", "company"})
OFFICES = frozenset({"officials", "ministers", "services", "affairs", "states", "senators", "mps", "lawmakers", "leaders", "provinces"})
ADDRESSED = frozenset({"you", "your", "i", "my", "he", "she", "they", "their", "applicants", "candidates", "someone", "anyone"})
PAPERS = frozenset({"permit", "permits", "status", "passport", "passports", "profile", "profiles", "pgwp", "pgwps", "visa", "visas", "card", "cards", "offer", "offers", "licence",
                    "documents", "document", "letter", "authorization", "record", "studies", "program", "course", "employment", "contract", "birthday", "child", "children"})
NAMED_PAPER = re.compile(r"(?i)(?:permits?|visas?|pgwps?)$")
LASTING = frozenset({"expiring", "ending", "expired", "valid", "expires", "expire", "issued", "dated", "obtained"})
WITH = frozenset({"those", "anyone", "people", "holders", "candidates", "applicants", "workers", "students", "graduates", "individuals", "nationals", "everyone"})
AUXILIARY = frozenset({"can", "may", "will", "must", "should", "could", "would", "is", "are", "was", "were", "has", "have", "had", "do", "does", "need", "get", "gets", "cannot", "shall", "now"})
BEGUN = frozenset({
    "apply", "applied", "applies", "applying", "submit", "submits", "submitted", "file", "files", "filed", "lodge", "lodged", "register", "registered", "received", "receive",
    "begin", "begins", "began", "begun", "start", "starts", "started", "enrol", "enroll", "enrolled", "enter", "entered", "enters", "recruited", "hired", "renew", "renewed", "pay", "paid",
})
HAVING = frozenset({"have", "has", "had", "given", "get", "gave"})
APPLYING = frozenset({"apply", "register", "submit", "file", "enter", "lodge", "enrol", "enroll", "get", "send", "complete", "put", "hand", "sign", "make", "nominate", "recommend", "renew",
                      "switch", "claim", "request", "take", "use", "opt", "sponsor", "hire", "bring", "secure", "finish", "return", "accept", "come", "obtain", "extend"})
SENT = frozenset({"comments", "comment", "feedback", "documents", "report", "reports", "results", "proof", "biometrics", "fingerprints", "plan", "plans", "response", "responses", "reply",
                  "payment", "evidence", "update", "views", "survey", "submissions", "questionnaire", "cv", "resume", "resumes", "arrive", "graduate", "leave", "depart", "vacate", "respond", "decide"})
APPLIED = frozenset({"application", "applications", "petition", "petitions", "registration", "registrations", "apply", "register", "file", "lodge", "intake", "eoi", "eois", "sponsorship", "forms"})
DUE = frozenset({"by", "before", "than", "until"})
DUE_REACH, DUE_NEAR = 14, 4  # items around a date in which it is told what is due
BOUNDING = frozenset({"from", "after", "before"})  # marks of the day from which or until which applying counts
SETTLED = 3  # items from the opening of a part behind which its sentence may go on with a verb
LONGEST_PART = 26  # items
NEAR = 3  # items between a word that opens a part and the one that makes it personal
STOPS = frozenset({".", ";", ":", "|", "?"})
Part = tuple[int, int]


def find_conditions(items: list[Item]) -> list[Part]:
    """The parts of a sentence that say whose case is meant, as places of their first item and of the one behind their last."""
    found: list[Part] = []
    for place in range(len(items)):
        if found and place < found[-1][1]:
            continue
        if opens_condition(items, place):
            found.append((place, end_condition(items, place)))
    return found


def opens_condition(items: list[Item], place: int) -> bool:
    """True where a part begins that speaks of persons of a kind, or of papers that they hold."""
    word = items[place].word
    before = items[place - 1].word if place else ""
    following = items[place + 1:place + 1 + NEAR]
    if word == "whose":
        return any(is_paper(item) for item in following)
    if word == "who":
        return (before in PERSONS or (before.endswith("s") and before not in OFFICES)) and place > 0
    if word in {"if", "unless"}:
        return any(item.word in ADDRESSED for item in following)
    if word == "with":
        return before in WITH and any(is_paper(item) for item in items[place + 1:place + 2 + NEAR])
    if is_paper(items[place]) and (word != "<path>" or items[place].word != "program"):
        next_words = [item.word for item in following]
        return next_words[:1] in (["that"], ["which"]) and not LASTING.isdisjoint(next_words[1:])
    return False


def is_paper(item: Item) -> bool:
    """True for a paper that a person holds, or what belongs to a person."""
    return item.word in PAPERS or (item.slot == "path" and NAMED_PAPER.search(item.mention["text"]) is not None)


def end_condition(items: list[Item], first: int) -> int:
    """Where a part ends: at a stop, at a comma that nothing joins on, or where the sentence goes on with its own verb."""
    asked = items[first].word in {"if", "unless"}
    last = min(len(items), first + LONGEST_PART)
    for place in range(first + 1, last):
        word = items[place].word
        if word in STOPS:
            return place
        if word == "," and items[place - 1].slot != "date" and (place + 1 == len(items) or items[place + 1].word not in {"or", "and"}):
            return place
        if word == "," and items[place - 1].slot == "date":
            return place
        if not asked and place - first >= SETTLED and word in AUXILIARY and items[place - 1].word not in {"or", "and", "who", "that", "to"}:
            return place
    return last


def bounds_case(items: list[Item], parts: list[Part], place: int, mark: str) -> bool:
    """True for a date in such a part, unless it bounds the time of applying or beginning."""
    for first, last in parts:
        if first < place < last:
            return mark not in BOUNDING or BEGUN.isdisjoint(item.word for item in items[first:place])
    return False


def is_others_deadline(items: list[Item], place: int) -> bool:
    """True for a day until which something else than an application is due: "have until May 3 to set up", "send comments by May 3"."""
    before = [item.word for item in items[max(0, place - DUE_REACH):place]]
    after = [item.word for item in items[place + 1:place + 1 + DUE_REACH]]
    if before[-1:] == ["until"] and before[-2:-1] and before[-2] in HAVING and "to" in after[:4]:
        following = after[after.index("to") + 1:after.index("to") + 2]
        return following != [] and following[0] not in APPLYING
    if DUE.isdisjoint(before[-DUE_NEAR:]) or not APPLIED.isdisjoint(before) or not APPLIED.isdisjoint(after[:3]):
        return False
    return not SENT.isdisjoint(before)


def parts_from(parts: list[Part], match: tuple[int, int], place: int) -> bool:
    """True where words lie in such a part and a date does not: they tell nothing of it."""
    return any(first <= match[0] and match[1] <= last and not first <= place < last for first, last in parts)
