"""What was measured before: until when it counts, what goes before it, and how it is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.billed_sizes import disks_mark
from advisor.earlier import Earlier, with_earlier
from advisor.earlier_files import MEASURED, EarlierOfFiles
from advisor.errors import InputUnreadable
from advisor.kept_measures import (
    DAYS_AT_MOST,
    KeptMeasures,
    MeasuresUnreadable,
    measures_from,
    measures_of,
    measures_to_dict,
    with_measures,
)
from advisor.model import (
    BilledSizes,
    DiskWrites,
    KnownVm,
    Measurements,
    Range,
    Reading,
    RestoredFrom,
    RestoreMeasured,
    SizeMeasured,
    Sizing,
    Source,
)
from advisor.present.measured_words import can_be_measured, measured_words
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes
from tests.strategies import a_disk, a_vm, advise, known, stated

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
THEN = NOW - timedelta(days=12)
USED = SizeMeasured(Range.exactly(Decimal(60)), Source.GUEST, "the guest's metrics", THEN)
CHANGED = SizeMeasured(Range.exactly(Decimal(2)), Source.BACKUP_DATA, "vault v1", THEN)
WRITES = DiskWrites(
    days=7,
    written_gib_per_day=Decimal(5),
    peak_mb_per_s=Decimal(12),
    peak_mb_per_s_by_disk={"/disks/os": Decimal(12)},
    until=THEN,
)
RESTORE = RestoreMeasured(
    "crm-01", True, RestoredFrom.VAULT, "a restore", "vault v1", timedelta(hours=1), THEN
)


def vm() -> KnownVm:
    return known(a_vm(a_disk(size_gib=100), a_disk("data", size_gib=300)))


def kept(of: KnownVm) -> KeptMeasures:
    return KeptMeasures(disks_mark(of.vm.disks), USED, CHANGED, WRITES, (RESTORE,))


def sized(of: KnownVm, said: StatedSizes | None = None) -> Sizing:
    return size(of, said or StatedSizes())


def test_the_next_advice_counts_with_what_was_measured_and_says_how_old_it_is() -> None:
    of = vm()
    found = with_measures(of, kept(of), NOW)
    assert (sized(found).used_gib.source, sized(found).used_gib.range.likely) == (Source.GUEST, 60)
    assert sized(found).used_gib.basis.endswith("measured 12 days ago by the guest's metrics")
    assert sized(found).changed_gib_per_day.source is Source.BACKUP_DATA
    assert sized(found).written_gib_per_day.basis.endswith("over 7 days until 2026-11-18")
    assert measured_words(advise(found)) == (
        "Measured: used size (12 days ago), changed data (12 days ago), writes (7 days, until"
        " 12 days ago) and restores (this VM, 12 days ago)."
    )


@pytest.mark.parametrize("days", [0, 6, 7, 30])
def test_whoever_measured_lately_is_not_told_to_measure_again(days: int) -> None:
    of = replace(vm(), coverage=replace(vm().coverage, metrics=Reading.READ))
    assert can_be_measured(advise(of))
    told = KeptMeasures(disks_mark(of.vm.disks), changed=CHANGED, on=NOW - timedelta(days=days))
    assert can_be_measured(advise(with_measures(of, told, NOW))) is (days >= 7)


def test_stated_goes_before_measured_and_measured_before_billed() -> None:
    of = vm()
    near = Range.exactly(Decimal(200))
    share = Range.exactly(Decimal("0.1"))
    billed = BilledSizes(near, share, "2026-10", ("vault storage",), disks=disks_mark(of.vm.disks))
    alone = with_earlier(of, Earlier(billed), NOW)
    assert sized(alone).used_gib.source is sized(alone).changed_gib_per_day.source is Source.BILLED
    both = with_earlier(of, Earlier(billed, kept(of)), NOW)
    assert sized(both).used_gib.source is Source.GUEST
    measured = with_earlier(of, Earlier(None, kept(of)), NOW)
    assert sized(both).used_gib.range == sized(measured).used_gib.range
    assert sized(both).changed_gib_per_day.source is Source.BACKUP_DATA
    by_flag = sized(both, stated(used="40", churn="0.1"))
    assert by_flag.used_gib.source is by_flag.changed_gib_per_day.source is Source.STATED
    tagged = replace(both, vm=replace(both.vm, tags={"vmbackup-used": "120GB"}))
    assert advise(tagged).sizing.used_gib.range.likely == 120


def test_what_is_measured_now_goes_before_what_was_measured_then() -> None:
    of = vm()
    now = USED._replace(gib=Range.exactly(Decimal(70)), on=NOW)
    wrote = replace(WRITES, written_gib_per_day=Decimal(9), until=None)
    fresh = replace(of, measured=Measurements(used=now, read_at=NOW), writes=wrote)
    found = with_measures(fresh, kept(of), NOW)
    assert (found.measured.used, found.writes) == (now, wrote)
    assert found.measured.changed == CHANGED


@pytest.mark.parametrize("days", [DAYS_AT_MOST, DAYS_AT_MOST + 1])
def test_what_is_too_old_counts_no_more(days: int) -> None:
    of = vm()
    found = with_measures(of, kept(of), THEN + timedelta(days=days))
    if days > DAYS_AT_MOST:
        assert found is of
    else:
        assert found.measured.used == USED
        assert found.measured.restores == (RESTORE,)
        assert found.writes == WRITES


def test_what_was_measured_of_other_disks_counts_no_more() -> None:
    of = vm()
    resized = replace(of, vm=replace(of.vm, disks=(*of.vm.disks, a_disk("new", size_gib=50))))
    assert with_measures(resized, kept(of), NOW) is resized
    assert kept(resized).over(kept(of)) == kept(resized)


def test_what_a_later_reading_does_not_find_stays_with_its_date() -> None:
    of = vm()
    later = CHANGED._replace(on=NOW)
    new = KeptMeasures(disks_mark(of.vm.disks), changed=later, restores=(RESTORE,))
    assert new.over(kept(of)) == kept(of)._replace(changed=later)
    assert new.over(None) == new


def test_a_restore_that_counts_no_more_is_not_kept_with_those_that_do() -> None:
    of = vm()
    old = RESTORE._replace(ended=NOW - timedelta(days=DAYS_AT_MOST + 1))
    before = kept(of)._replace(restores=(RESTORE, old))
    assert KeptMeasures(disks_mark(of.vm.disks), on=NOW).over(before).restores == (RESTORE,)


def test_writes_are_kept_with_the_day_on_which_they_were_read() -> None:
    of = replace(vm(), writes=replace(WRITES, until=None), measured=Measurements(read_at=NOW))
    assert measures_of(of).writes == replace(WRITES, until=NOW)


# --- kept ------------------------------------------------------------------------------------

gib = st.decimals(0, 9999, places=3)
ranges = st.tuples(gib, gib, gib).map(lambda three: Range(*sorted(three)))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - UTC below
    lambda at: at.replace(tzinfo=UTC)
)
sizes = st.builds(SizeMeasured, ranges, st.sampled_from(Source), st.text(max_size=9), moments)
writes = st.builds(
    DiskWrites,
    days=st.integers(1, 31),
    written_gib_per_day=gib,
    peak_mb_per_s=gib,
    peak_mb_per_s_by_disk=st.dictionaries(st.text(max_size=5), gib, max_size=3),
    until=st.none() | moments,
)
restores = st.builds(
    RestoreMeasured,
    st.text(max_size=9),
    st.booleans(),
    st.sampled_from(RestoredFrom),
    st.text(max_size=9),
    st.text(max_size=9),
    st.timedeltas(timedelta(0), timedelta(days=9)),
    moments,
    st.booleans(),
    st.none() | ranges,
)
every = st.builds(
    KeptMeasures,
    st.text("0123456789abcdef", max_size=16),
    st.none() | sizes,
    st.none() | sizes,
    st.none() | writes,
    st.lists(restores, max_size=3).map(tuple),
    st.none() | moments,
)


@given(every)
def test_what_was_measured_is_read_as_it_was_written(one: KeptMeasures) -> None:
    assert measures_from(json.loads(json.dumps(measures_to_dict(one)))) == one


@pytest.mark.parametrize(
    "change",
    [
        {"used": {"gib": ["3", "2", "1"], "source": "guest", "said": "", "on": NOW.isoformat()}},
        {"used": {"gib": ["1", "1", "1"], "source": "rumour", "said": "", "on": NOW.isoformat()}},
        {"used": {"gib": ["1", "1", "1"], "source": "guest", "said": "", "on": "2026-11-30"}},
        {"writes": 5},
        {"restores": [{}]},
        {"restores": None},
    ],
)
def test_what_is_no_measurement_is_not_taken_for_one(change: dict[str, object]) -> None:
    with pytest.raises(MeasuresUnreadable):
        measures_from({**measures_to_dict(kept(vm())), **change})


def refused(error: InputUnreadable) -> None:
    """Of files that were just written."""
    raise error


async def test_the_file_keeps_what_was_measured_for_its_owner_alone(tmp_path: Path) -> None:
    of = vm()
    MEASURED.keep(tmp_path, {"a": kept(of)})
    MEASURED.keep(tmp_path, {"a": KeptMeasures(disks_mark(of.vm.disks))})
    assert (tmp_path / MEASURED.name).stat().st_mode & 0o077 == 0
    assert await EarlierOfFiles(tmp_path, refused).earlier("a") == Earlier(measured=kept(of))
