"""What a bill tells of a VM's data: by quantities alone, and only as far as it tells it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.bill.divide import BilledLine, How
from advisor.bill.expected import Unlearnable, expected_of
from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.bill.learn import learned_of
from advisor.bill.months import Month
from advisor.billed_sizes import disks_mark, still_true
from advisor.earlier import Earlier
from advisor.earlier_files import LEARNED, EarlierOfFiles
from advisor.errors import InputUnreadable
from advisor.learned import LearnedUnreadable, learned_from, learned_to_dict, with_bill
from advisor.model import (
    BackupPolicy,
    BilledSizes,
    KnownVm,
    Protection,
    ProtectionKind,
    ProtectionState,
    Range,
    Retention,
    Source,
    Vault,
)
from advisor.present.short_form import short_form
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes
from tests.strategies import a_disk, a_vm, advise, known, stated

OCTOBER, NOW = Month(2026, 10), datetime(2026, 11, 10, tzinfo=UTC)
VAULT = "/subscriptions/s/resourcegroups/g/providers/microsoft.recoveryservices/vaults/v"
STORED = (BillPart.BACKUP, MeterPurpose.STORED)
SNAPSHOTS = (BillPart.BACKUP, MeterPurpose.SNAPSHOTS)
LARGE = a_vm(a_disk(), a_disk("data", size_gib=2048))


def protected(enhanced: bool = True, days: int = 400, **changes: object) -> KnownVm:
    """A VM that Azure Backup has protected for so many days, thirty daily points kept."""
    policy = BackupPolicy(
        name="daily",
        enhanced=enhanced,
        every=timedelta(days=1),
        instant_restore_days=5,
        retention=Retention(daily=30),
    )
    facts: dict[str, object] = {
        "kind": ProtectionKind.BACKUP,
        "state": ProtectionState.ACTIVE,
        "id": f"{VAULT}/item",
        "last_point": NOW,
        "vault": Vault(id=VAULT, name="v", region="westeurope", redundancy="lrs"),
        "policy": policy,
        "every": timedelta(days=1),
        "since": NOW - timedelta(days=days),
    }
    return known(LARGE, protections=(Protection(**{**facts, **changes}),))  # type: ignore[arg-type]


def billed(
    of: KnownVm, used: str, share: str, how: How = How.ITEM, price: str = "0.02"
) -> list[BilledLine]:
    """What the product itself expects to be billed for these sizes."""
    quantities = dict(expected_of(of, OCTOBER, NOW)(Decimal(used), Decimal(share)))
    gib = Decimal(used)
    units = Decimal("0.5") if gib <= 50 else Decimal(ceil(gib / 500))
    quantities[BillPart.BACKUP, MeterPurpose.INSTANCES] = units
    return [
        BilledLine(
            of.vm.key,
            *what,
            what[1].value,
            VAULT if what[1] is not MeterPurpose.SNAPSHOTS else "points",
            how if what[1] is not MeterPurpose.SNAPSHOTS else How.OWN,
            quantity,
            (quantity * Decimal(price)).quantize(Decimal("0.01")),
            "USD",
        )
        for what, quantity in quantities.items()
    ]


def learned(
    of: KnownVm, lines: Sequence[BilledLine], said: StatedSizes | None = None
) -> BilledSizes:
    return learned_of(of, lines, OCTOBER, said or StatedSizes(), NOW)


sizes = st.decimals(30, 1900, places=1)
shares = st.decimals(Decimal("0.002"), Decimal("0.15"), places=4)


@given(sizes, shares, st.sampled_from((45, 60, 400)))
def test_where_vault_and_snapshots_are_billed_both_sizes_are_found_again(
    used: Decimal, share: Decimal, days: int
) -> None:
    """Also of a protection that is younger than its retention."""
    vm = protected(days=days)
    found = learned(vm, billed(vm, str(used), str(share)))
    assert found.used_gib.likely == pytest.approx(used, rel=Decimal("0.01"))
    assert found.churn_share_per_day is not None
    assert found.churn_share_per_day.likely == pytest.approx(share, rel=Decimal("0.03"))
    assert found.told_by == ("vault storage", "snapshots")


@given(sizes, shares, st.decimals(Decimal("0.001"), Decimal(2), places=3))
def test_a_discount_is_never_learned_as_less_data(
    used: Decimal, share: Decimal, price: Decimal
) -> None:
    vm = protected()
    listed, agreed = (billed(vm, str(used), str(share), price=str(p)) for p in ("0.02", price))
    assert learned(vm, listed) == learned(vm, agreed)


def test_what_was_learned_makes_the_next_estimate_what_was_billed() -> None:
    """Also where the vault alone was billed: the share is assumed, and the vault's bill is met."""
    vm = protected()
    lines = [one for one in billed(vm, "300", "0.05") if one.kind is MeterPurpose.STORED]
    found = learned(vm, lines)
    assert found.churn_share_per_day is None
    assert found.used_gib.low < 300 < found.used_gib.high
    next_sizing = size(replace(vm, billed=found), StatedSizes())
    share = next_sizing.changed_gib_per_day.range.likely / next_sizing.used_gib.range.likely
    again = expected_of(vm, OCTOBER, NOW)(next_sizing.used_gib.range.likely, share)
    assert again[STORED] == pytest.approx(lines[0].quantity, rel=Decimal("0.001"))


