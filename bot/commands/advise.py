"""`/vmbackup advise VM`: what can protect it, what each way costs, and which to take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import click

from advisor.asked import AdviceAsked
from advisor.cli.parameters import advise_options
from advisor.errors import AzureUnreachable
from advisor.model import Advice
from bot.commands.command import Answer, CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.messages.card import card
from bot.messages.notices import looking_at

#: Reading one VM takes seconds. After this something hangs, and the person should know.
LONGEST_SECONDS = 300


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read the flags now, so that a slip is answered at once; look at Azure later."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(ADVISE))
    asked = services.parse(words)

    async def later() -> Answer:
        advice = await _advice(services, asked)
        shown = card(advice, invocation.asked, offers_snapshot=services.forms is not None)
        return Answer(shown, partial(_keep, services, advice, invocation))

    return CommandOutcome(looking_at(asked.vm), later)


async def _advice(services: Services, asked: AdviceAsked) -> Advice:
    try:
        async with asyncio.timeout(LONGEST_SECONDS) as limit:
            return await services.advisor.advise(asked)
    except TimeoutError:
        if not limit.expired():
            raise
        reason = f"no answer within {LONGEST_SECONDS // 60} minutes."
        raise AzureUnreachable(asked.vm, reason) from None


async def _keep(services: Services, advice: Advice, invocation: Invocation) -> None:
    if services.ledger is not None:
        await services.ledger.record(
            advice,
            team_id=invocation.team_id,
            user_id=invocation.user_id,
            channel_id=invocation.channel_id,
        )


def _flags() -> tuple[tuple[str, str], ...]:
    """Each flag and what it says, as the terminal's `--help` has them."""

    def nothing(**_values: object) -> None: ...

    command = click.command("advise", add_help_option=False)(advise_options(nothing))
    flags = (each for each in command.params if isinstance(each, click.Option))
    found = (flag.get_help_record(click.Context(command)) for flag in flags)
    return tuple(record for record in found if record is not None)


ADVISE = Subcommand(
    name="advise",
    usage="advise VM [--rpo 4h] [--keep daily=30] [--survive region] ...",
    summary=(
        "Azure Backup, Site Recovery and snapshots side by side for one VM: whether it may use "
        "them, what each costs and saves it from, and which to take. VM is web-01, "
        "resource-group/web-01 or a full ARM id."
    ),
    handle=handle,
    details=_flags(),
)
