"""Stories: articles that are copies of each other, or nearly, count as one where support is counted.

Texts are compared by their runs of five words. MinHash signatures (datasketch) of `PERMUTATIONS` values, cut into bands of
`ROWS`, find texts that may be copies without comparing each with each; those are then compared exactly. On the demo and
the annotated texts, the syndicated copy shares 0.94 of all runs with its original and an edited version 0.83 with the
one before it, while no two unrelated texts share more than 0.11 (two pages of one authority with common wording). The threshold stands
between: at 0.5, bands find a pair with a chance of 0.87, at 0.7 of 0.9998.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

from datasketch import MinHash

from db.civil_dates import find_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from db.archive import Archive

THRESHOLD = 0.5
WINDOW_DAYS = 30
PERMUTATIONS, ROWS, RUN = 128, 4, 5
MOST_ALIKE = 200
"""Articles of one band that are compared at most: more of them share a site's furniture, and no story."""

LEAST_RUNS = 10
"""Texts with fewer runs are too short to say that one was copied."""

_BLANK = MinHash(num_perm=PERMUTATIONS, hashfunc=zlib.crc32)
_WORD = re.compile(r"\w+")


def cut_runs(text: str) -> frozenset[str]:
    """All runs of five words of a text, case aside; of a shorter text the text itself."""
    words = _WORD.findall(text.casefold())
    return frozenset(" ".join(words[at:at + RUN]) for at in range(max(1, len(words) - RUN + 1)))


def sign(runs: Iterable[str]) -> str:
    """The MinHash signature of a text's runs, eight hexadecimal digits for each of `PERMUTATIONS` values."""
    minhash = _BLANK.copy()
    minhash.update_batch([run.encode("utf-8", "surrogatepass") for run in runs])
    return "".join(f"{value:08x}" for value in minhash.hashvalues.tolist())


def cut_bands(signature: str) -> list[int]:
    """One number for each band of a signature; equal numbers mean equal bands."""
    width = 8 * ROWS
    return [at << 32 | zlib.crc32(signature[at:at + width].encode()) for at in range(0, len(signature), width)]


