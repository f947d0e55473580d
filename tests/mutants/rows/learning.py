"""What is learned of bills: of quantities alone, of what a bill tells, and for whom it counts."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

LEARN, EXPECTED = "advisor/bill/learn.py", "advisor/bill/expected.py"
TESTS, KEPT = ("tests/bill/test_bill_learning.py",), ("tests/sizing/test_sizing_kept.py",)
GROWTH = ("tests/bill/test_bill_vault_growth.py",)

ROWS = (
    Mutant(
        name="a discount is learned as less data",
        file=LEARN,
        old="        found[line.part, line.kind] += line.quantity or ZERO\n",
        new="        found[line.part, line.kind] += line.amount * 50\n",
        tests=TESTS,
    ),
    Mutant(
        name="a share of a vault is taken for what one VM holds",
        file=LEARN,
        old="    if solve.is_shared:",
        new="    if False:",
        tests=TESTS,
    ),
    Mutant(
        name="a stated size is overruled by a bill",
        file="advisor/sizing.py",
        old="    elif known.billed is not None:\n",
        new="    if known.billed is not None:\n",
        tests=TESTS,
    ),
    Mutant(
        name="what was learned of other disks counts on",
        file="advisor/billed_sizes.py",
        old=" and billed.disks == disks_mark(known.vm.disks)",
        new="",
        tests=TESTS,
    ),
    Mutant(
        name="a part of a month is learned as the whole",
        file=EXPECTED,
        old="    if days < month.days:\n",
        new="    if days < 1:\n",
        tests=TESTS,
    ),
    Mutant(
        name="a bill is shared out by what it told itself",
        file="advisor/billing.py",
        old="earlier.billed.month >= str(month):",
        new="earlier.billed.month > str(month):",
        tests=("tests/bill/test_bill_reading.py",),
    ),
    Mutant(
        name="what was measured of other disks counts on",
        file="advisor/kept_measures.py",
        old="    if kept is None or kept.disks != disks_mark(known.vm.disks):\n",
        new="    if kept is None:\n",
        tests=KEPT,
    ),
    Mutant(
        name="what was measured long ago counts on",
        file="advisor/kept_measures.py",
        old="    return on is not None and now - on <= timedelta(days=DAYS_AT_MOST)\n",
        new="    return on is not None\n",
        tests=KEPT,
    ),
    Mutant(
        name="what was measured then goes before what is measured now",
        file="advisor/kept_measures.py",
        old="        used=measured.used or _young(kept.used, now),\n",
        new="        used=_young(kept.used, now) or measured.used,\n",
        tests=KEPT,
    ),
    Mutant(
        name="a bill goes before what was measured",
        file="advisor/sizing.py",
        old="    elif measured.used is not None:\n",
        new="    elif measured.used is not None and known.billed is None:\n",
        tests=KEPT,
    ),
    Mutant(
        name="a restore of another VM of the same name is taken for its own",
        file="advisor/azure/restore_times.py",
        old="        if protected == {known.vm.key}:\n",
        new="        if known.vm.key in protected:\n",
        tests=("tests/azure/test_azure_restore_times.py",),
    ),
    Mutant(
        name="a vault whose points expire is taken to grow by what changes",
        file="advisor/bill/vault_growth.py",
        old="    if (now - oldest).days >= kept:\n",
        new="    if (now - oldest).days >= kept * 100:\n",
        tests=GROWTH,
    ),
    Mutant(
        name="the growth of a vault with other items is taken for one VM's",
        file="advisor/bill/vault_growth.py",
        old="bool(own) and len(own) == len(held)",
        new="bool(own)",
        tests=GROWTH,
    ),
    Mutant(
        name="two workers read the bills at once",
        file="bot/database/bill_reading.py",
        old=" AND (lease_until IS NULL OR lease_until <= vmbackup_now())",
        new="",
        tests=("tests/bot/test_bot_daily_bills.py",),
    ),
    Mutant(
        name="the bot asks for costs again at once, whatever Azure says",
        file="bot/jobs/daily_bills.py",
        old="        return max(AGAIN_SECONDS, error.retry_after_seconds)\n",
        new="        return AGAIN_SECONDS\n",
        tests=("tests/bot/test_bot_daily_bills.py",),
    ),
    Mutant(
        name="an older month takes the place of a newer one in the bot",
        file="bot/database/learned.py",
        old="    WHERE learned_sizes.month <= excluded.month\n",
        new="",
        tests=("tests/bot/test_bot_bill.py",),
    ),
    Mutant(
        name="a damaged file of what was found out before is passed over in silence",
        file="advisor/earlier_files.py",
        old="        unread(error)\n",
        new="",
        tests=("tests/cli/test_cli_unreadable_state.py",),
    ),
)
