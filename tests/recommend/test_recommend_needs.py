"""What is recommended for the tiers that ship, and how flags change it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from advisor.model import Advice, Consistency, Disk, Event, Reading, Retention, Verdict
from tests.strategies import a_disk, a_vm, advise

HOUR = timedelta(hours=1)
TWO_DISKS = (a_disk(), a_disk("data"))


def options(advice: Advice) -> tuple[str, ...]:
    assert advice.recommended is not None
    return advice.recommended.options


@pytest.mark.parametrize(
    "tags",
    [
        {"environment": "dev"},
        {"Environment": "Development"},
        {"ENVIRONMENT": "TEST"},
        {"env": "qa"},
        {"Env": "Stage"},
    ],
)
def test_development_is_kept_by_snapshots_and_warned_that_they_share_no_moment(
    tags: dict[str, str],
) -> None:
    advice = advise(a_vm(*TWO_DISKS, tags=tags))
    assert advice.need.tier == "development"
    assert advice.need.retention == Retention(daily=7)
    assert options(advice) == ("snapshots",)
    assert any("moments apart" in warning for warning in advice.warnings)


@pytest.mark.parametrize("tags", [{}, {"environment": "Prod"}, {"ENV": "production"}])
def test_production_and_everything_untagged_is_backed_up_across_regions(
    tags: dict[str, str],
) -> None:
    advice = advise(a_vm(tags=tags))
    need = advice.need
    assert need.tier == "production"
    assert (need.isolated, need.consistency) == (True, Consistency.FILE_SYSTEM)
    assert need.retention == Retention(daily=30, weekly=12)
    assert need.region is not None
    assert (need.region.rpo, need.region.rto) == (36 * HOUR, 24 * HOUR)
    assert need.zone is None
    assert options(advice) == ("azure-backup",)
    assert advice.recommended is not None
    [part] = advice.recommended.parts
    assert part.proposal.configuration["redundancy"] == "grs-crr"


@pytest.mark.parametrize(
    "tags",
    [
        {"criticality": "Mission-Critical"},
        {"Criticality": "mission-critical", "environment": "dev"},
    ],
)
def test_mission_critical_takes_the_pair_of_backup_and_site_recovery(tags: dict[str, str]) -> None:
    advice = advise(a_vm(tags=tags))
    assert advice.need.region is not None
    assert advice.need.region.rpo == timedelta(minutes=15)
    assert advice.need.region.rto == HOUR
    assert options(advice) == ("azure-backup", "site-recovery")
    assert advice.recommended is not None
    assert advice.recommended.met == {Event.DELETION, Event.REGION}
    first, second = advice.recommended.parts
    assert first.monthly.likely is not None
    assert second.monthly.likely is not None
    assert advice.recommended.monthly.likely == first.monthly.likely + second.monthly.likely


def test_production_in_a_region_without_a_pair_is_asked_to_survive_the_zone_instead() -> None:
    advice = advise(a_vm(region="belgiumcentral"))
    assert advice.need.region is None
    assert advice.need.zone is not None
    assert (advice.need.zone.rpo, advice.need.zone.rto) == (36 * HOUR, 24 * HOUR)
    zonal = [each for each in advice.assessments if Event.ZONE in each.met]
    assert {each.option for each in zonal if each.option == "azure-backup"} == {"azure-backup"}
    assert {each.proposal.configuration["redundancy"] for each in zonal
            if each.option == "azure-backup"} == {"zrs"}  # fmt: skip


def test_a_flag_overrides_its_part_of_the_tier_and_no_other() -> None:
    advice = advise(a_vm(tags={"env": "dev"}), rpo=4 * HOUR, keep=Retention(daily=14))
    assert advice.need.deletion is not None
    assert advice.need.deletion.rpo == 4 * HOUR
    assert advice.need.retention == Retention(daily=14)
    assert (advice.need.tier, advice.need.region) == ("development", None)
    assert advice.need.origin["deletion"] == advice.need.origin["retention"] == "flag"
    assert "tier development" in advice.need.origin["consistency"]
    assert advice.recommended is not None
    tier = advice.recommended.parts[0].proposal.tiers[0]
    assert tier.rpo <= 4 * HOUR
    assert tier.retention_days >= 14


def test_flags_win_over_tags_where_both_speak_of_the_same() -> None:
    tagged = a_vm(tags={"vmbackup-used": "40GB", "vmbackup-churn": "5%"})
    assert advise(tagged).sizing.used_gib.range.likely == 40
    flagged = advise(tagged, used_gib=Decimal(20))
    assert flagged.sizing.used_gib.range.likely == 20
    assert flagged.sizing.changed_gib_per_day.range.likely == 1


def test_surviving_only_a_zone_asks_for_nothing_else() -> None:
    """What survives the region survives its zone too, and costs as good as the same."""
    advice = advise(a_vm(), survive=(Event.ZONE,), rpo=15 * timedelta(minutes=1), rto=HOUR)
    assert (advice.need.deletion, advice.need.region) == (None, None)
    assert options(advice) == ("site-recovery",)
    assert advice.recommended is not None
    assert advice.recommended.parts[0].proposal.configuration["to"] == "northeurope"
    assert advice.recommended.met == {Event.ZONE}


def test_a_replica_in_another_region_survives_the_zone_too_and_wants_no_farther_vault() -> None:
    advice = advise(a_vm(), survive=tuple(Event), rpo=24 * HOUR, region_rpo=timedelta(minutes=15))
    assert advice.recommended is not None
    assert advice.recommended.met == set(Event)
    assert [part.option for part in advice.recommended.parts] == ["azure-backup", "site-recovery"]
    assert advice.recommended.parts[0].proposal.configuration["redundancy"] == "lrs"


def test_dropping_isolation_lets_snapshots_serve_production() -> None:
    advice = advise(
        a_vm(), survive=(Event.DELETION,), isolated=False, consistency=Consistency.CRASH
    )
    assert options(advice) == ("snapshots",)


# --- a price that is missing -----------------------------------------------------------------


def test_a_missing_price_is_bounded_and_the_plan_marked_with_its_threshold() -> None:
    """The book has no vault price there: only Backup with Site Recovery is complete."""
    advice = advise(a_vm(region="swedencentral"))
    winner = advice.recommended
    assert winner is not None
    assert winner.options == ("azure-backup",)
    assert winner.parts[0].proposal.configuration["redundancy"] == "grs-crr"
    assert (winner.monthly.likely, winner.monthly.high) == (None, None)
    assert "unless the price of vault storage is above" in advice.decision.bound
    assert "vmbackup prices update --region swedencentral" in " ".join(advice.decision.todo)
    assert not any("the cheapest" in reason for reason in advice.reasons)


def test_prices_that_were_not_read_for_the_region_are_named_by_where_they_come_from() -> None:
    """Of North Europe's vault storage LRS was read, RA-GRS was not."""
    worked_out = "Worked out from another price of the region: the price of vault storage."
    for region, warnings in (("westeurope", []), ("northeurope", [worked_out])):
        said = [each for each in advise(a_vm(region=region)).warnings if "price of" in each]
        assert said == warnings