def measure_likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of all runs in two texts that are in both, 0 to 1."""
    return len(one & other) / len(one | other) if one or other else 0.0


def group_stories(texts: Mapping[str, frozenset[str]], published: Mapping[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, float | None]]:
    """Article id to its story's id and its likeness to the nearest copy, None where there is no copy.

    Args:
        texts: Article id to the runs of its text.
        published: Article id to its day of publication, ISO; "" where unknown.
        pairs: Articles that may be copies of each other.
    """
    nearest: dict[str, float] = {}
    leader = {article: article for article in texts}

    def find(article: str) -> str:
        while leader[article] != article:
            leader[article] = leader[leader[article]]
            article = leader[article]
        return article

    for one, other in pairs:
        if not _are_near(published.get(one, ""), published.get(other, "")):
            continue
        likeness = measure_likeness(texts[one], texts[other])
        if likeness >= THRESHOLD:
            for article in (one, other):
                nearest[article] = max(likeness, nearest.get(article, 0.0))
            leader[find(one)] = find(other)
    members: dict[str, list[str]] = defaultdict(list)
    for article in texts:
        members[find(article)].append(article)
    stories: dict[str, tuple[str, float | None]] = {}
    for group in members.values():
        first = min(group, key=lambda article: (published.get(article) or "9999", article))
        stories |= {article: (first, round(nearest[article], 4) if article in nearest else None) for article in group}
    return stories


def settle_stories(archive: Archive, at: str) -> int:
    """Say for each article which story it tells; only articles with a new current text, and those near to them, are looked at.

    Args:
        archive: The database.
        at: Now, UTC.

    Returns:
        How many articles' story changed.
    """
    connection = archive.db.conn
    with archive.db.atomic():
        pending = dict(connection.execute(
            "SELECT a.article_id, a.version_id FROM articles a LEFT JOIN stories s ON s.article_id = a.article_id WHERE s.version_id IS NOT a.version_id ORDER BY a.article_id",
        ).fetchall())
        for article_id, version_id in pending.items():
            _band(archive, article_id, version_id)
        touched, pairs = _find_pairs(archive, pending)
        if not touched:
            return 0
        texts, published, versions, before = {}, {}, {}, {}
        for article_id in sorted(touched):
            [(version_id, day, text, story_id, old_version)] = connection.execute(
                """SELECT a.version_id, substr(coalesce(v.published, ''), 1, 10), CASE WHEN ?2 THEN v.text ELSE '' END, s.story_id, s.version_id
                   FROM articles a JOIN article_versions v ON v.version_id = a.version_id LEFT JOIN stories s ON s.article_id = a.article_id WHERE a.article_id = ?1""",
                [article_id, article_id in pairs],
            )
            texts[article_id] = cut_runs(text) if text else frozenset()
            published[article_id], versions[article_id], before[article_id] = day, version_id, (story_id, old_version)
        found = group_stories(texts, published, ((one, other) for one, others in pairs.items() for other in others if one < other))
        changed = [article_id for article_id, (story_id, _) in found.items() if before[article_id][0] != story_id]
        connection.executemany(
            """INSERT INTO stories (article_id, story_id, version_id, similarity, recorded_at) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (article_id) DO UPDATE SET recorded_at = CASE WHEN story_id = excluded.story_id THEN recorded_at ELSE excluded.recorded_at END,
                 story_id = excluded.story_id, version_id = excluded.version_id, similarity = excluded.similarity""",
            [(article_id, story_id, versions[article_id], likeness, at) for article_id, (story_id, likeness) in found.items()],
        )
        connection.executemany("INSERT OR IGNORE INTO unsettled_articles (article_id) VALUES (?)", [(article_id,) for article_id in changed])
    return len(changed)


def _band(archive: Archive, article_id: str, version_id: str) -> None:
    """Keep the bands of an article's current text, its signature computed where it is not on record yet."""
    connection = archive.db.conn
    known = connection.execute("SELECT signature FROM text_signatures WHERE version_id = ?", [version_id]).fetchone()
    if known:
        [signature] = known
    else:
        [(text,)] = connection.execute("SELECT text FROM article_versions WHERE version_id = ?", [version_id])
        runs = cut_runs(text)
        signature = sign(runs) if len(runs) >= LEAST_RUNS else ""
        connection.execute("INSERT INTO text_signatures (version_id, signature) VALUES (?, ?)", [version_id, signature])
    connection.execute("DELETE FROM text_bands WHERE article_id = ?", [article_id])
    connection.executemany("INSERT OR IGNORE INTO text_bands (band, article_id) VALUES (?, ?)", [(band, article_id) for band in cut_bands(signature)])


def _find_pairs(archive: Archive, pending: Mapping[str, str]) -> tuple[set[str], dict[str, set[str]]]:
    """All articles whose story may change with the pending ones, and for each the articles that may be copies of it."""
    connection = archive.db.conn
    touched: set[str] = set()
    pairs: dict[str, set[str]] = {}
    queue = list(pending)
    while queue:
        article_id = queue.pop()
        if article_id in touched:
            continue
        touched.add(article_id)
        near = _share_band(archive, article_id)
        for other in near:
            pairs.setdefault(article_id, set()).add(other)
            pairs.setdefault(other, set()).add(article_id)
        # Those of its story so far, too: without the old text, the rest of the story may fall apart.
        queue += [other for other in near if other not in touched]
        queue += [row[0] for row in connection.execute("SELECT m.article_id FROM stories s JOIN stories m ON m.story_id = s.story_id WHERE s.article_id = ?", [article_id]) if row[0] not in touched]
    return touched, pairs


def _share_band(archive: Archive, article_id: str) -> Sequence[str]:
    rows = archive.db.conn.execute(
        """SELECT o.article_id, count(*) AS bands FROM text_bands b JOIN text_bands o ON o.band = b.band AND o.article_id <> b.article_id
           WHERE b.article_id = ? GROUP BY o.article_id ORDER BY bands DESC, o.article_id LIMIT ?""",
        [article_id, MOST_ALIKE],
    )
    return [row[0] for row in rows]


def _are_near(one: str, other: str) -> bool:
    first, second = find_days(one), find_days(other)
    return first is None or second is None or abs(first[0] - second[0]) <= WINDOW_DAYS
