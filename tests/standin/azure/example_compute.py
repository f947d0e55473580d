"""The operations of Compute of which there are examples, asked one after the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from deploy.local.azure.metadata import SUBSCRIPTION as _SUBSCRIPTION
from tests.standin.azure.example_answers import Recorder
from tests.standin.azure.example_operations import examples
from tests.standin.azure.running_azure import (
    GROUP,
    REGION,
    SUBSCRIPTION,
    arm_id,
    incremental,
    snapshot_of,
)

IN_SUBSCRIPTION = _SUBSCRIPTION.format(subscription=SUBSCRIPTION)
IN_GROUP = f"{IN_SUBSCRIPTION}/resourceGroups/{GROUP}"
OF_COMPUTE = "/providers/Microsoft.Compute"
VM = arm_id("virtualMachines", "web-01")
DISK = arm_id("disks", "loose")
SNAPSHOT = arm_id("snapshots", "s")
COLLECTION = arm_id("restorePointCollections", "points")
SHOWN = arm_id("virtualMachines", "shown-")
COPIES = arm_id("restorePointCollections", "copies")
TAGS = {"department": "Development"}
GRANT = {"access": "Read", "durationInSeconds": 300}


async def ask_all(one: Recorder) -> None:
    await _disks(one)
    await _snapshots(one)
    await _machines(one)
    await _points(one)
    await _lists(one)
    await _delete(one)


async def _disks(one: Recorder) -> None:
    made = arm_id("disks", "made")
    empty = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 200}
    ultra: dict[str, Any] = empty | {
        "creationData": {"createOption": "Empty", "logicalSectorSize": 4096},
        "diskIOPSReadWrite": 125,
        "diskMBpsReadWrite": 30,
    }
    encrypted = empty | {"encryption": {"diskEncryptionSetId": f"{IN_GROUP}/des"}}
    bodies: tuple[dict[str, Any], ...] = (
        {"properties": empty, "sku": {"name": "Premium_LRS"}, "tags": TAGS},
        {"properties": ultra, "sku": {"name": "UltraSSD_LRS"}, "zones": ["1"]},
        {"properties": ultra, "sku": {"name": "PremiumV2_LRS"}, "zones": ["1"]},
        {"properties": encrypted, "sku": {"name": "Premium_ZRS"}},
        snapshot_of(DISK),
    )
    await one.ask("PUT", arm_id("disks", "system"), _system_disk())
    for number, body in enumerate(bodies):
        await one.ask("PUT", f"{made}{number}", {"location": REGION, **body})
    await one.ask("PATCH", f"{made}0", {"properties": {"tier": "P30"}, "tags": TAGS})
    await one.ask("GET", f"{made}0")
    await one.ask("POST", f"{made}0/beginGetAccess", GRANT)
    await one.ask("POST", f"{made}0/endGetAccess")


def _system_disk() -> dict[str, Any]:
    """One encrypted by the guest, of an image that is sold."""
    vault = {"sourceVault": {"id": f"{IN_GROUP}/vault"}}
    keys = {
        "diskEncryptionKey": vault | {"secretUrl": "https://vault.example/secret"},
        "keyEncryptionKey": vault | {"keyUrl": "https://vault.example/key"},
    }
    properties = {
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": 64,
        "osType": "Windows",
        "hyperVGeneration": "V2",
        "purchasePlan": {"name": "n", "publisher": "p", "product": "t"},
        "encryptionSettingsCollection": {"enabled": True, "encryptionSettings": [keys]},
        "supportsHibernation": True,
        "supportedCapabilities": {"acceleratedNetwork": True},
    }
    return {"location": REGION, "properties": properties, "sku": {"name": "Premium_LRS"}}


async def _snapshots(one: Recorder) -> None:
    await one.ask("PUT", SNAPSHOT, incremental(tags=TAGS))
    await one.ask("PUT", arm_id("snapshots", "full"), snapshot_of(DISK, tags=TAGS))
    await one.ask("PUT", arm_id("snapshots", "direct"), incremental("v2"))
    system = incremental("system")
    system["properties"]["supportedCapabilities"] = {"acceleratedNetwork": False}
    await one.ask("PUT", arm_id("snapshots", "system"), system)
    far = snapshot_of(SNAPSHOT, "CopyStart", location="northeurope")
    await one.ask("PUT", arm_id("snapshots", "far"), far)
    await one.ask("PUT", arm_id("disks", "restored"), snapshot_of(arm_id("snapshots", "full")))
    await one.ask("PATCH", SNAPSHOT, {"tags": TAGS})
    await one.ask("POST", f"{SNAPSHOT}/beginGetAccess", GRANT)
    await one.ask("POST", f"{SNAPSHOT}/endGetAccess")
    for action, kind in (("Policy", "Unlocked"), ("PolicyLock", "Locked")):
        policy = {"immutabilityDurationDays": 30, "type": kind}
        await one.ask("POST", f"{SNAPSHOT}/updateImmutability{action}", policy)
    for name in ("s", "full", "direct", "far", "system"):
        await one.ask("GET", arm_id("snapshots", name))


async def _machines(one: Recorder) -> None:
    for number, body in enumerate(machine_bodies()):
        await one.ask("PUT", arm_id("virtualMachines", f"made-{number}"), body)
        await one.ask("GET", arm_id("virtualMachines", f"made-{number}"))
    for number, body in enumerate(machines_shown()):
        await one.ask("PUT", f"{SHOWN}{number}", body)
        await one.ask("GET", f"{SHOWN}{number}")
    await one.ask("GET", VM, **{"$expand": "instanceView"})
    await one.ask("GET", f"{VM}/instanceView")
    await one.ask("PATCH", VM, {"tags": TAGS})
    attaching = {"dataDisksToAttach": [{"diskId": DISK}]}
    await one.ask("POST", f"{VM}/attachDetachDataDisks", attaching)
    for action in ("powerOff", "start", "restart", "deallocate"):
        await one.ask("POST", f"{VM}/{action}")


def machine_bodies() -> Iterator[dict[str, Any]]:
    """What the examples of making a VM ask for, here; but no data disk copied from another."""
    files = (one for one in examples() if one.operation == "VirtualMachines_CreateOrUpdate")
    for number, example in enumerate(files):
        body = copy.deepcopy(example.whole["parameters"]["parameters"])
        storage = body["properties"]["storageProfile"]
        storage["osDisk"]["name"] += str(number)
        kept = [one for one in storage.get("dataDisks", ()) if "sourceResource" not in one]
        for disk in kept:
            if disk["createOption"] == "Attach":
                disk["managedDisk"]["id"] = arm_id("disks", "spare")
        storage["dataDisks"] = kept
        yield body | {"location": REGION}


def machines_shown() -> Iterator[dict[str, Any]]:
    """Machines that have what those of the examples of reading one have, but for their disks and
    for what Azure itself says of them."""
    for example in examples():
        if example.operation == "VirtualMachines_Get":
            shown = example.responses["200"]["body"]
            left = {
                name: value
                for name, value in shown["properties"].items()
                if name not in ("storageProfile", "instanceView", "networkProfile")
            }
            image = {"createOption": "FromImage", "osType": "Windows"}
            left["storageProfile"] = {"osDisk": image}
            yield {"location": REGION, "properties": left, "tags": TAGS}


async def _points(one: Recorder) -> None:
    shown = {"location": REGION, "properties": {"source": {"id": f"{SHOWN}0"}}}
    await one.ask("PUT", f"{COLLECTION}-shown", shown)
    await one.ask("PUT", f"{COLLECTION}-shown/restorePoints/p", {"properties": {}})
    await one.ask("GET", f"{COLLECTION}-shown", **{"$expand": "restorePoints"})
    source: dict[str, Any] = {"source": {"id": VM}, "instantAccess": True}
    body = {"location": REGION, "properties": source, "tags": TAGS}
    await one.ask("PUT", COLLECTION, body)
    await one.ask("PATCH", COLLECTION, {"tags": TAGS})
    excluded = [{"id": arm_id("disks", "web-01-data-1")}]
    point = f"{COLLECTION}/restorePoints/p"
    await one.ask("PUT", point, {"properties": {"excludeDisks": excluded}})
    await one.ask("PUT", f"{COLLECTION}/restorePoints/q", {"properties": {}})
    far = {"location": "northeurope", "properties": {"source": {"id": COLLECTION}}, "tags": TAGS}
    await one.ask("PUT", COPIES, far)
    copied = {"properties": {"sourceRestorePoint": {"id": f"{COLLECTION}/restorePoints/q"}}}
    await one.ask("PUT", f"{COPIES}/restorePoints/q", copied)
    for path in (point, f"{COPIES}/restorePoints/q"):
        await one.ask("GET", path)
        await one.ask("GET", path, **{"$expand": "instanceView"})
    for path in (COLLECTION, COPIES):
        await one.ask("GET", path)
        await one.ask("GET", path, **{"$expand": "restorePoints"})


async def _lists(one: Recorder) -> None:
    for kind in ("disks", "snapshots", "virtualMachines", "restorePointCollections"):
        await one.ask("GET", f"{IN_GROUP}{OF_COMPUTE}/{kind}")
        await one.ask("GET", f"{IN_SUBSCRIPTION}{OF_COMPUTE}/{kind}")
    machines = f"{IN_SUBSCRIPTION}{OF_COMPUTE}/virtualMachines"
    await one.ask("GET", machines, statusOnly="true")
    await one.ask("GET", f"{IN_SUBSCRIPTION}{OF_COMPUTE}/locations/{REGION}/virtualMachines")
    await one.ask("GET", f"{IN_SUBSCRIPTION}{OF_COMPUTE}/skus", includeExtendedLocations="true")


async def _delete(one: Recorder) -> None:
    """Twice, since what is not there is deleted too."""
    for _ in range(2):
        await one.ask("DELETE", f"{COLLECTION}/restorePoints/p")
        await one.ask("DELETE", arm_id("snapshots", "full"))
        await one.ask("DELETE", arm_id("disks", "made4"))
    for _ in range(2):
        await one.ask("DELETE", COPIES)
