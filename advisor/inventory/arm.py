"""One ARM-shaped dict of Microsoft.Compute into a frozen type: a VM, a disk.

Three shapes are read alike: REST and Resource Graph (`properties`), and what the Azure CLI
prints (the properties on the top level). A property that is absent from a resource that was
read has ARM's default. Every parser takes the dict, the name of its source and its place in it,
and raises InputUnreadable naming the key for a shape it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory.fields import LARGEST_DISK_GIB, LARGEST_RATE, Fields
from advisor.model import Disk, Image, Reading, Vm
from advisor.regions import region_name

VM_TYPE = "microsoft.compute/virtualmachines"
DISK_TYPE = "microsoft.compute/disks"
SNAPSHOT_TYPE = "microsoft.compute/snapshots"
COLLECTION_TYPE = "microsoft.compute/restorepointcollections"
VMSS_TYPE = "microsoft.compute/virtualmachinescalesets"
RESTORE_POINT_TYPE = "microsoft.compute/restorepointcollections/restorepoints"

#: ARM's defaults of a disk (Microsoft.Compute DiskRP 2023-10-02): logical sectors of Ultra and
#: Premium SSD v2 are 4,096 bytes unless said, of all others 512.
_LARGE_SECTOR_SKUS = ("ultrassd_lrs", "premiumv2_lrs")
_UNIFORM = "virtualmachinescalesets"  #: in the type of an instance of a uniform scale set
_PLATFORM_KEY = "EncryptionAtRestWithPlatformKey"

#: Enumerations that PowerShell writes as numbers (Microsoft.Azure.Management.Compute.Models, 2025).
_OS_TYPES = ("Windows", "Linux")
_CACHING = ("None", "ReadOnly", "ReadWrite")


class ArmId(NamedTuple):
    """The parts of a full ARM id, as Azure spells them; `type` is lower-cased."""

    subscription: str
    resource_group: str
    type: str
    name: str


class DiskRecord(NamedTuple):
    """A disk resource with what only the resource says of its VM."""

    disk: Disk
    id: str
    managed_by: str | None = None  #: lower-cased id of the VM it is attached to
    generation: str | None = None  #: V1, V2: of an OS disk
    controllers: frozenset[str] = frozenset()  #: what an OS disk can be attached by, in capitals
    region: str = ""


def split_id(arm_id: str) -> ArmId | None:
    """The parts of a full ARM id of a resource in a group; None where it is not one."""
    parts = arm_id.strip("/").split("/")
    if len(parts) < 8 or len(parts) % 2 or not all(parts):
        return None
    heads = [part.lower() for part in parts[0:6:2]]
    if heads != ["subscriptions", "resourcegroups", "providers"]:
        return None
    kind = "/".join([parts[5], *parts[6::2]]).lower()
    return ArmId(parts[1], parts[3], kind, parts[-1])


def kind_of(body: Mapping[str, Any]) -> str:
    """The lower-cased resource type: the `type` that is written, else that of the id.

    Empty where neither says it. A cmdlet of PowerShell writes both keys with a capital.
    """
    written, arm_id = body.get("type", body.get("Type")), body.get("id", body.get("Id"))
    if isinstance(written, str) and "/" in written:
        return written.lower()
    parts = split_id(arm_id) if isinstance(arm_id, str) else None
    return parts.type if parts else ""


def parse_vm(body: Mapping[str, Any], source: str, place: str) -> Vm:
    """A VM with the disks of its storage profile, none of them read as a resource yet."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    parts = _vm_parts(top, arm_id)
    storage = properties.inner("storageProfile")
    if not properties.has("storageProfile"):
        raise properties.refusal(
            "", "storageProfile is missing: which disks the VM has is not known."
        )
    security = properties.inner("securityProfile")
    view = _view(properties)
    name = top.text("name") or parts.name
    disks = _profile_disks(storage, name)
    return Vm(
        id=arm_id,
        name=name,
        resource_group=parts.resource_group,
        subscription_id=parts.subscription,
        region=region_name(top.needed("location")),
        size=properties.inner("hardwareProfile").text("vmSize") or _instance_size(parts, top),
        disks=disks,
        vm_id=properties.text("vmId"),
        zones=top.texts("zones"),
        os_type=_os_type(properties, view),
        os_name=view.text("osName"),
        os_version=view.text("osVersion"),
        image=_image(storage),
        power_state=_power_state(top, properties, view),
        priority=properties.text("priority") or "Regular",
        security_type=_security_type(security.text("securityType")),
        encryption_at_host=security.flag("encryptionAtHost") or False,
        disk_controller=storage.text("diskControllerType"),
        generation=view.text("hyperVGeneration"),
        scale_set_id=_scale_set(parts, arm_id, top, properties),
        scale_set_mode=_scale_set_mode(parts, _scale_set(parts, arm_id, top, properties)),
        availability_set_id=_availability_set(properties),
        host_id=_host(properties, view),
        plan=top.inner("plan").text("name"),
        agent_provisioned=_agent_provisioned(properties.inner("osProfile")),
        agent_status=_agent_status(view),
        created=properties.moment("timeCreated"),
        tags=top.tags(),
    )


