"""What the search page finds: names first, then events, facts and articles whose words fit.

A query's words must all be there; words that punctuation joins ("H-1B") stand side by side, and so do words within
quotation marks. Facts, events and articles come newest first (their rows are in the order of their dates, so that a
common word costs no more than a rare one), those with all words side by side before the others.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from db.site.names import Found, fold_word, read_names, split_words
from db.site.pages.rows import BRIEF, Row, select
from db.site.wording import say_fact, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from datasette.database import Database

LONGEST: Final = 200
"""Characters of a query that are read."""
MOST_WORDS: Final = 12
SHOWN_EACH: Final = 10
COUNTED: Final = 1000
"""Up to this many results are counted; beyond, there are "more than 1,000"."""
EXAMPLES: Final = ("H-1B", "NOC 21231", "registered nurses", "TEER 3", "permis d'études")

_CANDIDATES: Final = 100
_PART: Final = re.compile(r'"([^"]*)"|(\S+)')
_WORD: Final = re.compile(r"[^\W_]+")
_CODE: Final = re.compile(r"[0-9]{4,5}", re.ASCII)
_SNIPPET: Final = 260
_SHORTEST_STEM: Final = 3
_READ: Final = 20_000
"""Characters of a text in which words are marked."""


@dataclass(frozen=True)
class Query:
    """A query, read: its phrases (each a list of folded words side by side), NOC codes and TEER category."""

    text: str
    phrases: tuple[tuple[str, ...], ...]
    codes: tuple[str, ...] = ()
    teer: int | None = None

    @property
    def words(self) -> list[str]:
        """All words in order."""
        return [word for phrase in self.phrases for word in phrase]

    def match(self, *, together: bool = False, beginnings: bool = False) -> str:
        """As an FTS5 expression: only letters and digits within quotation marks, so that nothing in it is syntax.

        A word that stands alone is found in singular and plural. `together` wants all words side by side; `beginnings`
        takes a word for the beginning of one.
        """
        if together:
            return f'"{" ".join(self.words)}"'
        parts = []
        for phrase in self.phrases:
            stem = _stem(phrase[0])
            if len(phrase) > 1 or len(stem) < _SHORTEST_STEM or stem.isdecimal():
                parts.append(f'"{" ".join(phrase)}"')
            else:
                parts.append(f'"{stem}"*' if beginnings else f'("{stem}" OR "{stem}s")')
        return " AND ".join(parts)


def read_query(text: str) -> Query:
    """Read what somebody typed; any text at all is a query."""
    text = unicodedata.normalize("NFKC", "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST])).strip()
    phrases: list[tuple[str, ...]] = []
    left = MOST_WORDS
    for quoted, plain in _PART.findall(text):
        words = tuple(split_words(quoted or plain))[:left]
        left -= len(words)
        if words:
            phrases.append(words)
    every = [word for phrase in phrases for word in phrase]
    codes = tuple(dict.fromkeys(word for word in every if _CODE.fullmatch(word)))
    if codes:  # most texts print the code without "NOC" right before it
        phrases = [phrase for phrase in phrases if phrase != ("noc",)]
        phrases = [phrase[1:] if phrase[0] == "noc" and len(phrase) > 1 else phrase for phrase in phrases]
    teer = next((int(after) for before, after in pairwise(every) if before == "teer" and after in {"0", "1", "2", "3", "4", "5"}), None)
    if teer is not None and ("teer",) in phrases:
        at = phrases.index(("teer",))
        phrases[at : at + 2] = [("teer", str(teer))]
    return Query(text, tuple(phrases), codes, teer)


async def search(database: Database, text: str) -> Row:
    """All that fits a query: `groups` in the order in which the page shows them, each with its rows and their number."""
    query = read_query(text)
    if not query.phrases:
        return {"query": query, "groups": [], "total": 0}
    names = (await read_names(database)).find(query.words)
    groups = [
        await _find_pathways(database, [found for found in names if found.name.kind == "pathway"]),
        await _find_occupations(database, query, [found for found in names if found.name.kind == "occupation"]),
        await _find_texts(database, query, _EVENTS),
        await _find_texts(database, query, _FACTS),
        await _find_texts(database, query, _ARTICLES),
    ]
    return {"query": query, "groups": [group for group in groups if group["rows"]], "total": sum(group["count"] for group in groups)}


async def _find_pathways(database: Database, found: Sequence[Found]) -> Row:
    kept = _keep_close(found)
    ids = [one.name.id for one in kept[:SHOWN_EACH]]
    rows = {
        row["pathway_id"]: row
        for row in await select(
            database,
            f"""SELECT p.pathway_id, p.name, p.kind, j.name AS jurisdiction FROM pathways p JOIN jurisdictions j USING (jurisdiction_id)
                WHERE p.pathway_id IN ({_marks(ids)})""",  # noqa: S608
            *ids,
        )
    }
    shown = [{**rows[one.name.id], "called": one.name.text if one.name.place == 3 else None, "score": round(one.score, 1)} for one in kept[:SHOWN_EACH]]
    return {"key": "pathways", "title": "Pathways", "rows": shown, "count": len(kept)}


async def _find_occupations(database: Database, query: Query, found: Sequence[Found]) -> Row:
    scores = {one.name.id: one.score for one in _keep_close(found)}
    for code in query.codes:
        later = str(int(code) + 1).zfill(len(code)) if int(code) + 1 < 10 ** len(code) else "A"
        for row in await select(database, "SELECT noc_code FROM occupations WHERE noc_code >= ? AND noc_code < ? ORDER BY noc_code LIMIT 10", code, later):
            scores[row["noc_code"]] = 100 if row["noc_code"] == code else 90
    count = len(scores)
    if query.teer is not None:
        of_teer = await select(database, "SELECT noc_code FROM occupations WHERE edition = '2021' AND teer = ? ORDER BY noc_code", query.teer)
        count += len(of_teer)
        scores |= {row["noc_code"]: scores.get(row["noc_code"], 50) for row in of_teer[:SHOWN_EACH]}
    ids = sorted(scores, key=lambda code: (-scores[code], -len(code), code))[:SHOWN_EACH]
    rows = {
        row["noc_code"]: row
        for row in await select(
            database,
            f"""SELECT o.noc_code, o.edition, o.title, o.teer,
                       (SELECT group_concat(c.noc_2021, ' ') FROM occupation_changes c WHERE c.noc_2016 = o.noc_code) AS became
                FROM occupations o WHERE o.noc_code IN ({_marks(ids)})""",  # noqa: S608
            *ids,
        )
    }
    shown = [{**rows[code], "became": (rows[code]["became"] or "").split(), "score": round(scores[code], 1)} for code in ids]
    group = {"key": "occupations", "title": "Occupations", "rows": shown, "count": count}
    return group if query.teer is None else {**group, "more": f"/facts/occupations?edition=2021&teer={query.teer}"}


def _keep_close(found: Sequence[Found]) -> list[Found]:
    """Those that fit about as well as the best does: after a full match, half a match is noise."""
    return [one for one in found if one.score >= found[0].score - 35]


@dataclass(frozen=True)
class _Kind:
    """A table with a full-text index: what of each row is shown, and which column's words are marked."""

    key: str
    title: str
    sql: str
    alias: str
    text: str
    condition: str = ""


