"""The nouns of the advice: what is known of a VM, what is needed, what it would cost.

Everything here is frozen and holds no behaviour beyond reading itself. Units are in the
names: `_gib` is 2**30 bytes (Azure's billing "GB" is this one), `_mb_per_s` is 10**6 bytes
a second, a month is 730 hours and 365/12 days. Money and quantities are `Decimal`.
`None` in a property of a VM or disk means: not known. It never means "no".
"""

from __future__ import annotations

from advisor.model.advice import Advice, Assessment, Estimated, InPlace, MonthOfBill, Plan, Recovery
from advisor.model.basics import (
    DAYS_PER_MONTH,
    HOURS_PER_MONTH,
    NO_RETENTION,
    NOTHING,
    ZERO,
    Consistency,
    Event,
    Range,
    Reading,
    Retention,
    Source,
    Verdict,
    no_tags,
)
from advisor.model.known import (
    BackupPolicy,
    Coverage,
    Disk,
    DiskWrites,
    Image,
    KnownVm,
    NotRead,
    Protection,
    ProtectionKind,
    ProtectionState,
    Vault,
    Vm,
)
from advisor.model.need import DiskSize, Estimate, EventNeed, Need, Sizing
from advisor.model.proposal import (
    Configuration,
    Line,
    LineKind,
    Meter,
    Monthly,
    PointTier,
    Proposal,
    Reason,
    Rto,
    Usage,
)

__all__ = [
    "DAYS_PER_MONTH",
    "HOURS_PER_MONTH",
    "NOTHING",
    "NO_RETENTION",
    "ZERO",
    "Advice",
    "Assessment",
    "BackupPolicy",
    "Configuration",
    "Consistency",
    "Coverage",
    "Disk",
    "DiskSize",
    "DiskWrites",
    "Estimate",
    "Estimated",
    "Event",
    "EventNeed",
    "Image",
    "InPlace",
    "KnownVm",
    "Line",
    "LineKind",
    "Meter",
    "MonthOfBill",
    "Monthly",
    "Need",
    "NotRead",
    "Plan",
    "PointTier",
    "Proposal",
    "Protection",
    "ProtectionKind",
    "ProtectionState",
    "Range",
    "Reading",
    "Reason",
    "Recovery",
    "Retention",
    "Rto",
    "Sizing",
    "Source",
    "Usage",
    "Vault",
    "Verdict",
    "Vm",
    "no_tags",
]
