"""What the page shows of the played Azure, as JSON: VMs and their protection, snapshots, jobs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.requests.names import PREFIX
from bot.requests.tags import EXPIRES_TAG, REQUEST_TAG, VM_TAG
from deploy.local.azure.access import reads_only
from deploy.local.azure.backup.places import JOB_TYPE
from deploy.local.azure.server import Asking
from deploy.local.azure.world import Body, World

Json = dict[str, Any]

_VMS = "Microsoft.Compute/virtualMachines"
_SNAPSHOTS = "Microsoft.Compute/snapshots"
_RESTORE_POINTS = "Microsoft.Compute/restorePointCollections/restorePoints"
_BACKED_UP = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems"
_REPLICATED = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems"
)
#: How much of a large fleet is listed; the rest is counted.
MOST_VMS, MOST_SNAPSHOTS, MOST_JOBS, MOST_BACKUPS = 200, 60, 10, 4
_BYTES = 1024**3


@dataclass(frozen=True)
class Sign:
    """How a VM stands at a glance: never the colour alone, a word stands beside it."""

    sign: str
    word: str


UNPROTECTED = Sign("🔴", "unprotected")
PARTLY = Sign("🟠", "not in order")
STARTING = Sign("🟡", "being set up")
PROTECTED = Sign("🟢", "protected")
_BACKUP = {"Protected": PROTECTED, "IRPending": STARTING}
_REPLICATION = {"InitialReplicationInProgress": STARTING}


def azure_view(world: World, asked: Sequence[Asking]) -> Json:
    """Everything that the panel shows; `asked` are the requests that reached Azure."""
    made = [body for body in _of(world, _SNAPSHOTS, _RESTORE_POINTS) if _request_of(body)]
    made.sort(key=_made_at, reverse=True)
    return {
        "vms": _vms(world, made),
        "snapshots": [_snapshot(body) for body in made[:MOST_SNAPSHOTS]],
        "others": len(world.of_type(_SNAPSHOTS)) - sum(map(_is_snapshot, made)),
        "jobs": [*_jobs(world, asked)[:MOST_JOBS], *map(_backup_job, _newest_jobs(world))],
    }


def _of(world: World, *kinds: str) -> list[Body]:
    return [body for kind in kinds for body in world.of_type(kind)]


def _properties(body: Body) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body.get("properties") or {}
    return found


# --- VMs -------------------------------------------------------------------------------------


def _vms(world: World, made: Iterable[Body]) -> list[Json]:
    signs, counts = _signs(world), _counts(made)
    every = world.of_type(_VMS)
    every.sort(key=lambda body: (_environment(body) != "production", body["name"].lower()))
    return [_vm(body, signs, counts) for body in every[:MOST_VMS]]


def _vm(body: Body, signs: Mapping[str, tuple[Sign, str]], counts: Mapping[str, int]) -> Json:
    sign, by = signs.get(body["id"].lower(), (UNPROTECTED, ""))
    return {
        "id": body["id"],
        "name": body["name"],
        "group": _part_after(body["id"], "resourcegroups"),
        "region": body.get("location", ""),
        "environment": _environment(body),
        "sign": sign.sign,
        "word": sign.word,
        "by": by,
        "snapshots": counts.get(body["name"].lower(), 0),
    }


def _environment(body: Body) -> str:
    return str((body.get("tags") or {}).get("environment", ""))


def _signs(world: World) -> dict[str, tuple[Sign, str]]:
    """By the VM's id in lower case; Site Recovery first, so that Azure Backup has the last word."""
    found: dict[str, tuple[Sign, str]] = {}
    for item in world.of_type(_REPLICATED):
        details = _properties(item).get("providerSpecificDetails") or {}
        found[str(details.get("fabricObjectId", "")).lower()] = (_replicated(item), "Site Recovery")
    for item in world.of_type(_BACKED_UP):
        vm_id = str(_properties(item).get("virtualMachineId", "")).lower()
        sign = _backed_up(item)
        _, also = found.get(vm_id, (sign, ""))
        found[vm_id] = (sign, " and ".join(filter(None, ("Azure Backup", also))))
    return found


def _backed_up(item: Body) -> Sign:
    found = _BACKUP.get(str(_properties(item).get("protectionState")), PARTLY)
    is_healthy = _properties(item).get("healthStatus") in (None, "Passed", "Healthy")
    return found if is_healthy else PARTLY


def _replicated(item: Body) -> Sign:
    state = _properties(item).get("protectionState")
    if state in _REPLICATION:
        return _REPLICATION[str(state)]
    return PROTECTED if _properties(item).get("replicationHealth") == "Normal" else PARTLY