def parse_disk(body: Mapping[str, Any], source: str, place: str) -> DiskRecord:
    """A disk resource. What ARM leaves out of it has ARM's default."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    parts = parts_of(top, arm_id, DISK_TYPE, "a disk")
    managed_by = top.text("managedBy")
    disk = Disk(
        name=top.text("name") or parts.name,
        id=arm_id,
        is_os=properties.has("osType"),
        reading=Reading.READ,
        zones=top.texts("zones"),
        tags=top.tags(),
        **_hardware(top, properties),
        **_access(properties),
    )
    return DiskRecord(
        disk=disk,
        id=arm_id,
        managed_by=managed_by.lower() if managed_by else None,
        generation=properties.text("hyperVGeneration"),
        controllers=_controllers(properties.inner("supportedCapabilities")),
        region=region_name(top.needed("location")),
    )


def _controllers(capabilities: Fields) -> frozenset[str]:
    """`SCSI`, or `SCSI, NVMe`: what the disk can, not what is used."""
    said = capabilities.text("diskControllerTypes") or ""
    return frozenset(one.strip().upper() for one in said.split(",") if one.strip())


def opened(body: Mapping[str, Any], source: str, place: str) -> tuple[Fields, Fields]:
    """The top level and the properties: the same object in the Azure CLI's shape."""
    if not isinstance(body, Mapping):
        raise InputUnreadable(source, place, "This must be an object, one resource.")
    top = Fields(body, source, place)
    return top, (top.inner("properties") if top.has("properties") else top)


def parts_of(top: Fields, arm_id: str, wanted: str, what: str) -> ArmId:
    """The parts of an id that must be of the wanted type; `what` it is in words."""
    parts = split_id(arm_id)
    if parts is None or parts.type != wanted:
        raise top.refusal("id", f"id is not the id of {what}: “{arm_id[:200]}”.")
    return parts


def _vm_parts(top: Fields, arm_id: str) -> ArmId:
    """A VM's id, or that of an instance of a uniform scale set."""
    parts = split_id(arm_id)
    if parts is None or not parts.type.endswith("/virtualmachines"):
        raise top.refusal("id", f"id is not the id of a VM: “{arm_id[:200]}”.")
    return parts


def lowered_id(arm_id: str | None) -> str | None:
    """Some answers leave out the leading slash of a source's id."""
    return "/" + arm_id.strip("/").lower() if arm_id else None


def _profile_disks(storage: Fields, vm_name: str) -> tuple[Disk, ...]:
    disks = []
    if storage.has("osDisk"):
        disks.append(_profile_disk(storage.inner("osDisk"), f"{vm_name} OS disk", is_os=True))
    for one in storage.each("dataDisks"):
        disks.append(_profile_disk(one, f"{vm_name} lun {one.whole('lun')}", is_os=False))
    return tuple(disks)


def _profile_disk(one: Fields, otherwise: str, *, is_os: bool) -> Disk:
    managed = one.inner("managedDisk")
    arm_id = managed.text("id")
    ephemeral = one.inner("diffDiskSettings").text("option") == "Local"
    named = arm_id.rsplit("/", 1)[-1] if arm_id else otherwise
    encrypted = one.inner("encryptionSettings").flag("enabled")
    return Disk(
        name=one.text("name") or named,
        id=arm_id,
        is_os=is_os,
        # An ephemeral OS disk is no resource of its own: the VM says all there is to know.
        reading=Reading.READ if ephemeral else Reading.NOT_SUPPLIED,
        lun=one.whole("lun"),
        sku=managed.text("storageAccountType"),
        size_gib=one.whole("diskSizeGB", LARGEST_DISK_GIB),
        caching=one.word("caching", _CACHING),
        write_accelerator=one.flag("writeAcceleratorEnabled") or False,
        ephemeral=ephemeral,
        ephemeral_placement=one.inner("diffDiskSettings").text("placement") if ephemeral else None,
        unmanaged=one.has("vhd") and not one.has("managedDisk"),
        max_shares=1 if ephemeral else None,
        disk_encryption_set_id=managed.inner("diskEncryptionSet").text("id"),
        azure_disk_encryption=encrypted,
    )


def _hardware(top: Fields, properties: Fields) -> dict[str, Any]:
    sku = top.inner("sku").text("name")
    creation = properties.inner("creationData")
    sector = 4096 if (sku or "").lower() in _LARGE_SECTOR_SKUS else 512
    return {
        "sku": sku,
        "size_gib": properties.whole("diskSizeGB", LARGEST_DISK_GIB),
        "max_shares": properties.whole("maxShares") or 1,
        "architecture": properties.inner("supportedCapabilities").text("architecture"),
        "logical_sector_size": creation.whole("logicalSectorSize") or sector,
        "performance_plus": creation.flag("performancePlus") or False,
        "iops": properties.whole("diskIOPSReadWrite", LARGEST_RATE),
        "throughput_mb_per_s": properties.whole("diskMBpsReadWrite", LARGEST_RATE),
        "performance_tier": properties.text("tier"),
        "bursting": properties.flag("burstingEnabled") or False,
        "unique_id": properties.text("uniqueId"),
    }


