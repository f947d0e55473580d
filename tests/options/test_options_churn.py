"""Whether replication keeps up, and where it may lead."""

from __future__ import annotations

from decimal import Decimal

import pytest

from advisor.model import DiskWrites, Proposal, Verdict, Vm
from advisor.options.site_recovery.option import SITE_RECOVERY
from tests.strategies import a_case, a_disk, a_vm, advise, stated, the

#: azure-to-azure-support-matrix (2026-02-27) and concepts-azure-to-azure-high-churn-support
#: (2026-01-06): MB/s of one disk at the largest I/O size listed, normal and high churn.
DISK_LIMITS = (
    ("Standard_LRS", 1024, 2, 8),
    ("StandardSSD_LRS", 1024, 2, 8),
    ("Premium_LRS", 128, 8, 30),
    ("Premium_LRS", 511, 8, 30),
    ("Premium_LRS", 512, 20, 30),
    ("Premium_LRS", 1023, 20, 30),
    ("Premium_LRS", 1024, 20, 50),
)


def replica(vm: Vm, peak: str | None = None, writes: DiskWrites | None = None) -> Proposal:
    case = a_case(vm, stated(peak=peak), writes=writes)
    [proposal] = SITE_RECOVERY.propose(
        case, [SITE_RECOVERY.said_configuration(case, {"to": "norwayeast"})]
    )
    return proposal


def measured(peak: str, by_disk: dict[str, Decimal] | None = None) -> DiskWrites:
    return DiskWrites(
        days=7,
        written_gib_per_day=Decimal(50),
        peak_mb_per_s=Decimal(peak),
        peak_mb_per_s_by_disk=by_disk or {},
    )


def test_without_a_measurement_churn_is_a_stated_unknown_that_does_not_block() -> None:
    proposal = replica(a_vm())
    found = the("churn", proposal.reasons)
    assert (found.verdict, found.not_supplied) == (Verdict.UNKNOWN, True)
    assert "--peak-write" in found.text
    assert proposal.verdict is Verdict.YES


@pytest.mark.parametrize(
    ("peak", "mode", "verdict"),
    [
        ("54", "normal", Verdict.YES),
        ("54.1", "high", Verdict.YES),
        ("100", "high", Verdict.YES),
        ("100.1", "high", Verdict.NO),
    ],
)
def test_a_vm_writes_54_mb_a_second_at_most_and_100_with_high_churn(
    peak: str, mode: str, verdict: Verdict
) -> None:
    large = a_disk(size_gib=2048)
    proposal = replica(a_vm(large), writes=measured(peak, {large.key: Decimal(10)}))
    assert proposal.configuration["churn_mode"] == mode
    assert the("churn", proposal.reasons).verdict is verdict
    assert proposal.verdict is verdict


def test_the_peak_of_a_vm_with_one_disk_is_that_disks_peak() -> None:
    """2 MB/s for a standard disk, 8 with High Churn; the VM's own 54 does not help it."""
    standard = a_vm(a_disk(sku="Standard_LRS"))
    assert the("churn", replica(standard, "2").reasons).verdict is Verdict.YES
    assert replica(standard, "8").configuration["churn_mode"] == "high"
    found = the("churn", replica(standard, "9").reasons)
    assert (found.verdict, "8 MB/s a disk" in found.text) == (Verdict.NO, True)


def test_a_peak_of_several_disks_that_one_could_not_carry_alone_is_unknown() -> None:
    vm = a_vm(a_disk(size_gib=512), a_disk("data", sku="Standard_LRS"))
    proposal = replica(vm, "9")
    assert the("churn", proposal.reasons).verdict is Verdict.UNKNOWN
    assert proposal.verdict is Verdict.YES


def test_what_is_written_all_day_cannot_be_above_what_a_vm_may_write() -> None:
    """8,000 GiB a day are 99.4 MB/s: within High Churn's 100; 9,000 GiB are not."""
    for written, verdict in (("8000", Verdict.UNKNOWN), ("9000", Verdict.NO)):
        case = a_case(a_vm(a_disk(size_gib=32767)), stated(written=written))
        chosen = SITE_RECOVERY.said_configuration(case, {"to": "norwayeast"})
        [proposal] = SITE_RECOVERY.propose(case, [chosen])
        assert chosen.churn == "high"
        assert the("churn", proposal.reasons).verdict is verdict


@pytest.mark.parametrize(("sku", "gib", "normal", "high"), DISK_LIMITS)
def test_a_disk_writes_as_much_as_its_kind_and_size_allow(
    sku: str, gib: int, normal: int, high: int
) -> None:
    disk = a_disk("data", sku=sku, size_gib=gib)
    vm = a_vm(a_disk(), disk)
    for peak, mode, verdict in (
        (Decimal(normal), "normal", Verdict.YES),
        (normal + Decimal("0.1"), "high", Verdict.YES),
        (high + Decimal("0.1"), "high", Verdict.NO),
    ):
        proposal = replica(vm, writes=measured("54", {disk.key: peak}))
        assert proposal.configuration["churn_mode"] == mode
        assert the("churn", proposal.reasons).verdict is verdict


def test_the_disk_furthest_above_its_limit_is_named() -> None:
    disks = [a_disk(name, sku="Standard_LRS") for name in ("a", "b", "c")]
    peaks = {disks[0].key: Decimal(10), disks[1].key: Decimal(30), disks[2].key: Decimal(20)}
    proposal = replica(a_vm(a_disk(), *disks), writes=measured("50", peaks))
    assert the("churn", proposal.reasons).text.startswith("The disk b peaks at 30 MB/s")


def test_premium_ssd_v2_replicates_in_high_churn_whatever_it_writes() -> None:
    vm = a_vm(a_disk(), a_disk("data", sku="PremiumV2_LRS"))
    assert replica(vm).configuration["churn_mode"] == "high"


@pytest.mark.parametrize(
    ("source", "target", "verdict"),
    [
        ("westeurope", "norwayeast", Verdict.YES),
        ("westeurope", "japaneast", Verdict.YES),
        ("westeurope", "westeurope", Verdict.NO),
        ("westeurope", "brazilsouth", Verdict.NO),
        ("brazilsouth", "brazilsoutheast", Verdict.YES),
        ("westeurope", "norwaywest", Verdict.YES),
        ("westeurope", "usgovtexas", Verdict.NO),
        ("westeurope", "atlantis", Verdict.UNKNOWN),
    ],
)
def test_any_two_regions_of_a_cloud_will_do_but_their_own(
    source: str, target: str, verdict: Verdict
) -> None:
    case = a_case(a_vm(region=source))
    [proposal] = SITE_RECOVERY.propose(
        case, [SITE_RECOVERY.said_configuration(case, {"to": target})]
    )
    assert the("target-region", proposal.reasons).verdict is verdict


def test_by_default_the_target_is_the_pair_and_another_zone_of_a_zonal_vm() -> None:
    chosen = [each.to for each in SITE_RECOVERY.configurations(a_case(a_vm(zones=("2",))))]
    assert chosen == ["northeurope", "zone:1"]
    assert [each.to for each in SITE_RECOVERY.configurations(a_case(a_vm(zones=())))] == [
        "northeurope"
    ]


def test_a_zone_that_the_vm_is_in_already_is_no_target() -> None:
    found = next(
        each for each in advise(a_vm(), to="zone:1").assessments if each.option == "site-recovery"
    )
    assert the("other-zone", found.proposal.reasons).verdict is Verdict.NO
