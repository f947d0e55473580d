"""Snapshots in words: their flags, their configuration as a phrase, when they are cheaper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.model import Configuration
from advisor.options.flags import EVERY, KEEP, REDUNDANCY, TO, Flag, OneOf, Switch, WholeNumber
from advisor.options.phrases import (
    KEEP_PHRASE,
    Phrase,
    place_words,
    redundancy_words,
    time_words,
)
from advisor.options.row import RetentionBreakEven
from advisor.words import counted

FLAGS = (
    EVERY,
    Flag("count", "How many snapshots are kept.", WholeNumber(1, 500)),
    KEEP,
    REDUNDANCY,
    Flag("full", "Full snapshots instead of incremental ones.", Switch()),
    TO,
    Flag("consistent", "Points of all disks at one moment.", OneOf(("crash", "application"))),
)


def _consistent(value: Any, _: Configuration) -> str:
    kind = str(value).lower()
    if kind in {"true", "yes"}:
        return "as VM restore points (all disks at one moment)"
    return f"as VM restore points ({kind} consistent)"


def _count_kept(value: Any) -> str:
    return counted(int(value), "point") if str(value).isdecimal() else str(value)


PHRASES: Mapping[str, Phrase] = {
    "full": Phrase(lambda *_: "full", off="incremental"),
    "every": Phrase(lambda value, _: f"every {time_words(value)}"),
    "redundancy": Phrase(lambda value, _: redundancy_words(value)),
    "to": Phrase(lambda value, _: f"copied to {place_words(value)}"),
    "consistent": Phrase(_consistent),
    "keep": KEEP_PHRASE,
    "count": Phrase(lambda value, _: f"keeps {value}", kept=_count_kept),
}

BESIDE_AZURE_BACKUP = RetentionBreakEven(
    against="azure-backup",
    never="Azure Backup is cheaper than daily snapshots whatever the retention.",
    always="Daily snapshots are cheaper than Azure Backup whatever the retention.",
    up_to="Daily snapshots are cheaper than Azure Backup up to {days} of retention.",
)
