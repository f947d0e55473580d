"""The ledger: what was advised is kept once the card has arrived, and never in anybody's way."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from little_slack import little_slack
from running_bot import TRANSPORTS, Adviser, Desk, settings_for
from sample_advice import a_vm, an_advice

from advisor.cli.parameters import parse_asked
from advisor.errors import DatabaseUnreachable, VmNotFound
from advisor.model import Advice, KnownVm, Monthly
from bot.commands.command import Records
from bot.composition.slack_app import build_bot, over_http, over_socket_mode
from bot.database import Database, open_database
from bot.database.ledger import AdviceGiven, Ledger
from tests.databases import Served

WHO = {"team_id": "T111", "user_id": "U111", "channel_id": "C111"}


@pytest.fixture
async def database(served: Served) -> AsyncIterator[Database]:
    async with little_slack() as slack:
        settings = settings_for(slack, DATABASE_URL=served.url)
    async with open_database(settings) as database:
        yield database


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    return Ledger(database)


async def only(ledger: Ledger, vm_id: str) -> AdviceGiven:
    (row,) = await ledger.of_vm(vm_id)
    return row


# --- what a row holds -----------------------------------------------------------------------


async def test_a_row_holds_the_plan_its_cost_and_who_asked(ledger: Ledger) -> None:
    advice = an_advice()
    assert advice.recommended is not None
    await ledger.record(advice, **WHO)
    row = await only(ledger, advice.known.vm.id.upper())
    cost, (part,) = advice.recommended.monthly, advice.recommended.parts
    assert (row.monthly_low, row.monthly_likely, row.monthly_high) == (
        cost.low,
        cost.likely,
        cost.high,
    )
    assert row.vm_id == advice.known.vm.id.lower()
    assert (row.currency, row.prices_as_of) == (advice.currency, advice.prices_as_of)
    assert row.options == ["azure-backup"]
    assert row.configuration["azure-backup"].keys() == part.proposal.configuration.keys()
    assert (row.asked_by_team, row.asked_by_user, row.channel) == ("T111", "U111", "C111")
    assert row.given_at.tzinfo is not None


async def test_money_is_kept_to_the_last_digit(ledger: Ledger) -> None:
    plan = an_advice().recommended
    assert plan is not None
    odd = Decimal("12345678.000000000123")
    cost = Monthly("USD", odd, odd, odd)
    await ledger.record(an_advice(recommended=replace(plan, monthly=cost)), **WHO)
    assert (await only(ledger, a_vm().id)).monthly_likely == odd


async def test_a_missing_price_leaves_a_floor_and_its_name(ledger: Ledger) -> None:
    plan = an_advice().recommended
    assert plan is not None
    cost = Monthly("EUR", Decimal("3.5"), None, None, ("GRS storage in northeurope",))
    advice = an_advice(recommended=replace(plan, monthly=cost), currency="EUR")
    await ledger.record(advice, **WHO)
    row = await only(ledger, a_vm().id)
    assert (row.monthly_low, row.monthly_likely, row.monthly_high) == (Decimal("3.5"), None, None)
    assert row.missing == ["GRS storage in northeurope"]


async def test_an_advice_without_a_plan_is_kept_without_a_cost(ledger: Ledger) -> None:
    await ledger.record(an_advice(recommended=None), **WHO)
    row = await only(ledger, a_vm().id)
    assert (row.options, row.configuration, row.monthly_low) == ([], {}, None)


async def test_texts_are_only_ever_values(ledger: Ledger) -> None:
    name = "x'); DROP TABLE advice_given; --%s{}\\"
    await ledger.record(an_advice(known=KnownVm(vm=a_vm(name))), **WHO)
    assert (await only(ledger, a_vm(name).id)).vm_id == a_vm(name).id.lower()


async def test_the_newest_comes_first_and_other_vms_are_not_in_it(ledger: Ledger) -> None:
    for name in ("web-01", "web-02", "web-01"):
        await ledger.record(an_advice(known=KnownVm(vm=a_vm(name))), **WHO)
    first, second = await ledger.of_vm(a_vm("web-01").id)
    assert first.given_at >= second.given_at
    assert first.id > second.id
    assert len(await ledger.of_vm(a_vm("web-01").id, at_most=1)) == 1


# --- when a row is written ------------------------------------------------------------------


class Remembers:
    """A ledger of this test: what it was given, or the error it is to raise."""

    def __init__(self, error: Exception | None = None) -> None:
        self.rows: list[tuple[str, dict[str, str]]] = []
        self.error = error

    async def record(self, advice: Advice, **who: str) -> None:
        if self.error is not None:
            raise self.error
        self.rows.append((advice.known.vm.name, who))


async def after_one(ledger: Records, *, transport: str = "http", **how: Any) -> Desk:
    """A bot with that ledger that has answered one command and finished its work."""
    async with little_slack() as slack:
        slack.answers = how.get("answers", [])
        slack.ephemeral_error = how.get("ephemeral_error", "")
        adviser = Adviser()
        adviser.error = how.get("error")
        bot = build_bot(settings_for(slack), adviser, parse_asked, ledger)
        if transport == "socket":
            async with over_socket_mode(bot):
                desk = Desk(slack, adviser, bot, "")
                await desk.say("advise web-01")
                await desk.answer()
        else:
            async with over_http(bot, "127.0.0.1", 0) as port:
                desk = Desk(slack, adviser, bot, f"http://127.0.0.1:{port}/slack/events")
                await desk.say("advise web-01")
                await desk.answer()
        return desk


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_card_that_arrived_is_in_the_database(transport: str, ledger: Ledger) -> None:
    await after_one(ledger, transport=transport)
    row = await only(ledger, a_vm("web-01").id)
    assert (row.asked_by_team, row.asked_by_user, row.channel) == ("T111", "U111", "C111")


async def test_a_card_that_reached_only_the_person_is_kept_too() -> None:
    ledger = Remembers()
    await after_one(ledger, answers=[web.Response(status=404)])
    assert [name for name, _ in ledger.rows] == ["web-01"]


async def test_a_card_that_reached_nobody_is_not_kept() -> None:
    ledger = Remembers()
    await after_one(ledger, answers=[web.Response(status=404)], ephemeral_error="not_in_channel")
    assert ledger.rows == []


async def test_an_answer_that_is_no_advice_is_not_kept() -> None:
    ledger = Remembers()
    await after_one(ledger, error=VmNotFound("web-01"))
    assert ledger.rows == []


@pytest.mark.parametrize("error", [DatabaseUnreachable("It is away."), ZeroDivisionError("odd")])
async def test_a_row_that_cannot_be_written_disturbs_nobody_and_is_in_the_log(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    desk = await after_one(Remembers(error))
    (answer,) = desk.slack.of("response")
    assert answer.body["text"].startswith("web-01 is unprotected. Protect")
    assert desk.slack.of("chat.postEphemeral") == []
    assert re.search(r"Error [0-9a-f]{8}: the answer was given, its record was not", caplog.text)


async def test_a_database_that_is_away_does_not_keep_the_card_back(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """The real ledger on a database that was closed under it."""
    async with little_slack() as slack:
        settings = settings_for(slack, DATABASE_URL=served.url)
    async with open_database(settings) as database:
        ledger = Ledger(database)
    desk = await after_one(ledger)
    assert desk.slack.of("response")[0].body["text"].startswith("web-01 is unprotected. Protect")
    assert "its record was not kept" in caplog.text
