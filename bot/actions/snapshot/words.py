"""The words for snapshots and restore points."""

from __future__ import annotations

from advisor.words import counted
from bot.messages.request_words import disks_in_line, disks_of, no_effect, subject_of, vm_name
from bot.requests.model import Kind, RequestPlan, Wish
from bot.requests.request import ActionWords, Request


def phrase(wish: Wish) -> str:
    """`a snapshot of web-01`."""
    what = "a restore point" if wish.consistent else "a snapshot"
    return f"{what} of {subject_of(wish)}"


def title(request: Request) -> str:
    """`Snapshot of web-01`."""
    plan = request.plan
    is_whole = plan.kind is Kind.RESTORE_POINT if plan else request.wish.consistent
    return f"{'Restore point' if is_whole else 'Snapshot'} of {vm_name(request)}"


def wanted(plan: RequestPlan) -> str:
    """`2 incremental snapshots (os 64 GB, data-1 256 GB)`."""
    if plan.kind is Kind.RESTORE_POINT:
        return f"a restore point of {disks_in_line(plan)}, all at one moment"
    full = "incremental" if plan.incremental else "full"
    return f"{counted(len(plan.disks), f'{full} snapshot')} ({disks_in_line(plan)})"


def happens(plan: RequestPlan) -> str:
    """`One incremental snapshot is taken of 1 disk (128 GB).`"""
    return _sentence(plan, "are", "is")


def happened(plan: RequestPlan) -> str:
    """`One incremental snapshot was taken of 1 disk (128 GB).`"""
    return _sentence(plan, "were", "was")


def _sentence(plan: RequestPlan, are: str, is_: str) -> str:
    return f"{_taken(plan, are, is_)} of {disks_of(plan)}{_when(plan)}."


def _when(plan: RequestPlan) -> str:
    return ", all at one moment" if plan.kind is Kind.RESTORE_POINT else ""


def _taken(plan: RequestPlan, are: str, is_: str) -> str:
    if plan.kind is Kind.RESTORE_POINT:
        return f"One restore point {is_} taken"
    full = "incremental" if plan.incremental else "full"
    if len(plan.disks) == 1:
        return f"One {full} snapshot {is_} taken"
    return f"{len(plan.disks)} {full} snapshots {are} taken"


WORDS = ActionWords(
    phrase=phrase,
    title=title,
    wanted=wanted,
    effect=no_effect,
    happens=happens,
    happened=happened,
    done="It is taken",
    of_point="taken",
    shows_consistency=True,
    shows_cost=True,
    is_restorable=True,
    keeps_points=True,
)
