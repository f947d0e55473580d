"""The sender: messages of the outbox go to Slack in order, one post a second for each channel.

Edits and whispers wait for no post: Slack limits them by the workspace.

Everything is in the database: the messages that are due, the lease on a channel, the time until
which a channel rests. So any number of processes may send, and none of them has to run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from advisor.errors import DatabaseUnreachable
from bot.loops import is_cancelled
from bot.messages.blocks import Message, link, paragraph, rich_text
from bot.messages.request_notes import answer
from bot.slack.delivery import Content, Delivery, DueMessage, SendLater, Sent, Undeliverable
from bot.slack.files import OutgoingFile
from bot.traces import span

_log = logging.getLogger(__name__)

#: chat.postMessage: one message a second for a channel (docs.slack.dev, rate limits, 2026-06).
CHANNEL_SECONDS = 1.0
#: Between two edits of one card, so that its changes meanwhile are one edit: the whole workspace
#: has fifty a minute (Slack's tier 3, 2026-06).
CARD_SECONDS = 1.0
#: Longer than one call that runs into its timeout; the lease is renewed before each call.
LEASE_SECONDS = 10.0
IDLE_SECONDS = 0.5
AT_ONCE = 8  #: channels; chat.update may be called about once a second in the whole workspace
_UNRENDERED_SECONDS = 60.0
_AWAY_SECONDS = 1.0

#: Whether a person is in a channel; None: Slack did not say.
IsMember = Callable[[str, str], Awaitable[bool | None]]
#: Whoever is not in a card's channel hears of their request directly, which needs a scope.
NO_DIRECT = (
    "This app may not write to you directly: it lacks the scope im:write. What becomes of your "
    "requests is said here while you are in this channel. Whoever runs this bot adds the scope "
    "and installs the app again."
)

#: The card of a request as it is stored now; None where there is none to show.
Render = Callable[[str], Awaitable[Message | None]]


async def _nobody_known(_channel_id: str, _user_id: str) -> bool | None:
    return None


def _no_beat() -> None:
    """Nobody counts."""


class OutboxStore(Protocol):
    """The messages to be sent, as the database keeps them. Raises DatabaseUnreachable."""

    async def take_channel(self, token: str, seconds: float) -> str | None:
        """Lease a channel in which something is due."""

    async def next_message(self, channel_id: str, token: str) -> DueMessage | None:
        """The first message due there."""

    async def sending(self, message_id: int, token: str) -> bool:
        """Renew the lease and note that Slack may have the message now. False: lease lost."""

    async def sent(self, message_id: int, ts: str, version: int, rest_seconds: float) -> None:
        """Note that Slack has the message; a card is not edited for so many seconds."""

    async def put_off(self, message_id: int, seconds: float, why: str) -> None:
        """Try the message again, not before so many seconds."""

    async def give_up(self, message_id: int, why: str) -> None:
        """Never try the message again."""

    async def linked(self, message_id: int, ts: str, url: str) -> None:
        """Note the address of a card."""

    async def whisper_once(
        self, key: str, channel_id: str, user_id: str, message: Mapping[str, Any]
    ) -> None:
        """Tell one person something that is said once for its key."""

    async def pause(self, channel_id: str, seconds: float) -> None:
        """Post nothing there for so many seconds, and release the lease."""


class Sender:
    """Sends the messages that are due until it is stopped.

    `render` makes a card when the card is sent, so that it shows what is stored then. `new_token`
    makes the token of each lease.
    """

    def __init__(
        self,
        outbox: OutboxStore,
        delivery: Delivery,
        render: Render,
        *,
        new_token: Callable[[], str],
        is_member: IsMember = _nobody_known,
        idle_seconds: float = IDLE_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        card_seconds: float = CARD_SECONDS,
        at_once: int = AT_ONCE,
        beat: Callable[[], None] = _no_beat,
    ) -> None:
        """`beat` is called in each round, and while an answer of Slack waits to be stored."""
        self._outbox, self._delivery, self._render = outbox, delivery, render
        self._new_token, self._idle_seconds = new_token, idle_seconds
        self._is_member = is_member
        self._lease_seconds, self._card_seconds, self._beat = lease_seconds, card_seconds, beat
        self._at_once, self._woken, self._is_away = at_once, asyncio.Event(), False

    def wake(self) -> None:
        """A message may be due: end the pause."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`, then finish the calls under way. An absent database ends nothing."""
        slots = asyncio.Semaphore(self._at_once)
        async with asyncio.TaskGroup() as turns:
            while not (stop.is_set() or is_cancelled()):
                await slots.acquire()  # before a lease, which would run out while it waits
                self._beat()  # not while every slot hangs
                token = self._new_token()
                channel_id = await self._taken(token)
                if channel_id is None:
                    slots.release()
                    await self._rest(stop)
                else:
                    turn = turns.create_task(self._whole_turn(channel_id, token))
                    turn.add_done_callback(lambda _: self._ended(slots))

    async def step(self) -> bool:
        """One message of one channel. False: nothing is due anywhere."""
        token = self._new_token()
        channel_id = await self._outbox.take_channel(token, self._lease_seconds)
        if channel_id is not None:
            await self._turn(channel_id, token)
        return channel_id is not None

    # --- one turn ---------------------------------------------------------------------------

    async def _turn(self, channel_id: str, token: str) -> None:
        pending = await self._outbox.next_message(channel_id, token)
        if pending is None:
            await self._outbox.pause(channel_id, 0)
            return
        about = {"vmbackup.id": pending.request_id or "", "vmbackup.message": pending.kind}
        with span("message to slack", about, parent=pending.trace) as says:
            outcome = await self._outcome(pending, token)
            says("vmbackup.outcome", type(outcome).__name__)
        if outcome is not None:
            await self._noted(pending, outcome)

    async def _outcome(
        self, pending: DueMessage, token: str
    ) -> Sent | SendLater | Undeliverable | None:
        try:
            content = await self._content(pending)
        except DatabaseUnreachable:
            raise
        except Exception as error:  # noqa: BLE001  the boundary: one card must not stop the others
            _log.exception("The card of %s could not be made.", pending.request_id)
            return SendLater(_UNRENDERED_SECONDS, f"it could not be made: {type(error).__name__}")
        if content is None:
            return Undeliverable("there is nothing to show")
        if pending.unless_in and await self._is_member(pending.unless_in, pending.user_id):
            return Sent("", is_post=False)  # who is in that channel reads it there
        still_ours = self._outbox.sending
        return await self._delivery.send(pending, content, lambda: still_ours(pending.id, token))

    async def _content(self, pending: DueMessage) -> Content | None:
        if pending.message is not None:
            return _with_link(pending, pending.message)
        message = await self._render(pending.request_id or "")
        return Content(message.text, message.blocks) if message else None

    async def _noted(self, pending: DueMessage, outcome: Sent | SendLater | Undeliverable) -> None:
        """Store Slack's answer, however long that takes; else the message is sent twice."""
        while True:
            try:
                await self._note(pending, outcome)
                return
            except DatabaseUnreachable as error:
                if is_cancelled():
                    raise
                self._say_away(error)
                self._beat()
                await asyncio.sleep(_AWAY_SECONDS)

    async def _note(self, pending: DueMessage, outcome: Sent | SendLater | Undeliverable) -> None:
        rest_seconds = CHANNEL_SECONDS
        match outcome:
            case Sent(ts, is_post, lacks_scope):
                # After a pause the next change shows at once: an approval, then that it began.
                card_rests = 0.0 if pending.rested and not is_post else self._card_seconds
                await self._outbox.sent(pending.id, ts, pending.version, card_rests)
                rest_seconds = CHANNEL_SECONDS if is_post else 0.0
                if pending.kind == "card" and (is_post or not pending.link):
                    await self._link(pending, ts)
                if lacks_scope:
                    await self._say_scope(pending)
            case SendLater(seconds, why, whole_channel):
                _log.warning("Message %s waits %.0f s: %s.", pending.id, seconds, why)
                await self._outbox.put_off(pending.id, seconds, why)
                rest_seconds = max(seconds, rest_seconds) if whole_channel else rest_seconds
            case Undeliverable(why):
                _log.error("Message %s is given up: %s.", pending.id, why)
                await self._outbox.give_up(pending.id, why)
        await self._outbox.pause(pending.channel_id, rest_seconds)

    async def _link(self, pending: DueMessage, ts: str) -> None:
        """Where Slack does not say the card's address, it is asked again after the next edit."""
        if url := await self._delivery.permalink(pending.channel_id, ts):
            await self._outbox.linked(pending.id, ts, url)

    async def _say_scope(self, pending: DueMessage) -> None:
        """Once to each person who is not reached directly; the log has it for the operator."""
        if not pending.asked_in:
            return
        message = answer(NO_DIRECT)
        content = {"text": message.text, "blocks": list(message.blocks)}
        key = f"no-direct-{pending.user_id}"
        await self._outbox.whisper_once(key, pending.asked_in, pending.user_id, content)

    def _ended(self, slots: asyncio.Semaphore) -> None:
        """A turn ended: its channel may have more, for which nobody has to wait out the pause."""
        slots.release()
        self.wake()

    # --- the loop ---------------------------------------------------------------------------

    async def _taken(self, token: str) -> str | None:
        try:
            channel_id = await self._outbox.take_channel(token, self._lease_seconds)
        except DatabaseUnreachable as error:
            self._say_away(error)
            return None
        if self._is_away:
            self._is_away = False
            _log.info("The database answers again: messages are being sent.")
        return channel_id

    async def _whole_turn(self, channel_id: str, token: str) -> None:
        try:
            await self._turn(channel_id, token)
        except DatabaseUnreachable as error:
            self._say_away(error)
        except Exception:  # noqa: BLE001  the boundary: this lease lapses, other channels are served
            _log.exception("Sending in %s failed for a reason nobody foresaw.", channel_id)

    async def _rest(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(each.wait()) for each in (stop, self._woken)]
        try:
            await asyncio.wait(
                waits, timeout=self._idle_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for each in waits:
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each
        self._woken.clear()

    def _say_away(self, error: DatabaseUnreachable) -> None:
        """Log it once for each absence."""
        if not self._is_away:
            _log.warning("No messages are sent for now: %s", error)
        self._is_away = True


def _with_link(pending: DueMessage, message: Mapping[str, Any]) -> Content:
    """A direct message leads to the card, which its reader may not have seen."""
    text, blocks = str(message["text"]), message.get("blocks") or ()
    if file := message.get("file"):
        content = str(file["content"]).encode()
        return Content(text, file=OutgoingFile(file["name"], content, file["title"], text))
    if pending.kind != "direct" or not pending.link:
        return Content(text, blocks)
    leads = rich_text(paragraph(link("The card", pending.link)))
    return Content(f"{text} The card: {pending.link}", (*blocks, leads) if blocks else ())
