"""Grants of access to a disk's or snapshot's bytes: a link with an expiry, and its revocation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation
from deploy.local.azure.compute.common import conflict, invalid, require
from deploy.local.azure.operations import DISK, begin
from deploy.local.azure.world import Body, World

ACTIVE = "ActiveSAS"
#: incremental snapshots, restrictions (disks-incremental-snapshots, 2024-12-11): five grants at a
#: time in one family of snapshots.
_GRANTS_IN_FAMILY = 5
_LONGEST_SECONDS = 2**32 - 1


@dataclass
class Grants:
    """The grants in force by lower-cased id: the link's own name, and the state to go back to."""

    name: dict[str, str] = field(default_factory=dict)
    state_before: dict[str, str] = field(default_factory=dict)


def grant_operations(prefix: str, kind: str) -> tuple[Operation, ...]:
    """beginGetAccess and endGetAccess of disks or snapshots."""
    path = f"{RESOURCE_GROUP}/providers/{kind}/{{name}}"

    def grant(call: Call) -> Answer:
        return _grant(call, require(call, kind))

    def revoke(call: Call) -> Answer:
        body = require(call, kind)
        return begin(call, DISK, body["location"], lambda: _end(call.world, body))

    return (
        Operation(f"{prefix}_GrantAccess", "POST", f"{path}/beginGetAccess", grant),
        Operation(f"{prefix}_RevokeAccess", "POST", f"{path}/endGetAccess", revoke),
    )


def _grant(call: Call, body: Body) -> Answer:
    asked = call.fields
    seconds = asked.get("durationInSeconds")
    if asked.get("access") not in ("Read", "Write"):
        raise invalid("Required parameter 'access' is missing or not one of Read, Write.")
    if not isinstance(seconds, int) or not 0 < seconds <= _LONGEST_SECONDS:
        raise invalid("The value of parameter 'durationInSeconds' is invalid.")
    _check_grantable(call.world, body)

    def finish() -> Body:
        return _begin(call.world, body, seconds, asked["access"])

    return begin(call, DISK, body["location"], finish)


def _check_grantable(world: World, body: Body) -> None:
    properties = body["properties"]
    if properties.get("networkAccessPolicy") == "DenyAll":
        raise conflict(
            f"The operation 'beginGetAccess' on '{body['name']}' is not allowed: its "
            "networkAccessPolicy is DenyAll."
        )
    if properties.get("diskState") == "Attached":
        raise conflict(
            f"Cannot grant access to '{body['name']}': it is attached to a running VM "
            f"'{body.get('managedBy', '')}'."
        )
    family = properties.get("incrementalSnapshotFamilyId")
    if family and _granted_in(world, body["type"], family) >= _GRANTS_IN_FAMILY:
        raise conflict(
            f"At most {_GRANTS_IN_FAMILY} snapshots of one family can have access granted at a "
            "time."
        )


def _granted_in(world: World, kind: str, family: str) -> int:
    return sum(
        body["properties"].get("incrementalSnapshotFamilyId") == family
        and body["properties"].get("diskState") == ACTIVE
        for body in world.of_type(kind)
    )


def _begin(world: World, body: Body, seconds: int, access: str) -> Body:
    properties, grants = body["properties"], world.part(Grants)
    name = world.new_guid().replace("-", "")
    before = properties.get("diskState", "Unattached")
    if before != ACTIVE:
        grants.state_before[body["id"].lower()] = before
    grants.name[body["id"].lower()] = name
    properties["diskState"] = ACTIVE

    def lapse() -> None:
        if grants.name.get(body["id"].lower()) == name:
            _end(world, body)

    world.after(timedelta(seconds=seconds), lapse)
    until = world.now + timedelta(seconds=seconds)
    link = (
        f"https://md-{name[:12]}.z1.blob.storage.azure.net/{name[12:24]}/abcd?sv=2018-03-28"
        f"&sr=b&si={world.new_guid()}&se={until:%Y-%m-%dT%H%%3A%M%%3A%SZ}"
        f"&sp={access[0].lower()}&sig=of-the-stand-in"
    )
    return {"accessSAS": link}


def _end(world: World, body: Body) -> None:
    grants = world.part(Grants)
    if grants.name.pop(body["id"].lower(), None):
        body["properties"]["diskState"] = grants.state_before.pop(body["id"].lower())
