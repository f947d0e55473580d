"""The laws of the hash that an approval is bound to, and the sentences of what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model import Consistency
from bot.requests.action import Action
from bot.requests.model import (
    Cost,
    DiskSettings,
    Kind,
    Money,
    PlannedDisk,
    RequestPlan,
    TagSeen,
)
from bot.requests.plan_changes import what_changed
from bot.requests.plan_hash import bound_disk, plan_hash
from tests.requests.planning_samples import data_disk, os_disk, plan_of, the_vm

TEN = Decimal(10)
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
PLAN = replace(plan_of(), rule="production", settings_digest="d1", expires_at=UNTIL)

#: Another value for every field that is bound; the others are in `BESIDE`.
OTHER: dict[str, Any] = {
    "action": Action.COPY,
    "kind": Kind.RESTORE_POINT,
    "vm_id": PLAN.vm_id + "2",
    "vm_uuid": "another",
    "subscription_id": "another",
    "resource_group": "another",
    "region": "northeurope",
    "target_region": "northeurope",
    "consistency": Consistency.CRASH,
    "incremental": False,
    "keep": timedelta(days=4),
    "expires_at": UNTIL + timedelta(seconds=1),
    "of_request": "r-000000000000",
    "swap_os_disk": True,
    "os_disk_id": "/another",
    "left_out": ("/disk",),
    "rule": "another",
    "settings_digest": "d2",
    "disks": PLAN.disks[:1],
    "attaches": True,
}
BESIDE: dict[str, Any] = {
    "vm_name": "another",
    "why_consistency": "another",
    "vm_tags": {"a": "b"},
    "vm_tags_gone": (TagSeen(name="a", value="c", seen_at=UNTIL),),
    "notes": ("another",),
    "taken_at": UNTIL,
    "of_requesters": ("U9",),
    "vm_runs": False,  # counts with swap_os_disk only
}
OTHER_DISK: dict[str, Any] = {
    "id": "/another",
    "unique_id": "another",
    "size_gib": 129,
    "sku": "Standard_LRS",
    "is_os": False,
    "encryption_type": "another",
    "encryption_set_id": "/des",
    "zones": ("2",),
    "source_id": "/another",
    "target_id": "/another",
}
BESIDE_DISK: dict[str, Any] = {
    "name": "another",
    "lun": 9,
    "in_background": True,
    "settings": DiskSettings(iops=20000),  # counts where a disk is made with them
}


def with_disk(plan: RequestPlan, **changes: Any) -> RequestPlan:
    first, *rest = plan.disks
    return replace(plan, disks=(replace(first, **changes), *rest))


def test_every_field_of_a_plan_is_bound_or_known_to_stand_beside() -> None:
    assert {one.name for one in fields(RequestPlan)} == {*OTHER, *BESIDE, "revision", "cost"}
    assert {one.name for one in fields(PlannedDisk)} == {*OTHER_DISK, *BESIDE_DISK}


@pytest.mark.parametrize("name", OTHER)
def test_another_value_of_a_bound_field_is_another_hash_and_is_said(name: str) -> None:
    new = replace(PLAN, **{name: OTHER[name]})
    assert plan_hash(new) != plan_hash(PLAN)
    assert what_changed(PLAN, new, TEN)
    assert what_changed(new, PLAN, TEN)


@pytest.mark.parametrize("name", OTHER_DISK)
def test_another_value_of_a_bound_field_of_a_disk_is_another_hash_and_is_said(name: str) -> None:
    new = with_disk(PLAN, **{name: OTHER_DISK[name]})
    assert plan_hash(new) != plan_hash(PLAN)
    assert what_changed(PLAN, new, TEN)
    assert what_changed(new, PLAN, TEN)


def test_the_revision_is_in_the_hash_and_no_change() -> None:
    new = replace(PLAN, revision=2)
    assert plan_hash(new) != plan_hash(PLAN)
    assert what_changed(PLAN, new, TEN) == ()


@pytest.mark.parametrize("name", BESIDE)
def test_what_stands_beside_is_not_in_the_hash(name: str) -> None:
    new = replace(PLAN, **{name: BESIDE[name]})
    assert plan_hash(new) == plan_hash(PLAN)
    assert what_changed(PLAN, new, TEN) == ()


@pytest.mark.parametrize("name", BESIDE_DISK)
def test_what_stands_beside_a_disk_is_not_in_the_hash(name: str) -> None:
    new = with_disk(PLAN, **{name: BESIDE_DISK[name]})
    assert plan_hash(new) == plan_hash(PLAN)
    assert what_changed(PLAN, new, TEN) == ()


@pytest.mark.parametrize(
    "settings",
    [
        DiskSettings(iops=20000),
        DiskSettings(performance_tier="P40"),
        DiskSettings(max_shares=2),
        DiskSettings(disk_access_id="/access"),
    ],
)
def test_the_settings_of_a_disk_that_is_made_are_bound(settings: DiskSettings) -> None:
    restored = replace(PLAN, attaches=True)
    new = with_disk(restored, settings=settings)
    assert plan_hash(new) != plan_hash(restored)
    assert what_changed(restored, new, TEN)
    assert what_changed(new, restored, TEN)


def test_a_disk_without_settings_is_bound_as_it_was_before_there_were_any() -> None:
    for attaches in (False, True):
        assert "settings" not in bound_disk(PLAN.disks[0], attaches=attaches)


def test_the_spelling_of_ids_and_the_order_of_disks_do_not_count() -> None:
    """Azure spells and lists them as it likes."""
    shouted = tuple(
        replace(disk, id=disk.id.upper(), source_id=disk.source_id.upper()) for disk in PLAN.disks
    )
    new = replace(PLAN, vm_id=PLAN.vm_id.upper(), disks=shouted[::-1])
    assert plan_hash(new) == plan_hash(PLAN)
    assert what_changed(PLAN, new, TEN) == ()


def test_the_same_moment_in_another_zone_is_the_same() -> None:
    there = UNTIL.astimezone(timezone(timedelta(hours=5)))
    assert plan_hash(replace(PLAN, expires_at=there)) == plan_hash(PLAN)


def test_whether_the_vm_starts_again_counts_where_its_os_disk_is_swapped() -> None:
    swap = replace(PLAN, action=Action.RESTORE, swap_os_disk=True)
    new = replace(swap, vm_runs=False)
    assert plan_hash(new) != plan_hash(swap)
    assert what_changed(swap, new, TEN) == ("The VM is not running now.",)


def test_whether_a_disk_is_attached_counts_and_where_does_not() -> None:
    beside = replace(with_disk(PLAN, lun=1), attaches=True)
    assert plan_hash(with_disk(beside, lun=2)) == plan_hash(beside)
    loose = with_disk(beside, lun=None)
    assert plan_hash(loose) != plan_hash(beside)
    assert "attached" in what_changed(beside, loose, TEN)[0]


# --- laws ------------------------------------------------------------------------------------

amounts = st.decimals(0, 10**6, places=4)
moneys = st.one_of(st.none(), st.builds(Money, amounts, amounts, amounts))
costs = st.builds(
    Cost,
    currency=st.sampled_from(["USD", "EUR"]),
    a_month=moneys,
    until_expiry=moneys,
    limit_a_month=st.one_of(st.none(), amounts),
    limit_until_expiry=st.one_of(st.none(), amounts),
    missing=st.tuples(st.text()),
    prices_as_of=st.text(),
    basis=st.text(),
)


@given(costs)
def test_the_cost_is_never_in_the_hash(cost: Cost) -> None:
    assert plan_hash(replace(PLAN, cost=cost)) == plan_hash(PLAN)


texts = st.text(max_size=20)
ids = texts.map(str.lower)
disks = st.builds(
    PlannedDisk,
    id=ids,
    name=texts,
    unique_id=ids,
    size_gib=st.integers(1, 65536),
    sku=ids,
    is_os=st.booleans(),
    source_id=ids,
    target_id=ids,
    zones=st.sampled_from([(), ("1",), ("2",)]),
)
plans = st.builds(
    lambda these, **changes: replace(PLAN, disks=tuple(these), **changes),
    st.lists(disks, max_size=3),
    action=st.sampled_from(Action),
    vm_uuid=ids,
    keep=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=40))),
    rule=texts,
    settings_digest=texts,
)


@given(plans, plans)
def test_two_plans_have_one_hash_exactly_where_nothing_changed(
    one: RequestPlan, other: RequestPlan
) -> None:
    """Sentences and hash are made of the same: neither sees a change that the other misses."""
    assert (plan_hash(one) == plan_hash(other)) == (what_changed(one, other, TEN) == ())


@given(plans, st.integers(0, 2), st.data())
def test_a_change_of_any_bound_field_of_any_disk_changes_the_hash(
    plan: RequestPlan, at: int, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(OTHER_DISK)))
    if at >= len(plan.disks) or getattr(plan.disks[at], name) == OTHER_DISK[name]:
        return
    changed = list(plan.disks)
    changed[at] = replace(changed[at], **{name: OTHER_DISK[name]})
    assert plan_hash(replace(plan, disks=tuple(changed))) != plan_hash(plan)


@given(plans)
def test_a_hash_is_sixty_four_hexadecimal_digits(plan: RequestPlan) -> None:
    assert len(plan_hash(plan)) == 64
    assert int(plan_hash(plan), 16) >= 0


def test_the_hash_stays_what_it_is() -> None:
    """Approvals in the database were bound by it: a change of its making voids them all."""
    assert plan_hash(PLAN) == "76256e66792a6d26671d2a5758a45b93b569875b873fb45d4c38d531b88481f1"


# --- what is said ----------------------------------------------------------------------------


def changed(make: Callable[[], RequestPlan]) -> tuple[str, ...]:
    return what_changed(plan_of(), make(), TEN)


def test_a_disk_that_was_added_or_taken_away_is_named() -> None:
    assert "The disk data-disk was added." in what_changed(
        plan_of(the_vm(os_disk())), plan_of(), TEN
    )
    assert "The disk data-disk is no longer there." in changed(lambda: plan_of(the_vm(os_disk())))


def test_a_disk_that_was_resized_is_named_with_both_sizes() -> None:
    texts = changed(lambda: plan_of(the_vm(os_disk(), data_disk(size_gib=1024))))
    assert texts[0] == "The disk data-disk has 1,024 GB now, not 256 GB."
    assert texts[1].startswith("The price's high end is ")


def test_another_sku_vm_or_rule_is_named() -> None:
    assert changed(lambda: plan_of(the_vm(os_disk(), data_disk(sku="Premium_LRS")))) == (
        "The disk data-disk is Premium_LRS now, not StandardSSD_LRS.",
    )
    assert changed(lambda: plan_of(the_vm(vm_id="x"))) == (
        "“web-01” is another VM of the same name now.",
    )
    assert changed(lambda: replace(plan_of(), rule="strict")) == (
        "The rule “strict” holds now, not “”.",
    )


def test_a_name_that_looks_like_a_format_is_only_a_name() -> None:
    odd = replace(PLAN, disks=tuple(replace(one, name="{old}{0}") for one in PLAN.disks))
    new = with_disk(odd, size_gib=1)
    assert what_changed(odd, new, TEN) == ("The disk {old}{0} has 1 GB now, not 128 GB.",)


def priced(high: str | None, limit: str | None = "1", currency: str = "USD") -> RequestPlan:
    amount = None if high is None else Money(Decimal(0), Decimal(0), Decimal(high))
    counted = None if limit is None else Decimal(limit)
    cost = Cost(
        currency=currency,
        a_month=amount,
        until_expiry=amount,
        limit_a_month=counted,
        limit_until_expiry=counted,
    )
    return replace(PLAN, cost=cost)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (priced("10"), priced("11"), ()),
        (priced("10"), priced("2"), ()),
        (priced("10"), priced("11.01"), ("The price's high end is 11.01 USD now, not 10.00 USD.",)),
        (
            priced("1", "10"),
            priced("1", "11.01"),
            ("The price's high end is 11.01 USD now, not 10.00 USD.",),
        ),
        (priced("0"), priced("0.01"), ("The price's high end is 0.01 USD now, not 0.00 USD.",)),
        (priced("1"), priced(None, None), ("The price is no longer known.",)),
        (priced(None, None), priced("1"), ("The price is known only now.",)),
        (priced(None, None), priced(None, None), ()),
        (priced("1"), priced("1", currency="EUR"), ("The price is in EUR now, not in USD.",)),
    ],
)
def test_the_price_counts_where_its_high_end_is_up_by_more_than_ten_percent(
    old: RequestPlan, new: RequestPlan, says: tuple[str, ...]
) -> None:
    assert what_changed(old, new, TEN) == says
