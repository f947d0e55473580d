"""The four sizes of a VM: which source wins, and how far each reaches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from advisor.errors import UsageError
from advisor.model import DiskWrites, Range, Sizing, Source, Vm
from advisor.sizing import shares_per_day, size
from advisor.stated_sizes import StatedSizes, stated_sizes
from advisor.write_limits import most_written_gib_per_day
from tests.strategies import a_disk, a_vm, asked, known, stated

WRITES = DiskWrites(days=7, written_gib_per_day=Decimal(3), peak_mb_per_s=Decimal(12))


def sized(vm: Vm | None = None, stated: StatedSizes | None = None, **found: Any) -> Sizing:
    return size(known(vm or a_vm(), **found), stated or StatedSizes())


@pytest.mark.parametrize(
    ("os_type", "low", "likely", "high"),
    [("Windows", "19.2", "44.8", "115.2"), ("Linux", "6.4", "32", "115.2"),
     (None, "6.4", "32", "115.2")],
)  # fmt: skip
def test_what_an_os_disk_holds_is_assumed_by_its_system(
    os_type: str | None, low: str, likely: str, high: str
) -> None:
    used = sized(a_vm(os_type=os_type)).used_gib
    assert used.range == Range(Decimal(low), Decimal(likely), Decimal(high))
    assert used.source is Source.ASSUMED


def test_a_data_disk_may_hold_a_tenth_to_all_of_its_size() -> None:
    [_, data] = sized(a_vm(a_disk(), a_disk("data", size_gib=100))).disks
    assert data.used_gib == Range(Decimal(10), Decimal(50), Decimal(100))


def test_a_disk_of_unknown_size_is_named_and_its_range_is_wide() -> None:
    found = sized(a_vm(a_disk(), a_disk("data", size_gib=None)))
    assert found.not_known == ("the size of disk data",)
    assert found.disks[1].used_gib.high >= 1024


def test_a_stated_size_is_shared_out_by_provisioned_size_and_is_exact() -> None:
    found = sized(a_vm(a_disk(size_gib=100), a_disk("data", size_gib=300)), stated(used="40"))
    assert [disk.used_gib.likely for disk in found.disks] == [10, 30]
    assert found.used_gib.range == Range.exactly(Decimal(40))
    assert found.used_gib.source is Source.STATED


def test_more_in_use_than_the_disks_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="more than the disks hold"):
        sized(a_vm(a_disk(size_gib=100)), stated(used="101"))
    assert sized(a_vm(a_disk(size_gib=100)), stated(used="100")).used_gib.range.high == 100


def test_stated_churn_is_the_changed_data_and_the_low_bound_of_what_is_written() -> None:
    found = sized(stated=stated(used="100", churn="0.05"))
    assert found.changed_gib_per_day.range == Range.exactly(Decimal(5))
    assert found.changed_gib_per_day.source is Source.STATED
    assert found.written_gib_per_day.range == Range(Decimal(5), Decimal(15), Decimal(50))
    lower = sized(stated=stated(used="100", churn="0.05", written="1"))
    assert lower.written_gib_per_day.range == Range.exactly(Decimal(5))


def test_a_stated_amount_changes_a_day_whatever_is_used_and_never_more_than_that() -> None:
    found = sized(stated=stated(used="100", changed="10"))
    assert found.changed_gib_per_day.range == Range.exactly(Decimal(10))
    assert found.changed_gib_per_day.source is Source.STATED
    assert found.changed_gib_per_day.basis == "10 GB a day stated on the command line"
    assert found.written_gib_per_day.range == Range(Decimal(10), Decimal(30), Decimal(100))
    capped = sized(stated=stated(used="100", changed="800")).changed_gib_per_day
    assert capped.range == Range.exactly(Decimal(100))
    assert capped.basis.endswith("at most what is used")


def test_a_stated_amount_is_held_against_each_end_of_what_is_used() -> None:
    used = sized(a_vm(a_disk(size_gib=100))).used_gib.range
    found = sized(a_vm(a_disk(size_gib=100)), stated(changed="20")).changed_gib_per_day.range
    assert found == Range(*(min(Decimal(20), end) for end in used))


def test_the_tag_of_churn_takes_a_share_or_an_amount_and_a_flag_of_either_goes_before_it() -> None:
    said = stated_sizes(asked(), {"vmbackup-churn": "8GB"})
    assert (said.churn_share_per_day, said.changed_gib_per_day) == (None, 8)
    assert said.where == "the VM's tags"
    for flags in ({"churn_share_per_day": Decimal("0.02")}, {"changed_gib_per_day": Decimal(3)}):
        said = stated_sizes(asked(**flags), {"vmbackup-churn": "8GB"})
        assert said.changed_gib_per_day == flags.get("changed_gib_per_day")
        assert said.churn_share_per_day == flags.get("churn_share_per_day")


def test_a_flag_of_what_is_written_goes_before_the_tag() -> None:
    said = stated_sizes(asked(written_gib_per_day=Decimal(3)), {"vmbackup-written": "8GB"})
    assert said.written_gib_per_day == 3


def test_without_a_word_churn_is_one_to_seven_percent() -> None:
    found = sized(stated=stated(used="100")).changed_gib_per_day
    assert found.range == Range(Decimal(1), Decimal(2), Decimal(7))
    assert found.source is Source.ASSUMED
    assert "backup-instant-restore-capability, 2025-06-16" in found.basis


def test_no_more_changes_than_is_written() -> None:
    for found in (
        sized(stated=stated(used="100", written="3")),
        sized(stated=stated(used="100"), writes=WRITES),
    ):
        assert found.changed_gib_per_day.range == Range(Decimal(1), Decimal(2), Decimal(3))


def test_what_is_stated_wins_over_what_was_measured_and_that_over_what_is_assumed() -> None:
    measured = sized(writes=WRITES)
    assert measured.written_gib_per_day.source is Source.MEASURED
    assert measured.peak_write_mb_per_s is not None
    assert measured.peak_write_mb_per_s.range == Range.exactly(Decimal(12))
    both = sized(stated=stated(written="80", peak="30"), writes=WRITES)
    assert both.written_gib_per_day.source is Source.STATED
    assert both.written_gib_per_day.range.likely == 80
    assert both.peak_write_mb_per_s is not None
    assert both.peak_write_mb_per_s.range.likely == 30
    assert sized().peak_write_mb_per_s is None


def test_tags_state_sizes_in_any_case_and_say_so() -> None:
    tags = {"VMBACKUP-USED": "47GB", "vmbackup-Churn": "3%", "vmbackup-written": "0.5TB",
            "vmbackup-peak-write": "12MB/s"}  # fmt: skip
    said = stated_sizes(asked(), tags)
    assert (said.used_gib, said.churn_share_per_day) == (47, Decimal("0.03"))
    assert (said.written_gib_per_day, said.peak_write_mb_per_s) == (512, 12)
    assert said.where == "the VM's tags"


def test_a_tag_that_cannot_be_read_is_named() -> None:
    with pytest.raises(UsageError, match=r"vmbackup-churn.*“lots”"):
        stated_sizes(asked(), {"vmbackup-churn": "lots"})


def test_a_flag_wins_over_a_tag_that_cannot_be_read() -> None:
    said = stated_sizes(asked(churn_share_per_day=Decimal("0.02")), {"vmbackup-churn": "lots"})
    assert said.churn_share_per_day == Decimal("0.02")


def test_an_ephemeral_disk_holds_nothing_that_could_be_stored() -> None:
    found = sized(a_vm(a_disk(ephemeral=True), a_disk("data", size_gib=100)), stated(used="40"))
    assert [disk.used_gib.likely for disk in found.disks] == [0, 40]


def test_a_share_changed_a_day_is_never_above_all_of_it() -> None:
    found = sized(stated=stated(used="0", churn="1"))
    assert shares_per_day(found) == Range.exactly(Decimal(0))


# --- what the disks can write ----------------------------------------------------------------


def test_measured_writes_below_the_changed_data_are_raised_to_it() -> None:
    """Whatever was stated: a block that changed was written."""
    found = sized(stated=stated(used="100", churn="0.2"), writes=WRITES)
    assert found.written_gib_per_day.range == Range.exactly(Decimal(20))
    assert found.written_gib_per_day.source is Source.MEASURED


def test_no_more_changes_a_day_than_is_used() -> None:
    found = sized(stated=stated(used="100", churn="3"))
    assert found.changed_gib_per_day.range == Range.exactly(Decimal(100))


def many_large(**changes: Any) -> Vm:
    """Thirty Standard HDD disks of 4 TiB: 60 MB/s each."""
    disks = (a_disk(f"data-{each}", sku="Standard_LRS", size_gib=4096) for each in range(30))
    return a_vm(a_disk(), *disks, **changes)


def test_what_is_assumed_to_be_written_is_never_more_than_the_vm_can_write() -> None:
    """145 MB/s all day and 1,055 more for half an hour, on Standard_D4s_v5."""
    most = Decimal(145 * 86_400 + 1055 * 1800) * 10**6 / 2**30
    found = sized(many_large(size="Standard_D4s_v5"))
    assert found.written_gib_per_day.range.high == most
    assert "its disks can write" in found.written_gib_per_day.basis
    free = sized(many_large(size="Standard_M64s"))
    assert free.written_gib_per_day.range.high > 4 * most


def test_what_is_stated_above_what_the_disks_can_write_is_kept_and_said() -> None:
    found = sized(stated=stated(used="100", written="90000"))
    assert found.written_gib_per_day.range == Range.exactly(Decimal(90000))
    assert "its disks can write" in found.written_gib_per_day.basis


def test_an_ephemeral_disk_adds_nothing_to_what_is_in_use_or_changes() -> None:
    data = a_disk("data", lun=0, size_gib=100)
    on_host, alone = a_vm(a_disk(ephemeral=True), data), a_vm(data)
    for sizes in (stated(), stated(used="40")):
        ours, theirs = (sized(vm, sizes) for vm in (on_host, alone))
        assert ours.used_gib.range == theirs.used_gib.range
        assert ours.changed_gib_per_day.range == theirs.changed_gib_per_day.range


def test_what_is_assumed_to_change_is_never_more_than_the_vm_can_write() -> None:
    """256 TiB behind a small VM: 7 % of them are more than it writes in a day."""
    many = [a_disk(f"d{each}", lun=each, size_gib=32767) for each in range(8)]
    vm = a_vm(a_disk(), *many, size="Standard_D2s_v5")
    most = most_written_gib_per_day(vm)
    assert most is not None
    changed = sized(vm).changed_gib_per_day.range
    assert changed.high == most
    assert changed.low < most
