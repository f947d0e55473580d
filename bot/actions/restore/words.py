"""How people read of points that are restored."""

from __future__ import annotations

from bot.messages.blocks import moment_words
from bot.messages.request_words import disks_of, vm_name, wished_of
from bot.requests.action import ActionWords
from bot.requests.model import Request, RequestPlan, Wish
from bot.requests.states import FINAL


def asked(wish: Wish) -> str:
    """`a restore of r-0123456789ab`."""
    return f"a restore of {wished_of(wish)}"


def title(request: Request) -> str:
    """`Restore of web-01`, `Swap of the OS disk of web-01 (stops the VM)`."""
    name = vm_name(request)
    if request.wish.swap_os_disk:
        return f"Swap of the OS disk of {name}{_stops(request)}"
    return f"Restore of {name}"


def _stops(request: Request) -> str:
    """What a swap does to a VM that runs, as long as it is still to be done."""
    over = request.state in FINAL or (request.plan is not None and not request.plan.vm_runs)
    return "" if over else " (stops the VM)"


def happens(plan: RequestPlan) -> str:
    """`New disks are made of 1 disk (128 GB) and attached beside.`, or what a swap does."""
    if not plan.swap_os_disk:
        return f"New disks are made of {disks_of(plan)} and attached beside."
    start = "The VM is stopped, started" if plan.vm_runs else "The VM stays stopped, is put"
    return (
        f"{start} on its OS disk as of {_taken_at(plan)}, and loses what was written to that disk "
        "since. Its data disks stay as they are today."
    )


def happened(plan: RequestPlan) -> str:
    """The same once it has happened."""
    if not plan.swap_os_disk:
        return f"New disks were made of {disks_of(plan)} and attached beside."
    return (
        f"The VM was put on its OS disk as of {_taken_at(plan)}; what was written to that disk "
        "since is on the old one. Its data disks stayed as they were."
    )


def _taken_at(plan: RequestPlan) -> str:
    return moment_words(plan.taken_at) if plan.taken_at else "when it was taken"


WORDS = ActionWords(
    asked=asked,
    title=title,
    happens=happens,
    happened=happened,
    done="It is restored",
    of_point="restored",
    over="",
    shows_consistency=False,
    shows_cost=True,
    is_restorable=False,
    keeps_points=False,
)
