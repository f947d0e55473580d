"""What a client reads before it reads resources: endpoints, tenants, subscriptions, groups,
providers; and the resources that are only listed (network interfaces and public addresses)."""

from __future__ import annotations

from collections.abc import Iterable

from deploy.local.azure.access import allowed, sees
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal, page
from deploy.local.azure.world import Body, World

SUBSCRIPTION = "/subscriptions/{subscription}"
_SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
_PROVIDERS = (
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.CostManagement",
    "Microsoft.Insights",
    "Microsoft.Network",
    "Microsoft.RecoveryServices",
    "Microsoft.ResourceGraph",
    "Microsoft.Resources",
)


def endpoints(call: Call) -> Answer:
    """A cloud's endpoints, under the names of the older and of the newer api-versions."""
    url = call.base_url
    body = {
        "name": "VmbackupStandIn",
        "galleryEndpoint": url,
        "graphEndpoint": url,
        "portalEndpoint": url,
        "portal": url,
        "resourceManager": url,
        "graph": url,
        "microsoftGraphResourceId": url,
        "authentication": {
            "loginEndpoint": url,
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": call.world.tenant_id,
            "identityProvider": "AAD",
        },
        "suffixes": {"storage": "core.windows.net", "keyVaultDns": "vault.azure.net"},
    }
    return Answer(200, body)


# --- subscriptions and groups ----------------------------------------------------------------


def subscription_ids(world: World) -> list[str]:
    """Every subscription that is declared or that a resource lies in, lower-cased, sorted."""
    world.catch_up()
    parts = (key.split("/") for key in world.resources)
    return sorted({part[2] for part in parts if len(part) > 2 and part[1] == "subscriptions"})