def test_the_instances_say_between_which_sizes_the_used_data_lies() -> None:
    """The vault holds what 70 GB would at the assumed share; half a unit says 50 at most."""
    vm = protected()
    stored = next(one for one in billed(vm, "70", "0.02") if one.kind is MeterPurpose.STORED)
    fee = stored._replace(kind=MeterPurpose.INSTANCES, quantity=Decimal("0.5"), meter="fee")
    found = learned(vm, [stored, fee])
    assert found.used_gib.likely == 50
    assert found.churn_share_per_day is not None
    assert found.churn_share_per_day.likely > Decimal("0.02")


def test_a_part_of_a_month_of_instances_says_nothing_of_the_size() -> None:
    vm = protected()
    stored = next(one for one in billed(vm, "70", "0.02") if one.kind is MeterPurpose.STORED)
    fee = stored._replace(kind=MeterPurpose.INSTANCES, quantity=Decimal("0.4"), meter="fee")
    assert learned(vm, [stored, fee]).used_gib.likely == pytest.approx(70, abs=Decimal("0.1"))


def test_of_a_vault_shared_out_the_total_is_learned_and_the_range_stays_wide() -> None:
    vm = protected()
    own = [one for one in billed(vm, "300", "0.02", How.SHARED) if one.kind is MeterPurpose.STORED]
    other = own[0]._replace(vm="/another")
    found = learned(vm, [*own, other])
    assumed = size(vm, StatedSizes()).used_gib.range
    assert found.vms == 2
    assert found.used_gib.likely == pytest.approx(300, rel=Decimal("0.01"))
    assert (found.used_gib.low, found.used_gib.high) == (assumed.low, assumed.high)


def test_a_vault_that_protects_one_vm_alone_is_that_vms() -> None:
    vm = protected()
    found = learned(vm, billed(vm, "300", "0.02", How.SHARED))
    assert found.vms == 1
    assert found.used_gib.high < 320


def test_the_vms_own_snapshots_count_more_than_its_share_of_a_vault() -> None:
    vm = protected()
    lines = billed(vm, "300", "0.02", How.SHARED)
    others = [one._replace(vm="/another") for one in lines if one.how is How.SHARED]
    found = learned(vm, [*lines, *others])
    assert found.told_by == ("snapshots",)
    assert found.vms == 1


@pytest.mark.parametrize(
    ("vm", "said", "why"),
    [
        (protected(since=None), None, "since when it is protected was not read"),
        (protected(days=30), None, "not protected for the whole month"),
        (protected(state=ProtectionState.STOPPED), None, "does not run"),
        (protected(left_out=frozenset({LARGE.disks[1].key})), None, "leave disks out"),
        (protected(), stated(used="10"), "its used data is stated"),
    ],
)
def test_what_a_bill_does_not_tell_is_not_learned_and_why_is_said(
    vm: KnownVm, said: StatedSizes | None, why: str
) -> None:
    lines = billed(protected(), "300", "0.02")
    with pytest.raises(Unlearnable, match=why):
        learned(vm, lines, said)


def test_a_vm_without_a_line_of_data_tells_nothing() -> None:
    vm = protected()
    fees = [one for one in billed(vm, "300", "0.02") if one.kind is MeterPurpose.INSTANCES]
    for lines in ([], fees):
        with pytest.raises(Unlearnable, match="nothing was billed"):
            learned(vm, lines)


def test_points_as_old_as_the_policy_keeps_them_are_a_steady_state() -> None:
    vm = protected(since=None, oldest_point=NOW - timedelta(days=30))
    assert learned(vm, billed(vm, "300", "0.02")).used_gib.likely == pytest.approx(300, rel=0.01)


def test_a_share_that_is_stated_stays_and_the_used_data_follows_from_it() -> None:
    vm = protected()
    found = learned(vm, billed(vm, "300", "0.05"), stated(churn="0.05"))
    assert found.churn_share_per_day is None
    assert found.used_gib.likely == pytest.approx(300, rel=Decimal("0.01"))


