"""VMs in less common shapes: of scale sets, without an image, with and without an agent."""

from __future__ import annotations

from typing import Any

import pytest
from inventory_samples import arm_id, bundle, disk, disks_of, fleet, vm

from advisor.inventory.arm import parse_vm
from advisor.model import Vm

SCALE_SET = arm_id("Microsoft.Compute/virtualMachineScaleSets", "web")


def read(**changes: Any) -> Vm:
    return parse_vm(vm(**changes), "v.json", "$")


def of_storage(**changes: Any) -> Vm:
    return read(storageProfile={**vm()["storageProfile"], **changes})


def test_an_instance_of_a_uniform_scale_set_has_its_size_in_its_sku() -> None:
    """`az vmss list-instances`: no virtualMachineScaleSet, the id tells which one it is of."""
    body = vm("web_3", id=f"{SCALE_SET}/virtualMachines/3", sku={"name": "Standard_D2s_v5"})
    body |= {"hardwareProfile": {}, "type": None}
    known = fleet([body]).find("web_3").vm
    assert known.size == "Standard_D2s_v5"
    assert (known.scale_set_mode, known.scale_set_id) == ("Uniform", SCALE_SET)


def test_a_vm_of_a_flexible_scale_set_is_a_vm_with_its_own_size() -> None:
    known = read(virtualMachineScaleSet={"id": SCALE_SET}, sku={"name": "Standard_D9"})
    assert (known.size, known.scale_set_mode) == ("Standard_D4s_v5", "Flexible")


def test_a_size_is_kept_as_it_was_typed() -> None:
    assert read(hardwareProfile={"vmSize": "STANDARD_d4S_V5"}).size == "STANDARD_d4S_V5"


def test_the_tags_of_a_node_of_a_cluster_are_kept() -> None:
    tags = {"aks-managed-poolName": "system", "aks-managed-orchestrator": "Kubernetes:1.33.1"}
    assert read(tags=tags).tags == tags


@pytest.mark.parametrize(
    ("image", "known"),
    [
        ({"id": "/g/images/i"}, "/g/images/i"),
        ({"sharedGalleryImageId": "/shared/i"}, "/shared/i"),
        ({"communityGalleryImageId": "/community/i"}, "/community/i"),
    ],
)
def test_an_image_without_a_publisher_is_an_image_all_the_same(
    image: dict[str, str], known: str
) -> None:
    found = of_storage(imageReference=image).image
    assert found is not None
    assert (found.publisher, found.id) == (None, known)
    assert of_storage(imageReference=None).image is None


@pytest.mark.parametrize(
    ("can", "controller"),
    [("SCSI", "SCSI"), ("SCSI, NVMe", None), ("", None)],
)
def test_a_controller_that_is_not_said_is_scsi_only_where_the_os_disk_can_no_other(
    can: str, controller: str | None
) -> None:
    os_disk = disk("web-01-os", osType="Linux", supportedCapabilities={"diskControllerTypes": can})
    known = fleet(bundle([vm(), os_disk, disks_of()[1]])).find("web-01").vm
    assert known.disk_controller == controller
    said = vm(storageProfile={**vm()["storageProfile"], "diskControllerType": "NVMe"})
    assert fleet(bundle([said, os_disk])).find("web-01").vm.disk_controller == "NVMe"


@pytest.mark.parametrize(
    ("profile", "provisioned"),
    [
        ({"windowsConfiguration": {"provisionVMAgent": False}}, False),
        ({"linuxConfiguration": {"provisionVmAgent": True}}, True),
        ({"linuxConfiguration": {"provisionVmAgent": None}}, None),
        (None, None),
    ],
)
def test_whether_the_agent_was_installed_is_what_the_os_profile_says(
    profile: dict[str, Any] | None, provisioned: bool | None
) -> None:
    assert read(osProfile=profile).agent_provisioned is provisioned


def test_the_status_of_the_agent_is_that_of_the_instance_view() -> None:
    view = {"vmAgent": {"statuses": [{"displayStatus": "Not Ready", "code": "x"}]}}
    assert read(instanceView=view).agent_status == "Not Ready"
    assert read().agent_status is None


def test_an_ephemeral_os_disk_tells_where_it_lies() -> None:
    os_disk = {**vm()["storageProfile"]["osDisk"], "managedDisk": None}
    os_disk["diffDiskSettings"] = {"option": "Local", "placement": "NvmeDisk"}
    [first, *others] = of_storage(osDisk=os_disk).disks
    assert (first.ephemeral, first.ephemeral_placement) == (True, "NvmeDisk")
    assert all(one.ephemeral_placement is None for one in others)


def test_the_class_of_a_disk_is_the_vms_word_where_its_resource_has_none() -> None:
    nameless = [disk("web-01-os", osType="Linux", sku=None), disk("web-01-data", sku=None)]
    known = fleet(bundle([vm(), *nameless])).find("web-01").vm
    assert [each.sku for each in known.disks] == ["Premium_LRS", None]
