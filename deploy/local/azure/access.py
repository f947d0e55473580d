"""Who may do what: the action of a request, and the refusals of Azure's access control."""

from __future__ import annotations

from deploy.local.azure.calls import Call, Refusal
from deploy.local.azure.identity import SignIn
from deploy.local.azure.world import World

#: POSTs that read: their last segment, lower-cased. A reader may send them.
_READING_POSTS = frozenset(
    {"resources", "query", "backupstatus", "resourceshistory", "metrics:getbatch"}
)
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def reads_only(method: str, path: str) -> bool:
    """Whether a request changes nothing."""
    last = path.rstrip("/").rsplit("/", 1)[-1].lower()
    return method in ("GET", "HEAD") or (method == "POST" and last in _READING_POSTS)


def action(method: str, path: str) -> str:
    """The action Azure checks: GET .../disks/d1 is Microsoft.Compute/disks/read."""
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
    """Raises Refusal 403 for a scope that is forbidden and for a change by a reader."""
    identity = call.world.part(SignIn).find(str(call.caller.get("appid", "")))
    may = identity is not None and (identity.writes or reads_only(call.method, call.path))
    if not (may and allowed(call.world, call.path)):
        raise forbidden(call)


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
    """Raises Refusal 403 where a request names another resource that is forbidden."""
    if allowed(call.world, arm_id):
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
