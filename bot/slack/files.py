"""A file sent to one person or into a channel: an address, the bytes, then the share.

Three steps (docs.slack.dev, files.getUploadURLExternal and files.completeUploadExternal, 2026-06;
files.upload is retired). Nobody sees anything before the last one, so that only its lost answer
leaves open whether the file arrived. Each step is sent once.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from bot.slack.addresses import is_slacks_own
from bot.slack.calls import CallAnswer, CallOutcome, Calls, asked_pause_seconds
from bot.slack.direct_rooms import DirectRooms

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

SCOPE = "files:write"
#: Ours, far below Slack's 1 GB: what the bot makes is read on a telephone, too.
LARGEST_BYTES = 20 * 1024**2
_UPLOAD_SECONDS = 60.0
_ALT_LIMIT = 1000  #: Slack's limit of alt_txt

_SENTENCES = {
    "missing_scope": (
        f"This app may not send files: it lacks the scope {SCOPE}. Whoever runs this bot adds the "
        "scope and installs the app again."
    ),
    "too_large": "The file is too large to be sent. Make it in the terminal instead.",
}


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """One file. `comment` is Slack's mrkdwn: text of strangers in it is escaped by who makes it."""

    name: str  #: with its ending, by which Slack knows what it is
    content: bytes
    title: str
    comment: str = ""
    alt_text: str = ""  #: of a picture: what it shows, for whoever cannot see it


class Files:
    """Sends files with the token of `client`. `api_url` is Slack's."""

    def __init__(self, client: AsyncWebClient, api_url: str) -> None:
        self._client, self._api_host = client, urlsplit(api_url).hostname or ""
        self._calls = Calls(client)
        self._rooms = DirectRooms(self._calls)

    async def to_person(self, file: OutgoingFile, user_id: str) -> CallAnswer:
        """Send it to one person alone, in their direct conversation with the bot."""
        room = await self._rooms.room(user_id)
        if not room.channel_id:
            why = "missing_scope" if room.lacks_scope else "no direct conversation"
            return CallAnswer(CallOutcome.NOT_SENT, why=why)
        return await self.to_channel(file, room.channel_id)

    async def to_channel(
        self, file: OutgoingFile, channel_id: str, thread_ts: str = ""
    ) -> CallAnswer:
        """Send it into a channel that the bot is in, or a thread of it.

        UNKNOWN only where it may have arrived.
        """
        if not 0 < len(file.content) <= LARGEST_BYTES:
            return CallAnswer(CallOutcome.NOT_SENT, why="too_large" if file.content else "empty")
        begun = await self._begun(file)
        if not begun.done:
            return _unseen(begun)
        url, file_id = begun.body.get("upload_url"), begun.body.get("file_id")
        if not isinstance(url, str) or not is_slacks_own(url, self._api_host, "files"):
            return CallAnswer(CallOutcome.NOT_SENT, why="the address is not Slack's")
        sent = await self._bytes(url, file.content)
        if not sent.done:
            return _unseen(sent)
        where = {"channel_id": channel_id} | ({"thread_ts": thread_ts} if thread_ts else {})
        if file.comment:
            where["initial_comment"] = file.comment
        named = [{"id": file_id, "title": file.title}]
        return await self._calls.write("files.completeUploadExternal", files=named, **where)

    async def _begun(self, file: OutgoingFile) -> CallAnswer:
        alt = {"alt_txt": file.alt_text[:_ALT_LIMIT]} if file.alt_text else {}
        # A method that takes forms only, though it changes something.
        return await self._calls.read(
            "files.getUploadURLExternal",
            filename=file.name,
            length=str(len(file.content)),
            **alt,
        )

    async def _bytes(self, url: str, content: bytes) -> CallAnswer:
        """The bytes to the address that Slack named, and nowhere else: no redirect is followed."""
        timeout = aiohttp.ClientTimeout(total=_UPLOAD_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.post(
                    url,
                    data=content,
                    proxy=self._client.proxy,
                    ssl=self._client.ssl or True,
                    allow_redirects=False,
                ) as response,
            ):
                return _received(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return CallAnswer(CallOutcome.UNKNOWN, why=type(error).__name__)


def _received(response: aiohttp.ClientResponse) -> CallAnswer:
    if response.status == HTTPStatus.OK:
        return CallAnswer(CallOutcome.DONE)
    why = f"status {response.status}"
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        pause = asked_pause_seconds(response.headers)
        return CallAnswer(CallOutcome.THROTTLED, why=why, retry_after_seconds=pause)
    return CallAnswer(CallOutcome.REFUSED, why=why)


def _unseen(answer: CallAnswer) -> CallAnswer:
    """Of a step before the last: whatever became of it, nobody has seen the file."""
    if answer.outcome is CallOutcome.UNKNOWN:
        return CallAnswer(CallOutcome.NOT_SENT, answer.body, answer.why)
    return answer


def unsent_words(answer: CallAnswer) -> str:
    """Why a file did not arrive, and what to do: one sentence or two for the person."""
    if answer.why in _SENTENCES:
        return _SENTENCES[answer.why]
    if answer.outcome is CallOutcome.THROTTLED:
        wait = f"{answer.retry_after_seconds:.0f} seconds"
        return f"Slack takes no more files at the moment. Ask again in {wait}."
    if answer.outcome is CallOutcome.UNKNOWN:
        return "Slack did not say whether the file arrived. If it is not here, ask again."
    return f"The file could not be sent: {answer.why}. Ask again, or make it in the terminal."
