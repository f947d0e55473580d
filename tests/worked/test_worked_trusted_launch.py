"""Trusted Launch with a Standard policy: allowed, at what Enhanced snapshots cost.

Source: backup-azure-vms-enhanced-policy, 2025-06-11.
"""

from __future__ import annotations

from decimal import Decimal

from advisor.options.azure_backup.chosen import BackupConfiguration
from advisor.options.azure_backup.option import AZURE_BACKUP
from tests.strategies import a_case, a_vm, stated


def test_standard_snapshots_of_a_trusted_launch_vm_are_billed_as_enhanced_ones() -> None:
    """100 GiB in use, 2 a day, two days: 100 + 2 * 1 GiB at Standard HDD, not 4 at Premium."""
    case = a_case(a_vm(security_type="TrustedLaunch"), stated(used="100", churn="0.02"))
    chosen = BackupConfiguration(policy="standard", redundancy="lrs", instant_restore_days=2)
    [line] = [
        usage
        for usage in AZURE_BACKUP.usages(case, chosen)
        if usage.name == "Instant-restore snapshots"
    ]
    assert line.quantity is not None
    assert line.quantity.likely == Decimal(102)
    assert line.meter.product == "Standard HDD Managed Disks"
