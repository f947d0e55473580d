"""The case that every option judges, and how rules are written and judged.

A rule is a row of a table: its name, its article, and a function of the case that answers yes,
no or unknown with a sentence. A no decides the option; so does an unknown of a resource that
should have been read and could not be. An unknown of something nobody supplied does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from advisor.model import (
    Disk,
    DiskSize,
    Need,
    Range,
    Reading,
    Reason,
    Sizing,
    Source,
    Verdict,
    Vm,
)
from advisor.regions import region
from advisor.retention import Growth, growth_of
from advisor.sizing import part_of, shares_per_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One VM to protect: what is known, how large it is, what is needed, where to."""

    vm: Vm
    sizing: Sizing
    need: Need
    to: str | None = None  #: asked for: a region's ARM name, or zone:N
    growth: Growth
    #: By place, without those that hold nothing to keep: ephemeral ones, and those left out.
    stored_disks: tuple[DiskSize, ...]
    leave_out: frozenset[str] = frozenset()  #: `Disk.key` of disks that need no protection
    paired_region: str  #: ARM's name, empty where there is none
    has_zones: bool  #: whether the VM's region is known to have availability zones
    #: What was worked out of it, by what makes it (`once`); a changed case has its own.
    made: dict[Any, Any] = field(init=False, default_factory=dict, compare=False, repr=False)


Made = TypeVar("Made")


def once(case: Case, make: Callable[[Case], Made]) -> Made:
    """What `make` works out of the case, the first time only: options are asked several times."""
    made: Made | None = case.made.get(make)
    if made is None:
        made = case.made[make] = make(case)
    return made


def case_of(vm: Vm, sizing: Sizing, need: Need, to: str | None = None) -> Case:
    """The case of one VM. Disks that the need leaves out count in no size and are in no bill.

    The VM keeps them, so that a rule can still see what is attached to it.
    """
    home, leave_out = region(vm.region), need.leave_out
    if leave_out and any(size.disk.key in leave_out for size in sizing.disks):
        held = tuple(size for size in sizing.disks if size.disk.key not in leave_out)
        sizing = part_of(sizing, held)
    return Case(
        vm=vm,
        sizing=sizing,
        leave_out=leave_out,
        need=need,
        to=to,
        growth=growth_of(shares_per_day(sizing)),
        stored_disks=tuple(
            sorted([size for size in sizing.disks if not size.disk.ephemeral], key=_place)
        ),
        paired_region=home.pair,
        has_zones=home.zones is Verdict.YES,
    )


def _place(size: DiskSize) -> tuple[bool, int, str]:
    """The OS disk, then the data disks by their LUN: bills read alike however disks are listed."""
    disk = size.disk
    return not disk.is_os, -1 if disk.lun is None else disk.lun, disk.key


# --- rules -----------------------------------------------------------------------------------


class RuleAnswer(NamedTuple):
    """What one rule answers. `failed`: unknown because a supplied resource could not be read, or
    because the articles leave it open: whatever is supplied would not decide it.
    """

    verdict: Verdict
    text: str
    failed: bool = False
    condition: str = ""  #: of a yes that rests on one: the clause after "if"


#: How many answers of rules are remembered: nearly every VM gets the same few hundred.
MOST_ANSWERS = 4096


@lru_cache(maxsize=MOST_ANSWERS)
def yes(text: str, condition: str = "") -> RuleAnswer:
    return RuleAnswer(Verdict.YES, text, condition=condition)


@lru_cache(maxsize=MOST_ANSWERS)
def no(text: str) -> RuleAnswer:
    return RuleAnswer(Verdict.NO, text)


@lru_cache(maxsize=MOST_ANSWERS)
def unknown(text: str, *, failed: bool = False) -> RuleAnswer:
    return RuleAnswer(Verdict.UNKNOWN, text, failed)


class SupportRule(NamedTuple):
    """One row of a support matrix. A rule that is not `blocking` only informs."""

    name: str
    source: str  #: article, date
    check: Callable[[Case], RuleAnswer]
    blocking: bool = True


def judge(rules: Iterable[SupportRule], case: Case) -> tuple[Reason, ...]:
    """Ask every rule."""
    return tuple([reason(rule, rule.check(case)) for rule in rules])


