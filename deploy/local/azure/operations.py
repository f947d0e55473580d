"""Long-running operations as Azure sends them: where they are asked after, and what they answer.

Each is two addresses of one piece of work: Azure-AsyncOperation, whose body has a `status`, and
Location (`monitor=true`), which answers 202 until the work is over and then the result itself.

What the first answer holds, as recorded of the service (2023 to 2026):

- PUT of a disk or snapshot: 202, the request repeated with id, name and type, provisioningState
  Updating; nothing that Azure fills in. PATCH: 202, the resource, Updating. Both addresses.
- PUT of a VM: 201, the VM Creating, without ids of the disks that come to be with it. PUT of a VM
  that is there, and PATCH: 200, the VM Updating. Azure-AsyncOperation only.
- PUT of a restore point: 201, Creating, with the VM's metadata and timeCreated, without restore
  points of the disks. Azure-AsyncOperation only.
- PUT and PATCH of a restore point collection: 201 or 200, Succeeded, no operation.
- start, deallocate, attachDetachDataDisks, access granted or revoked, DELETE: 202, empty, both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, auto

from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World


class Headers(Flag):
    """Which addresses an answer carries."""

    STATUS = auto()  #: Azure-AsyncOperation
    RESULT = auto()  #: Location
    BOTH = STATUS | RESULT


@dataclass
class LongRunning:
    """One piece of work. `result` is what Location gives at the end, None for nothing."""

    name: str
    started: datetime
    ended: datetime | None = None
    status: str = "InProgress"
    result: Body | None = None
    error: Body | None = None
    #: whether the status, too, carries the result, as that of disks and snapshots does
    output: bool = True

    def status_body(self) -> Body:
        body: Body = {"startTime": self.started.isoformat(), "status": self.status}
        if self.ended:
            body["endTime"] = self.ended.isoformat()
        if self.output and self.result is not None:
            body["properties"] = {"output": self.result}
        if self.error:
            body["error"] = self.error
        return body | {"name": self.name}


@dataclass
class Operations:
    """Every operation of a world, by name."""

    by_name: dict[str, LongRunning] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """How one sort of work is answered: `path` is DiskOperations or operations, `seconds` how
    long it takes at an ordinary pace."""

    path: str
    seconds: float
    headers: Headers = Headers.BOTH
    output: bool = True


DISK = Kind("DiskOperations", 0.2)
VM = Kind("operations", 0.4, output=False)
VM_STATUS_ONLY = Kind("operations", 0.4, Headers.STATUS, output=False)
#: A restore point's first answer names only the status.
RESTORE_POINT = Kind("operations", 0.4, Headers.STATUS, output=False)

Finish = Callable[[], Body | None]


def begin(
    call: Call,
    kind: Kind,
    location: str,
    finish: Finish,
    *,
    status: int = 202,
    body: Body | None = None,
    failed: Callable[[Body], None] | None = None,
) -> Answer:
    """Accepts work: `finish` does it when its time has come and returns the result.

    A Refusal that `finish` raises, or a fault put on the request, ends the work as Failed; then
    `failed` is called with the error, for the resource to show it.
    """
    world = call.world
    operation = LongRunning(world.new_guid(), world.now, output=kind.output)
    world.part(Operations).by_name[operation.name] = operation
    failing = call.failing

    def work() -> None:
        try:
            if failing:
                raise Refusal(500, str(failing["code"]), str(failing["message"]))
            operation.result = finish()
            operation.status = "Succeeded"
        except Refusal as refusal:
            operation.error = {"code": refusal.code, "message": refusal.message}
            operation.status = "Failed"
            if failed:
                failed(operation.error)
        operation.ended = world.now

    world.after_work(kind.seconds, work)
    return Answer(status, body, _addresses(call, kind, location, operation.name))


def _addresses(call: Call, kind: Kind, location: str, name: str) -> dict[str, str]:
    path = (
        f"/subscriptions/{call.params['subscription']}/providers/Microsoft.Compute"
        f"/locations/{location}/{kind.path}/{name}"
    )
    version = call.query.get("api-version", "")
    url = f"{call.base_url}{path}?p={call.world.tenant_id}"
    headers = {"Retry-After": str(call.world.retry_after_seconds)}
    if Headers.STATUS in kind.headers:
        headers["Azure-AsyncOperation"] = f"{url}&api-version={version}"
    if Headers.RESULT in kind.headers:
        headers["Location"] = f"{url}&monitor=true&api-version={version}"
    return headers


def in_progress(world: World) -> int:
    """How much work is not over."""
    known = world.part(Operations).by_name.values()
    return sum(1 for operation in known if operation.status == "InProgress")


def _ask(call: Call) -> Answer:
    call.world.catch_up()
    operation = call.world.part(Operations).by_name.get(call.params["operation"])
    if operation is None:
        name = call.params["operation"]
        raise Refusal(404, "NotFound", f"The operation '{name}' was not found.")
    if call.query.get("monitor", "").lower() == "true":
        return _result(call, operation)
    headers = {} if operation.ended else {"Retry-After": str(call.world.retry_after_seconds)}
    return Answer(200, operation.status_body(), headers)


def _result(call: Call, operation: LongRunning) -> Answer:
    if operation.ended is None:
        again = f"{call.base_url}{call.path}?" + "&".join(
            f"{name}={value}" for name, value in call.query.items()
        )
        headers = {"Location": again, "Retry-After": str(call.world.retry_after_seconds)}
        return Answer(202, None, headers)
    if operation.error:
        status = 409 if operation.error["code"] != "InternalServerError" else 500
        return Answer(status, {"error": operation.error})
    return Answer(200, operation.result)


_PATH = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/"
OPERATIONS = tuple(
    Operation(name, "GET", f"{_PATH}{kind}/{{operation}}", _ask)
    for name, kind in (("DiskOperations_Get", "DiskOperations"), ("Operations_Get", "operations"))
)
