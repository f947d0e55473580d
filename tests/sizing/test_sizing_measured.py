"""Sizes that were measured: which source, how old, and how far each is trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from advisor.model import DiskWrites, Measurements, Range, SizeMeasured, Sizing, Source
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes
from tests.strategies import a_disk, a_vm, known, stated

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
GUEST = SizeMeasured(
    Range.exactly(Decimal(60)), Source.GUEST, "the guest's metrics", NOW - timedelta(days=3)
)
COPIED = SizeMeasured(
    Range(Decimal(2), Decimal(3), Decimal(9)), Source.BACKUP_DATA, "vault v1", NOW
)
GIB = st.integers(0, 4000).map(Decimal)


def sized(
    measured: Measurements = Measurements(),  # noqa: B008 - it is frozen
    said: StatedSizes | None = None,
    writes: DiskWrites | None = None,
) -> Sizing:
    vm = known(a_vm(a_disk(size_gib=100), a_disk("data", size_gib=300)), writes=writes)
    return size(replace(vm, measured=measured), said or StatedSizes())


def wrote(gib: str) -> DiskWrites:
    return DiskWrites(days=7, written_gib_per_day=Decimal(gib), peak_mb_per_s=Decimal(12))


def test_a_measured_used_size_is_shared_out_and_says_source_and_age() -> None:
    used = sized(Measurements(used=GUEST, read_at=NOW)).used_gib
    assert (used.range, used.source) == (Range.exactly(Decimal(60)), Source.GUEST)
    assert used.basis == "60 GB in use, measured 3 days ago by the guest's metrics"


def test_what_is_stated_goes_before_what_was_measured() -> None:
    found = sized(
        Measurements(used=GUEST, changed=COPIED, read_at=NOW), stated(used="40", churn="0.1")
    )
    assert (found.used_gib.source, found.changed_gib_per_day.source) == (Source.STATED,) * 2
    assert found.changed_gib_per_day.range.likely == 4


def test_more_than_the_disks_hold_is_cut_to_what_they_hold_and_said() -> None:
    much = GUEST._replace(gib=Range.exactly(Decimal(900)))
    used = sized(Measurements(used=much, read_at=NOW)).used_gib
    assert used.range == Range.exactly(Decimal(400))
    assert used.basis.endswith("at most what the disks hold")


def test_measured_changes_are_an_amount_that_never_passes_what_is_written() -> None:
    found = sized(Measurements(changed=COPIED, read_at=NOW), writes=wrote("5")).changed_gib_per_day
    assert found.range == Range(Decimal(2), Decimal(3), Decimal(5))
    assert (found.source, found.amount) == (Source.BACKUP_DATA, True)
    assert found.basis == (
        "3 GB (2 to 9) a day, measured today by vault v1, at most what is used and written"
    )


def test_writes_bound_what_changes_from_above_and_never_measure_it() -> None:
    """[assumed low, written], the likely one within: of 100 GB 1 to 50, likely 2."""
    found = sized(said=stated(used="100"), writes=wrote("50")).changed_gib_per_day
    assert found.range == Range(Decimal(1), Decimal(2), Decimal(50))
    assert found.source is Source.ASSUMED
    assert found.basis.endswith("to the 50 GB that are written")


@given(GIB, GIB)
def test_what_changes_is_never_more_than_is_written_nor_than_is_used(
    used: Decimal, written: Decimal
) -> None:
    held = min(used, Decimal(400))
    writes = DiskWrites(days=7, written_gib_per_day=written, peak_mb_per_s=Decimal(1))
    found = sized(said=stated(used=str(held)), writes=writes).changed_gib_per_day.range
    assert 0 <= found.low <= found.likely <= found.high == min(written, held)
    assert found.low <= held / 100
