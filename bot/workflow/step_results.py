"""Where a step stands, written down with what it made or deleted: the ledger follows Azure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from advisor.prices.pricing import CENT_OF_A_CENT
from bot.requests.model import Approval, Kind, Money, Point, Request, RequestPlan, Step, StepState
from bot.requests.plan_hash import plan_hash
from bot.requests.tags import EXPIRES_TAG, expiry_of, iso
from bot.workflow.lease import Lease, LeaseLost
from bot.workflow.ports import Ports

#: What a verb leaves behind that the ledger keeps.
MAKES = {
    "take-snapshot": Kind.SNAPSHOT,
    "copy-snapshot": Kind.SNAPSHOT,
    "take-restore-point": Kind.RESTORE_POINT,
    "make-disk": Kind.DISK,
}
#: Long enough for what was sent to be seen by the next look, and short in any life.
COUNTED_LATELY = timedelta(minutes=5)
DELETES = frozenset({"delete-snapshot", "delete-restore-point", "delete-disk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRequest:
    """A request under a lease, with the approvals that it runs by."""

    ports: Ports
    request: Request
    lease: Lease
    approvals: tuple[Approval, ...]

    async def dated(self, step: Step) -> Step:
        """The step as it is sent now: what had to wait lives as long as was said, too."""
        if step.verb not in MAKES:
            return step
        return dated(step, planned(self.request), await self.ports.store.now())

    async def note(self, step: Step) -> None:
        """Write down how a step stands, and in the ledger what it made or deleted.

        Raises LeaseLost, and then nothing is written.
        """
        is_there = step.state is StepState.THERE
        now = await self.ports.store.now() if is_there and step.verb in MAKES else None
        point = point_of(step, self.request, self.approvals, now) if now else None
        gone = (step.target_id,) if is_there and step.verb in DELETES else ()
        await self._write(step, point, gone)

    async def undone(self, step: Step, undo: Step) -> None:
        """Write down that a step was taken back. Raises LeaseLost."""
        await self._write(step, None, (step.target_id,) if undo.verb in DELETES else ())

    async def _write(self, step: Step, point: Point | None, gone: Sequence[str]) -> None:
        store, token = self.ports.store, self.lease.token
        if not await store.note_step(self.request.id, token, step, point, gone):
            raise LeaseLost(self.request.id)


def dated(step: Step, plan: RequestPlan, now: datetime) -> Step:
    """The step with its life counted from now, where it was counted from long ago.

    A reply that was lost belongs to what was sent before: what was counted lately stays.
    """
    until, noted = expiry_of(plan, now), _tagged(step)
    if until is None or noted is None or until - noted < COUNTED_LATELY:
        return step
    send = step.body["send"]
    tags = {**send["tags"], EXPIRES_TAG: iso(until)}
    return replace(step, body={**step.body, "send": {**send, "tags": tags}})


def _tagged(step: Step) -> datetime | None:
    """The end that is written on what the step makes; a restore point has no tags."""
    said = (step.body["send"].get("tags") or {}).get(EXPIRES_TAG)
    return datetime.fromisoformat(said) if said else None


def planned(request: Request) -> RequestPlan:
    """The plan of a request that runs."""
    if request.plan is None:
        raise ValueError(f"{request.id} runs without a plan.")
    return request.plan


def point_of(
    step: Step, request: Request, approvals: Sequence[Approval], now: datetime
) -> Point | None:
    """The ledger's row of what a step made; None where it made nothing that is kept."""
    kind, plan = MAKES.get(step.verb), planned(request)
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
        expires_at=_tagged(step) or expiry_of(plan, now),
        plan_hash=plan_hash(plan),
        requester_id=request.requester.user_id,
        approver_ids=tuple(approval.user_id for approval in approvals),
        cost_a_month=_share_of_cost(plan, sum(disk.size_gib for disk in disks)),
        currency=plan.cost.currency,
    )


def _share_of_cost(plan: RequestPlan, size_gib: int) -> Money | None:
    """The plan's monthly cost by provisioned size: what is used of each disk is not known."""
    whole = sum(disk.size_gib for disk in plan.disks)
    if plan.cost.a_month is None or not whole:
        return None
    share = Decimal(size_gib) / whole
    return Money(*((amount * share).quantize(CENT_OF_A_CENT) for amount in plan.cost.a_month))
