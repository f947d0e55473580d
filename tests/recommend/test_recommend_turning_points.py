"""Break-evens checked by pricing again beside them; the spread; the bill month by month."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.model import Advice, DiskWrites, Event, EventNeed, LineKind, Need, Retention, Vm
from advisor.needs import Tier, Tiers
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.case import Case
from advisor.options.snapshots.option import SNAPSHOTS
from tests.strategies import RETENTIONS, a_case, a_disk, a_vm, advise, known, pricer, stated

BELOW = re.compile(r"up to (\d+) days? of retention")


def cheapest(option: Any, case: Case, said: dict[str, Any]) -> Decimal:
    """The cheapest of the option's ways of keeping so much once a day, as it is priced."""
    kinds: list[dict[str, Any]] = [{"redundancy": "lrs"}, {"redundancy": "zrs"}]
    if option is AZURE_BACKUP:
        kinds = [
            {**kind, "policy": policy} for kind in kinds for policy in ("standard", "enhanced")
        ]
    prices = []
    for kind in kinds:
        chosen = option.said_configuration(case, {**kind, **said})
        likely = pricer().bill(option.usages(case, chosen))[1].likely
        assert likely is not None
        prices.append(likely)
    return min(prices)


def for_days(case: Case, days: int) -> tuple[Decimal, Decimal]:
    """Snapshots and Azure Backup keeping that many daily points; a vault keeps at least 7."""
    return (
        cheapest(SNAPSHOTS, case, {"keep": f"daily={days}"}),
        cheapest(AZURE_BACKUP, case, {"keep": f"daily={max(7, days)}"}),
    )


def turning(advice: Advice) -> int | None:
    found = [BELOW.search(sentence) for sentence in advice.break_evens]
    return next((int(match[1]) for match in found if match), None)


@pytest.mark.parametrize(
    ("used", "churn"),
    [("100", "0.02"), ("200", "0.05"), ("300", "0.1"), ("47", "0.1"), ("450", "0.07"),
     ("400", "0.02"), ("500", "0.01"), ("500", "0.05"), ("480", "0.03")],
)  # fmt: skip
def test_below_the_break_even_snapshots_are_cheaper_and_above_it_azure_backup(
    used: str, churn: str
) -> None:
    """Priced again on that day and a day later, as both are billed."""
    vm = a_vm(a_disk(size_gib=1024))
    advice = advise(vm, used_gib=Decimal(used), churn_share_per_day=Decimal(churn))
    case = a_case(vm, stated(used=used, churn=churn))
    days = turning(advice)
    if days is None:
        told = " ".join(advice.break_evens)
        whole = range(1, 400)
        cheaper = [own < vault for own, vault in (for_days(case, each) for each in whole)]
        assert ("Daily snapshots are cheaper" in told) == all(cheaper)
        assert ("Azure Backup is cheaper" in told) == (not any(cheaper))
        return
    assert days >= 1
    own, vault = for_days(case, days)
    assert own <= vault
    own, vault = for_days(case, days + 1)
    assert own >= vault


def test_a_break_even_is_within_what_azure_keeps() -> None:
    """By price alone 20 GB of which 1 % changes turn after 800 days; a disk has 500 snapshots."""
    said = {"used_gib": Decimal(20), "churn_share_per_day": Decimal("0.01")}
    advice = advise(a_vm(a_disk(size_gib=64)), **said)
    assert turning(advice) is None
    told = [each for each in advice.break_evens if "Daily snapshots" in each]
    assert told == [
        "Daily snapshots are cheaper than Azure Backup for as long as a disk can have them:"
        " 500 days."
    ]


def test_the_break_even_in_time_is_what_cross_region_restore_gives() -> None:
    [sentence] = [each for each in advise(a_vm()).break_evens if "Site Recovery" in each]
    assert "36 h" in sentence
    assert "is worth it where the loss of the region allows an RTO below" in sentence


# --- what drives the spread ------------------------------------------------------------------


