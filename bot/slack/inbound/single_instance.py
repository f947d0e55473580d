"""The single instance: no two bots of one Slack app act with a database each.

Slack hands each delivery to any one of the app's connections, so neither bot would know what the
other approved. Slack's `hello` says how many connections the app has; with an embedded database
all but ours are another bot's, and this bot refuses to act until it is alone. (Over HTTP there is
one address and so one bot; with DATABASE_URL all bots share one database.)
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, Protocol

from advisor.errors import VmbackupError
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

OURS = 1  #: the SDK closes its old connection before it opens a new one
#: Slack says the number to a new connection only. Slack allows few of them (Tier 1: 1 a minute).
ASK_AGAIN_SECONDS = (5.0, 30.0, 60.0)

REFUSAL = (
    "Another bot is connected to this Slack app, and each has a database of its own, so neither "
    "would know what the other does. This one does nothing until it is alone. Stop the other one, "
    "or give both the same DATABASE_URL."
)
UNKNOWN = (
    "This bot has just started, and Slack has not told it yet whether it is the only one. Try "
    "again in a few seconds."
)


class AnotherInstance(VmbackupError):
    """This bot must not act, because another one would not know of it."""


class Connects(Protocol):
    """Slack's Socket Mode client, as far as `SingleInstance` uses it."""

    on_message_listeners: list[Any]

    async def connect_to_new_endpoint(self, force: bool = False) -> None: ...


class SingleInstance:
    """Whether this bot is the only one. `shares_database`: it need not be.

    `expects_hello`: the bot listens over Socket Mode, and the number of bots is unknown before
    Slack's first hello.
    """

    def __init__(self, *, shares_database: bool, expects_hello: bool = False) -> None:
        self._shares_database = shares_database
        self._others: int | None = None if expects_hello else 0
        self._changed = asyncio.Event()

    def may_act(self) -> bool:
        """Whether this bot may change anything."""
        return self._shares_database or self._others == 0

    def check(self) -> None:
        """Raises AnotherInstance, with a sentence for the person, where the bot may not act."""
        if not self.may_act():
            raise AnotherInstance(UNKNOWN if self._others is None else REFUSAL)

    def watch(self, client: Connects) -> None:
        """Listen to the hellos of this client. Call it before the client connects."""
        client.on_message_listeners.append(self._read_hello)

    async def run(self, client: Connects, pauses: tuple[float, ...] = ASK_AGAIN_SECONDS) -> None:
        """Until cancelled: while there are other bots, connect anew now and then to get a hello."""
        tries = 0
        while not is_cancelled():
            await self._until_refusing()
            await asyncio.sleep(pauses[min(tries, len(pauses) - 1)])
            tries = 0 if self.may_act() else tries + 1
            if tries:
                await self._ask_again(client)

    def hello(self, connections: int) -> None:
        """Slack counts so many connections of this app."""
        before, self._others = self._others, max(connections - OURS, 0)
        if not self.may_act() and not before:
            _log.error("Slack counts %d connections of this app. %s", connections, REFUSAL)
        if self.may_act() and before and not self._shares_database:
            _log.warning("This bot is alone again, and acts.")
        self._changed.set()

    async def _read_hello(self, message: Any) -> None:
        """Takes every message of the websocket, in order; a connection begins with its hello."""
        if connections := _connections_of(message.data):
            self.hello(connections)

    async def _until_refusing(self) -> None:
        while self.may_act() or self._others is None:
            self._changed.clear()
            await self._changed.wait()

    async def _ask_again(self, client: Connects) -> None:
        try:
            await client.connect_to_new_endpoint(force=True)
        except Exception as error:  # noqa: BLE001  the boundary: Slack may be away, and is asked again
            _log.warning("Slack could not be asked for its connections: %s", error)


def _connections_of(text: Any) -> int | None:
    """The number of connections in a hello; None for any other message."""
    if not isinstance(text, str) or '"hello"' not in text:
        return None
    try:
        message = json.loads(text)
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("type") != "hello":
        return None
    connections = message.get("num_connections")
    return connections if isinstance(connections, int) else None
