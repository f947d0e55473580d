"""Slash commands: each is acknowledged at once and answered once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from advisor.errors import UsageError
from bot.commands.command import (
    Answer,
    CommandOutcome,
    Invocation,
    Services,
    Subcommand,
    WordsUnreadable,
)
from bot.commands.help import overview, unknown
from bot.commands.typed import words_of
from bot.errors import NewId, answered, noted
from bot.messages.blocks import Message
from bot.messages.notices import notice
from bot.requests.refusals import PlanRefused
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.duplicates import Clock, RecentDeliveries
from bot.slack.inbound.replies import Address, Replies

#: Slack redelivers within minutes; an hour is long enough and still small.
TRIGGERS_KEPT_SECONDS = 3600
TRIGGERS_KEPT = 10_000
#: When whoever waits is told how far it is. Ours: Slack takes five answers to one command
#: (docs.slack.dev, handling user interaction, 2026-06), and the answer itself is one of them.
MEANWHILE_SECONDS = (45.0, 180.0, 420.0)


class SlashCommands:
    """Takes commands, starts the work, sends the answers; the same for both transports."""

    def __init__(
        self,
        services: Services,
        work: BackgroundWork,
        replies: Replies,
        *,
        clock: Clock,
        new_id: NewId,
        meanwhile_seconds: Sequence[float] = MEANWHILE_SECONDS,
    ) -> None:
        self._services, self._work, self._replies, self._new_id = services, work, replies, new_id
        self._meanwhile_seconds = meanwhile_seconds
        self._triggers = RecentDeliveries(
            keep_seconds=TRIGGERS_KEPT_SECONDS, most=TRIGGERS_KEPT, clock=clock
        )

    async def take(self, body: Mapping[str, Any]) -> Message | None:
        """The acknowledgement; None for a command that was delivered before."""
        invocation = Invocation.read(body)
        if invocation.trigger_id and not self._triggers.first_time(invocation.trigger_id):
            return None
        with self._work.idle.stirred():
            return await answered(self._begin(invocation), self._new_id)

    async def _begin(self, invocation: Invocation) -> Message | None:
        outcome = await outcome_of(invocation, self._services)
        if outcome.later is None:
            return outcome.acknowledgement
        if not self._work.takes_more:
            return notice("This bot has too much to do at the moment. Try again in a minute.")
        self._work.start(partial(self._answer, invocation, outcome.later, outcome.meanwhile))
        return outcome.acknowledgement

    async def _answer(
        self,
        invocation: Invocation,
        later: Callable[[], Awaitable[Answer | None]],
        meanwhile: Callable[[], Message] | None,
    ) -> None:
        to = Address(invocation.response_url, invocation.channel_id, invocation.user_id)
        told = asyncio.create_task(self._tell(meanwhile, to))
        try:
            answer = await answered(self._work.in_turn(later), self._new_id)
        except asyncio.CancelledError:
            sentence = "This bot was stopped before the answer was ready. Ask again in a minute."
            await self._replies.send(notice(sentence), to)
            raise
        finally:
            told.cancel()
            await asyncio.wait({told})  # nothing is said behind the answer
        if answer is None:
            return
        if isinstance(answer, Message):
            answer = Answer(answer)
        reached = await self._replies.send(answer.message, to)
        if reached and answer.once_delivered is not None:
            await noted(answer.once_delivered(), self._new_id)

    async def _tell(self, meanwhile: Callable[[], Message] | None, to: Address) -> None:
        """How far it is, a few times; a message that does not arrive is followed by the answer."""
        waited = 0.0
        for seconds in self._meanwhile_seconds if meanwhile else ():
            await asyncio.sleep(seconds - waited)
            waited = seconds
            if meanwhile is not None:
                await self._replies.send(meanwhile(), to)


async def outcome_of(invocation: Invocation, services: Services) -> CommandOutcome:
    """The outcome of the command's handler. Raises UsageError for words that cannot be read."""
    words = words_of(invocation.text)
    if not words:
        return CommandOutcome(overview(services.table))
    for command in services.table:
        if command.name == words[0].lower():
            return await _handle(command, words[1:], invocation, services)
    return CommandOutcome(unknown(words[0], services.table))


async def _handle(
    command: Subcommand, words: Sequence[str], invocation: Invocation, services: Services
) -> CommandOutcome:
    try:
        outcome = command.handle(words, invocation, services)
        return await outcome if isinstance(outcome, Awaitable) else outcome
    except PlanRefused:
        raise  # the words were read; what they name is refused
    except UsageError as error:
        raise WordsUnreadable(command.name, str(error)) from error
