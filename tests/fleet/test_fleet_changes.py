"""What changed in a fleet, as values: only what was read both times, and why; which price moved."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.fleet.billed_again import billed_again
from advisor.fleet.changes import (
    Basis,
    ChangeKind,
    FleetNow,
    VmChange,
    lost_scopes,
    missing_vms,
    vm_changes,
)
from advisor.fleet.cores import Work
from advisor.fleet.price_moves import (
    NO_MOVE,
    SeenPrice,
    VmCost,
    bill_moved,
    cost_of,
    kept_prices,
    price_moves,
)
from advisor.fleet.report import fleet_rows
from advisor.fleet.seen import SeenVm, remembered
from advisor.model import StateNow
from advisor.needs import Tiers
from advisor.options.meters import instance_fee
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from tests.bench.fleet import NOW, fleet
from tests.fleet.seen_vms import a_price, seen

MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)
BASIS = Basis("1", "a")


# --- the changes, as values -------------------------------------------------------------------


def changes(
    before: SeenVm | None,
    now: SeenVm | None,
    *,
    was_read: bool = True,
    today: Basis = BASIS,
) -> tuple[VmChange, ...]:
    vms = {now.key: now} if now else {}
    fleet = FleetNow(vms, list(vms) if was_read else [], {}, {"s"}, True)
    return vm_changes({before.key: before} if before else {}, fleet, NO_MOVE, BASIS, today)


STATES = st.sampled_from([state.value for state in StateNow if state is not StateNow.UNKNOWN])


@given(STATES, STATES, st.booleans())
def test_what_was_not_read_is_never_a_change_and_is_remembered(
    was: str, is_now: str, known_before: bool
) -> None:
    before, now = seen(state=was) if known_before else None, seen(state=is_now, courses=("fix",))
    assert changes(before, now, was_read=False) == ()
    kept = remembered(before, now, was_read=False)
    assert kept == before if before else kept.state == ""


@given(STATES, STATES)
def test_a_reading_that_failed_between_two_hides_no_change(was: str, is_now: str) -> None:
    """What was remembered in between is compared as if there had been no reading."""
    before, now = seen(state=was), seen(state=is_now)
    between = remembered(before, seen(state="unprotected"), was_read=False)
    assert changes(between, now) == changes(before, now)


def test_that_a_subscription_cannot_be_read_is_told_once_and_that_it_is_gone_then_too() -> None:
    vm = seen()
    now = FleetNow({}, [], {}, set(), True, unreadable={"s": "403 AuthorizationFailed"})
    [told] = lost_scopes({vm.key: vm}, now)
    assert (told.vms, told.is_gone) == (1, False)
    told_of = {vm.key: vm._replace(is_lost=True)}
    assert lost_scopes(told_of, now) == ()
    gone = now._replace(unreadable={}, gone_subscriptions={"s": "it is deleted"})
    [told] = lost_scopes(told_of, gone)
    assert told.is_gone
    assert vm_changes(told_of, gone, NO_MOVE, BASIS, BASIS) == (), "it is told as one"


def test_a_vm_that_moved_out_of_a_subscription_is_not_lost_with_it() -> None:
    before = seen(unique_id="u")
    after = seen(unique_id="u", vm_id=before.vm_id.replace("/s/", "/other/"))
    now = FleetNow(
        {after.key: after}, [after.key], {}, {"other"}, True, gone_subscriptions={"s": "deleted"}
    )
    assert lost_scopes({before.key: before}, now) == ()


@given(STATES)
def test_the_same_fleet_twice_is_silent(state: str) -> None:
    assert changes(seen(state=state), seen(state=state)) == ()


def test_a_vm_that_is_absent_is_gone_only_where_azure_says_so() -> None:
    vm = seen()
    absent = FleetNow({}, [], {}, {"s"}, True)
    assert list(missing_vms({vm.key: vm}, absent)) == [vm]
    assert changes(vm, None) == ()
    gone = absent._replace(gone_vms={vm.key: "Azure knows it no more"})
    [told] = vm_changes({vm.key: vm}, gone, NO_MOVE, BASIS, BASIS)
    assert told.kinds == (ChangeKind.GONE,)
    assert told.said == ("It is gone: Azure knows it no more. It was protected.",)


def test_azure_is_asked_of_absent_vms_only_where_all_of_a_subscription_was_listed() -> None:
    vm = seen()
    absent = FleetNow({}, [], {}, {"s"}, True)
    assert not list(missing_vms({vm.key: vm}, absent._replace(is_whole=False)))
    elsewhere = seen(vm_id="/subscriptions/other/resourceGroups/g/providers/m/vms/web-01")
    assert not list(missing_vms({elsewhere.key: elsewhere}, absent))


def test_vms_that_cannot_be_read_are_told_once_by_their_resource_groups() -> None:
    before = {vm.key: vm for vm in (seen("web-01"), seen("web-02"), seen("web-03"))}
    refused = dict.fromkeys(list(before)[:2], "403 AuthorizationFailed")
    now = FleetNow({}, [], {}, {"s"}, True, unreadable_vms=refused)
    [told] = lost_scopes(before, now)
    assert (told.group, told.vms, told.is_gone) == ("g", 2, False)
    assert told.said == (
        "2 VMs in it cannot be read any more: 403 AuthorizationFailed. What became of them is not"
        " known."
    )
    again = {key: vm._replace(is_lost=True) for key, vm in before.items()}
    assert lost_scopes(again, now) == ()
    assert vm_changes(before, now, NO_MOVE, BASIS, BASIS) == ()


def test_a_vm_that_moved_out_of_an_unreadable_resource_group_is_neither_lost_nor_new() -> None:
    before = seen(unique_id="u", state="unprotected")
    after = before._replace(vm_id=before.vm_id.replace("/g/", "/h/"))
    now = FleetNow({after.key: after}, [after.key], {}, {"s"}, True)
    assert not list(missing_vms({before.key: before}, now)), "nobody needs to be asked"
    assert vm_changes({before.key: before}, now, NO_MOVE, BASIS, BASIS) == ()


@pytest.mark.parametrize(("made_since", "first"), [(True, "It is new"), (False, "first time")])
def test_a_vm_is_new_only_where_it_was_made_since_the_reading_before(
    made_since: bool, first: str
) -> None:
    vm = seen(state="unprotected")
    now = FleetNow({vm.key: vm}, [vm.key], {}, {"s"}, True, made_since=[vm.key] * made_since)
    [told] = vm_changes({}, now, NO_MOVE, BASIS, BASIS)
    assert told.kinds == (ChangeKind.APPEARED,)
    assert first in told.said[0]


def test_a_vm_that_was_moved_to_another_group_is_neither_new_nor_gone() -> None:
    before = seen(unique_id="u-1", state="unprotected")
    now = seen("web-01", "unprotected", unique_id="u-1", vm_id=before.vm_id.replace("/g/", "/h/"))
    assert changes(before, now) == ()


def test_small_steps_of_an_rpo_add_up_and_small_swings_are_silent() -> None:
    first = seen(lost_hours={"deletion": Decimal("0.08")})
    swing = first._replace(lost_hours={"deletion": Decimal("0.60")})
    assert changes(first, swing) == ()
    kept = remembered(first, swing, was_read=True)
    later = first._replace(lost_hours={"deletion": Decimal("1.10")})
    [change] = changes(kept, later)
    assert change.kinds == (ChangeKind.RPO_GREW,)
    assert "1.1 h of data may be lost (deletion), 0.08 h before" in change.said[0]
    assert changes(remembered(kept, later, was_read=True), later) == ()


def test_an_event_that_is_covered_no_more_is_told() -> None:
    [change] = changes(seen(), seen(lost_hours={}))
    assert change.said == ("deletion is not covered any more.",)


def test_the_same_advice_in_the_words_of_another_version_is_no_other_advice() -> None:
    again = seen(todo="Keep what protects it")
    assert changes(seen(), again, today=Basis("2", "a")) == ()
    [change] = changes(seen(), again)
    assert change.kinds == (ChangeKind.DECISION_FLIPPED,)
    [other] = changes(seen(), seen(courses=("add",)), today=Basis("2", "a"))
    assert "vmbackup changed, not the VM" in other.said[0]


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"tier": "development"}, "its tier is development, it was production"),
        ({"shape": "2 disks, 320 GB"}, "it has 2 disks, 320 GB, it had 1 disk, 64 GB"),
        ({"protections": ()}, "what protects it changed"),
        ({}, "nothing of it that is remembered changed"),
    ],
)
def test_another_advice_says_why(now: dict[str, Any], why: str) -> None:
    [change] = changes(seen(), seen(courses=("replace",), todo="Replace it", **now))
    assert change.said == (f"Advised now: Replace it; before: Keep Azure Backup. Why: {why}.",)


def test_a_vm_with_nothing_to_protect_is_not_told_as_unprotected() -> None:
    assert changes(None, seen(state="unprotected", courses=("nothing-to-protect",))) == ()
    [change] = changes(None, seen(state="unprotected", courses=("protect",)))
    assert change.kinds == (ChangeKind.APPEARED,)


# --- prices -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "origin", "is_moved"),
    [
        ("0.05", "listed", False),
        ("0.0497", "listed", False),
        ("0.0494", "listed", True),
        ("0.06", "agreed", True),
        ("0.06", "carried", False),
    ],
)
def test_a_price_moved_where_it_was_read_twice_and_differs_by_one_in_a_hundred(
    was: str, origin: str, is_moved: bool
) -> None:
    pricer = Pricer(shipped_book(), "USD", MONDAY.date())
    assert bool(list(price_moves([a_price(was, origin)], pricer))) is is_moved


def test_a_price_that_was_not_told_of_stays_what_it_is_compared_with() -> None:
    before, now = (a_price("0.05"),), (a_price("0.0503"),)
    assert kept_prices(before, now, ()) == before
    pricer = Pricer(shipped_book(), "USD", MONDAY.date())
    [move] = price_moves((a_price("0.06"),), pricer)
    assert kept_prices((a_price("0.06"),), now, [move]) == now
    assert kept_prices((a_price("0.06", "carried"),), now, ()) == now


BILLED = fleet(1_100)
WORK = Work("USD", Tiers(), shipped_book(), NOW)


def test_by_the_books_own_prices_a_fleet_is_billed_as_before_on_any_number_of_cores() -> None:
    rows = fleet_rows(BILLED, "USD", Tiers(), Pricer(shipped_book(), "USD", NOW.date()), NOW)
    plain = [(known.vm.key, cost_of(row)) for known, row in zip(BILLED, rows, strict=True)]
    assert list(billed_again(BILLED, WORK, {}, cores=1)) == plain
    assert list(billed_again(BILLED, WORK, {}, cores=2)) == plain


def test_what_a_move_does_is_the_difference_of_both_bills() -> None:
    vms = BILLED[:60]
    now = dict(billed_again(vms, WORK, {}))
    pricer = Pricer(shipped_book(), "USD", NOW.date())
    moves = list(price_moves([a_price("0.06"), a_fee("4")], pricer))
    assert len(moves) == 2

    def billed_by(some: Any, held: Any) -> dict[str, VmCost]:
        return dict(billed_again(some, WORK, held))

    both = bill_moved(moves, vms, now, billed_by)
    assert both.today_now == sum((each.today for each in now.values() if each.today), Decimal(0))
    alone = [bill_moved([move], vms, now, billed_by) for move in moves]
    for each in alone:
        assert sum((one.today for one in each.effects), Decimal(0)) == (
            each.today_now - each.today_before
        )
    told = {one.move.now.meter: one for one in both.effects}
    assert told == {one.move.now.meter: one for each in alone for one in each.effects}
    assert bill_moved([], vms, now, billed_by) == NO_MOVE


def a_fee(amount: str) -> SeenPrice:
    """Of a protected instance, in a region that the fleet is in."""
    tiers = ((Decimal(0), Decimal(amount)),)
    return SeenPrice(instance_fee("westeurope"), "USD", "1/Month", tiers, "listed", "2026-01-01")
