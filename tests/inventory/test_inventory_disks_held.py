"""Which disks of a VM a protection holds: listed, replicated, in its points, attached later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from inventory_samples import NOW, arm_id, bundle, disk, fleet, item, policy, replicated, vault, vm

from advisor.model import Consistency, Protection, ProtectionState

OS_DISK = arm_id("Microsoft.Compute/disks", "web-01-os")
DATA = [arm_id("Microsoft.Compute/disks", f"web-01-data{lun}") for lun in range(3)]
COLLECTIONS = "Microsoft.Compute/restorePointCollections"


def keys(*luns: int) -> frozenset[str]:
    return frozenset(DATA[lun].lower() for lun in luns)


def three_data_disks(**changes: Any) -> dict[str, Any]:
    body = vm()
    body["storageProfile"]["dataDisks"] = [
        {"lun": lun, "name": f"web-01-data{lun}", "managedDisk": {"id": one}}
        for lun, one in enumerate(DATA)
    ]
    return {**body, **changes}


def found(*resources: dict[str, Any], of: dict[str, Any] | None = None) -> Protection:
    known = fleet(bundle([of or three_data_disks(), *resources])).find("web-01")
    [one] = known.protections
    return one


def listed(luns: list[int] | None, *, inclusion: bool = True) -> Protection:
    chosen = luns if luns is None else {"diskLunList": luns, "isInclusionList": inclusion}
    extended = {"diskExclusionProperties": chosen, "linuxVmApplicationName": ""}
    return found(item(vm(), extendedProperties=extended), vault(), policy())


# --- Azure Backup ------------------------------------------------------------------------------


def test_a_backup_without_a_list_takes_every_disk_in_and_those_attached_later() -> None:
    for one in (found(item(vm())), found(item(vm(), extendedProperties=None)), listed(None)):
        assert (one.left_out, one.selective, one.later_disks) == (frozenset(), False, True)


@pytest.mark.parametrize(
    ("luns", "inclusion", "left_out", "later"),
    [
        ([0, 2], True, (1,), False),
        ([], True, (0, 1, 2), False),
        ([1], False, (1,), True),
        ([0, 1, 2], False, (0, 1, 2), True),
    ],
)
def test_a_list_of_disks_leaves_the_others_out_and_restores_disks_only(
    luns: list[int], inclusion: bool, left_out: tuple[int, ...], later: bool
) -> None:
    one = listed(luns, inclusion=inclusion)
    assert one.left_out == keys(*left_out)
    assert one.selective
    assert one.later_disks is later


def test_a_list_that_takes_every_disk_in_still_takes_in_none_attached_later() -> None:
    one = listed([0, 1, 2])
    assert (one.left_out, one.selective, one.later_disks) == (frozenset(), False, False)


def test_an_empty_list_of_exclusions_leaves_nothing_out() -> None:
    one = listed([], inclusion=False)
    assert (one.left_out, one.selective, one.later_disks) == (frozenset(), False, True)


def test_a_shared_disk_is_never_in_a_backup() -> None:
    one = found(item(vm()), disk("web-01-data1", maxShares=2))
    assert (one.left_out, one.selective) == (keys(1), False)


def test_the_newest_recovery_point_tells_which_disks_it_really_holds() -> None:
    """Beside the setting: what was excluded when it was made, and how consistent it is."""

    def point(days: int, luns: list[int], kind: str) -> dict[str, Any]:
        disks = [{"lun": lun, "name": f"d{lun}"} for lun in luns]
        return {
            "id": f"{item(vm())['id']}/recoveryPoints/{days}",
            "type": f"{item(vm())['type']}/recoveryPoints",
            "properties": {
                "recoveryPointTime": (NOW - timedelta(days=days)).isoformat(),
                "recoveryPointType": kind,
                "recoveryPointDiskConfiguration": {"excludedDiskList": disks},
            },
        }

    points = [point(1, [2], "FileSystemConsistent"), point(9, [0, 1], "AppConsistent")]
    one = found(item(vm()), *points)
    assert one.left_out == keys(2)
    assert one.consistency is Consistency.FILE_SYSTEM


# --- Site Recovery -----------------------------------------------------------------------------


def protected(*ids: str) -> list[dict[str, Any]]:
    return [{"diskId": one, "diskName": one.rsplit("/", 1)[-1]} for one in ids]


def test_a_disk_that_is_not_among_the_replicated_ones_is_left_out() -> None:
    disks = protected(OS_DISK.upper(), DATA[0], DATA[2].lower())
    one = found(replicated(vm(), protectedManagedDisks=disks, autoProtectionOfDataDisk="Disabled"))
    assert (one.left_out, one.later_disks) == (keys(1), False)


def test_a_disk_that_replication_names_unprotected_is_left_out() -> None:
    """The LUN of one that was attached later, as Site Recovery sees it."""
    one = found(
        replicated(vm(), unprotectedDisks=[{"diskLunId": 2}], autoProtectionOfDataDisk="Enabled")
    )
    assert (one.left_out, one.later_disks) == (keys(2), True)


def test_replication_that_does_not_say_its_disks_leaves_none_out() -> None:
    for disks in (None, []):
        one = found(replicated(vm(), protectedManagedDisks=disks))
        assert (one.left_out, one.later_disks) == (frozenset(), None)


@pytest.mark.parametrize(
    "properties",
    [{"protectionState": "UnplannedFailoverCommitted"}, {"activeLocation": "Recovery"}],
)
def test_after_a_failover_the_disks_are_those_of_the_other_side(properties: dict[str, Any]) -> None:
    body = replicated(vm(), protectedManagedDisks=protected(f"{OS_DISK}-replica"))
    body["properties"] |= properties
    assert found(body).left_out == frozenset()


def test_an_ephemeral_disk_holds_nothing_and_is_never_left_out() -> None:
    body = three_data_disks()
    body["storageProfile"]["osDisk"]["diffDiskSettings"] = {"option": "Local"}
    disks = protected(*DATA)
    assert found(replicated(vm(), protectedManagedDisks=disks), of=body).left_out == frozenset()


# --- restore points ----------------------------------------------------------------------------


def collection(*points: dict[str, Any]) -> dict[str, Any]:
    arm = arm_id(COLLECTIONS, "c")
    return {
        "id": arm,
        "type": COLLECTIONS,
        "location": "westeurope",
        "source": {"id": vm()["id"]},
        "restorePoints": [{"id": f"{arm}/restorePoints/p{n}", **p} for n, p in enumerate(points)],
    }


def made(at: datetime, *excluded: str, **more: Any) -> dict[str, Any]:
    disks = [{"id": one.upper()} for one in excluded]
    return {"timeCreated": at.isoformat(), "excludeDisks": disks, **more}


def test_the_newest_restore_point_decides_and_the_newest_whole_one_is_named() -> None:
    whole, partly = NOW - timedelta(days=9), NOW - timedelta(hours=3)
    one = found(
        collection(
            made(partly, DATA[1], consistencyMode="CrashConsistent"),
            made(whole, consistencyMode="ApplicationConsistent"),
        )
    )
    assert (one.left_out, one.last_point) == (keys(1), partly)
    assert one.consistency is Consistency.CRASH
    assert one.detail == (
        "The newest does not hold web-01-data1; the newest with every disk is of 13 November 2026."
    )


def test_where_no_restore_point_holds_every_disk_it_is_said() -> None:
    one = found(collection(made(NOW - timedelta(hours=3), DATA[0], DATA[2])))
    assert one.left_out == keys(0, 2)
    assert one.detail == "The newest does not hold web-01-data0 and web-01-data2; none does."


def test_a_disk_attached_after_a_restore_point_is_not_in_it() -> None:
    """A point names the disks that it was taken of."""
    storage = {
        "osDisk": {"managedDisk": {"id": OS_DISK}},
        "dataDisks": [{"lun": 0, "managedDisk": {"id": DATA[0]}}],
    }
    one = found(collection(made(NOW, sourceMetadata={"storageProfile": storage})))
    assert one.left_out == keys(1, 2)
    assert one.state is ProtectionState.ACTIVE
