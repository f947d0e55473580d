"""How a step stands, stored with the point that it made or deleted: the ledger follows Azure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from advisor.prices.pricing import CENT_OF_A_CENT
from bot.requests.model import Approval, Kind, Money, Point, RequestPlan, Step, StepState
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.requests.tags import EXPIRES_TAG, expiry_of, iso
from bot.workflow.lease import Lease, LeaseLost
from bot.workflow.ports import Ports

#: The verbs that make a point, and the kind of the point in the ledger.
MAKES = {
    "take-snapshot": Kind.SNAPSHOT,
    "copy-snapshot": Kind.SNAPSHOT,
    "take-restore-point": Kind.RESTORE_POINT,
    "make-disk": Kind.DISK,
}
#: Long enough for the next look to see what was sent, and short against any retention.
RECENT_EXPIRY = timedelta(minutes=5)
#: The first words of why a step is given up whose request Azure may still work on.
TOO_LATE = "Azure did not get to it in time."
#: How often a request is sent to which no answer comes. The look before each finds nothing done,
#: so that no sending does it twice; with the longest back-off this takes ten minutes, as long as
#: a busy resource is asked for again, and a line that lost so many replies loses the next one.
LOST_AT_MOST = 40
NOT_ANSWERED = (
    f"It was sent to Azure {LOST_AT_MOST} times, no answer ever came, and Azure does not show it "
    "done."
)
DELETES = frozenset({"delete-snapshot", "delete-restore-point", "delete-disk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRequest:
    """A request under a lease, with the approvals that it runs by."""

    ports: Ports
    request: Request
    lease: Lease
    approvals: tuple[Approval, ...]

    async def dated(self, step: Step) -> Step:
        """The step as it is sent now: a step that had to wait has its whole retention, too."""
        if step.verb not in MAKES:
            return step
        return with_expiry(step, plan_of(self.request), await self.ports.store.now())

    async def note(self, step: Step) -> None:
        """Store how a step stands, and in the ledger what it made or deleted.

        Raises LeaseLost, and then nothing is stored.
        """
        is_there = step.state is StepState.THERE
        now = await self.ports.store.now() if is_there and step.verb in MAKES else None
        point = point_of(step, self.request, self.approvals, now) if now else None
        gone = (step.target_id,) if is_there and step.verb in DELETES else ()
        await self._write(step, point, gone)

    async def note_undoing(self, step: Step) -> None:
        """Store how far the undoing of a step came; the ledger stays. Raises LeaseLost."""
        await self._write(step, None, ())

    async def note_undone(self, step: Step, undo: Step) -> None:
        """Store that a step was undone. Raises LeaseLost."""
        await self._write(step, None, (step.target_id,) if undo.verb in DELETES else ())

    async def _write(self, step: Step, point: Point | None, gone: Sequence[str]) -> None:
        store, token = self.ports.store, self.lease.token
        if not await store.note_step(self.request.id, token, step, point, gone):
            raise LeaseLost(self.request.id)


def with_expiry(step: Step, plan: RequestPlan, now: datetime) -> Step:
    """The step with its retention counted from now, where its expiry was set long ago.

    An expiry that was set lately stays: Azure may have done the step and its reply was lost.
    """
    expiry, tagged = expiry_of(plan, now), _tagged_expiry(step)
    if expiry is None or tagged is None or expiry - tagged < RECENT_EXPIRY:
        return step
    send = step.body["send"]
    tags = {**send["tags"], EXPIRES_TAG: iso(expiry)}
    return replace(step, body={**step.body, "send": {**send, "tags": tags}})


def _tagged_expiry(step: Step) -> datetime | None:
    """The expiry in the tags of what the step makes; None for a restore point, which has none."""
    tagged = (step.body["send"].get("tags") or {}).get(EXPIRES_TAG)
    return datetime.fromisoformat(tagged) if tagged else None


def plan_of(request: Request) -> RequestPlan:
    """The plan of a request that runs."""
    if request.plan is None:
        raise ValueError(f"{request.id} runs without a plan.")
    return request.plan


def point_of(
    step: Step, request: Request, approvals: Sequence[Approval], now: datetime
) -> Point | None:
    """The ledger's row of what a step made; None where it made no point."""
    kind, plan = MAKES.get(step.verb), plan_of(request)
    if kind is None:
        return None
    disks = [disk for disk in plan.disks if disk.target_id.lower() == step.target_id.lower()]
    if not disks:
        raise ValueError(f"{step.target_id} is not in the plan of {request.id}.")
    one = disks[0]
    is_whole = kind is Kind.RESTORE_POINT
    return Point(
        arm_id=step.target_id,
        kind=kind,
        request_id=request.id,
        vm_id=plan.vm_id,
        vm_name=plan.vm_name,
        disk_id=plan.vm_id if is_whole else one.id,
        disk_name=plan.vm_name if is_whole else one.name,
        size_gib=sum(disk.size_gib for disk in disks),
        region=plan.target_region or plan.region,
        unique_id=step.unique_id,
        time_created=step.time_created,
        made_at=now,
        expires_at=_tagged_expiry(step) or expiry_of(plan, now),
        plan_hash=plan_hash(plan),
        requester_id=request.requester.user_id,
        approver_ids=tuple(approval.user_id for approval in approvals),
        cost_a_month=_share_of_cost(plan, sum(disk.size_gib for disk in disks)),
        currency=plan.cost.currency,
    )


def _share_of_cost(plan: RequestPlan, size_gib: int) -> Money | None:
    """The plan's monthly cost by provisioned size: the used size of each disk is not known."""
    whole = sum(disk.size_gib for disk in plan.disks)
    if plan.cost.a_month is None or not whole:
        return None
    share = Decimal(size_gib) / whole
    return Money(*((amount * share).quantize(CENT_OF_A_CENT) for amount in plan.cost.a_month))
