"""Single values as JSON has them: decimal strings, UTC moments, null for what is not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from advisor.model import Monthly, Range
from advisor.quantities import plain

Json = dict[str, Any]
_T = TypeVar("_T")
_R = TypeVar("_R")


def maybe(write: Callable[[_T], _R], value: _T | None) -> _R | None:
    """What is not known stays null."""
    return None if value is None else write(value)


def moment(value: datetime) -> str:
    """UTC to the second: 2026-08-21T02:10:00Z."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def range_of(value: Range) -> Json:
    return {"low": plain(value.low), "likely": plain(value.likely), "high": plain(value.high)}


def monthly_of(monthly: Monthly) -> Json:
    return {
        "currency": monthly.currency,
        "low": plain(monthly.low),
        "likely": maybe(plain, monthly.likely),
        "high": maybe(plain, monthly.high),
        "missing": list(monthly.missing),
    }
