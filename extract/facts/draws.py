"""Draw stories: which round a figure belongs to, told by the dates and categories that the sentences name."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from extract.facts.scopes import ancestors_of, is_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.cues.match import Item

DRAWN_ROOTS = frozenset({"ca-ee", "ca-pnp", "ca-aip", "ca-qc-arrima", "ca-qc-rswp", "ca-qc-pstq", "ca-rnip", "ca-rcip", "ca-fcip",
                         "ca-iec", "ca-pgp", "us-h1b", "us-dv", "us-h2b", "gb-yms", "au-189", "au-190", "au-491", "nz-smc", "nz-parent",
                         "ca-ee-cbs", "ca-agri-food", "au-parent", "nz-whv", "au-whm"})
EXPRESS_STREAMS = {  # what a province's own text calls "Express Entry"
    "ca-sk-sinp": "ca-sk-sinp-isw-ee", "ca-ab-aaip": "ca-ab-aaip-aees", "ca-ns-nsnp": "ca-ns-nsnp-ee", "ca-nb-nbpnp": "ca-nb-nbpnp-ee",
    "ca-pe-pnp": "ca-pe-pnp-ee", "ca-nl-nlpnp": "ca-nl-nlpnp-ee", "ca-bc-pnp": "ca-bc-pnp-ee",
}
OPEN = frozenset({"ca-ee", "ca-pnp", "ca-ee-cbs", "ca-qc-arrima"})  # names under which many kinds of rounds are held


def is_drawn(pathway: str) -> bool:
    """True where candidates of the pathway are chosen in rounds."""
    return pathway in DRAWN_ROOTS or any(parent in DRAWN_ROOTS for parent in ancestors_of(pathway))


def program_of(topic: str | None) -> str | None:
    """The program under which rounds are held that are counted together: a province's, or Express Entry."""
    line = [topic, *ancestors_of(topic)] if topic else []
    drawn = [name for name in line if (name in DRAWN_ROOTS and name not in {"ca-pnp", "ca-ee-cbs"}) or "ca-pnp" in ancestors_of(name)]
    return drawn[-1] if drawn else None


@dataclass
class Round:
    """A round as far as it is known: its date and its category."""

    date: str | None = None
    pathway: str | None = None


@dataclass
class Rounds:
    """The rounds of a document in the order in which the text speaks of them."""

    federal: bool  # the text speaks of Express Entry, so "PNP candidates" are an Express Entry category
    title: str | None = None
    current: Round = field(default_factory=Round)
    by_date: dict[str, Round] = field(default_factory=dict)
    by_pathway: dict[str, Round] = field(default_factory=dict)

    def name(self, pathways: list[str]) -> str | None:
        """The most particular category among pathways, or None where they leave it open."""
        names = list(dict.fromkeys(self.translate(name) for name in pathways if is_drawn(name)))
        names = [name for name in names if name not in OPEN and not any(is_below(other, name) for other in names)]
        return names[0] if names else None

    def translate(self, pathway: str) -> str:
        """A round "for PNP candidates" beside Express Entry is the Express Entry category."""
        return "ca-ee-pnp" if pathway == "ca-pnp" and self.federal else pathway

    def turn_to(self, date: str | None, pathway: str | None, *, figures: bool) -> Round:
        """The round that a sentence speaks of, which then is the current one."""
        if date is not None:
            if date not in self.by_date:
                same = self.current.date is None and (pathway is None or self.current.pathway in {None, pathway})
                fresh = self.current if same else Round()
                fresh.date = date
                self.by_date[date] = fresh
            self.current = self.by_date[date]
            if pathway is not None and (self.current.pathway is None or is_below(pathway, self.current.pathway)):
                self.current.pathway = pathway
        elif pathway is not None:
            if self.current.pathway is None or is_below(pathway, self.current.pathway):
                self.current.pathway = pathway
            elif figures and pathway != self.current.pathway and not is_below(self.current.pathway, pathway):
                self.current = self.by_pathway.get(pathway) or Round(None, pathway)
        if self.current.pathway is not None and self.current.date is not None:
            self.by_pathway[self.current.pathway] = self.current
        return self.current

    def pathway_of(self, item: Round, topic: str | None) -> str | None:
        """The category of a round: its own, the title's, or the topic where rounds are held under it."""
        if item.pathway:
            return item.pathway
        if self.title:
            return self.title
        return self.translate(topic) if topic and is_drawn(topic) else None


