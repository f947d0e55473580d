"""Management locks and what they refuse: CanNotDelete every deletion, ReadOnly every change."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.local.azure.access import reads_only
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal, page
from deploy.local.azure.world import Body, World

KIND = "Microsoft.Authorization/locks"
_MARK = f"/providers/{KIND}"


def refuse_if_locked(world: World, method: str, path: str) -> None:
    """Raises Refusal 409 ScopeLocked. Locks themselves are not locked."""
    if reads_only(method, path) or _MARK.lower() in path.lower():
        return
    verb = "delete" if method == "DELETE" else "write"
    holding = [scope for scope, level in _above(world, path) if _holds(level, verb)]
    if holding:
        raise Refusal(
            409,
            "ScopeLocked",
            f"The scope '{path}' cannot perform {verb} operation because following scope(s) are "
            f"locked: '{','.join(holding)}'. Please remove the lock and try again.",
            headers={"x-ms-failure-cause": "gateway"},
        )


def _holds(level: str, verb: str) -> bool:
    return level == "ReadOnly" or (level == "CanNotDelete" and verb == "delete")


def _above(world: World, path: str) -> Iterator[tuple[str, str]]:
    """Scope and level of every lock on this path or above it."""
    for lock in world.of_type(KIND):
        scope = scope_of_lock(lock)
        if f"{path.lower()}/".startswith(f"{scope.lower()}/"):
            yield scope, str(lock["properties"]["level"])


def scope_of_lock(lock: Body) -> str:
    """The id of what the lock is on."""
    arm_id = str(lock["id"])
    return arm_id[: arm_id.lower().rindex(_MARK.lower())]


def _lock_id(call: Call) -> str:
    scope = call.path[: call.path.lower().rindex(_MARK.lower())]
    return f"{scope}{_MARK}/{call.params['lock']}"


def _list(call: Call) -> Answer:
    """Locks on the scope, above it and below it; `$filter=atScope()` leaves out those below."""
    scope = call.path[: call.path.lower().rindex(_MARK.lower())]
    here = f"{scope.lower()}/"
    found = [
        lock
        for lock in call.world.of_type(KIND)
        if here.startswith(f"{scope_of_lock(lock).lower()}/")
        or (
            ("atscope()" not in call.query.get("$filter", "").lower())
            and f"{scope_of_lock(lock).lower()}/".startswith(here)
        )
    ]
    return page(found)


def _get(call: Call) -> Answer:
    lock = call.world.get(_lock_id(call))
    if lock is None:
        raise Refusal(404, "LockNotFound", f"The lock '{call.params['lock']}' could not be found.")
    return Answer(200, lock)


def _put(call: Call) -> Answer:
    properties = dict(call.fields.get("properties") or {})
    if properties.get("level") not in ("CanNotDelete", "ReadOnly"):
        message = f"The lock level '{properties.get('level')}' is not valid."
        raise Refusal(400, "InvalidLockLevel", message)
    kept = {name: properties[name] for name in ("level", "notes", "owners") if name in properties}
    arm_id = _lock_id(call)
    known = call.world.get(arm_id) is not None
    lock = {"id": arm_id, "name": call.params["lock"], "type": KIND, "properties": kept}
    return Answer(200 if known else 201, call.world.put(lock))


def _delete(call: Call) -> Answer:
    return Answer(200 if call.world.remove(_lock_id(call)) else 204)


_RESOURCE = RESOURCE_GROUP + "/providers/{namespace}/{kind}/{name}"
_SCOPES = ("/subscriptions/{subscription}", RESOURCE_GROUP, _RESOURCE)
_ROWS = (("ListByScope", "GET", "", _list), ("GetByScope", "GET", "/{lock}", _get))
_WRITES = (("CreateOrUpdateByScope", "PUT", _put), ("DeleteByScope", "DELETE", _delete))

OPERATIONS = tuple(
    Operation(f"ManagementLocks_{name}", method, f"{scope}{_MARK}{rest}", handler)
    for scope in _SCOPES
    for name, method, rest, handler in (
        *_ROWS,
        *((name, method, "/{lock}", handler) for name, method, handler in _WRITES),
    )
)
