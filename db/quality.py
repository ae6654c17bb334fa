"""Quality: precision and recall of the facts, from articles drawn at random and judged by people."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_Z = 1.959963984540054
"""Quantile of the normal distribution for an interval of 95 %."""


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The Wilson score interval of 95 % for a share of `hits` in `n` (Wilson 1927); n must be above 0."""
    share = hits / n
    middle = share + _Z * _Z / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    whole = 1 + _Z * _Z / n
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def draw_sample(article_ids: Iterable[str], size: int, seed: int) -> list[str]:
    """`size` articles at random: those whose hash with the seed is smallest, so that articles that come later hardly change it."""
    return sorted(article_ids, key=lambda article_id: hashlib.sha256(f"{seed} {article_id}".encode()).digest())[:size]


def measure_quality(reviews: Sequence[Mapping[str, Any]], attributes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Precision and recall per sample and attribute, and over all.

    Args:
        reviews: Rows of `reviews` that belong to a sample, oldest first.
        attributes: Attribute of each fact, by fact id.

    Returns:
        Rows of `quality`. Only articles that were judged to their end count; a corrected fact is both a false one and a
        missed one. A measure with nothing to count has no row.
    """
    samples: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
    for review in reviews:
        samples[review["sample"]][review["target_type"], review["target_id"]] = review
    rows = []
    for sample, judged in sorted(samples.items()):
        done = [json.loads(review["corrected_json"]) for (kind, _), review in judged.items() if kind == "article"]
        of_done = {fact_id for article in done for fact_id in article["facts"]}
        right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
        for (kind, target), review in judged.items():
            if kind == "fact" and target in of_done and target in attributes:
                (right if review["verdict"] == "accept" else wrong)[attributes[target]] += 1
                missed[attributes[target]] += review["verdict"] == "correct"
        for article in done:
            missed.update(article["missed"])
        pipelines = ", ".join(sorted({article["pipeline"] for article in done}))
        for attribute in ("all", *sorted(right.keys() | wrong.keys() | missed.keys())):
            hits, false, lost = (sum(counts.values()) if attribute == "all" else counts[attribute] for counts in (right, wrong, missed))
            for measure, n in (("precision", hits + false), ("recall", hits + lost)):
                if n:
                    low, high = wilson(hits, n)
                    rows.append({"sample": sample, "attribute_id": attribute, "measure": measure, "hits": hits, "n": n, "share": round(hits / n, 4), "low": round(low, 4),
                                 "high": round(high, 4), "articles": len(done), "pipeline_version": pipelines})
    return rows