FRESH = (("in", "addition"), ("in", "total"), ("in", "all"), ("altogether",), ("overall",), ("separately",), ("so", "far"), ("to", "date"), ("this", "year"),
         ("combined",), ("everyone",), ("all", "candidates"), ("all", "of", "them"), ("all", "invited"), ("both", "categories"), ("both", "streams"), ("all", "streams"), ("all", "categories"), ("these", "draws"), ("these", "rounds"), ("all", "draws"), ("all", "rounds"), ("another", "draw"), ("another", "round"))
SECTORS = frozenset({"childcare", "construction", "veterinary", "hospitality", "tourism", "agriculture", "manufacturing", "educators"})
AIMED = frozenset({"targeted", "specific", "focused", "draw", "sector", "round"})
COUNTED_ROUNDS = frozenset({"draws", "rounds"})


def is_fresh(items: Sequence[Item]) -> bool:
    """True for a sentence that tells of all rounds together, or of candidates that no category of the text covers."""
    words = [item.word for item in items]
    if any(tuple(words[place:place + len(phrase)]) == phrase for phrase in FRESH for place in range(len(words))):
        return True
    if words[:2] == ["of", "the"] and items[2:3] and items[2].slot == "n" and items[2].mention["unit"] == "invitations":
        return True  # "Of the 48 letters issued in this draw, 9 ..."
    if any(item.slot == "n" and words[place + 1:place + 2] and words[place + 1] in COUNTED_ROUNDS for place, item in enumerate(items)):
        return True
    if not SECTORS.isdisjoint(words) and all(item.slot != "path" for item in items):
        return True
    return any(word in SECTORS and not AIMED.isdisjoint(words[place + 1:place + 4]) for place, word in enumerate(words))


LONGEST_BRACKET = 20  # items of a bracket that holds a round's figures
SEPARATORS = frozenset({"and", "while", "then", "followed", "but", "with", "plus"})
COMPARING = ("compared", "up from", "down from", "from ", "versus", "against", "higher than", "lower than")


def share_dates(items: Sequence[Item], dates: Sequence[int]) -> list[int]:
    """For each item of a sentence with several draws' dates (places in it), the place of the date that it goes with.

    Between two dates the sentence parts behind a bracket, else at a semicolon, else at ", and" or the like, else at the last "and" or comma.
    """
    owners: list[int] = []
    for one, other in pairwise(dates):
        best, edge = 0, one + 1
        for place in range(one + 1, other):
            word, after = items[place].word, items[place + 1].word
            rank = 4 if word == ")" else 3 if word == ";" else 2 if word == "," and after in SEPARATORS else 1 if word in {"and", ","} else 0
            if rank and rank >= best and (rank > 1 or place > one + 1):
                best, edge = rank, place
        owners += [one] * (edge - len(owners))
    return owners + [dates[-1]] * (len(items) - len(owners))


def find_bracket(items: Sequence[Item], place: int) -> tuple[int, int] | None:
    """Where the bracket opens and closes that an item of a sentence stands in."""
    first = next((at for at in range(place, max(-1, place - LONGEST_BRACKET), -1) if items[at].word in {"(", ")"}), None)
    if first is None or items[first].word != "(":
        return None
    last = next((at for at in range(place, min(len(items), place + LONGEST_BRACKET)) if items[at].word in {"(", ")"}), len(items))
    return (first, last) if last == len(items) or items[last].word == ")" else None
