"""Restore point collections: what holds a VM's restore points, and copies of another region's."""

from __future__ import annotations

from deploy.local.azure.access import check_linked
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.compute.common import (
    VMS,
    arm_id,
    at_region,
    check_new,
    check_tags,
    check_unchanged,
    in_scope,
    invalid,
    listed,
    require,
    resource_id,
)
from deploy.local.azure.metadata import SUBSCRIPTION
from deploy.local.azure.operations import VM, begin
from deploy.local.azure.world import Body

COLLECTIONS = "Microsoft.Compute/restorePointCollections"
POINTS = f"{COLLECTIONS}/restorePoints"


def shown_point(point: Body) -> Body:
    """A point as REST gives it: without the location that its resource has in the world."""
    return {name: value for name, value in point.items() if name != "location"}


def _get(call: Call) -> Answer:
    body = require(call, COLLECTIONS)
    if call.query.get("$expand", "").lower() != "restorepoints":
        return Answer(200, body)
    points = [shown_point(point) for point in call.world.of_type(POINTS, body["id"])]
    return Answer(200, body | {"properties": body["properties"] | {"restorePoints": points}})


def _list(call: Call) -> Answer:
    return listed(call, in_scope(call, COLLECTIONS))


def _put(call: Call) -> Answer:
    asked = check_new(call, COLLECTIONS)
    wanted = asked.get("properties") or {}
    source_id = arm_id((wanted.get("source") or {}).get("id"))
    known = call.world.get(resource_id(call, COLLECTIONS))
    if known is not None:
        check_unchanged("source.id", known["properties"]["source"]["id"], source_id)
        return _patched(known, asked)
    instant = _instant_access(wanted)
    source = _source(call, source_id, at_region(asked))
    body: Body = {
        "id": resource_id(call, COLLECTIONS),
        "name": call.params["name"],
        "type": COLLECTIONS,
        "location": at_region(asked),
        "tags": dict(asked.get("tags") or {}),
        "properties": {
            "source": {"id": source["id"], "location": source["location"]},
            "restorePointCollectionId": call.world.new_guid(),
            "provisioningState": "Succeeded",
            **instant,
        },
    }
    return Answer(201, call.world.put(body))


def _source(call: Call, source_id: str, here: str) -> Body:
    """The VM, or for copies the collection in another region. Raises Refusal 400, 403, 404."""
    check_linked(call, source_id, f"{VMS}/read")
    source = call.world.get(source_id)
    if source is None:
        message = f"The source '{source_id}' of the restore point collection is not found."
        raise Refusal(404, "NotFound", message)
    if source["type"] == VMS and at_region(source) != here:
        raise invalid(
            f"The restore point collection must be in the location of its VM, "
            f"'{source['location']}'."
        )
    return source


def _patch(call: Call) -> Answer:
    return _patched(require(call, COLLECTIONS), call.fields)


def _patched(body: Body, asked: Body) -> Answer:
    check_tags(asked.get("tags"))
    if asked.get("tags") is not None:
        body["tags"] = dict(asked["tags"])
    body["properties"] |= _instant_access(asked.get("properties") or {})
    return Answer(200, body)


def _instant_access(asked: Body) -> Body:
    """`instantAccess` where it is asked for. Raises Refusal 400 for what is no boolean."""
    wanted = asked.get("instantAccess")
    if wanted is None:
        return {}
    if not isinstance(wanted, bool):
        raise invalid("The value of parameter instantAccess is no boolean.")
    return {"instantAccess": wanted}


def _delete(call: Call) -> Answer:
    """With every point in it."""
    body = call.world.get(resource_id(call, COLLECTIONS))
    if body is None:
        return Answer(204)

    def finish() -> None:
        for point in call.world.of_type(POINTS, body["id"]):
            call.world.remove(point["id"])
        call.world.remove(body["id"])

    return begin(call, VM, body["location"], finish)


_ALL = f"/providers/{COLLECTIONS}"
_PATH = f"{RESOURCE_GROUP}{_ALL}/{{name}}"
OPERATIONS = (
    Operation("RestorePointCollections_Get", "GET", _PATH, _get),
    Operation("RestorePointCollections_List", "GET", f"{RESOURCE_GROUP}{_ALL}", _list),
    Operation("RestorePointCollections_ListAll", "GET", f"{SUBSCRIPTION}{_ALL}", _list),
    Operation("RestorePointCollections_CreateOrUpdate", "PUT", _PATH, _put),
    Operation("RestorePointCollections_Update", "PATCH", _PATH, _patch),
    Operation("RestorePointCollections_Delete", "DELETE", _PATH, _delete),
)
