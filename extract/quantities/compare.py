"""What stands around a number: its comparator, the noun that it counts, and the time that money is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.quantities.grammar import read_comparators, read_nouns, read_words

if TYPE_CHECKING:
    from extract.tokens import Tokens

FILLERS = frozenset({"a", "an", "the", "total", "of", "additional", "another", "combined", "further", ",", "but", "its", "annual",
                     "cad", "usd", "only", "new", "grand", "overall", "extra", "(", "now", "just", "stay"})
FILLER_REACH = 6
NOUN_REACH = 9
NOUN_STOPS = frozenset({
    ",", ".", ";", ":", "(", ")", "|", '"', "”", "“", "?", "!", "\u2013", "—", "for", "in", "by", "to", "from", "under", "who", "that",
    "which", "will", "would", "can", "may", "was", "were", "are", "is", "be", "been", "have", "has", "had", "on", "at", "with", "through",
    "per", "as", "or", "than", "when", "if", "during", "since", "into", "across", "based", "submitted", "received", "invited", "each",
    "out", "over", "after", "before", "until", "between", "against", "a", "$", "the", "this", "these",
})
JOINING = frozenset({"and", "&", "'s", "-", "/", "\u2011", "of"})
RATES = {"hour": "hour", "hourly": "hour", "hr": "hour", "h": "hour", "week": "week", "weekly": "week", "month": "month",
         "monthly": "month", "year": "year", "annum": "year", "annually": "year", "yearly": "year", "annual": "year", "day": "day"}


def find_comparator(tokens: Tokens, first: int, last: int) -> tuple[str, int]:
    """The comparator of the number over tokens first..last (excluded), "eq" by default, and where its words begin."""
    lower = tokens.lower
    before = read_comparators("before")
    at = first
    for _ in range(FILLER_REACH):
        for length in (3, 2, 1):
            if at >= length:
                found = before.get(tuple(lower[at - length:at]))
                if found:
                    return found, at - length
        if at and lower[at - 1] in FILLERS:
            at -= 1
        else:
            break
    after = read_comparators("after")
    reach = min(len(lower), last + 5)
    for place in range(last, reach):
        if place and "\n" in tokens.text[tokens.end[place - 1]:tokens.start[place]]:
            break
        if place > last and lower[place] in NOUN_STOPS and lower[place] != "or" and tuple(lower[place:place + 2]) not in after:
            break
        for length in (2, 1):
            found = after.get(tuple(lower[place:place + length]))
            if found and (length == 2 or place == last or lower[place] != "+"):
                return found, first
    return "eq", first


def find_noun(tokens: Tokens, last: int) -> tuple[str, str]:
    """The last counted noun in the run of words behind a number, and its class; empty where none is counted.

    >>> # "10,000 H-1B visa holders will" -> ("holders", "people")
    """
    nouns = read_nouns()
    found = ("", "")
    lower = tokens.lower
    for words in read_comparators("after"):
        if tuple(lower[last:last + len(words)]) == words:  # "500 or more people"
            last += len(words)
            break
    for place in range(last, min(len(lower), last + NOUN_REACH)):
        word = lower[place]
        if word in NOUN_STOPS or (word.replace(",", "").isdigit() and not found[0] and place > last + 1):
            break  # "a cut-off of 62 and produced 71 invitations": what follows another number is counted by that one
        kind = nouns.get(word)
        if kind:
            found = (word, kind)
        elif found[0] and word not in JOINING and not word.isdigit():
            following = lower[place + 1] if place + 1 < len(lower) else ""
            if nouns.get(following) is None:
                break
        elif word in {"and", "&"} and not found[0] and place > last:
            continue
    return found


def find_rate(tokens: Tokens, last: int) -> tuple[str, int]:
    """hour, week, month, year or day for money "per hour", "an hour", "/hour", "hourly", and the token past it."""
    lower = tokens.lower
    if last < len(lower):
        if lower[last] in {"per", "/", "an", "a", "each", "every"} and last + 1 < len(lower) and lower[last + 1] in RATES:
            return RATES[lower[last + 1]], last + 2
        if lower[last] in {"hourly", "weekly", "monthly", "annually", "yearly"} or (
            lower[last] == "annual" and read_words().get("annual") is None
        ):
            return RATES[lower[last]], last + 1
    return "", last
