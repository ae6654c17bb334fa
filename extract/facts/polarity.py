"""Whether words let a list's occupations in or shut them out: single words, what is denied of them, and exceptions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from extract.cues.match import match_cues, read_context_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.cues.match import Item

ELIGIBLE, EXCLUDED = "eligible_noc", "excluded_noc"
DROPPED = "dropped"  # a weaker word of shutting out, which may tell of something else in a lead
EXCEPT, RECODED, ENDED = "except", "recoded", "ended"
KINDS = {"eligible_list": ELIGIBLE, "excluded_list": EXCLUDED, "excluded_codes": DROPPED, "excluded_short": "short", "recoded": RECODED,
         "list_exception": EXCEPT, "list_but": "but", "list_complement": "complement", "list_admitting": "admitting", "list_binding": "binding", "list_bar": "bar", "list_negation": "not", "list_ceasing": "not"}
FAR = 30  # items from "neither" to it
COUNTING = 8  # items from a word of shutting out to an "include" that only tells which: "Ineligible occupations include cooks"
GOVERNED = 4  # items before a negation in which a word makes it somebody's case
GOVERNING = frozenset({"who", "whose", "if", "when", "because", "whether", "or"})
OBJECTS = frozenset({"requirement", "requirements", "rule", "rules", "fee", "fees", "floor", "test", "tests", "cap", "condition", "conditions", "criterion", "threshold", "wage", "score",
                     "toward", "towards", "against", "licence"})  # what is removed or does not apply, in favour of a list
UNDOING = ("remov", "drop", "delet", "suspend", "paus", "discontinu", "clos", "lift")
BESIDE = 4  # items beside a word in which its object stands
LINKS = ("stay", "remain", "keep", "kept")
UNBUT = (["limited"], ["only"], ["just"], ["necessarily"], ["yet"], ["always"], ["all"])
YEAR = re.compile(r"(?:19|20)\d\d")
PAST = frozenset({"formerly", "previously", "recently", "once", "until", "before", "earlier"})
NOW = frozenset({"now", "again"})
NONE = 7  # items from a "no" to the word that it denies
DENIED = 5  # items from a negation to the word of letting in that it denies
UNDONE = 3  # items from a negation to the word of shutting out that it denies: "no longer be excluded"
PARTING = frozenset({",", ";", ":", ".", "?", "but", "if", "unless", "need", "needs", "require", "requires", "required", "only", "must", "because", "|", "until", "more", "later", "fewer", "less", "yet", "have", "having"})
ENDING = frozenset({"cannot", "'t", "not"})
TAIL = 7  # items behind an exception at the end of a lead
POINTING = frozenset({"following", "these", "those", "below", "listed", "suivantes", "suivants"})
POINTED = 4  # items behind an exception in which it points to the list
SHORT = 4  # words of a line in which a bare "Out" or "Closed" tells of a list
NOUNS = frozenset({"occupation", "occupations", "job", "jobs", "noc", "nocs", "code", "codes", "profession", "professions", "trade", "trades", "position", "positions",
                   "role", "roles", "worker", "workers", "métiers", "emplois", "cnp", "titles", "fields", "work", "offers"})


class Word(NamedTuple):
    """A stretch that lets in or shuts out: its offsets, what it does, and how many items stand behind it."""

    start: int
    end: int
    kind: str
    pointing: bool = False
    made: bool = False  # by a denial


def read_words(items: Sequence[Item]) -> list[Word]:
    """The words of a sentence that let in or shut out, in order; those within longer ones aren't counted."""
    found = [(match.first, match.last, KINDS[match.cue.category]) for match in match_cues(items, read_context_index()) if match.cue.category in KINDS]
    found = [one for one in found if not any(other[0] <= one[0] and one[1] <= other[1] and other[1] - other[0] > one[1] - one[0] for other in found)]
    denials = [one for one in found if one[2] == "not" and is_denial(items, *one[:2])]
    barred = any(kind in {EXCLUDED, DROPPED, "bar"} for _, _, kind in found)
    words: list[Word] = []
    again = max((place for place, item in enumerate(items) if item.word in NOW), default=0)
    past = any(item.word in PAST or YEAR.fullmatch(item.word) for item in items[:again])
    for first, last, kind in found:
        if past and first < again and kind in {EXCLUDED, DROPPED}:
            continue  # "left out in 2023, are on the list again"
        if kind in {"not", "bar"}:
            continue
        denial = next((one for one in denials[::-1] if one[1] <= first), None)
        denied = denial is not None and denies(items, found, denial, first, kind)
        around = {item.word for item in (*items[max(0, first - BESIDE):first], *items[last:last + BESIDE])}
        if not OBJECTS.isdisjoint(around) and (kind in {"admitting", "binding"} or items[first].word.startswith(UNDOING)):
            continue  # "the wage rule was removed", "the score requirement does not apply to"
        start = items[denial[0] if denial and denied else first].start
        if kind in {"admitting", "binding"}:
            undone = kind == "binding" and (barred or items[first].word.startswith("affect"))
            if not denied or (kind == "binding" and items[first].word.startswith("appl") and not undone):
                continue
            kind = ELIGIBLE if undone else EXCLUDED  # noqa: PLW2901
        elif denied:
            if items[last:last + 1] and items[last].word in {"everyone", "all", "every"}:
                continue
            kind = {ELIGIBLE: EXCLUDED, EXCLUDED: ELIGIBLE, DROPPED: ELIGIBLE}.get(kind, kind)  # noqa: PLW2901
        if kind == ELIGIBLE and items[first].word.startswith("includ") and words and words[-1].kind == EXCLUDED and not any(
            item.word in PARTING for item in items[max(0, first - COUNTING):first]) and items[max(0, first - COUNTING)].start <= words[-1].end:
            continue
        if kind == ELIGIBLE and items[first].word.startswith(LINKS) and any(last <= other[0] < last + 2 and other[2] in {EXCLUDED, DROPPED} for other in found):
            continue  # "stay shut out", "remain ineligible"
        if kind == "short" and first < SHORT and items[last:last + 1] and items[last].word == ":":
            kind = EXCLUDED  # "Out: cooks"  # noqa: PLW2901
        if kind == "but":
            if [item.word for item in items[last:last + 1]] not in UNBUT:
                words.append(Word(start, items[last - 1].end, EXCEPT))
            continue
        if kind == EXCEPT and first and items[first - 1].word == "(":
            continue  # "computer engineers (except software engineers)"
        pointing = len(items) - last < TAIL or any(item.word in POINTING for item in items[last:last + POINTED])
        words.append(Word(start, items[last - 1].end, kind, pointing, denied))
    closing = [one for one in denials if one[1] >= len(items) - 1 and items[one[0]].word in ENDING]
    if closing and len(items) > 1:
        words.append(Word(items[closing[-1][0]].start, items[closing[-1][1] - 1].end, ENDED, made=True))  # "but cooks cannot."
    return words