def _subscription(world: World, subscription: str) -> Body:
    declared = world.get(f"/subscriptions/{subscription}") or {}
    return {
        "id": f"/subscriptions/{subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription,
        "tenantId": world.tenant_id,
        "displayName": declared.get("name") or f"Subscription {subscription[-4:]}",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def list_subscriptions(call: Call) -> Answer:
    """Those the caller may read; a forbidden one is left out, as Azure does."""
    every = subscription_ids(call.world)
    found = [one for one in every if allowed(call.world, _sub(one)) and sees(call, _sub(one))]
    bodies = [_subscription(call.world, one) for one in found]
    return Answer(200, {"value": bodies, "count": {"type": "Total", "value": len(bodies)}})


def _sub(subscription: str) -> str:
    return f"/subscriptions/{subscription}"


def get_subscription(call: Call) -> Answer:
    return Answer(200, _subscription(call.world, require_subscription(call)))


def require_subscription(call: Call) -> str:
    """The path's subscription, lower-cased. Raises Refusal 404 for an unknown one."""
    wanted = call.params["subscription"]
    if wanted.lower() not in subscription_ids(call.world):
        raise Refusal(
            404, "SubscriptionNotFound", f"The subscription '{wanted}' could not be found."
        )
    return wanted.lower()


def list_tenants(call: Call) -> Answer:
    tenant = call.world.tenant_id
    body = {
        "id": f"/tenants/{tenant}",
        "tenantId": tenant,
        "countryCode": "DE",
        "displayName": "Stand-in",
        "domains": ["stand-in.example"],
        "defaultDomain": "stand-in.example",
        "tenantCategory": "Home",
        "tenantType": "AAD",
    }
    return page([body])


def groups(world: World, subscription: str) -> dict[str, Body]:
    """Resource groups by lower-cased name: those declared, and those that resources lie in."""
    found: dict[str, Body] = {}
    prefix = f"/subscriptions/{subscription.lower()}/resourcegroups/"
    world.catch_up()
    for key, body in world.resources.items():
        if key.startswith(prefix) and (name := key.split("/", 5)[4]) not in found:
            spelt = str(body["id"]).split("/", 5)[4]
            found[name] = _group(world, subscription, spelt, body)
    return dict(sorted(found.items()))


def _group(world: World, subscription: str, name: str, example: Body) -> Body:
    arm_id = f"/subscriptions/{subscription}/resourceGroups/{name}"
    declared = world.resources.get(arm_id.lower(), {})
    body = {
        "id": arm_id,
        "name": declared.get("name", name),
        "type": "Microsoft.Resources/resourceGroups",
        "location": declared.get("location") or example.get("location", "westeurope"),
        "properties": {"provisioningState": "Succeeded"},
    }
    return body | ({"tags": declared["tags"]} if declared.get("tags") else {})


def require_group(call: Call) -> Body:
    """The path's resource group. Raises Refusal 404 where there is none."""
    require_subscription(call)
    group = groups(call.world, call.params["subscription"]).get(call.params["group"].lower())
    if group is None:
        name = call.params["group"]
        message = f"Resource group '{name}' could not be found."
        raise Refusal(404, "ResourceGroupNotFound", message)
    return group


def list_groups(call: Call) -> Answer:
    found = groups(call.world, require_subscription(call)).values()
    return page([group for group in found if allowed(call.world, group["id"])])


def get_group(call: Call) -> Answer:
    return Answer(200, require_group(call))


def head_group(call: Call) -> Answer:
    known = groups(call.world, call.params["subscription"])
    return Answer(204 if call.params["group"].lower() in known else 404)


# --- resources of any kind -------------------------------------------------------------------


_LISTED = ("id", "name", "type", "location", "tags", "sku", "kind", "zones", "identity")


def list_resources(call: Call) -> Answer:
    """The resources of a subscription or a group, without their properties."""
    if "group" in call.params:
        require_group(call)
    scope = call.path[: -len("/resources")]
    bodies = _below(call.world, scope)
    return page([{key: body[key] for key in _LISTED if key in body} for body in bodies])


def _below(world: World, scope: str) -> Iterable[Body]:
    world.catch_up()
    prefix = f"{scope.lower()}/"
    for key, body in sorted(world.resources.items()):
        top_level = key.rpartition("/providers/")[2].count("/") == 2
        if key.startswith(prefix) and "/providers/" in key and top_level and allowed(world, key):
            yield body


def _provider(subscription: str, namespace: str) -> Body:
    return {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [],
    }


def list_providers(call: Call) -> Answer:
    subscription = require_subscription(call)
    return page([_provider(subscription, namespace) for namespace in _PROVIDERS])


def get_provider(call: Call) -> Answer:
    known = {name.lower(): name for name in _PROVIDERS}
    namespace = call.params["namespace"]
    if namespace.lower() not in known:
        message = f"The resource namespace '{namespace}' is invalid."
        raise Refusal(404, "InvalidResourceNamespace", message)
    return Answer(200, _provider(require_subscription(call), known[namespace.lower()]))


def _read_only_kind(name: str, kind: str) -> Iterable[Operation]:
    """List all, list of a group and get, of a kind that nothing here changes."""

    def list_(call: Call) -> Answer:
        scope = call.path.rpartition("/providers/")[0]
        found = call.world.of_type(kind, scope)
        return page([body for body in found if allowed(call.world, body["id"])])

    def get(call: Call) -> Answer:
        body = call.world.get(call.path)
        if body is None:
            raise not_found(call, kind)
        return Answer(200, body)

    yield Operation(f"{name}_ListAll", "GET", f"{SUBSCRIPTION}/providers/{kind}", list_)
    yield Operation(f"{name}_List", "GET", f"{RESOURCE_GROUP}/providers/{kind}", list_)
    yield Operation(f"{name}_Get", "GET", f"{RESOURCE_GROUP}/providers/{kind}/{{name}}", get)


def not_found(call: Call, kind: str) -> Refusal:
    """ARM's 404 for a resource that is not there: `kind` as Azure spells it."""
    name, group = call.path.rstrip("/").rsplit("/", 1)[-1], call.params["group"]
    return Refusal(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{call.params.get('name', name)}' under resource group '{group}' "
        "was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        headers={"x-ms-failure-cause": "gateway"},
    )


OPERATIONS = (
    Operation("Metadata_Endpoints", "GET", "/metadata/endpoints", endpoints, True),
    Operation("Subscriptions_List", "GET", "/subscriptions", list_subscriptions),
    Operation("Subscriptions_Get", "GET", SUBSCRIPTION, get_subscription),
    Operation("Tenants_List", "GET", "/tenants", list_tenants),
    Operation("ResourceGroups_List", "GET", f"{SUBSCRIPTION}/resourceGroups", list_groups),
    Operation("ResourceGroups_Get", "GET", RESOURCE_GROUP, get_group),
    Operation("ResourceGroups_CheckExistence", "HEAD", RESOURCE_GROUP, head_group),
    Operation("Resources_List", "GET", f"{SUBSCRIPTION}/resources", list_resources),
    Operation(
        "Resources_ListByResourceGroup", "GET", f"{RESOURCE_GROUP}/resources", list_resources
    ),
    Operation("Providers_List", "GET", f"{SUBSCRIPTION}/providers", list_providers),
    Operation("Providers_Get", "GET", f"{SUBSCRIPTION}/providers/{{namespace}}", get_provider),
    *_read_only_kind("NetworkInterfaces", "Microsoft.Network/networkInterfaces"),
    *_read_only_kind("PublicIPAddresses", "Microsoft.Network/publicIPAddresses"),
)
