"""`/vmbackup bill VM`: what the protection of one VM really cost, beside what was estimated."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from advisor.bill.accuracy import AccuracyFound
from advisor.errors import UsageError
from advisor.present.accuracy_chart import accuracy_chart, chart_words
from bot.commands.billing import Bills, SendsCharts
from bot.commands.command import (
    Answer,
    CommandOutcome,
    Invocation,
    OnlyAdvises,
    Services,
    Subcommand,
)
from bot.commands.help import full_manual
from bot.commands.in_time import in_time
from bot.messages.accuracy_card import accuracy_card
from bot.messages.bill_card import bill_card
from bot.messages.blocks import Message
from bot.messages.notices import notice

#: To read a tenant's vaults and costs takes seconds, and Cost Management may ask for a pause.
LONGEST_SECONDS = 300
_MONTH, _ACCURACY = "--month", "--accuracy"


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read the words now; read the costs later. Only whoever asked sees them."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(BILL))
    audience = services.for_advice()
    bills = services.bills
    if bills is None:
        raise OnlyAdvises("This bot reads no bills.")
    vm, month = _wanted(words)

    async def later() -> Answer:
        await audience.require(invocation.requester)
        about = f"the bill of {vm}" if vm else "the bills"
        reading = _read(bills, services.charts, vm, month, invocation)
        return Answer(await in_time(reading, about, LONGEST_SECONDS))

    return CommandOutcome(notice("Reading what it cost. Only you see the answer."), later)


async def _read(
    bills: Bills, charts: SendsCharts | None, vm: str, month: str | None, invocation: Invocation
) -> Message:
    if vm:
        return bill_card(await bills.of_vm(vm, month))
    given = await bills.accuracy(month)
    chart_note = await _chart(given, charts, invocation.user_id) if given.found else ""
    return accuracy_card(given, chart_note)


async def _chart(given: AccuracyFound, charts: SendsCharts | None, user_id: str) -> str:
    """Draws and sends it; a sentence that says where it is, or why it is nowhere."""
    if charts is None:
        return ""
    try:
        picture = await asyncio.to_thread(accuracy_chart, given.found, "png")
    except UsageError:
        return "There is no chart: this bot is installed without the extra “chart”."
    shows = chart_words(given.found)
    problem = await charts.send(picture, "How far the estimates were off", shows, user_id)
    return problem or "The chart is in your direct messages with this app."


def _wanted(words: Sequence[str]) -> tuple[str, str | None]:
    """The VM, empty for the accuracy of all, and the month that is named. Raises UsageError."""
    rest, month = list(words), None
    if _MONTH in rest:
        place = rest.index(_MONTH)
        if place + 1 == len(rest):
            raise UsageError("--month needs a month. Write it like 2026-10.")
        month = rest[place + 1]
        del rest[place : place + 2]
    if _ACCURACY in rest:
        if rest != [_ACCURACY]:
            raise UsageError("--accuracy is about every VM. Leave the VM out: bill --accuracy.")
        return "", month
    if len(rest) != 1:
        raise UsageError("Name one VM: bill web-01, or bill web-01 --month 2026-10.")
    return rest[0], month


BILL = Subcommand(
    name="bill",
    usage="bill VM|--accuracy [--month 2026-10]",
    summary=(
        "What the protection of one VM cost by Azure's Cost Management, beside what was "
        "estimated. Without --month: the newest month that is final. Only you see the answer."
    ),
    handle=handle,
    details=(
        (f"{_MONTH} MONTH", "A month of UTC, as 2026-10."),
        (_ACCURACY, "How far the estimates were off, over all VMs, with a chart for you alone."),
    ),
)