# --- in the next advice ----------------------------------------------------------------------


def of_bill(vm: KnownVm, month: str = "2026-10") -> BilledSizes:
    near = Range(Decimal(285), Decimal(300), Decimal(315))
    share = Range(Decimal("0.04"), Decimal("0.05"), Decimal("0.06"))
    return BilledSizes(near, share, month, ("vault storage",), disks=disks_mark(vm.vm.disks))


def test_the_next_advice_counts_with_it_and_says_so() -> None:
    vm = protected()
    given_advice = advise(replace(vm, billed=of_bill(vm)))
    assert given_advice.sizing.used_gib.range == Range(Decimal(285), Decimal(300), Decimal(315))
    assert given_advice.sizing.used_gib.source is Source.BILLED
    assert given_advice.sizing.changed_gib_per_day.range.likely == 15
    assert given_advice.sizing.changed_gib_per_day.source is Source.BILLED
    assert "In use are 300 GB, learned from the vault storage billed in 2026-10." in (
        short_form(given_advice).prices
    )
    assert "learned" not in short_form(advise(vm)).prices


def test_a_flag_or_a_tag_still_wins() -> None:
    vm = protected()
    knows = replace(vm, billed=of_bill(vm))
    by_flag = advise(knows, used_gib=Decimal(100), churn_share_per_day=Decimal("0.01"))
    assert (by_flag.sizing.used_gib.range.likely, by_flag.sizing.used_gib.source) == (
        100,
        Source.STATED,
    )
    assert by_flag.sizing.changed_gib_per_day.range.likely == 1
    tagged = replace(knows, vm=replace(knows.vm, tags={"vmbackup-used": "120GB"}))
    assert advise(tagged).sizing.used_gib.range.likely == 120


def test_what_was_learned_of_other_disks_or_long_ago_counts_no_more() -> None:
    vm = protected()
    one = of_bill(vm)
    assert with_bill(vm, one, NOW).billed == one
    assert with_bill(vm, None, NOW).billed is None
    resized = replace(vm, vm=replace(vm.vm, disks=(a_disk(), a_disk("data", size_gib=4096))))
    assert with_bill(resized, one, NOW).billed is None
    assert still_true(one, vm, date(2027, 4, 30))
    assert not still_true(one, vm, date(2027, 5, 1))
    assert not still_true(one, vm, date(2026, 9, 30))


# --- kept ------------------------------------------------------------------------------------

kept_ranges = st.tuples(sizes, sizes, sizes).map(lambda three: Range(*sorted(three)))
kept_sizes = st.builds(
    BilledSizes,
    kept_ranges,
    st.none() | kept_ranges,
    st.sampled_from(("2026-09", "2026-10")),
    st.sampled_from(((), ("vault storage",), ("vault storage", "snapshots"))),
    vms=st.integers(1, 9),
    disks=st.text("0123456789abcdef", max_size=16),
)


@given(kept_sizes)
def test_what_was_learned_is_read_as_it_was_written(one: BilledSizes) -> None:
    assert learned_from(json.loads(json.dumps(learned_to_dict(one)))) == one


@pytest.mark.parametrize(
    "change",
    [{"month": "october"}, {"used_gib": ["3", "2", "1"]}, {"used_gib": ["1", "2"]}, {"vms": "x"}],
)
def test_what_is_no_learned_size_is_not_taken_for_one(change: dict[str, object]) -> None:
    document = learned_to_dict(of_bill(protected()))
    with pytest.raises(LearnedUnreadable):
        learned_from({**document, **change})


def refused(error: InputUnreadable) -> None:
    """Of files that were just written."""
    raise error


async def test_the_file_keeps_the_newest_month_of_each_vm_for_its_owner_alone(
    tmp_path: Path,
) -> None:
    vm = protected()
    old, new = of_bill(vm, "2026-09"), of_bill(vm)
    assert LEARNED.kept(tmp_path) == {}
    LEARNED.keep(tmp_path, {"a": new, "b": old})
    LEARNED.keep(tmp_path, {"a": old})
    assert LEARNED.kept(tmp_path) == {"a": new, "b": old}
    assert (tmp_path / LEARNED.name).stat().st_mode & 0o077 == 0
    of_files = EarlierOfFiles(tmp_path, refused)
    assert await of_files.earlier("a") == Earlier(new)
    assert await of_files.earlier("c") == Earlier()


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / LEARNED.name).write_text('{"schema": 9}', encoding="utf-8")
    with pytest.raises(InputUnreadable, match="Delete it"):
        LEARNED.kept(tmp_path)
