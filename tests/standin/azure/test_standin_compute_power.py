"""Power of a VM over time: what the VM and its instance view say while it changes."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.standin.azure.running_azure import arm_id, small_world, talking

VM = arm_id("virtualMachines", "web-01")
VERSION = "api-version=2026-04-01"


@pytest.mark.parametrize(
    ("action", "on_the_way", "wanted"),
    [("start", "starting", "running"), ("deallocate", "deallocating", "deallocated")],
)
async def test_a_vm_is_updating_while_its_power_changes_and_shows_the_new_state_late(
    action: str, on_the_way: str, wanted: str
) -> None:
    world = small_world(pace=1.0, power_state_late_seconds=60.0)
    async with AzureStandIn(world) as azure, talking(azure) as session:
        begun = await session.post(f"{VM}/{action}?{VERSION}")
        assert begun.status == 202
        assert await states_of(session) == ("Updating", on_the_way, "updating")
        world.forward(timedelta(seconds=30))
        over = await (await session.get(begun.headers["Azure-AsyncOperation"])).json()
        assert over["status"] == "Succeeded"
        assert await states_of(session) == ("Succeeded", on_the_way, "succeeded")
        world.forward(timedelta(seconds=60))
        assert await states_of(session) == ("Succeeded", wanted, "succeeded")


async def test_a_late_power_state_does_not_hide_a_later_change() -> None:
    world = small_world(pace=1.0, power_state_late_seconds=60.0)
    async with AzureStandIn(world) as azure, talking(azure) as session:
        await session.post(f"{VM}/deallocate?{VERSION}")
        world.forward(timedelta(seconds=30))
        await session.post(f"{VM}/start?{VERSION}")
        world.forward(timedelta(seconds=40))  # the view of the deallocation would have come
        assert (await states_of(session))[1] == "starting"
        world.forward(timedelta(seconds=60))
        assert (await states_of(session))[1] == "running"


async def test_a_change_that_fails_meanwhile_does_not_hold_the_power_state_back() -> None:
    world = small_world(pace=1.0, power_state_late_seconds=60.0)
    async with AzureStandIn(world) as azure, talking(azure) as session:
        await session.post(f"{VM}/deallocate?{VERSION}")
        world.forward(timedelta(seconds=30))
        azure.faults.add(Fault(Kind.WORK_FAILS, method="PATCH"))
        await session.patch(f"{VM}?{VERSION}", json={"tags": {"a": "b"}})
        world.forward(timedelta(seconds=60))
        assert await states_of(session) == ("Failed", "deallocated", "failed")


async def states_of(session: aiohttp.ClientSession) -> tuple[str, str, str]:
    """provisioningState, and from the view the power state and the provisioning."""
    vm = await (await session.get(f"{VM}?$expand=instanceView&{VERSION}")).json()
    codes = [one["code"] for one in vm["properties"]["instanceView"]["statuses"]]
    power = next(code for code in codes if code.startswith("PowerState/"))
    provisioning = next(code for code in codes if code.startswith("ProvisioningState/"))
    return (
        vm["properties"]["provisioningState"],
        power.partition("/")[2],
        provisioning.partition("/")[2],
    )
