"""What is remembered of a fleet from one digest to the next.

A VM that could not be read this time is remembered as it was: a reading that failed is no change.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from advisor.model import Course, KnownVm, Protection, ProtectionState, Reading, StateNow
from advisor.model.fleet import FleetRow
from advisor.words import clean, counted

#: Growth of an RPO that is told: a schedule is changed by hours, while what Site Recovery
#: calculates swings by minutes (site-recovery-monitor-and-troubleshoot, 2024-06). Ours.
RPO_GREW_HOURS = Decimal(1)
#: The last run of these failed, or never came.
_FAILING = frozenset({ProtectionState.ERROR, ProtectionState.OVERDUE, ProtectionState.FAILED_OVER})
_NOT_DECIDED = frozenset({Course.CANNOT_SAY})


class SeenVm(NamedTuple):
    """One VM as it was last known. Texts are strangers'; hours are keyed by the event's name."""

    vm_id: str
    name: str
    group: str
    region: str
    state: str  #: StateNow's value; empty: never known
    words: str  #: what the state is said of now; not remembered, for it has ages and prices
    courses: tuple[str, ...]  #: empty: what to do was never known
    todo: str
    tier: str
    shape: str  #: `2 disks, 320 GB, Standard_D4s_v5`
    #: Of each event asked for that is covered: the hours that may be lost today.
    lost_hours: Mapping[str, Decimal]
    asked: tuple[str, ...]
    failing: tuple[str, ...]  #: protections whose last run failed, by kind and id
    protections: tuple[str, ...]  #: everything found, by kind, id, policy and what it leaves out
    unique_id: str = ""  #: Azure's own, which stays where the VM is moved; empty: not said
    is_lost: bool = False  #: it was told that it, or its subscription, cannot be read any more

    @property
    def key(self) -> str:
        """What the VM is matched on."""
        return self.vm_id.lower()


def seen_vm(known: KnownVm, row: FleetRow) -> SeenVm:
    """A VM as it is known now. Where part of it was not read, `remembered` says what counts."""
    vm = known.vm
    sizes = [disk.size_gib for disk in vm.disks]
    whole = None if None in sizes else sum(size for size in sizes if size is not None)
    shape = [counted(len(sizes), "disk"), "" if whole is None else f"{whole:,} GB", vm.size or ""]
    undecided = _NOT_DECIDED & set(row.courses)
    return SeenVm(
        vm_id=vm.id,
        name=clean(vm.name),
        group=clean(vm.resource_group),
        region=clean(vm.region),
        state=row.state.value,
        words=clean(row.state_words),
        courses=() if undecided else tuple(course.value for course in row.courses),
        todo="" if undecided else clean(row.todo),
        tier=clean(row.tier),
        shape=clean(", ".join(filter(None, shape))),
        lost_hours={
            event.value: hours
            for event, hours in row.lost_hours_today.items()
            if event in row.asked
        },
        asked=tuple(event.value for event in row.asked),
        failing=tuple(sorted(_named(each) for each in known.protections if each.state in _FAILING)),
        protections=tuple(sorted(_told(each) for each in known.protections)),
        unique_id=clean(vm.vm_id or "").lower(),
    )


def is_read(known: KnownVm, row: FleetRow) -> bool:
    """Whether all that protects the VM was looked at: with a part unread, its state may be wrong.

    What nobody supplies to any fleet, such as what Azure Monitor measured, is no part of it.
    """
    coverage = known.coverage
    parts = (
        *(coverage.disks, coverage.backup_items, coverage.replicated_items),
        *(coverage.snapshots, coverage.restore_points, coverage.disk_backups),
    )
    unread = any(each.unread for each in known.protections)
    return Reading.FAILED not in parts and not unread and row.state is not StateNow.UNKNOWN


def never_known(seen: SeenVm) -> SeenVm:
    """A VM that exists, and of which nothing else is known."""
    return seen._replace(
        state="",
        words="",
        courses=(),
        todo="",
        lost_hours={},
        asked=(),
        failing=(),
        protections=(),
    )


def remembered(before: SeenVm | None, now: SeenVm, *, was_read: bool) -> SeenVm:
    """What counts from now on.

    A decision that cannot be said leaves the one before it. An RPO that grew by less than is told
    stays what it was, so that small steps add up.
    """
    if not was_read:
        return before._replace(is_lost=False) if before else never_known(now)
    now = now._replace(words="")
    if before is None:
        return now
    if not now.courses:
        now = now._replace(courses=before.courses, todo=before.todo)
    kept = {
        event: min(before.lost_hours[event], hours)
        for event, hours in now.lost_hours.items()
        if event in before.lost_hours and hours - before.lost_hours[event] < RPO_GREW_HOURS
    }
    return now._replace(lost_hours={**now.lost_hours, **kept})


def _named(found: Protection) -> str:
    return clean(f"{found.kind} {found.id or ''}".lower())


def _told(found: Protection) -> str:
    """Without its state, its last point and its count: those go on by themselves."""
    policy = found.policy.name if found.policy else ""
    parts = (_named(found), policy, found.target or "", *sorted(found.left_out))
    return clean(" ".join(parts).lower())
