"""Strangers' text in a form that can be stored: one line, bounded, without characters that a
database refuses."""

from __future__ import annotations

from advisor.words import clean

LIMIT = 255


def storable(text: str, limit: int = LIMIT) -> str:
    """The text without control characters and lone surrogates, at most `limit` characters."""
    return clean(text)[:limit]
