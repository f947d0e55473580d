"""Separate snapshots or one restore point: whether each is allowed, and its consistency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from advisor.model import (
    Consistency,
    Disk,
    KnownVm,
    Need,
    ProtectionKind,
    Reading,
    Reason,
    Sizing,
    Verdict,
    Vm,
)
from advisor.options.case import Case, case_of, is_shared, judge, verdict_of
from advisor.options.snapshots.rules import (
    CRASH_POINT_RULES,
    NOTICES,
    POINT_RULES,
    SHORTEST_APPLICATION_INTERVAL,
    SHORTEST_CRASH_INTERVAL,
    VM_RULES,
)
from advisor.quantities import format_duration
from advisor.words import listed, sentences
from bot.requests.moments import moment_words
from bot.requests.refusals import PlanRefused

RUNNING = "running"
#: A hint that is shown while the plan can still be changed.
ASK_TOGETHER = " For all disks at one moment ask with --consistent."
#: Nothing writes to the disks of such a VM (virtual-machines/states-billing).
AT_REST = ("deallocated", "stopped")
_COMMON_MOMENT_NOTICE = "common-moment"  #: the notice that `why` replaces


class PointConsistency(NamedTuple):
    """The consistency of the points, the reason, and notes for the approvers."""

    consistency: Consistency
    why: str
    notes: tuple[str, ...]


def separate(known: KnownVm, disks: Sequence[Disk], sizing: Sizing) -> PointConsistency:
    """One snapshot for each disk. Raises PlanRefused where the VM or a disk allows none."""
    case = _case(known.vm, disks, sizing)
    reasons = judge(VM_RULES, case)
    _refuse_unless_yes(reasons, f"The VM “{known.vm.name}” takes no snapshots")
    notes = (*_notes(judge(NOTICES, case)), *_shared(disks))
    if len(disks) == 1:
        return PointConsistency(
            Consistency.CRASH,
            f"The snapshot is crash-consistent: {disks[0].name} as after pulling the plug.",
            notes,
        )
    if known.vm.power_state in AT_REST:
        return PointConsistency(
            Consistency.CRASH,
            f"The VM is {known.vm.power_state}, so nothing writes between the {len(disks)} "
            "snapshots, and all disks are as at one moment.",
            notes,
        )
    return PointConsistency(
        Consistency.NONE,
        f"Each disk is crash-consistent, but the {len(disks)} disks are captured moments apart."
        f"{ASK_TOGETHER}",
        notes,
    )


def together(
    known: KnownVm, disks: Sequence[Disk], sizing: Sizing, now: datetime | None
) -> PointConsistency:
    """One restore point of all disks. Raises PlanRefused where the VM allows none, or not yet.

    Without `now` the age of the VM's last restore point is not checked.
    """
    vm, case = known.vm, _case(known.vm, disks, sizing)
    common = judge(VM_RULES, case)
    application = (*common, *judge(POINT_RULES, case))
    crash = (*common, *judge(CRASH_POINT_RULES, case))
    no_agent = _why_no_agent(vm)
    reasons = crash if no_agent else application
    _refuse_unless_yes(reasons, _no_restore_point(vm, no_agent))
    level = Consistency.CRASH if no_agent else _flushed(vm)
    if now is not None:
        _refuse_too_soon(known, level, now)
    notes = (*_notes(reasons), *_shared(disks), *_unread_points(known))
    return PointConsistency(level, _why_together(level, no_agent), notes)


# --- restore points --------------------------------------------------------------------------


def _flushed(vm: Vm) -> Consistency:
    """The level with an agent: on Linux, applications are flushed only by scripts of the owner."""
    return Consistency.APPLICATION if vm.os_type == "Windows" else Consistency.FILE_SYSTEM


def _why_no_agent(vm: Vm) -> str:
    """Why the agent cannot flush the VM's data; empty where it can (concepts-restore-points,
    2022-07-05: application consistency needs the VM agent)."""
    if vm.power_state != RUNNING:
        return f"the VM is {vm.power_state or 'in a state that is not known'}"
    return "" if vm.os_name else "the VM agent does not report"


def _no_restore_point(vm: Vm, no_agent: str) -> str:
    if no_agent:
        return f"The VM “{vm.name}” takes no restore point without its agent ({no_agent})"
    return f"The VM “{vm.name}” takes no restore point"


def _why_together(level: Consistency, no_agent: str) -> str:
    if level is Consistency.APPLICATION:
        return "All disks at one moment, application-consistent: flushed first (VSS)."
    if level is Consistency.FILE_SYSTEM:
        return (
            "All disks at one moment, file-system-consistent: file systems are flushed first, "
            "applications only where the VM has scripts for it."
        )
    return f"All disks at one moment, crash-consistent only, because {no_agent}."


def _refuse_too_soon(known: KnownVm, level: Consistency, now: datetime) -> None:
    """Azure wants a pause between restore points of a VM (concepts-restore-points, 2022-07-05)."""
    crash = level is Consistency.CRASH
    shortest = SHORTEST_CRASH_INTERVAL if crash else SHORTEST_APPLICATION_INTERVAL
    for found in known.protections:
        if found.kind is ProtectionKind.RESTORE_POINTS and found.last_point is not None:
            _refuse_before(found.last_point + shortest, shortest, known.vm.name, now)


def _refuse_before(next_at: datetime, shortest: timedelta, name: str, now: datetime) -> None:
    if now < next_at:
        raise PlanRefused(
            f"The VM “{name}” has a restore point that is younger than "
            f"{format_duration(shortest)}, and Azure makes no other before "
            f"{moment_words(next_at)}. Ask again then, or for separate "
            "snapshots without --consistent."
        )


def _unread_points(known: KnownVm) -> tuple[str, ...]:
    if known.coverage.restore_points is Reading.READ:
        return ()
    return ("When the VM's last restore point was made could not be read: Azure may say too soon.",)


# --- rules -----------------------------------------------------------------------------------


def _case(vm: Vm, disks: Iterable[Disk], sizing: Sizing) -> Case:
    """The case with the chosen disks only: the properties of other disks do not matter."""
    chosen = tuple(disks)
    keys = {disk.key for disk in chosen}
    sizes = tuple(size for size in sizing.disks if size.disk.key in keys)
    return case_of(replace(vm, disks=chosen), replace(sizing, disks=sizes), Need())


def _refuse_unless_yes(reasons: Sequence[Reason], what: str) -> None:
    """Raises PlanRefused where a rule answers no, or could not be checked."""
    verdict = verdict_of(reasons)
    if verdict is Verdict.YES:
        return
    texts = [each.text for each in reasons if each.blocking and each.verdict is verdict]
    raise PlanRefused(f"{what}. {sentences(texts)}")


def _notes(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The texts of the reasons that do not decide and that an approver should know."""
    return tuple(
        each.text
        for each in reasons
        if not each.blocking
        and each.verdict is not Verdict.YES
        and not each.not_supplied
        and each.rule != _COMMON_MOMENT_NOTICE
    )


def _shared(disks: Iterable[Disk]) -> tuple[str, ...]:
    names = [disk.name for disk in disks if is_shared(disk)]
    if not names:
        return ()
    verb = "is" if len(names) == 1 else "are"
    what = "The disk" if len(names) == 1 else "The disks"
    return (f"{what} {listed(names)} {verb} shared: what other VMs write is in the snapshot, too.",)
