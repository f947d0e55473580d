"""Everything that is read or asked changes an answer somewhere; and each line is billed where a
table says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from advisor.asked import AdviceAsked
from advisor.model import (
    Advice,
    Consistency,
    Decision,
    Event,
    KnownVm,
    Need,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
)
from advisor.needs import Tiers, need_of
from advisor.options import OPTIONS
from tests.judgement.machines import (
    CRITICAL,
    DAY,
    DEV,
    HOUR,
    PROD,
    Backup,
    data,
    disk_backup,
    replication,
    snapshots,
    vm,
)
from tests.strategies import NOW, a_case, a_disk, a_vm, advise, asked

OS, DATA = a_disk(), data()
BACKUP = Backup().found()
SERIES = snapshots(7, 9 * HOUR, every=DAY, observed=True, kept=7 * DAY)
POINTS = replace(SERIES, kind=ProtectionKind.RESTORE_POINTS)
DATABASES = Protection(
    kind=ProtectionKind.DATABASE_BACKUP,
    state=ProtectionState.ACTIVE,
    last_point=NOW - HOUR,
    databases=("ledger",),
)
PENDING = Backup(state=ProtectionState.PENDING, age=None, facts={"since": NOW - 3 * HOUR}).found()

#: For each field of what was found: a protection, and the same one with another value there.
OTHER_VALUES: Mapping[str, tuple[Protection, Any]] = {
    "kind": (SERIES, ProtectionKind.RESTORE_POINTS),
    "state": (BACKUP, ProtectionState.STOPPED),
    "last_point": (BACKUP, NOW - 20 * HOUR),
    "vault": (BACKUP, replace(BACKUP.vault, redundancy="lrs") if BACKUP.vault else None),
    "policy": (BACKUP, replace(BACKUP.policy, every=7 * DAY) if BACKUP.policy else None),
    "target": (replication(), "norwayeast"),
    "rpo": (replication(), 3 * HOUR),
    "recovery_points": (replication(), 3 * DAY),
    "last_test_failover": (replication(), NOW - 400 * DAY),
    "count": (snapshots(3, 40 * DAY), 4),
    "regions": (SERIES, ("westeurope", "northeurope")),
    "left_out": (BACKUP, frozenset({DATA.key})),
    "consistency": (POINTS, Consistency.APPLICATION),
    "every": (SERIES, 7 * DAY),
    "observed": (SERIES, False),
    "kept": (disk_backup(DAY, 7 * DAY), 30 * DAY),
    "since": (PENDING, NOW - 9 * DAY),
    "drill_since": (replication(drill_left=True), NOW - 51 * DAY),
    "drill_left": (replication(), True),
    "health": (BACKUP, ("The last job ended with a warning.",)),
    "databases": (DATABASES, ("ledger", "orders")),
    "detail": (BACKUP, "Its last job was cancelled."),
}
#: What names a protection; how its disks were chosen, where what follows is in `left_out`; what
#: the reading itself says, in `KnownVm.not_read`; and since when a bill tells of it.
NAMES = {"id", "selective", "later_disks", "unread", "oldest_point"}


def said_of(found: Protection) -> tuple[object, ...]:
    """What a person is told of a protection and because of it, without the protection itself."""
    advice = advise(vm(OS, DATA, tags=CRITICAL, protections=(found,)))
    [in_place] = advice.in_place
    return (
        in_place.sentence,
        in_place.age,
        in_place.assessment and in_place.assessment.proposal.configuration,
        in_place.assessment and in_place.assessment.met,
        advice.decision,
        advice.warnings,
        advice.not_read,
        advice.changes,
    )


@pytest.mark.parametrize("field", OTHER_VALUES)
def test_every_field_of_what_was_found_changes_what_is_said(field: str) -> None:
    found, other = OTHER_VALUES[field]
    assert getattr(found, field) != other
    assert said_of(found) != said_of(replace(found, **{field: other}))


def test_no_field_of_a_protection_is_without_its_row() -> None:
    assert {each.name for each in fields(Protection)} == set(OTHER_VALUES) | NAMES


# --- flags ---------------------------------------------------------------------------------------

PLAIN = vm(OS, DATA, tags=PROD)
#: For each flag: a VM whose decision it changes, and a value that does.
FLAGS: Mapping[str, tuple[KnownVm, Mapping[str, Any], Any]] = {
    "survive": (PLAIN, {}, (Event.DELETION,)),
    "rpo": (vm(tags=DEV), {}, 4 * HOUR),
    "rto": (PLAIN, {}, timedelta(minutes=1)),
    "region_rpo": (PLAIN, {}, 15 * timedelta(minutes=1)),
    "region_rto": (PLAIN, {}, HOUR),
    "keep": (PLAIN, {}, Retention(daily=7)),
    "isolated": (vm(tags=DEV), {}, True),
    "consistency": (vm(OS, DATA, tags=DEV), {}, Consistency.CRASH),
    "used_gib": (PLAIN, {}, Decimal(200)),
    "churn_share_per_day": (PLAIN, {}, Decimal("0.2")),
    "changed_gib_per_day": (PLAIN, {}, Decimal(90)),
    "written_gib_per_day": (vm(tags=CRITICAL), {}, Decimal(90)),
    "peak_write_mb_per_s": (vm(tags=CRITICAL), {}, Decimal(500)),
    "to": (vm(tags=CRITICAL), {}, "norwayeast"),
    "leave_out": (PLAIN, {}, (0,)),
    "currency": (PLAIN, {}, "EUR"),
}


def decided(known: KnownVm, said: Mapping[str, Any]) -> Decision:
    advice: Advice = advise(known, **said)
    return advice.decision


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_changes_a_decision_or_its_price(flag: str) -> None:
    known, said, value = FLAGS[flag]
    assert decided(known, said) != decided(known, {**said, flag: value})


def test_no_flag_is_without_its_row() -> None:
    assert {each.name for each in fields(AdviceAsked)} == {"vm", *FLAGS}


# --- where each line is billed -------------------------------------------------------------------

HERE, THERE = "westeurope", "northeurope"
#: By the beginning of a line's name, for a VM of HERE that is protected to THERE: the region of its
#: meter, and for traffic where it goes.
BILLED_IN: Mapping[str, tuple[str, str]] = {
    "Protected instance": (HERE, ""),
    "Vault storage": (HERE, ""),
    "Archive storage": (HERE, ""),
    "Instant-restore snapshots": (HERE, ""),
    "Replicated instance": (HERE, ""),
    "First 31 days free": (HERE, ""),
    "Cache storage": (HERE, ""),
    "Traffic between regions": (HERE, THERE),
    "First copy to the other region": (HERE, THERE),
    "Replica of": (THERE, ""),
    "Recovery points": (THERE, ""),
    "Drill compute": (THERE, ""),
    "Drill disk of": (THERE, ""),
    "Snapshots copied": (THERE, ""),
    "Snapshots": (HERE, ""),
    "Restore points": (HERE, ""),
}


def test_each_line_is_billed_in_the_region_that_the_table_says() -> None:
    seen = set()
    for need in (a_need(CRITICAL), replace(a_need(CRITICAL), retention=Retention(30, 12, 60, 10))):
        disks = (OS, data(sku="StandardSSD_LRS"), data("data1", 1, sku="PremiumV2_LRS"))
        for machine in (a_vm(*disks), a_vm(OS, data(sku="StandardSSD_LRS"))):
            case = a_case(machine, need=need)
            for option in OPTIONS:
                for proposal in option.propose(case, option.configurations(case)):
                    if str(proposal.configuration.get("to", "")).startswith("zone:"):
                        continue  # nothing of it leaves the region
                    for usage in proposal.usages:
                        row = _row(usage.name)
                        seen.add(row)
                        assert (usage.meter.region, usage.meter.to_region) == BILLED_IN[row]
    assert seen == set(BILLED_IN)


def test_what_is_protected_to_another_zone_is_billed_in_its_region() -> None:
    case = a_case(a_vm(OS), need=a_need(CRITICAL))
    for option in OPTIONS:
        for proposal in option.propose(case, option.configurations(case)):
            if str(proposal.configuration.get("to", "")).startswith("zone:"):
                assert {usage.meter.region for usage in proposal.usages} == {HERE}
                assert {usage.meter.to_region for usage in proposal.usages} == {""}


def a_need(tags: Mapping[str, str]) -> Need:
    return need_of(tags, HERE, asked(), Tiers())


def _row(name: str) -> str:
    """The longest beginning that the table has."""
    rows = [row for row in BILLED_IN if name.startswith(row)]
    assert rows, name
    return max(rows, key=len)
