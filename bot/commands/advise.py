"""`/vmbackup advise VM`: what can protect it, what each way costs, and which to take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from advisor.asking import Asked
from advisor.errors import AzureUnreachable
from advisor.model import Advice
from bot.commands.command import Invocation, Outcome, Services, Subcommand
from bot.commands.help import full_manual
from bot.messages.blocks import Message
from bot.messages.card import card
from bot.messages.notices import looking_at

#: Reading one VM takes seconds. After this something hangs, and the person should know.
LONGEST_SECONDS = 300

FLAGS = (
    ("--rpo 4h", "how much data may be lost after a deletion or a bad change"),
    ("--rto 1h", "how long it may take to be back"),
    ("--survive deletion|zone|region", "what must be survived; may be given several times"),
    ("--region-rpo 36h", "how much data may be lost with the region"),
    ("--region-rto 24h", "how long it may take to be back in another region"),
    ("--keep daily=30,weekly=12,monthly=12,yearly=3", "how many recovery points are kept"),
    ("--isolated", "points must be out of reach of whoever can delete the VM"),
    ("--consistency crash|file-system|application", "how good a recovery point must be"),
    ("--used 47GB", "how much of the disks is in use"),
    ("--churn 2%", "how much of it changes a day"),
    ("--written 80GB", "how much is written a day"),
    ("--peak-write 12MB/s", "the highest write rate"),
    ("--to REGION or --to zone:2", "where Site Recovery should replicate to"),
    ("--currency USD", "the currency of the prices"),
)


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> Outcome:
    """Read the flags now, so that a slip is answered at once; look at Azure later."""
    if {"--help", "-h"} & set(words):
        return Outcome(full_manual(ADVISE))
    asked = services.parse(words)

    async def later() -> Message:
        return card(await _advice(services, asked), invocation.asked)

    return Outcome(looking_at(asked.vm), later)


async def _advice(services: Services, asked: Asked) -> Advice:
    try:
        async with asyncio.timeout(LONGEST_SECONDS) as limit:
            return await services.advisor.advise(asked)
    except TimeoutError:
        if not limit.expired():
            raise
        reason = f"no answer within {LONGEST_SECONDS // 60} minutes."
        raise AzureUnreachable(asked.vm, reason) from None


ADVISE = Subcommand(
    name="advise",
    usage="advise VM [--rpo 4h] [--keep daily=30] [--survive region] ...",
    summary=(
        "Azure Backup, Site Recovery and snapshots side by side for one VM: whether it may use "
        "them, what each costs and saves it from, and which to take. VM is web-01, "
        "resource-group/web-01 or a full ARM id."
    ),
    handle=handle,
    details=FLAGS,
)
