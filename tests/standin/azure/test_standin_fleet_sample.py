"""The sample fleet: every case the advisor knows is there, and every reference leads somewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms
from advisor.inventory.graph_records import read_rows
from advisor.inventory.joining import Resources
from advisor.model import Disk, KnownVm, ProtectionKind, ProtectionState, Reading, Vm
from deploy.local.azure.graph.rows import Seen
from deploy.local.azure.world import Body, World
from deploy.local.fleet.sample import sample_world
from deploy.local.fleet.sample_vms import PRODUCTION, sample_vms

WORLD = sample_world()
INVENTORY = Path(__file__).parents[3] / "deploy" / "local" / "sample-inventory.json"


def known_of(world: World) -> dict[str, KnownVm]:
    """What the product's parsers make of a world, by group/name."""
    rows = [row.columns for row in Seen().changes(world).rows]
    looked = InventoryRead(at_once=dict.fromkeys(InventoryPart, Reading.READ))
    fleet = known_vms(Resources(**read_rows(rows).found), looked, world.now)
    return {f"{known.vm.resource_group}/{known.vm.name}": known for known in fleet}


FLEET = known_of(WORLD)
REPLICATED = {"sql-01", "sql-02", "crm-01", "orders-01", "erp-01"}
VMS = [known.vm for known in FLEET.values()]


def test_there_are_about_forty_vms_in_two_subscriptions_and_four_regions() -> None:
    assert 40 <= len(VMS) <= 48
    assert len({vm.subscription_id for vm in VMS}) == 2
    regions = {vm.region for vm in VMS}
    assert regions == {"westeurope", "northeurope", "eastus", "belgiumcentral"}
    assert {zone for vm in VMS for zone in vm.zones} == {"1", "2", "3"}


def test_web_01_is_an_unprotected_production_vm_of_two_premium_disks() -> None:
    known = FLEET["rg-shop-prod/web-01"]
    assert (known.vm.region, known.vm.os_name, known.vm.os_version) == (
        "westeurope",
        "ubuntu",
        "22.04",
    )
    assert known.vm.tags["environment"] == "production"
    assert [(disk.sku, disk.size_gib) for disk in known.vm.disks] == [
        ("Premium_LRS", 64),
        ("Premium_LRS", 256),
    ]
    assert known.protections == ()
    assert known.not_read == ()


def _any_disk(holds: Callable[[Disk], object]) -> Callable[[Vm], object]:
    return lambda vm: any(holds(disk) for disk in vm.disks)


CASES: dict[str, Callable[[Vm], object]] = {
    "development": lambda vm: vm.tags.get("environment") == "development",
    "test": lambda vm: vm.tags.get("environment") == "test",
    "mission-critical": lambda vm: vm.tags.get("criticality") == "mission-critical",
    "Windows": lambda vm: vm.os_type == "Windows",
    "Linux": lambda vm: vm.os_type == "Linux",
    "Ultra": _any_disk(lambda disk: disk.sku == "UltraSSD_LRS"),
    "Premium SSD v2": _any_disk(lambda disk: disk.sku == "PremiumV2_LRS"),
    "NVMe on v6": lambda vm: vm.disk_controller == "NVMe" and (vm.size or "").endswith("_v6"),
    "ARM64": lambda vm: vm.architecture == "Arm64",
    "Trusted Launch": lambda vm: vm.security_type == "TrustedLaunch",
    "confidential": lambda vm: vm.security_type == "ConfidentialVM",
    "Spot": lambda vm: vm.priority == "Spot",
    "shared disk": _any_disk(lambda disk: (disk.max_shares or 1) > 1),
    "write accelerator": _any_disk(lambda disk: disk.write_accelerator and not disk.is_os),
    "write accelerator on the OS disk": _any_disk(
        lambda disk: disk.write_accelerator and disk.is_os
    ),
    "ephemeral": _any_disk(lambda disk: disk.ephemeral),
    "unmanaged": _any_disk(lambda disk: disk.unmanaged),
    "ADE": _any_disk(lambda disk: disk.azure_disk_encryption),
    "customer's key": _any_disk(lambda disk: disk.disk_encryption_set_id),
    "Entra for data access": _any_disk(
        lambda disk: disk.data_access_auth_mode == "AzureActiveDirectory"
    ),
    "scale set": lambda vm: vm.scale_set_id,
    "dedicated host": lambda vm: vm.host_id,
    "Windows 2012 R2": lambda vm: "2012 R2" in (vm.os_name or ""),
    "33 disks": lambda vm: len(vm.disks) == 33,
    "a disk of 32 TiB": _any_disk(lambda disk: disk.size_gib == 32767),
    "deallocated": lambda vm: vm.power_state == "deallocated",
    "one core": lambda vm: vm.size == "Standard_B1s",
}


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_vm_that_a_rule_is_about_is_there(case: str) -> None:
    assert any(CASES[case](vm) for vm in VMS)


