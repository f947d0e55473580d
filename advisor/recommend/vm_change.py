"""Where nothing meets the need: the one change to the VM after which something does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from advisor.model import Disk, DiskSize, Need, Sizing, Verdict, Vm
from advisor.options import OPTIONS
from advisor.options.case import case_of
from advisor.prices.pricing import Pricer
from advisor.recommend.assess import Judge
from advisor.recommend.candidates import IF_STATED
from advisor.recommend.missing_prices import PriceBounds
from advisor.recommend.plans import fresh_plans
from advisor.words import counted

#: With fewer disks than this no limit on their number is what stands in the way.
FEW_DISKS = 8

Change = Callable[[Disk], Disk]


def vm_change(vm: Vm, sizing: Sizing, need: Need, to: str | None, pricer: Pricer) -> str:
    """The change as a phrase: "with 2 disks fewer"; empty where none of those tried is enough."""
    for words, disks in _changes(vm):
        if _something_meets(vm, sizing, need, to, pricer, disks):
            return words
    return _fewer(vm, sizing, need, to, pricer)


def _changes(vm: Vm) -> Iterator[tuple[str, tuple[Disk, ...]]]:
    if any(disk.unmanaged for disk in vm.disks):
        yield "with managed disks first", _each(vm, lambda disk: replace(disk, unmanaged=False))
    if any(disk.is_os and disk.write_accelerator for disk in vm.disks):
        yield (
            "with write accelerator off on the OS disk",
            _each(vm, lambda disk: replace(disk, write_accelerator=False) if disk.is_os else disk),
        )
    if any(disk.is_os and disk.ephemeral for disk in vm.disks):
        yield "without an ephemeral OS disk", _each(vm, lambda disk: replace(disk, ephemeral=False))
    if any((disk.max_shares or 1) > 1 for disk in vm.disks):
        yield "without shared disks", _each(vm, lambda disk: replace(disk, max_shares=1))


def _each(vm: Vm, change: Change) -> tuple[Disk, ...]:
    return tuple(change(disk) for disk in vm.disks)


def _fewer(vm: Vm, sizing: Sizing, need: Need, to: str | None, pricer: Pricer) -> str:
    """The fewest disks less, of the commonest kind: it is their number that is too high."""
    if len(vm.disks) <= FEW_DISKS:
        return ""
    common = Counter(disk.sku for disk in vm.disks if not disk.is_os).most_common(1)[0][0]
    of_kind = [disk for disk in vm.disks if disk.sku == common and not disk.is_os]
    low, high = 0, len(of_kind)

    def enough(less: int) -> bool:
        gone = {disk.key for disk in of_kind[len(of_kind) - less :]}
        disks = tuple(disk for disk in vm.disks if disk.key not in gone)
        return _something_meets(vm, sizing, need, to, pricer, disks)

    if len(vm.disks) - high >= FEW_DISKS or not enough(high - FEW_DISKS):
        return ""
    high -= FEW_DISKS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return f"with {counted(high, 'disk')} fewer"


def _something_meets(
    vm: Vm, sizing: Sizing, need: Need, to: str | None, pricer: Pricer, disks: tuple[Disk, ...]
) -> bool:
    changed = replace(vm, disks=disks)
    kept = {disk.key: disk for disk in disks}
    sizes: list[DiskSize] = [
        size._replace(disk=kept[size.disk.key]) for size in sizing.disks if size.disk.key in kept
    ]
    case = case_of(changed, replace(sizing, disks=tuple(sizes)), need, to)
    judge = Judge(need, disks)
    assessed = [
        judge.assess(proposal, *pricer.bill(proposal.usages))
        for option in OPTIONS
        for proposal in option.propose(case, option.configurations(case))
        if proposal.verdict is Verdict.YES
    ]
    fresh = fresh_plans(assessed, judge, PriceBounds(pricer.known_anywhere), lambda _: ())
    return any(each.worst >= IF_STATED for each in fresh.meeting)
