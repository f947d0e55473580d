"""Who may do what: the action of a request, and the refusals of Azure's access control."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.identity import Grant, SignIn
from deploy.local.azure.world import World

#: POSTs that read: their last segment, lower-cased. A reader may send them.
_READING_POSTS = frozenset(
    {"resources", "query", "backupstatus", "resourceshistory", "metrics:getbatch"}
)
_LOGS = "/api.loganalytics."
_NEEDS_NO_ROLE = "Microsoft.ResourceGraph/"
_OF_THE_TENANT = frozenset({"/subscriptions", "/tenants"})
_PERMISSIONS = "/providers/Microsoft.Authorization/permissions"
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def reads_only(method: str, path: str) -> bool:
    """Whether a request changes nothing."""
    last = path.rstrip("/").rsplit("/", 1)[-1].lower()
    return method in ("GET", "HEAD") or (method == "POST" and last in _READING_POSTS)


def action(method: str, path: str) -> str:
    """The action Azure checks: GET .../disks/d1 is Microsoft.Compute/disks/read."""
    if path.lower().endswith("/metrics:getbatch"):  # at the host of a region
        return "Microsoft.Insights/metrics/read"
    if path.lower().startswith(_LOGS):
        return "Microsoft.OperationalInsights/workspaces/query/read"
    _, found, provider = path.rpartition("/providers/")
    if not found:
        groups = "/resourcegroups" in path.lower()
        kind = "subscriptions/resourceGroups" if groups else "subscriptions"
        return f"Microsoft.Resources/{kind}/{_VERBS.get(method, 'action')}"
    namespace, *segments = provider.strip("/").split("/")
    kinds = segments[::2]
    if method != "POST":
        return "/".join([namespace, *kinds, _VERBS[method]])
    named = kinds if len(segments) % 2 else [*kinds, segments[-1]]
    return "/".join([namespace, *named, "read" if reads_only(method, path) else "action"])


def scope_of(path: str) -> str:
    """The resource, group or subscription a path is about: without a POST's last segment or
    the type at the end of a list."""
    if path.lower().endswith("/metrics:getbatch"):
        return f"/subscriptions/{path.split('/')[-2]}"
    head, found, provider = path.rpartition("/providers/")
    if not found:
        return path
    segments = provider.strip("/").split("/")
    if len(segments) % 2:
        return path
    return f"{head}/providers/{'/'.join(segments[:-1])}" if len(segments) > 1 else path


def allowed(world: World, arm_id: str) -> bool:
    """Whether nothing forbids this resource or a scope above it."""
    key = arm_id.lower()
    return not any(
        key == scope.lower().rstrip("/") or key.startswith(scope.lower().rstrip("/") + "/")
        for scope in world.forbidden
    )


def check_access(call: Call) -> None:
    """Raises Refusal 403 for a scope that is forbidden, and for what no role of the caller has."""
    wanted = action(call.method, call.path)
    at = scope_of(call.path) if call.path.lower().endswith("/metrics:getbatch") else call.path
    if call.path.lower().startswith(_LOGS):  # the path names no subscription: any role will do
        if not any(permits(each, wanted) for each in _grants_of(call)):
            raise forbidden(call)
        return
    may = _needs_no_role(call, wanted) or may_do(call, at, wanted)
    if not (may and allowed(call.world, at)):
        raise forbidden(call)


def may_do(call: Call, arm_id: str, wanted: str) -> bool:
    """Whether a role of the caller has this action there."""
    return any(permits(each, wanted) for each in _grants_at(call, arm_id))


def sees(call: Call, arm_id: str) -> bool:
    """Whether the caller has any role there, or below it."""
    below = f"{arm_id.lower()}/"
    grants = _grants_of(call)
    return any(_is_within(arm_id.lower(), each.scope.lower().rstrip("/")) for each in grants) or (
        any(each.scope.lower().startswith(below) for each in grants)
    )


def _needs_no_role(call: Call, wanted: str) -> bool:
    """Resource Graph and the lists of a tenant show whatever the caller may read, if only nothing.

    Assumed of Resource Graph here: its rows are not taken apart by types, only by `forbidden`.
    """
    if not reads_only(call.method, call.path):
        return False
    return wanted.startswith(_NEEDS_NO_ROLE) or call.path.lower() in _OF_THE_TENANT


def permits(grant: Grant, wanted: str) -> bool:
    """Whether a role allows an action: one of its actions matches, and none that it takes off."""
    return _any_matches(grant.actions, wanted) and not _any_matches(grant.not_actions, wanted)


def permissions(call: Call) -> Answer:
    """What the caller may do at a scope, role by role.

    By the reference (authorization/permissions, 2022-04-01: `list for resource group`); that a
    subscription and a management group answer alike is assumed.
    """
    at = call.path[: call.path.lower().rindex(_PERMISSIONS.lower())]
    return Answer(200, {"value": [_permission(each) for each in _grants_at(call, at)]})


def _permission(grant: Grant) -> dict[str, Any]:
    return {
        "actions": list(grant.actions),
        "notActions": list(grant.not_actions),
        "dataActions": [],
        "notDataActions": [],
    }


def _grants_at(call: Call, arm_id: str) -> list[Grant]:
    return [
        each
        for each in _grants_of(call)
        if _is_within(arm_id.lower(), each.scope.lower().rstrip("/"))
    ]


def _grants_of(call: Call) -> tuple[Grant, ...]:
    sign_in = call.world.part(SignIn)
    identity = sign_in.find(str(call.caller.get("appid", "")))
    return sign_in.grants_of(identity) if identity else ()


def _is_within(key: str, scope: str) -> bool:
    return key == scope or key.startswith(f"{scope}/")


def _any_matches(patterns: tuple[str, ...], wanted: str) -> bool:
    return any(fnmatchcase(wanted.lower(), pattern.lower()) for pattern in patterns)


def forbidden(call: Call) -> Refusal:
    """AuthorizationFailed in Azure's words, naming the action and the scope."""
    caller = call.caller.get("appid", "")
    return Refusal(
        403,
        "AuthorizationFailed",
        f"The client '{caller}' with object id '{call.caller.get('oid', '')}' does not have "
        f"authorization to perform action '{action(call.method, call.path)}' over scope "
        f"'{scope_of(call.path)}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
        headers={"x-ms-failure-cause": "gateway"},
    )


def check_linked(call: Call, arm_id: str, linked_action: str) -> None:
    """Raises Refusal 403 where a request names another resource and may not do that there."""
    if allowed(call.world, arm_id) and may_do(call, arm_id, linked_action):
        return
    raise Refusal(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{call.caller.get('appid', '')}' with object id "
        f"'{call.caller.get('oid', '')}' has permission to perform action "
        f"'{action(call.method, call.path)}' on scope '{scope_of(call.path)}'; however, it does "
        f"not have permission to perform action(s) '{linked_action}' on the linked scope(s) "
        f"'{arm_id}' or the linked scope(s) are invalid.",
        headers={"x-ms-failure-cause": "gateway"},
    )


OPERATIONS = tuple(
    Operation(name, "GET", f"{scope}{_PERMISSIONS}", permissions)
    for name, scope in (
        ("Permissions_ListForSubscription", "/subscriptions/{subscription}"),
        ("Permissions_ListForResourceGroup", RESOURCE_GROUP),
        (
            "Permissions_ListForManagementGroup",
            "/providers/Microsoft.Management/managementGroups/{management_group}",
        ),
    )
)
