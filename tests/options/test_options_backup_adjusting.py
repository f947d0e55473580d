"""What can be changed in place on a backup: how it reads, what it takes away, what never comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.model import (
    Adjustment,
    BackupPolicy,
    Consistency,
    EventNeed,
    Need,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
    Vault,
    Vm,
)
from advisor.options.azure_backup.option import AZURE_BACKUP
from tests.strategies import a_case, a_disk, a_vm

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRODUCTION = Need(
    deletion=EventNeed(rpo=DAY),
    retention=Retention(daily=30, weekly=12),
    isolated=True,
    consistency=Consistency.FILE_SYSTEM,
)
TWO = a_vm(a_disk(), a_disk("data", lun=0))
DATA = TWO.disks[1].key


def backed_up(
    policy: dict[str, Any] | None = None, vault: dict[str, Any] | None = None, **changes: Any
) -> Protection:
    """As the production tier wants it: daily, 30 days and 12 weeks, Standard."""
    made = BackupPolicy(
        name="p", enhanced=False, every=DAY, instant_restore_days=2, retention=PRODUCTION.retention
    )
    store = Vault(id="/v", name="v1", region="westeurope", redundancy="grs-crr", items=4,
                  has_first_backup=True)  # fmt: skip
    return Protection(
        kind=ProtectionKind.BACKUP,
        state=ProtectionState.ACTIVE,
        policy=replace(made, **(policy or {})),
        vault=replace(store, **(vault or {})),
        **changes,
    )


def adjusting(
    found: Protection,
    need: Need = PRODUCTION,
    vm: Vm = TWO,
    leave_out: frozenset[str] = frozenset(),
) -> list[Adjustment]:
    rules = AZURE_BACKUP.found
    assert rules is not None
    return list(rules.adjustments(replace(a_case(vm, need=need), leave_out=leave_out), found))


def called(found: list[Adjustment], what: str) -> Adjustment:
    [one] = [each for each in found if each.what == what]
    return one


def keys(found: list[Adjustment]) -> set[str]:
    return {each.what for each in found}


ALWAYS = {"assign an Enhanced policy", "assign another policy with 1 day of instant restore"}


def test_what_meets_the_need_already_has_settings_left_and_nothing_else() -> None:
    assert keys(adjusting(backed_up())) == ALWAYS


def test_too_little_read_leaves_nothing_to_adjust() -> None:
    assert adjusting(backed_up(vault={"redundancy": None})) == []
    assert adjusting(replace(backed_up(), vault=None)) == []


# --- another policy --------------------------------------------------------------------------


def test_a_weekly_policy_becomes_a_daily_one_that_keeps_no_less() -> None:
    weekly = {"every": 7 * DAY, "retention": Retention(weekly=104), "instant_restore_days": 5}
    found = adjusting(backed_up(weekly))
    daily = called(
        found, "assign another policy that runs every 24 h and keeps daily=30,weekly=104"
    )
    assert daily.takes_away == ()
    assert daily.irreversible == ""
    assert daily.configuration["policy"] == "standard"
    assert daily.chosen.every == DAY


def test_what_is_kept_too_short_is_kept_longer_and_never_less_of_any_kind() -> None:
    found = adjusting(backed_up({"retention": Retention(daily=40)}))
    longer = called(found, "assign another policy that keeps daily=40,weekly=12")
    assert longer.takes_away == ()
    assert "assign another policy that keeps daily=30,weekly=12" not in keys(found)


def test_points_every_few_hours_need_the_enhanced_policy_and_there_is_no_way_back() -> None:
    often = replace(PRODUCTION, deletion=EventNeed(rpo=7 * HOUR), isolated=False)
    [one] = [each for each in adjusting(backed_up(), often) if "Enhanced" in each.what]
    assert one.what == "assign an Enhanced policy that runs every 6 h"
    assert "forbids the way" in one.irreversible
    assert one.chosen.instant_restore_days == 7


def test_an_isolated_rpo_below_a_day_is_no_reason_to_run_more_often() -> None:
    often = replace(PRODUCTION, deletion=EventNeed(rpo=4 * HOUR))
    assert keys(adjusting(backed_up(), often)) == ALWAYS


def test_an_enhanced_policy_with_a_window_runs_around_the_clock() -> None:
    often = replace(PRODUCTION, deletion=EventNeed(rpo=4 * HOUR), isolated=False)
    window = {"enhanced": True, "every": 12 * HOUR, "interval": 4 * HOUR,
              "instant_restore_days": 17}  # fmt: skip
    one = called(adjusting(backed_up(window), often), "assign another policy that runs every 4 h")
    assert one.chosen.interval is None
    assert one.chosen.instant_restore_days == 17
    assert one.irreversible == ""


def test_points_without_the_agent_get_it_where_more_than_crash_consistency_is_asked() -> None:
    crash = {"enhanced": True, "crash_only": True, "instant_restore_days": 7}
    found = adjusting(backed_up(crash))
    one = called(found, "assign another policy that asks the VM agent for consistent points")
    assert "crash_only" not in one.configuration
    content = replace(PRODUCTION, consistency=Consistency.CRASH)
    assert not [each for each in adjusting(backed_up(crash), content) if "agent" in each.what]


# --- disks -----------------------------------------------------------------------------------

TAKE_IN = (
    "take data into the backup and drop its list of disks, so that disks attached later come in,"
    " too"
)


def test_a_disk_that_is_left_out_is_taken_in_and_the_list_dropped() -> None:
    found = adjusting(backed_up(selective=True, left_out=frozenset({DATA})))
    one = called(found, TAKE_IN)
    assert one.left_out == frozenset()
    assert "leave_out" not in one.configuration
    assert one.takes_away == ()


def test_every_other_change_still_leaves_the_disk_out() -> None:
    found = adjusting(backed_up(selective=True, left_out=frozenset({DATA})))
    others = [each for each in found if "data" not in each.what]
    assert others
    assert {each.left_out for each in others} == {frozenset({DATA})}


def test_a_disk_that_needs_no_protection_is_not_taken_in() -> None:
    found = adjusting(backed_up(selective=True, left_out=frozenset({DATA})),
                      leave_out=frozenset({DATA}))  # fmt: skip
    assert keys(found) == ALWAYS
    assert {each.left_out for each in found} == {frozenset()}


def test_of_two_disks_left_out_the_one_that_needs_no_protection_stays_on_the_list() -> None:
    three = a_vm(a_disk(), a_disk("data", lun=0), a_disk("scratch", lun=1))
    scratch = three.disks[2].key
    left_out = frozenset({DATA, scratch})
    found = adjusting(
        backed_up(selective=True, left_out=left_out), PRODUCTION, three, frozenset({scratch})
    )
    one = called(found, "take data into the backup")
    assert one.configuration["leave_out"] == "1"
    assert one.left_out == frozenset()


def test_a_shared_disk_is_never_taken_in_and_standard_gives_way_to_enhanced() -> None:
    shared = a_vm(a_disk(), a_disk("data", lun=0, max_shares=2))
    found = adjusting(backed_up(left_out=frozenset({DATA})), PRODUCTION, shared)
    assert not [each for each in found if "take data" in each.what]
    assert {each.left_out for each in found} == {frozenset({DATA})}
    assert "assign an Enhanced policy" in keys(found)


# --- what shortens ---------------------------------------------------------------------------

SHORTER = "assign another policy that keeps daily=30,weekly=12"
LONG = {"retention": Retention(daily=30, weekly=12, monthly=60, yearly=10)}


def test_a_shorter_retention_says_what_it_deletes() -> None:
    one = called(adjusting(backed_up(LONG)), SHORTER)
    [lost] = one.takes_away
    assert "older than 84 days are deleted and do not come back" in lost
    assert "law" in lost


@pytest.mark.parametrize("immutability", ["Locked", "locked"])
def test_nothing_is_shortened_where_immutability_is_locked(immutability: str) -> None:
    assert SHORTER not in keys(adjusting(backed_up(LONG, {"immutability": immutability})))


def test_immutability_that_is_not_locked_must_be_switched_off_first() -> None:
    one = called(adjusting(backed_up(LONG, {"immutability": "Unlocked"})), SHORTER)
    assert "switched off first" in one.takes_away[1]
    assert len(called(adjusting(backed_up(LONG)), SHORTER).takes_away) == 1


def test_a_need_without_retention_shortens_nothing() -> None:
    need = replace(PRODUCTION, retention=Retention())
    assert not [each for each in adjusting(backed_up(LONG), need) if "keeps" in each.what]


def test_old_points_go_to_the_archive_where_the_region_has_one() -> None:
    what = "assign another policy that moves old points to the archive tier"
    one = called(adjusting(backed_up(LONG)), what)
    assert one.configuration["archive"] is True
    assert "15 h" in one.takes_away[0]
    assert one.irreversible
    assert what not in keys(adjusting(backed_up()))
    assert what not in keys(adjusting(backed_up({**LONG, "archive": True})))
    assert what not in keys(adjusting(backed_up(LONG, {"redundancy": "zrs"})))
    nowhere = a_vm(*TWO.disks, region="westus3")
    assert what not in keys(adjusting(backed_up(LONG, {"region": "westus3"}), vm=nowhere))


def test_surplus_days_of_instant_restore_are_a_setting() -> None:
    found = adjusting(backed_up({"enhanced": True, "instant_restore_days": 30}))
    one = called(found, "assign another policy with 7 days of instant restore")
    assert "reach back 7 days instead of 30 days" in one.takes_away[0]
    short = adjusting(backed_up({"enhanced": True, "instant_restore_days": 3}))
    more = called(short, "assign another policy with 7 days of instant restore")
    assert more.takes_away == ()


# --- the whole vault -------------------------------------------------------------------------


def test_cross_region_restore_is_for_the_whole_vault_and_never_off_again() -> None:
    found = adjusting(backed_up(vault={"redundancy": "grs"}))
    one = called(found, "switch on cross-region restore for the whole vault v1")
    assert (one.whole_vault, one.configuration["redundancy"]) == (4, "grs-crr")
    assert "never switched off" in one.irreversible
    assert one.urgent == ""
    assert {each.whole_vault for each in found if each is not one} == {None}


def test_what_takes_two_changes_is_also_one_adjustment() -> None:
    weekly = {"every": 7 * DAY, "retention": Retention(weekly=12), "instant_restore_days": 5}
    vault = {"redundancy": "grs"}
    found = adjusting(backed_up(weekly, vault, selective=True, left_out=frozenset({DATA})))
    [both] = [each for each in found if "cross-region" in each.what and "runs every" in each.what]
    assert (both.chosen.every, both.chosen.redundancy, both.left_out) == (
        DAY,
        "grs-crr",
        frozenset(),
    )
    assert both.whole_vault == 4


def test_until_its_first_backup_a_vault_can_get_another_redundancy() -> None:
    fresh = adjusting(backed_up(vault={"redundancy": "lrs", "has_first_backup": False, "items": 1}))
    one = called(fresh, "change the redundancy of vault v1 to GRS with cross-region restore")
    assert "first backup" in one.urgent
    assert one.whole_vault == 1
    made = {each.configuration["redundancy"] for each in fresh if each.urgent}
    assert made == {"zrs", "grs", "grs-crr"}


@pytest.mark.parametrize("first", [True, None])
def test_a_vault_that_has_points_or_may_have_some_keeps_its_redundancy(first: bool | None) -> None:
    found = adjusting(backed_up(vault={"redundancy": "lrs", "has_first_backup": first}))
    assert {each.configuration["redundancy"] for each in found} == {"lrs"}


def test_no_redundancy_is_offered_that_the_region_has_not() -> None:
    vm = a_vm(*TWO.disks, region="ukwest")
    vault = {"redundancy": "lrs", "has_first_backup": False, "region": "ukwest"}
    found = adjusting(backed_up(vault=vault), vm=vm)
    assert {each.configuration["redundancy"] for each in found if each.urgent} == {"grs", "grs-crr"}


# --- what never comes ------------------------------------------------------------------------


def forbidden(have: dict[str, str], want: dict[str, str]) -> list[str]:
    rules = AZURE_BACKUP.found
    assert rules is not None
    return list(rules.forbidden(have, want))


def test_points_retained_after_a_stop_never_expire_and_another_vault_wants_a_new_id() -> None:
    found = AZURE_BACKUP.found
    assert found is not None
    said = found.leaving.format(price=" about 7.00 USD a month")
    assert "never expire and go on costing about 7.00 USD a month." in said
    assert "another resource group" in said
    assert "delete them first" in said
    assert "until they expire" not in said


def test_both_ways_that_azure_forbids_are_said_and_the_allowed_way_is_not() -> None:
    both = forbidden(
        {"redundancy": "lrs", "policy": "enhanced"}, {"redundancy": "zrs", "policy": "standard"}
    )
    assert both == [
        "A vault's redundancy cannot change after its first backup.",
        "Azure forbids the way from the Enhanced policy back to Standard.",
    ]
    assert forbidden(
        {"redundancy": "lrs", "policy": "standard"}, {"redundancy": "lrs", "policy": "enhanced"}
    ) == []  # fmt: skip
