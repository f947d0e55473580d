"""Each sentence of the design on tiers of points, verdicts and consistency."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.errors import UsageError
from advisor.model import (
    BackupPolicy,
    Consistency,
    Event,
    EventNeed,
    Need,
    PointTier,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
    Vault,
    Verdict,
    Vm,
)
from advisor.options.azure_backup.configurations import REDUNDANCIES
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS
from advisor.recommend.assess import Judge, recovery
from tests.strategies import WINDOWS, a_case, a_disk, a_vm, pricer, stated, the

HOUR = timedelta(hours=1)


def proposed(option: Any, said: dict[str, Any], vm: Vm | None = None, **more: Any) -> Proposal:
    case = a_case(vm, **more)
    [proposal] = option.propose(case, [option.said_configuration(case, said)])
    return proposal


def tier(proposal: Proposal, name: str) -> PointTier:
    [found] = [each for each in proposal.tiers if each.name == name]
    return found


# --- tier of points --------------------------------------------------------------------------


def test_instant_restore_snapshots_serve_deletion_only_and_are_never_isolated() -> None:
    for redundancy in REDUNDANCIES:
        found = tier(
            proposed(AZURE_BACKUP, {"every": "4h", "redundancy": redundancy}), "instant-restore"
        )
        assert (found.events, found.isolated) == ((Event.DELETION,), False)
        assert found.rpo == 4 * HOUR


def test_hand_made_snapshots_serve_deletion_only_and_are_never_isolated() -> None:
    found = tier(proposed(SNAPSHOTS, {"redundancy": "lrs"}), "snapshots")
    assert (found.events, found.isolated) == ((Event.DELETION,), False)


def test_a_zone_redundant_snapshot_also_serves_the_zone() -> None:
    found = tier(proposed(SNAPSHOTS, {"redundancy": "zrs"}), "snapshots")
    assert found.events == (Event.DELETION, Event.ZONE)


def test_a_copy_in_another_region_serves_the_region_and_is_never_isolated() -> None:
    found = tier(proposed(SNAPSHOTS, {"to": "northeurope", "every": "4h"}), "snapshot-copy")
    assert (found.events, found.isolated) == ((Event.REGION,), False)
    assert found.rpo == 8 * HOUR


def test_a_copy_into_the_vms_own_region_is_refused() -> None:
    proposal = proposed(SNAPSHOTS, {"to": "westeurope"})
    assert the("copy-region", proposal.reasons).verdict is Verdict.NO
    assert proposal.verdict is Verdict.NO


def test_a_copy_to_a_zone_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="to a region, not to a zone"):
        proposed(SNAPSHOTS, {"to": "zone:2"})


def test_an_lrs_vault_gives_deletion_isolated_and_neither_zone_nor_region() -> None:
    proposal = proposed(AZURE_BACKUP, {"redundancy": "lrs"})
    assert tier(proposal, "vault").isolated
    given = recovery(proposal.tiers)
    assert given[Event.DELETION] is not None
    assert given[Event.ZONE] is None
    assert given[Event.REGION] is None


@pytest.mark.parametrize("every", ["4h", "24h"])
def test_a_zrs_vault_gives_the_zone_too_at_24_hours_however_often_it_runs(every: str) -> None:
    given = recovery(proposed(AZURE_BACKUP, {"redundancy": "zrs", "every": every}).tiers)
    zone = given[Event.ZONE]
    assert zone is not None
    assert (zone.rpo, zone.tier) == (24 * HOUR, "vault")
    assert given[Event.REGION] is None


def test_a_grs_vault_without_cross_region_restore_leaves_the_region_null_and_says_why() -> None:
    proposal = proposed(AZURE_BACKUP, {"redundancy": "grs"})
    assert recovery(proposal.tiers)[Event.REGION] is None
    assert any("only if Microsoft declares a disaster" in note for note in proposal.notes)


def test_cross_region_restore_gives_the_region_at_36_hours_in_the_paired_region_only() -> None:
    proposal = proposed(AZURE_BACKUP, {"redundancy": "grs-crr"})
    region = recovery(proposal.tiers)[Event.REGION]
    assert region is not None
    assert region.rpo == 36 * HOUR
    secondary = tier(proposal, "vault-secondary-region")
    assert "North Europe" in secondary.note
    assert secondary.isolated


@pytest.mark.parametrize("redundancy", ["grs", "grs-crr"])
def test_a_region_without_a_pair_cannot_have_a_geo_redundant_vault(redundancy: str) -> None:
    proposal = proposed(AZURE_BACKUP, {"redundancy": redundancy}, a_vm(region="polandcentral"))
    assert proposal.verdict is Verdict.NO
    assert recovery(proposal.tiers)[Event.REGION] is None


@pytest.mark.parametrize(
    ("to", "events"),
    [("norwayeast", {Event.REGION, Event.ZONE}), ("zone:2", {Event.ZONE})],
)
def test_site_recovery_gives_zone_or_region_with_its_zone_and_never_deletion(
    to: str, events: set[Event]
) -> None:
    proposal = proposed(SITE_RECOVERY, {"to": to, "recovery_points": "15d"})
    given = recovery(proposal.tiers)
    assert {event for event in Event if given[event] is not None} == events
    assert tier(proposal, "replica").retention_days == 15
    assert any("no backup" in note for note in proposal.notes)


def test_a_need_is_met_by_one_tier_with_all_of_it_together() -> None:
    """Four-hourly snapshots beside a daily isolated vault make no isolated RPO of 4 h."""
    need = Need(deletion=EventNeed(rpo=4 * HOUR), isolated=True, retention=Retention(daily=7))
    proposal = proposed(AZURE_BACKUP, {"every": "4h", "redundancy": "lrs"}, need=need)
    assert {each.rpo for each in proposal.tiers} == {4 * HOUR, 24 * HOUR}
    assessed = Judge(need).assess(proposal, *pricer().bill(proposal.usages))
    assert assessed.meets_need is False
    [lacking] = assessed.unmet
    assert lacking.startswith("deletion: ")
    assert "," not in lacking, "the nearest tier lacks one thing only"


def test_long_retention_in_the_vault_does_not_lengthen_what_must_be_out_of_reach() -> None:
    """Without isolation asked for, the vault keeps for four-hourly snapshots what they do not."""
    need = Need(deletion=EventNeed(rpo=4 * HOUR), retention=Retention(daily=30), isolated=True)
    proposal = proposed(AZURE_BACKUP, {"every": "4h", "instant_restore": "17d"}, need=need)
    assessed = Judge(need).assess(proposal, *pricer().bill(proposal.usages))
    assert assessed.meets_need is False
    less = replace(need, isolated=False)
    assert Judge(less).assess(proposal, *pricer().bill(proposal.usages)).meets_need is True


def weekly(enhanced: bool, instant_days: int, keep: Retention) -> Proposal:
    case = a_case()
    found = Protection(
        kind=ProtectionKind.BACKUP,
        state=ProtectionState.ACTIVE,
        vault=Vault(id="/v", name="v", redundancy="grs-crr"),
        policy=BackupPolicy(
            name="weekly",
            enhanced=enhanced,
            every=timedelta(days=7),
            instant_restore_days=instant_days,
            retention=keep,
        ),
    )
    [proposal] = AZURE_BACKUP.propose(case, [AZURE_BACKUP.found.configuration(case, found)])
    return proposal


@pytest.mark.parametrize(("enhanced", "days"), [(False, 5), (True, 5), (True, 20)])
def test_a_weekly_policy_is_possible_and_loses_up_to_a_week(enhanced: bool, days: int) -> None:
    proposal = weekly(enhanced, days, Retention(weekly=12))
    assert proposal.verdict is Verdict.YES
    assert tier(proposal, "vault").rpo == timedelta(days=7)
    assert tier(proposal, "vault-secondary-region").rpo == timedelta(days=7, hours=12)
    assert tier(proposal, "instant-restore").rpo == timedelta(days=7)


BEYOND = (
    (False, 4, Retention(weekly=12)),
    (True, 21, Retention(weekly=12)),
    (True, 4, Retention(weekly=12)),
    (True, 7, Retention(daily=7)),
)


@pytest.mark.parametrize(("enhanced", "days", "keep"), BEYOND)
def test_a_weekly_policy_beyond_its_limits_is_refused(
    enhanced: bool, days: int, keep: Retention
) -> None:
    said = {
        "policy": "enhanced" if enhanced else "standard",
        "every": "7d",
        "instant_restore": f"{days}d",
        "keep": str(keep),
    }
    assert proposed(AZURE_BACKUP, said).verdict is Verdict.NO


@pytest.mark.parametrize(("enhanced", "days", "keep"), BEYOND)
def test_a_policy_that_was_found_runs_whatever_the_articles_say(
    enhanced: bool, days: int, keep: Retention
) -> None:
    found = weekly(enhanced, days, keep)
    assert found.verdict is Verdict.YES
    assert found.usages


def test_only_weekly_points_make_a_weekly_policy_unless_said_otherwise() -> None:
    case = a_case()
    assert AZURE_BACKUP.said_configuration(case, {"keep": "weekly=12"}).every == timedelta(days=7)
    daily = proposed(AZURE_BACKUP, {"keep": "weekly=12", "every": "24h"})
    assert the("daily-retention", daily.reasons).verdict is Verdict.NO


# --- the policy's own limits -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "every", "longest"),
    [
        ("standard", "24h", 5),
        ("enhanced", "4h", 17),
        ("enhanced", "6h", 22),
        ("enhanced", "8h", 22),
        ("enhanced", "12h", 30),
        ("enhanced", "24h", 30),
    ],
)
def test_instant_restore_reaches_back_as_far_as_its_frequency_allows(
    policy: str, every: str, longest: int
) -> None:
    said = {"policy": policy, "every": every, "redundancy": "lrs"}
    assert proposed(AZURE_BACKUP, {**said, "instant_restore": f"{longest}d"}).verdict is Verdict.YES
    beyond = proposed(AZURE_BACKUP, {**said, "instant_restore": f"{longest + 1}d"})
    assert the("instant-restore-days", beyond.reasons).verdict is Verdict.NO
    assert beyond.verdict is Verdict.NO


def test_a_standard_policy_runs_once_a_day() -> None:
    proposal = proposed(AZURE_BACKUP, {"policy": "standard", "every": "4h"})
    assert the("policy-frequency", proposal.reasons).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("keep", "rule"),
    [("daily=6", "daily-retention"), ("daily=9999,weekly=5163", "recovery-point-count")],
)
def test_a_policy_keeps_no_fewer_and_no_more_points_than_azure_allows(keep: str, rule: str) -> None:
    assert the(rule, proposed(AZURE_BACKUP, {"keep": keep}).reasons).verdict is Verdict.NO
    allowed = proposed(AZURE_BACKUP, {"keep": "daily=7,weekly=12", "redundancy": "lrs"})
    assert allowed.verdict is Verdict.YES


@pytest.mark.parametrize("days", [15, 16])
def test_site_recovery_keeps_points_15_days_at_most(days: int) -> None:
    proposal = proposed(SITE_RECOVERY, {"to": "norwayeast", "recovery_points": f"{days}d"})
    assert (proposal.verdict is Verdict.YES) == (days == 15)


@pytest.mark.parametrize(("count", "consistent"), [(500, None), (500, "crash"), (501, None)])
def test_a_disk_has_500_snapshots_and_a_vm_500_restore_points(
    count: int, consistent: str | None
) -> None:
    proposal = proposed(SNAPSHOTS, {"count": count, "consistent": consistent})
    assert (proposal.verdict is Verdict.YES) == (count == 500)


def test_83_days_every_four_hours_fit_into_500_snapshots_and_84_do_not() -> None:
    for days, verdict in ((83, Verdict.YES), (84, Verdict.NO)):
        proposal = proposed(SNAPSHOTS, {"every": "4h", "keep": f"daily={days}"})
        assert the("snapshot-count", proposal.reasons).verdict is verdict


@pytest.mark.parametrize(("consistent", "shortest"), [("crash", 1), ("application", 3)])
def test_restore_points_are_made_at_most_so_often(consistent: str, shortest: int) -> None:
    said = {"consistent": consistent, "count": 10}
    assert proposed(SNAPSHOTS, {**said, "every": f"{shortest}h"}).verdict is Verdict.YES
    sooner = proposed(SNAPSHOTS, {**said, "every": f"{shortest * 60 - 1}min"})
    assert the("snapshot-interval", sooner.reasons).verdict is Verdict.NO


def test_a_full_snapshot_cannot_be_copied_to_another_region() -> None:
    proposal = proposed(SNAPSHOTS, {"full": True, "to": "northeurope"})
    assert the("full-copy", proposal.reasons).verdict is Verdict.NO


# --- consistency -----------------------------------------------------------------------------


def test_consistency_is_ordered_from_none_to_application() -> None:
    ordered = [level.label for level in sorted(Consistency)]
    assert ordered == ["none", "crash", "file-system", "application"]


def test_separate_snapshots_of_two_disks_have_no_consistency_and_one_disk_has_crash() -> None:
    two = a_vm(a_disk(), a_disk("data"))
    assert tier(proposed(SNAPSHOTS, {}, two), "snapshots").consistency is Consistency.NONE
    assert tier(proposed(SNAPSHOTS, {}), "snapshots").consistency is Consistency.CRASH


@pytest.mark.parametrize("level", ["crash", "application"])
def test_a_restore_point_is_crash_or_application_consistent_and_a_kind_of_snapshot(
    level: str,
) -> None:
    two = a_vm(a_disk(), a_disk("data"), os_type="Windows", image=WINDOWS)
    proposal = proposed(SNAPSHOTS, {"consistent": level}, two)
    assert proposal.option == "snapshots"
    assert tier(proposal, "restore-points").consistency.label == level


@pytest.mark.parametrize(
    ("vm", "level"),
    [
        (a_vm(os_type="Windows", image=WINDOWS), Consistency.APPLICATION),
        (a_vm(), Consistency.FILE_SYSTEM),
        (a_vm(power_state="deallocated"), Consistency.APPLICATION),
    ],
)
def test_a_backup_is_as_consistent_as_its_system_allows(vm: Vm, level: Consistency) -> None:
    assert {each.consistency for each in proposed(AZURE_BACKUP, {}, vm).tiers} == {level}


# --- time to be back -------------------------------------------------------------------------


def test_the_time_to_be_back_is_documented_for_site_recovery_and_else_grows_with_use() -> None:
    replica = tier(proposed(SITE_RECOVERY, {"to": "norwayeast"}), "replica").rto
    assert (replica.likely, replica.source) == (HOUR, "documented")
    small = proposed(AZURE_BACKUP, {"redundancy": "grs-crr"}, sizes=stated(used="10"))
    large = proposed(AZURE_BACKUP, {"redundancy": "grs-crr"}, sizes=stated(used="100"))
    for name in ("vault", "vault-secondary-region"):
        less, more = tier(small, name).rto, tier(large, name).rto
        assert less.source == more.source == "assumed"
        assert less.likely < more.likely


def test_a_disk_from_a_snapshot_can_be_used_at_once_however_much_it_holds() -> None:
    """It fills in the background, which slows it and delays nothing."""
    for option, said, name in (
        (SNAPSHOTS, {}, "snapshots"),
        (AZURE_BACKUP, {"redundancy": "lrs"}, "instant-restore"),
    ):
        small = tier(proposed(option, said, sizes=stated(used="1")), name).rto
        large = tier(proposed(option, said, sizes=stated(used="128")), name).rto
        assert small == large
        assert large.likely <= HOUR
    assert any("slower" in note for note in proposed(SNAPSHOTS, {}).notes)


def test_on_linux_a_restore_point_flushes_file_systems_not_applications() -> None:
    """Applications want scripts of one's own there (concepts-restore-points, 2022-07-05)."""
    proposal = proposed(SNAPSHOTS, {"consistent": "application"}, a_vm(a_disk(), a_disk("data")))
    assert tier(proposal, "restore-points").consistency is Consistency.FILE_SYSTEM


def test_a_vault_in_a_region_whose_zones_are_not_known_is_not_called_allowed() -> None:
    proposal = proposed(AZURE_BACKUP, {"redundancy": "zrs"}, a_vm(region="atlantis"))
    assert proposal.verdict is Verdict.UNKNOWN
