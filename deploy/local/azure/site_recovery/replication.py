"""How replication goes on as the clock moves: initial copy, first point, protected, RPO, points."""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.local.azure.backup.clock import read, stamp
from deploy.local.azure.backup.places import disks_of
from deploy.local.azure.replication_states import INITIAL, PROTECTED, WAITING, told_of
from deploy.local.azure.site_recovery.pieces import ITEM_TYPE, POINT_TYPE
from deploy.local.azure.world import Body, World

#: A crash-consistent point every five minutes, not configurable (Site Recovery FAQ, 2025).
EVERY = timedelta(minutes=5)
#: The initial copy is taken to run at about 60 MB/s, and to need at least ten minutes.
COPY_LEAST = timedelta(minutes=10)
COPY_PER_GIB = timedelta(seconds=17)
#: Seconds that the newest data is behind at best.
LEAST_RPO = 15
FIRST_POINT = timedelta(minutes=5)


@dataclass
class Replica:
    """What an item does not show: the VM as it is replicated, and when what happens."""

    vm: Body
    disks: list[Body]
    copy_from: datetime
    copied: datetime
    protected: datetime
    rpo_then: int | None = None  #: of an unhealthy item: its RPO at `copy_from`, growing since


@dataclass
class Replicas:
    """By the item's lower-cased id."""

    of_item: dict[str, Replica] = field(default_factory=dict)
    begun: bool = False


def begin(world: World) -> None:
    """Let replication go on in this world; again is the same as once."""
    replicas = world.part(Replicas)
    if not replicas.begun:
        replicas.begun = True
        for item in list(world.resources.values()):
            if str(item.get("type", "")).lower() == ITEM_TYPE.lower():
                replica_of(world, item)
        world.at(world.now + EVERY, lambda: _tick(world))


def _tick(world: World) -> None:
    """Bring every item to now."""
    for key in list(world.part(Replicas).of_item):
        item = world.resources.get(key)
        if item is not None:
            refresh(world, item)
    world.at(world.now + EVERY, lambda: _tick(world))


def new_replica(world: World, vm: Body, when: datetime, pace: float) -> Replica:
    """Replication of a VM that starts then; `pace` is a share of the usual time."""
    disks = [copy.deepcopy(disk) for _, disk in disks_of(world, vm)]
    size_gib = sum(int(disk.get("properties", {}).get("diskSizeGB") or 0) for disk in disks)
    copied = when + pace * max(COPY_LEAST, COPY_PER_GIB * size_gib)
    protected = copied + pace * FIRST_POINT
    return Replica(copy.deepcopy(vm), disks, when, copied, protected)


def replica_of(world: World, item: Body) -> Replica:
    """The replica of an item; for one that was there before the stand-in, made up from it."""
    known = world.part(Replicas).of_item
    key = item["id"].lower()
    if key not in known:
        known[key] = _assumed(world, item)
    return known[key]


def _assumed(world: World, item: Body) -> Replica:
    properties = item["properties"]
    details = properties["providerSpecificDetails"]
    vm = world.resources.get(str(details.get("fabricObjectId")).lower())
    name = str(properties.get("friendlyName"))
    body = vm or {"id": details.get("fabricObjectId"), "name": name, "properties": {}}
    replica = new_replica(world, body, world.now, 1.0)
    if properties.get("protectionState") == PROTECTED:
        replica.copied = replica.protected = _protected_since(world, item)
    if properties.get("replicationHealth") != "Normal":
        replica.rpo_then = details.get("rpoInSeconds")
    return replica


def _protected_since(world: World, item: Body) -> datetime:
    """Before its last drill, or a month ago; so that the RPO goes on from what it says now."""
    drill = read(item["properties"].get("lastSuccessfulTestFailoverTime"))
    since = min(drill or world.now, world.now - timedelta(days=30))
    points = int((world.now - since) / EVERY) + 1
    rpo = int(item["properties"]["providerSpecificDetails"].get("rpoInSeconds") or LEAST_RPO)
    return world.now - points * EVERY - timedelta(seconds=max(rpo - LEAST_RPO, 0))


def refresh(world: World, item: Body) -> Body:
    """Bring an item's state, percent and RPO to the world's time."""
    properties = item["properties"]
    if properties.get("activeLocation") == "Recovery":
        return item
    replica, now = replica_of(world, item), world.now
    if properties.get("protectionState") in (INITIAL, WAITING):
        _go_on(item, replica, now)
    if properties.get("protectionState") == PROTECTED:
        _set_rpo(item, replica, now)
    return item