_EVENTS: Final = _Kind(
    "events", "Events",
    """SELECT e.event_id, e.event_type, e.title, e.event_date, e.first_reported, e.status, e.pathway_id, p.name AS pathway, e.official, e.owners
       FROM events e LEFT JOIN pathways p ON p.pathway_id = e.pathway_id""", "e", "title", "e.retired_at IS NULL",
)
_FACTS: Final = _Kind("facts", "Facts", BRIEF, "f", "evidence")
_ARTICLES: Final = _Kind(
    "articles", "Articles",
    "SELECT a.article_id, a.title, a.published, a.language, a.facts, s.name AS source FROM articles a JOIN sources s ON s.source_id = a.source_id", "a", "title",
)


async def _find_texts(database: Database, query: Query, kind: _Kind) -> Row:
    """Rows whose words fit, those with all words side by side first, then the newest; where none does, by beginnings of words."""
    rows: list[Row] = []
    match, phrases, loose = query.match(), query.phrases, False
    if len(query.phrases) > 1:
        rows = await _match(database, kind, query.match(together=True), SHOWN_EACH)
    rows += await _match(database, kind, match, _CANDIDATES)
    if not rows and (wider := query.match(beginnings=True)) != match:
        match, loose = wider, True
        rows = await _match(database, kind, match, _CANDIDATES)
    shown: dict[Any, Row] = {}
    for row in rows:  # one clause often states several facts
        shown.setdefault((row["article_id"], row["evidence"]) if kind.key == "facts" else row[f"{kind.key[:-1]}_id"], row)
    ranked = rank_rows(shown.values(), kind.text, query)
    count = await select(database, f'SELECT count(*) AS n FROM (SELECT 1 FROM "{kind.key}_fts" WHERE "{kind.key}_fts" MATCH ? LIMIT {COUNTED + 1})', match) if rows else [{"n": 0}]  # noqa: S608
    best = [{**row, "pieces": cut_snippet(row[kind.text], phrases, loose=loose)} for row in ranked[:SHOWN_EACH]]
    if kind.key == "facts":
        best = [{**row, "says": say_fact(row)} for row in best]
    return {"key": kind.key, "title": kind.title, "rows": best, "count": count[0]["n"], "match": match}


