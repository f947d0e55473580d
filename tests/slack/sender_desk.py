"""Requests with cards and notes in a real outbox, and senders of what they have to say."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.composition.actions import action_rows
from bot.database.outbox import Outbox
from bot.database.pool import Connection, Database
from bot.database.store import Store
from bot.messages.blocks import Message, section
from bot.requests.action import Action
from bot.requests.changes import Ask, AuditEntry, Change, Note, NoteKind
from bot.requests.model import Requester, Wish
from bot.requests.request import Request
from bot.slack.calls import Calls
from bot.slack.delivery import Delivery
from bot.slack.outbox import Sender
from deploy.local.slack.people import ADA, TEAM
from deploy.local.slack.standin import SlackStandIn

OPS, PARTNER = "C01OPS", "C04PARTNER"


_ADA_IN_OPS = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)


class NoWakes:
    """Nobody has to be woken here."""

    async def requests(
        self, connection: Connection, request_ids: Sequence[str], after: timedelta | None = None
    ) -> None: ...

    async def clicks(self, connection: Connection, click_ids: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class OwnServer:
    database_url: SecretStr | None
    data_directory: Path


@dataclass
class Desk:
    """Requests in the store, and senders of what they have to say."""

    database: Database
    slack: SlackStandIn
    calls: Calls
    asked: int = 0
    unrenderable: set[str] = field(default_factory=set)
    rendered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store, self.outbox = (
            Store(self.database, NoWakes(), action_rows()),
            Outbox(self.database),
        )

    async def ask(self, channel: str = OPS, *notes: Note) -> Request:
        """A request with a card in a channel, and notes."""
        self.asked += 1
        request_id = f"r-{self.asked:012x}"
        requester, wish = _ADA_IN_OPS, Wish(action=Action.SNAPSHOT)
        await self.store.ask(
            [Ask(id=request_id, requester=requester, wish=wish, content_key=request_id)]
        )
        return await self.change(request_id, *notes, channel_id=channel)

    async def change(self, request_id: str, *notes: Note, **fields: Any) -> Request:
        request = await self.store.get(request_id)
        assert request is not None
        change = Change(to=None, entry=AuditEntry(kind="test"), fields=fields, notes=notes)
        return await self.store.move(request, change)

    async def render(self, request_id: str) -> Message | None:
        self.rendered.append(request_id)
        if request_id in self.unrenderable:
            raise ZeroDivisionError("a card that cannot be made")
        request = await self.store.get(request_id)
        assert request is not None
        text = f"{request.id} is at version {request.version}: {request.why}"
        return Message(text, (section(text),))

    def sender(self, outbox: Any = None, lost_seconds: float = 2.0, **more: Any) -> Sender:
        return Sender(
            outbox or self.outbox,
            Delivery(self.calls, lost_seconds),
            self.render,
            new_token=lambda: secrets.token_hex(8),
            **({"idle_seconds": 0.05} | more),
        )

    async def pass_time(self) -> None:
        """What waits for its time is due."""
        async with self.database.connection() as connection:
            await connection.execute("UPDATE messages SET not_before = now()")

    async def lapse(self) -> None:
        """The leases that nobody renewed are over."""
        async with self.database.connection() as connection:
            await connection.execute("UPDATE channels SET lease_until = now()")

    def texts(self, channel: str = OPS) -> list[str]:
        return [each.text for each in self.slack.messages(channel)]

    def errors(self) -> list[str]:
        return [call.error for call in self.slack.calls if call.error]


@asynccontextmanager
async def sending(*senders: Sender) -> AsyncIterator[None]:
    """They run while the block lasts, then finish in order."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for sender in senders:
            group.create_task(sender.run(stop))
        try:
            yield
        finally:
            stop.set()


def thread(key: str) -> Note:
    return Note(key=key, kind=NoteKind.THREAD, message={"text": key, "blocks": []})


def whisper(key: str, channel: str = OPS) -> Note:
    message = {"text": key, "blocks": [section(key)]}
    return Note(key=key, kind=NoteKind.WHISPER, message=message, channel_id=channel, user_id=ADA.id)


def direct(key: str) -> Note:
    return Note(key=key, kind=NoteKind.DIRECT, message={"text": key}, user_id=ADA.id)
