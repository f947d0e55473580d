"""Replication by Site Recovery that was found on a VM, as a protection of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from advisor.inventory.recovery_services import vault_named_in
from advisor.inventory.replication import ReplicatedItem
from advisor.model import Protection, ProtectionKind, ProtectionState, Vault, Vm

#: Site Recovery's protectionState, by what it means: the words of recorded answers (azure-cli,
#: 2023), of Microsoft's examples (site-recovery 2024-10-01), of operators' reports, and those
#: that its twin service publishes as known values (datareplication 2024-09-01). A word that is
#: not here is unknown: “Failover” holds “fail”, and a failover is no failure.
_REPLICATION_WORDS = {
    ProtectionState.ACTIVE: "Protected",
    ProtectionState.PENDING: """UnprotectedStatesBegin EnablingProtection
        InitialReplicationStatesBegin InitialReplicationPending InitialReplicationInProgress
        InitialReplicationCompletedOnPrimary InitialReplicationCompletedOnRecovery
        InitialReplicationRecoveryCompletionPending ReprotectStatesBegin ReprotectInitiated""",
    ProtectionState.FAILED_OVER: """PlannedFailoverCommitRequired PlannedFailoverStatesBegin
        PlannedFailoverCompleted UnplannedFailoverCommitPendingStatesBegin
        UnplannedFailoverStatesBegin UnplannedFailoverCommitted UnplannedFailoverCompleted
        CommitFailoverCompleted""",
    ProtectionState.STOPPED: "ProtectionStopped DisablingProtection MarkedForDeletion",
    ProtectionState.ERROR: """EnablingFailed DisablingFailed InitialReplicationFailed
        PlannedFailoverFailed PlannedFailoverCompletionFailed UnplannedFailoverFailed
        UnplannedFailoverCompletionFailed CommitFailoverFailedOnPrimary
        CommitFailoverFailedOnRecovery ReprotectFailed""",
}
_REPLICATION_STATES = {
    word.lower(): state for state, words in _REPLICATION_WORDS.items() for word in words.split()
}
#: Of a failover that can still be moved to another recovery point.
_NOT_COMMITTED = {"plannedfailovercommitrequired", "unplannedfailovercommitpendingstatesbegin"}

#: Site Recovery calculates the RPO every few minutes; an answer so old says that it stopped.
_LONGEST_SILENCE = timedelta(days=1)

_REPLICATION_DETAIL = {
    ProtectionState.STOPPED: "Replication was stopped.",
    ProtectionState.PENDING: "The first copy is not complete: there is no recovery point yet.",
}


def replication_protection(
    vm: Vm,
    item: ReplicatedItem,
    vault: Vault | None,
    recovery_points: timedelta | None,
    now: datetime,
) -> Protection:
    """A replicated VM. Its last point is the moment its RPO was calculated, less the RPO."""
    state = replication_state(item)
    return Protection(
        kind=ProtectionKind.SITE_RECOVERY,
        state=state,
        id=item.id,
        last_point=None if item.rpo_at is None or item.rpo is None else item.rpo_at - item.rpo,
        vault=vault or vault_named_in(item.id, item.vault_id),
        target=item.target,
        rpo=item.rpo,
        recovery_points=recovery_points,
        last_test_failover=item.last_test_failover,
        left_out=_left_out(vm, item, state),
        later_disks=item.later_disks,
        since=item.since,
        drill_left=item.drill_left,
        drill_since=item.last_test_failover if item.drill_left else None,
        health=(*item.health, *_silent(item, state, now)),
        detail=_replication_detail(item, state),
    )


def replication_state(item: ReplicatedItem) -> ProtectionState:
    """The state of a replicated item, from its protection state and health."""
    state = _REPLICATION_STATES.get(item.state.lower(), ProtectionState.UNKNOWN)
    critical = state is ProtectionState.ACTIVE and item.replication_health == "critical"
    return ProtectionState.ERROR if critical else state


def _left_out(vm: Vm, item: ReplicatedItem, state: ProtectionState) -> frozenset[str]:
    """The disks with data that are not replicated, as far as the item says which are.

    After a failover its ids are those of the disks on the other side, and tell nothing of these.
    """
    if state is ProtectionState.FAILED_OVER or item.active_location == "recovery":
        return frozenset()
    return frozenset(
        disk.key
        for disk in vm.disks
        if disk.id
        and not disk.ephemeral
        and (
            (item.disk_ids is not None and disk.key not in item.disk_ids)
            or (not disk.is_os and disk.lun in item.unprotected_luns)
        )
    )


def _silent(item: ReplicatedItem, state: ProtectionState, now: datetime) -> list[str]:
    """Where Site Recovery has not said for long how far the replication is behind."""
    if state is not ProtectionState.ACTIVE or item.rpo_at is None:
        return []
    if now - item.rpo_at <= _LONGEST_SILENCE:
        return []
    return [f"Site Recovery has not calculated its RPO since {item.rpo_at:%d %B %Y}."]


def _replication_detail(item: ReplicatedItem, state: ProtectionState) -> str:
    if state is ProtectionState.ERROR:
        return (
            "Site Recovery calls the replication critical."
            if item.replication_health == "critical"
            else f"Site Recovery reports the state {item.state}."
        )
    if state is ProtectionState.FAILED_OVER:
        return _failed_over(item)
    if state is ProtectionState.UNKNOWN:
        return f"Site Recovery reports the state {item.state or 'nothing'}, which we do not know."
    if state is ProtectionState.ACTIVE and item.last_test_failover is None:
        return "No test failover has succeeded yet."
    return _REPLICATION_DETAIL.get(state, "")


def _failed_over(item: ReplicatedItem) -> str:
    where = f" in {item.target}" if item.target else ""
    if item.state.lower() in _NOT_COMMITTED:
        return f"The failover is not committed; the VM's copy runs{where}."
    return f"The VM's copy runs{where} and is not replicated until it is protected again."
