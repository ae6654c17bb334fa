"""Permanent ids of rows that machines make: hashes of what a row says, never of when or by which run it was made."""

from __future__ import annotations

import hashlib


def content_id(*parts: object) -> str:
    """The first 16 hexadecimal digits (64 bits) of SHA-256 over `parts`; None and "" are different parts.

    At a hundred million rows the odds of one collision are about 3 in 10,000.
    """
    coded = "\x1f".join("\x00" if part is None else str(part) for part in parts)
    return hashlib.sha256(coded.encode("utf-8", "surrogatepass")).hexdigest()[:16]
