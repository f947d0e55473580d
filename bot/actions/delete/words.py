"""The words for a deletion."""

from __future__ import annotations

from bot.messages.request_words import disks_of, points_in_line, subject_of, vm_name
from bot.requests.model import RequestPlan, Wish
from bot.requests.request import ActionWords, Request


def phrase(wish: Wish) -> str:
    """`a deletion of r-0123456789ab`."""
    return f"a deletion of {subject_of(wish)}"


def title(request: Request) -> str:
    """`Deletion for web-01`."""
    return f"Deletion for {vm_name(request)}"


def wanted(plan: RequestPlan) -> str:
    """`the deletion of 2 snapshots (os 64 GB, data-1 256 GB)`."""
    return f"the deletion of {points_in_line(plan)}"


def effect(_plan: RequestPlan) -> str:
    """What no approval can be given for lightly."""
    return "It cannot be undone: nobody can bring back what this does away with."


def happens(plan: RequestPlan) -> str:
    """`What was made of 2 disks (160 GB) is deleted.`"""
    return f"What was made of {disks_of(plan)} is deleted."


def happened(plan: RequestPlan) -> str:
    """`What was made of 2 disks (160 GB) was deleted.`"""
    return f"What was made of {disks_of(plan)} was deleted."


WORDS = ActionWords(
    phrase=phrase,
    title=title,
    wanted=wanted,
    effect=effect,
    happens=happens,
    happened=happened,
    done="It is deleted",
    of_point="deleted",
    shows_consistency=False,
    shows_cost=False,
    is_restorable=False,
    keeps_points=False,
)
