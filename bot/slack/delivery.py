"""One message to Slack: edited in place, posted, or said another way where Slack refuses that."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from bot.messages.blocks import TEXT_LIMIT
from bot.slack.answers import CLOSED, OURS, UNANSWERABLE, UNEDITABLE, UNSHOWABLE
from bot.slack.calls import CallAnswer, CallOutcome, Calls
from bot.slack.direct_rooms import DirectRoom, DirectRooms
from bot.slack.files import Files, OutgoingFile
from bot.slack.permalinks import Permalinks

_log = logging.getLogger(__name__)

#: The pause before a post is repeated whose answer was lost. It may be in the channel: a click
#: on it during the pause shows that.
LOST_SECONDS = 15.0
_UNREACHED_SECONDS = 2.0  #: the first pause; each is twice the one before
_REFUSED_SECONDS = 5.0
_OURS_SECONDS = 60.0
_LONGEST_SECONDS = 600.0
#: With these pauses a closed channel has an hour to be opened.
_MOST_WHERE_CLOSED = 12
_MOST_OTHERWISE = 3
#: Shorter than the lease on a channel: while a file is under way nobody else sends it.
_FILE_SECONDS = 8.0
_PERHAPS_THERE = "the file may have arrived, and is not sent twice"


class DueMessage(Protocol):
    """One message of the outbox that is due."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...  #: card, thread, whisper or direct
    @property
    def request_id(self) -> str | None: ...
    @property
    def channel_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...  #: of a whisper or a direct message
    @property
    def thread_ts(self) -> str: ...  #: of the request's card
    @property
    def ts(self) -> str: ...  #: of a card that is there already
    @property
    def version(self) -> int: ...  #: of the request, for a card
    @property
    def message(self) -> Mapping[str, Any] | None: ...  #: of all but cards
    @property
    def attempts(self) -> int: ...
    @property
    def rested(self) -> bool: ...  #: whether it was left alone for some time
    @property
    def unless_in(self) -> str: ...  #: of a direct message: not to whoever is in that channel
    @property
    def trace(self) -> str: ...  #: in which its request was asked for
    @property
    def asked_in(self) -> str: ...  #: the channel in which its request was asked for
    @property
    def link(self) -> str: ...  #: the address of the request's card


class Content(NamedTuple):
    """The content of a message: a text that says everything, and blocks; or a file with both."""

    text: str
    blocks: Sequence[Mapping[str, Any]] = ()
    file: OutgoingFile | None = None

    @property
    def plain(self) -> Content:
        """The text alone, no longer than chat.update takes."""
        return Content(self.text if len(self.text) <= TEXT_LIMIT else self.text[:TEXT_LIMIT])


class Sent(NamedTuple):
    """Slack has the message. `ts` names it; that of an ephemeral message leads nowhere."""

    ts: str
    is_post: bool = True  #: which counts against the pace of the channel
    lacks_scope: bool = False  #: the app may not write to this person directly


class SendLater(NamedTuple):
    """Slack does not take the message now. `whole_channel`: nor any other in its channel."""

    seconds: float
    why: str
    whole_channel: bool = False


