"""An option and its configuration in words, for whoever has no more than the option's name.

The keys and values are those of `vmbackup estimate`'s flags. A key without a phrase is still
shown, by its own name, so that nothing about an option is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from advisor.model import Configuration
from advisor.options import BY_NAME
from advisor.options.flags import flag_value
from advisor.options.phrases import Phrase
from advisor.words import capital, listed

_OFF = frozenset({"", "no", "none", "false", "off", "0", "0d"})


def option_name(option: str) -> str:
    """`Azure Backup`, `Site Recovery`, `snapshots`."""
    known = BY_NAME.get(option)
    return known.title if known else option.replace("-", " ")


def option_names(options: Iterable[str]) -> str:
    """`Azure Backup and Site Recovery`, at the start of a sentence or a column."""
    return capital(listed(option_name(option) for option in options))


def configuration_parts(
    option: str, configuration: Configuration, *, keeps: bool = True
) -> tuple[str, ...]:
    """One phrase a part; without what is kept where a table shows that in a row of its own."""
    phrases = _phrases(option)
    ordered = [key for key in phrases if key in configuration]
    ordered += [key for key in configuration if key not in phrases]
    shown = [key for key in ordered if keeps or key not in phrases or not phrases[key].kept]
    said = (_said(phrases.get(key), key, configuration) for key in shown)
    return tuple(part for part in said if part)


def configuration_words(option: str, configuration: Configuration) -> str:
    """`Enhanced policy every 4 h, GRS vault with cross-region restore, keeps daily=30`."""
    return ", ".join(configuration_parts(option, configuration))


def kept_words(option: str, configuration: Configuration) -> str:
    """What is kept, for a column headed Keeps: `daily=30,weekly=12`, `7 points`."""
    for key, phrase in _phrases(option).items():
        if phrase.kept and _is_on(configuration.get(key)):
            return phrase.kept(configuration[key])
    return ""


def _phrases(option: str) -> Mapping[str, Phrase]:
    known = BY_NAME.get(option)
    return known.phrases if known else {}


def _said(phrase: Phrase | None, key: str, configuration: Configuration) -> str:
    value = configuration[key]
    if _is_on(value):
        return phrase.on(value, configuration) if phrase else _by_name(key, value)
    return phrase.off if phrase and value is not None else ""


def _is_on(value: Any) -> bool:
    return value is not None and str(flag_value(value)).lower() not in _OFF


def _by_name(key: str, value: Any) -> str:
    name = key.replace("_", " ")
    return name if value is True else f"{name} {flag_value(value)}"
