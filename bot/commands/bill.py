"""`/vmbackup bill VM`: what the protection of one VM really cost, beside what was estimated."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from advisor.errors import AzureUnreachable, UsageError
from bot.commands.command import (
    Answer,
    CommandOutcome,
    Invocation,
    OnlyAdvises,
    Services,
    Subcommand,
)
from bot.commands.help import full_manual
from bot.messages.bill_card import bill_card
from bot.messages.notices import notice

#: To read a tenant's vaults and costs takes seconds, and Cost Management may ask for a pause.
LONGEST_SECONDS = 300
_MONTH = "--month"


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
        try:
            async with asyncio.timeout(LONGEST_SECONDS) as limit:
                return Answer(bill_card(await bills.of_vm(vm, month)))
        except TimeoutError:
            if not limit.expired():
                raise
            reason = f"no answer within {LONGEST_SECONDS // 60} minutes."
            raise AzureUnreachable(f"the bill of {vm}", reason) from None

    return CommandOutcome(notice("Reading what it cost. Only you see the bill."), later)


def _wanted(words: Sequence[str]) -> tuple[str, str | None]:
    """The VM and the month that is named. Raises UsageError."""
    rest, month = list(words), None
    if _MONTH in rest:
        place = rest.index(_MONTH)
        if place + 1 == len(rest):
            raise UsageError("--month needs a month. Write it like 2026-10.")
        month = rest[place + 1]
        del rest[place : place + 2]
    if len(rest) != 1:
        raise UsageError("Name one VM: bill web-01, or bill web-01 --month 2026-10.")
    return rest[0], month


BILL = Subcommand(
    name="bill",
    usage="bill VM [--month 2026-10]",
    summary=(
        "What the protection of one VM cost by Azure's Cost Management, beside what was "
        "estimated. Without --month: the newest month that is final. Only you see the answer."
    ),
    handle=handle,
    details=((f"{_MONTH} MONTH", "A month of UTC, as 2026-10."),),
)
