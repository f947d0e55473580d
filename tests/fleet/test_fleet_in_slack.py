"""`/vmbackup fleet`: who may have it, what it says beside the terminal, and a part as a part."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from advisor.azure.live import LiveInventory
from advisor.errors import AzureRefused
from advisor.inventory.estate import Estate
from advisor.model import StateNow
from advisor.model.fleet import FindingKind, FleetFinding, FleetReport, MoneySpan
from advisor.needs import Tiers
from advisor.present.fleet_chart import ByTier, chart_words, fleet_chart
from advisor.present.fleet_text import PROTECTION, finding_words, money_words, wasted
from advisor.present.fleet_words import saves_words, where_words
from advisor.prices.shipped import shipped_book
from advisor.prices.source import FixedPrices
from bot.commands import TABLE
from bot.commands.command import CommandOutcome, Invocation, OnlyAdvises, Services, WordsUnreadable
from bot.fleet_service import FleetService, SendsFiles
from bot.jobs.fleet_reader import FleetRead, FleetReader, unread_clauses
from bot.messages.blocks import Message
from bot.messages.fleet_card import WORST, fleet_card
from bot.requests.approval.people import Person
from bot.requests.approval.rules import ADVISE, LIST, Circle, RequestRules
from bot.requests.model import Requester
from bot.requests.refusals import NotAllowed
from bot.slack.audience import Audience
from bot.slack.calls import CallAnswer, CallOutcome
from bot.slack.files import OutgoingFile
from bot.slack.inbound.slash_commands import outcome_of
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.sample import sample_world
from tests.bot.slack_limits import problems
from tests.fleet.reading import live
from tests.played_shell import played_shell

GRAPH = "ResourceGraph_Resources"
ADA = Requester(team_id="T1", user_id="U01ADA")
GUS = Requester(team_id="T1", user_id="U06GUS")


def reader_of(azure: AzureStandIn, tries: int = 3) -> FleetReader:
    def inventory() -> LiveInventory:
        return live(azure, tries)

    return FleetReader(inventory, FixedPrices(shipped_book()), Tiers(), lambda: azure.world.now)


class Staff:
    """Slack as it says who somebody is."""

    async def person(self, user_id: str, *, fresh: bool = False) -> Person | None:
        return Person(user_id=user_id, name=user_id, team_id="T1", is_guest=user_id == "U06GUS")

    async def groups(self, ids: Any, *, fresh: bool = False) -> dict[str, frozenset[str] | None]:
        return dict.fromkeys(ids, frozenset())

    async def channel(self, channel_id: str, *, fresh: bool = False) -> None:
        return None


def listers(*users: str, everybody: bool = False) -> Audience:
    everyone = Circle(everybody=True)
    may = {ADVISE.table: everyone, LIST.table: Circle(users=users, everybody=everybody)}
    return Audience(Staff(), RequestRules(may=may))


class Sent:
    """Files as they were sent, to whom; each is answered so."""

    def __init__(self, answer: CallAnswer | None = None) -> None:
        self.answer = answer or CallAnswer(CallOutcome.DONE)
        self.files: list[tuple[OutgoingFile, str]] = []

    async def to_person(self, file: OutgoingFile, user_id: str) -> CallAnswer:
        self.files.append((file, user_id))
        return self.answer


def no_picture(_by_tier: ByTier) -> None:
    """The packages that draw are not installed."""


def service_at(
    azure: AzureStandIn,
    audience: Audience | None = None,
    tries: int = 3,
    vms: int | None = None,
    files: SendsFiles | None = None,
    draw: Callable[[ByTier], bytes | None] | None = None,
) -> FleetService:
    audience = audience or listers("U01ADA")
    reader = reader_of(azure, tries)
    return FleetService(reader, audience, lambda: vms, files or Sent(), draw or no_picture)


async def typed(text: str, fleets: FleetService | None) -> CommandOutcome:
    services: Any = Services(
        advisor=None,  # type: ignore[arg-type]
        parse=None,  # type: ignore[arg-type]
        table=TABLE,
        fleets=fleets,
    )
    return await outcome_of(Invocation.read({"text": text, "user_id": "U01ADA"}), services)


async def read_sample() -> FleetRead:
    async with AzureStandIn(sample_world()) as azure:
        return await reader_of(azure).read()


@pytest.fixture(scope="module")
def sample() -> FleetRead:
    return asyncio.run(read_sample())


# --- the same as everywhere -------------------------------------------------------------------


async def test_slack_says_what_the_command_line_says_of_the_same_estate(tmp_path: Path) -> None:
    async with played_shell(tmp_path / "shell") as shell:
        ran = await shell.run("vmbackup fleet --json --offline")
        table = await shell.run("vmbackup fleet --csv --offline")
        read = await reader_of(shell.azure).read()
    assert (ran.code, ran.err, table.code) == (0, "", 0)
    document, report = json.loads(ran.out), read.report
    assert document["azure"]["calls"] == report.azure.calls if report.azure else None
    rows = list(csv.DictReader(io.StringIO(table.out)))
    found = [row for row in rows if row["what"] != "vm"]
    page = html.unescape(read.page())
    card = fleet_card(report, unread_clauses(read.estate), ())
    assert len(document["findings"]) == len(found) == len(report.findings)
    for told, row, each in zip(document["findings"], found, report.findings, strict=True):
        assert (
            (told["kind"], told["id"]) == (row["what"], row["id"]) == (each.kind, each.subject_id)
        )
        assert money_of(told["saves"]) == each.saves
        assert money_of(cells(row)) == each.saves
        assert told["counted"] is each.counted is (row["counted"] == "yes")
        assert amount_of(told["costs"]) == amount_of(row["costs"]) == each.costs
        assert_on_the_page(page, each, report)
    counts = document["sums"]["by_state"]
    assert all(f"{count} {state}" in card.text for state, count in counts.items())
    assert money_of(document["saves"]) == report.saves
    assert f"To save: {money_words(report.saves, 'USD')} a month" in card.text
    assert f"{money_words(report.apart, 'USD')} a month" in card.text
    for number, each in enumerate(one for one in report.findings if one.kind in PROTECTION):
        said = f"{each.subject} ({where_words(each)}): {finding_words(each, 'USD')}."
        assert (said in card.text) is (number < WORST), each.subject


def assert_on_the_page(page: str, each: FleetFinding, report: FleetReport) -> None:
    """The page lists the worst, the dearest, and everything that is no lack of protection."""
    if each.kind not in PROTECTION:
        assert f"<td>{each.subject}</td>" in page
        assert f"<td>{saves_words(each, report.currency)}</td>" in page


def money_of(said: dict[str, Any] | None) -> MoneySpan | None:
    if said is None:
        return None
    return MoneySpan(Decimal(said["least"]), amount_of(said["most"]))


def cells(row: dict[str, str]) -> dict[str, Any] | None:
    return {"least": row["saves_least"], "most": row["saves_most"]} if row["saves_least"] else None


def amount_of(said: str | None) -> Decimal | None:
    return Decimal(said) if said else None


def test_the_card_has_the_figures_of_the_sample_fleet(sample: FleetRead) -> None:
    card = fleet_card(sample.report, (), ())
    assert card.text.startswith("44 VMs: 27 unprotected, 11 partly protected, 2 protected, 1 being")
    assert card.blocks[0]["text"]["text"].startswith("🔴 44 VMs: ")
    assert (
        "Protection costs at least 4,612 USD a month today (6 VMs without a price); "
        "as advised it costs at least 12,530 USD (5 VMs without a price)."
    ) in card.text
    assert "To save: up to 51 USD a month" in card.text
    assert "Beyond the need, and not advised away: 2 findings" in card.text
    assert problems(card.as_dict()) == []
    assert len(wasted(sample.report)) == 6


# --- a part is called one ---------------------------------------------------------------------


async def test_a_throttled_estate_gives_a_part_that_is_called_one() -> None:
    async with AzureStandIn(sample_world()) as azure:
        azure.faults.add(
            Fault(Kind.STATUS, operation=GRAPH, status=429, retry_after="0", skip=1, times=None)
        )
        message = await service_at(azure, tries=2).shown_to(ADA)
    assert "This is part of the fleet, not all of it. Not read: " in message.text
    assert "429" in message.text
    assert "vmbackup fleet" not in message.text, "Slack has no terminal"
    assert " unprotected" not in message.text.split(".")[0]
    assert problems(message.as_dict()) == []


async def test_where_not_one_vm_can_be_read_that_is_said() -> None:
    async with AzureStandIn(sample_world()) as azure:
        azure.faults.add(Fault(Kind.FORBIDDEN, operation=GRAPH, times=None))
        with pytest.raises(AzureRefused, match="the VMs and their disks"):
            await service_at(azure).shown_to(ADA)


def test_names_of_strangers_call_nobody_and_the_card_stays_within_slacks_limits() -> None:
    evil = FleetFinding(
        kind=FindingKind.UNPROTECTED,
        subject="<!channel> *" + "x" * 200,
        subject_id="/subscriptions/s/x",
        group="g" * 90,
        subscription_id="s",
        region="westeurope",
        said="<@U01ADA> " + "y" * 900,
        saves=MoneySpan(Decimal(1), None),
        counted=True,
    )
    read = asyncio.run(read_sample())
    report = read.report._replace(findings=(evil,) * 40)
    card = fleet_card(report, ["<!here> vaults: 403"] * 30, ["<!everyone>"] * 12)
    assert problems(card.as_dict()) == []
    assert "<!" not in card.text


# --- who may have it --------------------------------------------------------------------------


async def test_who_may_not_list_has_no_fleet_and_nothing_is_read() -> None:
    async with AzureStandIn(sample_world()) as azure:
        outcome = await typed("fleet", service_at(azure, listers("U02GRACE")))
        assert outcome.later is not None
        with pytest.raises(NotAllowed):
            await outcome.later()
        with pytest.raises(NotAllowed):
            await service_at(azure, listers(everybody=True)).shown_to(GUS)
        assert azure.counts[GRAPH] == 0


async def test_a_fleet_is_for_whoever_asked_alone_and_announced_at_once() -> None:
    async with AzureStandIn(sample_world()) as azure:
        outcome = await typed("fleet", service_at(azure, vms=1234))
        assert outcome.acknowledgement is not None
        assert outcome.acknowledgement.text.startswith("Reading 1,234 VMs and what protects them")
        assert azure.counts[GRAPH] == 0
        assert outcome.later is not None
        answer = await outcome.later()
    assert answer is not None
    assert not answer.message.public
    assert answer.message.text.startswith("44 VMs: ")


async def test_words_behind_it_are_answered_at_once() -> None:
    async with AzureStandIn(sample_world()) as azure:
        with pytest.raises(WordsUnreadable, match="advise web-01"):
            await typed("fleet web-01", service_at(azure))
        shown = await typed("fleet --help", service_at(azure))
    assert shown.later is None
    with pytest.raises(OnlyAdvises, match="reads no whole fleet"):
        await typed("fleet", None)


# --- the file ---------------------------------------------------------------------------------


async def test_the_report_is_sent_to_whoever_asked_and_the_card_says_where_it_is() -> None:
    sent = Sent()
    async with AzureStandIn(sample_world()) as azure:
        message = await service_at(azure, files=sent).shown_to(ADA)
        name = f"fleet-{azure.world.now:%Y%m%d}.html"
    [(file, user_id)] = sent.files
    assert (file.name, user_id) == (name, "U01ADA")
    assert file.content.startswith(b"<!doctype html>")
    assert "44 VMs: 27 unprotected" in file.comment
    said = f"The whole report ({name}) is in your direct messages with this app."
    assert said in message.text
    assert "chart" not in message.text


async def test_a_chart_is_sent_beside_it_and_said_in_words_for_who_cannot_see_it() -> None:
    sent = Sent()
    async with AzureStandIn(sample_world()) as azure:
        service = service_at(azure, files=sent, draw=lambda _: b"\x89PNG")
        message = await service.shown_to(ADA)
    [(page, _), (chart, _)] = sent.files
    assert (chart.name, chart.content) == (page.name.replace(".html", ".png"), b"\x89PNG")
    assert "production: 19 unprotected, 2 broken and 7 partly protected." in chart.alt_text
    assert f"The whole report ({page.name}) and a chart ({chart.name}) are in" in message.text


async def test_a_file_that_did_not_arrive_is_said_and_the_card_comes_all_the_same() -> None:
    refused = Sent(CallAnswer(CallOutcome.REFUSED, {"error": "missing_scope"}, "missing_scope"))
    async with AzureStandIn(sample_world()) as azure:
        message = await service_at(azure, files=refused).shown_to(ADA)
    assert message.text.startswith("44 VMs: ")
    assert "lacks the scope files:write" in message.text
    assert "is in your direct messages" not in message.text


def test_the_chart_is_a_picture_where_what_draws_it_is_installed(sample: FleetRead) -> None:
    picture = fleet_chart(sample.states_by_tier)
    assert picture is not None
    assert picture.startswith(b"\x89PNG")


def test_the_chart_says_in_words_which_tiers_it_leaves_out() -> None:
    tiers = {f"tier-{number:02}": {StateNow.BROKEN: 20 - number} for number in range(14)}
    words = chart_words(tiers)
    assert "tier-11: 9 broken. 2 more tiers with fewer VMs." in words


# --- one reading for all ----------------------------------------------------------------------


class Slow:
    """A fleet whose reading takes until the test lets it end."""

    def __init__(self, read: FleetRead) -> None:
        self._read, self.begun, self.ended = read, 0, asyncio.Event()

    async def read(self) -> FleetRead:
        self.begun += 1
        try:
            await self.ended.wait()
        except asyncio.CancelledError:
            self.begun = -1
            raise
        return self._read


async def test_people_who_ask_meanwhile_share_one_reading(sample: FleetRead) -> None:
    slow = Slow(sample)
    service = FleetService(slow, listers(everybody=True), lambda: None, Sent(), no_picture)
    asked = [asyncio.create_task(service.shown_to(ADA)) for _ in range(5)]
    await until(lambda: slow.begun > 0)
    asked[0].cancel()
    slow.ended.set()
    told = await asyncio.gather(*asked[1:])
    assert slow.begun == 1
    assert isinstance(told[0], Message)
    await service.shown_to(ADA)
    assert slow.begun == 2, "a later question is answered by a reading of then"


async def test_a_reading_that_nobody_waits_for_ends(sample: FleetRead) -> None:
    slow = Slow(sample)
    service = FleetService(slow, listers(everybody=True), lambda: None, Sent(), no_picture)
    asked = asyncio.create_task(service.shown_to(ADA))
    await until(lambda: slow.begun > 0)
    asked.cancel()
    await until(lambda: slow.begun == -1)


async def test_a_reading_ends_with_the_bot_and_leaves_no_thread_at_work() -> None:
    async with AzureStandIn(sample_world()) as azure:
        azure.faults.add(Fault(Kind.SLOW, operation=GRAPH, seconds=30, times=None))
        reading = asyncio.create_task(reader_of(azure).read())
        await until(lambda: azure.counts[GRAPH] > 0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        executor_ends = asyncio.get_running_loop().shutdown_default_executor()
        async with asyncio.timeout(20):  # far below the 30 s that Azure takes
            await executor_ends


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def test_what_was_not_read_is_said_once_and_without_a_remedy_of_the_terminal() -> None:
    from advisor.inventory.coverage import InventoryRead
    from advisor.inventory.find import Fleet
    from advisor.inventory.joining import Resources
    from advisor.model import NotRead

    note = NotRead("the vaults", "429", "vmbackup fleet --resume", failed=True)
    estate = Estate(Fleet(()), Resources(), InventoryRead(unclear=(note, note)))
    assert unread_clauses(estate) == ("the vaults: 429",)
