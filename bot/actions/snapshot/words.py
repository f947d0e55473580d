"""The words for snapshots and restore points."""

from __future__ import annotations

from bot.messages.request_words import disks_of, subject_of, vm_name
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


def happens(plan: RequestPlan) -> str:
    """`One incremental snapshot is taken of 1 disk (128 GB).`"""
    return _sentence(plan, "are", "is")


def happened(plan: RequestPlan) -> str:
    """`One incremental snapshot was taken of 1 disk (128 GB).`"""
    return _sentence(plan, "were", "was")


def _sentence(plan: RequestPlan, are: str, is_: str) -> str:
    return f"{_taken(plan, are, is_)} of {disks_of(plan)}."


def _taken(plan: RequestPlan, are: str, is_: str) -> str:
    if plan.kind is Kind.RESTORE_POINT:
        return f"One restore point {is_} taken, all disks at one moment,"
    full = "incremental" if plan.incremental else "full"
    if len(plan.disks) == 1:
        return f"One {full} snapshot {is_} taken"
    return f"{len(plan.disks)} {full} snapshots {are} taken, each at a moment of its own,"


WORDS = ActionWords(
    phrase=phrase,
    title=title,
    happens=happens,
    happened=happened,
    done="It is taken",
    of_point="taken",
    done_meaning="",
    shows_consistency=True,
    shows_cost=True,
    is_restorable=True,
    keeps_points=True,
)
