"""What Azure shows of a VM that no table of ours foresees, read over the wire at the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from advisor.azure.live import LiveInventory
from advisor.model import KnownVm, Protection, ProtectionKind, ProtectionState
from deploy.local.azure.replication_states import FAILED_OVER
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.running_azure import AsyncToken


@asynccontextmanager
async def reading(world: World) -> AsyncIterator[LiveInventory]:
    async with (
        AzureStandIn(world) as azure,
        LiveInventory(
            credential=AsyncToken(world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,
        ) as inventory,
    ):
        yield inventory


async def found(world: World, name: str) -> KnownVm:
    async with reading(world) as inventory:
        return await inventory.find(name, world.now)


def of_kind(known: KnownVm, kind: ProtectionKind) -> Protection:
    [one] = [each for each in known.protections if each.kind is kind]
    return one


async def test_a_vm_that_failed_over_is_neither_failing_nor_protected() -> None:
    known = await found(sample_world(replicated={"sql-01": FAILED_OVER}), "sql-01")
    replica = of_kind(known, ProtectionKind.SITE_RECOVERY)
    assert replica.state is ProtectionState.FAILED_OVER
    assert "not committed" in replica.detail
