"""Plans made of the VMs of the sample fleet, read over the wire as the bot reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from advisor.azure.live import LiveInventory
from advisor.errors import AzureUnreachable, VmAmbiguous, VmNotFound
from advisor.inventory.arm import DISK_TYPE, RESTORE_POINT_TYPE, SNAPSHOT_TYPE
from advisor.model import Consistency
from advisor.prices.shipped import shipped_book
from advisor.prices.source import FixedPrices
from bot.composition.actions import action_rows
from bot.requests.action import Action
from bot.requests.found import MADE_PREFIX, StrayReason, findings, vms_of
from bot.requests.model import Kind, RequestPlan, Wish
from bot.requests.plan_changes import what_changed
from bot.requests.plan_hash import plan_hash
from bot.requests.plans.bounds import Bounds
from bot.requests.refusals import PlanRefused
from bot.workflow.planner import Planner
from deploy.local.azure.server import AzureStandIn
from tests.requests.planning_samples import OTHER_REQUEST, REQUEST, points_of, wish
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken, talking
from tests.strategies import pricer

API = "?api-version=2025-01-02"


def live(azure: AzureStandIn) -> LiveInventory:
    return LiveInventory(
        credential=AsyncToken(azure.world),
        base_url=azure.url,
        allow_plain_http=True,
        answer_seconds=60,
    )


@asynccontextmanager
async def planning() -> AsyncIterator[tuple[AzureStandIn, LiveInventory, Planner]]:
    async with running_fleet() as azure, live(azure) as inventory:
        yield (
            azure,
            inventory,
            Planner(inventory, FixedPrices(shipped_book()), Bounds(), action_rows()),
        )


async def planned(azure: AzureStandIn, planner: Planner, said: Wish, **more: Any) -> RequestPlan:
    return await planner.plan(REQUEST, 1, said, more.pop("points", ()), azure.world.now, **more)


async def put(azure: AzureStandIn, arm_id: str, body: Mapping[str, Any]) -> None:
    async with talking(azure) as session, session.put(arm_id + API, json=body) as answer:
        assert answer.status in (200, 201, 202), await answer.text()


async def test_the_queries_bring_all_that_a_plan_is_bound_to() -> None:
    async with planning() as (azure, _, planner):
        plan = await planned(azure, planner, wish())
        vm = azure.world.get(plan.vm_id)
        disks = [azure.world.get(disk.id) for disk in plan.disks]
    assert vm is not None
    assert plan.vm_uuid == vm["properties"]["vmId"]
    assert len(disks) > 1
    for disk, body in zip(plan.disks, disks, strict=True):
        assert body is not None
        assert disk.unique_id == body["properties"]["uniqueId"]
        assert disk.size_gib == body["properties"]["diskSizeGB"]
        assert (disk.sku, disk.zones) == (body["sku"]["name"], tuple(body.get("zones") or ()))
        assert disk.encryption_type == body["properties"]["encryption"]["type"]
        assert (disk.lun is None) == disk.is_os
        assert disk.settings.performance_tier == body["properties"].get("tier", "")
    assert plan.cost.limit_until_expiry


async def test_the_same_vm_read_twice_is_the_same_plan() -> None:
    async with planning() as (azure, _, planner):
        first = await planned(azure, planner, wish())
        again = await planned(azure, planner, wish(vm=first.vm_id.upper()))
        assert plan_hash(first) == plan_hash(again)
        disk = azure.world.get(first.disks[0].id)
        assert disk is not None
        azure.world.put({**disk, "properties": {**disk["properties"], "diskSizeGB": 999}})
        changed = await planned(azure, planner, wish())
    assert f"{first.disks[0].name} has 999 GB now" in what_changed(first, changed, Decimal(10))[0]


async def test_a_restore_point_of_a_running_vm_is_flushed_by_its_agent() -> None:
    async with planning() as (azure, _, planner):
        plan = await planned(azure, planner, wish(consistent=True))
    assert plan.kind is Kind.RESTORE_POINT
    assert plan.consistency in (Consistency.FILE_SYSTEM, Consistency.APPLICATION)


async def test_names_that_do_not_decide_raise_what_reading_raises() -> None:
    async with planning() as (azure, _, planner):
        with pytest.raises(VmNotFound):
            await planned(azure, planner, wish(vm="web-99"))
        with pytest.raises(VmAmbiguous):
            await planned(azure, planner, wish(vm="app-01"))


async def test_tags_that_cannot_be_read_leave_the_sizes_assumed_and_say_so() -> None:
    async with planning() as (azure, _, planner):
        plan = await planned(azure, planner, wish())
        vm = azure.world.get(plan.vm_id)
        assert vm is not None
        azure.world.put({**vm, "tags": {**(vm.get("tags") or {}), "vmbackup-used": "plenty"}})
        tagged = await planned(azure, planner, wish())
    assert any("Its sizes are assumed" in note for note in tagged.notes)
    assert tagged.cost == plan.cost
    assert plan_hash(tagged) == plan_hash(plan)


async def test_points_are_planned_from_the_plan_that_made_them() -> None:
    async with planning() as (azure, _, planner):
        origin = await planned(azure, planner, wish())
        points = points_of(origin)
        restore = wish(Action.RESTORE, of_request=REQUEST)
        plan = await planned(azure, planner, restore, points=points, origin=origin)
        assert (plan.action, plan.of_request) == (Action.RESTORE, REQUEST)
        assert None not in {disk.lun for disk in plan.disks}
        with pytest.raises(PlanRefused, match="vmbackup knows nothing of that name"):
            await planned(azure, planner, restore, points=points)
        gone = replace(origin, vm_id=origin.vm_id + "-gone")
        loose = await planned(azure, planner, restore, points=points, origin=gone)
    assert {disk.lun for disk in loose.disks} == {None}


async def test_a_vm_that_cannot_be_read_is_not_taken_for_gone() -> None:
    async with planning() as (azure, _, planner):
        origin = await planned(azure, planner, wish())
    async with live(azure) as inventory:  # it has ended: nothing answers there
        alone = Planner(inventory, FixedPrices(shipped_book()), Bounds(), action_rows())
        said = wish(Action.DELETE, of_request=REQUEST)
        with pytest.raises(AzureUnreachable):
            await planned(azure, alone, said, points=points_of(origin), origin=origin)


# --- what was made ---------------------------------------------------------------------------


async def test_what_was_made_is_found_by_its_name_and_priced() -> None:
    async with planning() as (azure, inventory, planner):
        plan = await planned(azure, planner, wish(disks=("os",)))
        [disk] = plan.disks
        copy = {"creationData": {"createOption": "Copy", "sourceResourceId": disk.id}}
        tags = {"vmbackup-request": REQUEST}
        body = {"location": plan.region, "tags": tags}
        await put(azure, disk.target_id, {**body, "properties": {**copy, "incremental": True}})
        new = disk.target_id.replace("/snapshots/", "/disks/")
        await put(azure, new, {**body, "sku": {"name": disk.sku}, "properties": copy})
        made = await inventory.made(MADE_PREFIX)
        standing = await inventory.standing(vms_of(points_of(plan), made))
    by_type = {record.type: record for record in made}
    snapshot = by_type[SNAPSHOT_TYPE]
    assert set(by_type) == {SNAPSHOT_TYPE, DISK_TYPE}
    assert snapshot.key == disk.target_id.lower()
    assert (snapshot.source_id, snapshot.size_gib) == (disk.id.lower(), disk.size_gib)
    assert snapshot.unique_id
    assert snapshot.created
    assert snapshot.tags == tags
    assert not by_type[DISK_TYPE].attached
    assert standing == {plan.vm_key}
    found = findings(points_of(plan), made, standing, (), pricer())
    assert [(one.why, one.kind) for one in found] == [(StrayReason.LEFTOVER, Kind.DISK)]


async def test_a_restore_point_is_found_by_its_collection() -> None:
    async with planning() as (azure, inventory, planner):
        plan = await planned(azure, planner, wish(consistent=True))
        target = plan.disks[0].target_id
        source = {"properties": {"source": {"id": plan.vm_id}}, "location": plan.region}
        await put(azure, target.split("/restorePoints/")[0], source)
        await put(azure, target, {"properties": {}})
        [record] = await inventory.made(MADE_PREFIX)
    assert (record.type, record.key) == (RESTORE_POINT_TYPE, target.lower())
    assert record.size_gib == sum(disk.size_gib for disk in plan.disks)
    assert record.region == plan.region


async def test_of_many_vms_those_that_stand_are_told_apart() -> None:
    async with planning() as (azure, inventory, planner):
        plan = await planned(azure, planner, wish())
        ids = [plan.vm_id.replace(plan.vm_name, f"gone-{number}") for number in range(150)]
        assert await inventory.standing([*ids, plan.vm_id]) == {plan.vm_key}
        assert await inventory.standing(()) == frozenset()


async def test_a_quote_in_an_id_is_only_a_quote() -> None:
    async with planning() as (_, inventory, _):
        assert await inventory.standing(["/x') or type =~ ('a"]) == frozenset()


async def test_the_same_wish_of_another_request_has_names_of_its_own() -> None:
    async with planning() as (azure, _, planner):
        one = await planned(azure, planner, wish())
        other = await planner.plan(OTHER_REQUEST, 1, wish(), (), azure.world.now)
    assert not {disk.target_id for disk in one.disks} & {disk.target_id for disk in other.disks}
    assert other.keep == timedelta(days=3)
