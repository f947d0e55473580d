"""Microsoft's own example bodies: each is read into a model, or refused naming the key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import InputUnreadable
from advisor.inventory import arm, replication
from advisor.inventory import compute_points as points
from advisor.inventory.policies import parse_policy
from advisor.model import Reading

SHARED = Path(__file__).parents[3] / "shared" / "azure-rest"
COMPUTE = SHARED / "examples" / "compute"
#: The keys without which a body is no resource that we could advise on.
REFUSED_FOR = ("id", "storageProfile")

pytestmark = pytest.mark.skipif(
    not COMPUTE.is_dir(), reason=f"the example bodies are not here: {COMPUTE}"
)


def bodies(pattern: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in sorted(COMPUTE.glob(pattern)):
        for response in json.loads(path.read_text("utf-8"))["responses"].values():
            body = response.get("body")
            if body is not None:
                yield from ((path.name, one) for one in body.get("value", [body]))


def read_or_refused(
    pattern: str, parse: Callable[[Mapping[str, Any], str, str], Any]
) -> tuple[list[Any], list[InputUnreadable]]:
    read, refused = [], []
    sources: set[tuple[bool, bool]] = set()
    for name, body in bodies(pattern):
        try:
            read.append(parse(body, name, "$"))
        except InputUnreadable as error:
            refused.append(error)
            sources.add((error.source == name, "id" in body and "properties" in body))
    assert sources <= {(True, False)}
    for one in refused:
        assert any(f"{key} is missing" in one.problem for key in REFUSED_FOR), str(one)
    return read, refused


def test_every_example_of_a_vm_is_read_or_refused_naming_the_key() -> None:
    """Bodies without id or storageProfile are no VMs we could advise on; all others are read."""
    read, refused = read_or_refused("VirtualMachine_*", arm.parse_vm)
    assert len(read) >= 40
    assert len(refused) == 10
    for vm in read:
        assert vm.name
        assert vm.resource_group
        assert vm.region in ("westus", "eastus")
        assert all(disk.name for disk in vm.disks)


def test_every_example_of_a_disk_is_read_or_refused_naming_the_key() -> None:
    read, refused = read_or_refused("Disk_*", arm.parse_disk)
    assert len(read) >= 20
    assert len(refused) == 3
    for record in read:
        assert record.disk.reading is Reading.READ
        assert record.disk.max_shares == 1
        assert record.region == "westus"


def test_the_examples_tell_ephemeral_unmanaged_nvme_and_confidential_vms_apart() -> None:
    read, _ = read_or_refused("VirtualMachine_*", arm.parse_vm)
    disks = [disk for vm in read for disk in vm.disks]
    assert any(disk.ephemeral for disk in disks)
    assert any(disk.unmanaged for disk in disks)
    assert {vm.disk_controller for vm in read} == {None, "NVMe"}
    assert {vm.security_type for vm in read} == {None, "TrustedLaunch", "ConfidentialVM"}
    assert any(vm.encryption_at_host for vm in read)


def test_the_examples_of_snapshots_and_restore_points_are_read_or_refused() -> None:
    snapshots, _ = read_or_refused("Snapshot_[!B]*", points.parse_snapshot)
    restore_points, _ = read_or_refused("RestorePoint_*", points.parse_restore_point)
    assert len(snapshots) >= 10
    assert len(restore_points) >= 3
    assert {one.consistency for one in restore_points} >= {"ApplicationConsistent"}


def test_the_example_of_a_collection_with_restore_points_has_them_inside() -> None:
    name = "RestorePointCollection_Get_WithContainedRestorePoints.json"
    (body,) = [body for _, body in bodies(name)]
    collection = points.parse_collection(body, name, "$")
    assert collection.points_read
    assert [point.collection_id for point in collection.points] == [collection.key]


def test_the_examples_of_backup_policies_are_read() -> None:
    """The Enhanced example: every 4 h for 16 h, 180 days, 12 weeks, 60 months, 10 years."""
    path = SHARED / "examples" / "recoveryservicesbackup" / "V2Policy__IaaS_v2_hourly.json"
    body = json.loads(path.read_text("utf-8"))["responses"]["200"]["body"]
    policy = parse_policy(body, path.name, "$")
    assert policy is not None
    assert policy.enhanced
    assert policy.every is not None
    assert policy.every.total_seconds() == 8 * 3600
    assert policy.interval is not None
    assert policy.interval.total_seconds() == 4 * 3600
    assert policy.instant_restore_days == 30
    assert str(policy.retention) == "daily=180,weekly=12,monthly=60,yearly=10"


def test_recorded_answers_of_site_recovery_between_regions_are_read() -> None:
    """Every replication protected item of a recorded scenario names its VM and its target."""
    recorded = SHARED / "recorded" / "siterecovery" / "test_siterecovery_A2A_scenarios.json"
    bodies = [one["body"] for one in json.loads(recorded.read_text("utf-8"))]
    rows = [
        row
        for body in bodies
        if isinstance(body, dict)
        for row in body.get("value", [body])
        if isinstance(row, dict) and str(row.get("type", "")).lower() == replication.REPLICATED_TYPE
    ]
    items = [replication.parse_replicated_item(row, recorded.name, "$") for row in rows]
    assert len(items) >= 10
    assert all(item.of_vm and item.source_id and item.target for item in items)
    assert {item.state for item in items} >= {"Protected", "InitialReplicationInProgress"}
    assert any(item.rpo is not None and item.rpo_at is not None for item in items)
