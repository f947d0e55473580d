"""Snapshots in words: their flags, their configuration as a phrase, when they are cheaper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.errors import UsageError
from advisor.model import Configuration
from advisor.options.flags import (
    EVERY,
    KEEP,
    REDUNDANCY,
    TO,
    Flag,
    Measured,
    OneOf,
    Switch,
    WholeNumber,
)
from advisor.options.phrases import (
    KEEP_PHRASE,
    Phrase,
    place_words,
    redundancy_words,
    time_words,
)
from advisor.options.row import RetentionBreakEven
from advisor.options.snapshots.bill import DISK_BACKUP, LUN_PLACE, OS_PLACE
from advisor.options.snapshots.rules import MOST_SNAPSHOTS_OF_A_DISK
from advisor.words import counted, listed


def parse_places(text: str) -> str:
    """`OS, 0,1` -> `os,lun0,lun1`: the disks that are held. Raises UsageError."""
    places = [_place_said(each.strip()) for each in text.split(",")]
    if not all(places) or len(set(places)) < len(places):
        raise UsageError(f"“{text}” names no disks. Write their LUNs, and os: os,0,1.")
    return ",".join(places)


def _place_said(text: str) -> str:
    lower = text.lower()
    number = lower.removeprefix(LUN_PLACE)
    if number.isdecimal():
        return f"{LUN_PLACE}{int(number)}"
    return lower if lower == OS_PLACE else text


FLAGS = (
    EVERY.by_default("24h"),
    Flag("count", "How many snapshots are kept.", WholeNumber(1, 500)),
    KEEP.by_default("daily=7"),
    REDUNDANCY.by_default("zrs, without zones lrs"),
    Flag("full", "Full snapshots instead of incremental ones.", Switch()),
    TO.by_default("no copy"),
    Flag("consistent", "Points of all disks at one moment.", OneOf(("crash", "application"))),
    Flag(
        "by",
        "What takes them on schedule; without it your own automation has to.",
        OneOf((DISK_BACKUP,)),
    ),
    Flag("only", "Of these disks alone: os,0,1.", Measured("lun,...", parse_places, str)),
)


def _consistent(value: Any, _: Configuration) -> str:
    kind = str(value).lower()
    if kind in {"true", "yes"}:
        return "as VM restore points (all disks at one moment)"
    return f"as VM restore points ({kind} consistent)"


def _only(value: Any, _: Configuration) -> str:
    return f"of {listed(map(_place_words, str(value).split(',')))} only"


def _place_words(place: str) -> str:
    if place == OS_PLACE:
        return "the OS disk"
    lun = place.removeprefix(LUN_PLACE)
    return f"LUN {lun}" if lun.isdecimal() else f"the disk {place}"


def _count_kept(value: Any) -> str:
    return counted(int(value), "point") if str(value).isdecimal() else str(value)


PHRASES: Mapping[str, Phrase] = {
    "full": Phrase(lambda *_: "full", off="incremental"),
    "every": Phrase(lambda value, _: f"every {time_words(value)}"),
    "redundancy": Phrase(lambda value, _: redundancy_words(value)),
    "to": Phrase(lambda value, _: f"copied to {place_words(value)}"),
    "consistent": Phrase(_consistent),
    "by": Phrase(lambda *_: "by Azure Disk Backup"),
    "only": Phrase(_only),
    "keep": KEEP_PHRASE,
    "count": Phrase(lambda value, _: f"keeps {value}", kept=_count_kept),
}

BESIDE_AZURE_BACKUP = RetentionBreakEven(
    against="azure-backup",
    never="Azure Backup is cheaper than daily snapshots whatever the retention.",
    always="Daily snapshots are cheaper than Azure Backup for as long as a disk can have them:"
    f" {MOST_SNAPSHOTS_OF_A_DISK} days.",
    up_to="Daily snapshots are cheaper than Azure Backup up to {days} of retention.",
)
