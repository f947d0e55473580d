"""What every option works from: the disks that are held, and how good a figure is."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest

from advisor.model import DiskWrites, Range, Source, Verdict
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.case import case_of, weakest
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS
from tests.strategies import a_case, a_disk, a_vm, stated, the

SCRATCH = a_disk("scratch", lun=1, size_gib=300)
VM = a_vm(a_disk(size_gib=100), SCRATCH)
WITHOUT = frozenset({SCRATCH.key})


# --- disks left out --------------------------------------------------------------------------


def test_a_disk_left_out_counts_in_no_size_and_the_vm_keeps_it() -> None:
    case = a_case(VM, stated(used="40", churn="0.1", written="20"), leave_out=WITHOUT)
    sizing = case.sizing
    assert [size.disk.name for size in case.stored_disks] == ["os"]
    assert [size.disk.name for size in sizing.disks] == ["os"]
    assert sizing.used_gib.range == Range.exactly(Decimal(10))
    assert sizing.changed_gib_per_day.range == Range.exactly(Decimal(1))
    assert sizing.written_gib_per_day.range == Range(Decimal(5), Decimal(5), Decimal(20))
    assert case.growth.shares_per_day == Range.exactly(Decimal("0.1"))
    assert case.leave_out == WITHOUT
    assert len(case.vm.disks) == 2


def test_leaving_out_what_is_not_there_changes_nothing() -> None:
    plain = a_case(VM)
    other = a_case(VM, leave_out=frozenset({"/somewhere/else"}))
    assert (other.sizing, other.stored_disks) == (plain.sizing, plain.stored_disks)


def test_leaving_out_twice_is_leaving_out_once() -> None:
    once = a_case(VM, leave_out=WITHOUT)
    again = case_of(once.vm, once.sizing, once.need, once.to)
    assert (again.sizing, again.stored_disks) == (once.sizing, once.stored_disks)


def test_the_peaks_of_the_disks_that_are_held_stay() -> None:

    peaks = {disk.key: Decimal(each) for each, disk in enumerate(VM.disks, 1)}
    writes = DiskWrites(
        days=7,
        written_gib_per_day=Decimal(9),
        peak_mb_per_s=Decimal(3),
        peak_mb_per_s_by_disk=peaks,
    )
    case = a_case(VM, writes=writes, leave_out=WITHOUT)
    assert case.sizing.peak_write_mb_per_s_by_disk == {a_disk().key: Decimal(1)}


# --- where a figure comes from ---------------------------------------------------------------


def test_a_product_is_as_good_as_its_worst_factor_in_whatever_order() -> None:
    for order in permutations(Source):
        assert weakest(*order) is Source.ASSUMED
    assert weakest(Source.STATED, Source.MEASURED) is Source.STATED
    assert weakest(Source.BILLED, Source.MEASURED) is Source.BILLED


@pytest.mark.parametrize(
    ("option", "said", "name"),
    [
        (SNAPSHOTS, {}, "Snapshots"),
        (AZURE_BACKUP, {"redundancy": "lrs"}, "Vault storage"),
        (SITE_RECOVERY, {"to": "northeurope", "recovery_points": "3d"}, "Recovery points"),
    ],
)
@pytest.mark.parametrize(
    ("sizes", "source"),
    [
        ({"used": "40", "churn": "0.1"}, Source.STATED),
        ({"used": "40"}, Source.ASSUMED),
        ({"churn": "0.1"}, Source.ASSUMED),
    ],
)
def test_a_line_of_two_figures_is_stated_only_where_both_are(
    option: object, said: dict[str, str], name: str, sizes: dict[str, str], source: Source
) -> None:
    case = a_case(sizes=stated(**sizes))
    usages = option.usages(case, option.said_configuration(case, said))  # type: ignore[attr-defined]
    assert {each.source for each in usages if each.name.startswith(name)} == {source}


def test_zones_that_are_not_known_are_named_as_not_supplied() -> None:
    case = a_case(a_vm(region="atlantis"))
    [proposal] = SNAPSHOTS.propose(
        case, [SNAPSHOTS.said_configuration(case, {"redundancy": "zrs"})]
    )
    zones = the("snapshot-zones", proposal.reasons)
    assert (zones.verdict, zones.not_supplied) == (Verdict.UNKNOWN, True)
    assert "is not known" in zones.text
    assert proposal.verdict is Verdict.YES
