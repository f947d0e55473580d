"""What changes by the growth of a vault: only while no point expires, of one VM, in whole days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.asked import AdviceAsked
from advisor.azure.cost_cache import CostCache
from advisor.azure.live import LiveInventory
from advisor.bill.charges import StoredDay
from advisor.bill.kinds import BillPart
from advisor.bill.months import month_of
from advisor.bill.owners import VaultItem
from advisor.bill.vault_growth import DAYS_AT_MOST, FEWEST_DAYS, grown, growth_days
from advisor.measuring import Measuring
from advisor.model import (
    BackupPolicy,
    NotRead,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
    SizeMeasured,
    Source,
)
from advisor.needs import Tiers
from advisor.prices.saved import load_book
from deploy.local.azure.billing import CHANGED_SHARE_A_DAY, Bills, used_by
from deploy.local.azure.billing import Charge as PlayedCharge
from deploy.local.azure.throttle import QueryUnits
from deploy.local.faults import Fault, Kind
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
VAULT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/v1"
ITEM = f"{VAULT}/backupfabrics/azure/protectioncontainers/c/protecteditems/vm;c;rg;a"
VM = "/subscriptions/s/resourcegroups/rg/providers/microsoft.compute/virtualmachines/a"
OWN = VaultItem(ITEM, BillPart.BACKUP, VM, "a")
OTHER = OWN._replace(key=f"{ITEM}-b", vm=f"{VM}-b", name="b")
METER = "LRS Data Stored"


def protected(days_ago: int, daily: int = 30) -> Protection:
    return Protection(
        kind=ProtectionKind.BACKUP,
        state=ProtectionState.ACTIVE,
        id=ITEM,
        policy=BackupPolicy(name="p", retention=Retention(daily=daily)),
        oldest_point=NOW - timedelta(days=days_ago),
    )


def days_of(backup: Protection) -> tuple[date, date]:
    days = growth_days(backup, NOW)
    assert not isinstance(days, str)
    return days


def billed(
    days: tuple[date, date], gib: list[Decimal], on: str = VAULT, meter: str = METER
) -> Iterator[StoredDay]:
    for number, stored in enumerate(gib):
        day = days[0] + timedelta(days=number)
        yield StoredDay(on, meter, day, stored / month_of(day).days)


def growing(days: tuple[date, date], first: int, a_day: int) -> list[Decimal]:
    return [Decimal(first + a_day * n) for n in range((days[1] - days[0]).days + 1)]


def test_a_vault_grows_by_what_changes_as_long_as_no_point_expires() -> None:
    backup = protected(20)
    days = days_of(backup)
    found = grown("x", VM, backup, [OWN], billed(days, growing(days, 100, 2)), days)
    assert isinstance(found, SizeMeasured)
    assert found.gib.likely == pytest.approx(Decimal(2))
    assert found.gib.low <= found.gib.likely <= found.gib.high < Decimal("2.2")
    assert (found.source, found.on.date()) == (Source.BILLED, date(2026, 11, 28))
    assert found.said == "the growth of vault v1 as it is billed"


@pytest.mark.parametrize(
    ("backup", "why"),
    [
        (protected(30), "expire as new ones come"),
        (protected(400), "expire as new ones come"),
        (protected(FEWEST_DAYS + 2), "fewer than 7 days"),
        (replace(protected(20), oldest_point=None), "was not read"),
        (replace(protected(20), policy=None), "was not read"),
        (protected(20, daily=0), "was not read"),
        (replace(protected(20), left_out=frozenset({"d"})), "leave disks out"),
    ],
)
def test_otherwise_it_measures_nothing_and_says_why(backup: Protection, why: str) -> None:
    days = growth_days(backup, NOW)
    assert isinstance(days, str)
    assert why in days


def test_no_more_days_are_asked_for_than_a_query_may_cover() -> None:
    first, last = days_of(protected(100, daily=180))
    assert (last - first).days == DAYS_AT_MOST - 1
    assert last == date(2026, 11, 28)


def test_of_a_vault_with_other_items_only_what_is_billed_by_item_counts() -> None:
    backup = protected(20)
    days = days_of(backup)
    both = growing(days, 300, 9)
    shared = grown("x", VM, backup, [OWN, OTHER], billed(days, both), days)
    assert isinstance(shared, NotRead)
    assert "together with what else it protects" in shared.why
    own = [
        *billed(days, both),
        *billed(days, growing(days, 100, 2), ITEM),
        *billed(days, growing(days, 500, 5), OTHER.key),  # its id begins as that of the VM's item
    ]
    by_item = grown("x", VM, backup, [OWN, OTHER], own, days)
    assert isinstance(by_item, SizeMeasured)
    assert by_item.gib.likely == pytest.approx(Decimal(2))


def test_a_vault_in_which_the_item_of_the_vm_was_not_found_measures_nothing() -> None:
    backup = protected(20)
    days = days_of(backup)
    rows = list(billed(days, growing(days, 100, 2)))
    waiting = OTHER._replace(holds_data=False)
    for items in ([], [waiting], [OTHER]):
        assert isinstance(grown("x", VM, backup, items, rows, days), NotRead)


def test_a_day_that_is_missing_or_a_vault_that_shrank_measures_nothing() -> None:
    backup = protected(20)
    days = days_of(backup)
    whole = list(billed(days, growing(days, 100, 2)))
    shrank = list(billed(days, growing(days, 100, -1)))
    still = list(billed(days, growing(days, 100, 0)))
    for rows in ([*whole[:3], *whole[4:]], shrank, still, list(billed(days, [], meter="x"))):
        assert isinstance(grown("x", VM, backup, [OWN], rows, days), NotRead)


@given(st.lists(st.integers(0, 50), min_size=17, max_size=17).filter(any), st.integers(1, 900))
def test_whatever_was_added_is_within_the_range(added: list[int], first: int) -> None:
    backup = protected(20)
    days = days_of(backup)
    stored = [Decimal(first + sum(added[:n])) for n in range((days[1] - days[0]).days + 1)]
    found = grown("x", VM, backup, [OWN], billed(days, stored), days)
    steps = added[: len(stored) - 1]
    if any(steps):
        assert isinstance(found, SizeMeasured)
        near = Decimal("0.000001")
        assert found.gib.low <= min(steps) + near
        assert found.gib.high >= max(steps) - near


# --- at the played Azure ---------------------------------------------------------------------


@asynccontextmanager
async def young(tmp_path: Path, name: str) -> Any:
    """A VM whose vault has a point of each of the last twenty days."""
    async with (
        running_fleet() as azure,
        LiveInventory(
            credential=AsyncToken(azure.world), base_url=azure.url, allow_plain_http=True
        ) as inventory,
    ):
        [item] = [
            body
            for body in azure.world.resources.values()
            if str(body["id"]).lower().endswith(f";{name}")
            and "protecteditems" in body["id"].lower()
        ]
        oldest = azure.world.now - timedelta(days=20)
        item["properties"]["extendedInfo"] |= {
            "recoveryPointCount": 21,
            "oldestRecoveryPoint": oldest.isoformat(),
        }
        azure.world.part(QueryUnits).windows = ((100_000, 10.0),)
        yield azure, Measuring(inventory, load_book(), CostCache(tmp_path, azure.url))


def changed_gib_a_day(azure: Any, name: str) -> Decimal:
    """What truly changes on a VM of the played Azure."""
    vms = azure.world.of_type("Microsoft.Compute/virtualMachines")
    [vm] = [body for body in vms if body["name"] == name]
    return used_by(vm) * CHANGED_SHARE_A_DAY


async def test_measuring_reads_the_growth_of_the_vault_and_keeps_it_a_day(tmp_path: Path) -> None:
    async with young(tmp_path, "web-03") as (azure, measuring):
        report = await measuring.of_vm(AdviceAsked(vm="web-03"), Tiers())
        asked = azure.counts["Query_Usage"]
        await measuring.of_vm(AdviceAsked(vm="web-03"), Tiers())
        assert azure.counts["Query_Usage"] == asked
        true = changed_gib_a_day(azure, "web-03")
    [changed] = [one for one in report.changed if "the growth of vault rsv-weu-zone" in one.said]
    assert changed.gib.low <= true <= changed.gib.high
    assert changed.gib.likely == pytest.approx(true, rel=Decimal("0.03"))


async def test_what_was_bought_for_a_vault_is_no_growth_of_it(tmp_path: Path) -> None:
    """Storage bought ahead stands on the same meter, and is nothing that was stored."""
    async with young(tmp_path, "web-03") as (azure, measuring):
        bills = azure.world.part(Bills)
        of_vault = [one for one in bills.charges(azure.world) if "Data Stored" in one.meter]
        day = (azure.world.now - timedelta(days=9)).date()
        bought = {"since": day, "until": day, "quantity": Decimal(9000), "kind": "Purchase"}
        bills.others += [PlayedCharge(**{**one._asdict(), **bought}) for one in of_vault]
        report = await measuring.of_vm(AdviceAsked(vm="web-03"), Tiers())
        true = changed_gib_a_day(azure, "web-03")
    [changed] = [one for one in report.changed if "the growth of vault rsv-weu-zone" in one.said]
    assert changed.gib.likely == pytest.approx(true, rel=Decimal("0.03"))


async def test_costs_that_may_not_be_read_are_named(tmp_path: Path) -> None:
    async with young(tmp_path, "web-03") as (azure, measuring):
        azure.faults.add(Fault(Kind.FORBIDDEN, "Query_Usage", times=None))
        report = await measuring.of_vm(AdviceAsked(vm="web-03"), Tiers())
    [unread] = [one for one in report.unread if "growth of vault" in one.what]
    assert unread.failed
    assert "Microsoft.CostManagement/query/read" in unread.remedy
