"""`/vmbackup advise VM`: what can protect it, what each way costs, and which to take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import click

from advisor.asked import AdviceAsked
from advisor.cli.parameters import advise_options
from advisor.errors import AzureUnreachable
from advisor.model import Advice
from bot.commands.command import Answer, CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.messages.card import card
from bot.messages.notices import advice_announcement

#: To read one VM takes seconds. After this time a call hangs, and the requester is told.
LONGEST_SECONDS = 300
#: Makes the answer public at once; only in Slack.
SHARE = "--share"


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read the flags now, so that a typing error is answered at once; read Azure later."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(ADVISE))
    audience, wants_public, words = services.for_advice(), SHARE in words, without_share(words)
    asked = services.parse(words)
    is_public = wants_public or audience.is_public_at_once

    async def later() -> Answer:
        await audience.require(invocation.requester)
        advice = await _advice(services, asked)
        shown = card(advice, invocation.asked, offers_snapshot=services.forms is not None)
        ruling = await audience.may_be_public(invocation.channel_id) if is_public else None
        shown = replace(shown, public=ruling is not None and ruling.allowed)
        return Answer(shown, partial(_keep, services, advice, invocation))

    return CommandOutcome(advice_announcement(asked.vm, public=is_public), later)


def without_share(words: Sequence[str]) -> list[str]:
    """The words that the parser of the terminal knows."""
    return [word for word in words if word != SHARE]


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
    """Each flag with its help text, as the terminal's `--help` has it."""

    def nothing(**_values: object) -> None: ...

    command = click.command("advise", add_help_option=False)(advise_options(nothing))
    flags = (each for each in command.params if isinstance(each, click.Option))
    found = (flag.get_help_record(click.Context(command)) for flag in flags)
    public = (SHARE, "Show the answer to the whole channel, where the settings allow that.")
    return (public, *(record for record in found if record is not None))


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
