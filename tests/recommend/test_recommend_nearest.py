"""Where nothing meets the need: which plan comes nearest, and the one change that would help."""

from __future__ import annotations

from decimal import Decimal

import pytest

from advisor.model import (
    Advice,
    Consistency,
    Course,
    Disk,
    Event,
    EventNeed,
    Image,
    Meets,
    PointTier,
)
from advisor.recommend.assess import Judge
from advisor.recommend.nearest import nearness, shortfall
from tests.recommend.made import (
    DAY,
    HOUR,
    a_candidate,
    a_line,
    a_need,
    a_tier,
    assumed,
    prices,
)
from tests.strategies import a_disk, a_vm, advise

OS, DATA = a_disk(), a_disk("data", size_gib=512)
NEED = a_need(deletion=EventNeed(rpo=HOUR), region=EventNeed(rpo=HOUR, rto=HOUR))
REGION = a_tier(Event.REGION, name="copy", isolated=False)
HERE = a_tier()


def near(*tiers: PointTier, amount: str = "10") -> tuple[object, ...]:
    plan = a_candidate(a_line(amount), need=NEED, tiers=tiers, disks=(OS, DATA))
    return nearness(plan, Judge(NEED, (OS, DATA)), prices())


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        # a point for every event, whatever else it lacks
        ((a_tier(isolated=False, rpo=9 * DAY), REGION), (HERE,)),
        # no disk in no point, then the smaller ones
        ((HERE, REGION._replace(rpo=9 * DAY)),
         (HERE, REGION._replace(left_out=frozenset({DATA.key})))),
        ((HERE, REGION._replace(left_out=frozenset({OS.key}))),
         (HERE, REGION._replace(left_out=frozenset({DATA.key})))),
        # out of reach where that was asked for, before a shorter RPO
        ((HERE, REGION), (HERE._replace(isolated=False, rpo=2 * HOUR), REGION)),
        # the smaller of the worst shortfalls
        ((HERE, REGION), (HERE._replace(rpo=HOUR), REGION._replace(rpo=2 * DAY))),
        # a tier that lacks one thing only
        ((HERE, REGION), (HERE, REGION._replace(consistency=Consistency.NONE))),
    ],
)  # fmt: skip
def test_of_two_plans_that_do_not_meet_the_need_one_is_nearer_whatever_it_costs(
    nearer: tuple[PointTier, ...], farther: tuple[PointTier, ...]
) -> None:
    assert near(*nearer, amount="1000") < near(*farther)


def test_of_two_that_lack_the_same_the_cheaper_is_nearer() -> None:
    assert near(HERE, REGION, amount="9") < near(HERE, REGION)


def test_the_worst_shortfall_is_a_factor_of_the_best_tier() -> None:
    slow = REGION._replace(rpo=2 * HOUR, rto=assumed(1, 8, 20))
    plan = a_candidate(a_line("1"), need=NEED, tiers=(HERE, slow))
    judge = Judge(NEED)
    assert shortfall(plan, Event.DELETION, judge) == 24
    assert shortfall(plan, Event.REGION, judge) == 8


# --- said ------------------------------------------------------------------------------------


def critical(*disks: Disk, **changes: object) -> Advice:
    return advise(a_vm(*disks, tags={"criticality": "mission-critical"}, **changes))


def test_the_nearest_of_a_replica_that_is_not_possible_is_the_vault_in_the_pair() -> None:
    advice = critical(size="Standard_D4ps_v5", architecture="Arm64")
    assert advice.decision.courses == (Course.NOTHING_MEETS,)
    assert advice.recommended is None
    assert advice.decision.meets is Meets.NO
    assert advice.decision.plan == advice.nearest[0]
    [part] = advice.nearest[0].parts
    assert part.proposal.configuration["redundancy"] == "grs-crr"
    assert "RPO 36 h instead of 15 min" in advice.decision.sentence


def test_the_nearest_plans_are_of_different_options() -> None:
    advice = critical(size="Standard_D4ps_v5", architecture="Arm64")
    options = [plan.options for plan in advice.nearest]
    assert len(set(options)) == len(options)


def test_what_the_nearest_leaves_out_is_held_by_another_option_where_that_is_nearer() -> None:
    advice = advise(a_vm(a_disk(), a_disk("quorum", max_shares=2)))
    assert advice.decision.courses == (Course.NOTHING_MEETS,)
    assert advice.nearest[0].options == ("azure-backup", "snapshots")
    assert not advice.nearest[0].gaps


def test_the_disks_too_many_are_counted() -> None:
    disks = [a_disk(f"data-{lun:02}", lun=lun) for lun in range(34)]
    advice = advise(a_vm(a_disk(), *disks))
    assert advice.decision.courses == (Course.NOTHING_MEETS,)
    assert "With 3 disks fewer the need can be met." in advice.decision.sentence


def test_unmanaged_disks_are_to_become_managed_first() -> None:
    advice = advise(a_vm(a_disk(unmanaged=True)))
    assert advice.decision.courses == (Course.NOTHING_MEETS,)
    assert "With managed disks first the need can be met." in advice.decision.sentence


# --- another size ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("churn", "size_gib", "said"),
    [
        ("0.02", 1024, "Below about 155 GB used snapshots are cheaper."),
        ("0.05", 256, "From about 88 GB used on Azure Backup is cheaper."),
    ],
)
def test_what_is_cheaper_at_another_size_is_told_with_the_size_at_which_it_turns(
    churn: str, size_gib: int, said: str
) -> None:
    """Snapshots cost less than a protected instance while little is in use."""
    advice = advise(
        a_vm(a_disk(size_gib=size_gib)),
        survive=(Event.DELETION,),
        isolated=False,
        consistency=Consistency.CRASH,
        churn_share_per_day=Decimal(churn),
    )
    [each] = [each for each in advice.decision.alternatives if each.why == "at-another-size"]
    assert each.sentence == said
    assert each.plan is not None
    assert advice.decision.plan is not None
    assert each.plan.options != advice.decision.plan.options


def test_what_is_nearest_without_a_condition_rests_on_no_other_one() -> None:
    """Restore points of an image that nobody knows want its agent, too, and somebody to take them;
    a VM that is off is backed up without being started."""
    unknown = a_vm(image=Image(id="/subscriptions/s/resourceGroups/g/providers/i"))
    of_file_system = {"survive": (Event.DELETION,), "consistency": Consistency.FILE_SYSTEM}
    decision = advise(unknown, **of_file_system).decision
    assert decision.meets is Meets.IF
    assert decision.alternatives == ()
    off = a_vm(power_state="deallocated", tags={"criticality": "mission-critical"})
    decision = advise(off).decision
    assert decision.meets is Meets.IF
    assert [each.why for each in decision.alternatives] == ["without-the-condition"]
