"""What Azure Backup refuses to protect, and in which words.

Rules: Azure Backup support matrix for VMs, 2026-06. Where no recorded answer has Azure's own
code, the code is made up in the style of its UserError codes; the sentence says the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from deploy.local.azure.backup.places import disks_of, items_in, parts, same
from deploy.local.azure.backup.points import included
from deploy.local.azure.backup.schedule import is_enhanced
from deploy.local.azure.calls import Refusal
from deploy.local.azure.world import Body, World

MAX_DISKS = 32
MAX_VMS_OF_A_VAULT = 1000
#: From this api-version on the Standard policy takes Trusted Launch VMs.
TRUSTED_LAUNCH_WITH_STANDARD_SINCE = "2025-01-01"
_ENHANCED_ONLY = ("UltraSSD_LRS", "PremiumV2_LRS")
_CONFIDENTIAL_PREVIEW = (
    "uaenorth",
    "koreacentral",
    "switzerlandnorth",
    "westcentralus",
    "southafricanorth",
    "uksouth",
)


class Asked(NamedTuple):
    """Protect this VM in this vault with this policy."""

    world: World
    vault: Body
    vm: Body
    policy: Body  #: its properties
    item: Body  #: as it would become, for its selection of disks
    api_version: str


class Objection(NamedTuple):
    code: str
    message: str


def check(asked: Asked) -> None:
    """Raises Refusal 400 with the first rule that the VM breaks."""
    for rule in _RULES:
        objection = rule(asked)
        if objection:
            raise Refusal(400, objection.code, objection.message)


def _disks(asked: Asked) -> Iterator[tuple[Body, Body]]:
    for attached, disk in disks_of(asked.world, asked.vm):
        if included(asked.item, attached.get("lun")):
            yield attached, disk


def _region(asked: Asked) -> Objection | None:
    vm, vault = (str(one.get("location", "")).lower() for one in (asked.vm, asked.vault))
    if vm == vault:
        return None
    return Objection(
        "UserErrorVaultAndVmNotInSameRegion",
        f"The virtual machine is in region '{vm}' and the Recovery Services vault in '{vault}'. "
        "A virtual machine can be backed up to a vault of its own region only.",
    )


def _elsewhere(asked: Asked) -> Objection | None:
    for item in items_in(asked.world):
        of_this_vm = same(item["properties"].get("sourceResourceId"), asked.vm["id"])
        if of_this_vm and not same(item["id"], asked.item["id"]):
            return Objection(
                "VirtualMachineAlreadyProtected",
                f"Virtual machine '{parts(asked.vm['id']).name}' is already protected in another "
                "vault. Stop its protection and delete the backup data there first.",
            )
    return None


def _vault_full(asked: Asked) -> Objection | None:
    known = asked.world.resources.get(asked.item["id"].lower())
    if known or len(items_in(asked.world, asked.vault["id"])) < MAX_VMS_OF_A_VAULT:
        return None
    return Objection(
        "BMSUserErrorVaultItemLimitReached",
        f"A vault protects at most {MAX_VMS_OF_A_VAULT} virtual machines.",
    )


def _disk_types(asked: Asked) -> Objection | None:
    if is_enhanced(asked.policy):
        return None
    kinds = {str((disk.get("sku") or {}).get("name")) for _, disk in _disks(asked)}
    if not kinds & set(_ENHANCED_ONLY):
        return None
    return Objection(
        "UserErrorDiskTypeNotSupportedWithStandardPolicy",
        "Virtual machines with Ultra disks or Premium SSD v2 disks can be protected with an "
        "Enhanced policy only.",
    )


def _trusted_launch(asked: Asked) -> Objection | None:
    security = (asked.vm["properties"].get("securityProfile") or {}).get("securityType")
    taken = is_enhanced(asked.policy) or asked.api_version >= TRUSTED_LAUNCH_WITH_STANDARD_SINCE
    if security != "TrustedLaunch" or taken:
        return None
    return Objection(
        "UserErrorTrustedLaunchVMNotSupported",
        "Trusted launch virtual machines can be protected with an Enhanced policy only.",
    )


def _confidential(asked: Asked) -> Objection | None:
    security = (asked.vm["properties"].get("securityProfile") or {}).get("securityType")
    region = str(asked.vm.get("location", "")).lower()
    if security != "ConfidentialVM" or region in _CONFIDENTIAL_PREVIEW:
        return None
    return Objection(
        "UserErrorConfidentialVMNotSupported",
        f"Backup of confidential virtual machines is not supported in region '{region}'.",
    )


def _shared_disks(asked: Asked) -> Objection | None:
    if all(int(disk.get("properties", {}).get("maxShares") or 1) < 2 for _, disk in _disks(asked)):
        return None
    return Objection(
        "UserErrorSharedDiskNotSupported",
        "Virtual machines with shared disks are not supported. With an Enhanced policy the shared "
        "disks can be excluded.",
    )


def _disk_count(asked: Asked) -> Objection | None:
    count = sum(1 for _ in _disks(asked))
    if count <= MAX_DISKS:
        return None
    return Objection(
        "UserErrorDiskCountLimitExceeded",
        f"The virtual machine has {count} disks; at most {MAX_DISKS} are supported.",
    )


def _write_accelerator(asked: Asked) -> Objection | None:
    os_disk = asked.vm["properties"].get("storageProfile", {}).get("osDisk") or {}
    if not os_disk.get("writeAcceleratorEnabled"):
        return None
    return Objection(
        "UserErrorWriteAcceleratedOSDiskNotSupported",
        "Virtual machines with Write Accelerator on the OS disk are not supported.",
    )


def _disk_access(asked: Asked) -> Objection | None:
    modes = (disk.get("properties", {}).get("dataAccessAuthMode") for _, disk in _disks(asked))
    if "AzureActiveDirectory" not in modes:
        return None
    return Objection(
        "UserErrorDiskDataAccessAuthModeNotSupported",
        "Disks with data access authentication mode are not supported.",
    )


_RULES: tuple[Callable[[Asked], Objection | None], ...] = (
    _region,
    _elsewhere,
    _vault_full,
    _disk_types,
    _trusted_launch,
    _confidential,
    _shared_disks,
    _disk_count,
    _write_accelerator,
    _disk_access,
)
