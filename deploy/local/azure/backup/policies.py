"""Backup policies for virtual machines: Standard (V1) and Enhanced (V2), checked as Azure does."""

from __future__ import annotations

import copy

from deploy.local.azure.backup.filters import filtered
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import POLICY, POLICY_TYPE, VAULT, items_in, same, vault_of
from deploy.local.azure.backup.schedule import is_enhanced
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

#: Hours between an hourly policy's backups, and the most days its snapshots stay (2026-06).
_MOST_INSTANT_DAYS_OF_INTERVAL = {4: 17, 6: 22, 8: 30, 12: 30, 24: 30}
_MOST_INSTANT_DAYS = {"V1": 5, "V2": 30}
#: Minutes that an instant access snapshot stays (SDK 11.2.0, AzureIaaSVMProtectionPolicy); the
#: most is what it stays unless the policy says fewer.
_INSTANT_ACCESS_MINUTES = range(60, 301)
_FEWEST_DAILY, _MOST_DAILY = 7, 9999
_WEEKLY_INSTANT_DAYS = {"V1": range(5, 6), "V2": range(5, 21)}


def put_default_policies(world: World, vault: Body) -> None:
    """A new vault has DefaultPolicy and EnhancedPolicy for virtual machines."""
    for name, properties in (("DefaultPolicy", _standard()), ("EnhancedPolicy", _enhanced())):
        world.put(_body(vault, name, properties))


def _standard() -> Body:
    times = ["2024-01-01T22:00:00Z"]
    return {
        "backupManagementType": "AzureIaasVM",
        "policyType": "V1",
        "schedulePolicy": {
            "schedulePolicyType": "SimpleSchedulePolicy",
            "scheduleRunFrequency": "Daily",
            "scheduleRunTimes": times,
            "scheduleWeeklyFrequency": 0,
        },
        "retentionPolicy": _daily(times, 30),
        "instantRpRetentionRangeInDays": 2,
        "timeZone": "UTC",
        "protectedItemsCount": 0,
    }


def _enhanced() -> Body:
    times = ["2024-01-01T08:00:00Z"]
    hourly = {"interval": 4, "scheduleWindowStartTime": times[0], "scheduleWindowDuration": 12}
    return _standard() | {
        "policyType": "V2",
        "schedulePolicy": {
            "schedulePolicyType": "SimpleSchedulePolicyV2",
            "scheduleRunFrequency": "Hourly",
            "hourlySchedule": hourly,
        },
        "retentionPolicy": _daily(times, 30),
        "instantRpRetentionRangeInDays": 2,
    }


def _daily(times: list[str], days: int) -> Body:
    return {
        "retentionPolicyType": "LongTermRetentionPolicy",
        "dailySchedule": {
            "retentionTimes": times,
            "retentionDuration": {"count": days, "durationType": "Days"},
        },
    }


def _body(vault: Body, name: str, properties: Body) -> Body:
    arm_id = f"{vault['id']}/backupPolicies/{name}"
    return {"id": arm_id, "name": name, "type": POLICY_TYPE, "properties": properties}


def _invalid(told: str) -> Refusal:
    return Refusal(
        400,
        "BMSUserErrorInvalidPolicyInput",
        "Input for create or update policy is not in proper format. Please check format of "
        f"parameters like schedule time, schedule days, retention time and retention days. {told}",
    )


def _put(call: Call) -> Answer:
    vault = vault_of(call)
    asked = copy.deepcopy(call.body.get("properties") or {})
    if asked.get("backupManagementType") != "AzureIaasVM":
        raise _invalid("Only policies for AzureIaasVM are served here.")
    known = call.world.get(f"{vault['id']}/backupPolicies/{call.params['policy']}")
    check(asked)
    if known is not None and is_enhanced(known["properties"]) != is_enhanced(asked):
        raise _invalid("The type of a policy (V1, V2) cannot be changed.")
    if asked["schedulePolicy"].get("schedulePolicyType") == "SimpleSchedulePolicy":
        asked["schedulePolicy"].setdefault("scheduleWeeklyFrequency", 0)
    asked |= {"protectedItemsCount": 0} | _instant_access(asked)
    asked.setdefault("instantRpRetentionRangeInDays", 7 if is_enhanced(asked) else 2)
    policy = call.world.put(_body(vault, call.params["policy"], asked))
    return Answer(200, shown(call.world, policy))


def _instant_access(policy: Body) -> Body:
    """How long an instant access snapshot stays; said only where the policy has one.

    Raises Refusal 400 for a Standard policy with one, and for minutes out of range.
    """
    if not policy.get("instantAccessSnapshotEnabled"):
        policy.pop("instantAccessDurationMinutes", None)
        return {}
    if not is_enhanced(policy):
        raise _invalid("Instant access snapshots go with policyType V2, and only with it.")
    longest = _INSTANT_ACCESS_MINUTES[-1]
    minutes = policy.get("instantAccessDurationMinutes", longest)
    if minutes not in _INSTANT_ACCESS_MINUTES:
        shortest = _INSTANT_ACCESS_MINUTES[0]
        raise _invalid(f"Instant access must be kept for {shortest} to {longest} minutes.")
    return {"instantAccessDurationMinutes": minutes}


