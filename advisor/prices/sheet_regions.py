"""The regions of price sheets and bills, which have names of their own: `EU West` is westeurope.

Names as price sheets write them (meterRegion); ARM's own names, and those that Azure shows, are
known besides. A region of another name leaves its rows out, and the reading says which.
"""

from __future__ import annotations

from advisor.regions import REGIONS, region_name

#: meterRegion -> ARM's name (FinOps toolkit, Regions.csv, 2025).
_BILLED_AS = {
    "ae central": "uaecentral",
    "ae north": "uaenorth",
    "ap east": "eastasia",
    "ap southeast": "southeastasia",
    "au central": "australiacentral",
    "au central 2": "australiacentral2",
    "au east": "australiaeast",
    "au southeast": "australiasoutheast",
    "br south": "brazilsouth",
    "br southeast": "brazilsoutheast",
    "ca central": "canadacentral",
    "ca east": "canadaeast",
    "ch north": "switzerlandnorth",
    "ch west": "switzerlandwest",
    "de north": "germanynorth",
    "de west central": "germanywestcentral",
    "eu north": "northeurope",
    "eu west": "westeurope",
    "fr central": "francecentral",
    "fr south": "francesouth",
    "in central": "centralindia",
    "in south": "southindia",
    "in west": "westindia",
    "ja east": "japaneast",
    "ja west": "japanwest",
    "kr central": "koreacentral",
    "kr south": "koreasouth",
    "no east": "norwayeast",
    "no west": "norwaywest",
    "se central": "swedencentral",
    "se south": "swedensouth",
    "uk south": "uksouth",
    "uk west": "ukwest",
    "us central": "centralus",
    "us east": "eastus",
    "us east 2": "eastus2",
    "us north central": "northcentralus",
    "us south central": "southcentralus",
    "us west": "westus",
    "us west 2": "westus2",
    "us west 3": "westus3",
    "us west central": "westcentralus",
    "za north": "southafricanorth",
    "za west": "southafricawest",
}


def sheet_region(text: str) -> str | None:
    """ARM's name of a region that a sheet names; None where it is not known."""
    said = " ".join(text.split())
    named = _BILLED_AS.get(said.lower()) or region_name(said)
    return named if named in REGIONS else None
