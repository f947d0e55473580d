"""A patch day: many cards wait in one channel, and one approver presses once a second."""

from __future__ import annotations

from dataclasses import dataclass

from bot.requests.states import State
from deploy.local.fleet.compute import DiskSpec, VmSpec, vm_bodies
from deploy.local.fleet.sample_vms import DEVELOPMENT
from tests.workflow.workflow_system import System

LIMITED = "ratelimited"
READING = "usergroups.users.list"


@dataclass(frozen=True)
class PatchDay:
    """What became of the approvals of a patch day."""

    approvals: int
    seconds: float  #: of Slack's time, which is moved to the second of each click
    done: int
    readings: int  #: of user groups
    refused_by_slack: int  #: calls that Slack answered with 429


def small_vm(number: int) -> VmSpec:
    """A VM of one small disk, as there are many of."""
    return VmSpec(
        name=f"patch-{number:03}",
        group="rg-dev",
        subscription=DEVELOPMENT,
        region="westeurope",
        size="Standard_B1s",
        image="ubuntu-24",
        disks=(DiskSpec(sku="Standard_LRS", size_gib=32),),
    )


async def waiting(system: System, count: int) -> list[str]:
    """So many requests, each of a VM of its own, whose cards wait for approvers."""
    world = system.azure.world
    for number in range(count):
        for body in vm_bodies(small_vm(number), world.now):
            world.put(body)
    workflow = system.workflow_with(plans=system.plans())
    return [await system.ask(small_vm(number).name, by=workflow) for number in range(count)]


async def approve_in_a_row(system: System, request_ids: list[str]) -> PatchDay:
    """One approver presses once a second of Slack's time; each request begins at once."""
    system.slack.workspace.is_rate_limited = True
    system.workflow = system.workflow_with(plans=system.plans())
    before, begun_at = len(system.slack.calls), system.slack.clock.now()
    for number, request_id in enumerate(request_ids, start=1):
        system.slack.clock.forward(max(begun_at + number - system.slack.clock.now(), 0.0))
        await system.approve(request_id)
    states = [(await system.get(request_id)).state for request_id in request_ids]
    calls = system.slack.calls[before:]
    return PatchDay(
        approvals=len(request_ids),
        seconds=system.slack.clock.now() - begun_at,
        done=states.count(State.DONE),
        readings=sum(call.name == READING for call in calls),
        refused_by_slack=sum(call.error == LIMITED for call in calls),
    )
