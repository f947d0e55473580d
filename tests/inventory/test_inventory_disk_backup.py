"""Azure Disk Backup: single disks on a schedule of their own, whose snapshots count once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from inventory_samples import (
    NOW,
    arm_id,
    bundle,
    disks_of,
    fleet,
    graph,
    graph_page,
    snapshot,
    vm,
)

from advisor.errors import InputUnreadable
from advisor.inventory.data_protection import parse_disk_policy
from advisor.model import (
    Consistency,
    KnownVm,
    Protection,
    ProtectionKind,
    ProtectionState,
    Reading,
    Retention,
)

OS_DISK = arm_id("Microsoft.Compute/disks", "web-01-os")
DATA_DISK = arm_id("Microsoft.Compute/disks", "web-01-data")
BACKUP_VAULT = arm_id("Microsoft.DataProtection/backupVaults", "bv", "rg-backup")
GROUP = OS_DISK.split("/providers/", maxsplit=1)[0].replace("rg-a", "rg-snapshots")
TWELVE_HOURS = "R/2026-01-01T01:00:00+00:00/PT12H"


def instance(disk: str, policy_name: str = "p", **properties: Any) -> dict[str, Any]:
    """As `az dataprotection backup-instance list` prints it."""
    name = disk.rsplit("/", 1)[-1]
    body = {
        "currentProtectionState": "ProtectionConfigured",
        "protectionStatus": {"status": "ProtectionConfigured"},
        "objectType": "BackupInstance",
        "dataSourceInfo": {"datasourceType": "Microsoft.Compute/disks", "resourceID": disk},
        "policyInfo": {
            "policyId": f"{BACKUP_VAULT}/backupPolicies/{policy_name}",
            "policyParameters": {
                "dataStoreParametersList": [
                    {"dataStoreType": "OperationalStore", "resourceGroupId": GROUP}
                ]
            },
        },
    }
    return {
        "id": f"{BACKUP_VAULT}/backupInstances/{name}-i",
        "name": f"{name}-i",
        "type": "Microsoft.DataProtection/backupVaults/backupInstances",
        "properties": body | properties,
    }


def policy(*intervals: str, kept: str = "P7D", name: str = "p", **rule: Any) -> dict[str, Any]:
    schedule = {"repeatingTimeIntervals": list(intervals or (TWELVE_HOURS,))}
    trigger = {"schedule": schedule, **rule}
    default = {"name": "Default", "isDefault": True, "lifecycles": [_after(kept)]}
    weekly = {"name": "Weekly", "lifecycles": [_after("P4W")]}
    return {
        "id": f"{BACKUP_VAULT}/backupPolicies/{name}",
        "name": name,
        "type": "Microsoft.DataProtection/backupVaults/backupPolicies",
        "properties": {
            "datasourceTypes": ["Microsoft.Compute/disks"],
            "policyRules": [{"name": "BackupHourly", "trigger": trigger}, default, weekly],
        },
    }


def _after(duration: str) -> dict[str, Any]:
    return {"deleteAfter": {"duration": duration, "objectType": "AbsoluteDeleteOption"}}


def made(disk: str, hours: int) -> dict[str, Any]:
    """A snapshot that the instance of a disk took so many hours ago, in its own group."""
    name = f"{disk.rsplit('/', 1)[-1]}-{hours}"
    body = snapshot(name, disk, NOW - timedelta(hours=hours))
    return body | {"id": f"{GROUP}/providers/Microsoft.Compute/snapshots/{name}"}


def known(*resources: dict[str, Any]) -> KnownVm:
    return fleet(bundle([vm(), *disks_of(), *resources])).find("web-01")


def found(*resources: dict[str, Any]) -> tuple[Protection, ...]:
    return known(*resources).protections


def test_disks_that_are_backed_up_are_one_protection_with_its_schedule() -> None:
    (one,) = found(instance(OS_DISK.upper()), instance(DATA_DISK), policy())
    assert (one.kind, one.state) == (ProtectionKind.DISK_BACKUP, ProtectionState.ACTIVE)
    assert (one.every, one.kept) == (timedelta(hours=12), timedelta(days=7))
    assert (one.left_out, one.later_disks) == (frozenset(), False)
    assert one.consistency is Consistency.NONE
    assert one.policy is not None
    assert one.policy.retention == Retention(daily=7)
    assert one.vault is not None
    assert (one.vault.name, one.observed, one.detail) == ("bv", False, "")


def test_a_disk_that_is_not_backed_up_is_left_out() -> None:
    (one,) = found(instance(DATA_DISK), policy())
    assert one.left_out == {OS_DISK.lower()}
    assert one.detail == "It holds web-01-data alone."


def test_of_disks_with_different_policies_the_slowest_and_the_shortest_count_for_the_vm() -> None:
    often = policy("R/2026-01-01T01:00:00+00:00/PT4H", kept="P3D", name="often")
    other = instance(DATA_DISK)
    other["properties"]["policyInfo"]["policyId"] = often["id"]
    for order in ((instance(OS_DISK), other), (other, instance(OS_DISK))):
        (one,) = found(*order, policy(), often)
        assert (one.every, one.kept) == (timedelta(hours=12), timedelta(days=3))


def test_disks_in_different_states_are_protections_of_their_own() -> None:
    stopped = instance(OS_DISK, currentProtectionState="ProtectionStopped")
    active, ended = found(stopped, instance(DATA_DISK), policy())
    assert (active.state, active.left_out) == (ProtectionState.ACTIVE, {OS_DISK.lower()})
    assert (ended.state, ended.left_out) == (ProtectionState.STOPPED, {DATA_DISK.lower()})


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("ConfiguringProtection", ProtectionState.PENDING),
        ("ConfiguringProtectionFailed", ProtectionState.ERROR),
        ("ProtectionError", ProtectionState.ERROR),
        ("BackupsSuspended", ProtectionState.STOPPED),
        ("SoftDeleted", ProtectionState.SOFT_DELETED),
        ("SomethingNew", ProtectionState.UNKNOWN),
    ],
)
def test_the_state_is_read_from_what_the_instance_says(said: str, state: ProtectionState) -> None:
    error = {"status": said, "errorDetails": {"code": "E1", "message": "Grant the role first"}}
    body = instance(OS_DISK, currentProtectionState=None, protectionStatus=error)
    (one,) = found(body, policy())
    assert one.state is state
    assert one.health == ("Grant the role first.",)
    assert one.detail


def test_its_snapshots_give_the_last_point_and_are_not_counted_again() -> None:
    by_hand = snapshot("by-hand", OS_DISK, NOW - timedelta(hours=1))
    own = [made(OS_DISK, 3), made(OS_DISK, 15), made(DATA_DISK, 4)]
    backed_up, others = found(instance(OS_DISK), instance(DATA_DISK), policy(), by_hand, *own)
    assert backed_up.last_point == NOW - timedelta(hours=4)
    assert backed_up.count == 3
    assert (others.kind, others.count) == (ProtectionKind.SNAPSHOTS, 1)


def test_one_whose_snapshots_are_too_old_is_overdue() -> None:
    """Twelve hours, and a day of slack."""
    assert [one.state for one in found(instance(OS_DISK), policy(), made(OS_DISK, 36))] == [
        ProtectionState.ACTIVE
    ]
    assert [one.state for one in found(instance(OS_DISK), policy(), made(OS_DISK, 37))] == [
        ProtectionState.OVERDUE
    ]


def test_a_policy_that_was_not_read_is_named_with_the_command_for_it() -> None:
    one = known(instance(OS_DISK, "gold"))
    [protection] = one.protections
    assert (protection.every, protection.kept) == (None, None)
    [unread] = [each for each in one.not_read if "policy gold" in each.what]
    assert unread.remedy == (
        "az dataprotection backup-policy list --resource-group rg-backup --vault-name bv -o json"
    )


def test_instances_of_a_graph_answer_cover_every_backup_vault() -> None:
    rows = [graph(instance(OS_DISK))]
    read = fleet([vm("db-01")], graph_page(rows)).find("db-01")
    assert read.coverage.disk_backups is Reading.READ
    assert not read.coverage.all_vaults
    alone = fleet([vm("db-01")], [instance(OS_DISK)]).find("db-01")
    assert alone.coverage.disk_backups is Reading.NOT_SUPPLIED


def test_an_instance_of_something_else_is_no_disk_of_the_vm() -> None:
    blobs = {"datasourceType": "Microsoft.Storage/storageAccounts/blobServices", "resourceID": "/x"}
    assert found(instance(OS_DISK, dataSourceInfo=blobs)) == ()
    other = policy()
    other["properties"]["datasourceTypes"] = ["Microsoft.DBforPostgreSQL/servers/databases"]
    assert parse_disk_policy(other, "p", "$") is None


def test_an_instance_of_a_disk_that_does_not_say_which_is_refused_by_name() -> None:
    with pytest.raises(InputUnreadable, match="resourceID is missing"):
        known(instance(OS_DISK, dataSourceInfo={"datasourceType": "Microsoft.Compute/disks"}))


@pytest.mark.parametrize(
    ("intervals", "hours"),
    [
        (["R/2026-01-01T00:00:00+00:00/PT4H"], 4),
        (["R/2026-01-01T02:00:00+00:00/P1D", "R/2026-01-01T10:00:00+00:00/P1D"], 16),
        (["R/2026-01-01T00:00:00+00:00/PT12H", "R/2026-01-01T03:00:00/PT12H"], 9),
        (["R/2026-01-01T00:00:00+00:00/P1W", "R/2026-01-03T00:00:00+00:00/P1W"], 5 * 24),
    ],
)
def test_several_times_of_a_schedule_are_taken_together(intervals: list[str], hours: int) -> None:
    read = parse_disk_policy(policy(*intervals), "p", "$")
    assert read is not None
    assert read.every == timedelta(hours=hours)


def test_a_tag_keeps_some_points_longer() -> None:
    tag = {"tagInfo": {"tagName": "Weekly"}, "criteria": [{"absoluteCriteria": ["FirstOfWeek"]}]}
    read = parse_disk_policy(policy(taggingCriteria=[tag]), "p", "$")
    assert read is not None
    assert (read.kept, read.retention) == (timedelta(days=7), Retention(daily=7, weekly=4))


@pytest.mark.parametrize("written", ["R/2026-01-01/monthly", "PT4H", "R/2026-13-01T00:00:00/PT4H"])
def test_a_schedule_we_do_not_know_is_refused_by_name(written: str) -> None:
    with pytest.raises(InputUnreadable, match="repeatingTimeIntervals holds"):
        parse_disk_policy(policy(written), "p", "$")


def test_a_retention_we_do_not_know_is_refused_by_name() -> None:
    with pytest.raises(InputUnreadable, match="duration is “a week”"):
        parse_disk_policy(policy(kept="a week"), "p", "$")
