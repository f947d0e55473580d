"""What is wrong in a fleet beside its VMs: snapshots, backups of VMs that are gone, vaults.

A snapshot says how large its disk was and not how much it holds, which is what is billed: its
money lies between nothing and that size (disks-incremental-snapshots, 2024-12-09).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from advisor.inventory.arm import DISK_TYPE, ArmId, split_id
from advisor.inventory.compute_points import SnapshotRecord
from advisor.inventory.estate import Estate
from advisor.inventory.locks import LockRecord, lock_on
from advisor.inventory.protections import made_by_backup
from advisor.inventory.recovery_services import BackupItem
from advisor.inventory.scopes_read import ScopesRead
from advisor.model import ZERO, LineKind, Meter, Range, Source, Usage, Vault
from advisor.model.fleet import FindingKind, FleetFinding, MoneySpan
from advisor.options import meters
from advisor.prices.pricing import Pricer
from advisor.words import age, clean, counted

#: A snapshot before a change is worth little after so long. Ours.
OLD_AFTER = timedelta(days=90)
#: azure-backup-pricing: an instance of 50 GB or less is billed as half a unit.
_SMALLEST_INSTANCE_UNITS = Decimal("0.5")
_KEEPS = "expires"  #: a tag whose name has this says until when somebody wants it
#: Of what is absent from a resource group of which nothing came.
_PERHAPS_GONE = "is gone, or in a resource group that may not be read"
_SOFT_DELETE_OFF = frozenset({"disabled", "off"})
_IMMUTABLE = frozenset({"locked", "unlocked"})


def estate_findings(
    estate: Estate, pricer: Pricer, now: datetime, settled: Collection[str]
) -> Iterator[FleetFinding]:
    """Findings of what belongs to no VM, or is older than its use.

    `settled`: lower-cased ids of VMs of which a saving is counted already: what their own
    snapshots cost is part of it.
    """
    yield from point_findings(estate, pricer, now, settled)
    yield from vault_findings(estate.resources.vaults)


def point_findings(
    estate: Estate, pricer: Pricer, now: datetime, settled: Collection[str]
) -> Iterator[FleetFinding]:
    """Those of snapshots and backup items, which a part of a fleet can tell by itself."""
    yield from _snapshots(estate, pricer, estate.taken or now, settled)
    yield from _backups_of_no_vm(estate, pricer)


def vault_findings(vaults: Iterable[Vault]) -> Iterator[FleetFinding]:
    """Those of vaults, by id."""
    for vault in sorted(vaults, key=lambda one: one.id.lower()):
        yield from _vault(vault)


# --- snapshots -------------------------------------------------------------------------------


def _snapshots(
    estate: Estate, pricer: Pricer, now: datetime, settled: Collection[str]
) -> Iterator[FleetFinding]:
    disks = {one.id.lower() for one in estate.resources.disks}
    owners = {
        disk.key: known.vm.key for known in estate.fleet.vms for disk in known.vm.disks if disk.id
    }
    by_id = {one.key: one for one in estate.resources.snapshots}
    scopes = estate.scopes_read
    for one in sorted(estate.resources.snapshots, key=lambda each: each.key):
        if made_by_backup(one.id):
            continue
        source = _source(one, by_id)
        absent = _absence(source or "", disks | owners.keys(), estate, scopes)
        counted = owners.get(source or "", "") not in settled
        yield from _snapshot(one, pricer, now, absent=absent, counted=counted)
        wasted = absent is _Absent.GONE or _is_old(one, now)
        for why in _holding(one, estate.resources.locks, now, wasted=wasted):
            yield _of_snapshot(one, FindingKind.HELD_SNAPSHOT, why, now)


class _Absent(Enum):
    """Yes, no and unknown, of whether a disk or a VM is gone."""

    NO = auto()  #: it is there, or was not looked for where it would be
    GONE = auto()
    UNKNOWN = auto()  #: nothing came of its resource group: that may be one one may not read


def _absence(disk: str, known: Collection[str], estate: Estate, scopes: ScopesRead) -> _Absent:
    """Whether a disk was looked for where it would be, and is not there.

    Of a copy whose first snapshot is gone the disk is not known, and may still be there.
    """
    parts = split_id(disk)
    if parts is None or parts.type != DISK_TYPE or disk in known or not estate.disks_read:
        return _Absent.NO
    return _absent_in(parts, scopes)


def _absent_in(parts: ArmId, scopes: ScopesRead) -> _Absent:
    if not scopes.has_subscription_of(parts):
        return _Absent.NO
    return _Absent.GONE if scopes.has_group_of(parts) else _Absent.UNKNOWN


def _source(one: SnapshotRecord, by_id: Mapping[str, SnapshotRecord]) -> str | None:
    """The lower-cased id of the disk, also of a copy."""
    first = by_id.get(one.source_id or "") if one.copied else None
    return first.source_id if first else one.source_id


def _snapshot(
    one: SnapshotRecord, pricer: Pricer, now: datetime, *, absent: _Absent, counted: bool
) -> Iterator[FleetFinding]:
    """What is not known to be gone is in no sum, unless it is old, too."""
    old, saves = _is_old(one, now), _cost(one, pricer)
    is_gone = absent is _Absent.GONE
    if is_gone or old:
        kind = FindingKind.SNAPSHOT_OF_NO_DISK if is_gone else FindingKind.OLD_SNAPSHOT
        why = "the disk that it was taken of is gone" if is_gone else f"older than {age(OLD_AFTER)}"
        found = _of_snapshot(one, kind, why, now)
        yield found._replace(saves=saves, counted=counted and saves is not None)
    elif absent is _Absent.UNKNOWN:
        why = f"the disk that it was taken of {_PERHAPS_GONE}"
        yield _of_snapshot(one, FindingKind.SNAPSHOT_OF_NO_DISK, why, now)._replace(saves=saves)
    elif not one.incremental and (one.sku or "").lower().startswith("premium"):
        why = "full and on Premium: an incremental one holds as much for less"
        less = _less(saves, _cost(one, pricer, premium=False))
        found = _of_snapshot(one, FindingKind.DEAR_SNAPSHOT, why, now)
        yield found._replace(saves=less, counted=counted and less is not None)


def _holding(
    one: SnapshotRecord, locks: Iterable[LockRecord], now: datetime, *, wasted: bool
) -> Iterator[str]:
    """Why Azure refuses to delete it; policies and locks are told where it is wasted."""
    if one.exported:
        yield "an export of it is open, and Azure refuses to delete it: revoke the access first"
    if wasted and one.immutable_until is not None and one.immutable_until > now:
        until = f"{one.immutable_until.astimezone(UTC):%Y-%m-%d}"
        yield f"it is immutable until {until}, and Azure deletes it for nobody before"
    lock = lock_on(one.id, locks) if wasted else None
    if lock is not None:
        where = clean(lock.scope.rsplit("/", 1)[-1])
        yield (
            f"the lock {clean(lock.name)} ({clean(lock.level)}) on {where} refuses to delete it:"
            " take the lock off first"
        )


def _is_old(one: SnapshotRecord, now: datetime) -> bool:
    return one.created is not None and now - one.created > OLD_AFTER and not _is_kept(one)


def _is_kept(one: SnapshotRecord) -> bool:
    return any(_KEEPS in name.lower() for name in one.tags)


def _cost(one: SnapshotRecord, pricer: Pricer, *, premium: bool | None = None) -> MoneySpan | None:
    """Between nothing and its whole size; None where neither size nor price is known."""
    if one.size_gib is None:
        return None
    sku = meters.disk_sku(one.sku or "Standard_LRS")
    dear = sku.family.startswith("Premium") and not one.incremental
    family = "Premium" if (dear if premium is None else premium) else "Standard"
    redundancy = sku.redundancy if sku.redundancy in ("LRS", "ZRS") else "LRS"
    meter = meters.snapshot(family, redundancy, one.region)
    amount = _amount(meter, meters.PER_GB_MONTH, Decimal(one.size_gib), pricer)
    return None if amount is None else MoneySpan(ZERO, amount)


def _less(now: MoneySpan | None, then: MoneySpan | None) -> MoneySpan | None:
    if now is None or then is None or now.most is None or then.most is None:
        return None
    return MoneySpan(ZERO, max(ZERO, now.most - then.most))


def _of_snapshot(one: SnapshotRecord, kind: FindingKind, why: str, now: datetime) -> FleetFinding:
    parts = split_id(one.id)
    size = f"{one.size_gib:,} GB" if one.size_gib is not None else "a size that is not known"
    how_old = f"taken {age(now - one.created)} ago" if one.created else "of an unknown age"
    kind_said = "incremental" if one.incremental else "full"
    return FleetFinding(
        kind=kind,
        subject=clean(parts.name if parts else one.id),
        subject_id=one.id,
        group=parts.resource_group if parts else "",
        subscription_id=parts.subscription if parts else "",
        region=one.region,
        said=f"{kind_said.capitalize()} snapshot of at most {size}, {how_old}: {why}.",
        evidence=(f"Source: {clean(one.source_id or 'not said')}.",),
    )


# --- vaults ----------------------------------------------------------------------------------


def _backups_of_no_vm(estate: Estate, pricer: Pricer) -> Iterator[FleetFinding]:
    """Items whose VM is not among those of a subscription that was read."""
    vms = {known.vm.key for known in estate.fleet.vms}
    if not estate.disks_read:
        return
    scopes = estate.scopes_read
    vaults = {one.id.lower(): one for one in estate.resources.vaults}
    for item in sorted(estate.resources.items, key=lambda one: one.key):
        source = split_id(item.source_id or "")
        if not item.of_vm or item.soft_deleted or source is None:
            continue
        absent = _Absent.NO if item.source_id in vms else _absent_in(source, scopes)
        if absent is not _Absent.NO:
            sure = absent is _Absent.GONE
            yield _of_item(item, vaults.get(item.vault_id), source.name, pricer, sure=sure)


def _of_item(
    item: BackupItem, vault: Vault | None, vm_name: str, pricer: Pricer, *, sure: bool
) -> FleetFinding:
    """`sure`: the VM is gone; else it may be one that may not be read."""
    parts = split_id(item.vault_id)
    region = vault.region if vault and vault.region else ""
    fee = _fee(region, pricer) if region else None
    where = clean(vault.name if vault else (parts.name if parts else item.vault_id))
    return FleetFinding(
        kind=FindingKind.BACKUP_OF_NO_VM,
        subject=clean(item.name or vm_name),
        subject_id=item.id,
        group=parts.resource_group if parts else "",
        subscription_id=parts.subscription if parts else "",
        region=region,
        said=(
            f"Vault {where} keeps points of a VM that {'is gone' if sure else _PERHAPS_GONE}"
            f"{' and' if sure else ', and it'} bills instance and storage."
        ),
        evidence=(f"Its VM was {clean(item.source_id or '')}.",),
        saves=fee,
        counted=False,  # whether somebody must keep the points is not for a sum to say
    )


def _fee(region: str, pricer: Pricer) -> MoneySpan | None:
    """At least the fee of the smallest instance; what its points hold is not known."""
    fee = meters.instance_fee(region)
    amount = _amount(fee, meters.PER_MONTH, _SMALLEST_INSTANCE_UNITS, pricer)
    return None if amount is None else MoneySpan(amount, None)


def _amount(meter: Meter, unit: str, quantity: Decimal, pricer: Pricer) -> Decimal | None:
    usage = Usage(
        name=meter.meter,
        kind=LineKind.RECURRING,
        meter=meter,
        unit=unit,
        quantity=Range.exactly(quantity),
        source=Source.ASSUMED,
        basis="at most",
    )
    monthly = pricer.line(usage).monthly
    return None if monthly is None else monthly.likely


def _vault(vault: Vault) -> Iterator[FleetFinding]:
    soft_delete, immutable = vault.soft_delete, vault.immutability
    if soft_delete is not None and soft_delete.lower() in _SOFT_DELETE_OFF:
        why = "soft delete is off: whoever deletes a backup deletes its points at once"
        yield _of_vault(vault, FindingKind.NO_SOFT_DELETE, why)
    if immutable is not None and immutable.lower() not in _IMMUTABLE:
        why = "it is not immutable: a policy can be shortened and points deleted early"
        yield _of_vault(vault, FindingKind.NO_IMMUTABILITY, why)


def _of_vault(vault: Vault, kind: FindingKind, why: str) -> FleetFinding:
    parts = split_id(vault.id)
    items = counted(vault.items, "item") if vault.items is not None else "items that were not read"
    return FleetFinding(
        kind=kind,
        subject=clean(vault.name),
        subject_id=vault.id,
        group=parts.resource_group if parts else "",
        subscription_id=parts.subscription if parts else "",
        region=vault.region or "",
        said=f"Vault {clean(vault.name)} with {items}: {why}.",
        evidence=(
            f"Soft delete: {vault.soft_delete or 'not said'};"
            f" immutability: {vault.immutability or 'not said'}.",
        ),
    )
