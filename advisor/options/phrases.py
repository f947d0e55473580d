"""How one key of a configuration reads, and the words that the options share for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from advisor.errors import UsageError
from advisor.model import Configuration
from advisor.options.flags import flag_value
from advisor.quantities import parse_duration
from advisor.words import counted, duration

REDUNDANCY_WORDS = {
    "lrs": "LRS",
    "zrs": "ZRS",
    "grs": "GRS",
    "grs-crr": "GRS",
}


class Phrase(NamedTuple):
    """How a key reads: its value where it is on, and what is worth saying where it is off."""

    on: Callable[[Any, Configuration], str]
    off: str = ""
    kept: Callable[[Any], str] | None = None  #: in a column headed Keeps, for a key that keeps


LEAVE_OUT_PHRASE = Phrase(lambda value, _: f"leaves out LUN {', '.join(str(value).split(','))}")
KEEP_PHRASE = Phrase(lambda value, _: f"keeps {value}", kept=str)


def time_words(value: Any) -> str:
    """A duration in words, whether it came as one, as a flag's text or as whole days."""
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, int):
        return counted(value, "day")
    try:
        return duration(parse_duration(str(value)))
    except UsageError:
        return str(value)


def days_words(value: Any) -> str:
    """Instant restore is counted in days, also one or two of them."""
    number = str(flag_value(value)).removesuffix("d")
    return counted(int(number), "day") if number.isdecimal() else time_words(value)


def place_words(value: Any) -> str:
    """`northeurope`, `zone 2`."""
    kind, _, number = str(value).partition(":")
    return f"zone {number}" if kind == "zone" and number else str(value)


def redundancy_words(value: Any) -> str:
    """`LRS`, `ZRS`, `GRS`."""
    return REDUNDANCY_WORDS.get(str(value).lower(), str(value))
