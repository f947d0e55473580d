"""Azure's regions (pair, zones, continent), and the parsers of the names that people write.

Source: azure-docs reliability/regions-list, 2025-03-21; Belgium Central and the pair of Sweden
Central from its later state. "Restricted" regions need an allow-list from Microsoft.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from advisor.errors import UsageError
from advisor.model import Verdict

_ZONE = re.compile(r"zone:([1-3])")


class Region(NamedTuple):
    """One region. `pair` is empty where Azure gives it none."""

    name: str  #: ARM's name: westeurope
    display_name: str
    pair: str
    zones: Verdict
    continent: str
    restricted: bool


_Y, _N, _U = Verdict.YES, Verdict.NO, Verdict.UNKNOWN

_TABLE = (
    Region("australiacentral", "Australia Central", "australiacentral2", _N, "Oceania", False),
    Region("australiacentral2", "Australia Central 2", "australiacentral", _N, "Oceania", True),
    Region("australiaeast", "Australia East", "australiasoutheast", _Y, "Oceania", False),
    Region("australiasoutheast", "Australia Southeast", "australiaeast", _N, "Oceania", False),
    Region("austriaeast", "Austria East", "", _U, "Europe", False),
    Region("belgiumcentral", "Belgium Central", "", _Y, "Europe", False),
    Region("brazilsouth", "Brazil South", "southcentralus", _Y, "South America", False),
    Region("brazilsoutheast", "Brazil Southeast", "brazilsouth", _N, "South America", True),
    Region("canadacentral", "Canada Central", "canadaeast", _Y, "North America", False),
    Region("canadaeast", "Canada East", "canadacentral", _N, "North America", False),
    Region("centralindia", "Central India", "southindia", _Y, "Asia", False),
    Region("centralus", "Central US", "eastus2", _Y, "North America", False),
    Region("eastasia", "East Asia", "southeastasia", _Y, "Asia", False),
    Region("eastus", "East US", "westus", _Y, "North America", False),
    Region("eastus2", "East US 2", "centralus", _Y, "North America", False),
    Region("francecentral", "France Central", "francesouth", _Y, "Europe", False),
    Region("francesouth", "France South", "francecentral", _N, "Europe", True),
    Region("germanynorth", "Germany North", "germanywestcentral", _N, "Europe", True),
    Region("germanywestcentral", "Germany West Central", "germanynorth", _Y, "Europe", False),
    Region("indonesiacentral", "Indonesia Central", "", _Y, "Asia", False),
    Region("israelcentral", "Israel Central", "", _Y, "Middle East", False),
    Region("italynorth", "Italy North", "", _Y, "Europe", False),
    Region("japaneast", "Japan East", "japanwest", _Y, "Asia", False),
    Region("japanwest", "Japan West", "japaneast", _Y, "Asia", False),
    Region("koreacentral", "Korea Central", "koreasouth", _Y, "Asia", False),
    Region("koreasouth", "Korea South", "koreacentral", _N, "Asia", True),
    Region("mexicocentral", "Mexico Central", "", _Y, "North America", False),
    Region("newzealandnorth", "New Zealand North", "", _Y, "Oceania", False),
    Region("northcentralus", "North Central US", "southcentralus", _N, "North America", False),
    Region("northeurope", "North Europe", "westeurope", _Y, "Europe", False),
    Region("norwayeast", "Norway East", "norwaywest", _Y, "Europe", False),
    Region("norwaywest", "Norway West", "norwayeast", _N, "Europe", True),
    Region("polandcentral", "Poland Central", "", _Y, "Europe", False),
    Region("qatarcentral", "Qatar Central", "", _Y, "Middle East", False),
    Region("southafricanorth", "South Africa North", "southafricawest", _Y, "Africa", False),
    Region("southafricawest", "South Africa West", "southafricanorth", _N, "Africa", True),
    Region("southcentralus", "South Central US", "northcentralus", _Y, "North America", False),
    Region("southindia", "South India", "centralindia", _N, "Asia", False),
    Region("southeastasia", "Southeast Asia", "eastasia", _Y, "Asia", False),
    Region("spaincentral", "Spain Central", "", _Y, "Europe", False),
    Region("swedencentral", "Sweden Central", "swedensouth", _Y, "Europe", False),
    Region("swedensouth", "Sweden South", "swedencentral", _N, "Europe", True),
    Region("switzerlandnorth", "Switzerland North", "switzerlandwest", _Y, "Europe", False),
    Region("switzerlandwest", "Switzerland West", "switzerlandnorth", _N, "Europe", True),
    Region("uaecentral", "UAE Central", "uaenorth", _N, "Middle East", True),
    Region("uaenorth", "UAE North", "uaecentral", _Y, "Middle East", False),
    Region("uksouth", "UK South", "ukwest", _Y, "Europe", False),
    Region("ukwest", "UK West", "uksouth", _N, "Europe", False),
    Region("westcentralus", "West Central US", "westus2", _N, "North America", False),
    Region("westeurope", "West Europe", "northeurope", _Y, "Europe", False),
    Region("westindia", "West India", "southindia", _N, "Asia", False),
    Region("westus", "West US", "eastus", _N, "North America", False),
    Region("westus2", "West US 2", "westcentralus", _Y, "North America", False),
    Region("westus3", "West US 3", "eastus", _Y, "North America", False),
)

REGIONS = {region.name: region for region in _TABLE}


def region_name(text: str) -> str:
    """ARM's name of a region from how people and APIs write it: "West Europe" -> westeurope."""
    return text.replace(" ", "").lower()


def region(name: str) -> Region:
    """The region of that name; one we do not know has no pair that we know and unknown zones."""
    return REGIONS.get(name) or Region(name, name, "", Verdict.UNKNOWN, "", False)


def display_name(name: str) -> str:
    """How Azure writes it: westeurope -> West Europe."""
    return region(name).display_name


def same_continent(one: str, other: str, among: tuple[str, ...]) -> bool:
    """Whether both regions are known to lie in the same one of these continents."""
    continent = region(one).continent
    return continent in among and continent == region(other).continent


def parse_region(text: str) -> str:
    """`West Europe` or `westeurope` -> ARM's name. Raises UsageError with the nearest names."""
    name = region_name(text.strip())
    if name in REGIONS:
        return name
    from rapidfuzz import process

    near = [match[0] for match in process.extract(name, list(REGIONS), limit=3, score_cutoff=70)]
    hint = f"Did you mean {' or '.join(near)}?" if near else "Write it like westeurope."
    raise UsageError(f"“{text}” is not an Azure region. {hint}")


def parse_target(text: str) -> str:
    """A region's ARM name, or `zone:1` to `zone:3`. Raises UsageError."""
    name = region_name(text.strip())
    if not name.startswith("zone"):
        return parse_region(text)
    if not _ZONE.fullmatch(name):
        raise UsageError(f"“{text}” is not a zone. Write it like zone:1, zone:2 or zone:3.")
    return name
