"""`/vmbackup bill`: who may have it, what it reads, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from little_slack import little_slack
from psycopg.types.json import Jsonb
from running_bot import settings_for
from sample_advice import an_advice
from slack_limits import problems
from slack_sdk.web.async_client import AsyncWebClient

from advisor.azure.live import LiveInventory
from advisor.bill.bill import VmBill
from advisor.bill.ledger import LedgerEntry, entry_of
from advisor.bill.months import Month, last_final
from advisor.earlier import Earlier
from advisor.errors import UsageError
from advisor.kept_measures import KeptMeasures, measures_to_dict
from advisor.model import BilledSizes, Range, SizeMeasured, Source
from advisor.prices.saved import load_book
from bot.commands import TABLE
from bot.commands.command import (
    CommandOutcome,
    Invocation,
    OnlyAdvises,
    Services,
    WordsUnreadable,
)
from bot.commands.manifest import manifest
from bot.composition.bills import ChartsBySlack, LedgerBills
from bot.database import Database, open_database
from bot.database.earlier import EarlierStore
from bot.database.learned import LearnedStore
from bot.database.ledger import Ledger
from bot.database.measured import MeasuredStore
from bot.messages.bill_card import bill_card
from bot.messages.blocks import Message
from bot.requests.refusals import NotAllowed
from bot.slack.files import Files
from bot.slack.inbound.slash_commands import outcome_of
from deploy.local.azure.server import AzureStandIn
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

SIZE = SizeMeasured(
    Range.exactly(Decimal(60)), Source.GUEST, "the guest", datetime(2026, 11, 30, 12, tzinfo=UTC)
)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


class Prices:
    """Prices that are here, and never asked for."""

    book = load_book()

    async def bring(self, *_: object) -> Any:
        raise AssertionError("a bill asks no price list")


class Everybody:
    is_public_at_once = False

    async def require(self, requester: Any, *, fresh: bool = False) -> None:
        return None


class Nobody(Everybody):
    async def require(self, requester: Any, *, fresh: bool = False) -> None:
        raise NotAllowed("You may not ask.")


async def none_given() -> tuple[()]:
    return ()


class Remembered:
    """What was learned, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, BilledSizes] = {}

    async def keep(self, learned: Mapping[str, BilledSizes]) -> None:
        self.kept |= learned

    @property
    def learned(self) -> Remembered:
        return self

    async def all(self) -> Mapping[str, Earlier]:
        return {vm: Earlier(billed) for vm, billed in self.kept.items()}


def bills_at(inventory: LiveInventory, learned: Remembered | None = None) -> LedgerBills:
    now, kept = (lambda: datetime.now(UTC)), learned or Remembered()
    return LedgerBills(inventory, Prices(), none_given, now, kept)


@pytest.fixture
async def inventory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LiveInventory]:
    monkeypatch.setenv("VMBACKUP_CACHE_DIR", str(tmp_path))
    async with running_fleet() as azure, live(azure) as found:
        yield found


def live(azure: AzureStandIn) -> LiveInventory:
    token = AsyncToken(azure.world)
    return LiveInventory(credential=token, base_url=azure.url, allow_plain_http=True)


async def typed(
    text: str,
    bills: LedgerBills | None,
    audience: Any = None,
    charts: ChartsBySlack | None = None,
    user_id: str = "U1",
) -> CommandOutcome:
    services: Any = Services(
        advisor=None,  # type: ignore[arg-type]
        parse=None,  # type: ignore[arg-type]
        table=TABLE,
        audience=audience or Everybody(),
        bills=bills,
        charts=charts,
    )
    return await outcome_of(Invocation.read({"text": text, "user_id": user_id}), services)


async def test_the_bill_of_a_vm_is_read_and_fits_into_a_message(inventory: LiveInventory) -> None:
    outcome = await typed("bill sql-01", bills_at(inventory))
    assert outcome.later is not None
    answer = await outcome.later()
    assert answer is not None
    message = answer.message
    assert problems(message.as_dict()) == []
    assert "Protection cost" in message.text
    assert "Estimated were" in message.text
    assert "Azure Backup: vault storage" in str(message.blocks)