def test_with_nothing_stated_the_used_size_drives_the_spread() -> None:
    advice = advise(a_vm(a_disk(size_gib=4096)))
    assert advice.drives_spread.startswith("The used size drives ")
    assert "--used 47GB" in advice.drives_spread


def test_with_the_used_size_stated_the_changed_data_drives_the_spread() -> None:
    advice = advise(a_vm(a_disk(size_gib=4096)), used_gib=Decimal(1000))
    assert advice.drives_spread.startswith("The data changed a day drives ")
    assert "--churn 2%" in advice.drives_spread


def test_with_both_stated_what_is_written_drives_the_spread_of_a_replica() -> None:
    advice = advise(
        a_vm(a_disk(size_gib=4095)),
        survive=(Event.REGION,),
        rpo=timedelta(minutes=15),
        used_gib=Decimal(1000),
        churn_share_per_day=Decimal("0.02"),
    )
    assert advice.recommended is not None
    assert advice.recommended.options == ("site-recovery",)
    assert advice.drives_spread.startswith("The data written a day drives ")
    assert "--written 80GB" in advice.drives_spread


def test_with_everything_stated_nothing_much_drives_the_spread() -> None:
    advice = advise(
        a_vm(tags={"env": "dev"}),
        used_gib=Decimal(100),
        churn_share_per_day=Decimal("0.02"),
        written_gib_per_day=Decimal(5),
    )
    assert advice.drives_spread.startswith("Nothing much")


def test_measured_writes_bound_what_changes_and_are_not_asked_for_again() -> None:
    writes = DiskWrites(days=7, written_gib_per_day=Decimal(20), peak_mb_per_s=Decimal(5))
    advice = advise(
        known(a_vm(a_disk(size_gib=4095)), writes=writes),
        survive=(Event.REGION,),
        rpo=timedelta(minutes=15),
    )
    assert "--written" not in advice.drives_spread


# --- month by month --------------------------------------------------------------------------


def keeping(retention: Retention) -> Tiers:
    """One tier for all VMs that wants a backup kept so."""
    need = Need(
        deletion=EventNeed(rpo=timedelta(days=1)), isolated=True, retention=retention, tier="one"
    )
    return Tiers(tiers=(Tier(name="one", tags={}, need=need),), default="one")


def without_archive(advice: Advice) -> bool:
    assert advice.recommended is not None
    return not any(part.proposal.configuration.get("archive") for part in advice.recommended.parts)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(RETENTIONS, st.sampled_from((20, 100, 900)))
def test_the_bill_grows_month_by_month_and_ends_at_the_steady_state(
    retention: Retention, used: int
) -> None:
    vm: Vm = a_vm(a_disk(size_gib=1024))
    advice = advise(vm, keeping(retention), used_gib=Decimal(used))
    assert advice.recommended is not None
    months = advice.by_month
    shown = [each.month for each in months]
    assert shown[:36] == list(range(1, len(shown) + 1))[:36]
    assert shown == sorted(set(shown))
    amounts = [each.amount.likely for each in months]
    if not any(retention._replace(daily=0)):  # others fall and rise with the days of a year
        assert amounts == sorted(amounts)
    assert all(each.amount.low <= each.amount.likely <= each.amount.high for each in months)
    monthly = advice.recommended.monthly
    last = months[-1].amount
    assert (last.low, last.likely, last.high) == (monthly.low, monthly.likely, monthly.high)


def test_the_first_month_holds_the_credit_and_the_first_copy() -> None:
    advice = advise(a_vm(tags={"criticality": "mission-critical"}), used_gib=Decimal(50))
    assert advice.recommended is not None
    beside = [
        line.monthly.likely
        for part in advice.recommended.parts
        for line in part.lines
        if line.usage.kind in (LineKind.CREDIT, LineKind.ONE_TIME) and line.monthly
    ]
    assert sum(beside) == Decimal(-25) + 50 * Decimal("0.02")
    first, second = advice.by_month[0].amount.likely, advice.by_month[1].amount.likely
    assert first < second
    steady = advice.recommended.monthly.likely
    assert steady is not None
    assert advice.by_month[-1].amount.likely == steady
