"""`GET /subscriptions/{id}/locations`: the regions of a subscription, from the advisor's table."""

from __future__ import annotations

import zlib

from advisor.model import Verdict
from advisor.regions import PUBLIC_CLOUD, REGIONS, Region
from deploy.local.azure.calls import Answer, Call, Operation, page
from deploy.local.azure.metadata import SUBSCRIPTION, require_subscription
from deploy.local.azure.world import Body

_ZONES = 3
#: Azure's groups of geographies; North America has three, told apart by the region's name.
_GROUPS = {"Oceania": "Asia Pacific", "Asia": "Asia Pacific"}
_AMERICAN_GROUPS = (("Canada", "Canada"), ("Mexico", "Mexico"))


def _list(call: Call) -> Answer:
    subscription = require_subscription(call)
    return page(
        [_location(subscription, one) for one in REGIONS.values() if one.cloud == PUBLIC_CLOUD]
    )


def _location(subscription: str, region: Region) -> Body:
    group = _group(region)
    scope = f"/subscriptions/{subscription}/locations"
    pair = [{"name": region.pair, "id": f"{scope}/{region.pair}"}] if region.pair else []
    body: Body = {
        "id": f"{scope}/{region.name}",
        "name": region.name,
        "type": "Region",
        "displayName": region.display_name,
        "regionalDisplayName": f"({group}) {region.display_name}",
        "metadata": {
            "regionType": "Physical",
            "regionCategory": "Other" if region.restricted else "Recommended",
            "geographyGroup": group,
            "pairedRegion": pair,
        },
    }
    if region.zones is Verdict.YES:
        body["availabilityZoneMappings"] = _zone_mappings(subscription, region)
    return body


def _group(region: Region) -> str:
    if region.continent != "North America":
        return _GROUPS.get(region.continent, region.continent)
    found = (group for name, group in _AMERICAN_GROUPS if region.display_name.startswith(name))
    return next(found, "US")


def _zone_mappings(subscription: str, region: Region) -> list[Body]:
    """Which building a zone is differs by subscription."""
    first = zlib.crc32(subscription.encode()) % _ZONES
    return [
        {
            "logicalZone": str(zone + 1),
            "physicalZone": f"{region.name}-az{(zone + first) % _ZONES + 1}",
        }
        for zone in range(_ZONES)
    ]


OPERATIONS = (Operation("Subscriptions_ListLocations", "GET", f"{SUBSCRIPTION}/locations", _list),)
