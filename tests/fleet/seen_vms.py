"""A VM and a price as a digest remembers them, for the tests of what changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from advisor.fleet.price_moves import SeenPrice
from advisor.fleet.seen import SeenVm
from advisor.model import Meter

METER = Meter(
    "Storage", "Standard HDD Managed Disks", "Snapshots LRS", "LRS Snapshots", "westeurope"
)


def a_price(amount: str, origin: str = "listed") -> SeenPrice:
    tiers = ((Decimal(0), Decimal(amount)),)
    return SeenPrice(METER, "USD", "1 GB/Month", tiers, origin, "2026-01-01")


def seen(name: str = "web-01", state: str = "protected", **more: Any) -> SeenVm:
    values: dict[str, Any] = {
        "vm_id": f"/subscriptions/s/resourceGroups/g/providers/m/virtualMachines/{name}",
        "name": name,
        "group": "g",
        "region": "westeurope",
        "state": state,
        "words": "",
        "courses": ("keep",),
        "todo": "Keep Azure Backup",
        "tier": "production",
        "shape": "1 disk, 64 GB",
        "lost_hours": {"deletion": Decimal(24)},
        "asked": ("deletion",),
        "failing": (),
        "protections": ("azure-backup x",),
    }
    return SeenVm(**(values | more))
