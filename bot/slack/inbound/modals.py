"""Forms in Slack: opened at once with what is known, and filled after Azure was read.

A trigger lives three seconds, so opening is the one call to Slack before the acknowledgement:
once, with a timeout of 1.5 s, and never again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from advisor.errors import AzureUnreachable
from bot.commands.requesting import FormNotOpened, Preview, Requests
from bot.errors import NewId, answered
from bot.messages.blocks import Message
from bot.messages.inputs import View
from bot.messages.snapshot_modal import ask_form, loading, message_view, vm_form
from bot.requests.model import Requester, Wish

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

_log = logging.getLogger(__name__)

OPEN_SECONDS, UPDATE_SECONDS = 1.5, 10.0
#: Reading one VM takes seconds. After this time a reading hangs, and the person should know.
LONGEST_PREVIEW_SECONDS = 120


class Screens:
    """Opens and changes modals through the Web API. Never tries twice."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def open(self, trigger_id: str, view: View) -> str:
        """The id of the view. Raises FormNotOpened."""
        answer = await self._call(
            "views.open", {"trigger_id": trigger_id, "view": view}, OPEN_SECONDS
        )
        return str(answer["view"]["id"])

    async def update(self, view_id: str, view: View, known_hash: str = "") -> str:
        """Show another view in the form; returns its hash. Raises FormNotOpened, also where the
        form was closed, and where it has another hash than the one that is known.
        """
        known = {"hash": known_hash} if known_hash else {}
        body = {"view_id": view_id, "view": view, **known}
        answer = await self._call("views.update", body, UPDATE_SECONDS)
        return str(answer["view"]["hash"])

    async def _call(self, method: str, body: dict[str, Any], seconds: float) -> Any:
        import aiohttp
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            async with asyncio.timeout(seconds):
                return await self._client.api_call(method, json=body)
        except SlackApiError as error:
            raise FormNotOpened(f"{method}: {error.response.get('error', 'refused')}") from error
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FormNotOpened(f"{method}: {type(error).__name__}") from error


class Forms:
    """The form of a snapshot: the VM, then its plan and the fields that are still empty."""

    def __init__(self, requests: Requests, screens: Screens, *, new_id: NewId) -> None:
        self._requests, self._screens, self._new_id = requests, screens, new_id

    async def open(
        self, trigger_id: str, wish: Wish, requester: Requester
    ) -> Callable[[], Awaitable[None]]:
        """Show the form; returns the work that fills it. Raises FormNotOpened."""
        view = loading(wish.vm) if wish.vm else vm_form(wish, requester.channel_id)
        view_id = await self.show(trigger_id, view)
        if not wish.vm:  # what the form offers while one types depends on who types
            return partial(self._requests.look_up, requester)
        return partial(self.fill, view_id, wish, requester)

    async def show(self, trigger_id: str, view: View) -> str:
        """Show any form; returns its id. Raises FormNotOpened, whose sentence says what to do."""
        try:
            return await self._screens.open(trigger_id, view)
        except FormNotOpened as error:
            _log.warning("A form could not be opened: %s", error)
            raise FormNotOpened(
                "Slack did not show the form in time. Try again, or say it in one line: "
                "/vmbackup snapshot VM REASON --keep 3d"
            ) from error

    async def fill(self, view_id: str, wish: Wish, requester: Requester) -> None:
        """Read the VM and show its plan, or the sentence why there is none."""
        found = await self.plan_of(wish, requester)
        channel = requester.channel_id
        view = (
            message_view(found)
            if isinstance(found, Message)
            else ask_form(found.plan, found.happens, wish, channel, is_only=found.is_only)
        )
        await self.change(view_id, view)

    async def plan_of(self, wish: Wish, requester: Requester) -> Preview | Message:
        """The plan as it would be now, or the sentence why there is none."""
        return await answered(self._preview(wish, requester), self._new_id)

    async def change(self, view_id: str, view: View, known_hash: str = "") -> str:
        """Show another view in an open form, if it still has that hash; returns its new hash.

        A form that was closed stays closed, and one that shows something else by now stays so:
        empty.
        """
        try:
            return await self._screens.update(view_id, view, known_hash)
        except FormNotOpened as error:
            _log.info("A form could not be filled; perhaps it was closed: %s", error)
            return ""

    async def _preview(self, wish: Wish, requester: Requester) -> Preview:
        try:
            async with asyncio.timeout(LONGEST_PREVIEW_SECONDS) as limit:
                return await self._requests.preview(requester, wish)
        except TimeoutError:
            if not limit.expired():
                raise
            minutes = LONGEST_PREVIEW_SECONDS // 60
            raise AzureUnreachable(wish.vm, f"no answer within {minutes} minutes.") from None
