"""Restoring, copying, extending and deleting points that exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from bot.actions.copy.plan import copy_plan
from bot.actions.delete.plan import delete_plan
from bot.actions.extend.plan import extend_plan
from bot.actions.restore.plan import restore_plan
from bot.requests.action import Action
from bot.requests.approval.rules import counted_by_rules, limit_of
from bot.requests.model import Kind, Point, RequestPlan
from bot.requests.moments import moment_words
from bot.requests.plan_hash import plan_hash
from bot.requests.refusals import PlanRefused
from tests.requests.planning_samples import (
    OTHER_REQUEST,
    REQUEST,
    data_disk,
    ground_of,
    names_of,
    os_disk,
    plan_of,
    points_of,
    sources,
    the_vm,
    wish,
)
from tests.strategies import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RESTORE, COPY, EXTEND, DELETE = Action.RESTORE, Action.COPY, Action.EXTEND, Action.DELETE


def last(arm_id: str) -> str:
    return arm_id.rsplit("/", 1)[-1]


# --- which points ----------------------------------------------------------------------------


def test_all_points_are_meant_where_none_is_named() -> None:
    plan = restore_plan(ground_of(), wish(RESTORE))
    assert names_of(plan) == ["os-disk", "data-disk"]
    assert list(sources(plan)) == [point.arm_id for point in points_of(plan_of())]


def test_points_are_named_by_name_or_id_in_any_case() -> None:
    os, data = points_of(plan_of())
    for said in (last(data.arm_id).upper(), data.arm_id):
        assert names_of(restore_plan(ground_of(), wish(RESTORE, points=(said,)))) == ["data-disk"]
    both = wish(RESTORE, points=(os.arm_id, last(os.arm_id)))
    assert names_of(restore_plan(ground_of(), both)) == ["os-disk"]


@pytest.mark.parametrize("said", ["os", "OS-DISK", os_disk().id])
def test_disks_of_points_are_named_as_disks_are(said: str) -> None:
    assert names_of(restore_plan(ground_of(), wish(RESTORE, disks=(said,)))) == ["os-disk"]


def test_a_point_or_disk_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(PlanRefused, match="There is no “other” of that request"):
        restore_plan(ground_of(), wish(RESTORE, points=("other",)))
    with pytest.raises(PlanRefused, match="It holds os-disk and data-disk"):
        restore_plan(ground_of(), wish(RESTORE, disks=("data9",)))


def test_what_was_deleted_is_not_there_any_more() -> None:
    os, data = points_of(plan_of())
    one_left = ground_of(points=(replace(os, deleted_at=NOW), data))
    assert names_of(restore_plan(one_left, wish(RESTORE))) == ["data-disk"]
    for action, make in ((RESTORE, restore_plan), (DELETE, delete_plan)):
        with pytest.raises(PlanRefused, match="Nothing of that request exists any more"):
            make(ground_of(points=(replace(os, deleted_at=NOW),)), wish(action))


def test_a_point_of_a_disk_that_the_plan_does_not_name_is_refused() -> None:
    [os, _] = points_of(plan_of())
    strange = replace(os, arm_id=os.arm_id + "x", disk_id="/other")
    with pytest.raises(PlanRefused, match="was made of is not known"):
        restore_plan(ground_of(points=(strange,)), wish(RESTORE))


def test_two_points_of_one_disk_are_not_restored_at_once() -> None:
    [os, _] = points_of(plan_of())
    twice = ground_of(points=(os, replace(os, arm_id=os.arm_id + "-2")))
    with pytest.raises(PlanRefused, match="several points of os-disk"):
        restore_plan(twice, wish(RESTORE))


# --- restore ---------------------------------------------------------------------------------


def test_new_disks_are_planned_beside_the_old() -> None:
    plan = restore_plan(ground_of(), wish(RESTORE))
    assert (plan.action, plan.kind, plan.of_request) == (RESTORE, Kind.DISK, REQUEST)
    assert (plan.keep, plan.expires_at, plan.swap_os_disk) == (None, None, False)
    os, data = plan.disks
    assert os.target_id.startswith(plan.vm_id.split("/providers")[0])
    assert f"/disks/vmbackup-{OTHER_REQUEST}-os-disk-" in os.target_id
    assert (os.unique_id, data.unique_id) == ("made-0", "made-1")
    assert (os.lun, data.lun) == (1, 2)
    assert (data.sku, data.size_gib, data.zones) == ("StandardSSD_LRS", 256, ("1",))
    assert plan.cost.a_month is not None
    assert plan.cost.a_month.high == Decimal("40.88")


def test_which_points_of_when_is_said() -> None:
    later = ground_of(now=NOW + 5 * HOUR)
    os, data = points_of(plan_of())
    [note] = restore_plan(later, wish(RESTORE)).notes
    assert note == (
        f"From: {last(os.arm_id)} and {last(data.arm_id)}, taken {moment_words(NOW)} "
        f"(5 h ago), each disk at a moment of its own, by request {REQUEST}."
    )
    [alone] = copy_plan(later, wish(COPY, to_region="northeurope", disks=("os",))).notes
    assert alone == (
        f"From: {last(os.arm_id)}, taken {moment_words(NOW)} (5 h ago), crash-consistent, "
        f"by request {REQUEST}."
    )


def test_points_too_many_to_name_are_counted() -> None:
    many = tuple(replace(data_disk(), name=f"d{lun}", id=f"/d{lun}", lun=lun) for lun in range(3))
    origin = plan_of(the_vm(*many))
    [note] = restore_plan(ground_of(origin), wish(RESTORE)).notes
    assert note.startswith("From: 3 snapshots, taken ")


def test_until_when_it_is_kept_so_far_is_said_of_an_extension() -> None:
    [note] = extend_plan(ground_of(), wish(EXTEND, keep=DAY)).notes
    assert note == f"So far it is kept until {moment_words(NOW + 3 * DAY)}."


def test_every_disk_of_a_restore_point_comes_of_that_point() -> None:
    origin = plan_of(consistent=True)
    [point] = points_of(origin)
    plan = restore_plan(ground_of(origin), wish(RESTORE))
    assert list(sources(plan)) == [point.arm_id, point.arm_id]
    assert len({disk.target_id for disk in plan.disks}) == 2


def test_a_vm_that_is_full_takes_no_more_disks() -> None:
    full = the_vm(os_disk(), *(replace(data_disk(), name=f"d{lun}", lun=lun) for lun in range(63)))
    with pytest.raises(PlanRefused, match="has room for 1 more disk, and 2 are wanted"):
        restore_plan(ground_of(vm=full), wish(RESTORE))
    assert restore_plan(ground_of(vm=full), wish(RESTORE, disks=("os",))).disks[0].lun == 63


def test_disks_of_a_vm_that_is_gone_are_attached_to_nothing() -> None:
    plan = restore_plan(ground_of(gone=True), wish(RESTORE))
    assert {disk.lun for disk in plan.disks} == {None}
    assert "The VM “web-01” is not found any more." in plan.notes
    assert any("attached to nothing" in note for note in plan.notes)


def test_the_os_disk_is_swapped_for_todays() -> None:
    plan = restore_plan(ground_of(), wish(RESTORE, swap_os_disk=True))
    assert plan.swap_os_disk
    assert plan.os_disk_id == os_disk().id
    assert names_of(plan) == ["os-disk"]
    assert plan.disks[0].lun is None
    assert plan.vm_runs
    assert "started again. Today's OS disk is kept" in plan.notes[1]
    assert plan.taken_at == NOW


def test_a_vm_at_rest_is_not_started_by_a_swap() -> None:
    resting = ground_of(vm=the_vm(power_state="deallocated"))
    plan = restore_plan(resting, wish(RESTORE, swap_os_disk=True))
    assert not plan.vm_runs
    assert "not started again" in plan.notes[1]


def test_a_swap_that_is_gone_on_with_is_the_same_plan() -> None:
    """The VM that it stopped is started again, and the disk that it put in place is not the old."""
    swap = wish(RESTORE, swap_os_disk=True)
    begun = restore_plan(ground_of(), swap)
    swapped = the_vm(os_disk(id=begun.disks[0].target_id), data_disk(), power_state="deallocated")
    again = restore_plan(ground_of(vm=swapped, half_done_plan=begun), swap)
    assert again.vm_runs
    assert plan_hash(again) == plan_hash(begun)


def test_what_hangs_there_already_needs_no_further_place() -> None:
    begun = restore_plan(ground_of(), wish(RESTORE, disks=("os",)))
    [new] = begun.disks
    others = (replace(data_disk(), name=f"d{lun}", id=f"/d{lun}", lun=lun) for lun in range(63))
    full = the_vm(os_disk(), *others, replace(data_disk(), name="new", id=new.target_id, lun=63))
    resumed = ground_of(vm=full, half_done_plan=begun)
    assert plan_hash(restore_plan(resumed, wish(RESTORE, disks=("os",)))) == plan_hash(begun)


def test_a_swap_wants_its_own_vm_and_an_os_disk() -> None:
    swap = wish(RESTORE, swap_os_disk=True)
    with pytest.raises(PlanRefused, match="is not found in West Europe"):
        restore_plan(ground_of(gone=True), swap)
    with pytest.raises(PlanRefused, match="is another one than this was taken of"):
        restore_plan(ground_of(vm=the_vm(vm_id="another")), swap)
    with pytest.raises(PlanRefused, match="holds no OS disk"):
        restore_plan(ground_of(plan_of(disks=("data0",))), swap)
    with pytest.raises(PlanRefused, match="no managed OS disk"):
        restore_plan(ground_of(vm=the_vm(os_disk(ephemeral=True), data_disk())), swap)


def test_another_vm_of_the_name_is_said() -> None:
    plan = restore_plan(ground_of(vm=the_vm(vm_id="another")), wish(RESTORE))
    assert plan.vm_uuid == "another"
    assert "another one than this was taken of" in plan.notes[1]


def test_disks_are_not_restored_again() -> None:
    restored = restore_plan(ground_of(), wish(RESTORE))
    with pytest.raises(PlanRefused, match="disks already"):
        restore_plan(ground_of(restored), wish(RESTORE))


# --- copy ------------------------------------------------------------------------------------


def test_a_copy_lies_there_and_pays_for_the_way() -> None:
    plan = copy_plan(ground_of(), wish(COPY, to_region="North Europe"))
    assert (plan.region, plan.target_region) == ("westeurope", "northeurope")
    assert (plan.action, plan.kind, plan.keep) == (COPY, Kind.SNAPSHOT, 3 * DAY)
    assert f"/snapshots/vmbackup-{OTHER_REQUEST}-os-disk-" in plan.disks[0].target_id
    assert plan.disks[0].unique_id == "made-0"
    assert plan.cost.limit_until_expiry == Decimal("9.5737")


def test_what_the_way_costs_is_told_apart_and_adds_up() -> None:
    """Three days are 72/730 of a month."""
    cost = copy_plan(ground_of(), wish(COPY, to_region="northeurope")).cost
    assert cost.once is not None
    assert cost.a_month is not None
    assert cost.until_expiry is not None
    months = Decimal(72) / 730
    for once, a_month, until in zip(cost.once, cost.a_month, cost.until_expiry, strict=True):
        assert abs(once + a_month * months - until) < Decimal("0.0002")
    assert restore_plan(ground_of(), wish(RESTORE)).cost.once is None


def test_a_restore_point_is_copied_as_one_into_a_collection_there() -> None:
    origin = plan_of(consistent=True)
    plan = copy_plan(ground_of(origin), wish(COPY, to_region="northeurope"))
    assert plan.kind is Kind.RESTORE_POINT
    assert len({disk.target_id for disk in plan.disks}) == 1
    collection = plan.disks[0].target_id.split("/restorePoints/")[0]
    assert collection != origin.disks[0].target_id.split("/restorePoints/")[0]


@pytest.mark.parametrize(
    ("region", "says"),
    [("westeurope", "in West Europe already"), ("atlantis", "“atlantis” is not"), ("", "is not a")],
)
def test_a_copy_goes_to_another_region_that_is_known(region: str, says: str) -> None:
    with pytest.raises(PlanRefused, match=says):
        copy_plan(ground_of(), wish(COPY, to_region=region))


def test_a_disk_under_a_key_of_ones_own_is_not_copied_out_of_its_reach() -> None:
    origin = plan_of(the_vm(os_disk(disk_encryption_set_id="/des"), data_disk()))
    with pytest.raises(PlanRefused, match="os-disk is encrypted with a key of your own"):
        copy_plan(ground_of(origin), wish(COPY, to_region="northeurope"))


def test_what_was_copied_is_restored_where_it_lies() -> None:
    copied = copy_plan(ground_of(), wish(COPY, to_region="northeurope"))
    plan = restore_plan(ground_of(copied), wish(RESTORE))
    assert plan.region == plan.target_region == "northeurope"
    assert {(disk.lun, disk.zones) for disk in plan.disks} == {(None, ())}
    assert list(sources(plan)) == [disk.target_id for disk in copied.disks]


# --- extend and delete -----------------------------------------------------------------------


def test_an_extension_counts_from_the_expiry_and_costs_its_days() -> None:
    """19.20 USD a month counted, two days: 19.2 x 24/365 = 1.2625."""
    plan = extend_plan(ground_of(), wish(EXTEND, keep=2 * DAY))
    assert plan.expires_at == NOW + 5 * DAY
    assert plan.keep == 5 * DAY
    assert plan.cost.limit_until_expiry == Decimal("1.2625")
    assert plan.cost.limit_a_month == Decimal("19.2000")
    assert [disk.target_id for disk in plan.disks] == [one.arm_id for one in points_of(plan_of())]


def test_an_extension_counts_what_its_points_cost_before() -> None:
    """Three days of 19.20 USD a month: 19.2 x 36/365 = 1.8937; rules add it to the extension."""
    plan = extend_plan(ground_of(), wish(EXTEND, keep=2 * DAY))
    assert plan.cost.limit_before == Decimal("1.8937")
    assert counted_by_rules(plan) == Decimal("1.8937") + Decimal("1.2625")
    assert limit_of(plan) == Decimal("1.2625")


def test_what_was_extended_before_counts_from_the_making_on() -> None:
    once = points_of(plan_of(), expires_at=NOW + 13 * DAY)
    plan = extend_plan(ground_of(points=once, now=NOW + 12 * DAY), wish(EXTEND, keep=DAY))
    assert plan.cost.limit_before == Decimal("8.2060")  # 19.2 x 156/365, thirteen days
    assert plan.keep == 14 * DAY


def test_of_an_extended_copy_the_traffic_counts_too() -> None:
    copied = copy_plan(ground_of(), wish(COPY, to_region="northeurope"))
    stayed = extend_plan(ground_of(), wish(EXTEND, keep=DAY)).cost.limit_before
    moved = extend_plan(ground_of(copied), wish(EXTEND, keep=DAY)).cost.limit_before
    assert stayed is not None
    assert moved is not None
    assert moved > stayed
    assert copied.cost.limit_until_expiry == moved


def test_an_extension_without_a_price_is_above_every_amount_of_the_rules() -> None:
    unpriced = ground_of(pricer=Pricer(Book(()), "USD", NOW.date()))
    plan = extend_plan(unpriced, wish(EXTEND, keep=DAY))
    assert (plan.cost.limit_before, counted_by_rules(plan)) == (None, None)


def test_an_extension_is_the_same_plan_however_late_it_is_made() -> None:
    later = ground_of(now=NOW + DAY)
    soon = extend_plan(ground_of(), wish(EXTEND, keep=DAY))
    assert extend_plan(later, wish(EXTEND, keep=DAY)).expires_at == soon.expires_at


def test_an_extension_that_is_gone_on_with_adds_nothing_once_more() -> None:
    begun = extend_plan(ground_of(), wish(EXTEND, keep=DAY))
    os, data = points_of(plan_of())
    half = ground_of(points=(replace(os, expires_at=begun.expires_at), data), half_done_plan=begun)
    again = extend_plan(half, wish(EXTEND, keep=DAY))
    assert plan_hash(again) == plan_hash(begun)
    assert again.cost.limit_before == begun.cost.limit_before


@pytest.mark.parametrize(
    ("keep", "now", "says"),
    [
        (None, NOW, "Say for how long"),
        (-DAY, NOW, "Say for how long"),
        (28 * DAY, NOW, "more than 30 days from now"),
        (DAY, NOW + 4 * DAY, "would have expired already"),
    ],
)
def test_an_extension_out_of_bounds_is_refused(keep: object, now: object, says: str) -> None:
    with pytest.raises(PlanRefused, match=says):
        extend_plan(ground_of(now=now), wish(EXTEND, keep=keep))


def test_what_has_no_expiry_is_not_extended() -> None:
    endless = points_of(plan_of(), expires_at=None)
    with pytest.raises(PlanRefused, match="has no expiry"):
        extend_plan(ground_of(points=endless), wish(EXTEND))


def test_a_deletion_needs_no_reason_and_costs_nothing() -> None:
    plan = delete_plan(ground_of(gone=True), wish(DELETE, reason="", keep=None))
    assert plan.action is DELETE
    assert plan.cost.limit_until_expiry == 0
    assert plan.cost.missing == ()
    assert plan.keep is None


@pytest.mark.parametrize("action", [RESTORE, COPY, EXTEND])
def test_every_other_wish_wants_a_reason_and_no_broken_glass(action: Action) -> None:
    makers = {RESTORE: restore_plan, COPY: copy_plan, EXTEND: extend_plan}
    for said, says in (({"reason": ""}, "Say why"), ({"break_glass": True}, "for snapshots only")):
        with pytest.raises(PlanRefused, match=says):
            makers[action](ground_of(), wish(action, **said))


@pytest.mark.parametrize("action", [RESTORE, COPY, EXTEND, DELETE])
def test_a_plan_about_points_leaves_the_rule_to_be_chosen_again(action: Action) -> None:
    makers = {
        RESTORE: restore_plan, COPY: copy_plan, EXTEND: extend_plan, DELETE: delete_plan,
    }  # fmt: skip
    origin = replace(plan_of(disks=("os",), consistent=True), rule="r", settings_digest="d")
    plan: RequestPlan = makers[action](
        ground_of(origin, revision=4), wish(action, to_region="northeurope")
    )
    assert (plan.rule, plan.settings_digest, plan.left_out) == ("", "", ())
    assert plan.revision == 4


def test_a_wish_for_something_else_is_our_fault() -> None:
    with pytest.raises(ValueError, match="is not planned as"):
        restore_plan(ground_of(), wish(COPY))


def test_points_of_the_ledger_are_left_as_they_are() -> None:
    points: tuple[Point, ...] = points_of(plan_of())
    delete_plan(ground_of(points=points), wish(DELETE))
    assert points == points_of(plan_of())
