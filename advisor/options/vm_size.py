"""What a VM size's name says: vCPUs, generation, premium storage, ARM, Azure Boost, NVMe.

Azure's naming convention (vm-naming-conventions, 2023-05-01): Standard_[family][sub-family]
[vCPUs][-constrained vCPUs][features]_[parts]_v[generation]. A part is an accelerator (T4), a
memory step (M48s_1_v3) or `cc` (confidential child capable). Features: s = premium storage,
p = ARM64, a = AMD. Azure keeps a name as it was typed at deployment, so case says nothing. A name
with a part that is not known here is not known as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from advisor.model import Vm

_NAME = re.compile(
    r"(?P<class>standard|basic)_(?P<family>[a-z]{1,3}?)(?P<number>\d{1,4})"
    r"(?:-(?P<constrained>\d{1,3}))?(?P<features>[abdeilmnoprst]*)"
    r"(?P<parts>(?:_(?!v\d+(?:_promo)?$)[a-z0-9]+)*?)"
    r"(?:_v(?P<generation>\d{1,2}))?(?P<promo>_promo)?",
    re.IGNORECASE,
)

#: Parts between the features and the generation. Accelerators as named in 2026-11; NDR is the
#: network of ND GB200.
_ACCELERATORS = frozenset(
    {"A10", "A100", "GB200", "GB300", "H100", "H200", "MI300X", "NDR", "T4", "V620", "V710"}
)
_CHILD_CAPABLE = "cc"  #: confidential child capable: DC4as_cc_v5
MOST_MEMORY_STEP = 16  #: M832ids_16_v3

#: Names of the oldest series carry a step instead of the vCPUs (sizes-previous-gen, 2024-08-22;
#: a-series, dv2-dsv2-series, 2025-02-18).
_A_STEPS = {0: 1, 1: 1, 2: 2, 3: 4, 4: 8, 5: 2, 6: 4, 7: 8, 8: 8, 9: 16, 10: 8, 11: 16}
_D_STEPS = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}
_G_STEPS = {1: 2, 2: 4, 3: 8, 4: 16, 5: 32}
#: By family: the steps, and the newest generation that is named so.
_STEPS: Mapping[str, tuple[Mapping[int, int], int]] = {
    "A": (_A_STEPS, 1),
    "D": (_D_STEPS, 2),
    "DS": (_D_STEPS, 2),
    "G": (_G_STEPS, 1),
    "GS": (_G_STEPS, 1),
}

#: From these generations a size runs on Azure Boost, where host-coordinated crash-consistent
#: snapshots of several disks are not offered: Intel v6, AMD v7 (agentless multi-disk backup
#: support scenarios, 2024-03-13; concepts-restore-points).
BOOST_INTEL_GENERATION = 6
BOOST_AMD_GENERATION = 7

#: Sizes whose remote disks hang on NVMe (nvme-overview, 2024-07-31, later body: "typically" only
#: NVMe from v6 on, both in Ebsv5; D and E v5, Fsv2 and older have SCSI). Other families count
#: their generations apart: from these on either may be, which is ours.
NVME_GENERATION = 6
EITHER_GENERATION = {"L": 4, "FX": 2, "M": 3, "HB": 5, "HX": 2}


class Controller(StrEnum):
    """What a VM's remote disks hang on, as far as the VM and its size tell."""

    SCSI = "SCSI"
    NVME = "NVMe"
    LIKELY_NVME = "likely NVMe"  #: the VM does not say, its size typically has nothing else
    UNKNOWN = "not known"


