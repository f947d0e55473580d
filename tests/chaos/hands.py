"""What the people of one schedule do with their hands: type, press, deliver again, forge."""

from __future__ import annotations

import asyncio
import copy
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from deploy.local.slack.acting import Acted
from deploy.local.slack.errors import SlackError
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message
from tests.chaos.evidence import Pressed
from tests.chaos.schedules import Schedule
from tests.chaos.setting import buttons_of, channel_of, requester_of, vm_name, words_of

APPROVE, DENY, CANCEL = "request:approve", "request:deny", "request:cancel"
GO_ON, CLEAN_UP = "request:go_on", "request:clean_up"
_REQUEST_ID = re.compile(r"\br-[0-9a-f]{12}\b")
_FORGED = "00000000-0000-0000-0000-000000000000"
_MODAL_SECONDS = 3.0


class Hands:
    """Everything is done as somebody, in the schedule's channel. What was pressed is kept."""

    def __init__(self, slack: SlackStandIn, schedule: Schedule) -> None:
        self.pressed: list[Pressed] = []
        self.typed = 0
        self._slack, self._schedule = slack, schedule
        self._channel = channel_of(schedule)

    # --- asking ------------------------------------------------------------------------------

    async def ask(self) -> bool:
        """Type the command, and deliver it again as often as drawn; whether it was taken."""
        self.typed += 1
        words = words_of(self._schedule)
        acted = await self._slack.type_command(requester_of(self._schedule), self._channel, words)
        if self.typed == 1:
            await self._again(self._schedule.deliveries - 1, _of_command(words))
        shown = acted.message
        return not acted.problem and shown is not None and bool(_REQUEST_ID.search(_all(shown)))

    async def _again(self, count: int, wanted: Callable[[Mapping[str, Any]], bool]) -> None:
        """The newest delivery like that once more, so often and all at once."""
        found = [each for each in self._slack.deliveries if wanted(each.delivery.payload)]
        if found and count:
            once_more = (self._slack.deliver_again(found[-1]) for _ in range(count))
            await asyncio.gather(*once_more)

    # --- pressing ----------------------------------------------------------------------------

    def card(self, action_id: str) -> Message | None:
        """The newest message about this VM with that button."""
        name = vm_name(self._schedule)
        found = [
            message
            for message in self._slack.messages(self._channel)
            if message.is_the_bots
            and not message.only_for
            and name in message.text
            and buttons_of(message.blocks, action_id)
        ]
        return found[-1] if found else None

    async def press(self, user: str, action_id: str, count: int = 1) -> bool:
        """Press so often at once; whether there was such a button and any press was taken."""
        card = self.card(action_id)
        if card is None:
            return False
        if action_id == APPROVE:
            self.pressed.append(Pressed(user, datetime.now(UTC)))
        acted = await asyncio.gather(*(self._one(user, card, action_id) for _ in range(count)))
        return any(each is not None and not each.problem for each in acted)

    async def press_again(self) -> None:
        """The last approval of this card is delivered once more."""
        card = self.card(APPROVE)
        if card is not None:
            await self._again(1, _of_click(card.ts))

    async def forge(self, user: str) -> None:
        """Approve with a button that nobody was ever shown."""
        card = self.card(APPROVE)
        if card is None:
            return
        blocks = copy.deepcopy(card.blocks)
        for element in buttons_of(blocks, APPROVE):
            element["value"] = _FORGED
        await self._one(user, replace(card, blocks=blocks), APPROVE)

    async def deny(self, user: str) -> bool:
        """Press, and give a reason in the modal that opens."""
        if not await self.press(user, DENY):
            return False
        with suppress(TimeoutError):
            await self._slack.until(lambda: self._slack.modal(user), _MODAL_SECONDS)
        view = self._slack.modal(user)
        if view is None:
            return False
        reason = dict.fromkeys(_text_inputs(view), "Not today.")
        acted = await self._slack.submit(user, view, reason)
        if acted.problem:
            await self._slack.close(user, everything=True)
        return not acted.problem

    async def _one(self, user: str, card: Message, action_id: str) -> Acted | None:
        """None: the card was edited under one's finger."""
        try:
            return await self._slack.press(user, card, action_id)
        except SlackError:
            return None


def _of_command(words: str) -> Callable[[Mapping[str, Any]], bool]:
    typed = words.partition(" ")[2]
    return lambda payload: payload.get("text") == typed


def _of_click(ts: str) -> Callable[[Mapping[str, Any]], bool]:
    def is_it(payload: Mapping[str, Any]) -> bool:
        actions = payload.get("actions") or ()
        shown = payload.get("message") or {}
        return shown.get("ts") == ts and any(each["action_id"] == APPROVE for each in actions)

    return is_it


def _all(message: Message) -> str:
    """Every word of it."""
    return f"{message.text} {message.blocks}"


def _text_inputs(view: View) -> list[str]:
    """The action_ids of what can be typed into."""
    elements = (block.get("element") or {} for block in view.blocks)
    return [each["action_id"] for each in elements if each.get("type") == "plain_text_input"]
