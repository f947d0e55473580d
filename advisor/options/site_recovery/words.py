"""Site Recovery in words: its flags, its configuration as a phrase, what to warn of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from advisor.model import Configuration, Event, Proposal, Verdict
from advisor.options.flags import LEAVE_OUT, TO, Flag, Measured, OneOf, WholeNumber
from advisor.options.phrases import LEAVE_OUT_PHRASE, Phrase, place_words, time_words
from advisor.options.row import TimeBreakEven
from advisor.quantities import format_duration, parse_duration
from advisor.words import counted

NOT_A_BACKUP = (
    "Site Recovery is no backup: what is deleted or corrupted is replicated, too, and its points"
    " reach back 15 days at most."
)


def parse_recovery_points(text: str) -> timedelta:
    """`24h` as any duration, and `0h`: no points but the latest. Raises UsageError."""
    return timedelta(0) if text.strip() in ("0", "0h", "0d", "0min") else parse_duration(text)


def _write_recovery_points(value: timedelta) -> str:
    return format_duration(value) if value else "0h"


FLAGS = (
    TO.by_default("the region's pair"),
    Flag(
        "recovery_points",
        "How far back points are kept: 24h; 0h for none.",
        Measured("duration", parse_recovery_points, _write_recovery_points),
        "24h",
    ),
    Flag(
        "churn_mode",
        "What replication carries.",
        OneOf(("normal", "high")),
        "what the disks and their writes ask for",
    ),
    Flag("drills", "Rehearsals a year.", WholeNumber(0, 366), "4"),
    LEAVE_OUT,
)


def _churn(value: Any, _: Configuration) -> str:
    return "High Churn" if str(value).lower() == "high" else ""


def _drills(value: Any, _: Configuration) -> str:
    return f"{counted(int(value), 'drill')} a year" if str(value).isdecimal() else f"{value} drills"


PHRASES: Mapping[str, Phrase] = {
    "to": Phrase(lambda value, _: f"to {place_words(value)}"),
    "recovery_points": Phrase(
        lambda value, _: f"{time_words(value)} of recovery points",
        kept=lambda value: f"{time_words(value)} of points",
    ),
    "churn_mode": Phrase(_churn),
    "drills": Phrase(_drills, off="no drills"),
    "leave_out": LEAVE_OUT_PHRASE,
}

BESIDE_AZURE_BACKUP = TimeBreakEven(
    against="azure-backup",
    event=Event.REGION,
    sentence=(
        "Site Recovery, {price} a month, is worth it where the loss of the region allows an RTO"
        " below {rto} or an RPO below {rpo}."
    ),
)


def proposal_warnings(proposal: Proposal) -> Iterator[str]:
    """Replication fails where a limit is exceeded, so what is not known of them is said."""
    for reason in proposal.reasons:
        if reason.verdict is Verdict.UNKNOWN:
            yield reason.text
