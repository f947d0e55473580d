"""A seeded fleet of distinct VMs as real subscriptions have them, for the benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from advisor.model import (
    BackupPolicy,
    Coverage,
    Disk,
    Image,
    KnownVm,
    Protection,
    ProtectionKind,
    ProtectionState,
    Reading,
    Retention,
    Vault,
    Vm,
)

NOW = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
SEED = 20_260_901

#: Regions of the shipped book that have prices in USD, often used ones more often.
REGIONS = (
    *("westeurope",) * 4,
    *("eastus",) * 3,
    *("northeurope", "uksouth", "swedencentral", "francecentral", "eastus2"),
    *("australiaeast", "brazilsouth", "centralindia", "southeastasia", "belgiumcentral"),
)
#: (size, architecture, disk controller)
SIZES = (
    *((f"Standard_{name}", "x64", "SCSI") for name in ("B2s", "B2ms", "D2s_v3", "D4s_v5")),
    *((f"Standard_{name}", "x64", "SCSI") for name in ("D8ds_v5", "E8s_v5", "E16bds_v5")),
    *((f"Standard_{name}", "x64", "SCSI") for name in ("F8s_v2", "L16s_v3", "M64s", "NC4as_T4_v3")),
    *((f"Standard_{name}", "x64", "NVMe") for name in ("D4s_v6", "E8ds_v6")),
    ("Standard_D4ps_v5", "Arm64", "SCSI"),
)
IMAGES = (
    ("Windows", "MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-g2"),
    ("Windows", "MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter"),
    ("Linux", "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2"),
    ("Linux", "RedHat", "RHEL", "9-lvm-gen2"),
    ("Linux", "SUSE", "sles-15-sp5", "gen2"),
    ("Linux", "debian", "debian-12", "12-gen2"),
)
OS_SKUS = ("Premium_LRS", "Premium_LRS", "StandardSSD_LRS", "Standard_LRS", "Premium_ZRS")
DATA_SKUS = (*OS_SKUS, "StandardSSD_ZRS", "PremiumV2_LRS", "UltraSSD_LRS")
COMMON_SIZES_GIB = (32, 64, 128, 256, 512, 1024, 2048, 4096)
TAGS: tuple[dict[str, str], ...] = (
    {},
    {"environment": "production"},
    {"Environment": "prod", "criticality": "mission-critical"},
    {"environment": "dev"},
    {"env": "test", "owner": "payments"},
    {"environment": "production", "vmbackup-churn": "3%"},
    {"environment": "stage", "vmbackup-written": "40GB"},
)
SECURITY = (None, None, "TrustedLaunch", "TrustedLaunch", "ConfidentialVM")
READ = Coverage(
    disks=Reading.READ,
    backup_items=Reading.READ,
    replicated_items=Reading.READ,
    snapshots=Reading.READ,
    restore_points=Reading.READ,
    all_vaults=True,
)


def fleet(count: int, seed: int = SEED) -> list[KnownVm]:
    """That many VMs, no two alike in anything that an advice looks at."""
    random = Random(seed)
    seen: set[str] = set()
    made: list[KnownVm] = []
    for known in _endless(random):
        if len(made) == count:
            break
        shape = repr(_without_name(known))
        if shape not in seen:
            seen.add(shape)
            made.append(known)
    return made


def _without_name(known: KnownVm) -> tuple[object, ...]:
    vm = replace(known.vm, id="", name="", resource_group="", subscription_id="", vm_id=None)
    disks = tuple(replace(disk, id=None, name="") for disk in vm.disks)
    return (replace(vm, disks=disks), bool(known.protections))


def _endless(random: Random) -> Iterator[KnownVm]:
    number = 0
    while True:
        number += 1
        vm = _vm(random, number)
        yield KnownVm(vm=vm, protections=_protections(random, vm), coverage=READ)


def _vm(random: Random, number: int) -> Vm:
    name, group = f"vm-{number:05d}", f"rg-{number % 97:02d}"
    subscription = f"00000000-0000-4000-8000-{number % 12:012d}"
    vm_id = (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.Compute/virtualMachines/{name}"
    )
    size, architecture, controller = random.choice(SIZES)
    os_type, publisher, offer, sku = random.choice(IMAGES)
    zones = (random.choice("123"),) if random.random() < 0.6 else ()
    return Vm(
        id=vm_id,
        name=name,
        resource_group=group,
        subscription_id=subscription,
        region=random.choice(REGIONS),
        size=size,
        disks=tuple(_disks(random, vm_id, zones)),
        zones=zones,
        os_type=os_type,
        image=Image(publisher=publisher, offer=offer, sku=sku, version="latest"),
        power_state=random.choice(("running", "running", "deallocated")),
        priority="Spot" if random.random() < 0.03 else "Regular",
        security_type=random.choice(SECURITY),
        disk_controller=controller,
        architecture=architecture,
        generation="V2",
        tags=random.choice(TAGS),
    )


def _disks(random: Random, vm_id: str, zones: tuple[str, ...]) -> Iterator[Disk]:
    """An OS disk and up to fifteen data disks, few more often than many."""
    yield _disk(random, vm_id, None, zones)
    for lun in range(min(15, int(random.expovariate(0.4)))):
        yield _disk(random, vm_id, lun, zones)


def _disk(random: Random, vm_id: str, lun: int | None, zones: tuple[str, ...]) -> Disk:
    is_os = lun is None
    name = f"{vm_id.rsplit('/', 1)[1]}-{'os' if is_os else f'data-{lun}'}"
    size = random.choice((30, 64, 127, 128, 256)) if is_os else _data_size(random)
    return Disk(
        name=name,
        is_os=is_os,
        reading=Reading.READ,
        id=f"{vm_id.split('/providers/')[0]}/providers/Microsoft.Compute/disks/{name}",
        lun=lun,
        sku=random.choice(OS_SKUS if is_os else DATA_SKUS),
        size_gib=size,
        caching=random.choice(("None", "ReadOnly", "ReadWrite")),
        max_shares=2 if not is_os and random.random() < 0.02 else 1,
        encryption_type="EncryptionAtRestWithPlatformKey",
        zones=zones,
    )


def _data_size(random: Random) -> int:
    return random.choice(COMMON_SIZES_GIB) if random.random() < 0.6 else random.randint(4, 16_384)


def _protections(random: Random, vm: Vm) -> tuple[Protection, ...]:
    """A third of the VMs are backed up, some of them overdue."""
    if random.random() > 0.33:
        return ()
    overdue = random.random() < 0.1
    vault = Vault(
        id=f"/subscriptions/{vm.subscription_id}/resourceGroups/rg-backup/providers"
        f"/Microsoft.RecoveryServices/vaults/vault-{vm.region}",
        name=f"vault-{vm.region}",
        region=vm.region,
        redundancy=random.choice(("lrs", "grs", "grs-crr")),
    )
    policy = BackupPolicy(
        name="daily",
        enhanced=random.random() < 0.5,
        every=timedelta(days=1),
        instant_restore_days=2,
        retention=Retention(daily=random.choice((7, 30, 60))),
        archive=False,
    )
    return (
        Protection(
            kind=ProtectionKind.BACKUP,
            state=ProtectionState.OVERDUE if overdue else ProtectionState.ACTIVE,
            last_point=NOW - timedelta(days=9 if overdue else 0, hours=7),
            vault=vault,
            policy=policy,
        ),
    )
