"""What the verb of an event is said of: a sentence that names no pathway tells of the text's only where its subject can be one, or a part of one.

"The intake opened on May 3" does, "the university opened its new campus on May 3" doesn't.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from extract.cues.grammar import read_alternatives, read_class
from extract.facts.events import read_events, read_nouns_of_events

if TYPE_CHECKING:
    from extract.cues.assign import Assignment
    from extract.cues.match import CueMatch, Item

VERBAL = frozenset({
    "will", "would", "is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "to", "not", "n't", "also", "now", "then", "again", "already", "only", "just", "still",
    "soon", "shall", "may", "might", "could", "can", "must", "should", "set", "due", "scheduled", "expected", "slated", "going", "about", "first", "once", "never", "no", "longer", "itself", "themselves",
    "did", "does", "do", "said", "fully", "planned", "intended", "even", "ever", "all", "both", "each", "yet", "later", "finally", "there", "quietly", "meant", "likely",
})
LINKS = frozenset({"of", "for", "in", "from", "to", "under", "with", "on", "by", "at", "into", "about", "among", "between", "through", "that", "who", "which", "whose", "as", "made", "submitted", "received", "déposée", "déposées", "reçue", "reçues", "soumise", "soumises", "de", "du", "des", "d", "à", "pour", "qui"})
EDGES = frozenset({".", ";", ":", "|", "?", ",", "but", "while", "when", "if", "because", "after", "before", "until", "and", "or", "(", ")", "\u2013", "\u2014", "-", "although", "once", "so", "then", "where"})
SENDING = frozenset({"apply", "applies", "applying", "submit", "accept", "accepts", "accepting", "accepted", "application", "applications", "petition", "petitions", "registration", "registrations", "intake",
                     "register", "registering", "lodge", "lodged", "received", "submitted", "filed", "applied", "forms", "expressions", "files", "processing", "process", "date", "day", "file", "enter", "create"})
ASKING = frozenset({"announce", "announced_on", "submit", "oblige", "cutover", "window"})  # kinds that tell of applicants or authorities themselves
QUALIFYING = frozenset({"new", "its", "the", "this", "their", "early", "current", "final", "old", "former", "a", "an", "next", "last", "initial", "below", "above", "here", "alone", "too", "le", "la", "les"})
SPENDING = {"processing_time": frozenset({"take", "takes", "took", "taking", "wait", "waits", "waiting", "waited"}),
            "permit_validity": frozenset({"last", "lasts", "lasted", "lasting", "runs", "run", "valid"})}  # verbs of times
WAITING = frozenset({"wait", "waits", "waiting", "waited"})
DECIDING = frozenset({"process", "approve", "decide", "get", "receive", "issue", "finalize", "finalise", "complete", "review", "assess", "hear", "obtain", "adjudicate", "grant", "reach", "be", "make",
                      "transfer", "handle", "clear", "secure", "deal", "return", "answer", "reply", "work", "land", "finish", "go", "come", "render", "give", "conclude"})
FILES = {
    "processing_time": frozenset({
        "it", "this", "that", "they", "these", "which", "process", "application", "applications", "decision", "decisions", "file", "files", "approval", "approvals", "stage", "stages", "permits", "permit", "visas", "visa",
        "registration", "nomination", "nominations", "lmias", "lmia", "sponsorship", "sponsorships", "review", "reviews", "applying", "officers", "officer", "system", "step", "everything", "rest", "half", "most", "all", "some",
        "many", "answer", "answers", "response", "reply", "residence", "residency", "status", "citizenship", "certificate", "letter", "letters", "queue", "line", "track", "stream", "program", "uscis", "inz", "renewal",
        "renewals", "extension", "extensions", "assessment", "assessments", "adjudication", "others", "times", "time", "cases", "case", "ita", "invitation", "pr", "card", "cards", "packages", "package", "landing",
    }),
    "permit_validity": frozenset({
        "it", "this", "that", "they", "these", "which", "permit", "permits", "visa", "visas", "status", "stay", "stays", "leave", "extension", "extensions", "card", "cards", "pgwp", "pgwps", "authorization", "document",
        "documents", "validity", "residence", "permission", "one", "ones", "protection", "term", "parole", "renewal", "renewals", "opt", "designation", "admission", "grant", "both", "waiver", "deferral", "and",
    }),
}
NAMED = 5  # items behind "for" in which what is waited for is named
LONGEST_SUBJECT = 14  # items
OBJECT = 7  # items behind a verb in which its object may stand


@cache
def read_subjects() -> frozenset[str]:
    """Words for what can open, close, change or begin as a pathway or a part of one does."""
    nouns = frozenset(word for word, kind in read_nouns_of_events().items() if kind != "other")
    return nouns | read_alternatives("|".join(read_events()["subjects"]["words"]))


@cache
def read_strangers() -> frozenset[str]:
    """Words for what opens, closes or changes as well, and is none."""
    return read_alternatives("|".join(read_events()["subjects"]["others"]))


def befalls_policy(items: list[Item], match: CueMatch, *, single: bool) -> bool:
    """True unless an event's subject, or else the object of an authority's act, is something that no pathway consists of.

    In a text about a `single` pathway a subject that no list knows is taken to be part of it.
    """
    words = [item.word for item in items[match.first:match.last]]
    if match.cue.category in ASKING or not SENDING.isdisjoint(words) or words[0] in read_subjects():
        return True
    head = find_head(items, match.first)
    if head == "" or head in read_subjects():
        return True
    if single and head not in read_class("authority"):
        return head not in read_strangers()
    behind = {item.word for item in items[match.last:match.last + OBJECT]} | {item.word for item in items[match.first:match.last]}
    if head in read_class("authority"):
        return not read_subjects().isdisjoint(behind) or any(item.slot == "path" for item in items[match.last:match.last + OBJECT])
    return False


def is_of_file(items: list[Item], assignment: Assignment) -> bool:
    """True for a time that is said of a file or a permit: false for "training takes six months", "the internship lasts", "waits three months for a bed"."""
    match, place = assignment.match, assignment.place
    if match is None:
        return True
    verb = next((at for at in range(match.first, match.last) if items[at].word in SPENDING[assignment.category]), None)
    if verb is None:
        return True
    if items[verb].word in WAITING:
        return is_for_file(items, place + 1)
    head = find_head(items, verb)
    if head == "it" and assignment.category == "processing_time":
        behind = [item.word for item in items[place + 1:place + 1 + OBJECT]]
        return behind[:1] != ["to"] or behind[1:2] == [] or behind[1] in DECIDING or any(item.slot == "path" for item in items[place + 1:place + 1 + OBJECT])
    return head == "" or head in read_class("asked") or head in read_class("authority") or head in FILES[assignment.category]


def is_for_file(items: list[Item], first: int) -> bool:
    """True unless what is waited for is named, and is something else than a decision or a permit."""
    if [item.word for item in items[first:first + 1]] != ["for"]:
        return True
    named = items[first + 1:first + 1 + NAMED]
    return any(item.slot == "path" or item.word in read_class("asked") or item.word in FILES["processing_time"] for item in named)


def find_head(items: list[Item], first: int) -> str:
    """The head of the words before a verb: "intake" for "the intake of the spring will"; empty where none stands there."""
    at = first - 1
    while at >= 0 and (items[at].word in VERBAL or items[at].word.endswith("ly") or items[at].slot == "date"):
        at -= 1
    last = at
    while at >= 0 and last - at < LONGEST_SUBJECT and items[at].word not in EDGES:
        at -= 1
    phrase = items[at + 1:last + 1]
    if any(item.slot == "path" for item in phrase):
        return ""
    while phrase and (phrase[-1].word in QUALIFYING or phrase[-1].slot or phrase[-1].word.isdigit()):
        phrase = phrase[:-1]
    for place, item in enumerate(phrase):
        if item.word in LINKS and place:
            return phrase[place - 1].word
    return phrase[-1].word if phrase and phrase[-1].word not in LINKS else ""
