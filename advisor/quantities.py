"""Parsers and formats of quantities that people type: sizes, rates, durations, retentions.

One grammar for the command line, for Slack and for tags. `47GB` means 47 GiB, because
Azure's billing GB is the GiB; `12MB/s` means 12 * 10**6 bytes a second, as Azure counts disk
throughput.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from advisor.errors import UsageError
from advisor.model import Range, Retention

_NUMBER = r"(\d+(?:\.\d+)?)"
#: Fifteen digits are more than all of Azure costs; no sign, no exponent, no separator.
_AMOUNT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?")
_SIZE = re.compile(rf"^{_NUMBER}\s*(MB|MiB|GB|GiB|TB|TiB)?$", re.IGNORECASE)
_RATE = re.compile(rf"^{_NUMBER}\s*(?:MB|MiB)?(?:/s|ps)?$", re.IGNORECASE)
_SHARE = re.compile(rf"^{_NUMBER}\s*%$")
_A_DAY = re.compile(r"\s*(?:/\s*|per\s+|a\s+)(?:d|day)$", re.IGNORECASE)
_UNIT = re.compile(r"[A-Za-z%]\s*$")
_DURATION = re.compile(rf"^{_NUMBER}\s*(min|m|h|d|w)$", re.IGNORECASE)
_SIZE_IN_GIB = {"m": Decimal(1) / 1024, "g": Decimal(1), "t": Decimal(1024)}
_SECONDS = {"m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_KEEP_NAMES = ("daily", "weekly", "monthly", "yearly")

#: The longest retentions Azure Backup takes (backup-azure-vm-backup-faq, 2025-12-09); beyond
#: them a count is a slip of the keyboard.
KEEP_LIMITS = {"daily": 9999, "weekly": 5163, "monthly": 1188, "yearly": 99}
_LARGEST_GIB = Decimal(1024 * 1024)  # 1 PiB: sixteen of the largest disks Azure sells
_MOST_DAYS = 9999  # as many points as Azure Backup keeps a day
_DIGITS = 5  # of a count; Python refuses to read thousands of them
_SHOWN = 60  # characters of what was typed that an error repeats
_FASTEST_MB_PER_S = Decimal(1_000_000)  # a hundred times the fastest disk (disks-types, 2026-08)
_LONGEST = timedelta(days=99 * 366)


def parse_amount(text: str) -> Decimal:
    """`4000` or `12.50`: money in the currency that is asked for. Raises UsageError."""
    if not _AMOUNT.fullmatch(text.strip()):
        raise UsageError(f"“{_short(text)}” is not an amount. Write it like 4000 or 12.50.")
    return Decimal(text.strip())


def parse_budget(text: str) -> Decimal:
    """As `parse_amount`, and more than 0. Raises UsageError."""
    amount = parse_amount(text)
    if not amount:
        raise UsageError("A budget of 0 buys nothing. Write it like 4000 or 12.50.")
    return amount


def parse_size_gib(text: str) -> Decimal:
    """`47GB`, `0.5TB`, `47` -> GiB. Raises UsageError."""
    match = _SIZE.match(text.strip())
    if not match:
        raise UsageError(f"“{_short(text)}” is not a size. Write it like 47GB or 1.5TB.")
    size = Decimal(match[1]) * _SIZE_IN_GIB[(match[2] or "g")[0].lower()]
    if size > _LARGEST_GIB:
        raise UsageError(
            f"“{_short(text)}” is more than a VM can hold. Write it like 47GB or 1.5TB."
        )
    return size


def parse_rate_mb_per_s(text: str) -> Decimal:
    """`12MB/s` -> 12. Raises UsageError."""
    match = _RATE.match(text.strip())
    if not match:
        raise UsageError(f"“{_short(text)}” is not a rate. Write it like 12MB/s.")
    if Decimal(match[1]) > _FASTEST_MB_PER_S:
        raise UsageError(
            f"“{_short(text)}” is faster than any disk of Azure. Write it like 12MB/s."
        )
    return Decimal(match[1])


def parse_share(text: str) -> Decimal:
    """`2%` -> 0.02. Raises UsageError beyond 0 to 100 %."""
    match = _SHARE.match(text.strip())
    if not match:
        raise UsageError(f"“{_short(text)}” is not a share of the data. Write it like 2%.")
    if Decimal(match[1]) > 100:
        raise UsageError(f"“{_short(text)}” is more than all of the data. Write at most 100%.")
    return Decimal(match[1]) / 100


class Churn(NamedTuple):
    """What changes a day, as somebody stated it: one of the two is not None."""

    share: Decimal | None  #: of the used data: 0.02 for 2 %
    gib: Decimal | None


def parse_churn(text: str) -> Churn:
    """`2%` -> a share, `10GB` -> GiB; `a day` may follow. Raises UsageError.

    A number alone might be either, so that it is refused.
    """
    said = _A_DAY.sub("", text.strip())
    if said.endswith("%"):
        return Churn(parse_share(said), None)
    if not _UNIT.search(said) or not _SIZE.match(said):
        raise UsageError(f"“{_short(text)}” is no share of the data and no size. Write 2% or 10GB.")
    return Churn(None, parse_size_gib(said))


def parse_duration(text: str) -> timedelta:
    """`15min`, `15m`, `4h`, `30d`, `2w` -> whole minutes above zero. Raises UsageError."""
    match = _DURATION.match(text.strip())
    if match:
        seconds = Decimal(match[1]) * _SECONDS[match[2].lower()]
        if seconds > _LONGEST.total_seconds():
            raise UsageError(f"“{_short(text)}” is longer than 99 years, the most that is taken.")
        if seconds > 0 and seconds % 60 == 0:
            return timedelta(seconds=float(seconds))
    raise UsageError(f"“{_short(text)}” is not a duration. Write it like 15min, 4h or 7d.")


def parse_days(text: str) -> int:
    """`5d` or `5` -> 5 whole days. Raises UsageError."""
    match = re.match(r"^(\d+)\s*d?$", text.strip())
    if not match:
        raise UsageError(f"“{_short(text)}” is not a number of days. Write it like 5d.")
    if len(match[1]) > len(str(_MOST_DAYS)):
        raise UsageError(
            f"“{_short(text)}” is more than {_MOST_DAYS:,} days, the most that is taken."
        )
    return int(match[1])


def parse_retention(text: str) -> Retention:
    """`daily=30,weekly=12` -> Retention. Raises UsageError."""
    counts: dict[str, int] = {}
    for part in text.replace(" ", "").split(","):
        name, _, count = part.partition("=")
        if name not in _KEEP_NAMES or name in counts or not re.fullmatch(r"\d+", count):
            raise UsageError(
                f"“{_short(text)}” is not a retention."
                " Write it like daily=30,weekly=12,monthly=12,yearly=3."
            )
        if len(count) > _DIGITS or int(count) > KEEP_LIMITS[name]:
            raise UsageError(
                f"“{_short(part)}” is more than Azure keeps: at most {KEEP_LIMITS[name]}."
            )
        counts[name] = int(count)
    retention = Retention(**counts)
    if retention == Retention():
        raise UsageError("A retention keeps at least one point. Write it like daily=7.")
    return retention


def _short(text: str) -> str:
    """What was typed, never longer than an error can be read."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def format_duration(value: timedelta) -> str:
    """The shortest of `15min`, `4h`, `7d` that says it exactly; the inverse of parse_duration."""
    minutes = int(value.total_seconds() // 60)
    if minutes and minutes % 1440 == 0:
        return f"{minutes // 1440}d" if minutes > 1440 else "24h"
    return f"{minutes // 60}h" if minutes and minutes % 60 == 0 else f"{minutes}min"


def iso_duration(value: timedelta) -> str:
    """ISO 8601: PT15M, PT4H, PT36H. Hours are not folded into days below four days."""
    seconds = int(value.total_seconds())
    if seconds >= 4 * 86400 and seconds % 86400 == 0:
        return f"P{seconds // 86400}D"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return "PT" + (parts + (f"{rest}S" if rest or not parts else ""))


def plain(value: Decimal) -> str:
    """A decimal as JSON and people see it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def range_texts(value: Range) -> list[str]:
    """A range as three decimal strings, for a file or a database."""
    return [plain(end) for end in value]


def range_of_texts(texts: Sequence[str]) -> Range:
    """What `range_texts` made. Raises ValueError, TypeError and InvalidOperation."""
    low, likely, high = (decimal_of_text(text) for text in texts)
    if not low <= likely <= high:
        raise ValueError(f"{texts} is no range")
    return Range(low, likely, high)


def decimal_of_text(text: str) -> Decimal:
    """A quantity as `plain` wrote it. Raises ValueError, TypeError and InvalidOperation."""
    value = Decimal(text)
    if not value.is_finite() or value < 0:
        raise ValueError(f"{text} is no quantity")
    return value
