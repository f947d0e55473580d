"""What Site Recovery refuses to replicate between Azure regions, and why.

Rules: Azure-to-Azure support matrix, 2026-06. Codes that no recorded answer has are made up in
the style of the one that has (A2AOperatingSystemNotSupported); the sentences say the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from advisor.regions import REGIONS
from deploy.local.azure.backup.places import disks_of
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.site_recovery.pieces import failure
from deploy.local.azure.world import Body, World

MAX_OS_DISK_GIB = 4095
MAX_DATA_DISK_GIB = 32 * 1024
MAX_DATA_DISKS = 64


class Objection(NamedTuple):
    code: str
    message: str
    causes: str
    advice: str


class Asked(NamedTuple):
    """Replicate this VM there. `to_region` is "" where only the VM itself is asked about."""

    world: World
    vm: Body
    to_region: str = ""
    to_zone: str = ""


def check(asked: Asked) -> None:
    """Raises Refusal 400 with the first rule that the VM breaks."""
    for one in objections(asked):
        raise failure(400, one.code, one.message, one.causes, one.advice)


def objections(asked: Asked) -> Iterator[Objection]:
    """Every rule that the VM breaks."""
    for rule in _RULES:
        found = rule(asked)
        if found:
            yield found


def _name(asked: Asked) -> str:
    return str(asked.vm["name"])


def _properties(asked: Asked) -> Body:
    return dict(asked.vm["properties"])


def _nvme(asked: Asked) -> Objection | None:
    storage = _properties(asked).get("storageProfile", {})
    if storage.get("diskControllerType") != "NVMe":
        return None
    return Objection(
        "A2ANVMeDiskControllerNotSupported",
        f"Replication couldn't be enabled as the virtual machine '{_name(asked)}' uses the NVMe "
        "disk controller.",
        "The NVMe storage interface is not supported for replication.",
        "Use a size that offers the SCSI disk controller.",
    )


def _arm64(asked: Asked) -> Objection | None:
    disks = [disk.get("properties", {}) for _, disk in disks_of(asked.world, asked.vm)]
    kinds = {(disk.get("supportedCapabilities") or {}).get("architecture") for disk in disks}
    if "Arm64" not in kinds:
        return None
    return Objection(
        "A2AArm64NotSupported",
        f"Replication couldn't be enabled as the virtual machine '{_name(asked)}' has the Arm64 "
        "architecture.",
        "Arm64 virtual machines are not supported for replication.",
        "Use a size with the x64 architecture.",
    )


def _attached(asked: Asked) -> Iterator[Body]:
    for attached, _ in disks_of(asked.world, asked.vm):
        yield attached


def _write_accelerator(asked: Asked) -> Objection | None:
    if not any(one.get("writeAcceleratorEnabled") for one in _attached(asked)):
        return None
    return Objection(
        "A2AWriteAcceleratorNotSupported",
        f"Replication couldn't be enabled as the virtual machine '{_name(asked)}' has disks with "
        "Write Accelerator.",
        "Write Accelerator is not supported for replication.",
        "Disable Write Accelerator on the disks, and enable replication again.",
    )


def _shared(asked: Asked) -> Objection | None:
    disks = [disk.get("properties", {}) for _, disk in disks_of(asked.world, asked.vm)]
    os_type = (_properties(asked).get("storageProfile", {}).get("osDisk") or {}).get("osType")
    if os_type == "Windows" or not any(int(one.get("maxShares") or 1) > 1 for one in disks):
        return None
    return Objection(
        "A2ASharedDiskNotSupported",
        f"Replication couldn't be enabled as the virtual machine '{_name(asked)}' has shared "
        "disks.",
        "Shared disks are supported for Windows Server failover clusters only.",
        "Detach the shared disks, or protect the cluster instead.",
    )


def _ephemeral(asked: Asked) -> Objection | None:
    os_disk = _properties(asked).get("storageProfile", {}).get("osDisk") or {}
    if (os_disk.get("diffDiskSettings") or {}).get("option") != "Local":
        return None
    return Objection(
        "A2AEphemeralOSDiskNotSupported",
        f"Replication couldn't be enabled as the virtual machine '{_name(asked)}' has an ephemeral "
        "OS disk.",
        "The OS disk is not a managed disk that can be replicated.",
        "Use a managed OS disk.",
    )


def _spot_or_confidential(asked: Asked) -> Objection | None:
    properties = _properties(asked)
    kind = (properties.get("securityProfile") or {}).get("securityType")
    spot = properties.get("priority") == "Spot"
    if not spot and kind != "ConfidentialVM":
        return None
    told = "a Spot virtual machine" if spot else "a confidential virtual machine"
    return Objection(
        "A2AVirtualMachineKindNotSupported",
        f"Replication couldn't be enabled as '{_name(asked)}' is {told}.",
        "Virtual machines of this kind are not supported for replication.",
        "Use a virtual machine of regular priority and supported security type.",
    )


def _sizes(asked: Asked) -> Objection | None:
    pairs = disks_of(asked.world, asked.vm)
    data = [(a, d) for a, d in pairs if "lun" in a]
    if len(data) > MAX_DATA_DISKS:
        told = f"has {len(data)} data disks; at most {MAX_DATA_DISKS} are supported"
        return _too_large(asked, told)
    for attached, disk in pairs:
        size = int(disk.get("properties", {}).get("diskSizeGB") or attached.get("diskSizeGB") or 0)
        most = MAX_DATA_DISK_GIB if "lun" in attached else MAX_OS_DISK_GIB
        if size > most:
            told = f"has a disk of {size} GB; at most {most} GB are supported"
            return _too_large(asked, told)
    return None


def _too_large(asked: Asked, told: str) -> Objection:
    return Objection(
        "A2ADiskLimitExceeded",
        f"Replication couldn't be enabled as the virtual machine '{_name(asked)}' {told}.",
        "The disks are beyond the limits of replication.",
        "Detach or exclude the disks.",
    )


def _target(asked: Asked) -> Objection | None:
    source = str(asked.vm.get("location", "")).lower()
    if not asked.to_region:
        return None
    if asked.to_region not in REGIONS or asked.to_region == "brazilsouth":
        return Objection(
            "A2ARecoveryRegionNotSupported",
            f"The region '{asked.to_region}' cannot be a recovery region.",
            "The region is unknown, or replication into it is not supported.",
            "Choose another recovery region.",
        )
    if source != asked.to_region:
        return None
    return _same_region(asked)


def _same_region(asked: Asked) -> Objection | None:
    zones = [str(zone) for zone in asked.vm.get("zones") or []]
    if not zones or not asked.to_zone or asked.to_zone in zones:
        return Objection(
            "A2ASameRegionReplicationNotSupported",
            f"The virtual machine '{_name(asked)}' cannot be replicated within its region.",
            "Within a region, replication is from one availability zone to another.",
            "Choose another region, or another zone for a zonal virtual machine.",
        )
    skus = {str((disk.get("sku") or {}).get("name")) for _, disk in disks_of(asked.world, asked.vm)}
    if skus & {"UltraSSD_LRS", "Premium_ZRS", "StandardSSD_ZRS"}:
        return Objection(
            "A2AZoneToZoneDiskNotSupported",
            f"The virtual machine '{_name(asked)}' has disks that cannot be replicated to a zone.",
            "Ultra disks and zone-redundant disks are not supported from zone to zone.",
            "Choose another region.",
        )
    return None


_RULES: tuple[Callable[[Asked], Objection | None], ...] = (
    _nvme,
    _arm64,
    _write_accelerator,
    _shared,
    _ephemeral,
    _spot_or_confidential,
    _sizes,
    _target,
)


def _eligibility(call: Call) -> Answer:
    """The rules that a VM breaks, without enabling anything."""
    vm_path = call.path.rsplit("/providers/Microsoft.RecoveryServices", 1)[0]
    vm = call.world.get(vm_path)
    if vm is None:
        name = call.params["vm"]
        raise Refusal(404, "ResourceNotFound", f"The virtual machine '{name}' was not found.")
    errors = [
        {
            "code": one.code,
            "message": one.message,
            "possibleCauses": one.causes,
            "recommendedAction": one.advice,
            "status": "Error",
        }
        for one in objections(Asked(call.world, vm))
    ]
    body = {
        "name": "default",
        "type": "Microsoft.RecoveryServices/replicationEligibilityResults",
        "id": f"{vm['id']}/providers/Microsoft.RecoveryServices/replicationEligibilityResults"
        "/default",
        "properties": {"clientRequestId": call.world.new_guid(), "errors": errors},
    }
    return Answer(200, body)


OPERATIONS = (
    Operation(
        "ReplicationEligibilityResults_Get",
        "GET",
        f"{RESOURCE_GROUP}/providers/Microsoft.Compute/virtualMachines/{{vm}}"
        "/providers/Microsoft.RecoveryServices/replicationEligibilityResults/default",
        _eligibility,
    ),
)
