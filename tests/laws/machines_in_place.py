"""Any VM with anything in place: every kind, state, age and policy, gaps, and prices missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from advisor.asked import AdviceAsked
from advisor.model import (
    BackupPolicy,
    Consistency,
    Coverage,
    Event,
    KnownVm,
    Protection,
    ProtectionKind,
    ProtectionState,
    Reading,
    Retention,
    Vault,
    Vm,
)
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_quotes
from tests.strategies import (
    NOW,
    SUBSCRIPTION,
    UBUNTU,
    WINDOWS,
    a_disk,
    a_vm,
    asked,
    askings,
    known,
    known_vms,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Mostly it runs; the rest protects from nothing any more, or not yet. Only a replica fails over.
STATES = (
    *(ProtectionState.ACTIVE,) * 7,
    *(each for each in ProtectionState if each is not ProtectionState.FAILED_OVER),
)
KEEPS = (
    Retention(daily=7),
    Retention(daily=30),
    Retention(daily=30, weekly=12),
    Retention(daily=30, weekly=12, monthly=60, yearly=10),
)
PLAIN_TAGS = (
    {},
    {"environment": "prod"},
    {"environment": "dev"},
    {"criticality": "mission-critical"},
    {"vmbackup-tier": "production"},
    {"vmbackup-tier": "development"},
)


# --- what was found ----------------------------------------------------------------------------


@st.composite
def backups(draw: st.DrawFn, vm: Vm) -> Protection:
    """An item of Azure Backup, with a vault and a policy of any kind that Azure has."""
    enhanced = draw(st.booleans())
    weekly = not draw(st.sampled_from((True, True, True, False)))
    every = 7 * DAY if weekly else DAY
    if enhanced and not weekly:
        every = draw(st.sampled_from((DAY, 12 * HOUR, 4 * HOUR)))
    keep = Retention(weekly=12) if weekly else draw(st.sampled_from(KEEPS))
    state = draw(st.sampled_from(STATES))
    unread = state is ProtectionState.UNKNOWN or not draw(st.integers(0, 15))
    policy = BackupPolicy(
        name="policy",
        enhanced=None if unread else enhanced,
        every=every,
        crash_only=enhanced and draw(SELDOM),
        instant_restore_days=draw(st.sampled_from((None, 7, 30) if enhanced else (None, 2, 5))),
        retention=None if unread else keep,
        archive=False,
    )
    first = state is not ProtectionState.PENDING or draw(st.booleans())
    vault = Vault(
        id=f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/v/v1",
        name="v1",
        region=vm.region,
        redundancy=draw(st.sampled_from(("lrs", "lrs", "zrs", "grs", "grs-crr"))),
        immutability=draw(st.sampled_from((None, None, "unlocked", "locked"))),
        items=draw(st.sampled_from((None, 1, 40))),
        has_first_backup=first,
    )
    out = draw(left_out(vm, os_too=False))
    return Protection(
        kind=ProtectionKind.BACKUP,
        state=state,
        vault=vault,
        policy=policy,
        left_out=out,
        selective=bool(out),
        **draw(times(state)),
    )


@st.composite
def replications(draw: st.DrawFn, vm: Vm) -> Protection:
    state = draw(st.sampled_from((*STATES, ProtectionState.FAILED_OVER)))
    target = draw(st.sampled_from(("northeurope", "norwayeast", "zone:2")))
    return Protection(
        kind=ProtectionKind.SITE_RECOVERY,
        state=state,
        vault=Vault(id="/vaults/asr", name="asr", region=target),
        target=target,
        rpo=draw(st.sampled_from((4, 4, 4, 30, 180))) * timedelta(minutes=1),
        recovery_points=DAY,
        left_out=draw(left_out(vm, os_too=False)),
        drill_left=draw(SELDOM),
        **draw(times(state)),
    )


@st.composite
def disk_backups(draw: st.DrawFn, vm: Vm) -> Protection:
    state = draw(st.sampled_from(STATES))
    return Protection(
        kind=ProtectionKind.DISK_BACKUP,
        state=state,
        every=draw(st.sampled_from((4, 12, 24))) * HOUR,
        kept=draw(st.sampled_from((None, 7 * DAY, 30 * DAY))),
        count=7,
        regions=(vm.region,),
        left_out=draw(left_out(vm)),
        **draw(times(state)),
    )


@st.composite
def series(draw: st.DrawFn, vm: Vm) -> Protection:
    """Snapshots or restore points, loose or at regular times."""
    kind = draw(st.sampled_from((ProtectionKind.SNAPSHOTS, ProtectionKind.RESTORE_POINTS)))
    observed = draw(st.booleans())
    return Protection(
        kind=kind,
        state=ProtectionState.ACTIVE,
        last_point=NOW - draw(st.integers(1, 20)) * HOUR,
        count=draw(st.sampled_from((1, 3, 7, 30))),
        regions=(vm.region,),
        every=DAY if observed else None,
        observed=observed,
        kept=draw(st.sampled_from((None, 7 * DAY))) if observed else None,
        consistency=draw(st.sampled_from((None, Consistency.CRASH, Consistency.APPLICATION))),
        left_out=draw(left_out(vm)),
    )


SELDOM = st.sampled_from((False,) * 9 + (True,))


@st.composite
def left_out(draw: st.DrawFn, vm: Vm, *, os_too: bool = True) -> frozenset[str]:
    """Mostly nothing; else some of the disks, never all."""
    if draw(st.integers(0, 4)) or len(vm.disks) < 2:
        return frozenset()
    able = [disk.key for disk in vm.disks if os_too or not disk.is_os]
    return frozenset(able[: draw(st.integers(1, max(1, len(able) - 1)))])


@st.composite
def times(draw: st.DrawFn, state: ProtectionState) -> dict[str, Any]:
    """When it was set up, and its newest point."""
    age = {ProtectionState.ACTIVE: 7 * HOUR, ProtectionState.OVERDUE: 9 * DAY}.get(state, 5 * DAY)
    pending = state is ProtectionState.PENDING
    since = draw(st.sampled_from((None, 3 * HOUR, 9 * DAY))) if pending else 90 * DAY
    return {
        "last_point": None if pending else NOW - age,
        "since": None if since is None else NOW - since,
    }


@st.composite
def protections(draw: st.DrawFn, vm: Vm) -> tuple[Protection, ...]:
    """None, one, or several of different kinds."""
    kinds = draw(
        st.sampled_from(
            ((), (backups,), (backups,), (backups,), (replications,), (backups, replications),
             (disk_backups,), (series,), (backups, series), (backups, disk_backups))
        )
    )  # fmt: skip
    return tuple(draw(each(vm)) for each in kinds)


# --- the VM around it --------------------------------------------------------------------------


@st.composite
def plain_vms(draw: st.DrawFn) -> Vm:
    """What shops have most: a few Premium disks, one of them sometimes shared or Ultra."""
    count = draw(st.sampled_from((0, 0, 1, 2)))
    disks = [a_disk(size_gib=draw(st.sampled_from((64, 128, 1024))))]
    for lun in range(count):
        shares = draw(st.sampled_from((None,) * 8 + (2,)))
        sku = draw(st.sampled_from(("Premium_LRS",) * 6 + ("UltraSSD_LRS", "StandardSSD_LRS")))
        size = draw(st.sampled_from((64, 512, 4096)))
        name = f"data{lun}"
        disks.append(a_disk(name, is_os=False, lun=lun, size_gib=size, max_shares=shares, sku=sku))
    windows = draw(st.booleans())
    return a_vm(
        *disks,
        region=draw(st.sampled_from(("westeurope",) * 4 + ("swedencentral", "qatarcentral"))),
        os_type="Windows" if windows else "Linux",
        image=draw(st.sampled_from((WINDOWS if windows else UBUNTU,) * 4 + (None,))),
        power_state=draw(st.sampled_from(("running",) * 5 + ("deallocated",))),
        security_type=draw(st.sampled_from((None, None, "TrustedLaunch"))),
        tags=draw(st.sampled_from(PLAIN_TAGS)),
    )


@st.composite
def machines(draw: st.DrawFn) -> KnownVm:
    """A VM with what protects it."""
    found = known(draw(plain_vms())) if draw(st.integers(0, 3)) else draw(known_vms(most_disks=5))
    read = draw(st.sampled_from((True,) * 9 + (False,)))
    if not read:
        return replace(found, coverage=Coverage(disks=Reading.READ))
    return replace(found, protections=draw(protections(found.vm)))


@st.composite
def plain_askings(draw: st.DrawFn) -> AdviceAsked:
    """Mostly what the tags say, or one or two figures stated."""
    if not draw(st.integers(0, 3)):
        return draw(askings())
    said: dict[str, Any] = {}
    if not draw(st.integers(0, 2)):
        said["survive"] = draw(
            st.sampled_from(((Event.DELETION,), (Event.DELETION, Event.REGION), (Event.ZONE,)))
        )
    if not draw(st.integers(0, 3)):
        said["rpo"] = draw(st.sampled_from((4, 12, 24))) * HOUR
    if not draw(st.integers(0, 3)):
        said["rto"] = draw(st.sampled_from((1, 2, 4, 24))) * HOUR
    if not draw(st.integers(0, 3)):
        said["keep"] = draw(st.sampled_from(KEEPS))
    if not draw(st.integers(0, 3)):
        said["isolated"] = draw(st.booleans())
    if not draw(st.integers(0, 3)):
        said["consistency"] = draw(st.sampled_from(list(Consistency)))
    return asked(**said)


# --- books that lack something -----------------------------------------------------------------

#: What each book lacks: words of the meter's name; the first lacks nothing.
LACKING = ("", "Protected Instance", "RA-GRS Data Stored", "LRS Data Stored", "Snapshots",
           "VM Replicated", "Inter-Region")  # fmt: skip


@lru_cache(maxsize=len(LACKING))
def pricer_without(words: str) -> Pricer:
    """The shipped book without the prices of West Europe whose meter has these words."""
    quotes = shipped_quotes()
    if words:
        quotes = [
            quote
            for quote in quotes
            if quote.key.region != "westeurope" or words not in quote.key.meter
        ]
    return Pricer(Book(quotes), "USD", NOW.date())


pricers = st.sampled_from(("",) * 6 + LACKING[1:]).map(pricer_without)
