"""Operations that take time: the 202 with both headers, and what their two URLs answer.

Azure Backup and Site Recovery send `Azure-AsyncOperation` and `Location` together and an empty
body; a vault's PUT sends the first alone. An operation in progress has the end time
0001-01-01T00:00:00 (recorded).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from deploy.local.azure.backup.clock import NEVER_ENDED, stamp
from deploy.local.azure.calls import Answer, Call, Refusal
from deploy.local.azure.world import Body, World

#: What moves no data; Azure itself needs seconds to a minute (recorded), nobody wants to wait.
USUAL = timedelta(seconds=0.4)


@dataclass
class Tracked:
    """One operation. `done` is called once, at its time, and may fail it by returning an error."""

    id: str
    started: datetime
    ends: datetime
    properties: Body | None = None  #: of a succeeded status, such as the job's id
    result: Callable[[], Body | None] = field(default=lambda: None)
    error: Body | None = None
    finished: bool = False

    @property
    def status(self) -> str:
        if not self.finished:
            return "InProgress"
        return "Failed" if self.error else "Succeeded"


class Operations(dict[str, "Tracked"]):
    """Every operation of Recovery Services by its id."""


def lasting(world: World, usual: timedelta) -> timedelta:
    """How long work takes in this world."""
    return usual * world.pace


def track(
    call: Call,
    *,
    takes: timedelta = USUAL,
    properties: Body | None = None,
    result: Callable[[], Body | None] = lambda: None,
    done: Callable[[datetime], Body | None] = lambda _: None,
) -> Tracked:
    """Start an operation; `done(end)` does the work when it ends and returns an error or None."""
    world, failing = call.world, call.failing
    now = world.now
    operation = Tracked(world.new_guid(), now, now + lasting(world, takes), properties, result)
    world.part(Operations)[operation.id] = operation

    def finish() -> None:
        operation.error = dict(failing) if failing else done(operation.ends)
        operation.finished = True

    world.at(operation.ends, finish)
    return operation


def link(call: Call, path: str) -> str:
    """An address for a header; `;` in names stays raw, as recorded."""
    return f"{call.base_url}{quote(path, safe='/;=@')}?api-version={call.query.get('api-version')}"


def patience(call: Call) -> dict[str, str]:
    """Retry-After, where this world gives one."""
    seconds = call.world.retry_after_seconds
    return {"Retry-After": str(seconds)} if seconds else {}


def links(call: Call, status_path: str, result_path: str) -> dict[str, str]:
    """Both headers, and Retry-After."""
    both = {"Azure-AsyncOperation": link(call, status_path), "Location": link(call, result_path)}
    return both | patience(call)


def accepted(call: Call, status_path: str, result_path: str) -> Answer:
    return Answer(202, None, links(call, status_path, result_path))


def tracked(call: Call) -> Tracked:
    """The operation of the path, or 404."""
    call.world.catch_up()
    found = call.world.part(Operations).get(call.params["operation"])
    if found is None:
        name = call.params["operation"]
        raise Refusal(404, "OperationNotFound", f"The operation '{name}' was not found.")
    return found


def status(call: Call) -> Answer:
    """Azure Backup's status: dates of .NET, the job under `properties` once it succeeded."""
    operation = tracked(call)
    body: dict[str, Any] = {
        "id": operation.id,
        "name": operation.id,
        "status": operation.status,
        "startTime": stamp(operation.started),
        "endTime": stamp(operation.ends) if operation.finished else NEVER_ENDED,
    }
    if operation.error:
        body["error"] = operation.error
    elif operation.finished and operation.properties:
        body["properties"] = operation.properties
    return Answer(200, body, {} if operation.finished else patience(call))


def result(call: Call) -> Answer:
    """What `Location` gives: 202 until done, then the resource, or nothing (204)."""
    operation = tracked(call)
    if not operation.finished:
        return Answer(
            202,
            None,
            {
                "Location": f"{call.base_url}{quote(call.path, safe='/;=@')}"
                f"?api-version={call.query.get('api-version', '')}"
            }
            | patience(call),
        )
    if operation.error:
        raise Refusal(400, operation.error["code"], operation.error["message"])
    body = operation.result()
    return Answer(200, body) if body is not None else Answer(204)


def job_reference(job_name: str) -> Body:
    return {"objectType": "OperationStatusJobExtendedInfo", "jobId": job_name}
