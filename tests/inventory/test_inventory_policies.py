"""Vaults and backup policies: redundancy, schedules and retention, never silently "none"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from inventory_samples import item, policy, replicated, vault, vm

from advisor.errors import InputUnreadable
from advisor.inventory.policies import parse_policy
from advisor.inventory.recovery_services import parse_backup_item, parse_vault, vault_id_of
from advisor.inventory.replication import parse_replicated_item, parse_replication_policy
from advisor.model import BackupPolicy, Retention


def read(**properties: Any) -> BackupPolicy:
    found = parse_policy(policy(**properties), "p.json", "$")
    assert found is not None
    return found


def kept(**schedules: tuple[int, str]) -> dict[str, Any]:
    lasting = {
        name: {"retentionDuration": {"count": count, "durationType": unit}}
        for name, (count, unit) in schedules.items()
    }
    return {"retentionPolicyType": "LongTermRetentionPolicy", **lasting}


@pytest.mark.parametrize(
    ("settings", "redundancy"),
    [
        ({"standardTierStorageRedundancy": "LocallyRedundant"}, "lrs"),
        ({"standardTierStorageRedundancy": "ZoneRedundant"}, "zrs"),
        ({"standardTierStorageRedundancy": "GeoRedundant"}, "grs"),
        (
            {"standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Enabled"},
            "grs-crr",
        ),
        (
            {"standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Disabled"},
            "grs",
        ),
        ({}, None),
    ],
)
def test_the_redundancy_of_a_vault_is_read_with_cross_region_restore(
    settings: dict[str, Any], redundancy: str | None
) -> None:
    body = vault(properties={"redundancySettings": settings})
    assert parse_vault(body, "v.json", "$").redundancy == redundancy


def test_a_redundancy_we_do_not_know_is_refused_by_name() -> None:
    body = vault(properties={"redundancySettings": {"standardTierStorageRedundancy": "Lunar"}})
    with pytest.raises(InputUnreadable, match="standardTierStorageRedundancy is “Lunar”"):
        parse_vault(body, "v.json", "$")


def test_a_standard_daily_policy_keeps_two_days_for_instant_restore_unless_said() -> None:
    found = read()
    assert found.enhanced is False
    assert found.every == timedelta(days=1)
    assert found.instant_restore_days == 2
    assert found.retention == Retention(daily=30)
    assert found.archive is False
    assert read(instantRpRetentionRangeInDays=5).instant_restore_days == 5


def test_an_enhanced_hourly_policy_tells_its_hours() -> None:
    schedule = {
        "schedulePolicyType": "SimpleSchedulePolicyV2",
        "scheduleRunFrequency": "Hourly",
        "hourlySchedule": {"interval": 6, "scheduleWindowDuration": 24},
    }
    found = read(policyType="V2", schedulePolicy=schedule)
    assert (found.enhanced, found.every, found.instant_restore_days) == (
        True,
        timedelta(hours=6),
        7,
    )


@pytest.mark.parametrize(
    ("interval", "window", "every", "at_worst"),
    [
        (4, 24, 4, None),
        (4, 23, 4, None),
        (4, 16, 8, 12),
        (4, 12, 12, 16),
        (6, 12, 12, 18),
        (8, 12, 16, None),
        (12, 12, 12, 24),
        (24, 24, 24, None),
        (4, 0, 24, None),
    ],
)
def test_the_night_after_an_hourly_window_is_the_longest_time_between_two_backups(
    interval: int, window: int, every: int, at_worst: int | None
) -> None:
    """Whether one runs just as the window ends no article says: the worse is kept beside."""
    schedule = {
        "schedulePolicyType": "SimpleSchedulePolicyV2",
        "scheduleRunFrequency": "Hourly",
        "hourlySchedule": {"interval": interval, "scheduleWindowDuration": window},
    }
    found = read(policyType="V2", schedulePolicy=schedule)
    assert found.every == timedelta(hours=every)
    assert found.interval == timedelta(hours=interval)
    assert found.every_at_worst == (at_worst and timedelta(hours=at_worst))


def test_a_daily_or_weekly_policy_has_no_interval_inside_a_window() -> None:
    assert read().interval is None
    assert read().every_at_worst is None


def test_a_policy_that_takes_crash_consistent_points_only_says_so() -> None:
    assert not read().crash_only
    assert read(snapshotConsistencyType="OnlyCrashConsistent").crash_only


def test_the_policy_of_databases_tells_how_often_their_log_is_backed_up() -> None:
    daily = {"schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Daily"}
    log = {"schedulePolicyType": "LogSchedulePolicy", "scheduleFrequencyInMins": 30}
    full = {"policyType": "Full", "schedulePolicy": daily}
    with_log = [full, {"policyType": "Log", "schedulePolicy": log}]
    assert databases(with_log).every == timedelta(minutes=30)
    assert databases([full]).every == timedelta(days=1)
    assert databases([]).every is None


def databases(parts: list[dict[str, Any]]) -> BackupPolicy:
    return read(backupManagementType="AzureWorkload", subProtectionPolicy=parts)


@pytest.mark.parametrize(
    ("days", "every"),
    [
        (["Sunday"], 7),
        (["Monday", "Wednesday", "Thursday"], 4),
        (["Saturday", "Sunday"], 6),
    ],
)
def test_the_time_between_weekly_backups_is_the_longest_gap(days: list[str], every: int) -> None:
    schedule = {
        "schedulePolicyType": "SimpleSchedulePolicy",
        "scheduleRunFrequency": "Weekly",
        "scheduleRunDays": days,
    }
    found = read(schedulePolicy=schedule)
    assert found.every == timedelta(days=every)
    assert found.instant_restore_days == 5


def test_every_retention_schedule_is_read_in_its_own_unit() -> None:
    retention = kept(
        dailySchedule=(180, "Days"),
        weeklySchedule=(12, "Weeks"),
        monthlySchedule=(60, "Months"),
        yearlySchedule=(10, "Years"),
    )
    found = read(retentionPolicy=retention).retention
    assert found == Retention(daily=180, weekly=12, monthly=60, yearly=10)


def test_a_retention_in_another_unit_is_converted_and_rounded_up() -> None:
    """Backups taken each day and kept for 12 weeks are 84 daily points."""
    assert read(retentionPolicy=kept(dailySchedule=(12, "Weeks"))).retention == Retention(daily=84)
    assert read(retentionPolicy=kept(weeklySchedule=(30, "Days"))).retention == Retention(weekly=5)


def test_a_retention_that_names_several_days_keeps_a_point_for_each() -> None:
    """3 weekdays of 10 weeks, 2 in 3 weeks of 6 months, 2 dates in 4 months of 5 years."""
    retention = kept(
        weeklySchedule=(10, "Weeks"), monthlySchedule=(6, "Months"), yearlySchedule=(5, "Years")
    )
    retention["weeklySchedule"]["daysOfTheWeek"] = ["Monday", "Tuesday", "Friday"]
    retention["monthlySchedule"] |= {
        "retentionScheduleFormatType": "Weekly",
        "retentionScheduleWeekly": {
            "daysOfTheWeek": ["Monday", "Friday"],
            "weeksOfTheMonth": ["First", "Third", "Last"],
        },
    }
    retention["yearlySchedule"] |= {
        "monthsOfYear": ["January", "April", "July", "October"],
        "retentionScheduleFormatType": "Daily",
        "retentionScheduleDaily": {
            "daysOfTheMonth": [{"date": 1, "isLast": False}, {"date": 0, "isLast": True}]
        },
    }
    assert read(retentionPolicy=retention).retention == Retention(
        weekly=10, monthly=6, yearly=5, more_weekly=2, more_monthly=5, more_yearly=7
    )


def test_a_simple_retention_is_read_as_days() -> None:
    simple = {
        "retentionPolicyType": "SimpleRetentionPolicy",
        "retentionDuration": {"count": 10, "durationType": "Days"},
    }
    assert read(retentionPolicy=simple).retention == Retention(daily=10)


def test_archiving_is_read_from_the_tiering_policy() -> None:
    tiering = {"ArchivedRP": {"tieringMode": "TierAfter", "duration": 3, "durationType": "Months"}}
    assert read(tieringPolicy=tiering).archive is True
    assert read(tieringPolicy={"ArchivedRP": {"tieringMode": "DoNotTier"}}).archive is False
    for mode, archives in (("TierRecommended", True), ("Invalid", False)):
        assert read(tieringPolicy={"ArchivedRP": {"tieringMode": mode}}).archive is archives


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        (
            {"schedulePolicy": {"schedulePolicyType": "LogSchedulePolicy"}},
            "schedulePolicyType is “LogSchedulePolicy”",
        ),
        ({"schedulePolicy": {}}, "schedulePolicyType is missing"),
        (
            {
                "schedulePolicy": {
                    "schedulePolicyType": "SimpleSchedulePolicy",
                    "scheduleRunFrequency": "Lunar",
                }
            },
            "scheduleRunFrequency is “lunar”",
        ),
        (
            {
                "schedulePolicy": {
                    "schedulePolicyType": "SimpleSchedulePolicyV2",
                    "scheduleRunFrequency": "Hourly",
                }
            },
            "interval is missing",
        ),
        (
            {
                "schedulePolicy": {
                    "schedulePolicyType": "SimpleSchedulePolicy",
                    "scheduleRunFrequency": "Weekly",
                    "scheduleRunDays": ["Someday"],
                }
            },
            "scheduleRunDays names no day",
        ),
        ({"retentionPolicy": {}}, "retentionPolicyType is missing"),
        (
            {"retentionPolicy": {"retentionPolicyType": "ForeverPolicy"}},
            "retentionPolicyType is “ForeverPolicy”",
        ),
        (
            {"retentionPolicy": kept(dailySchedule=(3, "Fortnights"))},
            "durationType is “Fortnights”",
        ),
        (
            {
                "retentionPolicy": {
                    "retentionPolicyType": "LongTermRetentionPolicy",
                    "dailySchedule": {},
                }
            },
            "durationType is missing",
        ),
        ({"policyType": "V9"}, "policyType is “V9”"),
        ({"tieringPolicy": {"ArchivedRP": {"tieringMode": "Often"}}}, "tieringMode is “Often”"),
    ],
)
def test_a_schedule_or_retention_we_do_not_know_is_never_silently_none(
    properties: dict[str, Any], named: str
) -> None:
    with pytest.raises(InputUnreadable, match=named):
        parse_policy(policy(**properties), "p.json", "$")


def test_policies_and_items_of_what_is_no_vm_are_left_aside() -> None:
    """A vault also holds what is no VM: `az backup item list` prints it in the same file."""
    assert parse_policy(policy(backupManagementType="AzureStorage"), "p", "$") is None
    database = item(vm(), backupManagementType="AzureWorkload", sourceResourceId=None)
    assert not parse_backup_item(database, "i", "$").of_vm
    assert not parse_replicated_item(
        replicated(vm(), instanceType="HyperVReplicaAzure"), "r", "$"
    ).of_vm


def test_an_item_of_a_vm_that_does_not_say_which_is_refused_by_name() -> None:
    with pytest.raises(InputUnreadable, match="sourceResourceId is missing"):
        parse_backup_item(item(vm(), sourceResourceId=None), "i.json", "$[0]")
    with pytest.raises(InputUnreadable, match="fabricObjectId is missing"):
        parse_replicated_item(replicated(vm(), fabricObjectId=None), "r.json", "$[0]")


def test_an_item_lies_in_the_vault_of_its_id() -> None:
    found = parse_backup_item(item(vm(), "v7"), "i.json", "$")
    assert found.vault_id == vault_id_of(found.id)
    assert found.vault_id.endswith("/vaults/v7")
    assert vault_id_of("/subscriptions/s/resourceGroups/g") is None


def test_a_replica_in_the_same_region_lies_in_a_zone() -> None:
    def target(**details: Any) -> str | None:
        return parse_replicated_item(replicated(vm(), **details), "r", "$").target

    assert target() == "northeurope"
    zone = {"recoveryFabricLocation": "westeurope", "recoveryAvailabilityZone": "2"}
    assert target(**zone) == "zone:2"
    assert target(recoveryAvailabilityZone="3") == "northeurope"


def test_a_replication_policy_tells_how_far_back_points_are_kept_in_minutes() -> None:
    body = {"id": "/p", "properties": {"providerSpecificDetails": {"recoveryPointHistory": 1440}}}
    assert parse_replication_policy(body, "r", "$").recovery_points == timedelta(days=1)
