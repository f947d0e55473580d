"""The words of a fleet's findings, for every form of the report."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.model.fleet import FindingKind, FleetFinding
from advisor.words import brief_amount, brief_money, clean, listed

#: After a number, and before what is said of one.
KIND_WORDS = {
    FindingKind.UNPROTECTED: "unprotected",
    FindingKind.BROKEN: "broken",
    FindingKind.GAP: "with a disk in no point",
    FindingKind.NEED_NOT_MET: "without what is asked",
    FindingKind.UNKNOWN: "unknown",
    FindingKind.PAID_TWICE: "paid twice",
    FindingKind.COSTS_LESS: "too dear",
    FindingKind.BEYOND_THE_NEED: "beyond the need",
    FindingKind.BACKUP_OF_NO_VM: "backup of a VM that is not found",
    FindingKind.SNAPSHOT_OF_NO_DISK: "snapshot of a disk that is not found",
    FindingKind.OLD_SNAPSHOT: "old snapshot",
    FindingKind.DEAR_SNAPSHOT: "full snapshot on Premium",
    FindingKind.HELD_SNAPSHOT: "snapshot that cannot be deleted",
    FindingKind.NO_SOFT_DELETE: "vault without soft delete",
    FindingKind.NO_IMMUTABILITY: "vault without immutability",
}
#: Of findings that have no money, above their number.
TITLES = {
    FindingKind.BACKUP_OF_NO_VM: "Backups of VMs that are not found",
    FindingKind.SNAPSHOT_OF_NO_DISK: "Snapshots of disks that are not found, without a price",
    FindingKind.OLD_SNAPSHOT: "Old snapshots without a price",
    FindingKind.DEAR_SNAPSHOT: "Full snapshots on Premium without a price",
    FindingKind.HELD_SNAPSHOT: "Snapshots that cannot be deleted as they are",
    FindingKind.NO_SOFT_DELETE: "Vaults without soft delete",
    FindingKind.NO_IMMUTABILITY: "Vaults without immutability",
}


def where_words(finding: FleetFinding) -> str:
    """`rg-shop-prod, westeurope`."""
    return ", ".join(clean(each) for each in (finding.group, finding.region) if each)


def if_words(conditions: Sequence[str]) -> str:
    """`, if the agent is ready`; empty where something holds for certain."""
    return f", if {listed(clean(each) for each in conditions)}" if conditions else ""


def saves_words(finding: FleetFinding, currency: str) -> str:
    """`Saves 12 USD a month.`, `Saves up to 6.40 USD a month.`; empty: nothing is saved."""
    if finding.saves is None:
        return ""
    least, most = finding.saves
    if most is None:
        return f"Saves at least {brief_money(least, currency)} a month."
    if least == most:
        return f"Saves {brief_money(most, currency)} a month."
    upper = brief_money(most, currency)
    return f"Saves {f'{brief_amount(least)} to' if least else 'up to'} {upper} a month."
