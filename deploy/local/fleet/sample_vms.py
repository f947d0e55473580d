"""The VMs of the sample fleet as tables: one row a VM, each there for a case the advisor knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.local.fleet.compute import WRITE_PROFILE_TAG, DiskSpec, VmSpec, compute_id

PRODUCTION = "6f1d3c52-8a4e-4b7a-9c0e-2d5f7a9b1e34"
DEVELOPMENT = "0b9e4d17-5c3f-4f62-8e2a-71c6d8a3f590"
SUBSCRIPTIONS = {PRODUCTION: "Contoso Production", DEVELOPMENT: "Contoso Development"}

_PROD = {"environment": "production"}
_CRITICAL = {"environment": "production", "criticality": "mission-critical"}
_DEV = {"environment": "development"}
_TEST = {"environment": "test"}

_P, _E, _S = "Premium_LRS", "StandardSSD_LRS", "Standard_LRS"
_V2, _ULTRA, _ZRS = "PremiumV2_LRS", "UltraSSD_LRS", "Premium_ZRS"
_NOT_CACHED = (_V2, _ULTRA)

Extra = Mapping[str, Any]
#: name, group, region, zone, size, image, tags, write profile, disks (OS disk first), more
Row = tuple[str, str, str, str, str, str, Mapping[str, str], str, tuple[Any, ...], Extra]


def _disk(sku: str, size_gib: int, **more: Any) -> DiskSpec:
    """A disk with the caching that fits it, unless another is asked for."""
    caching = "None" if sku in _NOT_CACHED else "ReadOnly"
    return DiskSpec(**{"sku": sku, "size_gib": size_gib, "caching": caching, **more})


def _trusted(kind: str = "TrustedLaunch") -> Extra:
    boot = {"secureBootEnabled": True, "vTpmEnabled": True}
    return {"securityProfile": {"securityType": kind, "uefiSettings": boot}}


def _compute(group: str, kind: str, name: str) -> str:
    return compute_id(PRODUCTION, group, kind, name)


_KEYS = _compute("rg-security", "diskEncryptionSets", "des-payments")
_CMK = {
    "encryption": {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": _KEYS},
}
_ADE = {
    "encryptionSettingsCollection": {
        "enabled": True,
        "encryptionSettings": [],
        "encryptionSettingsVersion": "1.1",
    }
}
_LOCAL = {"diffDiskSettings": {"option": "Local", "placement": "ResourceDisk"}}
_EPHEMERAL = _disk(_S, 64, is_made=False, profile=_LOCAL)
_VHD = {"vhd": {"uri": "https://stjumpvhds.blob.core.windows.net/vhds/jump-01-os.vhd"}}
_QUORUM = _disk(_ZRS, 512, name="fci-quorum-data", caching="None", shared=True)
_QUORUM_AGAIN = _disk(_ZRS, 512, name="fci-quorum-data", caching="None", shared=True, is_made=False)
_SPOT = {
    "priority": "Spot",
    "evictionPolicy": "Deallocate",
    "billingProfile": {"maxPrice": -1.0},
}
_SCALE_SET = {
    "virtualMachineScaleSet": {
        "id": _compute("rg-shop-prod", "virtualMachineScaleSets", "vmss-checkout")
    }
}
_HOST = {"host": {"id": _compute("rg-hosts", "hostGroups", "hg-weu") + "/hosts/host-1"}}
_ULTRA_ON = {"additionalCapabilities": {"ultraSSDEnabled": True}}
_NONE: Extra = {}

_ROWS: tuple[Row, ...] = (
    ("web-01", "rg-shop-prod", "westeurope", "1", "D4s_v5", "ubuntu-22",
     _PROD | {"application": "shop", "owner": "shop-team"}, "office-hours",
     (_disk(_P, 64), _disk(_P, 256)), _NONE),
    ("web-02", "rg-shop-prod", "westeurope", "2", "D4s_v5", "ubuntu-22",
     _PROD | {"application": "shop"}, "office-hours", (_disk(_P, 64), _disk(_P, 256)), _NONE),
    ("web-03", "rg-shop-prod", "westeurope", "3", "D4s_v5", "ubuntu-24",
     _PROD | {"application": "shop"}, "office-hours", (_disk(_P, 64), _disk(_P, 256)), _trusted()),
    ("api-arm-01", "rg-shop-prod", "westeurope", "3", "D4ps_v5", "ubuntu-22-arm",
     _PROD | {"application": "shop"}, "steady", (_disk(_P, 64),), _NONE),
    ("checkout_1a2b3c", "rg-shop-prod", "westeurope", "1", "D2s_v5", "ubuntu-22",
     _PROD | {"application": "shop"}, "steady", (_disk(_P, 32),), _SCALE_SET),
    ("sql-01", "rg-data-prod", "westeurope", "2", "E8s_v5", "windows-2022",
     _CRITICAL | {"application": "orders", "owner": "data-team"}, "database",
     (_disk(_P, 128), _disk(_P, 1024, name="sql-01-data"),
      _disk(_P, 512, name="sql-01-log", caching="None")), _NONE),
    ("sql-02", "rg-data-prod", "westeurope", "1", "E8s_v5", "windows-2022",
     _CRITICAL | {"application": "orders"}, "database",
     (_disk(_P, 128), _disk(_P, 1024)), _NONE),
    ("fci-01", "rg-data-prod", "westeurope", "1", "E4s_v5", "windows-2022",
     _PROD | {"application": "erp"}, "database", (_disk(_P, 128), _QUORUM), _NONE),
    ("fci-02", "rg-data-prod", "westeurope", "2", "E4s_v5", "windows-2022",
     _PROD | {"application": "erp"}, "quiet", (_disk(_P, 128), _QUORUM_AGAIN), _NONE),
    ("hana-01", "rg-sap-prod", "westeurope", "1", "E32s_v5", "sles-15",
     _CRITICAL | {"application": "sap"}, "heavy",
     (_disk(_P, 128), _disk(_ULTRA, 1024, name="hana-01-data"),
      _disk(_ULTRA, 256, name="hana-01-log")), _ULTRA_ON),
    ("sap-db-02", "rg-sap-prod", "westeurope", "2", "M64s", "sles-15",
     _PROD | {"application": "sap"}, "database",
     (_disk(_P, 128), _disk(_P, 1024, name="sap-db-02-data"),
      _disk(_P, 512, name="sap-db-02-log", caching="None",
            profile={"writeAcceleratorEnabled": True})), _NONE),
    ("sap-boot-03", "rg-sap-prod", "westeurope", "3", "M64s", "sles-15",
     _PROD | {"application": "sap"}, "quiet",
     (_disk(_P, 128, profile={"writeAcceleratorEnabled": True}),), _NONE),
    ("app-01", "rg-app-a", "westeurope", "1", "D2s_v5", "rhel-9",
     _PROD | {"application": "crm"}, "steady", (_disk(_P, 64), _disk(_E, 128)), _NONE),
    ("app-01", "rg-app-b", "westeurope", "2", "D2s_v5", "rhel-9",
     _PROD | {"application": "crm-archive"}, "steady", (_disk(_P, 64), _disk(_E, 128)), _NONE),
    ("crm-01", "rg-app-a", "westeurope", "1", "D4s_v5", "windows-2022",
     _CRITICAL | {"application": "crm"}, "office-hours", (_disk(_P, 128), _disk(_P, 256)), _NONE),
    ("orders-01", "rg-app-a", "westeurope", "2", "D4s_v5", "ubuntu-22",
     _CRITICAL | {"application": "orders"}, "office-hours", (_disk(_P, 64), _disk(_P, 256)), _NONE),
    ("erp-01", "rg-erp-prod", "westeurope", "1", "D8s_v5", "windows-2019",
     _PROD | {"application": "erp"}, "office-hours", (_disk(_P, 128), _disk(_P, 512)), _NONE),
    ("mail-01", "rg-office-prod", "westeurope", "", "D4s_v5", "windows-2019",
     _PROD | {"application": "mail"}, "steady", (_disk(_P, 128), _disk(_E, 1024)), _NONE),
    ("wiki-01", "rg-office-prod", "westeurope", "", "B2ms", "debian-12",
     _PROD | {"application": "wiki"}, "quiet", (_disk(_E, 64), _disk(_E, 128)), _NONE),
    ("files-01", "rg-office-prod", "westeurope", "", "D8s_v5", "windows-2022",
     _PROD | {"application": "files"}, "office-hours",
     (_disk(_P, 128), _disk(_E, 32767), _disk(_E, 32767)), _NONE),
    ("archive-01", "rg-office-prod", "westeurope", "", "D32s_v5", "windows-2022",
     _PROD | {"application": "archive"}, "quiet",
     (_disk(_P, 128), *(_disk(_S, 1024) for _ in range(32))), _NONE),
    ("pay-01", "rg-payments", "westeurope", "1", "D4s_v5", "rhel-9",
     _CRITICAL | {"application": "payments"}, "steady",
     (_disk(_P, 64, properties=_CMK), _disk(_P, 256, properties=_CMK)), _NONE),
    ("hr-01", "rg-hr", "westeurope", "2", "D4s_v5", "windows-2022",
     _PROD | {"application": "hr"}, "office-hours",
     (_disk(_P, 128, properties=_ADE), _disk(_P, 256, properties=_ADE)), _NONE),
    ("secure-01", "rg-hr", "westeurope", "1", "D2s_v5", "windows-2022",
     _PROD | {"application": "hr"}, "quiet",
     (_disk(_P, 128, properties={"dataAccessAuthMode": "AzureActiveDirectory"}),), _NONE),
    ("ledger-2012", "rg-finance", "westeurope", "", "D2s_v3", "windows-2012",
     _PROD | {"application": "ledger"}, "quiet", (_disk(_S, 127),), _NONE),
    ("licence-01", "rg-hosts", "westeurope", "1", "D4s_v5", "windows-2022",
     _PROD | {"application": "licences"}, "quiet", (_disk(_P, 128),), _HOST),
    ("jump-01", "rg-network", "westeurope", "", "A1_v2", "debian-12",
     _PROD | {"application": "access"}, "quiet",
     (_disk(_S, 30, is_made=False, profile=_VHD),), _NONE),
    ("edge-01", "rg-network", "westeurope", "1", "D2s_v5", "flatcar",
     _PROD | {"application": "edge"}, "steady", (_disk(_P, 32),), _NONE),
    ("pg-01", "rg-data-neu", "northeurope", "1", "D8s_v5", "ubuntu-22",
     _PROD | {"application": "billing"}, "database",
     (_disk(_P, 64), _disk(_V2, 400, name="pg-01-data")), _NONE),
    ("db-01", "rg-data-neu", "northeurope", "2", "E8s_v5", "ubuntu-22",
     _CRITICAL | {"application": "billing"}, "database", (_disk(_P, 64), _disk(_P, 512)), _NONE),
    ("legacy-01", "rg-legacy-neu", "northeurope", "", "D2s_v3", "windows-2019",
     _PROD | {"application": "intranet"}, "quiet", (_disk(_E, 128),), _NONE),
    ("report-01", "rg-legacy-neu", "northeurope", "", "D4s_v3", "windows-2019",
     _PROD | {"application": "reporting"}, "steady", (_disk(_P, 128), _disk(_S, 128)), _NONE),
    ("vault-cvm-01", "rg-security-neu", "northeurope", "1", "DC4as_v5", "ubuntu-24-cvm",
     _PROD | {"application": "signing"}, "quiet",
     (_disk(_P, 64, properties={"securityProfile": {
         "securityType": "ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey"}}),),
     _trusted("ConfidentialVM")),
    ("portal-01", "rg-be-prod", "belgiumcentral", "1", "D2s_v5", "windows-2022",
     _PROD | {"application": "portal"}, "office-hours", (_disk(_P, 128),), _trusted()),
    ("store-us-01", "rg-us-prod", "eastus", "1", "D4s_v5", "windows-2025",
     _PROD | {"application": "shop-us"}, "office-hours", (_disk(_P, 128), _disk(_P, 512)), _NONE),
)  # fmt: skip

_DEV_ROWS: tuple[Row, ...] = (
    ("dev-03", "rg-dev", "westeurope", "", "B2s", "ubuntu-22", _DEV | {"owner": "anna"}, "quiet",
     (_disk(_E, 64),), {"power": "deallocated"}),
    ("dev-04", "rg-dev", "westeurope", "", "B1s", "ubuntu-24", _DEV | {"owner": "ben"}, "quiet",
     (_disk(_S, 32),), _NONE),
    ("dev-05", "rg-dev", "westeurope", "", "D2s_v5", "debian-12", _DEV | {"owner": "anna"},
     "quiet", (_disk(_E, 64), _disk(_E, 128)), _NONE),
    ("test-01", "rg-test", "westeurope", "1", "D4s_v5", "ubuntu-22", _TEST, "steady",
     (_disk(_P, 64), _disk(_P, 256)), _NONE),
    ("test-02", "rg-test", "westeurope", "1", "D4s_v5", "windows-2022", _TEST, "steady",
     (_disk(_P, 128), _disk(_P, 256)), _NONE),
    ("build-07", "rg-build", "eastus", "3", "D8ds_v6", "ubuntu-24", _TEST
     | {"owner": "platform-team"}, "heavy", (_disk(_P, 128), _disk(_P, 256)),
     {"controller": "NVMe"}),
    ("runner-12", "rg-build", "eastus", "", "D8ds_v5", "ubuntu-24", _TEST
     | {"owner": "platform-team"}, "heavy", (_EPHEMERAL,), _NONE),
    ("batch-spot-01", "rg-batch", "eastus", "", "D4as_v5", "ubuntu-24", _TEST
     | {"owner": "analytics"}, "steady", (_disk(_E, 32),), _SPOT),
    ("trial-01", "rg-batch", "eastus", "2", "D2s_v5", "ubuntu-24", _DEV, "quiet",
     (_disk(_E, 64),), _trusted()),
)  # fmt: skip


def sample_vms() -> tuple[VmSpec, ...]:
    """Every VM of the sample fleet."""
    found = [(PRODUCTION, row) for row in _ROWS] + [(DEVELOPMENT, row) for row in _DEV_ROWS]
    return tuple(_spec(subscription, row) for subscription, row in found)


def _spec(subscription: str, row: Row) -> VmSpec:
    name, group, region, zone, size, image, tags, writes, disks, more = row
    properties = {key: value for key, value in more.items() if key not in ("power", "controller")}
    return VmSpec(
        name=name,
        group=group,
        subscription=subscription,
        region=region,
        size=f"Standard_{size}",
        image=image,
        disks=disks,
        zone=zone,
        power=more.get("power", "running"),
        controller=more.get("controller", "SCSI"),
        tags={**tags, WRITE_PROFILE_TAG: writes},
        properties=properties,
    )