def _go_on(item: Body, replica: Replica, now: datetime) -> None:
    state = PROTECTED if now >= replica.protected else WAITING if now >= replica.copied else INITIAL
    properties, details = item["properties"], item["properties"]["providerSpecificDetails"]
    properties |= told_of(state)
    whole = (replica.copied - replica.copy_from).total_seconds() or 1.0
    share = (now - replica.copy_from).total_seconds() / whole
    details["monitoringPercentageCompletion"] = int(min(max(share, 0.0), 1.0) * 100)
    for disk in details.get("protectedManagedDisks") or []:
        disk["diskState"] = "Protected" if state == PROTECTED else "InitialReplicationPending"
        disk["monitoringJobType"] = None if state == PROTECTED else "InitialReplication"
    if state == PROTECTED:
        details |= {"vmProtectionState": PROTECTED, "vmProtectionStateDescription": PROTECTED}
        details |= {"lifecycleId": _guid(item, "lifecycle"), "monitoringJobType": None}
        _ask_for_a_drill(item, replica.protected)


def _ask_for_a_drill(item: Body, when: datetime) -> None:
    """Until the first test failover the failover health is Warning, with this error (recorded)."""
    name = item["properties"]["friendlyName"]
    item["properties"] |= {
        "failoverHealth": "Warning",
        "healthErrors": [
            {
                "innerHealthErrors": [],
                "errorSource": "ReplicationUnitFailoverValidatorError",
                "errorType": "8010",
                "errorLevel": "Warning",
                "errorCategory": "TestFailover",
                "errorCode": "161011",
                "summaryMessage": "",
                "errorMessage": "No successful test failover has been done on the virtual machine "
                f"'{name}'.",
                "possibleCauses": "No successful test failover has been done on the virtual "
                "machine after it was replicated.",
                "recommendedAction": "Do a test failover on the virtual machine.",
                "creationTimeUtc": stamp(when),
                "recoveryProviderErrorMessage": None,
                "entityId": _guid(item, "entity"),
                "errorId": "6:8010",
                "customerResolvability": "NotAllowed",
            }
        ],
    }


def _guid(item: Body, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{item['id'].lower()}#{what}"))


def _set_rpo(item: Body, replica: Replica, now: datetime) -> None:
    details = item["properties"]["providerSpecificDetails"]
    if replica.rpo_then is not None:
        grown = replica.rpo_then + int((now - replica.copy_from).total_seconds())
        details["rpoInSeconds"] = grown
    elif item["properties"].get("replicationHealth") == "Normal":
        since = (now - replica.protected).total_seconds()
        details["rpoInSeconds"] = LEAST_RPO + int(since % EVERY.total_seconds())
    details["lastRpoCalculatedTime"] = stamp(now.replace(second=0, microsecond=0))


def history(policy: Body | None) -> timedelta:
    """How long a policy keeps points; a day where it is not known."""
    details = (policy or {"properties": {}})["properties"].get("providerSpecificDetails") or {}
    minutes = details.get("recoveryPointHistory")
    return timedelta(minutes=int(minutes)) if minutes is not None else timedelta(days=1)


def point_times(first: datetime, now: datetime, kept: timedelta) -> list[datetime]:
    """When the crash-consistent points that are left were taken, newest first. Pure.

    Every five minutes for two hours; then one an hour (a day's history), one in two hours (up to
    seven days), one in four hours beyond (Site Recovery FAQ, 2025); with no history the latest.
    """
    latest = first + EVERY * int((now - first) / EVERY)
    if now < first:
        return []
    if not kept:
        return [latest]
    times, when = [], latest
    while when >= first and now - when <= kept:
        times.append(when)
        when = _one_before(when, now - when, kept)
    return times


def _one_before(when: datetime, age: timedelta, kept: timedelta) -> datetime:
    if age < timedelta(hours=2):
        return when - EVERY
    if kept <= timedelta(days=1):
        return when - timedelta(hours=1)
    return when - timedelta(hours=2 if age <= timedelta(days=7) else 4)


def points(world: World, item: Body) -> list[Body]:
    """The recovery points of an item, newest first."""
    policy = world.resources.get(str(item["properties"].get("policyId")).lower())
    details = (policy or {"properties": {}})["properties"].get("providerSpecificDetails") or {}
    every = timedelta(minutes=int(details.get("appConsistentFrequencyInMinutes") or 0))
    first = replica_of(world, item).protected
    if item["properties"].get("protectionState") in (INITIAL, WAITING):
        return []
    rows = [(when, "CrashConsistent") for when in point_times(first, world.now, history(policy))]
    if every:
        newest = first + every * int((world.now - first) / every)
        times = [newest - every * step for step in range(1000)]
        least = max(first, world.now - history(policy))
        rows += [(when, "AppConsistent") for when in times if when >= least]
    return [_point(item, when, kind) for when, kind in sorted(rows, reverse=True)]


def _point(item: Body, when: datetime, kind: str) -> Body:
    name = _guid(item, f"{kind}{stamp(when)}")
    return {
        "id": f"{item['id']}/recoveryPoints/{name}",
        "name": name,
        "type": POINT_TYPE,
        "properties": {
            "recoveryPointTime": stamp(when),
            "recoveryPointType": kind,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointSyncType": "PerVmRecoveryPoint",
            },
        },
    }