def check(policy: Body) -> None:
    """Raises Refusal 400 for a schedule or retention that Azure Backup does not take."""
    plan, retention = policy.get("schedulePolicy"), policy.get("retentionPolicy")
    if not isinstance(plan, dict) or not isinstance(retention, dict):
        raise _invalid("A schedule and a retention are needed.")
    v2 = plan.get("schedulePolicyType") == "SimpleSchedulePolicyV2"
    if v2 != is_enhanced(policy):
        raise _invalid("SimpleSchedulePolicyV2 goes with policyType V2, and only with it.")
    frequency = plan.get("scheduleRunFrequency")
    if frequency not in ("Daily", "Weekly", *(["Hourly"] if v2 else [])):
        raise _invalid(f"The frequency {frequency} is not one of this type of policy.")
    if frequency == "Hourly":
        _check_hours(plan.get("hourlySchedule") or {})
    _check_instant(policy, str(frequency), plan)
    _check_retention(policy, str(frequency), retention)


def _check_hours(hourly: Body) -> None:
    if hourly.get("interval") not in _MOST_INSTANT_DAYS_OF_INTERVAL:
        raise _invalid("The interval must be 4, 6, 8, 12 or 24 hours.")
    if not hourly.get("scheduleWindowStartTime") or not hourly.get("scheduleWindowDuration"):
        raise _invalid("An hourly schedule needs its window's start and duration.")


def _check_instant(policy: Body, frequency: str, plan: Body) -> None:
    days = policy.get("instantRpRetentionRangeInDays")
    if days is None:
        return
    kind = "V2" if is_enhanced(policy) else "V1"
    allowed = range(1, _MOST_INSTANT_DAYS[kind] + 1)
    if frequency == "Weekly":
        allowed = _WEEKLY_INSTANT_DAYS[kind]
    if frequency == "Hourly":
        interval = (plan.get("hourlySchedule") or {})["interval"]
        allowed = range(1, _MOST_INSTANT_DAYS_OF_INTERVAL[interval] + 1)
    if int(days) not in allowed:
        raise _invalid(
            f"Instant restore must be kept for {allowed.start} to {allowed.stop - 1} days."
        )


def _check_retention(policy: Body, frequency: str, retention: Body) -> None:
    daily, weekly = retention.get("dailySchedule"), retention.get("weeklySchedule")
    if frequency == "Weekly" and daily:
        raise _invalid("A weekly schedule has no daily retention.")
    if not (daily or weekly or retention.get("retentionDuration")):
        raise _invalid("A retention for the schedule's points is needed.")
    if not daily:
        return
    count = int((daily.get("retentionDuration") or {}).get("count", 0))
    if count != 1 and not _FEWEST_DAILY <= count <= _MOST_DAILY:
        raise _invalid(f"Daily points are kept for {_FEWEST_DAILY} to {_MOST_DAILY} days.")
    if count != 1 and int(policy.get("instantRpRetentionRangeInDays") or 1) > count:
        raise Refusal(
            400,
            "BMSUserErrorInstantRPRetentionExceedsVaultedRetention",
            "Instant restore retention exceeds the retention of the vault.",
        )


def shown(world: World, policy: Body) -> Body:
    """A policy with how many items have it now."""
    vault = policy["id"].rsplit("/backupPolicies/", 1)[0]
    having = [item["properties"].get("policyId") for item in items_in(world, vault)]
    count = sum(same(policy_id, policy["id"]) for policy_id in having)
    return policy | {"properties": policy["properties"] | {"protectedItemsCount": count}}


def _policy_of(call: Call) -> Body:
    vault = vault_of(call)
    policy = call.world.get(f"{vault['id']}/backupPolicies/{call.params['policy']}")
    if policy is None:
        raise Refusal(
            404,
            "BMSUserErrorPolicyNotFound",
            f"The policy '{call.params['policy']}' was not found in the vault.",
        )
    return policy


def _get(call: Call) -> Answer:
    return Answer(200, shown(call.world, _policy_of(call)))


def _list(call: Call) -> Answer:
    vault = vault_of(call)
    found = filtered(call.world.of_type(POLICY_TYPE, vault["id"]), call.query.get("$filter", ""))
    return paged(call, [shown(call.world, policy) for policy in found])


def _delete(call: Call) -> Answer:
    vault = vault_of(call)
    policy = call.world.get(f"{vault['id']}/backupPolicies/{call.params['policy']}")
    if policy is None:
        return Answer(204)
    count = shown(call.world, policy)["properties"]["protectedItemsCount"]
    if count:
        raise Refusal(
            400,
            "BMSUserErrorPolicyInUse",
            f"The policy '{policy['name']}' is used by {count} protected items and cannot be "
            "deleted.",
        )
    call.world.remove(policy["id"])
    return Answer(200)


OPERATIONS = (
    Operation("ProtectionPolicies_CreateOrUpdate", "PUT", POLICY, _put),
    Operation("ProtectionPolicies_Get", "GET", POLICY, _get),
    Operation("ProtectionPolicies_Delete", "DELETE", POLICY, _delete),
    Operation("BackupPolicies_List", "GET", f"{VAULT}/backupPolicies", _list),
)
