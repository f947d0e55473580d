"""Resource SKUs: the VM sizes and disk types that a region has, with what they can do.

The sizes are those that the world's VMs have, in every region in which it has VMs; what they can do
is read off their names (vm-naming-conventions, 2025-03).
"""

from __future__ import annotations

import re

from advisor.model import Verdict
from advisor.regions import region, region_name
from deploy.local.azure.calls import Answer, Call, Operation, page
from deploy.local.azure.compute.common import VMS
from deploy.local.azure.metadata import SUBSCRIPTION, require_subscription
from deploy.local.azure.world import Body, World

_SIZE = re.compile(
    r"Standard_(?P<family>[A-Z]+)(?P<cpus>\d+)(?:-\d+)?(?P<features>[a-z]*)"
    r"(?:_[A-Z]\w*?\d*)?(?:_v(?P<version>\d+))?$"
)
#: GiB of memory for each virtual CPU, by the family's letter (sizes/overview, 2025-03).
_MEMORY_PER_CPU = {"B": 4, "D": 4, "E": 8, "F": 2, "L": 8, "M": 28, "N": 7, "A": 2}
_DISK_SKUS = (
    ("Standard_LRS", "Standard"),
    ("StandardSSD_LRS", "Standard"),
    ("StandardSSD_ZRS", "Standard"),
    ("Premium_LRS", "Premium"),
    ("Premium_ZRS", "Premium"),
    ("PremiumV2_LRS", "Premium"),
    ("UltraSSD_LRS", "Ultra"),
)
_LOCATION = re.compile(r"^\s*location eq '([^']*)'\s*$", re.IGNORECASE)


def _list(call: Call) -> Answer:
    require_subscription(call)
    wanted = _LOCATION.match(call.query.get("$filter", ""))
    regions = sorted({region_name(vm["location"]) for vm in call.world.of_type(VMS)})
    if wanted:
        regions = [region_name(wanted[1])]
    sizes = _sizes(call.world)
    return page(
        [sku for here in regions for sku in (*_machine_skus(sizes, here), *_disk_skus(here))]
    )


def _sizes(world: World) -> list[str]:
    sizes = (vm["properties"].get("hardwareProfile", {}) for vm in world.of_type(VMS))
    return sorted({str(size["vmSize"]) for size in sizes if size.get("vmSize")})


def _machine_skus(sizes: list[str], here: str) -> list[Body]:
    return [_machine_sku(name, here) for name in sizes if _SIZE.match(name)]


def _machine_sku(name: str, here: str) -> Body:
    match = _SIZE.match(name)
    assert match
    family = f"standard{match['family']}{match['features']}Family"
    version = match["version"]
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "tier": "Standard",
        "size": name.removeprefix("Standard_"),
        "family": family if version is None else f"{family.removesuffix('Family')}v{version}Family",
        "locations": [here],
        "locationInfo": [_places(here, ultra=_has_premium(match["features"]))],
        "capabilities": [
            {"name": key, "value": value} for key, value in _capabilities(match).items()
        ],
        "restrictions": [],
    }


def _has_premium(features: str) -> bool:
    return "s" in features


def _capabilities(match: re.Match[str]) -> dict[str, str]:
    cpus, features = int(match["cpus"]), match["features"]
    newest = int(match["version"] or 1) >= 6
    return {
        "vCPUs": str(cpus),
        "MemoryGB": str(cpus * _MEMORY_PER_CPU.get(match["family"][0], 4)),
        "MaxDataDiskCount": str(min(64, cpus * 2)),
        "CpuArchitectureType": "Arm64" if "p" in features else "x64",
        "HyperVGenerations": "V2" if newest or "p" in features else "V1,V2",
        "DiskControllerTypes": "NVMe" if newest else "SCSI",
        "PremiumIO": str(_has_premium(features)),
        "EphemeralOSDiskSupported": str("d" in features),
        "EncryptionAtHostSupported": "True",
        "LowPriorityCapable": str(match["family"] != "B"),
        "AcceleratedNetworkingEnabled": "True",
    }


def _places(here: str, ultra: bool = False) -> Body:
    zones = ["1", "2", "3"] if region(here).zones is Verdict.YES else []
    details = [{"name": zones, "capabilities": [{"name": "UltraSSDAvailable", "value": "True"}]}]
    return {"location": here, "zones": zones, "zoneDetails": details if zones and ultra else []}


def _disk_skus(here: str) -> list[Body]:
    return [
        {
            "resourceType": "disks",
            "name": name,
            "tier": tier,
            "locations": [here],
            "locationInfo": [_places(here)],
            "capabilities": [],
            "restrictions": [],
        }
        for name, tier in _DISK_SKUS
    ]


OPERATIONS = (
    Operation(
        "ResourceSkus_List", "GET", f"{SUBSCRIPTION}/providers/Microsoft.Compute/skus", _list
    ),
)