async def test_what_a_bill_tells_is_said_and_kept_for_the_next_advice(
    inventory: LiveInventory,
) -> None:
    learned = Remembered()
    outcome = await typed("bill db-01", bills_at(inventory, learned))
    assert outcome.later is not None
    answer = await outcome.later()
    assert answer is not None
    [(vm, sizes)] = learned.kept.items()
    assert vm.endswith("/db-01")
    assert sizes.told_by == ("vault storage", "snapshots")
    assert "The next advice counts with" in str(answer.message.blocks)


async def test_a_month_may_be_named_and_one_that_is_not_final_has_no_verdict(
    inventory: LiveInventory,
) -> None:
    this = datetime.now(UTC).date()
    outcome = await typed(f"bill sql-01 --month {this:%Y-%m}", bills_at(inventory))
    assert outcome.later is not None
    answer = await outcome.later()
    assert answer is not None
    assert "No verdict yet" in answer.message.text
    assert "Estimated" not in str(answer.message.blocks)


async def test_who_may_not_ask_has_no_bill(inventory: LiveInventory) -> None:
    outcome = await typed("bill sql-01", bills_at(inventory), Nobody())
    assert outcome.later is not None
    with pytest.raises(NotAllowed):
        await outcome.later()


@pytest.mark.parametrize("text", ["bill", "bill a b", "bill a --month"])
async def test_words_that_cannot_be_read_are_answered_at_once(text: str) -> None:
    with pytest.raises(WordsUnreadable):
        await typed(text, bills_at(LiveInventory()))


async def test_a_bot_without_bills_says_so() -> None:
    with pytest.raises(OnlyAdvises, match="reads no bills"):
        await typed("bill web-01", None)


async def test_what_is_no_month_is_refused(inventory: LiveInventory) -> None:
    with pytest.raises(UsageError, match="is not a month"):
        await bills_at(inventory).of_vm("sql-01", "october")


def test_a_vm_without_costs_and_with_a_strangers_name_has_a_message_too() -> None:
    bill = VmBill(
        vm="/subscriptions/s/x",
        name="<!channel> *" + "x" * 300,
        month=Month(2026, 10),
        read_at=datetime(2026, 11, 30, tzinfo=UTC),
        today=datetime(2026, 11, 30, tzinfo=UTC).date(),
        lines=(),
        nobody=(),
        apart=(),
        estimate=None,
        differences=(),
        notes=("the vault v: 403.",) * 40,
    )
    message = bill_card(bill)
    assert problems(message.as_dict()) == []
    assert "<!channel>" not in message.text


# --- the accuracy ----------------------------------------------------------------------------


async def test_the_accuracy_is_said_and_its_chart_sent_to_whoever_asked_alone(
    inventory: LiveInventory,
) -> None:
    month, learned = last_final(datetime.now(UTC).date()), Remembered()
    first = await bills_at(inventory).of_vm("db-01", str(month))
    assert first.estimate is not None
    at = datetime(month.year, month.month, 2, tzinfo=UTC)
    said = LedgerEntry(first.vm, at, "USD", "", {}, first.estimate.lines, ())

    async def given() -> tuple[LedgerEntry, ...]:
        return (said,)

    bills = LedgerBills(inventory, Prices(), given, lambda: datetime.now(UTC), learned)
    async with SlackStandIn(manifest()) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        charts = ChartsBySlack(Files(client, slack.api_url))
        answer = await answered("bill --accuracy", bills, charts, user_id=ADA.id)
        [sent] = slack.messages("D01ADA")
        [file] = sent.files
        assert slack.workspace.files[file["id"]].content.startswith(b"\x89PNG")  # type: ignore[union-attr]
        assert "Median error by month in USD" in file["alt_txt"]
        app = slack.workspace.app
        slack.workspace.app = replace(app, scopes=app.scopes - {"files:write"})
        without = await answered("bill --accuracy", bills, charts, user_id=ADA.id)
    assert problems(answer.as_dict()) == []
    assert "In USD half of 1 estimates" in answer.text
    assert "direct messages with this app" in answer.text
    assert "There is no chart: This app may not send files" in without.text
    assert first.vm in learned.kept


async def test_before_an_estimate_was_given_the_accuracy_says_so(inventory: LiveInventory) -> None:
    answer = await answered("bill --accuracy", bills_at(inventory), None)
    assert problems(answer.as_dict()) == []
    assert "No estimate is in the ledger yet" in answer.text
    with pytest.raises(WordsUnreadable, match="Leave the VM out"):
        await typed("bill web-01 --accuracy", bills_at(inventory))


