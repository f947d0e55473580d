"""Where Site Recovery is proposed to go, and what a target is said to mean."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advisor.errors import UsageError
from advisor.model import (
    Event,
    LineKind,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
    Verdict,
    Vm,
)
from advisor.options.site_recovery.configurations import MOST_TARGETS
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.regions import region
from tests.strategies import a_case, a_disk, a_vm, pricer, stated, the


def proposals(vm: Vm, to: str | None = None) -> list[Proposal]:
    case = a_case(vm, to=to)
    return SITE_RECOVERY.propose(case, SITE_RECOVERY.configurations(case))


def to_regions(vm: Vm, to: str | None = None) -> list[str]:
    found = [str(each.configuration["to"]) for each in proposals(vm, to)]
    return [each for each in found if not each.startswith("zone:")]


def at(name: str) -> Vm:
    return a_vm(region=name, zones=())


def test_an_open_pair_is_the_only_target_proposed() -> None:
    assert to_regions(at("westeurope")) == ["northeurope"]


def test_the_region_asked_for_wins_over_every_other() -> None:
    for home in ("westeurope", "swedencentral", "italynorth"):
        assert to_regions(at(home), "norwayeast") == ["norwayeast"]


def test_beside_a_pair_that_must_let_one_in_stand_open_regions() -> None:
    first, *others = proposals(at("swedencentral"))
    assert first.configuration["to"] == "swedensouth"
    reason = the("target-region", first.reasons)
    assert (reason.verdict, reason.condition) == (
        Verdict.YES,
        "the subscription is let into Sweden South",
    )
    assert others
    for each in others:
        assert the("target-region", each.reasons).condition == ""
        assert region(str(each.configuration["to"])).open is Verdict.YES


def test_without_a_pair_the_nearest_open_regions_are_proposed_with_their_price() -> None:
    found = proposals(at("italynorth"))
    assert {region(str(each.configuration["to"])).continent for each in found} == {"Europe"}
    assert len(found) == MOST_TARGETS
    assert {each.verdict for each in found} == {Verdict.YES}
    priced = [pricer().bill(each.usages)[1].likely for each in found]
    assert any(amount is not None for amount in priced)


def test_in_the_same_geography_before_the_continent() -> None:
    assert to_regions(at("israelcentral")) == ["qatarcentral", "uaenorth"]
    assert to_regions(at("usgovvirginia")) == ["usgovtexas"]
    assert to_regions(at("germanywestcentral"))[0] == "germanynorth"


def test_a_region_that_can_only_be_a_source_is_never_proposed() -> None:
    found = to_regions(at("chilecentral"))
    assert "brazilsouth" not in found
    assert {region(each).continent for each in found} == {"North America"}


def test_a_target_in_another_geography_is_said_to_be_a_decision_on_data_residency() -> None:
    [crossing] = proposals(at("brazilsouth"))
    assert crossing.configuration["to"] == "southcentralus"
    [note] = [each for each in crossing.notes if "residency" in each]
    assert "South Central US" in note
    assert "United States" in note
    [staying] = proposals(at("francecentral"), "francesouth")
    assert not [each for each in staying.notes if "residency" in each]


def test_of_a_region_that_is_not_known_the_target_is_unknown_and_not_a_no() -> None:
    [found] = proposals(at("atlantis"))
    assert found.verdict is Verdict.UNKNOWN
    assert the("target-region", found.reasons).verdict is Verdict.UNKNOWN
    assert pricer().bill(found.usages)[1].likely is None


def test_estimate_asks_for_the_target_where_there_is_no_pair() -> None:
    with pytest.raises(UsageError, match="name the target with --to"):
        SITE_RECOVERY.said_configuration(a_case(at("italynorth")), {})


@pytest.mark.parametrize("name", ["westeurope", "swedencentral", "italynorth", "atlantis"])
def test_every_target_proposed_survives_the_way_through_its_flags(name: str) -> None:
    case = a_case(a_vm(region=name))
    for chosen in SITE_RECOVERY.configurations(case):
        assert SITE_RECOVERY.said_configuration(case, chosen.mapping) == chosen


# --- what a configuration holds --------------------------------------------------------------

TWO = a_vm(a_disk(), a_disk("data", lun=0, size_gib=1024))


def replicating(**changes: Any) -> Protection:
    facts: dict[str, Any] = {
        "kind": ProtectionKind.SITE_RECOVERY,
        "state": ProtectionState.ACTIVE,
        "target": "northeurope",
    }
    return Protection(**{**facts, **changes})


def found(vm: Vm, **changes: Any) -> Proposal:
    case = a_case(vm, stated(used="100"))
    rules = SITE_RECOVERY.found
    assert rules is not None
    [proposal] = SITE_RECOVERY.propose(case, [rules.configuration(case, replicating(**changes))])
    return proposal


def test_a_disk_that_is_not_replicated_is_missing_in_the_region_and_in_the_bill() -> None:
    data = TWO.disks[1].key
    whole, part = found(TWO), found(TWO, left_out=frozenset({data}))
    assert [tier.left_out for tier in whole.tiers] == [frozenset()]
    [tier] = part.tiers
    assert (tier.events, tier.left_out) == ((Event.REGION,), frozenset({data}))
    assert [each.name for each in part.usages if "data" in each.name] == []
    by_name = {each.name: each.quantity for each in whole.usages}
    for each in part.usages:
        if each.name in ("Recovery points", "Traffic between regions", "Cache storage"):
            more = by_name[each.name]
            assert each.quantity is not None
            assert more is not None
            assert each.quantity.likely < more.likely
    assert part.configuration["leave_out"] == "0"
    assert "leave_out" not in whole.configuration


def test_the_one_thing_to_adjust_is_to_replicate_that_disk_too() -> None:
    case, rules = a_case(TWO), SITE_RECOVERY.found
    assert rules is not None
    data = TWO.disks[1].key
    [one] = rules.adjustments(case, replicating(left_out=frozenset({data})))
    assert one.what == "enable replication of data"
    assert one.left_out == frozenset()
    assert one.chosen == rules.configuration(case, replicating())
    assert rules.adjustments(case, replicating()) == ()


def test_the_points_that_a_replication_keeps_are_those_it_is_set_to() -> None:
    assert found(TWO, recovery_points=timedelta(days=15)).tiers[0].retention_days == 15
    assert found(TWO, recovery_points=None).configuration["recovery_points"] == "24h"
    none = found(TWO, recovery_points=timedelta(0))
    assert "Recovery points" not in {each.name for each in none.usages}


def test_a_zone_is_a_target_like_a_region() -> None:
    proposal = found(a_vm(), target="zone:2")
    assert proposal.tiers[0].events == (Event.ZONE,)
    assert proposal.configuration["to"] == "zone:2"


@pytest.mark.parametrize("state", ["deallocated", "stopped"])
def test_a_vm_that_is_off_is_replicated_if_it_is_started(state: str) -> None:
    for each in proposals(a_vm(power_state=state)):
        assert [tier.conditions for tier in each.tiers] == [("the VM is started",)]
    for each in proposals(a_vm()):
        assert [tier.conditions for tier in each.tiers] == [()]


# --- the bill --------------------------------------------------------------------------------

AT_TARGET = ("Replica of", "Recovery points", "Drill disk", "Drill compute")
AT_SOURCE = ("Cache storage", "Replicated instance", "First 31 days free")


def test_each_line_is_billed_in_the_region_where_it_lies() -> None:
    case = a_case(TWO)
    for usage in SITE_RECOVERY.usages(case, SITE_RECOVERY.configurations(case)[0]):
        meter = usage.meter
        if usage.name.startswith(AT_TARGET):
            assert (meter.region, meter.to_region) == ("northeurope", ""), usage.name
        elif usage.name.startswith(AT_SOURCE):
            assert (meter.region, meter.to_region) == ("westeurope", ""), usage.name
        else:
            assert (meter.region, meter.to_region) == ("westeurope", "northeurope"), usage.name


@pytest.mark.parametrize(
    ("sku", "dearer"),
    [
        ("Premium_LRS", "Premium SSD Managed Disks"),
        ("StandardSSD_LRS", "Standard SSD Managed Disks"),
        ("Standard_LRS", None),
        (None, "Premium SSD Managed Disks"),
    ],
)
def test_recovery_points_cost_at_most_what_a_snapshot_of_the_replicas_class_does(
    sku: str | None, dearer: str | None
) -> None:
    """Microsoft's example reckons with 0.16 USD a GB; snapshots are Standard HDD by default."""
    case = a_case(a_vm(a_disk(sku=sku)), stated(used="100"))
    usages = SITE_RECOVERY.usages(case, SITE_RECOVERY.configurations(case)[0])
    [points] = [each for each in usages if each.name == "Recovery points"]
    assert points.kind is LineKind.RECURRING
    assert points.meter.product == "Standard HDD Managed Disks"
    assert (points.or_meter.product if points.or_meter else None) == dearer
    line = pricer().line(points)
    assert line.monthly is not None
    assert line.unit_price is not None
    assert points.quantity is not None
    at_standard = points.quantity.high * line.unit_price
    if sku == "Premium_LRS":
        assert line.monthly.high > 2 * at_standard
    elif dearer is None:
        assert line.monthly.high == at_standard