def test_every_state_of_every_protection_is_there() -> None:
    backup, replication = ProtectionKind.BACKUP, ProtectionKind.SITE_RECOVERY
    found = {(one.kind, one.state) for known in FLEET.values() for one in known.protections}
    states = set(ProtectionState) - {ProtectionState.UNKNOWN, ProtectionState.FAILED_OVER}
    assert {state for kind, state in found if kind is backup} == states
    wanted = {ProtectionState.ACTIVE, ProtectionState.ERROR, ProtectionState.PENDING}
    assert {state for kind, state in found if kind is replication} == wanted
    for kind in (ProtectionKind.SNAPSHOTS, ProtectionKind.RESTORE_POINTS):
        assert (kind, ProtectionState.ACTIVE) in found, "nobody can be overdue on loose ones"


def test_vaults_of_every_redundancy_and_policies_of_both_kinds_are_in_use() -> None:
    backups = [
        one
        for known in FLEET.values()
        for one in known.protections
        if one.kind is ProtectionKind.BACKUP and one.state is ProtectionState.ACTIVE
    ]
    assert {one.vault.redundancy for one in backups if one.vault} == {
        "lrs",
        "zrs",
        "grs",
        "grs-crr",
    }
    assert {one.policy.enhanced for one in backups if one.policy} == {True, False}
    every = {one.policy.every for one in backups if one.policy}
    assert every == {timedelta(hours=4), timedelta(days=1), timedelta(days=7)}


def test_replication_goes_to_another_region_and_to_another_zone() -> None:
    kinds = [one for known in FLEET.values() for one in known.protections]
    targets = {one.target for one in kinds if one.kind is ProtectionKind.SITE_RECOVERY}
    assert targets == {"northeurope", "zone:2"}


def test_two_vms_of_one_name_lie_in_two_groups() -> None:
    assert {"rg-app-a/app-01", "rg-app-b/app-01"} <= set(FLEET)


def test_snapshots_outlive_their_disks_and_disks_their_vms() -> None:
    disks = {body["id"].lower() for body in WORLD.of_type("Microsoft.Compute/disks")}
    sources = {
        body["name"]: body["properties"]["creationData"]["sourceResourceId"].lower()
        for body in WORLD.of_type("Microsoft.Compute/snapshots")
    }
    snapshots = {body["id"].lower() for body in WORLD.of_type("Microsoft.Compute/snapshots")}
    orphaned = {name for name, source in sources.items() if source not in disks | snapshots}
    assert orphaned == {"old-shop-final", "dev-01-keep-me"}
    left = {
        body["name"]
        for body in WORLD.of_type("Microsoft.Compute/disks")
        if not body.get("managedBy")
    }
    assert left == {"cart-01-os", "loadtest-02-data"}


def test_restore_points_lie_in_groups_of_ones_own_and_of_azure_backup() -> None:
    groups = {
        body["id"].split("/")[4]
        for body in WORLD.of_type("Microsoft.Compute/restorePointCollections")
    }
    assert "AzureBackupRG_westeurope_1" in groups
    assert "rg-test" in groups


def references(value: Any) -> Iterator[str]:
    """Every id of a VM, disk, vault or policy that a body names."""
    if isinstance(value, dict):
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, str) and value.startswith("/subscriptions/"):
        yield value.lower()


def test_every_resource_that_protection_names_exists() -> None:
    """But for the replica disks, which Site Recovery keeps in groups of its own."""
    named = {
        target
        for body in WORLD.resources.values()
        if "/vaults/" in body["id"]
        for target in references(body["properties"])
    }
    missing = {target for target in named if target not in WORLD.resources}
    assert {target.split("/")[4].removesuffix("-asr") for target in missing} == {
        spec.group for spec in sample_vms() if spec.name in REPLICATED
    }
    assert all(target.split("/")[4].endswith("-asr") for target in missing)


def test_the_fleet_is_json_and_the_same_in_every_run() -> None:
    """Times aside: they are told from the moment the world is made."""
    again = sample_world()
    assert set(again.resources) == set(WORLD.resources)
    for key, body in again.resources.items():
        json.dumps(body)
        assert _without_times(body) == _without_times(WORLD.resources[key])


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_times(one) for one in value]
    is_time = isinstance(value, str) and value[:2] == "20" and value.endswith("0Z")
    return "time" if is_time else value


def test_daily_backups_are_recent_whenever_the_world_is_made() -> None:
    world = World(ahead=timedelta(days=900))
    known = known_of(sample_world(world))["rg-app-a/app-01"]
    assert known.protections[0].state is ProtectionState.ACTIVE
    last = known.protections[0].last_point
    assert last
    assert last > datetime.now(UTC) + timedelta(days=899)


def test_the_names_of_the_exported_sample_are_there_with_the_same_disks() -> None:
    exported = json.loads(INVENTORY.read_text())["resources"]
    for row in exported:
        if row["type"] == "microsoft.compute/virtualmachines":
            body = WORLD.get(row["id"])
            assert body, row["id"]
            assert _disks_of(body) == _disks_of(row), row["id"]


def _disks_of(vm: Body) -> list[tuple[str, int]]:
    storage = vm["properties"]["storageProfile"]
    return [
        (disk["name"], disk["diskSizeGB"]) for disk in (storage["osDisk"], *storage["dataDisks"])
    ]


def test_the_sample_may_be_put_beside_what_is_there() -> None:
    world = World()
    other = {"id": f"/subscriptions/{PRODUCTION}/x", "name": "x", "type": "y", "properties": {}}
    world.put(other)
    assert sample_world(world) is world
    assert world.get(other["id"]) == other
