"""The phrases about a request, shared by its card, its thread and the listings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from advisor.model import Consistency
from advisor.words import counted, duration, listed
from bot.messages.blocks import cut
from bot.messages.money_words import amount_words, exact_words
from bot.requests.model import (
    Cost,
    InAzure,
    Money,
    PlannedDisk,
    Point,
    Requester,
    RequestPlan,
    Step,
    StepState,
    Wish,
)
from bot.requests.moments import moment_words
from bot.requests.plans.consistency import ASK_TOGETHER
from bot.requests.request import Request
from bot.requests.states import State

NAME_LIMIT = 80
REASON_LIMIT = 500
LINE_LIMIT = 300
IN_LINE, DISK_LIMIT = 4, 40  #: disks that a card names, and how much of each name
COMMAND = "/vmbackup"

STATUS: dict[State, str] = {
    State.PLANNING: "the plan is being made",
    State.WAITING: "waiting for approval",
    State.APPROVED: "approved, not begun",
    State.RUNNING: "running",
    State.HALF_DONE: "half done",
    State.DONE: "done",
    State.CLEANED_UP: "cleaned up",
    State.FAILED: "failed",
    State.REFUSED: "refused",
    State.DENIED: "denied",
    State.CANCELLED: "cancelled",
    State.LAPSED: "expired",
}
CONSISTENCY_WORDS = {
    Consistency.NONE: "no common moment",
    Consistency.CRASH: "crash-consistent",
    Consistency.FILE_SYSTEM: "file-system-consistent",
    Consistency.APPLICATION: "application-consistent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What the rules say about one request, for people: who decides it, and why."""

    rule_name: str = ""
    why_rule: str = ""  #: "it holds for the resource group rg-shop"
    approver_groups: tuple[str, ...] = ()  #: Slack's ids
    approver_users: tuple[str, ...] = ()
    approvals_needed: int = 1
    still_needed: str = ""  #: where several groups each have to approve: those still to approve
    budget: str = ""  #: a sentence: the amount left in the team's budget


def with_full_stop(text: str) -> str:
    """The text with a full stop at its end, otherwise unchanged: names keep their first letter."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


# --- the request -----------------------------------------------------------------------------


def vm_name(request: Request) -> str:
    """The VM's name: as Azure spells it, or as typed before it was read; of a full id the name."""
    typed = request.wish.vm
    named = short_name(typed) if typed.startswith("/") else typed
    named = request.plan.vm_name if request.plan else named
    return cut(named or request.wish.of_request or "a VM", NAME_LIMIT)


def title(request: Request) -> str:
    """`Snapshot of web-01`: the title in the words of the action."""
    return request.row.words.title(request)


def subject_of(wish: Wish) -> str:
    """The subject of a wish before anything is read: a VM, a request, or points by name."""
    return wish.vm.rpartition("/")[2] or wish.of_request or ", ".join(wish.points)


def requester_name(requester: Requester) -> str:
    """The requester's name for text without blocks, where a mention would be markup."""
    if not requester.user_id:
        return "vmbackup"
    return cut(requester.user_name or requester.user_id, NAME_LIMIT)


def old_disk(plan: RequestPlan) -> str:
    """The sentence about the old OS disk after a swap; empty without a swap."""
    if not plan.os_disk_id:
        return ""
    return (
        f"The old OS disk {cut(short_name(plan.os_disk_id), NAME_LIMIT)} lies detached and still "
        "costs. Delete it in Azure when nobody wants it any more."
    )


def disks_of(plan: RequestPlan) -> str:
    """`3 disks (1,152 GB)`."""
    return f"{counted(len(plan.disks), 'disk')} ({sizes(plan.disks)})"


def disks_in_line(plan: RequestPlan) -> str:
    """`os 64 GB, data-1 256 GB`; of more than four the first three, and how many more."""
    disks = plan.disks if len(plan.disks) <= IN_LINE else plan.disks[: IN_LINE - 1]
    said = [f"{_short_disk(disk, plan)} {disk.size_gib:,} GB" for disk in disks]
    left = plan.disks[len(disks) :]
    if left:
        said.append(f"and {len(left):,} more of {sizes(left)}")
    return ", ".join(said)


