"""A plan over the small world, and a runner's way through its steps: look, do, look again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from advisor.azure.connection import AzureConnection
from advisor.model import Consistency
from bot.azure.connection import AzureActs
from bot.azure.standing import LookResult, LookState, noted
from bot.azure.verbs import VERBS
from bot.composition.actions import action_rows
from bot.requests import names
from bot.requests.action import Action
from bot.requests.model import (
    Cost,
    Kind,
    PlannedDisk,
    Point,
    Requester,
    RequestPlan,
    Step,
    StepState,
    Wish,
)
from bot.requests.request import Request
from bot.requests.states import State
from bot.requests.tags import PLAN_TAG, tags_of
from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import GROUP, REGION, SUBSCRIPTION, AsyncToken, arm_id

REQUEST_ID = "r-0123456789ab"
NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=3)
FREE = Cost(
    currency="USD", a_month=None, until_expiry=None, limit_a_month=None, limit_until_expiry=None
)
_MOST_LOOKS = 100
CHANGES = ("PUT", "PATCH", "POST", "DELETE")


@asynccontextmanager
async def acting(
    azure: AzureStandIn, *, answer_seconds: float = 5.0, credential: Any = None
) -> AsyncIterator[AzureActs]:
    """The product's own door to the stand-in."""
    token = credential or AsyncToken(azure.world)
    async with (
        AzureConnection(credential=token, base_url=azure.url, allow_plain_http=True) as connection,
        AzureActs(connection, answer_seconds=answer_seconds) as acts,
    ):
        yield acts


def a_request(action: Action = Action.SNAPSHOT, request_id: str = REQUEST_ID) -> Request:
    return Request(
        id=request_id,
        row=action_rows()[action],
        state=State.RUNNING,
        revision=1,
        version=1,
        wish=Wish(action=action, vm="web-01", reason="before kernel update"),
        requester=Requester(team_id="T1", user_id="U1"),
        plan=None,
        channel_id="C1",
        asked_at=NOW,
    )


def planned_disks(azure: AzureStandIn, vm: str = "web-01") -> tuple[PlannedDisk, ...]:
    """The VM's disks as they are, each with the snapshot that would be made of it."""
    body = azure.world.get(arm_id("virtualMachines", vm))
    assert body
    storage = body["properties"]["storageProfile"]
    os_disk = [(storage["osDisk"]["managedDisk"]["id"], None)]
    data = [(disk["managedDisk"]["id"], disk["lun"]) for disk in storage["dataDisks"]]
    return tuple(_planned(azure, disk_id, lun) for disk_id, lun in os_disk + data)


def _planned(azure: AzureStandIn, disk_id: str, lun: int | None) -> PlannedDisk:
    disk = azure.world.get(disk_id)
    assert disk
    return PlannedDisk(
        id=disk["id"],
        name=disk["name"],
        unique_id=disk["properties"]["uniqueId"],
        size_gib=disk["properties"]["diskSizeGB"],
        sku=disk["sku"]["name"],
        is_os=lun is None,
        lun=lun,
        source_id=disk["id"],
        target_id=names.snapshot_id(
            SUBSCRIPTION, GROUP, names.snapshot_name(REQUEST_ID, disk["id"])
        ),
    )


def a_plan(azure: AzureStandIn, vm: str = "web-01", **changes: Any) -> RequestPlan:
    """Snapshots of all disks of the VM, unless the changes say otherwise."""
    body = azure.world.get(arm_id("virtualMachines", vm))
    assert body
    plan = RequestPlan(
        action=Action.SNAPSHOT,
        revision=1,
        kind=Kind.SNAPSHOT,
        vm_id=body["id"],
        vm_name=vm,
        vm_uuid=body["properties"]["vmId"],
        subscription_id=SUBSCRIPTION,
        resource_group=GROUP,
        region=REGION,
        target_region="",
        consistency=Consistency.CRASH,
        why_consistency="",
        incremental=True,
        disks=planned_disks(azure, vm),
        keep=timedelta(days=3),
        cost=FREE,
    )
    return replace(plan, **changes)


def point_plan(azure: AzureStandIn, vm: str = "web-01", **changes: Any) -> RequestPlan:
    """A restore point of the VM."""
    plan = a_plan(azure, vm)
    collection = names.collection_name(plan.vm_id, plan.vm_uuid, REGION)
    point = names.restore_point_name(REQUEST_ID, plan.vm_id)
    target = names.restore_point_id(SUBSCRIPTION, GROUP, collection, point)
    disks = tuple(replace(disk, target_id=target) for disk in plan.disks)
    return replace(plan, kind=Kind.RESTORE_POINT, disks=disks, **changes)


def tags_for(plan: RequestPlan, request: Request | None = None) -> dict[str, str]:
    until = None if plan.action is Action.RESTORE else UNTIL
    return tags_of(replace(request or a_request(plan.action), expires_at=until), plan, ())


async def one_look(azure: AzureActs, step: Step) -> LookResult:
    return await VERBS[step.verb].look(azure, step)


async def carried_out(azure: AzureActs, steps: Iterable[Step]) -> list[Step]:
    """Every step in its order: a request only where a look found nothing."""
    done: list[Step] = []
    for step in steps:
        standing = await one_look(azure, step)
        if standing.state is LookState.ABSENT:
            await VERBS[step.verb].do(azure, step)
            standing = await one_look(azure, step)
        done.append(noted(step, standing))
    return done


async def carried_out_in_time(
    azure: AzureStandIn, acts: AzureActs, steps: Iterable[Step]
) -> list[Step]:
    """The same where Azure takes its time: its clock moves on while something is coming."""
    done: list[Step] = []
    for step in steps:
        made = (await carried_out(acts, [step]))[0]
        for _ in range(_MOST_LOOKS):
            if made.state in (StepState.THERE, StepState.REFUSED):
                break
            azure.world.forward(timedelta(seconds=0.1))
            made = noted(made, await one_look(acts, step))
        done.append(made)
    return done


def points_of(steps: Iterable[Step], plan: RequestPlan) -> list[Point]:
    """The ledger's rows of what the steps made."""
    return [_point(step, plan) for step in steps if step.verb != "make-collection"]


def _point(step: Step, plan: RequestPlan) -> Point:
    return Point(
        arm_id=step.target_id,
        kind=plan.kind,
        request_id=REQUEST_ID,
        vm_id=plan.vm_id,
        vm_name=plan.vm_name,
        disk_id=step.disk_id,
        disk_name="",
        size_gib=0,
        region=plan.region,
        unique_id=step.unique_id,
        time_created=step.time_created,
        made_at=NOW,
        expires_at=UNTIL,
        plan_hash=step.body["send"].get("tags", {}).get(PLAN_TAG, ""),
        requester_id="U1",
    )


def changes_of(azure: AzureStandIn) -> list[str]:
    """The operations that changed something, in their order."""
    return [asked.name for asked in azure.requests if asked.method in CHANGES]
