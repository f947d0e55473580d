"""What changed in a fleet between two digests, and why; only what was read both times counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from advisor.fleet.lost_scopes import LostScope, lost, lost_groups, subscription_of
from advisor.fleet.price_moves import BillMoved, VmCost
from advisor.fleet.seen import RPO_GREW_HOURS, SeenVm
from advisor.model import Course, StateNow
from advisor.words import after_colon, listed


class ChangeKind(StrEnum):
    """What is told of a VM, the most urgent first."""

    JOB_FAILED = "job-failed"  #: the last run of what protects it failed, or never came
    LESS_PROTECTED = "less-protected"  #: its state is a worse one, for another reason
    APPEARED = "appeared"  #: it is new, or known for the first time, and not fully protected
    RPO_GREW = "rpo-grew"  #: more data may be lost, or an event is covered no more
    DECISION_FLIPPED = "decision-flipped"  #: something else is advised
    GONE = "gone"  #: it was asked for, and is not there any more


class VmChange(NamedTuple):
    """What changed of one VM. `said`: sentences. `costs`: of what is advised, a month more than
    today; None: nothing, or not known."""

    vm: SeenVm
    kinds: tuple[ChangeKind, ...]
    said: tuple[str, ...]
    costs: Decimal | None = None


class Basis(NamedTuple):
    """By what a fleet was judged: another version or other tiers change decisions, too."""

    version: str
    tiers: str  #: a digest of all tiers


class FleetNow(NamedTuple):
    """A fleet as it was just read. `read`: keys of the VMs of which everything was read."""

    vms: Mapping[str, SeenVm]
    read: Collection[str]
    costs: Mapping[str, VmCost]
    subscriptions: Collection[str]  #: lower-cased; those of which VMs or disks came
    is_whole: bool  #: every VM was listed: only then one that is absent may be gone
    #: Of the others of which VMs are remembered, with the reason as a clause: those that Azure
    #: knows no more, with all that they had, and those that cannot be read.
    gone_subscriptions: Mapping[str, str] = MappingProxyType({})
    unreadable: Mapping[str, str] = MappingProxyType({})
    #: Of the VMs that are absent from what was listed, by their keys and with the reason as a
    #: clause: those that Azure knows no more, and those that may not be read.
    gone_vms: Mapping[str, str] = MappingProxyType({})
    unreadable_vms: Mapping[str, str] = MappingProxyType({})
    unlisted: Collection[str] = ()  #: keys of those that Azure shows, and does not list
    made_since: Collection[str] = ()  #: keys of those that were made since the fleet was read last


#: The better a VM is protected, the smaller.
_RANK = {
    StateNow.PROTECTED.value: 0,
    StateNow.SETTING_UP.value: 1,
    StateNow.PARTLY.value: 2,
    StateNow.BROKEN.value: 3,
    StateNow.UNPROTECTED.value: 4,
}
_WANTS_NOTHING = Course.NOTHING_TO_PROTECT.value
_ORDER = {kind: number for number, kind in enumerate(ChangeKind)}


def vm_changes(
    before: Mapping[str, SeenVm], now: FleetNow, moved: BillMoved, then: Basis, today: Basis
) -> tuple[VmChange, ...]:
    """What is told of single VMs, the most urgent first. `moved`: the prices, which may be why."""
    elsewhere = moved_from(before, now)
    found: list[VmChange] = []
    for key in now.read:
        vm, was = now.vms[key], before.get(key) or elsewhere.get(key)
        why = _Why(moved.by_old_prices.get(key), _moved_names(moved), then, today)
        if was is None or not was.state:
            change = _appeared(was, vm, is_new=key in now.made_since)
        else:
            change = _change(was, vm, why)
        if change is not None:
            found.append(change._replace(costs=_more(now.costs.get(key))))
    with_all = now.gone_subscriptions  # each of these is told as one
    found.extend(
        _is_gone(vm, now.gone_vms[vm.key])
        for vm in gone_vms(before, now)
        if subscription_of(vm) not in with_all
    )
    return tuple(sorted(found, key=_urgent_first))


def lost_scopes(before: Mapping[str, SeenVm], now: FleetNow) -> tuple[LostScope, ...]:
    """What is told of subscriptions and of resource groups. A VM that was moved out of one is not
    lost."""
    moved = {vm.key for vm in moved_from(before, now).values()}
    stayed = {key: vm for key, vm in before.items() if key not in moved}
    whole = lost(stayed, now.gone_subscriptions, now.unreadable)
    return (*whole, *lost_groups(stayed, now.unreadable_vms))


def missing_vms(before: Mapping[str, SeenVm], now: FleetNow) -> Iterator[SeenVm]:
    """Those that are absent although their subscription was read whole, and were not moved: each
    may be gone, or what may be read became less."""
    if not now.is_whole:
        return
    moved = {vm.key for vm in moved_from(before, now).values()}
    for key, vm in before.items():
        absent = key not in now.vms and key not in moved
        if absent and subscription_of(vm) in now.subscriptions:
            yield vm


def gone_vms(before: Mapping[str, SeenVm], now: FleetNow) -> Iterator[SeenVm]:
    """Those of which Azure said that they are gone, alone or with their subscriptions."""
    moved = {vm.key for vm in moved_from(before, now).values()}
    for key, vm in before.items():
        is_gone = key in now.gone_vms or subscription_of(vm) in now.gone_subscriptions
        if is_gone and key not in now.vms and key not in moved:
            yield vm


def moved_from(before: Mapping[str, SeenVm], now: FleetNow) -> dict[str, SeenVm]:
    """By the key of today: the VM as it was, where it lay elsewhere under another id.

    Its unique id says so, whether or not the place it was in can still be read.
    """
    by_unique = {
        vm.unique_id: vm for key, vm in before.items() if vm.unique_id and key not in now.vms
    }
    return {
        key: by_unique[vm.unique_id]
        for key, vm in now.vms.items()
        if key not in before and vm.unique_id in by_unique
    }


# --- one VM ----------------------------------------------------------------------------------


class _Why(NamedTuple):
    """What else may be the reason of another decision."""

    by_old_prices: VmCost | None
    moved_prices: str
    then: Basis
    today: Basis


def _change(was: SeenVm, now: SeenVm, why: _Why) -> VmChange | None:
    kinds: list[ChangeKind] = []
    said: list[str] = []
    for kind, sentence in _told(was, now, why):
        kinds.append(kind)
        said.append(sentence)
    return VmChange(now, tuple(kinds), tuple(filter(None, said))) if kinds else None


def _appeared(was: SeenVm | None, now: SeenVm, *, is_new: bool) -> VmChange | None:
    """A VM that is older than the reading before was there, and could not be read."""
    fine = _RANK.get(now.state, 0) <= _RANK[StateNow.SETTING_UP.value]
    if fine or _WANTS_NOTHING in now.courses:
        return None
    first = "It is new" if was is None and is_new else "It is read for the first time"
    said = f"{first} and {_state(now)}."
    advised = (f"Advised: {now.todo.rstrip('.')}.",) if now.todo else ()
    return VmChange(now, (ChangeKind.APPEARED,), (said, *advised))


def _told(was: SeenVm, now: SeenVm, why: _Why) -> Iterator[tuple[ChangeKind, str]]:
    """Each kind with its sentence."""
    failed = set(now.failing) - set(was.failing)
    worse = _RANK.get(now.state, 0) > _RANK.get(was.state, 0)
    if failed:
        yield ChangeKind.JOB_FAILED, f"It is {_state(now)}; it was {was.state}."
    elif worse:
        yield ChangeKind.LESS_PROTECTED, f"It is {_state(now)}; it was {was.state}."
    if grew := list(_grown(was, now, is_said=bool(failed) or worse)):
        yield ChangeKind.RPO_GREW, f"{listed(grew)}."
    if _flipped(was, now, why):
        because = "" if failed or worse else f" Why: {_reason(was, now, why)}."
        advised = f"Advised now: {now.todo.rstrip('.')}; before: {was.todo.rstrip('.')}."
        yield ChangeKind.DECISION_FLIPPED, advised + because


def _state(vm: SeenVm) -> str:
    return f"{vm.state}: {after_colon(vm.words).rstrip('.')}" if vm.words else vm.state


def _grown(was: SeenVm, now: SeenVm, *, is_said: bool) -> Iterator[str]:
    """`24 h of data may be lost by deletion, 4 before`; what the state says already is left out."""
    for event, before in was.lost_hours.items():
        if event not in now.asked:
            continue
        hours = now.lost_hours.get(event)
        if hours is not None and hours - before >= RPO_GREW_HOURS:
            yield f"{_hours(hours)} h of data may be lost ({event}), {_hours(before)} h before"
        elif hours is None and not is_said:
            yield f"{event} is not covered any more"


def _hours(value: Decimal) -> str:
    return f"{value.normalize():f}" if value != value.to_integral() else f"{int(value):,}"


def _flipped(was: SeenVm, now: SeenVm, why: _Why) -> bool:
    """Another course, or another plan; the same course in the words of another version is none."""
    if not was.courses or not now.courses:
        return False
    if was.courses != now.courses:
        return True
    return was.todo != now.todo and why.then.version == why.today.version


def _reason(was: SeenVm, now: SeenVm, why: _Why) -> str:
    """Proved first: by the prices of before it would be advised as before."""
    old = why.by_old_prices
    if old is not None and (old.courses, old.todo) == (was.courses, was.todo):
        return f"{why.moved_prices}; at the prices of before it would still be as before"
    if was.tier != now.tier:
        return f"its tier is {now.tier or 'what was asked'}, it was {was.tier or 'what was asked'}"
    if was.shape != now.shape:
        return f"it has {now.shape}, it had {was.shape}"
    if was.state != now.state:
        return f"it is {_state(now)}, it was {was.state}"
    if was.protections != now.protections:
        return "what protects it changed"
    if why.then != why.today:
        changed = "vmbackup" if why.then.version != why.today.version else "the tiers"
        return f"{changed} changed, not the VM"
    return "nothing of it that is remembered changed"


def _moved_names(moved: BillMoved) -> str:
    names = [each.move.now.meter.meter for each in moved.effects]
    return f"the price of {listed(dict.fromkeys(names))} moved" if names else "prices moved"


def _is_gone(vm: SeenVm, why: str) -> VmChange:
    was = vm.state or "never read"
    said = f"It is gone: {why}. It was {was}."
    return VmChange(vm, (ChangeKind.GONE,), (said,))


def _more(cost: VmCost | None) -> Decimal | None:
    if cost is None or cost.today is None or cost.after is None:
        return None
    return cost.after - cost.today if cost.after > cost.today else None


def _urgent_first(change: VmChange) -> tuple[object, ...]:
    first: Iterable[int] = (_ORDER[kind] for kind in change.kinds)
    return min(first), -_RANK.get(change.vm.state, 0), change.vm.name.lower(), change.vm.key