def _counts(made: Iterable[Body]) -> dict[str, int]:
    """How many points there are of each VM, by its name in lower case."""
    found: dict[str, int] = {}
    for body in made:
        name = _vm_of(body).lower()
        found[name] = found.get(name, 0) + 1
    return found


# --- snapshots -------------------------------------------------------------------------------


def _snapshot(body: Body) -> Json:
    properties, tags = _properties(body), body.get("tags") or {}
    source = str((properties.get("creationData") or {}).get("sourceResourceId", ""))
    state = str(properties.get("provisioningState", ""))
    percent = float(properties.get("completionPercent", 100 if state == "Succeeded" else 0))
    return {
        "id": body["id"],
        "name": body["name"],
        "disk": source.rsplit("/", 1)[-1] or "all disks",
        "vm": _vm_of(body),
        "request": _request_of(body),
        "size_gib": int(properties.get("diskSizeBytes", 0)) // _BYTES,
        "percent": percent,
        "state": "failed" if state == "Failed" else "ready" if percent >= 100 else "being taken",
        "made": _made_at(body),
        "expires": str(tags.get(EXPIRES_TAG, "")),
    }


def _request_of(body: Body) -> str:
    return str((body.get("tags") or {}).get(REQUEST_TAG, ""))


def _vm_of(body: Body) -> str:
    return str((body.get("tags") or {}).get(VM_TAG, "")).rsplit("/", 1)[-1]


def _is_snapshot(body: Body) -> bool:
    return str(body.get("type", "")).lower() == _SNAPSHOTS.lower()


def _made_at(body: Body) -> str:
    return str(_properties(body).get("timeCreated", ""))


def _part_after(arm_id: str, name: str) -> str:
    parts = arm_id.strip("/").split("/")
    named = dict(zip(map(str.lower, parts[::2]), parts[1::2], strict=False))
    return named.get(name, "")


# --- jobs ------------------------------------------------------------------------------------

#: The disk or VM in the name of what a request made (bot/requests/names.py).
_MADE = re.compile(rf"^{PREFIX}-r-[0-9a-f]+-(.+)-[0-9a-f]{{10}}$")
_VERBS = {"PUT": "Take", "PATCH": "Change", "DELETE": "Delete", "POST": "Act on"}
_KINDS = {
    "snapshots": "snapshot",
    "disks": "disk",
    "restorepoints": "restore point",
    "restorepointcollections": "collection",
    "virtualmachines": "VM",
}


def _jobs(world: World, asked: Sequence[Asking]) -> list[Json]:
    """What was asked of Azure that changes it, the newest first."""
    found: dict[tuple[str, str], Json] = {}
    for asking in reversed(asked):
        key = (asking.method, asking.path.lower())
        if not reads_only(asking.method, asking.path) and key not in found:
            job = _job(world, asking)
            found |= {key: job} if job else {}
    return [*found.values()]


def _job(world: World, asking: Asking) -> Json | None:
    parts = asking.path.strip("/").split("/")
    kinds = [part for part in map(str.lower, parts[::2]) if part in _KINDS]
    if "providers" not in map(str.lower, parts) or not kinds:
        return None
    verb = _VERBS.get(asking.method, asking.method)
    return {
        "what": f"{verb} {_KINDS[kinds[-1]]}",
        "id": parts[-1],
        "about": _MADE.sub(r"\1", parts[-1]),
        "status": _status(world.get(asking.path), asking.method),
    }


def _status(body: Body | None, method: str) -> str:
    if body is None:
        return "done" if method == "DELETE" else "done, deleted since"
    state = str(_properties(body).get("provisioningState", "Succeeded"))
    if method == "DELETE":
        return "under way" if state == "Deleting" else "not done"
    percent = float(_properties(body).get("completionPercent", 100))
    if percent < 100:
        return f"{percent:.0f} %"
    return {"Succeeded": "done", "Failed": "failed"}.get(state, "under way")


def _newest_jobs(world: World) -> list[Body]:
    jobs = world.of_type(JOB_TYPE)
    jobs.sort(key=lambda body: str(_properties(body).get("startTime", "")), reverse=True)
    return jobs[:MOST_BACKUPS]


def _backup_job(body: Body) -> Json:
    properties = _properties(body)
    status = str(properties.get("status", ""))
    return {
        "what": f"Azure Backup: {properties.get('operation', 'job')}",
        "id": body["name"],
        "about": str(properties.get("entityFriendlyName", "")),
        "status": {"InProgress": "under way", "Completed": "done"}.get(status, status.lower()),
    }
