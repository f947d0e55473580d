"""The words for a copy of points in another region."""

from __future__ import annotations

from advisor.words import counted
from bot.messages.blocks import cut
from bot.messages.request_words import (
    NAME_LIMIT,
    disks_in_line,
    disks_of,
    no_effect,
    subject_of,
    vm_name,
)
from bot.requests.model import RequestPlan, Wish
from bot.requests.request import ActionWords, Request


def phrase(wish: Wish) -> str:
    """`a copy of r-0123456789ab to northeurope`."""
    return f"a copy of {subject_of(wish)} to {wish.to_region}"


def title(request: Request) -> str:
    """`Copy of web-01 to northeurope`."""
    target = request.plan.target_region if request.plan else request.wish.to_region
    return f"Copy of {vm_name(request)} to {cut(target, NAME_LIMIT)}"


def wanted(plan: RequestPlan) -> str:
    """`copies of 2 disks (os 64 GB, data-1 256 GB) in northeurope`."""
    disks = counted(len(plan.disks), "disk")
    return f"copies of {disks} ({disks_in_line(plan)}) in {cut(plan.target_region, NAME_LIMIT)}"


def happens(plan: RequestPlan) -> str:
    """`2 disks (160 GB) are copied to northeurope.`"""
    return f"{disks_of(plan)} are copied to {plan.target_region}."


def happened(plan: RequestPlan) -> str:
    """`2 disks (160 GB) were copied to northeurope.`"""
    return f"{disks_of(plan)} were copied to {plan.target_region}."


WORDS = ActionWords(
    phrase=phrase,
    title=title,
    wanted=wanted,
    effect=no_effect,
    happens=happens,
    happened=happened,
    done="It is copied",
    of_point="copied",
    shows_consistency=False,
    shows_cost=True,
    is_restorable=True,
    keeps_points=True,
)