def test_a_dearer_class_without_a_price_leaves_the_high_end_at_the_known_one() -> None:
    case = a_case(a_vm(), stated(used="100"))
    usages = SITE_RECOVERY.usages(case, SITE_RECOVERY.configurations(case)[0])
    [points] = [each for each in usages if each.name == "Recovery points"]
    assert points.or_meter is not None
    nowhere = points._replace(or_meter=points.or_meter._replace(region="atlantis"))
    line = pricer().line(nowhere)
    assert line.monthly is not None
    assert line.unit_price is not None
    assert nowhere.quantity is not None
    assert line.monthly.high == nowhere.quantity.high * line.unit_price


# --- what never changes in place -------------------------------------------------------------


@pytest.mark.parametrize("zone", ["1", "2", "3"])
def test_the_zone_that_is_proposed_is_another_one(zone: str) -> None:
    found = [str(each.configuration["to"]) for each in proposals(a_vm(zones=(zone,)))]
    [to] = [each for each in found if each.startswith("zone:")]
    assert to != f"zone:{zone}"


def test_a_churn_mode_is_chosen_once() -> None:
    rules = SITE_RECOVERY.found
    assert rules is not None
    normal, high = {"churn_mode": "normal"}, {"churn_mode": "high"}
    for have, want in ((normal, high), (high, normal)):
        [said] = rules.forbidden(have, want)
        assert "disable and enable it again" in said
    assert list(rules.forbidden(normal, normal)) == []
