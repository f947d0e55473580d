"""One resource in ARM's shapes: what is read, what has a default, what is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from inventory_samples import arm_id, disk, graph, rest, snapshot, vm

from advisor.errors import InputUnreadable
from advisor.inventory.arm import parse_disk, parse_vm, split_id
from advisor.inventory.compute_points import parse_collection, parse_restore_point, parse_snapshot
from advisor.model import Reading


def test_the_three_shapes_of_a_vm_are_one_vm() -> None:
    """What az prints flattened, REST and Resource Graph put under `properties`."""
    flat = parse_vm(vm(), "a.json", "$")
    assert parse_vm(rest(vm()), "a.json", "$") == flat
    assert parse_vm(graph(vm()), "a.json", "$") == flat
    assert flat.size == "Standard_D4s_v5"
    assert [one.name for one in flat.disks] == ["web-01-os", "web-01-data"]


def test_what_arm_leaves_out_of_a_vm_has_its_default() -> None:
    read = parse_vm(vm(), "a.json", "$")
    assert read.priority == "Regular"
    assert read.disk_controller is None
    assert read.security_type is None
    assert not read.encryption_at_host


def test_the_disks_of_a_vm_alone_are_not_read() -> None:
    """A VM's storage profile names its disks; what only the resource says is not known."""
    for one in parse_vm(vm(), "a.json", "$").disks:
        assert one.reading is Reading.NOT_SUPPLIED
        assert one.max_shares is None
        assert one.azure_disk_encryption is None


def test_what_arm_leaves_out_of_a_disk_that_was_read_has_its_default() -> None:
    read = parse_disk(disk(), "a.json", "$").disk
    assert read.reading is Reading.READ
    assert read.max_shares == 1
    assert read.azure_disk_encryption is False
    assert read.encryption_type == "EncryptionAtRestWithPlatformKey"
    assert read.network_access_policy == "AllowAll"
    assert read.logical_sector_size == 512
    assert (read.size_gib, read.iops, read.throughput_mb_per_s) == (256, 1100, 125)


def test_sectors_of_ultra_and_premium_v2_disks_are_4096_bytes_unless_said() -> None:
    for sku in ("UltraSSD_LRS", "PremiumV2_LRS"):
        assert parse_disk(disk(sku={"name": sku}), "a", "$").disk.logical_sector_size == 4096
    small = disk(sku={"name": "UltraSSD_LRS"}, creationData={"logicalSectorSize": 512})
    assert parse_disk(small, "a", "$").disk.logical_sector_size == 512


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"powerState": "VM running"}, "running"),
        ({"powerState": "VM deallocated"}, "deallocated"),
        ({"instanceView": {"statuses": [{"code": "PowerState/stopped"}]}}, "stopped"),
        ({"extended": {"instanceView": {"powerState": {"code": "PowerState/running"}}}}, "running"),
        ({"powerState": ""}, None),
        ({}, None),
    ],
)
def test_the_power_state_is_read_from_every_shape(said: dict[str, Any], state: str | None) -> None:
    assert parse_vm(vm(**said), "a.json", "$").power_state == state


def test_names_of_regions_are_arms() -> None:
    assert parse_vm(vm(location="West Europe"), "a.json", "$").region == "westeurope"


def test_the_first_moment_of_the_calendar_is_no_time() -> None:
    """Azure writes year 1 (and Site Recovery 1753) for "never"."""
    for never in ("0001-01-01T00:00:00", "1753-01-01T01:01:01Z"):
        assert parse_vm(vm(timeCreated=never), "a.json", "$").created is None
    naive = parse_vm(vm(timeCreated="2025-03-11T08:14:52.1234567"), "a.json", "$").created
    assert naive == datetime(2025, 3, 11, 8, 14, 52, 123456, tzinfo=UTC)


def test_an_ephemeral_os_disk_is_read_with_its_vm() -> None:
    """It is no resource of its own: there is nothing more to ask for."""
    body = vm()
    body["storageProfile"]["osDisk"]["diffDiskSettings"] = {"option": "Local"}
    one = parse_vm(body, "a.json", "$").disks[0]
    assert one.ephemeral
    assert one.reading is Reading.READ
    assert one.max_shares == 1


def test_a_disk_in_a_storage_account_is_unmanaged() -> None:
    body = vm()
    body["storageProfile"]["osDisk"].pop("managedDisk")
    body["storageProfile"]["osDisk"]["vhd"] = {"uri": "https://x.blob.core.windows.net/v/o.vhd"}
    assert parse_vm(body, "a.json", "$").disks[0].unmanaged


def test_a_vm_of_a_flexible_scale_set_is_told_from_an_instance_of_a_uniform_one() -> None:
    scale_set = arm_id("Microsoft.Compute/virtualMachineScaleSets", "vmss")
    flexible = parse_vm(vm(virtualMachineScaleSet={"id": scale_set}), "a.json", "$")
    assert (flexible.scale_set_mode, flexible.scale_set_id) == ("Flexible", scale_set)
    uniform = parse_vm(vm(id=f"{scale_set}/virtualMachines/3"), "a.json", "$")
    assert uniform.scale_set_mode == "Uniform"
    assert parse_vm(vm(), "a.json", "$").scale_set_mode is None


