"""Answers that come after the acknowledgement: to the response_url, or else to the person.

A response_url works in channels the bot is not a member of, five times within 30 minutes
(docs.slack.dev, handling user interaction, 2026-06). At most three of the five are used here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from bot.logs import slack_logger
from bot.messages.blocks import Message
from bot.messages.plainer import plainer_messages
from bot.slack.addresses import is_slacks_own
from bot.slack.calls import CallOutcome, Calls

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

_log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 10
_TOO_MANY = int(HTTPStatus.TOO_MANY_REQUESTS)
_PAUSE_SECONDS = 1.0  #: before the second try, where Slack names no wait
_LONGEST_PAUSE_SECONDS = 120.0
#: What Slack answers to blocks it does not take; the text says the same.
_BLOCKS_REFUSED = ("invalid_blocks", "msg_blocks_too_long")

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Address:
    """The address of an answer: the response_url, and the person where that does not work."""

    response_url: str
    channel_id: str
    user_id: str
    replaces: bool = False  #: the answer takes the place of the message whose button was pressed


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: int  #: 0: no answer
    said: str
    retry_after_seconds: float = _PAUSE_SECONDS

    @property
    def delivered(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_unknown(self) -> bool:
        """Whether it may have arrived all the same: no answer, or a fault of Slack's own."""
        return self.status == 0 or self.status >= 500

    @property
    def worth_a_second_try(self) -> bool:
        return self.status == _TOO_MANY or self.status >= 500


class Published(StrEnum):
    """Whether a channel has a message."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  #: Slack did not say


class Replies:
    """Sends answers. `api_url` is Slack's; only its own hooks host is ever posted to."""

    def __init__(
        self,
        client: AsyncWebClient,
        api_url: str,
        *,
        new_id: Callable[[], str],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client, self._api_host = client, urlsplit(api_url).hostname or ""
        self._new_id, self._sleep = new_id, sleep
        self._calls = Calls(client)

    async def send(self, message: Message, to: Address) -> bool:
        """Deliver the message, or log with an id that this failed. Raises nothing of the network.

        True where the message reached the channel or the person.
        """
        if not is_slacks_own(to.response_url, self._api_host, "hooks"):
            return await self._fall_back(message, to, "the response address is not Slack's")
        outcome = await self._respond(message, to)
        if outcome.delivered:
            return True
        return await self._fall_back(message, to, f"{outcome.status} {outcome.said[:100]}")

    async def publish(self, message: Message, to: Address) -> Published:
        """Show the message to the whole channel, and to nobody alone. Never posts it twice.

        Where the response address has expired, the bot posts itself, if it is in the channel.
        """
        if is_slacks_own(to.response_url, self._api_host, "hooks"):
            outcome = await self._respond(message, to, is_repeatable=False)
            if outcome.delivered:
                return Published.YES
            if outcome.is_unknown:
                return Published.UNKNOWN
        return await self._post_in_channel(message, to)

    async def _respond(
        self, message: Message, to: Address, *, is_repeatable: bool = True
    ) -> _Outcome:
        """To the response address, a second time where Slack refused it for the moment."""
        outcome = await self._post(message, to)
        if outcome.worth_a_second_try if is_repeatable else outcome.status == _TOO_MANY:
            await self._sleep(min(outcome.retry_after_seconds, _LONGEST_PAUSE_SECONDS))
            outcome = await self._post(message, to)
        for plainer in plainer_messages(message):
            if not any(problem in outcome.said for problem in _BLOCKS_REFUSED):
                break
            _log.error("Slack refused the blocks of a message (%s).", outcome.said[:100])
            outcome = await self._post(plainer, to)
        return outcome

    async def _post_in_channel(self, message: Message, to: Address) -> Published:
        answer = await self._calls.write(
            "chat.postMessage", channel=to.channel_id, unfurl_links=False, **message.as_post()
        )
        if answer.done:
            return Published.YES
        _log.warning("A message could not be posted in %s: %s.", to.channel_id, answer.why)
        is_unknown = answer.outcome is CallOutcome.UNKNOWN
        return Published.UNKNOWN if is_unknown else Published.NO

    async def _post(self, message: Message, to: Address) -> _Outcome:
        body = message.as_dict() | {"replace_original": to.replaces}
        if not message.blocks:
            del body["blocks"]
        try:
            response = await self._webhook(to.response_url).send_dict(body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return _Outcome(0, type(error).__name__)
        return _Outcome(response.status_code, str(response.body), _pause(response.headers))

    def _webhook(self, url: str) -> Any:
        from slack_sdk.webhook.async_client import AsyncWebhookClient

        webhook = AsyncWebhookClient(
            url, timeout=_TIMEOUT_SECONDS, logger=slack_logger(), retry_handlers=[]
        )
        webhook.proxy = self._client.proxy
        return webhook

    async def _fall_back(self, message: Message, to: Address, why: str) -> bool:
        """Send it to the person alone, through the Web API; the bot must be in the channel."""
        from slack_sdk.errors import SlackClientError

        failure_id = self._new_id()
        _log.warning("Reply %s did not reach the channel: %s.", failure_id, why)
        try:
            if pause_seconds := await self._whisper(message, to):
                await self._sleep(min(pause_seconds, _LONGEST_PAUSE_SECONDS))
                await self._whisper(message, to, is_last=True)
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.error("Reply %s could not be delivered at all: %s", failure_id, error)
            return False
        return True

    async def _whisper(self, message: Message, to: Address, *, is_last: bool = False) -> float:
        """The seconds to wait before the next try; 0 where Slack took the message."""
        from slack_sdk.errors import SlackApiError

        try:
            await self._client.chat_postEphemeral(
                channel=to.channel_id,
                user=to.user_id,
                text=message.text,
                blocks=list(message.blocks),
            )
        except SlackApiError as error:
            if is_last or error.response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            return _pause(error.response.headers) or _PAUSE_SECONDS
        return 0.0


def _pause(headers: Any) -> float:
    asked = str(headers.get("Retry-After", ""))
    return float(asked) if asked.isascii() and asked.isdecimal() else _PAUSE_SECONDS
