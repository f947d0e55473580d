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
        old="if other is None or not other.low or not _is_scaled(each):",
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
    Mutant(
        name="a part of an answer of a workspace is a measurement",
        file="advisor/azure/guest_metrics.py",
        old='    if answer.get("error"):',
        new="    if False:",
        tests=("tests/azure/test_azure_guest_metrics.py",),
    ),
    Mutant(
        name="file systems of half the disks are the whole used size",
        file="advisor/azure/guest_metrics.py",
        old="if size < held * LEAST_COVERED:",
        new="if False:",
        tests=("tests/azure/test_azure_guest_metrics.py",),
    ),
    Mutant(
        name="one billed snapshot of two disks is the whole used size",
        file="advisor/bill/billed_snapshots.py",
        old="if not series or not all(series):",
        new="series = [one for one in series if one]\n    if not series:",
        tests=("tests/bill/test_bill_billed_snapshots.py",),
    ),
    Mutant(
        name="the first backup counts as a day's changes",
        file="advisor/azure/backup_sizes.py",
        old="rates, whole, time = [], Decimal(0), Decimal(0)",
        new="rates, whole, time = [], ordered[0].gib if ordered else Decimal(0), Decimal(0)",
        tests=("tests/azure/test_azure_backup_sizes.py",),
    ),
    Mutant(
        name="measurements are for anybody who types the command",
        file="bot/commands/measure.py",
        old="        await audience.require(invocation.requester)\n",
        new="        pass\n",
        tests=("tests/bot/test_bot_measure.py",),
    ),
    Mutant(
        name="a restore of the bot that failed is a measurement",
        file="bot/database/own_restores.py",
        old="WHERE action = 'restore' AND state = 'done' AND approved_at < finished_at",
        new="WHERE action = 'restore' AND approved_at < finished_at",
        tests=("tests/database/test_store_own_restores.py",),
    ),
)
