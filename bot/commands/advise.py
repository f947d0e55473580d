"""`/vmbackup advise VM`: what can protect it, what each way costs, and which to take."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import click

from advisor.asked import AdviceAsked
from advisor.cli.parameters import advise_options
from advisor.errors import DatabaseUnreachable
from advisor.model import Advice
from bot.commands.command import Answer, CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.commands.in_time import in_time
from bot.messages.advice_told import AdviceTold, told
from bot.messages.card import CardShown, card
from bot.messages.notices import advice_announcement
from bot.requests.model import Requester

_log = logging.getLogger(__name__)

#: To read one VM takes seconds. After this time a call hangs, and the requester is told.
LONGEST_SECONDS = 300
#: Makes the answer public at once; only in Slack.
SHARE = "--share"


class AdviceWish(NamedTuple):
    """An advice that somebody wants."""

    asked: AdviceAsked
    words: tuple[str, ...]  #: after `advise`, without --share
    requester: Requester
    small_print: str  #: the requester and the command, for the channel
    is_public: bool = False  #: where the channel may read it


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read the flags now, so that a typing error is answered at once; read Azure later."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(ADVISE))
    audience, wants_public = services.for_advice(), SHARE in words
    words = tuple(word for word in words if word != SHARE)
    wish = AdviceWish(
        asked=services.parse(words),
        words=words,
        requester=invocation.requester,
        small_print=invocation.asked,
        is_public=wants_public or audience.is_public_at_once,
    )
    shown = advice_announcement(wish.asked.vm, public=wish.is_public)
    return CommandOutcome(shown, partial(advise_now, services, wish))


async def advise_now(services: Services, wish: AdviceWish) -> Answer:
    """The answer to whoever may have it; for the channel where that may read it. Raises
    VmbackupError."""
    audience = services.for_advice()
    await audience.require(wish.requester)
    advice = await _advice(services, wish.asked)
    said = told(advice)
    ruling = await audience.may_be_public(wish.requester.channel_id) if wish.is_public else None
    is_public = ruling is not None and ruling.allowed
    shown = CardShown(
        advice_id=await _stored(services, said, wish),
        public=is_public,
        asked=wish.small_print if is_public else "",
        private_because="" if ruling is None or is_public else ruling.sentence,
        offers_snapshot=services.forms is not None,
    )
    return Answer(card(said, shown), partial(_record, services, advice, wish.requester))


async def _advice(services: Services, asked: AdviceAsked) -> Advice:
    return await in_time(services.advisor.advise(asked), asked.vm, LONGEST_SECONDS)


async def _stored(services: Services, said: AdviceTold, wish: AdviceWish) -> str:
    """The id of the stored advice; empty where it could not be stored: the answer comes anyway."""
    if services.advices is None:
        return ""
    try:
        return await services.advices.keep(said, wish.words, wish.requester)
    except DatabaseUnreachable as error:
        _log.error("An advice could not be stored, so its card has no buttons: %s", error)
        return ""


async def _record(services: Services, advice: Advice, requester: Requester) -> None:
    if services.ledger is not None:
        await services.ledger.record(
            advice,
            team_id=requester.team_id,
            user_id=requester.user_id,
            channel_id=requester.channel_id,
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
        "resource-group/web-01 or a full ARM id. Only you see the answer, unless you share it."
    ),
    handle=handle,
    details=_flags(),
)
