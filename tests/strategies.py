"""VMs made for the tests of the advice: one plain machine, and any machine at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.model import (
    Advice,
    Consistency,
    Coverage,
    Disk,
    DiskWrites,
    Event,
    Image,
    KnownVm,
    Need,
    Reading,
    Reason,
    Retention,
    Vm,
)
from advisor.needs import Tiers
from advisor.options.case import Case, case_of
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SUBSCRIPTION = "3f0c5a52-91d4-4e6b-8a3e-6b1d2c7f9e10"
UBUNTU = Image(publisher="Canonical", offer="0001-com-ubuntu-server-jammy", sku="22_04-lts-gen2")
WINDOWS = Image(publisher="MicrosoftWindowsServer", offer="WindowsServer", sku="2022-datacenter-g2")
ALL_READ = Coverage(
    disks=Reading.READ,
    backup_items=Reading.READ,
    replicated_items=Reading.READ,
    snapshots=Reading.READ,
    restore_points=Reading.READ,
    disk_backups=Reading.READ,
    all_vaults=True,
)


@lru_cache(maxsize=1)
def book() -> Book:
    """The shipped book, read once."""
    return shipped_book()


def pricer(currency: str = "USD") -> Pricer:
    return Pricer(book(), currency, NOW.date())


# --- one plain machine -----------------------------------------------------------------------


def arm_id(kind: str, name: str, group: str = "rg-a") -> str:
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
        f"/providers/Microsoft.Compute/{kind}/{name}"
    )


def a_disk(name: str = "os", *, is_os: bool | None = None, **changes: Any) -> Disk:
    """A Premium SSD of 128 GiB that was read; the OS disk when it is called so."""
    facts: dict[str, Any] = {
        "name": name,
        "is_os": name == "os" if is_os is None else is_os,
        "id": arm_id("disks", name),
        "reading": Reading.READ,
        "sku": "Premium_LRS",
        "size_gib": 128,
    }
    return Disk(**{**facts, **changes})


def a_vm(*disks: Disk, name: str = "web-01", group: str = "rg-a", **changes: Any) -> Vm:
    """A running Linux VM of zone 1 in West Europe, with the disks given or one OS disk."""
    facts: dict[str, Any] = {
        "id": arm_id("virtualMachines", name, group),
        "name": name,
        "resource_group": group,
        "subscription_id": SUBSCRIPTION,
        "region": "westeurope",
        "size": "Standard_D4s_v5",
        "disks": disks or (a_disk(),),
        "zones": ("1",),
        "os_type": "Linux",
        "image": UBUNTU,
        "power_state": "running",
        "disk_controller": "SCSI",
        "priority": "Regular",
    }
    return Vm(**{**facts, **changes})


def known(vm: Vm, **changes: Any) -> KnownVm:
    """A VM around which everything was read and nothing found."""
    return KnownVm(**{"vm": vm, "coverage": ALL_READ, **changes})


def stated(
    used: str | None = None,
    churn: str | None = None,
    changed: str | None = None,
    written: str | None = None,
    peak: str | None = None,
) -> StatedSizes:
    """Sizes as somebody states them: GB, share a day, GB a day, MB/s."""
    return StatedSizes(
        used_gib=None if used is None else Decimal(used),
        churn_share_per_day=None if churn is None else Decimal(churn),
        changed_gib_per_day=None if changed is None else Decimal(changed),
        written_gib_per_day=None if written is None else Decimal(written),
        peak_write_mb_per_s=None if peak is None else Decimal(peak),
    )


def a_case(
    vm: Vm | None = None,
    sizes: StatedSizes | None = None,
    need: Need | None = None,
    to: str | None = None,
    writes: DiskWrites | None = None,
    leave_out: frozenset[str] = frozenset(),
) -> Case:
    """A VM to protect; nothing is needed unless said."""
    machine = vm or a_vm()
    sizing = size(KnownVm(vm=machine, writes=writes), sizes or StatedSizes())
    return case_of(machine, sizing, replace(need or Need(), leave_out=leave_out), to)


def asked(**said: Any) -> AdviceAsked:
    return AdviceAsked(**{"vm": "web-01", **said})


def advise(vm: Vm | KnownVm, tiers: Tiers | None = None, **said: Any) -> Advice:
    """Advice as the command gives it, by the shipped book and tiers."""
    found = vm if isinstance(vm, KnownVm) else known(vm)
    return advise_known(found, asked(**said), tiers or Tiers(), book(), NOW)


def the(rule: str, reasons: tuple[Reason, ...]) -> Reason:
    """The one reason of that rule."""
    [found] = [reason for reason in reasons if reason.rule == rule]
    return found


# --- any machine -----------------------------------------------------------------------------

REGIONS = ("westeurope", "northeurope", "eastus", "uksouth", "swedencentral", "polandcentral",
           "belgiumcentral", "southindia", "brazilsouth", "westindia", "atlantis")  # fmt: skip
VM_SIZES = ("Standard_D4s_v5", "Standard_B1s", "Standard_D4s_v6", "Standard_D4as_v6",
            "Standard_D4ps_v5", "Standard_D4_v4", "made-up", None)  # fmt: skip
SKUS = ("Premium_LRS", "Premium_ZRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Standard_LRS",
        "PremiumV2_LRS", "UltraSSD_LRS", None)  # fmt: skip
TAGS: tuple[Mapping[str, str], ...] = (
    {}, {"Environment": "PROD"}, {"env": "dev"}, {"criticality": "Mission-Critical"},
    {"vmbackup-churn": "3%"}, {"vmbackup-churn": "8GB"}, {"vmbackup-written": "40GB"},
    {"vmbackup-tier": "development"},
)  # fmt: skip
SIZES_GIB = st.one_of(
    st.none(), st.sampled_from((30, 64, 128, 129, 4095, 4096)), st.integers(1, 65536)
)


@st.composite
def disks(draw: st.DrawFn, number: int) -> Disk:
    """The OS disk for number 0, else a data disk of that number."""
    reading = draw(st.sampled_from((Reading.READ, Reading.READ, Reading.READ, *Reading)))
    name = f"data-{number:02}" if number else "os"
    seldom = st.sampled_from((False,) * 9 + (True,))
    return Disk(
        name=name,
        is_os=not number,
        reading=reading,
        id=arm_id("disks", name) if draw(st.booleans()) else None,
        lun=number - 1 if number else None,
        sku=draw(st.sampled_from(SKUS)),
        size_gib=draw(SIZES_GIB),
        caching=draw(st.sampled_from((None, "None", "ReadOnly", "ReadWrite"))),
        write_accelerator=draw(seldom),
        ephemeral=not number and draw(seldom),
        unmanaged=draw(seldom),
        max_shares=draw(st.sampled_from((None, 1, 1, 2))),
        iops=draw(st.sampled_from((None, 500, 20000))),
        throughput_mb_per_s=draw(st.sampled_from((None, 60, 900))),
        security_type=draw(st.sampled_from((None, None, "TrustedLaunch"))),
    )


@st.composite
def vms(draw: st.DrawFn, most_disks: int = 40) -> Vm:
    """Any VM: regions with and without prices, any size, one to many disks of any kind."""
    few = draw(st.sampled_from((1, 2, 3, 5, most_disks)))
    count = draw(st.integers(1, few))
    return a_vm(
        *(draw(disks(number)) for number in range(count)),
        region=draw(st.sampled_from(REGIONS)),
        size=draw(st.sampled_from(VM_SIZES)),
        zones=draw(st.sampled_from(((), ("1",), ("3",)))),
        os_type=draw(st.sampled_from(("Linux", "Windows", None))),
        image=draw(st.sampled_from((UBUNTU, WINDOWS, None, Image(offer="coreos")))),
        power_state=draw(st.sampled_from(("running", "deallocated", None))),
        priority=draw(st.sampled_from(("Regular", "Regular", "Regular", "Spot"))),
        security_type=draw(st.sampled_from((None, None, "TrustedLaunch", "ConfidentialVM"))),
        disk_controller=draw(st.sampled_from(("SCSI", "SCSI", "NVMe", None))),
        tags=draw(st.sampled_from(TAGS)),
    )


RETENTIONS = st.builds(
    Retention,
    daily=st.integers(0, 40),
    weekly=st.integers(0, 20),
    monthly=st.integers(0, 30),
    yearly=st.integers(0, 4),
    more_weekly=st.just(0),  # nobody asks for these; a policy that was found may have them
    more_monthly=st.just(0),
    more_yearly=st.just(0),
).filter(any)
SHARES = st.decimals(Decimal(0), Decimal(1), places=4)


def churns() -> st.SearchStrategy[dict[str, Decimal | None]]:
    """What changes a day, as --churn takes it: not said, a share, an amount."""
    amounts = st.decimals(Decimal(0), Decimal(3000), places=1)
    return st.one_of(
        st.just(dict[str, Decimal | None]()),
        SHARES.map(lambda share: {"churn_share_per_day": share}),
        amounts.map(lambda gib: {"changed_gib_per_day": gib}),
    )


@st.composite
def known_vms(draw: st.DrawFn, most_disks: int = 40) -> KnownVm:
    """Any VM, measured or not."""
    machine = draw(vms(most_disks))
    written = draw(st.one_of(st.none(), st.decimals(Decimal(0), Decimal(5000), places=2)))
    writes = None
    if written is not None:
        peak = draw(st.decimals(Decimal(0), Decimal(150), places=1))
        by_disk = {disk.key: peak / 2 for disk in machine.disks[:2]}
        writes = DiskWrites(
            days=7,
            written_gib_per_day=written,
            peak_mb_per_s=peak,
            peak_mb_per_s_by_disk=by_disk,
        )
    return known(machine, writes=writes)


@st.composite
def askings(draw: st.DrawFn) -> AdviceAsked:
    """Any flags that do not contradict the disks."""
    hours = st.sampled_from((None, 1, 4, 24, 36, 168))

    def some(hour: int | None) -> timedelta | None:
        return None if hour is None else timedelta(hours=hour)

    return asked(
        survive=tuple(sorted(draw(st.sets(st.sampled_from(list(Event)))))),
        rpo=some(draw(hours)),
        rto=some(draw(hours)),
        region_rpo=some(draw(hours)),
        region_rto=some(draw(hours)),
        keep=draw(st.one_of(st.none(), RETENTIONS)),
        isolated=draw(st.sampled_from((None, True, False))),
        consistency=draw(st.sampled_from((None, *Consistency))),
        **draw(churns()),
        peak_write_mb_per_s=draw(st.sampled_from((None, Decimal(5), Decimal(80)))),
        to=draw(st.sampled_from((None, None, "norwayeast", "zone:2", "eastus"))),
    )


def with_disks(vm: Vm, order: list[Disk]) -> Vm:
    """The same VM with its disks in another order."""
    return replace(vm, disks=tuple(order))
