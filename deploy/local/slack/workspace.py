"""The workspace behind the stand-in: its messages and views, and notices of changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from deploy.local.slack import people
from deploy.local.slack.clock import Clock
from deploy.local.slack.errors import SlackError
from deploy.local.slack.manifest import App
from deploy.local.slack.people import BOT, EVERYBODY, SLACKBOT, TEAM, Channel, Person, UserGroup
from deploy.local.slack.views import View

Block = dict[str, Any]

#: Whoever waits for something waits so long unless they say more: no busy machine needs it.
PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class Message:
    """A message in a channel. `only_for` is the one person who sees an ephemeral one."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Block]
    thread_ts: str = ""
    only_for: str = ""
    edited_ts: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    broadcast: bool = False
    metadata: dict[str, Any] | None = None

    @property
    def is_the_bots(self) -> bool:
        return self.user == BOT.id

    def as_slack(self) -> dict[str, Any]:
        """The message object of answers and payloads."""
        shown: dict[str, Any] = {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.text,
            "team": TEAM.id,
        }
        if self.is_the_bots:
            shown |= {"bot_id": people.BOT_ID, "app_id": people.APP_ID}
        for name in ("blocks", "thread_ts", "files", "metadata"):
            if value := getattr(self, name):
                shown[name] = value
        if self.edited_ts:
            shown["edited"] = {"user": self.user, "ts": self.edited_ts}
        if self.only_for:
            shown["is_ephemeral"] = True
        return shown


@dataclass(slots=True)
class File:
    """A file that is being, or was, uploaded."""

    id: str
    name: str
    length: int
    secret: str
    title: str = ""
    alt_text: str = ""  #: of a picture
    content: bytes | None = None
    is_shared: bool = False


class Workspace:
    """Everything the stand-in remembers. Ids come from `random`, times from `clock`."""

    def __init__(self, app: App, clock: Clock, random: Random) -> None:
        self.app, self.clock, self._random = app, clock, random
        self.people: dict[str, Person] = {each.id: each for each in (*EVERYBODY, SLACKBOT)}
        self.groups: dict[str, UserGroup] = {people.APPROVERS.id: people.APPROVERS}
        self.channels: dict[str, Channel] = {each.id: each for each in people.channels()}
        self.messages: dict[str, dict[str, Message]] = {each: {} for each in self.channels}
        self.modals: dict[str, list[View]] = {}  #: by person, the last is on top
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.has_paid_plan = True
        self.is_rate_limited = True
        self._last_ts = 0
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()
        self._changed = asyncio.Condition()

    # --- ids and times ----------------------------------------------------------------------

    def new_ts(self) -> str:
        """A message's time in Slack's spelling, later than every one before."""
        self._last_ts = max(int(self.clock.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def new_id(self, prefix: str, size: int = 9) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        return prefix + "".join(self._random.choices(letters, k=size))

    def new_secret(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    # --- finding ----------------------------------------------------------------------------

    def person(self, person_id: str) -> Person:
        """Raises SlackError user_not_found."""
        if person_id not in self.people:
            raise SlackError("user_not_found")
        return self.people[person_id]

    def channel(self, channel_id: str) -> Channel:
        """By id. Raises SlackError channel_not_found."""
        if channel_id not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[channel_id]

    def channel_named(self, name: str) -> Channel:
        """By id, or a public one by its name, as chat.postMessage takes it."""
        bare = name.removeprefix("#")
        named = (each for each in self.channels.values() if each.name == bare != "")
        return next(named, None) or self.channel(name)

    def direct_message(self, person_id: str) -> Channel:
        """The channel between the bot and a person, opened where there is none yet."""
        person = self.person(person_id)
        if person.deleted or person.is_bot:
            raise SlackError("user_disabled" if person.deleted else "cannot_dm_bot")
        for channel in self.channels.values():
            if channel.kind == "im" and person_id in channel.members:
                return channel
        opened = Channel(f"D{person_id[1:]}", "", {person_id, BOT.id}, "im")
        self.channels[opened.id], self.messages[opened.id] = opened, {}
        return opened

    def message(self, channel_id: str, ts: str) -> Message:
        """Raises SlackError message_not_found."""
        found = self.messages.get(channel_id, {}).get(ts)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def visible_to(self, person_id: str, channel_id: str) -> list[Message]:
        """The messages of a channel that this person sees, in order."""
        if person_id not in self.channel(channel_id).members:
            return []
        found = self.messages[channel_id].values()
        return [each for each in found if each.only_for in ("", person_id)]

    def views(self) -> Iterator[View]:
        yield from self.homes.values()
        for stack in self.modals.values():
            yield from stack

    # --- changing ---------------------------------------------------------------------------

    async def post(self, message: Message) -> Message:
        message.blocks = self.with_ids(message.blocks)
        self.messages[message.channel][message.ts] = message
        await self.tell("message", message)
        return message

    async def change(self, message: Message, text: str, blocks: list[Block]) -> None:
        message.text, message.blocks = text, self.with_ids(blocks)
        message.edited_ts = self.new_ts()
        await self.tell("message", message)

    async def remove(self, message: Message) -> None:
        self.messages[message.channel].pop(message.ts, None)
        await self.tell("removed", message)

    async def tell_only(self, channel_id: str, person_id: str, text: str) -> Message:
        """What Slack itself says to one person."""
        ts = self.new_ts()
        return await self.post(Message(channel_id, ts, SLACKBOT.id, text, [], only_for=person_id))

    def with_ids(self, blocks: list[Block]) -> list[Block]:
        """The blocks with the ids that Slack makes up where the app gave none."""
        kept: list[Block] = _with_emoji(blocks)
        for block in kept:
            block.setdefault("block_id", self.new_id("", 5))
            for element in elements_of(block):
                element.setdefault("action_id", self.new_id("", 5))
        return kept

    def kept_view(self, given: dict[str, Any]) -> dict[str, Any]:
        """A view as Slack keeps it."""
        kept: dict[str, Any] = _with_emoji(given)
        return {**kept, "blocks": self.with_ids(given["blocks"])}

    # --- telling ----------------------------------------------------------------------------

    async def tell(self, what: str, about: Message | None = None, **more: Any) -> None:
        """Let everybody know who listens or waits."""
        change: dict[str, Any] = {"what": what, "message": about, **more}
        for listener in self._listeners:
            listener.put_nowait(change)
        await self.nudge()

    async def nudge(self) -> None:
        """Let those who wait look again."""
        async with self._changed:
            self._changed.notify_all()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """A queue of the changes from now on."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    async def until(self, true: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for something to become true. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)


def _with_emoji(value: Any) -> Any:
    """A copy in which every plain_text says whether :words: are emoji, as Slack fills in."""
    if isinstance(value, list):
        return [_with_emoji(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _with_emoji(inner) for name, inner in value.items()}
    return {"emoji": True, **kept} if value.get("type") == "plain_text" else kept


def elements_of(block: Block) -> Iterator[dict[str, Any]]:
    """The interactive elements of a block."""
    found = [*block.get("elements", ())] if block.get("type") != "rich_text" else []
    found += [block[name] for name in ("accessory", "element") if name in block]
    found += block.get("actions", ())
    for child in block.get("child_blocks", ()):
        found += elements_of(child)
    passive = ("image", "plain_text", "mrkdwn", "card")
    yield from (each for each in found if each.get("type") not in passive)
