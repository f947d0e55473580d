"""Strangers' text as it may be kept: one line, bounded, without what a database refuses."""

from __future__ import annotations

from advisor.words import clean

LIMIT = 255


def storable(text: str, limit: int = LIMIT) -> str:
    """Without control characters and lone surrogates, at most `limit` characters."""
    return clean(text)[:limit]