class VmSize(NamedTuple):
    """What the name says. `generation` is 1 where the name has none."""

    name: str  #: in Azure's own spelling
    family: str  #: with the sub-family, in capitals: D, DC, NV
    cores: int  #: that the guest has: after the dash where some are switched off
    full_cores: int  #: before the dash: what price and disk limits go by
    features: str
    parts: tuple[str, ...]
    premium_storage: bool
    arm: bool
    amd: bool
    generation: int

    @property
    def architecture(self) -> str:
        """Arm64 or x64, as ARM spells it."""
        return "Arm64" if self.arm else "x64"

    @property
    def boost(self) -> bool:
        """Whether the size runs on Azure Boost."""
        return self.generation >= (BOOST_AMD_GENERATION if self.amd else BOOST_INTEL_GENERATION)

    @property
    def controller(self) -> Controller:
        """What its remote disks hang on, where the VM itself does not say."""
        if self.generation >= NVME_GENERATION:
            return Controller.LIKELY_NVME
        either = EITHER_GENERATION.get(self.family)
        if either is not None and self.generation >= either:
            return Controller.UNKNOWN
        if "b" in self.features and self.generation == NVME_GENERATION - 1:  # Ebsv5: both
            return Controller.UNKNOWN
        return Controller.SCSI


@lru_cache(maxsize=4096)
def vm_size(name: str | None) -> VmSize | None:
    """Read a size's name; None where there is none or it does not follow the convention."""
    match = _NAME.fullmatch(name or "")
    if not match:
        return None
    family, features = match["family"].upper(), match["features"].lower()
    parts = _parts(match["parts"])
    generation = int(match["generation"] or 1)
    full = _cores(family, int(match["number"]), generation)
    cores = int(match["constrained"]) if match["constrained"] else full
    if parts is None or full is None or cores is None or len(set(features)) < len(features):
        return None
    return VmSize(
        name=_spelled(match, parts),
        family=family,
        cores=cores,
        full_cores=full,
        features=features,
        parts=parts,
        premium_storage="s" in features or family in ("GS", "DS"),
        arm="p" in features,
        amd="a" in features,
        generation=generation,
    )


def _parts(text: str) -> tuple[str, ...] | None:
    """The parts in Azure's spelling; None where one of them is not known."""
    found = []
    for part in filter(None, text.split("_")):
        step = int(part) if part.isdecimal() else 0
        if part.upper() in _ACCELERATORS:
            found.append(part.upper())
        elif part.lower() == _CHILD_CAPABLE or 1 <= step <= MOST_MEMORY_STEP:
            found.append(part.lower())
        else:
            return None
    return tuple(found)


def _cores(family: str, number: int, generation: int) -> int | None:
    """The vCPUs of the number in a name; None for a step that its series never had."""
    steps, newest = _STEPS.get(family, ({}, 0))
    return number if generation > newest else steps.get(number)


def _spelled(match: re.Match[str], parts: tuple[str, ...]) -> str:
    constrained = f"-{match['constrained']}" if match["constrained"] else ""
    core = f"{match['family'].upper()}{match['number']}{constrained}{match['features'].lower()}"
    generation = (f"v{match['generation']}",) if match["generation"] else ()
    promo = ("Promo",) if match["promo"] else ()
    return "_".join((match["class"].capitalize(), core, *parts, *generation, *promo))


def controller(vm: Vm) -> Controller:
    """What the VM's remote disks hang on. Nothing said is never SCSI on a size that has none.

    `diskControllerType` is absent where the VM was made by an API before 2022-08-01, is of
    generation 1, or an export dropped it; then its size is what there is to go by.
    """
    said = (vm.disk_controller or "").upper()
    if said in ("NVME", "SCSI"):
        return Controller.NVME if said == "NVME" else Controller.SCSI
    size = vm_size(vm.size)
    return size.controller if size else Controller.UNKNOWN


def architecture(vm: Vm) -> str | None:
    """Arm64 or x64: what the VM says, then its OS disk, then its size; None: not known.

    The OS disk speaks for the VM: a system for one processor does not start on the other.
    """
    said = [vm.architecture, *(disk.architecture for disk in vm.disks if disk.is_os)]
    known = next((each for each in said if each), None)
    if known:
        return "Arm64" if known.lower() == "arm64" else "x64"
    size = vm_size(vm.size)
    return size.architecture if size else None
