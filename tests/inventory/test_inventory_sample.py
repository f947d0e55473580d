"""The sample fleet that the demo shows: it is whole, with one VM of every kind that matters."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from advisor.inventory.exports import parse_exports
from advisor.inventory.files import read_files
from advisor.model import ProtectionKind, ProtectionState

PATH = Path(__file__).parents[2] / "deploy" / "local" / "sample-inventory.json"
FLEET = parse_exports(read_files([str(PATH)], io.BytesIO()), datetime(2030, 1, 1, tzinfo=UTC))


def test_the_demos_vm_is_an_unprotected_production_vm() -> None:
    known = FLEET.find("web-01")
    assert known.vm.tags["environment"] == "production"
    assert (known.vm.region, known.vm.zones, known.vm.size) == (
        "westeurope",
        ("1",),
        "Standard_D4s_v5",
    )
    assert [(one.sku, one.size_gib) for one in known.vm.disks] == [
        ("Premium_LRS", 64),
        ("Premium_LRS", 256),
    ]
    assert known.protections == ()
    assert known.coverage.all_vaults
    assert known.not_read == ()


def test_the_sample_tells_states_at_the_time_it_was_taken() -> None:
    """Read years later, its daily backup is still the active one of its day."""
    kinds = {one.kind: one for one in FLEET.find("sql-01").protections}
    backup, replication = kinds[ProtectionKind.BACKUP], kinds[ProtectionKind.SITE_RECOVERY]
    assert backup.state is replication.state is ProtectionState.ACTIVE
    assert backup.vault is not None
    assert backup.vault.redundancy == "grs"
    assert backup.policy is not None
    assert backup.policy.enhanced
    assert replication.target == "northeurope"


def test_the_sample_holds_every_state_of_protection_that_matters() -> None:
    states = {
        name: [one.state for one in FLEET.find(name).protections]
        for name in ("dev-03", "legacy-01", "report-01", "rg-app-a/app-01", "rg-app-b/app-01")
    }
    assert states == {
        "dev-03": [ProtectionState.ACTIVE],
        "legacy-01": [ProtectionState.SOFT_DELETED],
        "report-01": [ProtectionState.STOPPED],
        "rg-app-a/app-01": [ProtectionState.ACTIVE],
        "rg-app-b/app-01": [],
    }
    [by_hand] = FLEET.find("dev-03").protections
    assert (by_hand.count, by_hand.every) == (2, None)


def test_the_sample_holds_every_kind_of_vm_that_a_rule_is_about() -> None:
    vms = [known.vm for known in FLEET.vms]
    disks = [disk for vm in vms for disk in vm.disks]
    assert {vm.region for vm in vms} == {"westeurope", "northeurope", "belgiumcentral", "eastus"}
    assert len({vm.subscription_id for vm in vms}) == 2
    assert {"UltraSSD_LRS", "PremiumV2_LRS", "StandardSSD_LRS"} <= {disk.sku for disk in disks}
    assert any(vm.disk_controller == "NVMe" for vm in vms)
    assert any(vm.architecture == "Arm64" for vm in vms)
    assert any(vm.security_type == "TrustedLaunch" for vm in vms)
    assert any(vm.priority == "Spot" for vm in vms)
    assert any((disk.max_shares or 0) > 1 for disk in disks)
    assert any(disk.write_accelerator for disk in disks)
    assert any(disk.ephemeral for disk in disks)
