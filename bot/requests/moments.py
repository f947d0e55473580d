"""The one way in which a sentence says a time; where Slack draws it, it is in the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_words(at: datetime) -> str:
    """`25 Nov 2026, 16:20 UTC`: of a moment in any zone."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"
