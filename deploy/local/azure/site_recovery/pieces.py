"""What Site Recovery's parts share: types, paths, errors with causes and advice, operations.

Every write but alert settings is 202, empty, with both headers; the status names no job
(recorded), the job's id is in `x-ms-request-id`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.places import VAULT, VAULT_TYPE, vault_of
from deploy.local.azure.calls import Answer, Call, Refusal
from deploy.local.azure.world import Body

FABRIC_TYPE = f"{VAULT_TYPE}/replicationFabrics"
CONTAINER_TYPE = f"{FABRIC_TYPE}/replicationProtectionContainers"
MAPPING_TYPE = f"{CONTAINER_TYPE}/replicationProtectionContainerMappings"
ITEM_TYPE = f"{CONTAINER_TYPE}/replicationProtectedItems"
POINT_TYPE = f"{ITEM_TYPE}/recoveryPoints"
NETWORK_MAPPING_TYPE = f"{FABRIC_TYPE}/replicationNetworks/replicationNetworkMappings"
POLICY_TYPE = f"{VAULT_TYPE}/replicationPolicies"
PLAN_TYPE = f"{VAULT_TYPE}/replicationRecoveryPlans"
INTENT_TYPE = f"{VAULT_TYPE}/replicationProtectionIntents"
JOB_TYPE = f"{VAULT_TYPE}/replicationJobs"

FABRICS = f"{VAULT}/replicationFabrics"
FABRIC = f"{FABRICS}/{{fabric}}"
CONTAINERS = f"{FABRIC}/replicationProtectionContainers"
CONTAINER = f"{CONTAINERS}/{{container}}"
ITEMS = f"{CONTAINER}/replicationProtectedItems"
ITEM = f"{ITEMS}/{{item}}"

NO_TIME = "1753-01-01T01:01:01Z"


def failure(
    status: int, code: str, message: str, causes: str, advice: str, outer: str | None = None
) -> Refusal:
    """Site Recovery's error: the code and message again under `details`, with cause and advice."""
    detail: Body = {"code": code, "message": message}
    detail |= {"possibleCauses": causes, "recommendedAction": advice}
    detail |= {"clientRequestId": "", "activityId": ""}
    return Refusal(status, outer or code, message, details=[detail])


def missing(name: str) -> Refusal:
    """Site Recovery's 404, as recorded."""
    return failure(
        404,
        "ArmResourceDoesNotExist",
        f"Specified resource with name '{name}' does not exist.",
        "Ensure correct resource name was specified.",
        "Verify ARM resource name details.",
        outer="NotFound",
    )


def not_now(what: str, state: str) -> Refusal:
    """An action that the item's state does not allow."""
    return failure(
        400,
        "OperationNotAllowed",
        f"The operation '{what}' is not allowed as the replicated item is in the state '{state}'.",
        "The operation is not one of the item's allowed operations.",
        "Wait until the item's current job is completed, and look at its allowed operations.",
    )


def found_at(call: Call, path: str) -> Body:
    """The resource at that path below the vault of the request, or Site Recovery's 404."""
    vault = vault_of(call)
    found = call.world.get(f"{vault['id']}/{path}")
    if found is None:
        raise missing(path.rsplit("/", 1)[1])
    return found


def fabric_of(call: Call) -> Body:
    return found_at(call, f"replicationFabrics/{call.params['fabric']}")


def container_path(call: Call) -> str:
    p = call.params
    return f"replicationFabrics/{p['fabric']}/replicationProtectionContainers/{p['container']}"


def container_of(call: Call) -> Body:
    return found_at(call, container_path(call))


def item_of(call: Call) -> Body:
    return found_at(call, f"{container_path(call)}/replicationProtectedItems/{call.params['item']}")


def accepted(
    call: Call,
    resource_id: str,
    *,
    takes: timedelta = tracking.USUAL,
    done: Callable[[datetime], Body | None] = lambda _: None,
    result: Callable[[], Body | None] = lambda: None,
    job: Body | None = None,
) -> Answer:
    """202 with both headers: the vault's operation status, and the resource's results."""
    vault = vault_of(call)
    operation = tracking.track(call, takes=takes, done=done, result=result)
    answer = tracking.accepted(
        call,
        f"{vault['id']}/replicationOperationStatus/{operation.id}",
        f"{resource_id}/operationresults/{operation.id}",
    )
    request = {"x-ms-request-id": job["id"]} if job else {}
    return Answer(answer.status, None, {**answer.headers, **request})


def status(call: Call) -> Answer:
    """`properties` and `id` are null always (recorded)."""
    operation = tracking.tracked(call)
    error = operation.error
    body = {
        "error": {"code": error["code"], "message": error["message"], "details": None}
        if error
        else None,
        "id": None,
        "name": operation.id,
        "properties": None,
        "status": operation.status,
        "startTime": stamp(operation.started),
        "endTime": stamp(operation.ends) if operation.finished else None,
        "percentComplete": None,
    }
    return Answer(200, body, {} if operation.finished else tracking.patience(call))


def listed(rows: list[Body]) -> Answer:
    """A list of Site Recovery: `nextLink` is there and null (recorded)."""
    return Answer(200, {"value": rows, "nextLink": None})