def _access(properties: Fields) -> dict[str, Any]:
    encryption = properties.inner("encryption")
    return {
        "encryption_type": encryption.text("type") or _PLATFORM_KEY,
        "disk_encryption_set_id": encryption.text("diskEncryptionSetId"),
        "azure_disk_encryption": properties.inner("encryptionSettingsCollection").flag("enabled")
        or False,
        "network_access_policy": properties.text("networkAccessPolicy") or "AllowAll",
        "disk_access_id": properties.text("diskAccessId"),
        "public_network_access": properties.text("publicNetworkAccess") or "Enabled",
        "data_access_auth_mode": properties.text("dataAccessAuthMode") or "None",
        "security_type": _security_type(properties.inner("securityProfile").text("securityType")),
    }


def _view(properties: Fields) -> Fields:
    """The instance view: `instanceView`, or `extended.instanceView` in Resource Graph."""
    if properties.has("instanceView"):
        return properties.inner("instanceView")
    return properties.inner("extended").inner("instanceView")


def _power_state(top: Fields, properties: Fields, view: Fields) -> str | None:
    """`running` from `PowerState/running` (REST, Resource Graph) or `VM running` (az)."""
    for status in view.each("statuses"):
        code = status.text("code") or ""
        if code.lower().startswith("powerstate/"):
            return code.split("/", 1)[1].lower()
    graph = view.inner("powerState").text("code") if view.has("powerState") else None
    said = graph or top.text("powerState") or properties.text("powerState")
    return said.replace("PowerState/", "").removeprefix("VM ").lower() if said else None


def _os_type(properties: Fields, view: Fields) -> str | None:
    storage = properties.inner("storageProfile")
    if said := storage.inner("osDisk").word("osType", _OS_TYPES):
        return said
    profile = properties.inner("osProfile")
    if profile.has("windowsConfiguration") != profile.has("linuxConfiguration"):
        return "Windows" if profile.has("windowsConfiguration") else "Linux"
    return "Windows" if (view.text("osName") or "").startswith("Windows") else None


def _image(storage: Fields) -> Image | None:
    if not storage.has("imageReference"):
        return None
    image = storage.inner("imageReference")
    gallery = image.text("sharedGalleryImageId") or image.text("communityGalleryImageId")
    return Image(
        publisher=image.text("publisher"),
        offer=image.text("offer"),
        sku=image.text("sku"),
        version=image.text("version"),
        id=image.text("id") or gallery,
    )


def _security_type(said: str | None) -> str | None:
    """None is Standard, ARM's default."""
    return None if said == "Standard" else said


def _agent_provisioned(profile: Fields) -> bool | None:
    """`provisionVMAgent` of either system; None where it is not said."""
    for system in ("windowsConfiguration", "linuxConfiguration"):
        if (said := profile.inner(system).flag("provisionVMAgent")) is not None:
            return said
    return None


def _agent_status(view: Fields) -> str | None:
    """The first status of the VM agent: `Ready`, `Not Ready`; only an instance view says it."""
    statuses = view.inner("vmAgent").each("statuses")
    return next((said for one in statuses if (said := one.text("displayStatus"))), None)


def _instance_size(parts: ArmId, top: Fields) -> str | None:
    """An instance of a uniform scale set has its size in `sku.name`, as the scale set has it."""
    return top.inner("sku").text("name") if _UNIFORM in parts.type else None


def _scale_set(parts: ArmId, arm_id: str, top: Fields, properties: Fields) -> str | None:
    if _UNIFORM in parts.type:  # such an instance has no virtualMachineScaleSet: its id tells
        return arm_id[: arm_id.lower().rindex("/virtualmachines/")]
    managed_by = top.text("managedBy") or ""
    by_owner = managed_by if "/virtualmachinescalesets/" in managed_by.lower() else None
    return properties.inner("virtualMachineScaleSet").text("id") or by_owner


def _scale_set_mode(parts: ArmId, scale_set_id: str | None) -> str | None:
    """Instances of a uniform scale set lie under it; those of a flexible one are VMs."""
    if _UNIFORM in parts.type:
        return "Uniform"
    return "Flexible" if scale_set_id else None


def _availability_set(properties: Fields) -> str | None:
    """PowerShell calls the same `AvailabilitySetReference`."""
    own = properties.inner("availabilitySetReference").text("id")
    return properties.inner("availabilitySet").text("id") or own


def _host(properties: Fields, view: Fields) -> str | None:
    host = properties.inner("host").text("id") or properties.inner("hostGroup").text("id")
    return host or view.text("assignedHost")
