"""Performance tiers of managed disks: P10, P15, ..., by size (disks-types, 2026-08)."""

from __future__ import annotations

#: The largest GiB of each tier of Premium SSD. Of other disks no recorded answer has a tier.
_PREMIUM_SSD = (
    (4, "P1"), (8, "P2"), (16, "P3"), (32, "P4"), (64, "P6"), (128, "P10"), (256, "P15"),
    (512, "P20"), (1024, "P30"), (2048, "P40"), (4096, "P50"), (8192, "P60"), (16384, "P70"),
    (32767, "P80"),
)  # fmt: skip


def performance_tier(sku: str, size_gib: int) -> str | None:
    """The tier that a disk of this size has unless another is asked for; None where it has none."""
    if sku not in ("Premium_LRS", "Premium_ZRS"):
        return None
    return next((tier for most, tier in _PREMIUM_SSD if size_gib <= most), _PREMIUM_SSD[-1][1])


def with_tier(sku: str, size_gib: int) -> dict[str, str]:
    """The property `tier` of a disk, where it has one."""
    tier = performance_tier(sku, size_gib)
    return {"tier": tier} if tier else {}
