"""Times of the stand-in's world: how they are written and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: What Azure Backup writes for "not ended yet" and "no backup yet" (recorded answers).
NEVER_ENDED = "0001-01-01T00:00:00"
NEVER_BACKED_UP = "2001-01-01T00:00:00Z"


def stamp(when: datetime) -> str:
    """ISO 8601, UTC, seven digits of a second, as .NET writes it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def read(text: object) -> datetime | None:
    """The aware time of an ARM string; None where it is absent, unreadable or .NET's zero."""
    try:
        when = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return when if when.year > 2001 else None


def duration(span: timedelta) -> str:
    """ISO 8601: PT9.8782791S, PT12M3.5S, PT2H."""
    seconds = max(span.total_seconds(), 0.0)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    text = f"{int(hours)}H" * (hours >= 1) + f"{int(minutes)}M" * (minutes >= 1)
    return "PT" + (text + (f"{rest:.7f}".rstrip("0").rstrip(".") + "S" if rest or not text else ""))
