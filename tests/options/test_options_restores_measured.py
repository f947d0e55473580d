"""How long a restore takes where one was measured: whose, from which tier, per GB in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model import Measurements, Range, RestoredFrom, RestoreMeasured, Rto
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.case import case_of
from advisor.options.recovery import FROM_VAULT, SITE_RECOVERY_RTO, measured_or, restore_time
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS
from advisor.sizing import size
from tests.strategies import a_case, a_vm, known, stated

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def restore(place: RestoredFrom = RestoredFrom.VAULT, **more: Any) -> RestoreMeasured:
    given_by_default: dict[str, Any] = {
        "vm": "app-01", "is_own": True, "what": "a restore", "by": "vault v1",
        "took": 48 * MINUTE, "ended": NOW - timedelta(days=12),
    }  # fmt: skip
    return RestoreMeasured(place=place, **{**given_by_default, **more})


def rto_of(place: RestoredFrom, *restores: RestoreMeasured, used: str = "100") -> Rto:
    sizing = size(known(a_vm()), stated(used=used))
    sizing = replace(sizing, restores=restores, restores_read_at=NOW)
    return measured_or(sizing, place, SITE_RECOVERY_RTO)


def test_the_vm_s_own_restore_takes_as_long_as_it_took_and_says_when_it_was() -> None:
    rto = rto_of(RestoredFrom.VAULT, restore())
    assert (rto.low, rto.likely, rto.high, rto.source) == (
        48 * MINUTE, 48 * MINUTE, 48 * MINUTE, "measured",
    )  # fmt: skip
    assert rto.basis == "a restore of this VM (vault v1) took 48 min, 12 days ago"


def test_another_vm_s_restore_is_scaled_by_the_data_in_use_and_is_said_to_be_its() -> None:
    """app-01 holds 50 GB and took 48 min, so 100 GB take 96 min."""
    other = restore(is_own=False, used_gib=Range.exactly(Decimal(50)))
    rto = rto_of(RestoredFrom.VAULT, other)
    assert rto.likely == 96 * MINUTE
    assert "of app-01 (vault v1)" in rto.basis
    assert "scaled by the data in use" in rto.basis


def test_another_vm_whose_size_is_assumed_leaves_a_range() -> None:
    other = restore(is_own=False, used_gib=Range(Decimal(25), Decimal(50), Decimal(100)))
    rto = rto_of(RestoredFrom.VAULT, other)
    assert (rto.low, rto.likely, rto.high) == (48 * MINUTE, 96 * MINUTE, 192 * MINUTE)


def test_the_vm_s_own_restore_goes_before_that_of_another() -> None:
    other = restore(is_own=False, used_gib=Range.exactly(Decimal(1)), took=5 * HOUR)
    assert rto_of(RestoredFrom.VAULT, other, restore()).likely == 48 * MINUTE


def test_of_several_the_middle_one_is_likely_and_the_outer_ones_are_the_range() -> None:
    several = [restore(took=minutes * MINUTE) for minutes in (90, 40, 55)]
    rto = rto_of(RestoredFrom.VAULT, *several)
    assert (rto.low, rto.likely, rto.high) == (40 * MINUTE, 55 * MINUTE, 90 * MINUTE)
    assert "the newest of 3" in rto.basis


def test_a_restore_of_the_disks_alone_leaves_the_vm_to_be_made() -> None:
    rto = rto_of(RestoredFrom.INSTANT, restore(RestoredFrom.INSTANT, makes_vm=False))
    assert (rto.low, rto.likely, rto.high) == (53 * MINUTE, 58 * MINUTE, 78 * MINUTE)
    assert "5 to 30 min assumed to make a VM of the disks" in rto.basis


@pytest.mark.parametrize("place", list(RestoredFrom))
def test_what_was_measured_of_one_tier_says_nothing_of_another(place: RestoredFrom) -> None:
    others = [restore(each) for each in RestoredFrom if each is not place]
    assert rto_of(place, *others) == SITE_RECOVERY_RTO


def test_each_option_takes_the_time_of_its_own_tier_and_the_archive_none() -> None:
    restores = tuple(
        restore(place, took=minutes * MINUTE)
        for place, minutes in zip(RestoredFrom, (11, 22, 33, 44, 55), strict=True)
    )
    case = a_case(sizes=stated(used="100"))
    case = case_of(
        case.vm, replace(case.sizing, restores=restores, restores_read_at=NOW), case.need, case.to
    )
    said = (
        (AZURE_BACKUP, {"redundancy": "grs-crr", "archive": True, "keep": "daily=30,monthly=24"}),
        (SNAPSHOTS, {}),
        (SITE_RECOVERY, {"to": "norwayeast"}),
    )
    found = {}
    for option, flags in said:
        chosen = option.said_configuration(case, flags)
        [proposal] = option.propose(case, [chosen])
        found |= {tier.name: (tier.rto.likely, tier.rto.source) for tier in proposal.tiers}
    assumed = found.pop("archive")
    assert assumed[1] == "assumed"
    assert found == {
        "instant-restore": (11 * MINUTE, "measured"),
        "vault": (22 * MINUTE, "measured"),
        "vault-secondary-region": (33 * MINUTE, "measured"),
        "snapshots": (44 * MINUTE, "measured"),
        "replica": (55 * MINUTE, "measured"),
    }


@given(
    st.lists(st.tuples(st.integers(1, 6000), st.booleans(), st.integers(1, 5000)), min_size=1),
    st.integers(1, 128),
)
def test_a_measured_time_is_a_range_in_order_and_whole_minutes(
    rows: list[tuple[int, bool, int]], used: int
) -> None:
    restores = [
        restore(took=minutes * MINUTE, is_own=own, used_gib=Range.exactly(Decimal(gib)))
        for minutes, own, gib in rows
    ]
    rto = rto_of(RestoredFrom.VAULT, *restores, used=str(used))
    assert timedelta() < rto.low <= rto.likely <= rto.high
    assert not any(value % MINUTE for value in rto[:3])


def test_what_is_measured_of_nothing_leaves_the_assumption_as_it_was() -> None:
    vm = known(a_vm())
    bare = size(vm, stated(used="100"))
    read = size(replace(vm, measured=Measurements(read_at=NOW)), stated(used="100"))
    assumed = restore_time(bare.used_gib.range, FROM_VAULT)
    assert measured_or(read, RestoredFrom.VAULT, assumed) == assumed