def test_a_plan_that_lacks_a_price_is_taken_where_no_complete_one_meets_and_called_a_floor() -> (
    None
):
    advice = advise(a_vm(region="southindia", zones=()))
    winner = advice.recommended
    assert winner is not None
    assert winner.monthly.missing
    assert (winner.monthly.likely, winner.monthly.high) == (None, None)
    assert "cheapest" not in " ".join(advice.reasons)
    assert "at least" in advice.reasons[0]


def test_in_a_currency_of_which_nothing_is_known_nothing_is_called_a_cost() -> None:
    advice = advise(a_vm(), currency="ISK")
    for each in advice.assessments:
        assert each.monthly.likely is None
        assert each.monthly.low == 0
        assert all(line.monthly is None for line in each.lines)
    assert advice.by_month == ()


# --- when nothing fits -----------------------------------------------------------------------


def test_when_nothing_fits_the_nearest_plans_say_exactly_what_is_unmet() -> None:
    advice = advise(a_vm(), rpo=timedelta(hours=4), isolated=True, survive=(Event.DELETION,))
    assert advice.recommended is None
    nearest = advice.nearest[0]
    assert nearest.options == ("azure-backup",)
    [lacking] = nearest.unmet
    assert lacking.startswith("deletion: RPO ")
    assert "24 h" in lacking
    assert "4 h" in lacking
    assert len({plan.options for plan in advice.nearest}) == len(advice.nearest)


def test_what_was_not_read_is_never_recommended_but_is_shown_as_nearest() -> None:
    unread = a_disk("data", reading=Reading.FAILED, max_shares=None)
    advice = advise(a_vm(a_disk(), unread))
    for each in advice.assessments:
        if each.option == "azure-backup" and each.proposal.configuration["policy"] == "standard":
            assert each.verdict is not Verdict.YES
    assert advice.recommended is None or all(
        part.verdict is Verdict.YES for part in advice.recommended.parts
    )


@pytest.mark.parametrize("disk", [a_disk(ephemeral=True), a_disk(unmanaged=True)])
def test_where_nothing_is_possible_in_a_region_without_a_pair_that_is_the_advice(
    disk: Disk,
) -> None:
    advice = advise(a_vm(disk, region="qatarcentral"), survive=(Event.REGION,))
    assert advice.recommended is None
    replicas = [each for each in advice.assessments if each.option == "site-recovery"]
    assert replicas
    assert all(each.verdict is Verdict.NO for each in replicas)