@lru_cache(maxsize=MOST_ANSWERS)
def reason(rule: SupportRule, answer: RuleAnswer) -> Reason:
    """An answer with its rule and the article it comes from."""
    return Reason(
        rule.name,
        answer.verdict,
        answer.text,
        rule.source,
        rule.blocking,
        answer.verdict is Verdict.UNKNOWN and not answer.failed,
        answer.condition,
    )


def verdict_of(reasons: Iterable[Reason], before: Verdict = Verdict.YES) -> Verdict:
    """A no of a blocking rule decides; then an unknown of what was supplied; else yes.

    `before`: the verdict of further reasons, which are asked no second time.
    """
    answer = before
    if answer is _NO:
        return _NO
    for _, verdict, _, _, blocking, not_supplied, _ in reasons:
        if verdict is _YES or not blocking:
            continue
        if verdict is _NO:
            return _NO
        if not not_supplied:
            answer = Verdict.UNKNOWN
    return answer


#: Asked thousands of times: an enum looks its members up slowly.
_YES, _NO, _READ = Verdict.YES, Verdict.NO, Reading.READ


# --- rules about disks -----------------------------------------------------------------------

Offends = Callable[[Disk], bool | None]
"""Whether a disk offends: yes, no, or None where that is not known."""


def no_disk(name: str, source: str, offends: Offends, bad: str, good: str) -> SupportRule:
    """A rule that no disk may offend. `bad` holds `{disks}`, the names of those that do."""

    all_good = yes(good)

    def check(case: Case) -> RuleAnswer:
        for disk in case.vm.disks:
            if offends(disk) is not False:
                return _offended(case.vm.disks, offends, bad)
        return all_good

    return SupportRule(name, source, check)


def _offended(disks: tuple[Disk, ...], offends: Offends, bad: str) -> RuleAnswer:
    offending = [disk.name for disk in disks if offends(disk)]
    if offending:
        return no(bad.format(disks=names(offending)))
    return _unclear([disk for disk in disks if offends(disk) is None])


def _unclear(disks: list[Disk]) -> RuleAnswer:
    failed = any(disk.reading is Reading.FAILED for disk in disks)
    why = "could not be read" if failed else "were not supplied"
    return unknown(f"The details of {names(disk.name for disk in disks)} {why}.", failed=failed)


def names(items: Iterable[str]) -> str:
    """Up to three names in order and how many more."""
    every = sorted(items)
    shown = ", ".join(every[:3])
    return f"{shown} and {len(every) - 3} more" if len(every) > 3 else shown


def is_sku(disk: Disk, *starts: str) -> bool | None:
    """Whether the disk is of one of these families; None where its SKU is not known."""
    return None if disk.sku is None else disk.sku.startswith(starts)


def of_read(disk: Disk, value: bool | None) -> bool | None:
    """A property that is only known from the disk resource: absent from one read means no."""
    if value is not None:
        return value
    return False if disk.reading is _READ else None


def any_of(*answers: bool | None) -> bool | None:
    """Yes where one answer is yes; otherwise None where one is not known."""
    if True in answers:
        return True
    return None if None in answers else False


def is_shared(disk: Disk) -> bool | None:
    return disk.max_shares > 1 if disk.max_shares is not None else of_read(disk, None)


def is_ultra(disk: Disk) -> bool | None:
    return is_sku(disk, "UltraSSD")


def is_premium_v2(disk: Disk) -> bool | None:
    return is_sku(disk, "PremiumV2")


def is_direct_drive(disk: Disk) -> bool | None:
    """Ultra or Premium SSD v2: the disks whose snapshots are copied in the background."""
    return is_sku(disk, "UltraSSD", "PremiumV2")


def has_direct_drive(case: Case) -> bool:
    """Whether any disk is known to be Ultra or Premium SSD v2."""
    return any(is_direct_drive(disk) for disk in case.vm.disks)


# --- quantities ------------------------------------------------------------------------------

#: Quantities and amounts are rounded here once, so that a total is the sum of its lines.
QUANTUM = Decimal("0.0001")


def rounded(value: Range) -> Range:
    """To four places, low <= likely <= high kept."""
    return Range(
        value.low.quantize(QUANTUM), value.likely.quantize(QUANTUM), value.high.quantize(QUANTUM)
    )


_WEAKNESS = {source: weakness for weakness, source in enumerate(Source)}  # best first there


def weakest(*sources: Source) -> Source:
    """The weakest of several sources: a product is as good as its worst factor."""
    return max(sources, key=_WEAKNESS.__getitem__)