def is_denial(items: Sequence[Item], first: int, last: int) -> bool:
    """True for a negation that may deny what follows: not in "not only", "need not", "who did not"."""
    before = [item.word for item in items[max(0, first - GOVERNED):first]]
    return [item.word for item in items[last:last + 1]] not in (["only"], ["other"], ["just"], ["all"], ["every"], ["necessarily"], ["of"]) and (
        "need" not in before[-1:] and GOVERNING.isdisjoint(before))


def denies(items: Sequence[Item], found: Sequence[tuple[int, int, str]], denial: tuple[int, int, str], first: int, kind: str) -> bool:
    """True where a negation reaches a word: nothing that parts clauses stands between, nor another word of the kind."""
    word = items[denial[0]].word
    reach = FAR if word in {"neither", "nor"} else 1 if word in {"non", "un"} else UNDONE if kind in {EXCLUDED, DROPPED, "binding"} else NONE if word == "no" else DENIED
    gap = items[denial[1]:first]
    return len(gap) < reach and not any(item.word in PARTING and not (reach == FAR and item.word == ",") for item in gap) and not any(
        denial[1] <= other[0] < first and other[2] not in {"not", "bar", "admitting", EXCEPT, "but", "complement"} for other in found)


def judge_line(words: Sequence[Word], items: Sequence[Item]) -> str:
    """What a lead or heading says of the list below: what it shuts out, it does not let in by another word.

    A sentence that ends without a colon leads a list only by what it says of occupations.
    """
    plain = [item.word for item in items if item.word[0].isalpha()]
    edges = [item.start for item in items if item.word in {"(", ")"}]
    if len(edges) > 1:
        words = [word for word in words if not word.made or not edges[0] < word.start < edges[-1]]
    if items and items[-1].word == "." and NOUNS.isdisjoint(plain):
        words = [word for word in words if word.kind in {ELIGIBLE, EXCLUDED} and not word.made]
    kinds = {word.kind for word in words}
    shut = EXCLUDED in kinds or ("short" in kinds and len(plain) <= SHORT and ELIGIBLE not in kinds) or (
        DROPPED in kinds and ELIGIBLE not in kinds and (len(plain) <= SHORT or not NOUNS.isdisjoint(plain)))
    kind = EXCLUDED if shut else ELIGIBLE if ELIGIBLE in kinds else ""
    if shut and ELIGIBLE in kinds and not PAST.isdisjoint(plain) and not NOW.isdisjoint(plain):
        kind = ELIGIBLE  # "formerly excluded, now accepted"
    if kind and any(word.kind == "complement" for word in words):
        return ELIGIBLE if kind == EXCLUDED else EXCLUDED
    if any(word.kind == EXCEPT and word.pointing for word in words) and items[-1].word != ".":
        return ELIGIBLE if kind == EXCLUDED else EXCLUDED
    return kind


def judge_clause(words: Sequence[Word], first: int, code: int) -> str:
    """What a clause says of a code in it: by the word before it, or behind where the codes come first (at `first`)."""
    near = [word._replace(kind=EXCLUDED if word.kind in {DROPPED, ENDED} else word.kind) for word in words if word.kind not in {"short", "complement"}]
    plain = [word for word in near if word.kind != EXCEPT]
    before = [word for word in near if word.start < code]
    if before and before[-1].kind == EXCEPT:
        others = [word for word in plain if not any(word.start <= one.start < word.end for one in before[-1:])]
        return ELIGIBLE if any(word.kind == EXCLUDED for word in others) else EXCLUDED
    after = [word for word in plain if word.start > code]
    before = [word for word in before if word.kind != EXCEPT]
    if not plain:
        return ""
    if plain[0].start > first and after:
        return after[0].kind  # "33101 was removed and 41300 added"
    return (before or after)[-1 if before else 0].kind
