"""Marketplace images and what the agent says of them, and what disks of each size can do."""

from __future__ import annotations

from typing import NamedTuple


class Image(NamedTuple):
    """A marketplace image; `os_name` and `os_version` are what the VM agent reports."""

    os_type: str
    publisher: str
    offer: str
    sku: str
    os_name: str
    os_version: str
    generation: str = "V2"


_WINDOWS = ("Windows", "MicrosoftWindowsServer", "WindowsServer")
IMAGES = {
    "windows-2025": Image(
        *_WINDOWS, "2025-datacenter-g2", "Windows Server 2025 Datacenter", "10.0.26100.2314"
    ),
    "windows-2022": Image(
        *_WINDOWS,
        "2022-datacenter-azure-edition",
        "Windows Server 2022 Datacenter Azure Edition",
        "10.0.20348.2762",
    ),
    "windows-2019": Image(
        *_WINDOWS,
        "2019-datacenter-gensecond",
        "Windows Server 2019 Datacenter",
        "10.0.17763.6414",
    ),
    "windows-2012": Image(
        *_WINDOWS, "2012-R2-Datacenter", "Windows Server 2012 R2 Datacenter", "6.3.9600", "V1"
    ),
    "ubuntu-22": Image(
        "Linux", "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "ubuntu", "22.04"
    ),
    "ubuntu-24": Image("Linux", "Canonical", "ubuntu-24_04-lts", "server", "ubuntu", "24.04"),
    "ubuntu-22-arm": Image(
        "Linux", "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-arm64", "ubuntu", "22.04"
    ),
    "ubuntu-24-cvm": Image("Linux", "Canonical", "ubuntu-24_04-lts", "cvm", "ubuntu", "24.04"),
    "rhel-9": Image("Linux", "RedHat", "RHEL", "9-lvm-gen2", "rhel", "9.4"),
    "sles-15": Image("Linux", "SUSE", "sles-sap-15-sp5", "gen2", "sles", "15.5"),
    "debian-12": Image("Linux", "Debian", "debian-12", "12-gen2", "debian", "12.8"),
    "flatcar": Image("Linux", "kinvolk", "flatcar-container-linux", "stable", "flatcar", "4081.2"),
}  # fmt: skip

#: What a disk may do: (largest GiB, IOPS, MB/s), virtual-machines/disks-types, 2026-08.
_PREMIUM = (
    (16, 120, 25), (32, 120, 25), (64, 240, 50), (128, 500, 100), (256, 1100, 125),
    (512, 2300, 150), (1024, 5000, 200), (4096, 7500, 250), (8192, 16000, 500),
    (16384, 18000, 750), (32767, 20000, 900),
)  # fmt: skip
_STANDARD_SSD = ((4096, 500, 100), (8192, 2000, 400), (16384, 4000, 600), (32767, 6000, 750))
_STANDARD_HDD = ((4096, 500, 60), (8192, 1300, 300), (32767, 2000, 500))
#: Ultra and Premium SSD v2 are given what one asks for; these are what the fleet asks for.
_DIRECT = {
    "PremiumV2": ((1024, 6000, 250), (65536, 16000, 600)),
    "UltraSSD": ((512, 8000, 400), (65536, 20000, 800)),
}
_BY_FAMILY = {
    "Premium": _PREMIUM,
    "StandardSSD": _STANDARD_SSD,
    "Standard": _STANDARD_HDD,
    **_DIRECT,
}


def performance(sku: str, size_gib: int) -> tuple[int, int]:
    """IOPS and MB/s of a disk; the largest row for anything larger."""
    rows = _BY_FAMILY[sku.partition("_")[0]]
    found = next((row for row in rows if size_gib <= row[0]), rows[-1])
    return found[1], found[2]
