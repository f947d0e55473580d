"""Virtual machines over the wire with the real SDK: read, started, stopped, changed; and SKUs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import GROUP, REGION, arm_id, compute, small_world


async def power(client: Any, name: str = "web-01") -> str:
    view = await client.virtual_machines.instance_view(GROUP, name)
    return next(
        str(status.code).partition("/")[2]
        for status in view.statuses
        if str(status.code).startswith("PowerState/")
    )


async def test_the_instance_view_comes_only_where_it_is_asked_for(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        machines = client.virtual_machines
        plain = await machines.get(GROUP, "web-01")
        full = await machines.get(GROUP, "web-01", expand="instanceView")
        listed = {vm.name: vm.instance_view async for vm in machines.list_all()}
        states = {vm.name: vm.instance_view async for vm in machines.list_all(status_only="true")}
        in_group = [vm async for vm in machines.list(GROUP, expand="instanceView")]
        here = [vm.name async for vm in machines.list_by_location(REGION)]
        elsewhere = [vm.name async for vm in machines.list_by_location("northeurope")]
    assert plain.instance_view is None
    assert full.instance_view.vm_agent.statuses[0].display_status == "Ready"
    assert [disk.name for disk in full.instance_view.disks] == ["web-01-os", "web-01-data-1"]
    assert listed == {"web-01": None, "db-01": None}
    assert all(view.statuses for view in states.values())
    assert all(vm.instance_view for vm in in_group)
    assert sorted(here) == ["db-01", "web-01"]
    assert elsewhere == []


async def test_a_vm_is_deallocated_and_started_and_its_disks_with_it() -> None:
    world = small_world(pace=1000.0)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        await client.virtual_machines.begin_deallocate(GROUP, "web-01", polling=False)
        assert await power(client) == "deallocating"
        world.forward(timedelta(hours=1))
        assert await power(client) == "deallocated"
        assert (await client.disks.get(GROUP, "web-01-os")).disk_state == "Reserved"
        view = await client.virtual_machines.instance_view(GROUP, "web-01")
        assert view.vm_agent is None
        await client.virtual_machines.begin_start(GROUP, "web-01", polling=False)
        assert await power(client) == "starting"
        world.forward(timedelta(hours=1))
        assert await power(client) == "running"
        assert (await client.disks.get(GROUP, "web-01-os")).disk_state == "Attached"
        await client.virtual_machines.begin_power_off(GROUP, "web-01", polling=False)
        world.forward(timedelta(hours=1))
        assert await power(client) == "stopped"


async def test_data_disks_are_attached_and_detached(azure: AzureStandIn) -> None:
    change = {
        "dataDisksToAttach": [{"diskId": arm_id("disks", "loose"), "caching": "ReadOnly"}],
        "dataDisksToDetach": [{"diskId": arm_id("disks", "web-01-data-1")}],
    }
    async with compute(azure) as client:
        update = client.virtual_machines.begin_attach_detach_data_disks
        storage = await (await update(GROUP, "web-01", change)).result()
        assert [(disk.name, disk.lun) for disk in storage.data_disks] == [("loose", 0)]
        attached = await client.disks.get(GROUP, "loose")
        detached = await client.disks.get(GROUP, "web-01-data-1")
    assert attached.managed_by == arm_id("virtualMachines", "web-01")
    assert attached.disk_state == "Attached"
    assert (detached.managed_by, detached.disk_state) == (None, "Unattached")


async def test_a_disk_of_another_vm_or_of_a_used_lun_is_not_attached(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    async def attach(client: Any, **disk: Any) -> tuple[int, str]:
        with pytest.raises(HttpResponseError) as caught:
            await client.virtual_machines.begin_attach_detach_data_disks(
                GROUP, "web-01", {"dataDisksToAttach": [disk]}
            )
        return caught.value.status_code, caught.value.error.code

    async with compute(azure) as client:
        taken = arm_id("disks", "db-01-data-1")
        assert await attach(client, diskId=taken) == (409, "ConflictingUserInput")
        assert await attach(client, diskId=arm_id("disks", "gone")) == (404, "NotFound")
        used = {"diskId": arm_id("disks", "loose"), "lun": 0}
        assert await attach(client, **used) == (400, "InvalidParameter")
        with pytest.raises(HttpResponseError, match="not attached"):
            await client.virtual_machines.begin_attach_detach_data_disks(
                GROUP, "web-01", {"dataDisksToDetach": [{"diskId": arm_id("disks", "loose")}]}
            )


def swap(disk: str) -> dict[str, Any]:
    managed = {"id": arm_id("disks", disk)}
    return {"properties": {"storageProfile": {"osDisk": {"name": disk, "managedDisk": managed}}}}


async def test_the_os_disk_is_swapped_under_a_stopped_vm_only(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    async with compute(azure) as client:
        body = {
            "location": REGION,
            "sku": {"name": "Premium_LRS"},
            "properties": {
                "creationData": {
                    "createOption": "Copy",
                    "sourceResourceId": arm_id("disks", "web-01-os"),
                }
            },
        }
        await (await client.disks.begin_create_or_update(GROUP, "restored", body)).result()
        machines = client.virtual_machines
        with pytest.raises(HttpResponseError, match="deallocated"):
            await machines.begin_update(GROUP, "web-01", swap("restored"))
        await (await machines.begin_deallocate(GROUP, "web-01")).result()
        with pytest.raises(HttpResponseError, match="no operating system"):
            await machines.begin_update(GROUP, "web-01", swap("loose"))
        vm = await (await machines.begin_update(GROUP, "web-01", swap("restored"))).result()
        assert vm.storage_profile.os_disk.name == "restored"
        assert vm.provisioning_state == "Succeeded"
        assert (await client.disks.get(GROUP, "web-01-os")).managed_by is None
        restored = await client.disks.get(GROUP, "restored")
        assert (restored.managed_by, restored.disk_state) == (vm.id, "Reserved")


async def test_a_vm_is_made_with_its_disks_and_deleted_with_those_that_go_along(
    azure: AzureStandIn,
) -> None:
    body = {
        "location": REGION,
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "osProfile": {"computerName": "new", "adminUsername": "a", "adminPassword": "secret"},
            "storageProfile": {
                "osDisk": {
                    "createOption": "FromImage",
                    "osType": "Linux",
                    "deleteOption": "Delete",
                },
                "dataDisks": [
                    {
                        "lun": 3,
                        "createOption": "Attach",
                        "managedDisk": {"id": arm_id("disks", "loose")},
                    }
                ],
            },
        },
    }
    async with compute(azure) as client:
        machines = client.virtual_machines
        vm = await (await machines.begin_create_or_update(GROUP, "new", body)).result()
        assert vm.provisioning_state == "Succeeded"
        assert vm.os_profile.admin_password is None
        os_disk = vm.storage_profile.os_disk
        assert (await client.disks.get(GROUP, os_disk.name)).managed_by == vm.id
        await (await machines.begin_delete(GROUP, "new")).result()
        names = [disk.name async for disk in client.disks.list()]
        loose = await client.disks.get(GROUP, "loose")
    assert os_disk.name not in names
    assert loose.managed_by is None


async def test_a_vm_with_unmanaged_disks_is_made_named_and_listed(azure: AzureStandIn) -> None:
    def blob(name: str) -> dict[str, Any]:
        return {"createOption": "Empty", "vhd": {"uri": f"https://store.example/{name}.vhd"}}

    body = {
        "location": REGION,
        "plan": {"name": "n", "publisher": "p", "product": "t"},
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "storageProfile": {
                "osDisk": blob("os") | {"osType": "Linux"},
                "dataDisks": [blob("data") | {"lun": 0, "diskSizeGB": 64}],
            },
        },
    }
    async with compute(azure) as client:
        machines = client.virtual_machines
        vm = await (await machines.begin_create_or_update(GROUP, "old", body)).result()
        assert vm.plan.product == "t"
        data = vm.storage_profile.data_disks[0]
        assert (data.name, data.managed_disk) == ("old_DataDisk_0", None)
        listed = {one.name: one async for one in machines.list_all(status_only="true")}
    assert [one.name for one in listed["old"].instance_view.disks] == [
        "old_OsDisk_1",
        "old_DataDisk_0",
    ]


async def test_a_vm_without_a_system_disk_is_refused(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    body = {
        "location": REGION,
        "properties": {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}, "storageProfile": {}},
    }
    async with compute(azure) as client:
        with pytest.raises(HttpResponseError, match="osDisk"):
            await client.virtual_machines.begin_create_or_update(GROUP, "headless", body)


async def test_tags_of_a_vm_are_changed_and_what_is_not_sent_stays(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        before = await client.virtual_machines.get(GROUP, "web-01")
        update = await client.virtual_machines.begin_update(GROUP, "web-01", {"tags": {"a": "b"}})
        after = await update.result()
    assert after.tags == {"a": "b"}
    assert after.vm_id == before.vm_id
    assert after.storage_profile.as_dict() == before.storage_profile.as_dict()


async def test_skus_say_what_sizes_can_do(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        here = [one async for one in client.resource_skus.list(filter=f"location eq '{REGION}'")]
        north = [one async for one in client.resource_skus.list(filter="location eq 'ukwest'")]
    size = next(one for one in here if one.name == "Standard_D4s_v5")
    can = {one.name: one.value for one in size.capabilities}
    assert (can["vCPUs"], can["MemoryGB"], can["PremiumIO"]) == ("4", "16", "True")
    assert can["DiskControllerTypes"] == "SCSI"
    assert size.location_info[0].zones == ["1", "2", "3"]
    assert {one.location_info[0].location for one in north} == {"ukwest"}
    assert {tuple(one.location_info[0].zones) for one in north} == {()}
