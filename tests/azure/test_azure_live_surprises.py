"""What Azure shows of a VM that no table of ours foresees, read over the wire at the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from advisor.azure.live import LiveInventory
from advisor.model import KnownVm, NotRead, Protection, ProtectionKind, ProtectionState, Reading
from deploy.local.azure.graph.rows import HiddenTypes
from deploy.local.azure.replication_states import FAILED_OVER
from deploy.local.azure.world import Body, World
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

POINTS = "microsoft.compute/restorepointcollections/restorepoints"
BACKUP_VAULT = "Microsoft.DataProtection/backupVaults"
NO_COLLECTION = Fault(Kind.FORBIDDEN, path="/restorePointCollections/", times=None)


@asynccontextmanager
async def reading(world: World, *faults: Fault) -> AsyncIterator[LiveInventory]:
    async with (
        running_fleet(world) as azure,
        LiveInventory(
            credential=AsyncToken(world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,
        ) as inventory,
    ):
        for fault in faults:
            azure.faults.add(fault)
        yield inventory


async def found(world: World, name: str, *faults: Fault) -> KnownVm:
    async with reading(world, *faults) as inventory:
        return await inventory.find(name, world.now)


def of_kind(known: KnownVm, kind: ProtectionKind) -> Protection:
    [one] = [each for each in known.protections if each.kind is kind]
    return one


async def test_a_vm_that_failed_over_is_neither_failing_nor_protected() -> None:
    known = await found(sample_world(replicated={"sql-01": FAILED_OVER}), "sql-01")
    replica = of_kind(known, ProtectionKind.SITE_RECOVERY)
    assert replica.state is ProtectionState.FAILED_OVER
    assert "not committed" in replica.detail


def whole_of(world: World, arm_id: str | None) -> Body:
    body = world.get(arm_id or "")
    assert body is not None
    return body


async def protected_sql(world: World) -> tuple[KnownVm, Protection]:
    known = await found(world, "sql-01")
    return known, of_kind(known, ProtectionKind.BACKUP)


def named(known: KnownVm, what: str) -> NotRead:
    [one] = [each for each in known.not_read if each.what == what]
    return one


async def test_a_redundancy_we_do_not_know_is_named_and_all_else_is_read() -> None:
    world = sample_world()
    before, backup = await protected_sql(world)
    assert backup.vault
    vault = whole_of(world, backup.vault.id)
    vault["properties"]["redundancySettings"]["standardTierStorageRedundancy"] = "Lunar"
    known, backup = await protected_sql(world)
    assert backup.vault
    assert backup.vault.redundancy is None
    why = named(known, f"the redundancy of vault {vault['name']}").why
    assert "“Lunar”, a redundancy we do not know" in why
    assert known.coverage == before.coverage
    assert len(known.protections) == len(before.protections)


async def test_a_policy_type_we_do_not_know_is_named_and_the_backup_still_found() -> None:
    world = sample_world()
    before, backup = await protected_sql(world)
    assert backup.policy
    policy = whole_of(world, backup.policy.id)
    policy["properties"]["policyType"] = "V3"
    known, backup = await protected_sql(world)
    assert backup.policy
    assert (backup.policy.name, backup.policy.every) == (policy["name"], None)
    assert backup.vault
    what = f"the policy {policy['name']} of vault {backup.vault.name}"
    assert "“V3”, a policy we do not know" in named(known, what).why
    assert known.coverage == before.coverage


async def test_a_backup_item_that_cannot_be_read_leaves_the_backups_unknown() -> None:
    world = sample_world()
    before, backup = await protected_sql(world)
    item = whole_of(world, backup.id)
    item["properties"]["lastRecoveryPoint"] = "the day before"
    known = await found(world, "sql-01")
    assert known.coverage.backup_items is Reading.FAILED
    assert known.coverage.replicated_items is before.coverage.replicated_items
    assert "must be a time" in named(known, f"the backup item {item['name']}").why


async def test_a_disk_that_cannot_be_read_leaves_the_vm_and_its_other_disks_read() -> None:
    world = sample_world()
    before = await found(world, "web-01")
    whole_of(world, before.vm.disks[0].id)["properties"]["diskSizeGB"] = "large"
    known = await found(world, "web-01")
    readings = [disk.reading for disk in known.vm.disks]
    assert readings == [Reading.FAILED] + [Reading.READ] * (len(before.vm.disks) - 1)
    assert any("must be a whole number" in one.why for one in known.not_read)


async def test_restore_points_that_resource_graph_does_not_show_are_read_all_the_same() -> None:
    world = sample_world()
    shown = of_kind(await found(world, "test-01"), ProtectionKind.RESTORE_POINTS)
    world.part(HiddenTypes).types = {POINTS}
    known = await found(world, "test-01")
    assert of_kind(known, ProtectionKind.RESTORE_POINTS) == shown
    assert shown.count == 3
    assert known.coverage.restore_points is Reading.READ


async def test_points_that_may_not_be_read_are_unknown_and_name_the_permission() -> None:
    world = sample_world()
    world.part(HiddenTypes).types = {POINTS}
    known = await found(world, "test-01", NO_COLLECTION)
    points = of_kind(known, ProtectionKind.RESTORE_POINTS)
    assert (points.state, points.count) == (ProtectionState.UNKNOWN, 0)
    assert known.coverage.restore_points is Reading.FAILED
    why = named(known, "the restore points of collection test-01-points")
    assert "Microsoft.Compute/restorePointCollections/read" in why.remedy


async def test_the_points_that_resource_graph_shows_remain_where_a_collection_is_refused() -> None:
    known = await found(sample_world(), "test-01", NO_COLLECTION)
    assert of_kind(known, ProtectionKind.RESTORE_POINTS).count == 3
    assert known.coverage.restore_points is Reading.FAILED


async def test_disks_in_a_backup_vault_are_found_and_not_those_of_others() -> None:
    world = sample_world()
    known = await found(world, "web-01")
    backup_vault = f"{known.vm.id.partition('/providers/')[0]}/providers/{BACKUP_VAULT}/bv"
    other = (await found(world, "sql-01")).vm.disks[0]
    for disk in (known.vm.disks[0], other):
        world.put(_instance(backup_vault, disk.id or ""))
    again = await found(world, "web-01")
    assert again.coverage.disk_backups is Reading.READ
    one = of_kind(again, ProtectionKind.DISK_BACKUP)
    assert one.left_out == {known.vm.disks[1].key}
    assert named(again, "the policy p of the Backup vault bv")


def _instance(backup_vault: str, disk_id: str) -> Body:
    return {
        "id": f"{backup_vault}/backupInstances/{disk_id.rsplit('/', 1)[-1]}",
        "name": disk_id.rsplit("/", 1)[-1],
        "type": f"{BACKUP_VAULT}/backupInstances",
        "location": "global",
        "properties": {
            "currentProtectionState": "ProtectionConfigured",
            "dataSourceInfo": {
                "datasourceType": "Microsoft.Compute/disks",
                "resourceID": disk_id,
            },
            "policyInfo": {"policyId": f"{backup_vault}/backupPolicies/p"},
        },
    }


async def test_the_vault_of_a_vm_counts_the_items_of_every_vm_in_it() -> None:
    world = sample_world()
    _, backup = await protected_sql(world)
    assert backup.vault
    inside = f"{backup.vault.id.lower()}/backupfabrics/"
    items = [key for key in world.resources if key.lower().startswith(inside)]
    held = [key for key in items if key.rsplit("/", 2)[-2].lower() == "protecteditems"]
    assert backup.vault.items == len(held)
    assert len(held) > 1
    assert backup.vault.has_first_backup
