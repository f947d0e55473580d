"""Mutants of what is measured: a failed job counts, a tier takes another's time, writes measure."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_JOBS = "advisor/inventory/restore_jobs.py"
_RECOVERY = "advisor/options/recovery.py"
_SIZES = "advisor/measured_sizes.py"
_JOB_TESTS = ("tests/azure/test_azure_restore_times.py",)
_RTO_TESTS = ("tests/options/test_options_restores_measured.py",)
_SIZE_TESTS = ("tests/sizing/test_sizing_measured.py",)

ROWS = (
    Mutant(
        name="a restore that failed is a measurement",
        file=_JOBS,
        old='if (inner.text(state) or "").lower() != done:',
        new="if not inner.text(state):",
        tests=_JOB_TESTS,
    ),
    Mutant(
        name="a point in the vault counts as one beside the disks",
        file=_JOBS,
        old="return RestoredFrom.INSTANT if is_near else RestoredFrom.VAULT",
        new="return RestoredFrom.INSTANT",
        tests=_JOB_TESTS,
    ),
    Mutant(
        name="a restore from one tier stands for every other",
        file=_RECOVERY,
        old="found = [each for each in sizing.restores if each.place is place]",
        new="found = list(sizing.restores)",
        tests=_RTO_TESTS,
    ),
    Mutant(
        name="a larger VM is restored as quickly as a smaller one",
        file=_RECOVERY,
        old="if other is None or each.is_own or not other.low:",
        new="if True:",
        tests=_RTO_TESTS,
    ),
    Mutant(
        name="what is written is taken for what changes",
        file=_SIZES,
        old="return Range(low, min(max(assumed.likely, low), high), high)",
        new="return Range(high, high, high)",
        tests=_SIZE_TESTS,
    ),
    Mutant(
        name="more changes than is written",
        file=_SIZES,
        old="most = min(used.high, writes.written_gib_per_day) if writes else used.high",
        new="most = used.high",
        tests=_SIZE_TESTS,
    ),
)
