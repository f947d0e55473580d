"""The subscriptions and resource groups that resources lie in, as resources of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from deploy.local.azure.world import Body

SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"
GROUP_TYPE = "Microsoft.Resources/subscriptions/resourceGroups"


def container_bodies(
    resources: Iterable[Body], subscription_names: Mapping[str, str]
) -> Iterator[Body]:
    """One body for each subscription and group in the resources' ids; a group lies in the
    region of the first resource found in it that has one."""
    regions: dict[str, tuple[str, str, str]] = {}
    subscriptions: dict[str, None] = {}
    for body in resources:
        parts = str(body["id"]).split("/")
        subscriptions.setdefault(parts[2])
        if len(parts) > 4 and body.get("location"):
            regions.setdefault(f"{parts[2]}/{parts[4]}".lower(), (*parts[2:5:2], body["location"]))
    for subscription in subscriptions:
        yield subscription_body(subscription, subscription_names.get(subscription, subscription))
    for subscription, group, region in regions.values():
        yield group_body(subscription, group, region)


def subscription_body(subscription: str, display_name: str) -> Body:
    return {
        "id": f"/subscriptions/{subscription}",
        "name": display_name,
        "type": SUBSCRIPTION_TYPE,
        "subscriptionId": subscription,
        "displayName": display_name,
        "properties": {
            "state": "Enabled",
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01",
                "quotaId": "EnterpriseAgreement_2014-09-01",
                "spendingLimit": "Off",
            },
        },
    }


def group_body(subscription: str, group: str, region: str) -> Body:
    return {
        "id": f"/subscriptions/{subscription}/resourceGroups/{group}",
        "name": group,
        "type": GROUP_TYPE,
        "location": region,
        "tags": {},
        "properties": {"provisioningState": "Succeeded"},
    }
