"""The words for a longer retention."""

from __future__ import annotations

from bot.messages.request_words import disks_of, no_effect, points_in_line, subject_of, vm_name
from bot.requests.model import RequestPlan, Wish
from bot.requests.request import ActionWords, Request


def phrase(wish: Wish) -> str:
    """`a longer retention of r-0123456789ab`."""
    return f"a longer retention of {subject_of(wish)}"


def title(request: Request) -> str:
    """`Extend retention of web-01`."""
    return f"Extend retention of {vm_name(request)}"


def wanted(plan: RequestPlan) -> str:
    """`a longer retention of 2 snapshots (os 64 GB, data-1 256 GB)`."""
    return f"a longer retention of {points_in_line(plan)}"


def happens(plan: RequestPlan) -> str:
    """`What was made of 2 disks (160 GB) is kept longer.`"""
    return f"What was made of {disks_of(plan)} is kept longer."


def happened(plan: RequestPlan) -> str:
    """`What was made of 2 disks (160 GB) is kept longer.`"""
    return happens(plan)


WORDS = ActionWords(
    phrase=phrase,
    title=title,
    wanted=wanted,
    effect=no_effect,
    happens=happens,
    happened=happened,
    done="It is kept longer",
    of_point="kept longer",
    shows_consistency=False,
    shows_cost=True,
    is_restorable=False,
    keeps_points=True,
)