async def answered(
    text: str, bills: LedgerBills, charts: ChartsBySlack | None, user_id: str = "U1"
) -> Message:
    outcome = await typed(text, bills, charts=charts, user_id=user_id)
    assert outcome.later is not None
    answer = await outcome.later()
    assert answer is not None
    return answer.message


# --- what is kept in the database ------------------------------------------------------------


@pytest.fixture
async def database(served: Served) -> AsyncIterator[Database]:
    async with little_slack() as slack:
        settings = settings_for(slack, DATABASE_URL=served.url)
    async with open_database(settings) as database:
        yield database


async def test_an_advice_is_kept_with_its_lines_and_the_time_of_the_database(
    database: Database,
) -> None:
    advice, ledger = an_advice(), Ledger(database)
    await ledger.record(advice, team_id="T1", user_id="U1", channel_id="C1")
    [row] = await ledger.of_vm(advice.known.vm.id)
    [found] = await ledger.estimates()
    assert found == entry_of(advice, row.given_at)._replace(given_at=found.given_at)
    assert abs(found.given_at - row.given_at) < timedelta(seconds=1)


async def test_an_estimate_that_cannot_be_read_leaves_the_others_readable(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    advice, ledger = an_advice(), Ledger(database)
    for _ in range(2):
        await ledger.record(advice, team_id="T1", user_id="U1", channel_id="C1")
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE advice_given SET estimate = '{}' WHERE id = (SELECT min(id) FROM advice_given)"
        )
    assert len(await ledger.estimates()) == 1
    assert "cannot be read" in caplog.text


async def test_the_database_keeps_what_the_newest_month_told_of_each_vm(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    store, near = LearnedStore(database), Range(Decimal(1), Decimal(2), Decimal(3))
    old = BilledSizes(near, None, "2026-09", ("vault storage",), disks="x")
    new = old._replace(month="2026-10", churn_share_per_day=near)
    await store.keep({"a": new, "b": old})
    await store.keep({"a": old})
    assert await store.all() == {"a": new, "b": old}
    assert await store.learned("a") == new
    assert await store.learned("c") is None
    async with database.connection() as connection:
        await connection.execute("UPDATE learned_sizes SET sizes = '{}' WHERE vm_id = 'a'")
    assert await store.all() == {"b": old}
    assert "cannot be read" in caplog.text


async def test_the_database_keeps_each_part_until_it_is_measured_anew(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    store, earlier = MeasuredStore(database), EarlierStore(database)
    both = KeptMeasures("x", used=SIZE, changed=SIZE)
    later = SIZE._replace(on=SIZE.on + timedelta(hours=1))
    await store.keep("a", both)
    await store.keep("a", KeptMeasures("x", changed=later))
    assert await earlier.earlier("a") == Earlier(measured=both._replace(changed=later))
    assert await earlier.all() == {"a": await earlier.earlier("a")}
    await store.keep("a", KeptMeasures("other disks", used=SIZE))
    assert await store.measured("a") == KeptMeasures("other disks", used=SIZE)
    async with database.connection() as connection:
        await connection.execute("UPDATE measured_vms SET measures = '{}'")
    assert await earlier.earlier("a") == Earlier()
    assert "cannot be read" in caplog.text


async def waiting(database: Database) -> bool:
    """Whether somebody waits for a lock."""
    async with database.connection() as connection:
        row = await (await connection.execute(WAITING)).fetchone()
    return row is not None and bool(row[0])


async def test_of_two_who_measure_a_vm_for_the_first_time_neither_is_lost(
    database: Database,
) -> None:
    store = MeasuredStore(database)
    used, changed = KeptMeasures("x", used=SIZE), KeptMeasures("x", changed=SIZE)
    async with database.connection() as first:
        await first.execute(
            "INSERT INTO measured_vms VALUES ('a', %s, vmbackup_now())",
            (Jsonb(measures_to_dict(used)),),
        )
        second = asyncio.create_task(store.keep("a", changed))
        async with asyncio.timeout(30):
            while not await waiting(database):
                await asyncio.sleep(0.01)
    await second
    assert await store.measured("a") == KeptMeasures("x", used=SIZE, changed=SIZE)
