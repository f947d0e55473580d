"""What the protections in place are expected to be billed for, before any price."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from advisor.bill.compare import What
from advisor.bill.kinds import OF_VAULTS, BillPart, MeterPurpose, meter_kind
from advisor.bill.months import Month
from advisor.billed_sizes import disks_mark
from advisor.model import (
    ZERO,
    BilledSizes,
    KnownVm,
    Need,
    Protection,
    ProtectionKind,
    ProtectionState,
    Range,
)
from advisor.options.case import Case, case_of
from advisor.recommend.standing import OF_KIND
from advisor.retention import span_days
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes

#: What is billed by how much data there is.
OF_DATA = frozenset({MeterPurpose.STORED, MeterPurpose.ARCHIVED, MeterPurpose.SNAPSHOTS})
_HOLDS_DATA = frozenset(
    {
        ProtectionKind.BACKUP,
        ProtectionKind.SNAPSHOTS,
        ProtectionKind.RESTORE_POINTS,
        ProtectionKind.DISK_BACKUP,
    }
)

#: The oldest of weekly points is up to a week younger than the policy keeps one.
_SLACK_DAYS = 8

Expected = Callable[[Decimal, Decimal], Mapping[What, Decimal]]
"""GiB in use and the share of it that changes a day -> what is billed of each kind of data."""


class Unlearnable(ValueError):
    """Why the bill of this VM tells nothing of its sizes: the rest of a sentence."""


def expected_of(known: KnownVm, month: Month, read_at: datetime) -> Expected:
    """What would be billed in that month. `read_at`: when the VM was read. Raises Unlearnable."""
    found = [each for each in known.protections if each.kind in _HOLDS_DATA]
    for each in found:
        _check(each)
    running = {id(each): _running_days(each, month, read_at) for each in found}

    def expected(used_gib: Decimal, share: Decimal) -> Mapping[What, Decimal]:
        case = _case(known, used_gib, share, month)
        quantities: dict[What, Decimal] = {}
        for each in found:
            for what, quantity in _quantities(case, each, running[id(each)]):
                quantities[what] = quantities.get(what, ZERO) + quantity
        return quantities

    return expected


def _check(found: Protection) -> None:
    if found.state is not ProtectionState.ACTIVE:
        raise Unlearnable("what protects it does not run")
    if found.left_out:
        raise Unlearnable("its points leave disks out, of which the bill says nothing")


def _running_days(found: Protection, month: Month, read_at: datetime) -> int | None:
    """How long it has run at the month's end; None: for so long that its points are steady.

    Of a series that was observed the points themselves say how many there are. Azure Backup
    whose oldest point is as old as the policy keeps one has run for that long at least.
    """
    if found.kind is not ProtectionKind.BACKUP:
        return None
    if found.since is not None:
        return _days_until(month, found.since)
    if found.oldest_point is None:
        raise Unlearnable("since when it is protected was not read")
    kept = found.policy.retention if found.policy else None
    if kept is not None and (read_at - found.oldest_point).days >= span_days(kept) - _SLACK_DAYS:
        return None
    return _days_until(month, found.oldest_point)


def _days_until(month: Month, begun: datetime) -> int:
    days = (month.last - begun.date()).days + 1
    if days < month.days:
        raise Unlearnable("it was not protected for the whole month")
    return days


def _case(known: KnownVm, used_gib: Decimal, share: Decimal, month: Month) -> Case:
    billed = BilledSizes(
        Range.exactly(used_gib),
        Range.exactly(share),
        str(month),
        (),
        disks=disks_mark(known.vm.disks),
    )
    sizing = size(replace(known, billed=billed, writes=None), StatedSizes())
    return case_of(known.vm, sizing, Need())


def _quantities(
    case: Case, found: Protection, running_days: int | None
) -> list[tuple[What, Decimal]]:
    row: tuple[Any, Any] | None = OF_KIND.get(found.kind)
    chosen = row[1].configuration(case, found) if row else None
    if row is None or chosen is None:
        return []
    option, quantities = row[0], []
    for usage in option.usages(case, chosen, running_days):
        kind = meter_kind(usage.meter.meter, of_vault=usage.meter.service in OF_VAULTS)
        if kind in OF_DATA and usage.quantity is not None:
            quantities.append(((BillPart(option.name), kind), usage.quantity.likely))
    return quantities
