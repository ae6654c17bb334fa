"""Which pathway an Express Entry round was held for, by the official feed's name of the round."""

from __future__ import annotations

from functools import cache

from extract.pathways.words import cut_name
from extract.vocabulary import load_aliases


@cache
def load_round_names() -> dict[tuple[str, ...], str]:
    """The names that the feed gives to rounds, cut into words, with the pathway of each."""
    names: dict[tuple[str, ...], str] = {}
    for alias in load_aliases():
        if alias.kind == "feed" and alias.pathway_id:
            for spelling in alias.spellings():
                names[cut_name(spelling)] = alias.pathway_id
    return names



def pathway_of_round(name: str, program_text: str = "") -> str | None:
    """The pathway of a round, from the feed's `drawName`; None where the name is not known.

    A version ("(Version 1)", "(2023-1)", ", 2026-Version 2") at the end of the name doesn't count. A name that only
    says "general" is read with `program_text`, the feed's `drawText2`: where that lists a single program, the round
    was for that program.

    >>> pathway_of_round("Transport Occupations, 2026-Version 2")
    'ca-ee-transport'
    """
    words = [word for word in cut_name(name) if word not in {"(", ")", ","}]
    while words and (words[-1].isdigit() or words[-1] == "version"):
        words.pop()
    pathway = load_round_names().get(tuple(words))
    if pathway == "ca-ee-general" and program_text:
        return _single_program(program_text) or pathway
    return pathway


def _single_program(program_text: str) -> str | None:
    words = " ".join(cut_name(program_text))
    marks = {
        "ca-ee-fsw": "federal skilled worker", "ca-ee-cec": "canadian experience class",
        "ca-ee-fst": "federal skilled trades", "ca-ee-pnp": "provincial nominee",
    }  # fmt: skip
    named = [pathway for pathway, mark in marks.items() if mark in words]
    return named[0] if len(named) == 1 else None
