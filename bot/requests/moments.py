"""The one way in which a sentence says a time; where Slack draws it, it is in the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime


def day_words(at: datetime) -> str:
    """`25 Nov 2026`: the day in UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y}"


def moment_words(at: datetime) -> str:
    """`25 Nov 2026, 16:20 UTC`: of a moment in any zone."""
    return f"{day_words(at)}, {at.astimezone(UTC):%H:%M} UTC"
