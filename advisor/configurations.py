"""A configuration in words: one short phrase for each of its keys.

The keys and values are those of `vmbackup estimate`'s flags. A key without a phrase here is
still shown, by its own name, so that nothing about an option is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from advisor.errors import UsageError
from advisor.model import Configuration
from advisor.quantities import format_duration, parse_duration
from advisor.words import capital, counted, duration

REDUNDANCY_WORDS = {
    "lrs": "LRS",
    "zrs": "ZRS",
    "grs": "GRS",
    "grs-crr": "GRS",
}
CROSS_REGION = "grs-crr"
_OFF = frozenset({"", "no", "none", "false", "off", "0", "0d"})

Phrase = Callable[[Any, Configuration], str]


def configuration_parts(
    option: str, configuration: Configuration, *, keeps: bool = True
) -> tuple[str, ...]:
    """One phrase a part; without what is kept where a table shows that in a row of its own."""
    phrases = _PHRASES.get(option, {})
    ordered = [key for key in phrases if key in configuration]
    ordered += [key for key in configuration if key not in phrases]
    said = (_said(phrases, key, configuration) for key in ordered if keeps or key not in _KEEPING)
    return tuple(part for part in said if part)


def configuration_words(option: str, configuration: Configuration) -> str:
    """`Enhanced policy every 4 h, GRS vault with cross-region restore, keeps daily=30`."""
    return ", ".join(configuration_parts(option, configuration))


def kept_words(configuration: Configuration) -> str:
    """What is kept, for a column headed Keeps: `daily=30,weekly=12`, `7 points`."""
    for key, words in _KEEPING.items():
        if _is_on(configuration.get(key)):
            return words(configuration[key])
    return ""


def flag_value(value: Any) -> str | int | bool | None:
    """A value as the flag takes it, in lower case; what JSON holds of a configuration."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, timedelta):
        return format_duration(value)
    return str(value).lower()


def _said(phrases: Mapping[str, Phrase], key: str, configuration: Configuration) -> str:
    value = configuration[key]
    if not _is_on(value):
        return _OFF_PHRASES.get((key, str(value).lower()), "")
    phrase = phrases.get(key)
    return phrase(value, configuration) if phrase else _by_name(key, value)


def _is_on(value: Any) -> bool:
    return value is not None and str(flag_value(value)).lower() not in _OFF


def _by_name(key: str, value: Any) -> str:
    name = key.replace("_", " ")
    return name if value is True else f"{name} {flag_value(value)}"


def _time(value: Any) -> str:
    """A duration in words, whether it came as one, as a flag's text or as whole days."""
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, int):
        return counted(value, "day")
    try:
        return duration(parse_duration(str(value)))
    except UsageError:
        return str(value)


def _days(value: Any) -> str:
    """Instant restore is counted in days, also one or two of them."""
    number = str(flag_value(value)).removesuffix("d")
    return counted(int(number), "day") if number.isdecimal() else _time(value)


def _place(value: Any) -> str:
    kind, _, number = str(value).partition(":")
    return f"zone {number}" if kind == "zone" and number else str(value)


# --- Azure Backup ----------------------------------------------------------------------------


def _policy(value: Any, configuration: Configuration) -> str:
    every = configuration.get("every")
    return f"{capital(str(value))} policy" + (f" every {_time(every)}" if every else "")


def _every_without_policy(value: Any, configuration: Configuration) -> str:
    return "" if configuration.get("policy") else f"every {_time(value)}"


def _vault(value: Any, _: Configuration) -> str:
    text = str(value).lower()
    words = f"{REDUNDANCY_WORDS.get(text, text)} vault"
    return f"{words} with cross-region restore" if text == CROSS_REGION else words


def _archive(_: Any, __: Configuration) -> str:
    return "old points in the archive tier"


# --- Site Recovery ---------------------------------------------------------------------------


def _churn(value: Any, _: Configuration) -> str:
    return "High Churn" if str(value).lower() == "high" else ""


def _drills(value: Any, _: Configuration) -> str:
    return f"{counted(int(value), 'drill')} a year" if str(value).isdecimal() else f"{value} drills"


# --- snapshots -------------------------------------------------------------------------------


def _full(_: Any, __: Configuration) -> str:
    return "full"


def _snapshot_redundancy(value: Any, _: Configuration) -> str:
    return REDUNDANCY_WORDS.get(str(value).lower(), str(value))


def _consistent(value: Any, _: Configuration) -> str:
    kind = str(value).lower()
    if kind in {"true", "yes"}:
        return "as VM restore points (all disks at one moment)"
    return f"as VM restore points ({kind} consistent)"


_PHRASES: Mapping[str, Mapping[str, Phrase]] = {
    "azure-backup": {
        "policy": _policy,
        "every": _every_without_policy,
        "redundancy": _vault,
        "instant_restore": lambda value, _: f"{_days(value)} of instant restore",
        "keep": lambda value, _: f"keeps {value}",
        "archive": _archive,
    },
    "site-recovery": {
        "to": lambda value, _: f"to {_place(value)}",
        "recovery_points": lambda value, _: f"{_time(value)} of recovery points",
        "churn_mode": _churn,
        "drills": _drills,
    },
    "snapshots": {
        "full": _full,
        "every": lambda value, _: f"every {_time(value)}",
        "redundancy": _snapshot_redundancy,
        "to": lambda value, _: f"copied to {_place(value)}",
        "consistent": _consistent,
        "keep": lambda value, _: f"keeps {value}",
        "count": lambda value, _: f"keeps {value}",
    },
}
#: What is worth saying of a key that is off.
_OFF_PHRASES = {("full", "false"): "incremental", ("drills", "0"): "no drills"}

_KEEPING: Mapping[str, Callable[[Any], str]] = {
    "keep": str,
    "count": lambda value: counted(int(value), "point") if str(value).isdecimal() else str(value),
    "recovery_points": lambda value: f"{_time(value)} of points",
}
