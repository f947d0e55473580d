"""The protection states of a replicated item in Site Recovery's own spelling.

`protectionState` as recorded (azure-cli, 2023) and in Microsoft's examples (2024 to 2025): those of
a failover end in `StatesBegin` or in `CommitRequired`. Of a committed unplanned failover there is
no answer: its word follows that of a committed planned one.
"""

from __future__ import annotations

from typing import NamedTuple


class ReplicatedState(NamedTuple):
    """What an item of that state says beside the state itself."""

    told: str  #: protectionStateDescription
    location: str  #: activeLocation
    operations: tuple[str, ...]  #: allowedOperations


INITIAL = "InitialReplicationInProgress"
WAITING = "InitialReplicationRecoveryCompletionPending"
PROTECTED = "Protected"
FAILED_OVER = "UnplannedFailoverCommitPendingStatesBegin"
COMMITTED = "UnplannedFailoverStatesBegin"
PLANNED_FAILED_OVER = "PlannedFailoverCommitRequired"
PLANNED_COMMITTED = "PlannedFailoverStatesBegin"

#: What a protected item says while the VM of a test failover is there.
AWAITING_CLEANUP = "Cleanup test failover pending"

#: What may be done while a failover is not committed, and after.
_PENDING = ("Commit", "DisableProtection", "ChangePit")
_COMMITTED = ("ReProtect", "DisableProtection")

STATES = {
    INITIAL: ReplicatedState(
        "Initial replication is in progress", "Primary", ("DisableProtection",)
    ),
    WAITING: ReplicatedState("Waiting for first recovery point", "Primary", ("DisableProtection",)),
    PROTECTED: ReplicatedState(
        "Protected", "Primary", ("UnplannedFailover", "DisableProtection", "TestFailover")
    ),
    FAILED_OVER: ReplicatedState("Failover completed", "Recovery", _PENDING),
    COMMITTED: ReplicatedState("Failover committed", "Recovery", _COMMITTED),
    PLANNED_FAILED_OVER: ReplicatedState("Planned failover finished", "Recovery", _PENDING),
    PLANNED_COMMITTED: ReplicatedState("Planned failover committed", "Recovery", _COMMITTED),
}


def told_of(state: str) -> dict[str, object]:
    """The properties that go with a state, the state among them."""
    row = STATES[state]
    return {
        "protectionState": state,
        "protectionStateDescription": row.told,
        "activeLocation": row.location,
        "allowedOperations": list(row.operations),
    }
