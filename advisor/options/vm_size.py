"""What a VM size's name says: cores, generation, premium storage, ARM, Azure Boost.

Azure's naming convention (vm-naming-conventions): Standard_[family][sub-family][cores]
[-constrained][features]_[accelerator_]v[generation]; feature s = premium storage, p = ARM64,
a = AMD. Names that do not follow it are read as not known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_NAME = re.compile(
    r"^(?:Standard|Basic)_(?P<family>[A-Z]{1,3})(?P<cores>\d{1,3})(?:-(?P<constrained>\d{1,3}))?"
    r"(?P<features>[a-z]*)(?:_[A-Z]+\d*)*?(?:_v(?P<generation>\d+))?(?:_Promo)?$"
)

#: From these generations a size runs on Azure Boost, where host-coordinated crash-consistent
#: snapshots of several disks are not offered: Intel v6, AMD v7 (agentless multi-disk backup
#: support scenarios, 2024-03-13; concepts-restore-points).
BOOST_INTEL_GENERATION = 6
BOOST_AMD_GENERATION = 7


class VmSize(NamedTuple):
    """What the name says. `generation` is 1 where the name has none.

    In the oldest series (A, D, DS of v1 and v2) the number counts sizes, not cores; 1 means one
    core there too, which is all that a rule asks.
    """

    name: str
    cores: int
    premium_storage: bool
    arm: bool
    amd: bool
    generation: int

    @property
    def boost(self) -> bool:
        """Whether the size runs on Azure Boost."""
        return self.generation >= (BOOST_AMD_GENERATION if self.amd else BOOST_INTEL_GENERATION)


@lru_cache(maxsize=4096)
def vm_size(name: str | None) -> VmSize | None:
    """Read a size's name; None where there is none or it does not follow the convention."""
    match = _NAME.match(name or "")
    if not match:
        return None
    features = match["features"]
    return VmSize(
        name=match[0],
        cores=int(match["constrained"] or match["cores"]),
        premium_storage="s" in features or match["family"] in ("GS", "DS"),
        arm="p" in features,
        amd="a" in features,
        generation=int(match["generation"] or 1),
    )
