"""One ARM-shaped dict of Site Recovery into a frozen type: a replicated item, its policy.

Like `arm.py`: REST, Resource Graph and the Azure CLI's shape; a shape that is not known raises
InputUnreadable naming the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from advisor.inventory.arm import lowered_id, opened
from advisor.inventory.fields import Fields
from advisor.inventory.health import replication_health
from advisor.inventory.recovery_services import needed_vault
from advisor.regions import region_name

REPLICATED_TYPE = (
    "microsoft.recoveryservices/vaults/replicationfabrics/"
    "replicationprotectioncontainers/replicationprotecteditems"
)
REPLICATION_POLICY_TYPE = "microsoft.recoveryservices/vaults/replicationpolicies"

_AZURE_TO_AZURE = "a2a"
#: testFailoverState of a test failover that waits for somebody (Microsoft's examples of
#: site-recovery 2024-10-01, and operators' exports); MarkedForDeletion is being cleaned up.
_DRILL_LEFT = {"waitingforusertocleanup", "waitingforcompletion", "waitingforcleanup"}
_CLEAN_UP = "testfailovercleanup"  #: among allowedOperations
_CLEAN_UP_PENDING = "cleanup test failover pending"  #: protectionStateDescription


class ReplicatedItem(NamedTuple):
    """A replication protected item, not yet matched to a VM."""

    id: str
    vault_id: str  #: lower-cased
    instance: str  #: a2a for VMs of Azure, lower-cased
    source_id: str | None  #: lower-cased id of the VM
    target: str | None = None  #: a region, or zone:N
    state: str = ""  #: protectionState
    replication_health: str = ""  #: replicationHealth: Normal, Warning, Critical
    health: tuple[str, ...] = ()  #: sentences, where it is not good
    rpo: timedelta | None = None
    rpo_at: datetime | None = None  #: lastRpoCalculatedTime
    last_test_failover: datetime | None = None
    drill_left: bool = False  #: a test failover waits to be cleaned up
    since: datetime | None = None  #: when what runs at present was started
    policy_id: str | None = None  #: lower-cased
    policy_name: str | None = None
    active_location: str = ""  #: Primary or Recovery
    disk_ids: frozenset[str] | None = None  #: lower-cased; None: it does not say which
    replica_ids: frozenset[str] = frozenset()  #: lower-cased: the disks that the writes arrive at
    unprotected_luns: frozenset[int] = frozenset()
    later_disks: bool | None = None  #: autoProtectionOfDataDisk

    @property
    def key(self) -> str:
        return self.id.lower()

    @property
    def of_vm(self) -> bool:
        return self.instance == _AZURE_TO_AZURE


class ReplicationPolicy(NamedTuple):
    """How far back Site Recovery keeps recovery points. None: not read."""

    id: str
    recovery_points: timedelta | None


def parse_replicated_item(body: Mapping[str, Any], source: str, place: str) -> ReplicatedItem:
    """A replication protected item. One of an Azure VM must say which VM."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    details = properties.inner("providerSpecificDetails")
    instance = details.needed("instanceType").lower()
    source_id = _replicated_source(details)
    if instance == _AZURE_TO_AZURE and source_id is None:
        raise details.refusal("", "fabricObjectId is missing: which VM is replicated is not known.")
    rpo = details.whole("rpoInSeconds")
    return ReplicatedItem(
        id=arm_id,
        vault_id=needed_vault(top, arm_id, None),
        instance=instance,
        source_id=source_id,
        target=_target(details),
        state=properties.text("protectionState") or "",
        replication_health=(properties.text("replicationHealth") or "").lower(),
        health=tuple(replication_health(properties)),
        rpo=None if rpo is None else timedelta(seconds=rpo),
        rpo_at=details.moment("lastRpoCalculatedTime"),
        last_test_failover=properties.moment("lastSuccessfulTestFailoverTime"),
        drill_left=_drill_left(properties),
        since=properties.inner("currentScenario").moment("startTime"),
        policy_id=lowered_id(properties.text("policyId")),
        policy_name=properties.text("policyFriendlyName"),
        active_location=(properties.text("activeLocation") or "").lower(),
        **_disks(details),
    )


def parse_replication_policy(body: Mapping[str, Any], source: str, place: str) -> ReplicationPolicy:
    """A replication policy: `recoveryPointHistory` is in minutes."""
    top, properties = opened(body, source, place)
    minutes = properties.inner("providerSpecificDetails").whole("recoveryPointHistory")
    return ReplicationPolicy(
        id=top.needed("id"),
        recovery_points=None if minutes is None else timedelta(minutes=minutes),
    )


def _replicated_source(details: Fields) -> str | None:
    said = details.inner("dataSourceInfo").text("resourceId") or details.text("fabricObjectId")
    return lowered_id(said)


def _drill_left(properties: Fields) -> bool:
    said = (properties.text("testFailoverState") or "").lower()
    allowed = {one.lower() for one in properties.texts("allowedOperations")}
    told = (properties.text("protectionStateDescription") or "").lower()
    return said in _DRILL_LEFT or _CLEAN_UP in allowed or told == _CLEAN_UP_PENDING


def _disks(details: Fields) -> dict[str, Any]:
    """Which disks are replicated. While replication is enabled there are none yet: not said."""
    ids = {lowered_id(one.text("diskId")) for one in details.each("protectedManagedDisks")}
    named = frozenset(one for one in ids if one)
    replicas = {
        lowered_id(one.text("recoveryReplicaDiskId"))
        for one in details.each("protectedManagedDisks")
    }
    automatic = (details.text("autoProtectionOfDataDisk") or "").lower()
    luns = (one.whole("diskLunId") for one in details.each("unprotectedDisks"))
    return {
        "disk_ids": named or None,
        "replica_ids": frozenset(one for one in replicas if one),
        "unprotected_luns": frozenset(one for one in luns if one is not None),
        "later_disks": {"enabled": True, "disabled": False}.get(automatic),
    }


def _target(details: Fields) -> str | None:
    """`zone:N` where the copy stays in its region, else the region."""
    there = region_name(details.text("recoveryFabricLocation") or "")
    here = region_name(details.text("primaryFabricLocation") or "")
    zone = details.text("recoveryAvailabilityZone")
    if zone and (not there or there == here):
        return f"zone:{zone}"
    return there or None
