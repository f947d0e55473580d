"""The people of the soak: they ask, approve, deny and take back, again and again."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, LiteralString

from deploy.local.slack.errors import SlackError
from deploy.local.slack.workspace import Message
from tests.chaos.setting import buttons_of
from tests.chaos.watcher import connected
from tests.soak.ground import APPROVERS, KEEP, VMS, Ground, approver, channel_of, desk, engineer
from tests.soak.judging import Asked, Ending

#: Whoever waits longer for anything gives up, which is a finding.
PATIENCE_SECONDS = 600.0
#: Nobody presses or types again sooner.
_INSIST_SECONDS = 5.0
_LOOK_SECONDS = 0.3
_PAUSE_SECONDS = (0.2, 2.0)
_APPROVE, _DENY, _CANCEL = "request:approve", "request:deny", "request:cancel"
_REQUEST_ID = re.compile(r"\br-[0-9a-f]{12}\b")
#: Of a command that was taken twice, the one that went on: the other is refused for its sake.
_OF_REASON: LiteralString = """
    SELECT id FROM requests WHERE wish ->> 'reason' = %s AND action = 'snapshot'
    ORDER BY state = 'refused', asked_at LIMIT 1
"""
_ENDINGS = (*(Ending.DONE for _ in range(8)), Ending.DENIED, Ending.CANCELLED)


@dataclass
class Heard:
    """What the people of a run did and saw."""

    asked: list[Asked] = field(default_factory=list)
    advices: int = 0
    unanswered: list[str] = field(default_factory=list)  #: commands whose answer never came
    others: int = 0  #: lists and Home tabs


class Engineer:
    """One of them, with a channel to type in. `free` are the VMs that nobody works on now."""

    def __init__(
        self,
        ground: Ground,
        number: int,
        heard: Heard,
        free: list[str],
        serial: Iterator[int],
        random: Random,
    ) -> None:
        self._ground, self._number, self._heard = ground, number, heard
        self._free, self._serial, self._random = free, serial, random
        self._me, self._desk = engineer(number), desk(number)

    async def run(self, until: float) -> None:
        """Work until a monotonic time, then finish what was begun."""
        deeds = [*(self._request for _ in range(8)), *(self._advice for _ in range(7))]
        deeds += [self._list, self._list, self._list, self._home, self._home]
        while time.monotonic() < until:
            await self._random.choice(deeds)()
            await asyncio.sleep(self._random.uniform(*_PAUSE_SECONDS))

    # --- what is only read -------------------------------------------------------------------

    async def _advice(self) -> None:
        words = f"advise {self._random.choice(list(VMS))}"
        slack = self._ground.slack
        acted = await slack.type_command(self._me, self._desk, f"/vmbackup {words}")
        if acted.problem or acted.message is None:
            return  # they were told, and nothing was promised
        self._heard.advices += 1
        shown, before = acted.message, {each.ts for each in slack.messages(self._desk)}

        def is_answered() -> bool:
            found = slack.messages(self._desk)
            return any(each.ts not in before for each in found) or shown not in found

        if not await _until(is_answered):
            self._heard.unanswered.append(f"{words} by {self._me}")

    async def _list(self) -> None:
        words = self._random.choice(("requests", "snapshots", "help"))
        await self._ground.slack.type_command(self._me, self._desk, f"/vmbackup {words}")
        self._heard.others += 1

    async def _home(self) -> None:
        await self._ground.slack.open_home(self._me)
        self._heard.others += 1

    # --- a request ---------------------------------------------------------------------------

    async def _request(self) -> None:
        if not self._free:
            return
        vm = self._free.pop(self._random.randrange(len(self._free)))
        asked = Asked(next(self._serial), vm, self._random.choice(_ENDINGS))
        self._heard.asked.append(asked)
        try:
            await self._ask(asked)
            if asked.request_id:
                await self._see_through(asked)
        finally:
            self._free.append(vm)

    async def _ask(self, asked: Asked) -> None:
        words = f"/vmbackup snapshot {asked.vm} soak {asked.number} --keep {KEEP}"
        until = time.monotonic() + PATIENCE_SECONDS
        while not asked.request_id and time.monotonic() < until:
            acted = await self._ground.slack.type_command(self._me, self._desk, words)
            asked.typed += 1
            shown = acted.message.text if acted.message and not acted.problem else ""
            if found := _REQUEST_ID.search(shown):
                asked.request_id = found[0]
                asked.promised.append(found[0])
            else:  # it may have been taken all the same: they are told to look before they insist
                await asyncio.sleep(_INSIST_SECONDS)
                asked.request_id = await self._one(_OF_REASON, f"soak {asked.number}")

    async def _see_through(self, asked: Asked) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            asked.request_id = await self._one(_OF_REASON, f"soak {asked.number}")
            state = await self._state(asked.request_id)
            if state not in ("planning", "waiting", "approved", "running"):
                return
            if state == "waiting" and await self._decide(asked):
                await self._until_decided(asked)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _until_decided(self, asked: Asked) -> None:
        until = time.monotonic() + _INSIST_SECONDS
        while time.monotonic() < until and await self._state(asked.request_id) == "waiting":
            await asyncio.sleep(_LOOK_SECONDS)

    async def _state(self, request_id: str) -> str:
        return await self._one("SELECT state FROM requests WHERE id = %s", request_id)

    async def _one(self, query: LiteralString, value: str) -> str:
        keywords = self._ground.database.connection_keywords
        async with await connected(keywords) as connection:
            row = await (await connection.execute(query, (value,))).fetchone()
        return "" if row is None else str(_first(row))

    async def _decide(self, asked: Asked) -> bool:
        """Whether there was a card with that button."""
        decider = approver(asked.number % APPROVERS)
        match asked.ending:
            case Ending.DENIED:
                return await self._deny(asked, decider)
            case Ending.CANCELLED:
                return await self._press(asked, self._me, _CANCEL)
            case _:
                return await self._press(asked, decider, _APPROVE)

    async def _press(self, asked: Asked, who: str, action_id: str) -> bool:
        card = self._card(asked, action_id)
        if card is None:
            return False
        with suppress(SlackError):  # the card was edited under one's finger
            await self._ground.slack.press(who, card, action_id)
        return True

    async def _deny(self, asked: Asked, who: str) -> bool:
        slack = self._ground.slack
        if not await self._press(asked, who, _DENY):
            return False
        if not await _until(lambda: slack.modal(who), _INSIST_SECONDS):
            return True
        view = slack.modal(who)
        if view is None:
            return True
        acted = await slack.submit(who, view, dict.fromkeys(_text_inputs(view.blocks), "No."))
        if acted.problem:
            await slack.close(who, everything=True)
        return True

    def _card(self, asked: Asked, action_id: str) -> Message | None:
        found = [
            each
            for each in self._ground.slack.messages(channel_of(VMS[asked.vm]))
            if asked.request_id in f"{each.text}{each.blocks}"
            and buttons_of(each.blocks, action_id)
        ]
        return found[-1] if found else None


def _first(row: Any) -> Any:
    return next(iter(row.values())) if isinstance(row, dict) else row[0]


def _text_inputs(blocks: Any) -> list[str]:
    elements = (block.get("element") or {} for block in blocks)
    return [each["action_id"] for each in elements if each.get("type") == "plain_text_input"]


async def _until(true: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        await asyncio.sleep(_LOOK_SECONDS)
    return False


def serials() -> Iterator[int]:
    return itertools.count(1)
