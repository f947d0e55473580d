"""What bills told of VMs, kept for later answers: while it is still true, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import InvalidOperation
from typing import Any

from advisor.billed_sizes import still_true
from advisor.model import BilledSizes, KnownVm
from advisor.quantities import range_of_texts, range_texts


def with_bill(known: KnownVm, billed: BilledSizes | None, now: datetime) -> KnownVm:
    """The VM with what was learned, while that is still true of it."""
    if billed is None or not still_true(billed, known, now.date()):
        return known
    return replace(known, billed=billed)


# --- as JSON ---------------------------------------------------------------------------------


class LearnedUnreadable(ValueError):
    """What was learned cannot be read: another version wrote it, or it is damaged."""


def learned_to_dict(one: BilledSizes) -> dict[str, Any]:
    return {
        "used_gib": range_texts(one.used_gib),
        "churn_share_per_day": None
        if one.churn_share_per_day is None
        else range_texts(one.churn_share_per_day),
        "month": one.month,
        "told_by": list(one.told_by),
        "vms": one.vms,
        "disks": one.disks,
    }


def learned_from(document: Mapping[str, Any]) -> BilledSizes:
    """What `learned_to_dict` made. Raises LearnedUnreadable."""
    try:
        share = document["churn_share_per_day"]
        found = BilledSizes(
            used_gib=range_of_texts(document["used_gib"]),
            churn_share_per_day=None if share is None else range_of_texts(share),
            month=str(document["month"]),
            told_by=tuple(map(str, document["told_by"])),
            vms=int(document["vms"]),
            disks=str(document["disks"]),
        )
        date.fromisoformat(f"{found.month}-01")
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise LearnedUnreadable(str(error)) from error
    return found