def _short_disk(disk: PlannedDisk, plan: RequestPlan) -> str:
    """`os`, `data-1`: a disk's name without that of its VM in front."""
    if disk.is_os:
        return "os"
    short = disk.name[len(plan.vm_name) :] if disk.name.startswith(plan.vm_name) else disk.name
    return cut(short.lstrip("-_. ") or disk.name, DISK_LIMIT)


def points_in_line(plan: RequestPlan) -> str:
    """`2 snapshots (os 64 GB, data-1 256 GB)`, `1 restore point (...)`."""
    number = len({disk.target_id.lower() for disk in plan.disks})
    return f"{counted(number, str(plan.kind))} ({disks_in_line(plan)})"


def no_effect(_plan: RequestPlan) -> str:
    """For an action that changes nothing of what is there."""
    return ""


def sizes(disks: Iterable[PlannedDisk]) -> str:
    """`1,152 GB`: the sum of the provisioned sizes."""
    return f"{sum(disk.size_gib for disk in disks):,} GB"


def place(plan: RequestPlan, *, with_subscription: bool = True) -> str:
    """The place of the VM, and of the resources that will be made."""
    there = f"{plan.region}, resource group {plan.resource_group}"
    to = f" to {plan.target_region}" if plan.target_region.lower() != plan.region.lower() else ""
    return f"{there}{to}" + (f" (subscription {plan.subscription_id})" * with_subscription)


def consistency(plan: RequestPlan, *, is_settled: bool = False) -> str:
    """One plain sentence; without the hint at `--consistent` once the plan is settled."""
    why = plan.why_consistency.removesuffix(ASK_TOGETHER if is_settled else "").strip()
    return why or f"{CONSISTENCY_WORDS[plan.consistency]}.".capitalize()


def retention(plan: RequestPlan) -> str:
    """The retention of what is made, in words."""
    if plan.expires_at is not None:
        return f"until {moment_words(plan.expires_at)}, then deleted"
    if plan.keep is None:
        return "until somebody deletes it; vmbackup does not"
    return f"{kept_for(plan.keep)} from the moment it is made, then deleted"


