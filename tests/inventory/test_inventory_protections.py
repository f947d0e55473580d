"""What was found on a VM as protections: their states, and what belongs to the VM at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from inventory_samples import (
    NOW,
    VAULTS,
    arm_id,
    bundle,
    disks_of,
    fleet,
    item,
    policy,
    replicated,
    snapshot,
    vault,
    vm,
)

from advisor.model import Protection, ProtectionKind, ProtectionState, Retention

OS_DISK = arm_id("Microsoft.Compute/disks", "web-01-os")
DATA_DISK = arm_id("Microsoft.Compute/disks", "web-01-data")
COLLECTIONS = "Microsoft.Compute/restorePointCollections"


def protections(*resources: dict[str, Any], now: datetime = NOW) -> tuple[Protection, ...]:
    """What protects web-01 among these resources."""
    return fleet(bundle([vm(), *disks_of(), *resources]), now=now).find("web-01").protections


def backup(**properties: Any) -> Protection:
    (found,) = protections(item(vm(), **properties), vault(), policy())
    assert found.kind is ProtectionKind.BACKUP
    return found


def test_a_backup_brings_its_vault_policy_and_last_point() -> None:
    found = backup()
    assert found.state is ProtectionState.ACTIVE
    assert found.last_point == NOW - timedelta(hours=8)
    assert found.vault is not None
    assert (found.vault.name, found.vault.redundancy) == ("v1", "grs-crr")
    assert found.vault.soft_delete == "AlwaysON"
    assert found.policy is not None
    assert found.policy.retention == Retention(daily=30)


@pytest.mark.parametrize(
    ("properties", "state"),
    [
        ({"isScheduledForDeferredDelete": True}, ProtectionState.SOFT_DELETED),
        ({"currentProtectionState": "SoftDeleted"}, ProtectionState.SOFT_DELETED),
        (
            {"protectionState": "ProtectionStopped", "isScheduledForDeferredDelete": True},
            ProtectionState.SOFT_DELETED,
        ),
        ({"protectionState": "ProtectionStopped"}, ProtectionState.STOPPED),
        ({"protectionState": "ProtectionPaused"}, ProtectionState.STOPPED),
        ({"protectionState": "BackupsSuspended"}, ProtectionState.STOPPED),
        ({"protectionState": "ProtectionError"}, ProtectionState.ERROR),
        ({"lastBackupStatus": "Failed"}, ProtectionState.ERROR),
        ({"protectionState": "IRPending"}, ProtectionState.PENDING),
        ({"lastRecoveryPoint": None}, ProtectionState.PENDING),
        ({"lastRecoveryPoint": "0001-01-01T00:00:00"}, ProtectionState.PENDING),
        ({"protectionState": None}, ProtectionState.UNKNOWN),
        ({"protectionState": "Invalid"}, ProtectionState.UNKNOWN),
        (
            {"protectionState": None, "currentProtectionState": "ProtectionConfigured"},
            ProtectionState.ACTIVE,
        ),
    ],
)
def test_the_state_of_a_backup_is_read_from_what_azure_says(
    properties: dict[str, Any], state: ProtectionState
) -> None:
    found = backup(**properties)
    assert found.state is state
    assert bool(found.detail) == (state is not ProtectionState.ACTIVE)


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(days=2), ProtectionState.ACTIVE),
        (timedelta(days=2, seconds=1), ProtectionState.OVERDUE),
    ],
)
def test_a_daily_backup_is_overdue_after_its_day_and_a_day_of_slack(
    age: timedelta, state: ProtectionState
) -> None:
    assert backup(lastRecoveryPoint=(NOW - age).isoformat()).state is state


def test_a_backup_whose_policy_was_not_read_is_allowed_the_longest_schedule() -> None:
    """Weekly is the longest that Azure Backup takes: more than eight days is overdue for sure."""

    def state(days: int) -> ProtectionState:
        point = (NOW - timedelta(days=days)).isoformat()
        (found,) = protections(item(vm(), lastRecoveryPoint=point))
        return found.state

    assert state(8) is ProtectionState.ACTIVE
    assert state(9) is ProtectionState.OVERDUE


def test_a_backup_whose_vault_was_not_read_keeps_the_names_it_tells() -> None:
    (found,) = protections(item(vm(), "v1", "gold"))
    assert found.vault is not None
    assert (found.vault.name, found.vault.redundancy) == ("v1", None)
    assert found.vault.id == arm_id(VAULTS, "v1", "rg-backup")
    assert found.policy is not None
    assert (found.policy.name, found.policy.every) == ("gold", None)


def test_replication_brings_its_target_rpo_points_and_last_point() -> None:
    replication_policy = {
        "id": arm_id(VAULTS, "dr", "rg-dr") + "/replicationPolicies/p",
        "type": f"{VAULTS}/replicationPolicies",
        "properties": {"providerSpecificDetails": {"recoveryPointHistory": 1440}},
    }
    (found,) = protections(replicated(vm()), replication_policy, vault("dr"))
    assert found.kind is ProtectionKind.SITE_RECOVERY
    assert found.state is ProtectionState.ACTIVE
    assert found.target == "northeurope"
    assert found.rpo == timedelta(minutes=2)
    assert found.recovery_points == timedelta(days=1)
    assert found.last_point == NOW - timedelta(minutes=5)
    assert found.vault is not None
    assert found.vault.name == "dr"
    assert "test failover" in found.detail


@pytest.mark.parametrize(
    ("said", "health", "state"),
    [
        ("Protected", "Normal", ProtectionState.ACTIVE),
        ("Protected", "Warning", ProtectionState.ACTIVE),
        ("Protected", "Critical", ProtectionState.ERROR),
        ("InitialReplicationInProgress", "Normal", ProtectionState.PENDING),
        ("UnprotectedStatesBegin", "Normal", ProtectionState.PENDING),
        ("UnplannedFailoverCommitPendingStatesBegin", "Normal", ProtectionState.FAILED_OVER),
        ("UnplannedFailoverCommitted", "Normal", ProtectionState.FAILED_OVER),
        ("PlannedFailoverCommitRequired", "Critical", ProtectionState.FAILED_OVER),
        ("PlannedFailoverStatesBegin", "Normal", ProtectionState.FAILED_OVER),
        ("EnablingFailed", "Normal", ProtectionState.ERROR),
        ("UnplannedFailoverFailed", "Normal", ProtectionState.ERROR),
        ("SomeFailoverThatIsNew", "Normal", ProtectionState.UNKNOWN),
        ("ProtectionStopped", "Normal", ProtectionState.STOPPED),
        ("SomethingNew", "Normal", ProtectionState.UNKNOWN),
        ("", "", ProtectionState.UNKNOWN),
    ],
)
def test_the_state_of_replication_is_read_from_state_and_health(
    said: str, health: str, state: ProtectionState
) -> None:
    body = replicated(vm())
    body["properties"].update(protectionState=said, replicationHealth=health)
    (found,) = protections(body)
    assert found.state is state
    assert found.detail


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("UnplannedFailoverCommitPendingStatesBegin", "The failover is not committed"),
        ("UnplannedFailoverCommitted", "is not replicated until it is protected again"),
    ],
)
def test_a_failover_says_whether_it_is_committed_and_where_the_copy_runs(
    said: str, words: str
) -> None:
    body = replicated(vm())
    body["properties"].update(protectionState=said)
    (found,) = protections(body)
    assert words in found.detail
    assert "runs in northeurope" in found.detail


@pytest.mark.parametrize("health", ["Normal", "Critical", ""])
@pytest.mark.parametrize(
    "said",
    [
        "PlannedFailoverInitiated",
        "PlannedFailoverCompleting",
        "UnplannedFailoverInitiated",
        "UnplannedFailoverCompleting",
        "CommitFailoverStatesBegin",
        "CommitFailoverInProgressOnPrimary",
        "CancelFailoverStatesBegin",
        "ChangeRecoveryPointInitiated",
    ],
)
def test_in_the_middle_of_a_failover_the_state_is_unknown_and_named(said: str, health: str) -> None:
    """Where the VM runs then is open: it is neither protected nor failed over."""
    body = replicated(vm())
    body["properties"].update(protectionState=said, replicationHealth=health)
    (found,) = protections(body)
    assert found.state is ProtectionState.UNKNOWN
    assert f"the state {said}, which we do not know" in found.detail


def test_the_snapshots_of_all_disks_are_one_protection() -> None:
    """The VM comes back only as far as its oldest disk."""
    found = protections(
        snapshot("a", OS_DISK.upper(), NOW - timedelta(hours=1)),
        snapshot("b", OS_DISK, NOW - timedelta(days=3)),
        snapshot("c", DATA_DISK, NOW - timedelta(hours=5), location="North Europe"),
    )
    (one,) = found
    assert one.kind is ProtectionKind.SNAPSHOTS
    assert one.state is ProtectionState.ACTIVE
    assert one.count == 3
    assert one.last_point == NOW - timedelta(hours=5)
    assert one.regions == ("northeurope", "westeurope")


def test_a_disk_without_a_snapshot_is_named_and_left_out() -> None:
    (one,) = protections(snapshot("a", OS_DISK, NOW - timedelta(hours=1)))
    assert one.left_out == {DATA_DISK.lower()}
    assert one.detail == (
        "There is no snapshot of web-01-data: the VM cannot be brought back from it."
    )


def test_old_snapshots_without_a_schedule_are_never_overdue() -> None:
    old = NOW - timedelta(days=90)
    (one,) = protections(snapshot("a", OS_DISK, old), snapshot("b", DATA_DISK, old))
    assert (one.state, one.count, one.last_point) == (ProtectionState.ACTIVE, 2, old)
    assert (one.every, one.observed, one.left_out) == (None, False, frozenset())
    assert one.detail == "They follow no schedule that can be seen."


def test_a_snapshot_of_another_disk_is_not_counted() -> None:
    """A disk of the same name in another group is another disk."""
    other = arm_id("Microsoft.Compute/disks", "web-01-os", "rg-b")
    assert protections(snapshot("a", other, NOW)) == ()


def test_a_copy_of_a_snapshot_counts_for_the_disk_it_comes_from() -> None:
    first = snapshot("a", OS_DISK, NOW)
    copied = {"createOption": "CopyStart", "sourceResourceId": first["id"]}
    copy = snapshot("a-neu", OS_DISK, NOW, creationData=copied, location="northeurope")
    again = {"createOption": "CopyStart", "sourceResourceId": copy["id"]}
    (one,) = protections(first, copy, snapshot("a-2", OS_DISK, NOW, creationData=again))
    assert one.count == 3
    assert one.regions == ("northeurope", "westeurope")


def test_unique_ids_decide_where_both_are_known() -> None:
    """A disk deleted and made again under its name is another; a moved one is the same."""
    os_disk, data_disk = disks_of()
    os_disk["uniqueId"] = "u-1"

    def count(source: str, unique_id: str) -> int:
        creation = {"sourceResourceId": source, "sourceUniqueId": unique_id}
        taken = snapshot("a", source, NOW, creationData=creation)
        known = fleet(bundle([vm(), os_disk, data_disk, taken])).find("web-01")
        return sum(one.count for one in known.protections)

    moved_from = arm_id("Microsoft.Compute/disks", "web-01-os", "rg-before")
    assert count(OS_DISK, "U-1") == 1
    assert count(OS_DISK, "u-0") == 0
    assert count(moved_from, "u-1") == 1


def test_snapshots_that_copy_each_other_in_a_ring_end() -> None:
    ids = [arm_id("Microsoft.Compute/snapshots", name) for name in ("a", "b")]
    ring = [
        snapshot(name, OS_DISK, NOW, creationData={"sourceResourceId": source})
        for name, source in (("a", ids[1]), ("b", ids[0]))
    ]
    assert protections(*ring) == ()


def collection(name: str, group: str = "rg-a", taken: datetime | None = NOW) -> dict[str, Any]:
    body = {
        "id": arm_id(COLLECTIONS, name, group),
        "type": COLLECTIONS,
        "location": "westeurope",
        "source": {"id": vm()["id"].lower()},
    }
    point = {"id": f"{body['id']}/restorePoints/p", "timeCreated": taken and taken.isoformat()}
    return {**body, "restorePoints": [point] if taken else None}


def test_restore_points_of_a_vm_are_one_protection() -> None:
    (one,) = protections(collection("c", taken=NOW - timedelta(hours=2)))
    assert one.kind is ProtectionKind.RESTORE_POINTS
    assert (one.state, one.count) == (ProtectionState.ACTIVE, 1)
    assert one.last_point == NOW - timedelta(hours=2)


def test_restore_points_that_were_not_read_are_of_unknown_state() -> None:
    (one,) = protections(collection("c", taken=None))
    assert (one.state, one.count) == (ProtectionState.UNKNOWN, 0)


def test_what_azure_backup_made_for_itself_is_no_protection_of_its_own() -> None:
    """Its instant-restore points lie in AzureBackupRG_ groups or AzureBackup_ collections."""
    own = snapshot("s", OS_DISK, NOW)
    own["id"] = arm_id("Microsoft.Compute/snapshots", "s", "AzureBackupRG_westeurope_1")
    in_group = collection("x", "AzureBackupRG_westeurope_1")
    by_name = collection("AzureBackup_web-01_123", "rg-chosen")
    assert protections(own, in_group, by_name) == ()
