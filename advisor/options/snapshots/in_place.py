"""Snapshots and restore points that a VM has already."""

from __future__ import annotations

from advisor.model import Configuration, Protection, ProtectionKind
from advisor.options.case import Case
from advisor.options.snapshots.bill import SnapshotConfiguration


def found_configuration(case: Case, found: Protection) -> SnapshotConfiguration | None:
    """Hand-made snapshots follow no schedule that could be priced as one."""
    return None


def found_words(found: Protection) -> str:
    if found.kind is ProtectionKind.SNAPSHOTS:
        return f"{found.count} snapshots: nothing makes new ones on a schedule; the newest"
    return f"{found.count} restore points: the newest"


def forbidden(have: Configuration, want: Configuration) -> tuple[str, ...]:
    """Any schedule may follow another: each snapshot stands alone."""
    return ()