class Undeliverable(NamedTuple):
    """Slack will not take the message."""

    why: str


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to deliver a message; after a refusal in `otherwise` the next way is tried."""

    method: str
    where: Mapping[str, str]
    otherwise: frozenset[str] = frozenset()


#: Called before every call of Slack: whether this sender still has the lease on the channel.
StillOurs = Callable[[], Awaitable[bool]]


class Delivery:
    """Sends messages; each call is sent once.

    Edits and whispers are limited for the whole workspace, so after a 429 this process makes no
    other before Slack's Retry-After. Posts are limited by the channel, which the outbox rests.
    """

    def __init__(
        self,
        calls: Calls,
        lost_seconds: float = LOST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        files: Files | None = None,
    ) -> None:
        """`files` None: this sender sends none."""
        self._calls, self._lost_seconds, self._clock = calls, lost_seconds, clock
        self._files = files
        self._not_before: dict[str, float] = {}
        self._direct, self._permalinks = DirectRooms(calls), Permalinks(calls)

    async def send(
        self, pending: DueMessage, content: Content, still_ours: StillOurs
    ) -> Sent | SendLater | Undeliverable | None:
        """The outcome; None where the lease on the channel is lost, so nothing is known."""
        if content.file is not None:
            still = await still_ours()
            return await self._file(pending, content.file) if still else None
        answer, way = CallAnswer(CallOutcome.NOT_SENT), _Way("", {})
        room = await self._direct.room(pending.user_id) if _is_personal(pending) else _NO_ROOM
        for way in _ways(pending, room):
            for shown in (content, content.plain):
                if not await still_ours():
                    return None
                answer = await self._call(way, shown)
                if answer.error not in UNSHOWABLE:
                    break
                _log.error(
                    "Slack refused the blocks of message %s: %s.", pending.id, _details(answer)
                )
            if answer.error not in way.otherwise:
                break
        outcome = self._judged(pending, answer, way)
        if isinstance(outcome, Sent) and room.lacks_scope:
            return outcome._replace(lacks_scope=True)
        return outcome

    async def _file(
        self, pending: DueMessage, file: OutgoingFile
    ) -> Sent | SendLater | Undeliverable:
        """Sent once: a file of which nobody knows whether it arrived is given up."""
        if self._files is None:
            return Undeliverable("this sender sends no files")
        try:
            async with asyncio.timeout(_FILE_SECONDS):
                answer = await self._files.to_channel(file, pending.channel_id)
        except TimeoutError:
            return Undeliverable(_PERHAPS_THERE)
        tries = pending.attempts
        match answer.outcome:
            case CallOutcome.DONE:
                return Sent("")
            case CallOutcome.THROTTLED:
                return SendLater(answer.retry_after_seconds, answer.why)
            case CallOutcome.NOT_SENT if tries + 1 < _MOST_WHERE_CLOSED:
                return SendLater(_doubled(_UNREACHED_SECONDS, tries), answer.why)
            case CallOutcome.UNKNOWN:
                return Undeliverable(_PERHAPS_THERE)
            case _:
                return Undeliverable(f"files: {answer.why}")

    async def permalink(self, channel_id: str, ts: str) -> str:
        """The address of a message; empty where Slack does not say it."""
        return (await self._permalinks.of(channel_id, ts)).url

    async def _call(self, way: _Way, content: Content) -> CallAnswer:
        left = self._not_before.get(way.method, 0.0) - self._clock()
        if left > 0:
            return CallAnswer(CallOutcome.THROTTLED, why="ratelimited", retry_after_seconds=left)
        answer = await self._write(way, content)
        if answer.outcome is CallOutcome.THROTTLED and way.method != _POST:
            self._not_before[way.method] = self._clock() + answer.retry_after_seconds
        return answer

    async def _write(self, way: _Way, content: Content) -> CallAnswer:
        # An edit says that it has no blocks, or those that were there might stay.
        has_blocks = content.blocks or way.method == _UPDATE
        return await self._calls.write(
            way.method,
            **way.where,
            text=content.text,
            **({"blocks": list(content.blocks)} if has_blocks else {}),
            unfurl_links=False,
            unfurl_media=False,
        )

    def _judged(
        self, pending: DueMessage, answer: CallAnswer, way: _Way
    ) -> Sent | SendLater | Undeliverable:
        why, tries = f"{way.method}: {answer.why}", pending.attempts
        match answer.outcome:
            case CallOutcome.DONE:
                ts = answer.body.get("ts") or answer.body.get("message_ts") or ""
                return Sent(str(ts), is_post=way.method == _POST)
            case CallOutcome.THROTTLED:
                # Posts are limited by the channel; edits and whispers have limits of their own.
                is_channels = (way.method, way.where["channel"]) == (_POST, pending.channel_id)
                return SendLater(answer.retry_after_seconds, why, whole_channel=is_channels)
            case CallOutcome.NOT_SENT:
                return SendLater(_doubled(_UNREACHED_SECONDS, tries), why)
            case CallOutcome.UNKNOWN:
                is_safe = way.method == _UPDATE
                first = _UNREACHED_SECONDS if is_safe else self._lost_seconds
                return SendLater(_doubled(first, tries), why)
            case CallOutcome.REFUSED:
                return _refused(answer.error, why, tries)


def _is_personal(pending: DueMessage) -> bool:
    return pending.kind == "direct" and bool(pending.user_id)


def _ways(pending: DueMessage, room: DirectRoom) -> Iterator[_Way]:
    here = {"channel": pending.channel_id}
    match pending.kind:
        case "card":
            if pending.ts:
                yield _Way(_UPDATE, {**here, "ts": pending.ts}, UNEDITABLE)
            yield _Way(_POST, here)
        case "thread":
            yield _Way(_POST, {**here, "thread_ts": pending.thread_ts}, UNANSWERABLE)
            yield _Way(_POST, here)
        case "whisper":
            yield _Way(_WHISPER, {**here, "user": pending.user_id}, CLOSED)
            yield _Way(_POST, {"channel": pending.user_id})
        case _:
            if room.lacks_scope and pending.asked_in:
                asked_in = {"channel": pending.asked_in, "user": pending.user_id}
                yield _Way(_WHISPER, asked_in, CLOSED)
            yield _Way(_POST, {"channel": room.channel_id or pending.user_id or pending.channel_id})


def _refused(code: str, why: str, tries: int) -> SendLater | Undeliverable:
    if code in OURS:
        _log.error("Slack takes no message of this app: %s. Mend the app's token or scopes.", why)
        return SendLater(_OURS_SECONDS, why)
    most = _MOST_WHERE_CLOSED if code in CLOSED else _MOST_OTHERWISE
    if tries + 1 < most:
        return SendLater(_doubled(_REFUSED_SECONDS, tries), why)
    return Undeliverable(why)


def _doubled(seconds: float, tries: int) -> float:
    return float(min(seconds * 2 ** min(tries, 10), _LONGEST_SECONDS))


def _details(answer: CallAnswer) -> str:
    metadata = answer.body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return f"{answer.error} {messages or ''}".strip()[:500]


_NO_ROOM = DirectRoom()
_POST, _UPDATE, _WHISPER = "chat.postMessage", "chat.update", "chat.postEphemeral"