def test_tags_keep_their_names_as_written() -> None:
    assert parse_vm(vm(tags={"Environment": "Prod", "x": None}), "a", "$").tags == {
        "Environment": "Prod",
        "x": "",
    }


@pytest.mark.parametrize(
    ("changes", "place", "key"),
    [
        ({"id": None}, "$[3]", "id is missing"),
        ({"location": None}, "$[3]", "location is missing"),
        ({"id": "web-01"}, "$[3].id", "id is not the id of a VM"),
        ({"id": arm_id("Microsoft.Compute/disks", "d")}, "$[3].id", "id is not the id of a VM"),
        ({"storageProfile": None}, "$[3]", "storageProfile is missing"),
        ({"storageProfile": []}, "$[3].storageProfile", "storageProfile must be an object"),
        ({"zones": "1"}, "$[3].zones", "zones must be a list"),
        ({"zones": [1]}, "$[3].zones", "zones must hold texts"),
        ({"tags": ["a"]}, "$[3].tags", "tags must be an object"),
        ({"tags": {"a": 1}}, "$[3].tags", "The tag “a” must be a text"),
        ({"timeCreated": "yesterday"}, "$[3].timeCreated", "timeCreated must be a time"),
        (
            {"hardwareProfile": {"vmSize": 4}},
            "$[3].hardwareProfile.vmSize",
            "vmSize must be a text",
        ),
        (
            {"securityProfile": {"encryptionAtHost": "yes"}},
            "$[3].securityProfile.encryptionAtHost",
            "encryptionAtHost must be true or false",
        ),
        (
            {"storageProfile": {"dataDisks": [{"lun": 0}, {"lun": True}]}},
            "$[3].storageProfile.dataDisks[1].lun",
            "lun must be a whole number",
        ),
    ],
)
def test_a_vm_of_a_shape_we_do_not_know_is_refused_naming_file_place_and_key(
    changes: dict[str, Any], place: str, key: str
) -> None:
    with pytest.raises(InputUnreadable) as caught:
        parse_vm(vm(**changes), "vms.json", "$[3]")
    assert caught.value.source == "vms.json"
    assert caught.value.place == place
    assert key in caught.value.problem


def test_a_size_written_as_a_text_is_refused_naming_the_key() -> None:
    with pytest.raises(InputUnreadable, match=r"disks\.json, at \$\[0\]\.properties\.diskSizeGB"):
        parse_disk(rest(disk(diskSizeGb="256")), "disks.json", "$[0]")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("diskSizeGB", 10**15),
        ("diskSizeGB", 2**20 + 1),
        ("diskMBpsReadWrite", 10**30),
        ("diskIOPSReadWrite", 10**15),
        ("maxShares", 10**12),
    ],
)
def test_a_number_larger_than_any_in_azure_is_refused_naming_the_key(key: str, value: int) -> None:
    with pytest.raises(InputUnreadable) as caught:
        parse_disk(rest(disk(**{key: value})), "disks.json", "$[0]")
    assert caught.value.place == f"$[0].properties.{key}"
    assert f"{key} is {value}, and nothing in Azure is larger than " in caught.value.problem


def test_the_largest_disk_that_is_taken_is_a_disk() -> None:
    read = parse_disk(rest(disk(diskSizeGB=2**20)), "disks.json", "$[0]")
    assert read.disk.size_gib == 2**20


def test_a_snapshot_names_its_source_in_lower_case_with_a_leading_slash() -> None:
    """Some answers leave the slash out."""
    source = arm_id("Microsoft.Compute/disks", "Web-01-OS")
    read = parse_snapshot(snapshot("s", source.strip("/"), datetime.now(UTC)), "a", "$")
    assert read.source_id == source.lower()
    assert read.incremental


def test_a_collection_listed_without_its_restore_points_says_that_they_are_unknown() -> None:
    kind = "Microsoft.Compute/restorePointCollections"
    body = {"id": arm_id(kind, "c"), "location": "westeurope", "source": {"id": vm()["id"]}}
    assert not parse_collection(body, "a", "$").points_read
    point = {"id": arm_id(kind, "c") + "/restorePoints/p", "timeCreated": "2026-11-21T22:00:00Z"}
    whole = parse_collection({**body, "restorePoints": [point]}, "a", "$")
    assert whole.points == (parse_restore_point(point, "a", "$"),)
    assert whole.points[0].collection_id == whole.key


@pytest.mark.parametrize(
    "text", ["", "web-01", "/subscriptions/s", "/a/b/c/d/e/f/g/h", "//////////"]
)
def test_what_is_no_full_id_is_not_split(text: str) -> None:
    assert split_id(text) is None
