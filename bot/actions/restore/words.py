"""The words for a restore of points."""

from __future__ import annotations

from advisor.words import counted, listed
from bot.messages.blocks import cut
from bot.messages.request_words import NAME_LIMIT, disks_in_line, disks_of, subject_of, vm_name
from bot.requests.model import RequestPlan, Wish
from bot.requests.moments import moment_words
from bot.requests.request import ActionWords, Request
from bot.requests.states import FINAL


def phrase(wish: Wish) -> str:
    """`a restore of r-0123456789ab`."""
    return f"a restore of {subject_of(wish)}"


def title(request: Request) -> str:
    """`Restore of web-01`, `Swap of the OS disk of web-01 (stops the VM)`."""
    name = vm_name(request)
    if request.wish.swap_os_disk:
        return f"Swap of the OS disk of {name}{_stops(request)}"
    return f"Restore of {name}"


def _stops(request: Request) -> str:
    """The warning about a VM that runs, as long as the swap is still to be done."""
    is_over = request.state in FINAL or (request.plan is not None and not request.plan.vm_runs)
    return "" if is_over else " (stops the VM)"


def wanted(plan: RequestPlan) -> str:
    """`1 new disk (os 64 GB) attached to web-01 at LUN 2`, or which OS disk is swapped."""
    if plan.swap_os_disk:
        name = cut(plan.vm_name, NAME_LIMIT)
        return f"the OS disk of {name} as of {_taken_at(plan)} in the place of today's"
    return f"{counted(len(plan.disks), 'new disk')} ({disks_in_line(plan)}) {_where(plan)}"


def _where(plan: RequestPlan) -> str:
    """`attached to web-01 at LUN 2 and 3`; where no VM takes them, to nothing."""
    luns = [str(disk.lun) for disk in plan.disks if disk.lun is not None]
    if not luns:
        return "attached to nothing"
    return f"attached to {cut(plan.vm_name, NAME_LIMIT)} at LUN {listed(luns)}"


def effect(plan: RequestPlan) -> str:
    """What a swap does to the VM; new disks beside the others change nothing of it."""
    return happens(plan) if plan.swap_os_disk else ""


def happens(plan: RequestPlan) -> str:
    """`New disks are made of 1 disk (128 GB), attached to web-01 at LUN 2.`, or of a swap."""
    if not plan.swap_os_disk:
        return f"New disks are made of {disks_of(plan)}, {_where(plan)}."
    start = "The VM is stopped, started" if plan.vm_runs else "The VM stays stopped, is put"
    return (
        f"{start} on its OS disk as of {_taken_at(plan)}, and loses what was written to that disk "
        "since. Its data disks stay as they are today."
    )


def happened(plan: RequestPlan) -> str:
    """The same sentence once the restore is done."""
    if not plan.swap_os_disk:
        return f"New disks were made of {disks_of(plan)}, {_where(plan)}."
    return (
        f"The VM was put on its OS disk as of {_taken_at(plan)}; what was written to that disk "
        "since is on the old one. Its data disks stayed as they were."
    )


def _taken_at(plan: RequestPlan) -> str:
    return moment_words(plan.taken_at) if plan.taken_at else "when it was taken"


WORDS = ActionWords(
    phrase=phrase,
    title=title,
    wanted=wanted,
    effect=effect,
    happens=happens,
    happened=happened,
    done="It is restored",
    of_point="restored",
    shows_consistency=False,
    shows_cost=True,
    is_restorable=False,
    keeps_points=False,
)
