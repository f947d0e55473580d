"""What Azure says of a protection's health is never swallowed; a drill left running is seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from inventory_samples import NOW, bundle, disks_of, fleet, item, policy, replicated, vault, vm

from advisor.model import Protection, ProtectionState


def found(*resources: dict[str, Any]) -> Protection:
    [one] = fleet(bundle([vm(), *disks_of(), *resources])).find("web-01").protections
    return one


def backup(**properties: Any) -> Protection:
    return found(item(vm(), **properties), vault(), policy())


def replica(properties: dict[str, Any], **details: Any) -> Protection:
    body = replicated(vm(), **details)
    body["properties"] |= properties
    return found(body)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"healthStatus": "Passed", "protectionStatus": "Healthy"},
        {
            "healthStatus": "Passed",
            "healthDetails": [{"code": 400239, "title": "IaasVmHealthGreenDefault", "message": ""}],
        },
    ],
)
def test_a_healthy_backup_says_nothing_of_its_health(properties: dict[str, Any]) -> None:
    assert backup(**properties).health == ()


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"healthStatus": "ActionSuggested"}, "Azure Backup suggests an action."),
        ({"protectionStatus": "Unhealthy"}, "Azure Backup calls the protection “Unhealthy”."),
        (
            {
                "healthStatus": "ActionRequired",
                "healthDetails": [{"message": "The disk is full", "recommendations": ["Free it"]}],
            },
            "Azure Backup asks for an action: The disk is full. Free it.",
        ),
        (
            {"lastBackupStatus": "CompletedWithWarnings"},
            "The last backup was completed with warnings.",
        ),
        (
            {"extendedInfo": {"policyInconsistent": True}},
            "The item does not follow its policy as the policy is now.",
        ),
        (
            {"sourceSideScanInfo": {"sourceSideScanSummary": "Suspicious"}},
            "Microsoft Defender saw something suspicious in the VM in the last 7 days.",
        ),
    ],
)
def test_a_backup_that_runs_says_what_is_wrong_with_it(
    properties: dict[str, Any], said: str
) -> None:
    one = backup(**properties)
    assert one.state is ProtectionState.ACTIVE
    assert one.health == (said,)


def test_suspended_backups_are_stopped_by_azure() -> None:
    one = backup(currentProtectionState="BackupsSuspended")
    assert one.state is ProtectionState.STOPPED
    assert one.detail == "Azure suspended the backups; the points taken so far are kept."


def test_words_of_azure_of_another_shape_are_passed_over() -> None:
    one = backup(healthStatus="ActionRequired", healthDetails=["x", {"message": 7.5}, None])
    assert one.health == ("Azure Backup asks for an action.",)


def test_a_long_sentence_is_cut_and_stays_on_one_line() -> None:
    details = [{"message": "a\n\u202eb" + "c" * 500}]
    [said] = backup(healthStatus="ActionRequired", healthDetails=details).health
    assert said.isprintable()
    assert len(said) < 400
    assert said.endswith("…")


def test_a_threat_in_a_recovery_point_is_said() -> None:
    point = {
        "id": f"{item(vm())['id']}/recoveryPoints/1",
        "type": f"{item(vm())['type']}/recoveryPoints",
        "properties": {
            "recoveryPointTime": "2026-11-21T02:00:00Z",
            "threatStatus": "UnHealthy",
            "threatInfo": [{"threatTitle": "Ransomware"}, {"threatTitle": "Ransomware"}],
        },
    }
    assert found(item(vm()), point).health == (
        "The point of 2026-11-21 02:00 holds a threat: Ransomware.",
    )


def test_replication_that_lags_says_how_far_it_is_behind() -> None:
    assert replica({}, rpoInSeconds=3600).health == ()
    one = replica({}, rpoInSeconds=3 * 3600 + 60)
    assert one.health == ("The replication is 3 h behind.",)
    assert one.rpo == timedelta(hours=3, minutes=1)


@pytest.mark.parametrize(
    ("properties", "details", "said"),
    [
        ({"replicationHealth": "Warning"}, {}, "Site Recovery warns of the replication."),
        (
            {
                "replicationHealth": "Warning",
                "healthErrors": [{"errorCode": "1", "errorMessage": "Too much is written"}],
            },
            {},
            "Too much is written.",
        ),
        (
            {"failoverHealth": "Critical"},
            {},
            "Site Recovery doubts that a failover would succeed: it calls it Critical.",
        ),
        (
            {},
            {"isAgentReinstallRequired": True, "reasonsBlockingReInstall": ["AgentNoHeartbeat"]},
            "Site Recovery's agent in the VM must be installed anew. What hinders it: "
            "AgentNoHeartbeat.",
        ),
        (
            {},
            {"isReplicationAgentUpdateRequired": True},
            "Site Recovery's agent in the VM must be updated.",
        ),
        (
            {},
            {"protectedManagedDisks": [{"diskName": "web-01-data", "resyncRequired": True}]},
            "Site Recovery must copy anew what it holds of web-01-data.",
        ),
        (
            {},
            {"lastRpoCalculatedTime": (NOW - timedelta(days=3)).isoformat()},
            "Site Recovery has not calculated its RPO since 19 November 2026.",
        ),
    ],
)
def test_replication_says_what_is_wrong_with_it(
    properties: dict[str, Any], details: dict[str, Any], said: str
) -> None:
    one = replica(properties, **details)
    assert one.state is ProtectionState.ACTIVE
    assert one.health == (said,)


@pytest.mark.parametrize(
    "properties",
    [
        {"testFailoverState": "WaitingForCompletion"},
        {"testFailoverState": "WaitingForUserToCleanup"},
        {"allowedOperations": ["DisableProtection", "TestFailoverCleanup"]},
        {"protectionStateDescription": "Cleanup test failover pending"},
    ],
)
def test_a_test_failover_that_was_never_cleaned_up_is_seen(properties: dict[str, Any]) -> None:
    left = replica(properties)
    assert (left.drill_left, left.drill_since) == (True, None)
    since = replica({**properties, "lastSuccessfulTestFailoverTime": "2026-10-02T10:00:00Z"})
    assert since.drill_since is not None
    assert since.drill_since == since.last_test_failover


@pytest.mark.parametrize("said", ["None", "MarkedForDeletion", ""])
def test_a_test_failover_that_ended_leaves_nothing(said: str) -> None:
    body = {"testFailoverState": said, "lastSuccessfulTestFailoverTime": "2026-10-02T10:00:00Z"}
    one = replica(body)
    assert (one.drill_left, one.drill_since) == (False, None)
