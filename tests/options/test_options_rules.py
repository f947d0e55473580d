"""Each row of the support matrices that inventory can decide: its yes, its no and its unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.model import Disk, Proposal, Reading, Verdict, Vm
from tests.options.rule_cases import (
    Row,
    application_points,
    archived,
    crash_points,
    crossing,
    data,
    disk_backup,
    enhanced,
    full,
    geo,
    image,
    many,
    replica,
    snapshot,
    standard,
    zonal_vault,
    zone_replica,
)
from tests.strategies import a_disk, a_vm, the

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN

NO_IMAGE = a_vm(image=None)
COREOS = image("kinvolk", "flatcar-container-linux", "stable")
WINDOWS_2012 = image("MicrosoftWindowsServer", "WindowsServer", "2012-R2-Datacenter")
ODD_SIZE = a_vm(size="made-up")
TRUSTED = {"security_type": "TrustedLaunch"}
SCALE_SET = {"scale_set_id": "/subscriptions/s/vmss"}
ULTRA, PREMIUM_V2 = data(sku="UltraSSD_LRS"), data(sku="PremiumV2_LRS")
CONFIDENTIAL = {"security_type": "ConfidentialVM"}
NO_DISKS = replace(a_vm(), disks=())
UNREAD = data(reading=Reading.NOT_SUPPLIED)
NVME = {"disk_controller": "NVMe", "size": "Standard_D4s_v6"}
WINDOWS_NVME = {**NVME, "os_type": "Windows"}
NO_SKU, NO_SIZE = data(sku=None), data(size_gib=None)

BACKUP_ROWS = (
    Row(standard, "operating-system", a_vm(), WINDOWS_2012, NO_IMAGE),
    Row(enhanced, "operating-system", a_vm(), COREOS, NO_IMAGE, informs=True),
    Row(standard, "managed-disks", a_vm(), data(unmanaged=True)),
    Row(standard, "virtual-cores", a_vm(), a_vm(size="Standard_B1s"), ODD_SIZE, informs=True),
    Row(standard, "disk-count", many(32), many(33)),
    Row(standard, "disk-size", data(size_gib=65536), data(size_gib=65537), NO_SIZE),
    Row(
        standard,
        "total-size",
        a_vm(*(a_disk("os" if not n else f"d{n}", size_gib=65536) for n in range(8))),
        a_vm(*(a_disk("os" if not n else f"d{n}", size_gib=65536) for n in range(9))),
        NO_SIZE,
    ),
    Row(standard, "enhanced-only-disks", a_vm(), ULTRA, NO_SKU),
    Row(standard, "enhanced-only-disks", a_vm(), PREMIUM_V2),
    Row(standard, "shared-disks", data(max_shares=1), data(max_shares=2), UNREAD),
    Row(enhanced, "shared-disks", data(max_shares=1), data(max_shares=2), UNREAD, informs=True),
    Row(standard, "write-accelerator-os", data(write_accelerator=True),
        a_vm(a_disk(write_accelerator=True))),
    Row(standard, "data-access-auth", data(data_access_auth_mode="None"),
        data(data_access_auth_mode="AzureActiveDirectory"), UNREAD),
    Row(standard, "secured-data-disk", a_vm(a_disk(security_type="TrustedLaunch")),
        data(security_type="TrustedLaunch"), UNREAD),
    Row(standard, "trusted-launch", a_vm(), a_vm(**TRUSTED), informs=True),
    Row(enhanced, "confidential-vm", a_vm(**TRUSTED), a_vm(**CONFIDENTIAL),
        a_vm(**CONFIDENTIAL, region="koreacentral", size="made-up")),
    Row(enhanced, "confidential-vm",
        a_vm(**CONFIDENTIAL, region="koreacentral", size="Standard_DC4as_v6"),
        a_vm(**CONFIDENTIAL, region="koreacentral", size="Standard_DC4as_v5")),
    Row(standard, "scale-set", a_vm(**SCALE_SET, scale_set_mode="Flexible"),
        a_vm(**SCALE_SET, scale_set_mode="Uniform"), a_vm(**SCALE_SET)),
    Row(standard, "something-stored", a_vm(), a_vm(a_disk(ephemeral=True)), NO_DISKS),
    Row(standard, "spot", a_vm(), a_vm(priority="Spot"), informs=True),
    Row(standard, "stopped", a_vm(), a_vm(power_state="deallocated"), informs=True),
    Row(standard, "azure-disk-encryption", a_vm(), data(azure_disk_encryption=True),
        UNREAD, informs=True),
    Row(enhanced, "file-restore", a_vm(), ULTRA, NO_SKU, informs=True),
    Row(standard, "dedicated-host", a_vm(), a_vm(host_id="/h"), informs=True),
    Row(standard, "availability-set", a_vm(), a_vm(availability_set_id="/a"), informs=True),
    Row(standard, "customer-managed-key", a_vm(), data(disk_encryption_set_id="/k"), UNREAD,
        informs=True),
    Row(standard, "performance-plus", a_vm(), data(performance_plus=True), UNREAD, informs=True),
    Row(enhanced, "agentless-size", a_vm(image=COREOS.image),
        a_vm(image=COREOS.image, size="Standard_D4_v4"), a_vm(image=COREOS.image, size="odd")),
    Row(enhanced, "agentless-size", a_vm(image=COREOS.image, size="Standard_D4as_v6"),
        a_vm(image=COREOS.image, size="Standard_D4s_v6")),
    Row(enhanced, "agentless-disks", a_vm(image=COREOS.image),
        a_vm(*ULTRA.disks, image=COREOS.image), a_vm(*NO_SKU.disks, image=COREOS.image)),
    Row(zonal_vault, "vault-zones", a_vm(), a_vm(region="westindia")),
    Row(geo, "vault-pair", a_vm(), a_vm(region="polandcentral")),
    Row(geo, "vault-pair", ULTRA, a_vm(*ULTRA.disks, region="uksouth")),
    Row(crossing, "vault-pair", ULTRA, a_vm(region="qatarcentral")),
    Row(crossing, "vault-pair", a_vm(region="swedencentral"),
        a_vm(**CONFIDENTIAL, region="koreacentral")),
    Row(crossing, "vault-pair", a_vm(*PREMIUM_V2.disks, region="uksouth"),
        a_vm(*PREMIUM_V2.disks, region="francecentral")),
    Row(archived, "archive-region", a_vm(), a_vm(region="westus3")),
    Row(geo, "vault-pair", a_vm(*PREMIUM_V2.disks, region="uksouth"),
        a_vm(*PREMIUM_V2.disks, region="francecentral")),
)  # fmt: skip

SITE_RECOVERY_ROWS = (
    Row(replica, "managed-disks", a_vm(), data(unmanaged=True)),
    Row(replica, "operating-system", a_vm(), COREOS, NO_IMAGE),
    Row(replica, "operating-system", image("RedHat", "RHEL", "810-gen2"),
        image("RedHat", "RHEL", "6.6"), image("RedHat", "RHEL", "6")),
    Row(replica, "operating-system", image("debian", "debian-12", "12-gen2"),
        image("Canonical", "UbuntuServer", "12.04-LTS"), image("debian", "debian-13", "13-gen2")),
    Row(replica, "architecture", a_vm(), a_vm(size="Standard_D4ps_v5"), ODD_SIZE),
    Row(replica, "architecture", a_vm(size="made-up", architecture="x64"),
        a_vm(size="made-up", architecture="Arm64")),
    Row(replica, "architecture", a_vm(a_disk(architecture="x64"), size="made-up"),
        a_vm(a_disk(architecture="Arm64"), size="Standard_D4s_v5")),
    Row(replica, "nvme-controller", a_vm(), a_vm(disk_controller="NVMe"),
        a_vm(disk_controller=None, size="Standard_D4s_v6")),
    Row(replica, "nvme-controller", a_vm(**WINDOWS_NVME, generation="V2"),
        a_vm(**WINDOWS_NVME, generation="V1"), a_vm(**WINDOWS_NVME, region="usgovvirginia")),
    Row(replica, "nvme-controller", a_vm(size="Standard_L8s_v2"), a_vm(size="Standard_L8s_v3"),
        a_vm(**{**NVME, "os_type": None})),
    Row(replica, "virtual-cores", a_vm(), a_vm(size="Standard_DS1_v2"), ODD_SIZE),
    Row(replica, "disk-count", many(65), many(66)),
    Row(replica, "os-disk-size", a_vm(a_disk(size_gib=4095)), a_vm(a_disk(size_gib=4096)),
        a_vm(a_disk(size_gib=None))),
    Row(replica, "data-disk-size", data(size_gib=32768), data(size_gib=32769), NO_SIZE),
    Row(replica, "smallest-disk", data(size_gib=1), data(size_gib=0), NO_SIZE),
    Row(replica, "ephemeral-os-disk", a_vm(), a_vm(a_disk(ephemeral=True))),
    Row(replica, "write-accelerator", a_vm(), data(write_accelerator=True)),
    Row(replica, "shared-disks", a_vm(), data(max_shares=2),
        a_vm(*data(max_shares=2).disks, os_type=None)),
    Row(replica, "shared-disks", a_vm(*data(max_shares=2).disks, os_type="Windows"),
        data(max_shares=3), UNREAD),
    Row(replica, "confidential-vm", a_vm(), a_vm(security_type="ConfidentialVM")),
    Row(replica, "trusted-launch", a_vm(**TRUSTED), a_vm(**TRUSTED, region="uaenorth"),
        a_vm(**TRUSTED, image=None)),
    Row(replica, "trusted-launch", a_vm(**TRUSTED, os_type="Windows"),
        image("resf", "rockylinux-x86_64", "9-base", **TRUSTED)),
    Row(replica, "trusted-launch", image("almalinux", "almalinux-x86_64", "9-gen2", **TRUSTED),
        image("RedHat", "RHEL", "9_6", **TRUSTED)),
    Row(replica, "trusted-launch", a_vm(**TRUSTED, created=datetime(2024, 4, 1, tzinfo=UTC)),
        a_vm(**TRUSTED, created=datetime(2024, 3, 31, tzinfo=UTC))),
    Row(replica, "spot", a_vm(), a_vm(priority="Spot")),
    Row(replica, "scale-set", a_vm(**SCALE_SET, scale_set_mode="Flexible"),
        a_vm(**SCALE_SET, scale_set_mode="Uniform"), a_vm(**SCALE_SET)),
    Row(replica, "dedicated-host", a_vm(), a_vm(host_id="/h")),
    Row(replica, "source-region", a_vm(region="brazilsouth"), a_vm(region="brazilsoutheast"),
        a_vm(region="atlantis")),
    Row(replica, "encryption-at-host", a_vm(), a_vm(encryption_at_host=True), informs=True),
    Row(zone_replica, "zonal-vm", a_vm(), a_vm(zones=())),
    Row(zone_replica, "zone-ultra-disks", a_vm(), ULTRA, NO_SKU),
    Row(zone_replica, "zone-redundant-disks", a_vm(), data(sku="Premium_ZRS"), NO_SKU),
)  # fmt: skip

SNAPSHOT_ROWS = (
    Row(snapshot, "managed-disks", a_vm(), data(unmanaged=True)),
    Row(snapshot, "ephemeral-os-disk", a_vm(), a_vm(a_disk(ephemeral=True))),
    Row(snapshot, "ephemeral-os-disk", a_vm(a_disk(ephemeral=True), a_disk("data")),
        a_vm(a_disk(ephemeral=True))),
    Row(snapshot, "common-moment", a_vm(), data(), informs=True),
    Row(snapshot, "common-moment", a_vm(a_disk(), a_disk("data"), power_state="deallocated"),
        data(), informs=True),
    Row(snapshot, "background-copy", a_vm(), PREMIUM_V2, informs=True),
    Row(snapshot, "large-sectors", data(logical_sector_size=512), data(logical_sector_size=4096),
        informs=True),
    Row(full, "full-snapshot", a_vm(), ULTRA, NO_SKU),
    Row(full, "full-snapshot", a_vm(), PREMIUM_V2),
    Row(application_points, "restore-point-scale-set", a_vm(**SCALE_SET, scale_set_mode="Flexible"),
        a_vm(**SCALE_SET, scale_set_mode="Uniform"), a_vm(**SCALE_SET)),
    Row(application_points, "restore-point-confidential", a_vm(),
        a_vm(security_type="ConfidentialVM")),
    Row(application_points, "restore-point-host-encryption", a_vm(), a_vm(encryption_at_host=True),
        informs=True),
    Row(application_points, "restore-point-encryption", a_vm(), data(disk_encryption_set_id="/k"),
        informs=True),
    Row(application_points, "restore-point-shared-disks", data(), data(max_shares=2),
        data(max_shares=None, reading=Reading.NOT_SUPPLIED), informs=True),
    Row(disk_backup, "disk-backup-encryption", data(), data(azure_disk_encryption=True)),
    Row(disk_backup, "disk-backup-direct-drive", data(), ULTRA, NO_SKU),
    Row(disk_backup, "disk-backup-direct-drive", data(), PREMIUM_V2),
    Row(disk_backup, "disk-backup-write-accelerator", data(), data(write_accelerator=True),
        informs=True),
    Row(crash_points, "restore-point-size", a_vm(), a_vm(size="Standard_D4_v4"), ODD_SIZE),
    Row(crash_points, "restore-point-size", a_vm(*many(2).disks, size="Standard_D4s_v6"),
        a_vm(*many(3).disks, size="Standard_D4s_v6")),
    Row(crash_points, "restore-point-crash-disks", data(), ULTRA, NO_SKU),
    Row(crash_points, "restore-point-crash-disks", data(), data(write_accelerator=True)),
    Row(crash_points, "restore-point-crash-disks", data(), data(max_shares=3)),
    Row(crash_points, "restore-point-host-caching", data(caching="ReadOnly"),
        data(caching="ReadWrite"), informs=True),
)  # fmt: skip

ROWS = BACKUP_ROWS + SITE_RECOVERY_ROWS + SNAPSHOT_ROWS


def named(row: Row) -> str:
    return f"{row.ask.__name__}-{row.rule}"


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_row_says_yes_and_its_article(row: Row) -> None:
    found = the(row.rule, row.ask(row.good).reasons)
    assert found.verdict is YES
    assert found.source
    assert found.text.endswith(".")


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_row_says_no_and_decides_the_option_unless_it_only_informs(row: Row) -> None:
    proposal = row.ask(row.bad)
    found = the(row.rule, proposal.reasons)
    assert found.verdict is NO
    assert found.blocking is not row.informs
    if row.informs:
        others = {reason.rule for reason in proposal.reasons if reason.verdict is NO}
        assert proposal.verdict is YES or others != {row.rule}
    else:
        assert proposal.verdict is NO


@pytest.mark.parametrize("row", [row for row in ROWS if row.unclear], ids=named)
def test_a_row_that_nobody_supplied_what_it_asks_is_unknown_and_does_not_block(row: Row) -> None:
    assert row.unclear is not None
    proposal = row.ask(row.unclear)
    found = the(row.rule, proposal.reasons)
    assert found.verdict is UNKNOWN
    assert found.not_supplied
    others = [each for each in proposal.reasons if each.blocking and each.rule != row.rule]
    undecided = [each for each in others if each.verdict is UNKNOWN and not each.not_supplied]
    assert (proposal.verdict is UNKNOWN) == bool(undecided)


# --- what only the disk itself tells ---------------------------------------------------------

BY_DISK: tuple[tuple[Callable[[Vm], Proposal], str, dict[str, Any]], ...] = (
    (standard, "shared-disks", {"max_shares": None}),
    (standard, "data-access-auth", {"data_access_auth_mode": None}),
    (standard, "secured-data-disk", {"security_type": None}),
    (standard, "disk-size", {"size_gib": None}),
    (standard, "enhanced-only-disks", {"sku": None}),
    (replica, "shared-disks", {"max_shares": None}),
    (replica, "data-disk-size", {"size_gib": None}),
    (zone_replica, "zone-ultra-disks", {"sku": None}),
    (full, "full-snapshot", {"sku": None}),
    (crash_points, "restore-point-crash-disks", {"max_shares": None}),
)


@pytest.mark.parametrize(("ask", "rule", "absent"), BY_DISK)
def test_a_disk_that_nobody_supplied_does_not_block(
    ask: Callable[[Vm], Proposal], rule: str, absent: dict[str, Any]
) -> None:
    proposal = ask(a_vm(a_disk(), a_disk("data", reading=Reading.NOT_SUPPLIED, **absent)))
    found = the(rule, proposal.reasons)
    assert (found.verdict, found.not_supplied) == (UNKNOWN, True)
    assert "data" in found.text
    assert "not supplied" in found.text
    assert proposal.verdict is YES


@pytest.mark.parametrize(("ask", "rule", "absent"), BY_DISK)
def test_a_disk_that_could_not_be_read_blocks_as_unknown_and_never_as_no(
    ask: Callable[[Vm], Proposal], rule: str, absent: dict[str, Any]
) -> None:
    proposal = ask(a_vm(a_disk(), a_disk("data", reading=Reading.FAILED, **absent)))
    found = the(rule, proposal.reasons)
    assert (found.verdict, found.not_supplied) == (UNKNOWN, False)
    assert "could not be read" in found.text
    assert proposal.verdict is UNKNOWN


@pytest.mark.parametrize(
    ("ask", "rule", "absent"), [row for row in BY_DISK if not {"sku", "size_gib"} & set(row[2])]
)
def test_what_is_absent_from_a_disk_that_was_read_has_arms_default(
    ask: Callable[[Vm], Proposal], rule: str, absent: dict[str, Any]
) -> None:
    proposal = ask(a_vm(a_disk(), a_disk("data", reading=Reading.READ, **absent)))
    assert the(rule, proposal.reasons).verdict is YES
    assert proposal.verdict is YES


def test_a_no_outweighs_what_could_not_be_read() -> None:
    unread: Disk = a_disk("data", reading=Reading.FAILED, max_shares=None)
    assert standard(a_vm(a_disk(unmanaged=True), unread)).verdict is NO


def test_a_vm_whose_disks_are_not_known_is_not_said_to_have_only_an_ephemeral_one() -> None:
    vm = Vm(id="/v", name="v", resource_group="g", subscription_id="s", region="westeurope",
            size="Standard_D4s_v5", disks=())  # fmt: skip
    assert the("something-stored", standard(vm).reasons).verdict is UNKNOWN


#: What no article decides is unknown whatever is supplied: these are `undecided` below.
UNDECIDED: tuple[tuple[Callable[[Vm], Proposal], str, Vm], ...] = (
    (standard, "ephemeral-os-disk", a_vm(a_disk(ephemeral=True), a_disk("data"))),
    (zonal_vault, "vault-zones", a_vm(region="atlantis")),
    (geo, "vault-pair", a_vm(region="atlantis")),
    (geo, "vault-pair", a_vm(region="usdodeast")),
    (crossing, "vault-pair", a_vm(region="indiasouthcentral")),
    (archived, "archive-region", a_vm(region="italynorth")),
)


@pytest.mark.parametrize(("ask", "rule", "vm"), UNDECIDED)
def test_what_the_articles_leave_open_makes_the_option_unknown_and_never_a_no(
    ask: Callable[[Vm], Proposal], rule: str, vm: Vm
) -> None:
    proposal = ask(vm)
    found = the(rule, proposal.reasons)
    assert (found.verdict, found.blocking, found.not_supplied) == (UNKNOWN, True, False)
    assert proposal.verdict is UNKNOWN


CONDITIONS: tuple[tuple[Callable[[Vm], Proposal], str, Vm, str], ...] = (
    (crossing, "vault-pair", ULTRA, "a restore into the pair is rehearsed"),
    (crossing, "vault-pair", a_vm(region="swedencentral"),
     "the subscription is let into Sweden South"),
    (enhanced, "confidential-vm",
     a_vm(**CONFIDENTIAL, region="koreacentral", size="Standard_DC4as_v6"),
     "the preview for confidential VMs takes it"),
    (replica, "nvme-controller", a_vm(**WINDOWS_NVME, generation="V2"),
     "the preview of replication from NVMe controllers takes it"),
    (replica, "trusted-launch", a_vm(**TRUSTED), "the preview of Trusted Launch on Linux takes it"),
    (replica, "shared-disks", a_vm(*data(max_shares=2).disks, os_type="Windows"),
     "all nodes of its failover cluster are replicated together"),
)  # fmt: skip


@pytest.mark.parametrize(("ask", "rule", "vm", "condition"), CONDITIONS)
def test_what_rests_on_a_preview_or_on_articles_that_differ_is_a_yes_with_its_condition(
    ask: Callable[[Vm], Proposal], rule: str, vm: Vm, condition: str
) -> None:
    proposal = ask(vm)
    found = the(rule, proposal.reasons)
    assert (found.verdict, found.condition) == (YES, condition)
    assert proposal.verdict is YES


def test_a_yes_without_a_preview_has_no_condition() -> None:
    for ask in (standard, enhanced, geo, crossing, zonal_vault, replica, zone_replica):
        assert [each.rule for each in ask(a_vm()).reasons if each.condition] == []


#: Of these ARM has a default or the VM says itself: there is nothing that could be unread.
ALWAYS_KNOWN = {
    "managed-disks", "disk-count", "write-accelerator-os", "write-accelerator", "spot", "stopped",
    "trusted-launch", "dedicated-host", "availability-set", "ephemeral-os-disk", "zonal-vm",
    "encryption-at-host",
}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "known"), [(BACKUP_ROWS, set()), (SITE_RECOVERY_ROWS, {"confidential-vm"})]
)
def test_every_rule_has_its_unknown_where_it_can_have_one(
    rows: tuple[Row, ...], known: set[str]
) -> None:
    unclear = {row.rule for row in rows if row.unclear} | {rule for _, rule, _ in UNDECIDED}
    lacking = {row.rule for row in rows} - unclear - ALWAYS_KNOWN - known
    assert lacking == set()