def kept_for(keep: timedelta) -> str:
    """`2 days`; a retention is written in days from one day on, other durations from three on."""
    day = timedelta(days=1)
    return counted(keep // day, "day") if keep >= day and not keep % day else duration(keep)


def disk_role(disk: PlannedDisk) -> str:
    """`OS disk`, `data disk, LUN 0`."""
    if disk.is_os:
        return "OS disk"
    return "data disk" if disk.lun is None else f"data disk, LUN {disk.lun}"


# --- money -----------------------------------------------------------------------------------


def cost(of: Cost, *, never_expires: bool = False, sent_to: str = "") -> str:
    """`1.20 USD a month (0.80 to 2.10), 0.12 USD until it expires (0.08 to 0.21)`.

    The traffic of a copy is named apart: `0.40 USD once to send it, then 1.20 USD a month; ...`.
    """
    parts = [_amount(of.a_month, of.currency, "a month")]
    if of.once is not None:
        return _with_once(of, of.once, sent_to)
    if not never_expires:
        parts.append(_amount(of.until_expiry, of.currency, "until it expires"))
    wording = ", ".join(part for part in parts if part) or "not known"
    return f"{wording} (no price for {listed(of.missing)})" if of.missing else wording


def _with_once(of: Cost, once: Money, sent_to: str) -> str:
    to = f" to {cut(sent_to, NAME_LIMIT)}" if sent_to else ""
    wording = _amount(once, of.currency, f"once to send it{to}")
    if of.a_month is not None:
        wording += f", then {_amount(of.a_month, of.currency, 'a month')}"
    if of.until_expiry is not None:
        wording += f"; together {_amount(of.until_expiry, of.currency, 'until it expires')}"
    return f"{wording} (no price for {listed(of.missing)})" if of.missing else wording


def counted_amount(of: Cost, *, never_expires: bool = False) -> str:
    """The amount that rules and budgets count: the high end, unmeasured disks at full size."""
    value = of.limit_a_month if never_expires else of.limit_until_expiry
    if value is None:
        return "not known, which counts as above every limit"
    if never_expires:  # disks, whose cost is not measured
        return f"at most {exact_words(value, of.currency)} a month"
    most = f"at most {exact_words(value, of.currency)} until it expires"
    return f"{most}, what is not measured at its full size{_before(of)}"


def _before(of: Cost) -> str:
    """What rules count besides: what an extended point cost until its present expiry."""
    if of.limit_before is None:
        return "; what it cost before is not known, which rules count as above every limit"
    if not of.limit_before:
        return ""
    return f"; rules add {exact_words(of.limit_before, of.currency)}, which it cost before"


def price(value: Money | None, currency: str) -> str:
    """`1.20 USD (0.80 to 2.10)`, or `not known`."""
    return amount_words(value, currency)


def total(values: Iterable[Money | None], currency: str) -> str:
    """The sum of several prices; `at least` where one is missing."""
    every = list(values)
    sure = [value for value in every if value is not None]
    if not sure:
        return "not known"
    added = Money(*(sum(part, Decimal(0)) for part in zip(*sure, strict=True)))
    if len(sure) == len(every):
        return price(added, currency)
    return f"at least {exact_words(added.low, currency)}"


def _amount(value: Money | None, currency: str, when: str) -> str:
    return "" if value is None else amount_words(value, currency, when)


# --- the progress ----------------------------------------------------------------------------


def progress(steps: Sequence[Step]) -> str:
    """`1 of 3 disks`; steps are counted instead where none is about a disk."""
    by_disk: dict[str, bool] = {}
    for step in steps:
        if step.disk_id:
            done = step.state is StepState.THERE
            by_disk[step.disk_id] = by_disk.get(step.disk_id, True) and done
    if by_disk:
        return f"{sum(by_disk.values())} of {counted(len(by_disk), 'disk')}"
    there = sum(step.state is StepState.THERE for step in steps)
    return f"{there} of {counted(len(steps), 'step')}"


def step_words(step: Step) -> str:
    """`snapshot of web-01_OsDisk: copying, 45 %`."""
    why = f": {step.why}" if step.why else ""
    if step.state is StepState.SENT:
        wording = "asked of Azure" if step.percent is None else f"copying, {step.percent} %"
        return f"{step.what}: {wording}{why}"
    wording = {
        StepState.TODO: "not begun",
        StepState.THERE: "there",
        StepState.REFUSED: "refused",
        StepState.UNDONE: "taken back",
    }[step.state]
    return f"{step.what}: {wording}{why}"


def point_words(point: Point) -> str:
    """`snapshot of web-01_OsDisk, 128 GB, westeurope`; first, whether it is not there any more."""
    of, gone = point.disk_name or point.vm_name, ""
    if point.in_azure is InAzure.GONE and point.looked_at:
        gone = f"no longer in Azure, as of {moment_words(point.looked_at)}: "
    return f"{gone}{point.kind} of {cut(of, NAME_LIMIT)}, {point.size_gib:,} GB, {point.region}"


def standing_in_azure(request: Request, points: Sequence[Point]) -> str:
    """`made; 1 of 2 no longer in Azure, as of 30 Nov 2026, 05:00 UTC`; empty where all is there.

    `points` are those of the request that the ledger has.
    """
    if request.state is not State.DONE:
        return ""
    said = []
    for state, words in ((InAzure.GONE, "no longer in Azure"), (InAzure.UNKNOWN, "not read")):
        found = [point for point in points if point.in_azure is state]
        times = [point.looked_at for point in found if point.looked_at]
        if times:
            when = moment_words(max(times))
            said.append(f"{len(found)} of {len(points)} {words}, as of {when}")
    return f"made; {'; '.join(said)}" if said else ""


def short_name(arm_id: str) -> str:
    """The last part of an ARM id."""
    return arm_id.rstrip("/").rpartition("/")[2] or arm_id


def how_to_restore(request_id: str) -> str:
    """The command that restores the points of the request."""
    return f"{COMMAND} restore {request_id} REASON"
