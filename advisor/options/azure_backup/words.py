"""Azure Backup in words: its flags, its configuration as a phrase, what to warn of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.model import Configuration, Need
from advisor.options.azure_backup.policy_rules import FEWEST_DAILY_POINTS
from advisor.options.flags import (
    DAYS,
    EVERY,
    KEEP,
    LEAVE_OUT,
    REDUNDANCY,
    REGION,
    Flag,
    OneOf,
    Switch,
)
from advisor.options.phrases import (
    KEEP_PHRASE,
    LEAVE_OUT_PHRASE,
    REDUNDANCY_WORDS,
    Phrase,
    days_words,
    place_words,
    time_words,
)
from advisor.words import capital

FLAGS = (
    Flag("policy", "The kind of policy.", OneOf(("standard", "enhanced")), "enhanced"),
    EVERY.by_default("24h"),
    REDUNDANCY.by_default("grs"),
    Flag(
        "instant_restore",
        "How long snapshots are kept: 5d.",
        DAYS,
        "7d, of a Standard policy 2d",
    ),
    KEEP.by_default("daily=30"),
    Flag("archive", "Move old points to the archive tier.", Switch()),
    Flag("crash_only", "Crash-consistent points only, without the VM agent.", Switch()),
    LEAVE_OUT,
    Flag("vault_region", "Where the vault is.", REGION, "where the VM is"),
)


def _policy(value: Any, configuration: Configuration) -> str:
    every = configuration.get("every")
    return f"{capital(str(value))} policy" + (f" every {time_words(every)}" if every else "")


def _every_without_policy(value: Any, configuration: Configuration) -> str:
    return "" if configuration.get("policy") else f"every {time_words(value)}"


def _vault(value: Any, _: Configuration) -> str:
    text = str(value).lower()
    words = f"{REDUNDANCY_WORDS.get(text, text)} vault"
    return f"{words} with cross-region restore" if text == "grs-crr" else words


PHRASES: Mapping[str, Phrase] = {
    "policy": Phrase(_policy),
    "every": Phrase(_every_without_policy),
    "redundancy": Phrase(_vault),
    "instant_restore": Phrase(lambda value, _: f"{days_words(value)} of instant restore"),
    "keep": KEEP_PHRASE,
    "archive": Phrase(lambda *_: "old points in the archive tier"),
    "crash_only": Phrase(lambda *_: "crash-consistent points only"),
    "leave_out": LEAVE_OUT_PHRASE,
    "vault_region": Phrase(lambda value, _: f"vault in {place_words(value)}"),
}


def need_warnings(need: Need) -> Iterator[str]:
    """A need that keeps fewer daily points than a policy does is priced at what is kept."""
    if need.retention.daily and need.retention.daily < FEWEST_DAILY_POINTS:
        yield (
            f"A daily policy keeps at least {FEWEST_DAILY_POINTS} daily points; they are what is"
            " priced."
        )
