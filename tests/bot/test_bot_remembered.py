"""What a bot remembers while it serves is bounded, however long that is."""

from __future__ import annotations

import logging
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.mgmt.compute.aio import ComputeManagementClient

from advisor.azure.connection import AzureConnection
from advisor.model import Meter, Range, Retention
from advisor.prices.book import ANSWERS_KEPT, Book
from advisor.prices.keeper import PriceKeeper
from advisor.prices.quote import Key
from advisor.prices.saved import SAVED_NAME
from advisor.retention import REMEMBERED, Growth, gaps, point_count
from bot.azure.connection import CLIENTS_AT_MOST, AzureActs
from bot.azure.refusals import RefusedForNow
from bot.jobs.current_prices import BotPrices
from bot.workflow.workflow import CLICKS_COUNTED, Workflow
from tests.memory import held
from tests.prices.retail_price_list import PriceList, some_of_every_service

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LRS = Meter("Backup", "Backup", "Standard", "Standard LRS Data Stored", "norwayeast")
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def price_list() -> Iterator[PriceList]:
    with PriceList(some_of_every_service("norwayeast")) as server:
        yield server


def test_the_growth_of_a_fleet_remembers_few_of_the_gaps_it_was_asked_for() -> None:
    growth = Growth(Range(Decimal("0.01"), Decimal("0.02"), Decimal("0.05")))
    for day in range(1, 3 * REMEMBERED):
        growth.increments(((Decimal(day), 1),))
    spans, sums = REMEMBERED, REMEMBERED
    assert held(growth, lambda each: isinstance(each, Range)) <= 1 + spans + sums


def test_of_a_retention_of_ten_years_its_gaps_are_remembered_and_not_its_points() -> None:
    retention = Retention(daily=364, weekly=519, monthly=119, yearly=9)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    assert gaps(retention)
    assert point_count(retention) > 364
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 1024**2, "its points on each day of a year are 10 MiB"


def test_a_book_forgets_what_it_was_asked_on_days_long_gone() -> None:
    book, first = Book(()), date(2026, 1, 1)
    for day in range(ANSWERS_KEPT + 100):
        book.known_anywhere(LRS, "1 GB", "USD", first + timedelta(days=day))
    assert held(book, lambda each: isinstance(each, Key)) <= ANSWERS_KEPT


async def test_prices_that_could_not_be_saved_are_kept_once_for_each_meter(
    price_list: PriceList, tmp_path: Path
) -> None:
    (tmp_path / SAVED_NAME).with_suffix(".lock").mkdir()  # nobody can save beside it
    prices = BotPrices(tmp_path, PriceKeeper(directory=tmp_path, origin=price_list.address))
    for week in range(5):
        await prices.warm([LRS], "USD", NOW + timedelta(days=8 * week))
    asked = len(price_list.requests)
    assert asked >= 5
    assert held(prices, lambda each: isinstance(each, datetime)) == 1


async def test_clicks_that_another_worker_judged_are_forgotten(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken: Any = SimpleNamespace(new_error_id=lambda: "12345678")  # no click can be judged
    workflow = Workflow(broken)
    with caplog.at_level(logging.CRITICAL):
        for number in range(CLICKS_COUNTED + 100):
            await workflow.judge(f"click {number}")
    assert held(workflow, lambda each: str(each).startswith("click ")) == CLICKS_COUNTED


class _SignedIn:
    async def get_token(self, *_: str, **__: object) -> AccessToken:
        return AccessToken("token", 2**31)


async def test_of_thousands_of_subscriptions_those_used_last_have_a_client() -> None:
    connection = AzureConnection(
        credential=_SignedIn(), base_url=NOWHERE, allow_plain_http=True, answer_seconds=5
    )
    async with connection, AzureActs(connection) as acts:
        for number in range(CLIENTS_AT_MOST + 10):
            group = f"/subscriptions/00000000-0000-0000-0000-{number:012d}/resourceGroups/rg"
            with pytest.raises(RefusedForNow):
                await acts.get(f"{group}/providers/Microsoft.Compute/disks/disk")
        clients = held(acts, lambda each: isinstance(each, ComputeManagementClient))
    assert clients == CLIENTS_AT_MOST
