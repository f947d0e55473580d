"""A row of a fleet is the answer of `advise` on the same VM, over thousands of VMs."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from functools import cache

import pytest

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.fleet.report import fleet_rows
from advisor.fleet.rows import fleet_row
from advisor.inventory.estate import Estate
from advisor.model import Advice, KnownVm, StateNow
from advisor.model.fleet import FleetRow
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.quote import full_date
from advisor.prices.shipped import shipped_book
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.generate import generated_world
from tests.bench.fleet import NOW, fleet
from tests.fleet.reading import read

#: VMs that are compared, half of them made in memory and half read from the played Azure.
VMS = int(os.environ.get("VMBACKUP_FLEET_VMS", "2000"))
PARTS = 4


@cache
def _made() -> list[KnownVm]:
    return fleet(VMS // 2)


@cache
def _read() -> Estate:
    async def whole() -> Estate:
        async with AzureStandIn(generated_world(VMS // 2, seed=7)) as azure:
            return await read(azure)

    return asyncio.run(whole())


@pytest.mark.parametrize("part", range(PARTS))
def test_a_row_of_a_fleet_is_what_advise_says_of_a_vm_that_was_made_up(part: int) -> None:
    _compare(_made()[part::PARTS], NOW)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_row_of_a_fleet_is_what_advise_says_of_a_vm_that_was_read(part: int) -> None:
    vms = _read().fleet.vms
    assert len(vms) == VMS // 2
    _compare(vms[part::PARTS], generated_world(1).now)


def _compare(vms: list[KnownVm] | tuple[KnownVm, ...], now: datetime) -> None:
    """Every VM by both ways; the rows come from one pass over all of them, as in a fleet."""
    assert vms
    pricer = Pricer(shipped_book(), "USD", now.date())
    rows = list(fleet_rows(vms, "USD", Tiers(), pricer, now))
    for known, row in zip(vms, rows, strict=True):
        advice = advise_known(known, AdviceAsked(vm=known.vm.id), Tiers(), shipped_book(), now)
        _same(row, advice)


def _same(row: FleetRow, advice: Advice) -> None:
    decision, name = advice.decision, advice.known.vm.id
    assert row.state is advice.now.state, name
    assert row.state_words == advice.now.words, name
    assert row.courses == decision.courses, name
    assert row.meets is decision.meets, name
    assert row.conditions == decision.conditions, name
    assert row.difference == decision.difference, name
    assert row.after == (decision.plan.monthly if decision.plan else None), name
    nothing = advice.now.state is StateNow.UNPROTECTED and not advice.in_place
    assert (row.today == decision.today) or (nothing and row.today and row.today.likely == 0), name
    # What only `advise` tells of may rest on an older price than the row does.
    whole = fleet_row(advice)
    assert full_date(row.prices_as_of) >= full_date(whole.prices_as_of), name
    assert row._replace(prices_as_of="") == whole._replace(prices_as_of=""), name