def rank_rows(rows: Iterable[Row], text: str, query: Query) -> list[Row]:
    """Rows in order: what still holds, then where all words stand side by side, then the newest."""
    ranked = sorted(rows, key=lambda row: row.get("published") or row.get("event_date") or row.get("first_reported") or "", reverse=True)
    if len(query.words) > 1:
        ranked.sort(key=lambda row: not find_spans(row[text], [query.words]))
    return sorted(ranked, key=lambda row: row.get("status") in {"superseded", "withdrawn"})


async def _match(database: Database, kind: _Kind, match: str, limit: int) -> list[Row]:
    condition = f"AND {kind.condition}" if kind.condition else ""
    return await select(
        database,
        f'{kind.sql} WHERE {kind.alias}.rowid IN (SELECT rowid FROM "{kind.key}_fts" WHERE "{kind.key}_fts" MATCH ? ORDER BY rowid DESC LIMIT ?) {condition}',  # noqa: S608 - names of our schema
        match, limit,
    )


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > _SHORTEST_STEM else word


def find_spans(text: str, phrases: Sequence[Sequence[str]], *, loose: bool = False) -> list[tuple[int, int]]:
    """Where the phrases stand in a text: start and end of each, in order, none within another.

    Singular and plural count as the same; `loose` also takes words that begin as a word of the query does.
    """
    wanted = [[_stem(word) for word in phrase] for phrase in phrases]
    words = [(found.start(), found.end(), _stem(fold_word(found[0]))) for found in _WORD.finditer(text[:_READ])]
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        for phrase in wanted:
            run = words[at : at + len(phrase)]
            if len(run) == len(phrase) and all(have == want or (loose and len(want) >= _SHORTEST_STEM and have.startswith(want)) for (_, _, have), want in zip(run, phrase, strict=True)):
                spans.append((run[0][0], run[-1][1]))
                at += len(phrase) - 1
                break
        at += 1
    return spans


def cut_snippet(text: str, phrases: Sequence[Sequence[str]], *, loose: bool = False) -> list[tuple[str, bool]]:
    """The part of a text around the first words that fit, as pieces with whether to mark them."""
    text = show(text)
    spans = find_spans(text, phrases, loose=loose)
    first = max(0, spans[0][0] - 90) if spans else 0
    if first:
        first = next((found.end() for found in re.finditer(r"\s", text[first : first + 30])), 0) + first
    last = min(len(text), max(first + _SNIPPET, spans[0][1] if spans else 0))
    last = min(last, first + 2 * _SNIPPET)
    pieces: list[tuple[str, bool]] = [("… ", False)] if first else []
    at = first
    for start, end in spans:
        if end > last:
            break
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces += [(text[at:last], False)] + ([(" …", False)] if last < len(text) else [])
    return [piece for piece in pieces if piece[0]]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
