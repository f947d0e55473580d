"""The charges of a month as lines of VMs; what cannot be said of a VM is a line of its own.

A vault that bills by protected item names whose its charges are. One that bills as a whole has
them shared out: each meter in the proportion of what was estimated of that meter for each item.
Everything is in whole cents, and the lines of a vault (or of any other resource) add up to what it
cost, rounded to the cent, whatever the granularity, also in the month in which it was changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from advisor.bill.charges import Charge
from advisor.bill.kinds import (
    VAULT_TYPE,
    BillPart,
    MeterPurpose,
    is_under_vault,
    meter_kind,
)
from advisor.bill.owners import Owned, Owners, VaultItem, item_billed
from advisor.bill.shares import shared, to_cents


class How(StrEnum):
    """How a line came to its VM."""

    OWN = "own resource"  #: a snapshot, a replica disk: it is of one VM
    ITEM = "billed by item"  #: the vault bills by protected item
    SHARED = "shared out"  #: by the weights of the vault's items
    NOBODY = "not attributed"


class BilledLine(NamedTuple):
    """What one meter of one resource cost one VM. Of usage alone."""

    vm: str  #: lower-cased ARM id; empty: not attributed
    part: BillPart
    kind: MeterPurpose
    meter: str  #: as billed
    resource_id: str  #: lower-cased: what it is billed on
    how: How
    quantity: Decimal | None  #: in the meter's unit
    amount: Decimal  #: whole cents
    currency: str
    why: str = ""  #: of a line that is not attributed


Weights = Mapping[str, Mapping[MeterPurpose, Decimal]]
"""By the VM's lower-cased id: what was estimated of each meter a month, in the meter's unit."""


def divided(charges: Sequence[Charge], owners: Owners, weights: Weights) -> tuple[BilledLine, ...]:
    """Every charge that has to do with protection, in lines; the rest of the charges is left out.

    Charges of one resource add up to the cent: those of a vault together with what is in it.
    """
    groups: dict[tuple[str, str], list[Charge]] = defaultdict(list)
    for charge in charges:
        if _has_to_do(charge, owners):
            groups[_billed_on(charge.resource_id), charge.currency].append(charge)
    return tuple(
        line
        for _, group in sorted(groups.items())
        for charge, cents in zip(group, to_cents([one.amount for one in group]), strict=True)
        for line in _lines(charge, cents, owners, weights)
    )


def _has_to_do(charge: Charge, owners: Owners) -> bool:
    if charge.resource_id in owners.resources or is_under_vault(charge.resource_id):
        return True
    is_traffic = meter_kind(charge.meter, of_vault=False) is MeterPurpose.TRAFFIC
    return is_traffic and charge.resource_id in owners.names


def _billed_on(resource_id: str) -> str:
    """The resource whose amount is kept whole: of anything in a vault the vault."""
    return vault_of(resource_id) or resource_id


def vault_of(resource_id: str) -> str:
    """The lower-cased id of the vault that a resource is or lies in; empty: in none."""
    head, found, rest = resource_id.lower().partition(f"/providers/{VAULT_TYPE}/")
    return f"{head}{found}{rest.split('/', 1)[0]}" if found else ""


def _lines(
    charge: Charge, cents: Decimal, owners: Owners, weights: Weights
) -> Iterator[BilledLine]:
    vault = vault_of(charge.resource_id)
    if not vault:
        yield _own(charge, cents, owners)
    elif charge.resource_id != vault:
        yield _of_item(charge, cents, owners.items.get(vault, ()))
    else:
        yield from _shared_out(charge, cents, owners.items.get(vault, ()), weights)


def _own(charge: Charge, cents: Decimal, owners: Owners) -> BilledLine:
    kind = meter_kind(charge.meter, of_vault=False)
    owned = owners.resources.get(charge.resource_id)
    if owned is None:
        owned = Owned(BillPart.TRAFFIC, charge.resource_id)
    why = "" if owned.vm else "the VM that it was made of was not found"
    return _line(charge, cents, owned, kind, How.OWN if owned.vm else How.NOBODY, why=why)


def _of_item(charge: Charge, cents: Decimal, items: Sequence[VaultItem]) -> BilledLine:
    kind = meter_kind(charge.meter, of_vault=True)
    found = item_billed(charge.resource_id, items)
    if found and found.vm:
        return _line(charge, cents, Owned(found.part, found.vm), kind, How.ITEM)
    why = f"{found.name} is no VM that was found" if found else "its item was not found"
    return _line(charge, cents, Owned(_part(kind), ""), kind, How.NOBODY, why=why)


def _part(kind: MeterPurpose) -> BillPart:
    return BillPart.SITE_RECOVERY if kind is MeterPurpose.REPLICATION else BillPart.BACKUP


def _shared_out(
    charge: Charge, cents: Decimal, items: Sequence[VaultItem], weights: Weights
) -> Iterator[BilledLine]:
    kind = meter_kind(charge.meter, of_vault=True)
    part = _part(kind)
    by_vm, nobody = _weighed(kind, [item for item in items if item.part is part], weights)
    if not any(by_vm.values()):
        why = nobody or "nothing was found that it could be for"
        yield _line(charge, cents, Owned(part, ""), kind, How.NOBODY, why=why)
        return
    given = shared(cents, by_vm)
    whole = sum(by_vm.values(), Decimal(0))
    for vm, amount in given.items():
        if not by_vm[vm]:
            continue
        quantity = None if charge.quantity is None else charge.quantity * by_vm[vm] / whole
        how, why = (How.SHARED, "") if vm else (How.NOBODY, nobody)
        line = _line(charge, amount, Owned(part, vm), kind, how, why=why)
        yield line._replace(quantity=quantity)


def _weighed(
    kind: MeterPurpose, items: Iterable[VaultItem], weights: Weights
) -> tuple[dict[str, Decimal], str]:
    """The weight of each VM, and under "" of all that is not a VM's; and who that is, in words.

    What is no VM, and a VM of which nothing could be estimated, weighs as much as the others on
    average: to leave it out would give its costs to them.
    """
    by_vm: dict[str, Decimal] = {}
    unknown: list[str] = []
    if kind is MeterPurpose.OTHER:
        return {}, "it is the meter of something else than VMs"
    for item in items:
        if not item.holds_data or (kind is MeterPurpose.INSTANCES and not item.is_vm):
            continue
        weight = _weight(kind, item, weights)
        if weight is None:
            unknown.append(item.name)
        else:
            by_vm[item.vm] = by_vm.get(item.vm, Decimal(0)) + weight
    if not unknown:
        return by_vm, ""
    said = f"of {', '.join(sorted(unknown)[:3])}" + (" and others" if len(unknown) > 3 else "")
    known = [weight for weight in by_vm.values() if weight]
    mean = sum(known, Decimal(0)) / len(known) if known else Decimal(1)
    return {**by_vm, "": mean * len(unknown)}, f"nothing could be estimated {said}"


def _weight(kind: MeterPurpose, item: VaultItem, weights: Weights) -> Decimal | None:
    if not item.vm:
        return None
    if kind is MeterPurpose.REPLICATION:
        return Decimal(1)  # one fee for each replicated VM
    return weights.get(item.vm, {}).get(kind)


def _line(
    charge: Charge, cents: Decimal, owned: Owned, kind: MeterPurpose, how: How, *, why: str = ""
) -> BilledLine:
    return BilledLine(
        vm=owned.vm,
        part=owned.part,
        kind=kind,
        meter=charge.meter,
        resource_id=charge.resource_id,
        how=how,
        quantity=charge.quantity,
        amount=cents,
        currency=charge.currency,
        why=why,
    )
