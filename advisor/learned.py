"""What bills told of VMs, handed to the advice: as JSON, and beside what an inventory finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from advisor.billed_sizes import still_true
from advisor.model import BilledSizes, KnownVm, Range
from advisor.quantities import plain


class FindsVm(Protocol):
    """An inventory that finds one VM by its name."""

    async def find(self, wanted: str, now: datetime) -> KnownVm: ...


class KnowsBills(Protocol):
    """What was learned of bills before, by the VM's lower-cased id; None: nothing."""

    async def learned(self, vm: str) -> BilledSizes | None: ...


class FinderWithBills:
    """Finds VMs as the inventory does, each with what was learned of its bill."""

    def __init__(self, inventory: FindsVm, bills: KnowsBills) -> None:
        self._inventory, self._bills = inventory, bills

    async def find(self, wanted: str, now: datetime) -> KnownVm:
        known = await self._inventory.find(wanted, now)
        return with_bill(known, await self._bills.learned(known.vm.key), now)


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
        "used_gib": _texts(one.used_gib),
        "churn_share_per_day": None
        if one.churn_share_per_day is None
        else _texts(one.churn_share_per_day),
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
            used_gib=_range(document["used_gib"]),
            churn_share_per_day=None if share is None else _range(share),
            month=str(document["month"]),
            told_by=tuple(map(str, document["told_by"])),
            vms=int(document["vms"]),
            disks=str(document["disks"]),
        )
        date.fromisoformat(f"{found.month}-01")
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise LearnedUnreadable(str(error)) from error
    return found


def _texts(value: Range) -> list[str]:
    return [plain(end) for end in value]


def _range(texts: Sequence[str]) -> Range:
    low, likely, high = (Decimal(text) for text in texts)
    if not (low.is_finite() and high.is_finite() and 0 <= low <= likely <= high):
        raise ValueError(f"{texts} is no range")
    return Range(low, likely, high)
